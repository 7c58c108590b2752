/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Buffers of one open file: where each message lies in the area that the
 * receiver mapped, who may free it, and how much of the area oneway calls may
 * use. What is behind an offset, a page or nothing, is the business of
 * binder_page.c.
 *
 * Owner and lifetime: a struct binder_alloc is made at open and referenced by
 * the process object, which drops it with binder_alloc_put(). Its memory
 * (pages, slots, mm reference) goes earlier: at binder_alloc_shutdown()
 * or, if buffers are live then, with the last of them. The shrinker takes
 * references of its own while it works on a mapping.
 *
 * It ends in three steps (binder_alloc_end.c), modelled in models/area.pml: it is
 * closed, so that nothing is put into it; what userspace had is taken back; and
 * it is shut down.
 *
 * Buffers are embedded in an object of the caller, who must keep the
 * struct binder_alloc alive until the buffer is freed.
 *
 * Lock: one spinlock (mapping.lock) for the ranges, the page slots and the
 * idle queue. It is a leaf, it is never held across an allocation or a copy,
 * and no hold covers more than one range operation and 64 slots, or, once the
 * area is closed, the end of some small buffers.
 */
#ifndef _BINDER_ALLOC_H
#define _BINDER_ALLOC_H

#include <linux/types.h>

#include "binder_account.h"
#include "binder_buffer.h"
#include "binder_page.h"
#include "binder_range.h"

struct file;
struct vm_area_struct;

/**
 * struct binder_alloc - the area of one open file and its buffers
 *
 * Lock: A @mapping.lock.
 *
 * @mapping: the pages; its reference count is that of the whole
 * @space: A: which offsets are taken; the size is constant once mapped
 * @visited: A: last range that binder_alloc_take_some_from_user() left alone
 * @books: A: whose buffers these are
 * @walks: A: places of those who list the buffers
 * @free_async: A: bytes left to oneway calls
 * @closed: A: no buffer is given any more
 * @dead: A: shut down; the last buffer frees the pages
 */
struct binder_alloc {
	struct binder_mapping mapping;
	struct binder_range_space space;
	struct binder_range *visited;
	struct binder_books books;
	struct list_head walks;
	u32 free_async;
	bool closed;
	bool dead;
};

/* Buffers that are taken back together when a file was released. */
#define BINDER_BUFFERS_AT_ONCE 32

/**
 * struct binder_alloc_space - how full an area is and what happened to it, for the log
 * @size: bytes of the area
 * @used: bytes in live buffers
 * @nr_buffers: number of live buffers
 * @largest_gap: largest buffer that would fit now, in bytes
 * @free_async: bytes left to oneway calls
 * @nr_slots: pages of the area
 * @nr_pages: pages that are there
 * @nr_idle: pages that are there and that no live buffer touches
 * @high_slot: one more than the last page that ever was there
 * @nr_faults: pages that the receiver faulted in
 * @nr_prefaults_skipped: messages whose pages could not be mapped before delivery
 * @nr_reclaimed: pages that were reclaimed
 * @nr_reclaims_cancelled: pages that were used again before reclaim had them
 * @nr_refused: calls that the quota refused
 */
struct binder_alloc_space {
	u32 size;
	u32 used;
	u32 nr_buffers;
	u32 largest_gap;
	u32 free_async;
	u32 nr_slots;
	u32 nr_pages;
	u32 nr_idle;
	u32 high_slot;
	u64 nr_faults;
	u64 nr_prefaults_skipped;
	u64 nr_reclaimed;
	u64 nr_reclaims_cancelled;
	u64 nr_refused;
};

/**
 * struct binder_alloc_user - what a user holds of an area, for the log
 * @euid: the user
 * @bytes: bytes in live buffers that the user sent
 * @nr_buffers: number of them
 */
struct binder_alloc_user {
	kuid_t euid;
	u32 bytes;
	u32 nr_buffers;
};

/**
 * struct binder_alloc_walk - a place among the buffers of an area
 * @entry: alloc lock: link among those who walk
 * @at: alloc lock: range of the buffer visited last; the one before it when that
 *	was freed
 */
struct binder_alloc_walk {
	struct list_head entry;
	struct binder_range *at;
};

int binder_alloc_init_subsystem(void);
void binder_alloc_exit_subsystem(void);

struct binder_alloc *binder_alloc_create(struct file *filp);
void binder_alloc_close(struct binder_alloc *alloc);
unsigned int binder_alloc_take_some_from_user(struct binder_alloc *alloc,
					      struct binder_buffer **buffers, bool *freed);
void binder_alloc_shutdown(struct binder_alloc *alloc);
void binder_alloc_put(struct binder_alloc *alloc);

int binder_alloc_mmap(struct binder_alloc *alloc, struct vm_area_struct *vma,
		      void (*unmapped)(void *user), void *user);

int binder_alloc_new_buffer(struct binder_alloc *alloc, struct binder_buffer *buffer,
			    u64 data_size, u64 offsets_size, u64 extra_size,
			    enum binder_buffer_kind kind);
void binder_alloc_free_buffer(struct binder_alloc *alloc, struct binder_buffer *buffer);
bool binder_alloc_free_locked(struct binder_alloc *alloc, struct binder_buffer *buffer,
			      unsigned int first, unsigned int nr);

int binder_alloc_copy_from_user(struct binder_alloc *alloc, struct binder_buffer *buffer,
				u32 offset, const void __user *from, size_t size);
void binder_alloc_write(struct binder_alloc *alloc, struct binder_buffer *buffer,
			u32 offset, const void *from, size_t size);
void binder_alloc_read(struct binder_alloc *alloc, struct binder_buffer *buffer,
		       u32 offset, void *to, size_t size);
void binder_alloc_zero(struct binder_alloc *alloc, struct binder_buffer *buffer,
		       u32 offset, size_t size);

unsigned long binder_alloc_user_address(struct binder_alloc *alloc, struct binder_buffer *buffer);
void binder_alloc_prefault(struct binder_alloc *alloc, struct binder_buffer *buffer);
void binder_alloc_give_to_user(struct binder_alloc *alloc, struct binder_buffer *buffer);
struct binder_buffer *binder_alloc_take_from_user(struct binder_alloc *alloc, u64 address,
						  bool *freed);

void binder_alloc_get_space(struct binder_alloc *alloc, struct binder_alloc_space *space);
bool binder_alloc_next_user(struct binder_alloc *alloc, u32 from, struct binder_alloc_user *user);
void binder_alloc_walk_begin(struct binder_alloc *alloc, struct binder_alloc_walk *walk);
unsigned int binder_alloc_walk_on(struct binder_alloc *alloc, struct binder_alloc_walk *walk,
				  void (*visit)(const struct binder_buffer *buffer, void *arg),
				  void *arg, unsigned int nr);
void binder_alloc_walk_end(struct binder_alloc *alloc, struct binder_alloc_walk *walk);

/* A buffer goes: nobody is charged for it any more. */
static inline void binder_alloc_discharge_locked(struct binder_alloc *alloc,
						 const struct binder_buffer *buffer)
{
	struct binder_books *books = &alloc->books;
	u32 size = buffer->range.size;

	lockdep_assert_held(&alloc->mapping.lock);
	binder_account_take(books, &books->users, buffer->user_account, size);
	if (buffer->is_async) {
		alloc->free_async += size;
		binder_account_take(books, &books->processes, buffer->process_account, size);
	}
}

#endif /* _BINDER_ALLOC_H */
