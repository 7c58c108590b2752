// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending replies. Modelled in models/reply.pml.
 */
#include "binder_completion.h"
#include "binder_delivery.h"
#include "binder_reply.h"
#include "binder_sending.h"
#include "binder_stack.h"
#include "binder_trace.h"

/*
 * The call the thread is serving, if that is what it did last. A call that it
 * waits for may be answered at any time, so that is not looked at.
 */
static struct binder_transaction *
binder_stack_served(const struct binder_thread *thread)
{
	struct binder_transaction *t = READ_ONCE(thread->stack);

	return t == thread->serving ? t : NULL;
}

/*
 * The replier is done with a call: it leaves the stack and the replier is told
 * that its reply was taken, before anything else it has to read: by the
 * completion of @reply, or by its error slot without one.
 */
static void binder_call_end_serving(struct binder_thread *thread,
				    struct binder_transaction *call,
				    struct binder_transaction *reply)
{
	binder_message_over(&call->message, thread);
	spin_lock(&thread->queue->lock);
	binder_stack_leave_locked(thread, call);
	binder_queue_settle_locked(thread->queue);
	if (reply)
		binder_completion_queue_reply_locked(thread, &reply->message);
	else
		binder_thread_queue_locked(thread, &thread->own_error.work);
	binder_stack_resume_locked(thread);
	spin_unlock(&thread->queue->lock);
}

/*
 * Hand a reply to the caller, who may have died or have unmapped its area. If
 * not, the call is over.
 */
static struct binder_result binder_reply_queue(struct binder_transaction *call,
					       struct binder_transaction *t)
{
	struct binder_thread *from = call->from;
	struct binder_result result = BINDER_SUCCESS;
	bool kept = false;

	/* The call, which we still hold, keeps the caller. */
	spin_lock(&from->queue->lock);
	if (from->dead || from->queue->closed) {
		result = BINDER_DEAD(-ESRCH);
	} else {
		from->queue->outstanding++;
		kept = !binder_stack_is_back_locked(call);
		if (unlikely(kept)) {
			/* It has work, and is awake; our hold is its own now. */
			binder_stack_keep_reply_locked(call, t);
		} else {
			binder_stack_pop_waited_locked(call);
			binder_thread_queue_locked(from, &t->work);
		}
	}
	spin_unlock(&from->queue->lock);
	if (result.cmd == BR_OK && !kept) {
		binder_thread_wake(from, true);
		binder_message_end(&call->message);
	}
	return result;
}

/*
 * The caller cannot be served. ABI: the replier sees an ordinary completion;
 * as that stands in its error slot, the rest of its commands waits.
 */
static void binder_reply_failed(struct binder_thread *thread,
				struct binder_transaction *call,
				struct binder_result result, u32 id)
{
	thread->own_error.cmd = BR_TRANSACTION_COMPLETE;
	binder_call_end_serving(thread, call, NULL);
	binder_call_fail(call, result, id);
}

/* Put a reply into the caller's area. */
static struct binder_result
binder_reply_build(struct binder_transaction *t, struct binder_thread *thread,
		   const struct binder_transaction *call,
		   const struct binder_transaction_data *tr, u64 buffers_size)
{
	struct binder_thread *from = call->from;
	struct binder_result result;

	if (READ_ONCE(from->dead))
		return BINDER_DEAD(0);
	t->to_tid = pid_nr(from->pid);
	thread->sent.to_pid = pid_nr(from->proc->tgid);
	thread->sent.to_tid = t->to_tid;
	if (trace_binder_transaction_enabled())
		binder_sending_trace(&t->message, NULL, from->proc, from);
	result = binder_message_build(&t->message, thread, from->proc, tr,
				      buffers_size, call->flags & TF_ACCEPT_FDS);
	if (result.cmd != BR_OK) {
		result.line = __LINE__;
		binder_message_over(&t->message, from);
	}
	return result;
}

static void binder_reply_report(const struct binder_thread *thread,
				const struct binder_transaction_data *tr,
				u32 error, const struct binder_thread *from)
{
	binder_sending_report(thread, tr, error, pid_nr(from->proc->tgid),
			      pid_nr(from->pid), true);
}

/* There is no call to reply to. */
static struct binder_result
binder_reply_refuse(struct binder_thread *thread,
		    const struct binder_transaction_data *tr,
		    struct binder_transaction *t)
{
	struct binder_result result = BINDER_FAILED(-EPROTO);

	binder_message_discard(&t->message);
	binder_sending_report(thread, tr, result.cmd, 0, 0, true);
	binder_sending_fail(thread, result);
	return result;
}

static struct binder_result
binder_reply_send(struct binder_thread *thread,
		  const struct binder_transaction_data *tr, u64 buffers_size)
{
	struct binder_transaction *call, *t;
	struct binder_message *message;
	struct binder_result result;

	message = binder_message_alloc(thread, tr, &binder_reply_ops);
	if (!message) {
		result = BINDER_FAILED(-ENOMEM);
		binder_sending_fail(thread, result);
		return result;
	}
	t = binder_transaction_of(message);
	binder_completion_init(message);
	call = binder_stack_served(thread);
	if (!call)
		return binder_reply_refuse(thread, tr, t);
	binder_priority_restore(thread, &call->priority);
	result = binder_reply_build(t, thread, call, tr, buffers_size);
	if (result.cmd != BR_OK) {
		binder_message_discard(&t->message);
		binder_reply_report(thread, tr, result.cmd, call->from);
		binder_reply_failed(thread, call, result, thread->sent.id);
		return result;
	}
	binder_call_end_serving(thread, call, t);
	result = binder_reply_queue(call, t);
	if (result.cmd == BR_OK)
		return result;
	t->work.ops->cancel(&t->work);
	binder_reply_report(thread, tr, result.cmd, call->from);
	binder_call_fail(call, result, thread->sent.id);
	return result;
}

/**
 * binder_reply() - BC_REPLY, BC_REPLY_SG
 * @thread: the current thread
 * @tr: the record as sent; its target is ignored
 * @buffers_size: bytes for the contents of further buffers
 */
void binder_reply(struct binder_thread *thread,
		  const struct binder_transaction_data *tr, u64 buffers_size)
{
	struct binder_result result;

	binder_sending_begin(thread, tr, BINDER_HISTORY_REPLY);
	result = binder_reply_send(thread, tr, buffers_size);
	binder_sending_end(thread, result);
}
