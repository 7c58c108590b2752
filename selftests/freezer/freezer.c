// SPDX-License-Identifier: GPL-2.0-only
/* Freezing and thawing as peers do it; see freezer.h. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "freezer.h"

int freeze(struct port *by, pid_t pid, uint32_t enable, uint32_t timeout_ms)
{
	struct binder_freeze_info info = {
		.pid = pid, .enable = enable, .timeout_ms = timeout_ms,
	};

	return ioc(by, BINDER_FREEZE, &info, sizeof(info));
}

const char *frozen_info(struct port *by, pid_t pid)
{
	struct binder_frozen_status_info info = { .pid = pid, .sync_recv = 77, .async_recv = 77 };
	int err = ioc(by, BINDER_GET_FROZEN_INFO, &info, sizeof(info));
	static char text[32];

	if (err)
		return strerrorname_np(-err);
	snprintf(text, sizeof(text), "%x %x", info.sync_recv, info.async_recv);
	return text;
}

static long handle(struct port *p, void *restart)
{
	struct sigaction action;

	(void)p;
	sigaction(SIGUSR1, NULL, &action);
	action.sa_flags = restart ? SA_RESTART : 0;
	return sigaction(SIGUSR1, &action, NULL);
}

void restart_after_signals(struct port *p, bool restart)
{
	run(p, handle, (void *)(uintptr_t)restart);
}

static long do_freeze(struct port *p, void *arg)
{
	return bnd_ioctl(p->conn, BINDER_FREEZE, arg);
}

void freeze_start(struct port *by, pid_t pid, uint32_t timeout_ms)
{
	struct binder_freeze_info *info = shared(sizeof(*info));

	*info = (struct binder_freeze_info){
		.pid = pid, .enable = 1, .timeout_ms = timeout_ms,
	};
	run_start(by, do_freeze, info);
}

void freeze_begin(struct port *by, pid_t pid, uint32_t timeout_ms)
{
	freeze_start(by, pid, timeout_ms);
	settle(by);
	if (!asleep(by))
		fail("freezing does not wait: %ld", run_finish(by));
}

int freeze_end(struct port *by)
{
	return (int)run_finish(by);
}

void freeze_now(struct port *by, struct port *whom)
{
	int err = freeze(by, whom->pid, 1, 0);

	if (err)
		fail("freezing: %s", strerror(-err));
}

void thaw(struct port *by, struct port *whom)
{
	int err = freeze(by, whom->pid, 0, 0);

	if (err)
		fail("thawing: %s", strerror(-err));
}

const char *oneway(struct port *p, uint32_t handle, uint32_t code, uint32_t flags)
{
	call(p, handle, code, TF_ONE_WAY | flags);
	return go(p);
}

bool is_refused(struct port *client, uint32_t handle)
{
	call(client, handle, 1, 0);
	go(client);
	return !strcmp(client->got, "NOOP FROZEN_REPLY");
}

struct trio trio(void)
{
	struct trio t = {
		.mgr = manager(), .server = process(), .c = process(), .freezer = process(),
	};

	t.h = give(t.server, t.c, 0x10, 0x20, FLAT_BINDER_FLAG_ACCEPTS_FDS);
	return t;
}
