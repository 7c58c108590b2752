// SPDX-License-Identifier: GPL-2.0-only
/* Blocks of 16 pages: what is copied into them, who fills them, and what comes after. */
#include "hooks_test.h"

#define ALL (1000000l)
#define BLOCK (16 * PAGE)

HOOKS_FIXTURE(block);

/* What lies behind in the block is somebody else's. */
TEST_F(block, gets_no_more_than_the_message)
{
	struct port *server = receiver(MIB), *c = client();

	release(server, keep(c, server, 'a', BLOCK));
	ASSERT_EQ(0, keep(c, server, 'b', 2 * PAGE));
	ASSERT_EQ(2 * PAGE, keep(c, server, 'c', 64));
	release(server, 0);
	ASSERT_EQ(16, count().pages);
	ASSERT_EQ(0, keep(c, server, 'd', 2 * PAGE));
	ASSERT_TRUE(is_all(server, 2 * PAGE, 64, 'c'));
	ASSERT_TRUE(is_all(server, 0, 2 * PAGE, 'd'));
}

/* The last page of the block has been filled by another sender when the block comes. */
TEST_F(block, gives_way_to_a_page)
{
	struct port *server = receiver(MIB), *c = client(), *c2 = client();
	const size_t size = BLOCK - 8;

	start_sending(c, 'a', size, "fill");
	ASSERT_EQ(size, keep(c2, server, 'b', 64));
	ASSERT_EQ(2, count().pages);
	proceed("fill");
	ASSERT_EQ(0, run_finish(c));
	ASSERT_EQ(17, count().pages);
	ASSERT_TRUE(gets(server, 'a', size));
	ASSERT_TRUE(is_all(server, size, 64, 'b'));
}

/* What fills the place of a block that was taken are pages of their own. */
TEST_F(block, leaves_single_pages)
{
	struct port *server = receiver(MIB), *c = client();

	release(server, keep(c, server, 'a', 2 * BLOCK));
	reclaim(ALL);
	ASSERT_EQ(0, count().pages);
	ASSERT_EQ(0, set_parameter("folio_order", "0"));
	for (int i = 0; i < 3; i++)
		ASSERT_EQ(i * PAGE, keep(c, server, 'b' + i, PAGE));
	release(server, 0);
	ASSERT_EQ(3, count().pages);
	ASSERT_EQ(1, count().idle);
	reclaim(ALL);
	ASSERT_EQ(2, count().pages);
	ASSERT_EQ(0, count().idle);
	ASSERT_TRUE(is_all(server, PAGE, PAGE, 'c'));
	ASSERT_TRUE(is_all(server, 2 * PAGE, PAGE, 'd'));
}

/* It is used when it is about to be taken, and goes another time. */
TEST_F(block, is_taken_later)
{
	struct port *server = receiver(MIB), *c = client(), *reaper = client();

	release(server, keep(c, server, 'a', BLOCK));
	arm("before_commit");
	start_reclaim(reaper, 1);
	await_stop("before_commit");
	ASSERT_EQ(0, keep(c, server, 'b', 2 * PAGE));
	proceed("before_commit");
	run_finish(reaper);
	ASSERT_EQ(16, count().pages);
	ASSERT_EQ(14, count().idle);
	ASSERT_TRUE(is_all(server, 0, 2 * PAGE, 'b'));
	release(server, 0);
	ASSERT_EQ(16, count().idle);
	reclaim(ALL);
	ASSERT_EQ(0, count().pages);
	ASSERT_EQ(0, count().idle);
}

/* All of it is idle again by then, but mapped anew. The page behind it goes instead. */
TEST_F(block, is_not_taken_for_being_idle)
{
	struct port *server = receiver(MIB), *c = client(), *reaper = client();

	release(server, keep(c, server, 'a', BLOCK + PAGE));
	arm("before_commit");
	start_reclaim(reaper, 1);
	await_stop("before_commit");
	release(server, keep(c, server, 'b', BLOCK));
	ASSERT_EQ(17, count().idle);
	proceed("before_commit");
	run_finish(reaper);
	ASSERT_EQ(16, count().pages);
	ASSERT_EQ(16, count().idle);
	ASSERT_EQ(0, keep(c, server, 'c', BLOCK));
	ASSERT_EQ(16, count().pages);
	ASSERT_TRUE(is_all(server, 0, BLOCK, 'c'));
	release(server, 0);
	reclaim(ALL);
	ASSERT_EQ(0, count().pages);
	ASSERT_EQ(0, count().idle);
}

TEST_HARNESS_MAIN
