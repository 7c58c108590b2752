// SPDX-License-Identifier: GPL-2.0-only
/* Objects in messages: where they are, what they are, what they name. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "rows_test.h"

ROWS_FIXTURE(bad_object)

#define SMALL 64	/* bytes of most messages here */

struct kind {
	const char *name;
	uint32_t type;
	size_t size;
};

static const struct kind kinds[] = {
	{ "BINDER", BINDER_TYPE_BINDER, 24 },
	{ "WEAK_BINDER", BINDER_TYPE_WEAK_BINDER, 24 },
	{ "HANDLE", BINDER_TYPE_HANDLE, 24 },
	{ "WEAK_HANDLE", BINDER_TYPE_WEAK_HANDLE, 24 },
	{ "FD", BINDER_TYPE_FD, 24 },
	{ "FDA", BINDER_TYPE_FDA, 32 },
	{ "PTR", BINDER_TYPE_PTR, 40 },
};

static struct port *mgr, *server, *c;
static uint32_t handle;
static uint8_t *data;
static uint64_t *offsets;
/* Descriptors in the client. */
static int null_fd, path_fd, epoll_fd;

static long open_some(struct port *p, void *arg)
{
	int *fds = arg;

	(void)p;
	fds[0] = open("/dev/null", O_RDWR);
	fds[1] = open("/dev/null", O_PATH);
	fds[2] = epoll_create1(0);
	return 0;
}

static void three_peers(void)
{
	int *fds;

	mgr = manager();
	server = process();
	c = process();
	handle = give(server, c, 0x10, 0x20, FLAT_BINDER_FLAG_ACCEPTS_FDS);
	fds = shared(3 * sizeof(*fds));
	run(c, open_some, fds);
	null_fd = fds[0];
	path_fd = fds[1];
	epoll_fd = fds[2];
	data = shared(4096);
	offsets = shared(4096);
}

/* Read what @p was told of its own objects, and let it say that it knows. */
static void acknowledge(struct port *p)
{
	struct bnd_rec rec;

	for (int i = 0; i < 4 && strcmp(go(p), "EAGAIN"); i++) {
		p->r.pos = 0;
		while (bnd_next(&p->r, &rec) > 0) {
			if (rec.code == BR_INCREFS)
				bnd_cmd_increfs_done(&p->w, rec.node.ptr, rec.node.cookie);
			if (rec.code == BR_ACQUIRE)
				bnd_cmd_acquire_done(&p->w, rec.node.ptr, rec.node.cookie);
		}
	}
}

/*
 * Send @size bytes of data with @n offsets. Own objects are told about in front of what
 * comes of it, that is left out.
 */
static void send_flagged(uint64_t size, uint64_t n, uint64_t extra, uint32_t flags)
{
	struct bnd_msg m = {
		.handle = handle, .code = 4, .flags = flags, .data = data, .size = size,
		.offsets = offsets, .noffsets = n, .extra = extra,
	};
	const char *end;

	(extra ? bnd_cmd_transaction_sg : bnd_cmd_transaction)(&c->w, &m);
	go(c);
	forget(c);
	end = strrchr(c->got, ' ');
	got("%s", end ? end + 1 : c->got);
	if (!strstr(c->got, "COMPLETE"))
		got("%s", exterr(c));
	if (strstr(go(server), "TXN")) {
		got("received");
		free_last(server);
		go(server);
		go(server);
	} else if (strcmp(server->got, "EAGAIN")) {
		got("receiver %s", server->got);
	}
	bnd_cmd_exit_looper(&c->w);
	acknowledge(c);
}

static void send(uint64_t size, uint64_t n)
{
	send_flagged(size, n, 0, TF_ONE_WAY);
}

/* An object of which nothing is wrong by itself. */
static void put_object(const struct kind *k, size_t at)
{
	struct flat_binder_object flat = bnd_obj_binder(0x900, 0x901, 0);
	struct binder_fd_object fd = bnd_obj_fd(null_fd, 0);
	struct binder_buffer_object ptr = bnd_obj_ptr(NULL, 0);
	struct binder_fd_array_object fda = bnd_obj_fda(0, 0, 0);

	switch (k->type) {
	case BINDER_TYPE_FD:
		memcpy(data + at, &fd, sizeof(fd));
		return;
	case BINDER_TYPE_FDA:
		memcpy(data + at, &fda, sizeof(fda));
		return;
	case BINDER_TYPE_PTR:
		memcpy(data + at, &ptr, sizeof(ptr));
		return;
	case BINDER_TYPE_HANDLE:
	case BINDER_TYPE_WEAK_HANDLE:
		flat = bnd_obj_handle(handle);
	}
	flat.hdr.type = k->type;
	memcpy(data + at, &flat, sizeof(flat));
}

/* --- where they are --- */

static const uint64_t far_away[] = {
	64, 65, 4096, 1ull << 31, (1ull << 32) - 4, 1ull << 32, 1ull << 63, ~0ull - 3, ~0ull,
};

/* R13, CVE-2024-46740; R14, CVE-2024-26926 */
TEST_F_TIMEOUT(bad_object, offsets, TABLE_SECONDS)
{
	rows_begin("object-offsets");
	three_peers();
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (size_t at = 0; at <= 44; at += at < 5 || at >= 20 ? 1 : 4) {
			memset(data, 0, 4096);
			put_object(&kinds[i], at);
			offsets[0] = at;
			row("%s at %zu of %d bytes", kinds[i].name, at, SMALL);
			send(SMALL, 1);
		}
	}
	memset(data, 0, 4096);
	put_object(&kinds[0], 0);
	for (size_t i = 0; i < ARRAY_SIZE(far_away); i++) {
		offsets[0] = far_away[i];
		row("object at %#llx of %d bytes", (unsigned long long)far_away[i], SMALL);
		send(SMALL, 1);
	}
	ASSERT_EQ(0, rows_end());
}

/* R13, CVE-2024-46740 */
TEST_F_TIMEOUT(bad_object, cut, TABLE_SECONDS)
{
	rows_begin("objects-cut");
	three_peers();
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (size_t size = 0; size <= kinds[i].size; size += size < 5 ? 1 : 2) {
			memset(data, 0, 4096);
			put_object(&kinds[i], 0);
			offsets[0] = 0;
			row("%s of %zu bytes", kinds[i].name, size);
			send(size, 1);
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* R13, CVE-2024-46740: two of them, one of the second's places after the other. */
TEST_F_TIMEOUT(bad_object, order, TABLE_SECONDS)
{
	static const size_t places_of_two[] = { 0, 4, 8, 20, 23, 24, 28, 40, 44 };

	rows_begin("object-order");
	three_peers();
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k += 2) {
		for (size_t i = 0; i < ARRAY_SIZE(places_of_two); i++) {
			for (size_t j = 0; j < ARRAY_SIZE(places_of_two); j++) {
				memset(data, 0, 4096);
				offsets[0] = places_of_two[i];
				offsets[1] = places_of_two[j];
				put_object(&kinds[k], offsets[1]);
				put_object(&kinds[0], offsets[0]);
				if (i == 0 && offsets[1] >= 24)
					put_object(&kinds[k], offsets[1]);
				row("BINDER at %zu and %s at %zu", places_of_two[i], kinds[k].name,
				    places_of_two[j]);
				send(72, 2);
			}
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* --- what they are --- */

TEST_F_TIMEOUT(bad_object, types, TABLE_SECONDS)
{
	rows_begin("object-types");
	three_peers();
	memset(data, 0, 4096);
	offsets[0] = 8;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (int bit = 0; bit < 32; bit++) {
			const uint32_t type = kinds[i].type ^ 1u << bit;

			put_object(&kinds[i], 8);
			memcpy(data + 8, &type, 4);
			row("%s with bit %d of its type the other way", kinds[i].name, bit);
			send(SMALL, 1);
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* --- what they name --- */

static void one_object(struct flat_binder_object obj, uint32_t flags)
{
	memset(data, 0, 4096);
	memcpy(data, &obj, sizeof(obj));
	offsets[0] = 0;
	send_flagged(sizeof(obj), 1, 0, flags);
}

static void handles_of(const char *name, uint32_t value)
{
	struct flat_binder_object strong = bnd_obj_handle(value), weak = bnd_obj_weak_handle(value);

	row("HANDLE of %s", name);
	one_object(strong, TF_ONE_WAY);
	row("WEAK_HANDLE of %s", name);
	one_object(weak, TF_ONE_WAY);
	strong.cookie = ~0ull;
	row("HANDLE of %s with a cookie", name);
	one_object(strong, TF_ONE_WAY);
	strong.binder |= 0xffffffff00000000;
	row("HANDLE of %s with the high half set", name);
	one_object(strong, TF_ONE_WAY);
}

TEST_F_TIMEOUT(bad_object, handles, TABLE_SECONDS)
{
	uint32_t weak, gone, dead;
	struct port *other;

	rows_begin("object-handles");
	three_peers();
	weak = give(server, c, 0x30, 0x40, 0);
	bnd_cmd_release(&c->w, weak);
	only_write(c);
	gone = give(server, c, 0x50, 0x60, 0);
	drop(c, gone);
	only_write(c);
	while (strcmp(go(server), "EAGAIN"))
		;
	handles_of("0 that it has not taken", 0);
	handles_of("the receiver's object", handle);
	handles_of("the receiver's object held weakly", weak);
	handles_of("what was given up", gone);
	handles_of("nothing", 55);
	handles_of("0x7fffffff", 0x7fffffff);
	handles_of("0x80000000", 0x80000000);
	handles_of("~0", ~0u);
	take(c, 0);
	only_write(c);
	handles_of("0 that it has taken", 0);
	other = process();
	dead = give(other, c, 0x70, 0x80, 0);
	handles_of("a third process", dead);
	bnd_cmd_release(&c->w, dead);
	only_write(c);
	go(other);
	handles_of("a third process, held weakly", dead);
	die(other);
	handles_of("a dead process, held weakly", dead);
	ASSERT_EQ(0, rows_end());
}

TEST_F_TIMEOUT(bad_object, own_objects, TABLE_SECONDS)
{
	static const uint64_t values[] = { 0, 1, 0x900, 0x901, 1ull << 63, ~0ull };

	rows_begin("own-objects");
	three_peers();
	/* One that is known, with its cookie, and stays. */
	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x900, 0x901, 0));
	go(c);
	both_done(c, 0x900, 0x901);
	go(c);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
			for (int weak = 0; weak < 2; weak++) {
				struct flat_binder_object obj =
					bnd_obj_binder(values[i], values[j], 0);

				if (weak)
					obj.hdr.type = BINDER_TYPE_WEAK_BINDER;
				row("%s %#llx with cookie %#llx", weak ? "WEAK_BINDER" : "BINDER",
				    (unsigned long long)values[i], (unsigned long long)values[j]);
				one_object(obj, TF_ONE_WAY);
			}
		}
	}
	for (int bit = 0; bit < 32; bit++) {
		row("BINDER with flag %d", bit);
		one_object(bnd_obj_binder(0xa000 + bit * 8, 1, 1u << bit), TF_ONE_WAY);
	}
	ASSERT_EQ(0, rows_end());
}

/* --- descriptors --- */

static void descriptors(const char *where)
{
	const struct {
		const char *name;
		int fd;
	} fds[] = {
		{ "a file", null_fd }, { "an O_PATH file", path_fd }, { "an epoll set", epoll_fd },
		{ "the device", c->conn->fd }, { "-1", -1 }, { "-2", -2 },
		{ "AT_FDCWD", AT_FDCWD }, { "one that is closed", 900 },
		{ "0x7fffffff", INT_MAX }, { "0x80000000", INT_MIN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		row("%s %s", fds[i].name, where);
		one_object(fd_obj(fds[i].fd, 0), TF_ONE_WAY);
		row("%s with a cookie %s", fds[i].name, where);
		one_object(fd_obj(fds[i].fd, ~0ull), TF_ONE_WAY);
	}
}

TEST_F_TIMEOUT(bad_object, descriptors, TABLE_SECONDS)
{
	rows_begin("descriptors");
	three_peers();
	descriptors("to who takes them");
	handle = give(server, c, 0x510, 0x20, 0);
	descriptors("to who does not take them");
	ASSERT_EQ(0, rows_end());
}

TEST_HARNESS_MAIN
