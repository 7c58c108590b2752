// SPDX-License-Identifier: GPL-2.0-only
/*
 * R21: a request for a death notice was cleared while the owner died, and both found it: the
 * death was told twice, or behind the answer to the clear, or that answer never came.
 */
#include "protocol_test.h"
#include "racers.h"
#include "watch.h"

PROTOCOL_FIXTURE(death_once);

#define ROUNDS 250
#define SECOND 0xffff	/* cookie of requests that come too early */

/* One of each, whatever the order. */
TEST_F(death_once, one_notice_and_one_clear_in_every_order)
{
	struct watch w = watch_owner();
	const char *orders[] = { "rcd", "rdc", "drc", "rdnc", "rdcn" };

	for (int i = 0; i < 5; i++) {
		struct watch one = w;
		int dead = 0, cleared = 0;

		one.owner = process();
		one.h = give(one.owner, one.p, 0x10, 0x20, 0);
		for (const char *s = orders[i]; *s; s++) {
			switch (*s) {
			case 'r':
				bnd_cmd_request_death(&one.p->w, one.h, 0x77);
				break;
			case 'c':
				bnd_cmd_clear_death(&one.p->w, one.h, 0x77);
				break;
			case 'n':
				bnd_cmd_dead_binder_done(&one.p->w, 0x77);
				break;
			case 'd':
				owner_dies_unread(&one);
				break;
			}
			if (*s != 'd')
				WRITE(one.p, "");
		}
		for (;;) {
			go(one.p);
			if (!strcmp(one.p->got, "NOOP DEAD_BINDER:77")) {
				ASSERT_EQ(0, cleared);
				dead++;
				bnd_cmd_dead_binder_done(&one.p->w, 0x77);
			} else if (!strcmp(one.p->got, "NOOP CLEARED:77")) {
				cleared++;
			} else {
				break;
			}
		}
		ASSERT_STREQ("EAGAIN", one.p->got);
		ASSERT_EQ(1, cleared) {
			TH_LOG("order %s", orders[i]);
		}
		ASSERT_EQ(strcmp(orders[i], "rcd") ? 1 : 0, dead) {
			TH_LOG("order %s", orders[i]);
		}
	}
}

TEST_F_TIMEOUT(death_once, cleared_while_the_owner_ends, NO_TIMEOUT)
{
	struct port *mgr = manager(), *owner = process(), *p = process();

	for (unsigned int i = 0; i < race_rounds(ROUNDS); i++) {
		uint32_t h = give(owner, p, 0x10, 0, 0);
		int dead = 0;

		bnd_cmd_request_death(&p->w, h, 0x77);
		GO(p, "EAGAIN");
		bnd_cmd_request_death(&p->w, h, SECOND);
		bnd_cmd_clear_death(&p->w, h, 0x77);
		together(i, p, do_write, owner, do_close_device);
		while (!strcmp(go_blocking(p), "NOOP DEAD_BINDER:77")) {
			ASSERT_EQ(0, dead++);
			bnd_cmd_dead_binder_done(&p->w, 0x77);
		}
		ASSERT_STREQ("NOOP CLEARED:77", p->got);
		drop(p, h);
		GO(p, "EAGAIN");
		ASSERT_EQ(0, run(owner, do_open_device, NULL));
	}
	ping(p, mgr, 0);
}

TEST_HARNESS_MAIN
