// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who holds refs to a node: step by step, as they may be many. Modelled in
 * models/death.pml and freeze.pml.
 */
#include "binder_hooks.h"
#include "binder_ref.h"

/* Refs whose holder is told of them in one hold of its locks. */
#define BINDER_REF_BATCH 32U

/* Nodes and refs that are looked at in one hold of their lock. */
#define BINDER_VISIT_STEPS 64

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

/*
 * Note the next refs that have requests, while they are of the visitor's holder; when
 * they are another one's, keep that one. Returns whether there are more nodes or refs.
 */
static bool binder_visit_note_locked(struct binder_visit *visit,
				     struct binder_ref **refs, unsigned int *nr,
				     struct binder_proc **next)
{
	unsigned int steps = BINDER_VISIT_STEPS;
	struct binder_ref *ref = NULL;

	lockdep_assert_held(&visit->owner->queue.lock);
	while (*nr < visit->at_once && steps--) {
		if (visit->node)
			ref = binder_ref_after_locked(visit->node, visit->last);
		if (!ref) {
			visit->node = binder_node_step_locked(visit->owner,
							      visit->node);
			visit->last = NULL;
			if (!visit->node)
				return false;
			if (!visit->async_todo)
				continue;
			/* A ref made behind this finds the node dead. */
			binder_node_die_locked(visit->node, visit->async_todo);
			if (unlikely(!list_empty(visit->async_todo)))
				break;
			continue;
		}
		/* Who stores a request looks at the node after that. */
		if (READ_ONCE(ref->requests)) {
			if (ref->proc != visit->holder) {
				/* Linked, so its holder is not freed yet. */
				binder_proc_get(ref->proc);
				*next = ref->proc;
				break;
			}
			refs[(*nr)++] = ref;
		}
		visit->last = ref->proc;
	}
	return true;
}

static void binder_visit_turn_to(struct binder_visit *visit,
				 struct binder_proc *holder)
{
	if (visit->holder)
		binder_proc_put(visit->holder);
	visit->holder = holder;
}

/* With the lock of the holder's table, if there is one. Returns how many refs it was told of. */
static unsigned int binder_visit_step(struct binder_visit *visit,
				      struct binder_proc **next, bool *more)
{
	struct binder_ref *refs[BINDER_REF_BATCH] __uninitialized;
	unsigned int nr = 0;

	spin_lock(&visit->owner->queue.lock);
	*more = binder_visit_note_locked(visit, refs, &nr, next);
	spin_unlock(&visit->owner->queue.lock);
	if (nr) {
		visit->tell_locked(refs, nr);
		visit->at_once = min(2 * visit->at_once, BINDER_REF_BATCH);
	}
	return nr;
}

/**
 * binder_visit_some() - tell the next holders of refs to the nodes of a process
 * @visit: the visit
 *
 * The nodes come in the order of user addresses. What there is to tell was stored
 * under the owner's lock before, that a node is dead when the visitor comes to it. Refs
 * and requests made meanwhile may be visited or not: whoever makes a request looks at
 * the node's state after storing it.
 *
 * Those of one holder in a row are told together, under one hold of its table's lock,
 * which keeps them; so that the first of all need not wait for many, they are few to
 * begin with.
 *
 * Return: false when nothing is left.
 */
bool binder_visit_some(struct binder_visit *visit)
{
	struct binder_proc *holder = visit->holder, *next = NULL;
	unsigned int nr;
	bool more;

	if (holder) {
		binder_refs_lock(holder);
		nr = binder_visit_step(visit, &next, &more);
		binder_refs_unlock(holder);
	} else {
		nr = binder_visit_step(visit, &next, &more);
	}
	/* Where nothing is told for long, nobody else's table is locked. */
	if (next || !nr || !more)
		binder_visit_turn_to(visit, next);
	if (next)
		binder_hook_reach(BINDER_HOOK_VISIT);
	return more;
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
