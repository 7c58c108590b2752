/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What names things to a human: debug lines and debug ids.
 *
 * A client's mistake is answered through the protocol; beyond that it costs at
 * most one rate-limited line, selected by the debug_mask parameter, or, if
 * stop_on_user_error asks for it, stops all ioctls until somebody has looked.
 * Debug ids number transactions, nodes and refs in logs, traces and extended
 * errors.
 *
 * Lines of the default classes are printed when something went wrong and test
 * the mask. All others stand on paths that work: they are behind a static key,
 * which is on while a parameter asks for anything beyond its default.
 */
#ifndef _BINDER_LOG_H
#define _BINDER_LOG_H

#include <linux/bits.h>
#include <linux/jump_label.h>
#include <linux/printk.h>
#include <linux/types.h>

#define BINDER_DEBUG_USER_ERROR		BIT(0)
#define BINDER_DEBUG_FAILED_TRANSACTION	BIT(1)
#define BINDER_DEBUG_DEAD_TRANSACTION	BIT(2)
#define BINDER_DEBUG_OPEN_CLOSE		BIT(3)
#define BINDER_DEBUG_DEAD_BINDER	BIT(4)
#define BINDER_DEBUG_DEATH_NOTIFICATION	BIT(5)
#define BINDER_DEBUG_READ_WRITE		BIT(6)
#define BINDER_DEBUG_USER_REFS		BIT(7)
#define BINDER_DEBUG_THREADS		BIT(8)
#define BINDER_DEBUG_TRANSACTION	BIT(9)
#define BINDER_DEBUG_TRANSACTION_COMPLETE BIT(10)
#define BINDER_DEBUG_FREE_BUFFER	BIT(11)
#define BINDER_DEBUG_INTERNAL_REFS	BIT(12)
#define BINDER_DEBUG_PRIORITY_CAP	BIT(13)
#define BINDER_DEBUG_SPINLOCKS		BIT(14)
#define BINDER_DEBUG_DEFAULT \
	(BINDER_DEBUG_USER_ERROR | BINDER_DEBUG_FAILED_TRANSACTION | \
	 BINDER_DEBUG_DEAD_TRANSACTION)

/* Of the buffers, by the alloc_debug_mask parameter. */
#define BINDER_DEBUG_ALLOC_USER_ERROR	BIT(0)
#define BINDER_DEBUG_ALLOC_OPEN_CLOSE	BIT(1)
#define BINDER_DEBUG_ALLOC_BUFFER	BIT(2)
#define BINDER_DEBUG_ALLOC_ASYNC	BIT(3)
#define BINDER_DEBUG_ALLOC_DEFAULT	BINDER_DEBUG_ALLOC_USER_ERROR

extern u32 binder_debug_mask;
extern u32 binder_alloc_debug_mask;
/* A parameter is not at its default. */
DECLARE_STATIC_KEY_FALSE(binder_log_armed);

/**
 * binder_debug_wants() - is a line to be printed?
 * @set: the mask
 * @usual: its default
 * @mask: class of the line
 *
 * Return: true if it is.
 */
static __always_inline bool binder_debug_wants(const u32 *set, u32 usual,
					       u32 mask)
{
	if (!(mask & usual) && !static_branch_unlikely(&binder_log_armed))
		return false;
	return unlikely(READ_ONCE(*set) & mask);
}

/**
 * binder_debug() - print a rate-limited line when its class is enabled
 * @mask: BINDER_DEBUG_* class of the line
 * @fmt: printk format, with the arguments after it
 */
#define binder_debug(mask, fmt, ...)					\
do {									\
	if (binder_debug_wants(&binder_debug_mask, BINDER_DEBUG_DEFAULT, \
			       mask))					\
		pr_info_ratelimited(fmt, ##__VA_ARGS__);		\
} while (0)

/**
 * binder_alloc_debug() - the same for lines about buffers
 * @mask: BINDER_DEBUG_ALLOC_* class of the line
 * @fmt: printk format, with the arguments after it
 */
#define binder_alloc_debug(mask, fmt, ...)				\
do {									\
	if (binder_debug_wants(&binder_alloc_debug_mask,		\
			       BINDER_DEBUG_ALLOC_DEFAULT, mask))	\
		pr_info_ratelimited(fmt, ##__VA_ARGS__);		\
} while (0)

/**
 * binder_user_error() - a client broke a rule of the protocol
 * @fmt: printk format, with the arguments after it
 */
#define binder_user_error(fmt, ...)					\
do {									\
	binder_debug(BINDER_DEBUG_USER_ERROR, fmt, ##__VA_ARGS__);	\
	binder_log_user_error();					\
} while (0)

u32 binder_next_id(void);
void binder_log_stop(void);
int binder_log_wait(void);

/**
 * binder_log_user_error() - there was a user error
 */
static __always_inline void binder_log_user_error(void)
{
	if (static_branch_unlikely(&binder_log_armed))
		binder_log_stop();
}

/**
 * binder_log_pause() - where ioctls stand still after a user error
 *
 * Return: 0, or -ERESTARTSYS for a signal.
 */
static __always_inline int binder_log_pause(void)
{
	if (static_branch_unlikely(&binder_log_armed))
		return binder_log_wait();
	return 0;
}

#endif /* _BINDER_LOG_H */
