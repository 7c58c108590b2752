// SPDX-License-Identifier: GPL-2.0-only
/* The events of messages that fail: Perfetto has to see each call end. */
#include <sys/resource.h>

#include "trace_test.h"

PROTOCOL_FIXTURE(failure);

#define SENT "BC_TRANSACTION transaction transaction_alloc_buf "

static void set_frozen(struct port *by, struct port *whom, uint32_t enable)
{
	struct binder_freeze_info info = { .pid = whom->pid, .enable = enable };

	if (ioc(by, BINDER_FREEZE, &info, sizeof(info)))
		fail("BINDER_FREEZE");
}

TEST_F(failure, without_a_target)
{
	struct port *server = manager(), *c = process();

	TRACE_BEGIN();
	call(c, 77, 1, 0);
	GO(c, "NOOP FAILED");
	call(c, 77, 1, TF_ONE_WAY);
	GO(c, "NOOP FAILED");
	die(server);
	TRACE_END();

	TOLD(c, "BC_TRANSACTION BR_FAILED_REPLY BC_TRANSACTION BR_FAILED_REPLY");
	ASSERT_EQ(0, count("binder_txn_latency_free", c->tid));
}

TEST_F(failure, without_a_manager)
{
	struct port *c = process();

	TRACE_BEGIN();
	call(c, 0, 1, 0);
	GO(c, "NOOP DEAD");
	TRACE_END();

	TOLD(c, "BC_TRANSACTION BR_DEAD_REPLY");
}

TEST_F(failure, of_a_bad_object)
{
	struct port *server = manager(), *c = process();
	struct binder_extended_error error;
	long long id;

	TRACE_BEGIN();
	call_obj(c, 0, 1, 0, bnd_obj_handle(66));
	GO(c, "NOOP FAILED");
	ASSERT_EQ(0, ioc(c, BINDER_GET_EXTENDED_ERROR, &error, sizeof(error)));
	GO(server, "EAGAIN");
	TRACE_END();

	TOLD(c, SENT "BR_FAILED_REPLY");
	ASSERT_STREQ("transaction transaction_alloc_buf transaction_failed_buffer_release "
		     "txn_latency_free",
		     told(c->tid, "transaction transaction_alloc_buf txn_latency_free "
				  "transaction_failed_buffer_release "
				  "transaction_buffer_release"));
	id = value(only("binder_transaction", c->tid), "debug_id");
	ASSERT_EQ(id, value(only("binder_transaction_failed_buffer_release", c->tid), "debug_id"));
	ASSERT_EQ(id, value(only("binder_txn_latency_free", c->tid), "debug_id"));
	ASSERT_EQ(c->pid, value(only("binder_txn_latency_free", c->tid), "from_proc"));
	ASSERT_EQ(c->tid, value(only("binder_txn_latency_free", c->tid), "from_thread"));
	/* The same number as the client is told. */
	ASSERT_EQ(id, error.id);
}

TEST_F(failure, without_room)
{
	struct port *server = manager(), *c = process();
	static uint8_t much[AREA];

	(void)server;
	TRACE_BEGIN();
	call_data(c, 0, 1, TF_ONE_WAY, much, sizeof(much));
	GO(c, "NOOP FAILED");
	TRACE_END();

	TOLD(c, "BC_TRANSACTION transaction BR_FAILED_REPLY");
	ASSERT_EQ(1, count("binder_txn_latency_free", c->tid));
}

/* The length of what it takes with its context overflows. */
TEST_F(failure, of_a_call_without_end_to_who_wants_a_context)
{
	struct flat_binder_object obj =
		bnd_obj_binder(0, 0, FLAT_BINDER_FLAG_TXN_SECURITY_CTX);
	struct port *server = process(), *c = process();
	struct bnd_msg msg = { .code = 1, .extra = ~0ull };

	ASSERT_EQ(0, ioc(server, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj)));
	TRACE_BEGIN();
	bnd_cmd_transaction_sg(&c->w, &msg);
	GO(c, "NOOP FAILED");
	TRACE_END();

	TOLD(c, "BC_TRANSACTION_SG BR_FAILED_REPLY");
	/* The other driver tells of the end of what it told no begin of. */
	ASSERT_EQ(ours() ? 0 : 1, count("binder_txn_latency_free", c->tid));
}

TEST_F(failure, of_a_second_call)
{
	struct port *server = manager(), *c = process();

	(void)server;
	TRACE_BEGIN();
	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	call(c, 0, 2, 0);
	GO(c, "NOOP COMPLETE FAILED");
	/* Which one is complete Perfetto cannot tell. */
	tracer_end();

	TOLD(c, SENT "BC_TRANSACTION BR_TRANSACTION_COMPLETE BR_FAILED_REPLY");
}

TEST_F(failure, of_a_dead_target)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, 0);

	bnd_cmd_request_death(&c->w, h, 1);
	GO(c, "EAGAIN");
	die(server);
	ASSERT_STREQ("NOOP DEAD_BINDER:1", go_blocking(c));
	TRACE_BEGIN();
	call(c, h, 1, 0);
	GO(c, "NOOP DEAD");
	call(c, h, 1, TF_ONE_WAY);
	GO(c, "NOOP DEAD");
	TRACE_END();

	(void)mgr;
	TOLD(c, "BC_TRANSACTION BR_DEAD_REPLY BC_TRANSACTION BR_DEAD_REPLY");
}

TEST_F(failure, of_a_target_that_dies_while_serving)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, 0);
	const struct event *end;

	(void)mgr;
	TRACE_BEGIN();
	call(c, h, 1, 0);
	START_ASLEEP(c);
	GO(server, "NOOP TXN:1");
	die(server);
	FINISH(c, "NOOP COMPLETE DEAD");
	TRACE_END();

	TOLD(c, SENT "BR_TRANSACTION_COMPLETE BR_DEAD_REPLY");
	TOLD(server, "transaction_received BR_TRANSACTION");
	end = only("binder_txn_latency_free", 0);
	ASSERT_EQ(value(only("binder_transaction", c->tid), "debug_id"), value(end, "debug_id"));
}

TEST_F(failure, of_a_target_that_never_reads)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, 0);

	(void)mgr;
	TRACE_BEGIN();
	call(c, h, 1, 0);
	START_ASLEEP(c);
	die(server);
	FINISH(c, "NOOP COMPLETE DEAD");
	TRACE_END();

	TOLD(c, SENT "BR_TRANSACTION_COMPLETE BR_DEAD_REPLY");
	TOLD(server, "");
	ASSERT_EQ(value(only("binder_transaction", c->tid), "debug_id"),
		  value(only("binder_txn_latency_free", 0), "debug_id"));
}

TEST_F(failure, of_a_frozen_target)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, 0);

	set_frozen(mgr, server, 1);
	TRACE_BEGIN();
	call(c, h, 1, 0);
	GO(c, "NOOP FROZEN_REPLY");
	TRACE_END();

	TOLD(c, SENT "BR_FROZEN_REPLY");
	ASSERT_EQ(1, count("binder_transaction_failed_buffer_release", c->tid));
	ASSERT_EQ(1, count("binder_txn_latency_free", c->tid));
}

TEST_F(failure, is_none_of_a_oneway_call_to_a_frozen_target)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, 0);

	set_frozen(mgr, server, 1);
	TRACE_BEGIN();
	call(c, h, 1, TF_ONE_WAY);
	GO(c, "NOOP PENDING_FROZEN");
	set_frozen(mgr, server, 0);
	GO(server, "NOOP TXN:1");
	TRACE_END();

	TOLD(c, SENT "BR_TRANSACTION_PENDING_FROZEN");
	TOLD(server, "transaction_received BR_TRANSACTION");
}

TEST_F(failure, is_told_of_a_replaced_oneway_call)
{
	const uint32_t flags = TF_ONE_WAY | TF_UPDATE_TXN;
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, 0);

	set_frozen(mgr, server, 1);
	TRACE_BEGIN();
	for (int i = 0; i < 3; i++) {
		call_data(c, h, 1, flags, "12345678", i + 1);
		GO(c, "NOOP PENDING_FROZEN");
	}
	TRACE_END();

	/* The third replaces the second; the first is at the process already. */
	ASSERT_EQ(1, count("binder_transaction_update_buffer_release", 0));
	ASSERT_EQ(value(nth("binder_transaction", c->tid, 1), "debug_id"),
		  value(only("binder_transaction_update_buffer_release", c->tid), "debug_id"));
	ASSERT_EQ(2, value(only("binder_transaction_update_buffer_release", c->tid), "data_size"));
}

/* The replier sees nothing of it, the caller does. */
TEST_F(failure, of_a_reply)
{
	struct port *server = manager(), *c = process();

	TRACE_BEGIN();
	call(c, 0, 1, 0);
	START_ASLEEP(c);
	GO(server, "NOOP TXN:1");
	reply_obj(server, 0, 0, fd_obj(0, 0));
	GO(server, "NOOP COMPLETE");
	FINISH(c, "NOOP COMPLETE FAILED");
	TRACE_END();

	TOLD(server, "transaction_received BR_TRANSACTION BC_REPLY transaction "
		     "transaction_alloc_buf BR_TRANSACTION_COMPLETE");
	TOLD(c, SENT "BR_TRANSACTION_COMPLETE BR_FAILED_REPLY");
	/* First the reply ends, then the call. */
	ASSERT_STREQ("transaction_failed_buffer_release txn_latency_free txn_latency_free",
		     told(server->tid, "transaction_failed_buffer_release txn_latency_free"));
	ASSERT_EQ(value(only("binder_transaction", server->tid), "debug_id"),
		  value(nth("binder_txn_latency_free", server->tid, 0), "debug_id"));
	ASSERT_EQ(value(only("binder_transaction", c->tid), "debug_id"),
		  value(nth("binder_txn_latency_free", server->tid, 1), "debug_id"));
}

TEST_F(failure, of_a_reply_to_nothing)
{
	struct port *p = process();

	TRACE_BEGIN();
	reply(p, 1, 0);
	GO(p, "NOOP FAILED");
	TRACE_END();

	TOLD(p, "BC_REPLY BR_FAILED_REPLY");
}

TEST_F(failure, of_a_reply_to_a_dead_caller)
{
	struct port *server = manager(), *c = process();

	TRACE_BEGIN();
	call(c, 0, 1, 0);
	START_ASLEEP(c);
	GO(server, "NOOP TXN:1");
	die(c);
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	TRACE_END();

	TOLD(c, "BC_TRANSACTION transaction transaction_alloc_buf");
	/* How far the reply gets depends on how far the caller has gone. */
	ASSERT_STREQ("BR_TRANSACTION BR_TRANSACTION_COMPLETE", told(server->tid, "return"));
}

/* The other driver never drops it. */
static bool is_dropped(void *arg)
{
	(void)arg;
	return !ours() || tracer_shows("binder_transaction_buffer_release");
}

TEST_F(failure, of_an_unread_reply_whose_place_is_unmapped)
{
	struct port *server = manager(), *c = process();
	long long id;

	deliver(c, server, 0, 1);
	/* The call began before: Perfetto would not know it. */
	tracer_begin();
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	unmap(c);
	wait_until(is_dropped, NULL, "the reply is not dropped");
	/* It is told of a little later. */
	start(c);
	finish_both(c, "COMPLETE", "DEAD");
	tracer_end();

	id = value(only("binder_transaction", server->tid), "debug_id");
	ASSERT_EQ(id, value(only("binder_transaction_buffer_release", 0), "debug_id"));
	ASSERT_EQ(2, count("binder_txn_latency_free", 0));
	ASSERT_EQ(id, value(nth("binder_txn_latency_free", 0, 1), "debug_id"));
	TOLD(c, "BR_TRANSACTION_COMPLETE BR_DEAD_REPLY");
}

TEST_F(failure, of_an_unread_reply_to_somebody_who_dies)
{
	struct port *server = manager(), *c = process();
	long long id;

	deliver(c, server, 0, 1);
	tracer_begin();
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	die(c);
	wait_until(is_dropped, NULL, "the reply is not dropped");
	tracer_end();

	id = value(only("binder_transaction", server->tid), "debug_id");
	ASSERT_EQ(id, value(only("binder_transaction_buffer_release", 0), "debug_id"));
}

/* The same of a thread: its process, and with it the area, lives on. */
TEST_F(failure, of_an_unread_reply_to_a_thread_that_exits)
{
	struct port *server = manager(), *c = process(), *t = thread_of(c);
	long long id;

	deliver(t, server, 0, 1);
	tracer_begin();
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	ASSERT_EQ(0, ioc_at(t, BINDER_THREAD_EXIT, 0));
	wait_until(is_dropped, NULL, "the reply is not dropped");
	tracer_end();

	id = value(only("binder_transaction", server->tid), "debug_id");
	ASSERT_EQ(id, value(only("binder_transaction_buffer_release", 0), "debug_id"));
}

static long no_more_fds(struct port *p, void *arg)
{
	struct rlimit limit = { .rlim_cur = 3, .rlim_max = 3 };

	(void)p;
	(void)arg;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

/* Not received, so there is nothing of it at the receiver. */
TEST_F(failure, of_descriptors_without_room)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, FLAT_BINDER_FLAG_ACCEPTS_FDS);

	(void)mgr;
	ASSERT_EQ(0, run(server, no_more_fds, NULL));
	TRACE_BEGIN();
	call_obj(c, h, 1, 0, fd_obj(0, 0));
	START_ASLEEP(c);
	GO(server, "EAGAIN");
	FINISH(c, "NOOP COMPLETE FAILED");
	TRACE_END();

	TOLD(server, "");
	TOLD(c, SENT "BR_TRANSACTION_COMPLETE BR_FAILED_REPLY");
	ASSERT_EQ(1, count("binder_txn_latency_free", server->tid));
	ASSERT_EQ(1, count("binder_transaction_buffer_release", server->tid));
}

TEST_HARNESS_MAIN
