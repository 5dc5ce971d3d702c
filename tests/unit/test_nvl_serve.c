/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/queues.c, stats.c, poll.c: queues that come and go, how they are served, counted. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

START_TEST(queues_shrink_and_grow_while_running)
{
	/* Base 2.0 5.4, 5.6: Delete and Create I/O queues. */
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *last;
	struct nvl_io io;
	struct th_fake fake;

	th_fake_open(&fake);
	io = th_fake_io(&fake, 0);
	last = nvl_queue(fake.ctrl, 3);
	th_fake_submit(&fake, &ending);
	ck_assert_int_eq(nvl_set_queues(fake.ctrl, 2), 0);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->queues, 2);
	ck_assert(!fake.queues[3].has_cq && !fake.queues[4].has_cq);
	ck_assert_ptr_null(nvl_queue(fake.ctrl, 3));
	ck_assert_int_eq(nvl_read(last, &io, th_fake_count, &ending), -NVL_ESHUTDOWN);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(nvl_queue(fake.ctrl, 0), 0);
	ck_assert_int_eq(ending.result, 0);
	ck_assert_int_eq(nvl_set_queues(fake.ctrl, 4), 0);
	ck_assert_ptr_eq(nvl_queue(fake.ctrl, 3), last);
	ck_assert_int_eq(nvl_read(last, &io, th_fake_count, &ending), 0);
	nvl_ring(last);
	th_fake_complete(&fake, 4, 0);
	ck_assert_uint_eq(nvl_poll(last, 0), 1);
	ck_assert_uint_eq(fake.resets, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_queue_in_use_is_not_taken_away)
{
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	ck_assert_int_eq(nvl_set_queues(fake.ctrl, 0), -NVL_EBUSY);
	ck_assert_int_eq(nvl_set_queues(fake.ctrl, 5), -NVL_EINVAL);
	nvl_queue_claim(nvl_queue(fake.ctrl, 2));
	ck_assert_int_eq(nvl_set_queues(fake.ctrl, 2), -NVL_EBUSY);
	ck_assert_int_eq(nvl_set_queues(fake.ctrl, 3), 0);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->queues, 3);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_number_of_queues_outlives_a_reset)
{
	struct th_fake fake;

	th_fake_open(&fake);
	ck_assert_int_eq(nvl_set_queues(fake.ctrl, 1), 0);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->queues, 1);
	ck_assert_int_eq(nvl_shutdown(fake.ctrl, false), 0);
	ck_assert_int_eq(nvl_set_queues(fake.ctrl, 3), 0);
	ck_assert_int_eq(nvl_start(fake.ctrl), 0);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->queues, 3);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_delete_that_is_refused_leaves_the_queue_in_use)
{
	/* Q21: a status, no reset. */
	struct th_fake_ending ending = { 0 };
	struct nvl_io io;
	struct th_fake fake;

	th_fake_open(&fake);
	io = th_fake_io(&fake, 0);
	fake.admin_status[NVME_ADMIN_DELETE_IO_SQ] = NVME_SC_INVALID_QUEUE_DELETION;
	ck_assert_int_eq(nvl_set_queues(fake.ctrl, 3), NVME_SC_INVALID_QUEUE_DELETION);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->queues, 4);
	ck_assert_int_eq(nvl_read(nvl_queue(fake.ctrl, 3), &io, th_fake_count, &ending), 0);
	ck_assert_uint_eq(fake.resets, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_queue_that_a_reset_took_says_so)
{
	/* Q27: a pointer to a lost queue is refused, and rings nothing. */
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *lost;
	struct nvl_io io;
	struct th_fake fake;

	th_fake_open(&fake);
	lost = nvl_queue(fake.ctrl, 3);
	fake.granted = 2;
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	io = th_fake_io(&fake, 0);
	ck_assert_int_eq(nvl_read(lost, &io, th_fake_count, &ending), -NVL_ESHUTDOWN);
	ck_assert_uint_eq(nvl_poll(lost, 0), 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(each_queue_is_served_in_its_own_way)
{
	/* Base 2.0 5.5: IEN of a polled queue is 0. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.vectors = 5;
	th_fake_make(&fake);
	ck_assert_int_eq(nvl_set_mode(fake.ctrl, 1, NVL_MODE_POLLED), 0);
	ck_assert_int_eq(nvl_set_mode(fake.ctrl, 2, NVL_MODE_HYBRID), 0);
	ck_assert_int_eq(nvl_set_mode(fake.ctrl, 4, NVL_MODE_POLLED), -NVL_EINVAL);
	ck_assert_int_eq(nvl_set_mode(fake.ctrl, 0, NVL_MODES), -NVL_EINVAL);
	ck_assert_int_eq(nvl_start(fake.ctrl), 0);
	ck_assert(fake.queues[1].ien);
	ck_assert(!fake.queues[2].ien);
	ck_assert(fake.queues[3].ien);
	ck_assert_uint_eq(nvl_queue_vector(nvl_queue(fake.ctrl, 1)), NVL_NO_VECTOR);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_hybrid_queue_is_polled_before_it_sleeps)
{
	struct nvl_queue *queue;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.vectors = 5;
	fake.config.spin_nsec = 5000;
	th_fake_make(&fake);
	ck_assert_int_eq(nvl_set_mode(fake.ctrl, 0, NVL_MODE_HYBRID), 0);
	ck_assert_int_eq(nvl_start(fake.ctrl), 0);
	queue = nvl_queue(fake.ctrl, 0);
	nvl_wait(queue, fake.now + 1000);
	ck_assert_uint_eq(fake.waited_vector, NVL_NO_VECTOR);
	fake.now += 5000;
	nvl_wait(queue, fake.now + 1000);
	ck_assert_uint_eq(fake.waited_vector, 1);
	th_fake_done(&fake);
}
END_TEST

START_TEST(priorities_count_where_arbitration_is_weighted)
{
	/* Base 2.0 3.4.4.2, 5.5: CC.AMS, QPRIO. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.weighted = true;
	if (_i)
		fake.cap |= NVME_PUT64(NVME_CAP_AMS_WRR, 1);
	th_fake_make(&fake);
	ck_assert_int_eq(nvl_set_priority(fake.ctrl, 0, NVME_QPRIO_URGENT), 0);
	ck_assert_int_eq(nvl_set_priority(fake.ctrl, 9, NVME_QPRIO_LOW), -NVL_EINVAL);
	ck_assert_int_eq(nvl_start(fake.ctrl), 0);
	ck_assert_uint_eq(NVME_GET(fake.cc, NVME_CC_AMS), _i ? NVME_CC_AMS_WRR : NVME_CC_AMS_RR);
	ck_assert_uint_eq(fake.queues[1].priority, NVME_QPRIO_URGENT);
	ck_assert_uint_eq(fake.queues[2].priority, NVME_QPRIO_MEDIUM);
	th_fake_done(&fake);
}
END_TEST

START_TEST(commands_are_counted_and_measured)
{
	struct th_fake_ending ending = { 0 };
	const struct nvl_stats *stats;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.stats = true;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	stats = nvl_stats(nvl_queue(fake.ctrl, 0));
	th_fake_submit(&fake, &ending);
	fake.now += 1500;
	th_fake_complete(&fake, 1, 0);
	nvl_poll(nvl_queue(fake.ctrl, 0), 0);
	th_fake_submit(&fake, &ending);
	fake.now += 2048;
	th_fake_complete(&fake, 1, 0x281);
	nvl_poll(nvl_queue(fake.ctrl, 0), 0);
	ck_assert_uint_eq(stats->opcodes[NVME_CMD_READ].commands, 2);
	ck_assert_uint_eq(stats->opcodes[NVME_CMD_READ].errors, 1);
	ck_assert_uint_eq(stats->opcodes[NVME_CMD_READ].bytes, 1024);
	ck_assert_uint_eq(stats->latency[10], 1);
	ck_assert_uint_eq(stats->latency[11], 1);
	ck_assert_uint_eq(stats->opcodes[NVME_CMD_READ].latency[10], 1);
	ck_assert_uint_eq(stats->opcodes[NVME_CMD_READ].latency[11], 1);
	ck_assert_uint_eq(stats->opcodes[NVME_CMD_READ].latency_nsec, 3548);
	ck_assert_uint_eq(stats->opcodes[NVME_CMD_WRITE].latency_nsec, 0);
	ck_assert_uint_eq(stats->latency_nsec, 3548);
	ck_assert_uint_eq(stats->latency_max_nsec, 2048);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_vector_sums_what_its_queues_did)
{
	/* Base 2.0 5.5: IV. Four queues share two vectors, the admin queue has its own. */
	struct th_fake_ending ending = { 0 };
	struct nvl_vector_stats stats;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.vectors = 3;
	fake.vectors = 3;
	fake.config.stats = true;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	th_fake_submit(&fake, &ending);
	th_fake_submit(&fake, &ending);
	fake.now += 1000;
	th_fake_complete(&fake, 1, 0);
	nvl_poll(nvl_queue(fake.ctrl, 0), 0);
	nvl_wait(nvl_queue(fake.ctrl, 2), fake.now);
	ck_assert_int_eq(nvl_vector_stats(fake.ctrl, 1, &stats), 0);
	ck_assert_uint_eq(stats.queues, 2);
	ck_assert_uint_eq(stats.depth, 2 * nvl_queue_depth(nvl_queue(fake.ctrl, 0)));
	ck_assert_uint_eq(stats.outstanding, 1);
	ck_assert_uint_eq(stats.submitted, 2);
	ck_assert_uint_eq(stats.completed, 1);
	ck_assert_uint_eq(stats.waits, 1);
	ck_assert_uint_eq(stats.bytes, 1024);
	ck_assert_uint_eq(stats.latency[9], 1);
	ck_assert_uint_eq(stats.latency_max_nsec, 1000);
	ck_assert_int_eq(nvl_vector_stats(fake.ctrl, 2, &stats), 0);
	ck_assert_uint_eq(stats.queues, 2);
	ck_assert_uint_eq(stats.submitted, 0);
	ck_assert_int_eq(nvl_vector_stats(fake.ctrl, 0, &stats), 0);
	ck_assert_uint_eq(stats.queues, 1);
	ck_assert_int_eq(nvl_vector_stats(fake.ctrl, 3, &stats), -NVL_EINVAL);
	ck_assert_int_eq(nvl_vector_stats(fake.ctrl, NVL_NO_VECTOR, &stats), -NVL_EINVAL);
	th_fake_done(&fake);
}
END_TEST

START_TEST(statistics_cost_nothing_when_they_are_off)
{
	struct th_fake_ending ending = { 0 };
	unsigned int calls;
	struct th_fake fake;

	th_fake_open(&fake);
	ck_assert_ptr_null(nvl_stats(nvl_queue(fake.ctrl, 0)));
	calls = fake.now_calls;
	th_fake_submit(&fake, &ending);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(nvl_queue(fake.ctrl, 0), 0);
	ck_assert_uint_eq(fake.now_calls, calls);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_serve");
	TCase *tcase = tcase_create("queues");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, queues_shrink_and_grow_while_running);
	tcase_add_test(tcase, a_queue_in_use_is_not_taken_away);
	tcase_add_test(tcase, a_number_of_queues_outlives_a_reset);
	tcase_add_test(tcase, a_delete_that_is_refused_leaves_the_queue_in_use);
	tcase_add_test(tcase, a_queue_that_a_reset_took_says_so);
	tcase_add_test(tcase, each_queue_is_served_in_its_own_way);
	tcase_add_test(tcase, a_hybrid_queue_is_polled_before_it_sleeps);
	tcase_add_loop_test(tcase, priorities_count_where_arbitration_is_weighted, 0, 2);
	tcase_add_test(tcase, commands_are_counted_and_measured);
	tcase_add_test(tcase, a_vector_sums_what_its_queues_did);
	tcase_add_test(tcase, statistics_cost_nothing_when_they_are_off);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
