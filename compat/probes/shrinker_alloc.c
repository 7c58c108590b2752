// SPDX-License-Identifier: GPL-2.0-only
/* Are shrinkers allocated by the kernel (6.7)? */
#include <linux/gfp.h>
#include <linux/shrinker.h>

struct shrinker *probe(void);

struct shrinker *probe(void)
{
	struct shrinker *shrinker = shrinker_alloc(0, "probe");

	shrinker_register(shrinker);
	return shrinker;
}
