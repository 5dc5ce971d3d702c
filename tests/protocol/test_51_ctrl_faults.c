/* SPDX-License-Identifier: BSD-3-Clause */
/* Fault rules in the controller: registers, interrupts, events, and its own life. */
#include "common/bits.h"
#include "tests/harness/faults.h"
#include "tests/harness/main.h"

#define SECOND 1000000000ull

static struct th_host *host_with(const char *text)
{
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "faults=8");

	th_faults(h, text);
	return h;
}

START_TEST(registers_are_read_and_written_otherwise)
{
	/* Base 2.0 3.1.3 */
	struct th_host *h = host_with(
		"[fault gone]\nat = reg.read\nwhen = reg == CSTS\nnth = 2\n"
		"do = all-ones\n"
		"[fault vs]\nat = reg.read\nwhen = reg == VS\n"
		"do = value = 0x10300\n"
		"[fault high]\nat = reg.read\nwhen = reg == CAP && bytes == 8\n"
		"do = value ^= 0x1\n"
		"[fault lost]\nat = reg.write\nwhen = reg == CC\nnth = 1\n"
		"do = drop\n"
		"[fault aqa]\nat = reg.write\nwhen = reg == AQA\n"
		"do = value = 0x70003\n"
		"[fault pci]\nat = cfg.read\nwhen = reg == 0\ndo = all-ones\n");
	uint64_t cap = th_read64(h, NVME_REG_CAP);

	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), UINT32_MAX);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_VS), 0x10300);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CAP), (uint32_t)cap ^ 1);
	ck_assert_uint_eq(th_cfg_read(h, 0, 4), UINT32_MAX);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_write32(h, NVME_REG_AQA, 0xf000f);
	ck_assert_uint_eq(th_read32(h, NVME_REG_AQA), 0x70003);
	th_free(h);
}
END_TEST

START_TEST(doorbells_and_messages_are_lost_changed_and_sent_twice)
{
	struct th_host *h = host_with("[fault deaf]\nat = db.write\nwhen = q == 1 && head == 0\n"
				      "nth = 1\ndo = drop\n"
				      "[fault twice]\nat = irq.raise\nwhen = vector == 1\nnth = 1\n"
				      "do = duplicate\n"
				      "[fault lost]\nat = irq.raise\nwhen = vector == 1\nnth = 2\n"
				      "do = drop\n"
				      "[fault other]\nat = irq.raise\nwhen = vector == 1\nnth = 3\n"
				      "do = vector = 0\n"
				      "[fault spurious]\nat = cmd.execute\nwhen = cid == 5\n"
				      "do = interrupt 2\n");

	th_irqs(h, 0);
	th_irqs(h, 1);
	th_read_block(h, 1, 0);
	th_expect_none(h, 1);
	th_read_block(h, 2, 0); /* the next doorbell tells of both */
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	ck_assert_uint_eq(th_irqs(h, 1), 2);
	th_read_block(h, 3, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 3);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	th_read_block(h, 4, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 4);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	ck_assert_uint_eq(th_irqs(h, 0), 1);
	th_irqs(h, 2);
	th_read_block(h, 5, 0);
	th_expect_cqe(h, .cqid = 1, .cid = 5);
	ck_assert_uint_eq(th_irqs(h, 2), 1);
	th_free(h);
}
END_TEST

START_TEST(events_happen_and_are_lost)
{
	/* Base 2.0 5.2 (unverified) */
	struct th_host *h = host_with("[fault event]\nat = cmd.execute\nwhen = cid == 1\n"
				      "do = event 0x20001\n"
				      "[fault lost]\nat = aer.raise\nwhen = event & 0x7 == 0\n"
				      "do = drop\n");

	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 7);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_ASYNC_EVENT_CONFIG,
	      .cdw11 = 0xff);
	th_run(h);
	th_ring_sq(h, 7, 3); /* Invalid Doorbell Register, an error event */
	th_run(h);
	th_expect_none(h, 0);
	th_read_block(h, 1, 0);
	th_expect_cqe(h, .cqid = 0, .cid = 7, .dw0 = 0x20001);
	ck_assert_uint_eq(th_fired(h, "lost"), 1);
	th_free(h);
}
END_TEST

START_TEST(ready_comes_later_or_never)
{
	/* Base 2.0 3.5.1: CSTS.RDY */
	struct th_host *h = th_off(.controller = "faults=2");

	th_faults(h, "[fault late]\nat = ctrl.ready\nnth = 1\ndo = delay 10s\n"
		     "[fault never]\nat = ctrl.ready\nnth = 2\ndo = hang\n");
	th_write32(h, NVME_REG_AQA, 0xf000f);
	th_write64(h, NVME_REG_ASQ, th_alloc(h, 4096));
	th_write64(h, NVME_REG_ACQ, th_alloc(h, 4096));
	th_write32(h, NVME_REG_CC, 0x460001);
	th_run(h);
	th_time(h, 10 * SECOND - 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_time(h, 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_write32(h, NVME_REG_CC, 0x460001);
	th_time(h, 1000 * SECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_free(h);
}
END_TEST

START_TEST(a_reset_and_a_shutdown_take_longer_or_for_ever)
{
	/* Base 2.0 3.6.1 and 3.7.2 (unverified); a harder reset gets through. */
	struct th_host *h = host_with("[fault slow]\nat = ctrl.shutdown\nnth = 1\ndo = delay 3s\n"
				      "[fault stuck]\nat = ctrl.reset\nwhen = kind == controller\n"
				      "nth = 1\ndo = hang\n");
	uint32_t cc = th_read32(h, NVME_REG_CC);

	th_write32(h, NVME_REG_CC, cc | 1 << 14);
	th_run(h);
	th_time(h, 3 * SECOND - 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) >> 2 & 3, NVME_CSTS_SHST_OCCURRING);
	th_time(h, 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) >> 2 & 3, NVME_CSTS_SHST_COMPLETE);
	th_write32(h, NVME_REG_CC, 0);
	th_time(h, 100 * SECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 1, 1);
	emu_reset(th_emu(h), 0, EMU_RESET_FUNCTION);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_free(h);
}
END_TEST

START_TEST(the_controller_fails_and_resets_itself)
{
	struct th_host *h = host_with(
		"[fault fatal]\nat = cmd.execute\nwhen = cid == 5\ndo = fatal\n"
		"[fault reset]\nat = cmd.execute\nwhen = cid == 1\ndo = reset\n");

	th_read_block(h, 1, 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), NVME_MASK(NVME_CSTS_NSSRO));
	ck_assert_uint_eq(th_read32(h, NVME_REG_CC), 0);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	th_read_block(h, 5, 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS) & 3, 3);
	th_free(h);
}
END_TEST

static Suite *ctrl_faults(void)
{
	Suite *suite = suite_create("ctrl_faults");
	TCase *tcase = tcase_create("ctrl_faults");

	tcase_add_test(tcase, registers_are_read_and_written_otherwise);
	tcase_add_test(tcase, doorbells_and_messages_are_lost_changed_and_sent_twice);
	tcase_add_test(tcase, events_happen_and_are_lost);
	tcase_add_test(tcase, ready_comes_later_or_never);
	tcase_add_test(tcase, a_reset_and_a_shutdown_take_longer_or_for_ever);
	tcase_add_test(tcase, the_controller_fails_and_resets_itself);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ ctrl_faults }, 1);
}
