/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two ends of the binder benchmarks. A service runs in a process of its own
 * and is the context manager; it hands out an object, to which the calls that
 * are measured go. Both ends keep to three ioctls a round trip: the client
 * writes its call and reads the reply in one, the service writes free and reply
 * in one and waits for the next call in another.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "binder_raw.h"

#include "bench.h"

enum peer_code {
	PEER_NOP = 1,	/* empty reply; oneway: freed */
	PEER_LAST,	/* a oneway call that makes the service write to the pipe */
	PEER_HOLD,	/* not freed; oneway: its object stays busy; else as PEER_TOUCH */
	PEER_TOUCH,	/* empty reply, after a look at each page */
	PEER_STOP,	/* end of the service */
	PEER_NODE,	/* reply: the service's object */
	PEER_NODES,	/* reply: PEER_OBJECTS objects of the service, the one among them */
	PEER_KEEP,	/* acquire the handles in the call */
	PEER_KEPT,	/* reply: the handles kept */
	PEER_DROP,	/* release the handles kept */
	PEER_FRESH,	/* reply: PEER_OBJECTS objects that no reply had before */
	PEER_REWIND,	/* let PEER_FRESH begin again with the same ones */
	PEER_CLOSE,	/* close the descriptors in the call */
	PEER_DATA,	/* reply: as many pages as PEER_PAGES says */
};

#define PEER_OBJECTS 16
#define PEER_PAGES(n) ((n) << 8)	/* added to PEER_DATA */

/* A command as it stands in a stream. */
struct peer_free {
	uint32_t code;
	binder_uintptr_t buffer;
} __attribute__((packed));

struct peer_txn {
	uint32_t code;
	struct binder_transaction_data txn;
} __attribute__((packed));

/* One end: what it will write next, what it read last. */
struct peer {
	struct bnd_conn conn;
	struct peer_txn txn;	/* the call that peer_call() makes, or the reply */
	size_t out_size;
	size_t in_size;
	uint8_t out[16384];
	uint8_t in[8192] __attribute__((aligned(8)));
	unsigned int completed;	/* BR_TRANSACTION_COMPLETE seen */
	unsigned int died;	/* BR_DEAD_BINDER seen, and answered */
	struct binder_transaction_data got;	/* the call or reply last read */
};

struct service {
	pid_t pid;
	void *map;		/* its mapping, in its address space */
	size_t map_size;
	int last_fd;		/* readable after PEER_LAST */
};

/* How the service behaves. */
#define PEER_POOL(n) ((n) & 0xff)	/* further threads that wait for calls */
#define PEER_MAPPER 0x100		/* a thread that maps and unmaps in a loop */
#define PEER_ALONE 0x200		/* not the context manager: hands its object to that one */

void service_start(struct service *s, unsigned int behaviour);
void service_stop(struct service *s, struct peer *client);
/* The end of one that is not the context manager. */
void service_kill(struct service *s);

/* Connect and get the handle of the service's object. */
void peer_open(struct peer *p, uint32_t *handle);
void peer_close(struct peer *p);

/* Prepare the call that peer_call() makes. */
void peer_prepare(struct peer *p, uint32_t handle, uint32_t code, uint32_t flags,
		  const void *data, size_t size, const uint64_t *offsets, size_t noffsets);
/* The prepared call, up to its reply, which the next call frees. */
void peer_call(struct peer *p);
/* The same, but the buffer of the reply is not freed. */
void peer_call_held(struct peer *p);
/* As peer_call(), with buffers of @extra bytes in all. */
void peer_call_sg(struct peer *p, uint64_t extra);
/* Send @n prepared oneway calls in one ioctl. */
void peer_send(struct peer *p, unsigned int n);
/* Answer all that is left to answer, with nothing to wait for. */
void peer_settle(struct peer *p);
/* Wait for work of the process, once. */
void peer_wait(struct peer *p);
/* Take all work that is there for the process. */
void peer_drain(struct peer *p);

/* Call and take the handles in the reply: their number. */
unsigned int peer_take(struct peer *p, uint32_t code, uint32_t *handles);
/* Take @n fresh objects of the service, and with @watch be told when it dies. */
void peer_take_fresh(struct peer *p, unsigned int n, bool watch);
/* Have the service keep PEER_OBJECTS new objects of ours, named from *@first on. */
void peer_prepare_new(struct peer *p, uint32_t code, uint64_t *first);

/* Serve until PEER_STOP. */
void peer_serve(struct peer *p, int last_fd);

/* Pages of the service's mapping that are there. */
unsigned int service_pages(const struct service *s);
/* Take every idle page away; ends the program when that fails. */
void reclaim_all(const struct service *s);
void drop_caches(void);

#endif /* BENCH_PEER_H */
