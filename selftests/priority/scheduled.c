// SPDX-License-Identifier: GPL-2.0-only
/* Scheduling of peers; see scheduled.h. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scheduled.h"

#define NOBODY 65534

int nice_of(struct port *p)
{
	int nice;

	errno = 0;
	nice = getpriority(PRIO_PROCESS, p->tid);
	if (errno)
		fail("getpriority: %s", strerror(errno));
	return nice;
}

void set_nice(struct port *p, int nice)
{
	if (setpriority(PRIO_PROCESS, p->tid, nice))
		fail("setpriority: %s", strerror(errno));
}

struct port *process_at(int nice)
{
	struct port *p;

	/* Opens in the child, which inherits it. */
	if (setpriority(PRIO_PROCESS, 0, nice))
		fail("setpriority: %s", strerror(errno));
	p = process();
	setpriority(PRIO_PROCESS, 0, 0);
	return p;
}

/* Newer C libraries have it, older ones do not. */
struct attributes {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime;
	uint64_t deadline;
	uint64_t period;
};

#define RESET_ON_FORK 1

static struct attributes attributes_of(struct port *p)
{
	struct attributes a = { .size = sizeof(a) };

	if (syscall(SYS_sched_getattr, p->tid, &a, sizeof(a), 0))
		fail("sched_getattr: %s", strerror(errno));
	return a;
}

static void set_attributes(struct port *p, struct attributes a)
{
	a.size = sizeof(a);
	if (syscall(SYS_sched_setattr, p->tid, &a, 0))
		fail("sched_setattr: %s", strerror(errno));
}

const char *sched_of(struct port *p)
{
	static const char * const names[] = {
		"NORMAL", "FIFO", "RR", "BATCH", "ISO", "IDLE", "DEADLINE",
	};
	static char text[64];
	struct attributes a = attributes_of(p);

	snprintf(text, sizeof(text), "%s %d%s", a.policy < 7 ? names[a.policy] : "?",
		 a.policy == SCHED_FIFO || a.policy == SCHED_RR ? (int)a.priority : a.nice,
		 a.flags & RESET_ON_FORK ? " reset" : "");
	return text;
}

void set_sched(struct port *p, unsigned int policy, int value)
{
	struct attributes a = { .policy = policy };

	if (policy == SCHED_FIFO || policy == SCHED_RR)
		a.priority = value;
	else
		a.nice = value;
	set_attributes(p, a);
}

void set_deadline(struct port *p)
{
	struct attributes a = {
		.policy = 6, .runtime = 100000, .deadline = 10000000, .period = 10000000,
	};

	set_attributes(p, a);
}

uint64_t slice_of(struct port *p)
{
	return attributes_of(p).runtime;
}

bool set_slice(struct port *p, uint64_t ns)
{
	set_attributes(p, (struct attributes){ .runtime = ns });
	return slice_of(p) == ns;
}

static long do_drop_rights(struct port *p, void *arg)
{
	(void)p;
	(void)arg;
	if (setresuid(NOBODY, NOBODY, NOBODY))
		return -errno;
	/* The kernel forgets it with each change of user. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return 0;
}

void unprivileged(struct port *p, unsigned int nice_limit, unsigned int rt_limit)
{
	struct rlimit nice = { nice_limit, nice_limit }, rt = { rt_limit, rt_limit };

	if (prlimit(p->pid, RLIMIT_NICE, &nice, NULL) || prlimit(p->pid, RLIMIT_RTPRIO, &rt, NULL))
		fail("prlimit: %s", strerror(errno));
	if (run(p, do_drop_rights, NULL))
		fail("setresuid failed");
}

/* The kernel's driver has no version, whoever built it. */
uint32_t node(struct port *server, struct port *client, uint32_t flags)
{
	static uint64_t ptr;

	ptr += 0x1000;
	return give(server, client, ptr, 0, flags);
}

void post(struct port *client, uint32_t handle, uint32_t code)
{
	call(client, handle, code, TF_ONE_WAY);
	if (strcmp(go(client), "NOOP COMPLETE"))
		fail("oneway call: got '%s'", client->got);
}
