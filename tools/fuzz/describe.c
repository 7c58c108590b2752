// SPDX-License-Identifier: GPL-2.0-only
/* Texts of messages, the same whatever driver brought them. */
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "describe.h"

#define CONTENTS 1024	/* more of a buffer is not looked at */

struct text {
	char *at;
	size_t room;
};

static void say(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->at, t->room, format, args);
	va_end(args);
	if ((size_t)n >= t->room)
		n = t->room ? (int)t->room - 1 : 0;
	t->at += n;
	t->room -= (size_t)n;
}

static uint32_t checksum(uint32_t sum, const uint8_t *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ at[i]) * 0x01000193;
	return sum;
}

/* Files that are sent have sizes of their own. */
static void say_fd(struct text *t, int fd)
{
	struct stat st = { .st_size = -1 };

	fstat(fd, &st);
	say(t, " F%d(%lld)", fd, (long long)st.st_size);
}

static const char *sender(const struct stage *stage, pid_t pid)
{
	static const char *const names[] = { "P0", "P1", "P2", "P3" };

	for (unsigned int i = 0; i < ACTOR_PROCESSES; i++)
		if (pid && stage->pids[i] == pid)
			return names[i];
	return pid ? "?" : "0";
}

/*
 * A buffer: where it lies in the message and what is in it, with the addresses of
 * its children, which lie in it, as distances.
 */
static void say_buffer(struct text *t, const struct desk *desk, unsigned int n,
		       const struct binder_buffer_object *object, uint64_t base)
{
	uint8_t contents[CONTENTS];
	size_t size = object->length < CONTENTS ? object->length : CONTENTS;
	unsigned int i;

	say(t, " P@%lld,%llu,%x,%llu+%llu", (long long)(object->buffer - base),
	    (unsigned long long)object->length, object->flags,
	    (unsigned long long)object->parent, (unsigned long long)object->parent_offset);
	memcpy(contents, (const void *)(uintptr_t)object->buffer, size);
	for (i = n + 1; desk->offsets[i] != UINT64_MAX; i++) {
		struct binder_buffer_object child;
		uint64_t address;

		memcpy(&child, desk->data + desk->offsets[i], sizeof(child));
		if (child.hdr.type != BINDER_TYPE_PTR ||
		    !(child.flags & BINDER_BUFFER_FLAG_HAS_PARENT) || child.parent != n ||
		    child.parent_offset + 8 > size)
			continue;
		memcpy(&address, contents + child.parent_offset, 8);
		say(t, "[%llu]=%lld", (unsigned long long)child.parent_offset,
		    (long long)(address - base));
		memset(contents + child.parent_offset, 0, 8);
	}
	say(t, "=%08x", checksum(0, contents, size));
}

static void say_object(struct text *t, const struct desk *desk, unsigned int n, uint64_t base)
{
	const uint8_t *at = desk->data + desk->offsets[n];
	struct binder_fd_array_object array;
	struct binder_buffer_object buffer;
	struct flat_binder_object flat;
	struct binder_fd_object file;

	memcpy(&flat, at, sizeof(flat));
	switch (flat.hdr.type) {
	case BINDER_TYPE_BINDER:
	case BINDER_TYPE_WEAK_BINDER:
	case BINDER_TYPE_HANDLE:
	case BINDER_TYPE_WEAK_HANDLE:
		say(t, " %c%llx,%llx,%x", flat.hdr.type >> 24, (unsigned long long)flat.binder,
		    (unsigned long long)flat.cookie, flat.flags);
		break;
	case BINDER_TYPE_FD:
		memcpy(&file, at, sizeof(file));
		say_fd(t, (int)file.fd);
		say(t, ",%llx,%x", (unsigned long long)file.cookie, file.pad_flags);
		/* The receiver's to close. */
		close((int)file.fd);
		break;
	case BINDER_TYPE_FDA:
		memcpy(&array, at, sizeof(array));
		say(t, " A%llu<%llu+%llu", (unsigned long long)array.num_fds,
		    (unsigned long long)array.parent, (unsigned long long)array.parent_offset);
		break;
	case BINDER_TYPE_PTR:
		memcpy(&buffer, at, sizeof(buffer));
		say_buffer(t, desk, n, &buffer, base);
		break;
	default:
		say(t, " type %x", flat.hdr.type);
	}
}

/* The plain bytes between objects. */
static uint32_t plain(const struct desk *desk, size_t size, unsigned int objects)
{
	size_t from = 0, to, length;
	uint32_t sum = 0;

	for (unsigned int i = 0; i <= objects; i++) {
		to = i < objects ? desk->offsets[i] : size;
		if (to > from)
			sum = checksum(sum, desk->data + from, to - from);
		if (i == objects)
			break;
		length = sizeof(struct flat_binder_object);
		if (desk->data[to] == (BINDER_TYPE_PTR & 0xff) &&
		    !memcmp(desk->data + to, &(uint32_t){ BINDER_TYPE_PTR }, 4))
			length = sizeof(struct binder_buffer_object);
		else if (!memcmp(desk->data + to, &(uint32_t){ BINDER_TYPE_FDA }, 4))
			length = sizeof(struct binder_fd_array_object);
		from = to + length;
	}
	return sum;
}

void describe_message(struct desk *desk, const struct stage *stage, const struct bnd_rec *rec)
{
	const struct binder_transaction_data *txn = &rec->txn;
	struct text t = { .at = desk->text, .room = sizeof(desk->text) };
	size_t size = txn->data_size, objects = txn->offsets_size / 8;

	desk->has_message = true;
	memset(desk->data, 0, sizeof(desk->data));
	memcpy(desk->data, (const void *)(uintptr_t)txn->data.ptr.buffer,
	       size < ACTOR_COPY ? size : ACTOR_COPY);
	if (objects >= ACTOR_OFFSETS)
		objects = ACTOR_OFFSETS - 1;
	memcpy(desk->offsets, (const void *)(uintptr_t)txn->data.ptr.offsets, objects * 8);
	desk->offsets[objects] = UINT64_MAX;

	say(&t, " to %llx,%llx c=%x f=%x from %s,%d %llu:%llu@%lld",
	    (unsigned long long)txn->target.ptr, (unsigned long long)txn->cookie, txn->code,
	    txn->flags, sender(stage, txn->sender_pid), (int)txn->sender_euid,
	    (unsigned long long)txn->data_size, (unsigned long long)txn->offsets_size,
	    (long long)(txn->data.ptr.offsets - txn->data.ptr.buffer));
	if (rec->code == BR_TRANSACTION_SEC_CTX)
		say(&t, " secctx @%lld %.40s", (long long)(rec->sec.secctx - txn->data.ptr.buffer),
		    (const char *)(uintptr_t)rec->sec.secctx);
	for (unsigned int i = 0; i < objects; i++)
		say_object(&t, desk, i, txn->data.ptr.buffer);
	say(&t, " plain %08x", plain(desk, size, (unsigned int)objects));
}
