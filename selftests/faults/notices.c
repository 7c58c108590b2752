// SPDX-License-Identifier: GPL-2.0-only
/* Death, freezing and reports while memory and copies fail. */
#include <errno.h>
#include <unistd.h>

#include "faults_test.h"
#include "freezer.h"
#include "listener.h"

FAULTS_FIXTURE(fault_notice);

SWEEP(fault_notice, of_death_requested)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();

		bnd_cmd_request_death(&p.c->w, p.h, 7);
		strike(p.c);
		outcome(go(p.c), "EAGAIN", "NOOP ERROR:-12|EFAULT", NULL);
		forget(p.c);
		still_works(&p);
		bnd_cmd_request_death(&p.c->w, p.h, 7);
		ASSERT_STREQ("EAGAIN", go(p.c));
		die(p.server);
		ASSERT_STREQ("NOOP DEAD_BINDER:7", go_blocking(p.c));
	}
}

SWEEP(fault_notice, of_death_delivered)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();

		bnd_cmd_request_death(&p.c->w, p.h, 7);
		ASSERT_STREQ("EAGAIN", go(p.c));
		die(p.server);
		/* So that it is there. */
		call(p.c, p.h, 1, 0);
		p.c->blocking = true;
		ASSERT_STREQ("NOOP DEAD", go_blocking(p.c));
		ASSERT_STREQ("NOOP DEAD_BINDER:7", go_blocking(p.c));
		bnd_cmd_clear_death(&p.c->w, p.h, 7);
		bnd_cmd_dead_binder_done(&p.c->w, 7);
		strike(p.c);
		outcome(go(p.c), "NOOP CLEARED:7", "EFAULT", NULL);
		still_work(p.c, p.mgr, 0);
	}
}

SWEEP(fault_notice, of_freezing_requested)
{
	FOR_EACH_FAULT() {
		struct trio t = trio();

		bnd_cmd_request_freeze(&t.c->w, t.h, 7);
		strike(t.c);
		outcome(go(t.c), "NOOP FROZEN_BINDER:7:0", "ENOMEM [0/16]|EFAULT", NULL);
		if (struck() && t.c->w.len)
			ASSERT_STREQ("NOOP FROZEN_BINDER:7:0", go(t.c));
		bnd_cmd_freeze_done(&t.c->w, 7);
		go(t.c);
		still_work(t.c, t.server, t.h);
	}
}

SWEEP(fault_notice, of_freezing_cleared)
{
	FOR_EACH_FAULT() {
		struct trio t = trio();

		bnd_cmd_request_freeze(&t.c->w, t.h, 7);
		ASSERT_STREQ("NOOP FROZEN_BINDER:7:0", go(t.c));
		bnd_cmd_freeze_done(&t.c->w, 7);
		bnd_cmd_clear_freeze(&t.c->w, t.h, 7);
		strike(t.c);
		outcome(go(t.c), "NOOP FREEZE_CLEARED:7", "EFAULT", NULL);
		still_work(t.c, t.server, t.h);
	}
}

SWEEP(fault_notice, of_a_target_to_be_frozen)
{
	FOR_EACH_FAULT() {
		struct trio t = trio();
		int err;

		strike(t.freezer);
		err = freeze(t.freezer, t.server->pid, 1, 0);
		outcome(error_of(err), "0", "ENOMEM", "EFAULT");
		if (err) {
			ping(t.c, t.server, t.h);
			freeze_now(t.freezer, t.server);
		}
		ASSERT_TRUE(is_refused(t.c, t.h));
		thaw(t.freezer, t.server);
		still_work(t.c, t.server, t.h);
	}
}

/* A oneway call that takes the place of one still waiting. */
SWEEP(fault_notice, of_a_frozen_target)
{
	FOR_EACH_FAULT() {
		struct trio t = trio();

		freeze_now(t.freezer, t.server);
		oneway(t.c, t.h, 3, TF_UPDATE_TXN);
		ASSERT_STREQ("NOOP PENDING_FROZEN", t.c->got);
		call(t.c, t.h, 3, TF_ONE_WAY | TF_UPDATE_TXN);
		strike(t.c);
		go(t.c);
		outcome(told(t.c), "NOOP PENDING_FROZEN", "NOOP FAILED, FAILED ENOMEM", NULL);
		thaw(t.freezer, t.server);
		still_work(t.c, t.server, t.h);
	}
}

SWEEP(fault_notice, of_a_failed_call)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		struct listener l = listen_to_reports();

		call(p.c, 77, 1, 0);
		strike(p.c);
		go(p.c);
		outcome(told(p.c), "NOOP FAILED, FAILED EINVAL",
			"NOOP FAILED, FAILED ENOMEM", NULL);
		/* A report that cannot be made is left out. */
		if (!struck())
			ASSERT_STRNE("none", next_report(&l));
		close(l.fd);
		still_works(&p);
	}
}

TEST_HARNESS_MAIN
