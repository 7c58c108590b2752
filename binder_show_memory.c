// SPDX-License-Identifier: GPL-2.0-only
/*
 * Areas: how full they are, and by whom.
 */
#include <linux/seq_file.h>
#include <linux/uidgid.h>

#include "binder_show_memory.h"
#include "binder_show_proc.h"

/**
 * binder_show_memory_head() - numbers of all areas together
 * @m: where to
 */
void binder_show_memory_head(struct seq_file *m)
{
	seq_printf(m, "idle pages: %ld\n", binder_page_count_idle());
}

/**
 * binder_show_memory() - the area of a process
 * @m: where to
 * @view: unused, as there are no steps
 * @proc: the process
 *
 * Return: false, that were all.
 */
bool binder_show_memory(struct seq_file *m, struct binder_view *view,
			struct binder_proc *proc)
{
	struct binder_alloc_space space;

	binder_alloc_get_space(proc->alloc, &space);
	seq_printf(m, "  area: %u\n", space.size);
	seq_printf(m, "  used: %u in %u buffers\n", space.used,
		   space.nr_buffers);
	seq_printf(m, "  largest gap: %u\n", space.largest_gap);
	seq_printf(m, "  pages: %u of %u, idle %u\n", space.nr_pages,
		   space.nr_slots, space.nr_idle);
	seq_printf(m, "  page faults: %llu\n", space.nr_faults);
	seq_printf(m, "  prefaults skipped: %llu\n",
		   space.nr_prefaults_skipped);
	seq_printf(m, "  pages reclaimed: %llu\n", space.nr_reclaimed);
	seq_printf(m, "  reclaims cancelled: %llu\n",
		   space.nr_reclaims_cancelled);
	seq_printf(m, "  refused by quota: %llu\n", space.nr_refused);
	return false;
}

/**
 * binder_show_memory_users() - whose messages are in the area of a process
 * @m: where to
 * @view: how; a step begins with the least uid not printed yet
 * @proc: the process
 *
 * Return: whether there may be more.
 */
bool binder_show_memory_users(struct seq_file *m, struct binder_view *view,
			      struct binder_proc *proc)
{
	struct binder_alloc_user user;

	if (view->from > U32_MAX ||
	    !binder_alloc_next_user(proc->alloc, view->from, &user))
		return false;
	seq_printf(m, "  user %u: %u in %u buffers\n",
		   from_kuid(&init_user_ns, user.euid), user.bytes,
		   user.nr_buffers);
	view->next = (u64)__kuid_val(user.euid) + 1;
	return true;
}
