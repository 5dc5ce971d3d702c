/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets of small numbers against a plain array of booleans: common/bitset.h. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/bitset.h"
#include "common/random.h"
#include "tests/harness/main.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const uint32_t sizes[] = { 1, 2, 63, 64, 65, 127, 128, 4095, 4096, 4097, 65535, 65536 };

/* Exactly as many bytes as asked for, so that the sanitizer sees a step beyond them. */
static struct nvme_bitset *make_set(uint32_t bits)
{
	struct nvme_bitset *set = malloc(nvme_bitset_bytes(bits));

	ck_assert_ptr_nonnull(set);
	memset(set, 0xff, nvme_bitset_bytes(bits));
	nvme_bitset_init(set, bits);
	return set;
}

START_TEST(a_new_set_is_empty)
{
	uint32_t bits = sizes[_i];
	struct nvme_bitset *set = make_set(bits);

	ck_assert(nvme_bitset_empty(set));
	ck_assert(!nvme_bitset_test(set, 0));
	ck_assert(!nvme_bitset_test(set, bits - 1));
	ck_assert_uint_eq(nvme_bitset_next(set, 0), NVME_BITSET_NONE);
	ck_assert_uint_eq(nvme_bitset_next_wrap(set, bits - 1), NVME_BITSET_NONE);
	ck_assert_uint_eq(nvme_bitset_next_wrap(set, NVME_BITSET_NONE), NVME_BITSET_NONE);
	free(set);
}
END_TEST

START_TEST(the_last_number_is_found_from_everywhere)
{
	uint32_t bits = sizes[_i];
	struct nvme_bitset *set = make_set(bits);

	nvme_bitset_set(set, bits - 1);
	ck_assert(!nvme_bitset_empty(set));
	for (uint32_t from = 0; from < bits; from += 1 + bits / 37)
		ck_assert_uint_eq(nvme_bitset_next(set, from), bits - 1);
	ck_assert_uint_eq(nvme_bitset_next(set, bits - 1), bits - 1);
	ck_assert_uint_eq(nvme_bitset_next(set, bits), NVME_BITSET_NONE);
	nvme_bitset_clear(set, bits - 1);
	ck_assert(nvme_bitset_empty(set));
	free(set);
}
END_TEST

START_TEST(the_only_member_is_next_to_itself)
{
	struct nvme_bitset *set = make_set(4097);

	nvme_bitset_set(set, 64);
	ck_assert_uint_eq(nvme_bitset_next_wrap(set, 64), 64);
	ck_assert_uint_eq(nvme_bitset_next_wrap(set, 63), 64);
	ck_assert_uint_eq(nvme_bitset_next_wrap(set, 65), 64);
	ck_assert_uint_eq(nvme_bitset_next_wrap(set, NVME_BITSET_NONE), 64);
	ck_assert_uint_eq(nvme_bitset_next_wrap(set, NVME_BITSET_NONE - 1), 64);
	free(set);
}
END_TEST

START_TEST(round_robin_serves_each_member_once_a_turn)
{
	static const uint32_t members[] = { 0, 1, 63, 64, 4095, 4096, 65535 };
	struct nvme_bitset *set = make_set(65536);
	uint32_t at = NVME_BITSET_NONE;

	for (size_t i = 0; i < LENGTH(members); i++)
		nvme_bitset_set(set, members[i]);
	for (size_t i = 0; i < 3 * LENGTH(members); i++) {
		at = nvme_bitset_next_wrap(set, at);
		ck_assert_uint_eq(at, members[i % LENGTH(members)]);
	}
	free(set);
}
END_TEST

START_TEST(numbers_beyond_the_size_are_never_members)
{
	struct nvme_bitset *set = make_set(65);

	nvme_bitset_set(set, 65);
	nvme_bitset_set(set, 65536);
	nvme_bitset_set(set, NVME_BITSET_NONE);
	ck_assert(nvme_bitset_empty(set));
	nvme_bitset_clear(set, 127);
	ck_assert(!nvme_bitset_test(set, 65));
	ck_assert(!nvme_bitset_test(set, NVME_BITSET_NONE));
	free(set);
}
END_TEST

START_TEST(a_set_of_nothing_and_one_too_large_hold_nothing)
{
	struct nvme_bitset *set = make_set(0);

	ck_assert_uint_eq(nvme_bitset_bytes(0), sizeof(*set));
	nvme_bitset_set(set, 0);
	ck_assert(nvme_bitset_empty(set));
	ck_assert_uint_eq(nvme_bitset_next_wrap(set, 0), NVME_BITSET_NONE);

	ck_assert_uint_eq(nvme_bitset_bytes(65537), 0);
	ck_assert_uint_eq(nvme_bitset_bytes(UINT32_MAX), 0);
	nvme_bitset_init(set, 65537);
	ck_assert_uint_eq(set->bits, 0);
	free(set);
}
END_TEST

START_TEST(a_copy_of_the_bytes_is_a_copy_of_the_set)
{
	struct nvme_bitset *set = make_set(200), *copy = make_set(200);

	nvme_bitset_set(set, 130);
	memcpy(copy, set, nvme_bitset_bytes(200));
	nvme_bitset_clear(set, 130);
	ck_assert_uint_eq(nvme_bitset_next(copy, 0), 130);
	ck_assert(nvme_bitset_empty(set));
	free(set);
	free(copy);
}
END_TEST

/* Compares all that can be asked with the array @member. */
static void check_against(const struct nvme_bitset *set, const bool *member, uint32_t bits)
{
	uint32_t next = NVME_BITSET_NONE, first = NVME_BITSET_NONE;

	for (uint32_t bit = bits; bit-- > 0;) {
		if (member[bit])
			first = bit;
	}
	ck_assert_int_eq(nvme_bitset_empty(set), first == NVME_BITSET_NONE);
	for (uint32_t bit = bits; bit-- > 0;) {
		uint32_t behind = next != NVME_BITSET_NONE ? next : first;

		if (member[bit])
			next = bit;
		/* Not asserted one by one: each assertion that holds is a system call. */
		if (nvme_bitset_next_wrap(set, bit) != behind ||
		    nvme_bitset_test(set, bit) != member[bit] || nvme_bitset_next(set, bit) != next)
			ck_abort_msg("of %u numbers, %u is answered otherwise", bits, bit);
	}
}

/* Random additions and removals, few members in the even runs and many in the odd ones. */
START_TEST(a_random_history_agrees_with_an_array)
{
	uint32_t bits = sizes[(size_t)_i % LENGTH(sizes)];
	struct nvme_bitset *set = make_set(bits);
	bool *member = calloc(bits, sizeof(*member));

	ck_assert_ptr_nonnull(member);
	for (uint64_t n = 0; n < 400; n++) {
		uint64_t draw = nvme_draw(1, 2, (uint64_t)_i, n);
		uint32_t bit = (uint32_t)nvme_draw_below(draw, bits);

		member[bit] = (draw & 3) == 0 || (_i % 2 == 1 && (draw & 3) != 3);
		if (member[bit])
			nvme_bitset_set(set, bit);
		else
			nvme_bitset_clear(set, bit);
		if (n % 100 == 99)
			check_against(set, member, bits);
	}
	free(member);
	free(set);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("common/bitset");
	TCase *tcase = tcase_create("sets");

	tcase_add_loop_test(tcase, a_new_set_is_empty, 0, (int)LENGTH(sizes));
	tcase_add_loop_test(tcase, the_last_number_is_found_from_everywhere, 0, (int)LENGTH(sizes));
	tcase_add_test(tcase, the_only_member_is_next_to_itself);
	tcase_add_test(tcase, round_robin_serves_each_member_once_a_turn);
	tcase_add_test(tcase, numbers_beyond_the_size_are_never_members);
	tcase_add_test(tcase, a_set_of_nothing_and_one_too_large_hold_nothing);
	tcase_add_test(tcase, a_copy_of_the_bytes_is_a_copy_of_the_set);
	tcase_add_loop_test(tcase, a_random_history_agrees_with_an_array, 0, 48);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, LENGTH(suites));
}
