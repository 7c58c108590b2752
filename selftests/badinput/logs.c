// SPDX-License-Identifier: GPL-2.0-only
/* What can be done to files of the log. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rows_test.h"

#define LOGS "/sys/kernel/debug/binder/"
#define BEHIND 0x40000000l

ROWS_FIXTURE(bad_log)

static long errno_if(bool failed)
{
	return failed ? -errno : 0;
}

/* --- opening --- */

static void open_rows(const char *name, const char *path)
{
	static const struct {
		const char *name;
		int flags;
	} all[] = {
		{ "O_RDONLY", O_RDONLY }, { "O_WRONLY", O_WRONLY }, { "O_RDWR", O_RDWR },
		{ "O_TRUNC", O_TRUNC }, { "O_APPEND", O_APPEND }, { "O_NONBLOCK", O_NONBLOCK },
		{ "O_CREAT | O_EXCL", O_CREAT | O_EXCL }, { "O_DIRECTORY", O_DIRECTORY },
		{ "O_DIRECT", O_DIRECT }, { "O_PATH", O_PATH }, { "O_TMPFILE", O_TMPFILE },
	};
	char byte;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		int fd = open(path, all[i].flags, 0600);

		row("open %s %s", name, all[i].name);
		got("%s", text_of(errno_if(fd < 0)));
		if (fd < 0)
			continue;
		got("%s", text_of(errno_if(read(fd, &byte, 1) < 0)));
		close(fd);
	}
}

/* --- reading --- */

static bool same_in_pieces;

/*
 * Byte by byte it is the same text as at once, wherever that ends. Says nothing when the
 * text itself changed meanwhile: somebody who ended before this was released.
 */
static bool is_read_in_pieces(void *path)
{
	static char whole[1 << 16], again[1 << 16];
	int fd = open(path, O_RDONLY);
	ssize_t len = read(fd, whole, sizeof(whole)), at;
	bool still;
	char byte;

	same_in_pieces = len > 0;
	lseek(fd, 0, SEEK_SET);
	for (at = 0; same_in_pieces && at < len; at++)
		same_in_pieces = read(fd, &byte, 1) == 1 && byte == whole[at];
	lseek(fd, 0, SEEK_SET);
	still = read(fd, again, sizeof(again)) == len && (len < 0 || !memcmp(whole, again, len));
	close(fd);
	return still;
}

static void read_rows(const char *name, const char *path)
{
	int fd = open(path, O_RDONLY);
	char byte;

	row("%s byte by byte", name);
	wait_until(is_read_in_pieces, (void *)path, "a text that stays");
	got("%s", same_in_pieces ? "same" : "other");
	row("read nothing of %s", name);
	got("%ld", (long)read(fd, &byte, 0));
	for (int i = 0; i < NR_PLACES - 1; i++) {
		row("read %s to %s", name, places[i].name);
		got("%s", text_of(errno_if(read(fd, (void *)places[i].address, 1) < 0)));
	}
	row("read %s then", name);
	got("%ld", (long)read(fd, &byte, 1));
	row("pread %s at -1", name);
	got("%s", text_of(errno_if(pread(fd, &byte, 1, -1) < 0)));
	row("pread %s far behind", name);
	got("%s", text_of(pread(fd, &byte, 1, BEHIND) < 0 ? -errno : 0));
	close(fd);
}

static void seek_rows(const char *name, const char *path)
{
	static const struct {
		const char *name;
		off_t to;
		int from;
	} all[] = {
		{ "to 0", 0, SEEK_SET }, { "to 1", 1, SEEK_SET }, { "to -1", -1, SEEK_SET },
		{ "far behind", BEHIND, SEEK_SET }, { "forward", 1, SEEK_CUR },
		{ "back", -1, SEEK_CUR }, { "to the end", 0, SEEK_END },
		{ "before the end", -1, SEEK_END }, { "to data", 0, SEEK_DATA },
		{ "from nowhere", 0, 77 },
	};
	char byte;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		int fd = open(path, O_RDONLY);
		off_t at = lseek(fd, all[i].to, all[i].from);

		row("seek in %s %s", name, all[i].name);
		got("%s", text_of(at < 0 ? -errno : 0));
		got("%ld", (long)read(fd, &byte, 1));
		close(fd);
	}
}

/* --- everything else --- */

static void other_rows(const char *name, const char *path)
{
	int fd = open(path, O_RDONLY), all = open(path, O_RDWR);
	struct pollfd pfd = { .fd = fd, .events = POLLIN | POLLOUT };
	struct binder_version version;
	void *map;

	row("write to %s", name);
	got("%s", text_of(errno_if(write(all, "1", 1) < 0)));
	row("pwrite to %s", name);
	got("%s", text_of(errno_if(pwrite(all, "1", 1, 0) < 0)));
	row("ftruncate %s", name);
	got("%s", text_of(errno_if(ftruncate(all, 0))));
	row("fallocate %s", name);
	got("%s", text_of(errno_if(fallocate(all, 0, 0, 4096))));
	row("map %s", name);
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	got("%s", text_of(errno_if(map == MAP_FAILED)));
	row("poll %s", name);
	got("%d %#x", poll(&pfd, 1, 0), pfd.revents);
	row("ioctl of %s", name);
	got("%s", text_of(errno_if(ioctl(fd, BINDER_VERSION, &version))));
	row("fsync %s", name);
	got("%s", text_of(errno_if(fsync(fd))));
	row("rename %s", name);
	got("%s", text_of(errno_if(rename(path, LOGS "new"))));
	row("link %s", name);
	got("%s", text_of(errno_if(link(path, LOGS "new"))));
	row("unlink %s", name);
	got("%s", text_of(errno_if(unlink(path))));
	close(all);
	close(fd);
}

static void all_rows(const char *name, const char *path)
{
	open_rows(name, path);
	read_rows(name, path);
	seek_rows(name, path);
	other_rows(name, path);
}

TEST_F_TIMEOUT(bad_log, files, TABLE_SECONDS)
{
	static const char *const names[] = {
		"state", "stats", "transactions", "transaction_log", "failed_transaction_log",
	};
	struct port *server = manager(), *c = process();
	char path[128];

	/* Something to tell, of both kinds. */
	deliver(c, server, 0, 7);
	answer(server, c);
	call(c, 77, 7, TF_ONE_WAY);
	go(c);
	rows_begin("logs");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), LOGS "%s", names[i]);
		all_rows(names[i], path);
	}
	snprintf(path, sizeof(path), LOGS "proc/%d", server->pid);
	all_rows("a process", path);
	ASSERT_EQ(0, rows_end());
}

/* --- a file about somebody who goes --- */

/* The file of a process goes when it is closed; what the files tell, when it was released. */
static bool is_gone(void *arg)
{
	static char text[1 << 16];
	const struct port *p = arg;
	char path[128], head[32];
	ssize_t len = 0, got;
	int fd;

	snprintf(path, sizeof(path), LOGS "proc/%d", p->pid);
	snprintf(head, sizeof(head), "\nproc %d\n", p->pid);
	fd = open(LOGS "state", O_RDONLY);
	if (fd < 0)
		return false;
	while ((got = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += got;
	close(fd);
	text[len] = '\0';
	return access(path, F_OK) && !strstr(text, head);
}

TEST_F_TIMEOUT(bad_log, of_the_gone, TABLE_SECONDS)
{
	static const char *const when[] = { "unread", "half read", "read" };
	static char text[1 << 16];

	rows_begin("logs-of-the-gone");
	for (size_t i = 0; i < ARRAY_SIZE(when); i++) {
		struct port *p = process();
		char path[128];
		long len;
		int fd;

		snprintf(path, sizeof(path), LOGS "proc/%d", p->pid);
		fd = open(path, O_RDONLY);
		len = i ? read(fd, text, i == 1 ? 10 : sizeof(text)) : 0;
		die(p);
		wait_until(is_gone, p, "a process that is still there");
		row("%s, and gone", when[i]);
		got("%s", text_of(errno_if(fd < 0)));
		got("%s", len < 0 ? "cannot be read" : "could be read");
		len = read(fd, text, sizeof(text));
		got("then %s", len < 0 ? text_of(-errno) : len ? "some" : "no more");
		row("%s, gone and from the begin", when[i]);
		got("%s", text_of(errno_if(lseek(fd, 0, SEEK_SET) < 0)));
		len = read(fd, text, sizeof(text));
		got("then %s", len < 0 ? text_of(-errno) : len ? "some" : "no more");
		close(fd);
	}
	row("an open of who is gone");
	got("%s", text_of(errno_if(open(LOGS "proc/1", O_RDONLY) < 0)));
	row("an open of a name that is none");
	got("%s", text_of(errno_if(open(LOGS "proc/none", O_RDONLY) < 0)));
	row("a new file");
	got("%s", text_of(errno_if(open(LOGS "proc/2", O_RDWR | O_CREAT, 0600) < 0)));
	row("a new directory");
	got("%s", text_of(errno_if(mkdir(LOGS "new", 0700))));
	ASSERT_EQ(0, rows_end());
}

TEST_HARNESS_MAIN
