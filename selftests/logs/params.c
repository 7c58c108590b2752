// SPDX-License-Identifier: GPL-2.0-only
/* Parameters of the module: debug lines by their classes, and stopping at user errors. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logs_test.h"
#include "scheduled.h"

#define PARAMETERS "/sys/module/binder_linux/parameters"

static void set_parameter(const char *name, const char *value)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", PARAMETERS, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		fail("%s: %s", path, strerror(errno));
	close(fd);
}

static long parameter(const char *name)
{
	return atol(read_log(PARAMETERS, name));
}

/* Defaults at the end of each test, however it ends. */
FIXTURE(params) {
	int kmsg;
};

FIXTURE_SETUP(params)
{
	(void)variant;
	running_test = _metadata;
	names_begin();
	set_parameter("debug_mask", "0");
	peers_begin(fail_test);
	set_parameter("debug_mask", "7");
	self->kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, self->kmsg);
	lseek(self->kmsg, 0, SEEK_END);
}

FIXTURE_TEARDOWN(params)
{
	(void)_metadata;
	(void)variant;
	set_parameter("stop_on_user_error", "0");
	set_parameter("debug_mask", "7");
	set_parameter("alloc_debug_mask", "1");
	close(self->kmsg);
	peers_end();
}

static char last_line[8192];

/* How many lines of the driver there are since the last call, with @text in them. */
static int lines_with(int kmsg, const char *text)
{
	char line[8192];
	ssize_t len;
	int n = 0;

	while ((len = read(kmsg, line, sizeof(line) - 1)) > 0 || (len < 0 && errno == EPIPE)) {
		if (len < 0)
			continue;
		line[len] = '\0';
		if (strstr(line, "binder") && strstr(line, text)) {
			strcpy(last_line, line);
			n++;
		}
	}
	return n;
}

TEST_F(params, are_there)
{
	static const char *const writable[] = {
		"debug_mask", "alloc_debug_mask", "stop_on_user_error",
	};
	struct stat st;
	char path[256];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", PARAMETERS, writable[i]);
		ASSERT_EQ(0, stat(path, &st));
		ASSERT_EQ(S_IFREG | 0644, st.st_mode);
	}
	ASSERT_EQ(0, stat(PARAMETERS "/devices", &st));
	ASSERT_EQ(S_IFREG | 0444, st.st_mode);
	ASSERT_EQ(7, parameter("debug_mask"));
	ASSERT_EQ(1, parameter("alloc_debug_mask"));
	ASSERT_EQ(0, parameter("stop_on_user_error"));
	set_parameter("debug_mask", "0x1ff");
	ASSERT_EQ(0x1ff, parameter("debug_mask"));
}

/* --- debug lines ----------------------------------------------------------------------- */

/* What a program does wrong ten thousand times is not told ten thousand times. */
TEST_F(params, lines_are_limited)
{
	struct port *c;
	int lines;

	manager();
	c = process();
	for (int i = 0; i < 100; i++) {
		for (int j = 0; j < 100; j++)
			bnd_cmd_free_buffer(&c->w, 1);
		WRITE(c, "");
	}
	lines = lines_with(self->kmsg, "");
	ASSERT_GT(100, lines);
	/* The kernel's driver has one limit for all mistakes, used up by other tests. */
	if (ours())
		ASSERT_LT(0, lines);
}

struct full {
	struct port *c;
	int kmsg;
};

static bool is_explained(void *arg)
{
	static char data[100000];
	struct full *full = arg;

	call_data(full->c, 0, 1, 0, data, sizeof(data));
	if (strcmp(go(full->c), "NOOP FAILED"))
		fail("got '%s'", full->c->got);
	/* Bytes in use. */
	return lines_with(full->kmsg, "16000");
}

/* A receiver that is full: how much of what is there. */
TEST_F(params, no_room_is_explained)
{
	static char data[16000];
	struct full full = { .kmsg = self->kmsg };

	manager();
	full.c = process();
	call_data(full.c, 0, 1, 0, data, sizeof(data));
	only_write(full.c);
	full.c = process();
	/* Until the limit of such lines lets one through. */
	wait_until(is_explained, &full, "no line about the space");
}

/* Whatever there is a line about. */
static void everything(void)
{
	struct port *s = manager(), *c = process(), *o = process(), *t;
	uint32_t handle = give(o, c, 0x10, 0, 0), max = 1;

	bnd_cmd_request_death(&c->w, handle, 1);
	bnd_cmd_acquire(&c->w, handle);
	bnd_cmd_enter_looper(&c->w);
	bnd_cmd_free_buffer(&c->w, 1);
	bnd_cmd_clear_death(&c->w, handle, 2);
	only_write(c);
	t = thread_of(c);
	bnd_cmd_register_looper(&t->w);
	bnd_cmd_exit_looper(&t->w);
	only_write(t);
	ioc_at(t, BINDER_THREAD_EXIT, 0);
	ping(c, s, 0);
	ioc(c, BINDER_SET_MAX_THREADS, &max, sizeof(max));
	call(c, 777, 1, 0);
	go(c);
	call(c, 0, 1, TF_ONE_WAY);
	go(c);
	die(o);
	gone(o);
	call(c, handle, 1, 0);
	go(c);
	go(c);
	bnd_cmd_dead_binder_done(&c->w, 1);
	only_write(c);
	die(c);
	gone(c);
	die(s);
	gone(s);
}

TEST_F(params, each_bit_of_debug_mask_prints_something)
{
	char mask[16];

	/* Bit 13 has a test of its own. */
	for (int bit = 3; bit < 15; bit += bit == 12 ? 2 : 1) {
		snprintf(mask, sizeof(mask), "%u", 1U << bit);
		set_parameter("debug_mask", "0");
		lines_with(self->kmsg, "");
		set_parameter("debug_mask", mask);
		everything();
		set_parameter("debug_mask", "0");
		ASSERT_LT(0, lines_with(self->kmsg, "")) {
			TH_LOG("bit %d", bit);
		}
	}
}

/* Bit 13: a server that may not have the priority of its client. */
TEST_F(params, a_priority_that_is_refused_prints_a_line)
{
	struct port *s, *c;
	char want[64] = "";
	uint32_t handle;

	manager();
	c = process();
	s = process_at(5);
	handle = node(s, c, 0x7f);
	unprivileged(s, 0, 0);
	set_nice(c, -5);
	set_parameter("debug_mask", "0x2000");
	lines_with(self->kmsg, "");
	deliver(c, s, handle, 7);
	set_parameter("debug_mask", "0");
	if (ours())
		snprintf(want, sizeof(want), "%d: priority 115 not allowed, gets 125", s->tid);
	ASSERT_EQ(1, lines_with(self->kmsg, want));
	answer(s, c);
}

struct mistake {
	struct port *c;
	int kmsg;
	uint32_t handle;
};

static bool is_printed(void *arg)
{
	struct mistake *mistake = arg;

	bnd_cmd_free_buffer(&mistake->c->w, 1);
	call(mistake->c, mistake->handle, 1, 0);
	go(mistake->c);
	return lines_with(mistake->kmsg, "");
}

/* The call is answered by its server's death. */
static void die_serving(struct port *c)
{
	struct port *s = manager();

	deliver(c, s, 0, 1);
	die(s);
	wait_for(c, "error");
	go(c);
}

/* Mistakes, calls that fail, calls to the dead: bits 0 to 2. Others made many before. */
TEST_F(params, bits_of_mistakes_print_something)
{
	struct mistake mistake = { .c = process(), .kmsg = self->kmsg };

	for (int bit = 0; bit < 3; bit++) {
		char mask[16];

		snprintf(mask, sizeof(mask), "%u", 1U << bit);
		set_parameter("debug_mask", mask);
		lines_with(self->kmsg, "");
		mistake.handle = bit == 2 ? 0 : 777;
		if (bit == 2)
			die_serving(mistake.c);
		wait_until(is_printed, &mistake, "no line");
	}
}

TEST_F(params, each_bit_of_alloc_debug_mask_prints_something)
{
	static char data[100000];
	char mask[16];

	set_parameter("debug_mask", "0");
	for (int bit = 0; bit < 4; bit++) {
		struct port *s, *c;

		snprintf(mask, sizeof(mask), "%u", 1U << bit);
		set_parameter("alloc_debug_mask", "0");
		lines_with(self->kmsg, "");
		set_parameter("alloc_debug_mask", mask);
		s = manager();
		c = process();
		call(c, 0, 1, TF_ONE_WAY);
		go(c);
		call_data(c, 0, 1, 0, data, sizeof(data));
		go(c);
		die(c);
		die(s);
		gone(s);
		gone(c);
		set_parameter("alloc_debug_mask", "0");
		ASSERT_LT(0, lines_with(self->kmsg, "")) {
			TH_LOG("bit %d", bit);
		}
	}
}

TEST_F(params, empty_masks_print_nothing)
{
	set_parameter("debug_mask", "0");
	set_parameter("alloc_debug_mask", "0");
	lines_with(self->kmsg, "");
	everything();
	ASSERT_EQ(0, lines_with(self->kmsg, "")) {
		TH_LOG("last: %s", last_line);
	}
}

/* --- stopping ----------------------------------------------------------------------------- */

static bool is_stopped(void *arg)
{
	(void)arg;
	return parameter("stop_on_user_error") == 2;
}

TEST_F(params, user_error_stops_all_ioctls)
{
	struct port *s = manager(), *c = process();

	/* A thread that reads without having said so is an error, too. */
	bnd_cmd_enter_looper(&s->w);
	only_write(s);
	bnd_cmd_enter_looper(&c->w);
	only_write(c);
	set_parameter("stop_on_user_error", "1");
	ping(c, s, 0);
	ASSERT_EQ(1, parameter("stop_on_user_error"));
	/* The task that made the error stops behind it, others before they begin. */
	bnd_cmd_free_buffer(&c->w, 1);
	c->room = 0;
	start(c);
	ASSERT_TRUE(asleep(c));
	wait_until(is_stopped, NULL, "the parameter");
	s->room = 0;
	start(s);
	ASSERT_TRUE(asleep(s));
	set_parameter("stop_on_user_error", "0");
	ASSERT_STREQ("", finish(s));
	ASSERT_STREQ("", finish(c));
	s->room = 512;
	c->room = 512;
	ping(c, s, 0);
}

TEST_F(params, user_error_stops_failed_calls)
{
	struct port *c;

	manager();
	c = process();
	set_parameter("stop_on_user_error", "1");
	call(c, 777, 1, 0);
	start(c);
	ASSERT_TRUE(asleep(c));
	wait_until(is_stopped, NULL, "the parameter");
	set_parameter("stop_on_user_error", "1");
	ASSERT_STREQ("NOOP FAILED", finish(c));
	ASSERT_EQ(1, parameter("stop_on_user_error"));
}

TEST_F(params, stopped_ioctls_end_by_a_signal)
{
	struct port *c;

	manager();
	c = process();
	set_parameter("stop_on_user_error", "2");
	c->room = 0;
	start(c);
	ASSERT_TRUE(asleep(c));
	die(c);
	set_parameter("stop_on_user_error", "0");
}

TEST_HARNESS_MAIN
