// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module in MODULE is loaded and unloaded CYCLES times, while some open the
 * device, make calls and close it whenever it is there, and others start to serve
 * and end, or are killed. Our driver only: the in-tree one cannot be unloaded.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "binder_raw.h"
#include "endurance.h"

#define DEFAULT_CYCLES 10
#define NAME "binder_linux"
#define AREA ((size_t)64 * 1024)
#define VISITORS 3
#define CALLS 4
/* Between two visits of one: there must be moments when nobody is there. */
#define PAUSE_US 20000

static struct counts {
	bool stop;		/* for the visitors */
	bool end;		/* for the server of this cycle */
	unsigned long visits, answered, busy;
	char wrong[128];
} *counts;

static unsigned long cycle;
static const char *step;

static void what_hangs(void)
{
	printf(": cycle %lu, %s, %lu visits, %lu calls", cycle, step, counts->visits,
	       counts->answered);
}

static void doing(const char *what)
{
	step = what;
	hang_after(what_hangs);
}

static void wrong(const char *what, int err) __attribute__((noreturn));
static void wrong(const char *what, int err)
{
	snprintf(counts->wrong, sizeof(counts->wrong), "%s (%d)", what, err);
	_exit(1);
}

static unsigned long count(unsigned long *n)
{
	return __atomic_load_n(n, __ATOMIC_RELAXED);
}

/* --- traffic --- */

/* Is that what opening a device comes to that is not there, or about to go? */
static bool is_gone(int err)
{
	return err == -ENOENT || err == -ENODEV || err == -ENXIO;
}

/* Opens, calls and closes, whether there is a module, a manager, or none. */
static void visit(void)
{
	struct bnd_msg call = { .handle = 0 }, oneway = { .handle = 0, .flags = TF_ONE_WAY };
	struct bnd_result res;
	struct bnd_conn c;
	int err = bnd_open(&c, device(), AREA, 0);

	if (is_gone(err))
		return;
	if (err)
		wrong("cannot open", err);
	__atomic_fetch_add(&counts->visits, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < CALLS; i++) {
		err = bnd_call(&c, &oneway, &res);
		if (!err)
			err = bnd_call(&c, &call, &res);
		if (err)
			wrong("a call failed", err);
		/* It is left in the area. */
		if (res.code == BR_REPLY)
			__atomic_fetch_add(&counts->answered, 1, __ATOMIC_RELAXED);
	}
	bnd_close(&c);
}

static pid_t start_visitor(void)
{
	pid_t pid = child();

	if (pid)
		return pid;
	srand(getpid());
	while (!__atomic_load_n(&counts->stop, __ATOMIC_RELAXED)) {
		visit();
		usleep(rand() % PAUSE_US);
	}
	_exit(0);
}

static bool answer(struct bnd_conn *c, const struct binder_transaction_data *txn,
		   const char *secctx, struct bnd_msg *reply)
{
	(void)c;
	(void)txn;
	(void)secctx;
	(void)reply;
	return false;
}

static pid_t start_server(void)
{
	static const struct bnd_ops ops = { .call = answer };
	pid_t pid = child();
	struct bnd_conn c;
	int err;

	if (pid)
		return pid;
	err = bnd_open(&c, device(), AREA, 0);
	/* It may be late. */
	if (is_gone(err))
		_exit(0);
	if (!err)
		err = bnd_become_manager(&c);
	c.ops = &ops;
	if (!err)
		err = bnd_serve(&c, false, &counts->end);
	if (err)
		wrong("serving failed", err);
	_exit(0);
}

/* --- the module --- */

static int load(void)
{
	int fd = open(getenv("MODULE"), O_RDONLY | O_CLOEXEC);
	int err;

	need(fd >= 0);
	err = syscall(SYS_finit_module, fd, "devices=binder", 0) ? -errno : 0;
	close(fd);
	return err;
}

static int unload(void)
{
	return syscall(SYS_delete_module, NAME, O_NONBLOCK) ? -errno : 0;
}

static bool there_is(const char *pattern)
{
	glob_t found;
	int err = glob(pattern, 0, NULL, &found);

	if (!err)
		globfree(&found);
	return !err;
}

/* An open file keeps it, whatever goes on. */
static void unload_is_refused(void)
{
	int fd = open(device(), O_RDWR | O_CLOEXEC);

	need(fd >= 0);
	need(unload() == -EWOULDBLOCK);
	close(fd);
}

/* Nobody has it open for long. */
static void unload_when_idle(void)
{
	int err;

	while ((err = unload()) == -EWOULDBLOCK) {
		counts->busy++;
		usleep(500);
	}
	need(!err);
	need(!there_is("/sys/module/" NAME) && !there_is(device()));
	need(!there_is("/sys/kernel/debug/binder"));
	/* What is in /sys goes a little later. */
	while (there_is("/sys/kernel/slab/binder_*"))
		sched_yield();
}

FIXTURE(cycles)
{
	pid_t visitor[VISITORS];
};

FIXTURE_SETUP(cycles)
{
	if (!getenv("MODULE"))
		SKIP(return, "no module to load: MODULE= names one");
	need(!there_is("/sys/module/" NAME));
	counts = shared(sizeof(*counts));
	for (int i = 0; i < VISITORS; i++)
		self->visitor[i] = start_visitor();
}

FIXTURE_TEARDOWN(cycles)
{
	hang_after(NULL);
}

/* One cycle: the server comes, there are @calls more, it goes in one of three ways. */
static void play_cycle(unsigned long calls)
{
	unsigned long before = count(&counts->answered);
	pid_t server;

	doing("the module is loaded");
	need(!load());
	counts->end = false;
	server = start_server();
	doing("calls are made");
	while (count(&counts->answered) < before + calls && !counts->wrong[0])
		sched_yield();
	unload_is_refused();
	doing("the server ends");
	if (cycle % 3)
		need(!kill(server, SIGKILL));
	else
		__atomic_store_n(&counts->end, true, __ATOMIC_RELAXED);
	/* In every other cycle the module is asked to go before the server is gone. */
	if (cycle % 2)
		status_of(server);
	doing("the module is unloaded");
	unload_when_idle();
	if (!(cycle % 2))
		status_of(server);
}

TEST_F_TIMEOUT(cycles, load_and_unload_under_traffic, NO_TIMEOUT)
{
	unsigned long n = count_of("CYCLES", DEFAULT_CYCLES);
	uint64_t began = now_ns();

	for (cycle = 0; cycle < n && !counts->wrong[0]; cycle++)
		play_cycle(cycle % 7);
	__atomic_store_n(&counts->stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < VISITORS; i++)
		EXPECT_EQ(0, status_of(self->visitor[i]));
	EXPECT_STREQ("", counts->wrong);
	printf("# %lu cycles in %.1f s: %lu opens, %lu calls, unloading %lu times refused\n",
	       cycle, (now_ns() - began) / 1e9, counts->visits, counts->answered, counts->busy);
}

TEST_HARNESS_MAIN
