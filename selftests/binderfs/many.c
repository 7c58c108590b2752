// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many devices, many hands.
 *
 * For R60 (CVE-2025-38175, CVE-2025-38176).
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instance.h"
#include "kselftest_harness.h"

#define NR_DEVICES 1000
#define NR_THREADS 4

FIXTURE(many)
{
	const char *dir;
	int next;
};

FIXTURE_SETUP(many)
{
	const struct rlimit limit = { NR_DEVICES + 100, NR_DEVICES + 100 };

	BINDERFS_OR_SKIP();
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	self->next = next_minor();
	self->dir = new_instance(NULL);
	ASSERT_NE(NULL, self->dir);
}

static bool minor_is(void *arg)
{
	return next_minor() == *(int *)arg;
}

FIXTURE_TEARDOWN(many)
{
	EXPECT_TRUE(await(minor_is, &self->next));
}

static const char *numbered(int i)
{
	static __thread char name[32];

	snprintf(name, sizeof(name), "device%d", i);
	return name;
}

/* Each thread uses all devices; they have one manager or none among them. */
static void *use_all(void *arg)
{
	const int *fds = arg;

	for (int i = 0; i < NR_DEVICES; i++) {
		struct bnd_conn conn = { .fd = fds[i] };
		int32_t version = 0;
		int err;

		need(!bnd_version(&conn, &version) && version == BINDER_CURRENT_PROTOCOL_VERSION);
		err = bnd_become_manager(&conn);
		need(!err || err == -EBUSY);
		need(bnd_become_manager(&conn) == -EBUSY);
		need(!bnd_thread_exit(&conn));
	}
	return NULL;
}

TEST_F_TIMEOUT(many, a_thousand_devices_of_a_detached_instance, 90)
{
	pthread_t threads[NR_THREADS];
	static int fds[NR_DEVICES];
	int control = open_control(self->dir);

	ASSERT_GE(control, 0);
	for (int i = 0; i < NR_DEVICES; i++) {
		ASSERT_EQ(0, ctl_add(control, numbered(i), NULL));
		fds[i] = open(in(self->dir, numbered(i)), O_RDWR | O_CLOEXEC);
		ASSERT_GE(fds[i], 0);
	}
	close(control);
	ASSERT_EQ(0, detach(self->dir));
	for (int i = 0; i < NR_THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, use_all, fds));
	for (int i = 0; i < NR_THREADS; i++)
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
	for (int i = 0; i < NR_DEVICES; i++)
		close(fds[i]);
}

/* One context to each: a manager on every tenth of many devices. */
TEST_F_TIMEOUT(many, contexts_do_not_mix, 60)
{
	static struct bnd_conn managers[100];

	for (int i = 0; i < 100; i++) {
		ASSERT_EQ(0, add_device(self->dir, numbered(i)));
		if (i % 10)
			continue;
		ASSERT_EQ(0, open_client(&managers[i], in(self->dir, numbered(i))));
		ASSERT_EQ(0, bnd_become_manager(&managers[i]));
	}
	for (int i = 0; i < 100; i++) {
		struct bnd_conn other;

		ASSERT_EQ(0, open_client(&other, in(self->dir, numbered(i))));
		EXPECT_EQ(i % 10 ? 0 : -EBUSY, bnd_become_manager(&other));
		bnd_close(&other);
		if (i % 10 == 0)
			bnd_close(&managers[i]);
	}
	ASSERT_EQ(0, detach(self->dir));
}

#define NR_HANDS 4
#define NR_TURNS 400
#define NR_NAMES 6
#define MAX_DEVICES (NR_DEFAULTS + 4)

/* Adds, opens, renames and unlinks a few names that all hands use, without any order. */
static void meddle(const char *dir, unsigned int seed)
{
	for (int turn = 0; turn < NR_TURNS; turn++) {
		const char *one = in(dir, numbered((int)(rand_r(&seed) % NR_NAMES)));
		char other[64];
		int err;

		snprintf(other, sizeof(other), "%s/device%u", dir, rand_r(&seed) % NR_NAMES);
		switch (rand_r(&seed) % 4) {
		case 0:
			err = add_device(dir, strrchr(other, '/') + 1);
			need(!err || err == -EEXIST || err == -ENOSPC);
			break;
		case 1:
			need(!unlink(one) || errno == ENOENT);
			break;
		case 2:
			need(!rename(one, other) || errno == ENOENT);
			break;
		default:
			err = call_once(one);
			need(err == -EPIPE || err == -ENOENT);
		}
	}
}

static bool has_all_room(void *arg)
{
	return room_in(arg) == MAX_DEVICES - NR_DEFAULTS;
}

TEST_F_TIMEOUT(many, hands_on_the_same_names, 90)
{
	pid_t children[NR_HANDS];
	int status;

	ASSERT_EQ(0, remount(self->dir, "max=7"));
	for (unsigned int i = 0; i < NR_HANDS; i++) {
		children[i] = fork();
		ASSERT_GE(children[i], 0);
		if (!children[i]) {
			meddle(self->dir, i + 1);
			_exit(0);
		}
	}
	for (int i = 0; i < NR_HANDS; i++) {
		ASSERT_EQ(children[i], waitpid(children[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	for (int i = 0; i < NR_NAMES; i++)
		unlink(in(self->dir, numbered(i)));
	EXPECT_TRUE(await(has_all_room, (void *)self->dir));
	ASSERT_EQ(0, detach(self->dir));
}

TEST_HARNESS_MAIN
