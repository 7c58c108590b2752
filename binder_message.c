// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages: building, freeing, the stacks of calls.
 */
#include <linux/cred.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "binder_hooks.h"
#include "binder_log.h"
#include "binder_message.h"
#include "binder_name.h"
#include "binder_oneway.h"
#include "binder_stream.h"
#include "binder_trace.h"

/* Completion, call and buffer. */
#define BINDER_MESSAGE_HOLDERS 3

static struct kmem_cache *binder_message_slab;

/**
 * binder_message_init_slab() - make the slab of messages
 *
 * Return: 0 or -ENOMEM.
 */
int binder_message_init_slab(void)
{
	binder_message_slab =
		kmem_cache_create(BINDER_NAME_STR "_transaction",
				  sizeof(struct binder_transaction), 0,
				  SLAB_HWCACHE_ALIGN, NULL);
	return binder_message_slab ? 0 : -ENOMEM;
}

/**
 * binder_message_exit_slab() - drop the slab
 */
void binder_message_exit_slab(void)
{
	kmem_cache_destroy(binder_message_slab);
}

static void binder_message_free(struct binder_transaction *t)
{
	if (t->from)
		binder_thread_put(t->from);
	kmem_cache_free(binder_message_slab, t);
}

/**
 * binder_message_discard() - free a message that was not built, or was unbuilt
 * @t: the message
 */
void binder_message_discard(struct binder_transaction *t)
{
	/* Counted since it is known for whom it is. */
	if (t->to) {
		binder_stats_gone(BINDER_STAT_COMPLETION);
		binder_stats_gone(BINDER_STAT_TRANSACTION);
	}
	binder_message_free(t);
}

/**
 * binder_message_put() - one of its holders lets go of a message
 * @t: the message
 */
void binder_message_put(struct binder_transaction *t)
{
	if (refcount_dec_and_test(&t->holders))
		binder_message_free(t);
}

/**
 * binder_message_trace_end() - the part of binder_message_over() that traces
 * @t: the message
 * @to_thread: the thread that served or got it, or NULL
 */
void binder_message_trace_end(const struct binder_transaction *t,
			      const struct binder_thread *to_thread)
{
	const struct binder_thread *from = t->from;

	trace_binder_txn_latency_free(t->debug_id,
				      from ? pid_nr(from->proc->tgid) : 0,
				      from ? pid_nr(from->pid) : 0,
				      pid_nr(t->to->tgid),
				      to_thread ? pid_nr(to_thread->pid) : 0,
				      t->code, t->flags);
}

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

static void binder_completion_log(const struct binder_transaction *t,
				  const struct binder_thread *thread)
{
	binder_debug(BINDER_DEBUG_TRANSACTION_COMPLETE,
		     "%d: transaction %u complete\n", pid_nr(thread->pid),
		     t->debug_id);
}

static int binder_completion_deliver(struct binder_work *work,
				     struct binder_stream *stream)
{
	struct binder_transaction *t =
		container_of(work, struct binder_transaction, completion);
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
	struct binder_transaction *t =
		container_of(work, struct binder_transaction, completion);
	u32 nr = t->buffer.is_async ? t->nr_completions : 1;

	while (--nr)
		binder_stats_gone(BINDER_STAT_COMPLETION);
	binder_completion_end(t);
}

static const struct binder_work_ops binder_completion_ops = {
	.deliver = binder_completion_deliver,
	.cancel = binder_completion_cancel,
	.kind = BINDER_WORK_COMPLETION,
};

/* Can a completion speak for another one that follows? */
static bool binder_completion_repeats(const struct binder_transaction *last,
				      const struct binder_transaction *t)
{
	return last->buffer.is_async &&
	       last->completion_cmd == t->completion_cmd;
}

/* The last item of a thread, if it can say what the completion of @t says. */
static struct binder_transaction *
binder_completion_last_locked(struct binder_thread *thread,
			      const struct binder_transaction *t)
{
	struct binder_transaction *last;
	struct binder_work *work;

	lockdep_assert_held(&thread->queue->lock);
	if (list_empty(&thread->todo))
		return NULL;
	work = list_last_entry(&thread->todo, struct binder_work, entry);
	if (work->ops != &binder_completion_ops)
		return NULL;
	last = container_of(work, struct binder_transaction, completion);
	return binder_completion_repeats(last, t) ? last : NULL;
}

static struct binder_transaction *binder_owed_take(struct binder_thread *thread)
{
	struct binder_transaction *owed = thread->owed;

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
				  struct binder_transaction *t, bool ready)
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
			     struct binder_transaction *t)
{
	struct binder_transaction *last = thread->owed;

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
			     struct binder_transaction *t)
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
					  struct binder_transaction *t)
{
	lockdep_assert_held(&thread->queue->lock);
	thread->unread++;
	if (!binder_completion_owe(thread, t, true))
		binder_thread_queue_locked(thread, &t->completion);
}

/**
 * binder_completion_retract() - a message was not queued after all
 * @thread: the current thread, which has read nothing since
 * @t: the message, a call that is waited for or a reply
 */
void binder_completion_retract(struct binder_thread *thread,
			       struct binder_transaction *t)
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
	struct binder_transaction *t = binder_owed_take(stream->thread);

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
	struct binder_transaction *owed = thread->owed;

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

/**
 * binder_message_alloc() - start a message of the current task
 * @thread: the sender, which noted what it is about to send
 * @tr: the record as sent
 * @ops: what kind of message it is
 *
 * Return: the message, held three times, or NULL without memory.
 */
struct binder_transaction *
binder_message_alloc(struct binder_thread *thread,
		     const struct binder_transaction_data *tr,
		     const struct binder_work_ops *ops)
{
	struct binder_transaction *t;

	if (binder_hook_no_memory(BINDER_HOOK_MESSAGE))
		return NULL;
	t = kmem_cache_zalloc(binder_message_slab, GFP_KERNEL);
	if (!t)
		return NULL;
	binder_work_init(&t->completion, &binder_completion_ops);
	binder_work_init(&t->work, ops);
	refcount_set(&t->holders, BINDER_MESSAGE_HOLDERS);
	t->error.cmd = BR_OK;
	t->completion_cmd = BR_TRANSACTION_COMPLETE;
	t->code = tr->code;
	t->flags = tr->flags;
	t->debug_id = thread->sent.id;
	t->from_pid = thread->sent.from_pid;
	t->from_tid = thread->sent.from_tid;
	t->start = thread->sent.start;
	return t;
}

/* What its buffer is for. A call has its caller from the beginning. */
static enum binder_buffer_kind
binder_message_kind(const struct binder_transaction *t)
{
	if (t->buffer.is_async)
		return BINDER_BUFFER_ONEWAY;
	return t->from ? BINDER_BUFFER_CALL : BINDER_BUFFER_REPLY;
}

/**
 * binder_message_build() - put a message into the receiver's area
 * @t: the message
 * @thread: the sender, the current task
 * @to: the receiver
 * @tr: the record as sent
 * @buffers_size: bytes for the contents of further buffers
 * @accept_fds: the receiver agreed to files
 *
 * Return: BR_OK, or how it failed; then the area is as before.
 */
struct binder_result
binder_message_build(struct binder_transaction *t, struct binder_thread *thread,
		     struct binder_proc *to,
		     const struct binder_transaction_data *tr, u64 buffers_size,
		     bool accept_fds)
{
	struct binder_parcel parcel = {
		.thread = thread,
		.to = to,
		.debug_id = t->debug_id,
		.buffer = &t->buffer,
		.data = u64_to_user_ptr(tr->data.ptr.buffer),
		.offsets = u64_to_user_ptr(tr->data.ptr.offsets),
		.buffers_size = buffers_size,
		.accept_fds = accept_fds,
	};
	int ret = -EINVAL;
	u64 extra;

	if (check_add_overflow(buffers_size, (u64)t->secctx_size, &extra))
		goto fail;
	t->to = to;
	binder_stats_made(BINDER_STAT_TRANSACTION);
	binder_stats_made(BINDER_STAT_COMPLETION);
	ret = binder_alloc_new_buffer(to->alloc, &t->buffer, tr->data_size,
				      tr->offsets_size, extra,
				      binder_message_kind(t));
	if (ret)
		goto fail;
	binder_trace_buffer(binder_transaction_alloc_buf, t);
	t->buffer.clear_on_free = t->flags & TF_CLEAR_BUF;
	ret = binder_parcel_fill(&parcel);
	if (!ret) {
		t->fds = parcel.fds;
		t->has_fd_arrays = parcel.has_fd_arrays;
		return (struct binder_result){ .cmd = BR_OK };
	}
	binder_trace_buffer(binder_transaction_failed_buffer_release, t);
	binder_fds_discard(parcel.fds);
	binder_objects_release(to, &t->buffer, parcel.nr_objects);
	binder_alloc_free_buffer(to->alloc, &t->buffer);
fail:
	return (struct binder_result){
		.cmd = ret == -ESRCH ? BR_DEAD_REPLY : BR_FAILED_REPLY,
		.err = ret,
	};
}

/**
 * binder_message_unbuild() - empty and free the buffer of a message
 * @t: the message; the buffer's hold on it goes too
 *
 * ABI: the owner is told of the target before it is of what the message holds.
 */
void binder_message_unbuild(struct binder_transaction *t)
{
	struct binder_proc *to = t->to;

	WRITE_ONCE(t->unbuilt, true);
	if (t->node)
		binder_node_put_strong(t->node);
	binder_fds_discard(t->fds);
	t->fds = NULL;
	if (t->buffer.offsets_size)
		binder_objects_release(to, &t->buffer,
				       t->buffer.offsets_size / sizeof(u64));
	binder_alloc_free_buffer(to->alloc, &t->buffer);
	binder_message_put(t);
}

/**
 * binder_message_drop() - discard a message that holds up no other
 * @t: a reply, or a oneway call that waited behind another; on no list
 */
void binder_message_drop(struct binder_transaction *t)
{
	binder_message_over(t, NULL);
	binder_message_unbuild(t);
	binder_message_end(t);
}

static noinline void binder_message_trace_release(const struct binder_transaction *t)
{
	binder_trace_buffer(binder_transaction_buffer_release, t);
}

/**
 * binder_message_release_buffer() - empty and free the buffer of a queued message
 * @t: the message
 *
 * The next oneway call to the same node may come.
 */
void binder_message_release_buffer(struct binder_transaction *t)
{
	if (trace_binder_transaction_buffer_release_enabled())
		binder_message_trace_release(t);
	if (t->buffer.is_async)
		binder_oneway_end(t->node);
	binder_message_unbuild(t);
}

/*
 * Close the descriptors that belong to a delivered message. The one that this
 * ioctl came through may be among them, and be the last of its file: the thread
 * keeps the file until the ioctl ends, which it shall do soon.
 */
static noinline void binder_message_close_fds(struct binder_transaction *t,
					      struct binder_thread *thread)
{
	if (!thread->held_file)
		thread->held_file = get_file(thread->proc->file);
	binder_objects_close_fds(t->to->alloc, &t->buffer);
	spin_lock(&thread->queue->lock);
	thread->must_return = true;
	spin_unlock(&thread->queue->lock);
}

/**
 * binder_message_free_buffer() - BC_FREE_BUFFER
 * @thread: the current thread, of the receiver
 * @address: user address of the data
 *
 * Return: false when userspace does not own a buffer there.
 */
bool binder_message_free_buffer(struct binder_thread *thread, u64 address)
{
	struct binder_buffer *buffer =
		binder_alloc_take_from_user(thread->proc->alloc, address);
	struct binder_transaction *t;

	if (!buffer)
		return false;
	t = container_of(buffer, struct binder_transaction, buffer);
	if (t->has_fd_arrays)
		binder_message_close_fds(t, thread);
	binder_message_release_buffer(t);
	return true;
}

/**
 * binder_message_free_all_buffers() - free what userspace did not
 * @proc: a released process
 */
void binder_message_free_all_buffers(struct binder_proc *proc)
{
	struct binder_buffer *buffer;

	while ((buffer = binder_alloc_take_any_from_user(proc->alloc)))
		binder_message_release_buffer(container_of(buffer,
							   struct binder_transaction,
							   buffer));
}
