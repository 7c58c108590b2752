// SPDX-License-Identifier: GPL-2.0-only
/*
 * R31, CVE-2019-2213: a message that is freed and a call that ends without an answer each
 * looked at the other when that was gone.
 */
#include <errno.h>

#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(freed_buffer);

#define ROUNDS 250

static void race(long (*caller_ends)(struct port *p, void *arg), bool reopen)
{
	struct port *server = manager(), *c = process();

	for (unsigned int i = 0; i < race_rounds(ROUNDS); i++) {
		call(c, 0, 1, 0);
		only_write(c);
		if (strcmp(go(server), "NOOP TXN:1"))
			fail("round %u: got '%s'", i, server->got);
		free_last(server);
		/* In front of the reply, behind it, without it. */
		if (i % 3 == 0)
			reply(server, 0, 0);
		together(i, c, caller_ends, server, do_write);
		if (i % 3) {
			reply(server, 0, 0);
			free_last(server);
		}
		drain(server);
		if (reopen && run(c, do_open_device, NULL))
			fail("cannot open again");
	}
	ping(process(), server, 0);
}

TEST_F_TIMEOUT(freed_buffer, while_its_caller_closes, NO_TIMEOUT)
{
	race(do_close_device, true);
}

TEST_F_TIMEOUT(freed_buffer, while_its_caller_exits, NO_TIMEOUT)
{
	race(do_thread_exit, false);
}

/* The receiver ends instead, and its other thread frees. */
TEST_F_TIMEOUT(freed_buffer, while_its_receiver_exits, NO_TIMEOUT)
{
	struct port *server = manager(), *other = thread_of(server), *c = process();

	for (unsigned int i = 0; i < race_rounds(ROUNDS); i++) {
		call(c, 0, 1, 0);
		WRITE(c, "");
		GO(server, "NOOP TXN:1");
		bnd_cmd_free_buffer(&other->w, server->txn.data.ptr.buffer);
		together(i, server, do_thread_exit, other, do_write);
		GO(c, "NOOP COMPLETE DEAD");
	}
	ping(c, server, 0);
}

TEST_HARNESS_MAIN
