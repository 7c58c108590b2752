/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Texts of security modules before 6.14 were a pointer and a length. The
 * functions return 0 or more on success in both forms.
 */
#ifndef _BINDER_COMPAT_SECURITY_H
#define _BINDER_COMPAT_SECURITY_H

#include <linux/security.h>
/* Calls one of them in its old form, so it comes before the new one. */
#include <net/scm.h>

struct lsm_context {
	char *context;
	u32 len;
};

static inline int compat_secid_to_secctx(u32 secid, struct lsm_context *cp)
{
	return security_secid_to_secctx(secid, &cp->context, &cp->len);
}

static inline void compat_release_secctx(struct lsm_context *cp)
{
	security_release_secctx(cp->context, cp->len);
}

#define security_secid_to_secctx(secid, cp) compat_secid_to_secctx(secid, cp)
#define security_release_secctx(cp) compat_release_secctx(cp)

#endif /* _BINDER_COMPAT_SECURITY_H */
