// SPDX-License-Identifier: GPL-2.0-only
/* Many threads that come and go, or stay. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "parts.h"
#include "protocol_test.h"
#include "exited.h"

#define SHORT_LIVED 10000
/* No more in one step than any machine manages before it counts as hung. */
#define IN_ONE_STEP 500
#define AT_A_TIME 50
#define STAYING 300l

PROTOCOL_FIXTURE(exited);

/* Thread objects in memory: of our slab, or as the in-tree driver counts them itself. */
static long count_threads(void)
{
	FILE *f = fopen("/proc/slabinfo", "r");
	char line[256];
	long n = -1;

	if (!f)
		fail("slabinfo: %s", strerror(errno));
	while (n < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "binder_thread %ld", &n) != 1)
			n = -1;
	}
	fclose(f);
	if (n >= 0)
		return n;
	f = fopen("/sys/kernel/debug/binder/stats", "r");
	if (!f)
		fail("stats: %s", strerror(errno));
	while (n < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "thread: active %ld", &n) != 1)
			n = -1;
	}
	fclose(f);
	return n;
}

static void *short_life(void *arg)
{
	struct bnd_conn *c = arg;
	int32_t version;

	return (void *)(long)bnd_version(c, &version);
}

static long make_short_lived(struct port *p, void *arg)
{
	pthread_t thread[AT_A_TIME];
	void *err = NULL;

	(void)arg;
	for (int i = 0; i < IN_ONE_STEP && !err; i += AT_A_TIME) {
		for (int j = 0; j < AT_A_TIME; j++) {
			if (pthread_create(&thread[j], NULL, short_life, p->conn))
				return -EAGAIN;
		}
		for (int j = 0; j < AT_A_TIME; j++) {
			void *ret;

			pthread_join(thread[j], &ret);
			err = ret ?: err;
		}
	}
	return (long)err;
}

static sem_t staying;

static void *stay(void *arg)
{
	short_life(arg);
	sem_post(&staying);
	while (pause())
		;
	return NULL;
}

static long add_threads_that_stay(struct port *p, void *arg)
{
	pthread_t thread;

	sem_init(&staying, 0, 0);
	for (long i = 0; i < (long)arg; i++) {
		if (pthread_create(&thread, NULL, stay, p->conn))
			return -EAGAIN;
	}
	for (long i = 0; i < (long)arg; i++) {
		while (sem_wait(&staying))
			;
	}
	return 0;
}

/* Not every thread is looked at whenever one comes, but all are in turn. */
TEST_F(exited, among_many_that_stay)
{
	struct pair p = pair();
	struct port *t;

	ASSERT_EQ(0, run(p.server, add_threads_that_stay, (void *)STAYING));
	t = thread_of(p.server);
	deliver(p.c, t, p.h, 1);
	exit_thread(t);
	for (int i = 0; i < STAYING / 20; i++)
		new_thread(p.server);
	GO(p.c, "NOOP COMPLETE DEAD");
	ping(p.c, p.server, p.h);
}

static bool few_threads(void *arg)
{
	return count_threads() < *(long *)arg;
}

TEST_F_TIMEOUT(exited, ten_thousand_leave_no_trace, 120)
{
	struct pair p = pair();
	const int nr = rounds(SHORT_LIVED);
	long limit = count_threads() + nr / 10;

	for (int i = 0; i < nr; i += IN_ONE_STEP)
		ASSERT_EQ(0, run(p.server, make_short_lived, NULL));
	new_thread(p.server);
	ASSERT_GT(SHORT_LIVED, count_threads());
	/* What RCU is still to free. */
	wait_until(few_threads, &limit, "threads that are gone");
	ping(p.c, p.server, p.h);
}

TEST_HARNESS_MAIN
