// SPDX-License-Identifier: GPL-2.0-only
/* The device node is there and speaks the protocol's version. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "binder_raw.h"
#include "kselftest_harness.h"

FIXTURE(device)
{
	struct bnd_conn conn;
};

FIXTURE_SETUP(device)
{
	ASSERT_EQ(0, bnd_open(&self->conn, "/dev/binder", 0, 0));
}

FIXTURE_TEARDOWN(device)
{
	bnd_close(&self->conn);
}

TEST_F(device, version)
{
	int32_t version = 0;

	ASSERT_EQ(0, bnd_version(&self->conn, &version));
	EXPECT_EQ(BINDER_CURRENT_PROTOCOL_VERSION, version);
}

TEST_F(device, unknown_ioctl)
{
	EXPECT_EQ(-EINVAL, bnd_ioctl(&self->conn, _IO('b', 200), NULL));
}

TEST_F(device, version_bad_pointer)
{
	/* ABI: not -EFAULT. */
	EXPECT_EQ(-EINVAL, bnd_ioctl(&self->conn, BINDER_VERSION, (void *)16));
}

TEST_HARNESS_MAIN
