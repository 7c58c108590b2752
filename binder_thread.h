/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The thread object: one task's use of one open file.
 *
 * Made at the task's first ioctl or poll, and ended by BINDER_THREAD_EXIT, with
 * the process, or some time after its task has exited. The process's table
 * holds one reference, every synchronous call the thread waits for another; it
 * is freed after an RCU grace period, so that a wake-up may follow the queue's
 * lock, and so that epoll entries detached by POLLFREE can finish.
 *
 * The key is the task's struct pid and the number of its exec. A struct pid
 * that is pinned is not given to another task, though its number may be; only
 * exec moves one, from a group's leader to the thread that execs. That thread
 * counts its execs, as all threads of the group do, so pid and number together
 * are one task that runs one program.
 *
 * A task that has exited, or runs another program, will not use its object
 * again, and no other task finds an object that is not its own. So whoever
 * notices may release it as its task would have. Only while an epoll set that
 * the task added the file to is in its wait queue, which wakes the set, the
 * object stays, emptied and marked dead, among those that poll.
 */
#ifndef _BINDER_THREAD_H
#define _BINDER_THREAD_H

#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "binder_history.h"
#include "binder_lent.h"
#include "binder_work.h"

struct binder_proc;
struct binder_message;
struct binder_transaction;
struct file;

/* Looper bits: printed in the logs and parsed there by position. */
#define BINDER_LOOPER_REGISTERED	0x01
#define BINDER_LOOPER_ENTERED		0x02
#define BINDER_LOOPER_EXITED		0x04
#define BINDER_LOOPER_INVALID		0x08
#define BINDER_LOOPER_WAITING		0x10	/* not kept: @sleeper says so */
#define BINDER_LOOPER_POLL		0x20

/**
 * struct binder_thread_error - an error code the thread itself caused
 * @work: queued on the thread's todo list while @cmd is set
 * @cmd: (S) BR_ code, BR_OK when the slot is free; while it is taken no
 *	command of the thread is executed
 * @param: (S) payload of BR_ERROR
 */
struct binder_thread_error {
	struct binder_work work;
	u32 cmd;
	s32 param;
};

/**
 * struct binder_thread - one task of one process
 * @queue: (I) queue of the process, guards the fields marked L
 * @proc: (I) the process; pinned
 * @pid: (I) the task; pinned
 * @exec_id: (I) which of the task's programs
 * @owed: (S) message whose completion, an ordinary one, comes before all that is
 *	on @todo, or NULL
 * @serving: (S) newest call the thread serves, or NULL
 * @stats: what the thread did, written by it alone, read by anybody under RCU;
 *	the first of a process's threads to end leaves them to the process, NULL
 * @unread: (S) completions on @todo, and @owed
 * @nr_owed: (S) how many completions @owed stands for; read by the logs
 * @refs: the table's reference and those of calls the thread waits for
 * @owed_ready: (S) the thread must return for @owed
 * @looper: (L) BINDER_LOOPER_* bits
 * @todo_ready: (L) @todo holds an item the thread must return for
 * @must_return: (L) the next read does not block
 * @dead: (L) released, or its task has exited; a hint without the lock
 * @nested_unread: (L) @todo holds a call that is nested in the top of @stack
 * @priority: priority inheritance
 * @todo: (L) items only this thread may take, oldest first
 * @stack: (L) newest call the thread serves or waits for. Only the thread itself
 *	puts one on it that it waits for, without the lock
 * @idle_entry: (L) link in &binder_queue.idle while waiting for its work; or in
 *	the list of whoever releases what is left of exited tasks
 * @sleep: only @sleeper is in it
 * @sleeper: private (L) is the task that waits in a read; read after the lock, too
 * @wait: pollers
 * @poll_entry: (L) link in &binder_queue.pollers once the thread has polled
 * @early: (L) calls nested in one of @stack that is not its top, or that has
 *	another one to be read: they wait until the thread is back there
 * @held_file: (S) the file of an ioctl that closed descriptors, until its end
 * @sent: (S) message that is being sent or was sent last; read by anybody
 * @own_error: (S) error of the last command
 * @ext_error: (S) what BINDER_GET_EXTENDED_ERROR reads
 * @hash_entry: (L) link in the process's table, read under RCU
 * @all_entry: (L) link in the process's list of the same
 * @rcu: delays the free
 */
struct binder_thread {
	/* Read by all, and what the thread alone writes */
	struct binder_queue *queue;
	struct binder_proc *proc;
	struct pid *pid;
	u64 exec_id;
	struct binder_message *owed;
	struct binder_transaction *serving;
	struct binder_stats *stats;
	u32 unread;
	u32 nr_owed;

	/* Written by whoever has work for the thread */
	refcount_t refs;
	bool owed_ready;
	u8 looper;
	bool todo_ready;
	bool must_return;
	bool dead;
	bool nested_unread;
	struct binder_thread_priority priority;
	struct list_head todo;
	struct binder_transaction *stack;
	struct list_head idle_entry;

	/* Sleep and wake-up */
	wait_queue_head_t sleep;
	struct wait_queue_entry sleeper;

	wait_queue_head_t wait;
	struct list_head poll_entry;
	struct list_head early;
	struct file *held_file;
	struct binder_history_entry sent;
	struct binder_thread_error own_error;
	struct binder_extended_error ext_error;
	struct hlist_node hash_entry;
	struct list_head all_entry;
	struct rcu_head rcu;
};

int binder_thread_init_slab(void);
void binder_thread_exit_slab(void);

struct binder_thread *binder_thread_alloc(struct binder_proc *proc,
					  struct binder_queue *queue);
void binder_thread_free(struct binder_thread *thread);
bool binder_thread_exited(const struct binder_thread *thread);

void binder_thread_queue_locked(struct binder_thread *thread,
				struct binder_work *work);
void binder_thread_queue_deferred_locked(struct binder_thread *thread,
					 struct binder_work *work);
void binder_thread_fail(struct binder_thread *thread, u32 cmd, s32 param);
struct binder_work *binder_thread_next_locked(struct binder_thread *thread,
					      bool take_shared);
bool binder_thread_ready_locked(const struct binder_thread *thread,
				bool take_shared);
int binder_thread_wait_locked(struct binder_thread *thread, bool take_shared);
void binder_thread_wake(struct binder_thread *thread, bool sync);
void binder_thread_leave_locked(struct binder_thread *thread);
void binder_thread_interrupt_locked(struct binder_thread *thread);
struct binder_thread *binder_queue_assign_locked(struct binder_queue *queue,
						 struct binder_work *work);
struct binder_thread *binder_queue_append_locked(struct binder_queue *queue,
						 struct binder_work *work);
struct binder_thread *binder_queue_rouse_locked(struct binder_queue *queue);

/**
 * binder_thread_eligible_locked() - may the thread take work of the process?
 * @thread: the reading thread
 *
 * A thread in the middle of a call, or with items of its own, only gets those.
 *
 * Return: true when it may.
 */
static inline bool
binder_thread_eligible_locked(const struct binder_thread *thread)
{
	lockdep_assert_held(&thread->queue->lock);
	return !READ_ONCE(thread->stack) && !thread->owed &&
	       list_empty(&thread->todo);
}

/**
 * binder_thread_is_looper_locked() - has the thread joined the thread pool?
 * @thread: the thread
 *
 * Return: true when it registered or entered.
 */
static inline bool
binder_thread_is_looper_locked(const struct binder_thread *thread)
{
	lockdep_assert_held(&thread->queue->lock);
	return thread->looper &
	       (BINDER_LOOPER_REGISTERED | BINDER_LOOPER_ENTERED);
}

#endif /* _BINDER_THREAD_H */
