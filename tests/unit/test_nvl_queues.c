/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/queues.c, ring.c: creation that fails, vectors, doorbells that are not written. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

START_TEST(fewer_queues_than_wanted_are_enough)
{
	/* Base 2.0 5.27.1.5: Number of Queues. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.granted = 1;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->queues, 1);
	ck_assert_ptr_null(nvl_queue(fake.ctrl, 1));
	th_fake_done(&fake);
}
END_TEST

START_TEST(without_any_queue_admin_commands_still_work)
{
	const struct nvl_identify identify = { .cns = NVME_CNS_CTRL };
	struct nvme_id_ctrl id;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.admin_status[NVME_ADMIN_SET_FEATURES] = NVME_SC_INTERNAL_ERROR;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->queues, 0);
	ck_assert_int_eq(nvl_identify(fake.ctrl, &identify, &id), 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_cq_without_its_sq_is_deleted)
{
	/* Base 2.0 5.5, 5.6: the third pair fails half way. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.fail_qid = 3;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->queues, 2);
	ck_assert_uint_eq(fake.deleted_cqs, 1);
	ck_assert(!fake.queues[3].has_cq);
	th_fake_done(&fake);
}
END_TEST

START_TEST(an_admin_command_without_an_answer_ends_bring_up)
{
	struct th_fake fake;
	uint64_t start;

	th_fake_init(&fake);
	fake.admin_silent[NVME_ADMIN_CREATE_IO_CQ] = true;
	start = fake.now;
	ck_assert_int_eq(th_fake_start(&fake), -NVL_ETIMEDOUT);
	ck_assert_uint_ge(fake.now - start, fake.config.admin_timeout_nsec);
	ck_assert_uint_eq(fake.cc & 1, 0);
	ck_assert(nvl_dma_safe(fake.ctrl));
	th_fake_done(&fake);
}
END_TEST

struct vector_case {
	int vectors; /* that the transport gives */
	uint32_t iv[4];
	bool ien;
};

static const struct vector_case vector_cases[] = {
	{ 5, { 1, 2, 3, 4 }, true }, { 3, { 1, 2, 1, 2 }, true },  { 2, { 1, 1, 1, 1 }, true },
	{ 1, { 0, 0, 0, 0 }, true }, { 0, { 0, 0, 0, 0 }, false }, { -12, { 0, 0, 0, 0 }, false },
};

START_TEST(vectors_are_shared_or_done_without)
{
	/* Base 2.0 5.5: IV, IEN. */
	const struct vector_case *vector = &vector_cases[_i];
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.vectors = 5;
	fake.vectors = vector->vectors;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	for (uint32_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(fake.queues[i + 1].iv, vector->iv[i]);
		ck_assert(fake.queues[i + 1].ien == vector->ien);
	}
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_batch_is_rung_once_and_nothing_is_not_rung)
{
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *queue;
	struct nvl_io io;
	struct th_fake fake;

	th_fake_open(&fake);
	queue = nvl_queue(fake.ctrl, 0);
	io = th_fake_io(&fake, 0);
	for (unsigned int i = 0; i < 10; i++)
		ck_assert_int_eq(nvl_read(queue, &io, th_fake_count, &ending), 0);
	ck_assert_uint_eq(fake.queues[1].sq_writes, 0);
	nvl_ring(queue);
	nvl_ring(queue);
	ck_assert_uint_eq(fake.queues[1].sq_writes, 1);
	ck_assert_uint_eq(fake.queues[1].sq_tail, 10);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_polled_queue_tells_its_head_after_a_quarter)
{
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *queue;
	struct th_fake fake;

	th_fake_open(&fake);
	queue = nvl_queue(fake.ctrl, 0);
	for (unsigned int i = 0; i < 15; i++) {
		th_fake_submit(&fake, &ending);
		th_fake_complete(&fake, 1, 0);
		nvl_poll(queue, 0);
	}
	ck_assert_uint_eq(fake.queues[1].cq_writes, 0);
	th_fake_submit(&fake, &ending);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(queue, 0);
	ck_assert_uint_eq(fake.queues[1].cq_writes, 1);
	ck_assert_uint_eq(fake.queues[1].cq_head, 16);
	th_fake_done(&fake);
}
END_TEST

START_TEST(the_completion_queue_never_looks_full_because_of_us)
{
	/* Base 2.0 3.3.1.5: what is posted and not told is below the number of entries. */
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *queue;
	struct nvl_io io;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.entries = 16;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	queue = nvl_queue(fake.ctrl, 0);
	io = th_fake_io(&fake, 0);
	for (unsigned int round = 0; round < 100; round++) {
		const struct th_fake_queue *seen = &fake.queues[1];
		unsigned int batch = round % 15 + 1;

		for (unsigned int i = 0; i < batch; i++)
			ck_assert_int_eq(nvl_read(queue, &io, th_fake_count, &ending), 0);
		nvl_ring(queue);
		for (unsigned int i = 0; i < batch; i++) {
			ck_assert_msg(!nvme_ring_full(seen->cq_head, seen->cq_tail, 16),
				      "round %u: no room for a completion", round);
			th_fake_complete(&fake, 1, 0);
		}
		nvl_poll(queue, 0);
	}
	ck_assert_uint_lt(fake.queues[1].cq_writes, 100);
	th_fake_done(&fake);
}
END_TEST

START_TEST(queues_share_no_cache_line_that_is_written)
{
	struct th_fake fake;

	th_fake_open(&fake);
	for (uint32_t i = 0; i < 4; i++) {
		uintptr_t queue = (uintptr_t)nvl_queue(fake.ctrl, i);
		uintptr_t requests = (uintptr_t)nvl_queue(fake.ctrl, i)->requests;
		uintptr_t cids = (uintptr_t)nvl_queue(fake.ctrl, i)->free_cids;

		ck_assert_uint_eq((queue | requests | cids) % NVL_CACHE_LINE, 0);
	}
	ck_assert_uint_eq(sizeof(struct nvl_queue) % NVL_CACHE_LINE, 0);
	ck_assert_uint_eq(sizeof(struct nvl_request), NVL_CACHE_LINE);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_queues");
	TCase *tcase = tcase_create("queues");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, fewer_queues_than_wanted_are_enough);
	tcase_add_test(tcase, without_any_queue_admin_commands_still_work);
	tcase_add_test(tcase, a_cq_without_its_sq_is_deleted);
	tcase_add_test(tcase, an_admin_command_without_an_answer_ends_bring_up);
	tcase_add_loop_test(tcase, vectors_are_shared_or_done_without, 0,
			    sizeof(vector_cases) / sizeof(vector_cases[0]));
	tcase_add_test(tcase, a_batch_is_rung_once_and_nothing_is_not_rung);
	tcase_add_test(tcase, a_polled_queue_tells_its_head_after_a_quarter);
	tcase_add_test(tcase, the_completion_queue_never_looks_full_because_of_us);
	tcase_add_test(tcase, queues_share_no_cache_line_that_is_written);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
