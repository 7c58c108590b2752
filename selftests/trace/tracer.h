/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records the driver's trace events and takes them apart as Perfetto does: raw
 * pages of the ring buffers, fields by the names and places that the "format"
 * files give. A trace instance of its own keeps the machine's trace alone.
 *
 *	tracer_begin();
 *	...
 *	tracer_end();
 *	ASSERT_STREQ("BC_TRANSACTION transaction ...", told(client->tid, PERFETTO));
 *
 * All failures end the test through fail() of peer.h.
 */
#ifndef TRACE_TRACER_H
#define TRACE_TRACER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define EVENTS "/sys/kernel/tracing/events/binder"

/* What Perfetto's state machine is made of; the "binder_" in front left out. */
#define PERFETTO "command return transaction transaction_received transaction_alloc_buf"

struct field {
	char name[32];
	char type[32];		/* as in C, with [] for strings in the record */
	unsigned int offset;
	unsigned int size;
	bool is_signed;
};

struct format {
	char name[48];		/* with "binder_" */
	int id;
	char print[4096];	/* what the "print fmt" line says, with its arguments */
	int nfields;		/* without those all events have in common */
	struct field field[16];
};

struct event {
	const struct format *format;
	uint64_t when;		/* all processors count together */
	pid_t tid;
	const uint8_t *record;
};

/* Is tracefs there, and the driver's events in it? Mounts it when it is not. */
bool tracer_available(void);
/* NULL when the driver does not have that event. */
const struct format *tracer_format(const char *name);

void tracer_begin(void);
void tracer_end(void);
/* For wait_until(): has an event of that name been recorded yet? */
bool tracer_shows(void *name);
/* What the kernel itself prints for the last event of that name, from the name on. */
const char *tracer_text(const char *name);

/*
 * Events of a task as text, one word each: BC_ and BR_ names for binder_command
 * and binder_return, names without "binder_" for the others. @kinds names those
 * that are told, NULL all of them.
 */
const char *told(pid_t tid, const char *kinds);

/*
 * The @n-th event of that name (with "binder_"), or of any name for NULL, of a task,
 * or of any task for 0; NULL past the last.
 */
const struct event *nth(const char *name, pid_t tid, int n);
/* Like nth(), and fails when there is none, or more. */
const struct event *only(const char *name, pid_t tid);
int count(const char *name, pid_t tid);

long long value(const struct event *event, const char *field);
const char *text(const struct event *event, const char *field);

#endif /* TRACE_TRACER_H */
