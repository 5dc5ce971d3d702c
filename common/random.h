/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random draws by key, and reproducible block contents. There is no generator with a state.
 *
 * Every draw is a function of what it is for: (seed, rule, identity, n). Removing one rule or one
 * operation from a scenario therefore leaves every other draw as it was, which is what lets a
 * failing scenario be made smaller. The values are part of the format of scenarios: changing one
 * changes what every seed means (tests/unit/test_random.c holds fixed values).
 *
 * Not for secrets.
 */
#ifndef NVMELAB_COMMON_RANDOM_H
#define NVMELAB_COMMON_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "common/le.h"
#include "common/mem.h"

/* The golden ratio in 64 bits: odd, and its multiples spread evenly. */
#define NVME_RANDOM_STEP 0x9e3779b97f4a7c15ull

/** nvme_mix - spread the bits of @value; one to one, so different values stay different */
static inline uint64_t nvme_mix(uint64_t value)
{
	value += NVME_RANDOM_STEP;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ull;
	value = (value ^ value >> 27) * 0x94d049bb133111ebull;
	return value ^ value >> 31;
}

/** nvme_draws - what all draws of a rule have in common, for who draws often: nvme_draw_from() */
static inline uint64_t nvme_draws(uint64_t seed, uint64_t rule_key)
{
	return nvme_mix(nvme_mix(seed) ^ rule_key);
}

/** nvme_draw_from - nvme_draw() of the seed and the rule that @draws is of */
static inline uint64_t nvme_draw_from(uint64_t draws, uint64_t identity, uint64_t n)
{
	return nvme_mix(nvme_mix(draws ^ identity) ^ n);
}

/**
 * nvme_draw - the 64 random bits that belong to one choice
 * @seed: of the run
 * @rule_key: nvme_key() of the name of what draws
 * @identity: of what it draws for: operation number and attempt, or opcode and its count
 * @n: counts the draws within the identity, from 0
 */
static inline uint64_t nvme_draw(uint64_t seed, uint64_t rule_key, uint64_t identity, uint64_t n)
{
	return nvme_draw_from(nvme_draws(seed, rule_key), identity, n);
}

/**
 * nvme_draw_below - make of a draw a number from 0 to @limit - 1; 0 when @limit is 0
 *
 * The upper 64 bits of draw * limit, in halves because C has no portable 128-bit product. The bias
 * is at most limit / 2^64.
 */
static inline uint64_t nvme_draw_below(uint64_t draw, uint64_t limit)
{
	uint64_t draw_hi = draw >> 32, draw_lo = draw & UINT32_MAX;
	uint64_t limit_hi = limit >> 32, limit_lo = limit & UINT32_MAX;
	uint64_t middle = draw_hi * limit_lo + (draw_lo * limit_lo >> 32);
	uint64_t middle_lo = (middle & UINT32_MAX) + draw_lo * limit_hi;

	return draw_hi * limit_hi + (middle >> 32) + (middle_lo >> 32);
}

/** nvme_key_bytes - the key of a name of @bytes bytes (FNV-1a with 64 bits) */
static inline uint64_t nvme_key_bytes(const void *name, size_t bytes)
{
	const uint8_t *byte = name;
	uint64_t key = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < bytes; i++)
		key = (key ^ byte[i]) * 0x100000001b3ull;
	return key;
}

/** nvme_key - the key of a NUL-terminated name; equal to nvme_key_bytes() of it without the NUL */
static inline uint64_t nvme_key(const char *name)
{
	uint64_t key = 0xcbf29ce484222325ull;

	while (*name != '\0')
		key = (key ^ (uint8_t)*name++) * 0x100000001b3ull;
	return key;
}

/* Eight bytes of a block's pattern; all those of one block differ from each other. */
static inline uint64_t nvme_pattern_word(uint64_t base, uint64_t index)
{
	uint64_t word = base + index * NVME_RANDOM_STEP;

	return word ^ word >> 32;
}

/* The key keeps patterns apart from every draw of a rule. */
static inline uint64_t nvme_pattern_base(uint64_t seed, uint64_t lba)
{
	return nvme_draw(seed, 0x7061747465726e73ull, lba, 0);
}

/**
 * nvme_pattern_fill - fill a block with the bytes that belong to (@seed, @lba)
 * @data: any alignment
 * @bytes: any length; a shorter block begins as a longer one does
 * @seed: tells versions of one block apart
 *
 * The same bytes on machines of both byte orders.
 */
static inline void nvme_pattern_fill(void *data, size_t bytes, uint64_t seed, uint64_t lba)
{
	uint64_t base = nvme_pattern_base(seed, lba);
	uint8_t *to = data;
	nvme_u64le word;
	size_t i;

	for (i = 0; i < bytes / 8; i++) {
		word = nvme_le64(nvme_pattern_word(base, i));
		memcpy(to + 8 * i, &word, 8);
	}
	if (bytes % 8 != 0) {
		word = nvme_le64(nvme_pattern_word(base, i));
		memcpy(to + 8 * i, &word, bytes % 8);
	}
}

/**
 * nvme_pattern_check - compare a block with the bytes that belong to (@seed, @lba)
 * Return: the offset of the first wrong byte; @bytes when there is none.
 */
static inline size_t nvme_pattern_check(const void *data, size_t bytes, uint64_t seed, uint64_t lba)
{
	uint64_t base = nvme_pattern_base(seed, lba);
	const uint8_t *from = data;
	size_t i = 0;

	for (; i + 8 <= bytes; i += 8) {
		uint64_t wrong = nvme_load_le64(from + i) ^ nvme_pattern_word(base, i / 8);

		if (wrong != 0)
			return i + (size_t)__builtin_ctzll(wrong) / 8;
	}
	for (; i < bytes; i++) {
		if (from[i] != (uint8_t)(nvme_pattern_word(base, i / 8) >> 8 * (i % 8)))
			return i;
	}
	return bytes;
}

#endif
