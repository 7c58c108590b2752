/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads that leave without a word, for the tests of that. */
#ifndef PROTOCOL_EXITED_H
#define PROTOCOL_EXITED_H

#define ACCEPTS FLAT_BINDER_FLAG_ACCEPTS_FDS

/* A client, a server of two threads, the client's handle. */
struct pair {
	struct port *mgr;
	struct port *server;
	struct port *t;
	struct port *c;
	uint32_t h;
};

static inline struct pair pair(void)
{
	struct pair p = { .mgr = manager(), .server = process(), .c = process() };

	p.t = thread_of(p.server);
	p.h = give(p.server, p.c, 0x10, 0x20, ACCEPTS);
	return p;
}

/* --- leaving --- */

/* The thread alone; the rest of its process lives on. */
static inline long leave(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	syscall(SYS_exit, 0);
	return 0;
}

static inline bool has_left(void *arg)
{
	struct port *p = arg;
	char path[64], line[256], *paren;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", p->pid, p->tid);
	f = fopen(path, "r");
	if (!f)
		return true;
	paren = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	/* A leader waits for the others, as a zombie. */
	return !paren || paren[2] == 'Z' || paren[2] == 'X';
}

static inline void exit_thread(struct port *p)
{
	run_start(p, leave, NULL);
	wait_until(has_left, p, "the exit of a thread");
}

/* What tells the driver to look. */
static inline void new_thread(struct port *p)
{
	thread_of(p);
}
#endif /* PROTOCOL_EXITED_H */
