/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Delay points and deliberate defects, for tests. Only in builds with
 * BINDER_WITH_TEST_HOOKS; in others every call below is nothing.
 *
 * Races between delivery, faults and reclaim have windows of a few
 * instructions. A test that wants to stand in one arms a point by name: the
 * next task that comes there stops until it is released. That a test would
 * notice a defect is shown by switching the defect on. What happens without
 * memory is seen by letting the next allocation of a kind fail.
 *
 * Module parameters: hook_stall and hook_release (write the name of a point),
 * hook_stalled (names of the points where a task stands), hook_broken (names
 * of defects, comma separated; empty for none), hook_no_memory (write the name
 * of an object).
 */
#ifndef _BINDER_HOOKS_H
#define _BINDER_HOOKS_H

#include <linux/types.h>

/**
 * enum binder_hook_point - where a task can be made to stop
 * @BINDER_HOOK_AFTER_ISOLATE: reclaim chose idle pages, has not unmapped them
 * @BINDER_HOOK_BEFORE_COMMIT: reclaim unmapped them, has not taken them away
 * @BINDER_HOOK_FAULT: a fault holds pages, has not mapped them
 * @BINDER_HOOK_PREFAULT: as before, in the receiver's ioctl
 * @BINDER_HOOK_SLOTS: a sender allocated slots, has not installed them
 * @BINDER_HOOK_FILL: a sender allocated pages, has not installed them
 * @BINDER_HOOK_FREE: nobody can reach a buffer any more, its pages are in use
 * @BINDER_HOOK_UNPIN: reclaim is done with a mapping and still has it pinned
 * @BINDER_HOOK_RELEASE: the workqueue is about to release such a mapping
 * @BINDER_HOOK_LOG: a reader of the logs is in the middle of a list
 * @BINDER_HOOK_HAND_BACK: a thread that ends has left the table, with its work
 * @BINDER_HOOK_HANDLE: a receiver got a count of a handle, and not yet the message
 *	with it
 * @BINDER_HOOK_OFFER: a process sends an object, and nobody has a handle of it yet
 * @BINDER_HOOK_NOTICE: a thread took a notice of reference counts, has not read them
 * @BINDER_HOOK_FROZEN: a thread took a notice of freezing, has not looked at it
 * @BINDER_HOOK_DEAD: the same, with a notice of death
 * @BINDER_HOOK_OBJECT: a sender's object was read, not translated
 * @BINDER_HOOK_GONE: a process was released, but for the memory of its area
 * @BINDER_HOOK_VISIT: holders of an object are known, and are about to be told
 * @BINDER_HOOK_SLEEP: a thread found nothing, dropped the lock and is about to sleep
 * @BINDER_HOOK_REQUEST: a request for notices is stored, its object not looked at yet;
 *	the table of handles is locked
 * @BINDER_HOOK_NR_POINTS: number of points
 */
enum binder_hook_point {
	BINDER_HOOK_AFTER_ISOLATE,
	BINDER_HOOK_BEFORE_COMMIT,
	BINDER_HOOK_FAULT,
	BINDER_HOOK_PREFAULT,
	BINDER_HOOK_SLOTS,
	BINDER_HOOK_FILL,
	BINDER_HOOK_FREE,
	BINDER_HOOK_UNPIN,
	BINDER_HOOK_RELEASE,
	BINDER_HOOK_LOG,
	BINDER_HOOK_HAND_BACK,
	BINDER_HOOK_HANDLE,
	BINDER_HOOK_OFFER,
	BINDER_HOOK_NOTICE,
	BINDER_HOOK_FROZEN,
	BINDER_HOOK_DEAD,
	BINDER_HOOK_OBJECT,
	BINDER_HOOK_GONE,
	BINDER_HOOK_VISIT,
	BINDER_HOOK_SLEEP,
	BINDER_HOOK_REQUEST,
	BINDER_HOOK_NR_POINTS,
};

/**
 * enum binder_hook_defect - rules, most of reclaim, that can be broken
 * @BINDER_DEFECT_NO_CANCEL: reuse of an isolated page does not cancel reclaim
 * @BINDER_DEFECT_NO_UNMAP: reclaim leaves the page table entries
 * @BINDER_DEFECT_NO_PIN: a fault does not hold the pages that it maps
 * @BINDER_DEFECT_NO_EXCLUSION: two reclaimers may work on one mapping
 * @BINDER_DEFECT_MANY_COUNTS: a count that a holder adds makes them as many as can be
 * @BINDER_DEFECT_NR: number of defects
 */
enum binder_hook_defect {
	BINDER_DEFECT_NO_CANCEL,
	BINDER_DEFECT_NO_UNMAP,
	BINDER_DEFECT_NO_PIN,
	BINDER_DEFECT_NO_EXCLUSION,
	BINDER_DEFECT_MANY_COUNTS,
	BINDER_DEFECT_NR,
};

/**
 * enum binder_hook_object - what there may be no memory for
 * @BINDER_HOOK_THREAD: a task's use of a file
 * @BINDER_HOOK_NODE: an object that is sent for the first time
 * @BINDER_HOOK_REF: a handle
 * @BINDER_HOOK_TABLE: more handles than the table has room for
 * @BINDER_HOOK_DEATH: a request for a death notice
 * @BINDER_HOOK_FREEZE: a request for freeze notices
 * @BINDER_HOOK_MESSAGE: a call or a reply
 * @BINDER_HOOK_NR_OBJECTS: number of objects
 */
enum binder_hook_object {
	BINDER_HOOK_THREAD,
	BINDER_HOOK_NODE,
	BINDER_HOOK_REF,
	BINDER_HOOK_TABLE,
	BINDER_HOOK_DEATH,
	BINDER_HOOK_FREEZE,
	BINDER_HOOK_MESSAGE,
	BINDER_HOOK_NR_OBJECTS,
};

#ifdef BINDER_WITH_TEST_HOOKS
void binder_hook_reach(enum binder_hook_point point);
void binder_hook_spin(enum binder_hook_point point);
bool binder_hook_broken(enum binder_hook_defect defect);
bool binder_hook_no_memory(enum binder_hook_object object);
#else
static inline void binder_hook_reach(enum binder_hook_point point)
{
}

static inline void binder_hook_spin(enum binder_hook_point point)
{
}

static inline bool binder_hook_broken(enum binder_hook_defect defect)
{
	return false;
}

static inline bool binder_hook_no_memory(enum binder_hook_object object)
{
	return false;
}
#endif

#endif /* _BINDER_HOOKS_H */
