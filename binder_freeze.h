/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notices of freezing.
 *
 * A request belongs to a ref until it is cleared; each ref has at most one.
 * Like a request for a death notice it is one work item, whose state is guarded by
 * the holder's queue lock; at most one notice of it is unacknowledged. When that
 * one is acknowledged and says what is not true any more, the next follows.
 *
 * A request is stored before the owner's state is read; a change of state is
 * marked before requests are looked for. So no change is missed. Modelled in
 * models/freeze.pml.
 */
#ifndef _BINDER_FREEZE_H
#define _BINDER_FREEZE_H

#include "binder_notice.h"
#include "binder_ref.h"

int binder_freeze_init_slab(void);
void binder_freeze_exit_slab(void);

void binder_freeze_announce(struct binder_proc *proc);
void binder_freeze_correct(struct binder_proc *proc);
int binder_freeze_request(struct binder_proc *proc, u32 handle,
			  binder_uintptr_t cookie);
int binder_freeze_clear(struct binder_proc *proc, u32 handle,
			binder_uintptr_t cookie);
int binder_freeze_ack(struct binder_proc *proc, binder_uintptr_t cookie);
struct binder_freeze *binder_freeze_detach_locked(struct binder_ref *ref);
void binder_freezes_forget(struct binder_proc *proc);
void binder_freeze_free(struct binder_freeze *freeze);
const char *binder_freeze_text(const struct binder_work *work);

#endif /* _BINDER_FREEZE_H */
