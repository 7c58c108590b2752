// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scheduling policies and real-time priorities, for objects that ask for them: by
 * a policy in their flags, or by FLAT_BINDER_FLAG_INHERIT_RT.
 */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rt_test.h"

/* --- what is inherited --- */

TEST_F(rt, fifo_is_inherited)
{
	set_nice(self->client, 5);
	set_sched(self->client, SCHED_FIFO, 10);
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "FIFO 10 reset");
	NICE(self->server, 0);
	done(self);
	SCHED(self->server, "NORMAL 0");
	SCHED(self->client, "FIFO 10");
}

TEST_F(rt, rr_is_inherited)
{
	set_sched(self->client, SCHED_RR, 99);
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "RR 99 reset");
	done(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, batch_is_inherited)
{
	set_sched(self->client, SCHED_BATCH, 4);
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "BATCH 4 reset");
	done(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, nice_is_inherited)
{
	set_nice(self->client, 4);
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "NORMAL 4 reset");
	done(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, nothing_changes_between_equals)
{
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "NORMAL 0");
	done(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, without_inherit_rt_a_caller_counts_as_nice_0)
{
	set_nice(self->client, 9);
	set_sched(self->client, SCHED_FIFO, 10);
	set_sched(self->server, SCHED_RR, 30);
	serve(self, MINIMUM(SCHED_BATCH, 19));
	SCHED(self->server, "NORMAL 0 reset");
	done(self);
	SCHED(self->server, "RR 30");
}

TEST_F(rt, idle_caller_counts_by_its_nice_value)
{
	set_sched(self->client, SCHED_IDLE, 0);
	set_nice(self->client, 3);
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "NORMAL 3 reset");
	done(self);
	SCHED(self->server, "NORMAL 0");
}

/* --- minimums --- */

TEST_F(rt, minimum_is_lent_to_a_normal_caller)
{
	serve(self, MINIMUM(SCHED_FIFO, 5));
	SCHED(self->server, "FIFO 5 reset");
	done(self);
	SCHED(self->server, "NORMAL 0");
	finish_call(self);
	serve(self, MINIMUM(SCHED_RR, 1));
	SCHED(self->server, "RR 1 reset");
	done(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, minimum_helps_a_less_urgent_caller)
{
	set_sched(self->client, SCHED_FIFO, 10);
	serve(self, INHERIT | MINIMUM(SCHED_RR, 20));
	SCHED(self->server, "RR 20 reset");
	done(self);
	finish_call(self);
	serve(self, INHERIT | MINIMUM(SCHED_RR, 9));
	SCHED(self->server, "FIFO 10 reset");
	done(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, fifo_is_preferred_to_rr)
{
	set_sched(self->client, SCHED_RR, 10);
	serve(self, INHERIT | MINIMUM(SCHED_FIFO, 10));
	SCHED(self->server, "FIFO 10 reset");
	done(self);
	finish_call(self);
	set_sched(self->client, SCHED_FIFO, 10);
	serve(self, INHERIT | MINIMUM(SCHED_RR, 10));
	SCHED(self->server, "FIFO 10 reset");
}

TEST_F(rt, minimum_is_signed)
{
	set_nice(self->client, 5);
	serve(self, INHERIT | MINIMUM(SCHED_OTHER, -10));
	SCHED(self->server, "NORMAL -10 reset");
	done(self);
	SCHED(self->server, "NORMAL 0");
	finish_call(self);
	serve(self, MINIMUM(SCHED_BATCH, -20));
	SCHED(self->server, "BATCH -20 reset");
	done(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, minimum_of_nice_is_no_maximum)
{
	set_nice(self->client, -12);
	serve(self, INHERIT | MINIMUM(SCHED_OTHER, -10));
	SCHED(self->server, "NORMAL -12 reset");
}

TEST_F(rt, impossible_minimum_is_none)
{
	const uint32_t flags[] = {
		MINIMUM(SCHED_FIFO, 0), MINIMUM(SCHED_FIFO, 100), MINIMUM(SCHED_RR, -1),
		MINIMUM(SCHED_BATCH, 20), MINIMUM(SCHED_BATCH, -21), INHERIT | MINIMUM(0, -128),
	};

	set_nice(self->client, 2);
	for (unsigned int i = 0; i < ARRAY_SIZE(flags); i++) {
		serve(self, flags[i]);
		SCHED(self->server, "NORMAL 2 reset");
		done(self);
		SCHED(self->server, "NORMAL 0");
		finish_call(self);
	}
}

/* --- objects that do not ask --- */

TEST_F(rt, plain_object_is_served_by_nice_values)
{
	set_nice(self->client, 3);
	set_sched(self->client, SCHED_FIFO, 10);
	serve(self, NO_MINIMUM);
	SCHED(self->server, "NORMAL 3");
	done(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, plain_object_leaves_the_policy)
{
	set_nice(self->client, 3);
	set_sched(self->server, SCHED_RR, 10);
	serve(self, NO_MINIMUM);
	SCHED(self->server, "RR 10");
	NICE(self->server, 3);
	/* What it does to its policy meanwhile is its own. */
	set_sched(self->server, SCHED_BATCH, 3);
	done(self);
	SCHED(self->server, "BATCH 0");
}

/* --- the thread's own --- */

TEST_F(rt, own_priority_comes_back)
{
	set_sched(self->server, SCHED_FIFO, 30);
	set_nice(self->client, 6);
	serve(self, MINIMUM(SCHED_BATCH, 10));
	SCHED(self->server, "NORMAL 6 reset");
	done(self);
	SCHED(self->server, "FIFO 30");
	NICE(self->server, 0);
}

TEST_F(rt, own_reset_on_fork_comes_back)
{
	set_sched(self->client, SCHED_FIFO, 10);
	ASSERT_EQ(0, sched_setscheduler(self->server->tid, SCHED_OTHER | SCHED_RESET_ON_FORK,
					&(struct sched_param){ 0 }));
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "FIFO 10 reset");
	done(self);
	SCHED(self->server, "NORMAL 0 reset");
}

TEST_F(rt, idle_thread_is_idle_again)
{
	set_sched(self->server, SCHED_IDLE, 0);
	set_sched(self->client, SCHED_FIFO, 10);
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "FIFO 10 reset");
	done(self);
	SCHED(self->server, "IDLE 0");
}

TEST_F(rt, idle_thread_is_below_all_minimums)
{
	uint32_t h = node(self->server, self->client, MINIMUM(SCHED_BATCH, 19));

	set_sched(self->server, SCHED_IDLE, 0);
	post(self->client, h, 1);
	GO(self->server, "NOOP TXN:1");
	SCHED(self->server, "BATCH 19 reset");
	GO(self->server, "EAGAIN");
	SCHED(self->server, "IDLE 0");
}

TEST_F(rt, deadline_thread_is_left_alone)
{
	set_deadline(self->server);
	set_sched(self->client, SCHED_FIFO, 99);
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "DEADLINE 0");
	done(self);
	SCHED(self->server, "DEADLINE 0");
}

TEST_F(rt, reply_wipes_out_what_the_thread_set)
{
	set_sched(self->client, SCHED_FIFO, 10);
	serve(self, INHERIT | NO_MINIMUM);
	set_sched(self->server, SCHED_RR, 50);
	done(self);
	SCHED(self->server, "NORMAL 0");
}

/* Kernels since 6.12 let a task choose it. */
TEST_F(rt, own_time_slice_comes_back)
{
	if (!set_slice(self->server, 7000000))
		SKIP(return, "a kernel without time slices that tasks choose");
	set_sched(self->client, SCHED_FIFO, 10);
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "FIFO 10 reset");
	done(self);
	SCHED(self->server, "NORMAL 0");
	ASSERT_EQ(7000000, slice_of(self->server));
}

static long do_fork_and_look(struct port *p, void *arg)
{
	pid_t pid;
	int status;

	(void)p;
	(void)arg;
	pid = fork();
	if (!pid)
		_exit(sched_getscheduler(0));
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(rt, children_do_not_inherit)
{
	set_sched(self->client, SCHED_FIFO, 10);
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "FIFO 10 reset");
	ASSERT_EQ(SCHED_OTHER, run(self->server, do_fork_and_look, NULL));
}

/* --- oneway calls --- */

TEST_F(rt, oneway_caller_is_not_inherited)
{
	set_sched(self->client, SCHED_FIFO, 10);
	post(self->client, node(self->server, self->client, INHERIT | NO_MINIMUM), 1);
	GO(self->server, "NOOP TXN:1");
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, oneway_minimum_is_lent_until_the_next_read)
{
	post(self->client, node(self->server, self->client, MINIMUM(SCHED_FIFO, 5)), 1);
	GO(self->server, "NOOP TXN:1");
	SCHED(self->server, "FIFO 5 reset");
	free_last(self->server);
	WRITE(self->server, "");
	SCHED(self->server, "FIFO 5 reset");
	START_ASLEEP(self->server);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, oneway_minimum_is_no_maximum)
{
	set_sched(self->server, SCHED_FIFO, 30);
	post(self->client, node(self->server, self->client, MINIMUM(SCHED_FIFO, 5)), 1);
	GO(self->server, "NOOP TXN:1");
	SCHED(self->server, "FIFO 30");
	GO(self->server, "EAGAIN");
	SCHED(self->server, "FIFO 30");
}

TEST_F(rt, own_policy_is_not_reset)
{
	set_sched(self->server, SCHED_RR, 20);
	post(self->client, node(self->server, self->client, MINIMUM(SCHED_FIFO, 50)), 1);
	GO(self->server, "NOOP TXN:1");
	SCHED(self->server, "FIFO 50 reset");
	GO(self->server, "EAGAIN");
	SCHED(self->server, "RR 20");
}

/* Calls that come while a oneway call is served are one level above it. */
TEST_F(rt, nested_in_a_oneway_call)
{
	struct port *s = self->server, *c = self->client;
	uint32_t to_c = node(c, s, NO_MINIMUM), back = node(s, c, INHERIT | NO_MINIMUM);

	post(c, node(s, c, MINIMUM(SCHED_FIFO, 5)), 1);
	GO(s, "NOOP TXN:1");
	call(s, to_c, 2, 0);
	GO(s, "EAGAIN");
	GO(c, "NOOP TXN:2");
	set_sched(c, SCHED_RR, 9);
	call(c, back, 3, 0);
	GO(c, "EAGAIN");
	GO(s, "NOOP COMPLETE TXN:3");
	SCHED(s, "RR 9 reset");
	done(self);
	SCHED(s, "FIFO 5 reset");
	GO(s, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:0");
	reply(c, 2, 0);
	WRITE(c, "");
	GO(s, "NOOP REPLY:2");
	SCHED(s, "FIFO 5 reset");
	GO(s, "EAGAIN");
	SCHED(s, "NORMAL 0");
}

/* --- nested calls --- */

TEST_F(rt, what_was_lent_is_lent_on)
{
	struct port *third = process(), *s = self->server;
	uint32_t to_third = node(third, s, INHERIT | NO_MINIMUM);

	set_sched(self->client, SCHED_FIFO, 10);
	serve(self, INHERIT | NO_MINIMUM);
	deliver(s, third, to_third, 2);
	SCHED(third, "FIFO 10 reset");
	answer(third, s);
	SCHED(third, "NORMAL 0");
	SCHED(s, "FIFO 10 reset");
	reply(s, 0, 0);
	WRITE(s, "");
	SCHED(s, "NORMAL 0");
}

TEST_F(rt, each_level_restores_its_own)
{
	struct port *s = self->server, *c = self->client;
	uint32_t to_c = node(c, s, NO_MINIMUM);
	uint32_t plain = node(s, c, NO_MINIMUM), back = node(s, c, INHERIT | NO_MINIMUM);

	set_sched(c, SCHED_FIFO, 10);
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(s, "FIFO 10 reset");
	/* Back by an object that asks: a less urgent caller. */
	call(s, to_c, 2, 0);
	GO(s, "EAGAIN");
	GO(c, "NOOP COMPLETE TXN:2");
	set_sched(c, SCHED_OTHER, 3);
	call(c, back, 3, 0);
	GO(c, "EAGAIN");
	GO(s, "NOOP COMPLETE TXN:3");
	SCHED(s, "NORMAL 3 reset");
	done(self);
	SCHED(s, "FIFO 10 reset");
	GO(s, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:0");
	/* Back by one that does not: only the nice value. */
	set_nice(c, 4);
	call(c, plain, 4, 0);
	GO(c, "EAGAIN");
	GO(s, "NOOP TXN:4");
	SCHED(s, "FIFO 10 reset");
	NICE(s, 4);
	done(self);
	NICE(s, 0);
	GO(s, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:0");
	reply(c, 2, 0);
	WRITE(c, "");
	GO(s, "NOOP REPLY:2");
	reply(s, 0, 0);
	WRITE(s, "");
	SCHED(s, "NORMAL 0");
}

/* --- without a reply --- */

TEST_F(rt, restored_when_the_reply_fails)
{
	set_sched(self->client, SCHED_FIFO, 10);
	serve(self, INHERIT | NO_MINIMUM);
	reply_obj(self->server, 0, 0, fd_obj(0, 0));
	WRITE(self->server, "");
	SCHED(self->server, "NORMAL 0");
	GO(self->client, "NOOP COMPLETE FAILED");
}

TEST_F(rt, restored_when_the_caller_is_dead)
{
	set_sched(self->client, SCHED_FIFO, 10);
	serve(self, INHERIT | NO_MINIMUM);
	die(self->client);
	SCHED(self->server, "FIFO 10 reset");
	done(self);
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, given_back_at_thread_exit)
{
	set_sched(self->client, SCHED_FIFO, 10);
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "FIFO 10 reset");
	ASSERT_EQ(0, ioc_at(self->server, BINDER_THREAD_EXIT, 0));
	SCHED(self->server, "NORMAL 0");
}

TEST_F(rt, given_back_when_the_file_is_closed)
{
	set_sched(self->client, SCHED_FIFO, 10);
	serve(self, INHERIT | NO_MINIMUM);
	SCHED(self->server, "FIFO 10 reset");
	shut(self->server);
	ASSERT_STREQ("NOOP COMPLETE DEAD", go_blocking(self->client));
	SCHED(self->server, "NORMAL 0");
}

TEST_HARNESS_MAIN
