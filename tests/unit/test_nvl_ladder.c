/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * driver/core/recover.c, timeout.c, retry.c: every rung of recovery and every transition of the
 * controller's life. Each story is a test, and all of them together have to reach everything; the
 * last test prints how often.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

#define SECOND UINT64_C(1000000000)

static struct nvl_queue *first_queue(struct th_fake *fake)
{
	return nvl_queue(fake->ctrl, 0);
}

static void expect_state(const struct th_fake *fake, enum nvl_state state)
{
	ck_assert_str_eq(nvl_state_name(nvl_state(fake->ctrl)), nvl_state_name(state));
}

static void an_interrupt_was_lost(struct th_fake *fake)
{
	/* Q15, E02: the completion is there; an hour passed in between. */
	struct th_fake_ending ending = { 0 };

	th_fake_open(fake);
	th_fake_submit(fake, &ending);
	th_fake_steps(fake, SECOND);
	th_fake_complete(fake, 1, 0);
	fake->now += 3600 * SECOND;
	th_fake_steps(fake, 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, 0);
	ck_assert_uint_eq(nvl_counters(first_queue(fake))->polled, 1);
	ck_assert_uint_eq(fake->aborts_seen, 0);
}

static void a_lost_command_is_aborted(struct th_fake *fake)
{
	/* Q01, Q03, C09: abort, and one completion, with 0/07h. */
	struct th_fake_ending ending = { 0 };

	th_fake_open(fake);
	th_fake_submit(fake, &ending);
	th_fake_steps(fake, 33 * SECOND);
	ck_assert_uint_eq(fake->aborts_seen, 1);
	ck_assert_uint_eq(fake->aborted_sqid, 1);
	nvl_poll(first_queue(fake), 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, NVME_SC_ABORT_REQUESTED);
	ck_assert_uint_eq(fake->resets, 0);
	expect_state(fake, NVL_STATE_LIVE);
}

static void a_completion_comes_before_the_abort_ends(struct th_fake *fake)
{
	/* Q02: the command completes normally, the Abort says 1: no reset. */
	struct th_fake_ending ending = { 0 };

	th_fake_open(fake);
	fake->abort = TH_ABORT_HELD;
	th_fake_submit(fake, &ending);
	th_fake_steps(fake, 33 * SECOND);
	th_fake_complete(fake, 1, 0);
	th_fake_abort_end(fake, 0, 1);
	th_fake_steps(fake, 2 * SECOND);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, 0);
	ck_assert_uint_eq(fake->resets, 0);
}

static void an_abort_is_refused(struct th_fake *fake)
{
	/* C06: DW0 bit 0 is 1, and the command is outstanding. */
	struct th_fake_ending ending = { 0 };

	th_fake_open(fake);
	fake->abort = TH_ABORT_REFUSED;
	th_fake_submit(fake, &ending);
	th_fake_steps(fake, 33 * SECOND);
	ck_assert_uint_eq(fake->resets, 1);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, -NVL_ETIMEDOUT);
	expect_state(fake, NVL_STATE_LIVE);
}

static void an_abort_fails(struct th_fake *fake)
{
	/* C06: a status. */
	struct th_fake_ending ending = { 0 };

	th_fake_open(fake);
	fake->abort = TH_ABORT_FAILS;
	fake->abort_status = NVME_SC_INTERNAL_ERROR;
	th_fake_submit(fake, &ending);
	th_fake_steps(fake, 33 * SECOND);
	ck_assert_uint_eq(fake->resets, 1);
	ck_assert_uint_eq(ending.done, 1);
}

static void an_abort_is_not_answered(struct th_fake *fake)
{
	/* C07: no Abort of an Abort; the command's second time, then a reset. */
	struct th_fake_ending ending = { 0 };

	th_fake_open(fake);
	fake->abort = TH_ABORT_HELD;
	th_fake_submit(fake, &ending);
	th_fake_steps(fake, 65 * SECOND);
	ck_assert_uint_eq(fake->aborts_seen, 1);
	ck_assert_uint_eq(fake->resets, 1);
	ck_assert_int_eq(ending.result, -NVL_ETIMEDOUT);
	ck_assert_uint_eq(ending.done, 1);
}

static void aborts_are_as_many_as_acl_allows(struct th_fake *fake)
{
	/* C08: ACL = 0 is one at a time; the rest waits. */
	struct th_fake_ending ending = { 0 };

	th_fake_open(fake);
	fake->abort = TH_ABORT_HELD;
	for (unsigned int i = 0; i < 3; i++)
		th_fake_submit(fake, &ending);
	th_fake_steps(fake, 33 * SECOND);
	ck_assert_uint_eq(fake->aborts_seen, 1);
	for (unsigned int i = 0; i < 3; i++) {
		th_fake_complete(fake, 1, NVME_SC_ABORT_REQUESTED);
		nvl_poll(first_queue(fake), 0);
		if (fake->abort_count > 0)
			th_fake_abort_end(fake, 0, 0);
		th_fake_steps(fake, SECOND);
	}
	ck_assert_uint_eq(fake->aborts_most, 1);
	ck_assert_uint_eq(ending.done, 3);
	ck_assert_uint_eq(fake->resets, 0);
}

static void more_are_late_than_can_be_aborted(struct th_fake *fake)
{
	/* The abort budget is exhausted: the others get more time. */
	struct th_fake_ending ending = { 0 };

	th_fake_init(fake);
	fake->id.acl = 3;
	ck_assert_int_eq(th_fake_start(fake), 0);
	for (unsigned int i = 0; i < 8; i++)
		th_fake_submit(fake, &ending);
	th_fake_steps(fake, 33 * SECOND);
	ck_assert_uint_eq(fake->aborts_seen, 4);
	nvl_poll(first_queue(fake), 0);
	ck_assert_uint_eq(ending.done, 4);
	th_fake_steps(fake, 33 * SECOND);
	nvl_poll(first_queue(fake), 0);
	ck_assert_uint_eq(ending.done, 8);
	ck_assert_uint_eq(fake->resets, 0);
}

static void the_controller_takes_fewer_aborts_than_it_says(struct th_fake *fake)
{
	/* C08: 1/03h Abort Limit Exceeded lowers the limit. */
	struct th_fake_ending ending = { 0 };

	th_fake_init(fake);
	fake->id.acl = 3;
	fake->abort = TH_ABORT_HELD;
	fake->abort_slots = 2;
	ck_assert_int_eq(th_fake_start(fake), 0);
	for (unsigned int i = 0; i < 4; i++)
		th_fake_submit(fake, &ending);
	th_fake_steps(fake, 33 * SECOND);
	for (unsigned int i = 0; i < 4; i++) {
		th_fake_complete(fake, 1, NVME_SC_ABORT_REQUESTED);
		th_fake_abort_end(fake, 0, 0);
		nvl_poll(first_queue(fake), 0);
		th_fake_steps(fake, SECOND);
	}
	ck_assert_uint_eq(fake->aborts_most, 2);
	ck_assert_uint_eq(ending.done, 4);
	ck_assert_uint_eq(fake->resets, 0);
}

static void an_admin_command_is_lost(struct th_fake *fake)
{
	/* 60 s, then a reset: admin commands are not aborted. */
	const struct nvl_identify identify = { .cns = NVME_CNS_NS, .nsid = 1 };
	uint8_t data[NVME_IDENTIFY_BYTES];
	uint64_t start;

	th_fake_open(fake);
	fake->admin_silent_once = NVME_ADMIN_IDENTIFY;
	start = fake->now;
	ck_assert_int_eq(nvl_identify(fake->ctrl, &identify, data), -NVL_ETIMEDOUT);
	ck_assert_uint_eq(fake->now - start, 60 * SECOND);
	ck_assert_uint_eq(fake->aborts_seen, 0);
	ck_assert_uint_eq(fake->resets, 1);
	expect_state(fake, NVL_STATE_LIVE);
}

static void a_fatal_status_comes_before_any_abort(struct th_fake *fake)
{
	/* R05: CFS under I/O; the timeout looks at CSTS first. */
	struct th_fake_ending ending = { 0 };

	th_fake_open(fake);
	th_fake_submit(fake, &ending);
	fake->csts |= NVME_MASK(NVME_CSTS_CFS);
	th_fake_steps(fake, 2 * SECOND);
	ck_assert_uint_eq(fake->aborts_seen, 0);
	ck_assert_uint_eq(fake->resets, 1);
	ck_assert_uint_eq(ending.done, 1);
	expect_state(fake, NVL_STATE_LIVE);
}

static void a_fatal_status_stays(struct th_fake *fake)
{
	/* R06: reset, once more, the subsystem, dead; stopped; and once more dead. */
	th_fake_init(fake);
	fake->cap |= NVME_PUT64(NVME_CAP_NSSRS, 1);
	ck_assert_int_eq(th_fake_start(fake), 0);
	fake->csts |= NVME_MASK(NVME_CSTS_CFS);
	fake->fatal_enables = TH_FAKE_FOREVER;
	th_fake_steps(fake, 10 * SECOND);
	expect_state(fake, NVL_STATE_DEAD);
	ck_assert_uint_eq(fake->subsystem_resets, 1);
	ck_assert_int_eq(nvl_reset(fake->ctrl), -NVL_EPROTO);
	ck_assert_int_eq(nvl_stop(fake->ctrl), 0);
	expect_state(fake, NVL_STATE_STOPPED);
	ck_assert_int_eq(nvl_start(fake->ctrl), -NVL_EPROTO);
}

static void the_controller_resets_itself(struct th_fake *fake)
{
	/* R14. */
	th_fake_open(fake);
	fake->cc = 0;
	fake->csts = 0;
	th_fake_steps(fake, 2 * SECOND);
	expect_state(fake, NVL_STATE_LIVE);
}

static void processing_is_paused(struct th_fake *fake)
{
	/* R15: nobody is late because of a pause. */
	struct th_fake_ending ending = { 0 };

	th_fake_init(fake);
	fake->id.mtfa = nvme_le16(1000);
	ck_assert_int_eq(th_fake_start(fake), 0);
	th_fake_submit(fake, &ending);
	fake->csts |= NVME_MASK(NVME_CSTS_PP);
	th_fake_steps(fake, 60 * SECOND);
	ck_assert_uint_eq(fake->aborts_seen, 0);
	fake->csts &= ~NVME_MASK(NVME_CSTS_PP);
	th_fake_steps(fake, SECOND);
	th_fake_complete(fake, 1, 0);
	nvl_poll(first_queue(fake), 0);
	ck_assert_int_eq(ending.result, 0);
	ck_assert_uint_eq(ending.done, 1);
}

static void go_away(struct th_fake *fake)
{
	fake->all_ones = TH_FAKE_FOREVER;
	fake->config_gone = true;
}

static void registers_read_all_ones(struct th_fake *fake)
{
	/* R08, then R07, and the return. */
	th_fake_open(fake);
	fake->all_ones = 1;
	th_fake_steps(fake, 2 * SECOND);
	expect_state(fake, NVL_STATE_LIVE);
	go_away(fake);
	th_fake_steps(fake, 2 * SECOND);
	expect_state(fake, NVL_STATE_GONE);
	fake->all_ones = 0;
	fake->config_gone = false;
	ck_assert_int_eq(nvl_returned(fake->ctrl), 0);
	ck_assert_int_eq(nvl_start(fake->ctrl), 0);
}

static void removed_before_it_was_started(struct th_fake *fake)
{
	th_fake_init(fake);
	th_fake_make(fake);
	go_away(fake);
	ck_assert_int_eq(nvl_watch(fake->ctrl), -NVL_ENODEV);
	expect_state(fake, NVL_STATE_GONE);
	ck_assert_int_eq(nvl_start(fake->ctrl), -NVL_ENODEV);
	fake->all_ones = 0;
	fake->config_gone = false;
	ck_assert_int_eq(nvl_returned(fake->ctrl), 0);
	ck_assert_int_eq(nvl_start(fake->ctrl), 0);
}

/* Brings the controller into a state from which it is removed or stopped. */
static void come_to(struct th_fake *fake, enum nvl_state state)
{
	th_fake_init(fake);
	if (state == NVL_STATE_DEGRADED || state == NVL_STATE_FAILED)
		fake->feature_status[NVME_FID_NUM_QUEUES] = NVME_SC_INTERNAL_ERROR;
	if (state == NVL_STATE_STARTING) {
		fake->ready_nsec = NVL_NEVER;
		th_fake_make(fake);
		ck_assert_int_eq(nvl_begin(fake->ctrl, NVL_OP_START), 0);
		nvl_step(fake->ctrl);
	} else {
		ck_assert_int_eq(th_fake_start(fake), 0);
	}
	if (state == NVL_STATE_FAILED) {
		fake->csts |= NVME_MASK(NVME_CSTS_CFS);
		ck_assert_int_eq(nvl_watch(fake->ctrl), -NVL_EPROTO);
		fake->csts &= ~NVME_MASK(NVME_CSTS_CFS);
	}
	if (state == NVL_STATE_STOPPED)
		ck_assert_int_eq(nvl_shutdown(fake->ctrl, false), 0);
	if (state == NVL_STATE_SUSPENDED)
		ck_assert_int_eq(nvl_suspend(fake->ctrl), 0);
	if (state == NVL_STATE_RESETTING || state == NVL_STATE_SHUTTING_DOWN) {
		fake->unready_nsec = NVL_NEVER;
		ck_assert_int_eq(nvl_begin(fake->ctrl, state == NVL_STATE_RESETTING
							       ? NVL_OP_RESET
							       : NVL_OP_SHUTDOWN),
				 0);
		nvl_step(fake->ctrl);
	}
	if (state == NVL_STATE_DEAD) {
		fake->unready_nsec = NVL_NEVER;
		ck_assert_int_eq(nvl_reset(fake->ctrl), -NVL_ETIMEDOUT);
	}
	expect_state(fake, state);
}

static const enum nvl_state resting[] = {
	NVL_STATE_STARTING,  NVL_STATE_LIVE,	      NVL_STATE_DEGRADED,
	NVL_STATE_FAILED,    NVL_STATE_RESETTING,     NVL_STATE_STOPPED,
	NVL_STATE_SUSPENDED, NVL_STATE_SHUTTING_DOWN, NVL_STATE_DEAD,
};

#define RESTING (sizeof(resting) / sizeof(resting[0]))

static void removed_in(struct th_fake *fake, enum nvl_state state)
{
	come_to(fake, state);
	go_away(fake);
	if (nvl_state(fake->ctrl) == NVL_STATE_STOPPED || state == NVL_STATE_SUSPENDED ||
	    state == NVL_STATE_DEAD || state == NVL_STATE_FAILED)
		nvl_watch(fake->ctrl);
	else
		th_fake_steps(fake, 2 * SECOND);
	expect_state(fake, NVL_STATE_GONE);
}

static void stopped_in(struct th_fake *fake, enum nvl_state state)
{
	come_to(fake, state);
	fake->unready_nsec = 0;
	fake->unready_at = fake->now;
	ck_assert_int_eq(nvl_stop(fake->ctrl), 0);
	expect_state(fake, NVL_STATE_STOPPED);
}

static void suspended_and_degraded(struct th_fake *fake)
{
	th_fake_open(fake);
	ck_assert_int_eq(nvl_suspend(fake->ctrl), 0);
	fake->feature_status[NVME_FID_NUM_QUEUES] = NVME_SC_INTERNAL_ERROR;
	ck_assert_int_eq(nvl_resume(fake->ctrl), 0);
	ck_assert_int_eq(nvl_reset(fake->ctrl), 0);
	expect_state(fake, NVL_STATE_DEGRADED);
	fake->unready_nsec = NVL_NEVER;
	ck_assert_int_eq(nvl_shutdown(fake->ctrl, false), -NVL_ETIMEDOUT);
	expect_state(fake, NVL_STATE_DEAD);
}

static void a_command_is_sent_again(struct th_fake *fake)
{
	/* C02, C03, C04: at once, after CRDT1, and no more. */
	struct th_fake_ending ending = { 0 };

	th_fake_init(fake);
	fake->config.max_retries = 2;
	fake->id.crdt1 = nvme_le16(7);
	ck_assert_int_eq(th_fake_start(fake), 0);
	th_fake_submit(fake, &ending);
	th_fake_complete(fake, 1, NVME_SC_NS_NOT_READY);
	nvl_poll(first_queue(fake), 0);
	th_fake_complete(fake, 1, NVME_SC_NS_NOT_READY | NVME_PUT(NVME_STATUS_CRD, 1));
	nvl_poll(first_queue(fake), 0);
	ck_assert_uint_eq(nvl_queue_deadline(first_queue(fake)), fake->now + 700 * TH_FAKE_MSEC);
	fake->now += 700 * TH_FAKE_MSEC;
	nvl_poll(first_queue(fake), 0);
	ck_assert_uint_eq(ending.done, 0);
	th_fake_complete(fake, 1, NVME_SC_NS_NOT_READY);
	nvl_poll(first_queue(fake), 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, NVME_SC_NS_NOT_READY);
}

static void commands_are_sent_again_after_a_reset(struct th_fake *fake)
{
	/* R05, C05: what was outstanding ends once, with what the controller says after it. */
	struct th_fake_ending endings[2] = { 0 };

	th_fake_init(fake);
	fake->config.resend = true;
	ck_assert_int_eq(th_fake_start(fake), 0);
	for (unsigned int i = 0; i < 2; i++)
		th_fake_submit(fake, &endings[i]);
	fake->csts |= NVME_MASK(NVME_CSTS_CFS);
	th_fake_steps(fake, 2 * SECOND);
	expect_state(fake, NVL_STATE_LIVE);
	ck_assert_uint_eq(fake->queues[1].sq_tail, 2);
	for (unsigned int i = 0; i < 2; i++) {
		ck_assert_uint_eq(endings[i].done, 0);
		th_fake_complete(fake, 1, 0);
	}
	nvl_poll(first_queue(fake), 0);
	for (unsigned int i = 0; i < 2; i++) {
		ck_assert_uint_eq(endings[i].done, 1);
		ck_assert_int_eq(endings[i].result, 0);
	}
}

typedef void story_fn(struct th_fake *fake);

static story_fn *const stories[] = {
	an_interrupt_was_lost,
	a_lost_command_is_aborted,
	a_completion_comes_before_the_abort_ends,
	an_abort_is_refused,
	an_abort_fails,
	an_abort_is_not_answered,
	aborts_are_as_many_as_acl_allows,
	more_are_late_than_can_be_aborted,
	the_controller_takes_fewer_aborts_than_it_says,
	an_admin_command_is_lost,
	a_fatal_status_comes_before_any_abort,
	a_fatal_status_stays,
	the_controller_resets_itself,
	processing_is_paused,
	registers_read_all_ones,
	removed_before_it_was_started,
	suspended_and_degraded,
	a_command_is_sent_again,
	commands_are_sent_again_after_a_reset,
};

#define STORIES (sizeof(stories) / sizeof(stories[0]))

START_TEST(a_rung_of_the_ladder)
{
	/* Base 2.0 5.1, 3.1.3.6, 3.7.1: Abort, CSTS, resets. */
	struct th_fake fake;

	stories[_i](&fake);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_device_may_be_removed_in_any_state)
{
	struct th_fake fake;

	removed_in(&fake, resting[_i]);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_controller_may_be_stopped_in_any_state)
{
	struct th_fake fake;

	stopped_in(&fake, resting[_i]);
	th_fake_done(&fake);
}
END_TEST

struct coverage {
	unsigned int rungs[NVL_RUNGS];
	unsigned int moves[NVL_STATES][NVL_STATES];
};

static void collect(struct coverage *coverage, struct th_fake *fake)
{
	for (unsigned int i = 0; i < NVL_RUNGS; i++)
		coverage->rungs[i] += nvl_rung_count(fake->ctrl, (enum nvl_rung)i);
	for (unsigned int from = 0; from < NVL_STATES; from++) {
		for (unsigned int to = 0; to < NVL_STATES; to++)
			coverage->moves[from][to] += nvl_moves(fake->ctrl, (enum nvl_state)from,
							       (enum nvl_state)to);
	}
	th_fake_done(fake);
}

static unsigned int print_rungs(const struct coverage *coverage)
{
	unsigned int missing = 0;

	for (unsigned int i = 0; i < NVL_RUNGS; i++) {
		printf("# rung  %-34s %4u\n", nvl_rung_name((enum nvl_rung)i), coverage->rungs[i]);
		missing += coverage->rungs[i] == 0;
	}
	return missing;
}

static unsigned int print_moves(const struct coverage *coverage)
{
	unsigned int missing = 0;

	for (unsigned int from = 0; from < NVL_STATES; from++) {
		for (unsigned int to = 0; to < NVL_STATES; to++) {
			if (!nvl_may_move((enum nvl_state)from, (enum nvl_state)to))
				continue;
			printf("# state %-15s -> %-15s %4u\n", nvl_state_name((enum nvl_state)from),
			       nvl_state_name((enum nvl_state)to), coverage->moves[from][to]);
			missing += coverage->moves[from][to] == 0;
		}
	}
	return missing;
}

START_TEST(the_stories_reach_every_rung_and_every_transition)
{
	struct coverage coverage = { 0 };
	struct th_fake fake;

	for (unsigned int i = 0; i < STORIES; i++) {
		stories[i](&fake);
		collect(&coverage, &fake);
	}
	for (unsigned int i = 0; i < RESTING; i++) {
		removed_in(&fake, resting[i]);
		collect(&coverage, &fake);
		stopped_in(&fake, resting[i]);
		collect(&coverage, &fake);
	}
	unsigned int missing = print_rungs(&coverage) + print_moves(&coverage);

	fflush(stdout);
	ck_assert_msg(missing == 0, "%u of the table are 0", missing);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_ladder");
	TCase *tcase = tcase_create("recovery");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_rung_of_the_ladder, 0, STORIES);
	tcase_add_loop_test(tcase, a_device_may_be_removed_in_any_state, 0, RESTING);
	tcase_add_loop_test(tcase, a_controller_may_be_stopped_in_any_state, 0, RESTING);
	tcase_add_test(tcase, the_stories_reach_every_rung_and_every_transition);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
