/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/complete.c, poll.c, request.c: completions that lie. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

/* A completion that is right for the last submitted command but for what a test changes. */
static struct nvme_cqe good_cqe(struct th_fake *fake)
{
	struct nvme_sqe sqe = th_fake_fetch(fake, 1);

	return (struct nvme_cqe){
		.sqhd = nvme_le16((uint16_t)fake->queues[1].sq_head),
		.sqid = nvme_le16(1),
		.cid = sqe.cid,
	};
}

START_TEST(status_and_dwords_arrive_whole)
{
	/* Base 2.0 3.3.3.2: SCT, SC, CRD, More, DNR. */
	struct th_fake_ending ending = { 0 };
	struct nvme_cqe cqe;
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	cqe = good_cqe(&fake);
	cqe.dw0 = nvme_le32(0x11223344);
	cqe.dw1 = nvme_le32(0x55667788);
	cqe.status = nvme_le16(nvme_cqe_word(0x7a81, false));
	th_fake_post(&fake, 1, cqe);
	ck_assert_uint_eq(nvl_poll(nvl_queue(fake.ctrl, 0), 0), 1);
	ck_assert_int_eq(ending.result, 0x7a81);
	ck_assert_uint_eq(ending.completion.status, 0x7a81);
	ck_assert_uint_eq(ending.completion.dw0, 0x11223344);
	ck_assert_uint_eq(ending.completion.dw1, 0x55667788);
	th_fake_done(&fake);
}
END_TEST

START_TEST(success_with_more_is_success)
{
	struct th_fake_ending ending = { 0 };
	struct nvme_cqe cqe;
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	cqe = good_cqe(&fake);
	cqe.status = nvme_le16(nvme_cqe_word(NVME_MORE, false));
	th_fake_post(&fake, 1, cqe);
	nvl_poll(nvl_queue(fake.ctrl, 0), 0);
	ck_assert_int_eq(ending.result, 0);
	ck_assert_uint_eq(ending.completion.status, NVME_MORE);
	th_fake_done(&fake);
}
END_TEST

static const uint16_t bad_cids[] = { 0xffff, 63, 0x7f, 0x3fff, 0x8000, 62 };

START_TEST(an_unknown_cid_is_counted_and_completes_nothing)
{
	struct th_fake_ending ending = { 0 };
	const struct nvl_counters *counters;
	struct nvme_cqe cqe;
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	cqe = good_cqe(&fake);
	cqe.cid = nvme_le16(bad_cids[_i]);
	th_fake_post(&fake, 1, cqe);
	ck_assert_uint_eq(nvl_poll(nvl_queue(fake.ctrl, 0), 0), 1);
	counters = nvl_counters(nvl_queue(fake.ctrl, 0));
	ck_assert_uint_eq(counters->bad_cid + counters->idle_cid, 1);
	ck_assert_uint_eq(ending.done, 0);
	ck_assert_uint_eq(nvl_queue_outstanding(nvl_queue(fake.ctrl, 0)), 1);
	th_fake_done(&fake);
}
END_TEST

START_TEST(another_sqid_is_counted_and_completes_nothing)
{
	struct th_fake_ending ending = { 0 };
	struct nvme_cqe cqe, wrong;
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	cqe = good_cqe(&fake);
	wrong = cqe;
	wrong.sqid = nvme_le16(_i == 0 ? 2 : 0xffff);
	th_fake_post(&fake, 1, wrong);
	th_fake_post(&fake, 1, cqe);
	ck_assert_uint_eq(nvl_poll(nvl_queue(fake.ctrl, 0), 0), 2);
	ck_assert_uint_eq(nvl_counters(nvl_queue(fake.ctrl, 0))->bad_sqid, 1);
	ck_assert_uint_eq(ending.done, 1);
	th_fake_done(&fake);
}
END_TEST

/* Three commands are rung and one is fetched: SQHD may be 1, 2 or 3. */
static const uint16_t bad_sqhds[] = { 4, 63, 64, 0xffff };

START_TEST(an_sqhd_that_cannot_be_is_not_adopted)
{
	/* Base 2.0 3.3.3.2: SQHD. */
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *queue;
	struct nvme_cqe cqe;
	struct th_fake fake;

	th_fake_open(&fake);
	queue = nvl_queue(fake.ctrl, 0);
	for (unsigned int i = 0; i < 3; i++)
		th_fake_submit(&fake, &ending);
	cqe = good_cqe(&fake);
	cqe.sqhd = nvme_le16(bad_sqhds[_i]);
	th_fake_post(&fake, 1, cqe);
	ck_assert_uint_eq(nvl_poll(queue, 0), 1);
	ck_assert_uint_eq(nvl_counters(queue)->bad_sqhd, 1);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_uint_eq(queue->head, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(an_sqhd_that_goes_back_is_not_adopted)
{
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *queue;
	struct nvme_cqe cqe;
	struct th_fake fake;

	th_fake_open(&fake);
	queue = nvl_queue(fake.ctrl, 0);
	for (unsigned int i = 0; i < 3; i++)
		th_fake_submit(&fake, &ending);
	th_fake_complete(&fake, 1, 0);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(queue, 0);
	th_fake_submit(&fake, &ending);
	cqe = good_cqe(&fake);
	cqe.sqhd = nvme_le16(1);
	th_fake_post(&fake, 1, cqe);
	nvl_poll(queue, 0);
	ck_assert_uint_eq(nvl_counters(queue)->bad_sqhd, 1);
	ck_assert_uint_eq(queue->head, 2);
	th_fake_done(&fake);
}
END_TEST

START_TEST(an_sqhd_that_stands_still_fills_the_queue_and_overwrites_nothing)
{
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *queue;
	struct nvl_io io;
	struct th_fake fake;
	int result = 0;

	th_fake_init(&fake);
	fake.config.entries = 8;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	queue = nvl_queue(fake.ctrl, 0);
	io = th_fake_io(&fake, 0);
	th_fake_submit(&fake, &ending);
	for (unsigned int i = 0; i < 16 && result == 0; i++) {
		struct nvme_cqe cqe;

		result = nvl_read(queue, &io, th_fake_count, &ending);
		if (result)
			break;
		nvl_ring(queue);
		cqe = good_cqe(&fake);
		cqe.sqhd = nvme_le16(0);
		th_fake_post(&fake, 1, cqe);
		nvl_poll(queue, 0);
	}
	ck_assert_int_eq(result, -NVL_EAGAIN);
	ck_assert_uint_eq(ending.done, 6);
	ck_assert_uint_eq(nvl_queue_outstanding(queue), 1);
	/* The last one outstanding completes, so all of the queue was fetched. */
	struct nvme_cqe last = good_cqe(&fake);

	last.sqhd = nvme_le16(0);
	th_fake_post(&fake, 1, last);
	nvl_poll(queue, 0);
	ck_assert_int_eq(nvl_read(queue, &io, th_fake_count, &ending), 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_completion_that_comes_twice_is_ignored)
{
	struct th_fake_ending ending = { 0 };
	struct nvme_cqe cqe;
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	cqe = good_cqe(&fake);
	th_fake_post(&fake, 1, cqe);
	th_fake_post(&fake, 1, cqe);
	ck_assert_uint_eq(nvl_poll(nvl_queue(fake.ctrl, 0), 0), 2);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_uint_eq(nvl_counters(nvl_queue(fake.ctrl, 0))->idle_cid, 1);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_completion_that_comes_twice_does_not_complete_the_next_command)
{
	/* The next command has the same slot and another CID. */
	struct th_fake_ending first = { 0 }, second = { 0 };
	struct nvme_cqe cqe;
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &first);
	cqe = good_cqe(&fake);
	th_fake_post(&fake, 1, cqe);
	nvl_poll(nvl_queue(fake.ctrl, 0), 0);
	th_fake_submit(&fake, &second);
	th_fake_post(&fake, 1, cqe);
	nvl_poll(nvl_queue(fake.ctrl, 0), 0);
	ck_assert_uint_eq(first.done, 1);
	ck_assert_uint_eq(second.done, 0);
	ck_assert_uint_eq(nvl_counters(nvl_queue(fake.ctrl, 0))->idle_cid, 1);
	th_fake_done(&fake);
}
END_TEST

START_TEST(an_entry_with_the_old_phase_is_not_seen)
{
	/* Base 2.0 3.3.3.2.2: phase tag. */
	struct th_fake_ending ending = { 0 };
	struct nvme_cqe cqe;
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	cqe = good_cqe(&fake);
	fake.queues[1].phase = false;
	th_fake_post(&fake, 1, cqe);
	ck_assert_uint_eq(nvl_poll(nvl_queue(fake.ctrl, 0), 0), 0);
	ck_assert_uint_eq(ending.done, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(completions_may_come_in_any_order)
{
	struct th_fake_ending ending[3] = { { 0 } };
	struct nvme_cqe cqes[3];
	struct th_fake fake;

	th_fake_open(&fake);
	for (unsigned int i = 0; i < 3; i++)
		th_fake_submit(&fake, &ending[i]);
	for (unsigned int i = 0; i < 3; i++)
		cqes[i] = good_cqe(&fake);
	for (unsigned int i = 0; i < 3; i++) {
		cqes[2 - i].sqhd = nvme_le16(3);
		th_fake_post(&fake, 1, cqes[2 - i]);
	}
	ck_assert_uint_eq(nvl_poll(nvl_queue(fake.ctrl, 0), 2), 2);
	ck_assert_uint_eq(ending[0].done, 0);
	ck_assert_uint_eq(ending[2].done, 1);
	ck_assert_uint_eq(nvl_poll(nvl_queue(fake.ctrl, 0), 2), 1);
	ck_assert_uint_eq(ending[0].done, 1);
	th_fake_done(&fake);
}
END_TEST

START_TEST(cids_in_use_are_unique_through_many_wraps)
{
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *queue;
	struct th_fake fake;
	uint32_t seen[4];

	th_fake_init(&fake);
	fake.config.entries = 5;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	queue = nvl_queue(fake.ctrl, 0);
	for (unsigned int round = 0; round < 50000; round++) {
		for (unsigned int i = 0; i < 4; i++)
			th_fake_submit(&fake, &ending);
		for (unsigned int i = 0; i < 4; i++) {
			struct nvme_cqe cqe = good_cqe(&fake);

			seen[i] = nvme_cpu16(cqe.cid);
			/* Not asserted one by one: each assertion that holds is a system call. */
			if (seen[i] == 0xffff)
				ck_abort_msg("CID FFFFh in round %u", round);
			for (unsigned int j = 0; j < i; j++) {
				if (seen[i] == seen[j])
					ck_abort_msg("CID %u twice in round %u", seen[i], round);
			}
			th_fake_post(&fake, 1, cqe);
		}
		if (nvl_poll(queue, 0) != 4)
			ck_abort_msg("a completion is missing in round %u", round);
	}
	ck_assert_uint_eq(ending.done, 200000);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_bad_completion_is_traced)
{
	struct th_fake_ending ending = { 0 };
	struct nvme_cqe cqe;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.trace = true;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	th_fake_submit(&fake, &ending);
	cqe = good_cqe(&fake);
	cqe.sqid = nvme_le16(9);
	th_fake_post(&fake, 1, cqe);
	nvl_poll(nvl_queue(fake.ctrl, 0), 0);
	ck_assert_uint_eq(fake.last_record.event, NVME_TRACE_NVL_BAD_CQE);
	ck_assert_uint_eq(fake.last_record.args[2], 9);
	th_fake_done(&fake);
}
END_TEST

START_TEST(without_a_trace_the_clock_is_not_read)
{
	/* A read from submit to callback asks nobody for anything. */
	struct th_fake_ending ending = { 0 };
	unsigned int calls;
	struct th_fake fake;

	th_fake_open(&fake);
	calls = fake.now_calls;
	th_fake_submit(&fake, &ending);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(nvl_queue(fake.ctrl, 0), 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_uint_eq(fake.now_calls, calls);
	th_fake_done(&fake);
}
END_TEST

static TCase *make_tcase(void)
{
	TCase *tcase = tcase_create("completions");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, status_and_dwords_arrive_whole);
	tcase_add_test(tcase, success_with_more_is_success);
	tcase_add_loop_test(tcase, an_unknown_cid_is_counted_and_completes_nothing, 0,
			    sizeof(bad_cids) / sizeof(bad_cids[0]));
	tcase_add_loop_test(tcase, another_sqid_is_counted_and_completes_nothing, 0, 2);
	tcase_add_loop_test(tcase, an_sqhd_that_cannot_be_is_not_adopted, 0,
			    sizeof(bad_sqhds) / sizeof(bad_sqhds[0]));
	tcase_add_test(tcase, an_sqhd_that_goes_back_is_not_adopted);
	tcase_add_test(tcase, an_sqhd_that_stands_still_fills_the_queue_and_overwrites_nothing);
	tcase_add_test(tcase, a_completion_that_comes_twice_is_ignored);
	tcase_add_test(tcase, a_completion_that_comes_twice_does_not_complete_the_next_command);
	tcase_add_test(tcase, an_entry_with_the_old_phase_is_not_seen);
	tcase_add_test(tcase, completions_may_come_in_any_order);
	tcase_add_test(tcase, cids_in_use_are_unique_through_many_wraps);
	tcase_add_test(tcase, a_bad_completion_is_traced);
	tcase_add_test(tcase, without_a_trace_the_clock_is_not_read);
	return tcase;
}

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_complete");

	suite_add_tcase(suite, make_tcase());
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
