/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages with something of everything in them. */
#ifndef ENDURANCE_LETTER_H
#define ENDURANCE_LETTER_H

#include "binder_raw.h"

/* A message and all that its record points to. */
struct letter {
	uint8_t data[1024] __attribute__((aligned(8)));
	size_t size;
	uint64_t offsets[16];
	size_t n;
	uint64_t extra;
	/* Contents of further buffers: a pointer to the second, two descriptors. */
	struct {
		uint64_t second;
		uint32_t fds[2];
	} first;
	char second[24];
};

/* Plain data first: @number and what follows from it. */
void write_letter(struct letter *l, uint32_t number);
void add_object(struct letter *l, const void *object, size_t size);
/* A buffer with a pointer to another one and two copies of @fd in it. */
void add_buffers(struct letter *l, int fd);
struct bnd_msg letter_msg(const struct letter *l, uint32_t handle, uint32_t code, uint32_t flags);

/* Does a message that came in begin with what write_letter(@number) wrote, and is all there? */
bool right_letter(const struct binder_transaction_data *txn, uint32_t number);
/* The numbers they were written with. */
uint32_t letter_number_of(const struct letter *l);
uint32_t letter_number(const struct binder_transaction_data *txn);
/* Closes what has to be closed, and gives the first handle in it, 0 for none. */
uint32_t open_letter(const struct binder_transaction_data *txn);

#endif /* ENDURANCE_LETTER_H */
