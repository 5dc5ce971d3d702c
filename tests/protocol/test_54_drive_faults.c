/* SPDX-License-Identifier: BSD-3-Clause */
/* Fault rules about the drive: namespaces, bad blocks, warnings, sanitize, what is kept. */
#include <stdio.h>
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/faults.h"
#include "tests/harness/main.h"

#define SECOND	1000000000ull
#define COMMAND 4    /* PCI: bus master and memory decode */
#define MSIX	0xb2 /* PCI: MSI-X enable */
#define EVENTS	0x1ff

static struct th_host *host_with(const char *text)
{
	struct th_host *h = th_enabled(.io_queues = 1, .ns2_blocks = 64, .ns2_lbads = 9,
				       .controller = "faults=8");

	th_faults(h, text);
	return h;
}

/* A command that rules are at: Flush of namespace 1, with this identifier. */
static void flush(struct th_host *h, uint16_t cid)
{
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1, .cid = cid);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = cid);
}

static uint16_t io(struct th_host *h, uint8_t opcode, uint32_t nsid, uint32_t lba)
{
	return th_code_io(h, 1, .opcode = opcode, .nsid = nsid, .prp1 = th_alloc(h, 4096),
			  .cdw10 = lba);
}

static void expect_event(struct th_host *h, uint32_t aer)
{
	th_run(h);
	th_expect_cqe(h, .cqid = 0, .cid = 0x700, .dw0 = aer);
}

static void want_events(struct th_host *h)
{
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_ASYNC_EVENT_CONFIG,
	      .cdw11 = EVENTS);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 0x700);
	th_run(h);
}

static const uint8_t *read_log(struct th_host *h, uint32_t lid)
{
	uint64_t data = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = NVME_NSID_ALL, .prp1 = data,
	      .cdw10 = 127 << 16 | lid);
	return th_ptr(h, data);
}

static uint64_t size_of(struct th_host *h, uint32_t nsid)
{
	uint64_t data = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = nsid, .prp1 = data);
	return nvme_load_le64(th_ptr(h, data));
}

START_TEST(a_namespace_goes_and_comes_back)
{
	/* Base 2.0 5.16.1.5 (unverified): the Changed Attached Namespace List */
	struct th_host *h = host_with("[fault go]\nat = cmd.execute\nwhen = cid == 1\n"
				      "do = ns-remove 3; ns-remove 77\n"
				      "[fault back]\nat = cmd.execute\nwhen = cid == 2\n"
				      "do = ns-return 3; ns-return 0\n");

	want_events(h);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 3, 5), 0);
	flush(h, 1);
	expect_event(h, NVME_AER_NS_CHANGED);
	ck_assert_uint_eq(nvme_load_le32(read_log(h, NVME_LID_CHANGED_NS)), 3);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 3, 5), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 5), 0);
	want_events(h);
	flush(h, 2);
	expect_event(h, NVME_AER_NS_CHANGED);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 3, 5), 0);
	th_free(h);
}
END_TEST

START_TEST(a_namespace_shrinks_and_grows_within_its_medium)
{
	struct th_host *h = host_with("[fault small]\nat = cmd.execute\nwhen = cid == 1\n"
				      "do = ns-resize 3 16\n"
				      "[fault back]\nat = cmd.execute\nwhen = cid == 2\n"
				      "do = ns-resize 3 64\n"
				      "[fault no]\nat = cmd.execute\nwhen = cid == 3\n"
				      "do = ns-resize 3 65; ns-resize 3 0; ns-resize 9 1\n");

	want_events(h);
	flush(h, 1);
	expect_event(h, NVME_AER_NS_CHANGED);
	ck_assert_uint_eq(size_of(h, 3), 16);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 3, 15), 0);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 3, 16), NVME_SC_LBA_OUT_OF_RANGE);
	flush(h, 2);
	ck_assert_uint_eq(size_of(h, 3), 64);
	flush(h, 3);
	ck_assert_uint_eq(size_of(h, 3), 64);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 3, 63), 0);
	th_free(h);
}
END_TEST

START_TEST(nobody_is_told_of_a_change)
{
	/* Base 2.0 5.22 (unverified): the host detaches it, and another one would be told */
	struct th_host *h = host_with(
		"[fault mute]\nat = ns.change\nwhen = nsid == 3\ndo = drop\n");
	uint64_t list = th_alloc(h, 4096);

	want_events(h);
	nvme_store_le16(th_ptr(h, list), 1);
	nvme_store_le16((uint8_t *)th_ptr(h, list) + 2, 1); /* CNTLID */
	th_do(h, .opcode = NVME_ADMIN_NS_ATTACH, .nsid = 3, .prp1 = list,
	      .cdw10 = NVME_NS_ATTACH_DETACH);
	th_expect_none(h, 0);
	ck_assert_uint_eq(th_fired(h, "mute"), 1);
	ck_assert_uint_eq(nvme_load_le32(read_log(h, NVME_LID_CHANGED_NS)), 0);
	ck_assert_uint_ne(io(h, NVME_CMD_READ, 3, 5), 0);
	th_free(h);
}
END_TEST

START_TEST(blocks_cannot_be_read_until_they_are_written)
{
	/* NVM 1.0 3.2.4 (unverified): Unrecovered Read Error */
	struct th_host *h = host_with("[fault bad]\nat = cmd.execute\nwhen = op == read\nnth = 1\n"
				      "do = uncorrectable 100..107\n"
				      "[fault end]\nat = sqe.fetch\nwhen = nsid == 3\nnth = 1\n"
				      "do = uncorrectable 60..18446744073709551615\n");

	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 99), 0);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 100), NVME_SC_UNRECOVERED_READ_ERROR);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 107), NVME_SC_UNRECOVERED_READ_ERROR);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 108), 0);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 1, 103), 0);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 103), 0);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 104), NVME_SC_UNRECOVERED_READ_ERROR);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 3, 63), NVME_SC_UNRECOVERED_READ_ERROR);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 3, 59), 0);
	th_free(h);
}
END_TEST

START_TEST(the_medium_marks_bad_blocks_in_its_own_time)
{
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "faults=2",
				       .slow_media = true);

	th_fault(h, "at = cmd.execute\nwhen = op == read\nnth = 1\ndo = uncorrectable 5..5\n");
	th_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .cid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	ck_assert_uint_eq(th_media_pending(h), 2);
	th_media(h, 0, 0);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(media_become_read_only_until_power_is_cycled)
{
	/* Base 2.0 5.16.1.3 (unverified): bit 3 of the critical warning */
	struct th_host *h = host_with("[fault worn]\nat = cmd.execute\nwhen = cid == 1\n"
				      "do = warn read-only\n");

	want_events(h);
	flush(h, 1);
	expect_event(h, NVME_AER_SMART_RELIABILITY);
	ck_assert_uint_eq(read_log(h, NVME_LID_SMART)[0], 1 << 3);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 1, 0), NVME_SC_NS_WRITE_PROTECTED);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 0), 0);
	flush(h, 2);
	emu_reset(th_emu(h), 0, EMU_RESET_POWER);
	th_run(h);
	th_cfg_write(h, COMMAND, 2, 0x0406);
	th_cfg_write(h, MSIX, 2, 0x8000);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	ck_assert_uint_eq(read_log(h, NVME_LID_SMART)[0], 0);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 1, 0), 0);
	th_free(h);
}
END_TEST

/* Other warnings, and the first bytes of the SMART log then. */
static const struct {
	const char *action;
	uint32_t aer;
	uint8_t warning;
} warnings[] = {
	{ "warn spare", NVME_AER_SMART_SPARE, 1 << 0 },
	{ "warn reliability", NVME_AER_SMART_RELIABILITY, 1 << 2 },
	{ "warn backup", NVME_AER_SMART_RELIABILITY, 1 << 4 },
	{ "temperature 380", NVME_AER_SMART_TEMPERATURE, 1 << 1 },
};

START_TEST(a_drive_is_not_well)
{
	/* Base 2.0 5.16.1.3 (unverified) */
	struct th_host *h = host_with("");
	char keys[100];

	snprintf(keys, sizeof(keys), "at = cmd.execute\nwhen = cid == 1\ndo = %s\n",
		 warnings[_i].action);
	th_fault(h, keys);
	want_events(h);
	flush(h, 1);
	expect_event(h, warnings[_i].aer);
	ck_assert_uint_eq(read_log(h, NVME_LID_SMART)[0], warnings[_i].warning);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 1, 0), 0);
	th_free(h);
}
END_TEST

/* Starts a block erase; returns the status part of the log, which is bytes 3:2. */
static uint32_t sanitize(struct th_host *h, uint64_t nsec)
{
	th_do(h, .opcode = NVME_ADMIN_SANITIZE, .cdw10 = NVME_SANITIZE_BLOCK_ERASE);
	th_time(h, nsec);
	return nvme_load_le16(read_log(h, NVME_LID_SANITIZE) + 2) & 7;
}

START_TEST(a_sanitize_operation_fails_waits_or_never_ends)
{
	/* Base 2.0 8.21 (unverified) */
	struct th_host *h = host_with(
		"[fault wait]\nat = sanitize.tick\nnth = 2\ndo = delay 1000s\n"
		"[fault fail]\nat = sanitize.tick\narmed = false\n"
		"do = fail error\n"
		"[fault hang]\nat = sanitize.tick\narmed = false\ndo = hang\n");

	ck_assert_uint_eq(sanitize(h, 999 * SECOND), NVME_SANITIZE_RUNNING);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 0), NVME_SC_SANITIZE_IN_PROGRESS);
	th_time(h, 1000 * SECOND);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 0), 0);
	ck_assert(emu_fault_arm(th_emu(h), "fail", true));
	ck_assert_uint_eq(sanitize(h, 1000 * SECOND), NVME_SANITIZE_FAILURE);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 0), NVME_SC_SANITIZE_FAILED);
	ck_assert(emu_fault_arm(th_emu(h), "fail", false));
	ck_assert(emu_fault_arm(th_emu(h), "hang", true));
	ck_assert_uint_eq(sanitize(h, 100000 * SECOND), NVME_SANITIZE_RUNNING);
	th_free(h);
}
END_TEST

static uint16_t save_feature(struct th_host *h, uint32_t value)
{
	return th_code(h, .opcode = NVME_ADMIN_SET_FEATURES,
		       .cdw10 = 1u << 31 | NVME_FID_ARBITRATION, .cdw11 = value);
}

START_TEST(what_was_to_be_kept_is_not)
{
	/* Base 2.0 5.27 (unverified): a saved value is there after the power was not */
	struct th_host *h = host_with("[fault fail]\nat = state.save\nwhen = record == 2\nnth = 1\n"
				      "do = fail error\n"
				      "[fault lie]\nat = state.save\nwhen = record == 2\nnth = 3\n"
				      "do = drop\n");

	ck_assert_uint_eq(save_feature(h, 1), NVME_SC_INTERNAL_ERROR);
	ck_assert_uint_eq(save_feature(h, 2), 0);
	ck_assert_uint_eq(save_feature(h, 3), 0);
	th_restart(h);
	th_enable(h, 16);
	ck_assert_uint_eq(
		th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_ARBITRATION), 2);
	th_free(h);
}
END_TEST

static Suite *drive_faults(void)
{
	Suite *suite = suite_create("drive_faults");
	TCase *tcase = tcase_create("drive_faults");

	tcase_add_test(tcase, a_namespace_goes_and_comes_back);
	tcase_add_test(tcase, a_namespace_shrinks_and_grows_within_its_medium);
	tcase_add_test(tcase, nobody_is_told_of_a_change);
	tcase_add_test(tcase, blocks_cannot_be_read_until_they_are_written);
	tcase_add_test(tcase, the_medium_marks_bad_blocks_in_its_own_time);
	tcase_add_test(tcase, media_become_read_only_until_power_is_cycled);
	tcase_add_loop_test(tcase, a_drive_is_not_well, 0, sizeof(warnings) / sizeof(warnings[0]));
	tcase_add_test(tcase, a_sanitize_operation_fails_waits_or_never_ends);
	tcase_add_test(tcase, what_was_to_be_kept_is_not);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ drive_faults }, 1);
}
