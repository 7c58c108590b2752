/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making commands: legal ones, from what a session knows, and once in so many
 * times one that is wrong in some way. What commands point to lies in an arena
 * that is emptied with each stream. Each command is described in a text, in
 * which buffers have numbers for names.
 */
#ifndef FUZZ_MAKER_H
#define FUZZ_MAKER_H

#include "session.h"

#define FUZZ_ARENA	(512 * 1024)
#define FUZZ_STREAM	4096
#define FUZZ_TEXT	4096
#define FUZZ_NODES	8	/* objects of one session, named from 1 */

/* Where readable memory ends: nothing is ever mapped below the first page. */
#define FUZZ_NOWHERE	16

#define FUZZ_COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct fuzz_arena {
	uint8_t *base;
	size_t size, used;
};

struct fuzz_maker {
	struct fuzz_random *random;
	struct fuzz_session *session;
	struct fuzz_stack *stack;	/* of the thread that will write the stream */
	struct fuzz_stack planned;	/* as it will be then */
	struct fuzz_arena arena;
	struct bnd_cmds *out;
	unsigned int wild;	/* one of so many is wrong, 0 for none */
	unsigned int largest;	/* plain bytes of a message */
	const int *fds;		/* files that may be sent */
	unsigned int nr_fds;
	bool secctx;		/* some objects ask for security contexts */
	bool plain;		/* no objects */
	bool manager;		/* handle 0 is our own, and no use */
	bool last_free;		/* all other threads wait: no call from within a call */
	bool no_binders;	/* none of our own objects */
	bool offers_none;	/* the same, for all of the session */
	bool no_news;		/* nothing may depend on what is known of own objects */
	bool made_binder;	/* there is one in the stream, in more than oneway calls */
	char text[FUZZ_TEXT];
	size_t text_len;
};

/* Begin another stream. */
void fuzz_maker_reset(struct fuzz_maker *k);
void fuzz_say(struct fuzz_maker *k, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Zeroed memory of the arena, or its beginning when it is full. */
void *fuzz_alloc(struct fuzz_maker *k, size_t size);

/* A call or a reply with whatever in it. */
void fuzz_make_call(struct fuzz_maker *k, bool oneway);
void fuzz_make_reply(struct fuzz_maker *k);

/* One command of any kind; false when nothing may follow it in the stream. */
bool fuzz_make_command(struct fuzz_maker *k);

/* message.c: fill in what is carried; tells whether it is for the _SG commands. */
bool fuzz_make_payload(struct fuzz_maker *k, struct binder_transaction_data_sg *t,
		       bool fds_welcome);

#endif /* FUZZ_MAKER_H */
