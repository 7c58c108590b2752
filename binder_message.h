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
 * binder_call.h has its members.
 */
#ifndef _BINDER_MESSAGE_H
#define _BINDER_MESSAGE_H

#include <linux/tracepoint-defs.h>

#include "binder_call.h"
#include "binder_object.h"

int binder_message_init_slab(void);
void binder_message_exit_slab(void);
void binder_message_start_keeping(void);
void binder_message_stop_keeping(void);

struct binder_message *
binder_message_alloc(struct binder_thread *thread,
		     const struct binder_transaction_data *tr,
		     const struct binder_work_ops *ops);
struct binder_message *
binder_message_alloc_oneway(struct binder_thread *thread,
			    const struct binder_transaction_data *tr,
			    const struct binder_work_ops *ops);
void binder_message_discard(struct binder_message *t);
void binder_message_put(struct binder_message *t);
struct binder_result
binder_message_build(struct binder_message *t, struct binder_thread *thread,
		     struct binder_proc *to,
		     const struct binder_transaction_data *tr, u64 buffers_size,
		     bool accept_fds);
void binder_message_unbuild(struct binder_message *t);
void binder_message_drop(struct binder_message *t);
void binder_message_release_buffer(struct binder_message *t);
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
binder_message_secctx_start(const struct binder_message *t)
{
	return t->buffer.range.size - binder_message_secctx_size(t);
}

/**
 * binder_message_sender_euid() - who sent a message
 * @t: the message, whose buffer was not freed
 *
 * Return: the effective uid of the task that sent it.
 */
static inline kuid_t
binder_message_sender_euid(const struct binder_message *t)
{
	return KUIDT_INIT(t->buffer.user_account->key);
}

/**
 * binder_message_end() - the call lets go of a message
 * @t: the message, on no list
 */
static inline void binder_message_end(struct binder_message *t)
{
	WRITE_ONCE(t->over, true);
	binder_stats_gone(BINDER_STAT_TRANSACTION);
	binder_message_put(t);
}

DECLARE_TRACEPOINT(binder_txn_latency_free);

void binder_message_trace_end(const struct binder_message *t,
			      const struct binder_thread *to_thread);

/**
 * binder_message_over() - a call was answered, another message delivered, or
 *	either failed
 * @t: the message; its receiver is still valid
 * @to_thread: the thread that served or got it, or NULL
 */
static inline void binder_message_over(const struct binder_message *t,
				       const struct binder_thread *to_thread)
{
	if (tracepoint_enabled(binder_txn_latency_free))
		binder_message_trace_end(t, to_thread);
}

/* One of the events of binder_trace.h about the buffer of a message. */
#define binder_trace_buffer(event, message)				\
do {									\
	const struct binder_message *_t = (message);		\
									\
	if (trace_ ## event ## _enabled())				\
		trace_ ## event(_t->debug_id, _t->buffer.data_size,	\
				_t->buffer.offsets_size,		\
				_t->buffer.extra_size);			\
} while (0)

#endif /* _BINDER_MESSAGE_H */
