// SPDX-License-Identifier: GPL-2.0-only
/* One end of a binder connection, lean enough to be measured around. */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void put(struct peer *p, const void *bytes, size_t size)
{
	memcpy(p->out + p->out_size, bytes, size);
	p->out_size += size;
	if (p->out_size > sizeof(p->out) - sizeof(struct peer_txn))
		die("too much to write");
}

static inline void put_free(struct peer *p, binder_uintptr_t buffer)
{
	struct peer_free cmd = { BC_FREE_BUFFER, buffer };

	put(p, &cmd, sizeof(cmd));
}

static void put_handle(struct peer *p, uint32_t code, uint32_t handle)
{
	uint32_t cmd[2] = { code, handle };

	put(p, cmd, sizeof(cmd));
}

static void put_done(struct peer *p, uint32_t code, const void *ptr_cookie)
{
	struct {
		uint32_t code;
		struct binder_ptr_cookie node;
	} __attribute__((packed)) cmd = { .code = code };

	memcpy(&cmd.node, ptr_cookie, sizeof(cmd.node));
	put(p, &cmd, sizeof(cmd));
}

static void put_died(struct peer *p, const void *cookie)
{
	struct peer_free cmd = { .code = BC_DEAD_BINDER_DONE };

	memcpy(&cmd.buffer, cookie, sizeof(cmd.buffer));
	put(p, &cmd, sizeof(cmd));
}

/*
 * Write what is due and, unless @read is false, wait for something. False if the device
 * is not to be waited for, and there was nothing.
 */
static inline bool transfer(struct peer *p, bool read)
{
	struct binder_write_read bwr = {
		.write_size = p->out_size,
		.write_buffer = (uintptr_t)p->out,
		.read_size = read ? sizeof(p->in) : 0,
		.read_buffer = (uintptr_t)p->in,
	};
	int error = ioctl(p->conn.fd, BINDER_WRITE_READ, &bwr) ? errno : 0;

	if (error && error != EAGAIN)
		die("BINDER_WRITE_READ: %s", strerror(error));
	if (bwr.write_consumed != bwr.write_size)
		die("the driver stopped at byte %llu of %llu",
		    (unsigned long long)bwr.write_consumed, (unsigned long long)bwr.write_size);
	p->out_size = 0;
	p->in_size = bwr.read_consumed;
	return !error;
}

/*
 * Go through what was read and note the answers that are due. Returns the code of
 * the call or reply among it, if any, which is then in p->got.
 */
static inline uint32_t scan(struct peer *p)
{
	const uint8_t *at = p->in, *end = p->in + p->in_size;
	uint32_t code, found = 0;

	while (at < end) {
		memcpy(&code, at, 4);
		at += 4;
		if (code == BR_NOOP)
			continue;
		switch (code) {
		case BR_TRANSACTION_COMPLETE:
			p->completed++;
			break;
		case BR_TRANSACTION:
		case BR_REPLY:
			if (found)
				die("two messages at once");
			memcpy(&p->got, at, sizeof(p->got));
			found = code;
			break;
		case BR_INCREFS:
			put_done(p, BC_INCREFS_DONE, at);
			break;
		case BR_ACQUIRE:
			put_done(p, BC_ACQUIRE_DONE, at);
			break;
		case BR_DEAD_BINDER:
			put_died(p, at);
			p->died++;
			break;
		case BR_RELEASE:
		case BR_DECREFS:
		case BR_SPAWN_LOOPER:
			break;
		default:
			die("unexpected %s", bnd_br_name(code));
		}
		at += _IOC_SIZE(code);
	}
	return found;
}

void peer_open(struct peer *p, uint32_t *handle)
{
	int error;

	memset(p, 0, sizeof(*p));
	error = bnd_open(&p->conn, options.device, BND_DEFAULT_MAP, 0);
	if (error)
		die("%s: %s", options.device, strerror(-error));
	if (handle && peer_take(p, PEER_NODE, handle) != 1)
		die("the service gave no object");
}

void peer_close(struct peer *p)
{
	bnd_close(&p->conn);
}

void peer_prepare(struct peer *p, uint32_t handle, uint32_t code, uint32_t flags,
		  const void *data, size_t size, const uint64_t *offsets, size_t noffsets)
{
	struct bnd_msg m = {
		.handle = handle, .code = code, .flags = flags, .data = data, .size = size,
		.offsets = offsets, .noffsets = noffsets,
	};

	p->txn.code = BC_TRANSACTION;
	p->txn.txn = bnd_txn(&m);
}

static inline void call(struct peer *p)
{
	put(p, &p->txn, sizeof(p->txn));
	do {
		transfer(p, true);
	} while (!scan(p));
}

void peer_call(struct peer *p)
{
	call(p);
	put_free(p, p->got.data.ptr.buffer);
}

void peer_call_held(struct peer *p)
{
	call(p);
}

void peer_call_sg(struct peer *p, uint64_t extra)
{
	struct {
		uint32_t code;
		struct binder_transaction_data_sg txn;
	} __attribute__((packed)) cmd = { BC_TRANSACTION_SG, { p->txn.txn, extra } };

	put(p, &cmd, sizeof(cmd));
	do {
		transfer(p, true);
	} while (!scan(p));
	put_free(p, p->got.data.ptr.buffer);
}

void peer_send(struct peer *p, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		put(p, &p->txn, sizeof(p->txn));
	p->completed = 0;
	do {
		transfer(p, true);
		scan(p);
	} while (p->completed < n);
}

void peer_settle(struct peer *p)
{
	if (p->out_size)
		transfer(p, false);
}

void peer_wait(struct peer *p)
{
	transfer(p, true);
	scan(p);
}

static void set_flags(struct peer *p, int flags)
{
	if (fcntl(p->conn.fd, F_SETFL, flags))
		die("F_SETFL: %s", strerror(errno));
}

void peer_drain(struct peer *p)
{
	/* With poll() the driver would from then on have a thread to wake that may be polling. */
	set_flags(p, O_RDWR | O_NONBLOCK);
	peer_settle(p);
	while (transfer(p, true))
		scan(p);
	set_flags(p, O_RDWR);
}

unsigned int peer_take(struct peer *p, uint32_t code, uint32_t *handles)
{
	const uint64_t *offsets;
	unsigned int i, n;

	peer_prepare(p, 0, code, 0, NULL, 0, NULL, 0);
	call(p);
	offsets = (const uint64_t *)(uintptr_t)p->got.data.ptr.offsets;
	n = p->got.offsets_size / sizeof(*offsets);
	for (i = 0; i < n && i < PEER_OBJECTS; i++) {
		struct flat_binder_object object;

		memcpy(&object, (const uint8_t *)(uintptr_t)p->got.data.ptr.buffer + offsets[i],
		       sizeof(object));
		handles[i] = object.handle;
		put_handle(p, BC_INCREFS, object.handle);
		put_handle(p, BC_ACQUIRE, object.handle);
	}
	put_free(p, p->got.data.ptr.buffer);
	peer_settle(p);
	return n;
}

void peer_take_fresh(struct peer *p, unsigned int n, bool watch)
{
	uint32_t handles[PEER_OBJECTS];

	for (unsigned int taken = 0; taken < n; taken += PEER_OBJECTS) {
		if (peer_take(p, PEER_FRESH, handles) != PEER_OBJECTS)
			die("too few objects");
		for (unsigned int i = 0; watch && i < PEER_OBJECTS; i++) {
			struct {
				uint32_t code;
				struct binder_handle_cookie watched;
			} __attribute__((packed)) cmd = {
				BC_REQUEST_DEATH_NOTIFICATION, { handles[i], handles[i] },
			};

			put(p, &cmd, sizeof(cmd));
		}
		peer_settle(p);
	}
}

void peer_prepare_new(struct peer *p, uint32_t code, uint64_t *first)
{
	static struct flat_binder_object objects[PEER_OBJECTS];
	static uint64_t offsets[PEER_OBJECTS];

	for (unsigned int i = 0; i < PEER_OBJECTS; i++) {
		offsets[i] = i * sizeof(*objects);
		objects[i] = bnd_obj_binder(*first + i * 16, 0, 0);
	}
	*first += PEER_OBJECTS * 16;
	peer_prepare(p, 0, code, 0, objects, sizeof(objects), offsets, PEER_OBJECTS);
}

/* --- The service ------------------------------------------------------------ */

/* What the service is asked to keep, and what it hands out: shared by its threads. */
static uint32_t kept[PEER_OBJECTS];
static unsigned int nr_kept;

/* Name of the next object that PEER_FRESH hands out. */
#define FRESH 0x10000000
static uint64_t fresh = FRESH;

/* A reply with objects: those kept, or ours from the one named @first on. */
static void reply_objects(struct peer *p, unsigned int n, uint64_t first)
{
	static struct flat_binder_object objects[PEER_OBJECTS];
	static uint64_t offsets[PEER_OBJECTS];
	struct bnd_msg m = {
		.data = objects, .size = n * sizeof(*objects), .offsets = offsets, .noffsets = n,
	};
	struct peer_txn reply = { .code = BC_REPLY };
	unsigned int i;

	for (i = 0; i < n; i++) {
		offsets[i] = i * sizeof(*objects);
		/* Any address will do; the driver takes it for a name. */
		objects[i] = first ? bnd_obj_binder(first + i * 16, 0,
						    FLAT_BINDER_FLAG_ACCEPTS_FDS) :
				     bnd_obj_handle(kept[i]);
	}
	reply.txn = bnd_txn(&m);
	put(p, &reply, sizeof(reply));
}

static void keep(struct peer *p)
{
	const uint64_t *offsets = (const uint64_t *)(uintptr_t)p->got.data.ptr.offsets;

	nr_kept = p->got.offsets_size / sizeof(*offsets);
	if (nr_kept > PEER_OBJECTS)
		die("more objects than can be kept");
	for (unsigned int i = 0; i < nr_kept; i++) {
		struct flat_binder_object object;

		memcpy(&object, (const uint8_t *)(uintptr_t)p->got.data.ptr.buffer + offsets[i],
		       sizeof(object));
		kept[i] = object.handle;
		put_handle(p, BC_INCREFS, object.handle);
		put_handle(p, BC_ACQUIRE, object.handle);
	}
}

static void drop_kept(struct peer *p)
{
	for (unsigned int i = 0; i < nr_kept; i++) {
		put_handle(p, BC_RELEASE, kept[i]);
		put_handle(p, BC_DECREFS, kept[i]);
	}
	nr_kept = 0;
}

static void close_received(const struct peer *p)
{
	const uint64_t *offsets = (const uint64_t *)(uintptr_t)p->got.data.ptr.offsets;

	for (size_t i = 0; i < p->got.offsets_size / sizeof(*offsets); i++) {
		struct binder_fd_object object;

		memcpy(&object, (const uint8_t *)(uintptr_t)p->got.data.ptr.buffer + offsets[i],
		       sizeof(object));
		close(object.fd);
	}
}

static void reply_pages(struct peer *p, unsigned int pages)
{
	static uint8_t data[1024 * 1024];
	struct bnd_msg m = { .data = data, .size = pages * 4096 };
	struct peer_txn reply = { .code = BC_REPLY };

	reply.txn = bnd_txn(&m);
	put(p, &reply, sizeof(reply));
}

/* Have all pages of the message in the page tables: the driver need not do it. */
static void touch(const struct peer *p)
{
	const volatile uint8_t *data = (const uint8_t *)(uintptr_t)p->got.data.ptr.buffer;

	for (size_t at = 0; at < p->got.data_size; at += 4096)
		(void)data[at];
}

/* What a call asks for before its answer. */
static void prepare_answer(struct peer *p, uint32_t code)
{
	if (code == PEER_KEEP)
		keep(p);
	else if (code == PEER_TOUCH || code == PEER_HOLD)
		touch(p);
	else if (code == PEER_DROP)
		drop_kept(p);
	else if (code == PEER_REWIND)
		fresh = FRESH;
	else if (code == PEER_CLOSE)
		close_received(p);
}

/* Names of the objects that are always the same. */
#define OBJECTS 0x1000

/* The reply, if it has anything in it. */
static bool answer(struct peer *p, uint32_t code)
{
	if (code == PEER_NODE) {
		reply_objects(p, 1, OBJECTS);
	} else if (code == PEER_NODES) {
		reply_objects(p, PEER_OBJECTS, OBJECTS);
	} else if (code == PEER_KEPT) {
		reply_objects(p, nr_kept, 0);
	} else if (code == PEER_FRESH) {
		reply_objects(p, PEER_OBJECTS, fresh);
		fresh += PEER_OBJECTS * 16;
	} else if ((code & 0xff) == PEER_DATA) {
		reply_pages(p, code >> 8);
	} else {
		return false;
	}
	return true;
}

void peer_serve(struct peer *p, int last_fd)
{
	static const struct peer_txn empty = { .code = BC_REPLY };
	uint32_t code = BC_ENTER_LOOPER;

	put(p, &code, sizeof(code));
	for (;;) {
		transfer(p, true);
		if (scan(p) != BR_TRANSACTION)
			continue;
		code = p->got.code;
		if (code == PEER_HOLD && p->got.flags & TF_ONE_WAY)
			continue;
		if (code != PEER_NOP)
			prepare_answer(p, code);
		if (code != PEER_HOLD)
			put_free(p, p->got.data.ptr.buffer);
		if (code == PEER_LAST && write(last_fd, "", 1) != 1)
			die("pipe: %s", strerror(errno));
		if (p->got.flags & TF_ONE_WAY)
			continue;
		if (code == PEER_NOP || !answer(p, code))
			put(p, &empty, sizeof(empty));
		if (code == PEER_STOP) {
			transfer(p, true);
			return;
		}
	}
}
