/* SPDX-License-Identifier: BSD-3-Clause */
/* Draws by key and block patterns: common/random.h. The fixed values are part of the format. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "tests/harness/main.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static int bits_set(uint64_t value)
{
	return __builtin_popcountll(value);
}

START_TEST(the_key_of_a_name_is_fnv_1a)
{
	ck_assert_uint_eq(nvme_key(""), 0xcbf29ce484222325);
	ck_assert_uint_eq(nvme_key("a"), 0xaf63dc4c8601ec8c);
	ck_assert_uint_eq(nvme_key("foobar"), 0x85944171f73967e8);
	ck_assert_uint_eq(nvme_key_bytes("foobarbaz", 6), nvme_key("foobar"));
	ck_assert_uint_eq(nvme_key("\xff"), nvme_key_bytes("\xff", 1));
}
END_TEST

START_TEST(the_mixer_gives_the_published_sequence)
{
	/* Splitmix64 started at 1234567 is nvme_mix() of 1234567 plus multiples of the step. */
	ck_assert_uint_eq(nvme_mix(1234567), 6457827717110365317u);
	ck_assert_uint_eq(nvme_mix(1234567 + NVME_RANDOM_STEP), 3203168211198807973u);
	ck_assert_uint_eq(nvme_mix(1234567 + 2 * NVME_RANDOM_STEP), 9817491932198370423u);
}
END_TEST

START_TEST(draws_never_change_between_versions)
{
	ck_assert_uint_eq(nvme_draw(0, 0, 0, 0), 0x2130748aaac80268);
	ck_assert_uint_eq(nvme_draw(0x5eed, nvme_key("lose"), 3, 0), 0x90cb14dd56809d5b);
	ck_assert_uint_eq(nvme_draw(UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX),
			  0x9c666618c8f279d7);
}
END_TEST

static uint64_t draw_of(const uint64_t words[4])
{
	return nvme_draw(words[0], words[1], words[2], words[3]);
}

/* Flipping a bit of one argument flips about half of the draw's, on average over 64 draws. */
START_TEST(every_input_bit_spreads_over_the_draw)
{
	for (int bit = 0; bit < 64; bit++) {
		int flips = 0;

		for (uint64_t n = 0; n < 64; n++) {
			uint64_t words[4] = { n, 2 * n, 3 * n, 4 * n };
			uint64_t draw = draw_of(words);

			words[_i] ^= 1ull << bit;
			flips += bits_set(draw ^ draw_of(words));
		}
		ck_assert_int_gt(flips, 64 * 28);
		ck_assert_int_lt(flips, 64 * 36);
	}
}
END_TEST

static int compare_u64(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

START_TEST(small_arguments_never_collide)
{
	uint64_t *draws = malloc(10000 * sizeof(*draws));

	ck_assert_ptr_nonnull(draws);
	for (uint64_t i = 0; i < 10000; i++)
		draws[i] = nvme_draw(i % 10, i / 10 % 10, i / 100 % 10, i / 1000);
	qsort(draws, 10000, sizeof(*draws), compare_u64);
	for (size_t i = 1; i < 10000; i++)
		ck_assert_uint_ne(draws[i - 1], draws[i]);
	free(draws);
}
END_TEST

START_TEST(a_limit_bounds_the_draw)
{
	static const uint64_t limits[] = {
		1, 2, 3, 10, 1000003, 1ull << 32, (1ull << 32) + 1, 1ull << 63, UINT64_MAX
	};
	uint64_t limit = limits[_i];

	ck_assert_uint_eq(nvme_draw_below(0, limit), 0);
	ck_assert_uint_eq(nvme_draw_below(UINT64_MAX, limit), limit - 1);
	for (uint64_t n = 0; n < 1000; n++) {
		uint64_t draw = nvme_draw(7, 7, 7, n);

		ck_assert_uint_lt(nvme_draw_below(draw, limit), limit);
#ifdef __SIZEOF_INT128__
		ck_assert_uint_eq(nvme_draw_below(draw, limit),
				  (uint64_t)((unsigned __int128)draw * limit >> 64));
#endif
	}
}
END_TEST

START_TEST(nothing_to_choose_from_gives_zero)
{
	ck_assert_uint_eq(nvme_draw_below(UINT64_MAX, 0), 0);
	ck_assert_uint_eq(nvme_draw_below(12345, 0), 0);
}
END_TEST

START_TEST(a_small_limit_is_drawn_evenly)
{
	int count[6] = { 0 };

	for (uint64_t n = 0; n < 60000; n++)
		count[nvme_draw_below(nvme_draw(1, 2, n, 0), 6)]++;
	for (int i = 0; i < 6; i++) {
		/* 10,000 expected; five standard deviations are 457. */
		ck_assert_int_gt(count[i], 9543);
		ck_assert_int_lt(count[i], 10457);
	}
}
END_TEST

START_TEST(a_pattern_never_changes_between_versions)
{
	static const uint8_t expected[] = { 0xf6, 0x06, 0x20, 0x74, 0xa6, 0xf0, 0x9e,
					    0x70, 0x3a, 0x18, 0xdf, 0x8a, 0x5f, 0x6a,
					    0xd6, 0x0e, 0x63, 0x0a, 0x5e, 0xae };
	uint8_t block[sizeof(expected)];

	nvme_pattern_fill(block, sizeof(block), 0x5eed, 4711);
	ck_assert_mem_eq(block, expected, sizeof(block));
}
END_TEST

START_TEST(a_short_pattern_begins_as_a_long_one)
{
	size_t bytes = (size_t)_i;
	uint8_t whole[64], part[66];

	nvme_pattern_fill(whole, sizeof(whole), 1, 2);
	memset(part, 0xee, sizeof(part));
	nvme_pattern_fill(part + 1, bytes, 1, 2);
	ck_assert_mem_eq(part + 1, whole, bytes);
	ck_assert_uint_eq(part[0], 0xee);
	ck_assert_uint_eq(part[1 + bytes], 0xee);
	ck_assert_uint_eq(nvme_pattern_check(part + 1, bytes, 1, 2), bytes);
}
END_TEST

START_TEST(the_first_wrong_byte_is_named)
{
	size_t at = (size_t)_i;
	uint8_t block[77];

	nvme_pattern_fill(block, sizeof(block), 1, 2);
	block[at] ^= 0x10;
	block[sizeof(block) - 1] ^= 0x01;
	ck_assert_uint_eq(nvme_pattern_check(block, sizeof(block), 1, 2), at);
}
END_TEST

START_TEST(another_block_another_version_and_a_shift_are_noticed)
{
	uint8_t block[4096], other[4096];

	nvme_pattern_fill(block, sizeof(block), 1, 2);
	ck_assert_uint_lt(nvme_pattern_check(block, sizeof(block), 1, 3), 8);
	ck_assert_uint_lt(nvme_pattern_check(block, sizeof(block), 2, 2), 8);
	memcpy(other, block + 512, 3584);
	ck_assert_uint_lt(nvme_pattern_check(other, 3584, 1, 2), 8);
	memset(other, 0, sizeof(other));
	ck_assert_uint_lt(nvme_pattern_check(other, sizeof(other), 1, 2), 8);
}
END_TEST

START_TEST(the_words_of_a_block_differ)
{
	uint64_t words[8192];

	nvme_pattern_fill(words, sizeof(words), 3, UINT64_MAX);
	qsort(words, LENGTH(words), sizeof(words[0]), compare_u64);
	for (size_t i = 1; i < LENGTH(words); i++)
		ck_assert_uint_ne(words[i - 1], words[i]);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("common/random");
	TCase *draw = tcase_create("draws");
	TCase *pattern = tcase_create("patterns");

	tcase_add_test(draw, the_key_of_a_name_is_fnv_1a);
	tcase_add_test(draw, the_mixer_gives_the_published_sequence);
	tcase_add_test(draw, draws_never_change_between_versions);
	tcase_add_loop_test(draw, every_input_bit_spreads_over_the_draw, 0, 4);
	tcase_add_test(draw, small_arguments_never_collide);
	tcase_add_loop_test(draw, a_limit_bounds_the_draw, 0, 9);
	tcase_add_test(draw, nothing_to_choose_from_gives_zero);
	tcase_add_test(draw, a_small_limit_is_drawn_evenly);
	suite_add_tcase(suite, draw);
	tcase_add_test(pattern, a_pattern_never_changes_between_versions);
	tcase_add_loop_test(pattern, a_short_pattern_begins_as_a_long_one, 0, 65);
	tcase_add_loop_test(pattern, the_first_wrong_byte_is_named, 0, 77);
	tcase_add_test(pattern, another_block_another_version_and_a_shift_are_noticed);
	tcase_add_test(pattern, the_words_of_a_block_differ);
	suite_add_tcase(suite, pattern);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, LENGTH(suites));
}
