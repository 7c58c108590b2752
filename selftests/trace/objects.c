// SPDX-License-Identifier: GPL-2.0-only
/* The events of what messages carry: objects and descriptors. */
#include "parts.h"
#include "trace_test.h"

PROTOCOL_FIXTURE(carried);

#define OBJECTS "transaction_node_to_ref transaction_ref_to_node transaction_ref_to_ref"

static long long node_called(struct port *p)
{
	return value(only("binder_transaction", p->tid), "target_node");
}

TEST_F(carried, object_of_the_sender)
{
	struct port *server = manager(), *c = process();
	const struct event *e;
	uint32_t n;

	TRACE_BEGIN();
	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x123456789a, 0x2000, 0));
	go(c);
	GO(server, "NOOP TXN:1");
	TRACE_END();

	n = got_obj(server, 0).handle;
	ASSERT_STREQ("transaction_node_to_ref", told(c->tid, OBJECTS));
	e = only("binder_transaction_node_to_ref", c->tid);
	ASSERT_EQ(value(only("binder_transaction", c->tid), "debug_id"), value(e, "debug_id"));
	ASSERT_EQ(0x123456789a, value(e, "node_ptr"));
	ASSERT_EQ(n, value(e, "ref_desc"));
	ASSERT_LT(0, value(e, "ref_debug_id"));
}

/* The node is the one that is called later, the ref the one that is passed on. */
TEST_F(carried, object_by_ids_that_stay)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	long long node, ref;
	uint32_t n;

	(void)server;
	TRACE_BEGIN();
	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x1000, 0x2000, 0));
	go(c);
	both_done(c, 0x1000, 0x2000);
	WRITE(c, "");
	GO(mgr, "NOOP TXN:1");
	TRACE_END();
	node = value(only("binder_transaction_node_to_ref", c->tid), "node_debug_id");
	ref = value(only("binder_transaction_node_to_ref", c->tid), "ref_debug_id");
	n = got_obj(mgr, 0).handle;
	take(mgr, n);
	free_last(mgr);
	WRITE(mgr, "");

	TRACE_BEGIN();
	call(mgr, n, 1, TF_ONE_WAY);
	GO(mgr, "NOOP COMPLETE");
	TRACE_END();
	ASSERT_EQ(node, node_called(mgr));

	TRACE_BEGIN();
	deliver(server, mgr, 0, 1);
	reply_obj(mgr, 0, 0, bnd_obj_handle(n));
	GO(mgr, "NOOP COMPLETE");
	GO(server, "NOOP COMPLETE REPLY:0");
	TRACE_END();
	ASSERT_EQ(node, value(only("binder_transaction_ref_to_ref", mgr->tid), "node_debug_id"));
	ASSERT_EQ(ref, value(only("binder_transaction_ref_to_ref", mgr->tid), "src_ref_debug_id"));
}

TEST_F(carried, handle_to_a_third_process)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t to_server = give(server, c, 0x10, 0x20, 0), to_mgr;
	const struct event *e;

	TRACE_BEGIN();
	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_handle(to_server));
	GO(c, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN:1");
	TRACE_END();

	to_mgr = got_obj(mgr, 0).handle;
	ASSERT_STREQ("transaction_ref_to_ref", told(c->tid, OBJECTS));
	e = only("binder_transaction_ref_to_ref", c->tid);
	ASSERT_EQ(value(only("binder_transaction", c->tid), "debug_id"), value(e, "debug_id"));
	ASSERT_EQ(to_server, value(e, "src_ref_desc"));
	ASSERT_EQ(to_mgr, value(e, "dest_ref_desc"));
	ASSERT_LT(0, value(e, "src_ref_debug_id"));
	ASSERT_LT(0, value(e, "dest_ref_debug_id"));
	ASSERT_NE(value(e, "src_ref_debug_id"), value(e, "dest_ref_debug_id"));
}

TEST_F(carried, handle_home_to_its_owner)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, 0);
	const struct event *e;

	(void)mgr;
	TRACE_BEGIN();
	call_obj(c, h, 1, TF_ONE_WAY, bnd_obj_handle(h));
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	TRACE_END();

	ASSERT_STREQ("transaction_ref_to_node", told(c->tid, OBJECTS));
	e = only("binder_transaction_ref_to_node", c->tid);
	ASSERT_EQ(value(only("binder_transaction", c->tid), "debug_id"), value(e, "debug_id"));
	ASSERT_EQ(h, value(e, "ref_desc"));
	ASSERT_LT(0, value(e, "ref_debug_id"));
	ASSERT_EQ(node_called(c), value(e, "node_debug_id"));
	ASSERT_EQ(0x10, value(e, "node_ptr"));
}

TEST_F(carried, weak_objects_alike)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, 0);
	struct flat_binder_object objs[] = {
		bnd_obj_weak_binder(0x1000, 0x2000, 0), bnd_obj_weak_handle(h),
	};

	TRACE_BEGIN();
	call_msg(c, objects(h, 1, TF_ONE_WAY, 2, objs));
	go(c);
	GO(server, "NOOP TXN:1");
	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_weak_handle(h));
	go(c);
	GO(mgr, "NOOP TXN:1");
	TRACE_END();

	ASSERT_STREQ("transaction_node_to_ref transaction_ref_to_node transaction_ref_to_ref",
		     told(c->tid, OBJECTS));
}

/* Those before the bad one. */
TEST_F(carried, objects_of_a_message_that_fails)
{
	struct port *server = manager(), *c = process();
	struct flat_binder_object objs[] = {
		bnd_obj_binder(0x1000, 0x2000, 0), bnd_obj_handle(77),
		bnd_obj_binder(0x1001, 0x2000, 0),
	};

	(void)server;
	TRACE_BEGIN();
	call_msg(c, objects(0, 1, 0, 3, objs));
	go(c);
	TRACE_END();

	ASSERT_STREQ("transaction_node_to_ref", told(c->tid, OBJECTS));
}

TEST_F(carried, descriptors)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, FLAT_BINDER_FLAG_ACCEPTS_FDS);
	struct flat_binder_object objs[] = { fd_obj(1, 0), fd_obj(2, 0) };
	long long id;

	(void)mgr;
	TRACE_BEGIN();
	call_msg(c, objects(h, 1, TF_ONE_WAY, 2, objs));
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	TRACE_END();

	id = value(only("binder_transaction", c->tid), "debug_id");
	ASSERT_STREQ("transaction_fd_recv transaction_fd_recv transaction_received BR_TRANSACTION",
		     told(server->tid, "transaction_fd_recv " PERFETTO));
	for (int i = 0; i < 2; i++) {
		const struct event *sent = nth("binder_transaction_fd_send", c->tid, i);
		const struct event *got = nth("binder_transaction_fd_recv", server->tid, i);
		const struct binder_fd_object *object =
			(const void *)(server->payload + server->offsets[i]);
		const size_t place = i * sizeof(objs[0]) + offsetof(struct binder_fd_object, fd);

		ASSERT_EQ(id, value(sent, "debug_id"));
		ASSERT_EQ(i + 1, value(sent, "fd"));
		ASSERT_EQ(place, value(sent, "offset"));
		ASSERT_EQ(id, value(got, "debug_id"));
		ASSERT_EQ(object->fd, value(got, "fd"));
		ASSERT_EQ(place, value(got, "offset"));
	}
}

TEST_F(carried, array_of_descriptors)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0x20, FLAT_BINDER_FLAG_ACCEPTS_FDS);
	uint32_t *numbers = shared(8 * sizeof(*numbers));
	struct parts m = parts(8);
	uint64_t buffer;

	(void)mgr;
	numbers[2] = 2;
	numbers[3] = 0;
	numbers[4] = 1;
	buffer = add_ptr(&m, numbers, 8 * sizeof(*numbers));
	add_fda(&m, 3, buffer, 2 * sizeof(*numbers));
	TRACE_BEGIN();
	ASSERT_STREQ("OK", deliver_parts(c, server, &m, h));
	TRACE_END();

	for (int i = 0; i < 3; i++) {
		/* Data, offsets, and then the buffer with the numbers. */
		const long long place = m.size + m.n * sizeof(uint64_t) + (2 + i) * 4;
		const struct event *sent = nth("binder_transaction_fd_send", c->tid, i);
		const struct event *got = nth("binder_transaction_fd_recv", server->tid, i);

		ASSERT_EQ((int)numbers[2 + i], value(sent, "fd"));
		ASSERT_EQ(place, value(sent, "offset"));
		ASSERT_EQ(place, value(got, "offset"));
	}
	ASSERT_EQ(3, count("binder_transaction_fd_send", c->tid));
	ASSERT_EQ(3, count("binder_transaction_fd_recv", server->tid));
}

TEST_HARNESS_MAIN
