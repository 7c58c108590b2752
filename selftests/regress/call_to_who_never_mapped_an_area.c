// SPDX-License-Identifier: GPL-2.0-only
/*
 * R34, CVE-2022-49947: a message goes to a process that never mapped its area, or has
 * unmapped it, and the driver uses the address space that it would have noted then.
 */
#include <stdio.h>

#include "memory.h"
#include "protocol_test.h"
#include "text.h"

PROTOCOL_FIXTURE(no_area);

#define DEAD_TARGET(p)							\
	do {								\
		GO(p, "NOOP DEAD");					\
		EXTERR(p, "DEAD ESRCH");				\
	} while (0)

TEST_F(no_area, was_ever_mapped)
{
	struct port *server = receiver(0), *c = process();

	call(c, 0, 1, 0);
	DEAD_TARGET(c);
	call(c, 0, 1, TF_ONE_WAY);
	DEAD_TARGET(c);
	GO(server, "EAGAIN");
}

TEST_F(no_area, is_mapped_any_more)
{
	struct port *server = manager(), *c = process();

	ping(c, server, 0);
	unmap(server);
	call(c, 0, 1, 0);
	DEAD_TARGET(c);
	GO(server, "EAGAIN");
}

TEST_F(no_area, for_the_reply)
{
	struct port *server = manager(), *c = client();

	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	free_last(server);
	call(c, 0, 2, 0);
	GO(c, "EAGAIN");
	GO(server, "NOOP TXN:2");
	/* The answer has no place to go. */
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	EXTERR(server, "OK 0");
	GO(c, "NOOP COMPLETE DEAD");
	EXTERR(c, "DEAD ESRCH");
}

TEST_F(no_area, to_be_shown_in_the_logs)
{
	struct port *server = receiver(0), *c = process();
	char own[32];

	call(c, 0, 1, 0);
	DEAD_TARGET(c);
	snprintf(own, sizeof(own), "proc/%d", server->pid);
	ASSERT_STRNE("", block_of(read_log(DEBUGFS_LOGS, "state"), server));
	ASSERT_STRNE("", block_of(read_log(DEBUGFS_LOGS, "stats"), server));
	ASSERT_STRNE("", block_of(read_log(DEBUGFS_LOGS, own), server));
}

TEST_HARNESS_MAIN
