// SPDX-License-Identifier: GPL-2.0-only
/*
 * R35, CVE-2018-9465: files in messages to a process that dies are let go, those
 * that were read and those that were not, and none of them appears anywhere else.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "parts.h"
#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(descriptors_for);

#define ROUNDS 24
#define MESSAGES 40

static struct port *fd_manager(void)
{
	struct flat_binder_object obj = bnd_obj_binder(0, 0, FLAT_BINDER_FLAG_ACCEPTS_FDS);
	struct port *p = process();
	int err;

	/* The last one may not be buried yet. */
	do
		err = ioc(p, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj));
	while (err == -EBUSY);
	if (err)
		fail("cannot become manager: %d", err);
	return p;
}

/* Read without end; every other message is freed. */
static long read_all(struct port *p, void *arg)
{
	BND_STREAM(r, 256);
	BND_CMDS(w, 64);
	struct bnd_rec rec;

	(void)arg;
	for (int n = 0;;) {
		int err = bnd_xfer(p->conn, &w, &r);

		if (err && err != -EINTR)
			return err;
		bnd_cmds_reset(&w);
		while (bnd_next(&r, &rec) > 0) {
			if (rec.code == BR_TRANSACTION && n++ % 2)
				bnd_cmd_free_buffer(&w, rec.txn.data.ptr.buffer);
		}
	}
}

static long count_fds(struct port *p, void *arg)
{
	long n = 0;

	(void)p;
	(void)arg;
	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static long send_many(struct port *p, void *arg)
{
	BND_STREAM(r, 256);
	BND_CMDS(w, 128);
	const struct bnd_msg *m = arg;

	for (int i = 0; i < MESSAGES; i++) {
		bnd_cmds_reset(&w);
		bnd_cmd_transaction(&w, m);
		bnd_xfer(p->conn, &w, &r);
	}
	return 0;
}

TEST_F_TIMEOUT(descriptors_for, the_dying_are_closed, NO_TIMEOUT)
{
	struct port *c = process();
	long before = run(c, count_fds, NULL);

	for (unsigned int round = 0; round < race_rounds(ROUNDS); round++) {
		struct port *receiver = fd_manager();
		struct flat_binder_object obj;
		struct bnd_msg *m = shared(sizeof(*m));
		int fds[2], mine;

		pipe_in(c, fds);
		mine = steal(c, fds[0]);
		obj = fd_obj(fds[1], 0);
		*m = objects(0, 1, TF_ONE_WAY, 1, &obj);
		run_start(receiver, read_all, NULL);
		run_start(c, send_many, m);
		for (unsigned int i = 0; i < round % ROUNDS; i++)
			sched_yield();
		die(receiver);
		run_finish(c);
		close_in(c, fds[0]);
		close_in(c, fds[1]);
		/* Nobody has the other end of the pipe. */
		wait_for_end(mine);
		close(mine);
		ASSERT_EQ(before, run(c, count_fds, NULL));
	}
}

TEST_HARNESS_MAIN
