/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Shadow doorbells: Doorbell Buffer Config (Base 2.0 5.8, unverified), for controllers where each
 * write of a register is a message or a trap.
 *
 *	shadow page   this side writes doorbells there, and rings only when one passes the ...
 *	event page    ... EventIdx, which the controller writes when it stops looking
 *
 * The shadow is written before EventIdx is read, with a full barrier between, and the controller
 * does it the other way round, so one of the two sees the other. The admin queue has none. An
 * EventIdx that cannot be is no reason to be silent; and once a second whoever waits rings anyway,
 * so that one that is stale costs a moment and no timeout.
 */
#include "driver/core/internal.h"

static bool is_wanted(const struct nvl_ctrl *ctrl)
{
	uint64_t bytes = (2ull * ctrl->config.queues + 2) * ctrl->info.doorbell_stride;

	return ctrl->config.shadow && bytes <= NVL_PAGE_BYTES &&
	       NVME_GET(nvme_cpu16(ctrl->id.oacs), NVME_ID_CTRL_OACS_DBBUF);
}

/** nvl_step_shadow - give the controller the two pages; one that refuses is done without */
int nvl_step_shadow(struct nvl_ctrl *ctrl)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_DBBUF_CONFIG,
		.prp1 = nvme_le64(ctrl->shadow_iova),
		.prp2 = nvme_le64(ctrl->shadow_iova + NVL_PAGE_BYTES),
	};
	int result = ctrl->life.answer.completion.result;

	if (ctrl->life.phase == 0) {
		ctrl->info.shadow_doorbells = false;
		if (!is_wanted(ctrl))
			return 0;
		memset(ctrl->shadow, 0, NVL_SHADOW_BYTES);
		return nvl_ask(ctrl, &sqe, 0);
	}
	if (result < 0)
		return result;
	ctrl->info.shadow_doorbells = result == 0;
	return 0;
}

/** nvl_shadow_connect - where the shadows of @queue are, which is not created yet */
void nvl_shadow_connect(struct nvl_queue *queue)
{
	struct nvl_ctrl *ctrl = queue->ctrl;
	uint32_t pair = 2 * ctrl->info.doorbell_stride;

	queue->shadow = NULL;
	if (queue->id == 0 || !ctrl->info.shadow_doorbells)
		return;
	queue->shadow = ctrl->shadow + (size_t)queue->id * pair;
	memset(queue->shadow, 0, pair);
	memset(queue->shadow + NVL_PAGE_BYTES, 0, pair);
}

/**
 * nvl_shadow_passes - a doorbell goes from @before to @value, in its shadow at least
 *
 * Indexes wrap at the end of the ring: EventIdx is passed if it is one of @before .. @value - 1.
 * Return: whether the register has to be written, too.
 */
bool nvl_shadow_passes(const struct nvl_queue *queue, bool is_cq, uint32_t before, uint32_t value)
{
	uint32_t stride = queue->cq_offset - queue->sq_offset;
	uint8_t *shadow = queue->shadow + (is_cq ? stride : 0);
	uint32_t event;

	nvme_store_doorbell(shadow, value);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	event = nvme_load_doorbell(shadow + NVL_PAGE_BYTES);
	return event >= queue->entries || nvme_ring_used(before, event, queue->entries) <
						  nvme_ring_used(before, value, queue->entries);
}

/** nvl_shadow_doubt - ring what was told, if something is outstanding: EventIdx may be stale */
void nvl_shadow_doubt(struct nvl_queue *queue)
{
	if (!queue->shadow || nvl_outstanding(queue) == 0 || !nvl_gate_open(queue))
		return;
	nvl_doorbell(queue, queue->cq_doorbell, queue->cq_offset, queue->cq_head_rung);
	nvl_doorbell(queue, queue->sq_doorbell, queue->sq_offset, queue->tail_rung);
	queue->counters.cq_doorbells++;
	queue->counters.sq_doorbells++;
}
