/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is noted of each command that sends a message, call or reply: its id and
 * entry in the logs, the debug line, report and extended error when it fails.
 *
 * All of it is the sending thread's own; nothing here takes a lock but that of
 * the ring which the entry is copied to.
 */
#ifndef _BINDER_SENDING_H
#define _BINDER_SENDING_H

#include "binder_history.h"
#include "binder_message.h"

void binder_sending_begin(struct binder_thread *thread,
			  const struct binder_transaction_data *tr,
			  enum binder_history_type type);
void binder_sending_fail(struct binder_thread *thread,
			 struct binder_result result);
void binder_sending_end(struct binder_thread *thread,
			struct binder_result result);

void binder_sending_report(const struct binder_thread *thread,
			   const struct binder_transaction_data *tr, u32 error,
			   pid_t to_pid, pid_t to_tid, bool is_reply);
void binder_sending_trace(const struct binder_message *t,
			  const struct binder_node *node,
			  const struct binder_proc *to,
			  const struct binder_thread *to_thread);

#endif /* _BINDER_SENDING_H */
