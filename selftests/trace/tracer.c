// SPDX-License-Identifier: GPL-2.0-only
/* Recording and reading trace events; see tracer.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "peer.h"
#include "tracer.h"

#define TRACING "/sys/kernel/tracing"
#define INSTANCE TRACING "/instances/binder-test"
#define MAX_FORMATS 64
#define MAX_EVENTS 4096
#define MAX_RECORDS 0x100000

/* Of the head of a page of the ring buffer, and of an event in it. */
#define PAGE_DATA 16
#define COMMIT_SIZE 0xfffff
#define TYPE_BITS 5
#define TYPE_MASK 0x1f
#define TYPE_PADDING 29
#define TYPE_EXTEND 30
#define TYPE_STAMP 31

static struct format formats[MAX_FORMATS];
static int nformats;
static struct event events[MAX_EVENTS];
static int nevents;
static uint8_t records[MAX_RECORDS];
static size_t records_used;
static char texts[MAX_RECORDS];

static void put(const char *file, const char *value)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), INSTANCE "/%s", file);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd < 0 || write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		fail("%s: cannot write '%s': %s", path, value, strerror(errno));
	close(fd);
}

/* --- formats --- */

static void parse_field(struct format *format, char *line)
{
	struct field *field = &format->field[format->nfields];
	char declaration[64], *name, *bracket;
	int is_signed;

	if (sscanf(line, " field:%63[^;]; offset:%u; size:%u; signed:%d;", declaration,
		   &field->offset, &field->size, &is_signed) != 4)
		return;
	name = strrchr(declaration, ' ');
	if (!name || !strncmp(name + 1, "common_", 7))
		return;
	*name++ = '\0';
	/* Arrays are declared as in "char text[]". */
	bracket = strchr(name, '[');
	if (bracket)
		*bracket = '\0';
	snprintf(field->name, sizeof(field->name), "%.31s", name);
	snprintf(field->type, sizeof(field->type), "%.29s%s", declaration, bracket ? "[]" : "");
	field->is_signed = is_signed;
	format->nfields++;
}

static void load_format(const char *name)
{
	struct format *format = &formats[nformats];
	char path[256], line[8192];
	FILE *f;

	snprintf(path, sizeof(path), EVENTS "/%s/format", name);
	f = fopen(path, "r");
	if (!f)
		return;
	if (nformats == MAX_FORMATS)
		fail("too many events");
	memset(format, 0, sizeof(*format));
	snprintf(format->name, sizeof(format->name), "%.47s", name);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "ID: ", 4))
			format->id = atoi(line + 4);
		else if (!strncmp(line, "print fmt: ", 11))
			snprintf(format->print, sizeof(format->print), "%.4095s", line + 11);
		else
			parse_field(format, line);
	}
	fclose(f);
	nformats++;
}

bool tracer_available(void)
{
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	if (nformats)
		return true;
	if (stat(TRACING "/instances", &st))
		mount("tracefs", TRACING, "tracefs", 0, NULL);
	dir = opendir(EVENTS);
	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			load_format(entry->d_name);
	closedir(dir);
	return nformats > 0;
}

const struct format *tracer_format(const char *name)
{
	for (int i = 0; i < nformats; i++)
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	return NULL;
}

static const struct format *format_of(uint16_t id)
{
	for (int i = 0; i < nformats; i++)
		if (formats[i].id == id)
			return &formats[i];
	return NULL;
}

/* --- recording --- */

void tracer_begin(void)
{
	if (!tracer_available())
		fail("no trace events of the driver");
	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		fail(INSTANCE ": %s", strerror(errno));
	put("tracing_on", "0");
	put("trace_clock", "counter");	/* clears the buffers, too */
	put("events/binder/enable", "1");
	put("tracing_on", "1");
}

static void keep(uint64_t when, const uint8_t *record, size_t size)
{
	struct event *event = &events[nevents];
	uint16_t id;
	int32_t tid;

	memcpy(&id, record, sizeof(id));
	memcpy(&tid, record + 4, sizeof(tid));
	if (!format_of(id))
		return;
	if (nevents == MAX_EVENTS || size > sizeof(records) - records_used)
		fail("too many events in one test");
	event->format = format_of(id);
	event->when = when;
	event->tid = tid;
	event->record = memcpy(records + records_used, record, size);
	records_used += (size + 7) & ~(size_t)7;
	nevents++;
}

static uint32_t word_at(const uint8_t *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/* A page of a ring buffer: a time, the number of bytes, events. */
static void read_page(const uint8_t *page)
{
	uint64_t when, commit;
	const uint8_t *p = page + PAGE_DATA, *end;

	memcpy(&when, page, sizeof(when));
	memcpy(&commit, page + sizeof(when), sizeof(commit));
	end = p + (commit & COMMIT_SIZE);
	while (p < end) {
		uint32_t type = word_at(p) & TYPE_MASK;
		uint64_t delta = word_at(p) >> TYPE_BITS;
		size_t size = type * 4;

		p += 4;
		switch (type) {
		case TYPE_PADDING:
			if (!delta)
				return;
			p += word_at(p);
			when += delta;
			break;
		case TYPE_EXTEND:
			when += delta + ((uint64_t)word_at(p) << 27);
			p += 4;
			break;
		case TYPE_STAMP:
			when = delta + ((uint64_t)word_at(p) << 27);
			p += 4;
			break;
		case 0:
			/* Too large for the type to tell the size. */
			size = word_at(p) - 4;
			p += 4;
			when += delta;
			keep(when, p, size);
			p += size;
			break;
		default:
			when += delta;
			keep(when, p, size);
			p += size;
		}
	}
}

static int earlier(const void *a, const void *b)
{
	const struct event *first = a, *second = b;

	return first->when < second->when ? -1 : first->when > second->when;
}

/* What the kernel makes of the events; it keeps them. */
static void read_texts(void)
{
	int fd = open(INSTANCE "/trace", O_RDONLY);
	ssize_t n, used;

	for (used = 0; (n = read(fd, texts + used, sizeof(texts) - 1 - used)) > 0; used += n)
		;
	texts[used] = '\0';
	close(fd);
}

bool tracer_shows(void *name)
{
	char wanted[64];

	read_texts();
	snprintf(wanted, sizeof(wanted), " %s: ", (const char *)name);
	return strstr(texts, wanted);
}

void tracer_end(void)
{
	static uint8_t page[65536] __attribute__((aligned(8)));
	char path[256];
	int cpu, fd;
	ssize_t n;

	put("tracing_on", "0");
	put("events/binder/enable", "0");

	/* First, as reading the pages takes the events away. */
	read_texts();

	nevents = 0;
	records_used = 0;
	for (cpu = 0;; cpu++) {
		snprintf(path, sizeof(path), INSTANCE "/per_cpu/cpu%d/trace_pipe_raw", cpu);
		fd = open(path, O_RDONLY | O_NONBLOCK);
		if (fd < 0)
			break;
		while ((n = read(fd, page, sizeof(page))) > 0)
			for (ssize_t at = 0; at < n; at += sysconf(_SC_PAGESIZE))
				read_page(page + at);
		close(fd);
	}
	qsort(events, nevents, sizeof(events[0]), earlier);
}

const char *tracer_text(const char *name)
{
	static char line[512];
	char wanted[64];
	const char *at = texts, *last = NULL;

	snprintf(wanted, sizeof(wanted), " %s: ", name);
	while ((at = strstr(at, wanted)))
		last = ++at;
	if (!last)
		fail("%s is not in the trace", name);
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(last, "\n"), last);
	return line;
}

/* --- looking at what was recorded --- */

static const struct field *field_of(const struct event *event, const char *name)
{
	const struct format *format = event->format;

	for (int i = 0; i < format->nfields; i++)
		if (!strcmp(format->field[i].name, name))
			return &format->field[i];
	fail("%s has no field %s", format->name, name);
}

long long value(const struct event *event, const char *name)
{
	const struct field *field = field_of(event, name);
	const uint8_t *p = event->record + field->offset;
	uint64_t number = 0;

	memcpy(&number, p, field->size);
	if (field->is_signed && field->size == 4)
		return (int32_t)number;
	return (long long)number;
}

/* The field holds where the string is and how long. */
const char *text(const struct event *event, const char *name)
{
	const struct field *field = field_of(event, name);

	return (const char *)event->record + (word_at(event->record + field->offset) & 0xffff);
}

static bool is_named(const char *names, const char *name)
{
	size_t len = strlen(name);
	const char *at = names;

	while ((at = strstr(at, name))) {
		if ((at == names || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
		at += len;
	}
	return false;
}

static const char *word_for(const struct event *event)
{
	const char *name = event->format->name + strlen("binder_");

	if (!strcmp(name, "command"))
		return bnd_bc_name(value(event, "cmd"));
	if (!strcmp(name, "return"))
		return bnd_br_name(value(event, "cmd"));
	return name;
}

const char *told(pid_t tid, const char *kinds)
{
	static char words[8][4096];
	static int next;
	char *all = words[next++ % 8];
	size_t used = 0;

	all[0] = '\0';
	for (int i = 0; i < nevents; i++) {
		const struct event *event = &events[i];

		if (event->tid != tid ||
		    (kinds && !is_named(kinds, event->format->name + strlen("binder_"))))
			continue;
		used += snprintf(all + used, sizeof(words[0]) - used, "%s%s", used ? " " : "",
				 word_for(event));
		if (used >= sizeof(words[0]))
			fail("too much is told of task %d", tid);
	}
	return all;
}

const struct event *nth(const char *name, pid_t tid, int n)
{
	for (int i = 0; i < nevents; i++)
		if ((!name || !strcmp(events[i].format->name, name)) &&
		    (!tid || events[i].tid == tid) && !n--)
			return &events[i];
	return NULL;
}

int count(const char *name, pid_t tid)
{
	int n = 0;

	while (nth(name, tid, n))
		n++;
	return n;
}

const struct event *only(const char *name, pid_t tid)
{
	const struct event *event = nth(name, tid, 0);

	if (!event)
		fail("task %d: no %s", tid, name);
	if (nth(name, tid, 1))
		fail("task %d: more than one %s", tid, name);
	return event;
}
