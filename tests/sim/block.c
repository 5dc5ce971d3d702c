/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The contents of a block by name: version @version of block @lba.
 *
 * Each word is a number of its place XOR the block's mark, which is its name. So a look at all of a
 * block costs little, each word says whose it is, and the CRC-64 of a block, which is linear, is
 * found in tables: what the register before it becomes, and what its mark adds.
 */
#include "common/crc.h"
#include "tests/sim/internal.h"

#define FIRST_PLACE 0x6e766d6500000000ull /* the version is in the lower half: 0 only for zeros */
#define X_TO_64	    0x9a6c9329ac4bc9b5ull /* of CRC-64/NVME, as its register has it */

static uint64_t mark_of(uint64_t lba, uint64_t version)
{
	return version ^ lba << 32;
}

/* Of CRC-64: the register @crc behind @data. nvme_crc64() inverts it before and after. */
static uint64_t behind(uint64_t crc, const void *data, size_t bytes)
{
	return ~nvme_crc64(~crc, data, bytes);
}

/*
 * A linear function of 64 bits as a sum of eight look-ups. It commutes with the multiplication by
 * x, so what it makes of 1, the highest bit, decides the rest.
 */
static void make_function(uint64_t table[8][256], uint64_t of_one)
{
	for (unsigned int row = 8; row-- > 0;) {
		for (unsigned int bit = 0x80; bit > 0; bit /= 2) {
			table[row][bit] = of_one;
			of_one = of_one >> 1 ^ (of_one & 1 ? X_TO_64 : 0);
		}
		table[row][0] = 0;
		for (unsigned int byte = 3; byte < 256; byte++)
			table[row][byte] = table[row][byte & (byte - 1)] ^
					   table[row][byte & (0 - byte)];
	}
}

static uint64_t look_up(const uint64_t table[8][256], uint64_t value)
{
	return table[0][value & 0xff] ^ table[1][value >> 8 & 0xff] ^ table[2][value >> 16 & 0xff] ^
	       table[3][value >> 24 & 0xff] ^ table[4][value >> 32 & 0xff] ^
	       table[5][value >> 40 & 0xff] ^ table[6][value >> 48 & 0xff] ^ table[7][value >> 56];
}

/** sim_contents_make - for blocks of @bytes; sim_contents_of() calls it */
void sim_contents_make(struct sim_contents *contents, size_t bytes)
{
	static const nvme_u64le zero;
	const nvme_u64le one = nvme_le64(1ull << 63);
	uint64_t passed = 1ull << 63, marked = 0;

	contents->bytes = bytes;
	for (size_t i = 0; i < bytes / 8; i++) {
		contents->place[i / 2][i % 2] = nvme_swap_le64(FIRST_PLACE ^ i * NVME_RANDOM_STEP);
		passed = behind(passed, &zero, 8);
		marked = behind(marked, &one, 8);
	}
	make_function(contents->passed, passed);
	make_function(contents->marked, marked);
	contents->unmarked = behind(0, contents->place, bytes);
}

/* Of pairs of words: a block has a multiple of so many, and loops that take as many at a time. */
#define AT_A_TIME 8

/* The pair of words of a place with a mark. */
static inline void put(uint8_t *to, const sim_pair *place, const sim_pair *marks)
{
	const sim_pair words = *place ^ *marks;

	memcpy(to, &words, sizeof(words));
}

void sim_block_fill(const struct sim_contents *contents, void *data, uint64_t lba, uint64_t version)
{
	uint64_t mark = nvme_swap_le64(mark_of(lba, version));
	const sim_pair marks = { mark, mark };
	const sim_pair *place = contents->place, *end = place + contents->bytes / sizeof(*place);
	uint8_t *to = data;

	if (version == 0) {
		memset(data, 0, contents->bytes);
		return;
	}
	for (; place < end; place += AT_A_TIME, to += AT_A_TIME * sizeof(*place)) {
		put(to, place, &marks);
		put(to + sizeof(*place), place + 1, &marks);
		put(to + 2 * sizeof(*place), place + 2, &marks);
		put(to + 3 * sizeof(*place), place + 3, &marks);
		put(to + 4 * sizeof(*place), place + 4, &marks);
		put(to + 5 * sizeof(*place), place + 5, &marks);
		put(to + 6 * sizeof(*place), place + 6, &marks);
		put(to + 7 * sizeof(*place), place + 7, &marks);
	}
}

/*
 * Bits where the pair of words at @data is not that of a place with a mark; 0 if it is. A
 * difference is as good as XOR, and compilers leave it where it is.
 */
static inline sim_pair wrong_at(const uint8_t *data, const sim_pair *place, const sim_pair *marks)
{
	sim_pair words;

	memcpy(&words, data, sizeof(words));
	return (words ^ *place) - *marks;
}

static bool has_mark(const struct sim_contents *contents, const uint8_t *data, uint64_t mark)
{
	const sim_pair marks = { nvme_swap_le64(mark), nvme_swap_le64(mark) };
	const sim_pair *place = contents->place, *end = place + contents->bytes / sizeof(*place);
	sim_pair wrong = { 0, 0 }, other = { 0, 0 };

	for (; place < end; place += AT_A_TIME, data += AT_A_TIME * sizeof(*place)) {
		wrong |= wrong_at(data, place, &marks);
		other |= wrong_at(data + sizeof(*place), place + 1, &marks);
		wrong |= wrong_at(data + 2 * sizeof(*place), place + 2, &marks);
		other |= wrong_at(data + 3 * sizeof(*place), place + 3, &marks);
		wrong |= wrong_at(data + 4 * sizeof(*place), place + 4, &marks);
		other |= wrong_at(data + 5 * sizeof(*place), place + 5, &marks);
		wrong |= wrong_at(data + 6 * sizeof(*place), place + 6, &marks);
		other |= wrong_at(data + 7 * sizeof(*place), place + 7, &marks);
	}
	wrong |= other;
	return (wrong[0] | wrong[1]) == 0;
}

static bool is_zero(const uint8_t *data, size_t bytes)
{
	return nvme_load_le64(data) == 0 && memcmp(data, data + 8, bytes - 8) == 0;
}

struct sim_block sim_block_of(const struct sim_contents *contents, const void *data)
{
	uint64_t mark = nvme_load_le64(data) ^ FIRST_PLACE;
	struct sim_block block = { .lba = mark >> 32, .version = mark & UINT32_MAX };

	if (block.version == 0)
		block.strange = !is_zero(data, contents->bytes);
	else
		block.strange = !has_mark(contents, data, mark);
	return block;
}

/* What becomes of @crc behind version @version of block @lba. */
static uint64_t crc_behind(const struct sim_contents *contents, uint64_t crc, uint64_t lba,
			   uint64_t version)
{
	crc = ~look_up(contents->passed, ~crc);
	if (version)
		crc ^= look_up(contents->marked, mark_of(lba, version)) ^ contents->unmarked;
	return crc;
}

/* sim_crc64() of what nobody has asked for: from the tables, or from the bytes. */
static __attribute__((noinline)) uint64_t sum_up(const struct sim_contents *contents,
						 struct sim_known *known, uint64_t crc,
						 const uint8_t *at, size_t bytes)
{
	size_t step = contents->bytes;

	for (; bytes >= step; bytes -= step, at += step, known = known ? known + 1 : NULL) {
		struct sim_block block;

		if (known && known->version != SIM_UNKNOWN) {
			known->crc_before = crc;
			crc = crc_behind(contents, crc, known->lba, known->version);
			known->crc_behind = crc;
			continue;
		}
		block = sim_block_of(contents, at);
		crc = block.strange ? nvme_crc64(crc, at, step)
				    : crc_behind(contents, crc, block.lba, block.version);
	}
	return nvme_crc64(crc, at, bytes);
}

/**
 * sim_crc64 - of @bytes, of whose blocks @known says what they hold; NULL: nothing is known
 *
 * Both sides ask for that of a known block, one after the other, so it is kept.
 */
uint64_t sim_crc64(const struct sim_contents *contents, struct sim_known *known, uint64_t crc,
		   const void *data, size_t bytes)
{
	size_t step = contents->bytes, at = 0;

	for (; known && at + step <= bytes; at += step, known++) {
		if (known->crc_behind == 0 || known->crc_before != crc)
			break;
		crc = known->crc_behind;
	}
	return at == bytes ? crc
			   : sum_up(contents, known, crc, (const uint8_t *)data + at, bytes - at);
}
