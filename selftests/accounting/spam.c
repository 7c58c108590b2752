// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is told that it sends too many oneway calls: a process that has more than 50
 * of them in an area, or a quarter of it, when little space is left for them.
 *
 * For R42 (CVE-2026-43435).
 */
#include <errno.h>

#include "fill.h"
#include "protocol_test.h"

PROTOCOL_FIXTURE(spam);

/*
 * The limit was reached: is the next one suspect? Some kernels do not count the
 * one that is being sent; tests that do not care let it be the one after that.
 */
static bool suspect(struct port *p)
{
	return !strcmp(post(p, 0), SUSPECT) || !strcmp(post(p, 0), SUSPECT);
}

/* --- the ioctl --- */

TEST_F(spam, bad_pointer)
{
	struct port *p = process();

	ASSERT_EQ(-EFAULT, ioc_at(p, BINDER_ENABLE_ONEWAY_SPAM_DETECTION, 0));
	ASSERT_EQ(-EFAULT, ioc_at(p, BINDER_ENABLE_ONEWAY_SPAM_DETECTION, 16));
}

TEST_F(spam, any_value_but_0_enables)
{
	struct port *server = manager(), *c = process();

	detect_spam(c, 0x80000000);
	squeeze();
	post_empty(c, 50);
	ASSERT_TRUE(suspect(c));
	take_all(server);
}

TEST_F(spam, disabled_again)
{
	struct port *server = manager(), *c = curious();

	detect_spam(c, 0);
	squeeze();
	post_empty(c, 60);
	take_all(server);
}

/* --- how many, how much --- */

TEST_F(spam, more_than_50_calls)
{
	struct port *server = manager(), *c = curious();

	squeeze();
	post_empty(c, 50);
	ASSERT_TRUE(suspect(c));
	take_all(server);
}

TEST_F(spam, more_than_50_calls_in_one_stream)
{
	struct port *server = manager(), *c = curious();
	char *first;

	squeeze();
	for (int i = 0; i < 60; i++)
		call(c, 0, 1, TF_ONE_WAY);
	first = strstr(go(c), "ONEWAY_SPAM_SUSPECT");
	ASSERT_NE(NULL, first);
	/* In place of a completion, not beside it. */
	ASSERT_EQ(strlen("NOOP") + 59 * strlen(" COMPLETE") + strlen(" ONEWAY_SPAM_SUSPECT"),
		  strlen(c->got));
	ASSERT_EQ(NULL, strstr(first + 1, "ONEWAY_SPAM_SUSPECT"));
	ASSERT_EQ(62, take_all(server));
}

TEST_F(spam, more_than_a_quarter_of_the_area)
{
	struct port *server = manager(), *other = process(), *c = curious();

	ASSERT_STREQ(OK, post(other, HALF - AREA / 4 - LITTLE + 8));
	ASSERT_STREQ(OK, post(c, AREA / 4));
	ASSERT_TRUE(suspect(c));
	take_all(server);
}

TEST_F(spam, a_quarter_of_padded_sizes)
{
	struct port *server = manager(), *other = process(), *c = curious();

	ASSERT_STREQ(OK, post(other, HALF - AREA / 4 - LITTLE + 8));
	for (int i = 0; i < 32; i++)
		ASSERT_STREQ(OK, post(c, AREA / 4 / 32 - i % 8));
	ASSERT_TRUE(suspect(c));
	take_all(server);
}

TEST_F(spam, not_while_there_is_space)
{
	struct port *server = manager(), *c = curious();

	/* 102 calls, and almost half of the area. */
	post_empty(c, 101);
	ASSERT_STREQ(OK, post(c, HALF - 101 * 8 - LITTLE - 8));
	ASSERT_STREQ(SUSPECT, post(c, 0));
	ASSERT_EQ(103, take_all(server));
}

TEST_F(spam, a_tenth_of_the_whole_area_is_space)
{
	struct port *mgr = manager(), *c = curious();
	struct port *server = process_on(getenv("BINDER_DEV") ?: "/dev/binder", 40960);
	uint32_t h = give(server, c, 0x10, 0, 0);

	(void)mgr;
	ASSERT_STREQ(OK, post_to(c, h, 20480 - 4096));
	ASSERT_STREQ(SUSPECT, post_to(c, h, 0));
	ASSERT_EQ(2, take_all(server));
}

/* --- whose --- */

TEST_F(spam, threads_of_a_process_count_together)
{
	struct port *server = manager(), *c = curious(), *t = thread_of(c);

	squeeze();
	for (int i = 0; i < 25; i++) {
		post_empty(c, 1);
		post_empty(t, 1);
	}
	ASSERT_TRUE(suspect(t));
	take_all(server);
}

TEST_F(spam, files_of_a_process_count_together)
{
	struct port *server = manager(), *c = curious(), *again = open_again(c, AREA);

	squeeze();
	post_empty(c, 25);
	post_empty(again, 25);
	ASSERT_TRUE(suspect(c));
	take_all(server);
}

/* What counts is who sends, not who opened the file. */
TEST_F(spam, a_child_counts_for_itself)
{
	struct port *server = manager(), *c = curious(), *child = child_of(c);

	squeeze();
	post_empty(c, 50);
	post_empty(child, 50);
	ASSERT_TRUE(suspect(child));
	take_all(server);
}

TEST_F(spam, senders_count_apart)
{
	struct port *server = manager(), *a = curious(), *b = curious();

	squeeze();
	for (int i = 0; i < 50; i++) {
		post_empty(a, 1);
		post_empty(b, 1);
	}
	ASSERT_TRUE(suspect(a));
	take_all(server);
}

/* Some of them have nothing there for a while, in any order. */
TEST_F(spam, senders_count_apart_that_come_and_go)
{
	struct port *server = manager(), *c[12];

	for (int i = 0; i < 12; i++)
		c[i] = curious();
	for (int i = 0; i < 12; i++)
		post_empty(c[i * 5 % 12], 1);
	for (int i = 0; i < 6; i++)
		take_one(server);
	squeeze();
	/* Of the first six calls nothing is left. */
	for (int i = 0; i < 12; i++)
		post_empty(c[i * 5 % 12], i < 6 ? 50 : 49);
	ASSERT_TRUE(suspect(c[3]));
	ASSERT_LE(6 + 2 + 6 * 50 + 6 * 49 + 1, take_all(server));
}

TEST_F(spam, objects_of_a_process_count_together)
{
	struct port *mgr = manager(), *server = process(), *c = curious();
	uint32_t a = give(server, c, 0x10, 0, 0), b = give(server, c, 0x20, 0, 0);

	(void)mgr;
	for (int i = 0; i < 2; i++) {
		struct port *other = process();

		ASSERT_STREQ(OK, post_to(other, give(server, other, 0x30, 0, 0), 13200));
	}
	for (int i = 0; i < 50; i++)
		ASSERT_STREQ(OK, post_to(c, i % 2 ? a : b, 0));
	if (strcmp(post_to(c, a, 0), SUSPECT))
		ASSERT_STREQ(SUSPECT, post_to(c, a, 0));
	take_all(server);
}

/* --- which of its messages --- */

TEST_F(spam, freed_ones_do_not_count)
{
	struct port *server = manager(), *c = curious();

	post_empty(c, 60);
	ASSERT_EQ(60, take_all(server));
	squeeze();
	post_empty(c, 50);
	ASSERT_TRUE(suspect(c));
	take_all(server);
}

TEST_F(spam, freed_ones_do_not_count_while_space_is_short)
{
	struct port *server = manager(), *c = curious();

	post_empty(c, 30);
	squeeze();
	for (int i = 0; i < 20; i++)
		take_one(server);
	post_empty(c, 40);
	ASSERT_TRUE(suspect(c));
	take_all(server);
}

TEST_F(spam, earlier_ones_count)
{
	struct port *server = manager(), *c = curious();

	post_empty(c, 50);
	squeeze();
	ASSERT_TRUE(suspect(c));
	take_all(server);
}

TEST_F(spam, delivered_ones_count)
{
	struct port *server = manager(), *c = curious();
	uint64_t first;

	post_empty(c, 1);
	GO(server, "NOOP TXN:1");
	first = server->txn.data.ptr.buffer;
	squeeze();
	post_empty(c, 49);
	ASSERT_TRUE(suspect(c));
	bnd_cmd_free_buffer(&server->w, first);
	WRITE(server, "");
	take_all(server);
}

TEST_F(spam, calls_that_are_waited_for_do_not_count)
{
	struct port *server = manager(), *c = curious();

	/* Answered, and their buffers kept. */
	for (int i = 0; i < 20; i++) {
		deliver(c, server, 0, 7);
		reply(server, 0, 0);
		GO(server, OK);
		GO(c, "NOOP COMPLETE REPLY:0");
		free_last(c);
	}
	squeeze();
	post_empty(c, 50);
	ASSERT_TRUE(suspect(c));
	take_all(server);
}

TEST_F(spam, failed_ones_do_not_count)
{
	struct port *server = manager(), *c = curious();

	for (int i = 0; i < 51; i++) {
		call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_handle(77));
		GO(c, FAILED);
		EXTERR(c, "FAILED EINVAL");
	}
	squeeze();
	ASSERT_STREQ(FAILED, post(c, 8192));
	EXTERR(c, "FAILED ENOSPC");
	post_empty(c, 50);
	ASSERT_TRUE(suspect(c));
	take_all(server);
}

/* --- one report for each time that space is short --- */

TEST_F(spam, reported_once)
{
	struct port *server = manager(), *a = curious(), *b = curious();

	squeeze();
	post_empty(a, 50);
	ASSERT_TRUE(suspect(a));
	post_empty(a, 10);
	/* To nobody else either. */
	post_empty(b, 60);
	take_all(server);
}

TEST_F(spam, reported_again_after_there_was_space)
{
	struct port *server = manager(), *c = curious();

	for (int i = 0; i < 3; i++) {
		squeeze();
		post_empty(c, 50);
		ASSERT_TRUE(suspect(c));
		take_all(server);
		/* It is the next oneway call that notices. */
		post_empty(c, 1);
		ASSERT_EQ(1, take_all(server));
	}
}

TEST_F(spam, space_that_nobody_noticed_does_not_count)
{
	struct port *server = manager(), *c = curious();

	ASSERT_STREQ(OK, post(c, HALF - LITTLE - 8));
	ASSERT_STREQ(SUSPECT, post(c, 0));
	ASSERT_EQ(2, take_all(server));
	ASSERT_STREQ(OK, post(c, HALF - LITTLE));
	ASSERT_STREQ(OK, post(c, 0));
	ASSERT_EQ(2, take_all(server));
}

TEST_F(spam, calls_that_are_waited_for_notice_no_space)
{
	struct port *server = manager(), *c = curious();

	ASSERT_STREQ(OK, post(c, HALF - LITTLE - 8));
	ASSERT_STREQ(SUSPECT, post(c, 0));
	ASSERT_EQ(2, take_all(server));
	ping(c, server, 0);
	ASSERT_STREQ(OK, post(c, HALF - LITTLE));
	ASSERT_STREQ(OK, post(c, 0));
	ASSERT_EQ(2, take_all(server));
}

TEST_F(spam, every_receiver_has_reports_of_its_own)
{
	struct port *mgr = manager(), *server = process(), *c = curious();
	uint32_t h = give(server, c, 0x10, 0, 0);

	ASSERT_STREQ(OK, post(c, HALF - LITTLE - 8));
	ASSERT_STREQ(SUSPECT, post(c, 0));
	ASSERT_STREQ(OK, post_to(c, h, HALF - LITTLE - 8));
	ASSERT_STREQ(SUSPECT, post_to(c, h, 0));
	ASSERT_EQ(2, take_all(mgr));
	ASSERT_EQ(2, take_all(server));
}

/* Who did not ask is not told, and it was the report all the same. */
TEST_F(spam, not_told_unless_asked)
{
	struct port *server = manager(), *c = process(), *d = curious();

	squeeze();
	post_empty(c, 60);
	post_empty(d, 60);
	ASSERT_EQ(122, take_all(server));
}

/* It is the file used for sending that has to have asked. */
TEST_F(spam, told_by_the_file_that_asked)
{
	struct port *server = manager(), *c = curious(), *again = open_again(c, AREA);

	squeeze();
	post_empty(c, 50);
	post_empty(again, 2);
	post_empty(c, 1);
	ASSERT_EQ(55, take_all(server));
}

/* --- and a frozen receiver --- */

TEST_F(spam, frozen_comes_first)
{
	struct port *server = manager(), *c = curious();
	struct binder_freeze_info freeze = { .pid = server->pid, .enable = 1 };

	/* What was delivered does not keep it from being frozen. */
	ASSERT_STREQ(OK, post(c, HALF - LITTLE - 8));
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(0, ioc(c, BINDER_FREEZE, &freeze, sizeof(freeze)));
	ASSERT_STREQ("NOOP PENDING_FROZEN", post(c, 0));
	freeze.enable = 0;
	ASSERT_EQ(0, ioc(c, BINDER_FREEZE, &freeze, sizeof(freeze)));
	/* That was the report. */
	post_empty(c, 1);
	free_last(server);
	WRITE(server, "");
	ASSERT_EQ(2, take_all(server));
}

TEST_HARNESS_MAIN
