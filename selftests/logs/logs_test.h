/* SPDX-License-Identifier: GPL-2.0-only */
/* What every file of tests of the logs begins with. */
#ifndef LOGS_TEST_H
#define LOGS_TEST_H

#include "protocol_test.h"
#include "text.h"

#define LOGS_FIXTURE(name) PEERS_FIXTURE(name, names_begin(), (void)0)

/* A whole text, line by line. */
#define SAME(want, got)							\
	do {								\
		const char *_got = got;					\
									\
		ASSERT_STREQ(want, _got) {				\
			TH_LOG("got:\n%s", _got);			\
		}							\
	} while (0)

#endif /* LOGS_TEST_H */
