// SPDX-License-Identifier: GPL-2.0-only
/*
 * M16: an object or a handle has what the one had that was in its memory before. The
 * old ones are left in every state that their end does not undo by itself: known to an
 * owner that dies, with a oneway call under way, and with a notice that nobody asked to
 * be rid of.
 */
#include <stdio.h>
#include <string.h>

#include "protocol_test.h"

PROTOCOL_FIXTURE(used_memory);

#define OBJECTS 8
#define ROUNDS 4

/* A new owner's objects, told to it one by one; their handles are in @handles. */
static struct port *new_owner(struct port *holder, uint32_t *handles)
{
	struct flat_binder_object obj[OBJECTS];
	struct port *owner = process();
	char want[1024] = "NOOP";

	for (int i = 0; i < OBJECTS; i++) {
		size_t end = strlen(want);

		obj[i] = bnd_obj_binder(0x100 + i, 0, 0);
		snprintf(want + end, sizeof(want) - end, " INCREFS:%x:0 ACQUIRE:%x:0",
			 0x100 + i, 0x100 + i);
	}
	call_msg(owner, objects(0, 1, TF_ONE_WAY, OBJECTS, obj));
	strcat(want, " COMPLETE");
	if (strcmp(want, go(owner)))
		fail("owner: got '%s'", owner->got);
	if (strcmp("NOOP TXN:1", go(holder)))
		fail("no objects: got '%s'", holder->got);
	for (int i = 0; i < OBJECTS; i++) {
		handles[i] = got_obj(holder, i).handle;
		take(holder, handles[i]);
	}
	free_last(holder);
	only_write(holder);
	return owner;
}

TEST_F(used_memory, objects_and_handles_are_as_new)
{
	struct port *holder = manager(), *owner;
	uint32_t handles[OBJECTS];

	for (int round = 0; round < ROUNDS; round++) {
		unsigned int told = 0;

		owner = new_owner(holder, handles);
		for (int i = 0; i < OBJECTS; i++) {
			ASSERT_EQ(i + 1u, handles[i]);
			bnd_cmd_request_death(&holder->w, handles[i], i);
			call(holder, handles[i], 7, TF_ONE_WAY);
			GO(holder, "NOOP COMPLETE");
			GO(owner, "NOOP TXN:7");
			ASSERT_EQ(0x100u + i, owner->txn.target.ptr);
		}
		die(owner);
		for (int i = 0; i < OBJECTS; i++) {
			unsigned int which;

			ASSERT_EQ(1, sscanf(go_blocking(holder), "NOOP DEAD_BINDER:%x", &which));
			told |= 1u << which;
		}
		ASSERT_EQ((1u << OBJECTS) - 1, told);
		/* Neither acknowledged nor cleared: the requests end with the handles. */
		for (int i = 0; i < OBJECTS; i++)
			drop(holder, handles[i]);
		WRITE(holder, "");
	}
}

TEST_HARNESS_MAIN
