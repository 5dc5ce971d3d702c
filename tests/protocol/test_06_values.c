/* SPDX-License-Identifier: BSD-3-Clause */
/* Features one by one, Base 2.0 5.27.1: their values, and what these do. */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define GET	  .opcode = NVME_ADMIN_GET_FEATURES
#define SET	  .opcode = NVME_ADMIN_SET_FEATURES
#define SAVE	  0x80000000u
#define SEL(sel)  ((uint32_t)(sel) << 8)
#define CC_ON	  (4 << 20 | 6 << 16 | 1)
#define ALL_NS	  0xffffffffu
#define ONE_READY 0x00000001u

static uint64_t buffer(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	memset(th_ptr(h, page), 0, 4096);
	return page;
}

static void reset(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, CC_ON & ~1);
	th_run(h);
	th_enable(h, 16);
}

/* Error Recovery, the feature of a namespace: NSIDs 1 and 3 are active, 2 is not. */
static const struct {
	uint8_t opcode;
	uint32_t nsid;
	uint16_t sc;
} recovery_nsids[] = {
	{ NVME_ADMIN_SET_FEATURES, 0, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_SET_FEATURES, 2, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_SET_FEATURES, 33, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_SET_FEATURES, 3, NVME_SC_SUCCESS },
	{ NVME_ADMIN_SET_FEATURES, ALL_NS, NVME_SC_SUCCESS },
	{ NVME_ADMIN_GET_FEATURES, 0, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_GET_FEATURES, 2, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_GET_FEATURES, ALL_NS, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_GET_FEATURES, 3, NVME_SC_SUCCESS },
};

START_TEST(error_recovery_needs_a_namespace)
{
	/* Base 2.0 5.27.1.5, unverified: an inactive one is Invalid Namespace. */
	struct th_host *h = th_enabled(.ns2_blocks = 8);

	ck_assert_uint_eq(th_code(h, .opcode = recovery_nsids[_i].opcode,
				  .nsid = recovery_nsids[_i].nsid, .cdw10 = 5),
			  recovery_nsids[_i].sc);
	th_free(h);
}
END_TEST

START_TEST(error_recovery_is_each_namespaces_and_each_controllers_own)
{
	/* Base 2.0 5.27.1.5; a reset of one controller does not change the other's (unverified). */
	struct th_host *h = th_enabled(.ns2_blocks = 8, .controllers = 2);

	th_ctrl(h, 1);
	th_enable(h, 16);
	th_do(h, SET, .nsid = ALL_NS, .cdw10 = 5, .cdw11 = 9);
	th_ctrl(h, 0);
	th_do(h, SET, .nsid = 3, .cdw10 = 5, .cdw11 = 0x1234);
	ck_assert_uint_eq(th_do(h, GET, .nsid = 1, .cdw10 = 5), 0);
	ck_assert_uint_eq(th_do(h, GET, .nsid = 3, .cdw10 = 5), 0x1234);
	reset(h);
	ck_assert_uint_eq(th_do(h, GET, .nsid = 3, .cdw10 = 5), 0);
	th_ctrl(h, 1);
	ck_assert_uint_eq(th_do(h, GET, .nsid = 1, .cdw10 = 5), 9);
	ck_assert_uint_eq(th_do(h, GET, .nsid = 3, .cdw10 = 5), 9);
	th_free(h);
}
END_TEST

START_TEST(reserved_bits_do_not_stay)
{
	/* Base 2.0 5.27.1, unverified: ignored */
	struct th_host *h = th_enabled();

	th_do(h, SET, .cdw10 = 1, .cdw11 = 0xffffffff);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 1), 0xffffff07);
	th_do(h, SET, .cdw10 = 6, .cdw11 = 0xffffffff);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 6), 1);
	th_do(h, SET, .cdw10 = 8, .cdw11 = 0xffffffff);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 8), 0xffff);
	th_do(h, SET, .cdw10 = 10, .cdw11 = 0xfffffffe);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 10), 0);
	th_do(h, SET, .cdw10 = 11, .cdw11 = 0xffffffff);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 11) & 0x77f000ff, 0xff);
	th_free(h);
}
END_TEST

START_TEST(two_thresholds_are_kept_apart_and_saved_apart)
{
	/* Base 2.0 5.27.1.4 */
	struct th_host *h = th_enabled();

	th_do(h, SET, .cdw10 = 4, .cdw11 = 1 << 20 | 100);
	th_do(h, SET, .cdw10 = SAVE | 4, .cdw11 = 400);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 4, .cdw11 = 1 << 20), 100);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 4), 400);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = SEL(2) | 4, .cdw11 = 1 << 20), 0);
	reset(h);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 4, .cdw11 = 1 << 20), 0);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 4), 400);
	th_do(h, SET, .cdw10 = 4, .cdw11 = 0xf << 16 | 390); /* all sensors */
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 4), 390);
	th_free(h);
}
END_TEST

START_TEST(get_temperature_threshold_wants_a_sensor_that_exists)
{
	/* Base 2.0 5.27.1.4: "all" is for Set Features. */
	struct th_host *h = th_enabled(.controller = "sensors=0");

	for (uint32_t sensor = 1; sensor < 16; sensor++)
		ck_assert_uint_eq(th_code(h, GET, .cdw10 = 4, .cdw11 = sensor << 16),
				  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_code(h, GET, .cdw10 = 4, .cdw11 = 3 << 20), NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(each_vector_has_its_own_configuration)
{
	/* Base 2.0 5.27.1.9 */
	struct th_host *h = th_enabled();

	th_do(h, SET, .cdw10 = 9, .cdw11 = 1 << 16 | 2);
	for (uint32_t vector = 0; vector < 8; vector++)
		ck_assert_uint_eq(th_do(h, GET, .cdw10 = 9, .cdw11 = vector),
				  vector | (vector == 2 ? 1u << 16 : 0));
	ck_assert_uint_eq(th_code(h, GET, .cdw10 = 9, .cdw11 = 8), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_code(h, GET, .cdw10 = 9, .cdw11 = 0xffff), NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

static bool last_write_was_durable(struct th_host *h)
{
	ck_assert_uint_eq(
		th_try_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = th_alloc(h, 4096)),
		NVME_SC_SUCCESS);
	return th_media_last(h)->fua;
}

START_TEST(without_the_write_cache_every_write_is_durable)
{
	/* Base 2.0 5.27.1.6 */
	struct th_host *h = th_enabled(.io_queues = 1);

	ck_assert(!last_write_was_durable(h));
	th_do(h, SET, .cdw10 = 6, .cdw11 = 0);
	ck_assert(last_write_was_durable(h));
	th_do(h, SET, .cdw10 = 6, .cdw11 = 1);
	ck_assert(!last_write_was_durable(h));
	th_free(h);
}
END_TEST

START_TEST(switching_the_cache_off_flushes_it_first)
{
	/* Base 2.0 5.27.1.6: what is in the cache is durable once the command completes. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);

	th_admin(h, SET, .cid = 1, .cdw10 = 6, .cdw11 = 0);
	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 2);
	th_run(h);
	th_expect_cqe(h, .cid = 2);
	th_expect_none(h, 0);
	ck_assert_uint_eq(th_media_pending(h), 1);
	ck_assert_uint_eq(th_media_last(h)->op, EMU_MEDIA_FLUSH);
	ck_assert_uint_eq(th_media_last(h)->nsid, NVME_NSID_ALL);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 1);
	th_do(h, SET, .cdw10 = 6, .cdw11 = 0); /* off already: nothing to flush */
	ck_assert_uint_eq(th_media_pending(h), 0);
	th_free(h);
}
END_TEST

START_TEST(a_flush_that_fails_fails_the_switch)
{
	struct th_host *h = th_enabled();

	th_media_fail(h, -EIO);
	ck_assert_uint_eq(th_try(h, SET, .cdw10 = 6, .cdw11 = 0), NVME_SC_WRITE_FAULT | NVME_MORE);
	th_free(h);
}
END_TEST

START_TEST(host_behavior_travels_in_a_buffer)
{
	/* Base 2.0 5.27.1.18 */
	struct th_host *h = th_enabled();
	uint64_t page = buffer(h);
	uint8_t *data = th_ptr(h, page);

	data[0] = 1;
	th_do(h, SET, .cdw10 = 0x16, .prp1 = page);
	memset(data, 0xa5, 4096);
	th_do(h, GET, .cdw10 = 0x16, .prp1 = page);
	ck_assert_uint_eq(data[0], 1);
	for (uint32_t i = 1; i < 512; i++)
		ck_assert_uint_eq(data[i], 0);
	ck_assert_uint_eq(data[512], 0xa5);
	th_do(h, SET, .cdw10 = 6, .cdw11 = 0); /* another feature, with a flush and no buffer */
	th_do(h, GET, .cdw10 = 0x16, .prp1 = page);
	ck_assert_uint_eq(data[0], 1);
	th_do(h, GET, .cdw10 = SEL(1) | 0x16, .prp1 = page);
	ck_assert_uint_eq(data[0], 0);
	th_free(h);
}
END_TEST

static const uint8_t bad_behavior[][2] = { { 0, 2 }, { 0, 255 }, { 1, 1 }, { 2, 2 },
					   { 3, 1 }, { 4, 1 },	 { 5, 1 } };

START_TEST(host_behavior_that_is_not_supported_is_refused)
{
	/* Base 2.0 5.27.1.18 */
	struct th_host *h = th_enabled();
	uint64_t page = buffer(h);
	uint8_t *data = th_ptr(h, page);

	data[bad_behavior[_i][0]] = bad_behavior[_i][1];
	ck_assert_uint_eq(th_code(h, SET, .cdw10 = 0x16, .prp1 = page), NVME_SC_INVALID_FIELD);
	th_do(h, GET, .cdw10 = 0x16, .prp1 = page);
	ck_assert_uint_eq(data[bad_behavior[_i][0]], 0);
	th_free(h);
}
END_TEST

START_TEST(a_buffer_that_is_not_there_changes_nothing)
{
	/* Base 2.0 4.1: Data Transfer Error */
	struct th_host *h = th_enabled();
	uint64_t page = buffer(h);
	uint8_t *data = th_ptr(h, page);

	data[0] = 1;
	th_unmap(h, page);
	ck_assert_uint_eq(th_code(h, SET, .cdw10 = 0x16, .prp1 = page),
			  NVME_SC_DATA_TRANSFER_ERROR);
	th_map(h);
	th_do(h, GET, .cdw10 = 0x16, .prp1 = page);
	ck_assert_uint_eq(data[0], 0);
	th_free(h);
}
END_TEST

/* KATO in, KATO out: rounded up to units of KAS, 700 ms here. */
static const uint32_t timeouts[][2] = {
	{ 0, 0 },
	{ 1, 700 },
	{ 700, 700 },
	{ 701, 1400 },
	{ 4294966701, 4294966900 },
	{ 4294967295, 4294967295 },
};

START_TEST(the_keep_alive_timeout_is_rounded_up)
{
	/* Base 2.0 5.27.1.12, unverified; what 32 bits cannot hold stays at their end. */
	struct th_host *h = th_enabled(.controller = "kas=7");

	th_do(h, SET, .cdw10 = 0x0f, .cdw11 = timeouts[_i][0]);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 0x0f), timeouts[_i][1]);
	ck_assert_uint_eq(emu_deadline(th_emu(h)),
			  timeouts[_i][1] ? timeouts[_i][1] * 1000000ull : EMU_NEVER);
	th_free(h);
}
END_TEST

START_TEST(a_timeout_of_zero_stops_the_timer)
{
	/* Base 2.0 3.9 */
	struct th_host *h = th_enabled();

	th_do(h, SET, .cdw10 = 0x0f, .cdw11 = 5000);
	th_do(h, SET, .cdw10 = 0x0f, .cdw11 = 0);
	th_time(h, 100000000000ull);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), ONE_READY);
	th_free(h);
}
END_TEST

START_TEST(a_shutdown_or_reset_stops_the_timer)
{
	/*
	 * Base 2.0 3.9, unverified: it runs only while the controller is ready and not shut down.
	 */
	struct th_host *h = th_enabled();

	th_do(h, SET, .cdw10 = 0x0f, .cdw11 = 5000);
	th_write32(h, NVME_REG_CC, _i ? CC_ON & ~1 : CC_ON | 1 << 14);
	th_run(h);
	th_time(h, 100000000000ull);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), _i ? 0 : ONE_READY | 8);
	th_free(h);
}
END_TEST

START_TEST(a_vector_can_be_coalesced_again)
{
	/* Base 2.0 5.27.1.9 */
	struct th_host *h = th_enabled();

	th_do(h, SET, .cdw10 = 9, .cdw11 = 1 << 16 | 2);
	th_do(h, SET, .cdw10 = 9, .cdw11 = 2);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 9, .cdw11 = 2), 2);
	th_free(h);
}
END_TEST

START_TEST(the_lower_threshold_can_be_saved)
{
	/* Base 2.0 5.27.1.4 */
	struct th_host *h = th_enabled();

	th_do(h, SET, .cdw10 = SAVE | 4, .cdw11 = 1 << 20 | 250);
	reset(h);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 4, .cdw11 = 1 << 20), 250);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 4), 343);
	th_free(h);
}
END_TEST

START_TEST(the_number_of_queues_is_told_and_reset)
{
	/* Base 2.0 5.27.1.7 */
	struct th_host *h = th_enabled(.controller = "queues=5");

	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 7), 4 << 16 | 4);
	th_do(h, SET, .cdw10 = 7, .cdw11 = 0);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 7), 0);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = SEL(1) | 7), 4 << 16 | 4);
	reset(h);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 7), 4 << 16 | 4);
	th_free(h);
}
END_TEST

START_TEST(the_arbitration_burst_begins_with_the_recommended_one)
{
	/* Base 2.0 5.27.1.1, unverified */
	struct th_host *h = th_enabled(.controller = "rab=3");

	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 1), 3);
	th_free(h);
}
END_TEST

static Suite *feature_values(void)
{
	Suite *suite = suite_create("feature_values");
	TCase *tcase = tcase_create("feature_values");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, error_recovery_needs_a_namespace, 0,
			    sizeof(recovery_nsids) / sizeof(recovery_nsids[0]));
	tcase_add_test(tcase, error_recovery_is_each_namespaces_and_each_controllers_own);
	tcase_add_test(tcase, reserved_bits_do_not_stay);
	tcase_add_test(tcase, two_thresholds_are_kept_apart_and_saved_apart);
	tcase_add_test(tcase, the_lower_threshold_can_be_saved);
	tcase_add_test(tcase, get_temperature_threshold_wants_a_sensor_that_exists);
	tcase_add_test(tcase, each_vector_has_its_own_configuration);
	tcase_add_test(tcase, a_vector_can_be_coalesced_again);
	tcase_add_test(tcase, without_the_write_cache_every_write_is_durable);
	tcase_add_test(tcase, switching_the_cache_off_flushes_it_first);
	tcase_add_test(tcase, a_flush_that_fails_fails_the_switch);
	tcase_add_test(tcase, host_behavior_travels_in_a_buffer);
	tcase_add_loop_test(tcase, host_behavior_that_is_not_supported_is_refused, 0,
			    sizeof(bad_behavior) / sizeof(bad_behavior[0]));
	tcase_add_test(tcase, a_buffer_that_is_not_there_changes_nothing);
	tcase_add_loop_test(tcase, the_keep_alive_timeout_is_rounded_up, 0, 6);
	tcase_add_test(tcase, a_timeout_of_zero_stops_the_timer);
	tcase_add_loop_test(tcase, a_shutdown_or_reset_stops_the_timer, 0, 2);
	tcase_add_test(tcase, the_number_of_queues_is_told_and_reset);
	tcase_add_test(tcase, the_arbitration_burst_begins_with_the_recommended_one);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { feature_values };

	return th_main(suites, 1);
}
