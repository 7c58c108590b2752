// SPDX-License-Identifier: GPL-2.0-only
/* Parcels of the aidl family. */
#include <stdio.h>
#include <stdlib.h>

#include "parcel.h"

#define TOKEN_POLICY	  0x00400000	/* what every client sends: gather violations */
#define TOKEN_WORK_SOURCE (-1)
#define TOKEN_SYSTEM	  B_PACK_CHARS('S', 'Y', 'S', 'T')

static void *grow(void *old, size_t bytes)
{
	void *mem = realloc(old, bytes);

	if (!mem) {
		perror("parcel");
		abort();
	}
	return mem;
}

/* Room for @bytes more, padded to four with zeroes. */
static uint8_t *put(struct bnd_parcel *p, size_t bytes)
{
	size_t padded = (bytes + 3) & ~(size_t)3;
	uint8_t *at;

	if (padded > p->cap - p->size) {
		p->cap = 2 * p->cap + padded + 64;
		p->data = grow(p->data, p->cap);
	}
	at = p->data + p->size;
	memset(at, 0, padded);
	p->size += padded;
	return at;
}

void bnd_parcel_reset(struct bnd_parcel *p)
{
	p->size = 0;
	p->noffsets = 0;
}

void bnd_parcel_free(struct bnd_parcel *p)
{
	free(p->data);
	free(p->offsets);
	*p = (struct bnd_parcel){ .data = NULL };
}

void bnd_put_int32(struct bnd_parcel *p, int32_t value)
{
	memcpy(put(p, sizeof(value)), &value, sizeof(value));
}

void bnd_put_string16(struct bnd_parcel *p, const char *string)
{
	size_t i, len = strlen(string);
	uint8_t *at;

	bnd_put_int32(p, (int32_t)len);
	at = put(p, 2 * (len + 1));
	for (i = 0; i < len; i++)
		at[2 * i] = (uint8_t)string[i];
}

void bnd_put_object(struct bnd_parcel *p, const struct flat_binder_object *obj)
{
	p->offsets = grow(p->offsets, (p->noffsets + 1) * sizeof(*p->offsets));
	p->offsets[p->noffsets++] = p->size;
	memcpy(put(p, sizeof(*obj)), obj, sizeof(*obj));
}

void bnd_put_null_object(struct bnd_parcel *p)
{
	struct flat_binder_object obj = bnd_obj_binder(0, 0, 0);

	memcpy(put(p, sizeof(obj)), &obj, sizeof(obj));
}

void bnd_put_token(struct bnd_parcel *p, enum bnd_family family, const char *interface)
{
	bnd_put_int32(p, TOKEN_POLICY);
	if (family >= BND_AIDL2)
		bnd_put_int32(p, TOKEN_WORK_SOURCE);
	if (family >= BND_AIDL3)
		bnd_put_int32(p, TOKEN_SYSTEM);
	bnd_put_string16(p, interface);
}

struct bnd_msg bnd_parcel_msg(const struct bnd_parcel *p, uint32_t handle, uint32_t code,
			      uint32_t flags)
{
	return (struct bnd_msg){
		.handle = handle, .code = code, .flags = flags,
		.data = p->data, .size = p->size,
		.offsets = p->offsets, .noffsets = p->noffsets,
	};
}

void bnd_reader_init(struct bnd_reader *r, const struct binder_transaction_data *txn)
{
	*r = (struct bnd_reader){
		.data = (const uint8_t *)(uintptr_t)txn->data.ptr.buffer,
		.size = txn->data_size,
		.offsets = (const uint64_t *)(uintptr_t)txn->data.ptr.offsets,
		.noffsets = txn->offsets_size / sizeof(uint64_t),
	};
}

static const uint8_t *get(struct bnd_reader *r, size_t bytes)
{
	size_t left = r->size - r->pos;
	size_t padded = (bytes + 3) & ~(size_t)3;
	const uint8_t *at = r->data + r->pos;

	if (r->bad || bytes > left) {
		r->bad = true;
		return NULL;
	}
	r->pos += padded < left ? padded : left;
	return at;
}

int32_t bnd_get_int32(struct bnd_reader *r)
{
	const uint8_t *at = get(r, sizeof(int32_t));
	int32_t value = 0;

	if (at)
		memcpy(&value, at, sizeof(value));
	return value;
}

bool bnd_get_string16(struct bnd_reader *r, char *string, size_t room)
{
	int32_t i, len = bnd_get_int32(r);
	const uint8_t *at;

	if (r->bad || len < 0 || (size_t)len >= room) {
		r->bad = true;
		return false;
	}
	at = get(r, 2 * ((size_t)len + 1));
	if (!at)
		return false;
	for (i = 0; i < len; i++) {
		if (at[2 * i + 1] || at[2 * i] < ' ' || at[2 * i] > '~') {
			r->bad = true;
			return false;
		}
		string[i] = (char)at[2 * i];
	}
	string[len] = '\0';
	return true;
}

bool bnd_get_object(struct bnd_reader *r, struct flat_binder_object *obj)
{
	size_t i;

	for (i = 0; i < r->noffsets && r->offsets[i] != r->pos; i++)
		;
	if (r->bad || i == r->noffsets || r->size - r->pos < sizeof(*obj)) {
		r->bad = true;
		return false;
	}
	memcpy(obj, get(r, sizeof(*obj)), sizeof(*obj));
	return true;
}

bool bnd_get_token(struct bnd_reader *r, const char *interface, enum bnd_family *family)
{
	const struct bnd_reader start = *r;
	char name[128];
	int f;

	for (f = BND_AIDL; f <= BND_AIDL3; f++) {
		*r = start;
		bnd_get_int32(r);
		if (f >= BND_AIDL2)
			bnd_get_int32(r);
		if (f >= BND_AIDL3)
			bnd_get_int32(r);
		if (bnd_get_string16(r, name, sizeof(name)) && !strcmp(name, interface)) {
			*family = (enum bnd_family)f;
			return true;
		}
	}
	r->bad = true;
	return false;
}
