// SPDX-License-Identifier: GPL-2.0-only
/* Making the contents of messages. */
#include "maker.h"

#define OBJECTS		6
#define ANCESTORS	4
#define ALIGN8(x)	(((x) + 7) & ~7ull)

/* A message that is being put together. */
struct draft {
	uint8_t *data;
	size_t size, room;
	uint64_t *offsets;
	unsigned int nr_objects;
	uint64_t extra;
	/* Buffers that further ones may be children of: each the parent of the next. */
	struct {
		uint64_t index, length, free_from;
		uint8_t *contents;
	} chain[ANCESTORS];
	unsigned int depth;
};

static void fill(struct fuzz_maker *k, uint8_t *at, size_t size)
{
	uint64_t word = fuzz_random64(k->random);

	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(word >> (i % 8 * 8)) & 0x7f;
}

static void add_plain(struct fuzz_maker *k, struct draft *d, size_t size)
{
	if (size > d->room - d->size)
		size = d->room - d->size;
	fill(k, d->data + d->size, size);
	d->size += size;
}

static void add_object(struct draft *d, const void *object, size_t size)
{
	d->offsets[d->nr_objects++] = d->size;
	memcpy(d->data + d->size, object, size);
	d->size += size;
}

static void add_binder(struct fuzz_maker *k, struct draft *d)
{
	uint64_t ptr = 1 + fuzz_below(k->random, FUZZ_NODES);
	uint32_t flags = ptr * 5 % 20 | (ptr % 2 ? FLAT_BINDER_FLAG_ACCEPTS_FDS : 0);
	bool weak = fuzz_once_in(k->random, 4);
	struct flat_binder_object object;

	if (k->no_binders || k->offers_none)
		return;
	k->made_binder = true;
	if (k->secctx && ptr % 4 == 3)
		flags |= FLAT_BINDER_FLAG_TXN_SECURITY_CTX;
	object = weak ? bnd_obj_weak_binder(ptr, ptr * 256, flags) :
			bnd_obj_binder(ptr, ptr * 256, flags);
	if (!k->no_news && fuzz_once_in(k->random, 4 * k->wild))
		object.cookie++;
	fuzz_say(k, " %s%llu", weak ? "b" : "B", (unsigned long long)ptr);
	add_object(d, &object, sizeof(object));
}

static void add_handle(struct fuzz_maker *k, struct draft *d)
{
	const struct fuzz_session *s = k->session;
	const struct fuzz_handle *h = &s->handles[fuzz_below(k->random, s->nr_handles)];
	uint32_t handle = h->handle;
	struct flat_binder_object object;
	bool weak;

	if (fuzz_once_in(k->random, 2 * k->wild)) {
		handle = fuzz_below(k->random, 12);
	} else if (!s->nr_handles) {
		add_binder(k, d);
		return;
	}
	weak = s->nr_handles && !h->strong && !h->held_strong;
	if (fuzz_once_in(k->random, 6))
		weak = !weak;
	object = weak ? bnd_obj_weak_handle(handle) : bnd_obj_handle(handle);
	fuzz_say(k, " %s%u", weak ? "h" : "H", handle);
	add_object(d, &object, sizeof(object));
}

static int some_fd(struct fuzz_maker *k)
{
	if (!k->nr_fds || fuzz_once_in(k->random, 4 * k->wild))
		return fuzz_once_in(k->random, 2) ? -1 : 900;
	return k->fds[fuzz_below(k->random, k->nr_fds)];
}

static void add_fd(struct fuzz_maker *k, struct draft *d)
{
	struct binder_fd_object object = bnd_obj_fd(some_fd(k), fuzz_below(k->random, 1000));

	fuzz_say(k, " F%d", (int)object.fd);
	add_object(d, &object, sizeof(object));
}

/* Climb to some ancestor; -1 when there is none, else its place in the chain. */
static int pick_parent(struct fuzz_maker *k, struct draft *d)
{
	if (!d->depth)
		return -1;
	d->depth -= fuzz_below(k->random, d->depth);
	return (int)d->depth - 1;
}

static void add_ptr(struct fuzz_maker *k, struct draft *d)
{
	uint64_t length = fuzz_below(k->random, fuzz_once_in(k->random, 8) ? 600 : 64);
	struct binder_buffer_object object;
	uint8_t *contents;
	int parent = -1;

	if (fuzz_once_in(k->random, 2))
		length = ALIGN8(length) + 16;
	if (fuzz_once_in(k->random, 2))
		parent = pick_parent(k, d);
	contents = fuzz_alloc(k, ALIGN8(length) + 8);
	fill(k, contents, length);
	if (parent >= 0 && ALIGN8(d->chain[parent].free_from) + 8 <= d->chain[parent].length &&
	    d->depth < ANCESTORS) {
		uint64_t at = ALIGN8(d->chain[parent].free_from);

		object = bnd_obj_ptr_child(contents, length, d->chain[parent].index, at);
		d->chain[parent].free_from = at + 8;
		fuzz_say(k, " P%llu<%llu+%llu", (unsigned long long)length,
			 (unsigned long long)object.parent, (unsigned long long)at);
	} else {
		object = bnd_obj_ptr(contents, length);
		d->depth = 0;
		fuzz_say(k, " P%llu", (unsigned long long)length);
	}
	d->chain[d->depth].index = d->nr_objects;
	d->chain[d->depth].length = length;
	d->chain[d->depth].free_from = 0;
	d->chain[d->depth++].contents = contents;
	d->extra += ALIGN8(length);
	add_object(d, &object, sizeof(object));
}

static void add_fd_array(struct fuzz_maker *k, struct draft *d)
{
	int parent = pick_parent(k, d);
	struct binder_fd_array_object object;
	uint64_t n, at;

	if (parent < 0) {
		add_ptr(k, d);
		return;
	}
	at = (d->chain[parent].free_from + 3) & ~3ull;
	n = at < d->chain[parent].length ? (d->chain[parent].length - at) / 4 : 0;
	n = fuzz_below(k->random, n < 4 ? n + 1 : 4);
	for (uint64_t i = 0; i < n; i++) {
		int fd = some_fd(k);

		memcpy(d->chain[parent].contents + at + 4 * i, &fd, 4);
	}
	if (at > d->chain[parent].length)
		at = 0;
	object = bnd_obj_fda(n, d->chain[parent].index, at);
	d->chain[parent].free_from = at + 4 * n;
	fuzz_say(k, " A%llu<%llu+%llu", (unsigned long long)n, (unsigned long long)object.parent,
		 (unsigned long long)at);
	add_object(d, &object, sizeof(object));
}

static void add_objects(struct fuzz_maker *k, struct draft *d, bool fds_welcome)
{
	unsigned int i, n = fuzz_below(k->random, OBJECTS);

	/* A buffer at the very beginning is no parent to some drivers. */
	add_plain(k, d, 8);
	for (i = 0; i < n; i++) {
		if (fuzz_once_in(k->random, 3))
			add_plain(k, d, 4 * fuzz_below(k->random, 8));
		switch (fuzz_below(k->random, 8)) {
		case 0 ... 2:
			add_binder(k, d);
			break;
		case 3 ... 4:
			add_handle(k, d);
			break;
		case 5:
			if (fds_welcome || fuzz_once_in(k->random, k->wild))
				add_fd(k, d);
			break;
		case 6:
			add_ptr(k, d);
			break;
		case 7:
			if (fds_welcome || fuzz_once_in(k->random, k->wild))
				add_fd_array(k, d);
			break;
		}
	}
}

static const uint64_t odd_sizes[] = {
	1, 3, 4, 7, 8, 12, 4096, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
	0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffff8, 0xffffffffffffffff,
};

static uint64_t odd_size(struct fuzz_maker *k)
{
	return odd_sizes[fuzz_below(k->random, FUZZ_COUNT(odd_sizes))];
}

static unsigned int object_words(uint32_t type)
{
	switch (type) {
	case BINDER_TYPE_PTR:
		return sizeof(struct binder_buffer_object) / 4;
	case BINDER_TYPE_FDA:
		return sizeof(struct binder_fd_array_object) / 4;
	default:
		return sizeof(struct flat_binder_object) / 4;
	}
}

/* Make some 32 or 64 bits of an object something else. */
static void spoil_object(struct fuzz_maker *k, struct draft *d)
{
	uint8_t *at = d->data + d->offsets[fuzz_below(k->random, d->nr_objects)];
	unsigned int word = fuzz_below(k->random, 10);
	uint64_t value = fuzz_once_in(k->random, 2) ? fuzz_below(k->random, 64) : odd_size(k);
	/* Not the numbers of files: what they stand for differs from run to run. */
	bool whole = fuzz_once_in(k->random, 2);

	uint32_t type;

	memcpy(&type, at, sizeof(type));
	/*
	 * What is wrong about an object's names depends on whether it is known: not those,
	 * nor what lies behind the object, which may be another one.
	 */
	if (k->no_news && (type == BINDER_TYPE_BINDER || type == BINDER_TYPE_WEAK_BINDER)) {
		word = 0;
		whole = false;
	} else if (k->no_news) {
		word %= object_words(type);
		whole = whole && word + 1 < object_words(type);
	}
	fuzz_say(k, " !object+%u=%llx", 4 * word, (unsigned long long)value);
	if (at + 4 * word + 8 <= d->data + d->room)
		memcpy(at + 4 * word, &value, whole ? 8 : 4);
}

static void spoil_offset(struct fuzz_maker *k, struct draft *d)
{
	unsigned int i = fuzz_below(k->random, d->nr_objects);
	static const int by[] = { -24, -8, -4, -2, -1, 1, 2, 3, 4, 8, 24, 40, 1000 };
	uint64_t other;

	if (fuzz_once_in(k->random, 3)) {
		unsigned int j = fuzz_below(k->random, d->nr_objects);

		other = d->offsets[i];
		d->offsets[i] = d->offsets[j];
		d->offsets[j] = other;
		fuzz_say(k, " !offsets %u,%u", i, j);
		return;
	}
	other = fuzz_once_in(k->random, 4) ? odd_size(k) :
		d->offsets[i] + (uint64_t)(int64_t)by[fuzz_below(k->random, 13)];
	d->offsets[i] = other;
	fuzz_say(k, " !offset %u=%llx", i, (unsigned long long)other);
}

static void spoil(struct fuzz_maker *k, struct draft *d, struct binder_transaction_data_sg *t)
{
	struct binder_transaction_data *txn = &t->transaction_data;

	switch (fuzz_below(k->random, 9)) {
	case 0:
		txn->data_size = odd_size(k);
		fuzz_say(k, " !size=%llx", (unsigned long long)txn->data_size);
		break;
	case 1:
		txn->data_size -= fuzz_below(k->random, (unsigned int)txn->data_size + 1);
		fuzz_say(k, " !size=%llx", (unsigned long long)txn->data_size);
		break;
	case 2:
		txn->offsets_size = fuzz_once_in(k->random, 2) ? odd_size(k) :
				    txn->offsets_size + fuzz_below(k->random, 9);
		fuzz_say(k, " !offsets_size=%llx", (unsigned long long)txn->offsets_size);
		break;
	case 3:
		t->buffers_size = fuzz_once_in(k->random, 2) ? odd_size(k) :
				  t->buffers_size - 8 * fuzz_below(k->random, 8);
		fuzz_say(k, " !buffers_size=%llx", (unsigned long long)t->buffers_size);
		break;
	case 4:
		txn->data.ptr.buffer = FUZZ_NOWHERE;
		fuzz_say(k, " !buffer");
		break;
	case 5:
		txn->data.ptr.offsets = FUZZ_NOWHERE;
		fuzz_say(k, " !offsets");
		break;
	default:
		if (d->nr_objects && fuzz_once_in(k->random, 2))
			spoil_offset(k, d);
		else if (d->nr_objects)
			spoil_object(k, d);
		break;
	}
}

bool fuzz_make_payload(struct fuzz_maker *k, struct binder_transaction_data_sg *t,
		       bool fds_welcome)
{
	bool oneway = t->transaction_data.flags & TF_ONE_WAY;
	struct draft d = { .room = k->largest + 1024 };
	bool sg;

	d.data = fuzz_alloc(k, d.room);
	d.offsets = fuzz_alloc(k, (OBJECTS + 2) * sizeof(*d.offsets));
	if (k->plain || fuzz_once_in(k->random, 3))
		add_plain(k, &d, fuzz_below(k->random, 100));
	else if (!fuzz_once_in(k->random, 4))
		add_objects(k, &d, fds_welcome);
	if (fuzz_once_in(k->random, oneway ? 6 : 12))
		add_plain(k, &d, fuzz_below(k->random, oneway ? k->largest : k->largest / 4));
	else if (fuzz_once_in(k->random, 3))
		add_plain(k, &d, fuzz_below(k->random, 20));

	t->transaction_data.data_size = d.size;
	t->transaction_data.data.ptr.buffer = (uintptr_t)d.data;
	t->transaction_data.offsets_size = d.nr_objects * sizeof(*d.offsets);
	t->transaction_data.data.ptr.offsets = (uintptr_t)d.offsets;
	t->buffers_size = d.extra + 8 * fuzz_once_in(k->random, 5);
	sg = d.extra || fuzz_once_in(k->random, 8);
	fuzz_say(k, " %zu:%u%s", d.size, d.nr_objects, sg ? "sg" : "");
	if (fuzz_once_in(k->random, k->wild))
		spoil(k, &d, t);
	return sg;
}
