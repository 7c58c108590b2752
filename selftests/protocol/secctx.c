// SPDX-License-Identifier: GPL-2.0-only
/*
 * The security context of the sender, for nodes that ask for it: a text at the
 * end of the buffer. Run under several security modules; whose text it is has
 * tests of its own in ../selinux.
 */
#include <stdio.h>
#include <stdlib.h>

#include "secctx_test.h"

#define STRICT "/sys/module/binder_linux/parameters/strict_secctx"

#define TEXT_MAX 256

static const char *context;

/* Did the machine boot with this security module? */
static bool has_module(const char *name)
{
	char value = 'N';
	int fd;

	if (!strcmp(name, "selinux"))
		return !access("/sys/fs/selinux", F_OK);
	fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY);
	if (fd >= 0 && read(fd, &value, 1) != 1)
		value = 'N';
	close(fd);
	return value == 'Y';
}

/*
 * The context of this task, and of peers that changed nothing: SELinux has one
 * for the sender of a call, others have none.
 */
static const char *usual_context(void)
{
	const char *wanted = getenv("WANTED_LSM");
	static char text[TEXT_MAX];
	ssize_t n;
	int fd;

	if (wanted && (has_module("selinux") != !strcmp(wanted, "selinux") ||
		       has_module("apparmor") != !strcmp(wanted, "apparmor")))
		fail("this machine was to boot with %s", wanted);
	if (!has_module("selinux"))
		return "";
	fd = open("/proc/self/attr/current", O_RDONLY);
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		fail("/proc/self/attr/current cannot be read");
	close(fd);
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static struct port *manager_with_context(void)
{
	struct flat_binder_object obj = bnd_obj_binder(0x77, 0x88, WANTS_CONTEXT);
	struct port *p = process();

	if (ioc(p, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj)))
		fail("cannot become manager");
	return p;
}

FIXTURE(secctx) {
	char unused;
};

FIXTURE_SETUP(secctx)
{
	(void)self;
	(void)variant;
	running_test = _metadata;
	peers_begin(fail_test);
	page = page_before_a_hole();
	context = usual_context();
	mgr = manager_with_context();
	server = mgr;
	handle = 0;
	c = process();
}

FIXTURE_TEARDOWN(secctx)
{
	(void)_metadata;
	(void)self;
	(void)variant;
	peers_end();
}

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

/* --- beside further buffers (R16, CVE-2019-2214, CVE-2026-68458) --- */

TEST_F(secctx, place_behind_further_buffers)
{
	struct parts m = parts(12);
	uint8_t *one = bytes(24), *two = bytes(13), *three = bytes(8);

	add_ptr(&m, one, 24);
	add_child(&m, two, 13, 0, 8);
	add_child(&m, three, 8, 0, 16);
	OK_WITH(&m, context);
	ASSERT_EQ(0, memcmp(one, got_contents(mgr, 0), 8));
	ASSERT_EQ(0, memcmp(two, got_contents(mgr, 1), 13));
	ASSERT_EQ(0, memcmp(three, got_contents(mgr, 2), 8));
	ASSERT_EQ(mgr->secctx, got_ptr(mgr, 2).buffer + 8);
}

TEST_F(secctx, buffers_that_leave_space)
{
	struct parts m = parts(8);

	add_ptr(&m, bytes(24), 24);
	m.extra += 8;
	OK_WITH(&m, context);
	ASSERT_EQ(mgr->secctx, got_ptr(mgr, 0).buffer + 32);
	free_last(mgr);
	m.extra += 4096;
	OK_WITH(&m, context);
}

TEST_F(secctx, space_without_buffers)
{
	struct parts m = parts(8);

	m.extra = 40;
	OK_WITH(&m, context);
}

/* The text is no space for contents, however little is missing. */
TEST_F(secctx, subtle_buffers_never_reach_it)
{
	uint8_t *contents = bytes(128);

	for (size_t more = 1; more <= 64; more++) {
		struct parts m = parts(8);

		add_ptr(&m, contents, 16 + more);
		m.extra = 16;
		REFUSED_WITH(&m, "EINVAL");
	}
	for (size_t more = 1; more <= 16; more++) {
		struct parts m = parts(8);

		add_ptr(&m, contents, 9);
		add_ptr(&m, contents, 7);
		add_ptr(&m, contents, more);
		m.extra = 16;
		REFUSED_WITH(&m, "EINVAL");
		m.extra = 24;
		REFUSED_WITH(&m, "EINVAL");
		m.extra = 24 + pad8(more);
		OK_WITH(&m, context);
		ASSERT_EQ(mgr->secctx, got_ptr(mgr, 2).buffer + pad8(more));
		free_last(mgr);
	}
}

TEST_F(secctx, subtle_nothing_fits_when_no_space_was_asked_for)
{
	struct parts m = parts(8);

	add_ptr(&m, bytes(1), 1);
	m.extra = 0;
	REFUSED_WITH(&m, "EINVAL");
	m = parts(8);
	add_ptr(&m, bytes(1), 0);
	OK_WITH(&m, context);
	ASSERT_EQ(mgr->secctx, got_ptr(mgr, 0).buffer);
}

TEST_F(secctx, space_that_is_no_multiple_of_8)
{
	struct parts m = parts(8);

	add_ptr(&m, bytes(8), 8);
	for (m.extra = 17; m.extra < 24; m.extra++)
		REFUSED_WITH(&m, "EINVAL");
	OK_WITH(&m, context);
}

/* --- sums (R17) --- */

TEST_F(secctx, sizes_near_the_edges)
{
	const uint64_t edge[] = { 1ull << 31, 1ull << 32, 1ull << 63 };
	size_t size = pad8(strlen(context) + 1);
	struct parts m = parts(8);

	for (size_t i = 0; i < ARRAY_SIZE(edge); i++) {
		for (int64_t off = -64; off <= 64; off += 8) {
			m.extra = edge[i] + off;
			REFUSED_WITH(&m, "ENOSPC");
		}
	}
	/* Beyond the last edge the sum with the text wraps around. */
	for (uint64_t below = 8; below <= 256; below += 8) {
		const char *want = below <= size + m.size ? "FAILED EINVAL" :
							    "FAILED ENOSPC";

		m.extra = 0 - below;
		ASSERT_STREQ(want, deliver_with_context(c, server, &m, handle));
	}
	for (uint64_t below = 1; below < 8; below++) {
		m.extra = 0 - below;
		REFUSED_WITH(&m, "EINVAL");
	}
	m.extra = 0;
	OK_WITH(&m, context);
}

TEST_F(secctx, sizes_of_data_and_offsets_near_the_edges)
{
	size_t size = pad8(strlen(context) + 1);

	for (uint64_t below = 8; below <= 256; below += 8) {
		const char *want = below <= size ? "FAILED EINVAL" : "FAILED ENOSPC";
		struct bnd_msg msg = { .flags = TF_ONE_WAY, .data = shared(8) };
		struct binder_transaction_data t = bnd_txn(&msg);

		t.data_size = 0 - below;
		bnd_cmd(&c->w, BC_TRANSACTION, &t);
		GO(c, "NOOP FAILED");
		EXTERR(c, want);
		t.data_size = 0;
		t.offsets_size = 0 - below;
		bnd_cmd(&c->w, BC_TRANSACTION, &t);
		GO(c, "NOOP FAILED");
		EXTERR(c, want);
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
