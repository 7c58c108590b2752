// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers of processes and of the driver.
 *
 * Threads and refs are counted without a lock, one RCU section after the other:
 * what changes meanwhile is counted or not.
 */
#include <linux/seq_file.h>

#include "binder_ref.h"
#include "binder_show_stats.h"

/* Refs that are counted in one RCU section. */
#define BINDER_STATS_REFS 256
/* Items that are counted under one hold of the lock. */
#define BINDER_STATS_ITEMS 64

/**
 * struct binder_thread_sums - numbers that are added up over threads
 * @nr: threads
 * @nr_ready: threads that wait for work of the process
 * @stats: what they did, and those that ended
 */
struct binder_thread_sums {
	unsigned int nr;
	unsigned int nr_ready;
	struct binder_stats stats;
};

/**
 * struct binder_ref_sums - numbers that are added up over refs
 * @nr: refs
 * @strong: their strong counts
 * @weak: their weak counts
 */
struct binder_ref_sums {
	unsigned int nr;
	u64 strong;
	u64 weak;
};

static bool binder_thread_is_idle(const struct binder_thread *thread)
{
	const struct list_head *entry = &thread->idle_entry;

	return READ_ONCE(entry->next) != entry;
}

static void binder_sum_threads(struct binder_proc *proc,
			       struct binder_thread_sums *sums)
{
	struct binder_thread *thread;
	int i;

	/* First: a thread that ends meanwhile is missed rather than counted twice. */
	spin_lock(&proc->queue.lock);
	if (proc->ended_stats)
		sums->stats = *proc->ended_stats;
	spin_unlock(&proc->queue.lock);
	rcu_read_lock();
	for (i = 0; i < BINDER_THREAD_BUCKETS; i++)
		hlist_for_each_entry_rcu(thread, &proc->threads[i],
					 hash_entry) {
			const struct binder_stats *stats =
				READ_ONCE(thread->stats);

			sums->nr++;
			if (binder_thread_is_idle(thread))
				sums->nr_ready++;
			if (stats)
				binder_stats_add(&sums->stats, stats);
		}
	rcu_read_unlock();
}

static void binder_sum_refs(struct binder_proc *proc,
			    struct binder_ref_sums *sums)
{
	struct binder_ref *ref;
	u64 handle = 0;
	unsigned int i;

	do {
		rcu_read_lock();
		ref = binder_handles_next(&proc->handles, &handle);
		for (i = 0; ref && i < BINDER_STATS_REFS; i++) {
			sums->nr++;
			sums->strong += READ_ONCE(ref->strong);
			/* Written plainly, under R: a sum may miss a change. */
			sums->weak += data_race(READ_ONCE(ref->weak));
			handle++;
			ref = binder_handles_next(&proc->handles, &handle);
		}
		rcu_read_unlock();
		cond_resched();
	} while (ref);
}

static unsigned int binder_count_messages(struct binder_proc *proc)
{
	struct binder_queue *queue = &proc->queue;
	const struct binder_work *work;
	struct binder_walk walk;
	unsigned int nr = 0, i;

	spin_lock(&queue->lock);
	binder_work_walk_begin_locked(queue, &walk, &queue->todo);
	do {
		for (i = 0; i < BINDER_STATS_ITEMS; i++) {
			work = binder_walk_next_locked(queue, &walk);
			if (!work)
				break;
			nr += work->ops->kind == BINDER_WORK_MESSAGE;
		}
		if (!work)
			binder_walk_end_locked(queue, &walk);
		spin_unlock(&queue->lock);
		if (work) {
			cond_resched();
			spin_lock(&queue->lock);
		}
	} while (work);
	return nr;
}

/**
 * binder_show_stats() - the numbers of a process
 * @m: where to
 * @view: unused, as there are no steps
 * @proc: the process
 *
 * Return: false, that were all.
 */
bool binder_show_stats(struct seq_file *m, struct binder_view *view,
		       struct binder_proc *proc)
{
	struct binder_thread_sums threads = {};
	struct binder_alloc_space space;
	struct binder_ref_sums refs = {};
	u32 requested, started, max, nodes;

	binder_sum_threads(proc, &threads);
	binder_sum_refs(proc, &refs);
	binder_alloc_get_space(proc->alloc, &space);
	spin_lock(&proc->queue.lock);
	requested = proc->requested_threads;
	started = proc->started_threads;
	max = proc->max_threads;
	nodes = proc->nr_nodes;
	spin_unlock(&proc->queue.lock);

	seq_printf(m, "  threads: %u\n", threads.nr);
	seq_printf(m, "  requested threads: %u+%u/%u\n", requested, started,
		   max);
	seq_printf(m, "  ready threads %u\n", threads.nr_ready);
	seq_printf(m, "  free async space %u\n", space.free_async);
	seq_printf(m, "  nodes: %u\n", nodes);
	seq_printf(m, "  refs: %u s %llu w %llu\n", refs.nr, refs.strong,
		   refs.weak);
	seq_printf(m, "  buffers: %u\n", space.nr_buffers);
	seq_printf(m, "  pages: %u:%u:%u\n", space.nr_pages - space.nr_idle,
		   space.nr_idle, space.nr_slots - space.nr_pages);
	seq_printf(m, "  pages high watermark: %u\n", space.high_slot);
	seq_printf(m, "  pending transactions: %u\n",
		   binder_count_messages(proc));
	binder_stats_show(m, &threads.stats);
	return false;
}
