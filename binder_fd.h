/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files on their way from one process to another.
 *
 * A message owns the files it carries from the moment they are looked up in
 * the sender until they are installed in the receiver or put. The receiving
 * thread numbers all of them or none, and opens them when the record that
 * tells of them has been stored.
 */
#ifndef _BINDER_FD_H
#define _BINDER_FD_H

#include "binder_alloc.h"

struct cred;
struct file;

/**
 * struct binder_fd - one file of a message
 * @file: the file, referenced
 * @offset: where in the buffer its number goes, as a u32
 * @fd: number reserved in the receiver while delivery is under way
 */
struct binder_fd {
	struct file *file;
	u32 offset;
	int fd;
};

/**
 * struct binder_fds - the files of a message
 * @nr: entries in use
 * @room: entries allocated
 * @entry: the entries
 */
struct binder_fds {
	u32 nr;
	u32 room;
	struct binder_fd entry[] __counted_by(room);
};

int binder_fds_add(struct binder_fds **fds, u32 id, int fd, u32 offset,
		   const struct cred *from, const struct cred *to);
int binder_fds_reserve(struct binder_fds *fds, u32 id,
		       struct binder_alloc *alloc, struct binder_buffer *buffer);
void binder_fds_unreserve(struct binder_fds *fds);
void binder_fds_install(struct binder_fds *fds);
void binder_fds_discard(struct binder_fds *fds);

#endif /* _BINDER_FD_H */
