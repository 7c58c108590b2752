/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages as work items. Which of the three a message is, is set before it is
 * queued; binder_message.h says who holds it and what becomes of it.
 */
#ifndef _BINDER_DELIVERY_H
#define _BINDER_DELIVERY_H

#include "binder_work.h"

/* By name for those who would not call the two most common ones by a pointer. */
int binder_call_deliver(struct binder_work *work, struct binder_stream *stream);
int binder_reply_deliver(struct binder_work *work, struct binder_stream *stream);

extern const struct binder_work_ops binder_call_ops;
extern const struct binder_work_ops binder_oneway_ops;
extern const struct binder_work_ops binder_reply_ops;

#endif /* _BINDER_DELIVERY_H */
