// SPDX-License-Identifier: GPL-2.0-only
/*
 * R30, CVE-2019-2025: the receiver guesses where a message is that is still built or
 * queued, and frees it. What the sender still writes goes into memory of others.
 */
#include "memory.h"
#include "protocol_test.h"
#include "racers.h"

PROTOCOL_FIXTURE(guesses);

TEST_F(guesses, free_no_message_before_delivery)
{
	struct port *server = manager(), *c = process(), *next = process();
	uint64_t at;

	/* The address of the last message is the best guess at that of the next. */
	ping(c, server, 0);
	at = server->txn.data.ptr.buffer;
	call_data(c, 0, 1, 0, "precious", 8);
	GO(c, "EAGAIN");
	for (uint64_t a = at & ~0xfffull; a < (at & ~0xfffull) + 4096; a += 8)
		bnd_cmd_free_buffer(&server->w, a);
	WRITE(server, "");
	/* Of the space that was freed, if any, this takes some. */
	call_data(next, 0, 2, 0, "trinkets", 8);
	GO(next, "EAGAIN");
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(0, memcmp(server->payload, "precious", 8));
	answer(server, c);
	GO(server, "NOOP TXN:2");
	ASSERT_EQ(0, memcmp(server->payload, "trinkets", 8));
	answer(server, next);
}

/* BC_FREE_BUFFER for everything that could be a buffer; how many were accepted shows later. */
static long do_free_guesses(struct port *p, void *arg)
{
	uint8_t bytes[12 * 512];
	struct bnd_cmds w = { .buf = bytes, .cap = sizeof(bytes) };
	int err;

	(void)arg;
	for (size_t at = 0; at < AREA;) {
		bnd_cmds_reset(&w);
		for (int i = 0; i < 512; i++, at += 8)
			bnd_cmd_free_buffer(&w, (uintptr_t)p->conn->map + at);
		err = bnd_write(p->conn, &w);
		if (err)
			return err;
	}
	return 0;
}

TEST_F(guesses, free_no_message_under_way)
{
	struct port *server = receiver(AREA), *c = client();
	struct port *t = thread_of(server);
	uint8_t *page = missing_page(c);

	memset(page - PAGE, 'a', PAGE);
	call_msg(c, (struct bnd_msg){ .data = page - PAGE, .size = 2 * PAGE, .flags = TF_ONE_WAY });
	run_start(c, do_write, NULL);
	await_missing();
	ASSERT_EQ(0, run(t, do_free_guesses, NULL));
	/* Somebody else's message does not get the place. */
	ASSERT_NE(0, keep(client(), server, 'x', 2 * PAGE));
	provide('b');
	ASSERT_EQ(0, run_finish(c));
	/* Queued, not yet delivered: the same. */
	ASSERT_EQ(0, run(t, do_free_guesses, NULL));
	GO(server, "NOOP TXN:0");
	ASSERT_EQ(0, offset_of(server, server->txn.data.ptr.buffer));
	ASSERT_TRUE(is_all(server, 0, PAGE, 'a'));
	ASSERT_TRUE(is_all(server, PAGE, PAGE, 'b'));
	/* Now it counts. */
	ASSERT_EQ(0, run(t, do_free_guesses, NULL));
	ASSERT_EQ(0, keep(client(), server, 'z', AREA));
}

static long do_free_forever(struct port *p, void *arg)
{
	const bool *stop = arg;
	long err = 0;

	while (!err && !__atomic_load_n(stop, __ATOMIC_RELAXED))
		err = do_free_guesses(p, NULL);
	return err;
}

/*
 * Guesses all the time. A buffer may be gone as soon as it is the receiver's, and
 * not earlier: what is read right then may be of a later message, never of nobody.
 */
TEST_F(guesses, all_the_time_do_no_harm)
{
	struct port *server = receiver(AREA), *c = client();
	struct port *t = thread_of(server);
	bool *stop = shared(1);

	*stop = false;
	run_start(t, do_free_forever, stop);
	for (int i = 0; i < 300; i++) {
		call_data(c, 0, i, TF_ONE_WAY, filled('a', 200 + 3 * i), 200 + 3 * i);
		if (strcmp(go(c), "NOOP COMPLETE"))
			fail("message %d: got '%s'", i, c->got);
		/* The one before may be in the other thread's hands, half freed. */
		go_blocking(server);
		if (server->txn.code != (uint32_t)i)
			fail("message %d: got '%s'", i, server->got);
		free_last(server);
		only_write(server);
	}
	__atomic_store_n(stop, true, __ATOMIC_RELAXED);
	ASSERT_EQ(0, run_finish(t));
	/* All of it is free again. */
	ASSERT_EQ(0, keep(c, server, 'z', AREA));
}

TEST_HARNESS_MAIN
