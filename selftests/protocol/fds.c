// SPDX-License-Identifier: GPL-2.0-only
/*
 * File descriptors in messages.
 *
 * For R35 (CVE-2018-9465) and R52.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol_test.h"

#define ACCEPTS FLAT_BINDER_FLAG_ACCEPTS_FDS

PROTOCOL_FIXTURE(fds);

/* --- in the peers --- */

/* A pipe whose ends are the numbers @arg[0] and @arg[1]. */
static long make_pipe(struct port *p, void *arg)
{
	(void)p;
	return pipe2(arg, O_CLOEXEC) ? -errno : 0;
}

static int *pipe_in(struct port *p)
{
	int *fds = shared(2 * sizeof(*fds));

	if (run(p, make_pipe, fds))
		fail("no pipe");
	return fds;
}

static long do_close(struct port *p, void *arg)
{
	(void)p;
	return close((int)(long)arg) ? -errno : 0;
}

static long do_write(struct port *p, void *arg)
{
	(void)p;
	return write((int)(long)arg, "hello", 5);
}

/* One byte, or 0 at the end of the file, or -EAGAIN. */
static long do_read(struct port *p, void *arg)
{
	int fd = (int)(long)arg;
	char c;
	long n;

	(void)p;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	n = read(fd, &c, 1);
	return n < 0 ? -errno : n;
}

static long do_fdflags(struct port *p, void *arg)
{
	int flags = fcntl((int)(long)arg, F_GETFD);

	(void)p;
	return flags < 0 ? -errno : flags;
}

static long open_path_only(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	return open("/", O_PATH | O_CLOEXEC);
}

static struct binder_fd_object got_fd(struct port *p, int i)
{
	struct binder_fd_object o;

	memcpy(&o, p->payload + p->offsets[i], sizeof(o));
	return o;
}

/* A client and a server with an object that takes descriptors. */
struct pair {
	struct port *mgr;
	struct port *server;
	struct port *c;
	uint32_t h;
};

static struct pair pair(void)
{
	struct pair p = { .mgr = manager(), .server = process(), .c = process() };

	p.h = give(p.server, p.c, 0x10, 0, ACCEPTS);
	return p;
}

/* --- passing --- */

TEST_F(fds, a_pipe_in_a_call)
{
	struct pair p = pair();
	int *pipe = pipe_in(p.c);
	long next = run(p.server, lowest_free, NULL);
	struct binder_fd_object o;

	call_obj(p.c, p.h, 1, 0, fd_obj(pipe[0], 0x1122334455667788));
	GO(p.c, "EAGAIN");
	GO(p.server, "NOOP TXN:1");
	o = got_fd(p.server, 0);
	ASSERT_EQ(BINDER_TYPE_FD, o.hdr.type);
	ASSERT_EQ(next, o.fd);
	/* All 8 bytes of the union. */
	ASSERT_EQ((uint64_t)next, o.pad_binder);
	ASSERT_EQ(0x1122334455667788, o.cookie);
	ASSERT_EQ(FD_CLOEXEC, run(p.server, do_fdflags, (void *)next));
	ASSERT_EQ(5, run(p.c, do_write, (void *)(long)pipe[1]));
	ASSERT_EQ(1, run(p.server, do_read, (void *)next));
	answer(p.server, p.c);
	/* It is the receiver's now; freeing the message does not close it. */
	ASSERT_EQ(1, run(p.server, do_read, (void *)next));
	ASSERT_EQ(0, run(p.server, do_close, (void *)next));
}

TEST_F(fds, pad_flags_are_kept)
{
	struct pair p = pair();
	struct flat_binder_object o = fd_obj(0, 0);

	o.flags = 0x7eadbeef;
	o.binder |= 0xffffffff00000000;
	call_obj(p.c, p.h, 1, TF_ONE_WAY, o);
	GO(p.c, "NOOP COMPLETE");
	GO(p.server, "NOOP TXN:1");
	ASSERT_EQ(0x7eadbeef, got_fd(p.server, 0).pad_flags);
	ASSERT_GT(1000, got_fd(p.server, 0).pad_binder);
}

TEST_F(fds, several_get_the_lowest_numbers)
{
	struct pair p = pair();
	struct flat_binder_object o[4];
	int *pipe = pipe_in(p.server);
	long next;

	/* A hole to be filled first. */
	ASSERT_EQ(0, run(p.server, do_close, (void *)(long)pipe[0]));
	next = pipe[1] + 1;
	for (int i = 0; i < 4; i++)
		o[i] = fd_obj(i % 3, i);
	call_msg(p.c, objects(p.h, 1, TF_ONE_WAY, 4, o));
	GO(p.c, "NOOP COMPLETE");
	GO(p.server, "NOOP TXN:1");
	ASSERT_EQ(pipe[0], got_fd(p.server, 0).fd);
	for (int i = 1; i < 4; i++)
		ASSERT_EQ(next + i - 1, got_fd(p.server, i).fd);
}

TEST_F(fds, numbers_are_made_when_the_message_is_read)
{
	struct pair p = pair();
	int *pipe = pipe_in(p.c);
	int *later;

	call_obj(p.c, p.h, 1, TF_ONE_WAY, fd_obj(pipe[1], 0));
	GO(p.c, "NOOP COMPLETE");
	/* Closed by the sender, and other files opened by the receiver meanwhile. */
	ASSERT_EQ(0, run(p.c, do_close, (void *)(long)pipe[1]));
	later = pipe_in(p.server);
	GO(p.server, "NOOP TXN:1");
	ASSERT_EQ(later[1] + 1, got_fd(p.server, 0).fd);
	ASSERT_EQ(5, run(p.server, do_write, (void *)(long)(later[1] + 1)));
	ASSERT_EQ(1, run(p.c, do_read, (void *)(long)pipe[0]));
}

TEST_F(fds, in_a_reply)
{
	struct port *mgr = manager(), *c = process();
	int *pipe = pipe_in(mgr);
	long next = run(c, lowest_free, NULL);

	call(c, 0, 1, TF_ACCEPT_FDS);
	GO(c, "EAGAIN");
	GO(mgr, "NOOP TXN:1");
	reply_obj(mgr, 2, 0, fd_obj(pipe[0], 0));
	GO(mgr, "NOOP COMPLETE");
	GO(c, "NOOP COMPLETE REPLY:2");
	ASSERT_EQ(next, got_fd(c, 0).fd);
	ASSERT_EQ(FD_CLOEXEC, run(c, do_fdflags, (void *)next));
	ASSERT_EQ(5, run(mgr, do_write, (void *)(long)pipe[1]));
	ASSERT_EQ(1, run(c, do_read, (void *)next));
}

TEST_F(fds, a_binder_file_itself)
{
	struct pair p = pair();
	struct port *through = NULL;
	struct binder_version v = { 0 };

	call_obj(p.c, p.h, 1, TF_ONE_WAY, fd_obj(p.c->conn->fd, 0));
	GO(p.c, "NOOP COMPLETE");
	GO(p.server, "NOOP TXN:1");
	/* It stands for the same open: a thread of it, in another process. */
	through = port_on(p.server, p.c);
	through->conn = shared(sizeof(*through->conn));
	through->conn->fd = got_fd(p.server, 0).fd;
	ASSERT_EQ(0, ioc(through, BINDER_VERSION, &v, sizeof(v)));
	call(through, 0, 7, 0);
	GO(through, "EAGAIN");
	GO(p.mgr, "NOOP TXN:7");
	ASSERT_EQ(p.c->pid, p.mgr->txn.sender_pid);
}

/* --- not allowed --- */

TEST_F(fds, not_accepted_by_the_object)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0, 0);

	(void)mgr;
	/* TF_ACCEPT_FDS is about the reply. */
	call_obj(c, h, 1, TF_ACCEPT_FDS, fd_obj(0, 0));
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EPERM");
	call_obj(c, h, 1, TF_ONE_WAY, fd_obj(0, 0));
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EPERM");
	/* The manager's own object accepts none either. */
	call_obj(c, 0, 1, 0, fd_obj(0, 0));
	GO(c, "NOOP FAILED");
	EXTERR(c, "FAILED EPERM");
	GO(server, "EAGAIN");
}

TEST_F(fds, manager_that_accepts)
{
	struct port *server = process(), *c = process();
	struct flat_binder_object obj = bnd_obj_binder(0, 0, ACCEPTS);

	ASSERT_EQ(0, ioc(server, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj)));
	call_obj(c, 0, 1, TF_ONE_WAY, fd_obj(0, 0));
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
}

TEST_F(fds, not_accepted_in_the_reply)
{
	struct pair p = pair();

	/* The object's flag is about calls. */
	deliver(p.c, p.server, p.h, 1);
	reply_obj(p.server, 0, TF_ACCEPT_FDS, fd_obj(0, 0));
	GO(p.server, "NOOP COMPLETE");
	GO(p.c, "NOOP COMPLETE FAILED");
	EXTERR(p.c, "FAILED EPERM");
}

TEST_F(fds, bad_descriptors)
{
	struct pair p = pair();
	const int bad[] = { -1, 999, 0x7fffffff, INT_MIN };
	long path;

	for (int i = 0; i < 4; i++) {
		call_obj(p.c, p.h, 1, 0, fd_obj(bad[i], 0));
		GO(p.c, "NOOP FAILED");
		EXTERR(p.c, "FAILED EBADF");
	}
	path = run(p.c, open_path_only, NULL);
	ASSERT_LE(0, path);
	call_obj(p.c, p.h, 1, 0, fd_obj((int)path, 0));
	GO(p.c, "NOOP FAILED");
	EXTERR(p.c, "FAILED EBADF");
	GO(p.server, "EAGAIN");
	/* In replies the caller is told. */
	call(p.c, p.h, 1, TF_ACCEPT_FDS);
	GO(p.c, "EAGAIN");
	GO(p.server, "NOOP TXN:1");
	reply_obj(p.server, 0, 0, fd_obj(-1, 0));
	GO(p.server, "NOOP COMPLETE");
	GO(p.c, "NOOP COMPLETE FAILED");
	EXTERR(p.c, "FAILED EBADF");
}

TEST_F(fds, a_refused_message_lets_its_files_go)
{
	struct pair p = pair();
	int *pipe = pipe_in(p.c);
	struct flat_binder_object o[2] = { fd_obj(pipe[1], 0), fd_obj(-1, 0) };

	call_msg(p.c, objects(p.h, 1, 0, 2, o));
	GO(p.c, "NOOP FAILED");
	ASSERT_EQ(-EAGAIN, run(p.c, do_read, (void *)(long)pipe[0]));
	ASSERT_EQ(0, run(p.c, do_close, (void *)(long)pipe[1]));
	ASSERT_EQ(0, run(p.c, do_read, (void *)(long)pipe[0]));
}

/* --- another program --- */

static long do_exec(struct port *p, void *arg)
{
	char *const argv[] = { "sleep", "100", NULL };
	char *const envp[] = { NULL };

	(void)p;
	(void)arg;
	execve("/bin/sleep", argv, envp);
	return -errno;
}

/* A pipe whose writing end only @p.server has yet, in a message or open. */
static int *pipe_for(struct pair p)
{
	int *pipe = pipe_in(p.c);

	call_obj(p.c, p.h, 1, TF_ONE_WAY, fd_obj(pipe[1], 0));
	if (strcmp(go(p.c), "NOOP COMPLETE"))
		fail("file: got '%s'", p.c->got);
	if (run(p.c, do_close, (void *)(long)pipe[1]))
		fail("close");
	return pipe;
}

struct reader {
	struct port *port;
	int fd;
};

static bool at_its_end(void *arg)
{
	const struct reader *r = arg;

	return !run(r->port, do_read, (void *)(long)r->fd);
}

TEST_F(fds, exec_before_they_are_read)
{
	struct pair p = pair();
	struct reader r = { .port = p.c, .fd = pipe_for(p)[0] };

	ASSERT_EQ(-EAGAIN, run(p.c, do_read, (void *)(long)r.fd));
	run_start(p.server, do_exec, NULL);
	wait_until(at_its_end, &r, "the end of a file in a message");
}

TEST_F(fds, exec_after_they_were_read)
{
	struct pair p = pair();
	struct reader r = { .port = p.c, .fd = pipe_for(p)[0] };

	GO(p.server, "NOOP TXN:1");
	ASSERT_EQ(-EAGAIN, run(p.c, do_read, (void *)(long)r.fd));
	run_start(p.server, do_exec, NULL);
	wait_until(at_its_end, &r, "the end of a file that was received");
}

/* --- no place for the record --- */

/* A page with nothing behind it, for peers made later: a BR_NOOP fits, no more. */
static uint8_t *room_for_a_noop(void)
{
	uint8_t *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED || mprotect(page + 4096, 4096, PROT_NONE))
		fail("no page before a hole");
	return page + 4096 - 4;
}

/* It would not know their numbers. */
TEST_F(fds, a_call_that_cannot_be_told_of_leaves_none_open)
{
	uint8_t *room = room_for_a_noop();
	struct pair p = pair();
	int *pipe = pipe_in(p.c);
	long next = run(p.server, lowest_free, NULL);
	uint8_t *buf = p.server->r.buf;

	for (int flags = 0; flags <= TF_ONE_WAY; flags += TF_ONE_WAY) {
		call_obj(p.c, p.h, 1, flags, fd_obj(pipe[1], 0));
		go(p.c);
		p.server->r.buf = room;
		GO(p.server, "EFAULT");
		p.server->r.buf = buf;
		ASSERT_EQ(next, run(p.server, lowest_free, NULL));
		if (!flags)
			GO(p.c, "NOOP COMPLETE FAILED");
	}
	ASSERT_EQ(0, run(p.c, do_close, (void *)(long)pipe[1]));
	ASSERT_EQ(0, run(p.c, do_read, (void *)(long)pipe[0]));
	ping(p.c, p.server, p.h);
}

TEST_F(fds, a_reply_that_cannot_be_told_of_leaves_none_open)
{
	uint8_t *room = room_for_a_noop();
	struct pair p = pair();
	int *pipe = pipe_in(p.server);
	long next = run(p.c, lowest_free, NULL);
	uint8_t *buf = p.c->r.buf;

	call(p.c, p.h, 1, TF_ACCEPT_FDS);
	GO(p.c, "EAGAIN");
	GO(p.server, "NOOP TXN:1");
	reply_obj(p.server, 0, 0, fd_obj(pipe[1], 0));
	GO(p.server, "NOOP COMPLETE");
	/* Its completion comes first. */
	p.c->r.buf = room - 4;
	GO(p.c, "EFAULT");
	p.c->r.buf = buf;
	ASSERT_EQ(next, run(p.c, lowest_free, NULL));
	ASSERT_EQ(0, run(p.server, do_close, (void *)(long)pipe[1]));
	ASSERT_EQ(0, run(p.server, do_read, (void *)(long)pipe[0]));
}

TEST_F(fds, space_of_a_message_without_numbers_comes_back)
{
	struct pair p = pair();
	uint8_t *data = shared(AREA);
	uint64_t *offset = shared(8);
	struct flat_binder_object o = fd_obj(0, 0);

	*offset = 0;
	memcpy(data, &o, sizeof(o));
	ASSERT_EQ(0, run(p.server, limit_fds, (void *)0));
	for (int i = 0; i < 6; i++) {
		call_msg(p.c, (struct bnd_msg){
			.handle = p.h, .flags = i & 1 ? TF_ONE_WAY : 0, .data = data,
			.size = AREA / 2 - 8, .offsets = offset, .noffsets = 1,
		});
		GO(p.c, i & 1 ? "NOOP COMPLETE" : "EAGAIN");
		GO(p.server, "EAGAIN");
		if (!(i & 1))
			GO(p.c, "NOOP COMPLETE FAILED");
	}
	call_data(p.c, p.h, 1, 0, data, AREA);
	GO(p.c, "EAGAIN");
	GO(p.server, "NOOP TXN:1");
}

/* --- messages nobody reads --- */

struct eof {
	struct port *p;
	int fd;
};

static bool at_end_of_file(void *arg)
{
	struct eof *e = arg;

	return run(e->p, do_read, (void *)(long)e->fd) == 0;
}

TEST_F(fds, an_unread_message_lets_its_files_go_with_the_receiver)
{
	struct pair p = pair();
	int *pipe = pipe_in(p.c);
	struct eof e = { .p = p.c, .fd = pipe[0] };

	call_obj(p.c, p.h, 1, TF_ONE_WAY, fd_obj(pipe[1], 0));
	call_obj(p.c, p.h, 2, TF_ONE_WAY, fd_obj(pipe[1], 0));
	GO(p.c, "NOOP COMPLETE COMPLETE");
	ASSERT_EQ(0, run(p.c, do_close, (void *)(long)pipe[1]));
	ASSERT_EQ(-EAGAIN, run(p.c, do_read, (void *)(long)pipe[0]));
	die(p.server);
	wait_until(at_end_of_file, &e, "files of unread messages");
}

TEST_F(fds, an_unread_reply_lets_its_files_go_with_the_caller)
{
	struct pair p = pair();
	int *pipe = pipe_in(p.server);
	struct eof e = { .p = p.server, .fd = pipe[0] };

	call(p.c, p.h, 1, TF_ACCEPT_FDS);
	GO(p.c, "EAGAIN");
	GO(p.server, "NOOP TXN:1");
	reply_obj(p.server, 0, 0, fd_obj(pipe[1], 0));
	GO(p.server, "NOOP COMPLETE");
	ASSERT_EQ(0, run(p.server, do_close, (void *)(long)pipe[1]));
	ASSERT_EQ(-EAGAIN, run(p.server, do_read, (void *)(long)pipe[0]));
	die(p.c);
	wait_until(at_end_of_file, &e, "files of an unread reply");
}

TEST_HARNESS_MAIN
