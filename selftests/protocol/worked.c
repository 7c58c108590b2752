// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whole exchanges as real clients make them, every record of every read: starting
 * a thread pool, pinging, passing an object, nesting, oneways in order, deaths,
 * refused calls and replies, and a server that polls.
 */
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "protocol_test.h"

PROTOCOL_FIXTURE(worked);

TEST_F(worked, pool_start)
{
	struct port *p = process();
	struct port *main_thread = new_thread_of(p);
	struct port *second = new_thread_of(p);
	uint32_t max = 15;

	ASSERT_EQ(0, ioc(p, BINDER_SET_MAX_THREADS, &max, sizeof(max)));
	bnd_cmd_enter_looper(&main_thread->w);
	start(main_thread);
	FINISH(main_thread, "SPAWN");
	START_ASLEEP(main_thread);

	bnd_cmd_register_looper(&second->w);
	start(second);
	FINISH(second, "NOOP");
	ASSERT_TRUE(asleep(main_thread));
}

TEST_F(worked, pool_start_main_not_waiting)
{
	struct port *p = process();
	struct port *main_thread = new_thread_of(p);
	struct port *second = new_thread_of(p);
	uint32_t max = 15;

	ASSERT_EQ(0, ioc(p, BINDER_SET_MAX_THREADS, &max, sizeof(max)));
	bnd_cmd_enter_looper(&main_thread->w);
	start(main_thread);
	FINISH(main_thread, "SPAWN");

	bnd_cmd_register_looper(&second->w);
	start(second);
	FINISH(second, "SPAWN");
}

TEST_F(worked, ping_of_the_manager)
{
	struct port *server = manager(), *client = process();

	START_ASLEEP(server);
	call(client, 0, 0x5f504e47, 0);
	start(client);
	FINISH(server, "NOOP TXN:5f504e47");
	ASSERT_EQ(4 + 4 + 64, server->bwr.read_consumed);
	ASSERT_EQ(0, server->txn.target.ptr);
	ASSERT_EQ(0, server->txn.cookie);
	ASSERT_EQ(0, server->txn.data_size);
	ASSERT_EQ(0, server->txn.offsets_size);
	ASSERT_EQ((uint64_t)client->pid, (uint64_t)server->txn.sender_pid);
	ASSERT_TRUE(asleep(client));

	free_last(server);
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	FINISH(client, "NOOP COMPLETE REPLY:0");
	ASSERT_EQ(76, client->bwr.read_consumed);
	ASSERT_EQ(0, client->txn.target.ptr);
	ASSERT_EQ(0, client->txn.cookie);
	ASSERT_EQ(0, client->txn.flags);
	ASSERT_EQ(0, client->txn.data_size);
	ASSERT_EQ(0, client->txn.offsets_size);
	ASSERT_EQ(0, client->txn.sender_pid);
	ASSERT_NE(0, client->txn.data.ptr.buffer);

	free_last(client);
	GO(client, "EAGAIN");
}

TEST_F(worked, new_object_in_a_call)
{
	struct port *server = manager(), *client = process();
	struct port *idle = thread_of(client);
	uint32_t n;

	call_obj(client, 0, 1, 0, bnd_obj_binder(0x1000, 0x2000, 0));
	START_ASLEEP(client);
	GO(server, "NOOP TXN:1");
	n = got_obj(server, 0).handle;
	ASSERT_EQ(BINDER_TYPE_HANDLE, got_obj(server, 0).hdr.type);
	ASSERT_EQ(1, n);
	ASSERT_EQ(0, got_obj(server, 0).cookie);
	take(server, n);
	WRITE(server, "");
	reply(server, 0, 0);
	WRITE(server, "");
	free_last(server);
	GO(server, "NOOP COMPLETE");
	FINISH(client, "NOOP INCREFS:1000:2000 ACQUIRE:1000:2000 COMPLETE REPLY:0");
	both_done(client, 0x1000, 0x2000);
	free_last(client);
	GO(client, "EAGAIN");

	/* One that sleeps already might read between the two commands. */
	drop(server, n);
	GO(server, "EAGAIN");
	GO(idle, "NOOP RELEASE:1000:2000 DECREFS:1000:2000");
}

TEST_F(worked, new_object_nobody_keeps)
{
	struct port *server = manager(), *client = process();

	call_obj(client, 0, 1, 0, bnd_obj_binder(0x1000, 0x2000, 0));
	GO(client, "EAGAIN");
	GO(server, "NOOP TXN:1");
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	GO(client, "NOOP INCREFS:1000:2000 ACQUIRE:1000:2000 COMPLETE REPLY:0");
	free_last(server);
	WRITE(server, "");
	/* The object is given up, but not before the client took it. */
	GO(client, "EAGAIN");
	bnd_cmd_increfs_done(&client->w, 0x1000, 0x2000);
	GO(client, "EAGAIN");
	bnd_cmd_acquire_done(&client->w, 0x1000, 0x2000);
	GO(client, "NOOP RELEASE:1000:2000 DECREFS:1000:2000");
}

/* Given up before the client could be told of it: there is nothing to tell. */
TEST_F(worked, new_object_gone_before_the_client_looks)
{
	struct port *server = manager(), *client = process();

	call_obj(client, 0, 1, 0, bnd_obj_binder(0x1000, 0x2000, 0));
	GO(client, "EAGAIN");
	GO(server, "NOOP TXN:1");
	free_last(server);
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	GO(client, "NOOP COMPLETE REPLY:0");
	GO(client, "EAGAIN");
}

TEST_F(worked, nested_call_back_into_the_caller)
{
	struct port *b1 = manager(), *a1 = process(), *a2 = thread_of(a1);
	uint32_t to_a = give(a1, b1, 0xa0, 0xa1, 0);

	START_ASLEEP(b1);
	call(a1, 0, 1, 0);
	START_ASLEEP(a1);
	FINISH(b1, "NOOP TXN:1");
	START_ASLEEP(a2);
	call(b1, to_a, 2, 0);
	START_ASLEEP(b1);
	/* Executed by the thread that waits, not by the idle one. */
	FINISH(a1, "NOOP COMPLETE TXN:2");
	ASSERT_EQ(0xa0, a1->txn.target.ptr);
	ASSERT_EQ(0xa1, a1->txn.cookie);
	ASSERT_TRUE(asleep(a2));
	free_last(a1);
	reply(a1, 3, 0);
	GO(a1, "NOOP COMPLETE");
	FINISH(b1, "NOOP COMPLETE REPLY:3");
	free_last(b1);
	reply(b1, 4, 0);
	GO(b1, "NOOP COMPLETE");
	GO(a1, "NOOP REPLY:4");
	free_last(a1);
	GO(a1, "EAGAIN");
}

TEST_F(worked, two_oneways_to_one_node)
{
	struct port *s1 = manager(), *s2 = thread_of(s1), *c = process();

	START_ASLEEP(s2);
	START_ASLEEP(s1);
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	FINISH(s1, "NOOP TXN:1");
	call(c, 0, 2, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	ASSERT_TRUE(asleep(s2));
	free_last(s1);
	WRITE(s1, "");
	FINISH(s2, "NOOP TXN:2");
}

TEST_F(worked, callee_dies_while_serving)
{
	struct port *mgr = manager(), *server = process(), *client = process();
	struct port *idle = thread_of(client);
	uint32_t h = give(server, client, 0x10, 0x20, 0);

	bnd_cmd_request_death(&client->w, h, 0xd0d0);
	GO(client, "EAGAIN");
	START_ASLEEP(idle);
	call(client, h, 1, 0);
	START_ASLEEP(client);
	GO(server, "NOOP TXN:1");
	die(server);
	FINISH(client, "NOOP COMPLETE DEAD");
	FINISH(idle, "NOOP DEAD_BINDER:d0d0");
	bnd_cmd_dead_binder_done(&idle->w, 0xd0d0);
	GO(idle, "EAGAIN");
	bnd_cmd_clear_death(&idle->w, h, 0xd0d0);
	drop(idle, h);
	GO(idle, "NOOP CLEARED:d0d0");
	ping(client, mgr, 0);
}

TEST_F(worked, immediate_failure)
{
	struct port *server = manager(), *c = process();

	(void)server;
	call(c, 7, 1, 0);
	bnd_cmd_free_buffer(&c->w, 0x1234);
	GO(c, "NOOP FAILED [68/80]");
	EXTERR(c, "FAILED EINVAL");
	/* What was left over can be written now. */
	GO(c, "EAGAIN");
	ASSERT_EQ(0, c->w.len);
}

TEST_F(worked, failed_reply)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	START_ASLEEP(c);
	GO(server, "NOOP TXN:1");
	reply_obj(server, 0, 0, fd_obj(0, 0));
	GO(server, "NOOP COMPLETE");
	EXTERR(server, "OK 0");
	FINISH(c, "NOOP COMPLETE FAILED");
	EXTERR(c, "FAILED EPERM");
}

struct watch {
	struct epoll_event event;
	int epfd;
};

static long epoll_begin(struct port *p, void *arg)
{
	struct watch *w = arg;

	w->epfd = epoll_create1(EPOLL_CLOEXEC);
	w->event.events = EPOLLIN;
	return epoll_ctl(w->epfd, EPOLL_CTL_ADD, p->conn->fd, &w->event);
}

static long epoll_next(struct port *p, void *arg)
{
	struct watch *w = arg;

	(void)p;
	return epoll_wait(w->epfd, &w->event, 1, 20000);
}

TEST_F(worked, polling_server_on_a_blocking_fd)
{
	struct port *mgr = manager(), *server = new_thread_of(mgr), *c = process();
	struct watch *w = shared(sizeof(*w));

	bnd_cmd_enter_looper(&server->w);
	WRITE(server, "");
	ASSERT_EQ(0, run(server, epoll_begin, w));
	run_start(server, epoll_next, w);
	call(c, 0, 1, 0);
	START_ASLEEP(c);
	ASSERT_EQ(1, run_finish(server));
	ASSERT_EQ(EPOLLIN, w->event.events);
	ASSERT_STREQ("NOOP TXN:1", go_blocking(server));
	free_last(server);
	reply(server, 2, 0);
	WRITE(server, "");
	FINISH(c, "NOOP COMPLETE REPLY:2");
	ASSERT_EQ(1, run(server, epoll_next, w));
	ASSERT_EQ(EPOLLIN, w->event.events);
	ASSERT_STREQ("NOOP COMPLETE", go_blocking(server));
}

TEST_HARNESS_MAIN
