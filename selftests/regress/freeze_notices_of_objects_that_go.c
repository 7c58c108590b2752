// SPDX-License-Identifier: GPL-2.0-only
/*
 * R18, CVE-2024-56554, CVE-2024-56555, CVE-2024-56556: freezing went over the objects of a
 * process and dropped the lock at each, so that an object could be freed, or moved to those
 * of the dead, under who stood at it; and a request was freed while its notice was queued.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "freeze_racers.h"
#include "freezer.h"
#include "notices.h"
#include "protocol_test.h"

PROTOCOL_FIXTURE(gone_object);

#define ROUNDS 10
#define OBJECTS 60
#define KEPT 8

struct shared_state {
	struct toggled toggled;
	uint32_t handle;
	atomic_int objects;	/* received by the holder */
	int enough;		/* objects of this round */
};

/* Sends new objects to the holder, and hears of their end. */
static long offer_objects(struct port *p, void *arg)
{
	struct shared_state *s = arg;
	static const uint64_t offset;

	make_blocking(p);
	for (int i = 0; i < OBJECTS; i++) {
		struct flat_binder_object obj = bnd_obj_binder(0x1000 + 16 * i, i, 0);
		struct bnd_msg m = {
			.handle = s->handle, .flags = TF_ONE_WAY, .code = 1,
			.data = &obj, .size = sizeof(obj), .offsets = &offset, .noffsets = 1,
		};
		struct bnd_result res;

		MUST(!bnd_call(p->conn, &m, &res));
		MUST(res.code == BR_TRANSACTION_COMPLETE ||
		     res.code == BR_TRANSACTION_PENDING_FROZEN);
		fcntl(p->conn->fd, F_SETFL, fcntl(p->conn->fd, F_GETFL) | O_NONBLOCK);
		while (!bnd_serve_once(p->conn))
			;
		make_blocking(p);
		while (i - atomic_load(&s->objects) > 20)
			sched_yield();
	}
	return 0;
}

struct kept {
	uint32_t handle;
	uint64_t cookie;
};

/* Asks for notices of each object, and forgets it again in one way or the other. */
static long watch_objects(struct port *p, void *arg)
{
	BND_STREAM(r, 512);
	BND_CMDS(w, 1024);
	struct shared_state *s = arg;
	struct kept kept[KEPT] = { 0 };
	struct flat_binder_object obj;
	uint64_t cookie = 0;
	struct bnd_rec rec;

	make_blocking(p);
	for (;;) {
		MUST(!bnd_xfer(p->conn, &w, &r));
		MUST(w.consumed == w.len);
		bnd_cmds_reset(&w);
		while (bnd_next(&r, &rec) > 0) {
			struct kept *k;

			/* It ends the read, so its handle is still there. */
			if (rec.code == BR_FROZEN_BINDER)
				bnd_cmd_freeze_done(&w, rec.frozen.cookie);
			if (rec.code != BR_TRANSACTION)
				continue;
			k = &kept[++cookie % KEPT];
			if (k->handle && cookie % 3)
				bnd_cmd_clear_freeze(&w, k->handle, k->cookie);
			if (k->handle) {
				bnd_cmd_release(&w, k->handle);
				bnd_cmd_decrefs(&w, k->handle);
			}
			memcpy(&obj, (void *)(uintptr_t)rec.txn.data.ptr.buffer, sizeof(obj));
			k->handle = obj.handle;
			k->cookie = cookie;
			bnd_cmd_increfs(&w, k->handle);
			bnd_cmd_acquire(&w, k->handle);
			bnd_cmd_request_freeze(&w, k->handle, k->cookie);
			bnd_cmd_free_buffer(&w, rec.txn.data.ptr.buffer);
			atomic_fetch_add(&s->objects, 1);
		}
	}
}

static bool object_arrived(void *arg)
{
	struct shared_state *s = arg;

	return atomic_load(&s->objects) >= s->enough;
}

/* The owner is killed in the middle, and the holder every other time. */
TEST_F(gone_object, toggled_while_objects_come_and_go)
{
	struct port *mgr = manager(), *freezer = process();
	struct shared_state *s = shared(sizeof(*s));

	(void)mgr;
	for (int round = 0; round < ROUNDS; round++) {
		struct port *owner = process(), *holder = process();

		atomic_store(&s->toggled.stop, false);
		atomic_store(&s->objects, 0);
		s->toggled.target = owner->pid;
		s->handle = give(holder, owner, 0x99, 0, 0);
		s->enough = 1 + (OBJECTS - 1) * round / (ROUNDS - 1);
		run_start(holder, watch_objects, s);
		run_start(freezer, toggle, &s->toggled);
		run_start(owner, offer_objects, s);
		wait_until(object_arrived, s, "objects");
		if (round % 2)
			die(holder);
		die(owner);
		if (!(round % 2)) {
			/* Still at work, with handles to the dead; not always asleep. */
			settle(holder);
			ASSERT_FALSE(is_through(holder)) {
				TH_LOG("wrong at line %ld", run_finish(holder));
			}
			die(holder);
		}
		atomic_store(&s->toggled.stop, true);
		ASSERT_EQ(0, run_finish(freezer));
	}
	ASSERT_LT(0, atomic_load(&s->toggled.frozen));
}

TEST_F(gone_object, handle_gone_idle)
{
	struct trio t = watching();

	drop(t.c, t.h);
	GO(t.c, "EAGAIN");
	freeze_now(t.freezer, t.server);
	GO(t.c, "EAGAIN");
	GO(t.server, "NOOP RELEASE:10:20 DECREFS:10:20");
}

TEST_F(gone_object, handle_gone_queued)
{
	struct trio t = trio();

	request(&t);
	drop(t.c, t.h);
	GO(t.c, "EAGAIN");
	bnd_cmd_freeze_done(&t.c->w, COOKIE);
	WRITE(t.c, "EINVAL [0/12]");
}

TEST_F(gone_object, handle_gone_delivered)
{
	struct trio t = trio();

	request(&t);
	GO(t.c, THAWED);
	freeze_now(t.freezer, t.server);
	drop(t.c, t.h);
	GO(t.c, "EAGAIN");
	bnd_cmd_freeze_done(&t.c->w, COOKIE);
	WRITE(t.c, "EINVAL [0/12]");
}

/* Clear was accepted: its answer comes although the handle is gone. */
TEST_F(gone_object, handle_gone_after_clear)
{
	struct trio t = watching();

	clear(&t);
	drop(t.c, t.h);
	GO(t.c, CLEARED);
	t.h = give(t.server, t.c, 0x10, 0x20, 0);
	request(&t);
	GO(t.c, THAWED);
	clear(&t);
	drop(t.c, t.h);
	GO(t.c, "EAGAIN");
	done(t.c);
	GO(t.c, CLEARED);
}

static bool call_is_dead(void *arg)
{
	struct trio *t = arg;

	call(t->c, t->h, 1, TF_ONE_WAY);
	go(t->c);
	return !strcmp(exterr(t->c), "DEAD EINVAL");
}

TEST_F(gone_object, none_of_the_death_of_the_owner)
{
	struct trio t = watching();

	die(t.server);
	wait_until(call_is_dead, &t, "death of the owner");
	GO(t.c, "EAGAIN");
	/* Active as ever. */
	bnd_cmd_request_freeze(&t.c->w, t.h, COOKIE);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	clear(&t);
	GO(t.c, CLEARED);
}

/* Frozen or not, the dead say nothing. */
TEST_F(gone_object, request_for_the_dead)
{
	struct trio t = trio();

	die(t.server);
	wait_until(call_is_dead, &t, "death of the owner");
	request(&t);
	GO(t.c, "EAGAIN");
	bnd_cmd_request_freeze(&t.c->w, t.h, COOKIE);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	clear(&t);
	GO(t.c, CLEARED);
}

TEST_F(gone_object, on_its_way_when_the_owner_dies)
{
	struct trio t = trio();

	request(&t);
	freeze_now(t.freezer, t.server);
	die(t.server);
	/* The notice of it was queued before. */
	bnd_cmd_request_death(&t.c->w, t.h, 9);
	WRITE(t.c, "");
	GO(t.c, FROZEN);
	done(t.c);
	ASSERT_STREQ("NOOP DEAD_BINDER:9", go_blocking(t.c));
	clear(&t);
	GO(t.c, CLEARED);
}

TEST_F(gone_object, holder_dies_with_requests_in_every_state)
{
	struct trio t = trio();
	uint32_t h[6], end;

	for (int i = 0; i < 6; i++) {
		h[i] = give(t.server, t.c, 0x100 + i, 0, 0);
		bnd_cmd_request_freeze(&t.c->w, h[i], i);
		WRITE(t.c, "");
		/* The last one stays unread. */
		if (i < 5)
			ASSERT_NE(0, strcmp(go(t.c), "EAGAIN"));
		if (i < 2) {
			bnd_cmd_freeze_done(&t.c->w, i);
			WRITE(t.c, "");
		}
	}
	/* 1: cleared, unread; 3: cleared, unacknowledged; 4: another to follow. */
	bnd_cmd_clear_freeze(&t.c->w, h[1], 1);
	bnd_cmd_clear_freeze(&t.c->w, h[3], 3);
	WRITE(t.c, "");
	/* What is released last: told when the requests are gone. */
	end = give(t.freezer, t.c, 0x55, 0, 0);
	ASSERT_NE(0, end);
	freeze_now(t.mgr, t.server);
	die(t.c);
	thaw(t.mgr, t.server);
	ASSERT_STREQ("NOOP RELEASE:55:0 DECREFS:55:0", go_blocking(t.freezer));
}

TEST_F(gone_object, owner_and_holder_die)
{
	struct trio t = watching();

	freeze_now(t.freezer, t.server);
	die(t.server);
	die(t.c);
	ASSERT_EQ(-EINVAL, freeze(t.freezer, t.server->pid, 0, 0));
}

/* Nor does a mistake, in whatever state, leave anything of the object behind. */
TEST_F(gone_object, mistakes_before_it_goes)
{
	struct trio t = trio();

	request(&t);
	bnd_cmd_request_freeze(&t.c->w, t.h, COOKIE);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	bnd_cmd_clear_freeze(&t.c->w, t.h, COOKIE + 1);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	GO(t.c, THAWED);
	bnd_cmd_freeze_done(&t.c->w, COOKIE + 1);
	WRITE(t.c, "EINVAL [0/12]");
	forget(t.c);
	/* Before the notice is acknowledged, and with another to follow. */
	freeze_now(t.freezer, t.server);
	clear(&t);
	bnd_cmd_clear_freeze(&t.c->w, t.h, COOKIE);
	WRITE(t.c, "EINVAL [0/16]");
	forget(t.c);
	die(t.server);
	done(t.c);
	GO(t.c, CLEARED);
	drop(t.c, t.h);
	GO(t.c, "EAGAIN");
	bnd_cmd_freeze_done(&t.c->w, COOKIE);
	WRITE(t.c, "EINVAL [0/12]");
}

TEST_HARNESS_MAIN
