/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scatter-gather: further buffers of the sender that a message takes along,
 * with pointers and arrays of descriptors inside them.
 *
 * A PTR object names a buffer of the sender. Its contents get a place behind
 * the offsets array, and the address of that place may be written into an
 * earlier buffer, the parent. An FDA object names descriptors inside an earlier
 * buffer. While the objects are checked, each leaves a piece here; what the
 * pieces name is copied after the last object, in stretches between the
 * places where pointers and descriptors go, so that the receiver never sees
 * what the sender had there.
 *
 * ABI: parents are filled in from front to back and depth first. A fix-up goes
 * to the buffer that came last or to one it hangs from, behind all that was
 * fixed up there before. So the patches of each piece are in order.
 *
 * Owner: the building of one message, by one task; no locks.
 */
#ifndef _BINDER_SCATTER_H
#define _BINDER_SCATTER_H

#include "binder_alloc.h"
#include "binder_fd.h"
#include "binder_proc.h"
#include "include/uapi/linux/android/binder.h"

/**
 * struct binder_piece - what one PTR or FDA object asks for
 * @source: PTR: sender's address of the contents
 * @length: PTR: bytes of them
 * @place: PTR: where in the receiver's buffer they go
 * @index: number of the object
 * @is_fds: the object is an FDA
 * @parent: number of the piece that it patches, or BINDER_NO_PIECE
 * @patch_offset: where in the parent's contents
 * @patch_size: bytes that are not copied there
 * @next_patch: next piece with the same parent
 * @first_patch: PTR: first piece that patches this one
 * @last_patch: PTR: the last one
 */
struct binder_piece {
	u64 source;
	u32 length;
	u32 place;
	u32 index;
	bool is_fds;
	u32 parent;
	u32 patch_offset;
	u32 patch_size;
	u32 next_patch;
	u32 first_patch;
	u32 last_patch;
};

#define BINDER_NO_PIECE U32_MAX

/**
 * struct binder_scatter - the pieces of a message
 * @from: credentials of the sender's file
 * @to: credentials of the receiver's file
 * @alloc: the receiver's area
 * @buffer: the message there
 * @debug_id: its id, for traces
 * @place: where the next contents go
 * @left: bytes left for contents
 * @last: piece that came last, or that was patched last
 * @min_offset: first byte of @last that may be patched
 * @nr: pieces in use
 * @room: pieces allocated
 * @piece: the pieces, in the order of their objects
 */
struct binder_scatter {
	const struct cred *from;
	const struct cred *to;
	struct binder_alloc *alloc;
	struct binder_buffer *buffer;
	u32 debug_id;
	u32 place;
	u32 left;
	u32 last;
	u32 min_offset;
	u32 nr;
	u32 room;
	struct binder_piece piece[] __counted_by(room);
};

struct binder_scatter *binder_scatter_alloc(const struct binder_proc *from,
					    const struct binder_proc *to,
					    struct binder_buffer *buffer, u32 id,
					    u32 place, u32 size, u32 room);
void binder_scatter_free(struct binder_scatter *scatter);
int binder_scatter_add(struct binder_scatter *scatter, u32 index,
		       struct binder_buffer_object *object);
int binder_scatter_add_fds(struct binder_scatter *scatter, u32 index,
			   const struct binder_fd_array_object *object,
			   struct binder_fds **fds, bool accept_fds);
int binder_scatter_copy(const struct binder_scatter *scatter);
void binder_scatter_close_fds(struct binder_alloc *alloc,
			      struct binder_buffer *buffer,
			      const struct binder_buffer_object *parent,
			      const struct binder_fd_array_object *object);

#endif /* _BINDER_SCATTER_H */
