// SPDX-License-Identifier: GPL-2.0-only
/*
 * R63: loading fails half-way. What had been started by then stays: files with nobody
 * behind them, and names that are in the way of the next attempt.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "protocol_test.h"

#define NAME "binder_linux"
#define MODULE "/modules/" NAME ".ko"
#define DEVICES "devices=binder,hwbinder,vndbinder"

PROTOCOL_FIXTURE(half_loaded);

static long load(const char *parameters)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC);
	long err;

	if (fd < 0)
		fail(MODULE ": %s", strerror(errno));
	err = syscall(SYS_finit_module, fd, parameters, 0) ? -errno : 0;
	close(fd);
	return err;
}

static bool unloads(void *arg)
{
	(void)arg;
	return !syscall(SYS_delete_module, NAME, O_NONBLOCK);
}

static const char *left_behind(void)
{
	static const char *const paths[] = {
		"/sys/module/" NAME, "/sys/kernel/debug/binder", "/dev/one", "/dev/binder",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (!access(paths[i], F_OK))
			return paths[i];
	return "nothing";
}

/* Names are looked at when all is there but the devices and the file system. */
TEST_F(half_loaded, leaves_nothing)
{
	if (access(MODULE, R_OK) || access("/sys/module/" NAME "/version", R_OK))
		SKIP(return, "no driver that can be loaded again");
	wait_until(unloads, NULL, "the module stays");
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(-EINVAL, load("devices=one,a/b"));
		ASSERT_STREQ("nothing", left_behind());
	}
	ASSERT_EQ(0, load(DEVICES));
	ping(process(), manager(), 0);
}

TEST_HARNESS_MAIN
