/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that live as long as the module: the names of the devices parameter,
 * which every fresh mount of the file system starts with too, and one misc
 * device of each name unless the misc_devices parameter says no.
 *
 * The list is made before anything can look at it and does not change until
 * the module goes, so it needs no lock.
 */
#ifndef _BINDER_DEVICE_H
#define _BINDER_DEVICE_H

#include <linux/fs.h>

struct binder_context;

int binder_device_init_names(void);
void binder_device_exit_names(void);
const char *binder_device_name(unsigned int index);
int binder_device_register_all(const struct file_operations *fops);
void binder_device_unregister_all(void);
bool binder_device_any_registered(void);
struct binder_context *binder_device_context(const struct file *filp);

#endif /* _BINDER_DEVICE_H */
