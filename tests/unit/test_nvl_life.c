/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/life.c, reset.c, scan.c: a controller's life, step by step. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

START_TEST(a_start_is_stepped_and_never_waits)
{
	/* Base 2.0 3.5.1: initialization. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.ready_nsec = 300 * TH_FAKE_MSEC;
	th_fake_make(&fake);
	ck_assert_uint_eq(nvl_deadline(fake.ctrl), NVL_NEVER);
	ck_assert_int_eq(nvl_begin(fake.ctrl, NVL_OP_START), 0);
	ck_assert_int_eq(nvl_begin(fake.ctrl, NVL_OP_START), -NVL_EBUSY);
	ck_assert(nvl_step(fake.ctrl));
	ck_assert_uint_eq(fake.now, 1000);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_STARTING);
	ck_assert_uint_eq(nvl_deadline(fake.ctrl), 1000 + 2000 * TH_FAKE_MSEC);
	fake.now += 200 * TH_FAKE_MSEC;
	ck_assert(nvl_step(fake.ctrl));
	th_fake_settle(&fake);
	ck_assert_int_eq(nvl_result(fake.ctrl), 0);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	th_fake_done(&fake);
}
END_TEST

START_TEST(an_admin_command_is_begun_and_ends_in_a_step)
{
	/* Base 2.0 5.17: nothing waits; one that is lost leads to a reset, which ends it. */
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_GET_LOG_PAGE,
		.nsid = nvme_le32(NVME_NSID_ALL),
		.cdw10 = nvme_le32(NVME_PUT(NVME_GET_LOG_LID, NVME_LID_SMART) |
				   NVME_PUT(NVME_GET_LOG_NUMDL, 15)),
	};
	struct th_fake_ending ending = { 0 };
	struct nvl_queue *admin;
	struct th_fake fake;
	uint64_t start;

	th_fake_open(&fake);
	admin = nvl_admin_queue(fake.ctrl);
	fake.log[NVME_LID_SMART][0] = 0x5a;
	const struct nvl_data data = { .buffer = &fake.dma, .offset = 0, .bytes = 64 };

	start = fake.now;
	ck_assert_int_eq(nvl_submit(admin, &sqe, &data, th_fake_count, &ending), 0);
	ck_assert_uint_eq(ending.done, 0);
	nvl_ring(admin);
	nvl_step(fake.ctrl);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, 0);
	ck_assert_uint_eq(*(const uint8_t *)fake.dma.data, 0x5a);
	ck_assert_uint_eq(fake.now, start);
	fake.admin_silent_once = NVME_ADMIN_GET_LOG_PAGE;
	ck_assert_int_eq(nvl_submit(admin, &sqe, &data, th_fake_count, &ending), 0);
	nvl_ring(admin);
	th_fake_steps(&fake, 62000 * TH_FAKE_MSEC);
	ck_assert_uint_eq(ending.done, 2);
	ck_assert_int_eq(ending.result, -NVL_ETIMEDOUT);
	ck_assert_uint_eq(fake.resets, 1);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_start_can_be_stopped_half_way)
{
	struct th_fake fake;

	th_fake_init(&fake);
	fake.ready_nsec = NVL_NEVER;
	th_fake_make(&fake);
	ck_assert_int_eq(nvl_begin(fake.ctrl, NVL_OP_START), 0);
	ck_assert(nvl_step(fake.ctrl));
	ck_assert_int_eq(nvl_stop(fake.ctrl), 0);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_STOPPED);
	ck_assert_uint_eq(fake.cc & 1, 0);
	ck_assert(nvl_dma_safe(fake.ctrl));
	th_fake_done(&fake);
}
END_TEST

START_TEST(an_admin_command_without_an_answer_does_not_hold_a_reset_up_for_ever)
{
	/* C15: the command of a re-initialization hangs, in each attempt. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	fake.admin_silent[NVME_ADMIN_IDENTIFY] = true;
	ck_assert_int_eq(nvl_reset(fake.ctrl), -NVL_ETIMEDOUT);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_DEAD);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_uint_lt(fake.now, 130000 * TH_FAKE_MSEC);
	ck_assert(nvl_dma_safe(fake.ctrl));
	fake.admin_silent[NVME_ADMIN_IDENTIFY] = false;
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_fatal_status_that_stays_is_cured_by_the_subsystem)
{
	/* R06: bounded resets, then NSSR where CAP.NSSRS says so. Base 2.0 3.7.1. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.cap |= NVME_PUT64(NVME_CAP_NSSRS, 1);
	fake.nssr_nsec = 100 * TH_FAKE_MSEC;
	fake.nssr_cures = true;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	fake.csts |= NVME_MASK(NVME_CSTS_CFS);
	fake.fatal_enables = TH_FAKE_FOREVER;
	th_fake_steps(&fake, 10000 * TH_FAKE_MSEC);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	ck_assert_int_eq(nvl_result(fake.ctrl), 0);
	ck_assert_uint_eq(fake.subsystem_resets, 1);
	ck_assert_uint_eq(nvl_rung_count(fake.ctrl, NVL_RUNG_RESET_AGAIN), 1);
	ck_assert_uint_eq(NVME_GET(fake.csts, NVME_CSTS_NSSRO), 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_fatal_status_that_nothing_cures_ends_in_death)
{
	/* R06: everything is failed back, in bounded time. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	fake.csts |= NVME_MASK(NVME_CSTS_CFS);
	fake.fatal_enables = TH_FAKE_FOREVER;
	th_fake_steps(&fake, 10000 * TH_FAKE_MSEC);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_DEAD);
	ck_assert_int_eq(nvl_result(fake.ctrl), -NVL_EPROTO);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_uint_eq(nvl_deadline(fake.ctrl), NVL_NEVER);
	ck_assert_int_eq(nvl_stop(fake.ctrl), 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_subsystem_reset_by_request)
{
	/* Base 2.0 3.7.1: NSSR. */
	struct th_fake fake;

	th_fake_open(&fake);
	ck_assert_int_eq(nvl_subsystem_reset(fake.ctrl), -NVL_EOPNOTSUPP);
	th_fake_done(&fake);
	th_fake_init(&fake);
	fake.cap |= NVME_PUT64(NVME_CAP_NSSRS, 1);
	fake.nssr_nsec = 400 * TH_FAKE_MSEC;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_int_eq(nvl_subsystem_reset(fake.ctrl), 0);
	ck_assert_uint_eq(fake.subsystem_resets, 1);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_controller_that_reset_itself_is_set_up_again)
{
	/* R14: RDY fell, NSSRO rose; all queues are gone. Base 2.0 3.1.3.6. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	fake.cc = 0;
	fake.csts = _i == 0 ? 0 : NVME_PUT(NVME_CSTS_NSSRO, 1);
	th_fake_steps(&fake, 2000 * TH_FAKE_MSEC);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, -NVL_ECANCELED);
	ck_assert_uint_eq(fake.csts, 1);
	ck_assert_uint_eq(nvl_rung_count(fake.ctrl, NVL_RUNG_SELF_RESET), 1);
	ck_assert(fake.queues[4].has_sq);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_function_that_was_reset_gets_its_vectors_again)
{
	/* R07: away and back between two looks, as after a function level reset: MSI-X is off. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.vectors = 5;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(fake.irq_assigns, 1);
	fake.cc = 0;
	fake.csts = 0;
	th_fake_steps(&fake, 2000 * TH_FAKE_MSEC);
	ck_assert_uint_eq(fake.irq_assigns, 1);
	fake.cc = 0;
	fake.csts = 0;
	fake.pci_command = 0;
	th_fake_steps(&fake, 2000 * TH_FAKE_MSEC);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	ck_assert_uint_eq(fake.irq_assigns, 2);
	ck_assert_uint_ne(fake.pci_command, 0);
	ck_assert_uint_eq(nvl_queue_vector(nvl_queue(fake.ctrl, 3)), 4);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_pause_holds_commands_back_and_ends)
{
	/* R15: CSTS.PP, bounded by MTFA in units of 100 ms. */
	struct th_fake_ending ending = { 0 };
	struct nvl_io io;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.id.mtfa = nvme_le16(50);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	io = th_fake_io(&fake, 0);
	fake.csts |= NVME_MASK(NVME_CSTS_PP);
	th_fake_steps(&fake, 2000 * TH_FAKE_MSEC);
	ck_assert_int_eq(nvl_read(nvl_queue(fake.ctrl, 0), &io, th_fake_count, &ending),
			 -NVL_EAGAIN);
	fake.csts &= ~NVME_MASK(NVME_CSTS_PP);
	th_fake_steps(&fake, 200 * TH_FAKE_MSEC);
	th_fake_submit(&fake, &ending);
	ck_assert_uint_eq(fake.resets, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_pause_without_an_end_is_a_reset)
{
	/* R15: beyond MTFA x 100 ms. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.id.mtfa = nvme_le16(50);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	fake.csts |= NVME_MASK(NVME_CSTS_PP);
	th_fake_steps(&fake, 5900 * TH_FAKE_MSEC);
	ck_assert_uint_eq(fake.resets, 0);
	fake.csts |= NVME_MASK(NVME_CSTS_PP);
	th_fake_steps(&fake, 300 * TH_FAKE_MSEC);
	ck_assert_uint_eq(fake.resets, 1);
	th_fake_done(&fake);
}
END_TEST

START_TEST(all_ones_for_a_moment_is_not_removal)
{
	/* R08: CSTS is read again, and configuration space. */
	struct th_fake fake;

	th_fake_open(&fake);
	fake.all_ones = 1;
	ck_assert_int_eq(nvl_watch(fake.ctrl), 0);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	ck_assert_uint_eq(nvl_rung_count(fake.ctrl, NVL_RUNG_NOT_REMOVED), 1);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_device_that_was_removed_may_return)
{
	/* R07: found by the watch within a second; then another device in the slot. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	th_fake_submit(&fake, &ending);
	fake.all_ones = TH_FAKE_FOREVER;
	fake.config_gone = true;
	th_fake_steps(&fake, 1000 * TH_FAKE_MSEC);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_GONE);
	ck_assert_int_eq(ending.result, -NVL_ENODEV);
	ck_assert_int_eq(nvl_start(fake.ctrl), -NVL_ENODEV);
	fake.all_ones = 0;
	fake.config_gone = false;
	fake.cc = 0;
	fake.csts = 0;
	memcpy(fake.id.sn, "another", 7);
	ck_assert_int_eq(nvl_returned(fake.ctrl), 0);
	ck_assert_int_eq(nvl_returned(fake.ctrl), -NVL_EBUSY);
	ck_assert_int_eq(nvl_start(fake.ctrl), 0);
	th_fake_submit(&fake, &ending);
	th_fake_done(&fake);
}
END_TEST

START_TEST(suspend_and_resume)
{
	/* Base 2.0 3.6.1: an orderly shutdown; the same controller comes back. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	ck_assert_int_eq(nvl_resume(fake.ctrl), -NVL_ESHUTDOWN);
	ck_assert_int_eq(nvl_suspend(fake.ctrl), 0);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_SUSPENDED);
	ck_assert_uint_eq(fake.deleted_cqs, 4);
	ck_assert_uint_eq(fake.cc & 1, 0);
	ck_assert_int_eq(nvl_suspend(fake.ctrl), -NVL_ESHUTDOWN);
	ck_assert_int_eq(nvl_resume(fake.ctrl), 0);
	th_fake_submit(&fake, &ending);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	th_fake_done(&fake);
}
END_TEST

START_TEST(another_controller_after_a_resume_is_refused)
{
	/* C13: Identify differs. */
	struct th_fake fake;

	th_fake_open(&fake);
	ck_assert_int_eq(nvl_suspend(fake.ctrl), 0);
	memcpy(fake.id.sn, "another", 7);
	ck_assert_int_eq(nvl_resume(fake.ctrl), -NVL_EPROTO);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_STOPPED);
	ck_assert_int_eq(nvl_start(fake.ctrl), 0);
	th_fake_done(&fake);
}
END_TEST

struct events {
	unsigned int count;
	struct nvl_event last;
};

static void note(void *arg, const struct nvl_event *event)
{
	struct events *events = arg;

	events->count++;
	events->last = *event;
}

struct change {
	unsigned int byte; /* of Identify Namespace */
	uint8_t value;
	enum nvl_event_type type;
	int result; /* of a read through the row of before */
};

static const struct change changes[] = {
	{ 1, 4, NVL_EVENT_NS_RESIZED, 0 },
	{ 104, 7, NVL_EVENT_NS_REPLACED, -NVL_EINVAL },
	{ 130, 12, NVL_EVENT_NS_REFORMATTED, -NVL_EINVAL },
};

START_TEST(a_namespace_that_differs_after_a_reset_is_not_used_as_before)
{
	/* C13: size, NGUID, LBA format. */
	const struct change *change = &changes[_i];
	struct events events = { 0 };
	struct nvl_io io;
	struct th_fake fake;

	th_fake_open(&fake);
	nvl_set_event_handler(fake.ctrl, note, &events);
	io = th_fake_io(&fake, 0);
	((uint8_t *)&fake.ns)[change->byte] = change->value;
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(events.count, 1);
	ck_assert_uint_eq(events.last.type, change->type);
	ck_assert_int_eq(nvl_read(nvl_queue(fake.ctrl, 0), &io, th_fake_count,
				  &(struct th_fake_ending){ 0 }),
			 change->result);
	/* Another namespace is used only after a rescan that somebody asked for. */
	ck_assert_uint_eq(nvl_ns_at(fake.ctrl, 0)->problem,
			  change->type == NVL_EVENT_NS_REPLACED ? NVL_REASON_NS_CHANGED : 0);
	ck_assert_int_eq(nvl_rescan(fake.ctrl), 0);
	ck_assert_uint_eq(nvl_ns_at(fake.ctrl, 0)->problem, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_restart_that_may_have_lost_writes_is_told)
{
	/* Base 2.0 3.7.2 (unverified): AQA outlives CC.EN = 0, and no failure of the power. */
	struct events events = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	nvl_set_event_handler(fake.ctrl, note, &events);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(events.count, 0);
	fake.aqa = 0;
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(events.count, 1);
	ck_assert_uint_eq(events.last.type, NVL_EVENT_RESTARTED);
	/* A normal shutdown leaves nothing that could be lost; an abrupt one does. */
	ck_assert_int_eq(nvl_suspend(fake.ctrl), 0);
	fake.aqa = 0;
	ck_assert_int_eq(nvl_resume(fake.ctrl), 0);
	ck_assert_uint_eq(events.count, 1);
	ck_assert_int_eq(nvl_shutdown(fake.ctrl, true), 0);
	fake.aqa = 0;
	ck_assert_int_eq(nvl_start(fake.ctrl), 0);
	ck_assert_uint_eq(events.count, 2);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_rescan_that_finds_nothing_new_moves_no_row)
{
	struct events events = { 0 };
	const struct nvl_ns *row;
	struct th_fake fake;

	th_fake_open(&fake);
	nvl_set_event_handler(fake.ctrl, note, &events);
	row = nvl_ns_at(fake.ctrl, 0);
	ck_assert_int_eq(nvl_rescan(fake.ctrl), 0);
	ck_assert_ptr_eq(nvl_ns_at(fake.ctrl, 0), row);
	ck_assert_uint_eq(events.count, 0);
	fake.nsids[1] = 3;
	ck_assert_int_eq(nvl_rescan(fake.ctrl), 0);
	ck_assert_uint_eq(events.last.type, NVL_EVENT_NS_ADDED);
	ck_assert_uint_eq(events.last.nsid, 3);
	fake.nsids[0] = 3;
	fake.nsids[1] = 0;
	ck_assert_int_eq(nvl_rescan(fake.ctrl), 0);
	ck_assert_uint_eq(events.last.type, NVL_EVENT_NS_REMOVED);
	ck_assert_uint_eq(events.last.nsid, 1);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_reset_that_grants_fewer_queues_goes_on_with_those)
{
	/* Q27, Base 2.0 5.27.1.5: requests of the lost queues are failed once. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;
	struct nvl_io io;

	th_fake_open(&fake);
	io = th_fake_io(&fake, 0);
	ck_assert_int_eq(nvl_read(nvl_queue(fake.ctrl, 3), &io, th_fake_count, &ending), 0);
	nvl_ring(nvl_queue(fake.ctrl, 3));
	fake.granted = 2;
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, -NVL_ECANCELED);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->queues, 2);
	ck_assert_ptr_null(nvl_queue(fake.ctrl, 2));
	th_fake_submit(&fake, &ending);
	th_fake_done(&fake);
}
END_TEST

START_TEST(without_io_queues_it_is_degraded_until_a_reset)
{
	/* Q19: admin commands work, to repair the drive. */
	const struct nvl_identify identify = { .cns = NVME_CNS_CTRL };
	struct nvme_id_ctrl id;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.feature_status[NVME_FID_NUM_QUEUES] = NVME_SC_INTERNAL_ERROR;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_DEGRADED);
	ck_assert(nvl_is_up(fake.ctrl));
	ck_assert_int_eq(nvl_identify(fake.ctrl, &identify, &id), 0);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_DEGRADED);
	fake.csts |= NVME_MASK(NVME_CSTS_CFS);
	fake.feature_status[NVME_FID_NUM_QUEUES] = 0;
	th_fake_steps(&fake, 2000 * TH_FAKE_MSEC);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_delete_that_hangs_is_bounded_in_a_shutdown)
{
	/* Q21: fall back to EN = 0. */
	struct th_fake fake;

	th_fake_open(&fake);
	fake.admin_silent[NVME_ADMIN_DELETE_IO_SQ] = true;
	ck_assert_int_eq(nvl_shutdown(fake.ctrl, false), -NVL_ETIMEDOUT);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_STOPPED);
	ck_assert(nvl_dma_safe(fake.ctrl));
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_delete_that_is_refused_is_left_to_the_shutdown)
{
	/* Q21. */
	struct th_fake fake;

	th_fake_open(&fake);
	fake.admin_status[NVME_ADMIN_DELETE_IO_SQ] = NVME_SC_INVALID_QUEUE_DELETION;
	ck_assert_int_eq(nvl_shutdown(fake.ctrl, false), 0);
	ck_assert_uint_eq(fake.deleted_cqs, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(shutdown_and_stop_that_cannot_disable_leave_it_dead)
{
	/* R02, R13. */
	struct th_fake fake;

	th_fake_open(&fake);
	fake.unready_nsec = NVL_NEVER;
	ck_assert_int_eq(_i == 0 ? nvl_shutdown(fake.ctrl, true) : nvl_stop(fake.ctrl),
			 -NVL_ETIMEDOUT);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_DEAD);
	ck_assert(!nvl_dma_safe(fake.ctrl));
	th_fake_done(&fake);
}
END_TEST

static TCase *make_tcase(void)
{
	TCase *tcase = tcase_create("life");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_start_is_stepped_and_never_waits);
	tcase_add_test(tcase, an_admin_command_is_begun_and_ends_in_a_step);
	tcase_add_test(tcase, a_start_can_be_stopped_half_way);
	tcase_add_test(tcase, an_admin_command_without_an_answer_does_not_hold_a_reset_up_for_ever);
	tcase_add_test(tcase, a_fatal_status_that_stays_is_cured_by_the_subsystem);
	tcase_add_test(tcase, a_fatal_status_that_nothing_cures_ends_in_death);
	tcase_add_test(tcase, a_subsystem_reset_by_request);
	tcase_add_loop_test(tcase, a_controller_that_reset_itself_is_set_up_again, 0, 2);
	tcase_add_test(tcase, a_function_that_was_reset_gets_its_vectors_again);
	tcase_add_test(tcase, a_pause_holds_commands_back_and_ends);
	tcase_add_test(tcase, a_pause_without_an_end_is_a_reset);
	tcase_add_test(tcase, all_ones_for_a_moment_is_not_removal);
	tcase_add_test(tcase, a_device_that_was_removed_may_return);
	tcase_add_test(tcase, suspend_and_resume);
	tcase_add_test(tcase, another_controller_after_a_resume_is_refused);
	return tcase;
}

static TCase *make_found_tcase(void)
{
	TCase *tcase = tcase_create("found");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_namespace_that_differs_after_a_reset_is_not_used_as_before, 0,
			    sizeof(changes) / sizeof(changes[0]));
	tcase_add_test(tcase, a_restart_that_may_have_lost_writes_is_told);
	tcase_add_test(tcase, a_rescan_that_finds_nothing_new_moves_no_row);
	tcase_add_test(tcase, a_reset_that_grants_fewer_queues_goes_on_with_those);
	tcase_add_test(tcase, without_io_queues_it_is_degraded_until_a_reset);
	tcase_add_test(tcase, a_delete_that_hangs_is_bounded_in_a_shutdown);
	tcase_add_test(tcase, a_delete_that_is_refused_is_left_to_the_shutdown);
	tcase_add_loop_test(tcase, shutdown_and_stop_that_cannot_disable_leave_it_dead, 0, 2);
	return tcase;
}

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_life");

	suite_add_tcase(suite, make_tcase());
	suite_add_tcase(suite, make_found_tcase());
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
