/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notices that their reader acknowledges.
 *
 * A notice is a work item until it is delivered. Then it is kept, by its cookie,
 * until an acknowledgment names that; cookies need not be unique, and of equals
 * the one delivered first goes first. Clients may have tens of thousands of them
 * out, and acknowledge them in any order.
 *
 * Until it is cleared it is also in the list of requests of a ref.
 *
 * Locks: the queue lock (L) of the process that keeps the notices; all functions about
 * kept ones but the last are called under it. Its refs lock (R) for those about
 * lists of requests.
 */
#ifndef _BINDER_NOTICE_H
#define _BINDER_NOTICE_H

#include <linux/rbtree.h>

#include "binder_work.h"

/**
 * struct binder_notice - a notice
 * @work: (L) on a todo list or on none, while the notice is not kept
 * @entry: (L) place among those kept, while it is
 * @cookie: (I) the reader's name for it
 * @ops: (I) behaviour of @work, which tells what kind it is, also while it is kept
 * @next: (R) the next request of the same ref, of another kind
 */
struct binder_notice {
	union {
		struct binder_work work;
		struct rb_node entry;
	};
	binder_uintptr_t cookie;
	const struct binder_work_ops *ops;
	struct binder_notice *next;
};

/**
 * binder_notice_init() - prepare a notice that nobody has
 * @notice: the notice
 * @ops: its behaviour
 * @cookie: the reader's name for it
 */
static inline void binder_notice_init(struct binder_notice *notice,
				      const struct binder_work_ops *ops,
				      binder_uintptr_t cookie)
{
	binder_work_init(&notice->work, ops);
	notice->cookie = cookie;
	notice->ops = ops;
	notice->next = NULL;
}

struct binder_notice *binder_requests_find(struct binder_notice *first,
					   const struct binder_work_ops *ops);
bool binder_requests_add(struct binder_notice **first,
			 struct binder_notice *notice);
void binder_requests_remove(struct binder_notice **first,
			    struct binder_notice *notice);

void binder_notice_keep(struct rb_root *kept, struct binder_notice *notice);
void binder_notice_drop(struct rb_root *kept, struct binder_notice *notice);
struct binder_notice *binder_notice_find(const struct rb_root *kept,
					 binder_uintptr_t cookie);
void binder_notices_cancel(struct binder_queue *queue, struct rb_root *kept);

#endif /* _BINDER_NOTICE_H */
