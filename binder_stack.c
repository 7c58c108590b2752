// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stacks of calls, and the end of calls without a reply.
 */
#include "binder_message.h"
#include "binder_stack.h"
#include "binder_stream.h"
#include "binder_trace.h"

/**
 * binder_stack_push() - a thread starts to wait for a call
 * @thread: the caller, the current thread
 * @t: the call, which nobody else knows yet, or that has failed
 *
 * What is on top is a call that the thread serves, which only it can end, or
 * nothing: nobody changes the stack meanwhile.
 */
void binder_stack_push(struct binder_thread *thread,
		       struct binder_transaction *t)
{
	t->from_parent = thread->stack;
	t->waited = true;
	/* Others, under the lock, follow the pointer: the call is complete. */
	smp_store_release(&thread->stack, t);
}

/**
 * binder_stack_pop_waited_locked() - a thread stops waiting for a call
 * @t: the call, on top of its caller's stack
 */
void binder_stack_pop_waited_locked(struct binder_transaction *t)
{
	lockdep_assert_held(&t->from->queue->lock);
	/* The caller looks at its stack without the lock, and so do the logs. */
	WRITE_ONCE(t->from->stack, t->from_parent);
	/* Whoever follows the chain from below ends here. */
	t->from_parent = NULL;
	t->waited = false;
}

/**
 * binder_stack_serve_locked() - a thread starts to serve a call
 * @thread: the thread
 * @t: the call
 */
void binder_stack_serve_locked(struct binder_thread *thread,
			       struct binder_transaction *t)
{
	lockdep_assert_held(&thread->queue->lock);
	t->to_thread = thread;
	t->to_parent = thread->stack;
	WRITE_ONCE(thread->stack, t);
	thread->serving = t;
}

/**
 * binder_stack_leave_locked() - a thread stops serving a call
 * @thread: the thread
 * @t: the call, on top of its stack
 */
void binder_stack_leave_locked(struct binder_thread *thread,
			       struct binder_transaction *t)
{
	struct binder_transaction *next = t->to_parent;

	lockdep_assert_held(&thread->queue->lock);
	WRITE_ONCE(thread->stack, next);
	t->to_thread = NULL;
	/* The next one that it serves may be below some that it waits for. */
	while (next && next->from == thread)
		next = next->from_parent;
	thread->serving = next;
}

/* The call is over; returns its answer, if that was kept. */
static struct binder_transaction *binder_call_end(struct binder_transaction *t)
{
	struct binder_transaction *reply =
		t->error.cmd == BR_REPLY ? t->reply : NULL;

	binder_message_end(&t->message);
	return reply;
}

/* The same, of a caller that will not read how it ended. */
static void binder_call_forget(struct binder_transaction *t)
{
	struct binder_transaction *reply = binder_call_end(t);

	if (reply)
		reply->work.ops->cancel(&reply->work);
}

static int binder_failure_deliver(struct binder_work *work,
				  struct binder_stream *stream)
{
	struct binder_transaction *t =
		container_of(work, struct binder_transaction, work);
	struct binder_extended_error *ee = &stream->thread->ext_error;
	struct binder_transaction *reply;
	u32 cmd = t->error.cmd;

	if (t->error_id && ee->command == BR_OK) {
		ee->id = t->error_id;
		ee->command = cmd;
		ee->param = t->error.err;
	}
	reply = binder_call_end(t);
	if (reply)
		return reply->work.ops->deliver(&reply->work, stream);
	return binder_stream_put(stream, cmd, NULL, 0) ?: BINDER_DELIVERY_NEXT;
}

static void binder_failure_cancel(struct binder_work *work)
{
	binder_call_forget(container_of(work, struct binder_transaction, work));
}

static const struct binder_work_ops binder_failure_ops = {
	.deliver = binder_failure_deliver,
	.cancel = binder_failure_cancel,
	.kind = BINDER_WORK_FAILURE,
};

/* Counts as the answer, or the loss of it, would. */
static const struct binder_work_ops binder_kept_reply_ops = {
	.deliver = binder_failure_deliver,
	.cancel = binder_failure_cancel,
	.ends_when_taken = true,
	.kind = BINDER_WORK_FAILURE,
};

/**
 * binder_stack_is_back_locked() - is a thread at a call that it waits for?
 * @t: the call
 *
 * Only where a thread between @t and who asks died can it be elsewhere: else
 * the latter would still wait.
 *
 * Return: false while its caller is inside a call that is nested in this one, or
 * has that to read.
 */
bool binder_stack_is_back_locked(const struct binder_transaction *t)
{
	const struct binder_thread *from = t->from;

	lockdep_assert_held(&from->queue->lock);
	return READ_ONCE(from->stack) == t && !from->nested_unread;
}

static void binder_thread_queue_nested_locked(struct binder_thread *thread,
					      struct binder_transaction *t)
{
	lockdep_assert_held(&thread->queue->lock);
	thread->nested_unread = true;
	binder_thread_queue_locked(thread, &t->work);
}

/**
 * binder_stack_queue_nested_locked() - hand over a call to who waits for its chain
 * @t: the call, on no list
 * @below: the call whose caller takes @t while it waits
 *
 * Where a thread between @below and @t died, the caller may be inside another
 * call that is nested there, or have that to read. Then @t waits: read early, it
 * would come before the completion of the other one's answer.
 *
 * Return: the thread to wake, or NULL if @t waits.
 */
struct binder_thread *
binder_stack_queue_nested_locked(struct binder_transaction *t,
				 struct binder_transaction *below)
{
	struct binder_thread *thread = below->from;

	lockdep_assert_held(&thread->queue->lock);
	t->to_fixed_thread = true;
	t->to_parent = below;
	if (binder_stack_is_back_locked(below)) {
		binder_thread_queue_nested_locked(thread, t);
		return thread;
	}
	list_add_tail(&t->work.entry, &thread->early);
	return NULL;
}

/* The oldest of the calls that wait for the thread to be back at @below. */
static struct binder_transaction *
binder_stack_find_early_locked(const struct binder_thread *thread,
			       const struct binder_transaction *below)
{
	struct binder_transaction *t;

	lockdep_assert_held(&thread->queue->lock);
	list_for_each_entry(t, &thread->early, work.entry)
		if (t->to_parent == below)
			return t;
	return NULL;
}

/**
 * binder_stack_resume_locked() - a thread may be back at a call it waits for
 * @thread: the thread, which finished a nested call, or whose call has ended
 *
 * If it is, it learns of what came meanwhile, after what it still has to read of
 * the nested call: of other calls nested there, one by one, and at last of the
 * end of its own.
 *
 * Return: true if there is something to read now.
 */
bool binder_stack_resume_locked(struct binder_thread *thread)
{
	struct binder_transaction *t = READ_ONCE(thread->stack), *nested;

	lockdep_assert_held(&thread->queue->lock);
	if (!t || t->from != thread || !binder_stack_is_back_locked(t))
		return false;
	nested = binder_stack_find_early_locked(thread, t);
	if (nested) {
		binder_work_unlink_locked(thread->queue, &nested->work);
		binder_thread_queue_nested_locked(thread, nested);
		return true;
	}
	if (t->error.cmd == BR_OK)
		return false;
	binder_stack_pop_waited_locked(t);
	if (t->work.ops != &binder_kept_reply_ops)
		t->work.ops = &binder_failure_ops;
	binder_thread_queue_locked(thread, &t->work);
	return true;
}

/**
 * binder_stack_keep_reply_locked() - an answer waits until its caller is back
 * @t: the call, on the caller's stack; its hold is used up
 * @reply: the answer, counted in the caller's queue, on no list
 *
 * The caller serves a nested call or will do so next.
 */
void binder_stack_keep_reply_locked(struct binder_transaction *t,
				    struct binder_transaction *reply)
{
	lockdep_assert_held(&t->from->queue->lock);
	t->error.cmd = BR_REPLY;
	t->reply = reply;
	t->work.ops = &binder_kept_reply_ops;
}

/**
 * binder_stack_is_answer_locked() - is an item an answer that was kept?
 * @thread: the thread
 * @work: an item on its list
 *
 * Return: true if it is, and was not taken back.
 */
bool binder_stack_is_answer_locked(const struct binder_thread *thread,
				   const struct binder_work *work)
{
	lockdep_assert_held(&thread->queue->lock);
	return work->ops == &binder_kept_reply_ops &&
	       container_of(work, struct binder_transaction,
			    work)->error.cmd == BR_REPLY;
}

/* Take the answer that a call keeps, if it does: that is lost. */
static void binder_call_take_reply(struct binder_transaction *t,
				   struct list_head *replies)
{
	if (t->error.cmd != BR_REPLY)
		return;
	t->error.cmd = BR_DEAD_REPLY;
	list_add_tail(&t->reply->work.entry, replies);
}

/**
 * binder_stack_take_replies_locked() - take back the answers that wait
 * @thread: a thread, which is told BR_DEAD_REPLY instead of each
 * @replies: list that they are added to
 */
void binder_stack_take_replies_locked(struct binder_thread *thread,
				      struct list_head *replies)
{
	struct binder_transaction *t;
	struct binder_work *work;

	lockdep_assert_held(&thread->queue->lock);
	list_for_each_entry(work, &thread->todo, entry)
		if (work->ops == &binder_kept_reply_ops)
			binder_call_take_reply(container_of(work,
							    struct binder_transaction,
							    work), replies);
	for (t = READ_ONCE(thread->stack); t;) {
		if (t->from != thread) {
			t = t->to_parent;
			continue;
		}
		binder_call_take_reply(t, replies);
		t = t->from_parent;
	}
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
	bool waited, told = false;

	/* The call may be gone as soon as the lock is, and its pin with it. */
	rcu_read_lock();
	spin_lock(&from->queue->lock);
	waited = t->waited;
	if (waited) {
		t->error = result;
		t->error_id = id;
		told = !from->dead && binder_stack_resume_locked(from);
	}
	spin_unlock(&from->queue->lock);
	if (told)
		binder_thread_wake(from, true);
	rcu_read_unlock();
	if (!waited)
		binder_message_end(&t->message);
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
 * Return: the call that a thread of @to waits for, for the sake of @serving, held;
 * or NULL. It may end at any time.
 */
struct binder_transaction *
binder_stack_nested_target(struct binder_transaction *serving,
			   const struct binder_proc *to)
{
	struct binder_transaction *t = serving, *below;

	refcount_inc(&t->holders);
	/* ABI: a thread that exited is passed over. */
	while (t && (t->from->proc != to || READ_ONCE(t->from->dead))) {
		below = binder_stack_below(t);
		binder_message_put(&t->message);
		t = below;
	}
	return t;
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
		serving = t && t->from != thread;
		over = false;
		if (serving) {
			binder_message_over(&t->message, thread);
			binder_stack_leave_locked(thread, t);
			binder_queue_settle_locked(thread->queue);
		} else if (t) {
			binder_stack_pop_waited_locked(t);
			over = t->error.cmd != BR_OK;
			if (t->work.ops == &binder_kept_reply_ops)
				binder_queue_settle_locked(thread->queue);
		}
		spin_unlock(&thread->queue->lock);
		if (!t)
			break;
		if (serving)
			binder_call_fail(t, (struct binder_result){
						.cmd = BR_DEAD_REPLY }, 0);
		else if (over)
			binder_call_forget(t);
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

	binder_trace_buffer(binder_transaction_buffer_release, &t->message);
	binder_message_over(&t->message, NULL);
	binder_message_unbuild(&t->message);
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
		binder_message_end(&t->message);
}
