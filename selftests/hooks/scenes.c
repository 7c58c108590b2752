// SPDX-License-Identifier: GPL-2.0-only
/* Races acted out; see scenes.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "hooks.h"
#include "scenes.h"

/* A page that reclaim chose is used again before reclaim comes to take it. */
static const char *used_again(const char *point)
{
	struct port *server = receiver(AREA), *c = client(), *reaper = client();

	release(server, keep(c, server, 'a', PAGE));
	arm(point);
	start_reclaim(reaper, 1);
	await_stop(point);
	keep(c, server, 'b', PAGE / 2);
	proceed(point);
	run_finish(reaper);
	/* On the same page. */
	keep(c, server, 'd', PAGE / 2);
	if (!is_all(server, 0, PAGE / 2, 'b'))
		return "a message lost its page";
	if (!is_all(server, PAGE / 2, PAGE / 2, 'd'))
		return "a message went to another page than the receiver sees";
	return count().pages == 1 && !count().idle ? "right" : "wrong counts";
}

static const char *used_again_before_unmapping(void)
{
	return used_again("after_isolate");
}

static const char *used_again_before_taking(void)
{
	return used_again("before_commit");
}

/* The plain life of a page. */
static const char *used_after_reclaim(void)
{
	struct port *server = receiver(AREA), *c = client();

	release(server, keep(c, server, 'a', PAGE));
	reclaim(1);
	if (look(server, 0) != -SIGBUS)
		return "a reclaimed page is still seen";
	keep(c, server, 'b', PAGE);
	return is_all(server, 0, PAGE, 'b') ? "right" : "an old page hides the message";
}

static long do_pin(struct port *p, void *arg)
{
	struct iovec page = { p->conn->map, PAGE };
	int fds[2];

	(void)arg;
	if (pipe(fds) || vmsplice(fds[1], &page, 1, 0) != (ssize_t)PAGE)
		return -errno;
	/* What was pinned is to be faulted in again. */
	return madvise(p->conn->map, PAGE, MADV_DONTNEED) ? -errno : 0;
}

static long do_touch(struct port *p, void *arg)
{
	(void)arg;
	return *(volatile uint8_t *)p->conn->map;
}

/* A message is freed, and reclaim comes, while a fault is about to map its page. */
static const char *freed_during_a_fault(void)
{
	struct port *server = receiver(AREA), *c = client(), *t = thread_of(server);
	size_t at = keep(c, server, 'a', PAGE);
	const char *verdict = "right";

	if (run(server, do_pin, NULL))
		fail("the page cannot be pinned");
	arm("fault");
	run_start(t, do_touch, NULL);
	await_stop("fault");
	release(server, at);
	reclaim(1);
	if (count().pages != 1)
		verdict = "a page was taken that is about to be mapped";
	proceed("fault");
	run_finish(t);
	keep(c, server, 'b', PAGE);
	return is_all(server, 0, PAGE, 'b') ? verdict : "an old page hides the message";
}

static bool stopped_or_through(void *arg)
{
	return stands("after_isolate") || is_through(arg);
}

/* The second one chooses the page again that the first one is about to take. */
static const char *two_at_a_time(void)
{
	struct port *server = receiver(AREA), *c = client();
	struct port *first = client(), *second = client();
	bool right;

	release(server, keep(c, server, 'a', PAGE));
	arm("before_commit");
	start_reclaim(first, 1);
	await_stop("before_commit");
	/* Used and idle once more. */
	release(server, keep(c, server, 'b', PAGE));
	arm("after_isolate");
	start_reclaim(second, 1);
	wait_until(stopped_or_through, second, "the second reclaimer");
	/* If that one keeps away, the first shall not stop there in its place. */
	if (!stands("after_isolate"))
		proceed("after_isolate");
	proceed("before_commit");
	run_finish(first);
	keep(c, server, 'd', PAGE);
	right = is_all(server, 0, PAGE, 'd');
	proceed("after_isolate");
	run_finish(second);
	return right ? "right" : "an old page hides the message";
}

const struct scene scenes[] = {
	{ "used again before unmapping", "no_cancel", "", used_again_before_unmapping },
	{ "used again before taking", "no_cancel", "", used_again_before_taking },
	{ "used after reclaim", "no_unmap", "", used_after_reclaim },
	{ "freed during a fault", "no_pin", "", freed_during_a_fault },
	{ "two reclaimers", "no_exclusion", "no_cancel no_unmap", two_at_a_time },
};

const int nr_scenes = sizeof(scenes) / sizeof(*scenes);
