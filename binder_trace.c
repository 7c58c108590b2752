// SPDX-License-Identifier: GPL-2.0-only
/*
 * The definitions of the trace events.
 */
#include <linux/build_bug.h>

#define CREATE_TRACE_POINTS
#include "binder_trace.h"

#define binder_trace_check(code, name) BUILD_BUG_ON_ZERO((name) != (code))

/* Does not compile when a code has another number than its name says. */
static const int binder_trace_checked[] __maybe_unused = {
	BINDER_TRACE_COMMANDS(binder_trace_check),
	BINDER_TRACE_RETURNS(binder_trace_check),
};
