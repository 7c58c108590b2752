/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * binder_alloc_write() and binder_alloc_read() inline, for the objects of a
 * message: each has a few words, and a message may have thousands.
 */
#ifndef _BINDER_ALLOC_COPY_H
#define _BINDER_ALLOC_COPY_H

#include <linux/bug.h>
#include <linux/highmem.h>

#include "binder_alloc.h"

/* Callers check what clients ask for; this guards against their mistakes. */
static inline bool binder_alloc_inside(const struct binder_buffer *buffer, u32 offset, size_t size)
{
	return !WARN_ON_ONCE(offset > buffer->range.size || size > buffer->range.size - offset);
}

/**
 * binder_alloc_write_fixed() - write a few words
 * @alloc: the area of the buffer
 * @buffer: the buffer
 * @offset: where in the buffer
 * @from: where from
 * @size: number of bytes, a constant
 */
static __always_inline void binder_alloc_write_fixed(struct binder_alloc *alloc,
						     struct binder_buffer *buffer, u32 offset,
						     const void *from, size_t size)
{
	u32 at = buffer->range.offset + offset;
	struct page *page;
	char *to;

	if (unlikely(offset_in_page(at) > PAGE_SIZE - size)) {
		binder_alloc_write(alloc, buffer, offset, from, size);
		return;
	}
	if (!binder_alloc_inside(buffer, offset, size))
		return;
	page = binder_page_at(&alloc->mapping, at);
	to = kmap_local_page(page);
	memcpy(to + offset_in_page(at), from, size);
	flush_dcache_page(page);
	kunmap_local(to);
}

/**
 * binder_alloc_read_fixed() - read a few words
 * @alloc: the area of the buffer
 * @buffer: the buffer
 * @offset: where in the buffer
 * @to: where to
 * @size: number of bytes, a constant
 */
static __always_inline void binder_alloc_read_fixed(struct binder_alloc *alloc,
						    struct binder_buffer *buffer, u32 offset,
						    void *to, size_t size)
{
	u32 at = buffer->range.offset + offset;
	char *from;

	if (unlikely(offset_in_page(at) > PAGE_SIZE - size)) {
		binder_alloc_read(alloc, buffer, offset, to, size);
		return;
	}
	if (!binder_alloc_inside(buffer, offset, size))
		return;
	from = kmap_local_page(binder_page_at(&alloc->mapping, at));
	memcpy(to, from + offset_in_page(at), size);
	kunmap_local(from);
}

#endif /* _BINDER_ALLOC_COPY_H */
