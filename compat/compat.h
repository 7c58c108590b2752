/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gives older kernels the newest interface; included before everything else.
 *
 * Each block answers one question of compat/probes/: HAVE_X is defined when
 * probes/x.c compiles against the kernel's headers. Nothing outside compat/
 * tests for a version or for HAVE_X; the rest of the module is written for the
 * newest kernel.
 */
#ifndef _BINDER_COMPAT_H
#define _BINDER_COMPAT_H

#ifndef HAVE_ALLOC_PAGES_BULK
#include <linux/gfp.h>

/* Renamed in 6.14. */
#define alloc_pages_bulk(gfp, nr_pages, pages) \
	alloc_pages_bulk_array(gfp, nr_pages, pages)
#endif

#ifndef HAVE_VM_FLAGS_MOD
#include <linux/mm.h>

/* Before 6.3 the flags were assigned; a mapping not yet in the tree has no lock to take. */
static inline void vm_flags_mod(struct vm_area_struct *vma, vm_flags_t set,
				vm_flags_t clear)
{
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
}
#endif

#include <linux/slab.h>

/*
 * A cache of objects that are looked at under RCU when they are free. The link of free
 * ones is at @free of each, where nobody looks; before 6.12 it is behind them.
 */
static inline struct kmem_cache *
compat_rcu_cache_create(const char *name, unsigned int size, unsigned int free,
			slab_flags_t flags)
{
#ifdef HAVE_SLAB_FREEPTR
	struct kmem_cache_args args = {
		.freeptr_offset = free,
		.use_freeptr_offset = true,
	};

	return kmem_cache_create(name, size, &args, flags | SLAB_TYPESAFE_BY_RCU);
#else
	return kmem_cache_create(name, size, 0, flags | SLAB_TYPESAFE_BY_RCU, NULL);
#endif
}

#include <linux/sched.h>

/* Since 6.12 a task may have chosen its time slice: a change of policy says it again. */
static inline u64 task_chosen_slice(const struct task_struct *task)
{
#ifdef HAVE_CUSTOM_SLICE
	return task->se.custom_slice ? task->se.slice : 0;
#else
	return 0;
#endif
}

/*
 * Since 6.10 __assign_str() finds the source by itself. The headers of trace
 * events define it anew again and again, so it cannot be bridged under its own
 * name.
 */
#ifdef HAVE_ASSIGN_STR_ALONE
#define compat_assign_str(field, source)	\
do {						\
	(void)(source);				\
	__assign_str(field);			\
} while (0)
#else
#define compat_assign_str(field, source) __assign_str(field, source)
#endif

#ifndef HAVE_SHRINKER_ALLOC
#include "compat_shrinker.h"
#endif

#ifndef HAVE_LSM_CONTEXT
#include "compat_security.h"
#endif

#if !defined(HAVE_D_MAKE_PERSISTENT) || !defined(HAVE_MNT_IDMAP) || \
	!defined(HAVE_SIMPLE_INODE_INIT_TS)
#include "compat_fs.h"
#endif

#endif /* _BINDER_COMPAT_H */
