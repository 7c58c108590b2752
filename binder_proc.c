// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes and their table of threads.
 */
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/slab.h>

#include "binder_name.h"
#include "binder_proc.h"

#define BINDER_PROC_PID_BITS 8

static struct kmem_cache *binder_proc_slab;

/*
 * All processes; the lock of the xarray has the letter G. The last reference to
 * a process may be dropped by an RCU callback.
 */
static DEFINE_XARRAY_FLAGS(binder_procs, XA_FLAGS_LOCK_BH);
#define BINDER_PROC_OPEN	XA_MARK_0
#define BINDER_PROC_RELEASED	XA_MARK_1
static unsigned long binder_procs_opened;	/* G */
static DEFINE_HASHTABLE(binder_procs_by_pid, BINDER_PROC_PID_BITS);	/* G */

/**
 * binder_proc_init_slab() - make the slab of process objects
 *
 * Return: 0 or -ENOMEM.
 */
int binder_proc_init_slab(void)
{
	binder_proc_slab = kmem_cache_create(BINDER_NAME_STR "_proc",
					     sizeof(struct binder_proc), 0,
					     SLAB_ACCOUNT | SLAB_HWCACHE_ALIGN,
					     NULL);
	return binder_proc_slab ? 0 : -ENOMEM;
}

/**
 * binder_proc_exit_slab() - drop the slab, after rcu_barrier()
 */
void binder_proc_exit_slab(void)
{
	kmem_cache_destroy(binder_proc_slab);
}

/* Enter a process into the registry; 0 or -ENOMEM. */
static int binder_proc_register(struct binder_proc *proc)
{
	int ret;

	xa_lock_bh(&binder_procs);
	/* Counted down, so that walking up finds the newest first. */
	proc->place = ULONG_MAX - ++binder_procs_opened;
	ret = __xa_insert(&binder_procs, proc->place, proc, GFP_KERNEL);
	if (!ret) {
		__xa_set_mark(&binder_procs, proc->place, BINDER_PROC_OPEN);
		hash_add(binder_procs_by_pid, &proc->pid_entry,
			 (unsigned long)proc->tgid);
	}
	xa_unlock_bh(&binder_procs);
	return ret;
}

/**
 * binder_proc_is_any_open() - does anybody use the driver?
 *
 * Return: true while there is a file that was not released.
 */
bool binder_proc_is_any_open(void)
{
	bool any;

	xa_lock_bh(&binder_procs);
	any = xa_marked(&binder_procs, BINDER_PROC_OPEN);
	xa_unlock_bh(&binder_procs);
	return any;
}

/**
 * binder_proc_unregister() - a process is being released
 * @proc: the process
 */
void binder_proc_unregister(struct binder_proc *proc)
{
	xa_lock_bh(&binder_procs);
	hash_del(&proc->pid_entry);
	__xa_clear_mark(&binder_procs, proc->place, BINDER_PROC_OPEN);
	__xa_set_mark(&binder_procs, proc->place, BINDER_PROC_RELEASED);
	xa_unlock_bh(&binder_procs);
}

/**
 * binder_proc_seek() - find a process by its place
 * @place: the place, 0 to begin with the newest process
 * @released: look for one that was released and is not freed yet
 *
 * Return: the process there or else the next older one, referenced, or NULL.
 */
struct binder_proc *binder_proc_seek(unsigned long place, bool released)
{
	xa_mark_t filter = released ? BINDER_PROC_RELEASED : BINDER_PROC_OPEN;
	struct binder_proc *proc;

	xa_lock_bh(&binder_procs);
	proc = xa_find(&binder_procs, &place, ULONG_MAX, filter);
	/* One that is being freed waits for the lock to leave the registry. */
	while (proc && !refcount_inc_not_zero(&proc->refs))
		proc = xa_find_after(&binder_procs, &place, ULONG_MAX, filter);
	xa_unlock_bh(&binder_procs);
	return proc;
}

/**
 * binder_procs_of() - find what one task group has open
 * @tgid: who opened it
 * @list: where to store the processes, referenced
 * @room: how many fit
 *
 * Return: how many there are; when that is more than @room, none is stored.
 */
unsigned int binder_procs_of(const struct pid *tgid, struct binder_proc **list,
			     unsigned int room)
{
	struct binder_proc *proc;
	unsigned int nr = 0, i;

	xa_lock_bh(&binder_procs);
	hash_for_each_possible(binder_procs_by_pid, proc, pid_entry,
			       (unsigned long)tgid) {
		if (proc->tgid != tgid)
			continue;
		if (nr < room)
			list[nr] = proc;
		nr++;
	}
	for (i = 0; nr <= room && i < nr; i++)
		binder_proc_get(list[i]);
	xa_unlock_bh(&binder_procs);
	return nr;
}

/**
 * binder_proc_create() - make the process object of a freshly opened file
 * @filp: the file; the area takes over its mapping
 * @context: the device; the caller's reference becomes the process's
 *
 * Return: the object with the file's reference, or ERR_PTR(-ENOMEM), and then
 * the context is still the caller's.
 */
struct binder_proc *binder_proc_create(struct file *filp,
				       struct binder_context *context)
{
	struct binder_proc *proc;
	int i;

	proc = kmem_cache_zalloc(binder_proc_slab, GFP_KERNEL);
	if (!proc)
		return ERR_PTR(-ENOMEM);
	proc->alloc = binder_alloc_create(filp);
	if (IS_ERR(proc->alloc)) {
		kmem_cache_free(binder_proc_slab, proc);
		return ERR_PTR(-ENOMEM);
	}
	binder_queue_init(&proc->queue);
	binder_handles_init(&proc->handles);
	proc->nodes = RB_ROOT;
	for (i = 0; i < BINDER_THREAD_BUCKETS; i++)
		INIT_HLIST_HEAD(&proc->threads[i]);
	INIT_LIST_HEAD(&proc->all_threads);
	proc->delivered_deaths = RB_ROOT;
	proc->delivered_freezes = RB_ROOT;
	proc->file = filp;
	proc->context = context;
	proc->tgid = get_pid(task_tgid(current));
	proc->cred = get_cred(filp->f_cred);
	proc->default_nice = task_nice(current);
	refcount_set(&proc->refs, 1);
	binder_stats_made(BINDER_STAT_PROC);
	if (binder_proc_register(proc)) {
		binder_alloc_close(proc->alloc);
		binder_alloc_shutdown(proc->alloc);
		binder_proc_put(proc);
		return ERR_PTR(-ENOMEM);
	}
	return proc;
}

static void binder_proc_free_rcu(struct rcu_head *rcu)
{
	struct binder_proc *proc = container_of(rcu, struct binder_proc, rcu);

	xa_lock_bh(&binder_procs);
	__xa_erase(&binder_procs, proc->place);
	xa_unlock_bh(&binder_procs);
	WARN_ON_ONCE(!RB_EMPTY_ROOT(&proc->nodes));
	WARN_ON_ONCE(proc->queue.outstanding);
	binder_handles_destroy(&proc->handles);
	put_pid(proc->tgid);
	put_cred(proc->cred);
	kfree(proc->recent_nodes);
	kfree(proc->ended_stats);
	binder_alloc_put(proc->alloc);
	binder_stats_gone(BINDER_STAT_PROC);
	kmem_cache_free(binder_proc_slab, proc);
}

/**
 * binder_proc_put() - drop a reference
 * @proc: the process, whose queue lock may be held
 *
 * Does not sleep: threads drop theirs from RCU callbacks. The context was given
 * back when the process was released.
 */
void binder_proc_put(struct binder_proc *proc)
{
	if (refcount_dec_and_test(&proc->refs))
		call_rcu(&proc->rcu, binder_proc_free_rcu);
}

static struct hlist_head *binder_thread_bucket(struct binder_proc *proc,
					       const struct pid *pid)
{
	return &proc->threads[hash_ptr(pid, ilog2(BINDER_THREAD_BUCKETS))];
}

/**
 * binder_proc_thread() - find the thread object of the current task
 * @proc: the process whose file the task uses
 *
 * The object stays while the task lives, until the task itself ends it or the
 * process is released, so the task needs no reference during an ioctl or poll.
 *
 * Return: the object, or NULL when the task has none yet.
 */
struct binder_thread *binder_proc_thread(struct binder_proc *proc)
{
	struct pid *pid = task_pid(current);
	struct hlist_head *bucket = binder_thread_bucket(proc, pid);
	struct binder_thread *thread;

	/* Too short to be preempted: nothing to call, as there would be for RCU. */
	rcu_read_lock_sched();
	hlist_for_each_entry_rcu(thread, bucket, hash_entry,
				 rcu_read_lock_sched_held())
		if (thread->pid == pid &&
		    thread->exec_id == current->self_exec_id)
			break;
	rcu_read_unlock_sched();
	return thread;
}

/**
 * binder_proc_add_thread() - make the thread object of the current task
 * @proc: the process whose file the task uses; it has none of the task
 *
 * Return: the object, or NULL without memory.
 */
struct binder_thread *binder_proc_add_thread(struct binder_proc *proc)
{
	struct binder_thread *thread;

	/* Only the task itself adds its object, so nobody else does meanwhile. */
	thread = binder_thread_alloc(proc, &proc->queue);
	if (!thread)
		return NULL;
	thread->priority.default_nice = proc->default_nice;
	thread->sent.from_pid = pid_nr(proc->tgid);
	binder_proc_get(proc);
	spin_lock(&proc->queue.lock);
	hlist_add_head_rcu(&thread->hash_entry,
			   binder_thread_bucket(proc, thread->pid));
	list_add_tail(&thread->all_entry, &proc->all_threads);
	proc->nr_threads++;
	spin_unlock(&proc->queue.lock);
	return thread;
}

/* A thread ends: what it did counts for its process from now on. */
static void binder_proc_keep_stats_locked(struct binder_proc *proc,
					  struct binder_thread *thread)
{
	lockdep_assert_held(&proc->queue.lock);
	if (proc->ended_stats) {
		binder_stats_add(proc->ended_stats, thread->stats);
	} else {
		proc->ended_stats = thread->stats;
		WRITE_ONCE(thread->stats, NULL);
	}
}

static void binder_proc_take_thread_locked(struct binder_thread *thread)
{
	lockdep_assert_held(&thread->queue->lock);
	hlist_del_init_rcu(&thread->hash_entry);
	list_del(&thread->all_entry);
	thread->proc->nr_threads--;
	binder_proc_keep_stats_locked(thread->proc, thread);
	binder_thread_leave_locked(thread);
}

/**
 * binder_proc_take_thread() - take a thread object out of its table
 * @thread: the current thread; the table's reference becomes the caller's
 */
void binder_proc_take_thread(struct binder_thread *thread)
{
	spin_lock(&thread->queue->lock);
	binder_proc_take_thread_locked(thread);
	spin_unlock(&thread->queue->lock);
}

/**
 * binder_proc_take_any_thread() - take a thread object out of its table
 * @proc: a process being released
 *
 * Return: the object with the table's reference, or NULL when none is left.
 */
struct binder_thread *binder_proc_take_any_thread(struct binder_proc *proc)
{
	struct binder_thread *thread;

	spin_lock(&proc->queue.lock);
	thread = list_first_entry_or_null(&proc->all_threads,
					  struct binder_thread, all_entry);
	if (thread)
		binder_proc_take_thread_locked(thread);
	spin_unlock(&proc->queue.lock);
	return thread;
}

/*
 * Take the thread out of the table if its task has exited, or, while an epoll
 * set needs its wait queue, mark it dead. Returns true with a reference to it
 * when somebody else has not done that already.
 */
static bool binder_proc_take_exited_locked(struct binder_thread *thread)
{
	lockdep_assert_held(&thread->queue->lock);
	if (!list_empty(&thread->idle_entry) || !binder_thread_exited(thread))
		return false;
	/* Nobody but the task adds itself to the queue, so it only gets empty. */
	if (!wq_has_sleeper(&thread->wait)) {
		binder_proc_take_thread_locked(thread);
		return true;
	}
	if (thread->dead)
		return false;
	WRITE_ONCE(thread->dead, true);
	refcount_inc(&thread->refs);
	return true;
}

/**
 * binder_proc_take_exited_threads() - find the threads whose tasks have exited
 * @proc: a process that is referenced
 * @nr: how many threads to look at; those whose turn it is
 * @exited: empty list that takes them by their idle_entry, each with a
 *	reference, for the caller to release what they hold; it is guarded by
 *	the queue lock
 */
void binder_proc_take_exited_threads(struct binder_proc *proc, u32 nr,
				     struct list_head *exited)
{
	struct binder_thread *thread, *next;

	spin_lock(&proc->queue.lock);
	list_for_each_entry_safe(thread, next, &proc->all_threads, all_entry) {
		if (!nr--) {
			/* The next look begins here. */
			list_rotate_to_front(&thread->all_entry,
					     &proc->all_threads);
			break;
		}
		if (binder_proc_take_exited_locked(thread))
			list_add_tail(&thread->idle_entry, exited);
	}
	spin_unlock(&proc->queue.lock);
}

/**
 * binder_proc_interrupt() - make every thread of a process leave its read
 * @proc: the process; somebody closed a descriptor of its file
 */
void binder_proc_interrupt(struct binder_proc *proc)
{
	struct binder_thread *thread;

	spin_lock(&proc->queue.lock);
	list_for_each_entry(thread, &proc->all_threads, all_entry)
		binder_thread_interrupt_locked(thread);
	spin_unlock(&proc->queue.lock);
}

static void binder_thread_free_rcu(struct rcu_head *rcu)
{
	struct binder_thread *thread =
		container_of(rcu, struct binder_thread, rcu);
	struct binder_proc *proc = thread->proc;

	binder_thread_free(thread);
	binder_proc_put(proc);
}

/**
 * binder_thread_put() - drop a reference to a thread object
 * @thread: the object
 */
void binder_thread_put(struct binder_thread *thread)
{
	if (!refcount_dec_and_test(&thread->refs))
		return;
	binder_stats_gone(BINDER_STAT_THREAD);
	call_rcu(&thread->rcu, binder_thread_free_rcu);
}
