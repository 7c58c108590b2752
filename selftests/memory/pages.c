// SPDX-License-Identifier: GPL-2.0-only
/* When a page of the area is there: filled, live, idle, reclaimed, lost and healed. */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"
#include "parts.h"
#include "protocol_test.h"

/* More than peers look into, so that nobody but the test touches it. */
#define THREE_PAGES (3 * PAGE)

PROTOCOL_FIXTURE(pages);

/* --- live --- */

TEST_F(pages, none_before_the_first_message)
{
	struct port *server = receiver(AREA), *c = client();

	for (size_t at = 0; at < AREA; at += PAGE)
		ASSERT_EQ(-SIGBUS, look(server, at));
	ASSERT_EQ(0, mapped_pages(server, AREA));
	ASSERT_EQ(0, keep(c, server, 'a', 2 * PAGE));
	ASSERT_EQ('a', look(server, 0));
	ASSERT_EQ('a', look(server, 2 * PAGE - 1));
	for (size_t at = 2 * PAGE; at < AREA; at += PAGE)
		ASSERT_EQ(-SIGBUS, look(server, at));
}

TEST_F(pages, beyond_four_mebibytes_there_are_none)
{
	struct port *server = receiver(2 * MAX_AREA), *c = client();

	keep(c, server, 'a', MAX_AREA);
	ASSERT_EQ('a', look(server, MAX_AREA - 1));
	ASSERT_EQ(-SIGBUS, look(server, MAX_AREA));
	ASSERT_EQ(-SIGBUS, look(server, 2 * MAX_AREA - 1));
}

TEST_F(pages, delivered_ones_are_mapped_already)
{
	struct port *server = receiver(AREA), *c = client();

	keep(c, server, 'a', THREE_PAGES);
	ASSERT_EQ(3, mapped_pages(server, AREA));
}

TEST_F(pages, of_a_message_nobody_read_yet)
{
	struct port *server = receiver(AREA), *c = client();
	const size_t size = THREE_PAGES;

	call_msg(c, (struct bnd_msg){ .data = filled('a', size), .size = size });
	GO(c, "EAGAIN");
	ASSERT_EQ('a', look(server, size - 1));
	ASSERT_TRUE(is_all(server, 0, size, 'a'));
	drop_caches();
	ASSERT_TRUE(is_all(server, 0, size, 'a'));
	GO(server, "NOOP TXN:0");
	ASSERT_TRUE(is_all(server, 0, size, 'a'));
}

TEST_F(pages, new_ones_are_zero_beside_the_message)
{
	struct port *server = receiver(AREA), *c = client();

	keep(c, server, 'a', 64);
	ASSERT_TRUE(is_all(server, 0, 64, 'a'));
	ASSERT_TRUE(is_all(server, 64, PAGE - 64, 0));
}

TEST_F(pages, live_ones_are_not_reclaimed)
{
	struct port *server = receiver(AREA), *c = client();
	uint64_t was[3];

	keep(c, server, 'a', THREE_PAGES);
	for (int i = 0; i < 3; i++)
		was[i] = frame(server, i * PAGE);
	for (int i = 0; i < 3; i++)
		drop_caches();
	for (int i = 0; i < 3; i++)
		ASSERT_EQ(was[i], frame(server, i * PAGE));
	ASSERT_TRUE(is_all(server, 0, THREE_PAGES, 'a'));
}

/* --- idle --- */

TEST_F(pages, idle_ones_stay_until_reclaimed)
{
	struct port *server = receiver(AREA), *c = client();
	size_t at = keep(c, server, 'a', THREE_PAGES);
	uint64_t was = frame(server, 0);

	release(server, at);
	ASSERT_EQ(was, frame(server, 0));
	ASSERT_EQ('a', look(server, 0));
	drop_caches();
	ASSERT_EQ(0, mapped_pages(server, AREA));
	for (size_t i = 0; i < 3; i++)
		ASSERT_EQ(-SIGBUS, look(server, i * PAGE));
}

TEST_F(pages, reclaimed_ones_come_back_zeroed)
{
	struct port *server = receiver(AREA), *c = client();

	release(server, keep(c, server, 'a', THREE_PAGES));
	drop_caches();
	ASSERT_EQ(0, keep(c, server, 'b', 64));
	ASSERT_TRUE(is_all(server, 0, 64, 'b'));
	ASSERT_TRUE(is_all(server, 64, PAGE - 64, 0));
	ASSERT_EQ(-SIGBUS, look(server, PAGE));
}

TEST_F(pages, those_used_again_are_not_reclaimed)
{
	struct port *server = receiver(AREA), *c = client();

	release(server, keep(c, server, 'a', THREE_PAGES));
	keep(c, server, 'b', THREE_PAGES);
	drop_caches();
	ASSERT_TRUE(is_all(server, 0, THREE_PAGES, 'b'));
}

TEST_F(pages, shared_by_messages_is_idle_with_the_last)
{
	struct port *server = receiver(AREA), *c = client();
	size_t a = keep(c, server, 'a', PAGE + PAGE / 2), b = keep(c, server, 'b', PAGE + PAGE / 2);

	ASSERT_EQ(0, a);
	ASSERT_EQ(PAGE + PAGE / 2, b);
	release(server, a);
	drop_caches();
	ASSERT_EQ(-SIGBUS, look(server, 0));
	ASSERT_TRUE(is_all(server, b, PAGE + PAGE / 2, 'b'));
	release(server, b);
	drop_caches();
	ASSERT_EQ(0, mapped_pages(server, AREA));
}

TEST_F(pages, all_idle_ones_go_at_once)
{
	struct port *server = receiver(MAX_AREA), *c = client();

	release(server, keep(c, server, 'a', MAX_AREA));
	ASSERT_EQ(MAX_AREA / PAGE, mapped_pages(server, MAX_AREA));
	drop_caches();
	ASSERT_EQ(0, mapped_pages(server, MAX_AREA));
	/* They come back, and go again. */
	release(server, keep(c, server, 'b', MAX_AREA));
	ASSERT_EQ('b', look(server, MAX_AREA - 1));
	drop_caches();
	ASSERT_EQ(0, mapped_pages(server, MAX_AREA));
}

/* Only what is idle goes, wherever it lies. */
TEST_F(pages, every_second_one_goes)
{
	struct port *server = receiver(AREA), *c = client();
	size_t at[16];

	for (int i = 0; i < 16; i++)
		at[i] = keep(c, server, i + 1, PAGE);
	for (int i = 0; i < 16; i += 2)
		release(server, at[i]);
	drop_caches();
	ASSERT_EQ(8, mapped_pages(server, AREA));
	for (int i = 0; i < 16; i++)
		ASSERT_EQ(i & 1 ? i + 1 : -SIGBUS, look(server, at[i]));
}

TEST_F(pages, of_a_failed_message_are_idle)
{
	struct port *server = receiver(AREA), *c = client();

	call_msg(c, (struct bnd_msg){ .data = (void *)PAGE, .size = THREE_PAGES });
	GO(c, "NOOP FAILED");
	GO(server, "EAGAIN");
	drop_caches();
	ASSERT_EQ(0, mapped_pages(server, AREA));
	ASSERT_EQ(-SIGBUS, look(server, 0));
	keep(c, server, 'a', THREE_PAGES);
	ASSERT_TRUE(is_all(server, 0, THREE_PAGES, 'a'));
}

/* --- lost page table entries --- */

struct advice {
	size_t size;
	int advice;
};

static long do_madvise(struct port *p, void *arg)
{
	struct advice *a = arg;

	return madvise(p->conn->map, a->size, a->advice) ? -errno : 0;
}

static int advise(struct port *p, size_t size, int advice)
{
	struct advice *a = shared(sizeof(*a));

	*a = (struct advice){ size, advice };
	return (int)run(p, do_madvise, a);
}

TEST_F(pages, madv_dontneed_is_healed)
{
	struct port *server = receiver(AREA), *c = client();
	uint64_t was;

	keep(c, server, 'a', THREE_PAGES);
	was = frame(server, 0);
	ASSERT_EQ(0, advise(server, AREA, MADV_DONTNEED));
	ASSERT_EQ(0, mapped_pages(server, AREA));
	ASSERT_EQ('a', look(server, 0));
	ASSERT_EQ(was, frame(server, 0));
	ASSERT_TRUE(is_all(server, 0, THREE_PAGES, 'a'));
}

TEST_F(pages, madv_dontneed_before_the_next_message)
{
	struct port *server = receiver(AREA), *c = client();

	release(server, keep(c, server, 'a', THREE_PAGES));
	ASSERT_EQ(0, advise(server, AREA, MADV_DONTNEED));
	keep(c, server, 'b', THREE_PAGES);
	ASSERT_TRUE(is_all(server, 0, THREE_PAGES, 'b'));
}

TEST_F(pages, madv_dontneed_on_idle_ones)
{
	struct port *server = receiver(AREA), *c = client();

	release(server, keep(c, server, 'a', THREE_PAGES));
	ASSERT_EQ(0, advise(server, AREA, MADV_DONTNEED));
	ASSERT_EQ(-SIGBUS, look(server, 0));
	drop_caches();
	ASSERT_EQ(-SIGBUS, look(server, 0));
	ASSERT_FALSE(is_unmapped(c));
}

/* Whatever the kernel answers. */
TEST_F(pages, other_advice_does_no_harm)
{
	const int harmless[] = {
		MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_FREE, MADV_REMOVE,
		MADV_DONTFORK, MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
		MADV_DONTDUMP, MADV_DODUMP, MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_COLD,
		MADV_PAGEOUT, MADV_POPULATE_READ, MADV_POPULATE_WRITE, 25 /* MADV_COLLAPSE */,
		102 /* MADV_GUARD_INSTALL */, 103 /* MADV_GUARD_REMOVE */,
	};
	struct port *server = receiver(AREA), *c = client();
	size_t kept = keep(c, server, 'a', THREE_PAGES);

	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
		advise(server, AREA, harmless[i]);
		ASSERT_TRUE(is_all(server, kept, THREE_PAGES, 'a')) {
			TH_LOG("after advice %d", harmless[i]);
		}
		release(server, keep(c, server, 'b', PAGE));
	}
	ASSERT_EQ(-EINVAL, advise(server, AREA, MADV_WIPEONFORK));
}

static long do_mlock(struct port *p, void *arg)
{
	int err = mlock(p->conn->map, p->conn->map_size) ? -errno : 0;

	(void)arg;
	munlock(p->conn->map, p->conn->map_size);
	return err;
}

TEST_F(pages, mlock_does_not_keep_idle_ones)
{
	struct port *server = receiver(AREA), *c = client();

	release(server, keep(c, server, 'a', THREE_PAGES));
	run(server, do_mlock, NULL);
	drop_caches();
	ASSERT_EQ(0, mapped_pages(server, AREA));
	keep(c, server, 'b', THREE_PAGES);
	ASSERT_TRUE(is_all(server, 0, THREE_PAGES, 'b'));
}

static long do_mlockall(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	return mlockall(MCL_FUTURE) ? -errno : 0;
}

static long do_map(struct port *p, void *arg)
{
	void *map = mmap(NULL, AREA, PROT_READ, MAP_PRIVATE | (int)(long)arg, p->conn->fd, 0);

	p->conn->map = map;
	p->conn->map_size = AREA;
	return map == MAP_FAILED ? -errno : 0;
}

TEST_F(pages, an_area_may_be_asked_for_locked_or_populated)
{
	for (int locked = 0; locked < 2; locked++) {
		struct port *server = receiver(0), *c = client();

		if (locked) {
			ASSERT_EQ(0, run(server, do_mlockall, NULL));
		}
		ASSERT_EQ(0, run(server, do_map, (void *)(long)(locked ? 0 : MAP_POPULATE)));
		release(server, keep(c, server, 'a', THREE_PAGES));
		drop_caches();
		ASSERT_EQ(-SIGBUS, look(server, 0));
		keep(c, server, 'b', THREE_PAGES);
		ASSERT_TRUE(is_all(server, 0, THREE_PAGES, 'b'));
		peers_end();
	}
}

/* --- the memory behind it --- */

/* Free memory grew by an area, or nearly so, since this was set. */
static long free_before;

static bool an_area_more_is_free(void *arg)
{
	(void)arg;
	return free_pages() - free_before >= (long)(MAX_AREA / PAGE * 9 / 10);
}

TEST_F(pages, are_given_back_with_the_file)
{
	struct port *server, *c = client();

	drop_caches();
	server = receiver(MAX_AREA);
	keep(c, server, 'a', MAX_AREA);
	drop_caches();
	free_before = free_pages();
	shut(server);
	wait_until(an_area_more_is_free, NULL, "the pages of a closed file are not free");
}

TEST_F(pages, of_an_unmapped_area_are_reclaimed)
{
	struct port *server = receiver(MAX_AREA), *c = client();

	drop_caches();
	release(server, keep(c, server, 'a', MAX_AREA));
	take_away(server);
	ASSERT_TRUE(is_unmapped(c));
	free_before = free_pages();
	drop_caches();
	ASSERT_TRUE(an_area_more_is_free(NULL));
	/* That was it. */
	free_before = free_pages();
	drop_caches();
	ASSERT_FALSE(an_area_more_is_free(NULL));
}

/* The file lives on in the test, the address space does not. */
TEST_F(pages, of_a_dead_process_are_reclaimed)
{
	struct port *server = receiver(MAX_AREA), *c = client();
	int fd = steal(server, server->conn->fd);
	bool unmapped, more;

	drop_caches();
	release(server, keep(c, server, 'a', MAX_AREA));
	die(server);
	unmapped = is_unmapped(c);
	free_before = free_pages();
	drop_caches();
	more = an_area_more_is_free(NULL);
	/* Whatever the result: the manager shall go. */
	close(fd);
	ASSERT_TRUE(unmapped);
	ASSERT_TRUE(more);
}

TEST_HARNESS_MAIN
