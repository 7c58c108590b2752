/* SPDX-License-Identifier: GPL-2.0-only */
/* What every file of these tests begins with. */
#ifndef HOOKS_HOOKS_TEST_H
#define HOOKS_HOOKS_TEST_H

#include "kselftest_harness.h"
#include "hooks.h"
#include "protocol_test.h"

/* No task stands anywhere and no rule is broken, before and after. */
#define HOOKS_FIXTURE(name)						\
	FIXTURE(name) {							\
		char unused;						\
	};								\
	FIXTURE_SETUP(name)						\
	{								\
		(void)self;						\
		(void)variant;						\
		running_test = _metadata;				\
		peers_begin(fail_test);					\
		proceed_all();						\
		break_rules("");					\
		set_parameter("folio_order", "4");			\
		await_no_pages();					\
	}								\
	FIXTURE_TEARDOWN(name)						\
	{								\
		(void)_metadata;					\
		(void)self;						\
		(void)variant;						\
		break_rules("");					\
		proceed_all();						\
		peers_end();						\
	}

#endif /* HOOKS_HOOKS_TEST_H */
