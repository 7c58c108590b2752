// SPDX-License-Identifier: GPL-2.0-only
/*
 * Oneway calls to a node: one at a time, in order.
 */
#include "binder_oneway.h"

/**
 * binder_oneway_start_locked() - may a oneway call be queued now?
 * @node: its target
 * @work: the call
 *
 * Return: true when the node was idle; else the call waits its turn at the
 * node.
 */
bool binder_oneway_start_locked(struct binder_node *node,
				struct binder_work *work)
{
	lockdep_assert_held(&node->proc->queue.lock);
	if (!node->async_busy) {
		node->async_busy = true;
		return true;
	}
	binder_ring_add_locked(&node->proc->queue, &node->async_todo, work);
	return false;
}

/**
 * binder_oneway_end() - the buffer of a oneway call is being freed
 * @node: its target, referenced
 *
 * The next call, if any, goes to the process; else the node is idle.
 */
void binder_oneway_end(struct binder_node *node)
{
	struct binder_queue *queue = &node->proc->queue;
	struct binder_thread *thread = NULL;
	struct binder_work *work;

	rcu_read_lock();
	spin_lock(&queue->lock);
	work = binder_ring_next_locked(queue, &node->async_todo, NULL);
	if (work) {
		binder_ring_unlink_locked(queue, &node->async_todo, work);
		thread = binder_queue_append_locked(queue, work);
	} else {
		node->async_busy = false;
	}
	spin_unlock(&queue->lock);
	if (thread)
		binder_thread_wake(thread, false);
	rcu_read_unlock();
}
