// SPDX-License-Identifier: GPL-2.0-only
/* Holding the mmap_lock of a process; see held.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "held.h"

#define PLACE "/tmp/binder-held"

static struct {
	int dev;
	int cached;		/* the open whose page is under way */
	uint64_t read;		/* the request for it, 0 when there is none */
	unsigned int opens;
} held = { .dev = -1, .cached = -1 };

static void answer_fuse(uint64_t unique, const void *data, size_t size)
{
	struct fuse_out_header head = {
		.len = (uint32_t)(sizeof(head) + size), .unique = unique,
	};
	uint8_t out[sizeof(head) + 4096];

	memcpy(out, &head, sizeof(head));
	if (size)
		memcpy(out + sizeof(head), data, size);
	if (write(held.dev, out, head.len) < 0 && errno != ENOENT && errno != ENODEV)
		perror("# fuse");
}

static void serve_fuse(const struct fuse_in_header *in)
{
	const struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = 31, .max_readahead = 4096,
		.flags = FUSE_ASYNC_READ, .max_write = 4096,
	};
	const struct fuse_attr_out attr = {
		.attr_valid = 1000,
		.attr = { .ino = 1, .size = 4096, .mode = S_IFREG | 0444, .nlink = 1 },
	};
	/*
	 * The first open goes through the page cache, all others past it. Closing
	 * asks for nothing: a test that fails ends with nobody to answer.
	 */
	const struct fuse_open_out opened = {
		.open_flags = FOPEN_KEEP_CACHE | FOPEN_NOFLUSH |
			      (held.opens ? FOPEN_DIRECT_IO : 0),
	};

	switch (in->opcode) {
	case FUSE_INIT:
		answer_fuse(in->unique, &init, sizeof(init));
		break;
	case FUSE_GETATTR:
		answer_fuse(in->unique, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		held.opens++;
		answer_fuse(in->unique, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		__atomic_store_n(&held.read, in->unique, __ATOMIC_RELEASE);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		answer_fuse(in->unique, NULL, 0);
	}
}

static void *fuse_loop(void *arg)
{
	static uint8_t in[65536] __attribute__((aligned(8)));

	(void)arg;
	while (read(held.dev, in, sizeof(in)) >= (ssize_t)sizeof(struct fuse_in_header))
		serve_fuse((struct fuse_in_header *)in);
	return NULL;
}

static bool page_is_under_way(void *arg)
{
	(void)arg;
	return __atomic_load_n(&held.read, __ATOMIC_ACQUIRE);
}

bool held_begin(void)
{
	char options[96];
	pthread_t thread;
	struct stat st;
	int file;

	/* A test that was killed left it behind. */
	umount2(PLACE, MNT_DETACH);
	file = open(PLACE, O_CREAT | O_CLOEXEC, 0600);
	held.dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (file < 0)
		fail(PLACE ": %s", strerror(errno));
	close(file);
	if (held.dev < 0)
		return false;
	snprintf(options, sizeof(options), "fd=%d,rootmode=%o,user_id=0,group_id=0",
		 held.dev, S_IFREG | 0444);
	if (mount("held", PLACE, "fuse", 0, options))
		fail("mount: %s", strerror(errno));
	if (pthread_create(&thread, NULL, fuse_loop, NULL))
		fail("no thread");
	held.cached = open(PLACE, O_RDONLY | O_CLOEXEC);
	if (held.cached < 0 || fstat(held.cached, &st) || st.st_size != 4096)
		fail(PLACE ": %s", strerror(errno));
	return true;
}

void held_end(void)
{
	if (held.dev >= 0)
		umount2(PLACE, MNT_FORCE | MNT_DETACH);
}

static long do_map_held(struct port *p, void *arg)
{
	int fd = open(PLACE, O_RDONLY | O_CLOEXEC);
	void *map;

	(void)p;
	(void)arg;
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	return map == MAP_FAILED ? -errno : munmap(map, 4096);
}

static void read_task(struct port *p, const char *what, char *text, int size)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", p->pid, p->tid, what);
	f = fopen(path, "re");
	if (!f || !fgets(text, size, f))
		text[0] = '\0';
	if (f)
		fclose(f);
}

bool is_stuck(struct port *p)
{
	char line[512], *paren;

	read_task(p, "stat", line, sizeof(line));
	paren = strrchr(line, ')');
	return !is_through(p) && paren && paren[2] == 'D';
}

/* A short wait for a mutex does not count: it takes a second of nothing else. */
bool gets_through(struct port *p)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int stuck = 0;

	while (!is_through(p) && stuck < rounds(1000)) {
		nanosleep(&pause, NULL);
		stuck = is_stuck(p) ? stuck + 1 : 0;
	}
	return is_through(p);
}

/* Opening the file sleeps, too. */
static bool holds_or_is_through(void *arg)
{
	char line[512];

	read_task(arg, "syscall", line, sizeof(line));
	return is_through(arg) || (atol(line) == SYS_mmap && is_stuck(arg));
}

void hold(struct port *t)
{
	if (posix_fadvise(held.cached, 0, 4096, POSIX_FADV_WILLNEED))
		fail("fadvise failed");
	wait_until(page_is_under_way, NULL, "the page is not asked for");
	run_start(t, do_map_held, NULL);
	wait_until(holds_or_is_through, t, "mmap neither waits nor returns");
	if (is_through(t))
		fail("mmap does not wait: %ld", run_finish(t));
}

void let_go(struct port *t)
{
	uint8_t page[4096] = { 0 };
	uint64_t unique = held.read;
	long err;

	held.read = 0;
	answer_fuse(unique, page, sizeof(page));
	err = run_finish(t);
	if (err)
		fail("mmap of the file: %s", strerror((int)-err));
}
