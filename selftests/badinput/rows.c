// SPDX-License-Identifier: GPL-2.0-only
/* Tables of inputs and of what they result in; see rows.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "peer.h"
#include "rows.h"

#define MAX_ROWS 1024
#define SHOWN 40	/* wrong rows of a table that are printed */
#define PAGE 4096

struct line {
	char *input;
	char *in_tree;
	char *ours;	/* NULL if the same */
	bool asked;
};

static struct line lines[MAX_ROWS];
static int nlines;
static int next;	/* inputs mostly come in the order of the table */
static const char *table;
static bool recording;
static char input[256], result[1024];
static bool open_row;
static int nwrong;

/* What is behind @mark in @text, which ends there; NULL if it is not in it. */
static char *behind(char *text, const char *mark)
{
	char *at = strstr(text, mark);

	if (!at)
		return NULL;
	*at = '\0';
	return at + strlen(mark);
}

static void read_line(char *text)
{
	static const char otherwise[] = "  ours -> ";
	char *expected;

	text[strcspn(text, "\n")] = '\0';
	if (!text[0] || text[0] == '#')
		return;
	if (!strncmp(text, otherwise, strlen(otherwise))) {
		expected = text + strlen(otherwise);
		if (!nlines || !behind(expected, " # "))
			fail("%s: '%s' without a reason", table, text);
		lines[nlines - 1].ours = strdup(expected);
		return;
	}
	expected = behind(text, " -> ");
	if (!expected || nlines == MAX_ROWS)
		fail("%s: cannot take '%s'", table, text);
	lines[nlines++] = (struct line){ .input = strdup(text), .in_tree = strdup(expected) };
}

void rows_begin(const char *name)
{
	char path[256], text[1024];
	FILE *f;

	table = name;
	nlines = 0;
	next = 0;
	nwrong = 0;
	open_row = false;
	recording = !!getenv("RECORD");
	if (recording)
		return;
	snprintf(path, sizeof(path), "tables/%s", name);
	f = fopen(path, "r");
	if (!f)
		fail("%s: %s", path, strerror(errno));
	while (fgets(text, sizeof(text), f))
		read_line(text);
	fclose(f);
}

static void __attribute__((format(printf, 1, 2))) wrong(const char *format, ...)
{
	va_list ap;

	if (++nwrong > SHOWN)
		return;
	printf("# %s: '%s': ", table, input);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
}

static struct line *find(void)
{
	for (int i = 0; i < nlines; i++) {
		struct line *l = &lines[(next + i) % nlines];

		if (!strcmp(l->input, input)) {
			next = (int)(l - lines) + 1;
			return l;
		}
	}
	return NULL;
}

static void close_row(void)
{
	const char *want;
	struct line *l;

	if (!open_row)
		return;
	open_row = false;
	if (recording) {
		printf("# row %s: %s -> %s\n", table, input, result);
		return;
	}
	l = find();
	if (!l) {
		wrong("not in the table, got '%s'", result);
		return;
	}
	if (l->asked)
		wrong("twice");
	l->asked = true;
	want = l->ours && ours() ? l->ours : l->in_tree;
	if (strcmp(want, result))
		wrong("expected '%s', got '%s'", want, result);
}

void row(const char *format, ...)
{
	va_list ap;

	close_row();
	va_start(ap, format);
	vsnprintf(input, sizeof(input), format, ap);
	va_end(ap);
	result[0] = '\0';
	open_row = true;
}

void got(const char *format, ...)
{
	size_t len = strlen(result);
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	snprintf(result + len, sizeof(result) - len, "%s%s", len ? ", " : "", text[0] ? text : "-");
}

int rows_end(void)
{
	close_row();
	for (int i = 0; i < nlines; i++) {
		if (lines[i].asked)
			continue;
		snprintf(input, sizeof(input), "%s", lines[i].input);
		wrong("no input is called so");
	}
	if (nwrong > SHOWN)
		printf("# %s: and %d more\n", table, nwrong - SHOWN);
	fflush(stdout);
	return nwrong;
}

const char *rows_where(void)
{
	return input;
}

const char *text_of(long err)
{
	const char *name = strerrorname_np(err < 0 ? (int)-err : 0);

	return !err ? "0" : name ? name : "E?";
}

/* --- addresses that are no good --- */

/* Pages: writable, none, read-only. */
static uint8_t *three_pages;

struct place places[NR_PLACES] = {
	{ "null", 0 },
	{ "1", 1 },
	{ "an unmapped address", 0x10000 },
	{ "a kernel address", 0xffff888000001000 },
	{ "a non-canonical address", 1ull << 63 },
	{ "the last byte", ~0ull },
	{ "an inaccessible page", 0 },
	{ "a read-only page", 0 },
};

void places_begin(void)
{
	three_pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			   -1, 0);
	if (three_pages == MAP_FAILED || mprotect(three_pages + PAGE, PAGE, PROT_NONE) ||
	    mprotect(three_pages + 2 * PAGE, PAGE, PROT_READ))
		fail("no pages: %s", strerror(errno));
	places[NR_PLACES - 2].address = (uintptr_t)three_pages + PAGE;
	places[NR_PLACES - 1].address = (uintptr_t)read_only_page();
}

uint8_t *last_page(void)
{
	return three_pages;
}

uint8_t *read_only_page(void)
{
	return three_pages + 2 * PAGE;
}

uint64_t cut_off(const void *bytes, size_t size, size_t len)
{
	uint8_t *at = three_pages + PAGE - len;

	if (len > size || len > PAGE)
		fail("cannot cut %zu bytes to %zu", size, len);
	memcpy(at, bytes, len);
	return (uintptr_t)at;
}
