// SPDX-License-Identifier: GPL-2.0-only
/* Files and plain ioctls while memory and copies fail. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "faults_test.h"

FAULTS_FIXTURE(fault_file);

/* --- files --- */

static long do_open_only(struct port *p, void *arg)
{
	int fd = open(getenv("BINDER_DEV") ?: "/dev/binder", O_RDWR | O_CLOEXEC);

	(void)p;
	(void)arg;
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

SWEEP(fault_file, in_open)
{
	FOR_EACH_FAULT() {
		struct port *p = process();

		strike(p);
		outcome(error_of(run(p, do_open_only, NULL)), "0", "ENOMEM", NULL);
		ASSERT_EQ(0, run(p, do_open_only, NULL));
	}
}

/* The file about this process in debugfs, which is there from its first open to its last close. */
static bool has_no_file(void *path)
{
	return access(path, F_OK) != 0;
}

/* Nor is anybody else's open left, without which the table of all of them begins anew. */
static bool is_nobody_there(void *arg)
{
	FILE *f = fopen("/sys/kernel/debug/binder/stats", "r");
	char line[128];
	bool found = false;

	(void)arg;
	if (!f)
		fail("stats: %s", strerror(errno));
	while (!found && fgets(line, sizeof(line), f))
		found = !strncmp(line, "proc: active 0 ", 15);
	fclose(f);
	return found;
}

/* Without memory for that file there is none, which is no reason to refuse. */
SWEEP(fault_file, in_the_first_open_of_a_process)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/kernel/debug/binder/proc/%d", getpid());
	FOR_EACH_FAULT() {
		long err;

		wait_until(has_no_file, path, "the file of a process stays");
		wait_until(is_nobody_there, NULL, "an open stays");
		strike_here();
		err = do_open_only(NULL, NULL);
		struck_here();
		outcome(error_of(err), "0", "ENOMEM", NULL);
		ASSERT_EQ(0, do_open_only(NULL, NULL));
	}
}

/* Tables ask once more before they give up, which is no single fault. */
TEST_F(fault_file, in_tables_of_opens)
{
	const char *device = getenv("BINDER_DEV") ?: "/dev/binder";
	char path[64];
	long err;
	int fd;

	wait_until(is_nobody_there, NULL, "an open stays");
	fail_below("__xa_insert");
	err = do_open_only(NULL, NULL);
	fail_no_more();
	ASSERT_EQ(-ENOMEM, err);
	ASSERT_EQ(0, do_open_only(NULL, NULL));

	snprintf(path, sizeof(path), "/sys/kernel/debug/binder/proc/%d", getpid());
	wait_until(has_no_file, path, "the file of a process stays");
	fail_below("xa_store");
	fd = open(device, O_RDWR | O_CLOEXEC);
	fail_no_more();
	ASSERT_LE(0, fd);
	ASSERT_TRUE(has_no_file(path));
	ASSERT_EQ(0, close(fd));
	wait_until(is_nobody_there, NULL, "an open stays");
	fd = open(device, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_FALSE(has_no_file(path));
	close(fd);
}

static long do_map(struct port *p, void *arg)
{
	return bnd_map(p->conn, (size_t)arg);
}

SWEEP(fault_file, in_mmap)
{
	FOR_EACH_FAULT() {
		struct port *mgr = manager(), *p = process_on("/dev/binder", 0);

		strike(p);
		outcome(error_of(run(p, do_map, (void *)AREA)), "0", "ENOMEM", NULL);
		if (struck() && !p->conn->map)
			ASSERT_EQ(0, run(p, do_map, (void *)AREA));
		still_work(p, mgr, 0);
	}
}

static long do_poll(struct port *p, void *arg)
{
	struct pollfd fd = { .fd = p->conn->fd, .events = POLLIN };

	(void)arg;
	return poll(&fd, 1, 0) < 0 ? -errno : fd.revents;
}

SWEEP(fault_file, in_poll)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		struct port *t = new_thread_of(p.c);
		long events;

		strike(t);
		events = run(t, do_poll, NULL);
		/* ABI: a thread that is new has to return once. */
		outcome(events == POLLERR ? "POLLERR" : events == POLLIN ? "POLLIN" : "?",
			"POLLIN", "POLLERR", NULL);
		ASSERT_EQ(POLLIN, run(t, do_poll, NULL));
		still_works(&p);
	}
}

/* --- ioctls --- */

SWEEP(fault_file, in_the_first_ioctl)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		struct port *t = new_thread_of(p.c);

		strike(t);
		outcome(error_of(ioc_at(t, BINDER_SET_CONTEXT_MGR, 0)), "EBUSY", "ENOMEM", NULL);
		ASSERT_EQ(-EBUSY, ioc_at(t, BINDER_SET_CONTEXT_MGR, 0));
		still_works(&p);
	}
}

union any_argument {
	struct binder_version version;
	struct binder_extended_error error;
	struct binder_node_debug_info debug;
	struct binder_node_info_for_ref ref;
	struct binder_frozen_status_info frozen;
	struct binder_freeze_info freeze;
};

/* By a process, or by the manager, about the process @pid. */
static union any_argument argument_of(unsigned int cmd, pid_t pid)
{
	union any_argument arg = { .version.protocol_version = 0 };

	if (cmd == BINDER_FREEZE)
		arg.freeze.pid = pid;
	if (cmd == BINDER_GET_FROZEN_INFO)
		arg.frozen.pid = pid;
	return arg;
}

static void sweep_ioctl(struct __test_metadata *_metadata, unsigned int cmd)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		struct port *by = cmd == BINDER_GET_NODE_INFO_FOR_REF ? p.mgr : p.c;
		union any_argument arg = argument_of(cmd, p.server->pid);

		if (cmd == BINDER_GET_NODE_INFO_FOR_REF) {
			arg.ref.handle = give(p.server, by, 0x30, 0x40, 0);
			drain(by, p.server);
		}
		strike(by);
		outcome(error_of(ioc(by, cmd, &arg, sizeof(arg))), "0", "ENOMEM", "EFAULT");
		arg = argument_of(cmd, p.server->pid);
		if (cmd != BINDER_GET_NODE_INFO_FOR_REF)
			ASSERT_EQ(0, ioc(by, cmd, &arg, sizeof(arg)));
		still_works(&p);
	}
}

SWEEP(fault_file, in_extended_error) { sweep_ioctl(_metadata, BINDER_GET_EXTENDED_ERROR); }
SWEEP(fault_file, in_node_debug_info) { sweep_ioctl(_metadata, BINDER_GET_NODE_DEBUG_INFO); }
SWEEP(fault_file, in_node_info_for_ref) { sweep_ioctl(_metadata, BINDER_GET_NODE_INFO_FOR_REF); }
SWEEP(fault_file, in_freeze) { sweep_ioctl(_metadata, BINDER_FREEZE); }
SWEEP(fault_file, in_frozen_info) { sweep_ioctl(_metadata, BINDER_GET_FROZEN_INFO); }

SWEEP(fault_file, in_becoming_manager)
{
	FOR_EACH_FAULT() {
		struct flat_binder_object obj = { .hdr.type = BINDER_TYPE_BINDER };
		struct port *p = process(), *c = process();

		strike(p);
		/* ABI: EINVAL for what cannot be read. */
		outcome(error_of(ioc(p, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj))),
			"0", "ENOMEM", "EINVAL");
		if (struck())
			ioc(p, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj));
		still_work(c, p, 0);
	}
}

TEST_HARNESS_MAIN
