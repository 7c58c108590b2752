/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What names things to a human: debug lines and debug ids.
 *
 * A client's mistake is answered through the protocol; beyond that it costs at
 * most one rate-limited line, selected by the debug_mask parameter. Debug ids
 * number transactions, nodes and refs in logs, traces and extended errors.
 */
#ifndef _BINDER_LOG_H
#define _BINDER_LOG_H

#include <linux/bits.h>
#include <linux/printk.h>
#include <linux/types.h>

#define BINDER_DEBUG_USER_ERROR		BIT(0)
#define BINDER_DEBUG_FAILED_TRANSACTION	BIT(1)
#define BINDER_DEBUG_DEAD_TRANSACTION	BIT(2)
#define BINDER_DEBUG_PRIORITY_CAP	BIT(13)

extern u32 binder_debug_mask;

/**
 * binder_debug() - print a rate-limited line when its class is enabled
 * @mask: BINDER_DEBUG_* class of the line
 * @fmt: printk format, with the arguments after it
 */
#define binder_debug(mask, fmt, ...)					\
do {									\
	if (unlikely(READ_ONCE(binder_debug_mask) & (mask)))		\
		pr_info_ratelimited(fmt, ##__VA_ARGS__);		\
} while (0)

/**
 * binder_user_error() - a client broke a rule of the protocol
 * @fmt: printk format, with the arguments after it
 */
#define binder_user_error(fmt, ...) \
	binder_debug(BINDER_DEBUG_USER_ERROR, fmt, ##__VA_ARGS__)

u32 binder_next_id(void);

#endif /* _BINDER_LOG_H */
