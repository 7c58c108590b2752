/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A message in memory; binder_message.h says who holds it.
 *
 * A call that is waited for and a reply fill four cache lines, with the sender's
 * half and the receiver's half on different ones. Of oneway calls thousands may
 * wait, and nobody waits for them: they have what all have, and end there.
 */
#ifndef _BINDER_CALL_H
#define _BINDER_CALL_H

#include <linux/llist.h>
#include <linux/stddef.h>

#include "binder_buffer.h"
#include "binder_priority.h"
#include "binder_result.h"

struct binder_fds;
struct binder_node;

/**
 * struct binder_transaction - a synchronous call or a reply
 * @message: what oneway calls have as well, and all that those have
 * @completion: (sender's L) item that tells the sender it was accepted
 * @spare: link among those that are freed, once kept by a CPU
 * @from_parent: (caller's L) what was on top of the caller's stack before; once
 *	the call is there
 * @from_pid: (I) process that opened the sending file, as the logs number it;
 *	where there is no @from
 * @from_tid: (I) task that sent the message, as the logs number it; as @from_pid
 * @error_id: (caller's L) id that goes with @error
 * @nr_completions: (sender's L) of a oneway call: how many @completion stands for
 * @holders: completion, call and buffer
 * @debug_id: (I) id for humans
 * @over: the call let go: it was delivered or answered, or will not be
 * @unbuilt: the buffer was freed
 * @has_fd_arrays: (I) freeing the delivered buffer closes descriptors
 * @has_counts: (I) an object in the buffer holds something of a ref or node
 * @nice: (I) nice value of the sender, for the logs
 * @start: (I) when it was sent, in jiffies
 * @code: (I) as sent
 * @flags: (I) as sent
 * @completion_cmd: what @completion says, set before it is queued
 * @secctx_words: (I) size of the sender's security context at the end of the
 *	buffer, in 8 bytes; 0 when the receiver did not ask for it
 * @work: (receiver's L) item that delivers the message, or the call's failure
 * @to: (I) the receiver; valid while the buffer or a stack holds the message
 * @node: (I) target, held strongly by the buffer; NULL for a reply
 * @fds: files that travel with the message, until delivery
 * @buffer: the message in the receiver's area
 * @from: (I) caller of a synchronous call, pinned; else NULL
 * @error: (caller's L) how the call ended before its caller was back at it
 * @to_thread: (receiver's L) thread that serves the call, once delivered
 * @to_parent: (receiver's L) what was on top of that thread's stack before; until
 *	it is delivered, what has to be there, if @to_fixed_thread
 * @reply: (caller's L) the answer, if @error says BR_REPLY: it came while the
 *	caller was inside another call
 * @to_tid: the task it is delivered to, when that was chosen; 0 before
 * @priority: of the sender, and what the receiver's thread had
 * @to_fixed_thread: (receiver's L) handed to one thread, because it waits for this
 *	chain
 * @waited: (caller's L) the call is on the caller's stack
 *
 * A oneway call is a struct binder_message and ends with @buffer: of these there may
 * be thousands. binder_transaction_of() leads from there to the rest of others.
 */
struct binder_transaction {
	struct_group_tagged(binder_message, message, /* all of a oneway call */
		union {
			struct binder_work completion;
			struct llist_node spare;
		};
		union {
			struct binder_transaction *from_parent;
			struct {
				pid_t from_pid;
				pid_t from_tid;
			};
		};
		union {
			u32 error_id;
			u32 nr_completions;
		};
		refcount_t holders;
		u32 debug_id;
		bool over;
		bool unbuilt;
		u8 has_fd_arrays : 1;
		u8 has_counts : 1;
		s8 nice;
		u32 start;
		u32 code;
		u32 flags;
		u16 completion_cmd;
		u16 secctx_words;

		struct binder_work work;
		struct binder_proc *to;
		struct binder_node *node;
		struct binder_fds *fds;
		struct binder_buffer buffer;
	);
	struct binder_thread *from;
	struct binder_result error;
	struct binder_thread *to_thread;
	union {
		struct binder_transaction *to_parent;
		struct binder_transaction *reply;
	};
	pid_t to_tid;
	struct binder_call_priority priority;
	bool to_fixed_thread;
	bool waited;
};

/* A page has 20 oneway calls, or 16 others, whose halves share no line of a cache. */
static_assert(sizeof(struct binder_message) <= 200);
static_assert(sizeof(struct binder_transaction) <= 256);
static_assert(BITS_PER_LONG == 32 ||
	      offsetof(struct binder_transaction, work) == 64);

/**
 * binder_transaction_of() - all of a message that is not a oneway call
 * @t: the message
 *
 * Return: the call or reply that it is.
 */
static inline struct binder_transaction *
binder_transaction_of(const struct binder_message *t)
{
	return container_of(t, struct binder_transaction, message);
}

/**
 * binder_message_caller() - who waits for the answer to a message
 * @t: the message
 *
 * Return: the caller of a synchronous call, pinned by it; else NULL.
 */
static inline struct binder_thread *
binder_message_caller(const struct binder_message *t)
{
	return t->buffer.is_async ? NULL : binder_transaction_of(t)->from;
}

/**
 * binder_message_secctx_size() - how large the sender's security context is
 * @t: the message
 *
 * Return: bytes at the end of its buffer, 0 when the receiver did not ask for it.
 */
static inline u32 binder_message_secctx_size(const struct binder_message *t)
{
	return t->secctx_words * sizeof(u64);
}

#endif /* _BINDER_CALL_H */
