// SPDX-License-Identifier: GPL-2.0-only
/*
 * Closing a device that holds many things of one kind: only the difference of two numbers
 * of them means anything. A driver may leave the work to a kernel thread, and to RCU:
 * the processor is given away often enough for all of it to be done.
 */
#include "peer.h"

#include <sched.h>

#define TIMES_GIVEN_AWAY 10000
/* By what --samples is multiplied. */
#define MOST_TIMES 5

static struct peer client, closing;

enum { REFS, NODES, BUFFERS, PAGES };

static void fill(unsigned int what, size_t n)
{
	uint64_t name = 0x1000;

	switch (what) {
	case REFS:
		/* Somebody else has them too, or their end would make work for their owner. */
		peer_take_fresh(&client, n, false);
		peer_prepare(&client, 0, PEER_REWIND, 0, NULL, 0, NULL, 0);
		peer_call(&client);
		peer_settle(&client);
		peer_take_fresh(&closing, n, false);
		break;
	case NODES:
		for (size_t i = 0; i < n; i += PEER_OBJECTS) {
			peer_prepare_new(&closing, PEER_KEEP, &name);
			peer_call(&closing);
		}
		break;
	case BUFFERS:
		peer_prepare(&closing, 0, PEER_NOP, 0, NULL, 0, NULL, 0);
		for (size_t i = 0; i < n; i++)
			peer_call_held(&closing);
		break;
	case PAGES:
		peer_prepare(&closing, 0, PEER_DATA | PEER_PAGES(n), 0, NULL, 0, NULL, 0);
		peer_call(&closing);
		break;
	}
	peer_settle(&closing);
}

static void teardown(const struct bench *b)
{
	for (unsigned int i = 0; i < b->ops && i < MOST_TIMES * options.samples; i++) {
		struct service s;
		uint64_t start;

		service_start(&s, 0);
		peer_open(&client, NULL);
		peer_open(&closing, NULL);
		fill(b->arg, b->size);
		start = sample_begin();
		peer_close(&closing);
		for (unsigned int k = 0; k < TIMES_GIVEN_AWAY; k++)
			sched_yield();
		sample_end(b, i, start, 1);
		service_stop(&s, &client);
		peer_close(&client);
	}
}

/*
 * Interrupts are most of what repeats badly, and pages the least work: so many samples
 * where others have few, and more than anybody asks for.
 */
const struct bench teardown_benches[] = {
	{ "teardown.ref64", teardown, 64, 5, REFS },
	{ "teardown.ref4096", teardown, 4096, 5, REFS },
	{ "teardown.node64", teardown, 64, 5, NODES },
	{ "teardown.node4096", teardown, 4096, 5, NODES },
	{ "teardown.buffer64", teardown, 64, 5, BUFFERS },
	{ "teardown.buffer4096", teardown, 4096, 5, BUFFERS },
	{ "teardown.page10", teardown, 10, 105, PAGES },
	{ "teardown.page250", teardown, 250, 105, PAGES },
	{ }
};
