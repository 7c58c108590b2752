/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How often somebody waits for a lock of the kernel's, counted by the kernel's own
 * event for it (lock:contention_begin), with the functions that asked. Spinning
 * counts as well as sleeping; a lock that is free when it is asked for does not.
 */
#ifndef BENCH_CONTENTION_H
#define BENCH_CONTENTION_H

struct contention {
	unsigned long all;
	unsigned long driver;	/* a module is among those that asked */
};

void contention_begin(void);
void contention_end(struct contention *waits);

#endif /* BENCH_CONTENTION_H */
