// SPDX-License-Identifier: GPL-2.0-only
/*
 * PROCESSES with OPENS files each, and WATCHERS of one object: all are there at a time, and
 * all hear of a death. How long that takes is printed; the kernel says when a
 * processor was busy with it for too long.
 */
#include <signal.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scale.h"

#define DEFAULT_PROCESSES 100
#define DEFAULT_OPENS 5
#define DEFAULT_WATCHERS 500

#define SMALL_AREA ((size_t)16 * 1024)
#define AREA ((size_t)1024 * 1024)

FIXTURE(scale)
{
};

FIXTURE_SETUP(scale)
{
	raise_limits();
}

FIXTURE_TEARDOWN(scale)
{
	hang_after(NULL);
}

/* --- processes and files --- */

static struct crowd {
	unsigned long opens, taken, dead;
	uint32_t *handle;
} crowd;

static bool take_one(struct bnd_conn *c, const struct binder_transaction_data *txn,
		     const char *secctx, struct bnd_msg *reply)
{
	BND_CMDS(w, 32);
	uint32_t handle;

	(void)secctx;
	(void)reply;
	if (txn->code == CODE_END)
		*(bool *)c->ctx = true;
	if (txn->code != CODE_TAKE)
		return false;
	need(!bnd_take_handle(c, txn, 0, &handle));
	bnd_cmd_request_death(&w, handle, crowd.taken);
	write_all(c, &w);
	crowd.handle[crowd.taken++] = handle;
	return false;
}

static void one_died(struct bnd_conn *c, uint64_t cookie)
{
	need(cookie < crowd.taken && crowd.handle[cookie]);
	need(!bnd_release(c, crowd.handle[cookie]));
	crowd.handle[cookie] = 0;
	crowd.dead++;
	some_done(1);
}

static const struct bnd_ops crowd_ops = { .call = take_one, .death = one_died };

/* Gives away an object of each file, and answers through the first. */
static void live(unsigned long opens)
{
	struct bnd_conn *c = calloc(opens, sizeof(*c));
	bool stop = false;

	need(c);
	for (unsigned long i = 0; i < opens; i++) {
		struct flat_binder_object o = bnd_obj_binder(NODE(i), 0, 0);
		uint64_t offset = 0;
		struct bnd_msg m = {
			.code = CODE_TAKE, .data = &o, .size = sizeof(o),
			.offsets = &offset, .noffsets = 1,
		};
		struct binder_transaction_data reply;

		need(!bnd_open(&c[i], device(), SMALL_AREA, 0));
		c[i].ops = &crowd_ops;
		c[i].ctx = &stop;
		need(!bnd_call_checked(&c[i], &m, &reply));
		need(!bnd_free_buffer(&c[i], reply.data.ptr.buffer));
	}
	need(!bnd_serve(&c[0], false, &stop));
	_exit(0);
}

/* All are there at the same time, everyone answers, half end and half are killed. */
TEST_F_TIMEOUT(scale, live_processes, NO_TIMEOUT)
{
	unsigned long nr = count_of("PROCESSES", DEFAULT_PROCESSES);
	unsigned long opens = count_of("OPENS", DEFAULT_OPENS);
	struct bnd_conn c;
	uint64_t began;
	pid_t *pid = calloc(nr, sizeof(*pid));

	crowd = (struct crowd){ .opens = opens, .handle = calloc(nr * opens, 4) };
	need(pid && crowd.handle);
	become_manager(&c, AREA);
	c.ops = &crowd_ops;
	doing("processes come");
	began = now_ns();
	for (unsigned long i = 0; i < nr; i++) {
		pid[i] = child();
		if (!pid[i])
			live(opens);
		while (crowd.taken < (i + 1) * opens)
			need(!bnd_serve_once(&c));
		some_done(1);
	}
	printf("# %lu processes with %lu files each came in %.0f ms\n", nr, opens,
	       (now_ns() - began) / 1e6);
	doing("processes are called");
	began = now_ns();
	for (unsigned long i = 0; i < nr; i++, some_done(1))
		plain_call(&c, crowd.handle[i * opens], CODE_WHO);
	say_time("calls, to each process", nr, began);

	doing("processes go");
	began = now_ns();
	for (unsigned long i = 0; i < nr; i++) {
		struct bnd_msg m = {
			.handle = crowd.handle[i * opens], .code = CODE_END, .flags = TF_ONE_WAY,
		};
		struct bnd_result res;

		if (i & 1)
			need(!kill(pid[i], SIGKILL));
		else
			need(!bnd_call(&c, &m, &res) && res.code == BR_TRANSACTION_COMPLETE);
	}
	while (crowd.dead < nr * opens)
		need(!bnd_serve_once(&c));
	say_time("files closed, with a notice each", crowd.dead, began);
	for (unsigned long i = 0; i < nr; i++) {
		int status = status_of(pid[i]);

		EXPECT_TRUE(i & 1 ? WIFSIGNALED(status) : !status);
	}
	bnd_close(&c);
}

/* --- death notices --- */

/* Everyone who asked is told, once, and by nobody else's cookie. */
TEST_F_TIMEOUT(scale, watchers_are_told, NO_TIMEOUT)
{
	unsigned long n = count_of("WATCHERS", DEFAULT_WATCHERS);
	struct bnd_conn *c = calloc(n, sizeof(*c));
	sem_t *ready = shared(sizeof(*ready));
	uint64_t began;
	pid_t pid;

	need(c && !sem_init(ready, 1, 0));
	pid = child();
	if (!pid) {
		become_manager(&c[0], 0);
		sem_post(ready);
		for (;;)
			pause();
	}
	doing("watchers come");
	need(!sem_wait(ready));
	for (unsigned long i = 0; i < n; i++, some_done(1)) {
		BND_CMDS(w, 64);

		need(!bnd_open(&c[i], device(), 0, 0));
		bnd_cmd_increfs(&w, 0);
		bnd_cmd_acquire(&w, 0);
		bnd_cmd_request_death(&w, 0, i);
		write_all(&c[i], &w);
	}
	doing("the watched one dies");
	began = now_ns();
	need(!kill(pid, SIGKILL));
	for (unsigned long i = 0; i < n; i++, some_done(1)) {
		BND_STREAM(r, 256);
		unsigned int dead = 0;
		struct bnd_rec rec;

		while (!dead) {
			need(!bnd_read(&c[i], &r));
			while (bnd_next(&r, &rec) > 0) {
				if (rec.code != BR_DEAD_BINDER)
					continue;
				need(rec.cookie == i);
				dead++;
			}
		}
		need(dead == 1);
		if (!i)
			say_time("the first of the watchers is told", 1, began);
	}
	say_time("watchers told", n, began);
	began = now_ns();
	for (unsigned long i = 0; i < n; i++)
		bnd_close(&c[i]);
	say_time("watchers closed", n, began);
	status_of(pid);
}

TEST_HARNESS_MAIN
