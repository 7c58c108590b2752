/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Contexts: one per device, each with at most one context manager.
 *
 * The device holds one reference, every open file another, so a context works
 * on after its device was removed. Becoming and ceasing to be manager is
 * serialised by a mutex; calls find the manager under RCU.
 */
#ifndef _BINDER_CONTEXT_H
#define _BINDER_CONTEXT_H

#include <linux/mutex.h>
#include <linux/refcount.h>

#include "binder_history.h"
#include "binder_node.h"

/**
 * struct binder_context - what the opens of one device share
 * @refs: references to the structure
 * @lock: serialises changes of the manager
 * @manager: the manager's node, written under @lock; its own permanent count
 *	holds it strongly while it is set
 * @uid: (@lock) who may become manager again
 * @has_uid: (@lock) @uid was recorded
 * @name: (I) name of the device
 * @label: (I) the same, for entries of the history
 */
struct binder_context {
	refcount_t refs;
	struct mutex lock; /* changes of the manager */
	struct binder_node __rcu *manager;
	kuid_t uid;
	bool has_uid;
	const char *name;
	struct binder_label *label;
};

struct binder_context *binder_context_create(const char *name, size_t len);
void binder_context_put(struct binder_context *context);
int binder_context_set_manager(struct binder_proc *proc,
			       const struct flat_binder_object *obj);
void binder_context_drop_manager(struct binder_proc *proc);
bool binder_context_is_manager(const struct binder_proc *proc);
struct binder_node *binder_context_get_manager(struct binder_context *context);

/**
 * binder_context_get() - take another reference
 * @context: a context that is referenced already
 */
static inline void binder_context_get(struct binder_context *context)
{
	refcount_inc(&context->refs);
}

#endif /* _BINDER_CONTEXT_H */
