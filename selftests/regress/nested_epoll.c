// SPDX-License-Identifier: GPL-2.0-only
/*
 * R01, CVE-2019-2215: an epoll set holds on to the wait queue of a thread until the file
 * is closed, and the thread may exit before. Here the set is in another set, another
 * thread adds to it, and the file is a duplicate.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(nested_epoll);

#define ROUNDS 500

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
