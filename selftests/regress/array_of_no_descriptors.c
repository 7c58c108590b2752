// SPDX-License-Identifier: GPL-2.0-only
/*
 * R39, CVE-2026-23194: an array of no descriptors has nothing to be written, and is taken
 * for a pointer, for which an address is written into its parent, or behind it.
 */
#include "parts_test.h"

PARTS_FIXTURE(no_descriptors);

TEST_F(no_descriptors, are_written_nowhere)
{
	struct parts m = parts(8);
	uint8_t *parent = bytes(24);

	add_ptr(&m, parent, 24);
	add_fda(&m, 0, 0, 24);
	OK(&m);
	ASSERT_EQ(0, memcmp(parent, got_contents(server, 0), 24));
	free_parts(server);
	/* Its parent must be right all the same. */
	m = parts(8);
	add_fda(&m, 0, 0, 0);
	REFUSED(&m, "EINVAL");
	m = parts(8);
	add_ptr(&m, bytes(24), 24);
	add_ptr(&m, bytes(24), 24);
	add_fda(&m, 0, 0, 0);
	REFUSED(&m, "EINVAL");
	/* Nobody has to agree to it. */
	m = parts(8);
	add_ptr(&m, bytes(24), 24);
	add_fda(&m, 0, 0, 0);
	ASSERT_STREQ("OK", deliver_parts(c, mgr, &m, 0));
}

/* There is nothing that could be at the wrong place. */
TEST_F(no_descriptors, may_be_anywhere)
{
	static const uint64_t at[] = { 1, 22, 23, 25, 32, 1ull << 32, ~0ull };

	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) {
		uint8_t *parent = bytes(24);
		struct parts m = parts(8);

		add_ptr(&m, parent, 24);
		add_fda(&m, 0, 0, at[i]);
		OK(&m);
		ASSERT_EQ(0, memcmp(parent, got_contents(server, 0), 24));
		free_parts(server);
		/* It has its turn all the same. */
		if (at[i] < 16)
			continue;
		add_child(&m, parent, 8, 0, 16);
		REFUSED(&m, "EINVAL");
	}
}

TEST_F(no_descriptors, make_nobody_return)
{
	struct parts m = parts(8);

	add_ptr(&m, bytes(24), 24);
	add_fda(&m, 0, 0, 0);
	OK(&m);
	free_last(server);
	START_ASLEEP(server);
}

TEST_HARNESS_MAIN
