/* SPDX-License-Identifier: BSD-3-Clause */
/* The judge on a controller's life: enabled, ready, reset; and what fault rules do to a host. */
#include "common/fault.h"
#include "emulator/judge/shadow.h"

#define FATAL_QUEUE 2 /* reason in ctrl.fatal, docs/trace.md: queue memory away */

/* As after any reset: no queues, nothing in flight. */
static void forget(const struct emu_judge *judge, struct judge_ctrl *ctrl)
{
	for (uint32_t qid = 0; qid <= judge->config.queues; qid++) {
		ctrl->sq[qid] = (struct judge_sq){ 0 };
		ctrl->cq[qid] = (struct judge_cq){ 0 };
	}
	ctrl->ready = false;
	ctrl->resetting = false;
	ctrl->fatal = false;
	ctrl->shadowed = false;
	ctrl->misled = false;
	ctrl->doubted = false;
	ctrl->misread = false;
	ctrl->sqs_granted = judge->config.queues;
	ctrl->cqs_granted = judge->config.queues;
	ctrl->page_bytes = 4096;
	ctrl->low = UINT64_MAX;
	ctrl->high = 0;
}

/** emu_judge_power_on - registers have their defaults */
void emu_judge_power_on(const struct emu_judge *judge, struct judge_ctrl *ctrl)
{
	forget(judge, ctrl);
	ctrl->cc = 0;
	ctrl->aqa = 0;
	ctrl->asq = 0;
	ctrl->acq = 0;
	ctrl->saw_idle = true;
	ctrl->cached = judge->config.vwc;
	ctrl->flushed = ctrl->writes;
}

/** emu_judge_enable - ctrl.enable: cc, aqa, asq, acq */
void emu_judge_enable(struct emu_judge *judge, struct judge_ctrl *ctrl,
		      const struct nvme_trace_record *record)
{
	uint32_t aqa = (uint32_t)record->args[1];
	struct judge_sq sq = {
		.base = record->args[2],
		.entries = NVME_GET(aqa, NVME_AQA_ASQS) + 1,
	};
	struct judge_cq cq = {
		.base = record->args[3],
		.entries = NVME_GET(aqa, NVME_AQA_ACQS) + 1,
	};

	(void)judge;
	ctrl->page_bytes = 4096u << NVME_GET(record->args[0], NVME_CC_MPS);
	sq.bytes = (uint64_t)sq.entries * NVME_SQE_BYTES;
	cq.bytes = (uint64_t)cq.entries * NVME_CQE_BYTES;
	emu_judge_open_cq(ctrl, 0, &cq);
	emu_judge_open_sq(ctrl, 0, &sq);
}

/** emu_judge_ready - ctrl.ready: RDY is 1 */
void emu_judge_ready(struct emu_judge *judge, struct judge_ctrl *ctrl,
		     const struct nvme_trace_record *record)
{
	(void)judge;
	(void)record;
	ctrl->ready = true;
}

/** emu_judge_disable - ctrl.disable: a reset begins; one that the host did not ask for clears EN */
void emu_judge_disable(struct emu_judge *judge, struct judge_ctrl *ctrl,
		       const struct nvme_trace_record *record)
{
	(void)judge;
	if (!NVME_GET(record->args[0], NVME_CC_EN))
		ctrl->cc &= ~NVME_MASK(NVME_CC_EN);
	ctrl->ready = false;
}

/** emu_judge_reset - ctrl.reset: enum emu_reset_kind; the reset is over */
void emu_judge_reset(struct emu_judge *judge, struct judge_ctrl *ctrl,
		     const struct nvme_trace_record *record)
{
	emu_judge_ground(judge, record->ctrl, JUDGE_NONE);
	if (record->args[0] == EMU_RESET_CONTROLLER)
		forget(judge, ctrl);
	else
		emu_judge_power_on(judge, ctrl);
	if (record->args[0] == EMU_RESET_FUNCTION)
		ctrl->saw_ready = false;
}

/** emu_judge_fatal - ctrl.fatal: reason */
void emu_judge_fatal(struct emu_judge *judge, struct judge_ctrl *ctrl,
		     const struct nvme_trace_record *record)
{
	ctrl->fatal = true;
	if (record->args[0] == FATAL_QUEUE)
		emu_judge_find(judge, EMU_RULE_QUEUE_MEMORY, ctrl->stall_iova, 0, 0);
}

/** emu_judge_stall - ctrl.stall: iova of queue memory that is not there now */
void emu_judge_stall(struct emu_judge *judge, struct judge_ctrl *ctrl,
		     const struct nvme_trace_record *record)
{
	(void)judge;
	ctrl->stall_iova = record->args[0];
}

/** emu_judge_fault - fault: rule, site: what the controller saw next is not what the host did */
void emu_judge_fault(struct emu_judge *judge, struct judge_ctrl *ctrl,
		     const struct nvme_trace_record *record)
{
	(void)judge;
	if (record->args[1] == NVME_SITE_DB_WRITE)
		ctrl->misled = true;
	if (record->args[1] == NVME_SITE_REG_WRITE)
		ctrl->doubted = true;
	if (record->args[1] == NVME_SITE_SQE_FETCH)
		ctrl->misread = true;
}
