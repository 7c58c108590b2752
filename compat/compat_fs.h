/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File systems whose tree exists in memory only, as 7.2 makes them: each dentry
 * is marked as one that stays, and the plain kill_anon_super() drops them.
 * Before, a reference held each of them, which kill_litter_super() dropped.
 */
#ifndef _BINDER_COMPAT_FS_H
#define _BINDER_COMPAT_FS_H

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/namei.h>
#include <linux/string.h>

#ifndef HAVE_MNT_IDMAP
/* Before 6.3 the operations of an inode were passed a user namespace instead. */
#define mnt_idmap user_namespace
#endif

#ifndef HAVE_SIMPLE_INODE_INIT_TS
/* Before 6.6. */
static inline void simple_inode_init_ts(struct inode *inode)
{
	inode->i_atime = current_time(inode);
	inode->i_mtime = inode->i_atime;
	inode->i_ctime = inode->i_atime;
}
#endif

#ifndef HAVE_SIMPLE_START_CREATING
#ifdef HAVE_LOOKUP_NOPERM
static inline struct dentry *compat_lookup(const char *name,
					   struct dentry *parent)
{
	return lookup_noperm(&QSTR(name), parent);
}
#else
/* Before 6.16. */
static inline struct dentry *compat_lookup(const char *name,
					   struct dentry *parent)
{
	return lookup_one_len(name, parent, strlen(name));
}
#endif

/* Before 6.17. */
static inline struct dentry *simple_start_creating(struct dentry *parent,
						   const char *name)
{
	struct inode *dir = d_inode(parent);
	struct dentry *dentry;

	inode_lock_nested(dir, I_MUTEX_PARENT);
	dentry = compat_lookup(name, parent);
	if (!IS_ERR(dentry) && d_is_positive(dentry)) {
		dput(dentry);
		dentry = ERR_PTR(-EEXIST);
	}
	if (IS_ERR(dentry))
		inode_unlock(dir);
	return dentry;
}
#endif

#ifndef HAVE_SIMPLE_DONE_CREATING
/* Before 7.0. */
static inline void simple_done_creating(struct dentry *child)
{
	inode_unlock(d_inode(child->d_parent));
	dput(child);
}
#endif

#ifndef HAVE_D_MAKE_PERSISTENT
static inline void d_make_persistent(struct dentry *dentry, struct inode *inode)
{
	dget(dentry);
	d_instantiate(dentry, inode);
}

#define kill_anon_super(sb) kill_litter_super(sb)
#endif

#endif /* _BINDER_COMPAT_FS_H */
