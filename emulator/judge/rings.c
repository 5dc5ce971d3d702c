/* SPDX-License-Identifier: BSD-3-Clause */
/* The judge on rings: doorbells against what was posted (Base 2.0 3.3.1, unverified). */
#include "emulator/judge/shadow.h"

/* The first doorbell after CC.EN: the host has to have seen that the controller is ready. */
static void check_awaited(struct emu_judge *judge, struct judge_ctrl *ctrl, uint64_t value)
{
	if (ctrl->saw_ready || !emu_judge_sees_reads(judge))
		return;
	ctrl->saw_ready = true;
	emu_judge_find(judge, EMU_RULE_READY_NOT_AWAITED, value, 0, 0);
}

static void check_tail(struct emu_judge *judge, struct judge_ctrl *ctrl, const struct judge_sq *sq,
		       uint32_t tail)
{
	uint32_t shn = NVME_GET(ctrl->cc, NVME_CC_SHN);

	if (tail == sq->tail && !ctrl->shadowed)
		emu_judge_find(judge, EMU_RULE_DB_SAME, 0, tail, 0);
	if (nvme_ring_used(sq->known, sq->tail, sq->entries) +
		    nvme_ring_used(sq->tail, tail, sq->entries) >=
	    sq->entries)
		emu_judge_find(judge, EMU_RULE_SQ_OVERRUN, sq->tail, tail, sq->known);
	if (tail != sq->tail && judge->at.qid > 0 && shn)
		emu_judge_find(judge, EMU_RULE_IO_IN_SHUTDOWN, shn, 0, 0);
}

/** emu_judge_sq_doorbell - db.sq: qid, old, new, which the controller took */
void emu_judge_sq_doorbell(struct emu_judge *judge, struct judge_ctrl *ctrl,
			   const struct nvme_trace_record *record)
{
	struct judge_sq *sq = emu_judge_sq(judge, ctrl, (uint32_t)record->args[0]);
	uint32_t tail = (uint32_t)record->args[2];

	emu_judge_about_queue(judge, (uint16_t)record->args[0]);
	if (!sq) {
		if (!ctrl->shadowed && !ctrl->misled)
			emu_judge_find(judge, EMU_RULE_DB_NO_QUEUE, 0, tail, 0);
		return;
	}
	if (tail >= sq->entries)
		return;
	check_awaited(judge, ctrl, tail);
	if (!ctrl->misled)
		check_tail(judge, ctrl, sq, tail);
	sq->deleting = false; /* which has failed, then */
	sq->submitted += nvme_ring_used(sq->tail, tail, sq->entries);
	sq->tail = tail;
}

/** emu_judge_cq_doorbell - db.cq: qid, old, new, which the controller took */
void emu_judge_cq_doorbell(struct emu_judge *judge, struct judge_ctrl *ctrl,
			   const struct nvme_trace_record *record)
{
	struct judge_cq *cq = emu_judge_cq(judge, ctrl, (uint32_t)record->args[0]);
	uint32_t head = (uint32_t)record->args[2];

	emu_judge_about_queue(judge, (uint16_t)record->args[0]);
	if (!cq) {
		if (!ctrl->shadowed && !ctrl->misled)
			emu_judge_find(judge, EMU_RULE_DB_NO_QUEUE, 1, head, 0);
		return;
	}
	if (head == cq->head && !ctrl->shadowed && !ctrl->misled)
		emu_judge_find(judge, EMU_RULE_DB_SAME, 1, head, 0);
	cq->head = head;
}

/* The value that a queue cannot have: which of the reasons there is. */
static void check_value(struct emu_judge *judge, const struct judge_ctrl *ctrl, uint32_t qid,
			bool is_cq, uint64_t value)
{
	const struct judge_sq *sq = emu_judge_sq(judge, ctrl, qid);
	const struct judge_cq *cq = emu_judge_cq(judge, ctrl, qid);
	uint32_t entries = is_cq ? (cq ? cq->entries : 0) : (sq ? sq->entries : 0);

	if (entries == 0)
		emu_judge_find(judge, EMU_RULE_DB_NO_QUEUE, is_cq, value, 0);
	else if (value >= entries)
		emu_judge_find(judge, EMU_RULE_DB_RANGE, is_cq, value, entries);
	else if (is_cq)
		emu_judge_find(judge, EMU_RULE_CQ_HEAD, value, cq->tail, 0);
	else
		emu_judge_find(judge, EMU_RULE_SQ_OVERRUN, sq->tail, value, sq->known);
}

/** emu_judge_db_refused - db.refused: qid, cq, value, reason */
void emu_judge_db_refused(struct emu_judge *judge, struct judge_ctrl *ctrl,
			  const struct nvme_trace_record *record)
{
	bool is_cq = record->args[1] != 0;
	uint64_t value = record->args[2];

	emu_judge_about_queue(judge, (uint16_t)record->args[0]);
	if (ctrl->misled)
		return;
	switch ((enum nvme_db_refusal)record->args[3]) {
	case NVME_DB_NOT_READY:
		/* That a controller stopped by itself, its host has yet to see. */
		if (!ctrl->saw_ready)
			emu_judge_find(judge, EMU_RULE_DB_NOT_READY, is_cq, value, 0);
		break;
	case NVME_DB_NO_DOORBELL:
		judge->at.has_queue = false;
		emu_judge_find(judge, EMU_RULE_DB_STRIDE, value, 0, 0);
		break;
	case NVME_DB_NO_QUEUE:
		emu_judge_find(judge, EMU_RULE_DB_NO_QUEUE, is_cq, value, 0);
		break;
	case NVME_DB_BAD_VALUE:
		check_value(judge, ctrl, (uint32_t)record->args[0], is_cq, value);
		break;
	}
}

/* SQHD as it was posted, unless a fault rule made it one that cannot be. */
static void learn_head(struct judge_sq *sq, uint32_t sqhd)
{
	bool possible = sqhd < sq->entries &&
			nvme_ring_used(sq->known, sqhd, sq->entries) <=
				nvme_ring_used(sq->known, sq->head, sq->entries);

	sq->known = possible ? sqhd : sq->head;
}

static bool is_write(const struct judge_cmd *cmd)
{
	return cmd->opcode == NVME_CMD_WRITE || cmd->opcode == NVME_CMD_WRITE_ZEROES ||
	       cmd->opcode == NVME_CMD_WRITE_UNCORRECTABLE || cmd->opcode == NVME_CMD_COPY;
}

/* What an I/O command that succeeded means for data in the volatile cache. */
static void io_done(struct judge_ctrl *ctrl, const struct judge_cmd *cmd)
{
	if (cmd->opcode == NVME_CMD_FLUSH && ctrl->flushed < cmd->mark)
		ctrl->flushed = cmd->mark;
	if (is_write(cmd) && !cmd->fua)
		ctrl->writes++;
}

static void feature_done(struct judge_ctrl *ctrl, const struct judge_cmd *cmd, uint32_t dw0)
{
	switch (cmd->cdw10 & 0xff) {
	case NVME_FID_NUM_QUEUES:
		ctrl->sqs_granted = (dw0 & 0xffff) + 1;
		ctrl->cqs_granted = (dw0 >> 16) + 1;
		break;
	case NVME_FID_VOLATILE_WC:
		ctrl->cached = cmd->cdw11 & 1;
		ctrl->flushed = ctrl->cached ? ctrl->flushed : ctrl->writes;
		break;
	default:
		break;
	}
}

static void command_done(struct emu_judge *judge, struct judge_ctrl *ctrl,
			 const struct judge_cmd *cmd, uint32_t dw0)
{
	if (cmd->qid > 0)
		io_done(ctrl, cmd);
	else if (cmd->opcode == NVME_ADMIN_SET_FEATURES)
		feature_done(ctrl, cmd, dw0);
	else if (cmd->opcode == NVME_ADMIN_DBBUF_CONFIG)
		ctrl->shadowed = true;
	else
		emu_judge_queue_done(judge, ctrl, cmd);
}

/** emu_judge_posted - cqe.post: qid, slot, phase, sqid, cid, sqhd, status, dw0 */
void emu_judge_posted(struct emu_judge *judge, struct judge_ctrl *ctrl,
		      const struct nvme_trace_record *record)
{
	struct judge_cq *cq = emu_judge_cq(judge, ctrl, (uint32_t)record->args[0]);
	struct judge_sq *sq = emu_judge_sq(judge, ctrl, (uint32_t)record->args[3]);
	struct judge_cmd *cmd = emu_judge_flight(judge, record->ctrl, (uint16_t)record->args[3],
						 (uint16_t)record->args[4]);
	struct judge_cmd done;

	if (cq && record->args[1] < cq->entries)
		cq->tail = nvme_ring_next((uint32_t)record->args[1], cq->entries);
	if (sq)
		learn_head(sq, (uint32_t)record->args[5]);
	if (cq && sq)
		cq->late = sq->deleting ? cq->late + 1 : 0;
	if (!cmd)
		return;
	done = *cmd;
	emu_judge_land(judge, cmd);
	/* With nothing outstanding all was fetched, whatever SQHD says. */
	if (sq && ++sq->ended == sq->submitted)
		sq->known = sq->head;
	if ((record->args[6] & 0x7ff) == NVME_SC_SUCCESS)
		command_done(judge, ctrl, &done, (uint32_t)record->args[7]);
}
