// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delivering messages: what a call, a oneway call and a reply do when a thread
 * reads them, or when nobody will.
 */
#include <linux/cred.h>
#include <linux/user_namespace.h>

#include "binder_delivery.h"
#include "binder_log.h"
#include "binder_message.h"
#include "binder_node.h"
#include "binder_priority.h"
#include "binder_stack.h"
#include "binder_stream.h"
#include "binder_trace.h"

/*
 * The process that opened the caller's file, as the current task knows it. Its
 * number is nobody's, or somebody else's, once it is gone for good.
 */
static pid_t binder_message_sender_pid(const struct binder_thread *from)
{
	struct pid *tgid = from->proc->tgid;

	return pid_has_task(tgid, PIDTYPE_TGID) ? pid_vnr(tgid) : 0;
}

/* The sender's user, as the current task knows it. */
static uid_t binder_message_euid_here(const struct binder_message *t)
{
	struct user_namespace *ns = current_user_ns();
	kuid_t euid = binder_message_sender_euid(t);

	/* The initial namespace has nothing to translate. */
	return likely(ns == &init_user_ns) ? __kuid_val(euid) :
					     from_kuid(ns, euid);
}

/* The record of a message whose receiver wants the sender's context. */
static noinline int
binder_message_store_secctx(struct binder_message *t,
			    const struct binder_transaction_data *tr,
			    struct binder_stream *stream)
{
	struct binder_transaction_data_secctx record = {
		.transaction_data = *tr,
		.secctx = tr->data.ptr.buffer + binder_message_secctx_start(t),
	};

	if (binder_stream_store(stream, BR_TRANSACTION_SEC_CTX, &record,
				sizeof(record)))
		return -EFAULT;
	trace_binder_transaction_received(t->debug_id);
	binder_stream_tell(stream, BR_TRANSACTION_SEC_CTX);
	return 0;
}

/* Store the record of a message; @cmd names it, @from waits for an answer. */
static int binder_message_store(struct binder_message *t, u32 cmd,
				const struct binder_thread *from,
				struct binder_stream *stream)
{
	struct binder_alloc *alloc = t->to->alloc;
	struct binder_transaction_data tr = {
		/* All of the union, whatever a compiler makes of the rest of it. */
		.target.ptr = 0,
		.code = t->code,
		.flags = t->flags,
		.sender_euid = binder_message_euid_here(t),
		.data_size = t->buffer.data_size,
		.offsets_size = t->buffer.offsets_size,
	};

	binder_alloc_prefault(alloc, &t->buffer);
	tr.data.ptr.buffer = binder_alloc_user_address(alloc, &t->buffer);
	tr.data.ptr.offsets = tr.data.ptr.buffer +
			      binder_offsets_start(&t->buffer);
	if (t->node) {
		tr.target.ptr = t->node->ptr;
		tr.cookie = t->node->cookie;
	}
	/* ABI: only synchronous calls name their sender. */
	if (from && !READ_ONCE(from->dead))
		tr.sender_pid = binder_message_sender_pid(from);
	if (unlikely(t->secctx_words))
		return binder_message_store_secctx(t, &tr, stream);
	if (binder_stream_store(stream, cmd, &tr, sizeof(tr)))
		return -EFAULT;
	trace_binder_transaction_received(t->debug_id);
	binder_stream_tell(stream, cmd);
	return 0;
}

static noinline int binder_message_reserve_some_fds(struct binder_message *t)
{
	int ret = binder_fds_reserve(t->fds, t->debug_id, t->to->alloc,
				     &t->buffer);

	if (ret)
		binder_debug(BINDER_DEBUG_FAILED_TRANSACTION,
			     "message %u: no room for its descriptors: %d\n",
			     t->debug_id, ret);
	return ret;
}

/* Number the files of a message for the current task; all or none. */
static inline int binder_message_reserve_fds(struct binder_message *t)
{
	return unlikely(t->fds) ? binder_message_reserve_some_fds(t) : 0;
}

/*
 * Store the record of a message whose files have numbers, and open those; they
 * stay the message's if it fails, as the receiver would not know of them.
 */
static int binder_message_deliver(struct binder_message *t, u32 cmd,
				  const struct binder_thread *from,
				  struct binder_stream *stream)
{
	int ret = binder_message_store(t, cmd, from, stream);

	if (likely(!t->fds))
		return ret;
	if (ret) {
		binder_fds_unreserve(t->fds);
		return ret;
	}
	binder_fds_install(t->fds);
	t->fds = NULL;
	return 0;
}

/* A call that was taken off its queue, maybe by a thread to serve it, is not delivered. */
static void binder_call_drop(struct binder_transaction *t, u32 cmd)
{
	struct binder_queue *queue = &t->to->queue;
	struct binder_thread *thread;

	spin_lock(&queue->lock);
	thread = t->to_thread;
	if (thread) {
		binder_stack_leave_locked(thread, t);
		binder_stack_resume_locked(thread);
	}
	binder_queue_settle_locked(queue);
	spin_unlock(&queue->lock);
	binder_message_over(&t->message, NULL);
	binder_message_release_buffer(&t->message);
	binder_call_fail(t, (struct binder_result){ .cmd = cmd }, 0);
}

static void binder_call_taken_locked(struct binder_work *work,
				     struct binder_thread *thread)
{
	struct binder_transaction *t =
		container_of(work, struct binder_transaction, work);

	lockdep_assert_held(&thread->queue->lock);
	if (t->to_fixed_thread)
		thread->nested_unread = false;
	binder_stack_serve_locked(thread, t);
}

/**
 * binder_call_deliver() - deliver a synchronous call
 * @work: its item
 * @stream: the cursor of the thread that serves it
 *
 * Return: an enum binder_delivery or -EFAULT.
 */
int binder_call_deliver(struct binder_work *work, struct binder_stream *stream)
{
	struct binder_transaction *t =
		container_of(work, struct binder_transaction, work);
	struct binder_thread *thread = stream->thread;
	int ret;

	if (binder_message_reserve_fds(&t->message)) {
		binder_call_drop(t, BR_FAILED_REPLY);
		return BINDER_DELIVERY_NEXT;
	}
	ret = binder_message_deliver(&t->message, BR_TRANSACTION, t->from,
				     stream);
	if (ret) {
		binder_call_drop(t, BR_FAILED_REPLY);
		return ret;
	}
	binder_priority_lend(thread, &t->priority, t->node->flags);
	WRITE_ONCE(t->to_tid, thread->sent.from_tid);
	/* From here on another thread may free the buffer. */
	binder_alloc_give_to_user(t->to->alloc, &t->buffer);
	return BINDER_DELIVERY_STOP;
}

static void binder_call_cancel(struct binder_work *work)
{
	binder_call_drop(container_of(work, struct binder_transaction, work),
			 BR_DEAD_REPLY);
}

/*
 * Whoever fails the messages to an area that is gone has been here, or comes yet
 * and does not find what a thread that left the table has with it.
 */
static bool binder_call_outlives_thread(const struct binder_work *work)
{
	const struct binder_transaction *t =
		container_of(work, struct binder_transaction, work);

	return !t->to_fixed_thread && !t->to->queue.closed;
}

const struct binder_work_ops binder_call_ops = {
	.taken_locked = binder_call_taken_locked,
	.deliver = binder_call_deliver,
	.cancel = binder_call_cancel,
	.kind = BINDER_WORK_MESSAGE,
	.outlives_thread = binder_call_outlives_thread,
};

static void binder_oneway_cancel(struct binder_work *work)
{
	struct binder_message *t =
		container_of(work, struct binder_message, work);

	binder_message_over(t, NULL);
	binder_message_release_buffer(t);
	binder_message_end(t);
}

static int binder_oneway_deliver(struct binder_work *work,
				 struct binder_stream *stream)
{
	struct binder_message *t =
		container_of(work, struct binder_message, work);
	int ret;

	if (binder_message_reserve_fds(t)) {
		binder_oneway_cancel(work);
		return BINDER_DELIVERY_NEXT;
	}
	ret = binder_message_deliver(t, BR_TRANSACTION, NULL, stream);
	if (ret) {
		binder_oneway_cancel(work);
		return ret;
	}
	binder_priority_lend_oneway(stream->thread, t->node->flags);
	binder_alloc_give_to_user(t->to->alloc, &t->buffer);
	binder_message_over(t, stream->thread);
	binder_message_end(t);
	return BINDER_DELIVERY_STOP;
}

static bool binder_oneway_outlives_thread(const struct binder_work *work)
{
	return !container_of(work, struct binder_message,
			     work)->to->queue.closed;
}

const struct binder_work_ops binder_oneway_ops = {
	.deliver = binder_oneway_deliver,
	.cancel = binder_oneway_cancel,
	.kind = BINDER_WORK_MESSAGE,
	.outlives_thread = binder_oneway_outlives_thread,
	.ends_when_taken = true,
};

static void binder_reply_cancel(struct binder_work *work)
{
	struct binder_message *t =
		container_of(work, struct binder_message, work);

	binder_trace_buffer(binder_transaction_buffer_release, t);
	binder_message_drop(t);
}

/**
 * binder_reply_deliver() - deliver a reply
 * @work: its item
 * @stream: the cursor of the caller
 *
 * Return: an enum binder_delivery or -EFAULT.
 */
int binder_reply_deliver(struct binder_work *work, struct binder_stream *stream)
{
	struct binder_message *t =
		container_of(work, struct binder_message, work);
	int ret;

	if (binder_message_reserve_fds(t)) {
		binder_reply_cancel(work);
		return binder_stream_put(stream, BR_FAILED_REPLY, NULL, 0) ?:
		       BINDER_DELIVERY_STOP;
	}
	ret = binder_message_deliver(t, BR_REPLY, NULL, stream);
	if (ret) {
		binder_reply_cancel(work);
		return ret;
	}
	binder_alloc_give_to_user(t->to->alloc, &t->buffer);
	binder_message_over(t, stream->thread);
	binder_message_end(t);
	return BINDER_DELIVERY_STOP;
}

const struct binder_work_ops binder_reply_ops = {
	.deliver = binder_reply_deliver,
	.cancel = binder_reply_cancel,
	.kind = BINDER_WORK_MESSAGE,
	.ends_when_taken = true,
};
