// SPDX-License-Identifier: GPL-2.0-only
/*
 * What userspace sees of a buffer, and who may free it: the driver until it was
 * delivered, then userspace, once. Modelled in models/slot.pml.
 */
#include "binder_alloc.h"
#include "binder_log.h"
#include "binder_mapping.h"
#include "binder_trace.h"

/**
 * binder_alloc_user_address() - where the receiver sees a buffer
 * @alloc: the area of the buffer
 * @buffer: the buffer
 *
 * Return: address in the receiver.
 */
unsigned long binder_alloc_user_address(struct binder_alloc *alloc, struct binder_buffer *buffer)
{
	return alloc->mapping.base + buffer->range.offset;
}

/**
 * binder_alloc_prefault() - map a buffer before the receiver touches it
 * @alloc: the area of the buffer
 * @buffer: the buffer, not given to userspace yet
 *
 * For the receiver's own ioctl. Does nothing if that would mean to wait.
 */
void binder_alloc_prefault(struct binder_alloc *alloc, struct binder_buffer *buffer)
{
	if (!buffer->is_mapped)
		binder_mapping_prefault(&alloc->mapping, binder_buffer_slot(buffer),
					binder_buffer_nr_slots(buffer));
}

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

/* May a buffer be freed at once? Not when that is told to a trace or a log. */
static bool is_plain(const struct binder_buffer *buffer)
{
	return binder_buffer_is_plain(buffer) && !trace_binder_update_page_range_enabled() &&
	       !static_branch_unlikely(&binder_log_armed);
}

/* Returns an account for the caller to free after the lock, or NULL. */
static struct binder_account *free_plain_locked(struct binder_alloc *alloc,
						struct binder_buffer *buffer)
{
	lockdep_assert_held(&alloc->mapping.lock);
	binder_alloc_free_locked(alloc, buffer, binder_buffer_slot(buffer), 1);
	return binder_books_take_spare(&alloc->books);
}

/**
 * binder_alloc_take_from_user() - take the buffer that userspace wants to free
 * @alloc: the area, whose file is open
 * @address: what userspace calls it
 * @freed: in: whether to free it at once, if there is nothing in it to release
 *	first; out: whether that was done
 *
 * Return: the buffer that begins at @address if it was given to userspace, once;
 * else NULL.
 */
struct binder_buffer *binder_alloc_take_from_user(struct binder_alloc *alloc, u64 address,
						  bool *freed)
{
	struct binder_account *spare = NULL;
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
	*freed = *freed && buffer && is_plain(buffer);
	if (*freed)
		spare = free_plain_locked(alloc, buffer);
	spin_unlock(&alloc->mapping.lock);
	binder_account_free(spare);
	return buffer;
}
