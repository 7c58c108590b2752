// SPDX-License-Identifier: GPL-2.0-only
/*
 * R33, CVE-2023-20928, CVE-2022-50240: a sender uses the mapping of an area that its owner
 * unmaps at the moment. Who keeps a pointer to a VMA has no lock that keeps the VMA.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "crowd.h"
#include "protocol_test.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

PROTOCOL_FIXTURE(unmapping);

#define RECEIVERS 24
#define WAYS 6
#define REPLACED 3

static long do_end(struct port *p, void *arg)
{
	uint8_t *map = p->conn->map;
	size_t size = p->conn->map_size;
	long how = (long)arg;

	switch (how) {
	case 0:
		return munmap(map, size);
	case 1:
		return munmap(map + size / 2, PAGE);
	case 2:
		return mremap(map, size, size, MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
			      NULL) == MAP_FAILED;
	case REPLACED:
		return mmap(map, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED;
	case 4:
		return madvise(map, size, MADV_DONTNEED);
	default:
		_exit(0);
	}
}

struct crowd {
	struct sender *senders[SENDERS];
	unsigned int answered;
};

static unsigned int answers(const struct crowd *crowd)
{
	unsigned int sum = 0;

	for (int i = 0; i < SENDERS; i++)
		sum += __atomic_load_n(&crowd->senders[i]->answered, __ATOMIC_RELAXED);
	return sum;
}

static bool answered_more(void *arg)
{
	struct crowd *crowd = arg;

	return answers(crowd) > crowd->answered + SENDERS;
}

static bool becomes_manager(void *arg)
{
	return !ioc_at(arg, BINDER_SET_CONTEXT_MGR, 0);
}

static bool through_or_ended(void *arg)
{
	return is_through(arg) || has_ended(arg);
}

/* Ends a receiver's area in the @how-th way while it is in use. */
static void end_receiver(struct port *server, struct port *t, long how)
{
	run_start(t, do_end, (void *)how);
	wait_until(through_or_ended, t, "the area does not end");
	if (is_through(t) && run_finish(t))
		fail("way %ld to end an area failed", how);
	die(server);
}

/*
 * Receivers follow each other. Each answers something; then its area is unmapped,
 * in part or whole, moved, replaced or emptied, with all senders at it and reclaim.
 * Who gets an answer gets the right one.
 */
TEST_F(unmapping, areas_go_while_they_are_in_use)
{
	struct port *c[SENDERS], *reaper = process();
	bool *stop = shared(1);
	struct crowd crowd;

	*stop = false;
	for (int i = 0; i < SENDERS; i++) {
		c[i] = process_on(device(), CROWD_AREA);
		crowd.senders[i] = new_sender(i, 1u << 30, true);
		run_start(c[i], do_send_words, crowd.senders[i]);
	}
	drop_caches();
	run_start(reaper, do_reap, stop);
	for (long i = 0; i < RECEIVERS; i++) {
		struct port *server = process_on(device(), CROWD_AREA), *t = thread_of(server);
		bool *right = shared(1);

		wait_until(becomes_manager, server, "the manager does not go");
		crowd.answered = answers(&crowd);
		run_start(server, do_serve_words, right);
		wait_until(answered_more, &crowd, "the receiver does not answer");
		ASSERT_TRUE(*right);
		end_receiver(server, t, i % WAYS);
		/* Only other memory in its place makes a message look wrong. */
		ASSERT_TRUE(*right || i % WAYS == REPLACED);
	}
	for (int i = 0; i < SENDERS; i++)
		__atomic_store_n(&crowd.senders[i]->n, 0, __ATOMIC_RELAXED);
	for (int i = 0; i < SENDERS; i++)
		ASSERT_EQ(0, run_finish(c[i]));
	__atomic_store_n(stop, true, __ATOMIC_RELAXED);
	ASSERT_LT(0, run_finish(reaper));
}

TEST_HARNESS_MAIN
