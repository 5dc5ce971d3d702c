/* SPDX-License-Identifier: BSD-3-Clause */
/* Device Self-test, Base 2.0 5.8, 8.6 and log 06h (unverified where marked). */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SECOND	 1000000000ull
#define SHORT	 NVME_SELF_TEST_SHORT
#define EXTENDED NVME_SELF_TEST_EXTENDED
#define ABORT	 NVME_SELF_TEST_ABORT
#define ALL	 0xffffffffu
#define KEYS	 "self_test_time=10s,edstt=2"
#define MINUTES	 (60 * SECOND)

static uint16_t test(struct th_host *h, uint32_t nsid, uint32_t code)
{
	return th_code(h, .opcode = NVME_ADMIN_SELF_TEST, .nsid = nsid, .cdw10 = code);
}

static const struct nvme_self_test_log *results(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = 140u << 16 | NVME_LID_SELF_TEST);
	return th_ptr(h, page);
}

/* What the newest result says: code in bits 7:4, outcome in bits 3:0. */
static uint8_t newest(struct th_host *h)
{
	return results(h)->result[0].dsts;
}

static void controller_reset(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_enable(h, 16);
}

static const uint32_t nsids[] = { 0, 1, 3, ALL };

START_TEST(a_test_takes_its_time_then_passes)
{
	/* Base 2.0 5.16.1.7: current operation, percentage, result. */
	struct th_host *h = th_enabled(.controller = KEYS, .ns2_blocks = 64);
	uint32_t nsid = nsids[_i % 4], code = _i < 4 ? SHORT : EXTENDED;
	uint64_t length = _i < 4 ? 10 * SECOND : 2 * MINUTES;
	const struct nvme_self_test_log *log;

	ck_assert_uint_eq(newest(h), NVME_SELF_TEST_UNUSED);
	ck_assert_uint_eq(test(h, nsid, code), NVME_SC_SUCCESS);
	log = results(h);
	ck_assert_uint_eq(log->current_operation, code);
	ck_assert_uint_eq(log->completion, 0);
	th_time(h, length * 3 / 4);
	log = results(h);
	ck_assert_uint_eq(log->current_operation, code);
	ck_assert_uint_ge(log->completion, 74);
	ck_assert_uint_le(log->completion, 75);
	th_time(h, length / 4);
	log = results(h);
	ck_assert_uint_eq(log->current_operation, 0);
	ck_assert_uint_eq(log->result[0].dsts, code << 4 | NVME_SELF_TEST_PASSED);
	ck_assert_uint_eq(nvme_cpu32(log->result[0].nsid), nsid);
	ck_assert_uint_eq(log->result[0].vdinfo, nsid != 0);
	ck_assert_uint_eq(log->result[1].dsts, NVME_SELF_TEST_UNUSED);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), EMU_NEVER);
	th_free(h);
}
END_TEST

/* NSIDs 1 and 3 are active, 32 is NN. */
static const struct {
	uint32_t nsid, code;
	uint16_t sc;
} refused[] = {
	{ 2, SHORT, NVME_SC_INVALID_FIELD },
	{ 33, SHORT, NVME_SC_INVALID_NS },
	{ 0xfffffffe, EXTENDED, NVME_SC_INVALID_NS },
	{ 1, 0, NVME_SC_INVALID_FIELD },
	{ 1, 3, NVME_SC_INVALID_FIELD }, /* host-initiated refresh: not offered */
	{ 1, 0xe, NVME_SC_INVALID_FIELD },
	{ 1, 4, NVME_SC_INVALID_FIELD },
};

START_TEST(a_test_of_nothing_is_refused)
{
	/* Base 2.0 5.8: NSID and STC. */
	struct th_host *h = th_enabled(.ns2_blocks = 64);

	ck_assert_uint_eq(test(h, refused[_i].nsid, refused[_i].code), refused[_i].sc);
	ck_assert_uint_eq(results(h)->current_operation, 0);
	th_free(h);
}
END_TEST

START_TEST(one_test_at_a_time)
{
	/* Base 2.0 5.8: Device Self-test In Progress; DSTO bit 0: of the whole subsystem. */
	struct th_host *h = th_enabled(.controllers = 2, .controller = KEYS);

	th_ctrl(h, 1);
	th_enable(h, 16);
	th_ctrl(h, 0);
	ck_assert_uint_eq(test(h, 1, SHORT), NVME_SC_SUCCESS);
	ck_assert_uint_eq(test(h, 1, EXTENDED), NVME_SC_SELF_TEST_IN_PROGRESS);
	th_ctrl(h, 1);
	ck_assert_uint_eq(test(h, 0, SHORT), NVME_SC_SELF_TEST_IN_PROGRESS);
	ck_assert_uint_eq(results(h)->current_operation, 0); /* it is not this controller's */
	th_time(h, 10 * SECOND);
	ck_assert_uint_eq(newest(h), NVME_SELF_TEST_UNUSED);
	ck_assert_uint_eq(test(h, 0, SHORT), NVME_SC_SUCCESS);
	th_ctrl(h, 0);
	ck_assert_uint_eq(newest(h), SHORT << 4 | NVME_SELF_TEST_PASSED);
	th_free(h);
}
END_TEST

START_TEST(an_abort_ends_a_test_and_without_one_does_nothing)
{
	/* Base 2.0 5.8: STC Fh. */
	struct th_host *h = th_enabled(.controller = KEYS);

	ck_assert_uint_eq(test(h, ALL, ABORT), NVME_SC_SUCCESS);
	ck_assert_uint_eq(newest(h), NVME_SELF_TEST_UNUSED);
	test(h, 1, EXTENDED);
	th_time(h, 1 * SECOND);
	ck_assert_uint_eq(test(h, 0, ABORT), NVME_SC_SUCCESS);
	ck_assert_uint_eq(newest(h), EXTENDED << 4 | NVME_SELF_TEST_ABORTED_COMMAND);
	ck_assert_uint_eq(results(h)->current_operation, 0);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), EMU_NEVER);
	ck_assert_uint_eq(test(h, 1, SHORT), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(a_reset_ends_a_short_test_and_not_an_extended_one)
{
	/* Base 2.0 8.6.1 and 8.6.2 */
	struct th_host *h = th_enabled(.controller = KEYS);

	test(h, 1, SHORT);
	controller_reset(h);
	ck_assert_uint_eq(newest(h), SHORT << 4 | NVME_SELF_TEST_ABORTED_RESET);
	test(h, 1, EXTENDED);
	th_time(h, 1 * MINUTES);
	controller_reset(h);
	ck_assert_uint_eq(results(h)->current_operation, EXTENDED);
	emu_reset(th_emu(h), 0, EMU_RESET_SUBSYSTEM);
	th_run(h);
	th_enable(h, 16);
	th_time(h, 1 * MINUTES);
	ck_assert_uint_eq(newest(h), EXTENDED << 4 | NVME_SELF_TEST_PASSED);
	th_free(h);
}
END_TEST

START_TEST(the_log_has_twenty_results_newest_first)
{
	/* Base 2.0 5.16.1.7 */
	struct th_host *h = th_enabled(.controller = "self_test_time=1s", .ns2_blocks = 64);
	const struct nvme_self_test_log *log;

	test(h, 3, SHORT);
	th_time(h, 1 * SECOND);
	for (uint32_t i = 0; i < 19; i++) {
		test(h, 1, SHORT);
		th_time(h, 1 * SECOND);
	}
	ck_assert_uint_eq(nvme_cpu32(results(h)->result[19].nsid), 3);
	test(h, 0, SHORT);
	th_time(h, 1 * SECOND);
	log = results(h);
	ck_assert_uint_eq(nvme_cpu32(log->result[0].nsid), 0);
	ck_assert_uint_eq(nvme_cpu32(log->result[1].nsid), 1);
	ck_assert_uint_eq(nvme_cpu32(log->result[19].nsid), 1);
	th_free(h);
}
END_TEST

START_TEST(a_block_that_cannot_be_read_is_found)
{
	/* Base 2.0 5.16.1.7 and 5.2: the segment, the block, the event. */
	struct th_host *h = th_enabled(.controller = KEYS, .blocks = 5000, .ns2_blocks = 64);
	const struct nvme_self_test_result *result;
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_error_log_entry *entry = th_ptr(h, page);

	th_media_spoil(h, 3, 40);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 9);
	th_run(h);
	th_admin(h, .opcode = NVME_ADMIN_SELF_TEST, .cid = 10, .nsid = ALL,
		 .cdw10 = _i ? EXTENDED : SHORT);
	th_run(h);
	th_expect_cqe(h, .cid = 10);
	th_time(h, _i ? 2 * MINUTES : 10 * SECOND);
	th_expect_cqe(h, .cid = 9, .dw0 = NVME_AER_DIAG_FAILURE);
	result = &results(h)->result[0];
	ck_assert_uint_eq(result->dsts,
			  (_i ? EXTENDED : SHORT) << 4 | NVME_SELF_TEST_FAILED_SEGMENT);
	ck_assert_uint_eq(result->seg, _i ? 7 : 5);
	ck_assert_uint_eq(result->vdinfo, 0xf);
	ck_assert_uint_eq(nvme_cpu32(result->nsid), 3);
	ck_assert_uint_eq(nvme_cpu64(result->flba), 40);
	ck_assert_uint_eq(result->sct << 8 | result->sc, NVME_SC_UNRECOVERED_READ_ERROR);
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = 15u << 16 | 1);
	ck_assert_uint_eq(nvme_cpu16(entry->sqid), 0xffff);
	th_free(h);
}
END_TEST

START_TEST(a_short_test_looks_at_the_first_blocks_only)
{
	/* Base 2.0 8.6: unverified what a test looks at; ours says so in its documentation. */
	struct th_host *h = th_enabled(.controller = KEYS, .blocks = 5000);

	th_media_spoil(h, 1, 4999);
	test(h, 1, SHORT);
	th_time(h, 10 * SECOND);
	ck_assert_uint_eq(newest(h), SHORT << 4 | NVME_SELF_TEST_PASSED);
	test(h, 0, EXTENDED);
	th_time(h, 2 * MINUTES);
	ck_assert_uint_eq(newest(h), EXTENDED << 4 | NVME_SELF_TEST_PASSED);
	test(h, 1, EXTENDED);
	th_time(h, 2 * MINUTES);
	ck_assert_uint_eq(newest(h), EXTENDED << 4 | NVME_SELF_TEST_FAILED_SEGMENT);
	ck_assert_uint_eq(nvme_cpu64(results(h)->result[0].flba), 4999);
	th_free(h);
}
END_TEST

START_TEST(many_runs_of_blocks_are_asked_for_one_after_the_other)
{
	/* Base 2.0 8.6: a step stays bounded; every second block was written. */
	struct th_host *h = th_enabled(.controller = KEYS, .io_queues = 1);
	uint64_t page = th_alloc(h, 4096);

	for (uint32_t lba = 0; lba < 1000; lba += 2)
		th_try_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = page, .cdw10 = lba);
	test(h, 1, EXTENDED);
	th_time(h, 2 * MINUTES);
	ck_assert_uint_eq(newest(h), EXTENDED << 4 | NVME_SELF_TEST_PASSED);
	th_free(h);
}
END_TEST

START_TEST(a_slow_medium_delays_the_end)
{
	/* The test waits for the answer, and takes what it says. */
	struct th_host *h = th_enabled(.controller = KEYS, .slow_media = true);

	test(h, 1, SHORT);
	th_time(h, 20 * SECOND);
	ck_assert_uint_eq(th_media_pending(h), 1);
	ck_assert_uint_eq(results(h)->current_operation, SHORT);
	ck_assert_uint_eq(results(h)->completion, 99);
	th_media(h, 0, _i ? -EIO : 0);
	th_run(h);
	ck_assert_uint_eq(newest(h),
			  SHORT << 4 | (_i ? NVME_SELF_TEST_FATAL : NVME_SELF_TEST_PASSED));
	th_free(h);
}
END_TEST

START_TEST(an_answer_that_comes_after_the_end_is_ignored)
{
	/* By an abort, or by a reset, after which an extended test asks again. */
	struct th_host *h = th_enabled(.controller = KEYS, .slow_media = true);

	test(h, 1, EXTENDED);
	th_time(h, 1 * MINUTES);
	ck_assert_uint_eq(th_media_pending(h), 1);
	if (_i) {
		th_write32(h, NVME_REG_CC, 0);
		th_run(h);
		th_media(h, 0, -EIO);
		th_run(h);
		/* The reset waited for that one answer, not for the whole test. */
		ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 1, 0);
		th_enable(h, 16);
		ck_assert_uint_eq(th_media_pending(h), 1);
		th_media(h, 0, 0);
		th_time(h, 1 * MINUTES);
		ck_assert_uint_eq(newest(h), EXTENDED << 4 | NVME_SELF_TEST_PASSED);
	} else {
		test(h, 1, ABORT);
		test(h, 1, SHORT);
		th_time(h, 5 * SECOND);
		th_media(h, 0, -EIO);
		th_run(h);
		ck_assert_uint_eq(th_media_pending(h), 1);
		th_media(h, 0, 0);
		th_time(h, 5 * SECOND);
		ck_assert_uint_eq(newest(h), SHORT << 4 | NVME_SELF_TEST_PASSED);
	}
	th_free(h);
}
END_TEST

START_TEST(identify_says_what_tests_there_are)
{
	/* Base 2.0 5.17.2.1: OACS bit 4, EDSTT, DSTO. */
	struct th_host *h = th_enabled(.controller = _i ? "edstt=30" : "self_test=false");
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(NVME_GET(nvme_cpu16(id->oacs), NVME_ID_CTRL_OACS_SELF_TEST),
			  (unsigned int)_i);
	ck_assert_uint_eq(nvme_cpu16(id->edstt), _i ? 30 : 0);
	ck_assert_uint_eq(id->dsto, (unsigned int)_i);
	ck_assert_uint_eq(test(h, 0, SHORT), _i ? NVME_SC_SUCCESS : NVME_SC_INVALID_OPCODE);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = 6),
			  _i ? NVME_SC_SUCCESS : NVME_SC_INVALID_LOG_PAGE);
	th_free(h);
}
END_TEST

START_TEST(results_outlive_the_power_and_an_extended_test_goes_on)
{
	/* Base 2.0 8.6.2 */
	struct th_host *h = th_enabled(.controller = KEYS), *next;
	const uint8_t *record;
	uint32_t bytes;

	test(h, 1, SHORT);
	th_time(h, 10 * SECOND);
	test(h, ALL, EXTENDED);
	record = th_record(h, EMU_RECORD_SELF_TEST, 0, &bytes);
	next = th_off(.controller = KEYS);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_SELF_TEST, 0, record, bytes - 1), -22);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_SELF_TEST, 1, record, bytes), -22);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_SELF_TEST, 0, record, bytes), 0);
	th_enable(next, 16);
	ck_assert_uint_eq(newest(next), SHORT << 4 | NVME_SELF_TEST_PASSED);
	ck_assert_uint_eq(results(next)->current_operation, EXTENDED);
	th_time(next, 2 * MINUTES);
	ck_assert_uint_eq(newest(next), EXTENDED << 4 | NVME_SELF_TEST_PASSED);
	th_free(next);
	th_free(h);
}
END_TEST

/* What is done to namespace 1 while namespace @nsid is tested, and the outcome; 0: it goes on. */
static const struct {
	uint32_t nsid;
	struct th_command command;
	uint8_t outcome;
} disturbances[] = {
	{ 1, { .opcode = NVME_ADMIN_FORMAT_NVM, .nsid = 1 }, NVME_SELF_TEST_ABORTED_FORMAT },
	{ ALL, { .opcode = NVME_ADMIN_FORMAT_NVM, .nsid = 1 }, NVME_SELF_TEST_ABORTED_FORMAT },
	{ 3, { .opcode = NVME_ADMIN_FORMAT_NVM, .nsid = 1 }, 0 },
	{ 0, { .opcode = NVME_ADMIN_FORMAT_NVM, .nsid = 1 }, 0 },
	{ 1,
	  { .opcode = NVME_ADMIN_NS_MGMT, .nsid = 1, .cdw10 = 1 },
	  NVME_SELF_TEST_ABORTED_NS_REMOVED },
	{ ALL, { .opcode = NVME_ADMIN_NS_MGMT, .nsid = 1, .cdw10 = 1 }, 0 },
	{ 3, { .opcode = NVME_ADMIN_NS_MGMT, .nsid = 1, .cdw10 = 1 }, 0 },
	{ 0, { .opcode = NVME_ADMIN_SANITIZE, .cdw10 = 4 }, NVME_SELF_TEST_ABORTED_SANITIZE },
	{ ALL, { .opcode = NVME_ADMIN_SANITIZE, .cdw10 = 4 }, NVME_SELF_TEST_ABORTED_SANITIZE },
};

START_TEST(what_changes_the_media_ends_a_test_of_them)
{
	/* Base 2.0 8.6.1, unverified for a test of all namespaces */
	struct th_host *h = th_enabled(.controller = KEYS, .ns2_blocks = 64);
	uint8_t outcome = disturbances[_i].outcome;

	ck_assert_uint_eq(test(h, disturbances[_i].nsid, EXTENDED), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_try_(h, 0, disturbances[_i].command, __LINE__), NVME_SC_SUCCESS);
	ck_assert_uint_eq(results(h)->current_operation, outcome ? 0 : EXTENDED);
	ck_assert_uint_eq(newest(h), outcome ? EXTENDED << 4 | outcome : NVME_SELF_TEST_UNUSED);
	th_time(h, 2 * MINUTES);
	ck_assert_uint_eq(newest(h), EXTENDED << 4 | (outcome ? outcome : NVME_SELF_TEST_PASSED));
	th_free(h);
}
END_TEST

static Suite *self_test(void)
{
	Suite *suite = suite_create("self-test");
	TCase *tcase = tcase_create("self-test");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_test_takes_its_time_then_passes, 0, 8);
	tcase_add_loop_test(tcase, a_test_of_nothing_is_refused, 0,
			    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tcase, one_test_at_a_time);
	tcase_add_test(tcase, an_abort_ends_a_test_and_without_one_does_nothing);
	tcase_add_test(tcase, a_reset_ends_a_short_test_and_not_an_extended_one);
	tcase_add_test(tcase, the_log_has_twenty_results_newest_first);
	tcase_add_loop_test(tcase, a_block_that_cannot_be_read_is_found, 0, 2);
	tcase_add_test(tcase, a_short_test_looks_at_the_first_blocks_only);
	tcase_add_test(tcase, many_runs_of_blocks_are_asked_for_one_after_the_other);
	tcase_add_loop_test(tcase, a_slow_medium_delays_the_end, 0, 2);
	tcase_add_loop_test(tcase, an_answer_that_comes_after_the_end_is_ignored, 0, 2);
	tcase_add_loop_test(tcase, what_changes_the_media_ends_a_test_of_them, 0,
			    sizeof(disturbances) / sizeof(disturbances[0]));
	tcase_add_loop_test(tcase, identify_says_what_tests_there_are, 0, 2);
	tcase_add_test(tcase, results_outlive_the_power_and_an_extended_test_goes_on);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { self_test };

	return th_main(suites, 1);
}
