/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 4 of 4: complete. A completion finds its request, or is counted as one that has none.
 *
 * Nothing of it is used as an index before it was compared with what was sent.
 */
#include "driver/core/internal.h"

/* The third argument of a cqe.bad record, and of nothing else. */
enum bad_cqe {
	BAD_SQID,
	BAD_CID,
	BAD_IDLE,
	BAD_LATE,
	BAD_SQHD,
};

static void trace_bad(struct nvl_queue *queue, uint32_t slot, const struct nvme_cqe *cqe,
		      enum bad_cqe reason)
{
	nvl_trace(queue->ctrl, NVL_BAD_CQE, queue->id, slot, nvme_cpu16(cqe->sqid),
		  nvme_cpu16(cqe->cid), nvme_cpu16(cqe->sqhd), reason);
}

static struct nvl_request *find_request(struct nvl_queue *queue, uint32_t slot,
					const struct nvme_cqe *cqe)
{
	uint16_t cid = nvme_cpu16(cqe->cid);
	uint32_t index = cid & queue->cid_mask;
	struct nvl_request *request;

	if (nvme_cpu16(cqe->sqid) != queue->id) {
		queue->counters.bad_sqid++;
		trace_bad(queue, slot, cqe, BAD_SQID);
		return NULL;
	}
	if (index >= queue->slots) {
		queue->counters.bad_cid++;
		trace_bad(queue, slot, cqe, BAD_CID);
		return NULL;
	}
	request = &queue->requests[index];
	if (request->cid != cid || request->state == NVL_REQUEST_FREE) {
		queue->counters.idle_cid++;
		trace_bad(queue, slot, cqe, BAD_IDLE);
		return NULL;
	}
	if (request->state == NVL_REQUEST_GIVEN_UP) {
		queue->counters.late++;
		trace_bad(queue, slot, cqe, BAD_LATE);
		return NULL;
	}
	return request;
}

/*
 * SQHD may only move forward, and not past what was rung. One that does not is not adopted: the
 * slots stay taken, so that an entry that was not fetched is never overwritten.
 */
static void adopt_sqhd(struct nvl_queue *queue, uint32_t slot, const struct nvme_cqe *cqe)
{
	uint32_t sqhd = nvme_cpu16(cqe->sqhd);

	if (sqhd < queue->entries &&
	    nvme_ring_used(queue->head, sqhd, queue->entries) <=
		    nvme_ring_used(queue->head, queue->tail_rung, queue->entries)) {
		queue->head = sqhd;
		return;
	}
	queue->counters.bad_sqhd++;
	trace_bad(queue, slot, cqe, BAD_SQHD);
}

/**
 * nvl_complete - one entry of the completion queue
 * @slot: where it was
 * @cqe: a copy
 */
void nvl_complete(struct nvl_queue *queue, uint32_t slot, const struct nvme_cqe *cqe)
{
	struct nvl_request *request = find_request(queue, slot, cqe);
	uint16_t word = nvme_cpu16(cqe->status);
	struct nvl_completion completion = {
		.status = nvme_cqe_status(word),
		.dw0 = nvme_cpu32(cqe->dw0),
		.dw1 = nvme_cpu32(cqe->dw1),
	};

	if (!request)
		return;
	adopt_sqhd(queue, slot, cqe);
	if (__builtin_expect(nvme_status_code(completion.status) != NVME_SC_SUCCESS, 0)) {
		completion.result = completion.status;
		queue->counters.errors++;
	}
	if (__builtin_expect(queue->ctrl->trace != NULL, 0)) {
		nvl_trace(queue->ctrl, NVL_COMPLETE, queue->id, slot, word & 1u, queue->id,
			  request->cid, nvme_cpu16(cqe->sqhd), completion.status, completion.dw0);
		if (request->data && completion.result == 0 &&
		    (request->opcode & NVME_DIRECTION_FROM_CTRL))
			nvl_trace_transfer(queue, request->cid, request->data, request->data_bytes);
	}
	queue->counters.completed++;
	nvl_request_put(queue, request);
	/* All that was sent is answered, so all of it was fetched, whatever SQHD says. */
	if (nvl_queue_outstanding(queue) == 0)
		queue->head = queue->tail;
	request->done(request->arg, &completion);
}
