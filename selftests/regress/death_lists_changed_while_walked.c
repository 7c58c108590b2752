// SPDX-License-Identifier: GPL-2.0-only
/*
 * R22, CVE-2025-68260: the notices of an object that was released were moved to a list of
 * their own and gone through without the lock, while those who cleared theirs took them off
 * what they believed to be the list of the object.
 */
#include <fcntl.h>

#include "death_books.h"
#include "protocol_test.h"
#include "watch.h"

PROTOCOL_FIXTURE(death_lists);

#define ROUNDS 4
#define PROCESSES 4		/* with a client for each book: 64 */
#define COOKIE 0xc00c1e

/* Was a client that only waits told? Whoever is told finds the owner marked dead. */
static bool is_told(struct bnd_conn *c)
{
	BND_STREAM(r, 512);
	struct bnd_cmds none = { 0 };
	struct bnd_rec rec;
	bool told = false;

	if (bnd_xfer(c, &none, &r))
		return false;
	while (bnd_next(&r, &rec) > 0)
		told |= rec.code == BR_DEAD_BINDER;
	return told;
}

static long be_clients(struct port *p, void *arg)
{
	BND_CMDS(w, 4096);
	struct books *s = arg;
	struct bnd_conn c[BOOKS], waiting;

	(void)p;
	MUST_IN(s, !bnd_open(&waiting, "/dev/binder", 4096, O_NONBLOCK));
	bnd_cmd_increfs(&w, 0);
	bnd_cmd_acquire(&w, 0);
	bnd_cmd_request_death(&w, 0, 0);
	MUST_IN(s, !bnd_write(&waiting, &w));
	bnd_cmds_reset(&w);
	for (int i = 0; i < BOOKS; i++) {
		MUST_IN(s, !bnd_open(&c[i], "/dev/binder", 4096, O_NONBLOCK));
		bnd_cmd_increfs(&w, 0);
		bnd_cmd_acquire(&w, 0);
		MUST_IN(s, !bnd_write(&c[i], &w));
		bnd_cmds_reset(&w);
	}
	/* Around and around, until the owner is gone, and once more. */
	for (bool gone = false, last = false; !last;) {
		last = gone;
		gone = is_told(&waiting);
		for (int i = 0; i < BOOKS; i++)
			MUST_IN(s, !book_ask(s, i, &c[i], &w));
	}
	/* Objects are marked dead before their requests are looked for. */
	for (int i = 0; i < BOOKS; i++)
		MUST_IN(s, !book_ask_for_the_dead(s, i, &c[i], &w));
	for (int i = 0; i < BOOKS; i++) {
		MUST_IN(s, !book_read_all(s, &c[i], &w));
		MUST_IN(s, atomic_load(&s->book[i].end));
		MUST_IN(s, !book_check(s, i));
		bnd_close(&c[i]);
	}
	bnd_close(&waiting);
	return 0;
}

static bool many_requests(void *arg)
{
	struct books **s = arg;

	for (int i = 0; i < PROCESSES; i++)
		if (atomic_load(&s[i]->requests) < REQUESTS / PROCESSES)
			return false;
	return true;
}

TEST_F_TIMEOUT(death_lists, of_64_clients, 120)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct books *s[PROCESSES];
		struct port *p[PROCESSES], *mgr = manager();

		for (int i = 0; i < PROCESSES; i++) {
			s[i] = shared(sizeof(*s[i]));
			p[i] = process();
			run_start(p[i], be_clients, s[i]);
		}
		wait_until(many_requests, s, "requests");
		/* One of those who ask goes as well. */
		if (round % 2)
			die(p[0]);
		die(mgr);
		for (int i = round % 2; i < PROCESSES; i++) {
			ASSERT_EQ(0, run_finish(p[i])) {
				TH_LOG("round %d, process %d: wrong at line %d", round, i,
				       atomic_load(&s[i]->line));
			}
		}
		for (int i = round % 2; i < PROCESSES; i++)
			die(p[i]);
	}
}

TEST_F(death_lists, handle_gone_while_armed)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	drop(w.p, w.h);
	GO(w.p, "EAGAIN");
	GO(w.owner, "NOOP RELEASE:10:20 DECREFS:10:20");
	die(w.owner);
	ping(w.p, w.mgr, 0);
	GO(w.p, "EAGAIN");
}

TEST_F(death_lists, handle_gone_while_queued)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	owner_dies_unread(&w);
	drop(w.p, w.h);
	GO(w.p, "EAGAIN");
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "EAGAIN");
}

TEST_F(death_lists, handle_gone_while_delivered)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
	drop(w.p, w.h);
	GO(w.p, "EAGAIN");
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "EAGAIN");
}

TEST_F(death_lists, handle_gone_after_done)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	drop(w.p, w.h);
	GO(w.p, "EAGAIN");
}

/* Clear was accepted while it was out; its answer comes although the handle is gone. */
TEST_F(death_lists, handle_gone_after_clear_while_delivered)
{
	struct watch w = watch_owner();

	request_death(&w, COOKIE);
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
	bnd_cmd_clear_death(&w.p->w, w.h, COOKIE);
	drop(w.p, w.h);
	GO(w.p, "EAGAIN");
	bnd_cmd_dead_binder_done(&w.p->w, COOKIE);
	GO(w.p, "NOOP CLEARED:c00c1e");
}

TEST_HARNESS_MAIN
