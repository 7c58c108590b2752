// SPDX-License-Identifier: GPL-2.0-only
/* Does simple_inode_init_ts() set the times of an inode (6.6)? */
#include <linux/fs.h>

void probe(struct inode *inode);

void probe(struct inode *inode)
{
	simple_inode_init_ts(inode);
}
