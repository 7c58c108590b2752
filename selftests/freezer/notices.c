// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notices of freezing: each state of a request, and everything that can happen to it there,
 * but for the end of its object, which is R18's.
 *
 * For R23 (CVE-2026-23400).
 */
#include <errno.h>
#include <poll.h>

#include "freezer.h"
#include "protocol_test.h"
#include "notices.h"

PROTOCOL_FIXTURE(freeze_notice);

/* --- the ordinary way --- */

TEST_F(freeze_notice, the_present_state_at_once)
{
	struct trio t = trio();

	request(&t);
	GO(t.c, THAWED);
	ASSERT_EQ(4 + 4 + 16, t.c->bwr.read_consumed);
	done(t.c);
	clear(&t);
	GO(t.c, CLEARED);
	freeze_now(t.freezer, t.server);
	request(&t);
	GO(t.c, FROZEN);
	done(t.c);
	GO(t.c, "EAGAIN");
}

TEST_F(freeze_notice, each_change)
{
	struct trio t = watching();

	for (int i = 0; i < 3; i++) {
		freeze_now(t.freezer, t.server);
		GO(t.c, FROZEN);
		done(t.c);
		GO(t.c, "EAGAIN");
		thaw(t.freezer, t.server);
		GO(t.c, THAWED);
		done(t.c);
		GO(t.c, "EAGAIN");
	}
}

TEST_F(freeze_notice, wakes_a_reader)
{
	struct trio t = watching();

	START_ASLEEP(t.c);
	freeze_now(t.freezer, t.server);
	FINISH(t.c, FROZEN);
}

/* The handler may make calls: it is to run now. */
TEST_F(freeze_notice, ends_the_read)
{
	struct trio t = trio();
	uint32_t second = give(t.server, t.c, 0x30, 0, 0);

	request(&t);
	bnd_cmd_request_freeze(&t.c->w, second, 0x22);
	WRITE(t.c, "");
	GO(t.c, THAWED);
	GO(t.c, "NOOP FROZEN_BINDER:22:0");
	GO(t.c, "EAGAIN");
}

TEST_F(freeze_notice, everybody_of_everything)
{
	struct trio t = trio();
	struct port *p[3] = { t.c, process(), process() };

	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < 3; j++) {
			uint32_t h = give(t.server, p[i], 0x100 + j, 0, 0);
			char want[64];

			bnd_cmd_request_freeze(&p[i]->w, h, 0x10 * i + j);
			WRITE(p[i], "");
			snprintf(want, sizeof(want), "NOOP FROZEN_BINDER:%x:0", 0x10 * i + j);
			GO(p[i], want);
			bnd_cmd_freeze_done(&p[i]->w, 0x10 * i + j);
			WRITE(p[i], "");
		}
	}
	freeze_now(t.freezer, t.server);
	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < 3; j++) {
			char want[64];

			/* In the order of the objects. */
			snprintf(want, sizeof(want), "NOOP FROZEN_BINDER:%x:1", 0x10 * i + j);
			GO(p[i], want);
		}
		GO(p[i], "EAGAIN");
	}
}

TEST_F(freeze_notice, of_the_manager_and_of_weak_handles)
{
	struct trio t = trio();

	bnd_cmd_release(&t.c->w, t.h);
	bnd_cmd_acquire(&t.c->w, 0);
	bnd_cmd_request_freeze(&t.c->w, 0, 0x33);
	request(&t);
	GO(t.c, "NOOP FROZEN_BINDER:33:0");
	GO(t.c, THAWED);
	bnd_cmd_freeze_done(&t.c->w, 0x33);
	done(t.c);
	freeze_now(t.freezer, t.mgr);
	GO(t.c, "NOOP FROZEN_BINDER:33:1");
	freeze_now(t.freezer, t.server);
	GO(t.c, FROZEN);
}

TEST_F(freeze_notice, also_when_nothing_changed)
{
	struct trio t = watching();

	thaw(t.freezer, t.server);
	GO(t.c, THAWED);
	done(t.c);
	freeze_now(t.freezer, t.server);
	GO(t.c, FROZEN);
	done(t.c);
	freeze_now(t.freezer, t.server);
	GO(t.c, FROZEN);
	done(t.c);
	GO(t.c, "EAGAIN");
}

TEST_F(freeze_notice, cookies_are_opaque)
{
	struct trio t = trio();

	bnd_cmd_request_freeze(&t.c->w, t.h, ~0ull);
	GO(t.c, "NOOP FROZEN_BINDER:ffffffffffffffff:0");
	bnd_cmd_freeze_done(&t.c->w, ~0ull);
	bnd_cmd_clear_freeze(&t.c->w, t.h, ~0ull);
	GO(t.c, "NOOP FREEZE_CLEARED:ffffffffffffffff");
	bnd_cmd_request_freeze(&t.c->w, t.h, 0);
	GO(t.c, "NOOP FROZEN_BINDER:0:0");
}

/* --- changes that come too fast --- */

TEST_F(freeze_notice, an_unread_one_is_changed)
{
	struct trio t = trio();

	request(&t);
	freeze_now(t.freezer, t.server);
	GO(t.c, FROZEN);
	GO(t.c, "EAGAIN");
	done(t.c);
	GO(t.c, "EAGAIN");
	thaw(t.freezer, t.server);
	freeze_now(t.freezer, t.server);
	thaw(t.freezer, t.server);
	GO(t.c, THAWED);
	done(t.c);
	GO(t.c, "EAGAIN");
}

TEST_F(freeze_notice, subtle_none_before_the_last_is_acknowledged)
{
	struct trio t = trio();

	request(&t);
	GO(t.c, THAWED);
	freeze_now(t.freezer, t.server);
	GO(t.c, "EAGAIN");
	done(t.c);
	GO(t.c, FROZEN);
	thaw(t.freezer, t.server);
	freeze_now(t.freezer, t.server);
	thaw(t.freezer, t.server);
	GO(t.c, "EAGAIN");
	done(t.c);
	GO(t.c, THAWED);
	done(t.c);
	GO(t.c, "EAGAIN");
}

/* An announcement of what it was told already gives no reason to send one more. */
TEST_F(freeze_notice, none_after_the_acknowledgement_without_a_change)
{
	struct trio t = trio();

	request(&t);
	GO(t.c, THAWED);
	thaw(t.freezer, t.server);
	done(t.c);
	GO(t.c, "EAGAIN");
}

TEST_F(freeze_notice, none_after_there_and_back)
{
	struct trio t = trio();

	request(&t);
	GO(t.c, THAWED);
	freeze_now(t.freezer, t.server);
	thaw(t.freezer, t.server);
	done(t.c);
	GO(t.c, "EAGAIN");
}

/* --- attempts that fail --- */

TEST_F(freeze_notice, none_of_a_failure)
{
	struct trio t = watching();

	ASSERT_STREQ("NOOP COMPLETE", oneway(t.c, t.h, 1, 0));
	ASSERT_EQ(-EAGAIN, freeze(t.freezer, t.server->pid, 1, 0));
	GO(t.c, "EAGAIN");
}

TEST_F(freeze_notice, a_failure_is_told_who_believed_in_success)
{
	struct trio t = trio();

	ASSERT_STREQ("NOOP COMPLETE", oneway(t.c, t.h, 1, 0));
	restart_after_signals(t.freezer, false);
	freeze_begin(t.freezer, t.server->pid, LONG);
	request(&t);
	/* Either is true at this moment, as calls are refused. */
	GO(t.c, FROZEN);
	done(t.c);
	interrupt(t.freezer);
	ASSERT_EQ(-EINTR, freeze_end(t.freezer));
	GO(t.c, THAWED);
}

TEST_F(freeze_notice, a_failure_that_thaws_is_told)
{
	struct trio t = watching();

	freeze_now(t.freezer, t.server);
	GO(t.c, FROZEN);
	done(t.c);
	oneway(t.c, t.h, 1, 0);
	ASSERT_EQ(-EAGAIN, freeze(t.freezer, t.server->pid, 1, 0));
	GO(t.c, THAWED);
}

/* --- mistakes: the ioctl fails, and says where --- */

#define REQUEST_SIZE (4 + 12)

TEST_F(freeze_notice, request_mistakes)
{
	struct trio t = trio();

	bnd_cmd_request_freeze(&t.c->w, t.h + 1, COOKIE);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	/* What stands before counts, what follows does not happen. */
	take(t.c, t.h);
	bnd_cmd_request_freeze(&t.c->w, t.h + 1, COOKIE);
	drop(t.c, t.h);
	drop(t.c, t.h);
	GO(t.c, "EINVAL [16/64]");
	forget(t.c);
	drop(t.c, t.h);
	request(&t);
	bnd_cmd_request_freeze(&t.c->w, t.h, COOKIE);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	bnd_cmd_request_freeze(&t.c->w, t.h, COOKIE + 1);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	GO(t.c, THAWED);
	bnd_cmd_request_freeze(&t.c->w, t.h, COOKIE);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	done(t.c);
	bnd_cmd_request_freeze(&t.c->w, t.h, COOKIE);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	GO(t.c, "EAGAIN");
}

TEST_F(freeze_notice, clear_mistakes)
{
	struct trio t = trio();

	bnd_cmd_clear_freeze(&t.c->w, t.h + 1, COOKIE);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	bnd_cmd_clear_freeze(&t.c->w, t.h, COOKIE);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	request(&t);
	bnd_cmd_clear_freeze(&t.c->w, t.h, COOKIE + 1);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	GO(t.c, THAWED);
	done(t.c);
	clear(&t);
	bnd_cmd_clear_freeze(&t.c->w, t.h, COOKIE);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	GO(t.c, CLEARED);
	GO(t.c, "EAGAIN");
}

TEST_F(freeze_notice, done_mistakes)
{
	struct trio t = trio();

	bnd_cmd_freeze_done(&t.c->w, COOKIE);
	WRITE(t.c, "EINVAL [0/12]");
	forget(t.c);
	request(&t);
	/* Queued is not delivered. */
	bnd_cmd_freeze_done(&t.c->w, COOKIE);
	WRITE(t.c, "EINVAL [0/12]");
	forget(t.c);
	GO(t.c, THAWED);
	bnd_cmd_freeze_done(&t.c->w, COOKIE + 1);
	WRITE(t.c, "EINVAL [0/12]");
	forget(t.c);
	done(t.c);
	bnd_cmd_freeze_done(&t.c->w, COOKIE);
	WRITE(t.c, "EINVAL [0/12]");
	forget(t.c);
	/* What it answered was no question of another process. */
	bnd_cmd_freeze_done(&t.mgr->w, COOKIE);
	WRITE(t.mgr, "EINVAL [0/12]");
	forget(t.mgr);
}

TEST_F(freeze_notice, a_mistake_reads_nothing)
{
	struct trio t = trio();

	request(&t);
	bnd_cmd_freeze_done(&t.c->w, COOKIE + 1);
	GO(t.c, "EINVAL [0/12]");
	ASSERT_EQ(0, t.c->bwr.read_consumed);
	forget(t.c);
	GO(t.c, THAWED);
}

/* --- clearing, in each state --- */

TEST_F(freeze_notice, clear_idle)
{
	struct trio t = watching();

	clear(&t);
	freeze_now(t.freezer, t.server);
	GO(t.c, CLEARED);
	GO(t.c, "EAGAIN");
}

TEST_F(freeze_notice, clear_queued)
{
	struct trio t = trio();

	request(&t);
	clear(&t);
	/* The notice has become the answer. */
	GO(t.c, CLEARED);
	GO(t.c, "EAGAIN");
	bnd_cmd_freeze_done(&t.c->w, COOKIE);
	WRITE(t.c, "EINVAL [0/12]");
}

TEST_F(freeze_notice, clear_delivered)
{
	struct trio t = trio();

	request(&t);
	GO(t.c, THAWED);
	clear(&t);
	GO(t.c, "EAGAIN");
	freeze_now(t.freezer, t.server);
	GO(t.c, "EAGAIN");
	done(t.c);
	GO(t.c, CLEARED);
	GO(t.c, "EAGAIN");
}

/* There was another to be sent; it is not. */
TEST_F(freeze_notice, clear_with_another_to_follow)
{
	struct trio t = trio();

	request(&t);
	GO(t.c, THAWED);
	freeze_now(t.freezer, t.server);
	clear(&t);
	done(t.c);
	GO(t.c, CLEARED);
	GO(t.c, "EAGAIN");
}

TEST_F(freeze_notice, a_new_request_is_legal_once_cleared)
{
	struct trio t = watching();

	clear(&t);
	request(&t);
	/* The answer ends no read. */
	GO(t.c, CLEARED " FROZEN_BINDER:f2ee2e:0");
	done(t.c);
	freeze_now(t.freezer, t.server);
	GO(t.c, FROZEN);
}

TEST_F(freeze_notice, a_new_request_while_the_old_one_is_out)
{
	struct trio t = trio();

	request(&t);
	GO(t.c, THAWED);
	clear(&t);
	bnd_cmd_request_freeze(&t.c->w, t.h, 0x44);
	GO(t.c, "NOOP FROZEN_BINDER:44:0");
	done(t.c);
	GO(t.c, CLEARED);
	bnd_cmd_freeze_done(&t.c->w, 0x44);
	WRITE(t.c, "");
	freeze_now(t.freezer, t.server);
	GO(t.c, "NOOP FROZEN_BINDER:44:1");
}

TEST_F(freeze_notice, one_cookie_for_two_objects)
{
	struct trio t = trio();
	uint32_t second = give(t.server, t.c, 0x30, 0, 0);

	request(&t);
	bnd_cmd_request_freeze(&t.c->w, second, COOKIE);
	GO(t.c, THAWED);
	GO(t.c, THAWED);
	/* The first one that was delivered is the first to be acknowledged. */
	clear(&t);
	done(t.c);
	GO(t.c, CLEARED);
	bnd_cmd_clear_freeze(&t.c->w, second, COOKIE);
	GO(t.c, "EAGAIN");
	done(t.c);
	GO(t.c, CLEARED);
	GO(t.c, "EAGAIN");
}

/* --- poll --- */

static long do_poll(struct port *p, void *arg)
{
	struct pollfd fd = { .fd = p->conn->fd, .events = POLLIN };

	return poll(&fd, 1, (int)(long)arg) < 0 ? -errno : fd.revents;
}

TEST_F(freeze_notice, of_a_polling_thread)
{
	struct trio t = trio();

	ASSERT_EQ(0, run(t.c, do_poll, NULL));
	request(&t);
	ASSERT_EQ(POLLIN, run(t.c, do_poll, NULL));
	GO(t.c, THAWED);
	done(t.c);
	/* At the end of its time it would look once more, and see what did not wake it. */
	run_start(t.c, do_poll, (void *)-1);
	settle(t.c);
	ASSERT_TRUE(asleep(t.c));
	freeze_now(t.freezer, t.server);
	ASSERT_EQ(POLLIN, run_finish(t.c));
	GO(t.c, FROZEN);
	clear(&t);
	ASSERT_EQ(0, run(t.c, do_poll, NULL));
	done(t.c);
	ASSERT_EQ(POLLIN, run(t.c, do_poll, NULL));
	GO(t.c, CLEARED);
}

TEST_HARNESS_MAIN
