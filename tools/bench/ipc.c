// SPDX-License-Identifier: GPL-2.0-only
/*
 * Other ways to call another process: a payload goes there, an empty answer comes
 * back. Each is as lean as its interface lets it be, as the binder ones are. Who
 * receives has the whole payload in memory of its own, or shared with the sender,
 * and does not look at it, which the receiver of a Binder call does not either.
 */
#include "ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Both processes have these at the same addresses. */
static uint8_t data[IPC_MOST];
static uint8_t received[IPC_MOST];

static struct {
	int request[2], answer[2];	/* to read from, to write to */
	mqd_t request_queue, answer_queue;
	pid_t client;
	/* Shared: the payload, and a word that says whose turn it is. */
	struct shared {
		_Atomic uint32_t turn;
		/* As the memory of its own that the receiver has with other ways. */
		_Alignas(4096) uint8_t payload[IPC_MOST];
	} *shared;
} ends;

static void check(bool good, const char *what)
{
	if (!good)
		die("%s: %s", what, strerror(errno));
}

/*
 * The C library would take vector instructions, which move four times as much each as
 * what the kernel copies with: counted alike, both move 8 bytes an instruction.
 */
static void copy(void *to, const void *from, size_t size)
{
#ifdef __x86_64__
	size_t words = size / 8;

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
	size %= 8;
#endif
	memcpy(to, from, size);
}

static void read_all(int fd, size_t size)
{
	for (size_t got = 0; got < size;) {
		ssize_t n = read(fd, received + got, size - got);

		check(n > 0, "read");
		got += n;
	}
}

static void write_all(int fd, size_t size)
{
	for (size_t put = 0; put < size;) {
		ssize_t n = write(fd, data + put, size - put);

		check(n > 0, "write");
		put += n;
	}
}

/* What open functions say of an error that an ordinary user gets, or whoever is in a container. */
static bool allowed(bool good, const char *what)
{
	check(good || errno == EPERM || errno == EINVAL || errno == ENOSYS, what);
	return good;
}

/* --- Bytes through file descriptors ------------------------------------------ */

static bool pipe_open(const struct bench *b)
{
	(void)b;
	check(!pipe(ends.request) && !pipe(ends.answer), "pipe");
	/* A payload in one piece, as with the others; more than this is for the administrator. */
	return allowed(fcntl(ends.request[1], F_SETPIPE_SZ, IPC_MOST) >= 0, "F_SETPIPE_SZ");
}

static bool socket_open(int type, size_t size)
{
	int room = 4 * IPC_MOST;
	int fds[2];

	check(!socketpair(AF_UNIX, type, 0, fds), "socketpair");
	for (unsigned int i = 0; i < 2; i++)
		if (setsockopt(fds[i], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
			setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	ends.request[0] = fds[0];
	ends.request[1] = fds[1];
	ends.answer[0] = dup(fds[1]);
	ends.answer[1] = dup(fds[0]);
	/* Can a message that has to be in one piece be? */
	return type == SOCK_STREAM ||
	       (!getsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room, &(socklen_t){ sizeof(room) }) &&
		(size_t)room >= size + 4096);
}

static bool stream_open(const struct bench *b)
{
	return socket_open(SOCK_STREAM, b->size);
}

static bool seqpacket_open(const struct bench *b)
{
	return socket_open(SOCK_SEQPACKET, b->size);
}

static void bytes_call(size_t size)
{
	write_all(ends.request[1], size);
	read_all(ends.answer[0], 8);
}

static void bytes_serve(size_t size)
{
	read_all(ends.request[0], size);
	write_all(ends.answer[1], 8);
}

/* --- Message queues ------------------------------------------------------------ */

static mqd_t queue_open(const char *name, size_t size)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = size };
	mqd_t queue;

	mq_unlink(name);
	queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (allowed(queue != (mqd_t)-1, "mq_open"))
		mq_unlink(name);
	return queue;
}

static bool mq_open_both(const struct bench *b)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	/* Without it small messages still go. */
	setrlimit(RLIMIT_MSGQUEUE, &all);
	ends.request_queue = queue_open("/bench-request", b->size);
	ends.answer_queue = queue_open("/bench-answer", 8);
	return ends.request_queue != (mqd_t)-1 && ends.answer_queue != (mqd_t)-1;
}

static void mq_call(size_t size)
{
	check(!mq_send(ends.request_queue, (char *)data, size, 0), "mq_send");
	check(mq_receive(ends.answer_queue, (char *)received, 8, NULL) == 8, "mq_receive");
}

static void mq_serve(size_t size)
{
	check(mq_receive(ends.request_queue, (char *)received, size, NULL) == (ssize_t)size,
	      "mq_receive");
	check(!mq_send(ends.answer_queue, (char *)data, 8, 0), "mq_send");
}

/* --- Shared memory and process_vm_readv() ---------------------------------------- */

static bool shared_open(const struct bench *b)
{
	(void)b;
	ends.client = getpid();
	ends.shared = mmap(NULL, sizeof(*ends.shared), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(ends.shared != MAP_FAILED, "mmap");
	memset(ends.shared->payload, 0x5a, sizeof(ends.shared->payload));
	return true;
}

static void shared_close(void)
{
	munmap(ends.shared, sizeof(*ends.shared));
}

void turn_pass(_Atomic uint32_t *turn, uint32_t to)
{
	atomic_store(turn, to);
	check(syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0) >= 0, "FUTEX_WAKE");
}

void turn_await(_Atomic uint32_t *turn, uint32_t mine)
{
	uint32_t now;

	while ((now = atomic_load(turn)) != mine)
		check(!syscall(SYS_futex, turn, FUTEX_WAIT, now, NULL, NULL, 0) ||
		      errno == EAGAIN || errno == EINTR, "FUTEX_WAIT");
}

static void pass(uint32_t to)
{
	turn_pass(&ends.shared->turn, to);
}

static void await(uint32_t mine)
{
	turn_await(&ends.shared->turn, mine);
}

/* Payload and turn; the first turn is the client's. */
static void shm_call(size_t size)
{
	copy(ends.shared->payload, data, size);
	pass(1);
	await(0);
}

static void shm1_serve(size_t size)
{
	(void)size;
	await(1);
	pass(0);
}

/* As one has to with a sender that is not trusted: it may change the payload meanwhile. */
static void shm2_serve(size_t size)
{
	await(1);
	copy(received, ends.shared->payload, size);
	pass(0);
}

static bool readv_open(const struct bench *b)
{
	struct iovec to = { received, 8 }, from = { data, 8 };

	return shared_open(b) &&
	       allowed(process_vm_readv(getpid(), &to, 1, &from, 1, 0) == 8, "process_vm_readv");
}

static void readv_call(size_t size)
{
	(void)size;
	pass(1);
	await(0);
}

static void readv_serve(size_t size)
{
	struct iovec to = { received, size }, from = { data, size };

	await(1);
	check(process_vm_readv(ends.client, &to, 1, &from, 1, 0) == (ssize_t)size,
	      "process_vm_readv");
	pass(0);
}

static bool eventfd_open(const struct bench *b)
{
	shared_open(b);
	ends.request[0] = eventfd(0, 0);
	ends.answer[0] = eventfd(0, 0);
	check(ends.request[0] >= 0 && ends.answer[0] >= 0, "eventfd");
	ends.request[1] = dup(ends.request[0]);
	ends.answer[1] = dup(ends.answer[0]);
	return true;
}

static void eventfd_pass(int fd)
{
	const uint64_t one = 1;

	check(write(fd, &one, 8) == 8, "eventfd");
}

static void eventfd_call(size_t size)
{
	copy(ends.shared->payload, data, size);
	eventfd_pass(ends.request[1]);
	read_all(ends.answer[0], 8);
}

static void eventfd_serve(size_t size)
{
	(void)size;
	read_all(ends.request[0], 8);
	eventfd_pass(ends.answer[1]);
}

/* --- File descriptors over a socket ------------------------------------------------ */

#define FDS 16

static void fds_move(int fd, bool send, unsigned int n)
{
	union {
		struct cmsghdr head;
		uint8_t room[CMSG_SPACE(sizeof(int[FDS]))];
	} control;
	struct iovec bytes = { received, 8 };
	struct msghdr m = { .msg_iov = &bytes, .msg_iovlen = 1 };
	int fds[FDS];

	if (n) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
	}
	if (send) {
		if (n) {
			control.head = (struct cmsghdr){
				.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
				.cmsg_len = CMSG_LEN(n * sizeof(int)),
			};
			for (unsigned int i = 0; i < n; i++)
				fds[i] = 0;
			memcpy(CMSG_DATA(&control.head), fds, n * sizeof(int));
		}
		check(sendmsg(fd, &m, 0) == 8, "sendmsg");
		return;
	}
	check(recvmsg(fd, &m, MSG_CMSG_CLOEXEC) == 8 && !(m.msg_flags & MSG_CTRUNC), "recvmsg");
	memcpy(fds, CMSG_DATA(&control.head), n * sizeof(int));
	for (unsigned int i = 0; i < n; i++)
		close(fds[i]);
}

/* The "size" of these is their number. */
static void fds_call(size_t n)
{
	fds_move(ends.request[1], true, n);
	read_all(ends.answer[0], 8);
}

static void fds_serve(size_t n)
{
	fds_move(ends.request[0], false, n);
	write_all(ends.answer[1], 8);
}

/* --- The benchmark ------------------------------------------------------------------ */

static const struct way {
	/* False where it is not allowed here. */
	bool (*open)(const struct bench *b);
	void (*call)(size_t size);
	void (*serve)(size_t size);
	void (*close)(void);
} ways[] = {
	[IPC_PIPE] = { pipe_open, bytes_call, bytes_serve, NULL },
	[IPC_STREAM] = { stream_open, bytes_call, bytes_serve, NULL },
	[IPC_SEQPACKET] = { seqpacket_open, bytes_call, bytes_serve, NULL },
	[IPC_MQ] = { mq_open_both, mq_call, mq_serve, NULL },
	[IPC_SHM1] = { shared_open, shm_call, shm1_serve, shared_close },
	[IPC_SHM2] = { shared_open, shm_call, shm2_serve, shared_close },
	[IPC_READV] = { readv_open, readv_call, readv_serve, shared_close },
	[IPC_EVENTFD] = { eventfd_open, eventfd_call, eventfd_serve, shared_close },
	[IPC_FDS] = { seqpacket_open, fds_call, fds_serve, NULL },
	[IPC_DBUS] = { dbus_open, dbus_call, dbus_serve, dbus_close },
};

static void serve(const struct way *way, size_t size, unsigned int calls)
{
	/* Pages that are there already, as in the warm Binder calls. */
	memset(received, 0x5a, sizeof(received));
	while (calls--)
		way->serve(size);
	_exit(0);
}

static void call(const struct way *way, size_t size, unsigned int calls)
{
	while (calls--)
		way->call(size);
}

#define WARM 20

static void close_ends(const struct way *way)
{
	if (way->close)
		way->close();
	for (unsigned int i = 0; i < 2; i++) {
		if (ends.request[i])
			close(ends.request[i]);
		if (ends.answer[i])
			close(ends.answer[i]);
	}
	if (ends.request_queue) {
		mq_close(ends.request_queue);
		mq_close(ends.answer_queue);
	}
}

static void measure(const struct bench *b)
{
	const struct way *way = &ways[b->arg];
	pid_t server;

	memset(&ends, 0, sizeof(ends));
	memset(data, 0x5a, sizeof(data));
	if (!way->open(b)) {
		fprintf(stderr, "bench: %s is not allowed here\n", b->name);
		close_ends(way);
		return;
	}
	server = spawn();
	if (!server)
		serve(way, b->size, WARM + options.samples * b->ops);
	call(way, b->size, WARM);
	for (unsigned int i = 0; i < options.samples; i++) {
		uint64_t start = sample_begin();

		call(way, b->size, b->ops);
		sample_end(b, i, start, b->ops);
	}
	reap(server);
	close_ends(way);
}

const struct bench ipc_benches[] = {
	{ "ipc.64.pipe", measure, 64, 200, IPC_PIPE },
	{ "ipc.4K.pipe", measure, 4 << 10, 200, IPC_PIPE },
	{ "ipc.16K.pipe", measure, 16 << 10, 100, IPC_PIPE },
	{ "ipc.64K.pipe", measure, 64 << 10, 50, IPC_PIPE },
	{ "ipc.256K.pipe", measure, 256 << 10, 20, IPC_PIPE },
	{ "ipc.1000K.pipe", measure, 1000 << 10, 10, IPC_PIPE },
	{ "ipc.64.stream", measure, 64, 200, IPC_STREAM },
	{ "ipc.4K.stream", measure, 4 << 10, 200, IPC_STREAM },
	{ "ipc.16K.stream", measure, 16 << 10, 100, IPC_STREAM },
	{ "ipc.64K.stream", measure, 64 << 10, 50, IPC_STREAM },
	{ "ipc.256K.stream", measure, 256 << 10, 20, IPC_STREAM },
	{ "ipc.1000K.stream", measure, 1000 << 10, 10, IPC_STREAM },
	{ "ipc.64.seqpacket", measure, 64, 200, IPC_SEQPACKET },
	{ "ipc.4K.seqpacket", measure, 4 << 10, 200, IPC_SEQPACKET },
	{ "ipc.16K.seqpacket", measure, 16 << 10, 100, IPC_SEQPACKET },
	{ "ipc.64K.seqpacket", measure, 64 << 10, 50, IPC_SEQPACKET },
	{ "ipc.256K.seqpacket", measure, 256 << 10, 20, IPC_SEQPACKET },
	{ "ipc.1000K.seqpacket", measure, 1000 << 10, 10, IPC_SEQPACKET },
	{ "ipc.64.mq", measure, 64, 200, IPC_MQ },
	{ "ipc.4K.mq", measure, 4 << 10, 200, IPC_MQ },
	{ "ipc.16K.mq", measure, 16 << 10, 100, IPC_MQ },
	{ "ipc.64K.mq", measure, 64 << 10, 50, IPC_MQ },
	{ "ipc.256K.mq", measure, 256 << 10, 20, IPC_MQ },
	{ "ipc.1000K.mq", measure, 1000 << 10, 10, IPC_MQ },
	{ "ipc.64.shm1", measure, 64, 200, IPC_SHM1 },
	{ "ipc.4K.shm1", measure, 4 << 10, 200, IPC_SHM1 },
	{ "ipc.16K.shm1", measure, 16 << 10, 100, IPC_SHM1 },
	{ "ipc.64K.shm1", measure, 64 << 10, 50, IPC_SHM1 },
	{ "ipc.256K.shm1", measure, 256 << 10, 20, IPC_SHM1 },
	{ "ipc.1000K.shm1", measure, 1000 << 10, 10, IPC_SHM1 },
	{ "ipc.64.shm2", measure, 64, 200, IPC_SHM2 },
	{ "ipc.4K.shm2", measure, 4 << 10, 200, IPC_SHM2 },
	{ "ipc.16K.shm2", measure, 16 << 10, 100, IPC_SHM2 },
	{ "ipc.64K.shm2", measure, 64 << 10, 50, IPC_SHM2 },
	{ "ipc.256K.shm2", measure, 256 << 10, 20, IPC_SHM2 },
	{ "ipc.1000K.shm2", measure, 1000 << 10, 10, IPC_SHM2 },
	{ "ipc.64.vm_readv", measure, 64, 200, IPC_READV },
	{ "ipc.4K.vm_readv", measure, 4 << 10, 200, IPC_READV },
	{ "ipc.16K.vm_readv", measure, 16 << 10, 100, IPC_READV },
	{ "ipc.64K.vm_readv", measure, 64 << 10, 50, IPC_READV },
	{ "ipc.256K.vm_readv", measure, 256 << 10, 20, IPC_READV },
	{ "ipc.1000K.vm_readv", measure, 1000 << 10, 10, IPC_READV },
	{ "ipc.64.eventfd", measure, 64, 200, IPC_EVENTFD },
	{ "ipc.4K.eventfd", measure, 4 << 10, 200, IPC_EVENTFD },
	{ "ipc.16K.eventfd", measure, 16 << 10, 100, IPC_EVENTFD },
	{ "ipc.64K.eventfd", measure, 64 << 10, 50, IPC_EVENTFD },
	{ "ipc.256K.eventfd", measure, 256 << 10, 20, IPC_EVENTFD },
	{ "ipc.1000K.eventfd", measure, 1000 << 10, 10, IPC_EVENTFD },
	{ "ipc.fds.none", measure, 0, 50, IPC_FDS },
	{ "ipc.fds.16", measure, FDS, 50, IPC_FDS },
	{ }
};

const struct bench dbus_benches[] = {
	{ "ipc.64.dbus", measure, 64, 200, IPC_DBUS },
	{ "ipc.4K.dbus", measure, 4 << 10, 200, IPC_DBUS },
	{ "ipc.16K.dbus", measure, 16 << 10, 100, IPC_DBUS },
	{ "ipc.64K.dbus", measure, 64 << 10, 50, IPC_DBUS },
	{ "ipc.256K.dbus", measure, 256 << 10, 20, IPC_DBUS },
	{ "ipc.1000K.dbus", measure, 1000 << 10, 10, IPC_DBUS },
	{ }
};
