// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of a mount and of a remount.
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

FIXTURE(options)
{
	const char *dir;
};

FIXTURE_SETUP(options)
{
	BINDERFS_OR_SKIP();
	self->dir = new_dir();
}

FIXTURE_TEARDOWN(options)
{
	detach(self->dir);
	EXPECT_EQ(0, rmdir(self->dir));
}

TEST_F(options, are_shown)
{
	ASSERT_EQ(0, mount_at(self->dir, NULL));
	EXPECT_STREQ("rw,relatime,max=1048576", options_of(self->dir));
	ASSERT_EQ(0, detach(self->dir));
	ASSERT_EQ(0, mount_at(self->dir, "max=77"));
	EXPECT_STREQ("rw,relatime,max=77", options_of(self->dir));
	ASSERT_EQ(0, detach(self->dir));
	ASSERT_EQ(0, mount_at(self->dir, "stats=global"));
	EXPECT_STREQ("rw,relatime,max=1048576,stats=global", options_of(self->dir));
	ASSERT_EQ(0, detach(self->dir));
	ASSERT_EQ(0, mount_at(self->dir, "stats=global,max=5"));
	EXPECT_STREQ("rw,relatime,max=5,stats=global", options_of(self->dir));
}

TEST_F(options, last_max_counts)
{
	ASSERT_EQ(0, mount_at(self->dir, "max=100,max=4"));
	EXPECT_EQ(1, room_in(self->dir));
}

TEST_F(options, remount_changes_max)
{
	ASSERT_EQ(0, mount_at(self->dir, "max=4"));
	ASSERT_EQ(0, add_device(self->dir, "one"));
	EXPECT_EQ(-ENOSPC, add_device(self->dir, "two"));
	EXPECT_EQ(0, remount(self->dir, "max=5"));
	EXPECT_STREQ("rw,relatime,max=5", options_of(self->dir));
	EXPECT_EQ(0, add_device(self->dir, "two"));
	EXPECT_EQ(-ENOSPC, add_device(self->dir, "three"));

	/* Lowered below what there is: all stays, nothing comes. */
	EXPECT_EQ(0, remount(self->dir, "max=1"));
	EXPECT_STREQ("rw,relatime,max=1", options_of(self->dir));
	EXPECT_EQ(0, access(in(self->dir, "one"), F_OK));
	EXPECT_EQ(0, unlink(in(self->dir, "one")));
	EXPECT_EQ(-ENOSPC, add_device(self->dir, "one"));
	EXPECT_EQ(0, remount(self->dir, "max=0"));
	EXPECT_EQ(-ENOSPC, add_device(self->dir, "one"));
	EXPECT_EQ(0, remount(self->dir, "max=5"));
	EXPECT_EQ(0, add_device(self->dir, "one"));
}

TEST_F(options, remount_resets_what_is_not_named)
{
	ASSERT_EQ(0, mount_at(self->dir, "max=4"));
	EXPECT_EQ(0, remount(self->dir, NULL));
	EXPECT_STREQ("rw,relatime,max=1048576", options_of(self->dir));
}

TEST_F(options, remount_does_not_change_stats)
{
	ASSERT_EQ(0, mount_at(self->dir, "max=4"));
	EXPECT_EQ(-EINVAL, remount(self->dir, "max=5,stats=global"));
	EXPECT_STREQ("rw,relatime,max=4", options_of(self->dir));
	ASSERT_EQ(0, detach(self->dir));
	ASSERT_EQ(0, mount_at(self->dir, "max=4,stats=global"));
	EXPECT_EQ(-EINVAL, remount(self->dir, NULL));
	EXPECT_EQ(-EINVAL, remount(self->dir, "max=5"));
	EXPECT_STREQ("rw,relatime,max=4,stats=global", options_of(self->dir));
	EXPECT_EQ(0, remount(self->dir, "max=5,stats=global"));
	EXPECT_STREQ("rw,relatime,max=5,stats=global", options_of(self->dir));
}

TEST_F(options, remount_knows_bad_values)
{
	ASSERT_EQ(0, mount_at(self->dir, "max=4"));
	EXPECT_EQ(-EINVAL, remount(self->dir, "max=1048577"));
	EXPECT_EQ(-EINVAL, remount(self->dir, "max=-1"));
	EXPECT_EQ(-EINVAL, remount(self->dir, "stats=other"));
	EXPECT_EQ(-EINVAL, remount(self->dir, "max=6,more=less"));
	EXPECT_STREQ("rw,relatime,max=4", options_of(self->dir));
}

TEST_F(options, read_only_mounts_keep_their_names)
{
	ASSERT_EQ(0, mount_at(self->dir, NULL));
	ASSERT_EQ(0, mount("binder", self->dir, "binder", MS_REMOUNT | MS_RDONLY, NULL));
	EXPECT_EQ(-1, unlink(in(self->dir, "binder")));
	EXPECT_EQ(EROFS, errno);
	EXPECT_EQ(-1, rename(in(self->dir, "binder"), in(self->dir, "other")));
	EXPECT_EQ(EROFS, errno);
	/* Devices are no data: they serve on. */
	EXPECT_EQ(-EPIPE, call_once(in(self->dir, "binder")));
}

TEST_F(options, nodev_and_noexec_are_respected)
{
	ASSERT_EQ(0, mount("binder", self->dir, "binder", MS_NODEV, NULL));
	EXPECT_EQ(-1, open(in(self->dir, "binder"), O_RDWR));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-EACCES, open_control(self->dir));
	ASSERT_EQ(0, detach(self->dir));
	/* Asked for or not. */
	ASSERT_EQ(0, mount_at(self->dir, NULL));
	ASSERT_EQ(0, chmod(in(self->dir, "features/extended_error"), 0755));
	EXPECT_EQ(-1, execl(in(self->dir, "features/extended_error"), "feature", NULL));
	EXPECT_EQ(EACCES, errno);
}

/* The newer interface tells what is wrong in words. */
TEST_F(options, fsconfig_explains)
{
	char message[256] = "";
	int fs = fsopen("binder", 0);

	ASSERT_GE(fs, 0);
	EXPECT_EQ(0, fsconfig(fs, FSCONFIG_SET_STRING, "source", "any", 0));
	EXPECT_EQ(-1, fsconfig(fs, FSCONFIG_SET_STRING, "max", "1048577", 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_LT(0, read(fs, message, sizeof(message) - 1));
	EXPECT_NE(NULL, strstr(message, "max is at most 1048576")) {
		TH_LOG("%s", message);
	}
	close(fs);
}

TEST_F(options, source_is_anything)
{
	ASSERT_EQ(0, mount("none", self->dir, "binder", 0, NULL));
	EXPECT_EQ(0, access(in(self->dir, "binder"), F_OK));
}

TEST_HARNESS_MAIN
