// SPDX-License-Identifier: GPL-2.0-only
/*
 * The half of an area that oneway calls may use: what each of them is charged, and
 * that all of it comes back, however a call ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "fill.h"
#include "protocol_test.h"

PROTOCOL_FIXTURE(space);

/* Is this what is left, to the byte? Uses it up. */
#define LEFT(p, bytes)							\
	do {								\
		ASSERT_STREQ(FAILED, post(p, (bytes) + 1));		\
		EXTERR(p, "FAILED ENOSPC");				\
		ASSERT_STREQ(OK, post(p, bytes));			\
		ASSERT_STREQ(FAILED, post(p, 0));			\
		EXTERR(p, "FAILED ENOSPC");				\
	} while (0)

/* A buffer of @length bytes: 41 bytes of data are 48, 8 of offsets, and those. */
static void call_sg(struct port *p, size_t length)
{
	struct binder_buffer_object obj = bnd_obj_ptr(shared(length), length);

	bnd_cmd_transaction_sg(&p->w, &(struct bnd_msg){
		.code = 1, .flags = TF_ONE_WAY,
		.data = memcpy(shared(sizeof(obj) + 1), &obj, sizeof(obj)),
		.size = sizeof(obj) + 1,
		.offsets = shared(sizeof(uint64_t)), .noffsets = 1,
		.extra = (length + 7) / 8 * 8,
	});
}

TEST_F(space, half_of_an_empty_area)
{
	struct port *server = manager(), *c = process();

	LEFT(c, HALF);
	ASSERT_EQ(1, drain(server));
	LEFT(c, HALF);
}

TEST_F(space, each_part_is_padded)
{
	struct port *server = manager(), *c = process();

	ASSERT_STREQ(OK, post(c, HALF - 3 * 64));
	for (int i = 0; i < 2; i++) {
		call_sg(c, i ? 8 : 1);
		GO(c, OK);
	}
	call_sg(c, 9);
	GO(c, FAILED);
	EXTERR(c, "FAILED ENOSPC");
	LEFT(c, 64);
	ASSERT_EQ(4, drain(server));
	LEFT(c, HALF);
}

/* R42, CVE-2026-43435: the space drifted with messages of no size. */
TEST_F(space, thousands_of_tiny_calls)
{
	struct port *server = manager(), *c = process();
	void *data = shared(8);
	char want[1024];

	for (int round = 0; round < 40; round++) {
		strcpy(want, "NOOP");
		for (int i = 0; i < 50; i++) {
			call_msg(c, (struct bnd_msg){
				.code = 1, .flags = TF_ONE_WAY, .data = data, .size = i % 9,
			});
			strcat(want, " COMPLETE");
		}
		GO(c, want);
		ASSERT_EQ(50, drain(server));
	}
	LEFT(c, HALF);
}

TEST_F(space, comes_back_from_a_call_that_failed)
{
	struct port *server = manager(), *c = process();
	struct flat_binder_object obj = bnd_obj_handle(77);

	(void)server;
	for (int i = 0; i < 3; i++) {
		struct bnd_msg m = objects(0, 1, TF_ONE_WAY, 1, &obj);

		m.data = memcpy(shared(20000), &obj, sizeof(obj));
		m.size = 20000;
		call_msg(c, m);
		GO(c, FAILED);
		EXTERR(c, "FAILED EINVAL");
	}
	LEFT(c, HALF);
}

TEST_F(space, comes_back_from_a_call_with_a_bad_pointer)
{
	struct port *server = manager(), *c = process();

	(void)server;
	for (int i = 0; i < 3; i++) {
		call_msg(c, (struct bnd_msg){
			.code = 1, .flags = TF_ONE_WAY, .data = (void *)4096, .size = 20000,
		});
		GO(c, FAILED);
		EXTERR(c, "FAILED EFAULT");
	}
	LEFT(c, HALF);
}

/* In the receiver: leave no number free for a descriptor. */
static long no_descriptors(struct port *p, void *arg)
{
	struct rlimit limit;

	(void)p;
	(void)arg;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 0;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

TEST_F(space, comes_back_from_a_call_whose_descriptor_cannot_be_installed)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	struct flat_binder_object obj = fd_obj(0, 0);
	uint32_t h = give(server, c, 0x10, 0, FLAT_BINDER_FLAG_ACCEPTS_FDS);

	(void)mgr;
	ASSERT_EQ(0, run(server, no_descriptors, NULL));
	call_obj(c, h, 1, TF_ONE_WAY, obj);
	GO(c, OK);
	GO(server, "EAGAIN");
	ASSERT_STREQ(OK, post_to(c, h, HALF));
	ASSERT_EQ(1, drain(server));
}

TEST_F(space, comes_back_from_a_call_that_was_replaced)
{
	struct port *server = manager(), *c = process();
	struct binder_freeze_info freeze = { .pid = server->pid, .enable = 1 };

	/* The node is busy and stays so. */
	ASSERT_STREQ(OK, post(c, 0));
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(0, ioc(c, BINDER_FREEZE, &freeze, sizeof(freeze)));
	for (int i = 0; i < 10; i++) {
		call_msg(c, (struct bnd_msg){
			.code = 1, .flags = TF_ONE_WAY | TF_UPDATE_TXN,
			.data = shared(0), .size = 10000,
		});
		GO(c, "NOOP PENDING_FROZEN");
	}
	freeze.enable = 0;
	ASSERT_EQ(0, ioc(c, BINDER_FREEZE, &freeze, sizeof(freeze)));
	LEFT(c, HALF - 10000 - 8);
	free_last(server);
	WRITE(server, "");
	ASSERT_EQ(2, drain(server));
	LEFT(c, HALF);
}

TEST_F(space, comes_back_from_a_sender_that_died)
{
	struct port *server = manager(), *c = process(), *d = process();

	ASSERT_STREQ(OK, post(c, 10000));
	ASSERT_STREQ(OK, post(d, 10000));
	ASSERT_STREQ(OK, post(c, 10000));
	die(c);
	ASSERT_EQ(3, drain(server));
	LEFT(d, HALF);
}

TEST_HARNESS_MAIN
