/* SPDX-License-Identifier: GPL-2.0-only */
/* What every file of protocol tests begins with. */
#ifndef PROTOCOL_TEST_H
#define PROTOCOL_TEST_H

#include "kselftest_harness.h"
#include "peer.h"

static struct __test_metadata *running_test;

/* For the helpers, which do not know the harness. */
static void fail_test(const char *message)
{
	struct __test_metadata *_metadata = running_test;

	ASSERT_FALSE(message) {
		TH_LOG("%s", message);
	}
}

/*
 * Each test begins without a context manager and leaves none; then @more is done, and
 * @less before the end.
 */
#define PEERS_FIXTURE(name, more, less)					\
	FIXTURE(name) {							\
		char unused;						\
	};								\
	FIXTURE_SETUP(name)						\
	{								\
		(void)self;						\
		(void)variant;						\
		running_test = _metadata;				\
		peers_begin(fail_test);					\
		more;							\
	}								\
	FIXTURE_TEARDOWN(name)						\
	{								\
		(void)_metadata;					\
		(void)self;						\
		(void)variant;						\
		less;							\
		peers_end();						\
	}

#define PROTOCOL_FIXTURE(name) PEERS_FIXTURE(name, (void)0, (void)0)

/* A step of a script: what the transfer must have returned, word for word. */
#define GO(p, want) ASSERT_STREQ(want, go(p))
#define WRITE(p, want) ASSERT_STREQ(want, only_write(p))
#define FINISH(p, want) ASSERT_STREQ(want, finish(p))
#define EXTERR(p, want) ASSERT_STREQ(want, exterr(p))
#define START_ASLEEP(p)							\
	do {								\
		start(p);						\
		ASSERT_TRUE(asleep(p)) {				\
			TH_LOG("not asleep: '%s'", (p)->got);		\
		}							\
	} while (0)

#endif /* PROTOCOL_TEST_H */
