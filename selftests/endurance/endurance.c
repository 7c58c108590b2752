// SPDX-License-Identifier: GPL-2.0-only
/* Processes, hangs and times of the long programs; see endurance.h. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "endurance.h"

static void (*tell_what)(void);

const char *device(void)
{
	const char *dev = getenv("BINDER_DEV");

	return dev ? dev : "/dev/binder";
}

unsigned long count_of(const char *name, unsigned long otherwise)
{
	const char *value = getenv(name);

	if (value && *value)
		return strtoul(value, NULL, 0);
	return getenv("SLOW_KERNEL") && otherwise >= 4 ? otherwise / 4 : otherwise;
}

void need_failed(const char *file, int line, const char *what)
{
	printf("# %s:%d: needed: %s (errno %d)\n", file, line, what, errno);
	fflush(stdout);
	_exit(1);
}

void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	need(p != MAP_FAILED);
	return p;
}

pid_t child(void)
{
	pid_t parent = getpid(), pid;

	fflush(stdout);
	pid = fork();
	need(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

int status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		need(errno == EINTR);
	return status;
}

/* The process ends right here: what was interrupted does not matter any more. */
static void hangs(int sig)
{
	(void)sig;
	printf("# nothing happens for %d s", HANG_SECONDS);
	tell_what();
	printf("\n");
	fflush(stdout);
	_exit(1);
}

void hang_after(void (*what)(void))
{
	tell_what = what;
	if (what)
		signal(SIGALRM, hangs);
	alarm(what ? HANG_SECONDS : 0);
}

static void print_file(const char *before, const char *path)
{
	char line[256];
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f))
		printf("# %s%s%s", before, line, strchr(line, '\n') ? "" : "\n");
	if (f)
		fclose(f);
}

void print_task(const char *who, pid_t pid)
{
	char path[64];

	printf("# %s is %d\n", who, pid);
	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	print_file("  system call: ", path);
	snprintf(path, sizeof(path), "/proc/%d/stack", pid);
	print_file("  ", path);
}

void print_driver(void)
{
	print_file("  ", "/sys/kernel/debug/binder/transactions");
	print_file("  ", "/sys/kernel/debug/binder/state");
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

void add_time(struct times *t, uint64_t ns)
{
	if (t->n == t->room) {
		t->room = t->room ? 2 * t->room : 256;
		t->ns = realloc(t->ns, t->room * sizeof(*t->ns));
		need(t->ns);
	}
	t->ns[t->n++] = ns;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

void print_times(struct times *t, const char *what)
{
	static const int percent[] = { 0, 50, 90, 99, 100 };
	static const char *const name[] = { "least", "median", "90%", "99%", "most" };

	qsort(t->ns, t->n, sizeof(*t->ns), compare);
	printf("# %s: %zu", what, t->n);
	for (int i = 0; t->n && i < 5; i++)
		printf(", %s %.2f ms", name[i], t->ns[(t->n - 1) * percent[i] / 100] / 1e6);
	printf("\n");
	free(t->ns);
	*t = (struct times){ .n = 0 };
}
