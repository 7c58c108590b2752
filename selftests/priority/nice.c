// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nice value of a thread that serves a call: that of its caller or the minimum
 * of the object, from delivery to the reply; and of a thread that is free: that
 * which the opener of the file had.
 */
#include "priority_test.h"

PROTOCOL_FIXTURE(nice);

/* @server serves a call of @client: its nice value meanwhile. */
static int nice_serving(struct port *client, struct port *server, uint32_t handle)
{
	int nice;

	deliver(client, server, handle, 7);
	nice = nice_of(server);
	answer(server, client);
	return nice;
}

/* --- calls --- */

TEST_F(nice, more_favourable_caller_is_inherited)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -5);
	deliver(c, server, h, 1);
	NICE(server, -5);
	reply(server, 0, 0);
	WRITE(server, "");
	NICE(server, 0);
	NICE(c, -5);
}

TEST_F(nice, less_favourable_caller_is_inherited)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, 10);
	deliver(c, server, h, 1);
	NICE(server, 10);
	reply(server, 0, 0);
	WRITE(server, "");
	NICE(server, 0);
	NICE(c, 10);
}

TEST_F(nice, minimum_helps_a_less_favourable_caller)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, 5);

	(void)mgr;
	set_nice(c, 10);
	ASSERT_EQ(5, nice_serving(c, server, h));
	set_nice(c, 5);
	ASSERT_EQ(5, nice_serving(c, server, h));
	set_nice(c, 4);
	ASSERT_EQ(4, nice_serving(c, server, h));
	set_nice(c, -20);
	ASSERT_EQ(-20, nice_serving(c, server, h));
	NICE(server, 0);
}

TEST_F(nice, minimum_is_unsigned)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, 0xf6);

	(void)mgr;
	set_nice(c, 7);
	ASSERT_EQ(7, nice_serving(c, server, h));
}

TEST_F(nice, minimum_beyond_the_worst_is_none)
{
	struct port *mgr = manager(), *server = process(), *c = process();

	(void)mgr;
	for (int minimum = 18; minimum < 0x100; minimum += 1 + (minimum > 20) * 40) {
		uint32_t h = node(server, c, minimum);

		set_nice(c, 19);
		ASSERT_EQ(minimum < 19 ? minimum : 19, nice_serving(c, server, h));
	}
}

TEST_F(nice, other_flags_are_no_minimum)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, FLAT_BINDER_FLAG_ACCEPTS_FDS | NO_MINIMUM);

	(void)mgr;
	set_nice(c, 3);
	ASSERT_EQ(3, nice_serving(c, server, h));
}

TEST_F(nice, flags_of_the_first_object_count)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0, NO_MINIMUM);

	(void)mgr;
	ASSERT_EQ(h, give(server, c, 0x10, 0, 3));
	set_nice(c, 9);
	ASSERT_EQ(9, nice_serving(c, server, h));
}

TEST_F(nice, minimum_of_a_manager_without_flags_is_0)
{
	struct port *server = manager(), *c = process();

	set_nice(c, 9);
	ASSERT_EQ(0, nice_serving(c, server, 0));
	set_nice(c, -9);
	ASSERT_EQ(-9, nice_serving(c, server, 0));
}

TEST_F(nice, minimum_of_a_manager_with_flags)
{
	struct flat_binder_object obj = bnd_obj_binder(0, 0, 4);
	struct port *server = process(), *c = process();

	ASSERT_EQ(0, ioc(server, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj)));
	set_nice(c, 9);
	ASSERT_EQ(4, nice_serving(c, server, 0));
}

/* The sender's value is that of the thread which sends, when it sends. */
TEST_F(nice, value_is_taken_when_the_call_is_sent)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	struct port *t = thread_of(c);
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -9);
	set_nice(t, 6);
	call(t, h, 1, 0);
	GO(t, "EAGAIN");
	set_nice(t, 12);
	GO(server, "NOOP TXN:1");
	NICE(server, 6);
	answer(server, t);
	NICE(t, 12);
}

TEST_F(nice, other_threads_keep_theirs)
{
	struct port *mgr = manager(), *server = process(), *t = thread_of(server);
	struct port *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -5);
	deliver(c, server, h, 1);
	NICE(server, -5);
	NICE(t, 0);
	answer(server, c);
}

/* --- the reply --- */

TEST_F(nice, reply_leaves_the_caller_alone)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, 8);
	deliver(c, server, h, 1);
	set_nice(server, -8);
	reply(server, 0, 0);
	WRITE(server, "");
	GO(c, "NOOP COMPLETE REPLY:0");
	NICE(c, 8);
}

/* Also what the thread chose itself meanwhile. */
TEST_F(nice, reply_wipes_out_what_the_thread_set)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	deliver(c, server, h, 1);
	set_nice(server, 13);
	reply(server, 0, 0);
	WRITE(server, "");
	NICE(server, 0);
	GO(server, "NOOP COMPLETE");
	set_nice(c, -3);
	GO(c, "NOOP COMPLETE REPLY:0");
	deliver(c, server, h, 2);
	NICE(server, -3);
	set_nice(server, -13);
	reply(server, 0, 0);
	WRITE(server, "");
	NICE(server, 0);
}

TEST_F(nice, restored_when_the_reply_fails)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -5);
	deliver(c, server, h, 1);
	NICE(server, -5);
	/* Files were not agreed to. */
	reply_obj(server, 0, 0, fd_obj(0, 0));
	WRITE(server, "");
	NICE(server, 0);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE FAILED");
}

TEST_F(nice, restored_when_the_caller_is_dead)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -5);
	deliver(c, server, h, 1);
	die(c);
	NICE(server, -5);
	reply(server, 0, 0);
	WRITE(server, "");
	NICE(server, 0);
}

TEST_F(nice, kept_by_a_reply_to_nothing)
{
	struct port *mgr = manager(), *server = process(), *c = process();

	(void)mgr;
	(void)c;
	set_nice(server, 6);
	reply(server, 0, 0);
	WRITE(server, "");
	NICE(server, 6);
}

TEST_F(nice, kept_when_the_buffer_is_freed)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -5);
	deliver(c, server, h, 1);
	free_last(server);
	WRITE(server, "");
	NICE(server, -5);
	reply(server, 0, 0);
	WRITE(server, "");
	NICE(server, 0);
}

/* A call that could not be stored in the read buffer was not served. */
TEST_F(nice, kept_when_a_call_cannot_be_delivered)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);
	uint8_t *good = server->r.buf;

	(void)mgr;
	set_nice(c, -5);
	call(c, h, 1, 0);
	GO(c, "EAGAIN");
	server->r.buf = (uint8_t *)16;
	server->skip = 4;
	GO(server, "EFAULT");
	server->r.buf = good;
	server->skip = 0;
	NICE(server, 0);
	GO(c, "NOOP COMPLETE FAILED");
}

/* --- oneway calls --- */

TEST_F(nice, oneway_caller_is_not_inherited)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -5);
	post(c, h, 1);
	GO(server, "NOOP TXN:1");
	NICE(server, 0);
	free_last(server);
	set_nice(c, 5);
	post(c, h, 2);
	GO(server, "NOOP TXN:2");
	NICE(server, 0);
}

TEST_F(nice, oneway_minimum_helps_until_the_next_read)
{
	struct port *mgr = manager(), *server = process_at(10), *c = process();
	uint32_t h = node(server, c, 3);

	(void)mgr;
	NICE(server, 10);
	post(c, h, 1);
	GO(server, "NOOP TXN:1");
	NICE(server, 3);
	free_last(server);
	WRITE(server, "");
	NICE(server, 3);
	GO(server, "EAGAIN");
	NICE(server, 10);
}

TEST_F(nice, oneway_minimum_is_no_maximum)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, 10);

	(void)mgr;
	post(c, h, 1);
	GO(server, "NOOP TXN:1");
	NICE(server, 0);
}

TEST_F(nice, oneway_minimum_is_unsigned)
{
	struct port *mgr = manager(), *server = process_at(10), *c = process();
	uint32_t h = node(server, c, 0xf6);

	(void)mgr;
	post(c, h, 1);
	GO(server, "NOOP TXN:1");
	NICE(server, 10);
}

/* --- reads --- */

TEST_F(nice, subtle_reset_by_a_read_that_finds_nothing)
{
	struct port *p = process();

	set_nice(p, 7);
	GO(p, "EAGAIN");
	NICE(p, 0);
	set_nice(p, -7);
	GO(p, "EAGAIN");
	NICE(p, 0);
}

TEST_F(nice, subtle_reset_by_a_read_that_waits)
{
	struct port *p = process();

	set_nice(p, 7);
	START_ASLEEP(p);
	NICE(p, 0);
}

TEST_F(nice, subtle_reset_by_a_read_that_finds_work)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, 5);
	call(c, h, 1, 0);
	GO(c, "EAGAIN");
	set_nice(server, 7);
	GO(server, "NOOP TXN:1");
	NICE(server, 5);
	reply(server, 0, 0);
	WRITE(server, "");
	NICE(server, 0);
}

/* The first read of a thread never waits. */
TEST_F(nice, reset_by_a_first_read)
{
	struct port *p = process(), *t = new_thread_of(p);

	set_nice(t, 7);
	GO(t, "NOOP");
	NICE(t, 0);
}

TEST_F(nice, reset_without_having_joined_the_pool)
{
	struct port *p = process(), *t = thread_of(p), *looper = thread_of(p);

	bnd_cmd_enter_looper(&looper->w);
	GO(looper, "EAGAIN");
	set_nice(t, 7);
	set_nice(looper, 7);
	GO(t, "EAGAIN");
	GO(looper, "EAGAIN");
	NICE(t, 0);
	NICE(looper, 0);
}

TEST_F(nice, not_reset_by_writing)
{
	struct port *mgr = manager(), *p = process();

	set_nice(p, 7);
	bnd_cmd_enter_looper(&p->w);
	WRITE(p, "");
	NICE(p, 7);
	call(p, 0, 1, TF_ONE_WAY);
	WRITE(p, "");
	NICE(p, 7);
	GO(mgr, "NOOP TXN:1");
}

TEST_F(nice, not_reset_while_serving)
{
	struct port *server = manager(), *c = process();

	set_nice(c, -4);
	deliver(c, server, 0, 1);
	GO(server, "EAGAIN");
	NICE(server, -4);
	set_nice(server, 7);
	START_ASLEEP(server);
	NICE(server, 7);
}

TEST_F(nice, not_reset_while_waiting_for_a_reply)
{
	struct port *server = manager(), *c = process();

	set_nice(c, 7);
	call(c, 0, 1, 0);
	START_ASLEEP(c);
	NICE(c, 7);
	GO(server, "NOOP TXN:1");
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	FINISH(c, "NOOP COMPLETE REPLY:0");
	NICE(c, 7);
}

TEST_F(nice, not_reset_by_a_read_of_own_work)
{
	struct port *server = manager(), *p = process();

	set_nice(p, 7);
	post(p, 0, 1);
	NICE(p, 7);
	GO(server, "NOOP TXN:1");
	GO(p, "EAGAIN");
	NICE(p, 0);
}

TEST_F(nice, default_is_the_openers)
{
	struct port *p = process_at(4), *t = thread_of(p);

	set_nice(p, 0);
	set_nice(t, -3);
	GO(p, "EAGAIN");
	GO(t, "EAGAIN");
	NICE(p, 4);
	NICE(t, 4);
}

/* --- nested calls --- */

TEST_F(nice, what_was_lent_is_lent_on)
{
	struct port *mgr = manager(), *a = process(), *b = process(), *c = process();
	uint32_t to_b = node(b, c, NO_MINIMUM), to_a = node(a, b, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -6);
	deliver(c, b, to_b, 1);
	NICE(b, -6);
	call(b, to_a, 2, 0);
	GO(b, "EAGAIN");
	GO(a, "NOOP TXN:2");
	NICE(a, -6);
	free_last(a);
	reply(a, 0, 0);
	WRITE(a, "");
	NICE(a, 0);
	GO(b, "NOOP COMPLETE REPLY:0");
	NICE(b, -6);
	reply(b, 0, 0);
	WRITE(b, "");
	NICE(b, 0);
	GO(a, "NOOP COMPLETE");
}

TEST_F(nice, each_level_restores_its_own)
{
	struct port *mgr = manager(), *s = process(), *c = process();
	uint32_t to_s = node(s, c, NO_MINIMUM), to_c = node(c, s, NO_MINIMUM);
	uint32_t back = node(s, c, 2);

	(void)mgr;
	set_nice(c, -6);
	deliver(c, s, to_s, 1);
	NICE(s, -6);
	set_nice(s, 9);
	call(s, to_c, 2, 0);
	GO(s, "EAGAIN");
	GO(c, "NOOP COMPLETE TXN:2");
	NICE(c, 9);
	call(c, back, 3, 0);
	GO(c, "EAGAIN");
	GO(s, "NOOP COMPLETE TXN:3");
	NICE(s, 2);
	reply(s, 3, 0);
	GO(s, "NOOP COMPLETE");
	NICE(s, 9);
	GO(c, "NOOP COMPLETE REPLY:3");
	NICE(c, 9);
	reply(c, 2, 0);
	GO(c, "NOOP COMPLETE");
	NICE(c, -6);
	GO(s, "NOOP REPLY:2");
	NICE(s, 9);
	reply(s, 1, 0);
	GO(s, "NOOP COMPLETE");
	NICE(s, 0);
	GO(c, "NOOP REPLY:1");
	NICE(c, -6);
}

TEST_HARNESS_MAIN
