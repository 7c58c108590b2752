// SPDX-License-Identifier: GPL-2.0-only
/* Does d_make_persistent() keep a dentry of a tree that is in memory only (7.0)? */
#include <linux/dcache.h>

void probe(struct dentry *dentry, struct inode *inode);

void probe(struct dentry *dentry, struct inode *inode)
{
	d_make_persistent(dentry, inode);
}
