/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Raw access to a Binder device: opening it, writing command streams, reading
 * return streams, and just enough on top to make calls and to serve them. The
 * tools, the tests and the benchmarks share it.
 *
 * Conventions: functions that can fail return 0 or a negative errno. Nothing is
 * retried or hidden below the line "Calls and services"; -EINTR and -EAGAIN reach
 * the caller together with exact consumed counts. Running out of room in a
 * buffer of the program's own is a bug in the program and ends it with a message.
 */
#ifndef BINDER_RAW_H
#define BINDER_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <linux/android/binder.h>

/* --- Connections ---------------------------------------------------------- */

/* The area libbinder asks for: 1 MiB less two pages. */
#define BND_DEFAULT_MAP ((size_t)(1024 * 1024 - 2 * 4096))

struct bnd_conn;
struct bnd_msg;

/* What a connection does with what arrives beside the answer to a call. */
struct bnd_ops {
	/*
	 * Serve a call; @txn->data.ptr may be read until return. Fill in @reply
	 * (all zero on entry; what it points to is read after the return) and
	 * return true to have it sent; false answers a call that wants a reply
	 * with no data at all. Oneway calls ignore both.
	 */
	bool (*call)(struct bnd_conn *c, const struct binder_transaction_data *txn,
		     const char *secctx, struct bnd_msg *reply);
	/* The owner of a watched handle is gone; acknowledged already. */
	void (*death)(struct bnd_conn *c, uint64_t cookie);
	/* A watched owner was frozen or thawed; acknowledged already. */
	void (*frozen)(struct bnd_conn *c, const struct binder_frozen_state_info *info);
	/* The driver wants another thread in the pool (BR_SPAWN_LOOPER). */
	void (*spawn)(struct bnd_conn *c);
};

struct bnd_conn {
	int fd;
	void *map;		/* NULL when nothing is mapped */
	size_t map_size;
	const struct bnd_ops *ops;	/* may be NULL */
	void *ctx;		/* for the callbacks */
};

/*
 * Open @path read-write, close-on-exec, with @flags (such as O_NONBLOCK) and map
 * @map_size bytes, 0 for no mapping.
 */
int bnd_open(struct bnd_conn *c, const char *path, size_t map_size, int flags);
int bnd_map(struct bnd_conn *c, size_t map_size);
int bnd_unmap(struct bnd_conn *c);
void bnd_close(struct bnd_conn *c);

/* --- ioctls ---------------------------------------------------------------- */

/* ioctl(2) that returns 0 or a negative errno. */
int bnd_ioctl(const struct bnd_conn *c, unsigned int cmd, void *arg);

int bnd_version(const struct bnd_conn *c, int32_t *version);
int bnd_set_max_threads(const struct bnd_conn *c, uint32_t n);
int bnd_become_manager(const struct bnd_conn *c);
int bnd_become_manager_ext(const struct bnd_conn *c, const struct flat_binder_object *obj);
int bnd_thread_exit(const struct bnd_conn *c);
int bnd_node_debug_info(const struct bnd_conn *c, struct binder_node_debug_info *info);
int bnd_node_info_for_ref(const struct bnd_conn *c, struct binder_node_info_for_ref *info);
int bnd_freeze(const struct bnd_conn *c, uint32_t pid, bool enable, uint32_t timeout_ms);
int bnd_frozen_info(const struct bnd_conn *c, struct binder_frozen_status_info *info);
int bnd_spam_detection(const struct bnd_conn *c, bool enable);
int bnd_extended_error(const struct bnd_conn *c, struct binder_extended_error *err);

/* --- Objects --------------------------------------------------------------- */

struct flat_binder_object bnd_obj_binder(uint64_t ptr, uint64_t cookie, uint32_t flags);
struct flat_binder_object bnd_obj_weak_binder(uint64_t ptr, uint64_t cookie, uint32_t flags);
struct flat_binder_object bnd_obj_handle(uint32_t handle);
struct flat_binder_object bnd_obj_weak_handle(uint32_t handle);
struct binder_fd_object bnd_obj_fd(int fd, uint64_t cookie);
struct binder_buffer_object bnd_obj_ptr(const void *buffer, uint64_t length);
struct binder_buffer_object bnd_obj_ptr_child(const void *buffer, uint64_t length,
					      uint64_t parent, uint64_t parent_offset);
struct binder_fd_array_object bnd_obj_fda(uint64_t num_fds, uint64_t parent,
					  uint64_t parent_offset);

/* --- Command streams ------------------------------------------------------- */

/*
 * Commands to be written. @consumed is what the driver has taken so far; writing
 * the same stream again continues there.
 */
struct bnd_cmds {
	uint8_t *buf;
	size_t cap;
	size_t len;
	size_t consumed;
};

/* Define a command stream with room for @bytes. */
#define BND_CMDS(name, bytes)						\
	uint8_t name##_bytes[bytes];					\
	struct bnd_cmds name = { .buf = name##_bytes, .cap = (bytes) }

/* A call or a reply; sizes as wide as in the record, for those that are wrong on purpose. */
struct bnd_msg {
	uint32_t handle;	/* ignored in replies */
	uint32_t code;
	uint32_t flags;
	const void *data;
	uint64_t size;
	const uint64_t *offsets;
	uint64_t noffsets;
	uint64_t extra;		/* _SG commands: bytes of all PTR contents */
};

/* The record that stands for @m in a command stream. */
struct binder_transaction_data bnd_txn(const struct bnd_msg *m);

void bnd_cmds_reset(struct bnd_cmds *s);
/* Anything at all, for commands that are wrong on purpose. */
void bnd_cmd_bytes(struct bnd_cmds *s, const void *bytes, size_t len);
/* @code followed by a payload of the size @code itself names. */
void bnd_cmd(struct bnd_cmds *s, uint32_t code, const void *payload);

void bnd_cmd_transaction(struct bnd_cmds *s, const struct bnd_msg *m);
void bnd_cmd_reply(struct bnd_cmds *s, const struct bnd_msg *m);
void bnd_cmd_transaction_sg(struct bnd_cmds *s, const struct bnd_msg *m);
void bnd_cmd_reply_sg(struct bnd_cmds *s, const struct bnd_msg *m);
void bnd_cmd_free_buffer(struct bnd_cmds *s, uint64_t buffer);

void bnd_cmd_increfs(struct bnd_cmds *s, uint32_t handle);
void bnd_cmd_acquire(struct bnd_cmds *s, uint32_t handle);
void bnd_cmd_release(struct bnd_cmds *s, uint32_t handle);
void bnd_cmd_decrefs(struct bnd_cmds *s, uint32_t handle);
void bnd_cmd_increfs_done(struct bnd_cmds *s, uint64_t ptr, uint64_t cookie);
void bnd_cmd_acquire_done(struct bnd_cmds *s, uint64_t ptr, uint64_t cookie);

void bnd_cmd_register_looper(struct bnd_cmds *s);
void bnd_cmd_enter_looper(struct bnd_cmds *s);
void bnd_cmd_exit_looper(struct bnd_cmds *s);

void bnd_cmd_request_death(struct bnd_cmds *s, uint32_t handle, uint64_t cookie);
void bnd_cmd_clear_death(struct bnd_cmds *s, uint32_t handle, uint64_t cookie);
void bnd_cmd_dead_binder_done(struct bnd_cmds *s, uint64_t cookie);
void bnd_cmd_request_freeze(struct bnd_cmds *s, uint32_t handle, uint64_t cookie);
void bnd_cmd_clear_freeze(struct bnd_cmds *s, uint32_t handle, uint64_t cookie);
void bnd_cmd_freeze_done(struct bnd_cmds *s, uint64_t cookie);

/* --- Return streams -------------------------------------------------------- */

/* What has been read, and how much of it bnd_next() has handed out. */
struct bnd_stream {
	uint8_t *buf;
	size_t cap;
	size_t len;
	size_t pos;
};

/* Define a return stream with room for @bytes. */
#define BND_STREAM(name, bytes)						\
	uint8_t name##_bytes[bytes] __attribute__((aligned(8)));	\
	struct bnd_stream name = { .buf = name##_bytes, .cap = (bytes) }

/* One record; the member that goes with the code holds an aligned copy. */
struct bnd_rec {
	uint32_t code;
	size_t size;	/* of the payload */
	union {
		/* BR_TRANSACTION, BR_REPLY: secctx is 0 */
		struct binder_transaction_data_secctx sec;
		struct binder_transaction_data txn;
		/* BR_INCREFS, BR_ACQUIRE, BR_RELEASE, BR_DECREFS */
		struct binder_ptr_cookie node;
		/* BR_DEAD_BINDER, BR_CLEAR_*_DONE */
		uint64_t cookie;
		struct binder_frozen_state_info frozen;
		int32_t error;
	};
};

void bnd_stream_reset(struct bnd_stream *s);
/* 1 and the next record, 0 at the end, -EBADMSG when what is left is no record. */
int bnd_next(struct bnd_stream *s, struct bnd_rec *rec);

/* "BR_NOOP" and the like; "BR_?" and "BC_?" for what is none. */
const char *bnd_br_name(uint32_t code);
const char *bnd_bc_name(uint32_t code);

/* --- Writing and reading ---------------------------------------------------- */

/* The bare ioctl. */
int bnd_write_read(const struct bnd_conn *c, struct binder_write_read *bwr);

/*
 * One BINDER_WRITE_READ that writes the unconsumed part of @w and reads into all
 * of @r, replacing what it held; either may be NULL. Both are updated on failure
 * too. Note that 0 with @w->consumed < @w->len is possible: the driver stops at a
 * failed transaction.
 */
int bnd_xfer(const struct bnd_conn *c, struct bnd_cmds *w, struct bnd_stream *r);
int bnd_write(const struct bnd_conn *c, struct bnd_cmds *w);
int bnd_read(const struct bnd_conn *c, struct bnd_stream *r);

/* Write one command of its own. */
int bnd_free_buffer(const struct bnd_conn *c, uint64_t buffer);
/* BC_INCREFS and BC_ACQUIRE, as libbinder does for a new proxy, and the reverse. */
int bnd_acquire(const struct bnd_conn *c, uint32_t handle);
int bnd_release(const struct bnd_conn *c, uint32_t handle);

/* --- Calls and services ------------------------------------------------------ */

/*
 * The end of a call: BR_REPLY with @txn (free @txn.data.ptr.buffer with
 * bnd_free_buffer()), BR_TRANSACTION_COMPLETE for a oneway one, or the failure
 * (BR_DEAD_REPLY, BR_FAILED_REPLY, BR_FROZEN_REPLY, BR_ERROR).
 */
struct bnd_result {
	uint32_t code;
	struct binder_transaction_data txn;
};

/*
 * Make a call and wait for its end, through signals; @m->extra other than 0 makes
 * it BC_TRANSACTION_SG. What else arrives on this thread meanwhile is handled by
 * bnd_handle(). On 0 look at @res->code; a negative errno is the ioctl's.
 */
int bnd_call(struct bnd_conn *c, const struct bnd_msg *m, struct bnd_result *res);

/*
 * bnd_call() as a whole: 0 with the reply in @reply when there is one, -EPIPE when
 * the target is dead, -EREMOTEIO when the call failed, -EBUSY when it is frozen.
 */
int bnd_call_checked(struct bnd_conn *c, const struct bnd_msg *m,
		     struct binder_transaction_data *reply);

/* Handles in a reply that shall outlive its buffer: acquire, then free. */
int bnd_take_handle(struct bnd_conn *c, const struct binder_transaction_data *txn,
		    uint64_t index, uint32_t *handle);

/*
 * Do what a record asks for: acknowledge references, run the callback for calls
 * (and reply, free the buffer), deaths, freezes and spawn requests, ignore the
 * rest.
 */
int bnd_handle(struct bnd_conn *c, const struct bnd_rec *rec);

/* One read and bnd_handle() for all it returned; -EINTR, -EAGAIN as they come. */
int bnd_serve_once(struct bnd_conn *c);

/*
 * Enter the looper (or, for a thread that BR_SPAWN_LOOPER asked for, register) and
 * serve until *@stop or an error. Signals do not end it unless they set *@stop.
 */
int bnd_serve(struct bnd_conn *c, bool spawned, const volatile bool *stop);

#endif /* BINDER_RAW_H */
