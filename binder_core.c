// SPDX-License-Identifier: GPL-2.0-only
/*
 * Binder: object-capability IPC for Android userspace, as a loadable module.
 *
 * File operations, the ioctl table, module start and end.
 */
#include <linux/compat.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include "binder_command.h"
#include "binder_completion.h"
#include "binder_context.h"
#include "binder_core.h"
#include "binder_death.h"
#include "binder_debugfs.h"
#include "binder_device.h"
#include "binder_freeze.h"
#include "binder_freezer.h"
#include "binder_fs.h"
#include "binder_history.h"
#include "binder_log.h"
#include "binder_message.h"
#include "binder_netlink.h"
#include "binder_node_info.h"
#include "binder_release.h"
#include "binder_return.h"
#include "binder_security.h"
#include "binder_show.h"
#include "binder_trace.h"
#include "binder_user.h"

static noinline void binder_ioctl_trace_phase(long ret, bool read)
{
	if (read)
		trace_binder_read_done(ret);
	else
		trace_binder_write_done(ret);
}

/* Commands, then work. What was done is told also when something failed. */
static long binder_ioctl_write_read(struct file *filp,
				    struct binder_thread *thread,
				    void __user *arg)
{
	struct binder_write_read bwr __uninitialized;
	long ret = 0;

	if (binder_user_get(&bwr, arg, sizeof(bwr)))
		return -EFAULT;
	binder_debug(BINDER_DEBUG_READ_WRITE,
		     "%d: write %llu of %llu, read %llu of %llu\n",
		     task_pid_nr(current), (u64)bwr.write_consumed,
		     (u64)bwr.write_size, (u64)bwr.read_consumed,
		     (u64)bwr.read_size);
	if (bwr.write_size) {
		ret = binder_commands_run(thread, bwr.write_buffer,
					  bwr.write_size, &bwr.write_consumed);
		if (trace_binder_write_done_enabled())
			binder_ioctl_trace_phase(ret, false);
		if (ret)
			bwr.read_consumed = 0;
	}
	if (!ret && bwr.read_size) {
		ret = binder_return_read(thread, bwr.read_buffer, bwr.read_size,
					 &bwr.read_consumed,
					 READ_ONCE(filp->f_flags) & O_NONBLOCK);
		if (trace_binder_read_done_enabled())
			binder_ioctl_trace_phase(ret, true);
		binder_return_rouse(thread->proc);
	}
	binder_debug(BINDER_DEBUG_READ_WRITE,
		     "%d: wrote %llu, has read %llu: %ld\n",
		     task_pid_nr(current), (u64)bwr.write_consumed,
		     (u64)bwr.read_consumed, ret);
	if (binder_user_put(arg, &bwr, sizeof(bwr)))
		return -EFAULT;
	return ret;
}

/* ABI: -EINVAL, not -EFAULT, for bad pointers here and below where said. */
static long binder_ioctl_set_max_threads(struct file *filp,
					 struct binder_thread *thread,
					 void __user *arg)
{
	struct binder_proc *proc = thread->proc;
	u32 max;

	if (get_user(max, (u32 __user *)arg))
		return -EINVAL;
	spin_lock(&proc->queue.lock);
	/* Threads that read compare it without the lock. */
	WRITE_ONCE(proc->max_threads, max);
	spin_unlock(&proc->queue.lock);
	return 0;
}

static long binder_ioctl_set_manager(struct file *filp,
				     struct binder_thread *thread,
				     void __user *arg)
{
	struct flat_binder_object obj = {};

	return binder_context_set_manager(thread->proc, &obj);
}

static long binder_ioctl_set_manager_ext(struct file *filp,
					 struct binder_thread *thread,
					 void __user *arg)
{
	struct flat_binder_object obj;

	if (copy_from_user(&obj, arg, sizeof(obj)))
		return -EINVAL;
	return binder_context_set_manager(thread->proc, &obj);
}

static long binder_ioctl_thread_exit(struct file *filp,
				     struct binder_thread *thread,
				     void __user *arg)
{
	binder_debug(BINDER_DEBUG_THREADS, "%d: BINDER_THREAD_EXIT\n",
		     task_pid_nr(current));
	binder_release_thread(thread);
	return 0;
}

static long binder_ioctl_version(struct file *filp,
				 struct binder_thread *thread,
				 void __user *arg)
{
	struct binder_version __user *version = arg;

	if (put_user(BINDER_CURRENT_PROTOCOL_VERSION,
		     &version->protocol_version))
		return -EINVAL;
	return 0;
}

static long binder_ioctl_spam_detection(struct file *filp,
					struct binder_thread *thread,
					void __user *arg)
{
	u32 enable;

	if (get_user(enable, (u32 __user *)arg))
		return -EFAULT;
	WRITE_ONCE(thread->proc->spam_detection, enable);
	return 0;
}

static long binder_ioctl_extended_error(struct file *filp,
					struct binder_thread *thread,
					void __user *arg)
{
	struct binder_extended_error ee = thread->ext_error;

	thread->ext_error = (struct binder_extended_error){
		.command = BR_OK,
	};
	return copy_to_user(arg, &ee, sizeof(ee)) ? -EFAULT : 0;
}

static long binder_ioctl_node_debug_info(struct file *filp,
					 struct binder_thread *thread,
					 void __user *arg)
{
	struct binder_node_debug_info info;

	if (copy_from_user(&info, arg, sizeof(info)))
		return -EFAULT;
	binder_node_info_next(thread->proc, &info);
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static long binder_ioctl_node_info_for_ref(struct file *filp,
					   struct binder_thread *thread,
					   void __user *arg)
{
	struct binder_node_info_for_ref info;
	long ret;

	if (copy_from_user(&info, arg, sizeof(info)))
		return -EFAULT;
	ret = binder_node_info_for_ref(thread->proc, &info);
	if (!ret && copy_to_user(arg, &info, sizeof(info)))
		ret = -EFAULT;
	return ret;
}

static long binder_ioctl_freeze(struct file *filp, struct binder_thread *thread,
				void __user *arg)
{
	struct binder_freeze_info info;

	if (copy_from_user(&info, arg, sizeof(info)))
		return -EFAULT;
	return binder_freezer_set(&info);
}

static long binder_ioctl_frozen_info(struct file *filp,
				     struct binder_thread *thread,
				     void __user *arg)
{
	struct binder_frozen_status_info info;
	long ret;

	if (copy_from_user(&info, arg, sizeof(info)))
		return -EFAULT;
	ret = binder_freezer_get(&info);
	if (!ret && copy_to_user(arg, &info, sizeof(info)))
		ret = -EFAULT;
	return ret;
}

/**
 * struct binder_ioctl_entry - one row of the ioctl table
 * @cmd: the full encoded number
 * @run: do it for the current thread; 0 or a negative errno
 * @ends_thread: the thread object is gone afterwards
 */
struct binder_ioctl_entry {
	unsigned int cmd;
	long (*run)(struct file *filp, struct binder_thread *thread,
		    void __user *arg);
	bool ends_thread;
};

/* All others, by ioctl number; the rest is answered with -EINVAL. */
static const struct binder_ioctl_entry binder_ioctls[] = {
	[_IOC_NR(BINDER_SET_MAX_THREADS)] = {
		BINDER_SET_MAX_THREADS, binder_ioctl_set_max_threads },
	[_IOC_NR(BINDER_SET_CONTEXT_MGR)] = {
		BINDER_SET_CONTEXT_MGR, binder_ioctl_set_manager },
	[_IOC_NR(BINDER_THREAD_EXIT)] = {
		BINDER_THREAD_EXIT, binder_ioctl_thread_exit, true },
	[_IOC_NR(BINDER_VERSION)] = { BINDER_VERSION, binder_ioctl_version },
	[_IOC_NR(BINDER_GET_NODE_DEBUG_INFO)] = {
		BINDER_GET_NODE_DEBUG_INFO, binder_ioctl_node_debug_info },
	[_IOC_NR(BINDER_GET_NODE_INFO_FOR_REF)] = {
		BINDER_GET_NODE_INFO_FOR_REF, binder_ioctl_node_info_for_ref },
	[_IOC_NR(BINDER_SET_CONTEXT_MGR_EXT)] = {
		BINDER_SET_CONTEXT_MGR_EXT, binder_ioctl_set_manager_ext },
	[_IOC_NR(BINDER_FREEZE)] = { BINDER_FREEZE, binder_ioctl_freeze },
	[_IOC_NR(BINDER_GET_FROZEN_INFO)] = {
		BINDER_GET_FROZEN_INFO, binder_ioctl_frozen_info },
	[_IOC_NR(BINDER_ENABLE_ONEWAY_SPAM_DETECTION)] = {
		BINDER_ENABLE_ONEWAY_SPAM_DETECTION,
		binder_ioctl_spam_detection },
	[_IOC_NR(BINDER_GET_EXTENDED_ERROR)] = {
		BINDER_GET_EXTENDED_ERROR, binder_ioctl_extended_error },
};

/* Last that an ioctl does with its thread; a file that it drops stays until it returns. */
static void binder_ioctl_end(struct binder_thread *thread)
{
	struct file *held;

	/* Only this thread clears it, so a look without the lock will do. */
	if (!READ_ONCE(thread->must_return))
		return;
	spin_lock(&thread->queue->lock);
	thread->must_return = false;
	spin_unlock(&thread->queue->lock);
	held = thread->held_file;
	thread->held_file = NULL;
	/* A last one ends the file on the way back to user space. */
	if (held)
		fput(held);
}

/* The thread object of the current task; NULL without memory. */
static struct binder_thread *binder_current_thread(struct binder_proc *proc)
{
	struct binder_thread *thread = binder_proc_thread(proc);

	if (likely(thread))
		return thread;
	/* Where threads come others have gone. */
	binder_release_some_exited_threads(proc);
	return binder_proc_add_thread(proc);
}

static noinline void binder_ioctl_trace_done(long ret)
{
	trace_binder_ioctl_done(ret);
}

static const struct binder_ioctl_entry *binder_ioctl_find(unsigned int cmd)
{
	const struct binder_ioctl_entry *entry;

	if (_IOC_NR(cmd) >= ARRAY_SIZE(binder_ioctls))
		return NULL;
	entry = &binder_ioctls[_IOC_NR(cmd)];
	return entry->run && entry->cmd == cmd ? entry : NULL;
}

/* Any ioctl but BINDER_WRITE_READ. */
static noinline long binder_ioctl_run_other(struct file *filp,
					    struct binder_thread *thread,
					    unsigned int cmd, void __user *arg)
{
	const struct binder_ioctl_entry *entry = binder_ioctl_find(cmd);
	long ret = entry ? entry->run(filp, thread, arg) : -EINVAL;

	if (!entry || !entry->ends_thread)
		binder_ioctl_end(thread);
	return ret;
}

static __always_inline long binder_ioctl_run(struct file *filp,
					     unsigned int cmd,
					     unsigned long arg)
{
	struct binder_proc *proc = filp->private_data;
	void __user *argp = (void __user *)arg;
	struct binder_thread *thread;
	long ret;

	trace_binder_ioctl(cmd, arg);
	/* Made first: any ioctl makes the task a thread of the process. */
	thread = binder_current_thread(proc);
	if (!thread) {
		binder_ioctl_trace_done(-ENOMEM);
		return -ENOMEM;
	}
	if (likely(cmd == BINDER_WRITE_READ)) {
		ret = binder_ioctl_write_read(filp, thread, argp);
		binder_ioctl_end(thread);
	} else {
		ret = binder_ioctl_run_other(filp, thread, cmd, argp);
	}
	if (unlikely(ret) && ret != -EINTR && ret != -EAGAIN)
		binder_debug(BINDER_DEBUG_USER_ERROR,
			     "%d:%d ioctl %x %lx returned %ld\n",
			     pid_nr(proc->tgid), task_pid_nr(current), cmd, arg,
			     ret);
	if (trace_binder_ioctl_done_enabled())
		binder_ioctl_trace_done(ret);
	return ret;
}

static long binder_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	long ret = binder_log_pause();

	if (ret)
		return ret;
	ret = binder_ioctl_run(filp, cmd, arg);
	/* Here the task shows what went wrong; a signal lets it go on. */
	binder_log_pause();
	return ret;
}

static __poll_t binder_poll(struct file *filp, poll_table *wait)
{
	struct binder_proc *proc = filp->private_data;
	struct binder_thread *thread = binder_current_thread(proc);
	bool take_shared, ready;

	if (!thread)
		return EPOLLERR;
	spin_lock(&proc->queue.lock);
	if (!(thread->looper & BINDER_LOOPER_POLL)) {
		thread->looper |= BINDER_LOOPER_POLL;
		list_add_tail(&thread->poll_entry, &proc->queue.pollers);
	}
	binder_owed_queue_locked(thread);
	take_shared = binder_thread_eligible_locked(thread);
	spin_unlock(&proc->queue.lock);
	poll_wait(filp, &thread->wait, wait);
	spin_lock(&proc->queue.lock);
	ready = binder_thread_ready_locked(thread, take_shared);
	spin_unlock(&proc->queue.lock);
	return ready ? EPOLLIN : 0;
}

static void binder_unmapped(void *user)
{
	binder_release_area(user);
}

static int binder_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct binder_proc *proc = filp->private_data;
	int ret = binder_alloc_mmap(proc->alloc, vma, binder_unmapped, proc);

	binder_debug(BINDER_DEBUG_OPEN_CLOSE, "%d maps %lx to %lx: %d\n",
		     task_tgid_nr(current), vma->vm_start, vma->vm_end, ret);
	return ret;
}

static int binder_open(struct inode *inode, struct file *filp)
{
	struct binder_context *context = binder_fs_context(inode) ?:
					 binder_device_context(filp);
	struct binder_proc *proc;

	binder_context_get(context);
	proc = binder_proc_create(filp, context);
	if (IS_ERR(proc)) {
		binder_context_put(context);
		return PTR_ERR(proc);
	}
	filp->private_data = proc;
	binder_message_start_keeping();
	binder_debug(BINDER_DEBUG_OPEN_CLOSE, "%d:%d opens %s\n",
		     pid_nr(proc->tgid), task_pid_nr(current), context->name);
	binder_debugfs_get_pid_log(pid_nr(proc->tgid));
	binder_fs_get_pid_log(inode, pid_nr(proc->tgid));
	return 0;
}

static int binder_flush(struct file *filp, fl_owner_t id)
{
	struct binder_proc *proc = filp->private_data;

	binder_debug(BINDER_DEBUG_OPEN_CLOSE, "%d closes a descriptor of %d\n",
		     task_tgid_nr(current), pid_nr(proc->tgid));
	binder_proc_interrupt(proc);
	return 0;
}

static int binder_release(struct inode *inode, struct file *filp)
{
	struct binder_proc *proc = filp->private_data;

	binder_debug(BINDER_DEBUG_OPEN_CLOSE, "%d is released\n",
		     pid_nr(proc->tgid));
	/* ABI: at once, while the file system is there. */
	binder_debugfs_put_pid_log(pid_nr(proc->tgid));
	binder_fs_put_pid_log(inode, pid_nr(proc->tgid));
	binder_release_proc(proc);
	return 0;
}

static const struct file_operations binder_fops = {
	.owner = THIS_MODULE,
	.open = binder_open,
	.flush = binder_flush,
	.release = binder_release,
	.poll = binder_poll,
	.mmap = binder_mmap,
	.unlocked_ioctl = binder_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/**
 * struct binder_part - something that is started at load and ended at unload
 * @init: start it; 0 or a negative errno
 * @exit: end it
 */
struct binder_part {
	int (*init)(void);
	void (*exit)(void);
};

static int binder_devices_init(void)
{
	return binder_device_register_all(&binder_fops);
}

static int binder_filesystem_init(void)
{
	return binder_fs_register(&binder_fops, binder_show_logs,
				  &binder_show_pid_fops);
}

static int binder_debugfs_start(void)
{
	binder_debugfs_init(binder_show_logs, &binder_show_pid_fops);
	return 0;
}

/* Nothing to start: what RCU still has to free must be freed before the slabs. */
static int binder_rcu_init(void)
{
	return 0;
}

/* A thread that is freed lets go of its process, which is freed in turn. */
static void binder_rcu_exit(void)
{
	rcu_barrier();
	rcu_barrier();
}

/* In the order of starting; ended in reverse. */
static const struct binder_part binder_parts[] = {
	{ binder_history_init, binder_history_exit },
	{ binder_thread_init_slab, binder_thread_exit_slab },
	{ binder_alloc_init_subsystem, binder_alloc_exit_subsystem },
	{ binder_handles_init_slab, binder_handles_exit_slab },
	{ binder_proc_init_slab, binder_proc_exit_slab },
	{ binder_node_init_slab, binder_node_exit_slab },
	{ binder_ref_init_slab, binder_ref_exit_slab },
	{ binder_death_init_slab, binder_death_exit_slab },
	{ binder_freeze_init_slab, binder_freeze_exit_slab },
	{ binder_message_init_slab, binder_message_exit_slab },
	{ binder_rcu_init, binder_rcu_exit },
	{ binder_release_init, binder_release_exit },
	{ binder_netlink_init, binder_netlink_exit },
	{ binder_debugfs_start, binder_debugfs_exit },
	{ binder_device_init_names, binder_device_exit_names },
	{ binder_devices_init, binder_device_unregister_all },
	/* Last: a mount that users made could not be taken back. */
	{ binder_filesystem_init, binder_fs_unregister },
};

static void binder_end_parts(unsigned int nr)
{
	while (nr--)
		binder_parts[nr].exit();
}

static int __init binder_init(void)
{
	int ret = binder_security_init();
	unsigned int i;

	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(binder_parts); i++) {
		ret = binder_parts[i].init();
		if (ret) {
			binder_end_parts(i);
			return ret;
		}
	}
	return 0;
}

static void __exit binder_exit(void)
{
	binder_end_parts(ARRAY_SIZE(binder_parts));
}

module_init(binder_init);
module_exit(binder_exit);

MODULE_DESCRIPTION("Android Binder IPC driver");
MODULE_AUTHOR("The binder-linux authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
