// SPDX-License-Identifier: GPL-2.0-only
/*
 * R42, CVE-2026-43435: of the half of an area that oneway calls may use some was lost, or
 * gained, with each message of no size, and the one that was being sent was left out
 * where it was asked who sends too many. What each of them is charged is given back,
 * however it ends.
 */
#include <fcntl.h>
#include <sys/resource.h>

#include "fill.h"
#include "memory.h"
#include "protocol_test.h"
#include "racers.h"

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
	ASSERT_EQ(1, take_all(server));
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
	ASSERT_EQ(4, take_all(server));
	LEFT(c, HALF);
}

#define ROUNDS 40

TEST_F_TIMEOUT(space, thousands_of_tiny_calls, NO_TIMEOUT)
{
	struct port *server = manager(), *c = process();
	void *data = shared(8);
	char want[1024];

	for (unsigned int round = 0; round < race_rounds(ROUNDS); round++) {
		strcpy(want, "NOOP");
		for (int i = 0; i < 50; i++) {
			call_msg(c, (struct bnd_msg){
				.code = 1, .flags = TF_ONE_WAY, .data = data, .size = i % 9,
			});
			strcat(want, " COMPLETE");
		}
		GO(c, want);
		ASSERT_EQ(50, take_all(server));
	}
	LEFT(c, HALF);
}

TEST_F(space, is_charged_by_the_padded_size)
{
	struct port *server = manager(), *c = process();
	const int n = AREA / 2 / 4096;
	void *data = shared(4096);

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < n; i++) {
			call_data(c, 0, i, TF_ONE_WAY, data, 4096 - i % 8);
			GO(c, "NOOP COMPLETE");
		}
		call(c, 0, 0x99, TF_ONE_WAY);
		GO(c, "NOOP FAILED");
		EXTERR(c, "FAILED ENOSPC");
		for (int i = 0; i < n; i++) {
			go(server);
			ASSERT_EQ((uint32_t)i, server->txn.code);
			free_last(server);
			WRITE(server, "");
		}
	}
}

TEST_F(space, is_charged_for_empty_messages)
{
	struct port *server = manager(), *c = process();
	struct port *small = process_on(device(), 4096);
	uint32_t h = give(small, c, 0x10, 0, 0);
	int sent = 0;

	(void)server;
	for (;; sent++) {
		call(c, h, sent, TF_ONE_WAY);
		if (strcmp(go(c), "NOOP COMPLETE"))
			break;
		ASSERT_GE(4096 / 2 / 8, sent);
	}
	ASSERT_STREQ("NOOP FAILED", c->got);
	EXTERR(c, "FAILED ENOSPC");
	ASSERT_EQ(4096 / 2 / 8, sent);
	for (uint32_t i = 0; i < 4096 / 2 / 8; i++) {
		go(small);
		ASSERT_EQ(i, small->txn.code);
		free_last(small);
		WRITE(small, "");
	}
	ASSERT_STREQ(OK, post_to(c, h, 0));
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
	for (int i = 0; i < 200; i++) {
		call_msg(c, (struct bnd_msg){
			.flags = TF_ONE_WAY, .data = (void *)PAGE, .size = AREA / 4 + i,
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
	ASSERT_EQ(1, take_all(server));
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
	ASSERT_EQ(2, take_all(server));
	LEFT(c, HALF);
}

TEST_F(space, comes_back_from_a_sender_that_died)
{
	struct port *server = manager(), *c = process(), *d = process();

	ASSERT_STREQ(OK, post(c, 10000));
	ASSERT_STREQ(OK, post(d, 10000));
	ASSERT_STREQ(OK, post(c, 10000));
	die(c);
	ASSERT_EQ(3, take_all(server));
	LEFT(d, HALF);
}

/* @arg oneway calls, read and freed one by one. */
static long do_serve_oneway(struct port *p, void *arg)
{
	long left = (long)arg;

	fcntl(p->conn->fd, F_SETFL, fcntl(p->conn->fd, F_GETFL) & ~O_NONBLOCK);
	while (left) {
		struct bnd_rec rec;
		int err = bnd_read(p->conn, &p->r);

		while (!err && bnd_next(&p->r, &rec) > 0) {
			if (rec.code != BR_TRANSACTION)
				continue;
			err = bnd_free_buffer(p->conn, rec.txn.data.ptr.buffer);
			left--;
		}
		if (err)
			return err;
	}
	return 0;
}

struct flood {
	unsigned int n;
	unsigned int modulus;
	const void *data;
};

static long do_flood(struct port *p, void *arg)
{
	struct flood *f = arg;
	struct bnd_result res;

	for (unsigned int i = 0; i < f->n; i++) {
		struct bnd_msg m = {
			.flags = TF_ONE_WAY, .data = f->data, .size = i % f->modulus,
		};
		int err = bnd_call(p->conn, &m, &res);

		if (err)
			return err;
		/* No room for the moment: once more. */
		if (res.code == BR_FAILED_REPLY)
			i--;
		else if (res.code != BR_TRANSACTION_COMPLETE)
			return res.code;
	}
	return 0;
}

TEST_F(space, comes_back_from_calls_that_are_served_meanwhile)
{
	struct port *server = receiver(AREA), *c = client();
	struct flood *f = shared(sizeof(*f));

	*f = (struct flood){ .n = 5000, .modulus = 9, .data = filled(1, 64) };
	LEFT(c, HALF);
	ASSERT_EQ(1, take_all(server));
	run_start(server, do_serve_oneway, (void *)(long)f->n);
	ASSERT_EQ(0, run(c, do_flood, f));
	ASSERT_EQ(0, run_finish(server));
	LEFT(c, HALF);
	ASSERT_EQ(1, take_all(server));
	ASSERT_EQ(0, keep(c, server, 'z', AREA));
}

TEST_F(space, the_51st_call_is_one_too_many)
{
	struct port *server = manager(), *c = curious();

	squeeze();
	post_empty(c, 50);
	ASSERT_STREQ(SUSPECT, post(c, 0));
	ASSERT_STREQ(OK, post(c, 0));
	ASSERT_EQ(54, take_all(server));
}

TEST_F(space, the_byte_beyond_a_quarter_is_too_much)
{
	struct port *server = manager(), *other = process(), *c = curious();

	ASSERT_STREQ(OK, post(other, HALF - AREA / 4 - LITTLE + 8));
	ASSERT_STREQ(OK, post(c, AREA / 4));
	ASSERT_STREQ(SUSPECT, post(c, 1));
	ASSERT_EQ(3, take_all(server));
}

TEST_F(space, a_single_call_can_be_too_much)
{
	struct port *server = manager(), *c = curious();

	ASSERT_STREQ(SUSPECT, post(c, HALF - LITTLE));
	ASSERT_EQ(1, take_all(server));
}

TEST_HARNESS_MAIN
