/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shrinkers before 6.7 were embedded by their owner and registered in one step
 * that could fail. The name is a plain string here, not a format.
 */
#ifndef _BINDER_COMPAT_SHRINKER_H
#define _BINDER_COMPAT_SHRINKER_H

#include <linux/gfp.h>
#include <linux/printk.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

struct compat_shrinker {
	struct shrinker shrinker;
	const char *name;
};

static inline struct shrinker *shrinker_alloc(unsigned int flags, const char *name)
{
	struct compat_shrinker *compat = kzalloc(sizeof(*compat), GFP_KERNEL);

	if (!compat)
		return NULL;
	compat->shrinker.flags = flags;
	compat->shrinker.seeks = DEFAULT_SEEKS;
	compat->name = name;
	return &compat->shrinker;
}

static inline void shrinker_register(struct shrinker *shrinker)
{
	struct compat_shrinker *compat =
		container_of(shrinker, struct compat_shrinker, shrinker);

	if (register_shrinker(shrinker, "%s", compat->name))
		pr_warn("cannot register a shrinker: idle pages stay until close\n");
}

static inline void shrinker_free(struct shrinker *shrinker)
{
	if (!shrinker)
		return;
	/* Does nothing if it was never registered. */
	unregister_shrinker(shrinker);
	kfree(container_of(shrinker, struct compat_shrinker, shrinker));
}

#endif /* _BINDER_COMPAT_SHRINKER_H */
