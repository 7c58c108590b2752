// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ranges of offsets. See binder_range.h for the idea.
 *
 * The trees are digital search trees: a node sits at the first free place on
 * the path that the bits of its key spell, most significant bit first. All keys
 * below child[0] are smaller than all keys below child[1], and any leaf below a
 * node may take the node's place.
 */
#include <linux/bitops.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/types.h>

#include "binder_range.h"

#define UNIT_SHIFT	3
#define OFFSET_BITS	19

static void node_insert(struct binder_range_node **link, struct binder_range_node *node, u64 key)
{
	while (*link) {
		link = &(*link)->child[key >> 63];
		key <<= 1;
	}
	node->child[0] = NULL;
	node->child[1] = NULL;
	*link = node;
}

static void node_remove(struct binder_range_node **link, struct binder_range_node *node, u64 key)
{
	struct binder_range_node **leaf_link, *leaf;

	while (*link != node) {
		link = &(*link)->child[key >> 63];
		key <<= 1;
	}

	leaf_link = link;
	leaf = node;
	while (leaf->child[0] || leaf->child[1]) {
		leaf_link = &leaf->child[leaf->child[0] ? 0 : 1];
		leaf = *leaf_link;
	}
	*leaf_link = NULL;
	if (leaf != node) {
		leaf->child[0] = node->child[0];
		leaf->child[1] = node->child[1];
		*link = leaf;
	}
}

static u32 range_end(const struct binder_range *range)
{
	return range->offset + range->size;
}

/* Live ranges are only looked up, so any bijection that spreads them will do. */
static u64 live_key(u32 offset)
{
	return (u64)(u32)((offset >> UNIT_SHIFT) * 0x9e3779b1u) << 32;
}

static unsigned int size_bin(u32 size)
{
	return fls(size >> UNIT_SHIFT) - 1;
}

/*
 * Gaps of one bin are ordered by size, then by place. The highest bit of the
 * size is the same in all of them and is shifted out.
 */
static u64 gap_key(u32 size, u32 start, unsigned int bin)
{
	u64 key = (u64)(size >> UNIT_SHIFT) << OFFSET_BITS | start >> UNIT_SHIFT;

	return key << (64 - OFFSET_BITS - bin);
}

static struct binder_range *gap_owner(struct binder_range_node *node)
{
	return container_of(node, struct binder_range, gap_node);
}

/* Of a range that is not the last. */
static u32 gap_behind(const struct binder_range *range)
{
	return list_next_entry(range, list)->offset - range_end(range);
}

static u64 gap_node_key(struct binder_range_node *node, unsigned int bin)
{
	struct binder_range *range = gap_owner(node);

	return gap_key(gap_behind(range), range_end(range), bin);
}

static void gap_insert(struct binder_range_space *space, struct binder_range *owner, u32 gap)
{
	unsigned int bin = size_bin(gap);

	node_insert(&space->bin[bin], &owner->gap_node, gap_key(gap, range_end(owner), bin));
	space->bins_used |= 1u << bin;
}

static void gap_remove(struct binder_range_space *space, struct binder_range *owner, u32 gap)
{
	unsigned int bin = size_bin(gap);

	node_remove(&space->bin[bin], &owner->gap_node, gap_key(gap, range_end(owner), bin));
	if (!space->bin[bin])
		space->bins_used &= ~(1u << bin);
}

/* The smallest gap below @node, or @best if that is smaller. */
static struct binder_range_node *smallest_gap(struct binder_range_node *node, unsigned int bin,
					      struct binder_range_node *best)
{
	u64 best_key = best ? gap_node_key(best, bin) : 0;

	while (node) {
		u64 key = gap_node_key(node, bin);

		if (!best || key < best_key) {
			best = node;
			best_key = key;
		}
		node = node->child[0] ?: node->child[1];
	}
	return best;
}

/* The smallest gap of at least @size bytes in the bin of that size, or NULL. */
static struct binder_range_node *fitting_gap(struct binder_range_node *node, unsigned int bin,
					     u32 size)
{
	struct binder_range_node *best = NULL, *larger = NULL;
	u64 path = gap_key(size, 0, bin), best_key = 0;
	const u64 wanted = path;

	while (node) {
		u64 key = gap_node_key(node, bin);

		if (key >= wanted && (!best || key < best_key)) {
			best = node;
			best_key = key;
		}
		/* Everything below a right turn not taken is large enough. */
		if (!(path >> 63) && node->child[1])
			larger = node->child[1];
		node = node->child[path >> 63];
		path <<= 1;
	}
	return smallest_gap(larger, bin, best);
}

static struct binder_range *find_gap(struct binder_range_space *space, u32 size)
{
	unsigned int bin = size_bin(size);
	struct binder_range_node *node;
	u32 bins = bin < BINDER_RANGE_NR_BINS ? space->bins_used >> bin : 0;

	if (bins & 1) {
		node = fitting_gap(space->bin[bin], bin, size);
		if (node)
			return gap_owner(node);
		bins &= ~1u;
	}
	if (!bins)
		return NULL;
	bin += __ffs(bins);
	return gap_owner(smallest_gap(space->bin[bin], bin, NULL));
}

/**
 * binder_range_space_init() - make an empty space
 * @space: space to set up
 * @size: its length in bytes, at most BINDER_RANGE_MAX_SIZE; may be 0
 */
void binder_range_space_init(struct binder_range_space *space, u32 size)
{
	*space = (struct binder_range_space){ .size = size };
	INIT_LIST_HEAD(&space->first.list);
}

/**
 * binder_range_alloc() - occupy a range
 * @space: space to take it from
 * @range: descriptor to fill in
 * @size: length in bytes, a multiple of BINDER_RANGE_UNIT, not 0
 *
 * Takes the start of the smallest gap that is large enough, and the tail only
 * if there is none: offsets that were used lately are used again.
 *
 * Return: 0, or -ENOSPC if no gap is large enough.
 */
int binder_range_alloc(struct binder_range_space *space, struct binder_range *range, u32 size)
{
	struct binder_range *owner = space->bins_used ? find_gap(space, size) : NULL;

	range->size = size;
	if (owner) {
		u32 gap = gap_behind(owner), rest = gap - size;

		gap_remove(space, owner, gap);
		range->offset = range_end(owner);
		list_add(&range->list, &owner->list);
		if (rest)
			gap_insert(space, range, rest);
	} else {
		if (size > space->size - space->tail)
			return -ENOSPC;
		range->offset = space->tail;
		space->tail += size;
		list_add_tail(&range->list, &space->first.list);
	}
	node_insert(&space->live, &range->live_node, live_key(range->offset));
	space->used += size;
	space->nr_ranges++;
	return 0;
}

/**
 * binder_range_free() - give a range back
 * @space: space it was taken from
 * @range: the range; its descriptor is free for other use afterwards
 */
void binder_range_free(struct binder_range_space *space, struct binder_range *range)
{
	struct binder_range *prev = list_prev_entry(range, list);
	u32 before = gap_behind(prev);

	if (before)
		gap_remove(space, prev, before);
	if (list_is_last(&range->list, &space->first.list)) {
		space->tail = range_end(prev);
	} else {
		u32 behind = gap_behind(range);

		if (behind)
			gap_remove(space, range, behind);
		gap_insert(space, prev, before + range->size + behind);
	}
	list_del(&range->list);
	node_remove(&space->live, &range->live_node, live_key(range->offset));
	space->used -= range->size;
	space->nr_ranges--;
}

/**
 * binder_range_space_close() - nobody will take a range or look one up any more
 * @space: the space; its live ranges can still be visited, and are given back by
 *	binder_range_forget()
 */
void binder_range_space_close(struct binder_range_space *space)
{
	/* No tail, no gaps, no ranges: what their trees point to may go. */
	space->tail = space->size;
	space->bins_used = 0;
	space->live = NULL;
}

/**
 * binder_range_forget() - give ranges of a closed space back
 * @space: the space
 * @first: one of its live ranges
 * @last: another one behind it, or the same; those between them go, too
 */
void binder_range_forget(struct binder_range_space *space, struct binder_range *first,
			 struct binder_range *last)
{
	u32 size = 0, nr_ranges = 0;
	struct binder_range *range;
	LIST_HEAD(gone);

	list_bulk_move_tail(&gone, &first->list, &last->list);
	list_for_each_entry(range, &gone, list) {
		size += range->size;
		nr_ranges++;
	}
	space->used -= size;
	space->nr_ranges -= nr_ranges;
}

/**
 * binder_range_find() - look a live range up
 * @space: space to look in
 * @offset: where the range must start
 *
 * Return: the live range that starts at @offset, or NULL.
 */
struct binder_range *binder_range_find(struct binder_range_space *space, u32 offset)
{
	struct binder_range_node *node = space->live;
	u64 key = live_key(offset);

	while (node) {
		struct binder_range *range = container_of(node, struct binder_range, live_node);

		if (range->offset == offset)
			return range;
		node = node->child[key >> 63];
		key <<= 1;
	}
	return NULL;
}

/**
 * binder_range_next() - visit the live ranges in order of address
 * @space: space to visit
 * @range: a live range of it; @first of the space to begin with
 *
 * Return: the live range behind @range, or NULL.
 */
struct binder_range *binder_range_next(struct binder_range_space *space,
				       struct binder_range *range)
{
	if (list_is_last(&range->list, &space->first.list))
		return NULL;
	return list_next_entry(range, list);
}

/**
 * binder_range_largest_gap() - tell what would still fit
 * @space: space to look at
 *
 * Return: the largest size in bytes that binder_range_alloc() can satisfy now.
 */
u32 binder_range_largest_gap(struct binder_range_space *space)
{
	u32 largest = space->size - space->tail;
	struct binder_range_node *node;

	if (!space->bins_used)
		return largest;
	/* The largest key of a tree is on the path that keeps to the right. */
	node = space->bin[fls(space->bins_used) - 1];
	while (node) {
		u32 gap = gap_behind(gap_owner(node));

		if (gap > largest)
			largest = gap;
		node = node->child[1] ?: node->child[0];
	}
	return largest;
}
