/* SPDX-License-Identifier: BSD-3-Clause */
/* The Persistent Event log 0Dh, Base 2.0 5.16.1.14 (unverified where marked). */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define PEL(action, bytes) \
	((((uint32_t)(bytes) / 4 - 1) & 0xffff) << 16 | (uint32_t)(action) << 8 | 0x0d)
#define PAGES 16u

static uint64_t memory(struct th_host *h)
{
	return th_alloc(h, 4096);
}

static uint16_t get(struct th_host *h, uint32_t action, uint64_t page, uint32_t bytes,
		    uint32_t offset)
{
	return th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
		       .cdw10 = PEL(action, bytes), .cdw12 = offset);
}

/* The whole log, read through a context of its own. */
static const uint8_t *read_all(struct th_host *h)
{
	uint64_t log = th_alloc(h, PAGES * 4096);
	const struct nvme_pel_header *head = th_ptr(h, log);
	uint32_t bytes;

	get(h, NVME_PEL_RELEASE, log, 512, 0);
	ck_assert_uint_eq(get(h, NVME_PEL_ESTABLISH_AND_READ, log, 512, 0), NVME_SC_SUCCESS);
	bytes = (uint32_t)nvme_cpu64(head->tll);
	ck_assert_uint_le(bytes, PAGES * 4096);
	for (uint32_t at = 512; at < bytes; at += 2048)
		ck_assert_uint_eq(get(h, NVME_PEL_READ, log + at, 2048, at), NVME_SC_SUCCESS);
	ck_assert_uint_eq(get(h, NVME_PEL_RELEASE, log, 4, 0), NVME_SC_SUCCESS);
	return th_ptr(h, log);
}

/* Event @n of the log, counted from the newest; NULL behind the last. */
static const struct nvme_pel_event_header *event(const uint8_t *log, uint32_t n)
{
	const struct nvme_pel_header *head = (const void *)log;
	uint32_t at = 512;

	if (n >= nvme_cpu32(head->tnev))
		return NULL;
	while (n-- > 0)
		at += 24 +
		      nvme_cpu16(
			      ((const struct nvme_pel_event_header *)(const void *)(log + at))->el);
	return (const void *)(log + at);
}

/* How many events of @type there are. */
static uint32_t count(const uint8_t *log, uint8_t type)
{
	uint32_t found = 0;

	for (uint32_t n = 0; event(log, n); n++)
		found += event(log, n)->etype == type;
	return found;
}

START_TEST(the_log_is_read_through_a_context)
{
	/* Base 2.0 5.16.1.14: what each action needs, and what it does. */
	struct th_host *h = th_enabled();
	uint64_t page = memory(h);
	const struct nvme_pel_header *head = th_ptr(h, page);
	static const uint16_t sequence = NVME_SC_COMMAND_SEQUENCE_ERROR;

	ck_assert_uint_eq(get(h, NVME_PEL_READ, page, 512, 0), sequence);
	ck_assert_uint_eq(get(h, NVME_PEL_RELEASE, page, 512, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(get(h, NVME_PEL_ESTABLISH_AND_READ, page, 512, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(get(h, NVME_PEL_ESTABLISH_AND_READ, page, 512, 0), sequence);
	ck_assert_uint_eq(get(h, NVME_PEL_READ, page, 512, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(get(h, NVME_PEL_READ, page, 512, (uint32_t)nvme_cpu64(head->tll)),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(get(h, NVME_PEL_RELEASE, page, 512, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(get(h, NVME_PEL_READ, page, 512, 0), sequence);
	th_free(h);
}
END_TEST

START_TEST(the_header_alone_can_be_read_with_or_without_a_context)
{
	/* Base 2.0 5.16.1.14: action 3; RCE says whether there was one. */
	struct th_host *h = th_enabled(.controller = _i ? "vs=2.0" : "vs=1.4");
	uint64_t page = memory(h);
	const struct nvme_pel_header *head = th_ptr(h, page);

	if (_i == 0) {
		ck_assert_uint_eq(get(h, 3, page, 512, 0), NVME_SC_INVALID_FIELD);
		th_free(h);
		return;
	}
	ck_assert_uint_eq(get(h, 3, page, 4096, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(NVME_GET(nvme_cpu32(head->rci), NVME_PEL_RCI_RCE), 0);
	ck_assert_uint_eq(*((const uint8_t *)th_ptr(h, page) + 512), 0);
	ck_assert_uint_eq(get(h, 3, page, 512, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(NVME_GET(nvme_cpu32(head->rci), NVME_PEL_RCI_RCE), 1);
	ck_assert_uint_eq(get(h, 3, page, 512, 512), NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(the_head_says_who_and_how_much)
{
	/* Base 2.0 5.16.1.14 */
	struct th_host *h = th_enabled(.controller = "serial=S77");
	const struct nvme_pel_header *head = (const void *)read_all(h);
	uint32_t generation = nvme_cpu16(head->gen_number);

	ck_assert_uint_eq(head->lid, 0x0d);
	ck_assert_uint_eq(nvme_cpu16(head->lhl), 492);
	ck_assert_mem_eq(head->sn, "S77                 ", 20);
	ck_assert_uint_eq(nvme_cpu64(head->pcc), 1);
	ck_assert_uint_eq(head->seb[0], 0xfe);
	head = (const void *)read_all(h);
	ck_assert_uint_eq(nvme_cpu16(head->gen_number), generation + 1);
	th_free(h);
}
END_TEST

START_TEST(a_context_does_not_change_while_events_happen)
{
	/* Base 2.0 5.16.1.14 */
	struct th_host *h = th_enabled();
	uint64_t page = memory(h);
	uint8_t before[4096];

	ck_assert_uint_eq(get(h, NVME_PEL_ESTABLISH_AND_READ, page, 4096, 0), NVME_SC_SUCCESS);
	memcpy(before, th_ptr(h, page), sizeof(before));
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_enable(h, 16);
	ck_assert_uint_eq(get(h, NVME_PEL_READ, page, 4096, 0), NVME_SC_SUCCESS);
	ck_assert_mem_eq(th_ptr(h, page), before, sizeof(before));
	ck_assert_uint_gt(
		nvme_cpu32(((const struct nvme_pel_header *)(const void *)read_all(h))->tnev),
		nvme_cpu32(((const struct nvme_pel_header *)(const void *)before)->tnev));
	th_free(h);
}
END_TEST

START_TEST(resets_and_power_cycles_are_events)
{
	/* Base 2.0 5.16.1.14.2.4; a power cycle also ends the context. */
	struct th_host *h = th_enabled();
	const struct nvme_pel_reset_info *info;
	uint64_t page = memory(h);
	const uint8_t *log = read_all(h);

	ck_assert_uint_eq(count(log, NVME_PEL_EVENT_POWER_ON_RESET), 1);
	get(h, NVME_PEL_ESTABLISH_AND_READ, page, 512, 0);
	emu_reset(th_emu(h), 0, EMU_RESET_POWER);
	th_run(h);
	th_cfg_write(h, 4, 2, 0x0406);
	th_enable(h, 16);
	ck_assert_uint_eq(get(h, NVME_PEL_READ, page, 512, 0), NVME_SC_COMMAND_SEQUENCE_ERROR);
	log = read_all(h);
	ck_assert_uint_eq(count(log, NVME_PEL_EVENT_POWER_ON_RESET), 2);
	ck_assert_uint_eq(count(log, NVME_PEL_EVENT_HW_ERROR), 1); /* an unsafe shutdown */
	ck_assert_uint_eq(event(log, 0)->etype, NVME_PEL_EVENT_POWER_ON_RESET);
	ck_assert_uint_eq(nvme_cpu16(event(log, 0)->cntlid), 1);
	info = (const void *)(event(log, 0) + 1);
	info = (const void *)((const uint8_t *)info + 8);
	ck_assert_uint_eq(nvme_cpu32(info->ctrl_power_cycle), 2);
	th_free(h);
}
END_TEST

START_TEST(a_fatal_status_is_an_event)
{
	/* Base 2.0 5.16.1.14.2.5, unverified: NVM Subsystem Hardware Error, code 9. */
	struct th_host *h = th_enabled(.controller = "telemetry=false");
	const struct nvme_pel_hw_error *error;
	const uint8_t *log;

	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_write32(h, NVME_REG_AQA, 0);
	th_write32(h, NVME_REG_CC, 1);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 2, 2);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_enable(h, 16);
	log = read_all(h);
	ck_assert_uint_eq(event(log, 1)->etype, NVME_PEL_EVENT_HW_ERROR);
	error = (const void *)(event(log, 1) + 1);
	ck_assert_uint_eq(nvme_cpu16(error->nss_hw_err_event_code), 9);
	th_free(h);
}
END_TEST

START_TEST(a_firmware_commit_is_an_event_whatever_became_of_it)
{
	/* Base 2.0 5.16.1.14.2.2 */
	struct th_host *h = th_enabled();
	const struct nvme_pel_fw_commit *data;
	const uint8_t *log;

	th_try(h, .opcode = NVME_ADMIN_FW_COMMIT, .cdw10 = 2u << 3 | 5);
	log = read_all(h);
	ck_assert_uint_eq(event(log, 0)->etype, NVME_PEL_EVENT_FW_COMMIT);
	data = (const void *)(event(log, 0) + 1);
	ck_assert_mem_eq(data->old_fw_rev, "0.1     ", 8);
	ck_assert_uint_eq(data->fw_commit_action, 2);
	ck_assert_uint_eq(data->fw_slot, 5);
	ck_assert_uint_eq(data->sct_fw << 8 | data->sc_fw, NVME_SC_INVALID_FW_IMAGE);
	th_free(h);
}
END_TEST

START_TEST(what_a_host_sets_is_an_event)
{
	/* Base 2.0 5.16.1.14.2.3 and 5.16.1.14.2.11, unverified for the layout dword. */
	struct th_host *h = th_enabled();
	uint64_t page = memory(h);
	const struct nvme_pel_timestamp_change *clock;
	const uint8_t *log, *data;

	th_time(h, 7000000000ull);
	nvme_store_le64(th_ptr(h, page), 1600000000000);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .prp1 = page, .cdw10 = 0x0e);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x04, .cdw11 = 0x150);
	log = read_all(h);
	ck_assert_uint_eq(event(log, 0)->etype, NVME_PEL_EVENT_SET_FEATURE);
	data = (const void *)(event(log, 0) + 1);
	ck_assert_uint_eq(nvme_load_le32(data), 0x0b);
	ck_assert_uint_eq(nvme_load_le32(data + 4), 0x04);
	ck_assert_uint_eq(nvme_load_le32(data + 8), 0x150);
	ck_assert_uint_eq(nvme_cpu64(event(log, 0)->ets) & 0xffffffffffff, 1600000000000);
	ck_assert_uint_eq(event(log, 2)->etype, NVME_PEL_EVENT_TIMESTAMP_CHANGE);
	clock = (const void *)(event(log, 2) + 1);
	ck_assert_uint_eq(nvme_cpu64(clock->previous_timestamp), 7000);
	ck_assert_uint_eq(nvme_cpu64(clock->ml_secs_since_reset), 7000);
	th_try(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x04, .cdw11 = 0xf << 16);
	th_free(h);
}
END_TEST

START_TEST(events_outlive_the_power)
{
	/* Base 2.0 5.16.1.14 */
	struct th_host *h = th_enabled(), *next = th_off();
	const struct nvme_pel_fw_commit *data;
	const uint8_t *record, *log;
	uint32_t bytes;

	th_try(h, .opcode = NVME_ADMIN_FW_COMMIT, .cdw10 = 2u << 3 | 5);
	for (uint32_t id = 0; id < 2; id++) {
		record = th_record(h, EMU_RECORD_PEL, id, &bytes);
		ck_assert_ptr_nonnull(record);
		ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_PEL, id, record, bytes - 1),
				 -22);
		ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_PEL, id, record, bytes), 0);
	}
	th_enable(next, 16);
	log = read_all(next);
	ck_assert_uint_eq(count(log, NVME_PEL_EVENT_POWER_ON_RESET), 2);
	ck_assert_uint_eq(event(log, 0)->etype, NVME_PEL_EVENT_POWER_ON_RESET);
	ck_assert_uint_eq(event(log, 1)->etype, NVME_PEL_EVENT_FW_COMMIT);
	data = (const void *)(event(log, 1) + 1);
	ck_assert_uint_eq(data->fw_slot, 5);
	th_free(next);
	th_free(h);
}
END_TEST

START_TEST(heat_and_a_shutdown_are_events)
{
	/* Base 2.0 5.16.1.14.2.13 and 5.16.1.14.2.1, unverified when snapshots are taken */
	struct th_host *h = th_enabled();
	const struct nvme_pel_thermal_excursion *heat;
	struct nvme_smart_log smart;
	const uint8_t *log;

	emu_set_temperature(th_emu(h), 0, 350);
	emu_set_temperature(th_emu(h), 0, 351);
	emu_set_temperature(th_emu(h), 0, 300);
	log = read_all(h);
	ck_assert_uint_eq(event(log, 0)->etype, NVME_PEL_EVENT_THERMAL_EXCURSION);
	ck_assert_uint_eq(event(log, 1)->etype, NVME_PEL_EVENT_THERMAL_EXCURSION);
	heat = (const void *)(event(log, 1) + 1);
	ck_assert_uint_eq(heat->over_temp, 350 - 343);
	ck_assert_uint_eq(heat->threshold, 1);
	ck_assert_uint_eq(count(log, NVME_PEL_EVENT_THERMAL_EXCURSION), 2);
	th_write32(h, NVME_REG_CC, 4 << 20 | 6 << 16 | 1 << 14 | 1);
	th_run(h);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_enable(h, 16);
	log = read_all(h);
	ck_assert_uint_eq(event(log, 1)->etype, NVME_PEL_EVENT_SMART_SNAPSHOT);
	memcpy(&smart, event(log, 1) + 1, sizeof(smart));
	ck_assert_uint_eq(nvme_cpu64(smart.power_cycles.lo), 1);
	th_free(h);
}
END_TEST

START_TEST(the_oldest_events_give_way)
{
	/* Base 2.0 5.16.1.14: the log is bounded, pel events here. */
	struct th_host *h = th_enabled(.controller = "pel=4");
	const struct nvme_pel_header *head;
	const uint8_t *log;

	for (uint32_t slot = 1; slot <= 6; slot++)
		th_try(h, .opcode = NVME_ADMIN_FW_COMMIT, .cdw10 = 2u << 3 | slot);
	log = read_all(h);
	head = (const void *)log;
	ck_assert_uint_eq(nvme_cpu32(head->tnev), 4);
	for (uint32_t n = 0; n < 4; n++) {
		const struct nvme_pel_fw_commit *data = (const void *)(event(log, n) + 1);

		ck_assert_uint_eq(data->fw_slot, 6 - n);
	}
	th_free(h);
}
END_TEST

START_TEST(identify_says_whether_there_is_a_log)
{
	/* Base 2.0 5.17.2.1: LPA bit 4, PELS. */
	static const char *const keys[] = { "pel=64", "pel=1000", "pel=0", "vs=1.3" };
	static const uint32_t pels[] = { 1, 9, 0, 0 };
	struct th_host *h = th_enabled(.controller = keys[_i]);
	uint64_t page = memory(h);
	const struct nvme_id_ctrl *id = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(NVME_GET(id->lpa, NVME_ID_CTRL_LPA_PES), pels[_i] > 0);
	ck_assert_uint_eq(nvme_cpu32(id->pels), pels[_i]);
	ck_assert_uint_eq(get(h, NVME_PEL_RELEASE, page, 512, 0),
			  pels[_i] ? NVME_SC_SUCCESS : NVME_SC_INVALID_LOG_PAGE);
	th_free(h);
}
END_TEST

static Suite *history(void)
{
	Suite *suite = suite_create("history");
	TCase *tcase = tcase_create("history");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_log_is_read_through_a_context);
	tcase_add_loop_test(tcase, the_header_alone_can_be_read_with_or_without_a_context, 0, 2);
	tcase_add_test(tcase, the_head_says_who_and_how_much);
	tcase_add_test(tcase, a_context_does_not_change_while_events_happen);
	tcase_add_test(tcase, resets_and_power_cycles_are_events);
	tcase_add_test(tcase, a_fatal_status_is_an_event);
	tcase_add_test(tcase, a_firmware_commit_is_an_event_whatever_became_of_it);
	tcase_add_test(tcase, what_a_host_sets_is_an_event);
	tcase_add_test(tcase, events_outlive_the_power);
	tcase_add_test(tcase, heat_and_a_shutdown_are_events);
	tcase_add_test(tcase, the_oldest_events_give_way);
	tcase_add_loop_test(tcase, identify_says_whether_there_is_a_log, 0, 4);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { history };

	return th_main(suites, 1);
}
