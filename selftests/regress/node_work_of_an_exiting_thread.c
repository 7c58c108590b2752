// SPDX-License-Identifier: GPL-2.0-only
/*
 * R03, CVE-2020-0423: a thread that exits looked at work it had taken off its list after
 * it had let go of the lock. The work was part of an object, and the object went when
 * another process dropped the last reference to it. That look is made certain by
 * hooks/notices; here both are at it at once.
 */
#include <errno.h>

#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(exiting_thread);

#define ROUNDS 400

/* The thread that sent a new object was to be told of the references to it. */
TEST_F(exiting_thread, passes_on_what_it_was_to_be_told)
{
	struct port *mgr = manager(), *owner = process(), *t = thread_of(owner);

	call_obj(t, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x1000, 0x20, 0));
	WRITE(t, "");
	GO(mgr, "NOOP TXN:1");
	ASSERT_EQ(0, run(t, do_thread_exit, NULL));
	GO(owner, "NOOP INCREFS:1000:20 ACQUIRE:1000:20");
	both_done(owner, 0x1000, 0x20);
	GO(owner, "EAGAIN");
	free_last(mgr);
	WRITE(mgr, "");
	GO(owner, "NOOP RELEASE:1000:20 DECREFS:1000:20");
}

TEST_F(exiting_thread, says_nothing_of_an_object_nobody_wants)
{
	struct port *mgr = manager(), *owner = process(), *t = thread_of(owner);

	call_obj(t, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x1000, 0x20, 0));
	WRITE(t, "");
	GO(mgr, "NOOP TXN:1");
	free_last(mgr);
	WRITE(mgr, "");
	ASSERT_EQ(0, run(t, do_thread_exit, NULL));
	/* An object that nobody ever heard of needs no words. */
	GO(owner, "EAGAIN");
	ping(owner, mgr, 0);
}

TEST_F_TIMEOUT(exiting_thread, with_work_of_an_object_nobody_wants, NO_TIMEOUT)
{
	struct port *mgr = manager(), *owner = process();

	for (unsigned int i = 0; i < race_rounds(ROUNDS); i++) {
		call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x1000 + i * 8, 0, 0));
		WRITE(owner, "");
		GO(mgr, "NOOP TXN:1");
		free_last(mgr);
		together(i, owner, do_thread_exit, mgr, do_write);
	}
	drain(owner);
	ping(owner, mgr, 0);
}

/* The holder has the reference for longer and gives it up by name. */
TEST_F_TIMEOUT(exiting_thread, with_work_of_a_handle_that_is_dropped, NO_TIMEOUT)
{
	struct port *mgr = manager(), *owner = process();

	for (unsigned int i = 0; i < race_rounds(ROUNDS); i++) {
		uint32_t handle;

		call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x1000 + i * 8, 0, 0));
		WRITE(owner, "");
		GO(mgr, "NOOP TXN:1");
		handle = got_obj(mgr, 0).handle;
		take(mgr, handle);
		free_last(mgr);
		WRITE(mgr, "");
		drop(mgr, handle);
		together(i, owner, do_thread_exit, mgr, do_write);
	}
	drain(owner);
	ping(owner, mgr, 0);
}

TEST_HARNESS_MAIN
