/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of inputs and of what they result in.
 *
 * A test names a table, goes through inputs and tells for each what came of it:
 *
 *	rows_begin("ioctl-numbers");
 *	row("%s as a read", name);
 *	got("%s", text_of(ioc_at(p, cmd, 0)));
 *	ASSERT_EQ(0, rows_end());
 *
 * tables/ioctl-numbers has one line for each:
 *
 *	VERSION as a read -> EINVAL
 *
 * What is expected is what the in-tree driver of 6.12 did when the table was
 * recorded, and ours has to do the same. Where ours does otherwise on purpose a
 * second line says what, and why:
 *
 *	read_size 3 -> EAGAIN, written behind its end
 *	  ours -> EAGAIN # a read buffer of 1 to 3 bytes has no room
 *
 * rows_end() prints the rows that are wrong, those the table does not know and
 * those that nobody asked about, and returns their number.
 *
 * With RECORD in the environment results are printed for record.py instead.
 */
#ifndef BADINPUT_ROWS_H
#define BADINPUT_ROWS_H

#include <stddef.h>
#include <stdint.h>

void rows_begin(const char *table);
/* The input that comes next. */
void __attribute__((format(printf, 1, 2))) row(const char *format, ...);
/* Some more of what came of it. */
void __attribute__((format(printf, 1, 2))) got(const char *format, ...);
int rows_end(void);
/* For messages about a step that failed: which row it was. */
const char *rows_where(void);

/* "0", or the name of an error. */
const char *text_of(long err);

/* --- addresses that are no good --- */

struct place {
	const char *name;
	uint64_t address;
};

/*
 * A page of the test's and of all peers, writable, with an inaccessible one behind
 * it and a read-only one, all zero, behind that. Before the first peer is made.
 */
void places_begin(void);
uint8_t *last_page(void);
uint8_t *read_only_page(void);
/* Copies @size bytes to where only their first @len can be read; returns the address. */
uint64_t cut_off(const void *bytes, size_t size, size_t len);

#define NR_PLACES 8
/* None of them can be written; the last one can be read. */
extern struct place places[NR_PLACES];

#endif /* BADINPUT_ROWS_H */
