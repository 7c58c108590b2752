/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of SELinux begin with. */
#ifndef SELINUX_TEST_H
#define SELINUX_TEST_H

#include <errno.h>

#include "secctx_test.h"

static long do_setcon(struct port *p, void *arg)
{
	int fd = open("/proc/self/attr/current", O_RDWR);
	long err = write(fd, arg, strlen(arg)) < 0 ? -errno : 0;

	(void)p;
	close(fd);
	return err;
}

/* The task gets another context; what it opened keeps that of the time. */
static void set_context(struct port *p, const char *text)
{
	long err = run(p, do_setcon, strcpy(shared(strlen(text) + 1), text));

	if (err)
		fail("no context %s: %s", text, strerror((int)-err));
}

/* A process with that context, and an open of the time after. */
static struct port *process_with(const char *text)
{
	struct port *p = process();

	set_context(p, text);
	return open_again(p, AREA);
}

struct attempt {
	struct port *p;
	uint32_t flags;
	int err;
};

static bool not_busy(void *arg)
{
	struct attempt *a = arg;
	struct flat_binder_object obj = bnd_obj_binder(0, 0, a->flags);

	a->err = ioc(a->p, BINDER_SET_CONTEXT_MGR_EXT, &obj, sizeof(obj));
	return a->err != -EBUSY;
}

/* What trying to become manager gives once another one has gone. */
static int try_manager(struct port *p, uint32_t flags)
{
	struct attempt a = { .p = p, .flags = flags };

	wait_until(not_busy, &a, "the old manager is still there");
	return a.err;
}

static void become_manager(struct port *p, uint32_t flags)
{
	int err = try_manager(p, flags);

	if (err)
		fail("cannot become manager: %s", strerror(-err));
}

#endif /* SELINUX_TEST_H */
