// SPDX-License-Identifier: GPL-2.0-only
/* The test hooks of the module; see hooks.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hooks.h"

#define PARAMETERS "/sys/module/binder_linux/parameters/"

static const char *const points[] = {
	"after_isolate", "before_commit", "fault", "prefault", "slots", "fill", "free", "unpin",
	"release", "log", "handle", "hand_back", "offer", "notice", "frozen",
	"dead", "object", "gone", "visit", "request",
};

/* 0 or a negative errno. */
static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	/* An empty list is still to be written. */
	if (fd < 0 || write(fd, *text ? text : "\n", *text ? strlen(text) : 1) < 0)
		err = -errno;
	close(fd);
	return err;
}

int set_parameter(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	return write_file(path, value);
}

static void set(const char *name, const char *value)
{
	int err = set_parameter(name, value);

	if (err)
		fail("%s of %s: %s", value, name, strerror(-err));
}

static void get(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, size - 1);

	if (n < 0)
		fail("%s: %s", path, strerror(errno));
	close(fd);
	text[n] = '\0';
}

void arm(const char *point)
{
	set("hook_stall", point);
}

bool stands(const char *point)
{
	char text[256], *name, *rest;

	get(PARAMETERS "hook_stalled", text, sizeof(text));
	for (name = strtok_r(text, ",\n", &rest); name; name = strtok_r(NULL, ",\n", &rest)) {
		if (!strcmp(name, point))
			return true;
	}
	return false;
}

static bool somebody_stands(void *arg)
{
	return stands(arg);
}

void await_stop(const char *point)
{
	wait_until(somebody_stands, (void *)(uintptr_t)point, point);
}

void proceed(const char *point)
{
	set("hook_release", point);
}

void proceed_all(void)
{
	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++)
		proceed(points[i]);
}

void break_rules(const char *defects)
{
	set("hook_broken", defects);
}

static long do_reclaim(struct port *p, void *arg)
{
	char text[32];

	(void)p;
	snprintf(text, sizeof(text), "%ld", (long)arg);
	return write_file(PARAMETERS "hook_scan", text);
}

void reclaim(long n)
{
	long err = do_reclaim(NULL, (void *)n);

	if (err)
		fail("hook_scan: %s", strerror((int)-err));
}

void start_reclaim(struct port *p, long n)
{
	run_start(p, do_reclaim, (void *)n);
}

struct counts count(void)
{
	struct counts c;
	char text[256];

	get(PARAMETERS "hook_pages", text, sizeof(text));
	if (sscanf(text, "pages %ld idle %ld counted %ld slots %ld", &c.pages, &c.idle,
		   &c.counted, &c.slots) != 4)
		fail("hook_pages: '%s'", text);
	return c;
}

static bool no_pages(void *arg)
{
	struct counts c = count();

	(void)arg;
	return !c.pages && !c.slots;
}

void await_no_pages(void)
{
	wait_until(no_pages, NULL, "pages of closed files are left");
}

static bool no_idle_pages(void *arg)
{
	(void)arg;
	return !count().counted;
}

void await_no_idle_pages(void)
{
	wait_until(no_idle_pages, NULL, "idle pages of closed files");
}

long objects_of(const char *cache)
{
	char path[128], text[64];
	int err;

	/* Objects that processors keep at hand count as in use. */
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	err = write_file(path, "1");
	if (err)
		fail("%s: %s", path, strerror(-err));
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/objects", cache);
	get(path, text, sizeof(text));
	return atol(text);
}

/* --- messages --- */

long send_prepared(struct port *p, void *arg)
{
	(void)arg;
	return bnd_write(p->conn, &p->w);
}

void start_sending(struct port *c, uint8_t value, size_t size, const char *point)
{
	struct bnd_msg m = { .flags = TF_ONE_WAY, .data = filled(value, size), .size = size };

	arm(point);
	bnd_cmd_transaction(&c->w, &m);
	run_start(c, send_prepared, NULL);
	await_stop(point);
}

bool gets(struct port *server, uint8_t value, size_t size)
{
	go(server);
	return !strcmp(server->got, "NOOP TXN:0") && server->txn.data_size == size &&
	       is_all(server, server->txn.data.ptr.buffer - (uintptr_t)server->conn->map,
		      size, value);
}
