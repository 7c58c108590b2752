/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stacks of calls.
 *
 * A synchronous call is on the stacks of two threads: on the caller's from the
 * moment it is sent, guarded by the caller's lock, and on the callee's from
 * delivery on, guarded by the callee's. On each stack calls waited for and
 * calls served alternate. The caller's thread object is pinned by the call, so
 * answering needs no look-up: a caller that died is marked dead.
 *
 * When a thread or process dies, every call it was serving is answered with
 * BR_DEAD_REPLY then and there. A caller that is itself serving a nested call
 * at that moment, or has one to read, gets it when it is back at its own call.
 * So it does with a reply, which comes that early if the nested call is of the
 * dead, and with another call of that chain. An ended call stays on its caller's
 * stack and keeps how it ended. Modelled in models/reply.pml.
 */
#ifndef _BINDER_STACK_H
#define _BINDER_STACK_H

#include "binder_result.h"
#include "binder_thread.h"

void binder_reply_lose(struct binder_transaction *t,
		       struct binder_thread *thread);
void binder_call_fail(struct binder_transaction *t, struct binder_result result,
		      u32 id);
void binder_stack_push(struct binder_thread *thread,
		       struct binder_transaction *t);
void binder_stack_pop_waited_locked(struct binder_transaction *t);
void binder_stack_serve_locked(struct binder_thread *thread,
			       struct binder_transaction *t);
void binder_stack_leave_locked(struct binder_thread *thread,
			       struct binder_transaction *t);
bool binder_stack_is_back_locked(const struct binder_transaction *t);
struct binder_thread *
binder_stack_queue_nested_locked(struct binder_transaction *t,
				 struct binder_transaction *below);
bool binder_stack_resume_locked(struct binder_thread *thread);
void binder_stack_keep_reply_locked(struct binder_transaction *t,
				    struct binder_transaction *reply);
bool binder_stack_is_answer_locked(const struct binder_thread *thread,
				   const struct binder_work *work);
void binder_stack_take_replies_locked(struct binder_thread *thread,
				      struct list_head *replies);
struct binder_transaction *
binder_stack_nested_target(struct binder_transaction *serving,
			   const struct binder_proc *to);
void binder_stack_abandon(struct binder_thread *thread);

#endif /* _BINDER_STACK_H */
