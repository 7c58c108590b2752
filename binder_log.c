// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debug mask and debug ids.
 */
#include <linux/atomic.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>

#include "binder_log.h"

/* Ids a CPU takes from the shared counter at a time. */
#define BINDER_ID_BLOCK 1024U
/* Ids are printed and traced as positive ints. */
#define BINDER_ID_MASK 0x7fffffffU

u32 binder_debug_mask = BINDER_DEBUG_USER_ERROR |
			BINDER_DEBUG_FAILED_TRANSACTION |
			BINDER_DEBUG_DEAD_TRANSACTION;
module_param_named(debug_mask, binder_debug_mask, uint, 0644);
MODULE_PARM_DESC(debug_mask,
		 "Bits of debug lines to print: 0 user errors, 1 failed transactions, 2 dead transactions, 13 refused priorities (default 7)");

static atomic_t binder_id_blocks = ATOMIC_INIT(0);
static DEFINE_PER_CPU(u32, binder_last_id);

/**
 * binder_next_id() - hand out a debug id
 *
 * Ids are unique until 2^31 of them were handed out, but not ordered across
 * CPUs: each CPU takes a block at a time, so that no line is written by all.
 *
 * Return: a number between 1 and 2^31 - 1.
 */
u32 binder_next_id(void)
{
	u32 *last = get_cpu_ptr(&binder_last_id);
	u32 id = *last;

	do {
		if (id % BINDER_ID_BLOCK == 0)
			id = BINDER_ID_BLOCK *
				(u32)atomic_inc_return(&binder_id_blocks);
		id++;
	} while (!(id & BINDER_ID_MASK));
	*last = id;
	put_cpu_ptr(&binder_last_id);
	return id & BINDER_ID_MASK;
}
