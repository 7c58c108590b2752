// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completions: their place among what a thread has to read, whatever it does before
 * it reads them, and what becomes of them when a read fails.
 */
#include <errno.h>
#include <poll.h>

#include "protocol_test.h"

PROTOCOL_FIXTURE(completions);

static void write_calls(struct port *c, int nr, uint32_t flags)
{
	for (int i = 0; i < nr; i++) {
		call(c, 0, i, flags);
		if (*only_write(c))
			fail("got '%s'", c->got);
	}
}

TEST_F(completions, are_read_before_a_message_that_came_later)
{
	struct port *server = manager(), *a = process();
	uint32_t to_a = give(a, server, 0xa, 0, 0);

	write_calls(a, 1, TF_ONE_WAY);
	GO(server, "NOOP TXN:0");
	/* The first read of a new thread takes what is there. */
	call(server, to_a, 5, TF_ONE_WAY);
	GO(server, "NOOP COMPLETE");
	GO(a, "NOOP COMPLETE");
	GO(a, "NOOP TXN:5");
}

TEST_F(completions, of_a_call_comes_with_a_nested_one)
{
	struct port *server = manager(), *a = process();
	uint32_t to_a = give(a, server, 0xa, 0, 0);

	/* Oneway completions first, then that of the call, each in its place. */
	write_calls(a, 2, TF_ONE_WAY);
	write_calls(a, 1, 0);
	GO(server, "NOOP TXN:0");
	/* The other oneway call waits until the first is freed. */
	GO(server, "NOOP TXN:0");
	call(server, to_a, 7, 0);
	GO(server, "EAGAIN");
	GO(a, "NOOP COMPLETE COMPLETE COMPLETE TXN:7");
	reply(a, 8, 0);
	GO(a, "NOOP COMPLETE");
	GO(server, "NOOP COMPLETE REPLY:8");
	reply(server, 9, 0);
	GO(server, "NOOP COMPLETE");
	GO(a, "NOOP REPLY:9");
}

TEST_F(completions, of_a_reply_and_of_what_follows)
{
	struct port *server = manager(), *a = process();
	uint32_t to_a = give(a, server, 0xa, 0, 0);

	write_calls(a, 1, 0);
	GO(server, "NOOP TXN:0");
	reply(server, 1, 0);
	WRITE(server, "");
	call(server, to_a, 2, TF_ONE_WAY);
	WRITE(server, "");
	call(server, to_a, 3, TF_ONE_WAY);
	WRITE(server, "");
	call(server, 99, 4, 0);
	GO(server, "NOOP COMPLETE COMPLETE COMPLETE FAILED");
	GO(a, "NOOP COMPLETE REPLY:1");
	GO(a, "NOOP TXN:2");
	free_last(a);
	WRITE(a, "");
	GO(a, "NOOP TXN:3");
}

static long do_poll(struct port *p, void *arg)
{
	struct pollfd fd = { .fd = p->conn->fd, .events = POLLIN };

	(void)arg;
	return poll(&fd, 1, 0) < 0 ? -errno : fd.revents;
}

static long ready(struct port *p)
{
	return run(p, do_poll, NULL);
}

TEST_F(completions, a_poll_finds_them)
{
	struct port *server = manager(), *c = process();

	write_calls(c, 3, TF_ONE_WAY);
	ASSERT_EQ(POLLIN, ready(c));
	/* The thread polls from now on: those that follow are found as well. */
	write_calls(c, 2, TF_ONE_WAY);
	ASSERT_EQ(POLLIN, ready(c));
	GO(c, "NOOP COMPLETE COMPLETE COMPLETE COMPLETE COMPLETE");
	ASSERT_EQ(0, ready(c));
	write_calls(c, 1, 0);
	ASSERT_EQ(0, ready(c));
	GO(server, "NOOP TXN:0");
	GO(server, "NOOP TXN:0");
	reply(server, 1, 0);
	WRITE(server, "");
	/* That of a reply, before the thread has ever polled and after. */
	ASSERT_EQ(POLLIN, ready(server));
	GO(server, "NOOP COMPLETE");
	ASSERT_EQ(POLLIN, ready(c));
	GO(c, "NOOP COMPLETE REPLY:1");
}

TEST_F(completions, a_poll_keeps_their_place)
{
	struct port *server = manager(), *c = process();

	/* Before what came after them, whoever looks meanwhile. */
	write_calls(c, 2, TF_ONE_WAY);
	call(c, 99, 1, 0);
	WRITE(c, "");
	ASSERT_EQ(POLLIN, ready(c));
	GO(c, "NOOP COMPLETE COMPLETE FAILED");
	ASSERT_EQ(0, ready(c));
	(void)server;
}

TEST_F(completions, wait_with_a_call_whose_read_is_interrupted)
{
	struct port *server = manager(), *c = process();

	write_calls(c, 2, TF_ONE_WAY);
	write_calls(c, 1, 0);
	/* The two oneway ones do not wait for the reply. */
	GO(c, "NOOP COMPLETE COMPLETE COMPLETE");
	START_ASLEEP(c);
	interrupt(c);
	FINISH(c, "EINTR");
	(void)server;
}

TEST_F(completions, a_read_that_fails_leaves_what_it_did_not_reach)
{
	uint8_t *page = page_before_a_hole();
	struct port *server = manager(), *c = process();
	struct bnd_stream r = c->r;

	write_calls(c, 1, 0);
	GO(server, "NOOP TXN:0");
	reply(server, 1, 0);
	GO(server, "NOOP COMPLETE");
	/* The completion is lost with the NOOP behind which it does not fit. */
	read_into(c, page + 4096 - 4, 512);
	GO(c, "EFAULT");
	c->r = r;
	c->room = 512;
	GO(c, "NOOP REPLY:1");
}

TEST_F(completions, a_nested_call_that_cannot_be_stored)
{
	uint8_t *page = page_before_a_hole();
	struct port *server = manager(), *a = process();
	uint32_t to_a = give(a, server, 0xa, 0, 0);
	struct bnd_stream r = a->r;

	write_calls(a, 1, 0);
	GO(server, "NOOP TXN:0");
	call(server, to_a, 7, 0);
	GO(server, "EAGAIN");
	read_into(a, page + 4096 - 40, 512);
	GO(a, "EFAULT");
	a->r = r;
	a->room = 512;
	GO(server, "NOOP COMPLETE FAILED");
	/* It serves nothing, and waits for its own call as before. */
	reply(a, 8, 0);
	GO(a, "NOOP FAILED");
	call(server, to_a, 9, 0);
	GO(server, "EAGAIN");
	GO(a, "NOOP TXN:9");
	reply(a, 10, 0);
	GO(a, "NOOP COMPLETE");
	GO(server, "NOOP COMPLETE REPLY:a");
	reply(server, 11, 0);
	GO(server, "NOOP COMPLETE");
	GO(a, "NOOP REPLY:b");
}

TEST_F(completions, go_with_the_thread)
{
	struct port *server = manager(), *c = process(), *t = thread_of(c);

	write_calls(t, 3, TF_ONE_WAY);
	ASSERT_EQ(0, ioc_at(t, BINDER_THREAD_EXIT, 0));
	/* The first read of a new thread returns. */
	GO(t, "NOOP");
	write_calls(t, 1, TF_ONE_WAY);
	die(c);
	GO(server, "NOOP TXN:0");
}

TEST_HARNESS_MAIN
