// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatter-gather: placing, patching and copying further buffers of a message.
 */
#include <linux/align.h>
#include <linux/fdtable.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "binder_scatter.h"

/* Descriptors that are read at once. */
#define BINDER_FDS_AT_ONCE 32U

/**
 * binder_scatter_alloc() - prepare for the PTR and FDA objects of a message
 * @from: the sender
 * @to: the receiver
 * @buffer: the message in the receiver's area
 * @id: its id, for traces
 * @place: where in the buffer contents may go
 * @size: bytes there
 * @room: more such objects than the message can have
 *
 * Return: an empty list of pieces, or NULL without memory.
 */
struct binder_scatter *binder_scatter_alloc(const struct binder_proc *from,
					    const struct binder_proc *to,
					    struct binder_buffer *buffer, u32 id,
					    u32 place, u32 size, u32 room)
{
	struct binder_scatter *scatter;

	scatter = kvmalloc(struct_size(scatter, piece, room), GFP_KERNEL);
	if (!scatter)
		return NULL;
	scatter->room = room;
	scatter->from = from->cred;
	scatter->to = to->cred;
	scatter->alloc = to->alloc;
	scatter->buffer = buffer;
	scatter->debug_id = id;
	scatter->place = place;
	scatter->left = size;
	scatter->last = BINDER_NO_PIECE;
	scatter->min_offset = 0;
	scatter->nr = 0;
	return scatter;
}

/**
 * binder_scatter_free() - drop the pieces of a message
 * @scatter: the pieces, or NULL
 */
void binder_scatter_free(struct binder_scatter *scatter)
{
	kvfree(scatter);
}

/* The piece of the PTR object with that number, or BINDER_NO_PIECE. */
static u32 binder_piece_find(const struct binder_scatter *scatter, u64 index)
{
	u32 low = 0, high = scatter->nr;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (scatter->piece[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == scatter->nr || scatter->piece[low].index != index ||
	    scatter->piece[low].is_fds)
		return BINDER_NO_PIECE;
	return low;
}

/*
 * Find the piece that object @index names as its parent, to be patched with
 * @size bytes at @offset, and check that it is its turn.
 */
static int binder_patch_check(const struct binder_scatter *scatter, u64 index,
			      u64 offset, u64 size, u32 *parent)
{
	u32 found = binder_piece_find(scatter, index);
	const struct binder_piece *piece;
	u32 at = scatter->last;
	u32 min = scatter->min_offset;

	if (found == BINDER_NO_PIECE)
		return -EINVAL;
	piece = &scatter->piece[found];
	/* ABI: an empty array of descriptors may be anywhere. */
	if (size && (size > piece->length || offset > piece->length - size ||
		     !IS_ALIGNED(offset, sizeof(u32))))
		return -EINVAL;
	/* Climbing never goes deeper again, so it costs little in all. */
	while (at != found) {
		piece = &scatter->piece[at];
		if (piece->parent == BINDER_NO_PIECE)
			return -EINVAL;
		min = piece->patch_offset + piece->patch_size;
		at = piece->parent;
	}
	if (offset < min)
		return -EINVAL;
	*parent = found;
	return 0;
}

/* Add @piece to what its parent is patched with. */
static void binder_patch_add(struct binder_scatter *scatter,
			     struct binder_piece *piece)
{
	struct binder_piece *parent = &scatter->piece[piece->parent];
	u32 number = piece - scatter->piece;

	if (parent->first_patch == BINDER_NO_PIECE)
		parent->first_patch = number;
	else
		scatter->piece[parent->last_patch].next_patch = number;
	parent->last_patch = number;
}

static struct binder_piece *binder_piece_add(struct binder_scatter *scatter,
					     u32 index)
{
	struct binder_piece *piece;

	if (WARN_ON_ONCE(scatter->nr == scatter->room))
		return NULL;
	piece = &scatter->piece[scatter->nr++];
	*piece = (struct binder_piece){
		.index = index,
		.parent = BINDER_NO_PIECE,
		.next_patch = BINDER_NO_PIECE,
		.first_patch = BINDER_NO_PIECE,
		.last_patch = BINDER_NO_PIECE,
	};
	return piece;
}

/**
 * binder_scatter_add() - give a place to what a PTR object names
 * @scatter: the pieces so far
 * @index: number of the object
 * @object: the kernel's copy of it; becomes what the receiver gets
 *
 * Return: 0, or -EINVAL when the space is used up or the parent is not right.
 */
int binder_scatter_add(struct binder_scatter *scatter, u32 index,
		       struct binder_buffer_object *object)
{
	bool has_parent = object->flags & BINDER_BUFFER_FLAG_HAS_PARENT;
	struct binder_piece *piece;
	u32 parent;

	if (object->length > scatter->left)
		return -EINVAL;
	if (has_parent &&
	    binder_patch_check(scatter, object->parent, object->parent_offset,
			       sizeof(object->buffer), &parent))
		return -EINVAL;
	piece = binder_piece_add(scatter, index);
	if (!piece)
		return -EINVAL;
	piece->source = object->buffer;
	piece->length = object->length;
	piece->place = scatter->place;
	if (has_parent) {
		piece->parent = parent;
		piece->patch_offset = object->parent_offset;
		piece->patch_size = sizeof(object->buffer);
		binder_patch_add(scatter, piece);
	}
	scatter->place += ALIGN(piece->length, sizeof(void *));
	scatter->left -= ALIGN(piece->length, sizeof(void *));
	scatter->last = piece - scatter->piece;
	scatter->min_offset = 0;
	object->buffer = binder_alloc_user_address(scatter->alloc,
						   scatter->buffer) +
			 piece->place;
	return 0;
}

/* Take the files whose numbers are at @source, for the slots at @place. */
static int binder_take_fds(const struct binder_scatter *scatter,
			   const u32 __user *source, u32 place, u32 nr,
			   struct binder_fds **fds)
{
	u32 numbers[BINDER_FDS_AT_ONCE];
	u32 i, some;
	int ret;

	while (nr) {
		some = min(nr, BINDER_FDS_AT_ONCE);
		if (copy_from_user(numbers, source,
				   array_size(some, sizeof(*numbers))))
			return -EINVAL;
		for (i = 0; i < some; i++) {
			ret = binder_fds_add(fds, scatter->debug_id, numbers[i],
					     place, scatter->from, scatter->to);
			if (ret)
				return ret;
			place += sizeof(*numbers);
		}
		source += some;
		nr -= some;
		cond_resched();
	}
	return 0;
}

/**
 * binder_scatter_add_fds() - take the files that an FDA object names
 * @scatter: the pieces so far
 * @index: number of the object
 * @object: the kernel's copy of it
 * @fds: the message's files
 * @accept_fds: the receiver agreed to files
 *
 * Return: 0; -EINVAL when the parent or the place in it is not right or
 * unreadable; -EPERM, -EBADF or -ENOMEM as for a single file.
 */
int binder_scatter_add_fds(struct binder_scatter *scatter, u32 index,
			   const struct binder_fd_array_object *object,
			   struct binder_fds **fds, bool accept_fds)
{
	u64 nr = object->num_fds, offset = object->parent_offset, source;
	struct binder_piece *piece;
	u32 parent;
	int ret;

	if (nr > U32_MAX / sizeof(u32) ||
	    binder_patch_check(scatter, object->parent, offset,
			       nr * sizeof(u32), &parent))
		return -EINVAL;
	scatter->last = parent;
	/* No piece is that long: nothing can follow in this parent. */
	scatter->min_offset = min_t(u64, offset + nr * sizeof(u32), U32_MAX);
	if (!nr)
		return 0;
	source = scatter->piece[parent].source + offset;
	if (!IS_ALIGNED(source, sizeof(u32)))
		return -EINVAL;
	if (!accept_fds)
		return -EPERM;
	ret = binder_take_fds(scatter, u64_to_user_ptr(source),
			      scatter->piece[parent].place + offset, nr, fds);
	if (ret)
		return ret;
	piece = binder_piece_add(scatter, index);
	if (!piece)
		return -EINVAL;
	piece->is_fds = true;
	piece->parent = parent;
	piece->patch_offset = offset;
	piece->patch_size = nr * sizeof(u32);
	binder_patch_add(scatter, piece);
	return 0;
}

static int binder_piece_copy(const struct binder_scatter *scatter,
			     const struct binder_piece *piece)
{
	const char __user *source = u64_to_user_ptr(piece->source);
	const struct binder_piece *patch;
	u32 done = 0, i;
	u64 address;

	/* What lies behind the contents is of a former message. */
	if (!IS_ALIGNED(piece->length, sizeof(u64)))
		binder_alloc_zero(scatter->alloc, scatter->buffer,
				  piece->place + round_down(piece->length, sizeof(u64)),
				  sizeof(u64));
	for (i = piece->first_patch; i != BINDER_NO_PIECE;
	     i = patch->next_patch) {
		patch = &scatter->piece[i];
		if (binder_alloc_copy_from_user(scatter->alloc, scatter->buffer,
						piece->place + done,
						source + done,
						patch->patch_offset - done))
			return -EINVAL;
		/* Descriptors are written by the thread that receives them. */
		if (!patch->is_fds) {
			address = binder_alloc_user_address(scatter->alloc,
							    scatter->buffer) +
				  patch->place;
			binder_alloc_write(scatter->alloc, scatter->buffer,
					   piece->place + patch->patch_offset,
					   &address, sizeof(address));
		}
		done = patch->patch_offset + patch->patch_size;
	}
	if (binder_alloc_copy_from_user(scatter->alloc, scatter->buffer,
					piece->place + done, source + done,
					piece->length - done))
		return -EINVAL;
	return 0;
}

/**
 * binder_scatter_copy() - copy what the pieces name, patched
 * @scatter: the pieces of all objects
 *
 * Return: 0, or -EINVAL when the sender's memory is unreadable.
 */
int binder_scatter_copy(const struct binder_scatter *scatter)
{
	u32 i;
	int ret;

	for (i = 0; i < scatter->nr; i++) {
		if (scatter->piece[i].is_fds)
			continue;
		ret = binder_piece_copy(scatter, &scatter->piece[i]);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * binder_scatter_close_fds() - close what an FDA object named
 * @alloc: the area of the buffer
 * @buffer: a message that the current task's process received and frees
 * @parent: the PTR object that holds the numbers, as received
 * @object: the FDA object
 *
 * ABI: by number, in the table of the task that frees the buffer, whatever the
 * numbers mean by now. The caller keeps the file it came through.
 */
void binder_scatter_close_fds(struct binder_alloc *alloc,
			      struct binder_buffer *buffer,
			      const struct binder_buffer_object *parent,
			      const struct binder_fd_array_object *object)
{
	u32 place = parent->buffer - binder_alloc_user_address(alloc, buffer) +
		    object->parent_offset;
	u32 i, number;

	for (i = 0; i < object->num_fds; i++) {
		binder_alloc_read(alloc, buffer, place, &number,
				  sizeof(number));
		close_fd(number);
		place += sizeof(number);
		cond_resched();
	}
}
