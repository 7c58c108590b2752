/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Actors: processes and threads with an open Binder device that do, one step at
 * a time, what the test tells them. All that happens between them is therefore in
 * the order the test wrote, and any of them can be killed anywhere.
 *
 * An actor and what it sends and has read live in memory that all processes of a
 * test share at one address: the test fills in commands and looks at results
 * itself. What a helper here needs and does not get ends the test as failed.
 */
#ifndef LIFETIME_ACTOR_H
#define LIFETIME_ACTOR_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "binder_raw.h"

/* What actor_new() maps; no two messages of this many bytes fit in. */
#define ACTOR_MAP ((size_t)256 * 1024)
#define BIG_MESSAGE ((size_t)160 * 1024)

#define ACTOR_STREAM 16384

struct actor {
	/* Set by the helpers. */
	pid_t pid, tid;
	struct actor *leader;	/* of its process; itself in that one */
	struct bnd_conn conn;
	sem_t go, done;
	void (*fn)(struct actor *a);
	pthread_t thread;
	const char *dev;
	bool alive;		/* a process that was neither killed nor reaped */
	bool running;

	/* Input of the next step. */
	struct bnd_cmds w;
	bool no_refs;		/* leave BR_INCREFS to BR_DECREFS out of codes */
	uint64_t arg;
	void *ptr;
	int flags;

	/* Result of the last one. */
	struct bnd_stream r;
	int err;
	char codes[4096];	/* "COMPLETE DEAD_REPLY", "" for nothing, "error -14" */
	struct binder_transaction_data txn;	/* the last call or reply read */
	struct binder_ptr_cookie node;		/* the last of each kind */
	uint64_t cookie;
	uint64_t decrefs[16];			/* the nodes of the last BR_DECREFS */
	unsigned int nr_decrefs;
	unsigned int nr_dead, nr_clear_done;	/* BR_DEAD_BINDER, CLEAR_DONE ever read */
	uint8_t payload[256] __attribute__((aligned(8)));	/* the beginning of its data */

	/* The message to send. */
	const void *data;
	size_t size;
	uint64_t offsets[8];
	size_t noffsets;
	uint8_t message[256] __attribute__((aligned(8)));

	/* actor_stall() */
	int uffd;
	void *stall;

	uint8_t wbytes[ACTOR_STREAM];
	uint8_t rbytes[ACTOR_STREAM] __attribute__((aligned(8)));
};

/* End the test as failed. */
#define need(cond) ((cond) ? (void)0 : need_failed(__FILE__, __LINE__, #cond))
void need_failed(const char *file, int line, const char *what) __attribute__((noreturn));

/* BINDER_DEV and BINDER_DEV2, or their defaults. */
const char *dev1(void);
const char *dev2(void);
/* A number from the environment, for how often a loop runs. */
unsigned long count_of(const char *name, unsigned long otherwise);

/* --- Actors ------------------------------------------------------------------ */

/* A process that opened and mapped dev1(), or @dev. */
struct actor *actor_new(void);
struct actor *actor_new_on(const char *dev);
/* A process without a connection. */
struct actor *actor_bare(void);
/* Another thread of @leader's process, on the same connection. */
struct actor *actor_thread(struct actor *leader);
/* The same, with an open of its own. */
struct actor *actor_thread_new(struct actor *leader, const char *dev);
/* Memory that all actors share. */
void *shared_alloc(size_t size);

/* Run @fn in @a: begin, wait for the end, both. */
void start(struct actor *a, void (*fn)(struct actor *a));
void finish(struct actor *a);
void run(struct actor *a, void (*fn)(struct actor *a));
/* Whether the last start() has come to its end. */
bool finished(struct actor *a);

/* SIGKILL to the process of @a; on return it has exited. */
void kill_actor(struct actor *a);
/* Let the process of @a end by itself. */
void exit_actor(struct actor *a);
/* The connection of @a is closed by its process. */
void close_actor(struct actor *a);
/* Returns once @a sleeps in a BINDER_WRITE_READ that has nothing to read. */
void await_sleep(struct actor *a);

/* --- One BINDER_WRITE_READ, with the commands that were put into @a->w --------- */

/* Write and read nothing. */
const char *put(struct actor *a);
/* Write and read what is there now. */
const char *now(struct actor *a);
/* The same again and again until nothing is there. */
const char *drain(struct actor *a);
/* One ioctl that may sleep; for a thread's first, which does not. */
const char *once(struct actor *a);
/* Write and read, waiting until there is something. */
const char *get(struct actor *a);
/* start() of get() and its finish(). */
void start_get(struct actor *a);
const char *got(struct actor *a);
int thread_exit(struct actor *a);
/* Returns once BR_DECREFS for @ptr has been read. */
void await_decrefs(struct actor *a, uint64_t ptr);
/* What "COMPLETE DEAD_REPLY" is to be in if the order does not matter. */
bool same_codes(const char *want, const char *seen);

/* --- Commands ------------------------------------------------------------------ */

void cmd_call(struct actor *a, uint32_t handle, uint32_t code, uint32_t flags);
void cmd_reply(struct actor *a);
/* BC_FREE_BUFFER of the last call or reply. */
void cmd_free(struct actor *a);
/* BC_INCREFS_DONE and BC_ACQUIRE_DONE for a node that grant() or the test made. */
void cmd_done(struct actor *a, uint64_t ptr);

/* The next message carries these. The cookie of a node is its ptr + 1. */
void msg_reset(struct actor *a);
void msg_binder(struct actor *a, uint64_t ptr, uint32_t flags);
void msg_weak_binder(struct actor *a, uint64_t ptr, uint32_t flags);
void msg_handle(struct actor *a, uint32_t handle);
void msg_weak_handle(struct actor *a, uint32_t handle);
void msg_fd(struct actor *a, int fd);
/* @size bytes of @data, which all processes see, instead of the actor's own message. */
void msg_data(struct actor *a, const void *data, size_t size);
void msg_bytes(struct actor *a, const void *data, size_t size);
/* The handle or fd in object @index of the last call or reply. */
uint32_t payload_handle(const struct actor *a, size_t index);

/* --- Meeting -------------------------------------------------------------------- */

extern struct actor *mgr;

/* Make @a the manager of its device, waiting for a former one to be gone. */
void become_manager(struct actor *a);
/* A process that is the manager of dev1(). */
void new_manager(void);
/* A strong handle of @client to node @ptr of @server, whose manager is mgr. */
uint32_t grant(struct actor *server, uint64_t ptr, uint32_t flags, struct actor *client);
/* grant() with what goes through the manager of another device. */
uint32_t grant_by(struct actor *by, struct actor *server, uint64_t ptr, uint32_t flags,
		  struct actor *client);
/*
 * Let mgr watch @a, and wait until the driver has buried it: it is dead for all
 * callers and its threads are released.
 */
void watch(struct actor *a);
void await_gone(struct actor *a);

/* A new server and a new client: does a call work? */
void fresh_call(void);
/* Does a call from @client to @server by @handle? Both must be idle. */
void call_works(struct actor *client, uint32_t handle, struct actor *server);

/* --- Stalling a user copy ---------------------------------------------------------- */

/* The next message of @a is read from a page that is not there. */
void actor_stall(struct actor *a);
/* Returns once the driver waits for that page. */
void await_stall(struct actor *a);
void resume(struct actor *a);

/* A copy of descriptor @fd of @a's process. */
int fd_of(struct actor *a, int fd);
/* A pipe in @a's process; returns the writing end there and the reading end here. */
int pipe_in(struct actor *a, int *reader);
/* Returns once nobody has the writing end any more. */
void await_eof(int reader);
/* Is the writing end still open? */
bool pipe_open(int reader);

#endif /* LIFETIME_ACTOR_H */
