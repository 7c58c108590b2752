// SPDX-License-Identifier: GPL-2.0-only
/* state and transactions: known states, whole blocks, word for word. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "logs_test.h"

LOGS_FIXTURE(state);

#define FLAGS_19 0x13	/* of an object: nice 19 at least */

/* A manager S and a client C, their names given. */
static void two(struct port **s, struct port **c)
{
	*s = manager();
	*c = process();
	name(*s, "S");
	name(*c, "C");
}

TEST_F(state, fresh_processes)
{
	struct port *s, *c;

	two(&s, &c);
	SAME("proc S\n"
	     "context binder\n"
	     "  thread S: l 00 need_return 0 tr 0\n"
	     "  node #1: u:0 c:0 hs 1 hw 1 ls 1 lw 1 is 0 iw 0 tr 1\n",
	     block("state", s));
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n",
	     block("state", c));
	SAME("", block("transactions", s));
	SAME("", block("transactions", c));
}

TEST_F(state, titles)
{
	struct port *s, *c;
	char file[32];

	two(&s, &c);
	SAME("binder state:", line_of(read_log(DEBUGFS_LOGS, "state"), "binder "));
	SAME("binder transactions:", line_of(read_log(DEBUGFS_LOGS, "transactions"), "binder "));
	SAME("binder stats:", line_of(read_log(DEBUGFS_LOGS, "stats"), "binder "));
	/* Nobody is in the middle of anything. */
	ASSERT_EQ(1, count_lines(read_log(DEBUGFS_LOGS, "transactions"), ""));
	snprintf(file, sizeof(file), "proc/%d", c->pid);
	SAME("binder proc state:\n"
	     "proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n",
	     named(read_log(DEBUGFS_LOGS, file)));
}

static long close_a_copy(struct port *p, void *arg)
{
	(void)arg;
	return close(dup(p->conn->fd));
}

TEST_F(state, looper_bits_and_waiting_threads)
{
	struct port *s, *c, *t;
	uint32_t max = 3;

	two(&s, &c);
	t = new_thread_of(s);
	name(t, "T");
	ASSERT_EQ(0, ioc(s, BINDER_SET_MAX_THREADS, &max, sizeof(max)));
	bnd_cmd_enter_looper(&s->w);
	GO(s, "EAGAIN");
	start(t);
	/* A task's first read returns at once; the next one waits. */
	start(t);
	SAME("proc S\n"
	     "context binder\n"
	     "  thread S: l 02 need_return 0 tr 0\n"
	     "  thread T: l 10 need_return 0 tr 0\n"
	     "  node #1: u:0 c:0 hs 1 hw 1 ls 1 lw 1 is 0 iw 0 tr 1\n",
	     block("state", s));
	bnd_cmd_register_looper(&s->w);
	bnd_cmd_exit_looper(&s->w);
	WRITE(s, "");
	SAME("  thread S: l 0f need_return 0 tr 0", line_of(block("state", s), "  thread S"));
	/* Who was woken waits no more. */
	ASSERT_EQ(0, run(s, close_a_copy, NULL));
	ASSERT_STREQ("NOOP", finish(t));
	SAME("  thread T: l 00 need_return 0 tr 0", line_of(block("state", s), "  thread T"));
}

static bool must_return(void *arg)
{
	return strstr(block("state", arg), "need_return 1");
}

/* Any close of a descriptor makes all threads of the file return. */
TEST_F(state, need_return)
{
	struct port *s, *c;

	two(&s, &c);
	ASSERT_EQ(0, run(c, close_a_copy, NULL));
	wait_until(must_return, c, "the flush");
	SAME("  thread C: l 00 need_return 1 tr 0", line_of(block("state", c), "  thread"));
	GO(c, "NOOP");
	SAME("  thread C: l 00 need_return 0 tr 0", line_of(block("state", c), "  thread"));
}

TEST_F(state, nodes_refs_and_holders)
{
	struct port *s, *c, *o;
	uint32_t first, second;

	two(&s, &c);
	o = process();
	name(o, "O");
	first = give(o, c, 0x1234, 0x5678, FLAGS_19);
	second = give(o, c, 0xfffffffffffffff0, 0x9, 0);
	ASSERT_EQ(second, give(o, c, 0xfffffffffffffff0, 0x9, 0));
	ASSERT_EQ(1, give(o, s, 0xfffffffffffffff0, 0x9, 0));
	ASSERT_NE(first, second);
	bnd_cmd_request_death(&c->w, first, 0x77);
	WRITE(c, "");
	SAME("proc O\n"
	     "context binder\n"
	     "  thread O: l 00 need_return 0 tr 0\n"
	     "  node #1: u:1234 c:5678 hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1 proc C\n"
	     "  node #2: u:fffffffffffffff0 c:9 hs 1 hw 1 ls 0 lw 0 is 2 iw 2 tr 1 proc C S\n"
	     "proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "  ref #3: desc 1 node #1 s 1 w 1 d PTR\n"
	     "  ref #4: desc 2 node #2 s 2 w 2 d NULL\n"
	     "proc S\n"
	     "context binder\n"
	     "  thread S: l 00 need_return 0 tr 0\n"
	     "  node #5: u:0 c:0 hs 1 hw 1 ls 1 lw 1 is 0 iw 0 tr 1\n"
	     "  ref #6: desc 1 node #2 s 1 w 1 d NULL\n",
	     strstr(named(read_log(DEBUGFS_LOGS, "state")), "proc O\n"));
}

/* What the owner was told and what only the driver knows. */
TEST_F(state, counts_of_a_node)
{
	struct port *s, *c;

	two(&s, &c);
	call_obj(c, 0, 1, 0, bnd_obj_binder(0x10, 0x20, 0));
	GO(c, "EAGAIN");
	SAME("  node #2: u:10 c:20 hs 0 hw 0 ls 0 lw 0 is 1 iw 1 tr 1 proc S",
	     line_of(block("state", c), "  node"));
	GO(s, "NOOP TXN:1");
	reply(s, 0, 0);
	GO(s, "NOOP COMPLETE");
	GO(c, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE REPLY:0");
	/* Told and not yet acknowledged: both hold the node themselves. */
	SAME("  node #1: u:10 c:20 hs 1 hw 1 ls 1 lw 1 is 1 iw 1 tr 1 proc S",
	     line_of(block("state", c), "  node"));
	both_done(c, 0x10, 0x20);
	WRITE(c, "");
	SAME("  node #1: u:10 c:20 hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1 proc S",
	     line_of(block("state", c), "  node"));
	/* The manager's handle went with its buffer, but it has a weak count. */
	bnd_cmd_increfs(&s->w, got_obj(s, 0).handle);
	free_last(s);
	WRITE(s, "");
	SAME("  node #1: u:10 c:20 hs 1 hw 1 ls 0 lw 0 is 0 iw 1 tr 1 proc S",
	     line_of(block("state", c), "  node"));
	SAME("  ref #2: desc 1 node #3 s 0 w 1 d NULL", line_of(block("state", s), "  ref"));
}

TEST_F(state, call_from_queue_to_answer)
{
	struct port *s, *c;

	two(&s, &c);
	call_data(c, 0, 0x5f, TF_ACCEPT_FDS, "twelve bytes", 12);
	GO(c, "EAGAIN");
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "    outgoing transaction #1: PTR from C:C to S:0 code 5f flags 10 pri 0 elapsed N\n"
	     "    transaction complete\n"
	     "proc S\n"
	     "context binder\n"
	     "  buffer #1: 0 size 12:0:0 active\n"
	     "  pending transaction #1: PTR from C:C to S:0 code 5f flags 10 pri 0 elapsed N node #2 size 12:0 offset 0\n",
	     strstr(named(read_log(DEBUGFS_LOGS, "transactions")), "proc C\n"));
	SAME("proc S\n"
	     "context binder\n"
	     "  thread S: l 00 need_return 0 tr 0\n"
	     "  node #1: u:0 c:0 hs 1 hw 1 ls 2 lw 1 is 0 iw 0 tr 1\n"
	     "  buffer #2: 0 size 12:0:0 active\n"
	     "  pending transaction #2: PTR from C:C to S:0 code 5f flags 10 pri 0 elapsed N node #1 size 12:0 offset 0\n",
	     block("state", s));
	GO(s, "NOOP TXN:5f");
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "    outgoing transaction #1: PTR from C:C to S:S code 5f flags 10 pri 0 elapsed N\n"
	     "    transaction complete\n"
	     "proc S\n"
	     "context binder\n"
	     "  thread S: l 00 need_return 0 tr 0\n"
	     "    incoming transaction #1: PTR from C:C to S:S code 5f flags 10 pri 0 elapsed N node #2 size 12:0 offset 0\n"
	     "  buffer #1: 0 size 12:0:0 active\n",
	     strstr(named(read_log(DEBUGFS_LOGS, "transactions")), "proc C\n"));
	free_last(s);
	WRITE(s, "");
	SAME("proc S\n"
	     "context binder\n"
	     "  thread S: l 00 need_return 0 tr 0\n"
	     "    incoming transaction #1: PTR from C:C to S:S code 5f flags 10 pri 0 elapsed N buffer free\n",
	     block("transactions", s));
	reply(s, 0x3, 0);
	WRITE(s, "");
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "    transaction complete\n"
	     "    pending transaction #1: PTR from S:S to C:C code 3 flags 0 pri 0 elapsed N size 0:0 offset 0\n"
	     "  buffer #1: 0 size 0:0:0 active\n"
	     "proc S\n"
	     "context binder\n"
	     "  thread S: l 00 need_return 0 tr 0\n"
	     "    transaction complete\n",
	     strstr(named(read_log(DEBUGFS_LOGS, "transactions")), "proc C\n"));
	GO(c, "NOOP COMPLETE REPLY:3");
	SAME("proc C\n"
	     "context binder\n"
	     "  buffer #1: 0 size 0:0:0 delivered\n",
	     block("transactions", c));
	free_last(c);
	WRITE(c, "");
	SAME("", block("transactions", c));
}

/* Two processes that call each other: what was last is on top. */
TEST_F(state, nested_calls)
{
	struct port *s, *c;
	uint32_t handle;

	two(&s, &c);
	handle = give(c, s, 0x10, 0x20, 0);
	deliver(c, s, 0, 1);
	call(s, handle, 2, 0);
	GO(s, "EAGAIN");
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "    outgoing transaction #1: PTR from C:C to S:S code 1 flags 0 pri 0 elapsed N\n"
	     "    transaction complete\n"
	     "    pending transaction #2: PTR from S:S to C:C code 2 flags 0 pri 0 elapsed N node #3 size 0:0 offset 0\n"
	     "  buffer #2: 0 size 0:0:0 active\n"
	     "proc S\n"
	     "context binder\n"
	     "  thread S: l 00 need_return 0 tr 0\n"
	     "    outgoing transaction #2: PTR from S:S to C:C code 2 flags 0 pri 0 elapsed N\n"
	     "    incoming transaction #1: PTR from C:C to S:S code 1 flags 0 pri 0 elapsed N node #4 size 0:0 offset 0\n"
	     "    transaction complete\n"
	     "  buffer #1: 0 size 0:0:0 active\n",
	     strstr(named(read_log(DEBUGFS_LOGS, "transactions")), "proc C\n"));
	GO(c, "NOOP COMPLETE TXN:2");
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "    incoming transaction #1: PTR from S:S to C:C code 2 flags 0 pri 0 elapsed N node #2 size 0:0 offset 0\n"
	     "    outgoing transaction #3: PTR from C:C to S:S code 1 flags 0 pri 0 elapsed N\n"
	     "  buffer #1: 0 size 0:0:0 active\n",
	     block("transactions", c));
}

/* C calls S, which calls another one, which calls C and dies. */
static void ring(struct port *s, struct port *c, uint32_t *to_c)
{
	struct port *third = process();
	uint32_t from_third = give(c, third, 0x30, 0x40, 0);
	uint32_t to_third = give(third, s, 0x50, 0x60, 0);

	*to_c = give(c, s, 0x10, 0x20, 0);
	deliver(c, s, 0, 1);
	free_last(s);
	deliver(s, third, to_third, 2);
	call(third, from_third, 3, 0);
	only_write(third);
	go(c);
	free_last(c);
	die(third);
	/* Upstream tells it only when C has answered: see the list of differences. */
	if (ours())
		wait_for(s, "error");
	go(s);
}

/* The lines of a process up to those of its threads: counts of handles come later. */
static const char *threads(const char *text)
{
	static char kept[4096];

	snprintf(kept, sizeof(kept), "%.*s", (int)(strstr(text, "  buffer") - text), text);
	return kept;
}

/* What waits until C is out of the call of the dead is behind what it can read. */
TEST_F(state, call_for_who_is_inside_of_another)
{
	struct port *s, *c;
	uint32_t to_c;

	two(&s, &c);
	ring(s, c, &to_c);
	call(s, to_c, 4, 0);
	WRITE(s, "");
	WRITE(c, "");
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "    incoming transaction #1: PTR from ?:? to C:C code 3 flags 0 pri 0 elapsed N buffer free\n"
	     "    outgoing transaction #2: PTR from C:C to S:S code 1 flags 0 pri 0 elapsed N\n"
	     "    pending transaction #3: PTR from S:S to C:C code 4 flags 0 pri 0 elapsed N node #4 size 0:0 offset 8\n",
	     threads(block("transactions", c)));
	reply(c, 5, 0);
	GO(c, "NOOP COMPLETE TXN:4");
}

/* An answer that waited is one, not the failure of its call; that to the dead is an error. */
TEST_F(state, answer_for_who_is_inside_of_another)
{
	struct port *s, *c;
	uint32_t to_c;

	two(&s, &c);
	ring(s, c, &to_c);
	reply(s, 6, 0);
	WRITE(s, "");
	reply(c, 5, 0);
	WRITE(c, "");
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "    transaction error: 29190\n"
	     "    pending transaction #1: PTR from S:S to C:C code 6 flags 0 pri 0 elapsed N size 0:0 offset 8\n",
	     threads(block("transactions", c)));
	GO(c, "NOOP COMPLETE REPLY:6");
}

TEST_F(state, oneway_calls_wait_at_their_node)
{
	struct port *s, *c;

	two(&s, &c);
	for (uint32_t i = 1; i <= 3; i++)
		call_data(c, 0, i, TF_ONE_WAY, "0123456789", 10);
	WRITE(c, "");
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "    transaction complete\n"
	     "    transaction complete\n"
	     "    transaction complete\n"
	     "proc S\n"
	     "context binder\n"
	     "  node #1: u:0 c:0 hs 1 hw 1 ls 4 lw 1 is 0 iw 0 tr 1\n"
	     "    pending async transaction #2: PTR from C:C to S:0 code 2 flags 1 pri 0 elapsed N node #1 size 10:0 offset 10\n"
	     "    pending async transaction #3: PTR from C:C to S:0 code 3 flags 1 pri 0 elapsed N node #1 size 10:0 offset 20\n"
	     "  buffer #4: 0 size 10:0:0 active\n"
	     "  buffer #2: 10 size 10:0:0 active\n"
	     "  buffer #3: 20 size 10:0:0 active\n"
	     "  pending transaction #4: PTR from C:C to S:0 code 1 flags 1 pri 0 elapsed N node #1 size 10:0 offset 0\n",
	     strstr(named(read_log(DEBUGFS_LOGS, "transactions")), "proc C\n"));
	GO(s, "NOOP TXN:1");
	SAME("proc S\n"
	     "context binder\n"
	     "  node #1: u:0 c:0 hs 1 hw 1 ls 4 lw 1 is 0 iw 0 tr 1\n"
	     "    pending async transaction #2: PTR from C:C to S:0 code 2 flags 1 pri 0 elapsed N node #1 size 10:0 offset 10\n"
	     "    pending async transaction #3: PTR from C:C to S:0 code 3 flags 1 pri 0 elapsed N node #1 size 10:0 offset 20\n"
	     "  buffer #4: 0 size 10:0:0 delivered\n"
	     "  buffer #2: 10 size 10:0:0 active\n"
	     "  buffer #3: 20 size 10:0:0 active\n",
	     block("transactions", s));
	free_last(s);
	WRITE(s, "");
	SAME("proc S\n"
	     "context binder\n"
	     "  node #1: u:0 c:0 hs 1 hw 1 ls 3 lw 1 is 0 iw 0 tr 1\n"
	     "    pending async transaction #2: PTR from C:C to S:0 code 3 flags 1 pri 0 elapsed N node #1 size 10:0 offset 20\n"
	     "  buffer #3: 10 size 10:0:0 active\n"
	     "  buffer #2: 20 size 10:0:0 active\n"
	     "  pending transaction #3: PTR from C:C to S:0 code 2 flags 1 pri 0 elapsed N node #1 size 10:0 offset 10\n",
	     block("transactions", s));
}

TEST_F(state, errors_wait_to_be_read)
{
	struct port *s, *c;

	two(&s, &c);
	call(c, 777, 1, 0);
	WRITE(c, "");
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "    transaction error: 29201\n",
	     block("transactions", c));
	GO(c, "NOOP FAILED");
	SAME("", block("transactions", c));
}

/* A call whose receiver dies: nobody has it any more. */
TEST_F(state, call_to_somebody_who_died)
{
	struct port *s, *c;

	two(&s, &c);
	deliver(c, s, 0, 1);
	die(s);
	gone(s);
	wait_for(c, "error");
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "    transaction complete\n"
	     "    transaction error: 29189\n",
	     block("state", c));
	GO(c, "NOOP COMPLETE DEAD");
}

/* Its caller is called back at that moment: it learns of it later. */
TEST_F(state, call_below_another_to_somebody_who_died)
{
	struct port *s, *c;
	uint32_t handle;

	two(&s, &c);
	handle = give(c, s, 0x10, 0, 0);
	deliver(c, s, 0, 1);
	call(s, handle, 2, 0);
	GO(s, "EAGAIN");
	GO(c, "NOOP COMPLETE TXN:2");
	die(s);
	gone(s);
	wait_for(c, "to 0:0");
	SAME("    outgoing transaction #3: PTR from C:C to 0:0 code 1 flags 0 pri 0 elapsed N",
	     line_of(block("state", c), "    outgoing"));
}

TEST_F(state, sizes_of_all_three_parts)
{
	static const char text[24];
	struct bnd_msg m;
	struct port *s, *c;
	uint64_t *offsets = shared(sizeof(*offsets));
	struct binder_buffer_object *ptr = shared(sizeof(*ptr));

	two(&s, &c);
	*offsets = 0;
	*ptr = bnd_obj_ptr(memcpy(shared(sizeof(text)), text, sizeof(text)), sizeof(text));
	m = (struct bnd_msg){
		.code = 1, .data = ptr, .size = sizeof(*ptr), .offsets = offsets, .noffsets = 1,
		.extra = 24,
	};
	bnd_cmd_transaction_sg(&c->w, &m);
	GO(c, "EAGAIN");
	SAME("  buffer #2: 0 size 40:8:24 active", line_of(block("state", s), "  buffer"));
}

TEST_HARNESS_MAIN
