// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose security context comes with a call, and contexts of all lengths. Runs
 * before a policy is loaded, when the names of the initial contexts are those
 * that can be had.
 */
#include "selinux_test.h"

FIXTURE(context) {
	char unused;
};

FIXTURE_SETUP(context)
{
	(void)self;
	(void)variant;
	running_test = _metadata;
	peers_begin(fail_test);
	ASSERT_EQ(0, access("/sys/fs/selinux", F_OK)) {
		TH_LOG("this kernel did not boot with SELinux");
	}
	page = page_before_a_hole();
	mgr = process();
	become_manager(mgr, WANTS_CONTEXT);
	server = mgr;
	handle = 0;
	c = process();
}

FIXTURE_TEARDOWN(context)
{
	(void)_metadata;
	(void)self;
	(void)variant;
	peers_end();
}

#define CALL_WITH(p, text)						\
	do {								\
		call(p, 0, 1, TF_ONE_WAY);				\
		GO(p, "NOOP COMPLETE");					\
		GO(mgr, "NOOP TXN_SEC_CTX:1");				\
		CONTEXT(mgr, text);					\
		free_last(mgr);						\
	} while (0)

TEST_F(context, is_that_of_the_opener)
{
	struct port *again;

	CALL_WITH(c, "kernel");
	set_context(c, "unlabeled");
	CALL_WITH(c, "kernel");
	again = open_again(c, AREA);
	CALL_WITH(again, "unlabeled");
	CALL_WITH(c, "kernel");
}

TEST_F(context, of_a_child_is_that_of_the_opener)
{
	struct port *child = child_of(c), *own;

	set_context(child, "unlabeled");
	CALL_WITH(child, "kernel");
	own = open_again(child, AREA);
	CALL_WITH(own, "unlabeled");
	CALL_WITH(c, "kernel");
}

TEST_F(context, of_several_senders)
{
	struct port *one = process_with("netif"), *two = process_with("unlabeled");

	for (int i = 0; i < 3; i++) {
		CALL_WITH(one, "netif");
		CALL_WITH(two, "unlabeled");
		CALL_WITH(c, "kernel");
	}
}

/* The receiver's own does not matter. */
TEST_F(context, of_the_receiver_is_not_asked)
{
	set_context(mgr, "security");
	CALL_WITH(c, "kernel");
}

/*
 * R16, CVE-2019-2214, CVE-2026-68458: once more, for texts that fill their place and texts
 * that do not.
 */
TEST_F(context, of_all_lengths_beside_further_buffers)
{
	static const char *const text[] = {
		"port", "netif", "netmsg", "security", "unlabeled", "any_socket",
	};

	for (size_t i = 0; i < ARRAY_SIZE(text); i++) {
		struct parts m = parts(12);
		uint8_t *contents = bytes(64);

		c = process_with(text[i]);
		add_ptr(&m, contents, 64);
		add_child(&m, contents, 24, 0, 0);
		OK_WITH(&m, text[i]);
		ASSERT_EQ(server->secctx, got_ptr(server, 1).buffer + 24);
		ASSERT_EQ(0, memcmp(contents, got_contents(server, 1), 24));
		free_last(server);
		for (size_t more = 1; more <= 32; more += more < 9 ? 1 : 7) {
			m = parts(12);
			add_ptr(&m, contents, 16);
			add_ptr(&m, contents, 8 + more);
			m.extra = 24;
			REFUSED_WITH(&m, "EINVAL");
		}
		m = parts(12);
		add_ptr(&m, contents, 16);
		m.extra = 24;
		OK_WITH(&m, text[i]);
		free_last(server);
		for (uint64_t below = 8; below <= 8 + strlen(text[i]); below += 8) {
			m.extra = 0 - below;
			REFUSED_WITH(&m, "EINVAL");
		}
		die(c);
	}
}

/* A text that starts and ends anywhere in pages. */
TEST_F(context, across_pages)
{
	uint8_t *data = shared(4096);

	c = process_with("any_socket");
	for (size_t size = 4096 - 24; size <= 4096; size += 8) {
		call_data(c, 0, 1, TF_ONE_WAY, data, size);
		GO(c, "NOOP COMPLETE");
		GO(mgr, "NOOP TXN_SEC_CTX:1");
		ASSERT_EQ(context_place(mgr, 0), mgr->secctx);
		CONTEXT(mgr, "any_socket");
		free_last(mgr);
	}
}

TEST_HARNESS_MAIN
