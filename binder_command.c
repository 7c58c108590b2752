// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parsing and running BC_ commands.
 *
 * A client's mistake in a command is logged and the command counts as done,
 * unless its handler returns an errno: then the ioctl fails with it and the
 * command counts as not done.
 */
#include <linux/indirect_call_wrapper.h>
#include <linux/sched/signal.h>

#include "binder_command.h"
#include "binder_context.h"
#include "binder_death.h"
#include "binder_freeze.h"
#include "binder_log.h"
#include "binder_reply.h"
#include "binder_trace.h"
#include "binder_transaction.h"
#include "binder_user.h"

/* Commands between two looks at whether the task is to die or to make room. */
#define BINDER_COMMANDS_AT_ONCE 64

/**
 * union binder_payload - what can follow a BC_ code
 * @tr: BC_TRANSACTION, BC_REPLY
 * @sg: BC_TRANSACTION_SG, BC_REPLY_SG
 * @node: BC_INCREFS_DONE, BC_ACQUIRE_DONE
 * @request: BC_REQUEST_DEATH_NOTIFICATION, BC_CLEAR_DEATH_NOTIFICATION,
 *	BC_REQUEST_FREEZE_NOTIFICATION, BC_CLEAR_FREEZE_NOTIFICATION
 * @pointer: BC_FREE_BUFFER, BC_DEAD_BINDER_DONE, BC_FREEZE_NOTIFICATION_DONE
 * @handle: BC_INCREFS, BC_ACQUIRE, BC_RELEASE, BC_DECREFS
 */
union binder_payload {
	struct binder_transaction_data tr;
	struct binder_transaction_data_sg sg;
	struct binder_ptr_cookie node;
	struct binder_handle_cookie request;
	binder_uintptr_t pointer;
	u32 handle;
};

/**
 * struct binder_command - one row of the command table
 * @cmd: BC_ code
 * @run: do it; 0 or a negative errno for the ioctl
 */
struct binder_command {
	u32 cmd;
	int (*run)(struct binder_thread *thread,
		   const union binder_payload *payload);
};

#define binder_command_error(thread, fmt, ...)				\
	binder_user_error("%d: " fmt, pid_nr((thread)->pid), ##__VA_ARGS__)
#define binder_command_debug(mask, thread, fmt, ...)			\
	binder_debug(mask, "%d: " fmt, pid_nr((thread)->pid), ##__VA_ARGS__)

static int binder_do_transaction(struct binder_thread *thread,
				 const union binder_payload *payload)
{
	binder_transaction_call(thread, &payload->tr, 0);
	return 0;
}

static int binder_do_transaction_sg(struct binder_thread *thread,
				    const union binder_payload *payload)
{
	binder_transaction_call(thread, &payload->sg.transaction_data,
				payload->sg.buffers_size);
	return 0;
}

static int binder_do_reply(struct binder_thread *thread,
			   const union binder_payload *payload)
{
	binder_reply(thread, &payload->tr, 0);
	return 0;
}

static int binder_do_reply_sg(struct binder_thread *thread,
			      const union binder_payload *payload)
{
	binder_reply(thread, &payload->sg.transaction_data,
		     payload->sg.buffers_size);
	return 0;
}

static int binder_do_free_buffer(struct binder_thread *thread,
				 const union binder_payload *payload)
{
	binder_command_debug(BINDER_DEBUG_FREE_BUFFER, thread,
			     "BC_FREE_BUFFER %llx\n", (u64)payload->pointer);
	if (!binder_message_free_buffer(thread, payload->pointer))
		binder_command_error(thread, "BC_FREE_BUFFER: no buffer at %llx\n",
				     (u64)payload->pointer);
	return 0;
}

/* Count up; handle 0 means the manager and needs no ref to start from. */
static int binder_ref_up(struct binder_thread *thread, u32 handle, bool strong)
{
	struct binder_proc *proc = thread->proc;
	struct binder_node *node;
	u32 got = handle;
	int ret;

	binder_command_debug(BINDER_DEBUG_USER_REFS, thread, "%s %u\n",
			     strong ? "BC_ACQUIRE" : "BC_INCREFS", handle);
	node = handle ? NULL : binder_context_get_manager(proc->context);
	if (node && node->proc == proc) {
		binder_node_put_strong(node);
		return -EINVAL;
	}
	if (node) {
		ret = binder_ref_take(proc, node, strong, &got);
		if (ret || !strong)
			binder_node_put_strong(node);
	} else {
		ret = binder_ref_inc(proc, handle, strong);
	}
	if (ret || got != handle)
		binder_command_error(thread, "%s of handle %u: %d, got handle %u\n",
				     strong ? "BC_ACQUIRE" : "BC_INCREFS",
				     handle, ret, got);
	return 0;
}

static int binder_do_increfs(struct binder_thread *thread,
			     const union binder_payload *payload)
{
	return binder_ref_up(thread, payload->handle, false);
}

static int binder_do_acquire(struct binder_thread *thread,
			     const union binder_payload *payload)
{
	return binder_ref_up(thread, payload->handle, true);
}

static void binder_ref_down(struct binder_thread *thread, u32 handle,
			    bool strong)
{
	binder_command_debug(BINDER_DEBUG_USER_REFS, thread, "%s %u\n",
			     strong ? "BC_RELEASE" : "BC_DECREFS", handle);
	if (binder_ref_dec(thread->proc, handle, strong, binder_ref_finish_locked))
		binder_command_error(thread, "%s of handle %u that is not held so\n",
				     strong ? "BC_RELEASE" : "BC_DECREFS",
				     handle);
}

static int binder_do_release(struct binder_thread *thread,
			     const union binder_payload *payload)
{
	binder_ref_down(thread, payload->handle, true);
	return 0;
}

static int binder_do_decrefs(struct binder_thread *thread,
			     const union binder_payload *payload)
{
	binder_ref_down(thread, payload->handle, false);
	return 0;
}

static void binder_node_done(struct binder_thread *thread,
			     const struct binder_ptr_cookie *who, bool strong)
{
	binder_command_debug(BINDER_DEBUG_USER_REFS, thread, "%s %llx/%llx\n",
			     strong ? "BC_ACQUIRE_DONE" : "BC_INCREFS_DONE",
			     (u64)who->ptr, (u64)who->cookie);
	if (binder_node_ack(thread->proc, who->ptr, who->cookie, strong))
		binder_command_error(thread, "%s: nothing pending for %llx/%llx\n",
				     strong ? "BC_ACQUIRE_DONE" :
					      "BC_INCREFS_DONE",
				     (u64)who->ptr, (u64)who->cookie);
}

static int binder_do_increfs_done(struct binder_thread *thread,
				  const union binder_payload *payload)
{
	binder_node_done(thread, &payload->node, false);
	return 0;
}

static int binder_do_acquire_done(struct binder_thread *thread,
				  const union binder_payload *payload)
{
	binder_node_done(thread, &payload->node, true);
	return 0;
}

static int binder_do_register_looper(struct binder_thread *thread,
				     const union binder_payload *payload)
{
	struct binder_proc *proc = thread->proc;
	bool invalid;

	spin_lock(&proc->queue.lock);
	invalid = (thread->looper & BINDER_LOOPER_ENTERED) ||
		  !proc->requested_threads;
	if (!invalid) {
		proc->requested_threads--;
		/* Compared without the lock, as is the limit. */
		WRITE_ONCE(proc->started_threads, proc->started_threads + 1);
	}
	thread->looper |= BINDER_LOOPER_REGISTERED |
			  (invalid ? BINDER_LOOPER_INVALID : 0);
	spin_unlock(&proc->queue.lock);
	binder_command_debug(BINDER_DEBUG_THREADS, thread,
			     "BC_REGISTER_LOOPER\n");
	if (invalid)
		binder_command_error(thread, "BC_REGISTER_LOOPER without request\n");
	return 0;
}

static int binder_do_enter_looper(struct binder_thread *thread,
				  const union binder_payload *payload)
{
	bool invalid;

	spin_lock(&thread->queue->lock);
	invalid = thread->looper & BINDER_LOOPER_REGISTERED;
	thread->looper |= BINDER_LOOPER_ENTERED |
			  (invalid ? BINDER_LOOPER_INVALID : 0);
	spin_unlock(&thread->queue->lock);
	binder_command_debug(BINDER_DEBUG_THREADS, thread, "BC_ENTER_LOOPER\n");
	if (invalid)
		binder_command_error(thread, "BC_ENTER_LOOPER after BC_REGISTER_LOOPER\n");
	return 0;
}

static int binder_do_exit_looper(struct binder_thread *thread,
				 const union binder_payload *payload)
{
	spin_lock(&thread->queue->lock);
	thread->looper |= BINDER_LOOPER_EXITED;
	spin_unlock(&thread->queue->lock);
	binder_command_debug(BINDER_DEBUG_THREADS, thread, "BC_EXIT_LOOPER\n");
	return 0;
}

static int binder_do_request_death(struct binder_thread *thread,
				   const union binder_payload *payload)
{
	const struct binder_handle_cookie *request = &payload->request;
	int ret = binder_death_request(thread->proc, request->handle,
				       request->cookie);

	binder_command_debug(BINDER_DEBUG_DEATH_NOTIFICATION, thread,
			     "BC_REQUEST_DEATH_NOTIFICATION %llx for %u\n",
			     (u64)request->cookie, request->handle);
	if (ret == -ENOMEM)
		binder_thread_fail(thread, BR_ERROR, ret);
	else if (ret)
		binder_command_error(thread, "BC_REQUEST_DEATH_NOTIFICATION: handle %u refused\n",
				     request->handle);
	return 0;
}

static int binder_do_clear_death(struct binder_thread *thread,
				 const union binder_payload *payload)
{
	const struct binder_handle_cookie *request = &payload->request;

	binder_command_debug(BINDER_DEBUG_DEATH_NOTIFICATION, thread,
			     "BC_CLEAR_DEATH_NOTIFICATION %llx for %u\n",
			     (u64)request->cookie, request->handle);
	if (binder_death_clear(thread, request->handle, request->cookie))
		binder_command_error(thread, "BC_CLEAR_DEATH_NOTIFICATION: no %llx for %u\n",
				     (u64)request->cookie, request->handle);
	return 0;
}

static int binder_do_dead_binder_done(struct binder_thread *thread,
				      const union binder_payload *payload)
{
	binder_command_debug(BINDER_DEBUG_DEATH_NOTIFICATION, thread,
			     "BC_DEAD_BINDER_DONE %llx\n",
			     (u64)payload->pointer);
	if (binder_death_ack(thread, payload->pointer))
		binder_command_error(thread, "BC_DEAD_BINDER_DONE: no notice %llx\n",
				     (u64)payload->pointer);
	return 0;
}

/* ABI: mistakes with freeze notices fail the ioctl. */
static int binder_do_request_freeze(struct binder_thread *thread,
				    const union binder_payload *payload)
{
	return binder_freeze_request(thread->proc, payload->request.handle,
				     payload->request.cookie);
}

static int binder_do_clear_freeze(struct binder_thread *thread,
				  const union binder_payload *payload)
{
	return binder_freeze_clear(thread->proc, payload->request.handle,
				   payload->request.cookie);
}

static int binder_do_freeze_done(struct binder_thread *thread,
				 const union binder_payload *payload)
{
	return binder_freeze_ack(thread->proc, payload->pointer);
}

/* By command number; the rest is answered with -EINVAL. */
static const struct binder_command binder_commands[] = {
	[_IOC_NR(BC_TRANSACTION)] = {
		BC_TRANSACTION, binder_do_transaction },
	[_IOC_NR(BC_REPLY)] = { BC_REPLY, binder_do_reply },
	[_IOC_NR(BC_FREE_BUFFER)] = { BC_FREE_BUFFER, binder_do_free_buffer },
	[_IOC_NR(BC_INCREFS)] = { BC_INCREFS, binder_do_increfs },
	[_IOC_NR(BC_ACQUIRE)] = { BC_ACQUIRE, binder_do_acquire },
	[_IOC_NR(BC_RELEASE)] = { BC_RELEASE, binder_do_release },
	[_IOC_NR(BC_DECREFS)] = { BC_DECREFS, binder_do_decrefs },
	[_IOC_NR(BC_INCREFS_DONE)] = {
		BC_INCREFS_DONE, binder_do_increfs_done },
	[_IOC_NR(BC_ACQUIRE_DONE)] = {
		BC_ACQUIRE_DONE, binder_do_acquire_done },
	[_IOC_NR(BC_REGISTER_LOOPER)] = {
		BC_REGISTER_LOOPER, binder_do_register_looper },
	[_IOC_NR(BC_ENTER_LOOPER)] = {
		BC_ENTER_LOOPER, binder_do_enter_looper },
	[_IOC_NR(BC_EXIT_LOOPER)] = { BC_EXIT_LOOPER, binder_do_exit_looper },
	[_IOC_NR(BC_REQUEST_DEATH_NOTIFICATION)] = {
		BC_REQUEST_DEATH_NOTIFICATION, binder_do_request_death },
	[_IOC_NR(BC_CLEAR_DEATH_NOTIFICATION)] = {
		BC_CLEAR_DEATH_NOTIFICATION, binder_do_clear_death },
	[_IOC_NR(BC_DEAD_BINDER_DONE)] = {
		BC_DEAD_BINDER_DONE, binder_do_dead_binder_done },
	[_IOC_NR(BC_REQUEST_FREEZE_NOTIFICATION)] = {
		BC_REQUEST_FREEZE_NOTIFICATION, binder_do_request_freeze },
	[_IOC_NR(BC_CLEAR_FREEZE_NOTIFICATION)] = {
		BC_CLEAR_FREEZE_NOTIFICATION, binder_do_clear_freeze },
	[_IOC_NR(BC_FREEZE_NOTIFICATION_DONE)] = {
		BC_FREEZE_NOTIFICATION_DONE, binder_do_freeze_done },
	[_IOC_NR(BC_TRANSACTION_SG)] = {
		BC_TRANSACTION_SG, binder_do_transaction_sg },
	[_IOC_NR(BC_REPLY_SG)] = { BC_REPLY_SG, binder_do_reply_sg },
};

static const struct binder_command *binder_command_find(u32 cmd)
{
	const struct binder_command *command;
	u32 nr = _IOC_NR(cmd);

	if (nr >= ARRAY_SIZE(binder_commands))
		return NULL;
	/* An empty row has the code 0, whose own row is another. */
	command = &binder_commands[nr];
	return command->cmd == cmd ? command : NULL;
}

/*
 * Read a code, and with it what follows if that has one of the sizes that a
 * round trip sends; *@complete says whether. -EFAULT without a code.
 */
static __always_inline int binder_command_fetch(const char __user *from,
						u64 left, u32 *cmd,
						union binder_payload *payload,
						bool *complete)
{
	const char __user *behind = from + sizeof(*cmd);
	size_t size = min_t(u64, left, sizeof(*cmd) + sizeof(payload->tr));

	*complete = false;
	if (left < sizeof(*cmd))
		return -EFAULT;
	/* Where memory ends the code may be all there is. */
	if (unlikely(!user_read_access_begin(from, size)))
		return get_user(*cmd, (u32 __user *)from);
	unsafe_get_user(*cmd, (u32 __user *)from, no_code);
	size -= sizeof(*cmd);
	if (_IOC_SIZE(*cmd) == sizeof(payload->tr) &&
	    size == sizeof(payload->tr))
		*complete = !binder_user_load(payload, behind,
					      sizeof(payload->tr));
	else if (_IOC_SIZE(*cmd) == sizeof(payload->pointer) &&
		 size >= sizeof(payload->pointer))
		*complete = !binder_user_load(payload, behind,
					      sizeof(payload->pointer));
	user_read_access_end();
	return 0;
no_code:
	user_read_access_end();
	return -EFAULT;
}

static noinline void binder_command_trace(u32 cmd)
{
	trace_binder_command(cmd);
}

/**
 * binder_commands_run() - run a stream of commands
 * @thread: the current thread
 * @buffer: user address of the stream
 * @size: its length in bytes
 * @consumed: in: bytes to skip; out: bytes of the commands that were done
 *
 * Stops early, with success, when a command put an error code in the thread's
 * slot: the client reads that first and then writes the rest.
 *
 * Return: 0, -EFAULT for an unreadable or truncated command, -EINVAL for an
 * unknown one, -EINTR when the task is being killed, or what a command returned.
 */
int binder_commands_run(struct binder_thread *thread, u64 buffer, u64 size,
			u64 *consumed)
{
	unsigned int nr = 0;

	while (*consumed < size && thread->own_error.cmd == BR_OK) {
		const char __user *ptr = u64_to_user_ptr(buffer + *consumed);
		const struct binder_command *command;
		u64 left = size - *consumed;
		/* Read before it is used. */
		union binder_payload payload __uninitialized;
		u32 cmd, payload_size;
		bool complete;
		int ret;

		might_fault();
		if (binder_command_fetch(ptr, left, &cmd, &payload, &complete))
			return -EFAULT;
		if (trace_binder_command_enabled())
			binder_command_trace(cmd);
		command = binder_command_find(cmd);
		if (!command)
			return -EINVAL;
		payload_size = _IOC_SIZE(cmd);
		if (!complete &&
		    (left - sizeof(cmd) < payload_size ||
		     binder_user_get(&payload, ptr + sizeof(cmd), payload_size)))
			return -EFAULT;
		binder_stats_command(thread->stats, cmd);
		ret = INDIRECT_CALL_3(command->run, binder_do_transaction,
				      binder_do_reply, binder_do_free_buffer,
				      thread, &payload);
		if (ret)
			return ret;
		*consumed += sizeof(cmd) + payload_size;
		/* A stream may be longer than the patience of others. */
		if (!(++nr % BINDER_COMMANDS_AT_ONCE)) {
			if (fatal_signal_pending(current))
				return -EINTR;
			cond_resched();
		}
	}
	return 0;
}
