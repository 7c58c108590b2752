// SPDX-License-Identifier: GPL-2.0-only
/* Messages of many parts, and descriptors of peers; see parts.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "parts.h"

#define MAX_OBJECTS 64

struct parts parts(size_t lead)
{
	struct parts m = {
		.data = shared(PAYLOAD_MAX),
		.offsets = shared(MAX_OBJECTS * sizeof(uint64_t)),
		.size = lead,
	};

	memset(m.data, 0x11, PAYLOAD_MAX);
	return m;
}

uint64_t add_object(struct parts *m, const void *object, size_t size)
{
	if (m->n == MAX_OBJECTS || m->size + size > PAYLOAD_MAX)
		fail("message has too many parts");
	m->offsets[m->n] = m->size;
	memcpy(m->data + m->size, object, size);
	m->size += size;
	return m->n++;
}

uint64_t add_ptr(struct parts *m, const void *buffer, uint64_t length)
{
	struct binder_buffer_object ptr = bnd_obj_ptr(buffer, length);

	m->extra += (length + 7) & ~(uint64_t)7;
	return add_object(m, &ptr, sizeof(ptr));
}

uint64_t add_child(struct parts *m, const void *buffer, uint64_t length, uint64_t parent,
		   uint64_t parent_offset)
{
	struct binder_buffer_object ptr =
		bnd_obj_ptr_child(buffer, length, parent, parent_offset);

	m->extra += (length + 7) & ~(uint64_t)7;
	return add_object(m, &ptr, sizeof(ptr));
}

uint64_t add_fda(struct parts *m, uint64_t num_fds, uint64_t parent, uint64_t parent_offset)
{
	struct binder_fd_array_object fda = bnd_obj_fda(num_fds, parent, parent_offset);

	return add_object(m, &fda, sizeof(fda));
}

struct bnd_msg parts_msg(const struct parts *m, uint32_t handle, uint32_t flags)
{
	return (struct bnd_msg){
		.handle = handle, .code = PARTS_CODE, .flags = flags,
		.data = m->data, .size = m->size,
		.offsets = m->offsets, .noffsets = m->n, .extra = m->extra,
	};
}

const char *deliver_parts(struct port *client, struct port *server, const struct parts *m,
			  uint32_t handle)
{
	struct bnd_msg msg = parts_msg(m, handle, TF_ONE_WAY);
	char want[32];

	bnd_cmd_transaction_sg(&client->w, &msg);
	go(client);
	if (!strcmp(client->got, "NOOP COMPLETE")) {
		snprintf(want, sizeof(want), "NOOP TXN:%x", PARTS_CODE);
		return strcmp(go(server), want) ? server->got : "OK";
	}
	if (strcmp(go(server), "EAGAIN"))
		return server->got;
	return exterr(client);
}

void free_parts(struct port *server)
{
	free_last(server);
	/* Closing descriptors makes the thread return, with nothing to read. */
	if (strcmp(go(server), "EAGAIN") && strcmp(server->got, "NOOP"))
		fail("freeing: got '%s'", server->got);
}

struct binder_buffer_object got_ptr(struct port *p, int i)
{
	struct binder_buffer_object ptr;

	memcpy(&ptr, p->payload + p->offsets[i], sizeof(ptr));
	return ptr;
}

struct binder_fd_array_object got_fda(struct port *p, int i)
{
	struct binder_fd_array_object fda;

	memcpy(&fda, p->payload + p->offsets[i], sizeof(fda));
	return fda;
}

struct peek {
	uint64_t address;
	size_t size;
	void *to;
};

static long do_peek(struct port *p, void *arg)
{
	struct peek *peek = arg;

	(void)p;
	memcpy(peek->to, (void *)(uintptr_t)peek->address, peek->size);
	return 0;
}

const void *peek(struct port *p, uint64_t address, size_t size)
{
	struct peek *peek = shared(sizeof(*peek));

	peek->address = address;
	peek->size = size;
	peek->to = shared(size);
	run(p, do_peek, peek);
	return peek->to;
}

const void *got_contents(struct port *p, int i)
{
	struct binder_buffer_object ptr = got_ptr(p, i);

	return peek(p, ptr.buffer, ptr.length);
}

/* --- descriptors of peers --- */

static long do_pipe(struct port *p, void *arg)
{
	(void)p;
	return pipe(arg) ? -errno : 0;
}

void pipe_in(struct port *p, int fds[2])
{
	int *there = shared(2 * sizeof(*there));

	if (run(p, do_pipe, there))
		fail("no pipe");
	fds[0] = there[0];
	fds[1] = there[1];
}

static long do_close(struct port *p, void *arg)
{
	(void)p;
	return close((int)(intptr_t)arg) ? -errno : 0;
}

void close_in(struct port *p, int fd)
{
	if (run(p, do_close, (void *)(intptr_t)fd))
		fail("peer cannot close %d", fd);
}

static long do_dup2(struct port *p, void *arg)
{
	int *numbers = arg;

	(void)p;
	return dup2(numbers[0], numbers[1]) < 0 ? -errno : 0;
}

void dup2_in(struct port *p, int from, int to)
{
	int *numbers = shared(2 * sizeof(*numbers));

	numbers[0] = from;
	numbers[1] = to;
	if (run(p, do_dup2, numbers))
		fail("peer cannot dup2 %d to %d", from, to);
}

static long do_getfd(struct port *p, void *arg)
{
	(void)p;
	return fcntl((int)(intptr_t)arg, F_GETFD);
}

bool is_open(struct port *p, int fd)
{
	return run(p, do_getfd, (void *)(intptr_t)fd) >= 0;
}

int steal(struct port *p, int fd)
{
	int process = (int)syscall(SYS_pidfd_open, p->pid, 0);
	int mine = (int)syscall(SYS_pidfd_getfd, process, fd, 0);

	if (mine < 0)
		fail("descriptor %d of %d: %s", fd, p->pid, strerror(errno));
	close(process);
	return mine;
}

bool same_file(struct port *p, int fd, struct port *q, int other)
{
	int a = steal(p, fd), b = steal(q, other);
	struct stat one, two;
	bool same;

	if (fstat(a, &one) || fstat(b, &two))
		fail("fstat: %s", strerror(errno));
	same = one.st_dev == two.st_dev && one.st_ino == two.st_ino &&
	       fcntl(a, F_GETFL) == fcntl(b, F_GETFL);
	close(a);
	close(b);
	return same;
}

bool has_end(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLHUP);
}

static bool at_end(void *arg)
{
	return has_end(*(int *)arg);
}

void wait_for_end(int fd)
{
	wait_until(at_end, &fd, "somebody keeps the write end of a pipe");
}

int deliver_pipe(struct port *client, struct port *server, uint32_t handle, int nr, int *number)
{
	uint8_t *parent = memset(shared(64), 0x22, 64);
	struct parts m = parts(8);
	int pipe[2], end;

	pipe_in(client, pipe);
	for (int i = 0; i < nr; i++)
		memcpy(parent + 8 + 4 * i, &pipe[1], 4);
	add_ptr(&m, parent, 64);
	add_fda(&m, nr, 0, 8);
	if (strcmp(deliver_parts(client, server, &m, handle), "OK"))
		fail("array of descriptors: %s", server->got);
	memcpy(number, (const uint8_t *)got_contents(server, 0) + 8, 4 * nr);
	end = steal(client, pipe[0]);
	close_in(client, pipe[0]);
	close_in(client, pipe[1]);
	return end;
}
