// SPDX-License-Identifier: GPL-2.0-only
/* Logs with names for numbers; see text.h. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "text.h"

#define MAX_NAMES 128
#define MAX_IDS 4096
#define MAX_WORDS 4096
/* Results stay until this many others were made. */
#define NR_RESULTS 8

static struct {
	pid_t tid;
	char name[16];
} names[MAX_NAMES];
static int nr_names;

static long ids[MAX_IDS];
static int nr_ids;

static char *results[NR_RESULTS];
static int last_result;

/* Takes over @text. */
static const char *keep(char *text)
{
	last_result = (last_result + 1) % NR_RESULTS;
	free(results[last_result]);
	results[last_result] = text;
	return text;
}

void names_begin(void)
{
	nr_names = 0;
}

void name(struct port *p, const char *name)
{
	if (nr_names == MAX_NAMES)
		fail("too many names");
	names[nr_names].tid = p->tid;
	snprintf(names[nr_names].name, sizeof(names[nr_names].name), "%s", name);
	nr_names++;
}

/* --- files ------------------------------------------------------------------- */

static void path_of(char *path, size_t size, const char *dir, const char *file)
{
	snprintf(path, size, "%s%s%s", dir, *file ? "/" : "", file);
}

bool have_log(const char *dir, const char *file)
{
	char path[512];

	path_of(path, sizeof(path), dir, file);
	return !access(path, F_OK);
}

const char *read_log(const char *dir, const char *file)
{
	size_t size = 64 * 1024, len = 0;
	char path[512], *text = malloc(size);
	ssize_t got;
	int fd;

	path_of(path, sizeof(path), dir, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail("%s: %s", path, strerror(errno));
	while ((got = read(fd, text + len, size - 1 - len)) > 0) {
		len += got;
		if (len + 1 == size) {
			size *= 2;
			text = realloc(text, size);
		}
	}
	if (got < 0)
		fail("%s: %s", path, strerror(errno));
	close(fd);
	text[len] = '\0';
	return keep(text);
}

/* --- names --------------------------------------------------------------------- */

static bool is_number(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)s[i]))
			return false;
	}
	return len > 0;
}

static bool is_address(const char *s, size_t len)
{
	if (len != 16)
		return false;
	/* What there is before the kernel has random numbers. */
	if (!strncmp(s, "(____ptrval____)", len))
		return true;
	for (size_t i = 0; i < len; i++) {
		if (!isxdigit((unsigned char)s[i]))
			return false;
	}
	return true;
}

/* A pid or tid, and what follows it up to @len. */
static void put_task(FILE *out, const char *s, size_t len)
{
	char *end;
	long tid = strtol(s, &end, 10);

	for (int i = 0; tid && i < nr_names; i++) {
		if (names[i].tid == tid) {
			fprintf(out, "%s%.*s", names[i].name, (int)(s + len - end), end);
			return;
		}
	}
	fprintf(out, tid ? "?%.*s" : "0%.*s", (int)(s + len - end), end);
}

static void put_id(FILE *out, const char *s, size_t len)
{
	char *end;
	long id = strtol(s, &end, 10);
	int i = 0;

	if (id) {
		while (i < nr_ids && ids[i] != id)
			i++;
		if (i == MAX_IDS)
			fail("too many ids");
		if (i == nr_ids)
			ids[nr_ids++] = id;
		fprintf(out, "#%d", i + 1);
	} else {
		fprintf(out, "0");
	}
	fprintf(out, "%.*s", (int)(s + len - end), end);
}

struct word {
	const char *s;
	size_t len;
};

static bool is(const struct word *w, const char *s)
{
	return w->len == strlen(s) && !strncmp(w->s, s, w->len);
}

/* Does a word that is an id follow this one? */
static bool before_id(const struct word *w)
{
	return is(w, "node") || is(w, "ref") || is(w, "buffer") || is(w, "transaction") ||
	       is(w, "work");
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The pids behind "proc" at the end of a node's line: in no order, so sort names. */
static void put_holders(FILE *out, const struct word *w, int n)
{
	char **tasks = calloc(n, sizeof(*tasks));

	for (int i = 0; i < n; i++) {
		size_t size;
		FILE *one = open_memstream(&tasks[i], &size);

		put_task(one, w[i].s, w[i].len);
		fclose(one);
	}
	qsort(tasks, n, sizeof(*tasks), compare);
	for (int i = 0; i < n; i++) {
		fprintf(out, " %s", tasks[i]);
		free(tasks[i]);
	}
	free(tasks);
}

/* One word of a line, whose number is @index. */
static void put_word(FILE *out, const struct word *w, const struct word *prev, int index)
{
	size_t digits = w->len && w->s[w->len - 1] == ':' ? w->len - 1 : w->len;
	bool number = is_number(w->s, digits);

	if (prev && (is(prev, "from") || is(prev, "to"))) {
		const char *colon = memchr(w->s, ':', w->len);

		if (colon) {
			put_task(out, w->s, colon + 1 - w->s);
			put_task(out, colon + 1, w->s + w->len - colon - 1);
			return;
		}
	}
	if (prev && number && (is(prev, "proc") || is(prev, "thread")))
		put_task(out, w->s, w->len);
	else if (prev && number && before_id(prev))
		put_id(out, w->s, w->len);
	else if (index == 0 && number && digits < w->len)
		put_id(out, w->s, w->len);
	else if (prev && is(prev, "elapsed"))
		fprintf(out, "N");
	else if (is_address(w->s, w->len))
		fprintf(out, strspn(w->s, "0") >= 16 ? "NULL" : "PTR");
	else if ((*w->s == 'u' || *w->s == 'c') && is_address(w->s + 1, w->len - 1))
		fprintf(out, "%c:%llx", *w->s, strtoull(w->s + 1, NULL, 16));
	else if (w->len > 2 && !strncmp(w->s, "l=", 2))
		fprintf(out, "l=N");
	else
		fprintf(out, "%.*s", (int)w->len, w->s);
}

/* Words that are in the format of one kernel and not in that of another. */
static int skipped(const struct word *w, int left)
{
	if (left > 1 && is(w, "pri") && memchr(w[1].s, ':', w[1].len))
		return 2;
	if (is(w, "a0") || is(w, "a1") || is(w, "r0") || is(w, "r1"))
		return 1;
	return 0;
}

static void put_line(FILE *out, const char *line, size_t len)
{
	static struct word words[MAX_WORDS];
	bool first = true;
	int n = 0;

	for (const char *s = line, *end = line + len; s <= end && n < MAX_WORDS; n++) {
		const char *blank = memchr(s, ' ', end - s) ?: end;

		words[n].s = s;
		words[n].len = blank - s;
		s = blank + 1;
	}
	for (int i = 0; i < n; i++) {
		int skip = skipped(&words[i], n - i);

		if (skip) {
			i += skip - 1;
			continue;
		}
		fprintf(out, first ? "" : " ");
		put_word(out, &words[i], i ? &words[i - 1] : NULL, i);
		first = false;
		if (i > 3 && is(&words[i], "proc")) {
			put_holders(out, &words[i + 1], n - i - 1);
			break;
		}
	}
	fputc('\n', out);
}

const char *named(const char *text)
{
	char *result;
	size_t size;
	FILE *out = open_memstream(&result, &size);

	nr_ids = 0;
	while (*text) {
		size_t len = strcspn(text, "\n");

		put_line(out, text, len);
		text += len + (text[len] == '\n');
	}
	fclose(out);
	return keep(result);
}

/* --- parts ------------------------------------------------------------------------ */

static const char *next_line(const char *text)
{
	text += strcspn(text, "\n");
	return text + (*text == '\n');
}

const char *block_of(const char *text, struct port *p)
{
	char *result, head[32];
	size_t size;
	FILE *out = open_memstream(&result, &size);
	bool inside = false;

	snprintf(head, sizeof(head), "proc %d\n", p->pid);
	for (; *text; text = next_line(text)) {
		if (!strncmp(text, "proc ", 5))
			inside = !strncmp(text, head, strlen(head));
		else if (strncmp(text, "context ", 8) && strncmp(text, "  ", 2))
			inside = false;
		if (inside)
			fprintf(out, "%.*s\n", (int)strcspn(text, "\n"), text);
	}
	fclose(out);
	return keep(result);
}

const char *block(const char *file, struct port *p)
{
	return named(block_of(read_log(DEBUGFS_LOGS, file), p));
}

const char *line_of(const char *text, const char *start)
{
	for (; *text; text = next_line(text)) {
		if (!strncmp(text, start, strlen(start)))
			return keep(strndup(text, strcspn(text, "\n")));
	}
	return "";
}

int count_lines(const char *text, const char *start)
{
	int n = 0;

	for (; *text; text = next_line(text))
		n += !strncmp(text, start, strlen(start));
	return n;
}

static bool is_gone(void *arg)
{
	return !*block_of(read_log(DEBUGFS_LOGS, "state"), arg);
}

void gone(struct port *p)
{
	wait_until(is_gone, p, "a process that is still there");
}

struct awaited {
	struct port *port;
	const char *text;
};

static bool is_there(void *arg)
{
	struct awaited *awaited = arg;

	return strstr(block_of(read_log(DEBUGFS_LOGS, "state"), awaited->port), awaited->text);
}

void wait_for(struct port *p, const char *text)
{
	struct awaited awaited = { .port = p, .text = text };

	wait_until(is_there, &awaited, text);
}
