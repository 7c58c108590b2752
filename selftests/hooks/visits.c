// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who tells the holders of an object something notes a holder, and looks for its handle
 * again a little later. That may be another object's by then, or its holder may be gone.
 */
#include "freezer.h"
#include "hooks_test.h"
#include "text.h"

HOOKS_FIXTURE(visits);

struct held {
	struct port *owner, *other, *holder, *freezer;
	uint32_t handle;
};

static struct held held(void)
{
	struct held s;

	manager();
	s.owner = process();
	s.other = process();
	s.holder = process();
	s.freezer = process();
	s.handle = give(s.owner, s.holder, 0x10, 0x20, 0);
	return s;
}

/* The handle becomes one of the other owner's object. */
static bool change_object(struct held *s)
{
	drop(s->holder, s->handle);
	only_write(s->holder);
	return give(s->other, s->holder, 0x30, 0x40, 0) == s->handle;
}

static void watch_freezing(struct held *s, int cookie)
{
	char want[64];

	snprintf(want, sizeof(want), "NOOP FROZEN_BINDER:%x:0", cookie);
	bnd_cmd_request_freeze(&s->holder->w, s->handle, cookie);
	if (strcmp(go(s->holder), want))
		fail("request: wanted '%s', got '%s'", want, s->holder->got);
	bnd_cmd_freeze_done(&s->holder->w, cookie);
	if (strcmp(only_write(s->holder), ""))
		fail("acknowledgment: got '%s'", s->holder->got);
}

/* Somebody freezes the owner, and has noted the holder. */
static void freeze_until_visit(struct held *s)
{
	arm("visit");
	freeze_start(s->freezer, s->owner->pid, 0);
	await_stop("visit");
}

/* The holder has asked for notices, and not looked at the object yet. */
static void ask_until_look(struct held *s)
{
	arm("request");
	run_start(s->holder, send_prepared, NULL);
	await_stop("request");
	arm("visit");
}

/* Who asks goes on once who tells has looked for requests. */
static long ask_on(struct held *s)
{
	proceed("visit");
	proceed("request");
	return run_finish(s->holder);
}

/* The owner is over unless it found the request. */
static bool owner_looked(void *arg)
{
	(void)arg;
	return stands("visit") || stands("gone");
}

static bool freezer_looked(void *arg)
{
	return stands("visit") || is_through(arg);
}

TEST_F(visits, a_death_is_not_told_of_another_object)
{
	struct held s = held();

	bnd_cmd_request_death(&s.holder->w, s.handle, 1);
	WRITE(s.holder, "");
	arm("visit");
	die(s.owner);
	await_stop("visit");
	ASSERT_TRUE(change_object(&s));
	bnd_cmd_request_death(&s.holder->w, s.handle, 2);
	WRITE(s.holder, "");
	arm("gone");
	proceed("visit");
	await_stop("gone");
	GO(s.holder, "EAGAIN");
	proceed("gone");
	die(s.other);
	ASSERT_STREQ("NOOP DEAD_BINDER:2", go_blocking(s.holder));
}

TEST_F(visits, freezing_is_not_told_of_another_object)
{
	struct held s = held();

	watch_freezing(&s, 1);
	freeze_until_visit(&s);
	ASSERT_TRUE(change_object(&s));
	watch_freezing(&s, 2);
	proceed("visit");
	ASSERT_EQ(0, freeze_end(s.freezer));
	GO(s.holder, "EAGAIN");
	freeze_now(s.freezer, s.other);
	GO(s.holder, "NOOP FROZEN_BINDER:2:1");
}

/* Nobody but the visitor keeps it then. */
TEST_F(visits, an_object_whose_handle_goes_meanwhile_is_released)
{
	struct held s = held();

	watch_freezing(&s, 1);
	freeze_until_visit(&s);
	drop(s.holder, s.handle);
	WRITE(s.holder, "");
	GO(s.owner, "NOOP RELEASE:10:20");
	proceed("visit");
	ASSERT_EQ(0, freeze_end(s.freezer));
	GO(s.owner, "NOOP DECREFS:10:20");
}

TEST_F(visits, nobody_is_told_who_is_gone)
{
	struct held s = held();

	bnd_cmd_request_death(&s.holder->w, s.handle, 1);
	bnd_cmd_request_freeze(&s.holder->w, s.handle, 1);
	WRITE(s.holder, "");
	arm("visit");
	die(s.owner);
	await_stop("visit");
	die(s.holder);
	gone(s.holder);
	proceed("visit");
	gone(s.owner);
}

TEST_F(visits, what_is_asked_for_meanwhile_is_told_once)
{
	struct held s = held();

	bnd_cmd_request_death(&s.holder->w, s.handle, 1);
	WRITE(s.holder, "");
	arm("visit");
	die(s.owner);
	await_stop("visit");
	bnd_cmd_clear_death(&s.holder->w, s.handle, 1);
	bnd_cmd_request_death(&s.holder->w, s.handle, 2);
	GO(s.holder, "NOOP CLEARED:1 DEAD_BINDER:2");
	arm("gone");
	proceed("visit");
	await_stop("gone");
	GO(s.holder, "EAGAIN");
	proceed("gone");
}

TEST_F(visits, handles_that_go_meanwhile_hide_no_others)
{
	struct held s = held();
	uint32_t h[4] = { s.handle };

	for (int i = 0; i < 4; i++) {
		if (i)
			h[i] = give(s.owner, s.holder, 0x10 * (i + 1), 0x20, 0);
		bnd_cmd_request_death(&s.holder->w, h[i], i);
		WRITE(s.holder, "");
	}
	arm("visit");
	die(s.owner);
	await_stop("visit");
	drop(s.holder, h[0]);
	drop(s.holder, h[2]);
	WRITE(s.holder, "");
	arm("gone");
	proceed("visit");
	await_stop("gone");
	GO(s.holder, "NOOP DEAD_BINDER:1");
	GO(s.holder, "NOOP DEAD_BINDER:3");
	GO(s.holder, "EAGAIN");
	proceed("gone");
}

/* Whichever of the two the visitor knows when one goes. */
TEST_F(visits, a_holder_that_goes_hides_no_other)
{
	struct held s = held();
	uint32_t h = give(s.owner, s.other, 0x10, 0x20, 0);

	bnd_cmd_request_death(&s.holder->w, s.handle, 1);
	WRITE(s.holder, "");
	bnd_cmd_request_death(&s.other->w, h, 2);
	WRITE(s.other, "");
	arm("visit");
	die(s.owner);
	await_stop("visit");
	die(s.holder);
	gone(s.holder);
	proceed("visit");
	ASSERT_STREQ("NOOP DEAD_BINDER:2", go_blocking(s.other));
}

TEST_F(visits, a_death_is_told_while_another_is_not)
{
	struct held s = held();
	uint32_t h = give(s.other, s.holder, 0x10, 0x20, 0);

	bnd_cmd_request_death(&s.holder->w, s.handle, 1);
	bnd_cmd_request_death(&s.holder->w, h, 2);
	WRITE(s.holder, "");
	arm("visit");
	die(s.owner);
	await_stop("visit");
	die(s.other);
	ASSERT_STREQ("NOOP DEAD_BINDER:2", go_blocking(s.holder));
	GO(s.holder, "EAGAIN");
	proceed("visit");
	ASSERT_STREQ("NOOP DEAD_BINDER:1", go_blocking(s.holder));
}

/* Either of the two sees what the other did, also when they meet. */
TEST_F(visits, a_death_is_told_to_who_is_about_to_ask)
{
	struct held s = held();

	bnd_cmd_request_death(&s.holder->w, s.handle, 1);
	ask_until_look(&s);
	arm("gone");
	die(s.owner);
	wait_until(owner_looked, NULL, "the end of the owner");
	ASSERT_EQ(0, ask_on(&s));
	await_stop("gone");
	proceed("gone");
	GO(s.holder, "NOOP DEAD_BINDER:1");
	GO(s.holder, "EAGAIN");
}

TEST_F(visits, freezing_is_told_to_who_is_about_to_ask)
{
	struct held s = held();

	bnd_cmd_request_freeze(&s.holder->w, s.handle, 1);
	ask_until_look(&s);
	freeze_start(s.freezer, s.owner->pid, 0);
	wait_until(freezer_looked, s.freezer, "the freezer");
	ASSERT_EQ(0, ask_on(&s));
	ASSERT_EQ(0, freeze_end(s.freezer));
	GO(s.holder, "NOOP FROZEN_BINDER:1:1");
	GO(s.holder, "EAGAIN");
}

TEST_HARNESS_MAIN
