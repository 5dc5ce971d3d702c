/* SPDX-License-Identifier: BSD-3-Clause */
/* The SMART / Health Information log, Base 2.0 5.16.1.3: what it counts, and when. */
#include <errno.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define HOUR 3600000000000ull

static const struct nvme_smart_log *smart(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = 127u << 16 | NVME_LID_SMART);
	return th_ptr(h, page);
}

/* Transfers of @blocks sectors each make @units thousands, rounded up. */
static const struct {
	uint32_t commands, blocks, units;
} units[] = {
	{ 0, 1, 0 }, { 1, 1, 1 }, { 1, 1000, 1 }, { 1, 1001, 2 }, { 5, 200, 1 }, { 5, 201, 2 },
};

START_TEST(smart_counts_commands_and_thousands_of_sectors)
{
	/* Base 2.0 5.16.1.3: one unit is 1,000 times 512 bytes, rounded up. */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "mdts=0", .blocks = 4096);
	uint64_t data = th_alloc(h, 1 << 20), list = th_alloc(h, 4096);

	for (uint32_t i = 0; i < 255; i++)
		nvme_store_le64((uint8_t *)th_ptr(h, list) + 8 * i, data + 4096 * (i + 1));
	for (uint32_t i = 0; i < units[_i].commands; i++) {
		for (uint8_t opcode = NVME_CMD_WRITE; opcode <= NVME_CMD_READ; opcode++)
			ck_assert_uint_eq(th_try_io(h, 1, .opcode = opcode, .nsid = 1, .prp1 = data,
						    .prp2 = list, .cdw12 = units[_i].blocks - 1),
					  NVME_SC_SUCCESS);
	}
	ck_assert_uint_eq(nvme_cpu64(smart(h)->data_units_read.lo), units[_i].units);
	ck_assert_uint_eq(nvme_cpu64(smart(h)->data_units_written.lo), units[_i].units);
	ck_assert_uint_eq(nvme_cpu64(smart(h)->host_read_commands.lo), units[_i].commands);
	ck_assert_uint_eq(nvme_cpu64(smart(h)->host_write_commands.lo), units[_i].commands);
	th_free(h);
}
END_TEST

START_TEST(smart_counts_512_bytes_whatever_the_block_size)
{
	/* Base 2.0 5.16.1.3: 126 blocks of 4096 bytes are 1,008 sectors. */
	struct th_host *h = th_enabled(.io_queues = 1, .ns2_blocks = 200);
	uint64_t data = th_alloc(h, 126 * 4096), list = th_alloc(h, 4096);

	for (uint32_t i = 0; i < 125; i++)
		nvme_store_le64((uint8_t *)th_ptr(h, list) + 8 * i, data + 4096 * (i + 1));
	th_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 3, .prp1 = data, .prp2 = list, .cdw12 = 125);
	th_run(h);
	th_expect_cqe(h, .cqid = 1);
	ck_assert_uint_eq(nvme_cpu64(smart(h)->data_units_read.lo), 2);
	th_free(h);
}
END_TEST

START_TEST(smart_counts_media_errors_and_failed_commands_only_there)
{
	/* Base 2.0 5.16.1.3 */
	struct th_host *h = th_enabled(.io_queues = 1);
	uint64_t page = th_alloc(h, 4096);

	th_media_fail(h, -EIO);
	th_try_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = page);
	th_media_fail(h, -EIO);
	th_try_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = page);
	th_try_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 9, .prp1 = page);
	ck_assert_uint_eq(nvme_cpu64(smart(h)->media_errors.lo), 2);
	ck_assert_uint_eq(nvme_cpu64(smart(h)->host_read_commands.lo), 0);
	ck_assert_uint_eq(nvme_cpu64(smart(h)->data_units_written.lo), 0);
	ck_assert_uint_eq(nvme_cpu64(smart(h)->error_log_entries.lo), 3);
	th_free(h);
}
END_TEST

START_TEST(smart_tells_hours_and_temperature)
{
	/* Base 2.0 5.16.1.3 */
	struct th_host *h = th_enabled();

	ck_assert_uint_eq(nvme_cpu64(smart(h)->power_on_hours.lo), 0);
	th_time(h, 25 * HOUR);
	ck_assert_uint_eq(nvme_cpu64(smart(h)->power_on_hours.lo), 25);
	ck_assert_uint_eq(nvme_load_le16(smart(h)->temperature), 313);
	ck_assert_uint_eq(smart(h)->critical_warning, 0);
	ck_assert_uint_ge(smart(h)->available_spare, smart(h)->available_spare_threshold);
	th_free(h);
}
END_TEST

START_TEST(busy_time_is_while_io_is_outstanding)
{
	/* Base 2.0 5.16.1.3: minutes with a command outstanding to an I/O queue. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);
	uint64_t page = th_alloc(h, 4096);

	th_time(h, 10 * HOUR);
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 1, .prp1 = page);
	th_run(h);
	th_time(h, HOUR / 60);
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 2, .nsid = 1, .prp1 = page);
	th_time(h, HOUR / 60);
	th_media(h, 0, 0);
	th_time(h, HOUR / 60);
	th_media(h, 0, 0);
	th_time(h, HOUR);
	ck_assert_uint_eq(nvme_cpu64(smart(h)->controller_busy_time.lo), 3);
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 3, .nsid = 1, .prp1 = page);
	th_run(h);
	th_time(h, 2 * HOUR / 60);
	ck_assert_uint_eq(nvme_cpu64(smart(h)->controller_busy_time.lo), 5); /* as it goes on */
	th_media(h, 0, 0);
	th_free(h);
}
END_TEST

START_TEST(busy_time_includes_the_service_time)
{
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "service_time=10s");
	uint64_t page = th_alloc(h, 4096);

	for (uint16_t cid = 0; cid < 6; cid++) {
		th_io(h, 1, .opcode = NVME_CMD_READ, .cid = cid, .nsid = 1, .prp1 = page);
		th_run(h);
		th_time(h, 10 * HOUR / 3600);
		th_expect_cqe(h, .cqid = 1, .cid = cid);
	}
	ck_assert_uint_eq(nvme_cpu64(smart(h)->controller_busy_time.lo), 1);
	th_free(h);
}
END_TEST

START_TEST(smart_is_of_the_whole_controller)
{
	/* Base 2.0 5.16.1.3: LPA bit 0 is clear, so no log of a namespace exists. */
	struct th_host *h = th_enabled();
	uint64_t page = th_alloc(h, 4096);
	static const struct {
		uint32_t nsid;
		uint16_t sc;
	} rows[] = { { 0, NVME_SC_SUCCESS },
		     { 0xffffffff, NVME_SC_SUCCESS },
		     { 1, NVME_SC_INVALID_FIELD },
		     { 33, NVME_SC_INVALID_FIELD } };

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = rows[_i].nsid,
				  .prp1 = page, .cdw10 = NVME_LID_SMART),
			  rows[_i].sc);
	th_free(h);
}
END_TEST

static const struct {
	uint32_t aer;
	uint8_t warning, spare;
} health[] = {
	{ NVME_AER_SMART_SPARE, 1, 9 },
	{ NVME_AER_SMART_RELIABILITY, 4, 100 },
};

START_TEST(a_warning_of_the_subsystem_is_in_the_log_of_every_controller)
{
	/* Base 2.0 5.16.1.3: Critical Warning; each host is told. Power on makes it good again. */
	struct th_host *h = th_enabled(.controllers = 2);
	const struct nvme_smart_log *log;

	for (uint32_t ctrl = 0; ctrl < 2; ctrl++) {
		th_ctrl(h, ctrl);
		if (ctrl)
			th_enable(h, 16);
		th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b, .cdw11 = 0xff);
		th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 7);
		th_run(h);
	}
	ck_assert_int_eq(emu_inject_event(th_emu(h), 0, health[_i].aer), 0);
	th_run(h);
	for (uint32_t ctrl = 0; ctrl < 2; ctrl++) {
		th_ctrl(h, ctrl);
		th_expect_cqe(h, .cid = 7, .dw0 = health[_i].aer);
		log = smart(h);
		ck_assert_uint_eq(log->critical_warning, health[_i].warning);
		ck_assert_uint_eq(log->endurance_group_warning, health[_i].warning);
		ck_assert_uint_eq(log->available_spare, health[_i].spare);
	}
	emu_reset(th_emu(h), 1, EMU_RESET_POWER);
	th_run(h);
	th_cfg_write(h, 4, 2, 0x0406);
	th_enable(h, 16);
	ck_assert_uint_eq(smart(h)->critical_warning, 0);
	ck_assert_uint_eq(smart(h)->endurance_group_warning, 0);
	ck_assert_uint_eq(smart(h)->available_spare, 100);
	th_free(h);
}
END_TEST

START_TEST(without_endurance_groups_the_log_has_no_warning_of_them)
{
	/* Base 2.0 5.16.1.3: Endurance Group Critical Warning Summary, byte 6 */
	struct th_host *h = th_enabled(.controller = _i ? "vs=1.3" : "endurance=false");

	ck_assert_int_eq(emu_inject_event(th_emu(h), 0, NVME_AER_SMART_SPARE), 0);
	th_run(h);
	ck_assert_uint_eq(smart(h)->critical_warning, 1);
	ck_assert_uint_eq(smart(h)->endurance_group_warning, 0);
	th_free(h);
}
END_TEST

START_TEST(counters_outlive_the_power)
{
	/* Base 2.0 5.16.1.3: in the life of the controller; ten seconds may be lost. */
	struct th_host *h = th_enabled(.io_queues = 1), *next = th_off();
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_smart_log *log;
	const uint8_t *record;
	uint32_t bytes;

	th_time(h, 7200000000000ull);
	for (uint32_t i = 0; i < 5; i++) {
		th_try_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = page);
		th_time(h, 4000000000ull);
	}
	th_try(h, .opcode = 0xc0);
	if (_i) {
		th_write32(h, NVME_REG_CC, 4 << 20 | 6 << 16 | 1 << 14 | 1);
		th_run(h);
	}
	record = th_record(h, EMU_RECORD_SMART, 0, &bytes);
	ck_assert_ptr_nonnull(record);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_SMART, 1, record, bytes), -22);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_SMART, 0, record, bytes - 1), -22);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_SMART, 0, record, bytes), 0);
	th_enable(next, 16);
	page = th_alloc(next, 4096);
	th_do(next, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = 127u << 16 | 2);
	log = th_ptr(next, page);
	ck_assert_uint_eq(nvme_cpu64(log->host_write_commands.lo), _i ? 5 : 4);
	ck_assert_uint_eq(nvme_cpu64(log->power_cycles.lo), 2);
	ck_assert_uint_eq(nvme_cpu64(log->unsafe_shutdowns.lo), _i ? 0 : 1);
	ck_assert_uint_eq(nvme_cpu64(log->power_on_hours.lo), 2);
	ck_assert_uint_eq(nvme_cpu64(log->error_log_entries.lo), (uint64_t)_i);
	th_free(next);
	th_free(h);
}
END_TEST

/* The SMART log of a controller that begins with what @h kept. */
static const struct nvme_smart_log *smart_after(struct th_host *h, struct th_host *next)
{
	uint32_t bytes;
	const uint8_t *record = th_record(h, EMU_RECORD_SMART, 0, &bytes);

	ck_assert_ptr_nonnull(record);
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_SMART, 0, record, bytes), 0);
	th_enable(next, 16);
	return smart(next);
}

START_TEST(hours_of_an_idle_controller_outlive_the_power)
{
	/* Base 2.0 5.16.1.3: nothing is submitted, and nobody shuts it down. */
	struct th_host *h = th_enabled(), *next = th_off();

	th_time(h, 30 * HOUR);
	emu_keep_counters(th_emu(h));
	ck_assert_uint_eq(nvme_cpu64(smart_after(h, next)->power_on_hours.lo), 30);
	th_free(next);
	th_free(h);
}
END_TEST

START_TEST(times_beyond_temperatures_outlive_the_power)
{
	/* Base 2.0 5.16.1.3: warning and critical minutes, and what throttling took. */
	struct th_host *h = th_enabled(), *next = th_off();
	const struct nvme_smart_log *log;

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_HCTM,
	      .cdw11 = 320u << 16 | 330);
	emu_set_temperature(th_emu(h), 0, 325);
	th_time(h, HOUR / 60);
	emu_set_temperature(th_emu(h), 0, 350);
	th_time(h, 2 * HOUR / 60);
	emu_set_temperature(th_emu(h), 0, 380);
	th_time(h, HOUR);
	emu_keep_counters(th_emu(h));
	log = smart_after(h, next);
	ck_assert_uint_eq(nvme_cpu32(log->warning_temperature_time), 2);
	ck_assert_uint_ge(nvme_cpu32(log->critical_temperature_time), 60);
	ck_assert_uint_eq(nvme_cpu32(log->tmt1_transitions), 1);
	ck_assert_uint_eq(nvme_cpu32(log->tmt2_transitions), 1);
	ck_assert_uint_eq(nvme_cpu32(log->tmt1_time), 60);
	ck_assert_uint_ge(nvme_cpu32(log->tmt2_time), 62 * 60);
	th_free(next);
	th_free(h);
}
END_TEST

static Suite *smart_log(void)
{
	Suite *suite = suite_create("smart_log");
	TCase *tcase = tcase_create("smart_log");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, smart_counts_commands_and_thousands_of_sectors, 0,
			    sizeof(units) / sizeof(units[0]));
	tcase_add_test(tcase, smart_counts_512_bytes_whatever_the_block_size);
	tcase_add_test(tcase, smart_counts_media_errors_and_failed_commands_only_there);
	tcase_add_test(tcase, smart_tells_hours_and_temperature);
	tcase_add_test(tcase, busy_time_is_while_io_is_outstanding);
	tcase_add_test(tcase, busy_time_includes_the_service_time);
	tcase_add_loop_test(tcase, smart_is_of_the_whole_controller, 0, 4);
	tcase_add_loop_test(tcase, without_endurance_groups_the_log_has_no_warning_of_them, 0, 2);
	tcase_add_loop_test(tcase, a_warning_of_the_subsystem_is_in_the_log_of_every_controller, 0,
			    2);
	tcase_add_loop_test(tcase, counters_outlive_the_power, 0, 2);
	tcase_add_test(tcase, hours_of_an_idle_controller_outlive_the_power);
	tcase_add_test(tcase, times_beyond_temperatures_outlive_the_power);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { smart_log };

	return th_main(suites, 1);
}
