/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tree of one instance of the binder file system.
 *
 * The inode of a device holds its minor number, its place among the instance's
 * devices and a reference to its context, and gives all three back when it is
 * evicted: after the unlink or unmount and the last close, whichever is later.
 * The core's file operations sit directly on the inode, so an open file keeps
 * the module. No lock of ours: directories are guarded by the VFS's, the number
 * of devices of an instance is atomic.
 */
#ifndef _BINDER_FS_TREE_H
#define _BINDER_FS_TREE_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>

#include "binder_pid_files.h"

/* Fewer in a test, which wants to see the end of them. */
#ifndef BINDER_FS_MINORS
#define BINDER_FS_MINORS BIT(MINORBITS)
#endif

/**
 * struct binder_fs_options - what mount options say
 * @max: number of devices that the instance may hold
 * @stats_global: show the logs
 */
struct binder_fs_options {
	u32 max;
	bool stats_global;
};

/**
 * struct binder_fs_instance - one instance, sb->s_fs_info
 * @options: as mounted; max may change by a remount
 * @nr_devices: devices there are, without the control device
 * @initial_ipc: mounted in the initial IPC namespace
 * @pid_logs: files of binder_logs/proc
 */
struct binder_fs_instance {
	struct binder_fs_options options;
	atomic_t nr_devices;
	bool initial_ipc;
	struct binder_pid_files pid_logs;
};

int binder_fs_tree_init(const struct file_operations *device_fops);
void binder_fs_tree_exit(void);

int binder_fs_make_root(struct super_block *sb);
int binder_fs_add_control(struct super_block *sb,
			  const struct file_operations *fops);
struct dentry *binder_fs_add_dir(struct dentry *dir, const char *name);
struct dentry *binder_fs_add_file(struct dentry *dir, const char *name,
				  const struct file_operations *fops,
				  void *data);

struct inode *binder_fs_new_device(struct super_block *sb, const char *name);
struct dentry *binder_fs_add(struct dentry *dir, const char *name,
			     struct inode *inode);
void binder_fs_evict_inode(struct inode *inode);

#endif /* _BINDER_FS_TREE_H */
