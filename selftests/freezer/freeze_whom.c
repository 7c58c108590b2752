// SPDX-License-Identifier: GPL-2.0-only
/* Who may freeze whom, and how pids are counted. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "freezer.h"
#include "protocol_test.h"

#define FREEZE(p, pid, ms, want) ASSERT_EQ(want, freeze(p, pid, 1, ms))
#define INFO(t, want) ASSERT_STREQ(want, frozen_info((t).freezer, (t).server->pid))
#define WORKS(t) ping((t).c, (t).server, (t).h)
#define REFUSED(t) ASSERT_TRUE(is_refused((t).c, (t).h))

PROTOCOL_FIXTURE(freeze);

static long do_setuid(struct port *p, void *arg)
{
	(void)p;
	return setresuid((uid_t)(long)arg, (uid_t)(long)arg, (uid_t)(long)arg) ? -errno : 0;
}

TEST_F(freeze, of_the_own_user)
{
	struct trio t = trio();

	ASSERT_EQ(0, run(t.server, do_setuid, (void *)1000));
	ASSERT_EQ(0, run(t.freezer, do_setuid, (void *)1000));
	FREEZE(t.freezer, t.server->pid, 0, 0);
	REFUSED(t);
	thaw(t.freezer, t.server);
	/* And root of everybody's. */
	FREEZE(t.mgr, t.server->pid, 0, 0);
	thaw(t.mgr, t.server);
	WORKS(t);
}

TEST_F(freeze, needs_the_permission_to_kill)
{
	struct trio t = trio();

	ASSERT_EQ(0, run(t.freezer, do_setuid, (void *)1000));
	ASSERT_EQ(-EPERM, freeze(t.freezer, t.server->pid, 1, 0));
	WORKS(t);
	freeze_now(t.mgr, t.server);
	ASSERT_EQ(-EPERM, freeze(t.freezer, t.server->pid, 0, 0));
	REFUSED(t);
	/* To look is free. */
	INFO(t, "1 0");
	ASSERT_EQ(0, run(t.server, do_setuid, (void *)1000));
	ASSERT_EQ(0, freeze(t.freezer, t.server->pid, 0, 0));
	WORKS(t);
}

struct inside {
	pid_t server;	/* as the world numbers it */
	pid_t self;	/* so, too */
	bool numbered;
	int self_1;
	int self_by_number_of_the_world;
	int server_by_number_of_the_world;
	int info_of_1;
};

/* Process 1 of a namespace of its own. */
static void live_inside(struct inside *in)
{
	struct binder_frozen_status_info info = { .pid = 1 };
	struct bnd_conn c;

	while (!__atomic_load_n(&in->numbered, __ATOMIC_ACQUIRE))
		sched_yield();
	if (bnd_open(&c, "/dev/binder", AREA, 0))
		_exit(1);
	in->self_by_number_of_the_world = bnd_freeze(&c, in->self, true, 0);
	in->server_by_number_of_the_world = bnd_freeze(&c, in->server, true, 0);
	in->self_1 = bnd_freeze(&c, 1, true, 0);
	in->info_of_1 = bnd_frozen_info(&c, &info);
	_exit(0);
}

static long do_live_inside(struct port *p, void *arg)
{
	struct inside *in = arg;
	int status;
	pid_t pid;

	(void)p;
	if (unshare(CLONE_NEWPID))
		return -errno;
	pid = fork();
	if (!pid)
		live_inside(in);
	in->self = pid;
	__atomic_store_n(&in->numbered, true, __ATOMIC_RELEASE);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -ECHILD;
	return WEXITSTATUS(status);
}

TEST_F(freeze, counts_pids_as_the_caller_does)
{
	struct trio t = trio();
	struct inside *in = shared(sizeof(*in));

	in->server = t.server->pid;
	ASSERT_EQ(0, run(t.freezer, do_live_inside, in));
	ASSERT_EQ(0, in->self_1);
	ASSERT_EQ(0, in->info_of_1);
	ASSERT_EQ(-EINVAL, in->self_by_number_of_the_world);
	ASSERT_EQ(-EINVAL, in->server_by_number_of_the_world);
	WORKS(t);
}

TEST_HARNESS_MAIN
