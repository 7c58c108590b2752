// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parts of a process as the logs show them.
 */
#include <linux/limits.h>
#include <linux/seq_file.h>

#include "binder_death.h"
#include "binder_delivery.h"
#include "binder_freeze.h"
#include "binder_hooks.h"
#include "binder_message.h"
#include "binder_ref.h"
#include "binder_show_line.h"
#include "binder_show_proc.h"

/* Nodes that are passed over under one hold of the lock. */
#define BINDER_NODES_AT_ONCE 64

/* Between two steps in a list, with no lock held. */
static void binder_show_pause(void)
{
	binder_hook_reach(BINDER_HOOK_LOG);
	cond_resched();
}

static void binder_show_lines(struct seq_file *m, struct binder_view *view,
			      const char *indent)
{
	unsigned int i;

	for (i = 0; i < view->nr; i++)
		binder_line_print(m, indent, &view->line[i], view->hashed);
}

/* What is in a walk that was begun; ends it. */
static void binder_show_walk(struct seq_file *m, struct binder_view *view,
			     struct binder_queue *queue,
			     struct binder_walk *walk, const char *indent,
			     enum binder_line_kind message_kind)
{
	const struct binder_work *work;
	bool more;

	spin_lock(&queue->lock);
	do {
		view->nr = 0;
		while (view->nr < BINDER_LINE_BATCH &&
		       (work = binder_walk_next_locked(queue, walk)))
			binder_line_of_work(&view->line[view->nr++], work,
					    message_kind);
		more = view->nr == BINDER_LINE_BATCH && !seq_has_overflowed(m);
		if (!more)
			binder_walk_end_locked(queue, walk);
		spin_unlock(&queue->lock);
		binder_show_lines(m, view, indent);
		if (more) {
			binder_show_pause();
			spin_lock(&queue->lock);
		}
	} while (more);
}

static void binder_show_works(struct seq_file *m, struct binder_view *view,
			      struct binder_proc *proc,
			      const struct list_head *list, const char *indent)
{
	struct binder_walk walk;

	spin_lock(&proc->queue.lock);
	binder_work_walk_begin_locked(&proc->queue, &walk, list);
	spin_unlock(&proc->queue.lock);
	binder_show_walk(m, view, &proc->queue, &walk, indent,
			 BINDER_LINE_PENDING);
}

static bool binder_is_serving(const struct binder_thread *thread,
			      const struct binder_transaction *t)
{
	return t->to_thread == thread;
}

static bool binder_is_waiting(const struct binder_thread *thread,
			      const struct binder_transaction *t)
{
	return t->from == thread && t->waited;
}

/* The next calls of a stack, from the top; returns where it goes on. */
static struct binder_transaction *
binder_view_stack_locked(struct binder_view *view,
			 const struct binder_thread *thread,
			 struct binder_transaction *t)
{
	lockdep_assert_held(&thread->queue->lock);
	view->nr = 0;
	while (t && view->nr < BINDER_LINE_BATCH) {
		struct binder_line *line = &view->line[view->nr++];
		bool serving = binder_is_serving(thread, t);

		line->times = 1;
		binder_line_of_message(&line->message, &t->message, serving);
		if (serving) {
			line->kind = BINDER_LINE_INCOMING;
			t = t->to_parent;
		} else if (binder_is_waiting(thread, t)) {
			line->kind = BINDER_LINE_OUTGOING;
			t = t->from_parent;
		} else {
			line->kind = BINDER_LINE_BAD;
			t = NULL;
		}
	}
	return t;
}

static void binder_show_stack(struct seq_file *m, struct binder_view *view,
			      struct binder_thread *thread)
{
	struct binder_queue *queue = thread->queue;
	struct binder_transaction *t, *held = NULL;

	do {
		/* The node may go with the buffer while its id is read. */
		rcu_read_lock();
		spin_lock(&queue->lock);
		t = held ?: READ_ONCE(thread->stack);
		/* Without the lock it may have been popped, and all below it. */
		if (held && !binder_is_serving(thread, held) &&
		    !binder_is_waiting(thread, held))
			t = NULL;
		t = binder_view_stack_locked(view, thread, t);
		if (t)
			refcount_inc(&t->holders);
		spin_unlock(&queue->lock);
		rcu_read_unlock();
		if (held)
			binder_message_put(&held->message);
		held = t;
		binder_show_lines(m, view, "    ");
		if (t)
			binder_show_pause();
	} while (t && !seq_has_overflowed(m));
	if (held)
		binder_message_put(&held->message);
}

/* Completions that a thread keeps aside. */
static void binder_show_owed(struct seq_file *m, struct binder_view *view,
			     u32 nr)
{
	if (!nr)
		return;
	view->nr = 1;
	view->line[0].kind = BINDER_LINE_TEXT;
	view->line[0].text = BINDER_COMPLETION_TEXT;
	view->line[0].times = nr;
	binder_show_lines(m, view, "    ");
}

static void binder_show_thread(struct seq_file *m, struct binder_view *view,
			       struct binder_thread *thread)
{
	struct binder_queue *queue = thread->queue;
	bool must_return, shown;
	u32 nr_owed;
	u8 looper;

	spin_lock(&queue->lock);
	looper = thread->looper;
	if (thread->sleeper.private)
		looper |= BINDER_LOOPER_WAITING;
	must_return = thread->must_return;
	nr_owed = READ_ONCE(thread->nr_owed);
	shown = !thread->dead && (!view->only_busy ||
				  READ_ONCE(thread->stack) ||
				  nr_owed || !list_empty(&thread->todo));
	spin_unlock(&queue->lock);
	if (!shown)
		return;
	binder_line_print_thread(m, pid_nr(thread->pid), looper, must_return);
	binder_show_stack(m, view, thread);
	binder_show_owed(m, view, nr_owed);
	binder_show_works(m, view, thread->proc, &thread->todo, "    ");
	binder_show_works(m, view, thread->proc, &thread->early, "    ");
}

/* Keep a thread if it is one of the first from @view->from on. */
static void binder_view_sort_in(struct binder_view *view,
				struct binder_thread *thread)
{
	pid_t tid = pid_nr(thread->pid);
	unsigned int i = view->nr;

	if (tid < view->from)
		return;
	/* A hint, to be quick with those that are not shown. */
	if (view->only_busy && !READ_ONCE(thread->stack) &&
	    !READ_ONCE(thread->nr_owed) && list_empty_careful(&thread->todo))
		return;
	if (i == BINDER_LINE_BATCH &&
	    pid_nr(view->thread[--i]->pid) < tid)
		return;
	for (; i && pid_nr(view->thread[i - 1]->pid) > tid; i--)
		view->thread[i] = view->thread[i - 1];
	view->thread[i] = thread;
	if (view->nr < BINDER_LINE_BATCH)
		view->nr++;
}

/* Find the next threads in the order of their numbers; without any lock. */
static void binder_view_threads(struct binder_view *view,
				struct binder_proc *proc)
{
	struct binder_thread *thread;
	unsigned int i;

	view->nr = 0;
	rcu_read_lock();
	for (i = 0; i < BINDER_THREAD_BUCKETS; i++)
		hlist_for_each_entry_rcu(thread, &proc->threads[i], hash_entry)
			binder_view_sort_in(view, thread);
	if (view->nr)
		view->next = pid_nr(view->thread[view->nr - 1]->pid) + 1;
	for (i = 0; i < view->nr; i++)
		if (!refcount_inc_not_zero(&view->thread[i]->refs))
			view->thread[i] = NULL;
	rcu_read_unlock();
}

/**
 * binder_show_threads() - the next threads of a process, with their work
 * @m: where to
 * @view: how
 * @proc: the process
 *
 * Return: true when there may be more.
 */
bool binder_show_threads(struct seq_file *m, struct binder_view *view,
			 struct binder_proc *proc)
{
	unsigned int i, nr;

	binder_view_threads(view, proc);
	nr = view->nr;
	for (i = 0; i < nr; i++) {
		struct binder_thread *thread = view->thread[i];

		if (!thread)
			continue;
		binder_show_thread(m, view, thread);
		binder_thread_put(thread);
	}
	return nr == BINDER_LINE_BATCH;
}

/* The first node from @view->from on, pinned, or NULL. */
static bool binder_view_wants_node(const struct binder_view *view,
				   const struct binder_node *node)
{
	return (!view->only_busy || node->async_busy) &&
	       (!view->only_dead || node->dead);
}

/* The next node, pinned, and whether it is one to show. */
static struct binder_node *binder_view_node(const struct binder_view *view,
					    struct binder_proc *proc,
					    bool *wanted)
{
	struct binder_node *node, *found = NULL;
	unsigned int left = BINDER_NODES_AT_ONCE;
	struct rb_node *rb;

	spin_lock(&proc->queue.lock);
	rb = proc->nodes.rb_node;
	while (rb) {
		node = rb_entry(rb, struct binder_node, rb_entry);
		if (node->ptr >= view->from) {
			found = node;
			rb = rb->rb_left;
		} else {
			rb = rb->rb_right;
		}
	}
	for (rb = found ? &found->rb_entry : NULL; rb; rb = rb_next(rb)) {
		found = rb_entry(rb, struct binder_node, rb_entry);
		*wanted = binder_view_wants_node(view, found);
		if (*wanted || !--left)
			break;
	}
	if (found)
		found->pins++;
	spin_unlock(&proc->queue.lock);
	return found;
}

static void binder_show_pids(struct seq_file *m, const struct binder_view *view)
{
	unsigned int i;

	for (i = 0; i < view->nr; i++)
		seq_printf(m, " %d", view->pid[i]);
}

/* Who holds refs, when they are too many for one step. */
static void binder_show_holders(struct seq_file *m, struct binder_view *view,
				struct binder_node *node)
{
	const struct binder_proc *last = NULL;
	unsigned int nr_strong = 0;
	bool more;

	do {
		binder_node_lock(node);
		view->nr = binder_ref_holders_locked(node, &last, view->pid,
						     BINDER_LINE_BATCH,
						     &nr_strong);
		binder_node_unlock(node);
		binder_show_pids(m, view);
		more = view->nr == BINDER_LINE_BATCH && !seq_has_overflowed(m);
		if (more)
			binder_show_pause();
	} while (more);
}

/*
 * Count those who hold the node strongly; true when they all are in @view->pid
 * afterwards.
 */
static bool binder_view_holders(struct binder_view *view,
				struct binder_node *node,
				struct binder_line_node *line)
{
	const struct binder_proc *last = NULL;
	bool more, all = true;
	u32 strong;

	line->refs = 0;
	line->strong_refs = 0;
	binder_node_lock(node);
	do {
		view->nr = binder_ref_holders_locked(node, &last, view->pid,
						     BINDER_LINE_BATCH,
						     &line->strong_refs);
		line->refs += view->nr;
		more = view->nr == BINDER_LINE_BATCH;
		if (more) {
			all = false;
			binder_node_unlock(node);
			binder_show_pause();
			binder_node_lock(node);
		}
	} while (more);
	strong = refcount_read(&node->strong);
	line->has_strong = node->has_strong;
	line->has_weak = node->has_weak;
	/* The counts of refs change under other locks. */
	line->local_strong = strong - min(strong, line->strong_refs);
	line->local_weak = node->local_weak;
	line->pins = node->pins;
	binder_node_unlock(node);
	return all;
}

static void binder_show_node(struct seq_file *m, struct binder_view *view,
			     struct binder_node *node)
{
	struct binder_line_node line = {
		.id = node->debug_id,
		.ptr = node->ptr,
		.cookie = node->cookie,
		.flags = node->flags,
	};
	struct binder_queue *queue = &node->proc->queue;
	bool all = binder_view_holders(view, node, &line);
	struct binder_walk walk;

	binder_line_print_node(m, &line, view->hashed);
	if (line.refs)
		seq_puts(m, " proc");
	if (all)
		binder_show_pids(m, view);
	else
		binder_show_holders(m, view, node);
	seq_putc(m, '\n');
	spin_lock(&queue->lock);
	binder_ring_walk_begin_locked(queue, &walk, &node->async_todo);
	spin_unlock(&queue->lock);
	binder_show_walk(m, view, queue, &walk, "    ",
			 BINDER_LINE_PENDING_ASYNC);
}

/**
 * binder_show_nodes() - the next node of a process, with oneway calls that wait
 * @m: where to
 * @view: how
 * @proc: the process
 *
 * Return: true when there may be more.
 */
bool binder_show_nodes(struct seq_file *m, struct binder_view *view,
		       struct binder_proc *proc)
{
	bool wanted = false;
	struct binder_node *node = binder_view_node(view, proc, &wanted);

	if (!node)
		return false;
	view->next = node->ptr + 1;
	if (wanted)
		binder_show_node(m, view, node);
	binder_node_unpin(node);
	return view->next != 0;
}

/**
 * binder_show_refs() - the next refs of a process
 * @m: where to
 * @view: how
 * @proc: the process
 *
 * Return: true when there may be more.
 */
bool binder_show_refs(struct seq_file *m, struct binder_view *view,
		      struct binder_proc *proc)
{
	u64 handle = view->from;
	struct binder_ref *ref;
	unsigned int i;

	view->nr = 0;
	binder_refs_lock(proc);
	ref = binder_handles_next(&proc->handles, &handle);
	while (ref && view->nr < BINDER_LINE_BATCH) {
		view->ref[view->nr++] = (struct binder_line_ref){
			.id = ref->debug_id,
			.handle = ref->handle,
			/* Changes under the owner's lock; printed only. */
			.is_dead = READ_ONCE(ref->node->dead),
			.node_id = ref->node->debug_id,
			.strong = ref->strong,
			.weak = ref->weak,
			.death = binder_death_of_locked(ref),
		};
		handle++;
		ref = binder_handles_next(&proc->handles, &handle);
	}
	binder_refs_unlock(proc);
	for (i = 0; i < view->nr; i++)
		binder_line_print_ref(m, &view->ref[i]);
	view->next = handle;
	return ref;
}

static void binder_view_buffer(const struct binder_buffer *buffer, void *arg)
{
	const struct binder_message *t =
		container_of(buffer, struct binder_message, buffer);
	struct binder_view *view = arg;

	view->buffer[view->nr++] = (struct binder_line_buffer){
		.id = t->debug_id,
		.offset = buffer->range.offset,
		.data_size = buffer->data_size,
		.offsets_size = buffer->offsets_size,
		.extra_size = buffer->extra_size,
		.is_active = !READ_ONCE(t->over),
	};
}

/**
 * binder_show_buffers() - the buffers of a process
 * @m: where to
 * @view: how
 * @proc: the process
 *
 * Return: false, that were all.
 */
bool binder_show_buffers(struct seq_file *m, struct binder_view *view,
			 struct binder_proc *proc)
{
	struct binder_alloc_walk walk;
	unsigned int i;
	bool more;

	binder_alloc_walk_begin(proc->alloc, &walk);
	do {
		view->nr = 0;
		binder_alloc_walk_on(proc->alloc, &walk, binder_view_buffer,
				     view, BINDER_LINE_BATCH);
		for (i = 0; i < view->nr; i++)
			binder_line_print_buffer(m, &view->buffer[i]);
		more = view->nr == BINDER_LINE_BATCH && !seq_has_overflowed(m);
		if (more)
			binder_show_pause();
	} while (more);
	binder_alloc_walk_end(proc->alloc, &walk);
	return false;
}

/**
 * binder_show_todo() - the work of a process that no thread has taken
 * @m: where to
 * @view: how
 * @proc: the process
 *
 * Return: false, that was all.
 */
bool binder_show_todo(struct seq_file *m, struct binder_view *view,
		      struct binder_proc *proc)
{
	bool deaths, freezes;

	binder_show_works(m, view, proc, &proc->queue.todo, "  ");
	spin_lock(&proc->queue.lock);
	deaths = !RB_EMPTY_ROOT(&proc->delivered_deaths);
	freezes = !RB_EMPTY_ROOT(&proc->delivered_freezes);
	spin_unlock(&proc->queue.lock);
	if (deaths)
		seq_puts(m, "  has delivered dead binder\n");
	if (freezes)
		seq_puts(m, "  has delivered freeze binder\n");
	return false;
}
