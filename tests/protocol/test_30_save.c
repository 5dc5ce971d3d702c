/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands that promise persistence: their records, and when they complete. Base 2.0 5.27. */
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SET_SAVED .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x80000001u /* Arbitration, SV */
#define GET	  .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 1
#define GET_SAVED .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 2 << 8 | 1
#define CC_ON	  (4 << 20 | 6 << 16 | 1)
#define CC_SHN	  (1u << 14)
#define CSTS_SHST (2u << 2)
#define FEATURES  EMU_RECORD_FEATURES

START_TEST(a_command_that_saves_completes_when_its_record_is_durable)
{
	/* Base 2.0 5.27.1: the saved value is there after a power cycle. */
	struct th_host *h = th_enabled(.slow_saves = true, .controller = "pel=0");

	th_admin(h, SET_SAVED, .cid = 1, .cdw11 = 0x01020303);
	th_run(h);
	th_expect_none(h, 0);
	ck_assert_uint_eq(th_saves_pending(h), 1);
	ck_assert_ptr_null(th_record(h, FEATURES, 0, NULL));
	th_check(h);
	th_saved(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 1, .sc = NVME_SC_SUCCESS);
	ck_assert_ptr_nonnull(th_record(h, FEATURES, 0, NULL));
	th_free(h);
}
END_TEST

START_TEST(other_commands_go_on_while_a_record_is_written)
{
	/* Base 2.0 5.27.1: only the command that saves waits. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_saves = true, .controller = "pel=0");

	th_admin(h, SET_SAVED, .cid = 1, .cdw11 = 1);
	th_run(h);
	th_admin(h, GET, .cid = 2);
	th_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .cid = 3, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_expect_cqe(h, .cid = 2, .dw0 = 1);
	th_expect_cqe(h, .cqid = 1, .cid = 3);
	th_expect_none(h, 0);
	th_saved(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(two_commands_complete_in_the_order_their_records_become_durable)
{
	/* Base 2.0 5.27.1 */
	struct th_host *h = th_enabled(.slow_saves = true, .controller = "pel=0");

	th_admin(h, SET_SAVED, .cid = 1, .cdw11 = 1);
	th_admin(h, SET_SAVED, .cid = 2, .cdw11 = 2);
	th_run(h);
	ck_assert_uint_eq(th_saves_pending(h), 2);
	th_saved(h, 1, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 2);
	th_saved(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 1);
	th_free(h);
}
END_TEST

static const int errors[] = { -ENOSPC, -EIO, -EPERM };

START_TEST(a_record_that_is_not_kept_is_an_internal_error)
{
	/* Base 2.0 3.3.3.2.1: Internal Error, whatever went wrong, at once or later. */
	struct th_host *h = th_enabled(.slow_saves = true, .controller = "pel=0");

	th_save_fail(h, errors[_i]);
	th_admin(h, SET_SAVED, .cid = 1, .cdw11 = 1);
	th_run(h);
	th_expect_cqe(h, .cid = 1, .sc = NVME_SC_INTERNAL_ERROR, .retry = true);
	th_admin(h, SET_SAVED, .cid = 2, .cdw11 = 2);
	th_run(h);
	th_saved(h, 0, errors[_i]);
	th_run(h);
	th_expect_cqe(h, .cid = 2, .sc = NVME_SC_INTERNAL_ERROR, .retry = true);
	th_admin(h, SET_SAVED, .cid = 3, .cdw11 = 3);
	th_run(h);
	th_saved(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 3);
	th_free(h);
}
END_TEST

START_TEST(a_refused_command_saves_nothing)
{
	/* Base 2.0 5.27.1: Feature Identifier Not Saveable. */
	struct th_host *h = th_enabled(.slow_saves = true, .controller = "pel=0");

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x80000007u,
				  .cdw11 = 1 << 16 | 1),
			  NVME_SC_FEATURE_NOT_SAVEABLE);
	ck_assert_uint_eq(th_saves_pending(h), 0);
	th_free(h);
}
END_TEST

START_TEST(what_was_promised_is_there_after_the_power_failed)
{
	/* Base 2.0 5.27.1: saved values are loaded at power-on; others are not. */
	struct th_host *h = th_enabled();

	th_do(h, SET_SAVED, .cdw11 = 0x01020304);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 8, .cdw11 = 0x0303);
	th_restart(h);
	th_enable(h, 16);
	ck_assert_uint_eq(th_do(h, GET), 0x01020304);
	ck_assert_uint_eq(th_do(h, GET_SAVED), 0x01020304);
	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 8), 0);
	th_free(h);
}
END_TEST

START_TEST(what_was_not_yet_promised_may_be_lost)
{
	/* Base 2.0 5.27.1 */
	struct th_host *h = th_enabled(.slow_saves = true, .controller = "pel=0");

	th_admin(h, SET_SAVED, .cdw11 = 0x01020304);
	th_run(h);
	th_restart(h);
	th_enable(h, 16);
	ck_assert_uint_eq(th_do(h, GET), 5);
	th_free(h);
}
END_TEST

START_TEST(a_reset_waits_for_records_and_completes_nothing)
{
	/* Base 2.0 3.7.2: commands in flight end without a completion. */
	struct th_host *h = th_enabled(.slow_saves = true, .controller = "pel=0");

	th_admin(h, SET_SAVED, .cid = 1, .cdw11 = 1);
	th_run(h);
	th_write32(h, NVME_REG_CC, CC_ON & ~1u);
	th_run(h);
	ck_assert(emu_busy(th_emu(h), 0));
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 1, 1);
	th_check(h);
	th_saved(h, 0, 0);
	th_run(h);
	ck_assert(!emu_busy(th_emu(h), 0));
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 1, 0);
	th_enable(h, 16);
	th_expect_none(h, 0);
	ck_assert_uint_eq(th_do(h, GET), 1);
	th_free(h);
}
END_TEST

START_TEST(a_shutdown_waits_for_records)
{
	/* Base 2.0 3.6.1: SHST says complete when nothing is left to be written. */
	struct th_host *h = th_enabled(.slow_saves = true, .controller = "pel=0");

	th_admin(h, SET_SAVED, .cid = 1, .cdw11 = 1);
	th_run(h);
	th_write32(h, NVME_REG_CC, CC_ON | CC_SHN);
	th_run(h);
	ck_assert_uint_ne(th_read32(h, NVME_REG_CSTS) & 0xc, CSTS_SHST);
	th_saved(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 0xc, CSTS_SHST);
	th_free(h);
}
END_TEST

START_TEST(a_reset_of_one_controller_waits_for_its_own_records_only)
{
	/* Base 2.0 3.7.2 */
	struct th_host *h = th_enabled(.slow_saves = true, .controller = "pel=0", .controllers = 2);

	th_admin(h, SET_SAVED, .cid = 1, .cdw11 = 1);
	th_run(h);
	th_ctrl(h, 1);
	th_enable(h, 16);
	th_write32(h, NVME_REG_CC, CC_ON & ~1u);
	th_run(h);
	ck_assert(!emu_busy(th_emu(h), 1));
	th_ctrl(h, 0);
	th_saved(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 1);
	ck_assert_ptr_nonnull(th_record(h, FEATURES, 0, NULL));
	ck_assert_ptr_null(th_record(h, FEATURES, 1, NULL));
	th_free(h);
}
END_TEST

START_TEST(abort_leaves_a_command_that_waits_for_its_record)
{
	/* Base 2.0 5.1: what cannot be aborted any longer completes as usual. */
	struct th_host *h = th_enabled(.slow_saves = true, .controller = "pel=0");

	th_admin(h, SET_SAVED, .cid = 9, .cdw11 = 1);
	th_run(h);
	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_ABORT, .cdw10 = 9 << 16) & 1, 1);
	th_saved(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 9);
	th_free(h);
}
END_TEST

static int load(struct th_host *h, uint16_t type, uint32_t id, uint32_t bytes, uint16_t version)
{
	static uint8_t data[EMU_RECORD_BYTES + 8];
	uint32_t good;
	const uint8_t *record = th_record(h, FEATURES, 0, &good);

	memcpy(data, record, good);
	if (version)
		nvme_store_le16(data, version);
	return emu_load(th_emu(h), type, id, data, bytes);
}

START_TEST(a_record_that_cannot_be_is_refused)
{
	/* Base 2.0 5.27.1: every member of the record is looked at. */
	struct th_host *h = th_enabled();
	uint32_t good;

	th_do(h, SET_SAVED, .cdw11 = 1);
	th_record(h, FEATURES, 0, &good);
	ck_assert_int_eq(load(h, FEATURES, 0, good, 0), 0);
	ck_assert_int_eq(load(h, FEATURES, 1, good, 0), -EINVAL);
	ck_assert_int_eq(load(h, FEATURES, 0, good, 0xffff), -EINVAL);
	ck_assert_int_eq(load(h, FEATURES, 0, good - 1, 0), -EINVAL);
	ck_assert_int_eq(load(h, FEATURES, 0, good + 1, 0), -EINVAL);
	ck_assert_int_eq(load(h, FEATURES, 0, 1, 0), -EINVAL);
	ck_assert_int_eq(load(h, FEATURES, 0, EMU_RECORD_BYTES + 1, 0), -EINVAL);
	ck_assert_int_eq(load(h, 0, 0, good, 0), -EINVAL);
	ck_assert_int_eq(load(h, EMU_RECORD_TYPES, 0, good, 0), -EINVAL);
	ck_assert_int_eq(load(h, UINT16_MAX, 0, good, 0), -EINVAL);
	th_free(h);
}
END_TEST

static jmp_buf panicked;

static void note_panic(void *arg, const char *what)
{
	*(const char **)arg = what;
	longjmp(panicked, 1);
}

static int keep_nothing(void *arg, const struct emu_record *record)
{
	(void)arg;
	(void)record;
	return 0;
}

START_TEST(an_answer_for_a_record_that_nobody_saved_is_a_programming_error)
{
	/* Base 2.0 5.27.1 */
	const char *volatile what = NULL;
	struct emu_ops ops = { .arg = (void *)(uintptr_t)&what,
			       .save = keep_nothing,
			       .panic = note_panic };
	struct emu_config config;
	struct emu *emu;

	emu_config_init(&config);
	emu = emu_init(aligned_alloc(64, emu_size(&config)), &config, &ops);
	if (setjmp(panicked) == 0)
		emu_save_done(emu, _i ? EMU_RECORD_NOBODY : 0, 0);
	ck_assert_str_eq(what, "emu_save_done: no record of this tag waits");
	free(emu);
}
END_TEST

static Suite *save(void)
{
	Suite *suite = suite_create("save");
	TCase *tcase = tcase_create("save");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_command_that_saves_completes_when_its_record_is_durable);
	tcase_add_test(tcase, other_commands_go_on_while_a_record_is_written);
	tcase_add_test(tcase, two_commands_complete_in_the_order_their_records_become_durable);
	tcase_add_loop_test(tcase, a_record_that_is_not_kept_is_an_internal_error, 0,
			    sizeof(errors) / sizeof(errors[0]));
	tcase_add_test(tcase, a_refused_command_saves_nothing);
	tcase_add_test(tcase, what_was_promised_is_there_after_the_power_failed);
	tcase_add_test(tcase, what_was_not_yet_promised_may_be_lost);
	tcase_add_test(tcase, a_reset_waits_for_records_and_completes_nothing);
	tcase_add_test(tcase, a_shutdown_waits_for_records);
	tcase_add_test(tcase, a_reset_of_one_controller_waits_for_its_own_records_only);
	tcase_add_test(tcase, abort_leaves_a_command_that_waits_for_its_record);
	tcase_add_test(tcase, a_record_that_cannot_be_is_refused);
	tcase_add_loop_test(tcase, an_answer_for_a_record_that_nobody_saved_is_a_programming_error,
			    0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { save };

	return th_main(suites, 1);
}
