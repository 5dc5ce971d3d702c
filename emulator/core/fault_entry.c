/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fault rules that let a completion queue entry arrive in two halves: dwords 0 to 2, and dword 3
 * with the phase. The phase comes last (Base 2.0 3.3.3.2, unverified): a host that looks at it
 * first, and at the rest behind a barrier, sees nothing unusual in one that is late.
 */
#include "emulator/core/internal.h"

#define HEAD_BYTES offsetof(struct nvme_cqe, cid) /* dwords 0 to 2 */

/* The rest of @cqe is there, or does not matter yet. */
static void publish_head(struct nvme_cqe *slot, const struct nvme_cqe *cqe)
{
	memcpy(slot, cqe, HEAD_BYTES);
}

static void publish_phase(struct nvme_cqe *slot, const struct nvme_cqe *cqe)
{
	struct nvme_cqe now = *slot;

	now.cid = cqe->cid;
	now.status = cqe->status;
	nvme_cqe_publish(slot, &now);
}

/** emu_fault_publish - the entry at @slot, or half of it; false: the host cannot see it yet */
bool emu_fault_publish(struct emu *emu, struct emu_req *req, uint64_t iova, struct nvme_cqe *slot,
		       const struct nvme_cqe *cqe)
{
	struct emu_req_fault *fault = emu_fault_of(emu, req);
	bool late = fault->marks & EMU_MARK_LATE;

	/* Of two copies the first one is divided. */
	if (!(fault->marks & (EMU_MARK_LATE | EMU_MARK_EARLY)) || fault->marks & EMU_MARK_HALF) {
		nvme_cqe_publish(slot, cqe);
		return true;
	}
	fault->marks |= EMU_MARK_HALF;
	fault->slot_iova = iova;
	fault->cqe = *cqe;
	if (late)
		publish_head(slot, cqe);
	else
		publish_phase(slot, cqe);
	return !late;
}

/** emu_fault_halved - only half of the entry of @req is there; the other one comes in its time */
bool emu_fault_halved(struct emu *emu, struct emu_req *req)
{
	struct emu_req_fault *fault = emu_fault_of(emu, req);

	if (!(fault->marks & EMU_MARK_HALF))
		return false;
	fault->resume = EMU_REQ_RETIRE;
	fault->hold = 0;
	req->state = EMU_REQ_PARKED;
	req->due_nsec = emu->now_nsec + fault->split_nsec;
	emu_list_insert(emu, &emu->faults->later, req);
	emu_arm(emu, req->due_nsec);
	return true;
}

/** emu_fault_second_half - the other one; true: the host can see the entry now */
bool emu_fault_second_half(struct emu *emu, struct emu_req *req)
{
	struct emu_req_fault *fault = emu_fault_of(emu, req);
	struct nvme_cqe *slot = emu->ops.dma(emu->ops.arg, req->ctrl, fault->slot_iova,
					     sizeof(*slot), EMU_DMA_WRITE);

	if (!slot)
		return false;
	if (!(fault->marks & EMU_MARK_LATE)) {
		publish_head(slot, &fault->cqe);
		return false;
	}
	publish_phase(slot, &fault->cqe);
	return true;
}
