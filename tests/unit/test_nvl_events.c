/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/aer.c, events.c: what the controller tells by itself. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

#define SECOND UINT64_C(1000000000)

struct heard {
	unsigned int count;
	unsigned int async;
	struct nvl_event last_async;
	uint8_t log_byte;
	struct nvl_event last;
};

static void hear(void *arg, const struct nvl_event *event)
{
	struct heard *heard = arg;

	heard->count++;
	heard->last = *event;
	if (event->type != NVL_EVENT_ASYNC)
		return;
	heard->async++;
	heard->last_async = *event;
	heard->log_byte = event->log ? *(const uint8_t *)event->log : 0;
}

static void open_listening(struct th_fake *fake, struct heard *heard)
{
	*heard = (struct heard){ 0 };
	th_fake_init(fake);
	fake->id.aerl = 7;
	fake->id.oaes = nvme_le32(NVME_MASK(NVME_ID_CTRL_OAES_NS_ATTRIBUTE));
	ck_assert_int_eq(th_fake_start(fake), 0);
	nvl_set_event_handler(fake->ctrl, hear, heard);
}

START_TEST(as_many_requests_wait_as_aerl_allows)
{
	/* Base 2.0 5.2: AERL is 0's based; 4 slots are for events. */
	static const unsigned int expected[] = { 1, 2, 3, 4, 4 };
	struct th_fake fake;

	th_fake_init(&fake);
	fake.id.aerl = (uint8_t)_i;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(fake.aer_count, expected[_i]);
	ck_assert_uint_eq(fake.feature_dw11[NVME_FID_ASYNC_EVENT_CONFIG] & 0xff, 0x3f);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(fake.aer_count, expected[_i]);
	th_fake_done(&fake);
}
END_TEST

START_TEST(no_events_by_configuration)
{
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.events = 0;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(fake.aer_count, 0);
	ck_assert_uint_eq(fake.features_set[NVME_FID_ASYNC_EVENT_CONFIG], 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(event_requests_never_starve_commands_nor_time_out)
{
	/* Their slots are a reserve; a day passes. */
	const struct nvl_identify identify = { .cns = NVME_CNS_CTRL };
	struct nvme_id_ctrl id;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.admin_entries = 8;
	fake.id.aerl = 7;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_queue_depth(nvl_admin_queue(fake.ctrl)), 4);
	fake.now += 86400 * SECOND;
	th_fake_steps(&fake, 2 * SECOND);
	for (unsigned int i = 0; i < 20; i++)
		ck_assert_int_eq(nvl_identify(fake.ctrl, &identify, &id), 0);
	ck_assert_uint_eq(fake.resets, 0);
	ck_assert_uint_eq(fake.aer_count, 1);
	th_fake_done(&fake);
}
END_TEST

struct known {
	uint32_t dw0;
	uint8_t type;
	uint8_t info;
	uint8_t lid;
};

static const struct known knowns[] = {
	{ NVME_AER_SMART_TEMPERATURE, 1, 1, 0x02 },
	{ NVME_AER_SMART_SPARE, 1, 2, 0x02 },
	{ NVME_AER_INVALID_DB_VALUE, 0, 1, 0x01 },
	{ NVME_AER_FW_ACTIVATION, 2, 1, 0x03 },
	{ NVME_AER_ANA_CHANGED, 2, 3, 0x0c },
	{ NVME_AER_RESV_LOG_AVAILABLE, 6, 0, 0x80 },
	{ 0xd55507, 7, 0x55, 0xd5 }, /* the vendor's */
};

START_TEST(an_event_is_told_with_its_log_and_armed_again)
{
	/* M06, Base 2.0 5.2: reading the log with RAE = 0 clears the event. */
	const struct known *known = &knowns[_i];
	struct heard heard;
	struct th_fake fake;

	open_listening(&fake, &heard);
	fake.log[known->lid][0] = 0x5a;
	ck_assert(th_fake_event(&fake, known->dw0));
	th_fake_steps(&fake, 0);
	ck_assert_uint_eq(heard.async, 1);
	ck_assert_uint_eq(heard.last_async.aer_type, known->type);
	ck_assert_uint_eq(heard.last_async.aer_info, known->info);
	ck_assert_uint_eq(heard.last_async.lid, known->lid);
	ck_assert_uint_eq(heard.log_byte, 0x5a);
	ck_assert_uint_eq(fake.logs_read[known->lid], 1);
	ck_assert(!fake.last_rae);
	ck_assert_uint_eq(fake.aer_count, 4);
	th_fake_done(&fake);
}
END_TEST

START_TEST(an_event_without_a_log_is_told)
{
	struct heard heard;
	struct th_fake fake;

	open_listening(&fake, &heard);
	ck_assert(th_fake_event(&fake, NVME_AER_SUBSYSTEM_SHUTDOWN));
	th_fake_steps(&fake, 0);
	ck_assert_uint_eq(heard.async, 1);
	ck_assert_ptr_null(heard.last_async.log);
	ck_assert_uint_eq(fake.aer_count, 4);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_log_that_cannot_be_read_is_done_without)
{
	struct heard heard;
	struct th_fake fake;

	open_listening(&fake, &heard);
	fake.admin_status[NVME_ADMIN_GET_LOG_PAGE] = NVME_SC_INVALID_LOG_PAGE | NVME_DNR;
	ck_assert(th_fake_event(&fake, 0xd55507));
	th_fake_steps(&fake, 0);
	ck_assert_uint_eq(heard.async, 1);
	ck_assert_ptr_null(heard.last_async.log);
	th_fake_done(&fake);
}
END_TEST

START_TEST(changed_namespaces_are_read_again)
{
	/* C14, A08, A09: whatever the list says, all ones or nothing: a full rescan. */
	struct heard heard;
	struct th_fake fake;

	open_listening(&fake, &heard);
	memset(fake.log[NVME_LID_CHANGED_NS], _i == 0 ? 0xff : 0, 4);
	fake.nsids[0] = 2;
	fake.nsids[1] = 5;
	ck_assert(th_fake_event(&fake, NVME_AER_NS_CHANGED));
	th_fake_steps(&fake, 0);
	ck_assert_uint_eq(nvl_ns_count(fake.ctrl), 2);
	ck_assert_ptr_null(nvl_ns_find(fake.ctrl, 1));
	ck_assert_uint_eq(heard.async, 1);
	ck_assert_uint_eq(heard.count, 4);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_namespace_that_grew_is_told)
{
	/* A09: NSZE. */
	struct heard heard;
	struct th_fake fake;

	open_listening(&fake, &heard);
	fake.ns.nsze = nvme_le64(4096);
	ck_assert(th_fake_event(&fake, NVME_AER_NS_CHANGED));
	th_fake_steps(&fake, 0);
	ck_assert_uint_eq(heard.last.type, NVL_EVENT_NS_RESIZED);
	ck_assert_uint_eq(heard.last.before, 2048);
	ck_assert_uint_eq(heard.last.after, 4096);
	ck_assert_uint_eq(nvl_ns_at(fake.ctrl, 0)->nsze, 4096);
	th_fake_done(&fake);
}
END_TEST

static const uint16_t errors[] = { NVME_SC_INVALID_OPCODE, NVME_SC_INTERNAL_ERROR,
				   NVME_SC_AER_LIMIT_EXCEEDED };

START_TEST(requests_that_fail_are_not_repeated_for_ever)
{
	/* C10: 0/01h, 0/06h, 1/05h; I/O is unaffected. */
	struct th_fake_ending ending = { 0 };
	unsigned int before;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.id.aerl = 3;
	fake.admin_status[NVME_ADMIN_ASYNC_EVENT_REQUEST] = errors[_i];
	ck_assert_int_eq(th_fake_start(&fake), 0);
	th_fake_steps(&fake, 600 * SECOND);
	before = fake.queues[0].sq_writes;
	ck_assert_uint_lt(before, 40);
	th_fake_steps(&fake, 600 * SECOND);
	ck_assert_uint_eq(fake.queues[0].sq_writes, before);
	th_fake_submit(&fake, &ending);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(nvl_queue(fake.ctrl, 0), 0);
	ck_assert_int_eq(ending.result, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_request_that_failed_once_is_armed_again_after_a_while)
{
	/* C10. */
	struct heard heard;
	struct th_fake fake;

	open_listening(&fake, &heard);
	ck_assert(th_fake_event_error(&fake, NVME_SC_INTERNAL_ERROR));
	th_fake_steps(&fake, 0);
	ck_assert_uint_eq(fake.aer_count, 3);
	th_fake_steps(&fake, 3 * SECOND);
	ck_assert_uint_eq(fake.aer_count, 4);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_storm_of_events_is_slowed_down)
{
	/* C11: at most so many in a second, and all of them in the end. */
	struct heard heard;
	struct th_fake fake;
	unsigned int sent = 0;

	open_listening(&fake, &heard);
	for (unsigned int i = 0; i < 100; i++) {
		sent += th_fake_event(&fake, NVME_AER_SMART_TEMPERATURE);
		th_fake_steps(&fake, 0);
	}
	ck_assert_uint_lt(sent, 25);
	ck_assert_uint_eq(heard.async, sent);
	th_fake_steps(&fake, 2 * SECOND);
	ck_assert_uint_eq(fake.aer_count, 4);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_log_that_is_not_answered_is_a_reset)
{
	/* E03: the event's own command hangs. */
	struct heard heard;
	struct th_fake fake;

	open_listening(&fake, &heard);
	fake.admin_silent[NVME_ADMIN_GET_LOG_PAGE] = true;
	ck_assert(th_fake_event(&fake, NVME_AER_SMART_SPARE));
	th_fake_steps(&fake, 70 * SECOND);
	ck_assert_uint_eq(fake.resets, 1);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	ck_assert_uint_eq(fake.aer_count, 4);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_shutdown_may_come_while_a_log_is_read)
{
	struct heard heard;
	struct th_fake fake;

	open_listening(&fake, &heard);
	fake.admin_silent_once = NVME_ADMIN_GET_LOG_PAGE;
	ck_assert(th_fake_event(&fake, NVME_AER_SMART_SPARE));
	ck_assert(nvl_step(fake.ctrl));
	ck_assert_int_eq(_i == 0 ? nvl_reset(fake.ctrl) : nvl_stop(fake.ctrl), 0);
	ck_assert_uint_eq(heard.async, 0);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_events");
	TCase *tcase = tcase_create("events");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, as_many_requests_wait_as_aerl_allows, 0, 5);
	tcase_add_test(tcase, no_events_by_configuration);
	tcase_add_test(tcase, event_requests_never_starve_commands_nor_time_out);
	tcase_add_loop_test(tcase, an_event_is_told_with_its_log_and_armed_again, 0,
			    sizeof(knowns) / sizeof(knowns[0]));
	tcase_add_test(tcase, an_event_without_a_log_is_told);
	tcase_add_test(tcase, a_log_that_cannot_be_read_is_done_without);
	tcase_add_loop_test(tcase, changed_namespaces_are_read_again, 0, 2);
	tcase_add_test(tcase, a_namespace_that_grew_is_told);
	tcase_add_loop_test(tcase, requests_that_fail_are_not_repeated_for_ever, 0, 3);
	tcase_add_test(tcase, a_request_that_failed_once_is_armed_again_after_a_while);
	tcase_add_test(tcase, a_storm_of_events_is_slowed_down);
	tcase_add_test(tcase, a_log_that_is_not_answered_is_a_reset);
	tcase_add_loop_test(tcase, a_shutdown_may_come_while_a_log_is_read, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
