// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which thread of an owner is told of a reference. A sender takes one of its own
 * away when its ioctl returns, so it has to be told itself. And what a thread with a
 * notice in hand makes of it when the reason is gone.
 */
#include "hooks_test.h"

HOOKS_FIXTURE(notices);

struct trio {
	struct port *mgr;
	struct port *owner;
	struct port *reader;	/* another thread of it */
};

/* The owner's object was known weakly; the reader stands with the notice of its end. */
static struct trio reader_stands(void)
{
	struct trio p = { .mgr = manager(), .owner = process() };

	p.reader = thread_of(p.owner);
	call_obj(p.owner, 0, 1, TF_ONE_WAY, bnd_obj_weak_binder(0x10, 0x20, 0));
	go(p.owner);
	bnd_cmd_increfs_done(&p.owner->w, 0x10, 0x20);
	only_write(p.owner);
	go(p.mgr);
	start(p.reader);
	arm("notice");
	free_last(p.mgr);
	only_write(p.mgr);
	await_stop("notice");
	return p;
}

TEST_F(notices, one_in_hand_leaves_the_news_to_the_sender)
{
	struct trio p = reader_stands();

	call_obj(p.owner, 0, 2, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	WRITE(p.owner, "");
	proceed("notice");
	settle(p.reader);
	ASSERT_TRUE(asleep(p.reader)) {
		TH_LOG("reader: '%s'", p.reader->got);
	}
	GO(p.owner, "NOOP ACQUIRE:10:20 COMPLETE");
}

static long do_write(struct port *p, void *arg)
{
	(void)arg;
	return bnd_write(p->conn, &p->w);
}

TEST_F(notices, what_is_sent_is_new_when_its_end_was_told_first)
{
	struct trio p = reader_stands();

	arm("offer");
	call_obj(p.owner, 0, 2, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	run_start(p.owner, do_write, NULL);
	await_stop("offer");
	proceed("notice");
	FINISH(p.reader, "NOOP DECREFS:10:20");
	proceed("offer");
	ASSERT_EQ(0, run_finish(p.owner));
	forget(p.owner);
	GO(p.owner, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE");
}

TEST_F(notices, one_in_hand_tells_what_fell_since)
{
	struct port *mgr = manager(), *owner = process();
	struct port *first = thread_of(owner), *second = thread_of(owner);
	uint32_t h = give(owner, mgr, 0x10, 0x20, 0);

	START_ASLEEP(second);
	START_ASLEEP(first);
	arm("notice");
	bnd_cmd_release(&mgr->w, h);
	WRITE(mgr, "");
	await_stop("notice");
	bnd_cmd_decrefs(&mgr->w, h);
	WRITE(mgr, "");
	settle(second);
	ASSERT_TRUE(asleep(second)) {
		TH_LOG("second: '%s'", second->got);
	}
	proceed("notice");
	FINISH(first, "NOOP RELEASE:10:20 DECREFS:10:20");
}

static bool nodes_are(void *arg)
{
	return objects_of("binder_node") == (long)arg;
}

/* R03, CVE-2020-0423 */
TEST_F(notices, an_object_stays_while_one_is_in_hand)
{
	struct port *mgr = manager(), *owner = process();
	long nodes = objects_of("binder_node");

	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	WRITE(owner, "");
	arm("notice");
	launch(owner);
	await_stop("notice");
	/* Nobody refers to it now, and its owner does not know it. */
	GO(mgr, "NOOP TXN:1");
	free_last(mgr);
	WRITE(mgr, "");
	proceed("notice");
	FINISH(owner, "NOOP COMPLETE");
	wait_until(nodes_are, (void *)nodes, "the end of the object");
}

TEST_F(notices, a_frozen_one_in_hand_is_void_without_its_handle)
{
	struct port *mgr = manager(), *owner = process(), *reader = thread_of(mgr);
	uint32_t h = give(owner, mgr, 0x10, 0x20, 0);

	START_ASLEEP(reader);
	arm("frozen");
	bnd_cmd_request_freeze(&mgr->w, h, 0x33);
	WRITE(mgr, "");
	await_stop("frozen");
	bnd_cmd_release(&mgr->w, h);
	bnd_cmd_decrefs(&mgr->w, h);
	WRITE(mgr, "");
	proceed("frozen");
	settle(reader);
	ASSERT_TRUE(asleep(reader)) {
		TH_LOG("reader: '%s'", reader->got);
	}
}

TEST_F(notices, a_dead_one_in_hand_is_void_without_its_handle)
{
	struct port *mgr = manager(), *owner = process(), *reader = thread_of(mgr);
	uint32_t h = give(owner, mgr, 0x10, 0x20, 0);

	bnd_cmd_request_death(&mgr->w, h, 0x33);
	WRITE(mgr, "");
	START_ASLEEP(reader);
	arm("dead");
	die(owner);
	await_stop("dead");
	drop(mgr, h);
	WRITE(mgr, "");
	proceed("dead");
	settle(reader);
	ASSERT_TRUE(asleep(reader)) {
		TH_LOG("reader: '%s'", reader->got);
	}
}

TEST_HARNESS_MAIN
