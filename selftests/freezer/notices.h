/* SPDX-License-Identifier: GPL-2.0-only */
/* Somebody who asked for notices of freezing, for the tests of those. */
#ifndef FREEZER_NOTICES_H
#define FREEZER_NOTICES_H

#define COOKIE 0xf2ee2e

#define FROZEN "NOOP FROZEN_BINDER:f2ee2e:1"
#define THAWED "NOOP FROZEN_BINDER:f2ee2e:0"
#define CLEARED "NOOP FREEZE_CLEARED:f2ee2e"

static inline void request(struct trio *t)
{
	bnd_cmd_request_freeze(&t->c->w, t->h, COOKIE);
	if (strcmp(only_write(t->c), ""))
		fail("request: got '%s'", t->c->got);
}

static inline void done(struct port *p)
{
	bnd_cmd_freeze_done(&p->w, COOKIE);
	if (strcmp(only_write(p), ""))
		fail("acknowledgment: got '%s'", p->got);
}

static inline void clear(struct trio *t)
{
	bnd_cmd_clear_freeze(&t->c->w, t->h, COOKIE);
	if (strcmp(only_write(t->c), ""))
		fail("clear: got '%s'", t->c->got);
}

/* A trio whose client asked, was told and said so. */
static inline struct trio watching(void)
{
	struct trio t = trio();

	request(&t);
	if (strcmp(go(t.c), THAWED))
		fail("first notice: got '%s'", t.c->got);
	done(t.c);
	return t;
}
#endif /* FREEZER_NOTICES_H */
