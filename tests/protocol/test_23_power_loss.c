/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Power loss signaling (Base 2.1 8.2.5 and 5.1.25.1.19; statuses that it leaves open, unverified):
 * what a controller does when it hears that the power will go, and how it goes on.
 */
#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SECOND 1000000000ull
#define FID    NVME_FID_POWER_LOSS_SIGNALING
#define OFF    NVME_PLS_OFF
#define EPF    NVME_PLS_EMERGENCY
#define FQ     NVME_PLS_QUIESCENCE

static uint16_t choose_mode(struct th_host *h, uint32_t mode)
{
	return th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = FID, .cdw11 = mode);
}

static uint32_t mode_of(struct th_host *h)
{
	return th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = FID);
}

/* Two controllers whose media answer when the test says so. */
static struct th_host *signaled(uint32_t mode)
{
	struct th_host *h = th_enabled(.controller = "power_loss=true", .controllers = 2,
				       .io_queues = 1, .slow_media = true);

	ck_assert_uint_eq(choose_mode(h, mode), NVME_SC_SUCCESS);
	return h;
}

static void signal(struct th_host *h, bool asserted)
{
	ck_assert_int_eq(emu_signal_power_loss(th_emu(h), asserted), 0);
	th_run(h);
}

static enum emu_pla answer(struct th_host *h)
{
	return emu_power_loss_answer(th_emu(h));
}

static void submit_write(struct th_host *h, uint16_t cid)
{
	th_io(h, 1, .opcode = NVME_CMD_WRITE, .cid = cid, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
}

/* The next request of the medium is a flush of everything; it is answered. */
static void expect_flush(struct th_host *h)
{
	ck_assert_uint_eq(th_media_pending(h), 1);
	ck_assert_uint_eq(th_media_last(h)->op, EMU_MEDIA_FLUSH);
	th_media(h, 0, 0);
	th_run(h);
}

START_TEST(identify_tells_modes_and_times)
{
	/* Base 2.1 Figure 312 PLSI, Figure 313 FQVT, EPFVT and EPFRT: none of them is 0. */
	struct th_host *h = th_enabled(.controller = "power_loss=true");
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(id->plsi, 3);
	for (unsigned int i = 0; i <= id->npss; i++) {
		ck_assert_uint_eq(id->psd[i].fqvt, 1);
		ck_assert_uint_eq(id->psd[i].epfvt, 1);
		ck_assert_uint_eq(id->psd[i].epfrt, 1);
		ck_assert_uint_eq(id->psd[i].epfr_fqv_ts, 0x77);
		ck_assert_uint_eq(id->psd[i].epfvts, 7);
	}
	th_free(h);
}
END_TEST

START_TEST(the_mode_is_kept_without_being_saved)
{
	/* Base 2.1 Figure 385: it persists across power cycles. */
	struct th_host *h = th_enabled(.controller = "power_loss=true");

	ck_assert_uint_eq(mode_of(h), OFF);
	ck_assert_uint_eq(choose_mode(h, FQ), NVME_SC_SUCCESS);
	ck_assert_uint_eq(mode_of(h), FQ);
	th_restart(h);
	th_enable(h, 16);
	ck_assert_uint_eq(mode_of(h), FQ);
	ck_assert_uint_eq(choose_mode(h, 3), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = FID | 1u << 31,
				  .cdw11 = EPF),
			  NVME_SC_FEATURE_NOT_SAVEABLE);
	ck_assert_uint_eq(mode_of(h), FQ);
	th_free(h);
}
END_TEST

START_TEST(forced_quiescence_completes_what_was_fetched_and_flushes)
{
	/* Base 2.1 8.2.5.2. */
	struct th_host *h = signaled(FQ);

	submit_write(h, 1);
	signal(h, true);
	ck_assert_int_eq(answer(h), EMU_PLA_FQ);
	submit_write(h, 2);
	ck_assert_uint_eq(th_media_pending(h),
			  1); /* of the first one; the second was not fetched */
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	ck_assert_int_eq(answer(h), EMU_PLA_FQ);
	expect_flush(h);
	ck_assert_int_eq(answer(h), EMU_PLA_DEASSERTED);
	th_expect_none(h, 1);
	signal(h, false);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	th_free(h);
}
END_TEST

START_TEST(a_signal_that_goes_away_early_lets_processing_end_first)
{
	/* Base 2.1 Figure 664 and Figure 665: FQ Complete, then PLS Ready. */
	struct th_host *h = signaled(FQ);

	submit_write(h, 1);
	signal(h, true);
	signal(h, false);
	submit_write(h, 2);
	ck_assert_int_eq(answer(h), EMU_PLA_FQ);
	th_media(h, 0, 0);
	th_run(h);
	expect_flush(h);
	ck_assert_int_eq(answer(h), EMU_PLA_DEASSERTED);
	ck_assert_uint_eq(th_media_pending(h), 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	th_free(h);
}
END_TEST

START_TEST(every_controller_that_is_ready_is_quiet)
{
	/* Base 2.1 8.2.5: one host tells all of them; one that is not ready does not heed it. */
	struct th_host *h = th_enabled(.controller = "power_loss=true", .controllers = 3,
				       .slow_media = true);

	ck_assert_uint_eq(choose_mode(h, FQ), NVME_SC_SUCCESS);
	th_ctrl(h, 1);
	th_enable(h, 16);
	signal(h, true);
	ck_assert_uint_eq(th_media_pending(h), 2);
	th_media(h, 0, 0);
	th_run(h);
	ck_assert_int_eq(answer(h), EMU_PLA_FQ);
	th_media(h, 0, 0);
	th_run(h);
	ck_assert_int_eq(answer(h), EMU_PLA_DEASSERTED);
	th_ctrl(h, 2);
	th_enable(h, 16);
	ck_assert_uint_eq(mode_of(h), FQ);
	th_free(h);
}
END_TEST

START_TEST(emergency_power_fail_drops_what_was_fetched)
{
	/* Base 2.1 8.2.5.3: no completion, and none after the signal; the port stays enabled. */
	struct th_host *h = signaled(EPF);

	submit_write(h, 1);
	signal(h, true);
	ck_assert_int_eq(answer(h), EMU_PLA_EPF_ENABLED);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	th_media(h, 0, 0);
	th_run(h);
	expect_flush(h);
	ck_assert_int_eq(answer(h), EMU_PLA_DEASSERTED);
	signal(h, false);
	submit_write(h, 2);
	ck_assert_uint_eq(th_media_pending(h), 0);
	th_expect_none(h, 1);
	th_free(h);
}
END_TEST

START_TEST(a_reset_brings_a_controller_back_whatever_the_signal_says)
{
	/* Base 2.1 8.2.5.1: to PLS Not Ready; only a transition of PLN begins anew. */
	static const uint32_t modes[] = { FQ, EPF };
	struct th_host *h = signaled(modes[_i / 2]);

	signal(h, true);
	if (_i % 2)
		expect_flush(h);
	th_write32(h, NVME_REG_CC, 0x00460000);
	th_run(h);
	if (_i % 2 == 0)
		th_media(h, 0, 0);
	th_run(h);
	th_enable(h, 16);
	ck_assert_int_eq(answer(h), EMU_PLA_DEASSERTED);
	ck_assert_uint_eq(mode_of(h), modes[_i / 2]);
	signal(h, true);
	ck_assert_int_eq(answer(h), EMU_PLA_DEASSERTED);
	signal(h, false);
	signal(h, true);
	ck_assert_int_ne(answer(h), EMU_PLA_DEASSERTED);
	expect_flush(h);
	th_free(h);
}
END_TEST

START_TEST(a_shutdown_takes_the_place_of_processing)
{
	/* Base 2.1 Figure 664: CSTS.SHST is not 0. */
	struct th_host *h = signaled(FQ);

	submit_write(h, 1);
	signal(h, true);
	th_write32(h, NVME_REG_CC, 0x00464001);
	th_run(h);
	ck_assert_int_eq(answer(h), EMU_PLA_DEASSERTED);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	expect_flush(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1 | NVME_CSTS_SHST_COMPLETE << 2);
	th_free(h);
}
END_TEST

START_TEST(without_a_mode_the_signal_means_nothing)
{
	/* Base 2.1 5.1.25.1.19: power loss signaling is not enabled. */
	struct th_host *h = signaled(OFF);

	signal(h, true);
	ck_assert_int_eq(answer(h), EMU_PLA_DEASSERTED);
	ck_assert_uint_eq(choose_mode(h, FQ), NVME_SC_SUCCESS);
	submit_write(h, 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(power_that_came_back_is_not_impending)
{
	/* Base 2.1 Figure 659: PLN is deasserted by a power cycle. */
	struct th_host *h = signaled(EPF);

	signal(h, true);
	expect_flush(h);
	emu_reset(th_emu(h), 0, EMU_RESET_POWER);
	th_run(h);
	th_enable(h, 16);
	signal(h, true);
	ck_assert_int_eq(answer(h), EMU_PLA_EPF_ENABLED);
	expect_flush(h);
	th_free(h);
}
END_TEST

START_TEST(a_self_test_stands_still_meanwhile)
{
	/* Base 2.1 8.2.5.2: background operations are suspended. */
	struct th_host *h = th_enabled(.controller = "power_loss=true,self_test_time=2s");
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_self_test_log *log = th_ptr(h, page);

	ck_assert_uint_eq(choose_mode(h, FQ), NVME_SC_SUCCESS);
	th_do(h, .opcode = NVME_ADMIN_SELF_TEST, .nsid = 1, .cdw10 = NVME_SELF_TEST_SHORT);
	th_time(h, SECOND / 2);
	signal(h, true);
	ck_assert_int_eq(answer(h), EMU_PLA_DEASSERTED);
	th_time(h, 100 * SECOND);
	signal(h, false);
	th_time(h, 3 * SECOND / 2 - 1);
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = 127u << 16 | 6);
	ck_assert_uint_eq(log->current_operation, NVME_SELF_TEST_SHORT);
	ck_assert_uint_eq(log->completion, 99);
	th_time(h, 1);
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = 127u << 16 | 6);
	ck_assert_uint_eq(log->current_operation, 0);
	th_free(h);
}
END_TEST

START_TEST(a_controller_that_was_not_asked_for_it_has_no_signal)
{
	/* Base 2.1 8.2.5: nor an older one, nor several domains. */
	static const char *const keys[] = { "power_loss=false", "power_loss=true,vs=1.4",
					    "power_loss=true,domains=2" };
	struct th_host *h = th_enabled(.controller = keys[_i]);
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(id->plsi, 0);
	ck_assert_uint_eq(id->psd[0].fqvt, 0);
	ck_assert_uint_eq(choose_mode(h, FQ), NVME_SC_INVALID_FIELD);
	ck_assert_int_eq(emu_signal_power_loss(th_emu(h), true), -22);
	th_free(h);
}
END_TEST

START_TEST(an_operation_stands_still_as_long_as_one_controller_is_quiet)
{
	/* Base 2.1 8.2.5.2: another one that gets ready meanwhile is not. */
	struct th_host *h = th_enabled(.controller = "power_loss=true,self_test_time=2s,vwc=false",
				       .controllers = 2);

	ck_assert_uint_eq(choose_mode(h, FQ), NVME_SC_SUCCESS);
	th_do(h, .opcode = NVME_ADMIN_SELF_TEST, .nsid = 1, .cdw10 = NVME_SELF_TEST_EXTENDED);
	signal(h, true);
	ck_assert_uint_eq(emu_deadline(th_emu(h)) < 200 * SECOND, false);
	th_ctrl(h, 1);
	th_enable(h, 16);
	ck_assert_uint_eq(emu_deadline(th_emu(h)) < 200 * SECOND, false);
	th_ctrl(h, 0);
	signal(h, false);
	ck_assert_uint_eq(emu_deadline(th_emu(h)) < 200 * SECOND, true);
	th_free(h);
}
END_TEST

static Suite *power_loss(void)
{
	Suite *suite = suite_create("power loss");
	TCase *tcase = tcase_create("signaling");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, identify_tells_modes_and_times);
	tcase_add_test(tcase, the_mode_is_kept_without_being_saved);
	tcase_add_test(tcase, forced_quiescence_completes_what_was_fetched_and_flushes);
	tcase_add_test(tcase, a_signal_that_goes_away_early_lets_processing_end_first);
	tcase_add_test(tcase, every_controller_that_is_ready_is_quiet);
	tcase_add_test(tcase, emergency_power_fail_drops_what_was_fetched);
	tcase_add_loop_test(tcase, a_reset_brings_a_controller_back_whatever_the_signal_says, 0, 4);
	tcase_add_test(tcase, a_shutdown_takes_the_place_of_processing);
	tcase_add_test(tcase, without_a_mode_the_signal_means_nothing);
	tcase_add_test(tcase, power_that_came_back_is_not_impending);
	tcase_add_test(tcase, a_self_test_stands_still_meanwhile);
	tcase_add_loop_test(tcase, a_controller_that_was_not_asked_for_it_has_no_signal, 0, 3);
	tcase_add_test(tcase, an_operation_stands_still_as_long_as_one_controller_is_quiet);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { power_loss };

	return th_main(suites, 1);
}
