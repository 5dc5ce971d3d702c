/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands that have to do with each other: fused ones, aborted ones. */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"
#include "tests/protocol/two.h"

#define SECTOR 512u

START_TEST(a_compare_that_succeeds_lets_the_write_go_on)
{
	/* NVM 1.0 2.1.2: both complete, in their order. */
	struct bench b = make(th_enabled(.io_queues = 1, .controller = _i ? "bounces=1" : ""));

	put_pair(&b, 8, 4);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1);
	th_expect_cqe(b.h, .cqid = 1, .cid = 2);
	ck_assert_uint_eq(block(&b, 8), 0x22);
	ck_assert_uint_eq(block(&b, 11), 0x22);
	ck_assert_uint_eq(block(&b, 12), 0);
	th_free(b.h);
}
END_TEST

START_TEST(a_compare_that_fails_takes_the_write_with_it)
{
	/* NVM 1.0 2.1.2: Compare Failure, Command Aborted due to Failed Fused Command */
	struct bench b = make(th_enabled(.io_queues = 1));

	*(uint8_t *)th_media_block(b.h, 1, 11) = 1;
	put_pair(&b, 8, 4);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1, .sc = NVME_SC_COMPARE_FAILURE, .retry = true);
	th_expect_cqe(b.h, .cqid = 1, .cid = 2, .sc = NVME_SC_ABORTED_FAILED_FUSED, .retry = true);
	ck_assert_uint_eq(block(&b, 8), 0);
	th_free(b.h);
}
END_TEST

/* What is wrong with a pair: in which of the two, and what each is told. */
static const struct {
	uint8_t opcode1, opcode2;
	uint64_t slba1, slba2;
	uint32_t nlb1, nlb2;
	uint16_t sc1, sc2;
} pairs[] = {
	{ NVME_CMD_COMPARE, NVME_CMD_WRITE, 8, 9, 4, 4, NVME_SC_ABORTED_FAILED_FUSED,
	  NVME_SC_INVALID_FIELD },
	{ NVME_CMD_COMPARE, NVME_CMD_WRITE, 8, 8, 4, 3, NVME_SC_ABORTED_FAILED_FUSED,
	  NVME_SC_INVALID_FIELD },
	{ NVME_CMD_COMPARE, NVME_CMD_WRITE, 8, 8, 9, 9, NVME_SC_ABORTED_FAILED_FUSED,
	  NVME_SC_ATOMIC_WRITE_UNIT_EXCEEDED },
	{ NVME_CMD_COMPARE, NVME_CMD_WRITE, 2047, 2047, 2, 2, NVME_SC_LBA_OUT_OF_RANGE,
	  NVME_SC_ABORTED_FAILED_FUSED },
	{ NVME_CMD_WRITE, NVME_CMD_WRITE, 8, 8, 1, 1, NVME_SC_INVALID_FIELD,
	  NVME_SC_INVALID_FIELD },
	{ NVME_CMD_COMPARE, NVME_CMD_READ, 8, 8, 1, 1, NVME_SC_INVALID_FIELD,
	  NVME_SC_INVALID_FIELD },
};

START_TEST(a_pair_that_does_not_fit_together_does_nothing)
{
	/* NVM 1.0 2.1.2, unverified for which of the two is told what; ACWU is 8 blocks */
	struct bench b = make(th_enabled(.io_queues = 1, .controller = "acwu=7"));

	put(&b, command(&b, pairs[_i].opcode1, 1, pairs[_i].slba1, pairs[_i].nlb1), NVME_FUSE_FIRST,
	    false);
	put(&b, command(&b, pairs[_i].opcode2, 2, pairs[_i].slba2, pairs[_i].nlb2),
	    NVME_FUSE_SECOND, true);
	th_run(b.h);
	ck_assert_uint_eq(next_code(&b, 1), pairs[_i].sc1);
	ck_assert_uint_eq(next_code(&b, 2), pairs[_i].sc2);
	ck_assert_uint_eq(th_events(b.h, NVME_TRACE_MEDIA), 0);
	th_free(b.h);
}
END_TEST

START_TEST(one_without_the_other_is_missing_its_partner)
{
	/* Base 2.0 3.4.2, unverified: the second has to be the next entry, by the same doorbell. */
	struct bench b = make(th_enabled(.io_queues = 2));

	put(&b, command(&b, NVME_CMD_COMPARE, 1, 8, 1), NVME_FUSE_FIRST, true);
	th_run(b.h);
	ck_assert_uint_eq(next_code(&b, 1), NVME_SC_ABORTED_MISSING_FUSED);
	put(&b, command(&b, NVME_CMD_WRITE, 2, 8, 1), NVME_FUSE_SECOND, true);
	th_run(b.h);
	ck_assert_uint_eq(next_code(&b, 2), NVME_SC_ABORTED_MISSING_FUSED);
	put(&b, command(&b, NVME_CMD_COMPARE, 3, 8, 1), NVME_FUSE_FIRST, false);
	put(&b, command(&b, NVME_CMD_READ, 4, 8, 1), NVME_FUSE_NORMAL, false);
	put(&b, command(&b, NVME_CMD_WRITE, 5, 8, 1), NVME_FUSE_SECOND, true);
	th_run(b.h);
	ck_assert_uint_eq(next_code(&b, 3), NVME_SC_ABORTED_MISSING_FUSED);
	ck_assert_uint_eq(next_code(&b, 5), NVME_SC_ABORTED_MISSING_FUSED);
	ck_assert_uint_eq(next_code(&b, 4), NVME_SC_SUCCESS);
	put(&b, command(&b, NVME_CMD_COMPARE, 6, 8, 1), NVME_FUSE_FIRST, false);
	put(&b, command(&b, NVME_CMD_COMPARE, 7, 8, 1), NVME_FUSE_FIRST, false);
	put(&b, command(&b, NVME_CMD_WRITE, 8, 8, 1), NVME_FUSE_SECOND, true);
	th_run(b.h);
	ck_assert_uint_eq(next_code(&b, 6), NVME_SC_ABORTED_MISSING_FUSED);
	th_free(b.h);
}
END_TEST

START_TEST(fused_operations_are_there_when_identify_says_so)
{
	/* Base 2.0 5.17.2.1, FUSES; they need Compare. */
	static const char *const off[] = { "fused=false", "compare=false" };
	struct bench b = make(th_enabled(.io_queues = 1, .controller = off[_i]));
	const struct nvme_id_ctrl *id = th_ptr(b.h, b.old);

	put_pair(&b, 8, 1);
	ck_assert_uint_eq(next_code(&b, 1), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(next_code(&b, 2), NVME_SC_INVALID_FIELD);
	th_do(b.h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = b.old, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(nvme_cpu16(id->fuses), 0);
	ck_assert_uint_eq(th_code(b.h, .opcode = NVME_ADMIN_IDENTIFY, .flags = NVME_FUSE_FIRST,
				  .prp1 = b.old, .cdw10 = NVME_CNS_CTRL),
			  NVME_SC_INVALID_FIELD);
	th_free(b.h);
}
END_TEST

START_TEST(a_pair_waits_for_room_for_both_completions)
{
	/* Base 2.0 3.4.2, unverified: three slots, two of them taken; then with all free */
	struct bench b = make(th_enabled(.io_queues = 1, .entries = 4));
	struct nvme_cqe cqe;

	for (uint16_t cid = 10; cid < 12; cid++)
		put(&b, command(&b, NVME_CMD_READ, cid, 0, 1), 0, true);
	th_run(b.h);
	ck_assert(th_next_cqe(b.h, 1, &cqe));
	ck_assert(th_next_cqe(b.h, 1, &cqe));
	put_pair(&b, 8, 1);
	th_expect_none(b.h, 1);
	th_ring_cq(b.h, 1, 2);
	th_run(b.h);
	ck_assert_uint_eq(next_code(&b, 1), NVME_SC_SUCCESS);
	ck_assert_uint_eq(next_code(&b, 2), NVME_SC_SUCCESS);
	th_free(b.h);
}
END_TEST

START_TEST(nothing_comes_between_compare_and_write)
{
	/* NVM 1.0 2.1.2: whatever overlaps waits for both. */
	struct bench b = make(th_enabled(.io_queues = 2, .slow_media = true));

	put_pair(&b, 8, 2);
	th_io(b.h, 2, .opcode = NVME_CMD_WRITE, .cid = 7, .nsid = 1, .prp1 = b.old, .cdw10 = 9);
	th_io(b.h, 2, .opcode = NVME_CMD_READ, .cid = 8, .nsid = 1, .prp1 = b.old, .cdw10 = 100);
	th_run(b.h);
	ck_assert_uint_eq(th_media_pending(b.h), 2); /* the Compare's read, and the far one */
	th_check(b.h);
	th_media(b.h, 0, 0);
	th_run(b.h);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1);
	th_check(b.h);
	ck_assert_uint_eq(th_media_pending(b.h), 2); /* the Write, and the far one */
	th_media(b.h, 1, 0);
	th_run(b.h);
	th_expect_cqe(b.h, .cqid = 1, .cid = 2);
	ck_assert_uint_eq(block(&b, 9), 0x22);
	th_media(b.h, 1, 0);
	th_run(b.h);
	th_expect_cqe(b.h, .cqid = 2, .cid = 7);
	ck_assert_uint_eq(block(&b, 9), 0);
	th_free(b.h);
}
END_TEST

static void abort_command(struct bench *b, uint16_t cid, uint16_t victim)
{
	th_admin(b->h, .opcode = NVME_ADMIN_ABORT, .cid = cid, .cdw10 = (uint32_t)victim << 16 | 1);
	th_run(b->h);
}

START_TEST(what_waits_is_aborted_before_the_abort_ends)
{
	/* Base 2.0 5.1: for an overlapping command, and for a bounce buffer */
	struct bench b = make(
		th_enabled(.io_queues = 1, .slow_media = true, .controller = "bounces=1"));

	put(&b, command(&b, _i ? NVME_CMD_COMPARE : NVME_CMD_WRITE, 1, 8, 1), 0, true);
	put(&b, command(&b, _i ? NVME_CMD_COMPARE : NVME_CMD_WRITE, 2, 8, 1), 0, true);
	th_run(b.h);
	ck_assert_uint_eq(th_media_pending(b.h), 1);
	abort_command(&b, 5, 2);
	th_expect_cqe(b.h, .cqid = 1, .cid = 2, .sc = NVME_SC_ABORT_REQUESTED, .retry = true,
		      .unlogged = true);
	th_expect_cqe(b.h, .cid = 5);
	th_check(b.h);
	th_media(b.h, 0, 0);
	th_run(b.h);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1);
	th_free(b.h);
}
END_TEST

START_TEST(what_the_medium_has_is_cancelled_if_it_can_be)
{
	/* Base 2.0 5.1: the Abort waits for the medium's answer. */
	struct bench b = make(th_enabled(.io_queues = 1, .slow_media = true, .cancels = true));

	put(&b, command(&b, _i ? NVME_CMD_COMPARE : NVME_CMD_WRITE, 1, 8, 1), 0, true);
	th_run(b.h);
	abort_command(&b, 5, 1);
	th_expect_none(b.h, 0);
	ck_assert_uint_eq(th_cancelled(b.h), 1);
	th_check(b.h);
	th_media(b.h, 0, -ECANCELED);
	th_run(b.h);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1, .sc = NVME_SC_ABORT_REQUESTED, .retry = true,
		      .unlogged = true);
	th_expect_cqe(b.h, .cid = 5);
	th_free(b.h);
}
END_TEST

START_TEST(what_the_medium_had_finished_already_is_not_aborted)
{
	/* Base 2.0 5.1: bit 0 of the completion's dword 0 */
	struct bench b = make(th_enabled(.io_queues = 1, .slow_media = true, .cancels = true));

	put(&b, command(&b, NVME_CMD_WRITE, 1, 8, 1), 0, true);
	th_run(b.h);
	abort_command(&b, 5, 1);
	abort_command(&b, 6, 1); /* once is enough */
	th_expect_cqe(b.h, .cid = 6, .dw0 = 1);
	th_media(b.h, 0, 0);
	th_run(b.h);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1);
	th_expect_cqe(b.h, .cid = 5, .dw0 = 1);
	th_free(b.h);
}
END_TEST

START_TEST(more_aborts_than_the_limit_are_refused)
{
	/* Base 2.0 5.1: ACL is 0's based; Abort Command Limit Exceeded */
	struct bench b = make(th_enabled(.io_queues = 1, .slow_media = true, .cancels = true,
					 .controller = "acl=1"));

	for (uint16_t cid = 1; cid <= 3; cid++)
		put(&b, command(&b, NVME_CMD_WRITE, cid, 100u * cid, 1), 0, true);
	th_run(b.h);
	for (uint16_t cid = 1; cid <= 3; cid++)
		abort_command(&b, (uint16_t)(10 + cid), cid);
	th_expect_cqe(b.h, .cid = 13, .sc = NVME_SC_ABORT_LIMIT_EXCEEDED);
	for (uint16_t cid = 1; cid <= 2; cid++) {
		th_media(b.h, 0, -ECANCELED);
		th_run(b.h);
		th_expect_cqe(b.h, .cqid = 1, .cid = cid, .sc = NVME_SC_ABORT_REQUESTED,
			      .retry = true, .unlogged = true);
		th_expect_cqe(b.h, .cid = (uint16_t)(10 + cid));
	}
	abort_command(&b, 14, 3);
	th_media(b.h, 0, -ECANCELED);
	th_run(b.h);
	th_expect_cqe(b.h, .cid = 14);
	th_free(b.h);
}
END_TEST

START_TEST(a_command_is_aborted_while_it_takes_its_time)
{
	/* Base 2.0 5.1: between the medium's answer and the end of the service time */
	struct bench b = make(th_enabled(.io_queues = 1, .controller = "service_time=1ms"));

	put(&b, command(&b, NVME_CMD_READ, 1, 8, 1), 0, true);
	th_run(b.h);
	abort_command(&b, 5, 1);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1, .sc = NVME_SC_ABORT_REQUESTED, .retry = true,
		      .unlogged = true);
	th_expect_cqe(b.h, .cid = 5);
	th_free(b.h);
}
END_TEST

START_TEST(aborting_the_first_of_a_pair_ends_both)
{
	/* NVM 1.0 2.1.2, unverified */
	struct bench b = make(th_enabled(.io_queues = 1, .slow_media = true, .cancels = true));

	put_pair(&b, 8, 2);
	abort_command(&b, 5, 1);
	th_media(b.h, 0, -ECANCELED);
	th_run(b.h);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1, .sc = NVME_SC_ABORT_REQUESTED, .retry = true,
		      .unlogged = true);
	th_expect_cqe(b.h, .cqid = 1, .cid = 2, .sc = NVME_SC_ABORTED_FAILED_FUSED, .retry = true);
	th_expect_cqe(b.h, .cid = 5);
	ck_assert_uint_eq(block(&b, 8), 0);
	th_free(b.h);
}
END_TEST

START_TEST(aborting_the_second_of_a_pair_ends_both)
{
	/* Base 2.0 3.4.2, unverified: neither goes on without the other. */
	struct bench b = make(th_enabled(.io_queues = 1, .slow_media = true, .cancels = true));

	put_pair(&b, 8, 2);
	abort_command(&b, 5, 2);
	ck_assert_uint_eq(th_cancelled(b.h), 1);
	th_expect_none(b.h, 0);
	th_media(b.h, 0, -ECANCELED);
	th_run(b.h);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1, .sc = NVME_SC_ABORTED_FAILED_FUSED, .retry = true);
	th_expect_cqe(b.h, .cqid = 1, .cid = 2, .sc = NVME_SC_ABORT_REQUESTED, .retry = true,
		      .unlogged = true);
	th_expect_cqe(b.h, .cid = 5);
	ck_assert_uint_eq(block(&b, 8), 0);
	th_free(b.h);
}
END_TEST

START_TEST(aborting_the_second_of_a_pair_that_waits_needs_no_medium)
{
	/* Base 2.0 3.4.2, unverified: what overlaps is under way, so the pair waits. */
	struct bench b = make(th_enabled(.io_queues = 1, .slow_media = true));

	put(&b, command(&b, NVME_CMD_WRITE, 3, 8, 1), 0, true);
	th_run(b.h);
	put_pair(&b, 8, 2);
	ck_assert_uint_eq(th_media_pending(b.h), 1);
	abort_command(&b, 5, 2);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1, .sc = NVME_SC_ABORTED_FAILED_FUSED, .retry = true);
	th_expect_cqe(b.h, .cqid = 1, .cid = 2, .sc = NVME_SC_ABORT_REQUESTED, .retry = true,
		      .unlogged = true);
	th_expect_cqe(b.h, .cid = 5);
	th_media(b.h, 0, 0);
	th_run(b.h);
	th_expect_cqe(b.h, .cqid = 1, .cid = 3);
	th_free(b.h);
}
END_TEST

START_TEST(a_pair_that_cannot_be_stopped_is_not_aborted)
{
	/* Base 2.0 5.1: dword 0 bit 0; both complete as if nothing had been asked. */
	struct bench b = make(th_enabled(.io_queues = 1, .slow_media = true));

	put_pair(&b, 8, 2);
	abort_command(&b, 5, 2);
	th_expect_cqe(b.h, .cid = 5, .dw0 = 1);
	while (th_media_pending(b.h)) {
		th_media(b.h, 0, 0);
		th_run(b.h);
	}
	th_expect_cqe(b.h, .cqid = 1, .cid = 1);
	th_expect_cqe(b.h, .cqid = 1, .cid = 2);
	ck_assert_uint_eq(block(&b, 8), 0x22);
	th_free(b.h);
}
END_TEST

START_TEST(a_reset_forgets_pairs_and_aborts)
{
	/* Base 2.0 3.7.2 */
	struct bench b = make(th_enabled(.io_queues = 1, .slow_media = true, .cancels = true));

	put_pair(&b, 8, 2);
	put(&b, command(&b, NVME_CMD_WRITE, 3, 9, 1), 0, true);
	abort_command(&b, 5, 1);
	th_write32(b.h, NVME_REG_CC, 0x460000);
	th_run(b.h);
	th_check(b.h);
	th_media(b.h, 0, _i ? -ECANCELED : 0);
	th_run(b.h);
	ck_assert_uint_eq(th_read32(b.h, NVME_REG_CSTS), 0);
	th_free(b.h);
}
END_TEST

START_TEST(a_queue_is_deleted_with_pairs_and_aborts_in_it)
{
	/* Base 2.0 5.6, unverified */
	struct bench b = make(th_enabled(.io_queues = 1, .slow_media = true, .cancels = true));

	put_pair(&b, 8, 2);
	put(&b, command(&b, NVME_CMD_WRITE, 3, 9, 1), 0, true);
	abort_command(&b, 5, 1);
	th_admin(b.h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cid = 6, .cdw10 = 1);
	th_run(b.h);
	th_check(b.h);
	th_media(b.h, 0, -ECANCELED);
	th_run(b.h);
	th_expect_cqe(b.h, .cid = 5);
	th_expect_cqe(b.h, .cid = 6);
	th_free(b.h);
}
END_TEST

static void add_fused(TCase *tcase)
{
	tcase_add_loop_test(tcase, a_compare_that_succeeds_lets_the_write_go_on, 0, 2);
	tcase_add_test(tcase, a_compare_that_fails_takes_the_write_with_it);
	tcase_add_loop_test(tcase, a_pair_that_does_not_fit_together_does_nothing, 0,
			    sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_test(tcase, one_without_the_other_is_missing_its_partner);
	tcase_add_loop_test(tcase, fused_operations_are_there_when_identify_says_so, 0, 2);
	tcase_add_test(tcase, a_pair_waits_for_room_for_both_completions);
	tcase_add_test(tcase, nothing_comes_between_compare_and_write);
}

static Suite *together(void)
{
	Suite *suite = suite_create("together");
	TCase *tcase = tcase_create("together");

	tcase_set_timeout(tcase, 60);
	add_fused(tcase);
	tcase_add_loop_test(tcase, what_waits_is_aborted_before_the_abort_ends, 0, 2);
	tcase_add_loop_test(tcase, what_the_medium_has_is_cancelled_if_it_can_be, 0, 2);
	tcase_add_test(tcase, what_the_medium_had_finished_already_is_not_aborted);
	tcase_add_test(tcase, more_aborts_than_the_limit_are_refused);
	tcase_add_test(tcase, a_command_is_aborted_while_it_takes_its_time);
	tcase_add_test(tcase, aborting_the_first_of_a_pair_ends_both);
	tcase_add_test(tcase, aborting_the_second_of_a_pair_ends_both);
	tcase_add_test(tcase, aborting_the_second_of_a_pair_that_waits_needs_no_medium);
	tcase_add_test(tcase, a_pair_that_cannot_be_stopped_is_not_aborted);
	tcase_add_loop_test(tcase, a_reset_forgets_pairs_and_aborts, 0, 2);
	tcase_add_test(tcase, a_queue_is_deleted_with_pairs_and_aborts_in_it);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { together };

	return th_main(suites, 1);
}
