// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sizes, counts and addresses of BINDER_WRITE_READ.
 *
 * For R55 (CVE-2013-6282).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "rows_test.h"

ROWS_FIXTURE(bad_write_read)

#define GUARD 0xa5

/* Room for reads, with the same byte all over. */
#define ROOM 4096
#define MIDDLE 1024

static struct port *server, *c;
static uint8_t *room;

static long set_nonblock(struct port *p, void *arg)
{
	(void)arg;
	return fcntl(p->conn->fd, F_SETFL, fcntl(p->conn->fd, F_GETFL) | O_NONBLOCK);
}

static void two_peers(void)
{
	server = manager();
	c = process();
	run(server, set_nonblock, NULL);
	run(c, set_nonblock, NULL);
	room = shared(ROOM);
}

/* The struct as it is: result and what it was changed to, as far as it was. */
static int transfer(struct port *p, struct binder_write_read *bwr)
{
	const struct binder_write_read before = *bwr;
	int err = ioc(p, BINDER_WRITE_READ, bwr, sizeof(*bwr));

	got("%s", text_of(err));
	if (bwr->write_consumed != before.write_consumed)
		got("written %lld", (long long)(bwr->write_consumed - before.write_consumed));
	if (bwr->read_consumed != before.read_consumed)
		got("read %lld", (long long)(bwr->read_consumed - before.read_consumed));
	return err;
}

/* --- writing --- */

static const uint64_t sizes[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 20, 1ull << 31,
				  1ull << 32, 1ull << 63, ~0ull };
static const uint64_t counts[] = { 0, 1, 3, 4, 5, 8, 16, 17, 1ull << 31, 1ull << 32, 1ull << 63,
				   ~0ull - 3, ~0ull };

/* Four commands, then what is none. */
static uint64_t some_commands(void)
{
	uint8_t *page = memset(shared(ROOM), 0, ROOM);
	const uint32_t enter = BC_ENTER_LOOPER;

	for (int i = 0; i < 4; i++)
		memcpy(page + MIDDLE + 4 * i, &enter, 4);
	return (uintptr_t)page + MIDDLE;
}

TEST_F_TIMEOUT(bad_write_read, writes, TABLE_SECONDS)
{
	uint64_t commands;

	rows_begin("writes");
	two_peers();
	commands = some_commands();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(counts); j++) {
			struct binder_write_read bwr = {
				.write_size = sizes[i], .write_consumed = counts[j],
				.write_buffer = commands,
			};

			row("write_size %#llx write_consumed %#llx",
			    (unsigned long long)sizes[i], (unsigned long long)counts[j]);
			transfer(c, &bwr);
		}
	}
	ASSERT_EQ(0, rows_end());
}

TEST_F_TIMEOUT(bad_write_read, write_buffers, TABLE_SECONDS)
{
	static const uint64_t some[] = { 0, 1, 4, 8, 68 };
	uint8_t commands[8];

	rows_begin("write-buffers");
	two_peers();
	for (int i = 0; i < NR_PLACES; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(some); j++) {
			struct binder_write_read bwr = {
				.write_buffer = places[i].address, .write_size = some[j],
			};

			row("%llu bytes at %s", (unsigned long long)some[j], places[i].name);
			transfer(c, &bwr);
			if (!some[j])
				continue;
			bwr.read_size = 64;
			bwr.read_buffer = (uintptr_t)room;
			bwr.read_consumed = 4;
			row("%llu bytes at %s, and a read", (unsigned long long)some[j],
			    places[i].name);
			transfer(c, &bwr);
		}
	}
	memcpy(commands, (void *)some_commands(), 8);
	for (size_t len = 1; len <= 8; len++) {
		struct binder_write_read bwr = {
			.write_buffer = cut_off(commands, 8, len), .write_size = 8,
		};

		row("two commands, %zu bytes of 8", len);
		transfer(c, &bwr);
		for (size_t done = 1; done < len; done++) {
			bwr.write_consumed = done;
			row("two commands, %zu bytes of 8, %zu of them consumed", len, done);
			transfer(c, &bwr);
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* --- reading --- */

enum pending { NOTHING, COMPLETE, ERROR, CALL, NR_PENDING };

static const char *pending_name[] = { "nothing", "a completion", "an error", "a call" };

/* Let @kind be what there is to read for the one that is returned. */
static struct port *prepare(enum pending kind)
{
	if (kind == CALL) {
		call(c, 0, 9, 0);
		go(c);
		return server;
	}
	if (kind == COMPLETE)
		call(c, 0, 9, TF_ONE_WAY);
	if (kind == ERROR)
		call(c, 77, 9, TF_ONE_WAY);
	if (kind != NOTHING)
		only_write(c);
	return c;
}

/* What is still there; then everything is as before. */
static void settle_all(enum pending kind, bool broken)
{
	struct port *p = kind == CALL ? server : c;

	got("then %s", go(p));
	if (kind == CALL && !broken && strstr(server->got, "TXN")) {
		answer(server, c);
		return;
	}
	if (kind == COMPLETE && !broken) {
		go(server);
		free_last(server);
		go(server);
		return;
	}
	if (kind == NOTHING || (kind == ERROR && !broken))
		return;
	peers_end();
	two_peers();
}

/* Is there anything but the guard outside of @size bytes at MIDDLE? */
static bool spilled(uint64_t size)
{
	for (size_t i = 0; i < ROOM; i++) {
		if (i >= MIDDLE && i - MIDDLE < size)
			continue;
		if (room[i] != GUARD)
			return true;
	}
	return false;
}

static void read_row(enum pending kind, uint64_t size, uint64_t consumed)
{
	struct binder_write_read bwr = {
		.read_size = size, .read_consumed = consumed,
		.read_buffer = (uintptr_t)room + MIDDLE,
	};
	struct port *p = prepare(kind);
	bool outside;
	int err;

	memset(room, GUARD, ROOM);
	err = transfer(p, &bwr);
	outside = spilled(size);
	if (outside)
		got("written outside");
	settle_all(kind, err == -EFAULT || outside);
}

TEST_F_TIMEOUT(bad_write_read, reads, TABLE_SECONDS)
{
	rows_begin("reads");
	two_peers();
	for (int kind = 0; kind < NR_PENDING; kind++) {
		for (uint64_t size = 0; size <= 88; size += size < 9 || size >= 72 ? 1 : 9) {
			row("read_size %llu with %s", (unsigned long long)size, pending_name[kind]);
			read_row(kind, size, 0);
		}
	}
	for (int kind = 0; kind < NR_PENDING; kind++) {
		for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
			row("read_size 128 read_consumed %#llx with %s",
			    (unsigned long long)counts[i], pending_name[kind]);
			read_row(kind, 128, counts[i]);
		}
		for (uint64_t consumed = 50; consumed <= 58; consumed++) {
			row("read_size 128 read_consumed %llu with %s",
			    (unsigned long long)consumed, pending_name[kind]);
			read_row(kind, 128, consumed);
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* Sizes that are no sizes of anything; the room behind is enough. */
TEST_F_TIMEOUT(bad_write_read, huge_reads, TABLE_SECONDS)
{
	static const uint64_t huge[] = { 1ull << 31, (1ull << 32) - 1, 1ull << 32,
					 (1ull << 32) + 4, 1ull << 63, ~0ull };

	rows_begin("huge-reads");
	two_peers();
	for (int kind = 0; kind < NR_PENDING; kind++) {
		for (size_t i = 0; i < ARRAY_SIZE(huge); i++) {
			row("read_size %#llx with %s", (unsigned long long)huge[i],
			    pending_name[kind]);
			read_row(kind, huge[i], 0);
		}
	}
	ASSERT_EQ(0, rows_end());
}

static void read_at(enum pending kind, uint64_t address)
{
	struct binder_write_read bwr = { .read_size = 256, .read_buffer = address };
	struct port *p = prepare(kind);

	settle_all(kind, transfer(p, &bwr) == -EFAULT);
}

TEST_F_TIMEOUT(bad_write_read, read_buffers, TABLE_SECONDS)
{
	static const uint8_t zero[80];

	rows_begin("read-buffers");
	two_peers();
	for (int kind = 0; kind < NR_PENDING; kind++) {
		for (int i = 0; i < NR_PLACES; i++) {
			row("%s to %s", pending_name[kind], places[i].name);
			read_at(kind, places[i].address);
		}
		for (size_t len = 1; len <= 72; len++) {
			/* Only a call goes on behind the first 8 bytes. */
			if (kind != CALL && len > 9)
				break;
			row("%s to %zu bytes before a hole", pending_name[kind], len);
			read_at(kind, cut_off(zero, sizeof(zero), len));
		}
	}
	ASSERT_EQ(0, rows_end());
}

/* --- both --- */

TEST_F_TIMEOUT(bad_write_read, both, TABLE_SECONDS)
{
	struct binder_write_read bwr;
	uint64_t commands;

	rows_begin("write-read");
	two_peers();
	commands = some_commands();
	for (uint64_t offset = 0; offset <= 16; offset += 4) {
		bwr = (struct binder_write_read){
			.write_buffer = commands, .write_size = 16,
			.read_buffer = commands + offset, .read_size = 128,
		};
		row("read into the commands, %llu bytes on", (unsigned long long)offset);
		transfer(c, &bwr);
		commands = some_commands();
	}
	for (int write = 0; write < 3; write++) {
		for (int read = 0; read < 3; read++) {
			static const char *how[] = { "no", "good", "bad" };

			bwr = (struct binder_write_read){
				.write_size = write ? 16 : 0, .read_size = read ? 128 : 0,
				.write_buffer = write == 2 ? 1 : commands,
				.read_buffer = read == 2 ? 1 : (uintptr_t)room,
			};
			row("%s write, %s read", how[write], how[read]);
			transfer(c, &bwr);
		}
	}
	ASSERT_EQ(0, rows_end());
}

TEST_HARNESS_MAIN
