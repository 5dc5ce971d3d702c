/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * common/nvme_spec.h against libnvme, which others keep: the two must not agree by accident.
 *
 * Where libnvme is known to be wrong or of an older revision, the row says what it has. In the
 * version that it was seen in the difference must still be there; a later one may have either.
 */
#include <string.h>

#include "tests/harness/main.h"
#include "tests/unit/offsets.h"

static const struct known_offset {
	struct offset_row theirs;
	const char *reason;
} known_offsets[] = {
	{ { "nvme_copy_range", "elbatm", 28, 2 }, "the tag comes before its mask" },
	{ { "nvme_copy_range", "elbat", 30, 2 }, "the tag comes before its mask" },
	{ { "nvme_copy_range_f1", "elbatm", 36, 2 }, "the tag comes before its mask" },
	{ { "nvme_copy_range_f1", "elbat", 38, 2 }, "the tag comes before its mask" },
	{ { "nvme_id_ns", "vs", 392, 3704 }, "LBSTM moved to CNS 05h of the NVM command set" },
};

static const struct known_number {
	struct number_row theirs;
	const char *reason;
} known_numbers[] = {
	{ { "NVME_BPRSEL_BPROF", 0xfff << 10 }, "the offset is bits 29:10, twenty of them" },
};

static const struct known_offset *find_known_offset(const struct offset_row *row)
{
	for (size_t i = 0; i < sizeof(known_offsets) / sizeof(known_offsets[0]); i++) {
		const struct offset_row *known = &known_offsets[i].theirs;

		if (!strcmp(known->structure, row->structure) &&
		    !strcmp(known->member, row->member))
			return &known_offsets[i];
	}
	return NULL;
}

static const struct known_number *find_known_number(const struct number_row *row)
{
	for (size_t i = 0; i < sizeof(known_numbers) / sizeof(known_numbers[0]); i++) {
		if (!strcmp(known_numbers[i].theirs.name, row->name))
			return &known_numbers[i];
	}
	return NULL;
}

static bool is_same_place(const struct offset_row *a, const struct offset_row *b)
{
	return a->offset == b->offset && a->bytes == b->bytes;
}

static void check_offset(const struct offset_row *ours, const struct offset_row *theirs)
{
	const struct known_offset *known = find_known_offset(ours);
	bool same = is_same_place(ours, theirs);

	if (known && same)
		ck_assert_msg(!libnvme_is_old, "%s.%s: no longer differs, but is listed: %s",
			      ours->structure, ours->member, known->reason);
	else if (known)
		ck_assert_msg(is_same_place(theirs, &known->theirs),
			      "%s.%s: listed as %zu (%zu bytes) in libnvme, is %zu (%zu bytes)",
			      ours->structure, ours->member, known->theirs.offset,
			      known->theirs.bytes, theirs->offset, theirs->bytes);
	else
		ck_assert_msg(same, "%s.%s: %zu (%zu bytes), in libnvme %zu (%zu bytes)",
			      ours->structure, ours->member, ours->offset, ours->bytes,
			      theirs->offset, theirs->bytes);
}

static void check_number(const struct number_row *ours, const struct number_row *theirs)
{
	const struct known_number *known = find_known_number(ours);
	bool same = ours->value == theirs->value;

	if (known && same)
		ck_assert_msg(!libnvme_is_old, "%s: no longer differs, but is listed: %s",
			      ours->name, known->reason);
	else if (known)
		ck_assert_uint_eq(theirs->value, known->theirs.value);
	else
		ck_assert_msg(same, "%s: %#llx, in libnvme %#llx", ours->name,
			      (unsigned long long)ours->value, (unsigned long long)theirs->value);
}

START_TEST(both_tables_have_the_same_rows)
{
	ck_assert_uint_eq(nvme_offsets_n, libnvme_offsets_n);
	ck_assert_uint_eq(nvme_numbers_n, libnvme_numbers_n);
	ck_assert_uint_gt(nvme_offsets_n, 600);
	ck_assert_uint_gt(nvme_numbers_n, 500);
	for (size_t i = 0; i < nvme_offsets_n; i++) {
		ck_assert_str_eq(nvme_offsets[i].structure, libnvme_offsets[i].structure);
		ck_assert_str_eq(nvme_offsets[i].member, libnvme_offsets[i].member);
	}
	for (size_t i = 0; i < nvme_numbers_n; i++)
		ck_assert_str_eq(nvme_numbers[i].name, libnvme_numbers[i].name);
}
END_TEST

START_TEST(every_member_is_where_libnvme_has_it)
{
	for (size_t i = 0; i < nvme_offsets_n; i++)
		check_offset(&nvme_offsets[i], &libnvme_offsets[i]);
}
END_TEST

START_TEST(every_number_is_what_libnvme_has)
{
	for (size_t i = 0; i < nvme_numbers_n; i++)
		check_number(&nvme_numbers[i], &libnvme_numbers[i]);
}
END_TEST

START_TEST(a_known_difference_is_about_a_row)
{
	size_t offsets = 0;
	size_t numbers = 0;

	for (size_t i = 0; i < nvme_offsets_n; i++)
		offsets += find_known_offset(&nvme_offsets[i]) != NULL;
	for (size_t i = 0; i < nvme_numbers_n; i++)
		numbers += find_known_number(&nvme_numbers[i]) != NULL;
	ck_assert_uint_eq(offsets, sizeof(known_offsets) / sizeof(known_offsets[0]));
	ck_assert_uint_eq(numbers, sizeof(known_numbers) / sizeof(known_numbers[0]));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("common/nvme_spec against libnvme");
	TCase *rows = tcase_create("rows");

	tcase_add_test(rows, both_tables_have_the_same_rows);
	tcase_add_test(rows, every_member_is_where_libnvme_has_it);
	tcase_add_test(rows, every_number_is_what_libnvme_has);
	tcase_add_test(rows, a_known_difference_is_about_a_row);
	suite_add_tcase(suite, rows);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
