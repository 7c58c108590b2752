/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What races of two peers have in common. Rounds are counted, and nothing is said
 * about who comes first: what must hold holds in any order, and the kernel must have
 * nothing to complain of.
 */
#ifndef REGRESS_RACERS_H
#define REGRESS_RACERS_H

#include "peer.h"

/* For TEST_F_TIMEOUT: who hangs is found by the limit of the program, or of the machine. */
#define NO_TIMEOUT (24 * 3600)

/* ROUNDS of the environment, or @n. */
unsigned int race_rounds(unsigned int n);

/* Jobs of peers; the result is 0 or a negative errno. */
long do_close_device(struct port *p, void *arg);	/* unmap and close */
long do_open_device(struct port *p, void *arg);		/* open and map again */
long do_thread_exit(struct port *p, void *arg);
long do_write(struct port *p, void *arg);		/* what is in p->w, and no more */

/*
 * Both at once, one of them a little later than the other; how much goes up and down
 * with @round. Returns when both are through.
 */
void together(unsigned int round, struct port *a, long (*fa)(struct port *p, void *arg),
	      struct port *b, long (*fb)(struct port *p, void *arg));

/* Ways to end, what of them other peers begin meanwhile, and returning when all is over. */
enum end { EXIT, CLOSE, KILL, NR_ENDS };	/* thread, file, process */
void begin_end(struct port *p, enum end how);
void finish_end(struct port *p, enum end how);

/* Let the manager watch @p, both idle; returns when the driver has done with its end. */
void watch_burial(struct port *p);
void await_burial(struct port *p);

/* Read until nothing is left, acknowledge references and free messages. */
void drain(struct port *p);

#endif /* REGRESS_RACERS_H */
