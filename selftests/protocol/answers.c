// SPDX-License-Identifier: GPL-2.0-only
/* What comes back of a call: nested calls, completions, replies that fail, peers that go. */
#include <errno.h>
#include <unistd.h>

#include "protocol_test.h"

#define BAD_ADDRESS 0x10

PROTOCOL_FIXTURE(transactions);

static struct bnd_msg sized(uint32_t flags, const void *data, uint64_t size,
			    const uint64_t *offsets, uint64_t noffsets)
{
	return (struct bnd_msg){
		.flags = flags, .data = data, .size = size,
		.offsets = offsets, .noffsets = noffsets,
	};
}

/* --- nesting --- */

TEST_F(transactions, nested_through_a_third_process)
{
	struct port *c1 = manager(), *b1 = process(), *a1 = process(), *a2 = thread_of(a1);
	uint32_t a_to_b = give(b1, a1, 0xb, 0, 0), c_to_a = give(a1, c1, 0xa, 0, 0);

	START_ASLEEP(a2);
	call(a1, a_to_b, 1, 0);
	START_ASLEEP(a1);
	GO(b1, "NOOP TXN:1");
	call(b1, 0, 2, 0);
	GO(b1, "EAGAIN");
	GO(c1, "NOOP TXN:2");
	call(c1, c_to_a, 3, 0);
	GO(c1, "EAGAIN");
	/* Back in the thread where the chain began. */
	FINISH(a1, "NOOP COMPLETE TXN:3");
	ASSERT_TRUE(asleep(a2));
	/* And once more around. */
	call(a1, a_to_b, 4, 0);
	START_ASLEEP(a1);
	GO(b1, "NOOP COMPLETE TXN:4");
	reply(b1, 5, 0);
	GO(b1, "NOOP COMPLETE");
	FINISH(a1, "NOOP COMPLETE REPLY:5");
	reply(a1, 6, 0);
	GO(a1, "NOOP COMPLETE");
	GO(c1, "NOOP COMPLETE REPLY:6");
	reply(c1, 7, 0);
	GO(c1, "NOOP COMPLETE");
	GO(b1, "NOOP REPLY:7");
	reply(b1, 8, 0);
	GO(b1, "NOOP COMPLETE");
	GO(a1, "NOOP REPLY:8");
}

TEST_F(transactions, oneway_calls_do_not_nest)
{
	struct port *b1 = manager(), *a1 = process(), *a2 = thread_of(a1);
	uint32_t to_a = give(a1, b1, 0xa, 0, 0);

	call(a1, 0, 1, 0);
	START_ASLEEP(a1);
	GO(b1, "NOOP TXN:1");
	call(b1, to_a, 2, TF_ONE_WAY);
	GO(b1, "NOOP COMPLETE");
	ASSERT_TRUE(asleep(a1));
	GO(a2, "NOOP TXN:2");
	reply(b1, 3, 0);
	GO(b1, "NOOP COMPLETE");
	FINISH(a1, "NOOP COMPLETE REPLY:3");
}

/* The thread is found by open file, not by process. */
TEST_F(transactions, nesting_is_by_open_file)
{
	struct port *b1 = manager(), *a1 = process(), *other = open_again(a1, AREA);
	struct port *t = port_on(thread_of(a1), other);
	uint32_t to_other = give(other, b1, 0xa, 0, 0);

	call(a1, 0, 1, 0);
	START_ASLEEP(a1);
	GO(b1, "NOOP TXN:1");
	call(b1, to_other, 2, 0);
	GO(b1, "EAGAIN");
	ASSERT_TRUE(asleep(a1));
	go(t);
	ASSERT_STREQ("NOOP TXN:2", t->got);
	reply(t, 0, 0);
	GO(t, "NOOP COMPLETE");
	GO(b1, "NOOP COMPLETE REPLY:0");
	reply(b1, 0, 0);
	GO(b1, "NOOP COMPLETE");
	FINISH(a1, "NOOP COMPLETE REPLY:0");
}

TEST_F(transactions, calls_of_other_threads_do_not_nest)
{
	struct port *b1 = manager(), *b2 = thread_of(b1), *a1 = process(), *a2 = thread_of(a1);
	uint32_t to_a = give(a1, b1, 0xa, 0, 0);

	call(a1, 0, 1, 0);
	START_ASLEEP(a1);
	GO(b1, "NOOP TXN:1");
	/* b2 serves nobody, so its call is nobody's nested one. */
	call(b2, to_a, 2, 0);
	GO(b2, "EAGAIN");
	ASSERT_TRUE(asleep(a1));
	GO(a2, "NOOP TXN:2");
}

TEST_F(transactions, deep_nesting)
{
	struct port *b = manager(), *a = process();
	uint32_t to_a = give(a, b, 0xa, 0, 0);
	char want[64];

	for (int depth = 0; depth < 40; depth++) {
		struct port *from = depth & 1 ? b : a, *to = depth & 1 ? a : b;

		call(from, depth & 1 ? to_a : 0, depth, 0);
		GO(from, "EAGAIN");
		snprintf(want, sizeof(want), depth ? "NOOP COMPLETE TXN:%x" : "NOOP TXN:%x", depth);
		GO(to, want);
	}
	for (int depth = 39; depth >= 0; depth--) {
		struct port *from = depth & 1 ? b : a, *to = depth & 1 ? a : b;

		reply(to, depth, 0);
		GO(to, "NOOP COMPLETE");
		snprintf(want, sizeof(want), "NOOP %sREPLY:%x",
			 depth == 39 ? "COMPLETE " : "", depth);
		GO(from, want);
	}
	ping(a, b, 0);
}

/* --- COMPLETE --- */

/* 76 bytes in one piece, with a first try that was refused for want of a reply. */
TEST_F(transactions, subtle_complete_comes_with_the_reply)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	GO(c, "EAGAIN");
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:0");
	ASSERT_EQ(76, c->bwr.read_consumed);
}

TEST_F(transactions, a_failed_call_has_no_complete)
{
	struct port *server = manager(), *c = process();

	(void)server;
	call(c, 9, 1, 0);
	GO(c, "NOOP FAILED");
	GO(c, "EAGAIN");
}

TEST_F(transactions, accepted_and_failed_later)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	START_ASLEEP(c);
	die(server);
	FINISH(c, "NOOP COMPLETE DEAD");
	EXTERR(c, "OK 0");
}

TEST_F(transactions, accepted_queued_and_closed)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	START_ASLEEP(c);
	shut(server);
	FINISH(c, "NOOP COMPLETE DEAD");
}

/* --- replies that fail --- */

TEST_F(transactions, subtle_failed_reply_looks_complete_to_the_replier)
{
	struct port *server = manager(), *c = process();
	uint64_t *offset = shared(8);
	void *data = shared(2 * AREA);
	const struct {
		struct bnd_msg m;
		const char *error;
	} bad[] = {
		{ sized(0, data, AREA + 8, NULL, 0), "FAILED ENOSPC" },
		{ sized(0, (void *)BAD_ADDRESS, 8, NULL, 0), "FAILED EFAULT" },
		{ sized(0, data, 24, offset, 1), "FAILED EINVAL" },
		{ sized(0, data, ~0ull, NULL, 0), "FAILED EINVAL" },
	};

	*offset = 0;
	for (int i = 0; i < 4; i++) {
		deliver(c, server, 0, 1);
		reply_msg(server, bad[i].m);
		GO(server, "NOOP COMPLETE");
		EXTERR(server, "OK 0");
		GO(c, "NOOP COMPLETE FAILED");
		EXTERR(c, bad[i].error);
		/* The call is over. */
		reply(server, 0, 0);
		GO(server, "NOOP FAILED");
	}
	ping(c, server, 0);
}

/* An error of its own that it has not asked for yet is not overwritten by a peer. */
TEST_F(transactions, failed_reply_leaves_an_older_error)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	call(c, 0, 2, 0);
	WRITE(c, "");
	reply_msg(server, sized(0, (void *)BAD_ADDRESS, 8, NULL, 0));
	GO(server, "NOOP COMPLETE");
	EXTERR(c, "FAILED EPROTO");
	GO(c, "NOOP COMPLETE FAILED FAILED");
}

TEST_F(transactions, reply_to_a_caller_that_died)
{
	struct port *server = manager(), *c = process(), *other = process();

	deliver(c, server, 0, 1);
	die(c);
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	EXTERR(server, "OK 0");
	GO(server, "EAGAIN");
	ping(other, server, 0);
}

/* --- the peer goes away --- */

TEST_F(transactions, callee_thread_exits)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();

	call(c, 0, 1, 0);
	START_ASLEEP(c);
	GO(t, "NOOP TXN:1");
	ASSERT_EQ(0, ioc_at(t, BINDER_THREAD_EXIT, 0));
	FINISH(c, "NOOP COMPLETE DEAD");
	ping(c, server, 0);
}

/* A calls B, B calls C and exits: A need not wait for C. */
TEST_F(transactions, middle_of_a_chain_exits)
{
	struct port *c1 = manager(), *b1 = process(), *a1 = process();
	uint32_t to_b = give(b1, a1, 0xb, 0, 0);

	call(a1, to_b, 1, 0);
	GO(a1, "EAGAIN");
	GO(b1, "NOOP TXN:1");
	call(b1, 0, 2, 0);
	GO(b1, "EAGAIN");
	GO(c1, "NOOP TXN:2");
	ASSERT_EQ(0, ioc_at(b1, BINDER_THREAD_EXIT, 0));
	GO(a1, "NOOP COMPLETE DEAD");
}

TEST_F(transactions, callee_of_a_chain_whose_middle_exited)
{
	struct port *c1 = manager(), *b1 = process(), *a1 = process();
	uint32_t to_b = give(b1, a1, 0xb, 0, 0);

	call(a1, to_b, 1, 0);
	START_ASLEEP(a1);
	GO(b1, "NOOP TXN:1");
	call(b1, 0, 2, 0);
	GO(b1, "EAGAIN");
	GO(c1, "NOOP TXN:2");
	ASSERT_EQ(0, ioc_at(b1, BINDER_THREAD_EXIT, 0));
	/* The callee does not notice, and the caller is told by now at the latest. */
	reply(c1, 3, 0);
	GO(c1, "NOOP COMPLETE");
	EXTERR(c1, "OK 0");
	FINISH(a1, "NOOP COMPLETE DEAD");
	ping(a1, b1, to_b);
}

TEST_HARNESS_MAIN
