/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages as work items. Which of the three a message is, is set before it is
 * queued; binder_message.h says who holds it and what becomes of it.
 */
#ifndef _BINDER_DELIVERY_H
#define _BINDER_DELIVERY_H

#include "binder_work.h"

extern const struct binder_work_ops binder_call_ops;
extern const struct binder_work_ops binder_oneway_ops;
extern const struct binder_work_ops binder_reply_ops;

#endif /* _BINDER_DELIVERY_H */
