// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads whose tasks are gone without BINDER_THREAD_EXIT: what they had begun ends as
 * if they had said it, some time later. When that is, a thread that comes new says.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "parts.h"
#include "protocol_test.h"
#include "exited.h"

PROTOCOL_FIXTURE(exited);

/* --- what it was doing --- */

TEST_F(exited, idle)
{
	struct pair p = pair();

	exit_thread(p.t);
	new_thread(p.server);
	ping(p.c, p.server, p.h);
}

TEST_F(exited, while_serving)
{
	struct pair p = pair();

	deliver(p.c, p.t, p.h, 1);
	exit_thread(p.t);
	GO(p.c, "EAGAIN");
	new_thread(p.server);
	GO(p.c, "NOOP COMPLETE DEAD");
	/* The data is the process's until it is freed, by any thread. */
	p.server->txn = p.t->txn;
	free_last(p.server);
	GO(p.server, "EAGAIN");
	ping(p.c, p.server, p.h);
}

/* The first thread has gone, and waits for the others to go, too. */
TEST_F(exited, leader_while_serving)
{
	struct pair p = pair();

	deliver(p.c, p.server, p.h, 1);
	exit_thread(p.server);
	new_thread(p.t);
	GO(p.c, "NOOP COMPLETE DEAD");
	ping(p.c, p.t, p.h);
}

TEST_F(exited, while_serving_in_a_chain)
{
	struct pair p = pair();

	deliver(p.c, p.t, p.h, 1);
	deliver(p.t, p.mgr, 0, 2);
	exit_thread(p.t);
	new_thread(p.server);
	/* At once, though the last link is still at work. */
	GO(p.c, "NOOP COMPLETE DEAD");
	reply(p.mgr, 0, 0);
	GO(p.mgr, "NOOP COMPLETE");
}

/* It called and left: whoever serves the call is not disturbed. */
TEST_F(exited, while_waiting_for_a_reply)
{
	struct pair p = pair();

	deliver(p.t, p.mgr, 0, 1);
	exit_thread(p.t);
	new_thread(p.server);
	free_last(p.mgr);
	reply(p.mgr, 0, 0);
	GO(p.mgr, "NOOP COMPLETE");
	ping(p.c, p.server, p.h);
}

TEST_F(exited, with_an_unread_reply)
{
	struct pair p = pair();
	uint32_t back;
	int fds[2], end;

	/* To the manager, who answers with a file. */
	pipe_in(p.mgr, fds);
	end = steal(p.mgr, fds[0]);
	call(p.t, 0, 1, TF_ACCEPT_FDS);
	GO(p.t, "EAGAIN");
	GO(p.mgr, "NOOP TXN:1");
	free_last(p.mgr);
	reply_obj(p.mgr, 0, 0, fd_obj(fds[1], 0));
	GO(p.mgr, "NOOP COMPLETE");
	close_in(p.mgr, fds[1]);
	exit_thread(p.t);
	ASSERT_FALSE(has_end(end));
	new_thread(p.server);
	ASSERT_TRUE(has_end(end));
	back = give(p.server, p.mgr, 0x30, 0, 0);
	ping(p.mgr, p.server, back);
}

TEST_F(exited, with_an_unread_nested_call)
{
	struct pair p = pair();
	uint32_t back = give(p.server, p.mgr, 0x30, 0, 0);

	deliver(p.t, p.mgr, 0, 1);
	call(p.mgr, back, 2, 0);
	GO(p.mgr, "EAGAIN");
	exit_thread(p.t);
	/* It was meant for no other thread. */
	GO(p.server, "EAGAIN");
	new_thread(p.server);
	GO(p.mgr, "NOOP COMPLETE DEAD");
	/* From now on any thread will do. */
	call(p.mgr, back, 3, 0);
	GO(p.mgr, "EAGAIN");
	GO(p.server, "NOOP TXN:3");
	answer(p.server, p.mgr);
}

/* The thread that sent a new object was to take the first references to it. */
TEST_F(exited, with_unread_references)
{
	struct pair p = pair();

	call_obj(p.t, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x77, 0x78, 0));
	WRITE(p.t, "");
	GO(p.mgr, "NOOP TXN:1");
	exit_thread(p.t);
	GO(p.server, "EAGAIN");
	new_thread(p.server);
	GO(p.server, "NOOP INCREFS:77:78 ACQUIRE:77:78");
}

/* A call that was handed to it when it was idle is anybody's again. */
TEST_F(exited, with_a_call_it_did_not_come_to_read)
{
	struct pair p = pair();

	START_ASLEEP(p.t);
	call(p.c, p.h, 1, 0);
	ASSERT_EQ(0, hand_over_and_interrupt(p.c, p.t));
	FINISH(p.t, "EINTR");
	GO(p.server, "EAGAIN");
	exit_thread(p.t);
	new_thread(p.server);
	GO(p.server, "NOOP TXN:1");
	answer(p.server, p.c);
}

TEST_F(exited, with_a_oneway_call_it_did_not_come_to_read)
{
	struct pair p = pair();

	START_ASLEEP(p.t);
	call(p.c, p.h, 1, TF_ONE_WAY);
	ASSERT_EQ(0, hand_over_and_interrupt(p.c, p.t));
	FINISH(p.t, "EINTR");
	exit_thread(p.t);
	new_thread(p.server);
	GO(p.server, "NOOP TXN:1");
	free_last(p.server);
	/* The object is not busy for ever. */
	GO(p.c, "NOOP COMPLETE");
	call(p.c, p.h, 2, TF_ONE_WAY);
	GO(p.c, "NOOP COMPLETE");
	GO(p.server, "NOOP TXN:2");
}

/* Those that say so leave them behind at once. */
TEST_F(exited, by_the_book_with_calls_it_did_not_come_to_read)
{
	struct pair p = pair();

	START_ASLEEP(p.t);
	call(p.c, p.h, 1, 0);
	ASSERT_EQ(0, hand_over_and_interrupt(p.c, p.t));
	FINISH(p.t, "EINTR");
	ASSERT_EQ(0, ioc_at(p.t, BINDER_THREAD_EXIT, 0));
	GO(p.server, "NOOP TXN:1");
	answer(p.server, p.c);

	/* It is a new thread now, whose first read does not wait. */
	GO(p.t, "NOOP");
	START_ASLEEP(p.t);
	call(p.c, p.h, 2, TF_ONE_WAY);
	ASSERT_EQ(0, hand_over_and_interrupt(p.c, p.t));
	FINISH(p.t, "EINTR");
	ASSERT_EQ(0, ioc_at(p.t, BINDER_THREAD_EXIT, 0));
	GO(p.server, "NOOP TXN:2");
}

/* The thread has a call and sleeps no more, and another one sleeps. */
static int hand_one_while_another_sleeps(const struct pair *p)
{
	int error;

	start(p->t);
	call(p->c, p->h, 1, 0);
	error = hand_over_and_interrupt(p->c, p->t);
	finish(p->t);
	start(p->server);
	return error;
}

TEST_F(exited, its_call_wakes_who_sleeps)
{
	struct pair p = pair();
	struct port *third = thread_of(p.server);

	ASSERT_EQ(0, hand_one_while_another_sleeps(&p));
	ASSERT_TRUE(asleep(p.server));
	exit_thread(p.t);
	new_thread(third);
	ASSERT_FALSE(asleep(p.server));
	FINISH(p.server, "NOOP TXN:1");
	answer(p.server, p.c);
}

TEST_F(exited, by_the_book_its_call_wakes_who_sleeps)
{
	struct pair p = pair();

	ASSERT_EQ(0, hand_one_while_another_sleeps(&p));
	ASSERT_TRUE(asleep(p.server));
	ASSERT_EQ(0, ioc_at(p.t, BINDER_THREAD_EXIT, 0));
	ASSERT_FALSE(asleep(p.server));
	FINISH(p.server, "NOOP TXN:1");
	answer(p.server, p.c);
}

/* The thread has a call and sleeps no more; another call waits for anybody. */
static int hand_one_and_queue_one(const struct pair *p)
{
	int error;

	start(p->t);
	asleep(p->t);
	call(p->c, p->h, 1, TF_ONE_WAY);
	error = hand_over_and_interrupt(p->c, p->t);
	finish(p->t);
	call(p->c, p->h, 2, 0);
	only_write(p->c);
	return error;
}

TEST_F(exited, its_calls_keep_their_place)
{
	struct pair p = pair();

	ASSERT_EQ(0, hand_one_and_queue_one(&p));
	exit_thread(p.t);
	new_thread(p.server);
	GO(p.server, "NOOP TXN:1");
	GO(p.server, "NOOP TXN:2");
}

TEST_F(exited, by_the_book_its_calls_keep_their_place)
{
	struct pair p = pair();

	ASSERT_EQ(0, hand_one_and_queue_one(&p));
	ASSERT_EQ(0, ioc_at(p.t, BINDER_THREAD_EXIT, 0));
	GO(p.server, "NOOP TXN:1");
	GO(p.server, "NOOP TXN:2");
}

TEST_F(exited, with_an_unread_error_and_completion)
{
	struct pair p = pair();

	call(p.t, 0, 1, TF_ONE_WAY);
	call(p.t, 99, 1, 0);
	WRITE(p.t, "");
	exit_thread(p.t);
	new_thread(p.server);
	GO(p.server, "EAGAIN");
	ping(p.c, p.server, p.h);
}

/* --- what else makes the driver look --- */

TEST_F(exited, is_noticed_when_a_thread_is_asked_for)
{
	struct pair p = pair();
	uint32_t max = 1;

	ASSERT_EQ(0, ioc(p.server, BINDER_SET_MAX_THREADS, &max, sizeof(max)));
	deliver(p.c, p.t, p.h, 1);
	exit_thread(p.t);
	bnd_cmd_enter_looper(&p.server->w);
	call(p.server, 0, 2, TF_ONE_WAY);
	GO(p.server, "SPAWN COMPLETE");
	GO(p.c, "NOOP COMPLETE DEAD");
}

TEST_F(exited, is_noticed_by_the_freezer)
{
	struct pair p = pair();
	struct binder_freeze_info info = { .pid = p.server->pid, .enable = 1 };

	deliver(p.c, p.t, p.h, 1);
	exit_thread(p.t);
	ASSERT_EQ(0, ioc(p.mgr, BINDER_FREEZE, &info, sizeof(info)));
	GO(p.c, "NOOP COMPLETE DEAD");
}

static int read_file(const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do
		n = read(fd, text, sizeof(text));
	while (n > 0);
	close(fd);
	return n;
}

TEST_F(exited, is_noticed_by_who_reads_the_state)
{
	struct pair p = pair();

	deliver(p.c, p.t, p.h, 1);
	exit_thread(p.t);
	ASSERT_EQ(0, read_file("/sys/kernel/debug/binder/state"));
	GO(p.c, "NOOP COMPLETE DEAD");
}

/* --- what stays --- */

TEST_F(exited, threads_started_are_still_counted)
{
	struct pair p = pair();
	uint32_t max = 1;

	ASSERT_EQ(0, ioc(p.server, BINDER_SET_MAX_THREADS, &max, sizeof(max)));
	bnd_cmd_enter_looper(&p.server->w);
	call(p.server, 0, 2, TF_ONE_WAY);
	GO(p.server, "SPAWN COMPLETE");
	bnd_cmd_register_looper(&p.t->w);
	GO(p.t, "EAGAIN");
	exit_thread(p.t);
	new_thread(p.server);
	/* libbinder ends the process when it is asked for more than it allowed. */
	call(p.server, 0, 2, TF_ONE_WAY);
	GO(p.server, "NOOP COMPLETE");
}

static long add_to_epoll(struct port *p, void *arg)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl((int)(long)arg, EPOLL_CTL_ADD, p->conn->fd, &event) ? -errno : 0;
}

static long take_from_epoll(struct port *p, void *arg)
{
	return epoll_ctl((int)(long)arg, EPOLL_CTL_DEL, p->conn->fd, NULL) ? -errno : 0;
}

static long make_epoll(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	return epoll_create1(EPOLL_CLOEXEC);
}

static long wait_in_epoll(struct port *p, void *arg)
{
	struct epoll_event event;

	(void)p;
	return epoll_wait((int)(long)arg, &event, 1, 20000) == 1 ? (long)event.events : -1;
}

static void start_waiting(struct port *p, void *epfd)
{
	run_start(p, wait_in_epoll, epfd);
	settle(p);
	if (!asleep(p))
		fail("epoll does not sleep: %#lx", run_finish(p));
}

/* One thread fills the set and goes, others wait there. */
TEST_F(exited, an_epoll_set_stays_awake)
{
	struct pair p = pair();
	void *epfd = (void *)run(p.server, make_epoll, NULL);
	struct port *other = process();
	uint32_t h = give(p.server, other, 0x10, 0x20, 0);

	ASSERT_EQ(0, run(p.t, add_to_epoll, epfd));
	exit_thread(p.t);
	new_thread(p.server);
	start_waiting(p.server, epfd);
	call(other, h, 2, TF_ONE_WAY);
	GO(other, "NOOP COMPLETE");
	ASSERT_EQ(EPOLLIN, run_finish(p.server));
	GO(p.server, "NOOP TXN:2");
	free_last(p.server);
	GO(p.server, "EAGAIN");
	/* And again, after others came and went. */
	new_thread(p.server);
	start_waiting(p.server, epfd);
	call(other, h, 3, TF_ONE_WAY);
	GO(other, "NOOP COMPLETE");
	ASSERT_EQ(EPOLLIN, run_finish(p.server));
	GO(p.server, "NOOP TXN:3");
	ASSERT_EQ(0, run(p.server, take_from_epoll, epfd));
	new_thread(p.server);
	ASSERT_EQ(0, run(p.server, add_to_epoll, epfd));
	new_thread(p.server);
}

/* The set keeps the record of the thread, not what it was serving. */
TEST_F(exited, in_an_epoll_set_while_serving)
{
	struct pair p = pair();
	void *epfd = (void *)run(p.server, make_epoll, NULL);

	deliver(p.c, p.t, p.h, 1);
	ASSERT_EQ(0, run(p.t, add_to_epoll, epfd));
	exit_thread(p.t);
	GO(p.c, "EAGAIN");
	new_thread(p.server);
	GO(p.c, "NOOP COMPLETE DEAD");
	ping(p.c, p.server, p.h);
}

/* --- somebody else with the same number, or in the same place --- */

static long do_thread_numbered(struct port *p, void *arg)
{
	FILE *f = fopen("/proc/sys/kernel/ns_last_pid", "w");

	(void)p;
	if (!f)
		return -errno;
	fprintf(f, "%d", (int)(long)arg - 1);
	return fclose(f) ? -errno : 0;
}

/* A thread with the number of one that is gone. */
static struct port *thread_numbered(struct port *p, pid_t tid)
{
	for (int i = 0; i < 100; i++) {
		struct port *t;
		long err = run(p, do_thread_numbered, (void *)(long)tid);

		if (err)
			fail("ns_last_pid: %s", strerror((int)-err));
		t = new_thread_of(p);
		if (t->tid == tid)
			return t;
		exit_thread(t);
	}
	fail("no thread gets number %d", tid);
}

TEST_F(exited, its_number_is_not_its_call)
{
	struct pair p = pair();
	struct port *t;

	deliver(p.c, p.t, p.h, 1);
	exit_thread(p.t);
	t = thread_numbered(p.server, p.t->tid);
	reply(t, 0, 0);
	/* The first read of a thread does not block, as this is one. */
	GO(t, "NOOP FAILED");
	GO(p.c, "NOOP COMPLETE DEAD");
	call(t, 0, 1, TF_ONE_WAY);
	GO(t, "NOOP COMPLETE");
}

static long do_exec(struct port *p, void *arg)
{
	char job[32];

	snprintf(job, sizeof(job), "%d %d", p->conn->fd, (int)(long)arg);
	fcntl(p->conn->fd, F_SETFD, 0);
	setenv("AFTER_EXEC", job, 1);
	execl("/proc/self/exe", "exec", NULL);
	return -errno;
}

/* The program that follows: tries to answer, tells how that went, and stays. */
static void __attribute__((constructor)) after_exec(void)
{
	BND_STREAM(r, 512);
	BND_CMDS(w, 256);
	const char *job = getenv("AFTER_EXEC");
	struct bnd_conn c = { .fd = -1 };
	struct bnd_msg answer = { 0 };
	struct bnd_rec rec;
	int err, out;

	if (!job || sscanf(job, "%d %d", &c.fd, &out) != 2)
		return;
	fcntl(c.fd, F_SETFL, O_NONBLOCK);
	bnd_cmd_reply(&w, &answer);
	err = bnd_xfer(&c, &w, &r);
	if (err)
		dprintf(out, "%s ", strerrorname_np(-err));
	while (!err && bnd_next(&r, &rec) > 0)
		dprintf(out, "%s ", bnd_br_name(rec.code));
	close(out);
	for (;;)
		pause();
}

static const char *exec_and_read(struct port *p)
{
	static char text[256];
	int fds[2], end;
	size_t len = 0;
	ssize_t n;

	pipe_in(p, fds);
	end = steal(p, fds[0]);
	run_start(p, do_exec, (void *)(long)fds[1]);
	wait_for_end(end);
	while ((n = read(end, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	text[len] = '\0';
	close(end);
	return text;
}

/* A program that is no more answers nothing. */
TEST_F(exited, by_exec_of_a_leader_while_serving)
{
	struct pair p = pair();

	deliver(p.c, p.server, p.h, 1);
	ASSERT_STREQ("BR_NOOP BR_FAILED_REPLY ", exec_and_read(p.server));
	GO(p.c, "NOOP COMPLETE DEAD");
}

/* The thread that execs gets the number of the leader, who was serving. */
TEST_F(exited, by_exec_of_another_thread_while_serving)
{
	struct pair p = pair();

	deliver(p.c, p.server, p.h, 1);
	ASSERT_STREQ("BR_NOOP BR_FAILED_REPLY ", exec_and_read(p.t));
	GO(p.c, "NOOP COMPLETE DEAD");
}

TEST_HARNESS_MAIN
