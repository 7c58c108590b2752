// SPDX-License-Identifier: GPL-2.0-only
/*
 * The freezer: BINDER_FREEZE and BINDER_GET_FROZEN_INFO.
 */
#include <linux/cred.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "binder_freeze.h"
#include "binder_freezer.h"
#include "binder_release.h"

/* Of sync_recv in struct binder_frozen_status_info. */
#define BINDER_SYNC_REFUSED	0x01
#define BINDER_SYNC_PENDING	0x02

/*
 * Serialises changes of the mark with each other, so that all of a task group
 * have the same, and with the notices of them.
 */
static DEFINE_MUTEX(binder_freezer_mutex);

/* The processes of a task group, referenced; *nr of them, at least one. */
static struct binder_proc **binder_freezer_find(pid_t pid, unsigned int *nr)
{
	struct binder_proc **list = NULL;
	unsigned int room = 0;
	/* As the caller numbers it: containers have numbers of their own. */
	struct pid *tgid = find_get_pid(pid);

	if (!tgid)
		return ERR_PTR(-EINVAL);
	for (;;) {
		*nr = binder_procs_of(tgid, list, room);
		if (*nr <= room)
			break;
		kvfree(list);
		room = *nr;
		list = kvmalloc_array(room, sizeof(*list), GFP_KERNEL);
		if (!list)
			break;
	}
	put_pid(tgid);
	if (room && !list)
		return ERR_PTR(-ENOMEM);
	if (*nr)
		return list;
	kvfree(list);
	return ERR_PTR(-EINVAL);
}

static void binder_freezer_forget(struct binder_proc **list, unsigned int nr)
{
	while (nr--)
		binder_proc_put(list[nr]);
	kvfree(list);
}

/* What kill(2) asks of the caller. */
static bool binder_freezer_allowed(const struct pid *tgid)
{
	const struct cred *cred = current_cred(), *tcred = NULL;
	struct task_struct *task;
	bool allowed = false;

	rcu_read_lock();
	task = pid_task((struct pid *)tgid, PIDTYPE_TGID);
	if (task) {
		allowed = same_thread_group(task, current);
		tcred = get_cred(__task_cred(task));
	}
	rcu_read_unlock();
	/* Somebody else holds what an exited process opened. */
	if (!tcred)
		return capable(CAP_KILL);
	allowed = allowed || uid_eq(cred->euid, tcred->suid) ||
		  uid_eq(cred->euid, tcred->uid) ||
		  uid_eq(cred->uid, tcred->suid) ||
		  uid_eq(cred->uid, tcred->uid) ||
		  ns_capable(tcred->user_ns, CAP_KILL);
	put_cred(tcred);
	return allowed;
}

/* Mark one process; @attempt tells who did. */
static void binder_freezer_mark(struct binder_proc *proc, const void *attempt)
{
	struct binder_queue *queue = &proc->queue;

	spin_lock(&queue->lock);
	queue->frozen = !queue->dead;
	queue->sync_refused = false;
	queue->async_queued = false;
	queue->freezer = attempt;
	spin_unlock(&queue->lock);
}

/* The attempt failed. What a later one marked is up to that one. */
static void binder_freezer_unmark(struct binder_proc *proc, const void *attempt)
{
	struct binder_queue *queue = &proc->queue;

	spin_lock(&queue->lock);
	if (queue->freezer == attempt)
		queue->frozen = false;
	spin_unlock(&queue->lock);
	wake_up_all(&queue->settled);
}

static void binder_freezer_thaw(struct binder_proc *proc)
{
	struct binder_queue *queue = &proc->queue;

	spin_lock(&queue->lock);
	queue->frozen = false;
	queue->sync_refused = false;
	queue->async_queued = false;
	queue->freezer = NULL;
	spin_unlock(&queue->lock);
	wake_up_all(&queue->settled);
}

/* Is anything under way: queued, or a thread in the middle of a call? */
static bool binder_freezer_busy_locked(struct binder_proc *proc)
{
	struct binder_thread *thread;
	int i;

	lockdep_assert_held(&proc->queue.lock);
	/* What is under way ends with the process. */
	if (proc->queue.dead)
		return false;
	if (proc->queue.outstanding)
		return true;
	for (i = 0; i < BINDER_THREAD_BUCKETS; i++)
		hlist_for_each_entry(thread, &proc->threads[i], hash_entry)
			if (READ_ONCE(thread->stack))
				return true;
	return false;
}

/* A hint for who waits, without the lock. */
static bool binder_freezer_settled(struct binder_queue *queue)
{
	/* Who changes these wakes the waiter, which looks again under the lock. */
	return !data_race(READ_ONCE(queue->outstanding) && READ_ONCE(queue->frozen));
}

/*
 * Wait until what was under way when the process was marked is over, for @left
 * jiffies at most. There is nothing to wait for when the mark is taken off
 * meanwhile. Returns how many are left, -EAGAIN or -ERESTARTSYS.
 */
static long binder_freezer_wait(struct binder_proc *proc, long left)
{
	struct binder_queue *queue = &proc->queue;
	bool busy;

	if (left)
		left = wait_event_interruptible_timeout(queue->settled,
							binder_freezer_settled(queue),
							left);
	if (left < 0)
		return left;
	spin_lock(&queue->lock);
	busy = binder_freezer_busy_locked(proc);
	spin_unlock(&queue->lock);
	return busy ? -EAGAIN : left;
}

/*
 * Mark all, wait for all; on failure nothing stays frozen. Of two attempts at
 * a time the one that marked last decides. Requests that were made meanwhile
 * may have seen the mark of one that failed, and are told better.
 */
static int binder_freezer_all(struct binder_proc **list, unsigned int nr,
			      u32 timeout_ms)
{
	long left = timeout_ms ? msecs_to_jiffies(timeout_ms) : 0;
	unsigned int i;

	/* What a thread that is gone had begun would never end. */
	for (i = 0; i < nr; i++)
		binder_release_exited_threads(list[i]);

	mutex_lock(&binder_freezer_mutex);
	for (i = 0; i < nr; i++)
		binder_freezer_mark(list[i], list);
	mutex_unlock(&binder_freezer_mutex);

	for (i = 0; i < nr && left >= 0; i++)
		left = binder_freezer_wait(list[i], left);

	mutex_lock(&binder_freezer_mutex);
	for (i = 0; i < nr && left < 0; i++)
		binder_freezer_unmark(list[i], list);
	for (i = 0; i < nr; i++) {
		if (left < 0)
			binder_freeze_correct(list[i]);
		else
			binder_freeze_announce(list[i]);
	}
	mutex_unlock(&binder_freezer_mutex);
	return min(left, 0L);
}

static void binder_freezer_thaw_all(struct binder_proc **list, unsigned int nr)
{
	unsigned int i;

	mutex_lock(&binder_freezer_mutex);
	for (i = 0; i < nr; i++)
		binder_freezer_thaw(list[i]);
	for (i = 0; i < nr; i++)
		binder_freeze_announce(list[i]);
	mutex_unlock(&binder_freezer_mutex);
}

/**
 * binder_freezer_set() - BINDER_FREEZE
 * @info: whom (a pid as the caller sees it), which way, and how long to wait
 *
 * Return: 0; -EINVAL when that process has nothing open; -EPERM when the caller
 * could not kill it; -EAGAIN when something is still under way; -ERESTARTSYS
 * for a signal; -ENOMEM. On failure to freeze nothing stays frozen.
 */
int binder_freezer_set(const struct binder_freeze_info *info)
{
	struct binder_proc **list;
	unsigned int nr;
	int ret = 0;

	list = binder_freezer_find(info->pid, &nr);
	if (IS_ERR(list))
		return PTR_ERR(list);
	if (!binder_freezer_allowed(list[0]->tgid))
		ret = -EPERM;
	else if (info->enable)
		ret = binder_freezer_all(list, nr, info->timeout_ms);
	else
		binder_freezer_thaw_all(list, nr);
	binder_freezer_forget(list, nr);
	return ret;
}

/**
 * binder_freezer_get() - BINDER_GET_FROZEN_INFO
 * @info: in: pid as the caller sees it; out: what happened since the last change
 *
 * Return: 0, -EINVAL when that process has nothing open, or -ENOMEM.
 */
int binder_freezer_get(struct binder_frozen_status_info *info)
{
	struct binder_proc **list;
	unsigned int i, nr;

	list = binder_freezer_find(info->pid, &nr);
	if (IS_ERR(list))
		return PTR_ERR(list);
	info->sync_recv = 0;
	info->async_recv = 0;
	for (i = 0; i < nr; i++) {
		struct binder_queue *queue = &list[i]->queue;

		binder_release_exited_threads(list[i]);
		spin_lock(&queue->lock);
		if (queue->sync_refused)
			info->sync_recv |= BINDER_SYNC_REFUSED;
		if (binder_freezer_busy_locked(list[i]))
			info->sync_recv |= BINDER_SYNC_PENDING;
		info->async_recv |= queue->async_queued;
		spin_unlock(&queue->lock);
	}
	binder_freezer_forget(list, nr);
	return 0;
}
