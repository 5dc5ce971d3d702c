/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/quirks.c: devices that are known to need something. */
#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

START_TEST(quirks_come_from_the_table)
{
	/* Each row is found by its vendor and device, and is not there for its neighbour. */
	const struct nvl_quirk *quirk = nvl_quirk_at((uint32_t)_i);
	struct th_fake fake;

	th_fake_init(&fake);
	if (!quirk) {
		ck_assert_int_gt(_i, 0);
		return;
	}
	fake.pci_id = (uint32_t)quirk->device << 16 | quirk->vendor;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->quirks, quirk->quirks);
	th_fake_done(&fake);
	th_fake_init(&fake);
	fake.pci_id = (uint32_t)quirk->device << 16 | (quirk->vendor ^ 0x8000u);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->quirks, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_device_that_is_slow_to_change_ready_is_given_time)
{
	struct th_fake fake;
	uint64_t start;

	th_fake_init(&fake);
	fake.pci_id = 0x05401c5f;
	start = fake.now;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_ge(fake.now - start, 2300 * TH_FAKE_MSEC);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_device_without_lists_is_asked_one_by_one)
{
	/* R12, by the table and not by a status. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.pci_id = 0x58458086;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert(nvl_info(fake.ctrl)->by_scan);
	ck_assert_uint_eq(nvl_ns_count(fake.ctrl), 4);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_quirks");
	TCase *tcase = tcase_create("quirks");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, quirks_come_from_the_table, 0, 9);
	tcase_add_test(tcase, a_device_that_is_slow_to_change_ready_is_given_time);
	tcase_add_test(tcase, a_device_without_lists_is_asked_one_by_one);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
