// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which messages are reported, and what is said of them. The in-tree driver of
 * 6.12 reports nothing yet, so all of it is skipped there.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/android/binder_netlink.h>

#include "listener.h"
#include "protocol_test.h"
#include "tracer.h"

FIXTURE(report) {
	struct listener l;
	struct port *mgr, *c;
	bool skip;
};

FIXTURE_SETUP(report)
{
	(void)variant;
	running_test = _metadata;
	peers_begin(fail_test);
	self->skip = !reports_exist();
	if (self->skip)
		SKIP(return, "this driver reports nothing");
	self->mgr = manager();
	self->c = process();
	self->l = listen_to_reports();
}

FIXTURE_TEARDOWN(report)
{
	(void)_metadata;
	(void)variant;
	if (!self->skip)
		close(self->l.fd);
	peers_end();
}

/* What is expected of @p's message; @to and the flags may be left out. */
static const char *expected(const char *error, struct port *p, const char *to, const char *rest)
{
	static char text[512];

	snprintf(text, sizeof(text), "error=%s context=binder from_pid=%d from_tid=%d %s%s", error,
		 p->pid, p->tid, to, rest);
	return text;
}

static const char *to_process(struct port *p)
{
	static char text[64];

	snprintf(text, sizeof(text), "to_pid=%d ", p->pid);
	return text;
}

static const char *to_thread(struct port *p)
{
	static char text[64];

	snprintf(text, sizeof(text), "to_pid=%d to_tid=%d ", p->pid, p->tid);
	return text;
}

#define REPORTED(error, from, to, rest) \
	ASSERT_STREQ(expected(error, from, to, rest), next_report(&self->l))
#define NOTHING_REPORTED() ASSERT_STREQ("none", next_report(&self->l))

static void set_frozen(struct port *by, struct port *whom, uint32_t enable)
{
	struct binder_freeze_info info = { .pid = whom->pid, .enable = enable };

	if (ioc(by, BINDER_FREEZE, &info, sizeof(info)))
		fail("BINDER_FREEZE");
}

TEST_F(report, family)
{
	ASSERT_EQ(BINDER_FAMILY_VERSION, self->l.family.version);
	ASSERT_EQ(1, self->l.family.ngroups);
	ASSERT_NE(0, self->l.family.group);
	ASSERT_FALSE(self->l.family.has_commands);
}

TEST_F(report, takes_no_commands)
{
	ASSERT_EQ(-EOPNOTSUPP, send_command(&self->l, BINDER_CMD_REPORT));
	ASSERT_EQ(-EOPNOTSUPP, send_command(&self->l, BINDER_CMD_REPORT + 1));
}

TEST_F(report, only_in_the_initial_network_namespace)
{
	struct family family;
	int fd;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	fd = netlink_socket();
	ASSERT_EQ(-ENOENT, find_family(fd, BINDER_FAMILY_NAME, &family));
	close(fd);
	/* Who joined before goes on listening. */
	call(self->c, 77, 1, 0);
	GO(self->c, "NOOP FAILED");
	REPORTED("BR_FAILED_REPLY", self->c, "", "flags=0 code=1 data_size=0");
}

TEST_F(report, nothing_of_what_goes_well)
{
	ping(self->c, self->mgr, 0);
	call(self->c, 0, 1, TF_ONE_WAY);
	GO(self->c, "NOOP COMPLETE");
	GO(self->mgr, "NOOP TXN:1");
	NOTHING_REPORTED();
}

TEST_F(report, call_to_a_bad_handle)
{
	call_data(self->c, 77, 0x1234, TF_ACCEPT_FDS, "12345", 5);
	GO(self->c, "NOOP FAILED");
	REPORTED("BR_FAILED_REPLY", self->c, "", "flags=16 code=4660 data_size=5");
	call(self->c, 77, 2, TF_ONE_WAY);
	GO(self->c, "NOOP FAILED");
	REPORTED("BR_FAILED_REPLY", self->c, "", "flags=1 code=2 data_size=0");
	NOTHING_REPORTED();
}

TEST_F(report, the_thread_that_sent_it)
{
	struct port *thread = thread_of(self->c);

	ASSERT_NE(thread->pid, thread->tid);
	call(thread, 77, 1, 0);
	GO(thread, "NOOP FAILED");
	REPORTED("BR_FAILED_REPLY", thread, "", "flags=0 code=1 data_size=0");
}

TEST_F(report, the_device)
{
	struct port *hw = process_on("/dev/hwbinder", AREA);
	char want[256];

	call(hw, 0, 1, 0);
	GO(hw, "NOOP DEAD");
	snprintf(want, sizeof(want), "error=BR_DEAD_REPLY context=hwbinder from_pid=%d from_tid=%d "
		 "flags=0 code=1 data_size=0", hw->pid, hw->tid);
	ASSERT_STREQ(want, next_report(&self->l));
}

TEST_F(report, call_to_a_dead_object)
{
	struct port *server = process();
	uint32_t h = give(server, self->c, 0x10, 0x20, 0);

	bnd_cmd_request_death(&self->c->w, h, 1);
	GO(self->c, "EAGAIN");
	die(server);
	ASSERT_STREQ("NOOP DEAD_BINDER:1", go_blocking(self->c));
	call(self->c, h, 1, 0);
	GO(self->c, "NOOP DEAD");
	REPORTED("BR_DEAD_REPLY", self->c, "", "flags=0 code=1 data_size=0");
	NOTHING_REPORTED();
}

TEST_F(report, call_with_a_bad_object)
{
	call_obj(self->c, 0, 1, 0, bnd_obj_handle(66));
	GO(self->c, "NOOP FAILED");
	REPORTED("BR_FAILED_REPLY", self->c, to_process(self->mgr), "flags=0 code=1 data_size=24");
	NOTHING_REPORTED();
}

TEST_F(report, call_without_room)
{
	static uint8_t much[AREA];

	call_data(self->c, 0, 1, TF_ONE_WAY, much, sizeof(much));
	GO(self->c, "NOOP FAILED");
	REPORTED("BR_FAILED_REPLY", self->c, to_process(self->mgr),
		 "flags=1 code=1 data_size=65536");
}

TEST_F(report, size_beyond_32_bits)
{
	call_msg(self->c, (struct bnd_msg){ .code = 1, .size = 1ULL << 40 });
	GO(self->c, "NOOP FAILED");
	REPORTED("BR_FAILED_REPLY", self->c, to_process(self->mgr),
		 "flags=0 code=1 data_size=4294967295");
}

TEST_F(report, second_call_before_the_first_is_answered)
{
	call(self->c, 0, 1, 0);
	GO(self->c, "EAGAIN");
	call(self->c, 0, 2, 0);
	GO(self->c, "NOOP COMPLETE FAILED");
	REPORTED("BR_FAILED_REPLY", self->c, to_process(self->mgr), "flags=0 code=2 data_size=0");
}

/* The call back into a caller is for the thread that waits. */
TEST_F(report, nested_call_to_a_thread)
{
	uint32_t back = give(self->c, self->mgr, 0x30, 0x40, 0);

	deliver(self->c, self->mgr, 0, 1);
	call_obj(self->mgr, back, 2, 0, bnd_obj_handle(66));
	GO(self->mgr, "NOOP FAILED");
	REPORTED("BR_FAILED_REPLY", self->mgr, to_thread(self->c), "flags=0 code=2 data_size=24");
}

TEST_F(report, call_to_a_frozen_process)
{
	struct port *server = process();
	uint32_t h = give(server, self->c, 0x10, 0x20, 0);

	set_frozen(self->mgr, server, 1);
	call(self->c, h, 1, 0);
	GO(self->c, "NOOP FROZEN_REPLY");
	REPORTED("BR_FROZEN_REPLY", self->c, to_process(server), "flags=0 code=1 data_size=0");
	NOTHING_REPORTED();
}

/* Once for the call that makes it one, whether or not the sender wants to know. */
TEST_F(report, flood_of_oneway_calls)
{
	static uint8_t much[4096];
	uint32_t enable = 1;

	for (int round = 0; round < 2; round++) {
		/* Seven of them leave less than a tenth of the area. */
		for (int i = 0; i < 8; i++) {
			call_data(self->c, 0, i, TF_ONE_WAY, much, sizeof(much));
			GO(self->c, round && i == 6 ? "NOOP ONEWAY_SPAM_SUSPECT" : "NOOP COMPLETE");
		}
		REPORTED("BR_ONEWAY_SPAM_SUSPECT", self->c, to_process(self->mgr),
			 "flags=1 code=6 data_size=4096");
		NOTHING_REPORTED();
		for (int i = 0; i < 8; i++) {
			go(self->mgr);
			free_last(self->mgr);
			WRITE(self->mgr, "");
		}
		ASSERT_EQ(0, ioc(self->c, BINDER_ENABLE_ONEWAY_SPAM_DETECTION, &enable,
				 sizeof(enable)));
		/* With room again the next flood is a new one. */
		call(self->c, 0, 1, TF_ONE_WAY);
		GO(self->c, "NOOP COMPLETE");
		GO(self->mgr, "NOOP TXN:1");
		free_last(self->mgr);
		WRITE(self->mgr, "");
	}
}

TEST_F(report, reply_that_fails)
{
	deliver(self->c, self->mgr, 0, 1);
	reply_obj(self->mgr, 5, TF_STATUS_CODE, fd_obj(0, 0));
	GO(self->mgr, "NOOP COMPLETE");
	GO(self->c, "NOOP COMPLETE FAILED");
	REPORTED("BR_FAILED_REPLY", self->mgr, to_thread(self->c),
		 "is_reply flags=8 code=5 data_size=24");
	NOTHING_REPORTED();
}

TEST_F(report, reply_to_nothing)
{
	reply(self->c, 1, 0);
	GO(self->c, "NOOP FAILED");
	REPORTED("BR_FAILED_REPLY", self->c, "", "is_reply flags=0 code=1 data_size=0");
}

static long leave(struct port *p, void *arg)
{
	(void)arg;
	return bnd_thread_exit(p->conn);
}

TEST_F(report, reply_to_a_thread_that_left)
{
	deliver(self->c, self->mgr, 0, 1);
	ASSERT_EQ(0, run(self->c, leave, NULL));
	reply(self->mgr, 1, 0);
	GO(self->mgr, "NOOP COMPLETE");
	REPORTED("BR_DEAD_REPLY", self->mgr, to_thread(self->c),
		 "is_reply flags=0 code=1 data_size=0");
}

/* --- not reported: what fails after it was sent --- */

TEST_F(report, nothing_of_a_callee_that_dies)
{
	struct port *server = process();
	uint32_t h = give(server, self->c, 0x10, 0x20, 0);

	call(self->c, h, 1, 0);
	START_ASLEEP(self->c);
	GO(server, "NOOP TXN:1");
	die(server);
	FINISH(self->c, "NOOP COMPLETE DEAD");
	NOTHING_REPORTED();
}

static long no_more_fds(struct port *p, void *arg)
{
	struct rlimit limit = { .rlim_cur = 3, .rlim_max = 3 };

	(void)p;
	(void)arg;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

TEST_F(report, nothing_of_descriptors_without_room)
{
	struct port *server = process();
	uint32_t h = give(server, self->c, 0x10, 0x20, FLAT_BINDER_FLAG_ACCEPTS_FDS);

	ASSERT_EQ(0, run(server, no_more_fds, NULL));
	call_obj(self->c, h, 1, 0, fd_obj(0, 0));
	START_ASLEEP(self->c);
	GO(server, "EAGAIN");
	FINISH(self->c, "NOOP COMPLETE FAILED");
	NOTHING_REPORTED();
}

/* --- around it --- */

TEST_F(report, to_all_who_listen_while_they_do)
{
	struct listener second = listen_to_reports();

	call(self->c, 77, 1, 0);
	GO(self->c, "NOOP FAILED");
	REPORTED("BR_FAILED_REPLY", self->c, "", "flags=0 code=1 data_size=0");
	ASSERT_STREQ(expected("BR_FAILED_REPLY", self->c, "", "flags=0 code=1 data_size=0"),
		     next_report(&second));
	close(second.fd);
	close(self->l.fd);
	call(self->c, 77, 2, 0);
	GO(self->c, "NOOP FAILED");
	self->l = listen_to_reports();
	NOTHING_REPORTED();
}

/* Who does not read loses reports and is told so, and holds up nobody. */
TEST_F(report, to_a_listener_that_is_full)
{
	for (int i = 0; i < 2000; i++) {
		call(self->c, 77, i, 0);
		GO(self->c, "NOOP FAILED");
	}
	ping(self->c, self->mgr, 0);
	ASSERT_STREQ("lost", next_report(&self->l));
	REPORTED("BR_FAILED_REPLY", self->c, "", "flags=0 code=0 data_size=0");
}

/* The trace says the same, whether or not anybody listens. */
TEST_F(report, is_traced)
{
	const struct event *e;

	close(self->l.fd);
	tracer_begin();
	deliver(self->c, self->mgr, 0, 1);
	reply_obj(self->mgr, 5, TF_STATUS_CODE, fd_obj(0, 0));
	GO(self->mgr, "NOOP COMPLETE");
	tracer_end();
	self->l = listen_to_reports();

	e = only("binder_netlink_report", self->mgr->tid);
	ASSERT_STREQ("binder", text(e, "context"));
	ASSERT_EQ(BR_FAILED_REPLY, value(e, "error"));
	ASSERT_EQ(self->mgr->pid, value(e, "from_pid"));
	ASSERT_EQ(self->mgr->tid, value(e, "from_tid"));
	ASSERT_EQ(self->c->pid, value(e, "to_pid"));
	ASSERT_EQ(self->c->tid, value(e, "to_tid"));
	ASSERT_EQ(1, value(e, "is_reply"));
	ASSERT_EQ(TF_STATUS_CODE, value(e, "flags"));
	ASSERT_EQ(5, value(e, "code"));
	ASSERT_EQ(24, value(e, "data_size"));
	ASSERT_NE(NULL, strstr(tracer_text("binder_netlink_report"),
			       "error=0x7211 BR_FAILED_REPLY context=binder from "));
}

TEST_F(report, is_a_feature)
{
	char one[2];
	int fd;

	mkdir("/tmp/features-test", 0700);
	ASSERT_EQ(0, mount("binder", "/tmp/features-test", "binder", 0, NULL));
	fd = open("/tmp/features-test/features/transaction_report", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(2, read(fd, one, sizeof(one)));
	ASSERT_EQ('1', one[0]);
	close(fd);
	ASSERT_EQ(0, umount("/tmp/features-test"));
}

TEST_HARNESS_MAIN
