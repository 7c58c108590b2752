// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending calls. Modelled in models/reply.pml, calls to a process that is about to
 * freeze in models/freezer.pml.
 */
#include "binder_completion.h"
#include "binder_context.h"
#include "binder_delivery.h"
#include "binder_oneway.h"
#include "binder_ref.h"
#include "binder_security.h"
#include "binder_sending.h"
#include "binder_stack.h"
#include "binder_trace.h"
#include "binder_transaction.h"

/*
 * Each unread completion keeps a message, which nobody is charged for: a thread
 * that has so many to read cannot call. A row of oneway calls has but one.
 */
#define BINDER_UNREAD_MAX 1024

/* The node a call is addressed to, held strongly. */
static struct binder_result binder_target_find(struct binder_proc *proc,
					       u32 handle,
					       struct binder_node **node)
{
	struct binder_node *found;

	/* ABI: 0 is the manager, whatever the handle table says. */
	if (handle) {
		found = binder_ref_target(proc, handle);
		if (!found)
			return BINDER_FAILED(-EINVAL);
	} else {
		found = binder_context_get_manager(proc->context);
		if (!found)
			return BINDER_DEAD(-EINVAL);
	}
	if (found->proc == proc ||
	    (!handle && found->proc->tgid == proc->tgid)) {
		binder_node_put_strong(found);
		return BINDER_FAILED(-EINVAL);
	}
	/* A hint; what counts is the look under the lock when it is queued. */
	if (READ_ONCE(found->dead)) {
		binder_node_put_strong(found);
		return BINDER_DEAD(-EINVAL);
	}
	*node = found;
	return BINDER_SUCCESS;
}

/*
 * May the thread make a synchronous call now, and what does a thread of the
 * target wait for that it is nested in? The stack is only pushed to by the thread
 * itself, so seeing it empty needs no lock.
 */
static struct binder_result binder_call_admit(struct binder_thread *thread,
					      const struct binder_proc *to,
					      struct binder_transaction **below)
{
	struct binder_transaction *serving;
	struct binder_work *first;
	bool unread;

	if (!READ_ONCE(thread->stack) && list_empty(&thread->todo))
		return BINDER_SUCCESS;
	spin_lock(&thread->queue->lock);
	first = list_first_entry_or_null(&thread->todo, struct binder_work,
					 entry);
	unread = first && !thread->owed &&
		 (first->ops == &binder_call_ops ||
		  first->ops == &binder_oneway_ops ||
		  first->ops == &binder_reply_ops ||
		  binder_stack_is_answer_locked(thread, first));
	serving = thread->stack;
	if (serving && serving->from == thread)
		unread = true;
	spin_unlock(&thread->queue->lock);
	if (unread)
		return BINDER_FAILED(-EPROTO);
	/* Stable: only this thread ends a call it is serving. */
	if (serving)
		*below = binder_stack_nested_target(serving, to);
	return BINDER_SUCCESS;
}

/* May a call be queued? ABI: frozen is looked at before dead. */
static u32 binder_queue_refuses_locked(struct binder_queue *queue,
				       const struct binder_transaction *below)
{
	lockdep_assert_held(&queue->lock);
	if (unlikely(queue->frozen)) {
		queue->sync_refused = true;
		return BR_FROZEN_REPLY;
	}
	return queue->closed || (below && below->from->dead) ? BR_DEAD_REPLY :
							       BR_OK;
}

static struct binder_result binder_queue_sync(struct binder_transaction *t,
					      struct binder_thread *thread,
					      struct binder_transaction *below)
{
	struct binder_queue *queue = &t->to->queue;
	struct binder_thread *wake = NULL;
	u32 refusal;

	/* On the stack first: the answer may come before we are back. */
	binder_completion_defer(thread, &t->message);
	binder_stack_push(thread, t);

	rcu_read_lock();
	spin_lock(&queue->lock);
	refusal = binder_queue_refuses_locked(queue, below);
	if (refusal == BR_OK) {
		queue->outstanding++;
		/* It may have ended, and its caller waits for nothing more. */
		if (below && below->waited)
			wake = binder_stack_queue_nested_locked(t, below);
		else
			wake = binder_queue_assign_locked(queue, &t->work);
	}
	spin_unlock(&queue->lock);
	if (wake)
		binder_thread_wake(wake, true);
	rcu_read_unlock();
	if (refusal == BR_OK)
		return BINDER_SUCCESS;

	binder_completion_retract(thread, &t->message);
	spin_lock(&thread->queue->lock);
	binder_stack_pop_waited_locked(t);
	spin_unlock(&thread->queue->lock);
	return BINDER_RESULT(refusal, 0);
}

/*
 * A frozen process keeps collecting oneway calls. One that says so replaces
 * the last of its kind that still waits at the node.
 */
static struct binder_message *
binder_async_frozen_locked(struct binder_message *t)
{
	struct binder_queue *queue = &t->to->queue;
	struct binder_ring *ring = &t->node->async_todo;
	struct binder_work *work = NULL;
	struct binder_message *old;

	lockdep_assert_held(&queue->lock);
	queue->async_queued = true;
	/* ABI: rather than that it sends too many. */
	t->completion_cmd = BR_TRANSACTION_PENDING_FROZEN;
	if (!(t->flags & TF_UPDATE_TXN) || !t->node->async_busy)
		return NULL;
	while ((work = binder_ring_next_locked(queue, ring, work))) {
		old = container_of(work, struct binder_message, work);
		if (old->code != t->code || old->flags != t->flags ||
		    old->from_pid != t->from_pid)
			continue;
		binder_ring_unlink_locked(queue, ring, work);
		binder_queue_settle_locked(queue);
		return old;
	}
	return NULL;
}

/* A call was replaced. Nothing but its hold on the node may keep the receiver by now. */
static void binder_async_drop(struct binder_message *replaced)
{
	struct binder_proc *to = replaced->to;

	binder_proc_get(to);
	binder_trace_buffer(binder_transaction_update_buffer_release, replaced);
	binder_message_drop(replaced);
	binder_proc_put(to);
}

static struct binder_result
binder_queue_async(struct binder_message *t, struct binder_thread *thread,
		   const struct binder_transaction_data *tr)
{
	struct binder_queue *queue = &t->to->queue;
	struct binder_message *replaced = NULL;
	struct binder_thread *wake = NULL;
	pid_t frozen = 0;
	bool closed;

	if (unlikely(t->buffer.spam_suspect)) {
		if (READ_ONCE(thread->proc->spam_detection))
			t->completion_cmd = BR_ONEWAY_SPAM_SUSPECT;
		/* Whether or not the sender wants to know. */
		binder_sending_report(thread, tr, BR_ONEWAY_SPAM_SUSPECT,
				      pid_nr(t->to->tgid), 0, false);
	}
	rcu_read_lock();
	spin_lock(&queue->lock);
	closed = queue->closed;
	if (!closed) {
		queue->outstanding++;
		if (unlikely(queue->frozen)) {
			replaced = binder_async_frozen_locked(t);
			/* Queued, the message no longer keeps the receiver. */
			frozen = pid_nr(t->to->tgid);
		}
		if (binder_oneway_start_locked(t->node, &t->work))
			wake = binder_queue_assign_locked(queue, &t->work);
	}
	spin_unlock(&queue->lock);
	if (wake)
		binder_thread_wake(wake, false);
	rcu_read_unlock();
	if (closed)
		return BINDER_DEAD(0);
	if (unlikely(frozen))
		binder_sending_report(thread, tr, BR_TRANSACTION_PENDING_FROZEN,
				      frozen, 0, false);
	if (replaced)
		binder_async_drop(replaced);

	binder_completion_queue(thread, t);
	return BINDER_SUCCESS;
}

/* Put the sender's security context behind the rest of the message. */
static void binder_call_write_secctx(struct binder_message *t,
				     const struct binder_secctx *secctx)
{
	struct binder_alloc *alloc = t->to->alloc;
	u32 start = binder_message_secctx_start(t);
	const u64 end = 0;

	/* The terminator first: the text may reach into its word. */
	binder_alloc_write(alloc, &t->buffer,
			   start + secctx->size - sizeof(end), &end,
			   sizeof(end));
	binder_alloc_write(alloc, &t->buffer, start, secctx->lsm.context,
			   secctx->length);
}

/* Put a call into the area of its receiver. */
static inline struct binder_result
binder_call_build(struct binder_message *t, struct binder_thread *thread,
		  struct binder_node *node,
		  const struct binder_transaction_data *tr, u64 buffers_size,
		  struct binder_thread *fixed)
{
	struct binder_result result;

	if (trace_binder_transaction_enabled())
		binder_sending_trace(t, node, node->proc, fixed);
	result = binder_message_build(t, thread, node->proc, tr, buffers_size,
				      node->flags & FLAT_BINDER_FLAG_ACCEPTS_FDS);
	if (result.cmd != BR_OK)
		binder_message_over(t, fixed);
	return result;
}

/* The same for a receiver that wants to know the sender's security context. */
static noinline struct binder_result
binder_call_build_secctx(struct binder_message *t,
			 struct binder_thread *thread, struct binder_node *node,
			 const struct binder_transaction_data *tr,
			 u64 buffers_size, struct binder_thread *fixed)
{
	struct binder_result result = BINDER_FAILED(-EINVAL);
	struct binder_secctx secctx;
	int ret;

	ret = binder_secctx_get(&secctx, thread->proc->cred);
	if (ret)
		return BINDER_FAILED(ret);
	/* ABI: what is too long for that is no call yet, and not traced as one. */
	if (buffers_size > U64_MAX - secctx.size)
		goto put;
	t->secctx_words = secctx.size / sizeof(u64);
	result = binder_call_build(t, thread, node, tr, buffers_size, fixed);
	if (result.cmd == BR_OK)
		binder_call_write_secctx(t, &secctx);
put:
	binder_secctx_put(&secctx);
	return result;
}

/* The part of a call that is waited for. */
static void binder_call_begin(struct binder_transaction *t,
			      struct binder_thread *thread,
			      const struct binder_node *node,
			      const struct binder_thread *fixed)
{
	refcount_inc(&thread->refs);
	t->from = thread;
	t->to_tid = fixed ? pid_nr(fixed->pid) : 0;
	thread->sent.to_tid = t->to_tid;
	binder_priority_record(&t->priority, node->flags);
}

static struct binder_result
binder_call_send(struct binder_thread *thread,
		 const struct binder_transaction_data *tr, u64 buffers_size)
{
	bool oneway = tr->flags & TF_ONE_WAY;
	struct binder_transaction *below = NULL;
	struct binder_thread *fixed = NULL;
	struct binder_node *node = NULL;
	struct binder_message *t;
	struct binder_result result;

	if (unlikely(thread->unread >= BINDER_UNREAD_MAX))
		return BINDER_FAILED(-ENOSPC);
	t = oneway ? binder_message_alloc_oneway(thread, tr, &binder_oneway_ops) :
		     binder_message_alloc(thread, tr, &binder_call_ops);
	if (!t)
		return BINDER_FAILED(-ENOMEM);
	binder_completion_init(t);
	result = binder_target_find(thread->proc, tr->target.handle, &node);
	if (result.cmd != BR_OK)
		goto fail;
	if (binder_security_call(thread->proc->cred, node->proc->cred)) {
		result = BINDER_FAILED(-EPERM);
		goto fail;
	}
	thread->sent.to_pid = pid_nr(node->proc->tgid);
	thread->sent.node_id = node->debug_id;
	if (!oneway) {
		result = binder_call_admit(thread, node->proc, &below);
		if (result.cmd != BR_OK)
			goto fail;
		fixed = below ? below->from : NULL;
		binder_call_begin(binder_transaction_of(t), thread, node, fixed);
	}
	if (unlikely(node->flags & FLAT_BINDER_FLAG_TXN_SECURITY_CTX))
		result = binder_call_build_secctx(t, thread, node, tr,
						  buffers_size, fixed);
	else
		result = binder_call_build(t, thread, node, tr, buffers_size,
					   fixed);
	if (result.cmd != BR_OK) {
		result.line = __LINE__;
		goto fail;
	}
	t->node = node;
	result = oneway ? binder_queue_async(t, thread, tr) :
			  binder_queue_sync(binder_transaction_of(t), thread,
					    below);
	if (result.cmd == BR_OK) {
		if (below)
			binder_message_put(&below->message);
		return result;
	}
	binder_trace_buffer(binder_transaction_failed_buffer_release, t);
	binder_message_over(t, fixed);
	/* Dropped below. */
	t->node = NULL;
	binder_message_unbuild(t);
fail:
	binder_sending_report(thread, tr, result.cmd, thread->sent.to_pid,
			      thread->sent.to_tid, false);
	if (below)
		binder_message_put(&below->message);
	if (node)
		binder_node_put_strong(node);
	binder_message_discard(t);
	return result;
}

/**
 * binder_transaction_call() - BC_TRANSACTION, BC_TRANSACTION_SG
 * @thread: the current thread
 * @tr: the record as sent
 * @buffers_size: bytes for the contents of further buffers
 */
void binder_transaction_call(struct binder_thread *thread,
			     const struct binder_transaction_data *tr,
			     u64 buffers_size)
{
	struct binder_result result;

	binder_sending_begin(thread, tr,
			     tr->flags & TF_ONE_WAY ? BINDER_HISTORY_ASYNC :
						      BINDER_HISTORY_CALL);
	result = binder_call_send(thread, tr, buffers_size);
	if (result.cmd != BR_OK)
		binder_sending_fail(thread, result);
	binder_sending_end(thread, result);
}
