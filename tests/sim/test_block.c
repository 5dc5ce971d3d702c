/* SPDX-License-Identifier: BSD-3-Clause */
/* Contents by name: whatever is not what an operation wrote is noticed, and checksums are exact. */
#include <string.h>

#include "common/crc.h"
#include "tests/harness/main.h"
#include "tests/sim/internal.h"

#define LBA	77
#define VERSION 1234

static struct sim_contents table; /* too large for a stack */
static uint8_t data[4 * SIM_BLOCK_BYTES + 100];
static const size_t sizes[] = { 512, 4096, SIM_BLOCK_BYTES };

static bool is_strange(const struct sim_contents *contents)
{
	return sim_block_of(contents, data).strange;
}

START_TEST(a_block_says_who_wrote_it)
{
	const struct sim_contents *contents = sim_contents_of(&table, sizes[_i]);
	struct sim_block block;

	sim_block_fill(contents, data, LBA, VERSION);
	block = sim_block_of(contents, data);
	ck_assert_uint_eq(block.lba, LBA);
	ck_assert_uint_eq(block.version, VERSION);
	ck_assert(!block.strange);
	sim_block_fill(contents, data, LBA, 0);
	block = sim_block_of(contents, data);
	ck_assert_uint_eq(block.version, 0);
	ck_assert(!block.strange);
	for (size_t at = 0; at < sizes[_i]; at++)
		ck_assert_uint_eq(data[at], 0);
}
END_TEST

START_TEST(a_changed_bit_is_noticed)
{
	const struct sim_contents *contents = sim_contents_of(&table, 512);

	sim_block_fill(contents, data, LBA, _i ? VERSION : 0);
	for (unsigned int bit = 0; bit < 512 * 8; bit++) {
		data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert(is_strange(contents));
		data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	ck_assert(!is_strange(contents));
}
END_TEST

START_TEST(words_that_changed_places_are_noticed)
{
	const struct sim_contents *contents = sim_contents_of(&table, 512);

	for (unsigned int a = 0; a < 64; a++) {
		for (unsigned int b = 0; b < a; b++) {
			sim_block_fill(contents, data, LBA, VERSION);
			memcpy(data + 512, data + 8 * (size_t)a, 8);
			memcpy(data + 8 * (size_t)a, data + 8 * (size_t)b, 8);
			memcpy(data + 8 * (size_t)b, data + 512, 8);
			ck_assert(is_strange(contents));
		}
	}
}
END_TEST

START_TEST(a_part_of_another_version_is_noticed)
{
	const struct sim_contents *contents = sim_contents_of(&table, 512);

	for (size_t part = 8; part < 512; part += 8) {
		sim_block_fill(contents, data, LBA, VERSION);
		sim_block_fill(contents, data + 512, LBA, _i ? VERSION + 1 : 0);
		memcpy(data + part, data + 512 + part, 512 - part);
		ck_assert(is_strange(contents));
		memcpy(data, data + 512, part);
		ck_assert(!is_strange(contents));
	}
}
END_TEST

START_TEST(a_checksum_is_that_of_the_bytes)
{
	const size_t size = sizes[_i];
	const struct sim_contents *contents = sim_contents_of(&table, size);

	for (unsigned int mix = 0; mix < 81; mix++) {
		for (unsigned int i = 0, left = mix; i < 4; i++, left /= 3) {
			sim_block_fill(contents, data + i * size, LBA + i, left % 3 ? mix : 0);
			if (left % 3 == 2)
				data[i * size + mix] ^= 0x10;
		}
		for (size_t bytes = 4 * size; bytes <= 4 * size + 100; bytes += 50) {
			ck_assert_uint_eq(sim_crc64(contents, NULL, 0, data, bytes),
					  nvme_crc64(0, data, bytes));
			ck_assert_uint_eq(
				sim_crc64(contents, NULL, mix * NVME_RANDOM_STEP, data, bytes),
				nvme_crc64(mix * NVME_RANDOM_STEP, data, bytes));
		}
		ck_assert_uint_eq(sim_crc64(contents, NULL, 0, data, size / 2),
				  nvme_crc64(0, data, size / 2));
		ck_assert_uint_eq(sim_crc64(contents, NULL, 0, data + 8, 2 * size),
				  nvme_crc64(0, data + 8, 2 * size));
	}
}
END_TEST

static Suite *block(void)
{
	Suite *suite = suite_create("block");
	TCase *tcase = tcase_create("block");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, a_block_says_who_wrote_it, 0, 3);
	tcase_add_loop_test(tcase, a_changed_bit_is_noticed, 0, 2);
	tcase_add_test(tcase, words_that_changed_places_are_noticed);
	tcase_add_loop_test(tcase, a_part_of_another_version_is_noticed, 0, 2);
	tcase_add_loop_test(tcase, a_checksum_is_that_of_the_bytes, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ block }, 1);
}
