// SPDX-License-Identifier: GPL-2.0-only
/* Security contexts while memory fails; needs SELinux, without a policy. */
#include <unistd.h>

#include "faults_test.h"

FAULTS_FIXTURE(fault_context);

SWEEP(fault_context, in_a_call)
{
	if (access("/sys/fs/selinux", F_OK))
		SKIP(return, "no SELinux here");
	FOR_EACH_FAULT() {
		struct pair p = pair();
		uint32_t h = give(p.server, p.c, 0x30, 0x40, FLAT_BINDER_FLAG_TXN_SECURITY_CTX);

		call(p.c, h, 7, 0);
		strike(p.c);
		go(p.c);
		outcome(told(p.c), "EAGAIN", "NOOP FAILED, FAILED ENOMEM", NULL);
		if (!strcmp(p.c->got, "EAGAIN")) {
			ASSERT_STREQ("NOOP TXN_SEC_CTX:7", go(p.server));
			answer(p.server, p.c);
		}
		still_works(&p);
	}
}

TEST_HARNESS_MAIN
