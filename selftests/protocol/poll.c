// SPDX-License-Identifier: GPL-2.0-only
/* poll and epoll, and what closing, forking and exec do to an open. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "epoll_sets.h"
#include "protocol_test.h"

/* At the end of its time poll(2) looks once more, and finds what nobody woke it for. */
#define FOREVER (-1)

PROTOCOL_FIXTURE(polling);

/* --- in the peers --- */

/* The events poll() reports, 0 when there are none within @arg ms. */
static long do_poll(struct port *p, void *arg)
{
	struct pollfd fd = { .fd = p->conn->fd, .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP };

	return poll(&fd, 1, (int)(long)arg) < 0 ? -errno : fd.revents;
}

static long ready(struct port *p)
{
	return run(p, do_poll, NULL);
}

/* Polls until there is something; returns when it sleeps. */
static void start_polling(struct port *p)
{
	run_start(p, do_poll, (void *)FOREVER);
	settle(p);
	if (!asleep(p))
		fail("poll does not sleep: %#lx", run_finish(p));
}

/* --- poll --- */

TEST_F(polling, subtle_a_new_thread_is_readable)
{
	struct port *p = process(), *t = new_thread_of(p), *other = new_thread_of(p);

	ASSERT_EQ(POLLIN, ready(t));
	ASSERT_EQ(POLLIN, ready(t));
	ASSERT_STREQ("NOOP", go_blocking(t));
	ASSERT_EQ(0, ready(t));
	/* Another ioctl will do as well as a read. */
	ASSERT_EQ(POLLIN, ready(other));
	ASSERT_EQ(-EINVAL, ioc_at(other, _IO('b', 99), 0));
	ASSERT_EQ(0, ready(other));
}

TEST_F(polling, work_of_the_process)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();

	ASSERT_EQ(0, ready(server));
	ASSERT_EQ(0, ready(t));
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	/* As long as nobody takes it. */
	ASSERT_EQ(POLLIN, ready(server));
	ASSERT_EQ(POLLIN, ready(t));
	ASSERT_EQ(POLLIN, ready(server));
	ASSERT_STREQ("NOOP TXN:1", go_blocking(t));
	ASSERT_EQ(0, ready(server));
	ASSERT_EQ(0, ready(t));
}

TEST_F(polling, own_work)
{
	struct port *server = manager(), *c = process();

	(void)server;
	call(c, 0, 1, TF_ONE_WAY);
	WRITE(c, "");
	ASSERT_EQ(POLLIN, ready(c));
	ASSERT_EQ(POLLIN, ready(c));
	ASSERT_STREQ("NOOP COMPLETE", go_blocking(c));
	ASSERT_EQ(0, ready(c));
	call(c, 99, 1, 0);
	WRITE(c, "");
	ASSERT_EQ(POLLIN, ready(c));
	ASSERT_STREQ("NOOP FAILED", go_blocking(c));
	ASSERT_EQ(0, ready(c));
}

TEST_F(polling, subtle_deferred_work_is_not_ready)
{
	struct port *server = manager(), *c = process();

	call_obj(c, 0, 1, 0, bnd_obj_binder(0x10, 0, 0));
	WRITE(c, "");
	ASSERT_EQ(0, ready(c));
	GO(server, "NOOP TXN:1");
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	ASSERT_EQ(POLLIN, ready(c));
	ASSERT_STREQ("NOOP INCREFS:10:0 ACQUIRE:10:0 COMPLETE REPLY:2", go_blocking(c));
	ASSERT_EQ(0, ready(c));
}

TEST_F(polling, a_busy_thread_is_not_ready_for_other_work)
{
	struct port *server = manager(), *t = thread_of(server), *a = process(), *b = process();

	deliver(a, server, 0, 1);
	call(b, 0, 2, TF_ONE_WAY);
	GO(b, "NOOP COMPLETE");
	ASSERT_EQ(0, ready(server));
	ASSERT_EQ(POLLIN, ready(t));
	answer(server, a);
	ASSERT_EQ(POLLIN, ready(server));
}

TEST_F(polling, sleeping_pollers_are_all_woken)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();

	start_polling(server);
	start_polling(t);
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	ASSERT_EQ(POLLIN, run_finish(server));
	ASSERT_EQ(POLLIN, run_finish(t));
}

TEST_F(polling, a_reader_is_preferred_to_a_poller)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();

	start_polling(t);
	START_ASLEEP(server);
	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	FINISH(server, "NOOP TXN:1");
	ASSERT_TRUE(asleep(t));
}

TEST_F(polling, notices_wake_pollers)
{
	struct port *mgr = manager(), *owner = process(), *p = process();
	uint32_t h = give(owner, p, 0x10, 0x20, 0), back = give(p, mgr, 0x30, 0x40, 0);

	bnd_cmd_request_death(&p->w, h, 0xd);
	GO(p, "EAGAIN");
	start_polling(p);
	drop(mgr, back);
	GO(mgr, "EAGAIN");
	ASSERT_EQ(POLLIN, run_finish(p));
	ASSERT_STREQ("NOOP RELEASE:30:40 DECREFS:30:40", go_blocking(p));
	start_polling(p);
	die(owner);
	ASSERT_EQ(POLLIN, run_finish(p));
	ASSERT_STREQ("NOOP DEAD_BINDER:d", go_blocking(p));
}

/* Who was woken for it got a signal. */
TEST_F(polling, a_notice_that_a_reader_leaves_wakes_a_poller)
{
	struct port *mgr = manager(), *p = process(), *t = thread_of(p);
	uint32_t h = give(p, mgr, 0x10, 0x20, 0);

	start_polling(t);
	START_ASLEEP(p);
	bnd_cmd_release(&mgr->w, h);
	ASSERT_EQ(0, hand_over_and_interrupt(mgr, p));
	FINISH(p, "EINTR");
	ASSERT_EQ(POLLIN, run_finish(t));
	ASSERT_STREQ("NOOP RELEASE:10:20", go_blocking(t));
}

/* POLLIN promises a single poller that its next blocking read returns. */
TEST_F(polling, subtle_pollin_means_the_read_returns)
{
	struct port *server = manager(), *c = process();

	for (uint32_t i = 0; i < 20; i++) {
		start_polling(server);
		call(c, 0, i, i & 1 ? TF_ONE_WAY : 0);
		GO(c, i & 1 ? "NOOP COMPLETE" : "EAGAIN");
		ASSERT_EQ(POLLIN, run_finish(server));
		go_blocking(server);
		ASSERT_EQ(i, server->txn.code);
		free_last(server);
		if (!(i & 1))
			reply(server, 0, 0);
		WRITE(server, "");
		while (ready(server))
			go_blocking(server);
		go(c);
	}
}

/* --- epoll --- */

TEST_F(polling, epoll_is_level_triggered)
{
	struct port *server = manager(), *c = process();
	int epfd = run(server, do_epoll, (void *)EPOLLIN);

	ASSERT_LE(0, epfd);
	ASSERT_EQ(0, epoll_now(server, epfd));
	call(c, 0, 1, TF_ONE_WAY);
	call(c, 0, 2, 0);
	GO(c, "NOOP COMPLETE COMPLETE");
	ASSERT_EQ(EPOLLIN, epoll_now(server, epfd));
	ASSERT_EQ(EPOLLIN, epoll_now(server, epfd));
	ASSERT_STREQ("NOOP TXN:1", go_blocking(server));
	ASSERT_EQ(EPOLLIN, epoll_now(server, epfd));
	ASSERT_STREQ("NOOP TXN:2", go_blocking(server));
	ASSERT_EQ(0, epoll_now(server, epfd));
	reply(server, 0, 0);
	WRITE(server, "");
	ASSERT_EQ(EPOLLIN, epoll_now(server, epfd));
	ASSERT_STREQ("NOOP COMPLETE", go_blocking(server));
	ASSERT_EQ(0, epoll_now(server, epfd));
}

TEST_F(polling, epoll_is_told_of_the_notices_left_by_each_read)
{
	struct port *mgr = manager(), *owner = process(), *p = process();
	int epfd = run(p, do_epoll, (void *)(EPOLLIN | EPOLLET));

	ASSERT_LE(0, epfd);
	for (int i = 0; i < 10; i++) {
		bnd_cmd_request_death(&p->w, give(owner, p, 0x10 * (i + 1), 0, 0), i);
		GO(p, "EAGAIN");
	}
	/* Behind all of them. */
	bnd_cmd_request_death(&mgr->w, give(owner, mgr, 0x1000, 0, 0), 0xe);
	GO(mgr, "EAGAIN");
	epoll_now(p, epfd);
	die(owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:e", go_blocking(mgr));
	for (int i = 0; i < 10; i++) {
		ASSERT_EQ(EPOLLIN, epoll_now(p, epfd));
		ASSERT_EQ(0, epoll_now(p, epfd));
		go(p);
		ASSERT_EQ(0, strncmp("NOOP DEAD_BINDER:", p->got, 17));
	}
	ASSERT_EQ(0, epoll_now(p, epfd));
}

/* --- flush --- */

static long do_close(struct port *p, void *arg)
{
	(void)arg;
	return close(p->conn->fd) ? -errno : 0;
}

static long dup_and_close(struct port *p, void *arg)
{
	(void)arg;
	return close(dup(p->conn->fd)) ? -errno : 0;
}

TEST_F(polling, subtle_a_close_wakes_all_readers)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();
	struct port *child = child_of(server);

	START_ASLEEP(server);
	START_ASLEEP(t);
	ASSERT_EQ(0, run(child, do_close, NULL));
	FINISH(server, "NOOP");
	FINISH(t, "NOOP");
	/* No harm was done. */
	START_ASLEEP(t);
	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	FINISH(t, "NOOP TXN:1");
	answer(t, c);
}

TEST_F(polling, a_close_of_a_duplicate_wakes_too)
{
	struct port *p = process(), *t = thread_of(p);

	START_ASLEEP(p);
	ASSERT_EQ(0, run(t, dup_and_close, NULL));
	FINISH(p, "NOOP");
}

TEST_F(polling, a_close_wakes_who_waits_for_a_reply)
{
	struct port *server = manager(), *c = process(), *t = thread_of(c);

	call(c, 0, 1, 0);
	START_ASLEEP(c);
	ASSERT_EQ(0, run(t, dup_and_close, NULL));
	FINISH(c, "NOOP COMPLETE");
	START_ASLEEP(c);
	GO(server, "NOOP TXN:1");
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	FINISH(c, "NOOP REPLY:2");
}

TEST_F(polling, a_close_makes_pollers_ready)
{
	struct port *p = process(), *t = thread_of(p), *q = thread_of(p);

	/* Put to sleep first, so that a flush still under way shows. */
	START_ASLEEP(q);
	ASSERT_EQ(0, ready(t));
	ASSERT_EQ(0, run(t, dup_and_close, NULL));
	FINISH(q, "NOOP");
	ASSERT_EQ(POLLIN, ready(p));
	ASSERT_STREQ("NOOP", go_blocking(p));
	ASSERT_EQ(0, ready(p));
}

/* --- fork and exec --- */

static long mapped(struct port *p, void *arg)
{
	(void)arg;
	return msync(p->conn->map, 4096, MS_ASYNC) ? -errno : 0;
}

static long do_map(struct port *p, void *arg)
{
	void *map = mmap(NULL, 4096, (int)(long)arg, MAP_PRIVATE, p->conn->fd, 0);

	return map == MAP_FAILED ? -errno : 0;
}

TEST_F(polling, a_child_has_the_file_but_not_the_mapping)
{
	struct port *server = manager(), *p = process(), *child = child_of(p);

	ASSERT_EQ(0, run(p, mapped, NULL));
	ASSERT_EQ(-ENOMEM, run(child, mapped, NULL));
	ASSERT_EQ(-EINVAL, run(child, do_map, (void *)PROT_READ));
	call(child, 0, 1, TF_ONE_WAY);
	GO(child, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
}

TEST_F(polling, a_child_keeps_the_open_alive)
{
	struct port *server = manager(), *child = child_of(server), *c = process();

	(void)child;
	ping(c, server, 0);
	/* All descriptors of the opener gone, and its mapping with it. */
	shut(server);
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP DEAD");
	EXTERR(c, "DEAD ESRCH");
	ASSERT_EQ(-EBUSY, ioc_at(c, BINDER_SET_CONTEXT_MGR, 0));
}

static long do_exec(struct port *p, void *arg)
{
	char *const argv[] = { "sleep", "100", NULL };
	char *const envp[] = { NULL };

	(void)arg;
	fcntl(p->conn->fd, F_SETFD, 0);
	execve("/bin/sleep", argv, envp);
	return -errno;
}

static bool area_is_gone(void *arg)
{
	struct port *c = arg;

	call(c, 0, 1, TF_ONE_WAY);
	go(c);
	if (strcmp(c->got, "NOOP COMPLETE") && strcmp(c->got, "NOOP DEAD"))
		fail("call to a process in exec: got '%s'", c->got);
	return !strcmp(exterr(c), "DEAD ESRCH");
}

/* R52 */
TEST_F(polling, exec_takes_the_mapping_away)
{
	struct port *server = manager(), *c = process();

	run_start(server, do_exec, NULL);
	wait_until(area_is_gone, c, "exec");
	/* The file itself lives on. */
	ASSERT_EQ(-EBUSY, ioc_at(c, BINDER_SET_CONTEXT_MGR, 0));
}

TEST_HARNESS_MAIN
