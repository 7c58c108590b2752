// SPDX-License-Identifier: GPL-2.0-only
/* Objects, descriptors and further buffers while memory and copies fail. */
#include <errno.h>
#include <unistd.h>

#include "faults_test.h"
#include "parts.h"

FAULTS_FIXTURE(fault_object);

/* --- objects --- */

SWEEP(fault_object, in_sending_an_object)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		struct flat_binder_object obj[] = {
			bnd_obj_binder(0x77, 0x78, 0), bnd_obj_weak_binder(0x87, 0x88, 0),
		};

		call_msg(p.c, objects(p.h, 7, TF_ONE_WAY, 2, obj));
		strike(p.c);
		go(p.c);
		outcome(told(p.c), "NOOP INCREFS:77:78 ACQUIRE:77:78 INCREFS:87:88 COMPLETE",
			"NOOP FAILED, FAILED ENOMEM", "NOOP FAILED, FAILED EFAULT");
		both_done(p.c, 0x77, 0x78);
		bnd_cmd_increfs_done(&p.c->w, 0x87, 0x88);
		go(p.c);
		forget(p.c);
		still_works(&p);
		give(p.c, p.server, 0x97, 0x98, 0);
	}
}

SWEEP(fault_object, in_sending_a_handle)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		struct port *third = process();
		uint32_t h = give(third, p.c, 0x77, 0x78, 0);
		struct flat_binder_object obj[] = { bnd_obj_handle(h), bnd_obj_weak_handle(h) };

		call_msg(p.c, objects(p.h, 7, 0, 2, obj));
		strike(p.c);
		go(p.c);
		outcome(told(p.c), "EAGAIN", "NOOP FAILED, FAILED ENOMEM",
			"NOOP FAILED, FAILED EFAULT");
		still_works(&p);
		still_work(p.c, third, h);
	}
}

/* A message with @nr new objects of the client. */
static void call_with(struct port *c, uint32_t handle, unsigned int first, int nr)
{
	struct flat_binder_object obj[64];

	for (int i = 0; i < nr; i++)
		obj[i] = bnd_obj_binder(0x1000 + 16 * (first + i), 1, 0);
	call_msg(c, objects(handle, 7, TF_ONE_WAY, nr, obj));
	c->room = 4096;
}

/* So many that the table of handles has to grow. */
SWEEP(fault_object, in_receiving_many_handles)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();

		/* Not freed, so that the receiver has them still. */
		call_with(p.c, p.h, 0, 60);
		go(p.c);
		ASSERT_STREQ("NOOP TXN:7", go(p.server));
		call_with(p.c, p.h, 60, 6);
		strike(p.c);
		go(p.c);
		outcome(strstr(p.c->got, "INCREFS") ? "INCREFS" : told(p.c), "INCREFS",
			"NOOP FAILED, FAILED ENOMEM", "NOOP FAILED, FAILED EFAULT");
		/* Their buffer is still there. */
		drain(p.c, p.server);
		ping(p.c, p.server, p.h);
		give(p.c, p.server, 0x9000, 1, 0);
	}
}

SWEEP(fault_object, in_taking_the_manager)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		struct port *c = process();

		take(c, 0);
		strike(c);
		/* ABI: a count that cannot be had is passed over in silence. */
		outcome(go(c), "EAGAIN", "EFAULT", NULL);
		still_work(c, p.mgr, 0);
		still_works(&p);
	}
}

/* --- descriptors and further buffers --- */

SWEEP(fault_object, in_sending_a_descriptor)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		int fds[2];

		pipe_in(p.c, fds);
		call_obj(p.c, p.h, 7, TF_ONE_WAY, fd_obj(fds[0], 1));
		strike(p.c);
		go(p.c);
		outcome(told(p.c), "NOOP COMPLETE", "NOOP FAILED, FAILED ENOMEM",
			"NOOP FAILED, FAILED EFAULT");
		still_works(&p);
	}
}

/* Leave one number that the table of files has room for: to the file that orders the fault. */
static long do_fill_table(struct port *p, void *arg)
{
	int fd;

	(void)p;
	(void)arg;
	do {
		fd = dup(STDOUT_FILENO);
	} while (fd >= 0 && fd % 64 != 63);
	return close(fd) ? -errno : 0;
}

static void receive_a_descriptor(struct __test_metadata *_metadata, bool full)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		int fds[2], read_end;
		bool got;

		if (full)
			ASSERT_EQ(0, run(p.server, do_fill_table, NULL));
		pipe_in(p.c, fds);
		call_obj(p.c, p.h, 7, 0, fd_obj(fds[1], 1));
		ASSERT_STREQ("EAGAIN", go(p.c));
		read_end = steal(p.c, fds[0]);
		close_in(p.c, fds[0]);
		close_in(p.c, fds[1]);
		strike(p.server);
		go(p.server);
		outcome(p.server->got, "NOOP TXN:7", "NOOP|EFAULT|EAGAIN", NULL);
		got = !strcmp(p.server->got, "NOOP TXN:7");
		if (got)
			answer(p.server, p.c);
		still_works(&p);
		/* Nobody keeps a file that was not received. */
		if (!got)
			wait_for_end(read_end);
		close(read_end);
	}
}

SWEEP(fault_object, in_receiving_a_descriptor) { receive_a_descriptor(_metadata, false); }
SWEEP(fault_object, in_receiving_one_too_many) { receive_a_descriptor(_metadata, true); }

static struct parts all_parts(struct port *c)
{
	struct parts m = parts(8);
	int *numbers = shared(64);
	uint64_t parent;
	int fds[2];

	pipe_in(c, fds);
	numbers[0] = fds[0];
	numbers[1] = fds[1];
	parent = add_ptr(&m, shared(64), 64);
	add_child(&m, numbers, 64, parent, 0);
	add_fda(&m, 2, parent + 1, 0);
	return m;
}

SWEEP(fault_object, in_sending_parts)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		struct parts m = all_parts(p.c);
		struct bnd_msg msg = parts_msg(&m, p.h, TF_ONE_WAY);

		bnd_cmd_transaction_sg(&p.c->w, &msg);
		strike(p.c);
		go(p.c);
		/* ABI: EINVAL for numbers and further buffers that cannot be read. */
		outcome(told(p.c), "NOOP COMPLETE", "NOOP FAILED, FAILED ENOMEM",
			"NOOP FAILED, FAILED EFAULT|NOOP FAILED, FAILED EINVAL");
		still_works(&p);
	}
}

SWEEP(fault_object, in_receiving_parts)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		struct parts m = all_parts(p.c);
		struct bnd_msg msg = parts_msg(&m, p.h, TF_ONE_WAY);

		bnd_cmd_transaction_sg(&p.c->w, &msg);
		ASSERT_STREQ("NOOP COMPLETE", go(p.c));
		strike(p.server);
		outcome(go(p.server), "NOOP TXN:5ca7", "NOOP|EFAULT", NULL);
		free_received(p.server);
		still_works(&p);
	}
}

SWEEP(fault_object, in_freeing_parts)
{
	FOR_EACH_FAULT() {
		struct pair p = pair();
		struct parts m = all_parts(p.c);

		ASSERT_STREQ("OK", deliver_parts(p.c, p.server, &m, p.h));
		free_last(p.server);
		strike(p.server);
		outcome(go(p.server), "NOOP", "EFAULT", NULL);
		still_works(&p);
	}
}

TEST_HARNESS_MAIN
