/* SPDX-License-Identifier: BSD-3-Clause */
/* The bad driver and registers, Base 2.0 3.1.3 and 3.5.1. */
#include "tests/judge/crimes.h"

static void write_version(struct th_host *h)
{
	th_write32(h, NVME_REG_VS, 0x00010400);
}

static void write_half_a_register(struct th_host *h)
{
	const uint8_t half[2] = { 0x01, 0x00 };

	emu_bar_write(th_emu(h), 0, NVME_REG_CC, half, sizeof(half));
}

static void set_reserved_bits(struct th_host *h)
{
	th_write32(h, NVME_REG_AQA, 0xf00f000f);
}

static void move_the_admin_queue(struct th_host *h)
{
	th_write64(h, NVME_REG_ASQ, th_alloc(h, 4096));
}

static void change_the_page_size(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, CC_GOOD | 1u << 7);
}

static void change_entry_sizes(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, 0x00470001);
}

/* Enables with these values and pages for the queues, at an offset. */
static void enable_with(struct th_host *h, uint32_t aqa, uint32_t cc, uint64_t asq_offset,
			uint64_t acq_offset)
{
	uint64_t pages = th_alloc(h, 4 * 4096);

	th_write32(h, NVME_REG_AQA, aqa);
	th_write64(h, NVME_REG_ASQ, pages + asq_offset);
	th_write64(h, NVME_REG_ACQ, pages + 2 * 4096 + acq_offset);
	th_write32(h, NVME_REG_CC, cc);
	th_run(h);
}

static void select_no_command_set(struct th_host *h)
{
	enable_with(h, 0x000f000f, CC_GOOD | 3u << 4, 0, 0);
}

static void select_huge_pages(struct th_host *h)
{
	enable_with(h, 0x000f000f, CC_GOOD | 15u << 7, 0, 0);
}

static void select_vendor_arbitration(struct th_host *h)
{
	enable_with(h, 0x000f000f, CC_GOOD | 7u << 11, 0, 0);
}

static void forget_the_queues_size(struct th_host *h)
{
	enable_with(h, 0, CC_GOOD, 0, 0);
}

static void place_asq_in_a_page(struct th_host *h)
{
	enable_with(h, 0x000f000f, CC_GOOD, 64, 0);
}

static void place_acq_in_a_page(struct th_host *h)
{
	enable_with(h, 0x000f000f, CC_GOOD, 0, 16);
}

static void enable_during_a_reset(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, 0x00460000);
	th_write32(h, NVME_REG_CC, CC_GOOD);
}

static void disable_before_ready(struct th_host *h)
{
	th_write32(h, NVME_REG_AQA, 0x000f000f);
	th_write64(h, NVME_REG_ASQ, th_alloc(h, 4096));
	th_write64(h, NVME_REG_ACQ, th_alloc(h, 4096));
	th_write32(h, NVME_REG_CC, CC_GOOD);
	th_write32(h, NVME_REG_CC, 0x00460000);
	th_run(h);
}

static void submit_without_waiting(struct th_host *h)
{
	th_enable(h, 16);
	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 1);
	th_run(h);
}

static void leave_queues_behind(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, CC_GOOD | 1u << 14);
	th_run(h);
}

static void switch_off_abruptly(struct th_host *h)
{
	th_io(h, 1, .opcode = NVME_CMD_WRITE, .cid = 1, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_write32(h, NVME_REG_CC, CC_GOOD | 2u << 14);
	th_run(h);
}

const struct crime register_crimes[] = {
	/* clang-format off */
	CRIME(EMU_RULE_REG_READ_ONLY, write_version),
	CRIME(EMU_RULE_REG_WIDTH, write_half_a_register),
	CRIME(EMU_RULE_REG_RESERVED, set_reserved_bits, .off = true),
	CRIME(EMU_RULE_ADMIN_QUEUE_LATE, move_the_admin_queue),
	CRIME(EMU_RULE_CC_LATE, change_the_page_size),
	CRIME(EMU_RULE_ENTRY_SIZE_LATE, change_entry_sizes, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_CC_CSS, select_no_command_set, .off = true),
	CRIME(EMU_RULE_CC_MPS, select_huge_pages, .off = true),
	CRIME(EMU_RULE_CC_AMS, select_vendor_arbitration, .off = true),
	CRIME(EMU_RULE_AQA_SIZE, forget_the_queues_size, .off = true),
	CRIME(EMU_RULE_ASQ_ALIGN, place_asq_in_a_page, .off = true),
	CRIME(EMU_RULE_ACQ_ALIGN, place_acq_in_a_page, .off = true),
	CRIME(EMU_RULE_ENABLE_EARLY, enable_during_a_reset),
	CRIME(EMU_RULE_DISABLE_EARLY, disable_before_ready, .off = true),
	CRIME(EMU_RULE_READY_NOT_AWAITED, submit_without_waiting, .off = true),
	CRIME(EMU_RULE_SHUTDOWN_QUEUES, leave_queues_behind, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_SHUTDOWN_UNFLUSHED, switch_off_abruptly,
	  .options = { .io_queues = 1, .controller = "vwc=true" }),
	CRIME(EMU_RULES, NULL),
	/* clang-format on */
};
