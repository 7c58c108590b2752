// SPDX-License-Identifier: GPL-2.0-only
/*
 * R12, CVE-2023-20938 and CVE-2023-21255: a message that failed before its first object
 * was translated was taken for one whose objects all were, and gave back references that
 * it had never taken. A message that is refused leaves no trace, wherever it fails.
 */
#include "freezer.h"
#include "protocol_test.h"

PROTOCOL_FIXTURE(failed_message);

TEST_F(failed_message, refused_handles_are_given_back)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0);
	struct flat_binder_object bad[3] = {
		bnd_obj_handle(h), bnd_obj_weak_handle(h), bnd_obj_handle(99),
	};

	for (int i = 0; i < 10; i++) {
		call_msg(c, objects(0, 1, 0, 3, bad));
		GO(c, "NOOP FAILED");
		EXTERR(c, "FAILED EINVAL");
	}
	/* The manager has no handle: 1 is free. */
	call(mgr, 1, 1, 0);
	GO(mgr, "NOOP FAILED");
	GO(owner, "EAGAIN");
	/* And the object is gone with its last handle. */
	drop(c, h);
	GO(c, "EAGAIN");
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
}

TEST_F(failed_message, subtle_refused_own_objects_are_given_up)
{
	struct port *mgr = manager(), *owner = process();
	struct flat_binder_object bad[2] = { bnd_obj_binder(0x10, 0x20, 0), bnd_obj_handle(99) };
	bool told;

	call_msg(owner, objects(0, 1, 0, 2, bad));
	go(owner);
	/* It may have been told of the object; then it is told of the end, too. */
	told = !strcmp(owner->got, "NOOP INCREFS:10:20 ACQUIRE:10:20 FAILED");
	if (!told)
		ASSERT_STREQ("NOOP FAILED", owner->got);
	EXTERR(owner, "FAILED EINVAL");
	if (told) {
		both_done(owner, 0x10, 0x20);
		GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
	}
	GO(owner, "EAGAIN");
	/* A new object at the same address, with another cookie. */
	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x10, 0x21, 0));
	GO(owner, "NOOP INCREFS:10:21 ACQUIRE:10:21 COMPLETE");
	GO(mgr, "NOOP TXN:1");
	ASSERT_EQ(1, got_obj(mgr, 0).handle);
}

static struct binder_node_info_for_ref counts(struct port *mgr, uint32_t handle)
{
	struct binder_node_info_for_ref info = { .handle = handle };

	if (ioc(mgr, BINDER_GET_NODE_INFO_FOR_REF, &info, sizeof(info)))
		fail("no counts of handle %u", handle);
	return info;
}

/* A third object of the message, of which something is wrong. */
static void spoil_third(struct binder_transaction_data *t, struct flat_binder_object object)
{
	uint64_t *offsets = (void *)(uintptr_t)t->data.ptr.offsets;

	memcpy((void *)(uintptr_t)(t->data.ptr.buffer + 48), &object, sizeof(object));
	offsets[2] = 48;
	t->offsets_size = 24;
}

#define SPOILS 12

/* The @how-th thing goes wrong with a message of two objects and three offsets. */
static void spoil(struct binder_transaction_data_sg *sg, int how)
{
	struct binder_transaction_data *t = &sg->transaction_data;
	struct flat_binder_object stranger = { .hdr.type = 0x1234 };

	switch (how) {
	case 0:		/* offsets_size is wrong before any object is looked at */
		t->offsets_size = 12;
		break;
	case 1:		/* the first object is misplaced */
		t->data.ptr.offsets += 4;
		break;
	case 2:		/* a third object outside */
		t->offsets_size = 24;
		break;
	case 3:		/* the offsets cannot be read */
		t->data.ptr.offsets = 0x10;
		break;
	case 4:		/* the objects cannot be read */
		t->data.ptr.buffer = 0x10;
		break;
	case 5:		/* no room */
		t->data_size = AREA;
		break;
	case 6:		/* the space for further buffers is no multiple of 8 */
		sg->buffers_size = 12;
		break;
	case 7:		/* a third object of no type, */
		spoil_third(t, stranger);
		break;
	case 8:		/* ... of a handle that there is not, */
		spoil_third(t, bnd_obj_handle(99));
		break;
	case 9:		/* ... with another cookie than it had, */
		spoil_third(t, bnd_obj_binder(0x50, 0x61, 0));
		break;
	case 10:	/* ... a file, of which the receiver takes none, */
		spoil_third(t, fd_obj(0, 0));
		break;
	case 11:	/* ... in the middle of the second */
		spoil_third(t, bnd_obj_handle(0));
		((uint64_t *)(uintptr_t)t->data.ptr.offsets)[2] = 44;
		break;
	}
}

/* Where a message with good objects can fail; counts must not change. */
TEST_F(failed_message, every_failure_gives_everything_back)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0);
	struct flat_binder_object good[3] = { bnd_obj_handle(h), bnd_obj_weak_handle(h) };
	struct bnd_msg m = objects(0, 1, 0, 3, good);
	struct binder_node_info_for_ref before, after;
	uint64_t *offsets = shared(4 * 8);
	uint32_t theirs;

	give(c, mgr, 0x50, 0x60, 0);
	/* What it holds lay where the messages that fail will: nothing of it is theirs. */
	call_msg(c, objects(0, 1, TF_ONE_WAY, 2, good));
	GO(c, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN:1");
	theirs = got_obj(mgr, 0).handle;
	take(mgr, theirs);
	free_last(mgr);
	WRITE(mgr, "");
	m.noffsets = 2;
	before = counts(mgr, theirs);
	for (int i = 0; i < SPOILS; i++) {
		struct binder_transaction_data_sg sg = { .transaction_data = bnd_txn(&m) };

		memcpy(offsets, m.offsets, 16);
		offsets[2] = 72;
		sg.transaction_data.data.ptr.offsets = (uintptr_t)offsets;
		spoil(&sg, i);
		bnd_cmd(&c->w, sg.buffers_size ? BC_TRANSACTION_SG : BC_TRANSACTION, &sg);
		GO(c, "NOOP FAILED");
		exterr(c);
		after = counts(mgr, theirs);
		ASSERT_EQ(0, memcmp(&before, &after, sizeof(before)));
	}
	ping(mgr, owner, theirs);
	drop(mgr, theirs);
	call(mgr, theirs, 1, 0);
	GO(mgr, "NOOP FAILED");
	ping(c, owner, h);
	GO(owner, "EAGAIN");
	drop(c, h);
	GO(c, "EAGAIN");
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
}

/* It is refused when all of it is built, and all of it goes. */
TEST_F(failed_message, for_who_is_frozen_gives_everything_back)
{
	struct port *mgr = manager(), *owner = process(), *c = process(), *freezer = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0);
	struct flat_binder_object good[2] = { bnd_obj_handle(h), bnd_obj_weak_handle(h) };

	freeze_now(freezer, mgr);
	call_msg(c, objects(0, 1, 0, 2, good));
	GO(c, "NOOP FROZEN_REPLY");
	thaw(freezer, mgr);
	GO(mgr, "EAGAIN");
	/* The manager has no handle: 1 is free. */
	call(mgr, 1, 1, 0);
	GO(mgr, "NOOP FAILED");
	drop(c, h);
	GO(c, "EAGAIN");
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
}

TEST_F(failed_message, refused_replies_give_everything_back)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, mgr, 0x10, 0x20, 0);
	struct flat_binder_object bad[3] = {
		bnd_obj_handle(h), bnd_obj_binder(0x30, 0x40, 0), bnd_obj_handle(99),
	};

	for (int i = 0; i < 4; i++) {
		deliver(c, mgr, 0, 1);
		reply_msg(mgr, objects(0, 1, 0, 3, bad));
		go(mgr);
		if (!strcmp(mgr->got, "NOOP INCREFS:30:40 ACQUIRE:30:40 COMPLETE")) {
			both_done(mgr, 0x30, 0x40);
			GO(mgr, "NOOP RELEASE:30:40 DECREFS:30:40");
		} else {
			ASSERT_STREQ("NOOP COMPLETE", mgr->got);
		}
		GO(c, "NOOP COMPLETE FAILED");
		EXTERR(c, "FAILED EINVAL");
		free_last(mgr);
		GO(mgr, "EAGAIN");
	}
	call(c, 1, 1, 0);
	GO(c, "NOOP FAILED");
	drop(mgr, h);
	GO(mgr, "EAGAIN");
	GO(owner, "NOOP RELEASE:10:20 DECREFS:10:20");
}

TEST_HARNESS_MAIN
