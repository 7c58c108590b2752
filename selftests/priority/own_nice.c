// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is a thread's own: what it gets back when it stops serving without a reply,
 * and what it keeps with the parameter keep_own_nice.
 */
#include <fcntl.h>
#include <unistd.h>

#include "priority_test.h"

PROTOCOL_FIXTURE(given_back);

TEST_F(given_back, at_thread_exit)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -5);
	deliver(c, server, h, 1);
	NICE(server, -5);
	ASSERT_EQ(0, ioc_at(server, BINDER_THREAD_EXIT, 0));
	NICE(server, 0);
	GO(c, "NOOP COMPLETE DEAD");
}

/* Also a better one. */
TEST_F(given_back, at_thread_exit_from_a_nice_caller)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, 15);
	deliver(c, server, h, 1);
	NICE(server, 15);
	ASSERT_EQ(0, ioc_at(server, BINDER_THREAD_EXIT, 0));
	NICE(server, 0);
}

TEST_F(given_back, at_thread_exit_from_nested_calls)
{
	struct port *mgr = manager(), *s = process(), *c = process();
	uint32_t to_s = node(s, c, NO_MINIMUM), to_c = node(c, s, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -6);
	deliver(c, s, to_s, 1);
	NICE(s, -6);
	call(s, to_c, 2, 0);
	GO(s, "EAGAIN");
	GO(c, "NOOP COMPLETE TXN:2");
	set_nice(c, -9);
	call(c, to_s, 3, 0);
	GO(c, "EAGAIN");
	GO(s, "NOOP COMPLETE TXN:3");
	NICE(s, -9);
	ASSERT_EQ(0, ioc_at(s, BINDER_THREAD_EXIT, 0));
	NICE(s, 0);
}

/* What it chose in the middle of the outer call is its own. */
TEST_F(given_back, what_the_thread_set_between_nested_calls)
{
	struct port *mgr = manager(), *s = process(), *c = process();
	uint32_t to_s = node(s, c, NO_MINIMUM), to_c = node(c, s, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -6);
	deliver(c, s, to_s, 1);
	set_nice(s, 9);
	call(s, to_c, 2, 0);
	GO(s, "EAGAIN");
	GO(c, "NOOP COMPLETE TXN:2");
	set_nice(c, -9);
	call(c, to_s, 3, 0);
	GO(c, "EAGAIN");
	GO(s, "NOOP COMPLETE TXN:3");
	NICE(s, -9);
	ASSERT_EQ(0, ioc_at(s, BINDER_THREAD_EXIT, 0));
	NICE(s, 9);
}

TEST_F(given_back, at_thread_exit_after_a_oneway_call)
{
	struct port *mgr = manager(), *server = process_at(10), *c = process();
	uint32_t h = node(server, c, 3);

	(void)mgr;
	post(c, h, 1);
	GO(server, "NOOP TXN:1");
	NICE(server, 3);
	ASSERT_EQ(0, ioc_at(server, BINDER_THREAD_EXIT, 0));
	NICE(server, 10);
}

TEST_F(given_back, when_the_file_is_closed)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -5);
	deliver(c, server, h, 1);
	NICE(server, -5);
	shut(server);
	ASSERT_STREQ("NOOP COMPLETE DEAD", go_blocking(c));
	NICE(server, 0);
}

/* It changed itself, and so has nothing of anybody else. */
TEST_F(given_back, not_what_the_thread_set_itself)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -5);
	deliver(c, server, h, 1);
	set_nice(server, 4);
	ASSERT_EQ(0, ioc_at(server, BINDER_THREAD_EXIT, 0));
	NICE(server, 4);
}

TEST_F(given_back, not_twice)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(c, -5);
	deliver(c, server, h, 1);
	answer(server, c);
	set_nice(server, -5);
	ASSERT_EQ(0, ioc_at(server, BINDER_THREAD_EXIT, 0));
	NICE(server, -5);
}

/* --- the parameter --- */

#define PARAMETER "/sys/module/binder_linux/parameters/keep_own_nice"

static bool set_parameter(const char *value)
{
	int fd = open(PARAMETER, O_WRONLY);
	bool ok = fd >= 0 && write(fd, value, 1) == 1;

	close(fd);
	return ok;
}

FIXTURE(keep_own_nice)
{
	char unused;
};

FIXTURE_SETUP(keep_own_nice)
{
	(void)self;
	(void)variant;
	running_test = _metadata;
	if (!ours())
		SKIP(return, "a parameter of the driver outside the tree");
	ASSERT_TRUE(set_parameter("Y"));
	peers_begin(fail_test);
}

FIXTURE_TEARDOWN(keep_own_nice)
{
	(void)_metadata;
	(void)self;
	(void)variant;
	peers_end();
	set_parameter("N");
}

TEST_F(keep_own_nice, by_reads)
{
	struct port *p = process();

	set_nice(p, 7);
	GO(p, "EAGAIN");
	NICE(p, 7);
	START_ASLEEP(p);
	NICE(p, 7);
}

/* A new thread was given one by whoever made it, or by itself before its first ioctl. */
TEST_F(keep_own_nice, from_before_the_first_read)
{
	struct port *p = process(), *t = new_thread_of(p);

	set_nice(t, 7);
	bnd_cmd_enter_looper(&t->w);
	GO(t, "NOOP");
	NICE(t, 7);
}

TEST_F(keep_own_nice, after_a_call)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, NO_MINIMUM);

	(void)mgr;
	set_nice(server, 7);
	set_nice(c, -5);
	deliver(c, server, h, 1);
	NICE(server, -5);
	answer(server, c);
	NICE(server, 7);
	GO(server, "EAGAIN");
	NICE(server, 7);
}

TEST_F(keep_own_nice, after_a_oneway_call)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, 3);

	(void)mgr;
	set_nice(server, 7);
	post(c, h, 1);
	GO(server, "NOOP TXN:1");
	NICE(server, 3);
	GO(server, "EAGAIN");
	NICE(server, 7);
}

/* Chosen while it had a lent one. */
TEST_F(keep_own_nice, that_was_set_after_a_oneway_call)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = node(server, c, 3);

	(void)mgr;
	set_nice(server, 7);
	post(c, h, 1);
	GO(server, "NOOP TXN:1");
	set_nice(server, 5);
	GO(server, "EAGAIN");
	NICE(server, 5);
	/* And is what comes back from now on. */
	free_last(server);
	post(c, h, 2);
	GO(server, "NOOP TXN:2");
	NICE(server, 3);
	GO(server, "EAGAIN");
	NICE(server, 5);
}

/* A oneway boost still ends for threads that chose nothing. */
TEST_F(keep_own_nice, others_are_reset)
{
	struct port *mgr = manager(), *server = process_at(10), *c = process();
	uint32_t h = node(server, c, 3);

	(void)mgr;
	post(c, h, 1);
	GO(server, "NOOP TXN:1");
	NICE(server, 3);
	GO(server, "EAGAIN");
	NICE(server, 10);
}

TEST_F(keep_own_nice, until_it_is_switched_off)
{
	struct port *p = process();

	set_nice(p, 7);
	GO(p, "EAGAIN");
	NICE(p, 7);
	ASSERT_TRUE(set_parameter("N"));
	GO(p, "EAGAIN");
	NICE(p, 0);
}

TEST_HARNESS_MAIN
