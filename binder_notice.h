/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notices that their reader acknowledges.
 *
 * A notice is a work item until it is delivered. Then it is kept, by its cookie,
 * until an acknowledgment names that; cookies need not be unique, and of equals
 * the one delivered first goes first. Clients may have tens of thousands of them
 * out, and acknowledge them in any order.
 *
 * Lock: the queue lock (L) of the process that keeps the notices. All functions
 * but the last are called under it.
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
 */
struct binder_notice {
	union {
		struct binder_work work;
		struct rb_node entry;
	};
	binder_uintptr_t cookie;
};

void binder_notice_keep(struct rb_root *kept, struct binder_notice *notice);
void binder_notice_drop(struct rb_root *kept, struct binder_notice *notice,
			const struct binder_work_ops *ops);
struct binder_notice *binder_notice_find(const struct rb_root *kept,
					 binder_uintptr_t cookie);
void binder_notices_cancel(struct binder_queue *queue, struct rb_root *kept,
			   const struct binder_work_ops *ops);

#endif /* _BINDER_NOTICE_H */
