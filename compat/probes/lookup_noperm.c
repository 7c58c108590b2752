// SPDX-License-Identifier: GPL-2.0-only
/* Does lookup_noperm() look up a name in a locked directory (6.16)? */
#include <linux/namei.h>

struct dentry *probe(struct dentry *parent);

struct dentry *probe(struct dentry *parent)
{
	return lookup_noperm(&QSTR("probe"), parent);
}
