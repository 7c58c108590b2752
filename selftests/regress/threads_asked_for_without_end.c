// SPDX-License-Identifier: GPL-2.0-only
/*
 * R08: a process may ask for any number of threads. The driver has to take the number as
 * it is, unsigned, to ask for one thread at a time, and for no more than so many in all.
 */
#include <errno.h>

#include "protocol_test.h"

#define BAD_ADDRESS 0x10

PROTOCOL_FIXTURE(thread_limit);

TEST_F(thread_limit, is_any_number)
{
	struct port *p = process();
	const uint32_t values[] = { 0, 1, 15, 0x7fffffff, 0x80000000, ~0u };

	for (int i = 0; i < 6; i++)
		ASSERT_EQ(0, max_threads(p, values[i]));
	ASSERT_EQ(-EINVAL, ioc_at(p, BINDER_SET_MAX_THREADS, 0));
	ASSERT_EQ(-EINVAL, ioc_at(p, BINDER_SET_MAX_THREADS, BAD_ADDRESS));
}

TEST_F(thread_limit, bounds_those_that_were_started)
{
	struct port *p = process(), *a = new_thread_of(p), *b = new_thread_of(p);
	struct port *c = new_thread_of(p);

	ASSERT_EQ(0, max_threads(p, 1));
	bnd_cmd_enter_looper(&a->w);
	GO(a, "SPAWN");
	bnd_cmd_register_looper(&b->w);
	GO(b, "NOOP");
	/* Raising the bound later is allowed. */
	ASSERT_EQ(0, max_threads(p, 2));
	bnd_cmd_enter_looper(&c->w);
	GO(c, "SPAWN");
}

/* Without a bound, too, the next one is asked for when the last one came. */
TEST_F(thread_limit, of_the_largest_number_asks_for_one_at_a_time)
{
	struct port *p = process(), *entered = new_thread_of(p), *other = new_thread_of(p);
	struct port *registered = new_thread_of(p);

	ASSERT_EQ(0, max_threads(p, ~0u));
	bnd_cmd_enter_looper(&entered->w);
	GO(entered, "SPAWN");
	for (int i = 0; i < 10; i++) {
		bnd_cmd_enter_looper(&other->w);
		GO(other, i ? "EAGAIN" : "NOOP");
	}
	bnd_cmd_register_looper(&registered->w);
	GO(registered, "SPAWN");
}

TEST_HARNESS_MAIN
