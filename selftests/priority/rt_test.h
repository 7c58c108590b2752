/* SPDX-License-Identifier: GPL-2.0-only */
/* What files of tests of Android's scheduling rules begin with. */
#ifndef RT_TEST_H
#define RT_TEST_H

#include <sched.h>

#include "priority_test.h"

#define INHERIT FLAT_BINDER_FLAG_INHERIT_RT
/* A policy and its minimum, as flags of an object. */
#define MINIMUM(policy, value) \
	((policy) << FLAT_BINDER_FLAG_SCHED_POLICY_SHIFT | ((value) & 0xff))

FIXTURE(rt)
{
	struct port *server, *client;
};

FIXTURE_SETUP(rt)
{
	(void)variant;
	running_test = _metadata;
	if (!ours())
		SKIP(return, "Android common kernel only");
	peers_begin(fail_test);
	manager();
	self->client = process();
	self->server = process();
}

FIXTURE_TEARDOWN(rt)
{
	(void)_metadata;
	(void)self;
	(void)variant;
	peers_end();
}

/* Delivers a call of the client to an object with these flags. */
static inline void serve(FIXTURE_DATA(rt) *self, uint32_t flags)
{
	deliver(self->client, self->server, node(self->server, self->client, flags), 7);
}

/* The server replies; nothing is read yet. */
static inline void done(FIXTURE_DATA(rt) *self)
{
	free_last(self->server);
	reply(self->server, 0, 0);
	only_write(self->server);
}

/* Reads what @done left. */
static inline void finish_call(FIXTURE_DATA(rt) *self)
{
	go(self->server);
	go(self->client);
	free_last(self->client);
	only_write(self->client);
}

#endif /* RT_TEST_H */
