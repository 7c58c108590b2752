// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work items and the queue object. When a process is frozen is modelled in
 * models/freezer.pml.
 */
#include <linux/sched.h>

#include "binder_work.h"

/**
 * binder_queue_init() - make an empty, living queue
 * @queue: the queue
 */
void binder_queue_init(struct binder_queue *queue)
{
	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->todo);
	INIT_LIST_HEAD(&queue->idle);
	INIT_LIST_HEAD(&queue->pollers);
	INIT_LIST_HEAD(&queue->walks);
	queue->outstanding = 0;
	queue->closed = false;
	queue->dead = false;
	queue->frozen = false;
	queue->sync_refused = false;
	queue->async_queued = false;
	queue->freezer = NULL;
	init_waitqueue_head(&queue->settled);
}

/**
 * binder_queue_drain() - cancel every item of a list
 * @queue: the queue whose lock guards the list
 * @list: its todo list, or that of one of its threads
 *
 * Takes the items one by one: others may still move an item to another list
 * while this runs.
 */
void binder_queue_drain(struct binder_queue *queue, struct list_head *list)
{
	struct binder_work *work;

	for (;;) {
		spin_lock(&queue->lock);
		work = list_first_entry_or_null(list, struct binder_work,
						entry);
		if (work)
			binder_work_take_locked(queue, work);
		spin_unlock(&queue->lock);
		if (!work)
			break;
		work->ops->cancel(work);
		/* A client that never reads can make the list as long as it likes. */
		cond_resched();
	}
}

/**
 * binder_walk_begin_locked() - begin to read items in steps
 * @queue: the queue whose lock guards the list
 * @walk: where to keep the place
 * @first: link of the first item, or NULL when there is none
 * @last: link of the last one
 */
void binder_walk_begin_locked(struct binder_queue *queue,
			      struct binder_walk *walk,
			      struct list_head *first, struct list_head *last)
{
	lockdep_assert_held(&queue->lock);
	walk->next = first;
	walk->last = last;
	list_add(&walk->entry, &queue->walks);
}

/**
 * binder_work_walk_begin_locked() - begin to read a list of items in steps
 * @queue: the queue whose lock guards the list
 * @walk: where to keep the place
 * @list: the list
 */
void binder_work_walk_begin_locked(struct binder_queue *queue,
				   struct binder_walk *walk,
				   const struct list_head *list)
{
	lockdep_assert_held(&queue->lock);
	binder_walk_begin_locked(queue, walk,
				 list_empty(list) ? NULL : list->next,
				 list->prev);
}

static void binder_walk_step_locked(struct binder_queue *queue,
				    struct binder_walk *walk)
{
	lockdep_assert_held(&queue->lock);
	walk->next = walk->next == walk->last ? NULL : walk->next->next;
}

/**
 * binder_walk_next_locked() - go on to the next item
 * @queue: the queue
 * @walk: the place
 *
 * Return: the item, which may go as soon as the lock does, or NULL after the
 * last.
 */
struct binder_work *binder_walk_next_locked(struct binder_queue *queue,
					    struct binder_walk *walk)
{
	struct list_head *entry = walk->next;

	lockdep_assert_held(&queue->lock);
	if (!entry)
		return NULL;
	binder_walk_step_locked(queue, walk);
	return list_entry(entry, struct binder_work, entry);
}

/**
 * binder_walk_end_locked() - give up a place
 * @queue: the queue
 * @walk: the place
 */
void binder_walk_end_locked(struct binder_queue *queue,
			    struct binder_walk *walk)
{
	lockdep_assert_held(&queue->lock);
	list_del(&walk->entry);
}

/**
 * binder_walks_leave_locked() - an item leaves its list: nobody may point to it
 * @queue: the queue whose lock guards the list
 * @entry: link of the item
 */
void binder_walks_leave_locked(struct binder_queue *queue,
			       const struct list_head *entry)
{
	struct binder_walk *walk;

	lockdep_assert_held(&queue->lock);
	list_for_each_entry(walk, &queue->walks, entry) {
		if (walk->next == entry)
			binder_walk_step_locked(queue, walk);
		else if (walk->last == entry)
			walk->last = entry->prev;
	}
}
