/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 1 of 4: submit. A request gets a CID, its command the next slot of the submission queue.
 */
#include "driver/core/internal.h"

#define PREFETCH 6 /* slots ahead */

/*
 * A slot that was used before is in the controller's cache. Asking for a later one now lets it come
 * back while others are filled; with one command at a time, while that is on its way.
 */
static inline void prefetch_slot(const struct nvl_queue *queue, uint32_t slot)
{
	uint32_t ahead = slot + PREFETCH;

	if (ahead >= queue->entries)
		ahead -= queue->entries;
	if (ahead < queue->entries)
		__builtin_prefetch(&queue->sq[ahead], 1);
}

/**
 * nvl_submit_request - the command of a request into the next slot
 * @request: from nvl_request_get(), which has seen that the slot is free
 * @sqe: complete but for CID, PRP1 and PRP2
 * @data: checked before; or NULL: PRP1 and PRP2 stay as they are
 *
 * Nothing is ordered here: the controller reads the slot after nvl_ring().
 */
void nvl_submit_request(struct nvl_queue *queue, struct nvl_request *request, struct nvme_sqe *sqe,
			const struct nvl_data *data, nvl_done_fn *done, void *arg)
{
	struct nvl_ctrl *ctrl = queue->ctrl;
	uint32_t slot = queue->tail;

	request->done = done;
	request->arg = arg;
	request->deadline_nsec = 0;
	request->data = NULL;
	request->opcode = sqe->opcode;
	request->state = NVL_REQUEST_SENT;
	sqe->cid = nvme_le16(request->cid);
	if (data) {
		request->data = (const uint8_t *)data->buffer->data + data->offset;
		request->data_bytes = (uint32_t)data->bytes;
		nvl_prp_build(queue, nvl_request_index(queue, request), data, request->cid, sqe);
	}
	queue->sq[slot] = *sqe;
	queue->tail = nvme_ring_next(slot, queue->entries);
	prefetch_slot(queue, slot);
	queue->counters.submitted++;
	if (__builtin_expect(ctrl->trace != NULL, 0)) {
		if (data && (sqe->opcode & NVME_DIRECTION_TO_CTRL))
			nvl_trace_transfer(queue, request->cid, request->data, request->data_bytes);
		nvl_trace_data(ctrl, NVL_SUBMIT, sqe, (uint32_t)sizeof(*sqe), queue->id, slot,
			       request->cid, sqe->opcode, nvme_cpu32(sqe->nsid));
	}
}

int nvl_submit(struct nvl_queue *queue, const struct nvme_sqe *sqe, const struct nvl_data *data,
	       nvl_done_fn *done, void *arg)
{
	struct nvme_sqe copy = *sqe;
	struct nvl_request *request;

	if (!nvl_gate_open(queue))
		return nvl_request_refusal(queue);
	if (data && nvl_data_check(data, queue->max_transfer_bytes))
		return -NVL_EINVAL;
	request = nvl_request_get(queue);
	if (!request)
		return -NVL_EAGAIN;
	nvl_submit_request(queue, request, &copy, data, done, arg);
	return 0;
}
