/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 2 of 4: ring. The controller learns of new commands, and of completions that were consumed.
 *
 * nvme_store_doorbell() orders what was written before it: SQEs, PRP lists and data before the
 * tail; the reads of CQEs before the head. Nothing else here needs a barrier.
 */
#include "driver/core/internal.h"

/** nvl_ring_cq - tell the controller how far completions were consumed */
void nvl_ring_cq(struct nvl_queue *queue)
{
	uint32_t before = queue->cq_head_rung;

	queue->cq_head_rung = queue->cq_head;
	if (queue->shadow && !nvl_shadow_passes(queue, true, before, queue->cq_head))
		return;
	nvl_trace(queue->ctrl, CQ_DOORBELL, queue->id, before, queue->cq_head);
	nvl_doorbell(queue, queue->cq_doorbell, queue->cq_offset, queue->cq_head);
	queue->counters.cq_doorbells++;
}

/*
 * What the controller sees in the CQ is what it posted and was not told to be consumed: at most the
 * outstanding commands and the consumed entries that it does not know of. As long as the sum is
 * below the number of entries, the queue does not look full to it.
 */
static bool cq_could_look_full(const struct nvl_queue *queue)
{
	uint32_t untold = nvme_ring_used(queue->cq_head_rung, queue->cq_head, queue->entries);

	return untold > 0 && nvl_outstanding(queue) + untold >= queue->entries;
}

void nvl_ring(struct nvl_queue *queue)
{
	uint32_t before;

	/* In a pause the next poll after it rings; in a reset, or without a device, nobody does. */
	if (!nvl_gate_open(queue)) {
		queue->chores = 0;
		return;
	}
	before = queue->tail_rung;
	if (queue->tail == before)
		return;
	if (cq_could_look_full(queue))
		nvl_ring_cq(queue);
	queue->tail_rung = queue->tail;
	nvl_sqhd_moved(queue);
	if (queue->shadow && !nvl_shadow_passes(queue, false, before, queue->tail))
		return;
	nvl_trace(queue->ctrl, SQ_DOORBELL, queue->id, before, queue->tail);
	nvl_doorbell(queue, queue->sq_doorbell, queue->sq_offset, queue->tail);
	queue->counters.sq_doorbells++;
}
