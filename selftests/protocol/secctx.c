// SPDX-License-Identifier: GPL-2.0-only
/*
 * The security context of the sender, for nodes that ask for it: a text at the
 * end of the buffer. Run under several security modules; whose text it is has
 * tests of its own in ../selinux.
 */
#include <stdio.h>

#include "context_test.h"

#define STRICT "/sys/module/binder_linux/parameters/strict_secctx"

SECCTX_FIXTURE(secctx);

/* --- who gets it --- */

TEST_F(secctx, manager_that_asks_for_it)
{
	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	GO(mgr, "NOOP TXN_SEC_CTX:1");
	ASSERT_EQ(4 + 4 + 72, mgr->bwr.read_consumed);
	ASSERT_EQ(0x77, mgr->txn.target.ptr);
	ASSERT_EQ(0x88, mgr->txn.cookie);
	ASSERT_EQ(c->pid, mgr->txn.sender_pid);
	ASSERT_EQ(0, mgr->txn.data_size);
	ASSERT_EQ(context_place(mgr, 0), mgr->secctx);
	CONTEXT(mgr, context);
	answer(mgr, c);
}

TEST_F(secctx, oneway_calls_have_it)
{
	for (int i = 0; i < 3; i++)
		call(c, 0, i, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE COMPLETE COMPLETE");
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, strncmp(go(mgr), "NOOP TXN_SEC_CTX:", 17));
		CONTEXT(mgr, context);
		free_last(mgr);
	}
}

TEST_F(secctx, replies_have_none)
{
	call(c, 0, 1, 0);
	GO(c, "EAGAIN");
	GO(mgr, "NOOP TXN_SEC_CTX:1");
	reply(mgr, 2, 0);
	GO(mgr, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:2");
	ASSERT_EQ(4 + 4 + 4 + 64, c->bwr.read_consumed);
}

/* Let @to have a handle to an object of the manager's with these flags. */
static uint32_t offer(struct port *to, uint64_t ptr, uint32_t flags)
{
	struct flat_binder_object obj = bnd_obj_binder(ptr, 0, flags);

	call(to, 0, 0x91f8, 0);
	go(to);
	if (strcmp(go(mgr), "NOOP TXN_SEC_CTX:91f8"))
		fail("got '%s'", mgr->got);
	reply_obj(mgr, 0, 0, obj);
	free_last(mgr);
	go(mgr);
	both_done(mgr, ptr, 0);
	go(mgr);
	if (strcmp(go(to), "NOOP COMPLETE REPLY:0"))
		fail("got '%s'", to->got);
	take(to, got_obj(to, 0).handle);
	free_last(to);
	go(to);
	return got_obj(to, 0).handle;
}

TEST_F(secctx, each_node_for_itself)
{
	uint32_t plain = offer(c, 0x10, 0), asks = offer(c, 0x20, WANTS_CONTEXT);
	uint32_t both = offer(c, 0x30, WANTS_CONTEXT | FLAT_BINDER_FLAG_ACCEPTS_FDS | 0x13);

	call(c, plain, 1, TF_ONE_WAY);
	call(c, asks, 2, TF_ONE_WAY);
	call(c, both, 3, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE COMPLETE COMPLETE");
	GO(mgr, "NOOP TXN:1");
	GO(mgr, "NOOP TXN_SEC_CTX:2");
	CONTEXT(mgr, context);
	GO(mgr, "NOOP TXN_SEC_CTX:3");
	CONTEXT(mgr, context);
}

TEST_F(secctx, subtle_only_the_first_flags_count)
{
	uint32_t plain = offer(c, 0x10, 0), asks = offer(c, 0x20, WANTS_CONTEXT);

	ASSERT_EQ(plain, offer(c, 0x10, WANTS_CONTEXT));
	ASSERT_EQ(asks, offer(c, 0x20, 0));
	call(c, plain, 1, TF_ONE_WAY);
	call(c, asks, 2, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE COMPLETE");
	GO(mgr, "NOOP TXN:1");
	GO(mgr, "NOOP TXN_SEC_CTX:2");
}

/* --- where it is --- */

TEST_F(secctx, place_behind_all_sizes_of_data)
{
	uint8_t *data = shared(4096 + 64);

	memset(data, 0xa5, 4096 + 64);
	for (size_t size = 0; size <= 40; size++) {
		call_data(c, 0, 1, TF_ONE_WAY, data, size);
		GO(c, "NOOP COMPLETE");
		GO(mgr, "NOOP TXN_SEC_CTX:1");
		ASSERT_EQ(size, mgr->txn.data_size);
		ASSERT_EQ(0, memcmp(data, mgr->payload, size));
		ASSERT_EQ(context_place(mgr, 0), mgr->secctx);
		CONTEXT(mgr, context);
		free_last(mgr);
	}
	/* Across the border of two pages, and the text itself across it. */
	for (size_t size = 4096 - 48; size <= 4096; size += 8) {
		call_data(c, 0, 1, TF_ONE_WAY, data, size);
		GO(c, "NOOP COMPLETE");
		GO(mgr, "NOOP TXN_SEC_CTX:1");
		ASSERT_EQ(context_place(mgr, 0), mgr->secctx);
		CONTEXT(mgr, context);
		free_last(mgr);
	}
}

TEST_F(secctx, place_behind_offsets)
{
	struct flat_binder_object obj[5];

	for (int n = 1; n <= 5; n++) {
		obj[n - 1] = bnd_obj_binder(0x100 * n, 0, 0);
		call_msg(c, objects(0, n, TF_ONE_WAY, n, obj));
		go(c);
		ASSERT_EQ(0, strncmp(go(mgr), "NOOP TXN_SEC_CTX:", 17));
		ASSERT_EQ(8 * n, mgr->txn.offsets_size);
		ASSERT_EQ(context_place(mgr, 0), mgr->secctx);
		CONTEXT(mgr, context);
		ASSERT_EQ(BINDER_TYPE_HANDLE, got_obj(mgr, n - 1).hdr.type);
		free_last(mgr);
	}
}

/* --- its space --- */

TEST_F_TIMEOUT(secctx, space_is_charged_and_comes_back, 300)
{
	/* Half of the area is for oneway calls. */
	size_t fit = AREA / 2 / (16 + pad8(strlen(context) + 1));
	uint8_t *data = shared(16);

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < fit; i++) {
			call_data(c, 0, 1, TF_ONE_WAY, data, 16);
			WRITE(c, "");
		}
		call_data(c, 0, 1, TF_ONE_WAY, data, 16);
		WRITE(c, "");
		EXTERR(c, "FAILED ENOSPC");
		c->room = 16 * 1024;
		go(c);
		for (size_t i = 0; i < fit; i++) {
			GO(mgr, "NOOP TXN_SEC_CTX:1");
			free_last(mgr);
		}
		GO(mgr, "EAGAIN");
	}
}

TEST_F(secctx, text_is_cleared_with_the_buffer)
{
	const char zero[TEXT_MAX] = "";
	size_t size = pad8(strlen(context) + 1);
	uint8_t *data = shared(16);

	memset(data, 0xff, 16);
	call_data(c, 0, 1, TF_ONE_WAY | TF_CLEAR_BUF, data, 16);
	GO(c, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN_SEC_CTX:1");
	CONTEXT(mgr, context);
	free_last(mgr);
	GO(mgr, "EAGAIN");
	ASSERT_EQ(0, memcmp(zero, peek(mgr, mgr->secctx, size), size));
	ASSERT_EQ(0, memcmp(zero, peek(mgr, mgr->txn.data.ptr.buffer, 16), 16));
}

/* Nothing of what was in the place before is left behind the text. */
TEST_F(secctx, word_of_the_end_is_zero)
{
	size_t length = strlen(context), size = pad8(length + 1);
	uint8_t *data = shared(128);
	const char *got;

	memset(data, 0xff, 128);
	call_data(c, 0, 1, TF_ONE_WAY, data, 128);
	GO(c, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN_SEC_CTX:1");
	free_last(mgr);
	GO(mgr, "EAGAIN");
	call(c, 0, 2, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN_SEC_CTX:2");
	got = peek(mgr, mgr->secctx, size);
	ASSERT_EQ(0, memcmp(context, got, length));
	for (size_t i = length; i < size; i++)
		ASSERT_EQ(0, got[i]);
}

/* --- nobody has one --- */

static void set_strict(const char *value)
{
	int fd = open(STRICT, O_WRONLY);

	if (fd < 0 || write(fd, value, 1) != 1)
		fail(STRICT " cannot be set");
	close(fd);
}

TEST_F(secctx, strict_setting)
{
	char why[64];

	set_strict("1");
	call(c, 0, 1, TF_ONE_WAY);
	go(c);
	/* The setting is back before anything can fail here. */
	set_strict("0");
	snprintf(why, sizeof(why), "%s", exterr(c));
	if (*context) {
		ASSERT_STREQ("NOOP COMPLETE", c->got);
		ASSERT_STREQ("OK 0", why);
		GO(mgr, "NOOP TXN_SEC_CTX:1");
		free_last(mgr);
	} else {
		/* AppArmor knows no such name, or nobody answers. */
		ASSERT_STREQ("NOOP FAILED", c->got);
		if (strcmp(why, "FAILED EINVAL"))
			ASSERT_STREQ("FAILED EOPNOTSUPP", why);
	}
	call(c, 0, 2, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN_SEC_CTX:2");
	CONTEXT(mgr, context);
}

TEST_HARNESS_MAIN
