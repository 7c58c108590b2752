// SPDX-License-Identifier: GPL-2.0-only
/* Memory of the kernel's that things take, in bytes each. */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define AREAS 16

static struct peer client;

static void write_one(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "1", 1) != 1)
		die("%s: %s", path, strerror(errno));
	close(fd);
}

static void shrink_all(void)
{
	glob_t caches;

	if (glob("/sys/kernel/slab/*/shrink", 0, NULL, &caches))
		die("no /sys/kernel/slab");
	for (size_t i = 0; i < caches.gl_pathc; i++)
		write_one(caches.gl_pathv[i]);
	globfree(&caches);
}

/*
 * Have only what is in use counted, and all of that: what was closed before is freed after a
 * grace period, caches keep slabs with nothing in them, those of some caches go after
 * another one, and processors keep changes of the counters to themselves for a while.
 */
static void settle(void)
{
	usleep(300000);
	shrink_all();
	usleep(300000);
	write_one("/proc/sys/vm/stat_refresh");
}

/* Sum of two lines of /proc/meminfo, in bytes; the second may be NULL. */
static double meminfo(const char *first, const char *second)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kib;
	char name[64];
	double sum = 0;

	if (!file)
		die("/proc/meminfo: %s", strerror(errno));
	while (fscanf(file, "%63[^:]: %llu%*[^\n]\n", name, &kib) == 2)
		if (!strcmp(name, first) || (second && !strcmp(name, second)))
			sum += 1024.0 * kib;
	fclose(file);
	return sum;
}

/* Pages nobody has, those that processors keep for their next requests among them. */
static double unused(void)
{
	unsigned long pages;
	char line[256];
	double bytes;
	FILE *file;

	settle();
	bytes = meminfo("MemFree", NULL);
	file = fopen("/proc/zoneinfo", "re");
	if (!file)
		die("/proc/zoneinfo: %s", strerror(errno));
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " count: %lu", &pages) == 1)
			bytes += 4096.0 * pages;
	fclose(file);
	return bytes;
}

/* What the kernel has allocated for itself by the piece, and what it has mapped. */
static double objects(void)
{
	settle();
	return meminfo("Slab", "VmallocUsed");
}

/*
 * What any open file with a mapping takes. As many as are counted come before: they take
 * what is free between objects of others, and how much that is depends on who was there.
 */
static double files(size_t n)
{
	double before = 0, taken;
	struct {
		int fd;
		void *map;
	} *files = calloc(2 * n, sizeof(*files));

	for (size_t i = 0; files && i < 2 * n; i++) {
		if (i == n)
			before = objects();
		files[i].fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
		files[i].map = mmap(NULL, BND_DEFAULT_MAP, PROT_READ, MAP_PRIVATE, files[i].fd, 0);
		if (files[i].fd < 0 || files[i].map == MAP_FAILED)
			die("/dev/zero: %s", strerror(errno));
	}
	taken = objects() - before;
	for (size_t i = 0; files && i < 2 * n; i++) {
		munmap(files[i].map, BND_DEFAULT_MAP);
		close(files[i].fd);
	}
	free(files);
	return taken / n;
}

static void open_some(struct peer *peers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		peer_open(&peers[i], NULL);
		peer_prepare(&peers[i], 0, PEER_NOP, 0, NULL, 0, NULL, 0);
		peer_call(&peers[i]);
		peer_settle(&peers[i]);
	}
}

/*
 * One that opens the device, maps 1 MiB, calls and gets an answer: @b->size times, and as
 * often before, as above. What happens to be free in slabs is different each time.
 */
static void count_opens(const struct bench *b, unsigned int i, struct peer *peers)
{
	double slab, before;
	struct service s;

	service_start(&s, 0);
	peer_open(&client, NULL);
	/* Have the memory of this program before the kernel's is counted. */
	for (size_t k = 0; k < 2 * b->size; k++)
		memset(&peers[k], 1, sizeof(*peers));
	sample_part(b, "file", i, files(b->size));
	/* Holes of those files would be filled by what is counted. */
	settle();
	open_some(peers, b->size);
	slab = objects();
	before = unused();
	open_some(peers + b->size, b->size);
	sample_part(b, "objects", i, (objects() - slab) / b->size);
	sample_part(b, "all", i, (before - unused()) / b->size);
	for (size_t k = 0; k < 2 * b->size; k++)
		peer_close(&peers[k]);
	service_stop(&s, &client);
	peer_close(&client);
}

static void opens(const struct bench *b)
{
	const struct rlimit many = { 2 * b->size + 100, 2 * b->size + 100 };
	struct peer *peers = calloc(2 * b->size, sizeof(*peers));

	if (!peers || setrlimit(RLIMIT_NOFILE, &many))
		die("no room for %zu connections", 2 * b->size);
	for (unsigned int i = 0; i < b->ops && i < options.samples; i++)
		count_opens(b, i, peers);
	free(peers);
}

/* Also with as many before. */
static void queued(const struct bench *b)
{
	static uint8_t data[64];
	struct service s;
	uint32_t handle;
	double before = 0;

	service_start(&s, 0);
	peer_open(&client, &handle);
	peer_prepare(&client, handle, PEER_HOLD, TF_ONE_WAY, data, sizeof(data), NULL, 0);
	for (size_t i = 0; i < 2 * b->size; i++) {
		if (i == b->size)
			before = objects();
		peer_send(&client, 1);
	}
	sample_value(b, 0, (objects() - before) / b->size);
	service_stop(&s, &client);
	peer_close(&client);
}

/* A node with one reference to it, with as many before. */
static void nodes(const struct bench *b)
{
	uint64_t name = 0x1000;
	struct service s;
	double before = 0;

	service_start(&s, 0);
	peer_open(&client, NULL);
	for (size_t i = 0; i < 2 * b->size; i += PEER_OBJECTS) {
		if (i == b->size)
			before = objects();
		peer_prepare_new(&client, PEER_KEEP, &name);
		peer_call(&client);
	}
	peer_settle(&client);
	sample_value(b, 0, (objects() - before) / b->size);
	service_stop(&s, &client);
	peer_close(&client);
}

/*
 * What areas keep: once they have seen calls as they occur, @b->ops each, or one large
 * call, and once all that is idle was taken away but a small message is still in use.
 */
static void areas(const struct bench *b)
{
	static uint8_t data[256 << 10];
	struct service s, alone[AREAS];
	struct peer *peers = calloc(AREAS, sizeof(*peers));
	uint32_t state = 1, handles[AREAS];
	double before;

	if (!peers)
		die("no memory");
	memset(peers, 1, AREAS * sizeof(*peers));
	service_start(&s, 0);
	for (unsigned int i = 0; i < AREAS; i++) {
		service_start(&alone[i], PEER_ALONE);
		peer_open(&peers[i], NULL);
		if (peer_take(&peers[i], PEER_KEPT, &handles[i]) != 1)
			die("no object");
		peer_prepare(&peers[i], handles[i], PEER_NOP, 0, data, b->size, NULL, 0);
		peer_call(&peers[i]);
	}
	drop_caches();
	before = unused();
	for (unsigned int i = 0; i < AREAS; i++) {
		for (unsigned int k = 0; k < b->ops; k++) {
			peers[i].txn.txn.data_size = b->ops > 1 ? mixed_size(&state) : sizeof(data);
			peer_call(&peers[i]);
		}
		peer_settle(&peers[i]);
	}
	sample_part(b, "idle", 0, (before - unused()) / AREAS);
	for (unsigned int i = 0; i < AREAS; i++) {
		peer_prepare(&peers[i], handles[i], PEER_HOLD, TF_ONE_WAY, data, b->size, NULL, 0);
		peer_send(&peers[i], 1);
	}
	drop_caches();
	sample_part(b, "held", 0, (before - unused()) / AREAS);
	for (unsigned int i = 0; i < AREAS; i++) {
		peer_close(&peers[i]);
		service_kill(&alone[i]);
	}
	peer_open(&client, NULL);
	service_stop(&s, &client);
	peer_close(&client);
	free(peers);
}

const struct bench footprint_benches[] = {
	{ "memory.open", opens, 1000, 5, 0 },
	{ "memory.queued", queued, 4000, 1, 0 },
	{ "memory.node", nodes, 16000, 1, 0 },
	{ "memory.area", areas, 64, 300, 0 },
	{ "memory.large", areas, 64, 1, 0 },
	{ }
};
