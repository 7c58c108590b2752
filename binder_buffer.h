/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors of buffers. They are embedded in an object of the caller, who must
 * keep the struct binder_alloc alive until the buffer is freed.
 */
#ifndef _BINDER_BUFFER_H
#define _BINDER_BUFFER_H

#include <linux/mm.h>
#include <linux/types.h>

#include "binder_account.h"
#include "binder_range.h"

/**
 * enum binder_buffer_kind - what a buffer is for
 * @BINDER_BUFFER_CALL: a call that is waited for
 * @BINDER_BUFFER_ONEWAY: a oneway call: charged to their budget
 * @BINDER_BUFFER_REPLY: a reply: its receiver asked for it, so no quota refuses it
 */
enum binder_buffer_kind {
	BINDER_BUFFER_CALL,
	BINDER_BUFFER_ONEWAY,
	BINDER_BUFFER_REPLY,
};

/**
 * struct binder_buffer - one message in the receiver's area
 *
 * Locks: A alloc lock; C constant from new_buffer to free_buffer.
 *
 * @range: A: place in the area; the offset and the padded size are C
 * @data_size: C: bytes of data as asked for
 * @offsets_size: C: bytes of the offsets array as asked for
 * @extra_size: C: bytes of extra space as asked for
 * @is_async: C: charged to the budget of oneway calls
 * @user_owned: userspace may free it. Set by binder_alloc_give_to_user() with
 *	release semantics, cleared under A by whoever takes it back
 * @clear_on_free: the content is zeroed by binder_alloc_free_buffer(). False
 *	after binder_alloc_new_buffer(); the holder of the buffer may set it
 * @spam_suspect: C: a oneway call whose sender is to be told that it sends too
 *	many, if it wants to know
 * @is_mapped: C: the receiver's page tables have all of its pages, unless it had
 *	them thrown away itself
 * @user_account: C: account of the user who sent it
 * @process_account: C: account of the process that sent it, if it is of a oneway call
 */
struct binder_buffer {
	struct binder_range range;
	u32 data_size;
	u32 offsets_size;
	u32 extra_size;
	bool is_async;
	bool user_owned;
	bool clear_on_free;
	u8 spam_suspect : 1;
	u8 is_mapped : 1;
	struct binder_account *user_account;
	struct binder_account *process_account;
};

/* Index of the first page that a buffer lies on. */
static inline unsigned int binder_buffer_slot(const struct binder_buffer *buffer)
{
	return buffer->range.offset >> PAGE_SHIFT;
}

/* Number of pages that it lies on. */
static inline unsigned int binder_buffer_nr_slots(const struct binder_buffer *buffer)
{
	return ((buffer->range.offset + buffer->range.size - 1) >> PAGE_SHIFT) -
	       binder_buffer_slot(buffer) + 1;
}

/* Is a buffer freed by giving its only page and its range back, and no more? */
static inline bool binder_buffer_is_plain(const struct binder_buffer *buffer)
{
	return !buffer->offsets_size && !buffer->clear_on_free &&
	       binder_buffer_nr_slots(buffer) == 1;
}

#endif /* _BINDER_BUFFER_H */
