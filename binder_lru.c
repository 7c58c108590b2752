// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reclaim of idle pages. See binder_lru.h for the idea, binder_page.h for the
 * states of a slot.
 */
#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/pid.h>
#include <linux/shrinker.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

#include "binder_hooks.h"
#include "binder_lru.h"
#include "binder_name.h"
#include "binder_page.h"
#include "binder_trace.h"

/* No area has more pages than this. */
#define MAX_SLOTS	(SZ_4M / PAGE_SIZE)
/* Mappings looked at in one hold of the list's lock. */
#define PICK_BATCH	32

static DEFINE_SPINLOCK(mappings_lock);		/* "G" in binder_page.h */
static LIST_HEAD(mappings);			/* G */
static unsigned int nr_mappings;		/* G; read without it as a hint */
static LIST_HEAD(unreferenced);			/* G: to be released */

static struct shrinker *shrinker;
static struct workqueue_struct *release_wq;

/**
 * struct batch - idle pages on their way out
 * @isolated: slots that were isolated
 * @mapped: those of them that may have a page table entry
 * @pages: pages that are no longer in a slot
 * @nr_pages: number of them, a block counting as one
 * @nr_taken: slots they were in
 * @nr_isolated: number of bits in @isolated
 * @nr_walked: queue entries looked at
 * @nr_looked: slots looked at
 */
struct batch {
	DECLARE_BITMAP(isolated, MAX_SLOTS);
	DECLARE_BITMAP(mapped, MAX_SLOTS);
	struct page *pages[BINDER_SLOT_BATCH];
	unsigned int nr_pages;
	unsigned int nr_taken;
	unsigned int nr_isolated;
	unsigned int nr_walked;
	unsigned int nr_looked;
};

/* Take the oldest slot off the queue. */
static unsigned int unqueue_locked(struct binder_mapping *mapping)
{
	unsigned int index = mapping->queue_head - 1;
	struct binder_slot *slot = binder_slot(mapping, index);

	lockdep_assert_held(&mapping->lock);
	if (slot->next == BINDER_SLOT_LAST) {
		mapping->queue_head = 0;
		mapping->queue_tail = 0;
	} else {
		mapping->queue_head = slot->next;
	}
	slot->next = 0;
	return index;
}

/* What is to be done with a slot that was taken off the queue. */
enum verdict { DROP, SPARE, TAKE };

/*
 * Look at all slots of a block. If one was used again since it was queued, those
 * that are queued get a second chance, too, so that none of them ends the block.
 */
static enum verdict judge_block_locked(struct binder_mapping *mapping, struct batch *batch,
				       unsigned int index)
{
	unsigned int nr = 1U << binder_slot(mapping, index)->order, i;
	struct binder_slot *slot = binder_slot(mapping, round_down(index, nr));
	bool again = false;

	lockdep_assert_held(&mapping->lock);
	for (i = 0; i < nr; i++) {
		batch->nr_looked++;
		if (slot[i].state >= BINDER_SLOT_USER)
			return DROP;
		again |= slot[i].state & BINDER_SLOT_AGAIN;
	}
	for (i = 0; again && i < nr; i++)
		if (slot[i].next)
			WRITE_ONCE(slot[i].state, slot[i].state | BINDER_SLOT_AGAIN);
	return again ? SPARE : TAKE;
}

static enum verdict judge_locked(struct binder_mapping *mapping, struct batch *batch,
				 unsigned int index)
{
	struct binder_slot *slot = binder_slot(mapping, index);
	u32 state = slot->state;

	lockdep_assert_held(&mapping->lock);
	batch->nr_looked++;
	WRITE_ONCE(slot->state, state & ~BINDER_SLOT_AGAIN);
	/* In use, gone with its block, or isolated with that just now. */
	if (state >= BINDER_SLOT_USER || !slot->page || state & BINDER_SLOT_RECLAIM)
		return DROP;
	if (state & BINDER_SLOT_AGAIN)
		return SPARE;
	return slot->order ? judge_block_locked(mapping, batch, index) : TAKE;
}

/* Isolate an idle slot, and with it the block that it is part of. */
static void isolate_slots_locked(struct binder_mapping *mapping, struct batch *batch,
				 unsigned int index)
{
	struct binder_slot *slot = binder_slot(mapping, index);
	unsigned int nr = 1U << slot->order;

	lockdep_assert_held(&mapping->lock);
	index = round_down(index, nr);
	slot = binder_slot(mapping, index);
	batch->nr_isolated += nr;
	for (; nr; nr--, index++, slot++) {
		__set_bit(index, batch->isolated);
		if (slot->state & BINDER_SLOT_MAPPED)
			__set_bit(index, batch->mapped);
		WRITE_ONCE(slot->state, BINDER_SLOT_RECLAIM);
	}
}

/*
 * Take idle slots from the old end of the queue. Drop those in use, give a
 * second chance to those that were used again since they were queued. A block of
 * which a part is in use waits for the last user, who queues it.
 */
static void isolate(struct binder_mapping *mapping, struct batch *batch, unsigned int nr)
{
	/* There must be room for a block. */
	nr = min(nr, BINDER_SLOT_BATCH + 1U - (1U << BINDER_BLOCK_MAX_ORDER));
	spin_lock(&mapping->lock);
	while (batch->nr_isolated < nr && batch->nr_looked < BINDER_SLOT_BATCH &&
	       mapping->queue_head) {
		unsigned int index = unqueue_locked(mapping);

		batch->nr_walked++;
		switch (judge_locked(mapping, batch, index)) {
		case DROP:
			break;
		case SPARE:
			binder_slot_queue_locked(mapping, index);
			break;
		case TAKE:
			isolate_slots_locked(mapping, batch, index);
			break;
		}
	}
	spin_unlock(&mapping->lock);
}

/* Remove the page table entries, wherever the receiver moved its VMA. */
static void unmap(struct binder_mapping *mapping, struct batch *batch)
{
	unsigned int start, end, index;

	if (binder_hook_broken(BINDER_DEFECT_NO_UNMAP))
		return;
	if (trace_binder_unmap_user_start_enabled())
		for_each_set_bit(index, batch->mapped, mapping->nr_slots)
			trace_binder_unmap_user_start(pid_nr(mapping->tgid), index);
	for_each_set_bitrange(start, end, batch->mapped, mapping->nr_slots)
		unmap_mapping_pages(&mapping->address_space, mapping->pgoff + start,
				    end - start, false);
	if (trace_binder_unmap_user_end_enabled())
		for_each_set_bit(index, batch->mapped, mapping->nr_slots)
			trace_binder_unmap_user_end(pid_nr(mapping->tgid), index);
}

/* Is a page, or are all of a block, still isolated? If not, it stays. */
static bool confirm_locked(struct binder_mapping *mapping, struct binder_slot *slot,
			   unsigned int nr)
{
	unsigned int i;

	lockdep_assert_held(&mapping->lock);
	/* Without it: used since, perhaps idle again, and queued then. */
	for (i = 0; i < nr; i++)
		if (!(slot[i].state & BINDER_SLOT_RECLAIM))
			break;
	if (i == nr)
		return true;
	for (i = 0; i < nr; i++)
		WRITE_ONCE(slot[i].state, slot[i].state & ~BINDER_SLOT_RECLAIM);
	return false;
}

/* Take a page, or a block, away from its slots. */
static void take_pages_locked(struct binder_mapping *mapping, struct batch *batch,
			      unsigned int index, unsigned int nr)
{
	struct binder_slot *slot = binder_slot(mapping, index);

	lockdep_assert_held(&mapping->lock);
	batch->pages[batch->nr_pages++] = slot->page;
	batch->nr_taken += nr;
	for (; nr; nr--, index++, slot++) {
		trace_binder_unmap_kernel_start(pid_nr(mapping->tgid), index);
		slot->page = NULL;
		slot->order = 0;
		WRITE_ONCE(slot->state, slot->state & ~BINDER_SLOT_RECLAIM);
		trace_binder_unmap_kernel_end(pid_nr(mapping->tgid), index);
	}
}

/* Take the pages away from slots that are still isolated. */
static void commit(struct binder_mapping *mapping, struct batch *batch)
{
	unsigned int index = find_first_bit(batch->isolated, mapping->nr_slots), nr;

	spin_lock(&mapping->lock);
	while (index < mapping->nr_slots) {
		struct binder_slot *slot = binder_slot(mapping, index);

		/* A block was isolated as a whole: this is its first slot. */
		nr = 1U << slot->order;
		if (confirm_locked(mapping, slot, nr))
			take_pages_locked(mapping, batch, index, nr);
		index = find_next_bit(batch->isolated, mapping->nr_slots, index + nr);
	}
	mapping->nr_pages -= batch->nr_taken;
	mapping->nr_idle -= batch->nr_taken;
	mapping->nr_reclaimed += batch->nr_taken;
	mapping->nr_reclaims_cancelled += batch->nr_isolated - batch->nr_taken;
	binder_page_add_idle(-(long)batch->nr_taken);
	spin_unlock(&mapping->lock);
}

/*
 * Reclaim up to @nr idle pages of one mapping. The caller holds its
 * reclaim_mutex. Returns the number freed, adds to @walked.
 */
static unsigned long reclaim_mapping(struct binder_mapping *mapping, unsigned long nr,
				     unsigned long *walked)
{
	/* Each slot to drop its second chance, and that of its block, and to take it. */
	unsigned int steps = 3 * mapping->nr_slots;
	unsigned long freed = 0;

	while (freed < nr && steps) {
		struct batch batch = { };

		isolate(mapping, &batch, min(nr - freed, (unsigned long)BINDER_SLOT_BATCH));
		if (!batch.nr_walked)
			break;
		*walked += batch.nr_walked;
		steps -= min(steps, batch.nr_walked);
		if (!batch.nr_isolated)
			continue;
		binder_hook_reach(BINDER_HOOK_AFTER_ISOLATE);
		unmap(mapping, &batch);
		binder_hook_reach(BINDER_HOOK_BEFORE_COMMIT);
		commit(mapping, &batch);
		release_pages(batch.pages, batch.nr_pages);
		freed += batch.nr_taken;
	}
	return freed;
}

static void release_work_fn(struct work_struct *work)
{
	struct binder_mapping *mapping, *next;
	LIST_HEAD(list);

	spin_lock(&mappings_lock);
	list_splice_init(&unreferenced, &list);
	spin_unlock(&mappings_lock);
	list_for_each_entry_safe(mapping, next, &list, lru_link) {
		binder_hook_reach(BINDER_HOOK_RELEASE);
		mapping->release(mapping);
	}
}

static DECLARE_WORK(release_work, release_work_fn);

/* Drop a reclaimer's reference. */
static void unpin(struct binder_mapping *mapping)
{
	if (!refcount_dec_and_test(&mapping->ref))
		return;
	/* The owner took it off the list before it let go. */
	spin_lock(&mappings_lock);
	list_add(&mapping->lru_link, &unreferenced);
	spin_unlock(&mappings_lock);
	queue_work(release_wq, &release_work);
}

/* Pin the next mapping with idle pages, out of the next *@left of the list. */
static struct binder_mapping *pin_next(unsigned int *left)
{
	struct binder_mapping *mapping, *found = NULL;
	unsigned int i;

	while (!found && *left) {
		spin_lock(&mappings_lock);
		for (i = 0; i < PICK_BATCH && !found && *left; i++) {
			mapping = list_first_entry_or_null(&mappings, struct binder_mapping,
							   lru_link);
			if (!mapping) {
				*left = 0;
				break;
			}
			list_rotate_left(&mappings);
			(*left)--;
			/* A hint: what becomes idle now is found next time. */
			if (data_race(READ_ONCE(mapping->nr_idle)) &&
			    refcount_inc_not_zero(&mapping->ref))
				found = mapping;
		}
		spin_unlock(&mappings_lock);
	}
	return found;
}

/* Reclaim up to @nr idle pages, visiting each mapping at most once. */
static unsigned long scan_mappings(unsigned long nr, unsigned long *walked)
{
	unsigned int left = READ_ONCE(nr_mappings);
	struct binder_mapping *mapping;
	unsigned long freed = 0;

	while (freed < nr && (mapping = pin_next(&left))) {
		bool locked = mutex_trylock(&mapping->reclaim_mutex);

		if (locked || binder_hook_broken(BINDER_DEFECT_NO_EXCLUSION))
			freed += reclaim_mapping(mapping, nr - freed, walked);
		if (locked)
			mutex_unlock(&mapping->reclaim_mutex);
		binder_hook_reach(BINDER_HOOK_UNPIN);
		unpin(mapping);
	}
	return freed;
}

static unsigned long count_objects(struct shrinker *unused, struct shrink_control *sc)
{
	return binder_page_count_idle() ?: SHRINK_EMPTY;
}

static unsigned long scan_objects(struct shrinker *unused, struct shrink_control *sc)
{
	unsigned long walked = 0, freed = scan_mappings(sc->nr_to_scan, &walked);

	/* A block may be found by one of its slots alone. */
	sc->nr_scanned = max(walked, freed);
	return walked ? freed : SHRINK_STOP;
}

/**
 * binder_lru_init_subsystem() - start reclaim
 *
 * Return: 0 or -ENOMEM.
 */
int binder_lru_init_subsystem(void)
{
	release_wq = alloc_workqueue(BINDER_NAME_STR "_area_release",
				     WQ_UNBOUND, 0);
	if (!release_wq)
		return -ENOMEM;
	shrinker = shrinker_alloc(0, "android-" BINDER_NAME_STR);
	if (!shrinker) {
		destroy_workqueue(release_wq);
		return -ENOMEM;
	}
	shrinker->count_objects = count_objects;
	shrinker->scan_objects = scan_objects;
	shrinker_register(shrinker);
	return 0;
}

/**
 * binder_lru_exit_subsystem() - undo binder_lru_init_subsystem()
 *
 * No mapping is left but those that reclaim pinned; they are released here.
 */
void binder_lru_exit_subsystem(void)
{
	shrinker_free(shrinker);
	destroy_workqueue(release_wq);
}

/**
 * binder_lru_add() - let reclaim know of a mapping
 * @mapping: a mapping that its owner has a reference to
 */
void binder_lru_add(struct binder_mapping *mapping)
{
	spin_lock(&mappings_lock);
	list_add_tail(&mapping->lru_link, &mappings);
	WRITE_ONCE(nr_mappings, nr_mappings + 1);
	spin_unlock(&mappings_lock);
}

/**
 * binder_lru_remove() - let reclaim forget a mapping
 * @mapping: a mapping that its owner has a reference to
 *
 * A reclaimer may be at work on it until its reclaim_mutex was taken once.
 */
void binder_lru_remove(struct binder_mapping *mapping)
{
	spin_lock(&mappings_lock);
	if (!list_empty(&mapping->lru_link)) {
		list_del_init(&mapping->lru_link);
		WRITE_ONCE(nr_mappings, nr_mappings - 1);
	}
	spin_unlock(&mappings_lock);
}

/**
 * binder_lru_put() - drop the owner's reference
 * @mapping: a mapping that was removed
 */
void binder_lru_put(struct binder_mapping *mapping)
{
	if (refcount_dec_and_test(&mapping->ref))
		mapping->release(mapping);
}

/**
 * binder_lru_reclaim_all() - free all idle pages of one mapping
 * @mapping: a mapping that was removed
 */
void binder_lru_reclaim_all(struct binder_mapping *mapping)
{
	unsigned long walked = 0;

	mutex_lock(&mapping->reclaim_mutex);
	reclaim_mapping(mapping, ULONG_MAX, &walked);
	mutex_unlock(&mapping->reclaim_mutex);
}

#ifdef BINDER_WITH_TEST_HOOKS

static int set_scan(const char *val, const struct kernel_param *kp)
{
	unsigned long nr, walked = 0;
	int ret = kstrtoul(val, 0, &nr);

	if (ret)
		return ret;
	/* The scan may stop at a point that is released by a parameter. */
	kernel_param_unlock(THIS_MODULE);
	scan_mappings(nr, &walked);
	kernel_param_lock(THIS_MODULE);
	return 0;
}

static int get_pages(char *buf, const struct kernel_param *kp)
{
	unsigned long pages = 0, idle = 0, slots = 0;
	struct binder_mapping *mapping;
	unsigned int i;

	spin_lock(&mappings_lock);
	list_for_each_entry(mapping, &mappings, lru_link) {
		spin_lock(&mapping->lock);
		pages += mapping->nr_pages;
		idle += mapping->nr_idle;
		for (i = 0; i < mapping->nr_slots; i += BINDER_SLOTS_PER_CHUNK)
			if (binder_page_has_slots(mapping, i, 1))
				slots += BINDER_SLOTS_PER_CHUNK;
		spin_unlock(&mapping->lock);
	}
	spin_unlock(&mappings_lock);
	return sysfs_emit(buf, "pages %lu idle %lu counted %ld slots %lu\n", pages, idle,
			  binder_page_count_idle(), slots);
}

static const struct kernel_param_ops scan_ops = { .set = set_scan };
static const struct kernel_param_ops pages_ops = { .get = get_pages };

module_param_cb(hook_scan, &scan_ops, NULL, 0200);
MODULE_PARM_DESC(hook_scan, "Reclaim this many idle pages now");
module_param_cb(hook_pages, &pages_ops, NULL, 0400);
MODULE_PARM_DESC(hook_pages, "Pages of all mapped areas, how many of them are idle, slots for pages");

#endif /* BINDER_WITH_TEST_HOOKS */

#ifdef BINDER_WITH_KUNIT
#include "kunit/lru.c"
#endif
