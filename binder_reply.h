/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BC_REPLY and BC_REPLY_SG.
 *
 * The answer comes through the BR_ stream: the completion, or an error code in
 * the thread's error slot and its extended error.
 */
#ifndef _BINDER_REPLY_H
#define _BINDER_REPLY_H

#include "binder_message.h"

void binder_reply(struct binder_thread *thread,
		  const struct binder_transaction_data *tr, u64 buffers_size);

#endif /* _BINDER_REPLY_H */
