// SPDX-License-Identifier: GPL-2.0-only
/*
 * The logs in debugfs.
 *
 * The "unsafe" files are those that may be read while they are removed. Ours
 * can: they look at nothing that goes with them. So nobody who closes a device
 * waits for a reader.
 */
#include <linux/debugfs.h>
#include <linux/err.h>

#include "binder_debugfs.h"
#include "binder_name.h"
#include "binder_pid_files.h"

static struct dentry *binder_debugfs_root;
static struct binder_pid_files binder_debugfs_pid_logs;
static const struct file_operations *binder_debugfs_pid_fops;

static struct dentry *binder_debugfs_add_pid_log(struct dentry *dir,
						 const char *name, pid_t pid)
{
	return debugfs_create_file_unsafe(name, 0444, dir,
					  (void *)(unsigned long)pid,
					  binder_debugfs_pid_fops);
}

/**
 * binder_debugfs_init() - make the directory
 * @logs: its files, ended by one without a name
 * @pid_fops: what files of proc/ do; their data is the pid
 */
void binder_debugfs_init(const struct binder_fs_log *logs,
			 const struct file_operations *pid_fops)
{
	struct dentry *proc;

	binder_debugfs_pid_fops = pid_fops;
	binder_pid_files_init(&binder_debugfs_pid_logs,
			      binder_debugfs_add_pid_log, debugfs_remove);
	binder_debugfs_root = debugfs_create_dir(BINDER_NAME_STR, NULL);
	for (; logs->name; logs++)
		debugfs_create_file_unsafe(logs->name, 0444,
					   binder_debugfs_root,
					   (void *)logs->data, logs->fops);
	proc = debugfs_create_dir("proc", binder_debugfs_root);
	if (!IS_ERR(proc))
		binder_debugfs_pid_logs.dir = proc;
}

/**
 * binder_debugfs_exit() - remove it; nothing is open
 */
void binder_debugfs_exit(void)
{
	debugfs_remove(binder_debugfs_root);
	binder_pid_files_exit(&binder_debugfs_pid_logs);
}

/**
 * binder_debugfs_get_pid_log() - a process opens a device
 * @pid: number of the process in the initial namespace
 */
void binder_debugfs_get_pid_log(pid_t pid)
{
	binder_pid_files_get(&binder_debugfs_pid_logs, pid);
}

/**
 * binder_debugfs_put_pid_log() - it is closed again
 * @pid: as when it was opened
 */
void binder_debugfs_put_pid_log(pid_t pid)
{
	binder_pid_files_put(&binder_debugfs_pid_logs, pid);
}
