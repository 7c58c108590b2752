// SPDX-License-Identifier: GPL-2.0-only
/*
 * R04, CVE-2026-64469: threads in the middle of nested calls end, and what they wait for
 * and what they serve is let go by processes that end at the same time.
 */
#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(nested_calls);

/* A calls B, B calls C, and C calls back A, which waits; then all of them end. */
static void ring(const enum end how[3], int order)
{
	struct port *mgr = manager(), *p[3], *c;
	uint32_t to[3];

	for (int i = 0; i < 3; i++)
		p[i] = process();
	for (int i = 0; i < 3; i++)
		to[i] = give(p[(i + 1) % 3], p[i], 0x10, 0, 0);
	for (int i = 0; i < 3; i++) {
		call(p[i], to[i], 0x20 + i, 0);
		go(p[i]);
		if (!strstr(go(p[(i + 1) % 3]), "TXN:2"))
			fail("call %d: got '%s'", i, p[(i + 1) % 3]->got);
	}
	for (int i = 0; i < 3; i++)
		begin_end(p[(i + order) % 3], how[(i + order) % 3]);
	for (int i = 0; i < 3; i++)
		finish_end(p[i], how[i]);
	c = process();
	ping(c, mgr, 0);
	peers_end();
}

static void rings(enum end first)
{
	int order = 0;

	for (int i = 0; i < NR_ENDS; i++) {
		for (int j = 0; j < NR_ENDS; j++)
			ring((enum end[]){ first, i, j }, order++ % 3);
	}
}

TEST_F_TIMEOUT(nested_calls, whose_first_thread_exits_with_the_others, NO_TIMEOUT)
{
	rings(EXIT);
}

TEST_F_TIMEOUT(nested_calls, whose_first_file_is_closed_with_the_others, NO_TIMEOUT)
{
	rings(CLOSE);
}

TEST_F_TIMEOUT(nested_calls, whose_first_process_is_killed_with_the_others, NO_TIMEOUT)
{
	rings(KILL);
}

/* Two processes, and a stack of many calls one inside the other. */
TEST_F_TIMEOUT(nested_calls, deep_ones_that_end_together, NO_TIMEOUT)
{
	for (int round = 0; round < 9; round++) {
		enum end how[2] = { round % 3, round / 3 };
		struct port *mgr = manager(), *p[2] = { process(), process() };
		uint32_t to[2] = { give(p[1], p[0], 0x10, 0, 0), give(p[0], p[1], 0x10, 0, 0) };

		for (int depth = 0; depth < 10; depth++) {
			call(p[depth % 2], to[depth % 2], depth, 0);
			go(p[depth % 2]);
			ASSERT_NE(NULL, strstr(go(p[!(depth % 2)]), "TXN"));
		}
		begin_end(p[round % 2], how[round % 2]);
		begin_end(p[!(round % 2)], how[!(round % 2)]);
		finish_end(p[0], how[0]);
		finish_end(p[1], how[1]);
		ping(process(), mgr, 0);
		peers_end();
	}
}

TEST_HARNESS_MAIN
