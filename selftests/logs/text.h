/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading logs and making them comparable word for word.
 *
 * Numbers that differ from run to run get names: processes and threads those
 * that the test gives them with name(), ids "#1", "#2" in the order in which a
 * text mentions them, addresses PTR or NULL, times N; u0000000000000012 becomes
 * u:12. Where formats of kernels differ on purpose, that word is dropped here and
 * has a test of its own:
 *   - " pri POLICY:PRIORITY" of nodes, which Android's kernels and ours print;
 *   - " a0 r0" of transactions: from 7.2 on a tells a oneway call and r a reply,
 *     before there was only r, for calls that want a reply.
 */
#ifndef LOGS_TEXT_H
#define LOGS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "peer.h"

#define DEBUGFS_LOGS "/sys/kernel/debug/binder"

/* Names end with the test. */
void names_begin(void);
void name(struct port *p, const char *name);

/* All of a file below @dir (or an absolute path); the test fails when there is none. */
const char *read_log(const char *dir, const char *file);
bool have_log(const char *dir, const char *file);
/* @text with names for numbers. */
const char *named(const char *text);
/* The blocks of @p's opens of a device in a text, newest first; "" when there is none. */
const char *block_of(const char *text, struct port *p);
/* What most tests want: the block of @p in a file of debugfs, with names. */
const char *block(const char *file, struct port *p);
/* The first line that begins with @start (blanks included), without its end; or "". */
const char *line_of(const char *text, const char *start);
/* How many lines begin with @start. */
int count_lines(const char *text, const char *start);

/* Wait until @p is in no file any more; what others see of that may still come. */
void gone(struct port *p);
/* Wait until @text is in the block of @p. */
void wait_for(struct port *p, const char *text);

#endif /* LOGS_TEXT_H */
