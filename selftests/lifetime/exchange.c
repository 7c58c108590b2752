// SPDX-License-Identifier: GPL-2.0-only
/* What actors say to each other: commands, messages, meeting; see actor.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actor.h"

/* --- The actor's side --------------------------------------------------------- */

static void step_become_manager(struct actor *a)
{
	a->err = bnd_become_manager(&a->conn);
}

static void step_stall(struct actor *a)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	long page = sysconf(_SC_PAGESIZE);

	a->stall = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	a->uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	reg.range.start = (uintptr_t)a->stall;
	reg.range.len = page;
	if (a->stall == MAP_FAILED || a->uffd < 0 || ioctl(a->uffd, UFFDIO_API, &api) ||
	    ioctl(a->uffd, UFFDIO_REGISTER, &reg))
		a->err = -errno;
	else
		a->err = 0;
}

static void step_pipe(struct actor *a)
{
	int fds[2];

	a->err = pipe2(fds, O_CLOEXEC) ? -errno : 0;
	a->arg = (uint64_t)fds[0] << 32 | (uint32_t)fds[1];
}

static void step_close_fd(struct actor *a)
{
	close(a->arg);
}

/* --- Commands ---------------------------------------------------------------------- */

void msg_reset(struct actor *a)
{
	a->data = a->message;
	a->size = 0;
	a->noffsets = 0;
}

static void msg_object(struct actor *a, const void *object, size_t size)
{
	need(a->size + size <= sizeof(a->message) && a->noffsets < 8);
	a->offsets[a->noffsets++] = a->size;
	memcpy(a->message + a->size, object, size);
	a->size += size;
}

void msg_binder(struct actor *a, uint64_t ptr, uint32_t flags)
{
	struct flat_binder_object obj = bnd_obj_binder(ptr, ptr + 1, flags);

	msg_object(a, &obj, sizeof(obj));
}

void msg_weak_binder(struct actor *a, uint64_t ptr, uint32_t flags)
{
	struct flat_binder_object obj = bnd_obj_weak_binder(ptr, ptr + 1, flags);

	msg_object(a, &obj, sizeof(obj));
}

void msg_handle(struct actor *a, uint32_t handle)
{
	struct flat_binder_object obj = bnd_obj_handle(handle);

	msg_object(a, &obj, sizeof(obj));
}

void msg_weak_handle(struct actor *a, uint32_t handle)
{
	struct flat_binder_object obj = bnd_obj_weak_handle(handle);

	msg_object(a, &obj, sizeof(obj));
}

void msg_fd(struct actor *a, int fd)
{
	struct binder_fd_object obj = bnd_obj_fd(fd, 0);

	msg_object(a, &obj, sizeof(obj));
}

void msg_data(struct actor *a, const void *data, size_t size)
{
	need(!a->noffsets);
	a->data = data;
	a->size = size;
}

void msg_bytes(struct actor *a, const void *data, size_t size)
{
	need(a->size + size <= sizeof(a->message));
	memcpy(a->message + a->size, data, size);
	a->size += size;
}

uint32_t payload_handle(const struct actor *a, size_t index)
{
	struct flat_binder_object obj;

	memcpy(&obj, a->payload + index * sizeof(obj), sizeof(obj));
	return obj.handle;
}

static struct bnd_msg take_message(struct actor *a)
{
	struct bnd_msg m = {
		.data = a->data, .size = a->size,
		.offsets = a->offsets, .noffsets = a->noffsets,
	};

	msg_reset(a);
	return m;
}

void cmd_call(struct actor *a, uint32_t handle, uint32_t code, uint32_t flags)
{
	struct bnd_msg m = take_message(a);

	m.handle = handle;
	m.code = code;
	m.flags = flags;
	bnd_cmd_transaction(&a->w, &m);
}

void cmd_reply(struct actor *a)
{
	struct bnd_msg m = take_message(a);

	bnd_cmd_reply(&a->w, &m);
}

void cmd_free(struct actor *a)
{
	bnd_cmd_free_buffer(&a->w, a->txn.data.ptr.buffer);
}

void cmd_done(struct actor *a, uint64_t ptr)
{
	bnd_cmd_increfs_done(&a->w, ptr, ptr + 1);
	bnd_cmd_acquire_done(&a->w, ptr, ptr + 1);
}

/* --- Meeting -------------------------------------------------------------------------- */

void become_manager(struct actor *a)
{
	for (;;) {
		run(a, step_become_manager);
		if (a->err != -EBUSY)
			break;
		sched_yield();
	}
	need(!a->err);
}

void new_manager(void)
{
	mgr = actor_new();
	become_manager(mgr);
}

/* One call of @from to the manager @by, which answers with @reply to send. */
static void ask(struct actor *by, struct actor *from, uint32_t give)
{
	uint32_t handle = 0;

	cmd_call(from, 0, 'M', 0);
	need(!strcmp(put(from), ""));
	need(!strcmp(now(by), "TRANSACTION"));
	if (by->txn.data_size) {
		handle = payload_handle(by, 0);
		bnd_cmd_increfs(&by->w, handle);
		bnd_cmd_acquire(&by->w, handle);
		by->arg = handle;
	}
	if (give)
		msg_handle(by, give);
	cmd_reply(by);
	cmd_free(by);
	need(!strcmp(now(by), "COMPLETE"));
}

uint32_t grant_by(struct actor *by, struct actor *server, uint64_t ptr, uint32_t flags,
		  struct actor *client)
{
	uint32_t theirs, handle;
	const char *codes;

	msg_binder(server, ptr, flags);
	ask(by, server, 0);
	theirs = by->arg;
	codes = now(server);
	/* The owner hears of its node only the first time. */
	if (!strcmp(codes, "INCREFS ACQUIRE COMPLETE REPLY"))
		cmd_done(server, ptr);
	else
		need(!strcmp(codes, "COMPLETE REPLY"));
	cmd_free(server);
	need(!strcmp(put(server), ""));
	if (client == by)
		return theirs;

	ask(by, client, theirs);
	need(!strcmp(now(client), "COMPLETE REPLY"));
	handle = payload_handle(client, 0);
	bnd_cmd_increfs(&client->w, handle);
	bnd_cmd_acquire(&client->w, handle);
	cmd_free(client);
	need(!strcmp(put(client), ""));
	bnd_cmd_release(&by->w, theirs);
	bnd_cmd_decrefs(&by->w, theirs);
	need(!strcmp(put(by), ""));
	return handle;
}

uint32_t grant(struct actor *server, uint64_t ptr, uint32_t flags, struct actor *client)
{
	return grant_by(mgr, server, ptr, flags, client);
}

/* Where the node that is watched stands among those of its owner: at the end. */
#define WATCHED 0x7fffffff0000ULL

void watch(struct actor *a)
{
	uint32_t handle = grant(a, WATCHED, 0, mgr);

	bnd_cmd_request_death(&mgr->w, handle, (uintptr_t)a);
	need(!strcmp(put(mgr), ""));
}

void await_gone(struct actor *a)
{
	need(!strcmp(get(mgr), "DEAD_BINDER"));
	need(mgr->cookie == (uintptr_t)a);
	bnd_cmd_dead_binder_done(&mgr->w, mgr->cookie);
	need(!strcmp(put(mgr), ""));
}

void call_works(struct actor *client, uint32_t handle, struct actor *server)
{
	uint64_t value = 0x5ca1ab1e, back = 0;

	msg_bytes(client, &value, sizeof(value));
	cmd_call(client, handle, 'F', 0);
	need(!strcmp(put(client), ""));
	need(!strcmp(now(server), "TRANSACTION"));
	need(server->txn.code == 'F' && server->txn.data_size == sizeof(value));
	memcpy(&back, server->payload, sizeof(back));
	need(back == value);
	value = ~value;
	msg_bytes(server, &value, sizeof(value));
	cmd_reply(server);
	cmd_free(server);
	need(!strcmp(now(server), "COMPLETE"));
	need(!strcmp(now(client), "COMPLETE REPLY"));
	memcpy(&back, client->payload, sizeof(back));
	need(back == value);
	cmd_free(client);
	need(!strcmp(put(client), ""));
}

void fresh_call(void)
{
	struct actor *server = actor_new();
	struct actor *client = actor_new();
	uint32_t handle = grant(server, 0x1000, 0, client);

	call_works(client, handle, server);
	kill_actor(client);
	kill_actor(server);
}

/* --- Stalling, descriptors -------------------------------------------------------------- */

void actor_stall(struct actor *a)
{
	run(a, step_stall);
	need(!a->err);
	a->data = a->stall;
	a->size = 64;
	a->noffsets = 0;
}

int fd_of(struct actor *a, int fd)
{
	int pidfd = syscall(SYS_pidfd_open, a->pid, 0);
	int copy;

	need(pidfd >= 0);
	copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	need(copy >= 0);
	close(pidfd);
	return copy;
}

void await_stall(struct actor *a)
{
	struct uffd_msg msg;
	int uffd = fd_of(a, a->uffd);

	need(read(uffd, &msg, sizeof(msg)) == sizeof(msg));
	need(msg.event == UFFD_EVENT_PAGEFAULT);
	close(uffd);
}

void resume(struct actor *a)
{
	struct uffdio_zeropage zero = {
		.range.start = (uintptr_t)a->stall,
		.range.len = sysconf(_SC_PAGESIZE),
	};
	int uffd = fd_of(a, a->uffd);

	need(!ioctl(uffd, UFFDIO_ZEROPAGE, &zero));
	close(uffd);
}

int pipe_in(struct actor *a, int *reader)
{
	int theirs;

	run(a, step_pipe);
	need(!a->err);
	theirs = a->arg >> 32;
	*reader = fd_of(a, theirs);
	need(!fcntl(*reader, F_SETFL, O_NONBLOCK));
	a->flags = (uint32_t)a->arg;
	a->arg = theirs;
	run(a, step_close_fd);
	return a->flags;
}

void await_eof(int reader)
{
	struct pollfd pfd = { .fd = reader };

	/* POLLHUP alone: nobody writes any more. */
	need(poll(&pfd, 1, -1) == 1);
	need(pfd.revents & POLLHUP);
}

bool pipe_open(int reader)
{
	struct pollfd pfd = { .fd = reader };

	need(poll(&pfd, 1, 0) >= 0);
	return !(pfd.revents & POLLHUP);
}
