// SPDX-License-Identifier: GPL-2.0-only
/*
 * BC_FREE_BUFFER of what is no buffer, and requests for notices in every order: all
 * sequences of three commands by a holder whose object lives, or dies in between.
 *
 * For R18 (CVE-2024-56554, CVE-2024-56555, CVE-2024-56556) and R21.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rows_test.h"

ROWS_FIXTURE(bad_notice)

static struct port *mgr, *server, *c;
static uint32_t handle;

static void three_peers(void)
{
	mgr = manager();
	server = process();
	c = process();
}

/* --- buffers --- */

static void free_at(struct port *p, const char *name, uint64_t address)
{
	row("free %s", name);
	bnd_cmd_free_buffer(&p->w, address);
	got("%s", go(p));
	forget(p);
	/* Is what was delivered there still? */
	got("%x", *(uint8_t *)peek(server, server->txn.data.ptr.buffer, 1));
}

/* R30, CVE-2019-2025 */
TEST_F_TIMEOUT(bad_notice, free_buffer, TABLE_SECONDS)
{
	char name[64];
	uint64_t base;

	rows_begin("free-buffer");
	three_peers();
	handle = give(server, c, 0x10, 0x20, 0);
	call_data(c, handle, 5, 0, memset(shared(64), 0x5a, 64), 64);
	go(c);
	go(server);
	base = server->txn.data.ptr.buffer;
	for (int delta = -9; delta <= 72; delta++) {
		if (!delta)
			continue;
		snprintf(name, sizeof(name), "%d bytes off", delta);
		free_at(server, name, base + delta);
	}
	for (int i = 0; i < NR_PLACES; i++)
		free_at(server, places[i].name, places[i].address);
	free_at(server, "beyond the area", base + AREA);
	free_at(server, "the high half changed", base + (1ull << 32));
	free_at(c, "what another process has", base);
	call_data(c, handle, 5, TF_ONE_WAY, "second", 8);
	only_write(c);
	row("free what was not read yet");
	bnd_cmd_free_buffer(&server->w, base + 64);
	got("%s", only_write(server));
	bnd_cmd_free_buffer(&server->w, base + 72);
	got("%s", only_write(server));
	row("free while serving");
	free_last(server);
	got("%s", only_write(server));
	row("free it again");
	free_last(server);
	got("%s", only_write(server));
	row("reply and free it again");
	free_last(server);
	reply(server, 0, 0);
	got("%s", only_write(server));
	got("%s", go(server));
	got("%s", go(c));
	row("free the reply twice");
	free_last(c);
	free_last(c);
	got("%s", only_write(c));
	row("free the reply by its sender");
	bnd_cmd_free_buffer(&server->w, c->txn.data.ptr.buffer);
	got("%s", only_write(server));
	ASSERT_EQ(0, rows_end());
}

/* --- requests --- */

enum act { REQUEST, CLEAR, CLEAR_OTHER, DONE, DONE_OTHER, DROP, DIE, NR_ACTS };

#define COOKIE 0xc0
#define OTHER 0xc1

struct family {
	const char *names[NR_ACTS];
	void (*request)(struct bnd_cmds *s, uint32_t handle, uint64_t cookie);
	void (*clear)(struct bnd_cmds *s, uint32_t handle, uint64_t cookie);
	void (*done)(struct bnd_cmds *s, uint64_t cookie);
};

static const struct family deaths = {
	{ "request", "clear", "clear other", "done", "done other", "drop", "die" },
	bnd_cmd_request_death, bnd_cmd_clear_death, bnd_cmd_dead_binder_done,
};

static const struct family freezes = {
	{ "request", "clear", "clear other", "done", "done other", "drop", "freeze" },
	bnd_cmd_request_freeze, bnd_cmd_clear_freeze, bnd_cmd_freeze_done,
};

static void act(const struct family *f, enum act what)
{
	struct binder_freeze_info info = { .pid = server->pid, .enable = 1 };

	switch (what) {
	case REQUEST:
		f->request(&c->w, handle, COOKIE);
		break;
	case CLEAR:
	case CLEAR_OTHER:
		f->clear(&c->w, handle, what == CLEAR ? COOKIE : OTHER);
		break;
	case DONE:
	case DONE_OTHER:
		f->done(&c->w, what == DONE ? COOKIE : OTHER);
		break;
	case DROP:
		drop(c, handle);
		break;
	default:
		if (f == &freezes)
			ioc(c, BINDER_FREEZE, &info, sizeof(info));
		else
			die_released(server);
		return;
	}
}

/* A holder and an object of their own; each command is read before the next one. */
static void sequence(const struct family *f, const enum act *acts, bool reading)
{
	three_peers();
	watch_release(server);
	handle = give(server, c, 0x10, 0x20, 0);
	/* Somebody has it besides. */
	give(server, mgr, 0x10, 0x20, 0);
	row("%s, %s, %s%s", f->names[acts[0]], f->names[acts[1]], f->names[acts[2]],
	    reading ? "" : ", read at last");
	for (int i = 0; i < 3; i++) {
		act(f, acts[i]);
		got("%s", reading ? go(c) : only_write(c));
		forget(c);
	}
	for (int i = 0; i < 3 && strcmp(go(c), "EAGAIN"); i++)
		got("%s", c->got);
	peers_end();
}

/* Sequences in which something ends, or that say something wrong. */
static void sequences(const struct family *f, bool reading, int first)
{
	enum act acts[3];

	acts[0] = first;
	for (int i = 0; i < NR_ACTS; i++) {
		for (int j = 0; j < NR_ACTS; j++) {
			acts[1] = i;
			acts[2] = j;
			/* Once. */
			if (first == DIE ? i == DIE || j == DIE : i == DIE && j == DIE)
				continue;
			sequence(f, acts, reading);
		}
	}
}

TEST_F_TIMEOUT(bad_notice, deaths, TABLE_SECONDS)
{
	rows_begin("death-notices");
	sequences(&deaths, true, REQUEST);
	ASSERT_EQ(0, rows_end());
}

TEST_F_TIMEOUT(bad_notice, deaths_read_late, TABLE_SECONDS)
{
	rows_begin("death-notices-late");
	sequences(&deaths, false, REQUEST);
	ASSERT_EQ(0, rows_end());
}

TEST_F_TIMEOUT(bad_notice, deaths_of_the_dead, TABLE_SECONDS)
{
	rows_begin("death-notices-dead");
	sequences(&deaths, true, DIE);
	ASSERT_EQ(0, rows_end());
}

TEST_F_TIMEOUT(bad_notice, deaths_unasked, TABLE_SECONDS)
{
	rows_begin("death-notices-unasked");
	sequences(&deaths, true, CLEAR);
	ASSERT_EQ(0, rows_end());
}

TEST_F_TIMEOUT(bad_notice, freezes, TABLE_SECONDS)
{
	rows_begin("freeze-notices");
	sequences(&freezes, true, REQUEST);
	ASSERT_EQ(0, rows_end());
}

TEST_F_TIMEOUT(bad_notice, freezes_read_late, TABLE_SECONDS)
{
	rows_begin("freeze-notices-late");
	sequences(&freezes, false, REQUEST);
	ASSERT_EQ(0, rows_end());
}

TEST_F_TIMEOUT(bad_notice, freezes_of_the_frozen, TABLE_SECONDS)
{
	rows_begin("freeze-notices-frozen");
	sequences(&freezes, true, DIE);
	ASSERT_EQ(0, rows_end());
}

/* --- handles and cookies --- */

TEST_F_TIMEOUT(bad_notice, handles, TABLE_SECONDS)
{
	static const uint32_t values[] = { 0, 1, 2, 55, 0x7fffffff, 0x80000000, ~0u };
	static const uint64_t cookies[] = { 0, 1, 1ull << 63, ~0ull };
	static const struct family *families[] = { &deaths, &freezes };

	rows_begin("notice-handles");
	three_peers();
	handle = give(server, c, 0x10, 0x20, 0);
	for (size_t f = 0; f < 2; f++) {
		for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
			const char *kind = f ? "freeze" : "death";

			row("%s request for %#x", kind, values[i]);
			families[f]->request(&c->w, values[i], 7);
			got("%s", go(c));
			forget(c);
			row("%s clear for %#x", kind, values[i]);
			families[f]->clear(&c->w, values[i], 7);
			got("%s", go(c));
			forget(c);
			if (f)
				families[f]->done(&c->w, 7);
			go(c);
			forget(c);
			go(c);
		}
		for (size_t i = 0; i < ARRAY_SIZE(cookies); i++) {
			row("%s done for cookie %#llx", f ? "freeze" : "death",
			    (unsigned long long)cookies[i]);
			families[f]->done(&c->w, cookies[i]);
			got("%s", go(c));
			forget(c);
		}
	}
	ASSERT_EQ(0, rows_end());
}

TEST_HARNESS_MAIN
