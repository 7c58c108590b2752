// SPDX-License-Identifier: GPL-2.0-only
/* What races of two peers have in common; see racers.h. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "racers.h"

unsigned int race_rounds(unsigned int n)
{
	const char *value = getenv("ROUNDS");

	return value ? strtoul(value, NULL, 0) : n;
}

long do_close_device(struct port *p, void *arg)
{
	(void)arg;
	bnd_close(p->conn);
	return 0;
}

long do_open_device(struct port *p, void *arg)
{
	int32_t version;
	int err = bnd_open(p->conn, "/dev/binder", AREA, 0);

	(void)arg;
	return err ? err : bnd_version(p->conn, &version);
}

long do_thread_exit(struct port *p, void *arg)
{
	(void)arg;
	return bnd_thread_exit(p->conn);
}

long do_write(struct port *p, void *arg)
{
	int err = bnd_write(p->conn, &p->w);

	(void)arg;
	bnd_cmds_reset(&p->w);
	return err;
}

void together(unsigned int round, struct port *a, long (*fa)(struct port *p, void *arg),
	      struct port *b, long (*fb)(struct port *p, void *arg))
{
	const bool b_first = round & 1;

	run_start(b_first ? b : a, b_first ? fb : fa, NULL);
	for (unsigned int i = 0; i < (round / 2) % 8; i++)
		sched_yield();
	run_start(b_first ? a : b, b_first ? fa : fb, NULL);
	run_finish(a);
	run_finish(b);
}

void begin_end(struct port *p, enum end how)
{
	if (how == KILL)
		kill(p->pid, SIGKILL);
	else
		run_start(p, how == EXIT ? do_thread_exit : do_close_device, NULL);
}

void finish_end(struct port *p, enum end how)
{
	if (how == KILL)
		die(p);
	else
		run_finish(p);
}

/* Behind all other objects of its owner, so that they are dead before it. */
#define WATCHED 0x7fffffff0000

void watch_burial(struct port *p)
{
	struct port *mgr = manager_port();

	bnd_cmd_request_death(&mgr->w, give(p, mgr, WATCHED, 0, 0), (uintptr_t)p);
	only_write(mgr);
}

void await_burial(struct port *p)
{
	struct port *mgr = manager_port();
	char want[64];

	snprintf(want, sizeof(want), "NOOP DEAD_BINDER:%llx", (unsigned long long)(uintptr_t)p);
	if (strcmp(go_blocking(mgr), want))
		fail("for its end: got '%s'", mgr->got);
	bnd_cmd_dead_binder_done(&mgr->w, (uintptr_t)p);
	only_write(mgr);
}

static void acknowledge(struct port *p)
{
	struct bnd_rec rec;

	p->r.pos = 0;
	while (bnd_next(&p->r, &rec) > 0) {
		switch (rec.code) {
		case BR_INCREFS:
			bnd_cmd_increfs_done(&p->w, rec.node.ptr, rec.node.cookie);
			break;
		case BR_ACQUIRE:
			bnd_cmd_acquire_done(&p->w, rec.node.ptr, rec.node.cookie);
			break;
		case BR_DEAD_BINDER:
			bnd_cmd_dead_binder_done(&p->w, rec.cookie);
			break;
		case BR_TRANSACTION:
		case BR_REPLY:
			bnd_cmd_free_buffer(&p->w, rec.txn.data.ptr.buffer);
			break;
		default:
			break;
		}
	}
}

void drain(struct port *p)
{
	for (int i = 0; i < 10000; i++) {
		go(p);
		if (!strncmp(p->got, "EAGAIN", 6))
			return;
		acknowledge(p);
	}
	fail("there is no end of what can be read");
}
