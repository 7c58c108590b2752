/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Security modules: whom they let pass, and the names they have for senders.
 *
 * Every question is about two open files. It is asked with the credentials
 * their openers had, never with those of the current task: a file that was
 * inherited or handed on speaks for whoever opened it.
 *
 * The kernel's hooks for Binder are not exported to modules by mainline, but
 * by Debian and others. They are weak references, which the loader leaves NULL
 * when the kernel has nothing of that name to offer; then nobody is asked.
 * What the kernel offers is said at load and shown as the parameter
 * lsm_hooks; require_lsm_hooks refuses to load without them.
 *
 * The context of a sender, a text, is looked up only for nodes that ask for
 * it. Where no module has a name for the sender (AppArmor has none, and there
 * may be no module at all) it is empty, unless strict_secctx is set.
 */
#ifndef _BINDER_SECURITY_H
#define _BINDER_SECURITY_H

#include <linux/errno.h>
#include <linux/security.h>
#include <linux/types.h>

#ifdef CONFIG_SECURITY
extern __weak typeof(security_binder_set_context_mgr) security_binder_set_context_mgr;
extern __weak typeof(security_binder_transaction) security_binder_transaction;
extern __weak typeof(security_binder_transfer_binder) security_binder_transfer_binder;
extern __weak typeof(security_binder_transfer_file) security_binder_transfer_file;

#define BINDER_HAS_LSM_HOOK(hook) ((hook) != NULL)
#else
/* There are no security modules, so nobody is left out. */
#define BINDER_HAS_LSM_HOOK(hook) ((void)(hook), true)
#endif

/* Contexts are shorter than this: messages note their size in words, in 16 bits. */
#define BINDER_SECCTX_MAX	(U16_MAX * sizeof(u64))

/**
 * struct binder_secctx - the security context of a sender
 * @lsm: what the security module answered; all zero when it has no name
 * @length: bytes of the text, without a terminator
 * @size: bytes in the message, terminated and padded
 */
struct binder_secctx {
	struct lsm_context lsm;
	u32 length;
	u32 size;
};

int binder_security_init(void);
int binder_secctx_get(struct binder_secctx *secctx, const struct cred *cred);
void binder_secctx_put(struct binder_secctx *secctx);

/**
 * binder_security_set_manager() - may a process become context manager?
 * @cred: credentials of its file
 *
 * Return: 0, or the security module's errno.
 */
static inline int binder_security_set_manager(const struct cred *cred)
{
	if (!BINDER_HAS_LSM_HOOK(security_binder_set_context_mgr))
		return 0;
	return security_binder_set_context_mgr(cred);
}

/**
 * binder_security_call() - may a process call another one?
 * @from: credentials of the caller's file
 * @to: credentials of the callee's file
 *
 * Return: 0, or -EPERM whatever the security module's reason is.
 */
static inline int binder_security_call(const struct cred *from,
				       const struct cred *to)
{
	if (!BINDER_HAS_LSM_HOOK(security_binder_transaction) ||
	    !security_binder_transaction(from, to))
		return 0;
	return -EPERM;
}

/**
 * binder_security_transfer_object() - may an object or a handle be passed on?
 * @from: credentials of the sender's file
 * @to: credentials of the receiver's file
 *
 * Return: 0, or -EPERM.
 */
static inline int binder_security_transfer_object(const struct cred *from,
						  const struct cred *to)
{
	if (!BINDER_HAS_LSM_HOOK(security_binder_transfer_binder) ||
	    !security_binder_transfer_binder(from, to))
		return 0;
	return -EPERM;
}

/**
 * binder_security_transfer_file() - may a file be passed on?
 * @from: credentials of the sender's file
 * @to: credentials of the receiver's file
 * @file: the file under way
 *
 * Return: 0, or -EPERM.
 */
static inline int binder_security_transfer_file(const struct cred *from,
						const struct cred *to,
						struct file *file)
{
	if (!BINDER_HAS_LSM_HOOK(security_binder_transfer_file) ||
	    !security_binder_transfer_file(from, to, file))
		return 0;
	return -EPERM;
}

#endif /* _BINDER_SECURITY_H */
