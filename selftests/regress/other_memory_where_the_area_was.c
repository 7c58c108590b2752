// SPDX-License-Identifier: GPL-2.0-only
/*
 * R36, CVE-2026-43434: the mapping of the area is looked up by its address only, and
 * something else is mapped there by then. The driver puts its pages into that, or takes
 * away what lies there; if it may be written, so may messages.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "memory.h"
#include "parts.h"
#include "protocol_test.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#define THREE_PAGES (3 * PAGE)

PROTOCOL_FIXTURE(other_memory);

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

TEST_F(other_memory, at_its_place_is_left_alone)
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

/* Moves the area with @arg (MREMAP_ flags). */
static long do_move_with(struct port *p, void *arg)
{
	void *to = mmap(NULL, AREA, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const int flags = MREMAP_MAYMOVE | MREMAP_FIXED | (int)(long)arg;

	return mremap(p->conn->map, AREA, AREA, flags, to) == MAP_FAILED ? -errno : 0;
}

TEST_F(other_memory, where_it_was_moved_from_is_left_alone)
{
	const int ways[] = { 0, MREMAP_DONTUNMAP };

	for (int i = 0; i < 2; i++) {
		struct port *server = receiver(AREA), *c = client();
		size_t live = keep_msg(c, server, (struct bnd_msg){
			.data = filled('a', THREE_PAGES), .size = THREE_PAGES,
			.flags = TF_CLEAR_BUF,
		});

		release(server, keep(c, server, 'b', THREE_PAGES));
		ASSERT_EQ(0, run(server, do_move_with, (void *)(long)ways[i]));
		ASSERT_EQ(0, run(server, do_replace, (void *)MAP_PRIVATE));
		ASSERT_TRUE(is_unmapped(c));
		drop_caches();
		release(server, live);
		drop_caches();
		ASSERT_TRUE(is_all(server, 0, AREA, 'f'));
		peers_end();
	}
}

/* A message that is on its way when the area goes. */
TEST_F(other_memory, at_its_place_gets_no_message_under_way)
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

TEST_F(other_memory, of_another_area_keeps_its_pages)
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

TEST_HARNESS_MAIN
