// SPDX-License-Identifier: GPL-2.0-only
/*
 * R11, CVE-2022-20421: a weak handle was translated for a receiver that was about to end,
 * whose references had been gone through already. The one that was left behind named a
 * process that was freed, and was followed when the owner of the object died.
 */
#include <errno.h>

#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(weak_handle);

#define ROUNDS 250

/* What @mgr has of an object that somebody sends it. */
static uint32_t taken(struct port *mgr, struct port *from)
{
	uint32_t handle;

	call_obj(from, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x10, 0, 0));
	only_write(from);
	if (strcmp(go(mgr), "NOOP TXN:1"))
		fail("no object: got '%s'", mgr->got);
	handle = got_obj(mgr, 0).handle;
	take(mgr, handle);
	free_last(mgr);
	only_write(mgr);
	return handle;
}

TEST_F_TIMEOUT(weak_handle, for_a_receiver_that_closes, NO_TIMEOUT)
{
	struct port *mgr = manager(), *owner = process(), *receiver = process();
	uint32_t handle = taken(mgr, owner), to;

	/* No strong count is left: it can be passed on weakly only. */
	bnd_cmd_release(&mgr->w, handle);
	WRITE(mgr, "");
	drain(owner);
	for (unsigned int i = 0; i < race_rounds(ROUNDS); i++) {
		struct flat_binder_object obj = bnd_obj_weak_handle(handle);

		to = taken(mgr, receiver);
		mgr->w.len = 0;
		call_obj(mgr, to, 2, TF_ONE_WAY, obj);
		together(i, mgr, do_write, receiver, do_close_device);
		drain(mgr);
		drop(mgr, to);
		drain(mgr);
		ASSERT_EQ(0, run(receiver, do_open_device, NULL));
	}
	/* Now the owner goes over all that refer to it. */
	bnd_cmd_request_death(&mgr->w, handle, 7);
	WRITE(mgr, "");
	die(owner);
	start(mgr);
	FINISH(mgr, "NOOP DEAD_BINDER:7");
	ping(process(), mgr, 0);
}

TEST_HARNESS_MAIN
