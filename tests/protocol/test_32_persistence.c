/* SPDX-License-Identifier: BSD-3-Clause */
/* Reservations: persistence through power loss, and its records. Base 2.0 8.19. */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "tests/harness/main.h"
#include "tests/protocol/resv.h"

static void power_cycle(struct th_host *h)
{
	th_restart(h);
	th_rewind(h);
	th_meet_hosts(h);
}

START_TEST(without_ptpl_nothing_is_left_after_the_power_failed)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = th_registered(2);

	th_ctrl(h, 0);
	th_acquire(h, ACQUIRE, 10, 0, EA);
	ck_assert_ptr_null(th_record(h, EMU_RECORD_RESERVATION, 1, NULL));
	power_cycle(h);
	ck_assert_uint_eq(th_report(h)->regctl[0], 0);
	ck_assert_uint_eq(th_report(h)->rtype, 0);
	ck_assert_uint_eq(nvme_cpu32(th_report(h)->gen), 0);
	th_free(h);
}
END_TEST

START_TEST(with_ptpl_registrants_and_reservation_are_there_again)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = th_registered(2);

	th_ctrl(h, 0);
	ck_assert_uint_eq(th_register(h, REPLACE | IEKEY | PERSIST, 0, 20), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_report(h)->ptpls, 1);
	ck_assert_uint_eq(th_acquire(h, ACQUIRE, 20, 0, EA), NVME_SC_SUCCESS);
	power_cycle(h);
	ck_assert_uint_eq(th_report(h)->ptpls, 1);
	ck_assert_uint_eq(th_report(h)->regctl[0], 2);
	ck_assert_uint_eq(th_report(h)->rtype, EA);
	ck_assert_uint_eq(nvme_cpu32(th_report(h)->gen), 3);
	ck_assert(th_holds(h, 1) && !th_holds(h, 0));
	ck_assert_uint_eq(th_key(h, 1), 20);
	th_ctrl(h, 1);
	ck_assert_uint_eq(
		th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = th_alloc(h, 4096)),
		NVME_SC_RESERVATION_CONFLICT);
	th_ctrl(h, 0);
	ck_assert_uint_eq(th_release(h, RELEASE, 20, EA), NVME_SC_SUCCESS);
	power_cycle(h);
	ck_assert_uint_eq(th_report(h)->rtype, 0);
	ck_assert_uint_eq(th_report(h)->regctl[0], 2);
	th_free(h);
}
END_TEST

START_TEST(a_power_cycle_without_restart_is_the_same)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = th_registered(2);

	th_ctrl(h, 0);
	th_acquire(h, ACQUIRE, 10, 0, EA);
	if (_i)
		th_register(h, REPLACE | IEKEY | PERSIST, 0, 10);
	emu_reset(th_emu(h), 0, EMU_RESET_POWER);
	th_run(h);
	for (uint32_t ctrl = 0; ctrl < HOSTS; ctrl++) {
		th_ctrl(h, ctrl);
		th_cfg_write(h, 4, 2, 6);
		th_cfg_write(h, 0xb2, 2, 0x8000);
	}
	th_meet_hosts(h);
	ck_assert_uint_eq(th_report(h)->regctl[0], _i ? 2 : 0);
	ck_assert_uint_eq(th_report(h)->rtype, _i ? EA : 0);
	th_free(h);
}
END_TEST

START_TEST(switching_ptpl_off_forgets_what_was_kept)
{
	/* Base 2.0 7.3 (unverified): CPTPL 10b. */
	struct th_host *h = th_registered(1);

	th_register(h, REPLACE | IEKEY | PERSIST, 0, 10);
	ck_assert_ptr_nonnull(th_record(h, EMU_RECORD_RESERVATION, 1, NULL));
	ck_assert_uint_eq(th_register(h, REGISTER | FORGET, 0, 10), NVME_SC_SUCCESS);
	ck_assert_ptr_null(th_record(h, EMU_RECORD_RESERVATION, 1, NULL));
	power_cycle(h);
	ck_assert_uint_eq(th_report(h)->regctl[0], 0);
	ck_assert_uint_eq(th_report(h)->ptpls, 0);
	th_free(h);
}
END_TEST

START_TEST(the_feature_switches_persistence_as_registering_does)
{
	/* Base 2.0 5.27.1.27: feature 83h. */
	struct th_host *h = th_registered(1);

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .nsid = 1, .cdw10 = 0x83, .cdw11 = 1);
	ck_assert_uint_eq(th_report(h)->ptpls, 1);
	ck_assert_ptr_nonnull(th_record(h, EMU_RECORD_RESERVATION, 1, NULL));
	power_cycle(h);
	ck_assert_uint_eq(th_report(h)->regctl[0], 1);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .nsid = 0xffffffff, .cdw10 = 0x83);
	ck_assert_ptr_null(th_record(h, EMU_RECORD_RESERVATION, 1, NULL));
	power_cycle(h);
	ck_assert_uint_eq(th_report(h)->regctl[0], 0);
	th_free(h);
}
END_TEST

START_TEST(a_persistent_change_completes_when_it_is_durable)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = th_hosts_((struct th_options){ .slow_saves = true });
	uint64_t page = th_alloc(h, 4096);

	nvme_store_le64(th_ptr(h, page + 8), 10);
	th_io(h, 1, .opcode = NVME_CMD_RESV_REGISTER, .cid = 5, .nsid = 1, .prp1 = page,
	      .cdw10 = REGISTER | PERSIST);
	th_run(h);
	th_expect_none(h, 1);
	ck_assert_uint_gt(th_saves_pending(h), 0);
	while (th_saves_pending(h)) {
		th_expect_none(h, 1);
		th_saved(h, 0, 0);
		th_run(h);
	}
	th_expect_cqe(h, .cqid = 1, .cid = 5);
	th_free(h);
}
END_TEST

static const struct {
	uint32_t offset;
	uint8_t value;
} damage[] = {
	{ 0, 2 },	/* version */
	{ 2, 7 },	/* type */
	{ 3, 2 },	/* holder */
	{ 8, 1 },	/* registrants, too few for the length */
	{ 8, 33 },	/* and too many */
	{ 12 + 24, 9 }, /* length of an identifier */
};

START_TEST(a_record_that_cannot_be_is_refused)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = th_registered(2);
	uint8_t data[4096];
	uint32_t bytes;
	const uint8_t *record;

	th_ctrl(h, 0);
	th_register(h, REPLACE | IEKEY | PERSIST, 0, 20);
	th_acquire(h, ACQUIRE, 20, 0, EA);
	record = th_record(h, EMU_RECORD_RESERVATION, 1, &bytes);
	ck_assert_uint_eq(bytes, 12 + 2 * 32);
	memcpy(data, record, bytes);
	ck_assert_int_eq(emu_load(th_emu(h), EMU_RECORD_RESERVATION, 1, data, bytes), 0);
	ck_assert_int_eq(emu_load(th_emu(h), EMU_RECORD_RESERVATION, 0, data, bytes), -EINVAL);
	ck_assert_int_eq(emu_load(th_emu(h), EMU_RECORD_RESERVATION, 33, data, bytes), -EINVAL);
	ck_assert_int_eq(emu_load(th_emu(h), EMU_RECORD_RESERVATION, 1, data, bytes - 1), -EINVAL);
	for (uint32_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		uint8_t good = data[damage[i].offset];

		data[damage[i].offset] = damage[i].value;
		ck_assert_int_eq(emu_load(th_emu(h), EMU_RECORD_RESERVATION, 1, data, bytes),
				 -EINVAL);
		data[damage[i].offset] = good;
	}
	memcpy(data + 12 + 32, data + 12, 16); /* the same host twice */
	ck_assert_int_eq(emu_load(th_emu(h), EMU_RECORD_RESERVATION, 1, data, bytes), -EINVAL);
	th_free(h);
}
END_TEST

static Suite *persistence(void)
{
	Suite *suite = suite_create("persistence");
	TCase *tcase = tcase_create("persistence");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, without_ptpl_nothing_is_left_after_the_power_failed);
	tcase_add_test(tcase, with_ptpl_registrants_and_reservation_are_there_again);
	tcase_add_loop_test(tcase, a_power_cycle_without_restart_is_the_same, 0, 2);
	tcase_add_test(tcase, switching_ptpl_off_forgets_what_was_kept);
	tcase_add_test(tcase, the_feature_switches_persistence_as_registering_does);
	tcase_add_test(tcase, a_persistent_change_completes_when_it_is_durable);
	tcase_add_test(tcase, a_record_that_cannot_be_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { persistence };

	return th_main(suites, 1);
}
