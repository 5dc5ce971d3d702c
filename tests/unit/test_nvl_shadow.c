/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/shadow.c: doorbells in memory, and when the register is written all the same. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

#define SECOND	UINT64_C(1000000000)
#define ENTRIES 8u

static void init(struct th_fake *fake)
{
	th_fake_init(fake);
	fake->config.shadow = true;
	fake->config.entries = ENTRIES;
	fake->id.oacs = nvme_le16(NVME_MASK(NVME_ID_CTRL_OACS_DBBUF));
}

static struct nvl_queue *first_queue(struct th_fake *fake)
{
	return nvl_queue(fake->ctrl, 0);
}

/* What one of the two pages says of a doorbell of queue 1. */
static nvme_u32le *word(struct th_fake *fake, uint64_t page, bool is_cq)
{
	uint32_t stride = 4u << NVME_GET(fake->cap, NVME_CAP_DSTRD);

	return th_fake_memory(fake, page + (2 + is_cq) * stride);
}

/* The controller's part: what the shadow says is what was rung. */
static void look(struct th_fake *fake)
{
	fake->queues[1].sq_tail = nvme_cpu32(*word(fake, fake->shadow, false));
}

START_TEST(two_pages_are_given_where_the_controller_takes_them)
{
	/* Base 2.0 5.8: OACS bit 8. Not asked for, not offered, refused: registers as ever. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	init(&fake);
	if (_i == 1)
		fake.config.shadow = false;
	if (_i == 2)
		fake.id.oacs = nvme_le16(0);
	if (_i == 3)
		fake.admin_status[NVME_ADMIN_DBBUF_CONFIG] = NVME_SC_INVALID_FIELD;
	if (_i == 4)
		fake.cap |= NVME_PUT64(NVME_CAP_DSTRD, 8); /* more than a page for five queues */
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->shadow_doorbells, _i == 0);
	ck_assert_uint_eq(fake.shadow != 0, _i == 0);
	if (_i == 0)
		ck_assert_uint_eq(fake.event, fake.shadow + NVL_PAGE_BYTES);
	th_fake_submit(&fake, &ending);
	ck_assert_uint_eq(fake.queues[1].sq_writes, 1);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(first_queue(&fake), 0);
	ck_assert_int_eq(ending.result, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(the_register_is_written_when_the_doorbell_passes_the_event_index)
{
	/* For every EventIdx, through wraps: it is passed if it is one of before .. tail - 1. */
	struct th_fake_ending ending = { 0 };
	struct th_fake_queue *pair;
	uint32_t tail = 0, commands = 0;
	struct th_fake fake;

	init(&fake);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	pair = &fake.queues[1];
	for (uint32_t event = 0; event < ENTRIES; event++) {
		for (uint32_t step = 0; step < 4 * ENTRIES; step++) {
			const struct nvl_io io = th_fake_io(&fake, 0);
			uint32_t batch = 1 + step % (ENTRIES - 1);
			unsigned int before = pair->sq_writes;
			bool passes = false;

			*word(&fake, fake.event, false) = nvme_le32(event);
			for (uint32_t i = 0; i < batch; i++) {
				ck_assert_int_eq(
					nvl_read(first_queue(&fake), &io, th_fake_count, &ending),
					0);
				passes = passes || tail == event;
				tail = (tail + 1) % ENTRIES;
			}
			nvl_ring(first_queue(&fake));
			ck_assert_uint_eq(nvme_cpu32(*word(&fake, fake.shadow, false)), tail);
			ck_assert_uint_eq(pair->sq_writes - before, passes);
			look(&fake);
			for (uint32_t i = 0; i < batch; i++)
				th_fake_complete(&fake, 1, 0);
			nvl_poll(first_queue(&fake), 0);
			commands += batch;
			ck_assert_uint_eq(ending.done, commands);
		}
	}
	th_fake_done(&fake);
}
END_TEST

START_TEST(the_head_of_completions_has_a_shadow_too)
{
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	init(&fake);
	fake.config.vectors = 5; /* The head is told after every batch. */
	ck_assert_int_eq(th_fake_start(&fake), 0);
	for (unsigned int i = 1; i <= 3 * ENTRIES; i++) {
		*word(&fake, fake.event, true) = nvme_le32((i + 2) % ENTRIES);
		th_fake_submit(&fake, &ending);
		look(&fake);
		th_fake_complete(&fake, 1, 0);
		nvl_poll(first_queue(&fake), 0);
		ck_assert_uint_eq(nvme_cpu32(*word(&fake, fake.shadow, true)), i % ENTRIES);
	}
	ck_assert_uint_eq(fake.queues[1].cq_writes, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(an_event_index_that_cannot_be_is_no_reason_to_be_silent)
{
	/* Q25. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	init(&fake);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	*word(&fake, fake.event, false) = nvme_le32(_i ? UINT32_MAX : ENTRIES);
	for (unsigned int i = 1; i <= 3; i++) {
		th_fake_submit(&fake, &ending);
		ck_assert_uint_eq(fake.queues[1].sq_writes, i);
	}
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_stale_event_index_costs_a_second)
{
	/* Q25: the controller sleeps, and its index says that it does not. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	init(&fake);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	*word(&fake, fake.event, false) = nvme_le32(5);
	th_fake_submit(&fake, &ending);
	ck_assert_uint_eq(fake.queues[1].sq_writes, 0);
	th_fake_steps(&fake, 2 * SECOND);
	ck_assert_uint_ge(fake.queues[1].sq_writes, 1);
	ck_assert_uint_eq(fake.queues[1].sq_tail, 1);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(first_queue(&fake), 0);
	ck_assert_int_eq(ending.result, 0);
	ck_assert_uint_eq(nvl_counters(first_queue(&fake))->timeouts, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(shadows_begin_anew_after_a_reset)
{
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	init(&fake);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	for (unsigned int i = 0; i < 3; i++)
		th_fake_submit(&fake, &ending);
	fake.shadow = 0;
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_ne(fake.shadow, 0);
	ck_assert_uint_eq(nvme_cpu32(*word(&fake, fake.shadow, false)), 0);
	ck_assert_uint_eq(nvme_cpu32(*word(&fake, fake.event, false)), 0);
	th_fake_submit(&fake, &ending);
	ck_assert_uint_eq(fake.queues[1].sq_writes, 1);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_shadow");
	TCase *tcase = tcase_create("shadow");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, two_pages_are_given_where_the_controller_takes_them, 0, 5);
	tcase_add_test(tcase, the_register_is_written_when_the_doorbell_passes_the_event_index);
	tcase_add_test(tcase, the_head_of_completions_has_a_shadow_too);
	tcase_add_loop_test(tcase, an_event_index_that_cannot_be_is_no_reason_to_be_silent, 0, 2);
	tcase_add_test(tcase, a_stale_event_index_costs_a_second);
	tcase_add_test(tcase, shadows_begin_anew_after_a_reset);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
