/* SPDX-License-Identifier: BSD-3-Clause */
/* The bad driver and queues, Base 2.0 5.4 to 5.7. */
#include "tests/judge/crimes.h"

static void create_cq(struct th_host *h, uint32_t cdw10, uint32_t cdw11, uint64_t prp1)
{
	th_admin(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .cid = 1, .cdw10 = cdw10, .cdw11 = cdw11,
		 .prp1 = prp1);
	th_run(h);
}

static void delete_queue(struct th_host *h, uint8_t opcode, uint32_t qid)
{
	th_admin(h, .opcode = opcode, .cid = 2, .cdw10 = qid);
	th_run(h);
}

static void create_queue_0(struct th_host *h)
{
	create_cq(h, QUEUE(16, 0), 1, th_alloc(h, 4096));
}

static void create_it_again(struct th_host *h)
{
	create_cq(h, QUEUE(16, 1), 1, th_alloc(h, 4096));
}

static void create_a_tiny_queue(struct th_host *h)
{
	create_cq(h, QUEUE(1, 1), 1, th_alloc(h, 4096));
}

static void forget_entry_sizes(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, 1);
	th_run(h);
	create_cq(h, QUEUE(16, 1), 1, th_alloc(h, 4096));
}

static void scatter_a_queue(struct th_host *h)
{
	create_cq(h, QUEUE(16, 1), 0, th_alloc(h, 4096));
}

static void begin_a_queue_in_a_page(struct th_host *h)
{
	create_cq(h, QUEUE(16, 1), 1, th_alloc(h, 4096) + 0x800);
}

static void use_memory_twice(struct th_host *h)
{
	uint64_t memory = th_alloc(h, 4096);

	create_cq(h, QUEUE(16, 1), 1, memory);
	th_expect_cqe(h, .cid = 1);
	create_cq(h, QUEUE(16, 2), 1, memory);
}

static void interrupt_where_nobody_is(struct th_host *h)
{
	create_cq(h, QUEUE(16, 1), 5000u << 16 | 3, th_alloc(h, 4096));
}

static void submit_to_no_completion_queue(struct th_host *h)
{
	th_admin(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .cid = 1, .cdw10 = QUEUE(16, 1),
		 .cdw11 = 1u << 16 | 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
}

static void delete_what_is_not_there(struct th_host *h)
{
	delete_queue(h, NVME_ADMIN_DELETE_IO_SQ, 5);
}

static void delete_the_completion_queue_first(struct th_host *h)
{
	delete_queue(h, NVME_ADMIN_DELETE_IO_CQ, 1);
}

static void delete_what_was_not_read(struct th_host *h)
{
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	delete_queue(h, NVME_ADMIN_DELETE_IO_SQ, 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 2);
	delete_queue(h, NVME_ADMIN_DELETE_IO_CQ, 1);
}

const struct crime queue_crimes[] = {
	/* clang-format off */
	CRIME(EMU_RULE_QUEUE_ID, create_queue_0),
	CRIME(EMU_RULE_QUEUE_EXISTS, create_it_again, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_QUEUE_SIZE, create_a_tiny_queue),
	CRIME(EMU_RULE_ENTRY_SIZE, forget_entry_sizes),
	CRIME(EMU_RULE_QUEUE_SCATTERED, scatter_a_queue, .options = { .controller = "cqr=true" }),
	CRIME(EMU_RULE_QUEUE_ALIGN, begin_a_queue_in_a_page),
	CRIME(EMU_RULE_QUEUE_OVERLAP, use_memory_twice),
	CRIME(EMU_RULE_CQ_VECTOR, interrupt_where_nobody_is),
	CRIME(EMU_RULE_SQ_WITHOUT_CQ, submit_to_no_completion_queue),
	CRIME(EMU_RULE_DELETE_ABSENT, delete_what_is_not_there),
	CRIME(EMU_RULE_DELETE_CQ_USED, delete_the_completion_queue_first, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_DELETE_CQ_UNREAD, delete_what_was_not_read,
	      .options = { .io_queues = 1, .slow_media = true }),
	CRIME(EMU_RULES, NULL),
	/* clang-format on */
};
