/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading lists of work: what an item is, and a place in a list that is read
 * in steps. Only the logs do so.
 */
#ifndef _BINDER_WALK_H
#define _BINDER_WALK_H

#include <linux/list.h>

struct binder_queue;
struct binder_work;

/**
 * enum binder_work_kind - what an item is, for the logs
 * @BINDER_WORK_MESSAGE: a call, oneway call or reply: a struct binder_transaction
 * @BINDER_WORK_COMPLETION: the sender's half of one
 * @BINDER_WORK_FAILURE: a call that ended without a reply, or whose reply was kept
 * @BINDER_WORK_ERROR: a struct binder_thread_error
 * @BINDER_WORK_NODE: a change of references: a struct binder_node
 * @BINDER_WORK_DEATH: a death notice
 * @BINDER_WORK_FREEZE: a freeze notice
 */
enum binder_work_kind {
	BINDER_WORK_MESSAGE,
	BINDER_WORK_COMPLETION,
	BINDER_WORK_FAILURE,
	BINDER_WORK_ERROR,
	BINDER_WORK_NODE,
	BINDER_WORK_DEATH,
	BINDER_WORK_FREEZE,
};

/**
 * struct binder_walk - a place in a list of items, kept while the lock is not
 * @entry: (L) link in &binder_queue.walks
 * @next: (L) link of the item to visit next, or NULL
 * @last: (L) link of the last item to visit
 *
 * Items come and go between the steps: a walk sees each that was there when it
 * began and stays in the list, once and in order. Whatever takes an item off a
 * list moves the places on, see binder_work_unlink_locked().
 */
struct binder_walk {
	struct list_head entry;
	struct list_head *next;
	struct list_head *last;
};

void binder_walk_begin_locked(struct binder_queue *queue,
			      struct binder_walk *walk,
			      struct list_head *first, struct list_head *last);
void binder_work_walk_begin_locked(struct binder_queue *queue,
				   struct binder_walk *walk,
				   const struct list_head *list);
struct binder_work *binder_walk_next_locked(struct binder_queue *queue,
					    struct binder_walk *walk);
void binder_walk_end_locked(struct binder_queue *queue,
			    struct binder_walk *walk);
void binder_walks_leave_locked(struct binder_queue *queue,
			       const struct list_head *entry);

#endif /* _BINDER_WALK_H */
