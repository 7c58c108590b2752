// SPDX-License-Identifier: GPL-2.0-only
/*
 * What comes before what: found by random sessions on this and on the kernel's own
 * driver (tools/fuzz), each cut down to what it takes.
 */
#include <errno.h>
#include <poll.h>

#include "protocol_test.h"

PROTOCOL_FIXTURE(order);

/* NOOP and COMPLETE, and then less than the largest record needs. */
#define ROOM_FOR_COMPLETE 80

/* --- calls --- */

TEST_F(order, a_reply_is_read_before_the_next_call)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	c->room = ROOM_FOR_COMPLETE;
	GO(c, "NOOP COMPLETE");
	c->room = 512;
	call(c, 0, 3, 0);
	WRITE(c, "");
	EXTERR(c, "FAILED EPROTO");
	GO(c, "NOOP REPLY:2");
	GO(c, "NOOP FAILED");
	GO(server, "EAGAIN");
	ping(c, server, 0);
}

/* COMPLETE stands in front of the reply, and is in nobody's way. */
TEST_F(order, a_reply_behind_its_complete_does_not_stop_a_call)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	call(c, 0, 3, 0);
	GO(c, "NOOP COMPLETE REPLY:2");
	GO(server, "NOOP TXN:3");
	reply(server, 4, 0);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:4");
}

/* What became of a call is known once that is read, whatever was sent meanwhile. */
TEST_F(order, the_error_of_a_reply_comes_with_it)
{
	struct port *server = manager(), *c = process();
	struct bnd_msg bad = { .data = (void *)0x10, .size = 8 };

	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	reply_msg(server, bad);
	GO(server, "NOOP COMPLETE");
	call(c, 0, 2, TF_ONE_WAY);
	WRITE(c, "");
	EXTERR(c, "OK 0");
	GO(c, "NOOP COMPLETE FAILED COMPLETE");
	EXTERR(c, "FAILED EFAULT");
}

/* --- references --- */

/* Two objects of @owner that only a message still holds: its target, and what is in it. */
static void hold_by_a_message(struct port *owner, struct port *c)
{
	uint32_t target = give(owner, c, 0x10, 0x20, 0), held = give(owner, c, 0x30, 0x40, 0);

	call_obj(c, target, 1, TF_ONE_WAY, bnd_obj_handle(held));
	go(c);
	go(owner);
	drop(c, held);
	drop(c, target);
	go(c);
}

TEST_F(order, a_target_is_let_go_before_what_the_message_holds)
{
	struct port *owner, *c;

	manager();
	owner = process();
	c = process();
	hold_by_a_message(owner, c);
	GO(owner, "EAGAIN");
	free_last(owner);
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20 RELEASE:30:40 DECREFS:30:40");
}

static long readable(struct port *p, void *arg)
{
	struct pollfd fd = { .fd = p->conn->fd, .events = POLLIN };

	(void)arg;
	return poll(&fd, 1, 0) < 0 ? -errno : fd.revents;
}

/* Or else the read that is to fetch the news would block. */
TEST_F(order, an_owner_is_not_readable_when_there_is_nothing_to_tell)
{
	struct port *owner, *c;

	manager();
	owner = process();
	c = process();
	GO(owner, "EAGAIN");
	ASSERT_EQ(0, run(owner, readable, NULL));
	hold_by_a_message(owner, c);
	ASSERT_EQ(0, run(owner, readable, NULL));
	free_last(owner);
	WRITE(owner, "");
	ASSERT_EQ(POLLIN, run(owner, readable, NULL));
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20 RELEASE:30:40 DECREFS:30:40");
	ASSERT_EQ(0, run(owner, readable, NULL));
}

/* --- streams --- */

/* What lies behind a command cut short belongs to nobody's stream. */
TEST_F(order, a_stream_ends_where_it_says)
{
	static const char *const want[] = { "EFAULT [24/31]", "EFAULT [24/30]", "EFAULT [24/29]" };
	struct port *server, *c;
	uint32_t h;

	server = manager();
	c = process();
	h = give(server, c, 0x10, 0x20, 0);
	for (int missing = 1; missing < 4; missing++) {
		take(c, h);
		drop(c, h);
		c->w.len -= (size_t)missing;
		GO(c, want[missing - 1]);
		forget(c);
	}
}

TEST_HARNESS_MAIN
