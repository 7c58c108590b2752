// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a processor keeps for messages to come, when it goes offline before the
 * driver is left: the module could not be unloaded with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "hooks_test.h"

#define CPU1 "/sys/devices/system/cpu/cpu1/online"

static int set_online(const char *state)
{
	int fd = open(CPU1, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0 || write(fd, state, strlen(state)) < 0)
		err = errno;
	close(fd);
	return err;
}

static long move_to_cpu1(struct port *p, void *arg)
{
	cpu_set_t set;

	(void)p;
	(void)arg;
	CPU_ZERO(&set);
	CPU_SET(1, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

static long messages(void)
{
	return objects_of("binder_oneway") + objects_of("binder_transaction");
}

static bool no_messages(void *arg)
{
	(void)arg;
	return !messages();
}

/* They do not where debuggers of memory want to see each of them freed. */
static bool keeps_messages(void)
{
	int fd = open("/sys/module/binder_linux/parameters/keep_messages", O_RDONLY | O_CLOEXEC);
	char text = 0;

	if (read(fd, &text, 1) != 1)
		fail("keep_messages: %s", strerror(errno));
	close(fd);
	return text == 'Y';
}

static void all_online(void)
{
	hooks_end();
	set_online("1");
}

PEERS_FIXTURE(spare, hooks_begin(), all_online())

TEST_F(spare, messages_of_a_processor_that_goes_offline)
{
	struct port *s = manager(), *c = process();

	if (access(CPU1, W_OK))
		SKIP(return, "needs a second processor that can be put offline");
	ASSERT_EQ(0, run(s, move_to_cpu1, NULL));
	ASSERT_EQ(0, run(c, move_to_cpu1, NULL));
	ping(c, s, 0);
	call(c, 0, 1, TF_ONE_WAY);
	GO(c, "NOOP COMPLETE");
	GO(s, "NOOP TXN:1");
	free_last(s);
	WRITE(s, "");
	ASSERT_EQ(keeps_messages(), messages() != 0);
	ASSERT_EQ(0, set_online("0"));
	die(c);
	die(s);
	wait_until(no_messages, NULL, "messages of a processor that is offline");
}

TEST_HARNESS_MAIN
