/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rings of work items: lists whose only head is a pointer to the first item. For lists
 * that many have, and few use.
 *
 * Lock: that of the queue the items are guarded by (letter L).
 */
#ifndef _BINDER_RING_H
#define _BINDER_RING_H

#include "binder_work.h"

/**
 * struct binder_ring - a ring
 * @first: (L) link of the first item, or NULL
 */
struct binder_ring {
	struct list_head *first;
};

/**
 * binder_ring_init() - make an empty ring
 * @ring: the ring
 */
static inline void binder_ring_init(struct binder_ring *ring)
{
	ring->first = NULL;
}

void binder_ring_add_locked(struct binder_queue *queue,
			    struct binder_ring *ring, struct binder_work *work);
struct binder_work *binder_ring_next_locked(struct binder_queue *queue,
					    const struct binder_ring *ring,
					    const struct binder_work *prev);
void binder_ring_unlink_locked(struct binder_queue *queue,
			       struct binder_ring *ring,
			       struct binder_work *work);
void binder_ring_take_some_locked(struct binder_queue *queue,
				  struct binder_ring *ring,
				  struct list_head *to);
void binder_ring_walk_begin_locked(struct binder_queue *queue,
				   struct binder_walk *walk,
				   const struct binder_ring *ring);

/**
 * binder_ring_take_all_locked() - move all items to a list
 * @queue: the queue whose lock guards both
 * @ring: the ring, mostly empty
 * @to: empty list that takes them, in order
 */
static inline void binder_ring_take_all_locked(struct binder_queue *queue,
					       struct binder_ring *ring,
					       struct list_head *to)
{
	lockdep_assert_held(&queue->lock);
	if (unlikely(ring->first))
		binder_ring_take_some_locked(queue, ring, to);
}

#endif /* _BINDER_RING_H */
