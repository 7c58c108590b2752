// SPDX-License-Identifier: GPL-2.0-only
/* Death of the one watched, of the watcher, of the context manager. */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include "kselftest_harness.h"

#include "actor.h"

#define NODE 0x1000
#define NODE_WEAK 0x2000
#define NODE_C 0x3000
#define COOKIE 0xc001ULL

FIXTURE(death)
{
	struct actor *c, *s, *d;	/* client, server, a third */
	uint32_t to_s, d_to_s, c_to_d;
};

FIXTURE_SETUP(death)
{
	new_manager();
	self->c = actor_new();
	self->s = actor_new();
	self->d = actor_new();
	self->to_s = grant(self->s, NODE, 0, self->c);
	self->d_to_s = grant(self->s, NODE, 0, self->d);
	self->c_to_d = grant(self->d, NODE_C, 0, self->c);
	watch(self->s);
	watch(self->c);
}

FIXTURE_TEARDOWN(death)
{
	fresh_call();
}

static void request(struct actor *a, uint32_t handle, uint64_t cookie)
{
	bnd_cmd_request_death(&a->w, handle, cookie);
	need(!strcmp(put(a), ""));
}

static void clear(struct actor *a, uint32_t handle, uint64_t cookie)
{
	bnd_cmd_clear_death(&a->w, handle, cookie);
	need(!strcmp(put(a), ""));
}

static void acknowledge(struct actor *a, uint64_t cookie)
{
	bnd_cmd_dead_binder_done(&a->w, cookie);
	need(!strcmp(put(a), ""));
}

static void kill_server(FIXTURE_DATA(death) *self)
{
	kill_actor(self->s);
	await_gone(self->s);
}

TEST_F(death, notice)
{
	request(self->c, self->to_s, COOKIE);
	EXPECT_STREQ("", now(self->c));
	kill_server(self);
	EXPECT_STREQ("DEAD_BINDER", now(self->c));
	EXPECT_EQ(COOKIE, self->c->cookie);
	acknowledge(self->c, COOKIE);
	clear(self->c, self->to_s, COOKIE);
	EXPECT_STREQ("CLEAR_DONE", now(self->c));
	EXPECT_EQ(COOKIE, self->c->cookie);
	EXPECT_STREQ("", drain(self->c));
}

TEST_F(death, notice_wakes_the_reader)
{
	request(self->c, self->to_s, COOKIE);
	start_get(self->c);
	await_sleep(self->c);
	kill_server(self);
	EXPECT_STREQ("DEAD_BINDER", got(self->c));
}

TEST_F(death, notice_of_the_dead)
{
	kill_server(self);
	request(self->c, self->to_s, COOKIE);
	EXPECT_STREQ("DEAD_BINDER", now(self->c));
	EXPECT_EQ(COOKIE, self->c->cookie);
}

/* Cleared while it waits to be read: both come, in this order. */
TEST_F(death, cleared_while_queued)
{
	request(self->c, self->to_s, COOKIE);
	kill_server(self);
	clear(self->c, self->to_s, COOKIE);
	EXPECT_STREQ("DEAD_BINDER", drain(self->c));
	acknowledge(self->c, COOKIE);
	EXPECT_STREQ("CLEAR_DONE", drain(self->c));
}

TEST_F(death, cleared_before_acknowledged)
{
	request(self->c, self->to_s, COOKIE);
	kill_server(self);
	EXPECT_STREQ("DEAD_BINDER", drain(self->c));
	clear(self->c, self->to_s, COOKIE);
	EXPECT_STREQ("", drain(self->c));
	acknowledge(self->c, COOKIE);
	EXPECT_STREQ("CLEAR_DONE", drain(self->c));
}

TEST_F(death, cleared_before)
{
	request(self->c, self->to_s, COOKIE);
	clear(self->c, self->to_s, COOKIE);
	kill_server(self);
	EXPECT_STREQ("CLEAR_DONE", drain(self->c));
	EXPECT_EQ(0, self->c->nr_dead);
}

TEST_F(death, again_after_cleared)
{
	request(self->c, self->to_s, COOKIE);
	clear(self->c, self->to_s, COOKIE);
	request(self->c, self->to_s, COOKIE);
	kill_server(self);
	EXPECT_TRUE(same_codes("CLEAR_DONE DEAD_BINDER", drain(self->c)));
	acknowledge(self->c, COOKIE);
	EXPECT_STREQ("", drain(self->c));
}

/* The last reference takes the notice with it, in whatever state it is. */
TEST_F(death, reference_dropped_armed)
{
	request(self->c, self->to_s, COOKIE);
	bnd_cmd_release(&self->c->w, self->to_s);
	bnd_cmd_decrefs(&self->c->w, self->to_s);
	EXPECT_STREQ("", put(self->c));
	kill_server(self);
	EXPECT_STREQ("", drain(self->c));
}

TEST_F(death, reference_dropped_queued)
{
	request(self->c, self->to_s, COOKIE);
	kill_server(self);
	bnd_cmd_release(&self->c->w, self->to_s);
	bnd_cmd_decrefs(&self->c->w, self->to_s);
	EXPECT_STREQ("", put(self->c));
	EXPECT_STREQ("", drain(self->c));
}

TEST_F(death, reference_dropped_delivered)
{
	request(self->c, self->to_s, COOKIE);
	kill_server(self);
	EXPECT_STREQ("DEAD_BINDER", drain(self->c));
	bnd_cmd_release(&self->c->w, self->to_s);
	bnd_cmd_decrefs(&self->c->w, self->to_s);
	bnd_cmd_dead_binder_done(&self->c->w, COOKIE);
	EXPECT_STREQ("", put(self->c));
	EXPECT_STREQ("", drain(self->c));
}

/* The watcher goes, with its notice in each state. */
TEST_F(death, watcher_dies_armed)
{
	request(self->c, self->to_s, COOKIE);
	kill_actor(self->c);
	await_gone(self->c);
	kill_server(self);
}

TEST_F(death, watcher_dies_queued)
{
	request(self->c, self->to_s, COOKIE);
	kill_server(self);
	kill_actor(self->c);
	await_gone(self->c);
}

TEST_F(death, watcher_dies_delivered)
{
	request(self->c, self->to_s, COOKIE);
	kill_server(self);
	EXPECT_STREQ("DEAD_BINDER", drain(self->c));
	kill_actor(self->c);
	await_gone(self->c);
}

TEST_F(death, watcher_dies_cleared_while_delivered)
{
	request(self->c, self->to_s, COOKIE);
	kill_server(self);
	EXPECT_STREQ("DEAD_BINDER", drain(self->c));
	clear(self->c, self->to_s, COOKIE);
	kill_actor(self->c);
	await_gone(self->c);
}

TEST_F(death, watcher_dies_cleared_while_queued)
{
	request(self->c, self->to_s, COOKIE);
	kill_server(self);
	clear(self->c, self->to_s, COOKIE);
	kill_actor(self->c);
	await_gone(self->c);
}

TEST_F(death, watcher_dies_with_unread_clear_done)
{
	request(self->c, self->to_s, COOKIE);
	clear(self->c, self->to_s, COOKIE);
	kill_actor(self->c);
	await_gone(self->c);
	kill_server(self);
}

TEST_F(death, watcher_dies_acknowledged)
{
	request(self->c, self->to_s, COOKIE);
	kill_server(self);
	EXPECT_STREQ("DEAD_BINDER", drain(self->c));
	acknowledge(self->c, COOKIE);
	kill_actor(self->c);
	await_gone(self->c);
}

/* Both at once. */
TEST_F(death, watcher_and_watched_die)
{
	request(self->c, self->to_s, COOKIE);
	request(self->d, self->d_to_s, COOKIE);
	kill_actor(self->s);
	kill_actor(self->c);
	for (int i = 0; i < 2; i++) {
		ASSERT_STREQ("DEAD_BINDER", get(mgr));
		acknowledge(mgr, mgr->cookie);
	}
	EXPECT_STREQ("DEAD_BINDER", get(self->d));
}

/* A handle to the dead can be passed on, and is as dead for whoever gets it. */
TEST_F(death, dead_handle_passed_on)
{
	uint32_t handle;

	kill_server(self);
	msg_handle(self->c, self->to_s);
	cmd_call(self->c, self->c_to_d, 'C', 0);
	EXPECT_STREQ("", put(self->c));
	ASSERT_STREQ("TRANSACTION", now(self->d));
	handle = payload_handle(self->d, 0);
	EXPECT_EQ(self->d_to_s, handle);
	cmd_call(self->d, handle, 'C', TF_ONE_WAY);
	EXPECT_STREQ("DEAD_REPLY", now(self->d));
	cmd_call(self->d, handle, 'C', 0);
	EXPECT_STREQ("DEAD_REPLY", now(self->d));
	cmd_reply(self->d);
	cmd_free(self->d);
	EXPECT_STREQ("COMPLETE", now(self->d));
	request(self->d, handle, COOKIE);
	EXPECT_STREQ("DEAD_BINDER", now(self->d));
}

/* By somebody who never knew the owner, and who stays the only one to hold it. */
TEST_F(death, dead_handle_passed_to_a_stranger)
{
	struct actor *e = actor_new();
	uint32_t to_e = grant(e, NODE, 0, self->c);
	uint32_t handle;

	kill_server(self);
	msg_handle(self->c, self->to_s);
	msg_weak_handle(self->c, self->to_s);
	cmd_call(self->c, to_e, 'C', TF_ONE_WAY);
	EXPECT_STREQ("COMPLETE", now(self->c));
	kill_actor(self->c);
	await_gone(self->c);
	e->no_refs = true;
	ASSERT_STREQ("TRANSACTION", drain(e));
	handle = payload_handle(e, 0);
	EXPECT_EQ(handle, payload_handle(e, 1));
	bnd_cmd_increfs(&e->w, handle);
	bnd_cmd_acquire(&e->w, handle);
	cmd_free(e);
	cmd_call(e, handle, 'C', 0);
	EXPECT_STREQ("DEAD_REPLY", now(e));
	bnd_cmd_release(&e->w, handle);
	bnd_cmd_decrefs(&e->w, handle);
	cmd_call(e, handle, 'C', 0);
	EXPECT_STREQ("FAILED_REPLY", now(e));
}

/* R11, CVE-2022-20421: a handle held weakly, its owner dead, on its way to a third. */
TEST_F(death, weak_handle_to_the_dead)
{
	uint32_t handle;

	msg_weak_binder(self->s, NODE_WEAK, 0);
	cmd_call(self->c, self->to_s, 'C', 0);
	EXPECT_STREQ("", put(self->c));
	ASSERT_STREQ("TRANSACTION", now(self->s));
	cmd_reply(self->s);
	cmd_free(self->s);
	EXPECT_STREQ("INCREFS COMPLETE", now(self->s));
	ASSERT_STREQ("COMPLETE REPLY", now(self->c));
	handle = payload_handle(self->c, 0);
	bnd_cmd_increfs(&self->c->w, handle);
	cmd_free(self->c);
	EXPECT_STREQ("", put(self->c));
	request(self->c, handle, COOKIE);
	kill_server(self);
	/* Weak or not, its holder is told. */
	EXPECT_STREQ("DEAD_BINDER", now(self->c));

	msg_weak_handle(self->c, handle);
	cmd_call(self->c, self->c_to_d, 'C', TF_ONE_WAY);
	EXPECT_STREQ("COMPLETE", now(self->c));
	ASSERT_STREQ("TRANSACTION", now(self->d));
	cmd_call(self->d, payload_handle(self->d, 0), 'X', 0);
	EXPECT_STREQ("FAILED_REPLY", now(self->d));
	cmd_free(self->d);
	EXPECT_STREQ("", put(self->d));

	/* As strong it never was. */
	msg_handle(self->c, handle);
	cmd_call(self->c, self->c_to_d, 'C', TF_ONE_WAY);
	EXPECT_STREQ("FAILED_REPLY", now(self->c));
}

/* R11, CVE-2022-20421: objects in a message to a receiver that dies during the copy. */
TEST_F(death, receiver_dies_before_translation)
{
	struct bnd_msg m;

	watch(self->d);
	actor_stall(self->c);
	msg_weak_handle(self->c, self->to_s);
	msg_handle(self->c, self->to_s);
	m = (struct bnd_msg){
		.handle = self->c_to_d, .code = 'C',
		.data = self->c->message, .size = self->c->size,
		.offsets = self->c->stall, .noffsets = 1,
	};
	msg_reset(self->c);
	bnd_cmd_transaction(&self->c->w, &m);
	start_get(self->c);
	await_stall(self->c);
	kill_actor(self->d);
	await_gone(self->d);
	/* The offset is 0: the weak handle, for a process whose handles are gone by now. */
	resume(self->c);
	EXPECT_STREQ("DEAD_REPLY", got(self->c));
	kill_server(self);
}

#define WATCHERS 500

struct watcher {
	struct bnd_conn conn;
	uint32_t handle;
};

static struct watcher *watchers;

/* In one process: so many opens, each with a handle to the server. */
static void step_open_watchers(struct actor *a)
{
	struct binder_transaction_data reply;
	struct bnd_msg get = { .handle = 0, .code = 'G' };

	for (int i = 0; i < WATCHERS; i++) {
		struct watcher *w = &watchers[i];

		a->err = bnd_open(&w->conn, dev1(), 4096, 0);
		if (a->err)
			return;
		a->err = bnd_call_checked(&w->conn, &get, &reply);
		if (a->err)
			return;
		a->err = bnd_take_handle(&w->conn, &reply, 0, &w->handle);
		if (a->err)
			return;
		bnd_cmd_request_death(&a->w, w->handle, COOKIE + i);
		a->err = bnd_write(&w->conn, &a->w);
		bnd_cmds_reset(&a->w);
		if (a->err)
			return;
	}
}

static void step_count_notices(struct actor *a)
{
	struct bnd_rec rec;

	a->arg = 0;
	for (int i = 0; i < WATCHERS; i++) {
		bool seen = false;

		while (!seen) {
			a->err = bnd_read(&watchers[i].conn, &a->r);
			if (a->err)
				return;
			while (bnd_next(&a->r, &rec) > 0) {
				if (rec.code == BR_DEAD_BINDER && rec.cookie == COOKIE + i)
					seen = true;
			}
		}
		a->arg++;
	}
}

static bool give_handle(struct bnd_conn *c, const struct binder_transaction_data *txn,
			const char *secctx, struct bnd_msg *reply)
{
	static struct flat_binder_object obj;
	static const uint64_t offset;

	(void)txn;
	(void)secctx;
	obj = bnd_obj_handle((uintptr_t)c->ctx);
	reply->data = &obj;
	reply->size = sizeof(obj);
	reply->offsets = &offset;
	reply->noffsets = 1;
	return true;
}

static const struct bnd_ops give_ops = { .call = give_handle };

/* The manager answers whoever asks with the one handle it has. */
static void step_give(struct actor *a)
{
	static const bool never;

	a->conn.ops = &give_ops;
	a->conn.ctx = a->ptr;
	fcntl(a->conn.fd, F_SETFL, 0);
	bnd_serve(&a->conn, false, &never);
}

TEST_F(death, five_hundred_watchers)
{
	struct actor *many;

	watchers = shared_alloc(WATCHERS * sizeof(*watchers));
	many = actor_bare();
	mgr->ptr = (void *)(uintptr_t)grant(self->s, NODE, 0, mgr);
	start(mgr, step_give);
	run(many, step_open_watchers);
	ASSERT_EQ(0, many->err);
	kill_actor(self->s);
	run(many, step_count_notices);
	EXPECT_EQ(0, many->err);
	EXPECT_EQ(WATCHERS, many->arg);
	kill_actor(many);
	kill_actor(mgr);
	new_manager();
}

static void step_seteuid(struct actor *a)
{
	a->err = seteuid(a->arg) ? -errno : 0;
	/* The kernel forgets it with each change of user. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

FIXTURE(manager)
{
	struct actor *c;
};

FIXTURE_SETUP(manager)
{
	new_manager();
	self->c = actor_new();
}

FIXTURE_TEARDOWN(manager)
{
	fresh_call();
}

TEST_F(manager, dies_before_a_call)
{
	kill_actor(mgr);
	cmd_call(self->c, 0, 'C', 0);
	EXPECT_STREQ("DEAD_REPLY", now(self->c));
	cmd_call(self->c, 0, 'C', TF_ONE_WAY);
	EXPECT_STREQ("DEAD_REPLY", now(self->c));
	new_manager();
	EXPECT_STREQ("", drain(self->c));
}

TEST_F(manager, dies_with_calls_waiting)
{
	struct actor *c2 = actor_new();
	struct actor *c3 = actor_new();

	cmd_call(self->c, 0, 'C', 0);
	EXPECT_STREQ("", put(self->c));
	cmd_call(c2, 0, 'C', 0);
	EXPECT_STREQ("", put(c2));
	EXPECT_STREQ("TRANSACTION", now(mgr));
	cmd_call(c3, 0, 'C', TF_ONE_WAY);
	EXPECT_STREQ("COMPLETE", now(c3));
	kill_actor(mgr);
	EXPECT_STREQ("COMPLETE DEAD_REPLY", get(self->c));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", get(c2));
	new_manager();
	EXPECT_STREQ("", drain(c3));
}

/* Handle 0 is the manager's place, not the process. */
TEST_F(manager, successor_has_handle_0)
{
	bnd_cmd_increfs(&self->c->w, 0);
	bnd_cmd_acquire(&self->c->w, 0);
	bnd_cmd_request_death(&self->c->w, 0, COOKIE);
	EXPECT_STREQ("", put(self->c));
	kill_actor(mgr);
	EXPECT_STREQ("DEAD_BINDER", get(self->c));
	bnd_cmd_dead_binder_done(&self->c->w, COOKIE);
	EXPECT_STREQ("", put(self->c));
	new_manager();
	/* The handle table still has the dead one there. */
	call_works(self->c, 0, mgr);
	bnd_cmd_release(&self->c->w, 0);
	bnd_cmd_decrefs(&self->c->w, 0);
	EXPECT_STREQ("", put(self->c));
	call_works(self->c, 0, mgr);
}

static void step_try_manager(struct actor *a)
{
	a->err = bnd_become_manager(&a->conn);
}

/* Until the next reboot only the same user may take over. */
TEST_F(manager, other_user_cannot_take_over)
{
	struct actor *first = actor_new_on(dev2()), *other = actor_new_on(dev2());

	become_manager(first);
	other->arg = 1000;
	run(other, step_seteuid);
	ASSERT_EQ(0, other->err);
	run(other, step_try_manager);
	EXPECT_EQ(-EBUSY, other->err);
	kill_actor(first);
	do {
		run(other, step_try_manager);
	} while (other->err == -EBUSY);
	EXPECT_EQ(-EPERM, other->err);
	other->arg = 0;
	run(other, step_seteuid);
	ASSERT_EQ(0, other->err);
	run(other, step_try_manager);
	EXPECT_EQ(0, other->err);
}

/* The manager's own thread leaves; its process stays the manager. */
TEST_F(manager, thread_exits)
{
	cmd_call(self->c, 0, 'C', 0);
	EXPECT_STREQ("", put(self->c));
	EXPECT_STREQ("TRANSACTION", now(mgr));
	EXPECT_EQ(0, thread_exit(mgr));
	EXPECT_STREQ("COMPLETE DEAD_REPLY", now(self->c));
	call_works(self->c, 0, mgr);
}

TEST_HARNESS_MAIN
