/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reservations: preempting, aborting, notifications. Base 2.0 8.19.
 */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "tests/harness/main.h"
#include "tests/protocol/resv.h"

#define REGPRE (1u << 1)
#define RESREL (1u << 2)
#define RESPRE (1u << 3)

/* The oldest notification of the current controller, which is then read. */
static struct nvme_resv_log notification(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = NVME_LID_RESERVATION | 15 << 16);
	return *(const struct nvme_resv_log *)th_ptr(h, page);
}

static uint8_t told(struct th_host *h, uint32_t ctrl)
{
	th_ctrl(h, ctrl);
	return notification(h).rnlpt;
}

/* Hosts 0 .. @count - 1 are registered, @holder holds a reservation, and host 0 is next. */
static struct th_host *reserved(uint32_t count, uint32_t holder, uint32_t type)
{
	struct th_host *h = th_registered(count);

	th_ctrl(h, holder);
	th_acquire(h, ACQUIRE, 10 + holder, 0, type);
	th_ctrl(h, 0);
	return h;
}

static void expect_report(struct th_host *h, uint32_t type, uint32_t registered)
{
	ck_assert_uint_eq(th_report(h)->rtype, type);
	ck_assert_uint_eq(th_report(h)->regctl[0], registered);
}

/* The current host, with key 10, reserves and releases. */
static void reserve_and_release(struct th_host *h, uint32_t type)
{
	th_acquire(h, ACQUIRE, 10, 0, type);
	ck_assert_uint_eq(th_release(h, RELEASE, 10, type), NVME_SC_SUCCESS);
}

START_TEST(preempting_the_holder_takes_its_reservation_and_registration)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = reserved(3, 1, EA);

	ck_assert_uint_eq(th_acquire(h, PREEMPT, 10, 11, WE), NVME_SC_SUCCESS);
	expect_report(h, WE, 2);
	ck_assert(!th_holds(h, 0) && th_holds(h, 1)); /* registered in the order 2, 1, 0 */
	ck_assert_uint_eq(th_key(h, 1), 10);
	ck_assert_uint_eq(nvme_cpu32(th_report(h)->gen), 4);
	ck_assert_uint_eq(told(h, 1), NVME_RESV_LOG_REGISTRATION_PREEMPTED);
	ck_assert_uint_eq(told(h, 2), NVME_RESV_LOG_RELEASED);
	ck_assert_uint_eq(told(h, 0), NVME_RESV_LOG_EMPTY);
	th_free(h);
}
END_TEST

START_TEST(preempting_somebody_else_leaves_the_holder)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = reserved(3, 1, EA);

	ck_assert_uint_eq(th_acquire(h, PREEMPT, 10, 12, WE), NVME_SC_SUCCESS);
	expect_report(h, EA, 2);
	ck_assert(th_holds(h, 0));
	ck_assert_uint_eq(told(h, 2), NVME_RESV_LOG_REGISTRATION_PREEMPTED);
	ck_assert_uint_eq(told(h, 1), NVME_RESV_LOG_EMPTY);
	th_free(h);
}
END_TEST

START_TEST(preempting_without_a_reservation_unregisters_and_reserves_nothing)
{
	/* Base 2.0 8.19 (unverified): also the one who preempts, if it is its own key. */
	struct th_host *h = th_registered(2);

	th_ctrl(h, 0);
	ck_assert_uint_eq(th_acquire(h, PREEMPT, 10, 11, WE), NVME_SC_SUCCESS);
	expect_report(h, 0, 1);
	ck_assert_uint_eq(th_acquire(h, PREEMPT, 10, 10, WE), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_report(h)->regctl[0], 0);
	ck_assert_uint_eq(told(h, 0), NVME_RESV_LOG_EMPTY);
	th_free(h);
}
END_TEST

START_TEST(a_key_of_nobody_is_a_conflict_and_no_key_an_invalid_field)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = th_registered(2);

	th_ctrl(h, 0);
	ck_assert_uint_eq(th_acquire(h, PREEMPT, 10, 99, WE), NVME_SC_RESERVATION_CONFLICT);
	ck_assert_uint_eq(th_acquire(h, PREEMPT, 10, 0, WE), NVME_SC_INVALID_FIELD);
	th_acquire(h, ACQUIRE, 10, 0, EA);
	ck_assert_uint_eq(th_acquire(h, PREEMPT, 10, 99, WE), NVME_SC_RESERVATION_CONFLICT);
	ck_assert_uint_eq(th_acquire(h, PREEMPT, 10, 0, WE), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_acquire(h, PREEMPT, 9, 11, WE), NVME_SC_RESERVATION_CONFLICT);
	expect_report(h, EA, 2);
	ck_assert_uint_eq(nvme_cpu32(th_report(h)->gen), 2);
	th_free(h);
}
END_TEST

START_TEST(a_holder_preempts_itself_to_another_type)
{
	/* Base 2.0 8.19 (unverified): it stays registered; others with its key do not. */
	struct th_host *h = reserved(2, 0, EA);

	ck_assert_uint_eq(th_acquire(h, PREEMPT, 10, 10, WERO), NVME_SC_SUCCESS);
	expect_report(h, WERO, 2);
	ck_assert(th_holds(h, 1));
	ck_assert_uint_eq(told(h, 1), NVME_RESV_LOG_RELEASED);
	th_free(h);
}
END_TEST

START_TEST(with_a_type_for_all_no_key_preempts_everybody_else)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = reserved(3, 2, EAAR);

	ck_assert_uint_eq(th_acquire(h, PREEMPT, 10, 0, WE), NVME_SC_SUCCESS);
	expect_report(h, WE, 1);
	ck_assert(th_holds(h, 0));
	ck_assert_uint_eq(told(h, 1), NVME_RESV_LOG_REGISTRATION_PREEMPTED);
	ck_assert_uint_eq(told(h, 2), NVME_RESV_LOG_REGISTRATION_PREEMPTED);
	th_free(h);
}
END_TEST

START_TEST(with_a_type_for_all_a_key_unregisters_and_the_reservation_stays)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = reserved(3, 2, EAAR);

	ck_assert_uint_eq(th_acquire(h, PREEMPT, 10, 12, WE), NVME_SC_SUCCESS);
	expect_report(h, EAAR, 2);
	ck_assert_uint_eq(th_acquire(h, PREEMPT, 10, 98, WE), NVME_SC_RESERVATION_CONFLICT);
	th_free(h);
}
END_TEST

/* Preempt and Abort. Host 1 has commands under way. */
static struct th_host *under_way(uint32_t commands)
{
	struct th_host *h = th_hosts_((struct th_options){ .slow_media = true });

	for (uint32_t ctrl = 2; ctrl-- > 0;) {
		th_ctrl(h, ctrl);
		th_register(h, REGISTER, 0, 10 + ctrl);
	}
	th_ctrl(h, 1);
	th_acquire(h, ACQUIRE, 11, 0, WE);
	for (uint16_t cid = 0; cid < commands; cid++)
		th_io(h, 1, .opcode = NVME_CMD_WRITE, .cid = cid, .nsid = 1,
		      .prp1 = th_alloc(h, 4096), .cdw10 = cid);
	th_run(h);
	ck_assert_uint_eq(th_media_pending(h), commands);
	th_ctrl(h, 0);
	return h;
}

static void preempt_and_abort(struct th_host *h, uint16_t cid)
{
	uint64_t page = th_alloc(h, 4096);

	nvme_store_le64(th_ptr(h, page), 10);
	nvme_store_le64(th_ptr(h, page + 8), 11);
	th_io(h, 1, .opcode = NVME_CMD_RESV_ACQUIRE, .cid = cid, .nsid = 1, .prp1 = page,
	      .cdw10 = ABORT | WE << 8);
	th_run(h);
}

START_TEST(preempt_and_abort_completes_after_the_last_command_of_the_preempted)
{
	/* Base 2.0 8.19: Command Aborted due to Preempt and Abort. */
	struct th_host *h = under_way(2);

	preempt_and_abort(h, 50);
	th_check(h);
	th_expect_none(h, 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_none(h, 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 50);
	th_ctrl(h, 1);
	th_expect_cqe(h, .cqid = 1, .cid = 0, .sc = NVME_SC_ABORTED_PREEMPT, .retry = true);
	th_expect_cqe(h, .cqid = 1, .cid = 1, .sc = NVME_SC_ABORTED_PREEMPT, .retry = true);
	th_free(h);
}
END_TEST

START_TEST(a_preempt_alone_lets_commands_under_way_complete)
{
	/* Base 2.0 8.19 */
	struct th_host *h = under_way(1);

	ck_assert_uint_eq(th_acquire(h, PREEMPT, 10, 11, WE), NVME_SC_SUCCESS);
	th_media(h, 0, 0);
	th_run(h);
	th_ctrl(h, 1);
	th_expect_cqe(h, .cqid = 1, .cid = 0);
	th_free(h);
}
END_TEST

START_TEST(other_hosts_and_namespaces_are_not_aborted)
{
	/* Base 2.0 8.19 */
	struct th_host *h = under_way(1);

	th_ctrl(h, 1);
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 30, .nsid = 3, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_ctrl(h, 2);
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 31, .nsid = 1, .prp1 = th_alloc(h, 4096),
	      .cdw10 = 100);
	th_run(h);
	ck_assert_uint_eq(th_media_pending(h), 3);
	th_ctrl(h, 0);
	preempt_and_abort(h, 50);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 50);
	th_media(h, 0, 0);
	th_media(h, 0, 0);
	th_run(h);
	th_ctrl(h, 1);
	th_expect_cqe(h, .cqid = 1, .cid = 0, .sc = NVME_SC_ABORTED_PREEMPT, .retry = true);
	th_expect_cqe(h, .cqid = 1, .cid = 30);
	th_ctrl(h, 2);
	th_expect_cqe(h, .cqid = 1, .cid = 31);
	th_free(h);
}
END_TEST

START_TEST(a_reset_of_the_preempted_lets_the_preemptor_go_on)
{
	/* Base 2.0 3.7.2 */
	struct th_host *h = under_way(1);

	preempt_and_abort(h, 50);
	th_ctrl(h, 1);
	th_write32(h, NVME_REG_CC, 4 << 20 | 6 << 16);
	th_run(h);
	th_check(h);
	th_ctrl(h, 0);
	th_expect_none(h, 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 50);
	th_free(h);
}
END_TEST

START_TEST(a_reset_of_the_preemptor_leaves_the_victims)
{
	/* Base 2.0 3.7.2 */
	struct th_host *h = under_way(1);

	preempt_and_abort(h, 50);
	th_write32(h, NVME_REG_CC, 4 << 20 | 6 << 16);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 1, 0);
	th_check(h);
	th_media(h, 0, 0);
	th_run(h);
	th_ctrl(h, 1);
	th_expect_cqe(h, .cqid = 1, .cid = 0, .sc = NVME_SC_ABORTED_PREEMPT, .retry = true);
	th_free(h);
}
END_TEST

/* Notifications. */

static const struct {
	uint8_t type, told;
} releases[] = {
	{ WE, NVME_RESV_LOG_EMPTY },	  { EA, NVME_RESV_LOG_EMPTY },
	{ WERO, NVME_RESV_LOG_RELEASED }, { EARO, NVME_RESV_LOG_RELEASED },
	{ WEAR, NVME_RESV_LOG_RELEASED }, { EAAR, NVME_RESV_LOG_RELEASED },
};

START_TEST(a_release_is_told_to_registrants_whom_it_concerns)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = th_registered(2);

	th_ctrl(h, 0);
	reserve_and_release(h, releases[_i].type);
	ck_assert_uint_eq(told(h, 0), NVME_RESV_LOG_EMPTY);
	ck_assert_uint_eq(told(h, 1), releases[_i].told);
	ck_assert_uint_eq(told(h, 2), NVME_RESV_LOG_EMPTY);
	th_free(h);
}
END_TEST

START_TEST(clearing_is_told_as_a_preempted_reservation)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = reserved(3, 0, EA);

	th_ctrl(h, 1);
	th_release(h, CLEAR, 11, 0);
	ck_assert_uint_eq(told(h, 0), NVME_RESV_LOG_PREEMPTED);
	ck_assert_uint_eq(told(h, 1), NVME_RESV_LOG_EMPTY);
	ck_assert_uint_eq(told(h, 2), NVME_RESV_LOG_PREEMPTED);
	th_free(h);
}
END_TEST

START_TEST(unregistering_the_holder_is_told_when_others_had_rights)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = reserved(2, 0, WERO);

	th_register(h, UNREGISTER, 10, 0);
	ck_assert_uint_eq(told(h, 1), NVME_RESV_LOG_RELEASED);
	th_free(h);
}
END_TEST

START_TEST(notifications_are_read_one_by_one_and_raise_an_event)
{
	/* Base 2.0 5.16.1.24 (unverified): count, type, how many are left, namespace. */
	struct th_host *h = th_registered(2);
	uint64_t page = th_alloc(h, 4096);
	struct nvme_resv_log log;

	th_ctrl(h, 1);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 70);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 71);
	th_run(h);
	th_ctrl(h, 0);
	for (int i = 0; i < 2; i++) {
		reserve_and_release(h, WERO);
	}
	th_ctrl(h, 1);
	th_expect_cqe(h, .cid = 70, .dw0 = NVME_AER_RESV_LOG_AVAILABLE);
	th_expect_none(h, 0);
	th_admin(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .cid = 80, .prp1 = page,
		 .cdw10 = NVME_LID_RESERVATION | 15 << 16);
	th_run(h);
	log = *(const struct nvme_resv_log *)th_ptr(h, page);
	ck_assert_uint_eq(nvme_cpu64(log.lpc), 1);
	ck_assert_uint_eq(log.rnlpt, NVME_RESV_LOG_RELEASED);
	ck_assert_uint_eq(log.nalp, 1);
	ck_assert_uint_eq(nvme_cpu32(log.nsid), 1);
	th_expect_cqe(h, .cid = 71, .dw0 = NVME_AER_RESV_LOG_AVAILABLE);
	th_expect_cqe(h, .cid = 80);
	log = notification(h);
	ck_assert_uint_eq(nvme_cpu64(log.lpc), 2);
	ck_assert_uint_eq(log.nalp, 0);
	log = notification(h);
	ck_assert_uint_eq(nvme_cpu64(log.lpc), 0);
	ck_assert_uint_eq(log.rnlpt, NVME_RESV_LOG_EMPTY);
	th_free(h);
}
END_TEST

START_TEST(more_notifications_than_there_is_room_for_are_counted)
{
	/* Base 2.0 5.16.1.24 (unverified): the log page count tells what was lost. */
	struct th_host *h = th_registered(2);
	uint64_t last = 0;
	uint32_t read = 0;
	struct nvme_resv_log log;

	th_ctrl(h, 0);
	for (int i = 0; i < 20; i++) {
		reserve_and_release(h, WERO);
	}
	th_ctrl(h, 1);
	while ((log = notification(h)).rnlpt) {
		ck_assert_uint_eq(nvme_cpu64(log.lpc), last + 1);
		last = nvme_cpu64(log.lpc);
		read++;
	}
	ck_assert_uint_eq(read, 16);
	th_ctrl(h, 0);
	reserve_and_release(h, WERO);
	th_ctrl(h, 1);
	ck_assert_uint_eq(nvme_cpu64(notification(h).lpc), 21);
	th_free(h);
}
END_TEST

START_TEST(a_masked_notification_is_not_told)
{
	/* Base 2.0 5.27.1.26: of this controller and this namespace. */
	struct th_host *h = th_registered(3);

	th_ctrl(h, 1);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .nsid = 1, .cdw10 = 0x82, .cdw11 = RESREL);
	th_ctrl(h, 0);
	reserve_and_release(h, WERO);
	ck_assert_uint_eq(told(h, 1), NVME_RESV_LOG_EMPTY);
	ck_assert_uint_eq(told(h, 2), NVME_RESV_LOG_RELEASED);
	th_ctrl(h, 0);
	th_release(h, CLEAR, 10, 0);
	ck_assert_uint_eq(told(h, 1), NVME_RESV_LOG_PREEMPTED);
	th_free(h);
}
END_TEST

static TCase *preempting(void)
{
	TCase *tcase = tcase_create("preempt");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, preempting_the_holder_takes_its_reservation_and_registration);
	tcase_add_test(tcase, preempting_somebody_else_leaves_the_holder);
	tcase_add_test(tcase, preempting_without_a_reservation_unregisters_and_reserves_nothing);
	tcase_add_test(tcase, a_key_of_nobody_is_a_conflict_and_no_key_an_invalid_field);
	tcase_add_test(tcase, a_holder_preempts_itself_to_another_type);
	tcase_add_test(tcase, with_a_type_for_all_no_key_preempts_everybody_else);
	tcase_add_test(tcase, with_a_type_for_all_a_key_unregisters_and_the_reservation_stays);
	tcase_add_test(tcase, preempt_and_abort_completes_after_the_last_command_of_the_preempted);
	tcase_add_test(tcase, a_preempt_alone_lets_commands_under_way_complete);
	tcase_add_test(tcase, other_hosts_and_namespaces_are_not_aborted);
	tcase_add_test(tcase, a_reset_of_the_preempted_lets_the_preemptor_go_on);
	tcase_add_test(tcase, a_reset_of_the_preemptor_leaves_the_victims);
	return tcase;
}

static TCase *notifying(void)
{
	TCase *tcase = tcase_create("notifications");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_release_is_told_to_registrants_whom_it_concerns, 0, 6);
	tcase_add_test(tcase, clearing_is_told_as_a_preempted_reservation);
	tcase_add_test(tcase, unregistering_the_holder_is_told_when_others_had_rights);
	tcase_add_test(tcase, notifications_are_read_one_by_one_and_raise_an_event);
	tcase_add_test(tcase, more_notifications_than_there_is_room_for_are_counted);
	tcase_add_test(tcase, a_masked_notification_is_not_told);
	return tcase;
}

static Suite *preempt(void)
{
	Suite *suite = suite_create("preempt");

	suite_add_tcase(suite, preempting());
	suite_add_tcase(suite, notifying());
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { preempt };

	return th_main(suites, 1);
}
