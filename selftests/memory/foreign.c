// SPDX-License-Identifier: GPL-2.0-only
/* Other memory where the area was, and other ways to write to the area. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "parts.h"
#include "protocol_test.h"

#ifndef UFFDIO_REGISTER_MODE_MINOR
#define UFFDIO_REGISTER_MODE_MINOR ((uint64_t)1 << 2)
#endif
#define FEATURE_WP_ASYNC ((uint64_t)1 << 15)

#define THREE_PAGES (3 * PAGE)

PROTOCOL_FIXTURE(foreign);

/* --- other memory where the area was (R36, CVE-2026-43434) --- */

/* Maps @arg (MAP_ flags) over the area and fills it. */
static long do_replace(struct port *p, void *arg)
{
	void *map = mmap(p->conn->map, AREA, PROT_READ | PROT_WRITE,
			 MAP_FIXED | MAP_ANONYMOUS | (int)(long)arg, -1, 0);

	if (map == MAP_FAILED)
		return -errno;
	memset(map, 'f', AREA);
	return 0;
}

static const int kinds[] = { MAP_PRIVATE, MAP_SHARED };

TEST_F(foreign, memory_at_its_place_is_left_alone)
{
	uint64_t was[AREA / PAGE];

	for (int i = 0; i < 2; i++) {
		struct port *server = receiver(AREA), *c = client();
		size_t live = keep_msg(c, server, (struct bnd_msg){
			.data = filled('a', THREE_PAGES), .size = THREE_PAGES,
			.flags = TF_CLEAR_BUF,
		});

		release(server, keep(c, server, 'b', THREE_PAGES));
		take_away(server);
		ASSERT_EQ(0, run(server, do_replace, (void *)(long)kinds[i]));
		for (size_t at = 0; at < AREA; at += PAGE)
			was[at / PAGE] = frame(server, at);

		call_data(c, 0, 1, 0, filled('c', 64), 64);
		GO(c, "NOOP DEAD");
		EXTERR(c, "DEAD ESRCH");
		/* Idle pages go, a live one is cleared: not here. */
		drop_caches();
		release(server, live);
		drop_caches();
		for (size_t at = 0; at < AREA; at += PAGE)
			ASSERT_EQ(was[at / PAGE], frame(server, at));
		ASSERT_TRUE(is_all(server, 0, AREA, 'f'));
		peers_end();
	}
}

/* A message that is on its way when the area goes. */
TEST_F(foreign, memory_at_its_place_gets_no_message_under_way)
{
	struct port *server = receiver(AREA), *c = client();
	uint8_t *page = missing_page(c);

	memset(page - PAGE, 'a', PAGE);
	call_msg(c, (struct bnd_msg){ .data = page - PAGE, .size = 2 * PAGE, .flags = TF_ONE_WAY });
	c->blocking = true;
	c->room = 0;
	start(c);
	await_missing();
	take_away(server);
	ASSERT_EQ(0, run(server, do_replace, (void *)MAP_PRIVATE));
	provide('b');
	FINISH(c, "");
	ASSERT_TRUE(is_all(server, 0, AREA, 'f'));
	go(server);
	ASSERT_TRUE(is_all(server, 0, AREA, 'f'));
	drop_caches();
	ASSERT_TRUE(is_all(server, 0, AREA, 'f'));
}

static const char *other_device(void)
{
	return getenv("BINDER_DEV2") ?: "/dev/hwbinder";
}

/* Opens another device and maps its area where @p's was. */
static long do_open_there(struct port *p, void *arg)
{
	struct bnd_conn *other = arg;
	int err = bnd_open(other, other_device(), 0, 0);

	if (err)
		return err;
	other->map = mmap(p->conn->map, AREA, PROT_READ, MAP_PRIVATE | MAP_FIXED, other->fd, 0);
	other->map_size = AREA;
	return other->map == MAP_FAILED ? -errno : bnd_become_manager(other);
}

TEST_F(foreign, another_area_at_its_place_keeps_its_pages)
{
	struct port *server = receiver(AREA), *c = client();
	struct port *again = port_on(server, server), *c2;
	size_t at;

	release(server, keep(c, server, 'a', AREA));
	take_away(server);
	again->conn = shared(sizeof(*again->conn));
	ASSERT_EQ(0, run(server, do_open_there, again->conn));
	c2 = process_on(other_device(), 0);
	at = keep(c2, again, 'b', THREE_PAGES);
	ASSERT_TRUE(is_unmapped(c));
	/* The idle pages of the first one are at the same addresses. */
	drop_caches();
	ASSERT_TRUE(is_all(again, at, THREE_PAGES, 'b'));
	release(again, at);
	drop_caches();
	ASSERT_EQ(0, mapped_pages(again, AREA));
}

/* --- nobody writes to it (R37, CVE-2026-43433) --- */

struct write {
	uint8_t *at;
	char how;
};

/* In the receiver: through its own eyes, as the kernel lets root do. */
static long do_write(struct port *p, void *arg)
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
	return run(p, do_write, w);
}

TEST_F(foreign, writers_are_refused_even_in_the_process_itself)
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

TEST_F(foreign, writers_are_refused_debuggers_and_root_included)
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

TEST_F(foreign, watchers_of_faults_are_refused)
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
