// SPDX-License-Identifier: GPL-2.0-only
/*
 * Misbehaves on request, to show that a run in the virtual machine notices.
 */
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *what = "nothing";
module_param(what, charp, 0);
MODULE_PARM_DESC(what, "warn, oops, busy, leak, list, sleep or nothing");

static struct kmem_cache *cache;

static void corrupt_list(void)
{
	LIST_HEAD(head);
	LIST_HEAD(stray);
	LIST_HEAD(other);

	list_add(&stray, &head);
	head.next = &other;
	list_del(&stray);
}

static void sleep_in_atomic(void)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	schedule();
	spin_unlock(&lock);
}

static int __init rig_fault_init(void)
{
	if (!strcmp(what, "warn")) {
		WARN_ON(1);
	} else if (!strcmp(what, "oops")) {
		*(int *)NULL = 1;
	} else if (!strcmp(what, "busy")) {
		__module_get(THIS_MODULE);
	} else if (!strcmp(what, "leak")) {
		cache = kmem_cache_create("rig_fault", 64, 0, 0, NULL);
		if (!cache || !kmem_cache_alloc(cache, GFP_KERNEL))
			return -ENOMEM;
	} else if (!strcmp(what, "list")) {
		corrupt_list();
	} else if (!strcmp(what, "sleep")) {
		sleep_in_atomic();
	} else if (strcmp(what, "nothing")) {
		return -EINVAL;
	}
	return 0;
}

static void __exit rig_fault_exit(void)
{
	kmem_cache_destroy(cache);
}

module_init(rig_fault_init);
module_exit(rig_fault_exit);
MODULE_DESCRIPTION("Provokes what the virtual machine has to notice");
MODULE_LICENSE("GPL");
