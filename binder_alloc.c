// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers of one open file. See binder_alloc.h for what they are, who owns them
 * and the lock.
 */
#include <linux/align.h>
#include <linux/bug.h>
#include <linux/fs.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "binder_alloc.h"
#include "binder_hooks.h"
#include "binder_log.h"
#include "binder_lru.h"
#include "binder_mapping.h"
#include "binder_name.h"
#include "binder_page.h"
#include "binder_trace.h"

static struct kmem_cache *alloc_cache;

/**
 * binder_alloc_init_subsystem() - prepare for the first open
 *
 * Return: 0 or a negative errno.
 */
int binder_alloc_init_subsystem(void)
{
	int ret = -ENOMEM;

	alloc_cache = kmem_cache_create(BINDER_NAME_STR "_alloc", sizeof(struct binder_alloc),
					0, SLAB_ACCOUNT | SLAB_HWCACHE_ALIGN, NULL);
	if (!alloc_cache)
		return ret;
	ret = binder_account_init_slab();
	if (ret)
		goto err_cache;
	ret = binder_mapping_init_subsystem();
	if (ret)
		goto err_account;
	ret = binder_lru_init_subsystem();
	if (ret)
		goto err_mapping;
	return 0;

err_mapping:
	binder_mapping_exit_subsystem();
err_account:
	binder_account_exit_slab();
err_cache:
	kmem_cache_destroy(alloc_cache);
	return ret;
}

/**
 * binder_alloc_exit_subsystem() - after the last binder_alloc_put()
 */
void binder_alloc_exit_subsystem(void)
{
	binder_lru_exit_subsystem();
	binder_mapping_exit_subsystem();
	binder_account_exit_slab();
	kmem_cache_destroy(alloc_cache);
}

static void alloc_release(struct binder_mapping *mapping)
{
	struct binder_alloc *alloc = container_of(mapping, struct binder_alloc, mapping);

	binder_books_end(&alloc->books);
	kmem_cache_free(alloc_cache, alloc);
}

/**
 * binder_alloc_create() - give a file being opened an area
 * @filp: the file; its pages will be those of the area
 *
 * Return: the area, with a reference for the caller, or an ERR_PTR().
 */
struct binder_alloc *binder_alloc_create(struct file *filp)
{
	struct binder_alloc *alloc;

	/* A thread of the kernel has nothing to map messages into. */
	if (!current->mm)
		return ERR_PTR(-EINVAL);
	alloc = kmem_cache_zalloc(alloc_cache, GFP_KERNEL);
	if (!alloc)
		return ERR_PTR(-ENOMEM);
	binder_range_space_init(&alloc->space, 0);
	alloc->visited = &alloc->space.first;
	INIT_LIST_HEAD(&alloc->walks);
	binder_mapping_init(&alloc->mapping, filp, alloc_release);
	return alloc;
}

/**
 * binder_alloc_mmap() - the opener maps its area
 * @alloc: the area
 * @vma: what the opener asks for
 * @unmapped: called once when the mapping ends, with the mmap_lock held and the
 *	file still open
 * @user: its argument
 *
 * Return: 0, -EINVAL for a stranger, -EPERM for a writable mapping, -EBUSY if
 * there was a mapping before, -ENOMEM.
 */
int binder_alloc_mmap(struct binder_alloc *alloc, struct vm_area_struct *vma,
		      void (*unmapped)(void *user), void *user)
{
	u32 size;
	int ret;

	ret = binder_mapping_mmap(&alloc->mapping, vma, BINDER_RANGE_MAX_SIZE, unmapped, user);
	if (ret)
		return ret;
	size = alloc->mapping.nr_slots << PAGE_SHIFT;
	spin_lock(&alloc->mapping.lock);
	binder_range_space_init(&alloc->space, size);
	alloc->free_async = size / 2;
	spin_unlock(&alloc->mapping.lock);
	binder_lru_add(&alloc->mapping);
	binder_mapping_publish(&alloc->mapping);
	binder_alloc_debug(BINDER_DEBUG_ALLOC_OPEN_CLOSE,
			   "%d: maps an area of %u\n",
			   pid_nr(alloc->mapping.tgid), size);
	return 0;
}

/* The pages a buffer lies on; those at its ends it may share with others. */
static noinline void trace_pages(const struct binder_alloc *alloc,
				 const struct binder_buffer *buffer, bool allocate)
{
	trace_binder_update_page_range(pid_nr(alloc->mapping.tgid), allocate,
				       (size_t)binder_buffer_slot(buffer) << PAGE_SHIFT,
				       (size_t)binder_buffer_nr_slots(buffer) << PAGE_SHIFT);
}

static __always_inline unsigned int get_pages_locked(struct binder_mapping *mapping,
						     unsigned int first, unsigned int nr,
						     u32 *common)
{
	lockdep_assert_held(&mapping->lock);
	if (trace_binder_alloc_lru_start_enabled() || trace_binder_alloc_lru_end_enabled())
		binder_page_trace_get_locked(mapping, first, nr);
	return binder_page_get_locked(mapping, first, nr, common);
}

static __always_inline void put_pages_locked(struct binder_mapping *mapping, unsigned int first,
					     unsigned int nr)
{
	lockdep_assert_held(&mapping->lock);
	if (trace_binder_free_lru_start_enabled() || trace_binder_free_lru_end_enabled())
		binder_page_trace_put_locked(mapping, first, nr);
	binder_page_put_locked(mapping, first, nr);
}

/* The three parts, each padded; at least one unit, so that addresses differ. */
static bool padded_size(u64 data_size, u64 offsets_size, u64 extra_size, u64 *size)
{
	u64 data = ALIGN(data_size, BINDER_RANGE_UNIT);
	u64 offsets = ALIGN(offsets_size, BINDER_RANGE_UNIT);
	u64 extra = ALIGN(extra_size, BINDER_RANGE_UNIT);

	if (data < data_size || offsets < offsets_size || extra < extra_size ||
	    check_add_overflow(data, offsets, size) || check_add_overflow(*size, extra, size))
		return false;
	*size = max_t(u64, *size, BINDER_RANGE_UNIT);
	return true;
}

/* -EAGAIN: an account is missing. */
static int take_range_locked(struct binder_alloc *alloc, struct binder_buffer *buffer, u64 size,
			     enum binder_buffer_kind kind)
{
	struct binder_account *user, *process = NULL;
	struct binder_range_space *space = &alloc->space;
	int ret;

	lockdep_assert_held(&alloc->mapping.lock);
	if (alloc->closed)
		return -ESRCH;
	if (size > space->size || (buffer->is_async && size > alloc->free_async))
		return -ENOSPC;
	user = binder_account_of_user(&alloc->books);
	if (buffer->is_async)
		process = binder_account_of_process(&alloc->books);
	if (!user || (buffer->is_async && !process))
		return -EAGAIN;
	if (static_branch_unlikely(&binder_quota_on) && kind != BINDER_BUFFER_REPLY &&
	    binder_quota_refuses(user, size, space->used, space->size)) {
		alloc->books.nr_refused++;
		return -ENOSPC;
	}
	ret = binder_range_alloc(space, &buffer->range, size);
	if (ret)
		return ret;
	binder_account_add(user, size);
	buffer->user_account = user;
	if (buffer->is_async) {
		alloc->free_async -= size;
		binder_account_add(process, size);
		buffer->process_account = process;
		buffer->spam_suspect = binder_spam_suspect(&alloc->books, process,
							   alloc->free_async, space->size);
		binder_alloc_debug(BINDER_DEBUG_ALLOC_ASYNC,
				   "%d: oneway call takes %llu, leaves %u\n",
				   pid_nr(alloc->mapping.tgid), size,
				   alloc->free_async);
	}
	return 0;
}

/* A range goes: nobody may point to it. */
static noinline void walks_leave_locked(struct binder_alloc *alloc, struct binder_range *range)
{
	struct binder_alloc_walk *walk;

	lockdep_assert_held(&alloc->mapping.lock);
	list_for_each_entry(walk, &alloc->walks, entry)
		if (walk->at == range)
			walk->at = list_prev_entry(range, list);
}

/* The same when a range of a closed area goes. Returns true if it is dead and this was the last. */
static noinline bool forget_range_locked(struct binder_alloc *alloc, struct binder_range *range)
{
	lockdep_assert_held(&alloc->mapping.lock);
	if (alloc->visited == range)
		alloc->visited = list_next_entry(range, list);
	binder_range_forget(&alloc->space, range, range);
	return alloc->dead && !alloc->space.nr_ranges;
}

/* Returns true if this was the last buffer of a dead area. */
static __always_inline bool return_range_locked(struct binder_alloc *alloc,
						struct binder_buffer *buffer)
{
	lockdep_assert_held(&alloc->mapping.lock);
	if (unlikely(!list_empty(&alloc->walks)))
		walks_leave_locked(alloc, &buffer->range);
	binder_alloc_discharge_locked(alloc, buffer);
	if (buffer->is_async)
		binder_alloc_debug(BINDER_DEBUG_ALLOC_ASYNC,
				   "%d: oneway call gives %u, makes %u\n",
				   pid_nr(alloc->mapping.tgid), buffer->range.size,
				   alloc->free_async);
	if (unlikely(alloc->closed))
		return forget_range_locked(alloc, &buffer->range);
	binder_range_free(&alloc->space, &buffer->range);
	return false;
}

/**
 * binder_alloc_free_locked() - give a buffer back, all in one hold of the lock
 * @alloc: the area
 * @buffer: the buffer
 * @first: index of the first page whose use did not end yet
 * @nr: number of them, at most BINDER_SLOT_BATCH
 *
 * Return: true if the area is dead and this was its last buffer.
 */
bool binder_alloc_free_locked(struct binder_alloc *alloc, struct binder_buffer *buffer,
			      unsigned int first, unsigned int nr)
{
	lockdep_assert_held(&alloc->mapping.lock);
	put_pages_locked(&alloc->mapping, first, nr);
	return return_range_locked(alloc, buffer);
}

/* End the use of the first @nr of a buffer's pages and give its range back. */
static void give_back(struct binder_alloc *alloc, struct binder_buffer *buffer, unsigned int nr)
{
	struct binder_mapping *mapping = &alloc->mapping;
	unsigned int first = binder_buffer_slot(buffer);
	struct binder_account *spare;
	bool last;

	if (trace_binder_update_page_range_enabled())
		trace_pages(alloc, buffer, false);
	spin_lock(&mapping->lock);
	while (nr > BINDER_SLOT_BATCH) {
		put_pages_locked(mapping, first, BINDER_SLOT_BATCH);
		spin_unlock(&mapping->lock);
		first += BINDER_SLOT_BATCH;
		nr -= BINDER_SLOT_BATCH;
		spin_lock(&mapping->lock);
	}
	last = binder_alloc_free_locked(alloc, buffer, first, nr);
	spare = binder_books_take_spare(&alloc->books);
	spin_unlock(&mapping->lock);
	binder_account_free(spare);
	if (last)
		binder_mapping_drain(mapping);
}

/*
 * Begin to use the pages of a range that is already taken: those of a large
 * buffer, or where slots must be allocated first. Fails only before the first.
 */
static int get_pages_slowly(struct binder_mapping *mapping, unsigned int first, unsigned int nr,
			    unsigned int *missing, u32 *common)
{
	int ret = binder_page_add_slots(mapping, first, nr);

	if (ret)
		return ret;
	while (nr) {
		unsigned int batch = min_t(unsigned int, nr, BINDER_SLOT_BATCH);

		spin_lock(&mapping->lock);
		*missing += get_pages_locked(mapping, first, batch, common);
		spin_unlock(&mapping->lock);
		first += batch;
		nr -= batch;
	}
	return 0;
}

/* Say why there was no room. */
static noinline void log_full(struct binder_alloc *alloc, u64 size, bool is_async)
{
	u32 used, nr, free, largest, free_async;

	spin_lock(&alloc->mapping.lock);
	used = alloc->space.used;
	nr = alloc->space.nr_ranges;
	free = alloc->space.size - used;
	largest = binder_range_largest_gap(&alloc->space);
	free_async = alloc->free_async;
	spin_unlock(&alloc->mapping.lock);
	binder_alloc_debug(BINDER_DEBUG_ALLOC_USER_ERROR,
			   "%d: no room for %llu bytes%s: allocated %u in %u buffers, free %u, at most %u in one piece, %u for oneway calls\n",
			   pid_nr(alloc->mapping.tgid), size,
			   is_async ? " of a oneway call" : "", used, nr, free,
			   largest, free_async);
}

static noinline void log_spam(struct binder_alloc *alloc)
{
	binder_alloc_debug(BINDER_DEBUG_ALLOC_USER_ERROR,
			   "%d: little space left to oneway calls, and %d sends too many\n",
			   pid_nr(alloc->mapping.tgid), task_tgid_nr(current));
}

/**
 * binder_alloc_new_buffer() - make room for a message
 * @alloc: the receiver's area
 * @buffer: descriptor to fill in
 * @data_size: bytes of data
 * @offsets_size: bytes of the offsets array
 * @extra_size: bytes behind them
 * @kind: what the buffer is for
 *
 * The sender calls this and is charged; it may sleep. All pages are there when
 * it returns, and the padding behind the data is zero: what lies there is of a
 * former message.
 *
 * Return: 0, -EINVAL if the sizes overflow, -ESRCH if nothing is or will be
 * mapped, -ENOSPC if there is no room or more than the quota would be used,
 * -ENOMEM.
 */
int binder_alloc_new_buffer(struct binder_alloc *alloc, struct binder_buffer *buffer,
			    u64 data_size, u64 offsets_size, u64 extra_size,
			    enum binder_buffer_kind kind)
{
	struct binder_mapping *mapping = &alloc->mapping;
	struct binder_account *spare = NULL;
	unsigned int first, nr, missing = 0;
	u32 common = BINDER_SLOT_MAPPED;
	bool done;
	u64 size;
	int ret;

	if (!binder_mapping_is_mapped(mapping))
		return -ESRCH;
	if (!padded_size(data_size, offsets_size, extra_size, &size))
		return -EINVAL;
	buffer->data_size = data_size;
	buffer->offsets_size = offsets_size;
	buffer->extra_size = extra_size;
	buffer->is_async = kind == BINDER_BUFFER_ONEWAY;
	buffer->user_owned = false;
	buffer->clear_on_free = false;
	buffer->spam_suspect = false;

again:
	spin_lock(&mapping->lock);
	if (unlikely(spare))
		alloc->books.spare = spare;
	ret = take_range_locked(alloc, buffer, size, kind);
	spare = binder_books_take_spare(&alloc->books);
	if (unlikely(ret)) {
		spin_unlock(&mapping->lock);
		binder_account_free(spare);
		if (ret == -EAGAIN) {
			spare = binder_account_prepare();
			if (spare)
				goto again;
			ret = -ENOMEM;
		} else if (ret == -ENOSPC) {
			log_full(alloc, size, buffer->is_async);
		}
		return ret;
	}
	if (trace_binder_update_page_range_enabled())
		trace_pages(alloc, buffer, true);
	first = binder_buffer_slot(buffer);
	nr = binder_buffer_nr_slots(buffer);
	done = nr == 1 ? binder_page_has_slot(mapping, first) :
			 nr <= BINDER_SLOT_BATCH && binder_page_has_slots(mapping, first, nr);
	if (done)
		missing = get_pages_locked(mapping, first, nr, &common);
	spin_unlock(&mapping->lock);
	binder_account_free(spare);
	if (unlikely(buffer->spam_suspect))
		log_spam(alloc);

	binder_alloc_debug(BINDER_DEBUG_ALLOC_BUFFER,
			   "%d: %llu bytes at %x\n", pid_nr(mapping->tgid),
			   size, buffer->range.offset);
	if (!done) {
		ret = get_pages_slowly(mapping, first, nr, &missing, &common);
		if (ret) {
			give_back(alloc, buffer, 0);
			return ret;
		}
	}
	/* Entries go only when nobody uses the page. */
	buffer->is_mapped = common == BINDER_SLOT_MAPPED;
	if (missing) {
		ret = binder_page_fill(mapping, first, nr);
		if (ret) {
			give_back(alloc, buffer, nr);
			return ret;
		}
	}
	if (!IS_ALIGNED(buffer->data_size, BINDER_RANGE_UNIT))
		binder_page_zero(mapping, buffer->range.offset +
				 round_down(buffer->data_size, BINDER_RANGE_UNIT),
				 BINDER_RANGE_UNIT);
	return 0;
}

/**
 * binder_alloc_free_buffer() - give a buffer back
 * @alloc: the area it is from
 * @buffer: the buffer; nobody else has it. Its descriptor is free for other use
 *	afterwards
 */
void binder_alloc_free_buffer(struct binder_alloc *alloc, struct binder_buffer *buffer)
{
	binder_hook_reach(BINDER_HOOK_FREE);
	binder_alloc_debug(BINDER_DEBUG_ALLOC_BUFFER, "%d: %u bytes at %x go\n",
			   pid_nr(alloc->mapping.tgid), buffer->range.size,
			   buffer->range.offset);
	if (buffer->clear_on_free)
		binder_page_zero(&alloc->mapping, buffer->range.offset, buffer->range.size);
	give_back(alloc, buffer, binder_buffer_nr_slots(buffer));
}

/* Callers check what clients ask for; this guards against their mistakes. */
static bool inside(const struct binder_buffer *buffer, u32 offset, size_t size)
{
	return !WARN_ON_ONCE(offset > buffer->range.size || size > buffer->range.size - offset);
}

/**
 * binder_alloc_copy_from_user() - copy from the sender's memory into a buffer
 * @alloc: the area of the buffer
 * @buffer: the buffer
 * @offset: where in the buffer
 * @from: where from
 * @size: number of bytes
 *
 * Return: 0 or -EFAULT.
 */
int binder_alloc_copy_from_user(struct binder_alloc *alloc, struct binder_buffer *buffer,
				u32 offset, const void __user *from, size_t size)
{
	if (!inside(buffer, offset, size))
		return -EFAULT;
	return binder_page_copy_from_user(&alloc->mapping, buffer->range.offset + offset,
					  from, size);
}

/**
 * binder_alloc_write() - copy from kernel memory into a buffer
 * @alloc: the area of the buffer
 * @buffer: the buffer
 * @offset: where in the buffer
 * @from: where from
 * @size: number of bytes
 */
void binder_alloc_write(struct binder_alloc *alloc, struct binder_buffer *buffer,
			u32 offset, const void *from, size_t size)
{
	if (inside(buffer, offset, size))
		binder_page_write(&alloc->mapping, buffer->range.offset + offset, from, size);
}

/**
 * binder_alloc_read() - copy from a buffer into kernel memory
 * @alloc: the area of the buffer
 * @buffer: the buffer
 * @offset: where in the buffer
 * @to: where to
 * @size: number of bytes
 */
void binder_alloc_read(struct binder_alloc *alloc, struct binder_buffer *buffer,
		       u32 offset, void *to, size_t size)
{
	if (inside(buffer, offset, size))
		binder_page_read(&alloc->mapping, buffer->range.offset + offset, to, size);
}

/**
 * binder_alloc_zero() - zero a part of a buffer
 * @alloc: the area of the buffer
 * @buffer: the buffer
 * @offset: where in the buffer
 * @size: number of bytes
 */
void binder_alloc_zero(struct binder_alloc *alloc, struct binder_buffer *buffer,
		       u32 offset, size_t size)
{
	if (inside(buffer, offset, size))
		binder_page_zero(&alloc->mapping, buffer->range.offset + offset, size);
}
