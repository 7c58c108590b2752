// SPDX-License-Identifier: GPL-2.0-only
/* Calls and replies: targets, sizes, pointers, and the order of things. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rows_test.h"

ROWS_FIXTURE(bad_transaction)

static struct port *mgr, *server, *c;
static uint32_t handle;

static void three_peers(void)
{
	mgr = manager();
	server = process();
	c = process();
	handle = give(server, c, 0x10, 0x20, 0);
}

static void again(void)
{
	peers_end();
	three_peers();
}

/*
 * What @c wrote, which is one oneway call to @to or to nobody: what came of it. Whoever
 * got it frees it.
 */
static void oneway(struct port *to)
{
	got("%s", go(c));
	forget(c);
	if (strcmp(c->got, "NOOP COMPLETE"))
		got("%s", exterr(c));
	if (!strncmp(go(to), "NOOP TXN", 8)) {
		got("received");
		free_last(to);
		go(to);
	} else if (strcmp(to->got, "EAGAIN")) {
		got("receiver %s", to->got);
	}
}

/* The same for a reply of @server to @c. */
static void replied(void)
{
	got("%s", go(server));
	forget(server);
	got("%s", exterr(server));
	got("caller %s", go(c));
	if (strstr(c->got, "REPLY:")) {
		free_last(c);
		go(c);
	} else if (strcmp(c->got, "EAGAIN")) {
		got("%s", exterr(c));
	}
}

/* --- targets --- */

struct target {
	const char *name;
	uint32_t handle;
};

static void targets_of(struct port *p, const char *who, const struct target *targets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (int kind = 0; kind < 4; kind++) {
			struct bnd_msg m = {
				.handle = targets[i].handle, .code = 4,
				.flags = kind & 1 ? TF_ONE_WAY : 0,
			};

			row("%s%s call to %s%s", kind & 1 ? "oneway" : "sync",
			    kind & 2 ? " SG" : "", targets[i].name, who);
			(kind & 2 ? bnd_cmd_transaction_sg : bnd_cmd_transaction)(&p->w, &m);
			got("%s", go(p));
			forget(p);
			got("%s", exterr(p));
		}
	}
}

/* R34, CVE-2022-49947 */
TEST_F_TIMEOUT(bad_transaction, targets, TABLE_SECONDS)
{
	static const struct target zero = { "0", 0 };
	struct target all[] = {
		{ "a weak handle", 0 }, { "a given-up handle", 0 }, { "an unused handle", 55 },
		{ "0x7fffffff", 0x7fffffff }, { "0x80000000", 0x80000000 }, { "~0", ~0u },
		{ "an object that is not mapped", 0 },
	};
	struct port *bare;

	rows_begin("targets");
	three_peers();
	watch_release(server);
	all[0].handle = give(server, c, 0x30, 0x40, 0);
	bnd_cmd_release(&c->w, all[0].handle);
	only_write(c);
	all[1].handle = give(server, c, 0x50, 0x60, 0);
	drop(c, all[1].handle);
	only_write(c);
	bare = process_on("/dev/binder", 0);
	call_obj(bare, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x90, 0x91, 0));
	only_write(bare);
	while (strcmp(go(server), "EAGAIN"))
		;
	go(mgr);
	take(mgr, got_obj(mgr, 0).handle);
	free_last(mgr);
	only_write(mgr);
	/* The manager has it; a call from there will do. */
	all[6].handle = got_obj(mgr, 0).handle;
	targets_of(mgr, " by the manager", all + 6, 1);
	targets_of(mgr, " by the manager", &zero, 1);
	targets_of(c, "", all, 6);
	die_released(server);
	targets_of(c, " whose owner is dead", (struct target[]){ { "an object", handle } }, 1);
	peers_end();
	server = NULL;
	c = process();
	targets_of(c, " without a manager", &zero, 1);
	ASSERT_EQ(0, rows_end());
}

/* --- sizes --- */

static const uint64_t sizes[] = {
	0, 1, 7, 8, 4096, 65536, (1ull << 31) - 1, 1ull << 31, (1ull << 31) + 1,
	(1ull << 32) - 8, 1ull << 32, (1ull << 32) + 8, 1ull << 63, ~0ull - 7, ~0ull,
};

static struct bnd_msg sized(uint64_t data_size, uint64_t extra)
{
	static uint8_t *bytes;

	if (!bytes)
		bytes = memset(shared(1 << 17), 0, 1 << 17);
	return (struct bnd_msg){
		.handle = handle, .code = 4, .flags = TF_ONE_WAY, .data = bytes,
		.size = data_size, .extra = extra, .offsets = (uint64_t *)bytes,
	};
}

/* bnd_msg counts offsets; here their size is what matters. */
static void record(struct port *p, uint32_t cmd, const struct bnd_msg *m, uint64_t offsets_size)
{
	struct binder_transaction_data_sg sg = {
		.transaction_data = bnd_txn(m), .buffers_size = m->extra,
	};

	sg.transaction_data.offsets_size = offsets_size;
	bnd_cmd(&p->w, cmd, &sg);
}

/* R17, CVE-2019-2181 */
TEST_F_TIMEOUT(bad_transaction, sizes, TABLE_SECONDS)
{
	rows_begin("sizes");
	three_peers();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(sizes); j++) {
			struct bnd_msg m = sized(sizes[i], 0);

			row("data_size %#llx offsets_size %#llx", (unsigned long long)sizes[i],
			    (unsigned long long)sizes[j]);
			record(c, BC_TRANSACTION, &m, sizes[j]);
			oneway(server);
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* R17, CVE-2019-2181 */
TEST_F_TIMEOUT(bad_transaction, buffers_sizes, TABLE_SECONDS)
{
	static const uint64_t some[] = { 0, 8, 1ull << 32, ~0ull - 7 };

	rows_begin("buffers-sizes");
	three_peers();
	for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
		for (size_t i = 0; i < ARRAY_SIZE(some); i++) {
			struct bnd_msg m = sized(some[i], sizes[k]);

			row("buffers_size %#llx data_size %#llx", (unsigned long long)sizes[k],
			    (unsigned long long)some[i]);
			record(c, BC_TRANSACTION_SG, &m, 0);
			oneway(server);
			if (!some[i])
				continue;
			m.size = 0;
			row("buffers_size %#llx offsets_size %#llx", (unsigned long long)sizes[k],
			    (unsigned long long)some[i]);
			record(c, BC_TRANSACTION_SG, &m, some[i]);
			oneway(server);
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* Exactly what there is and a little more, oneway and not. */
TEST_F_TIMEOUT(bad_transaction, space, TABLE_SECONDS)
{
	static const int around[] = { -9, -8, -7, -1, 0, 1, 7, 8, 9 };

	rows_begin("space");
	three_peers();
	for (int whole = 0; whole < 2; whole++) {
		for (size_t i = 0; i < ARRAY_SIZE(around); i++) {
			struct bnd_msg m = sized((whole ? AREA : AREA / 2) + around[i], 0);

			m.flags = whole ? 0 : TF_ONE_WAY;
			row("%s %+d bytes", whole ? "a call of the area" :
			    "a oneway call of half the area", around[i]);
			record(c, BC_TRANSACTION, &m, 0);
			if (!whole) {
				oneway(server);
				continue;
			}
			got("%s", go(c));
			if (!strcmp(c->got, "EAGAIN")) {
				got("receiver %s", go(server));
				answer(server, c);
			} else {
				got("%s", exterr(c));
			}
		}
	}
	ASSERT_EQ(0, rows_end());
}

TEST_F_TIMEOUT(bad_transaction, reply_sizes, TABLE_SECONDS)
{
	rows_begin("reply-sizes");
	three_peers();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (int part = 0; part < 3; part++) {
			static const char *name[] = { "data_size", "offsets_size", "buffers_size" };
			struct bnd_msg m = sized(part ? 0 : sizes[i], part == 2 ? sizes[i] : 0);

			row("reply of %s %#llx", name[part], (unsigned long long)sizes[i]);
			deliver(c, server, handle, 6);
			record(server, part == 2 ? BC_REPLY_SG : BC_REPLY, &m,
			       part == 1 ? sizes[i] : 0);
			free_last(server);
			replied();
			if (strstr(server->got, "[")) {
				forget(server);
				again();
			}
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* --- pointers --- */

/* R55, CVE-2013-6282 */
TEST_F_TIMEOUT(bad_transaction, pointers, TABLE_SECONDS)
{
	static const uint64_t some[] = { 0, 1, 8, 24, 4096 };

	rows_begin("message-pointers");
	three_peers();
	for (int i = 0; i < NR_PLACES; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(some); j++) {
			struct bnd_msg m = sized(some[j], 0);

			m.data = (void *)(uintptr_t)places[i].address;
			row("%llu bytes of data at %s", (unsigned long long)some[j],
			    places[i].name);
			record(c, BC_TRANSACTION, &m, 0);
			oneway(server);
			m = sized(4096, 0);
			m.offsets = (void *)(uintptr_t)places[i].address;
			row("%llu bytes of offsets at %s", (unsigned long long)some[j],
			    places[i].name);
			record(c, BC_TRANSACTION, &m, some[j]);
			oneway(server);
		}
	}
	ASSERT_EQ(0, rows_end());
}

TEST_F_TIMEOUT(bad_transaction, cut, TABLE_SECONDS)
{
	static const uint8_t zero[64];

	rows_begin("messages-cut");
	three_peers();
	for (size_t len = 0; len < 32; len++) {
		struct bnd_msg m = sized(32, 0);

		m.data = (void *)(uintptr_t)cut_off(zero, 32, len);
		row("data, %zu bytes of 32", len);
		record(c, BC_TRANSACTION, &m, 0);
		oneway(server);
		m = sized(64, 0);
		m.offsets = (void *)(uintptr_t)cut_off(zero, 32, len);
		row("offsets, %zu bytes of 32", len);
		record(c, BC_TRANSACTION, &m, 32);
		oneway(server);
	}
	ASSERT_EQ(0, rows_end());
}

/* --- flags --- */

TEST_F_TIMEOUT(bad_transaction, flags, TABLE_SECONDS)
{
	rows_begin("transaction-flags");
	three_peers();
	for (int bit = 0; bit < 32; bit++) {
		row("oneway call with bit %d", bit);
		call(c, handle, 7, TF_ONE_WAY | 1u << bit);
		got("%s", go(c));
		got("%s", go(server));
		got("%#x", server->txn.flags);
		free_last(server);
		go(server);
		if (bit == 0)
			continue;
		row("call and reply with bit %d", bit);
		call(c, handle, 7, 1u << bit);
		got("%s", go(c));
		got("%s", go(server));
		got("%#x", server->txn.flags);
		free_last(server);
		reply(server, 8, 1u << bit);
		got("%s", go(server));
		got("%s", go(c));
		got("%#x", c->txn.flags);
		free_last(c);
		go(c);
	}
	ASSERT_EQ(0, rows_end());
}

/* --- who may call and reply when --- */

enum step { CALL, ONEWAY, REPLY, REPLY_ONEWAY, READ, FREE, EXIT, NR_STEPS };

static const char *step_name[] = { "call", "oneway", "reply", "reply as oneway", "read", "free",
				   "exit" };

static void step(struct port *p, uint32_t to, enum step what)
{
	switch (what) {
	case CALL:
	case ONEWAY:
		call(p, to, 0x40 + what, what == ONEWAY ? TF_ONE_WAY : 0);
		break;
	case REPLY:
	case REPLY_ONEWAY:
		reply(p, 0x50, what == REPLY_ONEWAY ? TF_ONE_WAY : 0);
		break;
	case FREE:
		free_last(p);
		break;
	case EXIT:
		got("%s", text_of(ioc_at(p, BINDER_THREAD_EXIT, 0)));
		return;
	default:
		break;
	}
	if (what == READ)
		got("%s", go(p));
	else
		got("%s", only_write(p));
	forget(p);
}

/* All pairs of what a thread can do, by one that serves a call and by one that does not. */
static void pair(bool serving, enum step first, enum step second)
{
	row("%s and %s%s", step_name[first], step_name[second], serving ? " while serving" : "");
	if (serving)
		deliver(c, server, handle, 3);
	step(server, 0, first);
	step(server, 0, second);
	got("%s", go(server));
	got("%s", exterr(server));
	if (serving)
		got("caller %s", go(c));
	got("manager %s", go(mgr));
	again();
}

TEST_F_TIMEOUT(bad_transaction, steps, 60)
{
	rows_begin("steps");
	three_peers();
	for (int serving = 0; serving < 2; serving++) {
		for (int i = 0; i < NR_STEPS; i++) {
			for (int j = 0; j < NR_STEPS; j++)
				pair(serving, i, j);
		}
	}
	ASSERT_EQ(0, rows_end());
}

TEST_HARNESS_MAIN
