/* SPDX-License-Identifier: GPL-2.0-only */
/* What races of freezing have in common. All loops are bounded by counts. */
#ifndef REGRESS_FREEZE_RACERS_H
#define REGRESS_FREEZE_RACERS_H

#include <stdatomic.h>

#include "peer.h"

/* Told by the peers; the test looks at it in the end. */
struct toggled {
	pid_t target;
	atomic_bool stop;
	atomic_int frozen;	/* how often freezing worked */
};

/* Jobs end with 0, or the line where something was wrong. */
#define MUST(condition)							\
	do {								\
		if (!(condition))					\
			return __LINE__;				\
	} while (0)

/* From now on the peer's transfers wait. */
void make_blocking(struct port *p);
/* A job: freeze and thaw the target of a struct toggled until it is to stop. */
long toggle(struct port *p, void *arg);
/* For wait_until(), of a struct toggled. */
bool has_frozen(void *arg);

#endif /* REGRESS_FREEZE_RACERS_H */
