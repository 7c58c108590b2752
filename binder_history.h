/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The last transactions, and the last that failed.
 *
 * Each CPU keeps the last of its own, so that calls on different CPUs share no
 * line, and no lock is needed; readers take the newest of all. An
 * entry is made in the sending thread when a command begins, completed as things
 * become known, and copied to the ring when the command ends. Whoever is stuck
 * in between shows as incomplete.
 *
 * Entries in rings outlive what they speak of and hold numbers only, but for the
 * name of the device. That is a label, an object of its own that is kept when
 * the device goes, as long as an entry points to it. A label that nobody can use
 * for new entries any more is freed by whoever finds, with the mutex held, that
 * it is in no ring.
 */
#ifndef _BINDER_HISTORY_H
#define _BINDER_HISTORY_H

#include <linux/list.h>
#include <linux/types.h>

struct binder_history;
struct seq_file;

/* Entries of a ring, and lines of a file. */
#define BINDER_HISTORY_SIZE 32

/**
 * struct binder_label - the name of a device
 * @entry: link among those whose device is gone, under the mutex
 * @is_used: an entry points to it; only under the mutex, while looking for such
 * @text: the name
 */
struct binder_label {
	struct list_head entry;
	bool is_used;
	char text[];
};

/**
 * enum binder_history_type - how a message was sent
 * @BINDER_HISTORY_CALL: BC_TRANSACTION
 * @BINDER_HISTORY_ASYNC: BC_TRANSACTION with TF_ONE_WAY
 * @BINDER_HISTORY_REPLY: BC_REPLY
 */
enum binder_history_type {
	BINDER_HISTORY_CALL,
	BINDER_HISTORY_ASYNC,
	BINDER_HISTORY_REPLY,
};

/**
 * struct binder_history_entry - a transaction
 * @start: when it began, in jiffies
 * @cycles: when it began, by the counter of the CPU
 * @label: name of the device
 * @data_size: bytes of data, as sent
 * @offsets_size: bytes of offsets, as sent
 * @id: its id; 0 for an entry that was never used, or whose rest is being written
 * @from_pid: process that sent it
 * @from_tid: thread that sent it
 * @to_pid: process it went to, 0 when it did not get that far
 * @to_tid: thread it went to, 0 when none was chosen
 * @node_id: id of the target, 0 for replies
 * @handle: as sent
 * @cmd: BR_ code it failed with, 0 when it did not
 * @err: negative errno, or 0
 * @line: where it failed, a line of binder_transaction.c or binder_reply.c
 * @type: enum binder_history_type
 * @is_complete: the command ended
 */
struct binder_history_entry {
	u32 id;
	u32 node_id;
	unsigned long start;
	u64 cycles;
	struct binder_label *label;
	u64 data_size;
	u64 offsets_size;
	pid_t from_pid;
	pid_t from_tid;
	pid_t to_pid;
	pid_t to_tid;
	u32 handle;
	u32 cmd;
	s16 err;
	u16 line;
	u8 type;
	bool is_complete;
};

/**
 * struct binder_history_list - the newest entries, oldest first
 * @entry: the entries; those without an id come first
 */
struct binder_history_list {
	struct binder_history_entry entry[BINDER_HISTORY_SIZE];
};

/* What all of them are added to, and those that failed. */
extern struct binder_history binder_history_all;
extern struct binder_history binder_history_failed;

int binder_history_init(void);
void binder_history_exit(void);

bool binder_history_read(struct binder_history_entry *copy,
			 const struct binder_history_entry *entry);

struct binder_label *binder_label_create(const char *text, size_t len);
void binder_label_forget(struct binder_label *label);

void binder_history_add(struct binder_history_entry *entry);
void binder_history_add_failed(struct binder_history_entry *entry);
void binder_history_sort_in(struct binder_history_list *list,
			    const struct binder_history_entry *entry);
int binder_history_show(struct seq_file *m, struct binder_history *history,
			void (*add_more)(struct binder_history_list *list));

#endif /* _BINDER_HISTORY_H */
