// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debug parameters and debug ids.
 */
#include <linux/atomic.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/wait.h>

#include "binder_log.h"

/* Ids a CPU takes from the shared counter at a time. */
#define BINDER_ID_BLOCK 1024U
/* Ids are printed and traced as positive ints. */
#define BINDER_ID_MASK 0x7fffffffU

/* Of stop_on_user_error. */
#define BINDER_STOP_ARMED	1
#define BINDER_STOPPED		2

u32 binder_debug_mask = BINDER_DEBUG_DEFAULT;
u32 binder_alloc_debug_mask = BINDER_DEBUG_ALLOC_DEFAULT;
static int binder_stop_on_user_error;

DEFINE_STATIC_KEY_FALSE(binder_log_armed);
/* Ioctls that stand still. */
static DECLARE_WAIT_QUEUE_HEAD(binder_log_stopped);

/* Parameters are changed one at a time. */
static void binder_log_arm(void)
{
	if ((binder_debug_mask & ~BINDER_DEBUG_DEFAULT) ||
	    (binder_alloc_debug_mask & ~BINDER_DEBUG_ALLOC_DEFAULT) ||
	    READ_ONCE(binder_stop_on_user_error))
		static_branch_enable(&binder_log_armed);
	else
		static_branch_disable(&binder_log_armed);
}

static int binder_log_set_mask(const char *val, const struct kernel_param *kp)
{
	int ret = param_set_uint(val, kp);

	if (!ret)
		binder_log_arm();
	return ret;
}

static const struct kernel_param_ops binder_log_mask_ops = {
	.set = binder_log_set_mask,
	.get = param_get_uint,
};

module_param_cb(debug_mask, &binder_log_mask_ops, &binder_debug_mask, 0644);
MODULE_PARM_DESC(debug_mask,
		 "Bits of debug lines to print: 0 user errors, 1 failed transactions, 2 dead transactions, 3 open and close, 4 dead nodes, 5 death notices, 6 reads and writes, 7 references of users, 8 threads, 9 transactions, 10 completions, 11 freed buffers, 12 references inside, 13 priorities refused, 14 spinlocks (default 7)");

module_param_cb(alloc_debug_mask, &binder_log_mask_ops,
		&binder_alloc_debug_mask, 0644);
MODULE_PARM_DESC(alloc_debug_mask,
		 "Bits of debug lines about buffers: 0 user errors, 1 mmap and close, 2 buffers, 3 space for oneway calls (default 1)");

static int binder_log_set_stop(const char *val, const struct kernel_param *kp)
{
	int ret = param_set_int(val, kp);

	if (ret)
		return ret;
	binder_log_arm();
	if (binder_stop_on_user_error < BINDER_STOPPED)
		wake_up(&binder_log_stopped);
	return 0;
}

static const struct kernel_param_ops binder_log_stop_ops = {
	.set = binder_log_set_stop,
	.get = param_get_int,
};

module_param_cb(stop_on_user_error, &binder_log_stop_ops,
		&binder_stop_on_user_error, 0644);
MODULE_PARM_DESC(stop_on_user_error,
		 "1: the next user error makes it 2; 2: ioctls wait until it is less (default 0)");

/**
 * binder_log_stop() - stop all ioctls, if that was asked for
 */
void binder_log_stop(void)
{
	cmpxchg(&binder_stop_on_user_error, BINDER_STOP_ARMED, BINDER_STOPPED);
}

/**
 * binder_log_wait() - wait while ioctls are stopped
 *
 * Return: 0, or -ERESTARTSYS for a signal.
 */
int binder_log_wait(void)
{
	return wait_event_interruptible(binder_log_stopped,
					READ_ONCE(binder_stop_on_user_error) <
					BINDER_STOPPED);
}

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
