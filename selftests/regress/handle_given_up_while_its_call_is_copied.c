// SPDX-License-Identifier: GPL-2.0-only
/*
 * R10: the sender's handle was all that kept the target of a call while the call was
 * built, and another thread of the sender gave it up meanwhile.
 */
#include <errno.h>

#include "memory.h"
#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(given_up);

static struct port *mgr, *server, *c, *other;
static uint32_t handle;

/* The call of @c waits for its data, and its handle is gone. */
static void stall_and_give_up(void)
{
	uint8_t *page;

	mgr = manager();
	server = process();
	c = process();
	other = thread_of(c);
	handle = give(server, c, 0x10, 0, 0);
	page = missing_page(c);
	call_msg(c, (struct bnd_msg){ .handle = handle, .code = 5, .data = page, .size = 64 });
	run_start(c, do_write, NULL);
	await_missing();
	drop(other, handle);
	if (strcmp(only_write(other), ""))
		fail("cannot give up the handle: %s", other->got);
	call(other, handle, 6, 0);
	if (strcmp(go(other), "NOOP FAILED"))
		fail("the handle is still there: %s", other->got);
}

TEST_F(given_up, by_another_thread)
{
	stall_and_give_up();
	/* The message keeps its target. */
	GO(server, "EAGAIN");
	provide(7);
	ASSERT_EQ(0, run_finish(c));
	GO(server, "NOOP TXN:5");
	free_last(server);
	reply(server, 1, 0);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:1");
	/* It was the last that did. */
	GO(server, "NOOP RELEASE:10:0 DECREFS:10:0");
}

TEST_F(given_up, and_the_owner_dies)
{
	stall_and_give_up();
	die(server);
	provide(7);
	ASSERT_EQ(0, run_finish(c));
	GO(c, "NOOP DEAD");
	ping(c, mgr, 0);
}

/* And the call fails after all that: what it had is given back once. */
TEST_F(given_up, and_the_call_fails)
{
	struct flat_binder_object obj[2] = { bnd_obj_binder(0x99, 0, 0) };
	struct bnd_msg m;
	uint64_t *offsets;
	uint8_t *page;

	mgr = manager();
	server = process();
	c = process();
	other = thread_of(c);
	handle = give(server, c, 0x10, 0, 0);
	page = missing_page(c);
	m = objects(handle, 5, 0, 2, obj);
	/* The second offset is on the page that comes, and bad. */
	offsets = (uint64_t *)page - 1;
	*offsets = 0;
	m.offsets = offsets;
	call_msg(c, m);
	run_start(c, do_write, NULL);
	await_missing();
	drop(other, handle);
	WRITE(other, "");
	provide(3);
	ASSERT_EQ(0, run_finish(c));
	go(c);
	ASSERT_NE(NULL, strstr(c->got, "FAILED"));
	drain(c);
	/* The last reference went with the message. */
	GO(server, "NOOP RELEASE:10:0 DECREFS:10:0");
	ping(c, mgr, 0);
}

TEST_HARNESS_MAIN
