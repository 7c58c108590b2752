// SPDX-License-Identifier: GPL-2.0-only
/*
 * R50, CVE-2019-2000: a message with an array of descriptors is freed, and the descriptor
 * that is closed with it is the one that the ioctl came through. A program with one
 * thread holds no further reference to the file of a call: it was freed in use.
 */
#include "parts_test.h"

PARTS_FIXTURE(its_own_file);

TEST_F(its_own_file, subtle_closing_the_number_in_use)
{
	int number[1], original = server->conn->fd;

	deliver_pipe(c, server, handle, 1, number);
	dup2_in(server, original, number[0]);
	server->conn->fd = number[0];
	free_parts(server);
	ASSERT_FALSE(is_open(server, number[0]));
	server->conn->fd = original;
	ping(c, server, handle);
}

TEST_F(its_own_file, subtle_closing_the_last_descriptor_of_the_device)
{
	int number[1], end = deliver_pipe(c, server, handle, 1, number);

	bnd_cmd_request_death(&c->w, handle, 0xd);
	WRITE(c, "");
	unmap(server);
	dup2_in(server, server->conn->fd, number[0]);
	close_in(server, server->conn->fd);
	ASSERT_TRUE(has_end(end));
	server->conn->fd = number[0];
	/* One task, one descriptor: nothing else holds the file during the ioctl. */
	free_last(server);
	WRITE(server, "");
	ASSERT_FALSE(is_open(server, number[0]));
	ASSERT_STREQ("NOOP DEAD_BINDER:d", go_blocking(c));
}

TEST_F(its_own_file, subtle_closing_the_last_descriptor_twice_over)
{
	int number[3];

	deliver_pipe(c, server, handle, 3, number);
	bnd_cmd_request_death(&c->w, handle, 0xd);
	WRITE(c, "");
	unmap(server);
	for (int i = 0; i < 3; i++)
		dup2_in(server, server->conn->fd, number[i]);
	close_in(server, server->conn->fd);
	server->conn->fd = number[1];
	/* The rest of the commands runs on a file without any descriptor. */
	free_last(server);
	for (int i = 0; i < 3; i++)
		bnd_cmd_enter_looper(&server->w);
	GO(server, "NOOP");
	ASSERT_STREQ("NOOP DEAD_BINDER:d", go_blocking(c));
}

TEST_HARNESS_MAIN
