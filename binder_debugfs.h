/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The logs in debugfs, in a directory named as the driver.
 *
 * Where that cannot be made (no debugfs, another driver of that name) there are
 * none, and nothing else is different.
 */
#ifndef _BINDER_DEBUGFS_H
#define _BINDER_DEBUGFS_H

#include "binder_fs.h"

void binder_debugfs_init(const struct binder_fs_log *logs,
			 const struct file_operations *pid_fops);
void binder_debugfs_exit(void);
void binder_debugfs_get_pid_log(pid_t pid);
void binder_debugfs_put_pid_log(pid_t pid);

#endif /* _BINDER_DEBUGFS_H */
