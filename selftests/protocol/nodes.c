// SPDX-License-Identifier: GPL-2.0-only
/*
 * Questions about nodes: an owner about its own, one after the other, and the
 * context manager about those it has handles to.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "protocol_test.h"

#define BAD_ADDRESS 0x10

PROTOCOL_FIXTURE(nodes);

/* The node of @p behind @ptr as "ptr:cookie strong weak"; "none" for none. */
static const char *node_after(struct port *p, uint64_t ptr)
{
	struct binder_node_debug_info info = {
		.ptr = ptr, .cookie = ~0ull, .has_strong_ref = ~0u, .has_weak_ref = ~0u,
	};
	static char text[64];
	int err = ioc(p, BINDER_GET_NODE_DEBUG_INFO, &info, sizeof(info));

	if (err)
		fail("BINDER_GET_NODE_DEBUG_INFO: %s", strerror(-err));
	if (!info.ptr && !info.cookie && !info.has_strong_ref && !info.has_weak_ref)
		return "none";
	snprintf(text, sizeof(text), "%llx:%llx %u %u", (unsigned long long)info.ptr,
		 (unsigned long long)info.cookie, info.has_strong_ref, info.has_weak_ref);
	return text;
}

/* What @mgr is told of the node of @handle: "strong weak", or the error. */
static const char *counts(struct port *mgr, uint32_t handle)
{
	struct binder_node_info_for_ref info = { .handle = handle };
	static char text[64];
	int err = ioc(mgr, BINDER_GET_NODE_INFO_FOR_REF, &info, sizeof(info));

	if (err)
		return strerrorname_np(-err);
	if (info.handle != handle || info.reserved1 || info.reserved2 || info.reserved3)
		return "other fields changed";
	snprintf(text, sizeof(text), "%u %u", info.strong_count, info.weak_count);
	return text;
}

#define NODE_AFTER(p, ptr, want) ASSERT_STREQ(want, node_after(p, ptr))
#define COUNTS(mgr, handle, want) ASSERT_STREQ(want, counts(mgr, handle))

/* --- BINDER_GET_NODE_DEBUG_INFO --- */

TEST_F(nodes, walk_goes_up_and_ends)
{
	struct port *mgr = manager(), *owner = process();

	(void)mgr;
	NODE_AFTER(owner, 0, "none");
	give(owner, mgr, 0x30, 0x31, 0);
	give(owner, mgr, 0x10, 0x11, 0);
	give(owner, mgr, ~0ull, 0x41, 0);
	give(owner, mgr, 0x20, 0, 0);
	NODE_AFTER(owner, 0, "10:11 1 1");
	NODE_AFTER(owner, 0xf, "10:11 1 1");
	NODE_AFTER(owner, 0x10, "20:0 1 1");
	NODE_AFTER(owner, 0x11, "20:0 1 1");
	NODE_AFTER(owner, 0x20, "30:31 1 1");
	NODE_AFTER(owner, 0x30, "ffffffffffffffff:41 1 1");
	NODE_AFTER(owner, ~0ull - 1, "ffffffffffffffff:41 1 1");
	NODE_AFTER(owner, ~0ull, "none");
}

#define NAMES 24

/* Goes through all of @owner's objects; those of @handles that are not 0 have to be there. */
static void look_at_all(struct port *owner, const uint32_t *handles)
{
	uint64_t last = 0;

	for (int i = 0; i <= NAMES; i++) {
		char want[64] = "none";

		if (i < NAMES && !handles[i])
			continue;
		if (i < NAMES)
			snprintf(want, sizeof(want), "%x:%x 1 1", 0x10 * (i + 1), i);
		if (strcmp(want, node_after(owner, last)))
			fail("behind %llx: got '%s', not '%s'", (unsigned long long)last,
			     node_after(owner, last), want);
		last = 0x10ull * (i + 1);
	}
}

static void lose(struct port *mgr, struct port *owner, uint32_t *handle)
{
	drop(mgr, *handle);
	only_write(mgr);
	*handle = 0;
	if (!strstr(go(owner), "DECREFS"))
		fail("owner: got '%s'", owner->got);
}

/*
 * Objects come and go, often the one behind that which came last, or that one itself,
 * whose memory may be another process's object then.
 */
TEST_F_TIMEOUT(nodes, walk_is_right_whatever_came_and_went, 300)
{
	struct port *mgr = manager(), *owner = process(), *other = process();
	uint32_t random = 1, i = 0, others_handle = 0;
	uint32_t handles[NAMES] = {};

	for (int round = 0; round < 400; round++) {
		random = random * 1103515245 + 12345;
		switch (random >> 16 & 7) {
		case 0 ... 3:
			i = (i + 1) % NAMES;
			break;
		case 4:
			break;
		default:
			i = (random >> 20) % NAMES;
		}
		if (handles[i]) {
			lose(mgr, owner, &handles[i]);
			if (!others_handle)
				others_handle = give(other, mgr, 1, 0, 0);
		} else {
			handles[i] = give(owner, mgr, 0x10 * (i + 1), i, 0);
			if (others_handle)
				lose(mgr, other, &others_handle);
		}
		look_at_all(owner, handles);
	}
}

TEST_F(nodes, walk_sees_own_nodes_only)
{
	struct port *mgr = manager(), *owner = process(), *other = process();
	struct port *again = open_again(owner, AREA);

	give(owner, mgr, 0x10, 0x11, 0);
	NODE_AFTER(other, 0, "none");
	NODE_AFTER(mgr, 0, "none");
	NODE_AFTER(again, 0, "none");
	NODE_AFTER(thread_of(owner), 0, "10:11 1 1");
	NODE_AFTER(child_of(owner), 0, "10:11 1 1");
}

/* The flags say what the owner was told, not what is. */
TEST_F(nodes, walk_shows_what_the_owner_was_told)
{
	struct port *mgr = manager(), *owner = process();

	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	WRITE(owner, "");
	NODE_AFTER(owner, 0, "10:20 0 0");
	GO(owner, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE");
	NODE_AFTER(owner, 0, "10:20 1 1");
	both_done(owner, 0x10, 0x20);
	GO(owner, "EAGAIN");
	NODE_AFTER(owner, 0, "10:20 1 1");
	GO(mgr, "NOOP TXN:1");
	bnd_cmd_increfs(&mgr->w, 1);
	free_last(mgr);
	GO(mgr, "EAGAIN");
	NODE_AFTER(owner, 0, "10:20 1 1");
	GO(owner, "NOOP RELEASE:10:20");
	NODE_AFTER(owner, 0, "10:20 0 1");
	bnd_cmd_decrefs(&mgr->w, 1);
	GO(mgr, "EAGAIN");
	NODE_AFTER(owner, 0, "10:20 0 1");
	GO(owner, "NOOP DECREFS:10:20");
	NODE_AFTER(owner, 0, "none");
}

TEST_F(nodes, walk_shows_a_weak_node)
{
	struct port *mgr = manager(), *owner = process();

	(void)mgr;
	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_weak_binder(0x10, 0x20, 0));
	GO(owner, "NOOP INCREFS:10:20 COMPLETE");
	NODE_AFTER(owner, 0, "10:20 0 1");
}

/* A manager's node has no notices to wait for; at 0 it is behind nothing. */
TEST_F(nodes, walk_never_sees_address_0)
{
	struct flat_binder_object obj = bnd_obj_binder(0x50, 0x51, 0);
	struct port *mgr = manager(), *other;

	give(mgr, process(), 0x10, 0x11, 0);
	NODE_AFTER(mgr, 0, "10:11 1 1");
	NODE_AFTER(mgr, 0x10, "none");
	die(mgr);
	peers_end();
	other = process();
	ASSERT_EQ(0, ioc(other, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj)));
	NODE_AFTER(other, 0, "50:51 1 1");
}

static uint8_t *unwritable_page(void)
{
	uint8_t *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		fail("no page");
	return page;
}

TEST_F(nodes, walk_bad_pointer)
{
	uint8_t *page = unwritable_page();
	struct port *p = process();

	ASSERT_EQ(-EFAULT, ioc_at(p, BINDER_GET_NODE_DEBUG_INFO, 0));
	ASSERT_EQ(-EFAULT, ioc_at(p, BINDER_GET_NODE_DEBUG_INFO, BAD_ADDRESS));
	ASSERT_EQ(-EFAULT, ioc_at(p, BINDER_GET_NODE_DEBUG_INFO, 1ull << 63));
	ASSERT_EQ(-EFAULT, ioc_at(p, BINDER_GET_NODE_DEBUG_INFO, (uintptr_t)page));
	ASSERT_EQ(-EFAULT, ioc_at(p, BINDER_GET_NODE_DEBUG_INFO, (uintptr_t)page + 4096 - 8));
}

/* --- BINDER_GET_NODE_INFO_FOR_REF: who may ask, and how --- */

TEST_F(nodes, counts_are_for_the_manager)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0), g = give(owner, mgr, 0x10, 0x20, 0);

	COUNTS(c, h, "EPERM");
	COUNTS(c, 77, "EPERM");
	COUNTS(owner, 1, "EPERM");
	/* The process is not enough: it is this open. */
	COUNTS(open_again(mgr, AREA), g, "EPERM");
	COUNTS(mgr, g, "2 0");
	COUNTS(thread_of(mgr), g, "2 0");
	COUNTS(child_of(mgr), g, "2 0");
}

TEST_F(nodes, counts_without_a_manager)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0);

	die(mgr);
	COUNTS(c, h, "EPERM");
}

TEST_F(nodes, counts_want_zeroes)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t g = give(owner, mgr, 0x10, 0x20, 0);

	for (size_t i = 1; i < sizeof(struct binder_node_info_for_ref) / 4; i++) {
		uint32_t words[sizeof(struct binder_node_info_for_ref) / 4] = { g };

		words[i] = 1u << (5 * i);
		ASSERT_EQ(-EINVAL, ioc(mgr, BINDER_GET_NODE_INFO_FOR_REF, words, sizeof(words))) {
			TH_LOG("word %zu", i);
		}
		/* Looked at before the question who asks. */
		ASSERT_EQ(-EINVAL, ioc(c, BINDER_GET_NODE_INFO_FOR_REF, words, sizeof(words)));
	}
	COUNTS(mgr, g, "1 0");
}

TEST_F(nodes, counts_of_bad_handles)
{
	struct port *mgr = manager(), *owner = process();
	uint32_t g = give(owner, mgr, 0x10, 0x20, 0);

	COUNTS(mgr, 0, "EINVAL");
	COUNTS(mgr, g + 1, "EINVAL");
	COUNTS(mgr, ~0u, "EINVAL");
	/* A weak handle will not do. */
	bnd_cmd_release(&mgr->w, g);
	GO(mgr, "EAGAIN");
	COUNTS(mgr, g, "EINVAL");
	bnd_cmd_decrefs(&mgr->w, g);
	GO(mgr, "EAGAIN");
	COUNTS(mgr, g, "EINVAL");
}

TEST_F(nodes, counts_bad_pointer)
{
	struct port *mgr = manager(), *p = process();
	uint8_t *page;

	ASSERT_EQ(-EFAULT, ioc_at(mgr, BINDER_GET_NODE_INFO_FOR_REF, 0));
	ASSERT_EQ(-EFAULT, ioc_at(mgr, BINDER_GET_NODE_INFO_FOR_REF, BAD_ADDRESS));
	ASSERT_EQ(-EFAULT, ioc_at(mgr, BINDER_GET_NODE_INFO_FOR_REF, 1ull << 63));
	ASSERT_EQ(-EFAULT, ioc_at(p, BINDER_GET_NODE_INFO_FOR_REF, BAD_ADDRESS));
	die(mgr);
	peers_end();
	page = unwritable_page();
	mgr = manager();
	/* Handle 0 is looked for before the answer is written. */
	ASSERT_EQ(-EINVAL, ioc_at(mgr, BINDER_GET_NODE_INFO_FOR_REF, (uintptr_t)page));
}

static long protect(struct port *p, void *arg)
{
	(void)p;
	return mprotect(arg, 4096, PROT_READ) ? -errno : 0;
}

TEST_F(nodes, counts_that_cannot_be_written)
{
	struct binder_node_info_for_ref *info = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
						     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct port *mgr = manager(), *owner = process();

	ASSERT_NE(MAP_FAILED, (void *)info);
	info->handle = give(owner, mgr, 0x10, 0x20, 0);
	ASSERT_EQ(0, run(mgr, protect, info));
	ASSERT_EQ(-EFAULT, ioc_at(mgr, BINDER_GET_NODE_INFO_FOR_REF, (uintptr_t)info));
	ASSERT_EQ(0, info->strong_count);
}

/* --- BINDER_GET_NODE_INFO_FOR_REF: what counts --- */

TEST_F(nodes, counts_processes_not_references)
{
	struct port *mgr = manager(), *owner = process(), *a = process(), *b = process();
	uint32_t g = give(owner, mgr, 0x10, 0x20, 0), to_a, to_b;

	COUNTS(mgr, g, "1 0");
	to_a = give(owner, a, 0x10, 0x20, 0);
	g = give(owner, mgr, 0x10, 0x20, 0);
	COUNTS(mgr, g, "2 0");
	to_b = give(owner, b, 0x10, 0x20, 0);
	g = give(owner, mgr, 0x10, 0x20, 0);
	COUNTS(mgr, g, "3 0");
	for (int i = 0; i < 5; i++)
		take(a, to_a);
	take(mgr, g);
	GO(a, "EAGAIN");
	GO(mgr, "EAGAIN");
	COUNTS(mgr, g, "3 0");
	/* Weak handles do not count at all. */
	bnd_cmd_release(&b->w, to_b);
	GO(b, "EAGAIN");
	COUNTS(mgr, g, "2 0");
	die(a);
	die(b);
	drop(mgr, g);
	GO(mgr, "EAGAIN");
}

TEST_F(nodes, counts_what_is_not_acknowledged)
{
	struct port *mgr = manager(), *owner = process();

	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	WRITE(owner, "");
	GO(mgr, "NOOP TXN:1");
	/* Not told yet. */
	COUNTS(mgr, 1, "1 0");
	GO(owner, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE");
	COUNTS(mgr, 1, "2 1");
	bnd_cmd_acquire_done(&owner->w, 0x10, 0x20);
	WRITE(owner, "");
	COUNTS(mgr, 1, "1 1");
	bnd_cmd_increfs_done(&owner->w, 0x10, 0x20);
	WRITE(owner, "");
	COUNTS(mgr, 1, "1 0");
}

TEST_F(nodes, counts_messages_under_way)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0), g = give(owner, mgr, 0x10, 0x20, 0);

	COUNTS(mgr, g, "2 0");
	call(c, h, 1, 0);
	GO(c, "EAGAIN");
	COUNTS(mgr, g, "3 0");
	GO(owner, "NOOP TXN:1");
	COUNTS(mgr, g, "3 0");
	/* The buffer counts, answered or not. */
	reply(owner, 0, 0);
	GO(owner, "NOOP COMPLETE");
	COUNTS(mgr, g, "3 0");
	free_last(owner);
	GO(owner, "EAGAIN");
	COUNTS(mgr, g, "2 0");
	GO(c, "NOOP COMPLETE REPLY:0");
	for (int i = 0; i < 3; i++)
		call(c, h, i, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE COMPLETE COMPLETE");
	COUNTS(mgr, g, "5 0");
	GO(owner, "NOOP TXN:0");
	free_last(owner);
	GO(owner, "NOOP TXN:1");
	COUNTS(mgr, g, "4 0");
	/* To another node of the same owner: not this one's. */
	h = give(owner, c, 0x30, 0x40, 0);
	call(c, h, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	COUNTS(mgr, g, "4 0");
}

TEST_F(nodes, counts_handles_in_messages)
{
	struct port *mgr = manager(), *owner = process(), *a = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0), to_a = give(a, c, 0x99, 0, 0);
	uint32_t g = give(owner, mgr, 0x10, 0x20, 0);

	COUNTS(mgr, g, "2 0");
	/* Not even read: it is the receiver's already. */
	call_obj(c, to_a, 1, TF_ONE_WAY, bnd_obj_handle(h));
	call_obj(c, to_a, 2, TF_ONE_WAY, bnd_obj_weak_handle(h));
	GO(c, "NOOP COMPLETE COMPLETE");
	COUNTS(mgr, g, "3 0");
	GO(a, "NOOP TXN:1");
	free_last(a);
	GO(a, "NOOP TXN:2");
	COUNTS(mgr, g, "2 0");
	free_last(a);
	GO(a, "EAGAIN");
	COUNTS(mgr, g, "2 0");
}

TEST_F(nodes, counts_objects_come_home)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t other = give(owner, c, 0x50, 0, 0), h = give(owner, c, 0x10, 0x20, 0);
	uint32_t g = give(owner, mgr, 0x10, 0x20, 0);
	struct flat_binder_object both[3] = {
		bnd_obj_handle(h), bnd_obj_weak_handle(h), bnd_obj_weak_handle(h),
	};

	COUNTS(mgr, g, "2 0");
	call_msg(c, objects(other, 1, TF_ONE_WAY, 3, both));
	GO(c, "NOOP COMPLETE");
	COUNTS(mgr, g, "3 2");
	GO(owner, "NOOP TXN:1");
	COUNTS(mgr, g, "3 2");
	free_last(owner);
	GO(owner, "EAGAIN");
	COUNTS(mgr, g, "2 0");
}

/* A message that is refused leaves nothing, whatever it held on the way. */
TEST_F(nodes, counts_after_a_refused_message)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0), g = give(owner, mgr, 0x10, 0x20, 0);
	struct flat_binder_object bad[3] = {
		bnd_obj_handle(h), bnd_obj_weak_handle(h), bnd_obj_handle(99),
	};

	call_msg(c, objects(h, 1, TF_ONE_WAY, 3, bad));
	GO(c, "NOOP FAILED");
	COUNTS(mgr, g, "2 0");
	call_msg(c, objects(0, 1, TF_ONE_WAY, 3, bad));
	GO(c, "NOOP FAILED");
	COUNTS(mgr, g, "2 0");
}

TEST_F(nodes, counts_of_a_weak_node)
{
	struct port *mgr = manager(), *owner = process();

	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_weak_binder(0x10, 0x20, 0));
	GO(owner, "NOOP INCREFS:10:20 COMPLETE");
	GO(mgr, "NOOP TXN:1");
	COUNTS(mgr, 1, "EINVAL");
	call_obj(owner, 0, 2, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	GO(owner, "NOOP ACQUIRE:10:20 COMPLETE");
	COUNTS(mgr, 1, "2 1");
}

/* Only the handles of others are left. */
TEST_F(nodes, counts_of_a_dead_owner)
{
	struct port *mgr = manager(), *owner = process(), *a = process(), *b = process();
	uint32_t h = give(owner, a, 0x10, 0x20, 0), g = give(owner, mgr, 0x10, 0x20, 0);
	uint32_t to_b = give(b, a, 0x99, 0, 0);

	call(a, h, 1, TF_ONE_WAY);
	call_obj(a, h, 2, TF_ONE_WAY, bnd_obj_handle(h));
	bnd_cmd_request_death(&a->w, h, 0xd);
	GO(a, "NOOP COMPLETE COMPLETE");
	bnd_cmd_request_death(&mgr->w, g, 0xe);
	GO(mgr, "EAGAIN");
	COUNTS(mgr, g, "5 0");
	die(owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:d", go_blocking(a));
	ASSERT_STREQ("NOOP DEAD_BINDER:e", go_blocking(mgr));
	COUNTS(mgr, g, "2 0");
	call_obj(a, to_b, 1, TF_ONE_WAY, bnd_obj_handle(h));
	GO(a, "NOOP COMPLETE");
	COUNTS(mgr, g, "3 0");
	drop(a, h);
	GO(a, "EAGAIN");
	COUNTS(mgr, g, "2 0");
}

TEST_F(nodes, the_end_is_told_to_any_idle_thread)
{
	struct port *mgr = manager(), *owner = process(), *idle = thread_of(owner);
	uint32_t h = give(owner, mgr, 0x10, 0x20, 0);

	START_ASLEEP(idle);
	drop(mgr, h);
	GO(mgr, "EAGAIN");
	/* It may be quick enough to come between the two counts that fall. */
	if (!strcmp(finish(idle), "NOOP RELEASE:10:20")) {
		GO(idle, "NOOP DECREFS:10:20");
		return;
	}
	ASSERT_STREQ("NOOP RELEASE:10:20 DECREFS:10:20", idle->got);
}

TEST_HARNESS_MAIN
