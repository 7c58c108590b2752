/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The freezer: refusing calls to a process.
 *
 * Freezing marks the queues of all files that one task group opened, waits for
 * what is under way, and succeeds for all of them or for none. All marks of a
 * task group change together, under one mutex, and who asked for notices is
 * told under it as well, so that notices do not overtake each other. Nobody
 * holds the mutex while waiting: an attempt that fails takes off only the marks
 * that are still its own.
 *
 * Modelled in models/freezer.pml and, with the notices, models/freeze.pml.
 *
 * A frozen process is named by the pid that the caller knows it by, and the
 * caller has to be allowed to kill it.
 */
#ifndef _BINDER_FREEZER_H
#define _BINDER_FREEZER_H

#include "include/uapi/linux/android/binder.h"

int binder_freezer_set(const struct binder_freeze_info *info);
int binder_freezer_get(struct binder_frozen_status_info *info);

#endif /* _BINDER_FREEZER_H */
