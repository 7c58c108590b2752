// SPDX-License-Identifier: GPL-2.0-only
/* Building command streams and objects. */
#include <stdio.h>
#include <stdlib.h>

#include "binder_raw.h"

/* --- objects --- */

static struct flat_binder_object local_object(uint32_t type, uint64_t ptr, uint64_t cookie,
					      uint32_t flags)
{
	return (struct flat_binder_object){
		.hdr.type = type, .flags = flags, .binder = ptr, .cookie = cookie,
	};
}

static struct flat_binder_object remote_object(uint32_t type, uint32_t handle)
{
	struct flat_binder_object obj = local_object(type, 0, 0, 0);

	obj.handle = handle;
	return obj;
}

struct flat_binder_object bnd_obj_binder(uint64_t ptr, uint64_t cookie, uint32_t flags)
{
	return local_object(BINDER_TYPE_BINDER, ptr, cookie, flags);
}

struct flat_binder_object bnd_obj_weak_binder(uint64_t ptr, uint64_t cookie, uint32_t flags)
{
	return local_object(BINDER_TYPE_WEAK_BINDER, ptr, cookie, flags);
}

struct flat_binder_object bnd_obj_handle(uint32_t handle)
{
	return remote_object(BINDER_TYPE_HANDLE, handle);
}

struct flat_binder_object bnd_obj_weak_handle(uint32_t handle)
{
	return remote_object(BINDER_TYPE_WEAK_HANDLE, handle);
}

struct binder_fd_object bnd_obj_fd(int fd, uint64_t cookie)
{
	struct binder_fd_object obj = { .hdr.type = BINDER_TYPE_FD, .cookie = cookie };

	obj.fd = (uint32_t)fd;
	return obj;
}

struct binder_buffer_object bnd_obj_ptr(const void *buffer, uint64_t length)
{
	return (struct binder_buffer_object){
		.hdr.type = BINDER_TYPE_PTR, .buffer = (uintptr_t)buffer, .length = length,
	};
}

struct binder_buffer_object bnd_obj_ptr_child(const void *buffer, uint64_t length,
					      uint64_t parent, uint64_t parent_offset)
{
	struct binder_buffer_object obj = bnd_obj_ptr(buffer, length);

	obj.flags = BINDER_BUFFER_FLAG_HAS_PARENT;
	obj.parent = parent;
	obj.parent_offset = parent_offset;
	return obj;
}

struct binder_fd_array_object bnd_obj_fda(uint64_t num_fds, uint64_t parent,
					  uint64_t parent_offset)
{
	return (struct binder_fd_array_object){
		.hdr.type = BINDER_TYPE_FDA, .num_fds = num_fds,
		.parent = parent, .parent_offset = parent_offset,
	};
}

/* --- commands --- */

void bnd_cmds_reset(struct bnd_cmds *s)
{
	s->len = 0;
	s->consumed = 0;
}

void bnd_cmd_bytes(struct bnd_cmds *s, const void *bytes, size_t len)
{
	if (len > s->cap - s->len) {
		fprintf(stderr, "command stream of %zu bytes is full\n", s->cap);
		abort();
	}
	if (len)
		memcpy(s->buf + s->len, bytes, len);
	s->len += len;
}

void bnd_cmd(struct bnd_cmds *s, uint32_t code, const void *payload)
{
	bnd_cmd_bytes(s, &code, sizeof(code));
	bnd_cmd_bytes(s, payload, _IOC_SIZE(code));
}

struct binder_transaction_data bnd_txn(const struct bnd_msg *m)
{
	struct binder_transaction_data t = {
		.code = m->code,
		.flags = m->flags,
		.data_size = m->size,
		.offsets_size = m->noffsets * sizeof(*m->offsets),
		.data.ptr.buffer = (uintptr_t)m->data,
		.data.ptr.offsets = (uintptr_t)m->offsets,
	};

	t.target.handle = m->handle;
	return t;
}

static void cmd_msg(struct bnd_cmds *s, uint32_t code, const struct bnd_msg *m)
{
	struct binder_transaction_data t = bnd_txn(m);

	bnd_cmd(s, code, &t);
}

static void cmd_msg_sg(struct bnd_cmds *s, uint32_t code, const struct bnd_msg *m)
{
	struct binder_transaction_data_sg t = {
		.transaction_data = bnd_txn(m), .buffers_size = m->extra,
	};

	bnd_cmd(s, code, &t);
}

static void cmd_node(struct bnd_cmds *s, uint32_t code, uint64_t ptr, uint64_t cookie)
{
	struct binder_ptr_cookie pc = { .ptr = ptr, .cookie = cookie };

	bnd_cmd(s, code, &pc);
}

static void cmd_watch(struct bnd_cmds *s, uint32_t code, uint32_t handle, uint64_t cookie)
{
	struct binder_handle_cookie hc = { .handle = handle, .cookie = cookie };

	bnd_cmd(s, code, &hc);
}

void bnd_cmd_transaction(struct bnd_cmds *s, const struct bnd_msg *m)
{
	cmd_msg(s, BC_TRANSACTION, m);
}

void bnd_cmd_reply(struct bnd_cmds *s, const struct bnd_msg *m)
{
	cmd_msg(s, BC_REPLY, m);
}

void bnd_cmd_transaction_sg(struct bnd_cmds *s, const struct bnd_msg *m)
{
	cmd_msg_sg(s, BC_TRANSACTION_SG, m);
}

void bnd_cmd_reply_sg(struct bnd_cmds *s, const struct bnd_msg *m)
{
	cmd_msg_sg(s, BC_REPLY_SG, m);
}

void bnd_cmd_free_buffer(struct bnd_cmds *s, uint64_t buffer)
{
	bnd_cmd(s, BC_FREE_BUFFER, &buffer);
}

void bnd_cmd_increfs(struct bnd_cmds *s, uint32_t handle)
{
	bnd_cmd(s, BC_INCREFS, &handle);
}

void bnd_cmd_acquire(struct bnd_cmds *s, uint32_t handle)
{
	bnd_cmd(s, BC_ACQUIRE, &handle);
}

void bnd_cmd_release(struct bnd_cmds *s, uint32_t handle)
{
	bnd_cmd(s, BC_RELEASE, &handle);
}

void bnd_cmd_decrefs(struct bnd_cmds *s, uint32_t handle)
{
	bnd_cmd(s, BC_DECREFS, &handle);
}

void bnd_cmd_increfs_done(struct bnd_cmds *s, uint64_t ptr, uint64_t cookie)
{
	cmd_node(s, BC_INCREFS_DONE, ptr, cookie);
}

void bnd_cmd_acquire_done(struct bnd_cmds *s, uint64_t ptr, uint64_t cookie)
{
	cmd_node(s, BC_ACQUIRE_DONE, ptr, cookie);
}

void bnd_cmd_register_looper(struct bnd_cmds *s)
{
	bnd_cmd(s, BC_REGISTER_LOOPER, NULL);
}

void bnd_cmd_enter_looper(struct bnd_cmds *s)
{
	bnd_cmd(s, BC_ENTER_LOOPER, NULL);
}

void bnd_cmd_exit_looper(struct bnd_cmds *s)
{
	bnd_cmd(s, BC_EXIT_LOOPER, NULL);
}

void bnd_cmd_request_death(struct bnd_cmds *s, uint32_t handle, uint64_t cookie)
{
	cmd_watch(s, BC_REQUEST_DEATH_NOTIFICATION, handle, cookie);
}

void bnd_cmd_clear_death(struct bnd_cmds *s, uint32_t handle, uint64_t cookie)
{
	cmd_watch(s, BC_CLEAR_DEATH_NOTIFICATION, handle, cookie);
}

void bnd_cmd_dead_binder_done(struct bnd_cmds *s, uint64_t cookie)
{
	bnd_cmd(s, BC_DEAD_BINDER_DONE, &cookie);
}

void bnd_cmd_request_freeze(struct bnd_cmds *s, uint32_t handle, uint64_t cookie)
{
	cmd_watch(s, BC_REQUEST_FREEZE_NOTIFICATION, handle, cookie);
}

void bnd_cmd_clear_freeze(struct bnd_cmds *s, uint32_t handle, uint64_t cookie)
{
	cmd_watch(s, BC_CLEAR_FREEZE_NOTIFICATION, handle, cookie);
}

void bnd_cmd_freeze_done(struct bnd_cmds *s, uint64_t cookie)
{
	bnd_cmd(s, BC_FREEZE_NOTIFICATION_DONE, &cookie);
}
