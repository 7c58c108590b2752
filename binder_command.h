/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The write half of BINDER_WRITE_READ: the stream of BC_ commands.
 */
#ifndef _BINDER_COMMAND_H
#define _BINDER_COMMAND_H

#include "binder_thread.h"

int binder_commands_run(struct binder_thread *thread, u64 buffer, u64 size,
			u64 *consumed);

#endif /* _BINDER_COMMAND_H */
