/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state machine by which Perfetto turns events into slices and the arrows
 * between them. Each thread has a stack of calls it makes and serves; an event
 * that does not fit what is on top is one that Perfetto would drop or put
 * in the wrong place.
 */
#ifndef TRACE_PERFETTO_H
#define TRACE_PERFETTO_H

/*
 * Go through what tracer_end() collected: the first event that does not fit and
 * why, or an empty string. The recording must begin with idle threads.
 */
const char *perfetto_complaint(void);

#endif /* TRACE_PERFETTO_H */
