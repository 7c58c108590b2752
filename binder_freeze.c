// SPDX-License-Identifier: GPL-2.0-only
/*
 * Freezing processes, and notices of it.
 */
#include <linux/cred.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/slab.h>

#include "binder_freeze.h"
#include "binder_name.h"

/* Of sync_recv in struct binder_frozen_status_info. */
#define BINDER_SYNC_REFUSED	0x01
#define BINDER_SYNC_PENDING	0x02

/**
 * enum binder_freeze_state - where a request stands
 * @BINDER_FREEZE_NEW: no notice yet, one will be queued by whoever made it
 * @BINDER_FREEZE_IDLE: the holder knows the last state
 * @BINDER_FREEZE_QUEUED: BR_FROZEN_BINDER on its way
 * @BINDER_FREEZE_DELIVERED: read, not acknowledged
 * @BINDER_FREEZE_CLEARED: BR_CLEAR_FREEZE_NOTIFICATION_DONE on its way
 */
enum binder_freeze_state {
	BINDER_FREEZE_NEW,
	BINDER_FREEZE_IDLE,
	BINDER_FREEZE_QUEUED,
	BINDER_FREEZE_DELIVERED,
	BINDER_FREEZE_CLEARED,
};

/**
 * struct binder_freeze - one request
 * @work: (L) on the todo list, or in &binder_proc.delivered_freezes
 * @cookie: (I) the holder's name for it
 * @state: (L) see &enum binder_freeze_state
 * @is_frozen: (L) the owner's state as last seen
 * @resend: (L) @is_frozen changed since it was delivered
 * @cleared: (L) cleared before the notice was acknowledged
 * @orphan: (L) the ref went while a thread was about to deliver the notice
 */
struct binder_freeze {
	struct binder_work work;
	binder_uintptr_t cookie;
	enum binder_freeze_state state;
	bool is_frozen;
	bool resend;
	bool cleared;
	bool orphan;
};

static struct kmem_cache *binder_freeze_slab;

/* Serialises changes of the mark with the notices of them. */
static DEFINE_MUTEX(binder_freeze_mutex);

/**
 * binder_freeze_init_slab() - make the slab of requests
 *
 * Return: 0 or -ENOMEM.
 */
int binder_freeze_init_slab(void)
{
	binder_freeze_slab = kmem_cache_create(BINDER_NAME_STR "_freeze",
					       sizeof(struct binder_freeze), 0,
					       SLAB_ACCOUNT, NULL);
	return binder_freeze_slab ? 0 : -ENOMEM;
}

/**
 * binder_freeze_exit_slab() - drop the slab
 */
void binder_freeze_exit_slab(void)
{
	kmem_cache_destroy(binder_freeze_slab);
}

/**
 * binder_freeze_free() - free a request nobody else has
 * @freeze: the request, or NULL
 */
void binder_freeze_free(struct binder_freeze *freeze)
{
	if (freeze)
		kmem_cache_free(binder_freeze_slab, freeze);
}

static int binder_freeze_deliver(struct binder_work *work,
				 struct binder_stream *stream)
{
	struct binder_freeze *freeze =
		container_of(work, struct binder_freeze, work);
	struct binder_proc *proc = stream->thread->proc;
	binder_uintptr_t cookie = freeze->cookie;
	struct binder_frozen_state_info info = { .cookie = cookie };
	bool last, cleared;

	spin_lock(&proc->queue.lock);
	cleared = freeze->state == BINDER_FREEZE_CLEARED;
	last = cleared || freeze->orphan;
	if (!last) {
		freeze->state = BINDER_FREEZE_DELIVERED;
		freeze->resend = false;
		info.is_frozen = freeze->is_frozen;
		list_add_tail(&work->entry, &proc->delivered_freezes);
	}
	spin_unlock(&proc->queue.lock);
	if (last)
		binder_freeze_free(freeze);
	if (cleared)
		return binder_stream_put(stream,
					 BR_CLEAR_FREEZE_NOTIFICATION_DONE,
					 &cookie, sizeof(cookie));
	if (last)
		return BINDER_DELIVERY_NEXT;
	return binder_stream_put(stream, BR_FROZEN_BINDER, &info,
				 sizeof(info)) ?: BINDER_DELIVERY_STOP;
}

static void binder_freeze_cancel(struct binder_work *work)
{
	binder_freeze_free(container_of(work, struct binder_freeze, work));
}

static const struct binder_work_ops binder_freeze_ops = {
	.deliver = binder_freeze_deliver,
	.cancel = binder_freeze_cancel,
};

static void binder_freeze_queue_locked(struct binder_queue *queue,
				       struct binder_freeze *freeze,
				       enum binder_freeze_state state)
{
	struct binder_thread *thread;

	lockdep_assert_held(&queue->lock);
	freeze->state = state;
	thread = binder_queue_append_locked(queue, &freeze->work);
	if (thread)
		binder_thread_wake(thread, false);
}

/* What state is the owner of a node in? Returns false when it is dead. */
static bool binder_freeze_look(struct binder_node *node, bool *is_frozen)
{
	bool alive;

	binder_node_lock(node);
	alive = !node->dead;
	*is_frozen = node->proc->queue.frozen;
	binder_node_unlock(node);
	return alive;
}

/* Tell the holder of a ref what the owner's state is now. */
static void binder_freeze_notify(struct binder_ref *ref)
{
	struct binder_queue *queue = &ref->proc->queue;
	struct binder_freeze *freeze;
	bool is_frozen;

	if (!binder_freeze_look(ref->node, &is_frozen))
		return;
	spin_lock(&queue->lock);
	freeze = ref->gone ? NULL : ref->freeze;
	if (freeze) {
		bool differs = freeze->is_frozen != is_frozen;

		freeze->is_frozen = is_frozen;
		if (freeze->state == BINDER_FREEZE_DELIVERED)
			freeze->resend |= differs;
		else if (freeze->state != BINDER_FREEZE_QUEUED)
			binder_freeze_queue_locked(queue, freeze,
						   BINDER_FREEZE_QUEUED);
	}
	spin_unlock(&queue->lock);
}

static void binder_freeze_notify_all(struct binder_proc *proc)
{
	struct binder_node *node = NULL;

	while ((node = binder_node_walk(proc, node))) {
		binder_ref_visit(node, binder_freeze_notify);
		cond_resched();
	}
}

/* The processes of a task group, referenced; *nr of them, at least one. */
static struct binder_proc **binder_freeze_find(pid_t pid, unsigned int *nr)
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

static void binder_freeze_forget(struct binder_proc **list, unsigned int nr)
{
	while (nr--)
		binder_proc_put(list[nr]);
	kvfree(list);
}

/* What kill(2) asks of the caller. */
static bool binder_freeze_allowed(const struct pid *tgid)
{
	const struct cred *cred = current_cred(), *tcred;
	struct task_struct *task;
	bool allowed;

	rcu_read_lock();
	task = pid_task((struct pid *)tgid, PIDTYPE_TGID);
	/* Somebody else holds what an exited process opened. */
	if (!task) {
		rcu_read_unlock();
		return capable(CAP_KILL);
	}
	tcred = get_cred(__task_cred(task));
	rcu_read_unlock();
	allowed = uid_eq(cred->euid, tcred->suid) ||
		  uid_eq(cred->euid, tcred->uid) ||
		  uid_eq(cred->uid, tcred->suid) ||
		  uid_eq(cred->uid, tcred->uid) ||
		  ns_capable(tcred->user_ns, CAP_KILL);
	put_cred(tcred);
	return allowed;
}

static void binder_freeze_mark(struct binder_proc *proc, bool frozen,
			       bool forget)
{
	spin_lock(&proc->queue.lock);
	if (forget) {
		proc->queue.sync_refused = false;
		proc->queue.async_queued = false;
	}
	proc->queue.frozen = frozen && !proc->queue.dead;
	spin_unlock(&proc->queue.lock);
}

/* Is anything under way: queued, or a thread in the middle of a call? */
static bool binder_freeze_busy_locked(struct binder_proc *proc)
{
	struct binder_thread *thread;
	int i;

	lockdep_assert_held(&proc->queue.lock);
	if (proc->queue.outstanding)
		return true;
	for (i = 0; i < BINDER_THREAD_BUCKETS; i++)
		hlist_for_each_entry(thread, &proc->threads[i], hash_entry)
			if (thread->stack)
				return true;
	return false;
}

/* Wait for what was under way when the process was marked. */
static int binder_freeze_wait(struct binder_proc *proc, u32 timeout_ms)
{
	bool busy;
	long ret;

	if (timeout_ms) {
		ret = wait_event_interruptible_timeout(proc->queue.settled,
						       !READ_ONCE(proc->queue.outstanding),
						       msecs_to_jiffies(timeout_ms));
		if (ret < 0)
			return ret;
	}
	spin_lock(&proc->queue.lock);
	busy = binder_freeze_busy_locked(proc);
	spin_unlock(&proc->queue.lock);
	return busy ? -EAGAIN : 0;
}

/* Mark all, wait for all; on failure nothing stays frozen. */
static int binder_freeze_all(struct binder_proc **list, unsigned int nr,
			     u32 timeout_ms)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < nr; i++)
		binder_freeze_mark(list[i], true, true);
	for (i = 0; i < nr && !ret; i++)
		ret = binder_freeze_wait(list[i], timeout_ms);
	mutex_lock(&binder_freeze_mutex);
	for (i = 0; i < nr; i++) {
		if (ret)
			binder_freeze_mark(list[i], false, false);
		else
			binder_freeze_notify_all(list[i]);
	}
	mutex_unlock(&binder_freeze_mutex);
	return ret;
}

static void binder_thaw_all(struct binder_proc **list, unsigned int nr)
{
	unsigned int i;

	mutex_lock(&binder_freeze_mutex);
	for (i = 0; i < nr; i++) {
		binder_freeze_mark(list[i], false, true);
		binder_freeze_notify_all(list[i]);
	}
	mutex_unlock(&binder_freeze_mutex);
}

/**
 * binder_freeze_set() - BINDER_FREEZE
 * @info: whom (a pid as the caller sees it), which way, and how long to wait
 *
 * Return: 0; -EINVAL when that process has nothing open; -EPERM when the caller
 * could not kill it; -EAGAIN when something is still under way; -ERESTARTSYS
 * for a signal; -ENOMEM. On failure to freeze nothing stays frozen.
 */
int binder_freeze_set(const struct binder_freeze_info *info)
{
	struct binder_proc **list;
	unsigned int nr;
	int ret = 0;

	list = binder_freeze_find(info->pid, &nr);
	if (IS_ERR(list))
		return PTR_ERR(list);
	if (!binder_freeze_allowed(list[0]->tgid))
		ret = -EPERM;
	else if (info->enable)
		ret = binder_freeze_all(list, nr, info->timeout_ms);
	else
		binder_thaw_all(list, nr);
	binder_freeze_forget(list, nr);
	return ret;
}

/**
 * binder_freeze_get() - BINDER_GET_FROZEN_INFO
 * @info: in: pid as the caller sees it; out: what happened since the last change
 *
 * Return: 0, -EINVAL when that process has nothing open, or -ENOMEM.
 */
int binder_freeze_get(struct binder_frozen_status_info *info)
{
	struct binder_proc **list;
	unsigned int i, nr;

	list = binder_freeze_find(info->pid, &nr);
	if (IS_ERR(list))
		return PTR_ERR(list);
	info->sync_recv = 0;
	info->async_recv = 0;
	for (i = 0; i < nr; i++) {
		struct binder_queue *queue = &list[i]->queue;

		spin_lock(&queue->lock);
		if (queue->sync_refused)
			info->sync_recv |= BINDER_SYNC_REFUSED;
		if (binder_freeze_busy_locked(list[i]))
			info->sync_recv |= BINDER_SYNC_PENDING;
		info->async_recv |= queue->async_queued;
		spin_unlock(&queue->lock);
	}
	binder_freeze_forget(list, nr);
	return 0;
}

/**
 * binder_freeze_request() - BC_REQUEST_FREEZE_NOTIFICATION
 * @proc: the holder
 * @handle: its handle
 * @cookie: what the notices will carry
 *
 * Stored before the owner's state is read; a change of state is marked before
 * requests are looked for. So a change is never missed, and the first notice
 * is queued by whichever of the two comes first.
 *
 * Return: 0, -EINVAL when there is no such handle or it has a request, or
 * -ENOMEM.
 */
int binder_freeze_request(struct binder_proc *proc, u32 handle,
			  binder_uintptr_t cookie)
{
	struct binder_freeze *freeze;
	struct binder_ref *ref;
	bool is_frozen;
	int ret = -EINVAL;

	freeze = kmem_cache_zalloc(binder_freeze_slab, GFP_KERNEL);
	if (!freeze)
		return -ENOMEM;
	binder_work_init(&freeze->work, &binder_freeze_ops);
	freeze->cookie = cookie;

	/* While the table is locked the ref stays linked to the node. */
	binder_refs_lock(proc);
	ref = binder_ref_lookup_locked(proc, handle);
	if (ref) {
		spin_lock(&proc->queue.lock);
		if (!ref->freeze) {
			ref->freeze = freeze;
			ret = 0;
		}
		spin_unlock(&proc->queue.lock);
	}
	if (!ret) {
		bool alive = binder_freeze_look(ref->node, &is_frozen);

		spin_lock(&proc->queue.lock);
		if (freeze->state != BINDER_FREEZE_NEW) {
			/* A change of state came in between and was queued. */
		} else if (alive) {
			freeze->is_frozen = is_frozen;
			binder_freeze_queue_locked(&proc->queue, freeze,
						   BINDER_FREEZE_QUEUED);
		} else {
			freeze->state = BINDER_FREEZE_IDLE;
		}
		spin_unlock(&proc->queue.lock);
	}
	binder_refs_unlock(proc);

	if (ret)
		binder_freeze_free(freeze);
	return ret;
}

/**
 * binder_freeze_clear() - BC_CLEAR_FREEZE_NOTIFICATION
 * @proc: the holder
 * @handle: its handle
 * @cookie: cookie of the request
 *
 * Return: 0, or -EINVAL when there is no such request.
 */
int binder_freeze_clear(struct binder_proc *proc, u32 handle,
			binder_uintptr_t cookie)
{
	struct binder_freeze *freeze;
	struct binder_ref *ref;
	int ret = -EINVAL;

	binder_refs_lock(proc);
	ref = binder_ref_lookup_locked(proc, handle);
	if (!ref)
		goto out;
	spin_lock(&proc->queue.lock);
	freeze = ref->freeze;
	if (freeze && freeze->cookie == cookie) {
		ref->freeze = NULL;
		ret = 0;
		if (freeze->state == BINDER_FREEZE_IDLE)
			binder_freeze_queue_locked(&proc->queue, freeze,
						   BINDER_FREEZE_CLEARED);
		else if (binder_work_queued(&freeze->work) &&
			 freeze->state == BINDER_FREEZE_QUEUED)
			/* ABI: the report that was on its way is lost. */
			freeze->state = BINDER_FREEZE_CLEARED;
		else
			freeze->cleared = true;
	}
	spin_unlock(&proc->queue.lock);
out:
	binder_refs_unlock(proc);
	return ret;
}

/**
 * binder_freeze_ack() - BC_FREEZE_NOTIFICATION_DONE
 * @proc: the holder
 * @cookie: cookie of a delivered notice
 *
 * Return: 0, or -EINVAL when no delivered notice has it.
 */
int binder_freeze_ack(struct binder_proc *proc, binder_uintptr_t cookie)
{
	struct binder_freeze *freeze;
	int ret = -EINVAL;

	spin_lock(&proc->queue.lock);
	list_for_each_entry(freeze, &proc->delivered_freezes, work.entry) {
		if (freeze->cookie != cookie)
			continue;
		list_del_init(&freeze->work.entry);
		if (freeze->cleared)
			binder_freeze_queue_locked(&proc->queue, freeze,
						   BINDER_FREEZE_CLEARED);
		else if (freeze->resend)
			binder_freeze_queue_locked(&proc->queue, freeze,
						   BINDER_FREEZE_QUEUED);
		else
			freeze->state = BINDER_FREEZE_IDLE;
		ret = 0;
		break;
	}
	spin_unlock(&proc->queue.lock);
	return ret;
}

/**
 * binder_freeze_detach_locked() - take the request off a ref that goes
 * @ref: the ref; its holder's queue lock is held
 *
 * Return: the request for the caller to free after the lock, or NULL.
 */
struct binder_freeze *binder_freeze_detach_locked(struct binder_ref *ref)
{
	struct binder_freeze *freeze = ref->freeze;

	lockdep_assert_held(&ref->proc->queue.lock);
	ref->freeze = NULL;
	if (!freeze)
		return NULL;
	if (freeze->state == BINDER_FREEZE_QUEUED &&
	    !binder_work_queued(&freeze->work)) {
		/* Unlinked but not delivered yet: the reading thread frees it. */
		freeze->orphan = true;
		return NULL;
	}
	list_del_init(&freeze->work.entry);
	return freeze;
}
