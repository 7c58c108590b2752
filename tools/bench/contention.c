// SPDX-License-Identifier: GPL-2.0-only
/* Counting waits for locks. */
#include "contention.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "bench.h"

#define TRACING "/sys/kernel/tracing/"
#define EVENT TRACING "events/lock/contention_begin/"

/* A table of stacks and how often each occurred. */
#define COUNT_STACKS "hist:keys=common_stacktrace"

static int trigger(const char *what)
{
	/* To write from its beginning would take away what is there. */
	FILE *file = fopen(EVENT "trigger", "ae");

	if (!file || fputs(what, file) == EOF || fclose(file))
		return errno;
	return 0;
}

/*
 * It stays on for good: each change patches the code of the kernel, which is no thing
 * to do often where processors are emulated side by side.
 */
void contention_begin(void)
{
	int err;

	if (mount("tracing", TRACING, "tracefs", 0, NULL) && errno != EBUSY)
		die(TRACING ": %s", strerror(errno));
	err = trigger(COUNT_STACKS ":clear");
	if (err == ENOENT)
		err = trigger(COUNT_STACKS);
	if (err)
		die(EVENT "trigger: %s", strerror(err));
}

/*
 * A stack is lines of "function+offset/size", with a module in brackets behind it,
 * and a last one, "} hitcount: N".
 */
void contention_end(struct contention *waits)
{
	FILE *file = fopen(EVENT "hist", "re");
	bool in_module = false;
	unsigned long hits;
	char line[512];
	char *count;

	if (!file)
		die(EVENT "hist: %s", strerror(errno));
	*waits = (struct contention){ 0 };
	while (fgets(line, sizeof(line), file)) {
		count = strstr(line, "hitcount:");
		if (!count || sscanf(count, "hitcount: %lu", &hits) != 1) {
			if (strchr(line, '['))
				in_module = true;
			continue;
		}
		waits->all += hits;
		if (in_module)
			waits->driver += hits;
		in_module = false;
	}
	fclose(file);
}
