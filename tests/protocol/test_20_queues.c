/* SPDX-License-Identifier: BSD-3-Clause */
/* Queues in scattered pages, memory pages and doorbell strides of every size, arbitration. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define PC	      1u
#define IEN	      2u
#define SQ_ENTRIES    200u /* four pages, the last one not full */
#define CQ_ENTRIES    300u /* two pages, the last one not full */
#define FETCHES	      128
#define PRIORITY(n)   ((uint32_t)(n) << 1)
#define QUEUE(n, qid) (((n)-1) << 16 | (qid))

/* @pages pages of host memory in no order, and the list of them. */
struct pages {
	uint64_t list;
	uint64_t page[8];
};

static struct pages scatter(struct th_host *h, uint32_t count)
{
	struct pages pages = { .list = th_alloc(h, 4096) };

	for (uint32_t i = 0; i < count; i++) {
		uint32_t to = i % 2 ? i - 1 : i + 1 < count ? i + 1 : i;

		pages.page[to] = th_alloc(h, 4096);
		th_alloc(h, 4096); /* no two are neighbours */
	}
	for (uint32_t i = 0; i < count; i++)
		nvme_store_le64((uint8_t *)th_ptr(h, pages.list) + 8 * i, pages.page[i]);
	return pages;
}

static void put_flush(struct th_host *h, const struct pages *sq, uint32_t slot, uint16_t cid)
{
	struct nvme_sqe sqe = { .opcode = NVME_CMD_FLUSH,
				.cid = nvme_le16(cid),
				.nsid = nvme_le32(1) };

	memcpy((uint8_t *)th_ptr(h, sq->page[slot / 64]) + slot % 64 * 64, &sqe, sizeof(sqe));
}

static struct nvme_cqe *cqe_at(struct th_host *h, const struct pages *cq, uint32_t slot)
{
	return (struct nvme_cqe *)th_ptr(h, cq->page[slot / 256]) + slot % 256;
}

START_TEST(queues_in_scattered_pages_work_all_the_way_round)
{
	/* Base 2.0 5.4 and 5.5: PC = 0; the list is not looked at after the command (unverified) */
	struct th_host *h = th_enabled(.controller = "vwc=false");
	struct pages sq = scatter(h, 4), cq = scatter(h, 2);
	uint32_t slot = 0, head = 0;
	bool phase = true;

	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = cq.list, .cdw10 = QUEUE(CQ_ENTRIES, 1),
	      .cdw11 = IEN);
	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = sq.list, .cdw10 = QUEUE(SQ_ENTRIES, 1),
	      .cdw11 = 1 << 16);
	memset(th_ptr(h, cq.list), 0xff, 4096);
	memset(th_ptr(h, sq.list), 0xff, 4096);
	for (uint16_t cid = 0; cid < 1000; cid++) {
		put_flush(h, &sq, slot, cid);
		slot = nvme_ring_next(slot, SQ_ENTRIES);
		th_ring_sq(h, 1, slot);
		th_run(h);
		ck_assert_uint_eq(nvme_cpu16(cqe_at(h, &cq, head)->cid), cid);
		ck_assert_uint_eq(nvme_cpu16(cqe_at(h, &cq, head)->status) & 1, phase);
		head = nvme_ring_next(head, CQ_ENTRIES);
		phase = head ? phase : !phase;
		th_ring_cq(h, 1, head);
	}
	ck_assert_uint_eq(th_events(h, NVME_TRACE_CQE_POST), 1002);
	th_free(h);
}
END_TEST

START_TEST(scattered_queues_give_their_pages_back)
{
	/* Base 2.0 5.4 to 5.7, 3.7.2: deleted and reset, many times more than the pool has */
	struct th_host *h = th_enabled(.controller = "mqes=255");
	struct pages sq = scatter(h, 4);

	for (uint32_t i = 0; i < 200; i++) {
		th_do(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = sq.list,
		      .cdw10 = QUEUE(256, 1));
		th_do(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = sq.list,
		      .cdw10 = QUEUE(SQ_ENTRIES, 1), .cdw11 = 1 << 16);
		if (i % 2) {
			th_write32(h, NVME_REG_CC, 0);
			th_run(h);
			th_enable(h, 16);
			continue;
		}
		th_do(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cdw10 = 1);
		th_do(h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cdw10 = 1);
	}
	th_free(h);
}
END_TEST

START_TEST(a_bad_list_of_pages_makes_no_queue)
{
	/* Base 2.0 5.4: offsets other than 0, a list that is not there, CAP.CQR (unverified) */
	struct th_host *h = th_enabled();
	struct pages cq = scatter(h, 2);
	uint32_t qid = QUEUE(CQ_ENTRIES, 1);

	ck_assert_uint_eq(th_read64(h, NVME_REG_CAP) >> 16 & 1, 0);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = cq.list + 8, .cdw10 = qid),
		NVME_SC_PRP_OFFSET_INVALID);
	nvme_store_le64((uint8_t *)th_ptr(h, cq.list) + 8, cq.page[1] + 4);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = cq.list, .cdw10 = qid),
		NVME_SC_PRP_OFFSET_INVALID);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = 1ull << 40, .cdw10 = qid),
		NVME_SC_DATA_TRANSFER_ERROR);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = cq.list,
				  .cdw10 = qid, .cdw11 = 1 << 16),
			  NVME_SC_CQ_INVALID);
	th_free(h);
	h = th_enabled(.controller = "cqr=true");
	ck_assert_uint_eq(th_read64(h, NVME_REG_CAP) >> 16 & 1, 1);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = th_alloc(h, 4096),
				  .cdw10 = qid),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(memory_pages_of_every_size_hold_queues_and_data)
{
	/* Base 2.0 3.1.3.5: CC.MPS, 4 to 64 KiB; a PRP list of three pages, each filled */
	uint32_t page = 4096u << _i;
	struct th_host *h = th_enabled(.io_queues = 1, .mps = (uint32_t)_i, .entries = 100);
	uint64_t data = th_alloc(h, 4 * page), list = th_alloc(h, page);
	uint32_t nlb = 3 * page / 512;

	/* From the last page back to the first one; the list's slots are the last of their page. */
	nvme_store_le64((uint8_t *)th_ptr(h, list) + page - 16, data + page);
	nvme_store_le64((uint8_t *)th_ptr(h, list) + page - 8, data);
	memset(th_media_block(h, 1, 0), 0x31, page);
	memset(th_media_block(h, 1, page / 512), 0x32, page);
	memset(th_media_block(h, 1, 2 * page / 512), 0x33, page);
	for (uint32_t i = 0; i < 250; i++)
		ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1,
					     .prp1 = data + 3 * page, .prp2 = list + page - 16,
					     .cdw12 = nlb - 1),
				  NVME_SC_SUCCESS);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(h, data + 4 * page - 1), 0x31);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(h, data + 2 * page - 1), 0x32);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(h, data + page - 1), 0x33);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = data,
				     .prp2 = data + page / 2, .cdw12 = 2 * page / 512 - 1),
			  NVME_SC_PRP_OFFSET_INVALID);
	th_free(h);
}
END_TEST

START_TEST(doorbells_of_every_stride_ring)
{
	/* Base 2.0 3.1.3.23: CAP.DSTRD; between two doorbells there is none */
	char keys[32];
	struct nvme_text text;
	struct th_host *h;

	nvme_text_init(&text, keys, sizeof(keys));
	nvme_text_add(&text, "dstrd=");
	nvme_text_u64(&text, (uint64_t)_i);
	h = th_enabled(.io_queues = 7, .controller = keys);
	ck_assert_uint_eq(th_read64(h, NVME_REG_CAP) >> 32 & 15, _i);
	for (uint32_t qid = 1; qid <= 7; qid++)
		ck_assert_uint_eq(th_code_io(h, qid, .opcode = NVME_CMD_FLUSH, .nsid = 1),
				  NVME_SC_SUCCESS);
	th_events(h, NVME_TRACE_SQ_DOORBELL);
	if (_i > 0)
		th_write32(h, NVME_DOORBELL_OFFSET + (2u << (2 + _i)) + 4, 3);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_SQ_DOORBELL), 0);
	th_free(h);
}
END_TEST

/* The order in which commands of I/O queues are fetched. */
static uint32_t fetched[FETCHES], fetches;

static void note_fetch(void *arg, const struct nvme_trace_record *record)
{
	(void)arg;
	if (record->event == NVME_TRACE_SQE_FETCH && fetches < FETCHES)
		fetched[fetches++] = (uint32_t)record->args[0];
}

/* CC.AMS = 1, weights high 4, medium 2, low 1, burst 2^@ab; queue n has priority @priorities[n]. */
static struct th_host *weighted(const uint32_t *priorities, uint32_t count, uint32_t ab)
{
	struct th_host *h = th_off(.controller = "vwc=false");

	th_write32(h, NVME_REG_CC, NVME_PUT(NVME_CC_AMS, NVME_CC_AMS_WRR));
	th_enable(h, 32);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_ARBITRATION,
	      .cdw11 = ab | 0u << 8 | 1u << 16 | 3u << 24);
	for (uint32_t qid = 1; qid <= count; qid++) {
		uint64_t cq = th_alloc(h, 4096), sq = th_alloc(h, 4096);

		th_rings(h, qid, sq, cq, 32);
		th_do(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = cq, .cdw10 = QUEUE(32, qid),
		      .cdw11 = PC);
		th_do(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = sq, .cdw10 = QUEUE(32, qid),
		      .cdw11 = PC | PRIORITY(priorities[qid]) | qid << 16);
	}
	fetches = 0;
	th_observe(h, note_fetch, NULL);
	return h;
}

static void fill_queue(struct th_host *h, uint32_t qid, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		th_fill(h, qid, .opcode = NVME_CMD_FLUSH, .nsid = 1, .cid = (uint16_t)i);
	th_ring_sq(h, qid, th_tail(h, qid));
}

static void expect_order(const char *order)
{
	ck_assert_uint_eq(fetches, strlen(order));
	for (uint32_t i = 0; i < fetches; i++) {
		if (fetched[i] != (uint32_t)(order[i] - '0'))
			ck_abort_msg("command %u is of queue %u, not %c", i, fetched[i], order[i]);
	}
}

START_TEST(weights_share_the_controller_and_urgent_goes_first)
{
	/* Base 2.0 3.4.4.2: admin, then urgent, then 4 high, 2 medium, 1 low (unverified) */
	static const uint32_t priorities[] = { 0, NVME_QPRIO_HIGH, NVME_QPRIO_MEDIUM,
					       NVME_QPRIO_LOW, NVME_QPRIO_URGENT };
	struct th_host *h = weighted(priorities, 4, 7);

	ck_assert_uint_eq(th_read64(h, NVME_REG_CAP) >> 17 & 3, 1);
	fill_queue(h, 1, 8);
	fill_queue(h, 2, 8);
	fill_queue(h, 3, 5);
	fill_queue(h, 4, 3);
	th_admin(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_ARBITRATION);
	th_run(h);
	expect_order("0444"
		     "1111223"
		     "1111223"
		     "223"
		     "223"
		     "3");
	th_free(h);
}
END_TEST

START_TEST(queues_of_one_class_take_turns_of_a_burst)
{
	/* Base 2.0 3.4.4.2: arbitration burst 2 within the weight of the class (unverified) */
	static const uint32_t priorities[] = { 0,
					       NVME_QPRIO_HIGH,
					       NVME_QPRIO_HIGH,
					       NVME_QPRIO_LOW,
					       NVME_QPRIO_URGENT,
					       NVME_QPRIO_URGENT };
	struct th_host *h = weighted(priorities, 5, 1);

	fill_queue(h, 1, 4);
	fill_queue(h, 2, 4);
	fill_queue(h, 3, 2);
	fill_queue(h, 4, 3);
	fill_queue(h, 5, 3);
	th_run(h);
	expect_order("445545"
		     "11223"
		     "11223");
	th_free(h);
}
END_TEST

START_TEST(priorities_do_not_matter_in_plain_round_robin)
{
	/* Base 2.0 5.5: QPRIO counts only when CC.AMS says so */
	struct th_host *h = th_enabled(.controller = "vwc=false,rab=0", .entries = 32);

	for (uint32_t qid = 1; qid <= 2; qid++) {
		uint64_t cq = th_alloc(h, 4096), sq = th_alloc(h, 4096);

		th_rings(h, qid, sq, cq, 32);
		th_do(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = cq, .cdw10 = QUEUE(32, qid),
		      .cdw11 = PC);
		th_do(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = sq, .cdw10 = QUEUE(32, qid),
		      .cdw11 = PC | PRIORITY(qid == 1 ? NVME_QPRIO_LOW : NVME_QPRIO_URGENT) |
			       qid << 16);
	}
	fetches = 0;
	th_observe(h, note_fetch, NULL);
	fill_queue(h, 1, 3);
	fill_queue(h, 2, 3);
	th_run(h);
	expect_order("121212");
	th_free(h);
}
END_TEST

START_TEST(an_arbitration_that_is_not_offered_cannot_be_enabled)
{
	/* Base 2.0 3.1.3.5: CC.AMS outside CAP.AMS; QEMU and others set CFS (unverified) */
	struct th_host *h = th_off(.controller = _i ? "wrr=false" : "");

	th_write32(h, NVME_REG_CC,
		   NVME_PUT(NVME_CC_AMS, _i ? NVME_CC_AMS_WRR : NVME_CC_AMS_VENDOR));
	th_write32(h, NVME_REG_AQA, 0x000f000f);
	th_write64(h, NVME_REG_ASQ, th_alloc(h, 4096));
	th_write64(h, NVME_REG_ACQ, th_alloc(h, 4096));
	th_write32(h, NVME_REG_CC, th_read32(h, NVME_REG_CC) | 0x00460001);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), NVME_MASK(NVME_CSTS_CFS));
	th_free(h);
}
END_TEST

/* Queue of 16; how far the controller is, the tail that was rung, the tail that is rung. */
static const struct {
	uint32_t head, tail, next;
	bool wrong;
} tails[] = {
	{ 4, 4, 3, false }, /* 15 more: what the queue holds; or one back, which looks the same */
	{ 0, 5, 4, true },  /* one back */
	{ 0, 5, 0, true },  /* all back */
	{ 2, 5, 1, false }, /* full */
	{ 2, 5, 2, true },  /* one more than full */
	{ 2, 5, 5, false }, /* again */
	{ 2, 5, 16, true }, /* outside */
	{ 14, 1, 13, false }, { 14, 1, 14, true }, { 14, 1, 0, true },
};

START_TEST(a_tail_beyond_what_the_queue_holds_is_an_error_event)
{
	/* Base 2.0 3.1.3.23: Invalid Doorbell Write Value (facts, unverified) */
	struct th_host *h = th_enabled(.io_queues = 1, .entries = 16, .controller = "vwc=false");
	uint64_t log = th_alloc(h, 4096);

	for (uint32_t i = 0; i < tails[_i].head; i++)
		ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1),
				  NVME_SC_SUCCESS);
	/* The controller must not fetch: it waits while bus master is off. */
	th_cfg_write(h, 4, 2, 0x0402);
	th_ring_sq(h, 1, tails[_i].tail);
	th_events(h, NVME_TRACE_SQ_DOORBELL);
	th_ring_sq(h, 1, tails[_i].next);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_SQ_DOORBELL), !tails[_i].wrong);
	th_cfg_write(h, 4, 2, 0x0406);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 9);
	th_run(h);
	if (tails[_i].wrong)
		th_expect_cqe(h, .cid = 9, .dw0 = NVME_AER_INVALID_DB_VALUE);
	else
		th_expect_none(h, 0);
	(void)log;
	th_free(h);
}
END_TEST

/* All submission queues in one page and all completion queues in another: one is used at a time. */
static void create_pair(struct th_host *h, uint32_t qid, uint64_t sq, uint64_t cq)
{
	const uint32_t size = 1 << 16 | qid;

	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = cq, .cdw10 = size, .cdw11 = 1);
	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = sq, .cdw10 = size,
	      .cdw11 = qid << 16 | 1);
}

START_TEST(there_may_be_65535_pairs_and_each_is_heard)
{
	/* Base 2.0 5.27.1.7: FFFEh, 0's based, is the most that can be asked for */
	static const uint32_t some[] = { 1, 2, 511, 512, 32768, 65534, 65535 };
	struct th_host *h = th_enabled(.controller = "queues=65535,max_requests=8");
	uint64_t sq = th_alloc(h, 4096), cq = th_alloc(h, 4096);
	struct nvme_cqe *cqe = th_ptr(h, cq);

	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_NUM_QUEUES,
				.cdw11 = 0xfffefffe),
			  0xfffefffe);
	for (uint32_t qid = 1; qid <= 65535; qid++)
		create_pair(h, qid, sq, cq);
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		const struct nvme_sqe sqe = { .opcode = NVME_CMD_FLUSH,
					      .cid = nvme_le16((uint16_t)~some[i]),
					      .nsid = nvme_le32(1) };

		memcpy(th_ptr(h, sq), &sqe, sizeof(sqe));
		memset(cqe, 0, sizeof(*cqe));
		th_write32(h, NVME_DOORBELL_OFFSET + 8 * some[i], 1);
		th_run(h);
		ck_assert_uint_eq(nvme_cpu16(cqe->sqid), some[i]);
		ck_assert_uint_eq(nvme_cpu16(cqe->cid), (uint16_t)~some[i]);
		ck_assert_uint_eq(nvme_cpu16(cqe->status), 1);
	}
	th_free(h);
}
END_TEST

static Suite *queues(void)
{
	Suite *suite = suite_create("queues");
	TCase *tcase = tcase_create("queues");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, queues_in_scattered_pages_work_all_the_way_round);
	tcase_add_test(tcase, scattered_queues_give_their_pages_back);
	tcase_add_test(tcase, a_bad_list_of_pages_makes_no_queue);
	tcase_add_loop_test(tcase, memory_pages_of_every_size_hold_queues_and_data, 0, 5);
	tcase_add_loop_test(tcase, doorbells_of_every_stride_ring, 0, 16);
	tcase_add_test(tcase, weights_share_the_controller_and_urgent_goes_first);
	tcase_add_test(tcase, queues_of_one_class_take_turns_of_a_burst);
	tcase_add_test(tcase, priorities_do_not_matter_in_plain_round_robin);
	tcase_add_loop_test(tcase, an_arbitration_that_is_not_offered_cannot_be_enabled, 0, 2);
	tcase_add_loop_test(tcase, a_tail_beyond_what_the_queue_holds_is_an_error_event, 0,
			    sizeof(tails) / sizeof(tails[0]));
	tcase_add_test(tcase, there_may_be_65535_pairs_and_each_is_heard);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { queues };

	return th_main(suites, 1);
}
