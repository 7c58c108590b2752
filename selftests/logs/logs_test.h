/* SPDX-License-Identifier: GPL-2.0-only */
/* What every file of tests of the logs begins with. */
#ifndef LOGS_TEST_H
#define LOGS_TEST_H

#include "kselftest_harness.h"
#include "peer.h"
#include "text.h"

static struct __test_metadata *running_test;

/* For the helpers, which do not know the harness. */
static void fail_test(const char *message)
{
	struct __test_metadata *_metadata = running_test;

	ASSERT_TRUE(!message) {
		TH_LOG("%s", message);
	}
}

/* Each test begins without a context manager and leaves none. */
#define LOGS_FIXTURE(name)						\
	FIXTURE(name) {							\
		char unused;						\
	};								\
	FIXTURE_SETUP(name)						\
	{								\
		(void)self;						\
		(void)variant;						\
		running_test = _metadata;				\
		names_begin();						\
		peers_begin(fail_test);					\
	}								\
	FIXTURE_TEARDOWN(name)						\
	{								\
		(void)_metadata;					\
		(void)self;						\
		(void)variant;						\
		peers_end();						\
	}

/* A whole text, line by line. */
#define SAME(want, got)							\
	do {								\
		const char *_got = got;					\
									\
		ASSERT_STREQ(want, _got) {				\
			TH_LOG("got:\n%s", _got);			\
		}							\
	} while (0)

#define GO(p, want) ASSERT_STREQ(want, go(p))
#define WRITE(p, want) ASSERT_STREQ(want, only_write(p))

#endif /* LOGS_TEST_H */
