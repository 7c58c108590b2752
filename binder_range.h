/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ranges of offsets in [0, size): who occupies which part of a buffer area.
 *
 * Pure arithmetic: no memory, no pages, no locks, nothing allocated. The same
 * file is compiled into the module and into a native program that fuzzes it.
 *
 * A live range is described by a struct binder_range that its owner embeds.
 * It also owns the free gap behind it, up to the next range, so gaps need no
 * descriptor; the gap at the very start belongs to a sentinel in the space,
 * and the free end of the space (the tail, where most allocations are made)
 * belongs to the space itself. Gaps are indexed by size in one digital search
 * tree for each power of two, live ranges by offset in another one. The depth
 * of such a tree is bounded by the bits of its key, whatever the history, so
 * every operation takes a bounded number of steps and there is nothing to
 * rebalance.
 *
 * A space that nobody will take from any more is closed: it needs no trees from
 * then on, and ranges leave it without looking for their places in them.
 *
 * All calls on one space are serialised by its owner.
 */
#ifndef _BINDER_RANGE_H
#define _BINDER_RANGE_H

#include <linux/list.h>
#include <linux/types.h>

/* Sizes and offsets are multiples of this. */
#define BINDER_RANGE_UNIT	8u
/* The largest space: 4 MiB, which is 2^19 units. */
#define BINDER_RANGE_MAX_SIZE	(4u << 20)
/* A gap other than the tail is smaller than the space: its log2 is 0 to 18. */
#define BINDER_RANGE_NR_BINS	19

/**
 * struct binder_range_node - place in a digital search tree
 * @child: subtrees of the keys whose next bit is 0 and 1
 */
struct binder_range_node {
	struct binder_range_node *child[2];
};

/**
 * struct binder_range - one live range and the gap behind it
 * @list: neighbours in the order of addresses
 * @gap_node: place in the tree of gaps; used while the next range is not right behind
 * @live_node: place in the tree of live ranges
 * @offset: first byte
 * @size: length in bytes
 */
struct binder_range {
	struct list_head list;
	struct binder_range_node gap_node;
	struct binder_range_node live_node;
	u32 offset;
	u32 size;
};

/**
 * struct binder_range_space - a space of offsets and its live ranges
 * @first: sentinel at offset 0: head of the list, owner of the gap at the start
 * @bin: trees of gaps of 2^n to 2^(n+1) - 1 units, for each n
 * @live: tree of live ranges by offset
 * @bins_used: bit n is set while @bin[n] has a gap
 * @size: length of the space in bytes
 * @tail: where the free end of the space begins
 * @used: bytes in live ranges
 * @nr_ranges: number of live ranges
 */
struct binder_range_space {
	struct binder_range first;
	struct binder_range_node *bin[BINDER_RANGE_NR_BINS];
	struct binder_range_node *live;
	u32 bins_used;
	u32 size;
	u32 tail;
	u32 used;
	u32 nr_ranges;
};

void binder_range_space_init(struct binder_range_space *space, u32 size);
int binder_range_alloc(struct binder_range_space *space, struct binder_range *range, u32 size);
void binder_range_free(struct binder_range_space *space, struct binder_range *range);
void binder_range_space_close(struct binder_range_space *space);
void binder_range_forget(struct binder_range_space *space, struct binder_range *first,
			 struct binder_range *last);
struct binder_range *binder_range_find(struct binder_range_space *space, u32 offset);
struct binder_range *binder_range_next(struct binder_range_space *space,
				       struct binder_range *range);
u32 binder_range_largest_gap(struct binder_range_space *space);

/**
 * binder_range_prev() - visit the live ranges from the last one on
 * @space: space to visit
 * @range: a live range of it; @first of the space to begin with
 *
 * Return: the live range before @range, or NULL.
 */
static inline struct binder_range *binder_range_prev(struct binder_range_space *space,
						     struct binder_range *range)
{
	struct binder_range *prev = list_prev_entry(range, list);

	return prev == &space->first ? NULL : prev;
}

#endif /* _BINDER_RANGE_H */
