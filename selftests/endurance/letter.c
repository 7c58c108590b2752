// SPDX-License-Identifier: GPL-2.0-only
/* Writing and reading messages; see letter.h. */
#include <string.h>
#include <unistd.h>

#include "endurance.h"
#include "letter.h"

#define WORDS 24	/* of plain data */

static uint32_t word(uint32_t number, int i)
{
	return i ? number * 2654435761u + i : number;
}

void write_letter(struct letter *l, uint32_t number)
{
	l->size = 0;
	l->n = 0;
	l->extra = 0;
	for (int i = 0; i < WORDS; i++) {
		uint32_t w = word(number, i);

		memcpy(l->data + l->size, &w, sizeof(w));
		l->size += sizeof(w);
	}
}

void add_object(struct letter *l, const void *object, size_t size)
{
	need(l->size + size <= sizeof(l->data) && l->n < sizeof(l->offsets) / 8);
	l->offsets[l->n++] = l->size;
	memcpy(l->data + l->size, object, size);
	l->size += size;
}

void add_buffers(struct letter *l, int fd)
{
	struct binder_buffer_object first, second;
	struct binder_fd_array_object array;
	uint64_t parent = l->n;

	l->first.fds[0] = fd;
	l->first.fds[1] = fd;
	memset(l->second, 's', sizeof(l->second));
	first = bnd_obj_ptr(&l->first, sizeof(l->first));
	second = bnd_obj_ptr_child(l->second, sizeof(l->second), parent, 0);
	array = bnd_obj_fda(2, parent, sizeof(uint64_t));
	add_object(l, &first, sizeof(first));
	add_object(l, &second, sizeof(second));
	add_object(l, &array, sizeof(array));
	l->extra += sizeof(l->first) + sizeof(l->second);
}

struct bnd_msg letter_msg(const struct letter *l, uint32_t handle, uint32_t code, uint32_t flags)
{
	return (struct bnd_msg){
		.handle = handle, .code = code, .flags = flags,
		.data = l->data, .size = l->size,
		.offsets = l->offsets, .noffsets = l->n, .extra = l->extra,
	};
}

static const uint8_t *data_of(const struct binder_transaction_data *txn)
{
	return (const uint8_t *)(uintptr_t)txn->data.ptr.buffer;
}

uint32_t letter_number_of(const struct letter *l)
{
	uint32_t number;

	memcpy(&number, l->data, sizeof(number));
	return number;
}

uint32_t letter_number(const struct binder_transaction_data *txn)
{
	uint32_t number = 0;

	if (txn->data_size >= sizeof(number))
		memcpy(&number, data_of(txn), sizeof(number));
	return number;
}

bool right_letter(const struct binder_transaction_data *txn, uint32_t number)
{
	if (txn->data_size < WORDS * sizeof(uint32_t))
		return false;
	for (int i = 0; i < WORDS; i++) {
		uint32_t w = word(number, i);

		if (memcmp(data_of(txn) + i * sizeof(w), &w, sizeof(w)))
			return false;
	}
	for (uint64_t i = 0; i < txn->offsets_size / 8; i++) {
		const uint64_t *offsets = (const uint64_t *)(uintptr_t)txn->data.ptr.offsets;
		struct binder_buffer_object o;

		memcpy(&o.hdr, data_of(txn) + offsets[i], sizeof(o.hdr));
		if (o.hdr.type != BINDER_TYPE_PTR)
			continue;
		memcpy(&o, data_of(txn) + offsets[i], sizeof(o));
		if ((o.flags & BINDER_BUFFER_FLAG_HAS_PARENT) &&
		    *(const char *)(uintptr_t)o.buffer != 's')
			return false;
	}
	return true;
}

uint32_t open_letter(const struct binder_transaction_data *txn)
{
	const uint64_t *offsets = (const uint64_t *)(uintptr_t)txn->data.ptr.offsets;
	uint32_t handle = 0;

	for (uint64_t i = 0; i < txn->offsets_size / 8; i++) {
		/* The same size as that of a descriptor, with its number where the handle is. */
		struct flat_binder_object o;

		memcpy(&o, data_of(txn) + offsets[i], sizeof(o));
		/* Those in arrays go with the message. */
		if (o.hdr.type == BINDER_TYPE_FD)
			close(o.handle);
		else if (o.hdr.type == BINDER_TYPE_HANDLE && !handle)
			handle = o.handle;
	}
	return handle;
}
