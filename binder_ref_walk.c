// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who holds refs to a node: step by step, as they may be many.
 */
#include "binder_ref.h"

/* Refs that are looked at in one hold of a lock. */
#define BINDER_REF_BATCH 32

/*
 * Pin those of the next refs that have requests. Returns whether there are more
 * refs; only then a walker's place is in the list.
 */
static bool binder_ref_pin_next(struct binder_node *node,
				struct binder_ref *place,
				struct binder_ref **batch, unsigned int *nr)
{
	struct list_head *entry;
	struct binder_ref *ref;
	unsigned int i;
	bool more;

	*nr = 0;
	binder_node_lock(node);
	entry = node->refs.next;
	if (!list_empty(&place->node_entry)) {
		entry = place->node_entry.next;
		list_del_init(&place->node_entry);
	}
	for (i = 0; i < BINDER_REF_BATCH && entry != &node->refs; i++) {
		ref = list_entry(entry, struct binder_ref, node_entry);
		entry = entry->next;
		/* Who stores a request looks at the node after that. */
		if (!ref->proc ||
		    !(READ_ONCE(ref->death) || READ_ONCE(ref->freeze)))
			continue;
		/* Linked, so its holder is not freed yet. */
		binder_proc_get(ref->proc);
		refcount_inc(&ref->pins);
		batch[(*nr)++] = ref;
	}
	more = entry != &node->refs;
	if (more)
		list_add_tail(&place->node_entry, entry);
	binder_node_unlock(node);
	return more;
}

/**
 * binder_ref_visit() - call a function for every ref to a node with requests
 * @node: the node, pinned
 * @visit: called without a lock; the ref is pinned, and may be gone already
 *
 * What there is to tell was stored under the node's lock before. Refs and
 * requests made meanwhile are not visited: whoever makes a request looks at the
 * node's state after storing it.
 */
void binder_ref_visit(struct binder_node *node,
		      void (*visit)(struct binder_ref *ref))
{
	struct binder_ref *batch[BINDER_REF_BATCH] __uninitialized;
	struct binder_ref place __uninitialized;
	unsigned int i, nr;
	bool more;

	place.proc = NULL;
	INIT_LIST_HEAD(&place.node_entry);
	do {
		more = binder_ref_pin_next(node, &place, batch, &nr);
		for (i = 0; i < nr; i++) {
			struct binder_proc *holder = batch[i]->proc;

			visit(batch[i]);
			binder_ref_put(batch[i]);
			binder_proc_put(holder);
		}
		if (more)
			cond_resched();
	} while (more);
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
