/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events. The names of the system, of the events and of their fields,
 * their C types and the texts are ABI: Perfetto, atrace and scripts know them.
 *
 * What follows from that for the code that calls them:
 *   - Events take scalars only, so that this file is below all others.
 *   - The order in one thread is a state machine of Perfetto's:
 *	BC_TRANSACTION, transaction, alloc_buf ... BR_TRANSACTION_COMPLETE,
 *	received (the reply's id), BR_REPLY in the caller; received,
 *	BR_TRANSACTION, BC_REPLY, transaction, BR_TRANSACTION_COMPLETE in the
 *	callee. Failures end a call by the code that the thread reads.
 *   - Ids are those of binder_next_id(), never 0; processes and threads are
 *	numbers of the initial pid namespace.
 *   - While an event is off it costs one instruction: whatever is computed only
 *	for it belongs behind trace_..._enabled().
 *
 * A build under a second name has a system of that name, so that the two
 * modules' events are not taken for each other.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM BINDER_NAME

#if !defined(_BINDER_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _BINDER_TRACE_H

#include <linux/tracepoint.h>

#include "binder_name.h"
#include "include/uapi/linux/android/binder.h"

/*
 * Codes by number, as user space cannot evaluate the ioctl macros in them;
 * binder_trace.c checks each.
 */
#define BINDER_TRACE_COMMANDS(row)				\
	row(0x40406300, BC_TRANSACTION),			\
	row(0x40406301, BC_REPLY),				\
	row(0x40046302, BC_ACQUIRE_RESULT),			\
	row(0x40086303, BC_FREE_BUFFER),			\
	row(0x40046304, BC_INCREFS),				\
	row(0x40046305, BC_ACQUIRE),				\
	row(0x40046306, BC_RELEASE),				\
	row(0x40046307, BC_DECREFS),				\
	row(0x40106308, BC_INCREFS_DONE),			\
	row(0x40106309, BC_ACQUIRE_DONE),			\
	row(0x4008630a, BC_ATTEMPT_ACQUIRE),			\
	row(0x0000630b, BC_REGISTER_LOOPER),			\
	row(0x0000630c, BC_ENTER_LOOPER),			\
	row(0x0000630d, BC_EXIT_LOOPER),			\
	row(0x400c630e, BC_REQUEST_DEATH_NOTIFICATION),		\
	row(0x400c630f, BC_CLEAR_DEATH_NOTIFICATION),		\
	row(0x40086310, BC_DEAD_BINDER_DONE),			\
	row(0x40486311, BC_TRANSACTION_SG),			\
	row(0x40486312, BC_REPLY_SG),				\
	row(0x400c6313, BC_REQUEST_FREEZE_NOTIFICATION),	\
	row(0x400c6314, BC_CLEAR_FREEZE_NOTIFICATION),		\
	row(0x40086315, BC_FREEZE_NOTIFICATION_DONE)

#define BINDER_TRACE_RETURNS(row)				\
	row(0x80047200, BR_ERROR),				\
	row(0x00007201, BR_OK),					\
	row(0x80407202, BR_TRANSACTION),			\
	row(0x80487202, BR_TRANSACTION_SEC_CTX),		\
	row(0x80407203, BR_REPLY),				\
	row(0x80047204, BR_ACQUIRE_RESULT),			\
	row(0x00007205, BR_DEAD_REPLY),				\
	row(0x00007206, BR_TRANSACTION_COMPLETE),		\
	row(0x80107207, BR_INCREFS),				\
	row(0x80107208, BR_ACQUIRE),				\
	row(0x80107209, BR_RELEASE),				\
	row(0x8010720a, BR_DECREFS),				\
	row(0x8018720b, BR_ATTEMPT_ACQUIRE),			\
	row(0x0000720c, BR_NOOP),				\
	row(0x0000720d, BR_SPAWN_LOOPER),			\
	row(0x0000720e, BR_FINISHED),				\
	row(0x8008720f, BR_DEAD_BINDER),			\
	row(0x80087210, BR_CLEAR_DEATH_NOTIFICATION_DONE),	\
	row(0x00007211, BR_FAILED_REPLY),			\
	row(0x00007212, BR_FROZEN_REPLY),			\
	row(0x00007213, BR_ONEWAY_SPAM_SUSPECT),		\
	row(0x00007214, BR_TRANSACTION_PENDING_FROZEN),		\
	row(0x80107215, BR_FROZEN_BINDER),			\
	row(0x80087216, BR_CLEAR_FREEZE_NOTIFICATION_DONE)

#define binder_trace_name(code, name) { code, #name }

/* --- One ioctl ------------------------------------------------------------- */

TRACE_EVENT(binder_ioctl,
	TP_PROTO(unsigned int cmd, unsigned long arg),
	TP_ARGS(cmd, arg),
	TP_STRUCT__entry(
		__field(unsigned int, cmd)
		__field(unsigned long, arg)
	),
	TP_fast_assign(
		__entry->cmd = cmd;
		__entry->arg = arg;
	),
	TP_printk("cmd=0x%x arg=0x%lx", __entry->cmd, __entry->arg)
);

DECLARE_EVENT_CLASS(binder_result,
	TP_PROTO(int ret),
	TP_ARGS(ret),
	TP_STRUCT__entry(
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->ret = ret;
	),
	TP_printk("ret=%d", __entry->ret)
);

DEFINE_EVENT(binder_result, binder_ioctl_done, TP_PROTO(int ret), TP_ARGS(ret));
DEFINE_EVENT(binder_result, binder_write_done, TP_PROTO(int ret), TP_ARGS(ret));
DEFINE_EVENT(binder_result, binder_read_done, TP_PROTO(int ret), TP_ARGS(ret));

TRACE_EVENT(binder_command,
	TP_PROTO(u32 cmd),
	TP_ARGS(cmd),
	TP_STRUCT__entry(
		__field(uint32_t, cmd)
	),
	TP_fast_assign(
		__entry->cmd = cmd;
	),
	TP_printk("cmd=0x%x %s", __entry->cmd,
		  __print_symbolic(__entry->cmd,
				   BINDER_TRACE_COMMANDS(binder_trace_name)))
);

TRACE_EVENT(binder_return,
	TP_PROTO(u32 cmd),
	TP_ARGS(cmd),
	TP_STRUCT__entry(
		__field(uint32_t, cmd)
	),
	TP_fast_assign(
		__entry->cmd = cmd;
	),
	TP_printk("cmd=0x%x %s", __entry->cmd,
		  __print_symbolic(__entry->cmd,
				   BINDER_TRACE_RETURNS(binder_trace_name)))
);

TRACE_EVENT(binder_wait_for_work,
	TP_PROTO(bool proc_work, bool transaction_stack, bool thread_todo),
	TP_ARGS(proc_work, transaction_stack, thread_todo),
	TP_STRUCT__entry(
		__field(bool, proc_work)
		__field(bool, transaction_stack)
		__field(bool, thread_todo)
	),
	TP_fast_assign(
		__entry->proc_work = proc_work;
		__entry->transaction_stack = transaction_stack;
		__entry->thread_todo = thread_todo;
	),
	TP_printk("proc_work=%d transaction_stack=%d thread_todo=%d",
		  __entry->proc_work, __entry->transaction_stack,
		  __entry->thread_todo)
);

/* --- One message ------------------------------------------------------------ */

TRACE_EVENT(binder_transaction,
	TP_PROTO(int debug_id, int target_node, int to_proc, int to_thread,
		 int reply, unsigned int code, unsigned int flags),
	TP_ARGS(debug_id, target_node, to_proc, to_thread, reply, code, flags),
	TP_STRUCT__entry(
		__field(int, debug_id)
		__field(int, target_node)
		__field(int, to_proc)
		__field(int, to_thread)
		__field(int, reply)
		__field(unsigned int, code)
		__field(unsigned int, flags)
	),
	TP_fast_assign(
		__entry->debug_id = debug_id;
		__entry->target_node = target_node;
		__entry->to_proc = to_proc;
		__entry->to_thread = to_thread;
		__entry->reply = reply;
		__entry->code = code;
		__entry->flags = flags;
	),
	TP_printk("transaction=%d dest_node=%d dest_proc=%d dest_thread=%d reply=%d flags=0x%x code=0x%x",
		  __entry->debug_id, __entry->target_node, __entry->to_proc,
		  __entry->to_thread, __entry->reply, __entry->flags,
		  __entry->code)
);

TRACE_EVENT(binder_transaction_received,
	TP_PROTO(int debug_id),
	TP_ARGS(debug_id),
	TP_STRUCT__entry(
		__field(int, debug_id)
	),
	TP_fast_assign(
		__entry->debug_id = debug_id;
	),
	TP_printk("transaction=%d", __entry->debug_id)
);

TRACE_EVENT(binder_txn_latency_free,
	TP_PROTO(int debug_id, int from_proc, int from_thread, int to_proc,
		 int to_thread, unsigned int code, unsigned int flags),
	TP_ARGS(debug_id, from_proc, from_thread, to_proc, to_thread, code,
		flags),
	TP_STRUCT__entry(
		__field(int, debug_id)
		__field(int, from_proc)
		__field(int, from_thread)
		__field(int, to_proc)
		__field(int, to_thread)
		__field(unsigned int, code)
		__field(unsigned int, flags)
	),
	TP_fast_assign(
		__entry->debug_id = debug_id;
		__entry->from_proc = from_proc;
		__entry->from_thread = from_thread;
		__entry->to_proc = to_proc;
		__entry->to_thread = to_thread;
		__entry->code = code;
		__entry->flags = flags;
	),
	TP_printk("transaction=%d from %d:%d to %d:%d flags=0x%x code=0x%x",
		  __entry->debug_id, __entry->from_proc, __entry->from_thread,
		  __entry->to_proc, __entry->to_thread, __entry->flags,
		  __entry->code)
);

TRACE_EVENT(binder_netlink_report,
	TP_PROTO(const char *context, u32 error, int from_pid, int from_tid,
		 int to_pid, int to_tid, bool is_reply, unsigned int flags,
		 unsigned int code, size_t data_size),
	TP_ARGS(context, error, from_pid, from_tid, to_pid, to_tid, is_reply,
		flags, code, data_size),
	TP_STRUCT__entry(
		__string(context, context)
		__field(u32, error)
		__field(int, from_pid)
		__field(int, from_tid)
		__field(int, to_pid)
		__field(int, to_tid)
		__field(bool, is_reply)
		__field(unsigned int, flags)
		__field(unsigned int, code)
		__field(size_t, data_size)
	),
	TP_fast_assign(
		compat_assign_str(context, context);
		__entry->error = error;
		__entry->from_pid = from_pid;
		__entry->from_tid = from_tid;
		__entry->to_pid = to_pid;
		__entry->to_tid = to_tid;
		__entry->is_reply = is_reply;
		__entry->flags = flags;
		__entry->code = code;
		__entry->data_size = data_size;
	),
	TP_printk("error=0x%x %s context=%s from %d:%d to %d:%d reply=%d flags=0x%x code=0x%x data_size=%zu",
		  __entry->error,
		  __print_symbolic(__entry->error,
				   BINDER_TRACE_RETURNS(binder_trace_name)),
		  __get_str(context), __entry->from_pid, __entry->from_tid,
		  __entry->to_pid, __entry->to_tid, __entry->is_reply,
		  __entry->flags, __entry->code, __entry->data_size)
);

TRACE_EVENT(binder_set_priority,
	TP_PROTO(int proc, int thread, unsigned int old_prio,
		 unsigned int new_prio, unsigned int desired_prio),
	TP_ARGS(proc, thread, old_prio, new_prio, desired_prio),
	TP_STRUCT__entry(
		__field(int, proc)
		__field(int, thread)
		__field(unsigned int, old_prio)
		__field(unsigned int, new_prio)
		__field(unsigned int, desired_prio)
	),
	TP_fast_assign(
		__entry->proc = proc;
		__entry->thread = thread;
		__entry->old_prio = old_prio;
		__entry->new_prio = new_prio;
		__entry->desired_prio = desired_prio;
	),
	TP_printk("proc=%d thread=%d old=%d => new=%d desired=%d",
		  __entry->proc, __entry->thread, __entry->old_prio,
		  __entry->new_prio, __entry->desired_prio)
);

/* --- Objects in a message ----------------------------------------------------- */

TRACE_EVENT(binder_transaction_node_to_ref,
	TP_PROTO(int debug_id, int node_debug_id, u64 node_ptr,
		 int ref_debug_id, u32 ref_desc),
	TP_ARGS(debug_id, node_debug_id, node_ptr, ref_debug_id, ref_desc),
	TP_STRUCT__entry(
		__field(int, debug_id)
		__field(int, node_debug_id)
		__field(binder_uintptr_t, node_ptr)
		__field(int, ref_debug_id)
		__field(uint32_t, ref_desc)
	),
	TP_fast_assign(
		__entry->debug_id = debug_id;
		__entry->node_debug_id = node_debug_id;
		__entry->node_ptr = node_ptr;
		__entry->ref_debug_id = ref_debug_id;
		__entry->ref_desc = ref_desc;
	),
	TP_printk("transaction=%d node=%d src_ptr=0x%016llx ==> dest_ref=%d dest_desc=%d",
		  __entry->debug_id, __entry->node_debug_id,
		  (u64)__entry->node_ptr, __entry->ref_debug_id,
		  __entry->ref_desc)
);

TRACE_EVENT(binder_transaction_ref_to_node,
	TP_PROTO(int debug_id, int ref_debug_id, u32 ref_desc,
		 int node_debug_id, u64 node_ptr),
	TP_ARGS(debug_id, ref_debug_id, ref_desc, node_debug_id, node_ptr),
	TP_STRUCT__entry(
		__field(int, debug_id)
		__field(int, ref_debug_id)
		__field(uint32_t, ref_desc)
		__field(int, node_debug_id)
		__field(binder_uintptr_t, node_ptr)
	),
	TP_fast_assign(
		__entry->debug_id = debug_id;
		__entry->ref_debug_id = ref_debug_id;
		__entry->ref_desc = ref_desc;
		__entry->node_debug_id = node_debug_id;
		__entry->node_ptr = node_ptr;
	),
	TP_printk("transaction=%d node=%d src_ref=%d src_desc=%d ==> dest_ptr=0x%016llx",
		  __entry->debug_id, __entry->node_debug_id,
		  __entry->ref_debug_id, __entry->ref_desc,
		  (u64)__entry->node_ptr)
);

TRACE_EVENT(binder_transaction_ref_to_ref,
	TP_PROTO(int debug_id, int node_debug_id, int src_ref_debug_id,
		 u32 src_ref_desc, int dest_ref_debug_id, u32 dest_ref_desc),
	TP_ARGS(debug_id, node_debug_id, src_ref_debug_id, src_ref_desc,
		dest_ref_debug_id, dest_ref_desc),
	TP_STRUCT__entry(
		__field(int, debug_id)
		__field(int, node_debug_id)
		__field(int, src_ref_debug_id)
		__field(uint32_t, src_ref_desc)
		__field(int, dest_ref_debug_id)
		__field(uint32_t, dest_ref_desc)
	),
	TP_fast_assign(
		__entry->debug_id = debug_id;
		__entry->node_debug_id = node_debug_id;
		__entry->src_ref_debug_id = src_ref_debug_id;
		__entry->src_ref_desc = src_ref_desc;
		__entry->dest_ref_debug_id = dest_ref_debug_id;
		__entry->dest_ref_desc = dest_ref_desc;
	),
	TP_printk("transaction=%d node=%d src_ref=%d src_desc=%d ==> dest_ref=%d dest_desc=%d",
		  __entry->debug_id, __entry->node_debug_id,
		  __entry->src_ref_debug_id, __entry->src_ref_desc,
		  __entry->dest_ref_debug_id, __entry->dest_ref_desc)
);

TRACE_EVENT(binder_transaction_fd_send,
	TP_PROTO(int debug_id, int fd, size_t offset),
	TP_ARGS(debug_id, fd, offset),
	TP_STRUCT__entry(
		__field(int, debug_id)
		__field(int, fd)
		__field(size_t, offset)
	),
	TP_fast_assign(
		__entry->debug_id = debug_id;
		__entry->fd = fd;
		__entry->offset = offset;
	),
	TP_printk("transaction=%d src_fd=%d offset=%zu", __entry->debug_id,
		  __entry->fd, __entry->offset)
);

TRACE_EVENT(binder_transaction_fd_recv,
	TP_PROTO(int debug_id, int fd, size_t offset),
	TP_ARGS(debug_id, fd, offset),
	TP_STRUCT__entry(
		__field(int, debug_id)
		__field(int, fd)
		__field(size_t, offset)
	),
	TP_fast_assign(
		__entry->debug_id = debug_id;
		__entry->fd = fd;
		__entry->offset = offset;
	),
	TP_printk("transaction=%d dest_fd=%d offset=%zu", __entry->debug_id,
		  __entry->fd, __entry->offset)
);

/* --- Buffers and pages -------------------------------------------------------- */

DECLARE_EVENT_CLASS(binder_buffer,
	TP_PROTO(int debug_id, size_t data_size, size_t offsets_size,
		 size_t extra_buffers_size),
	TP_ARGS(debug_id, data_size, offsets_size, extra_buffers_size),
	TP_STRUCT__entry(
		__field(int, debug_id)
		__field(size_t, data_size)
		__field(size_t, offsets_size)
		__field(size_t, extra_buffers_size)
	),
	TP_fast_assign(
		__entry->debug_id = debug_id;
		__entry->data_size = data_size;
		__entry->offsets_size = offsets_size;
		__entry->extra_buffers_size = extra_buffers_size;
	),
	TP_printk("transaction=%d data_size=%zd offsets_size=%zd extra_buffers_size=%zd",
		  __entry->debug_id, __entry->data_size,
		  __entry->offsets_size, __entry->extra_buffers_size)
);

#define BINDER_DEFINE_BUFFER_EVENT(name)				\
	DEFINE_EVENT(binder_buffer, name,				\
		TP_PROTO(int debug_id, size_t data_size,		\
			 size_t offsets_size, size_t extra_buffers_size), \
		TP_ARGS(debug_id, data_size, offsets_size, extra_buffers_size))

BINDER_DEFINE_BUFFER_EVENT(binder_transaction_alloc_buf);
BINDER_DEFINE_BUFFER_EVENT(binder_transaction_buffer_release);
BINDER_DEFINE_BUFFER_EVENT(binder_transaction_failed_buffer_release);
BINDER_DEFINE_BUFFER_EVENT(binder_transaction_update_buffer_release);

TRACE_EVENT(binder_update_page_range,
	TP_PROTO(int proc, bool allocate, size_t offset, size_t size),
	TP_ARGS(proc, allocate, offset, size),
	TP_STRUCT__entry(
		__field(int, proc)
		__field(bool, allocate)
		__field(size_t, offset)
		__field(size_t, size)
	),
	TP_fast_assign(
		__entry->proc = proc;
		__entry->allocate = allocate;
		__entry->offset = offset;
		__entry->size = size;
	),
	TP_printk("proc=%d allocate=%d offset=%zu size=%zu", __entry->proc,
		  __entry->allocate, __entry->offset, __entry->size)
);

DECLARE_EVENT_CLASS(binder_page,
	TP_PROTO(int proc, size_t page_index),
	TP_ARGS(proc, page_index),
	TP_STRUCT__entry(
		__field(int, proc)
		__field(size_t, page_index)
	),
	TP_fast_assign(
		__entry->proc = proc;
		__entry->page_index = page_index;
	),
	TP_printk("proc=%d page_index=%zu", __entry->proc, __entry->page_index)
);

#define BINDER_DEFINE_PAGE_EVENT(name)					\
	DEFINE_EVENT(binder_page, name,					\
		TP_PROTO(int proc, size_t page_index),			\
		TP_ARGS(proc, page_index))

BINDER_DEFINE_PAGE_EVENT(binder_alloc_lru_start);
BINDER_DEFINE_PAGE_EVENT(binder_alloc_lru_end);
BINDER_DEFINE_PAGE_EVENT(binder_free_lru_start);
BINDER_DEFINE_PAGE_EVENT(binder_free_lru_end);
BINDER_DEFINE_PAGE_EVENT(binder_alloc_page_start);
BINDER_DEFINE_PAGE_EVENT(binder_alloc_page_end);
BINDER_DEFINE_PAGE_EVENT(binder_unmap_user_start);
BINDER_DEFINE_PAGE_EVENT(binder_unmap_user_end);
BINDER_DEFINE_PAGE_EVENT(binder_unmap_kernel_start);
BINDER_DEFINE_PAGE_EVENT(binder_unmap_kernel_end);

#endif /* _BINDER_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE binder_trace
#include <trace/define_trace.h>
