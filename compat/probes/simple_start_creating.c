// SPDX-License-Identifier: GPL-2.0-only
/* Does simple_start_creating() look up a free name (6.17)? */
#include <linux/fs.h>

struct dentry *probe(struct dentry *parent);

struct dentry *probe(struct dentry *parent)
{
	return simple_start_creating(parent, "probe");
}
