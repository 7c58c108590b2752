// SPDX-License-Identifier: GPL-2.0-only
/*
 * The handle table of a process.
 */
#include <linux/slab.h>

#include "binder_hooks.h"
#include "binder_name.h"
#include "binder_ref.h"

/* Refs of a dying node that are pinned at a time. */
#define BINDER_REF_BATCH 32

static struct kmem_cache *binder_ref_slab;

/**
 * binder_ref_init_slab() - make the slab of refs
 *
 * Return: 0 or -ENOMEM.
 */
int binder_ref_init_slab(void)
{
	binder_ref_slab = kmem_cache_create(BINDER_NAME_STR "_ref",
					    sizeof(struct binder_ref), 0,
					    SLAB_ACCOUNT, NULL);
	return binder_ref_slab ? 0 : -ENOMEM;
}

/**
 * binder_ref_exit_slab() - drop the slab, after rcu_barrier()
 */
void binder_ref_exit_slab(void)
{
	kmem_cache_destroy(binder_ref_slab);
}

static void binder_ref_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(binder_ref_slab,
			container_of(rcu, struct binder_ref, rcu));
}

/**
 * binder_ref_put() - drop a reference to the structure
 * @ref: the ref
 */
void binder_ref_put(struct binder_ref *ref)
{
	if (!refcount_dec_and_test(&ref->pins))
		return;
	binder_stats_gone(BINDER_STAT_REF);
	call_rcu(&ref->rcu, binder_ref_free_rcu);
}

/**
 * binder_ref_lookup_locked() - the ref of a handle
 * @proc: the holder
 * @handle: the number
 *
 * Return: the ref, or NULL.
 */
struct binder_ref *binder_ref_lookup_locked(struct binder_proc *proc,
					    u32 handle)
{
	lockdep_assert_held(&proc->handles.xa_lock);
	return xa_load(&proc->handles, handle);
}

/**
 * binder_ref_target() - the node a call is addressed to
 * @proc: the caller
 * @handle: its handle
 *
 * Takes no lock. What is pinned is the strong side, not the memory: the count
 * cannot rise from zero here, so a node that the owner was told to release is
 * never reached, even when the handle is being dropped at this moment.
 *
 * Return: the node with a strong reference, or NULL when the handle is not
 * held strongly.
 */
struct binder_node *binder_ref_target(struct binder_proc *proc, u32 handle)
{
	XA_STATE(xas, &proc->handles, handle);
	struct binder_node *node = NULL;
	struct binder_ref *ref;

	rcu_read_lock();
	/* Pairs with the release in xa_store(): the ref is seen complete. */
	do {
		ref = xas_load(&xas);
		if (xa_is_zero(ref))
			ref = NULL;
	} while (xas_retry(&xas, ref));
	/* Pairs with the writers under R; a stale value loses below. */
	if (ref && READ_ONCE(ref->strong) &&
	    binder_node_tryget_strong(ref->node))
		node = ref->node;
	rcu_read_unlock();
	return node;
}

/**
 * binder_ref_node() - the node of a handle that is passed on
 * @proc: the sender
 * @handle: its handle
 * @strong: the object is HANDLE, not WEAK_HANDLE
 *
 * Return: the node with a strong reference, or a pin when not @strong; NULL
 * when the handle is not held so.
 */
struct binder_node *binder_ref_node(struct binder_proc *proc, u32 handle,
				    bool strong)
{
	struct binder_node *node = NULL;
	struct binder_ref *ref;

	if (strong)
		return binder_ref_target(proc, handle);
	binder_refs_lock(proc);
	ref = binder_ref_lookup_locked(proc, handle);
	if (ref) {
		node = ref->node;
		binder_node_pin(node);
	}
	binder_refs_unlock(proc);
	return node;
}

/**
 * binder_ref_debug_id() - name a ref to a human
 * @proc: the holder
 * @handle: its handle
 *
 * Return: the id of the ref, or 0 when there is none any more.
 */
u32 binder_ref_debug_id(struct binder_proc *proc, u32 handle)
{
	struct binder_ref *ref;
	u32 id;

	binder_refs_lock(proc);
	ref = binder_ref_lookup_locked(proc, handle);
	id = ref ? ref->debug_id : 0;
	binder_refs_unlock(proc);
	return id;
}

/* The ref to a node, or where it would hang in the tree. */
static struct binder_ref *binder_ref_find_locked(struct binder_proc *proc,
						 const struct binder_node *node,
						 struct rb_node **parent,
						 struct rb_node ***link)
{
	struct rb_node **p = &proc->refs_by_node.rb_node;
	struct rb_node *above = NULL;

	lockdep_assert_held(&proc->handles.xa_lock);
	while (*p) {
		struct binder_ref *ref =
			rb_entry(*p, struct binder_ref, rb_entry);

		if (ref->node == node)
			return ref;
		above = *p;
		p = node < ref->node ? &above->rb_left : &above->rb_right;
	}
	if (link) {
		*parent = above;
		*link = p;
	}
	return NULL;
}

/* A count that wrapped would be taken for the first. */
static bool binder_ref_is_full_locked(const struct binder_ref *ref, bool strong)
{
	lockdep_assert_held(&ref->proc->handles.xa_lock);
	return (strong ? ref->strong : ref->weak) == U32_MAX;
}

/* Count up; true when it is the first count of its kind. */
static bool binder_ref_count_locked(struct binder_ref *ref, bool strong)
{
	lockdep_assert_held(&ref->proc->handles.xa_lock);
	if (!strong)
		return ref->weak++ == 0;
	WRITE_ONCE(ref->strong, ref->strong + 1);
	return ref->strong == 1;
}

/**
 * binder_ref_unlink() - take a ref that left the table off its node
 * @ref: the ref; the caller's reference is the table's
 */
void binder_ref_unlink(struct binder_ref *ref)
{
	struct binder_node *node = ref->node;
	struct binder_proc *owner = node->proc;

	spin_lock(&owner->queue.lock);
	list_del(&ref->node_entry);
	node->nr_refs--;
	binder_node_settle_locked(node);
	spin_unlock(&owner->queue.lock);
	binder_ref_put(ref);
}

/* Make a ref that is linked to its node and has a number reserved for it. */
static struct binder_ref *binder_ref_make(struct binder_proc *proc,
					  struct binder_node *node)
{
	/* ABI: only the manager's node may have the number 0. */
	bool zero = READ_ONCE(node->is_manager);
	struct binder_ref *ref;

	if (binder_hook_no_memory(BINDER_HOOK_REF))
		return NULL;
	ref = kmem_cache_zalloc(binder_ref_slab, GFP_KERNEL);
	if (!ref)
		return NULL;
	/* NULL reserves the lowest free number; look-ups do not see it. */
	if (xa_alloc(&proc->handles, &ref->handle, NULL,
		     XA_LIMIT(zero ? 0 : 1, U32_MAX), GFP_KERNEL)) {
		kmem_cache_free(binder_ref_slab, ref);
		return NULL;
	}
	ref->node = node;
	ref->proc = proc;
	ref->debug_id = binder_next_id();
	refcount_set(&ref->pins, 1);
	binder_stats_made(BINDER_STAT_REF);
	binder_node_lock(node);
	list_add(&ref->node_entry, &node->refs);
	node->nr_refs++;
	binder_node_unlock(node);
	return ref;
}

/**
 * binder_ref_take() - give a process a count on a node
 * @proc: the process, not the node's owner
 * @node: the node; the caller holds it strongly, or by a pin when not @strong
 *	or @owner
 * @strong: count strongly
 * @handle: where to store the number
 * @owner: the owner's thread that sends the object, to be told of the ref's
 *	first count of its kind; NULL when somebody else passes it on
 *
 * On success a strong reference of the caller's is used up, and the pin of
 * @owner; another pin is not. The owner is told under the lock, as the process
 * may give up the count, and the node end with it, as soon as that is dropped.
 *
 * Return: 0, -ESRCH when the process is being released, or -ENOMEM, also when
 * the count would overflow.
 */
int binder_ref_take(struct binder_proc *proc, struct binder_node *node,
		    bool strong, u32 *handle, struct binder_thread *owner)
{
	struct binder_ref *ref, *made = NULL;
	struct rb_node *parent, **link;
	bool first = false;
	int ret = 0;

	binder_refs_lock(proc);
	ref = binder_ref_find_locked(proc, node, NULL, NULL);
	if (!ref) {
		binder_refs_unlock(proc);
		made = binder_ref_make(proc, node);
		if (!made)
			return -ENOMEM;
		binder_refs_lock(proc);
		ref = binder_ref_find_locked(proc, node, &parent, &link);
	}
	if (proc->handles_closed)
		ret = -ESRCH;
	else if (ref && binder_ref_is_full_locked(ref, strong))
		ret = -ENOMEM;
	if (!ref && !ret) {
		ref = made;
		made = NULL;
		rb_link_node(&ref->rb_entry, parent, link);
		rb_insert_color(&ref->rb_entry, &proc->refs_by_node);
		/* The number is reserved: this allocates nothing. */
		__xa_store(&proc->handles, ref->handle, ref, GFP_NOWAIT);
	} else if (made) {
		__xa_erase(&proc->handles, made->handle);
	}
	if (!ret) {
		*handle = ref->handle;
		first = binder_ref_count_locked(ref, strong);
		if (first && owner)
			binder_node_count_first(node, strong, owner);
		/* Behind the lock the count may be given up, and the node end. */
		binder_debug(BINDER_DEBUG_INTERNAL_REFS,
			     "%d has ref to node %u, %s\n",
			     pid_nr(proc->tgid), node->debug_id,
			     strong ? "strong" : "weak");
	}
	binder_refs_unlock(proc);
	binder_hook_reach(BINDER_HOOK_HANDLE);
	if (made)
		binder_ref_unlink(made);
	if (ret || first)
		return ret;
	if (owner)
		binder_node_unpin(node);
	else if (strong)
		binder_node_put_strong(node);
	return 0;
}

/**
 * binder_ref_inc() - BC_ACQUIRE or BC_INCREFS
 * @proc: the holder
 * @handle: its handle
 * @strong: BC_ACQUIRE, which needs a strong count to start from
 *
 * Return: 0, or -EINVAL when the handle is not held so, or so often that the
 * count would overflow.
 */
int binder_ref_inc(struct binder_proc *proc, u32 handle, bool strong)
{
	struct binder_ref *ref;
	int ret = -EINVAL;

	binder_refs_lock(proc);
	ref = binder_ref_lookup_locked(proc, handle);
	if (ref && (!strong || ref->strong) &&
	    !binder_ref_is_full_locked(ref, strong)) {
		binder_ref_count_locked(ref, strong);
		ret = 0;
	}
	binder_refs_unlock(proc);
	return ret;
}

/* Take a ref without counts out of the table. */
static void binder_ref_remove_locked(struct binder_ref *ref)
{
	struct binder_proc *proc = ref->proc;

	lockdep_assert_held(&proc->handles.xa_lock);
	rb_erase(&ref->rb_entry, &proc->refs_by_node);
	__xa_erase(&proc->handles, ref->handle);
	binder_debug(BINDER_DEBUG_INTERNAL_REFS, "%d loses ref %u to node %u\n",
		     pid_nr(proc->tgid), ref->debug_id, ref->node->debug_id);
}

/**
 * binder_ref_dec() - BC_RELEASE, BC_DECREFS, or a handle in a freed buffer
 * @proc: the holder
 * @handle: its handle
 * @strong: drop a strong count
 * @dead: where to store the ref when that was its last count, else NULL;
 *	the caller finishes it
 *
 * Return: 0, or -EINVAL when there is no such count.
 */
int binder_ref_dec(struct binder_proc *proc, u32 handle, bool strong,
		   struct binder_ref **dead)
{
	struct binder_node *released = NULL;
	struct binder_ref *ref;

	*dead = NULL;
	binder_refs_lock(proc);
	ref = binder_ref_lookup_locked(proc, handle);
	if (!ref || !(strong ? ref->strong : ref->weak)) {
		binder_refs_unlock(proc);
		return -EINVAL;
	}
	if (strong) {
		WRITE_ONCE(ref->strong, ref->strong - 1);
		if (!ref->strong)
			released = ref->node;
	} else {
		ref->weak--;
	}
	if (!ref->strong && !ref->weak) {
		binder_ref_remove_locked(ref);
		*dead = ref;
	} else if (released) {
		/*
		 * Another thread may drop the weak count as soon as the lock is
		 * gone, and the node with it.
		 */
		binder_node_pin(released);
	}
	binder_refs_unlock(proc);
	if (!released)
		return 0;
	binder_node_put_strong(released);
	if (!*dead)
		binder_node_unpin(released);
	return 0;
}

/**
 * binder_ref_close_next() - take the next ref off a released process
 * @proc: the process
 *
 * From the first call on the process gets no new refs.
 *
 * Return: a ref for the caller to finish, in the order of handles, or NULL.
 */
struct binder_ref *binder_ref_close_next(struct binder_proc *proc)
{
	unsigned long handle = 0;
	struct binder_ref *ref;
	u32 strong = 0;

	binder_refs_lock(proc);
	proc->handles_closed = true;
	ref = xa_find(&proc->handles, &handle, U32_MAX, XA_PRESENT);
	if (ref) {
		strong = ref->strong;
		WRITE_ONCE(ref->strong, 0);
		ref->weak = 0;
		binder_ref_remove_locked(ref);
	}
	binder_refs_unlock(proc);
	if (strong)
		binder_node_put_strong(ref->node);
	return ref;
}

/* Pin the refs behind a walker's place, as many as fit; returns how many. */
static unsigned int binder_ref_pin_next(struct binder_node *node,
					struct binder_ref *place,
					struct binder_ref **batch)
{
	unsigned int nr = 0;

	binder_node_lock(node);
	while (nr < BINDER_REF_BATCH &&
	       !list_is_last(&place->node_entry, &node->refs)) {
		struct binder_ref *ref = list_next_entry(place, node_entry);

		list_move(&place->node_entry, &ref->node_entry);
		if (!ref->proc)
			continue;
		/* Linked, so its holder is not freed yet. */
		binder_proc_get(ref->proc);
		refcount_inc(&ref->pins);
		batch[nr++] = ref;
	}
	if (!nr)
		list_del(&place->node_entry);
	binder_node_unlock(node);
	return nr;
}

/**
 * binder_ref_visit() - call a function for every ref of a node
 * @node: the node, pinned
 * @visit: called without a lock; the ref is pinned, and may be gone already
 *
 * Refs made meanwhile are not visited: whoever makes a request for one looks at
 * the node's state after storing it.
 */
void binder_ref_visit(struct binder_node *node,
		      void (*visit)(struct binder_ref *ref))
{
	struct binder_ref *batch[BINDER_REF_BATCH];
	struct binder_ref place = {};
	unsigned int i, nr;

	binder_node_lock(node);
	nr = node->nr_refs;
	if (nr)
		list_add(&place.node_entry, &node->refs);
	binder_node_unlock(node);
	while (nr && (nr = binder_ref_pin_next(node, &place, batch))) {
		for (i = 0; i < nr; i++) {
			struct binder_proc *holder = batch[i]->proc;

			visit(batch[i]);
			binder_ref_put(batch[i]);
			binder_proc_put(holder);
		}
	}
}

/**
 * binder_ref_list_begin_locked() - begin to list who holds refs to a node
 * @node: the node, pinned; its lock is held
 * @place: where to keep the place
 */
void binder_ref_list_begin_locked(struct binder_node *node,
				  struct binder_ref *place)
{
	lockdep_assert_held(&node->proc->queue.lock);
	place->proc = NULL;
	list_add(&place->node_entry, &node->refs);
}

/**
 * binder_ref_list_next_locked() - go on listing
 * @node: the node
 * @place: the place
 * @pids: where to store who opened the files of the next holders
 * @room: how many fit
 * @nr_strong: how many of them hold the node strongly is added to this
 *
 * Return: how many there were; less than @room at the end.
 */
unsigned int binder_ref_list_next_locked(struct binder_node *node,
					 struct binder_ref *place, pid_t *pids,
					 unsigned int room,
					 unsigned int *nr_strong)
{
	unsigned int nr = 0;

	lockdep_assert_held(&node->proc->queue.lock);
	while (nr < room && !list_is_last(&place->node_entry, &node->refs)) {
		struct binder_ref *ref = list_next_entry(place, node_entry);

		list_move(&place->node_entry, &ref->node_entry);
		if (!ref->proc)
			continue;
		/* Linked, so its holder is not freed yet. */
		pids[nr++] = pid_nr(ref->proc->tgid);
		if (READ_ONCE(ref->strong))
			++*nr_strong;
	}
	return nr;
}

/**
 * binder_ref_list_end_locked() - give up a place
 * @node: the node
 * @place: the place
 */
void binder_ref_list_end_locked(struct binder_node *node,
				struct binder_ref *place)
{
	lockdep_assert_held(&node->proc->queue.lock);
	list_del(&place->node_entry);
}
