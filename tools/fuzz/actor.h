/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tasks that do what they are told, one at a time. Each has a desk in memory it
 * shares with the one who directs: the order goes in, the result comes out, and a
 * futex says whose turn it is. Commands and what they point to are written by
 * the director right onto the desk.
 */
#ifndef FUZZ_ACTOR_H
#define FUZZ_ACTOR_H

#include <sys/types.h>

#include "maker.h"

#define ACTOR_PROCESSES	4
#define ACTOR_THREADS	2	/* of one process, at most */
#define ACTOR_PORTS	2	/* opens of one process, at most */
#define ACTOR_FILES	4
#define ACTOR_FIRST_FILE 100	/* numbers of files that may be sent */
#define ACTOR_FIRST_PORT 200	/* numbers of binder files */
#define ACTOR_COPY	(64 * 1024)
#define ACTOR_OFFSETS	64

enum actor_op {
	ACTOR_OPEN,
	ACTOR_CLOSE,		/* unmaps first */
	ACTOR_WRITE_READ,
	ACTOR_IOCTL,
	ACTOR_POLL,
	ACTOR_NICE,
	ACTOR_FLUSH,		/* closes a copy of the file */
};

struct desk {
	uint32_t actors_turn;
	/* The order. */
	enum actor_op op;
	unsigned int port;
	unsigned int cmd;
	int nice_value;
	size_t map_size;
	struct binder_write_read bwr;
	uint64_t arg[4];
	/* The result; also bwr and arg. */
	int error;
	int nice_now;
	bool has_message;
	uint8_t written[FUZZ_STREAM];
	uint8_t read[FUZZ_STREAM];
	char text[FUZZ_TEXT];	/* of the message that was read, its contents without addresses */
	uint8_t data[ACTOR_COPY];
	uint64_t offsets[ACTOR_OFFSETS];
	uint8_t arena[FUZZ_ARENA];
};

struct stage {
	const char *device;
	pid_t pids[ACTOR_PROCESSES];
	struct desk desks[ACTOR_PROCESSES][ACTOR_THREADS];
};

/* Memory that all actors will share. */
struct stage *actor_stage(const char *device);
/* Start process @n with so many threads; its pid is noted on the stage. */
void actor_start(struct stage *stage, unsigned int n, unsigned int threads, uid_t uid);
/* Have an order carried out. */
void actor_do(struct stage *stage, unsigned int n, unsigned int thread);
/* Kill process @n. */
void actor_kill(struct stage *stage, unsigned int n);

#endif /* FUZZ_ACTOR_H */
