// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be done to the mapping of the area, and what becomes of its pages.
 *
 * For R33 (CVE-2023-20928, CVE-2022-50240).
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "parts.h"
#include "protocol_test.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* More than peers look into, so that nobody but the test touches it. */
#define THREE_PAGES (3 * PAGE)

PROTOCOL_FIXTURE(mapping);

/* --- mremap --- */

struct move {
	size_t old_size;
	size_t new_size;
	int flags;
};

/*
 * The result is where it is now, or a negative errno. With MREMAP_DONTUNMAP the kernel
 * reads an address: none wanted.
 */
static long do_mremap(struct port *p, void *arg)
{
	struct move *m = arg;
	void *to = mremap(p->conn->map, m->old_size, m->new_size, m->flags, NULL);

	return to == MAP_FAILED ? -errno : (long)to;
}

static long move(struct port *p, size_t old_size, size_t new_size, int flags)
{
	struct move *m = shared(sizeof(*m));

	*m = (struct move){ old_size, new_size, flags };
	return run(p, do_mremap, m);
}

static long do_munmap(struct port *p, void *arg)
{
	(void)p;
	return munmap(arg, AREA) ? -errno : 0;
}

/* Maps the area with as much room behind it. */
static long do_map_with_room(struct port *p, void *arg)
{
	uint8_t *room = mmap(NULL, 2 * AREA, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *map = mmap(room, AREA, PROT_READ, MAP_PRIVATE | MAP_FIXED, p->conn->fd, 0);

	(void)arg;
	p->conn->map = map;
	p->conn->map_size = AREA;
	return map == MAP_FAILED || munmap(room + AREA, AREA) ? -errno : 0;
}

TEST_F(mapping, may_grow_but_gets_no_more_room)
{
	struct port *server = receiver(0), *c = client();
	long grown;

	ASSERT_EQ(0, run(server, do_map_with_room, NULL));
	grown = move(server, AREA, 2 * AREA, 0);
	/* Some kernels refuse that for such a mapping. */
	if (grown != -ENOMEM) {
		ASSERT_EQ((long)server->conn->map, grown);
		ASSERT_EQ(-SIGBUS, look(server, AREA));
	}
	ASSERT_EQ(0, keep(c, server, 'a', AREA));
	ASSERT_EQ('a', look(server, AREA - 1));
	call_data(c, 0, 1, 0, filled(0, 8), 8);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED ENOSPC");
}

TEST_F(mapping, shrunk_it_is_unmapped)
{
	struct port *server = receiver(AREA), *c = client();

	keep(c, server, 'a', AREA);
	ASSERT_EQ((long)server->conn->map, move(server, AREA, AREA / 2, 0));
	ASSERT_TRUE(is_unmapped(c));
	ASSERT_EQ('a', look(server, AREA / 2 - 1));
	ASSERT_EQ(-SIGSEGV, look(server, AREA / 2));
	release(server, 0);
	drop_caches();
	ASSERT_EQ(0, mapped_pages(server, AREA / 2));
}

TEST_F(mapping, moved_it_keeps_live_pages)
{
	struct port *server = receiver(AREA), *c = client();
	uint8_t *to;

	keep(c, server, 'a', THREE_PAGES);
	to = (uint8_t *)run(server, do_move_away, NULL);
	ASSERT_LT(0, (long)to);
	ASSERT_TRUE(is_unmapped(c));
	drop_caches();
	for (size_t i = 0; i < 3; i++)
		ASSERT_EQ('a', look_at(server, to + i * PAGE));
	ASSERT_EQ(-SIGBUS, look_at(server, to + THREE_PAGES));
	release(server, 0);
}

TEST_F(mapping, moved_it_loses_idle_pages_to_reclaim)
{
	struct port *server = receiver(AREA), *c = client();
	uint8_t *to;

	release(server, keep(c, server, 'a', THREE_PAGES));
	to = (uint8_t *)run(server, do_move_away, NULL);
	ASSERT_LT(0, (long)to);
	ASSERT_EQ('a', look_at(server, to));
	drop_caches();
	ASSERT_EQ(0, frame_at(server, to));
	ASSERT_EQ(-SIGBUS, look_at(server, to));
}

TEST_F(mapping, moved_and_left_both_lose_idle_pages_to_reclaim)
{
	struct port *server = receiver(AREA), *c = client();
	size_t at = keep(c, server, 'a', THREE_PAGES);
	uint8_t *to = (uint8_t *)move(server, AREA, AREA, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);

	ASSERT_LT(0, (long)to);
	ASSERT_NE(server->conn->map, to);
	ASSERT_EQ('a', look_at(server, to));
	release(server, at);
	drop_caches();
	ASSERT_EQ(0, frame_at(server, to));
	ASSERT_EQ(-SIGBUS, look_at(server, to));
	ASSERT_EQ(-SIGBUS, look(server, 0));
}

/* The area is where it was: what moved are its pages, for the time being. */
TEST_F(mapping, moved_and_left_it_is_used_as_before)
{
	struct port *server = receiver(AREA), *c = client();
	size_t at = keep(c, server, 'a', THREE_PAGES);
	uint8_t *to = (uint8_t *)move(server, AREA, AREA, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);

	ASSERT_LT(0, (long)to);
	ASSERT_TRUE(is_all(server, at, THREE_PAGES, 'a'));
	ASSERT_EQ(frame_at(server, to), frame(server, 0));
	at = keep(c, server, 'b', THREE_PAGES);
	ASSERT_TRUE(is_all(server, at, THREE_PAGES, 'b'));
	ASSERT_EQ(-SIGBUS, look_at(server, to + at));
	ASSERT_EQ(0, run(server, do_munmap, to));
	ASSERT_TRUE(is_unmapped(c));
	ASSERT_TRUE(is_all(server, at, THREE_PAGES, 'b'));
}

static long do_map_shared(struct port *p, void *arg)
{
	void *map = mmap(NULL, AREA, PROT_READ, MAP_SHARED, p->conn->fd, 0);

	(void)arg;
	p->conn->map = map;
	p->conn->map_size = AREA;
	return map == MAP_FAILED ? -errno : 0;
}

TEST_F(mapping, duplicated_it_shows_nothing_and_ends_with_its_duplicate)
{
	struct port *server = receiver(0), *c = client();
	size_t at;
	uint8_t *to;

	ASSERT_EQ(0, run(server, do_map_shared, NULL));
	at = keep(c, server, 'a', THREE_PAGES);
	to = (uint8_t *)move(server, 0, AREA, MREMAP_MAYMOVE);
	ASSERT_LT(0, (long)to);
	ASSERT_EQ(-SIGBUS, look_at(server, to));
	release(server, at);
	at = keep(c, server, 'b', THREE_PAGES);
	ASSERT_TRUE(is_all(server, at, THREE_PAGES, 'b'));
	ASSERT_EQ(-SIGBUS, look_at(server, to + at));
	ASSERT_EQ(0, run(server, do_munmap, to));
	ASSERT_TRUE(is_unmapped(c));
	ASSERT_TRUE(is_all(server, at, THREE_PAGES, 'b'));
}

TEST_F(mapping, a_private_one_cannot_be_duplicated)
{
	struct port *server = receiver(AREA), *c = client();

	ASSERT_EQ(-EINVAL, move(server, 0, AREA, MREMAP_MAYMOVE));
	ASSERT_FALSE(is_unmapped(c));
}

/* --- who may map it --- */

TEST_F(mapping, a_stranger_who_got_the_file_may_not)
{
	struct port *server = receiver(0), *c = client();
	int fd = steal(server, server->conn->fd);

	ASSERT_EQ(MAP_FAILED, mmap(NULL, AREA, PROT_READ, MAP_PRIVATE, fd, 0));
	ASSERT_EQ(EINVAL, errno);
	ASSERT_TRUE(is_unmapped(c));
	close(fd);
}

static int map_in_child(void *arg)
{
	struct port *p = arg;
	void *map = mmap(NULL, AREA, PROT_READ, MAP_PRIVATE, p->conn->fd, 0);

	return map == MAP_FAILED ? errno : 0;
}

/* A child that shares the address space and is not a thread. */
static long do_map_in_vfork(struct port *p, void *arg)
{
	static uint8_t stack[65536] __attribute__((aligned(16)));
	int status;
	pid_t pid = clone(map_in_child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, p);

	(void)arg;
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -ECHILD;
	return -WEXITSTATUS(status);
}

TEST_F(mapping, a_vfork_child_may_not)
{
	struct port *server = receiver(0);

	ASSERT_EQ(-EINVAL, run(server, do_map_in_vfork, NULL));
}

TEST_HARNESS_MAIN
