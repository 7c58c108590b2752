// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notices of freezing for somebody who watches many objects of one owner. He is told of
 * several of them at a time.
 */
#include "freezer.h"
#include "protocol_test.h"

PROTOCOL_FIXTURE(freeze_notices);

#define MANY 100
#define FEW 8

/* Another object each, whose cookie is its number. */
static void hold(struct trio *t, uint32_t *h, int n)
{
	for (int i = 0; i < n; i++)
		h[i] = give(t->server, t->c, 0x1000 + 0x10 * (uint64_t)i, 0, 0);
}

static void request_all(struct trio *t, const uint32_t *h, int n)
{
	for (int i = 0; i < n; i++) {
		bnd_cmd_request_freeze(&t->c->w, h[i], i);
		if (strcmp(only_write(t->c), ""))
			fail("request: got '%s'", t->c->got);
	}
}

/* Each is read in the order of the objects and acknowledged, and nothing follows. */
static void read_all(struct trio *t, int n, bool frozen)
{
	char want[64];

	for (int i = 0; i < n; i++) {
		snprintf(want, sizeof(want), "NOOP FROZEN_BINDER:%x:%d", i, frozen);
		if (strcmp(go(t->c), want))
			fail("wanted '%s', got '%s'", want, t->c->got);
		bnd_cmd_freeze_done(&t->c->w, i);
		if (strcmp(only_write(t->c), ""))
			fail("acknowledgment: got '%s'", t->c->got);
	}
	if (strcmp(go(t->c), "EAGAIN"))
		fail("behind the last one: got '%s'", t->c->got);
}

TEST_F(freeze_notices, come_of_all_objects)
{
	struct trio t = trio();
	uint32_t h[MANY];

	hold(&t, h, MANY);
	request_all(&t, h, MANY);
	read_all(&t, MANY, false);
	freeze_now(t.freezer, t.server);
	read_all(&t, MANY, true);
	thaw(t.freezer, t.server);
	read_all(&t, MANY, false);
}

/* The attempt fails when its process is killed. */
TEST_F(freeze_notices, of_all_objects_correct_what_was_told)
{
	struct trio t = trio();
	uint32_t h[FEW];

	hold(&t, h, FEW);
	ASSERT_STREQ("NOOP COMPLETE", oneway(t.c, t.h, 1, 0));
	freeze_begin(t.freezer, t.server->pid, LONG);
	request_all(&t, h, FEW);
	read_all(&t, FEW, true);
	die(t.freezer);
	read_all(&t, FEW, false);
}

TEST_HARNESS_MAIN
