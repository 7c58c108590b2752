// SPDX-License-Identifier: GPL-2.0-only
/* Objects in messages: what each kind becomes, and which are refused. */
#include "protocol_test.h"

PROTOCOL_FIXTURE(objects);

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
	call_msg(c, plain_msg(0, data, 301, offsets, 5));
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

/* --- which are refused --- */

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

TEST_HARNESS_MAIN
