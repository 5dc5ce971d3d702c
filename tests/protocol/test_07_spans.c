/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Nodes for scattered memory are bounded (the key "spans"): a command that finds none waits its
 * turn, and nothing that may happen to those before it makes it wait for ever.
 */
#include "common/bits.h"
#include "tests/harness/buffer.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SECTOR 512u

/*
 * With spans=2 two scattered commands of 32 KiB have all nodes. What comes then waits.
 */
#define SCARCE .io_queues = 1, .slow_media = true, .controller = "mdts=3,spans=2"

static void submit(struct th_host *h, uint16_t cid, const struct th_buffer *b)
{
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = cid, .nsid = 1, .prp1 = b->prp1,
	      .prp2 = b->prp2, .cdw12 = b->bytes / SECTOR - 1);
	th_run(h);
}

static struct th_buffer scattered(struct th_host *h)
{
	return th_buffer(h, 4096, 0, 8 * 4096, 0);
}

static void take_all_nodes(struct th_host *h)
{
	for (uint16_t cid = 1; cid <= 2; cid++) {
		struct th_buffer b = scattered(h);

		submit(h, cid, &b);
	}
	ck_assert_uint_eq(th_media_pending(h), 2);
}

static void finish(struct th_host *h, uint16_t cid)
{
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = cid);
}

/* The medium answers one after the other, and these complete, in this order. */
#define finish_all(h, ...)                                                       \
	do {                                                                     \
		const uint16_t cids_[] = { __VA_ARGS__ };                        \
		for (size_t i_ = 0; i_ < sizeof(cids_) / sizeof(cids_[0]); i_++) \
			finish(h, cids_[i_]);                                    \
	} while (0)

/* Commands 1 and 2 are with the medium and have all nodes; 3 and those after it wait. */
static struct th_host *waiting(uint16_t count)
{
	struct th_host *h = th_enabled(SCARCE);

	take_all_nodes(h);
	for (uint16_t cid = 3; cid < 3 + count; cid++) {
		struct th_buffer b = scattered(h);

		submit(h, cid, &b);
	}
	ck_assert_uint_eq(th_media_pending(h), 2);
	return h;
}

static void expect_aborted(struct th_host *h, uint16_t cid, uint16_t sc)
{
	th_expect_cqe(h, .cqid = 1, .cid = cid, .sc = sc, .retry = true, .unlogged = true);
}

START_TEST(a_command_without_nodes_waits_and_completes)
{
	struct th_host *h = waiting(1);

	finish(h, 1);
	ck_assert_uint_eq(th_media_pending(h), 2);
	finish_all(h, 2, 3);
	th_free(h);
}
END_TEST

START_TEST(small_commands_and_admin_commands_pass_by)
{
	struct th_host *h = waiting(1);
	struct th_buffer small = th_buffer(h, 4096, 4, 4096, 0);

	submit(h, 4, &small);
	ck_assert_uint_eq(th_media_pending(h), 3);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = small.prp1, .prp2 = small.prp2, .cdw10 = 1);
	finish_all(h, 1, 2, 4, 3);
	th_free(h);
}
END_TEST

START_TEST(a_waiting_command_can_be_aborted)
{
	/* Base 2.0 5.1: its completion comes before that of the Abort. */
	struct th_host *h = waiting(2);

	th_admin(h, .opcode = NVME_ADMIN_ABORT, .cid = 9, .cdw10 = 3u << 16 | 1);
	th_step(h, 2); /* fetch and execute: the Abort itself has not completed */
	expect_aborted(h, 3, NVME_SC_ABORT_REQUESTED);
	th_expect_none(h, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 9);
	finish_all(h, 1, 2, 4);
	th_free(h);
}
END_TEST

START_TEST(deleting_the_queue_ends_what_waits)
{
	/* Base 2.0 5.7: Command Aborted due to SQ Deletion. */
	struct th_host *h = waiting(2);

	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cid = 9, .cdw10 = 1);
	th_run(h);
	for (uint16_t cid = 3; cid <= 4; cid++)
		expect_aborted(h, cid, NVME_SC_ABORTED_SQ_DELETION);
	th_expect_none(h, 0);
	finish_all(h, 1, 2);
	th_expect_cqe(h, .cid = 9);
	th_free(h);
}
END_TEST

START_TEST(who_waits_behind_a_bad_command_is_not_forgotten)
{
	/* The one that is tried next fails without having had a node. */
	struct th_host *h = th_enabled(SCARCE);
	struct th_buffer bad = scattered(h), good = scattered(h);

	take_all_nodes(h);
	nvme_store_le64(th_ptr(h, bad.list), bad.page[1] + 4);
	submit(h, 3, &bad);
	submit(h, 4, &good);
	finish(h, 1);
	th_expect_cqe(h, .cqid = 1, .cid = 3, .sc = NVME_SC_PRP_OFFSET_INVALID);
	ck_assert_uint_eq(th_media_pending(h), 2);
	finish_all(h, 2, 4);
	th_free(h);
}
END_TEST

START_TEST(who_waits_behind_a_command_of_one_piece_is_not_forgotten)
{
	/* Its pages are neighbours, so that in the end it needs no node. */
	struct th_host *h = th_enabled(SCARCE);
	struct th_buffer one = scattered(h), good = scattered(h);

	take_all_nodes(h);
	for (uint32_t i = 0; i < 7; i++)
		nvme_store_le64((uint8_t *)th_ptr(h, one.list) + 8 * i, one.prp1 + 4096 * (i + 1));
	submit(h, 3, &one);
	submit(h, 4, &good);
	finish_all(h, 1, 2);
	ck_assert_uint_eq(th_media_pending(h), 2);
	finish_all(h, 3, 4);
	th_free(h);
}
END_TEST

START_TEST(who_waits_behind_an_aborted_command_is_not_forgotten)
{
	/*
	 * Nodes come free, the next in line is aborted before it got them: the one behind it goes.
	 */
	struct th_host *h = waiting(2);

	th_admin(h, .opcode = NVME_ADMIN_ABORT, .cid = 9, .cdw10 = 3u << 16 | 1);
	th_step(h, 1); /* the Abort is fetched */
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	expect_aborted(h, 3, NVME_SC_ABORT_REQUESTED);
	th_expect_cqe(h, .cid = 9);
	ck_assert_uint_eq(th_media_pending(h), 2);
	finish_all(h, 2, 4);
	th_free(h);
}
END_TEST

START_TEST(a_large_command_is_not_overtaken_for_ever)
{
	/* It needs two nodes of three; small ones that come later never let two be free at once. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true, .entries = 64,
				       .controller = "mdts=4,spans=3");
	struct th_buffer large = th_buffer(h, 4096, 0, 16 * 4096, 0), b = scattered(h);

	submit(h, 1, &b);
	submit(h, 2, &b);
	submit(h, 3, &large);
	ck_assert_uint_eq(th_media_pending(h), 2);
	submit(h, 4, &b);
	ck_assert_uint_eq(th_media_pending(h), 2);
	finish(h, 1);
	ck_assert_uint_eq(th_media_last(h)->nlb, 128);
	finish_all(h, 2, 3, 4);
	th_free(h);
}
END_TEST

START_TEST(a_shutdown_waits_for_what_waits)
{
	/* Base 2.0 3.6.1, unverified: commands in flight end first. */
	struct th_host *h = waiting(1);

	th_write32(h, NVME_REG_CC, 4 << 20 | 6 << 16 | 2 << 14 | 1);
	th_run(h);
	finish_all(h, 1, 2);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 5);
	finish(h, 3);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 9);
	th_free(h);
}
END_TEST

START_TEST(a_reset_of_one_controller_lets_the_other_go_on)
{
	/* Each controller has nodes of its own: nobody waits for another one's. */
	struct th_host *h = th_enabled(SCARCE, .controllers = 2);
	struct th_buffer b = scattered(h);

	th_ctrl(h, 1);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	th_ctrl(h, 0);
	take_all_nodes(h);
	submit(h, 3, &b);
	ck_assert_uint_eq(th_media_pending(h), 2);
	th_ctrl(h, 1);
	submit(h, 4, &b);
	ck_assert_uint_eq(th_media_pending(h), 3);
	th_ctrl(h, 0);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_media(h, 2, 0);
	th_run(h);
	th_ctrl(h, 1);
	th_expect_cqe(h, .cqid = 1, .cid = 4);
	th_media(h, 0, 0);
	th_media(h, 0, 0);
	th_run(h);
	th_ctrl(h, 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_free(h);
}
END_TEST

static Suite *spans(void)
{
	Suite *suite = suite_create("spans");
	TCase *tcase = tcase_create("spans");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_command_without_nodes_waits_and_completes);
	tcase_add_test(tcase, small_commands_and_admin_commands_pass_by);
	tcase_add_test(tcase, a_waiting_command_can_be_aborted);
	tcase_add_test(tcase, deleting_the_queue_ends_what_waits);
	tcase_add_test(tcase, who_waits_behind_a_bad_command_is_not_forgotten);
	tcase_add_test(tcase, who_waits_behind_a_command_of_one_piece_is_not_forgotten);
	tcase_add_test(tcase, who_waits_behind_an_aborted_command_is_not_forgotten);
	tcase_add_test(tcase, a_large_command_is_not_overtaken_for_ever);
	tcase_add_test(tcase, a_shutdown_waits_for_what_waits);
	tcase_add_test(tcase, a_reset_of_one_controller_lets_the_other_go_on);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { spans };

	return th_main(suites, 1);
}
