// SPDX-License-Identifier: GPL-2.0-only
/* stats: what processes did, what there is of each kind of object. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "logs_test.h"

LOGS_FIXTURE(stats);

/* The number behind "@key: " or "@key " in the text of stats; 0 without such a line. */
static long total(const char *text, const char *key)
{
	const char *line = line_of(text, key);

	if (!*line)
		return 0;
	return strtol(line + strlen(key), NULL, 10);
}

static const char *stats(void)
{
	return read_log(DEBUGFS_LOGS, "stats");
}

/* "  KEY: " of one process. */
static long of(struct port *p, const char *key)
{
	return total(block_of(stats(), p), key);
}

TEST_F(stats, of_a_fresh_process)
{
	struct port *c;

	manager();
	c = process();
	name(c, "C");
	SAME("proc C\n"
	     "context binder\n"
	     "  threads: 1\n"
	     "  requested threads: 0+0/0\n"
	     "  ready threads 0\n"
	     "  free async space 32768\n"
	     "  nodes: 0\n"
	     "  refs: 0 s 0 w 0\n"
	     "  buffers: 0\n"
	     "  pages: 0:0:16\n"
	     "  pages high watermark: 0\n"
	     "  pending transactions: 0\n",
	     block("stats", c));
}

TEST_F(stats, of_a_call)
{
	struct port *s = manager(), *c = process();

	name(s, "S");
	name(c, "C");
	call_data(c, 0, 1, 0, "0123456789abcdef", 16);
	GO(c, "EAGAIN");
	SAME("proc S\n"
	     "context binder\n"
	     "  threads: 1\n"
	     "  requested threads: 0+0/0\n"
	     "  ready threads 0\n"
	     "  free async space 32768\n"
	     "  nodes: 1\n"
	     "  refs: 0 s 0 w 0\n"
	     "  buffers: 1\n"
	     "  pages: 1:0:15\n"
	     "  pages high watermark: 1\n"
	     "  pending transactions: 1\n",
	     block("stats", s));
	GO(s, "NOOP TXN:1");
	free_last(s);
	reply(s, 0, 0);
	GO(s, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:0");
	SAME("proc S\n"
	     "context binder\n"
	     "  threads: 1\n"
	     "  requested threads: 0+0/0\n"
	     "  ready threads 0\n"
	     "  free async space 32768\n"
	     "  nodes: 1\n"
	     "  refs: 0 s 0 w 0\n"
	     "  buffers: 0\n"
	     "  pages: 0:1:15\n"
	     "  pages high watermark: 1\n"
	     "  pending transactions: 0\n"
	     "  BC_REPLY: 1\n"
	     "  BC_FREE_BUFFER: 1\n"
	     "  BR_TRANSACTION: 1\n"
	     "  BR_TRANSACTION_COMPLETE: 1\n",
	     block("stats", s));
	SAME("  BC_TRANSACTION: 1\n"
	     "  BR_REPLY: 1\n"
	     "  BR_TRANSACTION_COMPLETE: 1\n",
	     strstr(block("stats", c), "  BC_"));
}

TEST_F(stats, of_oneway_calls)
{
	struct port *s = manager(), *c = process();
	static const char data[6000];

	for (int i = 0; i < 3; i++)
		call_data(c, 0, 1, TF_ONE_WAY, data, sizeof(data));
	WRITE(c, "");
	ASSERT_EQ(3, of(s, "  buffers: "));
	ASSERT_EQ(32768 - 18000, of(s, "  free async space "));
	ASSERT_EQ(5, of(s, "  pages high watermark: "));
	SAME("  pages: 5:0:11", line_of(block_of(stats(), s), "  pages:"));
	/* Only one of them: the others wait at the node. */
	ASSERT_EQ(1, of(s, "  pending transactions: "));
}

/* News of objects wait in the same list, more than are looked at in one go. */
TEST_F(stats, news_are_no_pending_transactions)
{
	enum { OBJECTS = 50, MESSAGES = 2 };
	struct port *s = manager(), *c = process();
	struct flat_binder_object obj[OBJECTS];

	c->room = 8192;
	for (int n = 0; n < MESSAGES; n++) {
		for (int i = 0; i < OBJECTS; i++)
			obj[i] = bnd_obj_binder(0x1000 + 16 * (n * OBJECTS + i), 1, 0);
		call_msg(c, objects(0, 1, TF_ONE_WAY, OBJECTS, obj));
		go(c);
		for (int i = 0; i < OBJECTS; i++)
			both_done(c, obj[i].binder, 1);
		WRITE(c, "");
		GO(s, "NOOP TXN:1");
		free_last(s);
		WRITE(s, "");
	}
	ASSERT_EQ(MESSAGES * OBJECTS, count_lines(block("state", c), "  node work "));
	ASSERT_EQ(0, of(c, "  pending transactions: "));
	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	ASSERT_EQ(1, of(s, "  pending transactions: "));
}

TEST_F(stats, of_threads)
{
	struct port *c, *t1, *t2, *t3;
	uint32_t max = 3;

	manager();
	c = process();
	t1 = new_thread_of(c);
	t2 = new_thread_of(c);
	t3 = new_thread_of(c);
	ASSERT_EQ(0, ioc(c, BINDER_SET_MAX_THREADS, &max, sizeof(max)));
	bnd_cmd_enter_looper(&t1->w);
	ASSERT_STREQ("SPAWN", go_blocking(t1));
	ASSERT_EQ(2, of(c, "  threads: "));
	SAME("  requested threads: 1+0/3", line_of(block_of(stats(), c), "  requested"));
	bnd_cmd_register_looper(&t2->w);
	ASSERT_STREQ("SPAWN", go_blocking(t2));
	SAME("  requested threads: 1+1/3", line_of(block_of(stats(), c), "  requested"));
	go(t3);
	start(t1);
	start(t3);
	ASSERT_EQ(4, of(c, "  threads: "));
	ASSERT_EQ(2, of(c, "  ready threads "));
	ASSERT_EQ(2, of(c, "  BR_SPAWN_LOOPER: "));
	ASSERT_EQ(0, of(c, "  BR_NOOP: "));
}

/* What a thread did counts for its process when it is gone. */
TEST_F(stats, of_threads_that_ended)
{
	struct port *c, *t;

	manager();
	c = process();
	t = thread_of(c);
	call(t, 0, 1, TF_ONE_WAY);
	GO(t, "NOOP COMPLETE");
	ASSERT_EQ(2, of(c, "  threads: "));
	ASSERT_EQ(1, of(c, "  BC_TRANSACTION: "));
	ASSERT_EQ(0, ioc_at(t, BINDER_THREAD_EXIT, 0));
	ASSERT_EQ(1, of(c, "  threads: "));
	ASSERT_EQ(1, of(c, "  BC_TRANSACTION: "));
	ASSERT_EQ(1, of(c, "  BR_TRANSACTION_COMPLETE: "));
	/* And it begins anew, on top of that. */
	call(t, 0, 1, TF_ONE_WAY);
	GO(t, "NOOP COMPLETE");
	ASSERT_EQ(2, of(c, "  BC_TRANSACTION: "));
	ASSERT_EQ(0, ioc_at(t, BINDER_THREAD_EXIT, 0));
	ASSERT_EQ(2, of(c, "  BC_TRANSACTION: "));
	ASSERT_EQ(2, of(c, "  BR_TRANSACTION_COMPLETE: "));
}

TEST_F(stats, of_references)
{
	struct port *o, *c;
	uint32_t handle;

	manager();
	o = process();
	c = process();
	give(o, c, 0x10, 0, 0);
	handle = give(o, c, 0x20, 0, 0);
	bnd_cmd_increfs(&c->w, handle);
	bnd_cmd_increfs(&c->w, handle);
	bnd_cmd_acquire(&c->w, handle);
	WRITE(c, "");
	SAME("  refs: 2 s 3 w 4", line_of(block_of(stats(), c), "  refs"));
	ASSERT_EQ(2, of(o, "  nodes: "));
	ASSERT_EQ(2, of(o, "  BR_INCREFS: "));
	ASSERT_EQ(2, of(o, "  BC_ACQUIRE_DONE: "));
}

/* Every command by its name, whether it did something or not. */
TEST_F(stats, count_commands_by_name)
{
	struct port *s = manager(), *c = process();
	struct bnd_msg m = { .handle = 777 };

	name(c, "C");
	(void)s;
	bnd_cmd_increfs(&c->w, 77);
	bnd_cmd_acquire(&c->w, 77);
	bnd_cmd_release(&c->w, 77);
	bnd_cmd_decrefs(&c->w, 77);
	bnd_cmd_increfs_done(&c->w, 1, 2);
	bnd_cmd_acquire_done(&c->w, 1, 2);
	bnd_cmd_free_buffer(&c->w, 1);
	bnd_cmd_enter_looper(&c->w);
	bnd_cmd_register_looper(&c->w);
	bnd_cmd_exit_looper(&c->w);
	bnd_cmd_request_death(&c->w, 77, 1);
	bnd_cmd_clear_death(&c->w, 77, 1);
	bnd_cmd_dead_binder_done(&c->w, 1);
	WRITE(c, "");
	bnd_cmd_transaction(&c->w, &m);
	GO(c, "NOOP FAILED");
	bnd_cmd_transaction_sg(&c->w, &m);
	GO(c, "NOOP FAILED");
	bnd_cmd_reply(&c->w, &m);
	GO(c, "NOOP FAILED");
	bnd_cmd_reply_sg(&c->w, &m);
	GO(c, "NOOP FAILED");
	SAME("  BC_TRANSACTION: 1\n"
	     "  BC_REPLY: 1\n"
	     "  BC_FREE_BUFFER: 1\n"
	     "  BC_INCREFS: 1\n"
	     "  BC_ACQUIRE: 1\n"
	     "  BC_RELEASE: 1\n"
	     "  BC_DECREFS: 1\n"
	     "  BC_INCREFS_DONE: 1\n"
	     "  BC_ACQUIRE_DONE: 1\n"
	     "  BC_REGISTER_LOOPER: 1\n"
	     "  BC_ENTER_LOOPER: 1\n"
	     "  BC_EXIT_LOOPER: 1\n"
	     "  BC_REQUEST_DEATH_NOTIFICATION: 1\n"
	     "  BC_CLEAR_DEATH_NOTIFICATION: 1\n"
	     "  BC_DEAD_BINDER_DONE: 1\n"
	     "  BC_TRANSACTION_SG: 1\n"
	     "  BC_REPLY_SG: 1\n"
	     "  BR_FAILED_REPLY: 4\n",
	     strstr(block("stats", c), "  BC_"));
}

TEST_F(stats, of_the_driver_are_those_of_all)
{
	static const char *const codes[] = {
		"BC_TRANSACTION: ", "BC_REPLY: ", "BC_FREE_BUFFER: ",
		"BR_TRANSACTION: ", "BR_REPLY: ", "BR_TRANSACTION_COMPLETE: ",
	};
	struct port *s = manager(), *c = process();
	long before[ARRAY_SIZE(codes)];
	const char *text = stats();

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		before[i] = total(text, codes[i]);
	for (int i = 0; i < 5; i++)
		ping(c, s, 0);
	text = stats();
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		/* The client's buffers and the server's; completions of both. */
		long each = strstr(codes[i], "FREE") || strstr(codes[i], "COMPLETE") ? 2 : 1;

		ASSERT_EQ(before[i] + 5 * each, total(text, codes[i])) {
			TH_LOG("%s", codes[i]);
		}
	}
}

/* --- objects ----------------------------------------------------------------------- */

static const char *const kinds[] = {
	"proc", "thread", "node", "ref", "death", "transaction", "transaction_complete", "freeze",
};

#define NR_KINDS ARRAY_SIZE(kinds)

static void objects_of(const char *word, long numbers[NR_KINDS])
{
	const char *text = stats();

	for (size_t i = 0; i < NR_KINDS; i++) {
		char start[64];
		const char *line;

		snprintf(start, sizeof(start), "%s: ", kinds[i]);
		line = line_of(text, start);
		numbers[i] = *line ? strtol(strstr(line, word) + strlen(word), NULL, 10) : 0;
	}
}

struct wanted {
	long active[NR_KINDS];
};

/* What is freed may be counted a little longer. */
static bool is_so(void *arg)
{
	struct wanted *want = arg;
	long now[NR_KINDS];

	objects_of("active ", now);
	return !memcmp(now, want->active, sizeof(now));
}

static bool nothing_is_open(void *arg)
{
	(void)arg;
	return !total(stats(), "proc: active ");
}

TEST_F(stats, objects_that_exist_and_that_existed)
{
	/* In the order of their kinds, see above. */
	static const long added[NR_KINDS] = { 0, 0, 1, 1, 1, 1, 1, 1 };
	static const long made[NR_KINDS] = { 0, 0, 1, 2, 1, 4, 4, 1 };
	long before[NR_KINDS], after[NR_KINDS];
	struct wanted empty, idle, busy;
	struct port *s, *c, *o;
	uint32_t handle;

	wait_until(nothing_is_open, NULL, "what is open from the last test");
	objects_of("active ", empty.active);
	s = manager();
	c = process();
	o = process();
	objects_of("active ", idle.active);
	ASSERT_EQ(empty.active[0] + 3, idle.active[0]);
	ASSERT_EQ(empty.active[1] + 3, idle.active[1]);
	objects_of("total ", before);

	handle = give(o, c, 0x10, 0x20, 0);
	bnd_cmd_request_death(&c->w, handle, 1);
	bnd_cmd_request_freeze(&c->w, handle, 2);
	WRITE(c, "");
	go(c);
	call(c, handle, 1, 0);
	WRITE(c, "");
	for (size_t i = 0; i < NR_KINDS; i++)
		busy.active[i] = idle.active[i] + added[i];
	wait_until(is_so, &busy, "objects of a call");
	objects_of("total ", after);
	for (size_t i = 0; i < NR_KINDS; i++) {
		ASSERT_EQ(before[i] + made[i], after[i]) {
			TH_LOG("%s", kinds[i]);
		}
	}

	GO(o, "NOOP TXN:1");
	answer(o, c);
	die(o);
	die(c);
	die(s);
	wait_until(is_so, &empty, "what should be gone");
}

TEST_HARNESS_MAIN
