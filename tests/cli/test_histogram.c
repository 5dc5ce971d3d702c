/* SPDX-License-Identifier: BSD-3-Clause */
/* The histogram of latencies: what goes in comes out, at most 1/64 too large. */
#include <string.h>

#include "common/random.h"
#include "driver/cli/histogram.h"
#include "tests/harness/main.h"

static struct cli_histogram histogram;

static void start(void)
{
	memset(&histogram, 0, sizeof(histogram));
}

START_TEST(an_empty_histogram_has_only_zeros)
{
	ck_assert_uint_eq(cli_histogram_at(&histogram, 0.5), 0);
	ck_assert_uint_eq(cli_histogram_at(&histogram, 1), 0);
	ck_assert_double_eq(cli_histogram_mean(&histogram), 0);
}
END_TEST

START_TEST(small_values_are_exact)
{
	for (uint64_t value = 0; value < 64; value++)
		cli_histogram_add(&histogram, value);
	for (uint64_t value = 0; value < 64; value++)
		ck_assert_uint_eq(cli_histogram_at(&histogram, (double)(value + 1) / 64), value);
	ck_assert_double_eq(cli_histogram_mean(&histogram), 31.5);
}
END_TEST

/* A second, larger value keeps the maximum from hiding what the bucket says. */
START_TEST(every_magnitude_is_read_back_within_a_64th)
{
	for (uint64_t n = 0; n < 50; n++) {
		uint64_t value = UINT64_C(1) << _i |
				 (nvme_draw(1, 2, (uint64_t)_i, n) & ((UINT64_C(1) << _i) - 1));
		uint64_t read;

		start();
		cli_histogram_add(&histogram, value);
		cli_histogram_add(&histogram, UINT64_MAX);
		read = cli_histogram_at(&histogram, 0.5);
		ck_assert_uint_ge(read, value);
		ck_assert_uint_le(read - value, value / 64);
	}
}
END_TEST

START_TEST(shares_are_of_the_number_of_values)
{
	for (int i = 0; i < 990; i++)
		cli_histogram_add(&histogram, 10);
	for (int i = 0; i < 9; i++)
		cli_histogram_add(&histogram, 20);
	cli_histogram_add(&histogram, 1000000);
	ck_assert_uint_eq(histogram.count, 1000);
	ck_assert_uint_eq(cli_histogram_at(&histogram, 0.5), 10);
	ck_assert_uint_eq(cli_histogram_at(&histogram, 0.99), 10);
	ck_assert_uint_eq(cli_histogram_at(&histogram, 0.999), 20);
	ck_assert_uint_eq(cli_histogram_at(&histogram, 1), 1000000);
	ck_assert_uint_eq(histogram.max, 1000000);
}
END_TEST

START_TEST(no_value_is_said_to_be_above_the_maximum)
{
	cli_histogram_add(&histogram, 1000);
	ck_assert_uint_eq(cli_histogram_at(&histogram, 0.5), 1000);
	cli_histogram_add(&histogram, UINT64_MAX);
	ck_assert_uint_eq(cli_histogram_at(&histogram, 1), UINT64_MAX);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("driver/cli/histogram");
	TCase *values = tcase_create("values");

	tcase_add_checked_fixture(values, start, NULL);
	tcase_add_test(values, an_empty_histogram_has_only_zeros);
	tcase_add_test(values, small_values_are_exact);
	tcase_add_loop_test(values, every_magnitude_is_read_back_within_a_64th, 1, 64);
	tcase_add_test(values, shares_are_of_the_number_of_values);
	tcase_add_test(values, no_value_is_said_to_be_above_the_maximum);
	suite_add_tcase(suite, values);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
