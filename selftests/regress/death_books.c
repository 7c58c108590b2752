// SPDX-License-Identifier: GPL-2.0-only
/* What became of requests for death notices; see death_books.h. */
#include <errno.h>

#include "death_books.h"

/* What happened to a cookie. */
#define ASKED 1
#define TOLD 2
#define CLEARED 4		/* asked to be */
#define ANSWERED 8

int books_wrong(struct books *s, int line)
{
	int none = 0;

	atomic_compare_exchange_strong(&s->line, &none, line);
	return line;
}

/* Cookies say whose they are. */
static uint64_t cookie_of(int book, unsigned int n)
{
	return (uint64_t)book << 32 | n;
}

static struct book *book_of(struct books *s, uint64_t cookie)
{
	return &s->book[cookie >> 32];
}

static int note(struct books *s, const struct bnd_rec *rec, struct bnd_cmds *w)
{
	struct book *book;
	unsigned char before;
	unsigned int n;

	if (rec->code != BR_DEAD_BINDER && rec->code != BR_CLEAR_DEATH_NOTIFICATION_DONE)
		return 0;
	MUST_IN(s, rec->cookie >> 32 < BOOKS);
	book = book_of(s, rec->cookie);
	n = (unsigned int)rec->cookie;
	MUST_IN(s, n < COOKIES);
	if (rec->code == BR_DEAD_BINDER) {
		before = atomic_fetch_or(&book->state[n], TOLD);
		MUST_IN(s, before & ASKED);
		MUST_IN(s, !(before & (TOLD | ANSWERED)));
		bnd_cmd_dead_binder_done(w, rec->cookie);
		atomic_store(&book->end, true);
	} else {
		before = atomic_fetch_or(&book->state[n], ANSWERED);
		MUST_IN(s, before & CLEARED);
		MUST_IN(s, !(before & ANSWERED));
	}
	return 0;
}

int book_read_all(struct books *s, struct bnd_conn *c, struct bnd_cmds *w)
{
	BND_STREAM(r, 512);
	struct bnd_rec rec;
	bool more;
	int err;

	do {
		more = false;
		err = bnd_xfer(c, w, &r);
		MUST_IN(s, !err || err == -EAGAIN);
		MUST_IN(s, w->consumed == w->len);
		bnd_cmds_reset(w);
		while (!err && bnd_next(&r, &rec) > 0) {
			more |= rec.code != BR_NOOP;
			err = note(s, &rec, w);
		}
	} while (more && !err);
	return err == -EAGAIN ? 0 : err;
}

int book_ask(struct books *s, int i, struct bnd_conn *c, struct bnd_cmds *w)
{
	struct book *book = &s->book[i];
	unsigned int n = atomic_load(&book->next);

	/* One is left for the end. */
	if (n == COOKIES - 1)
		return book_read_all(s, c, w);
	atomic_store(&book->next, n + 1);
	atomic_store(&book->state[n], ASKED);
	bnd_cmd_request_death(w, book->handle, cookie_of(i, n));
	atomic_fetch_add(&s->requests, 1);
	if (n % 3)
		MUST_IN(s, !book_read_all(s, c, w));
	atomic_fetch_or(&book->state[n], CLEARED);
	bnd_cmd_clear_death(w, book->handle, cookie_of(i, n));
	return book_read_all(s, c, w);
}

int book_ask_for_the_dead(struct books *s, int i, struct bnd_conn *c, struct bnd_cmds *w)
{
	struct book *book = &s->book[i];
	unsigned int n = atomic_fetch_add(&book->next, 1);

	MUST_IN(s, n < COOKIES);
	atomic_store(&book->state[n], ASKED);
	bnd_cmd_request_death(w, book->handle, cookie_of(i, n));
	return book_read_all(s, c, w);
}

int book_check(struct books *s, int i)
{
	struct book *book = &s->book[i];
	unsigned int n = atomic_load(&book->next);

	for (unsigned int j = 0; j < n; j++) {
		unsigned char state = atomic_load(&book->state[j]);

		MUST_IN(s, !(state & CLEARED) == !(state & ANSWERED));
		if (!(state & CLEARED))
			MUST_IN(s, state & TOLD);
	}
	return 0;
}
