// SPDX-License-Identifier: GPL-2.0-only
/* transaction_log and failed_transaction_log: the last of all, the last that failed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/android/binderfs.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "logs_test.h"

LOGS_FIXTURE(history);

/* The lines of a log behind the one of transaction @id, which the text begins with. */
static const char *after(const char *file, long id)
{
	const char *text = read_log(DEBUGFS_LOGS, file);
	char start[32];

	snprintf(start, sizeof(start), "%ld: ", id);
	for (; *text; text += strcspn(text, "\n") + 1) {
		if (!strncmp(text, start, strlen(start)))
			return text + strcspn(text, "\n") + 1;
	}
	fail("transaction %ld is not in %s", id, file);
}

/* Id of the last transaction in a log. */
static long last_id(const char *file)
{
	const char *text = read_log(DEBUGFS_LOGS, file), *line = text;

	while (*text) {
		line = text;
		text += strcspn(text, "\n") + 1;
	}
	return atol(line);
}

TEST_F(history, of_calls_replies_and_oneway_calls)
{
	struct port *s = manager(), *c = process();
	long mark = last_id("transaction_log");

	name(s, "S");
	name(c, "C");
	call_data(c, 0, 7, 0, "12345", 5);
	GO(c, "EAGAIN");
	GO(s, "NOOP TXN:7");
	reply(s, 0, 0);
	GO(s, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:0");
	call_obj(c, 0, 8, TF_ONE_WAY, bnd_obj_binder(1, 2, 0));
	go(c);
	SAME("#1: call  from C:C to S:0 context binder node #2 handle 0 size 5:0 ret 0/0 l=N\n"
	     "#3: reply from S:S to C:C context binder node 0 handle 0 size 0:0 ret 0/0 l=N\n"
	     "#4: async from C:C to S:0 context binder node #2 handle 0 size 24:8 ret 0/0 l=N\n",
	     named(after("transaction_log", mark)));
}

/* A nested call goes to the thread that waits for it. */
TEST_F(history, of_a_nested_call)
{
	struct port *s = manager(), *c = process();
	uint32_t handle = give(c, s, 0x10, 0, 0);
	long mark;

	name(s, "S");
	name(c, "C");
	deliver(c, s, 0, 1);
	mark = last_id("transaction_log");
	call(s, handle, 2, 0);
	GO(s, "EAGAIN");
	SAME("#1: call  from S:S to C:C context binder node #2 handle 1 size 0:0 ret 0/0 l=N\n",
	     named(after("transaction_log", mark)));
}

TEST_F(history, of_failures)
{
	static const char want[] =
	"#1: call  from C:C to 0:0 context binder node 0 handle 77 size 0:0 ret 29201/-22 l=N\n"
	"#2: async from C:C to 0:0 context binder node 0 handle -1 size 0:0 ret 29201/-22 l=N\n"
	"#3: reply from C:C to 0:0 context binder node 0 handle 0 size 0:0 ret 29201/-71 l=N\n"
	"#4: call  from C:C to S:0 context binder node #5 handle 0 size 1:0 ret 29201/-14 l=N\n";
	struct port *s = manager(), *c = process();
	long mark, failed_mark;

	name(s, "S");
	name(c, "C");
	call(c, 778, 1, 0);
	GO(c, "NOOP FAILED");
	mark = last_id("transaction_log");
	failed_mark = last_id("failed_transaction_log");
	ASSERT_EQ(mark, failed_mark);
	call(c, 77, 1, 0);
	GO(c, "NOOP FAILED");
	call(c, 0xffffffff, 1, TF_ONE_WAY);
	GO(c, "NOOP FAILED");
	reply(c, 1, 0);
	GO(c, "NOOP FAILED");
	call_msg(c, (struct bnd_msg){ .data = (void *)8, .size = 1 });
	GO(c, "NOOP FAILED");
	SAME(want, named(after("transaction_log", mark)));
	SAME(want, named(after("failed_transaction_log", failed_mark)));
	/* Those that did not fail are not in the log of those that did. */
	failed_mark = last_id("failed_transaction_log");
	ping(c, s, 0);
	ASSERT_EQ(failed_mark, last_id("failed_transaction_log"));
	ASSERT_NE(failed_mark, last_id("transaction_log"));
}

TEST_F(history, of_a_call_to_nobody)
{
	static const char want[] =
	"#1: call  from C:C to 0:0 context binder node 0 handle 0 size 0:0 ret 29189/-22 l=N\n";
	struct port *c = process();
	long mark;

	name(c, "C");
	call(c, 777, 1, 0);
	GO(c, "NOOP FAILED");
	mark = last_id("failed_transaction_log");
	call(c, 0, 1, 0);
	GO(c, "NOOP DEAD");
	SAME(want, named(after("failed_transaction_log", mark)));
}

TEST_F(history, of_the_last_32_oldest_first)
{
	struct port *s = manager(), *c = process();
	const char *text;
	int n = 0;

	(void)s;
	for (int i = 0; i < 50; i++) {
		struct bnd_msg m = { .flags = TF_ONE_WAY, .data = shared(64), .size = i };

		call_msg(c, m);
		GO(c, "NOOP COMPLETE");
	}
	text = read_log(DEBUGFS_LOGS, "transaction_log");
	for (; *text; text += strcspn(text, "\n") + 1, n++)
		ASSERT_EQ(18 + n, atoi(strstr(text, " size ") + 6));
	ASSERT_EQ(32, n);
	for (int i = 0; i < 40; i++) {
		call(c, 1000 + i, 1, 0);
		GO(c, "NOOP FAILED");
	}
	text = read_log(DEBUGFS_LOGS, "failed_transaction_log");
	for (n = 0; *text; text += strcspn(text, "\n") + 1, n++)
		ASSERT_EQ(1008 + n, atoi(strstr(text, " handle ") + 8));
	ASSERT_EQ(32, n);
}

static long stay_on(struct port *p, void *arg)
{
	cpu_set_t set;

	(void)p;
	CPU_ZERO(&set);
	CPU_SET((int)(intptr_t)arg, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

/* Calls on one processor, replies on the other: told in the order in which they were. */
TEST_F(history, in_order_whatever_the_processor)
{
	struct port *s = manager(), *c = process();
	const char *text, *types[] = { "call ", "reply" };
	int n = 0;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two processors");
	ASSERT_EQ(0, run(s, stay_on, (void *)0));
	ASSERT_EQ(0, run(c, stay_on, (void *)1));
	for (int i = 0; i < 20; i++)
		ping(c, s, 0);
	text = read_log(DEBUGFS_LOGS, "transaction_log");
	for (; *text; text += strcspn(text, "\n") + 1, n++)
		ASSERT_EQ(0, strncmp(strchr(text, ' ') + 1, types[n & 1], 5));
	ASSERT_EQ(32, n);
}

/* --- those who are stuck ------------------------------------------------------------ */

struct stall {
	int fd;
	void *page;
};

/* In the peer: a page that nobody brings. */
static long make_stall(struct port *p, void *arg)
{
	struct uffdio_register where = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	struct stall *stall = arg;

	(void)p;
	stall->page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stall->fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (stall->page == MAP_FAILED || stall->fd < 0 || ioctl(stall->fd, UFFDIO_API, &api))
		return -errno;
	where.range.start = (uintptr_t)stall->page;
	where.range.len = 4096;
	return ioctl(stall->fd, UFFDIO_REGISTER, &where) ? -errno : 0;
}

static long end_stall(struct port *p, void *arg)
{
	struct stall *stall = arg;
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)stall->page, .len = 4096 },
	};

	(void)p;
	return ioctl(stall->fd, UFFDIO_ZEROPAGE, &zero) ? -errno : 0;
}

static bool is_stuck(void *arg)
{
	(void)arg;
	return strstr(read_log(DEBUGFS_LOGS, "transaction_log"), "(incomplete)");
}

TEST_F(history, of_a_sender_that_is_stuck)
{
	struct port *s = manager(), *c = process(), *t = thread_of(c);
	struct stall *stall = shared(sizeof(*stall));
	long mark = last_id("transaction_log");
	const char *line;

	name(c, "C");
	name(s, "S");
	if (run(c, make_stall, stall))
		SKIP(return, "needs userfaultfd");
	call_msg(c, (struct bnd_msg){ .code = 1, .data = stall->page, .size = 100 });
	start(c);
	wait_until(is_stuck, NULL, "a line that is not complete");
	/* In between others come and go. */
	call(t, 777, 1, 0);
	GO(t, "NOOP FAILED");
	line = line_of(named(after("transaction_log", mark)), "#1: ");
	ASSERT_EQ(0, strncmp("#1: call  from C:C to ", line, 22));
	ASSERT_NE(NULL, strstr(line, " handle 0 size 100:0 ret 0/0 l=N (incomplete)"));
	ASSERT_EQ(NULL, strstr(read_log(DEBUGFS_LOGS, "failed_transaction_log"), "(incomplete)"));
	ASSERT_EQ(0, run(t, end_stall, stall));
	settle(c);
	line = line_of(named(after("transaction_log", mark)), "#1: ");
	SAME("#1: call  from C:C to S:0 context binder node #2 handle 0 size 100:0 ret 0/0 l=N",
	     line);
	GO(s, "NOOP TXN:1");
	reply(s, 0, 0);
	GO(s, "NOOP COMPLETE");
	finish(c);
}

/* --- devices that went ---------------------------------------------------------------- */

static long call_on(struct port *p, void *arg)
{
	struct bnd_msg m = { .handle = 4711 };
	struct bnd_result result;
	struct bnd_conn c;
	int err = bnd_open(&c, arg, 0, O_NONBLOCK);

	(void)p;
	if (err)
		return err;
	err = bnd_call(&c, &m, &result);
	bnd_close(&c);
	return err;
}

/* A device of a binderfs of its own has a call that fails, and goes. False without binderfs. */
static bool device_comes_and_goes(struct port *p, const char *name)
{
	static const char dir[] = "/tmp/binderfs.history";
	struct binderfs_device device = {};
	char *path = shared(256);
	int fd;

	mkdir(dir, 0700);
	if (mount("binder", dir, "binder", 0, NULL))
		return false;
	strcpy(device.name, name);
	snprintf(path, 256, "%s/binder-control", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, BINDER_CTL_ADD, &device))
		fail("no device %s", name);
	close(fd);
	snprintf(path, 256, "%s/%s", dir, name);
	if (run(p, call_on, path) || unlink(path) || umount2(dir, MNT_DETACH) || rmdir(dir))
		fail("device %s does not go", name);
	return true;
}

TEST_F(history, knows_the_name_of_a_device_that_is_gone)
{
	struct port *s = manager(), *c = process();

	if (!device_comes_and_goes(c, "of-a-file-system-that-goes-away"))
		SKIP(return, "no binderfs");
	ASSERT_NE(NULL, strstr(read_log(DEBUGFS_LOGS, "failed_transaction_log"),
			       " context of-a-file-system-that-goes-away node 0 handle 4711 "));
	/* Only the log of failed calls has it, and names that nobody has any more are freed. */
	for (int i = 0; i < 70; i++)
		ping(c, s, 0);
	ASSERT_TRUE(device_comes_and_goes(c, "another"));
	ASSERT_NE(NULL, strstr(read_log(DEBUGFS_LOGS, "failed_transaction_log"),
			       " context of-a-file-system-that-goes-away node 0 handle 4711 "));
	/* It leaves with the last line that has it, and nothing else does. */
	for (int i = 0; i < 70; i++) {
		call(c, 777, 1, 0);
		GO(c, "NOOP FAILED");
	}
	ASSERT_EQ(NULL, strstr(read_log(DEBUGFS_LOGS, "failed_transaction_log"), "goes-away"));
}

TEST_HARNESS_MAIN
