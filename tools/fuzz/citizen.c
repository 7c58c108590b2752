// SPDX-License-Identifier: GPL-2.0-only
/* The life of a process of the chaos. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "citizen.h"

#define TICK_US		20000	/* nobody sleeps longer in the main thread */
#define OPEN_FILES	96	/* few enough to run out of them */
#define WILD		12
#define LARGE		20000	/* bytes of a message at most, most of the time */
#define LARGEST		200000	/* enough for blocks of pages */
#define RAW		60	/* one stream of so many is changed without understanding */
#define PATIENCE	8	/* conversations without a message, while it waits for one */
#define AT_A_TIME	16	/* calls that are answered one behind the other */

/* --- Conversation ------------------------------------------------------------------ */

static void fail_nth(const struct citizen_thread *t, unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(t->fail_nth, text, (size_t)len, 0) < 0)
		t->citizen->chaos->refused++;
}

int citizen_ioctl(struct citizen_thread *t, unsigned int cmd, void *arg)
{
	bool starve = t->fail_nth >= 0 && fuzz_once_in(&t->random, 4);
	int error;

	if (starve)
		fail_nth(t, 1 + fuzz_below(&t->random, 40));
	error = bnd_ioctl(t->at, cmd, arg);
	if (starve)
		fail_nth(t, 0);
	__atomic_add_fetch(&t->citizen->chaos->ioctls, 1, __ATOMIC_RELAXED);
	return error;
}

/* The area may be gone, or have holes. */
static bool copy_in(void *to, uint64_t from, size_t size)
{
	struct iovec local = { to, size }, remote = { (void *)(uintptr_t)from, size };

	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)size;
}

/* Most of the files that came: among them are devices of the dead, managers for as long. */
static void close_files(struct citizen_thread *t, const struct binder_transaction_data *txn)
{
	struct binder_fd_object object;

	for (size_t i = 0; i < txn->offsets_size / 8; i++) {
		memcpy(&object, t->data + t->offsets[i], sizeof(object));
		if (object.hdr.type == BINDER_TYPE_FD && !fuzz_once_in(&t->random, 8))
			close((int)object.fd);
	}
}

static void take_message(struct citizen_thread *t, struct bnd_rec *rec)
{
	struct binder_transaction_data *txn = &rec->txn;

	if (txn->offsets_size > sizeof(t->offsets))
		txn->offsets_size = sizeof(t->offsets);
	if (txn->data_size > sizeof(t->data) ||
	    !copy_in(t->data, txn->data.ptr.buffer, txn->data_size) ||
	    !copy_in(t->offsets, txn->data.ptr.offsets, txn->offsets_size))
		txn->offsets_size = 0;
	/* They were right when they were sent; an area can be mapped over. */
	for (size_t i = 0; i < txn->offsets_size / 8; i++)
		if (t->offsets[i] > sizeof(t->data) - sizeof(struct binder_buffer_object))
			txn->offsets_size = 0;
	close_files(t, txn);
	__atomic_add_fetch(&t->citizen->chaos->messages, 1, __ATOMIC_RELAXED);
	t->idle = 0;
}

static void take_records(struct citizen_thread *t, size_t len)
{
	struct bnd_stream in = { .buf = t->read, .len = len };
	struct bnd_rec rec;

	while (bnd_next(&in, &rec) == 1) {
		if (rec.code == BR_TRANSACTION || rec.code == BR_TRANSACTION_SEC_CTX ||
		    rec.code == BR_REPLY)
			take_message(t, &rec);
		fuzz_session_take(&t->sessions[t->port], &t->stacks[t->port], &rec, t->data,
				  t->offsets);
	}
}

static void change_bytes(struct citizen_thread *t)
{
	for (unsigned int n = 1 + fuzz_below(&t->random, 4); n && t->commands.len; n--)
		t->written[fuzz_below(&t->random, (unsigned int)t->commands.len)] ^=
			1u << fuzz_below(&t->random, 8);
}

/* Sizes and places that no client asks for. */
static void change_transfer(struct citizen_thread *t, struct binder_write_read *bwr)
{
	switch (fuzz_below(&t->random, 6)) {
	case 0:
		bwr->read_size = fuzz_below(&t->random, 8);
		break;
	case 1:
		bwr->read_consumed = fuzz_below(&t->random, 200);
		break;
	case 2:
		bwr->read_buffer = FUZZ_NOWHERE;
		break;
	case 3:
		bwr->write_buffer += fuzz_below(&t->random, 200);
		break;
	case 4:
		bwr->write_consumed = fuzz_random64(&t->random) >> fuzz_below(&t->random, 64);
		break;
	case 5:
		/* Right into the message that is being read. */
		bwr->read_buffer = bwr->write_buffer;
		break;
	}
}

/* Write what was made, and read; returns whether there was anything to read. */
static bool transfer(struct citizen_thread *t, size_t room, bool strange)
{
	struct binder_write_read bwr = {
		.write_buffer = (uintptr_t)t->written, .write_size = t->commands.len,
		.read_buffer = (uintptr_t)t->read, .read_size = room,
	};

	if (strange)
		change_transfer(t, &bwr);
	citizen_ioctl(t, BINDER_WRITE_READ, &bwr);
	if (strange || bwr.read_consumed > sizeof(t->read))
		return false;
	fuzz_stack_exchange(&t->stacks[t->port], t->written,
			    bwr.write_consumed <= t->commands.len ? bwr.write_consumed : 0,
			    t->read, bwr.read_consumed);
	take_records(t, bwr.read_consumed);
	return bwr.read_consumed;
}

static void converse(struct citizen_thread *t)
{
	static const uint16_t rooms[] = { 0, 0, 64, 80, 128, 256, 256, 512, 1024, 4096 };
	unsigned int n = fuzz_once_in(&t->random, 3) ? 0 : 1 + fuzz_below(&t->random, 5);

	fuzz_maker_reset(&t->maker);
	t->maker.largest = fuzz_once_in(&t->random, 8) ? LARGEST : LARGE;
	__atomic_add_fetch(&t->citizen->chaos->commands, n + !n, __ATOMIC_RELAXED);
	while (n-- && t->commands.len < FUZZ_STREAM / 2)
		if (!fuzz_make_command(&t->maker))
			break;
	if (fuzz_once_in(&t->random, RAW))
		change_bytes(t);
	transfer(t, rooms[fuzz_below(&t->random, 10)], fuzz_once_in(&t->random, RAW));
}

/*
 * What a server does: read, answer, free. Or else areas are full of messages that
 * nobody reads, and nobody is told anything any more.
 */
static void serve(struct citizen_thread *t)
{
	struct fuzz_session *s = &t->sessions[t->port];

	for (unsigned int n = 0; n < AT_A_TIME; n++) {
		fuzz_maker_reset(&t->maker);
		if (fuzz_stack_top(&t->stacks[t->port]) == 's')
			fuzz_make_reply(&t->maker);
		while (s->nr_messages > 2) {
			bnd_cmd_free_buffer(&t->commands, s->messages[0].buffer);
			fuzz_drop_message(s, 0);
		}
		if (!transfer(t, sizeof(t->read), false) || !s->nr_messages)
			break;
	}
}

/* --- Ports ----------------------------------------------------------------------------- */

static void open_port(struct citizen *citizen, struct fuzz_random *r, unsigned int i)
{
	static const size_t sizes[] = { 4096, 65536, 1 << 18, 1 << 20, BND_DEFAULT_MAP, 8 << 20 };
	const struct chaos *chaos = citizen->chaos;
	const char *device = chaos->devices[fuzz_below(r, chaos->nr_devices)];

	/* Those there come and go. */
	if (fuzz_once_in(r, 6))
		device = fuzz_once_in(r, 2) ? CHAOS_BINDERFS "/" CHAOS_DEVICE_A :
					      CHAOS_BINDERFS "/" CHAOS_DEVICE_B;
	bnd_open(&citizen->ports[i], device, sizes[fuzz_below(r, 6)],
		 fuzz_once_in(r, 4) ? 0 : O_NONBLOCK);
	citizen->files[i] = citizen->ports[i].fd;
	citizen->broken[i] = false;
}

static void open_closed(struct citizen_thread *t)
{
	struct citizen *citizen = t->citizen;

	for (unsigned int i = 0; i < CITIZEN_FILES; i++) {
		bool port = i < citizen->nr_ports;

		/* Who lost its area is sent nothing any more, and stays manager. */
		if (port && citizen->broken[i])
			bnd_close(&citizen->ports[i]);
		else if (citizen->files[i] >= 0 && fcntl(citizen->files[i], F_GETFD) >= 0)
			continue;
		if (port)
			open_port(citizen, &t->random, i);
		else
			citizen->files[i] = memfd_create("fuzz", MFD_CLOEXEC);
	}
}

/* --- Threads -------------------------------------------------------------------------- */

static void use_port(struct citizen_thread *t, unsigned int port)
{
	t->port = port;
	t->at = &t->citizen->ports[port];
	t->maker.session = &t->sessions[port];
	t->maker.stack = &t->stacks[port];
}

static struct citizen_thread *make_thread(struct citizen *citizen, struct fuzz_random random)
{
	struct citizen_thread *t = calloc(1, sizeof(*t));
	void *arena = malloc(FUZZ_ARENA);

	if (!t || !arena)
		_exit(1);
	*t = (struct citizen_thread){ .citizen = citizen, .random = random, .epoll = -1 };
	t->commands = (struct bnd_cmds){ .buf = t->written, .cap = sizeof(t->written) };
	t->maker = (struct fuzz_maker){
		.random = &t->random, .out = &t->commands, .wild = WILD,
		.arena = { .base = arena, .size = FUZZ_ARENA }, .fds = citizen->files,
		.nr_fds = CITIZEN_FILES, .secctx = true,
	};
	for (unsigned int i = 0; i < citizen->nr_ports; i++)
		fuzz_session_init(&t->sessions[i], fuzz_below(&t->random, 1 << 20));
	return t;
}

static void act(struct citizen_thread *t, unsigned int steps)
{
	t->fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	while (steps--) {
		if (!steps || fuzz_once_in(&t->random, 8))
			use_port(t, fuzz_below(&t->random, t->citizen->nr_ports));
		/* Mischief closes files: without them little would be said any more. */
		if (fuzz_once_in(&t->random, 20))
			open_closed(t);
		/* Without a manager nobody meets anybody. */
		if (fuzz_once_in(&t->random, 15))
			bnd_become_manager(t->at);
		/* Those who all wait for each other say nothing more. */
		if (++t->idle > PATIENCE && fuzz_stack_waits(&t->stacks[t->port])) {
			exit_thread(t);
			t->idle = 0;
		}
		if (fuzz_once_in(&t->random, 12))
			make_mischief(t);
		else if (fuzz_once_in(&t->random, 2))
			serve(t);
		else
			converse(t);
	}
}

static void *act_for_ever(void *arg)
{
	struct citizen_thread *t = arg;

	use_port(t, 0);
	for (;;)
		act(t, 1000);
	return NULL;
}

/* --- Processes ------------------------------------------------------------------------- */

static void open_ports(struct citizen *citizen, struct fuzz_random *r)
{
	citizen->nr_ports = 1 + fuzz_below(r, CITIZEN_PORTS);
	for (unsigned int i = 0; i < citizen->nr_ports; i++) {
		open_port(citizen, r, i);
		if (fuzz_once_in(r, 3))
			bnd_become_manager(&citizen->ports[i]);
	}
	for (unsigned int i = citizen->nr_ports; i < CITIZEN_FILES; i++)
		citizen->files[i] = memfd_create("fuzz", MFD_CLOEXEC);
}

static void tick(int number)
{
	(void)number;
}

void live(struct chaos *chaos, unsigned int slot, uint64_t life)
{
	struct itimerval timer = { { 0, TICK_US }, { 0, TICK_US } };
	struct rlimit files = { OPEN_FILES, OPEN_FILES };
	struct fuzz_random r = fuzz_random_part(chaos->seed, life);
	struct sigaction sa = { .sa_handler = tick };
	static struct citizen citizen;
	struct citizen_thread *t;
	pthread_t thread;

	(void)slot;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_NOFILE, &files);
	citizen.chaos = chaos;
	open_ports(&citizen, &r);
	for (unsigned int i = fuzz_below(&r, CITIZEN_THREADS); i; i--) {
		t = make_thread(&citizen, fuzz_random_part(fuzz_random64(&r), i));
		if (pthread_create(&thread, NULL, act_for_ever, t))
			return;
	}
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	t = make_thread(&citizen, r);
	use_port(t, 0);
	act(t, 20 + fuzz_below(&r, 3000));
}
