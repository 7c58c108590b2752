// SPDX-License-Identifier: GPL-2.0-only
/* Does __assign_str() of trace events know its source by itself (6.10)? */
#include <linux/kernel.h>
#include <linux/stringify.h>
#include <trace/stages/stage6_event_callback.h>

const char *probe(void);

const char *probe(void)
{
	return __stringify(__assign_str(name));
}
