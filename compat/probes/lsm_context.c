// SPDX-License-Identifier: GPL-2.0-only
/* Do security modules answer with a struct lsm_context (6.14)? */
#include <linux/security.h>

u32 probe(u32 secid);

u32 probe(u32 secid)
{
	struct lsm_context context = {};
	u32 length;

	if (security_secid_to_secctx(secid, &context) < 0)
		return 0;
	length = context.context[0] ? context.len : 0;
	security_release_secctx(&context);
	return length;
}
