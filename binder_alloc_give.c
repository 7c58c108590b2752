// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may free a buffer: the driver until it was delivered, then userspace, once.
 * Modelled in models/slot.pml.
 */
#include "binder_alloc.h"

/**
 * binder_alloc_give_to_user() - userspace may free a buffer from now on
 * @alloc: the area of the buffer
 * @buffer: the buffer; it may be gone when this returns
 */
void binder_alloc_give_to_user(struct binder_alloc *alloc, struct binder_buffer *buffer)
{
	/* Pairs with take_locked(). */
	smp_store_release(&buffer->user_owned, true);
}

static struct binder_buffer *take_locked(struct binder_alloc *alloc, struct binder_range *range)
{
	struct binder_buffer *buffer = container_of(range, struct binder_buffer, range);

	lockdep_assert_held(&alloc->mapping.lock);
	/* Pairs with binder_alloc_give_to_user(): the giver is done with it. */
	if (!smp_load_acquire(&buffer->user_owned))
		return NULL;
	buffer->user_owned = false;
	return buffer;
}

/**
 * binder_alloc_take_from_user() - take the buffer that userspace wants to free
 * @alloc: the area
 * @address: what userspace calls it
 *
 * Return: the buffer that begins at @address if it was given to userspace, once;
 * else NULL.
 */
struct binder_buffer *binder_alloc_take_from_user(struct binder_alloc *alloc, u64 address)
{
	struct binder_buffer *buffer = NULL;
	struct binder_range *range;
	u64 offset;

	spin_lock(&alloc->mapping.lock);
	offset = address - alloc->mapping.base;
	if (offset < alloc->space.size) {
		range = binder_range_find(&alloc->space, offset);
		if (range)
			buffer = take_locked(alloc, range);
	}
	spin_unlock(&alloc->mapping.lock);
	return buffer;
}

/**
 * binder_alloc_take_any_from_user() - take what userspace will never free
 * @alloc: the area of a file that was released: nothing is given any more
 *
 * Return: the next buffer that userspace has, or NULL when there is none left.
 */
struct binder_buffer *binder_alloc_take_any_from_user(struct binder_alloc *alloc)
{
	struct binder_buffer *buffer = NULL;
	struct binder_range *range;
	int i;

	do {
		spin_lock(&alloc->mapping.lock);
		for (i = 0; i < BINDER_SLOT_BATCH && !buffer; i++) {
			range = binder_range_next(&alloc->space, alloc->visited);
			if (!range)
				break;
			alloc->visited = range;
			buffer = take_locked(alloc, range);
		}
		spin_unlock(&alloc->mapping.lock);
	} while (!buffer && range);
	return buffer;
}
