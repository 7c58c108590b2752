/* SPDX-License-Identifier: GPL-2.0-only */
/* Filling and emptying areas. */
#ifndef ACCOUNTING_FILL_H
#define ACCOUNTING_FILL_H

#include "peer.h"

#define OK "NOOP COMPLETE"
#define FAILED "NOOP FAILED"
#define SUSPECT "NOOP ONEWAY_SPAM_SUSPECT"

/* Half of the area is for oneway calls; one tenth of all of it is too little of that. */
#define HALF (AREA / 2)
#define LITTLE (AREA / 10 / 8 * 8)

/* A oneway call to @handle with @size bytes of data: what its sender reads. */
const char *post_to(struct port *p, uint32_t handle, size_t size);
/* The same to the context manager. */
const char *post(struct port *p, size_t size);
/* @n empty ones, 8 bytes of the area each, all of which must be accepted. */
void post_empty(struct port *p, int n);
/* The receiver reads the next message and frees it. */
void take_one(struct port *server);
/* The receiver reads and frees oneway calls until nothing is left: their number. */
int take_all(struct port *server);

void detect_spam(struct port *p, uint32_t on);
/* A process that wants to know when it sends too many of them. */
struct port *curious(void);
/*
 * Others leave 6368 bytes of what an empty area has for oneway calls, with a fifth
 * of the area each: not enough to be suspected.
 */
void squeeze(void);

#endif /* ACCOUNTING_FILL_H */
