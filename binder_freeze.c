// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests for notices of freezing.
 */
#include <linux/slab.h>

#include "binder_freeze.h"
#include "binder_hooks.h"
#include "binder_name.h"
#include "binder_stream.h"

/**
 * enum binder_freeze_state - where a request stands
 * @BINDER_FREEZE_IDLE: the holder knows the last state, or the owner is dead
 * @BINDER_FREEZE_QUEUED: BR_FROZEN_BINDER on its way
 * @BINDER_FREEZE_DELIVERED: read, not acknowledged
 * @BINDER_FREEZE_CLEARED: BR_CLEAR_FREEZE_NOTIFICATION_DONE on its way
 */
enum binder_freeze_state {
	BINDER_FREEZE_IDLE,
	BINDER_FREEZE_QUEUED,
	BINDER_FREEZE_DELIVERED,
	BINDER_FREEZE_CLEARED,
};

/**
 * struct binder_freeze - one request
 * @notice: (L) on a todo list, or in &binder_proc.delivered_freezes while @state says
 *	so; the cookie is the holder's name for it
 * @state: (L) see &enum binder_freeze_state
 * @is_frozen: (L) the owner's state as last seen
 * @told: (L) what the last notice said
 * @cleared: (L) cleared before the notice was acknowledged
 * @orphan: (L) the ref went while a thread was about to deliver the notice
 */
struct binder_freeze {
	struct binder_notice notice;
	enum binder_freeze_state state;
	bool is_frozen;
	bool told;
	bool cleared;
	bool orphan;
};

static struct kmem_cache *binder_freeze_slab;

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
	if (!freeze)
		return;
	binder_stats_gone(BINDER_STAT_FREEZE);
	kmem_cache_free(binder_freeze_slab, freeze);
}

static int binder_freeze_deliver(struct binder_work *work,
				 struct binder_stream *stream)
{
	struct binder_freeze *freeze =
		container_of(work, struct binder_freeze, notice.work);
	struct binder_proc *proc = stream->thread->proc;
	binder_uintptr_t cookie = freeze->notice.cookie;
	struct binder_frozen_state_info info = { .cookie = cookie };
	bool last, cleared;

	binder_hook_reach(BINDER_HOOK_FROZEN);
	spin_lock(&proc->queue.lock);
	cleared = freeze->state == BINDER_FREEZE_CLEARED;
	last = cleared || freeze->orphan;
	if (!last) {
		freeze->state = BINDER_FREEZE_DELIVERED;
		freeze->told = freeze->is_frozen;
		info.is_frozen = freeze->is_frozen;
		binder_notice_keep(&proc->delivered_freezes, &freeze->notice);
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
	binder_freeze_free(container_of(work, struct binder_freeze, notice.work));
}

static const struct binder_work_ops binder_freeze_ops = {
	.deliver = binder_freeze_deliver,
	.cancel = binder_freeze_cancel,
	.kind = BINDER_WORK_FREEZE,
};

static struct binder_freeze *
binder_freeze_of_locked(const struct binder_ref *ref)
{
	struct binder_notice *notice;

	lockdep_assert_held(&ref->proc->handles.lock);
	notice = binder_requests_find(ref->requests, &binder_freeze_ops);
	return notice ? container_of(notice, struct binder_freeze, notice) : NULL;
}

static void binder_freeze_queue_locked(struct binder_queue *queue,
				       struct binder_freeze *freeze,
				       enum binder_freeze_state state)
{
	struct binder_thread *thread;

	lockdep_assert_held(&queue->lock);
	freeze->state = state;
	thread = binder_queue_append_locked(queue, &freeze->notice.work);
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

/*
 * Tell the holder of a ref what the owner's state is now; if he knows it, only
 * when it was @announced. A notice on its way, or to be sent when the last one
 * is acknowledged, just changes what it will say.
 */
static void binder_freeze_tell(struct binder_ref *ref, bool announced)
{
	struct binder_queue *queue = &ref->proc->queue;
	struct binder_freeze *freeze;
	bool is_frozen;

	if (!binder_freeze_look(ref->node, &is_frozen))
		return;
	spin_lock(&queue->lock);
	freeze = binder_freeze_of_locked(ref);
	if (freeze) {
		freeze->is_frozen = is_frozen;
		if (freeze->state == BINDER_FREEZE_IDLE &&
		    (announced || freeze->told != is_frozen))
			binder_freeze_queue_locked(queue, freeze,
						   BINDER_FREEZE_QUEUED);
	}
	spin_unlock(&queue->lock);
}

static void binder_freeze_tell_always_locked(struct binder_ref **refs,
					     unsigned int nr)
{
	lockdep_assert_held(&refs[0]->proc->handles.lock);
	while (nr--)
		binder_freeze_tell(*refs++, true);
}

static void binder_freeze_tell_news_locked(struct binder_ref **refs,
					   unsigned int nr)
{
	lockdep_assert_held(&refs[0]->proc->handles.lock);
	while (nr--)
		binder_freeze_tell(*refs++, false);
}

/* Visit who holds refs to the nodes of a process. */
static void binder_freeze_visit(struct binder_proc *proc,
				void (*tell_locked)(struct binder_ref **refs,
						    unsigned int nr))
{
	struct binder_visit visit = {
		.owner = proc,
		.tell_locked = tell_locked,
		.at_once = 1,
	};

	while (binder_visit_some(&visit))
		cond_resched();
}

/**
 * binder_freeze_announce() - a process was frozen or thawed
 * @proc: the process
 *
 * ABI: everybody who asked is told, also of a thaw of what was not frozen.
 */
void binder_freeze_announce(struct binder_proc *proc)
{
	binder_freeze_visit(proc, binder_freeze_tell_always_locked);
}

/**
 * binder_freeze_correct() - a process may seem to be in a state it is not in
 * @proc: the process
 *
 * Tells only those who were told otherwise.
 */
void binder_freeze_correct(struct binder_proc *proc)
{
	binder_freeze_visit(proc, binder_freeze_tell_news_locked);
}

/**
 * binder_freeze_request() - BC_REQUEST_FREEZE_NOTIFICATION
 * @proc: the holder
 * @handle: its handle
 * @cookie: what the notices will carry
 *
 * The first notice is queued here: a change of state that comes in between finds
 * the table locked until that is done.
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

	if (binder_hook_no_memory(BINDER_HOOK_FREEZE))
		return -ENOMEM;
	freeze = kmem_cache_zalloc(binder_freeze_slab, GFP_KERNEL);
	if (!freeze)
		return -ENOMEM;
	binder_stats_made(BINDER_STAT_FREEZE);
	binder_notice_init(&freeze->notice, &binder_freeze_ops, cookie);
	freeze->state = BINDER_FREEZE_IDLE;

	/* While the table is locked the ref stays linked to the node. */
	binder_refs_lock(proc);
	ref = binder_ref_lookup_locked(proc, handle);
	if (ref && binder_requests_add(&ref->requests, &freeze->notice)) {
		ret = 0;
		binder_hook_spin(BINDER_HOOK_REQUEST);
		if (binder_freeze_look(ref->node, &is_frozen)) {
			spin_lock(&proc->queue.lock);
			freeze->is_frozen = is_frozen;
			binder_freeze_queue_locked(&proc->queue, freeze,
						   BINDER_FREEZE_QUEUED);
			spin_unlock(&proc->queue.lock);
		}
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
	freeze = ref ? binder_freeze_of_locked(ref) : NULL;
	if (freeze && freeze->notice.cookie == cookie) {
		binder_requests_remove(&ref->requests, &freeze->notice);
		ret = 0;
		spin_lock(&proc->queue.lock);
		if (freeze->state == BINDER_FREEZE_IDLE)
			binder_freeze_queue_locked(&proc->queue, freeze,
						   BINDER_FREEZE_CLEARED);
		else if (freeze->state == BINDER_FREEZE_QUEUED &&
			 binder_work_queued(&freeze->notice.work))
			/* ABI: the report that was on its way is lost. */
			freeze->state = BINDER_FREEZE_CLEARED;
		else
			freeze->cleared = true;
		spin_unlock(&proc->queue.lock);
	}
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
	struct binder_notice *notice;
	struct binder_freeze *freeze;
	int ret = -EINVAL;

	spin_lock(&proc->queue.lock);
	notice = binder_notice_find(&proc->delivered_freezes, cookie);
	if (notice) {
		freeze = container_of(notice, struct binder_freeze, notice);
		binder_notice_drop(&proc->delivered_freezes, notice);
		if (freeze->cleared)
			binder_freeze_queue_locked(&proc->queue, freeze,
						   BINDER_FREEZE_CLEARED);
		else if (freeze->told != freeze->is_frozen)
			binder_freeze_queue_locked(&proc->queue, freeze,
						   BINDER_FREEZE_QUEUED);
		else
			freeze->state = BINDER_FREEZE_IDLE;
		ret = 0;
	}
	spin_unlock(&proc->queue.lock);
	return ret;
}

/**
 * binder_freeze_detach_locked() - a ref goes, and its request with it
 * @ref: the ref, out of its table; both locks of its holder are held
 *
 * Return: the request for the caller to free after the lock, or NULL.
 */
struct binder_freeze *binder_freeze_detach_locked(struct binder_ref *ref)
{
	struct binder_freeze *freeze = binder_freeze_of_locked(ref);

	lockdep_assert_held(&ref->proc->queue.lock);
	if (!freeze)
		return NULL;
	if (freeze->state == BINDER_FREEZE_QUEUED &&
	    !binder_work_queued(&freeze->notice.work)) {
		/* Unlinked but not delivered yet: the reading thread frees it. */
		freeze->orphan = true;
		return NULL;
	}
	if (freeze->state == BINDER_FREEZE_DELIVERED)
		binder_notice_drop(&ref->proc->delivered_freezes,
				   &freeze->notice);
	else
		binder_work_unlink_locked(&ref->proc->queue,
					  &freeze->notice.work);
	return freeze;
}

/**
 * binder_freezes_forget() - drop the notices nobody will acknowledge
 * @proc: a released process, whose refs are gone
 */
void binder_freezes_forget(struct binder_proc *proc)
{
	binder_notices_cancel(&proc->queue, &proc->delivered_freezes);
}

/**
 * binder_freeze_text() - what the logs call a freeze notice in a list
 * @work: the notice; the lock of its list is held
 *
 * Return: a constant text.
 */
const char *binder_freeze_text(const struct binder_work *work)
{
	const struct binder_freeze *freeze =
		container_of(work, struct binder_freeze, notice.work);

	return freeze->state == BINDER_FREEZE_CLEARED ?
	       "has cleared freeze notification" : "has frozen binder";
}
