// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings of work items.
 */
#include "binder_ring.h"

/**
 * binder_ring_add_locked() - put an item at the end
 * @queue: the queue whose lock guards the ring
 * @ring: the ring
 * @work: the item, on no list
 */
void binder_ring_add_locked(struct binder_queue *queue,
			    struct binder_ring *ring, struct binder_work *work)
{
	lockdep_assert_held(&queue->lock);
	if (ring->first)
		list_add_tail(&work->entry, ring->first);
	else
		ring->first = &work->entry;
}

/**
 * binder_ring_next_locked() - the next item
 * @queue: the queue whose lock guards the ring
 * @ring: the ring
 * @prev: an item of it, or NULL
 *
 * Return: the item behind @prev, the first if that is NULL, or NULL at the end.
 */
struct binder_work *binder_ring_next_locked(struct binder_queue *queue,
					    const struct binder_ring *ring,
					    const struct binder_work *prev)
{
	struct list_head *entry = ring->first;

	lockdep_assert_held(&queue->lock);
	if (prev)
		entry = prev->entry.next == entry ? NULL : prev->entry.next;
	return entry ? list_entry(entry, struct binder_work, entry) : NULL;
}

/**
 * binder_ring_unlink_locked() - take an item off a ring
 * @queue: the queue whose lock guards the ring
 * @ring: the ring
 * @work: the item; on no list afterwards
 */
void binder_ring_unlink_locked(struct binder_queue *queue,
			       struct binder_ring *ring,
			       struct binder_work *work)
{
	struct list_head *entry = &work->entry;

	lockdep_assert_held(&queue->lock);
	if (ring->first == entry)
		ring->first = list_empty(entry) ? NULL : entry->next;
	binder_work_unlink_locked(queue, work);
}

/**
 * binder_ring_take_some_locked() - move all items of a ring that has some to a list
 * @queue: the queue whose lock guards both
 * @ring: the ring
 * @to: empty list that takes them, in order
 */
void binder_ring_take_some_locked(struct binder_queue *queue,
				  struct binder_ring *ring,
				  struct list_head *to)
{
	lockdep_assert_held(&queue->lock);
	/* In front of the first a head makes a list of a ring; who walks it goes on there. */
	list_add_tail(to, ring->first);
	ring->first = NULL;
}

/**
 * binder_ring_walk_begin_locked() - begin to read a ring in steps
 * @queue: the queue whose lock guards the ring
 * @walk: where to keep the place
 * @ring: the ring
 */
void binder_ring_walk_begin_locked(struct binder_queue *queue,
				   struct binder_walk *walk,
				   const struct binder_ring *ring)
{
	struct list_head *first = ring->first;

	lockdep_assert_held(&queue->lock);
	binder_walk_begin_locked(queue, walk, first,
				 first ? first->prev : NULL);
}
