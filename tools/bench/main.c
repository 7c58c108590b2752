// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures a Binder device. Prints one line a sample: benchmark, index, result
 * (time in ns per operation, where the name says nothing else), operations.
 */
#include "bench.h"

#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct options options = { .samples = 21 };

static const struct bench *const tables[] = {
	roundtrip_benches, oneway_benches, memory_benches, object_benches, node_benches,
	teardown_benches, footprint_benches, parallel_benches, ipc_benches, dbus_benches,
	fragmented_benches,
};

#define NR_TABLES (sizeof(tables) / sizeof(*tables))

/* The argument of personality() that changes nothing. */
#define CURRENT 0xffffffff

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "bench: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

uint64_t sample_begin(void)
{
	uint64_t start = now();

	mark(MARK_BEGIN);
	return start;
}

void sample_end(const struct bench *b, unsigned int index, uint64_t start, unsigned int ops)
{
	mark(MARK_END);
	printf("%s %u %.1f %u\n", b->name, index, (double)(now() - start) / ops, ops);
}

void sample_value(const struct bench *b, unsigned int index, double value)
{
	printf("%s %u %.1f 1\n", b->name, index, value);
}

void sample_part(const struct bench *b, const char *part, unsigned int index, double value)
{
	printf("%s.%s %u %.1f 1\n", b->name, part, index, value);
}

pid_t spawn(void)
{
	pid_t parent = getpid(), pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

void reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		die("a child failed");
}

static void usage(void)
{
	fprintf(stderr,
		"usage: bench [-n SAMPLES] [-s DIRECTORY] [-l] DEVICE [PATTERN...]\n"
		"  DEVICE   a Binder device, or - for benchmarks that need none: ipc.*\n"
		"  PATTERN  names of benchmarks, with * (default: all but load.* and ipc.*)\n"
		"  -s       keep /proc/lock_stat of each sample of load.clients.*, load.pairs.* there\n"
		"  -l       list them instead\n");
	exit(2);
}

static bool selected(const struct bench *b, char **patterns)
{
	if (!*patterns)
		return strncmp(b->name, "load.", 5) && strncmp(b->name, "ipc.", 4);
	for (; *patterns; patterns++)
		if (!fnmatch(*patterns, b->name, 0))
			return true;
	return false;
}

static void run_here(const struct bench *b)
{
	/* Let what the one before left to be freed be freed. */
	usleep(300000);
	mark(MARK_BENCH);
	b->run(b);
}

/*
 * What a fork, an end and a fault cost depends on what is in the address space, and where:
 * each benchmark begins with an image that no other one had, always at the same addresses.
 */
static void run_alone(const struct bench *b)
{
	char samples[16];
	pid_t pid;

	snprintf(samples, sizeof(samples), "%u", options.samples);
	pid = spawn();
	if (!pid) {
		personality(ADDR_NO_RANDOMIZE);
		if (options.lockstat)
			execl("/proc/self/exe", "bench", "-n", samples, "-s", options.lockstat,
			      options.device, b->name, NULL);
		else
			execl("/proc/self/exe", "bench", "-n", samples, options.device, b->name,
			      NULL);
		die("/proc/self/exe: %s", strerror(errno));
	}
	reap(pid);
}

int main(int argc, char **argv)
{
	unsigned int found = 0;
	bool list = false;
	int option;

	while ((option = getopt(argc, argv, "ln:s:")) != -1) {
		if (option == 'l')
			list = true;
		else if (option == 'n')
			options.samples = strtoul(optarg, NULL, 0);
		else if (option == 's')
			options.lockstat = optarg;
		else
			usage();
	}
	if (!list) {
		if (optind == argc)
			usage();
		options.device = argv[optind++];
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t t = 0; t < NR_TABLES; t++)
		for (const struct bench *b = tables[t]; b->name; b++)
			found += selected(b, argv + optind);
	for (size_t t = 0; t < NR_TABLES; t++) {
		for (const struct bench *b = tables[t]; b->name; b++) {
			if (!selected(b, argv + optind))
				continue;
			if (list)
				printf("%s\n", b->name);
			else if (found == 1 && personality(CURRENT) & ADDR_NO_RANDOMIZE)
				run_here(b);
			else
				run_alone(b);
		}
	}
	return 0;
}
