/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of the freezer say of a trio. */
#ifndef FREEZER_TEST_H
#define FREEZER_TEST_H

#include "freezer.h"
#include "protocol_test.h"

#define FREEZE(p, pid, ms, want) ASSERT_EQ(want, freeze(p, pid, 1, ms))
#define INFO(t, want) ASSERT_STREQ(want, frozen_info((t).freezer, (t).server->pid))
#define WORKS(t) ping((t).c, (t).server, (t).h)
#define REFUSED(t) ASSERT_TRUE(is_refused((t).c, (t).h))
#define PENDING(p, h, code, flags) ASSERT_STREQ("NOOP PENDING_FROZEN", oneway(p, h, code, flags))
#define ACCEPTED(p, h, code, flags) ASSERT_STREQ("NOOP COMPLETE", oneway(p, h, code, flags))

#endif /* FREEZER_TEST_H */
