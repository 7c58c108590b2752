// SPDX-License-Identifier: GPL-2.0-only
/*
 * io_uring and asynchronous I/O keep an entry on the wait queue of the thread that
 * polls, as epoll does, for longer than that thread may last (R01, CVE-2019-2215).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memory.h"
#include "protocol_test.h"

#define ENTRIES 8
#define POLL_MARK 1
#define REMOVE_MARK 2
#define ROUNDS 200
/* The end of a context waits for RCU. */
#define AIO_ROUNDS 20

PROTOCOL_FIXTURE(waiters);

/* --- io_uring, without its library --- */

struct ring {
	int fd;
	uint8_t *rings;
	struct io_uring_sqe *sqes;
	struct io_uring_params params;
	unsigned int seen;	/* completions taken */
};

static uint32_t *in_ring(struct ring *r, uint32_t offset)
{
	return (uint32_t *)(r->rings + offset);
}

static int ring_open(struct ring *r)
{
	size_t size;

	memset(r, 0, sizeof(*r));
	r->fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &r->params);
	if (r->fd < 0)
		return -errno;
	size = r->params.cq_off.cqes + r->params.cq_entries * sizeof(struct io_uring_cqe);
	r->rings = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_SQ_RING);
	r->sqes = mmap(NULL, ENTRIES * sizeof(*r->sqes), PROT_READ | PROT_WRITE, MAP_SHARED,
		       r->fd, IORING_OFF_SQES);
	return r->rings == MAP_FAILED || (void *)r->sqes == MAP_FAILED ? -errno : 0;
}

static void ring_close(struct ring *r)
{
	size_t size = r->params.cq_off.cqes + r->params.cq_entries * sizeof(struct io_uring_cqe);

	munmap(r->sqes, ENTRIES * sizeof(*r->sqes));
	munmap(r->rings, size);
	close(r->fd);
}

static int ring_submit(struct ring *r, const struct io_uring_sqe *sqe)
{
	uint32_t *tail = in_ring(r, r->params.sq_off.tail);
	uint32_t index = *tail & *in_ring(r, r->params.sq_off.ring_mask);

	r->sqes[index] = *sqe;
	in_ring(r, r->params.sq_off.array)[index] = index;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, r->fd, 1, 0, 0, NULL, 0) == 1 ? 0 : -errno;
}

static int ring_poll(struct ring *r, int fd, bool many)
{
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_POLL_ADD, .fd = fd, .poll32_events = POLLIN,
		.len = many ? IORING_POLL_ADD_MULTI : 0, .user_data = POLL_MARK,
	};

	return ring_submit(r, &sqe);
}

static int ring_remove(struct ring *r)
{
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_POLL_REMOVE, .addr = POLL_MARK, .user_data = REMOVE_MARK,
	};

	return ring_submit(r, &sqe);
}

/* The next completion; waits for it. */
static int ring_next(struct ring *r, struct io_uring_cqe *cqe)
{
	struct io_uring_cqe *cqes = (void *)(r->rings + r->params.cq_off.cqes);
	uint32_t *head = in_ring(r, r->params.cq_off.head);

	while (__atomic_load_n(in_ring(r, r->params.cq_off.tail), __ATOMIC_ACQUIRE) == *head) {
		if (syscall(SYS_io_uring_enter, r->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0 &&
		    errno != EINTR)
			return -errno;
	}
	*cqe = cqes[*head & *in_ring(r, r->params.cq_off.ring_mask)];
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return 0;
}

/* Waits until the poll is over, whatever else completes; its result in @res. */
static int ring_end_of_poll(struct ring *r, int *res)
{
	struct io_uring_cqe cqe = { 0 };
	int err;

	do {
		err = ring_next(r, &cqe);
		if (err)
			return err;
	} while (cqe.user_data != POLL_MARK || (cqe.flags & IORING_CQE_F_MORE));
	*res = cqe.res;
	return 0;
}

enum way { EXIT_FIRST, REMOVE_AFTER_EXIT, REMOVE_FIRST, CLOSE_AFTER_EXIT, CLOSE_FIRST, HOWS };

/* A thread that has done no ioctl yet is readable, and a poll ends at once. */
static int begin_thread(struct port *p)
{
	int32_t version;

	return bnd_version(p->conn, &version);
}

/* One life of a poll; 0 or what went wrong. */
static int ring_round(struct port *p, enum way how, bool many)
{
	struct io_uring_cqe cqe = { 0 };
	int err, res = 0;
	struct ring r;

	err = begin_thread(p) ?: ring_open(&r);
	if (err)
		return err;
	err = ring_poll(&r, p->conn->fd, many);
	if (!err && how == REMOVE_FIRST)
		err = ring_remove(&r);
	if (how == CLOSE_FIRST)
		ring_close(&r);
	if (!err)
		err = bnd_thread_exit(p->conn);
	if (!err && how == REMOVE_AFTER_EXIT) {
		err = ring_remove(&r);
		while (!err && cqe.user_data != REMOVE_MARK)
			err = ring_next(&r, &cqe);
		/* The poll may have ended by then. */
		if (!err && cqe.res && cqe.res != -ENOENT && cqe.res != -EALREADY)
			err = cqe.res;
	} else if (!err && (how == EXIT_FIRST || how == REMOVE_FIRST)) {
		err = ring_end_of_poll(&r, &res);
		if (!err && res < 0 && res != -ECANCELED)
			err = res;
	}
	if (how != CLOSE_FIRST)
		ring_close(&r);
	return err;
}

static long do_rings(struct port *p, void *arg)
{
	int err = 0;

	for (int i = 0; i < rounds(ROUNDS) && !err; i++)
		err = ring_round(p, (long)arg % HOWS, (long)arg >= HOWS);
	return err;
}

TEST_F(waiters, thread_exit_while_a_ring_polls)
{
	struct port *server = manager(), *c = process();

	for (long how = 0; how < 2 * HOWS; how++) {
		ASSERT_EQ(0, run(server, do_rings, (void *)how)) {
			TH_LOG("variant %ld", how);
		}
	}
	ping(c, server, 0);
}

/* @arg is a ring in memory of all, open or not. */
static long do_ring_poll(struct port *p, void *arg)
{
	struct ring *r = arg;
	int err = begin_thread(p) ?: (r->rings ? 0 : ring_open(r));

	return err ?: ring_poll(r, p->conn->fd, false);
}

static long do_ring_end(struct port *p, void *arg)
{
	int res, err = ring_end_of_poll(arg, &res);

	(void)p;
	return err ?: res;
}

static long do_ring_close(struct port *p, void *arg)
{
	(void)p;
	ring_close(arg);
	return 0;
}

TEST_F(waiters, a_ring_is_told_of_work)
{
	struct port *server = manager(), *c = process();
	struct ring *ring = memset(shared(sizeof(*ring)), 0, sizeof(*ring));

	ASSERT_EQ(0, run(server, do_ring_poll, ring));
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	ASSERT_EQ(POLLIN, run(server, do_ring_end, ring));
	/* It is there already. */
	ASSERT_EQ(0, run(server, do_ring_poll, ring));
	ASSERT_EQ(POLLIN, run(server, do_ring_end, ring));
	GO(server, "NOOP TXN:1");
	run(server, do_ring_close, ring);
}

/* The thread goes; another one of the process, who has the ring, sees to the rest. */
TEST_F(waiters, the_ring_outlives_the_thread)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();
	struct ring *ring = memset(shared(sizeof(*ring)), 0, sizeof(*ring));

	ASSERT_EQ(0, run(t, do_ring_poll, ring));
	ASSERT_EQ(0, ioc_at(t, BINDER_THREAD_EXIT, 0));
	ASSERT_EQ(-ECANCELED, run(t, do_ring_end, ring));
	ASSERT_EQ(0, run(t, do_ring_poll, ring));
	/* Nobody says anything of the end of a file, but the ring keeps that. */
	shut(server);
	run(server, do_ring_close, ring);
	peers_end();
	server = manager();
	c = process();
	ping(c, server, 0);
}

TEST_F(waiters, a_process_dies_with_a_polling_ring)
{
	for (int i = 0; i < 20; i++) {
		struct port *server = manager();
		struct ring *ring = memset(shared(sizeof(*ring)), 0, sizeof(*ring));

		ASSERT_EQ(0, run(server, do_ring_poll, ring));
		if (i & 1) {
			ASSERT_EQ(0, ioc_at(server, BINDER_THREAD_EXIT, 0));
		}
		die(server);
		peers_end();
	}
	ping(process(), manager(), 0);
}

/* --- asynchronous I/O --- */

static long aio_poll(aio_context_t ctx, int fd, struct iocb *cb)
{
	*cb = (struct iocb){
		.aio_lio_opcode = IOCB_CMD_POLL, .aio_fildes = (uint32_t)fd, .aio_buf = POLLIN,
	};
	return syscall(SYS_io_submit, ctx, 1, &cb) == 1 ? 0 : -errno;
}

/* The events the poll ended with. */
static long aio_end(aio_context_t ctx)
{
	struct timespec limit = { .tv_sec = 15 };
	struct io_event event;
	long n = syscall(SYS_io_getevents, ctx, 1, 1, &event, &limit);

	return n == 1 ? (long)event.res : n < 0 ? -errno : -ETIME;
}

static long aio_round(struct port *p, enum way how)
{
	aio_context_t ctx = 0;
	struct io_event event;
	struct iocb cb;
	long err;

	if (begin_thread(p) || syscall(SYS_io_setup, 1, &ctx))
		return -errno;
	err = aio_poll(ctx, p->conn->fd, &cb);
	if (!err && how == REMOVE_FIRST && syscall(SYS_io_cancel, ctx, &cb, &event) &&
	    errno != EINPROGRESS)
		err = -errno;
	if (how == CLOSE_FIRST)
		syscall(SYS_io_destroy, ctx);
	if (!err)
		err = bnd_thread_exit(p->conn);
	if (!err && how == REMOVE_AFTER_EXIT)
		syscall(SYS_io_cancel, ctx, &cb, &event);
	if (!err && (how == EXIT_FIRST || how == REMOVE_AFTER_EXIT || how == REMOVE_FIRST))
		err = aio_end(ctx);
	if (how != CLOSE_FIRST)
		syscall(SYS_io_destroy, ctx);
	return err < 0 ? err : 0;
}

static long do_aios(struct port *p, void *arg)
{
	long err = 0;

	for (int i = 0; i < rounds(AIO_ROUNDS) && !err; i++)
		err = aio_round(p, (long)arg);
	return err;
}

TEST_F(waiters, thread_exit_while_aio_polls)
{
	struct port *server = manager(), *c = process();

	for (long how = 0; how < HOWS; how++) {
		ASSERT_EQ(0, run(server, do_aios, (void *)how)) {
			TH_LOG("variant %ld", how);
		}
	}
	ping(c, server, 0);
}

/* @arg is a context in memory of all. */
static long do_aio_poll(struct port *p, void *arg)
{
	aio_context_t *context = arg;
	static struct iocb cb;

	if (syscall(SYS_io_setup, 1, context))
		return -errno;
	return aio_poll(*context, p->conn->fd, &cb);
}

static long do_aio_end(struct port *p, void *arg)
{
	(void)p;
	return aio_end(*(aio_context_t *)arg);
}

TEST_F(waiters, aio_is_told_of_work)
{
	struct port *server = manager(), *t = thread_of(server), *c = process();
	aio_context_t *context = memset(shared(sizeof(*context)), 0, sizeof(*context));

	ASSERT_EQ(0, run(server, do_aio_poll, context));
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	ASSERT_LE(0, run(t, do_aio_end, context));
	GO(server, "NOOP TXN:1");
}

TEST_F(waiters, a_process_dies_with_polling_aio)
{
	for (int i = 0; i < 20; i++) {
		struct port *server = manager();
		aio_context_t *context = memset(shared(sizeof(*context)), 0, sizeof(*context));

		ASSERT_EQ(0, run(server, do_aio_poll, context));
		if (i & 1) {
			ASSERT_EQ(0, ioc_at(server, BINDER_THREAD_EXIT, 0));
		}
		die(server);
		peers_end();
	}
	ping(process(), manager(), 0);
}

TEST_HARNESS_MAIN
