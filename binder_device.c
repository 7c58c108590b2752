// SPDX-License-Identifier: GPL-2.0-only
/*
 * The names of the devices parameter and their misc devices.
 */
#include <linux/ctype.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "binder_context.h"
#include "binder_device.h"
#include "binder_name.h"

/* As in binderfs: 255 bytes and the terminator. */
#define BINDER_DEVICE_NAME_MAX 255

static char *binder_devices = BINDER_NAME_STR ",hw" BINDER_NAME_STR ",vnd" BINDER_NAME_STR;
module_param_named(devices, binder_devices, charp, 0444);
MODULE_PARM_DESC(devices, "Comma-separated names of the devices in /dev and in every fresh binderfs");

static bool binder_misc_devices = true;
module_param_named(misc_devices, binder_misc_devices, bool, 0444);
MODULE_PARM_DESC(misc_devices, "Make the devices in /dev too, not only in binderfs");

/**
 * struct binder_device - a name, and the misc device of that name
 * @misc: the device, registered if its fops are set; its name is the context's
 * @context: what opens of the misc device share
 * @entry: link in the list of names
 */
struct binder_device {
	struct miscdevice misc;
	struct binder_context *context;
	struct list_head entry;
};

static LIST_HEAD(binder_device_list);

/**
 * binder_device_context() - the context of a freshly opened file
 * @filp: the file, opened through misc_open()
 *
 * Return: the context, which the device holds.
 */
struct binder_context *binder_device_context(const struct file *filp)
{
	return container_of(filp->private_data, struct binder_device,
			    misc)->context;
}

static bool binder_device_is_listed(const char *name, size_t len)
{
	struct binder_device *device;

	list_for_each_entry(device, &binder_device_list, entry)
		if (!strncmp(device->context->name, name, len) &&
		    !device->context->name[len])
			return true;
	return false;
}

static int binder_device_list_name(const char *name, size_t len)
{
	struct binder_device *device = kzalloc(sizeof(*device), GFP_KERNEL);

	if (!device)
		return -ENOMEM;
	device->context = binder_context_create(name, len);
	if (!device->context) {
		kfree(device);
		return -ENOMEM;
	}
	list_add_tail(&device->entry, &binder_device_list);
	return 0;
}

/* What shells and configuration files leave around a name. */
static bool binder_device_is_filler(char c)
{
	return isspace(c) || c == '"' || c == '\'';
}

/* Take one element of the parameter. */
static int binder_device_parse_name(const char *name, size_t len)
{
	while (len && binder_device_is_filler(*name)) {
		name++;
		len--;
	}
	while (len && binder_device_is_filler(name[len - 1]))
		len--;
	if (!len)
		return 0;
	if (len > BINDER_DEVICE_NAME_MAX || memchr(name, '/', len) ||
	    (len <= 2 && !memcmp(name, "..", len))) {
		pr_err("devices: '%.*s' is no name for a device\n", (int)len,
		       name);
		return -EINVAL;
	}
	if (binder_device_is_listed(name, len)) {
		pr_warn("devices: '%.*s' is named twice, made once\n",
			(int)len, name);
		return 0;
	}
	return binder_device_list_name(name, len);
}

/**
 * binder_device_init_names() - read the devices parameter
 *
 * Quotes and spaces around names, empty and repeated names do no harm.
 *
 * Return: 0, -EINVAL for a name that can be none, or -ENOMEM; on failure no
 * name is left.
 */
int binder_device_init_names(void)
{
	const char *name = binder_devices;
	int ret = 0;

	while (!ret) {
		size_t len = strcspn(name, ",");

		ret = binder_device_parse_name(name, len);
		if (!name[len])
			break;
		name += len + 1;
	}
	if (ret)
		binder_device_exit_names();
	return ret;
}

/**
 * binder_device_exit_names() - forget the names; none is registered
 */
void binder_device_exit_names(void)
{
	struct binder_device *device, *next;

	list_for_each_entry_safe(device, next, &binder_device_list, entry) {
		list_del(&device->entry);
		binder_context_put(device->context);
		kfree(device);
	}
}

/**
 * binder_device_name() - the names in the order they were given
 * @index: which, from 0
 *
 * Return: the name, or NULL beyond the last.
 */
const char *binder_device_name(unsigned int index)
{
	struct binder_device *device;

	list_for_each_entry(device, &binder_device_list, entry)
		if (!index--)
			return device->context->name;
	return NULL;
}

/**
 * binder_device_register_all() - make the misc devices, if they are wanted
 * @fops: what their files do
 *
 * Return: 0, or what misc_register() returned; then no device is left.
 */
int binder_device_register_all(const struct file_operations *fops)
{
	struct binder_device *device;

	if (!binder_misc_devices)
		return 0;
	list_for_each_entry(device, &binder_device_list, entry) {
		int ret;

		device->misc.minor = MISC_DYNAMIC_MINOR;
		device->misc.name = device->context->name;
		device->misc.fops = fops;
		ret = misc_register(&device->misc);
		if (ret) {
			device->misc.fops = NULL;
			pr_err("devices: cannot make '%s': %d\n",
			       device->misc.name, ret);
			binder_device_unregister_all();
			return ret;
		}
	}
	return 0;
}

/**
 * binder_device_unregister_all() - remove the misc devices; none is open
 */
void binder_device_unregister_all(void)
{
	struct binder_device *device;

	list_for_each_entry(device, &binder_device_list, entry) {
		if (!device->misc.fops)
			continue;
		misc_deregister(&device->misc);
		device->misc.fops = NULL;
	}
}

/**
 * binder_device_any_registered() - are there misc devices?
 *
 * Return: true if at least one was made.
 */
bool binder_device_any_registered(void)
{
	return binder_misc_devices && !list_empty(&binder_device_list);
}
