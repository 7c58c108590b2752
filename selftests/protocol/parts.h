/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages with further buffers and arrays of descriptors, part by part:
 *
 *	struct parts m = parts(8);			 8 bytes of plain data first
 *	uint64_t a = add_ptr(&m, "parent..", 8);
 *
 *	add_child(&m, "child", 6, a, 0);
 *	ASSERT_STREQ("OK", deliver_parts(client, server, &m, handle));
 *
 * @extra grows with each buffer; tests of too much or too little set it.
 */
#ifndef PROTOCOL_PARTS_H
#define PROTOCOL_PARTS_H

#include "peer.h"

#define PARTS_CODE 0x5ca7

struct parts {
	uint8_t *data;
	size_t size;
	uint64_t *offsets;
	size_t n;
	uint64_t extra;
};

struct parts parts(size_t lead);
/* All of them return the number of the object. */
uint64_t add_object(struct parts *m, const void *object, size_t size);
uint64_t add_ptr(struct parts *m, const void *buffer, uint64_t length);
uint64_t add_child(struct parts *m, const void *buffer, uint64_t length, uint64_t parent,
		   uint64_t parent_offset);
uint64_t add_fda(struct parts *m, uint64_t num_fds, uint64_t parent, uint64_t parent_offset);

struct bnd_msg parts_msg(const struct parts *m, uint32_t handle, uint32_t flags);

/*
 * Send it oneway. "OK" when @server got it, which has to free it; or the error and
 * its reason, like "FAILED EINVAL", and @server got nothing.
 */
const char *deliver_parts(struct port *client, struct port *server, const struct parts *m,
			  uint32_t handle);
void free_parts(struct port *server);

/* The @i-th object of the last message received. */
struct binder_buffer_object got_ptr(struct port *p, int i);
struct binder_fd_array_object got_fda(struct port *p, int i);
/* What @p sees at @address; the result is the test's to keep. */
const void *peek(struct port *p, uint64_t address, size_t size);
/* Contents of the @i-th object, a PTR, as received. */
const void *got_contents(struct port *p, int i);

/* --- descriptors of peers --- */

/* A pipe in @p: fds[0] is for reading. */
void pipe_in(struct port *p, int fds[2]);
void close_in(struct port *p, int fd);
void dup2_in(struct port *p, int from, int to);
bool is_open(struct port *p, int fd);
/* Are both open on the same file? */
bool same_file(struct port *p, int fd, struct port *q, int other);
/* The test's own descriptor of what @fd is in @p. */
int steal(struct port *p, int fd);
/* The write end of the pipe whose read end is @fd, here in the test: is it gone? */
void wait_for_end(int fd);
bool has_end(int fd);
/*
 * An array of @nr descriptors of one pipe's write end, which @server gets oneway and has
 * as @number; nobody else has it. The test's own descriptor of the read end.
 */
int deliver_pipe(struct port *client, struct port *server, uint32_t handle, int nr, int *number);

#endif /* PROTOCOL_PARTS_H */
