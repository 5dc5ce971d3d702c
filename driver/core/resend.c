/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commands that a reset found outstanding, and that are sent again after it (config.resend).
 *
 * A reset ends a command as if the host had aborted it (3/71h), and the policy's row for that says
 * which are sent again. Their entries stay in the submission queue's memory: once the controller is
 * disabled they are moved to its first slots, which are what the queue begins with when it is
 * created again. They keep their place in the table, their PRP lists and bounce buffers, and get
 * new CIDs. Before the doorbell is rung, those are ended whose queue or namespace is not there any
 * more, or is another one.
 */
#include "driver/core/internal.h"

#define ABORTED_BY_HOST 0x371 /* Path Related Status, unverified */

/* FUSE as no command has it: a mark while entries are moved. */
#define MARK NVME_PUT(NVME_SQE_FUSE, 3)

/** nvl_resends - whether the halt under way is of a reset after which commands are sent again */
bool nvl_resends(const struct nvl_ctrl *ctrl)
{
	const struct nvl_life *life = &ctrl->life;

	return ctrl->config.resend && !life->unwinding &&
	       (life->operation == NVL_OP_RESET || life->operation == NVL_OP_SUBSYSTEM_RESET);
}

static bool may_resend(const struct nvl_queue *queue, const struct nvl_request *request,
		       const struct nvme_sqe *sqe)
{
	const struct nvl_config *config = &queue->ctrl->config;
	uint32_t class = nvl_opcode_class(false, sqe->opcode, sqe->flags);

	return request->state == NVL_REQUEST_SENT &&
	       request->flags / NVL_REQUEST_ATTEMPT < config->max_retries &&
	       nvl_decide((enum nvl_policy)config->policy, ABORTED_BY_HOST, class) ==
		       NVL_ACTION_RETRY;
}

static struct nvl_request *request_of(struct nvl_queue *queue, const struct nvme_sqe *sqe)
{
	return &queue->requests[nvme_cpu16(sqe->cid) & queue->cid_mask];
}

/* From the latest entry back: an older one with the same CID is of a command that is over. */
static void mark_entries(struct nvl_queue *queue)
{
	uint32_t slot = queue->tail;

	for (uint32_t i = 0; i < queue->entries; i++) {
		struct nvme_sqe *sqe;
		struct nvl_request *request;

		slot = slot == 0 ? queue->entries - 1 : slot - 1;
		sqe = &queue->sq[slot];
		request = request_of(queue, sqe);
		if (request->cid == nvme_cpu16(sqe->cid) && nvme_cpu32(sqe->nsid) != 0 &&
		    may_resend(queue, request, sqe)) {
			request->state = NVL_REQUEST_AGAIN;
			sqe->flags |= MARK;
		} else {
			memset(sqe, 0, sizeof(*sqe));
		}
	}
}

/* The entries of requests that are sent again, from the first slot on, and nothing else. */
static void compact(struct nvl_queue *queue, uint32_t slots)
{
	uint32_t kept = 0;

	for (uint32_t slot = 0; slot < slots; slot++) {
		struct nvme_sqe sqe = queue->sq[slot];
		struct nvl_request *request = request_of(queue, &sqe);

		memset(&queue->sq[slot], 0, sizeof(sqe));
		if (NVME_GET(sqe.flags, NVME_SQE_FUSE) != 3 || request->state != NVL_REQUEST_AGAIN)
			continue;
		queue->sq[kept++] = sqe;
	}
	queue->kept = kept;
}

/**
 * nvl_resend_keep - what is outstanding on @queue and may be sent again is kept
 *
 * Context: the owner; the controller is disabled, a thread that has the queue is parked.
 */
void nvl_resend_keep(struct nvl_queue *queue)
{
	/* Kept by a reset that failed. */
	for (uint32_t slot = 0; slot < queue->kept; slot++) {
		struct nvme_sqe *sqe = &queue->sq[slot];

		sqe->flags = (uint8_t)NVME_WITH(sqe->flags, NVME_SQE_FUSE, 0);
		request_of(queue, sqe)->state = NVL_REQUEST_SENT;
	}
	mark_entries(queue);
	compact(queue, queue->entries);
	for (uint32_t slot = 0; slot < queue->kept; slot++) {
		struct nvl_request *request = request_of(queue, &queue->sq[slot]);

		request->cid = (uint16_t)(request->cid + queue->cid_step);
		request->flags = (uint8_t)(request->flags + NVL_REQUEST_ATTEMPT);
		queue->sq[slot].cid = nvme_le16(request->cid);
	}
	queue->resend = true;
}

static bool is_there(const struct nvl_queue *queue, const struct nvme_sqe *sqe)
{
	uint32_t nsid = nvme_cpu32(sqe->nsid);
	const struct nvl_ns *ns = nvl_ns_find(queue->ctrl, nsid);

	return nsid == NVME_NSID_ALL || (ns && ns->problem == 0);
}

static void check_queue(struct nvl_queue *queue)
{
	bool exists = queue->id <= queue->ctrl->info.queues;

	for (uint32_t slot = 0; slot < queue->kept; slot++) {
		if (!exists || slot + 1 >= queue->entries || !is_there(queue, &queue->sq[slot]))
			request_of(queue, &queue->sq[slot])->state = NVL_REQUEST_SENT;
	}
	for (uint32_t i = 0, left = queue->retry_count; left > 0; i++) {
		const struct nvl_retry *retry = &queue->retries[i];

		left -= retry->used;
		if (!retry->used || (exists && is_there(queue, &retry->sqe)))
			continue;
		nvl_retry_free(queue, i);
		queue->requests[i].state = NVL_REQUEST_SENT;
	}
}

/**
 * nvl_resend_check - the reset is over: what has no queue or namespace any more is not sent again
 *
 * Context: the owner, before threads that have queues may go on.
 */
void nvl_resend_check(struct nvl_ctrl *ctrl)
{
	for (uint32_t id = 1; id <= ctrl->config.queues; id++) {
		struct nvl_queue *queue = ctrl->queues[id];

		if (!queue->resend)
			continue;
		check_queue(queue);
		if (!nvl_is_claimed(queue))
			nvl_resend(queue);
	}
}

static void send(struct nvl_queue *queue, uint32_t slot)
{
	struct nvme_sqe *sqe = &queue->sq[slot];
	struct nvl_request *request = request_of(queue, sqe);
	uint8_t flags = request->flags;

	sqe->flags = (uint8_t)NVME_WITH(sqe->flags, NVME_SQE_FUSE, 0);
	request->state = NVL_REQUEST_SENT;
	request->deadline_nsec = 0;
	queue->counters.submitted++;
	queue->counters.retries++;
	if (queue->observed)
		nvl_submit_trace(queue, request, slot, request->data, request->data_bytes);
	request->flags = flags;
	nvl_mark(queue->ctrl, NVL_RUNG_RESENT);
}

/**
 * nvl_resend - send again what was kept, and end what was not; a later nvl_ring() tells of it
 * Context: who has the queue, whose gate is closed.
 */
void nvl_resend(struct nvl_queue *queue)
{
	queue->resend = false;
	compact(queue, queue->kept);
	nvl_request_cancel_sent(queue);
	for (uint32_t slot = 0; slot < queue->kept; slot++)
		send(queue, slot);
	queue->tail = queue->kept;
	queue->kept = 0;
	queue->credit = 0;
	queue->chores = 0;
}
