// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel offers of security modules' hooks.
 */
#include <linux/module.h>

#include "binder_security.h"

static bool binder_lsm_hooks;
module_param_named(lsm_hooks, binder_lsm_hooks, bool, 0444);
MODULE_PARM_DESC(lsm_hooks,
		 "Read only: the kernel lets security modules decide about Binder in this module");

static bool binder_require_lsm_hooks;
module_param_named(require_lsm_hooks, binder_require_lsm_hooks, bool, 0444);
MODULE_PARM_DESC(require_lsm_hooks,
		 "Do not load where security modules cannot decide about Binder (default N)");

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
