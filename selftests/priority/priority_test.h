/* SPDX-License-Identifier: GPL-2.0-only */
/* What every file of priority tests begins with. */
#ifndef PRIORITY_TEST_H
#define PRIORITY_TEST_H

#include "protocol_test.h"
#include "scheduled.h"

/* The nice value that thread @p has now, whatever it is doing. */
#define NICE(p, want) ASSERT_EQ(want, nice_of(p))
#define SCHED(p, want) ASSERT_STREQ(want, sched_of(p))

/* Flags of an object without a minimum, as older clients give it. */
#define NO_MINIMUM 0x7f

#endif /* PRIORITY_TEST_H */
