// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread that reads has found nothing, and let go of the lock to sleep. What comes
 * before it does must wake it: it does not look again by itself.
 */
#include "hooks_test.h"

HOOKS_FIXTURE(falling_asleep);

static void reads(struct port *p)
{
	arm("sleep");
	launch(p);
	await_stop("sleep");
}

/* FINISH(), of one that may sleep for ever. */
#define ROUSED(p, want)								\
	do {									\
		proceed("sleep");						\
		settle(p);							\
		ASSERT_FALSE(asleep(p));					\
		FINISH(p, want);						\
	} while (0)

TEST_F(falling_asleep, a_call_is_not_missed)
{
	struct port *mgr = manager(), *c = process();

	reads(mgr);
	call(c, 0, 1, 0);
	WRITE(c, "");
	ROUSED(mgr, "NOOP TXN:1");
}

TEST_F(falling_asleep, nor_an_answer)
{
	struct port *mgr = manager(), *c = process();

	call(c, 0, 1, 0);
	WRITE(c, "");
	GO(mgr, "NOOP TXN:1");
	reads(c);
	reply(mgr, 2, 0);
	WRITE(mgr, "");
	ROUSED(c, "NOOP COMPLETE REPLY:2");
}

TEST_F(falling_asleep, nor_an_error)
{
	struct port *mgr = manager(), *c = process();

	call(c, 0, 1, 0);
	WRITE(c, "");
	GO(mgr, "NOOP TXN:1");
	reads(c);
	arm("gone");
	die(mgr);
	await_stop("gone");
	proceed("gone");
	ROUSED(c, "NOOP COMPLETE DEAD");
}

TEST_F(falling_asleep, nor_a_signal)
{
	struct port *mgr = manager();

	reads(mgr);
	interrupt(mgr);
	ROUSED(mgr, "EINTR");
}

TEST_HARNESS_MAIN
