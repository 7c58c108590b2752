// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lending priorities to threads, and taking them back.
 */
#include <linux/capability.h>
#include <linux/moduleparam.h>
#include <linux/sched/deadline.h>
#include <linux/sched/prio.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <uapi/linux/sched/types.h>

#include "binder_log.h"
#include "binder_priority.h"
#include "binder_trace.h"

static bool binder_keep_own_nice;
module_param_named(keep_own_nice, binder_keep_own_nice, bool, 0644);
MODULE_PARM_DESC(keep_own_nice,
		 "Leave threads that wait for work the nice value they chose, instead of that of the opener (default N)");

static struct binder_priority binder_priority_of(const struct task_struct *task)
{
	return (struct binder_priority){
		.nice = task_nice(task),
		.policy = task->policy,
		.rt_priority = task->rt_priority,
		.reset_on_fork = task->sched_reset_on_fork,
	};
}

static bool binder_policy_is_rt(u32 policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool binder_policy_is_fair(u32 policy)
{
	return policy == SCHED_NORMAL || policy == SCHED_BATCH;
}

static bool binder_policy_equal(const struct binder_priority *a,
				const struct binder_priority *b)
{
	return a->policy == b->policy && a->rt_priority == b->rt_priority &&
	       a->reset_on_fork == b->reset_on_fork;
}

static bool binder_priority_equal(const struct binder_priority *a,
				  const struct binder_priority *b)
{
	return a->nice == b->nice && binder_policy_equal(a, b);
}

/* Place on the kernel's scale of priorities; less is more favourable. */
static int binder_priority_rank(const struct binder_priority *p)
{
	if (p->policy == SCHED_DEADLINE)
		return MAX_DL_PRIO - 1;
	if (binder_policy_is_rt(p->policy))
		return MAX_RT_PRIO - 1 - p->rt_priority;
	if (p->policy == SCHED_IDLE)
		return MAX_PRIO;
	return NICE_TO_PRIO(p->nice);
}

/* Make @to of a task that is @now, as it may not have @wanted; may sleep. */
static void binder_priority_set(struct task_struct *task,
				const struct binder_priority *now,
				const struct binder_priority *to,
				const struct binder_priority *wanted)
{
	int rank = binder_priority_rank(to);
	int wanted_rank = binder_priority_rank(wanted);
	struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = to->policy,
		.sched_priority = to->rt_priority,
		.sched_nice = to->nice,
		.sched_runtime = task_chosen_slice(task),
		.sched_flags = to->reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0,
	};

	if (trace_binder_set_priority_enabled())
		trace_binder_set_priority(task_tgid_nr(task), task_pid_nr(task),
					  binder_priority_rank(now), rank,
					  wanted_rank);
	if (rank != wanted_rank)
		binder_debug(BINDER_DEBUG_PRIORITY_CAP,
			     "%d: priority %d not allowed, gets %d\n",
			     task_pid_nr(task), wanted_rank, rank);
	if (!binder_policy_equal(now, to))
		sched_setattr_nocheck(task, &attr);
	/* A real-time task has one too, for later. */
	set_user_nice(task, to->nice);
}

/* Unlike setpriority(), nobody is told of a refusal, so none is audited. */
static bool binder_priority_capable(void)
{
	return ns_capable_noaudit(&init_user_ns, CAP_SYS_NICE);
}

/*
 * The nice value of the current task when @wanted is wanted for it: that, if
 * it has the right; else its limit, if that is better than @nice; else @nice.
 */
static int binder_nice_allowed(int nice, int wanted)
{
	unsigned long limit = rlimit(RLIMIT_NICE);

	/* ABI: a worse value needs the right too. */
	if (nice_to_rlimit(wanted) <= limit || binder_priority_capable())
		return wanted;
	return min_t(int, nice, rlimit_to_nice(limit));
}

/* The same with policies. */
static struct binder_priority
binder_priority_allowed(const struct binder_priority *now,
			const struct binder_priority *wanted)
{
	unsigned long limit = rlimit(RLIMIT_RTPRIO);
	struct binder_priority to = *wanted;

	if (binder_policy_is_rt(to.policy)) {
		/*
		 * A control group may have no time for real-time tasks, which
		 * would stop then, and only the scheduler can tell.
		 */
		if (IS_ENABLED(CONFIG_RT_GROUP_SCHED))
			limit = 0;
		else if (to.rt_priority <= limit || binder_priority_capable())
			return to;
		to.rt_priority = limit;
	}
	if (!to.rt_priority) {
		if (binder_policy_is_rt(to.policy)) {
			to.policy = SCHED_NORMAL;
			to.nice = MIN_NICE;
		}
		to.nice = binder_nice_allowed(MAX_NICE + 1, to.nice);
		if (to.policy == wanted->policy && to.nice == wanted->nice)
			return to;
	}
	/* Not what was wanted, so it has to be an improvement. */
	return binder_priority_rank(&to) < binder_priority_rank(now) ? to : *now;
}

/* Has a thread that is @now still what the driver made of it? */
static bool binder_priority_is_as_lent(const struct binder_thread *thread,
				       const struct binder_priority *now)
{
	return thread->priority.is_lent &&
	       binder_priority_equal(now, &thread->priority.lent);
}

/* Lend the current thread what it may have of @wanted. */
static void binder_priority_give(struct binder_thread *thread,
				 const struct binder_priority *now,
				 const struct binder_priority *to,
				 const struct binder_priority *wanted)
{
	if (!binder_priority_equal(now, to)) {
		if (!binder_priority_is_as_lent(thread, now))
			thread->priority.own = *now;
		thread->priority.is_lent = true;
		thread->priority.lent = *to;
	}
	binder_priority_set(current, now, to, wanted);
}

/**
 * binder_priority_record_whole() - binder_priority_record() by Android's rules
 * @call: the call's part
 */
void binder_priority_record_whole(struct binder_call_priority *call)
{
	call->sender = binder_priority_of(current);
}

/**
 * binder_priority_lend_nice() - lend the current thread a nice value
 * @thread: the current thread
 * @nice: the value, which it does not have
 */
void binder_priority_lend_nice(struct binder_thread *thread, int nice)
{
	struct binder_priority now = binder_priority_of(current);
	struct binder_priority wanted = now, to = now;

	wanted.nice = nice;
	to.nice = binder_nice_allowed(now.nice, nice);
	binder_priority_give(thread, &now, &to, &wanted);
}

/* What a sender counts as. */
static struct binder_priority
binder_priority_inherited(const struct binder_priority *sender, u32 node_flags)
{
	struct binder_priority p = {
		.policy = SCHED_NORMAL,
		.nice = sender->nice,
	};

	if (binder_policy_is_rt(sender->policy)) {
		if (node_flags & FLAT_BINDER_FLAG_INHERIT_RT)
			return *sender;
		p.nice = 0;
	}
	if (binder_policy_is_fair(sender->policy))
		p.policy = sender->policy;
	return p;
}

/* Raise a priority to the minimum of a node. */
static void binder_priority_raise(struct binder_priority *p, u32 node_flags)
{
	int value = binder_priority_minimum(node_flags);
	int rank = binder_priority_rank(p), minimum_rank;
	struct binder_priority minimum = {
		.policy = binder_priority_policy(node_flags),
	};

	if (binder_policy_is_rt(minimum.policy)) {
		if (value < 1 || value > MAX_RT_PRIO - 1)
			return;
		minimum.rt_priority = value;
	} else {
		if (value < MIN_NICE || value > MAX_NICE)
			return;
		minimum.nice = value;
	}
	minimum_rank = binder_priority_rank(&minimum);
	/* Of equals SCHED_FIFO is the stronger, as it has no time slice. */
	if (minimum_rank < rank ||
	    (minimum_rank == rank && minimum.policy == SCHED_FIFO))
		*p = minimum;
}

/**
 * binder_priority_lend_whole() - binder_priority_lend() by Android's rules
 * @thread: the current thread
 * @call: the call's part; NULL for a oneway call: nobody waits, so the sender's
 *	priority does not count
 * @node_flags: flags of the target node, which ask for them
 */
void binder_priority_lend_whole(struct binder_thread *thread,
				struct binder_call_priority *call,
				u32 node_flags)
{
	struct binder_priority now = binder_priority_of(current);
	struct binder_priority wanted = now, to;

	/* Above all the others, and not to be had again once given up. */
	if (now.policy == SCHED_DEADLINE)
		return;
	if (call) {
		call->saved = now;
		call->whole = true;
		wanted = binder_priority_inherited(&call->sender, node_flags);
	}
	binder_priority_raise(&wanted, node_flags);
	if (binder_policy_is_rt(wanted.policy))
		wanted.nice = now.nice;
	wanted.reset_on_fork = now.reset_on_fork;
	if (binder_priority_equal(&now, &wanted))
		return;
	to = binder_priority_allowed(&now, &wanted);
	/* Children of the thread have no part in the call. */
	if (!binder_priority_equal(&now, &to))
		to.reset_on_fork = true;
	binder_priority_give(thread, &now, &to, &wanted);
}

/**
 * binder_priority_restore_changed() - binder_priority_restore() for the rare case
 * @thread: the current thread
 * @call: the part of the call it served last
 */
void binder_priority_restore_changed(struct binder_thread *thread,
				     const struct binder_call_priority *call)
{
	struct binder_priority now = binder_priority_of(current);
	struct binder_priority saved = now, to;

	if (call->whole)
		saved = call->saved;
	else
		saved.nice = call->saved.nice;
	if (binder_priority_equal(&now, &saved))
		return;
	to = saved;
	if (binder_priority_is_as_lent(thread, &now)) {
		/* Nobody needs a right to get back what is their own. */
		thread->priority.lent = to;
		thread->priority.is_lent =
			!binder_priority_equal(&to, &thread->priority.own);
	} else {
		thread->priority.is_lent = false;
		if (call->whole)
			to = binder_priority_allowed(&now, &saved);
		else
			to.nice = binder_nice_allowed(now.nice, saved.nice);
	}
	binder_priority_set(current, &now, &to, &saved);
}

/**
 * binder_priority_reset() - the current thread is about to look for any work
 * @thread: the current thread
 *
 * ABI: it gets the nice value of its file's opener, whatever it had.
 */
void binder_priority_reset(struct binder_thread *thread)
{
	struct binder_thread_priority *state = &thread->priority;
	struct binder_priority now = binder_priority_of(current);
	struct binder_priority wanted = now, to;

	if (binder_priority_is_as_lent(thread, &now))
		wanted = state->own;
	state->is_lent = false;
	to = wanted;
	if (!READ_ONCE(binder_keep_own_nice) &&
	    wanted.nice != state->default_nice) {
		wanted.nice = state->default_nice;
		to.nice = binder_nice_allowed(to.nice, wanted.nice);
	}
	binder_priority_set(current, &now, &to, &wanted);
}

/**
 * binder_priority_give_back() - a thread object ends
 * @thread: that of the current task, or of a process without users
 *
 * Its task may live on, in the middle of a call it will not reply to.
 */
void binder_priority_give_back(struct binder_thread *thread)
{
	const struct binder_priority *own = &thread->priority.own;
	struct binder_priority now;
	struct task_struct *task;

	if (!thread->priority.is_lent)
		return;
	thread->priority.is_lent = false;
	task = get_pid_task(thread->pid, PIDTYPE_PID);
	if (!task)
		return;
	now = binder_priority_of(task);
	if (binder_priority_equal(&now, &thread->priority.lent))
		binder_priority_set(task, &now, own, own);
	put_task_struct(task);
}
