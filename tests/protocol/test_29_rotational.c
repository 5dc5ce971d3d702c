/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rotational media (Base 2.0 8.20, 5.16.1.22, 5.27.1.22; unverified): what says so, how long they
 * take to turn, and spinup control, which keeps them still at power-on.
 */
#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SECOND	  1000000000ull
#define DISK	  "rotational=true,spinup_time=8s"
#define SAVE	  (1u << 31)
#define SHARED	  UINT32_MAX /* number of the record of features of all */
#define GROUP(n)  ((uint32_t)(n) << 16)
#define LOG_CDW10 (127u << 16 | NVME_LID_ROTATIONAL_MEDIA)

static const struct nvme_rotational_log *media(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = LOG_CDW10,
	      .cdw11 = GROUP(1));
	return th_ptr(h, page);
}

static bool is_rotational(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ns_independent *id = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .prp1 = page,
	      .cdw10 = NVME_CNS_NS_INDEPENDENT);
	return NVME_GET(id->nsfeat, NVME_ID_NS_IND_NSFEAT_RMEDIA);
}

static bool group_is_rotational(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_eg_log *log = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = 127u << 16 | NVME_LID_EG_INFO, .cdw11 = GROUP(1));
	return NVME_GET(log->egfeat, NVME_EG_FEATURES_RMEDIA);
}

static uint16_t code_of_read(struct th_host *h)
{
	return th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = th_alloc(h, 4096));
}

START_TEST(namespace_group_and_log_say_that_media_rotate)
{
	/* Base 2.0 5.17.2.8, 5.16.1.10 and 5.16.1.22. */
	struct th_host *h = th_enabled(.controller = "rotational=true");
	const struct nvme_rotational_log *log = media(h);

	ck_assert(is_rotational(h));
	ck_assert(group_is_rotational(h));
	ck_assert_uint_eq(nvme_cpu16(log->endgid), 1);
	ck_assert_uint_eq(nvme_cpu16(log->numa), 1);
	ck_assert_uint_eq(nvme_cpu16(log->nrs), 7200);
	ck_assert_uint_eq(nvme_cpu32(log->spinc), 1);
	ck_assert_uint_eq(nvme_cpu32(log->ldc), 1);
	ck_assert_uint_eq(nvme_cpu32(log->fspinc), 0);
	ck_assert_uint_eq(nvme_cpu32(log->fldc), 0);
	th_free(h);
}
END_TEST

START_TEST(other_groups_have_no_media)
{
	/* Base 2.0 5.16.1.22: Log Specific Identifier. */
	static const uint16_t ids[] = { 0, 2, 0xffff };
	struct th_host *h = th_enabled(.controller = "rotational=true");

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = th_alloc(h, 4096),
				  .cdw10 = LOG_CDW10, .cdw11 = GROUP(ids[_i])),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(media_that_do_not_rotate_have_no_spinup)
{
	/* Base 2.0 5.27.1.22: nor before 2.0, nor without the group. */
	static const char *const keys[] = { "rotational=false", "rotational=true,vs=1.4",
					    "rotational=true,endurance=false" };
	struct th_host *h = th_enabled(.controller = keys[_i]);

	if (_i == 0)
		ck_assert(!is_rotational(h) && !group_is_rotational(h));
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = th_alloc(h, 4096),
				  .cdw10 = LOG_CDW10, .cdw11 = GROUP(1)),
			  NVME_SC_INVALID_LOG_PAGE);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_SPINUP_CONTROL),
		NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(the_controller_is_ready_when_the_media_have_their_speed)
{
	/* Base 2.0 3.5.3: CSTS.RDY with the media; the time counts from power-on. */
	struct th_host *h = th_off(.controller = DISK);

	th_time(h, 3 * SECOND);
	th_write32(h, NVME_REG_AQA, 31 << 16 | 31);
	th_write32(h, NVME_REG_CC, 0x00460001);
	th_run(h);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), 8 * SECOND);
	th_time(h, 5 * SECOND - 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_time(h, 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	/* They go on turning through a reset. */
	th_write32(h, NVME_REG_CC, 0x00460000);
	th_run(h);
	th_write32(h, NVME_REG_CC, 0x00460001);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	th_free(h);
}
END_TEST

/* What a controller that saved spinup control keeps, given to one that gets power. */
static struct th_host *kept_still(void)
{
	struct th_host *h = th_off(.controller = DISK), *next = th_off(.controller = DISK);
	const uint8_t *record;
	uint32_t bytes;

	th_time(h, 8 * SECOND);
	th_enable(h, 16);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_SPINUP_CONTROL | SAVE,
	      .cdw11 = 1);
	record = th_record(h, EMU_RECORD_FEATURES, SHARED, &bytes);
	ck_assert_ptr_nonnull(record);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_FEATURES, SHARED, record, bytes), 0);
	record = th_record(h, EMU_RECORD_SPINDLE, 0, &bytes);
	ck_assert_ptr_nonnull(record);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_SPINDLE, 1, record, bytes), -22);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_SPINDLE, 0, record, bytes - 1), -22);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_SPINDLE, 0, record, bytes), 0);
	th_free(h);
	th_enable(next, 16);
	th_create_queues(next, 1, 16);
	return next;
}

START_TEST(spinup_control_keeps_media_still_until_an_operational_state_is_asked_for)
{
	/* Base 2.0 5.27.1.22 and 8.20: ready without media; commands that need them are refused. */
	struct th_host *h = kept_still();

	th_time(h, 100 * SECOND);
	ck_assert_uint_eq(code_of_read(h), NVME_SC_NS_NOT_READY);
	ck_assert_uint_eq(nvme_cpu32(media(h)->spinc), 1); /* of the power cycle before */
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_POWER_MGMT, .cdw11 = 3);
	th_time(h, 100 * SECOND);
	ck_assert_uint_eq(code_of_read(h), NVME_SC_NS_NOT_READY);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_POWER_MGMT, .cdw11 = 0);
	ck_assert_uint_eq(nvme_cpu32(media(h)->spinc), 2);
	ck_assert_uint_eq(nvme_cpu32(media(h)->ldc), 1);
	th_time(h, 8 * SECOND - 1);
	ck_assert_uint_eq(code_of_read(h), NVME_SC_NS_NOT_READY);
	th_time(h, 1);
	ck_assert_uint_eq(nvme_cpu32(media(h)->ldc), 2);
	ck_assert_uint_eq(code_of_read(h), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(media_turn_again_after_a_power_cycle)
{
	/* Base 2.0 8.20: time counts from where the power came back. */
	struct th_host *h = th_off(.controller = DISK);

	th_time(h, 8 * SECOND);
	th_enable(h, 16);
	th_time(h, 100 * SECOND);
	emu_reset(th_emu(h), 0, EMU_RESET_POWER);
	th_run(h);
	th_write32(h, NVME_REG_AQA, 31 << 16 | 31);
	th_write32(h, NVME_REG_CC, 0x00460001);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), 116 * SECOND);
	th_time(h, 8 * SECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	th_free(h);
}
END_TEST

START_TEST(spinup_control_that_is_set_now_does_not_stop_media_that_turn)
{
	/* Base 2.0 5.27.1.22: it is about power-on; a reset is none. */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "rotational=true");

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_SPINUP_CONTROL | SAVE,
	      .cdw11 = 0xffffffff);
	ck_assert_uint_eq(
		th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_SPINUP_CONTROL), 1);
	th_write32(h, NVME_REG_CC, 0x00460000);
	th_run(h);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	ck_assert_uint_eq(code_of_read(h), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

static Suite *rotational(void)
{
	Suite *suite = suite_create("rotational");
	TCase *tcase = tcase_create("rotational");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, namespace_group_and_log_say_that_media_rotate);
	tcase_add_loop_test(tcase, other_groups_have_no_media, 0, 3);
	tcase_add_loop_test(tcase, media_that_do_not_rotate_have_no_spinup, 0, 3);
	tcase_add_test(tcase, the_controller_is_ready_when_the_media_have_their_speed);
	tcase_add_test(tcase,
		       spinup_control_keeps_media_still_until_an_operational_state_is_asked_for);
	tcase_add_test(tcase, media_turn_again_after_a_power_cycle);
	tcase_add_test(tcase, spinup_control_that_is_set_now_does_not_stop_media_that_turn);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { rotational };

	return th_main(suites, 1);
}
