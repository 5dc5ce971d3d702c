/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 4 of 4: complete. A completion finds its request, or is counted as one that has none.
 *
 * The plain case is in complete.h; here is what is rare: errors, traces, the wrap of SQHD, and
 * entries that do not fit.
 */
#include "driver/core/complete.h"

/* The last argument of a cqe.bad record, and the counter that goes with it. */
enum bad_cqe {
	BAD_SQID,
	BAD_CID,
	BAD_IDLE,
	BAD_LATE,
	BAD_SQHD,
};

static __attribute__((noinline, cold)) void count_bad(struct nvl_queue *queue, uint32_t slot,
						      uint64_t hi, enum bad_cqe reason)
{
	uint64_t *const counters[] = {
		[BAD_SQID] = &queue->counters.bad_sqid, [BAD_CID] = &queue->counters.bad_cid,
		[BAD_IDLE] = &queue->counters.idle_cid, [BAD_LATE] = &queue->counters.late,
		[BAD_SQHD] = &queue->counters.bad_sqhd,
	};

	++*counters[reason];
	nvl_trace(queue->ctrl, NVL_BAD_CQE, queue->id, slot, NVME_GET(hi, NVL_CQE_SQID),
		  NVME_GET(hi, NVL_CQE_CID), NVME_GET(hi, NVL_CQE_SQHD), reason);
}

static struct nvl_request *find_request(struct nvl_queue *queue, uint32_t slot, uint64_t hi)
{
	uint32_t cid = NVME_GET(hi, NVL_CQE_CID);
	uint32_t index = cid & queue->cid_mask;
	struct nvl_request *request = &queue->requests[index];
	enum bad_cqe reason = BAD_SQID;

	if (NVME_GET(hi, NVL_CQE_SQID) == queue->id) {
		if (index < queue->slots) {
			if (request->cid == cid && (request->state == NVL_REQUEST_SENT ||
						    request->state == NVL_REQUEST_LATE))
				return request;
			reason = request->cid == cid && request->state == NVL_REQUEST_GIVEN_UP
					 ? BAD_LATE
					 : BAD_IDLE;
		} else {
			reason = BAD_CID;
		}
	}
	count_bad(queue, slot, hi, reason);
	return NULL;
}

/*
 * SQHD may only move forward, and not past what was rung. One that does not is not adopted: the
 * slots stay taken, so that an entry that was not fetched is never overwritten.
 */
static void adopt_sqhd(struct nvl_queue *queue, uint32_t slot, uint64_t hi)
{
	uint32_t sqhd = NVME_GET(hi, NVL_CQE_SQHD);
	uint32_t entries = queue->entries;

	if ((sqhd >= queue->head && sqhd <= queue->tail_rung) ||
	    (sqhd < entries && nvme_ring_used(queue->head, sqhd, entries) <=
				       nvme_ring_used(queue->head, queue->tail_rung, entries))) {
		queue->head = sqhd;
		nvl_sqhd_moved(queue);
	} else {
		count_bad(queue, slot, hi, BAD_SQHD);
	}
}

static void trace_completion(struct nvl_queue *queue, uint32_t slot,
			     const struct nvl_request *request, uint64_t lo, uint64_t hi,
			     bool success)
{
	nvl_trace(queue->ctrl, NVL_COMPLETE, queue->id, slot, NVME_GET(hi, NVL_CQE_P), queue->id,
		  request->cid, NVME_GET(hi, NVL_CQE_SQHD), NVME_GET(hi, NVL_CQE_STATUS),
		  (uint32_t)lo);
	if (success && request->data && (request->opcode & NVME_DIRECTION_FROM_CTRL))
		nvl_trace_transfer(queue, request->cid, request->data, request->data_bytes);
}

/** nvl_complete_uncommon - nvl_complete() of an entry that says anything */
void nvl_complete_uncommon(struct nvl_queue *queue, uint32_t slot, uint64_t lo, uint64_t hi)
{
	struct nvl_request *request = find_request(queue, slot, hi);
	nvme_status status = (nvme_status)NVME_GET(hi, NVL_CQE_STATUS);
	struct nvl_completion completion = {
		.status = status,
		.dw0 = (uint32_t)lo,
		.dw1 = (uint32_t)(lo >> 32),
	};

	if (!request)
		return;
	adopt_sqhd(queue, slot, hi);
	if (nvme_status_code(status) != NVME_SC_SUCCESS) {
		completion.result = status;
		queue->counters.errors++;
	}
	if (request->flags & NVL_REQUEST_TRACED)
		trace_completion(queue, slot, request, lo, hi, completion.result == 0);
	if (request->flags & NVL_REQUEST_COUNTED)
		nvl_stats_complete(queue, request, completion.result != 0);
	if (completion.result != 0 && nvl_retry(queue, request, status))
		return;
	nvl_complete_request(queue, request, &completion);
}
