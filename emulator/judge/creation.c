/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The judge on queues: their creation and deletion (Base 2.0 5.4 to 5.7). A queue exists from the
 * completion of its creation to the completion of its deletion.
 */
#include "emulator/judge/shadow.h"

static void widen(struct judge_ctrl *ctrl, uint64_t base, uint64_t bytes)
{
	if (bytes == 0 || base + bytes < base)
		return;
	ctrl->low = base < ctrl->low ? base : ctrl->low;
	ctrl->high = base + bytes > ctrl->high ? base + bytes : ctrl->high;
}

/** emu_judge_open_sq - submission queue @qid exists; emu_judge_open_cq() likewise */
void emu_judge_open_sq(struct judge_ctrl *ctrl, uint32_t qid, const struct judge_sq *sq)
{
	ctrl->sq[qid] = *sq;
	ctrl->sq[qid].created = true;
	widen(ctrl, sq->base, sq->bytes);
}

void emu_judge_open_cq(struct judge_ctrl *ctrl, uint32_t qid, const struct judge_cq *cq)
{
	ctrl->cq[qid] = *cq;
	ctrl->cq[qid].created = true;
	widen(ctrl, cq->base, cq->bytes);
}

static bool overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes)
{
	return a_bytes && b_bytes && (a >= b ? a - b < b_bytes : b - a < a_bytes);
}

/** emu_judge_overlaps - whether memory is that of a queue; @ret_other: where that begins */
bool emu_judge_overlaps(const struct emu_judge *judge, const struct judge_ctrl *ctrl, uint64_t base,
			uint64_t bytes, uint64_t *ret_other)
{
	if (base >= ctrl->high || !overlap(base, bytes, ctrl->low, ctrl->high - ctrl->low))
		return false;
	for (uint32_t qid = 0; qid <= judge->config.queues; qid++) {
		const struct judge_sq *sq = &ctrl->sq[qid];
		const struct judge_cq *cq = &ctrl->cq[qid];

		*ret_other = sq->base;
		if (sq->created && overlap(base, bytes, sq->base, sq->bytes))
			return true;
		*ret_other = cq->base;
		if (cq->created && overlap(base, bytes, cq->base, cq->bytes))
			return true;
	}
	return false;
}

/* What both Create commands have in common. */
struct creation {
	uint32_t qid;
	uint32_t granted;
	bool exists;
	bool contiguous;
	uint64_t base;
	uint64_t bytes;
};

static void check_memory(struct emu_judge *judge, const struct judge_ctrl *ctrl,
			 const struct creation *what)
{
	uint64_t other;

	if (what->base & (ctrl->page_bytes - 1))
		emu_judge_find(judge, EMU_RULE_QUEUE_ALIGN, what->base, ctrl->page_bytes, 0);
	if (!what->contiguous) {
		if (judge->config.cqr)
			emu_judge_find(judge, EMU_RULE_QUEUE_SCATTERED, what->qid, 0, 0);
		return;
	}
	if (!what->exists && emu_judge_overlaps(judge, ctrl, what->base, what->bytes, &other))
		emu_judge_find(judge, EMU_RULE_QUEUE_OVERLAP, what->base, what->bytes, other);
}

static void check_create(struct emu_judge *judge, const struct judge_ctrl *ctrl,
			 const struct nvme_sqe *sqe, const struct creation *what)
{
	uint32_t qsize_z = NVME_GET(nvme_cpu32(sqe->cdw10), NVME_CREATE_SQ_QSIZE);
	uint32_t iosqes = NVME_GET(ctrl->cc, NVME_CC_IOSQES);
	uint32_t iocqes = NVME_GET(ctrl->cc, NVME_CC_IOCQES);

	if (what->qid == 0 || what->qid > what->granted)
		emu_judge_find(judge, EMU_RULE_QUEUE_ID, what->qid, what->granted, 0);
	if (what->exists)
		emu_judge_find(judge, EMU_RULE_QUEUE_EXISTS, what->qid, 0, 0);
	if (qsize_z == 0 || qsize_z > judge->config.mqes)
		emu_judge_find(judge, EMU_RULE_QUEUE_SIZE, qsize_z + 1u, judge->config.mqes + 1u,
			       0);
	if (iosqes != 6 || iocqes != 4)
		emu_judge_find(judge, EMU_RULE_ENTRY_SIZE, iosqes, iocqes, 0);
	check_memory(judge, ctrl, what);
}

static void check_create_cq(struct emu_judge *judge, const struct judge_ctrl *ctrl,
			    const struct nvme_sqe *sqe)
{
	uint32_t cdw10 = nvme_cpu32(sqe->cdw10), cdw11 = nvme_cpu32(sqe->cdw11);
	uint32_t qid = NVME_GET(cdw10, NVME_CREATE_CQ_QID);
	uint32_t vector = NVME_GET(cdw11, NVME_CREATE_CQ_IV);
	const struct creation what = {
		.qid = qid,
		.granted = ctrl->cqs_granted,
		.exists = qid > 0 && emu_judge_cq(judge, ctrl, qid),
		.contiguous = NVME_GET(cdw11, NVME_CREATE_CQ_PC),
		.base = nvme_cpu64(sqe->prp1),
		.bytes = (NVME_GET(cdw10, NVME_CREATE_CQ_QSIZE) + 1ull) * NVME_CQE_BYTES,
	};

	check_create(judge, ctrl, sqe, &what);
	if (NVME_GET(cdw11, NVME_CREATE_CQ_IEN) && vector >= judge->layout.vectors)
		emu_judge_find(judge, EMU_RULE_CQ_VECTOR, vector, judge->layout.vectors, 0);
}

static void check_create_sq(struct emu_judge *judge, const struct judge_ctrl *ctrl,
			    const struct nvme_sqe *sqe)
{
	uint32_t cdw10 = nvme_cpu32(sqe->cdw10), cdw11 = nvme_cpu32(sqe->cdw11);
	uint32_t qid = NVME_GET(cdw10, NVME_CREATE_SQ_QID);
	uint32_t cqid = NVME_GET(cdw11, NVME_CREATE_SQ_CQID);
	const struct creation what = {
		.qid = qid,
		.granted = ctrl->sqs_granted,
		.exists = qid > 0 && emu_judge_sq(judge, ctrl, qid),
		.contiguous = NVME_GET(cdw11, NVME_CREATE_SQ_PC),
		.base = nvme_cpu64(sqe->prp1),
		.bytes = (NVME_GET(cdw10, NVME_CREATE_SQ_QSIZE) + 1ull) * NVME_SQE_BYTES,
	};

	check_create(judge, ctrl, sqe, &what);
	if (cqid == 0 || !emu_judge_cq(judge, ctrl, cqid))
		emu_judge_find(judge, EMU_RULE_SQ_WITHOUT_CQ, cqid, 0, 0);
}

static void check_delete_cq(struct emu_judge *judge, const struct judge_ctrl *ctrl, uint32_t qid)
{
	const struct judge_cq *cq = qid ? emu_judge_cq(judge, ctrl, qid) : NULL;
	uint32_t unread;

	if (!cq) {
		emu_judge_find(judge, EMU_RULE_DELETE_ABSENT, qid, 0, 0);
		return;
	}
	for (uint32_t sqid = 1; sqid <= judge->config.queues; sqid++) {
		if (ctrl->sq[sqid].created && ctrl->sq[sqid].cqid == qid) {
			emu_judge_find(judge, EMU_RULE_DELETE_CQ_USED, qid, sqid, 0);
			break;
		}
	}
	unread = nvme_ring_used(cq->head, cq->tail, cq->entries);
	if (unread > 0 && cq->late > 0 && !ctrl->shadowed)
		emu_judge_find(judge, EMU_RULE_DELETE_CQ_UNREAD, qid,
			       unread < cq->late ? unread : cq->late, 0);
}

static void check_delete_sq(struct emu_judge *judge, const struct judge_ctrl *ctrl, uint32_t qid)
{
	struct judge_sq *sq = qid ? emu_judge_sq(judge, ctrl, qid) : NULL;

	if (sq)
		sq->deleting = true;
	else
		emu_judge_find(judge, EMU_RULE_DELETE_ABSENT, qid, 0, 0);
}

/** emu_judge_check_queue - an admin command is fetched; what it does to queues */
void emu_judge_check_queue(struct emu_judge *judge, struct judge_ctrl *ctrl,
			   const struct nvme_sqe *sqe)
{
	uint32_t qid = NVME_GET(nvme_cpu32(sqe->cdw10), NVME_DELETE_QUEUE_QID);

	switch (sqe->opcode) {
	case NVME_ADMIN_CREATE_IO_CQ:
		check_create_cq(judge, ctrl, sqe);
		break;
	case NVME_ADMIN_CREATE_IO_SQ:
		check_create_sq(judge, ctrl, sqe);
		break;
	case NVME_ADMIN_DELETE_IO_CQ:
		check_delete_cq(judge, ctrl, qid);
		break;
	case NVME_ADMIN_DELETE_IO_SQ:
		check_delete_sq(judge, ctrl, qid);
		break;
	default:
		break;
	}
}

static void create_cq(struct judge_ctrl *ctrl, const struct judge_cmd *cmd, uint32_t qid)
{
	struct judge_cq cq = {
		.entries = NVME_GET(cmd->cdw10, NVME_CREATE_CQ_QSIZE) + 1,
		.base = cmd->prp1,
	};

	if (NVME_GET(cmd->cdw11, NVME_CREATE_CQ_PC))
		cq.bytes = (uint64_t)cq.entries * NVME_CQE_BYTES;
	emu_judge_open_cq(ctrl, qid, &cq);
}

static void create_sq(struct judge_ctrl *ctrl, const struct judge_cmd *cmd, uint32_t qid)
{
	struct judge_sq sq = {
		.entries = NVME_GET(cmd->cdw10, NVME_CREATE_SQ_QSIZE) + 1,
		.cqid = (uint16_t)NVME_GET(cmd->cdw11, NVME_CREATE_SQ_CQID),
		.base = cmd->prp1,
	};

	if (NVME_GET(cmd->cdw11, NVME_CREATE_SQ_PC))
		sq.bytes = (uint64_t)sq.entries * NVME_SQE_BYTES;
	emu_judge_open_sq(ctrl, qid, &sq);
}

/** emu_judge_queue_done - an admin command succeeded: which queues exist from now on */
void emu_judge_queue_done(struct emu_judge *judge, struct judge_ctrl *ctrl,
			  const struct judge_cmd *cmd)
{
	uint32_t qid = NVME_GET(cmd->cdw10, NVME_DELETE_QUEUE_QID);

	if (qid == 0 || qid > judge->config.queues)
		return;
	switch (cmd->opcode) {
	case NVME_ADMIN_CREATE_IO_CQ:
		create_cq(ctrl, cmd, qid);
		break;
	case NVME_ADMIN_CREATE_IO_SQ:
		create_sq(ctrl, cmd, qid);
		break;
	case NVME_ADMIN_DELETE_IO_CQ:
		ctrl->cq[qid].created = false;
		break;
	case NVME_ADMIN_DELETE_IO_SQ:
		ctrl->sq[qid].created = false;
		emu_judge_ground(judge, cmd->ctrl, qid);
		break;
	default:
		break;
	}
}

/** emu_judge_state - ctrl.state: sqs, cqs; they follow, and take the place of what there was */
void emu_judge_state(struct emu_judge *judge, struct judge_ctrl *ctrl,
		     const struct nvme_trace_record *record)
{
	for (uint32_t qid = 1; qid <= judge->config.queues; qid++) {
		ctrl->cq[qid].created = false;
		if (!ctrl->sq[qid].created)
			continue;
		ctrl->sq[qid].created = false;
		emu_judge_ground(judge, record->ctrl, qid);
	}
}

/** emu_judge_restore_cq - cq.restore: qid, base, entries, head, tail */
void emu_judge_restore_cq(struct emu_judge *judge, struct judge_ctrl *ctrl,
			  const struct nvme_trace_record *record)
{
	struct judge_cq cq = {
		.base = record->args[1],
		.entries = (uint32_t)record->args[2],
		.head = (uint32_t)record->args[3],
		.tail = (uint32_t)record->args[4],
	};

	cq.bytes = (uint64_t)cq.entries * NVME_CQE_BYTES;
	if (record->args[0] <= judge->config.queues)
		emu_judge_open_cq(ctrl, (uint32_t)record->args[0], &cq);
}

/** emu_judge_restore_sq - sq.restore: qid, cqid, base, entries, head, tail */
void emu_judge_restore_sq(struct emu_judge *judge, struct judge_ctrl *ctrl,
			  const struct nvme_trace_record *record)
{
	struct judge_sq sq = {
		.cqid = (uint16_t)record->args[1],
		.base = record->args[2],
		.entries = (uint32_t)record->args[3],
		.head = (uint32_t)record->args[4],
		.tail = (uint32_t)record->args[5],
		.known = (uint32_t)record->args[4],
	};

	sq.bytes = (uint64_t)sq.entries * NVME_SQE_BYTES;
	if (sq.head < sq.entries && sq.tail < sq.entries)
		sq.submitted = nvme_ring_used(sq.head, sq.tail, sq.entries);
	if (record->args[0] <= judge->config.queues)
		emu_judge_open_sq(ctrl, (uint32_t)record->args[0], &sq);
}
