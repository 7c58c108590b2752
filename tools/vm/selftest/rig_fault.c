// SPDX-License-Identifier: GPL-2.0-only
/*
 * Misbehaves on request, to show that a run in the virtual machine notices.
 */
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

static char *what = "nothing";
module_param(what, charp, 0);
MODULE_PARM_DESC(what, "the name of a fault below, or nothing");

static struct kmem_cache *cache;
static void *object;
static void *large;
static volatile int number = 40;

/* --- what every kernel has to tell --- */

static void fault_warn(void)
{
	WARN_ON(1);
}

static void fault_oops(void)
{
	*(int *)NULL = 1;
}

static void fault_busy(void)
{
	__module_get(THIS_MODULE);
}

static void fault_leak(void)
{
	cache = kmem_cache_create("rig_fault", 64, 0, 0, NULL);
	if (cache)
		kmem_cache_alloc(cache, GFP_KERNEL);
}

/* Freed by the exit, but nobody is left who could have wanted it until then. */
static void fault_left(void)
{
	cache = kmem_cache_create("binder_left", 64, 0, 0, NULL);
	if (cache)
		object = kmem_cache_alloc(cache, GFP_KERNEL);
}

static void fault_list(void)
{
	LIST_HEAD(head);
	LIST_HEAD(stray);
	LIST_HEAD(other);

	list_add(&stray, &head);
	head.next = &other;
	list_del(&stray);
}

static void fault_sleep(void)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	schedule();
	spin_unlock(&lock);
}

/* --- what a debug kernel has to tell --- */

static void fault_freed(void)
{
	int *p = kmalloc(sizeof(*p), GFP_KERNEL);

	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	number = READ_ONCE(*p);
}

static void fault_shift(void)
{
	number = 1 << number;
}

static void fault_order(void)
{
	static DEFINE_MUTEX(one);
	static DEFINE_MUTEX(other);

	mutex_lock(&one);
	mutex_lock(&other);
	mutex_unlock(&other);
	mutex_unlock(&one);
	mutex_lock(&other);
	mutex_lock(&one);
	mutex_unlock(&one);
	mutex_unlock(&other);
}

static void fault_rcu(void)
{
	static void __rcu *pointer;

	object = rcu_dereference(pointer);
}

/* Many: of some there is a pointer left in what processors keep of freed objects. */
static void fault_lost(void)
{
	for (int i = 0; i < 200; i++)
		object = kmalloc(100, GFP_KERNEL);
	object = NULL;
}

static void fault_page(void)
{
	/* With no one who could want it. */
	alloc_page(GFP_KERNEL);
}

static void fault_block(void)
{
	alloc_pages(GFP_KERNEL | __GFP_COMP, 4);
}

/* Too large for a slab: pages, too, and not lost. */
static void fault_large(void)
{
	large = kmalloc(4 * KMALLOC_MAX_CACHE_SIZE, GFP_KERNEL);
}

static void expire(struct timer_list *timer)
{
}

static void fault_timer(void)
{
	struct timer_list *timer = kzalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	/* One without a function counts as shut down, and is never started. */
	timer_setup(timer, expire, 0);
	mod_timer(timer, jiffies + 1000 * HZ);
	kfree(timer);
}

static int racer(void *counter)
{
	while (!kthread_should_stop()) {
		int i;

		for (i = 0; i < 1000; i++)
			++*(int *)counter;
		cond_resched();
	}
	return 0;
}

static void fault_race(void)
{
	static int counter;
	struct task_struct *task[2];
	int i;

	for (i = 0; i < ARRAY_SIZE(task); i++)
		task[i] = kthread_run(racer, &counter, "racer");
	schedule_timeout_uninterruptible(3 * HZ);
	for (i = 0; i < ARRAY_SIZE(task); i++)
		if (!IS_ERR(task[i]))
			kthread_stop(task[i]);
}

static void fault_nothing(void)
{
}

#define FAULT(name) { #name, fault_##name }

static const struct {
	const char *name;
	void (*make)(void);
} faults[] = {
	FAULT(warn), FAULT(oops), FAULT(busy), FAULT(leak), FAULT(left), FAULT(list),
	FAULT(sleep), FAULT(freed), FAULT(shift), FAULT(order), FAULT(rcu), FAULT(lost),
	FAULT(page), FAULT(block), FAULT(large), FAULT(timer), FAULT(race), FAULT(nothing),
};

static int __init rig_fault_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (!strcmp(what, faults[i].name)) {
			faults[i].make();
			return 0;
		}
	}
	return -EINVAL;
}

static void __exit rig_fault_exit(void)
{
	kfree(large);
	if (object)
		kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
}

module_init(rig_fault_init);
module_exit(rig_fault_exit);
MODULE_DESCRIPTION("Provokes what the virtual machine has to notice");
MODULE_LICENSE("GPL");
