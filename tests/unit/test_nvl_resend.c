/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/resend.c: what a reset finds outstanding is sent again, once, and nowhere else. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

#define SECOND UINT64_C(1000000000)
#define READS  6u

static void open_resending(struct th_fake *fake)
{
	th_fake_init(fake);
	fake->config.resend = true;
	ck_assert_int_eq(th_fake_start(fake), 0);
}

static struct nvl_queue *first_queue(struct th_fake *fake)
{
	return nvl_queue(fake->ctrl, 0);
}

static void submit(struct th_fake *fake, uint8_t opcode, struct th_fake_ending *ending)
{
	const struct nvme_sqe sqe = { .opcode = opcode, .nsid = nvme_le32(1) };

	ck_assert_int_eq(nvl_submit(first_queue(fake), &sqe, NULL, th_fake_count, ending), 0);
	nvl_ring(first_queue(fake));
}

START_TEST(commands_keep_their_data_and_get_other_cids)
{
	/* Q04: a completion of before the reset names nobody. The first two completed before it. */
	struct th_fake_ending endings[READS] = { 0 };
	struct nvme_sqe before[READS], after;
	struct nvl_io io;
	struct th_fake fake;

	open_resending(&fake);
	for (unsigned int i = 0; i < READS; i++) {
		io = th_fake_io(&fake, 10 + i);
		ck_assert_int_eq(nvl_read(first_queue(&fake), &io, th_fake_count, &endings[i]), 0);
	}
	nvl_ring(first_queue(&fake));
	for (unsigned int i = 0; i < READS; i++)
		before[i] = th_fake_fetch(&fake, 1);
	th_fake_answer(&fake, 1, &before[1], 0, 0);
	nvl_poll(first_queue(&fake), 0);
	th_fake_answer(&fake, 1, &before[0], 0, 0); /* seen by the reset */
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(endings[0].done, 1);
	ck_assert_uint_eq(nvl_queue_outstanding(first_queue(&fake)), READS - 2);
	ck_assert_uint_eq(fake.queues[1].sq_tail, READS - 2);
	for (unsigned int i = 2; i < READS; i++) {
		after = th_fake_fetch(&fake, 1);
		ck_assert_uint_eq(nvme_cpu32(after.cdw10), 10 + i);
		ck_assert_uint_eq(after.prp1.raw, before[i].prp1.raw);
		ck_assert_uint_eq(after.flags, before[i].flags);
		ck_assert_uint_ne(nvme_cpu16(after.cid), nvme_cpu16(before[i].cid));
		th_fake_answer(&fake, 1, &before[i], 0x281, 0);
		th_fake_answer(&fake, 1, &after, 0, i);
		nvl_poll(first_queue(&fake), 0);
		ck_assert_uint_eq(endings[i].done, 1);
		ck_assert_int_eq(endings[i].result, 0);
		ck_assert_uint_eq(endings[i].completion.dw0, i);
	}
	ck_assert_uint_eq(nvl_counters(first_queue(&fake))->idle_cid, READS - 2);
	ck_assert_uint_eq(nvl_queue_outstanding(first_queue(&fake)), 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(what_would_be_done_twice_is_canceled)
{
	/* C05: Zone Append is not sent again, the Write beside it is. */
	struct th_fake_ending append = { 0 }, write = { 0 };
	struct th_fake fake;

	open_resending(&fake);
	submit(&fake, 0x7d, &append);
	submit(&fake, NVME_CMD_WRITE, &write);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(append.done, 1);
	ck_assert_int_eq(append.result, -NVL_ECANCELED);
	ck_assert_uint_eq(write.done, 0);
	ck_assert_uint_eq(fake.queues[1].sq_tail, 1);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(first_queue(&fake), 0);
	ck_assert_uint_eq(write.done, 1);
	th_fake_done(&fake);
}
END_TEST

START_TEST(the_policy_and_the_number_of_attempts_decide)
{
	/* Not sent again: without the option, by a policy without the row, after max_retries. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.resend = _i != 0;
	fake.config.policy = _i == 1 ? NVL_POLICY_SPDK : NVL_POLICY_OURS;
	fake.config.max_retries = _i == 2 ? 3 : 4;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	submit(&fake, NVME_CMD_READ, &ending);
	for (unsigned int i = 0; i < 3; i++)
		ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(ending.done, _i < 2);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(ending.done, _i < 3);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, -NVL_ECANCELED);
	ck_assert_uint_eq(nvl_queue_outstanding(first_queue(&fake)), 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_late_command_is_not_sent_again)
{
	struct th_fake_ending late = { 0 }, young = { 0 };
	struct th_fake fake;

	open_resending(&fake);
	fake.abort = TH_ABORT_REFUSED;
	submit(&fake, NVME_CMD_READ, &late);
	th_fake_steps(&fake, 20 * SECOND);
	submit(&fake, NVME_CMD_READ, &young);
	th_fake_steps(&fake, 13 * SECOND);
	ck_assert_uint_eq(fake.resets, 1);
	ck_assert_uint_eq(late.done, 1);
	ck_assert_int_eq(late.result, -NVL_ETIMEDOUT);
	ck_assert_uint_eq(young.done, 0);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(first_queue(&fake), 0);
	ck_assert_uint_eq(young.done, 1);
	ck_assert_int_eq(young.result, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(nothing_is_sent_to_another_namespace)
{
	/* C13: its blocks changed in the reset. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	open_resending(&fake);
	submit(&fake, NVME_CMD_WRITE, &ending);
	memset(fake.ns.nguid, 0x77, sizeof(fake.ns.nguid));
	if (_i)
		fake.nsids[0] = 5;
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(fake.queues[1].sq_tail, 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, -NVL_ECANCELED);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_queue_that_is_lost_or_shorter_ends_what_it_has_no_room_for)
{
	/* Q27: fewer queues; R09: fewer entries. */
	struct th_fake_ending first = { 0 }, fourth = { 0 };
	struct nvl_queue *last;
	struct nvl_io io;
	struct th_fake fake;

	open_resending(&fake);
	io = th_fake_io(&fake, 0);
	last = nvl_queue(fake.ctrl, 3);
	for (unsigned int i = 0; i < 6; i++)
		submit(&fake, NVME_CMD_READ, &first);
	ck_assert_int_eq(nvl_read(last, &io, th_fake_count, &fourth), 0);
	nvl_ring(last);
	fake.granted = 2;
	fake.cap = NVME_WITH64(fake.cap, NVME_CAP_MQES, 3);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(fourth.done, 1);
	ck_assert_int_eq(fourth.result, -NVL_ECANCELED);
	ck_assert_uint_eq(first.done, 3);
	ck_assert_uint_eq(fake.queues[1].sq_tail, 3);
	for (unsigned int i = 0; i < 3; i++)
		th_fake_complete(&fake, 1, 0);
	nvl_poll(first_queue(&fake), 0);
	ck_assert_uint_eq(first.done, 6);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_reset_that_is_tried_again_keeps_them_and_one_that_fails_ends_them)
{
	/* E03: CFS once while it comes up again, or for ever. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	open_resending(&fake);
	submit(&fake, NVME_CMD_READ, &ending);
	fake.fatal_enables = _i ? TH_FAKE_FOREVER : 2;
	ck_assert_int_eq(nvl_reset(fake.ctrl), _i ? -NVL_EPROTO : 0);
	ck_assert_uint_eq(nvl_rung_count(fake.ctrl, NVL_RUNG_RESET_AGAIN), 1);
	ck_assert_uint_eq(ending.done, (unsigned int)_i);
	if (_i) {
		ck_assert_int_eq(ending.result, -NVL_ECANCELED);
	} else {
		th_fake_complete(&fake, 1, 0);
		nvl_poll(first_queue(&fake), 0);
		ck_assert_int_eq(ending.result, 0);
	}
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_uint_eq(nvl_queue_outstanding(first_queue(&fake)), 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_claimed_queue_sends_again_from_its_thread)
{
	/* The owner's steps and the thread's polls, in turn. */
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *queue;
	struct th_fake fake;

	open_resending(&fake);
	queue = first_queue(&fake);
	nvl_queue_claim(queue);
	submit(&fake, NVME_CMD_READ, &ending);
	ck_assert_int_eq(nvl_begin(fake.ctrl, NVL_OP_RESET), 0);
	while (nvl_step(fake.ctrl)) {
		nvl_poll(queue, 0);
		fake.now += TH_FAKE_MSEC;
	}
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	ck_assert_uint_eq(fake.queues[1].sq_tail, 0);
	nvl_poll(queue, 0);
	ck_assert_uint_eq(fake.queues[1].sq_tail, 1);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(queue, 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, 0);
	nvl_queue_release(queue);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_reset_that_follows_at_once_finds_what_a_thread_has_not_sent_yet)
{
	/* The thread comes after the first reset, before the second one asks it to park. */
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *queue;
	struct th_fake fake;

	open_resending(&fake);
	queue = first_queue(&fake);
	nvl_queue_claim(queue);
	submit(&fake, NVME_CMD_READ, &ending);
	for (int resets = 0; resets < 2; resets++) {
		ck_assert_int_eq(nvl_begin(fake.ctrl, NVL_OP_RESET), 0);
		nvl_poll(queue, 0);
		ck_assert_uint_eq(ending.done, 0);
		while (nvl_step(fake.ctrl)) {
			nvl_poll(queue, 0);
			fake.now += TH_FAKE_MSEC;
		}
		ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	}
	ck_assert_uint_eq(fake.queues[1].sq_tail, 0);
	nvl_poll(queue, 0);
	ck_assert_uint_eq(fake.queues[1].sq_tail, 1);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(queue, 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, 0);
	nvl_queue_release(queue);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_removal_ends_what_was_kept)
{
	/* R07: the device goes while it is being reset. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	open_resending(&fake);
	submit(&fake, NVME_CMD_READ, &ending);
	fake.ready_nsec = NVL_NEVER;
	ck_assert_int_eq(nvl_begin(fake.ctrl, NVL_OP_RESET), 0);
	nvl_step(fake.ctrl);
	ck_assert_uint_eq(ending.done, 0);
	fake.all_ones = TH_FAKE_FOREVER;
	fake.config_gone = true;
	th_fake_steps(&fake, SECOND);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_GONE);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_uint_eq(nvl_queue_outstanding(fake.ctrl->queues[1]), 0);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_resend");
	TCase *tcase = tcase_create("resend");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, commands_keep_their_data_and_get_other_cids);
	tcase_add_test(tcase, what_would_be_done_twice_is_canceled);
	tcase_add_loop_test(tcase, the_policy_and_the_number_of_attempts_decide, 0, 4);
	tcase_add_test(tcase, a_late_command_is_not_sent_again);
	tcase_add_loop_test(tcase, nothing_is_sent_to_another_namespace, 0, 2);
	tcase_add_test(tcase, a_queue_that_is_lost_or_shorter_ends_what_it_has_no_room_for);
	tcase_add_loop_test(
		tcase, a_reset_that_is_tried_again_keeps_them_and_one_that_fails_ends_them, 0, 2);
	tcase_add_test(tcase, a_claimed_queue_sends_again_from_its_thread);
	tcase_add_test(tcase, a_reset_that_follows_at_once_finds_what_a_thread_has_not_sent_yet);
	tcase_add_test(tcase, a_removal_ends_what_was_kept);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
