// SPDX-License-Identifier: GPL-2.0-only
/* BC_FREE_BUFFER: what may be freed, by whom, and when. */
#include "protocol_test.h"

PROTOCOL_FIXTURE(streams);

TEST_F(streams, free_buffer_wants_the_exact_address)
{
	struct port *server = manager(), *c = process();
	uint64_t at;

	call_data(c, 0, 1, 0, "twelve bytes", 12);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	at = server->txn.data.ptr.buffer;
	for (int64_t off = -16; off <= 16; off++) {
		if (off)
			bnd_cmd_free_buffer(&server->w, at + off);
	}
	bnd_cmd_free_buffer(&server->w, 0);
	bnd_cmd_free_buffer(&server->w, ~0ull);
	bnd_cmd_free_buffer(&server->w, 1ull << 63);
	bnd_cmd_free_buffer(&c->w, at);
	GO(server, "EAGAIN");
	GO(c, "EAGAIN");
	/* Still there: the node is a plain one, so its whole area is not free. */
	free_last(server);
	free_last(server);
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:2");
	free_last(c);
	free_last(c);
	ping(c, server, 0);
}

TEST_F(streams, an_empty_message_has_an_address)
{
	struct port *server = manager(), *c = process();
	uint64_t first;

	call(c, 0, 1, TF_ONE_WAY);
	call(c, 0, 2, 0);
	GO(c, "NOOP COMPLETE COMPLETE");
	GO(server, "NOOP TXN:1");
	first = server->txn.data.ptr.buffer;
	ASSERT_NE(0, first);
	GO(server, "NOOP TXN:2");
	ASSERT_NE(0, server->txn.data.ptr.buffer);
	ASSERT_NE(first, server->txn.data.ptr.buffer);
	bnd_cmd_free_buffer(&server->w, first);
	reply(server, 3, 0);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP REPLY:3");
	ASSERT_NE(0, c->txn.data.ptr.buffer);
}

TEST_F(streams, a_buffer_can_be_freed_before_the_reply)
{
	struct port *server = manager(), *c = process();

	deliver(c, server, 0, 1);
	free_last(server);
	WRITE(server, "");
	free_last(server);
	WRITE(server, "");
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:2");
}

TEST_HARNESS_MAIN
