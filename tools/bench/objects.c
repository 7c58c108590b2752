// SPDX-License-Identifier: GPL-2.0-only
/* Objects in a call: what each adds to it. */
#include "peer.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct peer client;
static struct flat_binder_object objects[PEER_OBJECTS];
static uint64_t offsets[PEER_OBJECTS];

static void prepare(uint32_t handle, uint32_t code, unsigned int n)
{
	for (unsigned int i = 0; i < PEER_OBJECTS; i++)
		offsets[i] = i * sizeof(*objects);
	peer_prepare(&client, handle, code, 0, objects, sizeof(objects), offsets, n);
}

static void set_binders(uint64_t first)
{
	for (unsigned int i = 0; i < PEER_OBJECTS; i++)
		objects[i] = bnd_obj_binder(first + i * 16, 0, 0);
}

static void set_descriptors(void)
{
	struct binder_fd_object fd = bnd_obj_fd(0, 0);

	_Static_assert(sizeof(fd) == sizeof(*objects), "other offsets are needed");
	for (unsigned int i = 0; i < PEER_OBJECTS; i++)
		memcpy(&objects[i], &fd, sizeof(fd));
}

/* Further buffers of this size. */
#define BUFFER 64

static void prepare_buffers(uint32_t handle)
{
	static struct binder_buffer_object buffers[PEER_OBJECTS];
	static uint8_t bytes[PEER_OBJECTS][BUFFER];

	for (unsigned int i = 0; i < PEER_OBJECTS; i++) {
		offsets[i] = i * sizeof(*buffers);
		buffers[i] = bnd_obj_ptr(bytes[i], BUFFER);
	}
	peer_prepare(&client, handle, PEER_NOP, 0, buffers, sizeof(buffers), offsets, PEER_OBJECTS);
}

static void set_handles(const uint32_t *handles)
{
	for (unsigned int i = 0; i < PEER_OBJECTS; i++)
		objects[i] = bnd_obj_handle(handles[i]);
}

/* A process whose objects the service keeps. */
static pid_t third_party(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready))
		die("no pipe");
	pid = spawn();
	if (pid) {
		close(ready[1]);
		if (read(ready[0], &byte, 1) != 1)
			die("the third party failed");
		close(ready[0]);
		return pid;
	}
	peer_open(&client, NULL);
	set_binders(0x1000);
	prepare(0, PEER_KEEP, PEER_OBJECTS);
	peer_call(&client);
	if (write(ready[1], "", 1) != 1)
		die("the first party failed");
	peer_serve(&client, -1);
	_exit(0);
}

enum { NONE, KNOWN, OWNER, THIRD, NEW, DESCRIPTORS, BUFFERS };

static void measure(const struct bench *b)
{
	uint32_t handle, handles[PEER_OBJECTS];
	uint64_t fresh = 0x100000;
	struct service s;
	pid_t third = 0;

	service_start(&s, 0);
	if (b->arg == THIRD)
		third = third_party();
	peer_open(&client, &handle);
	if (b->arg == KNOWN) {
		set_binders(0x1000);
		prepare(0, PEER_KEEP, PEER_OBJECTS);
		peer_call(&client);
	} else if (b->arg == OWNER || b->arg == THIRD) {
		if (peer_take(&client, b->arg == OWNER ? PEER_NODES : PEER_KEPT, handles) !=
		    PEER_OBJECTS)
			die("too few objects");
		set_handles(handles);
	}
	if (b->arg == DESCRIPTORS)
		set_descriptors();
	prepare(handle, b->arg == DESCRIPTORS ? PEER_CLOSE : PEER_NOP,
		b->arg == NONE ? 0 : PEER_OBJECTS);
	if (b->arg == BUFFERS)
		prepare_buffers(handle);
	for (unsigned int i = 0; i <= options.samples; i++) {
		uint64_t start = sample_begin();

		for (unsigned int k = 0; k < b->ops; k++) {
			if (b->arg == NEW)
				set_binders(fresh += sizeof(objects));
			if (b->arg == BUFFERS)
				peer_call_sg(&client, PEER_OBJECTS * BUFFER);
			else
				peer_call(&client);
		}
		if (i)
			sample_end(b, i - 1, start, b->ops);
	}
	service_stop(&s, &client);
	peer_close(&client);
	if (third) {
		kill(third, SIGKILL);
		waitpid(third, NULL, 0);
	}
}

const struct bench object_benches[] = {
	{ "objects.none", measure, 0, 50, NONE },
	{ "objects.known", measure, 0, 50, KNOWN },
	{ "objects.owner", measure, 0, 50, OWNER },
	{ "objects.third", measure, 0, 50, THIRD },
	{ "objects.new", measure, 0, 50, NEW },
	{ "objects.fd", measure, 0, 50, DESCRIPTORS },
	{ "objects.ptr", measure, 0, 50, BUFFERS },
	{ }
};
