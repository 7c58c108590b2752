// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel offers of security modules' hooks, and contexts of senders.
 */
#include <linux/align.h>
#include <linux/module.h>
#include <linux/string.h>

#include "binder_security.h"

static bool binder_lsm_hooks;
module_param_named(lsm_hooks, binder_lsm_hooks, bool, 0444);
MODULE_PARM_DESC(lsm_hooks,
		 "Read only: the kernel lets security modules decide about Binder in this module");

static bool binder_require_lsm_hooks;
module_param_named(require_lsm_hooks, binder_require_lsm_hooks, bool, 0444);
MODULE_PARM_DESC(require_lsm_hooks,
		 "Do not load where security modules cannot decide about Binder (default N)");

static bool binder_strict_secctx;
module_param_named(strict_secctx, binder_strict_secctx, bool, 0644);
MODULE_PARM_DESC(strict_secctx,
		 "Fail calls that ask for the security context of a sender who has none, instead of passing an empty one (default N)");

/**
 * binder_security_init() - find out which hooks there are
 *
 * Return: 0, or -EOPNOTSUPP when some are missing and all are required.
 */
int binder_security_init(void)
{
	/* Whatever was given: this one tells. */
	binder_lsm_hooks = BINDER_HAS_LSM_HOOK(security_binder_set_context_mgr) &&
			   BINDER_HAS_LSM_HOOK(security_binder_transaction) &&
			   BINDER_HAS_LSM_HOOK(security_binder_transfer_binder) &&
			   BINDER_HAS_LSM_HOOK(security_binder_transfer_file);
	if (binder_lsm_hooks)
		return 0;
	if (binder_require_lsm_hooks) {
		pr_err("this kernel does not export the hooks security_binder_*, and require_lsm_hooks is set\n");
		return -EOPNOTSUPP;
	}
	pr_notice("this kernel does not export the hooks security_binder_*: security modules are not asked about calls, objects and files\n");
	return 0;
}

/* The text of a context, terminated or not. */
static int binder_secctx_ask(struct binder_secctx *secctx,
			     const struct cred *cred)
{
	bool strict = READ_ONCE(binder_strict_secctx);
	u32 secid;
	int ret;

	security_cred_getsecid(cred, &secid);
	/* No module has this one: 0 is what nobody answered. */
	if (!secid && !strict)
		return 0;
	ret = security_secid_to_secctx(secid, &secctx->lsm);
	if (ret >= 0)
		return 0;
	secctx->lsm = (struct lsm_context){};
	return ret == -EOPNOTSUPP && !strict ? 0 : ret;
}

/**
 * binder_secctx_put() - give the text back
 * @secctx: the context
 */
void binder_secctx_put(struct binder_secctx *secctx)
{
	if (secctx->lsm.context)
		security_release_secctx(&secctx->lsm);
}

/**
 * binder_secctx_get() - ask for the security context of a sender
 * @secctx: where to store it
 * @cred: credentials of the sender's file
 *
 * Return: 0, and then it has to be put; the security module's errno; or
 * -EINVAL when the text is too long.
 */
int binder_secctx_get(struct binder_secctx *secctx, const struct cred *cred)
{
	int ret;

	*secctx = (struct binder_secctx){};
	ret = binder_secctx_ask(secctx, cred);
	if (ret)
		return ret;
	/* Some modules count the terminator, some do not. */
	if (secctx->lsm.context)
		secctx->length = strnlen(secctx->lsm.context, secctx->lsm.len);
	if (secctx->length >= BINDER_SECCTX_MAX) {
		binder_secctx_put(secctx);
		return -EINVAL;
	}
	secctx->size = ALIGN(secctx->length + 1, sizeof(u64));
	return 0;
}
