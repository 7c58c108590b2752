// SPDX-License-Identifier: GPL-2.0-only
/* Groups with a limit, and filling them; see squeeze.h. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "endurance.h"
#include "squeeze.h"

#define ROOT "/tmp/endurance-cgroup"
#define MIB ((size_t)1 << 20)
#define STEP MIB
/* What a group has beside the memory it is filled with, to work in. */
#define ROOM (4 * MIB)
/* What is used up all the time in the machine. */
#define MACHINE_ROOM (128 * MIB)

static bool stopped(const bool *stop)
{
	return __atomic_load_n(stop, __ATOMIC_RELAXED);
}

static bool write_file(const char *dir, const char *name, const char *text)
{
	char path[128];
	bool written;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return written;
}

/* The number behind @name in a file of lines, or that in a file of one number. */
static unsigned long read_number(const char *dir, const char *file, const char *name)
{
	char path[128], line[128], word[64];
	unsigned long n = 0, value;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (!name)
			n = strtoul(line, NULL, 10);
		else if (sscanf(line, "%63s %lu", word, &value) == 2 && !strcmp(word, name))
			n = value;
	}
	if (f)
		fclose(f);
	return n;
}

unsigned long vmstat(const char *name)
{
	return read_number("/proc", "vmstat", name);
}

void make_group(struct group *g, unsigned long mib)
{
	char text[32];

	*g = (struct group){ .limit = mib * MIB };
	mkdir(ROOT, 0700);
	if (mount("cgroup2", ROOT, "cgroup2", 0, NULL) ||
	    !write_file(ROOT, "cgroup.subtree_control", "+memory")) {
		printf("# no groups with a limit: %s\n", strerror(errno));
		umount(ROOT);
		return;
	}
	snprintf(g->dir, sizeof(g->dir), ROOT "/%d", getpid());
	need(!mkdir(g->dir, 0700));
	snprintf(text, sizeof(text), "%lu", g->limit);
	need(write_file(g->dir, "memory.max", text));
}

void join_group(const struct group *g)
{
	need(!g->dir[0] || write_file(g->dir, "cgroup.procs", "0"));
}

unsigned long group_events(const struct group *g, const char *name)
{
	return g->dir[0] ? read_number(g->dir, "memory.events", name) : 0;
}

void remove_group(const struct group *g)
{
	if (!g->dir[0])
		return;
	/* The last process may still be on its way out. */
	while (rmdir(g->dir)) {
		need(errno == EBUSY);
		sched_yield();
	}
	umount(ROOT);
	rmdir(ROOT);
}

/* Memory that the kernel may take back without asking, again and again. */
static void lend(size_t size, const bool *stop)
{
	uint8_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	need(p != MAP_FAILED);
	while (!stopped(stop)) {
		for (size_t at = 0; at + STEP <= size && !stopped(stop); at += STEP) {
			for (size_t i = 0; i < STEP; i += 4096)
				p[at + i] = 1;
			need(!madvise(p + at, STEP, MADV_FREE));
			sched_yield();
		}
	}
	munmap(p, size);
}

void fill_group(const struct group *g, const bool *stop)
{
	size_t have;

	if (!g->dir[0])
		return;
	join_group(g);
	have = read_number(g->dir, "memory.current", NULL);
	/* This stays. */
	if (have + ROOM < g->limit)
		need(mmap(NULL, g->limit - have - ROOM, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) != MAP_FAILED);
	/* More than that, since the machine takes it away, too. */
	lend(8 * ROOM, stop);
}

/*
 * To write to all of it would take too long. Instead the kernel is told to keep so much
 * free that what it wakes its reclaimer for, five quarters of that, is nearly all.
 */
void fill_machine(const bool *stop)
{
	unsigned long before = read_number("/proc/sys/vm", "min_free_kbytes", NULL);
	unsigned long kib = sysconf(_SC_AVPHYS_PAGES) * (sysconf(_SC_PAGESIZE) / 1024);
	char text[32];

	snprintf(text, sizeof(text), "%lu", kib * 3 / 4);
	need(write_file("/proc/sys/vm", "min_free_kbytes", text));
	lend(MACHINE_ROOM, stop);
	snprintf(text, sizeof(text), "%lu", before);
	need(write_file("/proc/sys/vm", "min_free_kbytes", text));
}

void reclaim_all(void)
{
	static bool quiet;

	/* 4 keeps the kernel from saying so each time. */
	if (!quiet)
		need(write_file("/proc/sys/vm", "drop_caches", "4"));
	quiet = true;
	need(write_file("/proc/sys/vm", "drop_caches", "2"));
}

void reclaim(const bool *stop)
{
	while (!stopped(stop)) {
		reclaim_all();
		sched_yield();
	}
}
