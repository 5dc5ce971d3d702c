/* SPDX-License-Identifier: BSD-3-Clause */
/* Fault rules that cut the power, and that pull the controller out of its slot. */
#include <string.h>

#include "common/le.h"
#include "tests/harness/faults.h"
#include "tests/harness/main.h"

#define SECOND	1000000000ull
#define COMMAND 4    /* PCI: bus master and memory decode */
#define MSIX	0xb2 /* PCI: MSI-X enable */

static struct th_host *host_with(const char *text)
{
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "faults=8,vwc=true");

	th_faults(h, text);
	return h;
}

/* As after power-on, with nothing enabled. */
static void expect_new(struct th_host *h)
{
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CC), 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_AQA), 0);
	ck_assert_uint_eq(th_read64(h, NVME_REG_ASQ), 0);
	ck_assert_uint_eq(th_cfg_read(h, COMMAND, 2), 0);
}

static void bring_up(struct th_host *h)
{
	th_cfg_write(h, COMMAND, 2, 0x0406);
	th_cfg_write(h, MSIX, 2, 0x8000);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
}

static void expect_gone(struct th_host *h)
{
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), UINT32_MAX);
	ck_assert_uint_eq(th_read64(h, NVME_REG_CAP), UINT64_MAX);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CC), UINT32_MAX);
	ck_assert_uint_eq(th_cfg_read(h, 0, 4), UINT32_MAX);
}

/* Byte offset 144 of the SMART / Health Information log. */
static uint64_t unsafe_shutdowns(struct th_host *h)
{
	uint64_t data = th_alloc(h, 4096);
	uint64_t count;

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = NVME_NSID_ALL, .prp1 = data,
	      .cdw10 = 127 << 16 | NVME_LID_SMART);
	memcpy(&count, (const uint8_t *)th_ptr(h, data) + 144, sizeof(count));
	return count;
}

START_TEST(the_power_goes_before_the_third_write)
{
	/* Base 2.0 5.16.1.3: an unsafe shutdown is counted */
	struct th_host *h = host_with("[fault cut]\nat = media.write\nnth = 3\n"
				      "do = drop; cut-power prefix\n");
	uint64_t before = unsafe_shutdowns(h);

	for (uint16_t cid = 1; cid <= 3; cid++)
		th_write_block(h, cid, cid, 0x11);
	ck_assert_uint_eq(th_cuts(h, EMU_CUT_KEEP_PREFIX), 1);
	expect_new(h);
	ck_assert_uint_eq(th_block_byte(h, 2), 0x11);
	ck_assert_uint_eq(th_block_byte(h, 3), 0);
	bring_up(h);
	ck_assert_uint_eq(unsafe_shutdowns(h), before + 1);
	th_write_block(h, 4, 4, 0x22);
	th_expect_cqe(h, .cqid = 1, .cid = 4);
	ck_assert_uint_eq(th_cuts(h, EMU_CUT_KEEP_PREFIX), 0);
	th_free(h);
}
END_TEST

/* Where a cut may come from, and whether the completion of the command was posted before. */
static const struct {
	const char *rule;
	bool posted;
} moments[] = {
	{ "at = sqe.fetch\nwhen = q == 1\ndo = cut-power none\n", false },
	{ "at = cmd.execute\nwhen = q == 1\ndo = cut-power none\n", false },
	{ "at = media.write\ndo = cut-power none\n", false },
	{ "at = cmd.retire\nwhen = q == 1\ndo = cut-power none\n", false },
	{ "at = cqe.post\nwhen = q == 1\ndo = drop; cut-power none\n", false },
	{ "at = cqe.post\nwhen = q == 1\ndo = cut-power none\n", true },
	{ "at = irq.raise\nwhen = vector == 1\ndo = cut-power none\n", true },
	{ "at = db.write\nwhen = q == 1 && head == 0\ndo = cut-power none\n", false },
};

START_TEST(the_power_goes_when_the_stage_is_over)
{
	struct th_host *h = host_with("");
	struct nvme_cqe cqe;

	th_fault(h, moments[_i].rule);
	th_write_block(h, 7, 9, 0x33);
	ck_assert_uint_eq(th_cuts(h, EMU_CUT_KEEP_NONE), 1);
	ck_assert(th_next_cqe(h, 1, &cqe) == moments[_i].posted);
	expect_new(h);
	th_free(h);
}
END_TEST

START_TEST(every_controller_loses_its_power_and_caches_once)
{
	struct th_host *h = th_enabled(.io_queues = 1, .controllers = 2, .controller = "faults=8");

	th_ctrl(h, 1);
	th_cfg_write(h, COMMAND, 2, 0x0406);
	th_enable(h, 16);
	th_ctrl(h, 0);
	th_fault(h, "at = ctrl.reset\nwhen = kind == controller && ctrl == 0\n"
		    "do = cut-power subset\n");
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	expect_new(h);
	th_ctrl(h, 1);
	expect_new(h);
	ck_assert_uint_eq(th_cuts(h, EMU_CUT_KEEP_SUBSET), 1);
	th_free(h);
}
END_TEST

START_TEST(a_rule_sees_a_power_cut_and_says_what_is_kept)
{
	struct th_host *h = host_with("[fault lie]\nat = power\nwhen = keep == all\nnth = 2\n"
				      "do = keep = none\n"
				      "[fault seen]\nat = ctrl.reset\nwhen = kind == power\n"
				      "do = disarm seen\n");

	ck_assert_int_eq(emu_cut_power(th_emu(h), EMU_CUT_KEEP_ALL), 0);
	th_run(h);
	ck_assert_uint_eq(th_cuts(h, EMU_CUT_KEEP_ALL), 1);
	ck_assert_int_eq(emu_cut_power(th_emu(h), EMU_CUT_KEEP_ALL), 0);
	th_run(h);
	ck_assert_uint_eq(th_cuts(h, EMU_CUT_KEEP_ALL), 0);
	ck_assert_uint_eq(th_cuts(h, EMU_CUT_KEEP_NONE), 1);
	ck_assert_uint_eq(th_fired(h, "seen"), 1);
	expect_new(h);
	th_free(h);
}
END_TEST

START_TEST(a_controller_is_pulled_out_with_commands_in_flight_and_returns)
{
	struct th_host *h = host_with("[fault keep]\nat = cqe.post\nwhen = cid == 1\ndo = hold A\n"
				      "[fault pull]\nat = cmd.execute\nwhen = cid == 2\n"
				      "do = hang; remove 5s\n"
				      "[fault late]\nat = ctrl.reset\noptional = true\n"
				      "do = release A\n");

	th_irqs(h, 1);
	th_write_block(h, 1, 1, 0x11);
	th_write_block(h, 2, 2, 0x22);
	expect_gone(h);
	th_write32(h, NVME_REG_CC, 0x460001);
	th_cfg_write(h, COMMAND, 2, 0x0406);
	th_ring_sq(h, 1, 5);
	th_time(h, 5 * SECOND - 1);
	expect_gone(h);
	th_expect_none(h, 1);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	ck_assert_uint_eq(th_block_byte(h, 2), 0);
	ck_assert_uint_eq(th_fired(h, "late"), 0);
	th_time(h, 1);
	expect_new(h);
	bring_up(h);
	th_write_block(h, 3, 3, 0x33);
	th_expect_cqe(h, .cqid = 1, .cid = 3);
	th_free(h);
}
END_TEST

START_TEST(it_stays_away_until_a_rule_lets_it_return)
{
	struct th_host *h = host_with("[fault pull]\nat = reg.write\nwhen = reg == INTMS\n"
				      "do = remove\n"
				      "[fault back]\nat = reg.read\nwhen = life == gone\nnth = 3\n"
				      "do = return\n");

	th_write32(h, NVME_REG_INTMS, 1);
	th_time(h, 1000 * SECOND);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), UINT32_MAX);
	th_run(h);
	expect_new(h);
	/* To return what is there is nothing. */
	bring_up(h);
	th_fault(h, "at = cmd.execute\nwhen = q == 1\ndo = return\n");
	th_write_block(h, 1, 1, 0x11);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(the_medium_answers_a_controller_that_is_gone)
{
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "faults=2",
				       .slow_media = true);

	th_fault(h, "at = media.write\ndo = remove 1s\n");
	th_write_block(h, 1, 1, 0x11);
	th_time(h, 2 * SECOND);
	ck_assert_uint_eq(th_media_pending(h), 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_none(h, 1);
	expect_new(h);
	th_free(h);
}
END_TEST

START_TEST(shared_registers_read_all_ones_while_it_is_gone)
{
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "faults=2", .shared = true);

	th_fault(h, "at = cmd.execute\nwhen = op == flush\ndo = remove 1s\n");
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1, .cid = 1);
	th_run(h);
	for (uint32_t offset = 0; offset < 0x40; offset++)
		ck_assert_uint_eq(th_page(h)[offset], 0xff);
	th_time(h, SECOND);
	expect_new(h);
	for (uint32_t offset = 0; offset < 0x40; offset += 4)
		ck_assert_uint_eq(nvme_load_le32(th_page(h) + offset), th_read32(h, offset));
	th_free(h);
}
END_TEST

static Suite *power_faults(void)
{
	Suite *suite = suite_create("power_faults");
	TCase *tcase = tcase_create("power_faults");

	tcase_add_test(tcase, the_power_goes_before_the_third_write);
	tcase_add_loop_test(tcase, the_power_goes_when_the_stage_is_over, 0,
			    sizeof(moments) / sizeof(moments[0]));
	tcase_add_test(tcase, every_controller_loses_its_power_and_caches_once);
	tcase_add_test(tcase, a_rule_sees_a_power_cut_and_says_what_is_kept);
	tcase_add_test(tcase, a_controller_is_pulled_out_with_commands_in_flight_and_returns);
	tcase_add_test(tcase, it_stays_away_until_a_rule_lets_it_return);
	tcase_add_test(tcase, the_medium_answers_a_controller_that_is_gone);
	tcase_add_test(tcase, shared_registers_read_all_ones_while_it_is_gone);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ power_faults }, 1);
}
