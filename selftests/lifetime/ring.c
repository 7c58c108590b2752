// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chains of calls that come back to their first link: A calls B, B calls C, C calls
 * A, which waits, and takes that. Where one of them dies the others go on, and what
 * they have for a thread that is still inside of the call back waits until it is out.
 *
 * For R04 (CVE-2026-64469) and R05 (CVE-2026-64468).
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "chain_test.h"

/* A calls B, B calls C, C calls A. */
static void ring(FIXTURE_DATA(chain) *self)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	call(self, 2, 0, "COMPLETE TRANSACTION");
}

/* The last call goes around the corner to the thread that waits. */
TEST_F(chain, ring_goes_to_the_waiting_thread)
{
	ring(self);
	EXPECT_STREQ("COMPLETE", answer(self->a[0]));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[2]));
	EXPECT_STREQ("COMPLETE", answer(self->a[2]));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	EXPECT_STREQ("REPLY", now(self->a[0]));
}

TEST_F(chain, ring_middle_dies)
{
	ring(self);
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
	ring(self);
	end(self, 0);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[2]));
	EXPECT_STREQ("COMPLETE", answer(self->a[2]));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
}

TEST_F(chain, ring_last_dies)
{
	ring(self);
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
	ring(self);
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
	ring(self);
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

/* In an actor: a completion. There has to be room for a call, and is for no second one. */
static void read_completion(struct actor *a)
{
	uint32_t codes[2 + sizeof(struct binder_transaction_data_secctx) / sizeof(uint32_t)];
	struct binder_write_read bwr = {
		.read_buffer = (uintptr_t)codes, .read_size = sizeof(codes),
	};

	need(!ioctl(a->conn.fd, BINDER_WRITE_READ, &bwr));
	need(bwr.read_consumed == 2 * sizeof(*codes) && codes[1] == BR_TRANSACTION_COMPLETE);
}

/* Who has not read an answer makes no other call. */
TEST_F(chain, ring_answer_of_the_middle_is_read_before_the_next_call)
{
	ring(self);
	end(self, 2);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	cmd_reply(self->a[0]);
	EXPECT_STREQ("", put(self->a[0]));
	run(self->a[0], read_completion);
	cmd_call(self->a[0], self->to[0][3], 'C', 0);
	EXPECT_TRUE(same_codes("FAILED_REPLY REPLY", drain(self->a[0])));
	EXPECT_STREQ("", now(self->a[3]));
}

/* In an actor: a call whose record reaches into memory that is not there. */
static void read_into_a_hole(struct actor *a)
{
	size_t page = getpagesize();
	uint8_t *buf = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct binder_write_read bwr = {
		.read_buffer = (uintptr_t)buf + page - 40, .read_size = page,
	};

	need(buf != MAP_FAILED);
	need(!munmap(buf + page, page));
	need(ioctl(a->conn.fd, BINDER_WRITE_READ, &bwr) == -1 && errno == EFAULT);
	need(!munmap(buf, page));
}

/* A call back that could not be delivered is over, and A is back at its own. */
TEST_F(chain, ring_answer_of_the_middle_comes_behind_a_call_that_was_dropped)
{
	ring_last_dies_unread(self);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
	run(self->a[0], read_completion);
	run(self->a[0], read_into_a_hole);
	EXPECT_STREQ("REPLY", now(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
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
	ring(self);
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

/* A calls again without having read: the call back of the dead comes first. */
TEST_F(chain, call_below_a_call_back_of_the_dead_is_refused)
{
	call(self, 0, 1, "TRANSACTION");
	cmd_call(self->a[1], self->to[1][0], 'C', 0);
	EXPECT_STREQ("", put(self->a[1]));
	end(self, 1);
	cmd_call(self->a[0], self->to[0][3], 'C', 0);
	EXPECT_STREQ("", put(self->a[0]));
	EXPECT_STREQ("COMPLETE TRANSACTION", now(self->a[0]));
	EXPECT_STREQ("FAILED_REPLY", now(self->a[0]));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", answer(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
	/* It waits for nothing more. */
	call(self, 0, 3, "TRANSACTION");
	EXPECT_STREQ("COMPLETE", answer(self->a[3]));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[0]));
}

/* --- B, out of its call to C before A has answered C, calls A again --- */

static void call_again(FIXTURE_DATA(chain) *self, int from)
{
	cmd_call(self->a[from], self->to[from][0], 'N', 0);
	need(!strcmp(put(self->a[from]), ""));
}

static void ring_last_dies_and_the_middle_calls(FIXTURE_DATA(chain) *self)
{
	ring(self);
	end(self, 2);
	need(!strcmp("COMPLETE DEAD_REPLY", now(self->a[1])));
	call_again(self, 1);
	need(!strcmp("", now(self->a[0])));
}

/* What is left: A has read the other call of B. */
static void answer_all(FIXTURE_DATA(chain) *self)
{
	cmd_free(self->a[0]);
	need(!strcmp("COMPLETE", answer(self->a[0])));
	need(!strcmp("COMPLETE REPLY", now(self->a[1])));
	need(!strcmp("COMPLETE", answer(self->a[1])));
	need(!strcmp("REPLY", now(self->a[0])));
}

/* Read before the completion of the answer to C, it might take that for its own. */
TEST_F(chain, ring_last_dies_and_the_middle_calls_again)
{
	ring_last_dies_and_the_middle_calls(self);
	EXPECT_STREQ("COMPLETE TRANSACTION", answer(self->a[0]));
	answer_all(self);
}

TEST_F(chain, ring_last_dies_unread_and_the_middle_calls_again)
{
	ring_last_dies_unread(self);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	call_again(self, 1);
	EXPECT_STREQ("COMPLETE TRANSACTION", now(self->a[0]));
	cmd_free(self->a[0]);
	EXPECT_STREQ("", now(self->a[0]));
	EXPECT_STREQ("COMPLETE TRANSACTION", answer(self->a[0]));
	answer_all(self);
}

/* A may call while it serves, as if nobody waited for it. */
TEST_F(chain, ring_last_dies_the_middle_calls_again_and_the_first_others)
{
	ring_last_dies_and_the_middle_calls(self);
	call(self, 0, 3, "TRANSACTION");
	EXPECT_STREQ("", drain(self->a[0]));
	EXPECT_STREQ("COMPLETE", answer(self->a[3]));
	EXPECT_STREQ("COMPLETE REPLY", now(self->a[0]));
	EXPECT_STREQ("COMPLETE TRANSACTION", answer(self->a[0]));
	answer_all(self);
}

/* Each thread that was told early has a call of its own for A: one after the other. */
TEST_F(chain, ring_of_four_dies_from_its_end_and_all_call_again)
{
	call(self, 0, 1, "TRANSACTION");
	call(self, 1, 2, "TRANSACTION");
	call(self, 2, 3, "TRANSACTION");
	call(self, 3, 0, "COMPLETE TRANSACTION");
	end(self, 3);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[2]));
	call_again(self, 2);
	end(self, 2);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	call_again(self, 1);
	EXPECT_STREQ("", now(self->a[0]));
	/* To nobody, then to C, who is dead, too. */
	EXPECT_STREQ("COMPLETE TRANSACTION", answer(self->a[0]));
	cmd_free(self->a[0]);
	EXPECT_STREQ("", now(self->a[0]));
	EXPECT_STREQ("COMPLETE TRANSACTION", answer(self->a[0]));
	answer_all(self);
}

/* The end of A's own call comes last. */
TEST_F(chain, ring_middle_calls_again_and_dies)
{
	ring_last_dies_and_the_middle_calls(self);
	end(self, 1);
	EXPECT_STREQ("", now(self->a[0]));
	EXPECT_STREQ("COMPLETE TRANSACTION", answer(self->a[0]));
	cmd_free(self->a[0]);
	EXPECT_STREQ("", now(self->a[0]));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", answer(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
}

TEST_F(chain, ring_middle_calls_again_and_the_first_dies)
{
	ring_last_dies_and_the_middle_calls(self);
	end(self, 0);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	EXPECT_STREQ("COMPLETE", answer(self->a[1]));
}

/* A has come to read the first call back, or not: B's is lost with the area. */
static void ring_middle_calls_into_an_area_that_goes(FIXTURE_DATA(chain) *self)
{
	call_again(self, 1);
	run(self->a[0], unmap);
	need(!strcmp("COMPLETE DEAD_REPLY", get(self->a[1])));
	need(!strcmp("COMPLETE", answer(self->a[1])));
}

TEST_F(chain, ring_middle_calls_again_and_the_area_goes)
{
	ring(self);
	end(self, 2);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	ring_middle_calls_into_an_area_that_goes(self);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", answer(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
}

/* There is nothing to come before the end of A's call. */
TEST_F(chain, ring_middle_calls_again_unread_and_the_area_goes)
{
	ring_last_dies_unread(self);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->a[1]));
	ring_middle_calls_into_an_area_that_goes(self);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", get(self->a[0]));
	EXPECT_STREQ("", now(self->a[0]));
}

TEST_HARNESS_MAIN
