// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adding counters up, and how they are printed.
 */
#include <linux/build_bug.h>
#include <linux/seq_file.h>
#include <linux/smp.h>

#include "binder_stats.h"

DEFINE_PER_CPU(struct binder_totals, binder_totals);

/* Enough for either. */
#define BINDER_NR_CODES 32

static_assert(BINDER_NR_COMMANDS <= BINDER_NR_CODES);
static_assert(BINDER_NR_RETURNS <= BINDER_NR_CODES);

/**
 * struct binder_code_names - names of codes, by number
 * @of: the names
 */
struct binder_code_names {
	const char *of[BINDER_NR_CODES];
};

#define BINDER_NAME_OF(code) .of[_IOC_NR(code)] = (#code)

/* ABI: the names of the enums, in the order of their numbers. */
static const struct binder_code_names binder_command_names = {
	BINDER_NAME_OF(BC_TRANSACTION),
	BINDER_NAME_OF(BC_REPLY),
	BINDER_NAME_OF(BC_ACQUIRE_RESULT),
	BINDER_NAME_OF(BC_FREE_BUFFER),
	BINDER_NAME_OF(BC_INCREFS),
	BINDER_NAME_OF(BC_ACQUIRE),
	BINDER_NAME_OF(BC_RELEASE),
	BINDER_NAME_OF(BC_DECREFS),
	BINDER_NAME_OF(BC_INCREFS_DONE),
	BINDER_NAME_OF(BC_ACQUIRE_DONE),
	BINDER_NAME_OF(BC_ATTEMPT_ACQUIRE),
	BINDER_NAME_OF(BC_REGISTER_LOOPER),
	BINDER_NAME_OF(BC_ENTER_LOOPER),
	BINDER_NAME_OF(BC_EXIT_LOOPER),
	BINDER_NAME_OF(BC_REQUEST_DEATH_NOTIFICATION),
	BINDER_NAME_OF(BC_CLEAR_DEATH_NOTIFICATION),
	BINDER_NAME_OF(BC_DEAD_BINDER_DONE),
	BINDER_NAME_OF(BC_TRANSACTION_SG),
	BINDER_NAME_OF(BC_REPLY_SG),
	BINDER_NAME_OF(BC_REQUEST_FREEZE_NOTIFICATION),
	BINDER_NAME_OF(BC_CLEAR_FREEZE_NOTIFICATION),
	BINDER_NAME_OF(BC_FREEZE_NOTIFICATION_DONE),
};

/* BR_TRANSACTION_SEC_CTX has the number of BR_TRANSACTION and counts as that. */
static const struct binder_code_names binder_return_names = {
	BINDER_NAME_OF(BR_ERROR),
	BINDER_NAME_OF(BR_OK),
	BINDER_NAME_OF(BR_TRANSACTION),
	BINDER_NAME_OF(BR_REPLY),
	BINDER_NAME_OF(BR_ACQUIRE_RESULT),
	BINDER_NAME_OF(BR_DEAD_REPLY),
	BINDER_NAME_OF(BR_TRANSACTION_COMPLETE),
	BINDER_NAME_OF(BR_INCREFS),
	BINDER_NAME_OF(BR_ACQUIRE),
	BINDER_NAME_OF(BR_RELEASE),
	BINDER_NAME_OF(BR_DECREFS),
	BINDER_NAME_OF(BR_ATTEMPT_ACQUIRE),
	BINDER_NAME_OF(BR_NOOP),
	BINDER_NAME_OF(BR_SPAWN_LOOPER),
	BINDER_NAME_OF(BR_FINISHED),
	BINDER_NAME_OF(BR_DEAD_BINDER),
	BINDER_NAME_OF(BR_CLEAR_DEATH_NOTIFICATION_DONE),
	BINDER_NAME_OF(BR_FAILED_REPLY),
	BINDER_NAME_OF(BR_FROZEN_REPLY),
	BINDER_NAME_OF(BR_ONEWAY_SPAM_SUSPECT),
	BINDER_NAME_OF(BR_TRANSACTION_PENDING_FROZEN),
	BINDER_NAME_OF(BR_FROZEN_BINDER),
	BINDER_NAME_OF(BR_CLEAR_FREEZE_NOTIFICATION_DONE),
};

static const char *const binder_object_names[BINDER_NR_STAT_OBJECTS] = {
	[BINDER_STAT_PROC] = "proc",
	[BINDER_STAT_THREAD] = "thread",
	[BINDER_STAT_NODE] = "node",
	[BINDER_STAT_REF] = "ref",
	[BINDER_STAT_DEATH] = "death",
	[BINDER_STAT_TRANSACTION] = "transaction",
	[BINDER_STAT_COMPLETION] = "transaction_complete",
	[BINDER_STAT_FREEZE] = "freeze",
};

/**
 * binder_stats_add() - add counters to others
 * @sum: where to, the caller's
 * @stats: those of a thread, which may be at work
 */
void binder_stats_add(struct binder_stats *sum, const struct binder_stats *stats)
{
	unsigned int i;

	for (i = 0; i < BINDER_NR_COMMANDS; i++)
		sum->command[i] += READ_ONCE(stats->command[i]);
	for (i = 0; i < BINDER_NR_RETURNS; i++)
		sum->ret[i] += READ_ONCE(stats->ret[i]);
}

/**
 * binder_stats_show() - print the counters of a process that are not zero
 * @m: where to
 * @stats: the counters
 */
void binder_stats_show(struct seq_file *m, const struct binder_stats *stats)
{
	unsigned int i;

	for (i = 0; i < BINDER_NR_COMMANDS; i++)
		if (stats->command[i])
			seq_printf(m, "  %s: %u\n", binder_command_names.of[i],
				   stats->command[i]);
	for (i = 0; i < BINDER_NR_RETURNS; i++)
		if (stats->ret[i])
			seq_printf(m, "  %s: %u\n", binder_return_names.of[i],
				   stats->ret[i]);
}

static void binder_totals_sum(unsigned long *sum,
			      const unsigned long __percpu *counters,
			      unsigned int nr)
{
	unsigned int i;
	int cpu;

	for (i = 0; i < nr; i++)
		sum[i] = 0;
	for_each_possible_cpu(cpu)
		for (i = 0; i < nr; i++)
			sum[i] += READ_ONCE(per_cpu_ptr(counters, cpu)[i]);
}

static void binder_totals_show_codes(struct seq_file *m,
				     const unsigned long __percpu *counters,
				     const struct binder_code_names *names,
				     unsigned int nr)
{
	unsigned long sum[BINDER_NR_CODES];
	unsigned int i;

	binder_totals_sum(sum, counters, nr);
	for (i = 0; i < nr; i++)
		if (sum[i])
			seq_printf(m, "%s: %lu\n", names->of[i], sum[i]);
}

/**
 * binder_totals_show() - print what the driver did since it was loaded
 * @m: where to
 */
void binder_totals_show(struct seq_file *m)
{
	unsigned long made[BINDER_NR_STAT_OBJECTS];
	unsigned long gone[BINDER_NR_STAT_OBJECTS];
	unsigned int i;

	binder_totals_show_codes(m, binder_totals.command,
				 &binder_command_names, BINDER_NR_COMMANDS);
	binder_totals_show_codes(m, binder_totals.ret, &binder_return_names,
				 BINDER_NR_RETURNS);
	/* What is gone was made before: in this order none seems to be missing. */
	binder_totals_sum(gone, binder_totals.gone, BINDER_NR_STAT_OBJECTS);
	smp_rmb();	/* pairs with nothing stronger than the order of events */
	binder_totals_sum(made, binder_totals.made, BINDER_NR_STAT_OBJECTS);
	for (i = 0; i < BINDER_NR_STAT_OBJECTS; i++)
		if (made[i])
			seq_printf(m, "%s: active %lu total %lu\n",
				   binder_object_names[i], made[i] - gone[i],
				   made[i]);
}
