// SPDX-License-Identifier: GPL-2.0-only
/* Transfers of peers, streams as text, and the commands tests write; see peer.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "peer.h"

/* --- streams as text --- */

static void __attribute__((format(printf, 2, 3))) word(struct port *p, const char *format, ...)
{
	size_t len = strlen(p->got);
	va_list ap;

	if (len && len + 1 < sizeof(p->got)) {
		p->got[len++] = ' ';
		p->got[len] = '\0';
	}
	va_start(ap, format);
	vsnprintf(p->got + len, sizeof(p->got) - len, format, ap);
	va_end(ap);
}

/* Runs in the peer, the only one that sees its mapping. */
static void keep_message(struct port *p, const struct bnd_rec *rec)
{
	const struct binder_transaction_data *t = &rec->txn;

	p->txn = *t;
	p->secctx = rec->code == BR_TRANSACTION_SEC_CTX ? rec->sec.secctx : 0;
	if (t->data_size && t->data_size <= sizeof(p->payload))
		memcpy(p->payload, (void *)(uintptr_t)t->data.ptr.buffer, t->data_size);
	if (t->offsets_size && t->offsets_size <= sizeof(p->offsets))
		memcpy(p->offsets, (void *)(uintptr_t)t->data.ptr.offsets, t->offsets_size);
}

static void record(struct port *p, const struct bnd_rec *rec)
{
	const char *name = bnd_br_name(rec->code) + 3;
	unsigned long long ptr = rec->node.ptr, cookie = rec->node.cookie;

	switch (rec->code) {
	case BR_TRANSACTION:
	case BR_TRANSACTION_SEC_CTX:
	case BR_REPLY:
		keep_message(p, rec);
		word(p, "%s:%x", rec->code == BR_REPLY ? "REPLY" :
		     rec->code == BR_TRANSACTION ? "TXN" : "TXN_SEC_CTX", rec->txn.code);
		break;
	case BR_INCREFS:
	case BR_ACQUIRE:
	case BR_RELEASE:
	case BR_DECREFS:
		word(p, "%s:%llx:%llx", name, ptr, cookie);
		break;
	case BR_DEAD_BINDER:
		word(p, "DEAD_BINDER:%llx", (unsigned long long)rec->cookie);
		break;
	case BR_CLEAR_DEATH_NOTIFICATION_DONE:
		word(p, "CLEARED:%llx", (unsigned long long)rec->cookie);
		break;
	case BR_FROZEN_BINDER:
		word(p, rec->frozen.reserved ? "FROZEN_BINDER:%llx:%u:reserved" :
		     "FROZEN_BINDER:%llx:%u", (unsigned long long)rec->frozen.cookie,
		     rec->frozen.is_frozen);
		break;
	case BR_CLEAR_FREEZE_NOTIFICATION_DONE:
		word(p, "FREEZE_CLEARED:%llx", (unsigned long long)rec->cookie);
		break;
	case BR_TRANSACTION_COMPLETE:
		word(p, "COMPLETE");
		break;
	case BR_ERROR:
		word(p, "ERROR:%d", rec->error);
		break;
	case BR_TRANSACTION_PENDING_FROZEN:
		word(p, "PENDING_FROZEN");
		break;
	case BR_SPAWN_LOOPER:
		word(p, "SPAWN");
		break;
	case BR_FAILED_REPLY:
		word(p, "FAILED");
		break;
	case BR_DEAD_REPLY:
		word(p, "DEAD");
		break;
	default:
		word(p, "%s", name);
	}
}

static void describe(struct port *p, int err)
{
	struct bnd_rec rec;
	int more = 0;

	p->got[0] = '\0';
	if (err)
		word(p, "%s", strerrorname_np(-err) ?: "E?");
	p->r.pos = p->skip;
	p->r.len = p->bwr.read_consumed;
	if (p->r.len > p->r.pos && p->r.len <= p->r.cap) {
		while ((more = bnd_next(&p->r, &rec)) > 0)
			record(p, &rec);
		if (more < 0)
			word(p, "GARBAGE");
	}
	if (p->bwr.write_consumed != p->bwr.write_size)
		word(p, "[%llu/%llu]", (unsigned long long)p->bwr.write_consumed,
		     (unsigned long long)p->bwr.write_size);
}

/* --- transfers --- */

static long do_xfer(struct port *p, void *arg)
{
	int flags = fcntl(p->conn->fd, F_GETFL);
	int err;

	(void)arg;
	flags = p->blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
	fcntl(p->conn->fd, F_SETFL, flags);
	p->bwr = (struct binder_write_read){
		.write_buffer = (uintptr_t)p->w.buf,
		.write_size = p->w.len,
		.write_consumed = p->w.consumed,
		.read_buffer = (uintptr_t)p->r.buf,
		.read_size = p->room,
		.read_consumed = p->skip,
	};
	err = bnd_write_read(p->conn, &p->bwr);
	p->w.consumed = p->bwr.write_consumed;
	describe(p, err);
	if (p->w.consumed == p->w.len)
		bnd_cmds_reset(&p->w);
	return err;
}

const char *go(struct port *p)
{
	p->blocking = false;
	run(p, do_xfer, NULL);
	return p->got;
}

const char *only_write(struct port *p)
{
	size_t room = p->room;

	p->room = 0;
	go(p);
	p->room = room;
	return p->got;
}

static bool through_or_asleep(void *arg)
{
	return is_through(arg) || asleep(arg);
}

void settle(struct port *p)
{
	wait_until(through_or_asleep, p, "neither asleep nor through");
}

void launch(struct port *p)
{
	snprintf(p->got, sizeof(p->got), "(not through)");
	p->blocking = true;
	run_start(p, do_xfer, NULL);
}

void start(struct port *p)
{
	launch(p);
	settle(p);
}

const char *finish(struct port *p)
{
	run_finish(p);
	return p->got;
}

void finish_both(struct port *p, const char *one, const char *other)
{
	char both[64], first[64], second[64];

	snprintf(both, sizeof(both), "NOOP %s %s", one, other);
	snprintf(first, sizeof(first), "NOOP %s", one);
	snprintf(second, sizeof(second), "NOOP %s", other);
	if (!strcmp(finish(p), both))
		return;
	if (strcmp(p->got, first) || strcmp(go_blocking(p), second))
		fail("neither '%s' nor both parts of it: '%s'", both, p->got);
}

const char *go_blocking(struct port *p)
{
	start(p);
	return finish(p);
}

void forget(struct port *p)
{
	bnd_cmds_reset(&p->w);
}

/* --- commands --- */

void call_msg(struct port *p, struct bnd_msg m)
{
	bnd_cmd_transaction(&p->w, &m);
}

struct bnd_msg plain_msg(uint32_t flags, const void *data, uint64_t size,
			 const uint64_t *offsets, uint64_t noffsets)
{
	return (struct bnd_msg){
		.code = 1, .flags = flags, .data = data, .size = size,
		.offsets = offsets, .noffsets = noffsets,
	};
}

void call(struct port *p, uint32_t handle, uint32_t code, uint32_t flags)
{
	call_msg(p, (struct bnd_msg){ .handle = handle, .code = code, .flags = flags });
}

void call_data(struct port *p, uint32_t handle, uint32_t code, uint32_t flags,
	       const void *data, size_t size)
{
	call_msg(p, (struct bnd_msg){
		.handle = handle, .code = code, .flags = flags,
		.data = memcpy(shared(size), data, size), .size = size,
	});
}

struct bnd_msg objects(uint32_t handle, uint32_t code, uint32_t flags, int n,
		       const struct flat_binder_object *obj)
{
	uint64_t *offsets = shared(n * sizeof(*offsets));

	for (int i = 0; i < n; i++)
		offsets[i] = i * sizeof(*obj);
	return (struct bnd_msg){
		.handle = handle, .code = code, .flags = flags,
		.data = memcpy(shared(n * sizeof(*obj)), obj, n * sizeof(*obj)),
		.size = n * sizeof(*obj), .offsets = offsets, .noffsets = n,
	};
}

void call_obj(struct port *p, uint32_t handle, uint32_t code, uint32_t flags,
	      struct flat_binder_object obj)
{
	call_msg(p, objects(handle, code, flags, 1, &obj));
}

void reply_msg(struct port *p, struct bnd_msg m)
{
	bnd_cmd_reply(&p->w, &m);
}

void reply(struct port *p, uint32_t code, uint32_t flags)
{
	reply_msg(p, (struct bnd_msg){ .code = code, .flags = flags });
}

void reply_obj(struct port *p, uint32_t code, uint32_t flags, struct flat_binder_object obj)
{
	reply_msg(p, objects(0, code, flags, 1, &obj));
}

void free_last(struct port *p)
{
	bnd_cmd_free_buffer(&p->w, p->txn.data.ptr.buffer);
}

void both_done(struct port *p, uint64_t ptr, uint64_t cookie)
{
	bnd_cmd_increfs_done(&p->w, ptr, cookie);
	bnd_cmd_acquire_done(&p->w, ptr, cookie);
}

void take(struct port *p, uint32_t handle)
{
	bnd_cmd_increfs(&p->w, handle);
	bnd_cmd_acquire(&p->w, handle);
}

void drop(struct port *p, uint32_t handle)
{
	bnd_cmd_release(&p->w, handle);
	bnd_cmd_decrefs(&p->w, handle);
}

struct flat_binder_object fd_obj(int fd, uint64_t cookie)
{
	struct binder_fd_object o = bnd_obj_fd(fd, cookie);
	struct flat_binder_object same;

	_Static_assert(sizeof(o) == sizeof(same), "both are objects of 24 bytes");
	memcpy(&same, &o, sizeof(same));
	return same;
}

struct flat_binder_object got_obj(struct port *p, int i)
{
	struct flat_binder_object obj;

	memcpy(&obj, p->payload + p->offsets[i], sizeof(obj));
	return obj;
}

/* --- whole exchanges --- */

static void expect(struct port *p, const char *step, const char *want)
{
	if (strcmp(go(p), want))
		fail("%s: expected '%s', got '%s'", step, want, p->got);
}

void deliver(struct port *client, struct port *server, uint32_t handle, uint32_t code)
{
	char want[32];

	call(client, handle, code, 0);
	expect(client, "call", "EAGAIN");
	snprintf(want, sizeof(want), "NOOP TXN:%x", code);
	expect(server, "delivery", want);
}

void answer(struct port *server, struct port *client)
{
	free_last(server);
	reply(server, 0, 0);
	expect(server, "reply", "NOOP COMPLETE");
	expect(client, "answer", "NOOP COMPLETE REPLY:0");
	free_last(client);
	only_write(client);
}

void ping(struct port *client, struct port *server, uint32_t handle)
{
	deliver(client, server, handle, 0x1111);
	answer(server, client);
}

/* @owner sends its object to the manager, which ends up with a handle. */
static uint32_t give_manager(struct port *owner, struct port *mgr, struct flat_binder_object obj)
{
	unsigned long long ptr = obj.binder, cookie = obj.cookie;
	struct flat_binder_object got;
	char want[128], strong[64];

	call_obj(owner, 0, 0x91f7, TF_ONE_WAY, obj);
	go(owner);
	/* The owner may have been told before, of all of it or of the weak side. */
	snprintf(want, sizeof(want), "NOOP INCREFS:%llx:%llx ACQUIRE:%llx:%llx COMPLETE",
		 ptr, cookie, ptr, cookie);
	snprintf(strong, sizeof(strong), "NOOP ACQUIRE:%llx:%llx COMPLETE", ptr, cookie);
	if (!strcmp(owner->got, want))
		both_done(owner, ptr, cookie);
	else if (!strcmp(owner->got, strong))
		bnd_cmd_acquire_done(&owner->w, ptr, cookie);
	else if (strcmp(owner->got, "NOOP COMPLETE"))
		fail("object for the manager: got '%s'", owner->got);
	only_write(owner);
	expect(mgr, "object for the manager", "NOOP TXN:91f7");
	got = got_obj(mgr, 0);
	take(mgr, got.handle);
	free_last(mgr);
	only_write(mgr);
	return got.handle;
}

uint32_t give(struct port *owner, struct port *to, uint64_t ptr, uint64_t cookie,
	      uint32_t flags)
{
	struct flat_binder_object obj = bnd_obj_binder(ptr, cookie, flags);
	struct port *mgr = manager_port();
	char want[128];
	uint32_t handle = 0;

	if (owner != mgr) {
		handle = give_manager(owner, mgr, obj);
		if (to == mgr)
			return handle;
		obj = bnd_obj_handle(handle);
	}
	deliver(to, mgr, 0, 0x91f8);
	reply_obj(mgr, 0, 0, obj);
	free_last(mgr);
	if (owner == mgr) {
		snprintf(want, sizeof(want), "NOOP INCREFS:%llx:%llx ACQUIRE:%llx:%llx COMPLETE",
			 (unsigned long long)ptr, (unsigned long long)cookie,
			 (unsigned long long)ptr, (unsigned long long)cookie);
		expect(mgr, "object in a reply", want);
		both_done(mgr, ptr, cookie);
	} else {
		expect(mgr, "handle in a reply", "NOOP COMPLETE");
		drop(mgr, handle);
	}
	only_write(mgr);
	expect(to, "handle", "NOOP COMPLETE REPLY:0");
	handle = got_obj(to, 0).handle;
	take(to, handle);
	free_last(to);
	only_write(to);
	return handle;
}

void watch_release(struct port *p)
{
	give(manager_port(), p, 0x3a7c4, 0, 0);
}

static bool is_told_of_release(void *arg)
{
	return strcmp(go(arg), "EAGAIN") != 0;
}

/* A process that ends lets go of others' objects once it is through with its own. */
void die_released(struct port *p)
{
	die(p);
	wait_until(is_told_of_release, manager_port(), "the dead are not buried");
}

uint8_t *page_before_a_hole(void)
{
	uint8_t *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + 4096, 4096, PROT_NONE))
		fail("no page before a hole");
	return p;
}

void read_into(struct port *p, void *buf, size_t size)
{
	p->r.buf = buf;
	p->room = size;
}

int max_threads(struct port *p, uint32_t max)
{
	return ioc(p, BINDER_SET_MAX_THREADS, &max, sizeof(max));
}

long lowest_free(struct port *p, void *arg)
{
	int fd = dup(0);

	(void)p;
	(void)arg;
	close(fd);
	return fd;
}

long limit_fds(struct port *p, void *arg)
{
	struct rlimit limit;
	long next = lowest_free(p, NULL);

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = next + (long)arg;
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

long unlimit_fds(struct port *p, void *arg)
{
	struct rlimit limit;

	(void)p;
	(void)arg;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}
