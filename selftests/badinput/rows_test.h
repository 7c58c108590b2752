/* SPDX-License-Identifier: GPL-2.0-only */
/* What every program of rows begins with. */
#ifndef BADINPUT_ROWS_TEST_H
#define BADINPUT_ROWS_TEST_H

#include "kselftest_harness.h"
#include "parts.h"
#include "rows.h"

/* A table is many tests. What hangs is found by the limits of each row's peers. */
#define TABLE_SECONDS 120

static struct __test_metadata *running_test;

static void fail_row(const char *message)
{
	struct __test_metadata *_metadata = running_test;

	ASSERT_FALSE(message) {
		TH_LOG("%s, at '%s'", message, rows_where());
	}
}

#define ROWS_FIXTURE(name)						\
	FIXTURE(name) {							\
		char unused;						\
	};								\
	FIXTURE_SETUP(name)						\
	{								\
		(void)self;						\
		(void)variant;						\
		running_test = _metadata;				\
		peers_begin(fail_row);					\
		places_begin();						\
	}								\
	FIXTURE_TEARDOWN(name)						\
	{								\
		(void)_metadata;					\
		(void)self;						\
		(void)variant;						\
		peers_end();						\
	}

#endif /* BADINPUT_ROWS_TEST_H */
