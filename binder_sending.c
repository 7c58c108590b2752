// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is noted of each command that sends a message.
 */
#include <linux/jiffies.h>
#include <linux/timex.h>

#include "binder_context.h"
#include "binder_log.h"
#include "binder_netlink.h"
#include "binder_sending.h"
#include "binder_trace.h"

/**
 * binder_sending_report() - tell netlink's listeners of a message
 * @thread: who sends it
 * @tr: the record as sent
 * @error: BR_ code: why it failed, or what to worry about though it goes on
 * @to_pid: process it was for, 0 when that is not known
 * @to_tid: thread it was for, 0 when none was chosen
 * @is_reply: it is a reply
 */
void binder_sending_report(const struct binder_thread *thread,
			   const struct binder_transaction_data *tr, u32 error,
			   pid_t to_pid, pid_t to_tid, bool is_reply)
{
	const struct binder_report report = {
		.error = error,
		.from_pid = thread->sent.from_pid,
		.from_tid = thread->sent.from_tid,
		.to_pid = to_pid,
		.to_tid = to_tid,
		.is_reply = is_reply,
		.flags = tr->flags,
		.code = tr->code,
		.data_size = tr->data_size,
	};

	binder_netlink_report(thread->proc->context->name, &report);
}

/**
 * binder_sending_trace() - trace that a message is going to be built
 * @t: the message
 * @node: its target, NULL for a reply
 * @to: its receiver
 * @to_thread: the thread it is for, NULL when none was chosen
 *
 * For callers that saw the event enabled.
 */
void binder_sending_trace(const struct binder_message *t,
			  const struct binder_node *node,
			  const struct binder_proc *to,
			  const struct binder_thread *to_thread)
{
	trace_binder_transaction(t->debug_id, node ? node->debug_id : 0,
				 pid_nr(to->tgid),
				 to_thread ? pid_nr(to_thread->pid) : 0, !node,
				 t->code, t->flags);
}

/* Did the client ask for what cannot be, or was there no room, no receiver? */
static bool binder_is_mistake(struct binder_result result)
{
	return result.cmd == BR_FAILED_REPLY && result.err != -ENOMEM &&
	       result.err != -ENOSPC;
}

/**
 * binder_sending_fail() - tell the sender that its message failed
 * @thread: the current thread
 * @result: how
 *
 * By the error slot and the extended error.
 */
void binder_sending_fail(struct binder_thread *thread,
			 struct binder_result result)
{
	const struct binder_history_entry *sent = &thread->sent;

	if (result.cmd == BR_DEAD_REPLY)
		binder_debug(BINDER_DEBUG_DEAD_TRANSACTION,
			     "%d:%d transaction %u to handle %u: dead/%d\n",
			     sent->from_pid, sent->from_tid, sent->id,
			     sent->handle, result.err);
	else
		binder_debug(BINDER_DEBUG_FAILED_TRANSACTION,
			     "%d:%d transaction %u to handle %u failed: %s/%d, size %llu-%llu, line %u\n",
			     sent->from_pid, sent->from_tid, sent->id,
			     sent->handle,
			     result.cmd == BR_FROZEN_REPLY ? "frozen" : "failed",
			     result.err, sent->data_size, sent->offsets_size,
			     result.line);
	if (binder_is_mistake(result))
		binder_log_user_error();
	thread->ext_error.command = result.cmd;
	thread->ext_error.param = result.err;
	binder_thread_fail(thread, result.cmd, 0);
}

/**
 * binder_sending_begin() - a command begins
 * @thread: the current thread
 * @tr: the record as sent
 * @type: what it sends
 *
 * Gives the message its id, and forgets the error of the command before.
 */
void binder_sending_begin(struct binder_thread *thread,
			  const struct binder_transaction_data *tr,
			  enum binder_history_type type)
{
	struct binder_history_entry *sent = &thread->sent;

	/* What is read before the id of a new entry is of the old one. */
	WRITE_ONCE(sent->id, 0);
	smp_wmb();	/* pairs with smp_rmb() in binder_history_read() */
	sent->start = jiffies;
	sent->cycles = get_cycles();
	sent->label = thread->proc->context->label;
	sent->data_size = tr->data_size;
	sent->offsets_size = tr->offsets_size;
	sent->to_pid = 0;
	sent->to_tid = 0;
	sent->node_id = 0;
	sent->handle = tr->target.handle;
	sent->cmd = 0;
	sent->err = 0;
	sent->line = 0;
	sent->type = type;
	sent->is_complete = false;
	/* Pairs with smp_load_acquire() in binder_history_read(). */
	smp_store_release(&sent->id, binder_next_id());
	binder_debug(BINDER_DEBUG_TRANSACTION,
		     "%d:%d %s %u to handle %u, size %llu-%llu\n",
		     sent->from_pid, sent->from_tid,
		     type == BINDER_HISTORY_REPLY ? "BC_REPLY" :
						    "BC_TRANSACTION",
		     sent->id, sent->handle, sent->data_size,
		     sent->offsets_size);
	thread->ext_error.id = sent->id;
	thread->ext_error.command = BR_OK;
	thread->ext_error.param = 0;
}

/**
 * binder_sending_end() - a command is done
 * @thread: the current thread
 * @result: how it went
 */
void binder_sending_end(struct binder_thread *thread,
			struct binder_result result)
{
	if (likely(result.cmd == BR_OK)) {
		binder_history_add(&thread->sent);
		return;
	}
	thread->sent.cmd = result.cmd;
	thread->sent.err = result.err;
	thread->sent.line = result.line;
	binder_history_add_failed(&thread->sent);
}
