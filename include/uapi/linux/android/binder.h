/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The Binder interface between user space and the driver: ioctls of a device
 * file, the command stream (BC_*) it is written, the return stream (BR_*) it is
 * read, and the objects a message may carry. Protocol version 8: every size and
 * pointer field is 64 bits wide for 32-bit callers too.
 */
#ifndef _UAPI_LINUX_BINDER_H
#define _UAPI_LINUX_BINDER_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define B_PACK_CHARS(c1, c2, c3, c4) \
	((((__u32)(c1)) << 24) | (((__u32)(c2)) << 16) | (((__u32)(c3)) << 8) | ((__u32)(c4)))
#define B_TYPE_LARGE 0x85

typedef __u64 binder_size_t;
typedef __u64 binder_uintptr_t;

/* --- objects in a message ------------------------------------------------ */

enum {
	BINDER_TYPE_BINDER	= B_PACK_CHARS('s', 'b', '*', B_TYPE_LARGE),
	BINDER_TYPE_WEAK_BINDER	= B_PACK_CHARS('w', 'b', '*', B_TYPE_LARGE),
	BINDER_TYPE_HANDLE	= B_PACK_CHARS('s', 'h', '*', B_TYPE_LARGE),
	BINDER_TYPE_WEAK_HANDLE	= B_PACK_CHARS('w', 'h', '*', B_TYPE_LARGE),
	BINDER_TYPE_FD		= B_PACK_CHARS('f', 'd', '*', B_TYPE_LARGE),
	BINDER_TYPE_FDA		= B_PACK_CHARS('f', 'd', 'a', B_TYPE_LARGE),
	BINDER_TYPE_PTR		= B_PACK_CHARS('p', 't', '*', B_TYPE_LARGE),
};

/*
 * Attributes of a node, taken from the first object that names it. The low
 * eight bits are the least favourable priority its calls are served with: a
 * nice value, not negative. When a policy other than 0 or INHERIT_RT is given,
 * it is signed and goes with the policy: a nice value for SCHED_NORMAL (0) and
 * SCHED_BATCH (3), 1 to 99 for SCHED_FIFO (1) and SCHED_RR (2).
 */
enum flat_binder_object_shifts {
	FLAT_BINDER_FLAG_SCHED_POLICY_SHIFT = 9,
};

enum flat_binder_object_flags {
	FLAT_BINDER_FLAG_PRIORITY_MASK = 0xff,
	/* Calls to the node may carry file descriptors. */
	FLAT_BINDER_FLAG_ACCEPTS_FDS = 0x100,
	/* Scheduling policy of the least favourable priority. */
	FLAT_BINDER_FLAG_SCHED_POLICY_MASK = 3U << FLAT_BINDER_FLAG_SCHED_POLICY_SHIFT,
	/* Real-time callers are served with their own policy and priority. */
	FLAT_BINDER_FLAG_INHERIT_RT = 0x800,
	/* Calls to the node are delivered with the sender's security context. */
	FLAT_BINDER_FLAG_TXN_SECURITY_CTX = 0x1000,
};

/* Every object starts with its type. */
struct binder_object_header {
	__u32 type;
};

/* A strong or weak reference to an own object, or a handle to another's. */
struct flat_binder_object {
	struct binder_object_header hdr;
	__u32 flags;
	union {
		binder_uintptr_t binder;	/* own object */
		__u32 handle;			/* somebody else's */
	};
	binder_uintptr_t cookie;		/* own object only */
};

/* A file descriptor; laid out so that it can stand in for the former. */
struct binder_fd_object {
	struct binder_object_header hdr;
	__u32 pad_flags;
	union {
		binder_uintptr_t pad_binder;
		__u32 fd;
	};
	binder_uintptr_t cookie;
};

enum {
	/* The address of this buffer is patched into an earlier one. */
	BINDER_BUFFER_FLAG_HAS_PARENT = 0x01,
};

/* A further buffer of the sender, copied along with a _SG command. */
struct binder_buffer_object {
	struct binder_object_header hdr;
	__u32 flags;
	binder_uintptr_t buffer;
	binder_size_t length;
	binder_size_t parent;		/* index into the offsets array */
	binder_size_t parent_offset;
};

/* File descriptors stored as an array of __u32 inside an earlier buffer. */
struct binder_fd_array_object {
	struct binder_object_header hdr;
	__u32 pad;
	binder_size_t num_fds;
	binder_size_t parent;
	binder_size_t parent_offset;
};

/* --- ioctls --------------------------------------------------------------- */

struct binder_write_read {
	binder_size_t write_size;	/* bytes at write_buffer */
	binder_size_t write_consumed;	/* in, out: bytes the driver is done with */
	binder_uintptr_t write_buffer;
	binder_size_t read_size;	/* room at read_buffer */
	binder_size_t read_consumed;	/* in, out: bytes the driver has stored */
	binder_uintptr_t read_buffer;
};

struct binder_version {
	__s32 protocol_version;
};

#define BINDER_CURRENT_PROTOCOL_VERSION 8

/* In: ptr. Out: the caller's node with the next higher ptr, or zeroes. */
struct binder_node_debug_info {
	binder_uintptr_t ptr;
	binder_uintptr_t cookie;
	__u32 has_strong_ref;
	__u32 has_weak_ref;
};

/* In: handle, the rest zero. For the context manager only. */
struct binder_node_info_for_ref {
	__u32 handle;
	__u32 strong_count;
	__u32 weak_count;
	__u32 reserved1;
	__u32 reserved2;
	__u32 reserved3;
};

struct binder_freeze_info {
	__u32 pid;
	__u32 enable;
	__u32 timeout_ms;
};

struct binder_frozen_status_info {
	__u32 pid;
	/*
	 * Bit 0: a call was refused since the last freeze or unfreeze.
	 * Bit 1: transactions are pending now.
	 */
	__u32 sync_recv;
	/* Bit 0: a oneway call was queued while frozen. */
	__u32 async_recv;
};

/* Payload of BR_FROZEN_BINDER. */
struct binder_frozen_state_info {
	binder_uintptr_t cookie;
	__u32 is_frozen;
	__u32 reserved;
};

/* Why the calling thread's last transaction failed. */
struct binder_extended_error {
	__u32 id;	/* number of the transaction */
	__u32 command;	/* BR_OK, or the BR_* code of the failure */
	__s32 param;	/* 0 or a negative errno */
};

enum {
	BINDER_WRITE_READ		= _IOWR('b', 1, struct binder_write_read),
	BINDER_SET_IDLE_TIMEOUT		= _IOW('b', 3, __s64),
	BINDER_SET_MAX_THREADS		= _IOW('b', 5, __u32),
	BINDER_SET_IDLE_PRIORITY	= _IOW('b', 6, __s32),
	BINDER_SET_CONTEXT_MGR		= _IOW('b', 7, __s32),
	BINDER_THREAD_EXIT		= _IOW('b', 8, __s32),
	BINDER_VERSION			= _IOWR('b', 9, struct binder_version),
	BINDER_GET_NODE_DEBUG_INFO	= _IOWR('b', 11, struct binder_node_debug_info),
	BINDER_GET_NODE_INFO_FOR_REF	= _IOWR('b', 12, struct binder_node_info_for_ref),
	BINDER_SET_CONTEXT_MGR_EXT	= _IOW('b', 13, struct flat_binder_object),
	BINDER_FREEZE			= _IOW('b', 14, struct binder_freeze_info),
	BINDER_GET_FROZEN_INFO		= _IOWR('b', 15, struct binder_frozen_status_info),
	BINDER_ENABLE_ONEWAY_SPAM_DETECTION = _IOW('b', 16, __u32),
	BINDER_GET_EXTENDED_ERROR	= _IOWR('b', 17, struct binder_extended_error),
};

/* --- payloads of commands and returns ------------------------------------- */

enum transaction_flags {
	TF_ONE_WAY	= 0x01,	/* nobody waits for a reply */
	TF_ROOT_OBJECT	= 0x04,	/* passed through */
	TF_STATUS_CODE	= 0x08,	/* passed through: the data is a 32-bit status */
	TF_ACCEPT_FDS	= 0x10,	/* the reply may carry file descriptors */
	TF_CLEAR_BUF	= 0x20,	/* the receiver's buffer is zeroed when freed */
	TF_UPDATE_TXN	= 0x40,	/* may replace its like queued to a frozen process */
};

struct binder_transaction_data {
	union {
		__u32 handle;		/* of the target, in a command */
		binder_uintptr_t ptr;	/* of the target, in a return */
	} target;
	binder_uintptr_t cookie;	/* of the target, in a return */
	__u32 code;
	__u32 flags;
	__kernel_pid_t sender_pid;	/* in a return; 0 for oneway calls and replies */
	__kernel_uid32_t sender_euid;	/* in a return */
	binder_size_t data_size;
	binder_size_t offsets_size;
	union {
		struct {
			binder_uintptr_t buffer;
			binder_uintptr_t offsets;	/* of the objects, __u64 each */
		} ptr;
		__u8 buf[8];
	} data;
};

struct binder_transaction_data_secctx {
	struct binder_transaction_data transaction_data;
	binder_uintptr_t secctx;	/* NUL-terminated, freed with the buffer */
};

struct binder_transaction_data_sg {
	struct binder_transaction_data transaction_data;
	binder_size_t buffers_size;	/* of all BINDER_TYPE_PTR contents, each padded to 8 */
};

struct binder_ptr_cookie {
	binder_uintptr_t ptr;
	binder_uintptr_t cookie;
};

/* The cookie follows the handle without padding: 12 bytes. */
struct binder_handle_cookie {
	__u32 handle;
	binder_uintptr_t cookie;
} __attribute__((packed));

struct binder_pri_desc {
	__s32 priority;
	__u32 desc;
};

struct binder_pri_ptr_cookie {
	__s32 priority;
	binder_uintptr_t ptr;
	binder_uintptr_t cookie;
};

/* What a read returns: a __u32 of these each, followed by its payload. */
enum binder_driver_return_protocol {
	BR_ERROR			= _IOR('r', 0, __s32),
	BR_OK				= _IO('r', 1),
	BR_TRANSACTION_SEC_CTX		= _IOR('r', 2, struct binder_transaction_data_secctx),
	BR_TRANSACTION			= _IOR('r', 2, struct binder_transaction_data),
	BR_REPLY			= _IOR('r', 3, struct binder_transaction_data),
	BR_ACQUIRE_RESULT		= _IOR('r', 4, __s32),	/* never sent */
	BR_DEAD_REPLY			= _IO('r', 5),
	BR_TRANSACTION_COMPLETE		= _IO('r', 6),
	BR_INCREFS			= _IOR('r', 7, struct binder_ptr_cookie),
	BR_ACQUIRE			= _IOR('r', 8, struct binder_ptr_cookie),
	BR_RELEASE			= _IOR('r', 9, struct binder_ptr_cookie),
	BR_DECREFS			= _IOR('r', 10, struct binder_ptr_cookie),
	/* Never sent. */
	BR_ATTEMPT_ACQUIRE		= _IOR('r', 11, struct binder_pri_ptr_cookie),
	BR_NOOP				= _IO('r', 12),
	BR_SPAWN_LOOPER			= _IO('r', 13),
	BR_FINISHED			= _IO('r', 14),		/* never sent */
	BR_DEAD_BINDER			= _IOR('r', 15, binder_uintptr_t),
	BR_CLEAR_DEATH_NOTIFICATION_DONE = _IOR('r', 16, binder_uintptr_t),
	BR_FAILED_REPLY			= _IO('r', 17),
	BR_FROZEN_REPLY			= _IO('r', 18),
	BR_ONEWAY_SPAM_SUSPECT		= _IO('r', 19),
	BR_TRANSACTION_PENDING_FROZEN	= _IO('r', 20),
	BR_FROZEN_BINDER		= _IOR('r', 21, struct binder_frozen_state_info),
	BR_CLEAR_FREEZE_NOTIFICATION_DONE = _IOR('r', 22, binder_uintptr_t),
};

/* What may be written: a __u32 of these each, followed by its payload. */
enum binder_driver_command_protocol {
	BC_TRANSACTION			= _IOW('c', 0, struct binder_transaction_data),
	BC_REPLY			= _IOW('c', 1, struct binder_transaction_data),
	BC_ACQUIRE_RESULT		= _IOW('c', 2, __s32),	/* refused */
	BC_FREE_BUFFER			= _IOW('c', 3, binder_uintptr_t),
	BC_INCREFS			= _IOW('c', 4, __u32),
	BC_ACQUIRE			= _IOW('c', 5, __u32),
	BC_RELEASE			= _IOW('c', 6, __u32),
	BC_DECREFS			= _IOW('c', 7, __u32),
	BC_INCREFS_DONE			= _IOW('c', 8, struct binder_ptr_cookie),
	BC_ACQUIRE_DONE			= _IOW('c', 9, struct binder_ptr_cookie),
	BC_ATTEMPT_ACQUIRE		= _IOW('c', 10, struct binder_pri_desc), /* refused */
	BC_REGISTER_LOOPER		= _IO('c', 11),
	BC_ENTER_LOOPER			= _IO('c', 12),
	BC_EXIT_LOOPER			= _IO('c', 13),
	BC_REQUEST_DEATH_NOTIFICATION	= _IOW('c', 14, struct binder_handle_cookie),
	BC_CLEAR_DEATH_NOTIFICATION	= _IOW('c', 15, struct binder_handle_cookie),
	BC_DEAD_BINDER_DONE		= _IOW('c', 16, binder_uintptr_t),
	BC_TRANSACTION_SG		= _IOW('c', 17, struct binder_transaction_data_sg),
	BC_REPLY_SG			= _IOW('c', 18, struct binder_transaction_data_sg),
	BC_REQUEST_FREEZE_NOTIFICATION	= _IOW('c', 19, struct binder_handle_cookie),
	BC_CLEAR_FREEZE_NOTIFICATION	= _IOW('c', 20, struct binder_handle_cookie),
	BC_FREEZE_NOTIFICATION_DONE	= _IOW('c', 21, binder_uintptr_t),
};

#endif /* _UAPI_LINUX_BINDER_H */
