// SPDX-License-Identifier: GPL-2.0-only
/*
 * BINDER_CTL_ADD: devices made by whoever holds the control device.
 *
 * For R62.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "instance.h"
#include "kselftest_harness.h"

/* Room for this many devices beside the default ones. */
#define ROOM 4

FIXTURE(control)
{
	const char *dir;
	int fd;
};

FIXTURE_SETUP(control)
{
	BINDERFS_OR_SKIP();
	self->dir = new_instance("max=7");
	ASSERT_NE(NULL, self->dir);
	self->fd = open_control(self->dir);
	ASSERT_GE(self->fd, 0);
}

FIXTURE_TEARDOWN(control)
{
	close(self->fd);
	EXPECT_EQ(0, detach(self->dir));
	EXPECT_EQ(0, rmdir(self->dir));
}

TEST_F(control, tells_the_numbers)
{
	struct binderfs_device device;
	struct stat st;

	EXPECT_EQ(0xc1086201, BINDER_CTL_ADD);
	ASSERT_EQ(0, ctl_add(self->fd, "added", &device));
	EXPECT_STREQ("added", device.name);
	ASSERT_EQ(0, stat(in(self->dir, "added"), &st));
	EXPECT_EQ(major(st.st_rdev), device.major);
	EXPECT_EQ(minor(st.st_rdev), device.minor);
	EXPECT_EQ(-EPIPE, call_once(in(self->dir, "added")));
}

TEST_F(control, takes_any_mode_of_open)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR, O_RDONLY | O_NONBLOCK };
	char name[] = "device0";
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		fd = open(in(self->dir, "binder-control"), modes[i]);
		ASSERT_GE(fd, 0);
		name[6] = (char)('0' + i);
		EXPECT_EQ(0, ctl_add(fd, name, NULL));
		close(fd);
	}
	/* One that only names the file is none that can be asked. */
	fd = open(in(self->dir, "binder-control"), O_PATH);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(-EBADF, ctl_add(fd, "by_path", NULL));
	close(fd);
}

TEST_F(control, odd_names_are_names)
{
	static const char *const odd[] = { "with space", "\n\t", "\xff\x01", "..." };

	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		EXPECT_EQ(0, ctl_add(self->fd, odd[i], NULL));
		EXPECT_EQ(-EPIPE, call_once(in(self->dir, odd[i])));
	}
}

TEST_F(control, bad_addresses)
{
	struct binderfs_device *page, *across;
	int next = next_minor();

	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, mprotect((char *)page + 4096, 4096, PROT_NONE));
	for (int i = 0; i < 2 * ROOM; i++) {
		EXPECT_EQ(-1, ioctl(self->fd, BINDER_CTL_ADD, NULL));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(-1, ioctl(self->fd, BINDER_CTL_ADD, (void *)16));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(-1, ioctl(self->fd, BINDER_CTL_ADD, (void *)0xffffffff81000000ul));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(-1, ioctl(self->fd, BINDER_CTL_ADD, (void *)0x8000000000000000ul));
		EXPECT_EQ(EFAULT, errno);
		/* All but the last byte can be read. */
		across = (void *)((char *)page + 4096 - sizeof(*page) + 1);
		strcpy(across->name, "across");
		EXPECT_EQ(-1, ioctl(self->fd, BINDER_CTL_ADD, across));
		EXPECT_EQ(EFAULT, errno);
	}
	EXPECT_EQ(ROOM, room_in(self->dir));
	EXPECT_EQ(next, next_minor());
}

TEST_F(control, knows_one_ioctl)
{
	struct binderfs_device device = { .name = "other" };
	static const unsigned long unknown[] = {
		0, BINDER_WRITE_READ, BINDER_VERSION, BINDER_SET_MAX_THREADS,
		_IO('b', 1), _IOW('b', 1, struct binderfs_device),
		_IOR('b', 1, struct binderfs_device), _IOWR('b', 2, struct binderfs_device),
		_IOWR('c', 1, struct binderfs_device), _IOWR('b', 1, char[256]),
	};

	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		EXPECT_EQ(-1, ioctl(self->fd, unknown[i], &device));
		EXPECT_EQ(EINVAL, errno) {
			TH_LOG("%lx", unknown[i]);
		}
	}
	EXPECT_EQ(ROOM, room_in(self->dir));
}

TEST_F(control, adds_to_its_own_instance)
{
	const char *other = new_instance(NULL);

	ASSERT_NE(NULL, other);
	ASSERT_EQ(0, ctl_add(self->fd, "mine", NULL));
	EXPECT_EQ(0, access(in(self->dir, "mine"), F_OK));
	EXPECT_EQ(-1, access(in(other, "mine"), F_OK));
	EXPECT_EQ(0, add_device(other, "mine"));
	EXPECT_NE(minor_of(in(self->dir, "mine")), minor_of(in(other, "mine")));
}

static void as_user(void *arg)
{
	const char *dir = arg;
	int fd;

	need(!setgid(1000) && !setuid(1000));
	need(open_control(dir) == -EACCES);
	need(open(in(dir, "binder"), O_RDWR) < 0 && errno == EACCES);
	/* As Waydroid and others do. */
	fd = open(in(dir, "features/extended_error"), O_RDONLY);
	need(fd >= 0);
	need(open(in(dir, "hwbinder"), O_RDWR) >= 0);
	need(unlink(in(dir, "hwbinder")) && errno == EACCES);
	need(rename(in(dir, "hwbinder"), in(dir, "mine")) && errno == EACCES);
}

TEST_F(control, modes_decide_who_may)
{
	ASSERT_EQ(0, chmod(in(self->dir, "hwbinder"), 0666));
	EXPECT_EQ(0, in_child(as_user, (void *)self->dir));
}

static void as_user_with_descriptor(void *arg)
{
	need(!setgid(1000) && !setuid(1000));
	need(!ctl_add(*(int *)arg, "by_user", NULL));
}

/* The right to add goes with the descriptor; what is made belongs to root. */
TEST_F(control, a_descriptor_can_be_handed_on)
{
	struct stat st;

	EXPECT_EQ(0, in_child(as_user_with_descriptor, &self->fd));
	ASSERT_EQ(0, stat(in(self->dir, "by_user"), &st));
	EXPECT_EQ(S_IFCHR | 0600, st.st_mode);
	EXPECT_EQ(0, st.st_uid);
	EXPECT_EQ(0, st.st_gid);
}

TEST_F(control, devices_are_apart)
{
	struct server one, two, second;

	ASSERT_EQ(0, ctl_add(self->fd, "one", NULL));
	ASSERT_EQ(0, ctl_add(self->fd, "two", NULL));
	ASSERT_EQ(0, serve(&one, in(self->dir, "one")));
	EXPECT_EQ(0, call_once(in(self->dir, "one")));
	EXPECT_EQ(-EPIPE, call_once(in(self->dir, "two")));
	EXPECT_EQ(-EPIPE, call_once(in(self->dir, "binder")));
	ASSERT_EQ(0, serve(&two, in(self->dir, "two")));
	EXPECT_EQ(-EBUSY, serve(&second, in(self->dir, "two")));
	EXPECT_EQ(0, call_once(in(self->dir, "two")));
	end_server(&one);
	end_server(&two);
}

/* One context to each: a manager on every tenth of many devices. */
TEST_F_TIMEOUT(control, contexts_do_not_mix, 60)
{
	static struct bnd_conn managers[100];

	ASSERT_EQ(0, remount(self->dir, NULL));
	for (int i = 0; i < 100; i++) {
		ASSERT_EQ(0, add_device(self->dir, numbered(i)));
		if (i % 10)
			continue;
		ASSERT_EQ(0, open_client(&managers[i], in(self->dir, numbered(i))));
		ASSERT_EQ(0, bnd_become_manager(&managers[i]));
	}
	for (int i = 0; i < 100; i++) {
		struct bnd_conn other;

		ASSERT_EQ(0, open_client(&other, in(self->dir, numbered(i))));
		EXPECT_EQ(i % 10 ? 0 : -EBUSY, bnd_become_manager(&other));
		bnd_close(&other);
		if (i % 10 == 0)
			bnd_close(&managers[i]);
	}
}

static void manager_of_other_user(void *arg)
{
	struct bnd_conn conn;

	need(!setgid(1000) && !setuid(1000));
	need(!open_client(&conn, arg));
	need(bnd_become_manager(&conn) == -EPERM);
}

static void manager_where_none_was(void *arg)
{
	struct bnd_conn conn;

	need(!setgid(1000) && !setuid(1000));
	need(!open_client(&conn, arg));
	need(!bnd_become_manager(&conn));
}

/* A device made again is another one: no manager, and no user who had been it. */
TEST_F(control, a_new_device_knows_nothing_of_the_old)
{
	struct bnd_conn client;
	struct server old;

	ASSERT_EQ(0, ctl_add(self->fd, "name", NULL));
	ASSERT_EQ(0, chmod(in(self->dir, "name"), 0666));
	ASSERT_EQ(0, serve(&old, in(self->dir, "name")));
	ASSERT_EQ(0, open_client(&client, in(self->dir, "name")));
	ASSERT_EQ(0, unlink(in(self->dir, "name")));
	ASSERT_EQ(0, ctl_add(self->fd, "name", NULL));
	ASSERT_EQ(0, chmod(in(self->dir, "name"), 0666));
	EXPECT_EQ(-EPIPE, call_once(in(self->dir, "name")));
	EXPECT_EQ(0, call_manager(&client));
	EXPECT_EQ(0, in_child(manager_where_none_was, (void *)in(self->dir, "name")));
	end_server(&old);
	bnd_close(&client);
}

TEST_F(control, a_device_remembers_its_managers_user)
{
	struct bnd_conn client;
	struct server server;

	ASSERT_EQ(0, chmod(in(self->dir, "binder"), 0666));
	ASSERT_EQ(0, serve(&server, in(self->dir, "binder")));
	ASSERT_EQ(0, open_client(&client, in(self->dir, "binder")));
	end_server(&server);
	ASSERT_TRUE(await_no_manager(&client));
	EXPECT_EQ(0, in_child(manager_of_other_user, (void *)in(self->dir, "binder")));
	bnd_close(&client);
}

TEST_F(control, minors_are_the_lowest_that_are_free)
{
	struct binderfs_device one, two, three;
	const char *other = new_instance(NULL);
	struct bnd_conn open_device;

	ASSERT_NE(NULL, other);
	ASSERT_EQ(0, ctl_add(self->fd, "one", &one));
	ASSERT_EQ(0, add_device(other, "between"));
	ASSERT_EQ(0, ctl_add(self->fd, "two", &two));
	EXPECT_EQ(one.minor + 1, (unsigned int)minor_of(in(other, "between")));
	EXPECT_EQ(one.minor + 2, two.minor);
	ASSERT_EQ(0, unlink(in(self->dir, "one")));
	ASSERT_EQ(0, ctl_add(self->fd, "three", &three));
	EXPECT_EQ(one.minor, three.minor);

	/* That of an open device is free when it is closed. */
	ASSERT_EQ(0, open_client(&open_device, in(self->dir, "three")));
	ASSERT_EQ(0, unlink(in(self->dir, "three")));
	ASSERT_EQ(0, ctl_add(self->fd, "one", &one));
	EXPECT_EQ(two.minor + 1, one.minor);
	bnd_close(&open_device);
	ASSERT_EQ(0, unlink(in(self->dir, "one")));
	ASSERT_EQ(0, ctl_add(self->fd, "one", &one));
	EXPECT_EQ(three.minor, one.minor);
}

/* An open device counts until it is closed. */
TEST_F(control, room_comes_back_with_the_last_close)
{
	struct bnd_conn open_device;

	ASSERT_EQ(0, ctl_add(self->fd, "one", NULL));
	ASSERT_EQ(0, open_client(&open_device, in(self->dir, "one")));
	ASSERT_EQ(0, unlink(in(self->dir, "one")));
	EXPECT_EQ(ROOM - 1, room_in(self->dir));
	bnd_close(&open_device);
	EXPECT_EQ(ROOM, room_in(self->dir));
}

TEST_F(control, a_thousand_times)
{
	int next = next_minor();

	for (int i = 0; i < 1000; i++) {
		ASSERT_EQ(0, ctl_add(self->fd, "again", NULL));
		ASSERT_EQ(0, unlink(in(self->dir, "again")));
	}
	EXPECT_EQ(ROOM, room_in(self->dir));
	EXPECT_EQ(next, next_minor());
}

TEST_HARNESS_MAIN
