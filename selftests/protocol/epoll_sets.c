// SPDX-License-Identifier: GPL-2.0-only
/* Epoll sets of peers; see epoll_sets.h. */
#include <errno.h>
#include <sys/epoll.h>

#include "epoll_sets.h"

long do_epoll(struct port *p, void *arg)
{
	struct epoll_event event = { .events = (uint32_t)(uintptr_t)arg };
	int epfd = epoll_create1(EPOLL_CLOEXEC);

	return epoll_ctl(epfd, EPOLL_CTL_ADD, p->conn->fd, &event) ? -errno : epfd;
}

struct epoll_wait_arg {
	int epfd;
	int timeout;
};

static long do_epoll_wait(struct port *p, void *arg)
{
	struct epoll_wait_arg *w = arg;
	struct epoll_event event;
	int n = epoll_wait(w->epfd, &event, 1, w->timeout);

	(void)p;
	return n < 0 ? -errno : n ? (long)event.events : 0;
}

static struct epoll_wait_arg *epoll_arg(int epfd, int timeout)
{
	struct epoll_wait_arg *w = shared(sizeof(*w));

	w->epfd = epfd;
	w->timeout = timeout;
	return w;
}

long epoll_now(struct port *p, int epfd)
{
	return run(p, do_epoll_wait, epoll_arg(epfd, 0));
}

void start_epoll(struct port *p, int epfd)
{
	run_start(p, do_epoll_wait, epoll_arg(epfd, -1));
	settle(p);
	if (!asleep(p))
		fail("epoll_wait does not sleep");
}
