// SPDX-License-Identifier: GPL-2.0-only
/* Ordering the kernel to fail, and what comes of it; see faults.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "faults.h"
#include "text.h"

#define DEBUG "/sys/kernel/debug/"
#define MOST_FAULTS 400
#define MOST_ROUNDS 20
#define NR_ATTRIBUTES 3

enum kind { MEMORY, COPY, NR_KINDS };

/* Known to the peers, which make their own faults. */
struct fault {
	struct port *in;
	unsigned int nth;
	bool first;
	bool left;
	bool again;
};

static const char *const kind_names[NR_KINDS] = { "memory", "copy" };
static const char *const attributes[NR_ATTRIBUTES] = {
	"failslab", "fail_page_alloc", "fail_usercopy"
};

/* What each of them makes fail. */
static const enum kind kind_of[NR_ATTRIBUTES] = { MEMORY, MEMORY, COPY };

static struct fault *fault;
static enum kind kind;
static unsigned long text_start, text_end;
static void (*fail_hook)(const char *message);

static void put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		fail("%s: %s", path, strerror(errno));
	close(fd);
}

static void set(const char *attribute, const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUG "%s/%s", attribute, name);
	put(path, value);
}

/* Only the attributes of one kind; the others look for a stack that there is not. */
static void choose(enum kind chosen)
{
	char start[32], end[32];

	for (size_t i = 0; i < NR_ATTRIBUTES; i++) {
		bool on = kind_of[i] == chosen;

		snprintf(start, sizeof(start), "%lu", on ? text_start : 1);
		snprintf(end, sizeof(end), "%lu", on ? text_end : 2);
		set(attributes[i], "require-start", start);
		set(attributes[i], "require-end", end);
	}
	kind = chosen;
}

/* --- which stacks --- */

static void strike_in_module(void)
{
	FILE *f = fopen("/proc/modules", "r");
	char line[512], name[64];
	unsigned long size;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63s %lu %*s %*s %*s %lx", name, &size, &text_start) == 3 &&
		    !strcmp(name, "binder_linux")) {
			text_end = text_start + size;
			fclose(f);
			return;
		}
	}
	fail("the module is not loaded");
}

/* Where a function of the kernel begins and the next one does. */
static void find_function(const char *function, unsigned long *start, unsigned long *end)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[512], name[256];
	unsigned long address;

	*start = 0;
	*end = ~0UL;
	/* They are sorted by address, those of modules come last. */
	while (f && *end == ~0UL && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx %*c %255s", &address, name) != 2)
			continue;
		if (!strcmp(name, function))
			*start = address;
		else if (*start && address > *start)
			*end = address;
	}
	if (!*start || *end == ~0UL)
		fail("no function %s", function);
	fclose(f);
}

void strike_below(const char *function, const char *not_below)
{
	unsigned long start, end;
	char text[32];

	find_function(function, &text_start, &text_end);
	for (size_t i = 0; i < NR_ATTRIBUTES; i++) {
		/*
		 * Whether pages are needed for a slab depends on what its processor has at
		 * hand: the numbers of all faults behind would change from round to round.
		 */
		bool of_pages = !strcmp(attributes[i], "fail_page_alloc");

		find_function(of_pages ? "allocate_slab" : not_below, &start, &end);
		snprintf(text, sizeof(text), "%lu", start);
		set(attributes[i], "reject-start", text);
		snprintf(text, sizeof(text), "%lu", end);
		set(attributes[i], "reject-end", text);
		/* A trace knows no functions of a module that did not stay. */
		set(attributes[i], "verbose_ratelimit_interval_ms", "0");
		set(attributes[i], "verbose", "2");
	}
	/* To the log alone: a serial line takes longer than all the rest. */
	put("/proc/sys/kernel/printk", "1");
}

void fail_below(const char *function)
{
	unsigned long start, end;
	char text[32];

	find_function(function, &start, &end);
	snprintf(text, sizeof(text), "%lu", start);
	set("failslab", "require-start", text);
	snprintf(text, sizeof(text), "%lu", end);
	set("failslab", "require-end", text);
	set("failslab", "task-filter", "Y");
	set("failslab", "times", "-1");
	set("failslab", "probability", "100");
	put("/proc/self/make-it-fail", "1");
}

void fail_no_more(void)
{
	put("/proc/self/make-it-fail", "0");
	set("failslab", "probability", "0");
	set("failslab", "task-filter", "N");
}

/* --- faults --- */

static int fail_nth_file(void)
{
	int fd = open("/proc/thread-self/fail-nth", O_RDWR);

	if (fd < 0)
		fail("fail-nth: %s", strerror(errno));
	return fd;
}

static void order(int fd, unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(fd, text, len, 0) != len)
		fail("writing fail-nth: %s", strerror(errno));
}

/* Whether it was not reached. */
static bool take_back(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) < 0)
		fail("reading fail-nth: %s", strerror(errno));
	order(fd, 0);
	close(fd);
	return strtoul(text, NULL, 10) != 0;
}

/* In the peer, around each of its jobs. */
static long around_job(long (*fn)(struct port *p, void *arg), struct port *p, void *arg)
{
	long result;
	int fd;

	if (fault->in != p)
		return fn(p, arg);
	fault->in = NULL;
	/* Else a page table that is missing could fail, or change the numbers of faults. */
	have_page_tables();
	fd = fail_nth_file();
	order(fd, fault->first ? 1 : fault->nth);
	result = fn(p, arg);
	if (fault->first)
		take_back(fd);
	else
		fault->left = take_back(fd);
	fault->first = false;
	return result;
}

static int here;

void strike(struct port *p)
{
	fault->in = p;
}

void strike_first(struct port *p)
{
	if (kind == COPY)
		return;
	fault->in = p;
	fault->first = true;
}

void strike_here(void)
{
	here = fail_nth_file();
	order(here, fault->nth);
}

void struck_here(void)
{
	fault->left = take_back(here);
}

bool struck(void)
{
	return !fault->left;
}

/* --- rounds --- */

void faults_begin(void (*hook)(const char *message))
{
	static const char *const all[] = { "ignore-gfp-wait", "ignore-gfp-highmem" };

	fail_hook = hook;
	peers_begin(hook);
	fault = mmap(NULL, sizeof(*fault), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (fault == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	for (size_t i = 0; i < NR_ATTRIBUTES; i++)
		set(attributes[i], "verbose", "0");
	set("failslab", all[0], "N");
	set("fail_page_alloc", all[0], "N");
	set("fail_page_alloc", all[1], "N");
	set("fail_page_alloc", "min-order", "0");
	peer_job = around_job;
	strike_in_module();
}

void faults_end(void)
{
	peers_end();
}

void first_fault(void)
{
	fault->nth = 0;
	fault->left = false;
	fault->again = false;
	choose(MEMORY);
}

bool next_fault(void)
{
	if (fault->nth && fault->in)
		fail("this round had no step");
	peers_end();
	/* Gives back the memory of the peers. */
	peers_begin(fail_hook);
	/*
	 * Now and then one round needs a page for a slab, and is a fault ahead: the next
	 * one would then pass over a place. So each has a second round.
	 */
	fault->again = kind == MEMORY && fault->nth && !fault->left && !fault->again;
	if (!fault->again)
		return next_fault_alone();
	fault->left = true;
	return true;
}

bool next_fault_alone(void)
{
	if (fault->nth && fault->left) {
		printf("# %s: %u faults\n", kind_names[kind], fault->nth - 1);
		if (kind == COPY)
			return false;
		choose(COPY);
		fault->nth = 0;
	}
	if (++fault->nth > MOST_FAULTS)
		fail("there is no end to faults of %s", kind_names[kind]);
	fault->left = true;
	return true;
}

/* --- outcomes --- */

static bool is_one_of(const char *got, const char *list)
{
	size_t len = strlen(got);

	while (list) {
		const char *end = strchrnul(list, '|');

		if ((size_t)(end - list) == len && !strncmp(got, list, len))
			return true;
		list = *end ? end + 1 : NULL;
	}
	return false;
}

void outcome(const char *got, const char *want, const char *memory, const char *copy)
{
	const char *else_ = kind == MEMORY ? memory : copy;

	if (getenv("FAULTS_SHOW") && struck())
		printf("# %s %u: '%s'\n", kind_names[kind], fault->nth, got);
	/* The driver can do without memory at times, but not without what it copies. */
	if ((!strcmp(got, want) && !(kind == COPY && struck())) ||
	    (struck() && is_one_of(got, else_)))
		return;
	if (getenv("FAULTS_SHOW"))
		return;
	fail("%s fault %u%s: '%s' is neither '%s' nor '%s'", kind_names[kind], fault->nth,
	     struck() ? "" : " (not reached)", got, want, else_ ? else_ : "-");
}

const char *told(struct port *p)
{
	static char text[256];

	if (strstr(p->got, "FAILED") || strstr(p->got, "DEAD"))
		snprintf(text, sizeof(text), "%.150s, %s", p->got, exterr(p));
	else
		snprintf(text, sizeof(text), "%.150s", p->got);
	return text;
}

const char *error_of(long result)
{
	const char *name = result < 0 ? strerrorname_np((int)-result) : "0";

	return name ? name : "E?";
}

/* --- afterwards --- */

struct pair pair(void)
{
	struct pair p = { .mgr = manager(), .server = process(), .c = process() };

	p.h = give(p.server, p.c, 0x10, 0x20, FLAT_BINDER_FLAG_ACCEPTS_FDS);
	return p;
}

static bool has_message(struct port *p)
{
	return strstr(p->got, "REPLY:") || strstr(p->got, "TXN");
}

void free_received(struct port *p)
{
	if (!has_message(p))
		return;
	free_last(p);
	only_write(p);
}

/* One read, and what it asks for; was there nothing? */
static bool idle(struct port *p)
{
	forget(p);
	go(p);
	if (has_message(p))
		free_last(p);
	if (strstr(p->got, "TXN") && !(p->txn.flags & TF_ONE_WAY))
		reply(p, 0, 0);
	if (p->w.len)
		only_write(p);
	return !strcmp(p->got, "EAGAIN") || !strcmp(p->got, "NOOP");
}

void drain(struct port *p, struct port *q)
{
	for (int i = 0; i < MOST_ROUNDS; i++) {
		bool done = idle(p);

		if (idle(q) && done)
			return;
	}
	fail("peers do not come to rest: '%s', '%s'", p->got, q->got);
}

static void *zeroes(size_t size)
{
	return memset(shared(size), 0, size);
}

/* A call and a reply as large as the areas they go to, of which nobody has a part then. */
static void fill_both(struct port *c, struct port *server, uint32_t h)
{
	size_t call_size = server->conn->map_size, reply_size = c->conn->map_size;

	call_data(c, h, 0x2222, 0, zeroes(call_size), call_size);
	if (strcmp(go(c), "EAGAIN"))
		fail("no call as large as the area: '%s'", told(c));
	if (strcmp(go(server), "NOOP TXN:2222"))
		fail("a call as large as the area is received as '%s'", server->got);
	free_last(server);
	reply_msg(server, (struct bnd_msg){ .data = zeroes(reply_size), .size = reply_size });
	if (strcmp(go(server), "NOOP COMPLETE"))
		fail("no reply as large as the area: '%s'", told(server));
	if (strcmp(go(c), "NOOP COMPLETE REPLY:0"))
		fail("a reply as large as the area is received as '%s'", c->got);
	free_last(c);
	only_write(c);
}

/* All pages of the area are there, and reclaim may have each. */
static void is_idle(struct port *p)
{
	const char *got = line_of(block_of(read_log(DEBUGFS_LOGS, "memory"), p), "  pages: ");
	size_t pages = p->conn->map_size / 4096;
	char want[96];

	snprintf(want, sizeof(want), "  pages: %zu of %zu, idle %zu", pages, pages, pages);
	if (strcmp(got, want))
		fail("an area that nobody uses has '%s', not '%s'", got, want);
}

void still_work(struct port *c, struct port *server, uint32_t h)
{
	drain(c, server);
	ping(c, server, h);
	fill_both(c, server, h);
	is_idle(c);
	is_idle(server);
}

void still_works(struct pair *p)
{
	still_work(p->c, p->server, p->h);
}
