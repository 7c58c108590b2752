// SPDX-License-Identifier: GPL-2.0-only
/*
 * R19, CVE-2026-23184: what a sender reported of a oneway call to a frozen process it took
 * from the call, which was queued by then: who thawed the process had read and freed it, or
 * another call had taken its place.
 */
#include <sched.h>

#include "freeze_racers.h"
#include "freezer_test.h"
#include "listener.h"

static struct listener listener;

/* Reports are made when somebody listens. */
static void begin_to_listen(void)
{
	if (reports_exist())
		listener = listen_to_reports();
}

PEERS_FIXTURE(late_report, begin_to_listen(), (void)0);

#define ONEWAYS 600

struct shared_state {
	struct toggled toggled;
	atomic_int last;	/* code of the last oneway call read */
	atomic_int pending;	/* were told to be sent to the frozen */
};

static long read_in_order(struct port *p, void *arg)
{
	BND_STREAM(r, 512);
	BND_CMDS(w, 256);
	struct shared_state *s = arg;
	struct bnd_rec rec;

	make_blocking(p);
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

	make_blocking(p);
	for (int i = 1; i <= ONEWAYS; i++) {
		struct bnd_msg m = { .flags = TF_ONE_WAY | flags, .code = i };

		if (flags & TF_UPDATE_TXN) {
			/* Its number is how much it carries. */
			m.code = 1;
			m.data = data;
			m.size = i;
		}
		/* Not more than there is room for. */
		while (i - atomic_load(&s->last) > 30 && !atomic_load(&s->toggled.stop))
			sched_yield();
		MUST(!bnd_call(p->conn, &m, &res));
		if (res.code == BR_TRANSACTION_PENDING_FROZEN)
			atomic_fetch_add(&s->pending, 1);
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

/* Those that were told to be pending were reported, in order, as they were sent. */
static void check_reports(struct __test_metadata *_metadata, struct port *c,
			  struct port *server, int pending, bool updates)
{
	const char *report;
	bool lost = false;
	int n = 0, last = 0;

	while (strcmp(report = next_report(&listener), "none")) {
		int from, tid, to, code, size;
		unsigned int flags;

		if (!strcmp(report, "lost")) {
			lost = true;
			continue;
		}
		ASSERT_EQ(6, sscanf(report, "error=BR_TRANSACTION_PENDING_FROZEN context=binder "
				    "from_pid=%d from_tid=%d to_pid=%d flags=%u code=%d "
				    "data_size=%d", &from, &tid, &to, &flags, &code, &size)) {
			TH_LOG("%s", report);
		}
		ASSERT_EQ(c->pid, from);
		ASSERT_EQ(c->tid, tid);
		ASSERT_EQ(server->pid, to);
		ASSERT_EQ(TF_ONE_WAY | (updates ? TF_UPDATE_TXN : 0), flags);
		ASSERT_EQ(updates ? 1 : 0, updates ? code : size);
		ASSERT_LT(last, updates ? size : code);
		last = updates ? size : code;
		n++;
	}
	/* Some may be lost for want of room. */
	ASSERT_TRUE(lost ? n < pending : n == pending) {
		TH_LOG("%d reports of %d", n, pending);
	}
}

static void oneway_calls(struct __test_metadata *_metadata,
			 long (*send)(struct port *p, void *arg))
{
	struct port *server = manager(), *freezer = process(), *c = process();
	struct shared_state *s = shared(sizeof(*s));

	s->toggled.target = server->pid;
	run_start(server, read_in_order, s);
	run_start(freezer, toggle, &s->toggled);
	wait_until(has_frozen, &s->toggled, "a frozen server");
	run_start(c, send, s);
	ASSERT_EQ(0, run_finish(c));
	ASSERT_EQ(0, run_finish(server));
	atomic_store(&s->toggled.stop, true);
	ASSERT_EQ(0, run_finish(freezer));
	ASSERT_EQ(ONEWAYS, atomic_load(&s->last));
	ASSERT_LT(0, atomic_load(&s->toggled.frozen));
	if (listener.fd)
		check_reports(_metadata, c, server, atomic_load(&s->pending),
			      send == send_updates);
}

TEST_F(late_report, oneway_calls_are_neither_lost_nor_mixed)
{
	oneway_calls(_metadata, send_all);
}

TEST_F(late_report, the_last_update_arrives)
{
	oneway_calls(_metadata, send_updates);
}

/* What the report on @c's call to @server has to be, if there are any. */
static void expect_pending(struct __test_metadata *_metadata, struct port *c,
			   struct port *server, const char *rest)
{
	char want[256];

	if (!listener.fd)
		return;
	snprintf(want, sizeof(want), "error=BR_TRANSACTION_PENDING_FROZEN context=binder "
		 "from_pid=%d from_tid=%d to_pid=%d %s", c->pid, c->tid, server->pid, rest);
	ASSERT_STREQ(want, next_report(&listener));
	ASSERT_STREQ("none", next_report(&listener));
}

TEST_F(late_report, of_a_oneway_call_to_a_frozen_process)
{
	struct trio t = trio();

	freeze_now(t.freezer, t.server);
	call_data(t.c, t.h, 1, TF_ONE_WAY, "123", 3);
	GO(t.c, "NOOP PENDING_FROZEN");
	expect_pending(_metadata, t.c, t.server, "flags=1 code=1 data_size=3");
}

/* Each update frees the one before it. */
TEST_F(late_report, of_updates_that_replace_each_other)
{
	static const char *const rest[] = {
		"flags=65 code=1 data_size=1", "flags=65 code=1 data_size=2",
		"flags=65 code=1 data_size=3",
	};
	struct trio t = trio();

	ACCEPTED(t.c, t.h, 0xb, 0);
	GO(t.server, "NOOP TXN:b");
	freeze_now(t.freezer, t.server);
	for (int i = 0; i < 3; i++) {
		call_data(t.c, t.h, 1, TF_ONE_WAY | TF_UPDATE_TXN, "123", i + 1);
		GO(t.c, "NOOP PENDING_FROZEN");
		expect_pending(_metadata, t.c, t.server, rest[i]);
	}
	thaw(t.freezer, t.server);
	free_last(t.server);
	GO(t.server, "NOOP TXN:1");
	ASSERT_EQ(3, t.server->txn.data_size);
	free_last(t.server);
	GO(t.server, "EAGAIN");
}

TEST_HARNESS_MAIN
