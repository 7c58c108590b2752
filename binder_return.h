/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The read half of BINDER_WRITE_READ: the stream of BR_ codes.
 */
#ifndef _BINDER_RETURN_H
#define _BINDER_RETURN_H

#include "binder_proc.h"

int binder_return_read(struct binder_thread *thread, u64 buffer, u64 size,
		       u64 *consumed, bool nonblock);
void binder_return_rouse_slow(struct binder_proc *proc);

/**
 * binder_return_rouse() - pass on work that this thread did not take
 * @proc: the process whose work it is
 */
static inline void binder_return_rouse(struct binder_proc *proc)
{
	/* Whoever adds work behind this look wakes somebody itself. */
	if (unlikely(!list_empty(&proc->queue.todo)))
		binder_return_rouse_slow(proc);
}

#endif /* _BINDER_RETURN_H */
