// SPDX-License-Identifier: GPL-2.0-only
/* Long lists and their orders: everything that is there is told, once, in order. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "logs_test.h"

LOGS_FIXTURE(lists);

/*
 * Is the number behind @key the next of a row in every line that begins with @start?
 * All are read as hexadecimal: that keeps the order of decimal ones, too.
 */
static int count_row(const char *text, const char *start, const char *key, bool (*next)(long, long))
{
	long last = -1;
	int n = 0;

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		const char *at;
		long number;

		line += *line == '\n';
		if (strncmp(line, start, strlen(start)))
			continue;
		at = strstr(line, key);
		if (!at)
			return -1;
		number = strtol(at + strlen(key), NULL, 16);
		if (n && !next(last, number))
			return -1;
		last = number;
		n++;
	}
	return n;
}

static bool follows(long last, long number)
{
	return number == last + 1;
}

static bool rises(long last, long number)
{
	return number > last;
}

TEST_F(lists, oneway_calls_in_order)
{
	struct port *s = manager(), *c = process();
	const char *text;

	/* More than are collected at a time, whatever that is. */
	for (int i = 0; i < 100; i++)
		call(c, 0, i, TF_ONE_WAY);
	WRITE(c, "");
	text = block_of(read_log(DEBUGFS_LOGS, "transactions"), s);
	ASSERT_EQ(99, count_row(text, "    pending async", " code ", follows));
	ASSERT_EQ(1, count_lines(text, "  pending transaction"));
	ASSERT_EQ(100, count_row(text, "  buffer", ": ", rises));
	text = block_of(read_log(DEBUGFS_LOGS, "transactions"), c);
	ASSERT_EQ(100, count_lines(text, "    transaction complete\n"));
}

TEST_F(lists, calls_in_order)
{
	struct port *s = manager(), *c = process();
	struct port *t[40];
	const char *text;

	for (int i = 0; i < 40; i++) {
		t[i] = thread_of(c);
		call(t[i], 0, i, 0);
		GO(t[i], "EAGAIN");
	}
	text = block_of(read_log(DEBUGFS_LOGS, "state"), s);
	ASSERT_EQ(40, count_row(text, "  pending transaction", " code ", follows));
	ASSERT_EQ(40, count_row(text, "  buffer", ": ", rises));
	text = block_of(read_log(DEBUGFS_LOGS, "state"), c);
	ASSERT_EQ(41, count_lines(text, "  thread "));
	ASSERT_EQ(40, count_lines(text, "    outgoing transaction "));
}

TEST_F(lists, threads_by_tid)
{
	struct port *c;
	const char *text;

	manager();
	c = process();
	for (int i = 0; i < 40; i++)
		thread_of(c);
	text = block_of(read_log(DEBUGFS_LOGS, "state"), c);
	ASSERT_EQ(41, count_row(text, "  thread ", "thread ", rises));
}

TEST_F(lists, nodes_by_address_refs_by_handle)
{
	struct port *s = manager(), *o = process(), *c = process();
	const char *text;

	/* Some side by side. */
	for (int i = 0; i < 40; i++)
		give(o, c, 0x100 * (1 + i / 2 * 7 % 20) + (i & 1), i, 0);
	text = block_of(read_log(DEBUGFS_LOGS, "state"), o);
	ASSERT_EQ(40, count_row(text, "  node ", " u", rises));
	text = block_of(read_log(DEBUGFS_LOGS, "state"), c);
	ASSERT_EQ(40, count_row(text, "  ref ", " desc ", rises));
	ASSERT_EQ(0, count_lines(block_of(read_log(DEBUGFS_LOGS, "state"), s), "  ref "));
}

/* One node that forty files of one process have a handle to: each is told. */
TEST_F(lists, all_holders_of_a_node)
{
	struct port *o, *c;
	char want[1024];
	size_t len;

	manager();
	o = process();
	c = process();
	name(c, "C");
	give(o, c, 0x10, 0, 0);
	for (int i = 1; i < 40; i++)
		give(o, open_again(c, AREA), 0x10, 0, 0);
	len = snprintf(want, sizeof(want),
		       "  node #1: u:10 c:0 hs 1 hw 1 ls 0 lw 0 is 40 iw 40 tr 1 proc");
	for (int i = 0; i < 40; i++)
		len += snprintf(want + len, sizeof(want) - len, " C");
	SAME(want, line_of(block("state", o), "  node"));
}

/* Two processes that call each other, twenty deep. */
TEST_F(lists, deep_stacks)
{
	struct port *s = manager(), *c = process();
	uint32_t handle = give(c, s, 0x10, 0, 0);
	const char *text;
	char want[32];

	for (int i = 0; i < 40; i++) {
		struct port *from = i & 1 ? s : c, *to = i & 1 ? c : s;

		call(from, i & 1 ? handle : 0, i, 0);
		GO(from, "EAGAIN");
		snprintf(want, sizeof(want), i ? "NOOP COMPLETE TXN:%x" : "NOOP TXN:%x", i);
		GO(to, want);
	}
	text = block_of(read_log(DEBUGFS_LOGS, "state"), s);
	ASSERT_EQ(20, count_lines(text, "    incoming transaction "));
	ASSERT_EQ(20, count_lines(text, "    outgoing transaction "));
}

TEST_F(lists, newest_process_first)
{
	struct port *s = manager(), *c = process(), *d = process();
	const char *text = read_log(DEBUGFS_LOGS, "state");
	char head[3][32];

	snprintf(head[0], sizeof(head[0]), "\nproc %d\n", d->pid);
	snprintf(head[1], sizeof(head[1]), "\nproc %d\n", c->pid);
	snprintf(head[2], sizeof(head[2]), "\nproc %d\n", s->pid);
	for (int i = 0; i < 3; i++) {
		text = strstr(text, head[i]);
		ASSERT_NE(NULL, text);
	}
}

/* A process's opens are processes of their own, each under its device's name. */
TEST_F(lists, opens_of_one_process)
{
	struct port *s = manager();

	name(s, "S");
	open_again(s, 0);
	SAME("proc S\n"
	     "context binder\n"
	     "  thread S: l 00 need_return 0 tr 0\n"
	     "proc S\n"
	     "context binder\n"
	     "  thread S: l 00 need_return 0 tr 0\n"
	     "  node #1: u:0 c:0 hs 1 hw 1 ls 1 lw 1 is 0 iw 0 tr 1\n",
	     block("state", s));
}

TEST_HARNESS_MAIN
