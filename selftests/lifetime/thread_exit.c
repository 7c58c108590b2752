// SPDX-License-Identifier: GPL-2.0-only
/*
 * BINDER_THREAD_EXIT in every state a thread can be in.
 *
 * For R04 (CVE-2026-64469).
 */
#include "kselftest_harness.h"

#include "actor.h"

#define NODE 0x1000
#define NODE_C 0x2000
#define NODE_NEW 0x3000

/* A client and a server of two threads each; the first threads are the usual ones. */
FIXTURE(thread_exit)
{
	struct actor *c, *c2, *s, *s2;
	uint32_t to_s, to_c;
	void *big;
};

FIXTURE_SETUP(thread_exit)
{
	self->big = shared_alloc(BIG_MESSAGE);
	new_manager();
	self->c = actor_new();
	self->s = actor_new();
	self->to_s = grant(self->s, NODE, FLAT_BINDER_FLAG_ACCEPTS_FDS, self->c);
	self->to_c = grant(self->c, NODE_C, FLAT_BINDER_FLAG_ACCEPTS_FDS, self->s);
	self->c2 = actor_thread(self->c);
	self->s2 = actor_thread(self->s);
	/* The first ioctl of a thread is another one; see fresh_record. */
	now(self->c2);
	now(self->s2);
}

FIXTURE_TEARDOWN(thread_exit)
{
	fresh_call();
}

/* @t begins to serve a call of @c. */
#define SERVE(c, handle, t) do {					\
	cmd_call(c, handle, 'C', 0);					\
	ASSERT_STREQ("", put(c));					\
	ASSERT_STREQ("TRANSACTION", now(t));				\
} while (0)

/* A call with so much data works only if nothing of that size is still in the area. */
#define EXPECT_ROOM(c, handle, t) do {					\
	msg_data(c, self->big, BIG_MESSAGE);				\
	cmd_call(c, handle, 'B', 0);					\
	EXPECT_STREQ("", now(c));					\
	EXPECT_STREQ("TRANSACTION", now(t));				\
	cmd_reply(t);							\
	cmd_free(t);							\
	EXPECT_STREQ("COMPLETE", now(t));				\
	EXPECT_STREQ("COMPLETE REPLY", now(c));				\
	cmd_free(c);							\
	EXPECT_STREQ("", put(c));					\
} while (0)

TEST_F(thread_exit, idle)
{
	EXPECT_EQ(0, thread_exit(self->s2));
	call_works(self->c, self->to_s, self->s);
	call_works(self->c, self->to_s, self->s2);
}

TEST_F(thread_exit, twice)
{
	struct actor *never = actor_thread(self->s);

	EXPECT_EQ(0, thread_exit(self->s2));
	EXPECT_EQ(0, thread_exit(self->s2));
	EXPECT_EQ(0, thread_exit(never));
	EXPECT_EQ(0, thread_exit(never));
	call_works(self->c, self->to_s, never);
}

/* The next ioctl makes a new record, and the first read of one does not sleep. */
TEST_F(thread_exit, fresh_record)
{
	EXPECT_EQ(0, thread_exit(self->s2));
	EXPECT_STREQ("", once(self->s2));
}

TEST_F(thread_exit, serving)
{
	SERVE(self->c, self->to_s, self->s);
	EXPECT_STREQ("", now(self->c));
	EXPECT_EQ(0, thread_exit(self->s));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->c));
	/* It is no longer its call to answer. */
	cmd_reply(self->s);
	EXPECT_STREQ("FAILED_REPLY", now(self->s));
	call_works(self->c, self->to_s, self->s);
}

TEST_F(thread_exit, serving_wakes_the_caller)
{
	cmd_call(self->c, self->to_s, 'C', 0);
	start_get(self->c);
	await_sleep(self->c);
	ASSERT_STREQ("TRANSACTION", now(self->s));
	EXPECT_EQ(0, thread_exit(self->s));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", got(self->c));
}

/* The data is the process' until it is freed, by whatever thread. */
TEST_F(thread_exit, serving_buffer_freed_by_another_thread)
{
	msg_data(self->c, self->big, BIG_MESSAGE);
	SERVE(self->c, self->to_s, self->s);
	EXPECT_EQ(0, thread_exit(self->s));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->c));
	msg_data(self->c, self->big, BIG_MESSAGE);
	cmd_call(self->c, self->to_s, 'B', 0);
	EXPECT_STREQ("FAILED_REPLY", now(self->c));
	self->s2->txn = self->s->txn;
	cmd_free(self->s2);
	EXPECT_STREQ("", put(self->s2));
	EXPECT_ROOM(self->c, self->to_s, self->s2);
}

TEST_F(thread_exit, serving_after_the_buffer_was_freed)
{
	msg_data(self->c, self->big, BIG_MESSAGE);
	SERVE(self->c, self->to_s, self->s);
	cmd_free(self->s);
	EXPECT_STREQ("", put(self->s));
	EXPECT_EQ(0, thread_exit(self->s));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->c));
	EXPECT_ROOM(self->c, self->to_s, self->s2);
}

/* Two threads serve; only one of them goes. */
TEST_F(thread_exit, leaves_other_threads_alone)
{
	SERVE(self->c, self->to_s, self->s);
	SERVE(self->c2, self->to_s, self->s2);
	EXPECT_EQ(0, thread_exit(self->s));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->c));
	EXPECT_STREQ("", now(self->c2));
	cmd_reply(self->s2);
	cmd_free(self->s2);
	EXPECT_STREQ("COMPLETE", now(self->s2));
	EXPECT_STREQ("COMPLETE REPLY", now(self->c2));
}

TEST_F(thread_exit, caller_of_undelivered_call)
{
	cmd_call(self->c, self->to_s, 'C', 0);
	EXPECT_STREQ("", put(self->c));
	EXPECT_EQ(0, thread_exit(self->c));
	EXPECT_STREQ("TRANSACTION", now(self->s));
	EXPECT_EQ(0, self->s->txn.sender_pid);
	cmd_reply(self->s);
	cmd_free(self->s);
	EXPECT_STREQ("COMPLETE", now(self->s));
	EXPECT_STREQ("", drain(self->c));
	call_works(self->c, self->to_s, self->s);
}

TEST_F(thread_exit, caller_of_delivered_call)
{
	SERVE(self->c, self->to_s, self->s);
	EXPECT_EQ(self->c->pid, self->s->txn.sender_pid);
	EXPECT_EQ(0, thread_exit(self->c));
	msg_data(self->s, self->big, BIG_MESSAGE);
	cmd_reply(self->s);
	cmd_free(self->s);
	EXPECT_STREQ("COMPLETE", now(self->s));
	EXPECT_STREQ("", drain(self->c));
	/* What was thrown away takes no room. */
	EXPECT_ROOM(self->s, self->to_c, self->c);
}

/* While the answer is being copied. */
TEST_F(thread_exit, caller_while_reply_is_copied)
{
	SERVE(self->c, self->to_s, self->s);
	actor_stall(self->s);
	cmd_reply(self->s);
	start_get(self->s);
	await_stall(self->s);
	EXPECT_EQ(0, thread_exit(self->c));
	resume(self->s);
	EXPECT_STREQ("COMPLETE", got(self->s));
	EXPECT_STREQ("", drain(self->c));
	cmd_free(self->s);
	EXPECT_STREQ("", put(self->s));
	call_works(self->c, self->to_s, self->s);
}

TEST_F(thread_exit, with_unread_reply)
{
	SERVE(self->c, self->to_s, self->s);
	cmd_reply(self->s);
	cmd_free(self->s);
	EXPECT_STREQ("COMPLETE", now(self->s));
	EXPECT_EQ(0, thread_exit(self->c));
	EXPECT_STREQ("", drain(self->c));
	call_works(self->c, self->to_s, self->s);
}

TEST_F(thread_exit, frees_unread_reply)
{
	SERVE(self->c, self->to_s, self->s);
	msg_data(self->s, self->big, BIG_MESSAGE);
	cmd_reply(self->s);
	cmd_free(self->s);
	EXPECT_STREQ("COMPLETE", now(self->s));
	EXPECT_EQ(0, thread_exit(self->c));
	EXPECT_ROOM(self->s, self->to_c, self->c);
}

/* A call back to a thread that waits, and never comes to read it. */
TEST_F(thread_exit, with_unread_nested_call)
{
	SERVE(self->c, self->to_s, self->s);
	cmd_call(self->s, self->to_c, 'N', 0);
	EXPECT_STREQ("", put(self->s));
	EXPECT_EQ(0, thread_exit(self->c));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->s));
	EXPECT_STREQ("", drain(self->c));
	cmd_reply(self->s);
	EXPECT_STREQ("COMPLETE", now(self->s));
	EXPECT_STREQ("", drain(self->c));
}

TEST_F(thread_exit, frees_unread_nested_call)
{
	SERVE(self->c, self->to_s, self->s);
	msg_data(self->s, self->big, BIG_MESSAGE);
	cmd_call(self->s, self->to_c, 'N', 0);
	EXPECT_STREQ("", put(self->s));
	EXPECT_EQ(0, thread_exit(self->c));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->s));
	cmd_reply(self->s);
	EXPECT_STREQ("COMPLETE", now(self->s));
	EXPECT_ROOM(self->s, self->to_c, self->c);
}

TEST_F(thread_exit, serving_nested_call)
{
	SERVE(self->c, self->to_s, self->s);
	cmd_call(self->s, self->to_c, 'N', 0);
	EXPECT_STREQ("", put(self->s));
	EXPECT_STREQ("COMPLETE TRANSACTION", now(self->c));
	EXPECT_EQ(0, thread_exit(self->c));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->s));
	cmd_reply(self->s);
	EXPECT_STREQ("COMPLETE", now(self->s));
	EXPECT_STREQ("", drain(self->c));
}

/* It was meant for the thread that had called; any other of that process will do. */
TEST_F(thread_exit, call_back_to_caller_that_exited)
{
	SERVE(self->c, self->to_s, self->s);
	EXPECT_EQ(0, thread_exit(self->c));
	cmd_call(self->s, self->to_c, 'N', 0);
	EXPECT_STREQ("", now(self->s));
	EXPECT_STREQ("TRANSACTION", now(self->c2));
	cmd_reply(self->c2);
	cmd_free(self->c2);
	EXPECT_STREQ("COMPLETE", now(self->c2));
	EXPECT_STREQ("COMPLETE REPLY", now(self->s));
}

/* It is chosen before the data is copied, and dies during the copy. */
TEST_F(thread_exit, fixed_thread_while_call_is_copied)
{
	SERVE(self->c, self->to_s, self->s);
	actor_stall(self->s);
	cmd_call(self->s, self->to_c, 'N', 0);
	start_get(self->s);
	await_stall(self->s);
	EXPECT_EQ(0, thread_exit(self->c));
	resume(self->s);
	EXPECT_STREQ("DEAD_REPLY", got(self->s));
	EXPECT_STREQ("", drain(self->c));
	EXPECT_STREQ("", drain(self->c2));
	cmd_reply(self->s);
	cmd_free(self->s);
	EXPECT_STREQ("COMPLETE", now(self->s));
}

TEST_F(thread_exit, with_unread_completion)
{
	cmd_call(self->c, self->to_s, 'O', TF_ONE_WAY);
	EXPECT_STREQ("", put(self->c));
	EXPECT_EQ(0, thread_exit(self->c));
	EXPECT_STREQ("", drain(self->c));
	EXPECT_STREQ("TRANSACTION", now(self->s));
	cmd_free(self->s);
	EXPECT_STREQ("", put(self->s));
}

/* An error that is not read stops further commands of that thread, not of the next. */
TEST_F(thread_exit, with_unread_error)
{
	cmd_call(self->c, 77, 'X', 0);
	EXPECT_STREQ("", put(self->c));
	EXPECT_EQ(0, thread_exit(self->c));
	EXPECT_STREQ("", drain(self->c));
	call_works(self->c, self->to_s, self->s);
}

TEST_F(thread_exit, with_unread_error_of_peer)
{
	SERVE(self->c, self->to_s, self->s);
	EXPECT_EQ(0, thread_exit(self->s));
	EXPECT_EQ(0, thread_exit(self->c));
	EXPECT_STREQ("", drain(self->c));
	call_works(self->c, self->to_s, self->s);
}

TEST_F(thread_exit, with_unread_clear_done)
{
	bnd_cmd_enter_looper(&self->c->w);
	bnd_cmd_request_death(&self->c->w, self->to_s, 1);
	bnd_cmd_clear_death(&self->c->w, self->to_s, 1);
	EXPECT_STREQ("", put(self->c));
	EXPECT_EQ(0, thread_exit(self->c));
	EXPECT_STREQ("", drain(self->c));
	EXPECT_STREQ("", drain(self->c2));
	/* The handle can be watched again. */
	bnd_cmd_enter_looper(&self->c->w);
	bnd_cmd_request_death(&self->c->w, self->to_s, 2);
	bnd_cmd_clear_death(&self->c->w, self->to_s, 2);
	EXPECT_STREQ("CLEAR_DONE", drain(self->c));
	EXPECT_EQ(2, self->c->cookie);
}

/* Work of the process is not the thread's. */
TEST_F(thread_exit, leaves_process_work)
{
	cmd_call(self->c, self->to_s, 'C', 0);
	EXPECT_STREQ("", put(self->c));
	EXPECT_EQ(0, thread_exit(self->s));
	EXPECT_STREQ("", now(self->c));
	EXPECT_STREQ("TRANSACTION", now(self->s2));
	cmd_reply(self->s2);
	cmd_free(self->s2);
	EXPECT_STREQ("COMPLETE", now(self->s2));
	EXPECT_STREQ("COMPLETE REPLY", now(self->c));
}

/* A oneway call goes on when its buffer is freed, whoever read it. */
TEST_F(thread_exit, after_reading_a_oneway_call)
{
	cmd_call(self->c, self->to_s, 'O', TF_ONE_WAY);
	cmd_call(self->c, self->to_s, 'P', TF_ONE_WAY);
	EXPECT_STREQ("COMPLETE COMPLETE", drain(self->c));
	EXPECT_STREQ("TRANSACTION", now(self->s));
	EXPECT_EQ(0, thread_exit(self->s));
	EXPECT_STREQ("", drain(self->s2));
	self->s2->txn = self->s->txn;
	cmd_free(self->s2);
	EXPECT_STREQ("TRANSACTION", now(self->s2));
	EXPECT_EQ('P', self->s2->txn.code);
}

TEST_F(thread_exit, two_threads_serving_each_other)
{
	SERVE(self->c, self->to_s, self->s);
	SERVE(self->s2, self->to_c, self->c2);
	EXPECT_EQ(0, thread_exit(self->s));
	EXPECT_EQ(0, thread_exit(self->c2));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->c));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->s2));
}

TEST_HARNESS_MAIN
