// SPDX-License-Identifier: GPL-2.0-only
/*
 * Teardown of threads and processes. What becomes of their work and their calls is
 * modelled in models/queue.pml and reply.pml.
 */
#include <linux/delay.h>
#include <linux/workqueue.h>

#include "binder_completion.h"
#include "binder_context.h"
#include "binder_death.h"
#include "binder_delivery.h"
#include "binder_hooks.h"
#include "binder_log.h"
#include "binder_message.h"
#include "binder_name.h"
#include "binder_release.h"
#include "binder_stack.h"

/*
 * How many threads are looked at when one comes: more than one, so that those
 * that are gone do not pile up, and not all, as many may come.
 */
#define BINDER_THREADS_AT_ONCE 32

/*
 * Who is told of a death first may have to wait for this processor, as nobody who was
 * just woken takes it away. So after some steps it is left to others for a moment,
 * once: long enough to read a notice, and too short to keep the rest waiting.
 */
#define BINDER_STEPS_BEFORE_PAUSE 8
#define BINDER_PAUSE_US 50

/* Processes are torn down side by side: one with many refs delays no other. */
static struct workqueue_struct *binder_release_wq;

/**
 * binder_release_init() - make the workqueue of deferred releases
 *
 * Return: 0 or -ENOMEM.
 */
int binder_release_init(void)
{
	binder_release_wq = alloc_workqueue(BINDER_NAME_STR "_release",
					    WQ_UNBOUND, 0);
	return binder_release_wq ? 0 : -ENOMEM;
}

/**
 * binder_release_exit() - finish the releases under way
 */
void binder_release_exit(void)
{
	destroy_workqueue(binder_release_wq);
}

/*
 * Put what others can do back in front of the process's own work: notices for
 * the process, and messages that were handed to this thread because it was
 * idle. A process that is being released has no others.
 */
static void binder_release_hand_back(struct binder_thread *thread)
{
	struct binder_queue *queue = thread->queue;
	struct binder_work *work, *next;
	struct binder_thread *idle = NULL;
	LIST_HEAD(kept);

	rcu_read_lock();
	spin_lock(&queue->lock);
	binder_owed_queue_locked(thread);
	list_for_each_entry_safe(work, next, &thread->todo, entry) {
		if (queue->dead || !work->ops->outlives_thread ||
		    !work->ops->outlives_thread(work))
			continue;
		binder_work_unlink_locked(queue, work);
		list_add_tail(&work->entry, &kept);
	}
	if (!list_empty(&kept)) {
		list_splice(&kept, &queue->todo);
		idle = binder_queue_rouse_locked(queue);
	}
	spin_unlock(&queue->lock);
	if (idle)
		binder_thread_wake(idle, false);
	rcu_read_unlock();
}

/* End what a thread was doing; it is marked dead, so nothing is added. */
static void binder_release_contents(struct binder_thread *thread)
{
	/* What is left of one that exec moved may be somebody else's task. */
	if (!binder_thread_exited(thread))
		binder_priority_give_back(thread);
	binder_stack_abandon(thread);
	binder_hook_reach(BINDER_HOOK_HAND_BACK);
	binder_release_hand_back(thread);
	binder_queue_drain(thread->queue, &thread->todo);
	binder_queue_drain(thread->queue, &thread->early);
	binder_thread_put(thread);
}

/**
 * binder_release_thread() - BINDER_THREAD_EXIT
 * @thread: the current thread
 */
void binder_release_thread(struct binder_thread *thread)
{
	binder_proc_take_thread(thread);
	binder_release_contents(thread);
}

/**
 * binder_release_some_exited_threads() - BINDER_THREAD_EXIT for those that forgot
 * @proc: a process that is referenced
 *
 * Looks at a few threads, each time at the next ones, so it may be called where
 * threads come and go: when one is new, and when another one is asked for.
 */
void binder_release_some_exited_threads(struct binder_proc *proc)
{
	struct binder_thread *thread;
	LIST_HEAD(exited);

	binder_proc_take_exited_threads(proc, BINDER_THREADS_AT_ONCE, &exited);
	while (!list_empty(&exited)) {
		thread = list_first_entry(&exited, struct binder_thread,
					  idle_entry);
		spin_lock(&proc->queue.lock);
		list_del_init(&thread->idle_entry);
		spin_unlock(&proc->queue.lock);
		binder_release_contents(thread);
	}
}

/**
 * binder_release_exited_threads() - the same for all of a process
 * @proc: a process that is referenced
 *
 * Looks at each thread, so call it where that does not matter: when the process
 * is frozen or shown.
 */
void binder_release_exited_threads(struct binder_proc *proc)
{
	/* Those that come later have not exited yet: about how many will do. */
	u32 nr, nr_threads = data_race(READ_ONCE(proc->nr_threads));

	for (nr = 0; nr < nr_threads; nr += BINDER_THREADS_AT_ONCE) {
		binder_release_some_exited_threads(proc);
		cond_resched();
	}
}

static void binder_release_nodes(struct binder_proc *proc)
{
	unsigned int steps = 0;
	LIST_HEAD(async_todo);
	struct binder_visit visit = {
		.owner = proc,
		.async_todo = &async_todo,
		.tell_locked = binder_death_tell_locked,
		.at_once = 1,
	};

	while (binder_visit_some(&visit)) {
		if (!list_empty(&async_todo))
			binder_queue_drain(&proc->queue, &async_todo);
		/* It grew with the first who was told. */
		if (visit.at_once > 1 && ++steps == BINDER_STEPS_BEFORE_PAUSE)
			usleep_range(BINDER_PAUSE_US, 2 * BINDER_PAUSE_US);
		else
			cond_resched();
	}
}

static void binder_release_refs(struct binder_proc *proc)
{
	u64 handle = 0;

	while (binder_ref_close_some(proc, &handle, binder_ref_finish_locked))
		cond_resched();
}

/* Move the calls of one list, guarded by the lock of @queue, to another. */
static void binder_release_pick_calls_locked(struct binder_queue *queue,
					     struct list_head *todo,
					     struct list_head *calls)
{
	struct binder_work *work, *next;

	lockdep_assert_held(&queue->lock);
	list_for_each_entry_safe(work, next, todo, entry) {
		if (work->ops != &binder_call_ops &&
		    work->ops != &binder_oneway_ops)
			continue;
		binder_work_unlink_locked(queue, work);
		list_add_tail(&work->entry, calls);
	}
}

/* Fail the calls that the threads of a process have not read. */
static void binder_release_calls(struct binder_proc *proc)
{
	struct binder_queue *queue = &proc->queue;
	struct binder_node *node = NULL;
	struct binder_thread *thread;
	LIST_HEAD(calls);

	/* Those that wait their turn first: none of them shall be queued. */
	while ((node = binder_node_walk(proc, node))) {
		binder_node_lock(node);
		binder_ring_take_all_locked(queue, &node->async_todo, &calls);
		binder_node_unlock(node);
		binder_queue_drain(queue, &calls);
		cond_resched();
	}
	spin_lock(&queue->lock);
	binder_release_pick_calls_locked(queue, &queue->todo, &calls);
	list_for_each_entry(thread, &proc->all_threads, all_entry) {
		binder_release_pick_calls_locked(queue, &thread->todo, &calls);
		binder_release_pick_calls_locked(queue, &thread->early, &calls);
		/* A call of its own may have ended behind one of those. */
		thread->nested_unread = false;
		if (binder_stack_resume_locked(thread))
			binder_thread_wake(thread, false);
	}
	spin_unlock(&queue->lock);
	binder_queue_drain(queue, &calls);
}

/* Take an unread reply off some thread, which gets a reference. */
static struct binder_transaction *
binder_release_take_reply(struct binder_proc *proc, struct binder_thread **to)
{
	struct binder_thread *thread;
	struct binder_work *work;

	spin_lock(&proc->queue.lock);
	list_for_each_entry(thread, &proc->all_threads, all_entry)
		list_for_each_entry(work, &thread->todo, entry)
			if (work->ops == &binder_reply_ops)
				goto found;
	spin_unlock(&proc->queue.lock);
	return NULL;

found:
	/* Those before it have none, and get none: the next search begins here. */
	list_rotate_to_front(&thread->all_entry, &proc->all_threads);
	binder_work_take_locked(&proc->queue, work);
	refcount_inc(&thread->refs);
	spin_unlock(&proc->queue.lock);
	*to = thread;
	return container_of(work, struct binder_transaction, work);
}

/* Take the answers that wait for their callers off all threads: they are lost. */
static void binder_release_kept_replies(struct binder_proc *proc)
{
	struct binder_queue *queue = &proc->queue;
	struct binder_thread *thread;
	struct binder_work *work;
	LIST_HEAD(replies);

	spin_lock(&queue->lock);
	list_for_each_entry(thread, &proc->all_threads, all_entry)
		binder_stack_take_replies_locked(thread, &replies);
	/* Not as others leave a list: their calls are counted until they are told. */
	while ((work = list_first_entry_or_null(&replies, struct binder_work,
						entry))) {
		binder_work_unlink_locked(queue, work);
		spin_unlock(&queue->lock);
		work->ops->cancel(work);
		cond_resched();
		spin_lock(&queue->lock);
	}
	spin_unlock(&queue->lock);
}

static void binder_release_messages(struct work_struct *work)
{
	struct binder_proc *proc =
		container_of(work, struct binder_proc, unmap_work);
	struct binder_transaction *reply;
	struct binder_thread *thread;

	binder_release_calls(proc);
	while ((reply = binder_release_take_reply(proc, &thread))) {
		binder_reply_lose(reply, thread);
		binder_thread_put(thread);
	}
	binder_release_kept_replies(proc);
	binder_proc_put(proc);
}

/**
 * binder_release_area() - the area of a process was unmapped
 * @proc: the process, its file still open; the mmap_lock is held
 *
 * Nothing can be read there any more, so messages that are queued fail, now
 * and not with the release: they may hold the very file whose last close would
 * bring that about. None is queued from here on.
 */
void binder_release_area(struct binder_proc *proc)
{
	bool pending;

	spin_lock(&proc->queue.lock);
	proc->queue.closed = true;
	pending = proc->queue.outstanding;
	spin_unlock(&proc->queue.lock);
	if (!pending)
		return;
	binder_proc_get(proc);
	INIT_WORK(&proc->unmap_work, binder_release_messages);
	queue_work(binder_release_wq, &proc->unmap_work);
}

static void binder_release_work(struct work_struct *work)
{
	struct binder_proc *proc =
		container_of(work, struct binder_proc, release_work);
	struct binder_thread *thread;

	binder_proc_unregister(proc);
	binder_context_drop_manager(proc);
	spin_lock(&proc->queue.lock);
	proc->queue.closed = true;
	proc->queue.dead = true;
	proc->queue.frozen = false;
	binder_nodes_outlive_locked(proc);
	spin_unlock(&proc->queue.lock);
	wake_up_all(&proc->queue.settled);
	while ((thread = binder_proc_take_any_thread(proc)))
		binder_release_contents(thread);
	binder_release_nodes(proc);
	binder_release_refs(proc);
	binder_queue_drain(&proc->queue, &proc->queue.todo);
	binder_notices_forget(proc);
	binder_alloc_close(proc->alloc);
	binder_message_free_all_buffers(proc);
	binder_hook_reach(BINDER_HOOK_GONE);
	if (!binder_proc_is_any_open()) {
		binder_message_stop_keeping();
		/* Somebody may have come just now. */
		if (binder_proc_is_any_open())
			binder_message_start_keeping();
	}
	binder_alloc_shutdown(proc->alloc);
	binder_context_put(proc->context);
	binder_proc_put(proc);
}

/**
 * binder_release_proc() - the last descriptor of a file was closed
 * @proc: the process
 *
 * ABI: deferred, so that what others see of it comes some time after close().
 */
void binder_release_proc(struct binder_proc *proc)
{
	INIT_WORK(&proc->release_work, binder_release_work);
	queue_work(binder_release_wq, &proc->release_work);
}
