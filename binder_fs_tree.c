// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inodes and directories of the binder file system.
 */
#include <linux/fs.h>
#include <linux/fsnotify.h>
#include <linux/idr.h>
#include <linux/kdev_t.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "binder_context.h"
#include "binder_fs_tree.h"
#include "binder_name.h"

/* Of the minors, only instances of the initial IPC namespace get the last ones. */
#define BINDER_FS_RESERVED_MINORS 4

/* ABI: inode numbers. */
#define BINDER_FS_ROOT_INO 1
#define BINDER_FS_CONTROL_INO 2
#define BINDER_FS_FIRST_INO 3

static dev_t binder_fs_dev;
static DEFINE_IDA(binder_fs_minors);
static const struct file_operations *binder_fs_device_fops;

/**
 * binder_fs_tree_init() - reserve the device numbers
 * @device_fops: what files of devices do
 *
 * Return: 0 or a negative errno.
 */
int binder_fs_tree_init(const struct file_operations *device_fops)
{
	binder_fs_device_fops = device_fops;
	return alloc_chrdev_region(&binder_fs_dev, 0, BINDER_FS_MINORS,
				   BINDER_NAME_STR);
}

/**
 * binder_fs_tree_exit() - give back the device numbers; none is in use
 */
void binder_fs_tree_exit(void)
{
	unregister_chrdev_region(binder_fs_dev, BINDER_FS_MINORS);
}

static struct inode *binder_fs_new_inode(struct super_block *sb, umode_t mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = iunique(sb, BINDER_FS_MINORS + BINDER_FS_FIRST_INO);
	inode->i_mode = mode;
	simple_inode_init_ts(inode);
	return inode;
}

static int binder_fs_get_minor(const struct binder_fs_instance *instance)
{
	unsigned int nr = BINDER_FS_MINORS;

	if (!instance->initial_ipc)
		nr -= BINDER_FS_RESERVED_MINORS;
	return ida_alloc_max(&binder_fs_minors, nr - 1, GFP_KERNEL);
}

/* The inode of a character device; evicting it gives back the minor number. */
static struct inode *binder_fs_new_node(struct super_block *sb)
{
	kuid_t uid = make_kuid(sb->s_user_ns, 0);
	kgid_t gid = make_kgid(sb->s_user_ns, 0);
	struct inode *inode;
	int minor;

	minor = binder_fs_get_minor(sb->s_fs_info);
	if (minor < 0)
		return ERR_PTR(minor);
	inode = binder_fs_new_inode(sb, 0);
	if (!inode) {
		ida_free(&binder_fs_minors, minor);
		return ERR_PTR(-ENOMEM);
	}
	init_special_inode(inode, S_IFCHR | 0600,
			   MKDEV(MAJOR(binder_fs_dev), minor));
	inode->i_ino = minor + BINDER_FS_FIRST_INO;
	/* Without a root there, nobody but the real one may use the node. */
	inode->i_uid = uid_valid(uid) ? uid : GLOBAL_ROOT_UID;
	inode->i_gid = gid_valid(gid) ? gid : GLOBAL_ROOT_GID;
	return inode;
}

static bool binder_fs_count_device(struct binder_fs_instance *instance)
{
	int max = READ_ONCE(instance->options.max);
	int nr = atomic_read(&instance->nr_devices);

	/* More than the maximum when that was lowered. */
	do {
		if (nr >= max)
			return false;
	} while (!atomic_try_cmpxchg(&instance->nr_devices, &nr, nr + 1));
	return true;
}

/**
 * binder_fs_new_device() - make the inode of a device
 * @sb: the instance
 * @name: what to call its context
 *
 * Evicting the inode gives back all that it holds.
 *
 * Return: the inode, or -ENOSPC or -ENOMEM as a pointer.
 */
struct inode *binder_fs_new_device(struct super_block *sb, const char *name)
{
	struct binder_fs_instance *instance = sb->s_fs_info;
	struct binder_context *context;
	struct inode *inode;

	if (!binder_fs_count_device(instance))
		return ERR_PTR(-ENOSPC);
	context = binder_context_create(name, strlen(name));
	if (!context) {
		inode = ERR_PTR(-ENOMEM);
		goto uncount;
	}
	inode = binder_fs_new_node(sb);
	if (IS_ERR(inode))
		goto put_context;
	inode->i_fop = binder_fs_device_fops;
	inode->i_private = context;
	return inode;

put_context:
	binder_context_put(context);
uncount:
	atomic_dec(&instance->nr_devices);
	return inode;
}

static bool binder_fs_is_device(const struct inode *inode)
{
	return inode->i_fop == binder_fs_device_fops;
}

/**
 * binder_fs_evict_inode() - nobody uses an inode any more
 * @inode: the inode, which has no name or is unmounted
 */
void binder_fs_evict_inode(struct inode *inode)
{
	struct binder_fs_instance *instance = inode->i_sb->s_fs_info;

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	if (!S_ISCHR(inode->i_mode))
		return;
	ida_free(&binder_fs_minors, MINOR(inode->i_rdev));
	if (binder_fs_is_device(inode)) {
		binder_context_put(inode->i_private);
		atomic_dec(&instance->nr_devices);
	}
}

/**
 * binder_fs_add() - give an inode a name
 * @dir: the directory
 * @name: a name of one component
 * @inode: the inode; the directory's afterwards, or gone
 *
 * Return: the dentry, which the directory holds, or as a pointer -EEXIST,
 * -EACCES for what is no name, and the like.
 */
struct dentry *binder_fs_add(struct dentry *dir, const char *name,
			     struct inode *inode)
{
	struct dentry *dentry = simple_start_creating(dir, name);

	if (IS_ERR(dentry)) {
		iput(inode);
		return dentry;
	}
	d_make_persistent(dentry, inode);
	if (S_ISDIR(inode->i_mode)) {
		inc_nlink(d_inode(dir));
		fsnotify_mkdir(d_inode(dir), dentry);
	} else {
		fsnotify_create(d_inode(dir), dentry);
	}
	simple_done_creating(dentry);
	return dentry;
}

/**
 * binder_fs_add_dir() - make a directory that users cannot change
 * @dir: where
 * @name: its name
 *
 * Return: the dentry, which @dir holds, or a negative errno as a pointer.
 */
struct dentry *binder_fs_add_dir(struct dentry *dir, const char *name)
{
	struct inode *inode = binder_fs_new_inode(dir->d_sb, S_IFDIR | 0755);

	if (!inode)
		return ERR_PTR(-ENOMEM);
	set_nlink(inode, 2);
	inode->i_op = &simple_dir_inode_operations;
	inode->i_fop = &simple_dir_operations;
	return binder_fs_add(dir, name, inode);
}

/**
 * binder_fs_add_file() - make a file that all may read
 * @dir: where
 * @name: its name
 * @fops: what it does
 * @data: for them, private data of the inode
 *
 * Return: the dentry, which @dir holds, or a negative errno as a pointer.
 */
struct dentry *binder_fs_add_file(struct dentry *dir, const char *name,
				  const struct file_operations *fops,
				  void *data)
{
	struct inode *inode = binder_fs_new_inode(dir->d_sb, S_IFREG | 0444);

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->i_fop = fops;
	inode->i_private = data;
	return binder_fs_add(dir, name, inode);
}

/* ABI: only devices can be removed. */
static int binder_fs_unlink(struct inode *dir, struct dentry *dentry)
{
	if (!binder_fs_is_device(d_inode(dentry)))
		return -EPERM;
	return simple_unlink(dir, dentry);
}

/* Only devices can be renamed or replaced, and they stay in the root. */
static int binder_fs_rename(struct mnt_idmap *idmap, struct inode *old_dir,
			    struct dentry *old_dentry, struct inode *new_dir,
			    struct dentry *new_dentry, unsigned int flags)
{
	if (old_dir != new_dir || !binder_fs_is_device(d_inode(old_dentry)) ||
	    (d_really_is_positive(new_dentry) &&
	     !binder_fs_is_device(d_inode(new_dentry))))
		return -EPERM;
	return simple_rename(idmap, old_dir, old_dentry, new_dir, new_dentry,
			     flags);
}

static const struct inode_operations binder_fs_root_iops = {
	.lookup = simple_lookup,
	.unlink = binder_fs_unlink,
	.rename = binder_fs_rename,
};

/**
 * binder_fs_make_root() - make the root directory
 * @sb: a fresh instance
 *
 * Return: 0 or -ENOMEM.
 */
int binder_fs_make_root(struct super_block *sb)
{
	struct inode *inode = binder_fs_new_inode(sb, S_IFDIR | 0755);

	if (!inode)
		return -ENOMEM;
	inode->i_ino = BINDER_FS_ROOT_INO;
	inode->i_op = &binder_fs_root_iops;
	inode->i_fop = &simple_dir_operations;
	set_nlink(inode, 2);
	sb->s_root = d_make_root(inode);
	return sb->s_root ? 0 : -ENOMEM;
}

/**
 * binder_fs_add_control() - make the control device
 * @sb: an instance with a root
 * @fops: what it does
 *
 * Return: 0 or a negative errno.
 */
int binder_fs_add_control(struct super_block *sb,
			  const struct file_operations *fops)
{
	struct inode *inode = binder_fs_new_node(sb);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode->i_ino = BINDER_FS_CONTROL_INO;
	inode->i_fop = fops;
	return PTR_ERR_OR_ZERO(binder_fs_add(sb->s_root, "binder-control",
					     inode));
}
