/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects inside a message: from the sender's names to the receiver's.
 *
 * Each object is read from the sender's memory once, checked and translated in
 * the kernel's copy, and only then written to the receiver's buffer, which the
 * receiver may be looking at. What a translated object holds (a count of a
 * ref, a local count of a node) belongs to the buffer and goes with it. The
 * descriptors of FDA objects do so, too, once they were delivered: whoever frees
 * the buffer gets them closed.
 */
#ifndef _BINDER_OBJECT_H
#define _BINDER_OBJECT_H

#include "binder_ref.h"
#include "binder_scatter.h"
#include "binder_thread.h"

/**
 * struct binder_parcel - a message while it is being built
 * @thread: the sender, the current task
 * @to: the receiver
 * @debug_id: id of the message, for traces
 * @buffer: where the message goes, in the receiver's area
 * @data: sender's data, &binder_buffer.data_size bytes
 * @offsets: sender's offsets array, &binder_buffer.offsets_size bytes
 * @buffers_size: bytes set aside for the contents of PTR objects
 * @accept_fds: the receiver agreed to files
 * @has_fd_arrays: an FDA object named at least one file
 * @has_counts: there is an object that holds something of a ref or node
 * @asked_security: @refused is valid
 * @refused: why objects may not go from the sender to the receiver, or 0
 * @given: what the receiver got with the last object of the sender's own
 * @fds: files collected so far
 * @scatter: what PTR and FDA objects asked for so far, or NULL
 * @nr_objects: objects translated so far, to be released when the rest fails
 */
struct binder_parcel {
	struct binder_thread *thread;
	struct binder_proc *to;
	u32 debug_id;
	struct binder_buffer *buffer;
	const char __user *data;
	const char __user *offsets;
	u64 buffers_size;
	bool accept_fds;
	bool has_fd_arrays;
	bool has_counts;
	bool asked_security;
	int refused;
	struct binder_ref_given given;
	struct binder_fds *fds;
	struct binder_scatter *scatter;
	u32 nr_objects;
};

u32 binder_offsets_start(const struct binder_buffer *buffer);
int binder_parcel_fill(struct binder_parcel *parcel);
void binder_objects_release(struct binder_proc *proc,
			    struct binder_buffer *buffer, u32 nr);
void binder_objects_close_fds(struct binder_alloc *alloc,
			      struct binder_buffer *buffer);

#endif /* _BINDER_OBJECT_H */
