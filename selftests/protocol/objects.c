// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects in messages: what each kind becomes, where objects may lie, and that a
 * refused message leaves no trace.
 */
#include <errno.h>

#include "protocol_test.h"

PROTOCOL_FIXTURE(objects);

static struct bnd_msg raw(uint32_t handle, const void *data, uint64_t size,
			  const uint64_t *offsets, int noffsets)
{
	return (struct bnd_msg){
		.handle = handle, .code = 1, .data = data, .size = size,
		.offsets = offsets, .noffsets = noffsets,
	};
}

/* --- what becomes of them --- */

TEST_F(objects, binder_becomes_a_handle)
{
	struct port *server = manager(), *c = process();
	struct flat_binder_object o = bnd_obj_binder(0x1000, 0x2000, 0x5a5a10ff), got;

	call_obj(c, 0, 1, 0, o);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	got = got_obj(server, 0);
	ASSERT_EQ(BINDER_TYPE_HANDLE, got.hdr.type);
	ASSERT_EQ(o.flags, got.flags);
	/* All 8 bytes, so that nothing of the address is left. */
	ASSERT_EQ(1, got.binder);
	ASSERT_EQ(0, got.cookie);
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP INCREFS:1000:2000 ACQUIRE:1000:2000 COMPLETE REPLY:0");
}

TEST_F(objects, weak_binder_becomes_a_weak_handle)
{
	struct port *server = manager(), *c = process();
	struct flat_binder_object got;

	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_weak_binder(0xf000000000001000, 0x2000, 0x77));
	GO(c, "NOOP INCREFS:f000000000001000:2000 COMPLETE");
	GO(server, "NOOP TXN:1");
	got = got_obj(server, 0);
	ASSERT_EQ(BINDER_TYPE_WEAK_HANDLE, got.hdr.type);
	ASSERT_EQ(0x77, got.flags);
	ASSERT_EQ(1, got.binder);
	ASSERT_EQ(0, got.cookie);
	/* It is no good for calls. */
	call(server, 1, 1, 0);
	GO(server, "NOOP FAILED");
	EXTERR(server, "FAILED EINVAL");
}

TEST_F(objects, handle_becomes_another_handle)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	struct flat_binder_object o, got;
	uint32_t h;

	/* So that the numbers differ. */
	give(owner, c, 0x10, 0, 0);
	h = give(owner, c, 0x20, 0, 0);
	ASSERT_EQ(2, h);
	o = bnd_obj_handle(h);
	o.flags = 0x12345;
	o.cookie = 0xdead;
	call_obj(c, 0, 1, 0, o);
	GO(c, "EAGAIN");
	GO(mgr, "NOOP TXN:1");
	got = got_obj(mgr, 0);
	ASSERT_EQ(BINDER_TYPE_HANDLE, got.hdr.type);
	ASSERT_EQ(0x12345, got.flags);
	ASSERT_EQ(1, got.binder);
	ASSERT_EQ(0, got.cookie);
	take(mgr, 1);
	answer(mgr, c);
	deliver(mgr, owner, 1, 5);
	ASSERT_EQ(0x20, owner->txn.target.ptr);
}

TEST_F(objects, weak_handle_becomes_another_weak_handle)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x20, 0, 0);

	call_obj(c, 0, 1, 0, bnd_obj_weak_handle(h));
	GO(c, "EAGAIN");
	GO(mgr, "NOOP TXN:1");
	ASSERT_EQ(BINDER_TYPE_WEAK_HANDLE, got_obj(mgr, 0).hdr.type);
	call(mgr, got_obj(mgr, 0).handle, 1, TF_ONE_WAY);
	GO(mgr, "NOOP FAILED");
	EXTERR(mgr, "FAILED EINVAL");
}

TEST_F(objects, handle_comes_home_as_binder)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x1234567800, 0x99, 0);
	struct flat_binder_object got;

	(void)mgr;
	call_obj(c, h, 1, TF_ONE_WAY, bnd_obj_handle(h));
	GO(c, "NOOP COMPLETE");
	GO(owner, "NOOP TXN:1");
	got = got_obj(owner, 0);
	ASSERT_EQ(BINDER_TYPE_BINDER, got.hdr.type);
	ASSERT_EQ(0x1234567800, got.binder);
	ASSERT_EQ(0x99, got.cookie);
	free_last(owner);
	GO(owner, "EAGAIN");
	call_obj(c, h, 1, TF_ONE_WAY, bnd_obj_weak_handle(h));
	GO(c, "NOOP COMPLETE");
	GO(owner, "NOOP TXN:1");
	got = got_obj(owner, 0);
	ASSERT_EQ(BINDER_TYPE_WEAK_BINDER, got.hdr.type);
	ASSERT_EQ(0x1234567800, got.binder);
	ASSERT_EQ(0x99, got.cookie);
}

TEST_F(objects, handle_0_can_be_passed_on)
{
	struct port *mgr = manager(), *a = process(), *b = process();
	uint32_t h = give(b, a, 0x10, 0, 0);

	take(a, 0);
	call_obj(a, h, 1, TF_ONE_WAY, bnd_obj_handle(0));
	GO(a, "NOOP COMPLETE");
	GO(b, "NOOP TXN:1");
	ASSERT_EQ(BINDER_TYPE_HANDLE, got_obj(b, 0).hdr.type);
	ASSERT_EQ(0, got_obj(b, 0).binder);
	ping(b, mgr, 0);
}

TEST_F(objects, handle_0_without_a_reference_cannot_be_passed_on)
{
	struct port *mgr = manager(), *a = process(), *b = process();
	uint32_t h = give(b, a, 0x10, 0, 0);

	(void)mgr;
	call_obj(a, h, 1, TF_ONE_WAY, bnd_obj_handle(0));
	GO(a, "NOOP FAILED");
	EXTERR(a, "FAILED EINVAL");
}

TEST_F(objects, objects_travel_in_replies)
{
	struct port *mgr = manager(), *c = process();

	deliver(c, mgr, 0, 1);
	reply_obj(mgr, 2, 0, bnd_obj_binder(0x10, 0x20, 0x30));
	GO(mgr, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:2");
	ASSERT_EQ(BINDER_TYPE_HANDLE, got_obj(c, 0).hdr.type);
	ASSERT_EQ(0x30, got_obj(c, 0).flags);
	take(c, got_obj(c, 0).handle);
	free_last(c);
	WRITE(c, "");
	both_done(mgr, 0x10, 0x20);
	/* The call is still unfreed, and there is no thread that serves now. */
	free_last(mgr);
	WRITE(mgr, "");
	deliver(c, mgr, 1, 3);
	ASSERT_EQ(0x10, mgr->txn.target.ptr);
}

TEST_F(objects, several_with_data_between)
{
	struct port *server = manager(), *c = process();
	uint8_t *data = shared(512);
	uint64_t *offsets = shared(8 * 8);
	struct flat_binder_object o;

	for (int i = 0; i < 512; i++)
		data[i] = i ^ 0x5a;
	/* Multiples of 4, gaps of all kinds, an end that is no multiple of anything. */
	for (int i = 0; i < 5; i++) {
		offsets[i] = 4 + i * (24 + 4 * i);
		o = bnd_obj_binder(0x100 * (i + 1), i, i);
		memcpy(data + offsets[i], &o, sizeof(o));
	}
	call_msg(c, raw(0, data, 301, offsets, 5));
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(301, server->txn.data_size);
	ASSERT_EQ(40, server->txn.offsets_size);
	ASSERT_EQ(server->txn.data.ptr.buffer + 304, server->txn.data.ptr.offsets);
	ASSERT_EQ(0, memcmp(offsets, server->offsets, 40));
	for (int i = 0; i < 5; i++) {
		struct flat_binder_object got = got_obj(server, i);

		ASSERT_EQ(BINDER_TYPE_HANDLE, got.hdr.type);
		ASSERT_EQ(i + 1, got.handle);
		memcpy(server->payload + offsets[i], data + offsets[i], sizeof(got));
	}
	/* All but the objects is as it was sent. */
	ASSERT_EQ(0, memcmp(data, server->payload, 301));
}

TEST_F(objects, offsets_size_0_still_gives_the_address)
{
	struct port *server = manager(), *c = process();

	call_data(c, 0, 1, 0, "12345", 5);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(server->txn.data.ptr.buffer + 8, server->txn.data.ptr.offsets);
}

/* --- where they may lie --- */

/* R14, CVE-2024-26926 */
TEST_F(objects, misaligned_offsets)
{
	struct port *server = manager(), *c = process();
	struct flat_binder_object o = bnd_obj_binder(0x10, 0, 0);
	uint8_t *data = shared(128);
	uint64_t *offset = shared(8);

	for (int i = 0; i < 64; i++) {
		memset(data, 0, 128);
		memcpy(data + i, &o, sizeof(o));
		*offset = i;
		call_msg(c, raw(0, data, 128, offset, 1));
		if (i % 4) {
			GO(c, "NOOP FAILED");
			EXTERR(c, "FAILED EINVAL");
			continue;
		}
		go(c);
		GO(server, "NOOP TXN:1");
		reply(server, 0, 0);
		free_last(server);
		GO(server, "NOOP COMPLETE");
		go(c);
	}
}

TEST_F(objects, cut_off_at_every_byte)
{
	struct port *server = manager(), *c = process();
	struct flat_binder_object o = bnd_obj_binder(0x10, 0, 0);
	uint8_t *data = shared(128);
	uint64_t *offset = shared(8);

	memcpy(data + 8, &o, sizeof(o));
	*offset = 8;
	for (int size = 1; size < 32; size++) {
		call_msg(c, raw(0, data, size, offset, 1));
		GO(c, "NOOP FAILED");
		/* Before it begins even the plain data in front of it is missing. */
		EXTERR(c, size < 8 ? "FAILED EFAULT" : "FAILED EINVAL");
	}
	call_msg(c, raw(0, data, 32, offset, 1));
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
}

TEST_F(objects, offsets_far_away)
{
	struct port *server = manager(), *c = process();
	const uint64_t far[] = {
		128, 132, 1 << 20, 1ull << 31, 1ull << 32, 1ull << 63,
		~0ull - 3, ~0ull - 23, ~0ull - 27,
	};
	uint8_t *data = shared(128);
	uint64_t *offset = shared(8);

	memset(data, 0, 128);
	for (size_t i = 0; i < sizeof(far) / sizeof(*far); i++) {
		*offset = far[i];
		call_msg(c, raw(0, data, 128, offset, 1));
		GO(c, "NOOP FAILED");
		ASSERT_STREQ(far[i] == 128 ? "FAILED EINVAL" : "FAILED EFAULT", exterr(c)) {
			TH_LOG("offset %#llx", (unsigned long long)far[i]);
		}
	}
	ping(c, server, 0);
}

/* R13, CVE-2024-46740: of two objects, where may the second begin? */
TEST_F(objects, order_and_overlap)
{
	struct port *server = manager(), *c = process();
	struct flat_binder_object o = bnd_obj_binder(0x10, 0, 0);
	uint8_t *data = shared(256);
	uint64_t *offsets = shared(16);

	for (int at = 0; at <= 96; at += 4) {
		memset(data, 0, 256);
		memcpy(data + at, &o, sizeof(o));
		memcpy(data + 48, &o, sizeof(o));
		offsets[0] = 48;
		offsets[1] = at;
		call_msg(c, raw(0, data, 200, offsets, 2));
		go(c);
		if (at < 48 + 24) {
			ASSERT_STREQ("NOOP FAILED", c->got) {
				TH_LOG("second at %d", at);
			}
			EXTERR(c, "FAILED EFAULT");
			continue;
		}
		GO(server, "NOOP TXN:1");
		free_last(server);
		reply(server, 0, 0);
		GO(server, "NOOP COMPLETE");
		go(c);
	}
}

TEST_F(objects, unknown_types)
{
	struct port *server = manager(), *c = process();
	const uint32_t types[] = {
		0, 1, ~0u, BINDER_TYPE_BINDER + 1, BINDER_TYPE_BINDER - 1,
		B_PACK_CHARS('x', 'b', '*', 0x85), B_PACK_CHARS('s', 'b', '*', 0x84),
		0x852a6273, BINDER_TYPE_FDA + 1,
	};
	struct flat_binder_object o = bnd_obj_binder(0x10, 0, 0);

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		o.hdr.type = types[i];
		call_obj(c, 0, 1, 0, o);
		GO(c, "NOOP FAILED");
		EXTERR(c, "FAILED EINVAL");
	}
	ping(c, server, 0);
}

TEST_F(objects, unknown_handles)
{
	struct port *server = manager(), *c = process();
	const uint32_t handles[] = { 0, 1, 7, 0x80000000, ~0u };

	for (int i = 0; i < 5; i++) {
		call_obj(c, 0, 1, 0, bnd_obj_handle(handles[i]));
		GO(c, "NOOP FAILED");
		EXTERR(c, "FAILED EINVAL");
		call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_weak_handle(handles[i]));
		GO(c, "NOOP FAILED");
		EXTERR(c, "FAILED EINVAL");
	}
	ping(c, server, 0);
}

TEST_F(objects, weak_handle_cannot_be_sent_as_strong)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0, 0);

	bnd_cmd_release(&c->w, h);
	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_handle(h));
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EINVAL");
	GO(mgr, "EAGAIN");
	call_obj(c, 0, 2, TF_ONE_WAY, bnd_obj_weak_handle(h));
	GO(c, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN:2");
	/* Nor did the failed try leave a reference behind. */
	ASSERT_EQ(1, got_obj(mgr, 0).handle);
	call(mgr, 1, 1, TF_ONE_WAY);
	GO(mgr, "NOOP FAILED");
}

TEST_F(objects, same_address_other_cookie)
{
	struct port *mgr = manager(), *owner = process();

	give(owner, mgr, 0x10, 0x20, 0);
	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x10, 0x21, 0));
	GO(owner, "NOOP FAILED");
	EXTERR(owner, "FAILED EINVAL");
	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_weak_binder(0x10, 0, 0));
	GO(owner, "NOOP FAILED");
	EXTERR(owner, "FAILED EINVAL");
	call_obj(owner, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	GO(owner, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN:1");
	ASSERT_EQ(1, got_obj(mgr, 0).handle);
}

/* --- a refused message leaves no trace (R12, CVE-2023-20938, CVE-2023-21255) --- */

TEST_F(objects, refused_handles_are_given_back)
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

TEST_F(objects, subtle_refused_own_objects_are_given_up)
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

/* Each place where a message with good objects can fail; counts must not change. */
TEST_F(objects, every_failure_gives_everything_back)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0x20, 0);
	struct flat_binder_object good[2] = { bnd_obj_handle(h), bnd_obj_weak_handle(h) };
	struct bnd_msg m = objects(0, 1, 0, 2, good);
	uint64_t *offsets = shared(4 * 8);
	uint32_t theirs;

	/* What it holds lay where the messages that fail will: nothing of it is theirs. */
	call_msg(c, objects(0, 1, TF_ONE_WAY, 2, good));
	GO(c, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN:1");
	theirs = got_obj(mgr, 0).handle;
	take(mgr, theirs);
	free_last(mgr);
	WRITE(mgr, "");
	memcpy(offsets, m.offsets, 16);
	for (int i = 0; i < 6; i++) {
		struct binder_transaction_data t = bnd_txn(&m);

		t.data.ptr.offsets = (uintptr_t)offsets;
		offsets[2] = 48;
		switch (i) {
		case 0:		/* offsets_size is wrong before any object is looked at */
			t.offsets_size = 12;
			break;
		case 1:		/* the first object is misplaced */
			t.data.ptr.offsets = (uintptr_t)offsets + 4;
			break;
		case 2:		/* a third object outside */
			t.offsets_size = 24;
			break;
		case 3:		/* the offsets cannot be read */
			t.data.ptr.offsets = 0x10;
			break;
		case 4:		/* the objects cannot be read */
			t.data.ptr.buffer = 0x10;
			break;
		case 5:		/* no room */
			t.data_size = AREA;
			break;
		}
		bnd_cmd(&c->w, BC_TRANSACTION, &t);
		GO(c, "NOOP FAILED");
		exterr(c);
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

TEST_F(objects, refused_replies_give_everything_back)
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
