// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translating objects, and releasing them with their buffer.
 *
 * What becomes of counts is modelled in models/node.pml.
 */
#include <linux/align.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "binder_alloc_copy.h"
#include "binder_death.h"
#include "binder_hooks.h"
#include "binder_log.h"
#include "binder_object.h"
#include "binder_security.h"
#include "binder_trace.h"
#include "binder_user.h"

/* Offsets that are read without an allocation. */
#define BINDER_OFFSETS_ON_STACK 16

/**
 * union binder_object - any object a message can hold
 * @hdr: type word
 * @flat: BINDER, WEAK_BINDER, HANDLE, WEAK_HANDLE
 * @fd: FD
 * @ptr: PTR
 * @fda: FDA
 */
union binder_object {
	struct binder_object_header hdr;
	struct flat_binder_object flat;
	struct binder_fd_object fd;
	struct binder_buffer_object ptr;
	struct binder_fd_array_object fda;
};

/* All objects have at least these bytes; PTR and FDA objects have more. */
#define BINDER_OBJECT_MIN sizeof(struct flat_binder_object)

/* Refs are named by looking them up again, which only a trace needs. */
static noinline void binder_trace_node_to_ref(const struct binder_parcel *parcel,
					      u32 node_id, u64 ptr, u32 handle)
{
	u32 ref = binder_ref_debug_id(parcel->to, handle);

	trace_binder_transaction_node_to_ref(parcel->debug_id, node_id,
					     ptr, ref, handle);
}

static noinline void binder_trace_ref_to_node(const struct binder_parcel *parcel,
					      u32 handle,
					      const struct binder_node *node)
{
	u32 ref = binder_ref_debug_id(parcel->thread->proc, handle);

	trace_binder_transaction_ref_to_node(parcel->debug_id, ref,
					     handle, node->debug_id, node->ptr);
}

static noinline void binder_trace_ref_to_ref(const struct binder_parcel *parcel,
					     u32 node_id, u32 from, u32 to)
{
	u32 from_ref = binder_ref_debug_id(parcel->thread->proc, from);
	u32 to_ref = binder_ref_debug_id(parcel->to, to);

	trace_binder_transaction_ref_to_ref(parcel->debug_id, node_id,
					    from_ref, from, to_ref, to);
}

/* Ask the security modules once for all objects of a message. */
static int binder_parcel_may_transfer(struct binder_parcel *parcel)
{
	if (!parcel->asked_security) {
		parcel->asked_security = true;
		parcel->refused =
			binder_security_transfer_object(parcel->thread->proc->cred,
							parcel->to->cred);
	}
	return parcel->refused;
}

/* An object of the sender's own becomes a handle of the receiver. */
static int binder_translate_binder(struct binder_parcel *parcel,
				   struct flat_binder_object *flat)
{
	int refused = binder_parcel_may_transfer(parcel);
	struct binder_ref_given *given = &parcel->given;
	int ret;

	binder_hook_reach(BINDER_HOOK_OFFER);
	ret = binder_ref_offer(parcel->to, flat, parcel->thread, refused, given);
	if (ret)
		return ret;
	if (trace_binder_transaction_node_to_ref_enabled())
		binder_trace_node_to_ref(parcel, given->node_id, flat->binder,
					 given->handle);
	flat->hdr.type = flat->hdr.type == BINDER_TYPE_BINDER ?
				 BINDER_TYPE_HANDLE : BINDER_TYPE_WEAK_HANDLE;
	flat->binder = 0;
	flat->handle = given->handle;
	flat->cookie = 0;
	return 0;
}

/* A handle becomes the receiver's handle, or comes home to its owner. */
static int binder_translate_handle(struct binder_parcel *parcel,
				   struct flat_binder_object *flat)
{
	bool strong = flat->hdr.type == BINDER_TYPE_HANDLE;
	struct binder_proc *from = parcel->thread->proc, *to = parcel->to;
	struct binder_node *node;
	u32 handle, node_id;
	int ret;

	node = binder_ref_node(from, flat->handle, strong);
	if (!node)
		return -EINVAL;
	ret = binder_parcel_may_transfer(parcel);
	if (!ret && node->proc == to) {
		if (trace_binder_transaction_ref_to_node_enabled())
			binder_trace_ref_to_node(parcel, flat->handle, node);
		/* The reference becomes the buffer's local count. */
		if (!strong)
			binder_node_hold_local_weak(node);
		flat->hdr.type = strong ? BINDER_TYPE_BINDER :
					  BINDER_TYPE_WEAK_BINDER;
		flat->binder = node->ptr;
		flat->cookie = node->cookie;
		if (!strong)
			binder_node_unpin(node);
		return 0;
	}
	node_id = node->debug_id;
	if (!ret)
		ret = binder_ref_take(to, node, strong, &handle);
	if (!strong)
		binder_node_unpin(node);
	else if (ret)
		binder_node_put_strong(node);
	if (ret)
		return ret;
	if (trace_binder_transaction_ref_to_ref_enabled())
		binder_trace_ref_to_ref(parcel, node_id, flat->handle, handle);
	flat->binder = 0;
	flat->handle = handle;
	flat->cookie = 0;
	return 0;
}

static int binder_translate_fd(struct binder_parcel *parcel,
			       struct binder_fd_object *fd, u32 offset)
{
	const struct cred *from = parcel->thread->proc->cred;
	int ret;

	if (!parcel->accept_fds)
		return -EPERM;
	ret = binder_fds_add(&parcel->fds, parcel->debug_id, fd->fd,
			     offset + offsetof(struct binder_fd_object, fd),
			     from, parcel->to->cred);
	/* The receiver's number is written when it is known. */
	fd->pad_binder = 0;
	return ret;
}

/* Made for the first PTR object; before it, an FDA object has no parent. */
static struct binder_scatter *binder_parcel_scatter(struct binder_parcel *parcel)
{
	struct binder_buffer *buffer = parcel->buffer;
	u32 place = binder_offsets_start(buffer) +
		    ALIGN(buffer->offsets_size, sizeof(void *));
	u32 nr_offsets = buffer->offsets_size / sizeof(u64);
	u32 room = buffer->data_size / sizeof(struct binder_fd_array_object);

	if (!parcel->scatter)
		parcel->scatter = binder_scatter_alloc(parcel->thread->proc,
						       parcel->to, buffer,
						       parcel->debug_id, place,
						       parcel->buffers_size,
						       min(room, nr_offsets));
	return parcel->scatter;
}

static int binder_translate_ptr(struct binder_parcel *parcel,
				struct binder_buffer_object *ptr)
{
	struct binder_scatter *scatter = binder_parcel_scatter(parcel);

	if (!scatter)
		return -ENOMEM;
	return binder_scatter_add(scatter, parcel->nr_objects, ptr);
}

static int binder_translate_fda(struct binder_parcel *parcel,
				const struct binder_fd_array_object *fda)
{
	if (!parcel->scatter)
		return -EINVAL;
	if (fda->num_fds)
		parcel->has_fd_arrays = true;
	return binder_scatter_add_fds(parcel->scatter, parcel->nr_objects, fda,
				      &parcel->fds, parcel->accept_fds);
}

/**
 * binder_offsets_start() - where the offsets array lies in a buffer
 * @buffer: the buffer
 *
 * Return: its distance from the start of the buffer in bytes.
 */
u32 binder_offsets_start(const struct binder_buffer *buffer)
{
	return ALIGN(buffer->data_size, sizeof(void *));
}

/*
 * Translate the object at @offset, whose first bytes were read, and write it to
 * the buffer. Returns its size, or a negative errno.
 */
static int binder_translate_object(struct binder_parcel *parcel,
				   union binder_object *object, u32 offset)
{
	struct binder_buffer *buffer = parcel->buffer;
	struct binder_alloc *alloc = parcel->to->alloc;
	const char __user *rest = parcel->data + offset + BINDER_OBJECT_MIN;
	u32 left = buffer->data_size - offset;
	int ret = -EINVAL;

	switch (object->hdr.type) {
	case BINDER_TYPE_BINDER:
	case BINDER_TYPE_WEAK_BINDER:
		parcel->has_counts = true;
		ret = binder_translate_binder(parcel, &object->flat);
		break;
	case BINDER_TYPE_HANDLE:
	case BINDER_TYPE_WEAK_HANDLE:
		parcel->has_counts = true;
		ret = binder_translate_handle(parcel, &object->flat);
		break;
	case BINDER_TYPE_FD:
		ret = binder_translate_fd(parcel, &object->fd, offset);
		break;
	case BINDER_TYPE_PTR:
		if (left < sizeof(object->ptr) ||
		    binder_user_get((char *)object + BINDER_OBJECT_MIN, rest,
				    sizeof(object->ptr) - BINDER_OBJECT_MIN))
			return -EINVAL;
		ret = binder_translate_ptr(parcel, &object->ptr);
		if (ret)
			return ret;
		binder_alloc_write_fixed(alloc, buffer, offset, object,
					 sizeof(object->ptr));
		return sizeof(object->ptr);
	case BINDER_TYPE_FDA:
		if (left < sizeof(object->fda) ||
		    binder_user_get((char *)object + BINDER_OBJECT_MIN, rest,
				    sizeof(object->fda) - BINDER_OBJECT_MIN))
			return -EINVAL;
		ret = binder_translate_fda(parcel, &object->fda);
		if (ret)
			return ret;
		binder_alloc_write_fixed(alloc, buffer, offset, object,
					 sizeof(object->fda));
		return sizeof(object->fda);
	}
	if (ret)
		return ret;
	binder_alloc_write_fixed(alloc, buffer, offset, object,
				 BINDER_OBJECT_MIN);
	return BINDER_OBJECT_MIN;
}

/*
 * Read, check and translate the object at @offset; @end is where the one
 * before it ended. Returns the end of this one, or a negative errno.
 */
static s64 binder_translate_one(struct binder_parcel *parcel, u64 offset,
				u32 end)
{
	struct binder_buffer *buffer = parcel->buffer;
	union binder_object object __uninitialized;
	int size;

	BUILD_BUG_ON(sizeof(object.fd) != BINDER_OBJECT_MIN ||
		     sizeof(object.fda) < BINDER_OBJECT_MIN ||
		     sizeof(object.ptr) < BINDER_OBJECT_MIN);
	if (offset < end || offset > buffer->data_size)
		return -EFAULT;
	/* Data between objects is copied as it is. */
	if (offset != end &&
	    binder_alloc_copy_from_user(parcel->to->alloc, buffer, end,
					parcel->data + end, offset - end))
		return -EFAULT;
	/*
	 * Each byte once, and into the kernel: the sender may change it
	 * meanwhile. Whatever is wrong with an object has the same error.
	 */
	if (buffer->data_size - offset < BINDER_OBJECT_MIN ||
	    !IS_ALIGNED(offset, sizeof(u32)) ||
	    binder_user_get(&object, parcel->data + offset, BINDER_OBJECT_MIN))
		return -EINVAL;
	binder_hook_reach(BINDER_HOOK_OBJECT);
	size = binder_translate_object(parcel, &object, offset);
	return size < 0 ? size : offset + size;
}

static int binder_translate_all(struct binder_parcel *parcel,
				const u64 *offsets, u32 nr)
{
	struct binder_buffer *buffer = parcel->buffer;
	struct binder_alloc *alloc = parcel->to->alloc;
	s64 end = 0;
	int ret;
	u32 i;

	for (i = 0; i < nr; i++) {
		end = binder_translate_one(parcel, offsets[i], end);
		if (end < 0)
			return end;
		parcel->nr_objects++;
	}
	ret = binder_alloc_copy_from_user(alloc, buffer, end,
					  parcel->data + end,
					  buffer->data_size - end);
	if (!ret && parcel->scatter)
		ret = binder_scatter_copy(parcel->scatter);
	return ret;
}

/* Room that no further buffer took: what lies there is of a former message. */
static void binder_zero_rest(const struct binder_parcel *parcel)
{
	u32 left = parcel->scatter ? parcel->scatter->left : parcel->buffers_size;
	u32 end = binder_offsets_start(parcel->buffer) +
		  parcel->buffer->offsets_size + parcel->buffers_size;

	if (left)
		binder_alloc_zero(parcel->to->alloc, parcel->buffer, end - left, left);
}

/**
 * binder_parcel_fill() - copy a message into its buffer, objects translated
 * @parcel: the message; on failure the caller releases @parcel->nr_objects
 *	objects and discards @parcel->fds
 *
 * Return: 0; -EFAULT when the sender's data or offsets are unreadable; -EINVAL
 * for a bad offset, object, handle, cookie or further buffer; -EPERM for files
 * nobody agreed to and for what a security module refuses; -EBADF for a bad
 * descriptor; -ESRCH when the receiver is going; -ENOMEM.
 */
int binder_parcel_fill(struct binder_parcel *parcel)
{
	struct binder_buffer *buffer = parcel->buffer;
	u64 on_stack[BINDER_OFFSETS_ON_STACK] __uninitialized;
	u32 size = buffer->offsets_size;
	u64 *offsets = on_stack;
	int ret;

	if (size > sizeof(on_stack)) {
		offsets = kvmalloc(size, GFP_KERNEL);
		if (!offsets)
			return -ENOMEM;
	}
	if (copy_from_user(offsets, parcel->offsets, size)) {
		ret = -EFAULT;
	} else if (!IS_ALIGNED(size, sizeof(*offsets)) ||
		   !IS_ALIGNED(parcel->buffers_size, sizeof(u64))) {
		ret = -EINVAL;
	} else {
		binder_alloc_write(parcel->to->alloc, buffer,
				   binder_offsets_start(buffer), offsets, size);
		ret = binder_translate_all(parcel, offsets,
					   size / sizeof(*offsets));
		if (!ret)
			binder_zero_rest(parcel);
	}
	binder_scatter_free(parcel->scatter);
	if (offsets != on_stack)
		kvfree(offsets);
	return ret;
}

/* Give back what an object holds that was translated. */
static void binder_object_release(struct binder_proc *proc,
				  const struct flat_binder_object *flat)
{
	bool strong;

	switch (flat->hdr.type) {
	case BINDER_TYPE_HANDLE:
	case BINDER_TYPE_WEAK_HANDLE:
		strong = flat->hdr.type == BINDER_TYPE_HANDLE;
		/* It is missing only when the whole table is being closed. */
		binder_ref_dec(proc, flat->handle, strong, binder_ref_finish_locked);
		break;
	case BINDER_TYPE_BINDER:
	case BINDER_TYPE_WEAK_BINDER:
		strong = flat->hdr.type == BINDER_TYPE_BINDER;
		binder_node_put_local(proc, flat->binder, strong);
		break;
	}
}

/**
 * binder_objects_release() - give back what the objects of a buffer hold
 * @proc: the receiver
 * @buffer: the buffer; its pages cannot be written by anybody else
 * @nr: objects that were translated
 */
void binder_objects_release(struct binder_proc *proc,
			    struct binder_buffer *buffer, u32 nr)
{
	u32 at = binder_offsets_start(buffer);
	u64 offsets[BINDER_OFFSETS_ON_STACK] __uninitialized;
	u32 i, some;

	for (; nr; nr -= some, at += some * sizeof(*offsets)) {
		some = min_t(u32, nr, BINDER_OFFSETS_ON_STACK);
		binder_alloc_read(proc->alloc, buffer, at, offsets,
				  some * sizeof(*offsets));
		for (i = 0; i < some; i++) {
			struct flat_binder_object flat = {};

			binder_alloc_read_fixed(proc->alloc, buffer, offsets[i],
						&flat, sizeof(flat));
			binder_object_release(proc, &flat);
		}
	}
}

/**
 * binder_objects_close_fds() - close what the FDA objects of a buffer hold
 * @alloc: the receiver's area
 * @buffer: a buffer that was delivered and that the current task frees
 *
 * The objects were checked when the message was built, and only the driver
 * can write to them.
 */
void binder_objects_close_fds(struct binder_alloc *alloc,
			      struct binder_buffer *buffer)
{
	u32 start = binder_offsets_start(buffer);
	u32 nr = buffer->offsets_size / sizeof(u64);
	u32 i;

	for (i = 0; i < nr; i++) {
		union binder_object object;
		struct binder_buffer_object parent;
		u64 offset;

		binder_alloc_read(alloc, buffer, start + i * sizeof(offset),
				  &offset, sizeof(offset));
		binder_alloc_read(alloc, buffer, offset, &object.hdr,
				  sizeof(object.hdr));
		if (object.hdr.type != BINDER_TYPE_FDA)
			continue;
		binder_alloc_read(alloc, buffer, offset, &object.fda,
				  sizeof(object.fda));
		binder_alloc_read(alloc, buffer,
				  start + object.fda.parent * sizeof(offset),
				  &offset, sizeof(offset));
		binder_alloc_read(alloc, buffer, offset, &parent,
				  sizeof(parent));
		binder_scatter_close_fds(alloc, buffer, &parent, &object.fda);
	}
}
