// SPDX-License-Identifier: GPL-2.0-only
/*
 * R32, CVE-2019-1999, CVE-2023-52438, CVE-2023-52609: a reclaimer works on the pages of an
 * area that is unmapped or whose process exits. A page is freed by both of them, or looked
 * for in a mapping that is gone, or the reclaimer is the last to hold the address space.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crowd.h"
#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(reclaimed);

#define ROUNDS 120
#define AT_ONCE 12
#define OWNERS 2
#define REAPERS 2

static const uint8_t *all_of_it;

static bool serve_all_of_it(struct bnd_conn *c, const struct binder_transaction_data *txn,
			    const char *secctx, struct bnd_msg *reply)
{
	(void)c;
	(void)txn;
	(void)secctx;
	*reply = (struct bnd_msg){ .data = all_of_it, .size = CROWD_AREA };
	return true;
}

/* Answers as large as the area of who asks. */
static long do_serve_all_of_it(struct port *p, void *arg)
{
	const struct bnd_ops ops = { .call = serve_all_of_it };
	const volatile bool never = false;
	struct bnd_conn c = *p->conn;

	(void)arg;
	c.ops = &ops;
	return bnd_serve(&c, false, &never);
}

/* All pages of the area of @c were used and are idle now. */
static int make_idle(struct bnd_conn *c)
{
	const struct bnd_msg m = { .handle = 0 };
	struct bnd_result res;
	int err = bnd_call(c, &m, &res);

	if (err || res.code != BR_REPLY)
		return err ? err : -EREMOTEIO;
	if (res.txn.data_size != CROWD_AREA ||
	    memcmp((void *)(uintptr_t)res.txn.data.ptr.buffer, all_of_it, CROWD_AREA))
		return -EBADMSG;
	return bnd_free_buffer(c, res.txn.data.ptr.buffer);
}

#define WAYS 4
#define BY_EXIT 3

/* An area that is unmapped as a whole, in part, behind its file, or by the exit of its process. */
static int use_an_area(unsigned int how)
{
	struct bnd_conn c;
	int err = bnd_open(&c, device(), CROWD_AREA, 0);

	if (!err)
		err = make_idle(&c);
	if (err)
		return err;
	for (unsigned int i = 0; i < how / WAYS % 8; i++)
		sched_yield();
	switch (how % WAYS) {
	case 0:
		break;
	case 1:
		err = munmap((uint8_t *)c.map + CROWD_AREA / 2, CROWD_AREA / 2) ? -errno : 0;
		sched_yield();
		break;
	case 2:
		close(c.fd);
		c.fd = -1;
		break;
	case BY_EXIT:
		_exit(0);
	}
	bnd_close(&c);
	return err;
}

/* As many as can be waited for; from the @arg-th on. */
static long do_use_areas(struct port *p, void *arg)
{
	const unsigned int first = (unsigned int)(long)arg;
	long err = 0;

	(void)p;
	for (unsigned int how = first; how < first + AT_ONCE && !err; how++) {
		int status;
		pid_t pid;

		if (how % WAYS != BY_EXIT) {
			err = use_an_area(how);
			continue;
		}
		pid = fork();
		if (!pid)
			_exit(use_an_area(how) != 0);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			err = -ECHILD;
	}
	return err;
}

static long free_before, areas;

/* A leak of one page of each is too much. Debug kernels keep memory of the freed. */
static bool all_is_given_back(void *arg)
{
	(void)arg;
	drop_caches();
	return getenv("SLOW_KERNEL") || free_before - free_pages() < areas / 2;
}

TEST_F_TIMEOUT(reclaimed, areas_end_meanwhile, NO_TIMEOUT)
{
	const long n = race_rounds(ROUNDS);
	struct port *server, *owner[OWNERS], *reaper[REAPERS];
	bool *stop = shared(1);

	*stop = false;
	all_of_it = filled('a', CROWD_AREA);
	server = receiver(AREA);
	run_start(server, do_serve_all_of_it, NULL);
	for (int i = 0; i < OWNERS; i++)
		owner[i] = process();
	for (int i = 0; i < REAPERS; i++)
		reaper[i] = process();
	/* What the kernel keeps at hand, it has then. */
	ASSERT_EQ(0, run(owner[0], do_use_areas, NULL));
	drop_caches();
	free_before = free_pages();
	for (int i = 0; i < REAPERS; i++)
		run_start(reaper[i], do_reap, stop);
	for (long first = 0; first < n; first += AT_ONCE) {
		for (int i = 0; i < OWNERS; i++)
			run_start(owner[i], do_use_areas, (void *)first);
		for (int i = 0; i < OWNERS; i++)
			ASSERT_EQ(0, run_finish(owner[i]));
		areas += OWNERS * AT_ONCE;
	}
	__atomic_store_n(stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < REAPERS; i++)
		ASSERT_LT(0, run_finish(reaper[i]));
	wait_until(all_is_given_back, NULL, "pages of areas that went are kept");
}

TEST_HARNESS_MAIN
