// SPDX-License-Identifier: GPL-2.0-only
/* Oneway calls: one at a time for each object, in order, in half of the area. */
#include <errno.h>

#include "protocol_test.h"

PROTOCOL_FIXTURE(oneway);

static void post(struct port *c, uint32_t handle, uint32_t code)
{
	call(c, handle, code, TF_ONE_WAY);
	if (strcmp(go(c), "NOOP COMPLETE"))
		fail("oneway: got '%s'", c->got);
}

/* --- order --- */

TEST_F(oneway, completed_at_once)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, TF_ONE_WAY);
	ASSERT_STREQ("NOOP COMPLETE", go_blocking(c));
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(TF_ONE_WAY, server->txn.flags);
}

TEST_F(oneway, several_in_one_stream)
{
	struct port *server = manager(), *c = process();

	for (int i = 0; i < 5; i++)
		call(c, 0, i, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE COMPLETE COMPLETE COMPLETE COMPLETE");
	for (uint32_t i = 0; i < 5; i++) {
		go(server);
		ASSERT_EQ(i, server->txn.code);
		GO(server, "EAGAIN");
		free_last(server);
		WRITE(server, "");
	}
	GO(server, "EAGAIN");
}

TEST_F(oneway, order_holds_across_senders_and_threads)
{
	struct port *s1 = manager(), *s2 = thread_of(s1);
	struct port *c[3] = { process(), process(), process() };

	for (int i = 0; i < 12; i++)
		post(c[i % 3], 0, i);
	for (uint32_t i = 0; i < 12; i++) {
		struct port *reader = i & 1 ? s1 : s2, *other = i & 1 ? s2 : s1;

		go(reader);
		ASSERT_EQ(i, reader->txn.code);
		GO(other, "EAGAIN");
		free_last(reader);
		WRITE(reader, "");
	}
}

/* Done is when the buffer is freed, not when the handler comes back for more. */
TEST_F(oneway, subtle_done_means_freed)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();
	uint64_t first;

	post(c, 0, 1);
	post(c, 0, 2);
	GO(server, "NOOP TXN:1");
	first = server->txn.data.ptr.buffer;
	GO(server, "EAGAIN");
	START_ASLEEP(t);
	/* Freed by whatever thread. */
	bnd_cmd_free_buffer(&server->w, first + 8);
	WRITE(server, "");
	ASSERT_TRUE(asleep(t));
	bnd_cmd_free_buffer(&server->w, first);
	WRITE(server, "");
	FINISH(t, "NOOP TXN:2");
}

TEST_F(oneway, the_end_of_a_call_handler_releases_nothing)
{
	struct port *server = manager(), *c = process();
	uint64_t first;

	post(c, 0, 1);
	post(c, 0, 2);
	GO(server, "NOOP TXN:1");
	first = server->txn.data.ptr.buffer;
	deliver(c, server, 0, 3);
	answer(server, c);
	GO(server, "EAGAIN");
	bnd_cmd_free_buffer(&server->w, first);
	GO(server, "NOOP TXN:2");
}

/* The next one goes to the process, so whoever frees need not be the one to run it. */
TEST_F(oneway, the_next_one_is_for_anybody)
{
	struct port *mgr = manager(), *server = process(), *t = thread_of(server);
	struct port *c = process();
	uint32_t h = give(server, c, 0x10, 0, 0);

	(void)mgr;
	post(c, h, 1);
	post(c, h, 2);
	GO(server, "NOOP TXN:1");
	free_last(server);
	call(server, 0, 3, 0);
	/* This thread waits for a reply now and will not take it. */
	GO(server, "EAGAIN");
	GO(t, "NOOP TXN:2");
}

TEST_F(oneway, a_sync_call_overtakes)
{
	struct port *server = manager(), *c = process();

	post(c, 0, 1);
	post(c, 0, 2);
	post(c, 0, 3);
	GO(server, "NOOP TXN:1");
	deliver(c, server, 0, 4);
	answer(server, c);
	GO(server, "EAGAIN");
}

TEST_F(oneway, objects_do_not_wait_for_each_other)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t a = give(server, c, 0x10, 0, 0), b = give(server, c, 0x20, 0, 0);

	(void)mgr;
	post(c, a, 1);
	post(c, a, 2);
	post(c, b, 3);
	post(c, b, 4);
	GO(server, "NOOP TXN:1");
	GO(server, "NOOP TXN:3");
	GO(server, "EAGAIN");
	free_last(server);
	GO(server, "NOOP TXN:4");
	GO(server, "EAGAIN");
}

TEST_F(oneway, the_queue_is_first_in_first_out)
{
	struct port *mgr = manager(), *server = process(), *a = process(), *b = process();
	uint32_t ha = give(server, a, 0x10, 0, 0), hb = give(server, b, 0x20, 0, 0);

	(void)mgr;
	post(a, ha, 1);
	call(b, hb, 2, 0);
	GO(b, "EAGAIN");
	post(a, give(server, a, 0x30, 0, 0), 3);
	GO(server, "NOOP TXN:1");
	GO(server, "NOOP TXN:2");
	reply(server, 0, 0);
	free_last(server);
	/* Own work first, then, in another pass, what the process has. */
	GO(server, "NOOP COMPLETE");
	GO(server, "NOOP TXN:3");
}

TEST_F(oneway, idle_again_after_the_last)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();

	for (int i = 0; i < 4; i++) {
		START_ASLEEP(t);
		post(c, 0, 5);
		FINISH(t, "NOOP TXN:5");
		free_last(t);
		WRITE(t, "");
	}
}

TEST_F(oneway, nobody_learns_of_a_receiver_that_dies_later)
{
	struct port *server = manager(), *c = process();

	post(c, 0, 1);
	post(c, 0, 2);
	die(server);
	GO(c, "EAGAIN");
}

/* --- the half of the area --- */

TEST_F(oneway, half_of_the_area)
{
	struct port *server = manager(), *c = process();
	void *data = shared(AREA);

	call_data(c, 0, 1, TF_ONE_WAY, data, AREA / 2 + 1);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED ENOSPC");
	call_data(c, 0, 2, TF_ONE_WAY, data, AREA / 2);
	GO(c, "NOOP COMPLETE");
	call(c, 0, 3, TF_ONE_WAY);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED ENOSPC");
	/* Calls that are waited for may use what is left. */
	call_data(c, 0, 4, 0, data, AREA / 2);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:2");
	GO(server, "NOOP TXN:4");
	/* And with the sync call gone there is still no room for a oneway one. */
	reply(server, 0, 0);
	free_last(server);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:0");
	call(c, 0, 5, TF_ONE_WAY);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED ENOSPC");
}

TEST_F(oneway, replies_and_calls_are_not_charged)
{
	struct port *server = manager(), *c = process();
	void *data = shared(AREA);

	for (int i = 0; i < 4; i++) {
		call_data(c, 0, 1, 0, data, AREA);
		GO(c, "EAGAIN");
		GO(server, "NOOP TXN:1");
		reply_msg(server, (struct bnd_msg){ .data = data, .size = AREA });
		free_last(server);
		GO(server, "NOOP COMPLETE");
		GO(c, "NOOP COMPLETE REPLY:0");
		free_last(c);
		GO(c, "EAGAIN");
	}
	call_data(c, 0, 2, TF_ONE_WAY, data, AREA / 2);
	GO(c, "NOOP COMPLETE");
}

/* --- the thread that has it goes away --- */

TEST_F(oneway, the_thread_exits_that_handles_one)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();

	post(c, 0, 1);
	post(c, 0, 2);
	GO(t, "NOOP TXN:1");
	ASSERT_EQ(0, ioc_at(t, BINDER_THREAD_EXIT, 0));
	/* The buffer is the process's and still to be freed. */
	GO(server, "EAGAIN");
	bnd_cmd_free_buffer(&server->w, t->txn.data.ptr.buffer);
	GO(server, "NOOP TXN:2");
}

TEST_HARNESS_MAIN
