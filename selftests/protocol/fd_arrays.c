// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrays of descriptors inside further buffers, and how they are closed with the
 * message they came in.
 */
#include <errno.h>
#include <sys/resource.h>

#include "parts_test.h"

PARTS_FIXTURE(fd_arrays);

/* --- arrays of descriptors --- */

/* A buffer of @size with descriptor @fd at @offset and @nr times behind it. */
static uint8_t *fds_at(size_t size, size_t offset, int nr, int fd)
{
	uint8_t *p = bytes(size);

	for (int i = 0; i < nr; i++)
		memcpy(p + offset + 4 * i, &fd, 4);
	return p;
}

TEST_F(fd_arrays, an_array_of_descriptors)
{
	struct binder_fd_array_object sent = bnd_obj_fda(3, 0, 8), got;
	int pipe[2], number[3];
	struct parts m = parts(8);
	const uint8_t *contents;
	uint8_t *parent;

	pipe_in(c, pipe);
	parent = fds_at(24, 8, 3, pipe[1]);
	add_ptr(&m, parent, 24);
	sent.pad = 0xabcd;
	add_object(&m, &sent, sizeof(sent));
	OK(&m);
	contents = got_contents(server, 0);
	ASSERT_EQ(0, memcmp(parent, contents, 8));
	ASSERT_EQ(0, memcmp(parent + 20, contents + 20, 4));
	memcpy(number, contents + 8, sizeof(number));
	for (int i = 0; i < 3; i++)
		ASSERT_TRUE(same_file(server, number[i], c, pipe[1]));
	ASSERT_EQ(number[0] + 1, number[1]);
	ASSERT_EQ(number[1] + 1, number[2]);
	got = got_fda(server, 1);
	ASSERT_EQ(0, memcmp(&sent, &got, sizeof(sent)));
}

TEST_F(fd_arrays, more_descriptors_than_fit)
{
	static const uint64_t nr[] = {
		5, 6, 7, 1ULL << 29, 1ULL << 30, (1ULL << 30) + 1, 1ULL << 31, 1ULL << 32,
		1ULL << 61, 1ULL << 62, (1ULL << 62) + 1, 1ULL << 63, -1ULL,
	};
	int pipe[2];

	pipe_in(c, pipe);
	for (size_t i = 0; i < ARRAY_SIZE(nr); i++) {
		struct parts m = parts(8);

		add_ptr(&m, fds_at(24, 8, 4, pipe[1]), 24);
		add_fda(&m, nr[i], 0, 8);
		REFUSED(&m, "EINVAL");
		/* All of the parent, and one more. */
		m = parts(8);
		add_ptr(&m, fds_at(24, 0, 6, pipe[1]), 24);
		add_fda(&m, 7, 0, 0);
		REFUSED(&m, "EINVAL");
	}
}

TEST_F(fd_arrays, descriptors_outside_the_parent)
{
	static const uint64_t offset[] = {
		24, 28, 1ULL << 31, 1ULL << 32, (1ULL << 32) + 8, 1ULL << 63, -8ULL, -4ULL,
	};
	int pipe[2];

	pipe_in(c, pipe);
	for (size_t i = 0; i < ARRAY_SIZE(offset); i++) {
		struct parts m = parts(8);

		add_ptr(&m, fds_at(24, 0, 6, pipe[1]), 24);
		add_fda(&m, 1, 0, offset[i]);
		REFUSED(&m, "EINVAL");
	}
}

TEST_F(fd_arrays, misaligned_descriptors)
{
	int pipe[2];

	pipe_in(c, pipe);
	for (size_t by = 1; by < 4; by++) {
		struct parts m = parts(8);

		add_ptr(&m, fds_at(24, by, 1, pipe[1]), 24);
		add_fda(&m, 1, 0, by);
		REFUSED(&m, "EINVAL");
		/* In the sender's memory only. */
		m = parts(8);
		add_ptr(&m, fds_at(32, 8 + by, 1, pipe[1]) + by, 24);
		add_fda(&m, 1, 0, 8);
		REFUSED(&m, "EINVAL");
		/* In the receiver's only. */
		m = parts(8);
		add_ptr(&m, fds_at(32, 8, 1, pipe[1]) + by, 24);
		add_fda(&m, 1, 0, 8 - by);
		REFUSED(&m, "EINVAL");
	}
}

TEST_F(fd_arrays, descriptors_have_their_turn)
{
	int pipe[2];
	uint8_t *parent;

	pipe_in(c, pipe);
	parent = fds_at(40, 8, 2, pipe[1]);
	for (uint64_t offset = 0; offset <= 24; offset += 4) {
		struct parts m = parts(8);

		add_ptr(&m, parent, 40);
		add_fda(&m, 2, 0, 8);
		add_child(&m, bytes(8), 8, 0, offset);
		if (offset < 16)
			REFUSED(&m, "EINVAL");
		if (offset >= 16) {
			OK(&m);
			free_parts(server);
		}
		m = parts(8);
		add_ptr(&m, parent, 40);
		add_child(&m, bytes(8), 8, 0, offset);
		add_fda(&m, 2, 0, 8);
		if (offset > 0)
			REFUSED(&m, "EINVAL");
		if (offset == 0) {
			OK(&m);
			free_parts(server);
		}
	}
	/* Back to the grandparent behind an array. */
	for (uint64_t offset = 8; offset <= 24; offset += 8) {
		struct parts m = parts(8);

		add_ptr(&m, bytes(40), 40);
		add_child(&m, parent, 40, 0, 8);
		add_fda(&m, 2, 1, 8);
		add_child(&m, bytes(8), 8, 0, offset);
		if (offset == 8)
			REFUSED(&m, "EINVAL");
		if (offset > 8) {
			OK(&m);
			free_parts(server);
		}
	}
}

TEST_F(fd_arrays, bad_descriptors)
{
	int pipe[2], end;
	struct parts m = parts(8);
	uint8_t *parent;

	pipe_in(c, pipe);
	end = steal(c, pipe[0]);
	parent = fds_at(24, 0, 3, pipe[1]);
	memset(parent + 8, 0xff, 4);
	add_ptr(&m, parent, 24);
	add_fda(&m, 3, 0, 0);
	REFUSED(&m, "EBADF");
	memcpy(parent + 8, (int[]){ 999 }, 4);
	REFUSED(&m, "EBADF");
	/* Those before the bad one were given back. */
	close_in(c, pipe[1]);
	wait_for_end(end);
}

TEST_F(fd_arrays, nobody_agreed_to_descriptors)
{
	struct parts m = parts(8);
	int pipe[2];

	pipe_in(c, pipe);
	add_ptr(&m, fds_at(24, 0, 3, pipe[1]), 24);
	add_fda(&m, 1, 0, 0);
	ASSERT_STREQ("FAILED EPERM", deliver_parts(c, mgr, &m, 0));
	OK(&m);
}

TEST_F(fd_arrays, unreadable_descriptors)
{
	struct parts m = parts(8);
	int pipe[2];

	pipe_in(c, pipe);
	memcpy(page + 4092, &pipe[1], 4);
	add_ptr(&m, page + 4092, 8);
	add_fda(&m, 2, 0, 0);
	REFUSED(&m, "EINVAL");
}

/* --- closed with their message, by number --- */

TEST_F(fd_arrays, only_the_first_free_closes)
{
	int number[1], other[2];

	deliver_pipe(c, server, handle, 1, number);
	free_parts(server);
	ASSERT_FALSE(is_open(server, number[0]));
	pipe_in(server, other);
	ASSERT_EQ(number[0], other[0]);
	free_parts(server);
	ASSERT_TRUE(is_open(server, other[0]));
}

TEST_F(fd_arrays, subtle_closed_whatever_the_number_means_by_now)
{
	int number[2], pipe[2], end = deliver_pipe(c, server, handle, 2, number), other;

	/* Another file has the first number, the second is closed already. */
	pipe_in(server, pipe);
	other = steal(server, pipe[0]);
	dup2_in(server, pipe[1], number[0]);
	close_in(server, pipe[1]);
	close_in(server, number[1]);
	ASSERT_TRUE(has_end(end));
	ASSERT_FALSE(has_end(other));
	free_parts(server);
	ASSERT_TRUE(has_end(other));
	ASSERT_FALSE(is_open(server, number[0]));
	ping(c, server, handle);
}

TEST_F(fd_arrays, subtle_closed_in_the_table_of_the_task_that_frees)
{
	struct port *child;
	int number[1], end = deliver_pipe(c, server, handle, 1, number);

	child = child_of(server);
	ASSERT_TRUE(is_open(child, number[0]));
	bnd_cmd_free_buffer(&child->w, server->txn.data.ptr.buffer);
	GO(child, "NOOP");
	ASSERT_FALSE(is_open(child, number[0]));
	ASSERT_TRUE(is_open(server, number[0]));
	ASSERT_FALSE(has_end(end));
	close_in(server, number[0]);
	ASSERT_TRUE(has_end(end));
}

TEST_F(fd_arrays, single_descriptors_beside_them_stay_open)
{
	struct parts m = parts(8);
	int pipe[2], single, number;
	struct binder_fd_object fd;

	pipe_in(c, pipe);
	fd = bnd_obj_fd(pipe[0], 0);
	add_object(&m, &fd, sizeof(fd));
	add_ptr(&m, fds_at(8, 0, 1, pipe[1]), 8);
	add_fda(&m, 1, 1, 0);
	OK(&m);
	memcpy(&fd, server->payload + server->offsets[0], sizeof(fd));
	single = (int)fd.fd;
	memcpy(&number, got_contents(server, 1), 4);
	ASSERT_NE(single, number);
	free_parts(server);
	ASSERT_TRUE(is_open(server, single));
	ASSERT_FALSE(is_open(server, number));
}

TEST_F(fd_arrays, several_arrays_in_several_buffers)
{
	struct parts m = parts(8);
	int pipe[2], number[6], end;
	const uint8_t *a, *b;

	pipe_in(c, pipe);
	end = steal(c, pipe[0]);
	add_ptr(&m, fds_at(64, 16, 4, pipe[1]), 64);
	add_child(&m, fds_at(32, 8, 2, pipe[1]), 32, 0, 8);
	add_fda(&m, 2, 1, 8);
	add_fda(&m, 3, 0, 16);
	add_fda(&m, 1, 0, 28);
	OK(&m);
	close_in(c, pipe[1]);
	a = got_contents(server, 0);
	b = got_contents(server, 1);
	memcpy(number, b + 8, 8);
	memcpy(number + 2, a + 16, 16);
	for (int i = 0; i < 6; i++) {
		ASSERT_TRUE(is_open(server, number[i]));
		ASSERT_EQ(number[0] + i, number[i]);
	}
	ASSERT_FALSE(has_end(end));
	free_parts(server);
	for (int i = 0; i < 6; i++)
		ASSERT_FALSE(is_open(server, number[i]));
	ASSERT_TRUE(has_end(end));
}

TEST_F(fd_arrays, in_a_reply)
{
	struct parts m = parts(8);
	struct bnd_msg msg;
	int pipe[2], number, end;

	pipe_in(server, pipe);
	end = steal(server, pipe[0]);
	add_ptr(&m, fds_at(8, 0, 1, pipe[1]), 8);
	add_fda(&m, 1, 0, 0);
	msg = parts_msg(&m, 0, 0);
	deliver(c, server, handle, 1);
	bnd_cmd_reply_sg(&server->w, &msg);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE FAILED");
	EXTERR(c, "FAILED EPERM");

	call(c, handle, 1, TF_ACCEPT_FDS);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:1");
	bnd_cmd_reply_sg(&server->w, &msg);
	GO(server, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:5ca7");
	close_in(server, pipe[1]);
	memcpy(&number, got_contents(c, 0), 4);
	ASSERT_TRUE(is_open(c, number));
	free_parts(c);
	ASSERT_FALSE(is_open(c, number));
	ASSERT_TRUE(has_end(end));
}

TEST_F(fd_arrays, subtle_left_open_when_the_receiver_closes_the_device)
{
	int number[2], end = deliver_pipe(c, server, handle, 2, number);

	bnd_cmd_request_death(&c->w, handle, 0xd);
	WRITE(c, "");
	unmap(server);
	shut(server);
	/* Once its death is told, all of it is gone. */
	ASSERT_STREQ("NOOP DEAD_BINDER:d", go_blocking(c));
	ASSERT_TRUE(is_open(server, number[0]));
	ASSERT_TRUE(is_open(server, number[1]));
	ASSERT_FALSE(has_end(end));
}

static long limit_files(struct port *p, void *arg)
{
	struct rlimit limit = { .rlim_cur = (rlim_t)(intptr_t)arg, .rlim_max = 4096 };

	(void)p;
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

/* A message nobody has room for leaves numbers in the buffer; they mean nothing. */
TEST_F(fd_arrays, subtle_nothing_is_closed_when_delivery_fails)
{
	struct parts m = parts(8);
	int pipe[2], mine[2], end;

	pipe_in(server, mine);
	pipe_in(c, pipe);
	end = steal(c, pipe[0]);
	add_ptr(&m, fds_at(24, 0, 6, pipe[1]), 24);
	add_fda(&m, 6, 0, 0);
	ASSERT_EQ(0, run(server, limit_files, (void *)(intptr_t)(mine[1] + 4)));
	ASSERT_STREQ("EAGAIN", deliver_parts(c, server, &m, handle));
	close_in(c, pipe[1]);
	ASSERT_TRUE(has_end(end));
	ASSERT_TRUE(is_open(server, mine[0]));
	for (int fd = mine[1] + 1; fd < mine[1] + 4; fd++)
		ASSERT_FALSE(is_open(server, fd));
	ASSERT_EQ(0, run(server, limit_files, (void *)4096));
	ping(c, server, handle);
}

TEST_HARNESS_MAIN
