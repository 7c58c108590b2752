/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the long programs have in common. How much each of them does comes from
 * the environment; without, it is as little as fits into every run of the tests.
 * What is measured is printed and never decides, but for one thing: who waits
 * longer than HANG_SECONDS hangs.
 */
#ifndef ENDURANCE_ENDURANCE_H
#define ENDURANCE_ENDURANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HANG_SECONDS 30
/* For TEST_F_TIMEOUT: hangs are found by hang_after(), and a machine has a limit. */
#define NO_TIMEOUT (24 * 3600)

/* BINDER_DEV, or its default. */
const char *device(void);
/* A number from the environment; a quarter of @otherwise where SLOW_KERNEL is set. */
unsigned long count_of(const char *name, unsigned long otherwise);

/* End the process as failed. */
#define need(cond) ((cond) ? (void)0 : need_failed(__FILE__, __LINE__, #cond))
void need_failed(const char *file, int line, const char *what) __attribute__((noreturn));

/* Zeroed memory that processes forked from now on share. */
void *shared(size_t size);

/* A child of the test, which does not outlive it. 0 in the child. */
pid_t child(void);
/* What waitpid() says of @pid. */
int status_of(pid_t pid);

/*
 * Begin to wait: unless it is called again within HANG_SECONDS, with NULL when
 * nothing is waited for, the process ends as failed. @what says what was going on.
 */
void hang_after(void (*what)(void));

/* What @pid does right now, and what the driver has to say, for a report of what failed. */
void print_task(const char *who, pid_t pid);
void print_driver(void);

uint64_t now_ns(void);

/* --- times --- */

struct times {
	uint64_t *ns;
	size_t n, room;
};

void add_time(struct times *t, uint64_t ns);
/* A line with their distribution, and nothing is left in there. */
void print_times(struct times *t, const char *what);

#endif /* ENDURANCE_ENDURANCE_H */
