/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Death notices asked for and cleared at full speed while the owner dies, with books of what
 * became of each: a request is told at most once, and just once if it was not cleared; each
 * clear is answered once, and after that comes nothing. All loops are bounded by counts.
 */
#ifndef REGRESS_DEATH_BOOKS_H
#define REGRESS_DEATH_BOOKS_H

#include <stdatomic.h>

#include "peer.h"

#define BOOKS 16		/* of each process */
#define COOKIES 4096		/* in a book */
#define REQUESTS 3000		/* of all together at least, then the owner dies */

/* Everything about the requests of one handle, by whatever thread. */
struct book {
	uint32_t handle;
	atomic_uint next;	/* cookie */
	atomic_uchar state[COOKIES];
	atomic_bool end;	/* a death was told */
};

/* What all threads of a process look at. */
struct books {
	atomic_int requests;
	atomic_int line;	/* where something was wrong, first */
	struct book book[BOOKS];
};

/* Keeps the line if it is the first, and returns it. */
int books_wrong(struct books *s, int line);

/* Functions and jobs end with 0, or the line where something was wrong. */
#define MUST_IN(s, condition)						\
	do {								\
		if (!(condition))					\
			return books_wrong(s, __LINE__);		\
	} while (0)

/* Read all there is; what it asks for is written with the next one. */
int book_read_all(struct books *s, struct bnd_conn *c, struct bnd_cmds *w);
/* One request in book @i, which is cleared again. */
int book_ask(struct books *s, int i, struct bnd_conn *c, struct bnd_cmds *w);
/* The last request, when the owner is known to be dead: told at once. */
int book_ask_for_the_dead(struct books *s, int i, struct bnd_conn *c, struct bnd_cmds *w);
/* When nothing is left to be read: is everything told and answered? */
int book_check(struct books *s, int i);

#endif /* REGRESS_DEATH_BOOKS_H */
