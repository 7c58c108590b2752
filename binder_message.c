// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages: building, freeing, the stacks of calls.
 */
#include <linux/cpu.h>
#include <linux/cred.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "binder_hooks.h"
#include "binder_log.h"
#include "binder_message.h"
#include "binder_name.h"
#include "binder_oneway.h"
#include "binder_trace.h"

/* Completion, call and buffer. */
#define BINDER_MESSAGE_HOLDERS 3

/* There are two sizes of messages, see binder_call.h. */
enum binder_message_size {
	BINDER_MESSAGE_ONEWAY,
	BINDER_MESSAGE_AWAITED,
	BINDER_MESSAGE_NR_SIZES,
};

static struct kmem_cache *binder_message_slab[BINDER_MESSAGE_NR_SIZES];

/*
 * The messages of each size that a CPU freed last, as many as a call and its reply
 * take. To pass each through the slab costs more than the rest of its bookkeeping.
 * Pointers are exchanged one by one, so that no order of interrupts matters.
 */
#define BINDER_MESSAGE_SPARES 2
static DEFINE_PER_CPU(struct binder_message *,
		      binder_message_spare[BINDER_MESSAGE_NR_SIZES][BINDER_MESSAGE_SPARES]);
static bool binder_message_keeping;	/* while a file is open */
static bool binder_keep_messages = !IS_ENABLED(CONFIG_KASAN);
module_param_named(keep_messages, binder_keep_messages, bool, 0444);
MODULE_PARM_DESC(keep_messages,
		 "each CPU keeps the two calls or replies freed last, and the two oneway calls; N shows uses after free to debuggers of slabs");

/**
 * binder_message_init_slab() - make the slabs of messages
 *
 * Return: 0 or -ENOMEM.
 */
int binder_message_init_slab(void)
{
	binder_message_slab[BINDER_MESSAGE_ONEWAY] =
		kmem_cache_create(BINDER_NAME_STR "_oneway",
				  sizeof(struct binder_message), 0, 0, NULL);
	binder_message_slab[BINDER_MESSAGE_AWAITED] =
		kmem_cache_create(BINDER_NAME_STR "_transaction",
				  sizeof(struct binder_transaction), 0,
				  SLAB_HWCACHE_ALIGN, NULL);
	if (binder_message_slab[BINDER_MESSAGE_ONEWAY] &&
	    binder_message_slab[BINDER_MESSAGE_AWAITED])
		return 0;
	kmem_cache_destroy(binder_message_slab[BINDER_MESSAGE_ONEWAY]);
	kmem_cache_destroy(binder_message_slab[BINDER_MESSAGE_AWAITED]);
	return -ENOMEM;
}

static __always_inline struct binder_message *
binder_message_take_spare(enum binder_message_size size)
{
	return this_cpu_xchg(binder_message_spare[size][0], NULL) ?:
	       this_cpu_xchg(binder_message_spare[size][1], NULL);
}

/* What a CPU keeps that is offline, or this one, in its interrupt: no place to free. */
static void binder_message_give_spares_of(int cpu, struct llist_head *list)
{
	unsigned int i, size;
	struct binder_message *t;

	for (size = 0; size < BINDER_MESSAGE_NR_SIZES; size++) {
		for (i = 0; i < BINDER_MESSAGE_SPARES; i++) {
			t = xchg(per_cpu_ptr(&binder_message_spare[size][i], cpu),
				 NULL);
			if (t)
				llist_add(&t->spare, list);
		}
	}
}

static void binder_message_give_spares(void *list)
{
	binder_message_give_spares_of(smp_processor_id(), list);
}

static void binder_message_free_spares(void)
{
	struct binder_message *t, *next;
	LLIST_HEAD(spares);
	int cpu;

	cpus_read_lock();
	on_each_cpu(binder_message_give_spares, &spares, true);
	for_each_possible_cpu(cpu)
		if (!cpu_online(cpu))
			binder_message_give_spares_of(cpu, &spares);
	cpus_read_unlock();
	llist_for_each_entry_safe(t, next, llist_del_all(&spares), spare)
		kmem_cache_free(binder_message_slab[t->buffer.is_async ?
						    BINDER_MESSAGE_ONEWAY :
						    BINDER_MESSAGE_AWAITED], t);
}

/**
 * binder_message_start_keeping() - somebody uses the driver
 */
void binder_message_start_keeping(void)
{
	if (binder_keep_messages && !READ_ONCE(binder_message_keeping))
		WRITE_ONCE(binder_message_keeping, true);
}

/**
 * binder_message_stop_keeping() - nobody does any more
 *
 * Messages that are freed from now on, or were kept, go back to the slab.
 */
void binder_message_stop_keeping(void)
{
	WRITE_ONCE(binder_message_keeping, false);
	binder_message_free_spares();
}

/**
 * binder_message_exit_slab() - drop the slabs
 */
void binder_message_exit_slab(void)
{
	binder_message_stop_keeping();
	kmem_cache_destroy(binder_message_slab[BINDER_MESSAGE_ONEWAY]);
	kmem_cache_destroy(binder_message_slab[BINDER_MESSAGE_AWAITED]);
}

static void binder_message_lose_caller(struct binder_message *t)
{
	struct binder_thread *from = binder_transaction_of(t)->from;

	if (from)
		binder_thread_put(from);
}

static __always_inline void binder_message_keep(struct binder_message *t,
						enum binder_message_size size)
{
	if (likely(READ_ONCE(binder_message_keeping))) {
		t = this_cpu_xchg(binder_message_spare[size][0], t);
		if (t)
			t = this_cpu_xchg(binder_message_spare[size][1], t);
	}
	if (t)
		kmem_cache_free(binder_message_slab[size], t);
}

static void binder_message_free(struct binder_message *t)
{
	if (t->buffer.is_async) {
		binder_message_keep(t, BINDER_MESSAGE_ONEWAY);
		return;
	}
	binder_message_lose_caller(t);
	binder_message_keep(t, BINDER_MESSAGE_AWAITED);
}

/**
 * binder_message_discard() - free a message that was not built, or was unbuilt
 * @t: the message
 */
void binder_message_discard(struct binder_message *t)
{
	/* Counted since it is known for whom it is. */
	if (t->to) {
		binder_stats_gone(BINDER_STAT_COMPLETION);
		binder_stats_gone(BINDER_STAT_TRANSACTION);
	}
	binder_message_free(t);
}

/**
 * binder_message_put() - one of its holders lets go of a message
 * @t: the message
 */
void binder_message_put(struct binder_message *t)
{
	if (refcount_dec_and_test(&t->holders))
		binder_message_free(t);
}

/**
 * binder_message_trace_end() - the part of binder_message_over() that traces
 * @t: the message
 * @to_thread: the thread that served or got it, or NULL
 */
void binder_message_trace_end(const struct binder_message *t,
			      const struct binder_thread *to_thread)
{
	const struct binder_thread *from = binder_message_caller(t);

	trace_binder_txn_latency_free(t->debug_id,
				      from ? pid_nr(from->proc->tgid) : 0,
				      from ? pid_nr(from->pid) : 0,
				      pid_nr(t->to->tgid),
				      to_thread ? pid_nr(to_thread->pid) : 0,
				      t->code, t->flags);
}

static __always_inline struct binder_message *
binder_message_alloc_sized(struct binder_thread *thread,
			   const struct binder_transaction_data *tr,
			   const struct binder_work_ops *ops,
			   enum binder_message_size size)
{
	struct binder_message *t;

	if (binder_hook_no_memory(BINDER_HOOK_MESSAGE))
		return NULL;
	t = binder_message_take_spare(size);
	if (!t)
		t = kmem_cache_alloc(binder_message_slab[size], GFP_KERNEL);
	if (!t)
		return NULL;
	/* A few stores take less than to clear it. What it completes with is set later. */
	t->error_id = 0;
	t->over = false;
	t->unbuilt = false;
	t->has_fd_arrays = 0;
	t->has_counts = 0;
	t->secctx_words = 0;
	t->to = NULL;
	t->node = NULL;
	t->fds = NULL;
	t->buffer.is_async = size == BINDER_MESSAGE_ONEWAY;
	binder_work_init(&t->work, ops);
	refcount_set(&t->holders, BINDER_MESSAGE_HOLDERS);
	t->completion_cmd = BR_TRANSACTION_COMPLETE;
	t->code = tr->code;
	t->flags = tr->flags;
	t->nice = task_nice(current);
	t->debug_id = thread->sent.id;
	t->from_pid = thread->sent.from_pid;
	t->from_tid = thread->sent.from_tid;
	t->start = thread->sent.start;
	return t;
}

/* All behind @message. */
static void binder_transaction_init(struct binder_transaction *t)
{
	t->from = NULL;
	t->error = BINDER_SUCCESS;
	t->to_thread = NULL;
	t->to_parent = NULL;
	t->to_tid = 0;
	t->priority = (struct binder_call_priority){ };
	t->to_fixed_thread = false;
	t->waited = false;
}

/**
 * binder_message_alloc() - start a synchronous call or a reply of the current task
 * @thread: the sender, which noted what it is about to send
 * @tr: the record as sent
 * @ops: what kind of message it is
 *
 * Return: the message, held three times, or NULL without memory.
 */
struct binder_message *
binder_message_alloc(struct binder_thread *thread,
		     const struct binder_transaction_data *tr,
		     const struct binder_work_ops *ops)
{
	struct binder_message *t;

	t = binder_message_alloc_sized(thread, tr, ops, BINDER_MESSAGE_AWAITED);
	if (!t)
		return NULL;
	binder_transaction_init(binder_transaction_of(t));
	return t;
}

/**
 * binder_message_alloc_oneway() - start a oneway call of the current task
 * @thread: the sender, which noted what it is about to send
 * @tr: the record as sent
 * @ops: what kind of message it is
 *
 * Return: the message, held three times, or NULL without memory.
 */
struct binder_message *
binder_message_alloc_oneway(struct binder_thread *thread,
			    const struct binder_transaction_data *tr,
			    const struct binder_work_ops *ops)
{
	return binder_message_alloc_sized(thread, tr, ops, BINDER_MESSAGE_ONEWAY);
}

/* What its buffer is for. A call has its caller from the beginning. */
static enum binder_buffer_kind
binder_message_kind(const struct binder_message *t)
{
	if (t->buffer.is_async)
		return BINDER_BUFFER_ONEWAY;
	return binder_transaction_of(t)->from ? BINDER_BUFFER_CALL :
						BINDER_BUFFER_REPLY;
}

/* Fill the buffer of a message that has objects. */
static noinline int binder_message_fill(struct binder_message *t,
					struct binder_thread *thread,
					const struct binder_transaction_data *tr,
					u64 buffers_size, bool accept_fds)
{
	struct binder_parcel parcel = {
		.thread = thread,
		.to = t->to,
		.debug_id = t->debug_id,
		.buffer = &t->buffer,
		.data = u64_to_user_ptr(tr->data.ptr.buffer),
		.offsets = u64_to_user_ptr(tr->data.ptr.offsets),
		.buffers_size = buffers_size,
		.accept_fds = accept_fds,
	};
	int ret = binder_parcel_fill(&parcel);

	if (ret) {
		binder_fds_discard(parcel.fds);
		binder_objects_release(t->to, &t->buffer, parcel.nr_objects);
		return ret;
	}
	t->fds = parcel.fds;
	t->has_fd_arrays = parcel.has_fd_arrays;
	t->has_counts = parcel.has_counts;
	return 0;
}

/**
 * binder_message_build() - put a message into the receiver's area
 * @t: the message
 * @thread: the sender, the current task
 * @to: the receiver
 * @tr: the record as sent
 * @buffers_size: bytes for the contents of further buffers; the security context may
 *	be added to it
 * @accept_fds: the receiver agreed to files
 *
 * Return: BR_OK, or how it failed; then the area is as before.
 */
struct binder_result
binder_message_build(struct binder_message *t, struct binder_thread *thread,
		     struct binder_proc *to,
		     const struct binder_transaction_data *tr, u64 buffers_size,
		     bool accept_fds)
{
	int ret;

	t->to = to;
	binder_stats_made(BINDER_STAT_TRANSACTION);
	binder_stats_made(BINDER_STAT_COMPLETION);
	ret = binder_alloc_new_buffer(to->alloc, &t->buffer, tr->data_size,
				      tr->offsets_size,
				      buffers_size + binder_message_secctx_size(t),
				      binder_message_kind(t));
	if (ret)
		goto fail;
	binder_trace_buffer(binder_transaction_alloc_buf, t);
	t->buffer.clear_on_free = t->flags & TF_CLEAR_BUF;
	if (tr->offsets_size || buffers_size)
		ret = binder_message_fill(t, thread, tr, buffers_size,
					  accept_fds);
	else
		ret = binder_alloc_copy_from_user(to->alloc, &t->buffer, 0,
						  u64_to_user_ptr(tr->data.ptr.buffer),
						  tr->data_size);
	if (!ret)
		return BINDER_SUCCESS;
	binder_trace_buffer(binder_transaction_failed_buffer_release, t);
	binder_alloc_free_buffer(to->alloc, &t->buffer);
fail:
	return (struct binder_result){
		.cmd = ret == -ESRCH ? BR_DEAD_REPLY : BR_FAILED_REPLY,
		.err = ret,
	};
}

/* What a message keeps besides its buffer. */
static void binder_message_let_go(struct binder_message *t)
{
	/* ABI: the owner is told of this before it is of what the message holds. */
	if (t->node)
		binder_node_put_strong(t->node);
	if (unlikely(t->fds)) {
		binder_fds_discard(t->fds);
		t->fds = NULL;
	}
}

/**
 * binder_message_unbuild() - empty and free the buffer of a message
 * @t: the message; the buffer's hold on it goes too
 */
void binder_message_unbuild(struct binder_message *t)
{
	struct binder_proc *to = t->to;

	WRITE_ONCE(t->unbuilt, true);
	binder_message_let_go(t);
	if (t->has_counts)
		binder_objects_release(to, &t->buffer,
				       t->buffer.offsets_size / sizeof(u64));
	binder_alloc_free_buffer(to->alloc, &t->buffer);
	binder_message_put(t);
}

/**
 * binder_message_drop() - discard a message that holds up no other
 * @t: a reply, or a oneway call that waited behind another; on no list
 */
void binder_message_drop(struct binder_message *t)
{
	binder_message_over(t, NULL);
	binder_message_unbuild(t);
	binder_message_end(t);
}

static noinline void binder_message_trace_release(const struct binder_message *t)
{
	binder_trace_buffer(binder_transaction_buffer_release, t);
}

/**
 * binder_message_release_buffer() - empty and free the buffer of a queued message
 * @t: the message
 *
 * The next oneway call to the same node may come.
 */
void binder_message_release_buffer(struct binder_message *t)
{
	if (trace_binder_transaction_buffer_release_enabled())
		binder_message_trace_release(t);
	if (t->buffer.is_async)
		binder_oneway_end(t->node);
	binder_message_unbuild(t);
}

/*
 * Close the descriptors that belong to a delivered message. The one that this
 * ioctl came through may be among them, and be the last of its file: the thread
 * keeps the file until the ioctl ends, which it shall do soon.
 */
static noinline void binder_message_close_fds(struct binder_message *t,
					      struct binder_thread *thread)
{
	if (!thread->held_file)
		thread->held_file = get_file(thread->proc->file);
	binder_objects_close_fds(t->to->alloc, &t->buffer);
	spin_lock(&thread->queue->lock);
	thread->must_return = true;
	spin_unlock(&thread->queue->lock);
}

static struct binder_message *binder_message_of(struct binder_buffer *buffer)
{
	return container_of(buffer, struct binder_message, buffer);
}

/* The buffer of a message was freed at once; its hold on the message is left. */
static void binder_message_lost_buffer(struct binder_message *t)
{
	WRITE_ONCE(t->unbuilt, true);
	if (t->buffer.is_async)
		binder_oneway_end(t->node);
	binder_message_let_go(t);
}

/**
 * binder_message_free_buffer() - BC_FREE_BUFFER
 * @thread: the current thread, of the receiver
 * @address: user address of the data
 *
 * Return: false when userspace does not own a buffer there.
 */
bool binder_message_free_buffer(struct binder_thread *thread, u64 address)
{
	bool freed = !trace_binder_transaction_buffer_release_enabled();
	struct binder_buffer *buffer =
		binder_alloc_take_from_user(thread->proc->alloc, address,
					    &freed);
	struct binder_message *t;

	if (!buffer)
		return false;
	t = binder_message_of(buffer);
	if (!freed) {
		if (t->has_fd_arrays)
			binder_message_close_fds(t, thread);
		binder_message_release_buffer(t);
		return true;
	}
	binder_message_lost_buffer(t);
	binder_message_put(t);
	return true;
}

/* The same for those of a released process. */
static void binder_message_lost_buffers(struct binder_buffer **buffers,
					unsigned int nr)
{
	/* The slabs take many at once for less than half as much. */
	void *oneway[BINDER_BUFFERS_AT_ONCE] __uninitialized;
	void *awaited[BINDER_BUFFERS_AT_ONCE] __uninitialized;
	size_t nr_oneway = 0, nr_awaited = 0;
	struct binder_message *t;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		t = binder_message_of(buffers[i]);
		binder_message_lost_buffer(t);
		if (!refcount_dec_and_test(&t->holders))
			continue;
		if (t->buffer.is_async) {
			oneway[nr_oneway++] = t;
		} else {
			binder_message_lose_caller(t);
			awaited[nr_awaited++] = t;
		}
	}
	if (nr_oneway)
		kmem_cache_free_bulk(binder_message_slab[BINDER_MESSAGE_ONEWAY],
				     nr_oneway, oneway);
	if (nr_awaited)
		kmem_cache_free_bulk(binder_message_slab[BINDER_MESSAGE_AWAITED],
				     nr_awaited, awaited);
}

/**
 * binder_message_free_all_buffers() - free what userspace did not
 * @proc: a released process, whose area was closed
 */
void binder_message_free_all_buffers(struct binder_proc *proc)
{
	struct binder_buffer *buffers[BINDER_BUFFERS_AT_ONCE] __uninitialized;
	unsigned int nr;
	bool freed;

	for (;;) {
		freed = !trace_binder_transaction_buffer_release_enabled();
		nr = binder_alloc_take_some_from_user(proc->alloc, buffers, &freed);
		if (!nr)
			break;
		if (freed)
			binder_message_lost_buffers(buffers, nr);
		else
			binder_message_release_buffer(binder_message_of(buffers[0]));
		cond_resched();
	}
}
