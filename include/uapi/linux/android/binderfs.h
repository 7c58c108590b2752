/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Allocation of Binder devices through the binder-control node of a mounted
 * binder file system.
 */
#ifndef _UAPI_LINUX_BINDERFS_H
#define _UAPI_LINUX_BINDERFS_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Longest name of a device, without the terminating NUL. */
#define BINDERFS_MAX_NAME 255

/* In: name. Out: the numbers of the new device. */
struct binderfs_device {
	char name[BINDERFS_MAX_NAME + 1];
	__u32 major;
	__u32 minor;
};

#define BINDER_CTL_ADD _IOWR('b', 1, struct binderfs_device)

#endif /* _UAPI_LINUX_BINDERFS_H */
