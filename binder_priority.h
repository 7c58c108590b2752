/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Priority inheritance: how a thread is scheduled while it serves a call.
 *
 * The serving thread always changes itself: once it has stored the record of a
 * call, and before it builds the reply. So nothing here is locked, no change
 * can meet another, and no restore has to be given up because the next call
 * came in between. That a sender raises the thread before it wakes it is left
 * out on purpose: the thread would have to be held in its queue by a spinlock
 * meanwhile, under which the calls that mainline exports for a change of policy
 * must not be made, because they may sleep.
 *
 * For most nodes only nice values count. A node that has a scheduling policy
 * in its flags, or FLAT_BINDER_FLAG_INHERIT_RT, is served by the rules of
 * Android's kernels: policy and real-time priority are inherited too, and its
 * minimum is signed. Other nodes are served as if those rules did not exist.
 *
 * What a call gave to a thread is lent. It ends with the reply; after a oneway
 * call with the next read that may take any work; in any case with the thread
 * object. The thread remembers what it was before the oldest loan and what the
 * driver made of it last: as long as it still has the latter, it has not
 * changed itself, and may go back without being asked for rights. Everything
 * else is bounded by what the thread could do itself: RLIMIT_NICE,
 * RLIMIT_RTPRIO and CAP_SYS_NICE. Where nothing changes none of them is asked.
 */
#ifndef _BINDER_PRIORITY_H
#define _BINDER_PRIORITY_H

#include <linux/minmax.h>
#include <linux/sched.h>

#include "binder_thread.h"

/**
 * struct binder_call_priority - what a call has to do with scheduling
 * @sender: (I) the sending task; only its nice value unless the node asks for
 *	more
 * @saved: (S) the serving thread when it got the call; only its nice value
 *	unless @whole
 * @whole: (S) the reply restores more than the nice value
 */
struct binder_call_priority {
	struct binder_priority sender;
	struct binder_priority saved;
	bool whole;
};

void binder_priority_record_whole(struct binder_call_priority *call);
void binder_priority_lend_nice(struct binder_thread *thread, int nice);
void binder_priority_lend_whole(struct binder_thread *thread,
				struct binder_call_priority *call,
				u32 node_flags);
void binder_priority_restore_changed(struct binder_thread *thread,
				     const struct binder_call_priority *call);
void binder_priority_reset(struct binder_thread *thread);
void binder_priority_give_back(struct binder_thread *thread);

/**
 * binder_priority_asked() - does a node ask for more than nice values?
 * @node_flags: its flags
 *
 * Return: true when it does.
 */
static inline bool binder_priority_asked(u32 node_flags)
{
	return node_flags & (FLAT_BINDER_FLAG_SCHED_POLICY_MASK |
			     FLAT_BINDER_FLAG_INHERIT_RT);
}

/**
 * binder_priority_policy() - the scheduling policy of a node's minimum
 * @node_flags: its flags
 *
 * Return: SCHED_NORMAL, SCHED_FIFO, SCHED_RR or SCHED_BATCH.
 */
static inline u32 binder_priority_policy(u32 node_flags)
{
	return (node_flags & FLAT_BINDER_FLAG_SCHED_POLICY_MASK) >>
	       FLAT_BINDER_FLAG_SCHED_POLICY_SHIFT;
}

/**
 * binder_priority_minimum() - the value of a node's minimum
 * @node_flags: its flags
 *
 * ABI: it is signed only where mainline knows no meaning for the node's flags.
 *
 * Return: a nice value, or a real-time priority, or a number that is neither
 * and means that there is no minimum.
 */
static inline int binder_priority_minimum(u32 node_flags)
{
	u8 value = node_flags & FLAT_BINDER_FLAG_PRIORITY_MASK;

	return binder_priority_asked(node_flags) ? (s8)value : value;
}

/**
 * binder_priority_record() - note the priority of the sender in a call
 * @call: the call's part
 * @node_flags: flags of the target node
 */
static inline void binder_priority_record(struct binder_call_priority *call,
					  u32 node_flags)
{
	call->sender.nice = task_nice(current);
	if (unlikely(binder_priority_asked(node_flags)))
		binder_priority_record_whole(call);
}

/**
 * binder_priority_lend() - a call was delivered to the current thread
 * @thread: the current thread
 * @call: the call's part
 * @node_flags: flags of the target node
 */
static inline void binder_priority_lend(struct binder_thread *thread,
					struct binder_call_priority *call,
					u32 node_flags)
{
	int nice = task_nice(current);
	int wanted;

	call->saved.nice = nice;
	if (unlikely(binder_priority_asked(node_flags))) {
		binder_priority_lend_whole(thread, call, node_flags);
		return;
	}
	wanted = min_t(int, call->sender.nice,
		       node_flags & FLAT_BINDER_FLAG_PRIORITY_MASK);
	if (unlikely(wanted != nice))
		binder_priority_lend_nice(thread, wanted);
}

/**
 * binder_priority_lend_oneway() - a oneway call was delivered to the current thread
 * @thread: the current thread
 * @node_flags: flags of the target node
 *
 * Nobody waits, so the sender's priority does not count.
 */
static inline void binder_priority_lend_oneway(struct binder_thread *thread,
					       u32 node_flags)
{
	int nice = task_nice(current);
	int least = node_flags & FLAT_BINDER_FLAG_PRIORITY_MASK;

	if (unlikely(binder_priority_asked(node_flags)))
		binder_priority_lend_whole(thread, NULL, node_flags);
	else if (unlikely(least < nice))
		binder_priority_lend_nice(thread, least);
}

/**
 * binder_priority_restore() - the current thread replies to a call
 * @thread: the current thread
 * @call: the part of the call it served last
 */
static inline void
binder_priority_restore(struct binder_thread *thread,
			const struct binder_call_priority *call)
{
	if (unlikely(call->whole || task_nice(current) != call->saved.nice))
		binder_priority_restore_changed(thread, call);
}

/**
 * binder_priority_is_default() - would binder_priority_reset() do nothing?
 * @thread: the current thread
 *
 * Return: true when the thread has the nice value of its file's opener, and
 * nothing was lent to it.
 */
static inline bool binder_priority_is_default(const struct binder_thread *thread)
{
	return task_nice(current) == thread->priority.default_nice &&
	       !thread->priority.is_lent;
}

#endif /* _BINDER_PRIORITY_H */
