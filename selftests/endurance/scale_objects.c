// SPDX-License-Identifier: GPL-2.0-only
/*
 * NODES with as many handles in one process, and ONEWAYS in one queue. All of them
 * work, and go away at once when a process is killed. How long that takes is printed;
 * the kernel says when a processor was busy with it for too long.
 */
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "scale.h"

#define DEFAULT_NODES 5000
#define DEFAULT_ONEWAYS 5000

#define AREA ((size_t)1024 * 1024)
#define MAX_AREA ((size_t)4 << 20)
#define BATCH 500

FIXTURE(scale)
{
};

FIXTURE_SETUP(scale)
{
}

FIXTURE_TEARDOWN(scale)
{
	hang_after(NULL);
}

/* --- objects and handles --- */

/* What an owner was told of its objects. */
struct told {
	unsigned long acquired, released;
};

/* Acknowledge what is in @r; the other record there, if any, is returned. */
static struct bnd_rec listen(struct bnd_conn *c, struct bnd_stream *r, struct told *told)
{
	static uint8_t bytes[1 << 20];
	struct bnd_cmds w = { .buf = bytes, .cap = sizeof(bytes) };
	struct bnd_rec rec, other = { .code = 0 };

	while (bnd_next(r, &rec) > 0) {
		switch (rec.code) {
		case BR_INCREFS:
			bnd_cmd_increfs_done(&w, rec.node.ptr, rec.node.cookie);
			break;
		case BR_ACQUIRE:
			bnd_cmd_acquire_done(&w, rec.node.ptr, rec.node.cookie);
			told->acquired++;
			break;
		case BR_DECREFS:
			told->released++;
			break;
		case BR_NOOP:
		case BR_RELEASE:
		case BR_TRANSACTION_COMPLETE:
			break;
		default:
			need(!other.code);
			other = rec;
		}
	}
	if (w.len)
		write_all(c, &w);
	return other;
}

static uint8_t stream_bytes[64 * 1024] __attribute__((aligned(8)));

/* Wait for a record that is not about counts. */
static struct bnd_rec await_record(struct bnd_conn *c, struct bnd_cmds *w, struct told *told)
{
	struct bnd_stream r = { .buf = stream_bytes, .cap = sizeof(stream_bytes) };
	struct bnd_rec rec;

	do {
		need(!bnd_xfer(c, w, &r));
		rec = listen(c, &r, told);
	} while (!rec.code);
	return rec;
}

/* Give the manager @n objects. */
static void give_nodes(struct bnd_conn *c, unsigned long n, struct told *told)
{
	static struct flat_binder_object o[BATCH];
	static uint64_t offsets[BATCH];

	for (unsigned long i = 0; i < n; i += BATCH) {
		BND_CMDS(w, 128);
		unsigned long batch = n - i < BATCH ? n - i : BATCH;
		struct bnd_msg m = {
			.code = CODE_TAKE, .data = o, .size = batch * sizeof(*o),
			.offsets = offsets, .noffsets = batch,
		};
		struct bnd_rec rec;

		for (unsigned long j = 0; j < batch; j++) {
			o[j] = bnd_obj_binder(NODE(i + j), i + j, 0);
			offsets[j] = j * sizeof(*o);
		}
		bnd_cmd_transaction(&w, &m);
		rec = await_record(c, &w, told);
		need(rec.code == BR_REPLY);
		need(!bnd_free_buffer(c, rec.txn.data.ptr.buffer));
		some_done(batch);
	}
}

/* Serve CODE_WHO once: which object was called? */
static uint64_t serve_who(struct bnd_conn *c, struct told *told)
{
	BND_CMDS(w, 128);
	struct bnd_msg m = { .code = CODE_WHO };
	struct bnd_rec rec = await_record(c, NULL, told);

	need(rec.code == BR_TRANSACTION && rec.txn.code == CODE_WHO);
	need(rec.txn.target.ptr == NODE(rec.txn.cookie));
	bnd_cmd_free_buffer(&w, rec.txn.data.ptr.buffer);
	bnd_cmd_reply(&w, &m);
	write_all(c, &w);
	return rec.txn.cookie;
}

/* Take all that is given until there are @n handles, which are those from 1 on. */
static void take_nodes(struct bnd_conn *c, unsigned long n)
{
	static uint8_t bytes[BATCH * 16 + 256];
	struct bnd_cmds w = { .buf = bytes, .cap = sizeof(bytes) };
	struct told nothing = { 0 };
	struct bnd_msg m = { .code = 0 };
	unsigned long have = 0;

	while (have < n) {
		struct bnd_rec rec = await_record(c, NULL, &nothing);
		const struct flat_binder_object *o =
			(const void *)(uintptr_t)rec.txn.data.ptr.buffer;

		need(rec.code == BR_TRANSACTION);
		for (uint64_t i = 0; i < rec.txn.offsets_size / 8; i++) {
			need(o[i].hdr.type == BINDER_TYPE_HANDLE && o[i].handle == ++have);
			bnd_cmd_increfs(&w, o[i].handle);
			bnd_cmd_acquire(&w, o[i].handle);
		}
		bnd_cmd_free_buffer(&w, rec.txn.data.ptr.buffer);
		bnd_cmd_reply(&w, &m);
		write_all(c, &w);
	}
}

/* Let go of the handles @from, @from + @by, and so on, of @n. */
static void drop_nodes(struct bnd_conn *c, unsigned long n, unsigned long from, unsigned long by)
{
	static uint8_t bytes[BATCH * 16];
	struct bnd_cmds w = { .buf = bytes, .cap = sizeof(bytes) };

	for (unsigned long i = from; i <= n; i += by) {
		bnd_cmd_release(&w, i);
		bnd_cmd_decrefs(&w, i);
		if (w.len + 16 > w.cap)
			write_all(c, &w);
	}
	if (w.len)
		write_all(c, &w);
}

/* Calls over some of @n handles, the last among them, reach the right objects. */
static void call_some(struct bnd_conn *c, unsigned long n)
{
	for (unsigned long handle = n; handle; handle /= 3)
		plain_call(c, handle, CODE_WHO);
}

static void serve_some(struct bnd_conn *c, unsigned long n, struct told *told)
{
	for (unsigned long handle = n; handle; handle /= 3)
		need(serve_who(c, told) == handle - 1);
}

static void await_released(struct bnd_conn *c, unsigned long n, struct told *told)
{
	struct bnd_stream r = { .buf = stream_bytes, .cap = sizeof(stream_bytes) };

	while (told->released < n) {
		need(!bnd_read(c, &r));
		need(!listen(c, &r, told).code);
		some_done(1);
	}
}

/* A process that has so many handles lets half of them go, and is killed. */
TEST_F_TIMEOUT(scale, holder_of_many_dies, NO_TIMEOUT)
{
	unsigned long n = count_of("NODES", DEFAULT_NODES);
	struct told told = { 0 };
	sem_t *ready = shared(sizeof(*ready));
	struct bnd_conn c;
	uint64_t began;
	pid_t pid;

	need(!sem_init(ready, 1, 0));
	pid = child();
	if (!pid) {
		become_manager(&c, AREA);
		sem_post(ready);
		take_nodes(&c, n);
		call_some(&c, n);
		drop_nodes(&c, n, 2, 2);
		for (;;)
			pause();
	}
	doing("objects are given");
	need(!sem_wait(ready));
	need(!bnd_open(&c, device(), AREA, 0));
	began = now_ns();
	give_nodes(&c, n, &told);
	say_time("objects given away", n, began);
	EXPECT_EQ(n, told.acquired);
	serve_some(&c, n, &told);
	doing("handles are dropped");
	await_released(&c, n / 2, &told);
	EXPECT_EQ(n / 2, told.released);
	doing("the holder dies");
	began = now_ns();
	need(!kill(pid, SIGKILL));
	await_released(&c, n, &told);
	say_time("objects let go by a death", n - n / 2, began);
	EXPECT_EQ(n, told.released);
	status_of(pid);
	bnd_close(&c);
}

/* Their owner is killed, and whoever has the handles lets them go one by one. */
TEST_F_TIMEOUT(scale, owner_of_many_dies, NO_TIMEOUT)
{
	BND_CMDS(w, 64);
	unsigned long n = count_of("NODES", DEFAULT_NODES);
	struct bnd_msg m = { .handle = n };
	struct bnd_result res;
	struct told told = { 0 };
	struct bnd_rec rec;
	struct bnd_conn c;
	uint64_t began;
	pid_t pid;

	become_manager(&c, AREA);
	pid = child();
	if (!pid) {
		bnd_close(&c);
		need(!bnd_open(&c, device(), AREA, 0));
		give_nodes(&c, n, &told);
		serve_some(&c, n, &told);
		for (;;)
			pause();
	}
	doing("objects are taken");
	take_nodes(&c, n);
	call_some(&c, n);
	bnd_cmd_request_death(&w, n, n);
	write_all(&c, &w);
	doing("the owner dies");
	began = now_ns();
	need(!kill(pid, SIGKILL));
	rec = await_record(&c, NULL, &told);
	need(rec.code == BR_DEAD_BINDER && rec.cookie == n);
	say_time("objects gone with their owner", n, began);
	bnd_cmd_dead_binder_done(&w, n);
	write_all(&c, &w);
	need(!bnd_call(&c, &m, &res));
	EXPECT_EQ(BR_DEAD_REPLY, res.code);
	began = now_ns();
	drop_nodes(&c, n, 1, 1);
	say_time("handles of the dead let go", n, began);
	status_of(pid);
	bnd_close(&c);
}

/* --- oneway calls --- */

struct queue {
	sem_t ready, read;
};

/* Calls come in the order they were sent in, while there are any. */
static void read_oneways(struct queue *q, unsigned long n)
{
	struct bnd_stream r = { .buf = stream_bytes, .cap = sizeof(stream_bytes) };
	struct bnd_conn c;

	become_manager(&c, MAX_AREA);
	sem_post(&q->ready);
	while (sem_wait(&q->read))
		need(errno == EINTR);
	for (unsigned long i = 0; i < n;) {
		BND_CMDS(w, 4096);
		struct bnd_rec rec;

		need(!bnd_read(&c, &r));
		while (bnd_next(&r, &rec) > 0) {
			uint64_t number;

			if (rec.code != BR_TRANSACTION)
				continue;
			need(rec.txn.data_size == sizeof(number));
			memcpy(&number, (void *)(uintptr_t)rec.txn.data.ptr.buffer, sizeof(number));
			need(number == i++);
			bnd_cmd_free_buffer(&w, rec.txn.data.ptr.buffer);
		}
		write_all(&c, &w);
	}
	_exit(0);
}

/* Send @n, some in one stream; all are accepted. */
static void send_oneways(struct bnd_conn *c, unsigned long n)
{
	static uint64_t number[64];

	for (unsigned long sent = 0; sent < n;) {
		BND_STREAM(r, 4096);
		BND_CMDS(w, 64 * 128);
		unsigned long batch = n - sent < 64 ? n - sent : 64, complete = 0;

		for (unsigned long i = 0; i < batch; i++) {
			struct bnd_msg m = {
				.flags = TF_ONE_WAY, .data = &number[i], .size = sizeof(number[i]),
			};

			number[i] = sent + i;
			bnd_cmd_transaction(&w, &m);
		}
		while (complete < batch) {
			struct bnd_rec rec;

			need(!bnd_xfer(c, &w, &r));
			while (bnd_next(&r, &rec) > 0) {
				if (rec.code == BR_NOOP)
					continue;
				need(rec.code == BR_TRANSACTION_COMPLETE);
				complete++;
			}
		}
		sent += batch;
		some_done(batch);
	}
}

/* Pages of them, until there is no room. */
static void send_until_full(struct bnd_conn *c)
{
	static uint8_t page[4096];
	struct bnd_msg m = { .flags = TF_ONE_WAY, .data = page, .size = sizeof(page) };
	struct binder_extended_error err;
	struct bnd_result res;
	size_t n = 0;

	do {
		need(!bnd_call(c, &m, &res));
		n++;
	} while (res.code == BR_TRANSACTION_COMPLETE);
	need(res.code == BR_FAILED_REPLY);
	need(!bnd_extended_error(c, &err) && err.param == -ENOSPC);
	need(n <= MAX_AREA / 2 / sizeof(page));
}

static pid_t oneways_are_queued(struct bnd_conn *c, struct queue *q, unsigned long n)
{
	uint64_t began;
	pid_t pid;

	need(!sem_init(&q->ready, 1, 0) && !sem_init(&q->read, 1, 0));
	pid = child();
	if (!pid)
		read_oneways(q, n);
	doing("oneway calls are sent");
	need(!sem_wait(&q->ready));
	need(!bnd_open(c, device(), 0, 0));
	began = now_ns();
	send_oneways(c, n);
	say_time("oneway calls queued", n, began);
	return pid;
}

TEST_F_TIMEOUT(scale, oneway_calls_are_read, NO_TIMEOUT)
{
	unsigned long n = count_of("ONEWAYS", DEFAULT_ONEWAYS);
	struct queue *q = shared(sizeof(*q));
	struct bnd_conn c;
	uint64_t began;
	pid_t pid = oneways_are_queued(&c, q, n);

	/* By a process that says nothing meanwhile. */
	hang_after(NULL);
	began = now_ns();
	sem_post(&q->read);
	EXPECT_EQ(0, status_of(pid));
	say_time("oneway calls read", n, began);
	bnd_close(&c);
}

TEST_F_TIMEOUT(scale, oneway_calls_are_left_to_the_dead, NO_TIMEOUT)
{
	BND_CMDS(w, 64);
	BND_STREAM(r, 256);
	unsigned long n = count_of("ONEWAYS", DEFAULT_ONEWAYS);
	struct queue *q = shared(sizeof(*q));
	struct bnd_conn c;
	struct bnd_rec rec = { .code = 0 };
	uint64_t began;
	pid_t pid = oneways_are_queued(&c, q, n);

	doing("room for oneway calls ends");
	send_until_full(&c);
	bnd_cmd_increfs(&w, 0);
	bnd_cmd_acquire(&w, 0);
	bnd_cmd_request_death(&w, 0, 1);
	write_all(&c, &w);
	doing("the receiver dies");
	began = now_ns();
	need(!kill(pid, SIGKILL));
	while (rec.code != BR_DEAD_BINDER) {
		need(!bnd_read(&c, &r));
		while (bnd_next(&r, &rec) > 0 && rec.code != BR_DEAD_BINDER)
			;
	}
	say_time("oneway calls dropped by a death", n, began);
	status_of(pid);
	bnd_close(&c);
}

TEST_HARNESS_MAIN
