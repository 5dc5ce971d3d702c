/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues: the admin pair that CC.EN opens, and the commands that create and delete I/O queues
 * (Base 2.0 5.4 to 5.7, unverified).
 */
#include "emulator/core/stage.h"
#include "emulator/core/window.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)
#define CDW11 offsetof(struct nvme_sqe, cdw11)
#define PRP1  offsetof(struct nvme_sqe, prp1)

static void open_sq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, struct emu_sq sq)
{
	ctrl->sq[qid] = sq;
	ctrl->sq[qid].deleter = qid && ctrl->migration.suspended ? EMU_HELD : EMU_NONE;
	ctrl->sq[qid].created = true;
	ctrl->cq[sq.cqid].sqs++;
	emu_doorbell_begin(emu, ctrl, qid, false, sq.tail);
	if (ctrl->dbbuf)
		emu_dbbuf_open(emu, ctrl, qid, false);
}

static void close_sq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid)
{
	ctrl->cq[ctrl->sq[qid].cqid].sqs--;
	emu_scatter_close(ctrl, &ctrl->sq[qid].scatter);
	ctrl->sq[qid] = (struct emu_sq){ .deleter = EMU_NONE };
	nvme_bitset_clear(ctrl->active, qid);
	emu_doorbell_begin(emu, ctrl, qid, false, 0);
}

static void open_cq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, struct emu_cq cq)
{
	ctrl->cq[qid] = cq;
	ctrl->cq[qid].created = true;
	emu_doorbell_begin(emu, ctrl, qid, true, cq.head);
	if (ctrl->dbbuf)
		emu_dbbuf_open(emu, ctrl, qid, true);
}

static void close_cq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid)
{
	emu_scatter_close(ctrl, &ctrl->cq[qid].scatter);
	ctrl->cq[qid].created = false;
	if (ctrl->irq_watched)
		emu_irq_acknowledge(emu, ctrl, qid);
	ctrl->cq[qid] = (struct emu_cq){ 0 };
	emu_doorbell_begin(emu, ctrl, qid, true, 0);
}

/* AQA sizes are 0's based; interrupts of the admin queue use vector 0 (Base 2.0 3.1.3.8). */
void emu_open_admin_queues(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t aqa = emu_reg32(ctrl, NVME_REG_AQA);
	struct emu_cq cq = {
		.base = emu_reg64(ctrl, NVME_REG_ACQ),
		.entries = NVME_GET(aqa, NVME_AQA_ACQS) + 1,
		.phase = true,
		.interrupts = true,
	};
	struct emu_sq sq = {
		.base = emu_reg64(ctrl, NVME_REG_ASQ),
		.entries = NVME_GET(aqa, NVME_AQA_ASQS) + 1,
	};

	open_cq(emu, ctrl, 0, cq);
	open_sq(emu, ctrl, 0, sq);
}

static void close_from(struct emu *emu, struct emu_ctrl *ctrl, uint32_t first)
{
	for (uint32_t qid = first; qid <= emu->config.queues; qid++) {
		if (ctrl->sq[qid].created)
			close_sq(emu, ctrl, qid);
		ctrl->sq[qid].deleter = EMU_NONE;
	}
	for (uint32_t qid = first; qid <= emu->config.queues; qid++) {
		if (ctrl->cq[qid].created)
			close_cq(emu, ctrl, qid);
	}
	ctrl->io_queues = 0;
}

/** emu_close_io_queues - of a controller on which none of them has a command in flight */
void emu_close_io_queues(struct emu *emu, struct emu_ctrl *ctrl)
{
	close_from(emu, ctrl, 1);
}

void emu_close_queues(struct emu *emu, struct emu_ctrl *ctrl)
{
	ctrl->dbbuf = false;
	close_from(emu, ctrl, 0);
	nvme_bitset_init(ctrl->active, emu->config.queues + 1);
	ctrl->recent_count = 0;
	ctrl->recent_next = 0;
	ctrl->sweep = 0;
	ctrl->rr = 0;
}

/* What both Create commands check, in cdw10 and PRP1. */
static nvme_status check_create(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				uint32_t granted, bool in_use)
{
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);
	uint32_t cdw11 = nvme_cpu32(req->sqe.cdw11);
	uint32_t qid = NVME_GET(cdw10, NVME_CREATE_SQ_QID);
	uint32_t qsize_z = NVME_GET(cdw10, NVME_CREATE_SQ_QSIZE);
	uint32_t cc = emu_reg32(ctrl, NVME_REG_CC);

	if (qid == 0 || qid > granted || in_use)
		return emu_bad(req, NVME_SC_INVALID_QUEUE_ID, CDW10, 0);
	if (qsize_z == 0 || qsize_z > emu_config_own(&emu->config, ctrl->index, EMU_OWN_MQES))
		return emu_bad(req, NVME_SC_INVALID_QUEUE_SIZE, CDW10 + 2, 0);
	/* Entry sizes have to be set before I/O queues are made (Base 2.0 3.1.3.5). */
	if (NVME_GET(cc, NVME_CC_IOSQES) != 6 || NVME_GET(cc, NVME_CC_IOCQES) != 4)
		return emu_bad(req, NVME_SC_INVALID_QUEUE_SIZE, CDW10 + 2, 0);
	if (!NVME_GET(cdw11, NVME_CREATE_SQ_PC) && emu->config.cqr)
		return emu_bad_field(req, CDW11, 0);
	if (nvme_cpu64(req->sqe.prp1) & (ctrl->page_bytes - 1))
		return emu_bad(req, NVME_SC_PRP_OFFSET_INVALID, PRP1, 0);
	return NVME_SC_SUCCESS;
}

/* Where the queue is: at PRP1, or in the pages of the list there. */
static nvme_status find_memory(struct emu *emu, struct emu_req *req, uint32_t entry_bytes,
			       struct emu_scatter *ret_scatter, uint64_t *ret_base)
{
	uint32_t entries = NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_CREATE_SQ_QSIZE) + 1;
	enum emu_window_use use = entry_bytes == NVME_SQE_BYTES ? EMU_USE_SQ : EMU_USE_CQ;
	struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];
	struct emu_spans whole = { .count = 1, .span = { { 0, (uint64_t)entries * entry_bytes } } };
	nvme_status status;

	*ret_base = nvme_cpu64(req->sqe.prp1);
	whole.span[0].iova = *ret_base;
	if (!NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_CREATE_SQ_PC)) {
		status = emu_scatter_open(emu, req, entries * entry_bytes, ret_scatter, ret_base);
		if (status)
			return status;
	}
	if (emu_window_allows_all(emu, ctrl, ret_scatter->first ? ret_scatter->first : &whole, use))
		return NVME_SC_SUCCESS;
	emu_scatter_close(ctrl, ret_scatter);
	return emu_bad(req, NVME_SC_CMB_USE_INVALID, PRP1, 0);
}

emu_verdict emu_exec_create_cq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);
	uint32_t cdw11 = nvme_cpu32(req->sqe.cdw11);
	uint32_t qid = NVME_GET(cdw10, NVME_CREATE_CQ_QID);
	uint32_t vector = NVME_GET(cdw11, NVME_CREATE_CQ_IV);
	bool in_use = qid <= emu->config.queues && ctrl->cq[qid].created;
	nvme_status status = check_create(emu, ctrl, req, ctrl->cqs_granted, in_use);
	struct emu_cq cq = {
		.entries = NVME_GET(cdw10, NVME_CREATE_CQ_QSIZE) + 1,
		.vector = (uint16_t)vector,
		.phase = true,
		.interrupts = NVME_GET(cdw11, NVME_CREATE_CQ_IEN),
	};

	if (status)
		return status;
	if (vector >= emu->layout.vectors ||
	    (cq.interrupts && vector >= emu_irq_vectors(emu, ctrl)))
		return emu_bad(req, NVME_SC_INVALID_INTERRUPT_VECTOR, CDW11 + 2, 0);
	status = find_memory(emu, req, NVME_CQE_BYTES, &cq.scatter, &cq.base);
	if (status)
		return status;
	open_cq(emu, ctrl, qid, cq);
	ctrl->io_queues++;
	return NVME_SC_SUCCESS;
}

emu_verdict emu_exec_create_sq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);
	uint32_t cqid = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_CREATE_SQ_CQID);
	uint32_t qid = NVME_GET(cdw10, NVME_CREATE_SQ_QID);
	bool in_use = qid <= emu->config.queues && ctrl->sq[qid].created;
	nvme_status status = check_create(emu, ctrl, req, ctrl->sqs_granted, in_use);
	struct emu_sq sq = {
		.entries = NVME_GET(cdw10, NVME_CREATE_SQ_QSIZE) + 1,
		.cqid = cqid,
		.priority = (uint8_t)NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_CREATE_SQ_QPRIO),
	};

	if (status)
		return status;
	if (cqid == 0 || cqid > ctrl->cqs_granted)
		return emu_bad(req, NVME_SC_INVALID_QUEUE_ID, CDW11 + 2, 0);
	if (!ctrl->cq[cqid].created)
		return emu_bad(req, NVME_SC_CQ_INVALID, CDW11 + 2, 0);
	status = find_memory(emu, req, NVME_SQE_BYTES, &sq.scatter, &sq.base);
	if (status)
		return status;
	open_sq(emu, ctrl, qid, sq);
	ctrl->io_queues++;
	return NVME_SC_SUCCESS;
}

emu_verdict emu_exec_delete_cq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t qid = NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_DELETE_QUEUE_QID);

	if (qid == 0 || qid > emu->config.queues || !ctrl->cq[qid].created)
		return emu_bad(req, NVME_SC_INVALID_QUEUE_ID, CDW10, 0);
	if (ctrl->cq[qid].sqs > 0)
		return emu_bad(req, NVME_SC_INVALID_QUEUE_DELETION, CDW10, 0);
	close_cq(emu, ctrl, qid);
	ctrl->io_queues--;
	return NVME_SC_SUCCESS;
}

/* Commands of the queue that nothing has begun yet end with Aborted due to SQ Deletion. */
static void abort_not_started(struct emu *emu, struct emu_ctrl *ctrl, struct emu_list *list,
			      uint32_t qid)
{
	for (uint32_t left = list->count; left > 0; left--) {
		struct emu_req *req = emu_list_pop(emu, list);

		if (req->ctrl != ctrl->index || req->sqid != qid || req->cancelled) {
			emu_list_push(emu, list, req);
			continue;
		}
		emu_stage_release(emu, req);
		emu_fused_fail(emu, req, NVME_SC_ABORTED_SQ_DELETION);
		emu_finish(emu, req, NVME_SC_ABORTED_SQ_DELETION);
	}
}

/*
 * The queue is gone once what was fetched from it has completed; that may take the medium's time.
 */
emu_verdict emu_exec_delete_sq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t qid = NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_DELETE_QUEUE_QID);
	struct emu_sq *sq = &ctrl->sq[qid <= emu->config.queues ? qid : 0];

	if (qid == 0 || qid > emu->config.queues || !sq->created || emu_sq_is_deleted(sq))
		return emu_bad(req, NVME_SC_INVALID_QUEUE_ID, CDW10, 0);
	sq->tail = sq->head;
	nvme_bitset_clear(ctrl->active, qid);
	ctrl->burst = 0;
	if (sq->inflight == 0) {
		close_sq(emu, ctrl, qid);
		ctrl->io_queues--;
		return NVME_SC_SUCCESS;
	}
	sq->deleter = req->tag;
	req->state = EMU_REQ_PARKED;
	abort_not_started(emu, ctrl, &ctrl->execute, qid);
	abort_not_started(emu, ctrl, &ctrl->transfer, qid);
	abort_not_started(emu, ctrl, &ctrl->waiting, qid);
	abort_not_started(emu, ctrl, &emu->blocked, qid);
	return EMU_PARK;
}

/** emu_sq_drained - all that was fetched has completed, and somebody waits for that */
void emu_sq_drained(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid)
{
	if (emu_sq_is_deleted(&ctrl->sq[qid])) {
		struct emu_req *deleter = &emu->req[ctrl->sq[qid].deleter];

		close_sq(emu, ctrl, qid);
		ctrl->io_queues--;
		emu_finish(emu, deleter, NVME_SC_SUCCESS);
	}
	if (ctrl->migration.draining)
		emu_migration_drained(emu, ctrl);
}

/** emu_restore_cq - completion queue @qid exists as another controller had it: @cq says where */
void emu_restore_cq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, struct emu_cq cq)
{
	emu_trace(emu, ctrl, CQ_RESTORE, qid, cq.base, cq.entries, cq.head, cq.tail);
	open_cq(emu, ctrl, qid, cq);
	ctrl->io_queues++;
	if (!ctrl->irq_watched)
		return;
	emu_unread_read(ctrl, qid);
	emu_irq_look(ctrl);
}

/** emu_restore_sq - the same for a submission queue, whose completion queue exists */
void emu_restore_sq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, struct emu_sq sq)
{
	emu_trace(emu, ctrl, SQ_RESTORE, qid, sq.cqid, sq.base, sq.entries, sq.head, sq.tail);
	open_sq(emu, ctrl, qid, sq);
	ctrl->io_queues++;
}

bool emu_cq_of(const struct emu *emu, uint32_t index, uint32_t cqid, struct emu_cq_info *ret_info)
{
	const struct emu_cq *cq;

	if (index >= emu->config.controllers || cqid > emu->config.queues)
		return false;
	cq = &emu->ctrl[index].cq[cqid];
	if (!cq->created)
		return false;
	*ret_info = (struct emu_cq_info){ cq->entries, cq->head, cq->tail };
	return true;
}

uint64_t emu_cq_slot(const struct emu *emu, uint32_t index, uint32_t cqid, uint32_t slot)
{
	const struct emu_cq *cq = &emu->ctrl[index].cq[cqid];
	uint64_t offset = (uint64_t)slot * NVME_CQE_BYTES;

	if (cq->scatter.first)
		return emu_scatter_at(&cq->scatter, offset);
	return cq->base + offset;
}
