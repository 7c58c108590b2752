// SPDX-License-Identifier: GPL-2.0-only
/*
 * Freezing and thawing at full speed, against calls, oneway calls, objects that come and
 * go, and processes that die. All loops are bounded by counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>

#include "freezer.h"
#include "protocol_test.h"

#define CALLS 400
#define ONEWAYS 600
#define ROUNDS 10
#define OBJECTS 60
#define KEPT 8

/* Told by the peers; the test looks at it in the end. */
struct shared_state {
	pid_t target;
	uint32_t handle;
	atomic_bool stop;
	atomic_int serving;	/* calls read and not answered */
	atomic_int served;
	atomic_int last;	/* code of the last oneway call read */
	atomic_int objects;	/* received by the holder */
	atomic_int frozen;	/* how often freezing worked */
	int enough;		/* objects of this round */
	atomic_int made;	/* calls */
	atomic_int replies;
	atomic_int refused;
};

PROTOCOL_FIXTURE(freeze_race);

static void block(struct port *p)
{
	fcntl(p->conn->fd, F_SETFL, fcntl(p->conn->fd, F_GETFL) & ~O_NONBLOCK);
}

/* Peers end with 0, or the line where something was wrong. */
#define MUST(condition)							\
	do {								\
		if (!(condition))					\
			return __LINE__;				\
	} while (0)

/* --- calls --- */

static long serve(struct port *p, void *arg)
{
	BND_STREAM(r, 512);
	BND_CMDS(w, 256);
	struct shared_state *s = arg;
	struct bnd_msg answer = { 0 };
	struct bnd_rec rec;

	block(p);
	bnd_cmd_enter_looper(&w);
	for (;;) {
		MUST(!bnd_xfer(p->conn, &w, &r));
		bnd_cmds_reset(&w);
		while (bnd_next(&r, &rec) > 0) {
			if (rec.code != BR_TRANSACTION)
				continue;
			atomic_fetch_add(&s->serving, 1);
			atomic_fetch_add(&s->served, 1);
			bnd_cmd_free_buffer(&w, rec.txn.data.ptr.buffer);
			bnd_cmd_reply(&w, &answer);
			sched_yield();
			atomic_fetch_sub(&s->serving, 1);
		}
	}
}

static long make_calls(struct port *p, void *arg)
{
	struct shared_state *s = arg;
	struct bnd_msg m = { .handle = 0, .code = 1 };
	struct bnd_result res;

	block(p);
	/* The freezer may be there first for all of them. */
	for (int i = 0; i < CALLS || !atomic_load(&s->replies); i++) {
		atomic_fetch_add(&s->made, 1);
		MUST(!bnd_call(p->conn, &m, &res));
		if (res.code == BR_REPLY) {
			atomic_fetch_add(&s->replies, 1);
			bnd_free_buffer(p->conn, res.txn.data.ptr.buffer);
		} else {
			MUST(res.code == BR_FROZEN_REPLY);
			atomic_fetch_add(&s->refused, 1);
			sched_yield();
		}
	}
	return 0;
}

/* Whenever it says that the target is frozen, nobody serves a call, nor begins to. */
static long freeze_and_look(struct port *p, void *arg)
{
	static const uint32_t patience[] = { 0, 1, 50 };
	struct shared_state *s = arg;

	for (int i = 0; !atomic_load(&s->stop); i++) {
		int err = bnd_freeze(p->conn, s->target, true, patience[i % 3]);

		MUST(!err || err == -EAGAIN);
		if (!err) {
			struct binder_frozen_status_info info = { .pid = s->target };
			int served = atomic_load(&s->served);

			atomic_fetch_add(&s->frozen, 1);
			MUST(!atomic_load(&s->serving));
			sched_yield();
			MUST(!bnd_frozen_info(p->conn, &info));
			MUST(!(info.sync_recv & 2));
			MUST(!atomic_load(&s->serving));
			MUST(atomic_load(&s->served) == served);
		}
		MUST(!bnd_freeze(p->conn, s->target, false, 0));
		sched_yield();
	}
	return 0;
}

static bool has_frozen(void *arg)
{
	struct shared_state *s = arg;

	return atomic_load(&s->frozen);
}

/* R20 */
TEST_F(freeze_race, success_means_that_no_call_is_under_way)
{
	struct port *server = manager(), *second = thread_of(server), *freezer = process();
	struct port *c[2] = { process(), process() };
	struct shared_state *s = shared(sizeof(*s));

	s->target = server->pid;
	run_start(server, serve, s);
	run_start(second, serve, s);
	run_start(freezer, freeze_and_look, s);
	wait_until(has_frozen, s, "a frozen server");
	for (int i = 0; i < 2; i++)
		run_start(c[i], make_calls, s);
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, run_finish(c[i]));
	atomic_store(&s->stop, true);
	ASSERT_EQ(0, run_finish(freezer));
	ASSERT_LE(2 * CALLS, atomic_load(&s->made));
	ASSERT_EQ(atomic_load(&s->made), atomic_load(&s->replies) + atomic_load(&s->refused));
	ASSERT_EQ(atomic_load(&s->replies), atomic_load(&s->served));
	ASSERT_LT(0, atomic_load(&s->frozen));
	ASSERT_LT(0, atomic_load(&s->replies));
}

/* --- oneway calls --- */

static long read_in_order(struct port *p, void *arg)
{
	BND_STREAM(r, 512);
	BND_CMDS(w, 256);
	struct shared_state *s = arg;
	struct bnd_rec rec;

	block(p);
	bnd_cmd_enter_looper(&w);
	while (atomic_load(&s->last) < ONEWAYS) {
		MUST(!bnd_xfer(p->conn, &w, &r));
		bnd_cmds_reset(&w);
		while (bnd_next(&r, &rec) > 0) {
			if (rec.code != BR_TRANSACTION)
				continue;
			/* All of them, or those that were not replaced. */
			if (rec.txn.flags & TF_UPDATE_TXN)
				MUST((int)rec.txn.data_size > atomic_load(&s->last));
			else
				MUST((int)rec.txn.code == atomic_load(&s->last) + 1);
			atomic_store(&s->last, rec.txn.flags & TF_UPDATE_TXN ?
				     (int)rec.txn.data_size : (int)rec.txn.code);
			bnd_cmd_free_buffer(&w, rec.txn.data.ptr.buffer);
		}
	}
	return 0;
}

static long send_in_order(struct port *p, void *arg, uint32_t flags)
{
	static const char data[ONEWAYS];
	struct shared_state *s = arg;
	struct bnd_result res;

	block(p);
	for (int i = 1; i <= ONEWAYS; i++) {
		struct bnd_msg m = { .flags = TF_ONE_WAY | flags, .code = i };

		if (flags & TF_UPDATE_TXN) {
			/* Its number is how much it carries. */
			m.code = 1;
			m.data = data;
			m.size = i;
		}
		/* Not more than there is room for. */
		while (i - atomic_load(&s->last) > 30 && !atomic_load(&s->stop))
			sched_yield();
		MUST(!bnd_call(p->conn, &m, &res));
		if (res.code == BR_TRANSACTION_PENDING_FROZEN)
			atomic_fetch_add(&s->refused, 1);
		else
			MUST(res.code == BR_TRANSACTION_COMPLETE);
	}
	return 0;
}

static long send_all(struct port *p, void *arg)
{
	return send_in_order(p, arg, 0);
}

static long send_updates(struct port *p, void *arg)
{
	return send_in_order(p, arg, TF_UPDATE_TXN);
}

static long toggle(struct port *p, void *arg)
{
	struct shared_state *s = arg;

	while (!atomic_load(&s->stop)) {
		int err = bnd_freeze(p->conn, s->target, true, 0);

		MUST(!err || err == -EAGAIN || err == -EINVAL);
		if (!err)
			atomic_fetch_add(&s->frozen, 1);
		sched_yield();
		err = bnd_freeze(p->conn, s->target, false, 0);
		MUST(!err || err == -EINVAL);
	}
	return 0;
}

static void oneway_calls(struct __test_metadata *_metadata,
			 long (*send)(struct port *p, void *arg))
{
	struct port *server = manager(), *freezer = process(), *c = process();
	struct shared_state *s = shared(sizeof(*s));

	s->target = server->pid;
	run_start(server, read_in_order, s);
	run_start(freezer, toggle, s);
	wait_until(has_frozen, s, "a frozen server");
	run_start(c, send, s);
	ASSERT_EQ(0, run_finish(c));
	ASSERT_EQ(0, run_finish(server));
	atomic_store(&s->stop, true);
	ASSERT_EQ(0, run_finish(freezer));
	ASSERT_EQ(ONEWAYS, atomic_load(&s->last));
	ASSERT_LT(0, atomic_load(&s->frozen));
}

/* R19, CVE-2026-23184 */
TEST_F(freeze_race, oneway_calls_are_neither_lost_nor_mixed)
{
	oneway_calls(_metadata, send_all);
}

TEST_F(freeze_race, the_last_update_arrives)
{
	oneway_calls(_metadata, send_updates);
}

/* --- objects --- */

/* Sends new objects to the holder, and hears of their end. */
static long offer_objects(struct port *p, void *arg)
{
	struct shared_state *s = arg;
	static const uint64_t offset;

	block(p);
	for (int i = 0; i < OBJECTS; i++) {
		struct flat_binder_object obj = bnd_obj_binder(0x1000 + 16 * i, i, 0);
		struct bnd_msg m = {
			.handle = s->handle, .flags = TF_ONE_WAY, .code = 1,
			.data = &obj, .size = sizeof(obj), .offsets = &offset, .noffsets = 1,
		};
		struct bnd_result res;

		MUST(!bnd_call(p->conn, &m, &res));
		MUST(res.code == BR_TRANSACTION_COMPLETE ||
		     res.code == BR_TRANSACTION_PENDING_FROZEN);
		fcntl(p->conn->fd, F_SETFL, fcntl(p->conn->fd, F_GETFL) | O_NONBLOCK);
		while (!bnd_serve_once(p->conn))
			;
		block(p);
		while (i - atomic_load(&s->objects) > 20)
			sched_yield();
	}
	return 0;
}

struct kept {
	uint32_t handle;
	uint64_t cookie;
};

/* Asks for notices of each object, and forgets it again in one way or the other. */
static long watch_objects(struct port *p, void *arg)
{
	BND_STREAM(r, 512);
	BND_CMDS(w, 1024);
	struct shared_state *s = arg;
	struct kept kept[KEPT] = { 0 };
	struct flat_binder_object obj;
	uint64_t cookie = 0;
	struct bnd_rec rec;

	block(p);
	for (;;) {
		MUST(!bnd_xfer(p->conn, &w, &r));
		MUST(w.consumed == w.len);
		bnd_cmds_reset(&w);
		while (bnd_next(&r, &rec) > 0) {
			struct kept *k;

			/* It ends the read, so its handle is still there. */
			if (rec.code == BR_FROZEN_BINDER)
				bnd_cmd_freeze_done(&w, rec.frozen.cookie);
			if (rec.code != BR_TRANSACTION)
				continue;
			k = &kept[++cookie % KEPT];
			if (k->handle && cookie % 3)
				bnd_cmd_clear_freeze(&w, k->handle, k->cookie);
			if (k->handle) {
				bnd_cmd_release(&w, k->handle);
				bnd_cmd_decrefs(&w, k->handle);
			}
			memcpy(&obj, (void *)(uintptr_t)rec.txn.data.ptr.buffer, sizeof(obj));
			k->handle = obj.handle;
			k->cookie = cookie;
			bnd_cmd_increfs(&w, k->handle);
			bnd_cmd_acquire(&w, k->handle);
			bnd_cmd_request_freeze(&w, k->handle, k->cookie);
			bnd_cmd_free_buffer(&w, rec.txn.data.ptr.buffer);
			atomic_fetch_add(&s->objects, 1);
		}
	}
}

static bool object_arrived(void *arg)
{
	struct shared_state *s = arg;

	return atomic_load(&s->objects) >= s->enough;
}

/*
 * R18, CVE-2024-56554, CVE-2024-56555, CVE-2024-56556: the owner is killed in the middle,
 * and the holder every other time.
 */
TEST_F(freeze_race, toggled_while_objects_come_and_go)
{
	struct port *mgr = manager(), *freezer = process();
	struct shared_state *s = shared(sizeof(*s));

	(void)mgr;
	for (int round = 0; round < ROUNDS; round++) {
		struct port *owner = process(), *holder = process();

		atomic_store(&s->stop, false);
		atomic_store(&s->objects, 0);
		s->target = owner->pid;
		s->handle = give(holder, owner, 0x99, 0, 0);
		s->enough = 1 + (OBJECTS - 1) * round / (ROUNDS - 1);
		run_start(holder, watch_objects, s);
		run_start(freezer, toggle, s);
		run_start(owner, offer_objects, s);
		wait_until(object_arrived, s, "objects");
		if (round % 2)
			die(holder);
		die(owner);
		if (!(round % 2)) {
			/* Still at work, with handles to the dead; not always asleep. */
			settle(holder);
			ASSERT_FALSE(is_through(holder)) {
				TH_LOG("wrong at line %ld", run_finish(holder));
			}
			die(holder);
		}
		atomic_store(&s->stop, true);
		ASSERT_EQ(0, run_finish(freezer));
	}
	ASSERT_LT(0, atomic_load(&s->frozen));
}

TEST_HARNESS_MAIN
