// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of the minor numbers. For a module that was built with few of them
 * (BINDER_CPPFLAGS=-DBINDER_FS_MINORS=24UL): a million devices take too long.
 *
 * For R61.
 */
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "instance.h"
#include "kselftest_harness.h"

/* A mount takes these: one for the control device. */
#define NR_MOUNT (1 + NR_DEFAULTS)
/* The last ones are not for other IPC namespaces than the initial one. */
#define NR_RESERVED 4

FIXTURE(minors)
{
	const char *dir;
	int nr;		/* minors that there are */
};

FIXTURE_SETUP(minors)
{
	ASSERT_TRUE(have_binderfs());
	self->dir = new_instance(NULL);
	ASSERT_NE(NULL, self->dir);
	/* The largest max is their number. */
	ASSERT_EQ(1, sscanf(options_of(self->dir), "rw,relatime,max=%d", &self->nr));
	ASSERT_LE(5 * NR_MOUNT, self->nr);
	ASSERT_GE(64, self->nr) {
		TH_LOG("this needs a module built with few minors");
	}
}

FIXTURE_TEARDOWN(minors)
{
	EXPECT_EQ(0, detach(self->dir));
}

/* Adds devices until there is no more room, @max at most; how many it were. */
static int fill(const char *dir, int max)
{
	int nr = 0, err;

	while (nr < max) {
		err = add_device(dir, numbered(nr));
		if (err) {
			need(err == -ENOSPC);
			break;
		}
		nr++;
	}
	return nr;
}

static void clear(const char *dir, int nr)
{
	while (nr--)
		need(!unlink(in(dir, numbered(nr))));
}

TEST_F(minors, run_out)
{
	int room = self->nr - NR_MOUNT;

	EXPECT_EQ(room, fill(self->dir, self->nr));
	for (int i = 0; i < 100; i++)
		ASSERT_EQ(-ENOSPC, add_device(self->dir, "more"));
	/* One goes, one comes. */
	for (int i = 0; i < room; i++) {
		int minor = minor_of(in(self->dir, numbered(i)));

		ASSERT_EQ(0, unlink(in(self->dir, numbered(i))));
		ASSERT_EQ(0, add_device(self->dir, numbered(i)));
		EXPECT_EQ(minor, minor_of(in(self->dir, numbered(i))));
		ASSERT_EQ(-ENOSPC, add_device(self->dir, "more"));
	}
	clear(self->dir, room);
	EXPECT_EQ(room, room_in(self->dir));
}

/* What could not be made does not count as one of an instance's devices. */
TEST_F(minors, a_device_that_got_none_does_not_count)
{
	const char *other = new_instance(NULL);
	char options[32];
	int nr;

	ASSERT_NE(NULL, other);
	nr = fill(self->dir, self->nr);
	snprintf(options, sizeof(options), "max=%d", NR_DEFAULTS + nr + 1);
	ASSERT_EQ(0, remount(self->dir, options));
	for (int i = 0; i < 10; i++)
		ASSERT_EQ(-ENOSPC, add_device(self->dir, "more"));
	ASSERT_EQ(0, detach(other));
	EXPECT_EQ(0, add_device(self->dir, "more"));
	EXPECT_EQ(-ENOSPC, add_device(self->dir, "too_many"));
	ASSERT_EQ(0, unlink(in(self->dir, "more")));
	clear(self->dir, nr);
}

TEST_F(minors, a_mount_that_gets_too_few_gives_them_back)
{
	int room = self->nr - NR_MOUNT;
	const char *other = new_dir();

	for (int left = 0; left < NR_MOUNT; left++) {
		ASSERT_EQ(room - left, fill(self->dir, room - left));
		for (int i = 0; i < 10; i++)
			ASSERT_EQ(-ENOSPC, mount_at(other, NULL));
		EXPECT_EQ(left, room_in(self->dir));
		clear(self->dir, room - left);
	}
	ASSERT_EQ(room - NR_MOUNT, fill(self->dir, room - NR_MOUNT));
	EXPECT_EQ(0, mount_at(other, NULL));
	EXPECT_EQ(-ENOSPC, add_device(other, "more"));
	EXPECT_EQ(-ENOSPC, add_device(self->dir, "more"));
	EXPECT_EQ(0, detach(other));
	EXPECT_EQ(NR_MOUNT, room_in(self->dir));
}

struct use {
	const char *dir;	/* to be mounted inside, or mounted already */
	int room;		/* what is to fit in */
};

static void fill_own_instance(void *arg)
{
	struct use *use = arg;

	need(!unshare(CLONE_NEWIPC | CLONE_NEWNS));
	need(!mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	if (use->room < 0) {
		need(mount_at(use->dir, NULL) == -ENOSPC);
		return;
	}
	need(!mount_at(use->dir, NULL));
	need(fill(use->dir, use->room + 1) == use->room);
	need(!detach(use->dir));
}

/* What a container uses up does not keep the machine itself from mounting once more. */
TEST_F(minors, the_last_are_kept_from_other_ipc_namespaces)
{
	struct use use = {
		.dir = new_dir(), .room = self->nr - NR_MOUNT - NR_RESERVED - NR_MOUNT,
	};
	int room = self->nr - NR_MOUNT;

	EXPECT_EQ(0, in_child(fill_own_instance, &use));
	/* They cannot begin with what is reserved, and ours can take it all. */
	ASSERT_EQ(room - NR_RESERVED, fill(self->dir, room - NR_RESERVED));
	use.room = -1;
	EXPECT_EQ(0, in_child(fill_own_instance, &use));
	EXPECT_EQ(0, mount_at(use.dir, NULL));
	EXPECT_EQ(-ENOSPC, add_device(use.dir, "more"));
	EXPECT_EQ(0, detach(use.dir));
}

static void fill_given_instance(void *arg)
{
	struct use *use = arg;

	need(!unshare(CLONE_NEWIPC));
	need(fill(use->dir, use->room + 1) == use->room);
}

/* An instance belongs where it was mounted, whoever uses it. */
TEST_F(minors, the_instance_decides_not_the_caller)
{
	struct use use = { .dir = self->dir, .room = self->nr - NR_MOUNT };

	EXPECT_EQ(0, in_child(fill_given_instance, &use));
	clear(self->dir, use.room);
}

TEST_HARNESS_MAIN
