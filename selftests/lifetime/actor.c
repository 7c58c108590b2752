// SPDX-License-Identifier: GPL-2.0-only
/* Actors: making, ordering, killing and watching them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "actor.h"

#define ARENA_SIZE ((size_t)64 << 20)

struct actor *mgr;

void need_failed(const char *file, int line, const char *what)
{
	printf("# %s:%d: needed: %s (errno %d)\n", file, line, what, errno);
	fflush(stdout);
	_exit(1);
}

const char *dev1(void)
{
	const char *dev = getenv("BINDER_DEV");

	return dev ? dev : "/dev/binder";
}

const char *dev2(void)
{
	const char *dev = getenv("BINDER_DEV2");

	return dev ? dev : "/dev/hwbinder";
}

unsigned long count_of(const char *name, unsigned long otherwise)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 0) : otherwise;
}

/* One mapping, made before the first fork: later ones would be missing in older actors. */
void *shared_alloc(size_t size)
{
	static uint8_t *arena;
	static size_t used;
	void *p;

	if (!arena) {
		arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		need(arena != MAP_FAILED);
	}
	size = (size + 63) & ~(size_t)63;
	need(used + size <= ARENA_SIZE);
	p = arena + used;
	used += size;
	return p;
}

/* --- The actor's side --------------------------------------------------------- */

static void serve_steps(struct actor *a)
{
	a->tid = gettid();
	sem_post(&a->done);
	for (;;) {
		while (sem_wait(&a->go))
			;
		if (!a->fn)
			return;
		a->fn(a);
		sem_post(&a->done);
	}
}

static void *thread_main(void *arg)
{
	serve_steps(arg);
	return NULL;
}

static void step_open(struct actor *a)
{
	a->err = bnd_open(&a->conn, a->dev, ACTOR_MAP, 0);
}

static void step_close(struct actor *a)
{
	bnd_close(&a->conn);
}

static void step_new_thread(struct actor *a)
{
	struct actor *new = a->ptr;

	a->err = -pthread_create(&new->thread, NULL, thread_main, new);
}

static void step_thread_exit(struct actor *a)
{
	a->err = bnd_thread_exit(&a->conn);
}

static const char *short_name(uint32_t code)
{
	switch (code) {
	case BR_TRANSACTION_COMPLETE:
		return "COMPLETE";
	case BR_CLEAR_DEATH_NOTIFICATION_DONE:
		return "CLEAR_DONE";
	}
	return bnd_br_name(code) + 3;
}

static void add_code(struct actor *a, const char *name)
{
	size_t len = strlen(a->codes);

	snprintf(a->codes + len, sizeof(a->codes) - len, "%s%s", len ? " " : "", name);
}

static void note_record(struct actor *a, const struct bnd_rec *rec)
{
	size_t size;

	if (!a->no_refs || rec->code < BR_INCREFS || rec->code > BR_DECREFS)
		add_code(a, short_name(rec->code));
	switch (rec->code) {
	case BR_TRANSACTION:
	case BR_TRANSACTION_SEC_CTX:
	case BR_REPLY:
		a->txn = rec->txn;
		size = rec->txn.data_size;
		if (size > sizeof(a->payload))
			size = sizeof(a->payload);
		memcpy(a->payload, (void *)(uintptr_t)rec->txn.data.ptr.buffer, size);
		break;
	case BR_INCREFS:
	case BR_ACQUIRE:
	case BR_RELEASE:
	case BR_DECREFS:
		a->node = rec->node;
		if (rec->code == BR_DECREFS)
			a->decrefs[a->nr_decrefs++ % 16] = rec->node.ptr;
		break;
	case BR_DEAD_BINDER:
		a->cookie = rec->cookie;
		a->nr_dead++;
		break;
	case BR_CLEAR_DEATH_NOTIFICATION_DONE:
		a->cookie = rec->cookie;
		a->nr_clear_done++;
		break;
	}
}

/* One ioctl; what says nothing is left out of the codes. */
static void one_xfer(struct actor *a, struct bnd_stream *r)
{
	struct bnd_rec rec;

	do {
		a->err = bnd_xfer(&a->conn, &a->w, r);
	} while (a->err == -EINTR);
	if (a->err == -EAGAIN && r) {
		a->err = 0;
		r->len = 0;
	}
	if (a->err) {
		char text[32];

		snprintf(text, sizeof(text), "error %d", a->err);
		add_code(a, text);
		return;
	}
	while (r && bnd_next(r, &rec) > 0) {
		if (rec.code != BR_NOOP && rec.code != BR_SPAWN_LOOPER)
			note_record(a, &rec);
	}
}

static void set_nonblock(struct actor *a, bool on)
{
	int flags = fcntl(a->conn.fd, F_GETFL);

	if (!(flags & O_NONBLOCK) == on)
		fcntl(a->conn.fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

static void step_put(struct actor *a)
{
	a->codes[0] = '\0';
	one_xfer(a, NULL);
}

static void step_now(struct actor *a)
{
	a->codes[0] = '\0';
	set_nonblock(a, true);
	one_xfer(a, &a->r);
}

static void step_once(struct actor *a)
{
	a->codes[0] = '\0';
	set_nonblock(a, false);
	one_xfer(a, &a->r);
}

static void step_drain(struct actor *a)
{
	size_t before;

	a->codes[0] = '\0';
	set_nonblock(a, true);
	do {
		before = strlen(a->codes);
		one_xfer(a, &a->r);
	} while (!a->err && strlen(a->codes) != before);
}

static void step_get(struct actor *a)
{
	a->codes[0] = '\0';
	set_nonblock(a, false);
	do {
		one_xfer(a, &a->r);
	} while (!a->err && !a->codes[0]);
}

/* --- Making and ordering --------------------------------------------------------- */

static struct actor *actor_alloc(void)
{
	struct actor *a = shared_alloc(sizeof(*a));

	need(!sem_init(&a->go, 1, 0) && !sem_init(&a->done, 1, 0));
	a->w = (struct bnd_cmds){ .buf = a->wbytes, .cap = sizeof(a->wbytes) };
	a->r = (struct bnd_stream){ .buf = a->rbytes, .cap = sizeof(a->rbytes) };
	a->conn.fd = -1;
	a->uffd = -1;
	a->running = true;
	msg_reset(a);
	return a;
}

struct actor *actor_bare(void)
{
	struct actor *a = actor_alloc();
	pid_t parent = getpid(), child;

	fflush(stdout);
	a->leader = a;
	child = fork();
	need(child >= 0);
	if (!child) {
		/* None outlives its test. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			serve_steps(a);
		_exit(0);
	}
	a->pid = child;
	a->alive = true;
	finish(a);
	return a;
}

struct actor *actor_new_on(const char *dev)
{
	struct actor *a = actor_bare();

	a->dev = dev;
	run(a, step_open);
	need(!a->err);
	return a;
}

struct actor *actor_new(void)
{
	return actor_new_on(dev1());
}

struct actor *actor_thread(struct actor *leader)
{
	struct actor *a = actor_alloc();

	a->leader = leader->leader;
	a->pid = leader->pid;
	a->conn = leader->conn;
	a->dev = leader->dev;
	leader->ptr = a;
	run(leader, step_new_thread);
	need(!leader->err);
	finish(a);
	return a;
}

struct actor *actor_thread_new(struct actor *leader, const char *dev)
{
	struct actor *a = actor_thread(leader);

	a->dev = dev;
	run(a, step_open);
	need(!a->err);
	return a;
}

void start(struct actor *a, void (*fn)(struct actor *a))
{
	need(!a->running);
	a->running = true;
	a->fn = fn;
	sem_post(&a->go);
}

/* An actor that died by itself, of a defect in the test, is noticed within a second. */
void finish(struct actor *a)
{
	struct timespec until;

	need(a->running);
	clock_gettime(CLOCK_REALTIME, &until);
	for (;;) {
		siginfo_t dead = { .si_pid = 0 };

		until.tv_sec++;
		if (!sem_timedwait(&a->done, &until))
			break;
		need(errno == EINTR || errno == ETIMEDOUT);
		waitid(P_PID, a->pid, &dead, WEXITED | WNOHANG | WNOWAIT);
		need(!dead.si_pid);
	}
	a->running = false;
}

bool finished(struct actor *a)
{
	int value = 0;

	sem_getvalue(&a->done, &value);
	return value > 0;
}

void run(struct actor *a, void (*fn)(struct actor *a))
{
	start(a, fn);
	finish(a);
}

void kill_actor(struct actor *a)
{
	struct actor *leader = a->leader;

	need(leader->alive);
	need(!kill(leader->pid, SIGKILL));
	need(waitpid(leader->pid, NULL, 0) == leader->pid);
	leader->alive = false;
}

void exit_actor(struct actor *a)
{
	struct actor *leader = a->leader;
	int status;

	need(leader->alive);
	start(leader, NULL);
	need(waitpid(leader->pid, &status, 0) == leader->pid);
	need(WIFEXITED(status));
	leader->alive = false;
}

void close_actor(struct actor *a)
{
	run(a, step_close);
}

/* Is the task in an ioctl, sleeping in a way that signals end? */
static bool sleeps_in_ioctl(const struct actor *a)
{
	char path[64], text[512];
	ssize_t len;
	char *state;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", a->pid, a->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	need(fd >= 0);
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return false;
	text[len] = '\0';
	/* "running" when it is. */
	if (text[0] < '0' || text[0] > '9' || strtol(text, NULL, 10) != SYS_ioctl)
		return false;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", a->pid, a->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	need(fd >= 0);
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	need(len > 0);
	text[len] = '\0';
	state = strrchr(text, ')');
	need(state);
	return state[2] == 'S';
}

void await_sleep(struct actor *a)
{
	while (!sleeps_in_ioctl(a)) {
		need(!finished(a));
		sched_yield();
	}
}

/* --- Reading and writing --------------------------------------------------------- */

static const char *xfer(struct actor *a, void (*fn)(struct actor *a))
{
	run(a, fn);
	bnd_cmds_reset(&a->w);
	return a->codes;
}

const char *put(struct actor *a)
{
	return xfer(a, step_put);
}

const char *now(struct actor *a)
{
	return xfer(a, step_now);
}

const char *drain(struct actor *a)
{
	return xfer(a, step_drain);
}

const char *once(struct actor *a)
{
	return xfer(a, step_once);
}

const char *get(struct actor *a)
{
	return xfer(a, step_get);
}

void start_get(struct actor *a)
{
	start(a, step_get);
}

const char *got(struct actor *a)
{
	finish(a);
	bnd_cmds_reset(&a->w);
	return a->codes;
}

int thread_exit(struct actor *a)
{
	run(a, step_thread_exit);
	return a->err;
}

void await_decrefs(struct actor *a, uint64_t ptr)
{
	for (;;) {
		for (int i = 0; i < 16; i++) {
			if (a->decrefs[i] == ptr)
				return;
		}
		get(a);
		need(!a->err);
	}
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int sorted_words(char *text, char **words, int max)
{
	int n = 0;

	for (char *word = strtok(text, " "); word && n < max; word = strtok(NULL, " "))
		words[n++] = word;
	qsort(words, n, sizeof(*words), compare_words);
	return n;
}

bool same_codes(const char *want, const char *seen)
{
	char *text[2] = { strdup(want), strdup(seen) };
	char *words[2][64];
	int n = sorted_words(text[0], words[0], 64);
	bool same = n == sorted_words(text[1], words[1], 64);

	for (int i = 0; same && i < n; i++)
		same = !strcmp(words[0][i], words[1][i]);
	if (!same)
		printf("# wanted \"%s\", read \"%s\"\n", want, seen);
	free(text[0]);
	free(text[1]);
	return same;
}
