// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table of numbers: each entry gets the lowest that is free.
 */
#include <linux/bitops.h>
#include <linux/math.h>
#include <linux/slab.h>

#include "binder_handles.h"
#include "binder_hooks.h"
#include "binder_name.h"

static struct kmem_cache *binder_handles_slab;

/**
 * binder_handles_init_slab() - make the slab of branches
 *
 * Return: 0 or -ENOMEM.
 */
int binder_handles_init_slab(void)
{
	binder_handles_slab =
		kmem_cache_create(BINDER_NAME_STR "_handles",
				  sizeof(struct binder_handles_branch), 0,
				  SLAB_ACCOUNT, NULL);
	return binder_handles_slab ? 0 : -ENOMEM;
}

/**
 * binder_handles_exit_slab() - drop the slab, after rcu_barrier()
 */
void binder_handles_exit_slab(void)
{
	kmem_cache_destroy(binder_handles_slab);
}

static void binder_branch_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(binder_handles_slab,
			container_of(rcu, struct binder_handles_branch, rcu));
}

/* What is in a slot, for who holds the lock. */
static void *binder_branch_slot(const struct binder_handles *handles,
				const struct binder_handles_branch *branch,
				u32 index)
{
	return rcu_dereference_protected(branch->slot[index],
					 lockdep_is_held(&handles->lock));
}

static struct binder_handles_branch *
binder_handles_root(const struct binder_handles *handles)
{
	return rcu_dereference_protected(handles->root,
					 lockdep_is_held(&handles->lock));
}

/**
 * binder_handles_spare() - allocate one more branch
 * @spares: what there is
 *
 * Return: 0 or -ENOMEM.
 */
int binder_handles_spare(struct binder_handles_spares *spares)
{
	struct binder_handles_branch *branch;

	if (binder_hook_no_memory(BINDER_HOOK_TABLE))
		return -ENOMEM;
	branch = kmem_cache_zalloc(binder_handles_slab, GFP_KERNEL);
	if (!branch)
		return -ENOMEM;
	RCU_INIT_POINTER(branch->slot[0], spares->first);
	spares->first = branch;
	spares->nr++;
	return 0;
}

/* Empty branches over @shift bits. */
static struct binder_handles_branch *
binder_handles_use_spare(struct binder_handles_spares *spares, u32 shift)
{
	struct binder_handles_branch *branch = spares->first;

	spares->first = rcu_dereference_protected(branch->slot[0], true);
	spares->nr--;
	RCU_INIT_POINTER(branch->slot[0], NULL);
	branch->shift = shift;
	return branch;
}

/**
 * binder_handles_drop_spares() - free branches that were not needed
 * @spares: the branches
 */
void binder_handles_drop_spares(struct binder_handles_spares *spares)
{
	while (spares->first)
		kmem_cache_free(binder_handles_slab,
				binder_handles_use_spare(spares, 0));
}

/* Put a new root above one without a free number, or make the first. */
static void binder_handles_grow_locked(struct binder_handles *handles,
				       struct binder_handles_spares *spares)
{
	struct binder_handles_branch *old = binder_handles_root(handles);
	struct binder_handles_branch *root;

	lockdep_assert_held(&handles->lock);
	root = binder_handles_use_spare(spares,
					old ? old->shift + BINDER_HANDLES_SHIFT : 0);
	/* The old one; or number 0, which is never free. */
	root->full = 1;
	if (old) {
		RCU_INIT_POINTER(root->slot[0], old);
		root->nr = 1;
	}
	rcu_assign_pointer(handles->root, root);
}

/*
 * Go down to the lowest free number, or to 0. Returns how many branches are
 * missing at the end of the way; those that are there are stored in @path, from
 * the root on, with their slots in @index.
 */
static u32 binder_handles_seek_locked(const struct binder_handles *handles,
				      bool zero,
				      struct binder_handles_branch **path,
				      u32 *index, u32 *depth)
{
	struct binder_handles_branch *branch = binder_handles_root(handles);
	u32 level = 0;

	lockdep_assert_held(&handles->lock);
	for (;;) {
		path[level] = branch;
		index[level] = zero ? 0 : __ffs64(~branch->full);
		*depth = level + 1;
		if (!branch->shift)
			return 0;
		if (!binder_branch_slot(handles, branch, index[level]))
			return branch->shift / BINDER_HANDLES_SHIFT;
		branch = binder_branch_slot(handles, branch, index[level]);
		level++;
	}
}

/* The way from the last branch that is there to @number, where @entry will be. */
static void *binder_handles_fork(struct binder_handles_spares *spares, u32 nr,
				 u32 number, void *entry)
{
	struct binder_handles_branch *branch;
	u32 shift = 0, index;

	while (nr--) {
		branch = binder_handles_use_spare(spares, shift);
		branch->base = round_down(number, BIT_ULL(shift + BINDER_HANDLES_SHIFT));
		index = (number >> shift) % BINDER_HANDLES_SLOTS;
		/* Number 0 is never free. */
		if (!shift)
			branch->full = BIT_ULL(index) | (number < BINDER_HANDLES_SLOTS);
		branch->nr = 1;
		rcu_assign_pointer(branch->slot[index], entry);
		entry = branch;
		shift += BINDER_HANDLES_SHIFT;
	}
	return entry;
}

/* Where the last one went, the common case. */
static bool binder_handles_add_to_leaf(struct binder_handles_branch *leaf,
				       void *entry, u32 *number)
{
	u64 free = ~leaf->full;
	u32 index;

	/* With the last one taken the branches above change, too. */
	if (!(free & (free - 1)))
		return false;
	index = __ffs64(free);
	leaf->full |= BIT_ULL(index);
	leaf->nr++;
	*number = leaf->base + index;
	rcu_assign_pointer(leaf->slot[index], entry);
	return true;
}

/**
 * binder_handles_add_locked() - give an entry a number
 * @handles: the table
 * @entry: the entry, complete but for @number, for who looks it up under RCU
 * @zero: number 0 if that is free
 * @spares: branches that may be used
 * @number: where to store the number
 *
 * Return: 0, -EAGAIN when another branch is needed, or -ENOMEM when there is no
 * free number.
 */
int binder_handles_add_locked(struct binder_handles *handles, void *entry,
			      bool zero, struct binder_handles_spares *spares,
			      u32 *number)
{
	struct binder_handles_branch *root = binder_handles_root(handles);
	struct binder_handles_branch *path[BINDER_HANDLES_LEVELS] __uninitialized;
	struct binder_handles_branch *last;
	u32 index[BINDER_HANDLES_LEVELS] __uninitialized;
	u32 missing, depth, i;
	u64 found;

	lockdep_assert_held(&handles->lock);
	if (root && root->leaf && !zero &&
	    binder_handles_add_to_leaf(root->leaf, entry, number))
		return 0;
	zero = zero && !binder_handles_get(handles, 0);
	if (unlikely(!root || (!zero && !~root->full))) {
		missing = root ? root->shift / BINDER_HANDLES_SHIFT + 2 : 1;
		if (missing > BINDER_HANDLES_LEVELS)
			return -ENOMEM;
		if (spares->nr < missing)
			return -EAGAIN;
		binder_handles_grow_locked(handles, spares);
	}
	missing = binder_handles_seek_locked(handles, zero, path, index, &depth);
	if (spares->nr < missing)
		return -EAGAIN;
	last = path[depth - 1];
	found = last->base + ((u64)index[depth - 1] << last->shift);
	if (found > U32_MAX)
		return -ENOMEM;
	/* The branch that number 0 is in is made anew. */
	if (!found && !zero)
		found = 1;
	*number = found;
	entry = binder_handles_fork(spares, missing, found, entry);
	last->nr++;
	rcu_assign_pointer(last->slot[index[depth - 1]], entry);
	path[0]->leaf = NULL;
	if (missing)
		return 0;
	/* A branch that is full now fills a slot of the one above. */
	for (i = depth; i--; ) {
		path[i]->full |= BIT_ULL(index[i]);
		if (~path[i]->full)
			break;
	}
	if (~last->full)
		path[0]->leaf = last;
	return 0;
}

/* The branches on the way to a number that is in use; returns how many. */
static u32 binder_handles_way_locked(const struct binder_handles *handles,
				     u32 number,
				     struct binder_handles_branch **path)
{
	struct binder_handles_branch *branch = binder_handles_root(handles);
	u32 depth = 0, index;

	lockdep_assert_held(&handles->lock);
	for (;;) {
		path[depth++] = branch;
		if (!branch->shift)
			return depth;
		index = (number >> branch->shift) % BINDER_HANDLES_SLOTS;
		branch = binder_branch_slot(handles, branch, index);
	}
}

/*
 * Numbers ended with the last branch of a path: that of @number, and others there.
 * What is empty now goes; what has @gained free numbers is full no more, and may be
 * the lowest such branch.
 */
static void binder_handles_freed_locked(const struct binder_handles *handles,
					struct binder_handles_branch **path,
					u32 depth, u32 number, bool gained)
{
	struct binder_handles_branch *leaf = path[0]->leaf;
	struct binder_handles_branch *branch, *above;
	u32 index;

	lockdep_assert_held(&handles->lock);
	if (leaf && (number < leaf->base || !leaf->nr))
		path[0]->leaf = NULL;
	while (--depth) {
		branch = path[depth];
		above = path[depth - 1];
		index = (number >> above->shift) % BINDER_HANDLES_SLOTS;
		if (gained)
			above->full &= ~BIT_ULL(index);
		if (branch->nr)
			continue;
		RCU_INIT_POINTER(above->slot[index], NULL);
		above->nr--;
		call_rcu(&branch->rcu, binder_branch_free_rcu);
	}
}

/**
 * binder_handles_remove_locked() - free a number
 * @handles: the table
 * @number: a number that is in use
 */
void binder_handles_remove_locked(struct binder_handles *handles, u32 number)
{
	struct binder_handles_branch *path[BINDER_HANDLES_LEVELS] __uninitialized;
	u32 depth = binder_handles_way_locked(handles, number, path);
	struct binder_handles_branch *leaf = path[depth - 1];
	u32 index = number % BINDER_HANDLES_SLOTS;

	lockdep_assert_held(&handles->lock);
	RCU_INIT_POINTER(leaf->slot[index], NULL);
	leaf->nr--;
	/* Number 0 was never free, so nothing is less full without it. */
	if (number)
		leaf->full &= ~BIT_ULL(index);
	if (depth > 1)
		binder_handles_freed_locked(handles, path, depth, number, number);
}

/**
 * binder_handles_take_some_locked() - free the next numbers, a few at a time
 * @handles: the table
 * @number: in: the first number that will do; out: where to go on
 * @entries: where to store the entries that had the numbers, in their order
 * @room: how many fit
 *
 * Return: how many there were; 0 when no number is left.
 */
u32 binder_handles_take_some_locked(struct binder_handles *handles, u64 *number,
				    void **entries, u32 room)
{
	struct binder_handles_branch *path[BINDER_HANDLES_LEVELS] __uninitialized;
	struct binder_handles_branch *leaf;
	u32 depth, index, nr = 0;
	u64 freed = 0;
	void *entry;

	lockdep_assert_held(&handles->lock);
	if (!binder_handles_next(handles, number))
		return 0;
	depth = binder_handles_way_locked(handles, *number, path);
	leaf = path[depth - 1];
	index = *number % BINDER_HANDLES_SLOTS;
	for (; index < BINDER_HANDLES_SLOTS && nr < room; index++) {
		entry = binder_branch_slot(handles, leaf, index);
		if (!entry)
			continue;
		entries[nr++] = entry;
		freed |= BIT_ULL(index);
		RCU_INIT_POINTER(leaf->slot[index], NULL);
	}
	/* As above. */
	if (*number < BINDER_HANDLES_SLOTS)
		freed &= ~1ULL;
	leaf->nr -= nr;
	leaf->full &= ~freed;
	binder_handles_freed_locked(handles, path, depth, *number, freed);
	*number = round_down(*number, BINDER_HANDLES_SLOTS) + index;
	return nr;
}

/**
 * binder_handles_next() - look for an entry
 * @handles: the table; its lock is held, or that of RCU
 * @number: in: the first number that will do; out: that of the entry
 *
 * Return: the entry with the lowest such number, or NULL.
 */
void *binder_handles_next(struct binder_handles *handles, u64 *number)
{
	const struct binder_handles_branch *root, *branch;
	u64 at = *number;
	void *entry;
	u32 index;

	root = rcu_dereference_check(handles->root,
				     lockdep_is_held(&handles->lock));
again:
	branch = root;
	if (!root || at >> root->shift >= BINDER_HANDLES_SLOTS)
		return NULL;
	for (;;) {
		index = (at >> branch->shift) % BINDER_HANDLES_SLOTS;
		entry = rcu_dereference_check(branch->slot[index],
					      lockdep_is_held(&handles->lock));
		if (!entry) {
			at = ((at >> branch->shift) + 1) << branch->shift;
			if (index == BINDER_HANDLES_SLOTS - 1)
				goto again;
		} else if (branch->shift) {
			branch = entry;
		} else {
			*number = at;
			return entry;
		}
	}
}

/**
 * binder_handles_destroy() - end a table that has no entries, nor readers
 * @handles: the table
 */
void binder_handles_destroy(struct binder_handles *handles)
{
	struct binder_handles_branch *root =
		rcu_dereference_protected(handles->root, true);

	if (!root)
		return;
	WARN_ON_ONCE(root->nr);
	kmem_cache_free(binder_handles_slab, root);
}

#ifdef BINDER_WITH_KUNIT
#include "kunit/handles.c"
#endif
