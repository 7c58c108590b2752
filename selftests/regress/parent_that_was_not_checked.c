// SPDX-License-Identifier: GPL-2.0-only
/*
 * R15, CVE-2020-0041: the number of a parent was held against a limit in the wrong unit,
 * so that a fix-up wrote to what had not been looked at yet. A parent is an earlier buffer
 * of the message, and is filled in from its beginning to its end.
 */
#include "parts_test.h"

PARTS_FIXTURE(parents);

TEST_F(parents, parent_is_no_earlier_buffer)
{
	static const uint64_t parent[] = {
		2, 3, 4, 5, 100, 1ULL << 31, 1ULL << 32, 1ULL << 60, 1ULL << 61, 1ULL << 63,
		-8ULL, -1ULL,
	};
	for (size_t i = 0; i < ARRAY_SIZE(parent); i++) {
		struct parts m = parts(8);
		struct flat_binder_object weak = bnd_obj_weak_handle(handle);

		add_object(&m, &weak, sizeof(weak));
		add_ptr(&m, bytes(32), 32);
		add_child(&m, bytes(32), 32, parent[i], 0);
		add_ptr(&m, bytes(32), 32);
		REFUSED(&m, "EINVAL");
	}
}

TEST_F(parents, parent_is_something_else)
{
	struct parts m = parts(8);
	struct flat_binder_object weak = bnd_obj_weak_handle(handle);

	add_object(&m, &weak, sizeof(weak));
	add_child(&m, bytes(32), 32, 0, 0);
	REFUSED(&m, "EINVAL");
	m = parts(8);
	add_ptr(&m, bytes(32), 32);
	add_fda(&m, 0, 0, 0);
	add_child(&m, bytes(32), 32, 1, 0);
	REFUSED(&m, "EINVAL");
	add_fda(&m, 0, 1, 0);
	REFUSED(&m, "EINVAL");
}

TEST_F(parents, pointer_outside_the_parent)
{
	static const uint64_t offset[] = {
		28, 32, 36, 1ULL << 31, 1ULL << 32, (1ULL << 32) + 8, 1ULL << 63, -8ULL, -4ULL,
	};
	for (size_t i = 0; i < ARRAY_SIZE(offset); i++) {
		struct parts m = parts(8);

		add_ptr(&m, bytes(32), 32);
		add_child(&m, bytes(8), 8, 0, offset[i]);
		REFUSED(&m, "EINVAL");
	}
	for (size_t length = 0; length < 8; length++) {
		struct parts m = parts(8);

		add_ptr(&m, bytes(8), length);
		add_child(&m, bytes(8), 8, 0, 0);
		REFUSED(&m, "EINVAL");
	}
}

TEST_F(parents, backwards_in_a_parent)
{
	for (uint64_t second = 0; second <= 32; second += 4) {
		struct parts m = parts(8);

		add_ptr(&m, bytes(40), 40);
		add_child(&m, bytes(8), 8, 0, 16);
		add_child(&m, bytes(8), 8, 0, second);
		if (second < 24)
			REFUSED(&m, "EINVAL");
		if (second >= 24) {
			OK(&m);
			free_parts(server);
		}
	}
}

TEST_F(parents, parent_left_behind)
{
	struct parts m = parts(8);

	/* B is done with once C follows it. */
	add_ptr(&m, bytes(40), 40);
	add_child(&m, bytes(16), 16, 0, 0);
	add_child(&m, bytes(16), 16, 0, 16);
	add_child(&m, bytes(16), 16, 1, 0);
	REFUSED(&m, "EINVAL");
	/* So is A once another root follows. */
	m = parts(8);
	add_ptr(&m, bytes(40), 40);
	add_ptr(&m, bytes(40), 40);
	add_child(&m, bytes(16), 16, 0, 0);
	REFUSED(&m, "EINVAL");
	m = parts(8);
	add_ptr(&m, bytes(40), 40);
	add_ptr(&m, bytes(40), 40);
	add_child(&m, bytes(16), 16, 1, 0);
	OK(&m);
}

TEST_F(parents, climbing_several_levels)
{
	for (uint64_t offset = 0; offset < 20; offset += 4) {
		struct parts m = parts(8);

		add_ptr(&m, bytes(64), 64);
		add_child(&m, bytes(64), 64, 0, 4);
		add_child(&m, bytes(64), 64, 1, 40);
		add_child(&m, bytes(64), 64, 2, 0);
		add_child(&m, bytes(8), 8, 0, offset);
		if (offset < 12)
			REFUSED(&m, "EINVAL");
		if (offset >= 12) {
			OK(&m);
			free_parts(server);
		}
	}
}

TEST_HARNESS_MAIN
