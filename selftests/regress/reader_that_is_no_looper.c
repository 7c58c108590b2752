// SPDX-License-Identifier: GPL-2.0-only
/*
 * R07: a thread that reads without having said that it is a looper was not counted among
 * those that wait, and never woken for the calls to its process.
 */
#include "protocol_test.h"

PROTOCOL_FIXTURE(plain_reader);

TEST_F(plain_reader, subtle_any_reader_takes_work)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();

	START_ASLEEP(t);
	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	FINISH(t, "NOOP TXN:1");
	answer(t, c);
}

TEST_F(plain_reader, takes_what_is_there_already)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	ASSERT_STREQ("NOOP TXN:1", go_blocking(server));
	answer(server, c);
}

TEST_HARNESS_MAIN
