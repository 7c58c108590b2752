// SPDX-License-Identifier: GPL-2.0-only
/* May a cache of SLAB_TYPESAFE_BY_RCU say where free objects are linked (6.12)? */
#include <linux/slab.h>

struct kmem_cache *probe(void);

struct kmem_cache *probe(void)
{
	struct kmem_cache_args args = {
		.freeptr_offset = 8,
		.use_freeptr_offset = true,
	};

	return kmem_cache_create("probe", 64, &args, SLAB_TYPESAFE_BY_RCU);
}
