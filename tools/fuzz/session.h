/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one side of a binder conversation knows: handles, messages it was given,
 * acknowledgements it owes, notices it asked for. It is read off the return
 * streams, so that most of what is sent next is legal and reaches deep into the
 * driver. It is an aim, not a model: where it is wrong, something illegal is
 * sent, and the driver has to cope with that as well.
 *
 * One session belongs to one thread of the program, or to several that take
 * turns. Tables that are full forget their oldest entry.
 */
#ifndef FUZZ_SESSION_H
#define FUZZ_SESSION_H

#include "binder_raw.h"
#include "random.h"

#define FUZZ_HANDLES	48
#define FUZZ_MESSAGES	48
#define FUZZ_OWED	64
#define FUZZ_NOTICES	32
#define FUZZ_DEPTH	24
#define FUZZ_OBJECTS	12	/* of one message that are looked at */

/* A request for notices of one kind about one handle. */
struct fuzz_watch {
	bool active;
	uint64_t cookie;
};

struct fuzz_handle {
	uint32_t handle;
	unsigned int strong, weak;	/* taken by commands */
	unsigned int held_strong, held_weak;	/* by messages not freed */
	struct fuzz_watch death, freeze;
};

/* A message that was delivered and whose buffer was not freed. */
struct fuzz_message_in {
	uint64_t buffer;
	unsigned int id;	/* the buffer's name in texts, from 1 */
	unsigned int nr_strong, nr_weak;
	uint32_t strong[FUZZ_OBJECTS], weak[FUZZ_OBJECTS];
};

struct fuzz_owed {
	uint32_t command;	/* BC_INCREFS_DONE or BC_ACQUIRE_DONE */
	uint64_t ptr, cookie;
};

struct fuzz_session {
	unsigned int id;	/* goes into cookies, so that no two are the same */
	unsigned int nr_cookies, nr_ids;
	unsigned int nr_handles, nr_messages, nr_owed, nr_dead, nr_frozen;
	struct fuzz_handle handles[FUZZ_HANDLES];
	struct fuzz_message_in messages[FUZZ_MESSAGES];
	struct fuzz_owed owed[FUZZ_OWED];
	/* Cookies of notices that were delivered and not acknowledged. */
	uint64_t dead[FUZZ_NOTICES], frozen[FUZZ_NOTICES];
};

/* Calls of one thread, the latest last: 's' it serves, 'w' it waits for. */
struct fuzz_stack {
	unsigned int depth;
	struct {
		char kind;
		uint32_t flags;
	} calls[FUZZ_DEPTH];
	unsigned int owed;	/* calls and replies that were neither accepted nor refused */
	bool last_waits;	/* the last of them is a call that wants a reply */
};

void fuzz_session_init(struct fuzz_session *s, unsigned int id);

/*
 * Take note of what a BINDER_WRITE_READ did to the calls of its thread; returns how
 * many calls and replies the driver took.
 */
unsigned int fuzz_stack_exchange(struct fuzz_stack *stack, const uint8_t *written, size_t consumed,
				 uint8_t *read, size_t len);

/*
 * Take note of a record. @data and @offsets are a copy of the message it brings,
 * or its place in the receiver's mapping.
 */
void fuzz_session_take(struct fuzz_session *s, struct fuzz_stack *stack,
		       const struct bnd_rec *rec, const uint8_t *data, const uint64_t *offsets);

/* The handle's entry, or NULL. */
struct fuzz_handle *fuzz_find_handle(struct fuzz_session *s, uint32_t handle);
/* Forget handles that nothing holds any more. */
void fuzz_drop_handles(struct fuzz_session *s);
/* Message number @i is freed. */
void fuzz_drop_message(struct fuzz_session *s, unsigned int i);
/* Name of a buffer for texts; 0 when it is unknown. */
unsigned int fuzz_buffer_id(const struct fuzz_session *s, uint64_t buffer);

char fuzz_stack_top(const struct fuzz_stack *stack);
/* Serves and waits at a time. */
bool fuzz_stack_in_chain(const struct fuzz_stack *stack);
bool fuzz_stack_waits(const struct fuzz_stack *stack);
void fuzz_stack_push(struct fuzz_stack *stack, char kind, uint32_t flags);
void fuzz_stack_pop(struct fuzz_stack *stack, char kind);

#endif /* FUZZ_SESSION_H */
