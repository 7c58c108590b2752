// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls and replies: what each is refused for and with which codes, nesting, when
 * COMPLETE comes, what the receiver learns of the sender.
 */
#include <unistd.h>

#include "protocol_test.h"

#define BAD_ADDRESS 0x10

PROTOCOL_FIXTURE(transactions);

/* A call that is refused at once: nothing but FAILED (or DEAD), and why. */
#define REFUSED(p, want_code, want_error)				\
	do {								\
		GO(p, "NOOP " want_code);				\
		EXTERR(p, want_code " " want_error);			\
	} while (0)

/* --- targets --- */

TEST_F(transactions, unknown_handle)
{
	struct port *server = manager(), *c = process();
	const uint32_t handles[] = { 1, 2, 0x7fffffff, ~0u };

	for (int i = 0; i < 4; i++) {
		call(c, handles[i], 1, 0);
		REFUSED(c, "FAILED", "EINVAL");
		call(c, handles[i], 1, TF_ONE_WAY);
		REFUSED(c, "FAILED", "EINVAL");
	}
	GO(server, "EAGAIN");
	ping(c, server, 0);
}

TEST_F(transactions, no_manager)
{
	struct port *c = process();

	call(c, 0, 1, 0);
	REFUSED(c, "DEAD", "EINVAL");
	call(c, 0, 1, TF_ONE_WAY);
	REFUSED(c, "DEAD", "EINVAL");
}

TEST_F(transactions, given_up_handle)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0, 0);

	(void)mgr;
	ping(c, owner, h);
	drop(c, h);
	call(c, h, 1, 0);
	REFUSED(c, "FAILED", "EINVAL");
}

TEST_F(transactions, weak_handle)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0, 0);

	(void)mgr;
	bnd_cmd_release(&c->w, h);
	call(c, h, 1, 0);
	REFUSED(c, "FAILED", "EINVAL");
	/* That somebody else holds it strongly does not help. */
	give(owner, process(), 0x10, 0, 0);
	call(c, h, 1, 0);
	REFUSED(c, "FAILED", "EINVAL");
	call(c, h, 1, TF_ONE_WAY);
	REFUSED(c, "FAILED", "EINVAL");
}

TEST_F(transactions, dead_owner)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t h = give(owner, c, 0x10, 0, 0);

	(void)mgr;
	bnd_cmd_request_death(&c->w, h, 0xd);
	GO(c, "EAGAIN");
	die(owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:d", go_blocking(c));
	call(c, h, 1, 0);
	REFUSED(c, "DEAD", "EINVAL");
	call(c, h, 1, TF_ONE_WAY);
	REFUSED(c, "DEAD", "EINVAL");
}

/* Handle 0 in the table may be a former manager; calls go to the present one. */
TEST_F(transactions, subtle_handle_0_is_the_present_manager)
{
	struct port *old = manager(), *c = process(), *fresh;

	take(c, 0);
	bnd_cmd_request_death(&c->w, 0, 0xd);
	GO(c, "EAGAIN");
	die(old);
	ASSERT_STREQ("NOOP DEAD_BINDER:d", go_blocking(c));
	call(c, 0, 1, 0);
	REFUSED(c, "DEAD", "EINVAL");
	fresh = manager();
	ping(c, fresh, 0);
	GO(fresh, "EAGAIN");
}

TEST_F(transactions, no_reference_is_needed_for_handle_0)
{
	struct port *server = manager(), *c = process();

	ping(c, server, 0);
	drop(c, 0);
	ping(c, server, 0);
}

/* --- stacks --- */

TEST_F(transactions, two_calls_outstanding)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	call(c, 0, 2, 0);
	WRITE(c, "");
	EXTERR(c, "FAILED EPROTO");
	GO(c, "NOOP COMPLETE FAILED");
	/* The first one is none the worse for it. */
	GO(server, "NOOP TXN:1");
	reply(server, 3, 0);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP REPLY:3");
}

TEST_F(transactions, oneway_while_waiting_for_a_reply)
{
	struct port *mgr = manager(), *other = process(), *c = process();
	uint32_t h = give(other, c, 0x10, 0, 0);

	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	call(c, h, 2, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE COMPLETE");
	GO(other, "NOOP TXN:2");
	GO(mgr, "NOOP TXN:1");
	reply(mgr, 3, 0);
	GO(mgr, "NOOP COMPLETE");
	GO(c, "NOOP REPLY:3");
}

TEST_F(transactions, reply_without_a_call)
{
	struct port *server = manager(), *c = process();

	reply(server, 0, 0);
	REFUSED(server, "FAILED", "EPROTO");
	reply(c, 0, 0);
	REFUSED(c, "FAILED", "EPROTO");
	ping(c, server, 0);
}

TEST_F(transactions, reply_twice)
{
	struct port *server = manager(), *c = process();

	deliver(c, server, 0, 1);
	answer(server, c);
	reply(server, 0, 0);
	REFUSED(server, "FAILED", "EPROTO");
	GO(c, "EAGAIN");
}

TEST_F(transactions, reply_from_another_thread)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();

	deliver(c, server, 0, 1);
	reply(t, 0, 0);
	REFUSED(t, "FAILED", "EPROTO");
	answer(server, c);
}

TEST_F(transactions, reply_to_a_oneway_call)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	reply(server, 0, 0);
	REFUSED(server, "FAILED", "EPROTO");
}

/* The call on top of the stack is one this thread made, so it is no call to answer. */
TEST_F(transactions, reply_while_waiting_for_a_reply)
{
	struct port *mgr = manager(), *b = process(), *c = process();
	uint32_t to_b = give(b, c, 0x10, 0, 0);

	call(c, to_b, 1, 0);
	GO(c, "EAGAIN");
	GO(b, "NOOP TXN:1");
	call(b, 0, 2, 0);
	GO(b, "EAGAIN");
	reply(b, 3, 0);
	WRITE(b, "");
	EXTERR(b, "FAILED EPROTO");
	GO(b, "NOOP COMPLETE FAILED");
	/* The nest can still be wound up in order. */
	GO(mgr, "NOOP TXN:2");
	reply(mgr, 0, 0);
	GO(mgr, "NOOP COMPLETE");
	GO(b, "NOOP REPLY:0");
	reply(b, 4, 0);
	GO(b, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:4");
}

/* --- sizes and pointers --- */

TEST_F(transactions, more_than_the_area)
{
	struct port *server = manager(), *c = process(), *t = thread_of(c);
	void *big = shared(2 * AREA);

	call_data(c, 0, 1, 0, big, AREA + 1);
	REFUSED(c, "FAILED", "ENOSPC");
	call_data(c, 0, 1, TF_ONE_WAY, big, AREA / 2 + 1);
	REFUSED(c, "FAILED", "ENOSPC");
	call_data(c, 0, 1, 0, big, AREA);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	/* Now there is no room even for nothing. */
	call(t, 0, 2, 0);
	REFUSED(t, "FAILED", "ENOSPC");
	answer(server, c);
	ping(c, server, 0);
}

TEST_F(transactions, unreadable_data)
{
	struct port *server = manager(), *c = process();
	uint64_t *offset = shared(8);
	void *data = shared(64);

	call_msg(c, plain_msg(0, (void *)BAD_ADDRESS, 1, NULL, 0));
	REFUSED(c, "FAILED", "EFAULT");
	call_msg(c, plain_msg(0, (void *)(1ull << 63), 8, NULL, 0));
	REFUSED(c, "FAILED", "EFAULT");
	call_msg(c, plain_msg(0, NULL, 8, NULL, 0));
	REFUSED(c, "FAILED", "EFAULT");
	call_msg(c, plain_msg(0, data, 32, (void *)BAD_ADDRESS, 1));
	REFUSED(c, "FAILED", "EFAULT");
	call_msg(c, plain_msg(0, data, 32, NULL, 1));
	REFUSED(c, "FAILED", "EFAULT");
	/* An object that cannot be read is a bad object. */
	*offset = 0;
	call_msg(c, plain_msg(0, (void *)BAD_ADDRESS, 24, offset, 1));
	REFUSED(c, "FAILED", "EINVAL");
	/* Nothing is read of what is empty. */
	call_msg(c, plain_msg(TF_ONE_WAY, (void *)BAD_ADDRESS, 0, (void *)BAD_ADDRESS, 0));
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
}

static void add_raw_call(struct port *c, struct binder_transaction_data t)
{
	bnd_cmd(&c->w, BC_TRANSACTION, &t);
}

TEST_F(transactions, offsets_size_not_a_multiple_of_8)
{
	struct port *server = manager(), *c = process();
	uint8_t *data = shared(64);

	for (int size = 1; size < 24; size++) {
		struct binder_transaction_data t = { .data_size = 32, .offsets_size = size };

		if (size % 8 == 0)
			continue;
		t.data.ptr.buffer = (uintptr_t)data;
		t.data.ptr.offsets = (uintptr_t)data;
		add_raw_call(c, t);
		REFUSED(c, "FAILED", "EINVAL");
	}
	ping(c, server, 0);
}

/* A failed call leaves no space taken. */
TEST_F(transactions, failed_calls_give_their_space_back)
{
	struct port *server = manager(), *c = process();
	uint64_t *offset = shared(8);
	uint8_t *data = shared(AREA);

	*offset = 3;
	for (int i = 0; i < 8; i++) {
		const uint32_t flags = i & 1 ? TF_ONE_WAY : 0;

		call_msg(c, plain_msg(flags, data, AREA / 2 - 64, offset, 1));
		REFUSED(c, "FAILED", "EINVAL");
		call_msg(c, plain_msg(flags, (void *)BAD_ADDRESS, AREA / 2, NULL, 0));
		REFUSED(c, "FAILED", "EFAULT");
	}
	call_data(c, 0, 1, TF_ONE_WAY, data, AREA / 2);
	GO(c, "NOOP COMPLETE");
	call_data(c, 0, 2, 0, data, AREA / 2);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	GO(server, "NOOP TXN:2");
}

/* --- what the receiver sees --- */

TEST_F(transactions, flags_and_codes_pass_unchanged)
{
	struct port *server = manager(), *c = process();

	for (int bit = 1; bit < 32; bit++) {
		/* TF_UPDATE_TXN (0x40) means something for oneway calls only. */
		call(c, 0, 0x80000000u | bit, 1u << bit);
		GO(c, "EAGAIN");
		go(server);
		ASSERT_EQ(1u << bit, server->txn.flags);
		ASSERT_EQ(0x80000000u | bit, server->txn.code);
		free_last(server);
		reply(server, 0xf0000000u | bit, 1u << bit);
		GO(server, "NOOP COMPLETE");
		go(c);
		ASSERT_EQ(1u << bit, c->txn.flags);
		ASSERT_EQ(0xf0000000u | bit, c->txn.code);
		free_last(c);
		WRITE(c, "");
	}
}

TEST_F(transactions, a_reply_may_carry_the_oneway_flag)
{
	struct port *server = manager(), *c = process();

	deliver(c, server, 0, 1);
	reply(server, 2, TF_ONE_WAY);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:2");
	ASSERT_EQ(TF_ONE_WAY, c->txn.flags);
}

TEST_F(transactions, sizes_and_addresses)
{
	struct port *server = manager(), *c = process();
	uint8_t *data = shared(4096);

	for (int i = 0; i < 4096; i++)
		data[i] = i * 7;
	for (int size = 0; size < 40; size++) {
		uint64_t at;

		call_data(c, 0, 1, 0, data, size);
		GO(c, "EAGAIN");
		GO(server, "NOOP TXN:1");
		at = server->txn.data.ptr.buffer;
		ASSERT_EQ(size, server->txn.data_size);
		ASSERT_EQ(0, server->txn.offsets_size);
		ASSERT_EQ(0, at % 8);
		ASSERT_LE((uintptr_t)server->conn->map, at);
		ASSERT_GE((uintptr_t)server->conn->map + AREA, at + size);
		ASSERT_EQ(at + (size + 7) / 8 * 8, server->txn.data.ptr.offsets);
		ASSERT_EQ(0, memcmp(data, server->payload, size));
		answer(server, c);
	}
}

/* What the input record says about the sender and the cookie does not matter. */
TEST_F(transactions, subtle_sender_pid_is_for_sync_calls_only)
{
	struct port *server = manager(), *c = process();
	struct binder_transaction_data t = {
		.cookie = 0x4242, .code = 1, .sender_pid = 4242, .sender_euid = 4242,
	};

	add_raw_call(c, t);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(c->pid, server->txn.sender_pid);
	ASSERT_EQ(0, server->txn.sender_euid);
	ASSERT_EQ(0, server->txn.cookie);
	t.flags = 0;
	t.sender_pid = 77;
	bnd_cmd(&server->w, BC_REPLY, &t);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:1");
	ASSERT_EQ(0, c->txn.sender_pid);
	ASSERT_EQ(0, c->txn.sender_euid);
	t.flags = TF_ONE_WAY;
	add_raw_call(c, t);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(0, server->txn.sender_pid);
}

static long set_euid(struct port *p, void *arg)
{
	(void)p;
	return seteuid((uid_t)(uintptr_t)arg);
}

TEST_F(transactions, sender_euid)
{
	struct port *server = manager(), *c = process();

	ASSERT_EQ(0, run(c, set_euid, (void *)1234));
	deliver(c, server, 0, 1);
	ASSERT_EQ(1234, server->txn.sender_euid);
	answer(server, c);
	/* At the time of the call, and of a oneway call too. */
	ASSERT_EQ(0, run(c, set_euid, (void *)0));
	ASSERT_EQ(0, run(c, set_euid, (void *)4321));
	call(c, 0, 2, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:2");
	ASSERT_EQ(4321, server->txn.sender_euid);
	free_last(server);
	/* And of a reply. */
	ASSERT_EQ(0, run(server, set_euid, (void *)99));
	deliver(c, server, 0, 3);
	reply(server, 4, 0);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:4");
	ASSERT_EQ(99, c->txn.sender_euid);
}

TEST_F(transactions, sender_gone_before_delivery)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	ASSERT_EQ(0, ioc_at(c, BINDER_THREAD_EXIT, 0));
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(0, server->txn.sender_pid);
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
}

TEST_F(transactions, target_of_a_call_to_an_object)
{
	struct port *mgr = manager(), *owner = process(), *c = process();
	uint32_t a = give(owner, c, 0xfedcba9876543210, 0x1122334455667788, 0);
	uint32_t b = give(owner, c, 0x20, 0, 0);

	(void)mgr;
	deliver(c, owner, a, 1);
	ASSERT_EQ(0xfedcba9876543210, owner->txn.target.ptr);
	ASSERT_EQ(0x1122334455667788, owner->txn.cookie);
	answer(owner, c);
	deliver(c, owner, b, 1);
	ASSERT_EQ(0x20, owner->txn.target.ptr);
	ASSERT_EQ(0, owner->txn.cookie);
}

TEST_HARNESS_MAIN
