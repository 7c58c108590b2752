/* SPDX-License-Identifier: GPL-2.0-only */
/* Contents of messages that follow from a number, so that whoever gets it can check them. */
#ifndef MEMORY_WORDS_H
#define MEMORY_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORDS_MAX ((size_t)64 * 1024)

/* The one after *@state, which is not 0. */
uint32_t next_word(uint32_t *state);
/* How long a message of that number is: most are small, some are of many pages. */
size_t size_of(uint32_t seed);
void write_words(uint8_t *data, size_t size, uint32_t seed);
bool right_words(const uint8_t *data, size_t size, uint32_t seed);

#endif /* MEMORY_WORDS_H */
