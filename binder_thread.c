// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads: their queue, their sleep, and how work finds an idle one. Modelled in
 * models/queue.pml.
 */
#include <linux/freezer.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "binder_hooks.h"
#include "binder_name.h"
#include "binder_stream.h"
#include "binder_thread.h"

static struct kmem_cache *binder_thread_slab;

/*
 * A thread has one task that can sleep, which is looked up here and need not
 * enter and leave a queue of waiters each time. It may have left its sleep, even
 * exited; but the lock of the queue, which is held here, keeps RCU from freeing it.
 * Who leaves its sleep here is woken for nothing, at worst, as by a wake_q.
 */
static int binder_thread_wake_task(struct wait_queue_entry *sleeper,
				   unsigned int mode, int flags, void *key)
{
	/* Only its private is read. */
	struct wait_queue_entry once __uninitialized;

	once.private = READ_ONCE(sleeper->private);
	return once.private ? default_wake_function(&once, mode, flags, key) : 0;
}

/**
 * binder_thread_init_slab() - make the slab of thread objects
 *
 * Return: 0 or -ENOMEM.
 */
int binder_thread_init_slab(void)
{
	binder_thread_slab = kmem_cache_create(BINDER_NAME_STR "_thread",
					       sizeof(struct binder_thread), 0,
					       SLAB_ACCOUNT | SLAB_HWCACHE_ALIGN,
					       NULL);
	return binder_thread_slab ? 0 : -ENOMEM;
}

/**
 * binder_thread_exit_slab() - drop the slab, after rcu_barrier()
 */
void binder_thread_exit_slab(void)
{
	kmem_cache_destroy(binder_thread_slab);
}

static int binder_thread_error_deliver(struct binder_work *work,
				       struct binder_stream *stream)
{
	struct binder_thread_error *error =
		container_of(work, struct binder_thread_error, work);
	u32 cmd = error->cmd;
	/* Not from the slab object: user copies of that are forbidden. */
	s32 param = error->param;

	error->cmd = BR_OK;
	return binder_stream_put(stream, cmd, &param,
				 cmd == BR_ERROR ? sizeof(param) : 0);
}

static void binder_thread_error_cancel(struct binder_work *work)
{
	/* Part of the thread: nothing is held for it. */
}

static const struct binder_work_ops binder_thread_error_ops = {
	.deliver = binder_thread_error_deliver,
	.cancel = binder_thread_error_cancel,
	.kind = BINDER_WORK_ERROR,
};

/**
 * binder_thread_alloc() - make the thread object of the current task
 * @proc: its process, pinned by the caller for the thread's life
 * @queue: the process's queue
 *
 * Return: the object with one reference, or NULL without memory.
 */
struct binder_thread *binder_thread_alloc(struct binder_proc *proc,
					  struct binder_queue *queue)
{
	struct binder_thread *thread;

	if (binder_hook_no_memory(BINDER_HOOK_THREAD))
		return NULL;
	thread = kmem_cache_zalloc(binder_thread_slab, GFP_KERNEL);
	if (!thread)
		return NULL;
	thread->stats = kzalloc(sizeof(*thread->stats), GFP_KERNEL_ACCOUNT);
	if (!thread->stats) {
		kmem_cache_free(binder_thread_slab, thread);
		return NULL;
	}
	thread->queue = queue;
	thread->proc = proc;
	thread->pid = get_pid(task_pid(current));
	thread->exec_id = current->self_exec_id;
	thread->sent.from_tid = pid_nr(thread->pid);
	refcount_set(&thread->refs, 1);
	/* ABI: the first read of a task never blocks. */
	thread->must_return = true;
	INIT_LIST_HEAD(&thread->todo);
	INIT_LIST_HEAD(&thread->early);
	INIT_LIST_HEAD(&thread->idle_entry);
	INIT_LIST_HEAD(&thread->poll_entry);
	binder_work_init(&thread->own_error.work, &binder_thread_error_ops);
	thread->own_error.cmd = BR_OK;
	thread->ext_error.command = BR_OK;
	init_waitqueue_head(&thread->wait);
	init_waitqueue_head(&thread->sleep);
	init_waitqueue_func_entry(&thread->sleeper, binder_thread_wake_task);
	add_wait_queue(&thread->sleep, &thread->sleeper);
	binder_stats_made(BINDER_STAT_THREAD);
	return thread;
}

/**
 * binder_thread_free() - free a thread object nobody can find any more
 * @thread: the object; RCU readers are gone, the process is the caller's
 */
void binder_thread_free(struct binder_thread *thread)
{
	put_pid(thread->pid);
	kfree(thread->stats);
	kmem_cache_free(binder_thread_slab, thread);
}

/**
 * binder_thread_exited() - has the task of a thread object finished with it?
 * @thread: the object
 *
 * Once true, it stays so. A leader that waits for its group to end counts as
 * exited: it has closed its files.
 *
 * Return: true when no task will use the object again.
 */
bool binder_thread_exited(const struct binder_thread *thread)
{
	struct task_struct *task;
	bool exited;

	rcu_read_lock();
	task = pid_task(thread->pid, PIDTYPE_PID);
	exited = !task || READ_ONCE(task->exit_state) ||
		 READ_ONCE(task->self_exec_id) != thread->exec_id;
	rcu_read_unlock();
	return exited;
}

/**
 * binder_thread_queue_locked() - hand an item to a thread
 * @thread: the only thread that may take it
 * @work: the item, on no list
 *
 * The caller wakes the thread unless it is the current one.
 */
void binder_thread_queue_locked(struct binder_thread *thread,
				struct binder_work *work)
{
	lockdep_assert_held(&thread->queue->lock);
	list_add_tail(&work->entry, &thread->todo);
	/* A polling thread may sleep in epoll_wait() on what it queued itself. */
	if ((thread->looper & BINDER_LOOPER_POLL) && !thread->todo_ready &&
	    thread->pid == task_pid(current))
		wake_up_interruptible(&thread->wait);
	thread->todo_ready = true;
}

/**
 * binder_thread_queue_deferred_locked() - hand over an item that can wait
 * @thread: the only thread that may take it
 * @work: the item, on no list
 *
 * ABI: such an item does not end a read; it is delivered before the next one
 * that does. A synchronous caller sees its completion together with the reply.
 */
void binder_thread_queue_deferred_locked(struct binder_thread *thread,
					 struct binder_work *work)
{
	lockdep_assert_held(&thread->queue->lock);
	list_add_tail(&work->entry, &thread->todo);
}

/**
 * binder_thread_fail() - a command of the current thread failed
 * @thread: the current thread, whose error slot is free
 * @cmd: BR_ code it reads
 * @param: payload, only for BR_ERROR
 */
void binder_thread_fail(struct binder_thread *thread, u32 cmd, s32 param)
{
	spin_lock(&thread->queue->lock);
	thread->own_error.cmd = cmd;
	thread->own_error.param = param;
	binder_thread_queue_locked(thread, &thread->own_error.work);
	spin_unlock(&thread->queue->lock);
}

/**
 * binder_thread_next_locked() - unlink the next item to deliver
 * @thread: the reading thread
 * @take_shared: it was eligible for the process's work when its pass began
 *
 * Return: the item, on no list any more, or NULL.
 */
struct binder_work *binder_thread_next_locked(struct binder_thread *thread,
					      bool take_shared)
{
	struct binder_queue *queue = thread->queue;
	struct binder_work *work;

	lockdep_assert_held(&queue->lock);
	work = list_first_entry_or_null(&thread->todo, struct binder_work,
					entry);
	if (!work && take_shared)
		work = list_first_entry_or_null(&queue->todo,
						struct binder_work, entry);
	if (work)
		binder_work_take_locked(queue, work);
	/* Or the item that made it ready has moved to another list. */
	if (list_empty(&thread->todo))
		thread->todo_ready = false;
	if (work && work->ops->taken_locked)
		work->ops->taken_locked(work, thread);
	return work;
}

/**
 * binder_thread_ready_locked() - would a read return without blocking?
 * @thread: the thread
 * @take_shared: it is eligible for the process's work
 *
 * Return: true when something is there to return for.
 */
bool binder_thread_ready_locked(const struct binder_thread *thread,
				bool take_shared)
{
	lockdep_assert_held(&thread->queue->lock);
	return thread->todo_ready || thread->must_return ||
	       (take_shared && !list_empty(&thread->queue->todo));
}

/**
 * binder_thread_wait_locked() - sleep until there is something to return for
 * @thread: the current thread
 * @take_shared: also wait for the process's work, as the first to be chosen
 *
 * Drops and retakes the queue's lock.
 *
 * Return: 0, or -EINTR when a signal arrived first; what was handed to the
 * thread meanwhile stays on its list for the next read.
 */
int binder_thread_wait_locked(struct binder_thread *thread, bool take_shared)
{
	struct binder_queue *queue = thread->queue;
	int ret = 0;

	lockdep_assert_held(&queue->lock);
	WRITE_ONCE(thread->sleeper.private, current);
	while (!ret && !binder_thread_ready_locked(thread, take_shared)) {
		if (take_shared && list_empty(&thread->idle_entry))
			list_add(&thread->idle_entry, &queue->idle);
		/* Who gives it work does so after this hold, and wakes it then. */
		__set_current_state(TASK_INTERRUPTIBLE | TASK_FREEZABLE);
		spin_unlock(&queue->lock);
		binder_hook_reach(BINDER_HOOK_SLEEP);
		schedule();
		spin_lock(&queue->lock);
		/* ABI: a signal wins over what was handed over meanwhile. */
		if (signal_pending(current))
			ret = -EINTR;
	}
	/* Who was chosen has left already. */
	if (!list_empty(&thread->idle_entry))
		list_del_init(&thread->idle_entry);
	WRITE_ONCE(thread->sleeper.private, NULL);
	return ret;
}

static void binder_wake_up(wait_queue_head_t *queue, bool sync)
{
	if (sync)
		wake_up_interruptible_sync(queue);
	else
		wake_up_interruptible(queue);
}

static void binder_thread_wake_pollers(struct binder_thread *thread, bool sync)
{
	/* A poller waits first, and looks for work under the queue's lock then. */
	if (unlikely(waitqueue_active(&thread->wait)))
		binder_wake_up(&thread->wait, sync);
}

/**
 * binder_thread_wake() - wake a thread that was handed something
 * @thread: the thread; the caller is inside the RCU read section in which it
 *	found the thread under the queue's lock
 * @sync: the caller is about to sleep, so the thread can have its CPU
 */
void binder_thread_wake(struct binder_thread *thread, bool sync)
{
	binder_wake_up(&thread->sleep, sync);
	binder_thread_wake_pollers(thread, sync);
}

/**
 * binder_thread_leave_locked() - take a released thread out of its queue
 * @thread: the thread
 *
 * Whoever polled it is detached here; epoll takes its entries off the wait
 * queue before the grace period that delays the thread's free is over.
 */
void binder_thread_leave_locked(struct binder_thread *thread)
{
	lockdep_assert_held(&thread->queue->lock);
	WRITE_ONCE(thread->dead, true);
	if (list_empty(&thread->poll_entry))
		return;
	list_del_init(&thread->poll_entry);
	/* What wake_up_pollfree() does; mainline does not export that. */
	__wake_up(&thread->wait, TASK_NORMAL, 0,
		  poll_to_key(EPOLLHUP | POLLFREE));
}

/**
 * binder_thread_interrupt_locked() - make a thread's read return
 * @thread: the thread
 */
void binder_thread_interrupt_locked(struct binder_thread *thread)
{
	lockdep_assert_held(&thread->queue->lock);
	/* The thread itself looks without the lock. */
	WRITE_ONCE(thread->must_return, true);
	if (thread->sleeper.private)
		binder_thread_wake(thread, false);
}

/* Nobody knows which polling thread really waits: wake all that could. */
static void binder_queue_wake_pollers_locked(struct binder_queue *queue)
{
	struct binder_thread *thread;

	lockdep_assert_held(&queue->lock);
	list_for_each_entry(thread, &queue->pollers, poll_entry)
		if (binder_thread_eligible_locked(thread))
			binder_thread_wake_pollers(thread, false);
}

static struct binder_thread *
binder_queue_pop_idle_locked(struct binder_queue *queue)
{
	struct binder_thread *thread;

	lockdep_assert_held(&queue->lock);
	thread = list_first_entry_or_null(&queue->idle, struct binder_thread,
					  idle_entry);
	/* Leaving at once keeps a second item from choosing the same thread. */
	if (thread)
		list_del_init(&thread->idle_entry);
	return thread;
}

/**
 * binder_queue_assign_locked() - give a message to the process
 * @queue: its queue, not dead
 * @work: the message, on no list
 *
 * An idle thread gets it as its own; else whoever is eligible first takes it.
 *
 * Return: the thread to wake after the lock, or NULL.
 */
struct binder_thread *binder_queue_assign_locked(struct binder_queue *queue,
						 struct binder_work *work)
{
	struct binder_thread *thread;

	lockdep_assert_held(&queue->lock);
	thread = binder_queue_pop_idle_locked(queue);
	if (thread) {
		binder_thread_queue_locked(thread, work);
		return thread;
	}
	list_add_tail(&work->entry, &queue->todo);
	binder_queue_wake_pollers_locked(queue);
	return NULL;
}

/**
 * binder_queue_append_locked() - give a notice to the process
 * @queue: its queue
 * @work: the notice, on no list
 *
 * Unlike a message it is not assigned to a thread: the first to come takes it.
 *
 * Return: the thread to wake after the lock, or NULL.
 */
struct binder_thread *binder_queue_append_locked(struct binder_queue *queue,
						 struct binder_work *work)
{
	lockdep_assert_held(&queue->lock);
	list_add_tail(&work->entry, &queue->todo);
	return binder_queue_rouse_locked(queue);
}

/**
 * binder_queue_rouse_locked() - find somebody for work that is on @todo
 * @queue: the queue
 *
 * Return: the thread to wake after the lock, or NULL.
 */
struct binder_thread *binder_queue_rouse_locked(struct binder_queue *queue)
{
	struct binder_thread *thread;

	lockdep_assert_held(&queue->lock);
	thread = binder_queue_pop_idle_locked(queue);
	if (!thread)
		binder_queue_wake_pollers_locked(queue);
	return thread;
}
