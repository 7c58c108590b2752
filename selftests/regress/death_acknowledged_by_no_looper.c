// SPDX-License-Identifier: GPL-2.0-only
/*
 * R23, CVE-2026-23400: when a thread that is no looper acknowledged a death that had been
 * cleared, the answer was queued to its process under the lock of the process, which was
 * held already. Whatever thread asks, clears or acknowledges, somebody is answered.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "death_books.h"
#include "freezer.h"
#include "notices.h"
#include "protocol_test.h"
#include "watch.h"

PROTOCOL_FIXTURE(stranger);

#define ROUNDS 4
#define THREADS 4
#define DEATH 0xc00c1e

struct worker {
	struct books *s;
	struct bnd_conn *c;
	int i;
	int kind;
	atomic_int *busy;	/* threads that may still read something */
};

enum { LOOPER, REGISTERED, STRANGER, POLLER };

/* Threads of all kinds read what the others asked for. */
static int work(struct worker *me)
{
	BND_CMDS(w, 4096);
	struct epoll_event event = { .events = EPOLLIN };
	struct books *s = me->s;
	struct book *book = &s->book[me->i];
	int epfd = -1;

	if (me->kind == LOOPER)
		bnd_cmd_enter_looper(&w);
	if (me->kind == REGISTERED)
		bnd_cmd_register_looper(&w);
	if (me->kind == POLLER) {
		epfd = epoll_create1(EPOLL_CLOEXEC);
		MUST_IN(s, !epoll_ctl(epfd, EPOLL_CTL_ADD, me->c->fd, &event));
	}
	while (!atomic_load(&book->end)) {
		MUST_IN(s, !book_ask(s, me->i, me->c, &w));
		if (me->kind == POLLER)
			epoll_wait(epfd, &event, 1, 0);
		sched_yield();
	}
	MUST_IN(s, !book_ask_for_the_dead(s, me->i, me->c, &w));
	/* Some thread reads it; none leaves before all were told. */
	atomic_fetch_sub(me->busy, 1);
	while (atomic_load(me->busy)) {
		MUST_IN(s, !atomic_load(&s->line));
		MUST_IN(s, !book_read_all(s, me->c, &w));
		sched_yield();
	}
	if (epfd >= 0)
		close(epfd);
	return book_read_all(s, me->c, &w);
}

static void *thread_main(void *arg)
{
	return (void *)(long)work(arg);
}

static long be_threads(struct port *p, void *arg)
{
	struct worker worker[THREADS];
	pthread_t thread[THREADS];
	atomic_int busy = THREADS;
	struct books *s = arg;
	struct bnd_cmds none = { 0 };
	void *line;

	fcntl(p->conn->fd, F_SETFL, fcntl(p->conn->fd, F_GETFL) | O_NONBLOCK);
	for (int i = 0; i < THREADS; i++) {
		worker[i] = (struct worker){
			.s = s, .c = p->conn, .i = i, .kind = i, .busy = &busy,
		};
		MUST_IN(s, !pthread_create(&thread[i], NULL, thread_main, &worker[i]));
	}
	for (int i = 0; i < THREADS; i++) {
		MUST_IN(s, !pthread_join(thread[i], &line));
		MUST_IN(s, !line);
	}
	MUST_IN(s, !book_read_all(s, p->conn, &none));
	for (int i = 0; i < THREADS; i++)
		MUST_IN(s, !book_check(s, i));
	return 0;
}

static bool some_requests(void *arg)
{
	struct books *s = arg;

	return atomic_load(&s->requests) >= REQUESTS / 10;
}

TEST_F(stranger, among_threads_of_all_kinds)
{
	struct port *mgr = manager();

	(void)mgr;
	for (int round = 0; round < ROUNDS; round++) {
		struct port *owner = process(), *p = process();
		struct books *s = shared(sizeof(*s));

		for (int i = 0; i < THREADS; i++)
			s->book[i].handle = give(owner, p, 0x10 * (i + 1), 0, 0);
		run_start(p, be_threads, s);
		wait_until(some_requests, s, "requests");
		die(owner);
		ASSERT_EQ(0, run_finish(p)) {
			TH_LOG("round %d: wrong at line %d", round, atomic_load(&s->line));
		}
		die(p);
	}
}

/* For those who are no loopers any thread will do. */
TEST_F(stranger, others_are_told_by_way_of_the_process)
{
	struct watch w = watch_owner();

	request_death(&w, DEATH);
	START_ASLEEP(w.idle);
	bnd_cmd_clear_death(&w.p->w, w.h, DEATH);
	WRITE(w.p, "");
	FINISH(w.idle, "NOOP CLEARED:c00c1e");
	GO(w.p, "EAGAIN");
}

TEST_F(stranger, death_done_from_another_thread)
{
	struct watch w = watch_owner();

	request_death(&w, DEATH);
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
	bnd_cmd_clear_death(&w.p->w, w.h, DEATH);
	GO(w.p, "EAGAIN");
	bnd_cmd_register_looper(&w.idle->w);
	bnd_cmd_dead_binder_done(&w.idle->w, DEATH);
	GO(w.idle, "NOOP CLEARED:c00c1e");
}

/* The trigger: read, cleared and acknowledged by somebody who never said what he is. */
TEST_F(stranger, acknowledges_what_was_cleared)
{
	struct watch w = watch_owner();

	request_death(&w, DEATH);
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
	bnd_cmd_clear_death(&w.p->w, w.h, DEATH);
	GO(w.p, "EAGAIN");
	START_ASLEEP(w.idle);
	bnd_cmd_dead_binder_done(&w.p->w, DEATH);
	WRITE(w.p, "");
	FINISH(w.idle, "NOOP CLEARED:c00c1e");
	GO(w.p, "EAGAIN");
}

TEST_F(stranger, that_exits_is_answered_by_way_of_the_process)
{
	struct watch w = watch_owner();

	bnd_cmd_request_death(&w.idle->w, w.h, DEATH);
	WRITE(w.idle, "");
	ASSERT_EQ(0, ioc_at(w.idle, BINDER_THREAD_EXIT, 0));
	die(w.owner);
	ASSERT_STREQ("NOOP DEAD_BINDER:c00c1e", go_blocking(w.p));
	bnd_cmd_clear_death(&w.idle->w, w.h, DEATH);
	bnd_cmd_dead_binder_done(&w.idle->w, DEATH);
	WRITE(w.idle, "");
	ASSERT_EQ(0, ioc_at(w.idle, BINDER_THREAD_EXIT, 0));
	GO(w.p, "NOOP CLEARED:c00c1e");
}

/* As long as somebody reads, it does not matter who wrote. */
TEST_F(stranger, of_freezing_tells_any_thread)
{
	struct trio t = trio();
	struct port *reader = thread_of(t.c);

	/* Even a thread of the pool, for which death notices make an exception. */
	bnd_cmd_enter_looper(&t.c->w);
	WRITE(t.c, "");
	START_ASLEEP(reader);
	request(&t);
	FINISH(reader, THAWED);
	done(t.c);
	START_ASLEEP(reader);
	clear(&t);
	FINISH(reader, CLEARED);
	GO(t.c, "EAGAIN");
}

TEST_F(stranger, freeze_done_from_another_thread)
{
	struct trio t = trio();
	struct port *other = thread_of(t.c);

	request(&t);
	GO(t.c, THAWED);
	freeze_now(t.freezer, t.server);
	bnd_cmd_register_looper(&other->w);
	done(other);
	GO(t.c, FROZEN);
	clear(&t);
	GO(t.c, "EAGAIN");
	done(other);
	GO(other, CLEARED);
}

TEST_F(stranger, freeze_requested_by_a_thread_that_exits)
{
	struct trio t = trio();
	struct port *other = thread_of(t.c);

	bnd_cmd_request_freeze(&other->w, t.h, COOKIE);
	WRITE(other, "");
	ASSERT_EQ(0, ioc_at(other, BINDER_THREAD_EXIT, 0));
	GO(t.c, THAWED);
	bnd_cmd_freeze_done(&other->w, COOKIE);
	bnd_cmd_clear_freeze(&other->w, t.h, COOKIE);
	WRITE(other, "");
	ASSERT_EQ(0, ioc_at(other, BINDER_THREAD_EXIT, 0));
	GO(t.c, CLEARED);
}

TEST_HARNESS_MAIN
