/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Faults of a controller that no other suite has a story of. docs/recovery.md says which fault has
 * which tests, tests/unit/test_nvl_faults_table.sh that they exist.
 */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

#define SECOND UINT64_C(1000000000)

static struct nvl_queue *queue_at(struct th_fake *fake, uint32_t index)
{
	return nvl_queue(fake->ctrl, index);
}

static struct nvme_cqe cqe_of(struct th_fake *fake, const struct nvme_sqe *sqe)
{
	return (struct nvme_cqe){
		.sqhd = nvme_le16((uint16_t)fake->queues[1].sq_head),
		.sqid = nvme_le16(1),
		.cid = sqe->cid,
	};
}

START_TEST(a_command_completes_after_its_abort_did)
{
	/* Q03, Base 2.0 5.1: both are consumed, and the request ends once, with 0/07h. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	fake.abort = TH_ABORT_LATE;
	th_fake_submit(&fake, &ending);
	th_fake_steps(&fake, 33 * SECOND);
	ck_assert_uint_eq(fake.aborts_seen, 1);
	ck_assert_uint_eq(ending.done, 0);
	th_fake_complete(&fake, 1, NVME_SC_ABORT_REQUESTED);
	nvl_poll(queue_at(&fake, 0), 0);
	th_fake_steps(&fake, 60 * SECOND);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, NVME_SC_ABORT_REQUESTED);
	ck_assert_uint_eq(fake.resets, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(cids_of_two_commands_are_swapped)
{
	/* Q07: nothing on this side can tell; each request ends once, with what it was given. */
	struct th_fake_ending endings[2] = { 0 };
	struct nvme_sqe sqes[2];
	struct th_fake fake;

	th_fake_open(&fake);
	for (unsigned int i = 0; i < 2; i++)
		th_fake_submit(&fake, &endings[i]);
	for (unsigned int i = 0; i < 2; i++)
		sqes[i] = th_fake_fetch(&fake, 1);
	th_fake_answer(&fake, 1, &sqes[1], 0, 0xaa);
	th_fake_answer(&fake, 1, &sqes[0], 0x281, 0xbb);
	ck_assert_uint_eq(nvl_poll(queue_at(&fake, 0), 0), 2);
	ck_assert_uint_eq(endings[0].done, 1);
	ck_assert_uint_eq(endings[1].done, 1);
	ck_assert_int_eq(endings[0].result, 0x281);
	ck_assert_uint_eq(endings[1].completion.dw0, 0xaa);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_burst_ends_where_the_completion_queue_wraps)
{
	/* Q13, Base 2.0 3.3.3.2.2: the phase toggles once; what is there from before is not new. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;
	uint32_t entries;

	th_fake_init(&fake);
	fake.config.entries = 8;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	entries = nvl_info(fake.ctrl)->entries;
	for (unsigned int round = 1; round <= 6; round++) {
		for (uint32_t half = 0; half < 2; half++) {
			for (uint32_t i = 0; i < entries / 2; i++)
				th_fake_submit(&fake, &ending);
			for (uint32_t i = 0; i < entries / 2; i++)
				th_fake_complete(&fake, 1, 0);
			ck_assert_uint_eq(nvl_poll(queue_at(&fake, 0), 0), entries / 2);
		}
		ck_assert_uint_eq(fake.queues[1].cq_tail, 0);
		ck_assert_uint_eq(nvl_poll(queue_at(&fake, 0), 0), 0);
		ck_assert_uint_eq(ending.done, round * entries);
	}
	th_fake_done(&fake);
}
END_TEST

START_TEST(an_entry_arrives_in_two_pieces)
{
	/* Q14: dwords 0 to 2 without the phase are nothing yet. */
	struct th_fake_ending ending = { 0 };
	struct nvme_cqe cqe, *slot;
	struct nvme_sqe sqe;
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	sqe = th_fake_fetch(&fake, 1);
	slot = th_fake_memory(&fake, fake.queues[1].cq_iova);
	cqe = cqe_of(&fake, &sqe);
	cqe.dw0 = nvme_le32(0x1234);
	cqe.cid = nvme_le16(0xffff);
	*slot = cqe;
	ck_assert_uint_eq(nvl_poll(queue_at(&fake, 0), 0), 0);
	cqe.cid = sqe.cid;
	cqe.status = nvme_le16(1);
	*slot = cqe;
	ck_assert_uint_eq(nvl_poll(queue_at(&fake, 0), 0), 1);
	ck_assert_uint_eq(ending.completion.dw0, 0x1234);
	ck_assert_uint_eq(nvl_counters(queue_at(&fake, 0))->bad_cid, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(an_interrupt_without_a_completion_moves_nothing)
{
	/* Q16: no doorbell without progress, however often it fires, whosever vector it is. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.vectors = 5;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		for (uint32_t index = 0; index < 4; index++)
			ck_assert_uint_eq(nvl_poll(queue_at(&fake, index), 0), 0);
	}
	ck_assert_uint_eq(fake.queues[1].cq_writes, 0);
	ck_assert_uint_eq(fake.queues[1].sq_writes, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(entries_without_end_do_not_keep_the_caller)
{
	/* Q06, Q16: each poll takes at most a ring of them, and no request is touched. */
	struct th_fake_ending ending = { 0 };
	const struct nvme_sqe other = { .cid = nvme_le16(0xfffe) };
	struct th_fake fake;
	uint32_t entries;

	th_fake_open(&fake);
	entries = nvl_info(fake.ctrl)->entries;
	th_fake_submit(&fake, &ending);
	for (unsigned int round = 0; round < 4; round++) {
		for (uint32_t i = 0; i < entries; i++)
			th_fake_answer(&fake, 1, &other, 0, 0);
		ck_assert_uint_le(nvl_poll(queue_at(&fake, 0), 0), entries);
	}
	ck_assert_uint_eq(ending.done, 0);
	ck_assert_uint_eq(nvl_queue_outstanding(queue_at(&fake, 0)), 1);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_doorbell_write_is_lost)
{
	/* Q22: the entry is never fetched, so the Abort finds nothing: a reset, and one end. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	fake.lost_register = NVME_DOORBELL_OFFSET + 8;
	fake.abort = TH_ABORT_REFUSED;
	th_fake_submit(&fake, &ending);
	ck_assert_uint_eq(fake.queues[1].sq_tail, 0);
	th_fake_steps(&fake, 33 * SECOND);
	ck_assert_uint_eq(fake.resets, 1);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	th_fake_done(&fake);
}
END_TEST

START_TEST(one_queue_is_starved_and_the_others_are_not)
{
	/* Q23: only the starved queue's command is late and aborted. */
	struct th_fake_ending starved = { 0 }, served = { 0 };
	struct nvl_io io;
	struct th_fake fake;

	th_fake_open(&fake);
	io = th_fake_io(&fake, 0);
	th_fake_submit(&fake, &starved);
	for (unsigned int i = 0; i < 33; i++) {
		ck_assert_int_eq(nvl_read(queue_at(&fake, 1), &io, th_fake_count, &served), 0);
		nvl_ring(queue_at(&fake, 1));
		th_fake_complete(&fake, 2, 0);
		nvl_poll(queue_at(&fake, 1), 0);
		th_fake_steps(&fake, SECOND);
	}
	nvl_poll(queue_at(&fake, 0), 0);
	ck_assert_uint_eq(served.done, 33);
	ck_assert_uint_eq(starved.done, 1);
	ck_assert_int_eq(starved.result, NVME_SC_ABORT_REQUESTED);
	ck_assert_uint_eq(nvl_counters(queue_at(&fake, 0))->timeouts, 1);
	ck_assert_uint_eq(nvl_counters(queue_at(&fake, 1))->timeouts, 0);
	ck_assert_uint_eq(nvl_queue_aborts(queue_at(&fake, 1)), 0);
	ck_assert_uint_eq(fake.resets, 0);
	th_fake_done(&fake);
}
END_TEST

struct told {
	unsigned int events;
	uint8_t info;
};

static void hear(void *arg, const struct nvl_event *event)
{
	struct told *told = arg;

	if (event->type != NVL_EVENT_ASYNC)
		return;
	told->events++;
	told->info = event->aer_info;
}

static const uint32_t doorbell_events[] = { NVME_AER_INVALID_DB_REGISTER,
					    NVME_AER_INVALID_DB_VALUE };

START_TEST(the_controller_complains_of_a_doorbell)
{
	/* Q24, Base 2.0 5.2: it is told, the controller is reset, requests end once. */
	struct th_fake_ending ending = { 0 };
	struct told told = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	nvl_set_event_handler(fake.ctrl, hear, &told);
	th_fake_submit(&fake, &ending);
	ck_assert(th_fake_event(&fake, doorbell_events[_i]));
	th_fake_steps(&fake, SECOND);
	ck_assert_uint_eq(told.events, 1);
	ck_assert_uint_eq(told.info, (unsigned int)_i);
	ck_assert_uint_eq(fake.logs_read[NVME_LID_ERROR], 1);
	ck_assert_uint_eq(fake.resets, 1);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	th_fake_done(&fake);
}
END_TEST

START_TEST(another_error_event_is_told_and_nothing_more)
{
	/* Q24, Base 2.0 5.2: a transient internal error. */
	struct told told = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	nvl_set_event_handler(fake.ctrl, hear, &told);
	ck_assert(th_fake_event(&fake, NVME_PUT(NVME_AER_INFO, 4) | NVME_PUT(NVME_AER_LID, 1)));
	th_fake_steps(&fake, SECOND);
	ck_assert_uint_eq(told.events, 1);
	ck_assert_uint_eq(fake.resets, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_host_that_pauses_loses_nothing)
{
	/* Q26: as many completions as there is room for wait; the controller never lacks any. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;
	uint32_t depth;

	th_fake_open(&fake);
	depth = nvl_queue_depth(queue_at(&fake, 0));
	for (unsigned int round = 1; round <= 3; round++) {
		for (uint32_t i = 0; i < depth; i++)
			th_fake_submit(&fake, &ending);
		for (uint32_t i = 0; i < depth; i++)
			th_fake_complete(&fake, 1, 0);
		fake.now += 10 * SECOND;
		while (nvl_poll(queue_at(&fake, 0), 0) > 0)
			;
		ck_assert_uint_eq(ending.done, round * depth);
	}
	ck_assert_uint_eq(nvl_queue_outstanding(queue_at(&fake, 0)), 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(one_of_two_fused_commands_is_lost)
{
	/* C17, NVM 1.0 3.2.5: Missing Fused Command for one, the other is aborted; one end. */
	struct th_fake_ending ending = { 0 };
	struct nvl_io io;
	struct th_fake fake;

	th_fake_open(&fake);
	io = th_fake_io(&fake, 0);
	ck_assert_int_eq(nvl_compare_write(queue_at(&fake, 0), &io, &io, th_fake_count, &ending),
			 0);
	nvl_ring(queue_at(&fake, 0));
	th_fake_complete(&fake, 1, NVME_SC_ABORTED_MISSING_FUSED);
	nvl_poll(queue_at(&fake, 0), 0);
	ck_assert_uint_eq(ending.done, 0);
	th_fake_steps(&fake, 33 * SECOND);
	nvl_poll(queue_at(&fake, 0), 0);
	ck_assert_uint_eq(fake.aborts_seen, 1);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, NVME_SC_ABORTED_MISSING_FUSED);
	ck_assert_uint_eq(nvl_counters(queue_at(&fake, 0))->retries, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(the_bus_cannot_reach_the_data)
{
	/* D11: Data Transfer Error, 0/04h: as often as max_retries allows, then reported. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.max_retries = 2;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	th_fake_submit(&fake, &ending);
	for (unsigned int i = 0; i < 3; i++) {
		ck_assert_uint_eq(ending.done, 0);
		th_fake_complete(&fake, 1, NVME_SC_DATA_TRANSFER_ERROR);
		nvl_poll(queue_at(&fake, 0), 0);
	}
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, NVME_SC_DATA_TRANSFER_ERROR);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_warning_of_the_drive_is_told_and_reads_go_on)
{
	/* M04, M06, P03, Base 2.0 5.16.1.3: read-only, spare low, volatile memory backup failed. */
	struct th_fake_ending ending = { 0 };
	struct told told = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	nvl_set_event_handler(fake.ctrl, hear, &told);
	fake.log[NVME_LID_SMART][0] = (uint8_t)(1u << _i);
	ck_assert(th_fake_event(&fake, NVME_PUT(NVME_AER_TYPE, NVME_AER_TYPE_SMART) |
					       NVME_PUT(NVME_AER_LID, NVME_LID_SMART)));
	th_fake_steps(&fake, SECOND);
	ck_assert_uint_eq(told.events, 1);
	ck_assert_uint_eq(fake.logs_read[NVME_LID_SMART], 1);
	ck_assert(!fake.last_rae);
	ck_assert_uint_ge(fake.aer_count, 1);
	th_fake_submit(&fake, &ending);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(queue_at(&fake, 0), 0);
	ck_assert_int_eq(ending.result, 0);
	ck_assert_uint_eq(fake.resets, 0);
	th_fake_done(&fake);
}
END_TEST

static const uint16_t commit_statuses[] = {
	0x10b, 0x110, 0x111, 0x106, 0x107, 0x112, 0x113, 0x114
};

START_TEST(an_image_is_not_activated_and_a_reset_shows_what_runs)
{
	/* A01, A02, A03, Base 2.0 5.12: the status is the caller's; FR is read anew in a reset. */
	const struct nvl_fw_commit commit = { .action = NVME_FW_COMMIT_ACTIVATE_NOW, .slot = 1 };
	struct th_fake fake;

	th_fake_open(&fake);
	fake.admin_status[NVME_ADMIN_FW_COMMIT] = commit_statuses[_i];
	ck_assert_int_eq(nvl_fw_commit(fake.ctrl, &commit, NULL), commit_statuses[_i]);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	ck_assert_uint_eq(fake.resets, 0);
	memcpy(fake.id.fr, "2.0     ", 8);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_mem_eq(nvl_id_ctrl(fake.ctrl)->fr, "2.0     ", 8);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_faults");
	TCase *tcase = tcase_create("faults");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_command_completes_after_its_abort_did);
	tcase_add_test(tcase, cids_of_two_commands_are_swapped);
	tcase_add_test(tcase, a_burst_ends_where_the_completion_queue_wraps);
	tcase_add_test(tcase, an_entry_arrives_in_two_pieces);
	tcase_add_test(tcase, an_interrupt_without_a_completion_moves_nothing);
	tcase_add_test(tcase, entries_without_end_do_not_keep_the_caller);
	tcase_add_test(tcase, a_doorbell_write_is_lost);
	tcase_add_test(tcase, one_queue_is_starved_and_the_others_are_not);
	tcase_add_loop_test(tcase, the_controller_complains_of_a_doorbell, 0, 2);
	tcase_add_test(tcase, another_error_event_is_told_and_nothing_more);
	tcase_add_test(tcase, a_host_that_pauses_loses_nothing);
	tcase_add_test(tcase, one_of_two_fused_commands_is_lost);
	tcase_add_test(tcase, the_bus_cannot_reach_the_data);
	tcase_add_loop_test(tcase, a_warning_of_the_drive_is_told_and_reads_go_on, 0, 5);
	tcase_add_loop_test(tcase, an_image_is_not_activated_and_a_reset_shows_what_runs, 0,
			    sizeof(commit_statuses) / sizeof(commit_statuses[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
