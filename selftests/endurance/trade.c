// SPDX-License-Identifier: GPL-2.0-only
/* What the three do to each other in each kind of trade; see role.h. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "endurance.h"
#include "role.h"

#define AREA ((size_t)64 * 1024)
#define ONEWAYS 4
#define KEPT 4

static bool may_be_dead(const struct role *role, enum who who)
{
	return role->round->victim == who && role->round->delay_ns;
}

/* Objects that nobody has seen before, and those of the other two. */
static void add_objects(struct role *role, struct letter *l)
{
	static uint64_t next = 0x100000;
	struct flat_binder_object o;

	o = bnd_obj_binder(next += 16, role->who, 0);
	add_object(l, &o, sizeof(o));
	o = bnd_obj_weak_binder(next += 16, role->who, 0);
	add_object(l, &o, sizeof(o));
	for (int i = 0; i < NR_ROLES; i++) {
		if (i == (int)role->who)
			continue;
		o = bnd_obj_handle(role->peer[i]);
		add_object(l, &o, sizeof(o));
		o = bnd_obj_weak_handle(role->peer[i]);
		add_object(l, &o, sizeof(o));
	}
}

/* What the kind of trade has in its messages. */
static void fill(struct role *role, struct letter *l, bool answer)
{
	struct binder_fd_object file = bnd_obj_fd(role->round->fd, 0);
	enum trade kind = role->round->trade;

	if (kind == OBJECTS || kind == ONEWAY || kind == SCATTER ||
	    ((kind == REPLY || kind == BUFFERS) && answer))
		add_objects(role, l);
	if ((kind == FILES && !answer) || (kind == REPLY && answer)) {
		add_object(l, &file, sizeof(file));
		add_object(l, &file, sizeof(file));
	}
	if ((kind == SCATTER && !answer) || (kind == REPLY && answer))
		add_buffers(l, role->round->fd);
}

/* Is that an end that a call to @to may come to? */
static void judge(struct role *role, enum who to, const struct bnd_result *res, uint64_t began)
{
	struct round *round = role->round;

	switch (res->code) {
	case BR_REPLY:
	case BR_TRANSACTION_COMPLETE:
		return;
	case BR_FROZEN_REPLY:
		if (round->trade == FREEZE && to == RECEIVER)
			return;
		break;
	case BR_DEAD_REPLY:
		if (!may_be_dead(role, to))
			break;
		if (began < round->killed_ns && !round->wait_ns)
			round->wait_ns = now_ns() - round->killed_ns;
		return;
	case BR_FAILED_REPLY:
		/* The answer failed whose author died in the middle of it. */
		if (may_be_dead(role, to))
			return;
		break;
	}
	wrong(role, "a call came to the wrong end", res->code);
}

/* Free an answer after a look at it. */
static void free_answer(struct role *role, const struct bnd_result *res)
{
	if (res->code != BR_REPLY)
		return;
	open_letter(&res->txn);
	need(!bnd_free_buffer(&role->conn, res->txn.data.ptr.buffer));
}

static struct bnd_result send_letter(struct role *role, enum who to, const struct letter *l,
				     int step, uint32_t flags)
{
	struct bnd_msg m = letter_msg(l, role->peer[to], CODE_TRADE + step, flags);
	uint64_t began = now_ns();
	struct bnd_result res;
	int err = bnd_call(&role->conn, &m, &res);

	if (err)
		wrong(role, "a call failed", err);
	judge(role, to, &res, began);
	if (res.code == BR_REPLY && !right_letter(&res.txn, ~letter_number_of(l)))
		wrong(role, "the answer is not what was sent", res.code);
	return res;
}

/* A call with what belongs into it. The answer is still to be freed. */
static struct bnd_result call(struct role *role, enum who to, int step)
{
	struct letter l;

	write_letter(&l, ++role->number);
	fill(role, &l, false);
	return send_letter(role, to, &l, step, TF_ACCEPT_FDS);
}

static void call_and_free(struct role *role, enum who to, int step)
{
	struct bnd_result res = call(role, to, step);

	free_answer(role, &res);
}

static void oneways(struct role *role, enum who to, int step)
{
	struct letter l;

	for (int i = 0; i < ONEWAYS; i++) {
		write_letter(&l, ++role->number);
		fill(role, &l, false);
		send_letter(role, to, &l, step, TF_ONE_WAY);
	}
}

/* --- notices --- */

/* Do what is to be done until there is a record with that code and cookie. */
static void await(struct role *role, uint32_t code, uint64_t cookie)
{
	BND_STREAM(r, 512);
	bool seen = false;
	struct bnd_rec rec;
	int err;

	while (!seen) {
		err = bnd_read(&role->conn, &r);
		if (err && err != -EINTR)
			wrong(role, "waiting for a notice failed", err);
		while (!err && bnd_next(&r, &rec) > 0) {
			if (rec.code == code && rec.cookie == cookie) {
				if (seen)
					wrong(role, "a notice came twice", code);
				seen = true;
			}
			err = bnd_handle(&role->conn, &rec);
			if (err)
				wrong(role, "a record could not be handled", err);
		}
	}
}

static void write_all(struct role *role, struct bnd_cmds *w)
{
	int err;

	do {
		err = bnd_write(&role->conn, w);
	} while (err == -EINTR);
	if (err || w->consumed != w->len)
		wrong(role, "commands are refused", err);
}

/*
 * Ask to be told, and take it back after the trade. The receiver does so while it
 * serves a call, when it cannot be told of a death: it does not wait for the end.
 */
static void with_death_notice(struct role *role, enum who about, int step)
{
	BND_CMDS(w, 64);
	uint64_t cookie = 0xdead0000 + ++role->number;

	bnd_cmd_request_death(&w, role->peer[about], cookie);
	write_all(role, &w);
	call_and_free(role, about, step);
	bnd_cmds_reset(&w);
	bnd_cmd_clear_death(&w, role->peer[about], cookie);
	write_all(role, &w);
	if (role->who == SENDER)
		await(role, BR_CLEAR_DEATH_NOTIFICATION_DONE, cookie);
}

static void with_freeze_notice(struct role *role)
{
	BND_CMDS(w, 64);
	uint64_t cookie = 0xf0000000 + ++role->number;

	bnd_cmd_request_freeze(&w, role->peer[RECEIVER], cookie);
	write_all(role, &w);
	/* The third one freezes and thaws the receiver. */
	call_and_free(role, THIRD, 1);
	call_and_free(role, RECEIVER, 0);
	bnd_cmds_reset(&w);
	bnd_cmd_clear_freeze(&w, role->peer[RECEIVER], cookie);
	write_all(role, &w);
	await(role, BR_CLEAR_FREEZE_NOTIFICATION_DONE, cookie);
}

static void freeze_receiver(struct role *role)
{
	int err = bnd_freeze(&role->conn, role->round->pid[RECEIVER], true, 100);

	/* Dead, or at work. */
	if (err && err != -EAGAIN && !(err == -EINVAL && may_be_dead(role, RECEIVER)))
		wrong(role, "cannot freeze", err);
	err = bnd_freeze(&role->conn, role->round->pid[RECEIVER], false, 0);
	if (err && !(err == -EINVAL && may_be_dead(role, RECEIVER)))
		wrong(role, "cannot thaw", err);
}

/* --- messages that are kept, files that come and go --- */

static void keep_answers(struct role *role)
{
	BND_CMDS(w, 512);
	struct bnd_result res;

	for (int i = 0; i < KEPT; i++) {
		uint32_t handle;

		res = call(role, RECEIVER, 0);
		if (res.code != BR_REPLY)
			continue;
		handle = open_letter(&res.txn);
		bnd_cmd_increfs(&w, handle);
		bnd_cmd_acquire(&w, handle);
		bnd_cmd_free_buffer(&w, res.txn.data.ptr.buffer);
		bnd_cmd_release(&w, handle);
		bnd_cmd_decrefs(&w, handle);
	}
	if (w.len)
		write_all(role, &w);
}

static void open_and_close(struct role *role)
{
	struct flat_binder_object o = bnd_obj_binder(0x2000, role->who, 0);
	struct bnd_conn c;
	struct bnd_result res;
	struct letter l;
	struct bnd_msg m;

	need(!bnd_open(&c, device(), AREA, 0));
	write_letter(&l, ++role->number);
	add_object(&l, &o, sizeof(o));
	m = letter_msg(&l, 0, CODE_ECHO, 0);
	need(!bnd_call(&c, &m, &res));
	if (res.code != BR_REPLY)
		wrong(role, "the manager did not answer", res.code);
	/* The answer lies in the area, still. */
	if (role->number & 1)
		bnd_unmap(&c);
	bnd_close(&c);
}

/* --- the exchanges --- */

void trade(struct role *role)
{
	switch (role->round->trade) {
	case ONEWAY:
		oneways(role, RECEIVER, 0);
		break;
	case DEATH:
		with_death_notice(role, RECEIVER, 0);
		return;
	case FREEZE:
		with_freeze_notice(role);
		return;
	case BUFFERS:
		keep_answers(role);
		return;
	case OPENS:
		open_and_close(role);
		break;
	default:
		break;
	}
	call_and_free(role, RECEIVER, 0);
}

void serve_trade(struct role *role, const struct binder_transaction_data *txn, int step,
		 struct letter *letter)
{
	enum trade kind = role->round->trade;

	open_letter(txn);
	if (txn->flags & TF_ONE_WAY)
		return;
	if (kind == FREEZE) {
		if (role->who == THIRD)
			freeze_receiver(role);
	} else if (kind == OPENS) {
		open_and_close(role);
	}
	/* Step 0 is the receiver's, 1 the third one's, 2 the receiver's again. */
	if (step == 0 && kind == DEATH)
		with_death_notice(role, THIRD, 1);
	else if (step == 0 && kind == ONEWAY)
		oneways(role, THIRD, 1);
	if (step == 0 && kind != FREEZE && kind != DEATH)
		call_and_free(role, THIRD, 1);
	else if (step == 1 && kind == NESTED)
		call_and_free(role, RECEIVER, 2);
	fill(role, letter, true);
}
