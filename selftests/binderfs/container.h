/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Containers as redroid and others make them: namespaces of their own in which
 * the root of a user namespace has devices, a service manager, a service and
 * callers, until somebody kills the first process.
 */
#ifndef BINDERFS_CONTAINER_H
#define BINDERFS_CONTAINER_H

#include "instance.h"

/* How far a container has come: it exists, ..., one waits for an answer for ever. */
enum stage {
	NAMESPACES, MOUNTED, DEVICES, MANAGER, REGISTERED, CALLED, CALL_HANGS, NR_STAGES
};

/* Calls of its service. */
enum { ECHO = 41, HANG = 99 };

struct container {
	/* Filled in by the test. */
	const char *dir;	/* becomes its /dev */
	const char *node;	/* its one device; NULL for an instance of its own */

	pid_t parent;		/* who made its namespaces */
	pid_t init;
	int progress;		/* a byte arrives for each stage */
};

/* Starts one that goes as far as @last and stays there. */
void start_container(struct container *c, enum stage last);
/* Returns when the container has done all of @stage; once for each container. */
void await_stage(struct container *c, enum stage stage);
/* All its processes have ended when this returns. */
void kill_container(struct container *c);
/* What is called @name in its /dev, by the way through /proc. */
const char *inside(const struct container *c, const char *name);

/* The handle of the service, or a negative errno. */
int find_service(struct bnd_conn *conn);
int call_service(struct bnd_conn *conn, int handle, uint32_t code);

#endif /* BINDERFS_CONTAINER_H */
