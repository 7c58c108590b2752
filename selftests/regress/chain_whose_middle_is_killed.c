// SPDX-License-Identifier: GPL-2.0-only
/*
 * R05, CVE-2026-64468: a call that ends looks up the process that it went to, and used it
 * when that might have been freed already. It happens where a process in the middle of a
 * chain of calls is killed, and its neighbours end what they have of its calls.
 */
#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(middle);

#define MAX_LINKS 7

static struct port *mgr, *link_of[MAX_LINKS];

static void make_links(int links)
{
	mgr = manager();
	for (int i = 0; i < links; i++)
		link_of[i] = process();
}

/* The first calls the second and so on; with @around the last calls the first, which waits. */
static void chain(int links, bool around)
{
	const int calls = around ? links : links - 1;
	uint32_t to[MAX_LINKS];

	for (int i = 0; i < calls; i++) {
		struct port *next = link_of[(i + 1) % links];

		/* Nobody hears of references that the manager has, too. */
		give(next, mgr, 0x10, 0, 0);
		to[i] = give(next, link_of[i], 0x10, 0, 0);
	}
	for (int i = 0; i < calls; i++) {
		struct port *next = link_of[(i + 1) % links];

		call(link_of[i], to[i], 0x20 + i, 0);
		go(link_of[i]);
		if (!strstr(go(next), "TXN:2"))
			fail("call %d: got '%s'", i, next->got);
	}
}

/* The call of the dead is answered, when nothing but the call knows of its caller any more. */
TEST_F(middle, is_gone_when_its_call_is_answered)
{
	struct port *first, *last;

	make_links(3);
	watch_burial(link_of[1]);
	chain(3, false);
	first = link_of[0];
	last = link_of[2];
	die(link_of[1]);
	await_burial(link_of[1]);
	reply(last, 1, 0);
	GO(last, "NOOP COMPLETE");
	free_last(last);
	GO(last, "EAGAIN");
	GO(first, "NOOP COMPLETE DEAD");
	ping(first, mgr, 0);
	ping(last, mgr, 0);
}

/* All between the first and the last are killed, one after the other. */
TEST_F(middle, of_seven_is_gone_when_the_last_ends)
{
	for (int how = 0; how < NR_ENDS; how++) {
		make_links(7);
		for (int i = 1; i < 6; i++)
			watch_burial(link_of[i]);
		chain(7, false);
		for (int i = 1; i < 6; i++) {
			die(link_of[i]);
			await_burial(link_of[i]);
		}
		begin_end(link_of[6], how);
		finish_end(link_of[6], how);
		ASSERT_STREQ("NOOP COMPLETE DEAD", go_blocking(link_of[0]));
		ping(link_of[0], mgr, 0);
		peers_end();
	}
}

/* The same at once, and the first hears of it from one of them. */
TEST_F_TIMEOUT(middle, of_seven_is_killed_while_the_last_ends, NO_TIMEOUT)
{
	for (int round = 0; round < 2 * NR_ENDS; round++) {
		const enum end how = round / 2;
		const bool last_first = round % 2;

		make_links(7);
		chain(7, false);
		if (last_first)
			begin_end(link_of[6], how);
		for (int i = 1; i < 6; i++)
			begin_end(link_of[i], KILL);
		if (!last_first)
			begin_end(link_of[6], how);
		for (int i = 1; i < 6; i++)
			finish_end(link_of[i], KILL);
		finish_end(link_of[6], how);
		ASSERT_STREQ("NOOP COMPLETE DEAD", go_blocking(link_of[0]));
		peers_end();
	}
}

/* Three of them end at once, in each order and in all ways; the middle is killed. */
static void end_of_three(bool around)
{
	static const int order[6][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};

	for (int round = 0; round < 6 * NR_ENDS * NR_ENDS; round++) {
		const enum end how[3] = { round / 6 % NR_ENDS, KILL, round / 6 / NR_ENDS };

		make_links(3);
		chain(3, around);
		for (int i = 0; i < 3; i++)
			begin_end(link_of[order[round % 6][i]], how[order[round % 6][i]]);
		for (int i = 0; i < 3; i++)
			finish_end(link_of[i], how[i]);
		ping(process(), mgr, 0);
		peers_end();
	}
}

TEST_F_TIMEOUT(middle, of_three_that_end_together, NO_TIMEOUT)
{
	end_of_three(false);
}

TEST_F_TIMEOUT(middle, of_a_ring_that_ends_together, NO_TIMEOUT)
{
	end_of_three(true);
}

TEST_HARNESS_MAIN
