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
 * @nr_pages: number of them
 * @nr_isolated: number of bits in @isolated
 * @nr_walked: queue entries looked at
 */
struct batch {
	DECLARE_BITMAP(isolated, MAX_SLOTS);
	DECLARE_BITMAP(mapped, MAX_SLOTS);
	struct page *pages[BINDER_SLOT_BATCH];
	unsigned int nr_pages;
	unsigned int nr_isolated;
	unsigned int nr_walked;
};

/*
 * Take idle slots from the old end of the queue. Drop those in use, give a
 * second chance to those that were used again since they were queued.
 */
static void isolate(struct binder_mapping *mapping, struct batch *batch, unsigned int nr)
{
	spin_lock(&mapping->lock);
	while (batch->nr_isolated < nr && batch->nr_walked < BINDER_SLOT_BATCH &&
	       mapping->queue_head) {
		unsigned int index = mapping->queue_head - 1;
		struct binder_slot *slot = binder_slot(mapping, index);
		u32 state = slot->state;

		batch->nr_walked++;
		if (slot->next == BINDER_SLOT_LAST) {
			mapping->queue_head = 0;
			mapping->queue_tail = 0;
		} else {
			mapping->queue_head = slot->next;
		}
		slot->next = 0;
		WRITE_ONCE(slot->state, state & ~BINDER_SLOT_AGAIN);
		if (state >= BINDER_SLOT_USER)
			continue;
		if (state & BINDER_SLOT_AGAIN) {
			binder_slot_queue_locked(mapping, index);
			continue;
		}
		__set_bit(index, batch->isolated);
		if (state & BINDER_SLOT_MAPPED)
			__set_bit(index, batch->mapped);
		WRITE_ONCE(slot->state, BINDER_SLOT_RECLAIM);
		batch->nr_isolated++;
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
		unmap_mapping_pages(mapping->inode->i_mapping, mapping->pgoff + start,
				    end - start, false);
	if (trace_binder_unmap_user_end_enabled())
		for_each_set_bit(index, batch->mapped, mapping->nr_slots)
			trace_binder_unmap_user_end(pid_nr(mapping->tgid), index);
}

/* Take the pages away from slots that are still isolated. */
static void commit(struct binder_mapping *mapping, struct batch *batch)
{
	unsigned int index;

	spin_lock(&mapping->lock);
	for_each_set_bit(index, batch->isolated, mapping->nr_slots) {
		struct binder_slot *slot = binder_slot(mapping, index);

		/* Without it: used since, perhaps idle again, and queued then. */
		if (!(slot->state & BINDER_SLOT_RECLAIM))
			continue;
		trace_binder_unmap_kernel_start(pid_nr(mapping->tgid), index);
		batch->pages[batch->nr_pages++] = slot->page;
		slot->page = NULL;
		WRITE_ONCE(slot->state, slot->state & ~BINDER_SLOT_RECLAIM);
		trace_binder_unmap_kernel_end(pid_nr(mapping->tgid), index);
	}
	mapping->nr_pages -= batch->nr_pages;
	mapping->nr_idle -= batch->nr_pages;
	mapping->nr_reclaimed += batch->nr_pages;
	mapping->nr_reclaims_cancelled += batch->nr_isolated - batch->nr_pages;
	binder_page_add_idle(-(long)batch->nr_pages);
	spin_unlock(&mapping->lock);
}

/*
 * Reclaim up to @nr idle pages of one mapping. The caller holds its
 * reclaim_mutex. Returns the number freed, adds to @walked.
 */
static unsigned long reclaim_mapping(struct binder_mapping *mapping, unsigned long nr,
				     unsigned long *walked)
{
	/* Each slot twice: once to drop its second chance, once to take it. */
	unsigned int steps = 2 * mapping->nr_slots;
	unsigned long freed = 0;

	while (freed < nr && steps) {
		struct batch batch = { };
		unsigned int i;

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
		for (i = 0; i < batch.nr_pages; i++)
			put_page(batch.pages[i]);
		freed += batch.nr_pages;
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
			if (READ_ONCE(mapping->nr_idle) && refcount_inc_not_zero(&mapping->ref))
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

	sc->nr_scanned = walked;
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
