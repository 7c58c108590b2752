// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who tells the holders of an object something knows their handles, and looks them up a
 * little later. A handle may be another object's by then, or its holder may be gone.
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

	bnd_cmd_request_freeze(&s.holder->w, s.handle, 1);
	GO(s.holder, "NOOP FROZEN_BINDER:1:0");
	bnd_cmd_freeze_done(&s.holder->w, 1);
	WRITE(s.holder, "");
	arm("visit");
	freeze_start(s.freezer, s.owner->pid, 0);
	await_stop("visit");
	ASSERT_TRUE(change_object(&s));
	bnd_cmd_request_freeze(&s.holder->w, s.handle, 2);
	GO(s.holder, "NOOP FROZEN_BINDER:2:0");
	bnd_cmd_freeze_done(&s.holder->w, 2);
	WRITE(s.holder, "");
	proceed("visit");
	ASSERT_EQ(0, freeze_end(s.freezer));
	GO(s.holder, "EAGAIN");
	freeze_now(s.freezer, s.other);
	GO(s.holder, "NOOP FROZEN_BINDER:2:1");
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

TEST_HARNESS_MAIN
