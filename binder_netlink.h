/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports of messages that went wrong, for whoever listens.
 *
 * A family of generic netlink with one multicast group and no commands, only in
 * the initial network namespace: include/uapi/linux/android/binder_netlink.h
 * says what is in a report. Nothing is kept here, so there is nothing to lock;
 * without listeners a report costs a look at the group, and none is made on the
 * way of a message that goes well.
 */
#ifndef _BINDER_NETLINK_H
#define _BINDER_NETLINK_H

#include <linux/types.h>

/**
 * struct binder_report - what is reported
 * @error: BR_ code that the sender, or the caller of a failed reply, gets
 * @from_pid: process that sent it
 * @from_tid: thread that sent it
 * @to_pid: process it was for, 0 if unknown
 * @to_tid: thread it was for, 0 if none was chosen
 * @is_reply: it is a reply
 * @flags: flags as sent
 * @code: code as sent
 * @data_size: bytes of data as sent
 *
 * Numbers of processes and threads are those of the initial pid namespace.
 */
struct binder_report {
	u32 error;
	u32 from_pid;
	u32 from_tid;
	u32 to_pid;
	u32 to_tid;
	bool is_reply;
	u32 flags;
	u32 code;
	u64 data_size;
};

int binder_netlink_init(void);
void binder_netlink_exit(void);

void binder_netlink_report(const char *context,
			   const struct binder_report *report);

#endif /* _BINDER_NETLINK_H */
