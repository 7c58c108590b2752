// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests for death notifications, and the end of a ref.
 */
#include <linux/slab.h>

#include "binder_death.h"
#include "binder_freeze.h"
#include "binder_hooks.h"
#include "binder_name.h"
#include "binder_stream.h"

/**
 * enum binder_death_state - where a request stands
 * @BINDER_DEATH_ARMED: waiting for the owner's death
 * @BINDER_DEATH_QUEUED: BR_DEAD_BINDER on its way
 * @BINDER_DEATH_DELIVERED: read, not acknowledged
 * @BINDER_DEATH_ACKED: acknowledged, still attached to the ref
 * @BINDER_DEATH_CLEARED: BR_CLEAR_DEATH_NOTIFICATION_DONE on its way
 */
enum binder_death_state {
	BINDER_DEATH_ARMED,
	BINDER_DEATH_QUEUED,
	BINDER_DEATH_DELIVERED,
	BINDER_DEATH_ACKED,
	BINDER_DEATH_CLEARED,
};

/**
 * struct binder_death - one request
 * @notice: (L) on a todo list, or in &binder_proc.delivered_deaths while @state says
 *	so; the cookie is the holder's name for it
 * @state: (L) see &enum binder_death_state
 * @cleared: (L) cleared before the notice was acknowledged
 * @orphan: (L) the ref went while a thread was about to deliver the notice
 */
struct binder_death {
	struct binder_notice notice;
	enum binder_death_state state;
	bool cleared;
	bool orphan;
};

static struct kmem_cache *binder_death_slab;

/**
 * binder_death_init_slab() - make the slab of requests
 *
 * Return: 0 or -ENOMEM.
 */
int binder_death_init_slab(void)
{
	binder_death_slab = kmem_cache_create(BINDER_NAME_STR "_death",
					      sizeof(struct binder_death), 0,
					      SLAB_ACCOUNT, NULL);
	return binder_death_slab ? 0 : -ENOMEM;
}

/**
 * binder_death_exit_slab() - drop the slab
 */
void binder_death_exit_slab(void)
{
	kmem_cache_destroy(binder_death_slab);
}

static void binder_death_free(struct binder_death *death)
{
	binder_stats_gone(BINDER_STAT_DEATH);
	kmem_cache_free(binder_death_slab, death);
}

static int binder_death_deliver(struct binder_work *work,
				struct binder_stream *stream)
{
	struct binder_death *death =
		container_of(work, struct binder_death, notice.work);
	struct binder_proc *proc = stream->thread->proc;
	binder_uintptr_t cookie = death->notice.cookie;
	bool last, cleared;

	binder_hook_reach(BINDER_HOOK_DEAD);
	spin_lock(&proc->queue.lock);
	cleared = death->state == BINDER_DEATH_CLEARED;
	last = cleared || death->orphan;
	if (!last) {
		death->state = BINDER_DEATH_DELIVERED;
		binder_notice_keep(&proc->delivered_deaths, &death->notice);
	}
	spin_unlock(&proc->queue.lock);
	if (last)
		binder_death_free(death);
	if (cleared)
		return binder_stream_put(stream,
					 BR_CLEAR_DEATH_NOTIFICATION_DONE,
					 &cookie, sizeof(cookie));
	if (last)
		return BINDER_DELIVERY_NEXT;
	/* The holder's handler may make calls: let it run now. */
	return binder_stream_put(stream, BR_DEAD_BINDER, &cookie,
				 sizeof(cookie)) ?: BINDER_DELIVERY_STOP;
}

static void binder_death_cancel(struct binder_work *work)
{
	binder_death_free(container_of(work, struct binder_death, notice.work));
}

static const struct binder_work_ops binder_death_ops = {
	.deliver = binder_death_deliver,
	.cancel = binder_death_cancel,
	.kind = BINDER_WORK_DEATH,
};

/**
 * binder_death_of_locked() - the request for a death notice of a ref
 * @ref: the ref; the table it is in, or was, is locked
 *
 * Return: the request, or NULL.
 */
struct binder_death *binder_death_of_locked(const struct binder_ref *ref)
{
	struct binder_notice *notice;

	lockdep_assert_held(&ref->proc->handles.lock);
	notice = binder_requests_find(ref->requests, &binder_death_ops);
	return notice ? container_of(notice, struct binder_death, notice) : NULL;
}

/* The owner is dead: queue the notice. False when that was done, or nobody asked. */
static bool binder_death_fire_locked(struct binder_ref *ref)
{
	struct binder_queue *queue = &ref->proc->queue;
	struct binder_death *death = binder_death_of_locked(ref);

	lockdep_assert_held(&queue->lock);
	if (!death || death->state != BINDER_DEATH_ARMED)
		return false;
	death->state = BINDER_DEATH_QUEUED;
	list_add_tail(&death->notice.work.entry, &queue->todo);
	return true;
}

/**
 * binder_death_tell_locked() - the owner of nodes was released
 * @refs: refs of one holder, whose table is locked; their nodes are marked dead
 * @nr: how many, at least one
 *
 * One thread is roused for all of them: who takes one and leaves others rouses the
 * next.
 */
void binder_death_tell_locked(struct binder_ref **refs, unsigned int nr)
{
	struct binder_queue *queue = &refs[0]->proc->queue;
	struct binder_thread *thread = NULL;
	bool fired = false;
	unsigned int i;

	lockdep_assert_held(&refs[0]->proc->handles.lock);
	rcu_read_lock();
	spin_lock(&queue->lock);
	for (i = 0; i < nr; i++)
		fired |= binder_death_fire_locked(refs[i]);
	if (fired)
		thread = binder_queue_rouse_locked(queue);
	spin_unlock(&queue->lock);
	if (thread)
		binder_thread_wake(thread, false);
	rcu_read_unlock();
}

/**
 * binder_death_request() - BC_REQUEST_DEATH_NOTIFICATION
 * @proc: the holder
 * @handle: its handle
 * @cookie: what the notice will carry
 *
 * The request is stored before the node is asked whether it is dead, and a
 * dying owner marks the node before it looks for requests, so one of the two
 * queues the notice; that a request leaves the armed state once keeps it to
 * one.
 *
 * Return: 0, -EINVAL when there is no such handle or it has a request, or
 * -ENOMEM.
 */
int binder_death_request(struct binder_proc *proc, u32 handle,
			 binder_uintptr_t cookie)
{
	struct binder_death *death;
	struct binder_ref *ref;
	bool dead = false;
	int ret = -EINVAL;

	if (binder_hook_no_memory(BINDER_HOOK_DEATH))
		return -ENOMEM;
	death = kmem_cache_zalloc(binder_death_slab, GFP_KERNEL);
	if (!death)
		return -ENOMEM;
	binder_stats_made(BINDER_STAT_DEATH);
	binder_notice_init(&death->notice, &binder_death_ops, cookie);
	death->state = BINDER_DEATH_ARMED;

	/* While the table is locked the ref stays linked to the node. */
	binder_refs_lock(proc);
	ref = binder_ref_lookup_locked(proc, handle);
	if (ref && binder_requests_add(&ref->requests, &death->notice)) {
		ret = 0;
		binder_hook_spin(BINDER_HOOK_REQUEST);
		binder_node_lock(ref->node);
		dead = ref->node->dead;
		binder_node_unlock(ref->node);
	}
	if (dead)
		binder_death_tell_locked(&ref, 1);
	binder_refs_unlock(proc);

	if (ret)
		binder_death_free(death);
	return ret;
}

/* Say that a clear is complete: to the thread if it is a looper. */
static void binder_death_queue_cleared_locked(struct binder_death *death,
					      struct binder_thread *thread)
{
	struct binder_thread *idle;

	lockdep_assert_held(&thread->queue->lock);
	death->state = BINDER_DEATH_CLEARED;
	if (binder_thread_is_looper_locked(thread)) {
		binder_thread_queue_locked(thread, &death->notice.work);
		return;
	}
	idle = binder_queue_append_locked(thread->queue, &death->notice.work);
	if (idle)
		binder_thread_wake(idle, false);
}

/**
 * binder_death_clear() - BC_CLEAR_DEATH_NOTIFICATION
 * @thread: the current thread
 * @handle: handle of its process
 * @cookie: cookie of the request
 *
 * ABI: the handle may get a new request at once, and each accepted clear gives
 * one BR_CLEAR_DEATH_NOTIFICATION_DONE, after any notice that was on its way
 * has been acknowledged.
 *
 * Return: 0, or -EINVAL when there is no such request.
 */
int binder_death_clear(struct binder_thread *thread, u32 handle,
		       binder_uintptr_t cookie)
{
	struct binder_proc *proc = thread->proc;
	struct binder_death *death;
	struct binder_ref *ref;
	int ret = -EINVAL;

	binder_refs_lock(proc);
	ref = binder_ref_lookup_locked(proc, handle);
	death = ref ? binder_death_of_locked(ref) : NULL;
	if (death && death->notice.cookie == cookie) {
		binder_requests_remove(&ref->requests, &death->notice);
		ret = 0;
		spin_lock(&proc->queue.lock);
		if (death->state == BINDER_DEATH_ARMED ||
		    death->state == BINDER_DEATH_ACKED)
			binder_death_queue_cleared_locked(death, thread);
		else
			death->cleared = true;
		spin_unlock(&proc->queue.lock);
	}
	binder_refs_unlock(proc);
	return ret;
}

/**
 * binder_death_ack() - BC_DEAD_BINDER_DONE
 * @thread: the current thread
 * @cookie: cookie of a delivered notice
 *
 * Return: 0, or -EINVAL when no delivered notice has it.
 */
int binder_death_ack(struct binder_thread *thread, binder_uintptr_t cookie)
{
	struct binder_proc *proc = thread->proc;
	struct binder_notice *notice;
	struct binder_death *death;
	int ret = -EINVAL;

	spin_lock(&proc->queue.lock);
	notice = binder_notice_find(&proc->delivered_deaths, cookie);
	if (notice) {
		death = container_of(notice, struct binder_death, notice);
		binder_notice_drop(&proc->delivered_deaths, notice);
		if (death->cleared)
			binder_death_queue_cleared_locked(death, thread);
		else
			death->state = BINDER_DEATH_ACKED;
		ret = 0;
	}
	spin_unlock(&proc->queue.lock);
	return ret;
}

/**
 * binder_death_text() - what the logs call a death notice in a list
 * @work: the notice; the lock of its list is held
 *
 * Return: a constant text.
 */
const char *binder_death_text(const struct binder_work *work)
{
	const struct binder_death *death =
		container_of(work, struct binder_death, notice.work);

	if (death->state == BINDER_DEATH_CLEARED)
		return "has cleared death notification";
	return death->cleared ? "has cleared dead binder" : "has dead binder";
}

/**
 * binder_notices_forget() - drop the notices nobody will acknowledge
 * @proc: a released process, whose refs are gone
 *
 * Those that are left were cleared, and so belong to no ref.
 */
void binder_notices_forget(struct binder_proc *proc)
{
	binder_freezes_forget(proc);
	binder_notices_cancel(&proc->queue, &proc->delivered_deaths);
}

/**
 * binder_ref_finish_locked() - end a ref that lost its last count
 * @ref: the ref, out of its table, whose lock is held
 *
 * ABI: its requests for notices go silently, in whatever state they are.
 * One that was cleared before is no longer the ref's and still completes.
 */
void binder_ref_finish_locked(struct binder_ref *ref)
{
	struct binder_queue *queue = &ref->proc->queue;
	struct binder_freeze *freeze;
	struct binder_death *death;

	lockdep_assert_held(&ref->proc->handles.lock);
	spin_lock(&queue->lock);
	freeze = binder_freeze_detach_locked(ref);
	death = binder_death_of_locked(ref);
	if (death) {
		bool delivering = death->state == BINDER_DEATH_QUEUED &&
				  !binder_work_queued(&death->notice.work);

		if (death->state == BINDER_DEATH_DELIVERED)
			binder_notice_drop(&ref->proc->delivered_deaths,
					   &death->notice);
		else
			binder_work_unlink_locked(queue, &death->notice.work);
		/* Unlinked but not delivered yet: the reading thread frees it. */
		death->orphan = delivering;
		if (delivering)
			death = NULL;
	}
	spin_unlock(&queue->lock);
	if (death)
		binder_death_free(death);
	binder_freeze_free(freeze);
	binder_ref_unlink_locked(ref);
}
