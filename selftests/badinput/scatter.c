// SPDX-License-Identifier: GPL-2.0-only
/* Further buffers, their parents, and arrays of descriptors. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rows_test.h"

ROWS_FIXTURE(bad_scatter)

static struct port *server, *c;
static uint32_t handle;
static uint8_t *contents;
static int *fds;

static void two_peers(void)
{
	manager();
	server = process();
	c = process();
	handle = give(server, c, 0x10, 0x20, FLAT_BINDER_FLAG_ACCEPTS_FDS);
	contents = memset(shared(8192), 0, 8192);
	fds = shared(2 * sizeof(*fds));
	pipe_in(c, fds);
}

/* It arrives, or is refused with a reason. */
static void try(const struct parts *m)
{
	got("%s", deliver_parts(c, server, m, handle));
	forget(c);
	if (strstr(server->got, "TXN"))
		free_parts(server);
}

/* --- room --- */

TEST_F_TIMEOUT(bad_scatter, lengths, TABLE_SECONDS)
{
	static const uint64_t lengths[] = {
		0, 1, 7, 8, 9, 15, 16, 17, 4096, 1ull << 31, (1ull << 32) - 8, 1ull << 32,
		(1ull << 32) + 8, 1ull << 63, ~0ull - 7, ~0ull - 6, ~0ull,
	};
	static const uint64_t extras[] = { 0, 8, 16, 24 };

	rows_begin("lengths");
	two_peers();
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(extras); j++) {
			struct parts m = parts(8);

			add_ptr(&m, contents, lengths[i]);
			m.extra = extras[j];
			row("length %#llx in %llu bytes", (unsigned long long)lengths[i],
			    (unsigned long long)extras[j]);
			try(&m);
			m = parts(8);
			add_ptr(&m, contents, 8);
			add_ptr(&m, contents, lengths[i]);
			m.extra = extras[j];
			row("length %#llx behind another in %llu bytes",
			    (unsigned long long)lengths[i], (unsigned long long)extras[j]);
			try(&m);
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* R55, CVE-2013-6282 */
TEST_F_TIMEOUT(bad_scatter, buffers, TABLE_SECONDS)
{
	static const uint64_t lengths[] = { 0, 1, 8, 4096 };
	static const uint8_t zero[32];

	rows_begin("buffers");
	two_peers();
	for (int i = 0; i < NR_PLACES; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(lengths); j++) {
			struct parts m = parts(8);

			add_ptr(&m, (void *)(uintptr_t)places[i].address, lengths[j]);
			row("%llu bytes at %s", (unsigned long long)lengths[j], places[i].name);
			try(&m);
		}
	}
	for (size_t len = 0; len < 32; len++) {
		struct parts m = parts(8);

		add_ptr(&m, (void *)(uintptr_t)cut_off(zero, 32, len), 32);
		row("%zu bytes of 32", len);
		try(&m);
	}
	for (int bit = 0; bit < 32; bit++) {
		struct parts m = parts(8);
		uint64_t i = add_ptr(&m, contents, 8);

		((struct binder_buffer_object *)(m.data + m.offsets[i]))->flags = 1u << bit;
		row("flag %d", bit);
		try(&m);
	}
	ASSERT_EQ(0, rows_end());
}

/* --- parents --- */

static const uint64_t numbers[] = { 0, 1, 2, 3, 4, 1ull << 31, 1ull << 32, 1ull << 61, 1ull << 63,
				    ~0ull };
static const uint64_t within[] = { 0, 1, 7, 8, 15, 16, 23, 24, 25, 31, 32, 33, 1ull << 32,
				   1ull << 63, ~0ull - 7, ~0ull };

/* An object, a buffer of 32 bytes, the child and another buffer. */
static struct parts family(uint64_t parent, uint64_t parent_offset, uint64_t length)
{
	struct flat_binder_object obj = bnd_obj_handle(handle);
	struct parts m = parts(8);

	add_object(&m, &obj, sizeof(obj));
	add_ptr(&m, contents, 32);
	add_child(&m, contents, length, parent, parent_offset);
	add_ptr(&m, contents, 32);
	return m;
}

/* R15, CVE-2020-0041 */
TEST_F_TIMEOUT(bad_scatter, parents, TABLE_SECONDS)
{
	static const uint64_t lengths[] = { 0, 8, 16 };

	rows_begin("parents");
	two_peers();
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(lengths); j++) {
			struct parts m = family(numbers[i], 0, lengths[j]);

			row("parent %#llx of %llu bytes", (unsigned long long)numbers[i],
			    (unsigned long long)lengths[j]);
			try(&m);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(within); i++) {
		struct parts m = family(1, within[i], 8);

		row("parent_offset %#llx of 32", (unsigned long long)within[i]);
		try(&m);
	}
	for (uint64_t length = 0; length <= 16; length++) {
		struct parts m = parts(8);

		add_ptr(&m, contents, length);
		add_child(&m, contents, 8, 0, length >= 8 ? length - 8 : 0);
		row("at the end of a parent of %llu bytes", (unsigned long long)length);
		try(&m);
	}
	ASSERT_EQ(0, rows_end());
}

/* Two children at one place after the other. */
TEST_F_TIMEOUT(bad_scatter, order, TABLE_SECONDS)
{
	rows_begin("children");
	two_peers();
	for (uint64_t i = 0; i <= 24; i += 4) {
		for (uint64_t j = 0; j <= 24; j += 4) {
			struct parts m = parts(8);

			add_ptr(&m, contents, 32);
			add_child(&m, contents, 8, 0, i);
			add_child(&m, contents, 8, 0, j);
			row("children at %llu and %llu", (unsigned long long)i,
			    (unsigned long long)j);
			try(&m);
		}
	}
	ASSERT_EQ(0, rows_end());
}

/*
 * R15, CVE-2020-0041: five buffers, each of which has one before it as its parent: all
 * such trees.
 */
TEST_F_TIMEOUT(bad_scatter, trees, TABLE_SECONDS)
{
	rows_begin("trees");
	two_peers();
	for (int a = 0; a < 2; a++) {
		for (int b = 0; b < 3; b++) {
			for (int d = 0; d < 4; d++) {
				struct parts m = parts(8);

				add_ptr(&m, contents, 64);
				add_child(&m, contents, 64, 0, 0);
				add_child(&m, contents, 64, a, 8);
				add_child(&m, contents, 64, b, 16);
				add_child(&m, contents, 64, d, 24);
				row("parents 0 %d %d %d", a, b, d);
				try(&m);
			}
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* --- arrays of descriptors --- */

/* An object, a buffer of 32 bytes with @n descriptors @fd, the array, another buffer. */
static struct parts array(int fd, uint64_t num_fds, uint64_t parent, uint64_t parent_offset)
{
	struct flat_binder_object obj = bnd_obj_handle(handle);
	struct parts m = parts(8);
	int *numbers_of = shared(32);

	for (int i = 0; i < 8; i++)
		numbers_of[i] = fd;
	add_object(&m, &obj, sizeof(obj));
	add_ptr(&m, numbers_of, 32);
	add_fda(&m, num_fds, parent, parent_offset);
	add_ptr(&m, contents, 32);
	return m;
}

/* R39, CVE-2026-23194 */
TEST_F_TIMEOUT(bad_scatter, arrays, TABLE_SECONDS)
{
	static const uint64_t counts[] = {
		0, 1, 7, 8, 9, 1ull << 29, 1ull << 30, (1ull << 30) + 1, 1ull << 32, 1ull << 61,
		(1ull << 61) - 1, 1ull << 62, (1ull << 62) + 1, 1ull << 63, ~0ull,
	};
	static const int bad[] = { -1, 900, 0x7fffffff };

	rows_begin("arrays");
	two_peers();
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct parts m = array(fds[0], counts[i], 1, 0);

		row("%#llx descriptors", (unsigned long long)counts[i]);
		try(&m);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		for (uint64_t n = 0; n < 2; n++) {
			struct parts m = array(fds[0], n, numbers[i], 0);

			row("%llu descriptors of parent %#llx", (unsigned long long)n,
			    (unsigned long long)numbers[i]);
			try(&m);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(within); i++) {
		for (uint64_t n = 0; n < 3; n++) {
			struct parts m = array(fds[0], n, 1, within[i]);

			row("%llu descriptors at %#llx of 32", (unsigned long long)n,
			    (unsigned long long)within[i]);
			try(&m);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		for (uint64_t n = 0; n < 3; n++) {
			struct parts m = array(bad[i], n, 1, 0);

			row("%llu descriptors %d", (unsigned long long)n, bad[i]);
			try(&m);
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* Two arrays and two children of one buffer in all places. */
TEST_F_TIMEOUT(bad_scatter, arrays_and_children, TABLE_SECONDS)
{
	rows_begin("arrays-children");
	two_peers();
	for (int kinds = 0; kinds < 3; kinds++) {
		for (uint64_t i = 0; i <= 16; i += 4) {
			for (uint64_t j = 0; j <= 16; j += 4) {
				struct parts m = parts(8);
				int *numbers_of = shared(32);

				for (int k = 0; k < 8; k++)
					numbers_of[k] = fds[0];
				add_ptr(&m, numbers_of, 32);
				if (kinds == 1)
					add_child(&m, contents, 8, 0, i);
				else
					add_fda(&m, 2, 0, i);
				if (kinds == 2)
					add_child(&m, contents, 8, 0, j);
				else
					add_fda(&m, 2, 0, j);
				row("%s at %llu and %s at %llu", kinds == 1 ? "child" : "array",
				    (unsigned long long)i, kinds == 2 ? "child" : "array",
				    (unsigned long long)j);
				try(&m);
			}
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* It can be anywhere, but what follows has to be behind it. */
TEST_F_TIMEOUT(bad_scatter, empty_arrays_and_children, TABLE_SECONDS)
{
	static const uint64_t at[] = { 0, 1, 8, 9, 16, 24, 25, 32, 33, 1ull << 32, ~0ull };

	rows_begin("arrays-empty");
	two_peers();
	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		for (uint64_t j = 0; j <= 24; j += 8) {
			struct parts m = parts(8);

			add_ptr(&m, contents, 32);
			add_fda(&m, 0, 0, at[i]);
			add_child(&m, contents, 8, 0, j);
			row("child at %llu behind none at %#llx", (unsigned long long)j,
			    (unsigned long long)at[i]);
			try(&m);
		}
	}
	ASSERT_EQ(0, rows_end());
}

TEST_HARNESS_MAIN
