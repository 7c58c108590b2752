// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who holds refs to a node: step by step, as they may be many.
 */
#include "binder_hooks.h"
#include "binder_ref.h"

/* Refs that are looked at in one hold of a lock. */
#define BINDER_REF_BATCH 32

/*
 * The ref behind @last in the order of holders' addresses, or the first, or NULL.
 * @last may be gone: it is not looked at.
 */
static struct binder_ref *binder_ref_after_locked(struct binder_node *node,
						  const struct binder_proc *last)
{
	struct rb_node *rb = node->refs.rb_node;
	struct binder_ref *ref, *found = NULL;

	lockdep_assert_held(&node->proc->queue.lock);
	while (rb) {
		ref = rb_entry(rb, struct binder_ref, rb_entry);
		if (ref->proc > last) {
			found = ref;
			rb = rb->rb_left;
		} else {
			rb = rb->rb_right;
		}
	}
	return found;
}

static struct binder_ref *binder_ref_next_locked(struct binder_ref *ref)
{
	struct rb_node *rb = rb_next(&ref->rb_entry);

	lockdep_assert_held(&ref->node->proc->queue.lock);
	return rb ? rb_entry(rb, struct binder_ref, rb_entry) : NULL;
}

/**
 * struct binder_ref_name - a ref, for who does not keep it
 * @proc: the holder, kept
 * @handle: its handle
 */
struct binder_ref_name {
	struct binder_proc *proc;
	u32 handle;
};

/*
 * Note those of the next refs that have requests, and keep their holders; @last is
 * where to go on. Returns whether there are more refs.
 */
static bool binder_ref_note_next(struct binder_node *node,
				 const struct binder_proc **last,
				 struct binder_ref_name *batch, unsigned int *nr)
{
	struct binder_ref *ref;
	unsigned int i;

	*nr = 0;
	binder_node_lock(node);
	ref = binder_ref_after_locked(node, *last);
	for (i = 0; i < BINDER_REF_BATCH && ref; i++) {
		*last = ref->proc;
		/* Who stores a request looks at the node after that. */
		if (READ_ONCE(ref->requests)) {
			/* Linked, so its holder is not freed yet. */
			binder_proc_get(ref->proc);
			batch[*nr].proc = ref->proc;
			batch[*nr].handle = ref->handle;
			++*nr;
		}
		ref = binder_ref_next_locked(ref);
	}
	binder_node_unlock(node);
	return ref;
}

/* Call a function for the ref of that name, if it is still one to the node. */
static void binder_ref_visit_one(const struct binder_ref_name *name,
				 const struct binder_node *node,
				 void (*visit)(struct binder_ref *ref))
{
	struct binder_ref *ref;

	binder_refs_lock(name->proc);
	ref = binder_ref_lookup_locked(name->proc, name->handle);
	if (ref && ref->node == node)
		visit(ref);
	binder_refs_unlock(name->proc);
}

/**
 * binder_ref_visit() - call a function for every ref to a node with requests
 * @node: the node, pinned
 * @visit: called under the lock of the holder's table
 *
 * What there is to tell was stored under the node's lock before. Refs and
 * requests made meanwhile may be visited or not: whoever makes a request looks at
 * the node's state after storing it.
 */
void binder_ref_visit(struct binder_node *node,
		      void (*visit)(struct binder_ref *ref))
{
	struct binder_ref_name batch[BINDER_REF_BATCH] __uninitialized;
	const struct binder_proc *last = NULL;
	unsigned int i, nr;
	bool more;

	do {
		more = binder_ref_note_next(node, &last, batch, &nr);
		if (nr)
			binder_hook_reach(BINDER_HOOK_VISIT);
		for (i = 0; i < nr; i++) {
			binder_ref_visit_one(&batch[i], node, visit);
			binder_proc_put(batch[i].proc);
		}
		if (more)
			cond_resched();
	} while (more);
}

/**
 * binder_ref_holders_locked() - list who holds refs to a node, step by step
 * @node: the node, pinned
 * @last: where to go on; NULL to begin with. The lock may be dropped between steps
 * @pids: where to store who opened the files of the next holders
 * @room: how many fit
 * @nr_strong: how many of them hold the node strongly is added to this
 *
 * Return: how many there were; less than @room at the end.
 */
unsigned int binder_ref_holders_locked(struct binder_node *node,
				       const struct binder_proc **last,
				       pid_t *pids, unsigned int room,
				       unsigned int *nr_strong)
{
	struct binder_ref *ref;
	unsigned int nr = 0;

	lockdep_assert_held(&node->proc->queue.lock);
	ref = binder_ref_after_locked(node, *last);
	while (nr < room && ref) {
		*last = ref->proc;
		pids[nr++] = pid_nr(ref->proc->tgid);
		if (READ_ONCE(ref->strong))
			++*nr_strong;
		ref = binder_ref_next_locked(ref);
	}
	return nr;
}
