// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be done to the names of an instance: devices go and get other names.
 *
 * For R62.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "instance.h"
#include "kselftest_harness.h"

#define ROOM 4

FIXTURE(entries)
{
	const char *dir;
};

FIXTURE_SETUP(entries)
{
	BINDERFS_OR_SKIP();
	/* With all that an instance can have. */
	self->dir = new_instance("max=7,stats=global");
	ASSERT_NE(NULL, self->dir);
	ASSERT_EQ(0, add_device(self->dir, "one"));
	ASSERT_EQ(0, add_device(self->dir, "two"));
}

FIXTURE_TEARDOWN(entries)
{
	EXPECT_EQ(0, detach(self->dir));
	EXPECT_EQ(0, rmdir(self->dir));
}

TEST_F(entries, devices_can_be_unlinked)
{
	EXPECT_EQ(0, RESULT(unlink(in(self->dir, "one"))));
	EXPECT_EQ(-ENOENT, RESULT(unlink(in(self->dir, "one"))));
	EXPECT_EQ(-ENOENT, RESULT(open(in(self->dir, "one"), O_RDWR)));
	/* The default ones are like all others. */
	for (int i = 0; i < NR_DEFAULTS; i++) {
		EXPECT_EQ(0, RESULT(unlink(in(self->dir, default_devices[i]))));
		EXPECT_EQ(0, add_device(self->dir, default_devices[i]));
	}
}

TEST_F(entries, a_renamed_device_is_the_same)
{
	struct stat before, after;
	struct server server;
	struct bnd_conn client;

	ASSERT_EQ(0, stat(in(self->dir, "one"), &before));
	ASSERT_EQ(0, serve(&server, in(self->dir, "one")));
	ASSERT_EQ(0, open_client(&client, in(self->dir, "one")));
	EXPECT_EQ(0, RESULT(rename(in(self->dir, "one"), in(self->dir, "new"))));
	EXPECT_EQ(-ENOENT, RESULT(access(in(self->dir, "one"), F_OK)));
	ASSERT_EQ(0, stat(in(self->dir, "new"), &after));
	EXPECT_EQ(before.st_ino, after.st_ino);
	EXPECT_EQ(before.st_rdev, after.st_rdev);
	EXPECT_EQ(0, call_manager(&client));
	EXPECT_EQ(0, call_once(in(self->dir, "new")));
	/* The old name is free, for a device that has nothing to do with it. */
	EXPECT_EQ(0, add_device(self->dir, "one"));
	EXPECT_EQ(-EPIPE, call_once(in(self->dir, "one")));
	EXPECT_EQ(-EEXIST, add_device(self->dir, "new"));
	EXPECT_EQ(0, RESULT(rename(in(self->dir, "new"), in(self->dir, "new"))));
	EXPECT_EQ(0, call_once(in(self->dir, "new")));
	end_server(&server);
	bnd_close(&client);
}

TEST_F(entries, a_replaced_device_is_unlinked)
{
	struct server server;
	struct bnd_conn client;
	int minor = minor_of(in(self->dir, "one"));

	ASSERT_EQ(0, serve(&server, in(self->dir, "two")));
	ASSERT_EQ(0, open_client(&client, in(self->dir, "two")));
	EXPECT_EQ(ROOM - 2, room_in(self->dir));
	EXPECT_EQ(0, RESULT(rename(in(self->dir, "one"), in(self->dir, "two"))));
	EXPECT_EQ(minor, minor_of(in(self->dir, "two")));
	EXPECT_EQ(-EPIPE, call_once(in(self->dir, "two")));
	EXPECT_EQ(0, call_manager(&client));
	/* Open still, twice. */
	EXPECT_EQ(ROOM - 2, room_in(self->dir));
	end_server(&server);
	bnd_close(&client);
	EXPECT_EQ(ROOM - 1, room_in(self->dir));
}

TEST_F(entries, rename_flags)
{
	int one = minor_of(in(self->dir, "one")), two = minor_of(in(self->dir, "two"));

	EXPECT_EQ(-EEXIST, RESULT(renameat2(AT_FDCWD, in(self->dir, "one"), AT_FDCWD,
					    in(self->dir, "two"), RENAME_NOREPLACE)));
	EXPECT_EQ(-EEXIST, RESULT(renameat2(AT_FDCWD, in(self->dir, "one"), AT_FDCWD,
					    in(self->dir, "binder-control"), RENAME_NOREPLACE)));
	EXPECT_EQ(0, RESULT(renameat2(AT_FDCWD, in(self->dir, "one"), AT_FDCWD,
				      in(self->dir, "two"), RENAME_EXCHANGE)));
	EXPECT_EQ(two, minor_of(in(self->dir, "one")));
	EXPECT_EQ(one, minor_of(in(self->dir, "two")));
	EXPECT_EQ(0, RESULT(renameat2(AT_FDCWD, in(self->dir, "one"), AT_FDCWD,
				      in(self->dir, "three"), RENAME_NOREPLACE)));
	EXPECT_EQ(two, minor_of(in(self->dir, "three")));
	/* There is nothing to leave behind. */
	EXPECT_EQ(-EINVAL, RESULT(renameat2(AT_FDCWD, in(self->dir, "three"), AT_FDCWD,
					    in(self->dir, "four"), RENAME_WHITEOUT)));
	EXPECT_EQ(ROOM - 2, room_in(self->dir));
}

TEST_F(entries, modes_and_owners_change)
{
	static const char *const all[] = { "one", "binder-control", "features/extended_error" };
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		EXPECT_EQ(0, RESULT(chmod(in(self->dir, all[i]), 0666)));
		EXPECT_EQ(0, RESULT(chown(in(self->dir, all[i]), 1000, 1001)));
		ASSERT_EQ(0, stat(in(self->dir, all[i]), &st));
		EXPECT_EQ(0666, st.st_mode & 07777);
		EXPECT_EQ(1000, st.st_uid);
		EXPECT_EQ(1001, st.st_gid);
	}
	/* They keep that through a rename. */
	EXPECT_EQ(0, RESULT(rename(in(self->dir, "one"), in(self->dir, "new"))));
	ASSERT_EQ(0, stat(in(self->dir, "new"), &st));
	EXPECT_EQ(0666, st.st_mode & 07777);
	EXPECT_EQ(1000, st.st_uid);
}

/* What container managers do with the nodes: other names for them outside. */
TEST_F(entries, nodes_are_bound_and_linked_elsewhere)
{
	const char *dev = new_dir(), *bound = in(dev, "bound"), *linked = in(dev, "linked");
	struct server server;

	ASSERT_LE(0, creat(bound, 0644));
	ASSERT_EQ(0, mount(in(self->dir, "one"), bound, NULL, MS_BIND, NULL));
	ASSERT_EQ(0, symlink(in(self->dir, "one"), linked));
	ASSERT_EQ(0, serve(&server, bound));
	EXPECT_EQ(0, call_once(linked));
	EXPECT_EQ(0, call_once(in(self->dir, "one")));
	/* A name that is bound elsewhere can go all the same. */
	EXPECT_EQ(0, RESULT(unlink(in(self->dir, "one"))));
	EXPECT_EQ(0, call_once(bound));
	EXPECT_EQ(-ENOENT, call_once(linked));
	end_server(&server);
}

TEST_HARNESS_MAIN
