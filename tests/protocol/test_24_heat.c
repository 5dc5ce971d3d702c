/* SPDX-License-Identifier: BSD-3-Clause */
/* Temperature: thresholds and their events, thermal management, times in the SMART log. */
#include "common/nvme_spec.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SECOND	  1000000000ull
#define MINUTE	  (60 * SECOND)
#define USEC	  1000ull
#define SENSOR(n) ((uint32_t)(n) << 16)
#define UNDER	  (1u << 20)
#define ALL	  SENSOR(0xf)

static const struct nvme_smart_log *smart(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	/* With Retain Asynchronous Event: the log is looked at and nothing is armed. */
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = NVME_NSID_ALL, .prp1 = page,
	      .cdw10 = 127 << 16 | 1 << 15 | NVME_LID_SMART);
	return th_ptr(h, page);
}

static bool warns(struct th_host *h)
{
	return NVME_GET(smart(h)->critical_warning, NVME_SMART_WARNING_TEMPERATURE);
}

static uint16_t set_threshold(struct th_host *h, uint32_t which, uint32_t kelvin)
{
	return th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_TEMP_THRESHOLD,
		       .cdw11 = which | kelvin);
}

static uint32_t threshold(struct th_host *h, uint32_t which)
{
	return th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_TEMP_THRESHOLD,
		     .cdw11 = which);
}

static void set_temperature(struct th_host *h, uint32_t kelvin)
{
	emu_set_temperature(th_emu(h), 0, kelvin);
	th_run(h);
}

START_TEST(the_log_has_what_is_measured)
{
	/* Base 2.0 5.16.1.3: kelvin; a sensor that does not exist is 0. */
	struct th_host *h = th_enabled(.controller = "temperature=300,sensors=3");
	const struct nvme_smart_log *log = smart(h);

	ck_assert_uint_eq(nvme_load_le16(log->temperature), 300);
	for (uint32_t i = 0; i < 8; i++)
		ck_assert_uint_eq(nvme_cpu16(log->temperature_sensor[i]), i < 3 ? 300 + i : 0);
	set_temperature(h, 330);
	ck_assert_uint_eq(nvme_load_le16(smart(h)->temperature), 330);
	th_free(h);
}
END_TEST

START_TEST(crossing_a_threshold_is_told_once)
{
	/* Base 2.0 5.27.1.4 and 5.2.1, unverified */
	struct th_host *h = th_enabled();

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_ASYNC_EVENT_CONFIG,
	      .cdw11 = 2);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 1);
	ck_assert_uint_eq(set_threshold(h, 0, 350), 0);
	set_temperature(h, 349);
	th_expect_none(h, 0);
	ck_assert(!warns(h));
	set_temperature(h, 350);
	th_expect_cqe(h, .cid = 1, .dw0 = NVME_AER_SMART_TEMPERATURE);
	ck_assert(warns(h));
	set_temperature(h, 360);
	set_temperature(h, 340);
	ck_assert(!warns(h));
	th_free(h);
}
END_TEST

START_TEST(a_threshold_that_is_exceeded_at_once_is_told_at_once)
{
	/* Base 2.0 5.27.1.4, unverified: over and under */
	struct th_host *h = th_enabled(.controller = "temperature=310");

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_ASYNC_EVENT_CONFIG,
	      .cdw11 = 2);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 1);
	th_admin(h, .opcode = NVME_ADMIN_SET_FEATURES, .cid = 2, .cdw10 = NVME_FID_TEMP_THRESHOLD,
		 .cdw11 = UNDER | 310);
	th_run(h);
	th_expect_cqe(h, .cid = 1, .dw0 = NVME_AER_SMART_TEMPERATURE);
	th_expect_cqe(h, .cid = 2);
	ck_assert(warns(h));
	th_free(h);
}
END_TEST

START_TEST(sensors_have_thresholds_of_their_own)
{
	/* Base 2.0 5.27.1.4: TMPSEL */
	struct th_host *h = th_enabled(.controller = "temperature=310,sensors=3");

	for (uint32_t i = 0; i <= 3; i++) {
		ck_assert_uint_eq(threshold(h, SENSOR(i)), i ? 0xffff : 343);
		ck_assert_uint_eq(threshold(h, SENSOR(i) | UNDER), 0);
	}
	ck_assert_uint_eq(set_threshold(h, SENSOR(3), 313), 0);
	ck_assert(!warns(h)); /* it is at 312 */
	set_temperature(h, 311);
	ck_assert(warns(h));
	ck_assert_uint_eq(set_threshold(h, SENSOR(3), 400), 0);
	ck_assert(!warns(h));
	ck_assert_uint_eq(set_threshold(h, SENSOR(1) | UNDER, 311), 0);
	ck_assert(warns(h));
	th_free(h);
}
END_TEST

START_TEST(all_thresholds_can_be_set_at_once_and_not_read)
{
	/* Base 2.0 5.27.1.4: TMPSEL of Fh is for Set Features. */
	struct th_host *h = th_enabled(.controller = "sensors=2");

	ck_assert_uint_eq(set_threshold(h, ALL, 390), 0);
	for (uint32_t i = 0; i <= 2; i++)
		ck_assert_uint_eq(threshold(h, SENSOR(i)), 390);
	ck_assert(!warns(h));
	ck_assert_uint_eq(set_threshold(h, ALL | UNDER, 250), 0);
	ck_assert_uint_eq(threshold(h, SENSOR(2) | UNDER), 250);
	ck_assert_uint_eq(threshold(h, SENSOR(2)), 390);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_FEATURES,
				  .cdw10 = NVME_FID_TEMP_THRESHOLD, .cdw11 = ALL),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(a_sensor_or_limit_that_does_not_exist_is_invalid)
{
	/* Base 2.0 5.27.1.4 */
	struct th_host *h = th_enabled(.controller = "sensors=2");

	for (uint32_t i = 3; i < 15; i++)
		ck_assert_uint_eq(set_threshold(h, SENSOR(i), 340), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(set_threshold(h, 2 << 20, 340), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(set_threshold(h, 3 << 20, 340), NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(minutes_of_heat_are_counted)
{
	/* Base 2.0 5.16.1.3: above WCTEMP, and above CCTEMP */
	struct th_host *h = th_enabled();

	th_time(h, 10 * MINUTE);
	set_temperature(h, 343);
	th_time(h, 2 * MINUTE);
	set_temperature(h, 373);
	th_time(h, 3 * MINUTE);
	set_temperature(h, 300);
	th_time(h, 10 * MINUTE);
	ck_assert_uint_eq(nvme_cpu32(smart(h)->warning_temperature_time), 2);
	ck_assert_uint_eq(nvme_cpu32(smart(h)->critical_temperature_time), 3);
	set_temperature(h, 350);
	th_time(h, 5 * MINUTE); /* up to now, though nothing changed */
	ck_assert_uint_eq(nvme_cpu32(smart(h)->warning_temperature_time), 7);
	th_free(h);
}
END_TEST

static uint16_t set_hctm(struct th_host *h, uint32_t tmt1, uint32_t tmt2)
{
	return th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_HCTM,
		       .cdw11 = tmt1 << 16 | tmt2);
}

/* How long a command takes now, in nanoseconds. */
static uint64_t io_time(struct th_host *h)
{
	uint64_t now = emu_time(th_emu(h)), due;

	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 1, .nsid = 1);
	th_run(h);
	due = emu_deadline(th_emu(h));
	if (due == EMU_NEVER)
		due = now;
	th_time(h, due - now);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	return due - now;
}

START_TEST(thermal_management_throttles_in_two_steps)
{
	/* Base 2.0 8.15.5 and 5.27.1.12, unverified: TMT1 lightly, TMT2 heavily */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1);
	uint64_t light;

	ck_assert_uint_eq(set_hctm(h, 320, 330), 0);
	ck_assert_uint_eq(io_time(h), 0);
	set_temperature(h, 320);
	light = io_time(h);
	ck_assert_uint_gt(light, 0);
	set_temperature(h, 330);
	ck_assert_uint_gt(io_time(h), light);
	set_temperature(h, 329);
	ck_assert_uint_eq(io_time(h), light);
	set_temperature(h, 319);
	ck_assert_uint_eq(io_time(h), 0);
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	th_free(h);
}
END_TEST

START_TEST(transitions_and_times_of_throttling_are_counted)
{
	/* Base 2.0 5.16.1.3, unverified */
	struct th_host *h = th_enabled();
	const struct nvme_smart_log *log;

	ck_assert_uint_eq(set_hctm(h, 320, 330), 0);
	for (uint32_t i = 0; i < 3; i++) {
		set_temperature(h, 325);
		th_time(h, 10 * SECOND);
		set_temperature(h, 310);
		th_time(h, SECOND);
	}
	set_temperature(h, 325);
	th_time(h, SECOND);
	set_temperature(h, 335);
	th_time(h, 7 * SECOND);
	set_temperature(h, 310);
	log = smart(h);
	ck_assert_uint_eq(nvme_cpu32(log->tmt1_transitions), 4);
	ck_assert_uint_eq(nvme_cpu32(log->tmt2_transitions), 1);
	ck_assert_uint_eq(nvme_cpu32(log->tmt1_time), 31);
	ck_assert_uint_eq(nvme_cpu32(log->tmt2_time), 7);
	th_free(h);
}
END_TEST

START_TEST(management_begins_when_it_is_switched_on)
{
	/* Base 2.0 5.27.1.12: 0 disables. */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1,
				       .controller = "temperature=350");

	ck_assert_uint_eq(io_time(h), 0);
	ck_assert_uint_eq(set_hctm(h, 320, 0), 0);
	ck_assert_uint_gt(io_time(h), 0);
	ck_assert_uint_eq(set_hctm(h, 0, 0), 0);
	ck_assert_uint_eq(io_time(h), 0);
	ck_assert_uint_eq(set_hctm(h, 0, 340), 0);
	ck_assert_uint_gt(io_time(h), 0);
	th_write32(h, NVME_REG_CC, 0); /* the feature was not saved */
	th_run(h);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	ck_assert_uint_eq(io_time(h), 0);
	th_free(h);
}
END_TEST

START_TEST(temperatures_that_do_not_fit_are_invalid)
{
	/* Base 2.0 5.27.1.12: MNTMT to MXTMT, TMT1 below TMT2 */
	struct th_host *h = th_enabled();
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);
	uint32_t least, most;

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = 1);
	least = nvme_cpu16(id->mntmt);
	most = nvme_cpu16(id->mxtmt);
	ck_assert_uint_eq(nvme_cpu16(id->hctma), 1);
	ck_assert_uint_eq(set_hctm(h, least, most), 0);
	ck_assert_uint_eq(set_hctm(h, least - 1, most), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(set_hctm(h, least, most + 1), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(set_hctm(h, 330, 330), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(set_hctm(h, 331, 330), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_HCTM),
			  least << 16 | most);
	th_free(h);
}
END_TEST

START_TEST(without_thermal_management_there_is_no_feature)
{
	/* Key hctm */
	struct th_host *h = th_enabled(.controller = "hctm=false");
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);

	ck_assert_uint_eq(set_hctm(h, 320, 330), NVME_SC_INVALID_FIELD);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = 1);
	ck_assert_uint_eq(nvme_cpu16(id->hctma) | nvme_cpu16(id->mntmt) | nvme_cpu16(id->mxtmt), 0);
	th_free(h);
}
END_TEST

static Suite *heat(void)
{
	Suite *suite = suite_create("temperature");
	TCase *tcase = tcase_create("temperature");

	tcase_add_test(tcase, the_log_has_what_is_measured);
	tcase_add_test(tcase, crossing_a_threshold_is_told_once);
	tcase_add_test(tcase, a_threshold_that_is_exceeded_at_once_is_told_at_once);
	tcase_add_test(tcase, sensors_have_thresholds_of_their_own);
	tcase_add_test(tcase, all_thresholds_can_be_set_at_once_and_not_read);
	tcase_add_test(tcase, a_sensor_or_limit_that_does_not_exist_is_invalid);
	tcase_add_test(tcase, minutes_of_heat_are_counted);
	tcase_add_test(tcase, thermal_management_throttles_in_two_steps);
	tcase_add_test(tcase, transitions_and_times_of_throttling_are_counted);
	tcase_add_test(tcase, management_begins_when_it_is_switched_on);
	tcase_add_test(tcase, temperatures_that_do_not_fit_are_invalid);
	tcase_add_test(tcase, without_thermal_management_there_is_no_feature);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { heat };

	return th_main(suites, 1);
}
