/* SPDX-License-Identifier: BSD-3-Clause */
/* The bad driver and doorbells, Base 2.0 3.3.1. */
#include "common/le.h"
#include "tests/judge/crimes.h"

#define HOUR_NSEC UINT64_C(3600000000000)

static void flush(struct th_host *h, uint16_t cid)
{
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
}

static void ring_while_disabled(struct th_host *h)
{
	th_ring_sq(h, 0, 1);
}

static void ring_between_strides(struct th_host *h)
{
	uint8_t value[4];

	nvme_store_le32(value, 1);
	emu_bar_write(th_emu(h), 0, NVME_DOORBELL_OFFSET + 4, value, sizeof(value));
}

static void ring_a_queue_that_is_not_there(struct th_host *h)
{
	th_ring_sq(h, 3, 1);
}

static void ring_beyond_the_end(struct th_host *h)
{
	th_ring_sq(h, 0, 16);
}

/* Three are fetched and not completed: what the host knows of the head is still 0. */
static void fill_the_queue(struct th_host *h)
{
	for (uint16_t cid = 1; cid <= 4; cid++) {
		th_io(h, 1, .opcode = NVME_CMD_READ, .cid = cid, .nsid = 1,
		      .prp1 = th_alloc(h, 4096));
		th_run(h);
	}
}

static void consume_what_is_not_there(struct th_host *h)
{
	th_ring_cq(h, 0, 5);
}

static void ring_the_same_again(struct th_host *h)
{
	th_ring_sq(h, 0, 0);
}

static void submit_after_shutdown(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, CC_GOOD | 2u << 14);
	th_run(h);
	flush(h, 1);
	th_run(h);
}

static void free_a_queue_in_use(struct th_host *h)
{
	th_unmap(h, th_read64(h, NVME_REG_ASQ));
	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 1);
	th_run(h);
	th_time(h, HOUR_NSEC);
}

const struct crime ring_crimes[] = {
	/* clang-format off */
	CRIME(EMU_RULE_DB_NOT_READY, ring_while_disabled, .off = true),
	CRIME(EMU_RULE_DB_STRIDE, ring_between_strides, .options = { .controller = "dstrd=1" }),
	CRIME(EMU_RULE_DB_NO_QUEUE, ring_a_queue_that_is_not_there),
	CRIME(EMU_RULE_DB_RANGE, ring_beyond_the_end),
	CRIME(EMU_RULE_SQ_OVERRUN, fill_the_queue,
	  .options = { .io_queues = 1, .entries = 4, .slow_media = true }),
	CRIME(EMU_RULE_CQ_HEAD, consume_what_is_not_there),
	CRIME(EMU_RULE_DB_SAME, ring_the_same_again),
	CRIME(EMU_RULE_IO_IN_SHUTDOWN, submit_after_shutdown, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_QUEUE_MEMORY, free_a_queue_in_use),
	CRIME(EMU_RULES, NULL),
	/* clang-format on */
};
