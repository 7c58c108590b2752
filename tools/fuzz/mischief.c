// SPDX-License-Identifier: GPL-2.0-only
/* What processes of the chaos do beside their conversations. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "citizen.h"

#define ABOUT		8	/* calls of a child */
#define CHILDHOOD_US	100000

/* --- ioctls --- */

static void freeze_somebody(struct citizen_thread *t)
{
	const struct chaos *chaos = t->citizen->chaos;
	struct binder_freeze_info info = {
		.pid = (uint32_t)chaos->pids[fuzz_below(&t->random, 8)],
		/* More often thawed than frozen. */
		.enable = fuzz_once_in(&t->random, 3),
		.timeout_ms = fuzz_below(&t->random, 3),
	};
	struct binder_frozen_status_info status = { .pid = info.pid };

	if (!fuzz_once_in(&t->random, 4))
		citizen_ioctl(t, BINDER_FREEZE, &info);
	else
		citizen_ioctl(t, BINDER_GET_FROZEN_INFO, &status);
}

static void any_ioctl(struct citizen_thread *t)
{
	static const unsigned int commands[] = {
		BINDER_SET_MAX_THREADS, BINDER_SET_CONTEXT_MGR, BINDER_SET_CONTEXT_MGR_EXT,
		BINDER_VERSION, BINDER_GET_NODE_DEBUG_INFO, BINDER_GET_NODE_INFO_FOR_REF,
		BINDER_ENABLE_ONEWAY_SPAM_DETECTION, BINDER_GET_EXTENDED_ERROR,
		BINDER_SET_IDLE_TIMEOUT, BINDER_SET_IDLE_PRIORITY,
	};
	uint64_t arg[8] = { fuzz_below(&t->random, 16) };
	void *at = fuzz_once_in(&t->random, 8) ? (void *)FUZZ_NOWHERE : arg;
	unsigned int cmd = commands[fuzz_below(&t->random, 10)];

	if (fuzz_once_in(&t->random, 8))
		arg[fuzz_below(&t->random, 3)] = fuzz_random64(&t->random);
	if (fuzz_once_in(&t->random, 16))
		cmd ^= 1u << fuzz_below(&t->random, 32);
	citizen_ioctl(t, cmd, at);
}

void exit_thread(struct citizen_thread *t)
{
	int32_t unused = 0;

	citizen_ioctl(t, BINDER_THREAD_EXIT, &unused);
	t->stacks[t->port].depth = 0;
}

/* --- files --- */

static void watch(struct citizen_thread *t)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct pollfd pfd = { .fd = t->at->fd, .events = POLLIN | POLLOUT };

	if (t->epoll < 0)
		t->epoll = epoll_create1(EPOLL_CLOEXEC);
	switch (fuzz_below(&t->random, 5)) {
	case 0:
		event.events |= fuzz_once_in(&t->random, 2) ? EPOLLET : EPOLLONESHOT;
		epoll_ctl(t->epoll, EPOLL_CTL_ADD, t->at->fd, &event);
		break;
	case 1:
		epoll_ctl(t->epoll, EPOLL_CTL_DEL, t->at->fd, &event);
		break;
	case 2:
		close(t->epoll);
		t->epoll = -1;
		break;
	case 3:
		epoll_wait(t->epoll, &event, 1, (int)fuzz_below(&t->random, 5));
		break;
	default:
		poll(&pfd, 1, (int)fuzz_below(&t->random, 5));
		break;
	}
}

/* Every close wakes all readers, and the last one ends it all. */
static void close_something(struct citizen_thread *t)
{
	int copy;

	switch (fuzz_below(&t->random, 4)) {
	case 0:
		/* Onto a number that arrived with a message, perhaps. */
		dup2(t->at->fd, (int)fuzz_below(&t->random, 64));
		break;
	case 1:
		close((int)fuzz_below(&t->random, 64));
		break;
	default:
		copy = dup(t->at->fd);
		if (copy >= 0)
			close(copy);
		break;
	}
}

static void open_again(struct citizen_thread *t)
{
	const struct chaos *chaos = t->citizen->chaos;
	struct bnd_conn fresh;

	if (bnd_open(&fresh, chaos->devices[fuzz_below(&t->random, chaos->nr_devices)], 65536,
		     O_NONBLOCK))
		return;
	/* Other threads go on using the number, and find the new file there. */
	bnd_unmap(t->at);
	dup2(fresh.fd, t->at->fd);
	close(fresh.fd);
	t->at->map = fresh.map;
	t->at->map_size = fresh.map_size;
	t->citizen->broken[t->port] = false;
}

/* --- memory --- */

static void trouble_the_map(struct citizen_thread *t)
{
	static const int advice[] = {
		MADV_DONTNEED, MADV_DOFORK, MADV_DONTFORK, MADV_PAGEOUT, MADV_COLD, MADV_WILLNEED,
		MADV_FREE, MADV_HUGEPAGE, MADV_REMOVE, MADV_POPULATE_READ,
	};
	uint8_t *map = t->at->map;
	size_t size = t->at->map_size, from, len;

	if (!map)
		return;
	from = fuzz_below(&t->random, (unsigned int)(size / 4096)) * 4096ul;
	len = (1 + fuzz_below(&t->random, (unsigned int)((size - from) / 4096))) * 4096ul;
	switch (fuzz_below(&t->random, 16)) {
	case 0 ... 9:
		madvise(map + from, len, advice[fuzz_below(&t->random, 10)]);
		break;
	case 10:
		mprotect(map + from, len, fuzz_once_in(&t->random, 2) ? PROT_NONE :
			 PROT_READ | PROT_WRITE);
		break;
	case 11:
		mprotect(map, size, PROT_READ);
		break;
	case 12:
		munmap(map + from, len);
		t->citizen->broken[t->port] = true;
		break;
	case 13:
		t->citizen->broken[t->port] = true;
		mmap(map + from, len, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		break;
	case 14:
		t->citizen->broken[t->port] = true;
		map = mremap(map, size, size, MREMAP_MAYMOVE | fuzz_below(&t->random, 2) *
			     MREMAP_DONTUNMAP, NULL);
		if (map != MAP_FAILED)
			t->at->map = map;
		break;
	case 15:
		mmap(NULL, 65536, PROT_READ, MAP_SHARED, t->at->fd, 0);
		break;
	}
}

/* --- processes --- */

/* A child has the files, and the mappings if they were let go. */
static void have_a_child(struct citizen_thread *t)
{
	const struct itimerval timer = { .it_value = { 0, CHILDHOOD_US } };
	uint8_t read[256];
	struct binder_write_read bwr = {
		.read_size = sizeof(read), .read_buffer = (uintptr_t)read,
	};
	pid_t pid = fork();

	if (!pid) {
		/* Who outlives the others with their files stays manager, and cannot be told. */
		signal(SIGALRM, SIG_DFL);
		setitimer(ITIMER_REAL, &timer, NULL);
		for (unsigned int i = 0; i < fuzz_below(&t->random, ABOUT); i++) {
			bwr.read_consumed = 0;
			bnd_write_read(t->at, &bwr);
		}
		if (fuzz_once_in(&t->random, 2))
			execl(t->citizen->chaos->program, t->citizen->chaos->program, CHAOS_EXECED,
			      NULL);
		_exit(0);
	}
	if (pid > 0 && fuzz_once_in(&t->random, 2))
		kill(pid, SIGKILL);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void end_somehow(struct citizen_thread *t)
{
	switch (fuzz_below(&t->random, 4)) {
	case 0:
		_exit(0);
		break;
	case 1:
		kill(getpid(), SIGKILL);
		break;
	case 2:
		fcntl(t->at->fd, F_SETFD, 0);
		execl(t->citizen->chaos->program, t->citizen->chaos->program, CHAOS_EXECED, NULL);
		break;
	case 3:
		bnd_close(t->at);
		break;
	}
}

void make_mischief(struct citizen_thread *t)
{
	switch (fuzz_below(&t->random, 64)) {
	case 0 ... 11:
		any_ioctl(t);
		break;
	case 12 ... 19:
		freeze_somebody(t);
		break;
	case 20 ... 25:
		exit_thread(t);
		break;
	case 26 ... 35:
		watch(t);
		break;
	case 36 ... 41:
		close_something(t);
		break;
	case 42 ... 44:
		open_again(t);
		break;
	case 45 ... 52:
		trouble_the_map(t);
		break;
	case 53 ... 56:
		have_a_child(t);
		break;
	case 57 ... 60:
		setpriority(PRIO_PROCESS, 0, (int)fuzz_below(&t->random, 20));
		break;
	case 61:
		fcntl(t->at->fd, F_SETFL, fuzz_once_in(&t->random, 4) ? 0 : O_NONBLOCK);
		break;
	case 62:
		if (fuzz_once_in(&t->random, 4))
			end_somehow(t);
		break;
	default:
		sched_yield();
		break;
	}
}
