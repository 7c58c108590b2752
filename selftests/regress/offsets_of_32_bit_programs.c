// SPDX-License-Identifier: GPL-2.0-only
/*
 * R38, CVE-2026-64467: offsets have 8 bytes in programs of 32 bits, too, and are walked as
 * if they had 4. Half of them are taken for others, and objects in the second half of a
 * message are not given back. The tests are the same in programs of 64 bits.
 */
#include <stdio.h>

#include "parts_test.h"
#include "racers.h"

PARTS_FIXTURE(wide_offsets);

#define SETS 7
#define SINGLE(set) (0x1000ull + 0x10 * (set))
#define COOKIE(ptr) ((ptr) << 32)
#define WEAK 0x100ull

/* The objects of a set, in this order. */
enum {
	STRONG_BINDER, WEAK_BINDER, STRONG_HANDLE, WEAK_HANDLE, DESCRIPTOR, PARENT, CHILD, ARRAY,
	KINDS,
};

static struct port *owner;
static uint32_t of_owner;	/* the client's handle to its object */
static int pipe_of_c[2];

/* Objects of all kinds, many times over. */
static struct parts all_kinds(void)
{
	struct parts m = parts(8);

	for (uint64_t i = 0; i < SETS; i++) {
		const uint64_t ptr = SINGLE(i), weak_ptr = SINGLE(i) + WEAK;
		const struct flat_binder_object flat[] = {
			bnd_obj_binder(ptr, COOKIE(ptr), 0),
			bnd_obj_weak_binder(weak_ptr, COOKIE(weak_ptr), 0),
			bnd_obj_handle(of_owner), bnd_obj_weak_handle(of_owner),
		};
		struct binder_fd_object fd = bnd_obj_fd(pipe_of_c[1], 0);
		uint8_t *parent = bytes(32);
		uint64_t index;

		for (size_t k = 0; k < ARRAY_SIZE(flat); k++)
			add_object(&m, &flat[k], sizeof(flat[k]));
		add_object(&m, &fd, sizeof(fd));
		memcpy(parent + 16, (int[]){ pipe_of_c[1], pipe_of_c[1] }, 8);
		index = add_ptr(&m, parent, 32);
		add_child(&m, bytes(16), 16, index, 8);
		add_fda(&m, 2, index, 16);
	}
	return m;
}

static void give_all_kinds(void)
{
	const struct parts m = all_kinds();
	const struct bnd_msg msg = parts_msg(&m, handle, TF_ONE_WAY);

	bnd_cmd_transaction_sg(&c->w, &msg);
	drain(c);
	if (strcmp(go(server), "NOOP TXN:5ca7"))
		fail("all kinds: got '%s'", server->got);
}

static void owner_and_pipe(void)
{
	owner = process();
	of_owner = give(owner, c, 0x30, 0x40, 0);
	pipe_in(c, pipe_of_c);
}

static bool is_the_pipe(const void *number)
{
	int fd;

	memcpy(&fd, number, sizeof(fd));
	return same_file(server, fd, c, pipe_of_c[1]);
}

TEST_F(wide_offsets, are_followed_to_the_last)
{
	owner_and_pipe();
	give_all_kinds();
	ASSERT_EQ(SETS * KINDS * 8, server->txn.offsets_size);
	for (int i = 0; i < SETS * KINDS; i += KINDS) {
		const uint8_t *parent = got_contents(server, i + PARENT);
		struct binder_buffer_object child = got_ptr(server, i + CHILD);
		struct binder_fd_object fd;
		uint32_t passed_on = got_obj(server, i + STRONG_HANDLE).handle;

		ASSERT_EQ(BINDER_TYPE_HANDLE, got_obj(server, i + STRONG_BINDER).hdr.type);
		ASSERT_EQ(BINDER_TYPE_WEAK_HANDLE, got_obj(server, i + WEAK_BINDER).hdr.type);
		ASSERT_EQ(BINDER_TYPE_HANDLE, got_obj(server, i + STRONG_HANDLE).hdr.type);
		ASSERT_EQ(BINDER_TYPE_WEAK_HANDLE, got_obj(server, i + WEAK_HANDLE).hdr.type);
		ASSERT_EQ(passed_on, got_obj(server, i + WEAK_HANDLE).handle);
		memcpy(&fd, server->payload + server->offsets[i + DESCRIPTOR], sizeof(fd));
		ASSERT_TRUE(is_the_pipe(&fd.fd));
		ASSERT_EQ(0, memcmp(&child.buffer, parent + 8, 8));
		ASSERT_TRUE(is_the_pipe(parent + 16));
		ASSERT_TRUE(is_the_pipe(parent + 20));
	}
}

/* @m with another object, which is bad in the @how-th way; the error for that. */
static const char *add_a_bad_one(struct parts *m, int how)
{
	struct flat_binder_object flat = bnd_obj_handle(how ? of_owner : 99);
	struct binder_fd_object fd = bnd_obj_fd(999, 0);
	uint64_t last;

	if (how == 1) {
		add_object(m, &fd, sizeof(fd));
		return "FAILED EBADF";
	}
	last = add_object(m, &flat, sizeof(flat));
	/* Two halves, each of which could be an offset; behind the data; the one before again. */
	if (how == 2)
		m->offsets[last] |= m->offsets[0] << 32;
	if (how == 3)
		m->offsets[last] = m->size;
	if (how == 4)
		m->offsets[last] = m->offsets[last - 1];
	/* What lies between two objects is copied first, and cannot be of such a size. */
	return how == 2 || how == 4 ? "FAILED EFAULT" : "FAILED EINVAL";
}

/* The server has kept handle @h, of the client's object @ptr, and nothing else does. */
static const char *last_handle_goes(uint32_t h, uint64_t ptr, bool weak)
{
	static char want[128];
	char of[48];

	snprintf(of, sizeof(of), "%llx:%llx", (long long)ptr, (long long)COOKIE(ptr));
	if (weak) {
		bnd_cmd_decrefs(&server->w, h);
		snprintf(want, sizeof(want), "NOOP DECREFS:%s", of);
	} else {
		drop(server, h);
		snprintf(want, sizeof(want), "NOOP RELEASE:%s DECREFS:%s", of, of);
	}
	if (strcmp(only_write(server), ""))
		fail("letting go: got '%s'", server->got);
	return want;
}

TEST_F(wide_offsets, give_everything_back_if_the_last_is_bad)
{
	uint32_t strong[SETS], weak[SETS];
	int end;

	owner_and_pipe();
	end = steal(c, pipe_of_c[0]);
	/* From here on the client is asked for nothing: its objects are known. */
	give_all_kinds();
	for (int i = 0; i < SETS; i++) {
		struct binder_fd_object fd;

		strong[i] = got_obj(server, i * KINDS + STRONG_BINDER).handle;
		weak[i] = got_obj(server, i * KINDS + WEAK_BINDER).handle;
		take(server, strong[i]);
		bnd_cmd_increfs(&server->w, weak[i]);
		memcpy(&fd, server->payload + server->offsets[i * KINDS + DESCRIPTOR], sizeof(fd));
		close_in(server, (int)fd.fd);
	}
	free_parts(server);
	for (int how = 0; how < 5; how++) {
		struct parts m = all_kinds();
		const char *want = add_a_bad_one(&m, how);

		ASSERT_STREQ(want, deliver_parts(c, server, &m, handle)) {
			TH_LOG("way %d", how);
		}
	}
	/* Nobody has a file, an object or a handle of them. */
	close_in(c, pipe_of_c[1]);
	wait_for_end(end);
	for (int i = 0; i < SETS; i++) {
		const char *want = last_handle_goes(strong[i], SINGLE(i), false);

		GO(c, want);
		want = last_handle_goes(weak[i], SINGLE(i) + WEAK, true);
		GO(c, want);
	}
	drop(c, of_owner);
	GO(c, "EAGAIN");
	GO(owner, "NOOP RELEASE:30:40 DECREFS:30:40");
	ping(c, server, handle);
}

TEST_HARNESS_MAIN
