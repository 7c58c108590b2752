// SPDX-License-Identifier: GPL-2.0-only
/*
 * The death of an owner of many objects: notices that wait to be read while handles and
 * requests come and go, threads end, and others die. What happens to a single one is in
 * death.c.
 */
#include "protocol_test.h"

PROTOCOL_FIXTURE(deaths);

#define MANY 100
#define FEW 8

/* Everything of a test: each object's cookie is its number. */
struct scene {
	struct port *mgr, *owner;
	struct port *p, *other;		/* two holders */
	uint32_t h[MANY];		/* of p */
};

static struct scene scene(void)
{
	struct scene s = { .mgr = manager(), .owner = process(), .p = process() };

	s.other = process();
	return s;
}

static uint64_t address(int i)
{
	return 0x1000 + 0x10 * (uint64_t)i;
}

static void watch(struct scene *s, int i)
{
	s->h[i] = give(s->owner, s->p, address(i), 0, 0);
	bnd_cmd_request_death(&s->p->w, s->h[i], i);
	if (strcmp(go(s->p), "EAGAIN"))
		fail("request: got '%s'", s->p->got);
}

static void watch_all(struct scene *s, int n)
{
	for (int i = 0; i < n; i++)
		watch(s, i);
}

/* The notice of an object behind all of them comes when all of them are there. */
static void die_unread(struct scene *s, struct port *owner)
{
	uint32_t h = give(owner, s->other, 0xffff0000, 0, 0);

	bnd_cmd_request_death(&s->other->w, h, 0xe0d);
	if (strcmp(go(s->other), "EAGAIN"))
		fail("request: got '%s'", s->other->got);
	die(owner);
	if (strcmp(go_blocking(s->other), "NOOP DEAD_BINDER:e0d"))
		fail("death: got '%s'", s->other->got);
}

static const char *notice(int i)
{
	static char text[64];

	snprintf(text, sizeof(text), "NOOP DEAD_BINDER:%x", i);
	return text;
}

static const char *cleared(int i)
{
	static char text[64];

	snprintf(text, sizeof(text), "NOOP CLEARED:%x", i);
	return text;
}

/* Notices of these come, one in each read, and nothing behind them. */
#define READ_ALL(p, from, to)						\
	do {								\
		for (int i_ = from; i_ < (to); i_++)			\
			GO(p, notice(i_));				\
		GO(p, "EAGAIN");					\
	} while (0)

/* --- who is told of what --- */

TEST_F(deaths, come_in_the_order_of_objects)
{
	struct scene s = scene();

	for (int i = 0; i < MANY; i++)
		watch(&s, i * 37 % MANY);
	die_unread(&s, s.owner);
	READ_ALL(s.p, 0, MANY);
}

/* Each holder has every other object, then both have all of them. */
TEST_F(deaths, go_to_who_asked)
{
	struct scene s = scene();
	struct port *to[2] = { s.p, process() };

	for (int i = 0; i < MANY; i++) {
		for (int j = 0; j < 2; j++) {
			uint32_t h;

			if (i < MANY / 2 && i % 2 != j)
				continue;
			h = give(s.owner, to[j], address(i), 0, 0);
			bnd_cmd_request_death(&to[j]->w, h, i);
			GO(to[j], "EAGAIN");
		}
	}
	die_unread(&s, s.owner);
	for (int j = 0; j < 2; j++) {
		for (int i = j; i < MANY / 2; i += 2)
			GO(to[j], notice(i));
		READ_ALL(to[j], MANY / 2, MANY);
	}
}

/* Also when others hold the same objects, or who asked holds more of them. */
TEST_F(deaths, go_to_nobody_who_did_not_ask)
{
	struct scene s = scene();
	struct port *silent = process();

	for (int i = 0; i < MANY; i++) {
		give(s.owner, silent, address(i), 0, 0);
		if (i % 3)
			give(s.owner, s.p, address(i), 0, 0);
		else
			watch(&s, i);
	}
	die_unread(&s, s.owner);
	for (int i = 0; i < MANY; i += 3)
		GO(s.p, notice(i));
	GO(s.p, "EAGAIN");
	GO(silent, "EAGAIN");
}

TEST_F(deaths, of_two_owners_come_one_after_the_other)
{
	struct scene s = scene();
	struct port *second = process();

	for (int i = 0; i < FEW; i++) {
		uint32_t h = give(second, s.p, address(i), 0, 0);

		bnd_cmd_request_death(&s.p->w, h, FEW + i);
		GO(s.p, "EAGAIN");
	}
	watch_all(&s, FEW);
	die_unread(&s, s.owner);
	for (int i = 0; i < FEW / 2; i++)
		GO(s.p, notice(i));
	die_unread(&s, second);
	READ_ALL(s.p, FEW / 2, 2 * FEW);
}

/* --- what happens while they wait --- */

TEST_F(deaths, one_is_cleared_while_it_waits)
{
	struct scene s = scene();

	watch_all(&s, FEW);
	die_unread(&s, s.owner);
	for (int i = 0; i < 3; i++)
		GO(s.p, notice(i));
	bnd_cmd_clear_death(&s.p->w, s.h[5], 5);	/* not read */
	bnd_cmd_clear_death(&s.p->w, s.h[1], 1);	/* not acknowledged */
	WRITE(s.p, "");
	READ_ALL(s.p, 3, FEW);
	bnd_cmd_dead_binder_done(&s.p->w, 5);
	GO(s.p, cleared(5));
	bnd_cmd_dead_binder_done(&s.p->w, 1);
	GO(s.p, cleared(1));
	bnd_cmd_dead_binder_done(&s.p->w, 5);
	GO(s.p, "EAGAIN");
}

TEST_F(deaths, handles_go_while_theirs_wait)
{
	struct scene s = scene();
	static const int gone[] = { 0, 4, 5, FEW - 1 };

	watch_all(&s, FEW);
	die_unread(&s, s.owner);
	GO(s.p, notice(0));
	for (int i = 0; i < 4; i++)
		drop(s.p, s.h[gone[i]]);
	WRITE(s.p, "");
	for (int i = 1; i < 4; i++)
		GO(s.p, notice(i));
	READ_ALL(s.p, 6, FEW - 1);
	bnd_cmd_dead_binder_done(&s.p->w, 4);
	GO(s.p, "EAGAIN");
}

TEST_F(deaths, requests_while_others_wait)
{
	struct scene s = scene();

	watch_all(&s, FEW);
	s.h[FEW] = give(s.owner, s.p, address(FEW), 0, 0);
	die_unread(&s, s.owner);
	GO(s.p, notice(0));
	bnd_cmd_dead_binder_done(&s.p->w, 0);
	bnd_cmd_clear_death(&s.p->w, s.h[0], 0);
	bnd_cmd_request_death(&s.p->w, s.h[FEW], FEW);	/* for the first time */
	bnd_cmd_request_death(&s.p->w, s.h[0], 0x99);	/* again */
	bnd_cmd_request_death(&s.p->w, s.h[1], 0x99);	/* too early */
	WRITE(s.p, "");
	for (int i = 1; i < FEW; i++)
		GO(s.p, notice(i));
	GO(s.p, "NOOP CLEARED:0 DEAD_BINDER:8");
	GO(s.p, "NOOP DEAD_BINDER:99");
	GO(s.p, "EAGAIN");
}

TEST_F(deaths, acknowledged_from_the_last_to_the_first)
{
	struct scene s = scene();

	watch_all(&s, MANY);
	die_unread(&s, s.owner);
	READ_ALL(s.p, 0, MANY);
	for (int i = MANY - 1; i >= 0; i--) {
		bnd_cmd_dead_binder_done(&s.p->w, i);
		bnd_cmd_clear_death(&s.p->w, s.h[i], i);
		GO(s.p, cleared(i));
	}
	GO(s.p, "EAGAIN");
}

/* --- who reads --- */

TEST_F(deaths, the_reader_exits_in_between)
{
	struct scene s = scene();
	struct port *t = thread_of(s.p);

	watch_all(&s, FEW);
	die_unread(&s, s.owner);
	for (int i = 0; i < 3; i++)
		GO(t, notice(i));
	ASSERT_EQ(0, ioc_at(t, BINDER_THREAD_EXIT, 0));
	READ_ALL(s.p, 3, FEW);
	/* What it read may be acknowledged by others. */
	bnd_cmd_dead_binder_done(&s.p->w, 1);
	bnd_cmd_clear_death(&s.p->w, s.h[1], 1);
	GO(s.p, cleared(1));
}

TEST_F(deaths, wake_each_holder)
{
	struct scene s = scene();
	struct port *p[4];

	for (int i = 0; i < 4; i++) {
		p[i] = process();
		for (int j = 0; j < 2; j++) {
			bnd_cmd_request_death(&p[i]->w, give(s.owner, p[i], address(j), 0, 0), j);
			GO(p[i], "EAGAIN");
		}
	}
	for (int i = 0; i < 4; i++)
		START_ASLEEP(p[i]);
	die(s.owner);
	for (int i = 0; i < 4; i++)
		FINISH(p[i], notice(0));
	for (int i = 0; i < 4; i++)
		ASSERT_STREQ(notice(1), go_blocking(p[i]));
}

/*
 * The more objects in a row are of one holder, the more it is told of together: of the
 * two of @p by then, where the last one's death is of no interest.
 */
TEST_F(deaths, wake_who_asked_for_some_of_them)
{
	struct scene s = scene();
	uint32_t h;

	for (int i = 0; i < FEW; i++) {
		h = give(s.owner, s.other, address(i), 0, 0);
		bnd_cmd_request_death(&s.other->w, h, i);
		GO(s.other, "EAGAIN");
	}
	watch(&s, FEW);
	h = give(s.owner, s.p, address(FEW + 1), 0, 0);
	bnd_cmd_request_freeze(&s.p->w, h, FEW + 1);
	GO(s.p, "NOOP FROZEN_BINDER:9:0");
	bnd_cmd_freeze_done(&s.p->w, FEW + 1);
	START_ASLEEP(s.p);
	die(s.owner);
	FINISH(s.p, notice(FEW));
}

/* Each thread takes one. */
TEST_F(deaths, wake_as_many_as_there_are)
{
	struct scene s = scene();
	struct port *t[FEW];
	unsigned int cookie, seen = 0;

	for (int i = 0; i < FEW; i++)
		t[i] = thread_of(s.p);
	watch_all(&s, FEW);
	for (int i = 0; i < FEW; i++)
		START_ASLEEP(t[i]);
	die(s.owner);
	for (int i = 0; i < FEW; i++) {
		finish(t[i]);
		ASSERT_EQ(1, sscanf(t[i]->got, "NOOP DEAD_BINDER:%x", &cookie)) {
			TH_LOG("got '%s'", t[i]->got);
		}
		seen |= 1u << cookie;
	}
	ASSERT_EQ((1u << FEW) - 1, seen);
	GO(s.p, "EAGAIN");
}

TEST_F(deaths, the_holder_dies_with_some_unread)
{
	struct scene s = scene();
	struct port *third = process();

	watch_all(&s, MANY);
	give(third, s.p, address(0), 0, 0);
	die_unread(&s, s.owner);
	for (int i = 0; i < FEW; i++)
		GO(s.p, notice(i));
	die(s.p);
	ASSERT_STREQ("NOOP RELEASE:1000:0 DECREFS:1000:0", go_blocking(third));
}

TEST_HARNESS_MAIN
