/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Death notifications.
 *
 * A request belongs to a ref until it is cleared; each ref has at most one.
 * Its state is guarded by the holder's queue lock. What keeps the
 * steps in order is that a request is one work item: it is queued to report
 * the death, rests among the delivered notices until acknowledged, and is
 * queued again when it was cleared, so that the holder sees one
 * BR_CLEAR_DEATH_NOTIFICATION_DONE for every accepted clear and no
 * BR_DEAD_BINDER behind it. Modelled in models/death.pml; who is
 * roused for one in queue.pml.
 */
#ifndef _BINDER_DEATH_H
#define _BINDER_DEATH_H

#include "binder_notice.h"
#include "binder_ref.h"

struct binder_death;

int binder_death_init_slab(void);
void binder_death_exit_slab(void);

int binder_death_request(struct binder_proc *proc, u32 handle,
			 binder_uintptr_t cookie);
int binder_death_clear(struct binder_thread *thread, u32 handle,
		       binder_uintptr_t cookie);
int binder_death_ack(struct binder_thread *thread, binder_uintptr_t cookie);
void binder_death_tell_locked(struct binder_ref **refs, unsigned int nr);
struct binder_death *binder_death_of_locked(const struct binder_ref *ref);
const char *binder_death_text(const struct binder_work *work);
void binder_notices_forget(struct binder_proc *proc);
void binder_ref_finish_locked(struct binder_ref *ref);

#endif /* _BINDER_DEATH_H */
