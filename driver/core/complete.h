/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 4 of 4: complete, the part that every good completion runs through. Inline in the loop that
 * polls: a few comparisons, the stores that free the CID, and the call.
 */
#ifndef NVMELAB_DRIVER_CORE_COMPLETE_H
#define NVMELAB_DRIVER_CORE_COMPLETE_H

#include "driver/core/internal.h"

/* An entry as two numbers: dwords 0 and 1, and dwords 2 and 3, low dword first. */
#define NVL_CQE_SQHD   15, 0
#define NVL_CQE_SQID   31, 16
#define NVL_CQE_CID    47, 32
#define NVL_CQE_P      48, 48
#define NVL_CQE_STATUS 63, 49

/** nvl_complete_request - @request is answered: its CID is free, its owner is told */
static inline void nvl_complete_request(struct nvl_queue *queue, struct nvl_request *request,
					struct nvl_completion *completion)
{
	queue->counters.completed++;
	nvl_request_put(queue, request);
	/* All that was sent is answered, so all of it was fetched, whatever SQHD says. */
	if (nvl_outstanding(queue) == 0) {
		queue->head = queue->tail;
		queue->sqhd_limit = queue->tail;
	}
	request->done(request->arg, completion);
}

/**
 * nvl_complete - one entry of the completion queue
 * @slot: where it was
 * @lo: dwords 0 and 1, a copy
 * @hi: dwords 2 and 3, a copy
 *
 * Nothing of it is used before it was compared with what was sent, besides the CID's low bits: each
 * of their values has a request. What does not fit the plain case, a success of a request without
 * flags whose SQHD went on without a wrap, is nvl_complete_uncommon()'s.
 */
static inline void nvl_complete(struct nvl_queue *queue, uint32_t slot, uint64_t lo, uint64_t hi)
{
	uint32_t cid = NVME_GET(hi, NVL_CQE_CID);
	uint32_t sqhd = NVME_GET(hi, NVL_CQE_SQHD);
	struct nvl_request *request = &queue->requests[cid & queue->cid_mask];
	struct nvl_completion completion = { .dw0 = (uint32_t)lo, .dw1 = (uint32_t)(lo >> 32) };

	if (__builtin_expect(request->key != nvl_request_key(cid, NVL_REQUEST_SENT) ||
				     NVME_GET(hi, NVL_CQE_SQID) != queue->id ||
				     NVME_GET(hi, NVL_CQE_STATUS) != 0 || sqhd < queue->head ||
				     sqhd > queue->sqhd_limit,
			     0)) {
		nvl_complete_uncommon(queue, slot, lo, hi);
		return;
	}
	queue->head = sqhd;
	nvl_complete_request(queue, request, &completion);
}

#endif
