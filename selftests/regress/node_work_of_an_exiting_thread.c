// SPDX-License-Identifier: GPL-2.0-only
/*
 * R03, CVE-2020-0423: a thread that exits looked at work it had taken off its list after
 * it had let go of the lock. The work was part of an object, and the object went when
 * another process dropped the last reference to it.
 */
#include <errno.h>

#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(exiting_thread);

#define ROUNDS 400

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
