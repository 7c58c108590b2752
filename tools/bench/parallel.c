// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several at once, on two processors: time, not instructions. Other work of the machine
 * that emulates them is in it, so that only ratios of medians of runs in turns count.
 */
#include "ipc.h"
#include "lockstat.h"
#include "peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST 8
#define WARM 50
/* An area of a service has room for some more oneway messages of a page. */
#define TO_ONE 100

static struct peer client;
static uint8_t data[64 << 10];
/* Whose turn it is in each pair that has no driver; on lines of their own. */
static struct {
	_Alignas(64) _Atomic uint32_t turn;
} *turns;

/* --- Throughput ------------------------------------------------------------------ */

/*
 * Pipes of the clients: that they are ready, that they shall begin, that they are done, and
 * that all are: what one does to end is no part of the others' calls.
 */
static int ready[2], go[2], done[2], over[2];

static void call_service(unsigned int pair)
{
	(void)pair;
	peer_call(&client);
}

static void call_waker(unsigned int pair)
{
	turn_pass(&turns[pair].turn, 1);
	turn_await(&turns[pair].turn, 0);
}

static void run(const struct bench *b, void (*call)(unsigned int pair), unsigned int pair)
{
	char byte;

	for (unsigned int i = 0; i < WARM; i++)
		call(pair);
	if (write(ready[1], "", 1) != 1 || read(go[0], &byte, 1) != 1)
		die("nobody said go");
	for (unsigned int i = 0; i < b->ops; i++)
		call(pair);
	if (write(done[1], "", 1) != 1 || read(over[0], &byte, 1) != 1)
		die("nobody listens");
	_exit(0);
}

static void run_client(const struct bench *b, uint32_t code)
{
	uint32_t handle;

	peer_open(&client, NULL);
	if (peer_take(&client, code, &handle) != 1)
		die("no object");
	peer_prepare(&client, handle, PEER_NOP, 0, data, b->size, NULL, 0);
	run(b, call_service, 0);
}

static void await(int fd, unsigned int n)
{
	char byte;

	while (n--)
		if (read(fd, &byte, 1) != 1)
			die("a client failed");
}

static void open_pipes(void)
{
	if (pipe(ready) || pipe(go) || pipe(done) || pipe(over))
		die("pipe: %s", strerror(errno));
}

static void close_pipes(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
		close(done[i]);
		close(over[i]);
	}
}

static void tell(int fd, unsigned int clients)
{
	static const char all[MOST];

	if (write(fd, all, clients) != (ssize_t)clients)
		die("nobody waits");
}

/* Print the time a call takes on average, all clients together. */
static void race(const struct bench *b, unsigned int sample, unsigned int clients)
{
	uint64_t start, end;

	lockstat_clear();
	start = now();
	tell(go[1], clients);
	await(done[0], clients);
	end = now();
	lockstat_keep(b, sample, clients * b->ops);
	tell(over[1], clients);
	sample_value(b, sample, (double)(end - start) / clients / b->ops);
}

/* @b->arg clients of one service that has a thread for each. */
static void many_clients(const struct bench *b)
{
	for (unsigned int i = 0; i < options.samples; i++) {
		pid_t pids[MOST];
		struct service s;
		unsigned int n;

		service_start(&s, b->arg - 1);
		open_pipes();
		for (n = 0; n < b->arg; n++) {
			pids[n] = spawn();
			if (!pids[n])
				run_client(b, PEER_NODE);
			await(ready[0], 1);
		}
		race(b, i, b->arg);
		for (n = 0; n < b->arg; n++)
			reap(pids[n]);
		close_pipes();
		peer_open(&client, NULL);
		service_stop(&s, &client);
		peer_close(&client);
	}
}

/* @b->arg services with a client each; all have in common is the context manager. */
static void pairs(const struct bench *b)
{
	for (unsigned int i = 0; i < options.samples; i++) {
		struct service s, alone[MOST];
		pid_t pids[MOST];
		unsigned int n;

		service_start(&s, 0);
		open_pipes();
		for (n = 0; n < b->arg; n++) {
			service_start(&alone[n], PEER_ALONE);
			pids[n] = spawn();
			if (!pids[n])
				run_client(b, PEER_KEPT);
			await(ready[0], 1);
		}
		race(b, i, b->arg);
		for (n = 0; n < b->arg; n++) {
			reap(pids[n]);
			service_kill(&alone[n]);
		}
		close_pipes();
		peer_open(&client, NULL);
		service_stop(&s, &client);
		peer_close(&client);
	}
}

/* @b->arg pairs without a driver, of processes that do nothing but wake each other. */
static void wakers(const struct bench *b)
{
	turns = mmap(NULL, b->arg * sizeof(*turns), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (turns == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	for (unsigned int i = 0; i < options.samples; i++) {
		pid_t clients[MOST], servers[MOST];
		unsigned int n;

		open_pipes();
		for (n = 0; n < b->arg; n++) {
			servers[n] = spawn();
			for (unsigned int k = WARM + b->ops; !servers[n] && k; k--) {
				turn_await(&turns[n].turn, 1);
				turn_pass(&turns[n].turn, 0);
			}
			if (!servers[n])
				_exit(0);
			clients[n] = spawn();
			if (!clients[n])
				run(b, call_waker, n);
			await(ready[0], 1);
		}
		race(b, i, b->arg);
		for (n = 0; n < b->arg; n++) {
			reap(clients[n]);
			reap(servers[n]);
		}
		close_pipes();
	}
	munmap(turns, b->arg * sizeof(*turns));
}

/* --- Latency ------------------------------------------------------------------------ */

static int later(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;

	return one < two ? -1 : one > two;
}

static void percentiles(const struct bench *b, unsigned int sample, uint64_t *times, unsigned int n)
{
	qsort(times, n, sizeof(*times), later);
	sample_part(b, "p50", sample, times[n / 2]);
	sample_part(b, "p90", sample, times[n * 9 / 10]);
	sample_part(b, "p99", sample, times[n * 99 / 100]);
	sample_part(b, "max", sample, times[n - 1]);
}

/* Calls whose buffer is there, to a service that is as @b->arg says. */
static void warm(const struct bench *b)
{
	uint64_t *times = calloc(b->ops, sizeof(*times));
	struct service s;
	uint32_t handle;

	if (!times)
		die("no memory");
	service_start(&s, b->arg);
	peer_open(&client, &handle);
	peer_prepare(&client, handle, PEER_NOP, 0, data, b->size, NULL, 0);
	for (unsigned int i = 0; i < WARM; i++)
		peer_call(&client);
	for (unsigned int i = 0; i < options.samples; i++) {
		for (unsigned int k = 0; k < b->ops; k++) {
			uint64_t start = now();

			peer_call(&client);
			times[k] = now() - start;
		}
		percentiles(b, i, times, b->ops);
	}
	service_stop(&s, &client);
	peer_close(&client);
	free(times);
}

static void cold_to_one(const struct bench *b, uint64_t *times, uint32_t flags)
{
	struct service s;
	uint32_t handle;

	service_start(&s, b->arg);
	peer_open(&client, &handle);
	peer_prepare(&client, handle, PEER_HOLD, flags, data, b->size, NULL, 0);
	for (unsigned int i = 0; i < TO_ONE; i++) {
		uint64_t start = now();

		if (flags & TF_ONE_WAY)
			peer_send(&client, 1);
		else
			peer_call(&client);
		times[i] = now() - start;
	}
	service_stop(&s, &client);
	peer_close(&client);
}

/* Messages that are never freed, so that each needs pages nobody had before. */
static void cold(const struct bench *b, uint32_t flags)
{
	uint64_t *times = calloc(b->ops, sizeof(*times));

	if (!times)
		die("no memory");
	for (unsigned int i = 0; i < options.samples; i++) {
		for (unsigned int k = 0; k < b->ops; k += TO_ONE)
			cold_to_one(b, times + k, flags);
		percentiles(b, i, times, b->ops);
	}
	free(times);
}

static void cold_oneway(const struct bench *b)
{
	cold(b, TF_ONE_WAY);
}

/* Answered once the service has looked at all of it: its faults count. */
static void cold_calls(const struct bench *b)
{
	cold(b, 0);
}

const struct bench parallel_benches[] = {
	{ "load.clients.1", many_clients, 64, 4800, 1 },
	{ "load.clients.2", many_clients, 64, 2400, 2 },
	{ "load.clients.4", many_clients, 64, 1200, 4 },
	{ "load.clients.8", many_clients, 64, 600, 8 },
	{ "load.pairs.4", pairs, 64, 1200, 4 },
	{ "load.wakers.4", wakers, 0, 1200, 4 },
	{ "load.warm.quiet", warm, 64, 1000, 0 },
	{ "load.warm.mapping", warm, 64, 1000, PEER_MAPPER },
	{ "load.cold.quiet", cold_calls, 4096, 10 * TO_ONE, 0 },
	{ "load.cold.mapping", cold_calls, 4096, 10 * TO_ONE, PEER_MAPPER },
	{ "load.send.quiet", cold_oneway, 4096, 10 * TO_ONE, 0 },
	{ "load.send.mapping", cold_oneway, 4096, 10 * TO_ONE, PEER_MAPPER },
	{ }
};
