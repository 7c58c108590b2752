// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notices that their reader acknowledges.
 */
#include "binder_notice.h"

static struct binder_notice *binder_notice_of(const struct rb_node *rb)
{
	return rb_entry(rb, struct binder_notice, entry);
}

static bool binder_notice_less(struct rb_node *a, const struct rb_node *b)
{
	return binder_notice_of(a)->cookie < binder_notice_of(b)->cookie;
}

static int binder_notice_compare(const void *cookie, const struct rb_node *rb)
{
	binder_uintptr_t wanted = *(const binder_uintptr_t *)cookie;
	binder_uintptr_t found = binder_notice_of(rb)->cookie;

	return wanted < found ? -1 : wanted > found;
}

/**
 * binder_requests_find() - the request of a kind
 * @first: the first request of a ref, whose table is locked (R)
 * @ops: behaviour of notices of the kind
 *
 * Return: the notice, or NULL.
 */
struct binder_notice *binder_requests_find(struct binder_notice *first,
					   const struct binder_work_ops *ops)
{
	while (first && first->ops != ops)
		first = first->next;
	return first;
}

/**
 * binder_requests_add() - add a request unless there is one of the kind
 * @first: the first request of a ref, whose table is locked (R); also looked at
 *	without the lock
 * @notice: the notice
 *
 * Return: whether it was added.
 */
bool binder_requests_add(struct binder_notice **first,
			 struct binder_notice *notice)
{
	if (binder_requests_find(*first, notice->ops))
		return false;
	notice->next = *first;
	WRITE_ONCE(*first, notice);
	return true;
}

/**
 * binder_requests_remove() - a request was cleared
 * @first: the first request of a ref, whose table is locked (R)
 * @notice: one of its requests
 */
void binder_requests_remove(struct binder_notice **first,
			    struct binder_notice *notice)
{
	while (*first != notice)
		first = &(*first)->next;
	WRITE_ONCE(*first, notice->next);
}

/**
 * binder_notice_keep() - a notice was delivered
 * @kept: where to keep it
 * @notice: the notice, on no list
 */
void binder_notice_keep(struct rb_root *kept, struct binder_notice *notice)
{
	/* Behind its equals. */
	rb_add(&notice->entry, kept, binder_notice_less);
}

/**
 * binder_notice_drop() - a notice is a work item again
 * @kept: where it is kept
 * @notice: the notice
 */
void binder_notice_drop(struct rb_root *kept, struct binder_notice *notice)
{
	rb_erase(&notice->entry, kept);
	binder_work_init(&notice->work, notice->ops);
}

/**
 * binder_notice_find() - find what an acknowledgment is of
 * @kept: where notices are kept
 * @cookie: the cookie it names
 *
 * Return: of the notices with it the one that was delivered first, or NULL.
 */
struct binder_notice *binder_notice_find(const struct rb_root *kept,
					 binder_uintptr_t cookie)
{
	struct rb_node *rb = rb_find_first(&cookie, kept,
					   binder_notice_compare);

	return rb ? binder_notice_of(rb) : NULL;
}

/**
 * binder_notices_cancel() - nobody will acknowledge what was delivered
 * @queue: queue of the process that keeps the notices; not locked
 * @kept: where they are kept
 */
void binder_notices_cancel(struct binder_queue *queue, struct rb_root *kept)
{
	struct binder_notice *notice;

	for (;;) {
		spin_lock(&queue->lock);
		notice = kept->rb_node ? binder_notice_of(kept->rb_node) : NULL;
		if (notice)
			binder_notice_drop(kept, notice);
		spin_unlock(&queue->lock);
		if (!notice)
			break;
		notice->ops->cancel(&notice->work);
		cond_resched();
	}
}
