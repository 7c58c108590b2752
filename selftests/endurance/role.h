/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Three processes that trade messages until one of them is killed.
 *
 * The sender calls the receiver, which calls the third one before it answers. In
 * each kind of trade they do something else on the way, again and again until the
 * test, which is the context manager and watches them, has heard of the death.
 * The one to be killed lets the sender begin and arms a timer that sends SIGKILL to
 * itself at a moment that the test chooses: so it may be hit at any instruction, in
 * the driver as well as outside, and without anybody else running.
 */
#ifndef ENDURANCE_ROLE_H
#define ENDURANCE_ROLE_H

#include <semaphore.h>

#include "binder_raw.h"
#include "letter.h"

enum who { SENDER, RECEIVER, THIRD, NR_ROLES };

enum trade {
	PLAIN,		/* bytes */
	OBJECTS,	/* own objects and handles, strong and weak */
	FILES,		/* descriptors */
	SCATTER,	/* further buffers, descriptors in them */
	ONEWAY,		/* oneway calls with objects */
	REPLY,		/* answers with all of it */
	NESTED,		/* the third calls the receiver, which waits for an answer */
	DEATH,		/* requests for death notices come and go */
	FREEZE,		/* the receiver is frozen and thawed, with notices */
	BUFFERS,	/* messages with objects are freed late, counts of handles change */
	OPENS,		/* files are opened, mapped and closed */
};

/* What the roles say to the manager, and it to them. */
#define CODE_HELLO 1	/* here is my object */
#define CODE_PEERS 2	/* give me the objects of all */
#define CODE_ECHO 3
#define CODE_DONE 4	/* the sender trades no more */
#define CODE_PING 5	/* oneway: say something */
#define CODE_PONG 6
#define CODE_END 7	/* oneway: close and exit */
#define CODE_TRADE 16	/* plus the number of the step */

struct round {
	enum trade trade;
	enum who victim;
	pid_t pid[NR_ROLES];
	int fd;			/* the writing end of the test's pipe */
	uint64_t delay_ns;	/* from the beginning to the kill; 0: nobody is killed */

	sem_t arm, go;		/* to the victim, to the sender */
	sem_t here, met;	/* all may ask for the others; one has */
	bool over;		/* the test has heard of the death */

	uint64_t killed_ns;	/* when the timer rings */
	uint64_t first_ns;	/* how long the first exchange took */
	uint64_t wait_ns;	/* how long after the kill its caller got a BR_DEAD_REPLY */
	unsigned int exchanges;	/* complete ones */
	char wrong[256];	/* the first thing that was */
};

/* The process of @who; does not return. */
void play(struct round *r, enum who who) __attribute__((noreturn));

/* --- between role.c and trade.c --- */

struct role {
	struct round *round;
	enum who who;
	struct bnd_conn conn;
	uint32_t peer[NR_ROLES];	/* their handles */
	uint32_t number;		/* of the last letter */
	volatile bool stop;
};

/* Note what is wrong and end this process. */
void wrong(struct role *role, const char *what, uint32_t code) __attribute__((noreturn));

/* One exchange of the sender's. */
void trade(struct role *role);
/* Serve step @step of an exchange; @letter is the answer to be written. */
void serve_trade(struct role *role, const struct binder_transaction_data *txn, int step,
		 struct letter *letter);

#endif /* ENDURANCE_ROLE_H */
