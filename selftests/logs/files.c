// SPDX-License-Identifier: GPL-2.0-only
/* The files themselves: which there are, for how long, and how they can be read. */
#include <errno.h>
#include <fcntl.h>
#include <linux/android/binderfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logs_test.h"

LOGS_FIXTURE(files);

/* The first of them are old. */
#define NR_OLD_FILES 5

static const char *const all_files[] = {
	"state", "stats", "transactions", "transaction_log", "failed_transaction_log",
	"state_hashed", "transactions_hashed", "memory",
};

static size_t nr_files(void)
{
	return ours() ? ARRAY_SIZE(all_files) : NR_OLD_FILES;
}

/* Name of the file of a process, in shared memory. */
static const char *pid_file(struct port *p)
{
	char *file = shared(32);

	snprintf(file, 32, "proc/%d", p->pid);
	return file;
}

TEST_F(files, are_there_and_read_only)
{
	struct stat st;
	char path[256];

	ASSERT_EQ(0, stat(DEBUGFS_LOGS, &st));
	ASSERT_TRUE(S_ISDIR(st.st_mode));
	for (size_t i = 0; i < nr_files(); i++) {
		snprintf(path, sizeof(path), "%s/%s", DEBUGFS_LOGS, all_files[i]);
		ASSERT_EQ(0, stat(path, &st));
		ASSERT_EQ(S_IFREG | 0444, st.st_mode);
		ASSERT_EQ(0, st.st_uid);
	}
}

/* --- files of processes -------------------------------------------------------------- */

TEST_F(files, pid_file_from_open_to_close)
{
	struct port *c = process();
	struct stat st;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", DEBUGFS_LOGS, pid_file(c));
	ASSERT_EQ(0, stat(path, &st));
	ASSERT_EQ(S_IFREG | 0444, st.st_mode);
	shut(c);
	ASSERT_FALSE(have_log(DEBUGFS_LOGS, pid_file(c)));
}

TEST_F(files, pid_file_until_the_last_close)
{
	struct port *first = process(), *second = open_again(first, AREA);

	shut(first);
	ASSERT_TRUE(have_log(DEBUGFS_LOGS, pid_file(first)));
	shut(second);
	ASSERT_FALSE(have_log(DEBUGFS_LOGS, pid_file(first)));
}

static long close_and_open(struct port *p, void *arg)
{
	char file[32];

	(void)arg;
	snprintf(file, sizeof(file), "proc/%d", p->pid);
	for (int i = 0; i < rounds(2000); i++) {
		bnd_close(p->conn);
		if (bnd_open(p->conn, "/dev/binder", 0, 0))
			return -errno;
		if (!have_log(DEBUGFS_LOGS, file))
			return -ENOENT;
	}
	return 0;
}

/* What was closed may still be on its way out. */
TEST_F(files, pid_file_of_who_closes_and_opens_again)
{
	ASSERT_EQ(0, run(process(), close_and_open, NULL));
}

TEST_F(files, pid_file_has_all_opens_of_the_process)
{
	struct port *first = process(), *other = process();

	(void)other;
	open_again(first, AREA);
	name(first, "C");
	SAME("binder proc state:\n"
	     "proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n"
	     "binder proc state:\n"
	     "proc C\n"
	     "context binder\n"
	     "  thread C: l 00 need_return 0 tr 0\n",
	     named(read_log(DEBUGFS_LOGS, pid_file(first))));
}

static bool has_no_file(void *arg)
{
	return !have_log(DEBUGFS_LOGS, pid_file(arg));
}

TEST_F(files, pid_file_goes_with_a_killed_process)
{
	struct port *c = process();

	die(c);
	wait_until(has_no_file, c, "the file of a dead process");
}

static int open_log(const char *dir, const char *file)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return open(path, O_RDONLY | O_CLOEXEC);
}

TEST_F(files, pid_file_read_after_the_process_died)
{
	struct port *c = process();
	int fresh = open_log(DEBUGFS_LOGS, pid_file(c));
	int half = open_log(DEBUGFS_LOGS, pid_file(c));
	char text[256];
	ssize_t got;

	ASSERT_LE(0, fresh);
	ASSERT_LE(0, half);
	ASSERT_EQ(1, read(half, text, 1));
	die(c);
	gone(c);
	/* Nothing, or what was there, or no file any more. */
	got = read(fresh, text, sizeof(text));
	ASSERT_TRUE(!got || (got < 0 && errno == EIO));
	got = read(half, text, sizeof(text));
	ASSERT_TRUE(got >= 0 || errno == EIO);
	close(fresh);
	close(half);
}

/* --- ways to read ---------------------------------------------------------------------- */

/* Something of everything. */
static void busy_scene(void)
{
	struct port *s = manager(), *c = process(), *o = process();
	uint32_t handle;

	for (int i = 0; i < 20; i++)
		give(o, c, 0x10 * (i + 1), i, 0);
	handle = give(o, c, 0x10, 0, 0);
	bnd_cmd_request_death(&c->w, handle, 1);
	for (int i = 0; i < 40; i++)
		call(c, 0, i, TF_ONE_WAY);
	call(c, 0, 1, 0);
	only_write(c);
	call(thread_of(c), 777, 1, 0);
	go(s);
}

/* Read by steps of @size bytes. */
static const char *read_by(const char *file, size_t size)
{
	static char text[1024 * 1024];
	int fd = open_log(DEBUGFS_LOGS, file);
	size_t len = 0;
	ssize_t got;

	if (fd < 0)
		fail("%s: %s", file, strerror(errno));
	while ((got = read(fd, text + len, size)) > 0)
		len += got;
	if (got < 0)
		fail("%s: %s", file, strerror(errno));
	text[len] = '\0';
	close(fd);
	return named(text);
}

TEST_F(files, read_in_steps_of_any_size)
{
	static const size_t sizes[] = { 1, 7, 100, 4095, 4097 };

	busy_scene();
	for (size_t i = 0; i < nr_files(); i++) {
		const char *whole = read_by(all_files[i], 1024 * 1024 - 1);

		for (size_t j = 0; j < ARRAY_SIZE(sizes); j++) {
			SAME(whole, read_by(all_files[i], sizes[j]));
		}
	}
}

TEST_F(files, seek)
{
	static char whole[256 * 1024], part[256 * 1024];
	static const char *const steady[] = { "stats", "transaction_log" };

	busy_scene();
	for (int i = 0; i < 2; i++) {
		int fd = open_log(DEBUGFS_LOGS, steady[i]);
		ssize_t len = read(fd, whole, sizeof(whole)), got;

		/* What one read returns is not always all. */
		while ((got = read(fd, whole + len, sizeof(whole) - len)) > 0)
			len += got;
		ASSERT_LT(1000, len);
		ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
		ASSERT_EQ(100, read(fd, part, 100));
		ASSERT_EQ(0, memcmp(whole, part, 100));
		ASSERT_EQ(len / 2, lseek(fd, len / 2, SEEK_SET));
		ASSERT_EQ(100, read(fd, part, 100));
		ASSERT_EQ(0, memcmp(whole + len / 2, part, 100));
		ASSERT_EQ(10, lseek(fd, 10 - len / 2 - 100, SEEK_CUR));
		ASSERT_EQ(100, read(fd, part, 100));
		ASSERT_EQ(0, memcmp(whole + 10, part, 100));
		ASSERT_EQ(50, pread(fd, part, 50, len - 50));
		ASSERT_EQ(0, memcmp(whole + len - 50, part, 50));
		ASSERT_EQ(0, pread(fd, part, 50, len));
		close(fd);
	}
}

/* --- in binderfs ------------------------------------------------------------------------ */

#define MOUNT "/tmp/binderfs.files"
#define BINDERFS_LOGS MOUNT "/binder_logs"

static bool mount_binderfs(const char *options)
{
	mkdir(MOUNT, 0700);
	return !mount("binder", MOUNT, "binder", 0, options);
}

static void unmount_binderfs(int flags)
{
	if (umount2(MOUNT, flags))
		fail("umount: %s", strerror(errno));
	rmdir(MOUNT);
}

TEST_F(files, in_binderfs_where_asked_for)
{
	struct stat st;
	char path[256];

	if (!mount_binderfs(NULL))
		SKIP(return, "no binderfs");
	ASSERT_FALSE(have_log(MOUNT, "binder_logs"));
	unmount_binderfs(0);
	ASSERT_TRUE(mount_binderfs("stats=global"));
	for (size_t i = 0; i < nr_files(); i++) {
		snprintf(path, sizeof(path), "%s/%s", BINDERFS_LOGS, all_files[i]);
		ASSERT_EQ(0, stat(path, &st));
		ASSERT_EQ(S_IFREG | 0444, st.st_mode);
		ASSERT_EQ(-1, unlink(path));
		ASSERT_EQ(EPERM, errno);
	}
	ASSERT_EQ(0, stat(BINDERFS_LOGS "/proc", &st));
	ASSERT_EQ(S_IFDIR | 0755, st.st_mode);
	unmount_binderfs(0);
}

TEST_F(files, in_binderfs_as_in_debugfs)
{
	if (!mount_binderfs("stats=global"))
		SKIP(return, "no binderfs");
	busy_scene();
	for (size_t i = 0; i < nr_files(); i++) {
		const char *text = named(read_log(BINDERFS_LOGS, all_files[i]));

		SAME(text, named(read_log(DEBUGFS_LOGS, all_files[i])));
	}
	unmount_binderfs(0);
}

/* Of those who use devices of this instance; their text tells of all they have. */
TEST_F(files, pid_file_in_the_instance_of_the_device)
{
	struct port *here, *elsewhere, *both;

	if (!mount_binderfs("stats=global"))
		SKIP(return, "no binderfs");
	here = process_on(MOUNT "/hwbinder", AREA);
	elsewhere = process();
	name(here, "H");
	ASSERT_TRUE(have_log(BINDERFS_LOGS, pid_file(here)));
	ASSERT_TRUE(have_log(DEBUGFS_LOGS, pid_file(here)));
	ASSERT_FALSE(have_log(BINDERFS_LOGS, pid_file(elsewhere)));
	both = open_again(here, AREA);
	SAME("binder proc state:\n"
	     "proc H\n"
	     "context binder\n"
	     "  thread H: l 00 need_return 0 tr 0\n"
	     "binder proc state:\n"
	     "proc H\n"
	     "context hwbinder\n"
	     "  thread H: l 00 need_return 0 tr 0\n",
	     named(read_log(BINDERFS_LOGS, pid_file(here))));
	shut(here);
	ASSERT_FALSE(have_log(BINDERFS_LOGS, pid_file(here)));
	ASSERT_TRUE(have_log(DEBUGFS_LOGS, pid_file(here)));
	shut(both);
	ASSERT_FALSE(have_log(DEBUGFS_LOGS, pid_file(here)));
	unmount_binderfs(0);
}

/* The device is closed after the file system lost its name; logs stay readable. */
TEST_F(files, in_a_binderfs_that_was_unmounted)
{
	char text[4096];
	struct port *p;
	int state, pid;

	if (!mount_binderfs("stats=global"))
		SKIP(return, "no binderfs");
	p = process_on(MOUNT "/binder", AREA);
	state = open_log(BINDERFS_LOGS, "state");
	pid = open_log(BINDERFS_LOGS, pid_file(p));
	ASSERT_LE(0, state);
	ASSERT_LE(0, pid);
	ASSERT_EQ(-1, umount2(MOUNT, 0));
	ASSERT_EQ(EBUSY, errno);
	unmount_binderfs(MNT_DETACH);
	ASSERT_LT(0, read(state, text, sizeof(text)));
	ASSERT_LT(0, read(pid, text, sizeof(text)));
	shut(p);
	gone(p);
	ASSERT_EQ(0, lseek(pid, 0, SEEK_SET));
	ASSERT_EQ(0, read(pid, text, sizeof(text)));
	ASSERT_EQ(0, lseek(state, 0, SEEK_SET));
	ASSERT_LT(0, read(state, text, sizeof(text)));
	close(pid);
	close(state);
}

TEST_HARNESS_MAIN
