/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many who send and answer words (words.h) while everything is reclaimed. All of it is
 * for run_start(), with arguments in shared memory.
 */
#ifndef MEMORY_CROWD_H
#define MEMORY_CROWD_H

#include "memory.h"

#define SENDERS 4
#define CROWD_AREA (256 * 1024)

struct sender {
	uint32_t seed;
	unsigned int n;
	unsigned int answered;
	bool may_fail;		/* receivers come and go */
};

/* The @i-th of them, with @n messages to send. */
struct sender *new_sender(int i, unsigned int n, bool may_fail);
/* Sends what the sender @arg has, and looks at the answers. */
long do_send_words(struct port *p, void *arg);
/* Serves until a message is wrong, which *@arg tells, or the test ends. */
long do_serve_words(struct port *p, void *arg);
/* Reclaims until *@arg is set; how often it did. */
long do_reap(struct port *p, void *arg);

#endif /* MEMORY_CROWD_H */
