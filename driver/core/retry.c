/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commands that are sent again.
 *
 * Nothing is kept of a command when it is submitted. When one fails its entry is looked for in the
 * ring, where it is unless the queue went once round meanwhile: then the status is reported. The
 * request keeps its index, and so its PRP list, but gets another CID.
 */
#include "driver/core/submit.h"

#define DELAY_UNIT_NSEC (100 * NVL_MSEC) /* of CRDT1..3 */

/* CIDs differ for as long as an entry stays in the ring, so the latest one that fits is it. */
static const struct nvme_sqe *find_entry(const struct nvl_queue *queue,
					 const struct nvl_request *request)
{
	uint32_t slot = queue->tail;

	for (uint32_t i = 1; i < queue->entries; i++) {
		slot = slot == 0 ? queue->entries - 1 : slot - 1;
		if (nvme_cpu16(queue->sq[slot].cid) == request->cid)
			return &queue->sq[slot];
	}
	return NULL;
}

/* Base 2.0 5.17.2.1: CRDT1..3; they count only if the host said so (Host Behavior Support). */
static uint64_t delay_nsec(const struct nvl_ctrl *ctrl, nvme_status status)
{
	const nvme_u16le delays[] = { { 0 }, ctrl->id.crdt1, ctrl->id.crdt2, ctrl->id.crdt3 };

	if (!ctrl->info.retry_delays)
		return 0;
	return nvme_cpu16(delays[NVME_GET(status, NVME_STATUS_CRD)]) * DELAY_UNIT_NSEC;
}

/** nvl_retry_free - request @index waits no longer to be sent again, if it did */
void nvl_retry_free(struct nvl_queue *queue, uint32_t index)
{
	queue->retry_count -= queue->retries[index].used;
	queue->retries[index].used = false;
}

static void keep(struct nvl_queue *queue, struct nvl_request *request, const struct nvme_sqe *sqe,
		 nvme_status status)
{
	uint64_t delay = delay_nsec(queue->ctrl, status);

	queue->retries[nvl_request_index(queue, request)] = (struct nvl_retry){
		.sqe = *sqe,
		.due_nsec = delay > 0 ? nvl_later(nvl_now(queue->ctrl), delay) : 0,
		.used = true,
	};
	queue->retry_count++;
	request->state = NVL_REQUEST_RETRY;
	request->deadline_nsec = 0;
	request->cid = (uint16_t)(request->cid + queue->cid_step);
	request->flags = (uint8_t)(request->flags + NVL_REQUEST_ATTEMPT);
	queue->counters.retries++;
	queue->chores = 0;
	nvl_mark(queue->ctrl, delay > 0 ? NVL_RUNG_RETRY_DELAYED : NVL_RUNG_RETRY);
}

static bool may_retry(struct nvl_queue *queue, const struct nvl_request *request)
{
	if (request->flags / NVL_REQUEST_ATTEMPT < queue->ctrl->config.max_retries)
		return true;
	nvl_mark(queue->ctrl, NVL_RUNG_RETRIES_OVER);
	return false;
}

/**
 * nvl_retry - a request was answered with @status, an error
 * Return: whether it will be sent again; else the caller completes it.
 */
bool nvl_retry(struct nvl_queue *queue, struct nvl_request *request, nvme_status status)
{
	struct nvl_ctrl *ctrl = queue->ctrl;
	const struct nvme_sqe *sqe = find_entry(queue, request);
	uint32_t class;

	if (!sqe || request->state != NVL_REQUEST_SENT)
		return false;
	class = nvl_opcode_class(queue->id == 0, sqe->opcode, sqe->flags);
	switch (nvl_decide((enum nvl_policy)ctrl->config.policy, status, class)) {
	case NVL_ACTION_SURFACE:
	case NVL_ACTIONS:
		return false;
	case NVL_ACTION_RESCAN:
		if (queue->id != 0) {
			__atomic_store_n(&ctrl->rescan, 1, __ATOMIC_RELEASE);
			__atomic_store_n(&ctrl->attention, 1, __ATOMIC_RELEASE);
		}
		return false;
	case NVL_ACTION_RESET:
		nvl_fail(ctrl, NVL_REASON_STATUS, status, queue->id);
		return false;
	case NVL_ACTION_RETRY:
		break;
	}
	if (!may_retry(queue, request))
		return false;
	keep(queue, request, sqe, status);
	return true;
}

/* The queue has as many slots as CIDs, and this one holds a CID, but SQHD may stand still. */
static bool send_again(struct nvl_queue *queue, uint32_t index)
{
	struct nvl_request *request = &queue->requests[index];
	uint8_t flags = request->flags;
	uint32_t slot = queue->tail;

	if (nvme_ring_full(queue->head, queue->tail, queue->entries))
		return false;
	queue->sq[slot] = queue->retries[index].sqe;
	queue->sq[slot].cid = nvme_le16(request->cid);
	nvl_submit_plain(queue, request, slot, request->done, request->arg);
	if (queue->observed)
		nvl_submit_trace(queue, request, slot, request->data, request->data_bytes);
	request->flags = flags;
	queue->credit = 0; /* A slot is gone that was counted for others. */
	nvl_retry_free(queue, index);
	return true;
}

/**
 * nvl_chores - what a poll does besides completions: retries that are due, a late doorbell
 * Return: whether there may be completions at once.
 */
bool nvl_chores(struct nvl_queue *queue)
{
	uint64_t now = 0;
	bool rings;

	queue->chores = NVL_NO_CHORES;
	for (uint32_t i = 0, left = queue->retry_count; left > 0; i++) {
		const struct nvl_retry *retry = &queue->retries[i];

		if (!retry->used)
			continue;
		left--;
		if (retry->due_nsec > 0 && now == 0)
			now = nvl_now(queue->ctrl);
		if (retry->due_nsec > now || !send_again(queue, i))
			queue->chores = 0;
	}
	rings = queue->tail != queue->tail_rung;
	nvl_ring(queue);
	return rings;
}

/** nvl_retry_drop - a reset took the requests: nothing of the queue is sent again */
void nvl_retry_drop(struct nvl_queue *queue)
{
	for (uint32_t i = 0; queue->retry_count > 0; i++)
		nvl_retry_free(queue, i);
	queue->chores = NVL_NO_CHORES;
}

/** nvl_retry_forget - @request is given up while it waits to be sent again */
void nvl_retry_forget(struct nvl_queue *queue, const struct nvl_request *request)
{
	nvl_retry_free(queue, nvl_request_index(queue, request));
}

uint64_t nvl_queue_deadline(const struct nvl_queue *queue)
{
	uint64_t due = NVL_NEVER;

	if (queue->chores == NVL_NO_CHORES)
		return due;
	if (queue->tail != queue->tail_rung && nvl_gate_open(queue))
		return 0; /* The gate was closed when it was to be rung. */
	if (nvme_ring_full(queue->head, queue->tail, queue->entries))
		return due; /* No time helps, only a completion that moves SQHD, or a reset. */
	for (uint32_t i = 0, left = queue->retry_count; left > 0; i++) {
		const struct nvl_retry *retry = &queue->retries[i];

		left -= retry->used;
		if (retry->used && retry->due_nsec < due)
			due = retry->due_nsec;
	}
	return due;
}
