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

TEST_F(options, max_takes_numbers_up_to_all_minors)
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

TEST_F(options, last_max_counts)
{
	ASSERT_EQ(0, mount_at(self->dir, "max=100,max=4"));
	EXPECT_EQ(1, room_in(self->dir));
}

/* R61 */
TEST_F(options, a_max_below_the_default_devices_does_not_mount)
{
	int next = next_minor();

	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(-ENOSPC, mount_at(self->dir, "max=0"));
		ASSERT_EQ(-ENOSPC, mount_at(self->dir, "max=1"));
		ASSERT_EQ(-ENOSPC, mount_at(self->dir, "max=2"));
	}
	/* They gave back the minors of what they had made. */
	EXPECT_EQ(next, next_minor());
	EXPECT_EQ(0, mount_at(self->dir, "max=3"));
	EXPECT_EQ(0, room_in(self->dir));
}

TEST_F(options, max_counts_all_devices_but_not_the_control)
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

TEST_F(options, stats_has_one_value)
{
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "stats=other"));
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "stats="));
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "stats"));
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "stats=1"));
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "stats=globals"));
	EXPECT_EQ(0, mount_at(self->dir, "stats=global,stats=global"));
}

TEST_F(options, nothing_else_is_known)
{
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "mode=755"));
	EXPECT_EQ(-EINVAL, mount_at(self->dir, "max=5,uid=1"));
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
