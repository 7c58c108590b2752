// SPDX-License-Identifier: GPL-2.0-only
/*
 * R25, CVE-2025-40028: what keeps track of the numbers of handles grows and shrinks with
 * them. They stay unique, and the lowest free one comes next.
 */
#include <stdlib.h>

#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(thousands);

#define MESSAGES 84
#define EACH 60
#define ALL (MESSAGES * EACH)

static struct port *holder, *owner;

/* The next EACH objects; their handles are in @handles. */
static void receive(uint64_t first, uint32_t *handles)
{
	struct flat_binder_object obj[EACH];

	for (int i = 0; i < EACH; i++)
		obj[i] = bnd_obj_binder(first + i * 8, 0, 0);
	call_msg(owner, objects(0, 1, TF_ONE_WAY, EACH, obj));
	only_write(owner);
	if (strcmp(go(holder), "NOOP TXN:1"))
		fail("no objects: got '%s'", holder->got);
	for (int i = 0; i < EACH; i++) {
		handles[i] = got_obj(holder, i).handle;
		take(holder, handles[i]);
	}
	free_last(holder);
	only_write(holder);
	drain(owner);
}

TEST_F_TIMEOUT(thousands, are_the_lowest_that_are_free, NO_TIMEOUT)
{
	uint32_t *handles = calloc(ALL, sizeof(*handles)), again[EACH];

	holder = manager();
	owner = process();
	for (int i = 0; i < MESSAGES; i++)
		receive(0x10000 + (uint64_t)i * EACH * 8, handles + (size_t)i * EACH);
	for (uint32_t i = 0; i < ALL; i++)
		ASSERT_EQ(i + 1, handles[i]);

	/* Holes, from one end to the other, are filled from the beginning. */
	for (int i = 0; i < EACH; i++) {
		drop(holder, handles[i * MESSAGES]);
		WRITE(holder, "");
	}
	drain(owner);
	receive(0x1000000, again);
	for (int i = 0; i < EACH; i++)
		ASSERT_EQ(handles[i * MESSAGES], again[i]);

	/* From the end to the beginning, so that it can shrink. */
	for (int i = ALL - 1; i >= 0; i--) {
		drop(holder, handles[i]);
		WRITE(holder, "");
	}
	drain(owner);
	receive(0x2000000, again);
	for (uint32_t i = 0; i < EACH; i++)
		ASSERT_EQ(i + 1, again[i]);
	free(handles);
}

/* All above the first 63, the last that came among them, are let go; the next ones are found. */
TEST_F(thousands, begin_again_where_all_ended)
{
	uint32_t handles[2 * EACH], again[EACH];

	holder = manager();
	owner = process();
	receive(0x10000, handles);
	receive(0x20000, handles + EACH);
	for (uint32_t i = 63; i < 2 * EACH; i++) {
		ASSERT_EQ(i + 1, handles[i]);
		drop(holder, handles[i]);
		WRITE(holder, "");
	}
	drain(owner);
	receive(0x30000, again);
	for (uint32_t i = 0; i < EACH; i++) {
		ASSERT_EQ(i + 64, again[i]);
		drop(holder, again[i]);
		WRITE(holder, "");
	}
}

TEST_HARNESS_MAIN
