// SPDX-License-Identifier: GPL-2.0-only
/*
 * A reader of the logs stands in the middle of a list, and the list changes: what
 * stays is told once and in order, what goes and what comes is not waited for.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hooks.h"
#include "logs_test.h"
#include "patience.h"

/* Lines of a step, see binder_show_proc.h. */
#define STEP 16

FIXTURE(reading) {
	struct port *reader;
};

FIXTURE_SETUP(reading)
{
	(void)variant;
	running_test = _metadata;
	names_begin();
	peers_begin(fail_test);
	/* Of another device, so that it is nobody's client. */
	self->reader = process_on("/dev/hwbinder", 0);
}

FIXTURE_TEARDOWN(reading)
{
	(void)_metadata;
	(void)self;
	(void)variant;
	proceed_all();
	peers_end();
}

struct reading {
	const char *file;
	int fd;
	char text[256 * 1024];
};

/* In the peer: open a file, and read it once so that the driver's buffer is large. */
static long do_open(struct port *p, void *arg)
{
	struct reading *r = arg;
	char path[128];
	ssize_t got;

	(void)p;
	snprintf(path, sizeof(path), "%s/%s", DEBUGFS_LOGS, r->file);
	r->fd = open(path, O_RDONLY | O_CLOEXEC);
	while ((got = read(r->fd, r->text, sizeof(r->text))) > 0)
		;
	return got;
}

/* In the peer: all of it again. A step that fits is not repeated. */
static long do_read(struct port *p, void *arg)
{
	struct reading *r = arg;
	ssize_t len = 0, got;

	(void)p;
	lseek(r->fd, 0, SEEK_SET);
	while ((got = read(r->fd, r->text + len, sizeof(r->text) - 1 - len)) > 0)
		len += got;
	r->text[len] = '\0';
	close(r->fd);
	return got;
}

/* Begin to read; the reader stands in the first list that takes more than a step. */
static struct reading *read_up_to_list(struct port *reader, const char *file)
{
	struct reading *r = shared(sizeof(*r));

	r->file = file;
	if (run(reader, do_open, r))
		fail("cannot read %s", file);
	arm("log");
	run_start(reader, do_read, r);
	await_stop("log");
	return r;
}

static const char *read_on(struct port *reader, struct reading *r)
{
	proceed("log");
	if (run_finish(reader))
		fail("cannot read on");
	return r->text;
}

/* The numbers behind @key in lines that begin with @start, as "1-16 21-59". */
static const char *ranges(const char *text, const char *start, const char *key)
{
	static char result[1024];
	long first = -1, last = -1;
	size_t len = 0;

	for (;; text += strcspn(text, "\n") + 1) {
		bool more = *text;
		long number = -1;

		if (more && strncmp(text, start, strlen(start)))
			continue;
		if (more)
			number = strtol(strstr(text, key) + strlen(key), NULL, 16);
		if (more && first >= 0 && number == last + 1) {
			last = number;
			continue;
		}
		if (first >= 0)
			len += snprintf(result + len, sizeof(result) - len, "%s%ld-%ld",
					len ? " " : "", first, last);
		first = number;
		last = number;
		if (!more)
			return len ? result : "";
	}
}

/* A process is killed and released, with all that it had. */
static void die_and_go(struct port *p)
{
	arm("gone");
	die(p);
	await_stop("gone");
	proceed("gone");
}

/* @n oneway calls with codes from 0 on, their completions read. */
static void post(struct port *c, int first, int n)
{
	for (int i = 0; i < n; i++)
		call(c, 0, first + i, TF_ONE_WAY);
	only_write(c);
	while (strcmp(go(c), "EAGAIN"))
		;
}

static void take_calls(struct port *s, int n)
{
	for (int i = 0; i < n; i++) {
		go(s);
		free_last(s);
		only_write(s);
	}
}

/* Calls leave the list at the reader's place and far behind it, others come. */
TEST_F(reading, queue_that_is_drained)
{
	struct port *s = manager(), *c = process();
	struct reading *r;
	const char *text;

	post(c, 0, 60);
	r = read_up_to_list(self->reader, "transactions");
	take_calls(s, 20);
	post(c, 100, 5);
	text = read_on(self->reader, r);
	ASSERT_STREQ("1-16 21-59", ranges(text, "    pending async", " code "));
	ASSERT_STREQ("20-20", ranges(text, "  pending", " code "));
}

TEST_F(reading, queue_that_grows)
{
	struct port *s = manager(), *c = process();
	struct reading *r;

	(void)s;
	post(c, 0, 40);
	r = read_up_to_list(self->reader, "transactions");
	post(c, 40, 100);
	ASSERT_STREQ("1-39", ranges(read_on(self->reader, r), "    pending async", " code "));
}

/* The last call that was there goes, and one that came takes its place. */
TEST_F(reading, queue_whose_end_is_replaced)
{
	struct binder_freeze_info info = { .enable = 1 };
	struct port *s = manager(), *c = process();
	struct reading *r;

	info.pid = s->pid;
	ASSERT_EQ(0, ioc(c, BINDER_FREEZE, &info, sizeof(info)));
	post(c, 0, 39);
	call(c, 0, 39, TF_ONE_WAY | TF_UPDATE_TXN);
	go(c);
	r = read_up_to_list(self->reader, "transactions");
	call(c, 0, 39, TF_ONE_WAY | TF_UPDATE_TXN);
	go(c);
	post(c, 40, 10);
	ASSERT_STREQ("1-38", ranges(read_on(self->reader, r), "    pending async", " code "));
	info.enable = 0;
	ASSERT_EQ(0, ioc(c, BINDER_FREEZE, &info, sizeof(info)));
}

TEST_F(reading, queue_of_a_process_that_dies)
{
	struct port *s = manager(), *c = process();
	struct reading *r;

	post(c, 0, 60);
	r = read_up_to_list(self->reader, "transactions");
	die_and_go(s);
	ASSERT_STREQ("1-16", ranges(read_on(self->reader, r), "    pending async", " code "));
}

/* @c gets @n replies of which it frees none; where they are. */
static uint64_t *keep_replies(struct port *s, struct port *c, int n)
{
	uint64_t *buffers = shared(n * sizeof(*buffers));

	for (int i = 0; i < n; i++) {
		call(c, 0, i, 0);
		go(c);
		go(s);
		free_last(s);
		reply(s, 0, 0);
		go(s);
		go(c);
		buffers[i] = c->txn.data.ptr.buffer;
	}
	return buffers;
}

TEST_F(reading, buffers_that_are_freed)
{
	struct port *s = manager(), *c = process();
	uint64_t *buffers = keep_replies(s, c, 40);
	struct reading *r;
	const char *text;

	r = read_up_to_list(self->reader, "transactions");
	for (int i = 0; i < 20; i++)
		bnd_cmd_free_buffer(&c->w, buffers[i]);
	only_write(c);
	text = read_on(self->reader, r);
	/* All are of 8 bytes, one after the other. */
	ASSERT_EQ(STEP + 20, count_lines(text, "  buffer "));
	ASSERT_NE(NULL, strstr(text, ": 78 size 0:0:0 delivered\n"));
	ASSERT_EQ(NULL, strstr(text, ": 80 size 0:0:0"));
	ASSERT_EQ(NULL, strstr(text, ": 98 size 0:0:0"));
	ASSERT_NE(NULL, strstr(text, ": a0 size 0:0:0 delivered\n"));
	ASSERT_NE(NULL, strstr(text, ": 138 size 0:0:0 delivered\n"));
}

TEST_F(reading, buffers_of_a_process_that_dies)
{
	struct port *s = manager(), *c = process();
	struct reading *r;

	keep_replies(s, c, 40);
	r = read_up_to_list(self->reader, "transactions");
	die_and_go(c);
	ASSERT_EQ(STEP, count_lines(read_on(self->reader, r), "  buffer "));
}

/* Two processes that call each other, @depth deep. */
static void nest(struct port *s, struct port *c, uint32_t handle, int depth)
{
	for (int i = 0; i < depth; i++) {
		struct port *from = i & 1 ? s : c, *to = i & 1 ? c : s;

		call(from, i & 1 ? handle : 0, i, 0);
		go(from);
		go(to);
	}
}

TEST_F(reading, stack_that_is_unwound)
{
	struct port *s = manager(), *c = process();
	uint32_t handle = give(c, s, 0x10, 0, 0);
	struct reading *r;
	const char *text;

	nest(s, c, handle, 40);
	r = read_up_to_list(self->reader, "transactions");
	for (int i = 39; i >= 0; i--) {
		struct port *from = i & 1 ? s : c, *to = i & 1 ? c : s;

		reply(to, 0, 0);
		go(to);
		go(from);
	}
	text = read_on(self->reader, r);
	ASSERT_EQ(STEP / 2, count_lines(text, "    incoming"));
	ASSERT_EQ(STEP / 2, count_lines(text, "    outgoing"));
}

TEST_F(reading, stack_that_grows)
{
	struct port *s = manager(), *c = process();
	uint32_t handle = give(c, s, 0x10, 0, 0);
	struct reading *r;
	const char *text;

	nest(s, c, handle, 40);
	r = read_up_to_list(self->reader, "transactions");
	nest(s, c, handle, 10);
	/* Of the client, whose thread is read, what there was; of the server all. */
	text = read_on(self->reader, r);
	ASSERT_EQ(20 + 25, count_lines(text, "    incoming"));
	ASSERT_EQ(20 + 25, count_lines(text, "    outgoing"));
}

static long close_all(struct port *p, void *arg)
{
	struct port **files = arg;

	(void)p;
	for (int i = 0; i < 39; i++)
		bnd_close(files[i]->conn);
	return 0;
}

static bool has_one_holder(void *arg)
{
	(void)arg;
	return strstr(read_log(DEBUGFS_LOGS, "state"), " is 1 iw 1 tr 2 ");
}

/* Who holds a node, while most of them let go. */
TEST_F(reading, holders_that_let_go)
{
	struct port **files = shared(39 * sizeof(*files)), *o, *c;
	struct reading *r;
	char end[64], *line;

	manager();
	o = process();
	c = process();
	give(o, c, 0x10, 0, 0);
	for (int i = 0; i < 39; i++) {
		files[i] = open_again(c, AREA);
		give(o, files[i], 0x10, 0, 0);
	}
	r = read_up_to_list(self->reader, "state");
	run(c, close_all, files);
	wait_until(has_one_holder, NULL, "thirty-nine releases");
	line = strstr(read_on(self->reader, r), " u0000000000000010 ");
	ASSERT_NE(NULL, line);
	line[strcspn(line, "\n") + 1] = '\0';
	/* They are counted step by step, as they are found, and named in the end. */
	snprintf(end, sizeof(end), " tr 1 proc %d\n", c->pid);
	ASSERT_NE(NULL, strstr(line, end)) {
		TH_LOG("%s", line);
	}
}

TEST_HARNESS_MAIN
