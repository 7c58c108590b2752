// SPDX-License-Identifier: GPL-2.0-only
/*
 * R24: a manager that called handle 0 called itself, and waited for its own answer. That is
 * refused to each of its threads, to other opens of its process, and to a forked child.
 */
#include "protocol_test.h"

PROTOCOL_FIXTURE(self_call);

static void refuse(struct port *p, uint32_t flags)
{
	call(p, 0, 1, flags);
	if (strcmp(go(p), "NOOP FAILED"))
		fail("a call to itself: got '%s'", p->got);
	if (strcmp(exterr(p), "FAILED EINVAL"))
		fail("a call to itself: the reason is another one");
}

TEST_F(self_call, is_refused)
{
	struct port *server = manager(), *t = thread_of(server);

	refuse(server, 0);
	refuse(server, TF_ONE_WAY);
	refuse(t, 0);
	refuse(t, TF_ONE_WAY);
	GO(server, "EAGAIN");
	GO(t, "EAGAIN");
}

TEST_F(self_call, by_another_open_of_the_same_process)
{
	struct port *server = manager(), *again = open_again(server, AREA);

	refuse(again, 0);
	refuse(again, TF_ONE_WAY);
	GO(server, "EAGAIN");
}

TEST_F(self_call, of_a_child_with_the_inherited_descriptor)
{
	struct port *server = manager(), *child = child_of(server);

	refuse(child, 0);
	refuse(child, TF_ONE_WAY);
	GO(server, "EAGAIN");
}

/* Nor while it serves: there is no thread of its own to take it. */
TEST_F(self_call, while_it_serves_another)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();

	deliver(c, server, 0, 1);
	refuse(server, 0);
	refuse(t, 0);
	GO(t, "EAGAIN");
	answer(server, c);
	ping(c, t, 0);
}

TEST_HARNESS_MAIN
