/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs with much of everything have in common. */
#ifndef ENDURANCE_SCALE_H
#define ENDURANCE_SCALE_H

#include "binder_raw.h"
#include "endurance.h"

/* The ptr of an owner's objects. */
#define NODE(i) (0x100000 + 16 * (uint64_t)(i))

#define CODE_TAKE 1	/* to be kept */
#define CODE_WHO 2	/* answered by the object that was called */
#define CODE_END 3

/* What is to be said if there is no end to it, and that another part of it is done. */
void doing(const char *what);
void some_done(unsigned long n);
/* "what: n in so many ms" */
void say_time(const char *what, unsigned long n, uint64_t since);

/* As many files as the kernel allows. */
void raise_limits(void);
/* Opens the device, too. */
void become_manager(struct bnd_conn *c, size_t area);
/* All commands are taken, and the stream is empty again. */
void write_all(const struct bnd_conn *c, struct bnd_cmds *w);
/* A call to @handle that has no answer to look at. */
void plain_call(struct bnd_conn *c, uint32_t handle, uint32_t code);

#endif /* ENDURANCE_SCALE_H */
