/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The turn of oneway calls to a node.
 *
 * A node processes one oneway call at a time: from being queued to the process
 * until its buffer is freed. The others wait in a ring of the node, which like
 * all of its state is guarded by the lock of the owner's queue. Modelled in
 * models/queue.pml.
 */
#ifndef _BINDER_ONEWAY_H
#define _BINDER_ONEWAY_H

#include "binder_node.h"

bool binder_oneway_start_locked(struct binder_node *node,
				struct binder_work *work);
void binder_oneway_end(struct binder_node *node);

#endif /* _BINDER_ONEWAY_H */
