/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters: commands and returns by code, objects made and gone.
 *
 * What happens with every call is counted twice, each time by one plain
 * increment of a line nobody else writes: per CPU for the whole driver, and per
 * thread for its process. Readers add up. Each thread's counts move to its
 * process when it ends, so that those of a process only grow.
 */
#ifndef _BINDER_STATS_H
#define _BINDER_STATS_H

#include <linux/compiler.h>
#include <linux/percpu.h>
#include <linux/types.h>

#include "include/uapi/linux/android/binder.h"

struct seq_file;

/* Codes are counted by their number, the low 8 bits. */
#define BINDER_NR_COMMANDS	(_IOC_NR(BC_FREEZE_NOTIFICATION_DONE) + 1)
#define BINDER_NR_RETURNS	(_IOC_NR(BR_CLEAR_FREEZE_NOTIFICATION_DONE) + 1)

/**
 * enum binder_stat_object - kinds of objects that are counted
 * @BINDER_STAT_PROC: open files
 * @BINDER_STAT_THREAD: threads of them
 * @BINDER_STAT_NODE: nodes
 * @BINDER_STAT_REF: refs
 * @BINDER_STAT_DEATH: requests for death notices
 * @BINDER_STAT_TRANSACTION: messages, until delivered or answered
 * @BINDER_STAT_COMPLETION: what senders still have to read of their messages
 * @BINDER_STAT_FREEZE: requests for freeze notices
 * @BINDER_NR_STAT_OBJECTS: number of kinds
 */
enum binder_stat_object {
	BINDER_STAT_PROC,
	BINDER_STAT_THREAD,
	BINDER_STAT_NODE,
	BINDER_STAT_REF,
	BINDER_STAT_DEATH,
	BINDER_STAT_TRANSACTION,
	BINDER_STAT_COMPLETION,
	BINDER_STAT_FREEZE,
	BINDER_NR_STAT_OBJECTS,
};

/**
 * struct binder_stats - what a thread did, or a process's threads that ended
 * @command: BC_ commands run, by number
 * @ret: BR_ codes read, by number
 *
 * Those of a thread are written by it alone and read by anybody.
 */
struct binder_stats {
	u32 command[BINDER_NR_COMMANDS];
	u32 ret[BINDER_NR_RETURNS];
};

/**
 * struct binder_totals - what one CPU did
 * @command: BC_ commands run, by number
 * @ret: BR_ codes read, by number
 * @made: objects made, by kind
 * @gone: objects gone, by kind
 */
struct binder_totals {
	unsigned long command[BINDER_NR_COMMANDS];
	unsigned long ret[BINDER_NR_RETURNS];
	unsigned long made[BINDER_NR_STAT_OBJECTS];
	unsigned long gone[BINDER_NR_STAT_OBJECTS];
};

DECLARE_PER_CPU(struct binder_totals, binder_totals);

void binder_stats_add(struct binder_stats *sum, const struct binder_stats *stats);
void binder_stats_show(struct seq_file *m, const struct binder_stats *stats);
void binder_totals_show(struct seq_file *m);

/**
 * binder_stats_command() - the current thread runs a command
 * @stats: its counters
 * @cmd: BC_ code, a known one
 */
static inline void binder_stats_command(struct binder_stats *stats, u32 cmd)
{
	u32 nr = _IOC_NR(cmd);

	WRITE_ONCE(stats->command[nr], stats->command[nr] + 1);
	this_cpu_inc(binder_totals.command[nr]);
}

/**
 * binder_stats_return() - the current thread was given a code
 * @stats: its counters
 * @cmd: BR_ code
 */
static inline void binder_stats_return(struct binder_stats *stats, u32 cmd)
{
	u32 nr = _IOC_NR(cmd);

	WRITE_ONCE(stats->ret[nr], stats->ret[nr] + 1);
	this_cpu_inc(binder_totals.ret[nr]);
}

/**
 * binder_stats_made() - an object was made
 * @object: its kind
 */
static inline void binder_stats_made(enum binder_stat_object object)
{
	this_cpu_inc(binder_totals.made[object]);
}

/**
 * binder_stats_gone() - an object is gone
 * @object: its kind
 */
static inline void binder_stats_gone(enum binder_stat_object object)
{
	this_cpu_inc(binder_totals.gone[object]);
}

#endif /* _BINDER_STATS_H */
