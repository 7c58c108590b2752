/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of the logs, for debugfs and for binderfs alike.
 *
 * Reading holds no lock of the driver while text is made, and nothing at all
 * between two calls of read(): a file remembers by numbers how far it got. So
 * readers delay neither calls nor those who open and exit, and see what exists
 * when they get there.
 */
#ifndef _BINDER_SHOW_H
#define _BINDER_SHOW_H

#include "binder_fs.h"

/* Ended by one without a name. */
extern const struct binder_fs_log binder_show_logs[];
/* Those that are named after a pid, which is their private data. */
extern const struct file_operations binder_show_pid_fops;

#endif /* _BINDER_SHOW_H */
