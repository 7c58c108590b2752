// SPDX-License-Identifier: GPL-2.0-only
/* Does a task know a time slice that it chose (6.12)? */
#include <linux/sched.h>

u64 probe(const struct task_struct *task);

u64 probe(const struct task_struct *task)
{
	return task->se.custom_slice ? task->se.slice : 0;
}
