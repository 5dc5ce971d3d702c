/* SPDX-License-Identifier: BSD-3-Clause */
/* Checksums against the definition, computed one bit at a time: common/crc.c and its tables. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/crc.h"
#include "common/crc16_table.h"
#include "common/crc32c_table.h"
#include "common/crc64_table.h"
#include "common/random.h"
#include "tests/harness/main.h"

#define POLY_16 0x8bb7u
/* The polynomials of the checksums that take the least significant bit first, turned around. */
#define POLY_32 0x82f63b78u
#define POLY_64 0x9a6c9329ac4bc9b5ull

/* The registers, without the inversions around them, after one more byte. */
static uint16_t step_16(uint16_t crc, uint8_t byte)
{
	crc = (uint16_t)(crc ^ byte << 8);
	for (int bit = 0; bit < 8; bit++)
		crc = (uint16_t)(crc << 1 ^ (crc & 0x8000 ? POLY_16 : 0));
	return crc;
}

static uint64_t step_reflected(uint64_t crc, uint8_t byte, uint64_t poly)
{
	crc ^= byte;
	for (int bit = 0; bit < 8; bit++)
		crc = crc >> 1 ^ (crc & 1 ? poly : 0);
	return crc;
}

/* The polynomials as the specification writes them, most significant bit first. */
static uint64_t turn_around(uint64_t value, int bits)
{
	uint64_t turned = 0;

	for (int bit = 0; bit < bits; bit++)
		turned |= (value >> bit & 1) << (bits - 1 - bit);
	return turned;
}

START_TEST(the_polynomials_are_those_of_the_specification)
{
	/* NVM 1.0 5.2 (unverified): guard of 32b and of 64b protection information. */
	ck_assert_uint_eq(turn_around(POLY_32, 32), 0x1edc6f41);
	ck_assert_uint_eq(turn_around(POLY_64, 64), 0xad93d23594c93659);
}
END_TEST

START_TEST(every_table_entry_is_what_the_bits_give)
{
	for (unsigned int i = 0; i < 256; i++) {
		uint16_t crc16 = step_16(0, (uint8_t)i);
		uint64_t crc32 = step_reflected(0, (uint8_t)i, POLY_32);
		uint64_t crc64 = step_reflected(0, (uint8_t)i, POLY_64);

		for (int zeros = 0; zeros < _i; zeros++) {
			crc16 = step_16(crc16, 0);
			crc32 = step_reflected(crc32, 0, POLY_32);
			crc64 = step_reflected(crc64, 0, POLY_64);
		}
		ck_assert_uint_eq(crc16_table[_i][i], crc16);
		ck_assert_uint_eq(crc32c_table[_i][i], crc32);
		ck_assert_uint_eq(crc64_table[_i][i], crc64);
	}
}
END_TEST

START_TEST(the_check_values_are_the_published_ones)
{
	/* NVM 1.0 5.2 (unverified). */
	ck_assert_uint_eq(nvme_crc16(0, "123456789", 9), 0xd0db);
	ck_assert_uint_eq(nvme_crc32c(0, "123456789", 9), 0xe3069283);
	ck_assert_uint_eq(nvme_crc64(0, "123456789", 9), 0xae8b14860a799888);
}
END_TEST

START_TEST(blocks_of_equal_bytes_have_the_published_values)
{
	/* NVM 1.0 5.2.1.3.5 (unverified): CRC-64 of 4096 bytes; RFC 3720 B.4: CRC-32C of 32. */
	uint8_t block[4096];

	memset(block, 0, sizeof(block));
	ck_assert_uint_eq(nvme_crc64(0, block, 4096), 0x6482d367eb22b64e);
	ck_assert_uint_eq(nvme_crc32c(0, block, 32), 0x8a9136aa);
	ck_assert_uint_eq(nvme_crc16(0, block, 4096), 0);
	memset(block, 0xff, sizeof(block));
	ck_assert_uint_eq(nvme_crc64(0, block, 4096), 0xc0ddba7302eca3ac);
	ck_assert_uint_eq(nvme_crc32c(0, block, 32), 0x62a8ab43);
}
END_TEST

START_TEST(no_bytes_change_nothing)
{
	ck_assert_uint_eq(nvme_crc16(0xabcd, NULL, 0), 0xabcd);
	ck_assert_uint_eq(nvme_crc32c(0xabcdef01, NULL, 0), 0xabcdef01);
	ck_assert_uint_eq(nvme_crc64(0xabcdef0123456789, NULL, 0), 0xabcdef0123456789);
	ck_assert_uint_eq(nvme_crc64(0, NULL, 0), 0);
}
END_TEST

static void check_against_the_bits(const uint8_t *data, size_t bytes)
{
	uint16_t crc16 = 0;
	uint64_t crc32 = UINT32_MAX, crc64 = UINT64_MAX;

	for (size_t i = 0; i < bytes; i++) {
		crc16 = step_16(crc16, data[i]);
		crc32 = step_reflected(crc32, data[i], POLY_32);
		crc64 = step_reflected(crc64, data[i], POLY_64);
	}
	ck_assert_uint_eq(nvme_crc16(0, data, bytes), crc16);
	ck_assert_uint_eq(nvme_crc32c(0, data, bytes), ~(uint32_t)crc32);
	ck_assert_uint_eq(nvme_crc64(0, data, bytes), ~crc64);
}

START_TEST(every_length_and_alignment_agrees_with_the_bits)
{
	size_t bytes = (size_t)_i;

	for (size_t shift = 0; shift < 8; shift++) {
		/* No byte more than needed, so that the sanitizer sees a read beyond. */
		uint8_t *data = malloc(shift + bytes + 1);

		ck_assert_ptr_nonnull(data);
		nvme_pattern_fill(data + shift + 1, bytes, shift, bytes);
		check_against_the_bits(data + shift + 1, bytes);
		free(data);
	}
}
END_TEST

START_TEST(a_block_in_two_parts_has_the_checksum_of_the_whole)
{
	size_t cut = (size_t)_i;
	uint8_t data[64];

	nvme_pattern_fill(data, sizeof(data), 2, 0);
	ck_assert_uint_eq(nvme_crc16(nvme_crc16(0, data, cut), data + cut, 64 - cut),
			  nvme_crc16(0, data, 64));
	ck_assert_uint_eq(nvme_crc32c(nvme_crc32c(0, data, cut), data + cut, 64 - cut),
			  nvme_crc32c(0, data, 64));
	ck_assert_uint_eq(nvme_crc64(nvme_crc64(0, data, cut), data + cut, 64 - cut),
			  nvme_crc64(0, data, 64));
}
END_TEST

START_TEST(a_flipped_bit_changes_every_checksum)
{
	uint8_t data[64], bad[64];

	nvme_pattern_fill(data, sizeof(data), 3, 0);
	for (int bit = 0; bit < 8; bit++) {
		memcpy(bad, data, sizeof(bad));
		bad[_i] = (uint8_t)(bad[_i] ^ 1 << bit);
		ck_assert_uint_ne(nvme_crc16(0, data, 64), nvme_crc16(0, bad, 64));
		ck_assert_uint_ne(nvme_crc32c(0, data, 64), nvme_crc32c(0, bad, 64));
		ck_assert_uint_ne(nvme_crc64(0, data, 64), nvme_crc64(0, bad, 64));
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("common/crc");
	TCase *tables = tcase_create("tables");
	TCase *sums = tcase_create("checksums");

	tcase_add_test(tables, the_polynomials_are_those_of_the_specification);
	tcase_add_loop_test(tables, every_table_entry_is_what_the_bits_give, 0, 8);
	suite_add_tcase(suite, tables);
	tcase_add_test(sums, the_check_values_are_the_published_ones);
	tcase_add_test(sums, blocks_of_equal_bytes_have_the_published_values);
	tcase_add_test(sums, no_bytes_change_nothing);
	tcase_add_loop_test(sums, every_length_and_alignment_agrees_with_the_bits, 0, 41);
	tcase_add_loop_test(sums, a_block_in_two_parts_has_the_checksum_of_the_whole, 0, 65);
	tcase_add_loop_test(sums, a_flipped_bit_changes_every_checksum, 0, 64);
	suite_add_tcase(suite, sums);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
