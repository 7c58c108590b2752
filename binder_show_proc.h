/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the logs tell of one process, part by part.
 *
 * Each part is printed in steps. A step collects a few lines under the lock
 * that guards them and prints them when it is dropped; the next one begins
 * where it ended, by number or address, so that nothing is held between two
 * steps, not even the process. What changes meanwhile is seen or not; what
 * stays is printed once and in order.
 *
 * A step does not end inside a list (of work, of buffers, of those who refer to
 * a node). It keeps its place there while it prints, and gives up when the
 * reader's buffer is full: it will be repeated with a larger one.
 */
#ifndef _BINDER_SHOW_PROC_H
#define _BINDER_SHOW_PROC_H

#include "binder_line.h"
#include "binder_proc.h"

/* Lines that are collected at a time. */
#define BINDER_LINE_BATCH 16

/**
 * struct binder_view - how a process is looked at, and the lines of a step
 * @hashed: hide addresses in the owners of nodes
 * @only_busy: only what has to do with messages under way
 * @only_dead: only nodes whose owner was released
 * @from: where the part goes on: the least number or address not printed yet
 * @next: what @from shall be in the next step
 * @line: lines about work
 * @ref: lines of refs
 * @buffer: lines of buffers
 * @pid: holders of refs
 * @thread: threads, referenced
 * @nr: lines or threads collected
 */
struct binder_view {
	bool hashed;
	bool only_busy;
	bool only_dead;
	u64 from;
	u64 next;
	union {
		struct binder_line line[BINDER_LINE_BATCH];
		struct binder_line_ref ref[BINDER_LINE_BATCH];
		struct binder_line_buffer buffer[BINDER_LINE_BATCH];
		pid_t pid[BINDER_LINE_BATCH];
	};
	struct binder_thread *thread[BINDER_LINE_BATCH];
	unsigned int nr;
};

/* A part of a process: prints a step, tells whether there may be another. */
typedef bool binder_show_part_fn(struct seq_file *m, struct binder_view *view,
				 struct binder_proc *proc);

binder_show_part_fn binder_show_threads;
binder_show_part_fn binder_show_nodes;
binder_show_part_fn binder_show_refs;
binder_show_part_fn binder_show_buffers;
binder_show_part_fn binder_show_todo;

#endif /* _BINDER_SHOW_PROC_H */
