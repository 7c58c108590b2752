// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a sender does not read: the completions of calls that are over keep nothing of
 * them, come in order all the same, and are not more than anybody would ever need.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fill.h"
#include "protocol_test.h"

PROTOCOL_FIXTURE(unread);

#define SLABS "/sys/kernel/slab/binder_"
#define STATS "/sys/kernel/debug/binder/stats"
#define ROWS 20
#define IN_A_ROW 50
#define MOST 1024

static long number_in(const char *path, const char *format)
{
	FILE *f = fopen(path, "r");
	char line[256];
	long n = -1;

	if (!f)
		fail("%s: %s", path, strerror(errno));
	while (n < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, format, &n) != 1)
			n = -1;
	}
	fclose(f);
	return n;
}

/* Messages in memory: of our slabs, or as the in-tree driver counts them itself. */
static long messages(void)
{
	static const char *const slabs[][2] = {
		{ SLABS "oneway/shrink", SLABS "oneway/objects" },
		{ SLABS "transaction/shrink", SLABS "transaction/objects" },
	};
	long n = 0;

	for (int i = 0; i < 2; i++) {
		int fd = open(slabs[i][0], O_WRONLY);

		if (fd < 0)
			return number_in(STATS, "transaction: active %ld");
		/* Objects that processors keep at hand count as in use. */
		if (write(fd, "1", 1) != 1)
			fail("%s: %s", slabs[i][0], strerror(errno));
		close(fd);
		n += number_in(slabs[i][1], "%ld");
	}
	return n;
}

/* @n oneway calls in one write. */
static void post_row(struct port *p, uint32_t handle, int n)
{
	while (n--)
		call(p, handle, 1, TF_ONE_WAY);
	only_write(p);
}

/* Reads the next of what came back, as many as fit beside the room for the largest record. */
static void read_some(struct port *p, unsigned int n)
{
	p->room = 4 + 4 * (n - 1) + 4 + sizeof(struct binder_transaction_data_secctx);
	go(p);
}

/* How often @word comes in what was read. */
static int words(const struct port *p, const char *word)
{
	const char *at = p->got;
	int n = 0;

	while ((at = strstr(at, word))) {
		at += strlen(word);
		n++;
	}
	return n;
}

static void freeze(struct port *by, struct port *p, uint32_t enable)
{
	struct binder_freeze_info info = { .pid = p->pid, .enable = enable, .timeout_ms = 1000 };

	if (ioc(by, BINDER_FREEZE, &info, sizeof(info)))
		fail("BINDER_FREEZE failed");
}

TEST_F(unread, completions_keep_no_messages)
{
	struct port *server = manager(), *c = process();
	long before = messages();

	for (int i = 0; i < ROWS; i++) {
		post_row(c, 0, IN_A_ROW);
		ASSERT_STREQ("", c->got);
		ASSERT_EQ(IN_A_ROW, take_all(server));
	}
	ASSERT_LT(messages(), before + 10);
	for (int i = 0; i < ROWS; i++) {
		read_some(c, IN_A_ROW);
		ASSERT_EQ(IN_A_ROW, words(c, "COMPLETE"));
	}
	GO(c, "EAGAIN");
}

TEST_F(unread, completions_come_with_room_for_a_few)
{
	struct port *server = manager(), *c = process();

	post_row(c, 0, 5);
	read_some(c, 2);
	ASSERT_STREQ("NOOP COMPLETE COMPLETE", c->got);
	/* One more joins those that are left. */
	post_row(c, 0, 1);
	read_some(c, 3);
	ASSERT_STREQ("NOOP COMPLETE COMPLETE COMPLETE", c->got);
	read_some(c, 3);
	ASSERT_STREQ("NOOP COMPLETE", c->got);
	GO(c, "EAGAIN");
	ASSERT_EQ(6, take_all(server));
}

/* What is said of one call is not said of another. */
TEST_F(unread, completions_come_in_order)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0, 0);

	freeze(mgr, server, 1);
	post_row(c, 0, 2);
	post_row(c, h, 3);
	post_row(c, 0, 1);
	post_row(c, h, 1);
	GO(c, "NOOP COMPLETE COMPLETE PENDING_FROZEN PENDING_FROZEN PENDING_FROZEN "
	      "COMPLETE PENDING_FROZEN");
	GO(c, "EAGAIN");
	freeze(mgr, server, 0);
	ASSERT_EQ(4, take_all(server));
	ASSERT_EQ(3, take_all(mgr));
}

/* A synchronous call, or an error, stands where it was made. */
TEST_F(unread, others_come_in_between)
{
	struct port *server = manager(), *c = process();

	post_row(c, 0, 2);
	call(c, 0, 2, 0);
	WRITE(c, "");
	GO(server, "NOOP TXN:1");
	free_last(server);
	/* The second oneway call had to wait for that, and is behind this one now. */
	GO(server, "NOOP TXN:2");
	free_last(server);
	reply(server, 3, 0);
	GO(server, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	free_last(server);
	WRITE(server, "");
	post_row(c, 0, 2);
	GO(c, "NOOP COMPLETE COMPLETE COMPLETE REPLY:3");
	GO(c, "NOOP COMPLETE COMPLETE");
	free_last(c);
	post_row(c, 0, 1);
	call(c, 99, 1, 0);
	WRITE(c, "");
	GO(c, "NOOP COMPLETE FAILED");
	ASSERT_EQ(3, take_all(server));
}

/* Whoever never reads, and so that nothing can stand for anything else, has to, once. */
TEST_F(unread, completions_have_a_limit)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0, 0);
	int sent = 0, got = 0;

	freeze(mgr, server, 1);
	for (int i = 0; i < 2 * MOST / IN_A_ROW && c->bwr.write_consumed == c->bwr.write_size;
	     i++) {
		for (int j = 0; j < IN_A_ROW; j++)
			call(c, j % 2 ? h : 0, 1, TF_ONE_WAY);
		only_write(c);
		sent += c->bwr.write_consumed / (4 + sizeof(struct binder_transaction_data));
	}
	/* The one that was refused counts as done. */
	ASSERT_EQ(MOST + 1, sent);
	EXTERR(c, "FAILED ENOSPC");
	forget(c);
	while (!strstr(c->got, "FAILED")) {
		read_some(c, IN_A_ROW);
		ASSERT_EQ(NULL, strstr(c->got, "EAGAIN"));
		got += words(c, "COMPLETE") + words(c, "PENDING_FROZEN");
	}
	ASSERT_EQ(MOST, got);
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	freeze(mgr, server, 0);
}

TEST_HARNESS_MAIN
