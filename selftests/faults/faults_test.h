/* SPDX-License-Identifier: GPL-2.0-only */
/* What every file of fault tests begins with. */
#ifndef FAULTS_TEST_H
#define FAULTS_TEST_H

#include "kselftest_harness.h"
#include "faults.h"

/* A sweep is many tests. */
#define SWEEP_SECONDS 200
#define SWEEP(fixture, name) TEST_F_TIMEOUT(fixture, name, SWEEP_SECONDS)

static struct __test_metadata *running_test;

static void fail_test(const char *message)
{
	struct __test_metadata *_metadata = running_test;

	ASSERT_FALSE(message) {
		TH_LOG("%s", message);
	}
}

#define FAULTS_FIXTURE(name)						\
	FIXTURE(name) {							\
		char unused;						\
	};								\
	FIXTURE_SETUP(name)						\
	{								\
		(void)self;						\
		(void)variant;						\
		running_test = _metadata;				\
		faults_begin(fail_test);				\
	}								\
	FIXTURE_TEARDOWN(name)						\
	{								\
		(void)_metadata;					\
		(void)self;						\
		(void)variant;						\
		faults_end();						\
	}

#endif /* FAULTS_TEST_H */
