/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages: calls, oneway calls and replies, from the sender's command to the last free.
 *
 * One allocation holds everything a message needs: its work item, the sender's
 * completion, and the descriptor of its buffer. Three parties hold it, and the
 * last one frees it:
 *   - the completion, until the sender read it; that of a oneway call, until the
 *     one before it speaks for both, when nothing is in between;
 *   - the call: on todo lists and stacks until it is delivered (oneway call,
 *     reply) or answered (synchronous call);
 *   - the buffer, until it is freed.
 * The sender's half and the receiver's half are on different cache lines, and
 * all of it fills four.
 */
#ifndef _BINDER_MESSAGE_H
#define _BINDER_MESSAGE_H

#include <linux/tracepoint-defs.h>

#include "binder_object.h"
#include "binder_priority.h"
#include "binder_result.h"

/**
 * struct binder_transaction - a message
 * @completion: (sender's L) item that tells the sender it was accepted
 * @from: (I) caller of a synchronous call, pinned; else NULL
 * @from_parent: (caller's L) what was on top of the caller's stack before; once
 *	the call is there
 * @from_pid: (I) process that opened the sending file, as the logs number it;
 *	where there is no @from
 * @from_tid: (I) task that sent the message, as the logs number it; as @from_pid
 * @error: (caller's L) how the call ended before its caller was back at it
 * @error_id: (caller's L) id that goes with @error
 * @nr_completions: (sender's L) of a oneway call: how many @completion stands for
 * @holders: completion, call and buffer
 * @debug_id: (I) id for humans
 * @work: (receiver's L) item that delivers the message, or the call's failure
 * @waited: (caller's L) the call is on the caller's stack
 * @over: the call let go: it was delivered or answered, or will not be
 * @unbuilt: the buffer was freed
 * @has_fd_arrays: (I) freeing the delivered buffer closes descriptors
 * @has_counts: (I) an object in the buffer holds something of a ref or node
 * @to: (I) the receiver; valid while the buffer or a stack holds the message
 * @to_thread: (receiver's L) thread that serves the call, once delivered
 * @to_parent: (receiver's L) what was on top of that thread's stack before; until
 *	it is delivered, what has to be there, if @to_fixed_thread
 * @reply: (caller's L) the answer, if @error says BR_REPLY: it came while the
 *	caller was inside another call
 * @node: (I) target, held strongly by the buffer; NULL for a reply
 * @fds: files that travel with the message, until delivery
 * @start: (I) when it was sent, in jiffies
 * @to_tid: the task it is delivered to, when that was chosen; 0 before
 * @code: (I) as sent
 * @flags: (I) as sent
 * @priority: of the sender, and what the receiver's thread had
 * @to_fixed_thread: (receiver's L) handed to one thread, because it waits for this
 *	chain
 * @completion_cmd: what @completion says, set before it is queued
 * @secctx_size: (I) bytes of the sender's security context at the end of the
 *	buffer, 0 when the receiver did not ask for it
 * @buffer: the message in the receiver's area
 */
struct binder_transaction {
	struct binder_work completion;
	struct binder_thread *from;
	union {
		struct binder_transaction *from_parent;
		struct {
			pid_t from_pid;
			pid_t from_tid;
		};
	};
	struct binder_result error;
	union {
		u32 error_id;
		u32 nr_completions;
	};
	refcount_t holders;
	u32 debug_id;
	bool waited;
	bool over;
	bool unbuilt;
	u8 has_fd_arrays : 1;
	u8 has_counts : 1;

	struct binder_work work ____cacheline_aligned_in_smp;
	struct binder_proc *to;
	struct binder_thread *to_thread;
	union {
		struct binder_transaction *to_parent;
		struct binder_transaction *reply;
	};
	struct binder_node *node;
	struct binder_fds *fds;
	u32 start;
	pid_t to_tid;
	u32 code;
	u32 flags;
	struct binder_call_priority priority;
	bool to_fixed_thread;
	u16 completion_cmd;
	u32 secctx_size;
	struct binder_buffer buffer;
};

/* One byte more would cost each message a fourth of its size. */
static_assert(SMP_CACHE_BYTES > 64 || sizeof(struct binder_transaction) <= 256);

int binder_message_init_slab(void);
void binder_message_exit_slab(void);
void binder_message_start_keeping(void);
void binder_message_stop_keeping(void);

struct binder_transaction *
binder_message_alloc(struct binder_thread *thread,
		     const struct binder_transaction_data *tr,
		     const struct binder_work_ops *ops);
void binder_message_discard(struct binder_transaction *t);
void binder_message_put(struct binder_transaction *t);
struct binder_result
binder_message_build(struct binder_transaction *t, struct binder_thread *thread,
		     struct binder_proc *to,
		     const struct binder_transaction_data *tr, u64 buffers_size,
		     bool accept_fds);
void binder_message_unbuild(struct binder_transaction *t);
void binder_message_drop(struct binder_transaction *t);
void binder_message_release_buffer(struct binder_transaction *t);
bool binder_message_free_buffer(struct binder_thread *thread, u64 address);
void binder_message_free_all_buffers(struct binder_proc *proc);

/**
 * binder_message_secctx_start() - where the sender's security context begins
 * @t: a message that was built with one
 *
 * It comes last: nothing that the sender asks for lies behind it.
 *
 * Return: its distance from the start of the buffer in bytes.
 */
static inline u32
binder_message_secctx_start(const struct binder_transaction *t)
{
	return t->buffer.range.size - t->secctx_size;
}

/**
 * binder_message_sender_euid() - who sent a message
 * @t: the message, whose buffer was not freed
 *
 * Return: the effective uid of the task that sent it.
 */
static inline kuid_t
binder_message_sender_euid(const struct binder_transaction *t)
{
	return KUIDT_INIT(t->buffer.user_account->key);
}

/**
 * binder_message_end() - the call lets go of a message
 * @t: the message, on no list
 */
static inline void binder_message_end(struct binder_transaction *t)
{
	WRITE_ONCE(t->over, true);
	binder_stats_gone(BINDER_STAT_TRANSACTION);
	binder_message_put(t);
}

DECLARE_TRACEPOINT(binder_txn_latency_free);

void binder_message_trace_end(const struct binder_transaction *t,
			      const struct binder_thread *to_thread);

/**
 * binder_message_over() - a call was answered, another message delivered, or
 *	either failed
 * @t: the message; its receiver is still valid
 * @to_thread: the thread that served or got it, or NULL
 */
static inline void binder_message_over(const struct binder_transaction *t,
				       const struct binder_thread *to_thread)
{
	if (tracepoint_enabled(binder_txn_latency_free))
		binder_message_trace_end(t, to_thread);
}

/* One of the events of binder_trace.h about the buffer of a message. */
#define binder_trace_buffer(event, message)				\
do {									\
	const struct binder_transaction *_t = (message);		\
									\
	if (trace_ ## event ## _enabled())				\
		trace_ ## event(_t->debug_id, _t->buffer.data_size,	\
				_t->buffer.offsets_size,		\
				_t->buffer.extra_size);			\
} while (0)

#endif /* _BINDER_MESSAGE_H */
