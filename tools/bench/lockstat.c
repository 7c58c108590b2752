// SPDX-License-Identifier: GPL-2.0-only
/* Keeping statistics of locks, for tools/bench/contention. */
#include "lockstat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define STATISTICS "/proc/lock_stat"

static FILE *must_open(const char *name, const char *mode)
{
	FILE *file = fopen(name, mode);

	if (!file)
		die("%s: %s", name, strerror(errno));
	return file;
}

void lockstat_clear(void)
{
	FILE *file;

	if (!options.lockstat)
		return;
	file = must_open(STATISTICS, "we");
	if (fputs("0\n", file) == EOF || fclose(file))
		die("cannot clear " STATISTICS);
}

/* The kernel takes a copy when the file is opened: what comes later is not in it. */
void lockstat_keep(const struct bench *b, unsigned int sample, unsigned int calls)
{
	char name[256], data[4096];
	FILE *from, *to;
	size_t n;

	if (!options.lockstat)
		return;
	from = must_open(STATISTICS, "re");
	snprintf(name, sizeof(name), "%s/%s.%u", options.lockstat, b->name, sample);
	to = must_open(name, "we");
	fprintf(to, "calls %u\n", calls);
	while ((n = fread(data, 1, sizeof(data), from)))
		if (fwrite(data, 1, n, to) != n)
			die("%s: %s", name, strerror(errno));
	if (ferror(from) || fclose(to))
		die("cannot keep " STATISTICS);
	fclose(from);
}
