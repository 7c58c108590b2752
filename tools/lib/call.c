// SPDX-License-Identifier: GPL-2.0-only
/* Calls and services on top of the raw streams. */
#include <errno.h>
#include <poll.h>

#include "binder_raw.h"

/* Room for what one read can bring; the driver keeps the rest for the next. */
#define READ_ROOM 512

/* bnd_xfer() that outlasts signals and, on a non-blocking file, waits in poll. */
static int xfer_wait(const struct bnd_conn *c, struct bnd_cmds *w, struct bnd_stream *r)
{
	struct pollfd pfd = { .fd = c->fd, .events = POLLIN };
	int err;

	for (;;) {
		err = bnd_xfer(c, w, r);
		if (err == -EAGAIN)
			poll(&pfd, 1, -1);
		else if (err != -EINTR)
			return err;
	}
}

/* Write everything, through signals. A stop in between belongs to the caller. */
static int write_all(const struct bnd_conn *c, struct bnd_cmds *w)
{
	int err;

	do {
		err = bnd_write(c, w);
	} while (err == -EINTR);
	return err;
}

int bnd_free_buffer(const struct bnd_conn *c, uint64_t buffer)
{
	BND_CMDS(w, 16);

	bnd_cmd_free_buffer(&w, buffer);
	return write_all(c, &w);
}

int bnd_acquire(const struct bnd_conn *c, uint32_t handle)
{
	BND_CMDS(w, 16);

	bnd_cmd_increfs(&w, handle);
	bnd_cmd_acquire(&w, handle);
	return write_all(c, &w);
}

int bnd_release(const struct bnd_conn *c, uint32_t handle)
{
	BND_CMDS(w, 16);

	bnd_cmd_release(&w, handle);
	bnd_cmd_decrefs(&w, handle);
	return write_all(c, &w);
}

static bool is_completion(uint32_t code)
{
	return code == BR_TRANSACTION_COMPLETE || code == BR_ONEWAY_SPAM_SUSPECT ||
	       code == BR_TRANSACTION_PENDING_FROZEN;
}

static bool is_answer(uint32_t code)
{
	return code == BR_REPLY || code == BR_DEAD_REPLY || code == BR_FAILED_REPLY ||
	       code == BR_FROZEN_REPLY || code == BR_ERROR;
}

/*
 * The end of a call that was read together with the completion of the last reply
 * given while waiting for it; whoever waits takes it from here.
 */
static __thread struct bnd_result early;

/*
 * Write @w and read until its message is through: answered when @wait, else taken
 * or refused. Leaving its completion unread would confuse the next message.
 */
static int run(struct bnd_conn *c, struct bnd_cmds *w, bool wait, struct bnd_result *res)
{
	BND_STREAM(r, READ_ROOM);
	struct bnd_rec rec;
	int err, more;

	*res = (struct bnd_result){ .code = 0 };
	while (!res->code) {
		err = xfer_wait(c, w, &r);
		if (err)
			return err;
		/* What follows the end of the message is still to be dealt with. */
		while ((more = bnd_next(&r, &rec)) > 0) {
			if (!res->code && (is_answer(rec.code) ||
					   (!wait && is_completion(rec.code)))) {
				res->code = rec.code;
				res->txn = rec.txn;
				continue;
			}
			if (!wait && is_answer(rec.code)) {
				early = (struct bnd_result){ .code = rec.code, .txn = rec.txn };
				continue;
			}
			err = bnd_handle(c, &rec);
			if (err)
				return err;
			if (wait && !res->code && early.code) {
				*res = early;
				early.code = 0;
			}
		}
		if (more < 0)
			return more;
	}
	/* A refused message leaves what followed it unwritten. */
	return w->consumed < w->len ? write_all(c, w) : 0;
}

int bnd_call(struct bnd_conn *c, const struct bnd_msg *m, struct bnd_result *res)
{
	BND_CMDS(w, 128);

	if (m->extra)
		bnd_cmd_transaction_sg(&w, m);
	else
		bnd_cmd_transaction(&w, m);
	return run(c, &w, !(m->flags & TF_ONE_WAY), res);
}

int bnd_call_checked(struct bnd_conn *c, const struct bnd_msg *m,
		     struct binder_transaction_data *reply)
{
	struct bnd_result res;
	int err = bnd_call(c, m, &res);

	if (err)
		return err;
	switch (res.code) {
	case BR_DEAD_REPLY:
		return -EPIPE;
	case BR_FROZEN_REPLY:
		return -EBUSY;
	case BR_FAILED_REPLY:
	case BR_ERROR:
		return -EREMOTEIO;
	}
	*reply = res.txn;
	return 0;
}

int bnd_take_handle(struct bnd_conn *c, const struct binder_transaction_data *txn,
		    uint64_t index, uint32_t *handle)
{
	const uint64_t *offsets = (const uint64_t *)(uintptr_t)txn->data.ptr.offsets;
	const uint8_t *data = (const uint8_t *)(uintptr_t)txn->data.ptr.buffer;
	struct flat_binder_object obj;

	if (index >= txn->offsets_size / sizeof(*offsets))
		return -ENOENT;
	memcpy(&obj, data + offsets[index], sizeof(obj));
	if (obj.hdr.type != BINDER_TYPE_HANDLE)
		return -ENOENT;
	*handle = obj.handle;
	return bnd_acquire(c, obj.handle);
}

static int handle_call(struct bnd_conn *c, const struct bnd_rec *rec)
{
	BND_CMDS(w, 128);
	const struct binder_transaction_data *txn = &rec->txn;
	const char *secctx = (const char *)(uintptr_t)rec->sec.secctx;
	struct bnd_msg reply = { .data = NULL };
	struct bnd_result res;

	if (!c->ops || !c->ops->call || !c->ops->call(c, txn, secctx, &reply))
		reply = (struct bnd_msg){ .data = NULL };
	if (txn->flags & TF_ONE_WAY)
		return bnd_free_buffer(c, txn->data.ptr.buffer);
	/* The reply may point into the call, so that goes last. */
	if (reply.extra)
		bnd_cmd_reply_sg(&w, &reply);
	else
		bnd_cmd_reply(&w, &reply);
	bnd_cmd_free_buffer(&w, txn->data.ptr.buffer);
	return run(c, &w, false, &res);
}

int bnd_handle(struct bnd_conn *c, const struct bnd_rec *rec)
{
	BND_CMDS(w, 32);
	const struct bnd_ops *ops = c->ops;
	int err;

	switch (rec->code) {
	case BR_TRANSACTION:
	case BR_TRANSACTION_SEC_CTX:
		return handle_call(c, rec);
	case BR_INCREFS:
		bnd_cmd_increfs_done(&w, rec->node.ptr, rec->node.cookie);
		break;
	case BR_ACQUIRE:
		bnd_cmd_acquire_done(&w, rec->node.ptr, rec->node.cookie);
		break;
	case BR_DEAD_BINDER:
		bnd_cmd_dead_binder_done(&w, rec->cookie);
		break;
	case BR_FROZEN_BINDER:
		bnd_cmd_freeze_done(&w, rec->frozen.cookie);
		break;
	}
	/* Before the callback: it may drop the reference that carries the notice. */
	err = w.len ? write_all(c, &w) : 0;
	if (err || !ops)
		return err;
	if (rec->code == BR_DEAD_BINDER && ops->death)
		ops->death(c, rec->cookie);
	else if (rec->code == BR_FROZEN_BINDER && ops->frozen)
		ops->frozen(c, &rec->frozen);
	else if (rec->code == BR_SPAWN_LOOPER && ops->spawn)
		ops->spawn(c);
	return 0;
}

int bnd_serve_once(struct bnd_conn *c)
{
	BND_STREAM(r, READ_ROOM);
	struct bnd_rec rec;
	int more, err = bnd_read(c, &r);

	if (err)
		return err;
	while ((more = bnd_next(&r, &rec)) > 0) {
		err = bnd_handle(c, &rec);
		if (err)
			return err;
	}
	return more;
}

int bnd_serve(struct bnd_conn *c, bool spawned, const volatile bool *stop)
{
	BND_CMDS(w, 4);
	int err;

	if (spawned)
		bnd_cmd_register_looper(&w);
	else
		bnd_cmd_enter_looper(&w);
	err = write_all(c, &w);
	while (!err && !*stop) {
		err = bnd_serve_once(c);
		if (err == -EINTR)
			err = 0;
	}
	return err;
}
