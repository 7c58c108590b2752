/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reclaim: which mappings have idle pages, and taking them away.
 *
 * Each mapping keeps its own queue of idle pages, under its own lock
 * (binder_page.h). What is global is a list of the mappings, written when one
 * comes or goes and rotated by the shrinker, never by a transaction.
 *
 * A page is taken in three steps: isolate (under the mapping's lock), unmap
 * (through the address_space, no lock of ours but the mutex that keeps a second
 * reclaimer away), commit (under the lock again, and only if nobody came to use
 * the page meanwhile).
 *
 * Modelled in models/slot.pml and block.pml, the end of a mapping in models/area.pml.
 *
 * A mapping is on the list from binder_lru_add() to binder_lru_remove().
 * Reclaimers pin it by its reference count; if theirs is the last reference it is
 * released by a workqueue, because releasing may wait for what waits for reclaim.
 */
#ifndef _BINDER_LRU_H
#define _BINDER_LRU_H

struct binder_mapping;

int binder_lru_init_subsystem(void);
void binder_lru_exit_subsystem(void);

void binder_lru_add(struct binder_mapping *mapping);
void binder_lru_remove(struct binder_mapping *mapping);
void binder_lru_put(struct binder_mapping *mapping);
void binder_lru_reclaim_all(struct binder_mapping *mapping);

#endif /* _BINDER_LRU_H */
