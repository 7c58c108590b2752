// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system is suspended while threads sleep in the driver. They sleep on afterwards: no
 * call returns because of it. The test of suspending that is used here ends when all tasks
 * were frozen.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "protocol_test.h"

#define PM_TEST "/sys/power/pm_test"
#define PM_STATE "/sys/power/state"
#define PM_DELAY "/sys/module/suspend/parameters/pm_test_delay"

/* 0 or a negative errno. */
static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int suspend(void)
{
	int err = put(PM_TEST, "freezer");

	if (!err)
		err = put(PM_STATE, "freeze");
	put(PM_TEST, "none");
	return err;
}

#define SUSPEND_OR_SKIP()						\
	do {								\
		if (access(PM_TEST, W_OK))				\
			SKIP(return, "no " PM_TEST " (CONFIG_PM_SLEEP_DEBUG)"); \
		ASSERT_EQ(0, suspend());				\
	} while (0)

/* Seconds that the kernel waits when all are frozen. */
PEERS_FIXTURE(suspend, put(PM_DELAY, "0"), (void)0);

TEST_F(suspend, a_reader_sleeps_on)
{
	struct port *mgr = manager(), *c = process();

	START_ASLEEP(mgr);
	SUSPEND_OR_SKIP();
	settle(mgr);
	ASSERT_TRUE(asleep(mgr));
	call(c, 0, 7, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	FINISH(mgr, "NOOP TXN:7");
}

TEST_F(suspend, a_caller_sleeps_on)
{
	struct port *mgr = manager(), *c = process();

	call(c, 0, 7, 0);
	START_ASLEEP(c);
	GO(mgr, "NOOP TXN:7");
	SUSPEND_OR_SKIP();
	settle(c);
	ASSERT_TRUE(asleep(c));
	reply(mgr, 8, 0);
	GO(mgr, "NOOP COMPLETE");
	FINISH(c, "NOOP COMPLETE REPLY:8");
}

static long do_poll(struct port *p, void *arg)
{
	struct pollfd fd = { .fd = p->conn->fd, .events = POLLIN };

	(void)arg;
	return poll(&fd, 1, -1) < 0 ? -errno : fd.revents;
}

/* The kernel restarts its system call. */
TEST_F(suspend, a_poller_sleeps_on)
{
	struct port *mgr = manager(), *c = process();

	run_start(mgr, do_poll, NULL);
	settle(mgr);
	ASSERT_TRUE(asleep(mgr));
	SUSPEND_OR_SKIP();
	settle(mgr);
	ASSERT_TRUE(asleep(mgr));
	call(c, 0, 7, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	ASSERT_EQ(POLLIN, run_finish(mgr));
	GO(mgr, "NOOP TXN:7");
}

TEST_HARNESS_MAIN
