// SPDX-License-Identifier: GPL-2.0-only
/*
 * R06: a call uses the thread and the process that it goes to, which may end at any point
 * of it. So each end of a synchronous, a nested and a oneway call is killed at each stage
 * the call passes through. The one that is left gets what a client relies on, and calls
 * work afterwards.
 *
 * In the nested case the receiver has called the sender, which now calls back.
 */
#include "memory.h"
#include "protocol_test.h"
#include "racers.h"

enum kind { SYNC, NESTED, ONEWAY };

#define NODE_S 0x1000
#define NODE_R 0x2000

static struct port *s, *r;	/* sender and receiver */
static uint32_t to_r, to_s;

static void pair_up(enum kind kind)
{
	struct port *mgr = manager();

	s = process();
	r = process();
	/* Nobody hears of references that the manager has, too. */
	give(r, mgr, NODE_R, 0, 0);
	give(s, mgr, NODE_S, 0, 0);
	to_r = give(r, s, NODE_R, 0, 0);
	to_s = give(s, r, NODE_S, 0, 0);
	watch_burial(s);
	watch_burial(r);
	if (kind != NESTED)
		return;
	call(r, to_s, 'O', 0);
	if (strcmp(only_write(r), "") || strcmp(go(s), "NOOP TXN:4f"))
		fail("the receiver's call: got '%s' and '%s'", r->got, s->got);
	free_last(s);
	only_write(s);
}

/* Does a call, with data both ways, work between two that are new? */
static void call_between_new_ones(void)
{
	struct port *server = process(), *client = process();
	const uint64_t value = 0x5ca1ab1e, back = ~value;
	uint32_t handle = give(server, client, 0x10, 0, 0);

	call_data(client, handle, 'F', 0, &value, sizeof(value));
	go(client);
	if (strcmp(go(server), "NOOP TXN:46") || memcmp(server->payload, &value, sizeof(value)))
		fail("call between new ones: got '%s'", server->got);
	free_last(server);
	reply_msg(server, (struct bnd_msg){
		.data = memcpy(shared(sizeof(back)), &back, sizeof(back)), .size = sizeof(back),
	});
	go(server);
	if (strcmp(go(client), "NOOP COMPLETE REPLY:0") ||
	    memcmp(client->payload, &back, sizeof(back)))
		fail("answer between new ones: got '%s'", client->got);
}

FIXTURE_VARIANT(kill) {
	enum kind kind;
};

PEERS_FIXTURE(kill, pair_up(variant->kind), call_between_new_ones());
FIXTURE_VARIANT_ADD(kill, sync) { .kind = SYNC };
FIXTURE_VARIANT_ADD(kill, nested) { .kind = NESTED };
FIXTURE_VARIANT_ADD(kill, oneway) { .kind = ONEWAY };

/* Stages that a oneway call does not have. */
FIXTURE_VARIANT(kill_reply) {
	enum kind kind;
};

PEERS_FIXTURE(kill_reply, pair_up(variant->kind), call_between_new_ones());
FIXTURE_VARIANT_ADD(kill_reply, sync) { .kind = SYNC };
FIXTURE_VARIANT_ADD(kill_reply, nested) { .kind = NESTED };

static void add_call(enum kind kind)
{
	call(s, to_r, 'C', kind == ONEWAY ? TF_ONE_WAY : 0);
}

/* The call is written, and the sender waits for its answer or has its completion. */
#define SEND_CALL(kind)							\
	do {								\
		add_call(kind);						\
		start(s);						\
		if ((kind) == ONEWAY)					\
			FINISH(s, "NOOP COMPLETE");			\
		ASSERT_EQ((kind) != ONEWAY, asleep(s));			\
	} while (0)

/* The call hangs in the copy. */
static void stall_call(enum kind kind)
{
	call_msg(s, (struct bnd_msg){
		.handle = to_r, .code = 'C', .flags = kind == ONEWAY ? TF_ONE_WAY : 0,
		.data = missing_page(s), .size = 64,
	});
	launch(s);
	await_missing();
}

static void stall_answer(void)
{
	reply_msg(r, (struct bnd_msg){ .data = missing_page(r), .size = 64 });
	launch(r);
	await_missing();
}

/* What the receiver's read brings first when the call comes in. */
static const char *arrival(enum kind kind)
{
	return kind == NESTED ? "NOOP COMPLETE TXN:43" : "NOOP TXN:43";
}

/* A call from the dead is answered like any other. */
#define ANSWER(p)							\
	do {								\
		reply(p, 0, 0);						\
		GO(p, "NOOP COMPLETE");					\
	} while (0)

/* Behind an answer to the dead the rest of a write is left. */
#define ANSWER_AND_FREE(p)						\
	do {								\
		ANSWER(p);						\
		free_last(p);						\
		WRITE(p, "");						\
	} while (0)

/* @p read both, one way or the other round, or reads the second now. */
static void expect_completion_and_end(struct port *p)
{
	const char *complete = "NOOP COMPLETE", *dead = "NOOP DEAD";
	const bool done = !strcmp(p->got, complete);

	if (!strcmp(p->got, "NOOP COMPLETE DEAD") || !strcmp(p->got, "NOOP DEAD COMPLETE"))
		return;
	if (!done && strcmp(p->got, dead))
		fail("neither completion nor end: got '%s'", p->got);
	if (strcmp(go_blocking(p), done ? dead : complete))
		fail("after %s: got '%s'", done ? "the completion" : "the end", p->got);
}

/*
 * The nested call's receiver waits for an answer of its own, which will never come.
 * Whether it hears of that before or after it has answered is another matter; see
 * ../lifetime/chain.c.
 */
#define ANSWER_AND_HEAR_OF_THE_END(p)					\
	do {								\
		reply(p, 0, 0);						\
		go_blocking(p);						\
		expect_completion_and_end(p);				\
		free_last(p);						\
		WRITE(p, "");						\
	} while (0)

TEST_F(kill, sender_before)
{
	die(s);
	await_burial(s);
	GO(r, variant->kind == NESTED ? "NOOP COMPLETE DEAD" : "EAGAIN");
}

TEST_F(kill, receiver_before)
{
	die(r);
	await_burial(r);
	add_call(variant->kind);
	GO(s, "NOOP DEAD");
	if (variant->kind == NESTED)
		ANSWER(s);
	GO(s, "EAGAIN");
}

/* Dead for callers, but its burial may not have begun. */
TEST_F(kill, receiver_just_before)
{
	die(r);
	add_call(variant->kind);
	GO(s, "NOOP DEAD");
	await_burial(r);
	if (variant->kind == NESTED)
		ANSWER(s);
	GO(s, "EAGAIN");
}

/* It sleeps in its read before the call is made. */
TEST_F(kill, receiver_waiting)
{
	START_ASLEEP(r);
	die(r);
	add_call(variant->kind);
	GO(s, "NOOP DEAD");
	await_burial(r);
	if (variant->kind == NESTED)
		ANSWER(s);
	GO(s, "EAGAIN");
}

TEST_F(kill, sender_in_copy)
{
	stall_call(variant->kind);
	die(s);
	await_burial(s);
	if (variant->kind == NESTED)
		GO(r, "NOOP COMPLETE DEAD");
	GO(r, "EAGAIN");
}

TEST_F(kill, receiver_in_copy)
{
	stall_call(variant->kind);
	die(r);
	await_burial(r);
	provide(0);
	FINISH(s, "NOOP DEAD");
	if (variant->kind == NESTED)
		ANSWER(s);
	GO(s, "EAGAIN");
}

TEST_F(kill, sender_queued)
{
	SEND_CALL(variant->kind);
	die(s);
	await_burial(s);
	GO(r, arrival(variant->kind));
	ASSERT_EQ(0, r->txn.sender_pid);
	if (variant->kind == NESTED)
		ANSWER_AND_HEAR_OF_THE_END(r);
	else if (variant->kind == SYNC)
		ANSWER_AND_FREE(r);
	else
		free_last(r);
	GO(r, "EAGAIN");
}

TEST_F(kill, receiver_queued)
{
	SEND_CALL(variant->kind);
	die(r);
	await_burial(r);
	if (variant->kind != ONEWAY)
		FINISH(s, "NOOP COMPLETE DEAD");
	if (variant->kind == NESTED)
		ANSWER(s);
	GO(s, "EAGAIN");
}

TEST_F(kill, sender_delivered)
{
	SEND_CALL(variant->kind);
	GO(r, arrival(variant->kind));
	die(s);
	await_burial(s);
	if (variant->kind == NESTED)
		ANSWER_AND_HEAR_OF_THE_END(r);
	else if (variant->kind == SYNC)
		ANSWER_AND_FREE(r);
	else
		free_last(r);
	GO(r, "EAGAIN");
}

TEST_F(kill, receiver_delivered)
{
	SEND_CALL(variant->kind);
	GO(r, arrival(variant->kind));
	die(r);
	await_burial(r);
	if (variant->kind != ONEWAY)
		FINISH(s, "NOOP COMPLETE DEAD");
	if (variant->kind == NESTED)
		ANSWER(s);
	GO(s, "EAGAIN");
}

/* The receiver is in the middle of its answer. */
TEST_F(kill_reply, sender_replying)
{
	SEND_CALL(variant->kind);
	GO(r, arrival(variant->kind));
	stall_answer();
	die(s);
	await_burial(s);
	provide(0);
	finish(r);
	if (variant->kind == NESTED)
		expect_completion_and_end(r);
	else
		ASSERT_STREQ("NOOP COMPLETE", r->got);
	free_last(r);
	GO(r, "EAGAIN");
}

TEST_F(kill_reply, receiver_replying)
{
	SEND_CALL(variant->kind);
	GO(r, arrival(variant->kind));
	stall_answer();
	die(r);
	/* The answer failed, rather than the one who gave it. */
	FINISH(s, "NOOP COMPLETE FAILED");
	await_burial(r);
	if (variant->kind == NESTED)
		ANSWER(s);
	GO(s, "EAGAIN");
}

/* The answer is there and not yet read. */
TEST_F(kill_reply, sender_replied)
{
	add_call(variant->kind);
	WRITE(s, "");
	GO(r, arrival(variant->kind));
	ANSWER_AND_FREE(r);
	die(s);
	await_burial(s);
	if (variant->kind == NESTED)
		GO(r, "NOOP DEAD");
	GO(r, "EAGAIN");
}

TEST_F(kill_reply, receiver_replied)
{
	add_call(variant->kind);
	WRITE(s, "");
	GO(r, arrival(variant->kind));
	ANSWER_AND_FREE(r);
	die(r);
	await_burial(r);
	GO(s, "NOOP COMPLETE REPLY:0");
	free_last(s);
	if (variant->kind == NESTED)
		ANSWER(s);
	GO(s, "EAGAIN");
}

TEST_HARNESS_MAIN
