/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table of numbers: each entry gets the lowest that is free.
 *
 * The table is a tree of branches with 64 slots. A branch keeps, in one word, in
 * which of its slots no number is free, so that the lowest free one is found, and
 * a number looked up, with one step a level. Small processes have one branch.
 *
 * Number 0 is special: it is given on request only. The branch it is in has it
 * for taken, so that a search never finds it.
 *
 * Lock: the table's own (letter R) for all changes. Look-ups run under RCU; a
 * branch is freed after a grace period. Branches are never allocated under the
 * lock: whoever adds an entry brings what may be needed.
 *
 * An empty branch is freed, except for the root; the tree stays as high as it
 * ever was.
 *
 * Entries mostly come one after the other, so the root keeps in mind where the last
 * one went as long as no lower number is free: no way has to be gone for the next.
 */
#ifndef _BINDER_HANDLES_H
#define _BINDER_HANDLES_H

#include <linux/bits.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#define BINDER_HANDLES_SHIFT	6
#define BINDER_HANDLES_SLOTS	BIT(BINDER_HANDLES_SHIFT)
/* Branches on the way to the last number. */
#define BINDER_HANDLES_LEVELS	DIV_ROUND_UP(32, BINDER_HANDLES_SHIFT)

/**
 * struct binder_handles_branch - part of a table
 * @full: (R) slots below which no number is free
 * @nr: (R) slots in use
 * @rcu: delays the free
 * @shift: (I) how many bits of a number are below this branch
 * @base: (I) the first number that is below
 * @leaf: (R) of a root: the lowest branch of entries with a free number, or NULL
 *	when that has to be looked for
 * @slot: (R) branches, or entries where @shift is 0; read under RCU
 */
struct binder_handles_branch {
	union {
		struct {
			u64 full;
			u32 nr;
		};
		struct rcu_head rcu;
	};
	u32 shift;
	u32 base;
	struct binder_handles_branch *leaf;
	void __rcu *slot[BINDER_HANDLES_SLOTS];
};

/**
 * struct binder_handles - a table
 * @root: (R) the top branch, NULL before there was an entry; read under RCU. Goes
 *	with what is read; it hardly ever changes
 * @lock: the lock with the letter R, goes with what is written
 */
struct binder_handles {
	struct binder_handles_branch __rcu *root;
	spinlock_t lock; /* letter R */
};

/**
 * struct binder_handles_spares - branches for one who adds an entry
 * @first: the first; they are linked by their first slot
 * @nr: how many
 */
struct binder_handles_spares {
	struct binder_handles_branch *first;
	u32 nr;
};

int binder_handles_init_slab(void);
void binder_handles_exit_slab(void);

int binder_handles_add_locked(struct binder_handles *handles, void *entry,
			      bool zero, struct binder_handles_spares *spares,
			      u32 *number);
void binder_handles_remove_locked(struct binder_handles *handles, u32 number);
u32 binder_handles_take_some_locked(struct binder_handles *handles, u64 *number,
				    void **entries, u32 room);
void *binder_handles_next(struct binder_handles *handles, u64 *number);
void binder_handles_destroy(struct binder_handles *handles);

int binder_handles_spare(struct binder_handles_spares *spares);
void binder_handles_drop_spares(struct binder_handles_spares *spares);

/**
 * binder_handles_init() - make an empty table
 * @handles: the table
 */
static inline void binder_handles_init(struct binder_handles *handles)
{
	spin_lock_init(&handles->lock);
	RCU_INIT_POINTER(handles->root, NULL);
}

/**
 * binder_handles_get() - look up a number
 * @handles: the table; its lock is held, or that of RCU
 * @number: the number
 *
 * Return: the entry, or NULL.
 */
static inline void *binder_handles_get(struct binder_handles *handles,
				       u32 number)
{
	const struct binder_handles_branch *branch;
	void *entry;

	branch = rcu_dereference_check(handles->root,
				       lockdep_is_held(&handles->lock));
	if (!branch || (u64)number >> branch->shift >= BINDER_HANDLES_SLOTS)
		return NULL;
	for (;;) {
		u32 index = (number >> branch->shift) % BINDER_HANDLES_SLOTS;

		entry = rcu_dereference_check(branch->slot[index],
					      lockdep_is_held(&handles->lock));
		if (!branch->shift || !entry)
			return entry;
		branch = entry;
	}
}

#endif /* _BINDER_HANDLES_H */
