// SPDX-License-Identifier: GPL-2.0-only
/*
 * R52: descriptors came into the table of the process that was sent to, whoever read the
 * message, or some of them stayed when there was no room for all. They are made by the
 * thread that reads, in the table that this thread has then, and all or none of them.
 */
#include <errno.h>
#include <sched.h>

#include "parts.h"
#include "protocol_test.h"

#define ACCEPTS FLAT_BINDER_FLAG_ACCEPTS_FDS

PROTOCOL_FIXTURE(own_table);

static long leave_table(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	return unshare(CLONE_FILES) ? -errno : 0;
}

TEST_F(own_table, gets_the_descriptor)
{
	struct flat_binder_object accepts = bnd_obj_binder(0, 0, ACCEPTS);
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

/* A client, and a server with an object that takes descriptors. */
struct two {
	struct port *server;
	struct port *c;
	uint32_t h;
};

static struct two two(void)
{
	struct two p;

	manager();
	p.server = process();
	p.c = process();
	p.h = give(p.server, p.c, 0x10, 0, ACCEPTS);
	return p;
}

TEST_F(own_table, has_no_number_for_a_call)
{
	struct two p = two();
	struct flat_binder_object o[2] = { fd_obj(0, 0), fd_obj(1, 0) };
	long next = run(p.server, lowest_free, NULL);

	/* One is not enough: all or nothing. */
	ASSERT_EQ(0, run(p.server, limit_fds, (void *)1));
	call_msg(p.c, objects(p.h, 1, 0, 2, o));
	START_ASLEEP(p.c);
	GO(p.server, "EAGAIN");
	FINISH(p.c, "NOOP COMPLETE FAILED");
	EXTERR(p.c, "OK 0");
	ASSERT_EQ(0, run(p.server, unlimit_fds, NULL));
	ASSERT_EQ(next, run(p.server, lowest_free, NULL));
	/* It owes no reply and goes on as before. */
	reply(p.server, 0, 0);
	GO(p.server, "NOOP FAILED");
	ping(p.c, p.server, p.h);
}

TEST_F(own_table, has_no_number_and_the_read_goes_on)
{
	struct two p = two();
	struct port *other = process();
	uint32_t h = give(p.server, other, 0x10, 0, 0);

	ASSERT_EQ(0, run(p.server, limit_fds, (void *)0));
	call_obj(p.c, p.h, 1, 0, fd_obj(0, 0));
	GO(p.c, "EAGAIN");
	call(other, h, 2, 0);
	GO(other, "EAGAIN");
	GO(p.server, "NOOP TXN:2");
	GO(p.c, "NOOP COMPLETE FAILED");
}

TEST_F(own_table, has_no_number_for_a_oneway_call)
{
	struct two p = two();

	ASSERT_EQ(0, run(p.server, limit_fds, (void *)0));
	call_obj(p.c, p.h, 1, TF_ONE_WAY, fd_obj(0, 0));
	call(p.c, p.h, 2, TF_ONE_WAY);
	GO(p.c, "NOOP COMPLETE COMPLETE");
	/* Dropped without a word, and the next one is not held up. */
	go(p.server);
	if (!strcmp(p.server->got, "EAGAIN"))
		go(p.server);
	ASSERT_STREQ("NOOP TXN:2", p.server->got);
	GO(p.c, "EAGAIN");
}

TEST_F(own_table, has_no_number_for_a_reply)
{
	struct two p = two();

	ASSERT_EQ(0, run(p.c, limit_fds, (void *)0));
	call(p.c, p.h, 1, TF_ACCEPT_FDS);
	GO(p.c, "EAGAIN");
	GO(p.server, "NOOP TXN:1");
	reply_obj(p.server, 0, 0, fd_obj(0, 0));
	GO(p.server, "NOOP COMPLETE");
	/* It stands in the place of the reply and ends the read as that would. */
	call(p.c, 99, 1, TF_ONE_WAY);
	WRITE(p.c, "");
	GO(p.c, "NOOP COMPLETE FAILED");
	GO(p.c, "NOOP FAILED");
	exterr(p.c);
	ping(p.c, p.server, p.h);
}

TEST_HARNESS_MAIN
