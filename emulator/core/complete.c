/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 6 of 7: complete. The only place that writes a completion: phase, SQ head, status with
 * More, the error log, the interrupt that becomes due.
 */
#include "emulator/core/stage.h"

/* Values of errno that the medium answers; freestanding code has no <errno.h>. */
#define ERROR_IO	    5	/* EIO */
#define ERROR_FAULT	    14	/* EFAULT */
#define ERROR_NOSPACE	    28	/* ENOSPC */
#define ERROR_DEALLOCATED   61	/* ENODATA */
#define ERROR_UNCORRECTABLE 74	/* EBADMSG */
#define ERROR_CANCELED	    125 /* ECANCELED */

/* Whether what failed was a read, of a command that may do both. */
static bool was_read(const struct emu_req *req)
{
	if (req->stage)
		return req->stage->media.op == EMU_MEDIA_READ;
	return req->sqe.opcode == NVME_CMD_READ;
}

/** emu_status_from_errno - the only place where an errno becomes a status */
nvme_status emu_status_from_errno(const struct emu_req *req, int error)
{
	switch (-error) {
	case ERROR_FAULT:
		return NVME_SC_DATA_TRANSFER_ERROR;
	case ERROR_NOSPACE:
		return NVME_SC_CAPACITY_EXCEEDED;
	case ERROR_IO:
		return was_read(req) ? NVME_SC_UNRECOVERED_READ_ERROR : NVME_SC_WRITE_FAULT;
	case ERROR_UNCORRECTABLE:
		return NVME_SC_UNRECOVERED_READ_ERROR;
	case ERROR_DEALLOCATED:
		return NVME_SC_DEALLOCATED_BLOCK;
	case ERROR_CANCELED:
		return NVME_SC_ABORT_REQUESTED;
	default:
		return NVME_SC_INTERNAL_ERROR;
	}
}

static inline void end(struct emu *emu, struct emu_req *req, nvme_status status)
{
	if (emu_site(emu, EMU_SITE(CMD_RETIRE)))
		status = emu_fault_retire(emu, req, status);
	req->status = status;
	req->state = EMU_REQ_RETIRE;
}

/* What was preempted, or saves something. Return: whether its turn may come. */
static __attribute__((noinline)) bool end_unusual(struct emu *emu, struct emu_req *req,
						  nvme_status status)
{
	if (req->preempted) {
		status = NVME_SC_ABORTED_PREEMPT;
		emu_resv_victim_gone(emu, req);
	}
	end(emu, req, status);
	if (req->saves) {
		req->state = EMU_REQ_SAVING;
		return false;
	}
	if (req->save_failed && req->status == NVME_SC_SUCCESS)
		req->status = NVME_SC_INTERNAL_ERROR;
	return true;
}

/** emu_finish - a command has its status; it completes when its turn comes, all saved */
void emu_finish(struct emu *emu, struct emu_req *req, nvme_status status)
{
	if (req->sqid == EMU_INTERNAL_SQ) {
		emu_req_drop(emu, req);
		return;
	}
	if (__builtin_expect(req->unusual, 0)) {
		if (!end_unusual(emu, req, status))
			return;
	} else {
		end(emu, req, status);
	}
	emu_list_push(emu, &emu->ctrl[req->ctrl].retire, req);
}

/* An entry of the log for what went wrong; not for commands that somebody asked to abort. */
static bool is_logged(const struct emu_req *req)
{
	uint16_t code = nvme_status_code(req->status);

	return !req->unlogged && code != NVME_SC_SUCCESS && code != NVME_SC_ABORT_REQUESTED &&
	       code != NVME_SC_ABORTED_SQ_DELETION;
}

static inline void advance(const struct emu_ctrl *ctrl, struct emu_cq *cq)
{
	cq->tail = nvme_ring_next(cq->tail, cq->entries);
	if (__builtin_expect(cq->scatter.first != NULL, 0)) {
		uint64_t offset = (uint64_t)cq->tail * NVME_CQE_BYTES;

		if ((offset & (ctrl->page_bytes - 1)) == 0)
			cq->base = emu_scatter_turn(&cq->scatter, ctrl->page_bytes, offset);
	}
	if (cq->tail == 0)
		cq->phase = !cq->phase;
}

/* The host is told of an entry that it can see. */
static inline void signal(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			  const struct emu_sq *sq, const struct emu_cq *cq)
{
	if (cq->interrupts && !(__builtin_expect(ctrl->irq_watched, 0) &&
				emu_irq_hold(emu, ctrl, sq->cqid, req->status)))
		emu_irq_want(emu, ctrl, cq->vector);
}

static inline void trace_post(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_sq *sq,
			      const struct emu_cq *cq, const struct nvme_cqe *cqe)
{
	emu_trace(emu, ctrl, CQE_POST, sq->cqid, cq->tail, nvme_cpu16(cqe->status) & 1,
		  nvme_cpu16(cqe->sqid), nvme_cpu16(cqe->cid), nvme_cpu16(cqe->sqhd),
		  nvme_cqe_status(nvme_cpu16(cqe->status)), nvme_cpu32(cqe->dw0));
}

/* The same for an entry that rules may have changed, and of which half may be enough for now. */
static __attribute__((cold, noinline)) void post_marked(struct emu *emu, struct emu_ctrl *ctrl,
							struct emu_req *req, struct nvme_cqe *slot,
							struct nvme_cqe *cqe)
{
	const struct emu_sq *sq = &ctrl->sq[req->sqid];
	struct emu_cq *cq = &ctrl->cq[sq->cqid];
	bool visible;

	emu_fault_cqe(emu, req, cqe);
	if (emu_site(emu, EMU_SITE(CQE_BUILD)))
		emu_fault_build(emu, req, cqe);
	trace_post(emu, ctrl, sq, cq, cqe);
	visible = emu_fault_publish(emu, req, cq->base + (uint64_t)cq->tail * NVME_CQE_BYTES, slot,
				    cqe);
	advance(ctrl, cq);
	if (visible)
		signal(emu, ctrl, req, sq, cq);
}

/* False when the queue's memory is not there now. */
static bool post(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_sq *sq = &ctrl->sq[req->sqid];
	struct emu_cq *cq = &ctrl->cq[sq->cqid];
	uint64_t iova = cq->base + (uint64_t)cq->tail * NVME_CQE_BYTES;
	struct nvme_cqe *slot = emu->ops.dma(emu->ops.arg, ctrl->index, iova, sizeof(*slot),
					     EMU_DMA_WRITE);
	struct nvme_cqe cqe;

	if (!slot) {
		emu_stall(emu, ctrl, iova);
		return false;
	}
	if (__builtin_expect(req->status != NVME_SC_SUCCESS, 0) && is_logged(req)) {
		req->status |= NVME_MORE;
		emu_log_error(emu, ctrl, req);
	}
	cqe.dw0 = nvme_le32(req->dw0);
	cqe.dw1 = nvme_le32(0);
	cqe.sqhd = nvme_le16((uint16_t)sq->head);
	cqe.sqid = nvme_le16((uint16_t)req->sqid);
	cqe.cid = nvme_le16(req->cid);
	cqe.status = nvme_le16(nvme_cqe_word(req->status, cq->phase));
	if (emu_site(emu, EMU_SITE(CQE_BUILD) | EMU_MARKED)) {
		post_marked(emu, ctrl, req, slot, &cqe);
		return true;
	}
	trace_post(emu, ctrl, sq, cq, &cqe);
	nvme_cqe_publish(slot, &cqe);
	advance(ctrl, cq);
	signal(emu, ctrl, req, sq, cq);
	return true;
}

/* Gives back what the command held, and lets go on what waited for it. */
static inline void retire(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	struct emu_sq *sq = &ctrl->sq[req->sqid];

	ctrl->cq[sq->cqid].reserved--;
	sq->inflight--;
	if (sq->deleter != EMU_NONE && sq->inflight == 0)
		emu_sq_drained(emu, ctrl, req->sqid);
	emu_req_put(emu, req);
}

/** emu_retire - a command ends without a completion: a fault rule dropped it */
void emu_retire(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	retire(emu, ctrl, req);
}

/** emu_complete_held - what a fault rule kept back, or changed, completes now; maybe twice */
void emu_complete_held(struct emu *emu, struct emu_req *req)
{
	struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];

	if (!post(emu, ctrl, req)) {
		emu_finish(emu, req, req->status);
		return;
	}
	if (emu_fault_again(emu, ctrl, req))
		post(emu, ctrl, req);
	if (!emu_fault_halved(emu, req))
		retire(emu, ctrl, req);
}

/** emu_complete_half - the second half of an entry that a fault rule divided */
void emu_complete_half(struct emu *emu, struct emu_req *req)
{
	struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];
	const struct emu_sq *sq = &ctrl->sq[req->sqid];

	if (emu_fault_second_half(emu, req))
		signal(emu, ctrl, req, sq, &ctrl->cq[sq->cqid]);
	retire(emu, ctrl, req);
}

/* It has its status: now is its time, unless a rule says otherwise. */
static inline void complete(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	if (emu_site(emu, EMU_SITE(CQE_POST) | EMU_MARKED)) {
		if (emu_fault_post(emu, ctrl, req))
			emu_complete_held(emu, req);
		return;
	}
	if (post(emu, ctrl, req))
		retire(emu, ctrl, req);
	else
		emu_finish(emu, req, req->status);
}

/**
 * emu_complete_now - complete @req before anything that is in the list
 *
 * For the command that an Abort aborts: its completion comes before the Abort's (Base 2.0 5.1,
 * unverified). If the queue's memory is away or a record not yet kept, it goes the common way.
 */
void emu_complete_now(struct emu *emu, struct emu_req *req, nvme_status status)
{
	struct emu_ctrl *ctrl = &emu->ctrl[req->ctrl];

	req->status = status;
	if (req->saves)
		emu_finish(emu, req, status);
	else
		complete(emu, ctrl, req);
}

/* Which of the finished ones: the first, but for a configuration that reorders. */
static uint32_t choose(struct emu *emu, const struct emu_ctrl *ctrl)
{
	uint32_t n = ctrl->retire.count < emu->config.reorder ? ctrl->retire.count
							      : emu->config.reorder;
	uint32_t position = 0;

	if (n > 1 && emu->ops.choose)
		position = emu->ops.choose(emu->ops.arg, EMU_CHOOSE_RETIRE,
					   emu->req[ctrl->retire.head].identity, n);
	return position < n ? position : 0;
}

void emu_complete_stage(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct emu_req *req;

	if (__builtin_expect(emu->config.reorder == 1, 1))
		req = emu_list_pop(emu, &ctrl->retire);
	else
		req = emu_list_take(emu, &ctrl->retire, choose(emu, ctrl));
	complete(emu, ctrl, req);
}
