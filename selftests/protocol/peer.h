/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Peers: processes and threads that do Binder ioctls as the test tells them to.
 *
 * A test is a script. It never touches the device itself; it tells one peer after
 * the other what to write and read and compares what came back, word for word:
 *
 *	struct port *server = manager(), *client = process();
 *
 *	call(client, 0, 7, 0);
 *	GO(client, "EAGAIN");			 written, nothing to read yet
 *	GO(server, "NOOP TXN:7");
 *	reply(server, 0, 0);
 *	GO(server, "NOOP COMPLETE");
 *	GO(client, "NOOP COMPLETE REPLY:0");
 *
 * Everything is non-blocking unless start() is used, which returns once the peer
 * sleeps in the driver or is through. Nothing waits for time to pass.
 *
 * Memory from shared() is at the same address in the test and in all peers, so
 * messages and arguments are put there. All numbers in streams are hexadecimal.
 */
#ifndef PROTOCOL_PEER_H
#define PROTOCOL_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "binder_raw.h"

#define AREA (64 * 1024)	/* what the peers map unless told otherwise */
#define PAYLOAD_MAX 4096	/* of a received message that is kept for the test */

struct task;

/* One task using one open of a device. */
struct port {
	struct task *task;
	struct bnd_conn *conn;
	pid_t pid;
	pid_t tid;

	struct bnd_cmds w;	/* what the next transfer writes */
	size_t room;		/* its read_size */
	size_t skip;		/* its read_consumed on entry */
	struct binder_write_read bwr;	/* as it came back */
	struct bnd_stream r;
	bool blocking;
	char got[1024];		/* result and stream as text */

	/* The last call or reply received. */
	struct binder_transaction_data txn;
	uint64_t secctx;
	uint8_t payload[PAYLOAD_MAX];
	uint64_t offsets[64];
};

/* --- begin and end of a test --- */

/* @fail is called with a message when a step of these helpers fails; it must not return. */
void peers_begin(void (*fail)(const char *message));
/* Ends all peers and waits until no context manager is left. */
void peers_end(void);

/* --- peers --- */

struct port *process(void);			/* new process, device open and mapped */
struct port *process_on(const char *device, size_t map);
struct port *manager(void);			/* ... that is context manager */
struct port *thread_of(struct port *p);		/* another thread, has done an ioctl */
struct port *new_thread_of(struct port *p);	/* another thread, no ioctl yet */
struct port *child_of(struct port *p);		/* forked: same open, other process, no mapping */
struct port *open_again(struct port *p, size_t map);	/* same task, another open */
struct port *port_on(struct port *task, struct port *file);	/* that task, that open */

long run(struct port *p, long (*fn)(struct port *p, void *arg), void *arg);
void run_start(struct port *p, long (*fn)(struct port *p, void *arg), void *arg);
long run_finish(struct port *p);

void die(struct port *p);	/* SIGKILL for the whole process, reaped on return */
void shut(struct port *p);	/* unmap and close */
void unmap(struct port *p);
void interrupt(struct port *p);	/* a signal with a handler, SA_RESTART */
/*
 * @c writes what it has to write, which is handed to the idle @victim, and sends it
 * a signal before it can run: its read ends with EINTR, and the work is still there.
 */
int hand_over_and_interrupt(struct port *c, struct port *victim);

void *shared(size_t size);
/*
 * What is shared has page tables in the process that calls this, then. Each is of 2 MiB or
 * more, and what is shared begins anywhere in one.
 */
void have_page_tables(void);
/* How often to do what is done @n times: less often where SLOW_KERNEL is set. */
int rounds(int n);
/* Is @p asleep in a system call of its job right now? */
bool asleep(struct port *p);
/* Wait until @p sleeps or is through with its job. */
void settle(struct port *p);
/* Fails the test if @condition does not come true within 20 s. */
void wait_until(bool (*condition)(void *arg), void *arg, const char *what);
/* The driver under test is this one, not the kernel's, whose module has no version. */
bool ours(void);

/* --- ioctls --- */

/* The ioctl's result, 0 or a negative errno; @arg is copied there and back. */
int ioc(struct port *p, unsigned int cmd, void *arg, size_t size);
int ioc_at(struct port *p, unsigned int cmd, uint64_t address);
int max_threads(struct port *p, uint32_t max);	/* that the driver may ask for */
/* For run(): the next number of a descriptor; only @arg more may be opened; any number again. */
long lowest_free(struct port *p, void *arg);
long limit_fds(struct port *p, void *arg);
long unlimit_fds(struct port *p, void *arg);
/* The result of BINDER_GET_EXTENDED_ERROR as "FAILED EINVAL"; "OK 0" for none. */
const char *exterr(struct port *p);

/* --- transfers: the result as text --- */

const char *go(struct port *p);		/* write and read, not blocking */
/* One page of the peers' with an inaccessible one behind it. */
uint8_t *page_before_a_hole(void);
/* Where the next reads of @p go. */
void read_into(struct port *p, void *buf, size_t size);
const char *only_write(struct port *p);
void start(struct port *p);		/* write and read, blocking; asleep or through on return */
void launch(struct port *p);		/* as start(), and may be anywhere on return */
const char *finish(struct port *p);	/* what start() or launch() began */
/* The same, with these two, which may come one by one: the first wakes the reader. */
void finish_both(struct port *p, const char *one, const char *other);
const char *go_blocking(struct port *p);
void forget(struct port *p);		/* drop what is left to be written */

/* --- adding commands --- */

void call(struct port *p, uint32_t handle, uint32_t code, uint32_t flags);
void call_obj(struct port *p, uint32_t handle, uint32_t code, uint32_t flags,
	      struct flat_binder_object obj);
void call_data(struct port *p, uint32_t handle, uint32_t code, uint32_t flags,
	       const void *data, size_t size);
void call_msg(struct port *p, struct bnd_msg m);
void reply(struct port *p, uint32_t code, uint32_t flags);
void reply_obj(struct port *p, uint32_t code, uint32_t flags, struct flat_binder_object obj);
void reply_msg(struct port *p, struct bnd_msg m);
void free_last(struct port *p);		/* the buffer of p->txn */
void both_done(struct port *p, uint64_t ptr, uint64_t cookie);
void take(struct port *p, uint32_t handle);	/* INCREFS, ACQUIRE */
void drop(struct port *p, uint32_t handle);	/* RELEASE, DECREFS */

/* A message with code 1 to the manager: what it consists of is the caller's. */
struct bnd_msg plain_msg(uint32_t flags, const void *data, uint64_t size,
			 const uint64_t *offsets, uint64_t noffsets);
/* A message in shared memory: @n objects one after the other, nothing else. */
struct bnd_msg objects(uint32_t handle, uint32_t code, uint32_t flags, int n,
		       const struct flat_binder_object *obj);
struct flat_binder_object fd_obj(int fd, uint64_t cookie);
/* The @i-th object of the last message received. */
struct flat_binder_object got_obj(struct port *p, int i);

/* --- whole exchanges --- */

/*
 * Let @to have a handle, one strong and one weak count, to the object @ptr of
 * @owner; through the manager, which keeps nothing. All three must be idle.
 */
uint32_t give(struct port *owner, struct port *to, uint64_t ptr, uint64_t cookie,
	      uint32_t flags);
/* Let the manager know of the end of @p, which gets an object of its own. Both must be idle. */
void watch_release(struct port *p);
/* As die(), of one that is watched; returns when all have been told of its objects. */
void die_released(struct port *p);
/* A sync call that @server has read and not yet answered; non-blocking both. */
void deliver(struct port *client, struct port *server, uint32_t handle, uint32_t code);
/* @server answers what it read last and frees it; @client reads the answer, frees it. */
void answer(struct port *server, struct port *client);
/* The whole of it: is there a working path from @client to @server? */
void ping(struct port *client, struct port *server, uint32_t handle);

/* --- for the helpers themselves --- */

void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...);
bool is_through(struct port *p);
struct port *manager_port(void);
/* If set before there are peers: does their jobs, in their place. */
extern long (*peer_job)(long (*fn)(struct port *p, void *arg), struct port *p, void *arg);

#endif /* PROTOCOL_PEER_H */
