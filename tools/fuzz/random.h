/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers that depend on the seed alone: the same on every machine and
 * with every C library. The generator is splitmix64.
 */
#ifndef FUZZ_RANDOM_H
#define FUZZ_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct fuzz_random {
	uint64_t state;
};

static inline uint64_t fuzz_random64(struct fuzz_random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* 0 to @n - 1; 0 when there is no such number. */
static inline unsigned int fuzz_below(struct fuzz_random *r, unsigned int n)
{
	return n ? (unsigned int)(fuzz_random64(r) % n) : 0;
}

/* True once in @n times, never if @n is 0. */
static inline bool fuzz_once_in(struct fuzz_random *r, unsigned int n)
{
	return n && !fuzz_below(r, n);
}

/* A stream of its own for part @n of a program with that seed. */
static inline struct fuzz_random fuzz_random_part(uint64_t seed, uint64_t n)
{
	struct fuzz_random r = { .state = seed * 0xff51afd7ed558ccd + n };

	return (struct fuzz_random){ .state = fuzz_random64(&r) };
}

#endif /* FUZZ_RANDOM_H */
