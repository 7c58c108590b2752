// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has a file system called "binder", as a kernel with a driver built in has. It
 * cannot be mounted.
 */
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/module.h>

static int name_taken_init_context(struct fs_context *fc)
{
	return -EOPNOTSUPP;
}

static struct file_system_type name_taken_type = {
	.owner = THIS_MODULE,
	.name = "binder",
	.init_fs_context = name_taken_init_context,
};

static int __init name_taken_init(void)
{
	return register_filesystem(&name_taken_type);
}

static void __exit name_taken_exit(void)
{
	unregister_filesystem(&name_taken_type);
}

module_init(name_taken_init);
module_exit(name_taken_exit);
MODULE_DESCRIPTION("Takes the name of the binder file system");
MODULE_LICENSE("GPL");
