// SPDX-License-Identifier: GPL-2.0-only
/*
 * R61: a mount, or a device that is added, failed half-way and kept what had been made by
 * then: minor numbers, memory, its part of the devices that fit in.
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "instance.h"
#include "kselftest_harness.h"

/* Room for this many devices beside the default ones. */
#define ROOM 4

FIXTURE(half_made)
{
	const char *dir;
};

FIXTURE_SETUP(half_made)
{
	BINDERFS_OR_SKIP();
	self->dir = new_dir();
}

FIXTURE_TEARDOWN(half_made)
{
	EXPECT_EQ(0, detach(self->dir));
	EXPECT_EQ(0, rmdir(self->dir));
}

TEST_F(half_made, an_answer_that_cannot_be_given_makes_no_device)
{
	struct binderfs_device *page;
	int next, control;

	ASSERT_EQ(0, mount_at(self->dir, "max=7"));
	next = next_minor();
	control = open_control(self->dir);
	ASSERT_GE(control, 0);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	strcpy(page->name, "unanswered");
	ASSERT_EQ(0, mprotect(page, 4096, PROT_READ));
	for (int i = 0; i < 2 * ROOM; i++) {
		EXPECT_EQ(-1, ioctl(control, BINDER_CTL_ADD, page));
		EXPECT_EQ(EFAULT, errno);
	}
	EXPECT_EQ(-1, access(in(self->dir, "unanswered"), F_OK));
	EXPECT_EQ(ROOM, room_in(self->dir));
	EXPECT_EQ(next, next_minor());
	close(control);
}

TEST_F(half_made, a_max_below_the_default_devices_does_not_mount)
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

/* The name is looked at last, when there is a node with a number already. */
TEST_F(half_made, a_name_in_use_makes_no_device)
{
	int next;

	ASSERT_EQ(0, mount_at(self->dir, "max=7"));
	next = next_minor();
	for (int i = 0; i < 2 * ROOM; i++)
		EXPECT_EQ(-EEXIST, add_device(self->dir, default_devices[i % NR_DEFAULTS]));
	EXPECT_EQ(next, next_minor());
	EXPECT_EQ(ROOM, room_in(self->dir));
}

TEST_HARNESS_MAIN
