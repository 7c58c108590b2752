// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz binder_range.c, compiled as it is, against a trivial model: an array
 * that says for each unit of the space which range it belongs to.
 *
 * The object under test is built with -fsanitize-coverage=trace-pc, so the
 * work of an operation is counted in basic blocks and bounded, in place of
 * being timed.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binder_range.h"

#define UNIT		BINDER_RANGE_UNIT
#define MAX_UNITS	(BINDER_RANGE_MAX_SIZE / UNIT)

/*
 * An operation walks at most four trees of at most 38 levels twice, a few
 * blocks a level. Measured worst cases are below half of this.
 */
#define MAX_BLOCKS	600

struct live {
	struct binder_range range;
	bool used;
};

static struct binder_range_space space;
static struct live *live;		/* all descriptors */
static uint32_t *owner;			/* model: unit -> descriptor + 1, or 0 */
static uint32_t nr_units, nr_live, used_units;

static uint64_t blocks, worst_blocks, all_blocks, nr_calls;
static uint64_t rng_state;

void __sanitizer_cov_trace_pc(void);

void __sanitizer_cov_trace_pc(void)
{
	blocks++;
}

static void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

static void fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("# ", stdout);
	vprintf(fmt, args);
	va_end(args);
	printf("\n# call %llu\nnot ok 1 range_fuzz\n", (unsigned long long)nr_calls);
	exit(1);
}

static uint32_t rnd(uint32_t below)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return (uint32_t)(rng_state >> 16) % below;
}

static void count_call(void)
{
	if (blocks > worst_blocks)
		worst_blocks = blocks;
	all_blocks += blocks;
	nr_calls++;
	if (blocks > MAX_BLOCKS)
		fail("an operation took %llu basic blocks", (unsigned long long)blocks);
}

static uint32_t model_largest_gap(void)
{
	uint32_t run = 0, largest = 0, i;

	for (i = 0; i < nr_units; i++) {
		run = owner[i] ? 0 : run + 1;
		if (run > largest)
			largest = run;
	}
	return largest;
}

/* Nothing is found in a closed space, nor would anything fit. */
static bool closed;

static bool do_alloc(uint32_t id, uint32_t units)
{
	struct binder_range *range = &live[id].range;
	uint32_t first, i;
	int ret;

	memset(range, 0xa5, sizeof(*range));
	blocks = 0;
	ret = binder_range_alloc(&space, range, units * UNIT);
	count_call();
	if (ret)
		return false;
	if (range->size != units * UNIT || range->offset % UNIT ||
	    range->offset + range->size > nr_units * UNIT)
		fail("bad range %u+%u", range->offset, range->size);
	first = range->offset / UNIT;
	for (i = first; i < first + units; i++) {
		if (owner[i])
			fail("unit %u was given away twice", i);
		owner[i] = id + 1;
	}
	live[id].used = true;
	used_units += units;
	nr_live++;
	return true;
}

/* The range of a descriptor was given back. */
static void freed(uint32_t id)
{
	struct binder_range *range = &live[id].range;
	uint32_t first = range->offset / UNIT, units = range->size / UNIT;

	memset(owner + first, 0, units * sizeof(*owner));
	memset(range, 0x5a, sizeof(*range));
	live[id].used = false;
	used_units -= units;
	nr_live--;
}

static void do_free(uint32_t id)
{
	blocks = 0;
	binder_range_free(&space, &live[id].range);
	count_call();
	freed(id);
}

/* Compare everything that can be asked with the model. */
static void check_all(void)
{
	struct binder_range *range;
	uint32_t i = 0, seen = 0;

	for (range = binder_range_next(&space, &space.first); range;
	     range = binder_range_next(&space, range)) {
		struct live *l = (struct live *)range;

		for (; i < range->offset / UNIT; i++)
			if (owner[i])
				fail("the visit skips unit %u", i);
		if (!l->used || owner[i] != l - live + 1)
			fail("the visit finds a wrong range at %u", range->offset);
		i += range->size / UNIT;
		seen++;
	}
	for (; i < nr_units; i++)
		if (owner[i])
			fail("the visit ends before unit %u", i);
	if (seen != nr_live || space.nr_ranges != nr_live || space.used != used_units * UNIT)
		fail("counts: %u seen, %u told, %u live", seen, space.nr_ranges, nr_live);
	for (range = binder_range_prev(&space, &space.first); range;
	     range = binder_range_prev(&space, range)) {
		if (range->offset / UNIT >= i)
			fail("the visit from behind finds a wrong range at %u", range->offset);
		i = range->offset / UNIT;
		seen--;
	}
	if (seen)
		fail("the visit from behind misses %u", seen);
	for (i = 0; i < nr_units; i++) {
		range = binder_range_find(&space, i * UNIT);
		if (!closed && owner[i] && (!i || owner[i - 1] != owner[i])) {
			if (range != &live[owner[i] - 1].range)
				fail("the range at unit %u is not found", i);
		} else if (range) {
			fail("a range is found at unit %u", i);
		}
	}
	i = closed ? 0 : model_largest_gap();
	if (binder_range_largest_gap(&space) != i * UNIT)
		fail("largest gap %u, not %u", binder_range_largest_gap(&space) / UNIT, i);
}

static void start(uint32_t units)
{
	nr_units = units;
	nr_live = 0;
	used_units = 0;
	closed = false;
	memset(owner, 0, units * sizeof(*owner));
	binder_range_space_init(&space, units * UNIT);
	check_all();
}

/* Mostly small, as messages are; now and then anything. */
static uint32_t random_units(uint32_t style)
{
	switch (style) {
	case 0:
		return 1 + rnd(4);
	case 1:
		return 1 + rnd(nr_units);
	case 2:
		return 1u << rnd(10);
	default:
		return rnd(8) ? 1 + rnd(32) : 1 + rnd(nr_units);
	}
}

/* Close the space and give back what is live: one range, or it and those behind it. */
static void end(void)
{
	struct binder_range *first, *last, *range, *next;
	uint32_t i, n;

	closed = true;
	blocks = 0;
	binder_range_space_close(&space);
	count_call();
	check_all();
	if (binder_range_alloc(&space, &live[nr_units].range, UNIT) != -ENOSPC)
		fail("a closed space gives more");
	while (nr_live) {
		first = binder_range_next(&space, &space.first);
		for (i = rnd(nr_live); i; i--)
			first = binder_range_next(&space, first);
		last = first;
		for (n = rnd(32); n && (next = binder_range_next(&space, last)); n--)
			last = next;
		blocks = 0;
		binder_range_forget(&space, first, last);
		count_call();
		for (range = first; range; range = next) {
			next = range == last ? NULL :
			       (struct binder_range *)range->list.next;
			freed((struct live *)range - live);
		}
		if (!rnd(16))
			check_all();
	}
	check_all();
}

/* One random life of one space. Returns the operations it made. */
static uint64_t fuzz_round(uint64_t nr_ops)
{
	uint32_t style = rnd(4), fullness = 1 + rnd(100), slots, i, id;
	uint64_t op;

	start(1 + rnd(rnd(4) ? 64 : 1024));
	slots = nr_units;
	for (op = 0; op < nr_ops; op++) {
		if (!rnd(64))
			fullness = 1 + rnd(100);
		id = rnd(slots);
		if (live[id].used) {
			if (rnd(100) >= fullness || rnd(4) == 0)
				do_free(id);
		} else {
			uint32_t units = random_units(style);
			bool fits = model_largest_gap() >= units;

			if (do_alloc(id, units) != fits)
				fail("%u units: %s", units, fits ? "refused" : "granted");
		}
		if (!rnd(512))
			check_all();
	}
	check_all();
	if (rnd(2)) {
		end();
		return op;
	}
	for (i = 0; i < slots; i++)
		if (live[i].used)
			do_free(i);
	check_all();
	if (binder_range_largest_gap(&space) != nr_units * UNIT)
		fail("an empty space is not one gap");
	return op;
}

static void shuffle(uint32_t *ids, uint32_t n)
{
	uint32_t i, j, t;

	for (i = n; i > 1; i--) {
		j = rnd(i);
		t = ids[i - 1];
		ids[i - 1] = ids[j];
		ids[j] = t;
	}
}

/* The largest space, full of the smallest ranges. */
static void fill_with_units(uint32_t *ids)
{
	uint32_t i;

	start(MAX_UNITS);
	for (i = 0; i < nr_units; i++)
		if (!do_alloc(i, 1))
			fail("a space with room is full at unit %u", i);
	if (do_alloc(nr_units, 1))
		fail("a full space gives more");
	check_all();

	/* Free every other one: many gaps of one size, none of two units. */
	for (i = 0; i < nr_units; i += 2)
		do_free(i);
	check_all();
	if (do_alloc(0, 2))
		fail("two units where no two are free");
	for (i = 0; i < nr_units; i += 2)
		if (!do_alloc(i, 1))
			fail("a gap of one unit is not found");
	check_all();

	/* Free all in random order: every kind of coalescing. */
	for (i = 0; i < nr_units; i++)
		ids[i] = i;
	shuffle(ids, nr_units);
	for (i = 0; i < nr_units; i++)
		do_free(ids[i]);
	check_all();
	if (!do_alloc(0, nr_units) || live[0].range.offset)
		fail("an empty space does not give itself away whole");
	do_free(0);
}

/*
 * Gaps of all sizes of one power of two, between ranges of one unit, then
 * requests for one size after the other, in the worst order for a list.
 */
static void fragment(uint32_t *ids, uint32_t low)
{
	uint32_t n = 0, units, i, total = 0;

	start(MAX_UNITS);
	for (units = low; units < 2 * low; units++) {
		if (total + units + 1 > nr_units - 1)
			break;
		if (!do_alloc(2 * n, units) || !do_alloc(2 * n + 1, 1))
			fail("no room while building");
		ids[n] = n;
		total += units + 1;
		n++;
	}
	if (space.tail < nr_units * UNIT)
		do_alloc(2 * n, nr_units - space.tail / UNIT);
	shuffle(ids, n);
	for (i = 0; i < n; i++)
		do_free(2 * ids[i]);
	check_all();
	for (i = n; i-- > 0;)
		if (!do_alloc(2 * i, low + i))
			fail("the gap of exactly %u units is not used", low + i);
	check_all();
	for (i = 0; i < 2 * n + 1; i++)
		if (live[i].used)
			do_free(i);
	check_all();
}

/* What a call and its reply do: the same offset again and again, few steps. */
static void ping_pong(void)
{
	uint64_t i;

	start(1u << 17);
	worst_blocks = 0;
	for (i = 0; i < 100000; i++) {
		if (!do_alloc(0, 8) || live[0].range.offset)
			fail("the only range is not at the start");
		do_free(0);
	}
	if (worst_blocks > 12)
		fail("alloc or free in an empty space takes %llu blocks",
		     (unsigned long long)worst_blocks);
}

int main(int argc, char **argv)
{
	uint64_t nr_ops = argc > 1 ? strtoull(argv[1], NULL, 0) : 4000000, done = 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	uint32_t *ids, low;

	setvbuf(stdout, NULL, _IOLBF, 0);
	rng_state = seed * 0x9e3779b97f4a7c15ull + 1;
	live = calloc(MAX_UNITS + 1, sizeof(*live));
	owner = calloc(MAX_UNITS + 1, sizeof(*owner));
	ids = calloc(MAX_UNITS, sizeof(*ids));
	if (!live || !owner || !ids)
		return 4;

	printf("TAP version 13\n1..1\n");
	printf("# %zu bytes a range, %zu a space\n", sizeof(struct binder_range),
	       sizeof(struct binder_range_space));
	ping_pong();
	printf("# one range at a time: %llu blocks an operation\n",
	       (unsigned long long)worst_blocks);
	fill_with_units(ids);
	for (low = 1; low <= 2048; low *= 2)
		fragment(ids, low);
	printf("# worst of the built cases: %llu blocks\n", (unsigned long long)worst_blocks);
	all_blocks = 0;
	nr_calls = 0;
	while (done < nr_ops)
		done += fuzz_round(1 + rnd(20000));
	printf("# %llu calls, seed %llu, %llu blocks a call on average, %llu at worst\n",
	       (unsigned long long)nr_calls, (unsigned long long)seed,
	       (unsigned long long)(all_blocks / nr_calls), (unsigned long long)worst_blocks);
	printf("ok 1 range_fuzz\n");
	free(live);
	free(owner);
	free(ids);
	return 0;
}
