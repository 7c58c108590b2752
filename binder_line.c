// SPDX-License-Identifier: GPL-2.0-only
/*
 * How lines of the logs look.
 */
#include <linux/jiffies.h>
#include <linux/seq_file.h>

#include "binder_line.h"

/* ABI: ids of buffers are shorter than those of messages. */
#define BINDER_BUFFER_ID_MASK	0x7ffffffU

/* The owner's names for a node are addresses in the owner. */
static void binder_line_print_names(struct seq_file *m, u64 ptr, u64 cookie,
				    bool hashed)
{
	if (hashed)
		seq_printf(m, " u%p c%p", (void *)(uintptr_t)ptr,
			   (void *)(uintptr_t)cookie);
	else
		seq_printf(m, " u%016llx c%016llx", ptr, cookie);
}

static void binder_line_print_message(struct seq_file *m, const char *indent,
				      const char *what,
				      const struct binder_line_message *msg)
{
	seq_printf(m, "%s%s %u: %pK from %d:%d to %d:%d code %x flags %x pri %d a%d r%d elapsed %ums",
		   indent, what, msg->id, msg->address, msg->from_pid,
		   msg->from_tid, msg->to_pid, msg->to_tid, msg->code,
		   msg->flags, msg->nice, msg->is_async, msg->is_reply,
		   jiffies_to_msecs(msg->age));
	if (msg->place == BINDER_LINE_FREED)
		seq_puts(m, " buffer free");
	if (msg->place == BINDER_LINE_PLACED) {
		if (msg->node_id)
			seq_printf(m, " node %u", msg->node_id);
		seq_printf(m, " size %u:%u offset %x", msg->data_size,
			   msg->offsets_size, msg->offset);
	}
	seq_putc(m, '\n');
}

static void binder_line_print_once(struct seq_file *m, const char *indent,
				   const struct binder_line *line, bool hashed)
{
	switch (line->kind) {
	case BINDER_LINE_OUTGOING:
		binder_line_print_message(m, indent, "outgoing transaction",
					  &line->message);
		break;
	case BINDER_LINE_INCOMING:
		binder_line_print_message(m, indent, "incoming transaction",
					  &line->message);
		break;
	case BINDER_LINE_BAD:
		binder_line_print_message(m, indent, "bad transaction",
					  &line->message);
		break;
	case BINDER_LINE_PENDING:
		binder_line_print_message(m, indent, "pending transaction",
					  &line->message);
		break;
	case BINDER_LINE_PENDING_ASYNC:
		binder_line_print_message(m, indent, "pending async transaction",
					  &line->message);
		break;
	case BINDER_LINE_NODE:
		seq_printf(m, "%snode work %u:", indent, line->node.id);
		binder_line_print_names(m, line->node.ptr, line->node.cookie,
					hashed);
		seq_putc(m, '\n');
		break;
	case BINDER_LINE_ERROR:
		seq_printf(m, "%stransaction error: %u\n", indent, line->number);
		break;
	case BINDER_LINE_TEXT:
		seq_printf(m, "%s%s\n", indent, line->text);
		break;
	case BINDER_LINE_UNKNOWN:
		seq_printf(m, "%sunknown work: type %u\n", indent, line->number);
		break;
	}
}

/**
 * binder_line_print() - print a line about work, or about a call on a stack
 * @m: where to
 * @indent: what stands before it
 * @line: the line
 * @hashed: hide addresses in the owner of a node
 */
void binder_line_print(struct seq_file *m, const char *indent,
		       const struct binder_line *line, bool hashed)
{
	u32 i;

	for (i = 0; i < line->times; i++)
		binder_line_print_once(m, indent, line, hashed);
}

/**
 * binder_line_print_thread() - print the line of a thread
 * @m: where to
 * @tid: the task
 * @looper: BINDER_LOOPER_* bits
 * @must_return: the next read does not block
 */
void binder_line_print_thread(struct seq_file *m, pid_t tid, u8 looper,
			      bool must_return)
{
	/* ABI: the last is a count of short-lived references. Ours has none. */
	seq_printf(m, "  thread %d: l %02x need_return %d tr 0\n", tid, looper,
		   must_return);
}

/**
 * binder_line_print_node() - print the line of a node, without its end
 * @m: where to
 * @node: the line
 * @hashed: hide addresses in the owner
 *
 * ABI: libbinderdebug counts the words of the whole line, with the priority
 * that Android's kernels print.
 */
void binder_line_print_node(struct seq_file *m,
			    const struct binder_line_node *node, bool hashed)
{
	seq_printf(m, "  node %u:", node->id);
	binder_line_print_names(m, node->ptr, node->cookie, hashed);
	seq_printf(m, " pri %u:%d hs %d hw %d ls %u lw %u is %u iw %u tr %u",
		   (node->flags & FLAT_BINDER_FLAG_SCHED_POLICY_MASK) >>
			FLAT_BINDER_FLAG_SCHED_POLICY_SHIFT,
		   (s8)(node->flags & FLAT_BINDER_FLAG_PRIORITY_MASK),
		   node->has_strong,
		   node->has_weak, node->local_strong, node->local_weak,
		   node->strong_refs, node->refs, node->pins);
}

/**
 * binder_line_print_ref() - print the line of a ref
 * @m: where to
 * @ref: the line
 */
void binder_line_print_ref(struct seq_file *m,
			   const struct binder_line_ref *ref)
{
	seq_printf(m, "  ref %u: desc %u %snode %u s %u w %u d %pK\n", ref->id,
		   ref->handle, ref->is_dead ? "dead " : "", ref->node_id,
		   ref->strong, ref->weak, ref->death);
}

/**
 * binder_line_print_buffer() - print the line of a buffer
 * @m: where to
 * @buffer: the line
 */
void binder_line_print_buffer(struct seq_file *m,
			      const struct binder_line_buffer *buffer)
{
	seq_printf(m, "  buffer %u: %x size %u:%u:%u %s\n",
		   buffer->id & BINDER_BUFFER_ID_MASK, buffer->offset,
		   buffer->data_size, buffer->offsets_size, buffer->extra_size,
		   buffer->is_active ? "active" : "delivered");
}
