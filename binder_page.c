// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pages behind an area: filling, copying, busy and idle. See binder_page.h
 * for the states of a slot and the locks.
 *
 * Modelled in models/slot.pml and block.pml, the end of an area in area.pml.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "binder_hooks.h"
#include "binder_page.h"
#include "binder_trace.h"
#include "binder_user.h"

/*
 * A block costs less to allocate, to copy into, to reclaim and to free than its pages
 * one by one, and may keep memory for a small message that lies in it.
 */
static unsigned int block_order = BINDER_BLOCK_MAX_ORDER;

static int set_block_order(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, BINDER_BLOCK_MAX_ORDER);
}

static const struct kernel_param_ops block_order_ops = {
	.set = set_block_order,
	.get = param_get_uint,
};

module_param_cb(folio_order, &block_order_ops, &block_order, 0644);
MODULE_PARM_DESC(folio_order,
		 "Large messages get compound pages of 2^N pages where there are some: 0 (off) to 4");

/* Up to so many bytes copy_from_user() takes longer to check them than to copy. */
#define SMALL_COPY	(IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS) ? 256 : 0)

static DEFINE_PER_CPU(long, nr_idle_pages);

/**
 * binder_page_count_idle() - how many pages could be reclaimed
 *
 * Return: idle pages of all mappings. The counters of the processors are not
 * read at one instant: the sum may be off by what changes meanwhile.
 */
long binder_page_count_idle(void)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(&nr_idle_pages, cpu));
	return max(sum, 0L);
}

/**
 * binder_page_add_idle() - account for pages that went idle or ceased to be
 * @nr: pages that went idle; negative for the other way
 */
void binder_page_add_idle(long nr)
{
	this_cpu_add(nr_idle_pages, nr);
}

/* Slots lie side by side in a chunk: where those from @first on cease to. */
static unsigned int end_of_run(unsigned int first, unsigned int end)
{
	return min(end, round_down(first, BINDER_SLOTS_PER_CHUNK) + BINDER_SLOTS_PER_CHUNK);
}

/**
 * binder_page_has_slots() - were slots allocated for these pages?
 * @mapping: the area
 * @first: index of the first page
 * @nr: number of pages
 *
 * Return: true if all are there. They stay until the area is drained.
 */
bool binder_page_has_slots(struct binder_mapping *mapping, unsigned int first, unsigned int nr)
{
	unsigned int end = first + nr;

	for (; first < end; first = end_of_run(first, end))
		if (!binder_page_has_slot(mapping, first))
			return false;
	return true;
}

/**
 * binder_page_add_slots() - allocate the slots that are missing
 * @mapping: the area
 * @first: index of the first page
 * @nr: number of pages
 *
 * Return: 0 or -ENOMEM.
 */
int binder_page_add_slots(struct binder_mapping *mapping, unsigned int first, unsigned int nr)
{
	unsigned int last = (first + nr - 1) / BINDER_SLOTS_PER_CHUNK;
	unsigned int i;

	for (i = first / BINDER_SLOTS_PER_CHUNK; i <= last; i++) {
		struct binder_slot_chunk *chunk;

		/* Pairs with the cmpxchg_release() below. */
		if (smp_load_acquire(&mapping->chunk[i]))
			continue;
		chunk = kzalloc(sizeof(*chunk), GFP_KERNEL_ACCOUNT);
		if (!chunk)
			return -ENOMEM;
		binder_hook_reach(BINDER_HOOK_SLOTS);
		/* Pairs with binder_page_has_slots(). */
		if (cmpxchg_release(&mapping->chunk[i], NULL, chunk))
			kfree(chunk);
	}
	return 0;
}

/**
 * binder_page_get_run_locked() - begin to use pages
 * @mapping: the area
 * @first: index of the first page
 * @nr: number of pages, at most BINDER_SLOT_BATCH
 * @common: loses the flags that not all slots have
 *
 * Return: how many of them have no page yet.
 */
unsigned int binder_page_get_run_locked(struct binder_mapping *mapping, unsigned int first,
					unsigned int nr, u32 *common)
{
	unsigned int end = first + nr, missing = 0, busy = 0, stop;

	lockdep_assert_held(&mapping->lock);
	for (; first < end; first = stop) {
		struct binder_slot *slot = binder_slot(mapping, first), *behind;

		stop = end_of_run(first, end);
		for (behind = slot + (stop - first); slot < behind; slot++) {
			u32 state = slot->state;

			/* As below, with one look at the state: all of a warm buffer. */
			if (likely(binder_slot_is_warm(state))) {
				WRITE_ONCE(slot->state, state + BINDER_SLOT_USER);
				continue;
			}
			*common &= binder_slot_get_locked(mapping, slot);
			if (!slot->page)
				missing++;
			else if (state >= BINDER_SLOT_USER)
				busy++;
		}
	}
	if (nr > missing + busy)
		binder_page_count_locked(mapping, -(int)(nr - missing - busy));
	return missing;
}

/**
 * binder_page_put_run_locked() - end the use of pages
 * @mapping: the area
 * @first: index of the first page
 * @nr: number of pages, at most BINDER_SLOT_BATCH
 */
void binder_page_put_run_locked(struct binder_mapping *mapping, unsigned int first,
				unsigned int nr)
{
	unsigned int end = first + nr, busy = 0, stop;

	lockdep_assert_held(&mapping->lock);
	for (; first < end; first = stop) {
		struct binder_slot *begin = binder_slot(mapping, first), *slot, *behind;

		stop = end_of_run(first, end);
		behind = begin + (stop - first);
		for (slot = begin; slot < behind; slot++)
			if (!binder_slot_put_locked(mapping, slot, first + (slot - begin)))
				busy++;
	}
	if (nr > busy)
		binder_page_count_locked(mapping, nr - busy);
}

/**
 * binder_page_trace_get_locked() - trace which pages stop being idle
 * @mapping: the area
 * @first: index of the first page
 * @nr: number of pages, about to be passed to binder_page_get_locked()
 */
void binder_page_trace_get_locked(struct binder_mapping *mapping, unsigned int first,
				  unsigned int nr)
{
	unsigned int i;

	lockdep_assert_held(&mapping->lock);
	for (i = first; i < first + nr; i++) {
		const struct binder_slot *slot = binder_slot(mapping, i);

		if (!slot->page || slot->state >= BINDER_SLOT_USER)
			continue;
		trace_binder_alloc_lru_start(pid_nr(mapping->tgid), i);
		trace_binder_alloc_lru_end(pid_nr(mapping->tgid), i);
	}
}

/**
 * binder_page_trace_put_locked() - trace which pages become idle
 * @mapping: the area
 * @first: index of the first page
 * @nr: number of pages, about to be passed to binder_page_put_locked()
 */
void binder_page_trace_put_locked(struct binder_mapping *mapping, unsigned int first,
				  unsigned int nr)
{
	unsigned int i;

	lockdep_assert_held(&mapping->lock);
	for (i = first; i < first + nr; i++) {
		const struct binder_slot *slot = binder_slot(mapping, i);

		if (!slot->page || slot->state >= 2 * BINDER_SLOT_USER)
			continue;
		trace_binder_free_lru_start(pid_nr(mapping->tgid), i);
		trace_binder_free_lru_end(pid_nr(mapping->tgid), i);
	}
}

static noinline void trace_fill(const struct binder_mapping *mapping, unsigned int index,
				bool begins)
{
	if (begins)
		trace_binder_alloc_page_start(pid_nr(mapping->tgid), index);
	else
		trace_binder_alloc_page_end(pid_nr(mapping->tgid), index);
}

/*
 * Give new pages to those of the slots from @first to @stop, side by side, that
 * have none: as many of @nr as are needed. Returns how many that were.
 */
static unsigned int install_pages(struct binder_mapping *mapping, unsigned int first,
				  unsigned int stop, struct page **pages, unsigned int nr)
{
	struct binder_slot *slot = binder_slot(mapping, first);
	unsigned int used = 0, i;

	spin_lock(&mapping->lock);
	for (i = first; i < stop && used < nr; i++, slot++) {
		if (slot->page)
			continue;
		/* Zeroed before anybody writes to it. Pairs with binder_page_at(). */
		smp_store_release(&slot->page, pages[used++]);
		if (trace_binder_alloc_page_end_enabled())
			trace_fill(mapping, i, false);
	}
	mapping->high_slot = max(mapping->high_slot, i);
	mapping->nr_pages += used;
	spin_unlock(&mapping->lock);
	return used;
}

/* How many of the slots from @first to @stop, side by side, have no page. */
static unsigned int count_missing(struct binder_mapping *mapping, unsigned int first,
				  unsigned int stop)
{
	const struct binder_slot *slot = binder_slot(mapping, first);
	unsigned int missing = 0;

	for (; first < stop; first++, slot++) {
		if (READ_ONCE(slot->page))
			continue;
		missing++;
		if (trace_binder_alloc_page_start_enabled())
			trace_fill(mapping, first, true);
	}
	return missing;
}

/* Fill a window of slots with a block, unless one of them was filled meanwhile. */
static bool install_block(struct binder_mapping *mapping, unsigned int first, unsigned int order,
			  struct page *block)
{
	struct binder_slot *slot = binder_slot(mapping, first);
	unsigned int nr = 1U << order, i;

	spin_lock(&mapping->lock);
	for (i = 0; i < nr; i++)
		if (slot[i].page)
			break;
	if (i < nr) {
		spin_unlock(&mapping->lock);
		return false;
	}
	for (i = 0; i < nr; i++) {
		slot[i].order = order;
		/* As in install_pages(). */
		smp_store_release(&slot[i].page, block + i);
		if (trace_binder_alloc_page_end_enabled())
			trace_fill(mapping, first + i, false);
	}
	mapping->high_slot = max(mapping->high_slot, first + nr);
	mapping->nr_pages += nr;
	spin_unlock(&mapping->lock);
	return true;
}

/*
 * Fill a window of slots with a block. Only with one that lies ready, outside of
 * reserves: reclaim or compaction for its sake would cost more than it saves. When there is
 * none @order becomes 0: to look once more would cost twice what a block saves.
 */
static bool fill_block(struct binder_mapping *mapping, unsigned int first, unsigned int *order)
{
	const gfp_t gfp = (GFP_KERNEL & ~__GFP_RECLAIM) | __GFP_HIGHMEM | __GFP_ZERO |
			  __GFP_COMP | __GFP_NOWARN | __GFP_NORETRY | __GFP_NOMEMALLOC;
	const struct binder_slot *slot = binder_slot(mapping, first);
	unsigned int nr = 1U << *order, i;
	struct page *block;

	for (i = 0; i < nr; i++)
		if (READ_ONCE(slot[i].page))
			return false;
	block = alloc_pages(gfp, *order);
	if (!block) {
		*order = 0;
		return false;
	}
	/* For the traces. */
	count_missing(mapping, first, first + nr);
	binder_hook_reach(BINDER_HOOK_FILL);
	if (install_block(mapping, first, *order, block))
		return true;
	__free_pages(block, *order);
	return false;
}

/* Fill slots, side by side, with single pages. */
static int fill_singly(struct binder_mapping *mapping, unsigned int first, unsigned int stop)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_HIGHMEM | __GFP_ZERO;
	unsigned int missing = count_missing(mapping, first, stop), got, used;

	while (missing) {
		struct page *pages[BINDER_SLOTS_PER_CHUNK] = { };

		got = missing > 1 ? alloc_pages_bulk(gfp, missing, pages) : 0;
		if (!got) {
			pages[0] = alloc_page(gfp);
			if (!pages[0])
				return -ENOMEM;
			got = 1;
		}
		binder_hook_reach(BINDER_HOOK_FILL);
		used = install_pages(mapping, first, stop, pages, got);
		missing -= got;
		/* Other senders may have filled pages that they share with us. */
		while (used < got)
			__free_page(pages[used++]);
	}
	return 0;
}

/* Fill slots that lie side by side: whole windows with blocks, where that is possible. */
static int fill_run(struct binder_mapping *mapping, unsigned int first, unsigned int stop,
		    unsigned int *order)
{
	unsigned int end, nr;
	int ret = 0;

	for (; !ret && first < stop; first = end) {
		nr = 1U << *order;
		end = *order ? min(stop, round_down(first, nr) + nr) : stop;
		if (!*order || end - first < nr || !fill_block(mapping, first, order))
			ret = fill_singly(mapping, first, end);
	}
	return ret;
}

/**
 * binder_page_fill() - allocate the pages that are missing
 * @mapping: the area
 * @first: index of the first page
 * @nr: number of pages, all in use by the caller
 *
 * Return: 0 or -ENOMEM.
 */
int binder_page_fill(struct binder_mapping *mapping, unsigned int first, unsigned int nr)
{
	unsigned int order = READ_ONCE(block_order), end = first + nr, stop;
	int ret;

	for (; first < end; first = stop) {
		stop = end_of_run(first, end);
		ret = fill_run(mapping, first, stop, &order);
		if (ret)
			return ret;
	}
	return 0;
}

/* Bytes of a copy that fall into the page at @offset. */
static size_t piece_size(u32 offset, size_t size)
{
	return min_t(size_t, size, PAGE_SIZE - offset_in_page(offset));
}

/* How many pages from @index on, before @stop, lie side by side in memory, too. */
static unsigned int in_block(unsigned int order, unsigned int index, unsigned int stop)
{
	if (!order || IS_ENABLED(CONFIG_HIGHMEM))
		return 1;
	return min(stop, round_down(index, 1U << order) + (1U << order)) - index;
}

static void flush_pages(struct page *page, unsigned int nr)
{
	while (nr--)
		flush_dcache_page(page++);
}

/* Copy whole pages, as many of @nr as have their slots side by side; their number. */
static int copy_pages_from_user(struct binder_mapping *mapping, unsigned int index,
				const void __user *from, unsigned int nr)
{
	unsigned int stop = end_of_run(index, index + nr);
	struct binder_slot *slot = binder_slot(mapping, index);
	unsigned int i;

	for (i = index; i < stop; i += nr, slot += nr, from += nr << PAGE_SHIFT) {
		/* As in binder_page_at(). */
		struct page *page = READ_ONCE(slot->page);
		void *to = kmap_local_page(page);
		unsigned long left;

		/* Nobody shares pages that are copied to as a whole: they are ours. */
		nr = in_block(slot->order, i, stop);
		/* A constant size goes without the search for the object around it. */
		if (nr == 1)
			left = copy_from_user(to, from, PAGE_SIZE);
		else
			left = copy_from_user(to, from, (unsigned long)nr << PAGE_SHIFT);
		flush_pages(page, nr);
		kunmap_local(to);
		if (left)
			return -EFAULT;
	}
	return stop - index;
}

/**
 * binder_page_copy_from_user() - copy from the sender's memory into pages
 * @mapping: the area
 * @offset: where in the area
 * @from: where from
 * @size: number of bytes; the pages are filled and in use by the caller
 *
 * Return: 0 or -EFAULT.
 */
int binder_page_copy_from_user(struct binder_mapping *mapping, u32 offset,
			       const void __user *from, size_t size)
{
	while (size) {
		size_t piece = piece_size(offset, size);

		if (piece == PAGE_SIZE) {
			int nr = copy_pages_from_user(mapping, offset >> PAGE_SHIFT, from,
						      size >> PAGE_SHIFT);

			if (nr < 0)
				return nr;
			piece = (size_t)nr << PAGE_SHIFT;
		} else {
			struct page *page = binder_page_at(mapping, offset);
			void *to = kmap_local_page(page) + offset_in_page(offset);
			unsigned long left = piece <= SMALL_COPY ?
					     binder_user_copy(to, from, piece) :
					     copy_from_user(to, from, piece);

			flush_dcache_page(page);
			kunmap_local(to);
			if (left)
				return -EFAULT;
		}
		offset += piece;
		from += piece;
		size -= piece;
	}
	return 0;
}

/**
 * binder_page_write() - copy from kernel memory into pages
 * @mapping: the area
 * @offset: where in the area
 * @from: where from
 * @size: number of bytes; the pages are filled and in use by the caller
 */
void binder_page_write(struct binder_mapping *mapping, u32 offset, const void *from, size_t size)
{
	while (size) {
		size_t piece = piece_size(offset, size);

		memcpy_to_page(binder_page_at(mapping, offset), offset_in_page(offset), from,
			       piece);
		offset += piece;
		from += piece;
		size -= piece;
	}
}

/**
 * binder_page_read() - copy from pages into kernel memory
 * @mapping: the area
 * @offset: where in the area
 * @to: where to
 * @size: number of bytes; the pages are filled and in use by the caller
 */
void binder_page_read(struct binder_mapping *mapping, u32 offset, void *to, size_t size)
{
	while (size) {
		size_t piece = piece_size(offset, size);

		memcpy_from_page(to, binder_page_at(mapping, offset), offset_in_page(offset),
				 piece);
		offset += piece;
		to += piece;
		size -= piece;
	}
}

/**
 * binder_page_zero() - zero a part of the area
 * @mapping: the area
 * @offset: where in the area
 * @size: number of bytes; the pages are filled and in use by the caller
 */
void binder_page_zero(struct binder_mapping *mapping, u32 offset, size_t size)
{
	while (size) {
		size_t piece = piece_size(offset, size);

		memzero_page(binder_page_at(mapping, offset), offset_in_page(offset), piece);
		offset += piece;
		size -= piece;
	}
}
