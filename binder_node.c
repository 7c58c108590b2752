// SPDX-License-Identifier: GPL-2.0-only
/*
 * Node counts and what their owner is told of them.
 */
#include <linux/slab.h>

#include "binder_hooks.h"
#include "binder_name.h"
#include "binder_node.h"
#include "binder_stream.h"

static struct kmem_cache *binder_node_slab;

/**
 * binder_node_init_slab() - make the slab of nodes
 *
 * Return: 0 or -ENOMEM.
 */
int binder_node_init_slab(void)
{
	binder_node_slab = compat_rcu_cache_create(BINDER_NAME_STR "_node",
						   sizeof(struct binder_node),
						   offsetof(struct binder_node, rb_entry),
						   SLAB_ACCOUNT);
	return binder_node_slab ? 0 : -ENOMEM;
}

/**
 * binder_node_exit_slab() - drop the slab
 */
void binder_node_exit_slab(void)
{
	kmem_cache_destroy(binder_node_slab);
}

static bool binder_node_strong_alive(const struct binder_node *node)
{
	return refcount_read(&node->strong) != 0;
}

static bool binder_node_weak_alive(const struct binder_node *node)
{
	return !RB_EMPTY_ROOT(&node->refs) || node->local_weak || node->pins ||
	       binder_node_strong_alive(node);
}

/* Forget a node that nobody refers to and whose owner knows it. */
static void binder_node_free_locked(struct binder_node *node)
{
	struct binder_proc *proc = node->proc;

	lockdep_assert_held(&proc->queue.lock);
	binder_node_remove_locked(node);
	binder_stats_gone(BINDER_STAT_NODE);
	binder_debug(BINDER_DEBUG_INTERNAL_REFS, "node %u of %d is gone\n",
		     node->debug_id, pid_nr(proc->tgid));
	kmem_cache_free(binder_node_slab, node);
	if (!proc->nr_nodes && proc->queue.dead)
		binder_proc_put(proc);
}

static void binder_node_queue_locked(struct binder_node *node)
{
	struct binder_thread *thread;

	lockdep_assert_held(&node->proc->queue.lock);
	/* Whoever has the notice, queued or in hand, looks at the counts later. */
	if (node->work_pins)
		return;
	node->work_pins++;
	thread = binder_queue_append_locked(&node->proc->queue, &node->work);
	if (thread)
		binder_thread_wake(thread, false);
}

/* Take the notice off its list; false when a thread has it in hand. */
static bool binder_node_take_back_locked(struct binder_node *node)
{
	lockdep_assert_held(&node->proc->queue.lock);
	if (binder_work_queued(&node->work)) {
		binder_work_unlink_locked(&node->proc->queue, &node->work);
		node->work_pins--;
	}
	return !node->work_pins;
}

/**
 * binder_node_settle_locked() - act on a count that fell
 * @node: the node
 *
 * Queues the owner's notice when a side it knows of died; frees a node that
 * nobody refers to, so the caller must not touch it afterwards unless it has a
 * reference of its own. A notice of what rose and fell again says nothing: it
 * does not wait for a reader.
 */
void binder_node_settle_locked(struct binder_node *node)
{
	bool strong, weak;

	lockdep_assert_held(&node->proc->queue.lock);
	strong = binder_node_strong_alive(node);
	weak = binder_node_weak_alive(node);
	if (!node->dead && ((node->has_strong && !strong) ||
			    (node->has_weak && !weak)))
		binder_node_queue_locked(node);
	else if (!weak && binder_node_take_back_locked(node))
		binder_node_free_locked(node);
}

/*
 * Tell the owner what changed. The codes are decided and the flags turned in
 * one step under the lock, so that a later decrement cannot be reported before
 * an earlier increment.
 */
static int binder_node_deliver(struct binder_work *work,
			       struct binder_stream *stream)
{
	struct binder_node *node = container_of(work, struct binder_node, work);
	struct binder_proc *proc = node->proc;
	struct binder_ptr_cookie who = {
		.ptr = node->ptr,
		.cookie = node->cookie,
	};
	bool increfs, acquire, release, decrefs, strong, weak;
	int ret = 0;

	binder_hook_reach(BINDER_HOOK_NOTICE);
	spin_lock(&proc->queue.lock);
	node->work_pins--;
	if (node->teller && node->teller != pid_nr(stream->thread->pid) &&
	    node->work_pins) {
		/* Queued to a sender since this thread took it: that one tells. */
		spin_unlock(&proc->queue.lock);
		return BINDER_DELIVERY_NEXT;
	}
	node->teller = 0;
	strong = binder_node_strong_alive(node);
	weak = binder_node_weak_alive(node);
	increfs = weak && !node->has_weak;
	acquire = strong && !node->has_strong;
	release = !strong && node->has_strong;
	decrefs = !weak && node->has_weak;
	if (increfs) {
		node->has_weak = true;
		node->pending_weak = true;
		node->local_weak++;
	}
	if (acquire) {
		node->has_strong = true;
		node->pending_strong = true;
		refcount_inc(&node->strong);
	}
	if (release)
		node->has_strong = false;
	if (decrefs)
		node->has_weak = false;
	if (!weak && !node->work_pins)
		binder_node_free_locked(node);
	spin_unlock(&proc->queue.lock);

	if (increfs)
		ret = binder_stream_put(stream, BR_INCREFS, &who, sizeof(who));
	if (!ret && acquire)
		ret = binder_stream_put(stream, BR_ACQUIRE, &who, sizeof(who));
	if (!ret && release)
		ret = binder_stream_put(stream, BR_RELEASE, &who, sizeof(who));
	if (!ret && decrefs)
		ret = binder_stream_put(stream, BR_DECREFS, &who, sizeof(who));
	return ret ?: BINDER_DELIVERY_NEXT;
}

static void binder_node_cancel(struct binder_work *work)
{
	struct binder_node *node = container_of(work, struct binder_node, work);
	struct binder_proc *proc = node->proc;

	spin_lock(&proc->queue.lock);
	node->work_pins--;
	if (node->dead)
		binder_node_settle_locked(node);
	spin_unlock(&proc->queue.lock);
}

static bool binder_node_outlives_thread(const struct binder_work *work)
{
	return true;
}

static const struct binder_work_ops binder_node_work_ops = {
	.deliver = binder_node_deliver,
	.cancel = binder_node_cancel,
	.outlives_thread = binder_node_outlives_thread,
	.kind = BINDER_WORK_NODE,
};

/**
 * binder_node_alloc() - prepare a node
 * @proc: the owner
 * @obj: the object
 *
 * Nobody refers to it: it is either inserted or discarded.
 *
 * Return: the node, or NULL.
 */
struct binder_node *binder_node_alloc(struct binder_proc *proc,
				      const struct flat_binder_object *obj)
{
	struct binder_node *node;

	if (binder_hook_no_memory(BINDER_HOOK_NODE) || binder_node_prepare(proc))
		return NULL;
	node = kmem_cache_alloc(binder_node_slab, GFP_KERNEL);
	if (!node)
		return NULL;
	binder_work_init(&node->work, &binder_node_work_ops);
	/* Who still looks for a manager here may read it. */
	WRITE_ONCE(node->proc, proc);
	node->ptr = obj->binder;
	node->cookie = obj->cookie;
	node->flags = obj->flags;
	node->debug_id = binder_next_id();
	/* In memory that was a node it is 0; who still looks there relies on it. */
	refcount_set(&node->strong, 0);
	node->local_weak = 0;
	node->pins = 0;
	node->work_pins = 0;
	node->teller = 0;
	node->refs = RB_ROOT;
	node->has_strong = false;
	node->has_weak = false;
	node->pending_strong = false;
	node->pending_weak = false;
	node->is_manager = false;
	node->dead = false;
	node->async_busy = false;
	binder_ring_init(&node->async_todo);
	return node;
}

/**
 * binder_node_discard() - forget a node that was never inserted
 * @node: the node
 */
void binder_node_discard(struct binder_node *node)
{
	kmem_cache_free(binder_node_slab, node);
}

static void binder_node_hold_strong_locked(struct binder_node *node)
{
	lockdep_assert_held(&node->proc->queue.lock);
	if (refcount_inc_not_zero(&node->strong))
		return;
	/* Pairs with binder_node_tryget_strong(). */
	atomic_set_release(&node->strong.refs, 1);
}

/**
 * binder_node_make_manager() - make the root object of a context
 * @proc: the process that becomes manager
 * @obj: its object; all zero for the plain ioctl
 * @node: where to store the node
 *
 * ABI: the manager is never told of references to its root object.
 *
 * Return: 0, or -ENOMEM.
 */
int binder_node_make_manager(struct binder_proc *proc,
			     const struct flat_binder_object *obj,
			     struct binder_node **node)
{
	struct binder_node *found, *new = binder_node_alloc(proc, obj);
	struct binder_node_place place;

	if (!new)
		return -ENOMEM;
	spin_lock(&proc->queue.lock);
	found = binder_node_seek_locked(proc, obj->binder, &place);
	if (!found) {
		binder_node_insert_locked(new, &place);
		found = new;
		new = NULL;
	}
	binder_node_hold_strong_locked(found);
	found->local_weak++;
	found->has_strong = true;
	found->has_weak = true;
	/* Who makes a ref of another process looks without this lock. */
	WRITE_ONCE(found->is_manager, true);
	spin_unlock(&proc->queue.lock);
	if (new)
		binder_node_discard(new);
	*node = found;
	return 0;
}

/**
 * binder_node_count_first_locked() - an object that is sent gives a ref its
 *	first count
 * @node: the node
 * @strong: the count is strong, and now holds the strong side
 * @thread: the owner's thread that sends it
 *
 * ABI: the notice goes to the sending thread ahead of the completion, so that
 * it takes its reference before its own temporary one dies. A strong one moves
 * there from wherever it is queued.
 */
void binder_node_count_first_locked(struct binder_node *node, bool strong,
				    struct binder_thread *thread)
{
	bool queued = binder_work_queued(&node->work);

	lockdep_assert_held(&node->proc->queue.lock);
	if (strong)
		binder_node_hold_strong_locked(node);
	if (strong ? node->has_strong : node->has_weak || queued)
		return;
	if (queued)
		binder_work_unlink_locked(&node->proc->queue, &node->work);
	else
		node->work_pins++;
	node->teller = pid_nr(thread->pid);
	binder_thread_queue_deferred_locked(thread, &node->work);
}

/**
 * binder_node_ack() - BC_ACQUIRE_DONE or BC_INCREFS_DONE
 * @proc: the owner
 * @ptr: the node
 * @cookie: its cookie
 * @strong: BC_ACQUIRE_DONE
 *
 * Return: 0, or -EINVAL when there is no such node or nothing is pending.
 */
int binder_node_ack(struct binder_proc *proc, binder_uintptr_t ptr,
		    binder_uintptr_t cookie, bool strong)
{
	struct binder_node *node;
	int ret = -EINVAL;

	spin_lock(&proc->queue.lock);
	node = binder_node_seek_locked(proc, ptr, NULL);
	if (!node || node->cookie != cookie)
		goto out;
	if (!(strong ? node->pending_strong : node->pending_weak))
		goto out;
	ret = 0;
	if (strong) {
		node->pending_strong = false;
	} else {
		node->pending_weak = false;
		node->local_weak--;
	}
	if (!strong || refcount_dec_and_test(&node->strong))
		binder_node_settle_locked(node);
out:
	spin_unlock(&proc->queue.lock);
	return ret;
}

/**
 * binder_node_put_local() - a buffer of the owner with a local object goes
 * @proc: the owner
 * @ptr: the node in the object
 * @strong: the object is BINDER, not WEAK_BINDER
 */
void binder_node_put_local(struct binder_proc *proc, binder_uintptr_t ptr,
			   bool strong)
{
	struct binder_node *node;

	spin_lock(&proc->queue.lock);
	node = binder_node_seek_locked(proc, ptr, NULL);
	if (WARN_ON_ONCE(!node)) {
		/* The buffer holds the node: this would be a driver bug. */
	} else if (strong) {
		if (refcount_dec_and_test(&node->strong))
			binder_node_settle_locked(node);
	} else {
		node->local_weak--;
		binder_node_settle_locked(node);
	}
	spin_unlock(&proc->queue.lock);
}

/* The node behind @prev in the order of user addresses. */
static struct binder_node *binder_node_next_locked(struct binder_proc *proc,
						   struct binder_node *prev)
{
	struct rb_node *rb;

	lockdep_assert_held(&proc->queue.lock);
	rb = prev ? rb_next(&prev->rb_entry) : rb_first(&proc->nodes);
	return rb ? rb_entry(rb, struct binder_node, rb_entry) : NULL;
}

/**
 * binder_node_step_locked() - go on to the next node of a process
 * @proc: the process
 * @prev: the node of the previous step, whose pin is dropped, or NULL
 *
 * Return: the next node in the order of user addresses with a pin, or NULL.
 */
struct binder_node *binder_node_step_locked(struct binder_proc *proc,
					    struct binder_node *prev)
{
	struct binder_node *node = binder_node_next_locked(proc, prev);

	lockdep_assert_held(&proc->queue.lock);
	if (node)
		node->pins++;
	if (prev) {
		prev->pins--;
		/* With refs it is as alive without a pin. */
		if (RB_EMPTY_ROOT(&prev->refs))
			binder_node_settle_locked(prev);
	}
	return node;
}

/**
 * binder_node_walk() - walk over the nodes of a process
 * @proc: the process
 * @prev: the node of the previous step, whose pin is dropped, or NULL
 *
 * Return: the next node in the order of user addresses with a pin, or NULL.
 */
struct binder_node *binder_node_walk(struct binder_proc *proc,
				     struct binder_node *prev)
{
	struct binder_node *node;

	spin_lock(&proc->queue.lock);
	node = binder_node_step_locked(proc, prev);
	spin_unlock(&proc->queue.lock);
	return node;
}

/**
 * binder_node_die_locked() - mark a node of a released process as dead
 * @node: the node, pinned
 * @async_todo: empty list that takes the oneway calls queued at the node
 *
 * What the driver held for the owner goes; buffers in flight drop theirs.
 */
void binder_node_die_locked(struct binder_node *node,
			    struct list_head *async_todo)
{
	struct binder_queue *queue = &node->proc->queue;

	lockdep_assert_held(&queue->lock);
	binder_debug(BINDER_DEBUG_DEAD_BINDER, "node %u of %d is dead\n",
		     node->debug_id, pid_nr(node->proc->tgid));
	WRITE_ONCE(node->dead, true);
	binder_ring_take_all_locked(queue, &node->async_todo, async_todo);
	if (node->pending_weak)
		node->local_weak--;
	if (node->pending_strong && refcount_dec_and_test(&node->strong))
		binder_node_settle_locked(node);
	if (node->is_manager) {
		node->local_weak--;
		if (refcount_dec_and_test(&node->strong))
			binder_node_settle_locked(node);
	}
	node->pending_weak = false;
	node->pending_strong = false;
	WRITE_ONCE(node->is_manager, false);
}

/**
 * binder_nodes_outlive_locked() - a process is being released
 * @proc: the process, marked dead
 *
 * Its file kept it for its nodes. From here on they keep it, all together.
 */
void binder_nodes_outlive_locked(struct binder_proc *proc)
{
	lockdep_assert_held(&proc->queue.lock);
	if (proc->nr_nodes)
		binder_proc_get(proc);
}

/**
 * binder_node_put_strong() - drop a strong reference
 * @node: the node
 */
void binder_node_put_strong(struct binder_node *node)
{
	struct binder_proc *owner = node->proc;

	if (refcount_dec_not_one(&node->strong))
		return;
	/* It falls to zero only under the lock. */
	binder_owner_lock(owner);
	if (refcount_dec_and_test(&node->strong))
		binder_node_settle_locked(node);
	binder_owner_unlock(owner);
}

/**
 * binder_node_hold_local_weak() - a WEAK_HANDLE came home to the owner
 * @node: the node, pinned
 */
void binder_node_hold_local_weak(struct binder_node *node)
{
	binder_node_lock(node);
	node->local_weak++;
	binder_node_unlock(node);
}

/**
 * binder_node_pin() - hold the weak side of a node
 * @node: a node whose weak side something else holds meanwhile
 */
void binder_node_pin(struct binder_node *node)
{
	binder_node_lock(node);
	node->pins++;
	binder_node_unlock(node);
}

/**
 * binder_node_unpin() - drop a pin
 * @node: the node
 */
void binder_node_unpin(struct binder_node *node)
{
	struct binder_proc *owner = node->proc;

	binder_owner_lock(owner);
	node->pins--;
	binder_node_settle_locked(node);
	binder_owner_unlock(owner);
}
