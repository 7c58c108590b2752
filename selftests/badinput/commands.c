// SPDX-License-Identifier: GPL-2.0-only
/* Commands that are cut, unknown, or given at the wrong time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rows_test.h"

ROWS_FIXTURE(bad_command)

static const uint32_t all_commands[] = {
	BC_TRANSACTION, BC_REPLY, BC_ACQUIRE_RESULT, BC_FREE_BUFFER, BC_INCREFS, BC_ACQUIRE,
	BC_RELEASE, BC_DECREFS, BC_INCREFS_DONE, BC_ACQUIRE_DONE, BC_ATTEMPT_ACQUIRE,
	BC_REGISTER_LOOPER, BC_ENTER_LOOPER, BC_EXIT_LOOPER, BC_REQUEST_DEATH_NOTIFICATION,
	BC_CLEAR_DEATH_NOTIFICATION, BC_DEAD_BINDER_DONE, BC_TRANSACTION_SG, BC_REPLY_SG,
	BC_REQUEST_FREEZE_NOTIFICATION, BC_CLEAR_FREEZE_NOTIFICATION, BC_FREEZE_NOTIFICATION_DONE,
};

static struct port *server, *c;
static uint32_t handle;

static void two_peers(void)
{
	server = manager();
	c = process();
	handle = give(server, c, 0x10, 0x20, 0);
}

/* @size bytes at @address, where there may be less or more. */
static void write_at(struct port *p, uint64_t address, size_t size)
{
	struct binder_write_read bwr = { .write_buffer = address, .write_size = size };
	int err = ioc(p, BINDER_WRITE_READ, &bwr, sizeof(bwr));

	got("%s", text_of(err));
	if (bwr.write_consumed != size)
		got("%llu of %zu", (unsigned long long)bwr.write_consumed, size);
	/* What was pending because of it. */
	if (strcmp(go(p), "EAGAIN"))
		got("%s", p->got);
}

/* A command with a payload of zeroes, but for the handle, behind a good one. */
static size_t one_command(struct bnd_cmds *s, uint32_t code)
{
	static const uint8_t zero[128];

	bnd_cmds_reset(s);
	bnd_cmd_exit_looper(s);
	bnd_cmd(s, code, zero);
	if (_IOC_SIZE(code) >= 4)
		memcpy(s->buf + 8, &handle, 4);
	return s->len;
}

/* R55, CVE-2013-6282: the end of the memory is in the command. */
TEST_F_TIMEOUT(bad_command, cut, TABLE_SECONDS)
{
	BND_CMDS(s, 256);

	rows_begin("commands-cut");
	two_peers();
	for (size_t i = 0; i < ARRAY_SIZE(all_commands); i++) {
		size_t whole = one_command(&s, all_commands[i]);

		for (size_t len = 4; len < whole; len++) {
			row("%s, %zu bytes of %zu", bnd_bc_name(all_commands[i]), len - 4,
			    whole - 4);
			write_at(c, cut_off(s.buf, whole, len), whole);
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* The end of the stream is in the command; the memory goes on. */
TEST_F_TIMEOUT(bad_command, overlapping_the_end, TABLE_SECONDS)
{
	BND_CMDS(s, 256);

	rows_begin("commands-overlapping");
	two_peers();
	for (size_t i = 0; i < ARRAY_SIZE(all_commands); i++) {
		size_t whole = one_command(&s, all_commands[i]);
		const size_t lens[] = { 5, 8, whole - 1 };
		uint8_t *copy = memset(shared(512), 0, 512);
		size_t last = 4;

		memcpy(copy, s.buf, whole);
		for (size_t j = 0; j < ARRAY_SIZE(lens); j++) {
			if (lens[j] >= whole || lens[j] <= last)
				continue;
			last = lens[j];
			row("%s, stream of %zu bytes of %zu", bnd_bc_name(all_commands[i]),
			    lens[j] - 4, whole - 4);
			write_at(c, (uintptr_t)copy, lens[j]);
			if (strcmp(go(server), "EAGAIN"))
				got("server %s", server->got);
			peers_end();
			two_peers();
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* --- unknown --- */

static bool is_command(uint32_t code)
{
	for (size_t i = 0; i < ARRAY_SIZE(all_commands); i++) {
		if (all_commands[i] == code)
			return true;
	}
	return false;
}

static void unknown(uint32_t code)
{
	uint8_t *bytes = memset(shared(256), 0, 256);
	const uint32_t good = BC_EXIT_LOOPER;

	memcpy(bytes, &good, 4);
	memcpy(bytes + 4, &code, 4);
	write_at(c, (uintptr_t)bytes, 256);
}

TEST_F_TIMEOUT(bad_command, unknown, TABLE_SECONDS)
{
	static const unsigned int types[] = { 'b', 'r', 'C', 0 };

	rows_begin("commands-unknown");
	two_peers();
	for (size_t i = 0; i < ARRAY_SIZE(all_commands); i++) {
		const uint32_t code = all_commands[i];
		const char *name = bnd_bc_name(code);
		const unsigned int dir = _IOC_DIR(code), nr = _IOC_NR(code), size = _IOC_SIZE(code);

		for (unsigned int d = 0; d < 4; d++) {
			if (d == dir)
				continue;
			row("%s with direction %u", name, d);
			unknown(_IOC(d, 'c', nr, size));
		}
		for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
			row("%s of type %#x", name, types[t]);
			unknown(_IOC(dir, types[t], nr, size));
		}
		for (int delta = -4; delta <= 8; delta += 4) {
			uint32_t other = _IOC(dir, 'c', nr, (size + delta) & _IOC_SIZEMASK);

			if (is_command(other))
				continue;
			row("%s with %d bytes more", name, delta);
			unknown(other);
		}
	}
	for (unsigned int nr = 22; nr < 256; nr = nr < 32 ? nr + 1 : nr * 2 - 1) {
		row("command %u", nr);
		unknown(_IO('c', nr));
		row("command %u with 8 bytes", nr);
		unknown(_IOW('c', nr, uint64_t));
	}
	row("command 0");
	unknown(0);
	row("command ~0");
	unknown(~0u);
	ASSERT_EQ(0, rows_end());
}

/* --- references --- */

struct named {
	const char *name;
	uint32_t value;
};

static void refs_of(struct port *p, const char *who, const struct named *handles, size_t n)
{
	static const uint32_t cmds[] = { BC_INCREFS, BC_ACQUIRE, BC_RELEASE, BC_DECREFS };

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(cmds); j++) {
			row("%s of %s%s", bnd_bc_name(cmds[j]), handles[i].name, who);
			bnd_cmd(&p->w, cmds[j], &handles[i].value);
			got("%s", only_write(p));
			forget(p);
			if (strcmp(go(p), "EAGAIN"))
				got("%s", p->got);
			if (strcmp(go(server), "EAGAIN"))
				got("owner %s", server->got);
			/* Can it be called now? */
			call(p, handles[i].value, 3, TF_ONE_WAY);
			got("call %s", go(p));
			forget(p);
			got("%s", exterr(p));
			if (strstr(go(server), "TXN:3")) {
				free_last(server);
				go(server);
			}
		}
	}
}

/* A handle with a weak count only. */
static uint32_t weak_handle(void)
{
	uint32_t h = give(server, c, 0x30, 0x40, 0);

	bnd_cmd_release(&c->w, h);
	only_write(c);
	go(server);
	return h;
}

TEST_F_TIMEOUT(bad_command, references, TABLE_SECONDS)
{
	struct named handles[] = {
		{ "0", 0 }, { "a handle", 0 }, { "a weak handle", 0 }, { "a given-up handle", 0 },
		{ "an unused handle", 55 }, { "0x7fffffff", 0x7fffffff },
		{ "0x80000000", 0x80000000 }, { "~0", ~0u },
	};
	const struct named zero = { "0", 0 };

	rows_begin("references");
	two_peers();
	handles[1].value = handle;
	handles[2].value = weak_handle();
	handles[3].value = give(server, c, 0x50, 0x60, 0);
	drop(c, handles[3].value);
	only_write(c);
	while (strcmp(go(server), "EAGAIN"))
		;
	refs_of(c, "", handles, ARRAY_SIZE(handles));
	refs_of(server, " by the manager", handles, 1);
	die(server);
	server = process();
	refs_of(c, " of a dead owner", handles + 1, 2);
	refs_of(c, " without a manager", &zero, 1);
	ASSERT_EQ(0, rows_end());
}

/* --- acknowledgements --- */

static void done_rows(struct port *p, const char *when)
{
	static const uint64_t ptrs[] = { 0x70, 0x71, 0, ~0ull };
	static const uint64_t cookies[] = { 0x80, 0x81, 0, ~0ull };

	for (int acquire = 0; acquire < 2; acquire++) {
		/* The right one last. */
		for (int i = 3; i >= 0; i--) {
			for (int j = 3; j >= 0; j--) {
				row("%s of %#llx %#llx %s",
				    acquire ? "ACQUIRE_DONE" : "INCREFS_DONE",
				    (unsigned long long)ptrs[i], (unsigned long long)cookies[j],
				    when);
				(acquire ? bnd_cmd_acquire_done : bnd_cmd_increfs_done)(&p->w,
					ptrs[i], cookies[j]);
				got("%s", only_write(p));
				if (strcmp(go(p), "EAGAIN"))
					got("%s", p->got);
			}
		}
	}
}

TEST_F_TIMEOUT(bad_command, acknowledgements, TABLE_SECONDS)
{
	rows_begin("acknowledgements");
	two_peers();
	done_rows(c, "without such an object");
	done_rows(server, "by the manager");
	call_obj(c, 0, 5, TF_ONE_WAY, bnd_obj_binder(0x70, 0x80, 0));
	only_write(c);
	done_rows(c, "before they were asked for");
	go(server);
	take(server, got_obj(server, 0).handle);
	free_last(server);
	go(server);
	done_rows(c, "when they are due");
	done_rows(c, "again");
	drop(server, got_obj(server, 0).handle);
	only_write(server);
	done_rows(c, "when they are gone");
	ASSERT_EQ(0, rows_end());
}

/* --- loopers --- */

static const uint32_t looper_commands[] = { BC_REGISTER_LOOPER, BC_ENTER_LOOPER, BC_EXIT_LOOPER };

static const char *looper_name(int i)
{
	return bnd_bc_name(looper_commands[i]) + 3;
}

/* Commands one by one, on a thread and an open of their own. */
static void loopers(uint32_t max, int n, const int *sequence)
{
	struct port *p = open_again(c, 4096);

	ioc(p, BINDER_SET_MAX_THREADS, &max, sizeof(max));
	for (int i = 0; i < n; i++) {
		bnd_cmd(&p->w, looper_commands[sequence[i]], NULL);
		got("%s", go(p));
		got("%s", go(p));
	}
	shut(p);
}

TEST_F_TIMEOUT(bad_command, loopers, TABLE_SECONDS)
{
	int s[3];

	rows_begin("loopers");
	two_peers();
	for (uint32_t max = 0; max < 2; max++) {
		for (int i = 0; i < 27; i++) {
			s[0] = i / 9;
			s[1] = i / 3 % 3;
			s[2] = i % 3;
			row("%s %s %s with max_threads %u", looper_name(s[0]), looper_name(s[1]),
			    looper_name(s[2]), max);
			loopers(max, 3, s);
		}
	}
	ASSERT_EQ(0, rows_end());
}

TEST_HARNESS_MAIN
