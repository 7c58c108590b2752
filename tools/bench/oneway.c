// SPDX-License-Identifier: GPL-2.0-only
/* Oneway calls, sent and delivered, or sent to where many are waiting. */
#include "peer.h"

#include <unistd.h>

static struct peer client;
static uint8_t data[64];

/* Send @ops calls, @b->arg an ioctl, and wait until the last was delivered. */
static void send(const struct service *s, const struct bench *b)
{
	char byte;

	for (unsigned int i = 0; i < b->ops; i += b->arg) {
		if (i + b->arg >= b->ops) {
			/* The last ones go alone, so that only one reports back. */
			if (b->arg > 1)
				peer_send(&client, b->arg - 1);
			client.txn.txn.code = PEER_LAST;
			peer_send(&client, 1);
			client.txn.txn.code = PEER_NOP;
			break;
		}
		peer_send(&client, b->arg);
	}
	if (read(s->last_fd, &byte, 1) != 1)
		die("the service is gone");
}

static void oneway(const struct bench *b)
{
	struct service s;
	uint32_t handle;

	service_start(&s, 0);
	peer_open(&client, &handle);
	peer_prepare(&client, handle, PEER_NOP, TF_ONE_WAY, data, b->size, NULL, 0);
	send(&s, b);
	for (unsigned int i = 0; i < options.samples; i++) {
		uint64_t start = sample_begin();

		send(&s, b);
		sample_end(b, i, start, b->ops);
	}
	service_stop(&s, &client);
	peer_close(&client);
}

/* Bytes that are left to oneway calls: less than a tenth of the area. */
#define LITTLE 100000

/* Send calls to an object that is busy and has @b->arg of them waiting for it. */
static void queued(const struct bench *b)
{
	static uint8_t filler[BND_DEFAULT_MAP / 2];
	unsigned int i, j;
	struct service s;
	uint32_t handle;

	service_start(&s, 0);
	peer_open(&client, &handle);
	peer_prepare(&client, handle, PEER_HOLD, TF_ONE_WAY, data, b->size, NULL, 0);
	peer_send(&client, 1);
	peer_prepare(&client, handle, PEER_NOP, TF_ONE_WAY, filler,
		     sizeof(filler) - (b->arg + 1) * b->size - LITTLE, NULL, 0);
	peer_send(&client, 1);
	peer_prepare(&client, handle, PEER_NOP, TF_ONE_WAY, data, b->size, NULL, 0);
	for (i = 0; i < b->arg; i++)
		peer_send(&client, 1);
	for (i = 0; i < options.samples; i++) {
		uint64_t start = sample_begin();

		for (j = 0; j < b->ops; j++)
			peer_send(&client, 1);
		sample_end(b, i, start, b->ops);
	}
	service_stop(&s, &client);
	peer_close(&client);
}

const struct bench oneway_benches[] = {
	{ "oneway.64.1", oneway, 64, 256, 1 },
	{ "oneway.64.16", oneway, 64, 256, 16 },
	{ "oneway.64.queued50", queued, 64, 64, 50 },
	{ "oneway.64.queued5000", queued, 64, 64, 5000 },
	{ }
};
