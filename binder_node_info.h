/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What processes may ask about nodes: each about its own, one after the
 * other, and a context manager about those it has handles to.
 *
 * Both answers are momentary. What the driver itself holds for the length of
 * a command counts like a message under way.
 */
#ifndef _BINDER_NODE_INFO_H
#define _BINDER_NODE_INFO_H

#include "binder_proc.h"
#include "include/uapi/linux/android/binder.h"

void binder_node_info_next(struct binder_proc *proc,
			   struct binder_node_debug_info *info);
int binder_node_info_for_ref(struct binder_proc *proc,
			     struct binder_node_info_for_ref *info);

#endif /* _BINDER_NODE_INFO_H */
