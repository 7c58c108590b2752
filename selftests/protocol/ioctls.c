// SPDX-License-Identifier: GPL-2.0-only
/* Each ioctl: what it does, what it refuses, and the plain file operations. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "protocol_test.h"

#define BAD_ADDRESS 0x10

PROTOCOL_FIXTURE(ioctls);

/* --- opening, other file operations --- */

static long open_with_flags(struct port *p, void *arg)
{
	int fd = open(getenv("BINDER_DEV") ?: "/dev/binder", (int)(long)arg);

	if (fd < 0)
		return -errno;
	close(p->conn->fd);
	p->conn->fd = fd;
	return 0;
}

TEST_F(ioctls, open_read_only_is_enough)
{
	struct port *server = manager(), *p = process_on(getenv("BINDER_DEV") ?: "/dev/binder", 0);
	struct binder_version v = { 0 };
	uint32_t max = 3;

	ASSERT_EQ(0, run(p, open_with_flags, (void *)O_RDONLY));
	ASSERT_EQ(0, ioc(p, BINDER_VERSION, &v, sizeof(v)));
	ASSERT_EQ(8, v.protocol_version);
	ASSERT_EQ(0, ioc(p, BINDER_SET_MAX_THREADS, &max, sizeof(max)));
	call(p, 0, 1, TF_ONE_WAY);
	GO(p, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
}

static long read_file(struct port *p, void *arg)
{
	return read(p->conn->fd, arg, 16) < 0 ? -errno : 0;
}

static long write_file(struct port *p, void *arg)
{
	return write(p->conn->fd, arg, 16) < 0 ? -errno : 0;
}

TEST_F(ioctls, no_read_or_write)
{
	struct port *p = process();
	void *buf = shared(16);

	ASSERT_EQ(-EINVAL, run(p, read_file, buf));
	ASSERT_EQ(-EINVAL, run(p, write_file, buf));
}

TEST_F(ioctls, unknown_numbers)
{
	struct port *p = process();
	const unsigned int bad[] = {
		_IO('b', 0), _IO('b', 1), _IO('b', 2), _IOW('b', 2, int32_t), _IOW('b', 4, int32_t),
		_IOW('b', 10, int32_t), _IOW('b', 18, int32_t), _IO('b', 255),
		_IOWR('a', 1, struct binder_write_read), _IOWR('c', 1, struct binder_write_read),
		_IOW('b', 1, struct binder_write_read), _IOR('b', 1, struct binder_write_read),
		_IOWR('b', 1, uint64_t), _IOW('b', 5, uint64_t),
		_IOW('b', 9, struct binder_version),
		_IOWR('b', 9, uint64_t), _IOR('b', 8, int32_t), 0, ~0u,
	};
	const uint64_t zero[8] = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ASSERT_EQ(-EINVAL, ioc(p, bad[i], memcpy(shared(64), zero, 64), 64)) {
			TH_LOG("ioctl %#x", bad[i]);
		}
		ASSERT_EQ(-EINVAL, ioc_at(p, bad[i], 0));
	}
}

TEST_F(ioctls, never_implemented)
{
	struct port *p = process();
	int64_t value = 0;

	ASSERT_EQ(-EINVAL, ioc(p, BINDER_SET_IDLE_TIMEOUT, &value, sizeof(value)));
	ASSERT_EQ(-EINVAL, ioc(p, BINDER_SET_IDLE_PRIORITY, &value, sizeof(int32_t)));
}

TEST_F(ioctls, version)
{
	struct port *p = process();
	struct binder_version v = { .protocol_version = 77 };

	ASSERT_EQ(0, ioc(p, BINDER_VERSION, &v, sizeof(v)));
	ASSERT_EQ(8, v.protocol_version);
	ASSERT_EQ(-EINVAL, ioc_at(p, BINDER_VERSION, 0));
	ASSERT_EQ(-EINVAL, ioc_at(p, BINDER_VERSION, BAD_ADDRESS));
	ASSERT_EQ(-EINVAL, ioc_at(p, BINDER_VERSION, 1ull << 63));
}

/* --- BINDER_WRITE_READ itself --- */

TEST_F(ioctls, write_read_bad_pointer)
{
	struct port *p = process();

	ASSERT_EQ(-EFAULT, ioc_at(p, BINDER_WRITE_READ, 0));
	ASSERT_EQ(-EFAULT, ioc_at(p, BINDER_WRITE_READ, BAD_ADDRESS));
	ASSERT_EQ(-EFAULT, ioc_at(p, BINDER_WRITE_READ, 1ull << 63));
	ASSERT_EQ(-EFAULT, ioc_at(p, BINDER_WRITE_READ, ~0ull - 8));
}

static long protect(struct port *p, void *arg)
{
	(void)p;
	return mprotect(arg, 4096, PROT_READ) ? -errno : 0;
}

TEST_F(ioctls, write_read_struct_cannot_be_written_back)
{
	struct port *server = manager(), *c;
	uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct binder_write_read *bwr = (void *)page;

	ASSERT_NE(MAP_FAILED, (void *)page);
	c = process();
	call(c, 0, 5, TF_ONE_WAY);
	bwr->write_buffer = (uintptr_t)c->w.buf;
	bwr->write_size = c->w.len;
	ASSERT_EQ(0, run(c, protect, page));
	ASSERT_EQ(-EFAULT, ioc_at(c, BINDER_WRITE_READ, (uintptr_t)page));
	/* The commands were carried out all the same. */
	GO(server, "NOOP TXN:5");
}

TEST_F(ioctls, write_read_empty)
{
	struct port *p = process();

	p->room = 0;
	GO(p, "");
	p->bwr = (struct binder_write_read){ 0 };
	ASSERT_EQ(0, ioc(p, BINDER_WRITE_READ, &p->bwr, sizeof(p->bwr)));
}

TEST_F(ioctls, write_read_failed_write_skips_the_read)
{
	struct port *server = manager(), *p = process();
	const uint32_t unknown = _IO('c', 99);

	call(p, 0, 1, TF_ONE_WAY);
	WRITE(p, "");
	bnd_cmd_enter_looper(&server->w);
	bnd_cmd_bytes(&server->w, &unknown, 4);
	bnd_cmd_exit_looper(&server->w);
	server->skip = 8;
	GO(server, "EINVAL [4/12]");
	ASSERT_EQ(0, server->bwr.read_consumed);
	forget(server);
	server->skip = 0;
	GO(server, "NOOP TXN:1");
}

/* Clients issue the same struct again and must not repeat what was written. */
TEST_F(ioctls, subtle_struct_comes_back_on_eagain)
{
	struct port *server = manager(), *p = process();

	(void)server;
	call(p, 0, 1, 0);
	GO(p, "EAGAIN");
	ASSERT_EQ(68, p->bwr.write_consumed);
	ASSERT_EQ(0, p->bwr.read_consumed);
}

TEST_F(ioctls, subtle_struct_comes_back_on_eintr)
{
	struct port *server = manager(), *p = process();

	call(p, 0, 1, 0);
	START_ASLEEP(p);
	interrupt(p);
	FINISH(p, "EINTR");
	ASSERT_EQ(68, p->bwr.write_consumed);
	ASSERT_EQ(0, p->bwr.read_consumed);
	GO(server, "NOOP TXN:1");
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	GO(p, "NOOP COMPLETE REPLY:2");
}

TEST_F(ioctls, subtle_struct_comes_back_on_einval)
{
	struct port *p = process();
	const uint32_t unknown = BC_ATTEMPT_ACQUIRE;

	bnd_cmd_enter_looper(&p->w);
	bnd_cmd_bytes(&p->w, &unknown, 4);
	GO(p, "EINVAL [4/8]");
}

TEST_F(ioctls, subtle_struct_comes_back_on_efault)
{
	struct port *p = process();

	bnd_cmd_enter_looper(&p->w);
	ASSERT_EQ(4, p->w.len);
	p->bwr = (struct binder_write_read){
		.write_buffer = BAD_ADDRESS, .write_size = 4, .read_size = 64, .read_consumed = 4,
	};
	ASSERT_EQ(-EFAULT, ioc(p, BINDER_WRITE_READ, &p->bwr, sizeof(p->bwr)));
	ASSERT_EQ(0, p->bwr.write_consumed);
	ASSERT_EQ(0, p->bwr.read_consumed);
}

TEST_F(ioctls, consumed_counts_are_honoured)
{
	struct port *server = manager(), *p = process();
	const uint32_t unknown = BC_ATTEMPT_ACQUIRE;

	/* The first four bytes would be an error. */
	bnd_cmd_bytes(&p->w, &unknown, 4);
	call(p, 0, 3, TF_ONE_WAY);
	p->w.consumed = 4;
	memset(p->r.buf, 0x5a, 16);
	p->skip = 8;
	GO(p, "COMPLETE");
	ASSERT_EQ(72, p->bwr.write_consumed);
	ASSERT_EQ(12, p->bwr.read_consumed);
	for (int i = 0; i < 8; i++)
		ASSERT_EQ(0x5a, p->r.buf[i]);
	GO(server, "NOOP TXN:3");
}

/* What a reader leaves in the queue of the process wakes another one. */
TEST_F(ioctls, work_left_behind_wakes_another_thread)
{
	struct port *mgr = manager(), *owner = process(), *p = process();
	struct port *t[3];
	uint32_t h[3];
	unsigned int seen = 0;

	(void)mgr;
	for (int i = 0; i < 3; i++) {
		h[i] = give(owner, p, 0x10 * (i + 1), 0, 0);
		bnd_cmd_request_death(&p->w, h[i], 0xd0 + i);
		GO(p, "EAGAIN");
		t[i] = thread_of(p);
	}
	for (int i = 0; i < 3; i++)
		START_ASLEEP(t[i]);
	die(owner);
	for (int i = 0; i < 3; i++) {
		unsigned int cookie = 0;

		finish(t[i]);
		ASSERT_EQ(1, sscanf(t[i]->got, "NOOP DEAD_BINDER:%x", &cookie)) {
			TH_LOG("got '%s'", t[i]->got);
		}
		seen |= 1u << (cookie - 0xd0);
	}
	ASSERT_EQ(7, seen);
}

/* --- context manager --- */

TEST_F(ioctls, manager_is_one)
{
	struct port *server = manager(), *other = process();
	struct flat_binder_object obj = bnd_obj_binder(0, 0, 0);

	ASSERT_EQ(-EBUSY, ioc_at(other, BINDER_SET_CONTEXT_MGR, 0));
	ASSERT_EQ(-EBUSY, ioc(other, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj)));
	ASSERT_EQ(-EBUSY, ioc_at(server, BINDER_SET_CONTEXT_MGR, 0));
	ASSERT_EQ(-EINVAL, ioc_at(other, BINDER_SET_CONTEXT_MGR_EXT, 0));
	ping(other, server, 0);
}

static long other_user(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	return seteuid(1000);
}

TEST_F(ioctls, manager_exists_wins_over_wrong_user)
{
	struct port *server = manager(), *other = process();

	(void)server;
	ASSERT_EQ(0, run(other, other_user, NULL));
	ASSERT_EQ(-EBUSY, ioc_at(other, BINDER_SET_CONTEXT_MGR, 0));
}

struct attempt {
	struct port *p;
	int err;
};

static bool no_longer_busy(void *arg)
{
	struct attempt *a = arg;

	a->err = ioc_at(a->p, BINDER_SET_CONTEXT_MGR, 0);
	return a->err != -EBUSY;
}

TEST_F(ioctls, subtle_manager_user_stays_recorded)
{
	struct port *server = manager();
	struct attempt other = { .p = process() }, same = { .p = process() };

	ASSERT_EQ(0, run(other.p, other_user, NULL));
	die(server);
	wait_until(no_longer_busy, &other, "manager gone");
	ASSERT_EQ(-EPERM, other.err);
	ASSERT_EQ(-EPERM, ioc_at(other.p, BINDER_SET_CONTEXT_MGR, 0));
	ASSERT_TRUE(no_longer_busy(&same));
	ASSERT_EQ(0, same.err);
}

/* The address of the argument of the plain form does not matter, nor does the type. */
TEST_F(ioctls, manager_argument)
{
	struct port *server = process(), *c = process();
	struct flat_binder_object obj = bnd_obj_binder(0x111000, 0x222000, 0);

	ASSERT_EQ(-EINVAL, ioc_at(server, BINDER_SET_CONTEXT_MGR_EXT, 0));
	ASSERT_EQ(-EINVAL, ioc_at(server, BINDER_SET_CONTEXT_MGR_EXT, BAD_ADDRESS));
	obj.hdr.type = 0x12345678;
	ASSERT_EQ(0, ioc(server, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj)));
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(0x111000, server->txn.target.ptr);
	ASSERT_EQ(0x222000, server->txn.cookie);
}

TEST_F(ioctls, subtle_manager_is_never_told_of_its_node)
{
	struct port *server = manager(), *c = process();

	take(c, 0);
	take(c, 0);
	GO(c, "EAGAIN");
	GO(server, "EAGAIN");
	ping(c, server, 0);
	ASSERT_EQ(0, server->txn.target.ptr);
	ASSERT_EQ(0, server->txn.cookie);
	drop(c, 0);
	drop(c, 0);
	GO(c, "EAGAIN");
	GO(server, "EAGAIN");
	ping(c, server, 0);
}

/* --- thread exit --- */

TEST_F(ioctls, thread_exit)
{
	struct port *server = manager(), *c = process();

	ASSERT_EQ(0, ioc_at(server, BINDER_THREAD_EXIT, 0));
	ASSERT_EQ(0, ioc_at(server, BINDER_THREAD_EXIT, BAD_ADDRESS));
	bnd_cmd_enter_looper(&server->w);
	WRITE(server, "");
	ping(c, server, 0);
}

TEST_F(ioctls, thread_exit_fails_the_call_it_serves)
{
	struct port *server = manager(), *c = process();

	call(c, 0, 1, 0);
	START_ASLEEP(c);
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(0, ioc_at(server, BINDER_THREAD_EXIT, 0));
	FINISH(c, "NOOP COMPLETE DEAD");
	EXTERR(c, "OK 0");
	/* Nothing to reply to, but the buffer can still be freed. */
	reply(server, 0, 0);
	GO(server, "NOOP FAILED");
	free_last(server);
	GO(server, "EAGAIN");
	ping(c, server, 0);
}

TEST_F(ioctls, thread_exit_discards_the_reply)
{
	struct port *server = manager(), *c = process();

	deliver(c, server, 0, 1);
	ASSERT_EQ(0, ioc_at(c, BINDER_THREAD_EXIT, 0));
	reply(server, 0, 0);
	GO(server, "NOOP COMPLETE");
	EXTERR(server, "OK 0");
	GO(c, "NOOP");
	GO(c, "EAGAIN");
	ping(c, server, 0);
}

/* --- questions --- */

TEST_F(ioctls, extended_error)
{
	struct port *p = process(), *other = thread_of(p);
	struct binder_extended_error e = { .id = 5, .command = 6, .param = 7 };
	uint32_t id;

	ASSERT_EQ(-EFAULT, ioc_at(p, BINDER_GET_EXTENDED_ERROR, 0));
	ASSERT_EQ(0, ioc(p, BINDER_GET_EXTENDED_ERROR, &e, sizeof(e)));
	ASSERT_EQ(0, e.id);
	ASSERT_EQ(BR_OK, e.command);
	ASSERT_EQ(0, e.param);

	call(p, 5, 1, 0);
	GO(p, "NOOP FAILED");
	/* Of this thread alone, and read once. */
	EXTERR(other, "OK 0");
	ASSERT_EQ(0, ioc(p, BINDER_GET_EXTENDED_ERROR, &e, sizeof(e)));
	ASSERT_EQ(BR_FAILED_REPLY, e.command);
	ASSERT_EQ(-EINVAL, e.param);
	ASSERT_NE(0, e.id);
	id = e.id;
	EXTERR(p, "OK 0");

	call(p, 5, 1, 0);
	GO(p, "NOOP FAILED");
	ASSERT_EQ(0, ioc(p, BINDER_GET_EXTENDED_ERROR, &e, sizeof(e)));
	ASSERT_NE(id, e.id);
}

TEST_F(ioctls, extended_error_is_reset_by_the_next_message)
{
	struct port *server = manager(), *p = process();
	struct binder_extended_error e;

	call(p, 5, 1, 0);
	GO(p, "NOOP FAILED");
	call(p, 0, 1, TF_ONE_WAY);
	GO(p, "NOOP COMPLETE");
	ASSERT_EQ(0, ioc(p, BINDER_GET_EXTENDED_ERROR, &e, sizeof(e)));
	ASSERT_EQ(BR_OK, e.command);
	ASSERT_EQ(0, e.param);
	ASSERT_NE(0, e.id);
	GO(server, "NOOP TXN:1");
}

/* --- who may call --- */

TEST_F(ioctls, forked_child_is_another_thread_of_the_open)
{
	struct port *server = manager(), *p = process(), *child = child_of(p);

	call(child, 0, 1, 0);
	start(child);
	ASSERT_TRUE(asleep(child)) {
		TH_LOG("got '%s'", child->got);
	}
	GO(server, "NOOP TXN:1");
	ASSERT_EQ(p->pid, server->txn.sender_pid);
	reply(server, 2, 0);
	GO(server, "NOOP COMPLETE");
	FINISH(child, "NOOP COMPLETE REPLY:2");
}

TEST_F(ioctls, opens_of_one_process_are_strangers)
{
	struct port *mgr = manager(), *a = process(), *b = open_again(a, AREA);
	uint32_t h = give(b, a, 0x1000, 0x11, 0);
	struct port *a2 = thread_of(a);

	(void)mgr;
	call(a2, h, 1, 0);
	GO(a2, "EAGAIN");
	GO(b, "NOOP TXN:1");
	ASSERT_EQ(0x1000, b->txn.target.ptr);
	ASSERT_EQ(a->pid, b->txn.sender_pid);
	answer(b, a2);
}

TEST_HARNESS_MAIN
