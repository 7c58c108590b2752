/* SPDX-License-Identifier: GPL-2.0-only */
/* Ways to leave others with too little memory. */
#ifndef ENDURANCE_SQUEEZE_H
#define ENDURANCE_SQUEEZE_H

#include <stdbool.h>

/* A group of processes that may have @mib of memory between them. */
struct group {
	char dir[64];		/* "" where the kernel has no such groups */
	unsigned long limit;
};

void make_group(struct group *g, unsigned long mib);
/* The calling process and those it forks belong to it. */
void join_group(const struct group *g);
/* How often its limit was met, and how often somebody was killed for it. */
unsigned long group_events(const struct group *g, const char *name);
/* When nobody is left. */
void remove_group(const struct group *g);

/* All three until *@stop, each in a process of its own. */

/* Keeps a group at its limit with memory that can be taken away at any time. */
void fill_group(const struct group *g, const bool *stop);
/* The same with all the memory of the machine. */
void fill_machine(const bool *stop);
/* Has everything reclaimed that can be. */
void reclaim(const bool *stop);

/* All that can be reclaimed is reclaimed now. */
void reclaim_all(void);
/* A counter in /proc/vmstat. */
unsigned long vmstat(const char *name);

#endif /* ENDURANCE_SQUEEZE_H */
