// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counting the opens of each pid.
 */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "binder_pid_files.h"

/* A positive int and the terminator. */
#define BINDER_PID_NAME_SIZE 11

/**
 * struct binder_pid_file - a pid that has something open
 * @file: its file, or NULL when it could not be made
 * @opens: how much it has open
 */
struct binder_pid_file {
	struct dentry *file;
	unsigned int opens;
};

/**
 * binder_pid_files_init() - prepare for files; there is no directory yet
 * @files: to set up
 * @add: makes a file
 * @remove: removes it
 */
void binder_pid_files_init(struct binder_pid_files *files,
			   struct dentry *(*add)(struct dentry *dir,
						 const char *name, pid_t pid),
			   void (*remove)(struct dentry *file))
{
	mutex_init(&files->lock);
	xa_init(&files->files);
	files->dir = NULL;
	files->add = add;
	files->remove = remove;
}

/**
 * binder_pid_files_exit() - end a directory; nothing is open any more
 * @files: the directory
 */
void binder_pid_files_exit(struct binder_pid_files *files)
{
	WARN_ON_ONCE(!xa_empty(&files->files));
	xa_destroy(&files->files);
}

static struct binder_pid_file *
binder_pid_file_make(struct binder_pid_files *files, pid_t pid)
{
	struct binder_pid_file *entry = kzalloc(sizeof(*entry),
						GFP_KERNEL_ACCOUNT);
	char name[BINDER_PID_NAME_SIZE];
	struct dentry *file;

	if (!entry)
		return NULL;
	if (xa_err(xa_store(&files->files, pid, entry, GFP_KERNEL_ACCOUNT))) {
		kfree(entry);
		return NULL;
	}
	snprintf(name, sizeof(name), "%d", pid);
	file = files->add(files->dir, name, pid);
	if (!IS_ERR(file))
		entry->file = file;
	return entry;
}

/**
 * binder_pid_files_get() - a process opens something
 * @files: the directory
 * @pid: number of the process in the initial namespace
 *
 * Without memory the open is not counted: there will be no file, or it goes before that
 * open does, which is no reason to refuse it.
 */
void binder_pid_files_get(struct binder_pid_files *files, pid_t pid)
{
	struct binder_pid_file *entry;

	if (!files->dir)
		return;
	mutex_lock(&files->lock);
	entry = xa_load(&files->files, pid);
	if (!entry)
		entry = binder_pid_file_make(files, pid);
	if (entry)
		entry->opens++;
	mutex_unlock(&files->lock);
}

/**
 * binder_pid_files_put() - it is closed again
 * @files: the directory
 * @pid: as when it was opened
 */
void binder_pid_files_put(struct binder_pid_files *files, pid_t pid)
{
	struct binder_pid_file *entry;

	if (!files->dir)
		return;
	mutex_lock(&files->lock);
	entry = xa_load(&files->files, pid);
	if (entry && !--entry->opens) {
		xa_erase(&files->files, pid);
		if (entry->file)
			files->remove(entry->file);
		kfree(entry);
	}
	mutex_unlock(&files->lock);
}
