/* SPDX-License-Identifier: BSD-3-Clause */
/* Little-endian integers, whatever the machine: common/le.h. */
#include <string.h>

#include "common/le.h"
#include "tests/harness/main.h"

/* Eight bytes whose numbers of every width are easy to read, least significant first. */
static const uint8_t bytes[] = { 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01 };

START_TEST(a_wire_value_has_its_least_significant_byte_first)
{
	/* Base 2.0 1.5 (unverified): multi-byte values are little-endian. */
	nvme_u16le wire16 = nvme_le16(0xcdef);
	nvme_u32le wire32 = nvme_le32(0x89abcdef);
	nvme_u64le wire64 = nvme_le64(0x0123456789abcdef);

	ck_assert_mem_eq(&wire16, bytes, sizeof(wire16));
	ck_assert_mem_eq(&wire32, bytes, sizeof(wire32));
	ck_assert_mem_eq(&wire64, bytes, sizeof(wire64));
}
END_TEST

START_TEST(bytes_off_the_wire_become_the_number)
{
	nvme_u16le wire16;
	nvme_u32le wire32;
	nvme_u64le wire64;

	memcpy(&wire16, bytes, sizeof(wire16));
	memcpy(&wire32, bytes, sizeof(wire32));
	memcpy(&wire64, bytes, sizeof(wire64));
	ck_assert_uint_eq(nvme_cpu16(wire16), 0xcdef);
	ck_assert_uint_eq(nvme_cpu32(wire32), 0x89abcdef);
	ck_assert_uint_eq(nvme_cpu64(wire64), 0x0123456789abcdef);
}
END_TEST

START_TEST(a_wide_counter_has_its_low_half_first)
{
	/* Base 2.0 5.16.1.3 (unverified): SMART counters are 16 bytes, little-endian. */
	static const uint8_t expected[16] = { 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 };
	struct nvme_u128le wire = nvme_le128(1, 2);

	ck_assert_mem_eq(&wire, expected, sizeof(wire));
}
END_TEST

START_TEST(a_load_needs_no_alignment)
{
	uint8_t buffer[16] = { 0 };
	uint8_t *at = buffer + _i;

	memcpy(at, bytes, sizeof(bytes));
	ck_assert_uint_eq(nvme_load_le16(at), 0xcdef);
	ck_assert_uint_eq(nvme_load_le32(at), 0x89abcdef);
	ck_assert_uint_eq(nvme_load_le64(at), 0x0123456789abcdef);
}
END_TEST

START_TEST(a_store_needs_no_alignment_and_writes_no_neighbour)
{
	uint8_t expected[18];
	uint8_t buffer[18];

	memset(expected, 0x55, sizeof(expected));
	memset(buffer, 0x55, sizeof(buffer));
	memcpy(expected + 1 + _i, bytes, 8);
	nvme_store_le64(buffer + 1 + _i, 0x0123456789abcdef);
	ck_assert_mem_eq(buffer, expected, sizeof(buffer));

	memset(buffer, 0x55, sizeof(buffer));
	memset(expected, 0x55, sizeof(expected));
	memcpy(expected + 1 + _i, bytes, 4);
	nvme_store_le32(buffer + 1 + _i, 0x89abcdef);
	ck_assert_mem_eq(buffer, expected, sizeof(buffer));

	memset(buffer, 0x55, sizeof(buffer));
	memset(expected, 0x55, sizeof(expected));
	memcpy(expected + 1 + _i, bytes, 2);
	nvme_store_le16(buffer + 1 + _i, 0xcdef);
	ck_assert_mem_eq(buffer, expected, sizeof(buffer));
}
END_TEST

START_TEST(every_bit_survives_the_way_there_and_back)
{
	uint64_t value = UINT64_C(1) << _i;

	ck_assert_uint_eq(nvme_cpu16(nvme_le16((uint16_t)value)), (uint16_t)value);
	ck_assert_uint_eq(nvme_cpu32(nvme_le32((uint32_t)value)), (uint32_t)value);
	ck_assert_uint_eq(nvme_cpu64(nvme_le64(value)), value);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("common/le");
	TCase *wire = tcase_create("wire values");
	TCase *buffers = tcase_create("byte buffers");

	tcase_add_test(wire, a_wire_value_has_its_least_significant_byte_first);
	tcase_add_test(wire, bytes_off_the_wire_become_the_number);
	tcase_add_test(wire, a_wide_counter_has_its_low_half_first);
	tcase_add_loop_test(wire, every_bit_survives_the_way_there_and_back, 0, 64);
	suite_add_tcase(suite, wire);
	tcase_add_loop_test(buffers, a_load_needs_no_alignment, 0, 8);
	tcase_add_loop_test(buffers, a_store_needs_no_alignment_and_writes_no_neighbour, 0, 8);
	suite_add_tcase(suite, buffers);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
