// SPDX-License-Identifier: GPL-2.0-only
/*
 * R51: files in messages were let go too late or never: by a thread that freed an array
 * of descriptors and went on to wait, so that it did not come to close them, and with
 * messages that their receiver did not live to read.
 */
#include <unistd.h>

#include "parts_test.h"
#include "racers.h"

#define ROUNDS 8
#define MESSAGES 40

PARTS_FIXTURE(files_of_messages);

TEST_F(files_of_messages, closed_when_the_message_is_freed)
{
	int number[5], end = deliver_pipe(c, server, handle, 5, number);

	for (int i = 0; i < 5; i++)
		ASSERT_TRUE(is_open(server, number[i]));
	ASSERT_FALSE(has_end(end));
	free_last(server);
	/* Without a word, but the thread returns. */
	ASSERT_STREQ("NOOP", go_blocking(server));
	for (int i = 0; i < 5; i++)
		ASSERT_FALSE(is_open(server, number[i]));
	ASSERT_TRUE(has_end(end));
}

TEST_F(files_of_messages, closed_when_another_thread_frees_it)
{
	struct port *t = thread_of(server);
	int number[5], end = deliver_pipe(c, server, handle, 5, number);

	bnd_cmd_free_buffer(&t->w, server->txn.data.ptr.buffer);
	ASSERT_STREQ("NOOP", go_blocking(t));
	for (int i = 0; i < 5; i++)
		ASSERT_FALSE(is_open(server, number[i]));
	ASSERT_TRUE(has_end(end));
}

TEST_F(files_of_messages, an_empty_array_makes_nobody_return)
{
	struct parts m = parts(8);

	add_ptr(&m, bytes(24), 24);
	add_fda(&m, 0, 0, 0);
	OK(&m);
	free_last(server);
	START_ASLEEP(server);
}

TEST_F(files_of_messages, the_flag_to_return_lasts_for_one_ioctl)
{
	int number[1];

	deliver_pipe(c, server, handle, 1, number);
	free_last(server);
	WRITE(server, "");
	START_ASLEEP(server);
}

/* A pipe that nothing but the message keeps open: the test's end of it. */
static int post_pipe(uint32_t to, bool in_array)
{
	struct parts m = parts(8);
	struct binder_fd_object fd;
	struct bnd_msg msg;
	int pipe[2], end;

	pipe_in(c, pipe);
	if (in_array) {
		add_ptr(&m, memcpy(shared(4), &pipe[1], 4), 4);
		add_fda(&m, 1, 0, 0);
	} else {
		fd = bnd_obj_fd(pipe[1], 0);
		add_object(&m, &fd, sizeof(fd));
	}
	msg = parts_msg(&m, to, TF_ONE_WAY);
	bnd_cmd_transaction_sg(&c->w, &msg);
	if (strcmp(go(c), "NOOP COMPLETE"))
		fail("a pipe: got '%s'", c->got);
	end = steal(c, pipe[0]);
	close_in(c, pipe[0]);
	close_in(c, pipe[1]);
	return end;
}

/* The first messages are freed, one is read, and the others are not. */
TEST_F_TIMEOUT(files_of_messages, closed_with_a_receiver_that_is_killed_midway, NO_TIMEOUT)
{
	int before[2], after[2], ends[MESSAGES];

	pipe_in(c, before);
	close_in(c, before[0]);
	close_in(c, before[1]);
	for (unsigned int round = 0; round < race_rounds(ROUNDS); round++) {
		struct port *receiver = process();
		uint32_t to = give(receiver, c, 0x100, 0, ACCEPTS);
		int last = (int)(round * 7 % MESSAGES);

		for (int i = 0; i < MESSAGES; i++)
			ends[i] = post_pipe(to, i % 2);
		for (int i = 0; i <= last; i++) {
			GO(receiver, "NOOP TXN:5ca7");
			ASSERT_FALSE(has_end(ends[i]));
			if (i == last)
				break;
			free_last(receiver);
			WRITE(receiver, "");
			/* A single one is the receiver's own by now. */
			ASSERT_EQ(i % 2, has_end(ends[i]));
		}
		die(receiver);
		for (int i = 0; i < MESSAGES; i++) {
			wait_for_end(ends[i]);
			close(ends[i]);
		}
		drop(c, to);
		WRITE(c, "");
	}
	pipe_in(c, after);
	ASSERT_EQ(before[0], after[0]);
	ASSERT_EQ(before[1], after[1]);
}

TEST_HARNESS_MAIN
