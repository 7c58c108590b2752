/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A listener to the driver's reports, with nothing but a netlink socket.
 *
 *	struct listener l = listen_to_reports();
 *	...
 *	ASSERT_STREQ("error=BR_DEAD_REPLY context=binder ...", next_report(&l));
 *
 * Reports are sent in the ioctl they are about, so they are there when it has
 * returned. Failures of the socket end the test through fail() of peer.h.
 */
#ifndef NETLINK_LISTENER_H
#define NETLINK_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

struct family {
	uint16_t id;
	uint32_t version;
	uint32_t group;		/* of BINDER_MCGRP_REPORT, 0 when there is none */
	int ngroups;
	bool has_commands;
};

struct listener {
	int fd;
	struct family family;
};

/* 0 or a negative errno: -ENOENT when there is no such family. */
int find_family(int fd, const char *name, struct family *family);
int netlink_socket(void);
/* True of our driver in any case: without a family its tests fail. */
bool reports_exist(void);
struct listener listen_to_reports(void);

/*
 * The next report as text, its attributes in the order of their numbers; "none" when
 * there is none, "lost" once after the kernel had to drop some. Attributes unknown
 * or of a wrong size are told as such.
 */
const char *next_report(struct listener *l);
/* What the kernel answers to a command of ours: 0 or a negative errno. */
int send_command(struct listener *l, uint8_t cmd);

#endif /* NETLINK_LISTENER_H */
