// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings of the last transactions.
 */
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "binder_history.h"

/**
 * struct binder_history_ring - the last entries of one CPU
 * @next: where the next entry goes; of the CPU, which is not preempted meanwhile
 * @entry: the entries. Others read them at any time: one that is being written
 *	has no id, and who finds another one afterwards has read nothing
 */
struct binder_history_ring {
	unsigned int next;
	struct binder_history_entry entry[BINDER_HISTORY_SIZE];
};

/**
 * struct binder_history - rings of all CPUs
 * @rings: one for each
 */
struct binder_history {
	struct binder_history_ring __percpu *rings;
};

struct binder_history binder_history_all;
struct binder_history binder_history_failed;

/* Held while names are printed or freed. */
static DEFINE_MUTEX(binder_labels_mutex);
/* Names whose device is gone, under the mutex. */
static LIST_HEAD(binder_labels_gone);

static int binder_history_init_rings(struct binder_history *history)
{
	history->rings = alloc_percpu(struct binder_history_ring);
	return history->rings ? 0 : -ENOMEM;
}

/**
 * binder_history_init() - make the rings
 *
 * Return: 0 or -ENOMEM.
 */
int binder_history_init(void)
{
	int ret = binder_history_init_rings(&binder_history_all);

	if (ret)
		return ret;
	ret = binder_history_init_rings(&binder_history_failed);
	if (ret)
		free_percpu(binder_history_all.rings);
	return ret;
}

/**
 * binder_history_exit() - drop the rings, and the names that only they had
 */
void binder_history_exit(void)
{
	struct binder_label *label, *next;

	free_percpu(binder_history_failed.rings);
	free_percpu(binder_history_all.rings);
	list_for_each_entry_safe(label, next, &binder_labels_gone, entry)
		kfree(label);
}

/**
 * binder_label_create() - make the name of a device
 * @text: the name, not terminated
 * @len: its length in bytes
 *
 * Return: the label, or NULL without memory.
 */
struct binder_label *binder_label_create(const char *text, size_t len)
{
	struct binder_label *label;

	label = kzalloc(struct_size(label, text, len + 1), GFP_KERNEL_ACCOUNT);
	if (label)
		memcpy(label->text, text, len);
	return label;
}

static void binder_labels_mark(struct binder_history *history)
{
	unsigned int i;
	int cpu;

	lockdep_assert_held(&binder_labels_mutex);
	for_each_possible_cpu(cpu) {
		struct binder_history_ring *ring = per_cpu_ptr(history->rings, cpu);

		for (i = 0; i < BINDER_HISTORY_SIZE; i++) {
			struct binder_label *label =
				READ_ONCE(ring->entry[i].label);

			if (label)
				label->is_used = true;
		}
	}
}

/**
 * binder_label_forget() - a device is gone, no entry will get its name
 * @label: the name
 *
 * Frees it, and others forgotten before, unless they are in a ring.
 */
void binder_label_forget(struct binder_label *label)
{
	struct binder_label *next;

	mutex_lock(&binder_labels_mutex);
	list_add(&label->entry, &binder_labels_gone);
	list_for_each_entry(label, &binder_labels_gone, entry)
		label->is_used = false;
	binder_labels_mark(&binder_history_all);
	binder_labels_mark(&binder_history_failed);
	list_for_each_entry_safe(label, next, &binder_labels_gone, entry) {
		if (label->is_used)
			continue;
		list_del(&label->entry);
		kfree(label);
	}
	mutex_unlock(&binder_labels_mutex);
}

static __always_inline void
binder_history_copy(struct binder_history *history,
		    const struct binder_history_entry *entry)
{
	const size_t rest = offsetofend(struct binder_history_entry, id);
	struct binder_history_ring *ring = get_cpu_ptr(history->rings);
	struct binder_history_entry *to =
		&ring->entry[ring->next++ % BINDER_HISTORY_SIZE];

	WRITE_ONCE(to->id, 0);
	smp_wmb();	/* pairs with smp_rmb() in binder_history_read() */
	memcpy((char *)to + rest, (const char *)entry + rest,
	       sizeof(*to) - rest);
	/* Pairs with smp_load_acquire() in binder_history_read(). */
	smp_store_release(&to->id, entry->id);
	put_cpu_ptr(history->rings);
}

/**
 * binder_history_read() - read an entry that may be written meanwhile
 * @copy: receives it
 * @entry: the entry
 *
 * Return: true when there is one and all of it was read.
 */
bool binder_history_read(struct binder_history_entry *copy,
			 const struct binder_history_entry *entry)
{
	/* Pairs with the store at the end of writing an entry. */
	u32 id = smp_load_acquire(&entry->id);

	/* Whether it was written meanwhile the id tells. */
	data_race(*copy = *entry);
	smp_rmb(); /* pairs with the barrier at the begin of writing */
	return id && id == READ_ONCE(entry->id);
}

/**
 * binder_history_add() - the command ends that an entry is about
 * @entry: the entry, in the sending thread
 */
void binder_history_add(struct binder_history_entry *entry)
{
	WRITE_ONCE(entry->is_complete, true);
	binder_history_copy(&binder_history_all, entry);
}

/**
 * binder_history_add_failed() - the same, and the command failed
 * @entry: the entry, in the sending thread
 */
void binder_history_add_failed(struct binder_history_entry *entry)
{
	binder_history_add(entry);
	binder_history_copy(&binder_history_failed, entry);
}

/* Cycles tell more than jiffies, but not all CPUs may count alike. */
static bool binder_history_is_older(const struct binder_history_entry *entry,
				    const struct binder_history_entry *other)
{
	if (entry->start != other->start)
		return time_before(entry->start, other->start);
	return entry->cycles < other->cycles;
}

/**
 * binder_history_sort_in() - add an entry if it is one of the newest
 * @list: the list
 * @entry: the entry
 */
void binder_history_sort_in(struct binder_history_list *list,
			    const struct binder_history_entry *entry)
{
	struct binder_history_entry *at = list->entry;
	unsigned int i = 0;

	if (!entry->id || (at[0].id && binder_history_is_older(entry, &at[0])))
		return;
	while (i + 1 < BINDER_HISTORY_SIZE &&
	       (!at[i + 1].id || !binder_history_is_older(entry, &at[i + 1])))
		i++;
	memmove(at, at + 1, i * sizeof(*at));
	at[i] = *entry;
}

static void binder_history_print(struct seq_file *m,
				 const struct binder_history_entry *entry)
{
	/* ABI: words of the same width. */
	static const char *const types[] = {
		[BINDER_HISTORY_CALL] = "call ",
		[BINDER_HISTORY_ASYNC] = "async",
		[BINDER_HISTORY_REPLY] = "reply",
	};

	seq_printf(m, "%u: %s from %d:%d to %d:%d context %s node %u handle %d size %llu:%llu ret %u/%d l=%u%s\n",
		   entry->id, types[entry->type], entry->from_pid,
		   entry->from_tid, entry->to_pid, entry->to_tid,
		   entry->label->text, entry->node_id, (s32)entry->handle,
		   entry->data_size, entry->offsets_size, entry->cmd,
		   entry->err, entry->line,
		   entry->is_complete ? "" : " (incomplete)");
}

static void binder_history_collect(struct binder_history_list *list,
				   struct binder_history *history)
{
	struct binder_history_entry copy;
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct binder_history_ring *ring = per_cpu_ptr(history->rings, cpu);

		for (i = 0; i < BINDER_HISTORY_SIZE; i++)
			if (binder_history_read(&copy, &ring->entry[i]))
				binder_history_sort_in(list, &copy);
	}
}

/**
 * binder_history_show() - print the newest entries, oldest first
 * @m: where to
 * @history: of which
 * @add_more: adds those that are in no ring yet, or NULL; labels of its entries
 *	stay while it is called and afterwards, until all is printed
 *
 * Return: 0 or -ENOMEM.
 */
int binder_history_show(struct seq_file *m, struct binder_history *history,
			void (*add_more)(struct binder_history_list *list))
{
	struct binder_history_list *list;
	unsigned int i;

	list = kzalloc(sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	mutex_lock(&binder_labels_mutex);
	binder_history_collect(list, history);
	/* Afterwards: what ends meanwhile is missed rather than shown twice. */
	if (add_more)
		add_more(list);
	for (i = 0; i < BINDER_HISTORY_SIZE; i++)
		if (list->entry[i].id)
			binder_history_print(m, &list->entry[i]);
	mutex_unlock(&binder_labels_mutex);
	kfree(list);
	return 0;
}
