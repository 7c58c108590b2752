// SPDX-License-Identifier: GPL-2.0-only
/* Progress, times and calls of the programs with much of everything; see scale.h. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>

#include "scale.h"

static const char *step;
static unsigned long done;

static void what_hangs(void)
{
	printf(": %s, %lu done", step, done);
}

void doing(const char *what)
{
	step = what;
	done = 0;
	hang_after(what_hangs);
}

void some_done(unsigned long n)
{
	/* The clock is set again now and then, which is cheaper. */
	if (done / 64 != (done + n) / 64)
		hang_after(what_hangs);
	done += n;
}

void say_time(const char *what, unsigned long n, uint64_t since)
{
	printf("# %s: %lu in %.0f ms\n", what, n, (now_ns() - since) / 1e6);
}

void raise_limits(void)
{
	struct rlimit files = { 1 << 17, 1 << 17 };

	need(!setrlimit(RLIMIT_NOFILE, &files));
}

void become_manager(struct bnd_conn *c, size_t area)
{
	int err;

	need(!bnd_open(c, device(), area, 0));
	/* That of the test before may still be on its way out. */
	while ((err = bnd_become_manager(c)) == -EBUSY)
		sched_yield();
	need(!err);
}

void write_all(const struct bnd_conn *c, struct bnd_cmds *w)
{
	need(!bnd_write(c, w) && w->consumed == w->len);
	bnd_cmds_reset(w);
}

void plain_call(struct bnd_conn *c, uint32_t handle, uint32_t code)
{
	struct bnd_msg m = { .handle = handle, .code = code };
	struct binder_transaction_data reply;

	need(!bnd_call_checked(c, &m, &reply));
	need(!bnd_free_buffer(c, reply.data.ptr.buffer));
}
