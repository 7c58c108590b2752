// SPDX-License-Identifier: GPL-2.0-only
/* memory: how full areas are, who fills them, what became of pages. Our driver only. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "held.h"
#include "logs_test.h"

#define KIB ((size_t)1024)

FIXTURE(areas) {
	char unused;
};

FIXTURE_SETUP(areas)
{
	(void)self;
	(void)variant;
	running_test = _metadata;
	if (!ours())
		SKIP(return, "this driver has no such file");
	names_begin();
	peers_begin(fail_test);
}

FIXTURE_TEARDOWN(areas)
{
	(void)_metadata;
	(void)self;
	(void)variant;
	held_end();
	peers_end();
}

/* What is told of @p, named P. */
static const char *memory(struct port *p)
{
	name(p, "P");
	return block("memory", p);
}

/* A line of it. */
static const char *line(struct port *p, const char *start)
{
	return line_of(memory(p), start);
}

TEST_F(areas, of_a_process_without_messages)
{
	SAME("proc P\n"
	     "context binder\n"
	     "  area: 65536\n"
	     "  used: 0 in 0 buffers\n"
	     "  largest gap: 65536\n"
	     "  pages: 0 of 16, idle 0\n"
	     "  page faults: 0\n"
	     "  prefaults skipped: 0\n"
	     "  pages reclaimed: 0\n"
	     "  reclaims cancelled: 0\n"
	     "  refused by quota: 0\n",
	     memory(receiver(64 * KIB)));
}

TEST_F(areas, of_a_process_without_an_area)
{
	struct port *c = client();

	ASSERT_STREQ("  area: 0", line(c, "  area"));
	ASSERT_STREQ("  largest gap: 0", line(c, "  largest"));
	ASSERT_STREQ("  pages: 0 of 0, idle 0", line(c, "  pages: "));
}

TEST_F(areas, with_messages)
{
	struct port *server = receiver(64 * KIB), *c = client();
	size_t first = keep(c, server, 'a', 6 * KIB);

	keep(c, server, 'b', 16);
	ASSERT_STREQ("  used: 6160 in 2 buffers", line(server, "  used"));
	ASSERT_STREQ("  pages: 2 of 16, idle 0", line(server, "  pages: "));
	ASSERT_STREQ("  user 0: 6160 in 2 buffers", line(server, "  user"));
	release(server, first);
	ASSERT_STREQ("  used: 16 in 1 buffers", line(server, "  used"));
	ASSERT_STREQ("  largest gap: 59376", line(server, "  largest"));
	ASSERT_STREQ("  pages: 2 of 16, idle 1", line(server, "  pages: "));
	ASSERT_STREQ("  user 0: 16 in 1 buffers", line(server, "  user"));
}

/* In the peer: only the task itself. */
static long change_euid(struct port *p, void *arg)
{
	(void)p;
	if (syscall(SYS_setresuid, -1, *(uid_t *)arg, -1))
		return -errno;
	/* That was dropped with the old credentials. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return 0;
}

static struct port *client_of(uid_t uid)
{
	struct port *c = client();

	if (run(c, change_euid, memcpy(shared(sizeof(uid)), &uid, sizeof(uid))))
		fail("cannot become user %u", uid);
	return c;
}

TEST_F(areas, by_user_in_order)
{
	struct port *server = receiver(64 * KIB);
	struct port *last = client_of(4294967294u), *second = client_of(1000);
	const char *text;
	size_t at;

	keep(last, server, 'a', 8);
	at = keep(second, server, 'b', 24);
	keep(client(), server, 'c', 64);
	text = memory(server);
	ASSERT_NE(NULL, strstr(text, "  user 0: 64 in 1 buffers\n"
				     "  user 1000: 24 in 1 buffers\n"
				     "  user 4294967294: 8 in 1 buffers\n")) {
		TH_LOG("got:\n%s", text);
	}
	release(server, at);
	ASSERT_EQ(2, count_lines(memory(server), "  user "));
	ASSERT_STREQ("", line(server, "  user 1000:"));
}

TEST_F(areas, reclaimed)
{
	struct port *server = receiver(64 * KIB), *c = client();

	release(server, keep(c, server, 'a', 16 * KIB));
	ASSERT_STREQ("  pages: 4 of 16, idle 4", line(server, "  pages: "));
	ASSERT_NE(0, strtol(line_of(read_log(DEBUGFS_LOGS, "memory"), "idle pages: ") + 12,
			    NULL, 10));
	drop_caches();
	ASSERT_STREQ("  pages: 0 of 16, idle 0", line(server, "  pages: "));
	ASSERT_STREQ("  pages reclaimed: 4", line(server, "  pages reclaimed"));
}

TEST_F(areas, a_message_that_could_not_be_mapped_before)
{
	struct port *server = receiver(64 * KIB), *t = thread_of(server), *c = client();
	bool through;

	if (!held_begin())
		SKIP(return, "this kernel has no FUSE to stop mmap with");
	/* The buffer it reads into is there: a fault on that would wait. */
	GO(server, "EAGAIN");
	hold(t);
	call_msg(c, (struct bnd_msg){ .data = filled('a', KIB), .size = KIB });
	WRITE(c, "");
	run_start(server, do_read_unseen, NULL);
	through = gets_through(server);
	let_go(t);
	ASSERT_TRUE(through);
	ASSERT_EQ(0, run_finish(server));
	ASSERT_STREQ("  prefaults skipped: 1", line(server, "  prefaults"));
	ASSERT_STREQ("  page faults: 0", line(server, "  page faults"));
	ASSERT_EQ('a', look(server, KIB - 1));
	ASSERT_STREQ("  page faults: 1", line(server, "  page faults"));
}

TEST_HARNESS_MAIN
