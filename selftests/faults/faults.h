/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps in which one allocation, or one copy from or to user space, fails: the first of
 * the step, then the second, until there is none left to fail.
 *
 *	FOR_EACH_FAULT() {
 *		struct pair p = pair();
 *
 *		call(p.c, p.h, 7, 0);
 *		strike(p.c);			 the next job of this peer
 *		go(p.c);
 *		outcome(told(p.c), "NOOP COMPLETE", "NOOP FAILED, FAILED ENOMEM", "EFAULT");
 *		still_works(&p);
 *	}
 *
 * Each round begins with new peers, and fails what the driver itself asks for, directly or
 * through other parts of the kernel, and nothing else.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include "peer.h"

/* A server, and a client with a handle to its object 10:20, which accepts descriptors. */
struct pair {
	struct port *mgr;
	struct port *server;
	struct port *c;
	uint32_t h;
};

struct pair pair(void);

void faults_begin(void (*fail)(const char *message));
void faults_end(void);
/* Another round? Ends the peers of the one before. */
bool next_fault(void);
/* The same for steps without peers, which need no device in between. */
bool next_fault_alone(void);
#define FOR_EACH_FAULT() for (first_fault(); next_fault(); )
void first_fault(void);

/* Let the round's fault strike in the next job of @p, or, of the second, in this task. */
void strike(struct port *p);
void strike_here(void);
/*
 * Let the first request for memory fail in the next job of @p, in each round of those, and do
 * not count it.
 */
void strike_first(struct port *p);
/* Ends the second; the first ends with the job. */
void struck_here(void);
/* Was there anything left to fail? */
bool struck(void);

/*
 * What came of the step: @want if nothing failed. Where memory failed it may be @want
 * nevertheless, if the driver could do without, or one of @memory; where a copy failed, one
 * of @copy. These are "this|that", or NULL.
 */
void outcome(const char *got, const char *want, const char *memory, const char *copy);
/* The last transfer of @p as text, with the reason if it failed. */
const char *told(struct port *p);
/* The name of a negative errno; "0" for others. */
const char *error_of(long result);

/* Free the message that @p read last, if that is what it read. */
void free_received(struct port *p);
/*
 * Serve and read until nothing is left to do, then make calls that have to work. They fill
 * both areas, so no buffer may be left there, nor a page in use afterwards.
 */
void still_works(struct pair *p);
void still_work(struct port *c, struct port *server, uint32_t h);
void drain(struct port *p, struct port *q);

/*
 * Which stacks faults may strike in: those with a function of the kernel's, where the module
 * itself is not there yet, and without another, nor in pages for slabs. The kernel's log tells
 * of each. By default those with a function of the module.
 */
void strike_below(const char *function, const char *not_below);

/*
 * Let all requests for memory fail that this task makes below a function of the kernel's, one
 * that tries again when the first fails; until fail_no_more().
 */
void fail_below(const char *function);
void fail_no_more(void);

#endif /* FAULTS_H */
