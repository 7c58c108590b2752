// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chains of calls of which a link dies. A calls B, B calls C: whoever waits is told
 * at once when the answer can no longer come, and the answers of the others are
 * accepted and thrown away.
 *
 * For R04 (CVE-2026-64469) and R05 (CVE-2026-64468).
 */
#include "chain_test.h"

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
