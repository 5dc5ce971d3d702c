/* SPDX-License-Identifier: BSD-3-Clause */
/* Three controllers, one of which manages another one's migration, for the suites about that. */
#ifndef TESTS_PROTOCOL_MIGRATION_H
#define TESTS_PROTOCOL_MIGRATION_H

#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"

/* By index; CNTLID is one more. The first one manages, SOURCE has I/O pair 1. */
#define MANAGER	     0u
#define SOURCE	     1u
#define TARGET	     2u
#define CNTLID(ctrl) ((ctrl) + 1u)
#define ENTRIES	     4u
#define SUSPEND	     NVME_PUT(NVME_MIGRATION_SEND_STYPE, NVME_SUSPEND_NOW)
#define DUDMQ	     NVME_MASK(NVME_MIGRATION_SEND_DUDMQ)
#define SET(seqind)  (NVME_MIGRATION_SET_STATE | NVME_PUT(NVME_MIGRATION_SEND_SEQIND, seqind))
#define SQ_AT	     56u /* of a state, its first entry */
#define CQ_AT	     80u
#define STATE	     104u /* bytes of one with a pair of queues */

static uint64_t page_; /* a state on its way */

static inline struct th_host *three(struct th_options options)
{
	struct th_host *h;

	options.controllers = 3;
	if (!options.controller)
		options.controller = "migration=true";
	h = th_new_(options, false);
	page_ = th_alloc(h, 8192);
	for (uint32_t i = 0; i < 3; i++) {
		th_ctrl(h, i);
		th_enable(h, 16);
	}
	th_ctrl(h, SOURCE);
	th_create_queues(h, 1, ENTRIES);
	return h;
}

/* Commands of the manager; the story is about another controller before and afterwards. */
static inline uint16_t send_about(struct th_host *h, uint32_t from, uint32_t sel, uint32_t ctrl,
				  uint32_t cdw11)
{
	uint16_t code;

	th_ctrl(h, MANAGER);
	code = th_code(h, .opcode = NVME_ADMIN_MIGRATION_SEND, .cdw10 = sel,
		       .cdw11 = CNTLID(ctrl) | cdw11);
	th_ctrl(h, from);
	return code;
}

static inline void suspend(struct th_host *h, uint32_t ctrl)
{
	ck_assert_uint_eq(send_about(h, ctrl, NVME_MIGRATION_SUSPEND, ctrl, SUSPEND), 0);
}

static inline uint16_t resume(struct th_host *h, uint32_t ctrl)
{
	return send_about(h, ctrl, NVME_MIGRATION_RESUME, ctrl, 0);
}

static inline uint16_t set_part(struct th_host *h, uint32_t ctrl, uint32_t seqind, uint32_t offset,
				uint32_t dwords)
{
	uint16_t code;

	th_ctrl(h, MANAGER);
	code = th_code(h, .opcode = NVME_ADMIN_MIGRATION_SEND, .prp1 = page_ + offset,
		       .cdw10 = SET(seqind), .cdw11 = CNTLID(ctrl), .cdw12 = offset,
		       .cdw15 = dwords);
	th_ctrl(h, ctrl);
	return code;
}

static inline uint16_t set(struct th_host *h, uint32_t ctrl)
{
	return set_part(h, ctrl, NVME_SEQIND_ENTIRE, 0, STATE / 4);
}

/* @dwords from @offset on to @page; returns whether the controller is suspended. */
static inline uint32_t get_part(struct th_host *h, uint32_t ctrl, uint64_t page, uint32_t offset,
				uint32_t dwords)
{
	uint32_t dw0;

	th_ctrl(h, MANAGER);
	dw0 = th_do(h, .opcode = NVME_ADMIN_MIGRATION_RECV, .prp1 = page,
		    .cdw10 = NVME_PUT(NVME_MIGRATION_RECV_CSVI, 1), .cdw11 = CNTLID(ctrl),
		    .cdw12 = offset, .cdw15 = dwords - 1);
	th_ctrl(h, ctrl);
	return dw0;
}

static inline uint32_t get(struct th_host *h, uint32_t ctrl)
{
	return get_part(h, ctrl, page_, 0, 1024);
}

static inline const struct nvme_ctrl_queues *queues(struct th_host *h)
{
	return th_ptr(h, page_ + sizeof(struct nvme_ctrl_state));
}

static inline const struct nvme_sq_state *sq(struct th_host *h)
{
	return th_ptr(h, page_ + SQ_AT);
}

static inline const struct nvme_cq_state *cq(struct th_host *h)
{
	return th_ptr(h, page_ + CQ_AT);
}

/* Commands that complete, so that indices and phases are not those of new queues. */
static inline void work(struct th_host *h, unsigned int commands)
{
	for (uint16_t cid = 0; cid < commands; cid++) {
		th_write_block(h, cid, 1, 1);
		if (th_media_pending(h))
			th_media(h, 0, 0);
		th_run(h);
		th_expect_cqe(h, .cqid = 1, .cid = cid);
		th_irqs(h, 1);
	}
}

#endif
