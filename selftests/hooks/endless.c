// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams of commands that take longer than anybody waits. Here, since the
 * in-tree driver would not let the machine go on.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "patience.h"
#include "protocol_test.h"

/* Minutes of commands: the same memory again and again. */
#define PIECE (2ul << 20)
#define NR_PIECES 1024ul

PROTOCOL_FIXTURE(endless);

static uint32_t *endless_stream(void)
{
	uint8_t *all = mmap(NULL, PIECE * NR_PIECES, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int fd = memfd_create("stream", 0);
	uint32_t *piece;

	if (all == MAP_FAILED || fd < 0 || ftruncate(fd, PIECE))
		fail("no memory for the stream");
	for (size_t i = 0; i < NR_PIECES; i++) {
		if (mmap(all + i * PIECE, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			 fd, 0) == MAP_FAILED)
			fail("no place for the stream");
	}
	piece = (uint32_t *)all;
	for (size_t i = 0; i < PIECE / sizeof(*piece); i++)
		piece[i] = BC_EXIT_LOOPER;
	close(fd);
	return piece;
}

/* Has a process spent some time in the kernel? */
static bool is_at_work(void *arg)
{
	/* Up to the time in the kernel; ours is a name without blanks. */
	const char *format = "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %lu";
	unsigned long ticks = 0;
	char path[32];
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", *(pid_t *)arg);
	stat = fopen(path, "r");
	if (!stat)
		return false;
	if (fscanf(stat, format, &ticks) != 1)
		ticks = 0;
	fclose(stat);
	return ticks > 50;
}

static bool has_ended(void *arg)
{
	return waitpid(*(pid_t *)arg, NULL, WNOHANG) > 0;
}

TEST_F(endless, a_stream_ends_with_its_task)
{
	struct binder_write_read bwr = {
		.write_buffer = (uintptr_t)endless_stream(),
		.write_size = PIECE * NR_PIECES,
	};
	pid_t pid = fork();

	if (!pid) {
		struct bnd_conn c;

		if (!bnd_open(&c, "/dev/binder", 0, 0))
			bnd_write_read(&c, &bwr);
		_exit(0);
	}
	ASSERT_GT(pid, 0);
	wait_until(is_at_work, &pid, "the stream is not run");
	kill(pid, SIGKILL);
	wait_until(has_ended, &pid, "a task that was killed runs commands");
}

TEST_HARNESS_MAIN
