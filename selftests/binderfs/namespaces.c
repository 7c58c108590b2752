// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instances in user, mount and IPC namespaces.
 *
 * For R62.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instance.h"
#include "kselftest_harness.h"

/* What an id looks like to those who cannot see it. */
#define NOBODY 65534

FIXTURE(namespaces)
{
	const char *dir;
};

FIXTURE_SETUP(namespaces)
{
	BINDERFS_OR_SKIP();
	self->dir = new_dir();
}

FIXTURE_TEARDOWN(namespaces)
{
}

/* What a container manager runs inside: a mount, a device, calls. */
static void mount_as_root_of_container(void *arg)
{
	const char *const own[] = { "", "binder", "binder-control", "features", "added" };
	const char *dir = arg;
	struct server server;
	struct stat st;

	need(!enter_userns(0, 2000, 0));
	need(!mount_at(dir, "max=4"));
	need(!add_device(dir, "added"));
	need(add_device(dir, "more") == -ENOSPC);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		need(!stat(in(dir, own[i]), &st));
		need(!st.st_uid && !st.st_gid);
	}
	need(!serve(&server, in(dir, "added")));
	need(!call_once(in(dir, "added")));
	need(!chmod(in(dir, "binder-control"), 0666));
	need(!chmod(in(dir, "binder"), 0666));
	need(!unlink(in(dir, "hwbinder")));
	need(!rename(in(dir, "vndbinder"), in(dir, "other")));
	need(unlink(in(dir, "binder-control")) && errno == EPERM);
	need(!remount(dir, "max=5"));
	end_server(&server);
}

TEST_F(namespaces, root_of_a_user_namespace_can_mount)
{
	EXPECT_EQ(0, in_child(mount_as_root_of_container, (void *)self->dir));
}

/* A process that keeps a mount of its own for us to look at. */
struct container {
	const char *dir;
	unsigned int inner;
	int flags;
	pid_t pid;
	int go;		/* a byte lets it end */
	char seen[128];	/* its mount as we can reach it */
};

static void start_container(struct container *c)
{
	int ready[2], go[2], err = 0;

	need(!pipe(ready) && !pipe(go));
	c->pid = fork();
	need(c->pid >= 0);
	if (!c->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		need(!enter_userns(c->inner, 2000, c->flags));
		need(!mount_at(c->dir, NULL));
		need(write(ready[1], &err, sizeof(err)) == sizeof(err));
		need(read(go[0], &err, 1) == 1);
		_exit(0);
	}
	close(go[0]);
	close(ready[1]);
	need(read(ready[0], &err, sizeof(err)) == sizeof(err));
	close(ready[0]);
	c->go = go[1];
	snprintf(c->seen, sizeof(c->seen), "/proc/%d/root%s", c->pid, c->dir);
}

static void end_container(struct container *c)
{
	int status;

	need(write(c->go, "", 1) == 1);
	close(c->go);
	need(waitpid(c->pid, &status, 0) == c->pid && !status);
}

TEST_F(namespaces, all_belongs_to_the_root_of_the_user_namespace)
{
	const char *const all[] = {
		"", "binder", "binder-control", "features", "features/extended_error",
	};
	struct container c = { .dir = self->dir, .inner = 0 };
	struct stat st;

	start_container(&c);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		ASSERT_EQ(0, stat(in(c.seen, all[i]), &st));
		EXPECT_EQ(2000, st.st_uid);
		EXPECT_EQ(2000, st.st_gid);
	}
	end_container(&c);
}

TEST_F(namespaces, without_a_root_there_devices_belong_to_the_real_one)
{
	const char *const devices[] = { "binder", "hwbinder", "vndbinder", "binder-control" };
	const char *const rest[] = { "", "features", "features/extended_error" };
	struct container c = { .dir = self->dir, .inner = 1000 };
	struct stat st;

	start_container(&c);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		ASSERT_EQ(0, stat(in(c.seen, devices[i]), &st));
		EXPECT_EQ(S_IFCHR | 0600, st.st_mode);
		EXPECT_EQ(0, st.st_uid);
		EXPECT_EQ(0, st.st_gid);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rest); i++) {
		ASSERT_EQ(0, stat(in(c.seen, rest[i]), &st));
		EXPECT_EQ(NOBODY, st.st_uid);
		EXPECT_EQ(NOBODY, st.st_gid);
	}
	end_container(&c);
}

static void use_without_root(void *arg)
{
	const char *dir = arg;
	struct stat st;

	need(!enter_userns(1000, 2000, 0));
	need(!mount_at(dir, NULL));
	need(!stat(in(dir, "binder"), &st) && st.st_uid == NOBODY);
	need(open(in(dir, "binder"), O_RDWR) < 0 && errno == EACCES);
	need(open_control(dir) == -EACCES);
	/* Not theirs: even capabilities there are of no help. */
	need(chmod(in(dir, "binder"), 0666) && errno == EPERM);
}

TEST_F(namespaces, without_a_root_there_nobody_can_open)
{
	EXPECT_EQ(0, in_child(use_without_root, (void *)self->dir));
}

static void try_flags(void *arg)
{
	const char *dir = arg;
	struct statvfs st;

	need(!enter_userns(0, 2000, 0));
	need(!mount_at(dir, NULL));
	/* A file system of an unprivileged user, whose devices work all the same. */
	need(call_once(in(dir, "binder")) == -EPIPE);
	need(!statvfs(dir, &st) && !(st.f_flag & ST_NODEV));
	need(!chmod(in(dir, "features/extended_error"), 0755));
	need(execl(in(dir, "features/extended_error"), "feature", NULL) && errno == EACCES);
	need(!detach(dir));
	/* Who asks for nodev gets it. */
	need(!mount("binder", dir, "binder", MS_NODEV, NULL));
	need(open(in(dir, "binder"), O_RDWR) < 0 && errno == EACCES);
}

TEST_F(namespaces, devices_work_and_programs_do_not)
{
	EXPECT_EQ(0, in_child(try_flags, (void *)self->dir));
}

TEST_F(namespaces, instances_are_independent)
{
	struct container one = { .dir = self->dir };
	struct container two = { .dir = self->dir, .flags = CLONE_NEWIPC };
	struct server server, other;
	struct bnd_conn client;

	start_container(&one);
	start_container(&two);
	ASSERT_EQ(0, mount_at(self->dir, NULL));
	for (int i = 0; i < NR_DEFAULTS; i++) {
		int minors[] = {
			minor_of(in(self->dir, default_devices[i])),
			minor_of(in(one.seen, default_devices[i])),
			minor_of(in(two.seen, default_devices[i])),
		};

		EXPECT_NE(minors[0], minors[1]);
		EXPECT_NE(minors[0], minors[2]);
		EXPECT_NE(minors[1], minors[2]);
	}
	ASSERT_EQ(0, serve(&server, in(one.seen, "binder")));
	EXPECT_EQ(0, call_once(in(one.seen, "binder")));
	EXPECT_EQ(-EPIPE, call_once(in(two.seen, "binder")));
	EXPECT_EQ(-EPIPE, call_once(in(self->dir, "binder")));
	ASSERT_EQ(0, serve(&other, in(two.seen, "binder")));
	EXPECT_EQ(0, call_once(in(two.seen, "binder")));
	ASSERT_EQ(0, open_client(&client, in(one.seen, "binder")));
	EXPECT_EQ(0, unlink(in(one.seen, "binder")));
	EXPECT_EQ(0, access(in(two.seen, "binder"), F_OK));

	/* The end of one is not felt in the other, nor by who has a file of it. */
	end_container(&one);
	EXPECT_EQ(0, call_manager(&client));
	EXPECT_EQ(0, call_once(in(two.seen, "binder")));
	end_server(&server);
	end_server(&other);
	bnd_close(&client);
	end_container(&two);
	EXPECT_EQ(0, detach(self->dir));
}

/* One instance, seen from two mount namespaces. */
static void look_from_inside(void *arg)
{
	need(!unshare(CLONE_NEWNS));
	need(!mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	need(!call_once(in(arg, "binder")));
	need(!add_device(arg, "from_inside"));
	need(!detach(arg));
	need(access(in(arg, "binder"), F_OK) && errno == ENOENT);
}

TEST_F(namespaces, a_copied_mount_is_the_same_instance)
{
	struct server server;

	ASSERT_EQ(0, mount_at(self->dir, NULL));
	ASSERT_EQ(0, serve(&server, in(self->dir, "binder")));
	EXPECT_EQ(0, in_child(look_from_inside, (void *)self->dir));
	EXPECT_EQ(0, call_once(in(self->dir, "binder")));
	EXPECT_EQ(0, access(in(self->dir, "from_inside"), F_OK));
	end_server(&server);
}

/* Nobody unmounts: the namespace goes, with what is mounted in it. */
TEST_F(namespaces, the_end_of_a_namespace_unmounts)
{
	int next = next_minor();
	long users = module_users();
	struct container c;

	for (int i = 0; i < 10; i++) {
		c = (struct container){ .dir = self->dir, .flags = CLONE_NEWIPC };
		start_container(&c);
		EXPECT_NE(next, next_minor());
		EXPECT_EQ(users + 1, module_users());
		end_container(&c);
		EXPECT_TRUE(await(next_minor_is, &next));
		EXPECT_EQ(users, module_users());
	}
}

TEST_HARNESS_MAIN
