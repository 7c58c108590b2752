// SPDX-License-Identifier: GPL-2.0-only
/*
 * R43: a child inherits the mapping of an area by MADV_DOFORK, and its exit was taken for
 * the end of the mapping of its parent, who could not be called any more.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"
#include "protocol_test.h"

/* More than peers look into, so that nobody but the test touches it. */
#define THREE_PAGES (3 * PAGE)

PROTOCOL_FIXTURE(inherited);

static long do_dofork(struct port *p, void *arg)
{
	(void)arg;
	return madvise(p->conn->map, p->conn->map_size, MADV_DOFORK) ? -errno : 0;
}

static long do_exit(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	_exit(0);
}

/* False on kernels that refuse it for such a mapping; then there is nothing to see. */
static bool inherit(struct port *server)
{
	long err = run(server, do_dofork, NULL);

	if (err && err != -EINVAL)
		fail("MADV_DOFORK: %ld", err);
	if (err)
		printf("# MADV_DOFORK is refused\n");
	return !err;
}

TEST_F(inherited, a_childs_exit_does_not_unmap_it)
{
	struct port *server = receiver(AREA), *c = client(), *child;
	size_t at = keep(c, server, 'a', THREE_PAGES);

	if (!inherit(server))
		return;
	child = child_of(server);
	ASSERT_EQ('a', look(child, at));
	run_start(child, do_exit, NULL);
	wait_until(has_ended, child, "the child does not end");
	ASSERT_FALSE(is_unmapped(client()));
	ASSERT_TRUE(is_all(server, at, THREE_PAGES, 'a'));
}

TEST_F(inherited, its_idle_pages_are_reclaimed)
{
	struct port *server = receiver(AREA), *c = client(), *child;
	size_t at = keep(c, server, 'a', THREE_PAGES);

	if (!inherit(server))
		return;
	child = child_of(server);
	ASSERT_EQ('a', look(child, at));
	release(server, at);
	drop_caches();
	ASSERT_EQ(0, mapped_pages(server, AREA));
	ASSERT_EQ(0, mapped_pages(child, AREA));
	ASSERT_EQ(-SIGBUS, look(child, at));
	/* What comes later is for the opener only. */
	at = keep(c, server, 'b', THREE_PAGES);
	ASSERT_EQ(-SIGBUS, look(child, at));
	ASSERT_TRUE(is_all(server, at, THREE_PAGES, 'b'));
}

TEST_HARNESS_MAIN
