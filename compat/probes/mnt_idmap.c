// SPDX-License-Identifier: GPL-2.0-only
/* Are the operations of an inode passed a struct mnt_idmap (6.3)? */
#include <linux/fs.h>

const struct inode_operations *probe(void);

static int probe_rename(struct mnt_idmap *idmap, struct inode *old_dir,
			struct dentry *old_dentry, struct inode *new_dir,
			struct dentry *new_dentry, unsigned int flags)
{
	return 0;
}

static const struct inode_operations probe_operations = {
	.rename = probe_rename,
};

const struct inode_operations *probe(void)
{
	return &probe_operations;
}
