/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A benchmark is a row of a table: a name, a function that takes all samples of
 * it, and that function's parameters. The program executes itself for each, which
 * sets up its own processes and ends them, so rows do not depend on each other or on
 * their order.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bench {
	const char *name;
	void (*run)(const struct bench *b);
	size_t size;		/* payload in bytes */
	unsigned int ops;	/* repetitions timed as one sample */
	unsigned int arg;	/* up to the function */
};

/* Ended by a row without name. */
extern const struct bench roundtrip_benches[];
extern const struct bench oneway_benches[];
extern const struct bench memory_benches[];
extern const struct bench object_benches[];
extern const struct bench node_benches[];
extern const struct bench teardown_benches[];
extern const struct bench footprint_benches[];
extern const struct bench parallel_benches[];
extern const struct bench ipc_benches[];
extern const struct bench dbus_benches[];
extern const struct bench fragmented_benches[];

/* What the command line says. */
struct options {
	const char *device;
	unsigned int samples;
	const char *lockstat;	/* directory for statistics of locks, or NULL */
};

extern struct options options;

/* Print why and end the program, children included. */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/*
 * Between these two everything is counted. The second prints the time of each of
 * @ops operations as sample @index.
 */
uint64_t sample_begin(void);
void sample_end(const struct bench *b, unsigned int index, uint64_t start, unsigned int ops);
/* Print a sample that is no time, or a time of which @b has several. */
void sample_value(const struct bench *b, unsigned int index, double value);
void sample_part(const struct bench *b, const char *part, unsigned int index, double value);
/* Nanoseconds. */
uint64_t now(void);

/* Sizes as they occur: 70 % to 256 B, 25 % to 1K, 4 % to 16K, 1 % 64 to 256K. */
unsigned int mixed_size(uint32_t *state);

/*
 * Take every other page of nearly all memory, and then what blocks of 16 pages are
 * still free, or are again, for as long as this program runs.
 */
void take_every_other_page(void);
void take_free_blocks(void);

/* fork() that takes the child along when this program dies. */
pid_t spawn(void);
void reap(pid_t pid);

/* No-operations that counter.c knows by their last four bytes. */
#define MARK_BENCH 0x0bdeb101	/* another benchmark begins */
#define MARK_BEGIN 0x0bdeb102
#define MARK_END   0x0bdeb103

static inline __attribute__((always_inline)) void mark(uint32_t what)
{
#ifdef __x86_64__
	__asm__ volatile("nopl %c0(%%rax)" : : "i"(what) : "memory");
#endif
	(void)what;
}

#endif /* BENCH_H */
