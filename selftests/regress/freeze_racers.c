// SPDX-License-Identifier: GPL-2.0-only
/* Freezing and thawing at full speed; see freeze_racers.h. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "freeze_racers.h"

void make_blocking(struct port *p)
{
	fcntl(p->conn->fd, F_SETFL, fcntl(p->conn->fd, F_GETFL) & ~O_NONBLOCK);
}

long toggle(struct port *p, void *arg)
{
	struct toggled *t = arg;

	while (!atomic_load(&t->stop)) {
		int err = bnd_freeze(p->conn, t->target, true, 0);

		MUST(!err || err == -EAGAIN || err == -EINVAL);
		if (!err)
			atomic_fetch_add(&t->frozen, 1);
		sched_yield();
		err = bnd_freeze(p->conn, t->target, false, 0);
		MUST(!err || err == -EINVAL);
	}
	return 0;
}

bool has_frozen(void *arg)
{
	struct toggled *t = arg;

	return atomic_load(&t->frozen);
}
