// SPDX-License-Identifier: GPL-2.0-only
/* poll and epoll in all their ways. */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "rows_test.h"

ROWS_FIXTURE(bad_poll)

static struct port *server, *c;

static void two_peers(void)
{
	peers_end();
	server = manager();
	c = process();
}

/* --- what there is to wait for --- */

enum pending { NOTHING, COMPLETE, ERROR, CALL, REPLY, NR_PENDING };

static const char *const pending_name[] = {
	"nothing", "a completion", "an error", "a call", "a reply"
};

/* Let @kind be what there is to read for its reader. */
static struct port *reader_of(enum pending kind)
{
	return kind == CALL ? server : c;
}

static void provide(enum pending kind)
{
	if (kind == COMPLETE || kind == ERROR) {
		call(c, kind == ERROR ? 77 : 0, 9, TF_ONE_WAY);
		only_write(c);
	}
	if (kind == CALL || kind == REPLY) {
		call(c, 0, 9, 0);
		go(c);
	}
	if (kind == REPLY) {
		go(server);
		reply(server, 0, 0);
		go(server);
	}
}

/* --- poll --- */

static long do_poll(struct port *p, void *arg)
{
	struct pollfd fd = { .fd = p->conn->fd, .events = (short)(long)arg };

	return poll(&fd, 1, 0) < 0 ? -errno : fd.revents;
}

TEST_F_TIMEOUT(bad_poll, poll, TABLE_SECONDS)
{
	static const short masks[] = {
		0, POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLRDBAND, POLLRDHUP, POLLERR, 0x7fff,
	};

	rows_begin("polls");
	for (int kind = 0; kind < NR_PENDING; kind++) {
		two_peers();
		provide(kind);
		for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
			row("poll for %#x with %s", masks[i], pending_name[kind]);
			got("%#lx", run(reader_of(kind), do_poll, (void *)(long)masks[i]));
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* --- epoll --- */

static long do_set(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	return epoll_create1(EPOLL_CLOEXEC);
}

struct change {
	int set;
	int op;
	int fd;
	uint32_t events;
};

static long do_change(struct port *p, void *arg)
{
	struct change *change = arg;
	struct epoll_event event = { .events = change->events };
	int fd = change->fd < 0 ? p->conn->fd : change->fd;

	return epoll_ctl(change->set, change->op, fd, &event) ? -errno : 0;
}

/* -1 for the peer's binder file. */
static long change(struct port *p, int set, int op, int fd, uint32_t events)
{
	struct change *arg = shared(sizeof(*arg));

	*arg = (struct change){ .set = set, .op = op, .fd = fd, .events = events };
	return run(p, do_change, arg);
}

static long do_wait_now(struct port *p, void *arg)
{
	struct epoll_event event;
	int n = epoll_wait((int)(long)arg, &event, 1, 0);

	(void)p;
	return n < 0 ? -errno : n ? (long)event.events : 0;
}

static long now(struct port *p, int set)
{
	return run(p, do_wait_now, (void *)(long)set);
}

TEST_F_TIMEOUT(bad_poll, epoll, TABLE_SECONDS)
{
	static const struct {
		const char *name;
		uint32_t events;
	} ways[] = {
		{ "level", EPOLLIN }, { "edge", EPOLLIN | EPOLLET },
		{ "once", EPOLLIN | EPOLLONESHOT },
		{ "edge, once", EPOLLIN | EPOLLET | EPOLLONESHOT },
		{ "exclusive", EPOLLIN | EPOLLEXCLUSIVE }, { "wakeup", EPOLLIN | EPOLLWAKEUP },
		{ "other events", EPOLLOUT | EPOLLPRI | EPOLLRDHUP }, { "no event", 0 },
	};

	rows_begin("epolls");
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		for (int kind = 0; kind < NR_PENDING; kind++) {
			struct port *p;
			int set;

			two_peers();
			p = reader_of(kind);
			set = (int)run(p, do_set, NULL);
			row("%s, %s", ways[i].name, pending_name[kind]);
			got("%s", text_of(change(p, set, EPOLL_CTL_ADD, -1, ways[i].events)));
			got("%#lx", now(p, set));
			provide(kind);
			got("%#lx", now(p, set));
			got("%#lx", now(p, set));
			got("%s", go(p));
			got("%#lx", now(p, set));
			got("%s", text_of(change(p, set, EPOLL_CTL_MOD, -1, EPOLLIN)));
			got("%#lx", now(p, set));
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* --- epoll sets that are made or used in odd ways --- */

static long do_dup(struct port *p, void *arg)
{
	(void)arg;
	return dup(p->conn->fd);
}

static long do_close(struct port *p, void *arg)
{
	(void)p;
	return close((int)(long)arg) ? -errno : 0;
}

static long do_exit_thread(struct port *p, void *arg)
{
	(void)arg;
	return bnd_thread_exit(p->conn);
}

/* A set with the server's file, by whatever way; tells what is odd about it. */
static int odd_set(int which)
{
	int set = (int)run(server, do_set, NULL), other;

	switch (which) {
	case 0:
		row("twice in a set");
		got("%s", text_of(change(server, set, EPOLL_CTL_ADD, -1, EPOLLIN)));
		got("%s", text_of(change(server, set, EPOLL_CTL_ADD, -1, EPOLLIN)));
		break;
	case 1:
		row("taken out, and in again");
		change(server, set, EPOLL_CTL_ADD, -1, EPOLLIN);
		got("%s", text_of(change(server, set, EPOLL_CTL_DEL, -1, 0)));
		got("%s", text_of(change(server, set, EPOLL_CTL_DEL, -1, 0)));
		got("%s", text_of(change(server, set, EPOLL_CTL_ADD, -1, EPOLLIN)));
		break;
	case 2:
		row("in a set in a set");
		change(server, set, EPOLL_CTL_ADD, -1, EPOLLIN);
		other = (int)run(server, do_set, NULL);
		got("%s", text_of(change(server, other, EPOLL_CTL_ADD, set, EPOLLIN)));
		return other;
	case 3:
		row("in sets that hold each other");
		change(server, set, EPOLL_CTL_ADD, -1, EPOLLIN);
		other = (int)run(server, do_set, NULL);
		got("%s", text_of(change(server, other, EPOLL_CTL_ADD, set, EPOLLIN)));
		got("%s", text_of(change(server, set, EPOLL_CTL_ADD, other, EPOLLIN)));
		break;
	case 4:
		row("in five sets, of which four are closed");
		for (int i = 0; i < 4; i++) {
			other = (int)run(server, do_set, NULL);
			change(server, other, EPOLL_CTL_ADD, -1, EPOLLIN);
			run(server, do_close, (void *)(long)other);
		}
		got("%s", text_of(change(server, set, EPOLL_CTL_ADD, -1, EPOLLIN)));
		break;
	case 5:
		row("by a duplicate as well");
		other = (int)run(server, do_dup, NULL);
		got("%s", text_of(change(server, set, EPOLL_CTL_ADD, -1, EPOLLIN)));
		got("%s", text_of(change(server, set, EPOLL_CTL_ADD, other, EPOLLIN)));
		break;
	case 6:
		row("by a duplicate that is closed");
		other = (int)run(server, do_dup, NULL);
		got("%s", text_of(change(server, set, EPOLL_CTL_ADD, other, EPOLLIN)));
		run(server, do_close, (void *)(long)other);
		break;
	case 7:
		row("added by a thread that exits");
		change(server, set, EPOLL_CTL_ADD, -1, EPOLLIN);
		got("%s", text_of(run(server, do_exit_thread, NULL)));
		break;
	case 8:
		row("added by a thread that exits twice");
		change(server, set, EPOLL_CTL_ADD, -1, EPOLLIN);
		run(server, do_exit_thread, NULL);
		got("%s", text_of(run(server, do_exit_thread, NULL)));
		break;
	case 9:
		row("of an open whose area is unmapped");
		change(server, set, EPOLL_CTL_ADD, -1, EPOLLIN);
		unmap(server);
		break;
	default:
		return -1;
	}
	return set;
}

TEST_F_TIMEOUT(bad_poll, odd_sets, TABLE_SECONDS)
{
	rows_begin("epoll-sets");
	for (int which = 0; ; which++) {
		int set;

		two_peers();
		set = odd_set(which);
		if (set < 0)
			break;
		got("%#lx", now(server, set));
		call(c, 0, 9, TF_ONE_WAY);
		got("caller %s", go(c));
		got("%#lx", now(server, set));
		got("%s", go(server));
		got("%#lx", now(server, set));
	}
	ASSERT_EQ(0, rows_end());
}

TEST_HARNESS_MAIN
