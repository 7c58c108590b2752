// SPDX-License-Identifier: GPL-2.0-only
/* Pages counted one by one, and the order in which reclaim takes them. */
#include <signal.h>

#include "hooks_test.h"

#define COUNTS(want_pages, want_idle)					\
	do {								\
		struct counts c_ = count();				\
		ASSERT_EQ(want_pages, c_.pages);			\
		ASSERT_EQ(want_idle, c_.idle);				\
		ASSERT_EQ(want_idle, c_.counted);			\
	} while (0)

#define ALL (1000000l)

HOOKS_FIXTURE(account);

TEST_F(account, of_a_message_and_its_end)
{
	struct port *server = receiver(AREA), *c = client();
	size_t at;

	COUNTS(0, 0);
	at = keep(c, server, 'a', 3 * PAGE);
	COUNTS(3, 0);
	release(server, at);
	COUNTS(3, 3);
	at = keep(c, server, 'b', 2 * PAGE);
	COUNTS(3, 1);
	reclaim(ALL);
	COUNTS(2, 0);
	release(server, at);
	COUNTS(2, 2);
	reclaim(1);
	COUNTS(1, 1);
	reclaim(ALL);
	COUNTS(0, 0);
}

TEST_F(account, of_a_page_that_messages_share)
{
	struct port *server = receiver(AREA), *c = client();
	size_t a = keep(c, server, 'a', PAGE + PAGE / 2), b = keep(c, server, 'b', PAGE + PAGE / 2);

	COUNTS(3, 0);
	release(server, a);
	COUNTS(3, 1);
	release(server, b);
	COUNTS(3, 3);
	/* Many on one page. */
	for (int i = 0; i < 16; i++)
		keep(c, server, 'c', 64);
	COUNTS(3, 2);
	reclaim(ALL);
	COUNTS(1, 0);
}

/* Longer than any hold of the lock. */
TEST_F(account, of_a_long_message)
{
	struct port *server = receiver(MIB), *c = client();
	size_t at;

	ASSERT_EQ(0, set_parameter("folio_order", "0"));
	at = keep(c, server, 'a', 200 * PAGE + 8);

	COUNTS(201, 0);
	release(server, at);
	COUNTS(201, 201);
	at = keep(c, server, 'b', 100 * PAGE);
	COUNTS(201, 101);
	reclaim(70);
	COUNTS(131, 31);
	release(server, at);
	COUNTS(131, 131);
	reclaim(ALL);
	COUNTS(0, 0);
}

TEST_F(account, of_messages_that_fail)
{
	struct port *server = receiver(AREA), *c = client();

	call_msg(c, (struct bnd_msg){ .data = (void *)PAGE, .size = 3 * PAGE });
	GO(c, "NOOP FAILED");
	COUNTS(3, 3);
	/* No room: not a page is touched. */
	call_msg(c, (struct bnd_msg){ .data = filled('a', AREA + 8), .size = AREA + 8 });
	GO(c, "NOOP FAILED");
	COUNTS(3, 3);
	reclaim(ALL);
	COUNTS(0, 0);
	GO(server, "EAGAIN");
}

TEST_F(account, of_unread_and_unfreed_messages_of_the_dead)
{
	struct port *server = receiver(AREA), *c = client();

	keep(c, server, 'a', 3 * PAGE);
	release(server, keep(c, server, 'b', 2 * PAGE));
	call_data(c, 0, 1, TF_ONE_WAY, filled('c', PAGE), PAGE);
	GO(c, "NOOP COMPLETE");
	COUNTS(5, 1);
	die(server);
	await_no_pages();
	COUNTS(0, 0);
}

TEST_F(account, of_areas_that_are_not_mapped_any_more)
{
	struct port *server = receiver(AREA), *c = client();
	size_t at = keep(c, server, 'a', 3 * PAGE);

	take_away(server);
	COUNTS(3, 0);
	reclaim(ALL);
	COUNTS(3, 0);
	release(server, at);
	COUNTS(3, 3);
	reclaim(ALL);
	COUNTS(0, 0);
}

TEST_F(account, of_faults)
{
	struct port *server = receiver(AREA), *c = client();
	size_t at;

	/* On what nobody read yet, on what is read, on idle and on empty pages. */
	call_msg(c, (struct bnd_msg){ .data = filled('a', 3 * PAGE), .size = 3 * PAGE });
	GO(c, "EAGAIN");
	ASSERT_EQ('a', look(server, 2 * PAGE));
	COUNTS(3, 0);
	GO(server, "NOOP TXN:0");
	at = server->txn.data.ptr.buffer - (uintptr_t)server->conn->map;
	ASSERT_TRUE(is_all(server, at, 3 * PAGE, 'a'));
	COUNTS(3, 0);
	release(server, at);
	ASSERT_EQ('a', look(server, 0));
	ASSERT_EQ(-SIGBUS, look(server, 4 * PAGE));
	COUNTS(3, 3);
	reclaim(ALL);
	ASSERT_EQ(-SIGBUS, look(server, 0));
	COUNTS(0, 0);
}

/* --- slots, a chunk at a time --- */

/* As the driver has it. */
#define CHUNK 32

TEST_F(account, of_slots_on_demand)
{
	struct port *server = receiver(MAX_AREA), *c = client();
	size_t at;

	ASSERT_EQ(0, count().slots);
	at = keep(c, server, 'a', 8);
	ASSERT_EQ(CHUNK, count().slots);
	keep(c, server, 'a', (CHUNK - 1) * PAGE);
	ASSERT_EQ(CHUNK, count().slots);
	/* Those that are missing are as empty pages, for faults and for reclaim. */
	ASSERT_EQ(-SIGBUS, look(server, CHUNK * PAGE));
	ASSERT_EQ(-SIGBUS, look(server, MAX_AREA - 1));
	keep(c, server, 'b', PAGE);
	ASSERT_EQ(2 * CHUNK, count().slots);
	release(server, at);
	reclaim(ALL);
	/* They stay. */
	ASSERT_EQ(2 * CHUNK, count().slots);
	at = keep(c, server, 'd', MAX_AREA - (CHUNK + 8) * PAGE);
	ASSERT_EQ(MAX_AREA / PAGE, count().slots);
	ASSERT_TRUE(is_all(server, at, MAX_AREA - (CHUNK + 8) * PAGE, 'd'));
}

TEST_F(account, of_slots_of_a_small_area)
{
	struct port *server = receiver(3 * PAGE), *c = client();

	keep(c, server, 'a', 3 * PAGE);
	ASSERT_EQ(CHUNK, count().slots);
	ASSERT_EQ(3, count().pages);
	ASSERT_EQ(0, count().idle);
}

/* --- the order of reclaim --- */

/* A letter for each of the first pages: there or gone. */
static const char *there(struct port *p, int n)
{
	static char text[32];
	int i;

	for (i = 0; i < n; i++)
		text[i] = frame(p, i * PAGE) ? 'A' + i : '-';
	text[i] = '\0';
	return text;
}

static void fill_pages(struct port *c, struct port *server, size_t *at, int n)
{
	for (int i = 0; i < n; i++)
		at[i] = keep(c, server, 'a' + i, PAGE);
}

TEST_F(account, of_the_oldest_idle_page_first)
{
	struct port *server = receiver(AREA), *c = client();
	size_t at[4];

	fill_pages(c, server, at, 4);
	release(server, at[2]);
	release(server, at[0]);
	release(server, at[3]);
	release(server, at[1]);
	ASSERT_STREQ("ABCD", there(server, 4));
	reclaim(1);
	ASSERT_STREQ("AB-D", there(server, 4));
	reclaim(1);
	ASSERT_STREQ("-B-D", there(server, 4));
	reclaim(1);
	ASSERT_STREQ("-B--", there(server, 4));
	reclaim(1);
	ASSERT_STREQ("----", there(server, 4));
}

TEST_F(account, of_a_second_chance_for_what_was_used_again)
{
	struct port *server = receiver(AREA), *c = client();
	size_t at[3];

	fill_pages(c, server, at, 3);
	for (int i = 0; i < 3; i++)
		release(server, at[i]);
	/* The first one, idle again while it is still queued as the oldest. */
	ASSERT_EQ(0, keep(c, server, 'x', PAGE));
	release(server, 0);
	COUNTS(3, 3);
	reclaim(1);
	ASSERT_STREQ("A-C", there(server, 3));
	/* It was given one chance and is the youngest now. */
	reclaim(1);
	ASSERT_STREQ("A--", there(server, 3));
	reclaim(1);
	ASSERT_STREQ("---", there(server, 3));
}

TEST_F(account, of_pages_that_are_queued_and_in_use)
{
	struct port *server = receiver(AREA), *c = client();
	size_t at[3];

	fill_pages(c, server, at, 3);
	for (int i = 0; i < 3; i++)
		release(server, at[i]);
	ASSERT_EQ(0, keep(c, server, 'x', PAGE));
	reclaim(1);
	ASSERT_STREQ("A-C", there(server, 3));
	ASSERT_TRUE(is_all(server, 0, PAGE, 'x'));
	/* It left the queue on that occasion and comes back as the youngest. */
	release(server, 0);
	reclaim(1);
	ASSERT_STREQ("A--", there(server, 3));
	reclaim(1);
	ASSERT_STREQ("---", there(server, 3));
}

/* A second chance is no third one: a full round takes all. */
TEST_F(account, of_a_full_round)
{
	struct port *server = receiver(MAX_AREA), *c = client();
	const long pages = MAX_AREA / PAGE;

	ASSERT_EQ(0, set_parameter("folio_order", "0"));
	release(server, keep(c, server, 'a', MAX_AREA));
	release(server, keep(c, server, 'b', MAX_AREA));
	COUNTS(pages, pages);
	reclaim(1);
	COUNTS(pages - 1, pages - 1);
	reclaim(pages);
	COUNTS(0, 0);
	ASSERT_EQ(0, mapped_pages(server, MAX_AREA));
}

/* Two windows of 16 pages, and pages. A block goes as a whole, when none of it is used. */
TEST_F(account, of_blocks)
{
	struct port *server = receiver(MIB), *c = client();
	size_t at = keep(c, server, 'a', 40 * PAGE);

	COUNTS(40, 0);
	release(server, at);
	COUNTS(40, 40);
	at = keep(c, server, 'b', 64);
	COUNTS(40, 39);
	reclaim(ALL);
	COUNTS(16, 15);
	ASSERT_EQ(true, is_all(server, at, 64, 'b'));
	release(server, at);
	COUNTS(16, 16);
	reclaim(1);
	COUNTS(0, 0);
	/* A small message across the border of two holds both. */
	release(server, keep(c, server, 'd', 40 * PAGE));
	ASSERT_EQ(0, keep(c, server, 'e', 16 * PAGE - 8));
	ASSERT_EQ(16 * PAGE - 8, keep(c, server, 'f', 64));
	release(server, 0);
	reclaim(ALL);
	COUNTS(32, 30);
	ASSERT_EQ(true, is_all(server, 16 * PAGE - 8, 64, 'f'));
	release(server, 16 * PAGE - 8);
	reclaim(ALL);
	COUNTS(0, 0);
	/* Of every size. */
	for (char order[] = "1"; *order <= '4'; ++*order) {
		ASSERT_EQ(0, set_parameter("folio_order", order));
		release(server, keep(c, server, 'c', 32 * PAGE));
		COUNTS(32, 32);
		reclaim(1);
		COUNTS(32 - (1 << (*order - '0')), 32 - (1 << (*order - '0')));
		reclaim(ALL);
		COUNTS(0, 0);
	}
	ASSERT_EQ(-EINVAL, set_parameter("folio_order", "5"));
	ASSERT_EQ(-EINVAL, set_parameter("folio_order", "-1"));
}

/* Areas take turns. */
TEST_F(account, of_several_areas)
{
	struct port *mgr = receiver(AREA), *again = open_again(mgr, AREA), *c = client();
	struct port *other = process_on("/dev/hwbinder", AREA), *c2;
	long before, after;

	(void)again;
	ASSERT_EQ(0, ioc_at(other, BINDER_SET_CONTEXT_MGR, 0));
	c2 = process_on("/dev/hwbinder", 0);
	release(mgr, keep(c, mgr, 'a', 8 * PAGE));
	release(other, keep(c2, other, 'b', 8 * PAGE));
	COUNTS(16, 16);
	for (int i = 0; i < 8; i++)
		reclaim(1);
	before = mapped_pages(mgr, AREA);
	after = mapped_pages(other, AREA);
	ASSERT_EQ(8, before + after);
	ASSERT_EQ(before, after);
	reclaim(100);
	COUNTS(0, 0);
}

TEST_HARNESS_MAIN
