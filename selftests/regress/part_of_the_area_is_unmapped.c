// SPDX-License-Identifier: GPL-2.0-only
/*
 * R44: a page of the area is unmapped, moved, mapped over or protected. What is split
 * then has two ends, each of which was taken for the end of all of it; and who goes on
 * without noticing puts messages where the area is no more.
 */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>

#include "memory.h"
#include "protocol_test.h"

/* More than peers look into, so that nobody but the test touches it. */
#define THREE_PAGES (3 * PAGE)

PROTOCOL_FIXTURE(torn_area);

static long unmap_a_page(struct port *p, void *arg)
{
	return munmap((uint8_t *)p->conn->map + (size_t)arg, PAGE) ? -errno : 0;
}

static long map_over_it(struct port *p, void *arg)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	void *map = mmap(p->conn->map, 4096, PROT_READ, flags, -1, 0);

	(void)arg;
	return map == MAP_FAILED ? -errno : 0;
}

TEST_F(torn_area, any_unmapping_ends_it)
{
	static long (*const how[])(struct port *p, void *arg) = {
		unmap_a_page, unmap_a_page, unmap_a_page, do_move_away, map_over_it,
	};
	const long where[] = { 0, AREA / 2, AREA - 4096, 0, 0 };

	for (int i = 0; i < 5; i++) {
		struct port *server = manager(), *c = process();

		ping(c, server, 0);
		/* Where it is now, for the one that moves it. */
		ASSERT_LE(0, run(server, how[i], (void *)where[i]));
		call(c, 0, 1, 0);
		GO(c, "NOOP DEAD");
		EXTERR(c, "DEAD ESRCH");
		call(c, 0, 1, TF_ONE_WAY);
		GO(c, "NOOP DEAD");
		EXTERR(c, "DEAD ESRCH");
		GO(server, "EAGAIN");
		peers_end();
	}
}

TEST_F(torn_area, the_rest_of_it_works_on)
{
	struct port *server = receiver(AREA), *c = client();
	size_t live = keep(c, server, 'a', AREA / 2), idle = keep(c, server, 'b', AREA / 2);

	release(server, idle);
	ASSERT_EQ(0, run(server, unmap_a_page, (void *)(live + PAGE)));
	ASSERT_TRUE(is_unmapped(c));
	ASSERT_EQ('a', look(server, live));
	ASSERT_EQ(-SIGSEGV, look(server, live + PAGE));
	ASSERT_EQ('a', look(server, live + 2 * PAGE));
	ASSERT_EQ('b', look(server, idle));
	drop_caches();
	ASSERT_EQ(-SIGBUS, look(server, idle));
	ASSERT_TRUE(is_all(server, live + 2 * PAGE, AREA / 2 - 2 * PAGE, 'a'));
	release(server, live);
	drop_caches();
	ASSERT_EQ(0, mapped_pages(server, AREA));
}

struct protect {
	size_t offset;
	int prot;
};

static long do_protect(struct port *p, void *arg)
{
	struct protect *a = arg;

	return mprotect((uint8_t *)p->conn->map + a->offset, THREE_PAGES, a->prot) ? -errno : 0;
}

static long protect(struct port *p, size_t offset, int prot)
{
	struct protect *a = shared(sizeof(*a));

	*a = (struct protect){ offset, prot };
	return run(p, do_protect, a);
}

TEST_F(torn_area, closed_and_opened_again_it_works_on)
{
	struct port *server = receiver(AREA), *c = client();

	/* Parts without and with pages, and one in the middle. */
	ASSERT_EQ(0, protect(server, 0, PROT_NONE));
	ASSERT_EQ(0, protect(server, 4 * PAGE, PROT_NONE));
	keep(c, server, 'a', AREA / 2);
	ASSERT_EQ(-SIGSEGV, look(server, 0));
	ASSERT_EQ('a', look(server, 3 * PAGE));
	ASSERT_EQ(-SIGSEGV, look(server, 4 * PAGE));
	ASSERT_EQ('a', look(server, 7 * PAGE));
	ASSERT_EQ(0, protect(server, 0, PROT_READ));
	ASSERT_EQ(0, protect(server, 4 * PAGE, PROT_READ));
	ASSERT_TRUE(is_all(server, 0, AREA / 2, 'a'));
	release(server, 0);
	drop_caches();
	ASSERT_EQ(0, mapped_pages(server, AREA));
	keep(c, server, 'b', AREA / 2);
	ASSERT_TRUE(is_all(server, 0, AREA / 2, 'b'));
}

TEST_HARNESS_MAIN
