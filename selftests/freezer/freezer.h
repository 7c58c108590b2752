/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of the freezer have in common, on top of the protocol suite's peers. */
#ifndef FREEZER_H
#define FREEZER_H

#include "parts.h"

#define SECOND_DEVICE "/dev/hwbinder"
/* ms: longer than any test takes, and as long as can be said. */
#define LONG 1000000
#define FOR_EVER 0xffffffff

/* BINDER_FREEZE and BINDER_GET_FROZEN_INFO of a process, asked for by @by. */
int freeze(struct port *by, pid_t pid, uint32_t enable, uint32_t timeout_ms);
/* "sync async" in hexadecimal, as "1 0"; or the name of the error. */
const char *frozen_info(struct port *by, pid_t pid);
/* A freeze that takes its time: begin it, let it wait, and see its end. */
void freeze_start(struct port *by, pid_t pid, uint32_t timeout_ms);
void freeze_begin(struct port *by, pid_t pid, uint32_t timeout_ms);
int freeze_end(struct port *by);
/* Does it go on after interrupt()? */
void restart_after_signals(struct port *p, bool restart);
/* Both of them at once have to work. */
void freeze_now(struct port *by, struct port *whom);
void thaw(struct port *by, struct port *whom);

/* What a oneway call says: "NOOP COMPLETE" or "NOOP PENDING_FROZEN". */
const char *oneway(struct port *p, uint32_t handle, uint32_t code, uint32_t flags);
/* Is a call by @handle refused, because the owner is frozen? */
bool is_refused(struct port *client, uint32_t handle);

/*
 * A process with an object and another with a handle to it, a third that does the
 * freezing.
 */
struct trio {
	struct port *mgr;
	struct port *server;
	struct port *c;
	struct port *freezer;
	uint32_t h;
};

struct trio trio(void);

#endif /* FREEZER_H */
