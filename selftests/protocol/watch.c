// SPDX-License-Identifier: GPL-2.0-only
/* Watching an owner, and its death; see watch.h. */
#include <stdio.h>

#include "watch.h"

struct watch watch_owner(void)
{
	struct watch w = { .mgr = manager(), .owner = process(), .p = process() };

	w.idle = thread_of(w.p);
	w.h = give(w.owner, w.p, 0x10, 0x20, 0);
	return w;
}

void request_death(struct watch *w, uint64_t cookie)
{
	bnd_cmd_request_death(&w->p->w, w->h, cookie);
	if (strcmp(go(w->p), "EAGAIN"))
		fail("request: got '%s'", w->p->got);
}

/* Owner dead and the notice still in the queue. */
static bool notice_is_queued(void *arg)
{
	struct watch *w = arg;

	call(w->idle, w->h, 1, TF_ONE_WAY);
	go(w->idle);
	/* Own work comes alone, so the notice cannot be taken by accident. */
	if (strcmp(w->idle->got, "NOOP DEAD") && strcmp(w->idle->got, "NOOP COMPLETE"))
		fail("oneway to the dying: got '%s'", w->idle->got);
	return !strcmp(exterr(w->idle), "DEAD EINVAL");
}

/*
 * Releasing an owner marks its objects dead one after the other and queues the
 * notice with it, so the object being dead is not enough: a second notice, for an
 * object behind this one, tells that the first has been queued.
 */
void owner_dies_unread(struct watch *w)
{
	struct port *other = process();
	uint32_t h = give(w->owner, other, 0xffff0000, 0, 0);

	bnd_cmd_request_death(&other->w, h, 1);
	if (strcmp(go(other), "EAGAIN"))
		fail("request: got '%s'", other->got);
	die(w->owner);
	if (strcmp(go_blocking(other), "NOOP DEAD_BINDER:1"))
		fail("death: got '%s'", other->got);
	wait_until(notice_is_queued, w, "object dead");
}
