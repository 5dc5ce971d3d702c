/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Controllers of one subsystem share namespaces and nothing that one of them could use up.
 * Base 2.0 3.1, Base 2.0 3.7.
 */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "tests/harness/buffer.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define CC_ON (4 << 20 | 6 << 16 | 1)

/* Controllers 0 and 1, each with I/O pair 1. */
static struct th_host *both(struct th_options options)
{
	struct th_host *h;

	options.controllers = 2;
	options.io_queues = 1;
	h = th_new_(options, true);
	th_ctrl(h, 1);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	th_ctrl(h, 0);
	return h;
}

static void read_block(struct th_host *h, uint16_t cid)
{
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = cid, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
}

START_TEST(what_one_controller_writes_the_other_reads)
{
	/* Base 2.0 3.1: namespaces that are shared are the same data. */
	struct th_host *h = both((struct th_options){ 0 });
	uint64_t from = th_alloc(h, 4096), to = th_alloc(h, 4096);

	memset(th_ptr(h, from), 0x5a, 512);
	th_io(h, 1, .opcode = NVME_CMD_WRITE, .cid = 1, .nsid = 1, .prp1 = from, .cdw10 = 7);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_ctrl(h, 1);
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 1, .prp1 = to, .cdw10 = 7);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	ck_assert_mem_eq(th_ptr(h, to), th_ptr(h, from), 512);
	th_free(h);
}
END_TEST

START_TEST(one_that_has_all_its_requests_in_flight_leaves_the_other_its_own)
{
	/* Base 2.0 3.4.4: arbitration is among the queues of one controller. */
	struct th_host *h = both(
		(struct th_options){ .slow_media = true, .controller = "max_requests=2" });

	for (uint16_t cid = 0; cid < 8; cid++)
		read_block(h, cid);
	ck_assert_uint_eq(th_media_pending(h), 2);
	th_ctrl(h, 1);
	read_block(h, 20);
	read_block(h, 21);
	ck_assert_uint_eq(th_media_pending(h), 4);
	th_media(h, 2, 0);
	th_media(h, 2, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 20);
	th_expect_cqe(h, .cqid = 1, .cid = 21);
	th_ctrl(h, 0);
	th_expect_none(h, 1);
	for (uint16_t cid = 0; cid < 8; cid++) {
		th_media(h, 0, 0);
		th_run(h);
		th_expect_cqe(h, .cqid = 1, .cid = cid);
	}
	th_free(h);
}
END_TEST

START_TEST(one_whose_host_takes_no_completions_leaves_the_other_alone)
{
	/* Base 2.0 3.3.3: a full completion queue stops its own submission queues. */
	struct th_host *h = both(
		(struct th_options){ .entries = 4, .controller = "max_requests=4" });
	struct nvme_cqe cqe;

	for (uint16_t cid = 0; cid < 3; cid++)
		read_block(h, cid);
	for (uint16_t cid = 3; cid < 6; cid++)
		read_block(h, cid);
	th_ctrl(h, 1);
	for (uint16_t cid = 0; cid < 12; cid++) {
		read_block(h, cid);
		th_expect_cqe(h, .cqid = 1, .cid = cid);
	}
	th_ctrl(h, 0);
	for (uint16_t cid = 0; cid < 3; cid++)
		ck_assert(th_next_cqe(h, 1, &cqe));
	ck_assert(!th_next_cqe(h, 1, &cqe));
	th_ring_cq(h, 1, th_head(h, 1));
	th_run(h);
	for (uint16_t cid = 3; cid < 6; cid++) {
		ck_assert(th_next_cqe(h, 1, &cqe));
		ck_assert_uint_eq(nvme_cpu16(cqe.cid), cid);
	}
	th_free(h);
}
END_TEST

START_TEST(one_has_keys_of_its_own_and_the_other_does_not)
{
	/* Base 2.0 3.1.3.1 and 5.17.2.1: CAP and Identify Controller are of one controller. */
	struct th_host *h = both(
		(struct th_options){ .controller = "acl=3,aerl=7,mdts=6,to=20",
				     .own = "mqes=31,to=40,mdts=2,queues=2,aerl=0,acl=1" });
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = (void *)th_ptr(h, page);

	for (uint32_t ctrl = 0; ctrl < 2; ctrl++) {
		th_ctrl(h, ctrl);
		ck_assert_uint_eq(th_read64(h, NVME_REG_CAP) & 0xffff, ctrl ? 31 : 1023);
		ck_assert_uint_eq(NVME_GET64(th_read64(h, NVME_REG_CAP), NVME_CAP_TO),
				  ctrl ? 40 : 20);
		th_admin(h, .opcode = NVME_ADMIN_IDENTIFY, .cid = 1, .prp1 = page, .cdw10 = 1);
		th_run(h);
		th_expect_cqe(h, .cid = 1);
		ck_assert_uint_eq(id->mdts, ctrl ? 2 : 6);
		ck_assert_uint_eq(id->aerl, ctrl ? 0 : 7);
		ck_assert_uint_eq(id->acl, ctrl ? 1 : 3);
		th_admin(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .cid = 2, .prp1 = page,
			 .cdw10 = 63 << 16 | 2, .cdw11 = 1);
		th_run(h);
		if (ctrl)
			th_expect_cqe(h, .cid = 2, .sc = NVME_SC_INVALID_QUEUE_SIZE);
		else
			th_expect_cqe(h, .cid = 2);
		th_admin(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .cid = 3, .prp1 = page,
			 .cdw10 = 7 << 16 | 3, .cdw11 = 1);
		th_run(h);
		if (ctrl)
			th_expect_cqe(h, .cid = 3, .sc = NVME_SC_INVALID_QUEUE_ID);
		else
			th_expect_cqe(h, .cid = 3);
	}
	th_free(h);
}
END_TEST

START_TEST(one_without_bus_master_leaves_the_other_alone)
{
	/* Base 2.0 3.1: what stands still in one controller does not count for another. */
	struct th_host *h = both((struct th_options){
		.slow_media = true, .controller = "mdts=4,spans=3,max_requests=1" });
	struct th_buffer large = th_buffer(h, 4096, 0, 16 * 4096, 0);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 2, .nsid = 1, .prp1 = large.prp1,
	      .prp2 = large.prp2, .cdw12 = 127);
	th_cfg_write(h, 4, 2, 2);
	th_run(h);
	th_ctrl(h, 1);
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 3, .nsid = 1, .prp1 = large.prp1,
	      .prp2 = large.prp2, .cdw12 = 127);
	th_run(h);
	ck_assert_uint_eq(th_media_pending(h), 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 3);
	th_ctrl(h, 0);
	th_cfg_write(h, 4, 2, 6);
	th_run(h);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	th_free(h);
}
END_TEST

static const enum emu_reset_kind resets[] = { EMU_RESET_CONTROLLER, EMU_RESET_FUNCTION };

START_TEST(a_reset_of_one_leaves_commands_of_the_other_alone)
{
	/* Base 2.0 3.7.2: a controller level reset is of one controller. */
	struct th_host *h = both((struct th_options){ .slow_media = true });

	read_block(h, 1);
	th_ctrl(h, 1);
	read_block(h, 2);
	emu_reset(th_emu(h), 0, resets[_i]);
	th_run(h);
	ck_assert(emu_busy(th_emu(h), 0));
	ck_assert(!emu_busy(th_emu(h), 1));
	ck_assert(emu_live(th_emu(h), 1));
	th_media(h, 1, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	th_media(h, 0, 0);
	th_run(h);
	ck_assert(!emu_busy(th_emu(h), 0));
	ck_assert(!emu_live(th_emu(h), 0));
	read_block(h, 3);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 3);
	th_free(h);
}
END_TEST

START_TEST(a_subsystem_reset_is_of_all_controllers)
{
	/* Base 2.0 3.7.1 */
	struct th_host *h = both((struct th_options){ 0 });

	th_write32(h, NVME_REG_NSSR, 0x4e564d65);
	th_run(h);
	for (uint32_t ctrl = 0; ctrl < 2; ctrl++) {
		th_ctrl(h, ctrl);
		ck_assert(!emu_live(th_emu(h), ctrl));
		ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1u << 4);
	}
	th_free(h);
}
END_TEST

START_TEST(one_that_fails_leaves_the_other_alone)
{
	/* Base 2.0 3.1.3.6: CSTS.CFS is of one controller. */
	struct th_host *h = both((struct th_options){ 0 });

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0f, .cdw11 = 1000);
	th_time(h, 2000000000);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 2, 2);
	th_ctrl(h, 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 2, 0);
	read_block(h, 1);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(a_shutdown_of_one_leaves_the_other_running)
{
	/* Base 2.0 3.6.1 */
	struct th_host *h = both((struct th_options){ .slow_media = true });

	th_ctrl(h, 1);
	read_block(h, 1);
	th_ctrl(h, 0);
	th_write32(h, NVME_REG_CC, CC_ON | 2u << 14);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 0xc, 8);
	th_ctrl(h, 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_free(h);
}
END_TEST

static Suite *controllers(void)
{
	Suite *suite = suite_create("controllers");
	TCase *tcase = tcase_create("controllers");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, what_one_controller_writes_the_other_reads);
	tcase_add_test(tcase, one_that_has_all_its_requests_in_flight_leaves_the_other_its_own);
	tcase_add_test(tcase, one_whose_host_takes_no_completions_leaves_the_other_alone);
	tcase_add_test(tcase, one_has_keys_of_its_own_and_the_other_does_not);
	tcase_add_test(tcase, one_without_bus_master_leaves_the_other_alone);
	tcase_add_loop_test(tcase, a_reset_of_one_leaves_commands_of_the_other_alone, 0, 2);
	tcase_add_test(tcase, a_subsystem_reset_is_of_all_controllers);
	tcase_add_test(tcase, one_that_fails_leaves_the_other_alone);
	tcase_add_test(tcase, a_shutdown_of_one_leaves_the_other_running);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { controllers };

	return th_main(suites, 1);
}
