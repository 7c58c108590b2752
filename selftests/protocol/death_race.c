// SPDX-License-Identifier: GPL-2.0-only
/*
 * Death notices asked for and cleared at full speed while the owner dies: each request is
 * told at most once, and just once if it was not cleared; each clear is answered once, and
 * after that comes nothing. All loops are bounded by counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "protocol_test.h"

#define ROUNDS 4
#define PROCESSES 4
#define OPENS 16		/* of each process: 64 clients */
#define THREADS 4
#define COOKIES 4096		/* per client */
#define REQUESTS 3000		/* of all together at least, then the owner dies */

PROTOCOL_FIXTURE(death_race);

/* What happened to a cookie. */
#define ASKED 1
#define TOLD 2
#define CLEARED 4		/* asked to be */
#define ANSWERED 8

/* Everything about the requests of one handle, by whatever thread. */
struct book {
	uint32_t handle;
	atomic_uint next;	/* cookie */
	atomic_uchar state[COOKIES];
	atomic_bool end;	/* a death was told */
};

/* What all threads of a process look at. */
struct state {
	atomic_int requests;
	atomic_int line;	/* where something was wrong, first */
	struct book book[OPENS];
};

static int wrong(struct state *s, int line)
{
	int none = 0;

	atomic_compare_exchange_strong(&s->line, &none, line);
	return line;
}

#define MUST(condition)							\
	do {								\
		if (!(condition))					\
			return wrong(s, __LINE__);			\
	} while (0)

/* Cookies say whose they are. */
static uint64_t cookie_of(int book, unsigned int n)
{
	return (uint64_t)book << 32 | n;
}

static struct book *book_of(struct state *s, uint64_t cookie)
{
	return &s->book[cookie >> 32];
}

static int note(struct state *s, const struct bnd_rec *rec, struct bnd_cmds *w)
{
	struct book *book;
	unsigned char before;
	unsigned int n;

	if (rec->code != BR_DEAD_BINDER && rec->code != BR_CLEAR_DEATH_NOTIFICATION_DONE)
		return 0;
	MUST(rec->cookie >> 32 < OPENS);
	book = book_of(s, rec->cookie);
	n = (unsigned int)rec->cookie;
	MUST(n < COOKIES);
	if (rec->code == BR_DEAD_BINDER) {
		before = atomic_fetch_or(&book->state[n], TOLD);
		MUST(before & ASKED);
		MUST(!(before & (TOLD | ANSWERED)));
		bnd_cmd_dead_binder_done(w, rec->cookie);
		atomic_store(&book->end, true);
	} else {
		before = atomic_fetch_or(&book->state[n], ANSWERED);
		MUST(before & CLEARED);
		MUST(!(before & ANSWERED));
	}
	return 0;
}

/* Read all there is; what it asks for is written with the next one. */
static int read_all(struct state *s, struct bnd_conn *c, struct bnd_cmds *w)
{
	BND_STREAM(r, 512);
	struct bnd_rec rec;
	bool more;
	int err;

	do {
		more = false;
		err = bnd_xfer(c, w, &r);
		MUST(!err || err == -EAGAIN);
		MUST(w->consumed == w->len);
		bnd_cmds_reset(w);
		while (!err && bnd_next(&r, &rec) > 0) {
			more |= rec.code != BR_NOOP;
			err = note(s, &rec, w);
		}
	} while (more && !err);
	return err == -EAGAIN ? 0 : err;
}

/* One request; every other one is cleared again. */
static int ask(struct state *s, int i, struct bnd_conn *c, struct bnd_cmds *w)
{
	struct book *book = &s->book[i];
	unsigned int n = atomic_load(&book->next);

	/* One is left for the end. */
	if (n == COOKIES - 1)
		return read_all(s, c, w);
	atomic_store(&book->next, n + 1);
	atomic_store(&book->state[n], ASKED);
	bnd_cmd_request_death(w, book->handle, cookie_of(i, n));
	atomic_fetch_add(&s->requests, 1);
	if (n % 3)
		MUST(!read_all(s, c, w));
	atomic_fetch_or(&book->state[n], CLEARED);
	bnd_cmd_clear_death(w, book->handle, cookie_of(i, n));
	return read_all(s, c, w);
}

/* The last request, when the owner is known to be dead: told at once. */
static int ask_for_the_dead(struct state *s, int i, struct bnd_conn *c, struct bnd_cmds *w)
{
	struct book *book = &s->book[i];
	unsigned int n = atomic_fetch_add(&book->next, 1);

	MUST(n < COOKIES);
	atomic_store(&book->state[n], ASKED);
	bnd_cmd_request_death(w, book->handle, cookie_of(i, n));
	return read_all(s, c, w);
}

/* When nothing is left to be read: is everything told and answered? */
static int check(struct state *s, int i)
{
	struct book *book = &s->book[i];
	unsigned int n = atomic_load(&book->next);

	for (unsigned int j = 0; j < n; j++) {
		unsigned char state = atomic_load(&book->state[j]);

		MUST(!(state & CLEARED) == !(state & ANSWERED));
		if (!(state & CLEARED))
			MUST(state & TOLD);
	}
	return 0;
}

/* Was a client that only waits told? Whoever is told finds the owner marked dead. */
static bool is_told(struct bnd_conn *c)
{
	BND_STREAM(r, 512);
	struct bnd_cmds none = { 0 };
	struct bnd_rec rec;
	bool told = false;

	if (bnd_xfer(c, &none, &r))
		return false;
	while (bnd_next(&r, &rec) > 0)
		told |= rec.code == BR_DEAD_BINDER;
	return told;
}

/* --- many clients --- */

static long be_clients(struct port *p, void *arg)
{
	BND_CMDS(w, 4096);
	struct state *s = arg;
	struct bnd_conn c[OPENS], waiting;

	(void)p;
	MUST(!bnd_open(&waiting, "/dev/binder", 4096, O_NONBLOCK));
	bnd_cmd_increfs(&w, 0);
	bnd_cmd_acquire(&w, 0);
	bnd_cmd_request_death(&w, 0, 0);
	MUST(!bnd_write(&waiting, &w));
	bnd_cmds_reset(&w);
	for (int i = 0; i < OPENS; i++) {
		MUST(!bnd_open(&c[i], "/dev/binder", 4096, O_NONBLOCK));
		bnd_cmd_increfs(&w, 0);
		bnd_cmd_acquire(&w, 0);
		MUST(!bnd_write(&c[i], &w));
		bnd_cmds_reset(&w);
	}
	/* Around and around, until the owner is gone, and once more. */
	for (bool gone = false, last = false; !last;) {
		last = gone;
		gone = is_told(&waiting);
		for (int i = 0; i < OPENS; i++)
			MUST(!ask(s, i, &c[i], &w));
	}
	/* Objects are marked dead before their requests are looked for. */
	for (int i = 0; i < OPENS; i++)
		MUST(!ask_for_the_dead(s, i, &c[i], &w));
	for (int i = 0; i < OPENS; i++) {
		MUST(!read_all(s, &c[i], &w));
		MUST(atomic_load(&s->book[i].end));
		MUST(!check(s, i));
		bnd_close(&c[i]);
	}
	bnd_close(&waiting);
	return 0;
}

static bool many_requests(void *arg)
{
	struct state **s = arg;

	for (int i = 0; i < PROCESSES; i++)
		if (atomic_load(&s[i]->requests) < REQUESTS / PROCESSES)
			return false;
	return true;
}

/* R21; R22, CVE-2025-68260 */
TEST_F_TIMEOUT(death_race, of_64_clients, 120)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct state *s[PROCESSES];
		struct port *p[PROCESSES], *mgr = manager();

		for (int i = 0; i < PROCESSES; i++) {
			s[i] = shared(sizeof(*s[i]));
			p[i] = process();
			run_start(p[i], be_clients, s[i]);
		}
		wait_until(many_requests, s, "requests");
		/* One of those who ask goes as well. */
		if (round % 2)
			die(p[0]);
		die(mgr);
		for (int i = round % 2; i < PROCESSES; i++) {
			ASSERT_EQ(0, run_finish(p[i])) {
				TH_LOG("round %d, process %d: wrong at line %d", round, i,
				       atomic_load(&s[i]->line));
			}
		}
		for (int i = round % 2; i < PROCESSES; i++)
			die(p[i]);
	}
}

/* --- many threads --- */

struct worker {
	struct state *s;
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
	struct state *s = me->s;
	struct book *book = &s->book[me->i];
	int epfd = -1;

	if (me->kind == LOOPER)
		bnd_cmd_enter_looper(&w);
	if (me->kind == REGISTERED)
		bnd_cmd_register_looper(&w);
	if (me->kind == POLLER) {
		epfd = epoll_create1(EPOLL_CLOEXEC);
		MUST(!epoll_ctl(epfd, EPOLL_CTL_ADD, me->c->fd, &event));
	}
	while (!atomic_load(&book->end)) {
		MUST(!ask(s, me->i, me->c, &w));
		if (me->kind == POLLER)
			epoll_wait(epfd, &event, 1, 0);
		sched_yield();
	}
	MUST(!ask_for_the_dead(s, me->i, me->c, &w));
	/* Some thread reads it; none leaves before all were told. */
	atomic_fetch_sub(me->busy, 1);
	while (atomic_load(me->busy)) {
		MUST(!atomic_load(&s->line));
		MUST(!read_all(s, me->c, &w));
		sched_yield();
	}
	if (epfd >= 0)
		close(epfd);
	return read_all(s, me->c, &w);
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
	struct state *s = arg;
	struct bnd_cmds none = { 0 };
	void *line;

	fcntl(p->conn->fd, F_SETFL, fcntl(p->conn->fd, F_GETFL) | O_NONBLOCK);
	for (int i = 0; i < THREADS; i++) {
		worker[i] = (struct worker){
			.s = s, .c = p->conn, .i = i, .kind = i, .busy = &busy,
		};
		MUST(!pthread_create(&thread[i], NULL, thread_main, &worker[i]));
	}
	for (int i = 0; i < THREADS; i++) {
		MUST(!pthread_join(thread[i], &line));
		MUST(!line);
	}
	MUST(!read_all(s, p->conn, &none));
	for (int i = 0; i < THREADS; i++)
		MUST(!check(s, i));
	return 0;
}

static bool some_requests(void *arg)
{
	struct state *s = arg;

	return atomic_load(&s->requests) >= REQUESTS / 10;
}

/* R23, CVE-2026-23400 */
TEST_F(death_race, of_threads_of_all_kinds)
{
	struct port *mgr = manager();

	(void)mgr;
	for (int round = 0; round < ROUNDS; round++) {
		struct port *owner = process(), *p = process();
		struct state *s = shared(sizeof(*s));

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

TEST_HARNESS_MAIN
