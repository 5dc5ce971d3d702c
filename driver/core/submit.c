/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 1 of 4: submit. A request gets a CID, its command the next slot of the submission queue.
 */
#include "driver/core/submit.h"

/** nvl_submit_trace - what was submitted, with @data or NULL; the caller looked at observed */
void nvl_submit_trace(struct nvl_queue *queue, struct nvl_request *request, uint32_t slot,
		      const void *data, uint32_t bytes)
{
	struct nvme_sqe sqe = queue->sq[slot];

	request->data = data;
	request->data_bytes = bytes;
	request->opcode = sqe.opcode;
	if (queue->stats)
		nvl_stats_submit(queue, request);
	if (!queue->ctrl->trace)
		return;
	request->flags |= NVL_REQUEST_TRACED;
	if (data && (sqe.opcode & NVME_DIRECTION_TO_CTRL))
		nvl_trace_transfer(queue, request->cid, data, bytes);
	nvl_trace_data(queue->ctrl, NVL_SUBMIT, &sqe, (uint32_t)sizeof(sqe), queue->id, slot,
		       request->cid, sqe.opcode, nvme_cpu32(sqe.nsid));
}

int nvl_submit(struct nvl_queue *queue, const struct nvme_sqe *sqe, const struct nvl_data *data,
	       nvl_done_fn *done, void *arg)
{
	struct nvl_request *request;
	struct nvme_sqe *slot;

	if (!nvl_gate_open(queue))
		return nvl_request_refusal(queue);
	if (data && nvl_data_check(data, queue->max_transfer_bytes))
		return -NVL_EINVAL;
	request = nvl_request_get(queue);
	if (!request)
		return -NVL_EAGAIN;
	slot = &queue->sq[queue->tail];
	*slot = *sqe;
	slot->cid = nvme_le16(request->cid);
	if (data) {
		struct nvl_prp prp = nvl_prp(queue, request, data->buffer, data->offset,
					     data->bytes);

		slot->prp1 = nvme_le64(prp.prp1);
		slot->prp2 = nvme_le64(prp.prp2);
	}
	nvl_submit_request(queue, request, data ? data->buffer : NULL, data ? data->offset : 0,
			   data ? data->bytes : 0, done, arg);
	return 0;
}

static struct nvl_request *urgent_get(struct nvl_queue *queue)
{
	if (queue->free_count == 0 || nvme_ring_full(queue->head, queue->tail, queue->entries))
		return NULL;
	queue->credit = 0; /* What was counted for others has to be counted again. */
	return &queue->requests[queue->free_cids[--queue->free_count]];
}

/**
 * nvl_urgent - submit and ring an admin command of the driver's own, from the reserve
 *
 * Its data is ctrl->work, from the start. Neither the gate nor the caller's commands hold it up;
 * how many there are at a time is bounded by ctrl->urgent.
 * Return: 0, or -NVL_EAGAIN if the queue has no room even so.
 */
int nvl_urgent(struct nvl_ctrl *ctrl, const struct nvl_urgent *urgent)
{
	const struct nvl_buffer work = { .data = ctrl->work, .bytes = NVL_PAGE_BYTES };
	struct nvl_queue *queue = ctrl->queues[0];
	struct nvl_request *request = urgent_get(queue);
	struct nvme_sqe *slot;

	if (!request)
		return -NVL_EAGAIN;
	slot = &queue->sq[queue->tail];
	*slot = urgent->sqe;
	slot->cid = nvme_le16(request->cid);
	if (urgent->bytes > 0)
		slot->prp1 = nvme_le64(ctrl->work_iova);
	nvl_submit_request(queue, request, urgent->bytes > 0 ? &work : NULL, 0, urgent->bytes,
			   urgent->done, urgent->arg);
	request->deadline_nsec = urgent->deadline_nsec;
	nvl_ring(queue);
	return 0;
}
