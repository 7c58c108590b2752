// SPDX-License-Identifier: GPL-2.0-only
/*
 * Context managers.
 */
#include <linux/cred.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "binder_context.h"
#include "binder_security.h"

/**
 * binder_context_create() - make the context of a new device
 * @name: the device's name, not terminated
 * @len: its length in bytes
 *
 * Return: the context with one reference, or NULL without memory.
 */
struct binder_context *binder_context_create(const char *name, size_t len)
{
	struct binder_context *context;

	context = kzalloc(sizeof(*context), GFP_KERNEL_ACCOUNT);
	if (!context)
		return NULL;
	context->label = binder_label_create(name, len);
	if (!context->label) {
		kfree(context);
		return NULL;
	}
	context->name = context->label->text;
	refcount_set(&context->refs, 1);
	mutex_init(&context->lock);
	return context;
}

/**
 * binder_context_put() - drop a reference; may sleep
 * @context: the context
 */
void binder_context_put(struct binder_context *context)
{
	if (!refcount_dec_and_test(&context->refs))
		return;
	binder_label_forget(context->label);
	kfree(context);
}

/**
 * binder_context_set_manager() - BINDER_SET_CONTEXT_MGR and _EXT
 * @proc: the process that wants to become manager
 * @obj: its root object; all zero for the plain form
 *
 * ABI: the checks come in this order, and the uid stays recorded after the
 * manager died, and even when the last step fails.
 *
 * Return: 0, -EBUSY when there is a manager, what a security module answers,
 * -EPERM when another uid has been it, or -ENOMEM.
 */
int binder_context_set_manager(struct binder_proc *proc,
			       const struct flat_binder_object *obj)
{
	struct binder_context *context = proc->context;
	kuid_t uid = current_euid();
	struct binder_node *node;
	int ret;

	mutex_lock(&context->lock);
	ret = -EBUSY;
	if (rcu_access_pointer(context->manager))
		goto out;
	ret = binder_security_set_manager(proc->cred);
	if (ret)
		goto out;
	ret = -EPERM;
	if (context->has_uid && !uid_eq(context->uid, uid))
		goto out;
	context->uid = uid;
	context->has_uid = true;
	ret = binder_node_make_manager(proc, obj, &node);
	/* Pairs with rcu_dereference() in binder_context_get_manager(). */
	if (!ret)
		rcu_assign_pointer(context->manager, node);
out:
	mutex_unlock(&context->lock);
	return ret;
}

/**
 * binder_context_drop_manager() - a process is being released
 * @proc: the process, whose nodes are not marked dead yet
 */
void binder_context_drop_manager(struct binder_proc *proc)
{
	struct binder_context *context = proc->context;
	struct binder_node *node;

	mutex_lock(&context->lock);
	node = rcu_dereference_protected(context->manager,
					 lockdep_is_held(&context->lock));
	if (node && node->proc == proc)
		rcu_assign_pointer(context->manager, NULL);
	mutex_unlock(&context->lock);
}

/**
 * binder_context_is_manager() - is a process the manager of its context?
 * @proc: the process
 *
 * Return: true when it is; it stays that until its file is released.
 */
bool binder_context_is_manager(const struct binder_proc *proc)
{
	const struct binder_node *node;
	bool found;

	rcu_read_lock();
	node = rcu_dereference(proc->context->manager);
	found = node && READ_ONCE(node->proc) == proc;
	/* Its memory may be another node's by now, but not if it still is the one. */
	smp_rmb();
	found = found && rcu_access_pointer(proc->context->manager) == node;
	rcu_read_unlock();
	return found;
}

/**
 * binder_context_get_manager() - what handle 0 means
 * @context: the context
 *
 * Return: the manager's node with a strong reference, or NULL.
 */
struct binder_node *binder_context_get_manager(struct binder_context *context)
{
	struct binder_node *node;

	rcu_read_lock();
	node = rcu_dereference(context->manager);
	if (node && !binder_node_tryget_strong(node))
		node = NULL;
	rcu_read_unlock();
	/* As in binder_ref_target(). */
	if (node && unlikely(rcu_access_pointer(context->manager) != node)) {
		binder_node_put_strong(node);
		node = NULL;
	}
	return node;
}
