// SPDX-License-Identifier: GPL-2.0-only
/* Mapping the area, losing it, and where messages are put in it. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "protocol_test.h"

#define MAX_AREA (4ul << 20)

PROTOCOL_FIXTURE(area);

static const char *path(void)
{
	return getenv("BINDER_DEV") ?: "/dev/binder";
}

struct map {
	size_t size;
	int prot;
	int flags;
	off_t offset;
};

static long do_map(struct port *p, void *arg)
{
	struct map *m = arg;
	void *map = mmap(NULL, m->size, m->prot, m->flags, p->conn->fd, m->offset);

	if (map == MAP_FAILED)
		return -errno;
	p->conn->map = map;
	p->conn->map_size = m->size;
	return 0;
}

static int map_in(struct port *p, struct map m)
{
	return (int)run(p, do_map, memcpy(shared(sizeof(m)), &m, sizeof(m)));
}

static int map_plain(struct port *p, size_t size)
{
	return map_in(p, (struct map){ size, PROT_READ, MAP_PRIVATE, 0 });
}

/* A sync call of @size bytes goes through. */
static bool fits(struct port *c, struct port *server, size_t size)
{
	call_msg(c, (struct bnd_msg){ .data = shared(0), .size = size });
	go(c);
	if (!strcmp(c->got, "NOOP FAILED")) {
		if (strcmp(exterr(c), "FAILED ENOSPC"))
			fail("call of %zu: %s", size, exterr(c));
		return false;
	}
	if (strcmp(go(server), "NOOP TXN:0"))
		fail("call of %zu: got '%s'", size, server->got);
	answer(server, c);
	return true;
}

/* --- mmap --- */

TEST_F(area, once_and_for_all)
{
	struct port *p = process();

	ASSERT_EQ(-EBUSY, map_plain(p, AREA));
	ASSERT_EQ(-EPERM, map_in(p, (struct map){ AREA, PROT_WRITE, MAP_SHARED, 0 }));
	unmap(p);
	ASSERT_EQ(-EBUSY, map_plain(p, AREA));
}

TEST_F(area, only_by_the_opener)
{
	struct port *p = process_on(path(), 0), *child = child_of(p);

	ASSERT_EQ(-EINVAL, map_plain(child, AREA));
	/* That comes first. */
	ASSERT_EQ(-EINVAL, map_in(child, (struct map){ AREA, PROT_WRITE, MAP_SHARED, 0 }));
	ASSERT_EQ(0, map_plain(thread_of(p), AREA));
	ASSERT_EQ(-EINVAL, map_plain(child, AREA));
}

TEST_F(area, shared_private_and_any_offset)
{
	const struct map maps[] = {
		{ AREA, PROT_READ, MAP_SHARED, 0 },
		{ AREA, PROT_READ, MAP_PRIVATE, 0 },
		{ AREA, PROT_READ, MAP_PRIVATE | MAP_NORESERVE, 0 },
		{ AREA, PROT_READ, MAP_PRIVATE, 4096 },
		{ AREA, PROT_READ, MAP_SHARED, 1 << 20 },
	};

	for (int i = 0; i < 5; i++) {
		struct port *server = process_on(path(), 0), *c = process();
		struct bnd_msg m = { .data = "here I am", .size = 10 };

		ASSERT_EQ(0, map_in(server, maps[i]));
		ASSERT_EQ(0, ioc_at(server, BINDER_SET_CONTEXT_MGR, 0));
		call_data(c, 0, 1, 0, m.data, m.size);
		GO(c, "EAGAIN");
		GO(server, "NOOP TXN:1");
		ASSERT_EQ(0, memcmp(server->payload, m.data, m.size));
		ASSERT_TRUE(fits(process(), thread_of(server), AREA / 2));
		die(server);
		peers_end();
	}
}

TEST_F(area, one_page)
{
	struct port *server = process_on(path(), 4096), *c = process();

	ASSERT_EQ(0, ioc_at(server, BINDER_SET_CONTEXT_MGR, 0));
	ASSERT_TRUE(fits(c, server, 4096));
	ASSERT_FALSE(fits(c, server, 4097));
	ASSERT_TRUE(fits(c, server, 1));
}

TEST_F(area, four_mebibytes_are_the_most)
{
	struct port *server = process_on(path(), 0), *c = process();

	shared(MAX_AREA + 4096);
	ASSERT_EQ(0, map_plain(server, 2 * MAX_AREA));
	ASSERT_EQ(0, ioc_at(server, BINDER_SET_CONTEXT_MGR, 0));
	ASSERT_FALSE(fits(c, server, MAX_AREA + 1));
	ASSERT_TRUE(fits(c, server, MAX_AREA));
	call_msg(c, (struct bnd_msg){
		.flags = TF_ONE_WAY, .data = shared(MAX_AREA / 2 + 8), .size = MAX_AREA / 2 + 8,
	});
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED ENOSPC");
}

/* --- losing it --- */

TEST_F(area, the_unmapped_may_send)
{
	struct port *server = manager(), *c = process();

	unmap(c);
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	call(c, 0, 2, 0);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:2");
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE DEAD");
}

/* --- where messages lie --- */

/* Threads that have not read their replies when the area goes. */
TEST_F(area, replies_are_lost_with_it)
{
	/* Upstream has nothing to tell, see the list of differences. */
	const char *(*get)(struct port *p) = ours() ? go_blocking : go;
	struct port *mgr = manager(), *c = process(), *t[5];

	for (int i = 0; i < 5; i++) {
		t[i] = thread_of(c);
		deliver(t[i], mgr, 0, 1);
		free_last(mgr);
		reply_obj(mgr, 0, 0, bnd_obj_binder(0x77, 0x78, 0));
		if (i) {
			GO(mgr, "NOOP COMPLETE");
			continue;
		}
		GO(mgr, "NOOP INCREFS:77:78 ACQUIRE:77:78 COMPLETE");
		both_done(mgr, 0x77, 0x78);
		WRITE(mgr, "");
	}
	unmap(c);
	/* The last of them is lost. */
	ASSERT_STREQ("NOOP RELEASE:77:78 DECREFS:77:78", get(mgr));
	for (int i = 0; i < 5; i++) {
		/* What is left of its call comes first. */
		get(t[i]);
		if (!strcmp(t[i]->got, "NOOP COMPLETE"))
			get(t[i]);
		ASSERT_NE(NULL, strstr(t[i]->got, "DEAD"));
	}
}

TEST_F(area, live_messages_do_not_share_bytes)
{
	struct port *server = manager(), *c = process();
	struct { uint64_t at, size; } live[100];
	uint8_t *data = shared(4096);
	int n = 0;

	for (; n < 100; n++) {
		size_t size = (n * 37) % 600;

		memset(data, n, size);
		call_data(c, 0, n, TF_ONE_WAY, data, size);
		go(c);
		if (strcmp(c->got, "NOOP COMPLETE"))
			break;
	}
	ASSERT_LT(50, n);
	for (int i = 0; i < n; i++) {
		go(server);
		ASSERT_EQ((uint32_t)i, server->txn.code);
		live[i].at = server->txn.data.ptr.buffer;
		live[i].size = server->txn.data_size;
		ASSERT_EQ(0, live[i].at % 8);
		ASSERT_LE((uintptr_t)server->conn->map, live[i].at);
		ASSERT_GE((uintptr_t)server->conn->map + AREA, live[i].at + live[i].size);
		for (uint64_t k = 0; k < live[i].size; k++)
			ASSERT_EQ((uint8_t)i, server->payload[k]);
		free_last(server);
		WRITE(server, "");
	}
	/* All of them were in the area at once, unread. */
	for (int i = 0; i < n; i++) {
		for (int k = 0; k < i; k++)
			ASSERT_TRUE(live[i].at + live[i].size <= live[k].at ||
				    live[k].at + live[k].size <= live[i].at);
	}
}

/* Nothing of the area is lost to headers or guards: n pieces of an nth all fit. */
TEST_F(area, all_of_it_can_be_used)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	const size_t piece = AREA / 32;
	void *data = shared(AREA);
	uint64_t at[32];

	(void)mgr;
	for (int i = 0; i < 16; i++) {
		uint32_t h = give(server, c, 0x10 * (i + 1), 0, 0);

		call_data(c, h, i, TF_ONE_WAY, data, piece);
		GO(c, "NOOP COMPLETE");
	}
	for (int i = 16; i < 32; i++) {
		struct port *t = thread_of(c);

		call_data(t, 1, i, 0, data, piece);
		GO(t, "EAGAIN");
	}
	for (int i = 0; i < 32; i++) {
		struct port *reader = i < 16 ? server : thread_of(server);

		go(reader);
		ASSERT_EQ((uint32_t)i, reader->txn.code);
		at[i] = reader->txn.data.ptr.buffer;
	}
	/* Free every second, then the rest: the pieces grow together again. */
	for (int pass = 0; pass < 2; pass++) {
		for (int i = pass; i < 32; i += 2)
			bnd_cmd_free_buffer(&server->w, at[i]);
	}
	WRITE(server, "");
	call_data(c, 1, 100, 0, data, AREA);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:64");
}

TEST_F(area, neighbours_grow_together_in_every_order)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	const uint8_t orders[6][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	struct port *from[3], *to[3];
	void *data = shared(AREA);
	uint32_t h = give(server, c, 0x10, 0, 0);

	(void)mgr;
	for (int i = 0; i < 3; i++) {
		from[i] = thread_of(c);
		to[i] = thread_of(server);
	}
	for (int o = 0; o < 6; o++) {
		uint64_t at[3];

		for (int i = 0; i < 3; i++) {
			call_data(from[i], h, i, 0, data, i == 1 ? AREA / 2 : AREA / 4);
			GO(from[i], "EAGAIN");
			go(to[i]);
			ASSERT_EQ((uint32_t)i, to[i]->txn.code);
			at[i] = to[i]->txn.data.ptr.buffer;
		}
		call(c, h, 1, 0);
		GO(c, "NOOP FAILED");
		EXTERR(c, "FAILED ENOSPC");
		for (int i = 0; i < 3; i++) {
			bnd_cmd_free_buffer(&server->w, at[orders[o][i]]);
			GO(server, "EAGAIN");
		}
		call_data(c, h, 1, 0, data, AREA);
		GO(c, "EAGAIN");
		GO(server, "NOOP TXN:1");
		answer(server, c);
		for (int i = 0; i < 3; i++) {
			reply(to[i], 0, 0);
			GO(to[i], "NOOP COMPLETE");
			GO(from[i], "NOOP COMPLETE REPLY:0");
			free_last(from[i]);
			WRITE(from[i], "");
		}
	}
}

TEST_HARNESS_MAIN
