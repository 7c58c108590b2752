// SPDX-License-Identifier: GPL-2.0-only
/* Memory of which only single pages are free. */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>

#define PAGE 4096
/* Left free, for the programs and for the reserves of the kernel. */
#define LEFT (64u << 20)
/* A socket stores that in pieces of eight pages, as long as there are any. */
#define MESSAGE (64 * 1024)
#define MESSAGES 8192

/* Free blocks of 16 pages, as larger ones would make them, but in the first 16 MB. */
static unsigned long free_blocks(void)
{
	FILE *file = fopen("/proc/buddyinfo", "re");
	unsigned long blocks = 0, nr;
	char line[512];

	if (!file)
		die("/proc/buddyinfo: %s", strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		char *at = strstr(line, "zone");
		char zone[16];
		int length;

		if (!at || sscanf(at, "zone %15s%n", zone, &length) != 1 || !strcmp(zone, "DMA"))
			continue;
		at += length;
		for (unsigned int order = 0; sscanf(at, "%lu%n", &nr, &length) == 1; order++) {
			if (order >= 4)
				blocks += nr << (order - 4);
			at += length;
		}
	}
	fclose(file);
	return blocks;
}

static void write_sysctl(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (!file || fputs(text, file) < 0 || fclose(file))
		die("%s: %s", path, strerror(errno));
}

void take_every_other_page(void)
{
	struct sysinfo info;
	size_t size;
	uint8_t *at;

	/* The first 16 MB are nobody's any more; and what is locked is not moved together. */
	write_sysctl("/proc/sys/vm/lowmem_reserve_ratio", "1");
	write_sysctl("/proc/sys/vm/compact_unevictable_allowed", "0");
	if (sysinfo(&info))
		die("sysinfo: %s", strerror(errno));
	size = (info.freeram * info.mem_unit - LEFT) & ~(2ul * PAGE - 1);
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED || madvise(at, size, MADV_NOHUGEPAGE) || mlock(at, size))
		die("%zu bytes: %s", size, strerror(errno));
	for (size_t i = 0; i < size; i += 2 * PAGE)
		if (madvise(at + i, PAGE, MADV_DONTNEED_LOCKED))
			die("madvise: %s", strerror(errno));
}

/* By messages that nobody reads, in smaller pieces. */
void take_free_blocks(void)
{
	static uint8_t data[MESSAGE];
	const int room = 1 << 30;
	int pair[2];

	for (unsigned int i = 0; free_blocks(); i++) {
		if (!i &&
		    (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) ||
		     setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room))))
			die("sockets: %s", strerror(errno));
		if (send(pair[0], data, sizeof(data), 0) < 0)
			die("send: %s", strerror(errno));
		if (i == MESSAGES)
			die("%lu blocks stay free", free_blocks());
	}
}
