/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Refs: one process's numbered reference to another's node.
 *
 * A process has at most one ref to a node, and none to its own. The ref exists
 * while it has a strong or weak count; counts belong to commands of the holder
 * and to objects in its unfreed buffers. Two locks guard it: number, counts and
 * requests for notices the holder's handle table lock (R), its place among the
 * node's refs the lock of the node's owner.
 *
 * Modelled in models/node.pml (counts), death.pml and freeze.pml (requests, visits).
 *
 * Each node has a tree of its refs, by the address of the holder: most have one or
 * two, so that a process with many handles finds one as fast as others do.
 *
 * Who holds R finds a ref in the table and in its node's tree, or in neither.
 * Only one that has requests goes in steps, all under R: out of the table, requests
 * dropped, unlinked from the node. That is done by a function of who drops its last
 * count. So nothing else keeps a ref: who comes from the node, and may not take R
 * there, notes the holder, and looks again with that holder's R.
 *
 * The memory of a ref is given to another one at once, but stays a ref's for an
 * RCU grace period: see binder_ref_target().
 */
#ifndef _BINDER_REF_H
#define _BINDER_REF_H

#include "binder_node.h"

struct binder_notice;

/**
 * struct binder_ref - a handle
 * @rb_entry: link in &binder_node.refs, under the lock of the node's owner; may be the
 *	allocator's while the ref is free, so nobody reads it under RCU
 * @node: (I) the node; the ref is in its tree, which holds its weak side
 * @proc: (I) the holder; valid while the ref is linked to the node
 * @handle: (I) the number
 * @debug_id: (I) id for humans
 * @strong: (R) strong count; while it is not 0 the ref holds the node's strong
 *	side once. Also read under RCU, see binder_ref_target()
 * @weak: (R) weak count
 * @requests: (R) requests for notices until they are cleared, one of a kind. Visitors
 *	look whether there are any, under the lock of the node's owner
 */
struct binder_ref {
	struct rb_node rb_entry;
	struct binder_node *node;
	struct binder_proc *proc;
	u32 handle;
	u32 debug_id;
	u32 strong;
	u32 weak;
	struct binder_notice *requests;
};

/**
 * struct binder_ref_given - what a process got with an object
 * @handle: its handle
 * @node_id: id of the node, for traces
 * @was_new: in: the object is probably new; out: it was
 */
struct binder_ref_given {
	u32 handle;
	u32 node_id;
	bool was_new;
};

/**
 * struct binder_visit - a visit to all who asked for notices about a process
 * @owner: the process, whose nodes their refs are to
 * @async_todo: its nodes die, and this takes the oneway calls queued at one, for the
 *	caller to end before holders are told; NULL when they live on
 * @tell_locked: called with refs of one holder, under the lock of its table
 * @node: the node the visitor is at, pinned, or NULL to begin with
 * @last: the holder whose ref to @node was looked at last, or NULL
 * @holder: the holder that is told, referenced, or NULL
 * @at_once: of how many refs it is told at once, 1 to begin with
 */
struct binder_visit {
	struct binder_proc *owner;
	struct list_head *async_todo;
	void (*tell_locked)(struct binder_ref **refs, unsigned int nr);
	struct binder_node *node;
	const struct binder_proc *last;
	struct binder_proc *holder;
	unsigned int at_once;
};

int binder_ref_init_slab(void);
void binder_ref_exit_slab(void);

struct binder_node *binder_ref_target(struct binder_proc *proc, u32 handle);
struct binder_node *binder_ref_node(struct binder_proc *proc, u32 handle,
				    bool strong);
u32 binder_ref_debug_id(struct binder_proc *proc, u32 handle);
int binder_ref_offer(struct binder_proc *proc,
		     const struct flat_binder_object *obj,
		     struct binder_thread *thread, int refused,
		     struct binder_ref_given *given);
int binder_ref_take(struct binder_proc *proc, struct binder_node *node,
		    bool strong, u32 *handle);
int binder_ref_inc(struct binder_proc *proc, u32 handle, bool strong);
int binder_ref_dec(struct binder_proc *proc, u32 handle, bool strong,
		   void (*finish)(struct binder_ref *ref));
bool binder_ref_close_some(struct binder_proc *proc, u64 *handle,
			   void (*finish)(struct binder_ref *ref));
struct binder_ref *binder_ref_lookup_locked(struct binder_proc *proc,
					    u32 handle);
void binder_ref_unlink_locked(struct binder_ref *ref);
bool binder_visit_some(struct binder_visit *visit);
unsigned int binder_ref_holders_locked(struct binder_node *node,
				       const struct binder_proc **last,
				       pid_t *pids, unsigned int room,
				       unsigned int *nr_strong);

/**
 * binder_refs_lock() - take the lock with the letter R
 * @proc: the holder
 */
static inline void binder_refs_lock(struct binder_proc *proc)
{
	binder_debug(BINDER_DEBUG_SPINLOCKS, "%s: refs of %d\n", __func__,
		     pid_nr(proc->tgid));
	spin_lock(&proc->handles.lock);
}

/**
 * binder_refs_unlock() - drop the lock with the letter R
 * @proc: the holder
 */
static inline void binder_refs_unlock(struct binder_proc *proc)
{
	spin_unlock(&proc->handles.lock);
}

#endif /* _BINDER_REF_H */
