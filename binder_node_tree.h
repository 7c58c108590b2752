/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nodes, and the tree of a process's, by its names for them. How long they live, and
 * what their counts say, is told in binder_node.h.
 *
 * Lock: the queue lock (L) of the owner.
 */
#ifndef _BINDER_NODE_TREE_H
#define _BINDER_NODE_TREE_H

#include "binder_proc.h"
#include "binder_ring.h"

/**
 * struct binder_node - an object owned by a process
 * @work: (L) queued when the owner has to be told of a change
 * @proc: (I) the owner; also read under RCU, see binder_context_is_manager()
 * @rb_entry: (L) link in &binder_proc.nodes; may be the allocator's while the node is
 *	free, so nobody reads it under RCU
 * @ptr: (I) the owner's name for the node
 * @cookie: (I) the owner's second value
 * @flags: (I) flags word of the object as first sent
 * @debug_id: (I) id for humans
 * @strong: references to the strong side; 0 to 1 and 1 to 0 under L
 * @local_weak: (L) references to the weak side that are no refs and no pins
 * @pins: (L) short-lived references to the weak side inside the driver
 * @work_pins: (L) 1 while @work is queued, and for each thread that has taken it
 *	and not decided yet what to tell: as many as the owner has threads
 * @teller: (L) number of the thread that @work was queued to last, or 0; only to
 *	compare
 * @is_manager: (L) root object of the context, until the owner dies
 * @dead: (L) the owner was released
 * @has_strong: (L) the owner has been told BR_ACQUIRE, not BR_RELEASE
 * @has_weak: (L) the owner has been told BR_INCREFS, not BR_DECREFS
 * @pending_strong: (L) BR_ACQUIRE not acknowledged, holds the strong side
 * @pending_weak: (L) BR_INCREFS not acknowledged, in @local_weak
 * @async_busy: (L) a oneway call is under way
 * @refs: (L) refs of other processes, by the address of the holder
 * @async_todo: (L) oneway calls waiting for it to end, in order
 */
struct binder_node {
	struct binder_work work;
	struct binder_proc *proc;
	struct rb_node rb_entry;
	binder_uintptr_t ptr;
	binder_uintptr_t cookie;
	u32 flags;
	u32 debug_id;
	refcount_t strong;
	u32 local_weak;
	u32 pins;
	u32 work_pins;
	pid_t teller;
	/* Read without the lock, too: not with the others in one byte. */
	bool is_manager;
	bool dead;
	bool has_strong:1;
	bool has_weak:1;
	bool pending_strong:1;
	bool pending_weak:1;
	bool async_busy:1;
	struct rb_root refs;
	struct binder_ring async_todo;
};

/**
 * struct binder_node_place - where a node would hang in its owner's tree
 * @above: the node above
 * @link: its link
 * @end: the next larger name in the tree, or U64_MAX
 */
struct binder_node_place {
	struct rb_node *above;
	struct rb_node **link;
	binder_uintptr_t end;
};

int binder_node_prepare_slow(struct binder_proc *proc);

/**
 * binder_node_prepare() - have what a process needs before its first node is made
 * @proc: the owner
 *
 * Return: 0 or -ENOMEM.
 */
static inline int binder_node_prepare(struct binder_proc *proc)
{
	return likely(READ_ONCE(proc->recent_nodes)) ? 0 : binder_node_prepare_slow(proc);
}

struct binder_node *binder_node_seek_locked(struct binder_proc *proc,
					    binder_uintptr_t ptr,
					    struct binder_node_place *place);
void binder_node_insert_locked(struct binder_node *node,
			       const struct binder_node_place *place);
void binder_node_remove_locked(struct binder_node *node);

#endif /* _BINDER_NODE_TREE_H */
