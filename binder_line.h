/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lines of the logs: what stands in one, and how it looks.
 *
 * A line is plain data, collected under whatever lock guards it and printed
 * when that lock is dropped, so that nobody waits for a reader's memory. It
 * points to nothing that can be followed: addresses are there to be printed.
 *
 * ABI: the texts. Tools split these lines at single spaces and count words.
 */
#ifndef _BINDER_LINE_H
#define _BINDER_LINE_H

#include <linux/types.h>

#include "include/uapi/linux/android/binder.h"

struct seq_file;

/**
 * enum binder_line_place - what is told of a message's buffer
 * @BINDER_LINE_NOWHERE: nothing, it is not the printed process's
 * @BINDER_LINE_FREED: that it was freed
 * @BINDER_LINE_PLACED: where it is
 */
enum binder_line_place {
	BINDER_LINE_NOWHERE,
	BINDER_LINE_FREED,
	BINDER_LINE_PLACED,
};

/**
 * struct binder_line_message - a message on a stack or in a list
 * @address: its address
 * @age: how long ago it was sent, in jiffies
 * @id: its id
 * @from_pid: process that sent it
 * @from_tid: thread that sent it
 * @to_pid: process it is for, 0 when that is gone
 * @to_tid: thread it is for, 0 when none was chosen
 * @code: as sent
 * @flags: as sent
 * @nice: of the sender
 * @is_async: it is a oneway call
 * @is_reply: it is a reply
 * @place: which of the rest is told
 * @node_id: id of the node it is addressed to, 0 in a reply
 * @data_size: bytes of data
 * @offsets_size: bytes of the offsets array
 * @offset: where it lies in the area
 */
struct binder_line_message {
	const void *address;
	u32 age;
	u32 id;
	pid_t from_pid;
	pid_t from_tid;
	pid_t to_pid;
	pid_t to_tid;
	u32 code;
	u32 flags;
	int nice;
	bool is_async;
	bool is_reply;
	enum binder_line_place place;
	u32 node_id;
	u32 data_size;
	u32 offsets_size;
	u32 offset;
};

/**
 * enum binder_line_kind - what a line is about
 * @BINDER_LINE_OUTGOING: a call the thread waits for
 * @BINDER_LINE_INCOMING: a call the thread serves
 * @BINDER_LINE_BAD: a message on a stack where it should not be
 * @BINDER_LINE_PENDING: a message to be delivered
 * @BINDER_LINE_PENDING_ASYNC: a oneway call behind another of its node
 * @BINDER_LINE_NODE: a change of references to be told
 * @BINDER_LINE_ERROR: a BR_ code to be told
 * @BINDER_LINE_TEXT: a text that says it all
 * @BINDER_LINE_UNKNOWN: work without a name of its own, by its old number
 */
enum binder_line_kind {
	BINDER_LINE_OUTGOING,
	BINDER_LINE_INCOMING,
	BINDER_LINE_BAD,
	BINDER_LINE_PENDING,
	BINDER_LINE_PENDING_ASYNC,
	BINDER_LINE_NODE,
	BINDER_LINE_ERROR,
	BINDER_LINE_TEXT,
	BINDER_LINE_UNKNOWN,
};

/**
 * struct binder_line - a line about work, or about a call on a stack
 * @kind: what it is about
 * @times: how many lines of it there are, one after the other
 * @message: the message, for the first five kinds
 * @node: the node, for BINDER_LINE_NODE
 * @number: BR_ code or number, for BINDER_LINE_ERROR and BINDER_LINE_UNKNOWN
 * @text: the text, constant, for BINDER_LINE_TEXT
 */
struct binder_line {
	enum binder_line_kind kind;
	u32 times;
	union {
		struct binder_line_message message;
		struct {
			u32 id;
			binder_uintptr_t ptr;
			binder_uintptr_t cookie;
		} node;
		u32 number;
		const char *text;
	};
};

/**
 * struct binder_line_node - the line of a node, up to those who refer to it
 * @id: its id
 * @ptr: the owner's name for it
 * @cookie: the owner's second value
 * @flags: flags word of the object
 * @has_strong: the owner was told of a strong reference
 * @has_weak: the owner was told of a weak reference
 * @local_strong: strong references that are no refs
 * @local_weak: weak references that are no refs
 * @strong_refs: refs that hold it strongly
 * @refs: refs
 * @pins: short-lived references
 */
struct binder_line_node {
	u32 id;
	binder_uintptr_t ptr;
	binder_uintptr_t cookie;
	u32 flags;
	bool has_strong;
	bool has_weak;
	u32 local_strong;
	u32 local_weak;
	u32 strong_refs;
	u32 refs;
	u32 pins;
};

/**
 * struct binder_line_ref - the line of a ref
 * @id: its id
 * @handle: its number
 * @is_dead: the owner of the node was released
 * @node_id: id of the node
 * @strong: strong count
 * @weak: weak count
 * @death: address of the request for a death notice, or NULL
 */
struct binder_line_ref {
	u32 id;
	u32 handle;
	bool is_dead;
	u32 node_id;
	u32 strong;
	u32 weak;
	const void *death;
};

/**
 * struct binder_line_buffer - the line of a buffer
 * @id: id of the message
 * @offset: where it lies in the area
 * @data_size: bytes of data
 * @offsets_size: bytes of the offsets array
 * @extra_size: bytes behind them
 * @is_active: the message is not delivered or not answered
 */
struct binder_line_buffer {
	u32 id;
	u32 offset;
	u32 data_size;
	u32 offsets_size;
	u32 extra_size;
	bool is_active;
};

void binder_line_print(struct seq_file *m, const char *indent,
		       const struct binder_line *line, bool hashed);
void binder_line_print_thread(struct seq_file *m, pid_t tid, u8 looper,
			      bool must_return);
void binder_line_print_node(struct seq_file *m,
			    const struct binder_line_node *node, bool hashed);
void binder_line_print_ref(struct seq_file *m,
			   const struct binder_line_ref *ref);
void binder_line_print_buffer(struct seq_file *m,
			      const struct binder_line_buffer *buffer);

#endif /* _BINDER_LINE_H */
