// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delay points and deliberate defects, for tests. See binder_hooks.h.
 */
#ifdef BINDER_WITH_TEST_HOOKS

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/wait.h>

#include "binder_hooks.h"

/* A test that died must not leave a task standing for ever. */
#define STALL_SECONDS	20
/* Without the processor for others, short of what is taken for a lockup. */
#define SPIN_SECONDS	10

static const char * const point_names[BINDER_HOOK_NR_POINTS] = {
	[BINDER_HOOK_AFTER_ISOLATE] = "after_isolate",
	[BINDER_HOOK_BEFORE_COMMIT] = "before_commit",
	[BINDER_HOOK_FAULT] = "fault",
	[BINDER_HOOK_PREFAULT] = "prefault",
	[BINDER_HOOK_SLOTS] = "slots",
	[BINDER_HOOK_FILL] = "fill",
	[BINDER_HOOK_FREE] = "free",
	[BINDER_HOOK_UNPIN] = "unpin",
	[BINDER_HOOK_RELEASE] = "release",
	[BINDER_HOOK_LOG] = "log",
	[BINDER_HOOK_HAND_BACK] = "hand_back",
	[BINDER_HOOK_HANDLE] = "handle",
	[BINDER_HOOK_OFFER] = "offer",
	[BINDER_HOOK_NOTICE] = "notice",
	[BINDER_HOOK_FROZEN] = "frozen",
	[BINDER_HOOK_DEAD] = "dead",
	[BINDER_HOOK_OBJECT] = "object",
	[BINDER_HOOK_GONE] = "gone",
	[BINDER_HOOK_VISIT] = "visit",
	[BINDER_HOOK_SLEEP] = "sleep",
	[BINDER_HOOK_REQUEST] = "request",
};

static const char * const defect_names[BINDER_DEFECT_NR] = {
	[BINDER_DEFECT_NO_CANCEL] = "no_cancel",
	[BINDER_DEFECT_NO_UNMAP] = "no_unmap",
	[BINDER_DEFECT_NO_PIN] = "no_pin",
	[BINDER_DEFECT_NO_EXCLUSION] = "no_exclusion",
	[BINDER_DEFECT_MANY_COUNTS] = "many_counts",
};

static const char * const object_names[BINDER_HOOK_NR_OBJECTS] = {
	[BINDER_HOOK_THREAD] = "thread",
	[BINDER_HOOK_NODE] = "node",
	[BINDER_HOOK_REF] = "ref",
	[BINDER_HOOK_TABLE] = "table",
	[BINDER_HOOK_DEATH] = "death",
	[BINDER_HOOK_FREEZE] = "freeze",
	[BINDER_HOOK_MESSAGE] = "message",
};

static unsigned long armed;	/* bits: points; atomic */
static unsigned long stalled;	/* bits: points; atomic */
static unsigned long broken;	/* bits: defects; atomic */
static unsigned long refused;	/* bits: objects; atomic */
static DECLARE_WAIT_QUEUE_HEAD(released);

/**
 * binder_hook_reach() - stop here if a test asked for it
 * @point: where the caller is; it may sleep
 */
void binder_hook_reach(enum binder_hook_point point)
{
	if (!test_and_clear_bit(point, &armed))
		return;
	set_bit(point, &stalled);
	if (get_current_state() == TASK_RUNNING) {
		wait_event_timeout(released, !test_bit(point, &stalled), STALL_SECONDS * HZ);
	} else {
		/* About to sleep. Waiting would change that, and end what rouses it. */
		unsigned long end = jiffies + STALL_SECONDS * HZ;

		while (test_bit(point, &stalled) && time_before(jiffies, end))
			cond_resched();
	}
	clear_bit(point, &stalled);
}

/**
 * binder_hook_spin() - the same where the caller holds spinlocks
 * @point: where it is
 */
void binder_hook_spin(enum binder_hook_point point)
{
	unsigned long end = jiffies + SPIN_SECONDS * HZ;

	if (!test_and_clear_bit(point, &armed))
		return;
	set_bit(point, &stalled);
	while (test_bit(point, &stalled) && time_before(jiffies, end))
		cpu_relax();
	clear_bit(point, &stalled);
}

/**
 * binder_hook_broken() - is a rule to be broken?
 * @defect: the rule
 *
 * Return: true if a test switched the defect on.
 */
bool binder_hook_broken(enum binder_hook_defect defect)
{
	return test_bit(defect, &broken);
}

/**
 * binder_hook_no_memory() - is the next allocation of a kind to fail?
 * @object: what is to be allocated
 *
 * Return: true once after a test asked for it.
 */
bool binder_hook_no_memory(enum binder_hook_object object)
{
	return test_and_clear_bit(object, &refused);
}

static int set_point(const char *val, const struct kernel_param *kp)
{
	int point = __sysfs_match_string(point_names, BINDER_HOOK_NR_POINTS, val);

	if (point < 0)
		return point;
	if (kp->arg == &armed) {
		set_bit(point, &armed);
	} else {
		clear_bit(point, &armed);
		clear_bit(point, &stalled);
		wake_up_all(&released);
	}
	return 0;
}

static int set_refused(const char *val, const struct kernel_param *kp)
{
	int object = __sysfs_match_string(object_names, BINDER_HOOK_NR_OBJECTS, val);

	if (object < 0)
		return object;
	set_bit(object, &refused);
	return 0;
}

static int set_broken(const char *val, const struct kernel_param *kp)
{
	unsigned long bits = 0;
	char list[80], *rest = list, *name;

	if (strscpy(list, val, sizeof(list)) < 0)
		return -EINVAL;
	while ((name = strsep(&rest, ",\n"))) {
		int defect;

		if (!*name)
			continue;
		defect = match_string(defect_names, BINDER_DEFECT_NR, name);
		if (defect < 0)
			return defect;
		__set_bit(defect, &bits);
	}
	WRITE_ONCE(broken, bits);
	return 0;
}

static int get_names(char *buf, unsigned long bits, const char * const *names, int nr)
{
	int len = 0, i;

	for_each_set_bit(i, &bits, nr)
		len += sysfs_emit_at(buf, len, "%s%s", len ? "," : "", names[i]);
	return len + sysfs_emit_at(buf, len, "\n");
}

static int get_points(char *buf, const struct kernel_param *kp)
{
	return get_names(buf, READ_ONCE(*(unsigned long *)kp->arg), point_names,
			 BINDER_HOOK_NR_POINTS);
}

static int get_refused(char *buf, const struct kernel_param *kp)
{
	return get_names(buf, READ_ONCE(refused), object_names, BINDER_HOOK_NR_OBJECTS);
}

static int get_broken(char *buf, const struct kernel_param *kp)
{
	return get_names(buf, READ_ONCE(broken), defect_names, BINDER_DEFECT_NR);
}

static const struct kernel_param_ops point_ops = { .set = set_point, .get = get_points };
static const struct kernel_param_ops stalled_ops = { .get = get_points };
static const struct kernel_param_ops broken_ops = { .set = set_broken, .get = get_broken };
static const struct kernel_param_ops refused_ops = { .set = set_refused, .get = get_refused };

module_param_cb(hook_stall, &point_ops, &armed, 0600);
MODULE_PARM_DESC(hook_stall, "Stop the next task at this point");
module_param_cb(hook_release, &point_ops, &stalled, 0600);
MODULE_PARM_DESC(hook_release, "Let the task at this point go on");
module_param_cb(hook_stalled, &stalled_ops, &stalled, 0400);
MODULE_PARM_DESC(hook_stalled, "Points where a task stands");
module_param_cb(hook_broken, &broken_ops, NULL, 0600);
MODULE_PARM_DESC(hook_broken, "Defects switched on");
module_param_cb(hook_no_memory, &refused_ops, NULL, 0600);
MODULE_PARM_DESC(hook_no_memory, "Let the next allocation of this object fail");

#endif /* BINDER_WITH_TEST_HOOKS */
