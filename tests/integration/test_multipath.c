/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/multipath.c: two controllers of one subsystem, paths that come and go. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/integration/twin.h"

struct paths {
	struct th_twin twin;
	struct nvl_mp *mp;
	const struct nvl_buffer *buffers[TH_TWINS];
	struct th_ending ending;
};

static void on_event(void *arg, const struct nvl_event *event)
{
	struct paths *p = arg;

	for (uint32_t i = 0; i < TH_TWINS; i++)
		nvl_mp_event(p->mp, i, event);
}

static void begin(struct paths *p, enum nvl_mp_policy policy)
{
	struct nvl_mp_config config;

	*p = (struct paths){ 0 };
	th_twin_open(&p->twin);
	nvl_mp_config_init(&config);
	config.policy = policy;
	config.requests = 32;
	p->mp = nvl_mp_init(aligned_alloc(64, (nvl_mp_size(&config) + 63) & ~(size_t)63), &config);
	for (uint32_t i = 0; i < TH_TWINS; i++) {
		struct nvl_ctrl *ctrl = p->twin.side[i].ctrl;

		p->buffers[i] = &p->twin.buffer;
		ck_assert_int_eq(nvl_mp_add(p->mp, ctrl, nvl_queue(ctrl, 0)), (int)i);
		nvl_set_event_handler(ctrl, on_event, p);
	}
	th_ok(nvl_mp_update(p->mp, true));
}

static void end(struct paths *p)
{
	ck_assert_uint_eq(nvl_mp_outstanding(p->mp), 0);
	free(p->mp);
	th_twin_close(&p->twin);
}

/* One more transfer of a block, number @at. */
static void start(struct paths *p, bool write, uint32_t at)
{
	const struct nvl_mp_io io = {
		.nsid = 1, .slba = at, .nlb = 1, .buffers = p->buffers, .offset = at * 512
	};

	th_ok(write ? nvl_mp_write(p->mp, &io, th_count, &p->ending)
		    : nvl_mp_read(p->mp, &io, th_count, &p->ending));
}

/* Goes on until @done transfers called back; logs are read when they have to be. */
static void finish(struct paths *p, unsigned int done)
{
	for (unsigned int turn = 0; p->ending.done < done; turn++) {
		ck_assert_msg(turn < 100000, "%u of %u transfers ended", p->ending.done, done);
		if (nvl_mp_poll(p->mp) == 0)
			emu_device_run(p->twin.device, 1000);
		if (nvl_mp_stale(p->mp))
			nvl_mp_update(p->mp, false);
	}
}

static uint64_t started(const struct paths *p, uint32_t path)
{
	return nvl_mp_counters(p->mp, path)->started;
}

START_TEST(round_robin_takes_turns)
{
	/* Base 2.0 8.1: both paths are optimized. */
	struct paths p;

	begin(&p, NVL_MP_ROUND_ROBIN);
	for (uint32_t i = 0; i < 10; i++)
		start(&p, true, i);
	finish(&p, 10);
	ck_assert_uint_eq(started(&p, 0), 5);
	ck_assert_uint_eq(started(&p, 1), 5);
	ck_assert_uint_eq(p.ending.errors, 0);
	end(&p);
}
END_TEST

START_TEST(failover_stays_on_one_path)
{
	struct paths p;

	begin(&p, NVL_MP_FAILOVER);
	for (uint32_t i = 0; i < 10; i++)
		start(&p, false, i);
	finish(&p, 10);
	ck_assert_uint_eq(started(&p, 0), 10);
	ck_assert_uint_eq(started(&p, 1), 0);
	end(&p);
}
END_TEST

START_TEST(queue_depth_takes_the_shorter_queue)
{
	/* The first queue has five reads that nobody rang for. */
	struct paths p;
	struct th_ending other = { 0 };

	begin(&p, NVL_MP_QUEUE_DEPTH);
	struct nvl_queue *busy = nvl_queue(p.twin.side[0].ctrl, 0);
	const struct nvl_io io = { .ns = nvl_ns_at(p.twin.side[0].ctrl, 0),
				   .nlb = 1,
				   .buffer = &p.twin.buffer };

	for (uint32_t i = 0; i < 5; i++)
		th_ok(nvl_read(busy, &io, th_count, &other));
	for (uint32_t i = 0; i < 5; i++)
		start(&p, false, i);
	ck_assert_uint_eq(started(&p, 0), 0);
	ck_assert_uint_eq(started(&p, 1), 5);
	start(&p, false, 5);
	start(&p, false, 6);
	ck_assert_uint_eq(started(&p, 0), 1);
	finish(&p, 7);
	ck_assert_uint_eq(other.done, 5);
	end(&p);
}
END_TEST

START_TEST(what_is_written_on_one_path_is_read_on_the_other)
{
	struct paths p;

	begin(&p, NVL_MP_ROUND_ROBIN);
	start(&p, true, 3);
	finish(&p, 1);
	uint8_t *expected = malloc(512);

	memcpy(expected, (uint8_t *)p.twin.buffer.data + 3 * 512, 512);
	memset((uint8_t *)p.twin.buffer.data + 3 * 512, 0, 512);
	start(&p, false, 3);
	finish(&p, 2);
	ck_assert_mem_eq((uint8_t *)p.twin.buffer.data + 3 * 512, expected, 512);
	ck_assert_uint_eq(started(&p, 0) * started(&p, 1), 1);
	free(expected);
	end(&p);
}
END_TEST

START_TEST(a_better_path_is_preferred)
{
	/* Base 2.0 8.1.1: optimized before non-optimized, whatever the policy. */
	struct paths p;

	begin(&p, (enum nvl_mp_policy)_i);
	th_twin_ana(&p.twin, 0, NVME_ANA_NON_OPTIMIZED);
	th_ok(nvl_mp_update(p.mp, true));
	ck_assert_uint_eq(nvl_mp_state(p.mp, 0, 1), NVL_MP_NON_OPTIMIZED);
	ck_assert_uint_eq(nvl_mp_state(p.mp, 1, 1), NVL_MP_OPTIMIZED);
	for (uint32_t i = 0; i < 6; i++)
		start(&p, false, i);
	finish(&p, 6);
	ck_assert_uint_eq(started(&p, 1), 6);
	end(&p);
}
END_TEST

START_TEST(a_path_that_became_inaccessible_costs_nobody_an_error)
{
	/* Base 2.0 8.1.3: 3/02h takes the transfer to the other path; the log is read again. */
	struct paths p;

	begin(&p, NVL_MP_ROUND_ROBIN);
	th_twin_ana(&p.twin, 0, (uint32_t)_i);
	for (uint32_t i = 0; i < 8; i++)
		start(&p, true, i);
	finish(&p, 8);
	ck_assert_uint_eq(p.ending.errors, 0);
	ck_assert_uint_gt(nvl_mp_counters(p.mp, 0)->failed, 0);
	ck_assert_uint_eq(nvl_mp_state(p.mp, 0, 1), NVL_MP_UNUSABLE);
	uint64_t before = started(&p, 0);

	start(&p, true, 9);
	start(&p, true, 10);
	finish(&p, 10);
	ck_assert_uint_eq(started(&p, 0), before);
	end(&p);
}
END_TEST

START_TEST(a_path_that_comes_back_is_used_again)
{
	/* Base 2.0 5.2: an event says that the log changed. */
	const struct nvl_event event = { .type = NVL_EVENT_ASYNC, .lid = NVME_LID_ANA };
	struct paths p;

	begin(&p, NVL_MP_FAILOVER);
	th_twin_ana(&p.twin, 0, NVME_ANA_INACCESSIBLE);
	start(&p, true, 0);
	finish(&p, 1);
	ck_assert_uint_eq(nvl_mp_state(p.mp, 0, 1), NVL_MP_UNUSABLE);
	th_twin_ana(&p.twin, 1, NVME_ANA_NON_OPTIMIZED);
	th_twin_ana(&p.twin, 0, NVME_ANA_OPTIMIZED);
	on_event(&p, &event);
	ck_assert(nvl_mp_stale(p.mp));
	th_ok(nvl_mp_update(p.mp, false));
	ck_assert(!nvl_mp_stale(p.mp));
	ck_assert_uint_eq(nvl_mp_state(p.mp, 0, 1), NVL_MP_OPTIMIZED);
	uint64_t before = started(&p, 0);

	start(&p, true, 2);
	finish(&p, 2);
	ck_assert_uint_eq(started(&p, 0), before + 1);
	end(&p);
}
END_TEST

START_TEST(transfers_survive_the_reset_of_a_controller)
{
	struct paths p;

	begin(&p, NVL_MP_ROUND_ROBIN);
	for (uint32_t i = 0; i < 8; i++)
		start(&p, true, i);
	th_ok(nvl_reset(p.twin.side[0].ctrl));
	finish(&p, 8);
	ck_assert_uint_eq(p.ending.errors, 0);
	ck_assert_uint_eq(nvl_mp_counters(p.mp, 0)->failed, 4);
	end(&p);
}
END_TEST

START_TEST(transfers_survive_a_controller_that_is_pulled_out)
{
	struct paths p;

	begin(&p, NVL_MP_FAILOVER);
	for (uint32_t i = 0; i < 4; i++)
		start(&p, true, i);
	p.twin.side[0].gone = true;
	ck_assert_int_lt(nvl_watch(p.twin.side[0].ctrl), 0);
	finish(&p, 4);
	ck_assert_uint_eq(p.ending.errors, 0);
	ck_assert_uint_eq(started(&p, 1), 4);
	end(&p);
}
END_TEST

START_TEST(without_any_path_the_caller_is_told)
{
	struct paths p;

	begin(&p, NVL_MP_ROUND_ROBIN);
	for (uint32_t i = 0; i < TH_TWINS; i++)
		th_ok(nvl_shutdown(p.twin.side[i].ctrl, false));
	start(&p, true, 0);
	finish(&p, 1);
	ck_assert_uint_eq(p.ending.errors, 1);
	ck_assert_int_eq(p.ending.first_error, -NVL_ENODEV);
	end(&p);
}
END_TEST

START_TEST(errors_of_the_data_are_reported_as_they_are)
{
	/* NVM 1.0 4.1.2: LBA Out of Range is the same on every path. */
	struct paths p;

	begin(&p, NVL_MP_ROUND_ROBIN);
	const struct nvl_mp_io io = {
		.nsid = 1, .slba = UINT64_C(1) << 40, .nlb = 1, .buffers = p.buffers
	};

	th_ok(nvl_mp_read(p.mp, &io, th_count, &p.ending));
	finish(&p, 1);
	ck_assert_int_eq(p.ending.first_error & 0x7ff, NVME_SC_LBA_OUT_OF_RANGE);
	ck_assert_uint_eq(started(&p, 0) + started(&p, 1), 1);
	th_ok(nvl_mp_flush(p.mp, 1, th_count, &p.ending));
	finish(&p, 2);
	ck_assert_uint_eq(p.ending.errors, 1);
	end(&p);
}
END_TEST

START_TEST(a_controller_is_a_path_once)
{
	struct paths p;

	begin(&p, NVL_MP_ROUND_ROBIN);
	struct nvl_ctrl *ctrl = p.twin.side[0].ctrl;

	ck_assert_int_eq(nvl_mp_add(p.mp, ctrl, nvl_queue(ctrl, 0)), -NVL_EINVAL);
	ck_assert_uint_eq(nvl_mp_state(p.mp, 7, 1), NVL_MP_UNUSABLE);
	ck_assert_uint_eq(nvl_mp_state(p.mp, 0, 99), NVL_MP_UNUSABLE);
	ck_assert_ptr_null(nvl_mp_counters(p.mp, 7));
	end(&p);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("multipath");
	TCase *tcase = tcase_create("paths");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, round_robin_takes_turns);
	tcase_add_test(tcase, failover_stays_on_one_path);
	tcase_add_test(tcase, queue_depth_takes_the_shorter_queue);
	tcase_add_test(tcase, what_is_written_on_one_path_is_read_on_the_other);
	tcase_add_loop_test(tcase, a_better_path_is_preferred, 0, NVL_MP_POLICIES);
	tcase_add_loop_test(tcase, a_path_that_became_inaccessible_costs_nobody_an_error,
			    NVME_ANA_INACCESSIBLE, NVME_ANA_PERSISTENT_LOSS + 1);
	tcase_add_test(tcase, a_path_that_comes_back_is_used_again);
	tcase_add_test(tcase, transfers_survive_the_reset_of_a_controller);
	tcase_add_test(tcase, transfers_survive_a_controller_that_is_pulled_out);
	tcase_add_test(tcase, without_any_path_the_caller_is_told);
	tcase_add_test(tcase, errors_of_the_data_are_reported_as_they_are);
	tcase_add_test(tcase, a_controller_is_a_path_once);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
