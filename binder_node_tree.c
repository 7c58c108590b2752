// SPDX-License-Identifier: GPL-2.0-only
/*
 * The objects of a process, by its names for them.
 */
#include <linux/hash.h>
#include <linux/limits.h>
#include <linux/slab.h>

#include "binder_log.h"
#include "binder_node_tree.h"

/* Where a node of that name is, if it was looked for lately. After binder_node_prepare(). */
static struct binder_node **binder_node_recent_locked(struct binder_proc *proc,
						      binder_uintptr_t ptr)
{
	lockdep_assert_held(&proc->queue.lock);
	/* malloc() aligns to 16 bytes: then those in a row seldom meet. */
	return &proc->recent_nodes[hash_64(ptr / 16, BINDER_RECENT_NODES_BITS)];
}

/**
 * binder_node_prepare_slow() - binder_node_prepare() where nothing is there yet
 * @proc: the owner
 *
 * Return: 0 or -ENOMEM.
 */
int binder_node_prepare_slow(struct binder_proc *proc)
{
	struct binder_node **recent;

	recent = kcalloc(1 << BINDER_RECENT_NODES_BITS, sizeof(*recent), GFP_KERNEL_ACCOUNT);
	if (!recent)
		return -ENOMEM;
	spin_lock(&proc->queue.lock);
	if (!proc->recent_nodes) {
		WRITE_ONCE(proc->recent_nodes, recent);
		recent = NULL;
	}
	spin_unlock(&proc->queue.lock);
	kfree(recent);
	return 0;
}

/**
 * binder_node_seek_locked() - look for an object of a process
 * @proc: the owner
 * @ptr: its name for the object
 * @place: where to store the place of a node that is not there, or NULL
 *
 * New objects often lie behind the newest one, with nothing between: allocators
 * hand out memory so. Their place needs no search.
 *
 * Return: the node, or NULL.
 */
struct binder_node *binder_node_seek_locked(struct binder_proc *proc,
					    binder_uintptr_t ptr,
					    struct binder_node_place *place)
{
	struct rb_node **p = &proc->nodes.rb_node;
	struct binder_node **recent, *node;
	binder_uintptr_t end = U64_MAX;
	struct rb_node *above = NULL;

	lockdep_assert_held(&proc->queue.lock);
	if (unlikely(!proc->recent_nodes))
		goto out;
	recent = binder_node_recent_locked(proc, ptr);
	node = *recent;
	if (node && node->ptr == ptr)
		return node;
	node = proc->newest_node;
	if (place && node && node->ptr < ptr && ptr < proc->newest_end &&
	    !node->rb_entry.rb_right) {
		place->above = &node->rb_entry;
		place->link = &node->rb_entry.rb_right;
		place->end = proc->newest_end;
		return NULL;
	}
	while (*p) {
		above = *p;
		node = rb_entry(above, struct binder_node, rb_entry);
		if (ptr < node->ptr) {
			end = node->ptr;
			p = &above->rb_left;
		} else if (ptr > node->ptr) {
			p = &above->rb_right;
		} else {
			*recent = node;
			return node;
		}
	}
out:	/* Also where no node was ever made: then it is the root. */
	if (place) {
		place->above = above;
		place->link = p;
		place->end = end;
	}
	return NULL;
}

/**
 * binder_node_insert_locked() - make a node known
 * @node: the node; the caller makes something refer to it under the same hold
 * @place: its place in its owner's tree
 */
void binder_node_insert_locked(struct binder_node *node,
			       const struct binder_node_place *place)
{
	struct binder_proc *proc = node->proc;

	lockdep_assert_held(&proc->queue.lock);
	rb_link_node(&node->rb_entry, place->above, place->link);
	rb_insert_color(&node->rb_entry, &proc->nodes);
	proc->nr_nodes++;
	*binder_node_recent_locked(proc, node->ptr) = node;
	proc->newest_node = node;
	proc->newest_end = place->end;
	binder_debug(BINDER_DEBUG_INTERNAL_REFS, "node %u of %d is new\n",
		     node->debug_id, pid_nr(proc->tgid));
	binder_stats_made(BINDER_STAT_NODE);
}

/**
 * binder_node_remove_locked() - a node is no object of its owner any more
 * @node: the node
 */
void binder_node_remove_locked(struct binder_node *node)
{
	struct binder_proc *proc = node->proc;
	struct binder_node **recent;

	lockdep_assert_held(&proc->queue.lock);
	recent = binder_node_recent_locked(proc, node->ptr);
	if (*recent == node)
		*recent = NULL;
	if (proc->newest_node == node)
		proc->newest_node = NULL;
	rb_erase(&node->rb_entry, &proc->nodes);
	proc->nr_nodes--;
}
