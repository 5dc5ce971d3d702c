/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Shadow doorbells: Doorbell Buffer Config (Base 2.0 5.8, unverified).
 *
 *	shadow page   the host writes doorbells there; it rings only when it passes the ...
 *	event page    ... EventIdx, which the controller writes
 *
 * EventIdx is moved only when a queue would stop: when its submission queue was drained, or its
 * completion queue is full. The new EventIdx is made visible before the shadow is read once more,
 * and the host writes the shadow before it reads EventIdx: one of the two sees the other. So while
 * there is work nobody rings, and who has to be told is. With shadow doorbells the value that was
 * rung does not count, only the shadow does: a message with an older value may come late.
 *
 * The admin queue's doorbells are always rung; what its shadow holds is not looked at.
 */
#include "emulator/core/internal.h"

static volatile void *find(struct emu *emu, const struct emu_ctrl *ctrl, uint64_t base,
			   uint32_t qid, bool is_cq, enum emu_prot prot)
{
	uint64_t offset = (2ull * qid + is_cq) << (2 + emu->config.dstrd);

	return emu->ops.dma(emu->ops.arg, ctrl->index, base + offset, sizeof(uint32_t), prot);
}

/** emu_dbbuf_value - the doorbell's value in the shadow; @rung where there is none */
uint32_t emu_dbbuf_value(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq,
			 uint32_t rung)
{
	const volatile void *shadow;

	if (qid == 0 || ctrl->halted)
		return rung;
	shadow = find(emu, ctrl, ctrl->shadow_iova, qid, is_cq, EMU_DMA_READ);
	return shadow ? nvme_load_doorbell(shadow) & 0xffff : rung;
}

/* One page at a time: the first may be gone when the second was found. */
static void store(struct emu *emu, const struct emu_ctrl *ctrl, uint64_t base, uint32_t qid,
		  bool is_cq, uint32_t value)
{
	volatile void *at = find(emu, ctrl, base, qid, is_cq, EMU_DMA_WRITE);

	if (at)
		nvme_store_doorbell(at, value);
}

/* A queue begins, or shadow doorbells do: both pages say where it stands. */
void emu_dbbuf_open(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq)
{
	uint32_t value = is_cq ? ctrl->cq[qid].head : ctrl->sq[qid].tail;

	if (is_cq)
		ctrl->cq[qid].shadow = value;
	else
		ctrl->sq[qid].shadow = value;
	store(emu, ctrl, ctrl->shadow_iova, qid, is_cq, value);
	store(emu, ctrl, ctrl->event_iova, qid, is_cq, value);
}

/**
 * emu_dbbuf_arm - a queue has nothing to do: from now on the host rings
 * Return: whether the doorbell changed before the host could know that.
 */
bool emu_dbbuf_arm(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq)
{
	volatile void *shadow = find(emu, ctrl, ctrl->shadow_iova, qid, is_cq, EMU_DMA_READ);
	volatile void *event = find(emu, ctrl, ctrl->event_iova, qid, is_cq, EMU_DMA_WRITE);

	if (qid == 0 || !shadow || !event)
		return false;
	nvme_store_event_index(event, is_cq ? ctrl->cq[qid].head : ctrl->sq[qid].tail);
	return emu_dbbuf_poll(emu, ctrl, qid, is_cq);
}

/* A shadow says something of a queue that there is; that of another one holds what it will. */
static bool is_open(const struct emu_ctrl *ctrl, uint32_t qid, bool is_cq)
{
	if (is_cq)
		return ctrl->cq[qid].created;
	return ctrl->sq[qid].created && !emu_sq_is_deleted(&ctrl->sq[qid]);
}

/** emu_dbbuf_poll - look at a shadow doorbell; @return: whether it changed */
bool emu_dbbuf_poll(struct emu *emu, struct emu_ctrl *ctrl, uint32_t qid, bool is_cq)
{
	uint32_t *seen = is_cq ? &ctrl->cq[qid].shadow : &ctrl->sq[qid].shadow;
	uint32_t value;

	if (qid == 0 || !is_open(ctrl, qid, is_cq))
		return false;
	value = emu_dbbuf_value(emu, ctrl, qid, is_cq, *seen);
	if (value == *seen)
		return false;
	emu_doorbell_record(emu, ctrl, qid, is_cq, value);
	return true;
}

emu_verdict emu_exec_dbbuf(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint64_t shadow = nvme_cpu64(req->sqe.prp1);
	uint64_t event = nvme_cpu64(req->sqe.prp2);

	if (shadow & (ctrl->page_bytes - 1))
		return emu_bad_field(req, offsetof(struct nvme_sqe, prp1), 0);
	if ((event & (ctrl->page_bytes - 1)) || event == shadow)
		return emu_bad_field(req, offsetof(struct nvme_sqe, prp2), 0);
	if (!find(emu, ctrl, shadow, 0, false, EMU_DMA_WRITE) ||
	    !find(emu, ctrl, event, 0, false, EMU_DMA_WRITE))
		return NVME_SC_DATA_TRANSFER_ERROR;
	ctrl->dbbuf = true;
	ctrl->shadow_iova = shadow;
	ctrl->event_iova = event;
	for (uint32_t qid = 0; qid <= emu->config.queues; qid++) {
		if (ctrl->sq[qid].created)
			emu_dbbuf_open(emu, ctrl, qid, false);
		if (ctrl->cq[qid].created)
			emu_dbbuf_open(emu, ctrl, qid, true);
	}
	return NVME_SC_SUCCESS;
}
