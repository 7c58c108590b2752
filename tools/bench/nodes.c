// SPDX-License-Identifier: GPL-2.0-only
/* Many nodes: what one more of them costs, and what the death of their owner does. */
#include "peer.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct peer client;
static uint64_t next_name;

static void enter_looper(void)
{
	const uint32_t code = BC_ENTER_LOOPER;

	memcpy(client.out, &code, sizeof(code));
	client.out_size = sizeof(code);
	peer_settle(&client);
}

/* Send PEER_OBJECTS nodes, which the service acquires, to one that has @b->size others. */
static void create(const struct bench *b)
{
	struct service s;

	service_start(&s, 0);
	peer_open(&client, NULL);
	enter_looper();
	next_name = 0x1000;
	for (unsigned int n = 0; n < b->size; n += PEER_OBJECTS) {
		peer_prepare_new(&client, PEER_KEEP, &next_name);
		peer_call(&client);
	}
	for (unsigned int i = 0; i < options.samples; i++) {
		uint64_t start;

		peer_drain(&client);
		peer_prepare_new(&client, PEER_KEEP, &next_name);
		if (!b->arg)
			client.txn.txn.offsets_size = 0;
		start = sample_begin();
		peer_call(&client);
		peer_settle(&client);
		sample_end(b, i, start, 1);
		peer_prepare(&client, 0, PEER_DROP, 0, NULL, 0, NULL, 0);
		peer_call(&client);
	}
	service_stop(&s, &client);
	peer_close(&client);
}

static bool few(const struct bench *b, unsigned int i)
{
	/* Thousands of objects have to be made for each sample; they differ little. */
	return i < (b->ops < options.samples ? b->ops : options.samples);
}

/*
 * The service dies, of which @b->size objects are watched. With @b->arg until the first
 * notice was read; else until all were received and acknowledged.
 */
static void death(const struct bench *b)
{
	for (unsigned int i = 0; few(b, i); i++) {
		struct service s;
		uint64_t start;

		service_start(&s, 0);
		peer_open(&client, NULL);
		enter_looper();
		peer_take_fresh(&client, b->size, true);
		peer_drain(&client);
		start = sample_begin();
		kill(s.pid, SIGKILL);
		while (!client.died)
			peer_wait(&client);
		if (b->arg)
			sample_end(b, i, start, 1);
		while (client.died < b->size)
			peer_wait(&client);
		peer_settle(&client);
		if (!b->arg)
			sample_end(b, i, start, 1);
		waitpid(s.pid, NULL, 0);
		close(s.last_fd);
		peer_close(&client);
	}
}

const struct bench node_benches[] = {
	{ "nodes.none", create, 0, 1, 0 },
	{ "nodes.10", create, 16, 1, 1 },
	{ "nodes.50000", create, 50000, 1, 1 },
	{ "death.1024", death, 1024, 2, 0 },
	{ "death.5120", death, 5120, 2, 0 },
	{ "death.first50000", death, 50000, 1, 1 },
	{ }
};
