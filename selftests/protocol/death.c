// SPDX-License-Identifier: GPL-2.0-only
/*
 * Death notifications: every state of a request and every order of what can happen to it.
 *
 * For R21 and R22 (CVE-2025-68260).
 */
#include "protocol_test.h"
#include "watch.h"

PROTOCOL_FIXTURE(death);

#define COOKIE 0xc00c1e
#define MANY 40	/* no multiple of 7 or 11 */

/* --- the ordinary way --- */

TEST_F(death, request_die_done_clear)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	START_ASLEEP(w.idle);
	die(w.owner);
	FINISH(w.idle, "NOOP DEAD_BINDER:c00c1e");
	bnd_cmd_dead_binder_done(&w.idle->w, COOKIE);
	GO(w.idle, "EAGAIN");
	bnd_cmd_clear_death(&w.idle->w, w.h, COOKIE);
	GO(w.idle, "NOOP CLEARED:c00c1e");
	drop(w.p, w.h);
	GO(w.p, "EAGAIN");
}

TEST_F(death, subtle_closing_is_dying)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	START_ASLEEP(w.idle);
	shut(w.owner);
	FINISH(w.idle, "NOOP DEAD_BINDER:c00c1e");
}

TEST_F(death, cookies_are_opaque)
{
	struct watch w = watch_owner();

	request_death(&w, 0);
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:0", go_blocking(w.p));
	bnd_cmd_dead_binder_done(&w.p->w, 0);
	bnd_cmd_clear_death(&w.p->w, w.h, 0);
	GO(w.p, "NOOP CLEARED:0");
	/* After it was cleared another request is legal; the owner is dead by now. */
	bnd_cmd_request_death(&w.p->w, w.h, ~0ull);
	GO(w.p, "NOOP DEAD_BINDER:ffffffffffffffff");
}

TEST_F(death, the_manager_can_be_watched)
{
	struct port *mgr = manager(), *p = process();

	bnd_cmd_acquire(&p->w, 0);
	bnd_cmd_request_death(&p->w, 0, COOKIE);
	GO(p, "EAGAIN");
	die(mgr);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(p));
}

TEST_F(death, weak_handles_can_be_watched)
{
	struct watch w = watch_owner();

	bnd_cmd_release(&w.p->w, w.h);
	GO(w.p, "EAGAIN");
	GO(w.owner, "NOOP RELEASE:10:20");
	request_death(&w, COOKIE);
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
}

TEST_F(death, each_holder_is_told)
{
	struct watch w = watch_owner();
	struct port *p[4];

	for (int i = 0; i < 4; i++) {
		p[i] = process();
		bnd_cmd_request_death(&p[i]->w, give(w.owner, p[i], 0x10, 0x20, 0), 0x100 + i);
		GO(p[i], "EAGAIN");
	}
	die(w.owner);
	for (int i = 0; i < 4; i++) {
		char want[64];

		snprintf(want, sizeof(want), "NOOP DEAD_BINDER:%x", 0x100 + i);
		ASSERT_STREQ(want, go_blocking(p[i]));
	}
}

TEST_F(death, only_the_owner_s_end_counts)
{
	struct watch w = watch_owner();
	struct port *t = thread_of(w.owner);

	request_death(&w, COOKIE);
	/* Neither another holder, nor a thread, nor the owner giving it up. */
	give(w.owner, w.mgr, 0x10, 0x20, 0);
	ASSERT_EQ(0, ioc_at(t, BINDER_THREAD_EXIT, 0));
	die(w.mgr);
	GO(w.p, "EAGAIN");
	ping(w.p, w.owner, w.h);
	GO(w.p, "EAGAIN");
}

/* --- requests that come too late, or twice --- */

TEST_F(death, request_for_the_dead)
{
	struct watch w = watch_owner();

	owner_dies_unread(&w);
	START_ASLEEP(w.idle);
	bnd_cmd_request_death(&w.p->w, w.h, COOKIE);
	WRITE(w.p, "");
	FINISH(w.idle, "NOOP DEAD_BINDER:c00c1e");
	GO(w.p, "EAGAIN");
}

TEST_F(death, request_twice)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	request_death(&w, COOKIE + 1);
	request_death(&w, COOKIE);
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
	/* Not even after delivery, before or after it was acknowledged. */
	request_death(&w, COOKIE + 1);
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "EAGAIN");
	request_death(&w, COOKIE + 1);
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	GO(w.p, "NOOP CLEARED:c00c1e");
	bnd_cmd_request_death(&w.p->w, w.h, COOKIE + 1);
	GO(w.p, "NOOP DEAD_BINDER:c00c1f");
}

TEST_F(death, request_for_an_unknown_handle)
{
	struct watch w = watch_owner();

	bnd_cmd_request_death(&w.p->w, w.h + 1, COOKIE);
	bnd_cmd_clear_death(&w.p->w, w.h + 1, COOKIE);
	GO(w.p, "EAGAIN");
}

/* --- clearing, in each state --- */

TEST_F(death, clear_armed)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	GO(w.p, "NOOP CLEARED:c00c1e");
	owner_dies_unread(&w);
	GO(w.p, "EAGAIN");
}

TEST_F(death, clear_nothing)
{
	struct watch w = watch_owner();

	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	GO(w.p, "EAGAIN");
	request_death(&w, COOKIE);
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	GO(w.p, "NOOP CLEARED:c00c1e");
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	GO(w.p, "EAGAIN");
}

TEST_F(death, clear_with_the_wrong_cookie)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE + 1);
	GO(w.p, "EAGAIN");
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
}

TEST_F(death, clear_queued)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	owner_dies_unread(&w);
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	GO(w.p, "NOOP DEAD_BINDER:c00c1e");
	GO(w.p, "EAGAIN");
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "NOOP CLEARED:c00c1e");
	GO(w.p, "EAGAIN");
}

TEST_F(death, clear_delivered)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	GO(w.p, "EAGAIN");
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	GO(w.p, "EAGAIN");
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "NOOP CLEARED:c00c1e");
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "EAGAIN");
}

TEST_F(death, clear_acknowledged)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "EAGAIN");
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	GO(w.p, "NOOP CLEARED:c00c1e");
}

TEST_F(death, subtle_a_new_request_is_legal_once_cleared)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	bnd_cmd_request_death(&w.p->w, w.h, COOKIE);
	GO(w.p, "NOOP CLEARED:c00c1e");
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
}

/* Also when the old one has not been acknowledged: both go their way. */
TEST_F(death, a_new_request_while_the_old_one_is_out)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	bnd_cmd_request_death(&w.p->w, w.h, 0x88);
	GO(w.p, "NOOP DEAD_BINDER:88");
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "NOOP CLEARED:c00c1e");
	bnd_cmd_dead_binder_done(&w.p->w, 0x88);
	bnd_cmd_clear_death(&w.p->w, w.h, 0x88);
	GO(w.p, "NOOP CLEARED:88");
}

/* --- where CLEARED goes --- */

TEST_F(death, subtle_cleared_comes_though_the_handle_is_gone)
{
	struct watch w = watch_owner();

	bnd_cmd_enter_looper(&w.p->w);
	request_death(&w, COOKIE);
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	drop(w.p, w.h);
	GO(w.p, "NOOP CLEARED:c00c1e");
	ASSERT_EQ(4 + 4 + 8, w.p->bwr.read_consumed);
	call(w.p, w.h, 1, 0);
	GO(w.p, "NOOP FAILED");
}

TEST_F(death, subtle_a_looper_is_told_itself)
{
	struct watch w = watch_owner();

	bnd_cmd_enter_looper(&w.p->w);
	request_death(&w, COOKIE);
	START_ASLEEP(w.idle);
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	WRITE(w.p, "");
	ASSERT_TRUE(asleep(w.idle));
	GO(w.p, "NOOP CLEARED:c00c1e");
}

TEST_F(death, done_for_nothing)
{
	struct watch w = watch_owner();

	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "EAGAIN");
	request_death(&w, COOKIE);
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "EAGAIN");
	owner_dies_unread(&w);
	/* Queued is not delivered. */
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "NOOP DEAD_BINDER:c00c1e");
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE + 1);
	GO(w.p, "EAGAIN");
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	GO(w.p, "NOOP CLEARED:c00c1e");
}

/* The same cookie twice: the first delivered is the first acknowledged. */
TEST_F(death, one_cookie_for_two_objects)
{
	struct watch w = watch_owner();
	uint32_t second = give(w.owner, w.p, 0x20, 0, 0);

	request_death(&w, COOKIE);
	bnd_cmd_request_death(&w.p->w, second, COOKIE);
	GO(w.p, "EAGAIN");
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	GO(w.p, "EAGAIN");
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "NOOP CLEARED:c00c1e");
	bnd_cmd_clear_death(&w.p->w, second, COOKIE);
	GO(w.p, "EAGAIN");
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "NOOP CLEARED:c00c1e");
}

/* Each acknowledgment is of the notice that it names, however many are out. */
TEST_F(death, done_in_any_order)
{
	struct watch w = watch_owner();
	uint32_t h[MANY];
	char want[64];

	for (int i = 0; i < MANY; i++) {
		h[i] = give(w.owner, w.p, 0x1000 + i, 0, 0);
		bnd_cmd_request_death(&w.p->w, h[i], COOKIE + i * 7 % MANY);
		GO(w.p, "EAGAIN");
	}
	die(w.owner);
	for (int i = 0; i < MANY; i++)
		ASSERT_EQ(0, strncmp("NOOP DEAD_BINDER:", go_blocking(w.p), 17));
	for (int i = 0; i < MANY; i++) {
		int j = i * 11 % MANY;
		uint64_t cookie = COOKIE + j * 7 % MANY;

		if (i % 3 == 0) {
			/* Its acknowledgment is never sent. */
			drop(w.p, h[j]);
			WRITE(w.p, "");
			bnd_cmd_dead_binder_done(&w.p->w, cookie);
			GO(w.p, "EAGAIN");
			continue;
		}
		bnd_cmd_clear_death(&w.p->w, h[j], cookie);
		WRITE(w.p, "");
		bnd_cmd_dead_binder_done(&w.p->w, cookie);
		snprintf(want, sizeof(want), "NOOP CLEARED:%llx", (unsigned long long)cookie);
		GO(w.p, want);
	}
}

/* --- the holder dies --- */

TEST_F(death, holder_dies_with_requests_in_every_state)
{
	struct watch w = watch_owner();
	struct port *owner2 = process();

	request_death(&w, 1);
	bnd_cmd_request_death(&w.p->w, give(w.owner, w.p, 0x20, 0, 0), 2);
	bnd_cmd_request_death(&w.p->w, give(owner2, w.p, 0x20, 0, 0), 3);
	GO(w.p, "EAGAIN");
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:1", go_blocking(w.p));
	die(w.p);
	ping(owner2, w.mgr, 0);
}

TEST_HARNESS_MAIN
