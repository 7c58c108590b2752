// SPDX-License-Identifier: GPL-2.0-only
/* Contents of messages that follow from a number; see words.h. */
#include <string.h>

#include "words.h"

uint32_t next_word(uint32_t *state)
{
	/* xorshift */
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

size_t size_of(uint32_t seed)
{
	uint32_t n = seed >> 4;

	switch (seed & 15) {
	case 0:
		return n % WORDS_MAX;
	case 1 ... 4:
		return n % (3 * 4096);
	default:
		return n % 512;
	}
}

void write_words(uint8_t *data, size_t size, uint32_t seed)
{
	size_t i;
	uint32_t word;

	for (i = 0; i < size; i += 4) {
		word = next_word(&seed);
		memcpy(data + i, &word, size - i < 4 ? size - i : 4);
	}
}

bool right_words(const uint8_t *data, size_t size, uint32_t seed)
{
	uint32_t word;

	for (size_t i = 0; i < size; i += 4) {
		word = next_word(&seed);
		if (memcmp(data + i, &word, size - i < 4 ? size - i : 4))
			return false;
	}
	return true;
}
