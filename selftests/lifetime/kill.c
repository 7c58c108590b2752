// SPDX-License-Identifier: GPL-2.0-only
/*
 * SIGKILL to the sender and to the receiver of a synchronous, a nested and a
 * oneway call, at each stage the call passes through. The one that is left gets
 * what a client relies on, and calls work afterwards.
 *
 * In the nested case the receiver has called the sender, which now calls back.
 *
 * For R06.
 */
#include "kselftest_harness.h"

#include "actor.h"

enum kind { SYNC, NESTED, ONEWAY };
enum victim { SENDER, RECEIVER };

#define NODE_S 0x1000
#define NODE_R 0x2000

struct pair {
	struct actor *s, *r;	/* sender and receiver */
	uint32_t to_r, to_s;
};

static void pair_up(struct pair *p, enum kind kind)
{
	new_manager();
	p->s = actor_new();
	p->r = actor_new();
	p->to_r = grant(p->r, NODE_R, 0, p->s);
	p->to_s = grant(p->s, NODE_S, 0, p->r);
	watch(p->s);
	watch(p->r);
	/* Who is left loses references at some time or other. */
	p->s->no_refs = true;
	p->r->no_refs = true;
	if (kind != NESTED)
		return;
	cmd_call(p->r, p->to_s, 'O', 0);
	need(!strcmp(put(p->r), ""));
	need(!strcmp(now(p->s), "TRANSACTION"));
	cmd_free(p->s);
	need(!strcmp(put(p->s), ""));
}

FIXTURE(kill)
{
	struct pair p;
};

FIXTURE_VARIANT(kill)
{
	enum kind kind;
};

FIXTURE_VARIANT_ADD(kill, sync) { .kind = SYNC };
FIXTURE_VARIANT_ADD(kill, nested) { .kind = NESTED };
FIXTURE_VARIANT_ADD(kill, oneway) { .kind = ONEWAY };

FIXTURE_SETUP(kill)
{
	pair_up(&self->p, variant->kind);
}

FIXTURE_TEARDOWN(kill)
{
	fresh_call();
}

/* Stages that a oneway call does not have. */
FIXTURE(kill_reply)
{
	struct pair p;
};

FIXTURE_VARIANT(kill_reply)
{
	enum kind kind;
};

FIXTURE_VARIANT_ADD(kill_reply, sync) { .kind = SYNC };
FIXTURE_VARIANT_ADD(kill_reply, nested) { .kind = NESTED };

FIXTURE_SETUP(kill_reply)
{
	pair_up(&self->p, variant->kind);
}

FIXTURE_TEARDOWN(kill_reply)
{
	fresh_call();
}

/* The sender's call is written; with @stall it hangs in the copy. */
static void send_call(struct actor *s, uint32_t handle, enum kind kind, bool stall)
{
	if (stall)
		actor_stall(s);
	cmd_call(s, handle, 'C', kind == ONEWAY ? TF_ONE_WAY : 0);
	start_get(s);
	if (stall)
		await_stall(s);
	else if (kind != ONEWAY)
		await_sleep(s);
}

/* What the receiver's read brings first when the call comes in. */
static const char *arrival(enum kind kind)
{
	return kind == NESTED ? "COMPLETE TRANSACTION" : "TRANSACTION";
}

/* The receiver of a call from the dead answers it like any other. */
#define EXPECT_ANSWER_ACCEPTED(r) do {					\
	cmd_reply(r);							\
	cmd_free(r);							\
	EXPECT_STREQ("COMPLETE", now(r));				\
} while (0)

static char both(const char *codes, struct actor *r)
{
	char first[64];

	snprintf(first, sizeof(first), "%s", codes);
	if (!strcmp(first, "COMPLETE DEAD_REPLY") || !strcmp(first, "DEAD_REPLY COMPLETE"))
		return 'b';
	codes = get(r);
	if ((!strcmp(first, "COMPLETE") && !strcmp(codes, "DEAD_REPLY")) ||
	    (!strcmp(first, "DEAD_REPLY") && !strcmp(codes, "COMPLETE")))
		return 'b';
	printf("# read \"%s\", then \"%s\"\n", first, codes);
	return 'x';
}

/*
 * The nested call's receiver waits for an answer of its own, which will never
 * come. Whether it hears of that before or after it has answered is another
 * matter; see chain.c.
 */
#define EXPECT_OUTER_CALL_DEAD(r) do {					\
	cmd_reply(r);							\
	cmd_free(r);							\
	EXPECT_EQ('b', both(get(r), r));				\
} while (0)

TEST_F(kill, sender_before)
{
	kill_actor(self->p.s);
	await_gone(self->p.s);
	EXPECT_STREQ(variant->kind == NESTED ? "COMPLETE DEAD_REPLY" : "", now(self->p.r));
}

TEST_F(kill, receiver_before)
{
	kill_actor(self->p.r);
	await_gone(self->p.r);
	cmd_call(self->p.s, self->p.to_r, 'C', variant->kind == ONEWAY ? TF_ONE_WAY : 0);
	EXPECT_STREQ("DEAD_REPLY", now(self->p.s));
	if (variant->kind == NESTED) {
		cmd_reply(self->p.s);
		EXPECT_STREQ("COMPLETE", now(self->p.s));
	}
	EXPECT_STREQ("", drain(self->p.s));
}

/* Dead for callers, but its burial may not have begun. */
TEST_F(kill, receiver_just_before)
{
	kill_actor(self->p.r);
	cmd_call(self->p.s, self->p.to_r, 'C', variant->kind == ONEWAY ? TF_ONE_WAY : 0);
	EXPECT_STREQ("DEAD_REPLY", now(self->p.s));
	await_gone(self->p.r);
	if (variant->kind == NESTED) {
		cmd_reply(self->p.s);
		EXPECT_STREQ("COMPLETE", now(self->p.s));
	}
	EXPECT_STREQ("", drain(self->p.s));
}

TEST_F(kill, sender_in_copy)
{
	send_call(self->p.s, self->p.to_r, variant->kind, true);
	kill_actor(self->p.s);
	await_gone(self->p.s);
	EXPECT_STREQ(variant->kind == NESTED ? "COMPLETE DEAD_REPLY" : "", drain(self->p.r));
}

TEST_F(kill, receiver_in_copy)
{
	send_call(self->p.s, self->p.to_r, variant->kind, true);
	kill_actor(self->p.r);
	await_gone(self->p.r);
	resume(self->p.s);
	EXPECT_STREQ("DEAD_REPLY", got(self->p.s));
	if (variant->kind == NESTED) {
		cmd_reply(self->p.s);
		EXPECT_STREQ("COMPLETE", now(self->p.s));
	}
	EXPECT_STREQ("", drain(self->p.s));
}

TEST_F(kill, sender_queued)
{
	send_call(self->p.s, self->p.to_r, variant->kind, false);
	if (variant->kind == ONEWAY) {
		EXPECT_STREQ("COMPLETE", got(self->p.s));
	}
	kill_actor(self->p.s);
	await_gone(self->p.s);
	EXPECT_STREQ(arrival(variant->kind), now(self->p.r));
	EXPECT_EQ('C', self->p.r->txn.code);
	EXPECT_EQ(0, self->p.r->txn.sender_pid);
	if (variant->kind == NESTED) {
		EXPECT_OUTER_CALL_DEAD(self->p.r);
	} else if (variant->kind == SYNC) {
		EXPECT_ANSWER_ACCEPTED(self->p.r);
	} else {
		cmd_free(self->p.r);
	}
	EXPECT_STREQ("", drain(self->p.r));
}

TEST_F(kill, receiver_queued)
{
	send_call(self->p.s, self->p.to_r, variant->kind, false);
	if (variant->kind == ONEWAY) {
		EXPECT_STREQ("COMPLETE", got(self->p.s));
	}
	kill_actor(self->p.r);
	await_gone(self->p.r);
	if (variant->kind != ONEWAY) {
		EXPECT_STREQ("COMPLETE DEAD_REPLY", got(self->p.s));
	}
	if (variant->kind == NESTED) {
		cmd_reply(self->p.s);
		EXPECT_STREQ("COMPLETE", now(self->p.s));
	}
	EXPECT_STREQ("", drain(self->p.s));
}

TEST_F(kill, sender_delivered)
{
	send_call(self->p.s, self->p.to_r, variant->kind, false);
	if (variant->kind == ONEWAY) {
		EXPECT_STREQ("COMPLETE", got(self->p.s));
	}
	EXPECT_STREQ(arrival(variant->kind), now(self->p.r));
	kill_actor(self->p.s);
	await_gone(self->p.s);
	if (variant->kind == NESTED) {
		EXPECT_OUTER_CALL_DEAD(self->p.r);
	} else if (variant->kind == SYNC) {
		EXPECT_ANSWER_ACCEPTED(self->p.r);
	} else {
		cmd_free(self->p.r);
	}
	EXPECT_STREQ("", drain(self->p.r));
}

TEST_F(kill, receiver_delivered)
{
	send_call(self->p.s, self->p.to_r, variant->kind, false);
	if (variant->kind == ONEWAY) {
		EXPECT_STREQ("COMPLETE", got(self->p.s));
	}
	EXPECT_STREQ(arrival(variant->kind), now(self->p.r));
	kill_actor(self->p.r);
	await_gone(self->p.r);
	if (variant->kind != ONEWAY) {
		EXPECT_STREQ("COMPLETE DEAD_REPLY", got(self->p.s));
	}
	if (variant->kind == NESTED) {
		cmd_reply(self->p.s);
		EXPECT_STREQ("COMPLETE", now(self->p.s));
	}
	EXPECT_STREQ("", drain(self->p.s));
}

/* The receiver is in the middle of its answer. */
TEST_F(kill_reply, sender_replying)
{
	send_call(self->p.s, self->p.to_r, variant->kind, false);
	EXPECT_STREQ(arrival(variant->kind), now(self->p.r));
	actor_stall(self->p.r);
	cmd_reply(self->p.r);
	start_get(self->p.r);
	await_stall(self->p.r);
	kill_actor(self->p.s);
	await_gone(self->p.s);
	resume(self->p.r);
	if (variant->kind == NESTED) {
		EXPECT_EQ('b', both(got(self->p.r), self->p.r));
	} else {
		EXPECT_STREQ("COMPLETE", got(self->p.r));
	}
	cmd_free(self->p.r);
	EXPECT_STREQ("", drain(self->p.r));
}

TEST_F(kill_reply, receiver_replying)
{
	send_call(self->p.s, self->p.to_r, variant->kind, false);
	EXPECT_STREQ(arrival(variant->kind), now(self->p.r));
	actor_stall(self->p.r);
	cmd_reply(self->p.r);
	start_get(self->p.r);
	await_stall(self->p.r);
	kill_actor(self->p.r);
	/* The answer failed, rather than the one who gave it. */
	EXPECT_STREQ("COMPLETE FAILED_REPLY", got(self->p.s));
	await_gone(self->p.r);
	if (variant->kind == NESTED) {
		cmd_reply(self->p.s);
		EXPECT_STREQ("COMPLETE", now(self->p.s));
	}
	EXPECT_STREQ("", drain(self->p.s));
}

/* The receiver sleeps in its read before the call is made. */
TEST_F(kill, receiver_waiting)
{
	start_get(self->p.r);
	await_sleep(self->p.r);
	kill_actor(self->p.r);
	cmd_call(self->p.s, self->p.to_r, 'C', variant->kind == ONEWAY ? TF_ONE_WAY : 0);
	EXPECT_STREQ("DEAD_REPLY", now(self->p.s));
	await_gone(self->p.r);
	if (variant->kind == NESTED) {
		cmd_reply(self->p.s);
		EXPECT_STREQ("COMPLETE", now(self->p.s));
	}
	EXPECT_STREQ("", drain(self->p.s));
}

/* The answer is there and not yet read. */
TEST_F(kill_reply, sender_replied)
{
	cmd_call(self->p.s, self->p.to_r, 'C', 0);
	ASSERT_STREQ("", put(self->p.s));
	EXPECT_STREQ(arrival(variant->kind), now(self->p.r));
	EXPECT_ANSWER_ACCEPTED(self->p.r);
	kill_actor(self->p.s);
	await_gone(self->p.s);
	EXPECT_STREQ(variant->kind == NESTED ? "DEAD_REPLY" : "", drain(self->p.r));
}

TEST_F(kill_reply, receiver_replied)
{
	cmd_call(self->p.s, self->p.to_r, 'C', 0);
	ASSERT_STREQ("", put(self->p.s));
	EXPECT_STREQ(arrival(variant->kind), now(self->p.r));
	EXPECT_ANSWER_ACCEPTED(self->p.r);
	kill_actor(self->p.r);
	await_gone(self->p.r);
	EXPECT_STREQ("COMPLETE REPLY", now(self->p.s));
	cmd_free(self->p.s);
	if (variant->kind == NESTED)
		cmd_reply(self->p.s);
	EXPECT_STREQ(variant->kind == NESTED ? "COMPLETE" : "", drain(self->p.s));
}

TEST_HARNESS_MAIN
