/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bounce buffers of a queue: memory that the controller reaches, for data that it could not be told
 * of where it is. Each slot is page aligned and contiguous on both sides.
 */
#include "driver/core/data.h"

/** nvl_bounce_get - a free slot, or NVL_NO_BOUNCE */
uint32_t nvl_bounce_get(struct nvl_queue *queue)
{
	uint32_t slot;

	if (queue->bounce_free == 0)
		return NVL_NO_BOUNCE;
	slot = (uint32_t)__builtin_ctzll(queue->bounce_free);
	queue->bounce_free &= queue->bounce_free - 1;
	return slot;
}

/** nvl_bounce_put - the slot is free; NVL_NO_BOUNCE is fine */
void nvl_bounce_put(struct nvl_queue *queue, uint32_t slot)
{
	if (slot != NVL_NO_BOUNCE)
		queue->bounce_free |= 1ull << slot;
}

/** nvl_bounce_data - this side's view of a slot */
uint8_t *nvl_bounce_data(const struct nvl_queue *queue, uint32_t slot)
{
	return queue->bounce + (size_t)slot * queue->ctrl->config.bounce_bytes;
}

/** nvl_bounce_iova - the device's view of a slot */
uint64_t nvl_bounce_iova(const struct nvl_queue *queue, uint32_t slot)
{
	return queue->bounce_iova + (uint64_t)slot * queue->ctrl->config.bounce_bytes;
}
