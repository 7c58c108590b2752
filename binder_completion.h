/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Completions: what tells a sender that its message was accepted.
 *
 * A completion is the sender's half of a message, and an item of its todo list.
 * Mostly there is nothing else to read before it: then it stays off the list, and
 * the thread owes it to itself (@owed). Only the thread looks there, so that
 * neither sending nor reading needs a lock or a list for it.
 *
 * One that follows another of the same kind, both of oneway calls, is counted
 * there, and its message let go: a row of them has but one.
 */
#ifndef _BINDER_COMPLETION_H
#define _BINDER_COMPLETION_H

#include "binder_message.h"

struct binder_stream;

extern const struct binder_work_ops binder_completion_ops;

/**
 * binder_completion_init() - prepare the completion of a message
 * @t: the message, just allocated
 */
static inline void binder_completion_init(struct binder_message *t)
{
	binder_work_init(&t->completion, &binder_completion_ops);
}

void binder_completion_queue(struct binder_thread *thread,
			     struct binder_message *t);
void binder_completion_defer(struct binder_thread *thread,
			     struct binder_message *t);
void binder_completion_queue_reply_locked(struct binder_thread *thread,
					  struct binder_message *t);
void binder_completion_retract(struct binder_thread *thread,
			       struct binder_message *t);
bool binder_owed_store_early(struct binder_stream *stream);
void binder_owed_end(struct binder_stream *stream);
int binder_owed_deliver(struct binder_stream *stream);
void binder_owed_queue_locked(struct binder_thread *thread);

/**
 * binder_completion_end() - the completion lets go of a message
 * @t: the message
 */
static inline void binder_completion_end(struct binder_message *t)
{
	binder_stats_gone(BINDER_STAT_COMPLETION);
	binder_message_put(t);
}

#endif /* _BINDER_COMPLETION_H */
