/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the logs tell of messages and of other items of lists.
 */
#ifndef _BINDER_SHOW_LINE_H
#define _BINDER_SHOW_LINE_H

#include "binder_line.h"
#include "binder_work.h"

struct binder_message;

/* What is told of an ordinary completion. */
#define BINDER_COMPLETION_TEXT "transaction complete"

void binder_line_of_message(struct binder_line_message *line,
			    const struct binder_message *t, bool is_receiver);
void binder_line_of_work(struct binder_line *line, const struct binder_work *work,
			 enum binder_line_kind message_kind);

#endif /* _BINDER_SHOW_LINE_H */
