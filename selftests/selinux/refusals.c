// SPDX-License-Identifier: GPL-2.0-only
/*
 * What SELinux refuses under the policy of policy.conf: becoming manager,
 * calling, passing objects and files. Asked are the credentials that the
 * openers of both files had; and what is refused leaves nothing behind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "selinux_test.h"

#define USER "u:r:user_t"
#define MUTE "u:r:mute_t"
#define DEAF "u:r:deaf_t"
#define PRIVATE "u:r:private_t"
#define CLOSED "u:r:closed_t"
#define WORKER "u:r:worker_t"
#define EXACT_FIT "u:r:exact_fit_t"

static void copy_to(const char *from, const char *to)
{
	static char policy[1 << 20];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY);
	ssize_t n = read(in, policy, sizeof(policy));

	if (n <= 0 || write(out, policy, n) != n)
		fail("%s to %s: %s", from, to, strerror(errno));
	close(in);
	close(out);
}

/* Once; it cannot be taken back. */
static void load_policy(void)
{
	char enforcing = '0';
	int fd;

	if (access("/sys/fs/selinux/enforce", F_OK))
		mount("selinuxfs", "/sys/fs/selinux", "selinuxfs", 0, NULL);
	fd = open("/sys/fs/selinux/enforce", O_RDWR);
	if (fd < 0 || read(fd, &enforcing, 1) != 1)
		fail("this kernel did not boot with SELinux");
	if (enforcing == '0') {
		copy_to("policy", "/sys/fs/selinux/load");
		if (pwrite(fd, "1", 1, 0) != 1)
			fail("the policy cannot be enforced");
	}
	close(fd);
}

FIXTURE(refusals) {
	char unused;
};

FIXTURE_SETUP(refusals)
{
	(void)self;
	(void)variant;
	running_test = _metadata;
	peers_begin(fail_test);
	load_policy();
	page = page_before_a_hole();
}

FIXTURE_TEARDOWN(refusals)
{
	(void)_metadata;
	(void)self;
	(void)variant;
	peers_end();
}

/* A manager that takes files, and a client of its. */
static void manager_and_client(const char *manager, const char *client)
{
	mgr = process_with(manager);
	become_manager(mgr, ACCEPTS);
	server = mgr;
	handle = 0;
	c = process_with(client);
}

#define REFUSED_AT(p, other)						\
	do {								\
		GO(p, "NOOP FAILED");					\
		EXTERR(p, "FAILED EPERM");				\
		GO(p, "EAGAIN");					\
		GO(other, "EAGAIN");					\
	} while (0)

/* --- becoming manager --- */

TEST_F(refusals, manager_gets_the_reason)
{
	struct flat_binder_object obj = bnd_obj_binder(0x10, 0, 0);
	struct port *p = process_with(WORKER);

	ASSERT_EQ(-EACCES, ioc_at(p, BINDER_SET_CONTEXT_MGR, 0));
	ASSERT_EQ(-EACCES, ioc(p, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj)));
	manager_and_client(USER, USER);
	ping(c, mgr, 0);
}

static long other_user(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	return seteuid(1000) ? -errno : 0;
}

TEST_F(refusals, manager_is_asked_about_between_busy_and_user)
{
	struct port *worker = process_with(WORKER), *other = process_with(USER);

	/* The user of the managers before is recorded. */
	manager_and_client(USER, USER);
	ASSERT_EQ(-EBUSY, ioc_at(worker, BINDER_SET_CONTEXT_MGR, 0));
	die(mgr);
	die(c);
	ASSERT_EQ(0, run(worker, other_user, NULL));
	ASSERT_EQ(0, run(other, other_user, NULL));
	ASSERT_EQ(-EACCES, try_manager(worker, 0));
	ASSERT_EQ(-EPERM, try_manager(other, 0));
}

/* On a device nobody used before. */
TEST_F(refusals, manager_refused_is_not_recorded)
{
	struct port *worker, *other;

	setenv("BINDER_DEV", "/dev/vndbinder", 1);
	worker = process_with(WORKER);
	ASSERT_EQ(-EACCES, ioc_at(worker, BINDER_SET_CONTEXT_MGR, 0));
	other = process_with(USER);
	ASSERT_EQ(0, run(other, other_user, NULL));
	ASSERT_EQ(0, ioc_at(other, BINDER_SET_CONTEXT_MGR, 0));
}

TEST_F(refusals, manager_is_whoever_opened_the_file)
{
	struct port *p = process_with(WORKER);

	set_context(p, USER);
	ASSERT_EQ(-EACCES, ioc_at(p, BINDER_SET_CONTEXT_MGR, 0));
	p = process_with(USER);
	set_context(p, WORKER);
	ASSERT_EQ(0, ioc_at(p, BINDER_SET_CONTEXT_MGR, 0));
}

/* --- calling --- */

TEST_F(refusals, calls_by_the_caller)
{
	manager_and_client(USER, MUTE);
	call(c, 0, 1, 0);
	REFUSED_AT(c, mgr);
	call(c, 0, 1, TF_ONE_WAY);
	REFUSED_AT(c, mgr);
	ping(process_with(USER), mgr, 0);
}

TEST_F(refusals, calls_by_the_callee)
{
	manager_and_client(DEAF, USER);
	call(c, 0, 1, 0);
	REFUSED_AT(c, mgr);
	call(c, 0, 1, TF_ONE_WAY);
	REFUSED_AT(c, mgr);
	ping(process_with(DEAF), mgr, 0);
}

TEST_F(refusals, calls_to_a_handle)
{
	struct port *deaf = process_with(DEAF), *owner = process_with(USER);
	uint32_t h, g;

	mgr = manager();
	c = process_with(USER);
	h = give(deaf, c, 0x10, 0x20, 0);
	g = give(owner, c, 0x30, 0x40, 0);
	call(c, h, 1, 0);
	REFUSED_AT(c, deaf);
	call(c, h, 1, TF_ONE_WAY);
	REFUSED_AT(c, deaf);
	ping(c, owner, g);
	/* The target is known by then, and nothing of it is held. */
	drop(c, h);
	GO(c, "EAGAIN");
	GO(deaf, "NOOP RELEASE:10:20 DECREFS:10:20");
}

TEST_F(refusals, calls_are_asked_about_after_their_target)
{
	manager_and_client(USER, MUTE);
	call(c, 77, 1, 0);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EINVAL");
	die(mgr);
	while (strcmp((call(c, 0, 1, TF_ONE_WAY), go(c)), "NOOP DEAD"))
		ASSERT_STREQ("NOOP FAILED", c->got);
	EXTERR(c, "DEAD EINVAL");
}

TEST_F(refusals, calls_before_anything_is_read)
{
	struct bnd_msg msg = { .size = 64, .data = (void *)0x10 };

	manager_and_client(USER, MUTE);
	call_msg(c, msg);
	REFUSED_AT(c, mgr);
	unmap(mgr);
	call(c, 0, 1, 0);
	REFUSED_AT(c, mgr);
}

TEST_F(refusals, replies_are_not_asked_about)
{
	manager_and_client(MUTE, USER);
	ping(c, mgr, 0);
	die(mgr);
	die(c);
	peers_end();
	manager_and_client(USER, DEAF);
	ping(c, mgr, 0);
}

/* R53, CVE-2021-39686 */
TEST_F(refusals, calls_are_those_of_the_openers)
{
	manager_and_client(USER, USER);
	set_context(c, MUTE);
	set_context(mgr, DEAF);
	ping(c, mgr, 0);
	c = process_with(MUTE);
	set_context(c, USER);
	call(c, 0, 1, 0);
	REFUSED_AT(c, mgr);
}

TEST_F(refusals, calls_of_a_child_are_those_of_the_opener)
{
	struct port *child;

	manager_and_client(USER, USER);
	child = child_of(c);
	set_context(child, MUTE);
	ping(child, mgr, 0);
}

/* --- passing objects --- */

/* No node, nothing to be told, no handle. */
#define NOTHING_OFFERED(p)						\
	do {								\
		struct binder_node_debug_info info = { 0 };		\
									\
		ASSERT_EQ(0, ioc(p, BINDER_GET_NODE_DEBUG_INFO, &info, sizeof(info))); \
		ASSERT_EQ(0, info.ptr);					\
	} while (0)

static void refuse_objects(struct __test_metadata *_metadata)
{
	struct flat_binder_object obj[4];

	take(c, 0);
	GO(c, "EAGAIN");
	call_obj(c, 0, 1, 0, bnd_obj_binder(0x10, 0x20, 0));
	REFUSED_AT(c, mgr);
	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_weak_binder(0x10, 0x20, 0));
	REFUSED_AT(c, mgr);
	NOTHING_OFFERED(c);
	/* Its own object comes home to the manager. */
	call_obj(c, 0, 1, 0, bnd_obj_handle(0));
	REFUSED_AT(c, mgr);
	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_weak_handle(0));
	REFUSED_AT(c, mgr);
	for (int i = 0; i < 4; i++)
		obj[i] = bnd_obj_binder(0x10 * (i + 1), 0, 0);
	call_msg(c, objects(0, 1, 0, 4, obj));
	REFUSED_AT(c, mgr);
	NOTHING_OFFERED(c);
	/* Without objects it works. */
	ping(c, mgr, 0);
}

TEST_F(refusals, objects_of_the_sender)
{
	manager_and_client(USER, PRIVATE);
	refuse_objects(_metadata);
}

TEST_F(refusals, objects_for_the_receiver)
{
	manager_and_client(PRIVATE, USER);
	refuse_objects(_metadata);
}

TEST_F(refusals, objects_that_are_wrong_anyway)
{
	manager_and_client(USER, PRIVATE);
	call_obj(c, 0, 1, 0, bnd_obj_handle(55));
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EINVAL");
}

TEST_F(refusals, handles_of_third_parties)
{
	struct port *owner = process_with(USER), *client = process_with(USER);
	struct flat_binder_object both[2];
	uint32_t h;

	mgr = manager();
	h = give(owner, client, 0x10, 0x20, 0);
	die(mgr);
	/* It offers nothing to anybody, but it can be manager. */
	manager_and_client(PRIVATE, USER);
	both[0] = bnd_obj_handle(h);
	both[1] = bnd_obj_weak_handle(h);
	for (int i = 0; i < 2; i++) {
		call_obj(client, 0, 1, 0, both[i]);
		REFUSED_AT(client, mgr);
	}
	/* The handle is all that holds it. */
	drop(client, h);
	GO(client, "EAGAIN");
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
}

static void refuse_reply(struct __test_metadata *_metadata, struct flat_binder_object obj)
{
	deliver(c, mgr, 0, 1);
	free_last(mgr);
	reply_obj(mgr, 2, 0, obj);
	/* The replier is not told. */
	GO(mgr, "NOOP COMPLETE");
	EXTERR(mgr, "OK 0");
	GO(c, "NOOP COMPLETE FAILED");
	EXTERR(c, "FAILED EPERM");
	GO(mgr, "EAGAIN");
}

TEST_F(refusals, objects_in_a_reply)
{
	manager_and_client(USER, PRIVATE);
	refuse_reply(_metadata, bnd_obj_binder(0x10, 0x20, 0));
	refuse_reply(_metadata, bnd_obj_weak_binder(0x10, 0x20, 0));
	NOTHING_OFFERED(mgr);
	die(mgr);
	die(c);
	peers_end();
	manager_and_client(PRIVATE, USER);
	refuse_reply(_metadata, bnd_obj_binder(0x10, 0x20, 0));
	ping(c, mgr, 0);
}

TEST_F(refusals, objects_are_those_of_the_openers)
{
	manager_and_client(USER, USER);
	set_context(c, PRIVATE);
	set_context(mgr, PRIVATE);
	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	GO(c, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE");
	GO(mgr, "NOOP TXN:1");
	ASSERT_EQ(1, got_obj(mgr, 0).handle);
}

/* --- passing files --- */

static void wait_for_nobody(int fd, struct port *p, int end)
{
	close_in(p, end);
	wait_for_end(fd);
	close(fd);
}

TEST_F(refusals, files)
{
	int fds[2], mine;

	manager_and_client(CLOSED, USER);
	pipe_in(c, fds);
	mine = steal(c, fds[0]);
	call_obj(c, 0, 1, 0, fd_obj(fds[1], 0));
	REFUSED_AT(c, mgr);
	call_obj(c, 0, 1, TF_ONE_WAY, fd_obj(fds[1], 0));
	REFUSED_AT(c, mgr);
	wait_for_nobody(mine, c, fds[1]);
	ping(c, mgr, 0);
}

TEST_F(refusals, files_in_arrays)
{
	uint32_t *numbers = shared(16);
	struct parts m = parts(8);
	int fds[2], mine;

	manager_and_client(CLOSED, USER);
	pipe_in(c, fds);
	mine = steal(c, fds[0]);
	numbers[0] = fds[1];
	numbers[1] = fds[1];
	add_ptr(&m, numbers, 8);
	add_fda(&m, 2, 0, 0);
	REFUSED(&m, "EPERM");
	wait_for_nobody(mine, c, fds[1]);
}

TEST_F(refusals, files_in_a_reply)
{
	int fds[2], mine;

	manager_and_client(USER, CLOSED);
	pipe_in(mgr, fds);
	mine = steal(mgr, fds[0]);
	call(c, 0, 1, TF_ACCEPT_FDS);
	GO(c, "EAGAIN");
	GO(mgr, "NOOP TXN:1");
	reply_obj(mgr, 2, 0, fd_obj(fds[1], 0));
	GO(mgr, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE FAILED");
	EXTERR(c, "FAILED EPERM");
	wait_for_nobody(mine, mgr, fds[1]);
}

TEST_F(refusals, files_nobody_agreed_to_and_bad_numbers)
{
	manager_and_client(CLOSED, USER);
	call_obj(c, 0, 1, 0, fd_obj(999, 0));
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EBADF");
}

TEST_F(refusals, files_are_those_of_the_openers)
{
	int fds[2];

	manager_and_client(USER, USER);
	pipe_in(c, fds);
	call_obj(c, 0, 1, TF_ONE_WAY, fd_obj(fds[1], 0));
	GO(c, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN:1");
	ASSERT_TRUE(same_file(c, fds[1], mgr, (int)got_obj(mgr, 0).handle));
}

/* --- contexts under a policy --- */

TEST_F(refusals, contexts_are_whole)
{
	mgr = process_with(USER);
	become_manager(mgr, WANTS_CONTEXT);
	server = mgr;
	handle = 0;
	for (int i = 0; i < 3; i++) {
		static const char *const text[] = { USER, PRIVATE, EXACT_FIT };
		struct parts m = parts(8);

		add_ptr(&m, bytes(16), 16);
		c = process_with(text[i]);
		OK_WITH(&m, text[i]);
		free_last(mgr);
	}
}

TEST_HARNESS_MAIN
