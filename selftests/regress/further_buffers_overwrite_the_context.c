// SPDX-License-Identifier: GPL-2.0-only
/*
 * R16, CVE-2019-2214 and CVE-2026-68458: the end of the space for further buffers was
 * taken for that of the message, where the security context of the sender is: what the
 * sender wrote into buffers took its place.
 */
#include "context_test.h"

PARTS_FIXTURE(further_buffers);

TEST_F(further_buffers, space_is_used_up_exactly)
{
	struct parts m = parts(8);

	add_ptr(&m, bytes(24), 24);
	add_ptr(&m, bytes(17), 17);
	ASSERT_EQ(48, m.extra);
	OK(&m);
	free_parts(server);
	m.extra = 40;
	REFUSED(&m, "EINVAL");
	m.extra = 0;
	REFUSED(&m, "EINVAL");
	m.extra = 56;
	OK(&m);

	m = parts(8);
	add_ptr(&m, bytes(17), 17);
	m.extra = 16;
	REFUSED(&m, "EINVAL");
}

/* To a node that asks for contexts. */
SECCTX_FIXTURE(beside_the_context);

TEST_F(beside_the_context, place_behind_further_buffers)
{
	struct parts m = parts(12);
	uint8_t *one = bytes(24), *two = bytes(13), *three = bytes(8);

	add_ptr(&m, one, 24);
	add_child(&m, two, 13, 0, 8);
	add_child(&m, three, 8, 0, 16);
	OK_WITH(&m, context);
	ASSERT_EQ(0, memcmp(one, got_contents(mgr, 0), 8));
	ASSERT_EQ(0, memcmp(two, got_contents(mgr, 1), 13));
	ASSERT_EQ(0, memcmp(three, got_contents(mgr, 2), 8));
	ASSERT_EQ(mgr->secctx, got_ptr(mgr, 2).buffer + 8);
}

TEST_F(beside_the_context, buffers_that_leave_space)
{
	struct parts m = parts(8);

	add_ptr(&m, bytes(24), 24);
	m.extra += 8;
	OK_WITH(&m, context);
	ASSERT_EQ(mgr->secctx, got_ptr(mgr, 0).buffer + 32);
	free_last(mgr);
	m.extra += 4096;
	OK_WITH(&m, context);
}

TEST_F(beside_the_context, space_without_buffers)
{
	struct parts m = parts(8);

	m.extra = 40;
	OK_WITH(&m, context);
}

/* The text is no space for contents, however little is missing. */
TEST_F(beside_the_context, subtle_buffers_never_reach_it)
{
	uint8_t *contents = bytes(128);

	for (size_t more = 1; more <= 64; more++) {
		struct parts m = parts(8);

		add_ptr(&m, contents, 16 + more);
		m.extra = 16;
		REFUSED_WITH(&m, "EINVAL");
	}
	for (size_t more = 1; more <= 16; more++) {
		struct parts m = parts(8);

		add_ptr(&m, contents, 9);
		add_ptr(&m, contents, 7);
		add_ptr(&m, contents, more);
		m.extra = 16;
		REFUSED_WITH(&m, "EINVAL");
		m.extra = 24;
		REFUSED_WITH(&m, "EINVAL");
		m.extra = 24 + pad8(more);
		OK_WITH(&m, context);
		ASSERT_EQ(mgr->secctx, got_ptr(mgr, 2).buffer + pad8(more));
		free_last(mgr);
	}
}

TEST_F(beside_the_context, subtle_nothing_fits_when_no_space_was_asked_for)
{
	struct parts m = parts(8);

	add_ptr(&m, bytes(1), 1);
	m.extra = 0;
	REFUSED_WITH(&m, "EINVAL");
	m = parts(8);
	add_ptr(&m, bytes(1), 0);
	OK_WITH(&m, context);
	ASSERT_EQ(mgr->secctx, got_ptr(mgr, 0).buffer);
}

TEST_F(beside_the_context, space_that_is_no_multiple_of_8)
{
	struct parts m = parts(8);

	add_ptr(&m, bytes(8), 8);
	for (m.extra = 17; m.extra < 24; m.extra++)
		REFUSED_WITH(&m, "EINVAL");
	OK_WITH(&m, context);
}

TEST_HARNESS_MAIN
