/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every model begins with.
 *
 * A property is a number with a name. ONLY=number makes a run look at that one
 * alone, so that a removed step can be shown to break the property that needs
 * it and not just any.
 */
#ifndef ONLY
#define ONLY 0
#endif

#define must(property, cond) assert((ONLY && ONLY != property) || (cond))

/* A lock that is held over several steps. */
#define LOCK(l)		atomic { !(l) -> l = 1 }
#define UNLOCK(l)	l = 0

/* What a spinlock makes one step for all others. */
#define LOCKED		d_step
