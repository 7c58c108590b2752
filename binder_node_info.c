// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answering questions about nodes.
 */
#include "binder_context.h"
#include "binder_node_info.h"
#include "binder_ref.h"

/**
 * binder_node_info_next() - BINDER_GET_NODE_DEBUG_INFO
 * @proc: the owner
 * @info: in: a user address; out: the node with the next higher one and what
 *	its owner has been told, or all zero behind the last
 */
void binder_node_info_next(struct binder_proc *proc,
			   struct binder_node_debug_info *info)
{
	binder_uintptr_t ptr = info->ptr;
	struct rb_node *rb;

	*info = (struct binder_node_debug_info){};
	spin_lock(&proc->queue.lock);
	rb = proc->nodes.rb_node;
	while (rb) {
		struct binder_node *node =
			rb_entry(rb, struct binder_node, rb_entry);

		if (node->ptr <= ptr) {
			rb = rb->rb_right;
			continue;
		}
		info->ptr = node->ptr;
		info->cookie = node->cookie;
		info->has_strong_ref = node->has_strong;
		info->has_weak_ref = node->has_weak;
		rb = rb->rb_left;
	}
	spin_unlock(&proc->queue.lock);
}

/**
 * binder_node_info_for_ref() - BINDER_GET_NODE_INFO_FOR_REF
 * @proc: the process that asks
 * @info: in: a handle, all else zero; out: the node's counts
 *
 * ABI: the strong count is that of other processes that hold the node strongly
 * and of whatever else does; the weak count leaves out other processes.
 *
 * Return: 0; -EINVAL when something is not zero or the handle is not held
 * strongly; -EPERM when the process is not the context manager.
 */
int binder_node_info_for_ref(struct binder_proc *proc,
			     struct binder_node_info_for_ref *info)
{
	struct binder_node *node;
	struct binder_ref *ref;
	int ret = -EINVAL;

	if (info->strong_count || info->weak_count || info->reserved1 ||
	    info->reserved2 || info->reserved3)
		return -EINVAL;
	if (!binder_context_is_manager(proc))
		return -EPERM;
	binder_refs_lock(proc);
	ref = binder_ref_lookup_locked(proc, info->handle);
	if (ref && ref->strong) {
		node = ref->node;
		binder_node_lock(node);
		info->strong_count = refcount_read(&node->strong);
		info->weak_count = node->local_weak;
		binder_node_unlock(node);
		ret = 0;
	}
	binder_refs_unlock(proc);
	return ret;
}
