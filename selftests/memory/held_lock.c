// SPDX-License-Identifier: GPL-2.0-only
/*
 * What goes on while the receiver's mmap_lock is held by others.
 *
 * For R32 (CVE-2019-1999, CVE-2023-52438, CVE-2023-52609).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include "held.h"
#include "protocol_test.h"

#define THREE_PAGES (3 * PAGE)
#define LARGE (8 * MIB)

FIXTURE(held) {
	char unused;
};

FIXTURE_SETUP(held)
{
	(void)self;
	(void)variant;
	running_test = _metadata;
	peers_begin(fail_test);
}

FIXTURE_TEARDOWN(held)
{
	(void)_metadata;
	(void)self;
	(void)variant;
	held_end();
	peers_end();
}

#define HELD_BEGIN()							\
	do {								\
		if (!held_begin())					\
			SKIP(return, "this kernel has no FUSE to stop mmap with"); \
	} while (0)

TEST_F(held, reclaim_frees_all_idle_pages)
{
	struct port *server = receiver(MIB), *t = thread_of(server), *c = client();

	HELD_BEGIN();
	release(server, keep(c, server, 'a', MIB));
	ASSERT_EQ(MIB / PAGE, mapped_pages(server, MIB));
	hold(t);
	drop_caches();
	let_go(t);
	ASSERT_EQ(0, mapped_pages(server, MIB));
}

static long do_send(struct port *p, void *arg)
{
	(void)arg;
	return bnd_write(p->conn, &p->w);
}

TEST_F(held, a_sender_does_not_wait)
{
	struct port *server = receiver(AREA), *t = thread_of(server), *c = client();
	bool through;

	HELD_BEGIN();
	hold(t);
	call_msg(c, (struct bnd_msg){ .data = filled('a', THREE_PAGES), .size = THREE_PAGES });
	run_start(c, do_send, NULL);
	through = gets_through(c);
	let_go(t);
	ASSERT_TRUE(through);
	ASSERT_EQ(0, run_finish(c));
	GO(server, "NOOP TXN:0");
	ASSERT_TRUE(is_all(server, 0, THREE_PAGES, 'a'));
}

static bool faults_need_the_lock(void)
{
	struct utsname name;
	int major, minor;

	if (uname(&name) || sscanf(name.release, "%d.%d", &major, &minor) != 2)
		fail("no kernel release");
	return major * 1000 + minor < 6007;
}

static long do_first(struct port *p, void *arg)
{
	(void)arg;
	return *(volatile uint8_t *)p->conn->map;
}

/* The message is sent before, so that any driver comes this far. */
TEST_F(held, a_reader_gets_its_message)
{
	struct port *server = receiver(AREA), *t = thread_of(server), *c = client();
	bool read, touched = false;
	long code = 0;

	HELD_BEGIN();
	/* The buffer it reads into is there: a fault on that would wait. */
	GO(server, "EAGAIN");
	call_msg(c, (struct bnd_msg){
		.data = filled('a', THREE_PAGES), .size = THREE_PAGES, .code = 7,
	});
	GO(c, "EAGAIN");
	hold(t);
	run_start(server, do_read_unseen, NULL);
	read = gets_through(server);
	if (read) {
		code = run_finish(server);
		run_start(server, do_first, NULL);
		touched = gets_through(server) || faults_need_the_lock();
	}
	let_go(t);
	ASSERT_TRUE(read);
	ASSERT_EQ(7, code);
	ASSERT_EQ('a', run_finish(server));
	ASSERT_TRUE(touched);
	ASSERT_TRUE(is_all(server, 0, THREE_PAGES, 'a'));
}

/* In memory of all. */
struct loops {
	bool stop;
	unsigned int begun;	/* of the two that hold the lock most of the time */
};

static long do_map_loop(struct port *p, void *arg)
{
	struct loops *loops = arg;

	(void)p;
	while (!__atomic_load_n(&loops->stop, __ATOMIC_RELAXED)) {
		void *map = mmap(NULL, LARGE / 8, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		if (map == MAP_FAILED || munmap(map, LARGE / 8))
			return -1;
	}
	return 0;
}

static long do_protect_loop(struct port *p, void *arg)
{
	struct loops *loops = arg;
	void *map = mmap(NULL, LARGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	long err = map == MAP_FAILED;

	(void)p;
	__atomic_fetch_add(&loops->begun, 1, __ATOMIC_RELEASE);
	while (!err && !__atomic_load_n(&loops->stop, __ATOMIC_RELAXED))
		err = mprotect(map, LARGE, PROT_READ) ||
		      mprotect(map, LARGE, PROT_READ | PROT_WRITE);
	return err;
}

static bool both_begun(void *arg)
{
	struct loops *loops = arg;

	return __atomic_load_n(&loops->begun, __ATOMIC_ACQUIRE) == 2;
}

/*
 * There is always a holder or one who waits to hold it for writing. At least 99 of
 * 100 idle pages go; it is 100.
 */
TEST_F(held, reclaim_frees_idle_pages_of_who_maps_and_unmaps)
{
	struct port *server = receiver(MAX_AREA), *c = client();
	struct port *t[3] = { thread_of(server), thread_of(server), thread_of(server) };
	struct loops *loops = shared(sizeof(*loops));
	size_t left;

	*loops = (struct loops){ .stop = false };
	release(server, keep(c, server, 'a', MAX_AREA));
	ASSERT_EQ(MAX_AREA / PAGE, mapped_pages(server, MAX_AREA));
	run_start(t[0], do_protect_loop, loops);
	run_start(t[1], do_protect_loop, loops);
	run_start(t[2], do_map_loop, loops);
	wait_until(both_begun, loops, "the loops do not begin");
	drop_caches();
	__atomic_store_n(&loops->stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < 3; i++)
		ASSERT_EQ(0, run_finish(t[i]));
	left = mapped_pages(server, MAX_AREA);
	ASSERT_EQ(0, left) {
		TH_LOG("%zu of %zu are left", left, MAX_AREA / PAGE);
	}
}

TEST_HARNESS_MAIN
