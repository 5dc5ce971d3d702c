/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a host tells the controller about itself: timestamp, identifier, software progress, that it
 * is alive. Base 2.0 5.27.1 and 3.9 (unverified).
 */
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define GET	    .opcode = NVME_ADMIN_GET_FEATURES
#define SET	    .opcode = NVME_ADMIN_SET_FEATURES
#define TIMESTAMP   0x0e
#define HOST_ID	    0x81
#define PROGRESS    0x80
#define SAVE	    0x80000000u
#define SEL(sel)    ((uint32_t)(sel) << 8)
#define CC_ON	    (4 << 20 | 6 << 16 | 1)
#define MILLISECOND 1000000ull
#define SECOND	    1000000000ull
#define BY_HOST	    (1ull << 49)

static void reset(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, CC_ON & ~1);
	th_run(h);
	th_enable(h, 16);
}

static uint64_t get_time(struct th_host *h, uint32_t sel)
{
	uint64_t page = th_alloc(h, 4096);

	memset(th_ptr(h, page), 0xa5, 16);
	th_do(h, GET, .prp1 = page, .cdw10 = SEL(sel) | TIMESTAMP);
	ck_assert_uint_eq(((uint8_t *)th_ptr(h, page))[8], 0xa5); /* 8 bytes, not more */
	return nvme_load_le64(th_ptr(h, page));
}

static void set_time(struct th_host *h, uint64_t value)
{
	uint64_t page = th_alloc(h, 4096);

	nvme_store_le64(th_ptr(h, page), value);
	th_do(h, SET, .prp1 = page, .cdw10 = TIMESTAMP);
}

START_TEST(the_clock_begins_with_zero_at_a_reset)
{
	/* Base 2.0 5.27.1.13: Timestamp Origin 0. */
	struct th_host *h = th_enabled();

	ck_assert_uint_eq(get_time(h, 0), 0);
	th_time(h, 1500 * MILLISECOND);
	ck_assert_uint_eq(get_time(h, 0), 1500);
	reset(h);
	ck_assert_uint_eq(get_time(h, 0), 0);
	th_time(h, 7 * MILLISECOND + MILLISECOND / 2);
	ck_assert_uint_eq(get_time(h, 0), 7);
	th_free(h);
}
END_TEST

START_TEST(the_clock_runs_from_what_the_host_set)
{
	/* Base 2.0 5.27.1.13: Timestamp Origin 1, Synch 0; only 48 bits are taken. */
	struct th_host *h = th_enabled();

	th_time(h, 123 * SECOND);
	set_time(h, 0xffff000000000000ull | 1700000000000ull);
	ck_assert_uint_eq(get_time(h, 0), BY_HOST | 1700000000000ull);
	th_time(h, 2 * SECOND);
	ck_assert_uint_eq(get_time(h, 0), BY_HOST | 1700000002000ull);
	ck_assert_uint_eq(get_time(h, 1), 0);
	ck_assert_uint_eq(get_time(h, 2), 0);
	reset(h);
	ck_assert_uint_eq(get_time(h, 0), 0);
	th_free(h);
}
END_TEST

START_TEST(the_clock_wraps_at_48_bits)
{
	/* Base 2.0 5.27.1.13: modulo 2^48. */
	struct th_host *h = th_enabled();

	set_time(h, 0xffffffffffffull);
	th_time(h, 3 * MILLISECOND);
	ck_assert_uint_eq(get_time(h, 0), BY_HOST | 2);
	th_free(h);
}
END_TEST

START_TEST(each_controller_has_its_own_clock)
{
	struct th_host *h = th_enabled(.controllers = 2);

	set_time(h, 5000);
	th_ctrl(h, 1);
	th_enable(h, 16);
	ck_assert_uint_eq(get_time(h, 0), 0);
	th_free(h);
}
END_TEST

START_TEST(timestamp_and_identifiers_are_advertised_when_they_exist)
{
	/* Base 2.0 5.17.2.1: ONCS bit 6, CTRATT bits 0 and 6. */
	static const struct {
		const char *keys;
		bool timestamp, wide, traffic;
	} rows[] = {
		{ "kas=10", true, true, true },		{ "timestamp=false", false, true, true },
		{ "host_id=false", true, false, true }, { "kas=0", true, true, false },
		{ "tbkas=false", true, true, false },	{ "vs=1.2", false, false, false },
		{ "vs=1.3", true, true, false },
	};
	struct th_host *h = th_enabled(.controller = rows[_i].keys);
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);
	uint32_t ctratt;

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ctratt = nvme_cpu32(id->ctratt);
	ck_assert_uint_eq(NVME_GET(nvme_cpu16(id->oncs), NVME_ID_CTRL_ONCS_TIMESTAMP),
			  rows[_i].timestamp);
	ck_assert_uint_eq(NVME_GET(ctratt, NVME_ID_CTRL_CTRATT_HIDS), rows[_i].wide);
	ck_assert_uint_eq(NVME_GET(ctratt, NVME_ID_CTRL_CTRATT_TBKAS), rows[_i].traffic);
	th_free(h);
}
END_TEST

static uint16_t set_id(struct th_host *h, uint32_t exhid, uint8_t byte)
{
	uint64_t page = th_alloc(h, 4096);

	memset(th_ptr(h, page), byte, 16);
	return th_code(h, SET, .prp1 = page, .cdw10 = HOST_ID, .cdw11 = exhid);
}

/* How many bytes Get Features brought, all of which are @byte. */
static uint32_t get_id(struct th_host *h, uint32_t exhid, uint8_t byte)
{
	uint64_t page = th_alloc(h, 4096);
	uint8_t *data = th_ptr(h, page);
	uint32_t bytes = 0;

	memset(data, 0x5a, 32);
	th_do(h, GET, .prp1 = page, .cdw10 = HOST_ID, .cdw11 = exhid);
	while (data[bytes] == byte)
		bytes++;
	ck_assert_uint_eq(data[bytes], 0x5a);
	return bytes;
}

START_TEST(a_host_identifier_has_8_or_16_bytes)
{
	/* Base 2.0 5.27.1.25: EXHID; a reset forgets it. */
	struct th_host *h = th_enabled();

	ck_assert_uint_eq(get_id(h, 0, 0), 8);
	ck_assert_uint_eq(get_id(h, 1, 0), 16);
	ck_assert_uint_eq(set_id(h, 0, 7), NVME_SC_SUCCESS);
	ck_assert_uint_eq(get_id(h, 0, 7), 8);
	ck_assert_uint_eq(set_id(h, 1, 9), NVME_SC_SUCCESS);
	ck_assert_uint_eq(get_id(h, 1, 9), 16);
	reset(h);
	ck_assert_uint_eq(get_id(h, 1, 0), 16);
	th_free(h);
}
END_TEST

START_TEST(an_identifier_of_the_other_size_is_inconsistent)
{
	/* Base 2.0 Figure 127: 64 and 128 bits at the same time in one subsystem. */
	struct th_host *h = th_enabled(.controllers = 2);

	set_id(h, 1, 9);
	ck_assert_uint_eq(th_code(h, GET, .prp1 = th_alloc(h, 4096), .cdw10 = HOST_ID),
			  NVME_SC_HOST_ID_INCONSISTENT);
	th_ctrl(h, 1);
	th_enable(h, 16);
	ck_assert_uint_eq(set_id(h, 0, 3), NVME_SC_HOST_ID_INCONSISTENT);
	ck_assert_uint_eq(get_id(h, 0, 0), 8);
	ck_assert_uint_eq(set_id(h, 1, 3), NVME_SC_SUCCESS);
	th_ctrl(h, 0);
	ck_assert_uint_eq(set_id(h, 0, 4), NVME_SC_HOST_ID_INCONSISTENT);
	ck_assert_uint_eq(get_id(h, 1, 9), 16);
	th_free(h);
}
END_TEST

START_TEST(an_old_controller_knows_identifiers_of_8_bytes_only)
{
	/* CTRATT bit 0 came with 1.3 (unverified). */
	struct th_host *h = th_enabled(.controller = "vs=1.2");

	ck_assert_uint_eq(set_id(h, 1, 9), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(set_id(h, 0, 9), NVME_SC_SUCCESS);
	ck_assert_uint_eq(get_id(h, 0, 9), 8);
	th_free(h);
}
END_TEST

START_TEST(software_progress_survives_everything)
{
	/* Base 2.0 5.27.1.24: persistent, whether it was saved or not; 8 bits. */
	struct th_host *h = th_enabled();

	th_do(h, SET, .cdw10 = PROGRESS, .cdw11 = 0xffffff05);
	reset(h);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = PROGRESS), 5);
	emu_reset(th_emu(h), 0, EMU_RESET_POWER);
	th_run(h);
	th_cfg_write(h, 4, 2, 0x0406);
	th_enable(h, 16);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = PROGRESS), 5);
	th_do(h, SET, .cdw10 = SAVE | PROGRESS, .cdw11 = 6);
	th_restart(h);
	th_enable(h, 16);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = PROGRESS), 6);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = SEL(1) | PROGRESS), 0);
	th_free(h);
}
END_TEST

static bool is_fatal(struct th_host *h)
{
	return NVME_GET(th_read32(h, NVME_REG_CSTS), NVME_CSTS_CFS);
}

START_TEST(any_command_keeps_a_controller_with_tbkas_alive)
{
	/* Base 2.0 3.9: traffic based keep alive; without it, only Keep Alive counts. */
	bool tbkas = _i;
	struct th_host *h = th_enabled(.io_queues = 1,
				       .controller = tbkas ? "tbkas=true" : "tbkas=false");

	th_do(h, SET, .cdw10 = 0x0f, .cdw11 = 2000);
	for (uint32_t i = 0; i < 5; i++) {
		th_time(h, SECOND);
		th_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1);
		th_run(h);
	}
	ck_assert(is_fatal(h) == !tbkas);
	th_time(h, 3 * SECOND);
	th_time(h, 3 * SECOND);
	ck_assert(is_fatal(h)); /* without traffic it ends as well */
	th_free(h);
}
END_TEST

START_TEST(an_admin_command_is_traffic_too)
{
	/* Base 2.0 3.9 */
	struct th_host *h = th_enabled();

	th_do(h, SET, .cdw10 = 0x0f, .cdw11 = 1000);
	for (uint32_t i = 0; i < 5; i++) {
		th_time(h, 900 * MILLISECOND);
		th_do(h, GET, .cdw10 = 1);
	}
	ck_assert(!is_fatal(h));
	th_time(h, SECOND);
	th_time(h, 2 * SECOND);
	ck_assert(is_fatal(h));
	th_free(h);
}
END_TEST

static Suite *hosts(void)
{
	Suite *suite = suite_create("hosts");
	TCase *tcase = tcase_create("hosts");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_clock_begins_with_zero_at_a_reset);
	tcase_add_test(tcase, the_clock_runs_from_what_the_host_set);
	tcase_add_test(tcase, the_clock_wraps_at_48_bits);
	tcase_add_test(tcase, each_controller_has_its_own_clock);
	tcase_add_loop_test(tcase, timestamp_and_identifiers_are_advertised_when_they_exist, 0, 7);
	tcase_add_test(tcase, a_host_identifier_has_8_or_16_bytes);
	tcase_add_test(tcase, an_identifier_of_the_other_size_is_inconsistent);
	tcase_add_test(tcase, an_old_controller_knows_identifiers_of_8_bytes_only);
	tcase_add_test(tcase, software_progress_survives_everything);
	tcase_add_loop_test(tcase, any_command_keeps_a_controller_with_tbkas_alive, 0, 2);
	tcase_add_test(tcase, an_admin_command_is_traffic_too);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { hosts };

	return th_main(suites, 1);
}
