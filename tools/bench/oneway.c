// SPDX-License-Identifier: GPL-2.0-only
/* Oneway calls, sent and delivered. */
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

const struct bench oneway_benches[] = {
	{ "oneway.64.1", oneway, 64, 256, 1 },
	{ "oneway.64.16", oneway, 64, 256, 16 },
	{ }
};
