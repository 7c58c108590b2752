/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a thread's priority is and was: the data of binder_priority.h.
 */
#ifndef _BINDER_LENT_H
#define _BINDER_LENT_H

#include <linux/types.h>

/**
 * struct binder_priority - how a task is scheduled
 * @nice: nice value; real-time tasks have one too, for later
 * @policy: SCHED_* policy
 * @rt_priority: 1 to 99 for SCHED_FIFO and SCHED_RR, 0 for all others
 * @reset_on_fork: children of the task do not inherit its priority
 */
struct binder_priority {
	s8 nice;
	u8 policy;
	u8 rt_priority;
	bool reset_on_fork;
};

/**
 * struct binder_thread_priority - what calls did to the scheduling of a thread
 * @own: (S) what it was before the driver changed it, while @is_lent
 * @lent: (S) what the driver made of it last, while @is_lent
 * @is_lent: (S) it was not restored yet
 * @default_nice: (I) nice value of the opener of the file, at that time
 */
struct binder_thread_priority {
	struct binder_priority own;
	struct binder_priority lent;
	bool is_lent;
	s8 default_nice;
};

#endif /* _BINDER_LENT_H */
