/* SPDX-License-Identifier: BSD-3-Clause */
/* The bad driver and commands, Base 2.0 3.3.3.1. */
#include "tests/judge/crimes.h"

#define READ(cid_, ...) \
	.opcode = NVME_CMD_READ, .cid = (cid_), .nsid = 1, .prp1 = th_alloc(h, 65536), __VA_ARGS__

static void use_an_identifier_twice(struct th_host *h)
{
	th_io(h, 1, READ(7, .cdw10 = 0));
	th_run(h);
	th_io(h, 1, READ(7, .cdw10 = 8));
	th_run(h);
}

static void use_the_last_identifier(struct th_host *h)
{
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 0xffff, .nsid = 1);
	th_run(h);
}

static void leave_dirt_in_an_entry(struct th_host *h)
{
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 1, .cdw15 = 1);
	th_run(h);
}

/* A Flush with @flags in the second byte of its entry. */
static void flush_with(struct th_host *h, uint8_t flags)
{
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 1, .nsid = 1, .flags = flags);
	th_run(h);
}

static void fuse_as_nobody_does(struct th_host *h)
{
	flush_with(h, 3);
}

static void point_as_nobody_does(struct th_host *h)
{
	flush_with(h, 0xc0);
}

static void fuse_an_admin_command(struct th_host *h)
{
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 1, .flags = 1);
	th_run(h);
}

static void scatter_an_admin_command(struct th_host *h)
{
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 1, .flags = 0x40);
	th_run(h);
}

static void fuse_all_the_same(struct th_host *h)
{
	flush_with(h, NVME_FUSE_FIRST);
}

static void fuse_the_second_alone(struct th_host *h)
{
	th_io(h, 1, READ(1, .flags = NVME_FUSE_SECOND));
	th_run(h);
}

static void scatter_all_the_same(struct th_host *h)
{
	flush_with(h, 0x40);
}

static void read_namespace_0(struct th_host *h)
{
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
}

static void read_a_namespace_that_is_not_there(struct th_host *h)
{
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 2, .prp1 = th_alloc(h, 4096));
	th_run(h);
}

static void read_beyond_the_end(struct th_host *h)
{
	th_io(h, 1, READ(1, .cdw10 = 2047, .cdw12 = 1));
	th_run(h);
}

static void read_more_than_mdts(struct th_host *h)
{
	th_io(h, 1, READ(1, .cdw12 = 16));
	th_run(h);
}

static void ask_for_too_many_events(struct th_host *h)
{
	for (uint16_t cid = 1; cid <= 2; cid++)
		th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = cid);
	th_run(h);
}

/* Both are rung at once: that the first ends before the second is fetched is the controller's. */
static void abort_too_much(struct th_host *h)
{
	th_fill(h, 0, .opcode = NVME_ADMIN_ABORT, .cid = 1, .cdw10 = 5u << 16 | 1);
	th_admin(h, .opcode = NVME_ADMIN_ABORT, .cid = 2, .cdw10 = 6u << 16 | 1);
	th_run(h);
}

static void set_number_of_queues(struct th_host *h, uint32_t cdw11)
{
	th_admin(h, .opcode = NVME_ADMIN_SET_FEATURES, .cid = 1, .cdw10 = NVME_FID_NUM_QUEUES,
		 .cdw11 = cdw11);
	th_run(h);
}

static void ask_for_queues_too_late(struct th_host *h)
{
	set_number_of_queues(h, 0x00010001);
}

static void ask_for_all_queues(struct th_host *h)
{
	set_number_of_queues(h, 0x0001ffff);
}

const struct crime command_crimes[] = {
	/* clang-format off */
	CRIME(EMU_RULE_CID_REUSED, use_an_identifier_twice,
	  .options = { .io_queues = 1, .slow_media = true }),
	CRIME(EMU_RULE_CID_ALL_ONES, use_the_last_identifier, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_SQE_RESERVED, leave_dirt_in_an_entry),
	CRIME(EMU_RULE_FUSE_RESERVED, fuse_as_nobody_does, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_PSDT_RESERVED, point_as_nobody_does, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_ADMIN_FUSED, fuse_an_admin_command),
	CRIME(EMU_RULE_ADMIN_SGL, scatter_an_admin_command),
	CRIME(EMU_RULE_FUSED_UNSUPPORTED, fuse_all_the_same,
	  .options = { .io_queues = 1, .controller = "fused=false" }),
	CRIME(EMU_RULE_FUSED_ORDER, fuse_the_second_alone,
	  .options = { .io_queues = 1, .controller = "compare=true,fused=true" }),
	CRIME(EMU_RULE_SGL_UNSUPPORTED, scatter_all_the_same,
	  .options = { .io_queues = 1, .controller = "sgls=0" }),
	CRIME(EMU_RULE_NSID, read_namespace_0, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_NSID_ABSENT, read_a_namespace_that_is_not_there,
	  .options = { .io_queues = 1, .controller = "nn=4" }),
	CRIME(EMU_RULE_LBA_RANGE, read_beyond_the_end, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_MDTS, read_more_than_mdts, .options = { .io_queues = 1, .controller = "mdts=1" }),
	CRIME(EMU_RULE_AER_LIMIT, ask_for_too_many_events, .options = { .controller = "aerl=0" }),
	CRIME(EMU_RULE_ABORT_LIMIT, abort_too_much, .options = { .controller = "acl=0" }),
	CRIME(EMU_RULE_QUEUE_COUNT_LATE, ask_for_queues_too_late, .options = { .io_queues = 1 }),
	CRIME(EMU_RULE_QUEUE_COUNT, ask_for_all_queues),
	CRIME(EMU_RULES, NULL),
	/* clang-format on */
};
