/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pages behind one area: which offset has a page, and who uses it. How the
 * receiver gets to see a page is in binder_mapping.c, how it is taken away in
 * binder_lru.c; nothing else touches page tables or an address_space.
 * Life of a slot, all steps under the lock:
 *
 *   state       what it has         what leads to which state
 *   -----       -----------         -------------------------
 *   empty       no page, no users   get: being filled
 *   - filled    no page, users      fill: live; put: empty
 *   live        page, users         last put: idle (queued)
 *   idle        page, no users      get: live (stays queued, for free);
 *                                   isolated by reclaim: being reclaimed
 *   - reclaimed idle and RECLAIM    get: live, clears RECLAIM, which cancels
 *                                   the reclaim; commit: empty
 *
 * Large messages get blocks: compound pages that fill an aligned window of slots.
 * A block is filled at once, and is reclaimed when all of its slots are idle. One
 * of them is queued then, at least: the one that became so last.
 *
 * A page pointer changes only in fill (NULL to page, users > 0) and in commit
 * (page to NULL, after the entries were removed). So it is stable, and may be
 * read without the lock, by whoever holds a use. Models: models/slot.pml, block.pml.
 */
#ifndef _BINDER_SLOT_H
#define _BINDER_SLOT_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct mm_struct;
struct page;
struct pid;

/* Slots are allocated in chunks, when an offset is first used. */
#define BINDER_SLOTS_PER_CHUNK	32
/* No hold of the lock covers more slots than this and a block. */
#define BINDER_SLOT_BATCH	64
/* The largest block, of 64 KiB if pages have 4. */
#define BINDER_BLOCK_MAX_ORDER	4
static_assert(BINDER_SLOTS_PER_CHUNK % (1 << BINDER_BLOCK_MAX_ORDER) == 0);

/* In binder_slot.state, below the number of users */
#define BINDER_SLOT_RECLAIM	BIT(0)	/* isolated; gone when committed */
#define BINDER_SLOT_MAPPED	BIT(1)	/* there may be a page table entry; clear: there is none */
#define BINDER_SLOT_AGAIN	BIT(2)	/* went idle again while queued: spare it once */
#define BINDER_SLOT_USER	BIT(3)	/* one user: a buffer or a fault in flight */

/* binder_slot.next of the last slot in the queue */
#define BINDER_SLOT_LAST	0xffff

/**
 * struct binder_slot - one page of the area
 *
 * Locks: L mapping lock.
 *
 * @page: L: the page or NULL; stable for those who hold a use
 * @state: L: users and flags. MAPPED is also read without the lock
 * @next: L: index + 1 of the slot queued behind this one, BINDER_SLOT_LAST,
 *	or 0 if not queued. Queued slots may be in use, or empty after the block
 *	they were part of was reclaimed: they are dropped lazily
 * @order: L: log2 of the slots of the block that the page is part of; stable as
 *	@page is. The first slot holds the block for all of them
 */
struct binder_slot {
	struct page *page;
	u32 state;
	u16 next;
	u8 order;
};

/**
 * struct binder_slot_chunk - slots allocated together
 * @slot: the slots
 */
struct binder_slot_chunk {
	struct binder_slot slot[BINDER_SLOTS_PER_CHUNK];
};

/**
 * struct binder_mapping - the area of one open file
 *
 * Locks: L @lock; M @reclaim_mutex; G lock of the list in binder_lru.c; I set
 * up once, before others can see it; U written under the mmap_lock of @mm, read
 * with acquire semantics by others (pairs with binder_mapping_publish()).
 *
 * @lock: guards the slots, the queue and what else the owner puts under it
 * @queue_head: L: oldest queued slot: index + 1, or 0
 * @queue_tail: L: youngest queued slot: index + 1, or 0
 * @nr_idle: L: slots that are idle or being reclaimed; read without the lock
 *	as a hint
 * @nr_pages: L: slots that have a page
 * @high_slot: L: index + 1 of the last slot that ever had a page
 * @ref: the owner's reference and those of reclaimers at work
 * @nr_faults: L: pages that the receiver faulted in
 * @nr_prefaults_skipped: L: messages whose pages could not be mapped before
 *	delivery
 * @nr_reclaimed: L: pages that were reclaimed
 * @nr_reclaims_cancelled: L: pages that were used again before reclaim had them
 * @release: I: frees the structure after the last reference; may sleep
 * @chunk: I: table of chunks; an entry is set once, with release semantics
 * @base: I: where the area begins in the receiver
 * @pgoff: I: page offset of the area in its address_space
 * @mm: I: identity of the receiver's mm, which may be gone; NULL once drained
 * @tgid: I: thread group of the opener
 * @nr_slots: I: pages in the area
 * @taken: U: a mapping was made; there is only one chance
 * @mapped: U: the area is mapped and nobody tampered with it
 * @unmapped: I: told the owner's user when @mapped ends, under the mmap_lock of
 *	@mm; the file is still there
 * @user: I: argument of @unmapped
 * @reclaim_mutex: one reclaimer at a time; isolated slots are M
 * @lru_link: G: place in the list of mappings
 * @address_space: of the file, with locks of its own: finds the page table entries,
 *	wherever the VMA is
 */
struct binder_mapping {
	spinlock_t lock; /* letter L */
	u16 queue_head;
	u16 queue_tail;
	u32 nr_idle;
	u32 nr_pages;
	u32 high_slot;
	refcount_t ref;
	u64 nr_faults;
	u64 nr_prefaults_skipped;
	u64 nr_reclaimed;
	u64 nr_reclaims_cancelled;
	void (*release)(struct binder_mapping *mapping);

	/* Read by each sender and by the receiver, without the lock */
	struct binder_slot_chunk **chunk;
	unsigned long base;
	unsigned long pgoff;
	struct mm_struct *mm;
	struct pid *tgid;
	u32 nr_slots;
	bool taken;
	bool mapped;
	void (*unmapped)(void *user);

	void *user;
	struct mutex reclaim_mutex; /* letter M */
	struct list_head lru_link;
	struct address_space address_space;
};

/* The slot at @index, whose chunk is known to be there. */
static inline struct binder_slot *binder_slot(struct binder_mapping *mapping, unsigned int index)
{
	struct binder_slot_chunk *chunk = mapping->chunk[index / BINDER_SLOTS_PER_CHUNK];

	return &chunk->slot[index % BINDER_SLOTS_PER_CHUNK];
}

#endif /* _BINDER_SLOT_H */
