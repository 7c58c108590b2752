/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work items and the queue object.
 *
 * A work item is anything a thread can find when it reads: a message, its
 * completion, an error, a reference count to report, a death. It is embedded
 * in the object it speaks of, sits on at most one list, and carries its own
 * behaviour, so that the read loop knows none of the kinds.
 *
 * A queue belongs to one process (one open file) and is embedded in it. Its
 * lock guards the process's todo list and those of its threads, thread and
 * node state, and the transaction stacks. Who is chosen for work, and who sleeps,
 * is modelled in models/queue.pml.
 *
 * Lock letters in this and the higher headers:
 *   L  lock of the owning process's queue
 *   R  refs lock of the holding process (the lock of its handle table)
 *   I  immutable after creation
 *   S  only the thread itself, or whoever tears it down after its last ioctl
 */
#ifndef _BINDER_WORK_H
#define _BINDER_WORK_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "binder_stats.h"
#include "binder_walk.h"

struct binder_stream;
struct binder_thread;
struct binder_work;

/**
 * enum binder_delivery - what the read loop does after an item
 * @BINDER_DELIVERY_NEXT: look for the next item
 * @BINDER_DELIVERY_STOP: return to user space with what is there
 */
enum binder_delivery {
	BINDER_DELIVERY_NEXT,
	BINDER_DELIVERY_STOP,
};

/**
 * struct binder_work_ops - behaviour of a kind of work
 * @taken_locked: a thread takes the item, to deliver it. NULL: nothing to do
 * @deliver: write the item to the stream; returns an enum binder_delivery or
 *	a negative errno (-EFAULT when the record could not be stored)
 * @cancel: the queue dies, nobody will read the item: give back what it holds
 * @outlives_thread: the item was handed to a thread that exits; true when
 *	another thread of the process may take it instead. NULL means no.
 * @ends_when_taken: the item counts in &binder_queue.outstanding, until it
 *	leaves the list
 * @kind: what the logs call it; nothing else looks at it
 *
 * @deliver and @cancel run with the item unlinked and no lock held, and may
 * sleep. @taken_locked and @outlives_thread run under the queue's lock.
 */
struct binder_work_ops {
	void (*taken_locked)(struct binder_work *work,
			     struct binder_thread *thread);
	int (*deliver)(struct binder_work *work, struct binder_stream *stream);
	void (*cancel)(struct binder_work *work);
	bool (*outlives_thread)(const struct binder_work *work);
	bool ends_when_taken;
	enum binder_work_kind kind;
};

/**
 * struct binder_work - one item of a todo list
 * @entry: (L) link, empty while the item is on no list
 * @ops: behaviour; changed only while the item is on no list
 */
struct binder_work {
	struct list_head entry;
	const struct binder_work_ops *ops;
};

/**
 * struct binder_queue - what the threads of one process share
 * @lock: the lock with the letter L
 * @todo: (L) work any eligible thread may take, oldest first
 * @idle: (L) threads waiting for work of @todo, most recently idle first
 * @pollers: (L) threads that have ever polled
 * @walks: (L) places of those who read one of the lists in steps
 * @outstanding: (L) messages queued and not delivered, calls not answered
 * @closed: (L) no message may be queued any more: the area is unmapped, or the
 *	process is being released
 * @dead: (L) the process is being released
 * @frozen: (L) calls are refused
 * @sync_refused: (L) a call was refused since the last change of @frozen
 * @async_queued: (L) a oneway call was queued while frozen
 * @freezer: (L) the attempt that set @frozen last; only to compare
 * @settled: woken when @outstanding falls to zero while frozen, and at the end
 *	of @frozen
 */
struct binder_queue {
	spinlock_t lock; /* letter L */
	struct list_head todo;
	struct list_head idle;
	struct list_head pollers;
	struct list_head walks;
	u32 outstanding;
	bool closed;
	bool dead;
	bool frozen;
	bool sync_refused;
	bool async_queued;
	const void *freezer;
	wait_queue_head_t settled;
};

void binder_queue_init(struct binder_queue *queue);

/**
 * binder_work_init() - prepare an item that is on no list
 * @work: the item
 * @ops: its behaviour
 */
static inline void binder_work_init(struct binder_work *work,
				    const struct binder_work_ops *ops)
{
	INIT_LIST_HEAD(&work->entry);
	work->ops = ops;
}

/**
 * binder_work_queued() - is the item on a list? (L)
 * @work: the item
 *
 * Return: true when it is.
 */
static inline bool binder_work_queued(const struct binder_work *work)
{
	return !list_empty(&work->entry);
}

/**
 * binder_queue_settle_locked() - one outstanding message or call is over
 * @queue: the queue of the process it was for
 */
static inline void binder_queue_settle_locked(struct binder_queue *queue)
{
	lockdep_assert_held(&queue->lock);
	if (!--queue->outstanding && unlikely(queue->frozen))
		wake_up_all(&queue->settled);
}

/**
 * binder_work_unlink_locked() - take an item off its list
 * @queue: the queue whose lock guards the list
 * @work: the item; on no list afterwards
 *
 * Items leave lists so or by binder_ring_take_all_locked(), never otherwise.
 */
static inline void binder_work_unlink_locked(struct binder_queue *queue,
					     struct binder_work *work)
{
	lockdep_assert_held(&queue->lock);
	if (unlikely(!list_empty(&queue->walks)))
		binder_walks_leave_locked(queue, &work->entry);
	list_del_init(&work->entry);
}

/**
 * binder_work_take_locked() - take an item off its list for good
 * @queue: the queue whose lock guards the list
 * @work: the item
 */
static inline void binder_work_take_locked(struct binder_queue *queue,
					   struct binder_work *work)
{
	lockdep_assert_held(&queue->lock);
	binder_work_unlink_locked(queue, work);
	if (work->ops->ends_when_taken)
		binder_queue_settle_locked(queue);
}

void binder_queue_drain(struct binder_queue *queue, struct list_head *list);

#endif /* _BINDER_WORK_H */
