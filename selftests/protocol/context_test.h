/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests begin with whose manager asks for the context of each sender. */
#ifndef PROTOCOL_CONTEXT_TEST_H
#define PROTOCOL_CONTEXT_TEST_H

#include <stdlib.h>

#include "secctx_test.h"

#define TEXT_MAX 256

/* Of all peers that changed nothing. */
static const char *context;

/* Did the machine boot with this security module? */
static bool has_module(const char *name)
{
	char value = 'N';
	int fd;

	if (!strcmp(name, "selinux"))
		return !access("/sys/fs/selinux", F_OK);
	fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY);
	if (fd >= 0 && read(fd, &value, 1) != 1)
		value = 'N';
	close(fd);
	return value == 'Y';
}

/*
 * The context of this task, and of peers that changed nothing: SELinux has one
 * for the sender of a call, others have none.
 */
static const char *usual_context(void)
{
	const char *wanted = getenv("WANTED_LSM");
	static char text[TEXT_MAX];
	ssize_t n;
	int fd;

	if (wanted && (has_module("selinux") != !strcmp(wanted, "selinux") ||
		       has_module("apparmor") != !strcmp(wanted, "apparmor")))
		fail("this machine was to boot with %s", wanted);
	if (!has_module("selinux"))
		return "";
	fd = open("/proc/self/attr/current", O_RDONLY);
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		fail("/proc/self/attr/current cannot be read");
	close(fd);
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static struct port *manager_with_context(void)
{
	struct flat_binder_object obj = bnd_obj_binder(0x77, 0x88, WANTS_CONTEXT);
	struct port *p = process();

	if (ioc(p, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj)))
		fail("cannot become manager");
	return p;
}

/* The server is the manager, whose object asks. */
static void context_begin(void)
{
	page = page_before_a_hole();
	context = usual_context();
	mgr = manager_with_context();
	server = mgr;
	handle = 0;
	c = process();
}

#define SECCTX_FIXTURE(name) PEERS_FIXTURE(name, context_begin(), (void)0)

#endif /* PROTOCOL_CONTEXT_TEST_H */
