/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of threads and processes, as others see it.
 */
#ifndef _BINDER_RELEASE_H
#define _BINDER_RELEASE_H

#include "binder_proc.h"

int binder_release_init(void);
void binder_release_exit(void);
void binder_release_thread(struct binder_thread *thread);
void binder_release_exited_threads(struct binder_proc *proc);
void binder_release_some_exited_threads(struct binder_proc *proc);
void binder_release_area(struct binder_proc *proc);
void binder_release_proc(struct binder_proc *proc);

#endif /* _BINDER_RELEASE_H */
