// SPDX-License-Identifier: GPL-2.0-only
/*
 * The part of storing records that is not inline.
 */
#include "binder_stream.h"
#include "binder_trace.h"

/**
 * binder_stream_trace_slow() - the part of binder_stream_tell() that traces
 * @cmd: BR_ code
 */
void binder_stream_trace_slow(u32 cmd)
{
	trace_binder_return(cmd);
}
