// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads: the first read, loopers and the wish for more of them, which thread
 * gets what, sleeping, waking and signals.
 */
#include <errno.h>
#include <sys/mman.h>

#include "protocol_test.h"

PROTOCOL_FIXTURE(loopers);

/* --- the first ioctl of a thread --- */

TEST_F(loopers, subtle_first_read_never_blocks)
{
	struct port *p = process(), *t = new_thread_of(p);

	start(t);
	FINISH(t, "NOOP");
	START_ASLEEP(t);
}

TEST_F(loopers, subtle_first_read_never_blocks_as_looper)
{
	struct port *p = process(), *t = new_thread_of(p);

	bnd_cmd_enter_looper(&t->w);
	start(t);
	FINISH(t, "NOOP");
	START_ASLEEP(t);
}

TEST_F(loopers, first_read_is_not_eagain)
{
	struct port *p = process(), *t = new_thread_of(p);

	GO(t, "NOOP");
	GO(t, "EAGAIN");
}

TEST_F(loopers, first_read_delivers_what_is_there)
{
	struct port *server = manager(), *c = process(), *t;

	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	t = new_thread_of(server);
	start(t);
	FINISH(t, "NOOP TXN:1");
}

TEST_F(loopers, any_ioctl_counts_as_the_first)
{
	struct port *p = process(), *t = new_thread_of(p);

	ASSERT_EQ(-EINVAL, ioc_at(t, _IO('b', 99), 0));
	START_ASLEEP(t);
}

TEST_F(loopers, a_write_counts_as_the_first)
{
	struct port *p = process(), *t = new_thread_of(p);

	bnd_cmd_enter_looper(&t->w);
	WRITE(t, "");
	START_ASLEEP(t);
}

TEST_F(loopers, thread_exit_makes_it_new_again)
{
	struct port *p = process();

	ASSERT_EQ(0, ioc_at(p, BINDER_THREAD_EXIT, 0));
	start(p);
	FINISH(p, "NOOP");
	START_ASLEEP(p);
}

/* --- BR_SPAWN_LOOPER --- */

TEST_F(loopers, spawn_is_asked_of_loopers_only)
{
	struct port *p = process(), *t = new_thread_of(p);

	ASSERT_EQ(0, max_threads(p, 4));
	GO(t, "NOOP");
	bnd_cmd_exit_looper(&t->w);
	GO(t, "EAGAIN");
}

TEST_F(loopers, spawn_is_never_asked_with_max_threads_0)
{
	struct port *p = process(), *t = new_thread_of(p);

	bnd_cmd_enter_looper(&t->w);
	GO(t, "NOOP");
}

TEST_F(loopers, spawn_is_not_asked_with_eagain)
{
	struct port *server = manager(), *c = process();

	ASSERT_EQ(0, max_threads(server, 1));
	bnd_cmd_enter_looper(&server->w);
	GO(server, "EAGAIN");
	GO(server, "EAGAIN");
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(server, "SPAWN TXN:1");
}

TEST_F(loopers, spawn_is_not_asked_with_eintr)
{
	struct port *p = process(), *t = new_thread_of(p);

	ASSERT_EQ(0, max_threads(p, 1));
	bnd_cmd_enter_looper(&p->w);
	START_ASLEEP(p);
	interrupt(p);
	FINISH(p, "EINTR");
	bnd_cmd_enter_looper(&t->w);
	GO(t, "SPAWN");
}

TEST_F(loopers, one_spawn_request_at_a_time)
{
	struct port *p = process();
	struct port *t[4];

	ASSERT_EQ(0, max_threads(p, 15));
	for (int i = 0; i < 4; i++)
		t[i] = new_thread_of(p);
	bnd_cmd_enter_looper(&t[0]->w);
	GO(t[0], "SPAWN");
	bnd_cmd_enter_looper(&t[1]->w);
	GO(t[1], "NOOP");
	bnd_cmd_register_looper(&t[2]->w);
	GO(t[2], "SPAWN");
	bnd_cmd_register_looper(&t[3]->w);
	GO(t[3], "SPAWN");
}

TEST_F(loopers, spawn_is_not_asked_while_a_thread_waits)
{
	struct port *p = process(), *idle = thread_of(p), *t = new_thread_of(p);

	ASSERT_EQ(0, max_threads(p, 15));
	START_ASLEEP(idle);
	bnd_cmd_enter_looper(&t->w);
	GO(t, "NOOP");
	interrupt(idle);
	FINISH(idle, "EINTR");
	ASSERT_EQ(0, ioc_at(t, BINDER_THREAD_EXIT, 0));
	bnd_cmd_enter_looper(&t->w);
	GO(t, "SPAWN");
}

/* A thread that waits for its reply is no idle thread. */
TEST_F(loopers, spawn_is_asked_while_all_others_wait_for_replies)
{
	struct port *server = manager(), *p = process(), *t = new_thread_of(p);

	(void)server;
	ASSERT_EQ(0, max_threads(p, 15));
	call(p, 0, 1, 0);
	START_ASLEEP(p);
	bnd_cmd_enter_looper(&t->w);
	GO(t, "SPAWN");
}

TEST_F(loopers, started_threads_are_never_given_back)
{
	struct port *p = process(), *a = new_thread_of(p), *b = new_thread_of(p);

	ASSERT_EQ(0, max_threads(p, 1));
	bnd_cmd_enter_looper(&a->w);
	GO(a, "SPAWN");
	bnd_cmd_register_looper(&b->w);
	GO(b, "NOOP");
	ASSERT_EQ(0, ioc_at(b, BINDER_THREAD_EXIT, 0));
	ASSERT_EQ(0, ioc_at(a, BINDER_THREAD_EXIT, 0));
	bnd_cmd_enter_looper(&a->w);
	GO(a, "NOOP");
}

TEST_F(loopers, entered_threads_are_not_counted)
{
	struct port *p = process();

	ASSERT_EQ(0, max_threads(p, 1));
	for (int i = 0; i < 5; i++) {
		struct port *t = new_thread_of(p);

		bnd_cmd_enter_looper(&t->w);
		GO(t, i ? "NOOP" : "SPAWN");
	}
}

TEST_F(loopers, registering_unasked_is_not_counted)
{
	struct port *p = process(), *a = new_thread_of(p);

	ASSERT_EQ(0, max_threads(p, 1));
	bnd_cmd_register_looper(&a->w);
	GO(a, "SPAWN");
}

TEST_F(loopers, registering_after_entering_leaves_the_request)
{
	struct port *p = process(), *a = new_thread_of(p), *b = new_thread_of(p);

	ASSERT_EQ(0, max_threads(p, 15));
	bnd_cmd_enter_looper(&a->w);
	GO(a, "SPAWN");
	bnd_cmd_register_looper(&a->w);
	GO(a, "EAGAIN");
	bnd_cmd_enter_looper(&b->w);
	GO(b, "NOOP");
}

TEST_F(loopers, looper_commands_always_succeed)
{
	struct port *server = manager(), *c = process();

	for (int i = 0; i < 3; i++) {
		bnd_cmd_enter_looper(&server->w);
		bnd_cmd_register_looper(&server->w);
		bnd_cmd_enter_looper(&server->w);
		bnd_cmd_exit_looper(&server->w);
		GO(server, "EAGAIN");
	}
	/* And a thread that left the pool still gets work. */
	ping(c, server, 0);
	bnd_cmd_exit_looper(&server->w);
	START_ASLEEP(server);
	call(c, 0, 2, 0);
	GO(c, "EAGAIN");
	FINISH(server, "NOOP TXN:2");
}

TEST_F(loopers, subtle_spawn_replaces_the_noop_in_place)
{
	struct port *server = manager(), *c = process(), *t = new_thread_of(server);

	ASSERT_EQ(0, max_threads(server, 2));
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	bnd_cmd_enter_looper(&t->w);
	GO(t, "SPAWN TXN:1");
	ASSERT_EQ(4 + 4 + 64, t->bwr.read_consumed);
}

/* What stands at the start of the buffer when no NOOP was written is the caller's. */
/* In the peer: the page may not be written to any more. */
static long protect(struct port *p, void *arg)
{
	(void)p;
	return mprotect(arg, 4096, PROT_READ) ? -errno : 0;
}

/* Nobody read that a thread is wanted, so it is said again. */
TEST_F(loopers, spawn_is_asked_again_when_it_could_not_be_stored)
{
	uint8_t *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			      -1, 0);
	struct port *server = manager(), *t = thread_of(server), *c = process();
	struct bnd_stream r = server->r;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, max_threads(server, 1));
	bnd_cmd_enter_looper(&server->w);
	WRITE(server, "");
	/* BR_NOOP is the last word of the first page; the rest goes to the second. */
	server->r.buf = pages + 4092;
	START_ASLEEP(server);
	ASSERT_EQ(0, run(t, protect, pages));
	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	ASSERT_EQ(0, strncmp(finish(server), "EFAULT", 6));
	server->r = r;
	/* The call itself was stored. */
	reply(server, 0, 0);
	GO(server, "SPAWN COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:0");
}

TEST_F(loopers, spawn_does_not_overwrite_what_was_read_before)
{
	struct port *server = manager(), *c = process(), *t = new_thread_of(server);

	ASSERT_EQ(0, max_threads(server, 2));
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	bnd_cmd_enter_looper(&t->w);
	t->skip = 4;
	memset(t->r.buf, 0x5a, 4);
	GO(t, "TXN:1");
	ASSERT_EQ(0x5a, t->r.buf[0]);
	ASSERT_EQ(0x5a, t->r.buf[3]);
}

/* --- two queues --- */

TEST_F(loopers, subtle_deferred_work_sleeps)
{
	struct port *server = manager(), *c = process();

	/* COMPLETE lies in the queue and does not count. */
	call_obj(c, 0, 1, 0, bnd_obj_binder(0x1000, 0, 0));
	GO(c, "EAGAIN");
	GO(c, "EAGAIN");
	START_ASLEEP(c);
	GO(server, "NOOP TXN:1");
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	FINISH(c, "NOOP INCREFS:1000:0 ACQUIRE:1000:0 COMPLETE REPLY:2");
}

TEST_F(loopers, a_normal_item_brings_the_deferred_ones)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	call(c, 0, 2, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE COMPLETE");
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
}

TEST_F(loopers, a_thread_waiting_for_a_reply_gets_no_other_work)
{
	struct port *mgr = manager(), *p = process(), *other = thread_of(p), *c = process();
	uint32_t h = give(p, c, 0x1000, 0, 0);

	call(p, 0, 1, 0);
	START_ASLEEP(p);
	call(c, h, 2, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	ASSERT_TRUE(asleep(p));
	GO(mgr, "NOOP TXN:1");
	GO(other, "NOOP TXN:2");
	ASSERT_TRUE(asleep(p));
}

TEST_F(loopers, a_serving_thread_gets_no_other_work)
{
	struct port *s1 = manager(), *s2 = thread_of(s1), *a = process(), *b = process();

	deliver(a, s1, 0, 1);
	call(b, 0, 2, 0);
	GO(b, "EAGAIN");
	GO(s1, "EAGAIN");
	START_ASLEEP(s1);
	GO(s2, "NOOP TXN:2");
	answer(s2, b);
	ASSERT_TRUE(asleep(s1));
	interrupt(s1);
	FINISH(s1, "EINTR");
	answer(s1, a);
	/* Free again. */
	call(b, 0, 3, TF_ONE_WAY);
	GO(b, "NOOP COMPLETE");
	GO(s1, "NOOP TXN:3");
}

/* Whether a pass takes work of the process is decided when it begins. */
TEST_F(loopers, subtle_a_pass_with_own_work_takes_no_other)
{
	struct port *server = manager(), *c = process();
	struct port *mgr = server;
	uint32_t h = give(mgr, c, 0x1000, 0, 0);

	(void)h;
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	/* Own work of the server's thread: a failed call. */
	call(server, 77, 1, 0);
	WRITE(server, "");
	GO(server, "NOOP FAILED");
	GO(server, "NOOP TXN:1");
}

/* --- who is woken --- */

TEST_F(loopers, the_most_recently_idle_thread_is_woken)
{
	struct port *server = manager(), *c = process();
	struct port *t[3];

	for (int i = 0; i < 3; i++) {
		t[i] = thread_of(server);
		START_ASLEEP(t[i]);
	}
	for (int i = 2; i >= 0; i--) {
		uint32_t code = 0x10 + i;
		char want[32];

		call(c, 0, code, 0);
		GO(c, "EAGAIN");
		snprintf(want, sizeof(want), "NOOP TXN:%x", code);
		FINISH(t[i], want);
		for (int j = 0; j < i; j++)
			ASSERT_TRUE(asleep(t[j]));
		answer(t[i], c);
	}
}

TEST_F(loopers, subtle_signal_and_work_together)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();

	START_ASLEEP(t);
	call(c, 0, 1, 0);
	ASSERT_EQ(0, hand_over_and_interrupt(c, t));
	FINISH(t, "EINTR");
	/* It was given to this thread and waits for it. */
	GO(server, "EAGAIN");
	GO(t, "NOOP TXN:1");
	answer(t, c);
}

TEST_F(loopers, a_call_that_was_not_read_must_be_read_first)
{
	struct port *mgr = manager(), *server = process(), *t = thread_of(server);
	struct port *c = process();
	uint32_t h = give(server, c, 0x1000, 0, 0);

	(void)mgr;
	START_ASLEEP(t);
	call(c, h, 1, 0);
	ASSERT_EQ(0, hand_over_and_interrupt(c, t));
	FINISH(t, "EINTR");
	call(t, 0, 2, 0);
	WRITE(t, "");
	EXTERR(t, "FAILED EPROTO");
	/* The error comes behind what has been waiting. */
	GO(t, "NOOP TXN:1");
	GO(t, "NOOP FAILED");
}

TEST_F(loopers, a_oneway_call_may_be_made_before)
{
	struct port *mgr = manager(), *server = process(), *t = thread_of(server);
	struct port *c = process();
	uint32_t h = give(server, c, 0x1000, 0, 0);

	START_ASLEEP(t);
	call(c, h, 1, 0);
	ASSERT_EQ(0, hand_over_and_interrupt(c, t));
	FINISH(t, "EINTR");
	call(t, 0, 2, TF_ONE_WAY);
	WRITE(t, "");
	GO(mgr, "NOOP TXN:2");
	GO(t, "NOOP TXN:1");
	GO(t, "NOOP COMPLETE");
}

/* --- signals --- */

TEST_F(loopers, a_signal_ends_an_idle_read)
{
	struct port *p = process();

	START_ASLEEP(p);
	interrupt(p);
	FINISH(p, "EINTR");
	START_ASLEEP(p);
}

TEST_F(loopers, a_signal_ends_waiting_for_a_reply)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	START_ASLEEP(c);
	interrupt(c);
	FINISH(c, "EINTR");
	START_ASLEEP(c);
	interrupt(c);
	FINISH(c, "EINTR");
	GO(server, "NOOP TXN:1");
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	ASSERT_STREQ("NOOP COMPLETE REPLY:2", go_blocking(c));
}

TEST_F(loopers, a_stranger_is_not_woken_by_silent_work)
{
	struct port *mgr = manager(), *owner = process(), *idle = thread_of(owner);
	uint32_t h = give(owner, mgr, 0x1000, 0, 0);

	drop(mgr, h);
	WRITE(mgr, "");
	/* Taken again before anybody was told that it was given up. */
	call_obj(owner, 0, 1, 0, bnd_obj_binder(0x1000, 0, 0));
	WRITE(owner, "");
	GO(mgr, "NOOP TXN:1");
	/* There is an item in the queue, but nothing to say about it. */
	START_ASLEEP(idle);
	interrupt(idle);
	FINISH(idle, "EINTR");
	GO(idle, "EAGAIN");
}

/* --- who was woken for work and leaves it --- */

struct sleepers {
	struct port *mgr;
	struct port *first;	/* of the owner, woken before the second */
	struct port *second;
	uint32_t handle;	/* the manager's, of the owner's object */
};

static struct sleepers sleepers(size_t room_of_first)
{
	struct sleepers s = { .mgr = manager(), .second = process() };

	s.first = thread_of(s.second);
	s.handle = give(s.second, s.mgr, 0x10, 0x20, 0);
	s.first->room = room_of_first;
	start(s.second);
	start(s.first);
	if (!asleep(s.second) || !asleep(s.first))
		fail("not asleep: '%s', '%s'", s.first->got, s.second->got);
	return s;
}

TEST_F(loopers, a_notice_left_at_a_signal_wakes_another)
{
	struct sleepers s = sleepers(512);

	bnd_cmd_release(&s.mgr->w, s.handle);
	ASSERT_EQ(0, hand_over_and_interrupt(s.mgr, s.first));
	FINISH(s.first, "EINTR");
	FINISH(s.second, "NOOP RELEASE:10:20");
}

TEST_F(loopers, a_notice_left_for_want_of_room_wakes_another)
{
	struct sleepers s = sleepers(16);

	bnd_cmd_release(&s.mgr->w, s.handle);
	WRITE(s.mgr, "");
	FINISH(s.first, "NOOP");
	FINISH(s.second, "NOOP RELEASE:10:20");
}

TEST_HARNESS_MAIN
