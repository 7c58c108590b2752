// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread is lent no better nice value than it might have taken itself: RLIMIT_NICE
 * and CAP_SYS_NICE of the thread that serves count, those of the caller do not.
 */
#include "priority_test.h"

FIXTURE(limits)
{
	struct port *server, *client;
	uint32_t handle;
};

FIXTURE_SETUP(limits)
{
	(void)variant;
	running_test = _metadata;
	peers_begin(fail_test);
	manager();
	self->client = process();
	self->handle = 0;
}

FIXTURE_TEARDOWN(limits)
{
	(void)_metadata;
	(void)self;
	(void)variant;
	peers_end();
}

/* The server, whose opener had nice value @nice, without rights but for this limit. */
static void serve_with(FIXTURE_DATA(limits) *self, int nice, unsigned int limit)
{
	self->server = process_at(nice);
	self->handle = node(self->server, self->client, NO_MINIMUM);
	unprivileged(self->server, limit, 0);
}

/* The server's nice value while it serves a caller of nice value @nice. */
static int nice_serving(FIXTURE_DATA(limits) *self, int nice)
{
	int got;

	set_nice(self->client, nice);
	deliver(self->client, self->server, self->handle, 7);
	got = nice_of(self->server);
	answer(self->server, self->client);
	return got;
}

TEST_F(limits, nothing_is_lent_without_right)
{
	serve_with(self, 5, 0);
	ASSERT_EQ(5, nice_serving(self, -5));
	ASSERT_EQ(5, nice_serving(self, 4));
	NICE(self->server, 5);
}

/* What is lent has to be taken back, so a worse value needs the right as well. */
TEST_F(limits, nothing_worse_is_lent_without_right)
{
	serve_with(self, 5, 0);
	ASSERT_EQ(5, nice_serving(self, 10));
	ASSERT_EQ(5, nice_serving(self, 19));
}

TEST_F(limits, lent_up_to_the_limit)
{
	serve_with(self, 5, 25);
	ASSERT_EQ(-5, nice_serving(self, -5));
	ASSERT_EQ(-4, nice_serving(self, -4));
	ASSERT_EQ(10, nice_serving(self, 10));
	NICE(self->server, 5);
}

TEST_F(limits, limit_is_lent_instead_of_more)
{
	serve_with(self, 5, 25);
	ASSERT_EQ(-5, nice_serving(self, -6));
	ASSERT_EQ(-5, nice_serving(self, -20));
	NICE(self->server, 5);
}

TEST_F(limits, limit_is_lent_between_own_and_wanted)
{
	serve_with(self, 18, 5);
	ASSERT_EQ(15, nice_serving(self, -5));
	ASSERT_EQ(15, nice_serving(self, 15));
	ASSERT_EQ(19, nice_serving(self, 19));
	NICE(self->server, 18);
}

TEST_F(limits, limit_is_not_lent_when_it_is_worse)
{
	serve_with(self, 0, 5);
	ASSERT_EQ(0, nice_serving(self, -5));
	ASSERT_EQ(0, nice_serving(self, 10));
	NICE(self->server, 0);
}

TEST_F(limits, lent_is_taken_back_without_right)
{
	serve_with(self, 0, 5);
	ASSERT_EQ(17, nice_serving(self, 17));
	NICE(self->server, 0);
}

TEST_F(limits, oneway_minimum_needs_the_right)
{
	uint32_t h;

	serve_with(self, 18, 5);
	h = node(self->server, self->client, 10);
	post(self->client, h, 1);
	GO(self->server, "NOOP TXN:1");
	NICE(self->server, 15);
	GO(self->server, "EAGAIN");
	NICE(self->server, 18);
}

TEST_F(limits, reset_needs_the_right)
{
	serve_with(self, 5, 0);
	set_nice(self->server, 10);
	GO(self->server, "EAGAIN");
	NICE(self->server, 10);
	set_nice(self->server, 2);
	GO(self->server, "EAGAIN");
	NICE(self->server, 2);
}

TEST_F(limits, reset_up_to_the_limit)
{
	serve_with(self, 5, 10);
	set_nice(self->server, 15);
	GO(self->server, "EAGAIN");
	NICE(self->server, 10);
}

TEST_F(limits, reset_to_worse_than_the_limit)
{
	serve_with(self, 12, 10);
	set_nice(self->server, 5);
	GO(self->server, "EAGAIN");
	NICE(self->server, 12);
}

/* The restore of a value that the thread changed meanwhile is as any other change. */
TEST_F(limits, thread_that_changed_it_needs_the_right)
{
	serve_with(self, 0, 10);
	set_nice(self->client, 12);
	deliver(self->client, self->server, self->handle, 7);
	NICE(self->server, 12);
	set_nice(self->server, 15);
	reply(self->server, 0, 0);
	WRITE(self->server, "");
	NICE(self->server, 10);
}

TEST_F(limits, right_of_the_caller_does_not_count)
{
	serve_with(self, 0, 0);
	/* The caller is root. */
	ASSERT_EQ(0, nice_serving(self, -20));
}

TEST_HARNESS_MAIN
