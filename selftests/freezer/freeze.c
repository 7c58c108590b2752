// SPDX-License-Identifier: GPL-2.0-only
/*
 * BINDER_FREEZE and BINDER_GET_FROZEN_INFO: whom they mean, when they fail, what stays then.
 *
 * For R20.
 */
#include <errno.h>
#include <unistd.h>

#include "freezer_test.h"

PROTOCOL_FIXTURE(freeze);

/* --- whom --- */

TEST_F(freeze, refuses_calls_until_thawed)
{
	struct trio t = trio();

	WORKS(t);
	FREEZE(t.freezer, t.server->pid, 0, 0);
	REFUSED(t);
	EXTERR(t.c, "BR_FROZEN_REPLY 0");
	REFUSED(t);
	ASSERT_EQ(0, freeze(t.freezer, t.server->pid, 0, 0));
	WORKS(t);
	/* Nothing that was refused turns up later. */
	GO(t.server, "EAGAIN");
}

TEST_F(freeze, nobody_has_that_pid)
{
	struct trio t = trio();
	const pid_t none[] = { 0, -1, 0x7fffffff, (pid_t)0x80000000 };

	for (int i = 0; i < 4; i++) {
		ASSERT_EQ(-EINVAL, freeze(t.freezer, none[i], 1, 0));
		ASSERT_EQ(-EINVAL, freeze(t.freezer, none[i], 1, 1000));
		ASSERT_EQ(-EINVAL, freeze(t.freezer, none[i], 0, 0));
		ASSERT_STREQ("EINVAL", frozen_info(t.freezer, none[i]));
	}
	/* A living process without an open of any device: this one. */
	ASSERT_EQ(-EINVAL, freeze(t.freezer, getpid(), 1, 0));
	ASSERT_STREQ("EINVAL", frozen_info(t.freezer, getpid()));
	WORKS(t);
}

TEST_F(freeze, a_thread_is_no_process)
{
	struct trio t = trio();
	struct port *thread = thread_of(t.server);

	ASSERT_NE(thread->tid, t.server->pid);
	ASSERT_EQ(-EINVAL, freeze(t.freezer, thread->tid, 1, 0));
	ASSERT_STREQ("EINVAL", frozen_info(t.freezer, thread->tid));
}

static bool nobody(void *arg)
{
	struct trio *t = arg;

	return !strcmp(frozen_info(t->freezer, t->server->pid), "EINVAL");
}

TEST_F(freeze, a_process_that_closed_is_not_there)
{
	struct trio t = trio();

	shut(t.server);
	wait_until(nobody, &t, "a closed file");
	ASSERT_EQ(-EINVAL, freeze(t.freezer, t.server->pid, 1, 0));
	ASSERT_EQ(-EINVAL, freeze(t.freezer, t.server->pid, 0, 0));
}

TEST_F(freeze, bad_pointers)
{
	struct trio t = trio();

	ASSERT_EQ(-EFAULT, ioc_at(t.freezer, BINDER_FREEZE, 0));
	ASSERT_EQ(-EFAULT, ioc_at(t.freezer, BINDER_GET_FROZEN_INFO, 0));
	WORKS(t);
}

TEST_F(freeze, itself)
{
	struct trio t = trio();

	FREEZE(t.server, t.server->pid, 1000, 0);
	REFUSED(t);
	ASSERT_EQ(0, freeze(t.server, t.server->pid, 0, 0));
	WORKS(t);
}

TEST_F(freeze, any_value_but_0_freezes)
{
	struct trio t = trio();

	ASSERT_EQ(0, freeze(t.freezer, t.server->pid, 2, 0));
	REFUSED(t);
	thaw(t.freezer, t.server);
	ASSERT_EQ(0, freeze(t.freezer, t.server->pid, 0x80000000, 0));
	REFUSED(t);
}

TEST_F(freeze, twice_is_once)
{
	struct trio t = trio();

	freeze_now(t.freezer, t.server);
	freeze_now(t.freezer, t.server);
	thaw(t.freezer, t.server);
	WORKS(t);
	thaw(t.freezer, t.server);
	thaw(t.freezer, t.c);
	WORKS(t);
}

/* By way of another device, where it has nothing open. */
TEST_F(freeze, of_a_process_on_another_device)
{
	struct trio t = trio();
	struct port *elsewhere = process_on(SECOND_DEVICE, AREA);

	FREEZE(elsewhere, t.server->pid, 0, 0);
	REFUSED(t);
	ASSERT_STREQ("1 0", frozen_info(elsewhere, t.server->pid));
	thaw(elsewhere, t.server);
	WORKS(t);
}

/* One process with an open of each device, one client on each. */
struct both {
	struct trio t;
	struct port *second;	/* of the server */
	struct port *c2;
};

static long open_second(struct port *p, void *arg)
{
	int32_t version;

	(void)arg;
	return bnd_open(p->conn, SECOND_DEVICE, AREA, 0) ?: bnd_version(p->conn, &version);
}

static struct both both(void)
{
	struct both b = { .t = trio(), .c2 = process_on(SECOND_DEVICE, AREA) };
	int err;

	b.second = port_on(b.t.server, b.t.server);
	b.second->conn = shared(sizeof(*b.second->conn));
	err = (int)run(b.second, open_second, NULL);
	if (err)
		fail(SECOND_DEVICE ": %s", strerror(-err));
	err = ioc_at(b.second, BINDER_SET_CONTEXT_MGR, 0);
	if (err)
		fail("manager of " SECOND_DEVICE ": %s", strerror(-err));
	return b;
}

TEST_F(freeze, all_that_a_process_has_open)
{
	struct both b = both();

	ping(b.c2, b.second, 0);
	freeze_now(b.t.freezer, b.t.server);
	REFUSED(b.t);
	ASSERT_TRUE(is_refused(b.c2, 0));
	thaw(b.t.freezer, b.t.server);
	WORKS(b.t);
	ping(b.c2, b.second, 0);
}

TEST_F(freeze, an_open_made_later_is_not_frozen)
{
	struct trio t = trio();
	struct both b;

	freeze_now(t.freezer, t.server);
	b.t = t;
	b.second = port_on(t.server, t.server);
	b.second->conn = shared(sizeof(*b.second->conn));
	ASSERT_EQ(0, run(b.second, open_second, NULL));
	ASSERT_EQ(0, ioc_at(b.second, BINDER_SET_CONTEXT_MGR, 0));
	ping(process_on(SECOND_DEVICE, AREA), b.second, 0);
	REFUSED(t);
}

/* --- what has to be over first --- */

TEST_F(freeze, does_not_wait_for_a_completion_to_be_read)
{
	struct trio t = trio();

	call(t.c, t.h, 1, TF_ONE_WAY);
	WRITE(t.c, "");
	FREEZE(t.freezer, t.c->pid, 0, 0);
	GO(t.c, "NOOP COMPLETE");
}

/* With time, and nothing to wait for, it takes none. */
TEST_F(freeze, an_idle_process_at_once)
{
	struct trio t = trio();

	START_ASLEEP(t.server);
	FREEZE(t.freezer, t.server->pid, LONG, 0);
	ASSERT_TRUE(asleep(t.server));
}

/* As long as can be said, and not a moment longer. */
TEST_F(freeze, waits_for_ever_if_told)
{
	struct trio t = trio();

	FREEZE(t.freezer, t.server->pid, FOR_EVER, 0);
	thaw(t.freezer, t.server);
	deliver(t.c, t.server, t.h, 1);
	freeze_begin(t.freezer, t.server->pid, FOR_EVER);
	answer(t.server, t.c);
	ASSERT_EQ(0, freeze_end(t.freezer));
	REFUSED(t);
}

TEST_F(freeze, ends_when_the_call_is_answered)
{
	struct trio t = trio();
	struct port *late = process();
	uint32_t h = give(t.server, late, 0x10, 0x20, 0);

	deliver(t.c, t.server, t.h, 1);
	freeze_begin(t.freezer, t.server->pid, LONG);
	/* New calls are refused while it waits. */
	ASSERT_TRUE(is_refused(late, h));
	answer(t.server, t.c);
	ASSERT_EQ(0, freeze_end(t.freezer));
	ASSERT_TRUE(is_refused(late, h));
}

TEST_F(freeze, ends_when_the_oneway_call_is_read)
{
	struct trio t = trio();

	ASSERT_STREQ("NOOP COMPLETE", oneway(t.c, t.h, 1, 0));
	freeze_begin(t.freezer, t.server->pid, LONG);
	GO(t.server, "NOOP TXN:1");
	ASSERT_EQ(0, freeze_end(t.freezer));
	REFUSED(t);
}

/* Waiting is for messages; a thread that calls out is asked for once, at the end. */
TEST_F(freeze, ends_at_a_thread_that_waits_for_an_answer)
{
	struct trio t = trio();
	struct port *caller = thread_of(t.server);

	deliver(t.c, t.server, t.h, 1);
	call(caller, 0, 2, 0);
	GO(caller, "EAGAIN");
	GO(t.mgr, "NOOP TXN:2");
	freeze_begin(t.freezer, t.server->pid, LONG);
	answer(t.server, t.c);
	ASSERT_EQ(-EAGAIN, freeze_end(t.freezer));
	answer(t.mgr, caller);
	WORKS(t);
}

/* The process dies, or somebody else thaws it. */
TEST_F(freeze, ends_when_there_is_nothing_to_wait_for)
{
	struct trio t = trio();
	struct port *second = process(), *late = process(), *other = process();
	uint32_t h = give(second, late, 0x10, 0x20, 0);

	deliver(t.c, t.server, t.h, 1);
	deliver(late, second, h, 1);
	freeze_begin(t.freezer, t.server->pid, LONG);
	freeze_begin(other, second->pid, LONG);
	thaw(t.mgr, second);
	die(t.server);
	ASSERT_EQ(-EAGAIN, freeze_end(other));
	ASSERT_EQ(0, freeze_end(t.freezer));
	ASSERT_STREQ("NOOP COMPLETE DEAD", go_blocking(t.c));
	answer(second, late);
	ping(late, second, h);
}

TEST_F(freeze, gives_up_when_time_has_passed)
{
	struct trio t = trio();

	deliver(t.c, t.server, t.h, 1);
	FREEZE(t.freezer, t.server->pid, 20, -EAGAIN);
	answer(t.server, t.c);
	WORKS(t);
}

TEST_F(freeze, a_signal_ends_the_wait)
{
	struct trio t = trio();

	restart_after_signals(t.freezer, false);
	deliver(t.c, t.server, t.h, 1);
	freeze_begin(t.freezer, t.server->pid, LONG);
	interrupt(t.freezer);
	ASSERT_EQ(-EINTR, freeze_end(t.freezer));
	answer(t.server, t.c);
	WORKS(t);
}

TEST_F(freeze, goes_on_after_a_signal_that_restarts)
{
	struct trio t = trio();

	restart_after_signals(t.freezer, true);
	deliver(t.c, t.server, t.h, 1);
	freeze_begin(t.freezer, t.server->pid, LONG);
	interrupt(t.freezer);
	settle(t.freezer);
	ASSERT_TRUE(asleep(t.freezer));
	answer(t.server, t.c);
	ASSERT_EQ(0, freeze_end(t.freezer));
	REFUSED(t);
}

/* --- nothing stays frozen after a failure --- */

TEST_F(freeze, a_failure_thaws)
{
	struct trio t = trio();

	ASSERT_STREQ("NOOP COMPLETE", oneway(t.c, t.h, 1, 0));
	FREEZE(t.freezer, t.server->pid, 0, -EAGAIN);
	GO(t.server, "NOOP TXN:1");
	free_last(t.server);
	WRITE(t.server, "");
	WORKS(t);
}

/* Also what was frozen before. */
TEST_F(freeze, a_failure_thaws_the_frozen)
{
	struct trio t = trio();

	freeze_now(t.freezer, t.server);
	oneway(t.c, t.h, 1, 0);
	FREEZE(t.freezer, t.server->pid, 0, -EAGAIN);
	GO(t.server, "NOOP TXN:1");
	free_last(t.server);
	WRITE(t.server, "");
	WORKS(t);
}

/* What was taken and did not arrive is not under way any more. */
TEST_F(freeze, does_not_wait_for_a_call_that_could_not_be_delivered)
{
	uint8_t *page = page_before_a_hole();
	struct trio t = trio();
	struct bnd_stream r = t.server->r;

	call(t.c, t.h, 1, 0);
	GO(t.c, "EAGAIN");
	read_into(t.server, page + 4096 - 40, 512);
	GO(t.server, "EFAULT");
	GO(t.c, "NOOP COMPLETE FAILED");
	t.server->r = r;
	t.server->room = 512;
	freeze_now(t.freezer, t.server);
	thaw(t.freezer, t.server);
	WORKS(t);
}

TEST_F(freeze, does_not_wait_for_a_call_whose_descriptors_had_no_room)
{
	struct trio t = trio();

	ASSERT_EQ(0, run(t.server, limit_fds, NULL));
	call_obj(t.c, t.h, 1, 0, fd_obj(0, 0));
	GO(t.c, "EAGAIN");
	GO(t.server, "EAGAIN");
	GO(t.c, "NOOP COMPLETE FAILED");
	ASSERT_EQ(0, run(t.server, unlimit_fds, NULL));
	freeze_now(t.freezer, t.server);
	thaw(t.freezer, t.server);
	WORKS(t);
}

/* Whichever of the two opens is busy, the other is not left frozen. */
TEST_F(freeze, a_failure_thaws_all_that_a_process_has_open)
{
	struct both b = both();

	deliver(b.t.c, b.t.server, b.t.h, 1);
	FREEZE(b.t.freezer, b.t.server->pid, 0, -EAGAIN);
	ping(b.c2, b.second, 0);
	answer(b.t.server, b.t.c);

	deliver(b.c2, b.second, 0, 1);
	FREEZE(b.t.freezer, b.t.server->pid, 0, -EAGAIN);
	WORKS(b.t);
	answer(b.second, b.c2);
}

TEST_F(freeze, a_signal_thaws_all_that_a_process_has_open)
{
	struct both b = both();

	restart_after_signals(b.t.freezer, false);
	deliver(b.t.c, b.t.server, b.t.h, 1);
	freeze_begin(b.t.freezer, b.t.server->pid, LONG);
	interrupt(b.t.freezer);
	ASSERT_EQ(-EINTR, freeze_end(b.t.freezer));
	ping(b.c2, b.second, 0);
	answer(b.t.server, b.t.c);

	deliver(b.c2, b.second, 0, 1);
	freeze_begin(b.t.freezer, b.t.server->pid, LONG);
	interrupt(b.t.freezer);
	ASSERT_EQ(-EINTR, freeze_end(b.t.freezer));
	WORKS(b.t);
	answer(b.second, b.c2);
}

/* An attempt that fails does not undo a later one that did not. */
TEST_F(freeze, a_failure_leaves_what_another_froze)
{
	struct both b = both();
	struct port *other = process();

	restart_after_signals(b.t.freezer, false);
	deliver(b.t.c, b.t.server, b.t.h, 1);
	freeze_begin(b.t.freezer, b.t.server->pid, LONG);
	freeze_begin(other, b.t.server->pid, LONG);
	interrupt(b.t.freezer);
	ASSERT_EQ(-EINTR, freeze_end(b.t.freezer));
	ASSERT_TRUE(is_refused(b.c2, 0));
	answer(b.t.server, b.t.c);
	ASSERT_EQ(0, freeze_end(other));
	REFUSED(b.t);
	ASSERT_TRUE(is_refused(b.c2, 0));
}

/* --- BINDER_GET_FROZEN_INFO --- */

TEST_F(freeze, info_of_the_refused_and_the_queued)
{
	struct trio t = trio();

	INFO(t, "0 0");
	freeze_now(t.freezer, t.server);
	INFO(t, "0 0");
	oneway(t.c, t.h, 1, 0);
	INFO(t, "2 1");
	REFUSED(t);
	INFO(t, "3 1");
	GO(t.server, "NOOP TXN:1");
	INFO(t, "1 1");
	/* Asking does not change it, a change of state does. */
	thaw(t.freezer, t.server);
	INFO(t, "0 0");
	freeze_now(t.freezer, t.server);
	REFUSED(t);
	INFO(t, "1 0");
	freeze_now(t.freezer, t.server);
	INFO(t, "0 0");
}

TEST_F(freeze, info_is_of_all_that_a_process_has_open)
{
	struct both b = both();

	freeze_now(b.t.freezer, b.t.server);
	REFUSED(b.t);
	INFO(b.t, "1 0");
	oneway(b.c2, 0, 1, 0);
	INFO(b.t, "3 1");
}

/* What happened while an attempt failed is told until the next one. */
TEST_F(freeze, info_after_a_failure)
{
	struct trio t = trio();
	struct port *late = process();
	uint32_t h = give(t.server, late, 0x10, 0x20, 0);

	restart_after_signals(t.freezer, false);
	deliver(t.c, t.server, t.h, 1);
	freeze_begin(t.freezer, t.server->pid, LONG);
	ASSERT_TRUE(is_refused(late, h));
	interrupt(t.freezer);
	ASSERT_EQ(-EINTR, freeze_end(t.freezer));
	INFO(t, "3 0");
	answer(t.server, t.c);
	INFO(t, "1 0");
}

TEST_HARNESS_MAIN
