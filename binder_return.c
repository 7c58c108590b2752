// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for work, delivering it, asking for threads. Modelled in models/queue.pml.
 */
#include <linux/indirect_call_wrapper.h>

#include "binder_completion.h"
#include "binder_delivery.h"
#include "binder_log.h"
#include "binder_message.h"
#include "binder_priority.h"
#include "binder_release.h"
#include "binder_return.h"
#include "binder_stream.h"
#include "binder_trace.h"

static bool binder_return_has_room(const struct binder_stream *stream)
{
	return binder_stream_room(stream) >= BINDER_RECORD_ROOM;
}

/* Take the next item that is on a list. */
static struct binder_work *binder_return_next(struct binder_thread *thread,
					      bool take_shared)
{
	struct binder_work *work;

	/* What is added behind this look makes the next read return. */
	if (!take_shared && list_empty(&thread->todo))
		return NULL;
	spin_lock(&thread->queue->lock);
	work = binder_thread_next_locked(thread, take_shared);
	spin_unlock(&thread->queue->lock);
	return work;
}

/*
 * Deliver until an item ends the read, nothing is left or nothing fits. What
 * the thread may take was decided when the pass began, so one that began with
 * its own items never goes on to the process's. @work was taken already.
 */
static int binder_return_deliver(struct binder_stream *stream,
				 struct binder_work *work, bool take_shared)
{
	struct binder_thread *thread = stream->thread;
	int ret = BINDER_DELIVERY_NEXT;

	while (ret == BINDER_DELIVERY_NEXT) {
		if (work) {
			ret = INDIRECT_CALL_2(work->ops->deliver,
					      binder_call_deliver,
					      binder_reply_deliver, work,
					      stream);
			work = NULL;
		} else if (!binder_return_has_room(stream)) {
			break;
		} else if (thread->owed) {
			ret = binder_owed_deliver(stream);
		} else {
			work = binder_return_next(thread, take_shared);
			if (!work)
				break;
		}
	}
	return ret < 0 ? ret : 0;
}

/* One pass: wait, then deliver. */
static int binder_return_pass(struct binder_stream *stream, bool nonblock)
{
	struct binder_thread *thread = stream->thread;
	char __user *start = stream->ptr;
	struct binder_work *work = NULL;
	bool take_shared, early;
	int ret = 0;

	/* It neither waits nor is it eligible. */
	if (thread->owed && thread->owed_ready) {
		if (trace_binder_wait_for_work_enabled())
			trace_binder_wait_for_work(false,
						   READ_ONCE(thread->stack),
						   true);
		take_shared = false;
		goto deliver;
	}
	early = binder_owed_store_early(stream);
	spin_lock(&thread->queue->lock);
	take_shared = binder_thread_eligible_locked(thread);
	if (take_shared && unlikely(!binder_priority_is_default(thread))) {
		spin_unlock(&thread->queue->lock);
		binder_priority_reset(thread);
		spin_lock(&thread->queue->lock);
	}
	if (trace_binder_wait_for_work_enabled())
		trace_binder_wait_for_work(take_shared, thread->stack,
					   thread->owed ||
					   !list_empty(&thread->todo));
	if (!binder_thread_ready_locked(thread, take_shared))
		ret = nonblock ? -EAGAIN :
				 binder_thread_wait_locked(thread, take_shared);
	if (!ret && (early || !thread->owed) && binder_return_has_room(stream))
		work = binder_thread_next_locked(thread, take_shared);
	spin_unlock(&thread->queue->lock);
	if (ret) {
		stream->ptr = start;
		return ret;
	}
	if (early)
		binder_owed_end(stream);
deliver:
	return binder_return_deliver(stream, work, take_shared);
}

/*
 * Should the process start another thread? Only while none is asked for, none
 * is idle, and the thread that carries the question is one of the pool.
 */
static bool binder_return_wants_thread(struct binder_thread *thread)
{
	struct binder_proc *proc = thread->proc;
	bool wanted;

	/* Most reads find that the pool is full or was never wanted. */
	if (READ_ONCE(proc->started_threads) >= READ_ONCE(proc->max_threads))
		return false;
	spin_lock(&proc->queue.lock);
	wanted = !proc->requested_threads && list_empty(&proc->queue.idle) &&
		 proc->started_threads < proc->max_threads &&
		 binder_thread_is_looper_locked(thread);
	if (wanted)
		proc->requested_threads++;
	spin_unlock(&proc->queue.lock);
	if (wanted)
		binder_release_some_exited_threads(proc);
	return wanted;
}

/* The code could not be stored, so nobody will answer it. */
static void binder_return_unwant_thread(struct binder_proc *proc)
{
	spin_lock(&proc->queue.lock);
	proc->requested_threads--;
	spin_unlock(&proc->queue.lock);
}

/**
 * binder_return_read() - fill a read buffer
 * @thread: the current thread
 * @buffer: user address of the buffer
 * @size: its length in bytes
 * @consumed: in: bytes in use; out: the same with what was stored, unchanged
 *	on failure
 * @nonblock: fail instead of waiting
 *
 * Return: 0, -EAGAIN when there is nothing and @nonblock, -EINTR when a signal
 * came first, or -EFAULT when a record could not be stored.
 */
int binder_return_read(struct binder_thread *thread, u64 buffer, u64 size,
		       u64 *consumed, bool nonblock)
{
	char __user *start = u64_to_user_ptr(buffer);
	struct binder_stream stream = {
		.thread = thread,
		.stats = thread->stats,
		.ptr = start + *consumed,
		.end = start + size,
	};
	bool noop = *consumed == 0;
	char __user *empty;
	int ret;

	/* Nothing fits behind the end: as a full buffer. */
	if (*consumed > size)
		stream.end = stream.ptr;
	/* ABI: neither counted nor traced, as it says nothing. */
	if (noop && size >= sizeof(u32) &&
	    binder_stream_store(&stream, BR_NOOP, NULL, 0))
		return -EFAULT;
	empty = stream.ptr;
	do {
		ret = binder_return_pass(&stream, nonblock);
		if (ret)
			return ret;
		/* A wake-up for nothing does not show, unless asked for. */
	} while (stream.ptr == empty && !READ_ONCE(thread->must_return) &&
		 binder_stream_room(&stream) >= BINDER_RECORD_ROOM);

	/* ABI: takes the place of BR_NOOP, and only of that. */
	if (noop && stream.ptr != start && binder_return_wants_thread(thread)) {
		if (put_user((u32)BR_SPAWN_LOOPER, (u32 __user *)start)) {
			binder_return_unwant_thread(thread->proc);
			return -EFAULT;
		}
		binder_stream_tell(&stream, BR_SPAWN_LOOPER);
		binder_debug(BINDER_DEBUG_THREADS, "%d: BR_SPAWN_LOOPER\n",
			     pid_nr(thread->pid));
	}
	*consumed = stream.ptr - start;
	return 0;
}

/**
 * binder_return_rouse_slow() - the part of binder_return_rouse() that rouses
 * @proc: the process whose work it is
 */
void binder_return_rouse_slow(struct binder_proc *proc)
{
	struct binder_thread *thread = NULL;

	/*
	 * Who becomes idle, or polls first, behind this look finds the work: it was
	 * there when this thread last had the lock.
	 */
	if (data_race(list_empty(&proc->queue.idle) &&
		      list_empty(&proc->queue.pollers)))
		return;
	rcu_read_lock();
	spin_lock(&proc->queue.lock);
	if (!list_empty(&proc->queue.todo))
		thread = binder_queue_rouse_locked(&proc->queue);
	spin_unlock(&proc->queue.lock);
	if (thread)
		binder_thread_wake(thread, false);
	rcu_read_unlock();
}
