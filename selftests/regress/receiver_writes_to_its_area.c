// SPDX-License-Identifier: GPL-2.0-only
/*
 * R37, CVE-2026-43433: the driver reads back what it has put into the area, offsets for
 * one, and the receiver has changed it by then. Nobody may write there, by any way.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "protocol_test.h"

#ifndef UFFDIO_REGISTER_MODE_MINOR
#define UFFDIO_REGISTER_MODE_MINOR ((uint64_t)1 << 2)
#endif
#define FEATURE_WP_ASYNC ((uint64_t)1 << 15)

#define THREE_PAGES (3 * PAGE)

PROTOCOL_FIXTURE(writers);

struct way {
	int prot;
	int flags;
};

static long do_map_so(struct port *p, void *arg)
{
	struct way *w = arg;
	void *map = mmap(NULL, AREA, w->prot, w->flags, p->conn->fd, 0);

	return map == MAP_FAILED ? -errno : 0;
}

static long map_so(struct port *p, int prot, int flags)
{
	struct way *w = shared(sizeof(*w));

	*w = (struct way){ prot, flags };
	return run(p, do_map_so, w);
}

TEST_F(writers, cannot_map_it)
{
	struct port *p = client();

	ASSERT_EQ(-EPERM, map_so(p, PROT_READ | PROT_WRITE, MAP_PRIVATE));
	ASSERT_EQ(-EPERM, map_so(p, PROT_WRITE, MAP_SHARED));
	/* A refused one does not count. */
	ASSERT_EQ(0, map_so(p, PROT_READ, MAP_PRIVATE));
}

static long make_writable(struct port *p, void *arg)
{
	(void)arg;
	return mprotect(p->conn->map, 4096, PROT_READ | PROT_WRITE) ? -errno : 0;
}

TEST_F(writers, cannot_change_its_protection)
{
	struct port *p = process();

	ASSERT_EQ(-EACCES, run(p, make_writable, NULL));
}

struct write {
	uint8_t *at;
	char how;
};

/* In the receiver: through its own eyes, as the kernel lets root do. */
static long do_poke(struct port *p, void *arg)
{
	struct write *w = arg;
	struct iovec from = { (void *)(uintptr_t)"wrong", 5 }, to = { w->at, 5 };
	long ret;
	int fd;

	(void)p;
	if (w->how == 'v') {
		ret = process_vm_writev(getpid(), &from, 1, &to, 1, 0);
	} else {
		fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
		ret = pwrite(fd, "wrong", 5, (off_t)(uintptr_t)w->at);
		close(fd);
	}
	return ret < 0 ? -errno : ret;
}

static long write_by(struct port *p, size_t offset, char how)
{
	struct write *w = shared(sizeof(*w));

	*w = (struct write){ (uint8_t *)p->conn->map + offset, how };
	return run(p, do_poke, w);
}

TEST_F(writers, are_refused_even_in_the_process_itself)
{
	struct port *server = receiver(AREA), *c = client();
	size_t at = keep(c, server, 'a', THREE_PAGES);

	ASSERT_EQ(-EFAULT, write_by(server, at, 'v'));
	ASSERT_EQ(-EIO, write_by(server, at, 'm'));
	/* Nor where no page is yet. */
	ASSERT_EQ(-EFAULT, write_by(server, AREA - PAGE, 'v'));
	ASSERT_EQ(-EIO, write_by(server, AREA - PAGE, 'm'));
	ASSERT_TRUE(is_all(server, at, THREE_PAGES, 'a'));
}

TEST_F(writers, are_refused_debuggers_and_root_included)
{
	struct port *server = receiver(AREA), *c = client();
	size_t at = keep(c, server, 'a', THREE_PAGES);
	uint8_t *address = (uint8_t *)server->conn->map + at;
	struct iovec from = { (void *)(uintptr_t)"wrong", 5 }, to = { address, 5 };
	char path[64];
	int fd, status;

	ASSERT_EQ(-1, process_vm_writev(server->pid, &from, 1, &to, 1, 0));
	ASSERT_EQ(EFAULT, errno);
	snprintf(path, sizeof(path), "/proc/%d/mem", server->pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(-1, pwrite(fd, "wrong", 5, (off_t)(uintptr_t)address));
	ASSERT_EQ(EIO, errno);
	close(fd);

	ASSERT_EQ(0, ptrace(PTRACE_SEIZE, server->pid, NULL, NULL));
	ASSERT_EQ(0, ptrace(PTRACE_INTERRUPT, server->pid, NULL, NULL));
	ASSERT_EQ(server->pid, waitpid(server->pid, &status, 0));
	errno = 0;
	ASSERT_EQ(0x6161616161616161, ptrace(PTRACE_PEEKDATA, server->pid, address, NULL));
	ASSERT_EQ(-1, ptrace(PTRACE_POKEDATA, server->pid, address, 0L));
	ASSERT_EQ(EIO, errno);
	ASSERT_EQ(0, ptrace(PTRACE_DETACH, server->pid, NULL, NULL));
	ASSERT_TRUE(is_all(server, at, THREE_PAGES, 'a'));
}

struct uffd {
	uint64_t features;
	uint64_t mode;
};

/* 0 if it is watched, 1 if the kernel does not have that, or a negative errno. */
static long do_watch(struct port *p, void *arg)
{
	struct uffd *u = arg;
	struct uffdio_api api = { .api = UFFD_API, .features = u->features };
	struct uffdio_register reg = {
		.range = { .start = (uintptr_t)p->conn->map, .len = AREA }, .mode = u->mode,
	};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC), err;

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api))
		return fd < 0 ? -errno : 1;
	err = ioctl(fd, UFFDIO_REGISTER, &reg) ? -errno : 0;
	/* A descriptor that stays open keeps watching. */
	if (err)
		close(fd);
	return err;
}

TEST_F(writers, are_refused_who_watch_faults)
{
	const struct uffd watchers[] = {
		{ 0, UFFDIO_REGISTER_MODE_MISSING }, { 0, UFFDIO_REGISTER_MODE_WP },
		{ 0, UFFDIO_REGISTER_MODE_MINOR }, { FEATURE_WP_ASYNC, UFFDIO_REGISTER_MODE_WP },
	};
	struct port *server = receiver(AREA), *c = client();
	size_t kept = keep(c, server, 'a', THREE_PAGES);

	for (size_t i = 0; i < sizeof(watchers) / sizeof(*watchers); i++) {
		struct uffd *u = memcpy(shared(sizeof(*u)), &watchers[i], sizeof(*u));
		long err = run(server, do_watch, u);

		ASSERT_TRUE(err == -EPERM || err == -EINVAL || err == 1) {
			TH_LOG("watcher %zu: %ld", i, err);
		}
		ASSERT_TRUE(is_all(server, kept, THREE_PAGES, 'a'));
		release(server, keep(c, server, 'b', THREE_PAGES));
	}
}

TEST_HARNESS_MAIN
