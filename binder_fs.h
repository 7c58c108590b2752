/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The binder file system: device nodes made and removed by users, each with a
 * context of its own.
 *
 * Each mount is an instance of its own (binder_fs_tree.h), which holds the
 * module as long as it lives. What devices of fresh instances are called the
 * devices parameter says; what else is in them the core hands down.
 */
#ifndef _BINDER_FS_H
#define _BINDER_FS_H

#include <linux/fs.h>

struct binder_context;

/**
 * struct binder_fs_log - a file of binder_logs/
 * @name: its name
 * @fops: what its files do; they have an owner
 * @data: private data of its inodes
 */
struct binder_fs_log {
	const char *name;
	const struct file_operations *fops;
	const void *data;
};

int binder_fs_register(const struct file_operations *device_fops,
		       const struct binder_fs_log *logs,
		       const struct file_operations *pid_fops);
void binder_fs_unregister(void);
struct binder_context *binder_fs_context(const struct inode *inode);
void binder_fs_get_pid_log(const struct inode *inode, pid_t pid);
void binder_fs_put_pid_log(const struct inode *inode, pid_t pid);

#endif /* _BINDER_FS_H */
