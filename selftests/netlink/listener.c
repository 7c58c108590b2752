// SPDX-License-Identifier: GPL-2.0-only
/* Raw generic netlink; see listener.h. */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/android/binder_netlink.h>

#include "listener.h"
#include "peer.h"

#define ROOM 8192

/* A message on its way, attributes behind the generic header. */
struct message {
	struct nlmsghdr head;
	struct genlmsghdr genl;
	uint8_t rest[ROOM];
};

int netlink_socket(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		fail("netlink socket: %s", strerror(errno));
	return fd;
}

static void send_message(int fd, struct message *m)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (sendto(fd, m, m->head.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		fail("netlink: cannot send: %s", strerror(errno));
}

/* 1 with a message, 0 when there is none, -ENOBUFS after some were lost. */
static int receive(int fd, struct message *m)
{
	ssize_t n = recv(fd, m, sizeof(*m), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n < 0 && errno == ENOBUFS)
		return -ENOBUFS;
	if (n < (ssize_t)sizeof(m->head) || m->head.nlmsg_len > (size_t)n)
		fail("netlink: cannot receive: %s", n < 0 ? strerror(errno) : "short message");
	return 1;
}

/* Attributes from @at on; NULL behind the last. */
static const struct nlattr *attribute(const void *at, const void *end)
{
	const struct nlattr *a = at;

	if ((const char *)end - (const char *)at < NLA_HDRLEN || a->nla_len < NLA_HDRLEN ||
	    a->nla_len > (const char *)end - (const char *)at)
		return NULL;
	return a;
}

static const void *behind(const struct nlattr *a)
{
	return (const char *)a + NLA_ALIGN(a->nla_len);
}

static const void *data(const struct nlattr *a)
{
	return (const char *)a + NLA_HDRLEN;
}

static size_t data_size(const struct nlattr *a)
{
	return a->nla_len - NLA_HDRLEN;
}

static uint32_t number(const struct nlattr *a)
{
	uint32_t value = 0;

	memcpy(&value, data(a), data_size(a) < sizeof(value) ? data_size(a) : sizeof(value));
	return value;
}

#define for_each_attribute(a, start, end)				\
	for (a = attribute(start, end); a; a = attribute(behind(a), end))

/* --- the family --- */

static void read_groups(const struct nlattr *groups, struct family *family)
{
	const struct nlattr *group, *a;

	for_each_attribute(group, data(groups), behind(groups)) {
		const char *name = "";
		uint32_t id = 0;

		for_each_attribute(a, data(group), (const char *)group + group->nla_len) {
			if (a->nla_type == CTRL_ATTR_MCAST_GRP_NAME)
				name = data(a);
			else if (a->nla_type == CTRL_ATTR_MCAST_GRP_ID)
				id = number(a);
		}
		family->ngroups++;
		if (!strcmp(name, BINDER_MCGRP_REPORT))
			family->group = id;
	}
}

int find_family(int fd, const char *name, struct family *family)
{
	struct message m = {
		.head = {
			.nlmsg_type = GENL_ID_CTRL,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.genl = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
	};
	struct nlattr *request = (struct nlattr *)m.rest;
	const struct nlattr *a;

	request->nla_type = CTRL_ATTR_FAMILY_NAME;
	request->nla_len = NLA_HDRLEN + strlen(name) + 1;
	strcpy((char *)m.rest + NLA_HDRLEN, name);
	m.head.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN) + NLA_ALIGN(request->nla_len);
	send_message(fd, &m);
	if (receive(fd, &m) != 1)
		fail("no answer about family %s", name);
	if (m.head.nlmsg_type == NLMSG_ERROR)
		return ((struct nlmsgerr *)&m.genl)->error;
	*family = (struct family){ 0 };
	for_each_attribute(a, m.rest, (const char *)&m + m.head.nlmsg_len) {
		switch (a->nla_type & NLA_TYPE_MASK) {
		case CTRL_ATTR_FAMILY_ID:
			family->id = number(a);
			break;
		case CTRL_ATTR_VERSION:
			family->version = number(a);
			break;
		case CTRL_ATTR_OPS:
			family->has_commands = true;
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			read_groups(a, family);
			break;
		}
	}
	return 0;
}

bool reports_exist(void)
{
	struct family family;
	int fd, err;

	if (ours())
		return true;
	fd = netlink_socket();
	err = find_family(fd, BINDER_FAMILY_NAME, &family);
	close(fd);
	return err != -ENOENT;
}

struct listener listen_to_reports(void)
{
	struct listener l = { .fd = netlink_socket() };
	int err = find_family(l.fd, BINDER_FAMILY_NAME, &l.family);

	if (err)
		fail("family %s: %s", BINDER_FAMILY_NAME, strerror(-err));
	if (setsockopt(l.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &l.family.group,
		       sizeof(l.family.group)))
		fail("cannot join group %u: %s", l.family.group, strerror(errno));
	return l;
}

/* --- reports --- */

static const struct {
	const char *name;
	enum { NUMBER, TEXT, FLAG, CODE } kind;
} attributes[] = {
	[BINDER_A_REPORT_ERROR] = { "error", CODE },
	[BINDER_A_REPORT_CONTEXT] = { "context", TEXT },
	[BINDER_A_REPORT_FROM_PID] = { "from_pid", NUMBER },
	[BINDER_A_REPORT_FROM_TID] = { "from_tid", NUMBER },
	[BINDER_A_REPORT_TO_PID] = { "to_pid", NUMBER },
	[BINDER_A_REPORT_TO_TID] = { "to_tid", NUMBER },
	[BINDER_A_REPORT_IS_REPLY] = { "is_reply", FLAG },
	[BINDER_A_REPORT_FLAGS] = { "flags", NUMBER },
	[BINDER_A_REPORT_CODE] = { "code", NUMBER },
	[BINDER_A_REPORT_DATA_SIZE] = { "data_size", NUMBER },
};

static char told[1024];

static void __attribute__((format(printf, 1, 2))) tell(const char *format, ...)
{
	size_t len = strlen(told);
	va_list ap;

	if (len)
		told[len++] = ' ';
	va_start(ap, format);
	vsnprintf(told + len, sizeof(told) - len, format, ap);
	va_end(ap);
}

static void tell_attribute(const struct nlattr *a)
{
	const unsigned int type = a->nla_type;
	const char *name;

	if (type > BINDER_A_REPORT_MAX || !attributes[type].name) {
		tell("attribute_%u?", type);
		return;
	}
	name = attributes[type].name;
	switch (attributes[type].kind) {
	case TEXT:
		if (!data_size(a) || ((const char *)data(a))[data_size(a) - 1])
			tell("%s=?", name);
		else
			tell("%s=%s", name, (const char *)data(a));
		return;
	case FLAG:
		tell(data_size(a) ? "%s=?" : "%s", name);
		return;
	case NUMBER:
	case CODE:
		if (data_size(a) != sizeof(uint32_t))
			tell("%s=?", name);
		else if (attributes[type].kind == CODE)
			tell("%s=%s", name, bnd_br_name(number(a)));
		else
			tell("%s=%u", name, number(a));
	}
}

const char *next_report(struct listener *l)
{
	const struct nlattr *a;
	struct message m;
	int got;

	told[0] = '\0';
	got = receive(l->fd, &m);
	if (got != 1)
		return got ? "lost" : "none";
	if (m.head.nlmsg_type != l->family.id || m.genl.cmd != BINDER_CMD_REPORT ||
	    m.genl.version != BINDER_FAMILY_VERSION)
		tell("type %u, command %u, version %u:", m.head.nlmsg_type, m.genl.cmd,
		     m.genl.version);
	for_each_attribute(a, m.rest, (const char *)&m + m.head.nlmsg_len)
		tell_attribute(a);
	return told;
}

int send_command(struct listener *l, uint8_t cmd)
{
	struct message m = {
		.head = {
			.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN),
			.nlmsg_type = l->family.id,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.genl = { .cmd = cmd, .version = BINDER_FAMILY_VERSION },
	};

	send_message(l->fd, &m);
	if (receive(l->fd, &m) != 1 || m.head.nlmsg_type != NLMSG_ERROR)
		fail("no answer to command %u", cmd);
	return ((struct nlmsgerr *)&m.genl)->error;
}
