// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrays of descriptors inside further buffers, and how they are closed with the
 * message they came in.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

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

TEST_F(fd_arrays, an_array_of_none)
{
	struct parts m = parts(8);
	uint8_t *parent = bytes(24);

	add_ptr(&m, parent, 24);
	add_fda(&m, 0, 0, 24);
	OK(&m);
	ASSERT_EQ(0, memcmp(parent, got_contents(server, 0), 24));
	free_parts(server);
	/* Its parent must be right all the same. */
	m = parts(8);
	add_fda(&m, 0, 0, 0);
	REFUSED(&m, "EINVAL");
	m = parts(8);
	add_ptr(&m, bytes(24), 24);
	add_ptr(&m, bytes(24), 24);
	add_fda(&m, 0, 0, 0);
	REFUSED(&m, "EINVAL");
	/* Nobody has to agree to it. */
	m = parts(8);
	add_ptr(&m, bytes(24), 24);
	add_fda(&m, 0, 0, 0);
	ASSERT_STREQ("OK", deliver_parts(c, mgr, &m, 0));
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

TEST_HARNESS_MAIN
