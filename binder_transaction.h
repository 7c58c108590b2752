/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BC_TRANSACTION and BC_TRANSACTION_SG.
 *
 * The answer comes through the BR_ stream: the completion, or an error code in
 * the thread's error slot and its extended error.
 */
#ifndef _BINDER_TRANSACTION_H
#define _BINDER_TRANSACTION_H

#include "binder_message.h"

void binder_transaction_call(struct binder_thread *thread,
			     const struct binder_transaction_data *tr,
			     u64 buffers_size);

#endif /* _BINDER_TRANSACTION_H */
