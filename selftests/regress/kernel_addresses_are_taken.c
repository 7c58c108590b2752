// SPDX-License-Identifier: GPL-2.0-only
/*
 * R55, CVE-2013-6282: addresses in arguments were not checked, so that a read into "memory
 * of the program" wrote to the kernel. None that is not the program's is read from or
 * written to, and the counts tell how far a transfer came all the same.
 */
#include <errno.h>
#include <stdio.h>

#include "parts_test.h"

PARTS_FIXTURE(addresses);

#define NR_PLACES 6

static uint64_t place[NR_PLACES];

/* Code of the kernel: that is there, so that nothing but a check keeps anybody from it. */
static uint64_t kernel_text(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	unsigned long long address = 0;
	char name[64] = "";

	while (f && strcmp(name, "_stext")) {
		if (fscanf(f, "%llx %*c %63s%*[^\n]", &address, name) != 2)
			break;
	}
	if (strcmp(name, "_stext") || !address)
		fail("where is _stext?");
	fclose(f);
	return address;
}

static void find_places(void)
{
	const uint64_t places[NR_PLACES] = {
		1, (uintptr_t)page + 4096, 1ull << 63, 0xffff888000001000, ~0ull - 4095,
		kernel_text(),
	};

	memcpy(place, places, sizeof(place));
}

TEST_F(addresses, of_arguments_of_ioctls)
{
	static const struct {
		unsigned int cmd;
		int err;
	} takes[] = {
		{ BINDER_WRITE_READ, -EFAULT }, { BINDER_SET_MAX_THREADS, -EINVAL },
		{ BINDER_VERSION, -EINVAL }, { BINDER_SET_CONTEXT_MGR_EXT, -EINVAL },
		{ BINDER_GET_NODE_DEBUG_INFO, -EFAULT }, { BINDER_GET_NODE_INFO_FOR_REF, -EFAULT },
		{ BINDER_FREEZE, -EFAULT }, { BINDER_GET_FROZEN_INFO, -EFAULT },
		{ BINDER_ENABLE_ONEWAY_SPAM_DETECTION, -EFAULT },
		{ BINDER_GET_EXTENDED_ERROR, -EFAULT },
	};

	find_places();
	for (size_t i = 0; i < ARRAY_SIZE(takes); i++) {
		for (int j = 0; j < NR_PLACES; j++) {
			ASSERT_EQ(takes[i].err, ioc_at(c, takes[i].cmd, place[j])) {
				TH_LOG("ioctl %#x at %#llx", takes[i].cmd,
				       (unsigned long long)place[j]);
			}
		}
	}
}

TEST_F(addresses, of_commands)
{
	find_places();
	for (int i = 0; i < NR_PLACES; i++) {
		struct binder_write_read bwr = { .write_buffer = place[i], .write_size = 8 };

		ASSERT_EQ(-EFAULT, ioc(c, BINDER_WRITE_READ, &bwr, sizeof(bwr)));
		ASSERT_EQ(0, bwr.write_consumed);
	}
}

/* What is written again from there does no command twice and leaves none out. */
TEST_F(addresses, of_commands_that_are_cut)
{
	struct binder_write_read bwr = { 0 };

	call(c, handle, 1, TF_ONE_WAY);
	call(c, handle, 2, TF_ONE_WAY);
	bwr.write_size = c->w.len;
	bwr.write_buffer = (uintptr_t)page + 4096 - (c->w.len - 8);
	memcpy(page + 4096 - (c->w.len - 8), c->w.buf, c->w.len - 8);
	ASSERT_EQ(-EFAULT, ioc(c, BINDER_WRITE_READ, &bwr, sizeof(bwr)));
	ASSERT_EQ(c->w.len / 2, bwr.write_consumed);
	GO(server, "NOOP TXN:1");
	free_last(server);
	GO(server, "EAGAIN");
	c->w.consumed = bwr.write_consumed;
	GO(c, "NOOP COMPLETE COMPLETE");
	GO(server, "NOOP TXN:2");
}

TEST_F(addresses, of_room_for_a_read)
{
	struct bnd_stream r = server->r;
	size_t room = server->room;

	find_places();
	call(c, handle, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	for (int i = 0; i < NR_PLACES; i++) {
		read_into(server, (void *)(uintptr_t)place[i], room);
		GO(server, "EFAULT");
		ASSERT_EQ(0, server->bwr.read_consumed);
	}
	server->r = r;
	GO(server, "NOOP TXN:1");
}

TEST_F(addresses, of_parts_of_a_message)
{
	find_places();
	for (int i = 0; i < NR_PLACES; i++) {
		void *bad = (void *)(uintptr_t)place[i];
		struct parts m = parts(8);

		call_msg(c, (struct bnd_msg){
			.handle = handle, .flags = TF_ONE_WAY, .data = bad, .size = 64,
		});
		GO(c, "NOOP FAILED");
		EXTERR(c, "FAILED EFAULT");
		call_msg(c, (struct bnd_msg){
			.handle = handle, .flags = TF_ONE_WAY,
			.data = bytes(64), .size = 64, .offsets = bad, .noffsets = 1,
		});
		GO(c, "NOOP FAILED");
		EXTERR(c, "FAILED EFAULT");
		add_ptr(&m, bad, 64);
		REFUSED(&m, "EINVAL");
		GO(server, "EAGAIN");
	}
}

TEST_HARNESS_MAIN
