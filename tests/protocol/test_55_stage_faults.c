/* SPDX-License-Identifier: BSD-3-Clause */
/* Fault rules between the stages of a command, and before firmware and what was kept are taken. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/faults.h"
#include "tests/harness/main.h"

#define SECOND	       1000000000ull
#define FW_NEXT(afi)   ((afi) >> 4 & 7)
#define AT_RESET(slot) ((uint32_t)(slot) | (uint32_t)NVME_FW_COMMIT_ACTIVATE_AT_RESET << 3)
#define NOT_KEPT       (-5) /* -EIO */

static struct th_host *host_with(const char *text)
{
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "faults=8");

	th_faults(h, text);
	return h;
}

START_TEST(a_command_is_refused_before_anything_is_checked)
{
	/* Base 2.0 3.3.3.1 (unverified): what a controller finds wrong first is its own choice. */
	struct th_host *h = host_with("[fault refuse]\nat = cmd.decode\nwhen = nsid == 99\n"
				      "do = status 0/1e dnr\n");

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = 98,
				  .prp1 = th_alloc(h, 4096), .cdw10 = NVME_CNS_NS),
			  NVME_SC_INVALID_NS);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = 99,
				  .prp1 = th_alloc(h, 4096), .cdw10 = NVME_CNS_NS),
			  0x1e);
	ck_assert_uint_eq(th_fired(h, "refuse"), 1);
	th_free(h);
}
END_TEST

START_TEST(a_command_is_understood_as_another_one)
{
	/* The read of block 5 is taken for one of a namespace that is not there. */
	struct th_host *h = host_with("[fault misread]\nat = cmd.decode\n"
				      "when = op == read && lba == 5\ndo = nsid = 7\n");

	th_read_block(h, 1, 4);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_read_block(h, 2, 5);
	th_expect_cqe(h, .cqid = 1, .cid = 2, .sc = NVME_SC_INVALID_FIELD);
	th_read_block(h, 3, 6);
	th_expect_cqe(h, .cqid = 1, .cid = 3);
	th_free(h);
}
END_TEST

START_TEST(each_copy_of_an_entry_is_built_by_itself)
{
	/* Of two copies the second one names another command. */
	struct th_host *h = host_with("[fault twice]\nat = cqe.post\nwhen = q == 1\nnth = 1\n"
				      "do = duplicate\n"
				      "[fault other]\nat = cqe.build\nwhen = q == 1\nnth = 2\n"
				      "do = cid = 0x77; dw0 ^= 0xf0\n");

	th_read_block(h, 1, 4);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_expect_cqe(h, .cqid = 1, .cid = 0x77, .dw0 = 0xf0);
	th_expect_none(h, 1);
	th_read_block(h, 2, 4);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	th_free(h);
}
END_TEST

START_TEST(an_entry_that_waited_is_built_when_it_is_posted)
{
	/* What a rule at cqe.post has made of it, the one at cqe.build sees. */
	struct th_host *h = host_with("[fault keep]\nat = cqe.post\nwhen = cid == 1 && q == 1\n"
				      "do = dw0 = 5; delay 5s\n"
				      "[fault see]\nat = cqe.build\nwhen = q == 1 && dw0 == 5\n"
				      "do = dw1 = 6; sqhd = 0\n");

	th_read_block(h, 1, 4);
	th_expect_none(h, 1);
	ck_assert_uint_eq(th_fired(h, "see"), 0);
	th_time(h, 5 * SECOND);
	ck_assert_uint_eq(th_fired(h, "see"), 1);
	th_expect_cqe(h, .cqid = 1, .cid = 1, .dw0 = 5);
	th_free(h);
}
END_TEST

static uint32_t slot_at_reset(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_fw_slot_log *log = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = 127u << 16 | NVME_LID_FW_SLOT);
	return FW_NEXT(log->afi);
}

START_TEST(a_firmware_commit_fails_lies_or_takes_its_time)
{
	/* Base 2.0 5.11 (unverified): AFI names the slot that runs after the next reset. */
	struct th_host *h = host_with(
		"[fault fail]\nat = fw.commit\nnth = 1\ndo = status 0/06\n"
		"[fault lie]\nat = fw.commit\nnth = 2\ndo = drop\n"
		"[fault late]\nat = fw.commit\nnth = 3\ndo = delay 20s\n"
		"[fault never]\nat = fw.commit\nwhen = cdw10 & 0x7 == 1\nnth = 4\ndo = hang\n");

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_FW_COMMIT, .cdw10 = AT_RESET(1)),
			  NVME_SC_INTERNAL_ERROR);
	ck_assert_uint_eq(slot_at_reset(h), 0);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_FW_COMMIT, .cdw10 = AT_RESET(1)), 0);
	ck_assert_uint_eq(slot_at_reset(h), 0);
	th_admin(h, .opcode = NVME_ADMIN_FW_COMMIT, .cid = 90, .cdw10 = AT_RESET(1));
	th_run(h);
	th_expect_none(h, 0);
	th_time(h, 20 * SECOND);
	th_expect_cqe(h, .cqid = 0, .cid = 90);
	ck_assert_uint_eq(slot_at_reset(h), 1);
	th_admin(h, .opcode = NVME_ADMIN_FW_COMMIT, .cid = 91, .cdw10 = AT_RESET(1));
	th_time(h, 100 * SECOND);
	th_expect_none(h, 0);
	th_free(h);
}
END_TEST

static uint32_t arbitration(struct th_host *h)
{
	return th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_ARBITRATION);
}

START_TEST(what_was_kept_is_not_taken_up)
{
	/* Base 2.0 5.27 (unverified): a value that was saved is the one after power-on. */
	static const char *const rules[] = {
		"[fault lose]\nat = state.load\nwhen = record == 8\ndo = drop\n",
		"[fault lose]\nat = state.load\nwhen = record == 2\ndo = drop\n",
		"[fault lose]\nat = state.load\nwhen = record == 2\ndo = fail error\n",
	};
	static const int results[] = { 0, 0, NOT_KEPT };
	static const uint32_t values[] = { 5, 0, 0 };
	struct th_host *h = th_enabled(), *next = th_off(.controller = "faults=8");
	const uint8_t *record;
	uint32_t bytes, usual;

	usual = arbitration(h);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 1u << 31 | NVME_FID_ARBITRATION,
	      .cdw11 = 5);
	record = th_record(h, EMU_RECORD_FEATURES, 0, &bytes);
	th_faults(next, rules[_i]);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_FEATURES, 0, record, bytes),
			 results[_i]);
	th_enable(next, 16);
	ck_assert_uint_eq(arbitration(next), values[_i] ? values[_i] : usual);
	th_free(next);
	th_free(h);
}
END_TEST

START_TEST(a_register_sticks_from_the_third_read_on)
{
	/* A trigger says when it begins; nothing says when it ends, but somebody who disarms it. */
	struct th_host *h = host_with("[fault stuck]\nat = reg.read\nwhen = reg == CSTS\nnth = 3\n"
				      "do = value = 0x3; stick\n");

	for (int i = 1; i <= 6; i++)
		ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), i < 3 ? 1 : 3);
	ck_assert_uint_eq(th_fired(h, "stuck"), 4);
	ck_assert(emu_fault_arm(th_emu(h), "stuck", false));
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	th_free(h);
}
END_TEST

static Suite *stage_faults(void)
{
	Suite *suite = suite_create("stage_faults");
	TCase *tcase = tcase_create("stage_faults");

	tcase_add_test(tcase, a_command_is_refused_before_anything_is_checked);
	tcase_add_test(tcase, a_command_is_understood_as_another_one);
	tcase_add_test(tcase, each_copy_of_an_entry_is_built_by_itself);
	tcase_add_test(tcase, an_entry_that_waited_is_built_when_it_is_posted);
	tcase_add_test(tcase, a_firmware_commit_fails_lies_or_takes_its_time);
	tcase_add_loop_test(tcase, what_was_kept_is_not_taken_up, 0, 3);
	tcase_add_test(tcase, a_register_sticks_from_the_third_read_on);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ stage_faults }, 1);
}
