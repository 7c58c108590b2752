/* SPDX-License-Identifier: GPL-2.0-only */
/* What a message contains, as a text without addresses and pids. */
#ifndef FUZZ_DESCRIBE_H
#define FUZZ_DESCRIBE_H

#include "actor.h"

/* Copy the message of @rec onto the desk and describe it there. */
void describe_message(struct desk *desk, const struct stage *stage, const struct bnd_rec *rec);

#endif /* FUZZ_DESCRIBE_H */
