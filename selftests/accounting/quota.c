// SPDX-License-Identifier: GPL-2.0-only
/*
 * The quota: while messages of two or more users are in an area, calls of none of
 * them may fill more than a share of it. Our driver only.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fill.h"
#include "protocol_test.h"

#define MODULE "/sys/module/binder_linux/"
#define PARAMETER MODULE "parameters/buffer_quota"
#define QUARTER (AREA / 4)

/* The result of writing to the parameter, 0 or a negative errno. */
static int set_quota(const char *text)
{
	int fd = open(PARAMETER, O_WRONLY | O_TRUNC | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static int get_quota(void)
{
	int value = -1;
	FILE *f = fopen(PARAMETER, "r");

	if (!f)
		return -errno;
	if (fscanf(f, "%d", &value) != 1)
		value = -EINVAL;
	fclose(f);
	return value;
}

FIXTURE(quota) {
	char unused;
};

FIXTURE_SETUP(quota)
{
	(void)self;
	(void)variant;
	/* The in-tree driver has no version of its own. */
	if (access(PARAMETER, F_OK) && access(MODULE "version", F_OK))
		SKIP(return, "this driver has no quota");
	running_test = _metadata;
	peers_begin(fail_test);
	/* The test before may have failed. */
	ASSERT_EQ(0, set_quota("0"));
}

FIXTURE_TEARDOWN(quota)
{
	(void)self;
	(void)variant;
	if (access(PARAMETER, F_OK))
		return;
	EXPECT_EQ(0, set_quota("0"));
	peers_end();
}

#define QUOTA(text) ASSERT_EQ(0, set_quota(text))
#define POST(p, size) ASSERT_STREQ(OK, post(p, size))
#define REFUSED(p, size)						\
	do {								\
		ASSERT_STREQ(FAILED, post(p, size));			\
		EXTERR(p, "FAILED ENOSPC");				\
	} while (0)

/* In the peer: only the task itself. */
static long change_euid(struct port *p, void *arg)
{
	(void)p;
	if (syscall(SYS_setresuid, -1, *(uid_t *)arg, -1))
		return -errno;
	/* That was dropped with the old credentials. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return 0;
}

static struct port *become(struct port *p, uid_t uid)
{
	if (run(p, change_euid, memcpy(shared(sizeof(uid)), &uid, sizeof(uid))))
		fail("cannot become user %u", uid);
	return p;
}

static struct port *user(uid_t uid)
{
	return become(process(), uid);
}

/* --- the parameter --- */

TEST_F(quota, values)
{
	static const char * const bad[] = { "101", "-1", "x", "4294967296", "25%" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ASSERT_GT(0, set_quota(bad[i]));
	ASSERT_EQ(0, get_quota());
	QUOTA("25");
	ASSERT_EQ(25, get_quota());
	ASSERT_EQ(-EINVAL, set_quota("101"));
	ASSERT_EQ(25, get_quota());
	QUOTA("100");
	QUOTA("1");
	QUOTA("0");
	ASSERT_EQ(0, get_quota());
}

TEST_F(quota, off_unless_set)
{
	struct port *server = manager(), *a = user(1000), *b = user(1001);

	POST(b, 0);
	POST(a, HALF - 8);
	ASSERT_EQ(2, take_all(server));
}

/* --- one and more users --- */

TEST_F(quota, one_user_alone_may_fill_the_area)
{
	struct port *server = manager(), *a = user(1000), *again = user(1000);

	QUOTA("25");
	POST(a, HALF - 800);
	POST(again, 800);
	ASSERT_EQ(2, take_all(server));
	call_msg(a, (struct bnd_msg){ .code = 7, .data = shared(0), .size = AREA });
	GO(a, "EAGAIN");
	GO(server, "NOOP TXN:7");
}

TEST_F(quota, the_share_to_the_byte)
{
	struct port *server = manager(), *a = user(1000), *b = user(1001);

	QUOTA("25");
	POST(a, 0);
	POST(b, QUARTER - 8);
	REFUSED(b, 9);
	POST(b, 1);
	REFUSED(b, 0);
	REFUSED(b, 0);
	/* What is freed can be used again. */
	take_one(server);
	take_one(server);
	POST(a, 8);
	POST(b, QUARTER - 8);
	REFUSED(b, 0);
	ASSERT_EQ(3, take_all(server));
}

TEST_F(quota, a_second_user_limits_the_first)
{
	struct port *server = manager(), *a = user(1000), *b = user(1001);

	QUOTA("25");
	POST(a, 20000);
	POST(a, 4000);
	POST(b, 800);
	/* What it has it keeps, and it gets nothing until that is less. */
	REFUSED(a, 0);
	take_one(server);
	POST(a, QUARTER - 4000);
	REFUSED(a, 0);
	ASSERT_EQ(3, take_all(server));
}

TEST_F(quota, a_user_who_is_gone_limits_nobody)
{
	struct port *server = manager(), *a = user(1000), *b = user(1001);

	QUOTA("25");
	POST(b, 0);
	POST(a, QUARTER);
	REFUSED(a, 0);
	take_one(server);
	POST(a, HALF - QUARTER);
	ASSERT_EQ(2, take_all(server));
	POST(b, HALF);
	ASSERT_EQ(1, take_all(server));
}

TEST_F(quota, a_dead_process_still_has_what_it_sent)
{
	struct port *server = manager(), *a = user(1000), *b = user(1001);

	QUOTA("25");
	POST(b, 0);
	die(b);
	REFUSED(a, QUARTER + 1);
	take_one(server);
	POST(a, HALF);
	ASSERT_EQ(1, take_all(server));
}

TEST_F(quota, root_is_a_user_like_others)
{
	struct port *server = manager(), *root = process(), *b = user(1001);

	QUOTA("25");
	POST(b, 0);
	REFUSED(root, QUARTER + 1);
	POST(root, QUARTER);
	REFUSED(root, 0);
	ASSERT_EQ(2, take_all(server));
}

/* The accounts of many, opened and closed in any order. */
TEST_F(quota, many_users)
{
	struct port *server = manager(), *u[13];

	QUOTA("5");
	for (int i = 0; i < 13; i++)
		u[i] = user(1000 + i);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 13; i++)
			POST(u[i * 7 % 13], 40 * 8);
		for (int i = 0; i < 13; i++) {
			REFUSED(u[i * 5 % 13], 3000);
			POST(u[i * 5 % 13], 40 * 8);
		}
		for (int i = 0; i < 25; i++)
			take_one(server);
		/* The last one of the second row is alone now, at both ends. */
		REFUSED(u[0], 3300);
		POST(u[60 % 13], 20000);
		ASSERT_EQ(2, take_all(server));
		POST(u[round], HALF);
		ASSERT_EQ(1, take_all(server));
	}
}

/* --- who is charged --- */

TEST_F(quota, processes_of_a_user_count_together)
{
	struct port *server = manager(), *a = user(1000), *again = user(1000), *b = user(1001);

	QUOTA("25");
	POST(b, 0);
	POST(a, QUARTER - 800);
	REFUSED(again, 808);
	POST(again, 800);
	REFUSED(a, 0);
	ASSERT_EQ(3, take_all(server));
}

TEST_F(quota, the_user_of_the_thread_counts)
{
	struct port *server = manager(), *a = process(), *t = thread_of(a);

	become(t, 1001);
	QUOTA("10");
	POST(a, 20000);
	POST(t, 800);
	REFUSED(a, 0);
	POST(t, LITTLE - 800);
	REFUSED(t, 0);
	ASSERT_EQ(3, take_all(server));
}

TEST_F(quota, a_message_stays_with_the_user_who_sent_it)
{
	struct port *server = manager(), *a = process(), *b = user(1000);

	QUOTA("10");
	POST(a, LITTLE);
	become(a, 1001);
	POST(a, LITTLE - 800);
	POST(a, 800);
	REFUSED(a, 0);
	POST(b, 0);
	become(a, 0);
	REFUSED(a, 0);
	ASSERT_EQ(4, take_all(server));
	POST(a, HALF);
	ASSERT_EQ(1, take_all(server));
}

/* --- what is charged, what is refused --- */

TEST_F(quota, calls_that_are_waited_for)
{
	struct port *server = manager(), *a = user(1000), *b = user(1001);

	QUOTA("25");
	POST(b, 0);
	call_msg(a, (struct bnd_msg){ .code = 7, .data = shared(0), .size = QUARTER + 1 });
	GO(a, FAILED);
	EXTERR(a, "FAILED ENOSPC");
	call_msg(a, (struct bnd_msg){ .code = 7, .data = shared(0), .size = QUARTER });
	GO(a, "EAGAIN");
	GO(server, "NOOP TXN:1");
	free_last(server);
	GO(server, "NOOP TXN:7");
	reply(server, 0, 0);
	GO(server, OK);
	GO(a, "NOOP COMPLETE REPLY:0");
	/* Its buffer was not freed yet. */
	POST(b, QUARTER);
	REFUSED(b, 0);
	REFUSED(a, 0);
	bnd_cmd_free_buffer(&server->w, server->txn.data.ptr.buffer);
	WRITE(server, "");
	POST(b, QUARTER);
	ASSERT_EQ(2, take_all(server));
}

TEST_F(quota, replies_are_charged_and_never_refused)
{
	struct port *mgr = manager(), *c = process(), *server = user(1000), *other = user(1001);
	uint32_t to_server = give(server, c, 0x10, 0, 0);
	uint32_t from_server = give(c, server, 0x20, 0, 0);
	uint32_t from_other = give(c, other, 0x20, 0, 0);

	(void)mgr;
	QUOTA("25");
	ASSERT_STREQ(OK, post_to(other, from_other, 0));
	for (int i = 0; i < 2; i++) {
		deliver(c, server, to_server, 7);
		reply_msg(server, (struct bnd_msg){ .data = shared(0), .size = 20000 });
		free_last(server);
		GO(server, OK);
		GO(c, "NOOP COMPLETE REPLY:0");
	}
	/* They are the server's all the same. */
	ASSERT_STREQ(FAILED, post_to(server, from_server, 0));
	EXTERR(server, "FAILED ENOSPC");
	ASSERT_STREQ(OK, post_to(other, from_other, QUARTER - 8));
	ASSERT_STREQ(FAILED, post_to(other, from_other, 0));
	EXTERR(other, "FAILED ENOSPC");
}

TEST_F(quota, failed_calls_are_not_charged)
{
	struct port *server = manager(), *a = user(1000), *b = user(1001);

	QUOTA("25");
	POST(b, 0);
	for (int i = 0; i < 3; i++) {
		call_msg(a, (struct bnd_msg){
			.code = 1, .flags = TF_ONE_WAY, .data = (void *)4096, .size = QUARTER,
		});
		GO(a, FAILED);
		EXTERR(a, "FAILED EFAULT");
	}
	POST(a, QUARTER);
	REFUSED(a, 0);
	ASSERT_EQ(2, take_all(server));
}

TEST_F(quota, messages_count_that_were_sent_without_one)
{
	struct port *server = manager(), *a = user(1000), *b = user(1001);

	POST(a, QUARTER);
	POST(b, 0);
	QUOTA("25");
	REFUSED(a, 0);
	QUOTA("26");
	POST(a, 0);
	QUOTA("25");
	REFUSED(a, 0);
	QUOTA("0");
	POST(a, 0);
	QUOTA("25");
	REFUSED(a, 0);
	ASSERT_EQ(4, take_all(server));
}

TEST_F(quota, every_area_for_itself)
{
	struct port *mgr = manager(), *server = process(), *a = user(1000), *b = user(1001);
	uint32_t h = give(server, a, 0x10, 0, 0);

	QUOTA("25");
	POST(a, QUARTER);
	POST(b, 0);
	REFUSED(a, 0);
	ASSERT_STREQ(OK, post_to(a, h, HALF));
	ASSERT_EQ(2, take_all(mgr));
	ASSERT_EQ(1, take_all(server));
}

TEST_HARNESS_MAIN
