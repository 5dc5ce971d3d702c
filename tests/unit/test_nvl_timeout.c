/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/timeout.c: commands that are late. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

#define SECOND UINT64_C(1000000000)

START_TEST(a_late_request_that_cannot_be_aborted_ends_with_the_reset)
{
	struct th_fake_ending late = { 0 }, young = { 0 };
	struct nvl_queue *queue;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.admin_entries = 2; /* No slot to spare for an Abort. */
	ck_assert_int_eq(th_fake_start(&fake), 0);
	queue = nvl_queue(fake.ctrl, 0);
	th_fake_submit(&fake, &late);
	ck_assert_uint_eq(nvl_tick(queue), 0);
	fake.now += 29 * SECOND;
	ck_assert_uint_eq(nvl_tick(queue), 0);
	th_fake_submit(&fake, &young);
	fake.now += SECOND;
	ck_assert_uint_eq(nvl_tick(queue), 1);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_FAILED);
	ck_assert_uint_eq(late.done, 0);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(late.done, 1);
	ck_assert_int_eq(late.result, -NVL_ETIMEDOUT);
	ck_assert_uint_eq(young.done, 1);
	ck_assert_int_eq(young.result, -NVL_ECANCELED);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_completion_that_nobody_noticed_is_found_before_the_timeout_counts)
{
	/* A lost interrupt is not a lost command. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	nvl_tick(nvl_queue(fake.ctrl, 0));
	th_fake_complete(&fake, 1, 0);
	fake.now += 3600 * SECOND;
	ck_assert_uint_eq(nvl_tick(nvl_queue(fake.ctrl, 0)), 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_late_completion_is_still_a_completion)
{
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	nvl_tick(nvl_queue(fake.ctrl, 0));
	fake.now += 30 * SECOND;
	ck_assert_uint_eq(nvl_tick(nvl_queue(fake.ctrl, 0)), 1);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(nvl_queue(fake.ctrl, 0), 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, 0);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(ending.done, 1);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_wait_that_is_late_aborts_its_command)
{
	/* Q03: one completion, with the status of the abortion. */
	struct nvl_io io;
	struct th_fake fake;
	uint64_t start;

	th_fake_open(&fake);
	io = th_fake_io(&fake, 0);
	start = fake.now;
	ck_assert_int_eq(nvl_read_wait(nvl_queue(fake.ctrl, 0), &io), NVME_SC_ABORT_REQUESTED);
	ck_assert_uint_eq(fake.now - start, 30 * SECOND);
	ck_assert_uint_eq(fake.aborts_seen, 1);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	ck_assert_uint_eq(nvl_queue_outstanding(nvl_queue(fake.ctrl, 0)), 0);
	ck_assert_uint_eq(nvl_counters(nvl_queue(fake.ctrl, 0))->timeouts, 1);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_wait_that_is_late_resets_the_controller_before_it_returns)
{
	/* C06, D12: the Abort is refused; the buffer is safe when the call returns. */
	struct nvl_io io;
	struct th_fake fake;

	th_fake_open(&fake);
	fake.abort = TH_ABORT_REFUSED;
	io = th_fake_io(&fake, 0);
	ck_assert_int_eq(nvl_read_wait(nvl_queue(fake.ctrl, 0), &io), -NVL_ETIMEDOUT);
	ck_assert_uint_eq(fake.resets, 1);
	ck_assert_uint_eq(nvl_queue_outstanding(nvl_queue(fake.ctrl, 0)), 0);
	th_fake_settle(&fake);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_cid_that_was_given_up_is_not_used_until_the_reset)
{
	/* A thread that only has the queue cannot disable the controller. */
	struct nvl_queue *queue;
	struct nvl_io io;
	struct th_fake fake;

	th_fake_open(&fake);
	queue = nvl_queue(fake.ctrl, 0);
	io = th_fake_io(&fake, 0);
	nvl_queue_claim(queue);
	ck_assert_int_eq(nvl_read_wait(queue, &io), -NVL_ETIMEDOUT);
	ck_assert_uint_eq(fake.cc & 1, 1);
	ck_assert_uint_eq(nvl_queue_outstanding(queue), 1);
	th_fake_complete(&fake, 1, 0);
	ck_assert_uint_eq(nvl_poll(queue, 0), 1);
	ck_assert_uint_eq(nvl_counters(queue)->late, 1);
	ck_assert_uint_eq(nvl_queue_outstanding(queue), 1);
	nvl_queue_release(queue);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(nvl_queue_outstanding(queue), 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_split_transfer_that_was_given_up_leaves_no_trace_after_the_reset)
{
	struct nvl_queue *queue;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.entries = 4;
	fake.config.max_transfer_bytes = NVL_PAGE_BYTES;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	queue = nvl_queue(fake.ctrl, 0);
	struct nvl_io io = th_fake_io(&fake, 0);

	io.nlb = 64;
	nvl_queue_claim(queue);
	ck_assert_int_eq(nvl_read_wait(queue, &io), -NVL_ETIMEDOUT);
	nvl_queue_release(queue);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(nvl_queue_outstanding(queue), 0);
	ck_assert_uint_eq(queue->join_first, NVL_NO_JOIN);
	for (unsigned int i = 0; i < queue->join_slots; i++)
		ck_assert(!queue->joins[i].used);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_timeout");
	TCase *tcase = tcase_create("late");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_late_request_that_cannot_be_aborted_ends_with_the_reset);
	tcase_add_test(tcase, a_completion_that_nobody_noticed_is_found_before_the_timeout_counts);
	tcase_add_test(tcase, a_late_completion_is_still_a_completion);
	tcase_add_test(tcase, a_wait_that_is_late_aborts_its_command);
	tcase_add_test(tcase, a_wait_that_is_late_resets_the_controller_before_it_returns);
	tcase_add_test(tcase, a_cid_that_was_given_up_is_not_used_until_the_reset);
	tcase_add_test(tcase, a_split_transfer_that_was_given_up_leaves_no_trace_after_the_reset);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
