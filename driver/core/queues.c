/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * I/O queue pairs: how many the controller grants, their creation and deletion (Base 2.0 5.4, 5.5,
 * 5.27.1.5, unverified).
 *
 * A pair shares its number: SQ n completes into CQ n. The CQ comes first, because the SQ names it.
 */
#include "driver/core/internal.h"

/**
 * nvl_queue_connect - where the queue's doorbells are, and which vector it has
 * @vector: or NVL_NO_VECTOR
 */
void nvl_queue_connect(struct nvl_queue *queue, uint32_t vector)
{
	const struct nvl_ctrl *ctrl = queue->ctrl;
	uint32_t stride = ctrl->info.doorbell_stride;

	queue->sq_offset = NVME_DOORBELL_OFFSET + 2 * queue->id * stride;
	queue->cq_offset = queue->sq_offset + stride;
	queue->sq_doorbell = nvl_mapped(ctrl, queue->sq_offset, 4);
	queue->cq_doorbell = nvl_mapped(ctrl, queue->cq_offset, 4);
	queue->vector = vector;
}

/* The admin queue has vector 0; I/O queues share the others in turn, or that one. */
static uint32_t vector_of(const struct nvl_ctrl *ctrl, uint32_t id)
{
	if (ctrl->vectors == 0)
		return NVL_NO_VECTOR;
	return ctrl->vectors == 1 ? 0 : 1 + (id - 1) % (ctrl->vectors - 1);
}

static int create_cq(struct nvl_ctrl *ctrl, const struct nvl_queue *queue)
{
	bool irq = queue->vector != NVL_NO_VECTOR;
	struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_CREATE_IO_CQ,
		.prp1 = nvme_le64(queue->cq_iova),
		.cdw10 = nvme_le32(NVME_PUT(NVME_CREATE_CQ_QID, queue->id) |
				   NVME_PUT(NVME_CREATE_CQ_QSIZE, queue->entries - 1)),
		.cdw11 = nvme_le32(NVME_PUT(NVME_CREATE_CQ_PC, 1) |
				   NVME_PUT(NVME_CREATE_CQ_IEN, irq) |
				   NVME_PUT(NVME_CREATE_CQ_IV, irq ? queue->vector : 0)),
	};

	return nvl_execute(ctrl->queues[0], &sqe, NULL, NULL);
}

static int create_sq(struct nvl_ctrl *ctrl, const struct nvl_queue *queue)
{
	struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_CREATE_IO_SQ,
		.prp1 = nvme_le64(queue->sq_iova),
		.cdw10 = nvme_le32(NVME_PUT(NVME_CREATE_SQ_QID, queue->id) |
				   NVME_PUT(NVME_CREATE_SQ_QSIZE, queue->entries - 1)),
		.cdw11 = nvme_le32(NVME_PUT(NVME_CREATE_SQ_PC, 1) |
				   NVME_PUT(NVME_CREATE_SQ_CQID, queue->id)),
	};

	return nvl_execute(ctrl->queues[0], &sqe, NULL, NULL);
}

static int delete_queue(struct nvl_ctrl *ctrl, enum nvme_admin_opcode opcode, uint32_t id)
{
	struct nvme_sqe sqe = {
		.opcode = (uint8_t)opcode,
		.cdw10 = nvme_le32(NVME_PUT(NVME_DELETE_QUEUE_QID, id)),
	};

	return nvl_execute(ctrl->queues[0], &sqe, NULL, NULL);
}

static int create_pair(struct nvl_ctrl *ctrl, uint32_t id)
{
	struct nvl_queue *queue = ctrl->queues[id];
	int result;

	nvl_queue_rewind(queue, ctrl->info.entries);
	nvl_queue_connect(queue, vector_of(ctrl, id));
	result = create_cq(ctrl, queue);
	if (result)
		return result;
	result = create_sq(ctrl, queue);
	if (result > 0) {
		int orphan = delete_queue(ctrl, NVME_ADMIN_DELETE_IO_CQ, id);

		if (orphan < 0)
			return orphan;
	}
	return result;
}

/*
 * Return: how many pairs the controller grants of those wanted, which may be 0 when it refuses to
 * say; or a negative errno.
 */
static int granted_queues(struct nvl_ctrl *ctrl, uint32_t wanted)
{
	struct nvl_feature feature = {
		.fid = NVME_FID_NUM_QUEUES,
		.cdw11 = NVME_PUT(NVME_FEAT_NUM_QUEUES_NSQR, wanted - 1) |
			 NVME_PUT(NVME_FEAT_NUM_QUEUES_NCQR, wanted - 1),
	};
	uint32_t dw0 = 0;
	uint32_t sqs, cqs;
	int result = nvl_set_feature(ctrl, &feature, &dw0);

	if (result)
		return result < 0 ? result : 0;
	sqs = NVME_GET(dw0, NVME_FEAT_NUM_QUEUES_NSQA) + 1;
	cqs = NVME_GET(dw0, NVME_FEAT_NUM_QUEUES_NCQA) + 1;
	if (sqs < wanted)
		wanted = sqs;
	return (int)(cqs < wanted ? cqs : wanted);
}

static bool has_io(const struct nvl_ctrl *ctrl)
{
	uint8_t type = ctrl->id.cntrltype;

	return type != NVME_CNTRLTYPE_DISCOVERY && type != NVME_CNTRLTYPE_ADMIN;
}

/**
 * nvl_create_queues - as many of the configured I/O queue pairs as the controller lets us have
 *
 * A refusal ends it with the pairs that are there, or none: admin commands still work, which may be
 * what it takes to repair the drive.
 * Return: 0, or a negative errno.
 */
int nvl_create_queues(struct nvl_ctrl *ctrl)
{
	int granted = 0;
	int result = 0;

	ctrl->info.queues = 0;
	ctrl->info.entries = ctrl->config.entries;
	if (ctrl->info.entries > ctrl->info.max_entries)
		ctrl->info.entries = ctrl->info.max_entries;
	if (ctrl->config.queues > 0 && has_io(ctrl))
		granted = granted_queues(ctrl, ctrl->config.queues);
	if (granted < 0) {
		nvl_fail(ctrl, NVL_REASON_NUM_QUEUES, granted, 0);
		return granted;
	}
	for (uint32_t id = 1; id <= (uint32_t)granted && result == 0; id++) {
		result = create_pair(ctrl, id);
		if (result == 0)
			ctrl->info.queues = id;
	}
	return result < 0 ? result : 0;
}

/**
 * nvl_delete_queues - delete the I/O queue pairs; what the controller refuses is left to CC.EN = 0
 * Return: 0, or a negative errno.
 */
int nvl_delete_queues(struct nvl_ctrl *ctrl)
{
	for (uint32_t id = ctrl->info.queues; id > 0; id--) {
		int result = delete_queue(ctrl, NVME_ADMIN_DELETE_IO_SQ, id);

		if (result == 0)
			result = delete_queue(ctrl, NVME_ADMIN_DELETE_IO_CQ, id);
		if (result < 0)
			return result;
	}
	return 0;
}
