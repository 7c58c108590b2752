// SPDX-License-Identifier: GPL-2.0-only
/*
 * R53, CVE-2021-39686: the identity of a sender was taken from the task as it was at that
 * moment, which an exec, or handing on the descriptor, had made another one. For security
 * modules it is that of the opener (selinux/refusals.c). The receiver is told the process
 * that opened the file, and the effective user of the task that sent, both in its own
 * namespaces.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "parts.h"
#include "protocol_test.h"

#define NOBODY_THERE ((uint32_t)-1)

PROTOCOL_FIXTURE(identity);

/* This task alone: the C library would change all threads. */
static long set_euid(struct port *p, void *arg)
{
	(void)p;
	return syscall(SYS_setresuid, -1, (uid_t)(uintptr_t)arg, -1) ? -errno : 0;
}

static long set_all_uids(struct port *p, void *arg)
{
	uid_t uid = (uid_t)(uintptr_t)arg;

	(void)p;
	return syscall(SYS_setresuid, uid, uid, uid) ? -errno : 0;
}

static void become(struct port *p, uid_t uid)
{
	if (run(p, set_euid, (void *)(uintptr_t)uid))
		fail("cannot become user %u", uid);
}

static long get_pid(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	return getpid();
}

static long leave_namespaces(struct port *p, void *arg)
{
	(void)p;
	return unshare((int)(intptr_t)arg) ? -errno : 0;
}

/* The user @outside is @inside for @p, and nobody else is anybody. */
static void own_users(struct port *p, uid_t inside, uid_t outside)
{
	char path[64], map[64];
	int fd, len;

	if (run(p, leave_namespaces, (void *)CLONE_NEWUSER))
		fail("no user namespace");
	snprintf(path, sizeof(path), "/proc/%d/uid_map", p->pid);
	len = snprintf(map, sizeof(map), "%u %u 1", inside, outside);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, map, len) != len)
		fail("%s: %s", path, strerror(errno));
	close(fd);
}

/* A process in a pid namespace of its own, with an open of its own. */
static struct port *in_own_pids(struct port *parent)
{
	return open_again(child_of(parent), AREA);
}

/* @file's open, used by the new process @p; the test holds it, too. */
static struct port *inherit(struct port *file, struct port **p)
{
	struct bnd_conn *conn = shared(sizeof(*conn));
	struct binder_version v;
	struct port *port;

	conn->fd = steal(file, file->conn->fd);
	*p = process();
	port = port_on(*p, *p);
	port->conn = conn;
	/* The first ioctl of a task is special. */
	if (ioc(port, BINDER_VERSION, &v, sizeof(v)))
		fail("BINDER_VERSION failed");
	return port;
}

static void become_manager(struct port *p)
{
	if (ioc_at(p, BINDER_SET_CONTEXT_MGR, 0))
		fail("cannot become manager");
}

/* One synchronous and one oneway call of @c: what does @server read? */
#define SENDER(c, server, pid, euid)					\
	do {								\
		call(c, 0, 1, TF_ONE_WAY);				\
		GO(c, "NOOP COMPLETE");					\
		GO(server, "NOOP TXN:1");				\
		ASSERT_EQ(0, (server)->txn.sender_pid);			\
		ASSERT_EQ(euid, (server)->txn.sender_euid);		\
		free_last(server);					\
		call(c, 0, 2, 0);					\
		GO(c, "EAGAIN");					\
		GO(server, "NOOP TXN:2");				\
		ASSERT_EQ(pid, (server)->txn.sender_pid);		\
		ASSERT_EQ(euid, (server)->txn.sender_euid);		\
	} while (0)

TEST_F(identity, euid_after_setuid)
{
	struct port *server = manager(), *c = process();

	SENDER(c, server, c->pid, 0);
	answer(server, c);
	ASSERT_EQ(0, run(c, set_all_uids, (void *)1234));
	SENDER(c, server, c->pid, 1234);
}

TEST_F(identity, euid_is_the_task_s_own)
{
	struct port *server = manager(), *c = process(), *thread = thread_of(c);

	become(thread, 1234);
	SENDER(thread, server, c->pid, 1234);
	answer(server, thread);
	SENDER(c, server, c->pid, 0);
}

TEST_F(identity, euid_is_not_the_group_leader_s)
{
	struct port *server = manager(), *c = process(), *thread = thread_of(c);

	become(c, 1234);
	SENDER(thread, server, c->pid, 0);
}

TEST_F(identity, euid_of_a_forked_child)
{
	struct port *server = manager(), *c = process(), *child = child_of(c);

	become(child, 1234);
	/* The process is that of the open, the user that of the child. */
	SENDER(child, server, c->pid, 1234);
}

TEST_F(identity, euid_of_whoever_was_given_the_file)
{
	struct port *server = manager(), *c = process(), *other, *port;

	become(c, 77);
	port = inherit(c, &other);
	become(other, 1234);
	SENDER(port, server, c->pid, 1234);
}

TEST_F(identity, euid_is_that_of_the_moment_of_sending)
{
	struct port *server = manager(), *c = process();

	become(c, 1234);
	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	become(c, 0);
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(1234, server->txn.sender_euid);
}

TEST_F(identity, euid_of_a_reply)
{
	struct port *server = manager(), *worker = thread_of(server), *c = process();

	become(worker, 1234);
	deliver(c, worker, 0, 1);
	reply(worker, 2, 0);
	GO(worker, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:2");
	ASSERT_EQ(1234, c->txn.sender_euid);
	ASSERT_EQ(0, c->txn.sender_pid);
}

TEST_F(identity, euid_in_the_receiver_s_user_namespace)
{
	struct port *server = manager(), *c = process();

	own_users(server, 5, 1000);
	become(c, 1000);
	SENDER(c, server, c->pid, 5);
	answer(server, c);
	become(c, 0);
	SENDER(c, server, c->pid, NOBODY_THERE);
}

TEST_F(identity, euid_of_a_sender_in_a_user_namespace)
{
	struct port *server = manager(), *c = process();

	/* 0 inside is 0 outside only if the map says so. */
	own_users(c, 0, 0);
	SENDER(c, server, c->pid, 0);
	answer(server, c);
	c = process();
	become(c, 4321);
	own_users(c, 0, 4321);
	SENDER(c, server, c->pid, 4321);
}

TEST_F(identity, euid_of_a_reply_in_the_caller_s_user_namespace)
{
	struct port *server = manager(), *c = process(), *b = process();

	own_users(c, 7, 0);
	deliver(c, server, 0, 1);
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:2");
	ASSERT_EQ(7, c->txn.sender_euid);
	own_users(b, 7, 1);
	deliver(b, server, 0, 1);
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	GO(b, "NOOP COMPLETE REPLY:2");
	ASSERT_EQ(NOBODY_THERE, b->txn.sender_euid);
}

TEST_F(identity, pid_is_seen_from_above)
{
	struct port *server = manager(), *parent = process(), *c;

	ASSERT_EQ(0, run(parent, leave_namespaces, (void *)CLONE_NEWPID));
	c = in_own_pids(parent);
	ASSERT_EQ(1, run(c, get_pid, NULL));
	ASSERT_LT(1, c->pid);
	SENDER(c, server, c->pid, 0);
}

TEST_F(identity, pid_is_not_seen_from_below)
{
	struct port *parent = process(), *c = process(), *server;

	ASSERT_EQ(0, run(parent, leave_namespaces, (void *)CLONE_NEWPID));
	server = in_own_pids(parent);
	become_manager(server);
	SENDER(c, server, 0, 0);
	answer(server, c);
	/* Its own child's is, by the number it has there. */
	c = in_own_pids(server);
	ASSERT_EQ(2, run(c, get_pid, NULL));
	SENDER(c, server, 2, 0);
}

TEST_F(identity, pid_between_namespaces_side_by_side)
{
	struct port *one = process(), *two = process(), *server, *c;

	ASSERT_EQ(0, run(one, leave_namespaces, (void *)CLONE_NEWPID));
	ASSERT_EQ(0, run(two, leave_namespaces, (void *)CLONE_NEWPID));
	server = in_own_pids(one);
	c = in_own_pids(two);
	become_manager(server);
	SENDER(c, server, 0, 0);
}

/* Whoever else holds the file speaks for a process that is gone: for none. */
TEST_F(identity, pid_of_an_opener_that_is_gone)
{
	struct port *server = manager(), *c = process(), *other, *port;

	port = inherit(c, &other);
	SENDER(port, server, c->pid, 0);
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	die(c);
	port = port_on(thread_of(other), port);
	SENDER(port, server, 0, 0);
}

TEST_F(identity, pid_of_an_opener_that_went_before_delivery)
{
	struct port *server = manager(), *c = process(), *other, *port;

	port = inherit(c, &other);
	call(port, 0, 1, 0);
	GO(port, "EAGAIN");
	die(c);
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(0, server->txn.sender_pid);
}

/* A zombie still has its number. */
TEST_F(identity, pid_of_an_opener_that_waits_to_be_reaped)
{
	struct port *server = manager(), *c = process(), *other, *port;
	siginfo_t info;

	port = inherit(c, &other);
	kill(c->pid, SIGKILL);
	ASSERT_EQ(0, waitid(P_PID, c->pid, &info, WEXITED | WNOWAIT));
	SENDER(port, server, c->pid, 0);
}

TEST_HARNESS_MAIN
