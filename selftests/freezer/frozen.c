// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a frozen process can still do, and what happens to calls to it.
 *
 * For R19 (CVE-2026-23184).
 */
#include <errno.h>

#include "freezer_test.h"

PROTOCOL_FIXTURE(frozen);

/* A trio whose server is frozen. */
static struct trio frozen_trio(void)
{
	struct trio t = trio();

	freeze_now(t.freezer, t.server);
	return t;
}

/* --- what it can do --- */

TEST_F(frozen, calls_and_gets_answers)
{
	struct trio t = frozen_trio();

	ping(t.server, t.mgr, 0);
	deliver(t.server, t.mgr, 0, 1);
	answer(t.mgr, t.server);
	ASSERT_STREQ("NOOP COMPLETE", oneway(t.server, 0, 1, 0));
	GO(t.mgr, "NOOP TXN:1");
}

TEST_F(frozen, reads_and_frees_what_was_there)
{
	struct trio t = trio();
	struct port *thread = thread_of(t.server);

	/* Delivered, and its buffer not freed: no reason not to freeze. */
	ACCEPTED(t.c, t.h, 1, 0);
	GO(t.server, "NOOP TXN:1");
	freeze_now(t.freezer, t.server);
	PENDING(t.c, t.h, 2, 0);
	START_ASLEEP(thread);
	free_last(t.server);
	WRITE(t.server, "");
	FINISH(thread, "NOOP TXN:2");
}

TEST_F(frozen, hears_of_references_and_deaths)
{
	struct trio t = frozen_trio();
	struct port *other = process();
	uint32_t h = give(other, t.server, 0x30, 0x40, 0);

	bnd_cmd_request_death(&t.server->w, h, 7);
	GO(t.server, "EAGAIN");
	drop(t.c, t.h);
	GO(t.c, "EAGAIN");
	GO(t.server, "NOOP RELEASE:10:20 DECREFS:10:20");
	die(other);
	ASSERT_STREQ("NOOP DEAD_BINDER:7", go_blocking(t.server));
}

TEST_F(frozen, its_death_is_told)
{
	struct trio t = frozen_trio();

	bnd_cmd_request_death(&t.c->w, t.h, 7);
	GO(t.c, "EAGAIN");
	die(t.server);
	ASSERT_STREQ("NOOP DEAD_BINDER:7", go_blocking(t.c));
	call(t.c, t.h, 1, 0);
	GO(t.c, "NOOP DEAD");
	ASSERT_EQ(-EINVAL, freeze(t.freezer, t.server->pid, 1, 0));
}

TEST_F(frozen, others_may_pass_its_object_on)
{
	struct trio t = frozen_trio();
	struct port *other = process();
	uint32_t h = give(t.server, other, 0x10, 0x20, 0);

	ASSERT_TRUE(is_refused(other, h));
	thaw(t.freezer, t.server);
	ping(other, t.server, h);
}

/* --- calls --- */

/* Its own completion goes again, and no other: it is queued behind those of oneway calls. */
TEST_F(frozen, a_refused_call_takes_no_others_completion)
{
	struct trio t = frozen_trio();

	call(t.c, 0, 1, TF_ONE_WAY);
	call(t.c, 0, 2, TF_ONE_WAY);
	call(t.c, t.h, 3, 0);
	GO(t.c, "NOOP COMPLETE COMPLETE FROZEN_REPLY");
	thaw(t.freezer, t.server);
	GO(t.mgr, "NOOP TXN:1");
	ping(t.c, t.server, t.h);
}

TEST_F(frozen, a_call_is_refused_and_forgotten)
{
	struct trio t = trio();
	struct port *thread = thread_of(t.server);

	START_ASLEEP(thread);
	freeze_now(t.freezer, t.server);
	call(t.c, t.h, 1, 0);
	GO(t.c, "NOOP FROZEN_REPLY");
	EXTERR(t.c, "BR_FROZEN_REPLY 0");
	EXTERR(t.c, "OK 0");
	INFO(t, "1 0");
	ASSERT_TRUE(asleep(thread));
	/* Like any failed call it stops the commands behind it. */
	call(t.c, t.h, 1, 0);
	call(t.c, t.h, 2, 0);
	GO(t.c, "NOOP FROZEN_REPLY [68/136]");
	forget(t.c);
	thaw(t.freezer, t.server);
	call(t.c, t.h, 3, 0);
	GO(t.c, "EAGAIN");
	FINISH(thread, "NOOP TXN:3");
	answer(thread, t.c);
}

TEST_F(frozen, a_nested_call_is_refused)
{
	struct trio t = trio();
	uint32_t back = give(t.server, t.mgr, 0x50, 0, 0);

	freeze_now(t.freezer, t.server);
	deliver(t.server, t.mgr, 0, 1);
	/* A thread of its own waits for this very chain. */
	call(t.mgr, back, 2, 0);
	GO(t.mgr, "NOOP FROZEN_REPLY");
	answer(t.mgr, t.server);
}

TEST_F(frozen, a_refused_call_leaves_nothing)
{
	struct trio t = trio();
	int fds[2], end;

	pipe_in(t.c, fds);
	end = steal(t.c, fds[0]);
	freeze_now(t.freezer, t.server);
	call_obj(t.c, t.h, 1, 0, fd_obj(fds[1], 0));
	GO(t.c, "NOOP FROZEN_REPLY");
	call_obj(t.c, t.h, 1, 0, bnd_obj_binder(0x77, 0x78, 0));
	/* Whether it hears of the object at all is a matter of when it is gone. */
	go(t.c);
	ASSERT_NE(NULL, strstr(t.c->got, "FROZEN_REPLY"));
	close_in(t.c, fds[1]);
	wait_for_end(end);
	thaw(t.freezer, t.server);
	GO(t.server, "EAGAIN");
	/* As much room as ever. */
	call_data(t.c, t.h, 1, 0, shared(AREA - 64), AREA - 64);
	GO(t.c, "EAGAIN");
}

/* --- oneway calls --- */

TEST_F(frozen, a_oneway_call_is_queued)
{
	struct trio t = frozen_trio();

	PENDING(t.c, t.h, 1, 0);
	EXTERR(t.c, "OK 0");
	PENDING(t.c, t.h, 2, 0);
	INFO(t, "2 1");
	thaw(t.freezer, t.server);
	GO(t.server, "NOOP TXN:1");
	free_last(t.server);
	GO(t.server, "NOOP TXN:2");
	ACCEPTED(t.c, t.h, 3, 0);
}

TEST_F(frozen, a_oneway_call_wakes_a_thread)
{
	struct trio t = trio();

	START_ASLEEP(t.server);
	freeze_now(t.freezer, t.server);
	PENDING(t.c, t.h, 1, 0);
	FINISH(t.server, "NOOP TXN:1");
	INFO(t, "0 1");
}

TEST_F(frozen, the_order_is_kept)
{
	struct trio t = trio();

	ACCEPTED(t.c, t.h, 1, 0);
	GO(t.server, "NOOP TXN:1");
	freeze_now(t.freezer, t.server);
	for (int i = 2; i < 6; i++)
		PENDING(t.c, t.h, i, 0);
	thaw(t.freezer, t.server);
	ACCEPTED(t.c, t.h, 6, 0);
	for (int i = 2; i < 7; i++) {
		char want[32];

		free_last(t.server);
		snprintf(want, sizeof(want), "NOOP TXN:%x", i);
		GO(t.server, want);
	}
}

/* --- TF_UPDATE_TXN --- */

#define UPDATE TF_UPDATE_TXN

/* The server has read a oneway call, so that others wait behind it; then it is frozen. */
static struct trio busy_trio(void)
{
	struct trio t = trio();

	oneway(t.c, t.h, 0xb, 0);
	if (strcmp(t.c->got, "NOOP COMPLETE") || strcmp(go(t.server), "NOOP TXN:b"))
		fail("busy: '%s', '%s'", t.c->got, t.server->got);
	freeze_now(t.freezer, t.server);
	return t;
}

static void add_number(char *text, size_t size, uint32_t number)
{
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s%x", len ? " " : "", number);
}

/* The codes of what waits, in order. */
static const char *waiting(struct trio *t)
{
	static char text[128];

	text[0] = '\0';
	for (;;) {
		free_last(t->server);
		go(t->server);
		if (strncmp(t->server->got, "NOOP TXN:", 9))
			break;
		add_number(text, sizeof(text), t->server->txn.code);
	}
	return text;
}

TEST_F(frozen, an_update_takes_the_place_of_its_like)
{
	struct trio t = busy_trio();

	PENDING(t.c, t.h, 1, UPDATE);
	PENDING(t.c, t.h, 2, UPDATE);
	PENDING(t.c, t.h, 3, UPDATE);
	PENDING(t.c, t.h, 1, UPDATE);
	/* It goes to the end, not to where the old one was. */
	ASSERT_STREQ("2 3 1", waiting(&t));
}

TEST_F(frozen, an_update_brings_the_new_data)
{
	struct trio t = busy_trio();
	uint64_t data[] = { 0x1111, 0x2222 };

	for (int i = 0; i < 2; i++) {
		call_data(t.c, t.h, 1, TF_ONE_WAY | UPDATE, &data[i], sizeof(data[i]));
		GO(t.c, "NOOP PENDING_FROZEN");
	}
	free_last(t.server);
	GO(t.server, "NOOP TXN:1");
	ASSERT_EQ(0, memcmp(t.server->payload, &data[1], sizeof(data[1])));
	ASSERT_STREQ("", waiting(&t));
}

TEST_F(frozen, updates_go_on_and_on)
{
	struct trio t = busy_trio();

	/* More than would fit. */
	for (int i = 0; i < 100; i++) {
		call_data(t.c, t.h, 1, TF_ONE_WAY | UPDATE, shared(2048), 2048);
		GO(t.c, "NOOP PENDING_FROZEN");
	}
	INFO(t, "2 1");
	ASSERT_STREQ("1", waiting(&t));
	INFO(t, "0 1");
}

TEST_F(frozen, an_update_replaces_the_first_of_several)
{
	struct trio t = trio();

	ACCEPTED(t.c, t.h, 0xb, 0);
	GO(t.server, "NOOP TXN:b");
	/* Who is not frozen shall see each of them. */
	ACCEPTED(t.c, t.h, 1, UPDATE);
	ACCEPTED(t.c, t.h, 2, UPDATE);
	ACCEPTED(t.c, t.h, 1, UPDATE);
	/* Frozen as long as it is tried, and that ends with who tries. */
	freeze_begin(t.freezer, t.server->pid, LONG);
	PENDING(t.c, t.h, 1, UPDATE);
	die(t.freezer);
	ASSERT_STREQ("2 1 1", waiting(&t));
}

/* Each way in which one may not be its like. */
TEST_F(frozen, an_update_of_another_code)
{
	struct trio t = busy_trio();

	PENDING(t.c, t.h, 1, UPDATE);
	PENDING(t.c, t.h, 2, UPDATE);
	ASSERT_STREQ("1 2", waiting(&t));
}

TEST_F(frozen, an_update_with_other_flags)
{
	struct trio t = busy_trio();

	PENDING(t.c, t.h, 1, UPDATE | TF_CLEAR_BUF);
	PENDING(t.c, t.h, 1, UPDATE);
	ASSERT_STREQ("1 1", waiting(&t));
}

TEST_F(frozen, an_update_of_what_is_none)
{
	struct trio t = busy_trio();

	PENDING(t.c, t.h, 1, 0);
	PENDING(t.c, t.h, 1, UPDATE);
	ASSERT_STREQ("1 1", waiting(&t));
}

TEST_F(frozen, no_update)
{
	struct trio t = busy_trio();

	PENDING(t.c, t.h, 1, UPDATE);
	PENDING(t.c, t.h, 1, 0);
	ASSERT_STREQ("1 1", waiting(&t));
}

TEST_F(frozen, an_update_of_another_sender)
{
	struct trio t = trio();
	struct port *other = process();
	uint32_t h = give(t.server, other, 0x10, 0x20, 0);

	ACCEPTED(t.c, t.h, 0xb, 0);
	GO(t.server, "NOOP TXN:b");
	freeze_now(t.freezer, t.server);
	PENDING(t.c, t.h, 1, UPDATE);
	PENDING(other, h, 1, UPDATE);
	ASSERT_STREQ("1 1", waiting(&t));
}

/* Another thread, or another open of the same process, is no other sender. */
TEST_F(frozen, an_update_of_the_same_process)
{
	struct trio t = trio();
	struct port *thread = thread_of(t.c), *again = open_again(t.c, AREA);
	uint32_t h = give(t.server, again, 0x10, 0x20, 0);

	ACCEPTED(t.c, t.h, 0xb, 0);
	GO(t.server, "NOOP TXN:b");
	freeze_now(t.freezer, t.server);
	PENDING(t.c, t.h, 1, UPDATE);
	PENDING(thread, t.h, 1, UPDATE);
	PENDING(again, h, 1, UPDATE);
	ASSERT_STREQ("1", waiting(&t));
}

TEST_F(frozen, an_update_of_another_object)
{
	struct trio t = trio();
	uint32_t h = give(t.server, t.c, 0x30, 0x20, 0);

	ACCEPTED(t.c, t.h, 0xb, 0);
	GO(t.server, "NOOP TXN:b");
	ACCEPTED(t.c, h, 0xc, 0);
	free_last(t.server);
	GO(t.server, "NOOP TXN:c");
	free_last(t.server);
	ACCEPTED(t.c, t.h, 0xb, 0);
	GO(t.server, "NOOP TXN:b");
	freeze_now(t.freezer, t.server);
	PENDING(t.c, t.h, 1, UPDATE);
	PENDING(t.c, h, 1, UPDATE);
	ASSERT_STREQ("1 1", waiting(&t));
}

/* What is not behind another is on its way already. */
TEST_F(frozen, an_update_of_an_idle_object)
{
	struct trio t = frozen_trio();

	PENDING(t.c, t.h, 1, UPDATE);
	PENDING(t.c, t.h, 1, UPDATE);
	PENDING(t.c, t.h, 1, UPDATE);
	GO(t.server, "NOOP TXN:1");
	ASSERT_STREQ("1", waiting(&t));
}

TEST_F(frozen, an_update_of_the_thawed)
{
	struct trio t = busy_trio();

	PENDING(t.c, t.h, 1, UPDATE);
	thaw(t.freezer, t.server);
	ACCEPTED(t.c, t.h, 1, UPDATE);
	ASSERT_STREQ("1 1", waiting(&t));
}

TEST_F(frozen, what_was_replaced_gives_back_what_it_held)
{
	struct trio t = trio();
	int fds[2], end;

	pipe_in(t.c, fds);
	end = steal(t.c, fds[0]);
	ACCEPTED(t.c, t.h, 0xb, 0);
	GO(t.server, "NOOP TXN:b");
	freeze_now(t.freezer, t.server);

	call_obj(t.c, t.h, 1, TF_ONE_WAY | UPDATE, fd_obj(fds[1], 0));
	GO(t.c, "NOOP PENDING_FROZEN");
	close_in(t.c, fds[1]);
	ASSERT_FALSE(has_end(end));
	PENDING(t.c, t.h, 1, UPDATE);
	wait_for_end(end);

	call_obj(t.c, t.h, 2, TF_ONE_WAY | UPDATE, bnd_obj_binder(0x77, 0x78, 0));
	GO(t.c, "NOOP INCREFS:77:78 ACQUIRE:77:78 PENDING_FROZEN");
	both_done(t.c, 0x77, 0x78);
	GO(t.c, "EAGAIN");
	PENDING(t.c, t.h, 2, UPDATE);
	GO(t.c, "NOOP RELEASE:77:78 DECREFS:77:78");
}

TEST_F(frozen, queued_calls_end_with_the_process)
{
	struct trio t = busy_trio();
	int fds[2], end;

	pipe_in(t.c, fds);
	end = steal(t.c, fds[0]);
	call_obj(t.c, t.h, 1, TF_ONE_WAY, fd_obj(fds[1], 0));
	GO(t.c, "NOOP PENDING_FROZEN");
	close_in(t.c, fds[1]);
	die(t.server);
	wait_for_end(end);
}

TEST_HARNESS_MAIN
