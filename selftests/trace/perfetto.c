// SPDX-License-Identifier: GPL-2.0-only
/* The state machine of Perfetto; see perfetto.h. */
#include <stdio.h>

#include "binder_raw.h"
#include "perfetto.h"
#include "tracer.h"

#define MAX_THREADS 64
#define MAX_DEPTH 64
#define MAX_MESSAGES 4096

enum state {
	CALL_WRITTEN,		/* BC_TRANSACTION */
	CALL_SENT,		/* its transaction */
	CALL_COMPLETE,		/* BR_TRANSACTION_COMPLETE of a call with a reply */
	REPLY_RECEIVED,		/* transaction_received of the reply */
	CALL_RECEIVED,		/* transaction_received of a call */
	SERVING,		/* BR_TRANSACTION */
	REPLY_WRITTEN,		/* BC_REPLY */
	REPLY_SENT,		/* its transaction */
};

static const char *const state_names[] = {
	"a call was written", "a call was sent", "a call is complete", "a reply was received",
	"a call was received", "a call is being served", "a reply was written", "a reply was sent",
};

struct message {
	long long id;
	bool is_reply;
	bool is_oneway;
	bool received;
	bool over;
};

struct frame {
	enum state state;
	const struct message *message;
};

struct thread {
	pid_t tid;
	int depth;
	struct frame stack[MAX_DEPTH];
};

static struct thread threads[MAX_THREADS];
static int nthreads;
static struct message messages[MAX_MESSAGES];
static int nmessages;
static char complaint[256];

static void complain(const struct thread *thread, const char *event, const char *why)
{
	const struct frame *top = thread->depth ? &thread->stack[thread->depth - 1] : NULL;

	snprintf(complaint, sizeof(complaint), "task %d, %s: %s; on top: %s", thread->tid, event,
		 why, top ? state_names[top->state] : "nothing");
}

static struct thread *thread_of(pid_t tid)
{
	for (int i = 0; i < nthreads; i++)
		if (threads[i].tid == tid)
			return &threads[i];
	if (nthreads == MAX_THREADS)
		return NULL;
	threads[nthreads] = (struct thread){ .tid = tid };
	return &threads[nthreads++];
}

static struct message *message_of(long long id)
{
	for (int i = 0; i < nmessages; i++)
		if (messages[i].id == id)
			return &messages[i];
	return NULL;
}

static void push(struct thread *thread, enum state state, const struct message *message)
{
	if (thread->depth == MAX_DEPTH)
		complain(thread, "push", "too deep");
	else
		thread->stack[thread->depth++] = (struct frame){ state, message };
}

static bool top_is(const struct thread *thread, enum state state)
{
	return thread->depth && thread->stack[thread->depth - 1].state == state;
}

static void on_command(struct thread *thread, uint32_t cmd)
{
	switch (cmd) {
	case BC_TRANSACTION:
	case BC_TRANSACTION_SG:
		push(thread, CALL_WRITTEN, NULL);
		break;
	case BC_REPLY:
	case BC_REPLY_SG:
		/* Without a call it fails, and that is all that is seen of it. */
		if (top_is(thread, SERVING))
			thread->stack[thread->depth - 1].state = REPLY_WRITTEN;
		else
			push(thread, REPLY_WRITTEN, NULL);
		break;
	}
}

static void on_transaction(struct thread *thread, const struct event *event)
{
	bool is_reply = value(event, "reply");
	struct message *message = &messages[nmessages];
	struct frame *top = &thread->stack[thread->depth - 1];

	if (!top_is(thread, is_reply ? REPLY_WRITTEN : CALL_WRITTEN)) {
		complain(thread, "transaction", "no command for it");
		return;
	}
	*message = (struct message){
		.id = value(event, "debug_id"),
		.is_reply = is_reply,
		.is_oneway = !is_reply && (value(event, "flags") & TF_ONE_WAY),
	};
	if (message->id <= 0 || message_of(message->id) || nmessages + 1 == MAX_MESSAGES) {
		complain(thread, "transaction", "its id is 0, negative or used already");
		return;
	}
	nmessages++;
	*top = (struct frame){ is_reply ? REPLY_SENT : CALL_SENT, message };
}

static void on_received(struct thread *thread, const struct event *event)
{
	struct message *message = message_of(value(event, "debug_id"));

	if (!message || message->received) {
		complain(thread, "transaction_received", "its id was not sent, or received before");
		return;
	}
	message->received = true;
	if (!message->is_reply)
		push(thread, CALL_RECEIVED, message);
	else if (top_is(thread, CALL_COMPLETE))
		thread->stack[thread->depth - 1].state = REPLY_RECEIVED;
	else
		complain(thread, "transaction_received", "a reply nobody waits for");
}

/* Of a message that was on its way before, only the end is seen. */
static void on_end(struct thread *thread, const struct event *event)
{
	struct message *message = message_of(value(event, "debug_id"));

	if (message && message->over)
		complain(thread, "txn_latency_free", "it has ended before");
	else if (message)
		message->over = true;
}

/* Completions come in the order of the calls, so the deepest open one is meant. */
static void on_complete(struct thread *thread)
{
	int i;

	for (i = thread->depth - 1; i > 0; i--)
		if (thread->stack[i - 1].state != CALL_SENT ||
		    !thread->stack[i - 1].message->is_oneway)
			break;
	if (i >= 0 && thread->stack[i].state == CALL_SENT && !thread->stack[i].message->is_oneway) {
		thread->stack[i].state = CALL_COMPLETE;
		return;
	}
	/* A oneway call is over; so is a call whose reply was taken, or got nowhere. */
	if (i < 0 || (thread->stack[i].state != CALL_SENT &&
		      thread->stack[i].state != REPLY_SENT &&
		      thread->stack[i].state != REPLY_WRITTEN)) {
		complain(thread, "BR_TRANSACTION_COMPLETE", "of nothing");
		return;
	}
	thread->depth--;
	memmove(&thread->stack[i], &thread->stack[i + 1],
		(thread->depth - i) * sizeof(thread->stack[0]));
}

static void on_failure(struct thread *thread, const char *name)
{
	if (top_is(thread, CALL_WRITTEN) || top_is(thread, CALL_SENT) ||
	    top_is(thread, CALL_COMPLETE) || top_is(thread, REPLY_WRITTEN) ||
	    top_is(thread, REPLY_SENT))
		thread->depth--;
	else
		complain(thread, name, "of nothing");
}

static void on_return(struct thread *thread, uint32_t cmd)
{
	struct frame *top = &thread->stack[thread->depth - 1];

	switch (cmd) {
	case BR_NOOP:
		complain(thread, "BR_NOOP", "is not traced");
		break;
	case BR_TRANSACTION:
	case BR_TRANSACTION_SEC_CTX:
		if (!top_is(thread, CALL_RECEIVED))
			complain(thread, "BR_TRANSACTION", "not received before");
		else if (top->message->is_oneway)
			thread->depth--;
		else
			top->state = SERVING;
		break;
	case BR_REPLY:
		if (top_is(thread, REPLY_RECEIVED))
			thread->depth--;
		else
			complain(thread, "BR_REPLY", "not received before");
		break;
	case BR_TRANSACTION_COMPLETE:
	case BR_TRANSACTION_PENDING_FROZEN:
	case BR_ONEWAY_SPAM_SUSPECT:
		on_complete(thread);
		break;
	case BR_DEAD_REPLY:
	case BR_FAILED_REPLY:
	case BR_FROZEN_REPLY:
		on_failure(thread, bnd_br_name(cmd));
		break;
	}
}

const char *perfetto_complaint(void)
{
	const struct event *event;

	nthreads = 0;
	nmessages = 0;
	complaint[0] = '\0';
	for (int i = 0; !complaint[0] && (event = nth(NULL, 0, i)); i++) {
		const char *name = event->format->name;
		struct thread *thread = thread_of(event->tid);

		if (!thread)
			return "too many threads";
		if (!strcmp(name, "binder_command"))
			on_command(thread, value(event, "cmd"));
		else if (!strcmp(name, "binder_return"))
			on_return(thread, value(event, "cmd"));
		else if (!strcmp(name, "binder_transaction"))
			on_transaction(thread, event);
		else if (!strcmp(name, "binder_transaction_received"))
			on_received(thread, event);
		else if (!strcmp(name, "binder_txn_latency_free"))
			on_end(thread, event);
	}
	return complaint;
}
