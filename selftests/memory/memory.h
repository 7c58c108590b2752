/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What peers (protocol/peer.h) see in their areas, and how to get at what is
 * behind them: page frames, reclaim, memory that makes a copy wait.
 *
 * Offsets are those in the area of a peer. A client has no area of its own: its
 * calls end without an answer, and all the pages there are belong to receivers.
 */
#ifndef MEMORY_MEMORY_H
#define MEMORY_MEMORY_H

#include "peer.h"

#define PAGE ((size_t)4096)
#define MAX_AREA ((size_t)4 << 20)
#define MIB ((size_t)1 << 20)

const char *device(void);

/* --- peers --- */

struct port *receiver(size_t area);	/* context manager with an area of that size */
struct port *client(void);		/* no area */

/* @size bytes of value @value, seen by all peers. */
void *filled(uint8_t value, size_t size);
/*
 * A message that @server has read and not freed: a call, answered at once. Peers
 * look into messages of up to PAYLOAD_MAX bytes as they come. Its offset.
 */
size_t keep_msg(struct port *c, struct port *server, struct bnd_msg m);
size_t keep(struct port *c, struct port *server, uint8_t value, size_t size);
void release(struct port *server, size_t offset);
/* Of an address that a message has. */
size_t offset_of(struct port *p, uint64_t address);
/* For run(): the code of the message that comes; nobody looks into it. */
long do_read_unseen(struct port *p, void *arg);
/* The area is unmapped; where it was is still known. */
void take_away(struct port *p);
/* For run(): it is moved; where it is now, or a negative errno. */
long do_move_away(struct port *p, void *arg);
/* A call to @server ends as one to an area that is not mapped. */
bool is_unmapped(struct port *c);
/* Has the process of a peer come to its end by itself? For wait_until(). */
bool has_ended(void *port);

/* --- what is seen --- */

/* The byte that @p reads there, -SIGBUS or -SIGSEGV if that is what it gets. */
int look(struct port *p, size_t offset);
int look_at(struct port *p, const void *address);
/* Are all of @size bytes @value? */
bool is_all(struct port *p, size_t offset, size_t size, uint8_t value);
/* What @p has there, for the test to keep; it must be readable. */
const uint8_t *copy_of(struct port *p, size_t offset, size_t size);

/* The page frame mapped there, 0 for none. Asking makes no difference to it. */
uint64_t frame(struct port *p, size_t offset);
uint64_t frame_at(struct port *p, const void *address);
/* How many of the first @size bytes' pages are mapped. */
size_t mapped_pages(struct port *p, size_t size);

/*
 * The first offset at which one of @n patterns of eight bytes lies in the area,
 * at any distance from its start; -1 when there is none.
 */
long find_in_area(struct port *p, const uint64_t *patterns, int n);

/* --- reclaim --- */

/* All that reclaim can free is freed now. */
void drop_caches(void);
/* What nobody uses, those that processors keep at hand included. */
long free_pages(void);
/* KiB; "SUnreclaim" and the like. */
long meminfo(const char *field);

/* --- memory that is not there yet --- */

/*
 * The result is a page of shared memory that @p does not have until provide(): who
 * copies from it waits. The page before it is ordinary shared memory.
 */
uint8_t *missing_page(struct port *p);
void await_missing(void);	/* returns once somebody waits */
void provide(uint8_t value);	/* fills the page with @value */

#endif /* MEMORY_MEMORY_H */
