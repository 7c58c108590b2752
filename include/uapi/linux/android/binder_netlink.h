/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Reports of the Binder driver through generic netlink.
 *
 * Whoever joins the multicast group BINDER_MCGRP_REPORT of the family, in the
 * initial network namespace, is sent a BINDER_CMD_REPORT for each transaction
 * or reply that failed when it was sent, that looked like spam, or that waits
 * for its receiver to be thawed. The family takes no commands.
 */
#ifndef _UAPI_LINUX_ANDROID_BINDER_NETLINK_H
#define _UAPI_LINUX_ANDROID_BINDER_NETLINK_H

#define BINDER_FAMILY_NAME	"binder"
#define BINDER_FAMILY_VERSION	1

#define BINDER_MCGRP_REPORT	"report"

enum {
	BINDER_CMD_REPORT = 1,

	__BINDER_CMD_MAX,
	BINDER_CMD_MAX = (__BINDER_CMD_MAX - 1)
};

/*
 * Attributes of BINDER_CMD_REPORT. Processes and threads are numbered as in the
 * initial pid namespace; the receiver's are left out when it is not known.
 */
enum {
	BINDER_A_REPORT_ERROR = 1,	/* u32: BR_ code */
	BINDER_A_REPORT_CONTEXT,	/* string: name of the device */
	BINDER_A_REPORT_FROM_PID,	/* u32 */
	BINDER_A_REPORT_FROM_TID,	/* u32 */
	BINDER_A_REPORT_TO_PID,		/* u32 */
	BINDER_A_REPORT_TO_TID,		/* u32 */
	BINDER_A_REPORT_IS_REPLY,	/* flag */
	BINDER_A_REPORT_FLAGS,		/* u32: TF_ flags as sent */
	BINDER_A_REPORT_CODE,		/* u32: code as sent */
	BINDER_A_REPORT_DATA_SIZE,	/* u32: bytes of data as sent */

	__BINDER_A_REPORT_MAX,
	BINDER_A_REPORT_MAX = (__BINDER_A_REPORT_MAX - 1)
};

#endif /* _UAPI_LINUX_ANDROID_BINDER_NETLINK_H */
