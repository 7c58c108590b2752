// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatter-gather: further buffers, pointers inside them, the order they come in,
 * and all that can be wrong with their numbers.
 */
#include "parts_test.h"

PARTS_FIXTURE(scatter);

static uint64_t word_at(const void *p, size_t offset)
{
	uint64_t word;

	memcpy(&word, (const uint8_t *)p + offset, sizeof(word));
	return word;
}

/* --- one buffer --- */

TEST_F(scatter, contents_follow_the_offsets)
{
	uint8_t *contents = bytes(13);
	struct parts m = parts(12);
	struct binder_buffer_object ptr;

	m.data[3] = 0x77;
	add_ptr(&m, contents, 13);
	m.size += 5;
	OK(&m);
	ptr = got_ptr(server, 0);
	ASSERT_EQ(12 + 40 + 5, server->txn.data_size);
	ASSERT_EQ(8, server->txn.offsets_size);
	ASSERT_EQ(server->txn.data.ptr.buffer + 64, server->txn.data.ptr.offsets);
	ASSERT_EQ(server->txn.data.ptr.buffer + 64 + 8, ptr.buffer);
	ASSERT_EQ(0x77, server->payload[3]);
	ASSERT_EQ(0, memcmp(contents, got_contents(server, 0), 13));
}

TEST_F(scatter, other_fields_stay)
{
	struct binder_buffer_object ptr = bnd_obj_ptr_child(bytes(24), 24, 0x1234567890, 0x42);
	struct binder_buffer_object got;
	struct parts m = parts(8);

	/* Without the flag the rest means nothing; unknown flags neither. */
	ptr.flags = ~(uint32_t)BINDER_BUFFER_FLAG_HAS_PARENT;
	add_object(&m, &ptr, sizeof(ptr));
	m.extra = 24;
	OK(&m);
	got = got_ptr(server, 0);
	got.buffer = ptr.buffer;
	ASSERT_EQ(0, memcmp(&ptr, &got, sizeof(ptr)));
}

TEST_F(scatter, each_is_padded_to_8)
{
	static const size_t length[] = { 1, 7, 8, 9, 0, 16, 3, 0 };
	uint8_t *contents[ARRAY_SIZE(length)];
	struct parts m = parts(8);
	uint64_t place;

	for (size_t i = 0; i < ARRAY_SIZE(length); i++) {
		contents[i] = bytes(length[i]);
		add_ptr(&m, contents[i], length[i]);
	}
	OK(&m);
	place = server->txn.data.ptr.offsets + server->txn.offsets_size;
	for (size_t i = 0; i < ARRAY_SIZE(length); i++) {
		ASSERT_EQ(place, got_ptr(server, i).buffer);
		ASSERT_EQ(length[i], got_ptr(server, i).length);
		ASSERT_EQ(0, memcmp(contents[i], got_contents(server, i), length[i]));
		place += (length[i] + 7) & ~(size_t)7;
	}
}

TEST_F(scatter, large_contents)
{
	uint8_t *contents = bytes(24 * 1024 - 3);
	struct parts m = parts(8);

	add_ptr(&m, contents, 5);
	add_ptr(&m, contents, 24 * 1024 - 3);
	OK(&m);
	ASSERT_EQ(0, memcmp(contents, got_contents(server, 1), 24 * 1024 - 3));
}

TEST_F(scatter, length_0_reads_nothing)
{
	struct parts m = parts(8);

	add_ptr(&m, (void *)-1, 0);
	OK(&m);
	ASSERT_EQ(server->txn.data.ptr.offsets + 8, got_ptr(server, 0).buffer);
}

TEST_F(scatter, replies_have_them_too)
{
	uint8_t *parent = bytes(32), *child = bytes(5);
	struct parts m = parts(8);
	struct bnd_msg msg;
	const void *got;

	add_ptr(&m, parent, 32);
	add_child(&m, child, 5, 0, 8);
	deliver(c, server, handle, 1);
	msg = parts_msg(&m, 0, 0);
	bnd_cmd_reply_sg(&server->w, &msg);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:5ca7");
	got = got_contents(c, 0);
	ASSERT_EQ(got_ptr(c, 1).buffer, word_at(got, 8));
	ASSERT_EQ(0, memcmp(parent, got, 8));
	ASSERT_EQ(0, memcmp(child, got_contents(c, 1), 5));
}

TEST_F(scatter, refused_replies_look_accepted)
{
	struct parts m = parts(8);
	struct bnd_msg msg;

	add_ptr(&m, bytes(8), 8);
	m.extra = 0;
	deliver(c, server, handle, 1);
	msg = parts_msg(&m, 0, 0);
	bnd_cmd_reply_sg(&server->w, &msg);
	GO(server, "NOOP COMPLETE");
	EXTERR(server, "OK 0");
	GO(c, "NOOP COMPLETE FAILED");
	EXTERR(c, "FAILED EINVAL");
}

/* --- sizes --- */

TEST_F(scatter, plain_commands_have_no_space)
{
	struct parts m = parts(8);

	add_ptr(&m, bytes(8), 8);
	call_msg(c, parts_msg(&m, handle, TF_ONE_WAY));
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EINVAL");
	m = parts(8);
	add_ptr(&m, bytes(8), 0);
	call_msg(c, parts_msg(&m, handle, TF_ONE_WAY));
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:5ca7");
}

TEST_F(scatter, without_objects_the_space_is_just_there)
{
	struct parts m = parts(8);

	m.extra = 4096;
	OK(&m);
	ASSERT_EQ(8, server->txn.data_size);
	free_parts(server);
	for (m.extra = 4097; m.extra < 4104; m.extra++)
		REFUSED(&m, "EINVAL");
}

TEST_F(scatter, space_is_a_multiple_of_8)
{
	struct parts m = parts(8);
	struct bnd_msg msg;

	add_ptr(&m, bytes(8), 8);
	for (m.extra = 8; m.extra < 32; m.extra++) {
		if (m.extra % 8)
			REFUSED(&m, "EINVAL");
	}
	/* The offsets are looked at first, then the sizes, then the data. */
	m.extra = 9;
	msg = parts_msg(&m, handle, TF_ONE_WAY);
	msg.offsets = NULL;
	bnd_cmd_transaction_sg(&c->w, &msg);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EFAULT");
	msg = parts_msg(&m, handle, TF_ONE_WAY);
	msg.data = NULL;
	bnd_cmd_transaction_sg(&c->w, &msg);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EINVAL");
	GO(server, "EAGAIN");
}

TEST_F(scatter, lengths_that_are_too_much)
{
	static const uint64_t length[] = {
		65, 1ULL << 31, 1ULL << 32, (1ULL << 32) + 8, 1ULL << 63, -8ULL, -7ULL, -1ULL,
	};
	for (size_t i = 0; i < ARRAY_SIZE(length); i++) {
		struct parts m = parts(8);

		add_ptr(&m, bytes(64), length[i]);
		m.extra = 64;
		REFUSED(&m, "EINVAL");
	}
}

/* --- memory that cannot be read --- */

TEST_F(scatter, unreadable_contents)
{
	struct parts m = parts(8);

	add_ptr(&m, bytes(8), 8);
	add_ptr(&m, page + 4096, 8);
	REFUSED(&m, "EINVAL");
	m = parts(8);
	add_ptr(&m, page + 4096 - 7, 8);
	REFUSED(&m, "EINVAL");
	m = parts(8);
	add_ptr(&m, (void *)0xffffffff80000000, 8);
	REFUSED(&m, "EINVAL");
	m = parts(8);
	add_ptr(&m, (void *)-4, 8);
	REFUSED(&m, "EINVAL");
	m = parts(8);
	add_ptr(&m, page + 4096 - 8, 8);
	OK(&m);
}

TEST_F(scatter, what_a_pointer_replaces_is_read_nowhere)
{
	struct parts m = parts(8);

	/* The first eight bytes are before the hole, the pointer is in it. */
	add_ptr(&m, page + 4096 - 8, 16);
	add_child(&m, bytes(8), 8, 0, 8);
	OK(&m);
	ASSERT_EQ(got_ptr(server, 1).buffer, word_at(got_contents(server, 0), 8));
}

TEST_F(scatter, failures_are_found_in_order)
{
	struct parts m = parts(8);
	struct bnd_msg msg;

	/* Contents come after the rest of the data. */
	add_ptr(&m, page + 4096, 8);
	memcpy(page + 4096 - m.size, m.data, m.size);
	msg = parts_msg(&m, handle, TF_ONE_WAY);
	msg.data = page + 4096 - m.size;
	msg.size += 8;
	bnd_cmd_transaction_sg(&c->w, &msg);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EFAULT");
	/* An object that is wrong comes before both. */
	m.extra = 0;
	msg = parts_msg(&m, handle, TF_ONE_WAY);
	msg.data = page + 4096 - m.size;
	msg.size += 8;
	bnd_cmd_transaction_sg(&c->w, &msg);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EINVAL");
	GO(server, "EAGAIN");
}

/* --- pointers in parents --- */

TEST_F(scatter, a_parent_points_to_its_child)
{
	for (size_t offset = 0; offset <= 24; offset += 4) {
		uint8_t *parent = bytes(32), *child = bytes(3);
		struct parts m = parts(8);
		const uint8_t *got;

		add_ptr(&m, parent, 32);
		add_child(&m, child, 3, 0, offset);
		OK(&m);
		got = got_contents(server, 0);
		ASSERT_EQ(0, memcmp(got, parent, offset));
		ASSERT_EQ(got_ptr(server, 1).buffer, word_at(got, offset));
		ASSERT_EQ(0, memcmp(got + offset + 8, parent + offset + 8, 24 - offset));
		ASSERT_EQ(0, memcmp(child, got_contents(server, 1), 3));
		ASSERT_EQ(0, got_ptr(server, 1).parent);
		ASSERT_EQ(offset, got_ptr(server, 1).parent_offset);
		free_parts(server);
	}
}

TEST_F(scatter, misaligned_pointers)
{
	for (size_t offset = 1; offset <= 24; offset++) {
		struct parts m = parts(8);

		add_ptr(&m, bytes(32), 32);
		add_child(&m, bytes(3), 3, 0, offset);
		if (offset % 4)
			REFUSED(&m, "EINVAL");
	}
}

TEST_F(scatter, parent_at_data_offset_0)
{
	struct parts m = parts(0);

	add_ptr(&m, bytes(32), 32);
	add_child(&m, bytes(8), 8, 0, 16);
	OK(&m);
	ASSERT_EQ(got_ptr(server, 1).buffer, word_at(got_contents(server, 0), 16));
}

/* --- the order of fix-ups --- */

TEST_F(scatter, legal_order)
{
	struct parts m = parts(8);
	const void *a, *deep;

	/* A; B(A,0); C(A,16); D(C,0); E(A,32) */
	add_ptr(&m, bytes(40), 40);
	add_child(&m, bytes(16), 16, 0, 0);
	add_child(&m, bytes(16), 16, 0, 16);
	add_child(&m, bytes(16), 16, 2, 0);
	add_child(&m, bytes(16), 16, 0, 32);
	OK(&m);
	a = got_contents(server, 0);
	ASSERT_EQ(got_ptr(server, 1).buffer, word_at(a, 0));
	ASSERT_EQ(got_ptr(server, 2).buffer, word_at(a, 16));
	ASSERT_EQ(got_ptr(server, 4).buffer, word_at(a, 32));
	deep = got_contents(server, 2);
	ASSERT_EQ(got_ptr(server, 3).buffer, word_at(deep, 0));
}

TEST_F(scatter, other_objects_do_not_disturb_the_order)
{
	struct flat_binder_object weak = bnd_obj_weak_handle(handle);
	struct parts m = parts(8);

	add_ptr(&m, bytes(40), 40);
	add_object(&m, &weak, sizeof(weak));
	add_child(&m, bytes(8), 8, 0, 8);
	add_object(&m, &weak, sizeof(weak));
	m.size += 20;
	add_child(&m, bytes(8), 8, 0, 16);
	OK(&m);
	ASSERT_EQ(got_ptr(server, 4).buffer, word_at(got_contents(server, 0), 16));
}

TEST_F(scatter, long_chains)
{
	struct parts m = parts(8);

	add_ptr(&m, bytes(24), 24);
	for (int i = 0; i < 40; i++)
		add_child(&m, bytes(24), 24, i, 8);
	add_child(&m, bytes(24), 24, 0, 16);
	OK(&m);
	for (int i = 0; i < 40; i++)
		ASSERT_EQ(got_ptr(server, i + 1).buffer, word_at(got_contents(server, i), 8));
	ASSERT_EQ(got_ptr(server, 41).buffer, word_at(got_contents(server, 0), 16));
}

TEST_HARNESS_MAIN
