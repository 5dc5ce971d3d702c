/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host managed live migration (Base 2.1 5.1.16, 5.1.17 and 8.1.12; statuses that they leave open,
 * and what a suspended controller still does, unverified): a controller is suspended, its I/O
 * queues go on at another one.
 */
#include "tests/harness/main.h"
#include "tests/protocol/migration.h"

/* Moves what SOURCE has, which is suspended, to TARGET, which the story is about from now on. */
static void move(struct th_host *h)
{
	ck_assert_uint_eq(get(h, SOURCE), 1);
	suspend(h, TARGET);
	ck_assert_uint_eq(set(h, TARGET), 0);
	th_take_rings(h, SOURCE, 1);
	ck_assert_uint_eq(resume(h, TARGET), 0);
}

START_TEST(identify_has_one_version_and_no_uuid)
{
	/* Base 2.1 5.1.13, CNS 20h. */
	struct th_host *h = three((struct th_options){ 0 });
	const struct nvme_ctrl_state_formats *formats = th_ptr(h, page_);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .cdw10 = NVME_CNS_CTRL_STATE_FORMATS,
	      .prp1 = page_);
	ck_assert_uint_eq(formats->nv, 1);
	ck_assert_uint_eq(formats->nuuid, 0);
	ck_assert_uint_eq(nvme_cpu16(formats->version[0]), 0);
	th_free(h);
}
END_TEST

START_TEST(a_state_is_the_queues_and_how_far_they_are)
{
	/* Base 2.1 8.1.12: Controller State and NVMe Controller State. */
	struct th_host *h = three((struct th_options){ 0 });
	const struct nvme_ctrl_state *head = th_ptr(h, page_);

	work(h, 5);
	suspend(h, SOURCE);
	th_write_block(h, 5, 2, 2);
	ck_assert_uint_eq(get(h, SOURCE), 1);
	ck_assert_uint_eq(head->csattr, 1);
	ck_assert_uint_eq(nvme_cpu64(head->nvmecss.lo), (STATE - 48) / 4);
	ck_assert_uint_eq(nvme_cpu64(head->vss.lo), 0);
	ck_assert_uint_eq(nvme_cpu16(queues(h)->niosq), 1);
	ck_assert_uint_eq(nvme_cpu16(queues(h)->niocq), 1);
	ck_assert_uint_eq(nvme_cpu16(sq(h)->qsize_z), ENTRIES - 1);
	ck_assert_uint_eq(nvme_cpu16(sq(h)->qid), 1);
	ck_assert_uint_eq(nvme_cpu16(sq(h)->cqid), 1);
	ck_assert_uint_eq(nvme_cpu16(sq(h)->attributes), 1);
	ck_assert_uint_eq(nvme_cpu16(sq(h)->head), 1);
	ck_assert_uint_eq(nvme_cpu16(sq(h)->tail), 2);
	ck_assert_uint_eq(nvme_cpu16(cq(h)->qid), 1);
	ck_assert_uint_eq(nvme_cpu16(cq(h)->head), 1);
	ck_assert_uint_eq(nvme_cpu16(cq(h)->tail), 1);
	/* Contiguous, interrupts of vector 1, and slot 0 has the phase of the second round. */
	ck_assert_uint_eq(nvme_cpu32(cq(h)->attributes), 1 << 16 | 3);
	th_free(h);
}
END_TEST

START_TEST(what_was_fetched_completes_before_the_controller_is_suspended)
{
	/* Base 2.1 5.1.17: Suspend ends when nothing is in flight; nothing more is fetched. */
	struct th_host *h = three((struct th_options){ .slow_media = true });

	th_write_block(h, 10, 2, 2);
	th_write_block(h, 11, 3, 3);
	th_ctrl(h, MANAGER);
	th_admin(h, .opcode = NVME_ADMIN_MIGRATION_SEND, .cid = 1,
		 .cdw11 = CNTLID(SOURCE) | SUSPEND);
	th_run(h);
	th_expect_none(h, 0);
	th_ctrl(h, SOURCE);
	th_write_block(h, 12, 4, 4);
	ck_assert_uint_eq(th_media_pending(h), 2);
	th_ctrl(h, MANAGER);
	ck_assert_uint_eq(resume(h, MANAGER + 1), NVME_SC_CTRL_NOT_SUSPENDED);
	ck_assert_uint_eq(get(h, SOURCE), 0);
	th_check(h);
	th_media(h, 0, 0);
	th_run(h);
	th_ctrl(h, MANAGER);
	th_expect_none(h, 0);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 1);
	th_ctrl(h, SOURCE);
	th_expect_cqe(h, .cqid = 1, .cid = 10);
	th_expect_cqe(h, .cqid = 1, .cid = 11);
	th_expect_none(h, 1);
	ck_assert_uint_eq(th_media_pending(h), 0);
	th_free(h);
}
END_TEST

START_TEST(doorbells_that_came_meanwhile_count_after_resume)
{
	/* Base 2.1 5.1.17: Resume. The admin queue has worked all the time. */
	struct th_host *h = three((struct th_options){ 0 });

	work(h, 3);
	suspend(h, SOURCE);
	th_write_block(h, 10, 7, 7);
	th_write_block(h, 11, 8, 8);
	th_expect_none(h, 1);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .cdw10 = NVME_CNS_CTRL, .prp1 = page_);
	ck_assert_uint_eq(th_block_byte(h, 7), 0);
	ck_assert_uint_eq(resume(h, SOURCE), 0);
	th_expect_cqe(h, .cqid = 1, .cid = 10);
	th_expect_cqe(h, .cqid = 1, .cid = 11);
	ck_assert_uint_eq(th_block_byte(h, 7), 7);
	work(h, 9);
	th_free(h);
}
END_TEST

START_TEST(queues_go_on_at_another_controller)
{
	/* Base 2.1 8.1.12: entries not fetched, completions not read, in any round of the rings. */
	struct th_host *h = three((struct th_options){ 0 });

	work(h, (unsigned int)_i);
	th_write_block(h, 10, 2, 2);
	suspend(h, SOURCE);
	th_write_block(h, 11, 3, 3);
	th_write_block(h, 12, 4, 4);
	move(h);
	th_expect_cqe(h, .cqid = 1, .cid = 10);
	th_expect_cqe(h, .cqid = 1, .cid = 11);
	th_expect_cqe(h, .cqid = 1, .cid = 12);
	ck_assert_uint_eq(th_block_byte(h, 3), 3);
	ck_assert_uint_eq(th_block_byte(h, 4), 4);
	work(h, 9);
	th_free(h);
}
END_TEST

START_TEST(polled_doorbells_go_on_where_they_were)
{
	/* Base 2.1 8.1.12: a tail of 0 is news where the queue came with another one. */
	struct th_host *h = three((struct th_options){ .shared = true });

	work(h, 3);
	suspend(h, SOURCE);
	move(h);
	work(h, 6);
	th_free(h);
}
END_TEST

START_TEST(shadow_doorbells_are_looked_at)
{
	/* Base 2.0 5.8: a host that does not ring, because the queue was not empty. */
	struct th_host *h = three((struct th_options){ .controller = "migration=true,dbbuf=true" });
	uint64_t shadow = th_alloc(h, 4096), event = th_alloc(h, 4096);
	volatile uint8_t *doorbells = th_ptr(h, shadow);

	th_do(h, .opcode = NVME_ADMIN_DBBUF_CONFIG, .prp1 = shadow, .prp2 = event);
	suspend(h, SOURCE);
	th_fill(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1, .cid = 7);
	nvme_store_doorbell(doorbells + 8, th_tail(h, 1));
	get(h, SOURCE);
	ck_assert_uint_eq(nvme_cpu16(sq(h)->tail), 1);
	th_fill(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1, .cid = 8);
	nvme_store_doorbell(doorbells + 8, th_tail(h, 1));
	ck_assert_uint_eq(resume(h, SOURCE), 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 7);
	th_expect_cqe(h, .cqid = 1, .cid = 8);
	th_free(h);
}
END_TEST

START_TEST(the_host_is_told_again_of_what_it_has_not_read)
{
	/* Base 2.1 8.1.12: an interrupt may have got lost on the way. */
	struct th_host *h = three((struct th_options){ .no_msix = _i == 1, .intx = _i == 1 });

	th_write_block(h, 10, 2, 2);
	suspend(h, SOURCE);
	get(h, SOURCE);
	suspend(h, TARGET);
	ck_assert_uint_eq(set(h, TARGET), 0);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	ck_assert_uint_eq(resume(h, TARGET), 0);
	ck_assert(_i == 1 ? th_line(h) : th_irqs(h, 1) == 1);
	th_take_rings(h, SOURCE, 1);
	th_expect_cqe(h, .cqid = 1, .cid = 10);
	th_run(h);
	ck_assert(!th_line(h));
	th_free(h);
}
END_TEST

START_TEST(a_state_comes_in_pieces)
{
	/* Base 2.1 5.1.17: SEQIND. */
	struct th_host *h = three((struct th_options){ 0 });
	uint64_t slice = th_alloc(h, 4096);

	work(h, 2);
	suspend(h, SOURCE);
	get(h, SOURCE);
	suspend(h, TARGET);
	ck_assert_uint_eq(set_part(h, TARGET, NVME_SEQIND_MIDDLE, 0, 4),
			  NVME_SC_COMMAND_SEQUENCE_ERROR);
	ck_assert_uint_eq(set_part(h, TARGET, NVME_SEQIND_LAST, 0, 4),
			  NVME_SC_COMMAND_SEQUENCE_ERROR);
	ck_assert_uint_eq(set_part(h, TARGET, NVME_SEQIND_FIRST, 0, 10), 0);
	ck_assert_uint_eq(set_part(h, TARGET, NVME_SEQIND_MIDDLE, 44, 2), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(set_part(h, TARGET, NVME_SEQIND_FIRST, 0, 13), 0);
	ck_assert_uint_eq(set_part(h, TARGET, NVME_SEQIND_MIDDLE, 52, 5), 0);
	ck_assert_uint_eq(get_part(h, TARGET, slice, 0, 14), 1);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(h, slice + 50), 0);
	ck_assert_uint_eq(set_part(h, TARGET, NVME_SEQIND_LAST, 72, 8), 0);
	ck_assert_uint_eq(set_part(h, TARGET, NVME_SEQIND_MIDDLE, 104, 1),
			  NVME_SC_COMMAND_SEQUENCE_ERROR);
	/* And it goes in pieces: what is behind it is zero. */
	memset(th_ptr(h, slice), 0xff, 64);
	get_part(h, TARGET, slice, CQ_AT, 8);
	ck_assert_mem_eq(th_ptr(h, slice), th_ptr(h, page_ + CQ_AT), 24);
	ck_assert_uint_eq(*(uint64_t *)th_ptr(h, slice + 24), 0);
	th_free(h);
}
END_TEST

START_TEST(a_notification_changes_nothing)
{
	/* Base 2.1 5.1.17: STYPE 0. */
	struct th_host *h = three((struct th_options){ 0 });

	ck_assert_uint_eq(send_about(h, SOURCE, NVME_MIGRATION_SUSPEND, SOURCE, 0), 0);
	work(h, 5);
	ck_assert_uint_eq(get(h, SOURCE), 0);
	ck_assert_uint_eq(((const struct nvme_ctrl_state *)th_ptr(h, page_))->csattr, 0);
	th_free(h);
}
END_TEST

START_TEST(a_reset_ends_it)
{
	/* Base 2.1 8.1.12: after a Controller Level Reset it is not suspended (unverified). */
	struct th_host *h = three((struct th_options){ 0 });
	uint32_t cc = th_read32(h, NVME_REG_CC);

	suspend(h, SOURCE);
	th_write32(h, NVME_REG_CC, cc & ~1u);
	th_run(h);
	ck_assert_uint_eq(resume(h, SOURCE), NVME_SC_CTRL_NOT_SUSPENDED);
	th_enable(h, 16);
	th_create_queues(h, 1, ENTRIES);
	work(h, 5);
	th_free(h);
}
END_TEST

/* SOURCE has one command in flight, and MANAGER waits, with command 1. */
static struct th_host *draining(void)
{
	struct th_host *h = three((struct th_options){ .slow_media = true });

	th_write_block(h, 10, 2, 2);
	th_ctrl(h, MANAGER);
	th_admin(h, .opcode = NVME_ADMIN_MIGRATION_SEND, .cid = 1,
		 .cdw11 = CNTLID(SOURCE) | SUSPEND);
	th_run(h);
	return h;
}

START_TEST(who_waits_hears_of_a_reset)
{
	/* Base 2.1 5.1.17: the controller cannot be suspended any more (unverified). */
	struct th_host *h = draining();

	th_ctrl(h, SOURCE);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_media(h, 0, 0);
	th_run(h);
	th_ctrl(h, MANAGER);
	th_expect_cqe(h, .cid = 1, .sc = NVME_SC_CTRL_NOT_SUSPENDED, .retry = true);
	th_free(h);
}
END_TEST

START_TEST(a_manager_that_is_reset_leaves_the_controller_suspended)
{
	/* Base 2.0 3.7.2: its command is gone; what it began goes on (unverified). */
	struct th_host *h = draining();

	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_media(h, 0, 0);
	th_enable(h, 16);
	ck_assert_uint_eq(get(h, SOURCE), 1);
	ck_assert_uint_eq(resume(h, SOURCE), 0);
	th_expect_cqe(h, .cqid = 1, .cid = 10);
	work(h, 5);
	th_free(h);
}
END_TEST

START_TEST(a_queue_can_be_deleted_meanwhile)
{
	/* Base 2.0 5.7: with a command in flight, and without. */
	struct th_host *h = draining();

	th_ctrl(h, SOURCE);
	if (_i == 0) {
		th_media(h, 0, 0);
		th_run(h);
	}
	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cid = 2, .cdw10 = 1);
	th_run(h);
	if (_i == 1) {
		th_expect_none(h, 0);
		th_media(h, 0, 0);
		th_run(h);
	}
	th_expect_cqe(h, .cid = 2);
	th_expect_cqe(h, .cqid = 1, .cid = 10);
	th_ctrl(h, MANAGER);
	th_expect_cqe(h, .cid = 1);
	ck_assert_uint_eq(get(h, SOURCE), 1);
	ck_assert_uint_eq(nvme_cpu16(queues(h)->niosq), 0);
	/* A new one is suspended like the others. */
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cdw10 = 1);
	th_create_queues(h, 1, ENTRIES);
	th_write_block(h, 11, 3, 3);
	th_expect_none(h, 1);
	ck_assert_uint_eq(resume(h, SOURCE), 0);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 11);
	th_free(h);
}
END_TEST

START_TEST(a_snapshot_has_all_of_it)
{
	/* Base 2.1 5.1.17: while it waits, and in the middle of a sequence. */
	struct th_host *h = draining();
	struct th_snapshot *snapshot = th_save(h);

	for (int round = 0; round < 2; round++) {
		th_media(h, 0, 0);
		th_run(h);
		th_expect_cqe(h, .cid = 1);
		get(h, SOURCE);
		suspend(h, TARGET);
		ck_assert_uint_eq(set_part(h, TARGET, NVME_SEQIND_FIRST, 0, 20), 0);
		if (round == 0) {
			struct th_snapshot *later = th_save(h);

			ck_assert_uint_eq(set_part(h, TARGET, NVME_SEQIND_LAST, 80, 6), 0);
			th_restore(h, later);
			th_discard(later);
		}
		ck_assert_uint_eq(set_part(h, TARGET, NVME_SEQIND_LAST, 80, 6), 0);
		ck_assert_uint_eq(get(h, TARGET), 1);
		ck_assert_uint_eq(nvme_cpu16(cq(h)->tail), 1);
		th_restore(h, snapshot);
	}
	th_discard(snapshot);
	th_free(h);
}
END_TEST

START_TEST(tracking_of_changes_ends_with_its_last_entry)
{
	/* NVM 1.1 5.6.1: ESA 3; DUDMQ deletes the queue. */
	struct th_host *h = three((struct th_options){ .controller = "migration=true,cdq=true" });
	uint64_t queue = th_alloc(h, 4096);
	const struct nvme_cdq_entry *entry = th_ptr(h, queue);

	th_ctrl(h, MANAGER);
	th_do(h, .opcode = NVME_ADMIN_CDQ, .prp1 = queue, .cdw11 = CNTLID(SOURCE) << 16 | 1,
	      .cdw12 = 64);
	th_do(h, .opcode = NVME_ADMIN_TRACK_SEND, .cdw10 = 1 << 16);
	th_ctrl(h, SOURCE);
	th_write_block(h, 1, 2, 2);
	ck_assert_uint_eq(
		send_about(h, SOURCE, NVME_MIGRATION_SUSPEND, SOURCE, SUSPEND | (_i ? DUDMQ : 0)),
		0);
	ck_assert_uint_eq(nvme_cpu64(entry[1].slba), 2);
	ck_assert_uint_eq(entry[2].lbamqa,
			  NVME_CDQ_NO_RANGE << 6 | NVME_CDQ_ESA_SUSPENDED << 1 | 1);
	th_ctrl(h, MANAGER);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_CDQ, .prp1 = page_),
		_i ? NVME_SC_INVALID_CDQ : 0);
	th_free(h);
}
END_TEST

static Suite *migration(void)
{
	Suite *suite = suite_create("migration");
	TCase *moving = tcase_create("moving");

	tcase_set_timeout(moving, 60);
	tcase_add_test(moving, identify_has_one_version_and_no_uuid);
	tcase_add_test(moving, a_state_is_the_queues_and_how_far_they_are);
	tcase_add_test(moving, what_was_fetched_completes_before_the_controller_is_suspended);
	tcase_add_test(moving, doorbells_that_came_meanwhile_count_after_resume);
	tcase_add_loop_test(moving, queues_go_on_at_another_controller, 0, 9);
	tcase_add_test(moving, polled_doorbells_go_on_where_they_were);
	tcase_add_test(moving, shadow_doorbells_are_looked_at);
	tcase_add_loop_test(moving, the_host_is_told_again_of_what_it_has_not_read, 0, 2);
	tcase_add_test(moving, a_state_comes_in_pieces);
	tcase_add_test(moving, a_notification_changes_nothing);
	tcase_add_test(moving, a_reset_ends_it);
	tcase_add_test(moving, who_waits_hears_of_a_reset);
	tcase_add_test(moving, a_manager_that_is_reset_leaves_the_controller_suspended);
	tcase_add_loop_test(moving, a_queue_can_be_deleted_meanwhile, 0, 2);
	tcase_add_test(moving, a_snapshot_has_all_of_it);
	tcase_add_loop_test(moving, tracking_of_changes_ends_with_its_last_entry, 0, 2);
	suite_add_tcase(suite, moving);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { migration };

	return th_main(suites, 1);
}
