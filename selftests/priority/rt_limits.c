// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread is lent no policy and no priority that it might not have taken itself.
 */
#include "rt_test.h"

static void serve_fifo(FIXTURE_DATA(rt) *self, int priority)
{
	set_sched(self->client, SCHED_FIFO, priority);
	serve(self, INHERIT | NO_MINIMUM);
}

static void end_of_call(FIXTURE_DATA(rt) *self)
{
	done(self);
	finish_call(self);
}

TEST_F(rt, lent_up_to_the_limit)
{
	unprivileged(self->server, 0, 10);
	serve_fifo(self, 10);
	SCHED(self->server, "FIFO 10 reset");
	end_of_call(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, limit_is_lent_instead_of_more)
{
	unprivileged(self->server, 0, 5);
	serve_fifo(self, 10);
	SCHED(self->server, "FIFO 5 reset");
	end_of_call(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, best_nice_value_is_lent_instead_of_none)
{
	unprivileged(self->server, 28, 0);
	serve_fifo(self, 10);
	SCHED(self->server, "NORMAL -8 reset");
	end_of_call(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, nothing_is_lent_without_right)
{
	unprivileged(self->server, 0, 0);
	serve_fifo(self, 10);
	SCHED(self->server, "NORMAL 0");
	end_of_call(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, minimum_needs_the_right)
{
	unprivileged(self->server, 25, 0);
	serve(self, MINIMUM(SCHED_BATCH, -10));
	SCHED(self->server, "BATCH -5 reset");
	end_of_call(self);
	serve(self, MINIMUM(SCHED_RR, 10));
	SCHED(self->server, "NORMAL -5 reset");
	end_of_call(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, limit_is_not_lent_when_it_is_worse)
{
	/* By root: more than the limits allow. */
	set_sched(self->server, SCHED_FIFO, 20);
	unprivileged(self->server, 25, 10);
	serve_fifo(self, 50);
	SCHED(self->server, "FIFO 20");
	end_of_call(self);
	SCHED(self->server, "FIFO 20");
}

/* What was its own comes back without any right. */
TEST_F(rt, lent_is_taken_back_without_right)
{
	set_sched(self->server, SCHED_FIFO, 20);
	unprivileged(self->server, 25, 10);
	serve_fifo(self, 5);
	SCHED(self->server, "FIFO 5 reset");
	end_of_call(self);
	SCHED(self->server, "FIFO 20");
}

/* Having stepped down itself, the thread is not lifted beyond its limits again. */
TEST_F(rt, thread_that_changed_itself_needs_the_right)
{
	set_sched(self->server, SCHED_FIFO, 20);
	unprivileged(self->server, 25, 10);
	serve_fifo(self, 5);
	set_sched(self->server, SCHED_FIFO, 2);
	done(self);
	SCHED(self->server, "FIFO 10");
}

TEST_F(rt, oneway_minimum_needs_the_right)
{
	unprivileged(self->server, 0, 3);
	post(self->client, node(self->server, self->client, MINIMUM(SCHED_FIFO, 5)), 1);
	GO(self->server, "NOOP TXN:1");
	SCHED(self->server, "FIFO 3 reset");
	GO(self->server, "EAGAIN");
	SCHED(self->server, "NORMAL 0");
}

/* No limit of nice values is asked about what the thread has anyway. */
TEST_F(rt, equals_need_no_right)
{
	unprivileged(self->server, 0, 0);
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "NORMAL 0");
	end_of_call(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_HARNESS_MAIN
