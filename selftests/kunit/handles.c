// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of the table of handles, beside a bitmap of what has to be there.
 * binder_handles.c includes this file in builds with BINDER_WITH_KUNIT.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/prandom.h>

/* Three levels, and a piece of the third. */
#define NR_NUMBERS	(BINDER_HANDLES_SLOTS * BINDER_HANDLES_SLOTS + 200)
#define NR_HANDLE_STEPS	40000
/* The most that are freed at once. */
#define MOST_TAKEN	20

/* An entry is the address of its number here. */
static char places[NR_NUMBERS + 1];

static u32 add(struct kunit *test, struct binder_handles *handles, u32 expected, bool zero)
{
	struct binder_handles_spares spares = {};
	u32 number = U32_MAX;
	int ret;

	do {
		spin_lock(&handles->lock);
		ret = binder_handles_add_locked(handles, &places[expected], zero, &spares, &number);
		spin_unlock(&handles->lock);
	} while (ret == -EAGAIN && !binder_handles_spare(&spares));
	binder_handles_drop_spares(&spares);
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, number, expected);
	return number;
}

static void *look_up(struct binder_handles *handles, u32 number)
{
	void *entry;

	rcu_read_lock();
	entry = binder_handles_get(handles, number);
	rcu_read_unlock();
	return entry;
}

/* Each number that is used has its entry, in order, and no other has one. */
static void compare_handles(struct kunit *test, struct binder_handles *handles,
			    const unsigned long *used)
{
	unsigned long expected = 0;
	u64 number = 0;
	void *entry;

	for (;; number++, expected++) {
		expected = find_next_bit(used, NR_NUMBERS, expected);
		rcu_read_lock();
		entry = binder_handles_next(handles, &number);
		rcu_read_unlock();
		if (!entry)
			break;
		KUNIT_ASSERT_EQ(test, number, expected);
		KUNIT_EXPECT_PTR_EQ(test, entry, (void *)&places[number]);
		KUNIT_EXPECT_PTR_EQ(test, look_up(handles, number), entry);
	}
	KUNIT_EXPECT_EQ(test, expected, NR_NUMBERS);
}

static void remove(struct binder_handles *handles, unsigned long *used, u32 number)
{
	spin_lock(&handles->lock);
	binder_handles_remove_locked(handles, number);
	spin_unlock(&handles->lock);
	__clear_bit(number, used);
}

/* Numbers from @from on are freed a few at a time, in their order. */
static void take(struct kunit *test, struct binder_handles *handles, unsigned long *used,
		 u32 from, u32 room)
{
	void *entries[MOST_TAKEN];
	u64 number = from;
	u32 nr, i;

	spin_lock(&handles->lock);
	nr = binder_handles_take_some_locked(handles, &number, entries, room);
	spin_unlock(&handles->lock);
	KUNIT_EXPECT_LE(test, nr, room);
	KUNIT_EXPECT_EQ(test, nr != 0, find_next_bit(used, NR_NUMBERS, from) < NR_NUMBERS);
	for (i = 0; i < nr; i++) {
		from = find_next_bit(used, NR_NUMBERS, from);
		KUNIT_ASSERT_PTR_EQ(test, entries[i], (void *)&places[from]);
		__clear_bit(from++, used);
	}
	KUNIT_EXPECT_GE(test, number, (u64)from);
}

static void the_lowest_number_is_given(struct kunit *test)
{
	unsigned long *used = kunit_kzalloc(test, BITS_TO_LONGS(NR_NUMBERS) * sizeof(long),
					    GFP_KERNEL);
	struct rnd_state random;
	struct binder_handles handles;
	u32 number, step;
	bool zero;

	KUNIT_ASSERT_NOT_NULL(test, used);
	prandom_seed_state(&random, 1);
	binder_handles_init(&handles);
	KUNIT_EXPECT_NULL(test, look_up(&handles, 0));
	KUNIT_EXPECT_NULL(test, look_up(&handles, U32_MAX));
	for (step = 0; step < NR_HANDLE_STEPS; step++) {
		/* Up to all of them, and down to none, twice. */
		bool grows = step / (NR_HANDLE_STEPS / 4) % 2 == 0;

		number = prandom_u32_state(&random) % NR_NUMBERS;
		if (prandom_u32_state(&random) % 8 < (grows ? 7 : 1)) {
			zero = prandom_u32_state(&random) % 512 == 0 && !test_bit(0, used);
			number = zero ? 0 : find_next_zero_bit(used, NR_NUMBERS, 1);
			if (number == NR_NUMBERS)
				continue;
			__set_bit(add(test, &handles, number, zero), used);
		} else if (prandom_u32_state(&random) % 64 == 0) {
			take(test, &handles, used, number,
			     1 + prandom_u32_state(&random) % MOST_TAKEN);
		} else {
			number = find_next_bit(used, NR_NUMBERS, number);
			if (number < NR_NUMBERS)
				remove(&handles, used, number);
		}
		if (step % 1000 == 0)
			compare_handles(test, &handles, used);
	}
	for_each_set_bit(number, used, NR_NUMBERS)
		remove(&handles, used, number);
	compare_handles(test, &handles, used);
	binder_handles_destroy(&handles);
}

static struct kunit_case handle_cases[] = {
	KUNIT_CASE(the_lowest_number_is_given),
	{ }
};

static struct kunit_suite handle_suite = {
	.name = "binder_handles",
	.test_cases = handle_cases,
};

kunit_test_suites(&handle_suite);
