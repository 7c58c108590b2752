/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of messages with several parts begin with. */
#ifndef PROTOCOL_PARTS_TEST_H
#define PROTOCOL_PARTS_TEST_H

#include <sys/mman.h>

#include "parts.h"
#include "protocol_test.h"

#define ACCEPTS FLAT_BINDER_FLAG_ACCEPTS_FDS
#define OK(m) ASSERT_STREQ("OK", deliver_parts(c, server, m, handle))
#define REFUSED(m, why) ASSERT_STREQ("FAILED " why, deliver_parts(c, server, m, handle))

/* @size bytes of the peers', all different from their neighbours. */
static inline uint8_t *bytes(size_t size)
{
	uint8_t *p = shared(size);
	static uint8_t seed;

	seed += 0x40;
	for (size_t i = 0; i < size; i++)
		p[i] = (uint8_t)(seed + i % 61);
	return p;
}

/*
 * A client, a server, the client's handle to it, and a page of all of theirs with
 * an inaccessible one behind it. Each test runs in a process of its own.
 */
static struct port *mgr, *server, *c;
static uint32_t handle;
static uint8_t *page;

static inline void parts_begin(void)
{
	page = page_before_a_hole();
	mgr = manager();
	server = process();
	c = process();
	handle = give(server, c, 0x10, 0x20, ACCEPTS);
}

#define PARTS_FIXTURE(name) PEERS_FIXTURE(name, parts_begin(), (void)0)

#endif /* PROTOCOL_PARTS_TEST_H */
