// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the logs tell of an area: how full it is, by whom, and its buffers one by one.
 */
#include "binder_alloc.h"

/**
 * binder_alloc_get_space() - tell how full an area is
 * @alloc: the area
 * @space: receives the answer
 */
void binder_alloc_get_space(struct binder_alloc *alloc, struct binder_alloc_space *space)
{
	spin_lock(&alloc->mapping.lock);
	space->size = alloc->space.size;
	space->used = alloc->space.used;
	space->nr_buffers = alloc->space.nr_ranges;
	space->largest_gap = binder_range_largest_gap(&alloc->space);
	space->free_async = alloc->free_async;
	space->nr_slots = alloc->mapping.nr_slots;
	space->nr_pages = alloc->mapping.nr_pages;
	space->nr_idle = alloc->mapping.nr_idle;
	space->high_slot = alloc->mapping.high_slot;
	space->nr_faults = alloc->mapping.nr_faults;
	space->nr_prefaults_skipped = alloc->mapping.nr_prefaults_skipped;
	space->nr_reclaimed = alloc->mapping.nr_reclaimed;
	space->nr_reclaims_cancelled = alloc->mapping.nr_reclaims_cancelled;
	space->nr_refused = alloc->books.nr_refused;
	spin_unlock(&alloc->mapping.lock);
}

/**
 * binder_alloc_next_user() - go through those who have buffers in an area
 * @alloc: the area
 * @from: least euid to look for
 * @user: receives the one with the least euid of at least that
 *
 * Return: false when there is none any more.
 */
bool binder_alloc_next_user(struct binder_alloc *alloc, u32 from, struct binder_alloc_user *user)
{
	struct binder_account *account;

	spin_lock(&alloc->mapping.lock);
	account = binder_book_next(&alloc->books.users, from);
	if (account) {
		user->euid = KUIDT_INIT(account->key);
		user->bytes = account->bytes;
		user->nr_buffers = account->nr_buffers;
	}
	spin_unlock(&alloc->mapping.lock);
	return account;
}

/**
 * binder_alloc_walk_begin() - begin to list the buffers of an area
 * @alloc: the area
 * @walk: where to keep the place
 */
void binder_alloc_walk_begin(struct binder_alloc *alloc, struct binder_alloc_walk *walk)
{
	spin_lock(&alloc->mapping.lock);
	walk->at = &alloc->space.first;
	list_add(&walk->entry, &alloc->walks);
	spin_unlock(&alloc->mapping.lock);
}

/**
 * binder_alloc_walk_on() - visit the next buffers in the order of addresses
 * @alloc: the area
 * @walk: the place
 * @visit: called for each under the lock of the area
 * @arg: passed on
 * @nr: how many at most
 *
 * Return: how many there were.
 */
unsigned int binder_alloc_walk_on(struct binder_alloc *alloc, struct binder_alloc_walk *walk,
				  void (*visit)(const struct binder_buffer *buffer, void *arg),
				  void *arg, unsigned int nr)
{
	struct binder_range *range;
	unsigned int i;

	spin_lock(&alloc->mapping.lock);
	for (i = 0; i < nr; i++) {
		range = binder_range_next(&alloc->space, walk->at);
		if (!range)
			break;
		walk->at = range;
		visit(container_of(range, struct binder_buffer, range), arg);
	}
	spin_unlock(&alloc->mapping.lock);
	return i;
}

/**
 * binder_alloc_walk_end() - give up a place
 * @alloc: the area
 * @walk: the place
 */
void binder_alloc_walk_end(struct binder_alloc *alloc, struct binder_alloc_walk *walk)
{
	spin_lock(&alloc->mapping.lock);
	list_del(&walk->entry);
	spin_unlock(&alloc->mapping.lock);
}
