/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory file: how full areas are, who fills them, and what became of their
 * pages. Other drivers have no such file.
 */
#ifndef _BINDER_SHOW_MEMORY_H
#define _BINDER_SHOW_MEMORY_H

#include <linux/types.h>

struct binder_proc;
struct binder_view;
struct seq_file;

void binder_show_memory_head(struct seq_file *m);
bool binder_show_memory(struct seq_file *m, struct binder_view *view,
			struct binder_proc *proc);
bool binder_show_memory_users(struct seq_file *m, struct binder_view *view,
			      struct binder_proc *proc);

#endif /* _BINDER_SHOW_MEMORY_H */
