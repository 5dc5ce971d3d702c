/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/io.c: transfers of several commands. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

static void open_small(struct th_fake *fake)
{
	th_fake_init(fake);
	fake->config.entries = 4;
	fake->config.max_transfer_bytes = NVL_PAGE_BYTES;
	ck_assert_int_eq(th_fake_start(fake), 0);
}

START_TEST(a_split_transfer_covers_its_blocks_in_order)
{
	/* Ten pages through a queue of three: each command is the next page. */
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *queue;
	struct th_fake fake;

	open_small(&fake);
	queue = nvl_queue(fake.ctrl, 0);
	struct nvl_io io = th_fake_io(&fake, 1000);

	io.nlb = 77;
	io.flags = NVL_IO_FUA;
	ck_assert_int_eq(nvl_write(queue, &io, th_fake_count, &ending), 0);
	nvl_ring(queue);
	for (uint32_t at = 0; at < 77; at += 8) {
		struct nvme_sqe sqe = th_fake_fetch(&fake, 1);
		uint32_t cdw12 = nvme_cpu32(sqe.cdw12);

		ck_assert_uint_eq(nvme_cpu32(sqe.cdw10), 1000 + at);
		ck_assert_uint_eq(NVME_GET(cdw12, NVME_RW_NLB) + 1, at + 8 <= 77 ? 8 : 77 - at);
		ck_assert_uint_eq(NVME_GET(cdw12, NVME_RW_FUA), 1);
		ck_assert_uint_eq(nvme_cpu64(sqe.prp1), fake.dma.iova + at * 512);
		ck_assert_uint_eq(ending.done, 0);
		th_fake_post(&fake, 1,
			     (struct nvme_cqe){
				     .sqhd = nvme_le16((uint16_t)fake.queues[1].sq_head),
				     .sqid = nvme_le16(1),
				     .cid = sqe.cid,
			     });
		nvl_poll(queue, 0);
	}
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(the_first_error_of_a_split_transfer_wins_and_stops_it)
{
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *queue;
	struct th_fake fake;

	open_small(&fake);
	queue = nvl_queue(fake.ctrl, 0);
	struct nvl_io io = th_fake_io(&fake, 0);

	io.nlb = 80;
	ck_assert_int_eq(nvl_read(queue, &io, th_fake_count, &ending), 0);
	nvl_ring(queue);
	th_fake_complete(&fake, 1, NVME_SC_UNRECOVERED_READ_ERROR | NVME_DNR);
	nvl_poll(queue, 0);
	ck_assert_uint_eq(ending.done, 0);
	th_fake_complete(&fake, 1, NVME_SC_INTERNAL_ERROR);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(queue, 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, NVME_SC_UNRECOVERED_READ_ERROR | NVME_DNR);
	ck_assert_uint_eq(nvl_counters(queue)->submitted, 3);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_split_transfer_ends_once_in_a_reset)
{
	struct th_fake_ending first = { 0 }, second = { 0 };
	struct nvl_queue *queue;
	struct th_fake fake;

	open_small(&fake);
	queue = nvl_queue(fake.ctrl, 0);
	struct nvl_io io = th_fake_io(&fake, 0);

	io.nlb = 16;
	ck_assert_int_eq(nvl_read(queue, &io, th_fake_count, &first), 0);
	ck_assert_int_eq(nvl_read(queue, &io, th_fake_count, &second), 0);
	ck_assert_int_eq(nvl_read(queue, &io, th_fake_count, &second), -NVL_EAGAIN);
	nvl_ring(queue);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(first.done, 1);
	ck_assert_uint_eq(second.done, 1);
	ck_assert_int_eq(second.result, -NVL_ECANCELED);
	ck_assert_int_eq(nvl_read(queue, &io, th_fake_count, &second), 0);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_io");
	TCase *tcase = tcase_create("split");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_split_transfer_covers_its_blocks_in_order);
	tcase_add_test(tcase, the_first_error_of_a_split_transfer_wins_and_stops_it);
	tcase_add_test(tcase, a_split_transfer_ends_once_in_a_reset);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
