// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of messages and of other items of lists, as the logs show them.
 */
#include "binder_death.h"
#include "binder_delivery.h"
#include "binder_freeze.h"
#include "binder_message.h"
#include "binder_show_line.h"

/* Numbers of work that other drivers print as unknown, too. */
#define BINDER_WORK_PENDING_FROZEN	3
#define BINDER_WORK_SPAM_SUSPECT	4

/**
 * binder_line_of_message() - collect what is told of a message
 * @line: receives it
 * @t: the message, under the lock of the receiver or of the sender who waits
 * @is_receiver: of the receiver
 */
void binder_line_of_message(struct binder_line_message *line,
			    const struct binder_message *t, bool is_receiver)
{
	const struct binder_transaction *call =
		t->buffer.is_async ? NULL : binder_transaction_of(t);
	const struct binder_thread *from = call ? call->from : NULL;
	const struct binder_node *node = t->node;
	/* A call that has ended waits for its caller, not for the receiver. */
	bool is_gone = !is_receiver && call && call->error.cmd != BR_OK;

	*line = (struct binder_line_message){
		.address = t,
		.age = (u32)jiffies - t->start,
		.id = t->debug_id,
		.from_pid = from ? pid_nr(from->proc->tgid) : t->from_pid,
		.from_tid = from ? pid_nr(from->pid) : t->from_tid,
		.to_pid = is_gone ? 0 : pid_nr(t->to->tgid),
		.to_tid = call && !is_gone ? READ_ONCE(call->to_tid) : 0,
		.code = t->code,
		.flags = t->flags,
		.nice = t->nice,
		.is_async = !call,
		.is_reply = t->work.ops == &binder_reply_ops,
	};
	if (!is_receiver)
		return;
	if (READ_ONCE(t->unbuilt)) {
		line->place = BINDER_LINE_FREED;
		return;
	}
	line->place = BINDER_LINE_PLACED;
	line->node_id = node ? node->debug_id : 0;
	line->data_size = t->buffer.data_size;
	line->offsets_size = t->buffer.offsets_size;
	line->offset = t->buffer.range.offset;
}

static void binder_line_of_completion(struct binder_line *line,
				      const struct binder_message *t)
{
	if (t->buffer.is_async)
		line->times = t->nr_completions;
	line->kind = BINDER_LINE_UNKNOWN;
	if (t->completion_cmd == BR_TRANSACTION_PENDING_FROZEN) {
		line->number = BINDER_WORK_PENDING_FROZEN;
	} else if (t->completion_cmd == BR_ONEWAY_SPAM_SUSPECT) {
		line->number = BINDER_WORK_SPAM_SUSPECT;
	} else {
		line->kind = BINDER_LINE_TEXT;
		line->text = BINDER_COMPLETION_TEXT;
	}
}

/* How a call ended: with an answer, if its caller was elsewhere when that came. */
static void binder_line_of_end(struct binder_line *line,
			       const struct binder_transaction *t,
			       enum binder_line_kind message_kind)
{
	if (t->error.cmd == BR_REPLY) {
		line->kind = message_kind;
		binder_line_of_message(&line->message, &t->reply->message, true);
	} else {
		line->kind = BINDER_LINE_ERROR;
		line->number = t->error.cmd;
	}
}

/**
 * binder_line_of_work() - collect what is told of an item of a list
 * @line: receives it
 * @work: the item, under the lock of its list
 * @message_kind: what a message is called there
 */
void binder_line_of_work(struct binder_line *line, const struct binder_work *work,
			 enum binder_line_kind message_kind)
{
	const struct binder_node *node;

	line->kind = BINDER_LINE_TEXT;
	line->times = 1;
	switch (work->ops->kind) {
	case BINDER_WORK_MESSAGE:
		line->kind = message_kind;
		binder_line_of_message(&line->message,
				       container_of(work, struct binder_message,
						    work), true);
		break;
	case BINDER_WORK_COMPLETION:
		binder_line_of_completion(line,
					  container_of(work,
						       struct binder_message,
						       completion));
		break;
	case BINDER_WORK_FAILURE:
		binder_line_of_end(line, container_of(work,
						      struct binder_transaction,
						      work), message_kind);
		break;
	case BINDER_WORK_ERROR:
		line->kind = BINDER_LINE_ERROR;
		line->number = container_of(work, struct binder_thread_error,
					    work)->cmd;
		break;
	case BINDER_WORK_NODE:
		node = container_of(work, struct binder_node, work);
		line->kind = BINDER_LINE_NODE;
		line->node.id = node->debug_id;
		line->node.ptr = node->ptr;
		line->node.cookie = node->cookie;
		break;
	case BINDER_WORK_DEATH:
		line->text = binder_death_text(work);
		break;
	case BINDER_WORK_FREEZE:
		line->text = binder_freeze_text(work);
		break;
	}
}
