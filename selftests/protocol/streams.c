// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two streams: how much room a read needs, appending, batching and its end,
 * faults; and every command complete, cut short, unknown or behind a failure.
 */
#include <errno.h>

#include "protocol_test.h"

PROTOCOL_FIXTURE(streams);

static void oneway(struct port *c, uint32_t code)
{
	call(c, 0, code, TF_ONE_WAY);
	if (strcmp(go(c), "NOOP COMPLETE"))
		fail("oneway: got '%s'", c->got);
}

/* --- room for reading --- */

TEST_F(streams, room_for_the_largest_record)
{
	struct port *server = manager(), *c = process();

	oneway(c, 1);
	for (size_t room = 4; room < 80; room++) {
		server->room = room;
		ASSERT_STREQ("NOOP", go(server)) {
			TH_LOG("with room for %zu", room);
		}
		/* Even when blocking, as the work is there. */
		ASSERT_STREQ("NOOP", go_blocking(server));
	}
	server->room = 80;
	GO(server, "NOOP TXN:1");
}

TEST_F(streams, room_behind_what_was_read_before)
{
	struct port *server = manager(), *c = process();

	oneway(c, 1);
	server->skip = 12;
	for (size_t room = 13; room < 12 + 76; room++) {
		server->room = room;
		GO(server, "");
		ASSERT_EQ(12, server->bwr.read_consumed);
	}
	server->room = 12 + 76;
	GO(server, "TXN:1");
	ASSERT_EQ(12 + 68, server->bwr.read_consumed);
}

TEST_F(streams, no_room_for_a_code)
{
	for (size_t room = 1; room < 4; room++) {
		struct port *server = room == 1 ? manager() : manager_port();
		struct port *c = process();

		oneway(c, room);
		memset(server->r.buf, 0x5a, 128);
		server->room = room;
		GO(server, "");
		for (size_t i = room; i < 128; i++)
			ASSERT_EQ(0x5a, server->r.buf[i]);
		server->room = 512;
		go(server);
		ASSERT_EQ(room, server->txn.code);
		free_last(server);
		GO(server, "EAGAIN");
	}
}

TEST_F(streams, read_consumed_beyond_the_end)
{
	struct port *server = manager(), *c = process();

	oneway(c, 1);
	memset(server->r.buf, 0x5a, 256);
	server->room = 8;
	server->skip = 16;
	GO(server, "");
	for (int i = 0; i < 256; i++)
		ASSERT_EQ(0x5a, server->r.buf[i]);
	server->room = 512;
	server->skip = 0;
	GO(server, "NOOP TXN:1");
}

TEST_F(streams, without_work_a_small_room_waits_too)
{
	struct port *server = manager(), *c = process();

	server->room = 4;
	GO(server, "EAGAIN");
	START_ASLEEP(server);
	oneway(c, 1);
	FINISH(server, "NOOP");
	server->room = 80;
	GO(server, "NOOP TXN:1");
}

/* --- appending, EAGAIN --- */

TEST_F(streams, appending_adds_no_noop)
{
	struct port *server = manager(), *c = process();

	oneway(c, 1);
	memset(server->r.buf, 0x5a, 64);
	server->skip = 24;
	GO(server, "TXN:1");
	for (int i = 0; i < 24; i++)
		ASSERT_EQ(0x5a, server->r.buf[i]);
}

TEST_F(streams, eagain_leaves_read_consumed)
{
	struct port *p = process();

	GO(p, "EAGAIN");
	ASSERT_EQ(0, p->bwr.read_consumed);
	p->skip = 20;
	GO(p, "EAGAIN");
	ASSERT_EQ(20, p->bwr.read_consumed);
}

TEST_F(streams, silent_work_is_no_reason_to_return)
{
	struct port *mgr = manager(), *owner = process(), *idle = thread_of(owner);
	uint32_t h = give(owner, mgr, 0x1000, 0, 0);

	drop(mgr, h);
	WRITE(mgr, "");
	call_obj(owner, 0, 1, 0, bnd_obj_binder(0x1000, 0, 0));
	WRITE(owner, "");
	GO(mgr, "NOOP TXN:1");
	GO(idle, "EAGAIN");
}

TEST_F(streams, silent_work_is_no_reason_to_return_when_appending)
{
	struct port *mgr = manager(), *owner = process(), *idle = thread_of(owner);
	uint32_t h = give(owner, mgr, 0x1000, 0, 0);

	drop(mgr, h);
	WRITE(mgr, "");
	call_obj(owner, 0, 1, 0, bnd_obj_binder(0x1000, 0, 0));
	WRITE(owner, "");
	GO(mgr, "NOOP TXN:1");
	idle->skip = 12;
	GO(idle, "EAGAIN");
}

/* --- what ends a read --- */

TEST_F(streams, subtle_one_call_per_read_and_last)
{
	struct port *server = manager(), *c = process(), *other = process();
	uint32_t h = give(server, c, 0x1000, 0x11, 0);

	oneway(c, 1);
	drop(c, h);
	GO(c, "EAGAIN");
	call(other, 0, 2, 0);
	GO(other, "EAGAIN");
	GO(server, "NOOP TXN:1");
	/* Small records come before a call, not after it. */
	GO(server, "NOOP RELEASE:1000:11 DECREFS:1000:11 TXN:2");
}

TEST_F(streams, small_records_are_batched_while_there_is_room)
{
	struct port *mgr = manager(), *owner = process();
	uint32_t h[3];

	for (int i = 0; i < 3; i++)
		h[i] = give(owner, mgr, 0x100 * (i + 1), 0, 0);
	for (int i = 0; i < 3; i++)
		drop(mgr, h[i]);
	WRITE(mgr, "");
	/* Each takes 40 bytes, and 76 must be free for it. */
	owner->room = 4 + 40 + 75;
	GO(owner, "NOOP RELEASE:100:0 DECREFS:100:0");
	owner->room = 4 + 40 + 76;
	GO(owner, "NOOP RELEASE:200:0 DECREFS:200:0 RELEASE:300:0 DECREFS:300:0");
}

TEST_F(streams, a_reply_ends_the_read)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	call(c, 55, 1, TF_ONE_WAY);
	WRITE(c, "");
	GO(c, "NOOP COMPLETE REPLY:2");
	GO(c, "NOOP FAILED");
}

TEST_F(streams, a_death_notice_ends_the_read)
{
	struct port *mgr = manager(), *owner = process(), *p = process();
	struct port *t = thread_of(p);
	uint32_t a = give(owner, p, 0x100, 0, 0), b = give(owner, p, 0x200, 0, 0);

	(void)mgr;
	bnd_cmd_request_death(&p->w, a, 0xaa);
	bnd_cmd_request_death(&p->w, b, 0xbb);
	GO(p, "EAGAIN");
	START_ASLEEP(t);
	die(owner);
	FINISH(t, "NOOP DEAD_BINDER:aa");
	ASSERT_STREQ("NOOP DEAD_BINDER:bb", go_blocking(t));
}

/* --- faults while reading --- */

TEST_F(streams, unwritable_read_buffer_takes_nothing)
{
	uint8_t *page = page_before_a_hole();
	struct port *server = manager(), *c = process();
	struct bnd_stream r = server->r;

	oneway(c, 1);
	read_into(server, page + 4096, 512);
	GO(server, "EFAULT");
	ASSERT_EQ(0, server->bwr.read_consumed);
	read_into(server, page + 4095, 512);
	GO(server, "EFAULT");
	server->r = r;
	server->room = 512;
	GO(server, "NOOP TXN:1");
}

TEST_F(streams, a_call_that_cannot_be_stored_fails)
{
	uint8_t *page = page_before_a_hole();
	struct port *server = manager(), *c = process();
	struct bnd_stream r = server->r;

	for (int room = 4; room < 72; room += 17) {
		call(c, 0, 1, 0);
		GO(c, "EAGAIN");
		read_into(server, page + 4096 - room, 512);
		GO(server, "EFAULT");
		ASSERT_EQ(0, server->bwr.read_consumed);
		GO(c, "NOOP COMPLETE FAILED");
		EXTERR(c, "OK 0");
		server->r = r;
		server->room = 512;
		GO(server, "EAGAIN");
		/* It owes no reply. */
		reply(server, 0, 0);
		GO(server, "NOOP FAILED");
	}
	ping(c, server, 0);
}

TEST_F(streams, a_reply_that_cannot_be_stored_is_dropped)
{
	uint8_t *page = page_before_a_hole();
	struct port *server = manager(), *c = process();
	struct bnd_stream r = c->r;

	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	free_last(server);
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	read_into(c, page + 4096 - 40, 512);
	GO(c, "EFAULT");
	c->r = r;
	c->room = 512;
	GO(c, "EAGAIN");
	ping(c, server, 0);
}

/* The space of a message that could not be delivered is given back. */
TEST_F(streams, the_buffer_of_a_call_that_cannot_be_stored_is_freed)
{
	uint8_t *page = page_before_a_hole();
	struct port *server = manager(), *c = process();
	struct bnd_stream r = server->r;
	void *big = shared(AREA);

	call_data(c, 0, 1, 0, big, AREA - 4096);
	GO(c, "EAGAIN");
	read_into(server, page + 4096 - 40, 512);
	GO(server, "EFAULT");
	GO(c, "NOOP COMPLETE FAILED");
	server->r = r;
	server->room = 512;
	call_data(c, 0, 2, 0, big, AREA - 4096);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:2");
}

TEST_F(streams, a_node_is_not_busy_after_a_oneway_call_that_cannot_be_stored)
{
	uint8_t *page = page_before_a_hole();
	struct port *server = manager(), *c = process();
	struct bnd_stream r = server->r;

	oneway(c, 1);
	oneway(c, 2);
	read_into(server, page + 4096 - 40, 512);
	GO(server, "EFAULT");
	server->r = r;
	server->room = 512;
	GO(server, "NOOP TXN:2");
}

/* --- commands cut short --- */

struct cut {
	uint8_t *page;
	uint32_t handle;
	char what[128];
};

static size_t one_command(struct bnd_cmds *s, uint32_t code, uint32_t handle)
{
	static const uint8_t zero[128];

	bnd_cmds_reset(s);
	bnd_cmd_enter_looper(s);
	bnd_cmd(s, code, zero);
	memcpy(s->buf + 8, &handle, _IOC_SIZE(code) >= 4 ? 4 : 0);
	return s->len;
}

static const uint32_t all_commands[] = {
	BC_TRANSACTION, BC_REPLY, BC_FREE_BUFFER, BC_INCREFS, BC_ACQUIRE, BC_RELEASE, BC_DECREFS,
	BC_INCREFS_DONE, BC_ACQUIRE_DONE, BC_REGISTER_LOOPER, BC_ENTER_LOOPER, BC_EXIT_LOOPER,
	BC_REQUEST_DEATH_NOTIFICATION, BC_CLEAR_DEATH_NOTIFICATION, BC_DEAD_BINDER_DONE,
};

#define NCOMMANDS (sizeof(all_commands) / sizeof(*all_commands))

/* Every command behind a good one, at the end of a page, without its last bytes. */
static long cut_everywhere(struct port *p, void *arg)
{
	BND_CMDS(s, 256);
	struct cut *cut = arg;

	for (size_t i = 0; i < NCOMMANDS; i++) {
		size_t whole = one_command(&s, all_commands[i], cut->handle);

		for (size_t len = 5; len < whole; len++) {
			struct binder_write_read bwr = { .write_size = whole };
			int err;

			memcpy(cut->page + 4096 - len, s.buf, len);
			bwr.write_buffer = (uintptr_t)cut->page + 4096 - len;
			err = bnd_write_read(p->conn, &bwr);
			if (err == -EFAULT && bwr.write_consumed == 4)
				continue;
			snprintf(cut->what, sizeof(cut->what),
				 "%s cut to %zu of %zu: %d, consumed %llu",
				 bnd_bc_name(all_commands[i]), len - 4, whole - 4, err,
				 (unsigned long long)bwr.write_consumed);
			return 1;
		}
	}
	return 0;
}

TEST_F(streams, commands_cut_short_at_every_byte)
{
	struct cut *cut = shared(sizeof(*cut));
	struct port *server, *c;
	uint32_t h;

	cut->page = page_before_a_hole();
	server = manager();
	c = process();
	h = give(server, c, 0x1000, 0, 0);
	cut->handle = h;
	ASSERT_EQ(0, run(c, cut_everywhere, cut)) {
		TH_LOG("%s", cut->what);
	}
	/* None of them had an effect. */
	GO(c, "EAGAIN");
	GO(server, "EAGAIN");
	ping(c, server, h);
}

/* Packed records need not be aligned. */
TEST_F(streams, commands_at_odd_addresses)
{
	struct port *server = manager(), *c = process();

	for (int shift = 1; shift < 8; shift++) {
		uint8_t *buf = c->w.buf;

		call(c, 0, shift, TF_ONE_WAY);
		memmove(buf + shift, buf, c->w.len);
		c->w.buf += shift;
		GO(c, "NOOP COMPLETE");
		c->w.buf = buf;
		go(server);
		ASSERT_EQ(shift, server->txn.code);
		free_last(server);
		GO(server, "EAGAIN");
	}
}

/* --- unknown commands --- */

TEST_F(streams, unknown_commands)
{
	struct port *p = process();
	const uint32_t bad[] = {
		0, ~0u, BC_ATTEMPT_ACQUIRE, BC_ACQUIRE_RESULT, _IO('c', 13 + 100), _IO('d', 12),
		_IO('r', 12), BR_NOOP, BR_TRANSACTION, _IOW('c', 11, int32_t),
		_IOW('c', 4, uint64_t), _IOR('c', 4, uint32_t),
		_IOW('c', 0, struct binder_transaction_data_sg), _IOW('c', 14, uint8_t[16]),
		_IOW('c', 22, uint64_t), _IO('c', 3),
	};
	const uint8_t payload[80] = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		bnd_cmd_enter_looper(&p->w);
		bnd_cmd_exit_looper(&p->w);
		bnd_cmd_bytes(&p->w, &bad[i], 4);
		bnd_cmd_bytes(&p->w, payload, sizeof(payload));
		ASSERT_STREQ("EINVAL [8/92]", go(p)) {
			TH_LOG("command %#x", bad[i]);
		}
		forget(p);
	}
}

TEST_F(streams, an_unknown_command_stops_the_rest)
{
	struct port *server = manager(), *c = process();
	const uint32_t bad = BC_ATTEMPT_ACQUIRE;

	call(c, 0, 1, TF_ONE_WAY);
	bnd_cmd_bytes(&c->w, &bad, 4);
	call(c, 0, 2, TF_ONE_WAY);
	GO(c, "EINVAL [68/140]");
	forget(c);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	free_last(server);
	GO(server, "EAGAIN");
}

/* --- stopping at a failure --- */

TEST_F(streams, subtle_a_failed_call_stops_the_stream)
{
	struct port *server = manager(), *c = process();

	(void)server;
	call(c, 99, 1, TF_ONE_WAY);
	call(c, 0, 2, TF_ONE_WAY);
	/* The call is consumed, the rest is not, the result is 0. */
	GO(c, "NOOP FAILED [68/136]");
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:2");
}

TEST_F(streams, nothing_is_written_while_an_error_waits_to_be_read)
{
	struct port *server = manager(), *c = process();

	(void)server;
	call(c, 99, 1, 0);
	WRITE(c, "");
	bnd_cmd_enter_looper(&c->w);
	WRITE(c, "[0/4]");
	WRITE(c, "[0/4]");
	GO(c, "NOOP FAILED [0/4]");
	WRITE(c, "");
}

/* Other threads are not held up by it. */
TEST_F(streams, an_error_is_the_threads_own)
{
	struct port *server = manager(), *c = process(), *t = thread_of(c);

	call(c, 99, 1, 0);
	WRITE(c, "");
	GO(t, "EAGAIN");
	ping(t, server, 0);
	GO(c, "NOOP FAILED");
}

TEST_F(streams, subtle_a_failed_reply_stops_the_stream)
{
	struct port *server = manager(), *c = process();

	deliver(c, server, 0, 1);
	reply_obj(server, 0, 0, fd_obj(0, 0));
	free_last(server);
	GO(server, "NOOP COMPLETE [68/80]");
	GO(c, "NOOP COMPLETE FAILED");
	GO(server, "EAGAIN");
	ping(c, server, 0);
}

TEST_F(streams, subtle_nothing_else_stops_the_stream)
{
	struct port *server = manager(), *c = process();

	/* Mistakes of every soft kind, then a call. */
	bnd_cmd_free_buffer(&c->w, 0x123456);
	bnd_cmd_increfs(&c->w, 70);
	bnd_cmd_acquire(&c->w, 70);
	bnd_cmd_release(&c->w, 70);
	bnd_cmd_decrefs(&c->w, 70);
	bnd_cmd_increfs_done(&c->w, 1, 2);
	bnd_cmd_acquire_done(&c->w, 1, 2);
	bnd_cmd_register_looper(&c->w);
	bnd_cmd_enter_looper(&c->w);
	bnd_cmd_register_looper(&c->w);
	bnd_cmd_exit_looper(&c->w);
	bnd_cmd_request_death(&c->w, 70, 1);
	bnd_cmd_clear_death(&c->w, 70, 1);
	bnd_cmd_dead_binder_done(&c->w, 1);
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
}

TEST_F(streams, the_manager_cannot_refer_to_itself)
{
	struct port *server = manager();

	bnd_cmd_enter_looper(&server->w);
	bnd_cmd_increfs(&server->w, 0);
	GO(server, "EINVAL [4/12]");
	forget(server);
	bnd_cmd_acquire(&server->w, 0);
	GO(server, "EINVAL [0/8]");
	forget(server);
	drop(server, 0);
	GO(server, "EAGAIN");
}

/* 4 bytes of handle, 8 of cookie, nothing between. */
TEST_F(streams, subtle_death_commands_are_packed)
{
	struct port *mgr = manager(), *owner = process(), *p = process();
	const uint32_t code = BC_REQUEST_DEATH_NOTIFICATION;
	uint32_t h = give(owner, p, 0x100, 0, 0);
	const uint64_t cookie = 0x1122334455667788;

	(void)mgr;
	ASSERT_EQ(0x400c630e, code);
	bnd_cmd_bytes(&p->w, &code, 4);
	bnd_cmd_bytes(&p->w, &h, 4);
	bnd_cmd_bytes(&p->w, &cookie, 8);
	GO(p, "EAGAIN");
	bnd_cmd_clear_death(&p->w, h, cookie);
	GO(p, "NOOP CLEARED:1122334455667788");
}

TEST_HARNESS_MAIN
