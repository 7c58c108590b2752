// SPDX-License-Identifier: GPL-2.0-only
/* Notices of deaths and freezes, and what is left of processes that went. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "logs_test.h"

LOGS_FIXTURE(notices);

/* The lines of a process that begin with "has". */
#define HAS(want, p)							\
	SAME(want, line_of(strstr(block("transactions", p) ?: "", "  has") ?: "", "  has"))

TEST_F(notices, of_a_death)
{
	struct port *s = manager(), *c = process(), *o = process();
	uint32_t handle;

	name(c, "C");
	(void)s;
	handle = give(o, c, 0x10, 0x20, 0);
	bnd_cmd_request_death(&c->w, handle, 0x77);
	WRITE(c, "");
	HAS("", c);
	die(o);
	gone(o);
	wait_for(c, "has dead");
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "  ref #1: desc 1 dead node #2 s 1 w 1 d PTR\n"
	     "  has dead binder\n",
	     block("state", c));
	SAME("proc C\n"
	     "context binder\n"
	     "  has dead binder\n",
	     block("transactions", c));
	GO(c, "NOOP DEAD_BINDER:77");
	HAS("  has delivered dead binder", c);
	bnd_cmd_dead_binder_done(&c->w, 0x77);
	WRITE(c, "");
	HAS("", c);
	bnd_cmd_clear_death(&c->w, handle, 0x77);
	WRITE(c, "");
	HAS("  has cleared death notification", c);
	SAME("  ref #1: desc 1 dead node #2 s 1 w 1 d NULL", line_of(block("state", c), "  ref"));
	GO(c, "NOOP CLEARED:77");
	HAS("", c);
}

TEST_F(notices, of_a_death_cleared_before_it_was_read)
{
	struct port *c, *o;
	uint32_t handle;

	manager();
	c = process();
	o = process();
	handle = give(o, c, 0x10, 0x20, 0);
	bnd_cmd_request_death(&c->w, handle, 0x77);
	WRITE(c, "");
	die(o);
	gone(o);
	wait_for(c, "has dead");
	bnd_cmd_clear_death(&c->w, handle, 0x77);
	WRITE(c, "");
	HAS("  has cleared dead binder", c);
}

/* Nodes whose owner is gone, for as long as somebody has a handle. */
TEST_F(notices, dead_nodes_while_there_are_handles)
{
	struct port *s = manager(), *c = process(), *o = process();
	uint32_t handle;

	name(c, "C");
	name(s, "S");
	handle = give(o, c, 0x10, 0x20, 0);
	ASSERT_EQ(NULL, strstr(read_log(DEBUGFS_LOGS, "state"), "dead nodes:"));
	die(o);
	gone(o);
	wait_for(c, " dead node ");
	SAME("binder state:\n"
	     "dead nodes:\n"
	     "  node #1: u:10 c:20 hs 1 hw 1 ls 0 lw 0 is 1 iw 1 tr 1 proc C\n"
	     "proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "  ref #2: desc 1 dead node #1 s 1 w 1 d NULL\n"
	     "proc S\n"
	     "context binder\n"
	     "  thread S: l 00 need_return 0 tr 0\n"
	     "  node #3: u:0 c:0 hs 1 hw 1 ls 1 lw 1 is 0 iw 0 tr 1\n",
	     named(read_log(DEBUGFS_LOGS, "state")));
	drop(c, handle);
	WRITE(c, "");
	SAME("", line_of(read_log(DEBUGFS_LOGS, "state"), "dead nodes:"));
}

static bool all_are_dead(void *arg)
{
	const char *text = block_of(read_log(DEBUGFS_LOGS, "state"), arg);
	int n = 0;

	while ((text = strstr(text, " dead node ")))
		text += ++n > 0;
	return n == 60;
}

/* Many of them, of several processes, one of which goes with its last handle. */
TEST_F(notices, all_dead_nodes)
{
	struct port *s = manager(), *c = process(), *o[3];
	uint32_t last = 0;

	for (int i = 0; i < 3; i++) {
		o[i] = process();
		for (int j = 0; j < 20; j++)
			last = give(o[i], c, 0x10 * (j + 1), 0x20, 0);
	}
	(void)s;
	for (int i = 0; i < 3; i++)
		die(o[i]);
	wait_until(all_are_dead, c, "sixty dead nodes");
	ASSERT_EQ(60, count_lines(read_log(DEBUGFS_LOGS, "state"), "  node ") - 1);
	ASSERT_EQ(60, count_lines(read_log(DEBUGFS_LOGS, "state"), "  ref "));
	drop(c, last);
	WRITE(c, "");
	ASSERT_EQ(59, count_lines(read_log(DEBUGFS_LOGS, "state"), "  node ") - 1);
}

/* --- freezing ------------------------------------------------------------------ */

static void freeze(struct port *by, struct port *p, bool enable)
{
	struct binder_freeze_info info = { .pid = p->pid, .enable = enable };
	int err = ioc(by, BINDER_FREEZE, &info, sizeof(info));

	if (err)
		fail("BINDER_FREEZE: %s", strerror(-err));
}

TEST_F(notices, of_a_freeze)
{
	struct port *s = manager(), *c = process(), *o = process();
	uint32_t handle;

	handle = give(o, c, 0x10, 0x20, 0);
	bnd_cmd_request_freeze(&c->w, handle, 0x77);
	WRITE(c, "");
	HAS("  has frozen binder", c);
	go(c);
	HAS("  has delivered freeze binder", c);
	bnd_cmd_freeze_done(&c->w, 0x77);
	WRITE(c, "");
	HAS("", c);
	freeze(s, o, true);
	HAS("  has frozen binder", c);
	bnd_cmd_clear_freeze(&c->w, handle, 0x77);
	WRITE(c, "");
	HAS("  has cleared freeze notification", c);
	freeze(s, o, false);
}

/* Completions with a code of their own have no name in this file. */
TEST_F(notices, completion_of_a_oneway_call_to_a_frozen_process)
{
	struct port *s = manager(), *c = process();

	name(c, "C");
	freeze(c, s, true);
	call(c, 0, 1, TF_ONE_WAY);
	WRITE(c, "");
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "    unknown work: type 3\n",
	     block("transactions", c));
	freeze(c, s, false);
}

TEST_F(notices, completion_of_a_oneway_call_that_is_suspect)
{
	struct port *s = manager(), *c = process();
	uint32_t on = 1;

	(void)s;
	name(c, "C");
	ASSERT_EQ(0, ioc(c, BINDER_ENABLE_ONEWAY_SPAM_DETECTION, &on, sizeof(on)));
	/* More than a quarter of the area, and then almost all that oneway calls may have. */
	call_data(c, 0, 1, TF_ONE_WAY, shared(AREA / 2), AREA * 3 / 10);
	GO(c, "NOOP COMPLETE");
	call_data(c, 0, 2, TF_ONE_WAY, shared(AREA / 2), AREA * 3 / 20);
	WRITE(c, "");
	SAME("proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "    unknown work: type 4\n",
	     block("transactions", c));
}

TEST_HARNESS_MAIN
