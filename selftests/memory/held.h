/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Holding the mmap_lock of a process, for writing and for as long as a test needs.
 *
 * A file system of ours (FUSE) has one file whose only page is under way and does
 * not arrive. Who maps that file past the page cache has to wait for the page, in
 * the middle of mmap(2).
 *
 * The file system ends with the test, which therefore alone has its descriptors: the
 * peers are there before it begins.
 */
#ifndef MEMORY_HELD_H
#define MEMORY_HELD_H

#include "memory.h"

/* False if this kernel has no FUSE. */
bool held_begin(void);
/* Lets everybody go; for the end of a test, whatever has happened. */
void held_end(void);

/* @t, a thread of the process, holds its mmap_lock from now on. */
void hold(struct port *t);
void let_go(struct port *t);

/* Does @p wait for a lock in the kernel? */
bool is_stuck(struct port *p);
/* Does the job of @p come to its end? False if it is stuck. */
bool gets_through(struct port *p);

#endif /* MEMORY_HELD_H */
