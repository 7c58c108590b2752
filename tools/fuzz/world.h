/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The world of the differential fuzzer: who there is, and what is known of them.
 * One step is taken at a time, by the seat chosen for it. All of it, and so each
 * decision, depends on the seed and on what the driver answered.
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "actor.h"

#define MANAGER		0	/* the process that becomes context manager */
#define SETTLE_US	3000

/* One open. */
struct port {
	bool open;
	bool exact;	/* offers no objects, so that there are no notices of them */
	bool flipped;	/* somebody was frozen or thawed, and the notices were not read */
	unsigned int nr_news;	/* notices of objects that were read */
	/* What it was told of its objects, by their addresses. */
	struct {
		bool strong, weak;
	} told[FUZZ_NODES + 1];
	struct fuzz_session session;
};

/* One thread in one open. */
struct seat {
	struct fuzz_stack stack;
	bool drained;	/* the last read found nothing but news */
	bool entrusted;	/* waits for a call that brought an object of its own to somebody */
	unsigned long waits_since;	/* step number */
	bool blurred;	/* the extended error may be that of another call */
	uint8_t tail[FUZZ_STREAM];	/* what the driver left of the last stream */
	size_t tail_len;
};

struct process {
	unsigned int threads, nr_ports;
	uid_t uid;
	bool frozen;
	struct port ports[ACTOR_PORTS];
	struct seat seats[ACTOR_PORTS][ACTOR_THREADS];
};

extern struct process processes[ACTOR_PROCESSES];
extern struct stage *stage;
extern struct fuzz_random rng;
extern unsigned long nr_steps, nr_commands, nr_messages, nr_ends, nr_quiet, nr_wrong;
extern bool cramped, secctx;
extern int manager;	/* the process that is context manager, or -1 */
extern bool served;	/* the last step brought something to be answered */

/* Whoever acts in this step. */
struct turn {
	unsigned int process, port, thread;
	struct process *proc;
	struct port *at;
	struct seat *seat;
	struct desk *desk;
};

extern struct turn now;
extern struct bnd_cmds stream;	/* what it writes */
extern struct fuzz_maker maker;

/* --- world.c: streams --------------------------------------------------------------- */

void choose(unsigned int process, unsigned int port, unsigned int thread);
/* Have it done, and return its result. */
int act(enum actor_op op);
/* Releases go on behind the back of whoever closed a file: let them. */
void settle(void);
/* The beginning of a step's line. */
void print_start(void);

/* Write what is in the stream, and read; keep what the driver left over. */
int transfer(size_t read_size);
/* Read once more, and write nothing down. */
int read_on(void);
/* A random stream and a read. */
void converse(void);
/* As clients must: what was not taken is written again. Is there any? */
bool finish_tail(void);
/* Read until there is nothing; false when it does not end. */
bool drain(void);

/* --- news.c: what owners are told of their objects ----------------------------------- */

/* A notice was read; true if the record is one. */
bool take_news(const struct bnd_rec *rec);
/* Acknowledge some of what the chosen one was told, or all; nobody else will notice. */
void acknowledge_news(bool all);
/* Nothing is left to be read or acknowledged: say what is known of whom. */
void compare_news(void);

/* --- questions.c: other ioctls ------------------------------------------------------- */

/* Without the end of the line. */
int control(unsigned int cmd, const char *name);
void print_arg(unsigned int words);
void ask_extended_error(void);
void ask_node(void);
void ask_ref(void);
void ask_frozen(void);
void become_manager(void);
void set_a_number(void);
void freeze(void);

/* --- lives.c: ends and beginnings ------------------------------------------------------ */

void start_process(void);
void kill_process(void);
void open_port(void);
void close_port(void);
void exit_thread(void);
void set_nice(void);
/* Have all read, answered and freed; false when that is out of reach. */
bool empty_port(unsigned int port);

#endif /* FUZZ_WORLD_H */
