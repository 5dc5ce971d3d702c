/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets of blocks as trees that are only as deep as they have to be; and the state of blocks. */
#include "emulator/backend/blockmap.h"

#include <stdlib.h>
#include <string.h>

#define WORD_BITS  64u
#define LEAF_BITS  12
#define LEAF_WORDS ((1u << LEAF_BITS) / WORD_BITS)
#define TABLE_BITS 9
#define SLOTS	   (1u << TABLE_BITS)
#define ALL	   EMU_BLOCKSET_ALL

struct leaf {
	unsigned int count; /* of bits that are set */
	uint64_t word[LEAF_WORDS];
};

struct table {
	void *slot[SLOTS];
};

/* Level 0 is a leaf; a slot of level n stands for 2^(12 + 9n) blocks. */
static unsigned int shift_of(unsigned int level)
{
	return LEAF_BITS + TABLE_BITS * level;
}

/* The number of the last block of a slot, counted from its first. */
static uint64_t last_of(unsigned int level)
{
	return shift_of(level) < 64 ? (UINT64_C(1) << shift_of(level)) - 1 : UINT64_MAX;
}

static bool is_node(const void *slot)
{
	return slot && slot != ALL;
}

static uint64_t mask_of(unsigned int from, unsigned int to)
{
	return (UINT64_MAX >> (WORD_BITS - 1 - to)) & (UINT64_MAX << from);
}

void emu_blockset_init(struct emu_blockset *set, uint64_t blocks)
{
	set->blocks = blocks;
	set->root = NULL;
	set->levels = 0;
	while (last_of(set->levels) < blocks - 1)
		set->levels++;
}

static void drop(void *slot, unsigned int level)
{
	struct table *table = slot;

	if (!is_node(slot))
		return;
	for (unsigned int i = 0; level > 0 && i < SLOTS; i++)
		drop(table->slot[i], level - 1);
	free(slot);
}

void emu_blockset_clear(struct emu_blockset *set)
{
	drop(set->root, set->levels);
	set->root = NULL;
}

/* A node that says what the uniform @slot says. */
static void *make_node(const void *slot, unsigned int level)
{
	struct table *table;
	struct leaf *leaf;

	if (level == 0) {
		leaf = malloc(sizeof(*leaf));
		if (!leaf)
			return NULL;
		memset(leaf->word, slot ? 0xff : 0, sizeof(leaf->word));
		leaf->count = slot ? 1u << LEAF_BITS : 0;
		return leaf;
	}
	table = calloc(1, sizeof(*table));
	for (unsigned int i = 0; table && slot && i < SLOTS; i++)
		table->slot[i] = ALL;
	return table;
}

static void put_bits(struct leaf *leaf, unsigned int first, unsigned int last, bool member)
{
	for (unsigned int i = first / WORD_BITS; i <= last / WORD_BITS; i++) {
		unsigned int from = i == first / WORD_BITS ? first % WORD_BITS : 0;
		unsigned int to = i == last / WORD_BITS ? last % WORD_BITS : WORD_BITS - 1;
		uint64_t mask = mask_of(from, to);
		unsigned int had = (unsigned int)__builtin_popcountll(leaf->word[i] & mask);

		if (member) {
			leaf->count += to - from + 1 - had;
			leaf->word[i] |= mask;
		} else {
			leaf->count -= had;
			leaf->word[i] &= ~mask;
		}
	}
}

/* A node whose blocks have all become alike is needed no longer. */
static void collapse(void **slot, unsigned int level, void *uniform)
{
	const struct table *table = *slot;
	const struct leaf *leaf = *slot;

	if (level == 0 && leaf->count != (uniform ? 1u << LEAF_BITS : 0))
		return;
	for (unsigned int i = 0; level > 0 && i < SLOTS; i++) {
		if (table->slot[i] != uniform)
			return;
	}
	free(*slot);
	*slot = uniform;
}

/* @first and @last are counted from the first block of @slot. */
static int put(void **slot, unsigned int level, uint64_t first, uint64_t last, bool member)
{
	void *uniform = member ? ALL : NULL;
	int error = 0;

	if (*slot == uniform)
		return 0;
	if (first == 0 && last == last_of(level)) {
		drop(*slot, level);
		*slot = uniform;
		return 0;
	}
	if (!is_node(*slot)) {
		void *node = make_node(*slot, level);

		if (!node)
			return -ENOMEM;
		*slot = node;
	}
	if (level == 0) {
		put_bits(*slot, (unsigned int)first, (unsigned int)last, member);
	} else {
		struct table *table = *slot;
		unsigned int shift = shift_of(level - 1);
		uint64_t mask = last_of(level - 1);

		for (uint64_t i = first >> shift; i <= last >> shift && !error; i++)
			error = put(&table->slot[i], level - 1,
				    i == first >> shift ? first & mask : 0,
				    i == last >> shift ? last & mask : mask, member);
	}
	collapse(slot, level, uniform);
	return error;
}

int emu_blockset_put(struct emu_blockset *set, uint64_t first, uint64_t count, bool member)
{
	uint64_t last = first + count - 1;

	/* What is behind the last block goes with it, so that a full set is all of its tree. */
	if (last == set->blocks - 1)
		last = last_of(set->levels);
	return put(&set->root, set->levels, first, last, member);
}

int emu_blockset_add(struct emu_blockset *set, uint64_t first, uint64_t count)
{
	uint64_t last = first + count - 1;
	unsigned int level = set->levels;
	void *slot = set->root;

	while (level > 0 && is_node(slot)) {
		struct table *table = slot;

		level--;
		slot = table->slot[(first >> shift_of(level)) % SLOTS];
	}
	/* Blocks of one word, the usual case: they are there, or the leaf does not fill. */
	if ((first ^ last) >> 6 == 0 && slot && last != set->blocks - 1) {
		struct leaf *leaf = slot;
		uint64_t *word;
		uint64_t missing;

		if (slot == ALL)
			return 0;
		word = &leaf->word[first / WORD_BITS % LEAF_WORDS];
		missing = ~*word & mask_of((unsigned int)(first % WORD_BITS),
					   (unsigned int)(last % WORD_BITS));
		if (!missing)
			return 0;
		if (leaf->count + WORD_BITS <= 1u << LEAF_BITS) {
			leaf->count += (unsigned int)__builtin_popcountll(missing);
			*word |= missing;
			return 0;
		}
	}
	return emu_blockset_put(set, first, count, true);
}

/* How many of the bits from @first on are as @member says. */
static uint64_t run_of_bits(const struct leaf *leaf, unsigned int first, unsigned int last,
			    bool member)
{
	unsigned int at = first;

	while (at <= last) {
		uint64_t word = leaf->word[at / WORD_BITS];
		uint64_t other = (member ? ~word : word) & (UINT64_MAX << at % WORD_BITS);

		if (other) {
			at = at / WORD_BITS * WORD_BITS + (unsigned int)__builtin_ctzll(other);
			break;
		}
		at = (at / WORD_BITS + 1) * WORD_BITS;
	}
	return (at <= last ? at : last + 1) - first;
}

/* The same for a slot; recursion ends with the levels. */
static uint64_t run_of(const void *slot, unsigned int level, uint64_t first, uint64_t last,
		       bool member)
{
	const struct table *table = slot;
	uint64_t run = 0;

	if (!is_node(slot))
		return (slot != NULL) == member ? last - first + 1 : 0;
	if (level == 0)
		return run_of_bits(slot, (unsigned int)first, (unsigned int)last, member);
	while (first + run <= last) {
		unsigned int shift = shift_of(level - 1);
		uint64_t at = first + run;
		uint64_t end = at | last_of(level - 1);
		uint64_t mask = last_of(level - 1);
		uint64_t part;

		end = end < last ? end : last;
		part = run_of(table->slot[at >> shift], level - 1, at & mask, end & mask, member);
		run += part;
		if (part < end - at + 1)
			break;
	}
	return run;
}

uint64_t emu_blockset_run(const struct emu_blockset *set, uint64_t first, uint64_t count,
			  bool *ret_member)
{
	uint64_t run = run_of(set->root, set->levels, first, first + count - 1, true);

	*ret_member = run > 0;
	return run ? run : run_of(set->root, set->levels, first, first + count - 1, false);
}

bool emu_blockset_has(const struct emu_blockset *set, uint64_t first, uint64_t count, bool all)
{
	uint64_t run = run_of(set->root, set->levels, first, first + count - 1, all);

	return all == (run == count);
}

void emu_blockmap_init(struct emu_blockmap *map, uint64_t blocks)
{
	emu_blockset_init(&map->allocated, blocks);
	emu_blockset_init(&map->uncorrectable, blocks);
}

void emu_blockmap_done(struct emu_blockmap *map)
{
	emu_blockset_clear(&map->allocated);
	if (map->uncorrectable.root)
		map->changes++;
	emu_blockset_clear(&map->uncorrectable);
}

int emu_blockmap_mend(struct emu_blockmap *map, const struct emu_media *media)
{
	if (!emu_blockset_has(&map->uncorrectable, media->slba, media->nlb, false))
		return 0;
	map->changes++;
	return emu_blockset_put(&map->uncorrectable, media->slba, media->nlb, false) ? -ENOSPC : 0;
}

int emu_blockmap_deallocate(struct emu_blockmap *map, const struct emu_media *media)
{
	if (emu_blockset_put(&map->allocated, media->slba, media->nlb, false))
		return -ENOSPC;
	return emu_blockmap_end(map, media);
}

int emu_blockmap_spoil(struct emu_blockmap *map, const struct emu_media *media)
{
	map->changes++;
	if (emu_blockset_put(&map->uncorrectable, media->slba, media->nlb, true))
		return -ENOSPC;
	return emu_blockmap_begin(map, media);
}

void emu_blockmap_status(const struct emu_blockmap *map, const struct emu_media *media)
{
	struct emu_media_status *status = media->ret_status;
	uint64_t run = emu_blockset_run(&map->allocated, media->slba, media->nlb,
					&status->allocated);

	run = emu_blockset_run(&map->uncorrectable, media->slba, run, &status->uncorrectable);
	status->nlb = (uint32_t)run;
}
