// SPDX-License-Identifier: GPL-2.0-only
/* Looking into areas and at what is behind them; see memory.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memory.h"
#include "parts.h"

#define WAIT_MS 20000

const char *device(void)
{
	return getenv("BINDER_DEV") ?: "/dev/binder";
}

/* --- peers --- */

struct port *receiver(size_t area)
{
	struct port *p = process_on(device(), area);

	if (ioc_at(p, BINDER_SET_CONTEXT_MGR, 0))
		fail("cannot become manager");
	return p;
}

struct port *client(void)
{
	return process_on(device(), 0);
}

void *filled(uint8_t value, size_t size)
{
	return memset(shared(size), value, size);
}

size_t offset_of(struct port *p, uint64_t address)
{
	return address - (uintptr_t)p->conn->map;
}

static void expect(struct port *p, const char *step, const char *want)
{
	if (strcmp(go(p), want))
		fail("%s: expected '%s', got '%s'", step, want, p->got);
}

size_t keep_msg(struct port *c, struct port *server, struct bnd_msg m)
{
	char want[32];
	size_t offset;

	if (m.extra)
		bnd_cmd_transaction_sg(&c->w, &m);
	else
		call_msg(c, m);
	expect(c, "call", "EAGAIN");
	snprintf(want, sizeof(want), "NOOP TXN:%x", m.code);
	expect(server, "message", want);
	offset = offset_of(server, server->txn.data.ptr.buffer);
	reply(server, 0, 0);
	expect(server, "reply", "NOOP COMPLETE");
	expect(c, "end of the call", "NOOP COMPLETE DEAD");
	return offset;
}

size_t keep(struct port *c, struct port *server, uint8_t value, size_t size)
{
	return keep_msg(c, server, (struct bnd_msg){
		.data = filled(value, size), .size = size,
	});
}

void release(struct port *server, size_t offset)
{
	bnd_cmd_free_buffer(&server->w, (uintptr_t)server->conn->map + offset);
	if (strcmp(only_write(server), ""))
		fail("BC_FREE_BUFFER: got '%s'", server->got);
}

static long do_take_away(struct port *p, void *arg)
{
	(void)arg;
	return munmap(p->conn->map, p->conn->map_size) ? -errno : 0;
}

void take_away(struct port *p)
{
	if (run(p, do_take_away, NULL))
		fail("munmap failed");
}

long do_move_away(struct port *p, void *arg)
{
	uint8_t *to = mmap(NULL, AREA, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	to = mremap(p->conn->map, AREA, AREA, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	return to == MAP_FAILED ? -errno : (long)to;
}

bool is_unmapped(struct port *c)
{
	call(c, 0, 1, 0);
	if (!strcmp(go(c), "NOOP DEAD"))
		return !strcmp(exterr(c), "DEAD ESRCH");
	if (strcmp(c->got, "EAGAIN"))
		fail("call: got '%s'", c->got);
	return false;
}

bool has_ended(void *port)
{
	struct port *p = port;
	char path[64], line[256], *paren = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", p->pid);
	f = fopen(path, "re");
	if (f && fgets(line, sizeof(line), f))
		paren = strrchr(line, ')');
	if (f)
		fclose(f);
	return !paren || paren[2] == 'Z';
}

long do_read_unseen(struct port *p, void *arg)
{
	struct bnd_rec rec;
	int err = bnd_read(p->conn, &p->r);

	(void)arg;
	while (!err && bnd_next(&p->r, &rec) > 0) {
		if (rec.code == BR_TRANSACTION)
			return rec.txn.code;
	}
	return err ? err : -ENOMSG;
}

/* --- what is seen --- */

static __thread sigjmp_buf back;
static __thread volatile bool catching;

/* One that nobody expects ends the peer. */
static void on_fault(int sig)
{
	if (catching)
		siglongjmp(back, sig);
	signal(sig, SIG_DFL);
}

static void catch_faults(void)
{
	struct sigaction action = { .sa_handler = on_fault };

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	catching = true;
}

static long do_look(struct port *p, void *arg)
{
	int sig;
	long seen;

	(void)p;
	catch_faults();
	sig = sigsetjmp(back, 1);
	seen = sig ? -sig : *(volatile uint8_t *)arg;
	catching = false;
	return seen;
}

int look_at(struct port *p, const void *address)
{
	return (int)run(p, do_look, (void *)(uintptr_t)address);
}

int look(struct port *p, size_t offset)
{
	return look_at(p, (uint8_t *)p->conn->map + offset);
}

const uint8_t *copy_of(struct port *p, size_t offset, size_t size)
{
	return peek(p, (uintptr_t)p->conn->map + offset, size);
}

bool is_all(struct port *p, size_t offset, size_t size, uint8_t value)
{
	const uint8_t *copy;

	for (size_t at = offset & ~(PAGE - 1); at < offset + size; at += PAGE) {
		if (look(p, at) < 0)
			return false;
	}
	copy = copy_of(p, offset, size);
	for (size_t i = 0; i < size; i++) {
		if (copy[i] != value)
			return false;
	}
	return true;
}

static int open_pagemap(struct port *p)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", p->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail("%s: %s", path, strerror(errno));
	return fd;
}

/* Present, and the number in the lower 55 bits. */
static uint64_t read_frame(int fd, uintptr_t address)
{
	uint64_t entry;

	if (pread(fd, &entry, 8, (off_t)(address / PAGE * 8)) != 8)
		fail("pagemap: %s", strerror(errno));
	return entry >> 63 ? entry & ((1ull << 55) - 1) : 0;
}

uint64_t frame_at(struct port *p, const void *address)
{
	int fd = open_pagemap(p);
	uint64_t number = read_frame(fd, (uintptr_t)address);

	close(fd);
	return number;
}

uint64_t frame(struct port *p, size_t offset)
{
	return frame_at(p, (uint8_t *)p->conn->map + offset);
}

size_t mapped_pages(struct port *p, size_t size)
{
	int fd = open_pagemap(p);
	size_t n = 0;

	for (size_t at = 0; at < size; at += PAGE)
		n += read_frame(fd, (uintptr_t)p->conn->map + at) != 0;
	close(fd);
	return n;
}

struct search {
	uint64_t patterns[16];
	int n;
};

static long do_find(struct port *p, void *arg)
{
	const struct search *s = arg;
	const uint8_t *map = p->conn->map;
	volatile size_t start = 0;
	volatile long found = -1;
	uint64_t word;

	catch_faults();
	/* A page that is not there is passed over. */
	if (sigsetjmp(back, 1))
		start = (start / PAGE + 1) * PAGE;
	for (; found < 0 && start + 8 <= p->conn->map_size; start++) {
		memcpy(&word, map + start, 8);
		for (int i = 0; i < s->n; i++) {
			if (word == s->patterns[i])
				found = (long)start;
		}
	}
	catching = false;
	return found;
}

long find_in_area(struct port *p, const uint64_t *patterns, int n)
{
	struct search *s = shared(sizeof(*s));

	memcpy(s->patterns, patterns, (size_t)n * 8);
	s->n = n;
	return run(p, do_find, s);
}

/* --- reclaim --- */

static void write_drop_caches(const char *what)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, what, 1) != 1)
		fail("drop_caches: %s", strerror(errno));
	close(fd);
}

void drop_caches(void)
{
	static bool quiet;

	/* 4 keeps the kernel from saying so each time. */
	if (!quiet)
		write_drop_caches("4");
	quiet = true;
	write_drop_caches("2");
}

long free_pages(void)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);
	char line[256];
	long sum = 0, n;
	FILE *f;

	/* Each processor has changes that it has not added up yet. */
	if (fd < 0 || write(fd, "1", 1) != 1)
		fail("stat_refresh: %s", strerror(errno));
	close(fd);
	f = fopen("/proc/zoneinfo", "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " pages free %ld", &n) == 1 ||
		    sscanf(line, " count: %ld", &n) == 1)
			sum += n;
	}
	if (!sum)
		fail("no free pages in /proc/zoneinfo");
	fclose(f);
	return sum;
}

long meminfo(const char *field)
{
	FILE *f = fopen("/proc/meminfo", "re");
	size_t len = strlen(field);
	char line[128];
	long value = -1;

	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, field, len) && line[len] == ':')
			value = atol(line + len + 1);
	}
	if (value < 0)
		fail("no %s in /proc/meminfo", field);
	fclose(f);
	return value;
}

/* --- memory that is not there yet --- */

static struct {
	int uffd;	/* the test's */
	uint8_t *page;
} missing;

/* The peer's descriptor, or a negative errno. */
static long do_miss(struct port *p, void *arg)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range = { .start = (uintptr_t)arg, .len = PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	(void)p;
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &reg))
		return -errno;
	return fd;
}

uint8_t *missing_page(struct port *p)
{
	uint8_t *pages = shared(3 * PAGE);
	long fd;

	missing.page = (uint8_t *)(((uintptr_t)pages + PAGE - 1) & ~(PAGE - 1)) + PAGE;
	fd = run(p, do_miss, missing.page);
	if (fd < 0)
		fail("userfaultfd: %s", strerror((int)-fd));
	missing.uffd = steal(p, (int)fd);
	return missing.page;
}

void await_missing(void)
{
	struct pollfd pfd = { .fd = missing.uffd, .events = POLLIN };
	struct uffd_msg msg;

	if (poll(&pfd, 1, WAIT_MS) != 1 || read(missing.uffd, &msg, sizeof(msg)) != sizeof(msg))
		fail("nobody waits for the missing page");
}

void provide(uint8_t value)
{
	static uint8_t bytes[4096] __attribute__((aligned(4096)));
	struct uffdio_copy copy = {
		.dst = (uintptr_t)missing.page, .src = (uintptr_t)bytes, .len = PAGE,
	};

	memset(bytes, value, PAGE);
	if (ioctl(missing.uffd, UFFDIO_COPY, &copy))
		fail("UFFDIO_COPY: %s", strerror(errno));
	close(missing.uffd);
}
