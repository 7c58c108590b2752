/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a command that sends a message went, and from where that is said.
 */
#ifndef _BINDER_RESULT_H
#define _BINDER_RESULT_H

#include "include/uapi/linux/android/binder.h"

/**
 * struct binder_result - how a command went
 * @cmd: BR_ code, BR_OK for success
 * @err: negative errno of the extended error, or 0
 * @line: where it failed, a line of binder_transaction.c or binder_reply.c
 */
struct binder_result {
	u32 cmd;
	s16 err;
	u16 line;
};

#define BINDER_RESULT(c, e) \
	((struct binder_result){ .cmd = (c), .err = (e), .line = __LINE__ })
#define BINDER_SUCCESS	((struct binder_result){ .cmd = BR_OK })
#define BINDER_DEAD(e)	BINDER_RESULT(BR_DEAD_REPLY, e)
#define BINDER_FAILED(e) BINDER_RESULT(BR_FAILED_REPLY, e)

#endif /* _BINDER_RESULT_H */
