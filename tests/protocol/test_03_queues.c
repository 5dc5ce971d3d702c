/* SPDX-License-Identifier: BSD-3-Clause */
/* Creating, using and deleting queues, Base 2.0 3.3 and 5.4 to 5.7. */
#include <errno.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SIZE(entries, qid) ((((uint32_t)(entries)-1) << 16) | (qid))

static void keep_alive(struct th_host *h, uint16_t cid)
{
	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = cid);
}

/* Each row is a Create I/O Completion Queue that is wrong in one way. */
static const struct {
	uint32_t cdw10, cdw11;
	uint64_t prp1;
	uint16_t sc;
} bad_cqs[] = {
	{ SIZE(16, 0), 3, 0x200000, NVME_SC_INVALID_QUEUE_ID },
	{ SIZE(16, 5), 3, 0x200000, NVME_SC_INVALID_QUEUE_ID }, /* above queues = 4 */
	{ SIZE(16, 0xffff), 3, 0x200000, NVME_SC_INVALID_QUEUE_ID },
	{ SIZE(16, 1), 3, 0x200000, NVME_SC_INVALID_QUEUE_ID }, /* in use */
	{ SIZE(1, 2), 3, 0x200000, NVME_SC_INVALID_QUEUE_SIZE },
	{ SIZE(65, 2), 3, 0x200000, NVME_SC_INVALID_QUEUE_SIZE }, /* above mqes = 63 */
	{ SIZE(16, 2), 2, 0x200000, NVME_SC_INVALID_FIELD },	  /* not contiguous, CQR = 1 */
	{ SIZE(16, 2), 3, 0x200004, NVME_SC_PRP_OFFSET_INVALID },
	{ SIZE(16, 2), 5u << 16 | 3, 0x200000, NVME_SC_INVALID_INTERRUPT_VECTOR },
};

START_TEST(a_bad_completion_queue_is_refused)
{
	/* Base 2.0 5.4 */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "mqes=63,queues=4,cqr=true");

	th_admin(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .cid = 1, .cdw10 = bad_cqs[_i].cdw10,
		 .cdw11 = bad_cqs[_i].cdw11, .prp1 = bad_cqs[_i].prp1);
	th_run(h);
	th_expect_cqe(h, .cid = 1, .sc = bad_cqs[_i].sc);
	th_free(h);
}
END_TEST

/* Each row is a Create I/O Submission Queue that is wrong in one way; CQ 1 and 2 exist. */
static const struct {
	uint32_t cdw10, cdw11;
	uint64_t prp1;
	uint16_t sc;
} bad_sqs[] = {
	{ SIZE(16, 0), 1u << 16 | 1, 0x200000, NVME_SC_INVALID_QUEUE_ID },
	{ SIZE(16, 5), 1u << 16 | 1, 0x200000, NVME_SC_INVALID_QUEUE_ID },
	{ SIZE(16, 1), 1u << 16 | 1, 0x200000, NVME_SC_INVALID_QUEUE_ID },
	{ SIZE(1, 3), 1u << 16 | 1, 0x200000, NVME_SC_INVALID_QUEUE_SIZE },
	{ SIZE(65, 3), 1u << 16 | 1, 0x200000, NVME_SC_INVALID_QUEUE_SIZE },
	{ SIZE(16, 3), 1u << 16, 0x200000, NVME_SC_INVALID_FIELD },
	{ SIZE(16, 3), 1u << 16 | 1, 0x200800, NVME_SC_PRP_OFFSET_INVALID },
	{ SIZE(16, 3), 0u << 16 | 1, 0x200000, NVME_SC_INVALID_QUEUE_ID }, /* the admin CQ */
	{ SIZE(16, 3), 9u << 16 | 1, 0x200000, NVME_SC_INVALID_QUEUE_ID }, /* beyond all CQs */
	{ SIZE(16, 3), 4u << 16 | 1, 0x200000, NVME_SC_CQ_INVALID },	   /* possible, not there */
};

START_TEST(a_bad_submission_queue_is_refused)
{
	/* Base 2.0 5.5 */
	struct th_host *h = th_enabled(.io_queues = 2, .controller = "mqes=63,queues=4,cqr=true");

	th_admin(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .cid = 1, .cdw10 = bad_sqs[_i].cdw10,
		 .cdw11 = bad_sqs[_i].cdw11, .prp1 = bad_sqs[_i].prp1);
	th_run(h);
	th_expect_cqe(h, .cid = 1, .sc = bad_sqs[_i].sc);
	th_free(h);
}
END_TEST

START_TEST(entry_sizes_have_to_be_set_before_queues_are_made)
{
	/* Base 2.0 3.1.3.5, unverified */
	struct th_host *h = th_enabled();

	th_write32(h, NVME_REG_CC, 1);
	th_run(h);
	th_admin(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .cid = 1, .cdw10 = SIZE(16, 1), .cdw11 = 1,
		 .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_expect_cqe(h, .cid = 1, .sc = NVME_SC_INVALID_QUEUE_SIZE);
	th_free(h);
}
END_TEST

START_TEST(a_queue_can_be_deleted_once_and_made_again)
{
	/* Base 2.0 5.6 and 5.7 */
	struct th_host *h = th_enabled(.io_queues = 1);

	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cid = 1, .cdw10 = 1);
	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cid = 2, .cdw10 = 1);
	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cid = 3, .cdw10 = 1);
	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cid = 4, .cdw10 = 1);
	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cid = 5, .cdw10 = 1);
	th_run(h);
	th_expect_cqe(h, .cid = 1, .sc = NVME_SC_INVALID_QUEUE_DELETION);
	th_expect_cqe(h, .cid = 2);
	th_expect_cqe(h, .cid = 3, .sc = NVME_SC_INVALID_QUEUE_ID);
	th_expect_cqe(h, .cid = 4);
	th_expect_cqe(h, .cid = 5, .sc = NVME_SC_INVALID_QUEUE_ID);
	th_create_queues(h, 1, 8);
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 6, .nsid = 1);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 6);
	th_free(h);
}
END_TEST

static const uint32_t undeletable[] = { 0, 3, 0xffff };

START_TEST(deleting_the_admin_queue_or_an_absent_one_is_refused)
{
	/* Base 2.0 5.6 and 5.7 */
	struct th_host *h = th_enabled(.io_queues = 1);

	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cid = 1, .cdw10 = undeletable[_i]);
	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cid = 2, .cdw10 = undeletable[_i]);
	th_run(h);
	th_expect_cqe(h, .cid = 1, .sc = NVME_SC_INVALID_QUEUE_ID);
	th_expect_cqe(h, .cid = 2, .sc = NVME_SC_INVALID_QUEUE_ID);
	th_free(h);
}
END_TEST

START_TEST(deleting_a_busy_queue_waits_for_what_the_medium_has)
{
	/* Base 2.0 5.7: the deletion completes after the queue's commands. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 9, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cid = 1, .cdw10 = 1);
	keep_alive(h, 2);
	th_run(h);
	th_expect_cqe(h, .cid = 2);
	th_expect_none(h, 0);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 9);
	th_expect_cqe(h, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(a_queue_that_is_being_deleted_takes_no_more_commands)
{
	/* Base 2.0 5.7, unverified: its doorbell is that of no queue from then on. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true, .shared = _i);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 9, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cid = 1, .cdw10 = 1);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 2);
	th_run(h);
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 10, .nsid = 1);
	th_run(h);
	th_expect_cqe(h, .cid = 2, .dw0 = NVME_AER_INVALID_DB_REGISTER);
	ck_assert_uint_eq(th_media_pending(h), 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 9);
	th_expect_none(h, 1);
	th_expect_cqe(h, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(several_submission_queues_share_a_completion_queue)
{
	/* Base 2.0 3.3.3.2: SQID tells them apart. */
	struct th_host *h = th_enabled(.io_queues = 2);
	uint64_t sq = th_alloc(h, 4096);
	struct nvme_sqe *slot = th_ptr(h, sq);

	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = sq, .cdw10 = SIZE(4, 3),
	      .cdw11 = 1u << 16 | 1);
	slot->opcode = NVME_CMD_FLUSH;
	slot->nsid = nvme_le32(1);
	slot->cid = nvme_le16(33);
	th_ring_sq(h, 3, 1);
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 11, .nsid = 1);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .sqid = 1, .cid = 11);
	th_expect_cqe(h, .cqid = 1, .sqid = 3, .cid = 33);
	th_free(h);
}
END_TEST

START_TEST(a_doorbell_by_message_counts_although_the_page_is_shared)
{
	/* And the poll does not take what the page held before for a newer value. */
	struct th_host *h = th_enabled(.io_queues = 1, .shared = true);
	uint8_t value[4];

	for (uint32_t i = 1; i <= 3; i++) {
		th_fill(h, 1, .opcode = NVME_CMD_FLUSH, .cid = (uint16_t)i, .nsid = 1);
		nvme_store_le32(value, i);
		emu_bar_write(th_emu(h), 0, NVME_DOORBELL_OFFSET + 8, value, 4);
		th_run(h);
		th_expect_cqe(h, .cqid = 1, .cid = (uint16_t)i);
		nvme_store_le32(value, i);
		emu_bar_write(th_emu(h), 0, NVME_DOORBELL_OFFSET + 12, value, 4);
		th_run(h);
	}
	ck_assert_uint_eq(nvme_load_le32(th_page(h) + NVME_DOORBELL_OFFSET + 8), 3);
	th_free(h);
}
END_TEST

/* Seven pairs, doorbells close together or far apart, in messages or in shared memory. */
START_TEST(every_queue_is_heard_whatever_the_stride)
{
	/* Base 2.0 3.1.3.23 */
	static const char *const strides[] = { "dstrd=0", "dstrd=3", "dstrd=8" };
	struct th_host *h = th_enabled(.io_queues = 7, .shared = _i % 2,
				       .controller = strides[_i / 2]);

	for (uint16_t round = 0; round < 20; round++) {
		for (uint32_t qid = 1; qid <= 7; qid++)
			th_io(h, qid, .opcode = NVME_CMD_FLUSH, .cid = round, .nsid = 1);
		th_run(h);
		for (uint32_t qid = 1; qid <= 7; qid++)
			th_expect_cqe(h, .cqid = qid, .cid = round);
	}
	th_free(h);
}
END_TEST

/* What is in the admin queue by now: how many ended, and how many of them were interrupted. */
static void consume_admin(struct th_host *h, uint32_t *ended, uint32_t *interrupted)
{
	struct nvme_cqe cqe;

	while (th_next_cqe(h, 0, &cqe)) {
		++*ended;
		if (nvme_status_code(nvme_cqe_status(nvme_cpu16(cqe.status))) ==
		    NVME_SC_COMMAND_INTERRUPTED)
			++*interrupted;
	}
	th_ring_cq(h, 0, th_head(h, 0));
}

START_TEST(aborts_and_io_go_on_while_no_admin_request_is_left)
{
	/* Base 2.0 5.1: deletions and flushes that wait for the medium have all but a few. */
	struct th_host *h = th_enabled(.io_queues = 7, .slow_media = true, .entries = 64,
				       .controller = "aerl=0,acl=0");
	uint64_t page = th_alloc(h, 4096);
	uint32_t ended = 0, interrupted = 0;

	for (uint32_t qid = 2; qid <= 7; qid++)
		th_io(h, qid, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 1, .prp1 = page);
	th_run(h);
	for (uint32_t qid = 2; qid <= 7; qid++)
		th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cid = (uint16_t)qid, .cdw10 = qid);
	for (uint16_t cid = 10; cid < 60; cid++)
		th_admin(h, .opcode = NVME_ADMIN_SET_FEATURES, .cid = cid,
			 .cdw10 = NVME_FID_VOLATILE_WC, .cdw11 = cid % 2);
	th_run(h);
	consume_admin(h, &ended, &interrupted);
	ck_assert_uint_gt(interrupted, 0);
	for (uint16_t cid = 90; cid < 95; cid++) {
		th_admin(h, .opcode = NVME_ADMIN_ABORT, .cid = cid, .cdw10 = 1u << 16 | 2);
		th_run(h);
		th_expect_cqe(h, .cid = cid, .dw0 = 1); /* the medium cannot cancel */
	}
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 2, .nsid = 1, .prp1 = page);
	th_run(h);
	th_media(h, th_media_pending(h) - 1, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	while (th_media_pending(h)) {
		th_media(h, 0, 0);
		th_run(h);
	}
	consume_admin(h, &ended, &interrupted);
	ck_assert_uint_eq(ended, 6 + 50);
	th_free(h);
}
END_TEST

START_TEST(rings_wrap_and_the_phase_inverts)
{
	/* Base 2.0 3.3.3.2.1, with the smallest queues: one command at a time. */
	struct th_host *h = th_enabled(.io_queues = 1, .entries = 2);

	for (uint16_t cid = 0; cid < 7; cid++) {
		th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
		th_run(h);
		th_expect_cqe(h, .cqid = 1, .cid = cid);
		th_expect_none(h, 1);
	}
	th_free(h);
}
END_TEST

START_TEST(a_full_completion_queue_stops_fetching_and_resumes)
{
	/* Base 2.0 3.3.1.5: never a completion into a full queue, and none is lost. */
	struct th_host *h = th_enabled(.io_queues = 1, .entries = 4, .shared = _i);
	struct nvme_cqe cqe;

	for (uint16_t cid = 0; cid < 3; cid++)
		th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
	th_run(h);
	for (uint16_t cid = 3; cid < 6; cid++)
		th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
	th_run(h);
	ck_assert_uint_gt(th_events(h, NVME_TRACE_CQ_FULL), 0);
	for (uint16_t cid = 0; cid < 3; cid++) {
		ck_assert(th_next_cqe(h, 1, &cqe));
		ck_assert_uint_eq(nvme_cpu16(cqe.cid), cid);
	}
	ck_assert(!th_next_cqe(h, 1, &cqe));
	th_ring_cq(h, 1, 3);
	th_run(h);
	for (uint16_t cid = 3; cid < 6; cid++)
		th_expect_cqe(h, .cqid = 1, .cid = cid);
	th_free(h);
}
END_TEST

START_TEST(every_full_completion_queue_resumes)
{
	/* Base 2.0 3.3.1.5, the first queue and the last that can be */
	struct th_host *h = th_enabled(.io_queues = 7, .entries = 2, .controller = "queues=7");
	uint32_t qid = _i ? 7 : 1;

	th_io(h, qid, .opcode = NVME_CMD_FLUSH, .cid = 1, .nsid = 1);
	th_run(h);
	th_io(h, qid, .opcode = NVME_CMD_FLUSH, .cid = 2, .nsid = 1);
	th_run(h);
	th_expect_cqe(h, .cqid = qid, .cid = 1);
	th_run(h);
	th_expect_cqe(h, .cqid = qid, .cid = 2);
	th_free(h);
}
END_TEST

START_TEST(a_full_completion_queue_does_not_stop_another)
{
	struct th_host *h = th_enabled(.io_queues = 2, .entries = 2);

	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 1, .nsid = 1);
	th_run(h);
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 2, .nsid = 1);
	th_io(h, 2, .opcode = NVME_CMD_FLUSH, .cid = 3, .nsid = 1);
	th_run(h);
	th_expect_cqe(h, .cqid = 2, .cid = 3);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	th_free(h);
}
END_TEST

START_TEST(sqhd_follows_what_was_fetched)
{
	/* Base 2.0 3.3.3.2.2 */
	struct th_host *h = th_enabled(.io_queues = 1, .entries = 4);
	static const uint16_t heads[] = { 1, 2, 3, 0, 1 };
	struct nvme_cqe cqe;

	for (uint16_t i = 0; i < 5; i++) {
		th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = i, .nsid = 1);
		th_run(h);
		ck_assert(th_next_cqe(h, 1, &cqe));
		ck_assert_uint_eq(nvme_cpu16(cqe.sqhd), heads[i]);
		th_ring_cq(h, 1, (i + 1u) % 4);
	}
	th_free(h);
}
END_TEST

START_TEST(an_empty_pool_stops_io_and_not_admin)
{
	/* Requests are bounded by max_requests; Abort has to get through all the same. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true,
				       .controller = "max_requests=2");
	uint64_t page = th_alloc(h, 4096);

	for (uint16_t cid = 0; cid < 4; cid++)
		th_io(h, 1, .opcode = NVME_CMD_READ, .cid = cid, .nsid = 1, .prp1 = page);
	keep_alive(h, 77);
	th_run(h);
	ck_assert_uint_eq(th_media_pending(h), 2);
	th_expect_cqe(h, .cid = 77);
	while (th_media_pending(h)) {
		th_media(h, 0, 0);
		th_run(h);
	}
	for (uint16_t cid = 0; cid < 4; cid++)
		th_expect_cqe(h, .cqid = 1, .cid = cid);
	th_free(h);
}
END_TEST

START_TEST(a_slow_command_does_not_stop_the_others)
{
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);
	uint64_t page = th_alloc(h, 4096);

	for (uint16_t cid = 0; cid < 3; cid++)
		th_io(h, 1, .opcode = NVME_CMD_READ, .cid = cid, .nsid = 1, .prp1 = page);
	th_run(h);
	th_media(h, 2, 0);
	th_media(h, 1, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_media(h, 0, -EIO);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 0, .sc = NVME_SC_UNRECOVERED_READ_ERROR, .retry = true);
	th_free(h);
}
END_TEST

START_TEST(queues_are_served_in_turn_with_the_burst_of_the_feature)
{
	/* Base 2.0 3.4.4: round robin, 2^AB commands a turn. */
	struct th_host *h = th_enabled(.io_queues = 2, .entries = 16);
	struct nvme_cqe cqe;

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_ARBITRATION, .cdw11 = _i);
	for (uint16_t cid = 0; cid < 8; cid++) {
		th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
		th_io(h, 2, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
	}
	while (!th_next_cqe(h, 2, &cqe))
		ck_assert_uint_eq(th_step(h, 1), 1);
	for (int i = 0; i < 1 << _i; i++)
		ck_assert(th_next_cqe(h, 1, &cqe));
	ck_assert(!th_next_cqe(h, 1, &cqe));
	th_free(h);
}
END_TEST

START_TEST(number_of_queues_is_granted_and_binding)
{
	/* Base 2.0 5.27.1.7 */
	struct th_host *h = th_enabled(.controller = "queues=4");

	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_NUM_QUEUES,
				.cdw11 = 100u << 16 | 1),
			  3u << 16 | 1);
	th_admin(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .cid = 1, .cdw10 = SIZE(4, 4), .cdw11 = 1,
		 .prp1 = th_alloc(h, 4096));
	th_admin(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .cid = 2, .cdw10 = SIZE(4, 3),
		 .cdw11 = 4u << 16 | 1, .prp1 = th_alloc(h, 4096));
	th_admin(h, .opcode = NVME_ADMIN_SET_FEATURES, .cid = 3, .cdw10 = NVME_FID_NUM_QUEUES);
	th_run(h);
	th_expect_cqe(h, .cid = 1);
	th_expect_cqe(h, .cid = 2, .sc = NVME_SC_INVALID_QUEUE_ID);
	th_expect_cqe(h, .cid = 3, .sc = NVME_SC_COMMAND_SEQUENCE_ERROR);
	th_free(h);
}
END_TEST

START_TEST(number_of_queues_can_be_asked_again_once_no_queue_is_left)
{
	/* Base 2.0 5.27.1.7, unverified; one queue was deleted while it was busy. */
	struct th_host *h = th_enabled(.io_queues = 2, .slow_media = true);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 9, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cid = 1, .cdw10 = 1);
	th_run(h);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 1);
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cdw10 = 2);
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cdw10 = 1);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 7),
			  NVME_SC_COMMAND_SEQUENCE_ERROR);
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cdw10 = 2);
	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 7), 0);
	th_free(h);
}
END_TEST

START_TEST(number_of_queues_refuses_ffff)
{
	/* Base 2.0 5.27.1.7 */
	struct th_host *h = th_enabled();

	th_admin(h, .opcode = NVME_ADMIN_SET_FEATURES, .cid = 1, .cdw10 = NVME_FID_NUM_QUEUES,
		 .cdw11 = _i ? 0xffff0000 : 0x0000ffff);
	th_run(h);
	th_expect_cqe(h, .cid = 1, .sc = NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(the_largest_queues_work)
{
	/* 65,536 entries; one turn around the ring. */
	struct th_host *h = th_enabled(.controller = "mqes=65535,queues=1", .entries = 64);
	uint32_t head = 0;

	th_create_queues(h, 1, 65536);
	for (uint32_t i = 0; i < 65536 + 10; i++) {
		struct nvme_cqe cqe;

		th_fill(h, 1, .opcode = NVME_CMD_FLUSH, .cid = (uint16_t)i, .nsid = 1);
		if (i % 1000 != 0 && i <= 65530)
			continue;
		th_ring_sq(h, 1, th_tail(h, 1));
		th_run(h);
		while (th_next_cqe(h, 1, &cqe)) {
			if (nvme_cpu16(cqe.cid) != head++ % 65536)
				ck_abort_msg("completion %u of another command", head - 1);
		}
		th_ring_cq(h, 1, head % 65536);
	}
	ck_assert_uint_eq(head, 65536 + 10);
	th_free(h);
}
END_TEST

static Suite *queues(void)
{
	Suite *suite = suite_create("queues");
	TCase *tcase = tcase_create("queues");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_bad_completion_queue_is_refused, 0,
			    sizeof(bad_cqs) / sizeof(bad_cqs[0]));
	tcase_add_loop_test(tcase, a_bad_submission_queue_is_refused, 0,
			    sizeof(bad_sqs) / sizeof(bad_sqs[0]));
	tcase_add_test(tcase, entry_sizes_have_to_be_set_before_queues_are_made);
	tcase_add_test(tcase, a_queue_can_be_deleted_once_and_made_again);
	tcase_add_loop_test(tcase, deleting_the_admin_queue_or_an_absent_one_is_refused, 0, 3);
	tcase_add_test(tcase, deleting_a_busy_queue_waits_for_what_the_medium_has);
	tcase_add_loop_test(tcase, a_queue_that_is_being_deleted_takes_no_more_commands, 0, 2);
	tcase_add_test(tcase, several_submission_queues_share_a_completion_queue);
	tcase_add_test(tcase, a_doorbell_by_message_counts_although_the_page_is_shared);
	tcase_add_loop_test(tcase, every_queue_is_heard_whatever_the_stride, 0, 6);
	tcase_add_test(tcase, aborts_and_io_go_on_while_no_admin_request_is_left);
	tcase_add_test(tcase, rings_wrap_and_the_phase_inverts);
	tcase_add_loop_test(tcase, a_full_completion_queue_stops_fetching_and_resumes, 0, 2);
	tcase_add_loop_test(tcase, every_full_completion_queue_resumes, 0, 2);
	tcase_add_test(tcase, a_full_completion_queue_does_not_stop_another);
	tcase_add_test(tcase, sqhd_follows_what_was_fetched);
	tcase_add_test(tcase, an_empty_pool_stops_io_and_not_admin);
	tcase_add_test(tcase, a_slow_command_does_not_stop_the_others);
	tcase_add_loop_test(tcase, queues_are_served_in_turn_with_the_burst_of_the_feature, 0, 3);
	tcase_add_test(tcase, number_of_queues_is_granted_and_binding);
	tcase_add_test(tcase, number_of_queues_can_be_asked_again_once_no_queue_is_left);
	tcase_add_loop_test(tcase, number_of_queues_refuses_ffff, 0, 2);
	tcase_add_test(tcase, the_largest_queues_work);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { queues };

	return th_main(suites, 1);
}
