// SPDX-License-Identifier: GPL-2.0-only
/*
 * R02, CVE-2024-26606: a thread that polls and only writes queues work for itself. Nobody
 * woke it for that, and what came later found the list not empty and woke nobody either.
 */
#include <sys/epoll.h>

#include "epoll_sets.h"
#include "protocol_test.h"

PROTOCOL_FIXTURE(own_work);

/* Edge-triggered: each look but the first is for a new event. */
TEST_F(own_work, subtle_wakes_an_epoll_set)
{
	struct port *mgr = manager(), *owner = process(), *p = process();
	uint32_t h = give(owner, p, 0x10, 0, 0), to_p = give(p, owner, 0x20, 0, 0);
	int epfd;

	bnd_cmd_enter_looper(&p->w);
	WRITE(p, "");
	epfd = run(p, do_epoll, (void *)(EPOLLIN | EPOLLET));
	ASSERT_LE(0, epfd);
	ASSERT_EQ(0, epoll_now(p, epfd));

	call(p, 0, 1, TF_ONE_WAY);
	WRITE(p, "");
	ASSERT_EQ(EPOLLIN, epoll_now(p, epfd));
	GO(p, "NOOP COMPLETE");

	call(p, 99, 1, 0);
	WRITE(p, "");
	ASSERT_EQ(EPOLLIN, epoll_now(p, epfd));
	GO(p, "NOOP FAILED");

	bnd_cmd_request_death(&p->w, h, 5);
	bnd_cmd_clear_death(&p->w, h, 5);
	WRITE(p, "");
	ASSERT_EQ(EPOLLIN, epoll_now(p, epfd));
	GO(p, "NOOP CLEARED:5");

	bnd_cmd_request_freeze(&p->w, h, 6);
	WRITE(p, "");
	ASSERT_EQ(EPOLLIN, epoll_now(p, epfd));
	GO(p, "NOOP FROZEN_BINDER:6:0");
	bnd_cmd_freeze_done(&p->w, 6);
	bnd_cmd_clear_freeze(&p->w, h, 6);
	WRITE(p, "");
	ASSERT_EQ(EPOLLIN, epoll_now(p, epfd));
	GO(p, "NOOP FREEZE_CLEARED:6");

	call(owner, to_p, 2, 0);
	GO(owner, "EAGAIN");
	ASSERT_EQ(EPOLLIN, epoll_now(p, epfd));
	GO(p, "NOOP TXN:2");
	reply(p, 0, 0);
	WRITE(p, "");
	ASSERT_EQ(EPOLLIN, epoll_now(p, epfd));
	GO(p, "NOOP COMPLETE");

	GO(mgr, "NOOP TXN:1");
	call(p, 0, 3, 0);
	WRITE(p, "");
	ASSERT_EQ(0, epoll_now(p, epfd));
	free_last(mgr);
	GO(mgr, "NOOP TXN:3");
	reply(mgr, 4, 0);
	GO(mgr, "NOOP COMPLETE");
	ASSERT_EQ(EPOLLIN, epoll_now(p, epfd));
	GO(p, "NOOP COMPLETE REPLY:4");
}

TEST_HARNESS_MAIN
