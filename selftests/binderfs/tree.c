// SPDX-License-Identifier: GPL-2.0-only
/* What a fresh instance looks like. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "instance.h"
#include "kselftest_harness.h"

/* Features that clients look for; what does not have to be there came with Linux 6.18. */
static const struct {
	const char *name;
	bool required;
} features[] = {
	{ "extended_error", true },
	{ "freeze_notification", true },
	{ "oneway_spam_detection", true },
	{ "transaction_report", false },
};

static const char *feature_path(const char *dir, size_t i)
{
	return in(in(dir, "features"), features[i].name);
}

FIXTURE(tree)
{
	const char *dir;
};

FIXTURE_SETUP(tree)
{
	BINDERFS_OR_SKIP();
	self->dir = new_instance(NULL);
	ASSERT_NE(NULL, self->dir);
}

FIXTURE_TEARDOWN(tree)
{
	EXPECT_EQ(0, detach(self->dir));
	EXPECT_EQ(0, rmdir(self->dir));
}

static int by_name(const struct dirent **one, const struct dirent **two)
{
	return strcmp((*one)->d_name, (*two)->d_name);
}

/* The names in a directory in alphabetical order, without the dots. */
static const char *list(const char *dir)
{
	static char names[4096];
	struct dirent **entries;
	int nr = scandir(dir, &entries, NULL, by_name);

	need(nr >= 0);
	names[0] = '\0';
	for (int i = 0; i < nr; i++) {
		if (entries[i]->d_name[0] != '.') {
			strcat(names, entries[i]->d_name);
			strcat(names, " ");
		}
		free(entries[i]);
	}
	free(entries);
	return names;
}

TEST_F(tree, is_registered_under_its_name_and_magic)
{
	struct statfs st;

	ASSERT_EQ(0, statfs(self->dir, &st));
	EXPECT_EQ(BINDERFS_SUPER_MAGIC, st.f_type);
	EXPECT_EQ(0x6c6f6f70, st.f_type);
	EXPECT_EQ(255, st.f_namelen);
}

TEST_F(tree, has_exactly_these_names)
{
	char known[256] = "";

	EXPECT_STREQ("binder binder-control features hwbinder vndbinder ", list(self->dir));
	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		if (!features[i].required && access(feature_path(self->dir, i), F_OK))
			continue;
		strcat(known, features[i].name);
		strcat(known, " ");
	}
	EXPECT_STREQ(known, list(in(self->dir, "features")));
}

TEST_F(tree, root_is_a_directory_of_roots)
{
	struct stat st;

	ASSERT_EQ(0, stat(self->dir, &st));
	EXPECT_EQ(1, st.st_ino);
	EXPECT_EQ(S_IFDIR | 0755, st.st_mode);
	EXPECT_EQ(0, st.st_uid);
	EXPECT_EQ(0, st.st_gid);
	/* Itself, its entry above, and features/. */
	EXPECT_EQ(3, st.st_nlink);
}

TEST_F(tree, control_is_for_root_only)
{
	struct stat st;

	ASSERT_EQ(0, stat(in(self->dir, "binder-control"), &st));
	EXPECT_EQ(2, st.st_ino);
	EXPECT_EQ(S_IFCHR | 0600, st.st_mode);
	EXPECT_EQ(0, st.st_uid);
	EXPECT_EQ(0, st.st_gid);
	EXPECT_EQ(1, st.st_nlink);
}

TEST_F(tree, inodes_of_devices_follow_their_minors)
{
	struct stat control, st;

	ASSERT_EQ(0, add_device(self->dir, "added"));
	ASSERT_EQ(0, stat(in(self->dir, "binder-control"), &control));
	for (int i = 0; i <= NR_DEFAULTS; i++) {
		const char *name = i < NR_DEFAULTS ? default_devices[i] : "added";

		ASSERT_EQ(0, stat(in(self->dir, name), &st));
		EXPECT_EQ(S_IFCHR | 0600, st.st_mode);
		EXPECT_EQ(0, st.st_uid);
		EXPECT_EQ(0, st.st_gid);
		EXPECT_EQ(1, st.st_nlink);
		EXPECT_EQ(major(control.st_rdev), major(st.st_rdev));
		EXPECT_NE(minor(control.st_rdev), minor(st.st_rdev));
		EXPECT_EQ(minor(st.st_rdev) + 3, st.st_ino);
	}
}

TEST_F(tree, devices_have_numbers_of_their_own)
{
	dev_t numbers[2 * (NR_DEFAULTS + 1)];
	const char *other = new_instance(NULL);
	struct stat st;
	int nr = 0;

	ASSERT_NE(NULL, other);
	for (int i = 0; i < 2; i++) {
		const char *dir = i ? other : self->dir;

		ASSERT_EQ(0, stat(in(dir, "binder-control"), &st));
		numbers[nr++] = st.st_rdev;
		for (int j = 0; j < NR_DEFAULTS; j++) {
			ASSERT_EQ(0, stat(in(dir, default_devices[j]), &st));
			numbers[nr++] = st.st_rdev;
		}
	}
	for (int i = 0; i < nr; i++) {
		for (int j = 0; j < i; j++)
			EXPECT_NE(numbers[i], numbers[j]);
	}
}

TEST_F(tree, major_is_listed)
{
	FILE *file = fopen("/proc/devices", "r");
	unsigned int number, found = 0;
	struct stat st;
	char line[128], name[64];

	ASSERT_NE(NULL, file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%u %63s", &number, name) == 2 && !strcmp(name, "binder"))
			found = number;
	fclose(file);
	ASSERT_EQ(0, stat(in(self->dir, "binder"), &st));
	EXPECT_EQ(found, major(st.st_rdev));
}

TEST_F(tree, features_are_files_that_say_1)
{
	struct stat st;
	char text[16];
	int fd;

	ASSERT_EQ(0, stat(in(self->dir, "features"), &st));
	EXPECT_EQ(S_IFDIR | 0755, st.st_mode);
	EXPECT_EQ(0, st.st_uid);
	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		const char *path = feature_path(self->dir, i);

		if (!features[i].required && access(path, F_OK))
			continue;
		ASSERT_EQ(0, stat(path, &st));
		EXPECT_EQ(S_IFREG | 0444, st.st_mode);
		EXPECT_EQ(0, st.st_uid);
		EXPECT_EQ(0, st.st_gid);
		fd = open(path, O_RDONLY);
		ASSERT_GE(fd, 0);
		/* As libbinder reads it: one byte. */
		EXPECT_EQ(1, read(fd, text, 1));
		EXPECT_EQ('1', text[0]);
		EXPECT_EQ(1, read(fd, text, sizeof(text)));
		EXPECT_EQ('\n', text[0]);
		EXPECT_EQ(0, read(fd, text, sizeof(text)));
		EXPECT_EQ(0, lseek(fd, 0, SEEK_SET));
		EXPECT_EQ(2, read(fd, text, sizeof(text)));
		EXPECT_EQ(0, memcmp(text, "1\n", 2));
		EXPECT_EQ(0, pread(fd, text, sizeof(text), 2));
		close(fd);
	}
	EXPECT_EQ(-1, access(in(self->dir, "features/no_such_feature"), F_OK));
	EXPECT_EQ(ENOENT, errno);
}

TEST_F(tree, features_cannot_be_written)
{
	const char *path = in(self->dir, "features/extended_error");
	char text[16];
	int fd = open(path, O_RDWR);

	/* Root may open everything. */
	ASSERT_GE(fd, 0);
	EXPECT_EQ(-1, write(fd, "0", 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(2, read(fd, text, sizeof(text)));
	EXPECT_EQ(0, memcmp(text, "1\n", 2));
	close(fd);
}

TEST_F(tree, inodes_are_unique)
{
	const char *paths[] = {
		"", "binder-control", "binder", "hwbinder", "vndbinder", "features",
		"features/extended_error", "features/freeze_notification",
		"features/oneway_spam_detection",
	};
	ino_t inodes[ARRAY_SIZE(paths)];
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		ASSERT_EQ(0, stat(in(self->dir, paths[i]), &st));
		inodes[i] = st.st_ino;
		for (size_t j = 0; j < i; j++) {
			EXPECT_NE(inodes[i], inodes[j]) {
				TH_LOG("%s and %s", paths[i], paths[j]);
			}
		}
	}
}

TEST_F(tree, no_logs_unless_asked_for)
{
	EXPECT_EQ(-1, access(in(self->dir, "binder_logs"), F_OK));
	EXPECT_EQ(ENOENT, errno);
}

TEST_F(tree, control_is_no_device)
{
	struct binder_version version;
	int fd = open_control(self->dir);
	char byte;

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-1, ioctl(fd, BINDER_VERSION, &version));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(-1, read(fd, &byte, 1));
	EXPECT_EQ(EINVAL, errno);
	close(fd);
}

TEST_F(tree, device_is_no_control)
{
	struct binderfs_device device = { .name = "more" };
	int fd = open(in(self->dir, "binder"), O_RDWR);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-1, ioctl(fd, BINDER_CTL_ADD, &device));
	EXPECT_EQ(EINVAL, errno);
	close(fd);
}

TEST_F(tree, a_read_only_open_is_enough)
{
	struct binder_version version = { .protocol_version = 0 };
	int fd = open(in(self->dir, "binder"), O_RDONLY);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(0, ioctl(fd, BINDER_VERSION, &version));
	EXPECT_EQ(BINDER_CURRENT_PROTOCOL_VERSION, version.protocol_version);
	close(fd);
}

/* The numbers open nothing outside: who may make nodes gets no device by it. */
TEST_F(tree, numbers_open_nothing_elsewhere)
{
	const char *other = new_dir();
	struct stat st;

	ASSERT_EQ(0, mount("none", other, "tmpfs", 0, NULL));
	ASSERT_EQ(0, stat(in(self->dir, "binder"), &st));
	ASSERT_EQ(0, mknod(in(other, "node"), S_IFCHR | 0600, st.st_rdev));
	EXPECT_EQ(-1, open(in(other, "node"), O_RDWR));
	EXPECT_EQ(ENXIO, errno);
}

/* The device in /dev and the node of an instance have one name and two managers. */
TEST_F(tree, stands_apart_from_the_devices_in_dev)
{
	struct server server;
	struct stat st;

	/* Not one of an instance that is mounted there. */
	ASSERT_EQ(0, stat("/dev/binder", &st));
	ASSERT_EQ(MISC_MAJOR, major(st.st_rdev));
	ASSERT_EQ(0, serve(&server, in(self->dir, "binder")));
	EXPECT_EQ(0, call_once(in(self->dir, "binder")));
	EXPECT_EQ(-EPIPE, call_once("/dev/binder"));
	end_server(&server);
}

TEST_HARNESS_MAIN
