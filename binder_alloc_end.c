// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of an area, whose file was released: userspace will free nothing any
 * more, and read nothing. Senders may still be at work on buffers that they will
 * not get rid of. Modelled in models/area.pml.
 */
#include <linux/bug.h>

#include "binder_alloc.h"
#include "binder_log.h"
#include "binder_lru.h"
#include "binder_mapping.h"
#include "binder_trace.h"

/**
 * binder_alloc_close() - give no buffer any more
 * @alloc: the area
 */
void binder_alloc_close(struct binder_alloc *alloc)
{
	spin_lock(&alloc->mapping.lock);
	alloc->closed = true;
	binder_range_space_close(&alloc->space);
	spin_unlock(&alloc->mapping.lock);
}

/* Buffers are freed one by one when that is told to a trace or a log, or lists them. */
static bool may_forget_locked(const struct binder_alloc *alloc)
{
	lockdep_assert_held(&alloc->mapping.lock);
	return list_empty(&alloc->walks) && !trace_binder_update_page_range_enabled() &&
	       !trace_binder_free_lru_start_enabled() && !trace_binder_free_lru_end_enabled() &&
	       !static_branch_unlikely(&binder_log_armed);
}

static bool is_with_user(const struct binder_buffer *buffer)
{
	/* Pairs with binder_alloc_give_to_user(): the giver is done with it. */
	return smp_load_acquire(&buffer->user_owned);
}

/*
 * Free the next buffers, as long as they are plain ones that userspace has. They are
 * neighbours, so their ranges go in one piece, and the uses of a page that they share.
 */
static unsigned int forget_some_locked(struct binder_alloc *alloc, struct binder_buffer **buffers)
{
	struct binder_range *next = binder_range_prev(&alloc->space, alloc->visited);
	struct binder_range *last = next, *first = NULL;
	unsigned int nr = 0, slot = 0, uses = 0;

	lockdep_assert_held(&alloc->mapping.lock);
	for (; next && nr < BINDER_BUFFERS_AT_ONCE; next = binder_range_prev(&alloc->space, next)) {
		struct binder_buffer *buffer = container_of(next, struct binder_buffer, range);

		if (!is_with_user(buffer) || !binder_buffer_is_plain(buffer))
			break;
		binder_alloc_discharge_locked(alloc, buffer);
		if (uses && slot != binder_buffer_slot(buffer)) {
			binder_page_put_uses_locked(&alloc->mapping, slot, uses);
			uses = 0;
		}
		slot = binder_buffer_slot(buffer);
		uses++;
		buffers[nr++] = buffer;
		first = next;
	}
	if (!nr)
		return 0;
	binder_page_put_uses_locked(&alloc->mapping, slot, uses);
	binder_range_forget(&alloc->space, first, last);
	return nr;
}

/*
 * Take the next buffer that userspace has, whatever is in it. Looks at a few and
 * says whether there are more.
 */
static struct binder_buffer *take_one_locked(struct binder_alloc *alloc, bool *more)
{
	struct binder_buffer *buffer;
	struct binder_range *range;
	int i;

	lockdep_assert_held(&alloc->mapping.lock);
	*more = true;
	for (i = 0; i < BINDER_SLOT_BATCH; i++) {
		range = binder_range_prev(&alloc->space, alloc->visited);
		if (!range) {
			*more = false;
			break;
		}
		alloc->visited = range;
		buffer = container_of(range, struct binder_buffer, range);
		if (is_with_user(buffer)) {
			buffer->user_owned = false;
			return buffer;
		}
	}
	return NULL;
}

/**
 * binder_alloc_take_some_from_user() - take what userspace will never free
 * @alloc: an area that was closed: nothing is given any more
 * @buffers: receives up to BINDER_BUFFERS_AT_ONCE of them
 * @freed: in: whether to free them at once, if there is nothing in them to release
 *	first; out: whether that was done. Else there is but one
 *
 * Return: how many there are; 0 when none is left.
 */
unsigned int binder_alloc_take_some_from_user(struct binder_alloc *alloc,
					      struct binder_buffer **buffers, bool *freed)
{
	struct binder_account *spare;
	bool at_once = *freed, more;
	unsigned int nr;

	do {
		nr = 0;
		more = true;
		spin_lock(&alloc->mapping.lock);
		if (at_once && may_forget_locked(alloc))
			nr = forget_some_locked(alloc, buffers);
		*freed = nr;
		if (!nr) {
			buffers[0] = take_one_locked(alloc, &more);
			nr = buffers[0] ? 1 : 0;
		}
		spare = binder_books_take_spare(&alloc->books);
		spin_unlock(&alloc->mapping.lock);
		binder_account_free(spare);
	} while (!nr && more);
	return nr;
}

/**
 * binder_alloc_shutdown() - the rest of the area goes
 * @alloc: an area that was closed
 *
 * Idle pages are freed now, the rest with the last buffer.
 */
void binder_alloc_shutdown(struct binder_alloc *alloc)
{
	bool empty;

	/* First: once dead, the last buffer may take the slots with it. */
	binder_lru_remove(&alloc->mapping);
	spin_lock(&alloc->mapping.lock);
	alloc->dead = true;
	empty = !alloc->space.nr_ranges;
	spin_unlock(&alloc->mapping.lock);

	binder_alloc_debug(BINDER_DEBUG_ALLOC_OPEN_CLOSE,
			   "%d: area is released, empty: %d\n",
			   pid_nr(alloc->mapping.tgid), empty);
	if (empty)
		binder_mapping_drain(&alloc->mapping);
	else
		binder_lru_reclaim_all(&alloc->mapping);
}

/**
 * binder_alloc_put() - drop the reference of binder_alloc_create()
 * @alloc: an area that was shut down and has no buffers
 */
void binder_alloc_put(struct binder_alloc *alloc)
{
	WARN_ON_ONCE(alloc->space.nr_ranges || !alloc->dead);
	binder_lru_put(&alloc->mapping);
}
