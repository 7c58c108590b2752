// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translating objects, and releasing them with their buffer.
 */
#include <linux/align.h>
#include <linux/sizes.h>
#include <linux/slab.h>

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

/**
 * struct binder_object_type - behaviour of a type
 * @type: type word
 * @size: bytes of the object
 * @translate: turn the kernel's copy of @parcel's object at @offset into what
 *	the receiver gets; 0 or a negative errno
 * @release: give back what the translated object holds in @proc; NULL when it
 *	holds nothing
 */
struct binder_object_type {
	u32 type;
	u32 size;
	int (*translate)(struct binder_parcel *parcel,
			 union binder_object *object, u32 offset);
	void (*release)(struct binder_proc *proc,
			const union binder_object *object);
};

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

/* An object of the sender's own becomes a handle of the receiver. */
static int binder_translate_binder(struct binder_parcel *parcel,
				   union binder_object *object, u32 offset)
{
	struct flat_binder_object *flat = &object->flat;
	bool strong = flat->hdr.type == BINDER_TYPE_BINDER;
	struct binder_thread *thread = parcel->thread;
	struct binder_proc *to = parcel->to;
	struct binder_node *node;
	u32 handle, node_id;
	int ret;

	ret = binder_node_offer(thread->proc, flat, &node);
	if (ret)
		return ret;
	node_id = node->debug_id;
	binder_hook_reach(BINDER_HOOK_OFFER);
	ret = binder_security_transfer_object(thread->proc->cred, to->cred);
	if (!ret)
		ret = binder_ref_take(to, node, strong, &handle, thread);
	if (ret) {
		binder_node_unpin(node);
		return ret;
	}

	if (trace_binder_transaction_node_to_ref_enabled())
		binder_trace_node_to_ref(parcel, node_id, flat->binder, handle);
	flat->hdr.type = strong ? BINDER_TYPE_HANDLE : BINDER_TYPE_WEAK_HANDLE;
	flat->binder = 0;
	flat->handle = handle;
	flat->cookie = 0;
	return 0;
}

/* A handle becomes the receiver's handle, or comes home to its owner. */
static int binder_translate_handle(struct binder_parcel *parcel,
				   union binder_object *object, u32 offset)
{
	struct flat_binder_object *flat = &object->flat;
	bool strong = flat->hdr.type == BINDER_TYPE_HANDLE;
	struct binder_proc *from = parcel->thread->proc, *to = parcel->to;
	struct binder_node *node;
	u32 handle, node_id;
	int ret;

	node = binder_ref_node(from, flat->handle, strong);
	if (!node)
		return -EINVAL;
	ret = binder_security_transfer_object(from->cred, to->cred);
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
		ret = binder_ref_take(to, node, strong, &handle, NULL);
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
			       union binder_object *object, u32 offset)
{
	struct binder_fd_object *fd = &object->fd;
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
				union binder_object *object, u32 offset)
{
	struct binder_scatter *scatter = binder_parcel_scatter(parcel);

	if (!scatter)
		return -ENOMEM;
	return binder_scatter_add(scatter, parcel->nr_objects, &object->ptr);
}

static int binder_translate_fda(struct binder_parcel *parcel,
				union binder_object *object, u32 offset)
{
	if (!parcel->scatter)
		return -EINVAL;
	if (object->fda.num_fds)
		parcel->has_fd_arrays = true;
	return binder_scatter_add_fds(parcel->scatter, parcel->nr_objects,
				      &object->fda, &parcel->fds,
				      parcel->accept_fds);
}

static void binder_release_binder(struct binder_proc *proc,
				  const union binder_object *object)
{
	binder_node_put_local(proc, object->flat.binder,
			      object->flat.hdr.type == BINDER_TYPE_BINDER);
}

static void binder_release_handle(struct binder_proc *proc,
				  const union binder_object *object)
{
	struct binder_ref *dead;

	/* The handle is missing only when the whole table is being closed. */
	if (binder_ref_dec(proc, object->flat.handle,
			   object->flat.hdr.type == BINDER_TYPE_HANDLE, &dead))
		return;
	if (dead)
		binder_ref_finish(dead);
}

static const struct binder_object_type binder_object_types[] = {
	{
		.type = BINDER_TYPE_BINDER,
		.size = sizeof(struct flat_binder_object),
		.translate = binder_translate_binder,
		.release = binder_release_binder,
	}, {
		.type = BINDER_TYPE_WEAK_BINDER,
		.size = sizeof(struct flat_binder_object),
		.translate = binder_translate_binder,
		.release = binder_release_binder,
	}, {
		.type = BINDER_TYPE_HANDLE,
		.size = sizeof(struct flat_binder_object),
		.translate = binder_translate_handle,
		.release = binder_release_handle,
	}, {
		.type = BINDER_TYPE_WEAK_HANDLE,
		.size = sizeof(struct flat_binder_object),
		.translate = binder_translate_handle,
		.release = binder_release_handle,
	}, {
		.type = BINDER_TYPE_FD,
		.size = sizeof(struct binder_fd_object),
		.translate = binder_translate_fd,
	}, {
		.type = BINDER_TYPE_PTR,
		.size = sizeof(struct binder_buffer_object),
		.translate = binder_translate_ptr,
	}, {
		.type = BINDER_TYPE_FDA,
		.size = sizeof(struct binder_fd_array_object),
		.translate = binder_translate_fda,
	},
};

static const struct binder_object_type *binder_object_type(u32 type)
{
	const struct binder_object_type *entry;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(binder_object_types); i++) {
		entry = &binder_object_types[i];
		if (entry->type == type)
			return entry;
	}
	return NULL;
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
 * Read, check and translate the object at @offset; @end is where the one
 * before it ended. Returns the end of this one, or a negative errno.
 */
static s64 binder_translate_one(struct binder_parcel *parcel, u64 offset,
				u32 end)
{
	const struct binder_object_type *type;
	struct binder_buffer *buffer = parcel->buffer;
	struct binder_proc *to = parcel->to;
	union binder_object object;
	size_t size;
	int ret;

	/* Data between objects is copied as it is. */
	if (offset < end || offset > buffer->data_size ||
	    binder_alloc_copy_from_user(to->alloc, buffer, end,
					parcel->data + end, offset - end))
		return -EFAULT;
	if (buffer->data_size - offset < sizeof(object.hdr) ||
	    !IS_ALIGNED(offset, sizeof(u32)))
		return -EINVAL;
	/* Once, and into the kernel: the sender may change it meanwhile. */
	size = min_t(size_t, sizeof(object),
		     ALIGN_DOWN(buffer->data_size - offset, sizeof(u32)));
	if (binder_user_get(&object, parcel->data + offset, size))
		return -EINVAL;
	binder_hook_reach(BINDER_HOOK_OBJECT);
	type = binder_object_type(object.hdr.type);
	if (!type || size < type->size)
		return -EINVAL;
	ret = type->translate(parcel, &object, offset);
	if (ret)
		return ret;
	binder_alloc_write(to->alloc, buffer, offset, &object, type->size);
	return offset + type->size;
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

static noinline int binder_fill_objects(struct binder_parcel *parcel)
{
	struct binder_buffer *buffer = parcel->buffer;
	u64 on_stack[BINDER_OFFSETS_ON_STACK];
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
	if (parcel->buffer->offsets_size || parcel->buffers_size)
		return binder_fill_objects(parcel);
	return binder_alloc_copy_from_user(parcel->to->alloc, parcel->buffer, 0,
					   parcel->data,
					   parcel->buffer->data_size);
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
	u32 start = binder_offsets_start(buffer);
	u32 i;

	for (i = 0; i < nr; i++) {
		const struct binder_object_type *type;
		union binder_object object;
		u64 offset;

		binder_alloc_read(proc->alloc, buffer,
				  start + i * sizeof(offset), &offset,
				  sizeof(offset));
		binder_alloc_read(proc->alloc, buffer, offset, &object.hdr,
				  sizeof(object.hdr));
		type = binder_object_type(object.hdr.type);
		if (WARN_ON_ONCE(!type) || !type->release)
			continue;
		binder_alloc_read(proc->alloc, buffer, offset, &object,
				  type->size);
		type->release(proc, &object);
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
