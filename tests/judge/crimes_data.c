/* SPDX-License-Identifier: BSD-3-Clause */
/* The bad driver and data pointers, Base 2.0 4.1.1. */
#include "common/le.h"
#include "tests/judge/crimes.h"

/* Reads @pages pages of 4 KiB to @prp1 and @prp2. */
static void read_to(struct th_host *h, uint32_t pages, uint64_t prp1, uint64_t prp2)
{
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 1, .prp1 = prp1, .prp2 = prp2,
	      .cdw12 = pages * 8 - 1);
	th_run(h);
}

static void begin_at_an_odd_place(struct th_host *h)
{
	read_to(h, 1, th_alloc(h, 8192) + 2, 0);
}

static void go_on_in_the_middle_of_a_page(struct th_host *h)
{
	uint64_t pages = th_alloc(h, 3 * 4096);

	read_to(h, 2, pages, pages + 4096 + 512);
}

static void leave_dirt_in_prp2(struct th_host *h)
{
	read_to(h, 1, th_alloc(h, 4096), th_alloc(h, 4096));
}

/* A list of two pages at @offset; the second entry has @entry_offset. */
static void read_by_list(struct th_host *h, uint32_t offset, uint32_t entry_offset)
{
	uint64_t pages = th_alloc(h, 4 * 4096), list = th_alloc(h, 4096);
	uint8_t *slots = th_ptr(h, list + offset);

	nvme_store_le64(slots, pages + 4096);
	nvme_store_le64(slots + 8, pages + 2 * 4096 + entry_offset);
	read_to(h, 3, pages, list + offset);
}

static void place_a_list_on_a_dword(struct th_host *h)
{
	read_by_list(h, 4, 0);
}

static void list_the_middle_of_a_page(struct th_host *h)
{
	read_by_list(h, 0, 512);
}

static void read_into_a_queue(struct th_host *h)
{
	read_to(h, 1, th_read64(h, NVME_REG_ASQ), 0);
}

const struct crime data_crimes[] = {
	/* clang-format off */
	CRIME(EMU_RULE_PRP1_OFFSET, begin_at_an_odd_place, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_PRP2_OFFSET, go_on_in_the_middle_of_a_page, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_PRP2_UNUSED, leave_dirt_in_prp2, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_PRP_LIST_ALIGN, place_a_list_on_a_dword, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_PRP_LIST_ENTRY, list_the_middle_of_a_page, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_BUFFER_QUEUE, read_into_a_queue, .options = { .io_queues = 1 }),
	CRIME(EMU_RULES, NULL),
	/* clang-format on */
};
