// SPDX-License-Identifier: GPL-2.0-only
/* Peers that do what a test tells them; see peer.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

#define ARENA ((size_t)256 << 20)
#define MAX_TASKS 1024
#define LIMIT_SECONDS 20

/* A process or thread that takes one job after the other out of its mailbox. */
struct task {
	uint32_t posted;	/* futex: jobs put in */
	uint32_t done;		/* futex: jobs finished */
	long (*fn)(struct port *p, void *arg);
	struct port *port;
	void *arg;
	long result;
	pid_t pid;
	pid_t tid;
	bool alive;
};

static uint8_t *arena;
static size_t arena_used;
static struct task *tasks[MAX_TASKS];
static int ntasks;
static struct port *the_manager;
static void (*fail_hook)(const char *message);
long (*peer_job)(long (*fn)(struct port *p, void *arg), struct port *p, void *arg);

void fail(const char *format, ...)
{
	char message[2048];
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	fail_hook(message);
	abort();
}

void *shared(size_t size)
{
	void *p = arena + arena_used;

	arena_used += (size + 63) & ~(size_t)63;
	if (arena_used > ARENA)
		fail("no shared memory left");
	return p;
}

void have_page_tables(void)
{
	for (size_t at = 0; at <= ARENA; at += 2 << 20)
		((volatile uint8_t *)arena)[at ? at - 1 : 0];
}

int rounds(int n)
{
	return getenv("SLOW_KERNEL") ? (n + 9) / 10 : n;
}

/* --- mailboxes --- */

static void futex_wait(uint32_t *word, uint32_t value, const struct timespec *timeout)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, timeout, NULL, 0);
}

static void futex_wake(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void *task_loop(void *arg)
{
	struct task *t = arg;
	uint32_t served = 0;

	t->tid = gettid();
	t->alive = true;
	__atomic_store_n(&t->done, 1, __ATOMIC_RELEASE);
	futex_wake(&t->done);
	for (;;) {
		while (__atomic_load_n(&t->posted, __ATOMIC_ACQUIRE) == served)
			futex_wait(&t->posted, served, NULL);
		served++;
		t->result = peer_job ? peer_job(t->fn, t->port, t->arg) : t->fn(t->port, t->arg);
		__atomic_store_n(&t->done, served + 1, __ATOMIC_RELEASE);
		futex_wake(&t->done);
	}
	return NULL;
}

/* Has everything posted (and, the first time, the start itself) been done? */
static bool task_through(const struct task *t)
{
	return __atomic_load_n(&t->done, __ATOMIC_ACQUIRE) == t->posted + 1;
}

static bool out_of_time(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - since->tv_sec >= LIMIT_SECONDS;
}

void wait_until(bool (*condition)(void *arg), void *arg, const char *what)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	struct timespec since;

	clock_gettime(CLOCK_MONOTONIC, &since);
	for (int i = 0; !condition(arg); i++) {
		if (out_of_time(&since))
			fail("%s: waited too long", what);
		if (i < 20)
			sched_yield();
		else
			nanosleep(&pause, NULL);
	}
}

bool ours(void)
{
	return !access("/sys/module/binder_linux/version", F_OK);
}

static void task_wait(struct task *t)
{
	const struct timespec slice = { .tv_sec = 1 };
	struct timespec since;
	uint32_t done;

	clock_gettime(CLOCK_MONOTONIC, &since);
	while ((done = __atomic_load_n(&t->done, __ATOMIC_ACQUIRE)) != t->posted + 1) {
		if (out_of_time(&since))
			fail("peer %d does not come back", t->tid);
		futex_wait(&t->done, done, &slice);
	}
}

void run_start(struct port *p, long (*fn)(struct port *p, void *arg), void *arg)
{
	struct task *t = p->task;

	if (!task_through(t))
		fail("peer %d is still busy", t->tid);
	t->fn = fn;
	t->port = p;
	t->arg = arg;
	__atomic_store_n(&t->posted, t->posted + 1, __ATOMIC_RELEASE);
	futex_wake(&t->posted);
}

long run_finish(struct port *p)
{
	task_wait(p->task);
	return p->task->result;
}

long run(struct port *p, long (*fn)(struct port *p, void *arg), void *arg)
{
	run_start(p, fn, arg);
	return run_finish(p);
}

/* State letter of the task and the system call it sleeps in. */
bool asleep(struct port *p)
{
	struct task *t = p->task;
	char path[64], line[512], *paren;
	FILE *f;
	long nr = -1;

	if (task_through(t))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", t->pid, t->tid);
	f = fopen(path, "r");
	if (!f)
		return false;
	paren = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	if (!paren || paren[2] != 'S')
		return false;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", t->pid, t->tid);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (fscanf(f, "%ld", &nr) != 1)
		nr = -1;
	fclose(f);
	/* In the mailbox it sleeps, too. */
	return nr >= 0 && nr != SYS_futex;
}

bool is_through(struct port *p)
{
	return task_through(p->task);
}

/* --- begin and end --- */

static void on_signal(int sig)
{
	(void)sig;
}

void peers_begin(void (*hook)(const char *message))
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	fail_hook = hook;
	arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (arena == MAP_FAILED)
		fail("no arena: %s", strerror(errno));
	arena_used = 0;
	ntasks = 0;
	the_manager = NULL;
	sigaction(SIGUSR1, &action, NULL);
	peers_end();
}

static const char *device(void)
{
	const char *path = getenv("BINDER_DEV");

	return path ? path : "/dev/binder";
}

/* A call to the manager fails with DEAD and EINVAL only when there is none. */
static bool no_manager(void *arg)
{
	BND_STREAM(r, 256);
	BND_CMDS(w, 128);
	struct binder_extended_error error = { 0 };
	struct bnd_msg m = { .flags = TF_ONE_WAY };
	struct bnd_conn *c = arg;

	bnd_cmd_transaction(&w, &m);
	bnd_xfer(c, &w, &r);
	bnd_extended_error(c, &error);
	return error.command == BR_DEAD_REPLY && error.param == -EINVAL;
}

void peers_end(void)
{
	struct bnd_conn c;
	int err;

	for (int i = 0; i < ntasks; i++) {
		if (tasks[i]->alive && tasks[i]->pid == tasks[i]->tid)
			kill(tasks[i]->pid, SIGKILL);
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
	ntasks = 0;
	err = bnd_open(&c, device(), 4096, O_NONBLOCK);
	if (err)
		fail("%s: %s", device(), strerror(-err));
	wait_until(no_manager, &c, "a context manager is still there");
	bnd_close(&c);
}

/* --- peers --- */

static struct task *new_task(void)
{
	struct task *t = shared(sizeof(*t));

	if (ntasks == MAX_TASKS)
		fail("too many peers");
	memset(t, 0, sizeof(*t));
	tasks[ntasks++] = t;
	return t;
}

static struct port *new_port(struct task *t, struct bnd_conn *conn)
{
	struct port *p = shared(sizeof(*p));

	memset(p, 0, sizeof(*p));
	p->task = t;
	p->conn = conn;
	p->pid = t->pid;
	p->tid = t->tid;
	p->w.cap = 16 * 1024;
	p->w.buf = shared(p->w.cap);
	p->r.cap = 16 * 1024;
	p->r.buf = shared(p->r.cap);
	p->room = 512;
	return p;
}

struct open_request {
	const char *path;
	size_t map;
};

static long do_open(struct port *p, void *arg)
{
	struct open_request *o = arg;
	int32_t version;
	int err = bnd_open(p->conn, o->path, o->map, 0);

	/* The first ioctl of a task is special; tests of that use new_thread_of(). */
	return err ? err : bnd_version(p->conn, &version);
}

static struct port *open_on(struct task *t, const char *path, size_t map)
{
	struct port *p = new_port(t, shared(sizeof(*p->conn)));
	struct open_request *o = shared(sizeof(*o));
	char *copy = shared(strlen(path) + 1);
	long err;

	o->path = strcpy(copy, path);
	o->map = map;
	err = run(p, do_open, o);
	if (err)
		fail("%s: %s", path, strerror((int)-err));
	return p;
}

struct port *process_on(const char *path, size_t map)
{
	struct task *t = new_task();
	pid_t parent = getpid();

	t->pid = fork();
	if (t->pid < 0)
		fail("fork: %s", strerror(errno));
	if (!t->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		t->pid = getpid();
		task_loop(t);
	}
	task_wait(t);
	return open_on(t, path, map);
}

struct port *process(void)
{
	return process_on(device(), AREA);
}

struct port *manager(void)
{
	struct port *p = process();
	int err = ioc_at(p, BINDER_SET_CONTEXT_MGR, 0);

	if (err)
		fail("cannot become manager: %s", strerror(-err));
	the_manager = p;
	return p;
}

static struct port *after_an_ioctl(struct port *p)
{
	struct binder_version v;

	if (ioc(p, BINDER_VERSION, &v, sizeof(v)))
		fail("BINDER_VERSION failed");
	return p;
}

/* In the peer: fork and let the child be task @arg. */
static long do_fork(struct port *p, void *arg)
{
	struct task *t = arg;
	pid_t pid, parent = getpid();

	(void)p;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* 0 in a pid namespace of its own. */
		if (getppid() && getppid() != parent)
			_exit(1);
		task_loop(t);
	}
	return pid;
}

struct port *child_of(struct port *p)
{
	struct task *t = new_task();
	long pid = run(p, do_fork, t);

	if (pid < 0)
		fail("cannot fork");
	t->pid = (pid_t)pid;
	task_wait(t);
	return after_an_ioctl(new_port(t, p->conn));
}

static long do_thread(struct port *p, void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	(void)p;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	err = pthread_create(&thread, &attr, task_loop, arg);
	pthread_attr_destroy(&attr);
	return -err;
}

struct port *new_thread_of(struct port *p)
{
	struct task *t = new_task();

	t->pid = p->pid;
	if (run(p, do_thread, t))
		fail("cannot make a thread");
	task_wait(t);
	return new_port(t, p->conn);
}

struct port *manager_port(void)
{
	if (!the_manager)
		fail("this test has no manager");
	return the_manager;
}

struct port *thread_of(struct port *p)
{
	return after_an_ioctl(new_thread_of(p));
}

struct port *open_again(struct port *p, size_t map)
{
	return open_on(p->task, device(), map);
}

struct port *port_on(struct port *task, struct port *file)
{
	return new_port(task->task, file->conn);
}

void die(struct port *p)
{
	kill(p->pid, SIGKILL);
	if (waitpid(p->pid, NULL, 0) != p->pid)
		fail("peer %d cannot be reaped", p->pid);
	for (int i = 0; i < ntasks; i++) {
		if (tasks[i]->pid == p->pid)
			tasks[i]->alive = false;
	}
}

static long do_shut(struct port *p, void *arg)
{
	(void)arg;
	bnd_close(p->conn);
	return 0;
}

void shut(struct port *p)
{
	run(p, do_shut, NULL);
}

static long do_unmap(struct port *p, void *arg)
{
	(void)arg;
	return bnd_unmap(p->conn);
}

void unmap(struct port *p)
{
	if (run(p, do_unmap, NULL))
		fail("munmap failed");
}

void interrupt(struct port *p)
{
	if (syscall(SYS_tgkill, p->pid, p->tid, SIGUSR1))
		fail("tgkill: %s", strerror(errno));
}

struct strike {
	struct port *victim;
	int err;
};

static int on_cpu0(pid_t tid, int policy)
{
	const struct sched_param high = { .sched_priority = 1 }, none = { 0 };
	cpu_set_t cpu0;

	CPU_ZERO(&cpu0);
	CPU_SET(0, &cpu0);
	if (sched_setaffinity(tid, sizeof(cpu0), &cpu0))
		return -errno;
	return sched_setscheduler(tid, policy, policy == SCHED_FIFO ? &high : &none) ? -errno : 0;
}

/* Write the command, then the signal, before the victim gets the processor. */
static long write_and_interrupt(struct port *p, void *arg)
{
	struct strike *s = arg;

	s->err = bnd_write(p->conn, &p->w);
	syscall(SYS_tgkill, s->victim->pid, s->victim->tid, SIGUSR1);
	return 0;
}

int hand_over_and_interrupt(struct port *c, struct port *victim)
{
	struct strike *s = shared(sizeof(*s));
	int err = on_cpu0(c->tid, SCHED_FIFO) ?: on_cpu0(victim->tid, SCHED_OTHER);

	if (err)
		return err;
	s->victim = victim;
	run(c, write_and_interrupt, s);
	err = on_cpu0(c->tid, SCHED_OTHER);
	forget(c);
	return err ?: s->err;
}

/* --- ioctls --- */

struct ioctl_request {
	unsigned int cmd;
	void *arg;
};

static long do_ioctl(struct port *p, void *arg)
{
	struct ioctl_request *r = arg;

	return bnd_ioctl(p->conn, r->cmd, r->arg);
}

int ioc_at(struct port *p, unsigned int cmd, uint64_t address)
{
	struct ioctl_request *r = shared(sizeof(*r));

	r->cmd = cmd;
	r->arg = (void *)(uintptr_t)address;
	return (int)run(p, do_ioctl, r);
}

int ioc(struct port *p, unsigned int cmd, void *arg, size_t size)
{
	void *copy = memcpy(shared(size), arg, size);
	int err = ioc_at(p, cmd, (uintptr_t)copy);

	memcpy(arg, copy, size);
	return err;
}

static const char *errno_name(int err)
{
	const char *name = err ? strerrorname_np(err) : "0";

	return name ? name : "E?";
}

const char *exterr(struct port *p)
{
	static char text[64];
	struct binder_extended_error error;
	int err = ioc(p, BINDER_GET_EXTENDED_ERROR, &error, sizeof(error));

	if (err)
		fail("BINDER_GET_EXTENDED_ERROR: %s", strerror(-err));
	snprintf(text, sizeof(text), "%s %s",
		 error.command == BR_OK ? "OK" :
		 error.command == BR_DEAD_REPLY ? "DEAD" :
		 error.command == BR_FAILED_REPLY ? "FAILED" : bnd_br_name(error.command),
		 errno_name(-error.param));
	return text;
}
