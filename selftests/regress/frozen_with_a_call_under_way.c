// SPDX-License-Identifier: GPL-2.0-only
/*
 * R20: calls that had been admitted were not counted, so that a process could be told to be
 * frozen while it served one. Freezing fails until all are through, and the bits of
 * BINDER_GET_FROZEN_INFO tell what came meanwhile.
 */
#include <errno.h>
#include <sched.h>

#include "freeze_racers.h"
#include "freezer_test.h"

PROTOCOL_FIXTURE(busy_frozen);

#define CALLS 400

struct shared_state {
	struct toggled toggled;
	atomic_int serving;	/* calls read and not answered */
	atomic_int served;
	atomic_int made;
	atomic_int replies;
	atomic_int refused;
};

static long serve(struct port *p, void *arg)
{
	BND_STREAM(r, 512);
	BND_CMDS(w, 256);
	struct shared_state *s = arg;
	struct bnd_msg answer = { 0 };
	struct bnd_rec rec;

	make_blocking(p);
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

	make_blocking(p);
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
	struct toggled *t = &s->toggled;

	for (int i = 0; !atomic_load(&t->stop); i++) {
		int err = bnd_freeze(p->conn, t->target, true, patience[i % 3]);

		MUST(!err || err == -EAGAIN);
		if (!err) {
			struct binder_frozen_status_info info = { .pid = t->target };
			int served = atomic_load(&s->served);

			atomic_fetch_add(&t->frozen, 1);
			MUST(!atomic_load(&s->serving));
			sched_yield();
			MUST(!bnd_frozen_info(p->conn, &info));
			MUST(!(info.sync_recv & 2));
			MUST(!atomic_load(&s->serving));
			MUST(atomic_load(&s->served) == served);
		}
		MUST(!bnd_freeze(p->conn, t->target, false, 0));
		sched_yield();
	}
	return 0;
}

TEST_F(busy_frozen, success_means_that_no_call_is_under_way)
{
	struct port *server = manager(), *second = thread_of(server), *freezer = process();
	struct port *c[2] = { process(), process() };
	struct shared_state *s = shared(sizeof(*s));

	s->toggled.target = server->pid;
	run_start(server, serve, s);
	run_start(second, serve, s);
	run_start(freezer, freeze_and_look, s);
	wait_until(has_frozen, &s->toggled, "a frozen server");
	for (int i = 0; i < 2; i++)
		run_start(c[i], make_calls, s);
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, run_finish(c[i]));
	atomic_store(&s->toggled.stop, true);
	ASSERT_EQ(0, run_finish(freezer));
	ASSERT_LE(2 * CALLS, atomic_load(&s->made));
	ASSERT_EQ(atomic_load(&s->made), atomic_load(&s->replies) + atomic_load(&s->refused));
	ASSERT_EQ(atomic_load(&s->replies), atomic_load(&s->served));
	ASSERT_LT(0, atomic_load(&s->toggled.frozen));
	ASSERT_LT(0, atomic_load(&s->replies));
}

TEST_F(busy_frozen, waits_for_a_call_to_be_answered)
{
	struct trio t = trio();

	call(t.c, t.h, 1, 0);
	GO(t.c, "EAGAIN");
	FREEZE(t.freezer, t.server->pid, 0, -EAGAIN);
	INFO(t, "2 0");
	GO(t.server, "NOOP TXN:1");
	FREEZE(t.freezer, t.server->pid, 0, -EAGAIN);
	free_last(t.server);
	GO(t.server, "EAGAIN");
	/* Freeing is not answering. */
	FREEZE(t.freezer, t.server->pid, 1, -EAGAIN);
	INFO(t, "2 0");
	reply(t.server, 0, 0);
	GO(t.server, "NOOP COMPLETE");
	INFO(t, "0 0");
	/* The caller may take its time to read the answer. */
	FREEZE(t.freezer, t.server->pid, 0, 0);
	GO(t.c, "NOOP COMPLETE REPLY:0");
}

TEST_F(busy_frozen, waits_for_a_oneway_call_to_be_read)
{
	struct trio t = trio();

	ASSERT_STREQ("NOOP COMPLETE", oneway(t.c, t.h, 1, 0));
	ASSERT_STREQ("NOOP COMPLETE", oneway(t.c, t.h, 2, 0));
	FREEZE(t.freezer, t.server->pid, 0, -EAGAIN);
	INFO(t, "2 0");
	GO(t.server, "NOOP TXN:1");
	/* Nobody can read the second one yet, and it counts. */
	FREEZE(t.freezer, t.server->pid, 0, -EAGAIN);
	INFO(t, "2 0");
	free_last(t.server);
	GO(t.server, "NOOP TXN:2");
	INFO(t, "0 0");
	FREEZE(t.freezer, t.server->pid, 0, 0);
	free_last(t.server);
	GO(t.server, "EAGAIN");
}

TEST_F(busy_frozen, waits_for_an_answer_to_be_read)
{
	struct trio t = trio();

	/* The one to freeze is the client. */
	call(t.c, t.h, 1, 0);
	GO(t.c, "EAGAIN");
	FREEZE(t.freezer, t.c->pid, 0, -EAGAIN);
	/* Not even time helps: it is not waited for. */
	FREEZE(t.freezer, t.c->pid, 1, -EAGAIN);
	ASSERT_STREQ("2 0", frozen_info(t.freezer, t.c->pid));
	GO(t.server, "NOOP TXN:1");
	reply(t.server, 0, 0);
	GO(t.server, "NOOP COMPLETE");
	FREEZE(t.freezer, t.c->pid, 0, -EAGAIN);
	ASSERT_STREQ("2 0", frozen_info(t.freezer, t.c->pid));
	GO(t.c, "NOOP COMPLETE REPLY:0");
	ASSERT_STREQ("0 0", frozen_info(t.freezer, t.c->pid));
	FREEZE(t.freezer, t.c->pid, 0, 0);
}

/* Of calls that come while it waits one kind is refused, the other waits for it to be read. */
TEST_F(busy_frozen, bits_tell_what_came_meanwhile)
{
	struct trio t = trio();
	struct port *late = process();
	uint32_t h = give(t.server, late, 0x10, 0x20, 0);

	deliver(t.c, t.server, t.h, 1);
	freeze_begin(t.freezer, t.server->pid, LONG);
	ASSERT_STREQ("2 0", frozen_info(t.mgr, t.server->pid));
	ASSERT_TRUE(is_refused(late, h));
	ASSERT_STREQ("3 0", frozen_info(t.mgr, t.server->pid));
	PENDING(late, h, 2, 0);
	ASSERT_STREQ("3 1", frozen_info(t.mgr, t.server->pid));
	answer(t.server, t.c);
	GO(t.server, "NOOP TXN:2");
	ASSERT_EQ(0, freeze_end(t.freezer));
	INFO(t, "1 1");
}

TEST_HARNESS_MAIN
