// SPDX-License-Identifier: GPL-2.0-only
/*
 * R56, CVE-2020-0030: a process that is called execs, or dumps core, which looks at its
 * area while messages come in.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(called_while);

#define ROUNDS 12
#define CALLS 100

static long exec_something(struct port *p, void *arg)
{
	char *const argv[] = { "true", NULL };
	char *const envp[] = { NULL };

	(void)arg;
	fcntl(p->conn->fd, F_SETFD, 0);
	execve("/bin/true", argv, envp);
	return -errno;
}

static long dump_core(struct port *p, void *arg)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	FILE *f = fopen("/proc/self/coredump_filter", "w");

	(void)p;
	(void)arg;
	/* Private memory, of files and of none: not what the peers share. */
	if (!f || fprintf(f, "0x5") < 0 || fclose(f))
		_exit(1);
	setrlimit(RLIMIT_CORE, &unlimited);
	abort();
}

/* Calls of a page until the callee is dead for all. */
static long call_often(struct port *p, void *arg)
{
	BND_STREAM(r, 256);
	BND_CMDS(w, 128);
	const struct bnd_msg m = { .flags = TF_ONE_WAY, .data = arg, .size = 4096 };

	for (int i = 0; i < CALLS; i++) {
		bnd_cmds_reset(&w);
		bnd_cmd_transaction(&w, &m);
		bnd_xfer(p->conn, &w, &r);
	}
	return 0;
}

static bool has_ended(void *arg)
{
	struct port *p = arg;

	return waitpid(p->pid, NULL, WNOHANG) == p->pid;
}

static void race(long (*end)(struct port *p, void *arg))
{
	struct port *c = process();
	uint8_t *page = shared(4096);

	for (int round = 0; round < ROUNDS; round++) {
		struct port *server = process();
		int err;

		do
			err = ioc_at(server, BINDER_SET_CONTEXT_MGR, 0);
		while (err == -EBUSY);
		if (err)
			fail("cannot become manager: %d", err);
		run_start(c, call_often, page);
		for (int i = 0; i < round; i++)
			sched_yield();
		run_start(server, end, NULL);
		run_finish(c);
		wait_until(has_ended, server, "the end of the called");
	}
}

TEST_F(called_while, it_execs)
{
	race(exec_something);
}

TEST_F(called_while, it_dumps_core)
{
	FILE *f = fopen("/proc/sys/kernel/core_pattern", "r+");
	char before[256];

	if (!f && errno == ENOENT)
		SKIP(return, "this kernel cannot dump core");
	ASSERT_NE(NULL, f);
	ASSERT_NE(NULL, fgets(before, sizeof(before), f));
	rewind(f);
	fprintf(f, "/tmp/core\n");
	ASSERT_EQ(0, fclose(f));
	race(dump_core);
	unlink("/tmp/core");
	f = fopen("/proc/sys/kernel/core_pattern", "w");
	fputs(before, f);
	ASSERT_EQ(0, fclose(f));
}

TEST_HARNESS_MAIN
