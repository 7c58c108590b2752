// SPDX-License-Identifier: GPL-2.0-only
/* Taking idle pages away from a service. */
#include "peer.h"

#include <unistd.h>

static struct peer client;
static uint8_t data[1000 * 1024];

static void begin(struct service *s, const struct bench *b)
{
	uint32_t handle;

	service_start(s, b->arg);
	peer_open(&client, &handle);
	peer_prepare(&client, handle, PEER_NOP, 0, data, b->size, NULL, 0);
	peer_call(&client);
}

static void end(struct service *s)
{
	service_stop(s, &client);
	peer_close(&client);
}

/*
 * The whole of a reclaim that finds the pages of one message of this size. The
 * costs of going through all the other caches cancel out between two sizes.
 */
static void reclaim(const struct bench *b)
{
	struct service s;

	begin(&s, b);
	reclaim_all(&s);
	for (unsigned int i = 0; i < options.samples; i++) {
		uint64_t start;

		peer_call(&client);
		peer_settle(&client);
		start = sample_begin();
		drop_caches();
		sample_end(b, i, start, 1);
		if (service_pages(&s))
			die("idle pages were not reclaimed");
	}
	end(&s);
}

/* Percentage of idle pages that go while the service's address space is busy. */
static void busy(const struct bench *b)
{
	struct service s;

	begin(&s, b);
	client.txn.txn.code = PEER_TOUCH;
	for (unsigned int i = 0; i < options.samples; i++) {
		unsigned int before, after;

		peer_call(&client);
		peer_settle(&client);
		/* Let the service wait again, and the other thread run. */
		usleep(20000);
		before = service_pages(&s);
		if (before < b->size / 4096)
			die("%u pages for %zu bytes", before, b->size);
		drop_caches();
		after = service_pages(&s);
		sample_value(b, i, 100.0 * (before - after) / before);
	}
	end(&s);
}

const struct bench memory_benches[] = {
	{ "reclaim.64K", reclaim, 64 << 10, 1, 0 },
	{ "reclaim.1000K", reclaim, 1000 << 10, 1, 0 },
	{ "load.reclaim.share", busy, 1000 << 10, 1, PEER_MAPPER },
	{ }
};
