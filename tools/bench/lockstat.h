/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel with CONFIG_LOCK_STAT counts while a sample is taken: how often locks of
 * each class were taken, and how often somebody had to wait. Nothing without options.lockstat.
 */
#ifndef BENCH_LOCKSTAT_H
#define BENCH_LOCKSTAT_H

#include "bench.h"

void lockstat_clear(void);
/* Write the number of @calls and the statistics to the file NAME.SAMPLE. */
void lockstat_keep(const struct bench *b, unsigned int sample, unsigned int calls);

#endif /* BENCH_LOCKSTAT_H */
