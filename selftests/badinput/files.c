// SPDX-License-Identifier: GPL-2.0-only
/* What files and mappings can be asked for: open, mmap and what is done to the area. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "rows_test.h"

ROWS_FIXTURE(bad_file)

#define PAGE 4096ul

static const char *device = "/dev/binder";

/* --- open and the calls every file has --- */

static long is_binder(int fd)
{
	struct binder_version version;

	return ioctl(fd, BINDER_VERSION, &version) ? -errno : 0;
}

static void open_row(const char *name, int flags)
{
	int fd = open(device, flags, 0600);

	row("open %s", name);
	got("%s", text_of(fd < 0 ? -errno : 0));
	if (fd < 0)
		return;
	got("%s", text_of(is_binder(fd)));
	close(fd);
}

static void calls_on(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT | POLLPRI | POLLRDHUP };
	char byte = 0;
	struct iovec iov = { &byte, 1 };

	row("read");
	got("%s", text_of(read(fd, &byte, 1) < 0 ? -errno : 0));
	row("read nothing");
	got("%s", text_of(read(fd, &byte, 0) < 0 ? -errno : 0));
	row("write");
	got("%s", text_of(write(fd, &byte, 1) < 0 ? -errno : 0));
	row("readv");
	got("%s", text_of(readv(fd, &iov, 1) < 0 ? -errno : 0));
	row("writev");
	got("%s", text_of(writev(fd, &iov, 1) < 0 ? -errno : 0));
	row("pread");
	got("%s", text_of(pread(fd, &byte, 1, 0) < 0 ? -errno : 0));
	row("pwrite");
	got("%s", text_of(pwrite(fd, &byte, 1, 0) < 0 ? -errno : 0));
	row("ftruncate");
	got("%s", text_of(ftruncate(fd, 0) ? -errno : 0));
	row("fallocate");
	got("%s", text_of(fallocate(fd, 0, 0, 4096) ? -errno : 0));
	row("fsync");
	got("%s", text_of(fsync(fd) ? -errno : 0));
	row("splice");
	got("%s", text_of(splice(fd, NULL, fd, NULL, 1, 0) < 0 ? -errno : 0));
	row("poll for what there never is");
	got("%d %#x", poll(&pfd, 1, 0), pfd.revents);
}

TEST_F_TIMEOUT(bad_file, open, TABLE_SECONDS)
{
	int fd;

	rows_begin("open");
	open_row("O_RDONLY", O_RDONLY);
	open_row("O_WRONLY", O_WRONLY);
	open_row("O_RDWR", O_RDWR);
	open_row("all three", O_RDWR | O_WRONLY);
	open_row("O_PATH", O_PATH);
	open_row("O_NONBLOCK", O_RDWR | O_NONBLOCK);
	open_row("O_APPEND", O_RDWR | O_APPEND);
	open_row("O_TRUNC", O_RDWR | O_TRUNC);
	open_row("O_CREAT", O_RDWR | O_CREAT);
	open_row("O_CREAT | O_EXCL", O_RDWR | O_CREAT | O_EXCL);
	open_row("O_DIRECTORY", O_RDONLY | O_DIRECTORY);
	open_row("O_DIRECT", O_RDWR | O_DIRECT);
	open_row("O_ASYNC", O_RDWR | O_ASYNC);
	open_row("O_NOFOLLOW", O_RDWR | O_NOFOLLOW);
	open_row("O_TMPFILE", O_RDWR | O_TMPFILE);
	fd = open(device, O_RDWR);
	ASSERT_LE(0, fd);
	calls_on(fd);
	close(fd);
	ASSERT_EQ(0, rows_end());
}

/* --- mmap --- */

static void mmap_row(const char *name, size_t length, int prot, int flags, off_t offset, int mode)
{
	int fd = open(device, mode);
	void *map;

	row("mmap %s", name);
	map = mmap(NULL, length, prot, flags, fd, offset);
	got("%s", text_of(map == MAP_FAILED ? -errno : 0));
	if (map != MAP_FAILED)
		munmap(map, length);
	/* Once is once, also if it has been unmapped. */
	map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	got("another %s", text_of(map == MAP_FAILED ? -errno : 0));
	if (map != MAP_FAILED)
		munmap(map, PAGE);
	close(fd);
}

static void mmap_lengths(void)
{
	static const size_t lengths[] = {
		0, 1, PAGE - 1, PAGE, PAGE + 1, (4 << 20) - PAGE, (4 << 20) - 1, 4 << 20,
		(4 << 20) + 1, (4 << 20) + PAGE, 1ul << 31, 1ul << 32, 1ul << 40, 1ul << 47, ~0ul,
		~0ul - PAGE,
	};
	char name[64];

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		snprintf(name, sizeof(name), "%#zx bytes", lengths[i]);
		mmap_row(name, lengths[i], PROT_READ, MAP_PRIVATE, 0, O_RDWR);
	}
}

static void mmap_offsets(void)
{
	static const off_t offsets[] = { 1, PAGE, 4 << 20, 1ul << 32, 1ul << 62, -(off_t)PAGE };
	char name[64];

	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		snprintf(name, sizeof(name), "at %#lx", (unsigned long)offsets[i]);
		mmap_row(name, PAGE, PROT_READ, MAP_SHARED, offsets[i], O_RDWR);
	}
}

static void mmap_modes(void)
{
	static const struct {
		const char *name;
		int flags;
	} kinds[] = {
		{ "MAP_SHARED", MAP_SHARED }, { "MAP_PRIVATE", MAP_PRIVATE }, { "no kind", 0 },
		{ "MAP_SHARED_VALIDATE", MAP_SHARED_VALIDATE },
		{ "MAP_NORESERVE", MAP_PRIVATE | MAP_NORESERVE },
		{ "MAP_LOCKED", MAP_SHARED | MAP_LOCKED },
		{ "MAP_POPULATE", MAP_SHARED | MAP_POPULATE },
		{ "MAP_SYNC", MAP_SHARED_VALIDATE | MAP_SYNC },
		{ "MAP_GROWSDOWN", MAP_PRIVATE | MAP_GROWSDOWN },
		{ "MAP_HUGETLB", MAP_SHARED | MAP_HUGETLB },
	}, modes[] = { { "O_RDWR", O_RDWR }, { "O_RDONLY", O_RDONLY }, { "O_WRONLY", O_WRONLY } };
	char name[96];

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(modes); j++) {
			for (int prot = 0; prot < 8; prot++) {
				/* One kind with all protections, all kinds with one. */
				if (i > 1 && prot != PROT_READ)
					continue;
				snprintf(name, sizeof(name), "%s %s prot %d", kinds[i].name,
					 modes[j].name, prot);
				mmap_row(name, PAGE, prot, kinds[i].flags, 0, modes[j].flags);
			}
		}
	}
}

TEST_F_TIMEOUT(bad_file, mmap, TABLE_SECONDS)
{
	rows_begin("mmap");
	mmap_lengths();
	mmap_offsets();
	mmap_modes();
	ASSERT_EQ(0, rows_end());
}

/* --- what can be done to an area --- */

#define PAGES 8

static int fd;
static uint8_t *area;

static void map_area(void)
{
	fd = open(device, O_RDWR);
	area = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	if (area == MAP_FAILED)
		fail("no area");
}

static void unmap_area(void)
{
	munmap(area, PAGES * PAGE);
	close(fd);
}

/* R37, CVE-2026-43433 */
TEST_F_TIMEOUT(bad_file, protection, TABLE_SECONDS)
{
	rows_begin("mprotect");
	for (int prot = 0; prot < 8; prot++) {
		row("mprotect all to %d", prot);
		map_area();
		got("%s", text_of(mprotect(area, PAGES * PAGE, prot) ? -errno : 0));
		unmap_area();
		row("mprotect a page to %d", prot);
		map_area();
		got("%s", text_of(mprotect(area + PAGE, PAGE, prot) ? -errno : 0));
		unmap_area();
	}
	ASSERT_EQ(0, rows_end());
}

struct advice {
	const char *name;
	int advice;
};

static void advise(const struct advice *a)
{
	row("%s", a->name);
	map_area();
	got("%s", text_of(madvise(area, PAGES * PAGE, a->advice) ? -errno : 0));
	unmap_area();
}

/* What every kernel of interest says alike about such a mapping. */
TEST_F_TIMEOUT(bad_file, advice, TABLE_SECONDS)
{
	static const struct advice all[] = {
		{ "NORMAL", MADV_NORMAL }, { "RANDOM", MADV_RANDOM },
		{ "SEQUENTIAL", MADV_SEQUENTIAL }, { "WILLNEED", MADV_WILLNEED },
		{ "DONTNEED", MADV_DONTNEED }, { "FREE", MADV_FREE }, { "REMOVE", MADV_REMOVE },
		{ "DONTFORK", MADV_DONTFORK }, { "DONTDUMP", MADV_DONTDUMP },
		{ "WIPEONFORK", MADV_WIPEONFORK }, { "KEEPONFORK", MADV_KEEPONFORK },
		{ "COLD", MADV_COLD }, { "PAGEOUT", MADV_PAGEOUT },
		{ "POPULATE_READ", MADV_POPULATE_READ }, { "POPULATE_WRITE", MADV_POPULATE_WRITE },
		{ "77", 77 },
	};

	rows_begin("madvise");
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		advise(&all[i]);
	ASSERT_EQ(0, rows_end());
}

TEST_F_TIMEOUT(bad_file, advice_to_merge, TABLE_SECONDS)
{
	static const struct advice mergeable = { "MERGEABLE", MADV_MERGEABLE };
	static const struct advice unmergeable = { "UNMERGEABLE", MADV_UNMERGEABLE };

	if (access("/sys/kernel/mm/ksm", F_OK))
		SKIP(return, "this kernel merges no pages (CONFIG_KSM)");
	rows_begin("madvise-merging");
	advise(&mergeable);
	advise(&unmergeable);
	ASSERT_EQ(0, rows_end());
}

static void remap_row(const char *name, size_t old, size_t new, int flags)
{
	void *to;

	row("mremap %s", name);
	map_area();
	to = mremap(area, old, new, flags, NULL);
	got("%s", text_of(to == MAP_FAILED ? -errno : 0));
	if (to != MAP_FAILED && to != area)
		munmap(to, new);
	unmap_area();
}

TEST_F_TIMEOUT(bad_file, remap, TABLE_SECONDS)
{
	const size_t all = PAGES * PAGE;

	rows_begin("mremap");
	remap_row("to the same", all, all, 0);
	remap_row("larger", all, 2 * all, MREMAP_MAYMOVE);
	remap_row("smaller", all, PAGE, 0);
	remap_row("to nothing", all, 0, 0);
	remap_row("of nothing", 0, all, MREMAP_MAYMOVE);
	remap_row("of less", PAGE, all, MREMAP_MAYMOVE);
	remap_row("of more", 2 * all, all, 0);
	remap_row("without a place", all, all, MREMAP_FIXED);
	remap_row("misaligned", all + 1, all, 0);
	ASSERT_EQ(0, rows_end());
}

/* R37, CVE-2026-43433 */
TEST_F_TIMEOUT(bad_file, other_ways_to_write, TABLE_SECONDS)
{
	int mem = open("/proc/self/mem", O_RDWR);
	uint8_t byte = 1;
	struct iovec from = { &byte, 1 }, to;

	rows_begin("area-writes");
	map_area();
	row("pwrite to /proc/self/mem");
	got("%s", text_of(pwrite(mem, &byte, 1, (off_t)(uintptr_t)area) < 0 ? -errno : 0));
	row("pread of /proc/self/mem");
	got("%s", text_of(pread(mem, &byte, 1, (off_t)(uintptr_t)area) < 0 ? -errno : 0));
	to = (struct iovec){ area, 1 };
	row("process_vm_writev");
	got("%s", text_of(process_vm_writev(getpid(), &from, 1, &to, 1, 0) < 0 ? -errno : 0));
	row("process_vm_readv");
	got("%s", text_of(process_vm_readv(getpid(), &from, 1, &to, 1, 0) < 0 ? -errno : 0));
	row("read(2) into it");
	got("%s", text_of(read(open("/dev/zero", O_RDONLY), area, 1) < 0 ? -errno : 0));
	row("mlock");
	got("%s", text_of(mlock(area, PAGES * PAGE) ? -errno : 0));
	row("msync");
	got("%s", text_of(msync(area, PAGES * PAGE, MS_SYNC) ? -errno : 0));
	row("remap_file_pages");
	got("%s", text_of(syscall(SYS_remap_file_pages, area, PAGE, 0, 1, 0) ? -errno : 0));
	unmap_area();
	close(mem);
	ASSERT_EQ(0, rows_end());
}

TEST_HARNESS_MAIN
