// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notices of freezing: the end of handles, owners and holders, and who reads them.
 *
 * For R18 (CVE-2024-56554, CVE-2024-56555, CVE-2024-56556).
 */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

#include "freezer.h"
#include "protocol_test.h"
#include "notices.h"

PROTOCOL_FIXTURE(freeze_notice);

/* --- the handle goes --- */

TEST_F(freeze_notice, handle_gone_idle)
{
	struct trio t = watching();

	drop(t.c, t.h);
	GO(t.c, "EAGAIN");
	freeze_now(t.freezer, t.server);
	GO(t.c, "EAGAIN");
	GO(t.server, "NOOP RELEASE:10:20 DECREFS:10:20");
}

TEST_F(freeze_notice, handle_gone_queued)
{
	struct trio t = trio();

	request(&t);
	drop(t.c, t.h);
	GO(t.c, "EAGAIN");
	bnd_cmd_freeze_done(&t.c->w, COOKIE);
	WRITE(t.c, "EINVAL [0/12]");
}

TEST_F(freeze_notice, handle_gone_delivered)
{
	struct trio t = trio();

	request(&t);
	GO(t.c, THAWED);
	freeze_now(t.freezer, t.server);
	drop(t.c, t.h);
	GO(t.c, "EAGAIN");
	bnd_cmd_freeze_done(&t.c->w, COOKIE);
	WRITE(t.c, "EINVAL [0/12]");
}

/* Clear was accepted: its answer comes although the handle is gone. */
TEST_F(freeze_notice, handle_gone_after_clear)
{
	struct trio t = watching();

	clear(&t);
	drop(t.c, t.h);
	GO(t.c, CLEARED);
	t.h = give(t.server, t.c, 0x10, 0x20, 0);
	request(&t);
	GO(t.c, THAWED);
	clear(&t);
	drop(t.c, t.h);
	GO(t.c, "EAGAIN");
	done(t.c);
	GO(t.c, CLEARED);
}

/* --- the owner dies, the holder dies --- */

static bool call_is_dead(void *arg)
{
	struct trio *t = arg;

	call(t->c, t->h, 1, TF_ONE_WAY);
	go(t->c);
	return !strcmp(exterr(t->c), "DEAD EINVAL");
}

TEST_F(freeze_notice, none_of_the_death_of_the_owner)
{
	struct trio t = watching();

	die(t.server);
	wait_until(call_is_dead, &t, "death of the owner");
	GO(t.c, "EAGAIN");
	/* Active as ever. */
	bnd_cmd_request_freeze(&t.c->w, t.h, COOKIE);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	clear(&t);
	GO(t.c, CLEARED);
}

/* Frozen or not, the dead say nothing. */
TEST_F(freeze_notice, request_for_the_dead)
{
	struct trio t = trio();

	die(t.server);
	wait_until(call_is_dead, &t, "death of the owner");
	request(&t);
	GO(t.c, "EAGAIN");
	bnd_cmd_request_freeze(&t.c->w, t.h, COOKIE);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	clear(&t);
	GO(t.c, CLEARED);
}

TEST_F(freeze_notice, on_its_way_when_the_owner_dies)
{
	struct trio t = trio();

	request(&t);
	freeze_now(t.freezer, t.server);
	die(t.server);
	/* The notice of it was queued before. */
	bnd_cmd_request_death(&t.c->w, t.h, 9);
	WRITE(t.c, "");
	GO(t.c, FROZEN);
	done(t.c);
	ASSERT_STREQ("NOOP DEAD_BINDER:9", go_blocking(t.c));
	clear(&t);
	GO(t.c, CLEARED);
}

TEST_F(freeze_notice, holder_dies_with_requests_in_every_state)
{
	struct trio t = trio();
	uint32_t h[6], end;

	for (int i = 0; i < 6; i++) {
		h[i] = give(t.server, t.c, 0x100 + i, 0, 0);
		bnd_cmd_request_freeze(&t.c->w, h[i], i);
		WRITE(t.c, "");
		/* The last one stays unread. */
		if (i < 5)
			ASSERT_NE(0, strcmp(go(t.c), "EAGAIN"));
		if (i < 2) {
			bnd_cmd_freeze_done(&t.c->w, i);
			WRITE(t.c, "");
		}
	}
	/* 1: cleared, unread; 3: cleared, unacknowledged; 4: another to follow. */
	bnd_cmd_clear_freeze(&t.c->w, h[1], 1);
	bnd_cmd_clear_freeze(&t.c->w, h[3], 3);
	WRITE(t.c, "");
	/* What is released last: told when the requests are gone. */
	end = give(t.freezer, t.c, 0x55, 0, 0);
	ASSERT_NE(0, end);
	freeze_now(t.mgr, t.server);
	die(t.c);
	thaw(t.mgr, t.server);
	ASSERT_STREQ("NOOP RELEASE:55:0 DECREFS:55:0", go_blocking(t.freezer));
}

TEST_F(freeze_notice, owner_and_holder_die)
{
	struct trio t = watching();

	freeze_now(t.freezer, t.server);
	die(t.server);
	die(t.c);
	ASSERT_EQ(-EINVAL, freeze(t.freezer, t.server->pid, 0, 0));
}

/* --- which thread --- */

/* R23, CVE-2026-23400: as long as somebody reads, it does not matter who wrote. */
TEST_F(freeze_notice, to_any_thread)
{
	struct trio t = trio();
	struct port *reader = thread_of(t.c);

	/* Even a thread of the pool, for which death notices make an exception. */
	bnd_cmd_enter_looper(&t.c->w);
	WRITE(t.c, "");
	START_ASLEEP(reader);
	request(&t);
	FINISH(reader, THAWED);
	done(t.c);
	START_ASLEEP(reader);
	clear(&t);
	FINISH(reader, CLEARED);
	GO(t.c, "EAGAIN");
}

TEST_F(freeze_notice, done_from_another_thread)
{
	struct trio t = trio();
	struct port *other = thread_of(t.c);

	request(&t);
	GO(t.c, THAWED);
	freeze_now(t.freezer, t.server);
	bnd_cmd_register_looper(&other->w);
	done(other);
	GO(t.c, FROZEN);
	clear(&t);
	GO(t.c, "EAGAIN");
	done(other);
	GO(other, CLEARED);
}

TEST_F(freeze_notice, requested_by_a_thread_that_exits)
{
	struct trio t = trio();
	struct port *other = thread_of(t.c);

	bnd_cmd_request_freeze(&other->w, t.h, COOKIE);
	WRITE(other, "");
	ASSERT_EQ(0, ioc_at(other, BINDER_THREAD_EXIT, 0));
	GO(t.c, THAWED);
	bnd_cmd_freeze_done(&other->w, COOKIE);
	bnd_cmd_clear_freeze(&other->w, t.h, COOKIE);
	WRITE(other, "");
	ASSERT_EQ(0, ioc_at(other, BINDER_THREAD_EXIT, 0));
	GO(t.c, CLEARED);
}

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
