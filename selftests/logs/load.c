// SPDX-License-Identifier: GPL-2.0-only
/* Readers while everything changes, and while there is a lot of everything. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "logs_test.h"

LOGS_FIXTURE(load);

#define MANY 10000

/* --- much of it ------------------------------------------------------------------------ */

static long open_many(struct port *p, void *arg)
{
	struct rlimit limit = { MANY + 100, MANY + 100 };
	const int nr = rounds(MANY);

	(void)p;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	for (int i = 0; i < nr; i++) {
		if (open(arg, O_RDWR | O_CLOEXEC) < 0)
			return -errno;
	}
	return 0;
}

static bool only_one_is_left(void *arg)
{
	(void)arg;
	return count_lines(read_log(DEBUGFS_LOGS, "state"), "proc ") <= 1;
}

TEST_F(load, ten_thousand_processes)
{
	struct port *s = manager(), *c = process();
	char *device = strcpy(shared(32), "/dev/binder");
	const int nr = rounds(MANY);
	const char *text;
	char part[256];
	size_t len, mid;
	int fd;

	ASSERT_EQ(0, run(c, open_many, device));
	deliver(c, s, 0, 1);
	text = read_log(DEBUGFS_LOGS, "state");
	ASSERT_EQ(nr + 2, count_lines(text, "proc "));
	ASSERT_EQ(nr + 2, count_lines(text, "context binder"));
	/* Two of them do something. */
	ASSERT_EQ(2, count_lines(read_log(DEBUGFS_LOGS, "transactions"), "proc "));
	ASSERT_EQ(nr + 2, count_lines(read_log(DEBUGFS_LOGS, "stats"), "  threads: "));
	snprintf(part, sizeof(part), "proc/%d", c->pid);
	ASSERT_EQ(nr + 1, count_lines(read_log(DEBUGFS_LOGS, part), "proc "));

	/* The same from the middle on, byte by byte. */
	text = read_log(DEBUGFS_LOGS, "state");
	len = strlen(text);
	mid = len / 2;
	fd = open(DEBUGFS_LOGS "/state", O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(mid, lseek(fd, mid, SEEK_SET));
	for (size_t i = 0; i < sizeof(part); i++)
		ASSERT_EQ(1, read(fd, part + i, 1));
	ASSERT_EQ(0, memcmp(text + mid, part, sizeof(part)));
	close(fd);
	die(c);
	wait_until(only_one_is_left, NULL, "ten thousand releases");
}

/* --- against everything that changes ----------------------------------------------------- */

#define ROUNDS 100

/* Read all files over and over, in pieces of many sizes, until killed. */
static void read_for_ever(unsigned int seed)
{
	static const char *const files[] = {
		"state", "stats", "transactions", "transaction_log", "failed_transaction_log",
		"state_hashed", "transactions_hashed", "memory",
	};
	static char text[70000];
	char path[256];

	for (unsigned int i = seed;; i++) {
		size_t size = i % 3 ? 1 + i * 977 % sizeof(text) : 13;
		int fd;

		snprintf(path, sizeof(path), "%s/%s", DEBUGFS_LOGS, files[i % ARRAY_SIZE(files)]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		for (int n = 0; n < 2000 && read(fd, text, size) > 0; n++)
			;
		close(fd);
	}
}

static pid_t reader(unsigned int seed)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		read_for_ever(seed);
		_exit(0);
	}
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Takes a handle of what it is sent, answers, and never looks at it again. */
static bool serve_call(struct bnd_conn *c, const struct binder_transaction_data *txn,
		       const char *secctx, struct bnd_msg *reply)
{
	uint32_t handle;

	(void)secctx;
	(void)reply;
	if (txn->offsets_size)
		bnd_take_handle(c, txn, 0, &handle);
	return true;
}

static void serve(void)
{
	static const struct bnd_ops ops = { .call = serve_call };
	volatile bool stop = false;
	struct bnd_conn c;

	if (bnd_open(&c, "/dev/binder", 256 * 1024, 0) || bnd_become_manager(&c))
		_exit(1);
	c.ops = &ops;
	bnd_serve(&c, false, &stop);
	_exit(1);
}

/* One life of a client; what it leaves is for the driver to clean up. */
static void live(unsigned int seed)
{
	struct flat_binder_object obj = bnd_obj_binder(0x10 + seed, seed, 0);
	uint64_t offset = 0;
	struct bnd_msg with_object = {
		.code = 1, .data = &obj, .size = sizeof(obj), .offsets = &offset, .noffsets = 1,
	};
	struct bnd_msg oneway = { .code = 2, .flags = TF_ONE_WAY, .data = &obj, .size = 24 };
	struct bnd_msg wrong = { .handle = 777 };
	struct bnd_result result;
	struct bnd_conn c;

	BND_CMDS(w, 4096);

	if (bnd_open(&c, "/dev/binder", 64 * 1024, 0))
		_exit(1);
	if (bnd_call(&c, &with_object, &result))
		_exit(1);
	bnd_call(&c, &wrong, &result);
	for (unsigned int i = 0; i < 1 + seed % 7; i++)
		bnd_cmd_transaction(&w, &oneway);
	bnd_cmd_increfs(&w, 0);
	bnd_cmd_acquire(&w, 0);
	bnd_cmd_request_death(&w, 0, seed);
	bnd_write(&c, &w);
	if (seed % 3 == 0)
		bnd_thread_exit(&c);
	if (seed % 4 == 0)
		bnd_close(&c);
}

/* Lives one after the other, some in a process of their own that is killed. */
static void clients(unsigned int seed)
{
	for (int i = 0; i < rounds(ROUNDS); i++) {
		pid_t pid;

		if (i % 4) {
			live(seed + i);
			continue;
		}
		pid = fork();
		if (!pid) {
			live(seed + i);
			kill(getpid(), SIGKILL);
		}
		waitpid(pid, NULL, 0);
	}
	_exit(0);
}

static pid_t start_process(void (*fn)(void))
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fn();
	}
	return pid;
}

static void clients_0(void)
{
	clients(0);
}

static void clients_1(void)
{
	clients(1000);
}

static bool has_manager(void *arg)
{
	(void)arg;
	return strstr(read_log(DEBUGFS_LOGS, "state"), "\n  node ");
}

static bool nothing_is_left(void *arg)
{
	(void)arg;
	return !strcmp(read_log(DEBUGFS_LOGS, "state"), "binder state:\n");
}

/* Processes that come, refer to each other, call, fail, and go in the middle of it. */
TEST_F(load, readers_while_processes_come_and_go)
{
	pid_t server = start_process(serve), readers[2], workers[2];
	int status;

	wait_until(has_manager, NULL, "the server");
	readers[0] = reader(0);
	readers[1] = reader(3);
	workers[0] = start_process(clients_0);
	workers[1] = start_process(clients_1);
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(workers[i], waitpid(workers[i], &status, 0));
		ASSERT_EQ(0, status);
	}
	end(server);
	end(readers[0]);
	end(readers[1]);
	wait_until(nothing_is_left, NULL, "what the clients had");
}

/* Lists that shrink at one end and grow at the other while they are read. */
TEST_F(load, readers_while_queues_are_drained)
{
	pid_t readers[2] = { reader(0), reader(2) };
	struct port *s = manager(), *c = process();

	for (int i = 0; i < rounds(40); i++) {
		for (int j = 0; j < 50; j++)
			call(c, 0, j, TF_ONE_WAY);
		only_write(c);
		for (int j = 0; j < 50; j++) {
			go(s);
			/* Written by the next: a change of tasks may take a reader's turn. */
			free_last(s);
		}
		only_write(s);
		while (strcmp(go(c), "EAGAIN"))
			;
	}
	end(readers[0]);
	end(readers[1]);
}

/* --- a reader that does not go on ---------------------------------------------------------- */

struct stall {
	int fd;
	char *page;
};

static bool make_stall(struct stall *stall)
{
	struct uffdio_register where = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };

	stall->page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stall->fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (stall->page == MAP_FAILED || stall->fd < 0 || ioctl(stall->fd, UFFDIO_API, &api))
		return false;
	where.range.start = (uintptr_t)stall->page;
	where.range.len = 4096;
	return !ioctl(stall->fd, UFFDIO_REGISTER, &where);
}

struct stuck {
	char path[256];
	struct port *reader;
};

/* In the peer: a read whose memory is never there. */
static long get_stuck(struct port *p, void *arg)
{
	struct stuck *stuck = arg;
	struct stall stall;
	int fd;

	(void)p;
	if (!make_stall(&stall))
		return -EOPNOTSUPP;
	fd = open(stuck->path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : read(fd, stall.page, 4096);
}

TEST_F(load, stuck_reader_delays_nobody)
{
	static const char *const files[] = { "state", "stats", "transaction_log", NULL };
	struct port *s, *c, *readers[ARRAY_SIZE(files)];

	if (!ours())
		SKIP(return, "close() of the device waits for a reader of the process's file");
	s = manager();
	c = process();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct stuck *stuck = shared(sizeof(*stuck));

		readers[i] = process_on("/dev/hwbinder", 0);
		if (files[i])
			snprintf(stuck->path, sizeof(stuck->path), "%s/%s", DEBUGFS_LOGS, files[i]);
		else
			snprintf(stuck->path, sizeof(stuck->path), "%s/proc/%d", DEBUGFS_LOGS,
				 c->pid);
		run_start(readers[i], get_stuck, stuck);
		settle(readers[i]);
		if (!asleep(readers[i]))
			SKIP(return, "needs userfaultfd");
	}
	ping(c, s, 0);
	shut(open_again(c, AREA));
	shut(c);
	gone(c);
	c = process();
	ping(c, s, 0);
	die(c);
	gone(c);
}

TEST_HARNESS_MAIN
