/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices: one misc device and one context for each name of the devices
 * parameter. Owned by the module, gone when it is unloaded.
 */
#ifndef _BINDER_DEVICE_H
#define _BINDER_DEVICE_H

#include <linux/fs.h>

struct binder_context;

int binder_device_register_all(const struct file_operations *fops);
void binder_device_unregister_all(void);
struct binder_context *binder_device_context(const struct file *filp);

#endif /* _BINDER_DEVICE_H */
