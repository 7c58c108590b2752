// SPDX-License-Identifier: GPL-2.0-only
/*
 * The handle table of a process.
 */
#include <linux/slab.h>

#include "binder_hooks.h"
#include "binder_name.h"
#include "binder_ref.h"

/* Refs of a released process that end in one hold of its lock. */
#define BINDER_REFS_AT_ONCE 32

static struct kmem_cache *binder_ref_slab;

/**
 * binder_ref_init_slab() - make the slab of refs
 *
 * Return: 0 or -ENOMEM.
 */
int binder_ref_init_slab(void)
{
	binder_ref_slab = compat_rcu_cache_create(BINDER_NAME_STR "_ref",
						  sizeof(struct binder_ref),
						  offsetof(struct binder_ref, rb_entry),
						  SLAB_ACCOUNT);
	return binder_ref_slab ? 0 : -ENOMEM;
}

/**
 * binder_ref_exit_slab() - drop the slab
 */
void binder_ref_exit_slab(void)
{
	kmem_cache_destroy(binder_ref_slab);
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
	lockdep_assert_held(&proc->handles.lock);
	return binder_handles_get(&proc->handles, handle);
}

/**
 * binder_ref_target() - the node a call is addressed to
 * @proc: the caller
 * @handle: its handle
 *
 * Takes no lock. What is pinned is the strong side, not the memory: the count
 * cannot rise from zero here, so a node that the owner was told to release is
 * never reached, even when the handle is being dropped at this moment. Ref and
 * node may have become others in the same memory meanwhile; a second look finds
 * that out, as what is held by then cannot change any more. The ref's own count comes
 * first, so that it is not another's that got number and memory in between.
 *
 * Return: the node with a strong reference, or NULL when the handle is not
 * held strongly.
 */
struct binder_node *binder_ref_target(struct binder_proc *proc, u32 handle)
{
	struct binder_node *node = NULL;
	struct binder_ref *ref;
	bool held = false;

	rcu_read_lock();
	ref = binder_handles_get(&proc->handles, handle);
	/* Pairs with binder_ref_count_locked(). */
	if (ref && smp_load_acquire(&ref->strong)) {
		node = READ_ONCE(ref->node);
		held = binder_node_tryget_strong(node);
	}
	if (unlikely(held && (READ_ONCE(ref->node) != node ||
			      binder_handles_get(&proc->handles, handle) != ref))) {
		binder_node_put_strong(node);
		held = false;
	}
	rcu_read_unlock();
	return held ? node : NULL;
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

/* The ref of a process to a node, or where it would hang in the node's tree. */
static struct binder_ref *
binder_ref_find_locked(const struct binder_proc *proc, struct binder_node *node,
		       struct rb_node **parent, struct rb_node ***link)
{
	struct rb_node **p = &node->refs.rb_node;
	struct rb_node *above = NULL;

	lockdep_assert_held(&node->proc->queue.lock);
	while (*p) {
		struct binder_ref *ref =
			rb_entry(*p, struct binder_ref, rb_entry);

		if (ref->proc == proc)
			return ref;
		above = *p;
		p = proc < ref->proc ? &above->rb_left : &above->rb_right;
	}
	*parent = above;
	*link = p;
	return NULL;
}

/* A count that wrapped would be taken for the first. */
static bool binder_ref_is_full_locked(const struct binder_ref *ref, bool strong)
{
	lockdep_assert_held(&ref->proc->handles.lock);
	return (strong ? ref->strong : ref->weak) == U32_MAX;
}

/* Count up; true when it is the first count of its kind. */
static bool binder_ref_count_locked(struct binder_ref *ref, bool strong)
{
	lockdep_assert_held(&ref->proc->handles.lock);
	if (!strong)
		return ref->weak++ == 0;
	/* Who sees the first count without the lock sees the node it is of. */
	smp_store_release(&ref->strong, ref->strong + 1);
	return ref->strong == 1;
}

/* All counts that there may be but one, which by steps of one would take hours. */
static void binder_ref_count_many_locked(struct binder_ref *ref, bool strong)
{
	lockdep_assert_held(&ref->proc->handles.lock);
	if (strong)
		WRITE_ONCE(ref->strong, U32_MAX - 1);
	else
		ref->weak = U32_MAX - 1;
}

/* Take a ref that left the table off its node, and what it held strongly; free it. */
static void binder_ref_leave_locked(struct binder_ref *ref, bool strong)
{
	struct binder_node *node = ref->node;
	struct binder_proc *owner = node->proc;

	lockdep_assert_held(&ref->proc->handles.lock);
	binder_owner_lock(owner);
	rb_erase(&ref->rb_entry, &node->refs);
	/* Held strongly by others, it is as it was. */
	if (!strong || refcount_dec_and_test(&node->strong))
		binder_node_settle_locked(node);
	binder_owner_unlock(owner);
	binder_stats_gone(BINDER_STAT_REF);
	kmem_cache_free(binder_ref_slab, ref);
}

/**
 * binder_ref_unlink_locked() - take a ref that left the table off its node
 * @ref: the ref, without requests; it is freed
 */
void binder_ref_unlink_locked(struct binder_ref *ref)
{
	lockdep_assert_held(&ref->proc->handles.lock);
	binder_ref_leave_locked(ref, false);
}

/**
 * struct binder_ref_parts - what may be needed under locks
 * @node: a node, for an object of the sender
 * @ref: a ref
 * @spares: parts of the handle table
 * @lacks_node: @node would have been needed
 */
struct binder_ref_parts {
	struct binder_node *node;
	struct binder_ref *ref;
	struct binder_handles_spares spares;
	bool lacks_node;
};

/* Something was missing: a ref, or part of a larger table. */
static int binder_ref_parts_add(struct binder_ref_parts *parts)
{
	struct binder_ref *ref;

	if (parts->ref)
		return binder_handles_spare(&parts->spares);
	if (binder_hook_no_memory(BINDER_HOOK_REF))
		return -ENOMEM;
	ref = kmem_cache_alloc(binder_ref_slab, GFP_KERNEL);
	if (!ref)
		return -ENOMEM;
	ref->debug_id = binder_next_id();
	/* In memory that was a ref it is 0; binder_ref_target() looks. */
	WRITE_ONCE(ref->strong, 0);
	ref->weak = 0;
	ref->requests = NULL;
	parts->ref = ref;
	return 0;
}

static noinline void binder_ref_parts_free(struct binder_ref_parts *parts)
{
	if (parts->node)
		binder_node_discard(parts->node);
	if (parts->ref)
		kmem_cache_free(binder_ref_slab, parts->ref);
	binder_handles_drop_spares(&parts->spares);
	*parts = (struct binder_ref_parts){};
}

static void binder_ref_parts_drop(struct binder_ref_parts *parts)
{
	parts->lacks_node = false;
	if (unlikely(parts->node || parts->ref || parts->spares.first))
		binder_ref_parts_free(parts);
}

/*
 * The ref to a node; if there is none, the one of @parts becomes it. An error
 * pointer with -EAGAIN asks for more parts.
 */
static struct binder_ref *
binder_ref_find_or_add_locked(struct binder_proc *proc,
			      struct binder_node *node, bool strong,
			      struct binder_ref_parts *parts)
{
	struct rb_node *parent, **link;
	struct binder_ref *ref;
	int ret;

	lockdep_assert_held(&proc->handles.lock);
	if (proc->handles_closed)
		return ERR_PTR(-ESRCH);
	ref = binder_ref_find_locked(proc, node, &parent, &link);
	if (ref)
		return binder_ref_is_full_locked(ref, strong) ?
			       ERR_PTR(-ENOMEM) : ref;
	ref = parts->ref;
	if (!ref)
		return ERR_PTR(-EAGAIN);
	/* Who still has the ref from before sees a node that was prepared. */
	smp_store_release(&ref->node, node);
	ref->proc = proc;
	/* ABI: only the manager's node may have the number 0. */
	ret = binder_handles_add_locked(&proc->handles, ref,
					READ_ONCE(node->is_manager),
					&parts->spares, &ref->handle);
	if (ret)
		return ERR_PTR(ret);
	parts->ref = NULL;
	rb_link_node(&ref->rb_entry, parent, link);
	rb_insert_color(&ref->rb_entry, &node->refs);
	binder_stats_made(BINDER_STAT_REF);
	return ref;
}

/* The same for an object that its owner sends: a node comes first. */
static int binder_ref_parts_add_node(struct binder_ref_parts *parts,
				     struct binder_proc *owner,
				     const struct flat_binder_object *obj)
{
	if (!parts->lacks_node)
		return binder_ref_parts_add(parts);
	parts->node = binder_node_alloc(owner, obj);
	if (!parts->node)
		return -ENOMEM;
	parts->lacks_node = false;
	return parts->ref ? 0 : binder_ref_parts_add(parts);
}

/* One attempt at binder_ref_offer(), under both locks. */
static int binder_ref_offer_locked(struct binder_proc *proc,
				   const struct flat_binder_object *obj,
				   struct binder_thread *thread, int refused,
				   struct binder_ref_parts *parts,
				   struct binder_ref_given *given)
{
	bool strong = obj->hdr.type == BINDER_TYPE_BINDER;
	struct binder_proc *owner = thread->proc;
	struct binder_node_place place;
	struct binder_node *node;
	struct binder_ref *ref;

	lockdep_assert_held(&owner->queue.lock);
	node = binder_node_seek_locked(owner, obj->binder, &place);
	if (node && node->cookie != obj->cookie)
		return -EINVAL;
	if (refused)
		return refused;
	if (!node && !parts->node) {
		parts->lacks_node = true;
		return -EAGAIN;
	}
	ref = binder_ref_find_or_add_locked(proc, node ?: parts->node, strong,
					    parts);
	if (IS_ERR(ref))
		return PTR_ERR(ref);
	given->was_new = !node;
	if (!node) {
		node = parts->node;
		parts->node = NULL;
		binder_node_insert_locked(node, &place);
	}
	if (binder_ref_count_locked(ref, strong))
		binder_node_count_first_locked(node, strong, thread);
	given->handle = ref->handle;
	given->node_id = node->debug_id;
	return 0;
}

/**
 * binder_ref_offer() - give a process a count on an object of the sender's own
 * @proc: the process, not the object's owner
 * @obj: the object as sent, type BINDER or WEAK_BINDER
 * @thread: the owner's thread that sends it, the current one
 * @refused: an error that is to be returned unless the object itself is wrong
 * @given: where to store what @proc got
 *
 * The node and the ref are made if they are new. All of it is one step: nobody
 * sees a node that nothing refers to, and the owner is told of a first count
 * under the same locks, as the process may give that up, and the node end with
 * it, as soon as they are dropped. What new objects need is allocated before the
 * locks are taken only if this is likely one: the one before it was.
 *
 * Return: 0, -EINVAL when the cookie is not the node's, @refused, -ESRCH when
 * the process is being released, or -ENOMEM, also when the count would overflow.
 */
int binder_ref_offer(struct binder_proc *proc,
		     const struct flat_binder_object *obj,
		     struct binder_thread *thread, int refused,
		     struct binder_ref_given *given)
{
	struct binder_proc *owner = thread->proc;
	struct binder_ref_parts parts = { .lacks_node = given->was_new };
	int ret;

	/* Without memory it may be an old one, after all. */
	if (parts.lacks_node && binder_ref_parts_add_node(&parts, owner, obj))
		binder_ref_parts_drop(&parts);
	do {
		binder_refs_lock(proc);
		spin_lock(&owner->queue.lock);
		ret = binder_ref_offer_locked(proc, obj, thread, refused,
					      &parts, given);
		spin_unlock(&owner->queue.lock);
		binder_refs_unlock(proc);
	} while (unlikely(ret == -EAGAIN) &&
		 !(ret = binder_ref_parts_add_node(&parts, owner, obj)));
	binder_hook_reach(BINDER_HOOK_HANDLE);
	binder_ref_parts_drop(&parts);
	if (!ret)
		binder_debug(BINDER_DEBUG_INTERNAL_REFS,
			     "%d has ref %u to node %u\n", pid_nr(proc->tgid),
			     given->handle, given->node_id);
	return ret;
}

/**
 * binder_ref_take() - give a process a count on a node
 * @proc: the process, not the node's owner
 * @node: the node; the caller holds it strongly, or by a pin when not @strong
 * @strong: count strongly
 * @handle: where to store the number
 *
 * On success a strong reference of the caller's is used up; a pin is not.
 *
 * Return: 0, -ESRCH when the process is being released, or -ENOMEM, also when
 * the count would overflow.
 */
int binder_ref_take(struct binder_proc *proc, struct binder_node *node,
		    bool strong, u32 *handle)
{
	struct binder_ref_parts parts = {};
	bool first = false;
	struct binder_ref *ref;
	int ret;

	do {
		binder_refs_lock(proc);
		binder_node_lock(node);
		ref = binder_ref_find_or_add_locked(proc, node, strong, &parts);
		binder_node_unlock(node);
		ret = PTR_ERR_OR_ZERO(ref);
		if (!ret) {
			*handle = ref->handle;
			first = binder_ref_count_locked(ref, strong);
			binder_debug(BINDER_DEBUG_INTERNAL_REFS,
				     "%d has ref to node %u, %s\n",
				     pid_nr(proc->tgid), node->debug_id,
				     strong ? "strong" : "weak");
		}
		binder_refs_unlock(proc);
	} while (unlikely(ret == -EAGAIN) &&
		 !(ret = binder_ref_parts_add(&parts)));
	binder_hook_reach(BINDER_HOOK_HANDLE);
	binder_ref_parts_drop(&parts);
	if (!ret && strong && !first)
		binder_node_put_strong(node);
	return ret;
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
		if (binder_hook_broken(BINDER_DEFECT_MANY_COUNTS))
			binder_ref_count_many_locked(ref, strong);
		binder_ref_count_locked(ref, strong);
		ret = 0;
	}
	binder_refs_unlock(proc);
	return ret;
}

/*
 * A ref without counts left the table: it ends under the same hold of the lock, with
 * requests that it may have. Who released the process looks for the requests that
 * are nobody's once it has seen the table empty, so none may be on its way then.
 */
static void binder_ref_end_locked(struct binder_ref *ref, bool strong,
				  void (*finish)(struct binder_ref *ref))
{
	lockdep_assert_held(&ref->proc->handles.lock);
	binder_debug(BINDER_DEBUG_INTERNAL_REFS, "%d loses ref %u to node %u\n",
		     pid_nr(ref->proc->tgid), ref->debug_id, ref->node->debug_id);
	if (unlikely(ref->requests)) {
		if (strong)
			binder_node_put_strong(ref->node);
		finish(ref);
		return;
	}
	binder_ref_leave_locked(ref, strong);
}

/* Take a ref without counts out of the table. */
static void binder_ref_remove_locked(struct binder_ref *ref, bool strong,
				     void (*finish)(struct binder_ref *ref))
{
	struct binder_proc *proc = ref->proc;

	lockdep_assert_held(&proc->handles.lock);
	binder_handles_remove_locked(&proc->handles, ref->handle);
	binder_ref_end_locked(ref, strong, finish);
}

/**
 * binder_ref_dec() - BC_RELEASE, BC_DECREFS, or a handle in a freed buffer
 * @proc: the holder
 * @handle: its handle
 * @strong: drop a strong count
 * @finish: ends a ref that has requests, under the table's lock
 *
 * Return: 0, or -EINVAL when there is no such count.
 */
int binder_ref_dec(struct binder_proc *proc, u32 handle, bool strong,
		   void (*finish)(struct binder_ref *ref))
{
	struct binder_ref *ref;
	int ret = -EINVAL;
	bool last;

	binder_refs_lock(proc);
	ref = binder_ref_lookup_locked(proc, handle);
	if (!ref || !(strong ? ref->strong : ref->weak))
		goto out;
	ret = 0;
	if (strong)
		WRITE_ONCE(ref->strong, ref->strong - 1);
	else
		ref->weak--;
	last = strong && !ref->strong;
	if (!ref->strong && !ref->weak)
		binder_ref_remove_locked(ref, last, finish);
	else if (last)
		/* The ref keeps the node, and the lock keeps the ref. */
		binder_node_put_strong(ref->node);
out:
	binder_refs_unlock(proc);
	return ret;
}

/**
 * binder_ref_close_some() - take the next refs off a released process
 * @proc: the process
 * @handle: where to go on, 0 to begin with
 * @finish: ends a ref that has requests, under the table's lock
 *
 * From the first call on the process gets no new refs.
 *
 * Return: false when there were none left.
 */
bool binder_ref_close_some(struct binder_proc *proc, u64 *handle,
			   void (*finish)(struct binder_ref *ref))
{
	void *found[BINDER_REFS_AT_ONCE] __uninitialized;
	struct binder_ref *ref;
	u32 nr, strong, i;

	binder_refs_lock(proc);
	proc->handles_closed = true;
	nr = binder_handles_take_some_locked(&proc->handles, handle, found,
					     BINDER_REFS_AT_ONCE);
	for (i = 0; i < nr; i++) {
		ref = found[i];
		strong = ref->strong;
		WRITE_ONCE(ref->strong, 0);
		ref->weak = 0;
		binder_ref_end_locked(ref, strong, finish);
	}
	binder_refs_unlock(proc);
	return nr;
}
