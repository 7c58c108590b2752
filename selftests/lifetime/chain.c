// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chains of calls of which a link dies. A calls B, B calls C: whoever waits is told
 * at once when the answer can no longer come, and the answers of the others are
 * accepted and thrown away.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "actor.h"

#define LINKS 4

FIXTURE(chain)
{
	/* Everybody holds a handle to everybody else. */
	struct actor *a[LINKS];
	uint32_t to[LINKS][LINKS];
	bool by_kill;
	/* Of the calls of the first link. */
	uint32_t first_flags;
};

FIXTURE_VARIANT(chain)
{
	bool by_kill;
};

FIXTURE_VARIANT_ADD(chain, thread_exit) { .by_kill = false };
FIXTURE_VARIANT_ADD(chain, killed) { .by_kill = true };

FIXTURE_SETUP(chain)
{
	self->by_kill = variant->by_kill;
	new_manager();
	for (int i = 0; i < LINKS; i++) {
		self->a[i] = actor_new();
		watch(self->a[i]);
		self->a[i]->no_refs = true;
	}
	for (int i = 0; i < LINKS; i++) {
		for (int j = 0; j < LINKS; j++) {
			if (i == j)
				continue;
			self->a[j]->no_refs = false;
			self->to[i][j] = grant(self->a[j], 0x1000 * (i + 1), 0, self->a[i]);
			self->a[j]->no_refs = true;
		}
	}
}

FIXTURE_TEARDOWN(chain)
{
	fresh_call();
}

static void call(FIXTURE_DATA(chain) *self, int from, int to, const char *codes)
{
	cmd_call(self->a[from], self->to[from][to], 'C', from ? 0 : self->first_flags);
	need(!strcmp(put(self->a[from]), ""));
	need(!strcmp(now(self->a[to]), codes));
	cmd_free(self->a[to]);
	need(!strcmp(put(self->a[to]), ""));
}

static const char *answer(struct actor *a)
{
	cmd_reply(a);
	return now(a);
}

static void end(FIXTURE_DATA(chain) *self, int i)
{
	if (self->by_kill) {
		kill_actor(self->a[i]);
		await_gone(self->a[i]);
	} else {
		need(!thread_exit(self->a[i]));
	}
}

/* The last link that lives hears of it as soon as the end is dead. */
TEST_F(chain, last_link_dies)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	end(self, 2);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("", now(self->a[0]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[0]));
}

TEST_F(chain, first_link_dies)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	end(self, 0);
	EXPECT_STREQ("COMPLETE", answer(self->a[2]));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
}

/* The callee of the dead goes on undisturbed. */
TEST_F(chain, middle_dies_callee_goes_on)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	end(self, 1);
	EXPECT_STREQ("", now(self->a[2]));
	EXPECT_STREQ("COMPLETE", answer(self->a[2]));
	EXPECT_STREQ("", now(self->a[2]));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[0]));
}

/* The caller of the dead is not kept waiting for what it will not get. */
TEST_F(chain, middle_dies_caller_is_told)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	end(self, 1);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[0]));
	EXPECT_STREQ("COMPLETE", answer(self->a[2]));
	EXPECT_STREQ("", now(self->a[0]));
}

/* The call of the dead was not even read. */
TEST_F(chain, middle_dies_before_its_call_is_read)
{
	call(self, 0, 1, "TRANSACTION");
	cmd_call(self->a[1], self->to[1][2], 'C', 0);
	EXPECT_STREQ("", put(self->a[1]));
	end(self, 1);
	EXPECT_STREQ("TRANSACTION", now(self->a[2]));
	EXPECT_STREQ("COMPLETE", answer(self->a[2]));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[0]));
}

/* The middle, then the end. */
TEST_F(chain, middle_and_end_die)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	end(self, 1);
	end(self, 2);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[0]));
}

TEST_F(chain, end_and_middle_die)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	end(self, 2);
	end(self, 1);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[0]));
}

TEST_F(chain, first_and_middle_die)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	end(self, 0);
	end(self, 1);
	EXPECT_STREQ("COMPLETE", answer(self->a[2]));
}

/* Of four, the two in the middle, in both orders. */
TEST_F(chain, two_in_the_middle_die)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	call(self, 2, 3, "TRANSACTION");
	end(self, 1);
	end(self, 2);
	EXPECT_STREQ("COMPLETE", answer(self->a[3]));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[0]));
}

TEST_F(chain, two_in_the_middle_die_in_reverse)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	call(self, 2, 3, "TRANSACTION");
	end(self, 2);
	end(self, 1);
	EXPECT_STREQ("COMPLETE", answer(self->a[3]));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[0]));
}

/* The one who waits for the dead is the callee of its callee: A calls B, B calls A. */
TEST_F(chain, caller_serves_the_call_back)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 0, "COMPLETE TRANSACTION");
	end(self, 1);
	/* What A serves is on top; its own call ends when it is back at that. */
	cmd_reply(self->a[0]);
	EXPECT_TRUE(same_codes("COMPLETE DEAD_REPLY", drain(self->a[0])));
}

/*
 * The same with the call back unread when B ends: to read that A's own call ended before the
 * completion of the answer to B, or in place of it, means to take it for the answer's.
 */
TEST_F(chain, call_back_of_the_dead_is_served_first)
{
	call(self, 0, 1, "TRANSACTION");
	cmd_call(self->a[1], self->to[1][0], 'C', 0);
	EXPECT_STREQ("", put(self->a[1]));
	end(self, 1);
	EXPECT_STREQ("COMPLETE TRANSACTION", now(self->a[0]));
	cmd_free(self->a[0]);
	EXPECT_STREQ("", now(self->a[0]));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", answer(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
}

/* Nor is it the end of a call that A makes while it serves. */
TEST_F(chain, call_back_of_the_dead_may_call_others)
{
	call(self, 0, 1, "TRANSACTION");
	cmd_call(self->a[1], self->to[1][0], 'C', 0);
	EXPECT_STREQ("", put(self->a[1]));
	end(self, 1);
	EXPECT_STREQ("COMPLETE TRANSACTION", now(self->a[0]));
	cmd_free(self->a[0]);
	EXPECT_STREQ("", put(self->a[0]));
	call(self, 0, 2, "TRANSACTION");
	EXPECT_STREQ("COMPLETE", answer(self->a[2]));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[0]));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", answer(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
}

/* Whoever ends before it has read the call back leaves nothing. */
TEST_F(chain, call_back_of_the_dead_is_left_unread)
{
	call(self, 0, 1, "TRANSACTION");
	cmd_call(self->a[1], self->to[1][0], 'C', 0);
	EXPECT_STREQ("", put(self->a[1]));
	end(self, 1);
	end(self, 0);
}

TEST_F(chain, call_back_of_the_dead_is_not_answered)
{
	call(self, 0, 1, "TRANSACTION");
	cmd_call(self->a[1], self->to[1][0], 'C', 0);
	EXPECT_STREQ("", put(self->a[1]));
	end(self, 1);
	EXPECT_STREQ("COMPLETE TRANSACTION", now(self->a[0]));
	end(self, 0);
}

TEST_F(chain, caller_of_call_back_dies)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 0, "COMPLETE TRANSACTION");
	end(self, 0);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	EXPECT_STREQ("", drain(self->a[1]));
}

/* A calls B, B calls C, C calls A: around the corner to the thread that waits. */
TEST_F(chain, ring_goes_to_the_waiting_thread)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	call(self, 2, 0, "COMPLETE TRANSACTION");
	EXPECT_STREQ("COMPLETE", answer(self->a[0]));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[2]));
	EXPECT_STREQ("COMPLETE", answer(self->a[2]));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	EXPECT_STREQ("REPLY", now(self->a[0]));
}

TEST_F(chain, ring_middle_dies)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	call(self, 2, 0, "COMPLETE TRANSACTION");
	end(self, 1);
	/* C gets its answer, A the end of its own call. */
	cmd_reply(self->a[0]);
	EXPECT_TRUE(same_codes("COMPLETE DEAD_REPLY", drain(self->a[0])));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[2]));
	EXPECT_STREQ("COMPLETE", answer(self->a[2]));
	EXPECT_STREQ("", drain(self->a[0]));
}

TEST_F(chain, ring_first_dies)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	call(self, 2, 0, "COMPLETE TRANSACTION");
	end(self, 0);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[2]));
	EXPECT_STREQ("COMPLETE", answer(self->a[2]));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
}

TEST_F(chain, ring_last_dies)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	call(self, 2, 0, "COMPLETE TRANSACTION");
	end(self, 2);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[0]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	EXPECT_STREQ("REPLY", now(self->a[0]));
}

/*
 * B is out of its call to C before A has answered C. What B answers waits until A is back
 * at its own call: to read it before the completion of the answer to C, or while A waits for
 * somebody else, means to lose it.
 */
TEST_F(chain, ring_last_dies_and_the_middle_is_first)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	call(self, 2, 0, "COMPLETE TRANSACTION");
	end(self, 2);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	EXPECT_STREQ("", now(self->a[0]));
	EXPECT_STREQ("COMPLETE REPLY", answer(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
}

/* C dies before A has come to read its call. */
static void ring_last_dies_unread(FIXTURE_DATA(chain) *self)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	cmd_call(self->a[2], self->to[2][0], 'C', 0);
	need(!strcmp(put(self->a[2]), ""));
	end(self, 2);
}

TEST_F(chain, ring_last_dies_unread_and_the_first_is_first)
{
	ring_last_dies_unread(self);
	EXPECT_STREQ("COMPLETE TRANSACTION", now(self->a[0]));
	EXPECT_STREQ("COMPLETE", answer(self->a[0]));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	EXPECT_STREQ("REPLY", now(self->a[0]));
}

TEST_F(chain, ring_last_dies_unread_and_the_middle_is_first)
{
	ring_last_dies_unread(self);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	EXPECT_STREQ("COMPLETE TRANSACTION", now(self->a[0]));
	cmd_free(self->a[0]);
	EXPECT_STREQ("", now(self->a[0]));
	EXPECT_STREQ("COMPLETE REPLY", answer(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
}

/* Nor is it the answer to a call that A makes while it serves. */
TEST_F(chain, ring_last_dies_unread_and_the_first_calls_others)
{
	ring_last_dies_unread(self);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	EXPECT_STREQ("COMPLETE TRANSACTION", now(self->a[0]));
	cmd_free(self->a[0]);
	EXPECT_STREQ("", put(self->a[0]));
	call(self, 0, 3, "TRANSACTION");
	EXPECT_STREQ("", now(self->a[0]));
	EXPECT_STREQ("COMPLETE", answer(self->a[3]));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[0]));
	EXPECT_STREQ("COMPLETE REPLY", answer(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
}

/* Two such answers at a time, each for its own call. */
TEST_F(chain, ring_last_dies_twice_and_the_middle_is_first)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	call(self, 2, 0, "COMPLETE TRANSACTION");
	call(self, 0, 1, "COMPLETE TRANSACTION");
	call(self, 1, 3, "TRANSACTION");
	call(self, 3, 0, "COMPLETE TRANSACTION");
	end(self, 3);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	end(self, 2);
	EXPECT_STREQ("DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	EXPECT_STREQ("", now(self->a[0]));
	EXPECT_STREQ("COMPLETE REPLY", answer(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
	EXPECT_STREQ("COMPLETE REPLY", answer(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
}

/* Whoever ends in the middle leaves nothing of an answer that waits. */
TEST_F(chain, ring_answer_of_the_middle_is_left_unread)
{
	ring_last_dies_unread(self);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	end(self, 0);
}

TEST_F(chain, ring_answer_of_the_middle_is_not_waited_for)
{
	ring_last_dies_unread(self);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	EXPECT_STREQ("COMPLETE TRANSACTION", now(self->a[0]));
	end(self, 0);
}

static void unmap(struct actor *a)
{
	need(!munmap(a->conn.map, a->conn.map_size));
	a->conn.map = NULL;
}

static void close_arg(struct actor *a)
{
	close(a->arg);
}

/* B answers with a file that nobody else keeps; returns what reads its end. */
static int middle_answers_with_a_file(FIXTURE_DATA(chain) *self)
{
	int reader, fd = pipe_in(self->a[1], &reader);

	need(!strcmp("COMPLETE DEAD_REPLY", now(self->a[1])));
	msg_fd(self->a[1], fd);
	need(!strcmp("COMPLETE", answer(self->a[1])));
	self->a[1]->arg = fd;
	run(self->a[1], close_arg);
	need(pipe_open(reader));
	return reader;
}

/* What A cannot read any more does not keep its files until A is back. */
TEST_F(chain, ring_answer_of_the_middle_is_lost_with_the_area)
{
	self->first_flags = TF_ACCEPT_FDS;
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	call(self, 2, 0, "COMPLETE TRANSACTION");
	end(self, 2);
	int reader = middle_answers_with_a_file(self);

	run(self->a[0], unmap);
	await_eof(reader);
	EXPECT_STREQ("", now(self->a[0]));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", answer(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
}

TEST_F(chain, ring_unread_answer_of_the_middle_is_lost_with_the_area)
{
	self->first_flags = TF_ACCEPT_FDS;
	ring_last_dies_unread(self);
	int reader = middle_answers_with_a_file(self);

	run(self->a[0], unmap);
	await_eof(reader);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
}

/* A calls twice without having read, and both calls end below the call back of the dead. */
TEST_F(chain, two_calls_end_below_a_call_back_of_the_dead)
{
	call(self, 0, 1, "TRANSACTION");
	cmd_call(self->a[1], self->to[1][0], 'C', 0);
	EXPECT_STREQ("", put(self->a[1]));
	end(self, 1);
	/* Admitted: what has come was not read, and the first call has ended. */
	cmd_call(self->a[0], self->to[0][3], 'C', 0);
	EXPECT_STREQ("", put(self->a[0]));
	EXPECT_STREQ("TRANSACTION", now(self->a[3]));
	EXPECT_STREQ("COMPLETE TRANSACTION", now(self->a[0]));
	EXPECT_STREQ("COMPLETE", answer(self->a[3]));
	EXPECT_STREQ("COMPLETE COMPLETE DEAD_REPLY REPLY", answer(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
	/* It waits for nothing more. */
	call(self, 0, 3, "TRANSACTION");
	EXPECT_STREQ("COMPLETE", answer(self->a[3]));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[0]));
}

/* All the stack of a thread is of calls between the same two. */
TEST_F(chain, deep_stack_of_two)
{
	call(self, 0, 1, "TRANSACTION");
	for (int i = 0; i < 10; i++) {
		call(self, 1, 0, "COMPLETE TRANSACTION");
		call(self, 0, 1, "COMPLETE TRANSACTION");
	}
	end(self, 1);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[0]));
	for (int i = 0; i < 10; i++) {
		cmd_reply(self->a[0]);
		EXPECT_TRUE(same_codes("COMPLETE DEAD_REPLY", drain(self->a[0])));
	}
	EXPECT_STREQ("FAILED_REPLY", answer(self->a[0]));
}

TEST_HARNESS_MAIN
