// SPDX-License-Identifier: GPL-2.0-only
/*
 * Going through all processes, or those of one pid, part by part.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "binder_context.h"
#include "binder_history.h"
#include "binder_release.h"
#include "binder_show.h"
#include "binder_show_memory.h"
#include "binder_show_proc.h"
#include "binder_show_stats.h"

/**
 * struct binder_show_kind - what is in a file
 * @parts: parts of a process, ended by NULL
 * @title: its first line, or NULL
 * @block_title: first line of each process, or NULL
 * @head: prints what comes before the processes, or NULL
 * @released: begin with the nodes of released processes
 * @only_busy: only what has to do with messages under way
 * @hashed: hide addresses in the owners of nodes
 */
struct binder_show_kind {
	binder_show_part_fn * const *parts;
	const char *title;
	const char *block_title;
	void (*head)(struct seq_file *m);
	bool released;
	bool only_busy;
	bool hashed;
};

/**
 * enum binder_show_stage - how far a file was read
 * @BINDER_SHOW_TITLE: not at all
 * @BINDER_SHOW_RELEASED: nodes of released processes
 * @BINDER_SHOW_PROCS: processes
 * @BINDER_SHOW_END: all of it
 */
enum binder_show_stage {
	BINDER_SHOW_TITLE,
	BINDER_SHOW_RELEASED,
	BINDER_SHOW_PROCS,
	BINDER_SHOW_END,
};

/**
 * struct binder_show_place - where a file is read
 * @stage: roughly
 * @titled: the heading of the stage, or of the process, was printed
 * @part: part of the process
 * @proc: place of the process
 * @from: see &binder_view.from
 */
struct binder_show_place {
	enum binder_show_stage stage;
	bool titled;
	unsigned int part;
	unsigned long proc;
	u64 from;
};

/**
 * struct binder_show - an open file
 * @kind: what is in it
 * @pid: only processes that this one opened; 0 for all
 * @here: place of the step that is printed, possibly several times
 * @then: place of the step behind it
 * @view: for the parts
 * @name: of the device of a process
 */
struct binder_show {
	const struct binder_show_kind *kind;
	pid_t pid;
	struct binder_show_place here;
	struct binder_show_place then;
	struct binder_view view;
	char name[256];
};

/* Go on with the next process. */
static void binder_show_next_proc(struct binder_show *show, unsigned long place)
{
	show->then = (struct binder_show_place){
		.stage = show->here.stage,
		.titled = show->here.stage == BINDER_SHOW_RELEASED &&
			  show->then.titled,
		.proc = place + 1,
	};
}

/*
 * A heading between @start and @headed goes again when nothing followed it. A
 * full buffer tells nothing: the step will be repeated.
 */
static void binder_show_keep_title(struct seq_file *m, struct binder_show *show,
				   size_t start, size_t headed)
{
	if (m->count > headed)
		show->then.titled = true;
	else if (!seq_has_overflowed(m))
		m->count = start;
}

static void binder_show_title(struct seq_file *m, struct binder_show *show)
{
	if (show->kind->title)
		seq_printf(m, "%s\n", show->kind->title);
	if (show->kind->head)
		show->kind->head(m);
	show->then.stage = show->kind->released ? BINDER_SHOW_RELEASED :
						  BINDER_SHOW_PROCS;
}

/* Nodes of processes that are gone; there is a heading if there are any. */
static void binder_show_released(struct seq_file *m, struct binder_show *show)
{
	struct binder_proc *proc = binder_proc_seek(show->here.proc, true);
	size_t start = m->count, headed;
	bool more;

	if (!proc) {
		show->then = (struct binder_show_place){
			.stage = BINDER_SHOW_PROCS };
		return;
	}
	if (proc->place != show->here.proc)
		show->view.from = 0;
	if (!show->here.titled)
		seq_puts(m, "dead nodes:\n");
	headed = m->count;
	show->view.only_dead = true;
	more = binder_show_nodes(m, &show->view, proc);
	show->view.only_dead = false;
	binder_show_keep_title(m, show, start, headed);
	show->then.proc = proc->place;
	show->then.from = show->view.next;
	if (!more)
		binder_show_next_proc(show, proc->place);
	binder_proc_put(proc);
}

/* The context goes while the process is being released. */
static bool binder_show_copy_name(struct binder_show *show,
				  struct binder_proc *proc)
{
	bool alive;

	spin_lock(&proc->queue.lock);
	alive = !proc->queue.dead;
	if (alive)
		strscpy(show->name, proc->context->name, sizeof(show->name));
	spin_unlock(&proc->queue.lock);
	return alive;
}

/* A step of a process; its heading goes where nothing else is told. */
static void binder_show_part(struct seq_file *m, struct binder_show *show,
			     struct binder_proc *proc)
{
	const struct binder_show_kind *kind = show->kind;
	size_t start = m->count, headed;
	bool more;

	if (!show->here.titled) {
		/* Once, not again for each step that told nothing. */
		if (!show->here.part && !show->here.from)
			binder_release_exited_threads(proc);
		if (!binder_show_copy_name(show, proc)) {
			binder_show_next_proc(show, proc->place);
			return;
		}
		if (kind->block_title)
			seq_printf(m, "%s\n", kind->block_title);
		seq_printf(m, "proc %d\ncontext %s\n", pid_nr(proc->tgid),
			   show->name);
	}
	headed = m->count;
	more = kind->parts[show->here.part](m, &show->view, proc);
	if (kind->only_busy)
		binder_show_keep_title(m, show, start, headed);
	else
		show->then.titled = true;
	show->then.proc = proc->place;
	show->then.from = more ? show->view.next : 0;
	show->then.part += !more;
	if (!kind->parts[show->then.part])
		binder_show_next_proc(show, proc->place);
}

static struct binder_proc *binder_show_find_proc(const struct binder_show *show)
{
	struct binder_proc *proc = binder_proc_seek(show->here.proc, false);

	while (proc && show->pid && pid_nr(proc->tgid) != show->pid) {
		unsigned long place = proc->place + 1;

		binder_proc_put(proc);
		cond_resched();
		proc = binder_proc_seek(place, false);
	}
	return proc;
}

static void binder_show_procs(struct seq_file *m, struct binder_show *show)
{
	struct binder_proc *proc = binder_show_find_proc(show);

	if (!proc) {
		show->then.stage = BINDER_SHOW_END;
		return;
	}
	/* Not the one that was printed in the last step: that is gone. */
	if (proc->place != show->here.proc) {
		show->here.titled = false;
		show->here.part = 0;
		show->here.from = 0;
		show->view.from = 0;
		show->then = show->here;
	}
	binder_show_part(m, show, proc);
	binder_proc_put(proc);
}

static int binder_show_step(struct seq_file *m, void *v)
{
	struct binder_show *show = v;

	show->then = show->here;
	show->view.from = show->here.from;
	switch (show->here.stage) {
	case BINDER_SHOW_TITLE:
		binder_show_title(m, show);
		break;
	case BINDER_SHOW_RELEASED:
		binder_show_released(m, show);
		break;
	case BINDER_SHOW_PROCS:
		binder_show_procs(m, show);
		break;
	case BINDER_SHOW_END:
		break;
	}
	return 0;
}

static void *binder_show_start(struct seq_file *m, loff_t *pos)
{
	struct binder_show *show = m->private;

	/* Any other place is where the last read stopped. */
	if (!*pos)
		show->here = (struct binder_show_place){};
	return show->here.stage == BINDER_SHOW_END ? NULL : show;
}

static void *binder_show_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct binder_show *show = v;

	cond_resched();
	++*pos;
	show->here = show->then;
	return show->here.stage == BINDER_SHOW_END ? NULL : show;
}

static void binder_show_stop(struct seq_file *m, void *v)
{
}

static const struct seq_operations binder_show_seq_ops = {
	.start = binder_show_start,
	.next = binder_show_next,
	.stop = binder_show_stop,
	.show = binder_show_step,
};

static int binder_show_open_as(struct file *filp,
			       const struct binder_show_kind *kind, pid_t pid)
{
	struct binder_show *show = __seq_open_private(filp,
						      &binder_show_seq_ops,
						      sizeof(*show));

	if (!show)
		return -ENOMEM;
	show->kind = kind;
	show->pid = pid;
	show->view.hashed = kind->hashed;
	show->view.only_busy = kind->only_busy;
	return 0;
}

/* --- The files ----------------------------------------------------------------- */

static binder_show_part_fn * const binder_show_state_parts[] = {
	binder_show_threads,
	binder_show_nodes,
	binder_show_refs,
	binder_show_buffers,
	binder_show_todo,
	NULL
};

static binder_show_part_fn * const binder_show_transactions_parts[] = {
	binder_show_threads,
	binder_show_nodes,
	binder_show_buffers,
	binder_show_todo,
	NULL
};

static binder_show_part_fn * const binder_show_stats_parts[] = {
	binder_show_stats,
	NULL
};

static binder_show_part_fn * const binder_show_memory_parts[] = {
	binder_show_memory,
	binder_show_memory_users,
	NULL
};

static const struct binder_show_kind binder_show_state = {
	.title = "binder state:",
	.parts = binder_show_state_parts,
	.released = true,
};

static const struct binder_show_kind binder_show_state_hashed = {
	.title = "binder state:",
	.parts = binder_show_state_parts,
	.released = true,
	.hashed = true,
};

static const struct binder_show_kind binder_show_transactions = {
	.title = "binder transactions:",
	.parts = binder_show_transactions_parts,
	.only_busy = true,
};

static const struct binder_show_kind binder_show_transactions_hashed = {
	.title = "binder transactions:",
	.parts = binder_show_transactions_parts,
	.only_busy = true,
	.hashed = true,
};

static const struct binder_show_kind binder_show_stats_kind = {
	.title = "binder stats:",
	.head = binder_totals_show,
	.parts = binder_show_stats_parts,
};

static const struct binder_show_kind binder_show_memory_kind = {
	.title = "binder memory:",
	.head = binder_show_memory_head,
	.parts = binder_show_memory_parts,
};

static const struct binder_show_kind binder_show_pid = {
	.block_title = "binder proc state:",
	.parts = binder_show_state_parts,
};

static int binder_show_open(struct inode *inode, struct file *filp)
{
	return binder_show_open_as(filp, inode->i_private, 0);
}

static int binder_show_pid_open(struct inode *inode, struct file *filp)
{
	return binder_show_open_as(filp, &binder_show_pid,
				   (unsigned long)inode->i_private);
}

static const struct file_operations binder_show_fops = {
	.owner = THIS_MODULE,
	.open = binder_show_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

const struct file_operations binder_show_pid_fops = {
	.owner = THIS_MODULE,
	.open = binder_show_pid_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

/* Add what the threads of a process are sending at the moment. */
static void binder_show_add_unfinished_of(struct binder_history_list *list,
					  struct binder_proc *proc)
{
	struct binder_history_entry copy;
	struct binder_thread *thread;
	int i;

	rcu_read_lock();
	for (i = 0; i < BINDER_THREAD_BUCKETS; i++) {
		hlist_for_each_entry_rcu(thread, &proc->threads[i],
					 hash_entry) {
			if (binder_history_read(&copy, &thread->sent) &&
			    !copy.is_complete)
				binder_history_sort_in(list, &copy);
		}
	}
	rcu_read_unlock();
}

static void binder_show_add_unfinished(struct binder_history_list *list)
{
	struct binder_proc *proc = binder_proc_seek(0, false);

	while (proc) {
		unsigned long place = proc->place;

		binder_show_add_unfinished_of(list, proc);
		binder_proc_put(proc);
		cond_resched();
		proc = binder_proc_seek(place + 1, false);
	}
}

static int binder_show_history(struct seq_file *m, void *v)
{
	struct binder_history *history = m->private;

	/* What did not end did not fail. */
	return binder_history_show(m, history, history == &binder_history_all ?
					       binder_show_add_unfinished :
					       NULL);
}

static int binder_show_history_open(struct inode *inode, struct file *filp)
{
	return single_open(filp, binder_show_history, inode->i_private);
}

static const struct file_operations binder_show_history_fops = {
	.owner = THIS_MODULE,
	.open = binder_show_history_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

const struct binder_fs_log binder_show_logs[] = {
	{ "state", &binder_show_fops, &binder_show_state },
	{ "state_hashed", &binder_show_fops, &binder_show_state_hashed },
	{ "memory", &binder_show_fops, &binder_show_memory_kind },
	{ "stats", &binder_show_fops, &binder_show_stats_kind },
	{ "transactions", &binder_show_fops, &binder_show_transactions },
	{ "transactions_hashed", &binder_show_fops,
	  &binder_show_transactions_hashed },
	{ "transaction_log", &binder_show_history_fops, &binder_history_all },
	{ "failed_transaction_log", &binder_show_history_fops,
	  &binder_history_failed },
	{}
};
