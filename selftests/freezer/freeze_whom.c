// SPDX-License-Identifier: GPL-2.0-only
/* Who may freeze whom, and how pids are counted. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "freezer_test.h"

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

struct ids {
	uid_t real, effective, saved;
};

static long do_setresuid(struct port *p, void *arg)
{
	const struct ids *ids = arg;

	(void)p;
	return setresuid(ids->real, ids->effective, ids->saved) ? -errno : 0;
}

/* As kill(2) has it: what the target may become again, not what it is for the moment. */
TEST_F(freeze, looks_at_the_saved_user_id)
{
	struct trio t = trio();
	struct port *other = process(), *third = process();
	struct ids *ids = shared(sizeof(*ids));

	*ids = (struct ids){ 1000, 1001, 1002 };
	ASSERT_EQ(0, run(t.server, do_setresuid, ids));
	ASSERT_EQ(0, run(t.freezer, do_setuid, (void *)1001));
	ASSERT_EQ(-EPERM, freeze(t.freezer, t.server->pid, 1, 0));
	WORKS(t);
	ASSERT_EQ(0, run(other, do_setuid, (void *)1002));
	FREEZE(other, t.server->pid, 0, 0);
	thaw(other, t.server);
	ASSERT_EQ(0, run(third, do_setuid, (void *)1000));
	FREEZE(third, t.server->pid, 0, 0);
	thaw(third, t.server);
	WORKS(t);
}

/* The caller's real user will do as well as its effective one. */
TEST_F(freeze, looks_at_the_real_user_id)
{
	struct trio t = trio();
	struct port *other = process();
	struct ids *target = shared(sizeof(*target)), *ids = shared(2 * sizeof(*ids));

	*target = (struct ids){ 1000, 1001, 1002 };
	ids[0] = (struct ids){ 1000, 1003, 1003 };
	ids[1] = (struct ids){ 1002, 1003, 1003 };
	ASSERT_EQ(0, run(t.server, do_setresuid, target));
	ASSERT_EQ(0, run(t.freezer, do_setresuid, &ids[0]));
	FREEZE(t.freezer, t.server->pid, 0, 0);
	thaw(t.freezer, t.server);
	ASSERT_EQ(0, run(other, do_setresuid, &ids[1]));
	FREEZE(other, t.server->pid, 0, 0);
	thaw(other, t.server);
	WORKS(t);
}

struct attempt {
	pid_t pid;
	int error;
};

static void attempt_as_root_of_a_container(struct attempt *a)
{
	struct bnd_conn c;

	if (bnd_open(&c, "/dev/binder", AREA, 0) || setresuid(2000, 2000, 2000) ||
	    unshare(CLONE_NEWUSER))
		_exit(1);
	/* Here it may kill, elsewhere it may not. */
	a->error = bnd_freeze(&c, a->pid, true, 0);
	_exit(0);
}

static long in_a_child(void (*what)(struct attempt *), struct attempt *a)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		what(a);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status))
		return -ECHILD;
	return pid;
}

static long do_attempt(struct port *p, void *arg)
{
	long pid = in_a_child(attempt_as_root_of_a_container, arg);

	(void)p;
	return pid < 0 ? pid : 0;
}

/* Freezing by somebody with all rights in a namespace of its own; a result or -ECHILD. */
static int freeze_from_a_container(struct port *p, pid_t pid)
{
	struct attempt *a = shared(sizeof(*a));

	a->pid = pid;
	return (int)run(p, do_attempt, a) ?: a->error;
}

TEST_F(freeze, needs_the_permission_where_the_process_is)
{
	struct trio t = trio();

	ASSERT_EQ(-EPERM, freeze_from_a_container(t.freezer, t.server->pid));
	WORKS(t);
}

static int ends[2];	/* of a pipe */

/* Opens the device and leaves that to a child, whose group keeps the number. */
static void leave_the_open_file(struct attempt *a)
{
	struct bnd_conn c;
	char none;

	(void)a;
	if (setpgid(0, 0) || bnd_open(&c, "/dev/binder", AREA, 0))
		_exit(1);
	if (!fork()) {
		/* Until the one who has the other end is gone. */
		close(ends[1]);
		_exit((int)read(ends[0], &none, 1));
	}
	_exit(0);
}

static long do_leave(struct port *p, void *arg)
{
	(void)p;
	if (pipe(ends))
		return -errno;
	return in_a_child(leave_the_open_file, arg);
}

TEST_F(freeze, needs_to_be_root_for_what_the_dead_left)
{
	struct trio t = trio();
	long gone = run(t.c, do_leave, NULL);

	ASSERT_LT(0, gone);
	ASSERT_EQ(-EPERM, freeze_from_a_container(t.freezer, (pid_t)gone));
	ASSERT_EQ(0, run(t.freezer, do_setuid, (void *)1000));
	ASSERT_EQ(-EPERM, freeze(t.freezer, (pid_t)gone, 1, 0));
	FREEZE(t.mgr, (pid_t)gone, 0, 0);
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
