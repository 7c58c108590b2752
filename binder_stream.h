/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cursor of the BR_ stream: where a thread's read stores records. It lives
 * on the stack of the ioctl; nobody else sees it.
 */
#ifndef _BINDER_STREAM_H
#define _BINDER_STREAM_H

#include <linux/tracepoint-defs.h>
#include <linux/types.h>

#include "binder_stats.h"
#include "binder_user.h"

struct binder_thread;

/* ABI: no item is taken when less than the largest record fits. */
#define BINDER_RECORD_ROOM \
	(sizeof(u32) + sizeof(struct binder_transaction_data_secctx))

/**
 * struct binder_stream - where the next BR_ record goes
 * @thread: the reading thread
 * @stats: its counters
 * @ptr: next free byte of the user's read buffer
 * @end: first byte behind the buffer
 */
struct binder_stream {
	struct binder_thread *thread;
	struct binder_stats *stats;
	char __user *ptr;
	char __user *end;
};

/**
 * binder_stream_room() - bytes left in the user's buffer
 * @stream: the cursor
 *
 * Return: their number.
 */
static inline size_t binder_stream_room(const struct binder_stream *stream)
{
	return stream->end - stream->ptr;
}

DECLARE_TRACEPOINT(binder_return);

void binder_stream_trace_slow(u32 cmd);

/**
 * binder_stream_tell() - count a code that was stored and tell the trace
 * @stream: the cursor
 * @cmd: BR_ code
 */
static inline void binder_stream_tell(const struct binder_stream *stream,
				      u32 cmd)
{
	binder_stats_return(stream->stats, cmd);
	if (tracepoint_enabled(binder_return))
		binder_stream_trace_slow(cmd);
}

/**
 * binder_stream_store() - store one BR_ record without telling anybody
 * @stream: the cursor
 * @cmd: BR_ code
 * @payload: what follows the code
 * @size: bytes of @payload, the size encoded in @cmd
 *
 * Return: 0, or -EFAULT when the user's buffer is unwritable or too short.
 */
static inline int binder_stream_store(struct binder_stream *stream, u32 cmd,
				      const void *payload, size_t size)
{
	if (unlikely(binder_stream_room(stream) < sizeof(cmd) + size))
		return -EFAULT;
	if (binder_user_put_code(stream->ptr, cmd, payload, size))
		return -EFAULT;
	stream->ptr += sizeof(cmd) + size;
	return 0;
}

/**
 * binder_stream_put() - store one BR_ record, count and trace it
 * @stream: the cursor
 * @cmd: BR_ code
 * @payload: what follows the code
 * @size: bytes of @payload, the size encoded in @cmd
 *
 * Return: 0, or -EFAULT when the user's buffer is unwritable or too short.
 */
static inline int binder_stream_put(struct binder_stream *stream, u32 cmd,
				    const void *payload, size_t size)
{
	int ret = binder_stream_store(stream, cmd, payload, size);

	if (ret)
		return ret;
	binder_stream_tell(stream, cmd);
	return 0;
}

#endif /* _BINDER_STREAM_H */
