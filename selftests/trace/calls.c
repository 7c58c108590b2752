// SPDX-License-Identifier: GPL-2.0-only
/* The events of calls, replies and oneway calls, thread by thread. */
#include <sys/resource.h>

#include "trace_test.h"

PROTOCOL_FIXTURE(traced);

#define CALLER "BC_TRANSACTION transaction transaction_alloc_buf BR_TRANSACTION_COMPLETE " \
	       "transaction_received BR_REPLY"
#define CALLEE "transaction_received BR_TRANSACTION BC_REPLY transaction " \
	       "transaction_alloc_buf BR_TRANSACTION_COMPLETE"

TEST_F(traced, subtle_call_and_reply)
{
	struct port *server = manager(), *c = process();
	const struct event *call_event, *reply_event;

	TRACE_BEGIN();
	call_data(c, 0, 7, TF_ACCEPT_FDS, "12345", 5);
	START_ASLEEP(c);
	GO(server, "NOOP TXN:7");
	reply(server, 9, TF_STATUS_CODE);
	GO(server, "NOOP COMPLETE");
	FINISH(c, "NOOP COMPLETE REPLY:9");
	TRACE_END();

	TOLD(c, CALLER);
	TOLD(server, CALLEE);
	call_event = only("binder_transaction", c->tid);
	ASSERT_EQ(server->pid, value(call_event, "to_proc"));
	ASSERT_EQ(0, value(call_event, "to_thread"));
	ASSERT_EQ(0, value(call_event, "reply"));
	ASSERT_EQ(7, value(call_event, "code"));
	ASSERT_EQ(TF_ACCEPT_FDS, value(call_event, "flags"));
	ASSERT_LT(0, value(call_event, "target_node"));
	reply_event = only("binder_transaction", server->tid);
	ASSERT_EQ(c->pid, value(reply_event, "to_proc"));
	ASSERT_EQ(c->tid, value(reply_event, "to_thread"));
	ASSERT_EQ(0, value(reply_event, "target_node"));
	ASSERT_EQ(1, value(reply_event, "reply"));
	ASSERT_EQ(9, value(reply_event, "code"));
	ASSERT_EQ(TF_STATUS_CODE, value(reply_event, "flags"));
	ASSERT_EQ(value(call_event, "debug_id"),
		  value(only("binder_transaction_received", server->tid), "debug_id"));
	ASSERT_EQ(value(reply_event, "debug_id"),
		  value(only("binder_transaction_received", c->tid), "debug_id"));
	ASSERT_NE(value(call_event, "debug_id"), value(call_event, "target_node"));
}

TEST_F(traced, scatter_gather_call_and_reply)
{
	struct port *server = manager(), *c = process();
	struct bnd_msg m = { .code = 1, .extra = 64 };

	TRACE_BEGIN();
	bnd_cmd_transaction_sg(&c->w, &m);
	START_ASLEEP(c);
	GO(server, "NOOP TXN:1");
	bnd_cmd_reply_sg(&server->w, &m);
	GO(server, "NOOP COMPLETE");
	FINISH(c, "NOOP COMPLETE REPLY:1");
	TRACE_END();

	TOLD(c, "BC_TRANSACTION_SG transaction transaction_alloc_buf BR_TRANSACTION_COMPLETE "
		"transaction_received BR_REPLY");
	TOLD(server, "transaction_received BR_TRANSACTION BC_REPLY_SG transaction "
		     "transaction_alloc_buf BR_TRANSACTION_COMPLETE");
}

TEST_F(traced, nested_call)
{
	struct port *b = manager(), *a = process();
	uint32_t to_a = give(a, b, 0xa0, 0xa1, 0);
	const struct event *nested;

	TRACE_BEGIN();
	call(a, 0, 1, 0);
	START_ASLEEP(a);
	GO(b, "NOOP TXN:1");
	call(b, to_a, 2, 0);
	START_ASLEEP(b);
	FINISH(a, "NOOP COMPLETE TXN:2");
	reply(a, 3, 0);
	GO(a, "NOOP COMPLETE");
	FINISH(b, "NOOP COMPLETE REPLY:3");
	reply(b, 4, 0);
	GO(b, "NOOP COMPLETE");
	GO(a, "NOOP REPLY:4");
	TRACE_END();

	TOLD(a, "BC_TRANSACTION transaction transaction_alloc_buf BR_TRANSACTION_COMPLETE "
		"transaction_received BR_TRANSACTION BC_REPLY transaction transaction_alloc_buf "
		"BR_TRANSACTION_COMPLETE transaction_received BR_REPLY");
	TOLD(b, "transaction_received BR_TRANSACTION " CALLER
		" BC_REPLY transaction transaction_alloc_buf BR_TRANSACTION_COMPLETE");
	nested = nth("binder_transaction", b->tid, 0);
	ASSERT_EQ(2, value(nested, "code"));
	ASSERT_EQ(a->pid, value(nested, "to_proc"));
	ASSERT_EQ(a->tid, value(nested, "to_thread"));
}

TEST_F(traced, oneway_calls)
{
	struct port *server = manager(), *c = process();

	TRACE_BEGIN();
	call(c, 0, 1, TF_ONE_WAY);
	call(c, 0, 2, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE COMPLETE");
	GO(server, "NOOP TXN:1");
	free_last(server);
	GO(server, "NOOP TXN:2");
	free_last(server);
	GO(server, "EAGAIN");
	TRACE_END();

	TOLD(c, "BC_TRANSACTION transaction transaction_alloc_buf "
		"BC_TRANSACTION transaction transaction_alloc_buf "
		"BR_TRANSACTION_COMPLETE BR_TRANSACTION_COMPLETE");
	TOLD(server, "transaction_received BR_TRANSACTION BC_FREE_BUFFER "
		     "transaction_received BR_TRANSACTION BC_FREE_BUFFER");
	for (int i = 0; i < 2; i++) {
		const struct event *sent = nth("binder_transaction", c->tid, i);

		ASSERT_EQ(TF_ONE_WAY, value(sent, "flags"));
		ASSERT_EQ(0, value(sent, "to_thread"));
		ASSERT_EQ(value(sent, "debug_id"),
			  value(nth("binder_transaction_received", server->tid, i), "debug_id"));
	}
}

/* Each message ends once: a call when answered, the others when delivered. */
TEST_F(traced, ends_of_messages)
{
	struct port *server = manager(), *c = process();
	const struct event *end;

	TRACE_BEGIN();
	call(c, 0, 7, 0);
	START_ASLEEP(c);
	GO(server, "NOOP TXN:7");
	reply(server, 9, 0);
	GO(server, "NOOP COMPLETE");
	FINISH(c, "NOOP COMPLETE REPLY:9");
	call(c, 0, 8, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:8");
	TRACE_END();

	ASSERT_STREQ("transaction txn_latency_free transaction",
		     told(c->tid, "transaction txn_latency_free"));
	ASSERT_STREQ("transaction txn_latency_free txn_latency_free",
		     told(server->tid, "transaction txn_latency_free"));
	/* A reply when it was read. */
	ASSERT_STREQ("BR_TRANSACTION_COMPLETE transaction_received BR_REPLY txn_latency_free "
		     "BR_TRANSACTION_COMPLETE",
		     told(c->tid, "transaction_received return txn_latency_free"));
	end = nth("binder_txn_latency_free", server->tid, 0);
	ASSERT_EQ(value(nth("binder_transaction", c->tid, 0), "debug_id"),
		  value(end, "debug_id"));
	ASSERT_EQ(server->pid, value(end, "to_proc"));
	ASSERT_EQ(server->tid, value(end, "to_thread"));
	ASSERT_EQ(7, value(end, "code"));
	end = nth("binder_txn_latency_free", c->tid, 0);
	ASSERT_EQ(value(only("binder_transaction", server->tid), "debug_id"),
		  value(end, "debug_id"));
	ASSERT_EQ(c->pid, value(end, "to_proc"));
	ASSERT_EQ(c->tid, value(end, "to_thread"));
	end = nth("binder_txn_latency_free", server->tid, 1);
	ASSERT_EQ(value(nth("binder_transaction", c->tid, 1), "debug_id"),
		  value(end, "debug_id"));
	ASSERT_EQ(server->pid, value(end, "to_proc"));
	ASSERT_EQ(TF_ONE_WAY, value(end, "flags"));
}

TEST_F(traced, ends_of_messages_name_who_sent_them)
{
	struct port *server = manager(), *c = process(), *thread = thread_of(c);
	const struct event *end;

	TRACE_BEGIN();
	call(thread, 0, 7, 0);
	START_ASLEEP(thread);
	GO(server, "NOOP TXN:7");
	reply(server, 9, 0);
	GO(server, "NOOP COMPLETE");
	FINISH(thread, "NOOP COMPLETE REPLY:9");
	TRACE_END();

	end = nth("binder_txn_latency_free", server->tid, 0);
	ASSERT_EQ(c->pid, value(end, "from_proc"));
	ASSERT_EQ(thread->tid, value(end, "from_thread"));
}

/* One ioctl from its beginning to its end. */
TEST_F(traced, ioctls_and_their_phases)
{
	struct port *server = manager(), *c = process();
	struct binder_version v;

	TRACE_BEGIN();
	ASSERT_EQ(0, ioc(c, BINDER_VERSION, &v, sizeof(v)));
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(c, "EAGAIN");
	call(c, 0, 1, TF_ONE_WAY);
	WRITE(c, "");
	ASSERT_EQ(-EINVAL, ioc_at(c, 0x1234, 0x5678));
	TRACE_END();

	ASSERT_STREQ("ioctl ioctl_done "
		     "ioctl write_done wait_for_work read_done ioctl_done "
		     "ioctl wait_for_work read_done ioctl_done "
		     "ioctl write_done ioctl_done "
		     "ioctl ioctl_done",
		     told(c->tid, "ioctl ioctl_done write_done read_done wait_for_work"));
	ASSERT_EQ(BINDER_VERSION, value(nth("binder_ioctl", c->tid, 0), "cmd"));
	ASSERT_EQ(0, value(nth("binder_ioctl_done", c->tid, 0), "ret"));
	ASSERT_EQ(BINDER_WRITE_READ, value(nth("binder_ioctl", c->tid, 1), "cmd"));
	ASSERT_EQ(0, value(nth("binder_write_done", c->tid, 0), "ret"));
	ASSERT_EQ(0, value(nth("binder_read_done", c->tid, 0), "ret"));
	ASSERT_EQ(-EAGAIN, value(nth("binder_read_done", c->tid, 1), "ret"));
	ASSERT_EQ(-EAGAIN, value(nth("binder_ioctl_done", c->tid, 2), "ret"));
	ASSERT_EQ(0x1234, value(nth("binder_ioctl", c->tid, 4), "cmd"));
	ASSERT_EQ(0x5678, value(nth("binder_ioctl", c->tid, 4), "arg"));
	ASSERT_EQ(-EINVAL, value(nth("binder_ioctl_done", c->tid, 4), "ret"));
	ASSERT_EQ(0, count("binder_ioctl", server->tid));
}

TEST_F(traced, what_a_wait_is_for)
{
	struct port *server = manager(), *c = process();
	const struct event *wait;

	TRACE_BEGIN();
	call(c, 0, 1, 0);
	START_ASLEEP(c);
	GO(server, "NOOP TXN:1");
	GO(server, "EAGAIN");
	TRACE_END();

	wait = only("binder_wait_for_work", c->tid);
	ASSERT_EQ(0, value(wait, "proc_work"));
	ASSERT_EQ(1, value(wait, "transaction_stack"));
	ASSERT_EQ(1, value(wait, "thread_todo"));
	wait = nth("binder_wait_for_work", server->tid, 0);
	ASSERT_EQ(1, value(wait, "proc_work"));
	ASSERT_EQ(0, value(wait, "transaction_stack"));
	ASSERT_EQ(0, value(wait, "thread_todo"));
	wait = nth("binder_wait_for_work", server->tid, 1);
	ASSERT_EQ(0, value(wait, "proc_work"));
	ASSERT_EQ(1, value(wait, "transaction_stack"));
	ASSERT_EQ(0, value(wait, "thread_todo"));
}

TEST_F(traced, interrupted_read)
{
	struct port *p = process();

	TRACE_BEGIN();
	START_ASLEEP(p);
	interrupt(p);
	FINISH(p, "EINTR");
	TRACE_END();

	ASSERT_EQ(-EINTR, value(only("binder_read_done", p->tid), "ret"));
	ASSERT_EQ(-EINTR, value(only("binder_ioctl_done", p->tid), "ret"));
}

TEST_F(traced, noop_is_not)
{
	struct port *p = process(), *thread = new_thread_of(p);

	TRACE_BEGIN();
	start(thread);
	FINISH(thread, "NOOP");
	TRACE_END();

	ASSERT_STREQ("ioctl wait_for_work read_done ioctl_done", told(thread->tid, NULL));
}

TEST_F(traced, request_for_a_thread)
{
	struct port *p = process(), *thread = new_thread_of(p);
	uint32_t max = 15;

	ASSERT_EQ(0, ioc(p, BINDER_SET_MAX_THREADS, &max, sizeof(max)));
	TRACE_BEGIN();
	bnd_cmd_enter_looper(&thread->w);
	start(thread);
	FINISH(thread, "SPAWN");
	TRACE_END();

	TOLD(thread, "BC_ENTER_LOOPER BR_SPAWN_LOOPER");
}

TEST_F(traced, every_command)
{
	struct port *server = manager(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, 0);

	TRACE_BEGIN();
	bnd_cmd_enter_looper(&c->w);
	bnd_cmd_register_looper(&c->w);
	bnd_cmd_exit_looper(&c->w);
	take(c, h);
	drop(c, h);
	bnd_cmd_free_buffer(&c->w, 0x1000);
	both_done(c, 0x10, 0x20);
	bnd_cmd_request_death(&c->w, h, 1);
	bnd_cmd_clear_death(&c->w, h, 1);
	bnd_cmd_dead_binder_done(&c->w, 2);
	bnd_cmd_request_freeze(&c->w, h, 3);
	WRITE(c, "");
	GO(c, "NOOP CLEARED:1");
	GO(c, "NOOP FROZEN_BINDER:3:0");
	bnd_cmd_freeze_done(&c->w, 3);
	bnd_cmd_clear_freeze(&c->w, h, 3);
	WRITE(c, "");
	GO(c, "NOOP FREEZE_CLEARED:3");
	TRACE_END();

	ASSERT_STREQ("BC_ENTER_LOOPER BC_REGISTER_LOOPER BC_EXIT_LOOPER BC_INCREFS BC_ACQUIRE "
		     "BC_RELEASE BC_DECREFS BC_FREE_BUFFER BC_INCREFS_DONE BC_ACQUIRE_DONE "
		     "BC_REQUEST_DEATH_NOTIFICATION BC_CLEAR_DEATH_NOTIFICATION "
		     "BC_DEAD_BINDER_DONE BC_REQUEST_FREEZE_NOTIFICATION "
		     "BC_FREEZE_NOTIFICATION_DONE BC_CLEAR_FREEZE_NOTIFICATION",
		     told(c->tid, "command"));
	ASSERT_STREQ("BR_CLEAR_DEATH_NOTIFICATION_DONE BR_FROZEN_BINDER "
		     "BR_CLEAR_FREEZE_NOTIFICATION_DONE", told(c->tid, "return"));
}

/* Before the ioctl fails. */
TEST_F(traced, command_that_is_none)
{
	struct port *p = process();
	uint32_t code = 0x12345678;

	TRACE_BEGIN();
	bnd_cmd_bytes(&p->w, &code, sizeof(code));
	GO(p, "EINVAL [0/4]");
	forget(p);
	TRACE_END();

	ASSERT_EQ(code, value(only("binder_command", p->tid), "cmd"));
	ASSERT_EQ(-EINVAL, value(only("binder_write_done", p->tid), "ret"));
	ASSERT_EQ(0, count("binder_read_done", p->tid));
}

TEST_F(traced, references_told_to_the_owner)
{
	struct port *server = manager(), *c = process();

	TRACE_BEGIN();
	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x1000, 0x2000, 0));
	GO(c, "NOOP INCREFS:1000:2000 ACQUIRE:1000:2000 COMPLETE");
	both_done(c, 0x1000, 0x2000);
	WRITE(c, "");
	GO(server, "NOOP TXN:1");
	free_last(server);
	WRITE(server, "");
	GO(c, "NOOP RELEASE:1000:2000 DECREFS:1000:2000");
	TRACE_END();

	ASSERT_STREQ("BR_INCREFS BR_ACQUIRE BR_TRANSACTION_COMPLETE BR_RELEASE BR_DECREFS",
		     told(c->tid, "return"));
}

static long set_nice(struct port *p, void *arg)
{
	const int *nice = arg;

	return setpriority(PRIO_PROCESS, p->tid, *nice);
}

/* By the numbers of the scheduler: 120 is nice value 0. */
TEST_F(traced, priority_of_the_callee)
{
	struct port *server = manager(), *c = process(), *thread = thread_of(server);
	int *nice = shared(sizeof(*nice));
	const struct event *e;

	ASSERT_TRUE(tracer_available());
	if (!tracer_format("binder_set_priority") && !ours())
		SKIP(return, "this driver does not have that event");
	*nice = -10;
	ASSERT_EQ(0, run(c, set_nice, nice));
	TRACE_BEGIN();
	call(c, 0, 1, 0);
	START_ASLEEP(c);
	GO(thread, "NOOP TXN:1");
	reply(thread, 2, 0);
	GO(thread, "NOOP COMPLETE");
	TRACE_END();

	ASSERT_STREQ("BR_TRANSACTION set_priority BC_REPLY set_priority BR_TRANSACTION_COMPLETE",
		     told(thread->tid, "command return set_priority"));
	for (int i = 0; i < 2; i++) {
		e = nth("binder_set_priority", thread->tid, i);
		ASSERT_EQ(server->pid, value(e, "proc"));
		ASSERT_EQ(thread->tid, value(e, "thread"));
		ASSERT_EQ(i ? 110 : 120, value(e, "old_prio"));
		ASSERT_EQ(i ? 120 : 110, value(e, "new_prio"));
		ASSERT_EQ(i ? 120 : 110, value(e, "desired_prio"));
	}
}

TEST_F(traced, by_ids_that_nothing_else_has)
{
	struct port *server = manager(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, 0);
	long long ids[64];
	int n = 0;

	TRACE_BEGIN();
	for (int i = 0; i < 8; i++) {
		call_obj(c, h, 1, TF_ONE_WAY, bnd_obj_binder(0x1000 + i, 0, 0));
		go(c);
		GO(server, "NOOP TXN:1");
		free_last(server);
		WRITE(server, "");
	}
	TRACE_END();

	for (int i = 0; i < 8; i++) {
		const struct event *object = nth("binder_transaction_node_to_ref", c->tid, i);

		ids[n++] = value(nth("binder_transaction", c->tid, i), "debug_id");
		ids[n++] = value(object, "node_debug_id");
		ids[n++] = value(object, "ref_debug_id");
	}
	for (int i = 0; i < n; i++) {
		ASSERT_LT(0, ids[i]);
		for (int j = 0; j < i; j++)
			ASSERT_NE(ids[i], ids[j]);
	}
}

/* The texts of the events, as the kernel prints them. */
TEST_F(traced, as_scripts_read_it)
{
	struct port *server = manager(), *c = process();
	const struct event *sent;
	char want[256];

	TRACE_BEGIN();
	call_data(c, 0, 0x7, TF_ONE_WAY, "12345678", 8);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:7");
	TRACE_END();

	sent = only("binder_transaction", c->tid);
	snprintf(want, sizeof(want),
		 "binder_transaction: transaction=%lld dest_node=%lld dest_proc=%d dest_thread=0 "
		 "reply=0 flags=0x1 code=0x7",
		 value(sent, "debug_id"), value(sent, "target_node"), server->pid);
	ASSERT_STREQ(want, tracer_text("binder_transaction"));
	snprintf(want, sizeof(want), "binder_transaction_received: transaction=%lld",
		 value(sent, "debug_id"));
	ASSERT_STREQ(want, tracer_text("binder_transaction_received"));
	snprintf(want, sizeof(want), "binder_transaction_alloc_buf: transaction=%lld data_size=8 "
		 "offsets_size=0 extra_buffers_size=0", value(sent, "debug_id"));
	ASSERT_STREQ(want, tracer_text("binder_transaction_alloc_buf"));
	ASSERT_STREQ("binder_command: cmd=0x40406300 BC_TRANSACTION",
		     tracer_text("binder_command"));
	ASSERT_STREQ("binder_return: cmd=0x80407202 BR_TRANSACTION", tracer_text("binder_return"));
	ASSERT_STREQ("binder_ioctl_done: ret=0", tracer_text("binder_ioctl_done"));
}

/* The names can be had by tools that do not run in the kernel. */
TEST_F(traced, codes_can_be_named_by_tools)
{
	ASSERT_TRUE(tracer_available());
	ASSERT_NE(NULL, strstr(tracer_format("binder_command")->print,
			       "{ 0x40406301, \"BC_REPLY\" }"));
	ASSERT_NE(NULL, strstr(tracer_format("binder_return")->print,
			       "{ 0x80487202, \"BR_TRANSACTION_SEC_CTX\" }"));
}

TEST_HARNESS_MAIN
