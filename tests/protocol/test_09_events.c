/* SPDX-License-Identifier: BSD-3-Clause */
/* Asynchronous events and Abort, Base 2.0 5.1 and 5.2. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define EVENT	    NVME_ADMIN_ASYNC_EVENT_REQUEST
#define REGISTER    NVME_AER_INVALID_DB_REGISTER
#define VALUE	    NVME_AER_INVALID_DB_VALUE
#define TEMPERATURE NVME_AER_SMART_TEMPERATURE
#define RAE	    (1u << 15)
#define MILLISECOND 1000000ull

static void request_event(struct th_host *h, uint16_t cid)
{
	th_admin(h, .opcode = EVENT, .cid = cid);
	th_run(h);
}

static void bad_doorbell(struct th_host *h)
{
	th_ring_sq(h, 6, 1); /* no such queue was created */
	th_run(h);
}

static const struct nvme_error_log_entry *read_log(struct th_host *h, uint32_t lid, uint32_t rae)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = 127u << 16 | rae | lid);
	return th_ptr(h, page);
}

/* The second read of an option: BAR0 by messages, or in shared memory. */
static const bool in_memory[] = { false, true };

START_TEST(requests_wait_up_to_the_limit)
{
	/* Base 2.0 5.2: AERL is 0's based. */
	struct th_host *h = th_enabled(.controller = _i ? "aerl=15" : "aerl=0", .entries = 32);
	uint16_t limit = _i ? 16 : 1;

	for (uint16_t cid = 0; cid < limit; cid++)
		request_event(h, cid);
	th_expect_none(h, 0);
	request_event(h, 99);
	th_expect_cqe(h, .cid = 99, .sc = NVME_SC_AER_LIMIT_EXCEEDED);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	th_free(h);
}
END_TEST

START_TEST(a_reset_drops_requests_and_events)
{
	/* Base 2.0 3.7.2: none completes, and all are possible again. */
	struct th_host *h = th_enabled(.controller = "aerl=1");

	request_event(h, 1);
	request_event(h, 2);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_enable(h, 16);
	bad_doorbell(h);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_enable(h, 16);
	request_event(h, 3);
	request_event(h, 4);
	th_expect_none(h, 0);
	bad_doorbell(h);
	th_expect_cqe(h, .cid = 3, .dw0 = REGISTER);
	th_free(h);
}
END_TEST

START_TEST(an_event_completes_the_oldest_request)
{
	/* Base 2.0 5.2 */
	struct th_host *h = th_enabled(.shared = in_memory[_i]);

	request_event(h, 5);
	request_event(h, 6);
	bad_doorbell(h);
	th_expect_cqe(h, .cid = 5, .dw0 = REGISTER);
	th_expect_none(h, 0);
	th_free(h);
}
END_TEST

START_TEST(an_event_waits_for_a_request)
{
	/* Base 2.0 5.2 */
	struct th_host *h = th_enabled(.shared = in_memory[_i]);

	bad_doorbell(h);
	th_expect_none(h, 0);
	request_event(h, 5);
	th_expect_cqe(h, .cid = 5, .dw0 = REGISTER);
	th_free(h);
}
END_TEST

START_TEST(a_type_is_masked_until_its_log_is_read)
{
	/* Base 2.0 5.2: Retain Asynchronous Event keeps it masked; other types are not. */
	struct th_host *h = th_enabled(.controller = "aerl=7");

	for (uint16_t cid = 1; cid <= 4; cid++)
		request_event(h, cid);
	bad_doorbell(h);
	th_expect_cqe(h, .cid = 1, .dw0 = REGISTER);
	th_ring_sq(h, 0, 999);
	th_run(h);
	th_expect_none(h, 0);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b, .cdw11 = 2);
	th_admin(h, .opcode = NVME_ADMIN_SET_FEATURES, .cid = 50, .cdw10 = 4, .cdw11 = 300);
	th_run(h);
	th_expect_cqe(h, .cid = 2, .dw0 = TEMPERATURE);
	th_expect_cqe(h, .cid = 50);
	read_log(h, NVME_LID_ERROR, RAE);
	read_log(h, NVME_LID_SMART, RAE);
	th_expect_none(h, 0);
	th_admin(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .cid = 51, .prp1 = th_alloc(h, 4096),
		 .cdw10 = NVME_LID_ERROR);
	th_run(h);
	th_expect_cqe(h, .cid = 3, .dw0 = VALUE);
	th_expect_cqe(h, .cid = 51);
	th_free(h);
}
END_TEST

START_TEST(a_log_that_did_not_arrive_was_not_read)
{
	/* Base 2.0 5.2, unverified: a Get Log Page that fails clears nothing. */
	struct th_host *h = th_enabled(.controller = "aerl=7");
	uint64_t page = th_alloc(h, 4096);

	request_event(h, 1);
	request_event(h, 2);
	bad_doorbell(h);
	th_expect_cqe(h, .cid = 1, .dw0 = REGISTER);
	th_ring_sq(h, 0, 999);
	th_unmap(h, page);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .cid = 51, .prp1 = page,
				  .cdw10 = NVME_LID_ERROR),
			  NVME_SC_DATA_TRANSFER_ERROR);
	th_map(h);
	th_run(h);
	th_expect_none(h, 0);
	th_free(h);
}
END_TEST

START_TEST(the_same_event_is_remembered_once)
{
	/* unverified: a second one before the first was reported tells nothing new. */
	struct th_host *h = th_enabled();

	for (int i = 0; i < 3; i++)
		bad_doorbell(h);
	request_event(h, 1);
	th_expect_cqe(h, .cid = 1, .dw0 = REGISTER);
	read_log(h, NVME_LID_ERROR, 0);
	request_event(h, 2);
	th_expect_none(h, 0);
	ck_assert_uint_eq(nvme_cpu64(read_log(h, NVME_LID_ERROR, 0)[0].error_count), 3);
	th_free(h);
}
END_TEST

/* Doorbells that the host must not ring; queues 1 and 2 exist, with 16 entries. */
static const struct {
	bool cq;
	uint32_t qid, value, aer;
} doorbells[] = {
	{ false, 3, 1, REGISTER },				/* not created */
	{ true, 3, 1, REGISTER },    { false, 8, 1, REGISTER }, /* beyond the queues that can be */
	{ true, 8, 1, REGISTER },    { false, 1, 16, VALUE },	/* entries are 0 .. 15 */
	{ false, 1, 0xffff, VALUE }, { false, 0, 16, VALUE },	/* the admin queue */
	{ true, 1, 16, VALUE },	     { true, 1, 0xffff, VALUE },
	{ true, 1, 1, VALUE },	/* nothing was completed there */
	{ true, 2, 2, VALUE },	/* one completion, two consumed */
	{ true, 2, 15, VALUE }, /* backwards */
	{ true, 0, 0, VALUE },	/* backwards, admin */
};

START_TEST(a_doorbell_error_is_an_event_and_an_entry_of_the_log)
{
	/* Base 2.0 5.2: Invalid Doorbell Register, Invalid Doorbell Write Value. */
	struct th_host *h = th_enabled(.io_queues = 2, .entries = 16);
	const struct nvme_error_log_entry *entry;

	th_io(h, 2, .opcode = NVME_CMD_FLUSH, .cid = 1, .nsid = 1);
	th_run(h);
	request_event(h, 5);
	if (doorbells[_i].cq)
		th_ring_cq(h, doorbells[_i].qid, doorbells[_i].value);
	else
		th_ring_sq(h, doorbells[_i].qid, doorbells[_i].value);
	th_run(h);
	th_expect_cqe(h, .cid = 5, .dw0 = doorbells[_i].aer);
	entry = read_log(h, NVME_LID_ERROR, 0);
	ck_assert_uint_eq(nvme_cpu64(entry->error_count), 1);
	ck_assert_uint_eq(nvme_cpu16(entry->sqid), 0xffff);
	ck_assert_uint_eq(nvme_cpu16(entry->cid), 0xffff);
	ck_assert_uint_eq(nvme_cpu16(entry->location), 0xffff);
	th_expect_cqe(h, .cqid = 2, .cid = 1); /* all queues go on */
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 2, .nsid = 1);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	th_free(h);
}
END_TEST

START_TEST(doorbells_mean_nothing_before_ready_and_after_a_reset)
{
	/* Base 2.0 3.5.1 */
	struct th_host *h = th_off();

	th_ring_sq(h, 0, 1);
	th_ring_sq(h, 3, 1);
	th_run(h);
	th_enable(h, 16);
	request_event(h, 1);
	th_expect_none(h, 0);
	ck_assert_uint_eq(nvme_cpu64(read_log(h, NVME_LID_ERROR, 0)->error_count), 0);
	th_free(h);
}
END_TEST

START_TEST(bits_above_the_value_of_a_doorbell_are_ignored)
{
	/* Base 2.0 3.1.3.23: 31:16 are reserved. */
	struct th_host *h = th_enabled(.io_queues = 1, .shared = in_memory[_i]);

	th_fill(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 1, .nsid = 1);
	th_ring_sq(h, 1, 0xabcd0001);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(waiting_requests_take_no_room_in_the_admin_queue)
{
	/* An admin completion queue of two entries holds one completion: still everything works. */
	struct th_host *h = th_enabled(.entries = 2, .shared = in_memory[_i]);

	for (uint16_t cid = 0; cid < 4; cid++)
		request_event(h, cid);
	for (int i = 0; i < 5; i++)
		th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	bad_doorbell(h);
	th_expect_cqe(h, .cid = 0, .dw0 = REGISTER);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	th_free(h);
}
END_TEST

START_TEST(an_event_waits_for_room_in_the_admin_queue)
{
	struct th_host *h = th_enabled(.entries = 2);

	request_event(h, 1);
	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 2);
	th_run(h);
	bad_doorbell(h);
	th_expect_cqe(h, .cid = 2);
	th_run(h);
	th_expect_cqe(h, .cid = 1, .dw0 = REGISTER);
	th_free(h);
}
END_TEST

START_TEST(a_temperature_beyond_its_threshold_is_told_if_the_host_wants_it)
{
	/* Base 2.0 5.27.1.4 and 5.27.1.8: feature 0Bh bit 1. The temperature is 313 K. */
	struct th_host *h = th_enabled();
	static const uint32_t values[] = { 313, 312, 1 << 20 | 313, 1 << 20 | 400 };
	const struct nvme_smart_log *smart;

	request_event(h, 1);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 4, .cdw11 = values[_i]);
	th_expect_none(h, 0);
	smart = (const void *)read_log(h, NVME_LID_SMART, 0);
	ck_assert_uint_eq(smart->critical_warning, 2);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b, .cdw11 = 2);
	th_admin(h, .opcode = NVME_ADMIN_SET_FEATURES, .cid = 2, .cdw10 = 4, .cdw11 = values[_i]);
	th_run(h);
	th_expect_cqe(h, .cid = 1, .dw0 = TEMPERATURE);
	th_expect_cqe(h, .cid = 2);
	th_free(h);
}
END_TEST

static const uint32_t harmless[] = { 314, 0xffff, 1 << 20 | 312, 1 << 20 };

START_TEST(a_temperature_between_the_thresholds_is_no_event)
{
	/* Base 2.0 5.27.1.4 */
	struct th_host *h = th_enabled();

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b, .cdw11 = 0xff);
	request_event(h, 1);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 4, .cdw11 = harmless[_i]);
	th_expect_none(h, 0);
	th_free(h);
}
END_TEST

START_TEST(the_end_of_the_keep_alive_timer_is_in_the_error_log)
{
	/* Base 2.0 3.9, unverified: an entry with Keep Alive Timer Expired. */
	struct th_host *h = th_enabled();
	const struct nvme_error_log_entry *entry;

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0f, .cdw11 = 1000);
	th_time(h, 1000 * MILLISECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 3);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_enable(h, 16);
	entry = read_log(h, NVME_LID_ERROR, 0);
	ck_assert_uint_eq(nvme_cpu64(entry->error_count), 1);
	ck_assert_uint_eq(nvme_status_code(nvme_cqe_status(nvme_cpu16(entry->status))),
			  NVME_SC_KEEP_ALIVE_EXPIRED);
	ck_assert_uint_eq(nvme_cpu16(entry->sqid), 0xffff);
	th_free(h);
}
END_TEST

START_TEST(an_event_request_can_be_aborted)
{
	/* Base 2.0 5.1: its completion first, then that of the Abort. */
	struct th_host *h = th_enabled();

	request_event(h, 1);
	request_event(h, 2);
	th_admin(h, .opcode = NVME_ADMIN_ABORT, .cid = 9, .cdw10 = 2u << 16);
	th_run(h);
	th_expect_cqe(h, .cid = 2, .sc = NVME_SC_ABORT_REQUESTED, .retry = true, .unlogged = true);
	th_expect_cqe(h, .cid = 9);
	bad_doorbell(h);
	th_expect_cqe(h, .cid = 1, .dw0 = REGISTER);
	th_free(h);
}
END_TEST

START_TEST(an_abort_survives_that_its_queue_is_away)
{
	/* Base 2.0 5.1: the order of the two completions stays. */
	struct th_host *h = th_enabled();

	request_event(h, 1);
	th_admin(h, .opcode = NVME_ADMIN_ABORT, .cid = 9, .cdw10 = 1u << 16);
	th_unmap(h, th_read64(h, NVME_REG_ACQ));
	th_run(h);
	th_map(h);
	th_run(h);
	th_expect_cqe(h, .cid = 1, .sc = NVME_SC_ABORT_REQUESTED, .retry = true, .unlogged = true);
	th_expect_cqe(h, .cid = 9);
	th_free(h);
}
END_TEST

/* CDW10 of an Abort that finds nothing: CID, SQID. */
static const uint32_t unknown[] = {
	7u << 16,	   /* no such command */
	9u << 16,	   /* the Abort itself */
	1u << 16 | 1,	   /* a queue that exists, empty */
	1u << 16 | 6,	   /* one that does not */
	1u << 16 | 0xffff, /* nor can */
	0xffffffff,
};

START_TEST(an_abort_that_finds_nothing_succeeds_and_says_so)
{
	/* Base 2.0 5.1: dword 0 bit 0 is set. */
	struct th_host *h = th_enabled(.io_queues = 1);

	request_event(h, 1);
	th_admin(h, .opcode = NVME_ADMIN_ABORT, .cid = 9, .cdw10 = unknown[_i]);
	th_run(h);
	th_expect_cqe(h, .cid = 9, .dw0 = 1);
	th_expect_none(h, 0);
	th_free(h);
}
END_TEST

START_TEST(a_command_that_the_medium_has_is_not_aborted)
{
	/* Base 2.0 5.1: best effort; both complete. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 3, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_admin(h, .opcode = NVME_ADMIN_ABORT, .cid = 9, .cdw10 = 3u << 16 | 1);
	th_run(h);
	th_expect_cqe(h, .cid = 9, .dw0 = 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 3);
	th_free(h);
}
END_TEST

START_TEST(aborts_far_beyond_the_limit_all_complete)
{
	/* Base 2.0 5.1: ACL bounds what is outstanding, and an Abort is over at once here. */
	struct th_host *h = th_enabled(.entries = 64, .controller = "acl=0");

	for (uint16_t cid = 0; cid < 63; cid++)
		th_fill(h, 0, .opcode = NVME_ADMIN_ABORT, .cid = cid, .cdw10 = 500u << 16);
	th_ring_sq(h, 0, th_tail(h, 0));
	th_run(h);
	for (uint16_t cid = 0; cid < 63; cid++)
		th_expect_cqe(h, .cid = cid, .dw0 = 1);
	th_free(h);
}
END_TEST

START_TEST(events_among_a_thousand_commands_keep_their_place)
{
	/* Base 2.0 5.2: requests stay outstanding while other commands come and go. */
	struct th_host *h = th_enabled(.entries = 32);

	request_event(h, 1000);
	for (uint16_t cid = 0; cid < 1000; cid++) {
		th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = cid);
		th_run(h);
		th_expect_cqe(h, .cid = cid);
	}
	bad_doorbell(h);
	th_expect_cqe(h, .cid = 1000, .dw0 = REGISTER);
	th_free(h);
}
END_TEST

static TCase *requests(void)
{
	TCase *tcase = tcase_create("requests");

	tcase_add_loop_test(tcase, requests_wait_up_to_the_limit, 0, 2);
	tcase_add_test(tcase, a_reset_drops_requests_and_events);
	tcase_add_loop_test(tcase, an_event_completes_the_oldest_request, 0, 2);
	tcase_add_loop_test(tcase, an_event_waits_for_a_request, 0, 2);
	tcase_add_test(tcase, a_type_is_masked_until_its_log_is_read);
	tcase_add_test(tcase, a_log_that_did_not_arrive_was_not_read);
	tcase_add_test(tcase, the_same_event_is_remembered_once);
	tcase_add_loop_test(tcase, waiting_requests_take_no_room_in_the_admin_queue, 0, 2);
	tcase_add_test(tcase, an_event_waits_for_room_in_the_admin_queue);
	tcase_add_test(tcase, events_among_a_thousand_commands_keep_their_place);
	return tcase;
}

static TCase *causes(void)
{
	TCase *tcase = tcase_create("causes");

	tcase_add_loop_test(tcase, a_doorbell_error_is_an_event_and_an_entry_of_the_log, 0,
			    sizeof(doorbells) / sizeof(doorbells[0]));
	tcase_add_test(tcase, doorbells_mean_nothing_before_ready_and_after_a_reset);
	tcase_add_loop_test(tcase, bits_above_the_value_of_a_doorbell_are_ignored, 0, 2);
	tcase_add_loop_test(tcase, a_temperature_beyond_its_threshold_is_told_if_the_host_wants_it,
			    0, 4);
	tcase_add_loop_test(tcase, a_temperature_between_the_thresholds_is_no_event, 0, 4);
	tcase_add_test(tcase, the_end_of_the_keep_alive_timer_is_in_the_error_log);
	return tcase;
}

static TCase *aborts(void)
{
	TCase *tcase = tcase_create("aborts");

	tcase_add_test(tcase, an_event_request_can_be_aborted);
	tcase_add_loop_test(tcase, an_abort_that_finds_nothing_succeeds_and_says_so, 0,
			    sizeof(unknown) / sizeof(unknown[0]));
	tcase_add_test(tcase, an_abort_survives_that_its_queue_is_away);
	tcase_add_test(tcase, a_command_that_the_medium_has_is_not_aborted);
	tcase_add_test(tcase, aborts_far_beyond_the_limit_all_complete);
	return tcase;
}

static Suite *events(void)
{
	Suite *suite = suite_create("events");

	suite_add_tcase(suite, requests());
	suite_add_tcase(suite, causes());
	suite_add_tcase(suite, aborts());
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { events };

	return th_main(suites, 1);
}
