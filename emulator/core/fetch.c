/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 3 of 7: fetch. Arbitration picks a submission queue (round robin with arbitration burst,
 * Base 2.0 3.4.4, unverified; weighted: arbitrate.c), one entry is copied out of host memory, once.
 *
 * What is fetched can always complete: it takes a request from the pool and a slot of its
 * completion queue with it. So a full completion queue stops its own submission queues only, an
 * empty pool stops I/O only, and neither loses anything.
 */
#include "emulator/core/stage.h"

#define PREFETCH 3 /* entries ahead */

static uint32_t arbitration_burst(const struct emu_ctrl *ctrl)
{
	uint32_t ab = NVME_GET(ctrl->features.arbitration, NVME_FEAT_ARB_AB);

	return ab == NVME_FEAT_ARB_AB_UNLIMITED ? UINT32_MAX : 1u << ab;
}

/* Whether a request is left for queue @qid: the admin queue has its own. */
static bool has_request(const struct emu *emu, const struct emu_ctrl *ctrl, uint32_t qid)
{
	(void)emu;
	return qid == 0 ? ctrl->free_admin.count > EMU_ADMIN_OWN : ctrl->free_io.count > EMU_IO_OWN;
}

/* The queue whose turn it is, or NVME_BITSET_NONE. */
static uint32_t next_queue(const struct emu *emu, struct emu_ctrl *ctrl, uint32_t *burst)
{
	uint32_t qid;

	if (__builtin_expect(ctrl->weighted, 0)) {
		if (nvme_bitset_test(ctrl->active, 0) && has_request(emu, ctrl, 0))
			return 0;
		return ctrl->free_io.count > EMU_IO_OWN ? emu_next_weighted(ctrl, burst)
							: NVME_BITSET_NONE;
	}
	if (ctrl->free_io.count <= EMU_IO_OWN)
		qid = nvme_bitset_test(ctrl->active, 0) ? 0 : NVME_BITSET_NONE;
	else
		qid = nvme_bitset_next_wrap(ctrl->active, ctrl->rr);
	if (qid == 0 && !has_request(emu, ctrl, 0))
		qid = ctrl->free_io.count > EMU_IO_OWN ? nvme_bitset_next(ctrl->active, 1)
						       : NVME_BITSET_NONE;
	return qid;
}

static void stop_at_full_cq(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid)
{
	struct emu_sq *sq = &ctrl->sq[qid];

	emu_trace(emu, ctrl, CQ_FULL, sq->cqid, qid);
	if (ctrl->dbbuf && emu_dbbuf_arm(emu, ctrl, sq->cqid, true) &&
	    emu_cq_has_room(&ctrl->cq[sq->cqid]))
		return;
	ctrl->cq[sq->cqid].starved = true;
	nvme_bitset_clear(ctrl->active, qid);
	ctrl->burst = 0;
}

/*
 * Entries come from another processor's cache; some of them travel while this one is worked on.
 * Never one that the host may still be writing, which would take its line away.
 */
static void prefetch_ahead(const struct emu_sq *sq, const struct nvme_sqe *slot)
{
	uint32_t ready = nvme_ring_used(sq->head, sq->tail, sq->entries);

	for (uint32_t i = 1; i <= PREFETCH && i < ready; i++)
		__builtin_prefetch(slot + i);
}

/* A queue in scattered pages: its next entry may be in another one. */
static void turn_page(const struct emu_ctrl *ctrl, struct emu_sq *sq)
{
	uint64_t offset = (uint64_t)sq->head * NVME_SQE_BYTES;

	if ((offset & (ctrl->page_bytes - 1)) == 0)
		sq->base = emu_scatter_turn(&sq->scatter, ctrl->page_bytes, offset);
}

static const struct nvme_sqe *slot_at(struct emu *emu, struct emu_ctrl *ctrl, uint64_t iova)
{
	const struct nvme_sqe *slot = emu->ops.dma(emu->ops.arg, ctrl->index, iova, sizeof(*slot),
						   EMU_DMA_READ);

	if (!slot)
		emu_stall(emu, ctrl, iova);
	return slot;
}

/* One entry out of the queue: everything that it needs is there. */
static inline struct emu_req *take_entry(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid,
					 const struct nvme_sqe *slot)
{
	struct emu_sq *sq = &ctrl->sq[qid];
	struct emu_req *req = emu_req_get(emu, ctrl, qid == 0);

	prefetch_ahead(sq, slot);
	memcpy(&req->sqe, slot, sizeof(req->sqe));
	req->sqid = qid;
	req->cid = nvme_cpu16(req->sqe.cid);
	req->identity = ctrl->fetched++;
	req->state = EMU_REQ_EXECUTE;
	if (emu_site(emu, UINT32_MAX))
		emu_fault_fetched(emu, ctrl, req);
	emu_trace_data(emu, ctrl, SQE_FETCH, &req->sqe, sizeof(req->sqe), qid, sq->head, req->cid,
		       req->sqe.opcode, nvme_cpu32(req->sqe.nsid));
	sq->head = nvme_ring_next(sq->head, sq->entries);
	if (__builtin_expect(sq->scatter.first != NULL, 0))
		turn_page(ctrl, sq);
	sq->inflight++;
	ctrl->cq[sq->cqid].reserved++;
	return req;
}

/* The entry behind that of the first of two fused commands, if it is there. */
static const struct nvme_sqe *second_slot(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid)
{
	struct emu_sq *sq = &ctrl->sq[qid];
	uint32_t next = nvme_ring_next(sq->head, sq->entries);
	uint64_t offset = (uint64_t)next * NVME_SQE_BYTES, base = sq->base;
	struct emu_scatter scatter = sq->scatter;

	if (next == sq->tail)
		return NULL;
	if (scatter.first && (offset & (ctrl->page_bytes - 1)) == 0)
		base = emu_scatter_turn(&scatter, ctrl->page_bytes, offset);
	return slot_at(emu, ctrl, base + offset);
}

static bool is_fused(const struct nvme_sqe *sqe, enum nvme_fuse fuse)
{
	return NVME_GET(sqe->flags, NVME_SQE_FUSE) == fuse;
}

/*
 * Both of two fused commands in one stage (Base 2.0 3.4.2, unverified): the host has to submit them
 * by one doorbell, so a first one without its second behind it has none. False: the completion
 * queue has no room for both now. One that never has is no queue for fused commands.
 */
static bool fetch_pair(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid,
		       const struct nvme_sqe *slot)
{
	const struct nvme_sqe *behind = second_slot(emu, ctrl, qid);
	struct emu_cq *cq = &ctrl->cq[ctrl->sq[qid].cqid];
	struct emu_req *first, *second;
	bool room;

	if (ctrl->stalled)
		return true;
	cq->reserved++;
	room = emu_cq_has_room(cq);
	cq->reserved--;
	if (behind && is_fused(behind, NVME_FUSE_SECOND) && !room && cq->entries > 2)
		return false;
	first = take_entry(emu, ctrl, qid, slot);
	emu_list_push(emu, &ctrl->execute, first);
	if (!behind || !is_fused(behind, NVME_FUSE_SECOND) || !room)
		return true;
	second = take_entry(emu, ctrl, qid, behind);
	/* The host may have written both entries meanwhile. */
	if (!is_fused(&first->sqe, NVME_FUSE_FIRST) || !is_fused(&second->sqe, NVME_FUSE_SECOND) ||
	    emu_fault_is_dropped(emu, first) || emu_fault_is_dropped(emu, second)) {
		emu_list_push(emu, &ctrl->execute, second);
		return true;
	}
	second->state = EMU_REQ_PARKED;
	second->partner = first->tag;
	first->partner = second->tag;
	return true;
}

/*
 * Abort is always fetched: what else comes while the last requests are left is refused at once
 * (Base 2.0 5.1, unverified).
 */
static void take_admin(struct emu *emu, struct emu_ctrl *ctrl, const struct nvme_sqe *slot)
{
	struct emu_req *req = take_entry(emu, ctrl, 0, slot);

	if (ctrl->free_admin.count >= EMU_ADMIN_OWN + emu_abort_reserve(&emu->config) ||
	    req->sqe.opcode == NVME_ADMIN_ABORT)
		emu_list_push(emu, &ctrl->execute, req);
	else
		emu_finish(emu, req,
			   emu->config.vs >= EMU_VS_1_4 ? NVME_SC_COMMAND_INTERRUPTED
							: NVME_SC_INTERNAL_ERROR);
}

/* False when the completion queue has to have more room first. */
static bool fetch(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid)
{
	struct emu_sq *sq = &ctrl->sq[qid];
	const struct nvme_sqe *slot = slot_at(emu, ctrl,
					      sq->base + (uint64_t)sq->head * NVME_SQE_BYTES);

	if (!slot)
		return true;
	if (__builtin_expect(qid == 0, 0))
		take_admin(emu, ctrl, slot);
	else if (__builtin_expect(is_fused(slot, NVME_FUSE_FIRST), 0)) {
		if (!fetch_pair(emu, ctrl, qid, slot))
			return false;
		if (ctrl->stalled)
			return true;
	} else {
		emu_list_push(emu, &ctrl->execute, take_entry(emu, ctrl, qid, slot));
	}
	ctrl->burst--;
	if (__builtin_expect(ctrl->weighted, 0))
		emu_charge_weighted(ctrl, qid);
	if (sq->head == sq->tail && __builtin_expect(ctrl->dbbuf, 0))
		emu_dbbuf_arm(emu, ctrl, qid, false);
	if (sq->head == sq->tail) {
		nvme_bitset_clear(ctrl->active, qid);
		ctrl->burst = 0;
	}
	return true;
}

bool emu_fetch_stage(struct emu *emu, struct emu_ctrl *ctrl)
{
	for (;;) {
		uint32_t qid = ctrl->rr;
		uint32_t burst;

		if (ctrl->burst == 0 || !has_request(emu, ctrl, qid)) {
			ctrl->burst = 0;
			burst = arbitration_burst(ctrl);
			qid = next_queue(emu, ctrl, &burst);
			if (qid == NVME_BITSET_NONE)
				return false;
			ctrl->rr = qid;
			ctrl->burst = burst;
		}
		if (emu_cq_has_room(&ctrl->cq[ctrl->sq[qid].cqid]) && fetch(emu, ctrl, qid))
			return true;
		stop_at_full_cq(emu, ctrl, qid);
	}
}
