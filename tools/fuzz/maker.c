// SPDX-License-Identifier: GPL-2.0-only
/* Making commands. */
#include <stdarg.h>
#include <stdio.h>

#include "maker.h"

void fuzz_maker_reset(struct fuzz_maker *k)
{
	k->arena.used = 0;
	k->text_len = 0;
	k->text[0] = '\0';
	k->planned = *k->stack;
	k->made_binder = false;
	bnd_cmds_reset(k->out);
}

void fuzz_say(struct fuzz_maker *k, const char *format, ...)
{
	size_t room = sizeof(k->text) - k->text_len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(k->text + k->text_len, room, format, args);
	va_end(args);
	k->text_len += (size_t)n < room ? (size_t)n : room - 1;
}

void *fuzz_alloc(struct fuzz_maker *k, size_t size)
{
	size_t padded = (size + 7) & ~(size_t)7;
	void *at;

	if (padded > k->arena.size - k->arena.used)
		k->arena.used = 0;
	at = k->arena.base + k->arena.used;
	k->arena.used += padded;
	memset(at, 0, padded);
	return at;
}

static bool wild(struct fuzz_maker *k)
{
	return fuzz_once_in(k->random, k->wild);
}

/* --- Calls and replies -------------------------------------------------------- */

/* A handle that may be called; the manager has to be given one. */
static uint32_t pick_target(struct fuzz_maker *k)
{
	const struct fuzz_session *s = k->session;

	if (wild(k))
		return fuzz_below(k->random, 12);
	for (unsigned int tries = 0; tries < 4 && s->nr_handles; tries++) {
		const struct fuzz_handle *h = &s->handles[fuzz_below(k->random, s->nr_handles)];

		if ((h->strong || h->held_strong) && (h->handle || !k->manager))
			return h->handle;
	}
	return 0;
}

static bool has_target(const struct fuzz_maker *k)
{
	const struct fuzz_session *s = k->session;

	for (unsigned int i = 0; i < s->nr_handles; i++)
		if (s->handles[i].handle && (s->handles[i].strong || s->handles[i].held_strong))
			return true;
	return !k->manager;
}

static uint32_t pick_flags(struct fuzz_maker *k, bool oneway)
{
	uint32_t flags = oneway ? TF_ONE_WAY : 0;

	if (fuzz_once_in(k->random, 2))
		flags |= TF_ACCEPT_FDS;
	if (fuzz_once_in(k->random, 8))
		flags |= TF_CLEAR_BUF;
	if (fuzz_once_in(k->random, oneway ? 3 : 20))
		flags |= TF_UPDATE_TXN;
	if (fuzz_once_in(k->random, 10))
		flags |= TF_STATUS_CODE | TF_ROOT_OBJECT;
	return flags;
}

static void put_message(struct fuzz_maker *k, struct binder_transaction_data_sg *t, bool reply,
			bool fds_welcome)
{
	bool sg;

	if (reply)
		fuzz_say(k, " BC_REPLY");
	else
		fuzz_say(k, " BC_TRANSACTION h=%u", t->transaction_data.target.handle);
	fuzz_say(k, " c=%x f=%x", t->transaction_data.code, t->transaction_data.flags);
	sg = fuzz_make_payload(k, t, fds_welcome);
	if (sg)
		bnd_cmd(k->out, reply ? BC_REPLY_SG : BC_TRANSACTION_SG, t);
	else
		bnd_cmd(k->out, reply ? BC_REPLY : BC_TRANSACTION, t);
}

void fuzz_make_call(struct fuzz_maker *k, bool oneway)
{
	struct binder_transaction_data_sg t = { .transaction_data = { .code = 0 } };
	bool made_before = k->made_binder;

	t.transaction_data.target.handle = pick_target(k);
	t.transaction_data.code = fuzz_below(k->random, 4);
	t.transaction_data.flags = pick_flags(k, oneway);
	k->no_binders = k->last_free && !oneway;
	put_message(k, &t, false, fuzz_once_in(k->random, 5));
	k->no_binders = false;
	if (oneway)
		k->made_binder = made_before;
	else
		fuzz_stack_push(&k->planned, 'w', t.transaction_data.flags);
}

void fuzz_make_reply(struct fuzz_maker *k)
{
	struct binder_transaction_data_sg t = { .transaction_data = { .code = 0 } };
	unsigned int depth = k->planned.depth;
	bool fds_welcome = depth && k->planned.calls[depth - 1].flags & TF_ACCEPT_FDS;

	t.transaction_data.code = fuzz_below(k->random, 4);
	t.transaction_data.flags = pick_flags(k, fuzz_once_in(k->random, 20));
	put_message(k, &t, true, fds_welcome);
	if (fuzz_stack_top(&k->planned) == 's')
		fuzz_stack_pop(&k->planned, 's');
}

/* --- Buffers and references ------------------------------------------------------ */

static bool make_free(struct fuzz_maker *k)
{
	struct fuzz_session *s = k->session;
	unsigned int i = fuzz_below(k->random, s->nr_messages);
	uint64_t buffer;
	int64_t off = 0;

	if (!s->nr_messages || wild(k)) {
		buffer = s->nr_messages ? s->messages[i].buffer : 0;
		off = (int64_t)fuzz_below(k->random, 5) - 2;
		if (!buffer || !off) {
			fuzz_say(k, " BC_FREE_BUFFER nowhere");
			bnd_cmd_free_buffer(k->out, FUZZ_NOWHERE);
			return true;
		}
		fuzz_say(k, " BC_FREE_BUFFER #%u%+d", s->messages[i].id, (int)off);
		bnd_cmd_free_buffer(k->out, buffer + (uint64_t)off);
		return true;
	}
	fuzz_say(k, " BC_FREE_BUFFER #%u", s->messages[i].id);
	bnd_cmd_free_buffer(k->out, s->messages[i].buffer);
	fuzz_drop_message(s, i);
	/* Often enough the same again. */
	if (wild(k)) {
		fuzz_say(k, " BC_FREE_BUFFER again");
		bnd_cmd_bytes(k->out, k->out->buf + k->out->len - 12, 12);
	}
	return true;
}

/* What a thread may do next with the calls it has; oneway calls are always allowed. */
static bool make_transaction(struct fuzz_maker *k)
{
	char top = fuzz_stack_top(&k->planned);

	if (wild(k))
		top = fuzz_once_in(k->random, 2) ? 's' : '\0';
	else if (top != 's' && !has_target(k))
		return make_free(k);
	if (top == 's' && (!fuzz_once_in(k->random, 4) || !has_target(k)))
		fuzz_make_reply(k);
	else
		fuzz_make_call(k, top == 'w' || (top == 's' && k->last_free) ||
			       fuzz_once_in(k->random, 2));
	return true;
}

static void put_handle(struct fuzz_maker *k, uint32_t code, uint32_t handle)
{
	fuzz_say(k, " %s %u", bnd_bc_name(code), handle);
	bnd_cmd(k->out, code, &handle);
}

static bool make_wild_reference(struct fuzz_maker *k)
{
	uint32_t handle = fuzz_below(k->random, 12);
	uint32_t code = (uint32_t[]){ BC_INCREFS, BC_ACQUIRE, BC_RELEASE, BC_DECREFS }
		[fuzz_below(k->random, 4)];
	struct fuzz_handle *h = fuzz_find_handle(k->session, handle);

	put_handle(k, code, handle);
	if (h && code == BC_INCREFS)
		h->weak++;
	if (h && code == BC_ACQUIRE && (h->strong || h->held_strong))
		h->strong++;
	if (h && code == BC_RELEASE && h->strong)
		h->strong--;
	if (h && code == BC_DECREFS && h->weak)
		h->weak--;
	fuzz_drop_handles(k->session);
	/* The manager may not increment handle 0. */
	return handle;
}

static bool make_reference(struct fuzz_maker *k)
{
	struct fuzz_session *s = k->session;
	struct fuzz_handle *h = &s->handles[fuzz_below(k->random, s->nr_handles)];
	bool many = s->nr_handles > FUZZ_HANDLES / 2;
	uint32_t handle;

	if (!s->nr_handles || wild(k))
		return make_wild_reference(k);
	handle = h->handle;
	switch (many ? 2 + fuzz_below(k->random, 2) : fuzz_below(k->random, 4)) {
	case 0:
		h->weak++;
		put_handle(k, BC_INCREFS, h->handle);
		break;
	case 1:
		if (!h->strong && !h->held_strong) {
			h->weak++;
			put_handle(k, BC_INCREFS, h->handle);
			break;
		}
		h->strong++;
		put_handle(k, BC_ACQUIRE, h->handle);
		break;
	case 2:
		if (h->strong) {
			h->strong--;
			put_handle(k, BC_RELEASE, h->handle);
		}
		break;
	case 3:
		if (h->weak) {
			h->weak--;
			put_handle(k, BC_DECREFS, h->handle);
		}
		break;
	}
	fuzz_drop_handles(s);
	return handle;
}

static bool make_done(struct fuzz_maker *k)
{
	struct fuzz_session *s = k->session;
	unsigned int i = k->no_news ? 0 : fuzz_below(k->random, s->nr_owed);
	struct fuzz_owed owed = s->owed[i];
	struct binder_ptr_cookie node;

	if (k->no_news || !s->nr_owed || wild(k)) {
		owed.command = fuzz_once_in(k->random, 2) ? BC_INCREFS_DONE : BC_ACQUIRE_DONE;
		owed.ptr = fuzz_below(k->random, FUZZ_NODES + 1);
		owed.cookie = owed.ptr * 256 + wild(k);
	} else {
		s->owed[i] = s->owed[--s->nr_owed];
	}
	node = (struct binder_ptr_cookie){ .ptr = owed.ptr, .cookie = owed.cookie };
	fuzz_say(k, " %s %llu,%llu", bnd_bc_name(owed.command), (unsigned long long)owed.ptr,
		 (unsigned long long)owed.cookie);
	bnd_cmd(k->out, owed.command, &node);
	return true;
}

/* --- Notices ---------------------------------------------------------------------- */

static void put_cookie(struct fuzz_maker *k, uint32_t code, uint64_t cookie)
{
	fuzz_say(k, " %s %llx", bnd_bc_name(code), (unsigned long long)cookie);
	bnd_cmd(k->out, code, &cookie);
}

static void put_watch(struct fuzz_maker *k, uint32_t code, uint32_t handle, uint64_t cookie)
{
	struct binder_handle_cookie hc = { .handle = handle, .cookie = cookie };

	fuzz_say(k, " %s %u,%llx", bnd_bc_name(code), handle, (unsigned long long)cookie);
	bnd_cmd(k->out, code, &hc);
}

static uint64_t new_cookie(struct fuzz_session *s)
{
	return (uint64_t)s->id << 32 | ++s->nr_cookies;
}

/* Acknowledge a notice of a table; wrong ones are soft errors or not. */
static void acknowledge(struct fuzz_maker *k, uint32_t code, uint64_t *table, unsigned int *count)
{
	unsigned int i = fuzz_below(k->random, *count);

	if (!*count || wild(k)) {
		put_cookie(k, code, fuzz_below(k->random, 4));
		return;
	}
	put_cookie(k, code, table[i]);
	memmove(&table[i], &table[i + 1], (--*count - i) * sizeof(table[0]));
}

static bool make_death(struct fuzz_maker *k)
{
	struct fuzz_session *s = k->session;
	struct fuzz_handle *h = &s->handles[fuzz_below(k->random, s->nr_handles)];
	bool odd = wild(k);

	if (s->nr_dead && !fuzz_once_in(k->random, 4)) {
		acknowledge(k, BC_DEAD_BINDER_DONE, s->dead, &s->nr_dead);
	} else if (!s->nr_handles || (odd && fuzz_once_in(k->random, 3))) {
		put_watch(k, fuzz_once_in(k->random, 2) ? BC_REQUEST_DEATH_NOTIFICATION :
			  BC_CLEAR_DEATH_NOTIFICATION, fuzz_below(k->random, 12), 1);
	} else if (h->death.active != odd) {
		put_watch(k, BC_CLEAR_DEATH_NOTIFICATION, h->handle,
			  h->death.cookie + (odd && fuzz_once_in(k->random, 2)));
		h->death.active = false;
	} else {
		h->death.cookie = new_cookie(s);
		h->death.active = true;
		put_watch(k, BC_REQUEST_DEATH_NOTIFICATION, h->handle, h->death.cookie);
	}
	return true;
}

/* Mistakes with these end the stream. */
static bool make_freeze(struct fuzz_maker *k)
{
	struct fuzz_session *s = k->session;
	struct fuzz_handle *h = &s->handles[fuzz_below(k->random, s->nr_handles)];
	bool odd = wild(k);

	if (s->nr_frozen && !fuzz_once_in(k->random, 4)) {
		acknowledge(k, BC_FREEZE_NOTIFICATION_DONE, s->frozen, &s->nr_frozen);
	} else if (!s->nr_handles || (odd && fuzz_once_in(k->random, 3))) {
		put_watch(k, fuzz_once_in(k->random, 2) ? BC_REQUEST_FREEZE_NOTIFICATION :
			  BC_CLEAR_FREEZE_NOTIFICATION, 12 + fuzz_below(k->random, 12), 1);
	} else if (h->freeze.active && !odd) {
		put_watch(k, BC_CLEAR_FREEZE_NOTIFICATION, h->handle, h->freeze.cookie);
		h->freeze.active = false;
	} else if (h->freeze.active) {
		put_watch(k, fuzz_once_in(k->random, 2) ? BC_REQUEST_FREEZE_NOTIFICATION :
			  BC_CLEAR_FREEZE_NOTIFICATION, h->handle, h->freeze.cookie + 1);
	} else {
		h->freeze.cookie = new_cookie(s);
		h->freeze.active = true;
		put_watch(k, BC_REQUEST_FREEZE_NOTIFICATION, h->handle, h->freeze.cookie);
	}
	return false;
}

/* --- The rest ----------------------------------------------------------------------- */

static bool make_looper(struct fuzz_maker *k)
{
	uint32_t code = (uint32_t[]){ BC_ENTER_LOOPER, BC_REGISTER_LOOPER, BC_EXIT_LOOPER }
		[fuzz_below(k->random, 3)];

	fuzz_say(k, " %s", bnd_bc_name(code));
	bnd_cmd(k->out, code, NULL);
	return true;
}

/* What is no command at all, or not all of one. */
static bool make_garbage(struct fuzz_maker *k)
{
	static const uint32_t codes[] = {
		BC_ACQUIRE_RESULT, BC_ATTEMPT_ACQUIRE, 0, 0xffffffff, BR_NOOP, BR_TRANSACTION,
		BC_TRANSACTION + 0x10000, BC_REPLY & 0xffff, BC_FREE_BUFFER ^ 0xc0000000,
	};
	uint64_t zeroes[16] = { 0 };
	size_t before = k->out->len;

	if (fuzz_once_in(k->random, 2)) {
		uint32_t code = codes[fuzz_below(k->random, FUZZ_COUNT(codes))];

		fuzz_say(k, " garbage %x", code);
		bnd_cmd_bytes(k->out, &code, sizeof(code));
		bnd_cmd_bytes(k->out, zeroes, 4 * fuzz_below(k->random, 16));
		return false;
	}
	/* The end of what can be read comes in the middle of a command. */
	make_done(k);
	k->out->len -= 1 + fuzz_below(k->random, (unsigned int)(k->out->len - before) - 1);
	fuzz_say(k, " cut to %zu", k->out->len - before);
	return false;
}

bool fuzz_make_command(struct fuzz_maker *k)
{
	if (k->session->nr_messages > FUZZ_MESSAGES / 3)
		return make_free(k);
	switch (fuzz_below(k->random, 40)) {
	case 0 ... 11:
		return make_transaction(k);
	case 12 ... 18:
		return make_free(k);
	case 19 ... 24:
		return make_reference(k);
	case 25 ... 31:
		return make_done(k);
	case 32 ... 35:
		return make_death(k);
	case 36 ... 37:
		return make_freeze(k);
	case 38:
		return make_looper(k);
	default:
		return wild(k) ? make_garbage(k) : make_done(k);
	}
}
