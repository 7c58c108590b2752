// SPDX-License-Identifier: GPL-2.0-only
/*
 * R01, CVE-2019-2215: an epoll set holds on to the wait queue of a thread until the file
 * is closed, and the thread may exit before. Or the set is in another set, another
 * thread adds to it, and the file is a duplicate.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "epoll_sets.h"
#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(nested_epoll);

#define ROUNDS 500

static bool be_expedited(bool yes)
{
	int fd = open("/sys/kernel/rcu_normal", O_WRONLY | O_CLOEXEC);
	bool done = write(fd, yes ? "0" : "1", 1) == 1;

	close(fd);
	return done;
}

/*
 * What this processor was to free after a grace period is freed: it waits in a row with
 * what it left before, which an expedited one would overtake.
 */
static bool await_grace_period(void)
{
	return be_expedited(false) && !syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) &&
	       be_expedited(true);
}

static bool stay_here(void)
{
	cpu_set_t here;

	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	return !sched_setaffinity(0, sizeof(here), &here);
}

static long exit_and_forget(struct port *p, void *arg)
{
	struct epoll_event event = { .events = EPOLLIN };
	long how = (long)arg;

	if (!stay_here())
		return -errno;
	for (unsigned int i = 0; i < race_rounds(ROUNDS); i++) {
		int epfd = epoll_create1(EPOLL_CLOEXEC), err = 0;

		if (epoll_ctl(epfd, EPOLL_CTL_ADD, p->conn->fd, &event))
			return -errno;
		if (bnd_thread_exit(p->conn))
			return -1000;
		if (!i && !await_grace_period())
			return -errno;
		if (how == 1)
			err = epoll_wait(epfd, &event, 1, 0) < 0 ? errno : 0;
		else if (how == 2)
			err = epoll_ctl(epfd, EPOLL_CTL_DEL, p->conn->fd, NULL) ? errno : 0;
		else if (how == 3)
			err = epoll_ctl(epfd, EPOLL_CTL_MOD, p->conn->fd, &event) ? errno : 0;
		if (err && err != ENOENT)
			return -err;
		close(epfd);
	}
	return 0;
}

TEST_F_TIMEOUT(nested_epoll, subtle_thread_exit_while_in_a_set, NO_TIMEOUT)
{
	struct port *server = manager(), *c = process();

	for (long how = 0; how < 4; how++)
		ASSERT_EQ(0, run(server, exit_and_forget, (void *)how));
	ping(c, server, 0);
}

TEST_F(nested_epoll, thread_exit_while_another_waits)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();
	int epfd = run(server, do_epoll, (void *)EPOLLIN);

	ASSERT_LE(0, epfd);
	start_epoll(t, epfd);
	ASSERT_EQ(0, ioc_at(server, BINDER_THREAD_EXIT, 0));
	/* That may have woken it or not. */
	interrupt(t);
	run_finish(t);
	ping(c, server, 0);
	ASSERT_LE(0, run(server, do_epoll, (void *)EPOLLIN));
}

TEST_F(nested_epoll, the_file_goes_while_in_a_set)
{
	struct port *server = manager(), *again = open_again(server, AREA), *c = process();
	int epfd = run(again, do_epoll, (void *)EPOLLIN);

	ASSERT_LE(0, epfd);
	shut(again);
	ASSERT_EQ(0, epoll_now(server, epfd));
	ping(c, server, 0);
}

/* --- sets in sets --- */

static int set_with(int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	int set = epoll_create1(EPOLL_CLOEXEC);

	return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) ? -errno : set;
}

static long exits_in_a_set_of_a_set(struct port *p, void *arg)
{
	struct epoll_event event;

	(void)arg;
	for (unsigned int i = 0; i < race_rounds(ROUNDS); i++) {
		int copy = dup(p->conn->fd), inner = set_with(copy), outer = set_with(inner);

		if (inner < 0 || outer < 0 || bnd_thread_exit(p->conn))
			return -1;
		/* The same task is a new thread of the driver's, in the same sets. */
		if (i % 4 == 1)
			epoll_wait(outer, &event, 1, 0);
		if (i % 4 == 2 && bnd_thread_exit(p->conn))
			return -2;
		if (i & 1)
			close(inner);
		close(outer);
		close(copy);
		if (!(i & 1))
			close(inner);
	}
	return 0;
}

TEST_F_TIMEOUT(nested_epoll, of_a_thread_that_exits, NO_TIMEOUT)
{
	struct port *server = manager(), *c = process();

	ASSERT_EQ(0, run(server, exits_in_a_set_of_a_set, NULL));
	ping(c, server, 0);
}

static int shared_set;

static long add(struct port *p, void *arg)
{
	struct epoll_event event = { .events = EPOLLIN };

	(void)arg;
	return epoll_ctl(shared_set, EPOLL_CTL_ADD, p->conn->fd, &event) ? -errno : 0;
}

static long make_set(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	shared_set = epoll_create1(EPOLL_CLOEXEC);
	return shared_set < 0 ? -errno : 0;
}

static long close_set(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	return close(shared_set) ? -errno : 0;
}

/* One thread adds to the set and exits while another one closes it. */
TEST_F_TIMEOUT(nested_epoll, closed_while_a_thread_exits, NO_TIMEOUT)
{
	struct port *server = manager(), *other = thread_of(server), *c = process();

	for (unsigned int i = 0; i < race_rounds(ROUNDS); i++) {
		ASSERT_EQ(0, run(other, make_set, NULL));
		ASSERT_EQ(0, run(server, add, NULL));
		together(i, server, do_thread_exit, other, close_set);
	}
	ping(c, server, 0);
}

TEST_HARNESS_MAIN
