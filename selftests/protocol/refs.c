// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes, references and handles: numbers, counts, and what the owner of an object
 * is told of them, when and on which thread.
 */
#include <errno.h>

#include "protocol_test.h"

PROTOCOL_FIXTURE(refs);

/* Is @handle good for calls? */
static bool usable(struct port *p, uint32_t handle)
{
	call(p, handle, 0xbad, TF_ONE_WAY);
	go(p);
	if (!strcmp(p->got, "NOOP COMPLETE"))
		return true;
	exterr(p);
	return false;
}

/* Reads and frees the calls usable() made. */
static void swallow(struct port *p)
{
	while (!strcmp(go(p), "NOOP TXN:bad"))
		free_last(p);
	if (strcmp(p->got, "EAGAIN"))
		fail("swallow: got '%s'", p->got);
}

/* --- handle numbers --- */

TEST_F(refs, numbers_begin_at_1_and_are_the_lowest)
{
	struct port *mgr = manager(), *owner = process(), *c = process();

	(void)mgr;
	for (uint32_t i = 1; i <= 70; i++)
		ASSERT_EQ(i, give(owner, c, i * 16, 0, 0));
	drop(c, 5);
	drop(c, 33);
	drop(c, 64);
	WRITE(c, "");
	GO(owner,
	   "NOOP RELEASE:50:0 DECREFS:50:0 RELEASE:210:0 DECREFS:210:0 RELEASE:400:0 DECREFS:400:0");
	ASSERT_EQ(5, give(owner, c, 0x9000, 0, 0));
	ASSERT_EQ(33, give(owner, c, 0x9010, 0, 0));
	ASSERT_EQ(64, give(owner, c, 0x9020, 0, 0));
	ASSERT_EQ(71, give(owner, c, 0x9030, 0, 0));
}

TEST_F(refs, numbers_are_each_process_s_own)
{
	struct port *mgr = manager(), *owner = process(), *a = process(), *b = process();

	(void)mgr;
	ASSERT_EQ(1, give(owner, a, 0x10, 0, 0));
	ASSERT_EQ(2, give(owner, a, 0x20, 0, 0));
	ASSERT_EQ(1, give(owner, b, 0x20, 0, 0));
	ASSERT_EQ(2, give(owner, b, 0x10, 0, 0));
}

TEST_F(refs, one_handle_for_one_node)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0);

	for (int i = 0; i < 3; i++)
		ASSERT_EQ(h, give(owner, c, 0x10, 0x20, 0));
	/* By way of a handle, too, and twice in one message. */
	struct flat_binder_object twice[2] = { bnd_obj_handle(h), bnd_obj_weak_handle(h) };

	call_msg(c, objects(0, 1, TF_ONE_WAY, 2, twice));
	GO(c, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN:1");
	ASSERT_EQ(1, got_obj(mgr, 0).handle);
	ASSERT_EQ(1, got_obj(mgr, 1).handle);
}

TEST_F(refs, number_0_is_for_the_manager_s_node)
{
	struct port *mgr = manager(), *c = process();

	deliver(c, mgr, 0, 1);
	reply_obj(mgr, 0, 0, bnd_obj_binder(0, 0, 0));
	GO(mgr, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:0");
	ASSERT_EQ(BINDER_TYPE_HANDLE, got_obj(c, 0).hdr.type);
	ASSERT_EQ(0, got_obj(c, 0).handle);
	/* An ordinary object still begins at 1. */
	ASSERT_EQ(1, give(mgr, c, 0x10, 0, 0));
}

TEST_F(refs, taking_handle_0_needs_no_handle)
{
	struct port *mgr = manager(), *c = process();
	uint32_t h;

	bnd_cmd_acquire(&c->w, 0);
	GO(c, "EAGAIN");
	/* It has one now that can be passed on. */
	h = give(process(), c, 0x10, 0, 0);
	call_obj(c, h, 1, TF_ONE_WAY, bnd_obj_handle(0));
	GO(c, "NOOP COMPLETE");
	bnd_cmd_release(&c->w, 0);
	GO(c, "EAGAIN");
	ping(c, mgr, 0);
}

TEST_F(refs, taking_handle_0_without_a_manager)
{
	struct port *c = process();

	take(c, 0);
	drop(c, 0);
	GO(c, "EAGAIN");
}

TEST_F(refs, taking_handle_0_while_it_is_a_dead_manager)
{
	struct port *old = manager(), *c = process(), *fresh;

	take(c, 0);
	bnd_cmd_request_death(&c->w, 0, 0xd);
	GO(c, "EAGAIN");
	die(old);
	ASSERT_STREQ("NOOP DEAD_BINDER:d", go_blocking(c));
	fresh = manager();
	/* Accepted, but it can only get another number. */
	take(c, 0);
	GO(c, "EAGAIN");
	ASSERT_EQ(2, give(fresh, c, 0x10, 0, 0));
	ASSERT_TRUE(usable(c, 1));
	swallow(fresh);
	ASSERT_EQ(0, fresh->txn.target.ptr);
	ping(c, fresh, 0);
}

/* --- counts --- */

TEST_F(refs, handle_of_a_message_goes_with_its_buffer)
{
	struct port *mgr = manager(), *owner = process();

	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	GO(owner, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE");
	both_done(owner, 0x10, 0x20);
	GO(owner, "EAGAIN");
	GO(mgr, "NOOP TXN:1");
	ASSERT_TRUE(usable(mgr, 1));
	swallow(owner);
	free_last(mgr);
	GO(mgr, "EAGAIN");
	ASSERT_FALSE(usable(mgr, 1));
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
}

TEST_F(refs, handle_taken_outlives_the_buffer)
{
	struct port *mgr = manager(), *owner = process();

	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	GO(owner, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE");
	both_done(owner, 0x10, 0x20);
	GO(owner, "EAGAIN");
	GO(mgr, "NOOP TXN:1");
	bnd_cmd_acquire(&mgr->w, 1);
	free_last(mgr);
	GO(mgr, "EAGAIN");
	GO(owner, "EAGAIN");
	ASSERT_TRUE(usable(mgr, 1));
	swallow(owner);
	bnd_cmd_release(&mgr->w, 1);
	GO(mgr, "EAGAIN");
	ASSERT_FALSE(usable(mgr, 1));
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
}

TEST_F(refs, each_count_counts)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0);

	(void)mgr;
	for (int i = 0; i < 5; i++)
		take(c, h);
	for (int i = 0; i < 5; i++)
		drop(c, h);
	GO(c, "EAGAIN");
	ASSERT_TRUE(usable(c, h));
	swallow(owner);
	bnd_cmd_decrefs(&c->w, h);
	GO(c, "EAGAIN");
	ASSERT_TRUE(usable(c, h));
	swallow(owner);
	/* No weak count left: too many are ignored. */
	bnd_cmd_decrefs(&c->w, h);
	GO(c, "EAGAIN");
	ASSERT_TRUE(usable(c, h));
	swallow(owner);
	bnd_cmd_release(&c->w, h);
	GO(c, "EAGAIN");
	ASSERT_FALSE(usable(c, h));
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
}

TEST_F(refs, subtle_weak_handle_cannot_be_made_strong)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0);

	(void)mgr;
	bnd_cmd_release(&c->w, h);
	GO(c, "EAGAIN");
	GO(owner, "NOOP RELEASE:10:20");
	bnd_cmd_acquire(&c->w, h);
	bnd_cmd_release(&c->w, h);
	bnd_cmd_acquire(&c->w, h);
	GO(c, "EAGAIN");
	ASSERT_FALSE(usable(c, h));
	GO(owner, "EAGAIN");
	/* Only the owner can, by sending it. */
	ASSERT_EQ(h, give(owner, c, 0x10, 0x20, 0));
	ASSERT_TRUE(usable(c, h));
}

TEST_F(refs, commands_for_unknown_handles)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0);

	(void)mgr;
	for (uint32_t i = 2; i < 40; i++) {
		take(c, i);
		drop(c, i);
	}
	take(c, ~0u);
	drop(c, ~0u);
	GO(c, "EAGAIN");
	ASSERT_TRUE(usable(c, h));
	swallow(owner);
	GO(owner, "EAGAIN");
}

TEST_F(refs, subtle_there_is_no_handle_to_an_own_node)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0);

	(void)mgr;
	call_obj(c, h, 1, TF_ONE_WAY, bnd_obj_handle(h));
	GO(c, "NOOP COMPLETE");
	GO(owner, "NOOP TXN:1");
	ASSERT_EQ(BINDER_TYPE_BINDER, got_obj(owner, 0).hdr.type);
	take(owner, 1);
	GO(owner, "EAGAIN");
	ASSERT_FALSE(usable(owner, 1));
	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_handle(1));
	GO(owner, "NOOP FAILED");
	EXTERR(owner, "FAILED EINVAL");
	/* The first handle it gets has the first number. */
	ASSERT_EQ(1, give(c, owner, 0x99, 0, 0));
}

/* --- what the owner is told --- */

TEST_F(refs, told_once_whoever_has_it)
{
	struct port *mgr = manager(), *owner = process(), *a = process(), *b = process();
	uint32_t to_a = give(owner, a, 0x10, 0x20, 0), to_b = give(owner, b, 0x10, 0x20, 0);

	(void)mgr;
	GO(owner, "EAGAIN");
	take(a, to_a);
	take(b, to_b);
	GO(a, "EAGAIN");
	GO(b, "EAGAIN");
	GO(owner, "EAGAIN");
	drop(a, to_a);
	drop(a, to_a);
	drop(b, to_b);
	GO(a, "EAGAIN");
	GO(b, "EAGAIN");
	GO(owner, "EAGAIN");
	drop(b, to_b);
	GO(b, "EAGAIN");
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
	GO(owner, "EAGAIN");
}

TEST_F(refs, weak_then_strong_then_weak)
{
	struct port *mgr = manager(), *owner = process();

	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_weak_binder(0x10, 0x20, 0));
	GO(owner, "NOOP INCREFS:10:20 COMPLETE");
	bnd_cmd_increfs_done(&owner->w, 0x10, 0x20);
	GO(owner, "EAGAIN");
	GO(mgr, "NOOP TXN:1");
	bnd_cmd_increfs(&mgr->w, 1);
	free_last(mgr);
	GO(mgr, "EAGAIN");
	call_obj(owner, 0, 2, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	GO(owner, "NOOP ACQUIRE:10:20 COMPLETE");
	bnd_cmd_acquire_done(&owner->w, 0x10, 0x20);
	GO(owner, "EAGAIN");
	GO(mgr, "NOOP TXN:2");
	ASSERT_EQ(1, got_obj(mgr, 0).handle);
	free_last(mgr);
	GO(mgr, "EAGAIN");
	GO(owner, "NOOP RELEASE:10:20");
	bnd_cmd_decrefs(&mgr->w, 1);
	GO(mgr, "EAGAIN");
	GO(owner, "NOOP DECREFS:10:20");
	GO(owner, "EAGAIN");
}

TEST_F(refs, after_the_end_it_is_a_new_node)
{
	struct port *mgr = manager(), *owner = process();

	for (int i = 0; i < 3; i++) {
		call_obj(owner, 0, i, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20 + i, 0));
		go(owner);
		both_done(owner, 0x10, 0x20 + i);
		GO(owner, "EAGAIN");
		go(mgr);
		free_last(mgr);
		GO(mgr, "EAGAIN");
		go(owner);
	}
	ASSERT_STREQ("NOOP RELEASE:10:22 DECREFS:10:22", owner->got);
}

/* --- on which thread --- */

TEST_F(refs, subtle_the_sending_thread_is_told_before_complete)
{
	struct port *mgr = manager(), *owner = process(), *idle = thread_of(owner);

	START_ASLEEP(idle);
	call_obj(owner, 0, 1, 0, bnd_obj_binder(0x10, 0x20, 0));
	START_ASLEEP(owner);
	ASSERT_TRUE(asleep(idle));
	GO(mgr, "NOOP TXN:1");
	reply(mgr, 0, 0);
	GO(mgr, "NOOP COMPLETE");
	FINISH(owner, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE REPLY:0");
	ASSERT_TRUE(asleep(idle));
}

/* A second thread that sends it to somebody new takes the news over. */
TEST_F(refs, subtle_a_second_sender_takes_the_work_over)
{
	struct port *mgr = manager(), *other = process(), *owner = process();
	struct port *t = thread_of(owner);
	uint32_t to_other = give(other, owner, 0x99, 0, 0);

	call_obj(owner, 0, 1, 0, bnd_obj_binder(0x10, 0x20, 0));
	GO(owner, "EAGAIN");
	call_obj(t, to_other, 2, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	GO(t, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE");
	GO(mgr, "NOOP TXN:1");
	reply(mgr, 0, 0);
	GO(mgr, "NOOP COMPLETE");
	GO(owner, "NOOP COMPLETE REPLY:0");
	GO(other, "NOOP TXN:2");
}

/* To somebody who has it already nothing is new. */
TEST_F(refs, a_second_send_to_the_same_receiver_takes_nothing_over)
{
	struct port *mgr = manager(), *owner = process(), *t = thread_of(owner);

	call_obj(owner, 0, 1, 0, bnd_obj_binder(0x10, 0x20, 0));
	GO(owner, "EAGAIN");
	call_obj(t, 0, 2, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	GO(t, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN:1");
	reply(mgr, 0, 0);
	GO(mgr, "NOOP COMPLETE");
	GO(owner, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE REPLY:0");
}

/* For weak ones only if nobody else is to be told yet. */
TEST_F(refs, subtle_a_second_weak_sender_takes_nothing_over)
{
	struct port *mgr = manager(), *other = process(), *owner = process();
	struct port *t = thread_of(owner);
	uint32_t to_other = give(other, owner, 0x99, 0, 0);

	call_obj(owner, 0, 1, 0, bnd_obj_weak_binder(0x10, 0x20, 0));
	GO(owner, "EAGAIN");
	call_obj(t, to_other, 2, TF_ONE_WAY, bnd_obj_weak_binder(0x10, 0x20, 0));
	GO(t, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN:1");
	reply(mgr, 0, 0);
	GO(mgr, "NOOP COMPLETE");
	GO(owner, "NOOP INCREFS:10:20 COMPLETE REPLY:0");
}

/* --- acknowledging --- */

TEST_F(refs, subtle_release_never_overtakes_acquire)
{
	struct port *mgr = manager(), *owner = process(), *idle = thread_of(owner);

	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	GO(owner, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE");
	START_ASLEEP(idle);
	GO(mgr, "NOOP TXN:1");
	free_last(mgr);
	GO(mgr, "EAGAIN");
	ASSERT_TRUE(asleep(idle));
	bnd_cmd_acquire_done(&owner->w, 0x10, 0x20);
	WRITE(owner, "");
	FINISH(idle, "NOOP RELEASE:10:20");
	START_ASLEEP(idle);
	bnd_cmd_increfs_done(&owner->w, 0x10, 0x20);
	WRITE(owner, "");
	FINISH(idle, "NOOP DECREFS:10:20");
}

TEST_F(refs, wrong_acknowledgements_change_nothing)
{
	struct port *mgr = manager(), *owner = process(), *other = process();

	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	GO(owner, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE");
	both_done(owner, 0x11, 0x20);
	both_done(owner, 0x10, 0x21);
	both_done(owner, 0, 0);
	both_done(other, 0x10, 0x20);
	GO(other, "EAGAIN");
	GO(owner, "EAGAIN");
	GO(mgr, "NOOP TXN:1");
	free_last(mgr);
	GO(mgr, "EAGAIN");
	GO(owner, "EAGAIN");
	both_done(owner, 0x10, 0x20);
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
}

TEST_F(refs, acknowledging_twice)
{
	struct port *mgr = manager(), *owner = process();
	uint32_t h = give(owner, mgr, 0x10, 0x20, 0);

	both_done(owner, 0x10, 0x20);
	both_done(owner, 0x10, 0x20);
	GO(owner, "EAGAIN");
	ASSERT_TRUE(usable(mgr, h));
	swallow(owner);
	drop(mgr, h);
	GO(mgr, "EAGAIN");
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
	both_done(owner, 0x10, 0x20);
	GO(owner, "EAGAIN");
}

TEST_F(refs, manager_acknowledging_its_own_node)
{
	struct port *mgr = manager(), *c = process();

	for (int i = 0; i < 3; i++)
		both_done(mgr, 0, 0);
	GO(mgr, "EAGAIN");
	ping(c, mgr, 0);
}

/* --- counts that messages hold --- */

TEST_F(refs, a_call_in_flight_keeps_its_target)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0);

	(void)mgr;
	call(c, h, 1, TF_ONE_WAY);
	drop(c, h);
	GO(c, "NOOP COMPLETE");
	GO(owner, "NOOP TXN:1");
	GO(owner, "EAGAIN");
	free_last(owner);
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
}

TEST_F(refs, an_object_come_home_keeps_itself)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t other = give(owner, c, 0x50, 0, 0), h = give(owner, c, 0x10, 0x20, 0);

	(void)mgr;
	call_obj(c, other, 1, TF_ONE_WAY, bnd_obj_handle(h));
	drop(c, h);
	GO(c, "NOOP COMPLETE");
	GO(owner, "NOOP TXN:1");
	ASSERT_EQ(0x10, got_obj(owner, 0).binder);
	GO(owner, "EAGAIN");
	free_last(owner);
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
}

TEST_F(refs, a_weak_object_come_home_keeps_itself_weakly)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t other = give(owner, c, 0x50, 0, 0), h = give(owner, c, 0x10, 0x20, 0);

	(void)mgr;
	call_obj(c, other, 1, TF_ONE_WAY, bnd_obj_weak_handle(h));
	drop(c, h);
	GO(c, "NOOP COMPLETE");
	GO(owner, "NOOP TXN:1");
	GO(owner, "NOOP RELEASE:10:20");
	free_last(owner);
	GO(owner, "NOOP DECREFS:10:20");
}

/* --- attributes --- */

TEST_F(refs, subtle_flags_are_those_of_the_first_object)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0, 0), g = give(owner, c, 0x20, 0, 0x100);

	(void)mgr;
	ASSERT_EQ(h, give(owner, c, 0x10, 0, FLAT_BINDER_FLAG_ACCEPTS_FDS));
	ASSERT_EQ(g, give(owner, c, 0x20, 0, 0));
	call_obj(c, h, 1, TF_ONE_WAY, fd_obj(0, 0));
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EPERM");
	call_obj(c, g, 1, TF_ONE_WAY, fd_obj(0, 0));
	GO(c, "NOOP COMPLETE");
}

/* --- dead owners --- */

TEST_F(refs, handle_of_a_dead_object)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0);

	bnd_cmd_request_death(&c->w, h, 0xd);
	GO(c, "EAGAIN");
	die(owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:d", go_blocking(c));
	take(c, h);
	drop(c, h);
	GO(c, "EAGAIN");
	/* It can still be passed on. */
	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_handle(h));
	GO(c, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN:1");
	ASSERT_EQ(BINDER_TYPE_HANDLE, got_obj(mgr, 0).hdr.type);
	call(mgr, got_obj(mgr, 0).handle, 1, 0);
	GO(mgr, "NOOP DEAD");
	EXTERR(mgr, "DEAD EINVAL");
	free_last(mgr);
	GO(mgr, "EAGAIN");
	drop(c, h);
	GO(c, "EAGAIN");
	call(c, h, 1, 0);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EINVAL");
}

TEST_F(refs, a_holder_that_dies_gives_everything_back)
{
	struct port *mgr = manager(), *owner = process(), *idle = thread_of(owner);
	struct port *c = process();

	(void)mgr;
	give(owner, c, 0x10, 0x20, 0);
	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x30, 0x40, 0));
	GO(owner, "NOOP INCREFS:30:40 ACQUIRE:30:40 COMPLETE");
	both_done(owner, 0x30, 0x40);
	GO(owner, "EAGAIN");
	START_ASLEEP(idle);
	die(c);
	finish_both(idle, "RELEASE:10:20", "DECREFS:10:20");
	/* An undelivered message holds its objects for the receiver as well. */
	START_ASLEEP(idle);
	die(mgr);
	finish_both(idle, "RELEASE:30:40", "DECREFS:30:40");
}

TEST_HARNESS_MAIN
