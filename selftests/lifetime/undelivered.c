// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages that nobody will read any more give back what they carry: files (seen
 * as the end of a pipe), references (seen by their owner), and their callers get
 * an answer.
 *
 * For R26 and R51.
 */
#include "kselftest_harness.h"

#include "actor.h"

#define NODE_S 0x1000
#define NODE_C 0x2000
#define NODE_SENT 0x3000

enum how { KILLED, CLOSED, EXITED };

FIXTURE(undelivered)
{
	/* The server is the one that goes. */
	struct actor *c, *s;
	uint32_t to_s, to_c;
	int reader, writer;	/* of a pipe that only messages of c keep open */
};

FIXTURE_VARIANT(undelivered)
{
	enum how how;
};

FIXTURE_VARIANT_ADD(undelivered, receiver_killed) { .how = KILLED };
FIXTURE_VARIANT_ADD(undelivered, receiver_closed) { .how = CLOSED };
FIXTURE_VARIANT_ADD(undelivered, receiver_exited) { .how = EXITED };

FIXTURE_SETUP(undelivered)
{
	new_manager();
	self->c = actor_new();
	self->s = actor_new();
	self->to_s = grant(self->s, NODE_S, FLAT_BINDER_FLAG_ACCEPTS_FDS, self->c);
	self->to_c = grant(self->c, NODE_C, FLAT_BINDER_FLAG_ACCEPTS_FDS, self->s);
	watch(self->s);
	self->writer = pipe_in(self->c, &self->reader);
}

FIXTURE_TEARDOWN(undelivered)
{
	fresh_call();
}

/* The next message of c carries the pipe and a new node. */
static void load(FIXTURE_DATA(undelivered) *self)
{
	msg_fd(self->c, self->writer);
	msg_binder(self->c, NODE_SENT, 0);
}

static void step_close_writer(struct actor *a)
{
	close(a->arg);
}

/* From here on only messages hold the pipe. */
static void let_go(FIXTURE_DATA(undelivered) *self)
{
	self->c->arg = self->writer;
	run(self->c, step_close_writer);
	need(pipe_open(self->reader));
}

static void end_receiver(FIXTURE_DATA(undelivered) *self, enum how how)
{
	switch (how) {
	case KILLED:
		kill_actor(self->s);
		break;
	case CLOSED:
		close_actor(self->s);
		break;
	case EXITED:
		exit_actor(self->s);
		break;
	}
	await_gone(self->s);
}

/* The owner has been told of its node, so that it hears of the end, too. */
static void acknowledge(FIXTURE_DATA(undelivered) *self)
{
	cmd_done(self->c, NODE_SENT);
	need(!strcmp(put(self->c), ""));
}

TEST_F(undelivered, call)
{
	load(self);
	cmd_call(self->c, self->to_s, 'C', 0);
	EXPECT_STREQ("", put(self->c));
	let_go(self);
	end_receiver(self, variant->how);
	await_eof(self->reader);
	self->c->no_refs = true;
	EXPECT_STREQ("COMPLETE DEAD_REPLY", get(self->c));
}

TEST_F(undelivered, oneway_call)
{
	load(self);
	cmd_call(self->c, self->to_s, 'O', TF_ONE_WAY);
	EXPECT_STREQ("INCREFS ACQUIRE COMPLETE", now(self->c));
	acknowledge(self);
	let_go(self);
	end_receiver(self, variant->how);
	await_eof(self->reader);
	await_decrefs(self->c, NODE_SENT);
}

/* The second waits behind the first, which is being served. */
TEST_F(undelivered, oneway_call_behind_another)
{
	cmd_call(self->c, self->to_s, 'O', TF_ONE_WAY);
	EXPECT_STREQ("COMPLETE", now(self->c));
	EXPECT_STREQ("TRANSACTION", now(self->s));
	for (int i = 0; i < 3; i++) {
		load(self);
		cmd_call(self->c, self->to_s, 'P', TF_ONE_WAY);
		EXPECT_STREQ(i ? "COMPLETE" : "INCREFS ACQUIRE COMPLETE", now(self->c));
		if (!i)
			acknowledge(self);
	}
	let_go(self);
	end_receiver(self, variant->how);
	await_eof(self->reader);
	await_decrefs(self->c, NODE_SENT);
}

TEST_F(undelivered, nested_call)
{
	cmd_call(self->s, self->to_c, 'C', 0);
	EXPECT_STREQ("", put(self->s));
	EXPECT_STREQ("TRANSACTION", now(self->c));
	load(self);
	cmd_call(self->c, self->to_s, 'N', 0);
	EXPECT_STREQ("", put(self->c));
	let_go(self);
	end_receiver(self, variant->how);
	await_eof(self->reader);
	self->c->no_refs = true;
	EXPECT_STREQ("COMPLETE DEAD_REPLY", get(self->c));
	cmd_reply(self->c);
	EXPECT_STREQ("COMPLETE", now(self->c));
}

TEST_F(undelivered, reply)
{
	cmd_call(self->s, self->to_c, 'C', TF_ACCEPT_FDS);
	EXPECT_STREQ("", put(self->s));
	EXPECT_STREQ("TRANSACTION", now(self->c));
	load(self);
	cmd_reply(self->c);
	EXPECT_STREQ("INCREFS ACQUIRE COMPLETE", now(self->c));
	acknowledge(self);
	let_go(self);
	end_receiver(self, variant->how);
	await_eof(self->reader);
	await_decrefs(self->c, NODE_SENT);
}

/* Delivered and never freed; the descriptors are the receiver's own by then. */
TEST_F(undelivered, buffers_not_freed)
{
	for (int i = 0; i < 20; i++) {
		load(self);
		cmd_call(self->c, self->to_s, 'O', TF_ONE_WAY);
		EXPECT_STREQ(i ? "COMPLETE" : "INCREFS ACQUIRE COMPLETE", now(self->c));
		if (!i)
			acknowledge(self);
		EXPECT_STREQ(i ? "" : "TRANSACTION", now(self->s));
	}
	let_go(self);
	end_receiver(self, variant->how);
	await_decrefs(self->c, NODE_SENT);
}

FIXTURE(sender)
{
	struct actor *c, *s;
	uint32_t to_s;
	int reader, writer;
};

FIXTURE_SETUP(sender)
{
	new_manager();
	self->c = actor_new();
	self->s = actor_new();
	self->to_s = grant(self->s, NODE_S, FLAT_BINDER_FLAG_ACCEPTS_FDS, self->c);
	self->s->no_refs = true;
	watch(self->c);
	self->writer = pipe_in(self->c, &self->reader);
}

FIXTURE_TEARDOWN(sender)
{
	fresh_call();
}

static void step_close_received(struct actor *a)
{
	struct binder_fd_object fd;

	memcpy(&fd, a->payload, sizeof(fd));
	a->err = close(fd.fd);
}

/* Its third object is none: what was taken for the others is given back. */
TEST_F(sender, call_fails)
{
	msg_fd(self->c, self->writer);
	msg_binder(self->c, NODE_SENT, 0);
	msg_bytes(self->c, "no such type of object!!", 24);
	self->c->offsets[self->c->noffsets++] = self->c->size - 24;
	cmd_call(self->c, self->to_s, 'C', 0);
	/* The node came and went before anybody could be told of it. */
	EXPECT_STREQ("FAILED_REPLY", drain(self->c));
	self->c->arg = self->writer;
	run(self->c, step_close_writer);
	await_eof(self->reader);
	EXPECT_STREQ("", drain(self->s));
}

/* What was sent arrives although its sender is dead, files and nodes with it. */
TEST_F(sender, killed_after_sending)
{
	uint32_t handle;

	msg_fd(self->c, self->writer);
	msg_binder(self->c, NODE_SENT, 0);
	cmd_call(self->c, self->to_s, 'O', TF_ONE_WAY);
	ASSERT_STREQ("", put(self->c));
	kill_actor(self->c);
	await_gone(self->c);
	EXPECT_TRUE(pipe_open(self->reader));
	ASSERT_STREQ("TRANSACTION", now(self->s));
	run(self->s, step_close_received);
	EXPECT_EQ(0, self->s->err);
	await_eof(self->reader);

	/* The node is dead: calls say so, and so does the notice. */
	handle = payload_handle(self->s, 1);
	cmd_call(self->s, handle, 'X', 0);
	EXPECT_STREQ("DEAD_REPLY", now(self->s));
	bnd_cmd_request_death(&self->s->w, handle, 5);
	EXPECT_STREQ("DEAD_BINDER", now(self->s));
	bnd_cmd_dead_binder_done(&self->s->w, 5);
	cmd_free(self->s);
	EXPECT_STREQ("", drain(self->s));
	/* Its last reference was the message's. */
	cmd_call(self->s, handle, 'X', 0);
	EXPECT_STREQ("FAILED_REPLY", now(self->s));
}

/* Between its first object and its end the copy stalls, and the sender is killed. */
TEST_F(sender, killed_while_sending)
{
	struct bnd_msg m;

	actor_stall(self->c);
	/* The offsets come from the page that is not there, the objects do not. */
	msg_fd(self->c, self->writer);
	m = (struct bnd_msg){
		.handle = self->to_s, .code = 'O', .flags = TF_ONE_WAY,
		.data = self->c->message, .size = sizeof(struct binder_fd_object),
		.offsets = self->c->stall, .noffsets = 1,
	};
	bnd_cmd_transaction(&self->c->w, &m);
	start_get(self->c);
	await_stall(self->c);
	kill_actor(self->c);
	await_eof(self->reader);
	await_gone(self->c);
	EXPECT_STREQ("", drain(self->s));
}

TEST_HARNESS_MAIN
