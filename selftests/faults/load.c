// SPDX-License-Identifier: GPL-2.0-only
/* Loading the module while memory fails. */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faults_test.h"

#define MODULE "/modules/binder_linux.ko"
/* Messages are kept, as on kernels without KASAN. */
#define PARAMETERS "devices=binder,hwbinder,vndbinder keep_messages=1"

FAULTS_FIXTURE(fault_load);

static long load(void)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC);
	long err;

	if (fd < 0)
		fail(MODULE ": %s", strerror(errno));
	err = syscall(SYS_finit_module, fd, PARAMETERS, 0) ? -errno : 0;
	close(fd);
	return err;
}

static long unload(void)
{
	return syscall(SYS_delete_module, "binder_linux", O_NONBLOCK) ? -errno : 0;
}

static bool unloads(void *arg)
{
	(void)arg;
	return !unload();
}

/* What is loaded works, and goes. */
static void use_and_unload(void)
{
	ping(process(), manager(), 0);
	peers_end();
	wait_until(unloads, NULL, "the module stays");
}

/* More faults than elsewhere, and each takes a module to load. */
TEST_F_TIMEOUT(fault_load, in_loading, 8 * SWEEP_SECONDS)
{
	/* Of rounds that fail: what one leaves behind would be in the way of the next, too. */
	const unsigned int check_each = 10;
	unsigned int failed = 0;

	/*
	 * Not what the kernel itself does about a module; and where the directory of a
	 * cache in sysfs cannot be made, the kernel loses its name (6.12).
	 */
	strike_below("do_one_initcall", "sysfs_slab_add");
	wait_until(unloads, NULL, "the module stays");
	for (first_fault(); next_fault_alone(); ) {
		long err;

		strike_here();
		err = load();
		struck_here();
		outcome(error_of(err), "0", "ENOMEM", NULL);
		if (err && failed++ % check_each)
			continue;
		if (err)
			ASSERT_EQ(0, load());
		use_and_unload();
	}
	ASSERT_EQ(0, load());
}

TEST_HARNESS_MAIN
