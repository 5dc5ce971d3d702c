/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Controller Data Queues (Base 2.1 5.1.4, 5.1.25.1.23, 5.1.27 and 8.1.6, NVM 1.1 5.6; statuses that
 * they leave open, unverified): the host of one controller is told what another one's commands have
 * changed.
 */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define OTHER	  2u /* CNTLID of the controller that is watched */
#define ENTRIES	  8u
#define CREATE(n) (NVME_PUT(NVME_CDQ_CREATE_PC, 1) | (uint32_t)(n) << 16)
#define START	  NVME_PUT(NVME_TRACK_SEND_LACT, NVME_LACT_START)
#define FID	  NVME_FID_CDQ
#define ETPT	  NVME_MASK(NVME_FEAT_CDQ_ETPT)

static uint64_t queue_; /* where the last one was created */

/* The first controller has a queue; later calls are about the second one, which works. */
static struct th_host *tracked(uint32_t entries, bool logging)
{
	struct th_host *h = th_off(.controller = "cdq=true", .controllers = 2, .ns2_blocks = 64);

	th_enable(h, 16);
	queue_ = th_alloc(h, 4096);
	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_CDQ, .prp1 = queue_, .cdw11 = CREATE(OTHER),
				.cdw12 = entries * 8),
			  0);
	if (logging)
		th_do(h, .opcode = NVME_ADMIN_TRACK_SEND, .cdw10 = START);
	th_ctrl(h, 1);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	return h;
}

static uint16_t track(struct th_host *h, uint32_t cdw10)
{
	uint16_t code;

	th_ctrl(h, 0);
	code = th_code(h, .opcode = NVME_ADMIN_TRACK_SEND, .cdw10 = cdw10);
	th_ctrl(h, 1);
	return code;
}

/* Feature 21h of the first controller. */
static uint16_t consume(struct th_host *h, uint32_t cdw11, uint32_t head, uint32_t trigger)
{
	uint16_t code;

	th_ctrl(h, 0);
	code = th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = FID, .cdw11 = cdw11,
		       .cdw12 = head, .cdw13 = trigger);
	th_ctrl(h, 1);
	return code;
}

static const struct nvme_cdq_entry *entry(struct th_host *h, uint32_t slot)
{
	return (const struct nvme_cdq_entry *)th_ptr(h, queue_) + slot;
}

static void expect_range(struct th_host *h, uint32_t slot, uint32_t nsid, uint64_t slba,
			 uint32_t blocks, uint8_t lbamqa)
{
	ck_assert_uint_eq(nvme_cpu32(entry(h, slot)->nsid), nsid);
	ck_assert_uint_eq(nvme_cpu64(entry(h, slot)->slba), slba);
	ck_assert_uint_eq(nvme_cpu32(entry(h, slot)->nlb_z), blocks - 1);
	ck_assert_uint_eq(entry(h, slot)->lbamqa, lbamqa);
}

static void expect_mark(struct th_host *h, uint32_t slot, uint8_t esa, uint8_t phase)
{
	ck_assert_uint_eq(nvme_cpu32(entry(h, slot)->nsid), 0);
	ck_assert_uint_eq(entry(h, slot)->lbamqa, NVME_CDQ_NO_RANGE << 6 | esa << 1 | phase);
}

static void expect_free(struct th_host *h, uint32_t slot)
{
	static const struct nvme_cdq_entry none;

	ck_assert_mem_eq(entry(h, slot), &none, sizeof(none));
}

static void write_blocks(struct th_host *h, uint64_t slba, uint32_t blocks)
{
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 1,
				     .prp1 = th_alloc(h, 4096), .cdw10 = (uint32_t)slba,
				     .cdw12 = blocks - 1),
			  0);
}

START_TEST(identify_tells_how_many_queues_there_can_be)
{
	/* Base 2.1 Figure 312: TRATTR, MCUDMQ, MNSUDMQ, MCMR, NMCMR and MCDQPC. */
	struct th_host *h = th_enabled(.controller = "cdq=true", .controllers = 3);
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(id->trattr, 2);
	ck_assert_uint_eq(nvme_cpu16(id->mcudmq), 1);
	ck_assert_uint_eq(nvme_cpu16(id->mnsudmq), 3);
	ck_assert_uint_eq(nvme_cpu16(id->mcmr), 1);
	ck_assert_uint_eq(nvme_cpu16(id->nmcmr), 3);
	ck_assert_uint_eq(nvme_cpu16(id->mcdqpc), 1);
	th_free(h);
}
END_TEST

START_TEST(changes_are_posted_between_a_first_and_a_last_entry)
{
	/* NVM 1.1 5.6.1: ESA and LBACIR; the phase of the first round is 1. */
	struct th_host *h = tracked(ENTRIES, false);

	write_blocks(h, 0, 1);
	expect_free(h, 0);
	ck_assert_uint_eq(track(h, START), 0);
	expect_mark(h, 0, NVME_CDQ_ESA_FIRST, 1);
	write_blocks(h, 5, 3);
	expect_range(h, 1, 1, 5, 3, 1);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 3,
				     .prp1 = th_alloc(h, 4096), .cdw10 = 9),
			  0);
	expect_range(h, 2, 3, 9, 1, 1);
	ck_assert_uint_eq(track(h, 0), 0);
	expect_mark(h, 3, NVME_CDQ_ESA_STOPPED, 1);
	write_blocks(h, 5, 3);
	expect_free(h, 4);
	th_free(h);
}
END_TEST

START_TEST(every_command_that_changes_blocks_is_told_of)
{
	/* NVM 1.1 5.6: changed, or deallocated; what only reads is not. */
	struct th_host *h = tracked(ENTRIES, true);
	uint64_t ranges = th_alloc(h, 4096);
	struct nvme_dsm_range *range = th_ptr(h, ranges);

	range[0].slba = nvme_le64(40);
	range[0].nlb = nvme_le32(4);
	ck_assert_uint_eq(
		th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = th_alloc(h, 4096)), 0);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1), 0);
	expect_free(h, 1);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_WRITE_ZEROES, .nsid = 1, .cdw10 = 10,
				     .cdw12 = 7),
			  0);
	expect_range(h, 1, 1, 10, 8, 1);
	ck_assert_uint_eq(
		th_code_io(h, 1, .opcode = NVME_CMD_WRITE_UNCORRECTABLE, .nsid = 1, .cdw10 = 20),
		0);
	expect_range(h, 2, 1, 20, 1, 1);
	ck_assert_uint_eq(
		th_code_io(h, 1, .opcode = NVME_CMD_DSM, .nsid = 1, .prp1 = ranges, .cdw11 = 4), 0);
	expect_range(h, 3, 1, 40, 4, 1 | 1 << 5);
	th_free(h);
}
END_TEST

START_TEST(a_copy_is_told_of_by_its_destination)
{
	/* NVM 1.1 5.6 and 3.2.2. */
	struct th_host *h = tracked(ENTRIES, true);
	uint64_t page = th_alloc(h, 4096);
	struct nvme_copy_range *source = th_ptr(h, page);

	source[0].slba = nvme_le64(0);
	source[0].nlb = nvme_le16(3);
	ck_assert_uint_eq(
		th_code_io(h, 1, .opcode = NVME_CMD_COPY, .nsid = 1, .prp1 = page, .cdw10 = 100),
		0);
	expect_range(h, 1, 1, 100, 4, 1);
	expect_free(h, 2);
	th_free(h);
}
END_TEST

START_TEST(a_format_changes_the_whole_namespace)
{
	/* NVM 1.1 5.6: of any namespace that the controller reaches. */
	struct th_host *h = tracked(ENTRIES, true);

	th_do(h, .opcode = NVME_ADMIN_FORMAT_NVM, .nsid = 3);
	expect_range(h, 1, 3, 0, 64, 1);
	th_free(h);
}
END_TEST

START_TEST(a_sanitize_operation_changes_every_namespace)
{
	/* NVM 1.1 5.6. */
	struct th_host *h = tracked(ENTRIES, true);

	th_do(h, .opcode = NVME_ADMIN_SANITIZE, .cdw10 = 2);
	expect_range(h, 1, 1, 0, 2048, 1);
	expect_range(h, 2, 3, 0, 64, 1);
	th_free(h);
}
END_TEST

START_TEST(what_other_controllers_change_is_not_told)
{
	/* Base 2.1 5.1.4.1.1.1: of the controller that the queue is for. */
	struct th_host *h = tracked(ENTRIES, true);

	th_ctrl(h, 0);
	th_create_queues(h, 1, 16);
	write_blocks(h, 5, 3);
	expect_free(h, 1);
	th_free(h);
}
END_TEST

/* The same, with media that answer when the test says so; logging is started. */
static struct th_host *tracked_slowly(void)
{
	struct th_host *h = th_off(.controller = "cdq=true", .controllers = 2, .slow_media = true);

	th_enable(h, 16);
	queue_ = th_alloc(h, 4096);
	th_do(h, .opcode = NVME_ADMIN_CDQ, .prp1 = queue_, .cdw11 = CREATE(OTHER),
	      .cdw12 = ENTRIES * 8);
	th_do(h, .opcode = NVME_ADMIN_TRACK_SEND, .cdw10 = START);
	th_ctrl(h, 1);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	return h;
}

START_TEST(neighbours_that_wait_are_one_entry)
{
	/* NVM 1.1 5.6.1: results of several commands may be aggregated. */
	struct th_host *h = tracked_slowly();

	for (uint16_t i = 0; i < 3; i++)
		th_io(h, 1, .opcode = NVME_CMD_WRITE, .cid = i, .nsid = 1,
		      .prp1 = th_alloc(h, 4096), .cdw10 = 8u + 2 * i, .cdw12 = 1);
	th_run(h);
	for (uint16_t i = 0; i < 3; i++)
		th_media(h, 0, 0);
	th_run(h);
	expect_range(h, 1, 1, 8, 6, 1);
	expect_free(h, 2);
	th_free(h);
}
END_TEST

START_TEST(more_changes_than_can_wait_end_logging)
{
	/* NVM 1.1 5.6.1: what waited is told, then that there is no more (unverified). */
	struct th_host *h = tracked(128, true);
	const uint32_t room = 64; /* EMU_CHANGES */
	uint32_t command;

	/* Without Bus Master the first controller cannot post. */
	th_ctrl(h, 0);
	command = th_cfg_read(h, 4, 2);
	th_cfg_write(h, 4, 2, command & ~4u);
	th_ctrl(h, 1);
	for (uint16_t i = 0; i <= room; i++)
		ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_WRITE_ZEROES, .nsid = 1,
					     .cdw10 = 2u * i),
				  0);
	expect_free(h, 1);
	th_ctrl(h, 0);
	th_cfg_write(h, 4, 2, command);
	th_run(h);
	for (uint32_t i = 0; i < room; i++)
		expect_range(h, 1 + i, 1, 2ull * i, 1, 1);
	expect_mark(h, 1 + room, NVME_CDQ_ESA_FULL, 1);
	ck_assert_uint_eq(track(h, 0), NVME_SC_COMMAND_SEQUENCE_ERROR);
	th_free(h);
}
END_TEST

START_TEST(a_queue_that_becomes_full_says_so_and_stops)
{
	/* NVM 1.1 5.6.1: ESA 111b; Base 2.1 5.1.2: Controller Data Queue Full Error. */
	struct th_host *h = tracked(4, true);

	th_ctrl(h, 0);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 77);
	th_run(h);
	th_ctrl(h, 1);
	write_blocks(h, 0, 1);
	expect_range(h, 1, 1, 0, 1, 1);
	write_blocks(h, 2, 1);
	expect_range(h, 2, 1, 2, 1, NVME_CDQ_ESA_FULL << 1 | 1);
	write_blocks(h, 4, 1);
	expect_free(h, 3);
	th_ctrl(h, 0);
	th_expect_cqe(h, .cqid = 0, .cid = 77, .dw0 = NVME_AER_CDQ_FULL);
	ck_assert_uint_eq(track(h, START), NVME_SC_CDQ_FULL);
	ck_assert_uint_eq(track(h, 0), NVME_SC_COMMAND_SEQUENCE_ERROR);
	/* Once there is room again it can be started again. */
	ck_assert_uint_eq(consume(h, 0, 2, 0), 0);
	ck_assert_uint_eq(track(h, START), 0);
	expect_mark(h, 3, NVME_CDQ_ESA_FIRST, 1);
	th_free(h);
}
END_TEST

START_TEST(the_phase_turns_with_every_round)
{
	/* Base 2.1 8.1.6.2. */
	struct th_host *h = tracked(4, true);

	for (uint32_t i = 1; i < 11; i++) {
		write_blocks(h, 10ull * i, 1);
		expect_range(h, i % 4, 1, 10ull * i, 1, i / 4 % 2 == 0);
		ck_assert_uint_eq(consume(h, 0, (i + 1) % 4, 0), 0);
	}
	th_free(h);
}
END_TEST

START_TEST(a_trigger_is_an_event)
{
	/* Base 2.1 5.1.25.1.23: Controller Data Queue Tail Pointer event, one shot. */
	struct th_host *h = tracked(ENTRIES, true);
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_cdq_pointers *pointers = th_ptr(h, page);

	ck_assert_uint_eq(consume(h, ETPT, 1, 2), 0);
	th_ctrl(h, 0);
	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .prp1 = page, .cdw10 = FID),
			  ETPT);
	ck_assert_uint_eq(nvme_cpu32(pointers->hp), 1);
	ck_assert_uint_eq(nvme_cpu32(pointers->tpt), 2);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 77);
	th_run(h);
	th_ctrl(h, 1);
	write_blocks(h, 0, 1);
	th_ctrl(h, 0);
	th_expect_none(h, 0);
	th_ctrl(h, 1);
	write_blocks(h, 5, 1);
	th_ctrl(h, 0);
	th_expect_cqe(h, .cqid = 0, .cid = 77, .dw0 = NVME_AER_CDQ_TAIL);
	th_free(h);
}
END_TEST

START_TEST(a_head_that_goes_too_far_is_refused)
{
	/* Base 2.1 5.1.25.1.23: over what was not posted, out of the queue, triggers likewise. */
	struct th_host *h = tracked(ENTRIES, true);

	ck_assert_uint_eq(consume(h, 0, 2, 0), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(consume(h, 0, ENTRIES, 0), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(consume(h, ETPT, 1, ENTRIES), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(consume(h, 1, 1, 0), NVME_SC_INVALID_CDQ);
	ck_assert_uint_eq(consume(h, 0, 1, ENTRIES), 0);
	ck_assert_uint_eq(consume(h, 0, 0, 0), NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(a_queue_that_cannot_be_is_refused)
{
	/* Base 2.1 5.1.4.1.1: sizes, memory, controllers, types, operations. */
	static const struct {
		uint32_t cdw10, cdw11, cdw12;
		uint64_t prp1; /* in the page */
		uint16_t code;
	} rows[] = {
		{ 2, CREATE(OTHER), 64, 0, NVME_SC_INVALID_FIELD },
		{ 1u << 16, CREATE(OTHER), 64, 0, NVME_SC_INVALID_FIELD },
		{ 0, CREATE(OTHER), 60, 0, NVME_SC_INVALID_FIELD },
		{ 0, CREATE(OTHER), 8, 0, NVME_SC_INVALID_FIELD },
		{ 0, CREATE(OTHER), 0, 0, NVME_SC_INVALID_FIELD },
		{ 0, CREATE(OTHER), 64, 32, NVME_SC_PRP_OFFSET_INVALID },
		{ 0, CREATE(1), 64, 0, NVME_SC_INVALID_CTRL_ID },
		{ 0, CREATE(4), 64, 0, NVME_SC_INVALID_CTRL_ID },
		{ 0, CREATE(0), 64, 0, NVME_SC_INVALID_CTRL_ID },
		{ 0, OTHER << 16, 1032, 0, NVME_SC_INVALID_FIELD },
	};
	struct th_host *h = th_enabled(.controller = "cdq=true", .controllers = 3);
	uint64_t page = th_alloc(h, 4096);

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_CDQ, .prp1 = page + rows[_i].prp1,
				  .cdw10 = rows[_i].cdw10, .cdw11 = rows[_i].cdw11,
				  .cdw12 = rows[_i].cdw12),
			  rows[_i].code);
	th_free(h);
}
END_TEST

START_TEST(a_list_of_one_page_will_do)
{
	/* Base 2.1 Figure 162: PC 0, each entry without an offset. */
	struct th_host *h = th_enabled(.controller = "cdq=true", .controllers = 2);
	uint64_t list = th_alloc(h, 4096), page = th_alloc(h, 4096);
	nvme_u64le *entries = th_ptr(h, list);

	entries[0] = nvme_le64(page + 8);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_CDQ, .prp1 = list, .cdw11 = OTHER << 16,
				  .cdw12 = 1024),
			  NVME_SC_PRP_OFFSET_INVALID);
	entries[0] = nvme_le64(page);
	th_do(h, .opcode = NVME_ADMIN_CDQ, .prp1 = list, .cdw11 = OTHER << 16, .cdw12 = 1024);
	th_do(h, .opcode = NVME_ADMIN_TRACK_SEND, .cdw10 = START);
	queue_ = page;
	expect_mark(h, 0, NVME_CDQ_ESA_FIRST, 1);
	th_free(h);
}
END_TEST

START_TEST(a_controller_has_one_queue_and_is_in_one)
{
	/* Base 2.1 5.1.4.1.1.1: MCUDMQ; another queue for the same controller. */
	struct th_host *h = th_enabled(.controller = "cdq=true", .controllers = 3);
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_CDQ, .prp1 = page, .cdw11 = CREATE(OTHER), .cdw12 = 64);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_CDQ, .prp1 = page, .cdw11 = CREATE(3), .cdw12 = 64),
		NVME_SC_NOT_ENOUGH_RESOURCES);
	th_ctrl(h, 2);
	th_enable(h, 16);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_CDQ, .prp1 = page, .cdw11 = CREATE(OTHER),
				  .cdw12 = 64),
			  NVME_SC_INVALID_FIELD);
	th_do(h, .opcode = NVME_ADMIN_CDQ, .prp1 = th_alloc(h, 4096), .cdw11 = CREATE(1),
	      .cdw12 = 64);
	th_free(h);
}
END_TEST

START_TEST(a_queue_that_is_not_there_is_not_found)
{
	/* Base 2.1 5.1.4.1.2, 5.1.27.1.1 and 5.1.25.1.23: Invalid Controller Data Queue. */
	struct th_host *h = tracked(ENTRIES, true);

	th_ctrl(h, 0);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_CDQ, .cdw10 = 1, .cdw11 = 1),
			  NVME_SC_INVALID_CDQ);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_TRACK_SEND, .cdw10 = START, .cdw11 = 1),
			  NVME_SC_INVALID_CDQ);
	ck_assert_uint_eq(track(h, START), NVME_SC_COMMAND_SEQUENCE_ERROR);
	ck_assert_uint_eq(track(h, 2u << 16), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(track(h, NVME_TRACK_MEMORY), NVME_SC_INVALID_FIELD);
	th_ctrl(h, 0);
	th_do(h, .opcode = NVME_ADMIN_CDQ, .cdw10 = 1);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_CDQ, .cdw10 = 1), NVME_SC_INVALID_CDQ);
	ck_assert_uint_eq(track(h, START), NVME_SC_INVALID_CDQ);
	ck_assert_uint_eq(consume(h, 0, 0, 0), NVME_SC_INVALID_CDQ);
	write_blocks(h, 0, 1);
	expect_free(h, 1);
	th_free(h);
}
END_TEST

START_TEST(a_reset_deletes_the_queue)
{
	/* Base 2.1 8.1.6: of the controller that has it; one of the other leaves it. */
	struct th_host *h = tracked(ENTRIES, true);

	th_write32(h, NVME_REG_CC, 0x00460000);
	th_run(h);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	write_blocks(h, 7, 1);
	expect_range(h, 1, 1, 7, 1, 1);
	th_ctrl(h, 0);
	th_write32(h, NVME_REG_CC, 0x00460000);
	th_run(h);
	th_ctrl(h, 1);
	write_blocks(h, 9, 1);
	expect_free(h, 2);
	th_ctrl(h, 0);
	th_enable(h, 16);
	ck_assert_uint_eq(track(h, START), NVME_SC_INVALID_CDQ);
	th_free(h);
}
END_TEST

START_TEST(a_write_that_was_dropped_is_told_of)
{
	/* NVM 1.1 5.6: blocks that may have changed, whether or not a completion says so. */
	struct th_host *h = tracked_slowly();

	th_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = th_alloc(h, 4096), .cdw10 = 6);
	th_run(h);
	th_write32(h, NVME_REG_CC, 0x00460000);
	th_run(h);
	expect_free(h, 1);
	th_media(h, 0, 0);
	th_run(h);
	expect_range(h, 1, 1, 6, 1, 1);
	th_free(h);
}
END_TEST

START_TEST(memory_that_went_away_ends_logging)
{
	/* NVM 1.1 5.6.1: as if the queue were full (unverified). */
	struct th_host *h = tracked(ENTRIES, true);
	uint64_t data = th_alloc(h, 4096);

	th_ctrl(h, 0);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 77);
	th_run(h);
	th_ctrl(h, 1);
	th_unmap(h, queue_);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = data), 0);
	th_map(h);
	th_ctrl(h, 0);
	th_expect_cqe(h, .cqid = 0, .cid = 77, .dw0 = NVME_AER_CDQ_FULL);
	ck_assert_uint_eq(track(h, 0), NVME_SC_COMMAND_SEQUENCE_ERROR);
	expect_free(h, 1);
	th_free(h);
}
END_TEST

START_TEST(a_controller_that_was_not_asked_for_it_has_no_queues)
{
	/* Base 2.0 5: nor has an older one. */
	static const char *const keys[] = { "cdq=false", "cdq=true,vs=1.4" };
	struct th_host *h = th_enabled(.controller = keys[_i], .controllers = 2);

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_CDQ, .prp1 = th_alloc(h, 4096),
				  .cdw11 = CREATE(OTHER), .cdw12 = 64),
			  NVME_SC_INVALID_OPCODE);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_TRACK_SEND, .cdw10 = START),
			  NVME_SC_INVALID_OPCODE);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_FEATURES, .prp1 = th_alloc(h, 4096),
				  .cdw10 = FID),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

static void add_posting(TCase *tcase)
{
	tcase_add_test(tcase, changes_are_posted_between_a_first_and_a_last_entry);
	tcase_add_test(tcase, every_command_that_changes_blocks_is_told_of);
	tcase_add_test(tcase, a_copy_is_told_of_by_its_destination);
	tcase_add_test(tcase, a_format_changes_the_whole_namespace);
	tcase_add_test(tcase, a_sanitize_operation_changes_every_namespace);
	tcase_add_test(tcase, what_other_controllers_change_is_not_told);
	tcase_add_test(tcase, neighbours_that_wait_are_one_entry);
	tcase_add_test(tcase, more_changes_than_can_wait_end_logging);
	tcase_add_test(tcase, a_queue_that_becomes_full_says_so_and_stops);
	tcase_add_test(tcase, the_phase_turns_with_every_round);
	tcase_add_test(tcase, a_trigger_is_an_event);
	tcase_add_test(tcase, a_write_that_was_dropped_is_told_of);
	tcase_add_test(tcase, memory_that_went_away_ends_logging);
}

static Suite *data_queues(void)
{
	Suite *suite = suite_create("data queues");
	TCase *queues = tcase_create("queues");
	TCase *posting = tcase_create("posting");

	tcase_set_timeout(queues, 60);
	tcase_set_timeout(posting, 60);
	tcase_add_test(queues, identify_tells_how_many_queues_there_can_be);
	tcase_add_test(queues, a_head_that_goes_too_far_is_refused);
	tcase_add_loop_test(queues, a_queue_that_cannot_be_is_refused, 0, 10);
	tcase_add_test(queues, a_list_of_one_page_will_do);
	tcase_add_test(queues, a_controller_has_one_queue_and_is_in_one);
	tcase_add_test(queues, a_queue_that_is_not_there_is_not_found);
	tcase_add_test(queues, a_reset_deletes_the_queue);
	tcase_add_loop_test(queues, a_controller_that_was_not_asked_for_it_has_no_queues, 0, 2);
	add_posting(posting);
	suite_add_tcase(suite, queues);
	suite_add_tcase(suite, posting);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { data_queues };

	return th_main(suites, 1);
}
