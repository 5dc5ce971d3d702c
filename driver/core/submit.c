/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 1 of 4: submit. A request gets a CID, its command the next slot of the submission queue.
 */
#include "driver/core/submit.h"

/** nvl_submit_trace - what was submitted, with @data or NULL; the caller looked at ctrl->trace */
void nvl_submit_trace(struct nvl_queue *queue, struct nvl_request *request, uint32_t slot,
		      const void *data, uint32_t bytes)
{
	struct nvme_sqe sqe = queue->sq[slot];

	request->data = data;
	request->data_bytes = bytes;
	request->opcode = sqe.opcode;
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
