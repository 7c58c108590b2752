// SPDX-License-Identifier: GPL-2.0-only
/* Handles that are held as often as can be counted. */
#include "hooks_test.h"

HOOKS_FIXTURE(counts);

struct held {
	struct port *owner;
	struct port *holder;
	uint32_t handle;	/* the holder's, of the owner's object */
	uint32_t to_holder;	/* the owner's */
	struct port *other;	/* has a handle of the same object */
	uint32_t others;
	uint32_t from_other;	/* its handle of the holder's object */
};

static struct held held(void)
{
	struct held s;

	manager();
	s.owner = process();
	s.holder = process();
	s.other = process();
	s.handle = give(s.owner, s.holder, 0x10, 0x20, 0);
	s.to_holder = give(s.holder, s.owner, 0x30, 0x40, 0);
	s.others = give(s.owner, s.other, 0x10, 0x20, 0);
	s.from_other = give(s.holder, s.other, 0x30, 0x40, 0);
	return s;
}

/* Its next commands count as often as there may be counts. */
static void fill(struct port *p)
{
	break_rules("many_counts");
	only_write(p);
	break_rules("");
}

TEST_F(counts, of_a_strong_handle_end_before_they_wrap)
{
	struct held s = held();

	bnd_cmd_acquire(&s.holder->w, s.handle);
	fill(s.holder);
	/* With no count it would be good for nothing. */
	bnd_cmd_acquire(&s.holder->w, s.handle);
	WRITE(s.holder, "");
	ping(s.holder, s.owner, s.handle);

	call_obj(s.owner, s.to_holder, 1, 0, bnd_obj_binder(0x10, 0x20, 0));
	GO(s.owner, "NOOP FAILED");
	EXTERR(s.owner, "FAILED ENOMEM");
	call_obj(s.other, s.from_other, 1, 0, bnd_obj_handle(s.others));
	GO(s.other, "NOOP FAILED");
	EXTERR(s.other, "FAILED ENOMEM");
	GO(s.holder, "EAGAIN");

	bnd_cmd_release(&s.holder->w, s.handle);
	WRITE(s.holder, "");
	call_obj(s.other, s.from_other, 1, 0, bnd_obj_handle(s.others));
	GO(s.other, "EAGAIN");
	GO(s.holder, "NOOP TXN:1");
	ASSERT_EQ(s.handle, got_obj(s.holder, 0).handle);
	answer(s.holder, s.other);
	ping(s.holder, s.owner, s.handle);
}

TEST_F(counts, of_a_weak_handle_end_before_they_wrap)
{
	struct held s = held();

	bnd_cmd_increfs(&s.holder->w, s.handle);
	fill(s.holder);
	bnd_cmd_increfs(&s.holder->w, s.handle);
	WRITE(s.holder, "");

	call_obj(s.owner, s.to_holder, 1, 0, bnd_obj_weak_binder(0x10, 0x20, 0));
	GO(s.owner, "NOOP FAILED");
	EXTERR(s.owner, "FAILED ENOMEM");
	call_obj(s.other, s.from_other, 1, 0, bnd_obj_weak_handle(s.others));
	GO(s.other, "NOOP FAILED");
	EXTERR(s.other, "FAILED ENOMEM");

	/* With no count it would be gone without the strong one. */
	bnd_cmd_release(&s.holder->w, s.handle);
	WRITE(s.holder, "");
	bnd_cmd_decrefs(&s.holder->w, s.handle);
	WRITE(s.holder, "");
	call_obj(s.other, s.from_other, 1, 0, bnd_obj_weak_handle(s.others));
	GO(s.other, "EAGAIN");
	GO(s.holder, "NOOP TXN:1");
	ASSERT_EQ(s.handle, got_obj(s.holder, 0).handle);
	answer(s.holder, s.other);
}

TEST_HARNESS_MAIN
