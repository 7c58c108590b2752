// SPDX-License-Identifier: GPL-2.0-only
/* The process on the other side of the binder benchmarks, and its memory. */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

/* What the service tells before it serves. */
struct hello {
	void *map;
	size_t map_size;
};

static int pipe_to_client;

static void *pool_thread(void *arg)
{
	static __thread struct peer p;

	p.conn = *(struct bnd_conn *)arg;
	peer_serve(&p, pipe_to_client);
	_exit(0);
}

/* Holds the lock of this process's address space as often as it can. */
static void *map_in_a_loop(void *arg)
{
	(void)arg;
	for (;;) {
		void *at = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (at == MAP_FAILED || munmap(at, 16 * PAGE))
			die("mmap: %s", strerror(errno));
	}
}

static void start_thread(void *(*function)(void *), void *arg)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, function, arg);
	if (errno)
		die("pthread_create: %s", strerror(errno));
}

/* Give our object to the context manager, for others to ask it for. */
static void register_alone(struct peer *p)
{
	struct flat_binder_object object = bnd_obj_binder(0x1000, 0, 0);
	const uint64_t offset = 0;

	peer_prepare(p, 0, PEER_KEEP, 0, &object, sizeof(object), &offset, 1);
	peer_call(p);
	peer_settle(p);
}

static void service_main(unsigned int behaviour)
{
	static struct peer p;
	struct hello hello;

	peer_open(&p, NULL);
	/* The one before us may not be quite gone. */
	while (!(behaviour & PEER_ALONE) && bnd_become_manager(&p.conn))
		usleep(1000);
	bnd_set_max_threads(&p.conn, 0);
	if (behaviour & PEER_ALONE)
		register_alone(&p);
	for (unsigned int i = 0; i < PEER_POOL(behaviour); i++)
		start_thread(pool_thread, &p.conn);
	if (behaviour & PEER_MAPPER)
		start_thread(map_in_a_loop, NULL);
	/* Let the pool go to sleep before the first call. */
	if (PEER_POOL(behaviour))
		usleep(10000);
	hello = (struct hello){ p.conn.map, p.conn.map_size };
	if (write(pipe_to_client, &hello, sizeof(hello)) != sizeof(hello))
		die("pipe: %s", strerror(errno));
	peer_serve(&p, pipe_to_client);
	_exit(0);
}

void service_start(struct service *s, unsigned int behaviour)
{
	struct hello hello;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	s->pid = spawn();
	if (!s->pid) {
		close(fds[0]);
		pipe_to_client = fds[1];
		service_main(behaviour);
	}
	close(fds[1]);
	s->last_fd = fds[0];
	if (read(s->last_fd, &hello, sizeof(hello)) != sizeof(hello))
		die("the service did not start");
	s->map = hello.map;
	s->map_size = hello.map_size;
}

void service_stop(struct service *s, struct peer *client)
{
	peer_prepare(client, 0, PEER_STOP, 0, NULL, 0, NULL, 0);
	peer_call(client);
	reap(s->pid);
	close(s->last_fd);
}

void service_kill(struct service *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	close(s->last_fd);
}

unsigned int service_pages(const struct service *s)
{
	uint64_t entries[1024 * 1024 / PAGE];
	size_t n = s->map_size / PAGE;
	unsigned int present = 0;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)s->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, entries, n * 8, (uintptr_t)s->map / PAGE * 8) != (ssize_t)(n * 8))
		die("%s: %s", path, strerror(errno));
	close(fd);
	for (size_t i = 0; i < n; i++)
		present += entries[i] >> 63;
	return present;
}

void drop_caches(void)
{
	static int fd;

	if (!fd)
		fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "2", 1) != 1)
		die("/proc/sys/vm/drop_caches: %s", strerror(errno));
}

void reclaim_all(const struct service *s)
{
	drop_caches();
	if (service_pages(s))
		die("idle pages were not reclaimed");
}
