/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scatter gather lists: the other way to say where data is (Base 2.0 4.1.2, unverified).
 *
 *   one run      the descriptor in the command is a data block
 *   more         it is a last segment: the list of data blocks in the request's list memory
 *
 * An SGL is worth it where it is shorter than the PRPs of many pages, and needed where runs begin
 * or end within pages. Metadata stays a contiguous buffer (PSDT 01b).
 */
#include "driver/core/data.h"

static uint32_t support_of(const struct nvl_queue *queue)
{
	if (queue->ctrl->config.sgl_threshold_bytes == 0 || queue->id == 0)
		return 0;
	return NVME_GET(nvme_cpu32(queue->ctrl->id.sgls), NVME_ID_CTRL_SGLS_SUPPORT);
}

/** nvl_sgl_room - descriptors for which a request's list memory has room; 0: there are no SGLs */
uint32_t nvl_sgl_room(const struct nvl_queue *queue)
{
	if (support_of(queue) == 0)
		return 0;
	return queue->ctrl->list_bytes / (uint32_t)sizeof(struct nvme_sgl_desc);
}

/** nvl_sgl_usable - whether the controller takes memory of @shape as an SGL */
bool nvl_sgl_usable(const struct nvl_queue *queue, const struct nvl_shape *shape)
{
	uint32_t support = support_of(queue);

	return (support == 1 || (support == 2 && shape->dword)) && shape->reachable &&
	       shape->runs <= nvl_sgl_room(queue);
}

/** nvl_sgl_wanted - whether @bytes of it are better as an SGL than as PRPs */
bool nvl_sgl_wanted(const struct nvl_queue *queue, const struct nvl_shape *shape, uint64_t bytes)
{
	return shape->pages > 2 && shape->runs < shape->pages &&
	       bytes >= queue->ctrl->config.sgl_threshold_bytes && nvl_sgl_usable(queue, shape);
}

static struct nvme_sgl_desc descriptor(enum nvme_sgl_type type, uint64_t iova, uint64_t bytes)
{
	return (struct nvme_sgl_desc){
		.addr = nvme_le64(iova),
		.length = nvme_le32((uint32_t)bytes),
		.type = (uint8_t)NVME_PUT(NVME_SGL_TYPE, type),
	};
}

/** nvl_sgl_build - the SGL of @count runs, in the list memory of @request if there are several */
struct nvl_pointer nvl_sgl_build(struct nvl_queue *queue, const struct nvl_request *request,
				 struct nvl_runs runs, uint32_t count)
{
	uint64_t at = (uint64_t)nvl_request_index(queue, request) * queue->ctrl->list_bytes;
	struct nvme_sgl_desc *list = (struct nvme_sgl_desc *)(void *)(queue->lists + at);
	struct nvl_pointer pointer = { .psdt = NVME_PSDT_SGL };
	uint32_t bytes = count * (uint32_t)sizeof(*list);
	struct nvl_run run = { 0 };
	struct nvme_sgl_desc first;
	nvme_u64le words[2];

	if (count == 1) {
		nvl_runs_next(&runs, &run);
		first = descriptor(NVME_SGL_DATA_BLOCK, run.iova, run.bytes);
	} else {
		for (uint32_t i = 0; i < count && nvl_runs_next(&runs, &run); i++)
			list[i] = descriptor(NVME_SGL_DATA_BLOCK, run.iova, run.bytes);
		first = descriptor(NVME_SGL_LAST_SEGMENT, queue->lists_iova + at, bytes);
		nvl_trace_data(queue->ctrl, PRP_LIST, list, bytes, queue->id, request->cid,
			       queue->lists_iova + at, bytes / sizeof(nvme_u64le));
	}
	memcpy(words, &first, sizeof(words));
	pointer.words.prp1 = nvme_cpu64(words[0]);
	pointer.words.prp2 = nvme_cpu64(words[1]);
	return pointer;
}
