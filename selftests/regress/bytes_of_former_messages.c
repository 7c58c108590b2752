// SPDX-License-Identifier: GPL-2.0-only
/*
 * R41, CVE-2017-13164: what is not written of a message, padding and room that nothing took,
 * shows what was there before: bytes of another sender's message, or of the kernel. A message
 * with TF_CLEAR_BUF leaves nothing that could be seen.
 */
#include "memory.h"
#include "parts.h"
#include "protocol_test.h"

PROTOCOL_FIXTURE(former_bytes);

/* All bytes of the area are of a former message of another process. */
static void soil(struct port *server, struct port *other)
{
	release(server, keep(other, server, 0xaa, AREA));
}

TEST_F(former_bytes, the_gap_behind_the_data_is_zero)
{
	struct port *server = receiver(AREA), *c = client(), *other = client();

	for (size_t size = 1; size < 80; size++) {
		size_t padded = (size + 7) & ~(size_t)7, at;

		soil(server, other);
		at = keep(c, server, 'b', size);
		ASSERT_TRUE(is_all(server, at, size, 'b'));
		ASSERT_TRUE(is_all(server, at + size, padded - size, 0)) {
			TH_LOG("%zu bytes", size);
		}
		release(server, at);
	}
}

TEST_F(former_bytes, the_gap_before_the_offsets_is_zero)
{
	struct port *server = receiver(AREA), *c = client(), *other = client();
	struct flat_binder_object obj = bnd_obj_weak_binder(0x10, 0x20, 0);
	uint8_t *data = filled('b', 64);
	uint64_t *offsets = shared(8);

	memcpy(data + 8, &obj, sizeof(obj));
	*offsets = 8;
	for (size_t size = 32; size < 40; size++) {
		size_t at;

		soil(server, other);
		call_msg(c, (struct bnd_msg){
			.data = data, .size = size, .offsets = offsets, .noffsets = 1,
			.flags = TF_ONE_WAY,
		});
		go(c);
		GO(server, "NOOP TXN:0");
		at = offset_of(server, server->txn.data.ptr.buffer);
		ASSERT_TRUE(is_all(server, at + 32, size - 32, 'b'));
		ASSERT_TRUE(is_all(server, at + size, (40 - size) & 7, 0));
		free_parts(server);
	}
}

TEST_F(former_bytes, the_gaps_between_further_buffers_are_zero)
{
	struct port *server = receiver(AREA), *c = client(), *other = client();

	for (size_t length = 1; length < 18; length++) {
		struct parts m = parts(8);
		size_t padded = (length + 7) & ~(size_t)7, at;

		soil(server, other);
		add_ptr(&m, filled('x', 24), 24);
		add_child(&m, filled('y', length), length, 0, 8);
		add_ptr(&m, filled('z', length), length);
		/* More than they need. */
		m.extra += 40;
		ASSERT_STREQ("OK", deliver_parts(c, server, &m, 0));
		at = offset_of(server, got_ptr(server, 1).buffer);
		ASSERT_TRUE(is_all(server, at, length, 'y'));
		ASSERT_TRUE(is_all(server, at + length, padded - length, 0));
		ASSERT_TRUE(is_all(server, at + padded, length, 'z'));
		ASSERT_TRUE(is_all(server, at + padded + length, padded - length, 0));
		ASSERT_TRUE(is_all(server, at + 2 * padded, 40, 0));
		free_parts(server);
	}
}

TEST_F(former_bytes, room_that_no_buffer_took_is_zero)
{
	struct port *server = receiver(AREA), *c = client();
	struct parts m = parts(8);

	soil(server, client());
	m.extra = 2 * PAGE;
	ASSERT_STREQ("OK", deliver_parts(c, server, &m, 0));
	ASSERT_TRUE(is_all(server, 8, 2 * PAGE, 0));
}

static const uint8_t *raw_stream(struct port *p)
{
	return p->r.buf;
}

TEST_F(former_bytes, records_have_no_stray_bytes)
{
	struct port *server = receiver(AREA), *c = client();
	struct binder_transaction_data txn;

	memset(server->r.buf, 0xaa, server->r.cap);
	call(c, 0, 7, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:7");
	memcpy(&txn, raw_stream(server) + 8, sizeof(txn));
	ASSERT_EQ(0, txn.target.ptr);
	ASSERT_EQ(0, txn.cookie);
	ASSERT_EQ(0, txn.sender_pid);
	ASSERT_EQ(0, txn.data_size);
	ASSERT_EQ(0, txn.offsets_size);
	ASSERT_EQ(0xaa, raw_stream(server)[8 + sizeof(txn)]);
}

static size_t cleared(struct port *c, struct port *server, uint8_t value, size_t size)
{
	return keep_msg(c, server, (struct bnd_msg){
		.data = filled(value, size), .size = size, .flags = TF_CLEAR_BUF,
	});
}

TEST_F(former_bytes, a_cleared_buffer_is_zero_when_freed)
{
	const size_t sizes[] = { 8, 13, 100, PAGE, PAGE + 1, 5 * PAGE + 3 };
	struct port *server = receiver(AREA), *c = client();

	soil(server, c);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t size = sizes[i], padded = (size + 7) & ~(size_t)7;
		size_t before = keep(c, server, 'x', 40), at = cleared(c, server, 's', size);
		size_t behind = keep(c, server, 'y', 40);

		ASSERT_TRUE(is_all(server, at, size, 's'));
		release(server, at);
		ASSERT_TRUE(is_all(server, at, padded, 0));
		ASSERT_TRUE(is_all(server, before, 40, 'x'));
		ASSERT_TRUE(is_all(server, behind, 40, 'y'));
		release(server, before);
		release(server, behind);
		/* One that nobody asked to clear is as it was. */
		ASSERT_TRUE(is_all(server, behind, 40, 'y'));
	}
}

TEST_F(former_bytes, a_cleared_reply_is_zero_when_freed)
{
	struct port *server = receiver(AREA), *c = process();
	size_t at;

	deliver(c, server, 0, 1);
	free_last(server);
	reply_msg(server, (struct bnd_msg){
		.data = filled('s', 100), .size = 100, .flags = TF_CLEAR_BUF,
	});
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:0");
	at = offset_of(c, c->txn.data.ptr.buffer);
	ASSERT_TRUE(is_all(c, at, 100, 's'));
	free_last(c);
	WRITE(c, "");
	ASSERT_TRUE(is_all(c, at, 104, 0));
}

TEST_F(former_bytes, a_cleared_message_that_fails_leaves_nothing)
{
	struct port *server = receiver(AREA), *c = client();
	uint8_t *data = filled('s', 2 * PAGE);
	uint64_t *offsets = shared(8);

	/* What is written there shows. */
	soil(server, c);
	/* An object of no type, behind a page of secrets. */
	*offsets = PAGE;
	call_msg(c, (struct bnd_msg){
		.data = data, .size = 2 * PAGE, .offsets = offsets, .noffsets = 1,
		.flags = TF_CLEAR_BUF,
	});
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EINVAL");
	ASSERT_TRUE(is_all(server, 0, 2 * PAGE + 8, 0));
}

TEST_F(former_bytes, a_cleared_message_nobody_can_take_leaves_nothing)
{
	struct port *server = receiver(AREA), *c = client();
	struct binder_fd_object fd = bnd_obj_fd(0, 0);
	struct parts m = parts(0);
	struct bnd_msg msg;

	soil(server, c);
	/* Files for a node that does not take them. */
	memset(m.data, 's', PAGE / 2);
	m.size = PAGE / 2;
	add_object(&m, &fd, sizeof(fd));
	msg = parts_msg(&m, 0, TF_CLEAR_BUF);
	bnd_cmd_transaction(&c->w, &msg);
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EPERM");
	ASSERT_TRUE(is_all(server, 0, m.size + 8, 0));
}

TEST_HARNESS_MAIN
