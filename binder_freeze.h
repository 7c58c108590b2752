/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The freezer: refusing calls to a process, and telling those who asked.
 *
 * Freezing marks the queues of all files that one task group opened, waits for
 * what is under way, and succeeds for all of them or for none. Changes of the
 * mark that are announced are serialised, so that notices do not overtake each
 * other.
 *
 * A request for notices belongs to a ref until it is cleared; each ref has at
 * most one. Like a request for a death notice it is one work item, guarded by
 * the holder's queue lock; at most one notice of it is unacknowledged.
 */
#ifndef _BINDER_FREEZE_H
#define _BINDER_FREEZE_H

#include "binder_ref.h"

int binder_freeze_init_slab(void);
void binder_freeze_exit_slab(void);

int binder_freeze_set(const struct binder_freeze_info *info);
int binder_freeze_get(struct binder_frozen_status_info *info);
int binder_freeze_request(struct binder_proc *proc, u32 handle,
			  binder_uintptr_t cookie);
int binder_freeze_clear(struct binder_proc *proc, u32 handle,
			binder_uintptr_t cookie);
int binder_freeze_ack(struct binder_proc *proc, binder_uintptr_t cookie);
struct binder_freeze *binder_freeze_detach_locked(struct binder_ref *ref);
void binder_freeze_free(struct binder_freeze *freeze);

#endif /* _BINDER_FREEZE_H */
