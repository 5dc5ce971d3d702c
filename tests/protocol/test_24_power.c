/* SPDX-License-Identifier: BSD-3-Clause */
/* Power states, autonomous transitions between them, and what they cost a command. */
#include <string.h>

#include "common/nvme_spec.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define USEC 1000ull
#define MSEC 1000000ull

/* From Identify Controller: microseconds. */
static uint32_t enlat[32], exlat[32];

static struct nvme_id_ctrl *identify(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);
	struct nvme_id_ctrl *id = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = 1);
	for (uint32_t i = 0; i < 32; i++) {
		enlat[i] = nvme_cpu32(id->psd[i].enlat);
		exlat[i] = nvme_cpu32(id->psd[i].exlat);
	}
	return id;
}

static uint32_t state(struct th_host *h)
{
	return th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_POWER_MGMT);
}

static void set_state(struct th_host *h, uint32_t to)
{
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_POWER_MGMT, .cdw11 = to);
}

static void submit(struct th_host *h, uint16_t cid)
{
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
	th_run(h);
}

/* How long the command that was submitted takes, in nanoseconds. */
static uint64_t time_of(struct th_host *h, uint16_t cid)
{
	uint64_t now = emu_time(th_emu(h)), due = emu_deadline(th_emu(h));

	th_expect_none(h, 1);
	ck_assert(due != EMU_NEVER);
	th_time(h, due - now - 1);
	th_expect_none(h, 1);
	th_time(h, 1);
	th_expect_cqe(h, .cqid = 1, .cid = cid);
	return due - now;
}

START_TEST(descriptors_say_what_the_states_are)
{
	/* Base 2.0 5.17.2.1: operational ones first; less power each; latencies that grow. */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1);
	const struct nvme_id_ctrl *id = identify(h);

	ck_assert_uint_eq(id->npss, 4);
	for (uint32_t i = 0; i <= 4; i++) {
		const struct nvme_power_state *psd = &id->psd[i];

		ck_assert_uint_eq(NVME_GET(psd->flags, NVME_PS_FLAGS_NOPS), i >= 3);
		ck_assert(psd->rrt <= id->npss && psd->rrl <= id->npss && psd->rwt <= id->npss &&
			  psd->rwl <= id->npss);
		ck_assert(i == 0 || enlat[i] > enlat[i - 1]);
	}
	ck_assert_uint_eq(nvme_cpu16(id->psd[0].mp), 2500);
	ck_assert_uint_eq(nvme_cpu16(id->psd[4].mp), 50);
	ck_assert_uint_eq(id->psd[4].flags & 1, 1); /* in 0.0001 W */
	ck_assert_uint_eq(id->apsta, 1);
	for (uint32_t i = 5; i < 32; i++)
		ck_assert_uint_eq(nvme_cpu16(id->psd[i].mp), 0);
	th_free(h);
}
END_TEST

START_TEST(a_state_that_does_not_exist_is_invalid)
{
	/* Base 2.0 5.27.1.2: PS beyond NPSS */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1,
				       .controller = "power_states=2");

	ck_assert_uint_eq(identify(h)->npss, 1);
	set_state(h, 1);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_SET_FEATURES,
				  .cdw10 = NVME_FID_POWER_MGMT, .cdw11 = 2),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(state(h), 1);
	/* Without a non-operational state there are no autonomous transitions. */
	ck_assert_uint_eq(identify(h)->apsta, 0);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_APST),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_NOPSC),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(a_command_waits_for_the_end_of_a_transition)
{
	/* Base 2.0 8.15, unverified: ENLAT and EXLAT; the command after it pays for the state. */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1);
	uint64_t slow;

	identify(h);
	set_state(h, 2);
	submit(h, 1);
	slow = time_of(h, 1) - (exlat[0] + enlat[2]) * USEC;
	submit(h, 2);
	ck_assert_uint_eq(time_of(h, 2), slow);
	ck_assert_uint_gt(slow, 0);
	set_state(h, 0);
	submit(h, 3);
	ck_assert_uint_eq(time_of(h, 3), (exlat[2] + enlat[0]) * USEC);
	submit(h, 4);
	th_expect_cqe(h, .cqid = 1, .cid = 4); /* at once */
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	th_free(h);
}
END_TEST

START_TEST(a_command_wakes_the_controller)
{
	/* Base 2.0 8.15.1, unverified: to the last operational state; admin commands do not. */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1);
	uint64_t slow;

	identify(h);
	set_state(h, 1);
	submit(h, 1);
	time_of(h, 1);
	submit(h, 2);
	slow = time_of(h, 2);
	set_state(h, 4);
	th_time(h, 100 * MSEC);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	ck_assert_uint_eq(state(h), 4);
	submit(h, 3);
	ck_assert_uint_eq(time_of(h, 3), (exlat[4] + enlat[1]) * USEC + slow);
	ck_assert_uint_eq(state(h), 1);
	th_free(h);
}
END_TEST

START_TEST(commands_of_other_lengths_do_not_overtake_the_deadline)
{
	/* One that wakes the controller waits long; what comes behind it is not late. */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1, .controllers = 2);

	identify(h);
	set_state(h, 4);
	submit(h, 1);
	th_ctrl(h, 1);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	submit(h, 2); /* this controller is awake */
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	set_state(h, 1);
	submit(h, 3);
	ck_assert_uint_lt(time_of(h, 3), MSEC);
	th_ctrl(h, 0);
	time_of(h, 1);
	th_free(h);
}
END_TEST

/* A table with one entry for each operational state, and one from 3 to 4. */
static uint64_t apst_table(struct th_host *h, uint32_t msec, uint32_t to, uint32_t further)
{
	uint64_t page = th_alloc(h, 4096);
	struct nvme_apst *apst = th_ptr(h, page);

	for (uint32_t i = 0; i < 3; i++)
		apst->entry[i] = nvme_le64((uint64_t)msec << 8 | to << 3);
	if (further)
		apst->entry[3] = nvme_le64((uint64_t)further << 8 | 4 << 3);
	return page;
}

static uint16_t set_apst(struct th_host *h, uint64_t page, uint32_t enable)
{
	return th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .prp1 = page, .cdw10 = NVME_FID_APST,
		       .cdw11 = enable);
}

START_TEST(an_idle_controller_goes_to_sleep_step_by_step)
{
	/* Base 2.0 5.27.1.9 and 8.15.2, unverified: ITPT milliseconds of idleness. */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1);
	uint64_t page = apst_table(h, 50, 3, 200);

	identify(h);
	ck_assert_uint_eq(set_apst(h, page, 1), 0);
	th_time(h, 50 * MSEC - 1);
	ck_assert_uint_eq(state(h), 0);
	th_time(h, 1);
	ck_assert_uint_eq(state(h), 3);
	th_time(h, 200 * MSEC + (exlat[0] + enlat[3]) * USEC - 1);
	ck_assert_uint_eq(state(h), 3);
	th_time(h, 1);
	ck_assert_uint_eq(state(h), 4);
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	th_time(h, 1000 * MSEC);
	submit(h, 1);
	ck_assert_uint_eq(time_of(h, 1), (exlat[4] + enlat[0]) * USEC);
	ck_assert_uint_eq(state(h), 0);
	th_time(h, 50 * MSEC - 1);
	ck_assert_uint_eq(state(h), 0);
	th_time(h, 1);
	ck_assert_uint_eq(state(h), 3);
	th_free(h);
}
END_TEST

START_TEST(commands_keep_the_controller_awake)
{
	/* Base 2.0 8.15.2, unverified: idle is without commands in flight. */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1, .slow_media = true);

	ck_assert_uint_eq(set_apst(h, apst_table(h, 50, 3, 0), 1), 0);
	for (uint16_t cid = 0; cid < 5; cid++) {
		submit(h, cid);
		th_media(h, 0, 0);
		th_run(h);
		th_expect_cqe(h, .cqid = 1, .cid = cid);
		th_time(h, 49 * MSEC);
		ck_assert_uint_eq(state(h), 0);
	}
	submit(h, 9); /* the medium keeps it */
	th_time(h, 1000 * MSEC);
	ck_assert_uint_eq(state(h), 0);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 9);
	th_time(h, 50 * MSEC);
	ck_assert_uint_eq(state(h), 3);
	th_free(h);
}
END_TEST

START_TEST(disabled_or_without_a_time_nothing_happens)
{
	/* Base 2.0 5.27.1.9: APSTE, and an ITPT of 0 */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1);

	ck_assert_uint_eq(set_apst(h, apst_table(h, 50, 3, 0), 0), 0);
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	ck_assert_uint_eq(set_apst(h, apst_table(h, 0, 3, 0), 1), 0);
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	ck_assert_uint_eq(set_apst(h, apst_table(h, 50, 3, 0), 1), 0);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), 50 * MSEC);
	ck_assert_uint_eq(set_apst(h, apst_table(h, 50, 3, 0), 0), 0);
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	th_free(h);
}
END_TEST

START_TEST(a_table_that_goes_nowhere_is_invalid)
{
	/* Base 2.0 5.27.1.9, unverified: ITPS is a non-operational state that exists. */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1);
	uint64_t page;

	ck_assert_uint_eq(set_apst(h, apst_table(h, 50, 2, 0), 1), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(set_apst(h, apst_table(h, 50, 5, 0), 1), NVME_SC_INVALID_FIELD);
	page = apst_table(h, 50, 3, 0);
	((struct nvme_apst *)th_ptr(h, page))->entry[5] = nvme_le64(50 << 8 | 4 << 3);
	ck_assert_uint_eq(set_apst(h, page, 1), NVME_SC_INVALID_FIELD);
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	th_free(h);
}
END_TEST

START_TEST(the_table_can_be_read_and_saved)
{
	/* Base 2.0 5.15 and 5.27.1.9 */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1);
	uint64_t page = apst_table(h, 50, 4, 0), back = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .prp1 = page, .cdw10 = 1u << 31 | NVME_FID_APST,
	      .cdw11 = 1);
	ck_assert_uint_eq(
		th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .prp1 = back, .cdw10 = NVME_FID_APST),
		1);
	ck_assert_mem_eq(th_ptr(h, page), th_ptr(h, back), 256);
	memset(th_ptr(h, back), 0xff, 256);
	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .prp1 = back,
				.cdw10 = 1 << 8 | NVME_FID_APST),
			  0); /* the default */
	for (uint32_t i = 0; i < 256; i++)
		ck_assert_uint_eq(((uint8_t *)th_ptr(h, back))[i], 0);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_enable(h, 16);
	ck_assert_uint_eq(
		th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .prp1 = back, .cdw10 = NVME_FID_APST),
		1);
	th_time(h, 50 * MSEC); /* and it works */
	ck_assert_uint_eq(state(h), 4);
	th_free(h);
}
END_TEST

START_TEST(a_reset_ends_the_states_of_the_session)
{
	/* Base 2.0 3.7.2: features have their saved values; power state 0 is the default. */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1);

	ck_assert_uint_eq(set_apst(h, apst_table(h, 50, 3, 0), 1), 0);
	set_state(h, 2);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	ck_assert_uint_eq(state(h), 0);
	submit(h, 1);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(permissive_mode_is_a_feature_of_idle_states)
{
	/* Base 2.0 5.27.1.13; CTRATT bit 1 */
	struct th_host *h = th_enabled(.forgets = true, .io_queues = 1);

	ck_assert(NVME_GET(nvme_cpu32(identify(h)->ctratt), NVME_ID_CTRL_CTRATT_NOPSPM));
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_NOPSC, .cdw11 = 3);
	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_NOPSC), 1);
	th_free(h);
}
END_TEST

static Suite *power(void)
{
	Suite *suite = suite_create("power states");
	TCase *tcase = tcase_create("power states");

	tcase_add_test(tcase, descriptors_say_what_the_states_are);
	tcase_add_test(tcase, a_state_that_does_not_exist_is_invalid);
	tcase_add_test(tcase, a_command_waits_for_the_end_of_a_transition);
	tcase_add_test(tcase, a_command_wakes_the_controller);
	tcase_add_test(tcase, commands_of_other_lengths_do_not_overtake_the_deadline);
	tcase_add_test(tcase, an_idle_controller_goes_to_sleep_step_by_step);
	tcase_add_test(tcase, commands_keep_the_controller_awake);
	tcase_add_test(tcase, disabled_or_without_a_time_nothing_happens);
	tcase_add_test(tcase, a_table_that_goes_nowhere_is_invalid);
	tcase_add_test(tcase, the_table_can_be_read_and_saved);
	tcase_add_test(tcase, a_reset_ends_the_states_of_the_session);
	tcase_add_test(tcase, permissive_mode_is_a_feature_of_idle_states);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { power };

	return th_main(suites, 1);
}
