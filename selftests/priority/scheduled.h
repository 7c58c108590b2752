/* SPDX-License-Identifier: GPL-2.0-only */
/* How the threads of peers are scheduled, and what their processes may ask for. */
#ifndef PRIORITY_SCHEDULED_H
#define PRIORITY_SCHEDULED_H

#include "peer.h"

/* A process whose opener, and so every open of it, has this nice value. */
struct port *process_at(int nice);

int nice_of(struct port *p);
void set_nice(struct port *p, int nice);

/* "NORMAL 0", "FIFO 10", with " reset" behind it when children do not inherit it. */
const char *sched_of(struct port *p);
/* @value is a nice value, or a priority for SCHED_FIFO and SCHED_RR. */
void set_sched(struct port *p, unsigned int policy, int value);
void set_deadline(struct port *p);
/* The time slice of a thread in nanoseconds; false when it cannot choose one. */
bool set_slice(struct port *p, uint64_t ns);
uint64_t slice_of(struct port *p);

/*
 * Takes away all rights from the process. It may have nice values from 20 - @nice_limit
 * on and priorities up to @rt_limit.
 */
void unprivileged(struct port *p, unsigned int nice_limit, unsigned int rt_limit);

/* A new object of @server with these flags, as a handle of @client. */
uint32_t node(struct port *server, struct port *client, uint32_t flags);
void post(struct port *client, uint32_t handle, uint32_t code);

#endif /* PRIORITY_SCHEDULED_H */
