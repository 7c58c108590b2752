/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nodes: objects that a process offers to others.
 *
 * A node is known to its owner by a user address and a cookie, and to others
 * by refs. It lives in its owner's tree while the owner has been told of a
 * reference, or anybody holds one. All of its state is guarded by the owner's
 * queue lock, also after the owner died: the nodes of a dead process pin it, all
 * together.
 *
 * A node's memory is given to another one at once, but stays a node's for an RCU
 * grace period. So who finds a node under RCU alone, and has raised its strong
 * count from above zero, has to look again whether it is the one it was after.
 *
 * The strong side is one count of everything that holds the node strongly:
 * refs with a strong count (one each), messages addressed to it, local objects
 * in unfreed buffers of the owner, a BR_ACQUIRE not yet acknowledged, being
 * the context manager. It rises from zero only under the lock, and falls to
 * zero only under the lock, so that a look-up that found it above zero cannot
 * reach an object whose owner has been told BR_RELEASE.
 *
 * What rises is told by the thread that sends the object, before its ioctl
 * returns: the owner has to take its reference while that thread still has one
 * of its own. So the strong count of an object that is being sent rises in one
 * step with the promise of a notice to that thread, and another thread that is
 * about to deliver an older notice leaves it to that one. What falls is told by
 * whoever reads first.
 *
 * Modelled in models/node.pml.
 *
 * The weak side is held by refs of any kind, by local weak objects, by a
 * BR_INCREFS not yet acknowledged, by pins, and by the strong side.
 */
#ifndef _BINDER_NODE_H
#define _BINDER_NODE_H

#include "binder_log.h"
#include "binder_node_tree.h"

int binder_node_init_slab(void);
void binder_node_exit_slab(void);

/* The owner's side. */
struct binder_node *binder_node_alloc(struct binder_proc *proc,
				      const struct flat_binder_object *obj);
void binder_node_discard(struct binder_node *node);
int binder_node_make_manager(struct binder_proc *proc,
			     const struct flat_binder_object *obj,
			     struct binder_node **node);
void binder_node_count_first_locked(struct binder_node *node, bool strong,
				    struct binder_thread *thread);
int binder_node_ack(struct binder_proc *proc, binder_uintptr_t ptr,
		    binder_uintptr_t cookie, bool strong);
void binder_node_put_local(struct binder_proc *proc, binder_uintptr_t ptr,
			   bool strong);
struct binder_node *binder_node_walk(struct binder_proc *proc,
				     struct binder_node *prev);
struct binder_node *binder_node_step_locked(struct binder_proc *proc,
					    struct binder_node *prev);
void binder_node_die_locked(struct binder_node *node,
			    struct list_head *async_todo);
void binder_nodes_outlive_locked(struct binder_proc *proc);

/* References held by others. */
void binder_node_put_strong(struct binder_node *node);
void binder_node_hold_local_weak(struct binder_node *node);
void binder_node_pin(struct binder_node *node);
void binder_node_unpin(struct binder_node *node);
void binder_node_settle_locked(struct binder_node *node);

/**
 * binder_node_tryget_strong() - hold a node whose memory RCU keeps
 * @node: the node
 *
 * What the caller looks at afterwards is not older than the count.
 *
 * Return: true with a strong reference, perhaps to another node that has this
 * memory now; false when its strong side is gone.
 */
static inline bool binder_node_tryget_strong(struct binder_node *node)
{
	if (!refcount_inc_not_zero(&node->strong))
		return false;
	/* Pairs with the release when the count rises from zero. */
	smp_acquire__after_ctrl_dep();
	return true;
}

/**
 * binder_node_lock() - take the lock that guards a node
 * @node: the node
 */
static inline void binder_node_lock(struct binder_node *node)
{
	binder_debug(BINDER_DEBUG_SPINLOCKS, "%s: lock of node %u\n", __func__,
		     node->debug_id);
	spin_lock(&node->proc->queue.lock);
}

/**
 * binder_node_unlock() - drop the lock that guards a node
 * @node: the node
 */
static inline void binder_node_unlock(struct binder_node *node)
{
	spin_unlock(&node->proc->queue.lock);
}

#endif /* _BINDER_NODE_H */
