// SPDX-License-Identifier: GPL-2.0-only
/* Reading off return streams what may be done next. */
#include "session.h"

/* Room for one more at the end of a table, at the cost of its oldest entry. */
#define MAKE_ROOM(table, count, max)						\
do {										\
	if ((count) == (max)) {							\
		memmove(&(table)[0], &(table)[1], ((max) - 1) * sizeof((table)[0]));	\
		(count)--;							\
	}									\
} while (0)

#define REMOVE(table, count, i)							\
	memmove(&(table)[i], &(table)[(i) + 1], (--(count) - (i)) * sizeof((table)[0]))

void fuzz_session_init(struct fuzz_session *s, unsigned int id)
{
	*s = (struct fuzz_session){ .id = id };
}

/* --- Calls of a thread ------------------------------------------------------ */

char fuzz_stack_top(const struct fuzz_stack *stack)
{
	return stack->depth ? stack->calls[stack->depth - 1].kind : '\0';
}

static bool has(const struct fuzz_stack *stack, char kind)
{
	for (unsigned int i = 0; i < stack->depth; i++)
		if (stack->calls[i].kind == kind)
			return true;
	return false;
}

bool fuzz_stack_waits(const struct fuzz_stack *stack)
{
	return has(stack, 'w');
}

bool fuzz_stack_in_chain(const struct fuzz_stack *stack)
{
	return has(stack, 'w') && has(stack, 's');
}

void fuzz_stack_push(struct fuzz_stack *stack, char kind, uint32_t flags)
{
	MAKE_ROOM(stack->calls, stack->depth, FUZZ_DEPTH);
	stack->calls[stack->depth].kind = kind;
	stack->calls[stack->depth++].flags = flags;
}

/* The latest call of that kind is over. */
void fuzz_stack_pop(struct fuzz_stack *stack, char kind)
{
	for (unsigned int i = stack->depth; i--; ) {
		if (stack->calls[i].kind != kind)
			continue;
		REMOVE(stack->calls, stack->depth, i);
		return;
	}
}

static void wrote(struct fuzz_stack *stack, uint32_t code, const uint8_t *payload)
{
	struct binder_transaction_data txn;

	memcpy(&txn, payload, sizeof(txn));
	stack->owed++;
	stack->last_waits = false;
	if (code == BC_REPLY || code == BC_REPLY_SG) {
		if (fuzz_stack_top(stack) == 's')
			fuzz_stack_pop(stack, 's');
	} else if (!(txn.flags & TF_ONE_WAY)) {
		fuzz_stack_push(stack, 'w', txn.flags);
		stack->last_waits = true;
	}
}

/*
 * A failure is that of the last call or reply, which is then the only one that is
 * owed something, or that of a call that was accepted before.
 */
static void failed(struct fuzz_stack *stack, unsigned int failures)
{
	if (stack->owed && !stack->last_waits)
		failures--;
	stack->owed = 0;
	while (failures--)
		fuzz_stack_pop(stack, 'w');
}

unsigned int fuzz_stack_exchange(struct fuzz_stack *stack, const uint8_t *written, size_t consumed,
				 uint8_t *read, size_t len)
{
	struct bnd_stream in = { .buf = read, .len = len };
	unsigned int taken = 0, failures = 0;
	struct bnd_rec rec;
	uint32_t code;

	for (size_t at = 0; at + sizeof(code) <= consumed; at += sizeof(code) + _IOC_SIZE(code)) {
		memcpy(&code, written + at, sizeof(code));
		if (code != BC_TRANSACTION && code != BC_TRANSACTION_SG && code != BC_REPLY &&
		    code != BC_REPLY_SG)
			continue;
		wrote(stack, code, written + at + sizeof(code));
		taken++;
	}
	while (bnd_next(&in, &rec) == 1) {
		switch (rec.code) {
		case BR_TRANSACTION_COMPLETE:
		case BR_TRANSACTION_PENDING_FROZEN:
		case BR_ONEWAY_SPAM_SUSPECT:
			stack->owed -= !!stack->owed;
			break;
		case BR_DEAD_REPLY:
		case BR_FAILED_REPLY:
		case BR_FROZEN_REPLY:
			failures++;
			break;
		}
	}
	if (failures)
		failed(stack, failures);
	return taken;
}

/* --- Handles and messages ----------------------------------------------------- */

struct fuzz_handle *fuzz_find_handle(struct fuzz_session *s, uint32_t handle)
{
	for (unsigned int i = 0; i < s->nr_handles; i++)
		if (s->handles[i].handle == handle)
			return &s->handles[i];
	return NULL;
}

void fuzz_drop_handles(struct fuzz_session *s)
{
	for (unsigned int i = s->nr_handles; i--; ) {
		const struct fuzz_handle *h = &s->handles[i];

		if (!(h->strong || h->weak || h->held_strong || h->held_weak))
			REMOVE(s->handles, s->nr_handles, i);
	}
}

static struct fuzz_handle *know_handle(struct fuzz_session *s, uint32_t handle)
{
	struct fuzz_handle *h = fuzz_find_handle(s, handle);

	if (h)
		return h;
	MAKE_ROOM(s->handles, s->nr_handles, FUZZ_HANDLES);
	h = &s->handles[s->nr_handles++];
	*h = (struct fuzz_handle){ .handle = handle };
	return h;
}

void fuzz_drop_message(struct fuzz_session *s, unsigned int i)
{
	const struct fuzz_message_in *m = &s->messages[i];
	struct fuzz_handle *h;

	for (unsigned int n = 0; n < m->nr_strong; n++) {
		h = fuzz_find_handle(s, m->strong[n]);
		if (h && h->held_strong)
			h->held_strong--;
	}
	for (unsigned int n = 0; n < m->nr_weak; n++) {
		h = fuzz_find_handle(s, m->weak[n]);
		if (h && h->held_weak)
			h->held_weak--;
	}
	REMOVE(s->messages, s->nr_messages, i);
	fuzz_drop_handles(s);
}

unsigned int fuzz_buffer_id(const struct fuzz_session *s, uint64_t buffer)
{
	for (unsigned int i = s->nr_messages; i--; )
		if (s->messages[i].buffer == buffer)
			return s->messages[i].id;
	return 0;
}

static void take_message(struct fuzz_session *s, const struct binder_transaction_data *txn,
			 const uint8_t *data, const uint64_t *offsets)
{
	unsigned int i, n = txn->offsets_size / sizeof(*offsets);
	struct flat_binder_object object;
	struct fuzz_message_in *m;

	/* A buffer at the same place: the one known is gone. */
	for (i = s->nr_messages; i--; )
		if (s->messages[i].buffer == txn->data.ptr.buffer)
			fuzz_drop_message(s, i);
	MAKE_ROOM(s->messages, s->nr_messages, FUZZ_MESSAGES);
	m = &s->messages[s->nr_messages++];
	*m = (struct fuzz_message_in){ .buffer = txn->data.ptr.buffer, .id = ++s->nr_ids };
	for (i = 0; i < n && i < FUZZ_OBJECTS; i++) {
		memcpy(&object, data + offsets[i], sizeof(object));
		if (object.hdr.type == BINDER_TYPE_HANDLE) {
			m->strong[m->nr_strong++] = object.handle;
			know_handle(s, object.handle)->held_strong++;
		} else if (object.hdr.type == BINDER_TYPE_WEAK_HANDLE) {
			m->weak[m->nr_weak++] = object.handle;
			know_handle(s, object.handle)->held_weak++;
		}
	}
}

static void owe(struct fuzz_session *s, uint32_t command, const struct binder_ptr_cookie *node)
{
	MAKE_ROOM(s->owed, s->nr_owed, FUZZ_OWED);
	s->owed[s->nr_owed++] = (struct fuzz_owed){
		.command = command, .ptr = node->ptr, .cookie = node->cookie,
	};
}

void fuzz_session_take(struct fuzz_session *s, struct fuzz_stack *stack,
		       const struct bnd_rec *rec, const uint8_t *data, const uint64_t *offsets)
{
	switch (rec->code) {
	case BR_TRANSACTION:
	case BR_TRANSACTION_SEC_CTX:
		if (!(rec->txn.flags & TF_ONE_WAY))
			fuzz_stack_push(stack, 's', rec->txn.flags);
		take_message(s, &rec->txn, data, offsets);
		break;
	case BR_REPLY:
		fuzz_stack_pop(stack, 'w');
		take_message(s, &rec->txn, data, offsets);
		break;
	case BR_INCREFS:
		owe(s, BC_INCREFS_DONE, &rec->node);
		break;
	case BR_ACQUIRE:
		owe(s, BC_ACQUIRE_DONE, &rec->node);
		break;
	case BR_DEAD_BINDER:
		MAKE_ROOM(s->dead, s->nr_dead, FUZZ_NOTICES);
		s->dead[s->nr_dead++] = rec->cookie;
		break;
	case BR_FROZEN_BINDER:
		MAKE_ROOM(s->frozen, s->nr_frozen, FUZZ_NOTICES);
		s->frozen[s->nr_frozen++] = rec->frozen.cookie;
		break;
	}
}
