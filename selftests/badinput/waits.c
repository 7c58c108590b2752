// SPDX-License-Identifier: GPL-2.0-only
/* What may happen to whoever waits in the driver: signals, stops, tracers. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rows_test.h"

#define FREEZE_MS 20000

ROWS_FIXTURE(bad_wait)

static struct port *server, *c;

static void two_peers(void)
{
	peers_end();
	server = manager();
	c = process();
}

/* --- who waits, and what happens --- */

static long do_poll_long(struct port *p, void *arg)
{
	struct pollfd fd = { .fd = p->conn->fd, .events = POLLIN };

	(void)arg;
	return poll(&fd, 1, -1) < 0 ? -errno : fd.revents;
}

static long do_wait_long(struct port *p, void *arg)
{
	struct epoll_event event = { .events = EPOLLIN };
	int set = epoll_create1(EPOLL_CLOEXEC), n;

	(void)arg;
	if (epoll_ctl(set, EPOLL_CTL_ADD, p->conn->fd, &event))
		return -errno;
	n = epoll_wait(set, &event, 1, -1);
	return n < 0 ? -errno : n ? (long)event.events : 0;
}

static long do_freeze(struct port *p, void *arg)
{
	return bnd_ioctl(p->conn, BINDER_FREEZE, arg);
}

enum wait { IDLE, BUSY, POLLING, EPOLLING, FREEZING, NR_WAITS };

static const char *const wait_name[] = {
	"a reader", "a caller", "a poller", "a poller with epoll", "a freezer"
};

/* Returns once it waits. */
static struct port *begin_wait(enum wait wait)
{
	struct binder_freeze_info *info = shared(sizeof(*info));
	struct port *p = wait == BUSY ? c : server;

	switch (wait) {
	case BUSY:
		call(c, 0, 9, 0);
		start(c);
		break;
	case POLLING:
		run_start(p, do_poll_long, NULL);
		break;
	case EPOLLING:
		run_start(p, do_wait_long, NULL);
		break;
	case FREEZING:
		deliver(c, server, 0, 9);
		p = process();
		*info = (struct binder_freeze_info){
			.pid = server->pid, .enable = 1, .timeout_ms = FREEZE_MS,
		};
		run_start(p, do_freeze, info);
		break;
	default:
		start(p);
	}
	settle(p);
	if (!asleep(p))
		fail("%s does not wait", wait_name[wait]);
	return p;
}

static const char *end(enum wait wait, struct port *p)
{
	static char text[64];
	long result;

	if (wait == IDLE || wait == BUSY)
		return finish(p);
	result = run_finish(p);
	if (result <= 0)
		return text_of(result);
	snprintf(text, sizeof(text), "%#lx", result);
	return text;
}

/* The letter of its state. */
static char state_of(struct port *p)
{
	char path[64], line[512], *paren = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", p->pid, p->tid);
	f = fopen(path, "r");
	if (f && fgets(line, sizeof(line), f))
		paren = strrchr(line, ')');
	if (f)
		fclose(f);
	return paren ? paren[2] : '?';
}

static bool is_stopped(void *p)
{
	return state_of(p) == 'T';
}

enum event {
	RESTARTING, PLAIN, IGNORED, STOP, TRACE, TRACED_SIGNAL, FROZEN, NR_EVENTS
};

static const char *const event_name[] = {
	"a signal that restarts", "a signal that does not", "a signal it ignores",
	"a stop", "a tracer", "a signal its tracer takes away", "a frozen group"
};

static void signal_to(struct port *p, int number)
{
	if (syscall(SYS_tgkill, p->pid, p->tid, number))
		fail("tgkill: %s", strerror(errno));
}

/* Lets @signal reach it while it is traced; none does by which it was stopped. */
static void trace(struct port *p, int signal)
{
	if (ptrace(PTRACE_ATTACH, p->tid, NULL, NULL) || waitpid(p->tid, NULL, __WALL) != p->tid)
		fail("cannot trace: %s", strerror(errno));
	if (signal) {
		signal_to(p, signal);
		if (ptrace(PTRACE_CONT, p->tid, NULL, NULL) ||
		    waitpid(p->tid, NULL, __WALL) != p->tid)
			fail("no signal for the tracer: %s", strerror(errno));
	}
	if (ptrace(PTRACE_DETACH, p->tid, NULL, NULL))
		fail("cannot detach: %s", strerror(errno));
}

/* A control group that can be frozen. */
#define GROUPS "/tmp/badinput-groups"
#define GROUP GROUPS "/one/"

static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fail("%s: %s", file, strerror(errno));
	close(fd);
}

static bool is_frozen(void *arg)
{
	char text[128] = "";
	int fd = open(GROUP "cgroup.events", O_RDONLY);

	(void)arg;
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		fail("cgroup.events: %s", strerror(errno));
	close(fd);
	return strstr(text, "frozen 1");
}

static void freeze_group_of(struct port *p)
{
	char pid[16];

	mkdir(GROUPS, 0700);
	if (mount("cgroup2", GROUPS, "cgroup2", 0, NULL) && errno != EBUSY)
		fail("cgroup2: %s", strerror(errno));
	mkdir(GROUP, 0700);
	snprintf(pid, sizeof(pid), "%d", p->pid);
	put(GROUP "cgroup.procs", pid);
	put(GROUP "cgroup.freeze", "1");
	wait_until(is_frozen, NULL, "a frozen group");
	put(GROUP "cgroup.freeze", "0");
}

static void happen(enum event event, struct port *p)
{
	switch (event) {
	case RESTARTING:
		interrupt(p);
		break;
	case PLAIN:
		signal_to(p, SIGUSR2);
		break;
	case IGNORED:
		signal_to(p, SIGURG);
		break;
	case STOP:
		kill(p->pid, SIGSTOP);
		wait_until(is_stopped, p, "a stop");
		kill(p->pid, SIGCONT);
		break;
	case TRACE:
		trace(p, 0);
		break;
	case TRACED_SIGNAL:
		trace(p, SIGUSR2);
		break;
	default:
		freeze_group_of(p);
	}
	settle(p);
}

static void on_signal(int number)
{
	(void)number;
}

TEST_F_TIMEOUT(bad_wait, signals, TABLE_SECONDS)
{
	const struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR2, &action, NULL);
	rows_begin("signals");
	for (int wait = 0; wait < NR_WAITS; wait++) {
		for (int event = 0; event < NR_EVENTS; event++) {
			struct port *p;

			two_peers();
			p = begin_wait(wait);
			row("%s meets %s", wait_name[wait], event_name[event]);
			happen(event, p);
			if (asleep(p)) {
				got("sleeps on");
				interrupt(p);
				settle(p);
			}
			if (asleep(p)) {
				got("and on");
				signal_to(p, SIGUSR2);
			}
			got("%s", end(wait, p));
			/* Nothing is lost by it. */
			if (wait == BUSY)
				got("%s", go(server));
			if (wait == BUSY || wait == FREEZING) {
				reply(server, 0, 0);
				free_last(server);
				go(server);
				got("%s", go(c));
			}
			ping(c, server, 0);
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* --- what others see of who is stopped --- */

static void be_told(struct port *p)
{
	p->blocking = true;
	got("%s", go_blocking(p));
	p->blocking = false;
}

TEST_F_TIMEOUT(bad_wait, stopped, TABLE_SECONDS)
{
	static const char *const what[] = {
		"a call", "a oneway call", "a freezer that does not wait", "a killer",
		"a call, and a killer",
	};

	rows_begin("stops");
	for (size_t i = 0; i < ARRAY_SIZE(what); i++) {
		struct binder_freeze_info info = { .enable = 1 };

		two_peers();
		start(server);
		kill(server->pid, SIGSTOP);
		wait_until(is_stopped, server, "a stop");
		row("%s meets somebody who is stopped", what[i]);
		info.pid = server->pid;
		if (i == 0 || i == 1 || i == 4) {
			call(c, 0, 9, i == 1 ? TF_ONE_WAY : 0);
			got("%s", go(c));
		}
		if (i == 2)
			got("%s", text_of(ioc(c, BINDER_FREEZE, &info, sizeof(info))));
		if (i == 3) {
			die(server);
			call(c, 0, 9, 0);
			got("%s", go(c));
			continue;
		}
		if (i == 4) {
			die(server);
			be_told(c);
			continue;
		}
		kill(server->pid, SIGCONT);
		settle(server);
		if (asleep(server)) {
			got("it sleeps on");
			interrupt(server);
		}
		got("it gets %s", finish(server));
		got("then %s", go(server));
	}
	ASSERT_EQ(0, rows_end());
}

TEST_HARNESS_MAIN
