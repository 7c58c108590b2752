// SPDX-License-Identifier: GPL-2.0-only
/* Carrying out orders. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "actor.h"
#include "describe.h"

/* Of this process. */
static struct stage *stage;
static unsigned int self;
static struct bnd_conn ports[ACTOR_PORTS];

static void die(const char *what)
{
	perror(what);
	_exit(1);
}

/* --- Turns ------------------------------------------------------------------------ */

static void set_turn(struct desk *desk, uint32_t actors)
{
	__atomic_store_n(&desk->actors_turn, actors, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &desk->actors_turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void await_turn(struct desk *desk, uint32_t actors, const struct timespec *limit)
{
	while (__atomic_load_n(&desk->actors_turn, __ATOMIC_SEQ_CST) != actors)
		if (syscall(SYS_futex, &desk->actors_turn, FUTEX_WAIT, !actors, limit, NULL, 0) &&
		    errno == ETIMEDOUT)
			die("an actor does not answer");
}

/* --- Orders ----------------------------------------------------------------------- */

static int do_open(struct desk *desk)
{
	struct bnd_conn *c = &ports[desk->port];
	int error = bnd_open(c, stage->device, 0, O_NONBLOCK);
	int fd;

	if (error)
		return error;
	/* Out of the way of files that arrive. */
	fd = fcntl(c->fd, F_DUPFD_CLOEXEC, ACTOR_FIRST_PORT);
	close(c->fd);
	c->fd = fd;
	return bnd_map(c, desk->map_size);
}

static int do_flush(const struct bnd_conn *c)
{
	int copy = fcntl(c->fd, F_DUPFD_CLOEXEC, ACTOR_FIRST_PORT);

	return copy < 0 || close(copy) ? -errno : 0;
}

static int do_poll(const struct bnd_conn *c)
{
	struct pollfd pfd = { .fd = c->fd, .events = POLLIN | POLLOUT };

	return poll(&pfd, 1, 0) < 0 ? -errno : pfd.revents;
}

/*
 * Commands end where memory does: a driver that reads on behind a command cut short
 * finds nothing.
 */
static uint64_t place_commands(const struct desk *desk)
{
	static _Thread_local uint8_t *end;

	if (!end) {
		end = mmap(NULL, 2 * FUZZ_STREAM, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (end == MAP_FAILED)
			die("mmap");
		end += FUZZ_STREAM;
		mprotect(end, FUZZ_STREAM, PROT_NONE);
	}
	memcpy(end - desk->bwr.write_size, desk->written, desk->bwr.write_size);
	return (uintptr_t)end - desk->bwr.write_size;
}

static int do_write_read(struct desk *desk, const struct bnd_conn *c)
{
	struct bnd_stream stream = { .buf = desk->read, .cap = sizeof(desk->read) };
	struct bnd_rec rec;
	int error;

	desk->bwr.write_buffer = place_commands(desk);
	error = bnd_write_read(c, &desk->bwr);
	stream.len = desk->bwr.read_consumed;
	if (desk->bwr.read_buffer != (uintptr_t)desk->read || stream.len > stream.cap)
		return error;
	while (bnd_next(&stream, &rec) == 1)
		if (rec.code == BR_TRANSACTION || rec.code == BR_TRANSACTION_SEC_CTX ||
		    rec.code == BR_REPLY)
			describe_message(desk, stage, &rec);
	return error;
}

static int carry_out(struct desk *desk)
{
	struct bnd_conn *c = &ports[desk->port];

	switch (desk->op) {
	case ACTOR_OPEN:
		return do_open(desk);
	case ACTOR_CLOSE:
		bnd_close(c);
		return 0;
	case ACTOR_WRITE_READ:
		return do_write_read(desk, c);
	case ACTOR_IOCTL:
		return bnd_ioctl(c, desk->cmd, desk->arg);
	case ACTOR_POLL:
		return do_poll(c);
	case ACTOR_NICE:
		return setpriority(PRIO_PROCESS, 0, desk->nice_value) ? -errno : 0;
	case ACTOR_FLUSH:
		return do_flush(c);
	}
	return -ENOSYS;
}

static void *perform(void *arg)
{
	struct desk *desk = arg;

	for (;;) {
		await_turn(desk, 1, NULL);
		desk->has_message = false;
		desk->error = carry_out(desk);
		desk->nice_now = getpriority(PRIO_PROCESS, 0);
		set_turn(desk, 0);
	}
	return NULL;
}

/* --- Processes --------------------------------------------------------------------- */

/* Files that differ in their size, at fixed numbers. */
static void make_files(void)
{
	int fd;

	for (int i = 0; i < ACTOR_FILES; i++) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		if (fd < 0 || ftruncate(fd, 1000 + i) || dup2(fd, ACTOR_FIRST_FILE + i) < 0)
			die("memfd");
		close(fd);
	}
}

static void become_actor(unsigned int threads, uid_t uid)
{
	struct rlimit nice_limit = { .rlim_cur = 40, .rlim_max = 40 };
	pthread_t thread;

	make_files();
	if (setrlimit(RLIMIT_NICE, &nice_limit))
		die("RLIMIT_NICE");
	if (uid && setuid(uid))
		die("setuid");
	/* Which a change of user forgets. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned int i = 1; i < threads; i++)
		if (pthread_create(&thread, NULL, perform, &stage->desks[self][i]))
			die("thread");
	perform(&stage->desks[self][0]);
}

/*
 * Where it lies shows in messages: in what is no object although it looks like one. Nothing
 * of it is where an address leads of which one half is odd.
 */
#define STAGE_AT ((void *)0x200040000000)

struct stage *actor_stage(const char *device)
{
	struct stage *made = mmap(STAGE_AT, sizeof(*made), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (made == MAP_FAILED)
		die("mmap");
	made->device = device;
	return made;
}

void actor_start(struct stage *on, unsigned int n, unsigned int threads, uid_t uid)
{
	pid_t pid;

	memset(on->desks[n], 0, sizeof(on->desks[n]));
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		stage = on;
		self = n;
		become_actor(threads, uid);
	}
	on->pids[n] = pid;
}

void actor_do(struct stage *on, unsigned int n, unsigned int thread)
{
	struct desk *desk = &on->desks[n][thread];

	set_turn(desk, 1);
	await_turn(desk, 0, &(struct timespec){ .tv_sec = 30 });
}

void actor_kill(struct stage *on, unsigned int n)
{
	kill(on->pids[n], SIGKILL);
	if (waitpid(on->pids[n], NULL, 0) != on->pids[n])
		die("waitpid");
}
