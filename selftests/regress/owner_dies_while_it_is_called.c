// SPDX-License-Identifier: GPL-2.0-only
/*
 * R26: an object whose owner died in the middle of a call to it was never freed, as its
 * count went below zero. What is left shows when the module is unloaded.
 */
#include <errno.h>

#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(owner_dies);

#define ROUNDS 200
#define CALLS 8

/* Calls that fail behind a good object, and calls that do not. */
static long call_again_and_again(struct port *p, void *arg)
{
	BND_STREAM(r, 512);
	BND_CMDS(w, 256);
	const struct bnd_msg *m = arg;

	for (int i = 0; i < CALLS; i++) {
		bnd_cmds_reset(&w);
		bnd_cmd_transaction(&w, &m[i & 1]);
		bnd_xfer(p->conn, &w, &r);
	}
	return 0;
}

static struct bnd_msg *messages;

static long call_manager(struct port *p, void *arg)
{
	(void)arg;
	return call_again_and_again(p, messages);
}

TEST_F_TIMEOUT(owner_dies, while_calls_to_it_fail, NO_TIMEOUT)
{
	struct flat_binder_object good[2] = { bnd_obj_binder(0x900, 0, 0),
					      bnd_obj_binder(0x908, 0, 0) };
	struct flat_binder_object bad[2] = { good[0], bnd_obj_handle(77) };
	struct port *owner, *c;

	/* Before there are peers, which have to know where it is. */
	messages = shared(2 * sizeof(*messages));
	owner = process();
	c = process();
	messages[0] = objects(0, 1, TF_ONE_WAY, 2, good);
	messages[1] = objects(0, 1, TF_ONE_WAY, 2, bad);
	go(c);
	for (unsigned int i = 0; i < race_rounds(ROUNDS); i++) {
		int err;

		/* The last one may not be buried yet. */
		do
			err = ioc_at(owner, BINDER_SET_CONTEXT_MGR, 0);
		while (err == -EBUSY);
		ASSERT_EQ(0, err);
		together(i, c, call_manager, owner, do_close_device);
		drain(c);
		ASSERT_EQ(0, run(owner, do_open_device, NULL));
	}
}

TEST_HARNESS_MAIN
