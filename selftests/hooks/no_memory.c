// SPDX-License-Identifier: GPL-2.0-only
/* What clients see when the kernel has no memory for an object of the driver. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "instance.h"
#include "patience.h"
#include "protocol_test.h"

#define PARAMETER "/sys/module/binder_linux/parameters/hook_no_memory"

PROTOCOL_FIXTURE(no_memory);

/* The next allocation of such an object fails. */
static void no_memory_for(const char *object)
{
	int fd = open(PARAMETER, O_WRONLY);

	if (fd < 0 || write(fd, object, strlen(object)) < 0)
		fail(PARAMETER ": %s", strerror(errno));
	close(fd);
}

struct pair {
	struct port *mgr;
	struct port *server;
	struct port *c;
	uint32_t h;
};

static struct pair pair(void)
{
	struct pair p = { .mgr = manager(), .server = process(), .c = process() };

	p.h = give(p.server, p.c, 0x10, 0x20, 0);
	return p;
}

static long do_poll(struct port *p, void *arg)
{
	struct pollfd fd = { .fd = p->conn->fd, .events = POLLIN };

	(void)arg;
	return poll(&fd, 1, 0) < 0 ? -errno : fd.revents;
}

TEST_F(no_memory, for_a_thread)
{
	struct pair p = pair();
	struct port *t = new_thread_of(p.c);
	struct binder_version v;

	no_memory_for("thread");
	ASSERT_EQ(-ENOMEM, ioc(t, BINDER_VERSION, &v, sizeof(v)));
	no_memory_for("thread");
	ASSERT_EQ(POLLERR, run(t, do_poll, NULL));
	ASSERT_EQ(0, ioc(t, BINDER_VERSION, &v, sizeof(v)));
	ping(t, p.server, p.h);
}

/* The code comes with the number that the interface gives it. */
TEST_F(no_memory, for_a_death_notice)
{
	struct pair p = pair();

	no_memory_for("death");
	bnd_cmd_request_death(&p.c->w, p.h, 7);
	GO(p.c, "NOOP ERROR:-12");
	ASSERT_EQ(4 + 4 + 4, p.c->bwr.read_consumed);
	/* Nothing was requested. */
	bnd_cmd_clear_death(&p.c->w, p.h, 7);
	GO(p.c, "EAGAIN");
	bnd_cmd_request_death(&p.c->w, p.h, 7);
	GO(p.c, "EAGAIN");
	die(p.server);
	ASSERT_STREQ("NOOP DEAD_BINDER:7", go_blocking(p.c));
}

/* It waits in the slot of errors, so that what follows is not done before it was read. */
TEST_F(no_memory, for_a_death_notice_stops_the_stream)
{
	struct pair p = pair();

	no_memory_for("death");
	bnd_cmd_request_death(&p.c->w, p.h, 7);
	bnd_cmd_request_death(&p.c->w, p.h, 8);
	GO(p.c, "NOOP ERROR:-12 [16/32]");
	GO(p.c, "EAGAIN");
	bnd_cmd_clear_death(&p.c->w, p.h, 8);
	GO(p.c, "NOOP CLEARED:8");
}

TEST_F(no_memory, for_a_freeze_notice)
{
	struct pair p = pair();

	no_memory_for("freeze");
	bnd_cmd_request_freeze(&p.c->w, p.h, 7);
	GO(p.c, "ENOMEM [0/16]");
	GO(p.c, "NOOP FROZEN_BINDER:7:0");
}

TEST_F(no_memory, for_a_call)
{
	struct pair p = pair();

	no_memory_for("message");
	call(p.c, p.h, 1, 0);
	GO(p.c, "NOOP FAILED");
	EXTERR(p.c, "FAILED ENOMEM");
	no_memory_for("message");
	call(p.c, p.h, 1, TF_ONE_WAY);
	GO(p.c, "NOOP FAILED");
	EXTERR(p.c, "FAILED ENOMEM");
	GO(p.server, "EAGAIN");
	ping(p.c, p.server, p.h);
}

/* The call stays with whoever serves it, who may try again. */
TEST_F(no_memory, for_a_reply)
{
	struct pair p = pair();

	deliver(p.c, p.server, p.h, 1);
	no_memory_for("message");
	reply(p.server, 0, 0);
	GO(p.server, "NOOP FAILED");
	EXTERR(p.server, "FAILED ENOMEM");
	GO(p.c, "EAGAIN");
	answer(p.server, p.c);
	ping(p.c, p.server, p.h);
}

TEST_F(no_memory, for_an_object)
{
	struct pair p = pair();

	no_memory_for("node");
	call_obj(p.c, p.h, 1, 0, bnd_obj_binder(0x77, 0x78, 0));
	GO(p.c, "NOOP FAILED");
	EXTERR(p.c, "FAILED ENOMEM");
	GO(p.server, "EAGAIN");
	GO(p.c, "EAGAIN");
	give(p.c, p.server, 0x77, 0x78, 0);
	ping(p.c, p.server, p.h);
}

TEST_F(no_memory, for_a_handle)
{
	struct pair p = pair();
	uint32_t h;

	no_memory_for("ref");
	call_obj(p.c, p.h, 1, 0, bnd_obj_binder(0x77, 0x78, 0));
	GO(p.c, "NOOP FAILED");
	EXTERR(p.c, "FAILED ENOMEM");
	GO(p.server, "EAGAIN");
	/* It came and went before its owner could be told. */
	GO(p.c, "EAGAIN");
	h = give(p.c, p.server, 0x77, 0x78, 0);
	/* No number was lost. */
	ASSERT_EQ(1, h);
	no_memory_for("ref");
	bnd_cmd_acquire(&p.c->w, 0);
	GO(p.c, "EAGAIN");
	bnd_cmd_release(&p.c->w, 0);
	GO(p.c, "EAGAIN");
	ping(p.c, p.mgr, 0);
}

static long do_setuid(struct port *p, void *arg)
{
	(void)p;
	return setuid((uid_t)(long)arg) ? -errno : 0;
}

/* ABI: the user is known from the attempt on, so nobody may that never has been it. */
TEST_F(no_memory, for_the_root_object)
{
	const char *dir = new_instance(NULL);
	struct port *p, *other;

	ASSERT_TRUE(dir);
	p = process_on(in(dir, "binder"), AREA);
	other = process_on(in(dir, "binder"), AREA);
	ASSERT_EQ(0, run(p, do_setuid, (void *)1000));
	no_memory_for("node");
	ASSERT_EQ(-ENOMEM, ioc_at(p, BINDER_SET_CONTEXT_MGR, 0));
	ASSERT_EQ(-EPERM, ioc_at(other, BINDER_SET_CONTEXT_MGR, 0));
	ASSERT_EQ(0, ioc_at(p, BINDER_SET_CONTEXT_MGR, 0));
	ASSERT_EQ(0, detach(dir));
}

/* R25, CVE-2025-40028 */
TEST_F(no_memory, for_a_larger_table)
{
	struct pair p = pair();
	uint32_t h = 0;

	/* As many as fit into the table as it is; number 0 is the manager's. */
	for (uint64_t ptr = 0x1000; h < 63; ptr += 0x10)
		h = give(p.c, p.server, ptr, 0, 0);
	no_memory_for("table");
	call_obj(p.c, p.h, 1, 0, bnd_obj_binder(0x10, 0, 0));
	GO(p.c, "NOOP FAILED");
	EXTERR(p.c, "FAILED ENOMEM");
	GO(p.server, "EAGAIN");
	/* The table is as it was, and grows the next time. */
	ping(p.server, p.c, 1);
	ping(p.server, p.c, 63);
	ASSERT_EQ(64, give(p.c, p.server, 0x10, 0, 0));
	ping(p.server, p.c, 63);
	ping(p.server, p.c, 64);
	die(p.server);
	ping(p.c, p.mgr, 0);
}

TEST_HARNESS_MAIN
