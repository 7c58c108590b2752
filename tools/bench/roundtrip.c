// SPDX-License-Identifier: GPL-2.0-only
/* Synchronous calls with an empty reply. */
#include "peer.h"

#include <stdlib.h>
#include <unistd.h>

static struct peer client;
static uint8_t data[1024 * 1024];

static void call(unsigned int ops)
{
	for (unsigned int i = 0; i < ops; i++)
		peer_call(&client);
}

static void begin(struct service *s, const struct bench *b)
{
	uint32_t handle;

	service_start(s, b->arg);
	peer_open(&client, &handle);
	memset(data, 0x5a, sizeof(data));
	peer_prepare(&client, handle, PEER_NOP, 0, data, b->size, NULL, 0);
	call(20);
}

static void end(struct service *s)
{
	service_stop(s, &client);
	peer_close(&client);
}

/* All pages of the buffer are there and mapped. */
static void warm(const struct bench *b)
{
	struct service s;

	begin(&s, b);
	for (unsigned int i = 0; i < options.samples; i++) {
		uint64_t start = sample_begin();

		call(b->ops);
		sample_end(b, i, start, b->ops);
	}
	end(&s);
}

/* All pages of the buffer were reclaimed; perhaps none but single ones are free. */
static void cold_calls(const struct bench *b, bool fragmented)
{
	struct service s;

	begin(&s, b);
	if (fragmented)
		take_every_other_page();
	for (unsigned int i = 0; i < options.samples; i++) {
		uint64_t start;

		reclaim_all(&s);
		if (fragmented) {
			take_free_blocks();
			/* The kernel looks for something to move together. */
			usleep(300000);
		}
		start = sample_begin();
		call(1);
		sample_end(b, i, start, 1);
	}
	end(&s);
}

static void cold(const struct bench *b)
{
	cold_calls(b, false);
}

static void fragmented(const struct bench *b)
{
	cold_calls(b, true);
}

/* The first call of its size that a service gets. */
static void first(const struct bench *b)
{
	for (unsigned int i = 0; i < options.samples; i++) {
		struct bench small = *b;
		struct service s;
		uint64_t start;

		small.size = 64;
		begin(&s, &small);
		client.txn.txn.data_size = b->size;
		start = sample_begin();
		call(1);
		sample_end(b, i, start, 1);
		end(&s);
	}
}

unsigned int mixed_size(uint32_t *state)
{
	uint32_t kind, within;

	*state = *state * 1664525 + 1013904223;
	kind = (*state >> 16) % 100;
	*state = *state * 1664525 + 1013904223;
	within = *state >> 12;
	if (kind < 70)
		return 8 + within % 249;
	if (kind < 95)
		return 257 + within % 768;
	if (kind < 99)
		return 1025 + within % (15 * 1024);
	return 64 * 1024 + within % (192 * 1024 + 1);
}

static void mixed(const struct bench *b)
{
	unsigned int *sizes = calloc(b->ops, sizeof(*sizes));
	uint32_t state = 1;
	struct service s;

	if (!sizes)
		die("no memory");
	for (unsigned int i = 0; i < b->ops; i++)
		sizes[i] = mixed_size(&state);
	begin(&s, b);
	for (unsigned int i = 0; i <= options.samples; i++) {
		uint64_t start = sample_begin();

		for (unsigned int k = 0; k < b->ops; k++) {
			client.txn.txn.data_size = sizes[k];
			peer_call(&client);
		}
		/* The first round is there to get all pages. */
		if (i)
			sample_end(b, i - 1, start, b->ops);
	}
	end(&s);
	free(sizes);
}

const struct bench roundtrip_benches[] = {
	{ "rt.64.warm", warm, 64, 200, 0 },
	{ "rt.4K.warm", warm, 4 << 10, 200, 0 },
	{ "rt.16K.warm", warm, 16 << 10, 100, 0 },
	{ "rt.64K.warm", warm, 64 << 10, 100, 0 },
	{ "rt.256K.warm", warm, 256 << 10, 50, 0 },
	{ "rt.1000K.warm", warm, 1000 << 10, 20, 0 },
	{ "rt.64.cold", cold, 64, 1, 0 },
	{ "rt.4K.cold", cold, 4 << 10, 1, 0 },
	{ "rt.64K.cold", cold, 64 << 10, 1, 0 },
	{ "rt.1000K.cold", cold, 1000 << 10, 1, 0 },
	{ "rt.64K.first", first, 64 << 10, 1, 0 },
	{ "rt.1000K.first", first, 1000 << 10, 1, 0 },
	{ "rt.mix", mixed, 64, 1000, 0 },
	{ "rt.64.pool2", warm, 64, 200, 2 },
	{ "rt.64.pool4", warm, 64, 200, 4 },
	{ "rt.64.pool8", warm, 64, 200, 8 },
	{ }
};

/* After all others: the kernel's lists of free memory are in no order any more. */
const struct bench fragmented_benches[] = {
	{ "rt.64K.fragmented", fragmented, 64 << 10, 1, 0 },
	{ "rt.1000K.fragmented", fragmented, 1000 << 10, 1, 0 },
	{ }
};
