// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a thread that ends hands back to a process which ends meanwhile: above all its own
 * file, which a message nobody looks for keeps open for ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hooks_test.h"
#include "exited.h"
#include "freezer.h"
#include "parts.h"
#include "text.h"

HOOKS_FIXTURE(handed_back);

/* Whose threads are shown are looked at first. */
static long do_read_state(struct port *p, void *arg)
{
	char text[4096];
	int fd = open(DEBUGFS_LOGS "/state", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	(void)p;
	(void)arg;
	if (fd < 0)
		return -errno;
	do
		n = read(fd, text, sizeof(text));
	while (n > 0);
	close(fd);
	return n;
}

TEST_F(handed_back, when_the_area_is_gone)
{
	struct port *mgr = manager(), *c = process(), *reader = process(), *from = process();
	struct port *to = open_again(from, AREA), *t = thread_of(to);
	struct flat_binder_object own = fd_obj(to->conn->fd, 0);
	uint32_t h = give(to, from, 0x10, 0, ACCEPTS), g = give(to, c, 0x20, 0, 0);

	(void)mgr;
	START_ASLEEP(t);
	call_msg(from, (struct bnd_msg){
		.handle = h, .flags = TF_ONE_WAY,
		.data = memcpy(shared(sizeof(own)), &own, sizeof(own)), .size = sizeof(own),
		.offsets = shared(sizeof(uint64_t)), .noffsets = 1,
	});
	ASSERT_EQ(0, hand_over_and_interrupt(from, t));
	FINISH(t, "EINTR");
	exit_thread(t);
	arm("hand_back");
	run_start(reader, do_read_state, NULL);
	await_stop("hand_back");
	/* The end of this one says that messages to the area have failed. */
	call(c, g, 1, 0);
	WRITE(c, "");
	die(from);
	ASSERT_STREQ("NOOP COMPLETE DEAD", go_blocking(c));
	proceed("hand_back");
	ASSERT_EQ(0, run_finish(reader));
	gone(from);
}

/* R20: of its two threads one is released, the other is still in the middle of a call. */
TEST_F(handed_back, freezing_does_not_wait_for_the_dead)
{
	struct port *mgr = manager(), *server = process(), *t = thread_of(server);
	struct port *freezer = process(), *c[] = { process(), process() };

	for (int i = 0; i < 2; i++) {
		uint32_t h = give(server, c[i], 0x10 * (i + 1), 0, 0);

		call(c[i], h, i, 0);
		WRITE(c[i], "");
		go(i ? t : server);
	}
	(void)mgr;
	freeze_begin(freezer, server->pid, LONG);
	arm("hand_back");
	die(server);
	await_stop("hand_back");
	ASSERT_EQ(0, freeze_end(freezer));
	proceed("hand_back");
	for (int i = 0; i < 2; i++)
		ASSERT_STREQ("NOOP COMPLETE DEAD", go_blocking(c[i]));
}

TEST_HARNESS_MAIN
