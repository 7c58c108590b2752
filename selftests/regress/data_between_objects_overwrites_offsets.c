// SPDX-License-Identifier: GPL-2.0-only
/*
 * R13, CVE-2024-46740: plain data in front of an object was copied without a look at the
 * end of the data, over the offsets behind it, which the clean-up then believed.
 */
#include "memory.h"
#include "protocol_test.h"

PROTOCOL_FIXTURE(between_objects);

TEST_F(between_objects, cut_off_at_every_byte)
{
	struct port *server = manager(), *c = process();
	struct flat_binder_object o = bnd_obj_binder(0x10, 0, 0);
	uint8_t *data = shared(128);
	uint64_t *offset = shared(8);

	memcpy(data + 8, &o, sizeof(o));
	*offset = 8;
	for (int size = 1; size < 32; size++) {
		call_msg(c, plain_msg(0, data, size, offset, 1));
		GO(c, "NOOP FAILED");
		/* Before it begins even the plain data in front of it is missing. */
		EXTERR(c, size < 8 ? "FAILED EFAULT" : "FAILED EINVAL");
	}
	call_msg(c, plain_msg(0, data, 32, offset, 1));
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
}

TEST_F(between_objects, offsets_far_away)
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
		call_msg(c, plain_msg(0, data, 128, offset, 1));
		GO(c, "NOOP FAILED");
		ASSERT_STREQ(far[i] == 128 ? "FAILED EINVAL" : "FAILED EFAULT", exterr(c)) {
			TH_LOG("offset %#llx", (unsigned long long)far[i]);
		}
	}
	ping(c, server, 0);
}

/* Of two objects, where may the second begin? */
TEST_F(between_objects, order_and_overlap)
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
		call_msg(c, plain_msg(0, data, 200, offsets, 2));
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

/* What is refused was to lie in front of a message that the receiver has. */
TEST_F(between_objects, what_is_refused_leaves_its_neighbour_alone)
{
	struct port *server = manager(), *c = client();
	struct flat_binder_object o = bnd_obj_binder(0x10, 0, 0);
	size_t room = keep(c, server, 0x11, 128 + 8), behind = keep(c, server, 0x5a, 256);
	uint64_t *offset = shared(8);
	uint8_t *data = shared(512);

	ASSERT_EQ(room + 128 + 8, behind);
	release(server, room);
	/* The last place is at 104. */
	for (*offset = 108; *offset < 448; *offset += 4) {
		memset(data, 0xee, 512);
		memcpy(data + *offset, &o, sizeof(o));
		call_msg(c, plain_msg(0, data, 128, offset, 1));
		GO(c, "NOOP FAILED");
		GO(server, "EAGAIN");
		ASSERT_TRUE(is_all(server, behind, 256, 0x5a));
	}
	*offset = 104;
	memcpy(data + 104, &o, sizeof(o));
	call_msg(c, plain_msg(0, data, 128, offset, 1));
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	ASSERT_EQ((uintptr_t)server->conn->map + room, server->txn.data.ptr.buffer);
	ASSERT_EQ(104, server->offsets[0]);
}

TEST_HARNESS_MAIN
