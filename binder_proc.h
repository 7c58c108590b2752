/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The process object: one open of a device file.
 *
 * The file holds one reference until its deferred release is done; every
 * thread of the process holds another, and the nodes that a released process
 * leaves behind hold one together. After release the object is an empty shell
 * whose queue lock still guards the nodes that others hold handles to. As the
 * last of them goes under that lock, it is freed after an RCU grace period.
 *
 * Lock order: the refs lock of any process, then the queue lock of any
 * process; never two of one kind at once. Neither is held over an allocation
 * or a user copy. The lock of a buffer area nests inside none of them and
 * takes none.
 */
#ifndef _BINDER_PROC_H
#define _BINDER_PROC_H

#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/workqueue.h>

#include "binder_alloc.h"
#include "binder_handles.h"
#include "binder_thread.h"

struct binder_context;

#define BINDER_THREAD_BUCKETS 8

/* As many recent nodes as one call may well have. */
#define BINDER_RECENT_NODES_BITS 4

/*
 * Letter G: the lock of the registry of all processes, a leaf that is taken by
 * open, release, the freezer and the logs, never on the path of a call. A
 * process stays in the registry until it is freed, as one that was released
 * when it has nodes that others still refer to.
 */

/**
 * struct binder_proc - one open file
 * @queue: todo list, idle threads, and the lock with the letter L
 * @refs: references to this structure
 * @requested_threads: (L) BR_SPAWN_LOOPER sent and not yet answered, 0 or 1
 * @threads: (L) thread objects by task, changed under the lock, read under RCU
 * @alloc: (I) the buffer area; its contents end with the release, the
 *	structure with this one
 * @file: (I) the file; not pinned, for use by its own ioctls
 * @context: (I) the device; pinned
 * @tgid: (I) the process that opened the file; pinned
 * @cred: (I) its credentials; pinned
 * @max_threads: (L) how many threads may be asked for; also read without the lock
 * @started_threads: (L) threads that answered; only grows; also read without the lock
 * @handles_closed: (R) released, no handle may be added
 * @spam_detection: tell the process when it sends too many oneway calls; set by
 *	its ioctl, read without a lock
 * @default_nice: (I) nice value of the opener, for threads that wait for work
 * @handles: handle table, struct binder_ref by number; its lock has the
 *	letter R; look-ups run under RCU
 * @all_threads: (L) those of @threads, the one whose task was looked at last comes last
 * @nr_threads: (L) how many
 * @nr_nodes: (L) how many @nodes
 * @nodes: (L) objects owned by this process, by their user address; dead ones
 *	stay here until nobody refers to them
 * @recent_nodes: (L) of those looked for or made lately one for each hash of its
 *	name, or NULL. What is sent first is acknowledged twice soon after. Made
 *	before the first node is; that it is there is also read without the lock
 * @newest_node: (L) the node made last, or NULL when it is gone
 * @newest_end: (L) the next larger name when it was made: none came between since
 * @ended_stats: (L) what threads that ended did, NULL before there are any
 * @delivered_deaths: (L) death notices delivered and not yet acknowledged
 * @delivered_freezes: (L) freeze notices delivered and not yet acknowledged
 * @place: (G) place among all processes, newest first
 * @pid_entry: (G) link among those of one @tgid, until released
 * @unmap_work: end of the messages that an unmapped area leaves behind
 * @release_work: teardown after the last close
 * @rcu: delays the free
 */
struct binder_proc {
	struct binder_queue queue;
	refcount_t refs;
	u32 requested_threads;

	/* Read by each ioctl, written when a thread comes or goes */
	struct hlist_head threads[BINDER_THREAD_BUCKETS];

	/* Read by each call, and hardly ever written */
	struct binder_alloc *alloc;
	struct file *file;
	struct binder_context *context;
	struct pid *tgid;
	const struct cred *cred;
	u32 max_threads;
	u32 started_threads;
	bool handles_closed;
	bool spam_detection;
	s8 default_nice;
	struct binder_handles handles; /* the root here, the lock behind */

	struct list_head all_threads;
	u32 nr_threads;
	u32 nr_nodes;
	struct rb_root nodes;
	struct binder_node **recent_nodes;
	struct binder_node *newest_node;
	binder_uintptr_t newest_end;
	struct binder_stats *ended_stats;
	struct rb_root delivered_deaths;
	struct rb_root delivered_freezes;
	unsigned long place;
	struct hlist_node pid_entry;
	struct work_struct unmap_work;
	struct work_struct release_work;
	struct rcu_head rcu;
};

int binder_proc_init_slab(void);
void binder_proc_exit_slab(void);

struct binder_proc *binder_proc_create(struct file *filp,
				       struct binder_context *context);
void binder_proc_put(struct binder_proc *proc);
bool binder_proc_is_any_open(void);
void binder_proc_unregister(struct binder_proc *proc);
struct binder_proc *binder_proc_seek(unsigned long place, bool released);
unsigned int binder_procs_of(const struct pid *tgid, struct binder_proc **list,
			     unsigned int room);
struct binder_thread *binder_proc_thread(struct binder_proc *proc);
struct binder_thread *binder_proc_add_thread(struct binder_proc *proc);
void binder_proc_take_thread(struct binder_thread *thread);
struct binder_thread *binder_proc_take_any_thread(struct binder_proc *proc);
void binder_proc_take_exited_threads(struct binder_proc *proc, u32 nr,
				     struct list_head *exited);
void binder_proc_interrupt(struct binder_proc *proc);
void binder_thread_put(struct binder_thread *thread);

/**
 * binder_proc_get() - take another reference
 * @proc: a process that is referenced already
 */
static inline void binder_proc_get(struct binder_proc *proc)
{
	refcount_inc(&proc->refs);
}

/**
 * binder_owner_lock() - take the lock that guards a process's nodes
 * @proc: the process
 *
 * A released process ends with its last node, and that may be forgotten under
 * this lock. Until it is dropped RCU keeps it, which a spinlock does by itself
 * unless it sleeps.
 */
static inline void binder_owner_lock(struct binder_proc *proc)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		rcu_read_lock();
	spin_lock(&proc->queue.lock);
}

/**
 * binder_owner_unlock() - drop the lock that guards a process's nodes
 * @proc: the process
 */
static inline void binder_owner_unlock(struct binder_proc *proc)
{
	spin_unlock(&proc->queue.lock);
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		rcu_read_unlock();
}

#endif /* _BINDER_PROC_H */
