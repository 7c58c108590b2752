/* SPDX-License-Identifier: GPL-2.0-only */
/* A process that is to be told of the death of another one, for the tests of that. */
#ifndef PROTOCOL_WATCH_H
#define PROTOCOL_WATCH_H

#include "peer.h"

/* It holds a handle to an object of the owner. */
struct watch {
	struct port *mgr;
	struct port *owner;
	struct port *p;
	struct port *idle;	/* another thread of p */
	uint32_t h;
};

struct watch watch_owner(void);
void request_death(struct watch *w, uint64_t cookie);
/* Returns when the notice of it is in the queue of the one who asked. */
void owner_dies_unread(struct watch *w);

#endif /* PROTOCOL_WATCH_H */
