// SPDX-License-Identifier: GPL-2.0-only
/*
 * R52: descriptors are made by the thread that reads the message, in the table that this
 * thread has then, and not in that of the process that was sent to.
 */
#include <errno.h>
#include <sched.h>
#include <sys/resource.h>

#include "parts.h"
#include "protocol_test.h"

PROTOCOL_FIXTURE(own_table);

static long leave_table(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	return unshare(CLONE_FILES) ? -errno : 0;
}

TEST_F(own_table, gets_the_descriptor)
{
	struct flat_binder_object accepts = bnd_obj_binder(0, 0, FLAT_BINDER_FLAG_ACCEPTS_FDS);
	struct port *server = process(), *t = thread_of(server), *c = process();
	int fds[2], got;

	ASSERT_EQ(0, ioc(server, BINDER_SET_CONTEXT_MGR_EXT, &accepts, sizeof(accepts)));
	pipe_in(c, fds);
	/* A message that is there when the thread leaves the table. */
	call_obj(c, 0, 1, TF_ONE_WAY, fd_obj(fds[1], 0));
	GO(c, "NOOP COMPLETE");
	ASSERT_EQ(0, run(t, leave_table, NULL));
	GO(t, "NOOP TXN:1");
	got = (int)got_obj(t, 0).handle;
	ASSERT_TRUE(is_open(t, got));
	ASSERT_FALSE(is_open(server, got));
	free_last(t);
	WRITE(t, "");
	/* The next one is read by the other thread. */
	call_obj(c, 0, 2, TF_ONE_WAY, fd_obj(fds[1], 0));
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:2");
	ASSERT_EQ(got, (int)got_obj(server, 0).handle);
	ASSERT_TRUE(is_open(server, got));
	ASSERT_TRUE(is_open(t, got));
	close_in(server, got);
	ASSERT_TRUE(is_open(t, got));
}

TEST_HARNESS_MAIN
