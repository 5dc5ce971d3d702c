/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/ctrl.c, reset.c: registers that are late, wrong, or gone. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

static void expect_failure(struct th_fake *fake, int result, const char *word)
{
	char buffer[256];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	ck_assert_int_eq(th_fake_start(fake), result);
	nvl_failure_text(fake->ctrl, &text);
	ck_assert_msg(strstr(buffer, word), "'%s' is not in: %s", word, buffer);
}

START_TEST(all_ones_is_recognised_before_any_bit_is_decoded)
{
	struct th_fake fake;

	th_fake_init(&fake);
	fake.all_ones = TH_FAKE_FOREVER;
	fake.config_gone = true;
	expect_failure(&fake, -NVL_ENODEV, "gone");
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_GONE);
	ck_assert_uint_eq(fake.writes, 0);
	ck_assert(nvl_dma_safe(fake.ctrl));
	ck_assert_int_eq(nvl_shutdown(fake.ctrl, false), -NVL_ENODEV);
	ck_assert_int_eq(nvl_start(fake.ctrl), -NVL_ENODEV);
	ck_assert_uint_eq(fake.writes, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(all_ones_for_a_while_is_not_removal)
{
	/* There are drives whose registers read all ones inside a reset. */
	struct th_fake fake;

	th_fake_open(&fake);
	fake.all_ones = 3;
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	th_fake_done(&fake);
}
END_TEST

START_TEST(removal_in_operation_completes_everything_and_touches_nothing)
{
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;
	unsigned int writes;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	th_fake_submit(&fake, &ending);
	writes = fake.writes;
	fake.all_ones = TH_FAKE_FOREVER;
	fake.config_gone = true;
	ck_assert_int_eq(nvl_watch(fake.ctrl), -NVL_ENODEV);
	ck_assert_uint_eq(ending.done, 2);
	ck_assert_int_eq(ending.result, -NVL_ENODEV);
	ck_assert_int_eq(nvl_reset(fake.ctrl), -NVL_ENODEV);
	ck_assert_uint_eq(fake.writes, writes);
	th_fake_done(&fake);
}
END_TEST

struct cap_case {
	uint64_t set;
	uint64_t clear;
	int result;
	const char *word;
};

static const struct cap_case bad_caps[] = {
	{ 0, NVME_MASK64(NVME_CAP_MQES), -NVL_EPROTO, "CAP.MQES" },
	{ 0, NVME_MASK64(NVME_CAP_CSS), -NVL_EOPNOTSUPP, "CAP.CSS" },
	{ NVME_PUT64(NVME_CAP_CSS_ADMIN, 1), NVME_MASK64(NVME_CAP_CSS), -NVL_EOPNOTSUPP,
	  "CAP.CSS" },
	{ NVME_PUT64(NVME_CAP_MPSMIN, 1), 0, -NVL_EOPNOTSUPP, "CAP.MPSMIN" },
	{ NVME_PUT64(NVME_CAP_MPSMIN, 15), 0, -NVL_EOPNOTSUPP, "CAP.MPSMIN" },
};

START_TEST(a_controller_that_cannot_be_driven_is_refused)
{
	/* Base 2.0 3.1.3.1: CAP. */
	const struct cap_case *bad = &bad_caps[_i];
	struct th_fake fake;

	th_fake_init(&fake);
	fake.cap = (fake.cap & ~bad->clear) | bad->set;
	expect_failure(&fake, bad->result, bad->word);
	ck_assert_uint_eq(fake.writes, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(other_capabilities_are_lived_with)
{
	/* MQES = 1 is two entries; DSTRD = 3; only CC.CSS = 110b selects a command set. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_init(&fake);
	fake.cap = NVME_PUT64(NVME_CAP_MQES, 1) | NVME_PUT64(NVME_CAP_DSTRD, 3) |
		   NVME_PUT64(NVME_CAP_CSS_IOCS, 1);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(NVME_GET(fake.cc, NVME_CC_CSS), NVME_CC_CSS_ALL);
	ck_assert_uint_eq(nvl_queue_depth(nvl_queue(fake.ctrl, 0)), 1);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->doorbell_stride, 32);
	th_fake_submit(&fake, &ending);
	th_fake_complete(&fake, 1, 0);
	ck_assert_uint_eq(nvl_poll(nvl_queue(fake.ctrl, 0), 0), 1);
	ck_assert_uint_eq(ending.done, 1);
	th_fake_done(&fake);
}
END_TEST

struct ready_case {
	uint32_t to; /* 500 ms */
	uint64_t ready_msec;
	int result;
};

/* CAP.TO = 0 counts as 1. */
static const struct ready_case readies[] = {
	{ 4, 0, 0 },	    { 4, 1999, 0 },
	{ 4, 2000, 0 },	    { 4, 2001, -NVL_ETIMEDOUT },
	{ 0, 499, 0 },	    { 0, 501, -NVL_ETIMEDOUT },
	{ 255, 127499, 0 }, { 255, 127501, -NVL_ETIMEDOUT },
};

START_TEST(the_wait_for_ready_ends_at_cap_to)
{
	/* Base 2.0 3.1.3.1: CAP.TO, in units of 500 ms. */
	const struct ready_case *ready = &readies[_i];
	struct th_fake fake;

	th_fake_init(&fake);
	fake.cap = NVME_WITH64(fake.cap, NVME_CAP_TO, ready->to);
	fake.ready_nsec = ready->ready_msec * TH_FAKE_MSEC;
	ck_assert_int_eq(th_fake_start(&fake), ready->result);
	ck_assert_uint_eq(fake.cc & 1, ready->result == 0);
	ck_assert_uint_eq(nvl_dma_safe(fake.ctrl), ready->result != 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(crto_counts_where_it_is_reported)
{
	/* Base 2.0 3.1.3.21: CRTO.CRWMT. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.cap |= NVME_PUT64(NVME_CAP_CRWMS, 1);
	fake.crto = 20;
	fake.ready_nsec = 9999 * TH_FAKE_MSEC;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->ready_nsec, 10000 * TH_FAKE_MSEC);
	th_fake_done(&fake);
}
END_TEST

START_TEST(ready_that_never_comes_is_given_up)
{
	struct th_fake fake;

	th_fake_init(&fake);
	fake.ready_nsec = NVL_NEVER;
	expect_failure(&fake, -NVL_ETIMEDOUT, "did not become 1");
	ck_assert_uint_eq(fake.cc & 1, 0);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_STOPPED);
	th_fake_done(&fake);
}
END_TEST

START_TEST(ready_that_never_goes_makes_memory_unsafe)
{
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	fake.unready_nsec = NVL_NEVER;
	ck_assert_int_eq(nvl_reset(fake.ctrl), -NVL_ETIMEDOUT);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_DEAD);
	ck_assert(!nvl_dma_safe(fake.ctrl));
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_fatal_status_while_enabling_gets_one_more_try)
{
	/* Base 2.0 3.1.3.6: CSTS.CFS. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.fatal_enables = 1;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_fatal_status_that_stays_fails_fast)
{
	struct th_fake fake;

	th_fake_init(&fake);
	fake.fatal_enables = TH_FAKE_FOREVER;
	expect_failure(&fake, -NVL_EPROTO, "CFS");
	ck_assert_uint_lt(fake.now, 100 * TH_FAKE_MSEC);
	th_fake_done(&fake);
}
END_TEST

static const uint32_t lost_registers[] = { NVME_REG_CC, NVME_REG_AQA, NVME_REG_ASQ, NVME_REG_ACQ };

START_TEST(a_lost_write_is_noticed_before_any_doorbell)
{
	struct th_fake fake;

	th_fake_init(&fake);
	fake.lost_register = lost_registers[_i];
	expect_failure(&fake, -NVL_EPROTO, "does not hold");
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_controller_that_was_left_enabled_is_disabled_first)
{
	/* Base 2.0 3.5.1: wait for CSTS.RDY = 0 before the admin queue is set up. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.cc = 1;
	fake.csts = 1;
	fake.unready_nsec = 300 * TH_FAKE_MSEC;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_ge(fake.now, 300 * TH_FAKE_MSEC);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_fatal_status_in_operation_is_seen_and_reset_away)
{
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	fake.csts |= NVME_MASK(NVME_CSTS_CFS);
	ck_assert_int_eq(nvl_watch(fake.ctrl), -NVL_EPROTO);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_FAILED);
	ck_assert_uint_eq(ending.done, 0);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, -NVL_ECANCELED);
	th_fake_done(&fake);
}
END_TEST

START_TEST(what_completed_before_disabling_ends_as_usual)
{
	/* The last chance to see a completion is after RDY became 0. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	th_fake_complete(&fake, 1, 0);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(shutdown_waits_for_rtd3e_and_no_longer)
{
	/* Base 2.0 3.6: CSTS.SHST; Identify Controller RTD3E. */
	struct th_fake fake;
	uint64_t start;

	th_fake_init(&fake);
	fake.id.rtd3e = nvme_le32(8000000);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	fake.shutdown_nsec = NVL_NEVER;
	start = fake.now;
	ck_assert_int_eq(nvl_shutdown(fake.ctrl, false), -NVL_ETIMEDOUT);
	ck_assert_uint_eq(fake.now - start, 8000 * TH_FAKE_MSEC);
	ck_assert_uint_eq(fake.cc & 1, 0);
	ck_assert(nvl_dma_safe(fake.ctrl));
	th_fake_done(&fake);
}
END_TEST

START_TEST(shutdown_deletes_the_queues_first)
{
	struct th_fake fake;

	th_fake_open(&fake);
	ck_assert_int_eq(nvl_shutdown(fake.ctrl, false), 0);
	ck_assert_uint_eq(fake.deleted_cqs, 4);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_STOPPED);
	ck_assert_int_eq(nvl_shutdown(fake.ctrl, false), -NVL_ESHUTDOWN);
	th_fake_done(&fake);
}
END_TEST

struct mdts_case {
	uint8_t mdts;
	uint64_t bytes;
};

static const struct mdts_case mdts_cases[] = {
	{ 0, 1u << 20 },  { 1, 8192 },	    { 5, 131072 },     { 8, 1u << 20 },
	{ 31, 1u << 20 }, { 32, 1u << 20 }, { 255, 1u << 20 },
};

START_TEST(mdts_limits_a_command_and_never_overflows)
{
	/* Base 2.0 5.17.2.1: MDTS, 2^n pages of CAP.MPSMIN. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.id.mdts = mdts_cases[_i].mdts;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->max_transfer_bytes, mdts_cases[_i].bytes);
	th_fake_done(&fake);
}
END_TEST

static const uint8_t bad_sqes[] = { 0x00, 0x55, 0x77, 0x67, 0xff };

START_TEST(entries_of_another_size_are_refused)
{
	/* Base 2.0 5.17.2.1: SQES, least and greatest size. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.id.sqes = bad_sqes[_i];
	expect_failure(&fake, -NVL_EPROTO, "SQES");
	th_fake_done(&fake);
}
END_TEST

static TCase *make_tcase(void)
{
	TCase *tcase = tcase_create("registers");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, all_ones_is_recognised_before_any_bit_is_decoded);
	tcase_add_test(tcase, all_ones_for_a_while_is_not_removal);
	tcase_add_test(tcase, removal_in_operation_completes_everything_and_touches_nothing);
	tcase_add_loop_test(tcase, a_controller_that_cannot_be_driven_is_refused, 0,
			    sizeof(bad_caps) / sizeof(bad_caps[0]));
	tcase_add_test(tcase, other_capabilities_are_lived_with);
	tcase_add_loop_test(tcase, the_wait_for_ready_ends_at_cap_to, 0,
			    sizeof(readies) / sizeof(readies[0]));
	tcase_add_test(tcase, crto_counts_where_it_is_reported);
	tcase_add_test(tcase, ready_that_never_comes_is_given_up);
	tcase_add_test(tcase, ready_that_never_goes_makes_memory_unsafe);
	tcase_add_test(tcase, a_fatal_status_while_enabling_gets_one_more_try);
	tcase_add_test(tcase, a_fatal_status_that_stays_fails_fast);
	tcase_add_loop_test(tcase, a_lost_write_is_noticed_before_any_doorbell, 0,
			    sizeof(lost_registers) / sizeof(lost_registers[0]));
	tcase_add_test(tcase, a_controller_that_was_left_enabled_is_disabled_first);
	tcase_add_test(tcase, a_fatal_status_in_operation_is_seen_and_reset_away);
	tcase_add_test(tcase, what_completed_before_disabling_ends_as_usual);
	tcase_add_test(tcase, shutdown_waits_for_rtd3e_and_no_longer);
	tcase_add_test(tcase, shutdown_deletes_the_queues_first);
	tcase_add_loop_test(tcase, mdts_limits_a_command_and_never_overflows, 0,
			    sizeof(mdts_cases) / sizeof(mdts_cases[0]));
	tcase_add_loop_test(tcase, entries_of_another_size_are_refused, 0, sizeof(bad_sqes));
	return tcase;
}

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_ctrl");

	suite_add_tcase(suite, make_tcase());
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
