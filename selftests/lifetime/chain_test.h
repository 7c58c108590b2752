/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs of chains of calls begin with. */
#ifndef LIFETIME_CHAIN_TEST_H
#define LIFETIME_CHAIN_TEST_H

#include "kselftest_harness.h"

#include "actor.h"

#define LINKS 4

FIXTURE(chain)
{
	/* Everybody holds a handle to everybody else. */
	struct actor *a[LINKS];
	uint32_t to[LINKS][LINKS];
	bool by_kill;
	/* Of the calls of the first link. */
	uint32_t first_flags;
};

FIXTURE_VARIANT(chain)
{
	bool by_kill;
};

FIXTURE_VARIANT_ADD(chain, thread_exit) { .by_kill = false };
FIXTURE_VARIANT_ADD(chain, killed) { .by_kill = true };

FIXTURE_SETUP(chain)
{
	self->by_kill = variant->by_kill;
	new_manager();
	for (int i = 0; i < LINKS; i++) {
		self->a[i] = actor_new();
		watch(self->a[i]);
		self->a[i]->no_refs = true;
	}
	for (int i = 0; i < LINKS; i++) {
		for (int j = 0; j < LINKS; j++) {
			if (i == j)
				continue;
			self->a[j]->no_refs = false;
			self->to[i][j] = grant(self->a[j], 0x1000 * (i + 1), 0, self->a[i]);
			self->a[j]->no_refs = true;
		}
	}
}

FIXTURE_TEARDOWN(chain)
{
	fresh_call();
}

static void call(FIXTURE_DATA(chain) *self, int from, int to, const char *codes)
{
	cmd_call(self->a[from], self->to[from][to], 'C', from ? 0 : self->first_flags);
	need(!strcmp(put(self->a[from]), ""));
	need(!strcmp(now(self->a[to]), codes));
	cmd_free(self->a[to]);
	need(!strcmp(put(self->a[to]), ""));
}

static const char *answer(struct actor *a)
{
	cmd_reply(a);
	return now(a);
}

static void end(FIXTURE_DATA(chain) *self, int i)
{
	if (self->by_kill) {
		kill_actor(self->a[i]);
		await_gone(self->a[i]);
	} else {
		need(!thread_exit(self->a[i]));
	}
}

#endif /* LIFETIME_CHAIN_TEST_H */
