/* SPDX-License-Identifier: BSD-3-Clause */
/* The PCI function that is not there: D3hot, memory decode off; and what brings it back. */
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define COMMAND	     0x04
#define BAR0	     0x10
#define PM_CONTROL   0x44
#define DEVCTL	     0x68
#define FLR	     0x8000
#define MSIX_CONTROL 0xb2
#define D3HOT	     3u
#define BUS_MASTER   0x0404
#define WITH_MEMORY  0x0406
#define ALL_ONES     0xffffffffu

/* The state that No_Soft_Reset reports, above the power state's bits. */
static uint32_t power_state(struct th_host *h)
{
	return th_cfg_read(h, PM_CONTROL, 2) & 3;
}

START_TEST(in_d3hot_registers_read_all_ones_and_take_no_write)
{
	/* PCI Power Management 1.2 5.4.1, unverified: memory space is not decoded. */
	struct th_host *h = th_enabled(.io_queues = 1);

	th_cfg_write(h, PM_CONTROL, 2, D3HOT);
	ck_assert_uint_eq(power_state(h), D3HOT);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), ALL_ONES);
	ck_assert_uint_eq(th_read64(h, NVME_REG_CAP), UINT64_MAX);
	ck_assert_uint_eq(th_read32(h, emu_layout_of(th_emu(h))->table_offset), ALL_ONES);
	th_write32(h, NVME_REG_CC, 0); /* dropped */
	th_write32(h, NVME_REG_NSSR, NVME_NSSR_RESET);
	th_run(h);
	ck_assert_uint_eq(th_cfg_read(h, 0, 2), 0x4e4c); /* configuration space answers */
	th_cfg_write(h, PM_CONTROL, 2, 0);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CC) & 1, 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	th_free(h);
}
END_TEST

START_TEST(in_d3hot_nothing_is_signalled)
{
	/* PCI Power Management 1.2 5.4.1, unverified: no interrupt but PME. */
	struct th_host *h = th_enabled(.io_queues = 1, .intx = true);

	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 1, .nsid = 1);
	th_run(h);
	ck_assert(th_line(h));
	th_cfg_write(h, PM_CONTROL, 2, D3HOT);
	th_run(h);
	ck_assert(!th_line(h));
	th_cfg_write(h, PM_CONTROL, 2, 0);
	th_run(h);
	ck_assert(th_line(h));
	th_free(h);
}
END_TEST

START_TEST(a_command_that_the_medium_has_ends_after_d3hot)
{
	/* With No_Soft_Reset nothing is lost; the completion waits for D0. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);

	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 1, .nsid = 1);
	th_run(h);
	th_cfg_write(h, PM_CONTROL, 2, D3HOT);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_none(h, 1);
	th_cfg_write(h, PM_CONTROL, 2, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	th_free(h);
}
END_TEST

START_TEST(without_no_soft_reset_d0_is_uninitialized)
{
	/* PCI Power Management 1.2 5.4.1, unverified; key no_soft_reset */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "no_soft_reset=false");

	ck_assert_uint_eq(th_cfg_read(h, PM_CONTROL, 2), 0);
	th_cfg_write(h, BAR0, 4, 0xfe000000);
	th_cfg_write(h, PM_CONTROL, 2, D3HOT);
	th_run(h);
	ck_assert_uint_eq(th_cfg_read(h, COMMAND, 2), WITH_MEMORY); /* still as it was */
	th_cfg_write(h, PM_CONTROL, 2, 0);
	th_run(h);
	ck_assert_uint_eq(th_cfg_read(h, COMMAND, 2), 0);
	ck_assert_uint_eq(th_cfg_read(h, BAR0, 4), 4);
	ck_assert_uint_eq(th_cfg_read(h, MSIX_CONTROL, 2) & 0xc000, 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CC), 0);
	ck_assert_uint_eq(th_read64(h, NVME_REG_ASQ), 0);
	th_cfg_write(h, COMMAND, 2, WITH_MEMORY);
	th_enable(h, 16);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	th_free(h);
}
END_TEST

START_TEST(with_no_soft_reset_d0_is_as_before)
{
	/* PCI Power Management 1.2 3.2.4, unverified */
	struct th_host *h = th_enabled(.io_queues = 1);

	ck_assert_uint_eq(th_cfg_read(h, PM_CONTROL, 2), 8);
	th_cfg_write(h, PM_CONTROL, 2, D3HOT);
	th_cfg_write(h, PM_CONTROL, 2, 0);
	th_run(h);
	ck_assert_uint_eq(th_cfg_read(h, MSIX_CONTROL, 2) & 0x8000, 0x8000);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	ck_assert_uint_eq(th_irqs(h, 0), 1);
	th_free(h);
}
END_TEST

START_TEST(d1_and_d2_do_not_exist)
{
	/* PCI Power Management 1.2 3.2.4, unverified: the write ends and changes nothing. */
	struct th_host *h = th_enabled();

	for (uint32_t state = 1; state <= 2; state++) {
		th_cfg_write(h, PM_CONTROL, 2, state);
		ck_assert_uint_eq(power_state(h), 0);
	}
	ck_assert_uint_eq(th_cfg_read(h, 0x42, 2) & 0x0600, 0); /* PMC: neither is supported */
	th_cfg_write(h, PM_CONTROL, 2, D3HOT);
	th_cfg_write(h, PM_CONTROL, 2, 1);
	ck_assert_uint_eq(power_state(h), D3HOT);
	th_free(h);
}
END_TEST

START_TEST(shared_registers_are_not_looked_at_in_d3hot)
{
	/* A page cannot be hidden, but nobody reads it. */
	struct th_host *h = th_enabled(.io_queues = 1, .shared = true);

	th_cfg_write(h, PM_CONTROL, 2, D3HOT);
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 1, .nsid = 1);
	th_run(h);
	th_expect_none(h, 1);
	th_cfg_write(h, PM_CONTROL, 2, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(a_strict_function_hides_bar0_while_memory_decode_is_off)
{
	/* PCI Local Bus 3.0 6.2.2, key strict_pci */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "strict_pci=true");

	th_cfg_write(h, COMMAND, 2, BUS_MASTER);
	ck_assert_uint_eq(th_read32(h, NVME_REG_VS), ALL_ONES);
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 1, .nsid = 1); /* its doorbell is lost */
	th_run(h);
	th_expect_none(h, 1);
	th_cfg_write(h, COMMAND, 2, WITH_MEMORY);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	th_ring_sq(h, 1, th_tail(h, 1));
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_free(h);
}
END_TEST

START_TEST(a_lenient_function_answers_without_memory_decode)
{
	/* Hosts that map BAR0 through a server never set the bit. */
	struct th_host *h = th_enabled(.io_queues = 1);

	th_cfg_write(h, COMMAND, 2, BUS_MASTER);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	th_free(h);
}
END_TEST

START_TEST(a_strict_function_comes_up_when_the_host_does_it_right)
{
	/* PCI Local Bus 3.0 6.2.2: a function reset turns memory decode off. */
	struct th_host *h = th_enabled(.controller = "strict_pci=true");

	th_cfg_write(h, DEVCTL, 2, FLR);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), ALL_ONES);
	th_cfg_write(h, COMMAND, 2, WITH_MEMORY);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_enable(h, 16);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	th_free(h);
}
END_TEST

START_TEST(a_function_reset_waits_for_the_medium)
{
	/* PCI Express 4.0 6.6.2, unverified: what was in flight never completes. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);

	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 1, .nsid = 1);
	th_run(h);
	th_cfg_write(h, DEVCTL + 1, 1, FLR >> 8); /* a byte is enough */
	th_run(h);
	ck_assert(emu_busy(th_emu(h), 0));
	ck_assert_uint_eq(th_cfg_read(h, DEVCTL, 2) & FLR, 0);
	th_media(h, 0, 0);
	th_run(h);
	ck_assert(!emu_busy(th_emu(h), 0));
	th_expect_none(h, 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CC), 0);
	ck_assert_uint_eq(th_cfg_read(h, COMMAND, 2), 0);
	th_free(h);
}
END_TEST

START_TEST(a_function_reset_is_one_controllers_only)
{
	/* PCI Express 4.0 6.6.2, unverified */
	struct th_host *h = th_enabled(.controllers = 2);

	th_ctrl(h, 1);
	th_enable(h, 16);
	th_cfg_write(h, DEVCTL, 2, FLR);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_ctrl(h, 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	th_free(h);
}
END_TEST

START_TEST(a_function_reset_leaves_d3hot)
{
	/* PCI Express 4.0 6.6.2, unverified: the power state is a register as others. */
	struct th_host *h = th_enabled();

	th_cfg_write(h, PM_CONTROL, 2, D3HOT);
	th_cfg_write(h, DEVCTL, 2, FLR);
	th_run(h);
	ck_assert_uint_eq(power_state(h), 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_free(h);
}
END_TEST

static TCase *power(void)
{
	TCase *tcase = tcase_create("D3hot");

	tcase_add_test(tcase, in_d3hot_registers_read_all_ones_and_take_no_write);
	tcase_add_test(tcase, in_d3hot_nothing_is_signalled);
	tcase_add_test(tcase, a_command_that_the_medium_has_ends_after_d3hot);
	tcase_add_test(tcase, without_no_soft_reset_d0_is_uninitialized);
	tcase_add_test(tcase, with_no_soft_reset_d0_is_as_before);
	tcase_add_test(tcase, d1_and_d2_do_not_exist);
	tcase_add_test(tcase, shared_registers_are_not_looked_at_in_d3hot);
	return tcase;
}

static TCase *decode(void)
{
	TCase *tcase = tcase_create("memory decode and function reset");

	tcase_add_test(tcase, a_strict_function_hides_bar0_while_memory_decode_is_off);
	tcase_add_test(tcase, a_lenient_function_answers_without_memory_decode);
	tcase_add_test(tcase, a_strict_function_comes_up_when_the_host_does_it_right);
	tcase_add_test(tcase, a_function_reset_waits_for_the_medium);
	tcase_add_test(tcase, a_function_reset_is_one_controllers_only);
	tcase_add_test(tcase, a_function_reset_leaves_d3hot);
	return tcase;
}

static Suite *power_down(void)
{
	Suite *suite = suite_create("power down");

	suite_add_tcase(suite, power());
	suite_add_tcase(suite, decode());
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { power_down };

	return th_main(suites, 1);
}
