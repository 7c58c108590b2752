/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is done with the pages of an area: begin and end of their use, filling,
 * copying. See binder_slot.h for the states of a page.
 * A struct binder_mapping knows no process and no message. It is embedded in
 * its owner, which counts references to it (binder_lru.c takes some, too) and
 * serialises users by the mapping's lock. The pages belong to an address_space
 * of its own, so that page table entries can be found and removed without the
 * receiver's mm: nobody here takes another process's mmap_lock.
 *
 * Order: mmap_lock or VMA lock -> lock; reclaim_mutex -> lock; reclaim_mutex ->
 * i_mmap_rwsem -> page table lock. Nothing is allocated under reclaim_mutex, and
 * the shrinker only tries to take it.
 */
#ifndef _BINDER_PAGE_H
#define _BINDER_PAGE_H

#include <linux/compiler.h>
#include <linux/lockdep.h>

#include "binder_hooks.h"
#include "binder_slot.h"

/*
 * The page at @offset. Stable: the caller has a use. Another sender may have
 * filled it; what is done with the page depends on its address, which is the
 * barrier that pairs with install_pages().
 */
static inline struct page *binder_page_at(struct binder_mapping *mapping, u32 offset)
{
	return READ_ONCE(binder_slot(mapping, offset >> PAGE_SHIFT)->page);
}

long binder_page_count_idle(void);
void binder_page_add_idle(long nr);

bool binder_page_has_slots(struct binder_mapping *mapping, unsigned int first, unsigned int nr);

/* Is there one for a page? As binder_page_has_slots(). */
static inline bool binder_page_has_slot(struct binder_mapping *mapping, unsigned int index)
{
	/* Pairs with the cmpxchg_release() in binder_page_add_slots(). */
	return smp_load_acquire(&mapping->chunk[index / BINDER_SLOTS_PER_CHUNK]);
}

int binder_page_add_slots(struct binder_mapping *mapping, unsigned int first, unsigned int nr);
unsigned int binder_page_get_run_locked(struct binder_mapping *mapping, unsigned int first,
					unsigned int nr, u32 *common);
void binder_page_put_run_locked(struct binder_mapping *mapping, unsigned int first,
				unsigned int nr);
void binder_page_trace_get_locked(struct binder_mapping *mapping, unsigned int first,
				  unsigned int nr);
void binder_page_trace_put_locked(struct binder_mapping *mapping, unsigned int first,
				  unsigned int nr);
int binder_page_fill(struct binder_mapping *mapping, unsigned int first, unsigned int nr);

int binder_page_copy_from_user(struct binder_mapping *mapping, u32 offset,
			       const void __user *from, size_t size);
void binder_page_write(struct binder_mapping *mapping, u32 offset, const void *from, size_t size);
void binder_page_read(struct binder_mapping *mapping, u32 offset, void *to, size_t size);
void binder_page_zero(struct binder_mapping *mapping, u32 offset, size_t size);

/* Queue a slot, which is not queued, as the youngest. */
static inline void binder_slot_queue_locked(struct binder_mapping *mapping, unsigned int index)
{
	lockdep_assert_held(&mapping->lock);
	if (mapping->queue_tail)
		binder_slot(mapping, mapping->queue_tail - 1)->next = index + 1;
	else
		mapping->queue_head = index + 1;
	mapping->queue_tail = index + 1;
	binder_slot(mapping, index)->next = BINDER_SLOT_LAST;
}

/*
 * Is it idle and nothing more to look at, by its state alone? Only a slot with a
 * page is mapped, and it is not any more once it is isolated.
 */
static inline bool binder_slot_is_warm(u32 state)
{
	return (state & ~BINDER_SLOT_AGAIN) == BINDER_SLOT_MAPPED;
}

/* Begin to use a slot; returns the state it had. */
static inline u32 binder_slot_get_locked(struct binder_mapping *mapping, struct binder_slot *slot)
{
	u32 state = slot->state;

	lockdep_assert_held(&mapping->lock);
	WRITE_ONCE(slot->state, (binder_hook_broken(BINDER_DEFECT_NO_CANCEL) ?
				 state : state & ~BINDER_SLOT_RECLAIM) + BINDER_SLOT_USER);
	return state;
}

/* End the use of a slot; returns whether its page is idle now. */
static inline bool binder_slot_put_locked(struct binder_mapping *mapping,
					  struct binder_slot *slot, unsigned int index)
{
	u32 state = slot->state - BINDER_SLOT_USER;
	bool idle;

	lockdep_assert_held(&mapping->lock);
	/* What is below comes to the same for these, and they are all of a warm buffer. */
	if (likely(binder_slot_is_warm(state) && slot->next)) {
		WRITE_ONCE(slot->state, BINDER_SLOT_MAPPED | BINDER_SLOT_AGAIN);
		return true;
	}
	idle = state < BINDER_SLOT_USER && slot->page;
	if (idle) {
		if (slot->next)
			state |= BINDER_SLOT_AGAIN;
		else
			binder_slot_queue_locked(mapping, index);
	}
	WRITE_ONCE(slot->state, state);
	return idle;
}

/* Pages went idle, or, if @nr is negative, ceased to be. */
static inline void binder_page_count_locked(struct binder_mapping *mapping, int nr)
{
	lockdep_assert_held(&mapping->lock);
	mapping->nr_idle += nr;
	binder_page_add_idle(nr);
}

/**
 * binder_page_get_locked() - begin to use pages
 * @mapping: the area
 * @first: index of the first page
 * @nr: number of pages, at most BINDER_SLOT_BATCH
 * @common: loses the flags that not all slots have
 *
 * Idle pages stay in the queue: whoever walks it next drops them.
 *
 * Return: how many of them have no page yet.
 */
static inline unsigned int binder_page_get_locked(struct binder_mapping *mapping,
						  unsigned int first, unsigned int nr,
						  u32 *common)
{
	struct binder_slot *slot = binder_slot(mapping, first);
	u32 state;

	lockdep_assert_held(&mapping->lock);
	if (nr > 1)
		return binder_page_get_run_locked(mapping, first, nr, common);
	state = binder_slot_get_locked(mapping, slot);
	*common &= state;
	if (!slot->page)
		return 1;
	if (state < BINDER_SLOT_USER)
		binder_page_count_locked(mapping, -1);
	return 0;
}

/**
 * binder_page_put_locked() - end the use of pages
 * @mapping: the area
 * @first: index of the first page
 * @nr: number of pages, at most BINDER_SLOT_BATCH, or 0
 */
static inline void binder_page_put_locked(struct binder_mapping *mapping, unsigned int first,
					  unsigned int nr)
{
	lockdep_assert_held(&mapping->lock);
	if (nr != 1)
		binder_page_put_run_locked(mapping, first, nr);
	else if (binder_slot_put_locked(mapping, binder_slot(mapping, first), first))
		binder_page_count_locked(mapping, 1);
}

/**
 * binder_page_put_uses_locked() - end some uses of a page
 * @mapping: the area
 * @index: index of the page
 * @nr: number of uses, not 0
 */
static inline void binder_page_put_uses_locked(struct binder_mapping *mapping, unsigned int index,
					       unsigned int nr)
{
	struct binder_slot *slot = binder_slot(mapping, index);

	lockdep_assert_held(&mapping->lock);
	WRITE_ONCE(slot->state, slot->state - (nr - 1) * BINDER_SLOT_USER);
	binder_page_put_locked(mapping, index, 1);
}

#endif /* _BINDER_PAGE_H */
