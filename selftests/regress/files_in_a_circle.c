// SPDX-License-Identifier: GPL-2.0-only
/*
 * R54: a message that nobody read holds the file that has it in its queue, or files hold
 * each other so in a circle: none of them was ever closed, not even when their process
 * had ended. What is queued for an area fails when the area is unmapped.
 */
#include <unistd.h>

#include "parts.h"
#include "protocol_test.h"

#define ACCEPTS FLAT_BINDER_FLAG_ACCEPTS_FDS
#define MAX_OPENS 3

PROTOCOL_FIXTURE(unmapped);

/* How many times each thing was made, so that all of them are waited for at once. */
static int ends[16];
static const char *names[16];
static int nends;

static bool all_ended(void *arg)
{
	(void)arg;
	for (int i = 0; i < nends; i++) {
		if (!has_end(ends[i]))
			return false;
	}
	return true;
}

static void wait_for_all(void)
{
	static char text[256] = "still held:";

	for (int i = 0; i < nends; i++) {
		strncat(text, " ", sizeof(text) - strlen(text) - 1);
		strncat(text, names[i], sizeof(text) - strlen(text) - 1);
	}
	wait_until(all_ended, NULL, text);
}

/*
 * A message with @file and the writing end of a pipe, of which only the message will
 * know in the end.
 */
static struct bnd_msg loaded(struct port *from, uint32_t handle, uint32_t flags, int file,
			     const char *name)
{
	struct flat_binder_object obj[2];
	int fds[2];

	pipe_in(from, fds);
	names[nends] = name;
	ends[nends++] = steal(from, fds[0]);
	close_in(from, fds[0]);
	obj[0] = fd_obj(file, 0);
	obj[1] = fd_obj(fds[1], 0);
	return objects(handle, 0xf11e, flags, 2, obj);
}

/* Close the sender's own copy of the pipe. */
static void let_go(struct port *from, struct bnd_msg m)
{
	struct binder_fd_object obj;

	memcpy(&obj, (const char *)m.data + sizeof(obj), sizeof(obj));
	close_in(from, (int)obj.fd);
}

/* Several opens of one process, each with an object the one before has a handle to. */
struct ring {
	int n;
	struct port *p[MAX_OPENS];
	uint32_t h[MAX_OPENS];	/* of p[i], to p[i + 1] */
};

static struct ring ring(int n)
{
	struct ring r = { .n = n };

	r.p[0] = process();
	for (int i = 1; i < n; i++)
		r.p[i] = open_again(r.p[0], AREA);
	for (int i = 0; i < n && n > 1; i++)
		r.h[i] = give(r.p[(i + 1) % n], r.p[i], 0x1000 * (i + 1), 0, ACCEPTS);
	return r;
}

static void send_oneway(struct port *from, struct bnd_msg m)
{
	call_msg(from, m);
	if (strcmp(go(from), "NOOP COMPLETE"))
		fail("oneway call: got '%s'", from->got);
	let_go(from, m);
}

/* Each one's queue has a message with the file of the one before, or its own. */
static struct port *closed_ring(int n, uint32_t flags, const char *name)
{
	struct ring r = ring(n);

	for (int i = 0; i < n; i++) {
		struct bnd_msg m = loaded(r.p[i], r.h[i], flags, r.p[i]->conn->fd, name);

		if (flags & TF_ONE_WAY) {
			send_oneway(r.p[i], m);
			continue;
		}
		call_msg(r.p[i], m);
		if (strcmp(only_write(r.p[i]), ""))
			fail("call: got '%s'", r.p[i]->got);
		let_go(r.p[i], m);
	}
	return r.p[0];
}

/* The receiver's own file, in its own queue. */
static struct port *own_file(const char *name)
{
	struct ring r = ring(2);

	send_oneway(r.p[0], loaded(r.p[0], r.h[0], TF_ONE_WAY, r.p[1]->conn->fd, name));
	return r.p[0];
}

/* Behind another one that was read, and whose buffer nobody freed. */
static struct port *behind_another(const char *name)
{
	struct ring r = ring(2);

	call(r.p[0], r.h[0], 1, TF_ONE_WAY);
	if (strcmp(go(r.p[0]), "NOOP COMPLETE") || strcmp(go(r.p[1]), "NOOP TXN:1"))
		fail("first one: got '%s', '%s'", r.p[0]->got, r.p[1]->got);
	for (int i = 0; i < 2; i++)
		send_oneway(r.p[0], loaded(r.p[0], r.h[0], TF_ONE_WAY, r.p[1]->conn->fd, name));
	return r.p[0];
}

/* An answer with the file of the caller, who will not read it. */
static struct port *in_a_reply(const char *name)
{
	struct ring r = ring(2);
	struct bnd_msg m;

	call(r.p[0], r.h[0], 1, TF_ACCEPT_FDS);
	if (strcmp(only_write(r.p[0]), "") || strcmp(go(r.p[1]), "NOOP TXN:1"))
		fail("call: got '%s', '%s'", r.p[0]->got, r.p[1]->got);
	m = loaded(r.p[1], 0, 0, r.p[0]->conn->fd, name);
	reply_msg(r.p[1], m);
	if (strcmp(go(r.p[1]), "NOOP COMPLETE"))
		fail("reply: got '%s'", r.p[1]->got);
	let_go(r.p[1], m);
	return r.p[0];
}

/* A call back to the thread that waits for the call it belongs to. */
static struct port *in_a_nested_call(const char *name)
{
	struct ring r = ring(2);
	struct bnd_msg m;

	call(r.p[0], r.h[0], 1, 0);
	if (strcmp(only_write(r.p[0]), "") || strcmp(go(r.p[1]), "NOOP TXN:1"))
		fail("call: got '%s', '%s'", r.p[0]->got, r.p[1]->got);
	m = loaded(r.p[1], r.h[1], 0, r.p[0]->conn->fd, name);
	call_msg(r.p[1], m);
	if (strcmp(only_write(r.p[1]), ""))
		fail("nested call: got '%s'", r.p[1]->got);
	let_go(r.p[1], m);
	return r.p[0];
}

TEST_F(unmapped, files_in_a_circle_end_with_their_process)
{
	struct port *p[7];

	manager();
	p[0] = own_file("own");
	p[1] = closed_ring(2, TF_ONE_WAY, "two");
	p[2] = closed_ring(3, TF_ONE_WAY, "three");
	p[3] = closed_ring(2, 0, "calls");
	p[4] = behind_another("behind");
	p[5] = in_a_reply("reply");
	p[6] = in_a_nested_call("nested");
	for (int i = 0; i < nends; i++)
		ASSERT_FALSE(has_end(ends[i]));
	for (int i = 0; i < 7; i++)
		die(p[i]);
	wait_for_all();
}

TEST_F(unmapped, what_is_queued_fails)
{
	struct port *mgr = manager(), *server = process(), *waiting = thread_of(server);
	struct port *c = process(), *other = process();
	uint32_t h = give(server, c, 0x10, 0, ACCEPTS), h2 = give(server, other, 0x20, 0, ACCEPTS);
	struct bnd_msg m;

	/* A oneway call that was read, one behind it, one to another object. */
	call(other, h2, 1, TF_ONE_WAY);
	GO(other, "NOOP COMPLETE");
	GO(server, "NOOP TXN:1");
	send_oneway(other, loaded(other, h2, TF_ONE_WAY, 0, "behind"));
	send_oneway(c, loaded(c, h, TF_ONE_WAY, 0, "oneway"));
	/* An answer that was not read. */
	call(waiting, 0, 2, TF_ACCEPT_FDS);
	WRITE(waiting, "");
	GO(mgr, "NOOP TXN:2");
	m = loaded(mgr, 0, 0, 0, "reply");
	reply_msg(mgr, m);
	GO(mgr, "NOOP COMPLETE");
	let_go(mgr, m);
	/* And a call. */
	m = loaded(c, h, 0, 0, "call");
	call_msg(c, m);
	GO(c, "EAGAIN");
	let_go(c, m);

	unmap(server);
	wait_for_all();
	ASSERT_STREQ("NOOP COMPLETE DEAD", go_blocking(c));
	ASSERT_STREQ("NOOP COMPLETE DEAD", go_blocking(waiting));
	GO(server, "EAGAIN");
	/* From here on nothing is accepted, as ever. */
	call(c, h, 3, 0);
	GO(c, "NOOP DEAD");
	EXTERR(c, "DEAD ESRCH");
	/* What was read is still to be freed, and the process can call. */
	free_last(server);
	call(server, 0, 4, TF_ONE_WAY);
	GO(server, "NOOP COMPLETE");
	GO(mgr, "NOOP TXN:4");
}

/* What the process was told beside messages is still true. */
TEST_F(unmapped, notices_stay)
{
	struct port *mgr = manager(), *p = process(), *owner = process();
	uint32_t h = give(owner, p, 0x10, 0, 0), h2 = give(p, mgr, 0x20, 0, ACCEPTS);

	bnd_cmd_request_death(&p->w, h, 7);
	GO(p, "EAGAIN");
	send_oneway(mgr, loaded(mgr, h2, TF_ONE_WAY, 0, "oneway"));
	drop(mgr, h2);
	GO(mgr, "EAGAIN");
	unmap(p);
	wait_for_all();
	die(owner);
	/* In one order or the other. */
	for (bool dead = false, released = false; !dead || !released;) {
		go_blocking(p);
		dead |= !!strstr(p->got, "DEAD_BINDER:7");
		released |= !!strstr(p->got, "RELEASE:20:0 DECREFS:20:0");
		ASSERT_EQ(NULL, strstr(p->got, "TXN"));
	}
}

/* A call that was read can be answered: that needs the caller's area only. */
TEST_F(unmapped, what_was_read_can_be_answered)
{
	struct port *mgr = manager(), *server = process(), *c = process();
	uint32_t h = give(server, c, 0x10, 0, 0);

	(void)mgr;
	deliver(c, server, h, 1);
	unmap(server);
	answer(server, c);
}

/* And its own call gets an answer only by word. */
TEST_F(unmapped, its_calls_end_when_they_are_answered)
{
	struct port *mgr = manager(), *p = process();

	deliver(p, mgr, 0, 1);
	unmap(p);
	GO(p, "EAGAIN");
	reply(mgr, 0, 0);
	GO(mgr, "NOOP COMPLETE");
	GO(p, "NOOP COMPLETE DEAD");
	EXTERR(p, "DEAD ESRCH");
}

TEST_HARNESS_MAIN
