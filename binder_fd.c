// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passing files.
 */
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "binder_alloc_copy.h"
#include "binder_fd.h"
#include "binder_security.h"
#include "binder_trace.h"

#define BINDER_FDS_FIRST 4U

/**
 * binder_fds_add() - take a file of the sender into a message
 * @fds: the message's files; allocated at the first one
 * @id: id of the message, for traces
 * @fd: descriptor in the current task's table
 * @offset: where in the buffer the receiver's number goes
 * @from: credentials of the sender's file
 * @to: credentials of the receiver's file
 *
 * Return: 0, -EBADF when @fd is not open, -EPERM when a security module
 * refuses, or -ENOMEM.
 */
int binder_fds_add(struct binder_fds **fds, u32 id, int fd, u32 offset,
		   const struct cred *from, const struct cred *to)
{
	struct binder_fds *list = *fds;
	struct file *file;

	if (!list || list->nr == list->room) {
		u32 room = list ? 4 * list->room : BINDER_FDS_FIRST;

		list = kvmalloc(struct_size(list, entry, room), GFP_KERNEL);
		if (!list)
			return -ENOMEM;
		list->nr = 0;
		list->room = room;
		if (*fds) {
			list->nr = (*fds)->nr;
			memcpy(list->entry, (*fds)->entry,
			       array_size(list->nr, sizeof(*list->entry)));
			kvfree(*fds);
		}
		*fds = list;
	}
	file = fget(fd);
	if (!file)
		return -EBADF;
	if (binder_security_transfer_file(from, to, file)) {
		fput(file);
		return -EPERM;
	}
	trace_binder_transaction_fd_send(id, fd, offset);
	list->entry[list->nr++] = (struct binder_fd){
		.file = file,
		.offset = offset,
		.fd = -1,
	};
	return 0;
}

/* Give back the numbers of the first @nr files. */
static void unreserve(struct binder_fds *fds, u32 nr)
{
	while (nr--)
		put_unused_fd(fds->entry[nr].fd);
}

/**
 * binder_fds_reserve() - number the files of a message in the current task
 * @fds: the files
 * @id: id of the message, for traces
 * @alloc: the receiver's area
 * @buffer: the message, not yet the user's; the numbers are written into it
 *
 * Nothing is open yet: delivery can still fail, and must leave nothing behind.
 *
 * Return: 0, or -EMFILE/-ENFILE/-ENOMEM with no number reserved.
 */
int binder_fds_reserve(struct binder_fds *fds, u32 id,
		       struct binder_alloc *alloc, struct binder_buffer *buffer)
{
	u32 i;

	for (i = 0; i < fds->nr; i++) {
		struct binder_fd *entry = &fds->entry[i];
		u32 number;
		int fd = get_unused_fd_flags(O_CLOEXEC);

		if (fd < 0) {
			unreserve(fds, i);
			return fd;
		}
		entry->fd = fd;
		trace_binder_transaction_fd_recv(id, fd, entry->offset);
		number = fd;
		binder_alloc_write_fixed(alloc, buffer, entry->offset, &number,
					 sizeof(number));
	}
	return 0;
}

/**
 * binder_fds_unreserve() - the message will not be delivered after all
 * @fds: the files, which stay the message's
 */
void binder_fds_unreserve(struct binder_fds *fds)
{
	unreserve(fds, fds->nr);
}

/**
 * binder_fds_install() - give the files of a message to the current task
 * @fds: the files, under the numbers reserved for them; freed
 */
void binder_fds_install(struct binder_fds *fds)
{
	u32 i;

	for (i = 0; i < fds->nr; i++)
		fd_install(fds->entry[i].fd, fds->entry[i].file);
	kvfree(fds);
}

/**
 * binder_fds_discard() - put the files of a message nobody will receive
 * @fds: the files, or NULL
 */
void binder_fds_discard(struct binder_fds *fds)
{
	u32 i;

	if (!fds)
		return;
	for (i = 0; i < fds->nr; i++)
		fput(fds->entry[i].file);
	kvfree(fds);
}
