/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A set of small numbers: which queues have work, which contexts are free.
 *
 * Two levels: one bit a member, and one summary bit for each word of 64 members, set exactly when
 * that word is not zero. The next member is found with at most two words and the summary, which has
 * 16: no walk over 65,536 bits. The set lives in the caller's memory and holds no pointer, so that
 * copying the block around it copies the set.
 *
 *	summary  [  0000 ... 0101 ]            bit w: words[w] != 0
 *	words    [ 0..63 ][ 64..127 ] ...      bit b of words[w]: 64 w + b is a member
 *
 * A number that is not below the size of the set is never a member; adding it does nothing.
 */
#ifndef NVMELAB_COMMON_BITSET_H
#define NVMELAB_COMMON_BITSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/mem.h"

#define NVME_BITSET_BITS_MAX 65536u
#define NVME_BITSET_NONE     UINT32_MAX
#define NVME_BITSET_SUMMARY  (NVME_BITSET_BITS_MAX / 64 / 64)

/**
 * struct nvme_bitset - the head of a set; its words follow it in memory
 * @bits: numbers 0 .. bits - 1 may be members
 * @reserved: zero, so that the structure has no padding
 * @summary: which words are not zero
 * @words: (bits + 63) / 64 of them
 */
struct nvme_bitset {
	uint32_t bits;
	uint32_t reserved;
	uint64_t summary[NVME_BITSET_SUMMARY];
	uint64_t words[];
};

_Static_assert(sizeof(struct nvme_bitset) == 8 + 8 * NVME_BITSET_SUMMARY, "no padding");

/**
 * nvme_bitset_bytes - memory that a set of @bits numbers takes
 * Return: bytes, a multiple of 8; 0 when @bits is above NVME_BITSET_BITS_MAX.
 */
static inline size_t nvme_bitset_bytes(uint32_t bits)
{
	if (bits > NVME_BITSET_BITS_MAX)
		return 0;
	return sizeof(struct nvme_bitset) + ((size_t)bits + 63) / 64 * 8;
}

/**
 * nvme_bitset_init - make an empty set
 * @set: nvme_bitset_bytes(@bits) bytes of memory, aligned to 8
 * @bits: at most NVME_BITSET_BITS_MAX; above that the set has room for nothing
 */
static inline void nvme_bitset_init(struct nvme_bitset *set, uint32_t bits)
{
	if (bits > NVME_BITSET_BITS_MAX)
		bits = 0;
	memset(set, 0, nvme_bitset_bytes(bits));
	set->bits = bits;
}

/** nvme_bitset_set - add @bit */
static inline void nvme_bitset_set(struct nvme_bitset *set, uint32_t bit)
{
	uint32_t word = bit / 64;

	if (bit >= set->bits)
		return;
	set->words[word] |= 1ull << bit % 64;
	set->summary[word / 64 % NVME_BITSET_SUMMARY] |= 1ull << word % 64;
}

/** nvme_bitset_clear - remove @bit */
static inline void nvme_bitset_clear(struct nvme_bitset *set, uint32_t bit)
{
	uint32_t word = bit / 64;

	if (bit >= set->bits)
		return;
	set->words[word] &= ~(1ull << bit % 64);
	if (set->words[word] == 0)
		set->summary[word / 64 % NVME_BITSET_SUMMARY] &= ~(1ull << word % 64);
}

/** nvme_bitset_test - whether @bit is a member */
static inline bool nvme_bitset_test(const struct nvme_bitset *set, uint32_t bit)
{
	return bit < set->bits && (set->words[bit / 64] >> bit % 64 & 1) != 0;
}

/* Words of the summary that can have a bit: one for most sets, and never more than there are. */
static inline uint32_t nvme_bitset_summaries(const struct nvme_bitset *set)
{
	uint32_t count = (set->bits + 4095) / 4096;

	return count < NVME_BITSET_SUMMARY ? count : NVME_BITSET_SUMMARY;
}

/** nvme_bitset_empty - whether the set has no member */
static inline bool nvme_bitset_empty(const struct nvme_bitset *set)
{
	uint64_t any = 0;

	for (uint32_t i = 0; i < nvme_bitset_summaries(set); i++)
		any |= set->summary[i];
	return any == 0;
}

/* The first word that is not zero, at or after the word @from; NVME_BITSET_NONE for no such word.
 */
static inline uint32_t nvme_bitset_next_word(const struct nvme_bitset *set, uint32_t from)
{
	uint32_t end = nvme_bitset_summaries(set);
	uint32_t i = from / 64;
	uint64_t summary;

	if (i >= end)
		return NVME_BITSET_NONE;
	summary = set->summary[i] & UINT64_MAX << from % 64;
	while (summary == 0) {
		if (++i == end)
			return NVME_BITSET_NONE;
		summary = set->summary[i];
	}
	return i * 64 + (uint32_t)__builtin_ctzll(summary);
}

/** nvme_bitset_next - the smallest member >= @from, or NVME_BITSET_NONE */
static inline uint32_t nvme_bitset_next(const struct nvme_bitset *set, uint32_t from)
{
	uint32_t word = from / 64;
	uint64_t bits;

	if (from >= set->bits)
		return NVME_BITSET_NONE;
	bits = set->words[word] & UINT64_MAX << from % 64;
	if (bits == 0) {
		word = nvme_bitset_next_word(set, word + 1);
		if (word == NVME_BITSET_NONE)
			return NVME_BITSET_NONE;
		bits = set->words[word];
	}
	return word * 64 + (uint32_t)__builtin_ctzll(bits);
}

/**
 * nvme_bitset_next_wrap - the member whose turn it is after @after (round robin)
 * @after: the last one served; NVME_BITSET_NONE to begin with the smallest
 *
 * Return: the smallest member above @after, else the smallest of all, which is @after itself when
 * it is the only one; NVME_BITSET_NONE for an empty set.
 */
static inline uint32_t nvme_bitset_next_wrap(const struct nvme_bitset *set, uint32_t after)
{
	uint32_t bit = NVME_BITSET_NONE;

	if (after != NVME_BITSET_NONE)
		bit = nvme_bitset_next(set, after + 1);
	return bit != NVME_BITSET_NONE ? bit : nvme_bitset_next(set, 0);
}

#endif
