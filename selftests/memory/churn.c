// SPDX-License-Identifier: GPL-2.0-only
/* Many messages, many mappings and much reclaim at a time. Bounded by count. */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crowd.h"
#include "protocol_test.h"

#define OPENS 10000
#define MESSAGES 300

PROTOCOL_FIXTURE(churn);

/* --- nothing is left of an open --- */

static long do_opens(struct port *p, void *arg)
{
	const struct bnd_msg m = { .handle = 0 };
	long n = (long)arg;
	int err = 0;

	(void)p;
	while (n-- && !err) {
		struct bnd_result res = { .code = BR_REPLY };
		struct bnd_conn c;

		err = bnd_open(&c, device(), n & 1 ? MAX_AREA : PAGE, 0);
		if (err)
			return err;
		/* Some have an answer in their area, some unmap it before they close. */
		if (!(n & 3))
			err = bnd_call(&c, &m, &res);
		if (!err && res.code != BR_REPLY)
			err = -EREMOTEIO;
		if (!err && n % 3)
			err = bnd_unmap(&c);
		bnd_close(&c);
	}
	return err;
}

/* Answers everything with nothing. */
static long do_serve(struct port *p, void *arg)
{
	const volatile bool never = false;

	(void)arg;
	return bnd_serve(p->conn, false, &never);
}

/* KASAN and kmemleak keep memory of the freed, how much does not depend on the driver. */
#define FREE_MEMORY_COUNTS()							\
	do {									\
		if (getenv("SLOW_KERNEL"))					\
			SKIP(return, "a debug kernel keeps free memory to itself"); \
	} while (0)

static long kept_before, free_before;

/* Less than 64 bytes for each, and not a page for every twentieth. */
static bool nothing_is_kept(void *arg)
{
	(void)arg;
	drop_caches();
	return meminfo("SUnreclaim") - kept_before < OPENS * 64 / 1024 &&
	       free_before - free_pages() < OPENS / 20;
}

/* Thousands of opens: a busy machine takes its time. */
TEST_F_TIMEOUT(churn, opening_and_mapping_leaves_nothing, 120)
{
	struct port *server, *p;

	FREE_MEMORY_COUNTS();
	server = receiver(AREA);
	p = process();
	run_start(server, do_serve, NULL);
	/* What the kernel keeps at hand, it has then. */
	ASSERT_EQ(0, run(p, do_opens, (void *)500L));
	drop_caches();
	kept_before = meminfo("SUnreclaim");
	free_before = free_pages();
	for (int i = 0; i < 10; i++)
		ASSERT_EQ(0, run(p, do_opens, (void *)(OPENS / 10L)));
	wait_until(nothing_is_kept, NULL, "memory of closed files is kept");
}

#define CHILDREN 300

static long do_children(struct port *p, void *arg)
{
	(void)p;
	for (long n = (long)arg; n; n--) {
		struct bnd_conn c;
		int status;
		pid_t pid = fork();

		if (!pid)
			_exit(bnd_open(&c, device(), MAX_AREA, 0) != 0);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			return -ECHILD;
	}
	return 0;
}

/* Each has a page table at least. */
static bool no_address_space_is_kept(void *arg)
{
	(void)arg;
	drop_caches();
	return free_before - free_pages() < CHILDREN / 2;
}

TEST_F(churn, processes_leave_no_address_space)
{
	struct port *p;

	FREE_MEMORY_COUNTS();
	p = process();
	ASSERT_EQ(0, run(p, do_children, (void *)50L));
	drop_caches();
	free_before = free_pages();
	ASSERT_EQ(0, run(p, do_children, (void *)(long)CHILDREN));
	wait_until(no_address_space_is_kept, NULL, "address spaces of the dead are kept");
}

/* --- payloads --- */

/*
 * Several senders, sizes mixed, replies as large, everything reclaimed all the time.
 *
 * R32, CVE-2019-1999, CVE-2023-52438, CVE-2023-52609
 */
TEST_F(churn, every_byte_arrives_under_reclaim)
{
	struct port *server = receiver(MIB), *t[3], *c[SENDERS], *reaper = process();
	bool *right = shared(3), *stop = shared(1);

	*stop = false;
	t[0] = server;
	t[1] = thread_of(server);
	t[2] = thread_of(server);
	for (int i = 0; i < SENDERS; i++)
		c[i] = process_on(device(), CROWD_AREA);
	for (int i = 0; i < 3; i++)
		run_start(t[i], do_serve_words, &right[i]);
	drop_caches();
	run_start(reaper, do_reap, stop);
	for (int i = 0; i < SENDERS; i++)
		run_start(c[i], do_send_words, new_sender(i, MESSAGES, false));
	for (int i = 0; i < SENDERS; i++)
		ASSERT_EQ(0, run_finish(c[i]));
	__atomic_store_n(stop, true, __ATOMIC_RELAXED);
	ASSERT_LT(0, run_finish(reaper));
	for (int i = 0; i < 3; i++)
		ASSERT_TRUE(right[i]);
}

TEST_HARNESS_MAIN
