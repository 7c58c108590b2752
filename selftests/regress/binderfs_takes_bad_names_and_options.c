// SPDX-License-Identifier: GPL-2.0-only
/*
 * R62: what is no device could be unlinked or renamed, names that are none or in use were
 * taken, max= did not count, and statistics of all were shown to other user namespaces.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "instance.h"
#include "kselftest_harness.h"

/* Room for this many devices beside the default ones. */
#define ROOM 5

/* With all that an instance can have, and two devices more. */
FIXTURE(strict)
{
	const char *dir;
	int fd;		/* of the control device */
};

FIXTURE_SETUP(strict)
{
	BINDERFS_OR_SKIP();
	self->dir = new_instance("max=8,stats=global");
	ASSERT_NE(NULL, self->dir);
	self->fd = open_control(self->dir);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, ctl_add(self->fd, "one", NULL));
	ASSERT_EQ(0, ctl_add(self->fd, "two", NULL));
}

FIXTURE_TEARDOWN(strict)
{
	close(self->fd);
	EXPECT_EQ(0, detach(self->dir));
	EXPECT_EQ(0, rmdir(self->dir));
}

TEST_F(strict, what_is_no_device_stays)
{
	EXPECT_EQ(-EPERM, RESULT(unlink(in(self->dir, "binder-control"))));
	EXPECT_EQ(-EPERM, RESULT(unlink(in(self->dir, "features/extended_error"))));
	EXPECT_EQ(-EISDIR, RESULT(unlink(in(self->dir, "features"))));
	EXPECT_EQ(-EPERM, RESULT(rmdir(in(self->dir, "features"))));
	EXPECT_EQ(-ENOTDIR, RESULT(rmdir(in(self->dir, "one"))));
	EXPECT_EQ(0, RESULT(access(in(self->dir, "binder-control"), F_OK)));
	EXPECT_EQ(0, RESULT(access(in(self->dir, "features/extended_error"), F_OK)));
}

TEST_F(strict, nothing_can_be_made)
{
	static const char *const dirs[] = { "", "features" };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		const char *dir = in(self->dir, dirs[i]);
		const char *new = in(dir, "new");

		EXPECT_EQ(-EACCES, RESULT(open(new, O_CREAT | O_RDWR, 0644)));
		EXPECT_EQ(-EOPNOTSUPP, RESULT(open(dir, O_TMPFILE | O_RDWR, 0644)));
		EXPECT_EQ(-EPERM, RESULT(mkdir(new, 0755)));
		EXPECT_EQ(-EPERM, RESULT(symlink("one", new)));
		EXPECT_EQ(-EPERM, RESULT(mknod(new, S_IFCHR | 0600, makedev(1, 3))));
		EXPECT_EQ(-EPERM, RESULT(mknod(new, S_IFIFO | 0600, 0)));
		EXPECT_EQ(-EPERM, RESULT(link(in(self->dir, "one"), new)));
		EXPECT_EQ(-ENOENT, RESULT(access(new, F_OK)));
	}
	EXPECT_EQ(-EXDEV, RESULT(link(in(self->dir, "one"), "/tmp/linked")));
}

TEST_F(strict, only_devices_are_renamed)
{
	static const char *const fixed[] = {
		"binder-control", "features", "features/extended_error",
	};

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++) {
		const char *path = in(self->dir, fixed[i]);
		int err;

		EXPECT_EQ(-EPERM, RESULT(rename(path, in(self->dir, "new")))) {
			TH_LOG("%s", path);
		}
		EXPECT_EQ(-EPERM, RESULT(renameat2(AT_FDCWD, path, AT_FDCWD, in(self->dir, "one"),
						   RENAME_EXCHANGE)));
		EXPECT_EQ(-EPERM, RESULT(renameat2(AT_FDCWD, in(self->dir, "one"), AT_FDCWD, path,
						   RENAME_EXCHANGE)));
		/* A device in place of a directory is refused before it comes to that. */
		err = RESULT(rename(in(self->dir, "one"), path));
		EXPECT_EQ(i == 1 ? -EISDIR : -EPERM, err);
		EXPECT_EQ(0, RESULT(access(path, F_OK)));
	}
	EXPECT_EQ(0, RESULT(access(in(self->dir, "one"), F_OK)));
}

TEST_F(strict, devices_stay_in_the_root)
{
	EXPECT_EQ(-EPERM, RESULT(rename(in(self->dir, "one"), in(self->dir, "features/one"))));
	EXPECT_EQ(-EPERM, RESULT(renameat2(AT_FDCWD, in(self->dir, "one"), AT_FDCWD,
					   in(self->dir, "features/one"), RENAME_NOREPLACE)));
	EXPECT_EQ(0, RESULT(access(in(self->dir, "one"), F_OK)));
	EXPECT_EQ(-ENOENT, RESULT(access(in(self->dir, "features/one"), F_OK)));
}

TEST_F(strict, do_not_cross_instances)
{
	const char *other = new_instance(NULL);

	ASSERT_NE(NULL, other);
	EXPECT_EQ(-EXDEV, RESULT(rename(in(self->dir, "one"), in(other, "one"))));
	EXPECT_EQ(-EXDEV, RESULT(link(in(self->dir, "one"), in(other, "one"))));
}

TEST_F(strict, names_in_use)
{
	static const char *const used[] = {
		"binder", "hwbinder", "vndbinder", "binder-control", "features", "one",
	};

	for (int round = 0; round < 10; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(used); i++) {
			EXPECT_EQ(-EEXIST, ctl_add(self->fd, used[i], NULL)) {
				TH_LOG("%s", used[i]);
			}
		}
	}
	EXPECT_EQ(ROOM - 2, room_in(self->dir));
}

TEST_F(strict, what_is_no_name)
{
	static const char *const bad[] = {
		"", ".", "..", "/", "a/b", "/a", "a/", "../a", "features/a",
	};
	int next = next_minor();

	for (int round = 0; round < 10; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
			EXPECT_EQ(-EACCES, ctl_add(self->fd, bad[i], NULL)) {
				TH_LOG("%s", bad[i]);
			}
		}
	}
	EXPECT_EQ(ROOM - 2, room_in(self->dir));
	EXPECT_EQ(next, next_minor());
}

TEST_F(strict, names_have_255_bytes)
{
	char name[BINDERFS_MAX_NAME + 2];
	struct binderfs_device device;

	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	ASSERT_EQ(0, ctl_add(self->fd, name, NULL));
	EXPECT_EQ(0, access(in(self->dir, name), F_OK));
	EXPECT_EQ(-EPIPE, call_once(in(self->dir, name)));

	/* The last byte is taken as the end, whatever it is. */
	name[0] = 'm';
	name[255] = 'n';
	ASSERT_EQ(0, ctl_add(self->fd, name, &device));
	EXPECT_EQ('\0', device.name[255]);
	EXPECT_EQ(255, strlen(device.name));
	EXPECT_EQ(0, access(in(self->dir, device.name), F_OK));
	EXPECT_EQ(-EEXIST, ctl_add(self->fd, name, NULL));
}

/* Nothing is mounted yet. */
FIXTURE(strict_mount)
{
	const char *dir;
};

FIXTURE_SETUP(strict_mount)
{
	BINDERFS_OR_SKIP();
	self->dir = new_dir();
}

FIXTURE_TEARDOWN(strict_mount)
{
	detach(self->dir);
	EXPECT_EQ(0, rmdir(self->dir));
}

TEST_F(strict_mount, max_takes_numbers_up_to_all_minors)
{
	static const char *const good[] = {
		"max=3", "max=4", "max=1048575", "max=1048576", "max=0x100", "max=3,max=100",
	};
	static const char *const bad[] = {
		"max=1048577", "max=-1", "max=4294967295", "max=4294967296", "max=4294967299",
		"max=18446744073709551619", "max=", "max", "max=many", "max=3x", "max=3.5",
		"max= 3 ", "nomax",
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		EXPECT_EQ(0, mount_at(self->dir, good[i])) {
			TH_LOG("%s", good[i]);
		}
		EXPECT_EQ(0, detach(self->dir));
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, mount_at(self->dir, bad[i])) {
			TH_LOG("%s", bad[i]);
		}
	}
}

TEST_F(strict_mount, max_counts_all_devices_but_not_the_control)
{
	ASSERT_EQ(0, mount_at(self->dir, "max=5"));
	EXPECT_EQ(0, add_device(self->dir, "one"));
	EXPECT_EQ(0, add_device(self->dir, "two"));
	EXPECT_EQ(-ENOSPC, add_device(self->dir, "three"));
	/* Said before the name is looked at. */
	EXPECT_EQ(-ENOSPC, add_device(self->dir, "one"));
	EXPECT_EQ(0, unlink(in(self->dir, "one")));
	EXPECT_EQ(0, add_device(self->dir, "three"));
	EXPECT_EQ(0, unlink(in(self->dir, "binder")));
	EXPECT_EQ(0, unlink(in(self->dir, "three")));
	EXPECT_EQ(2, room_in(self->dir));
}

TEST_F(strict_mount, stats_has_one_value)
{
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "stats=other"));
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "stats="));
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "stats"));
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "stats=1"));
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "stats=globals"));
	EXPECT_EQ(0, mount_at(self->dir, "stats=global,stats=global"));
}

TEST_F(strict_mount, nothing_else_is_known)
{
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "mode=755"));
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "max=5,uid=1"));
}

static void without_privilege(void *arg)
{
	need(!setgid(1000) && !setuid(1000));
	need(mount_at(arg, NULL) == -EPERM);
}

TEST_F(strict_mount, users_cannot_mount)
{
	EXPECT_EQ(0, in_child(without_privilege, (void *)self->dir));
}

struct mounter {
	const char *dir;
	unsigned int root;	/* who is root in the user namespace */
};

static void ask_for_stats(void *arg)
{
	struct mounter *m = arg;

	need(!enter_userns(0, m->root, 0));
	need(mount_at(m->dir, "stats=global") == -EPERM);
	need(mount_at(m->dir, "stats=other") == -EINVAL);
	need(mount_at(m->dir, "max=3,stats=global") == -EPERM);
	need(!mount_at(m->dir, "max=4"));
	need(remount(m->dir, "max=5,stats=global") == -EPERM);
	need(!strstr(options_of(m->dir), "stats"));
}

/* Even where its root is the real one. */
TEST_F(strict_mount, stats_are_for_the_initial_user_namespace)
{
	struct mounter real = { self->dir, 0 }, other = { self->dir, 2000 };

	EXPECT_EQ(0, in_child(ask_for_stats, &real));
	EXPECT_EQ(0, in_child(ask_for_stats, &other));
}

static void enter_ipc(void *arg)
{
	struct server server;

	need(!unshare(CLONE_NEWIPC));
	need(!mount_at(arg, NULL));
	need(!add_device(arg, "added"));
	need(!serve(&server, in(arg, "added")));
	need(!call_once(in(arg, "added")));
	need(!detach(arg));
	end_server(&server);
}

TEST_F(strict_mount, an_ipc_namespace_changes_nothing)
{
	struct server server;

	/* Neither who mounts in one, nor who calls from one. */
	EXPECT_EQ(0, in_child(enter_ipc, (void *)self->dir));
	ASSERT_EQ(0, mount_at(self->dir, NULL));
	ASSERT_EQ(0, serve(&server, in(self->dir, "binder")));
	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	EXPECT_EQ(0, call_once(in(self->dir, "binder")));
	EXPECT_EQ(0, add_device(self->dir, "added"));
	end_server(&server);
}

TEST_HARNESS_MAIN
