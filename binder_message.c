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

static int binder_completion_deliver(struct binder_work *work,
				     struct binder_stream *stream)
{
	struct binder_transaction *t =
		container_of(work, struct binder_transaction, completion);
	u32 cmd = t->completion_cmd;

	binder_debug(BINDER_DEBUG_TRANSACTION_COMPLETE,
		     "%d: transaction %u complete\n",
		     pid_nr(stream->thread->pid), t->debug_id);
	binder_completion_end(t);
	return binder_stream_put(stream, cmd, NULL, 0) ?: BINDER_DELIVERY_NEXT;
}

static void binder_completion_cancel(struct binder_work *work)
{
	binder_completion_end(container_of(work, struct binder_transaction,
					   completion));
}

static const struct binder_work_ops binder_completion_ops = {
	.deliver = binder_completion_deliver,
	.cancel = binder_completion_cancel,
	.kind = BINDER_WORK_COMPLETION,
};

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
 */
void binder_message_unbuild(struct binder_transaction *t)
{
	struct binder_node *node = t->node;
	struct binder_proc *to = t->to;

	WRITE_ONCE(t->unbuilt, true);
	binder_fds_discard(t->fds);
	t->fds = NULL;
	if (t->buffer.offsets_size)
		binder_objects_release(to, &t->buffer,
				       t->buffer.offsets_size / sizeof(u64));
	binder_alloc_free_buffer(to->alloc, &t->buffer);
	binder_message_put(t);
	if (node)
		binder_node_put_strong(node);
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

/**
 * binder_stack_push_locked() - a thread starts to wait for a call
 * @thread: the caller
 * @t: the call
 */
void binder_stack_push_locked(struct binder_thread *thread,
			      struct binder_transaction *t)
{
	lockdep_assert_held(&thread->queue->lock);
	t->from_parent = thread->stack;
	t->waited = true;
	thread->stack = t;
}

/**
 * binder_stack_pop_waited_locked() - a thread stops waiting for a call
 * @t: the call, on top of its caller's stack
 */
void binder_stack_pop_waited_locked(struct binder_transaction *t)
{
	lockdep_assert_held(&t->from->queue->lock);
	t->from->stack = t->from_parent;
	/* Whoever follows the chain from below ends here. */
	t->from_parent = NULL;
	t->waited = false;
}

static int binder_failure_deliver(struct binder_work *work,
				  struct binder_stream *stream)
{
	struct binder_transaction *t =
		container_of(work, struct binder_transaction, work);
	struct binder_extended_error *ee = &stream->thread->ext_error;
	u32 cmd = t->error.cmd;

	if (t->error_id && ee->command == BR_OK) {
		ee->id = t->error_id;
		ee->command = cmd;
		ee->param = t->error.err;
	}
	binder_message_end(t);
	return binder_stream_put(stream, cmd, NULL, 0) ?: BINDER_DELIVERY_NEXT;
}

static void binder_failure_cancel(struct binder_work *work)
{
	binder_message_end(container_of(work, struct binder_transaction, work));
}

static const struct binder_work_ops binder_failure_ops = {
	.deliver = binder_failure_deliver,
	.cancel = binder_failure_cancel,
	.kind = BINDER_WORK_FAILURE,
};

/**
 * binder_stack_resume_locked() - a thread is back at the call below
 * @thread: the thread, which finished a nested call
 *
 * The call it waits for may have failed meanwhile; it learns of it now, after
 * what it still has to read of the nested one.
 */
void binder_stack_resume_locked(struct binder_thread *thread)
{
	struct binder_transaction *t = thread->stack;

	lockdep_assert_held(&thread->queue->lock);
	if (!t || t->from != thread || t->error.cmd == BR_OK)
		return;
	binder_stack_pop_waited_locked(t);
	t->work.ops = &binder_failure_ops;
	binder_thread_queue_locked(thread, &t->work);
}

/**
 * binder_call_fail() - a synchronous call ends without a reply
 * @t: the call, on no list; its hold is used up
 * @result: what the caller reads
 * @id: id for the caller's extended error, 0 to leave that alone
 */
void binder_call_fail(struct binder_transaction *t, struct binder_result result,
		      u32 id)
{
	struct binder_thread *from = t->from;
	bool waited, top;

	/* The call may be gone as soon as the lock is, and its pin with it. */
	rcu_read_lock();
	spin_lock(&from->queue->lock);
	waited = t->waited;
	top = waited && !from->dead && from->stack == t;
	if (waited) {
		t->error = result;
		t->error_id = id;
	}
	if (top)
		binder_stack_resume_locked(from);
	spin_unlock(&from->queue->lock);
	if (top)
		binder_thread_wake(from, true);
	rcu_read_unlock();
	if (!waited)
		binder_message_end(t);
}

/*
 * Look below a call on its caller's stack: the call that the caller is serving
 * there, held, or NULL. The caller may be on its way out.
 */
static struct binder_transaction *
binder_stack_below(struct binder_transaction *t)
{
	struct binder_transaction *below;

	spin_lock(&t->from->queue->lock);
	below = t->from_parent;
	if (below)
		refcount_inc(&below->holders);
	spin_unlock(&t->from->queue->lock);
	return below;
}

/**
 * binder_stack_nested_target() - who can take a nested call
 * @serving: the call that the current thread is serving
 * @to: the process that is called
 *
 * Return: a thread of @to that waits for @serving, directly or through others,
 * with a reference; or NULL.
 */
struct binder_thread *
binder_stack_nested_target(struct binder_transaction *serving,
			   const struct binder_proc *to)
{
	struct binder_transaction *t = serving, *below;
	struct binder_thread *found = NULL;

	refcount_inc(&t->holders);
	while (t) {
		/* ABI: a thread that exited is passed over. */
		if (t->from->proc == to && !READ_ONCE(t->from->dead)) {
			found = t->from;
			refcount_inc(&found->refs);
			below = NULL;
		} else {
			below = binder_stack_below(t);
		}
		binder_message_put(t);
		t = below;
	}
	return found;
}

/**
 * binder_stack_abandon() - end the calls of a released thread
 * @thread: the thread, marked dead
 *
 * Those it was serving are answered. Those it was waiting for go on; their
 * replies will find a dead caller.
 */
void binder_stack_abandon(struct binder_thread *thread)
{
	struct binder_transaction *t;
	bool serving, over;

	for (;;) {
		spin_lock(&thread->queue->lock);
		t = thread->stack;
		serving = t && t->to_thread == thread;
		over = false;
		if (serving) {
			binder_message_over(t, thread);
			thread->stack = t->to_parent;
			t->to_thread = NULL;
			binder_queue_settle_locked(thread->queue);
		} else if (t) {
			binder_stack_pop_waited_locked(t);
			over = t->error.cmd != BR_OK;
		}
		spin_unlock(&thread->queue->lock);
		if (!t)
			break;
		if (serving)
			binder_call_fail(t, (struct binder_result){
						.cmd = BR_DEAD_REPLY }, 0);
		else if (over)
			binder_message_end(t);
	}
}

/**
 * binder_reply_lose() - the area that an unread reply lies in is gone
 * @t: the reply, on no list
 * @thread: the caller, which has not read it; it reads BR_DEAD_REPLY instead
 */
void binder_reply_lose(struct binder_transaction *t,
		       struct binder_thread *thread)
{
	bool dead;

	binder_trace_buffer(binder_transaction_buffer_release, t);
	binder_message_over(t, NULL);
	binder_message_unbuild(t);
	t->error.cmd = BR_DEAD_REPLY;
	t->work.ops = &binder_failure_ops;
	spin_lock(&thread->queue->lock);
	dead = thread->dead;
	if (!dead) {
		binder_thread_queue_locked(thread, &t->work);
		binder_thread_wake(thread, false);
	}
	spin_unlock(&thread->queue->lock);
	if (dead)
		binder_message_end(t);
}
