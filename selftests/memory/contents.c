// SPDX-License-Identifier: GPL-2.0-only
/* What bytes a receiver can find in its area, and when. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "memory.h"
#include "parts.h"
#include "protocol_test.h"

#define ACCEPTS FLAT_BINDER_FLAG_ACCEPTS_FDS
#define THREE_PAGES (3 * PAGE)

/* What a sender has and a receiver must not see. */
#define SECRET_PTR	0x5ec7e70000001100ull
#define SECRET_COOKIE	0x5ec7e70000002200ull
#define SECRET_FD	777

PROTOCOL_FIXTURE(contents);

static size_t offset_of(struct port *p, uint64_t address)
{
	return address - (uintptr_t)p->conn->map;
}

/* --- gaps (R41, CVE-2017-13164) --- */

/* All bytes of the area are of a former message of another process. */
static void soil(struct port *server, struct port *other)
{
	release(server, keep(other, server, 0xaa, AREA));
}

TEST_F(contents, the_gap_behind_the_data_is_zero)
{
	struct port *server = receiver(AREA), *c = client(), *other = client();

	for (size_t size = 1; size < 80; size++) {
		size_t padded = (size + 7) & ~(size_t)7, at;

		soil(server, other);
		at = keep(c, server, 'b', size);
		ASSERT_TRUE(is_all(server, at, size, 'b'));
		ASSERT_TRUE(is_all(server, at + size, padded - size, 0)) {
			TH_LOG("%zu bytes", size);
		}
		release(server, at);
	}
}

TEST_F(contents, the_gap_before_the_offsets_is_zero)
{
	struct port *server = receiver(AREA), *c = client(), *other = client();
	struct flat_binder_object obj = bnd_obj_weak_binder(0x10, 0x20, 0);
	uint8_t *data = filled('b', 64);
	uint64_t *offsets = shared(8);

	memcpy(data + 8, &obj, sizeof(obj));
	*offsets = 8;
	for (size_t size = 32; size < 40; size++) {
		size_t at;

		soil(server, other);
		call_msg(c, (struct bnd_msg){
			.data = data, .size = size, .offsets = offsets, .noffsets = 1,
			.flags = TF_ONE_WAY,
		});
		go(c);
		GO(server, "NOOP TXN:0");
		at = offset_of(server, server->txn.data.ptr.buffer);
		ASSERT_TRUE(is_all(server, at + 32, size - 32, 'b'));
		ASSERT_TRUE(is_all(server, at + size, (40 - size) & 7, 0));
		free_parts(server);
	}
}

TEST_F(contents, the_gaps_between_further_buffers_are_zero)
{
	struct port *server = receiver(AREA), *c = client(), *other = client();

	for (size_t length = 1; length < 18; length++) {
		struct parts m = parts(8);
		size_t padded = (length + 7) & ~(size_t)7, at;

		soil(server, other);
		add_ptr(&m, filled('x', 24), 24);
		add_child(&m, filled('y', length), length, 0, 8);
		add_ptr(&m, filled('z', length), length);
		/* More than they need. */
		m.extra += 40;
		ASSERT_STREQ("OK", deliver_parts(c, server, &m, 0));
		at = offset_of(server, got_ptr(server, 1).buffer);
		ASSERT_TRUE(is_all(server, at, length, 'y'));
		ASSERT_TRUE(is_all(server, at + length, padded - length, 0));
		ASSERT_TRUE(is_all(server, at + padded, length, 'z'));
		ASSERT_TRUE(is_all(server, at + padded + length, padded - length, 0));
		ASSERT_TRUE(is_all(server, at + 2 * padded, 40, 0));
		free_parts(server);
	}
}

TEST_F(contents, room_that_no_buffer_took_is_zero)
{
	struct port *server = receiver(AREA), *c = client();
	struct parts m = parts(8);

	soil(server, client());
	m.extra = 2 * PAGE;
	ASSERT_STREQ("OK", deliver_parts(c, server, &m, 0));
	ASSERT_TRUE(is_all(server, 8, 2 * PAGE, 0));
}

static const uint8_t *raw_stream(struct port *p)
{
	return p->r.buf;
}

TEST_F(contents, records_have_no_stray_bytes)
{
	struct port *server = receiver(AREA), *c = client();
	struct binder_transaction_data txn;

	memset(server->r.buf, 0xaa, server->r.cap);
	call(c, 0, 7, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:7");
	memcpy(&txn, raw_stream(server) + 8, sizeof(txn));
	ASSERT_EQ(0, txn.target.ptr);
	ASSERT_EQ(0, txn.cookie);
	ASSERT_EQ(0, txn.sender_pid);
	ASSERT_EQ(0, txn.data_size);
	ASSERT_EQ(0, txn.offsets_size);
	ASSERT_EQ(0xaa, raw_stream(server)[8 + sizeof(txn)]);
}

/* --- clearing --- */

static size_t cleared(struct port *c, struct port *server, uint8_t value, size_t size)
{
	return keep_msg(c, server, (struct bnd_msg){
		.data = filled(value, size), .size = size, .flags = TF_CLEAR_BUF,
	});
}

TEST_F(contents, a_cleared_buffer_is_zero_when_freed)
{
	const size_t sizes[] = { 8, 13, 100, PAGE, PAGE + 1, 5 * PAGE + 3 };
	struct port *server = receiver(AREA), *c = client();

	soil(server, c);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t size = sizes[i], padded = (size + 7) & ~(size_t)7;
		size_t before = keep(c, server, 'x', 40), at = cleared(c, server, 's', size);
		size_t behind = keep(c, server, 'y', 40);

		ASSERT_TRUE(is_all(server, at, size, 's'));
		release(server, at);
		ASSERT_TRUE(is_all(server, at, padded, 0));
		ASSERT_TRUE(is_all(server, before, 40, 'x'));
		ASSERT_TRUE(is_all(server, behind, 40, 'y'));
		release(server, before);
		release(server, behind);
		/* One that nobody asked to clear is as it was. */
		ASSERT_TRUE(is_all(server, behind, 40, 'y'));
	}
}

TEST_F(contents, a_cleared_reply_is_zero_when_freed)
{
	struct port *server = receiver(AREA), *c = process();
	size_t at;

	deliver(c, server, 0, 1);
	free_last(server);
	reply_msg(server, (struct bnd_msg){
		.data = filled('s', 100), .size = 100, .flags = TF_CLEAR_BUF,
	});
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:0");
	at = offset_of(c, c->txn.data.ptr.buffer);
	ASSERT_TRUE(is_all(c, at, 100, 's'));
	free_last(c);
	WRITE(c, "");
	ASSERT_TRUE(is_all(c, at, 104, 0));
}

TEST_F(contents, a_cleared_message_that_fails_leaves_nothing)
{
	struct port *server = receiver(AREA), *c = client();
	uint8_t *data = filled('s', 2 * PAGE);
	uint64_t *offsets = shared(8);

	/* What is written there shows. */
	soil(server, c);
	/* An object of no type, behind a page of secrets. */
	*offsets = PAGE;
	call_msg(c, (struct bnd_msg){
		.data = data, .size = 2 * PAGE, .offsets = offsets, .noffsets = 1,
		.flags = TF_CLEAR_BUF,
	});
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EINVAL");
	ASSERT_TRUE(is_all(server, 0, 2 * PAGE + 8, 0));
}

TEST_F(contents, a_cleared_message_nobody_can_take_leaves_nothing)
{
	struct port *server = receiver(AREA), *c = client();
	struct binder_fd_object fd = bnd_obj_fd(0, 0);
	struct parts m = parts(0);
	struct bnd_msg msg;

	soil(server, c);
	/* Files for a node that does not take them. */
	memset(m.data, 's', PAGE / 2);
	m.size = PAGE / 2;
	add_object(&m, &fd, sizeof(fd));
	msg = parts_msg(&m, 0, TF_CLEAR_BUF);
	bnd_cmd_transaction(&c->w, &msg);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EPERM");
	ASSERT_TRUE(is_all(server, 0, m.size + 8, 0));
}

/* --- a message under way (R30, CVE-2019-2025; R40) --- */

struct duplicate {
	int from;
	int to;
};

static long do_dup(struct port *p, void *arg)
{
	struct duplicate *d = arg;

	(void)p;
	return dup2(d->from, d->to);
}

/*
 * Objects of every kind, each with something of the sender's in it, and at the end
 * @page, which is not there yet.
 */
static struct parts secrets(struct port *c, uint8_t *page, uint64_t *patterns, int *n)
{
	struct flat_binder_object strong = bnd_obj_binder(SECRET_PTR, SECRET_COOKIE, 0);
	struct flat_binder_object weak = bnd_obj_weak_binder(SECRET_PTR + 8, SECRET_COOKIE + 8, 0);
	struct binder_fd_object fd = bnd_obj_fd(SECRET_FD, 0);
	struct duplicate *d = shared(sizeof(*d));
	uint64_t *parent = shared(64), *child = shared(64);
	uint32_t *numbers = (uint32_t *)(parent + 2);
	struct parts m = parts(16);
	uint64_t first;

	*d = (struct duplicate){ c->conn->fd, SECRET_FD };
	run(c, do_dup, d);
	parent[0] = (uintptr_t)child;
	parent[1] = 0;
	numbers[0] = SECRET_FD;
	numbers[1] = SECRET_FD;

	add_object(&m, &strong, sizeof(strong));
	add_object(&m, &weak, sizeof(weak));
	add_object(&m, &fd, sizeof(fd));
	first = add_ptr(&m, parent, 24);
	add_child(&m, child, 64, first, 0);
	add_fda(&m, 2, first, 16);
	add_ptr(&m, page, PAGE);

	*n = 0;
	patterns[(*n)++] = SECRET_PTR;
	patterns[(*n)++] = SECRET_COOKIE;
	patterns[(*n)++] = SECRET_PTR + 8;
	patterns[(*n)++] = SECRET_COOKIE + 8;
	patterns[(*n)++] = (uintptr_t)parent;
	patterns[(*n)++] = (uintptr_t)child;
	patterns[(*n)++] = (uintptr_t)page;
	/* The fd number with the zero behind it, alone and twice. */
	patterns[(*n)++] = SECRET_FD;
	patterns[(*n)++] = SECRET_FD | (uint64_t)SECRET_FD << 32;
	return m;
}

static struct port *fd_receiver(void)
{
	struct flat_binder_object obj = bnd_obj_binder(0, 0, ACCEPTS);
	struct port *p = process();
	int err = ioc(p, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj));

	if (err)
		fail("cannot become manager: %d", err);
	return p;
}

static long do_write_all(struct port *p, void *arg)
{
	(void)arg;
	return bnd_write(p->conn, &p->w);
}

/* @c sends @msg, which needs the missing page: is anything seen of @patterns until it is read? */
static bool shows(struct port *server, struct port *c, const struct bnd_msg *msg,
		  const uint64_t *patterns, int n)
{
	bool found;

	bnd_cmd_transaction_sg(&c->w, msg);
	run_start(c, do_write_all, NULL);
	await_missing();
	found = find_in_area(server, patterns, n) != -1;
	/* What was there before the page was needed can be seen. */
	if (look(server, 0) != 0x11)
		fail("nothing is copied");
	provide('b');
	if (run_finish(c))
		fail("cannot write");
	found |= find_in_area(server, patterns, n) != -1;
	if (strcmp(go(server), "NOOP TXN:5ca7"))
		fail("got '%s'", server->got);
	return found || find_in_area(server, patterns, n) != -1;
}

/* All objects and all contents but the last are there. */
TEST_F(contents, nothing_of_the_sender_shows_while_it_copies)
{
	struct port *server = fd_receiver(), *c = client();
	uint8_t *page = missing_page(c);
	uint64_t patterns[16];
	struct bnd_msg msg;
	struct parts m;
	int n;

	m = secrets(c, page, patterns, &n);
	msg = parts_msg(&m, 0, TF_ONE_WAY);
	ASSERT_FALSE(shows(server, c, &msg, patterns, n));
}

/* All objects are there, and the data behind them is not. */
TEST_F(contents, nothing_of_the_sender_shows_while_its_data_is_copied)
{
	struct port *server = fd_receiver(), *c = client();
	uint8_t *page = missing_page(c);
	uint64_t patterns[16];
	struct bnd_msg msg;
	struct parts m;
	int n;

	m = secrets(c, filled('b', PAGE), patterns, &n);
	msg = parts_msg(&m, 0, TF_ONE_WAY);
	msg.data = memcpy(page - m.size, m.data, m.size);
	msg.size += 8;
	ASSERT_FALSE(shows(server, c, &msg, patterns, n));
}

struct scan {
	bool stop;
	uint64_t patterns[16];
	int n;
	unsigned long rounds;
};

/* In another thread of the receiver, which has no time to lose. */
static long do_scan(struct port *p, void *arg)
{
	struct scan *s = arg;
	const volatile uint64_t *map = p->conn->map;

	while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED)) {
		for (size_t i = 0; i < PAGE / 8; i++) {
			uint64_t word = map[i];

			for (int k = 0; k < s->n; k++) {
				if (word == s->patterns[k])
					return (long)i + 1;
			}
		}
		s->rounds++;
	}
	return 0;
}

TEST_F(contents, nothing_of_the_sender_ever_shows)
{
	struct port *server = fd_receiver(), *c = client();
	struct port *t = thread_of(server);
	struct scan *s = shared(sizeof(*s));
	struct parts m = secrets(c, filled('b', PAGE), s->patterns, &s->n);
	struct bnd_msg msg = parts_msg(&m, 0, TF_ONE_WAY);

	s->stop = false;
	s->rounds = 0;
	/* The page is there before anybody looks. */
	release(server, keep(c, server, 0, PAGE));
	run_start(t, do_scan, s);
	for (int i = 0; i < 300; i++) {
		bnd_cmd_transaction_sg(&c->w, &msg);
		go(c);
		go(server);
		if (strcmp(server->got, "NOOP TXN:5ca7"))
			fail("message %d: got '%s'", i, server->got);
		free_last(server);
		only_write(server);
	}
	__atomic_store_n(&s->stop, true, __ATOMIC_RELAXED);
	ASSERT_EQ(0, run_finish(t));
	ASSERT_LT(0, s->rounds);
}

/* BC_FREE_BUFFER for everything that could be a buffer; how many were accepted shows later. */
static long do_free_guesses(struct port *p, void *arg)
{
	uint8_t bytes[12 * 512];
	struct bnd_cmds w = { .buf = bytes, .cap = sizeof(bytes) };
	int err;

	(void)arg;
	for (size_t at = 0; at < AREA;) {
		bnd_cmds_reset(&w);
		for (int i = 0; i < 512; i++, at += 8)
			bnd_cmd_free_buffer(&w, (uintptr_t)p->conn->map + at);
		err = bnd_write(p->conn, &w);
		if (err)
			return err;
	}
	return 0;
}

TEST_F(contents, guesses_free_no_message_under_way)
{
	struct port *server = receiver(AREA), *c = client();
	struct port *t = thread_of(server);
	uint8_t *page = missing_page(c);

	memset(page - PAGE, 'a', PAGE);
	call_msg(c, (struct bnd_msg){ .data = page - PAGE, .size = 2 * PAGE, .flags = TF_ONE_WAY });
	run_start(c, do_write_all, NULL);
	await_missing();
	ASSERT_EQ(0, run(t, do_free_guesses, NULL));
	/* Somebody else's message does not get the place. */
	ASSERT_NE(0, keep(client(), server, 'x', 2 * PAGE));
	provide('b');
	ASSERT_EQ(0, run_finish(c));
	/* Queued, not yet delivered: the same. */
	ASSERT_EQ(0, run(t, do_free_guesses, NULL));
	GO(server, "NOOP TXN:0");
	ASSERT_EQ(0, offset_of(server, server->txn.data.ptr.buffer));
	ASSERT_TRUE(is_all(server, 0, PAGE, 'a'));
	ASSERT_TRUE(is_all(server, PAGE, PAGE, 'b'));
	/* Now it counts. */
	ASSERT_EQ(0, run(t, do_free_guesses, NULL));
	ASSERT_EQ(0, keep(client(), server, 'z', AREA));
}

static long do_free_forever(struct port *p, void *arg)
{
	const bool *stop = arg;
	long err = 0;

	while (!err && !__atomic_load_n(stop, __ATOMIC_RELAXED))
		err = do_free_guesses(p, NULL);
	return err;
}

/*
 * Guesses all the time. A buffer may be gone as soon as it is the receiver's, and
 * not earlier: what is read right then may be of a later message, never of nobody.
 */
TEST_F(contents, guesses_all_the_time_do_no_harm)
{
	struct port *server = receiver(AREA), *c = client();
	struct port *t = thread_of(server);
	bool *stop = shared(1);

	*stop = false;
	run_start(t, do_free_forever, stop);
	for (int i = 0; i < 300; i++) {
		call_data(c, 0, i, TF_ONE_WAY, filled('a', 200 + 3 * i), 200 + 3 * i);
		if (strcmp(go(c), "NOOP COMPLETE"))
			fail("message %d: got '%s'", i, c->got);
		/* The one before may be in the other thread's hands, half freed. */
		go_blocking(server);
		if (server->txn.code != (uint32_t)i)
			fail("message %d: got '%s'", i, server->got);
		free_last(server);
		only_write(server);
	}
	__atomic_store_n(stop, true, __ATOMIC_RELAXED);
	ASSERT_EQ(0, run_finish(t));
	/* All of it is free again. */
	ASSERT_EQ(0, keep(c, server, 'z', AREA));
}

/* --- the budget of oneway calls (R42, CVE-2026-43435) --- */

/* Is exactly half of the area there for them? */
static void whole_budget(struct __test_metadata *_metadata, struct port *server, struct port *c)
{
	call_data(c, 0, 1, TF_ONE_WAY, filled(0, AREA / 2 + 8), AREA / 2 + 8);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED ENOSPC");
	call_data(c, 0, 2, TF_ONE_WAY, filled(0, AREA / 2), AREA / 2);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:2");
	free_last(server);
	WRITE(server, "");
}

/* @arg oneway calls, read and freed one by one. */
static long do_serve_oneway(struct port *p, void *arg)
{
	long left = (long)arg;

	fcntl(p->conn->fd, F_SETFL, fcntl(p->conn->fd, F_GETFL) & ~O_NONBLOCK);
	while (left) {
		struct bnd_rec rec;
		int err = bnd_read(p->conn, &p->r);

		while (!err && bnd_next(&p->r, &rec) > 0) {
			if (rec.code != BR_TRANSACTION)
				continue;
			err = bnd_free_buffer(p->conn, rec.txn.data.ptr.buffer);
			left--;
		}
		if (err)
			return err;
	}
	return 0;
}

struct flood {
	unsigned int n;
	unsigned int modulus;
	const void *data;
};

static long do_flood(struct port *p, void *arg)
{
	struct flood *f = arg;
	struct bnd_result res;

	for (unsigned int i = 0; i < f->n; i++) {
		struct bnd_msg m = {
			.flags = TF_ONE_WAY, .data = f->data, .size = i % f->modulus,
		};
		int err = bnd_call(p->conn, &m, &res);

		if (err)
			return err;
		/* No room for the moment: once more. */
		if (res.code == BR_FAILED_REPLY)
			i--;
		else if (res.code != BR_TRANSACTION_COMPLETE)
			return res.code;
	}
	return 0;
}

TEST_F(contents, small_oneway_calls_cost_the_budget_nothing)
{
	struct port *server = receiver(AREA), *c = client();
	struct flood *f = shared(sizeof(*f));

	*f = (struct flood){ .n = 5000, .modulus = 9, .data = filled(1, 64) };
	whole_budget(_metadata, server, c);
	run_start(server, do_serve_oneway, (void *)(long)f->n);
	ASSERT_EQ(0, run(c, do_flood, f));
	ASSERT_EQ(0, run_finish(server));
	whole_budget(_metadata, server, c);
	ASSERT_EQ(0, keep(c, server, 'z', AREA));
}

TEST_F(contents, failed_oneway_calls_cost_the_budget_nothing)
{
	struct port *server = receiver(AREA), *c = client();

	for (int i = 0; i < 200; i++) {
		call_msg(c, (struct bnd_msg){
			.flags = TF_ONE_WAY, .data = (void *)PAGE, .size = AREA / 4 + i,
		});
		GO(c, "NOOP FAILED");
	}
	whole_budget(_metadata, server, c);
}

TEST_HARNESS_MAIN
