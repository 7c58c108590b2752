/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Texts of security modules before 6.14 were a pointer and a length. The
 * functions return 0 or more on success in both forms. Headers of the kernel
 * call them in the old form, which has one argument more.
 */
#ifndef _BINDER_COMPAT_SECURITY_H
#define _BINDER_COMPAT_SECURITY_H

#include <linux/security.h>

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

#define COMPAT_THIRD(a, b, c, ...) c
#define COMPAT_FOURTH(a, b, c, d, ...) d

#define security_secid_to_secctx(...) \
	COMPAT_FOURTH(__VA_ARGS__, security_secid_to_secctx, \
		      compat_secid_to_secctx, unused)(__VA_ARGS__)
#define security_release_secctx(...) \
	COMPAT_THIRD(__VA_ARGS__, security_release_secctx, \
		     compat_release_secctx, unused)(__VA_ARGS__)

#endif /* _BINDER_COMPAT_SECURITY_H */
