/* SPDX-License-Identifier: BSD-3-Clause */
/* What a drive finds when the power comes back: logs and counters, and that it came back once. */
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"
#include "tests/protocol/resv.h"

#define BUS_MASTER 0x406 /* and memory decode, no INTx */
#define SECOND	   1000000000ull
#define CC_SHN	   (4u << 20 | 6u << 16 | 1u << 14 | 1u)

static const void *read_log(struct th_host *h, uint32_t lid, uint32_t cdw11, uint32_t bytes)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = lid | (bytes / 4 - 1) << 16, .cdw11 = cdw11);
	return th_ptr(h, page);
}

static const struct nvme_error_log_entry *errors(struct th_host *h, uint32_t entries)
{
	return read_log(h, NVME_LID_ERROR, 0, entries * 64);
}

static void make_error(struct th_host *h, uint16_t cid)
{
	th_try(h, .opcode = 0xc0, .cid = cid);
}

static void shut_down(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, CC_SHN);
	th_run(h);
}

static void restart(struct th_host *h)
{
	th_restart(h);
	th_enable(h, 16);
}

START_TEST(the_error_log_outlives_the_power)
{
	/* Base 2.0 5.16.1.2 (unverified): after a shutdown all of it, in its order. */
	struct th_host *h = th_enabled(.controller = "elpe=3");
	const struct nvme_error_log_entry *entry;
	struct nvme_error_log_entry before[4];

	for (uint16_t cid = 1; cid <= 6; cid++)
		make_error(h, cid);
	memcpy(before, errors(h, 4), sizeof(before));
	shut_down(h);
	restart(h);
	entry = errors(h, 4);
	ck_assert_mem_eq(entry, before, sizeof(before));
	ck_assert_uint_eq(nvme_cpu64(entry[0].error_count), 6);
	make_error(h, 7);
	entry = errors(h, 4);
	ck_assert_uint_eq(nvme_cpu64(entry[0].error_count), 7);
	ck_assert_mem_eq(&entry[1], before, 3 * sizeof(before[0]));
	th_free(h);
}
END_TEST

START_TEST(ten_seconds_of_errors_and_counters_may_be_lost_and_no_more)
{
	/* Base 2.0 5.16.1.2 and 5.16.1.3 (unverified): without any shutdown. */
	struct th_host *h = th_enabled(.io_queues = 1);
	const struct nvme_smart_log *smart;

	for (unsigned int i = 0; i < 3; i++)
		ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1,
					     .prp1 = th_alloc(h, 4096)),
				  NVME_SC_SUCCESS);
	make_error(h, 5);
	th_time(h, 10 * SECOND);
	make_error(h, 6); /* lost */
	restart(h);
	smart = read_log(h, NVME_LID_SMART, 0, 512);
	ck_assert_uint_eq(nvme_cpu64(smart->host_read_commands.lo), 3);
	ck_assert_uint_eq(nvme_cpu64(smart->error_log_entries.lo), 1);
	ck_assert_uint_eq(nvme_cpu16(errors(h, 2)[0].cid), 5);
	ck_assert_uint_eq(nvme_cpu64(errors(h, 2)[1].error_count), 0);
	th_free(h);
}
END_TEST

START_TEST(nothing_is_kept_again_that_did_not_change)
{
	/* Base 2.0 5.16.1.3: time alone is no reason to write. */
	struct th_host *h = th_enabled();

	make_error(h, 1);
	th_time(h, 10 * SECOND);
	ck_assert_ptr_nonnull(th_record(h, EMU_RECORD_ERROR_LOG, 0, NULL));
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	th_free(h);
}
END_TEST

START_TEST(an_entry_that_was_lost_reads_as_zeros)
{
	/* Base 2.0 5.16.1.2: a count of 0 is no entry (unverified). The power failed in between. */
	struct th_host *h = th_enabled(), *next = th_off();
	const struct nvme_error_log_entry *entry;
	const uint8_t *log, *smart;
	uint32_t log_bytes, smart_bytes;

	make_error(h, 1);
	th_time(h, 10 * SECOND);
	log = th_record(h, EMU_RECORD_ERROR_LOG, 0, &log_bytes);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_ERROR_LOG, 0, log, log_bytes), 0);
	make_error(h, 2);
	make_error(h, 3);
	th_time(h, 10 * SECOND);
	smart = th_record(h, EMU_RECORD_SMART, 0, &smart_bytes);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_SMART, 0, smart, smart_bytes), 0);
	th_enable(next, 16);
	entry = errors(next, 4);
	ck_assert_uint_eq(nvme_cpu64(entry[0].error_count), 0);
	ck_assert_uint_eq(nvme_cpu64(entry[1].error_count), 0);
	ck_assert_uint_eq(nvme_cpu64(entry[2].error_count), 1);
	make_error(next, 4);
	ck_assert_uint_eq(nvme_cpu64(errors(next, 1)->error_count), 4);
	th_free(next);
	th_free(h);
}
END_TEST

START_TEST(a_bad_record_of_errors_is_refused)
{
	/* Base 2.0 5.16.1.2: numbers go down from the newest on. */
	struct th_host *h = th_enabled(), *next = th_off();
	uint8_t record[8 + 2 * 64];
	const uint8_t *kept;
	uint32_t bytes;

	make_error(h, 1);
	make_error(h, 2);
	th_time(h, 10 * SECOND);
	kept = th_record(h, EMU_RECORD_ERROR_LOG, 0, &bytes);
	ck_assert_uint_eq(bytes, sizeof(record));
	memcpy(record, kept, sizeof(record));
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_ERROR_LOG, 1, record, bytes), -22);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_ERROR_LOG, 0, record, bytes - 1), -22);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_ERROR_LOG, 0, record, 4), -22);
	nvme_store_le64(record + 8 + 64, 2);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_ERROR_LOG, 0, record, bytes), -22);
	nvme_store_le64(record + 8 + 64, 0);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_ERROR_LOG, 0, record, bytes), -22);
	record[0] = 9;
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_ERROR_LOG, 0, record, bytes), -22);
	th_free(next);
	th_free(h);
}
END_TEST

START_TEST(a_shorter_log_has_the_newest_entries)
{
	/* Base 2.0 5.16.1.2: ELPE + 1 entries. */
	struct th_host *h = th_enabled(.controller = "elpe=7"),
		       *next = th_off(.controller = "elpe=1");
	const uint8_t *kept;
	uint32_t bytes;

	for (uint16_t cid = 1; cid <= 5; cid++)
		make_error(h, cid);
	shut_down(h);
	kept = th_record(h, EMU_RECORD_ERROR_LOG, 0, &bytes);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_ERROR_LOG, 0, kept, bytes), 0);
	th_enable(next, 16);
	ck_assert_uint_eq(nvme_cpu16(errors(next, 2)[0].cid), 5);
	ck_assert_uint_eq(nvme_cpu16(errors(next, 2)[1].cid), 4);
	th_free(next);
	th_free(h);
}
END_TEST

START_TEST(the_endurance_group_outlives_the_power)
{
	/* Base 2.0 5.16.1.10: its counters are the sums of the controllers', which are kept. */
	struct th_host *h = th_enabled(.io_queues = 1);
	const struct nvme_eg_log *log;
	struct nvme_eg_log before;

	for (unsigned int i = 0; i < 3; i++)
		th_try_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = th_alloc(h, 4096));
	make_error(h, 1);
	memcpy(&before, read_log(h, NVME_LID_EG_INFO, 1u << 16, 512), sizeof(before));
	ck_assert_uint_eq(nvme_cpu64(before.host_write_commands.lo), 3);
	shut_down(h);
	restart(h);
	log = read_log(h, NVME_LID_EG_INFO, 1u << 16, 512);
	ck_assert_mem_eq(log, &before, sizeof(before));
	th_free(h);
}
END_TEST

/* All controllers lose power while the medium has a command of controller 1. */
static struct th_host *cut(enum emu_reset_kind kind)
{
	struct th_host *h = th_hosts_((struct th_options){ .slow_media = true });

	th_ctrl(h, 1);
	th_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	ck_assert_uint_eq(th_media_pending(h), 1);
	emu_reset(th_emu(h), 0, kind);
	th_run(h);
	ck_assert(emu_busy(th_emu(h), 1));
	th_ctrl(h, 0);
	th_cfg_write(h, 4, 2, BUS_MASTER);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	th_set_host(h, 100);
	return h;
}

static void let_the_other_one_finish(struct th_host *h)
{
	th_media(h, 0, 0);
	th_run(h);
	ck_assert(!emu_busy(th_emu(h), 1));
}

START_TEST(a_reservation_after_a_power_cut_outlives_a_slower_controller)
{
	/* Base 2.0 8.19: without PTPL a power cycle ends it; what came after it stays. */
	struct th_host *h = cut(EMU_RESET_POWER);

	ck_assert_uint_eq(th_register(h, REGISTER, 0, 10), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_acquire(h, ACQUIRE, 10, 0, EA), NVME_SC_SUCCESS);
	let_the_other_one_finish(h);
	ck_assert_uint_eq(th_report(h)->rtype, EA);
	ck_assert_uint_eq(th_key(h, 0), 10);
	th_free(h);
}
END_TEST

START_TEST(protection_until_the_power_cycle_is_not_ended_by_a_slower_controller)
{
	/* Base 2.0 8.12 */
	struct th_host *h = cut(EMU_RESET_POWER);

	th_admin(h, .opcode = NVME_ADMIN_SET_FEATURES, .nsid = 1,
		 .cdw10 = NVME_FID_NS_WRITE_PROTECT, .cdw11 = NVME_NS_WP_UNTIL_POWER_CYCLE);
	th_run(h);
	th_media(h, 1, 0); /* what is in the cache is written first */
	th_run(h);
	th_expect_cqe(h, .sc = NVME_SC_SUCCESS);
	let_the_other_one_finish(h);
	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .nsid = 1,
				.cdw10 = NVME_FID_NS_WRITE_PROTECT),
			  NVME_NS_WP_UNTIL_POWER_CYCLE);
	th_free(h);
}
END_TEST

START_TEST(a_shared_feature_that_was_set_meanwhile_stays)
{
	/* Base 2.0 3.7.1: one reset of the subsystem, however long each controller takes. */
	struct th_host *h = cut(EMU_RESET_SUBSYSTEM);

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_SANITIZE_CONFIG, .cdw11 = 1);
	let_the_other_one_finish(h);
	ck_assert_uint_eq(
		th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_SANITIZE_CONFIG), 1);
	th_free(h);
}
END_TEST

START_TEST(each_power_cut_ends_reservations)
{
	/* Base 2.0 8.19 */
	struct th_host *h = cut(EMU_RESET_POWER);

	let_the_other_one_finish(h);
	ck_assert_uint_eq(th_register(h, REGISTER, 0, 10), NVME_SC_SUCCESS);
	emu_reset(th_emu(h), 1, EMU_RESET_POWER);
	th_run(h);
	for (uint32_t ctrl = 0; ctrl < HOSTS; ctrl++) {
		th_ctrl(h, ctrl);
		th_cfg_write(h, 4, 2, BUS_MASTER);
	}
	th_meet_hosts(h);
	ck_assert_uint_eq(th_report(h)->regctl[0], 0);
	th_free(h);
}
END_TEST

static Suite *restart_suite(void)
{
	Suite *suite = suite_create("restart");
	TCase *tcase = tcase_create("logs");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_error_log_outlives_the_power);
	tcase_add_test(tcase, ten_seconds_of_errors_and_counters_may_be_lost_and_no_more);
	tcase_add_test(tcase, nothing_is_kept_again_that_did_not_change);
	tcase_add_test(tcase, an_entry_that_was_lost_reads_as_zeros);
	tcase_add_test(tcase, a_bad_record_of_errors_is_refused);
	tcase_add_test(tcase, a_shorter_log_has_the_newest_entries);
	tcase_add_test(tcase, the_endurance_group_outlives_the_power);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("once");
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_reservation_after_a_power_cut_outlives_a_slower_controller);
	tcase_add_test(tcase, protection_until_the_power_cycle_is_not_ended_by_a_slower_controller);
	tcase_add_test(tcase, a_shared_feature_that_was_set_meanwhile_stays);
	tcase_add_test(tcase, each_power_cut_ends_reservations);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { restart_suite };

	return th_main(suites, 1);
}
