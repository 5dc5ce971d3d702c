/* SPDX-License-Identifier: BSD-3-Clause */
/* Bit fields as pairs of bit numbers: common/bits.h. */
#include "common/bits.h"
#include "tests/harness/main.h"

#define LOW	3, 0
#define MIDDLE	19, 16
#define TOP	31, 31
#define WHOLE	31, 0
#define HIGH	35, 32
#define ACROSS	44, 20
#define TOP64	63, 63
#define WHOLE64 63, 0

/* All of them are constant expressions. */
_Static_assert(NVME_MASK(MIDDLE) == 0xf0000, "a mask is in place");
_Static_assert(NVME_GET(0x12345678, MIDDLE) == 4, "get");
_Static_assert(NVME_PUT(MIDDLE, 6) == 0x60000, "put");
_Static_assert(NVME_WITH(0xffffffff, MIDDLE, 6) == 0xfff6ffff, "with");
_Static_assert(NVME_FIELD_MAX(MIDDLE) == 15, "largest value");
_Static_assert(sizeof(NVME_GET(UINT64_MAX, HIGH)) == 4, "the 32-bit forms are 32 bits wide");
_Static_assert(sizeof(NVME_PUT(LOW, UINT64_MAX)) == 4, "the 32-bit forms are 32 bits wide");
_Static_assert(sizeof(NVME_WITH(UINT64_MAX, LOW, 0)) == 4, "the 32-bit forms are 32 bits wide");

START_TEST(a_mask_covers_the_field_and_nothing_else)
{
	ck_assert_uint_eq(NVME_MASK(LOW), 0xf);
	ck_assert_uint_eq(NVME_MASK(TOP), 0x80000000);
	ck_assert_uint_eq(NVME_MASK(WHOLE), 0xffffffff);
	ck_assert_uint_eq(NVME_MASK64(HIGH), 0xf00000000);
	ck_assert_uint_eq(NVME_MASK64(ACROSS), 0x1ffffff00000);
	ck_assert_uint_eq(NVME_MASK64(TOP64), 0x8000000000000000);
	ck_assert_uint_eq(NVME_MASK64(WHOLE64), UINT64_MAX);
}
END_TEST

START_TEST(get_takes_the_field_out_of_either_width)
{
	ck_assert_uint_eq(NVME_GET(0x80000000, TOP), 1);
	ck_assert_uint_eq(NVME_GET(0xdeadbeef, WHOLE), 0xdeadbeef);
	ck_assert_uint_eq(NVME_GET(UINT64_C(0x9abcdef01), HIGH), 9);
	ck_assert_uint_eq(NVME_GET((uint8_t)0xff, LOW), 15);
	ck_assert_uint_eq(NVME_GET64(UINT64_C(0x123456789abcdef0), ACROSS), 0x16789ab);
	ck_assert_uint_eq(NVME_GET64(UINT64_MAX, WHOLE64), UINT64_MAX);
}
END_TEST

START_TEST(a_value_too_large_does_not_spill_into_its_neighbour)
{
	ck_assert_uint_eq(NVME_PUT(MIDDLE, 0x1f), 0xf0000);
	ck_assert_uint_eq(NVME_WITH(0, MIDDLE, 0x10), 0);
	ck_assert_uint_eq(NVME_PUT64(HIGH, 0x15), 0x500000000);
	ck_assert_uint_eq(NVME_WITH64(UINT64_MAX, HIGH, 0x10), 0xfffffff0ffffffff);
	ck_assert_uint_eq(NVME_PUT(WHOLE, UINT64_C(0x1ffffffff)), 0xffffffff);
}
END_TEST

START_TEST(what_was_put_is_what_is_got)
{
	uint32_t value = (uint32_t)_i;
	uint32_t word = NVME_WITH(0xa5a5a5a5, MIDDLE, value);
	uint64_t wide = NVME_WITH64(UINT64_C(0xa5a5a5a5a5a5a5a5), HIGH, value);

	ck_assert_uint_eq(NVME_GET(word, MIDDLE), value);
	ck_assert_uint_eq(word & ~NVME_MASK(MIDDLE), 0xa5a5a5a5 & ~NVME_MASK(MIDDLE));
	ck_assert_uint_eq(NVME_GET64(wide, HIGH), value);
	ck_assert_uint_eq(wide & ~NVME_MASK64(HIGH), 0xa5a5a5a0a5a5a5a5);
}
END_TEST

/* A table's macro: the field reaches NVME_GET() as two numbers. */
#define FIELD_OF(value, field)	      NVME_GET(value, field)
#define WITH_FIELD(value, field, new) NVME_WITH(value, field, new)

START_TEST(a_macro_of_the_callers_may_pass_a_field_on)
{
	ck_assert_uint_eq(FIELD_OF(0x12345678, MIDDLE), 4);
	ck_assert_uint_eq(WITH_FIELD(0x12345678, MIDDLE, 9), 0x12395678);
}
END_TEST

START_TEST(each_argument_is_evaluated_once)
{
	uint32_t calls = 0;

	ck_assert_uint_eq(NVME_WITH(calls++, LOW, 1), 1);
	ck_assert_uint_eq(calls, 1);
	ck_assert_uint_eq(NVME_PUT(LOW, calls++), 1);
	ck_assert_uint_eq(calls, 2);
	ck_assert_uint_eq(NVME_GET(calls++, LOW), 2);
	ck_assert_uint_eq(calls, 3);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("common/bits");
	TCase *fields = tcase_create("fields");

	tcase_add_test(fields, a_mask_covers_the_field_and_nothing_else);
	tcase_add_test(fields, get_takes_the_field_out_of_either_width);
	tcase_add_test(fields, a_value_too_large_does_not_spill_into_its_neighbour);
	tcase_add_loop_test(fields, what_was_put_is_what_is_got, 0, 16);
	tcase_add_test(fields, a_macro_of_the_callers_may_pass_a_field_on);
	tcase_add_test(fields, each_argument_is_evaluated_once);
	suite_add_tcase(suite, fields);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
