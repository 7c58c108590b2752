// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work items and the queue object.
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
