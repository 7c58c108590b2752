/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stats file: what the driver did, and numbers of each process.
 */
#ifndef _BINDER_SHOW_STATS_H
#define _BINDER_SHOW_STATS_H

#include <linux/types.h>

struct binder_proc;
struct binder_view;
struct seq_file;

bool binder_show_stats(struct seq_file *m, struct binder_view *view,
		       struct binder_proc *proc);

#endif /* _BINDER_SHOW_STATS_H */
