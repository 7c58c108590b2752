/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A directory with one file for each process that has something open.
 *
 * Its owner makes and removes files by two functions; what is kept here is how
 * many opens there are of each pid. The file comes with the first and goes with
 * the last. Names are numbers of the initial pid namespace: two task groups that
 * had one number one after the other share a file.
 *
 * A directory is guarded by its mutex, which is taken by open and close of
 * devices, never by readers.
 */
#ifndef _BINDER_PID_FILES_H
#define _BINDER_PID_FILES_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct dentry;

/**
 * struct binder_pid_files - files of one directory
 * @lock: guards the rest; held while files are made and removed
 * @files: struct binder_pid_file by pid
 * @dir: the directory, set before the first open; NULL while there is none:
 *	then nothing is done
 * @add: (I) make a file; its dentry, or NULL or a negative errno as a pointer
 * @remove: (I) remove what @add made
 */
struct binder_pid_files {
	struct mutex lock; /* files are made and removed */
	struct xarray files;
	struct dentry *dir;
	struct dentry *(*add)(struct dentry *dir, const char *name, pid_t pid);
	void (*remove)(struct dentry *file);
};

void binder_pid_files_init(struct binder_pid_files *files,
			   struct dentry *(*add)(struct dentry *dir,
						 const char *name, pid_t pid),
			   void (*remove)(struct dentry *file));
void binder_pid_files_exit(struct binder_pid_files *files);
void binder_pid_files_get(struct binder_pid_files *files, pid_t pid);
void binder_pid_files_put(struct binder_pid_files *files, pid_t pid);

#endif /* _BINDER_PID_FILES_H */
