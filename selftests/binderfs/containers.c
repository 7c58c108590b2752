// SPDX-License-Identifier: GPL-2.0-only
/* Containers that mount an instance of their own live, work and are killed. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "container.h"
#include "kselftest_harness.h"

FIXTURE(container)
{
	const char *dir;
	int next;
	long users;
};

FIXTURE_SETUP(container)
{
	BINDERFS_OR_SKIP();
	self->next = next_minor();
	self->users = module_users();
	self->dir = new_dir();
}

static bool users_are(void *arg)
{
	return module_users() == *(long *)arg;
}

FIXTURE_TEARDOWN(container)
{
	EXPECT_TRUE(await(users_are, &self->users)) {
		TH_LOG("%ld users of the module, not %ld", module_users(), self->users);
	}
	EXPECT_EQ(self->next, next_minor());
}

TEST_F(container, lives_and_is_killed)
{
	struct container c = { .dir = self->dir };

	start_container(&c, CALL_HANGS);
	await_stage(&c, CALL_HANGS);
	/* Its instance, and the files its processes have open. */
	EXPECT_LT(self->users + 1, module_users());
	kill_container(&c);
}

/* Where it rests after a stage, and on the way to the next. */
TEST_F_TIMEOUT(container, can_be_killed_at_any_stage, 90)
{
	struct container c = { .dir = self->dir };

	for (int stage = NAMESPACES; stage < NR_STAGES; stage++) {
		for (int i = 0; i < 4; i++) {
			start_container(&c, i ? CALL_HANGS : (enum stage)stage);
			await_stage(&c, (enum stage)stage);
			kill_container(&c);
			EXPECT_TRUE(await(users_are, &self->users));
			EXPECT_EQ(self->next, next_minor());
		}
	}
}

TEST_F(container, its_service_can_be_called_from_outside)
{
	struct bnd_conn client;
	struct container c = { .dir = self->dir };
	int handle;

	start_container(&c, CALLED);
	await_stage(&c, CALLED);
	ASSERT_EQ(0, open_client(&client, inside(&c, "binderfs/anbox-binder")));
	handle = find_service(&client);
	ASSERT_LT(0, handle);
	EXPECT_EQ(0, call_service(&client, handle, ECHO));
	kill_container(&c);
	EXPECT_EQ(-EPIPE, call_service(&client, handle, ECHO));
	EXPECT_TRUE(await_no_manager(&client));
	bnd_close(&client);
}

static uint64_t died;

static void on_death(struct bnd_conn *c, uint64_t cookie)
{
	(void)c;
	died = cookie;
}

/* Whoever watches from outside is told, and keeps what it has of the instance. */
TEST_F(container, its_death_is_told_outside)
{
	BND_CMDS(w, 32);
	static const struct bnd_ops ops = { .death = on_death };
	struct bnd_conn client;
	struct container c = { .dir = self->dir };
	int control, handle;

	start_container(&c, REGISTERED);
	await_stage(&c, REGISTERED);
	ASSERT_EQ(0, open_client(&client, inside(&c, "binderfs/anbox-binder")));
	control = open(inside(&c, "binderfs/binder-control"), O_RDONLY);
	ASSERT_GE(control, 0);
	handle = find_service(&client);
	ASSERT_LT(0, handle);
	client.ops = &ops;
	bnd_cmd_request_death(&w, (uint32_t)handle, 0x7777);
	bnd_cmd_enter_looper(&w);
	ASSERT_EQ(0, bnd_write(&client, &w));
	kill_container(&c);
	while (died != 0x7777)
		ASSERT_EQ(0, bnd_serve_once(&client));
	/* The instance lives on behind the files, and its devices may have new managers. */
	EXPECT_EQ(0, ctl_add(control, "late", NULL));
	close(control);
	EXPECT_TRUE(await_no_manager(&client));
	bnd_close(&client);
}

TEST_F(container, does_not_take_others_with_it)
{
	struct container one = { .dir = self->dir }, two = { .dir = self->dir };
	struct bnd_conn client;
	int handle;

	start_container(&one, CALL_HANGS);
	start_container(&two, CALLED);
	await_stage(&one, CALL_HANGS);
	await_stage(&two, CALLED);
	ASSERT_EQ(0, open_client(&client, inside(&two, "binderfs/anbox-binder")));
	kill_container(&one);
	handle = find_service(&client);
	EXPECT_LT(0, handle);
	EXPECT_EQ(0, call_service(&client, handle, ECHO));
	bnd_close(&client);
	kill_container(&two);
}

TEST_HARNESS_MAIN
