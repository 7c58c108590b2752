// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completions. See binder_completion.h for where they are kept.
 */
#include "binder_completion.h"
#include "binder_log.h"
#include "binder_stream.h"

/*
 * A completion stands for @nr, more than one: deliver those that find room, but
 * for the last one.
 */
static noinline int binder_completions_put(struct binder_stream *stream,
					   u32 cmd, u32 *nr)
{
	u32 left = *nr;
	int ret;

	do {
		ret = binder_stream_put(stream, cmd, NULL, 0);
		binder_stats_gone(BINDER_STAT_COMPLETION);
	} while (--left > 1 && !ret &&
		 binder_stream_room(stream) >= BINDER_RECORD_ROOM);
	WRITE_ONCE(*nr, left);
	return ret ?: BINDER_DELIVERY_NEXT;
}

static void binder_completion_log(const struct binder_message *t,
				  const struct binder_thread *thread)
{
	binder_debug(BINDER_DEBUG_TRANSACTION_COMPLETE,
		     "%d: transaction %u complete\n", pid_nr(thread->pid),
		     t->debug_id);
}

static int binder_completion_deliver(struct binder_work *work,
				     struct binder_stream *stream)
{
	struct binder_message *t =
		container_of(work, struct binder_message, completion);
	struct binder_thread *thread = stream->thread;
	u32 cmd = t->completion_cmd;
	int ret;

	if (t->buffer.is_async && t->nr_completions > 1) {
		ret = binder_completions_put(stream, cmd, &t->nr_completions);
		/* What is left is still the first of the thread's items. */
		spin_lock(&thread->queue->lock);
		list_add(&t->completion.entry, &thread->todo);
		thread->todo_ready = true;
		spin_unlock(&thread->queue->lock);
		return ret;
	}
	binder_completion_log(t, thread);
	thread->unread--;
	binder_completion_end(t);
	return binder_stream_put(stream, cmd, NULL, 0) ?: BINDER_DELIVERY_NEXT;
}

static void binder_completion_cancel(struct binder_work *work)
{
	struct binder_message *t =
		container_of(work, struct binder_message, completion);
	u32 nr = t->buffer.is_async ? t->nr_completions : 1;

	while (--nr)
		binder_stats_gone(BINDER_STAT_COMPLETION);
	binder_completion_end(t);
}

const struct binder_work_ops binder_completion_ops = {
	.deliver = binder_completion_deliver,
	.cancel = binder_completion_cancel,
	.kind = BINDER_WORK_COMPLETION,
};

/* Can a completion speak for another one that follows? */
static bool binder_completion_repeats(const struct binder_message *last,
				      const struct binder_message *t)
{
	return last->buffer.is_async &&
	       last->completion_cmd == t->completion_cmd;
}

/* The last item of a thread, if it can say what the completion of @t says. */
static struct binder_message *
binder_completion_last_locked(struct binder_thread *thread,
			      const struct binder_message *t)
{
	struct binder_message *last;
	struct binder_work *work;

	lockdep_assert_held(&thread->queue->lock);
	if (list_empty(&thread->todo))
		return NULL;
	work = list_last_entry(&thread->todo, struct binder_work, entry);
	if (work->ops != &binder_completion_ops)
		return NULL;
	last = container_of(work, struct binder_message, completion);
	return binder_completion_repeats(last, t) ? last : NULL;
}

static struct binder_message *binder_owed_take(struct binder_thread *thread)
{
	struct binder_message *owed = thread->owed;

	thread->owed = NULL;
	WRITE_ONCE(thread->nr_owed, 0);
	return owed;
}

/*
 * The thread will read a completion next, and nobody else looks for it: it
 * needs no list, and no lock. Not so when something else comes first, or a poll
 * has to find it.
 */
static bool binder_completion_owe(struct binder_thread *thread,
				  struct binder_message *t, bool ready)
{
	if (thread->owed || !list_empty(&thread->todo) ||
	    t->completion_cmd != BR_TRANSACTION_COMPLETE ||
	    READ_ONCE(thread->looper) & BINDER_LOOPER_POLL)
		return false;
	thread->owed = t;
	thread->owed_ready = ready;
	WRITE_ONCE(thread->nr_owed, 1);
	return true;
}

/**
 * binder_completion_queue() - a oneway call was accepted
 * @thread: the current thread, which sent it
 * @t: the call; the receiver may be through with it
 *
 * A sender may take its time to read completions: a row of them shall not keep
 * as many messages that are over.
 */
void binder_completion_queue(struct binder_thread *thread,
			     struct binder_message *t)
{
	struct binder_message *last = thread->owed;

	if (last && list_empty(&thread->todo) &&
	    binder_completion_repeats(last, t)) {
		WRITE_ONCE(thread->nr_owed, thread->nr_owed + 1);
		binder_message_put(t);
		return;
	}
	t->nr_completions = 1;
	if (binder_completion_owe(thread, t, true)) {
		thread->unread++;
		return;
	}
	spin_lock(&thread->queue->lock);
	last = binder_completion_last_locked(thread, t);
	if (last) {
		last->nr_completions++;
	} else {
		thread->unread++;
		binder_thread_queue_locked(thread, &t->completion);
	}
	spin_unlock(&thread->queue->lock);
	if (last)
		binder_message_put(t);
}

/**
 * binder_completion_defer() - a synchronous call will be queued
 * @thread: the current thread, which sends it
 * @t: the call
 *
 * The completion is read together with what comes next.
 */
void binder_completion_defer(struct binder_thread *thread,
			     struct binder_message *t)
{
	thread->unread++;
	if (binder_completion_owe(thread, t, false))
		return;
	spin_lock(&thread->queue->lock);
	binder_thread_queue_deferred_locked(thread, &t->completion);
	spin_unlock(&thread->queue->lock);
}

/**
 * binder_completion_queue_reply_locked() - a reply will be queued
 * @thread: the current thread, which sends it
 * @t: the reply
 */
void binder_completion_queue_reply_locked(struct binder_thread *thread,
					  struct binder_message *t)
{
	lockdep_assert_held(&thread->queue->lock);
	thread->unread++;
	if (!binder_completion_owe(thread, t, true))
		binder_thread_queue_locked(thread, &t->completion);
}

/**
 * binder_completion_retract() - a message was not queued after all
 * @thread: the current thread, which has read nothing since
 * @t: the message, a call that is waited for
 */
void binder_completion_retract(struct binder_thread *thread,
			       struct binder_message *t)
{
	thread->unread--;
	if (thread->owed == t) {
		binder_owed_take(thread);
		return;
	}
	spin_lock(&thread->queue->lock);
	binder_work_unlink_locked(thread->queue, &t->completion);
	spin_unlock(&thread->queue->lock);
}

/**
 * binder_owed_store_early() - store what a thread is owed, before it waits
 * @stream: the cursor of the thread
 *
 * It saves a look at the queue between the completion and the reply. Nothing is
 * told before binder_owed_end(); until then the cursor may be set back.
 *
 * Return: false when there is nothing, or it could not be stored: that may show
 * only after the wait.
 */
bool binder_owed_store_early(struct binder_stream *stream)
{
	return stream->thread->owed &&
	       binder_stream_room(stream) >= BINDER_RECORD_ROOM &&
	       !binder_stream_store(stream, BR_TRANSACTION_COMPLETE, NULL, 0);
}

/**
 * binder_owed_end() - what binder_owed_store_early() stored is told
 * @stream: the cursor of the thread
 */
void binder_owed_end(struct binder_stream *stream)
{
	struct binder_message *t = binder_owed_take(stream->thread);

	binder_stream_tell(stream, BR_TRANSACTION_COMPLETE);
	binder_completion_log(t, stream->thread);
	stream->thread->unread--;
	binder_completion_end(t);
}

/**
 * binder_owed_deliver() - tell a thread what it is owed
 * @stream: the cursor of the thread
 *
 * Return: an enum binder_delivery, or -EFAULT when it could not be stored.
 */
int binder_owed_deliver(struct binder_stream *stream)
{
	struct binder_thread *thread = stream->thread;

	if (thread->nr_owed > 1)
		return binder_completions_put(stream, BR_TRANSACTION_COMPLETE,
					      &thread->nr_owed);
	if (binder_stream_store(stream, BR_TRANSACTION_COMPLETE, NULL, 0)) {
		thread->unread--;
		binder_completion_end(binder_owed_take(thread));
		return -EFAULT;
	}
	binder_owed_end(stream);
	return BINDER_DELIVERY_NEXT;
}

/**
 * binder_owed_queue_locked() - what a thread is owed takes its place on the list
 * @thread: the thread: the current one, or one whose task has exited
 *
 * For a poll, which looks at the list, or for the end of the thread.
 */
void binder_owed_queue_locked(struct binder_thread *thread)
{
	struct binder_message *owed = thread->owed;

	lockdep_assert_held(&thread->queue->lock);
	if (!owed)
		return;
	if (owed->buffer.is_async)
		owed->nr_completions = thread->nr_owed;
	binder_owed_take(thread);
	list_add(&owed->completion.entry, &thread->todo);
	if (thread->owed_ready)
		thread->todo_ready = true;
}
