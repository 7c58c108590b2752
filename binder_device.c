// SPDX-License-Identifier: GPL-2.0-only
/*
 * Misc devices.
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
MODULE_PARM_DESC(devices, "Comma-separated names of the devices to make");

/**
 * struct binder_device - one misc device
 * @misc: the device; its name is the context's
 * @context: what its opens share
 * @entry: link in the list of devices, changed at load and unload only
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

static bool binder_device_exists(const char *name, size_t len)
{
	struct binder_device *device;

	list_for_each_entry(device, &binder_device_list, entry)
		if (!strncmp(device->misc.name, name, len) &&
		    !device->misc.name[len])
			return true;
	return false;
}

static int binder_device_register(const char *name, size_t len,
				  const struct file_operations *fops)
{
	struct binder_device *device;
	int ret = -ENOMEM;

	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device)
		return ret;
	device->context = binder_context_create(name, len);
	if (!device->context)
		goto free_device;
	device->misc.minor = MISC_DYNAMIC_MINOR;
	device->misc.name = device->context->name;
	device->misc.fops = fops;
	ret = misc_register(&device->misc);
	if (ret)
		goto put_context;
	list_add_tail(&device->entry, &binder_device_list);
	return 0;

put_context:
	binder_context_put(device->context);
free_device:
	kfree(device);
	return ret;
}

/* What shells and configuration files leave around a name. */
static bool binder_device_is_filler(char c)
{
	return isspace(c) || c == '"' || c == '\'';
}

/* Make the device of one element of the list. */
static int binder_device_add(const char *name, size_t len,
			     const struct file_operations *fops)
{
	int ret;

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
	if (binder_device_exists(name, len)) {
		pr_warn("devices: '%.*s' is named twice, made once\n",
			(int)len, name);
		return 0;
	}
	ret = binder_device_register(name, len, fops);
	if (ret)
		pr_err("devices: cannot make '%.*s': %d\n", (int)len, name,
		       ret);
	return ret;
}

/**
 * binder_device_register_all() - make the devices of the parameter
 * @fops: what their files do
 *
 * Quotes and spaces around names, empty and repeated names do no harm.
 *
 * Return: 0, -EINVAL for a name that can be none, or what misc_register()
 * returned; on failure no device is left.
 */
int binder_device_register_all(const struct file_operations *fops)
{
	const char *name = binder_devices;
	int ret = 0;

	while (!ret) {
		size_t len = strcspn(name, ",");

		ret = binder_device_add(name, len, fops);
		if (!name[len])
			break;
		name += len + 1;
	}
	if (ret)
		binder_device_unregister_all();
	return ret;
}

/**
 * binder_device_unregister_all() - remove the devices; none is open
 */
void binder_device_unregister_all(void)
{
	struct binder_device *device, *next;

	list_for_each_entry_safe(device, next, &binder_device_list, entry) {
		list_del(&device->entry);
		misc_deregister(&device->misc);
		binder_context_put(device->context);
		kfree(device);
	}
}
