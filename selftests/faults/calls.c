// SPDX-License-Identifier: GPL-2.0-only
/* Messages while memory and copies fail. */
#include <errno.h>
#include <sys/mman.h>

#include "faults_test.h"

#define LARGE (48 * 1024)

FAULTS_FIXTURE(fault_call);

SWEEP(fault_call, in_a_call)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		char *data = memset(shared(100), 'x', 100);

		call_data(p.c, p.h, 7, 0, data, 100);
		strike(p.c);
		go(p.c);
		outcome(told(p.c), "EAGAIN", "NOOP FAILED, FAILED ENOMEM",
			"NOOP FAILED, FAILED EFAULT");
		still_works(&p);
	}
}

SWEEP(fault_call, in_its_delivery)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();

		call_data(p.c, p.h, 7, 0, "data", 4);
		ASSERT_STREQ("EAGAIN", go(p.c));
		strike(p.server);
		/* No page for what the client reads into. */
		outcome(go(p.server), "NOOP TXN:7", "EFAULT", NULL);
		if (!strcmp(p.server->got, "NOOP TXN:7"))
			answer(p.server, p.c);
		still_works(&p);
	}
}

/* Where there is nothing else, and no page table. */
static long do_map_far_away(struct port *p, void *arg)
{
	void *map = mmap((void *)(1ul << 45), AREA, PROT_READ,
			 MAP_PRIVATE | MAP_FIXED_NOREPLACE, p->conn->fd, 0);

	(void)arg;
	if (map == MAP_FAILED)
		return -errno;
	p->conn->map = map;
	p->conn->map_size = AREA;
	return 0;
}

static long do_touch(struct port *p, void *arg)
{
	(void)arg;
	return *(volatile char *)(uintptr_t)p->txn.data.ptr.buffer ? -EIO : 0;
}

/* What could not be mapped when it was delivered is mapped when it is looked at. */
SWEEP(fault_call, in_looking_at_what_was_received)
{
	FOR_EACH_FAULT() {
		struct port *mgr = process_on("/dev/binder", 0), *c = process();

		ASSERT_EQ(0, run(mgr, do_map_far_away, NULL));
		ASSERT_EQ(0, ioc_at(mgr, BINDER_SET_CONTEXT_MGR, 0));
		/* So that it has a page to read into. */
		call(mgr, 77, 1, TF_ONE_WAY);
		ASSERT_STREQ("NOOP FAILED", go(mgr));
		/* Its first message. Peers look at data; there is none. */
		call(c, 0, 7, 0);
		ASSERT_STREQ("EAGAIN", go(c));
		strike_first(mgr);
		ASSERT_STREQ("NOOP TXN:7", go(mgr));
		strike(mgr);
		outcome(error_of(run(mgr, do_touch, NULL)), "0", NULL, NULL);
		answer(mgr, c);
		still_work(c, mgr, 0);
	}
}

SWEEP(fault_call, in_a_reply)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		char *data = memset(shared(100), 'x', 100);

		deliver(p.c, p.server, p.h, 7);
		reply_msg(p.server, (struct bnd_msg){ .code = 8, .data = data, .size = 100 });
		strike(p.server);
		go(p.server);
		outcome(told(p.server), "NOOP COMPLETE", "NOOP FAILED, FAILED ENOMEM",
			"NOOP FAILED, FAILED EFAULT");
		/* The call is still the server's, and its buffer, too. */
		if (strcmp(p.server->got, "NOOP COMPLETE")) {
			ASSERT_STREQ("EAGAIN", go(p.c));
			answer(p.server, p.c);
		} else {
			free_last(p.server);
			only_write(p.server);
		}
		still_works(&p);
	}
}

SWEEP(fault_call, in_the_delivery_of_a_reply)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();

		deliver(p.c, p.server, p.h, 7);
		free_last(p.server);
		reply(p.server, 0, 0);
		ASSERT_STREQ("NOOP COMPLETE", go(p.server));
		strike(p.c);
		outcome(go(p.c), "NOOP COMPLETE REPLY:0", "EFAULT", NULL);
		free_received(p.c);
		still_works(&p);
	}
}

SWEEP(fault_call, in_a_oneway_call)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();

		/* The second waits behind the first, and is delivered when that is freed. */
		call_data(p.c, p.h, 7, TF_ONE_WAY, "data", 4);
		ASSERT_STREQ("NOOP COMPLETE", go(p.c));
		call_data(p.c, p.h, 8, TF_ONE_WAY, "data", 4);
		strike(p.c);
		go(p.c);
		outcome(told(p.c), "NOOP COMPLETE", "NOOP FAILED, FAILED ENOMEM",
			"NOOP FAILED, FAILED EFAULT");
		still_works(&p);
	}
}

SWEEP(fault_call, in_freeing_a_oneway_call)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();

		for (int i = 7; i < 9; i++) {
			call(p.c, p.h, i, TF_ONE_WAY);
			ASSERT_STREQ("NOOP COMPLETE", go(p.c));
		}
		ASSERT_STREQ("NOOP TXN:7", go(p.server));
		free_last(p.server);
		strike(p.server);
		outcome(go(p.server), "NOOP TXN:8", "EFAULT", NULL);
		free_received(p.server);
		still_works(&p);
	}
}

/* More pages than are filled at a time, each copied by itself, and more than a page of offsets. */
SWEEP(fault_call, in_a_large_call)
{
	FOR_EACH_FAULT() {
		enum { OBJECTS = 600 };
		struct pair p = pair();
		uint8_t *data = shared(LARGE);
		uint64_t *offsets = shared(OBJECTS * sizeof(*offsets));
		struct flat_binder_object obj = bnd_obj_handle(p.h);

		memset(data, 1, LARGE);
		for (int i = 0; i < OBJECTS; i++) {
			offsets[i] = i * sizeof(obj);
			memcpy(data + offsets[i], &obj, sizeof(obj));
		}
		call_msg(p.c, (struct bnd_msg){
			.handle = p.h, .code = 7, .data = data, .size = LARGE,
			.offsets = offsets, .noffsets = OBJECTS,
		});
		strike(p.c);
		go(p.c);
		outcome(told(p.c), "EAGAIN", "NOOP FAILED, FAILED ENOMEM",
			"NOOP FAILED, FAILED EFAULT");
		still_works(&p);
	}
}

/* Whole windows of slots, which get blocks of pages, or single ones where there is no block. */
SWEEP(fault_call, in_a_call_of_blocks)
{
	FOR_EACH_FAULT() {
		struct port *mgr = process_on("/dev/binder", 4 * AREA), *c = process();
		char *data = memset(shared(2 * AREA), 'x', 2 * AREA);

		ASSERT_EQ(0, ioc_at(mgr, BINDER_SET_CONTEXT_MGR, 0));
		/* So that it has a page to read into. */
		call(c, 77, 1, TF_ONE_WAY);
		ASSERT_STREQ("NOOP FAILED", go(c));
		call_data(c, 0, 7, 0, data, 2 * AREA);
		strike(c);
		go(c);
		outcome(told(c), "EAGAIN", "NOOP FAILED, FAILED ENOMEM",
			"NOOP FAILED, FAILED EFAULT");
		still_work(c, mgr, 0);
	}
}

TEST_HARNESS_MAIN
