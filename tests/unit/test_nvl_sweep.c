/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The k-th call of the environment fails, for every k: in bring-up, I/O, a reset and the end. Each
 * story has to unwind: requests end once, nobody waits for ever, a device that is gone is not
 * touched, and memory is the caller's again.
 */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

#define READS 4u
#define WAYS  3 /* polled, with vectors, with commands that are sent again after a reset */

/* How the k-th call fails, and all that follow, or only that one. */
enum failure {
	DEVICE_GONE,	 /* all ones from there on, configuration space too */
	CONNECTION_LOST, /* ops->alive() says so */
	ALL_ONES_ONCE,	 /* one register read */
	SILENT_ONCE,	 /* one admin command without an answer */
	REFUSED_ONCE,	 /* one admin command with a status */
	NO_VECTORS_ONCE, /* irq_assign(): then queues are polled, or vectors stay as they are */
	FAILURES
};

struct outcome {
	struct th_fake_ending endings[READS];
	int start;
	bool fired;
};

static void break_at(struct th_fake *fake, enum failure failure, unsigned int at)
{
	fake->fault_at = at;
	fake->fault = failure == DEVICE_GONE	   ? TH_FAULT_GONE
		      : failure == CONNECTION_LOST ? TH_FAULT_LOST
		      : failure == ALL_ONES_ONCE   ? TH_FAULT_ONES
		      : failure == SILENT_ONCE	   ? TH_FAULT_SILENT
		      : failure == NO_VECTORS_ONCE ? TH_FAULT_IRQ
						   : TH_FAULT_STATUS;
}

static unsigned int read_some(struct th_fake *fake, struct outcome *outcome)
{
	struct nvl_queue *queue = nvl_queue(fake->ctrl, 0);
	struct nvl_io io = th_fake_io(fake, 0);
	unsigned int accepted = 0;

	if (!queue || !io.ns)
		return 0;
	for (unsigned int i = 0; i < READS; i++) {
		if (nvl_read(queue, &io, th_fake_count, &outcome->endings[accepted]) == 0)
			accepted++;
	}
	nvl_ring(queue);
	if (accepted > 1 && fake->queues[1].has_sq && (fake->csts & 1) &&
	    fake->queues[1].sq_head != fake->queues[1].sq_tail)
		th_fake_complete(fake, 1, 0);
	nvl_poll(queue, 0);
	return accepted;
}

static void live_a_life(struct th_fake *fake, struct outcome *outcome)
{
	unsigned int accepted;

	outcome->start = nvl_start(fake->ctrl);
	ck_assert((outcome->start == 0) == nvl_is_up(fake->ctrl));
	accepted = outcome->start == 0 ? read_some(fake, outcome) : 0;
	if (nvl_is_up(fake->ctrl) || nvl_state(fake->ctrl) == NVL_STATE_FAILED)
		nvl_reset(fake->ctrl);
	th_fake_steps(fake, 2 * 1000 * TH_FAKE_MSEC);
	for (unsigned int i = 0; i < accepted && !fake->config.resend; i++)
		ck_assert_uint_eq(outcome->endings[i].done, 1);
	if (nvl_is_up(fake->ctrl))
		nvl_shutdown(fake->ctrl, false);
	nvl_stop(fake->ctrl);
	ck_assert(nvl_dma_safe(fake->ctrl));
	ck_assert(!nvl_step(fake->ctrl));
	for (unsigned int i = 0; i < accepted; i++)
		ck_assert_uint_eq(outcome->endings[i].done, 1);
	for (uint32_t id = 0; id <= fake->config.queues; id++)
		ck_assert_uint_eq(nvl_queue_outstanding(fake->ctrl->queues[id]), 0);
	outcome->fired = fake->fault_at == 0;
}

START_TEST(the_kth_call_fails)
{
	/* E01, E03: all k, until there is no k-th call any more. */
	unsigned int k = 0;
	bool fired = true;

	while (fired) {
		struct outcome outcome = { 0 };
		struct th_fake fake;

		th_fake_init(&fake);
		fake.config.vectors = _i % WAYS == 1 ? 3 : 0;
		fake.config.resend = _i % WAYS == 2;
		fake.id.aerl = 3;
		th_fake_make(&fake);
		break_at(&fake, (enum failure)(_i / WAYS), ++k);
		live_a_life(&fake, &outcome);
		fired = outcome.fired;
		ck_assert_uint_lt(fake.now, 1000 * 1000 * TH_FAKE_MSEC);
		th_fake_done(&fake);
	}
	ck_assert_uint_gt(k, _i / WAYS == NO_VECTORS_ONCE ? _i % WAYS == 1 : 10);
}
END_TEST

START_TEST(without_vectors_queues_are_polled)
{
	/* Q18, E01: the environment has no interrupts to give. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.vectors = 5;
	fake.vectors = -28;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_queue_vector(nvl_queue(fake.ctrl, 0)), NVL_NO_VECTOR);
	th_fake_submit(&fake, &ending);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(nvl_queue(fake.ctrl, 0), 0);
	ck_assert_uint_eq(ending.done, 1);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_sweep");
	TCase *tcase = tcase_create("sweep");

	tcase_set_timeout(tcase, 240);
	tcase_add_loop_test(tcase, the_kth_call_fails, 0, WAYS * FAILURES);
	tcase_add_test(tcase, without_vectors_queues_are_polled);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
