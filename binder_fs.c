// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mounting the binder file system, and its control device.
 */
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <uapi/linux/android/binderfs.h>

#include "binder_device.h"
#include "binder_fs.h"
#include "binder_fs_tree.h"
#include "binder_name.h"

static const struct binder_fs_log *binder_fs_logs;
static const struct file_operations *binder_fs_pid_fops;
static bool binder_fs_registered;

static ssize_t binder_fs_feature_read(struct file *filp, char __user *buffer,
				      size_t count, loff_t *pos)
{
	return simple_read_from_buffer(buffer, count, pos, "1\n", 2);
}

static const struct file_operations binder_fs_feature_fops = {
	.owner = THIS_MODULE,
	.read = binder_fs_feature_read,
	.llseek = default_llseek,
};

/* What clients look for before they use it. */
static const char *const binder_fs_features[] = {
	"oneway_spam_detection",
	"extended_error",
	"freeze_notification",
	"transaction_report",
};

static int binder_fs_add_features(struct dentry *root)
{
	struct dentry *dir = binder_fs_add_dir(root, "features");
	unsigned int i;

	for (i = 0; !IS_ERR(dir) && i < ARRAY_SIZE(binder_fs_features); i++) {
		struct dentry *file =
			binder_fs_add_file(dir, binder_fs_features[i],
					   &binder_fs_feature_fops, NULL);

		if (IS_ERR(file))
			return PTR_ERR(file);
	}
	return PTR_ERR_OR_ZERO(dir);
}

static struct dentry *binder_fs_add_pid_log(struct dentry *dir,
					    const char *name, pid_t pid)
{
	return binder_fs_add_file(dir, name, binder_fs_pid_fops,
				  (void *)(unsigned long)pid);
}

static void binder_fs_remove_pid_log(struct dentry *file)
{
	simple_recursive_removal(file, NULL);
}

static int binder_fs_add_logs(struct dentry *root)
{
	struct binder_fs_instance *instance = root->d_sb->s_fs_info;
	struct dentry *dir = binder_fs_add_dir(root, "binder_logs"), *file;
	const struct binder_fs_log *log;

	if (IS_ERR(dir))
		return PTR_ERR(dir);
	for (log = binder_fs_logs; log->name; log++) {
		file = binder_fs_add_file(dir, log->name, log->fops,
					  (void *)log->data);
		if (IS_ERR(file))
			return PTR_ERR(file);
	}
	file = binder_fs_add_dir(dir, "proc");
	if (IS_ERR(file))
		return PTR_ERR(file);
	instance->pid_logs.dir = file;
	return 0;
}

static int binder_fs_add_default_devices(struct dentry *root)
{
	const char *name;
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && (name = binder_device_name(i)); i++) {
		struct inode *inode = binder_fs_new_device(root->d_sb, name);

		if (IS_ERR(inode))
			return PTR_ERR(inode);
		ret = PTR_ERR_OR_ZERO(binder_fs_add(root, name, inode));
	}
	return ret;
}

/* --- The control device ------------------------------------------------------ */

static long binder_fs_control_add(struct super_block *sb,
				  struct binderfs_device __user *arg)
{
	struct binderfs_device req;
	struct inode *inode;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	req.name[BINDERFS_MAX_NAME] = '\0';
	inode = binder_fs_new_device(sb, req.name);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	req.major = imajor(inode);
	req.minor = iminor(inode);
	/* Before the node can be seen: afterwards it could not be undone. */
	if (copy_to_user(arg, &req, sizeof(req))) {
		iput(inode);
		return -EFAULT;
	}
	return PTR_ERR_OR_ZERO(binder_fs_add(sb->s_root, req.name, inode));
}

static long binder_fs_control_ioctl(struct file *filp, unsigned int cmd,
				    unsigned long arg)
{
	if (cmd != BINDER_CTL_ADD)
		return -EINVAL;
	return binder_fs_control_add(file_inode(filp)->i_sb,
				     (struct binderfs_device __user *)arg);
}

static const struct file_operations binder_fs_control_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.unlocked_ioctl = binder_fs_control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* --- Mounting ---------------------------------------------------------------- */

static int binder_fs_show_options(struct seq_file *m, struct dentry *root)
{
	struct binder_fs_instance *instance = root->d_sb->s_fs_info;

	seq_printf(m, ",max=%u", READ_ONCE(instance->options.max));
	if (instance->options.stats_global)
		seq_puts(m, ",stats=global");
	return 0;
}

static const struct super_operations binder_fs_super_ops = {
	.evict_inode = binder_fs_evict_inode,
	.show_options = binder_fs_show_options,
	.statfs = simple_statfs,
};

/* What is left of a failed mount goes by binder_fs_kill_super(). */
static int binder_fs_fill_super(struct super_block *sb, struct fs_context *fc)
{
	const struct binder_fs_options *options = fc->fs_private;
	struct binder_fs_instance *instance;
	int ret;

	instance = kzalloc(sizeof(*instance), GFP_KERNEL_ACCOUNT);
	if (!instance)
		return -ENOMEM;
	instance->options = *options;
	/* A reference could not be dropped with exported symbols: no need of one. */
	instance->initial_ipc =
		current->nsproxy->ipc_ns == init_task.nsproxy->ipc_ns;
	binder_pid_files_init(&instance->pid_logs, binder_fs_add_pid_log,
			      binder_fs_remove_pid_log);
	sb->s_fs_info = instance;
	sb->s_op = &binder_fs_super_ops;
	sb->s_magic = BINDERFS_SUPER_MAGIC;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_time_gran = 1;
	/* Users may mount this one: its devices are all it can make. */
	sb->s_iflags &= ~SB_I_NODEV;
	sb->s_iflags |= SB_I_NOEXEC;

	ret = binder_fs_make_root(sb);
	if (!ret)
		ret = binder_fs_add_control(sb, &binder_fs_control_fops);
	if (!ret)
		ret = binder_fs_add_features(sb->s_root);
	if (!ret && options->stats_global)
		ret = binder_fs_add_logs(sb->s_root);
	if (!ret)
		ret = binder_fs_add_default_devices(sb->s_root);
	return ret;
}

enum {
	BINDER_FS_OPT_MAX,
	BINDER_FS_OPT_STATS,
};

static const struct constant_table binder_fs_stats_values[] = {
	{ "global", true },
	{}
};

static const struct fs_parameter_spec binder_fs_parameters[] = {
	fsparam_u32("max", BINDER_FS_OPT_MAX),
	fsparam_enum("stats", BINDER_FS_OPT_STATS, binder_fs_stats_values),
	{}
};

static int binder_fs_parse_param(struct fs_context *fc,
				 struct fs_parameter *param)
{
	struct binder_fs_options *options = fc->fs_private;
	struct fs_parse_result result;
	int opt = fs_parse(fc, binder_fs_parameters, param, &result);

	switch (opt) {
	case BINDER_FS_OPT_MAX:
		if (result.uint_32 > BINDER_FS_MINORS)
			return invalfc(fc, "max is at most %lu",
				       BINDER_FS_MINORS);
		options->max = result.uint_32;
		return 0;
	case BINDER_FS_OPT_STATS:
		/* They tell of all processes, whoever owns them. */
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		options->stats_global = result.uint_32;
		return 0;
	default:
		return opt;
	}
}

static int binder_fs_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, binder_fs_fill_super);
}

/* ABI: options that are not named get their defaults. */
static int binder_fs_reconfigure(struct fs_context *fc)
{
	const struct binder_fs_options *options = fc->fs_private;
	struct binder_fs_instance *instance = fc->root->d_sb->s_fs_info;

	if (options->stats_global != instance->options.stats_global)
		return invalfc(fc, "stats cannot be changed by a remount");
	WRITE_ONCE(instance->options.max, options->max);
	return 0;
}

static void binder_fs_free_context(struct fs_context *fc)
{
	kfree(fc->fs_private);
}

static const struct fs_context_operations binder_fs_context_ops = {
	.parse_param = binder_fs_parse_param,
	.get_tree = binder_fs_get_tree,
	.reconfigure = binder_fs_reconfigure,
	.free = binder_fs_free_context,
};

static int binder_fs_init_context(struct fs_context *fc)
{
	struct binder_fs_options *options;

	options = kzalloc(sizeof(*options), GFP_KERNEL);
	if (!options)
		return -ENOMEM;
	options->max = BINDER_FS_MINORS;
	fc->fs_private = options;
	fc->ops = &binder_fs_context_ops;
	return 0;
}

static void binder_fs_kill_super(struct super_block *sb)
{
	struct binder_fs_instance *instance = sb->s_fs_info;

	/* Evicts the inodes, which still look at the instance. */
	kill_anon_super(sb);
	if (instance)
		binder_pid_files_exit(&instance->pid_logs);
	kfree(instance);
}

static struct file_system_type binder_fs_type = {
	.owner = THIS_MODULE,
	.name = BINDER_NAME_STR,
	.init_fs_context = binder_fs_init_context,
	.parameters = binder_fs_parameters,
	.kill_sb = binder_fs_kill_super,
	.fs_flags = FS_USERNS_MOUNT,
};
MODULE_ALIAS_FS(BINDER_NAME_STR);

/**
 * binder_fs_context() - the context of a device node
 * @inode: the inode of a file that is being opened
 *
 * Return: the context, which the inode holds, or NULL if the node is not in a
 * binder file system.
 */
struct binder_context *binder_fs_context(const struct inode *inode)
{
	if (inode->i_sb->s_type != &binder_fs_type)
		return NULL;
	return inode->i_private;
}

/**
 * binder_fs_get_pid_log() - a process opens a device
 * @inode: the device node, of whatever file system
 * @pid: number of the process in the initial namespace
 *
 * While the file is open its file system lives, and with it the log.
 */
void binder_fs_get_pid_log(const struct inode *inode, pid_t pid)
{
	struct binder_fs_instance *instance = inode->i_sb->s_fs_info;

	if (binder_fs_context(inode))
		binder_pid_files_get(&instance->pid_logs, pid);
}

/**
 * binder_fs_put_pid_log() - it is closed again
 * @inode: the device node
 * @pid: as when it was opened
 */
void binder_fs_put_pid_log(const struct inode *inode, pid_t pid)
{
	struct binder_fs_instance *instance = inode->i_sb->s_fs_info;

	if (binder_fs_context(inode))
		binder_pid_files_put(&instance->pid_logs, pid);
}

/**
 * binder_fs_register() - let the file system be mounted
 * @device_fops: what files of its devices do
 * @logs: files of binder_logs/, ended by one without a name
 * @pid_fops: what files of binder_logs/proc/ do; their data is the pid
 *
 * Where the kernel has a file system of that name already, the misc devices
 * are enough to go on.
 *
 * Return: 0, -EBUSY if there would be no device at all, or a negative errno.
 */
int binder_fs_register(const struct file_operations *device_fops,
		       const struct binder_fs_log *logs,
		       const struct file_operations *pid_fops)
{
	int ret;

	ret = binder_fs_tree_init(device_fops);
	if (ret)
		return ret;
	binder_fs_logs = logs;
	binder_fs_pid_fops = pid_fops;
	ret = register_filesystem(&binder_fs_type);
	if (!ret) {
		binder_fs_registered = true;
		return 0;
	}
	binder_fs_tree_exit();
	pr_err("this kernel has a file system '%s' of its own (a built-in Binder driver); %s. To mount ours, boot a kernel without that driver\n",
	       BINDER_NAME_STR,
	       binder_device_any_registered() ?
			"only the devices in /dev are ours" :
			"nothing is left to serve");
	return binder_device_any_registered() ? 0 : ret;
}

/**
 * binder_fs_unregister() - end it; nothing is mounted
 */
void binder_fs_unregister(void)
{
	if (!binder_fs_registered)
		return;
	unregister_filesystem(&binder_fs_type);
	binder_fs_tree_exit();
}
