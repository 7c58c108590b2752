// SPDX-License-Identifier: GPL-2.0-only
/* Pages of the area that others use: reading straight out of it, pipes, other processes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "memory.h"
#include "parts.h"
#include "protocol_test.h"

#define THREE_PAGES (3 * PAGE)

PROTOCOL_FIXTURE(pinned);

struct transfer {
	int fd;
	const void *from;
	size_t size;
};

static long do_write(struct port *p, void *arg)
{
	struct transfer *t = arg;
	ssize_t n = write(t->fd, t->from, t->size);

	(void)p;
	return n < 0 ? -errno : n;
}

static long do_vmsplice(struct port *p, void *arg)
{
	struct transfer *t = arg;
	struct iovec from = { (void *)(uintptr_t)t->from, t->size };
	ssize_t n = vmsplice(t->fd, &from, 1, 0);

	(void)p;
	return n < 0 ? -errno : n;
}

static struct transfer *out_of(struct port *p, int fd, size_t offset, size_t size)
{
	struct transfer *t = shared(sizeof(*t));

	*t = (struct transfer){ fd, (uint8_t *)p->conn->map + offset, size };
	return t;
}

static bool reads_all(int fd, size_t size, uint8_t value)
{
	uint8_t bytes[THREE_PAGES];

	if (read(fd, bytes, size) != (ssize_t)size)
		return false;
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != value)
			return false;
	}
	return true;
}

TEST_F(pinned, write_straight_out_of_a_message)
{
	struct port *server = receiver(AREA), *c = client();
	int fds[2], mine;
	size_t at;

	pipe_in(server, fds);
	mine = steal(server, fds[0]);
	at = keep(c, server, 'a', THREE_PAGES);
	ASSERT_EQ(THREE_PAGES, run(server, do_write, out_of(server, fds[1], at, THREE_PAGES)));
	ASSERT_TRUE(reads_all(mine, THREE_PAGES, 'a'));
	/* Where nothing is, the kernel cannot read either. */
	release(server, at);
	drop_caches();
	ASSERT_EQ(-EFAULT, run(server, do_write, out_of(server, fds[1], at, PAGE)));
	close(mine);
}

/* A page that somebody pinned goes from the area and stays what it was for that one. */
TEST_F(pinned, reclaim_leaves_a_pinned_page_to_its_holder)
{
	struct port *server = receiver(AREA), *c = client();
	uint64_t was;
	int fds[2], mine;
	size_t at;

	pipe_in(server, fds);
	mine = steal(server, fds[0]);
	at = keep(c, server, 'a', THREE_PAGES);
	was = frame(server, at);
	ASSERT_EQ(PAGE, run(server, do_vmsplice, out_of(server, fds[1], at, PAGE)));
	release(server, at);
	drop_caches();
	ASSERT_EQ(0, mapped_pages(server, AREA));
	ASSERT_EQ(-SIGBUS, look(server, at));

	/* Nobody else is given it, here or in another area. */
	at = keep(c, server, 'b', THREE_PAGES);
	ASSERT_NE(was, frame(server, at));
	for (int i = 0; i < 8; i++) {
		release(server, at);
		drop_caches();
		at = keep(c, server, 'c' + i, THREE_PAGES);
		ASSERT_NE(was, frame(server, at));
	}
	ASSERT_TRUE(reads_all(mine, PAGE, 'a'));
	close(mine);
}

TEST_F(pinned, a_pinned_page_outlives_the_file)
{
	struct port *server = receiver(AREA), *c = client();
	int fds[2], mine;
	size_t at;

	pipe_in(server, fds);
	mine = steal(server, fds[0]);
	at = keep(c, server, 'a', THREE_PAGES);
	ASSERT_EQ(THREE_PAGES, run(server, do_vmsplice, out_of(server, fds[1], at, THREE_PAGES)));
	die(server);
	/* Buried: there is a manager again. */
	peers_end();
	server = receiver(AREA);
	c = client();
	keep(c, server, 'b', AREA);
	ASSERT_TRUE(reads_all(mine, THREE_PAGES, 'a'));
	close(mine);
}

static ssize_t read_of(struct port *p, size_t offset, void *to, size_t size)
{
	struct iovec local = { to, size };
	struct iovec remote = { (uint8_t *)p->conn->map + offset, size };
	ssize_t n = process_vm_readv(p->pid, &local, 1, &remote, 1, 0);

	return n < 0 ? -errno : n;
}

TEST_F(pinned, other_processes_read_what_is_there)
{
	struct port *server = receiver(AREA), *c = client();
	uint8_t bytes[THREE_PAGES];
	size_t at;

	ASSERT_EQ(-EFAULT, read_of(server, 0, bytes, PAGE));
	at = keep(c, server, 'a', THREE_PAGES);
	ASSERT_EQ(THREE_PAGES, read_of(server, at, bytes, THREE_PAGES));
	ASSERT_EQ('a', bytes[THREE_PAGES - 1]);
	release(server, at);
	drop_caches();
	ASSERT_EQ(-EFAULT, read_of(server, at, bytes, PAGE));
}

static long do_dontneed(struct port *p, void *arg)
{
	(void)arg;
	return madvise(p->conn->map, p->conn->map_size, MADV_DONTNEED) ? -errno : 0;
}

/* The fault is theirs, the page table is the receiver's. */
TEST_F(pinned, other_processes_heal_lost_entries)
{
	struct port *server = receiver(AREA), *c = client();
	uint8_t bytes[THREE_PAGES];
	size_t at = keep(c, server, 'a', THREE_PAGES);

	ASSERT_EQ(0, run(server, do_dontneed, NULL));
	ASSERT_EQ(THREE_PAGES, read_of(server, at, bytes, THREE_PAGES));
	ASSERT_EQ('a', bytes[0]);
	ASSERT_EQ(3, mapped_pages(server, AREA));
	ASSERT_EQ('a', look(server, at));
}

/* As the sender's data, it is read in the kernel while the receiver of both may free it. */
TEST_F(pinned, a_message_out_of_a_message)
{
	struct port *server = receiver(AREA), *c = client();
	struct port *t = thread_of(server);
	size_t at = keep(c, server, 'a', THREE_PAGES);
	uint32_t handle;

	/* The manager sends to a client with an area, out of its own. */
	c = process();
	call_obj(c, 0, 1, TF_ONE_WAY, bnd_obj_binder(0x10, 0x20, 0));
	GO(c, "NOOP INCREFS:10:20 ACQUIRE:10:20 COMPLETE");
	both_done(c, 0x10, 0x20);
	WRITE(c, "");
	GO(t, "NOOP TXN:1");
	handle = got_obj(t, 0).handle;
	call_msg(t, (struct bnd_msg){
		.handle = handle, .code = 2, .flags = TF_ONE_WAY,
		.data = (uint8_t *)server->conn->map + at, .size = THREE_PAGES,
	});
	GO(t, "NOOP COMPLETE");
	GO(c, "NOOP TXN:2");
	ASSERT_TRUE(is_all(c, c->txn.data.ptr.buffer - (uintptr_t)c->conn->map, THREE_PAGES, 'a'));
	/* Nothing there any more: as any unreadable data. */
	release(server, at);
	drop_caches();
	call_msg(t, (struct bnd_msg){
		.handle = handle, .code = 3, .flags = TF_ONE_WAY,
		.data = (uint8_t *)server->conn->map + at, .size = THREE_PAGES,
	});
	GO(t, "NOOP FAILED");
	EXTERR(t, "FAILED EFAULT");
}

TEST_HARNESS_MAIN
