/* SPDX-License-Identifier: GPL-2.0-only */
/* What every file of trace tests begins with. */
#ifndef TRACE_TRACE_TEST_H
#define TRACE_TRACE_TEST_H

#include <unistd.h>

#include "perfetto.h"
#include "protocol_test.h"
#include "tracer.h"

/* Record what follows up to traced(), which Perfetto must be able to follow. */
#define TRACE_BEGIN() tracer_begin()
#define TRACE_END()							\
	do {								\
		tracer_end();						\
		ASSERT_STREQ("", perfetto_complaint());			\
	} while (0)

/* What Perfetto sees of a task. */
#define TOLD(p, want) ASSERT_STREQ(want, told((p)->tid, PERFETTO))

#endif /* TRACE_TRACE_TEST_H */
